/* The answer as a report. */
#include "ssisminer/slow/slow.h"

#include "charts.h"
#include "findings.h"

#include "ssisminer/base/sat.h"
#include "ssisminer/base/zone.h"
#include "ssisminer/report/words.h"
#include "ssisminer/ssisdb/ends.h"

#include <inttypes.h>
#include <stdio.h>

#define NOTABLE_DRIFT 1.2

enum { LINE_BYTES = 1024, SHOWN = 10, PARTS_SHOWN = 5, TRENDS_SHOWN = 10 };

typedef struct Builder {
    const Slow *slow;
    const SlowView *view;
    Arena *arena;
    Report *report;
} Builder;

static double times(int64_t value, int64_t usual)
{
    return usual > 0 ? (double)value / (double)usual : 0;
}

/* ---- head ------------------------------------------------------------------------------------ */

static void add_facts(const Builder *builder)
{
    const SlowQuestion *q = builder->view->question;
    const SlowFigures *f = &builder->slow->figures;
    const Ssisdb *db = builder->view->db;
    Report *report = builder->report;
    const char *window = words_window(q->since, q->until, builder->view->now, builder->arena);

    report_head(report,
                &(ReportHead){
                    .title = ssisdb_title(db, builder->arena),
                    .server = db->server_name,
                    .database = db->database_name,
                    .sees_all = db->sees_all,
                    .now = builder->view->now,
                    .window = arena_printf(builder->arena, "%s, baselines from %s before", window,
                                           words_length(q->look_back, builder->arena)),
                    .since = q->since,
                    .until = q->until,
                });
    report_fact(report, FOR_DATA, "look_back_seconds", "baselines from",
                value_duration(q->look_back));
    report_fact(report, FOR_DATA, "slower_by_percent", "slower by", value_count(q->slower_percent));
    report_fact(report, FOR_DATA, "min_runs", "smallest baseline",
                value_count((int64_t)q->least_runs));
    report_fact(report, FOR_PEOPLE, "judged_line", "executions",
                value_text(arena_printf(builder->arena,
                                        "%zu compared with at least %zu successful runs of their "
                                        "own; %zu with too few",
                                        f->judged, q->least_runs, f->unjudged)));
    report_fact(report, FOR_DATA, "judged", "executions compared", value_count((int64_t)f->judged));
    report_fact(report, FOR_DATA, "without_baseline", "executions without a baseline",
                value_count((int64_t)f->unjudged));
    report_fact(report, FOR_ALL, "slow_executions", "slow", value_count((int64_t)f->count));
    report_fact(report, FOR_ALL, "lost_seconds", "time lost", value_duration(f->lost));
    report_fact(report, FOR_DATA, "ended_unexpectedly", "executions whose length is unknown",
                value_count((int64_t)f->unknown_count));
}

static void warn(const Builder *builder)
{
    const Ssisdb *db = builder->view->db;
    size_t unknown = builder->slow->figures.unknown_count;
    const char *doubt = ends_warning(builder->slow->runs.doubted_count, builder->arena);

    if (!db->sees_all)
        report_warning(builder->report,
                       "incomplete: login '%s' is not in role %s, so executions that others "
                       "started are missing here",
                       words_or_unknown(db->login_name), ssisdb_reading_role(db));
    if (unknown > 0)
        report_warning(builder->report,
                       "%zu execution%s ended unexpectedly: the end in the log is the time of the "
                       "repair, so how long %s ran is not known",
                       unknown, words_plural((int64_t)unknown), unknown == 1 ? "it" : "they");
    if (doubt)
        report_warning(builder->report, "%s", doubt);
}

/* ---- parts of an execution ------------------------------------------------------------------- */

/* clang-format off */
#define PART_COLUMNS(COLUMN, a, b, c, title, now_key, usual_key, more_key) \
    COLUMN(a, a, value_text(part->names[0]), .audience = FOR_DATA) \
    COLUMN(b, b, value_text(part->names[1]), .audience = FOR_DATA) \
    COLUMN(c, c, value_text(part->names[2]), .audience = FOR_DATA) \
    COLUMN("where", title, value_text(where(builder, kind, part)), .audience = FOR_PEOPLE, .may_wrap = true) \
    COLUMN(now_key, "now", part_value(kind, part->value), .align_right = true) \
    COLUMN(usual_key, "usually", part_value(kind, part->usual), .align_right = true) \
    COLUMN(more_key, "more", part_value(kind, more), .align_right = true)
#define TASK_COLUMNS(COLUMN) \
    PART_COLUMNS(COLUMN, "package", "path", "task", \
                 "own time of task", "own_seconds", "usual_seconds", "excess_seconds")
#define PHASE_COLUMNS(COLUMN) \
    PART_COLUMNS(COLUMN, "task", "component", "phase", \
                 "component and phase", "duration_seconds", "usual_seconds", "excess_seconds")
#define PATH_COLUMNS(COLUMN) \
    PART_COLUMNS(COLUMN, "task", "source", "destination", "rows sent", "rows", "usual_rows", "excess_rows")
/* clang-format on */

static const Column task_columns[] = {TASK_COLUMNS(COLUMN_ENTRY)};
static const Column phase_columns[] = {PHASE_COLUMNS(COLUMN_ENTRY)};
static const Column path_columns[] = {PATH_COLUMNS(COLUMN_ENTRY)};

typedef enum PartKind { TASKS, PHASES, PATHS, PART_KINDS } PartKind;

static const struct PartWords {
    const char *key;
    const Column *columns;
} part_words[PART_KINDS] = {
    [TASKS] = {"tasks", task_columns},
    [PHASES] = {"phases", phase_columns},
    [PATHS] = {"rows", path_columns},
};

static const char *where(const Builder *builder, PartKind kind, const SlowPart *part)
{
    const char *a = words_or_unknown(part->names[0]), *b = words_or_unknown(part->names[1]),
               *c = words_or_unknown(part->names[2]);

    if (kind == TASKS)
        return b;
    return kind == PHASES ? arena_printf(builder->arena, "%s: %s, %s", a, b, c)
                          : arena_printf(builder->arena, "%s: %s to %s", a, b, c);
}

static Value part_value(PartKind kind, int64_t value)
{
    if (value < 0)
        return value_none();
    return kind == PATHS ? value_count(value) : value_duration(value);
}

/* Of all three kinds: their columns differ in keys and headings alone. */
static void add_part(const Builder *builder, Section *section, PartKind kind, const SlowPart *part)
{
    int64_t more = part->usual < 0 ? -1 : sat_sub(part->value, part->usual);

    row_set_all(section_row(section), ROW_VALUES(TASK_COLUMNS));
}

/* People see what is above the usual, the worst first, and at least one; programs see all. */
static void add_parts(const Builder *builder, Row *row, Audience audience, PartKind kind,
                      const SlowParts *parts)
{
    Section *section = row_section(row, audience, part_words[kind].key, NULL, LAYOUT_TABLE,
                                   part_words[kind].columns, ARRAY_LEN(task_columns));

    for (size_t i = 0; i < parts->count; i++) {
        const SlowPart *part = &parts->list[i];
        if (audience == FOR_PEOPLE && (i == PARTS_SHOWN || (i > 0 && part->value <= part->usual)))
            break;
        add_part(builder, section, kind, part);
    }
}

static void add_detail(const Builder *builder, Row *row, const SlowDetail *detail)
{
    const SlowParts *parts[PART_KINDS] = {&detail->tasks, &detail->phases, &detail->paths};

    for (int kind = 0; kind < PART_KINDS; kind++) {
        add_parts(builder, row, FOR_PEOPLE, (PartKind)kind, parts[kind]);
        add_parts(builder, row, FOR_DATA, (PartKind)kind, parts[kind]);
    }
}

/* ---- executions ------------------------------------------------------------------------------ */

/* clang-format off */
#define RUN_COLUMNS(COLUMN) \
    COLUMN("execution_id", "execution", value_id(run->id), .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("path", "package", value_text(path), .use = COLUMN_HEADING, .audience = FOR_PEOPLE) \
    COLUMN("when", "when", value_instant(slow->is_live ? run->work : run->end), \
           .use = COLUMN_HEADING, .align_right = true, .audience = FOR_PAGE) \
    COLUMN("what", "what", value_text(what_text(builder, slow)), .use = COLUMN_PLAIN, .audience = FOR_PEOPLE) \
    COLUMN("package", "package", value_text(path), .audience = FOR_DATA) \
    COLUMN("status", "status", value_text(arena_text(builder->arena, status_name(run->status))), .audience = FOR_DATA) \
    COLUMN("caller", "caller", value_text(runs_text(&s->runs, run->caller)), .audience = FOR_DATA) \
    COLUMN("machine", "machine", value_text(runs_text(&s->runs, run->machine))) \
    COLUMN("start", "started", value_instant(run->start), .audience = FOR_DATA) \
    COLUMN("first_work", "began work", value_instant(run->work), .audience = FOR_DATA) \
    COLUMN("end", "end", value_instant(run->end), .audience = FOR_DATA) \
    COLUMN("duration_seconds", "ran", value_duration(slow->length), .audience = FOR_DATA) \
    COLUMN("baseline_median_seconds", "usually", value_duration(slow->baseline.median), .audience = FOR_DATA) \
    COLUMN("baseline_deviation_seconds", "deviation", value_duration(slow->baseline.deviation), .audience = FOR_DATA) \
    COLUMN("baseline_runs", "of runs", value_count((int64_t)slow->baseline.count), .audience = FOR_DATA) \
    COLUMN("times_usual", "times", value_number(times(slow->length, slow->baseline.median)), .audience = FOR_DATA) \
    COLUMN("excess_seconds", "more", value_duration(slow->length - slow->baseline.median), .audience = FOR_DATA) \
    COLUMN("may_be_dead", "may be dead", value_flag(slow->may_be_dead), .audience = FOR_DATA) \
    NEWS_COLUMNS(COLUMN, builder->view->news, news_key(builder, slow)) \
    COLUMN("logged", "logged", \
           value_text(detail ? logged_text(detail) : NULL), .use = COLUMN_PLAIN, .audience = FOR_PEOPLE)
/* clang-format on */

static const Column run_columns[] = {RUN_COLUMNS(COLUMN_ENTRY)};

static const char *news_key(const Builder *builder, const SlowRun *slow)
{
    return builder->view->news ? slow_finding_key(builder->slow, slow, builder->arena) : NULL;
}

/* "new, succeeded 03-02 05:44:10 after 45 min 00 s, usually 10 min 02 s (20 runs, +- 8 s): 4.5
 * times" */
static const char *what_text(const Builder *builder, const SlowRun *slow)
{
    const Run *run = slow->run;
    const char *mark = news_mark(builder->view->news, news_key(builder, slow));
    Instant at = {.ticks = slow->is_live ? run->work : run->end, .is_set = true};
    const char *usual =
        arena_printf(builder->arena, "usually %s (%zu runs, +- %s): %.1f times as long",
                     words_length(slow->baseline.median, builder->arena), slow->baseline.count,
                     words_length(slow->baseline.deviation, builder->arena),
                     times(slow->length, slow->baseline.median));

    if (slow->is_live)
        return arena_printf(builder->arena, "%s%s for %s%s, %s", mark, status_name(run->status),
                            words_length(slow->length, builder->arena),
                            slow->may_be_dead ? " and may be dead" : "", usual);
    return arena_printf(builder->arena, "%s%s %s%s after %s, %s", mark, status_name(run->status),
                        words_when(at, builder->arena), zone_is_utc() ? " UTC" : "",
                        words_length(slow->length, builder->arena), usual);
}

static const char *logged_text(const SlowDetail *detail)
{
    if (detail->tasks.count == 0)
        return "No task was timed: logging level None, or not over.";
    if (detail->phases.count == 0)
        return "No phases were logged: see 'What to log' below.";
    return NULL;
}

static void add_run(const Builder *builder, Section *section, size_t index)
{
    const Slow *s = builder->slow;
    const SlowRun *slow = &s->figures.list[index];
    const SlowDetail *detail = index < s->detail_count ? &s->details[index] : NULL;
    const Run *run = slow->run;
    const char *path = run_path(&s->runs, run->key, builder->arena);
    Row *row = section_row(section);

    row_set_all(row, ROW_VALUES(RUN_COLUMNS));
    row_set_anchor(row, "run", arena_printf(builder->arena, "%" PRId64, run->id));
    row_set_severity(row, slow->may_be_dead ? SEVERITY_ERROR : SEVERITY_WARNING);
    if (detail)
        add_detail(builder, row, detail);
}

static const char *list_title(const Builder *builder, size_t shown)
{
    size_t count = builder->slow->figures.count;

    if (count == 0)
        return "Slow executions";
    return shown < count
               ? arena_printf(builder->arena, "Slow executions (the worst %zu of %zu)", shown,
                              count)
               : arena_printf(builder->arena, "Slow executions (%zu), most time lost first", count);
}

static void add_runs(const Builder *builder, Audience audience)
{
    size_t count = builder->slow->figures.count;
    size_t limit = builder->view->limit     ? builder->view->limit
                   : audience == FOR_PEOPLE ? SHOWN
                                            : count;
    size_t shown = limit < count ? limit : count;
    Section *section =
        report_section(builder->report, audience, "slow", list_title(builder, shown), LAYOUT_CARDS,
                       run_columns, ARRAY_LEN(run_columns),
                       news_calm(builder->view->news) ? "None that is new."
                       : builder->view->db->sees_all  ? "None in this window."
                                                      : "None that this login may see.");

    if (audience == FOR_DATA)
        section_set_primary(section);
    for (size_t i = 0; i < shown; i++)
        add_run(builder, section, i);
}

/* ---- what to log ----------------------------------------------------------------------------- */

#define PROSE_COLUMNS(COLUMN) COLUMN("text", "text", value_text(text), .use = COLUMN_PLAIN)

static const Column prose_columns[] = {PROSE_COLUMNS(COLUMN_ENTRY)};

static bool lacks_phases(const Slow *slow)
{
    for (size_t i = 0; i < slow->detail_count; i++)
        if (slow->details[i].phases.count == 0)
            return true;
    return false;
}

static void add_logging(const Builder *builder)
{
    const Ssisdb *db = builder->view->db;
    Section *section;

    if (!lacks_phases(builder->slow))
        return;
    section = report_section(builder->report, FOR_PEOPLE, "logging", "What to log", LAYOUT_PROSE,
                             prose_columns, ARRAY_LEN(prose_columns), NULL);
    const char *text = arena_printf(
        builder->arena,
        "The time of components by phase is recorded at logging level Performance (2) and "
        "Verbose (3), the rows that they send at Verbose alone; the server's own level is "
        "%s. Raise it for one package while you look, not for the server: between create "
        "and start, EXECUTE catalog.set_execution_parameter_value @execution_id, "
        "@object_type = 50, @parameter_name = N'LOGGING_LEVEL', @parameter_value = 2; or in "
        "the Execute SSIS Package activity, loggingLevel \"Performance\".",
        logging_level_name((int)db->logging_level));
    row_set_all(section_row(section), ROW_VALUES(PROSE_COLUMNS));
}

/* ---- trends ---------------------------------------------------------------------------------- */

/* clang-format off */
#define TREND_COLUMNS(COLUMN) \
    COLUMN("package", "package", \
           value_text(run_path(&builder->slow->runs, trend->key, builder->arena)), .may_wrap = true) \
    COLUMN("judged", "runs", value_count((int64_t)trend->judged), .align_right = true) \
    COLUMN("slow", "slow", value_count((int64_t)trend->slow), .align_right = true) \
    COLUMN("usual_seconds", "usually", value_duration(trend->usual), .align_right = true) \
    COLUMN("trend", "by quarter, %", \
           value_text(quarters_text(builder, trend)), .align_right = true, .audience = FOR_PEOPLE) \
    COLUMN("longest_seconds", "longest", value_duration(trend->longest), .audience = FOR_DATA) \
    COLUMN("quarter1_seconds", "1st", value_duration(trend->quarters[0]), .audience = FOR_DATA) \
    COLUMN("quarter2_seconds", "2nd", value_duration(trend->quarters[1]), .audience = FOR_DATA) \
    COLUMN("quarter3_seconds", "3rd", value_duration(trend->quarters[2]), .audience = FOR_DATA) \
    COLUMN("quarter4_seconds", "4th", value_duration(trend->quarters[3]), .audience = FOR_DATA) \
    COLUMN("drift", "drift", trend->drift > 0 ? value_number(trend->drift) : value_none(), .audience = FOR_DATA) \
    WORDS_PART_COLUMNS(COLUMN, parts)
/* clang-format on */

static const Column trend_columns[] = {TREND_COLUMNS(COLUMN_ENTRY)};

/* "100 98 101 447": medians of the quarters in percent of the usual. */
static const char *quarters_text(const Builder *builder, const SlowTrend *trend)
{
    Buf line = BUF(256);

    for (int i = 0; i < SLOW_QUARTERS; i++)
        if (trend->quarters[i] < 0 || trend->usual <= 0)
            buf_printf(&line, "%s-", i ? " " : "");
        else
            buf_printf(&line, "%s%.0f", i ? " " : "",
                       100 * times(trend->quarters[i], trend->usual));
    return words_taken(&line, builder->arena);
}

static void add_trend(const Builder *builder, Section *section, const SlowTrend *trend)
{
    const char *parts[WORDS_PARTS];

    for (int part = 0; part < WORDS_PARTS; part++)
        parts[part] = run_key_text(&builder->slow->runs, trend->key, part);
    row_set_all(section_row(section), ROW_VALUES(TREND_COLUMNS));
}

static Section *trend_section(const Builder *builder, Audience audience, const char *title)
{
    return report_section(builder->report, audience, "packages", title, LAYOUT_TABLE, trend_columns,
                          ARRAY_LEN(trend_columns), NULL);
}

/* People see those that were slow or get slower; programs see all. */
static void add_trends(const Builder *builder)
{
    const SlowFigures *f = &builder->slow->figures;
    Section *section = trend_section(builder, FOR_PEOPLE, "Packages that were slow, or get slower");

    for (size_t i = 0, shown = 0; i < f->trend_count && shown < TRENDS_SHOWN; i++)
        if (f->trends[i].slow > 0 || f->trends[i].drift >= NOTABLE_DRIFT) {
            add_trend(builder, section, &f->trends[i]);
            slow_draw_trend(builder->slow, &f->trends[i], builder->view->now.ticks, section,
                            builder->arena);
            shown++;
        }
    section = trend_section(builder, FOR_DATA, "Packages");
    for (size_t i = 0; i < f->trend_count; i++)
        add_trend(builder, section, &f->trends[i]);
}

/* ---- length unknown -------------------------------------------------------------------------- */

/* clang-format off */
#define UNKNOWN_COLUMNS(COLUMN) \
    COLUMN("execution_id", "execution", value_id(run->id), .align_right = true) \
    COLUMN("package", "package", value_text(run_path(&builder->slow->runs, run->key, builder->arena))) \
    COLUMN("start", "started", value_instant(run->start)) \
    COLUMN("repaired", "repaired", value_instant(run->end))
/* clang-format on */

static const Column unknown_columns[] = {UNKNOWN_COLUMNS(COLUMN_ENTRY)};

static void add_unknown(const Builder *builder)
{
    const SlowFigures *f = &builder->slow->figures;
    Section *section =
        report_section(builder->report, FOR_DATA, "unknown", "Ended unexpectedly", LAYOUT_TABLE,
                       unknown_columns, ARRAY_LEN(unknown_columns), NULL);

    for (size_t i = 0; i < f->unknown_count; i++) {
        const Run *run = f->unknown[i];
        row_set_all(section_row(section), ROW_VALUES(UNKNOWN_COLUMNS));
    }
}

/* ---- the first screen ------------------------------------------------------------------------ */

static const char *screen_line(const Builder *builder)
{
    const SlowFigures *f = &builder->slow->figures;
    const ReportNews *news = builder->view->news;
    Buf line = BUF(LINE_BYTES);

    if (f->count == 0 && news_calm(news))
        return news_calm(news);
    if (f->count == 0 && f->judged == 0)
        return arena_printf(builder->arena,
                            "Nothing to compare: %zu execution%s, none with %zu successful runs "
                            "before it",
                            f->unjudged, words_plural((int64_t)f->unjudged),
                            builder->view->question->least_runs);
    if (f->count == 0)
        return arena_printf(builder->arena,
                            "Nothing was slower than usual: %zu execution%s compared", f->judged,
                            words_plural((int64_t)f->judged));
    buf_printf(&line, "%zu execution%s slower than usual", f->count,
               f->count == 1 ? " was" : "s were");
    news_put_count(news, news_count(news), &line);
    buf_printf(&line, ", %s lost; %zu compared", words_length(f->lost, builder->arena), f->judged);
    return words_taken(&line, builder->arena);
}

static const char *screen_where(const Builder *builder)
{
    const Ssisdb *db = builder->view->db;
    const SlowQuestion *q = builder->view->question;

    return words_where(db->server_name, db->database_name,
                       words_window(q->since, q->until, builder->view->now, builder->arena),
                       builder->arena);
}

/* "\\Cube\\Merge: 36 min 59 s, usually 2 min 37 s": the task whose own time grew most. */
static const char *worst_task(const Builder *builder, size_t index)
{
    const SlowParts *tasks =
        index < builder->slow->detail_count ? &builder->slow->details[index].tasks : NULL;

    if (!tasks || tasks->count == 0 || tasks->list[0].value <= tasks->list[0].usual)
        return NULL;
    return arena_printf(builder->arena, "%s: %s, usually %s",
                        where(builder, TASKS, &tasks->list[0]),
                        words_length(tasks->list[0].value, builder->arena),
                        words_length(tasks->list[0].usual, builder->arena));
}

/* clang-format off */
#define SCREEN_COLUMNS(COLUMN) \
    COLUMN("id", "execution", value_id(slow->run->id), .use = COLUMN_HEADING, .tone = TONE_STRONG, .max_lines = 1) \
    COLUMN("path", "package", \
           value_text(run_path(&builder->slow->runs, slow->run->key, builder->arena)), .use = COLUMN_HEADING) \
    COLUMN("times", "times", \
           value_text(arena_printf(builder->arena, "%.1fx", times(slow->length, slow->baseline.median))), \
           .use = COLUMN_HEADING, .align_right = true) \
    COLUMN("what", "what", value_text(what_text(builder, slow)), .use = COLUMN_PLAIN, .max_lines = 2) \
    COLUMN("task", "task", value_text(worst_task(builder, order[i])), .tone = TONE_ALERT, .max_lines = 2)
/* clang-format on */

static const Column screen_columns[] = {SCREEN_COLUMNS(COLUMN_ENTRY)};

static bool is_on_screen(const Builder *builder, size_t index)
{
    return index < REPORT_SCREEN_LINES && (!builder->view->limit || index < builder->view->limit);
}

/* What is new before the rest, of both the most time lost first. */
static const size_t *screen_order(const Builder *builder)
{
    const SlowFigures *f = &builder->slow->figures;
    unsigned *ranks = arena_alloc_array(builder->arena, f->count, sizeof(*ranks));

    for (size_t i = 0; i < f->count; i++)
        ranks[i] = news_is_new(builder->view->news, news_key(builder, &f->list[i]));
    return news_order(ranks, f->count, builder->arena);
}

static void list_on_screen(const Builder *builder)
{
    const SlowFigures *f = &builder->slow->figures;
    Section *section = report_section(builder->report, FOR_SCREEN, "runs", NULL, LAYOUT_LIST,
                                      screen_columns, ARRAY_LEN(screen_columns), NULL);

    const size_t *order = screen_order(builder);

    for (size_t i = 0; i < f->count && is_on_screen(builder, i); i++) {
        const SlowRun *slow = &f->list[order[i]];
        row_set_all(section_row(section), ROW_VALUES(SCREEN_COLUMNS));
    }
    section_set_rest(section, "slow execution", "slow executions", f->count);
}

/* clang-format off */
#define SCREEN_TREND_COLUMNS(COLUMN) \
    COLUMN("package", "gets slower", value_text(run_path(&builder->slow->runs, f->trends[i].key, builder->arena)), \
           .cut_left = true, .tone = TONE_STRONG) \
    COLUMN("judged", "runs", value_count((int64_t)f->trends[i].judged), .align_right = true) \
    COLUMN("usual", "usually", value_text(words_length(f->trends[i].usual, builder->arena)), .align_right = true) \
    COLUMN("trend", "by quarter, %", value_text(quarters_text(builder, &f->trends[i])), .align_right = true)
/* clang-format on */

static void trends_on_screen(const Builder *builder)
{
    static const Column columns[] = {SCREEN_TREND_COLUMNS(COLUMN_ENTRY)};
    const SlowFigures *f = &builder->slow->figures;
    Section *section = report_section(builder->report, FOR_SCREEN, "trends", NULL, LAYOUT_TABLE,
                                      columns, ARRAY_LEN(columns), NULL);
    size_t count = 0;

    for (size_t i = 0; i < f->trend_count; i++) {
        if (f->trends[i].drift < NOTABLE_DRIFT || !is_on_screen(builder, count++))
            continue;
        row_set_all(section_row(section), ROW_VALUES(SCREEN_TREND_COLUMNS));
    }
    section_set_rest(section, "package that gets slower", "packages that get slower", count);
}

static void add_screen(const Builder *builder)
{
    report_screen(builder->report, screen_line(builder), screen_where(builder),
                  builder->slow->figures.count > 0 ? "Their other tasks, components and rows: --all"
                                                   : NULL);
    news_tell_screen(builder->view->news, builder->report, builder->arena);
    list_on_screen(builder);
    trends_on_screen(builder);
}

Report *slow_report(const Slow *slow, const SlowView *view, Arena *arena)
{
    Builder builder = {slow, view, arena, report_new(arena, "slow", "Slower than usual")};

    add_facts(&builder);
    warn(&builder);
    add_runs(&builder, FOR_PEOPLE);
    add_runs(&builder, FOR_DATA);
    add_logging(&builder);
    add_trends(&builder);
    add_unknown(&builder);
    news_tell(view->news, builder.report, "new_findings", (int64_t)news_count(view->news));
    add_screen(&builder);
    return builder.report;
}
