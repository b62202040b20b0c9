/* From records to root causes. */
#include "ssisminer/scan/findings.h"

#include "jsonline.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/diagnose/unknowns.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MATCHES_MAX = 16,
    EXCERPT_MAX = 400,
    LINE_MAX_BYTES = 64 * 1024 * 1024,
    SHORT_MAX_BYTES = 16 * 1024
};

typedef struct Cause {
    const Signature *signature;
    int64_t count;
    const char *first, *last; // places
    char *last_text;          // grown as needed
    size_t last_size;
} Cause;

typedef struct Kept { // a record with something to tell
    size_t number, line;
    int64_t operation_id;
    const char *file;
    const Signature *signature; // NULL: unknown
    const char *fingerprint;
    const char *excerpt, *task_path;
    const char *const *captures;
    size_t capture_count, echoes;
} Kept;

struct Findings {
    const SigSet *set;
    SigScratch *scratch;
    FILE *lines;
    Buf line;
    Arena arena; // of the record at hand
    Arena kept;  // of what the report shows
    Cause *causes;
    size_t cause_count;
    Unknowns *unknowns;
    Kept *records;
    size_t record_count, record_capacity;
    size_t known_count, unknown_count, trouble_count;
    const char *troubles[FINDINGS_TROUBLES];
    size_t told_troubles;
    const char *last_file; // copied once a file
};

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

static Rc judge(Findings *findings, const ScanRecord *record, Judgement *judgement, Err *err)
{
    judgement->diagnosis.decisive = SIZE_MAX;
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

static Cause *sorted_causes(const Findings *findings)
{
    Cause *sorted = mem_alloc((findings->cause_count + 1) * sizeof(*sorted));

    memcpy(sorted, findings->causes, findings->cause_count * sizeof(*sorted));
    qsort(sorted, findings->cause_count, sizeof(*sorted), most_frequent_first);
    return sorted;
}

size_t findings_causes(const Findings *findings, const Signature **ret_causes, size_t max)
{
    AUTO(mem_free_at) Cause *sorted = sorted_causes(findings);
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

enum {
    CAUSE_TIMES,
    CAUSE_TITLE,
    CAUSE_ID,
    CAUSE_PLACES,
    CAUSE_COUNT,
    CAUSE_FIRST,
    CAUSE_LAST,
    CAUSE_CLASS,
    CAUSE_SEVERITY,
    CAUSE_RETRY
};

static const Column cause_columns[] = {
    [CAUSE_TIMES] = {.key = "times",
                     .heading = "times",
                     .use = COLUMN_HEADING,
                     .audience = FOR_PEOPLE,
                     .tone = TONE_STRONG},
    [CAUSE_TITLE] = {.key = "title", .heading = "title", .use = COLUMN_HEADING},
    [CAUSE_ID] = {.key = "id",
                  .heading = "id",
                  .use = COLUMN_HEADING,
                  .align_right = true,
                  .is_label = true},
    [CAUSE_PLACES] = {.key = "places",
                      .heading = "places",
                      .use = COLUMN_PLAIN,
                      .audience = FOR_PEOPLE},
    [CAUSE_COUNT] = {.key = "records", .heading = "records of this cause", .audience = FOR_DATA},
    [CAUSE_FIRST] = {.key = "first_place", .heading = "first", .audience = FOR_DATA},
    [CAUSE_LAST] = {.key = "last_place", .heading = "last", .audience = FOR_DATA},
    [CAUSE_CLASS] = {.key = "class", .heading = "class", .audience = FOR_DATA},
    [CAUSE_SEVERITY] = {.key = "severity", .heading = "severity", .audience = FOR_DATA},
    [CAUSE_RETRY] = {.key = "retry", .heading = "retry", .audience = FOR_DATA},
};

static const char *places_of(const Cause *cause, Arena *arena)
{
    if (str_same(cause->first, cause->last))
        return arena_printf(arena, "%s; %s", cause->first,
                            sig_retry_advice(cause->signature->retry));
    return arena_printf(arena, "first %s, last %s; %s", cause->first, cause->last,
                        sig_retry_advice(cause->signature->retry));
}

static void add_causes(const Findings *findings, Report *report, Arena *arena)
{
    AUTO(mem_free_at) Cause *sorted = sorted_causes(findings);
    Section *section = report_section(
        report, FOR_ALL, "causes",
        arena_printf(arena, "Root causes (%zu), most frequent first", findings->cause_count),
        LAYOUT_LIST, cause_columns, ARRAY_LEN(cause_columns), NULL);

    for (size_t i = 0; i < findings->cause_count; i++) {
        const Cause *cause = &sorted[i];
        Row *row = section_row(section);
        row_set(row, CAUSE_TIMES, value_text(arena_printf(arena, "%" PRId64 "x", cause->count)));
        row_set(row, CAUSE_TITLE, value_text(cause->signature->title));
        row_set(row, CAUSE_ID, value_text(cause->signature->id));
        row_set(row, CAUSE_PLACES, value_text(places_of(cause, arena)));
        row_set(row, CAUSE_COUNT, value_count(cause->count));
        row_set(row, CAUSE_FIRST, value_text(cause->first));
        row_set(row, CAUSE_LAST, value_text(arena_text(arena, cause->last)));
        row_set(row, CAUSE_CLASS, value_text(sig_class_name(cause->signature->class_)));
        row_set(row, CAUSE_SEVERITY, value_text(sig_severity_name(cause->signature->severity)));
        row_set(row, CAUSE_RETRY, value_text(sig_retry_name(cause->signature->retry)));
    }
}

enum { UNKNOWN_TIMES, UNKNOWN_MASK, UNKNOWN_ID, UNKNOWN_WHERE, UNKNOWN_COUNT, UNKNOWN_EXAMPLE };

static const Column unknown_columns[] = {
    [UNKNOWN_TIMES] = {.key = "times",
                       .heading = "times",
                       .use = COLUMN_HEADING,
                       .audience = FOR_PEOPLE,
                       .tone = TONE_STRONG},
    [UNKNOWN_MASK] = {.key = "mask", .heading = "message", .use = COLUMN_HEADING},
    [UNKNOWN_ID] = {.key = "fingerprint",
                    .heading = "fingerprint",
                    .use = COLUMN_HEADING,
                    .align_right = true,
                    .is_label = true},
    [UNKNOWN_WHERE] = {.key = "place", .heading = "first", .use = COLUMN_PLAIN},
    [UNKNOWN_COUNT] = {.key = "records",
                       .heading = "records of this unknown error",
                       .audience = FOR_DATA},
    [UNKNOWN_EXAMPLE] = {.key = "example", .heading = "example", .audience = FOR_DATA},
};

static void add_unknowns(const Findings *findings, Report *report, Arena *arena)
{
    enum { SHOWN = 50 };
    const Unknown *top[SHOWN];
    size_t count = unknowns_top(findings->unknowns, top, SHOWN);
    Section *section = report_section(
        report, FOR_ALL, "unknown",
        arena_printf(arena, "Unknown errors (%zu)", unknowns_count(findings->unknowns)),
        LAYOUT_LIST, unknown_columns, ARRAY_LEN(unknown_columns), NULL);

    for (size_t i = 0; i < count; i++) {
        Row *row = section_row(section);
        row_set(row, UNKNOWN_TIMES, value_text(arena_printf(arena, "%" PRId64 "x", top[i]->count)));
        row_set(row, UNKNOWN_MASK, value_text(arena_text(arena, top[i]->mask)));
        row_set(row, UNKNOWN_ID, value_text(arena_text(arena, top[i]->id)));
        row_set(row, UNKNOWN_WHERE, value_text(arena_text(arena, top[i]->place)));
        row_set(row, UNKNOWN_COUNT, value_count(top[i]->count));
        row_set(row, UNKNOWN_EXAMPLE, value_text(arena_text(arena, top[i]->example)));
    }
}

enum {
    REC_PLACE,
    REC_NAME,
    REC_CAUSE,
    REC_EXCERPT,
    REC_AT,
    REC_NUMBER,
    REC_FILE,
    REC_LINE,
    REC_OPERATION,
    REC_CAUSE_ID,
    REC_FINGERPRINT,
    REC_MESSAGE,
    REC_CAPTURES,
    REC_TASK_PATH,
    REC_ECHOES
};

static const Column record_columns[] = {
    [REC_PLACE] = {.key = "place",
                   .heading = "place",
                   .use = COLUMN_HEADING,
                   .audience = FOR_PEOPLE,
                   .tone = TONE_STRONG},
    [REC_NAME] = {.key = "name",
                  .heading = "id",
                  .use = COLUMN_HEADING,
                  .audience = FOR_PEOPLE,
                  .align_right = true},
    [REC_CAUSE] = {.key = "cause_line",
                   .heading = "cause",
                   .audience = FOR_PEOPLE,
                   .tone = TONE_ALERT},
    [REC_EXCERPT] = {.key = "excerpt",
                     .heading = "message",
                     .audience = FOR_PEOPLE,
                     .max_lines = 3},
    [REC_AT] = {.key = "at", .heading = "at", .audience = FOR_PEOPLE},
    [REC_NUMBER] = {.key = "record", .heading = "record", .audience = FOR_DATA},
    [REC_FILE] = {.key = "file", .heading = "file", .audience = FOR_DATA},
    [REC_LINE] = {.key = "line", .heading = "line", .audience = FOR_DATA},
    [REC_OPERATION] = {.key = "operation_id", .heading = "operation", .audience = FOR_DATA},
    [REC_CAUSE_ID] = {.key = "root_cause", .heading = "cause", .audience = FOR_DATA},
    [REC_FINGERPRINT] = {.key = "fingerprint", .heading = "fingerprint", .audience = FOR_DATA},
    [REC_MESSAGE] = {.key = "message", .heading = "message", .audience = FOR_DATA},
    [REC_CAPTURES] = {.key = "captures", .heading = "captures", .audience = FOR_DATA},
    [REC_TASK_PATH] = {.key = "task_path", .heading = "task", .audience = FOR_DATA},
    [REC_ECHOES] = {.key = "echoes", .heading = "echoes", .audience = FOR_DATA},
};

/* "Title (kind=worker, limit=60)" */
static const char *cause_line(const Kept *kept, Arena *arena)
{
    AUTO(buf_done) Buf line = BUF(SHORT_MAX_BYTES);

    buf_puts(&line, kept->signature ? kept->signature->title : "unknown error");
    for (size_t i = 0; i < kept->capture_count; i++)
        buf_printf(&line, "%s%s", i ? ", " : " (", kept->captures[i]);
    buf_puts(&line, kept->capture_count > 0 ? ")" : "");
    return arena_text(arena, buf_text(&line));
}

static const char *place_of(const Kept *kept, Arena *arena)
{
    const char *place = arena_printf(arena, "%s:%zu", kept->file, kept->line);

    return kept->operation_id
               ? arena_printf(arena, "%s  operation %" PRId64, place, kept->operation_id)
               : place;
}

static const char *at_line(const Kept *kept, Arena *arena)
{
    const char *plural = kept->echoes == 1 ? "" : "es";

    if (kept->task_path && kept->echoes > 0)
        return arena_printf(arena, "%s, %zu echo%s", kept->task_path, kept->echoes, plural);
    return kept->echoes > 0 ? arena_printf(arena, "%zu echo%s", kept->echoes, plural)
                            : kept->task_path;
}

static void add_record(Section *section, const Kept *kept, Arena *arena)
{
    Row *row = section_row(section);
    const char *id = kept->signature ? kept->signature->id : NULL;

    row_set(row, REC_PLACE, value_text(place_of(kept, arena)));
    row_set(row, REC_NAME, value_text(id ? id : kept->fingerprint));
    row_set(row, REC_CAUSE, value_text(cause_line(kept, arena)));
    row_set(row, REC_EXCERPT, value_text(kept->excerpt));
    row_set(row, REC_AT, value_text(at_line(kept, arena)));
    row_set(row, REC_NUMBER, value_id((int64_t)kept->number));
    row_set(row, REC_FILE, value_text(kept->file));
    row_set(row, REC_LINE, value_id((int64_t)kept->line));
    row_set(row, REC_OPERATION, kept->operation_id ? value_id(kept->operation_id) : value_none());
    row_set(row, REC_CAUSE_ID, value_text(id));
    row_set(row, REC_FINGERPRINT, value_text(kept->fingerprint));
    row_set(row, REC_MESSAGE, value_text(kept->excerpt));
    row_set(row, REC_CAPTURES, value_texts(kept->captures, kept->capture_count));
    row_set(row, REC_TASK_PATH, value_text(kept->task_path));
    row_set(row, REC_ECHOES, value_count((int64_t)kept->echoes));
}

static void add_records(const Findings *findings, Report *report, size_t limit, Arena *arena)
{
    size_t count = findings->record_count, shown = count < limit ? count : limit;
    size_t all = findings->known_count + findings->unknown_count;
    const char *title = shown < all
                            ? arena_printf(arena, "Failures (the first %zu of %zu)", shown, all)
                            : arena_printf(arena, "Failures (%zu)", all);
    Section *people = report_section(report, FOR_PEOPLE, "failures", title, LAYOUT_CARDS,
                                     record_columns, ARRAY_LEN(record_columns),
                                     count == 0 ? "No record tells of a failure." : NULL);
    Section *data = report_section(report, FOR_DATA, "records", NULL, LAYOUT_TABLE, record_columns,
                                   ARRAY_LEN(record_columns), NULL);

    section_set_primary(data);
    for (size_t i = 0; i < shown; i++)
        add_record(people, &findings->records[i], arena);
    for (size_t i = 0; i < count; i++)
        add_record(data, &findings->records[i], arena);
}

static void add_facts(const Findings *findings, Report *report, const Scan *scan)
{
    report_fact(report, FOR_ALL, "files", "files", value_count((int64_t)scan->file_count));
    report_fact(report, FOR_ALL, "record_count", "records",
                value_count((int64_t)scan->record_count));
    report_fact(report, FOR_ALL, "known", "with a known cause",
                value_count((int64_t)findings->known_count));
    report_fact(report, FOR_ALL, "unknown_count", "with an unknown error",
                value_count((int64_t)findings->unknown_count));
    if (findings->trouble_count > 0)
        report_fact(report, FOR_PEOPLE, "unreadable", "could not be read",
                    value_count((int64_t)findings->trouble_count));
    report_fact(report, FOR_DATA, "unreadable", "could not be read",
                value_count((int64_t)findings->trouble_count));
}

static void warn(const Findings *findings, Report *report)
{
    enum { SHOWN = 10 };
    size_t shown = findings->told_troubles < SHOWN ? findings->told_troubles : SHOWN;

    for (size_t i = 0; i < shown; i++)
        report_warning(report, "%s", findings->troubles[i]);
    if (findings->trouble_count > shown)
        report_warning(report, "%zu more records could not be read",
                       findings->trouble_count - shown);
    if (!unknowns_is_exact(findings->unknowns))
        report_warning(report,
                       "more than %d kinds of unknown errors: the rare ones are left out, and "
                       "counts may be too high",
                       FINDINGS_UNKNOWN);
    if (findings->known_count + findings->unknown_count > FINDINGS_RECORDS)
        report_warning(report, "only the first %d failures are listed; ndjson lists all",
                       FINDINGS_RECORDS);
}

Report *findings_report(const Findings *findings, const Scan *scan, size_t limit, Arena *arena)
{
    Report *report = report_new(arena, "scan", "SSIS failures in files");

    add_facts(findings, report, scan);
    warn(findings, report);
    add_causes(findings, report, arena);
    add_unknowns(findings, report, arena);
    add_records(findings, report, limit, arena);
    return report;
}
