/* What failed in the files, on one screen: why, what to do first, and where. */
#include "screen.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/report/words.h"

#include <inttypes.h>
#include <string.h>

enum { LINE_MAX_BYTES = 16 * 1024 };

static bool is_within(const FindingsScreen *screen, size_t shown)
{
    return shown < REPORT_SCREEN_LINES && (!screen->view->rows || shown < screen->view->rows);
}

static size_t failure_count(const Findings *findings)
{
    return findings->known_count + findings->unknown_count;
}

/* ---- the two lines --------------------------------------------------------------------------- */

static void put_count(Buf *line, size_t count, const char *what)
{
    if (count > 0)
        buf_printf(line, "%s%zu %s%s", line->len > 0 ? ", " : "", count, what,
                   words_plural((int64_t)count));
}

static size_t count_critical(const Findings *findings)
{
    size_t count = 0;

    for (size_t i = 0; i < findings->cause_count; i++)
        count += findings->causes[i].signature->severity == SIG_CRITICAL;
    return count;
}

/* "85 failures: 14 causes, 2 critical, 3 unknown errors; 5 records could not be read" */
static const char *headline(const FindingsScreen *screen)
{
    const Findings *findings = screen->findings;
    const ReportNews *news = screen->view->news;
    size_t failures = failure_count(findings), critical = count_critical(findings);
    Buf line = BUF(LINE_MAX_BYTES), why = BUF(LINE_MAX_BYTES);

    put_count(&why, findings->cause_count, "cause");
    if (critical > 0)
        buf_printf(&why, ", %zu critical", critical);
    put_count(&why, unknowns_count(findings->unknowns), "unknown error");
    if (failures == 0)
        buf_puts(&line, news_calm(news) ? news_calm(news) : "No record tells of a failure");
    put_count(&line, failures, "failure");
    if (failures > 1)
        buf_printf(&line, ": %s", buf_text(&why));
    if (failures > 0)
        news_put_count(news, news_count(news), &line);
    if (findings->trouble_count > 0)
        buf_printf(&line, "; %zu record%s could not be read", findings->trouble_count,
                   words_plural((int64_t)findings->trouble_count));
    buf_done(&why);
    return words_taken(&line, screen->arena);
}

/* "108 records of 59 files" */
static const char *where_line(const FindingsScreen *screen)
{
    const Scan *scan = screen->scan;
    const FileNote *only = scan->file_count == 1 && screen->findings->file_count == 1
                               ? &screen->findings->files[0]
                               : NULL;
    const char *records = arena_printf(screen->arena, "%zu record%s", scan->record_count,
                                       words_plural((int64_t)scan->record_count));

    return only ? arena_printf(screen->arena, "%s of %s (%s)", records, only->name,
                               only->tally.form ? only->tally.form : "unknown")
                : arena_printf(screen->arena, "%s of %zu file%s", records, scan->file_count,
                               words_plural((int64_t)scan->file_count));
}

/* ---- one failure ----------------------------------------------------------------------------- */

/* clang-format off */
#define ONE_COLUMNS(COLUMN) \
    COLUMN("place", "place", value_text(findings_place(kept, screen->arena)), \
           .use = COLUMN_HEADING, .tone = TONE_STRONG, .max_lines = 1) \
    COLUMN("cause", "cause", value_text(cause_line(screen, kept)), .tone = TONE_ALERT, .max_lines = 2) \
    COLUMN("values", "with", value_text(words_taken(&values, screen->arena)), .max_lines = 2) \
    COLUMN("message", "message", value_text(findings_excerpt(kept, screen->arena)), .max_lines = 3) \
    COLUMN("at", "at", value_text(kept->task_path), .max_lines = 2) \
    COLUMN("rerun", "rerun", value_text(rerun_of(kept->signature)), .tone = TONE_STRONG, .max_lines = 2)
/* clang-format on */

static const Column one_columns[] = {ONE_COLUMNS(COLUMN_ENTRY)};

static const char *cause_line(const FindingsScreen *screen, const Kept *kept)
{
    return kept->signature ? kept->signature->title
                           : arena_printf(screen->arena, "unknown error, %s", kept->fingerprint);
}

static const char *rerun_of(const Signature *signature)
{
    switch (signature ? signature->retry : SIG_RETRY_AFTER_FIX) {
    case SIG_RETRY_SAFE:
        return "yes, if its work may be done twice";
    case SIG_RETRY_AFTER_BACKOFF:
        return "yes, after a pause, if its work may be done twice";
    case SIG_RETRY_AFTER_FIX:
        return signature ? "no, fix it first, because it would fail again"
                         : "no, not yet: read the message";
    case SIG_RETRY_NEVER:
        return "no, because it would do harm (see the cause)";
    }
    return NULL;
}

/* A row for why, and one for each action. */
static void add_steps(const FindingsScreen *screen, const Signature *signature)
{
    enum { STEP_WHY, STEP_ACTION };
    static const Column columns[] = {
        [STEP_WHY] = {.key = "why", .heading = "why", .use = COLUMN_PLAIN, .max_lines = 3},
        [STEP_ACTION] = {.key = "action", .heading = "action", .use = COLUMN_BULLETS}};
    const char *title = arena_printf(screen->arena, "What to do: %s", signature->id);
    Section *section = report_section(screen->report, FOR_SCREEN, "steps", title, LAYOUT_LIST,
                                      columns, ARRAY_LEN(columns), NULL);

    row_set(section_row(section), STEP_WHY, value_text(signature->cause));
    for (size_t i = 0; i < signature->action_count; i++)
        row_set(section_row(section), STEP_ACTION, value_texts(&signature->actions[i], 1));
    section_set_rest(section, "action", "actions", signature->action_count + 1);
}

static void tell_one(const FindingsScreen *screen)
{
    const Kept *kept = &screen->findings->records[0];
    Section *section = report_section(screen->report, FOR_SCREEN, "one", NULL, LAYOUT_LIST,
                                      one_columns, ARRAY_LEN(one_columns), NULL);
    Buf values = BUF(LINE_MAX_BYTES);

    for (size_t i = 0; i < kept->capture_count; i++)
        buf_printf(&values, "%s%s", i > 0 ? ", " : "", kept->captures[i]);
    row_set_all(section_row(section), ROW_VALUES(ONE_COLUMNS));
    if (screen->view->has_remedies && kept->signature)
        add_steps(screen, kept->signature);
}

/* ---- several: why, and where ----------------------------------------------------------------- */

/* clang-format off */
#define WHY_COLUMNS(COLUMN) \
    COLUMN("times", "times", is_critical ? times : value_none(), .use = COLUMN_HEADING, .tone = TONE_ALERT) \
    COLUMN("times", "times", is_critical ? value_none() : times, .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("title", "title", value_text(signature->title), .use = COLUMN_HEADING, .max_lines = 1) \
    COLUMN("id", "id", value_text(signature->id), .use = COLUMN_HEADING, .align_right = true) \
    COLUMN("summary", "summary", value_text(summary_of(screen, cause)), .use = COLUMN_PLAIN, .max_lines = 1) \
    COLUMN("do", "do", value_text(has_remedy ? signature->actions[0] : NULL), .max_lines = 2)
/* clang-format on */

static const Column why_columns[] = {WHY_COLUMNS(COLUMN_ENTRY)};

/* The folder stands in the list of places. */
static const char *file_of(const char *place)
{
    const char *slash = strrchr(place, '/');

    return slash && slash[1] != '\0' ? slash + 1 : place;
}

static const char *summary_of(const FindingsScreen *screen, const Cause *cause)
{
    const Signature *signature = cause->signature;

    return arena_printf(screen->arena, "%s%s%s, first %s",
                        signature->severity == SIG_CRITICAL ? "critical, " : "",
                        news_mark(screen->view->news, signature->id),
                        sig_retry_advice(signature->retry), file_of(cause->first));
}

static void add_cause(const FindingsScreen *screen, Section *section, const Cause *cause)
{
    const Signature *signature = cause->signature;
    bool is_critical = signature->severity == SIG_CRITICAL;
    bool has_remedy = screen->view->has_remedies && signature->action_count > 0;
    Value times = value_text(arena_printf(screen->arena, "%" PRId64 "x", cause->count));

    row_set_all(section_row(section), ROW_VALUES(WHY_COLUMNS));
}

/* The critical ones first, of both what is new; else the most frequent first. */
static const size_t *cause_order(const FindingsScreen *screen, const Cause *sorted, size_t count)
{
    unsigned *ranks = arena_alloc_array(screen->arena, count, sizeof(*ranks));

    for (size_t i = 0; i < count; i++) {
        const Signature *signature = sorted[i].signature;
        ranks[i] = news_rank(signature->severity == SIG_CRITICAL,
                             news_is_new(screen->view->news, signature->id));
    }
    return news_order(ranks, count, screen->arena);
}

static void list_causes(const FindingsScreen *screen)
{
    const Findings *findings = screen->findings;
    AUTO(mem_free_at) Cause *sorted = findings_sorted(findings);
    Section *section = report_section(screen->report, FOR_SCREEN, "why", "Why", LAYOUT_LIST,
                                      why_columns, ARRAY_LEN(why_columns), NULL);
    const size_t *order = cause_order(screen, sorted, findings->cause_count);

    for (size_t i = 0; i < findings->cause_count && is_within(screen, i); i++)
        add_cause(screen, section, &sorted[order[i]]);
    section_set_rest(section, "cause", "causes", findings->cause_count);
}

static const size_t *unknown_order(const FindingsScreen *screen, const Unknown *const *top,
                                   size_t count)
{
    unsigned *ranks = arena_alloc_array(screen->arena, count, sizeof(*ranks));

    for (size_t i = 0; i < count; i++)
        ranks[i] = news_is_new(screen->view->news, top[i]->id);
    return news_order(ranks, count, screen->arena);
}

/* clang-format off */
#define UNKNOWN_COLUMNS(COLUMN) \
    COLUMN("times", "times", value_text(arena_printf(screen->arena, "%" PRId64 "x", unknown->count)), \
           .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("mask", "message", value_text(arena_printf(screen->arena, "%s%s", mark, unknown->mask)), \
           .use = COLUMN_HEADING, .max_lines = 1) \
    COLUMN("id", "fingerprint", \
           value_text(arena_text(screen->arena, unknown->id)), .use = COLUMN_HEADING, .align_right = true)
/* clang-format on */

static void list_unknowns(const FindingsScreen *screen)
{
    static const Column columns[] = {UNKNOWN_COLUMNS(COLUMN_ENTRY)};
    const Unknown *top[FINDINGS_UNKNOWN];
    size_t count = unknowns_top(screen->findings->unknowns, top, ARRAY_LEN(top));
    const size_t *order = unknown_order(screen, top, count);
    Section *section = report_section(screen->report, FOR_SCREEN, "unknown", "Unknown errors",
                                      LAYOUT_LIST, columns, ARRAY_LEN(columns), NULL);

    for (size_t i = 0; i < count && is_within(screen, i); i++) {
        const Unknown *unknown = top[order[i]];
        const char *mark = news_mark(screen->view->news, unknown->id);
        row_set_all(section_row(section), ROW_VALUES(UNKNOWN_COLUMNS));
    }
    section_set_rest(section, "unknown error", "unknown errors",
                     unknowns_count(screen->findings->unknowns));
}

/* clang-format off */
#define PLACE_COLUMNS(COLUMN) \
    COLUMN("place", "where", value_text(findings_place(kept, screen->arena)), .tone = TONE_STRONG, .cut_left = true) \
    COLUMN("at", "at", value_text(kept->task_path), .cut_left = true) \
    COLUMN("cause", "cause", \
           value_text(kept->signature ? kept->signature->id : kept->fingerprint), .tone = TONE_DIM, .is_whole = true)
/* clang-format on */

static void list_places(const FindingsScreen *screen)
{
    static const Column columns[] = {PLACE_COLUMNS(COLUMN_ENTRY)};
    const Findings *findings = screen->findings;
    Section *section = report_section(screen->report, FOR_SCREEN, "failures", NULL, LAYOUT_TABLE,
                                      columns, ARRAY_LEN(columns), NULL);

    for (size_t i = 0; i < findings->record_count && is_within(screen, i); i++) {
        const Kept *kept = &findings->records[i];
        row_set_all(section_row(section), ROW_VALUES(PLACE_COLUMNS));
    }
    section_set_rest(section, "failure", "failures", failure_count(findings));
}

void findings_screen(const FindingsScreen *screen)
{
    report_screen(screen->report, headline(screen), where_line(screen), NULL);
    news_tell_screen(screen->view->news, screen->report, screen->arena);
    if (failure_count(screen->findings) == 1 && screen->findings->record_count == 1) {
        tell_one(screen);
        return;
    }
    list_causes(screen);
    list_unknowns(screen);
    list_places(screen);
}
