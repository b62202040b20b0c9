/* From records to root causes. */
#include "jsonline.h"
#include "kept.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/diagnose/tells.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MATCHES_MAX = 16, EXCERPT_MAX = 400, LINE_MAX_BYTES = 64 * 1024 * 1024 };

Findings *findings_new(const SigSet *set, FILE *lines)
{
    Findings *findings = mem_alloc(sizeof(*findings));

    findings->set = set;
    findings->scratch = sig_scratch_new(set);
    findings->lines = lines;
    findings->line = BUF(LINE_MAX_BYTES);
    findings->causes = mem_alloc((sigset_count(set) + 1) * sizeof(*findings->causes));
    findings->unknowns = unknowns_new(FINDINGS_UNKNOWN);
    return findings;
}

void findings_free_at(Findings **findings)
{
    Findings *old = *findings;

    if (!old)
        return;
    for (size_t i = 0; i < old->cause_count; i++)
        free(old->causes[i].last_text);
    free(old->causes);
    sig_scratch_free_at(&old->scratch);
    unknowns_free_at(&old->unknowns);
    buf_done(&old->line);
    arena_done(&old->arena);
    arena_done(&old->kept);
    free(old);
    *findings = NULL;
}

/* ---- what a record says -------------------------------------------------------------------------
 */

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
                        Judgement *judgement, Err *err)
{
    const SigText text = {message->text, message->code, message->source_name,
                          message->subcomponent};
    SigMatch matches[MATCHES_MAX];
    size_t count = 0;

    TRY(sig_match(findings->set, findings->scratch, &text, matches, MATCHES_MAX, &count, err));
    if (count == 0)
        return RC_OK;
    judgement->hits =
        arena_grow(&findings->arena, judgement->hits, judgement->hit_count,
                   judgement->hit_count + count, &judgement->hit_capacity, sizeof(Hit));
    for (size_t i = 0; i < count; i++)
        judgement->hits[judgement->hit_count++] = (Hit){index, matches[i]};
    return RC_OK;
}

/* Counts of zero, settings, what went well in the end: no failure, whatever the words are. Where
 * the form says how bad an entry is, that counts. */
static bool is_otherwise(const ScanRecord *record)
{
    for (size_t i = 0; i < record->message_count; i++)
        if (record->is_said_to_fail || record->status != 0 || record->messages[i].type != 0 ||
            record->messages[i].code != 0 || tells_of(record->messages[i].text) != TELLS_OTHERWISE)
            return false;
    return record->message_count > 0;
}

static Rc judge(Findings *findings, const ScanRecord *record, Judgement *judgement, Err *err)
{
    judgement->diagnosis.decisive = SIZE_MAX;
    if (is_otherwise(record))
        return RC_OK;
    for (size_t i = 0; i < record->message_count; i++)
        TRY(match_message(findings, &record->messages[i], i, judgement, err));
    if (record->is_quiet && judgement->hit_count == 0)
        return RC_OK;
    return diagnose(findings->set, findings->scratch, record->messages, record->message_count,
                    record->status, &findings->arena, &judgement->diagnosis, err);
}

static bool is_unknown(const Judgement *judgement)
{
    return !judgement->diagnosis.signature && judgement->diagnosis.decisive != SIZE_MAX &&
           judgement->diagnosis.fingerprint.id[0] != '\0';
}

/* ---- one line of JSON a record
 * ------------------------------------------------------------------- */

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

static void put_root(Buf *line, const Diagnosis *diagnosis)
{
    buf_puts(line, ",\"root_cause\":");
    jsonline_text_or_null(line, diagnosis->signature ? diagnosis->signature->id : NULL);
    if (diagnosis->decisive == SIZE_MAX)
        buf_puts(line, ",\"root_index\":null");
    else
        buf_printf(line, ",\"root_index\":%zu", diagnosis->decisive);
    if (!diagnosis->match)
        return;
    buf_puts(line, ",\"family\":");
    jsonline_text_or_null(line,
                          diagnosis->signature->family ? diagnosis->signature->family->id : NULL);
    buf_printf(line, ",\"confidence\":\"%s\",\"confidence_reason\":\"%s\"",
               sig_confidence_name(sig_confidence(diagnosis->match)),
               sig_confidence_reason(diagnosis->match));
}

static Rc write_line(Findings *findings, const ScanRecord *record, const Judgement *judgement,
                     Err *err)
{
    Buf *line = &findings->line;

    buf_reset(line);
    buf_printf(line, "{\"record\":%zu", record->number);
    put_root(line, &judgement->diagnosis);
    buf_puts(line, ",\"matches\":[");
    for (size_t i = 0; i < judgement->hit_count; i++) {
        buf_puts(line, i ? "," : "");
        put_match(line, &judgement->hits[i]);
    }
    buf_puts(line, "],\"fingerprint\":");
    jsonline_text_or_null(line, is_unknown(judgement) ? judgement->diagnosis.fingerprint.id : NULL);
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

/* ---- all of them together
 * ------------------------------------------------------------------------ */

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

static const char *keep_file(Findings *findings, const char *file)
{
    if (!str_same(findings->last_file, file))
        findings->last_file = arena_text(&findings->kept, file);
    return findings->last_file;
}

/* One line, from where the cause shows itself. */
static const char *excerpt_of(Findings *findings, const ScanRecord *record,
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

static void keep_record(Findings *findings, const ScanRecord *record, const Diagnosis *diagnosis)
{
    if (findings->record_count == FINDINGS_RECORDS)
        return;
    findings->records =
        arena_grow(&findings->kept, findings->records, findings->record_count,
                   findings->record_count + 1, &findings->record_capacity, sizeof(Kept));
    Kept *kept = &findings->records[findings->record_count++];
    *kept = (Kept){
        .number = record->number,
        .line = record->line,
        .operation_id = record->operation_id,
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

static void count_record(Findings *findings, const ScanRecord *record, const Judgement *judgement)
{
    const Diagnosis *diagnosis = &judgement->diagnosis;
    const char *place = arena_printf(&findings->arena, "%s:%zu", record->file, record->line);

    if (diagnosis->signature) {
        findings->known_count++;
        count_cause(findings, diagnosis->signature, place);
    } else if (is_unknown(judgement)) {
        findings->unknown_count++;
        unknowns_add(findings->unknowns, record->messages[diagnosis->decisive].text, (Instant){0},
                     place);
    } else {
        return;
    }
    keep_record(findings, record, diagnosis);
}

static void count_trouble(Findings *findings, const ScanRecord *record)
{
    findings->trouble_count++;
    if (findings->told_troubles < FINDINGS_TROUBLES)
        findings->troubles[findings->told_troubles++] =
            arena_text(&findings->kept, record->trouble);
}

Rc findings_take(void *context, const ScanRecord *record, Err *err)
{
    Findings *findings = context;
    Judgement judgement = {.diagnosis = {.decisive = SIZE_MAX}};

    arena_reset(&findings->arena);
    if (record->trouble)
        count_trouble(findings, record);
    else if (judge(findings, record, &judgement, err) != RC_OK)
        return err_note(err, "%s:%zu", record->file, record->line);
    if (findings->lines)
        TRY(write_line(findings, record, &judgement, err));
    if (!findings->lines && !record->trouble)
        count_record(findings, record, &judgement);
    else if (judgement.diagnosis.signature)
        count_cause(findings, judgement.diagnosis.signature, "");
    else
        findings->unknown_count += is_unknown(&judgement);
    return RC_OK;
}

/* ---- the answer
 * ---------------------------------------------------------------------------------- */

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
