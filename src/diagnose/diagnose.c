/* The root cause among one execution's messages. */
#include "ssisminer/diagnose/diagnose.h"

#include "provider.h"
#include "ssisminer/ssisdb/ssisdb.h"

#include <string.h>

enum { MATCHES_MAX = 16 };

/* How much a message says about the root cause; the lowest wins, the earlier of two alike. */
typedef enum Rank {
    RANK_CAUSE,                 // an error that is a known cause
    RANK_WARNING_CAUSE,         // a warning that counts as one
    RANK_SYMPTOM,               // an error known as a symptom
    RANK_UNKNOWN,               // an error nobody knows, or a wrapper around one
    RANK_BY_STATUS,             // how the execution ended
    RANK_FRAMED,                // a cause that only a number in a wrapper's sentence names
    RANK_WRAPPER_WITH_PROVIDER, // text around the words of a driver
    RANK_WRAPPER,               // text around somebody else's error
    RANK_TASK_FAILED,           // an unknown "task failed"
    RANK_NOTHING
} Rank;

typedef struct Candidate {
    Rank rank;
    size_t index;
    bool is_known;
    SigMatch match;
    Str text; // of an unknown error: the message, or the words that a wrapper quotes
} Candidate;

/* ---- one message ----------------------------------------------------------------------------- */

/* Files and some sources do not say what a message is: it is judged like an error. */
static bool is_error(const DiagMessage *message)
{
    return message->type == MESSAGE_ERROR || message->type <= 0;
}

static bool is_failure(const DiagMessage *message)
{
    return is_error(message) || message->type == MESSAGE_TASK_FAILED;
}

static bool is_inside(const SigMatch *match, Str text, Str provider)
{
    size_t start = provider.at ? (size_t)(provider.at - text.at) : SIZE_MAX;

    return match->at != SIZE_MAX && match->at >= start && match->at < start + provider.len;
}

/* What is written by hand about a message before a row of config/codes, and before that what yields
 * to anything. */
static int standing(const Signature *signature)
{
    return signature->yields ? 0 : signature->is_row ? 1 : 2;
}

static bool gives_way(const Signature *inner, const Signature *outer)
{
    return standing(inner) < standing(outer);
}

/* A cause of its own, in a message that holds one that a package survives: the text of a whole job
 * step is one message. */
static bool ended_it(const SigMatch *later, const SigMatch *survived)
{
    return later->signature->role == SIG_CAUSE && !later->signature->survived &&
           later->at != SIZE_MAX && survived->at != SIZE_MAX && later->at > survived->at &&
           !gives_way(later->signature, survived->signature);
}

/* Of the causes in one message the one the driver itself states, unless another is declared to
 * beat it. */
static size_t choose_match(const SigSet *set, const SigMatch *matches, size_t count, Str text)
{
    Str provider = provider_text(text);

    for (size_t i = 1; i < count && matches[0].signature->survived; i++)
        if (ended_it(&matches[i], &matches[0]))
            return i;
    if (count < 2 || provider.len == 0 || is_inside(&matches[0], text, provider))
        return 0;
    for (size_t i = 1; i < count; i++)
        if (matches[i].signature->role == matches[0].signature->role &&
            is_inside(&matches[i], text, provider) &&
            !gives_way(matches[i].signature, matches[0].signature) &&
            !sig_beats(set, matches[0].signature, matches[i].signature))
            return i;
    return 0;
}

/* A code of Integration Services that tells of progress or warns: whatever line it stands in, no
 * failure. */
static bool is_note(const Signature *signature)
{
    return signature->is_row && signature->severity != SIG_ERROR;
}

static Rank rank_of_known(const DiagMessage *message, const SigMatch *match)
{
    const Signature *signature = match->signature;

    if (is_note(signature) && message->type != MESSAGE_ERROR)
        return RANK_NOTHING;
    if (message->type == MESSAGE_WARNING)
        return signature->warning_counts ? RANK_WARNING_CAUSE : RANK_NOTHING;
    switch (signature->role) {
    case SIG_CAUSE:
        return match->basis == SIG_BY_FRAME ? RANK_FRAMED : RANK_CAUSE;
    case SIG_SYMPTOM:
    case SIG_ANALYSIS:
        return RANK_SYMPTOM;
    case SIG_WRAPPER:
        return provider_text(message->text).len > 0 ? RANK_WRAPPER_WITH_PROVIDER : RANK_WRAPPER;
    }
    return RANK_NOTHING;
}

static Rank rank_of_unknown(const DiagMessage *message)
{
    if (message->text.len == 0 || message->type == MESSAGE_WARNING)
        return RANK_NOTHING;
    return is_error(message) ? RANK_UNKNOWN : RANK_TASK_FAILED;
}

/* Words of a driver that say nothing. */
static bool is_empty_talk(Str words)
{
    static const char *const phrases[] = {"Unspecified error",
                                          "Unbekannter Fehler",
                                          "(null)",
                                          "Errors occurred",
                                          "Error occurred",
                                          "OK",
                                          "."};
    enum { TOO_SHORT = 6 };

    while (words.len > 0 && words.at[words.len - 1] == '.')
        words.len--;
    for (size_t i = 0; i < ARRAY_LEN(phrases); i++)
        if (str_equal_fold(words, str_of(phrases[i])))
            return true;
    return words.len < TOO_SHORT;
}

/* A wrapper quotes what failed inside. If nobody knows that, it is an unknown error with words of
 * its own, and not the wrapper. */
static Rc look_inside(const SigSet *set, SigScratch *scratch, const DiagMessage *message,
                      Candidate *candidate, Err *err)
{
    Str words = provider_text(message->text);
    SigMatch match;
    size_t count = 0;

    if (!is_error(message) || candidate->match.signature->role != SIG_WRAPPER ||
        is_empty_talk(words))
        return RC_OK;
    TRY(sig_match(set, scratch, &(SigText){.text = words}, &match, 1, &count, err));
    if (count > 0)
        return RC_OK;
    *candidate = (Candidate){.rank = RANK_UNKNOWN, .text = words};
    return RC_OK;
}

static Rc judge(const SigSet *set, SigScratch *scratch, const DiagMessage *message,
                Candidate *ret_candidate, Err *err)
{
    const SigText text = {message->text, message->code, message->source_name,
                          message->subcomponent};
    SigMatch matches[MATCHES_MAX];
    size_t count = 0;

    *ret_candidate = (Candidate){.rank = RANK_NOTHING};
    if (!is_failure(message) && message->type != MESSAGE_WARNING)
        return RC_OK;
    TRY(sig_match(set, scratch, &text, matches, MATCHES_MAX, &count, err));
    if (count == 0) {
        ret_candidate->rank = rank_of_unknown(message);
        ret_candidate->text = message->text;
        return RC_OK;
    }
    ret_candidate->is_known = true;
    ret_candidate->match = matches[choose_match(set, matches, count, message->text)];
    ret_candidate->rank = rank_of_known(message, &ret_candidate->match);
    return look_inside(set, scratch, message, ret_candidate, err);
}

/* ---- the answer ------------------------------------------------------------------------------ */

static size_t count_echoes(const DiagMessage *messages, size_t count, size_t decisive)
{
    size_t echoes = 0;

    for (size_t i = 0; i < count; i++)
        echoes += i != decisive && is_failure(&messages[i]);
    return echoes;
}

/* "Load Orders.dtsx" → "Load Orders" */
static Str without_extension(const char *package)
{
    Str name = str_of(package);

    if (name.len > 5 && str_equal_fold((Str){name.at + name.len - 5, 5}, str_of(".dtsx")))
        name.len -= 5;
    return name;
}

/* Sources 10 (procedures of the catalog) and 20 (ISServerExec) speak of no task: for them the
 * view puts a fixed text where the task's name would be. */
static bool is_of_a_task(const DiagMessage *message)
{
    return message->source_type != 10 && message->source_type != 20;
}

static const char *task_path_of(const DiagMessage *message, Arena *arena)
{
    if (!str_is_blank(message->package_path))
        return arena_text(arena, message->package_path);
    if (!str_is_blank(message->execution_path))
        return arena_text(arena, message->execution_path);
    if (str_is_blank(message->source_name) || !is_of_a_task(message))
        return NULL;
    Str package = without_extension(message->package);
    if (package.len == 0 || str_equal_fold(package, str_of(message->source_name)))
        return arena_printf(arena, "\\%s", message->source_name);
    return arena_printf(arena, "\\%.*s\\%s", STR_FMT(package), message->source_name);
}

static const SigMatch *keep_match(const SigMatch *match, Arena *arena)
{
    SigMatch *copy = arena_alloc(arena, sizeof(*copy));

    *copy = *match;
    return copy;
}

static void describe(Diagnosis *diagnosis, const Candidate *best, const DiagMessage *message,
                     Arena *arena)
{
    Str provider = provider_text(message->text);

    diagnosis->decisive = best->index;
    diagnosis->rank = (int)best->rank;
    diagnosis->task_path = task_path_of(message, arena);
    if (provider.len > 0)
        diagnosis->provider_text = arena_copy(arena, provider.at, provider.len);
    if (best->is_known) {
        diagnosis->match = keep_match(&best->match, arena);
        diagnosis->signature = best->match.signature;
    } else {
        diagnosis->fingerprint = fingerprint_of(best->text, arena);
    }
}

/* Nothing in the messages is a cause of its own: how the execution ended may be known. */
static bool describe_by_status(Diagnosis *diagnosis, const SigSet *set, int status, Arena *arena)
{
    const Signature *signature = status != 0 ? sigset_for_status(set, status) : NULL;

    if (!signature)
        return false;
    diagnosis->signature = signature;
    diagnosis->rank = RANK_BY_STATUS;
    diagnosis->match = keep_match(
        &(SigMatch){.signature = signature, .basis = SIG_BY_NUMBER, .at = SIZE_MAX}, arena);
    return true;
}

static bool is_survived(const Candidate *cause)
{
    return cause->is_known && cause->match.signature->survived;
}

static bool ends_search(const Candidate *best)
{
    return best->rank == RANK_CAUSE && !is_survived(best);
}

Rc diagnose(const SigSet *set, SigScratch *scratch, const DiagMessage *messages, size_t count,
            int status, Arena *arena, Diagnosis *ret_diagnosis, Err *err)
{
    Candidate best = {.rank = RANK_NOTHING, .index = SIZE_MAX};
    Candidate unknown = best; // the first error that nobody knows
    Diagnosis diagnosis = {.decisive = SIZE_MAX, .rank = RANK_NOTHING};

    for (size_t i = 0; i < count && !ends_search(&best); i++) { // the first cause is the one
        Candidate candidate;
        TRY(judge(set, scratch, &messages[i], &candidate, err));
        candidate.index = i;
        if (candidate.rank < best.rank ||
            (candidate.rank == RANK_CAUSE && is_survived(&best) && !is_survived(&candidate)))
            best = candidate;
        if (candidate.rank == RANK_UNKNOWN && unknown.index == SIZE_MAX)
            unknown = candidate;
    }
    if (best.rank == RANK_CAUSE && unknown.index < best.index)
        best = unknown; // what failed first, whoever knows it
    bool says_cause = best.rank <= RANK_UNKNOWN;
    if ((says_cause || !describe_by_status(&diagnosis, set, status, arena)) &&
        best.index != SIZE_MAX)
        describe(&diagnosis, &best, &messages[best.index], arena);
    diagnosis.echoes = count_echoes(messages, count, diagnosis.decisive);
    *ret_diagnosis = diagnosis;
    return RC_OK;
}

bool diagnosis_beats(const Diagnosis *later, const Diagnosis *earlier)
{
    bool is_unknown_first = earlier->rank == RANK_UNKNOWN && later->rank == RANK_CAUSE;

    bool is_survived = earlier->rank == RANK_CAUSE && later->rank == RANK_CAUSE &&
                       earlier->signature->survived && !later->signature->survived;

    return is_survived || (!is_unknown_first && later->rank < earlier->rank);
}
