/* From records to root causes. */
#include "jsonline.h"
#include "kept.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/diagnose/tells.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MATCHES_MAX = 16,
    EXCERPT_MAX = 400,
    LINE_MAX_BYTES = 64 * 1024 * 1024,
    MATCHES_MAX_BYTES = 256 * 1024 // of a run that is told in parts
};

Findings *findings_new(const SigSet *set, FILE *lines, size_t record_max)
{
    Findings *findings = mem_alloc(sizeof(*findings));

    findings->set = set;
    findings->scratch = sig_scratch_new(set);
    findings->lines = lines;
    findings->line = BUF(LINE_MAX_BYTES);
    findings->record_max = record_max;
    findings->causes = mem_alloc((sigset_count(set) + 1) * sizeof(*findings->causes));
    findings->unknowns = unknowns_new(FINDINGS_UNKNOWN);
    return findings;
}

static void drop_pending(Pending *pending)
{
    arena_done(&pending->arena);
    buf_done(&pending->matches);
    free(pending);
}

static void forget(Findings *findings)
{
    for (size_t i = 0; i < findings->cause_count; i++)
        free(findings->causes[i].last_text);
    for (Pending *pending = findings->pending, *next; pending; pending = next) {
        next = pending->next;
        drop_pending(pending);
    }
    findings->pending = NULL;
}

void findings_free_at(Findings **findings)
{
    Findings *old = *findings;

    if (!old)
        return;
    forget(old);
    free(old->causes);
    sig_scratch_free_at(&old->scratch);
    unknowns_free_at(&old->unknowns);
    buf_done(&old->line);
    arena_done(&old->arena);
    arena_done(&old->kept);
    free(old);
    *findings = NULL;
}

/* ---- what a record says ---------------------------------------------------------------------- */

typedef struct Hit {
    size_t index; // of the message
    SigMatch match;
} Hit;

typedef struct Judgement {
    Hit *hits;
    size_t hit_count, hit_capacity;
    Diagnosis diagnosis;
} Judgement;

static Rc match_message(Findings *findings, const DiagMessage *message, size_t index,
                        Judgement *judgment, Err *err)
{
    const SigText text = {message->text, message->code, message->source_name,
                          message->subcomponent};
    SigMatch matches[MATCHES_MAX];
    size_t count = 0;

    TRY(sig_match(findings->set, findings->scratch, &text, matches, MATCHES_MAX, &count, err));
    if (count == 0)
        return RC_OK;
    judgment->hits = arena_grow(&findings->arena, judgment->hits, judgment->hit_count,
                                judgment->hit_count + count, &judgment->hit_capacity, sizeof(Hit));
    for (size_t i = 0; i < count; i++)
        judgment->hits[judgment->hit_count++] = (Hit){index, matches[i]};
    return RC_OK;
}

/* Counts of zero, settings, what went well in the end: no failure, whatever the words are. Where
 * the form says how bad an entry is, that counts. */
static bool is_otherwise(const LogRecord *record)
{
    for (size_t i = 0; i < record->message_count; i++)
        if (record->is_said_to_fail || record->status != 0 || record->messages[i].type != 0 ||
            record->messages[i].code != 0 || tells_of(record->messages[i].text) != TELLS_OTHERWISE)
            return false;
    return record->message_count > 0;
}

/* Words that sound like talk are a failure's own when a known one's text is much of them: "Divide
 * by zero error encountered.", "… is not found. This error is thrown when …". A line of any text
 * may quote it: there it must be nearly all, and no gap of a manual ('<name>'). */
static bool is_much(const SigMatch *match, Str said, bool is_line)
{
    enum { FEWEST = 16, RECORD_SHARE = 25, LINE_SHARE = 75 };

    if (match->signature->role == SIG_ANALYSIS || match->words < FEWEST)
        return false;
    if (is_line && memmem(said.at, said.len, "'<", 2))
        return false;
    return match->words * 100 >= said.len * (is_line ? LINE_SHARE : RECORD_SHARE);
}

static Rc is_known_text(Findings *findings, const LogRecord *record, bool *ret_known, Err *err)
{
    *ret_known = false;
    for (size_t i = 0; i < record->message_count && !*ret_known; i++) {
        Str said = str_trim(record->messages[i].text);
        SigMatch match;
        size_t count = 0;
        TRY(sig_match(findings->set, findings->scratch, &(SigText){.text = said}, &match, 1, &count,
                      err));
        *ret_known = count > 0 && is_much(&match, said, record->is_quiet);
    }
    return RC_OK;
}

/* Every message is matched only where each match is shown, or decides whether there is news. */
static Rc judge(Findings *findings, const LogRecord *record, Judgement *judgment, Err *err)
{
    judgment->diagnosis.decisive = SIZE_MAX;
    if (findings->lines || record->is_quiet)
        for (size_t i = 0; i < record->message_count; i++)
            TRY(match_message(findings, &record->messages[i], i, judgment, err));
    if (record->is_quiet && judgment->hit_count == 0 && record->status == 0)
        return RC_OK;
    bool is_known = true;
    if (is_otherwise(record))
        TRY(is_known_text(findings, record, &is_known, err));
    if (!is_known) {
        judgment->hit_count = 0;
        return RC_OK;
    }
    return diagnose(findings->set, findings->scratch, record->messages, record->message_count,
                    record->goes_on ? 0 : record->status, &findings->arena, &judgment->diagnosis,
                    err);
}

static bool is_unknown(const Diagnosis *diagnosis)
{
    return !diagnosis->signature && diagnosis->decisive != SIZE_MAX &&
           diagnosis->fingerprint.id[0] != '\0';
}

/* ---- what a run says in parts ---------------------------------------------------------------- */

static Str copy_of(Arena *arena, Str text)
{
    return (Str){arena_copy(arena, text.at, text.len), text.len};
}

static void keep_diagnosis(Pending *pending, const Diagnosis *diagnosis, const LogRecord *record)
{
    bool has_message = diagnosis->decisive < record->message_count;
    const DiagMessage *message =
        has_message ? &record->messages[diagnosis->decisive] : &(DiagMessage){.text = {"", 0}};
    Arena *arena = &pending->arena;
    SigMatch *match = diagnosis->match ? arena_alloc(arena, sizeof(*match)) : NULL;

    pending->diagnosis = *diagnosis;
    pending->diagnosis.match = match;
    if (match)
        *match = *diagnosis->match;
    for (size_t i = 0; match && i < match->capture_count; i++)
        match->captures[i].value = copy_of(arena, match->captures[i].value);
    pending->diagnosis.fingerprint.mask = arena_text(arena, diagnosis->fingerprint.mask);
    pending->diagnosis.task_path = arena_text(arena, diagnosis->task_path);
    pending->diagnosis.provider_text = arena_text(arena, diagnosis->provider_text);
    pending->message = (DiagMessage){
        .text = copy_of(arena, message->text), .line = message->line, .ticks = message->ticks};
    pending->root_index = has_message ? pending->message_count + diagnosis->decisive : SIZE_MAX;
    pending->has_diagnosis = true;
}

static Pending **pending_of(Findings *findings, size_t run)
{
    Pending **place = &findings->pending;

    while (*place && (*place)->run != run)
        place = &(*place)->next;
    return place;
}

static void put_matches(Buf *line, const Judgement *judgment, size_t first_index);

/* Adds this part to those before; the whole diagnosis is then the pending one. */
static void add_part(Findings *findings, Pending *pending, const LogRecord *record,
                     const Judgement *judgment)
{
    const Diagnosis *diagnosis = &judgment->diagnosis;
    bool has_more = diagnosis->decisive < record->message_count || diagnosis->signature;
    size_t echoes = pending->diagnosis.echoes + diagnosis->echoes;

    if (findings->lines)
        put_matches(&pending->matches, judgment, pending->message_count);
    if (has_more && pending->has_diagnosis)
        echoes++; // one of the two is an echo of the other
    if (has_more && (!pending->has_diagnosis || diagnosis_beats(diagnosis, &pending->diagnosis)))
        keep_diagnosis(pending, diagnosis, record);
    pending->diagnosis.echoes = echoes;
    pending->message_count += record->message_count;
}

static Pending *find_pending(Findings *findings, const LogRecord *record)
{
    Pending **place = pending_of(findings, record->run);

    if (!*place && record->goes_on) {
        *place = mem_alloc(sizeof(**place));
        (*place)->run = record->run;
        (*place)->matches = BUF(MATCHES_MAX_BYTES);
        (*place)->root_index = SIZE_MAX;
        (*place)->diagnosis.decisive = SIZE_MAX;
    }
    return *place;
}

/* ---- one line of JSON a record --------------------------------------------------------------- */

static void put_match(Buf *line, const Hit *hit)
{
    buf_printf(line, "{\"index\":%zu,\"id\":", hit->index);
    jsonline_text(line, str_of(hit->match.signature->id));
    buf_printf(line, ",\"role\":\"%s\",\"captures\":{", sig_role_name(hit->match.signature->role));
    for (size_t i = 0; i < hit->match.capture_count; i++) {
        buf_puts(line, i ? "," : "");
        jsonline_text(line, str_of(hit->match.captures[i].name));
        buf_putc(line, ':');
        jsonline_text(line, hit->match.captures[i].value);
    }
    buf_puts(line, "}}");
}

static void put_matches(Buf *line, const Judgement *judgment, size_t first_index)
{
    for (size_t i = 0; i < judgment->hit_count; i++) {
        Hit hit = judgment->hits[i];
        hit.index += first_index;
        buf_puts(line, line->len > 0 && line->text[line->len - 1] == '}' ? "," : "");
        put_match(line, &hit);
    }
}

static void put_root(Buf *line, const Diagnosis *diagnosis, size_t root_index)
{
    buf_puts(line, ",\"root_cause\":");
    jsonline_text_or_null(line, diagnosis->signature ? diagnosis->signature->id : NULL);
    if (root_index == SIZE_MAX)
        buf_puts(line, ",\"root_index\":null");
    else
        buf_printf(line, ",\"root_index\":%zu", root_index);
    if (!diagnosis->match)
        return;
    buf_puts(line, ",\"family\":");
    jsonline_text_or_null(line,
                          diagnosis->signature->family ? diagnosis->signature->family->id : NULL);
    buf_printf(line, ",\"confidence\":\"%s\",\"confidence_reason\":\"%s\"",
               sig_confidence_name(sig_confidence(diagnosis->match)),
               sig_confidence_reason(diagnosis->match));
}

static Rc write_line(Findings *findings, const LogRecord *record, const Diagnosis *diagnosis,
                     size_t root_index, const Buf *matches, Err *err)
{
    Buf *line = &findings->line;

    buf_reset(line);
    buf_printf(line, "{\"record\":%zu", record->number);
    put_root(line, diagnosis, root_index);
    buf_puts(line, ",\"matches\":[");
    buf_put(line, buf_text(matches), matches->len);
    buf_puts(line, "],\"fingerprint\":");
    jsonline_text_or_null(line, is_unknown(diagnosis) ? diagnosis->fingerprint.id : NULL);
    if (record->trouble) {
        buf_puts(line, ",\"error\":");
        jsonline_text(line, str_of(record->trouble));
    }
    buf_puts(line, "}\n");
    TRY(buf_check(line, "a line of the answer", err));
    if (fwrite(line->text, 1, line->len, findings->lines) != line->len)
        return FAIL(err, RC_USAGE, "cannot write the answer");
    return RC_OK;
}

/* ---- all of them together -------------------------------------------------------------------- */

static void set_last(Cause *cause, const char *place)
{
    size_t need = strlen(place) + 1;

    if (need > cause->last_size) {
        cause->last_size = need * 2;
        cause->last_text = mem_resize(cause->last_text, cause->last_size);
    }
    memcpy(cause->last_text, place, need);
    cause->last = cause->last_text;
}

static void count_cause(Findings *findings, const Signature *signature, const char *place)
{
    size_t at = 0;

    while (at < findings->cause_count && findings->causes[at].signature != signature)
        at++;
    Cause *cause = &findings->causes[at];
    if (at == findings->cause_count) {
        *cause = (Cause){.signature = signature, .first = arena_text(&findings->kept, place)};
        findings->cause_count++;
    }
    cause->count++;
    set_last(cause, place);
}

/* Where the record, or better its decisive message, stands. */
static size_t line_of(const LogRecord *record, const Diagnosis *diagnosis)
{
    size_t line = diagnosis->decisive < record->message_count
                      ? record->messages[diagnosis->decisive].line
                      : 0;

    return line > 0 ? line : record->line;
}

static Instant time_of(const LogRecord *record, const Diagnosis *diagnosis)
{
    bool has_message = diagnosis->decisive < record->message_count;
    int64_t ticks = has_message ? record->messages[diagnosis->decisive].ticks : 0;

    return ticks != 0 ? time_instant(ticks, 0) : (Instant){0};
}

static const char *keep_file(Findings *findings, const char *file)
{
    if (!str_same(findings->last_file, file))
        findings->last_file = arena_text(&findings->kept, file);
    return findings->last_file;
}

/* One line, from where the cause shows itself. */
static const char *excerpt_of(Findings *findings, const LogRecord *record,
                              const Diagnosis *diagnosis)
{
    AUTO(buf_done) Buf line = BUF(EXCERPT_MAX);

    if (diagnosis->decisive >= record->message_count)
        return NULL;
    Str text = diagnosis->provider_text ? str_of(diagnosis->provider_text)
                                        : record->messages[diagnosis->decisive].text;
    for (size_t i = 0; i < text.len && line.len < EXCERPT_MAX; i++) {
        bool is_blank =
            text.at[i] == ' ' || text.at[i] == '\t' || text.at[i] == '\r' || text.at[i] == '\n';
        if (!is_blank)
            buf_putc(&line, text.at[i]);
        else if (line.len > 0 && line.text[line.len - 1] != ' ')
            buf_putc(&line, ' ');
    }
    return arena_copy(&findings->kept, buf_text(&line), str_utf8_floor(buf_text(&line), line.len));
}

static void keep_captures(Findings *findings, const SigMatch *match, Kept *kept)
{
    size_t count = match ? match->capture_count : 0;
    const char **texts = arena_alloc_array(&findings->kept, count + 1, sizeof(*texts));

    for (size_t i = 0; i < count; i++)
        texts[i] = arena_printf(&findings->kept, "%s=%.*s", match->captures[i].name,
                                STR_FMT(match->captures[i].value));
    kept->captures = texts;
    kept->capture_count = count;
}

static void keep_record(Findings *findings, const LogRecord *record, const Diagnosis *diagnosis)
{
    if (findings->record_count == findings->record_max)
        return;
    findings->records =
        arena_grow(&findings->kept, findings->records, findings->record_count,
                   findings->record_count + 1, &findings->record_capacity, sizeof(Kept));
    Kept *kept = &findings->records[findings->record_count++];
    *kept = (Kept){
        .number = record->number,
        .line = line_of(record, diagnosis),
        .operation_id = record->operation_id,
        .time = time_of(record, diagnosis),
        .file = keep_file(findings, record->file),
        .signature = diagnosis->signature,
        .fingerprint =
            diagnosis->signature ? NULL : arena_text(&findings->kept, diagnosis->fingerprint.id),
        .excerpt = excerpt_of(findings, record, diagnosis),
        .task_path = arena_text(&findings->kept, diagnosis->task_path),
        .echoes = diagnosis->echoes,
    };
    if (diagnosis->match) {
        kept->confidence = sig_confidence_name(sig_confidence(diagnosis->match));
        kept->reason = sig_confidence_reason(diagnosis->match);
    }
    keep_captures(findings, diagnosis->match, kept);
}

static void count_record(Findings *findings, const LogRecord *record, const Diagnosis *diagnosis)
{
    const char *place =
        arena_printf(&findings->arena, "%s:%zu", record->file, line_of(record, diagnosis));

    if (diagnosis->signature) {
        findings->known_count++;
        count_cause(findings, diagnosis->signature, findings->lines ? "" : place);
    } else if (is_unknown(diagnosis)) {
        findings->unknown_count++;
        if (!findings->lines)
            unknowns_add_known(findings->unknowns, &diagnosis->fingerprint,
                               record->messages[diagnosis->decisive].text, (Instant){0}, place);
    } else {
        return;
    }
    if (!findings->lines)
        keep_record(findings, record, diagnosis);
}

static void count_trouble(Findings *findings, const LogRecord *record)
{
    findings->trouble_count++;
    if (findings->told_troubles < FINDINGS_TROUBLES)
        findings->troubles[findings->told_troubles++] =
            arena_text(&findings->kept, record->trouble);
}

static Rc take_whole(Findings *findings, const LogRecord *record, const Judgement *judgment,
                     Err *err)
{
    AUTO(buf_done) Buf matches = BUF(LINE_MAX_BYTES);
    const Diagnosis *diagnosis = &judgment->diagnosis;

    if (findings->lines) {
        put_matches(&matches, judgment, 0);
        TRY(write_line(findings, record, diagnosis, diagnosis->decisive, &matches, err));
    }
    count_record(findings, record, diagnosis);
    return RC_OK;
}

/* The last part of a run: what all of them come to. */
static Rc take_last_part(Findings *findings, const LogRecord *record, Pending *pending, Err *err)
{
    LogRecord whole = *record;
    Pending **place = pending_of(findings, pending->run);
    Rc rc = RC_OK;

    whole.messages = &pending->message;
    whole.message_count = 1;
    if (pending->diagnosis.decisive != SIZE_MAX)
        pending->diagnosis.decisive = 0;
    if (findings->lines)
        rc = write_line(findings, &whole, &pending->diagnosis, pending->root_index,
                        &pending->matches, err);
    count_record(findings, &whole, &pending->diagnosis);
    *place = pending->next;
    drop_pending(pending);
    return rc;
}

Rc findings_take(void *context, const LogRecord *record, Err *err)
{
    Findings *findings = context;
    Judgement judgment = {.diagnosis = {.decisive = SIZE_MAX}};

    arena_reset(&findings->arena);
    if (record->trouble)
        count_trouble(findings, record);
    else if (judge(findings, record, &judgment, err) != RC_OK)
        return err_note(err, "%s:%zu", record->file, record->line);
    Pending *pending = record->run > 0 ? find_pending(findings, record) : NULL;
    if (!pending)
        return take_whole(findings, record, &judgment, err);
    add_part(findings, pending, record, &judgment);
    return record->goes_on ? RC_OK : take_last_part(findings, record, pending, err);
}

/* ---- parts of the whole ---------------------------------------------------------------------- */

static void move_cause(Findings *into, const Cause *cause)
{
    size_t at = 0;

    while (at < into->cause_count && into->causes[at].signature != cause->signature)
        at++;
    Cause *mine = &into->causes[at];
    if (at == into->cause_count) {
        *mine =
            (Cause){.signature = cause->signature, .first = arena_text(&into->kept, cause->first)};
        into->cause_count++;
    }
    mine->count += cause->count;
    set_last(mine, cause->last);
}

static void move_record(Findings *into, const Kept *from, size_t number_before)
{
    Arena *arena = &into->kept;
    const char **captures = arena_alloc_array(arena, from->capture_count + 1, sizeof(*captures));

    into->records = arena_grow(arena, into->records, into->record_count, into->record_count + 1,
                               &into->record_capacity, sizeof(Kept));
    Kept *kept = &into->records[into->record_count++];
    *kept = *from;
    kept->number += number_before;
    kept->file = keep_file(into, from->file);
    kept->fingerprint = arena_text(arena, from->fingerprint);
    kept->excerpt = arena_text(arena, from->excerpt);
    kept->task_path = arena_text(arena, from->task_path);
    for (size_t i = 0; i < from->capture_count; i++)
        captures[i] = arena_text(arena, from->captures[i]);
    kept->captures = captures;
}

static void reset(Findings *findings)
{
    forget(findings);
    arena_reset(&findings->arena);
    arena_done(&findings->kept);
    findings->records = NULL;
    findings->cause_count = findings->record_count = findings->record_capacity = 0;
    findings->known_count = findings->unknown_count = findings->trouble_count = 0;
    findings->told_troubles = 0;
    findings->last_file = NULL;
}

void findings_move(Findings *findings, Findings *part, size_t number_before)
{
    for (size_t i = 0; i < part->cause_count; i++)
        move_cause(findings, &part->causes[i]);
    for (size_t i = 0; i < part->record_count && findings->record_count < findings->record_max; i++)
        move_record(findings, &part->records[i], number_before);
    for (size_t i = 0; i < part->told_troubles && findings->told_troubles < FINDINGS_TROUBLES; i++)
        findings->troubles[findings->told_troubles++] =
            arena_text(&findings->kept, part->troubles[i]);
    unknowns_move(findings->unknowns, part->unknowns);
    findings->known_count += part->known_count;
    findings->unknown_count += part->unknown_count;
    findings->trouble_count += part->trouble_count;
    reset(part);
}

/* ---- the answer ------------------------------------------------------------------------------ */

static int most_frequent_first(const void *a, const void *b)
{
    const Cause *x = a, *y = b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return strcmp(x->signature->id, y->signature->id);
}

Cause *findings_sorted(const Findings *findings)
{
    Cause *sorted = mem_alloc((findings->cause_count + 1) * sizeof(*sorted));

    memcpy(sorted, findings->causes, findings->cause_count * sizeof(*sorted));
    qsort(sorted, findings->cause_count, sizeof(*sorted), most_frequent_first);
    return sorted;
}

size_t findings_causes(const Findings *findings, const Signature **ret_causes, size_t max)
{
    AUTO(mem_free_at) Cause *sorted = findings_sorted(findings);
    size_t count = findings->cause_count < max ? findings->cause_count : max;

    for (size_t i = 0; i < count; i++)
        ret_causes[i] = sorted[i].signature;
    return count;
}

size_t findings_unknown_count(const Findings *findings)
{
    return findings->unknown_count;
}

size_t findings_trouble_count(const Findings *findings)
{
    return findings->trouble_count;
}

bool findings_are_whole(const Findings *findings)
{
    return findings->trouble_count == 0 && unknowns_is_exact(findings->unknowns);
}

const char *findings_trouble(const Findings *findings, size_t index)
{
    return index < findings->told_troubles ? findings->troubles[index] : NULL;
}

/* ---- what is the same in two scans ----------------------------------------------------------- */

const Finding *findings_list(const Findings *findings, Arena *arena, size_t *ret_count)
{
    AUTO(mem_free_at) Cause *sorted = findings_sorted(findings);
    const Unknown *top[FINDINGS_UNKNOWN];
    size_t unknown = unknowns_top(findings->unknowns, top, FINDINGS_UNKNOWN), count = 0;
    Finding *list = arena_alloc_array(arena, findings->cause_count + unknown, sizeof(*list));

    for (size_t i = 0; i < findings->cause_count; i++)
        list[count++] =
            (Finding){.key = sorted[i].signature->id, .title = sorted[i].signature->title};
    for (size_t i = 0; i < unknown; i++)
        list[count++] = (Finding){.key = arena_text(arena, top[i]->id),
                                  .title = arena_text(arena, top[i]->mask)};
    *ret_count = count;
    return list;
}

static bool has_cause(const Findings *findings, const Kept *record)
{
    for (size_t i = 0; i < findings->cause_count; i++)
        if (findings->causes[i].signature == record->signature)
            return true;
    return !record->signature && unknowns_has(findings->unknowns, record->fingerprint);
}

static void keep_causes(Findings *findings, const bool *wanted)
{
    AUTO(mem_free_at) Cause *sorted = findings_sorted(findings);
    size_t count = 0;

    findings->known_count = 0;
    for (size_t i = 0; i < findings->cause_count; i++) {
        if (wanted[i])
            findings->known_count += (size_t)sorted[i].count;
        else
            free(sorted[i].last_text);
    }
    for (size_t i = 0; i < findings->cause_count; i++)
        if (wanted[i])
            findings->causes[count++] = sorted[i];
    findings->cause_count = count;
}

void findings_keep(Findings *findings, const bool *wanted)
{
    size_t causes = findings->cause_count, count = 0;

    keep_causes(findings, wanted);
    findings->unknown_count = (size_t)unknowns_keep(findings->unknowns, wanted + causes);
    for (size_t i = 0; i < findings->record_count; i++)
        if (has_cause(findings, &findings->records[i]))
            findings->records[count++] = findings->records[i];
    findings->record_count = count;
}
