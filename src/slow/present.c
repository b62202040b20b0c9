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

enum { PART_A, PART_B, PART_C, PART_WHERE, PART_VALUE, PART_USUAL, PART_MORE };

/* clang-format off */
#define PART_COLUMNS(a, b, c, title, value, usual, more) { \
    [PART_A] = {.key = (a), .heading = (a), .audience = FOR_DATA}, \
    [PART_B] = {.key = (b), .heading = (b), .audience = FOR_DATA}, \
    [PART_C] = {.key = (c), .heading = (c), .audience = FOR_DATA}, \
    [PART_WHERE] = {.key = "where", .heading = (title), .audience = FOR_PEOPLE, .may_wrap = true}, \
    [PART_VALUE] = {.key = (value), .heading = "now", .align_right = true}, \
    [PART_USUAL] = {.key = (usual), .heading = "usually", .align_right = true}, \
    [PART_MORE] = {.key = (more), .heading = "more", .align_right = true}, \
}
/* clang-format on */

static const Column task_columns[] = PART_COLUMNS("package", "path", "task", "own time of task",
                                                  "own_seconds", "usual_seconds", "excess_seconds");
static const Column phase_columns[] =
    PART_COLUMNS("task", "component", "phase", "component and phase", "duration_seconds",
                 "usual_seconds", "excess_seconds");
static const Column path_columns[] =
    PART_COLUMNS("task", "source", "destination", "rows sent", "rows", "usual_rows", "excess_rows");

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

static void add_part(const Builder *builder, Section *section, PartKind kind, const SlowPart *part)
{
    Row *row = section_row(section);
    int64_t more = part->usual < 0 ? -1 : sat_sub(part->value, part->usual);

    for (int i = 0; i < 3; i++)
        row_set(row, (size_t)(PART_A + i), value_text(part->names[i]));
    row_set(row, PART_WHERE, value_text(where(builder, kind, part)));
    row_set(row, PART_VALUE, part_value(kind, part->value));
    row_set(row, PART_USUAL, part_value(kind, part->usual));
    row_set(row, PART_MORE, part_value(kind, more));
}

/* People see what is above the usual, the worst first, and at least one; programs see all. */
static void add_parts(const Builder *builder, Row *row, Audience audience, PartKind kind,
                      const SlowParts *parts)
{
    Section *section = row_section(row, audience, part_words[kind].key, NULL, LAYOUT_TABLE,
                                   part_words[kind].columns, PART_MORE + 1);

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
    COLUMN(ID, "execution_id", "execution", .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN(PATH, "path", "package", .use = COLUMN_HEADING, .audience = FOR_PEOPLE) \
    COLUMN(WHEN, "when", "when", .use = COLUMN_HEADING, .align_right = true, .audience = FOR_PAGE) \
    COLUMN(WHAT, "what", "what", .use = COLUMN_PLAIN, .audience = FOR_PEOPLE) \
    COLUMN(PACKAGE, "package", "package", .audience = FOR_DATA) \
    COLUMN(STATUS, "status", "status", .audience = FOR_DATA) \
    COLUMN(CALLER, "caller", "caller", .audience = FOR_DATA) \
    COLUMN(MACHINE, "machine", "machine", .audience = FOR_ALL) \
    COLUMN(START, "start", "started", .audience = FOR_DATA) \
    COLUMN(WORK, "first_work", "began work", .audience = FOR_DATA) \
    COLUMN(END, "end", "end", .audience = FOR_DATA) \
    COLUMN(LENGTH, "duration_seconds", "ran", .audience = FOR_DATA) \
    COLUMN(MEDIAN, "baseline_median_seconds", "usually", .audience = FOR_DATA) \
    COLUMN(DEVIATION, "baseline_deviation_seconds", "deviation", .audience = FOR_DATA) \
    COLUMN(SAMPLE, "baseline_runs", "of runs", .audience = FOR_DATA) \
    COLUMN(RATIO, "times_usual", "times", .audience = FOR_DATA) \
    COLUMN(EXCESS, "excess_seconds", "more", .audience = FOR_DATA) \
    COLUMN(DEAD, "may_be_dead", "may be dead", .audience = FOR_DATA) \
    NEWS_COLUMNS_BY_ID(COLUMN) \
    COLUMN(LOGGED, "logged", "logged", .use = COLUMN_PLAIN, .audience = FOR_PEOPLE)
/* clang-format on */

#define COLUMN(id, ...) RUN_##id,
enum { RUN_COLUMNS(COLUMN) };
#undef COLUMN

#define COLUMN(id, json, title, ...) [RUN_##id] = {.key = json, .heading = title, __VA_ARGS__},
static const Column run_columns[] = {RUN_COLUMNS(COLUMN)};
#undef COLUMN

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

static void set_measures(Row *row, const SlowRun *slow)
{
    row_set(row, RUN_LENGTH, value_duration(slow->length));
    row_set(row, RUN_MEDIAN, value_duration(slow->baseline.median));
    row_set(row, RUN_DEVIATION, value_duration(slow->baseline.deviation));
    row_set(row, RUN_SAMPLE, value_count((int64_t)slow->baseline.count));
    row_set(row, RUN_RATIO, value_number(times(slow->length, slow->baseline.median)));
    row_set(row, RUN_EXCESS, value_duration(slow->length - slow->baseline.median));
    row_set(row, RUN_DEAD, value_flag(slow->may_be_dead));
}

static void add_run(const Builder *builder, Section *section, size_t index)
{
    const Slow *s = builder->slow;
    const SlowRun *slow = &s->figures.list[index];
    const Run *run = slow->run;
    Row *row = section_row(section);

    row_set(row, RUN_ID, value_id(run->id));
    row_set(row, RUN_PATH, value_text(run_path(&s->runs, run->key, builder->arena)));
    row_set(row, RUN_WHEN, value_instant(slow->is_live ? run->work : run->end));
    row_set_anchor(row, "run", arena_printf(builder->arena, "%" PRId64, run->id));
    row_set_severity(row, slow->may_be_dead ? SEVERITY_ERROR : SEVERITY_WARNING);
    row_set(row, RUN_WHAT, value_text(what_text(builder, slow)));
    row_set(row, RUN_PACKAGE, value_text(run_path(&s->runs, run->key, builder->arena)));
    row_set(row, RUN_STATUS, value_text(arena_text(builder->arena, status_name(run->status))));
    row_set(row, RUN_CALLER, value_text(runs_text(&s->runs, run->caller)));
    row_set(row, RUN_MACHINE, value_text(runs_text(&s->runs, run->machine)));
    row_set(row, RUN_START, value_instant(run->start));
    row_set(row, RUN_WORK, value_instant(run->work));
    row_set(row, RUN_END, value_instant(run->end));
    set_measures(row, slow);
    news_set(builder->view->news, row, RUN_NEW, news_key(builder, slow));
    if (index >= s->detail_count)
        return;
    row_set(row, RUN_LOGGED, value_text(logged_text(&s->details[index])));
    add_detail(builder, row, &s->details[index]);
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

static const Column prose_columns[] = {{.key = "text", .heading = "text", .use = COLUMN_PLAIN}};

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
    row_set(
        section_row(section), 0,
        value_text(arena_printf(
            builder->arena,
            "The time of components by phase is recorded at logging level Performance (2) and "
            "Verbose (3), the rows that they send at Verbose alone; the server's own level is "
            "%s. Raise it for one package while you look, not for the server: between create "
            "and start, EXECUTE catalog.set_execution_parameter_value @execution_id, "
            "@object_type = 50, @parameter_name = N'LOGGING_LEVEL', @parameter_value = 2; or in "
            "the Execute SSIS Package activity, loggingLevel \"Performance\".",
            logging_level_name((int)db->logging_level))));
}

/* ---- trends ---------------------------------------------------------------------------------- */

enum {
    TREND_NAME,
    TREND_JUDGED,
    TREND_SLOW,
    TREND_USUAL,
    TREND_BARS,
    TREND_LONGEST,
    TREND_Q1,
    TREND_DRIFT = TREND_Q1 + SLOW_QUARTERS,
    TREND_PARTS
};

static const Column trend_columns[] = {
    [TREND_NAME] = {.key = "package", .heading = "package", .may_wrap = true},
    [TREND_JUDGED] = {.key = "judged", .heading = "runs", .align_right = true},
    [TREND_SLOW] = {.key = "slow", .heading = "slow", .align_right = true},
    [TREND_USUAL] = {.key = "usual_seconds", .heading = "usually", .align_right = true},
    [TREND_BARS] = {.key = "trend",
                    .heading = "by quarter, %",
                    .align_right = true,
                    .audience = FOR_PEOPLE},
    [TREND_LONGEST] = {.key = "longest_seconds", .heading = "longest", .audience = FOR_DATA},
    [TREND_Q1] = {.key = "quarter1_seconds", .heading = "1st", .audience = FOR_DATA},
    [TREND_Q1 + 1] = {.key = "quarter2_seconds", .heading = "2nd", .audience = FOR_DATA},
    [TREND_Q1 + 2] = {.key = "quarter3_seconds", .heading = "3rd", .audience = FOR_DATA},
    [TREND_Q1 + 3] = {.key = "quarter4_seconds", .heading = "4th", .audience = FOR_DATA},
    [TREND_DRIFT] = {.key = "drift", .heading = "drift", .audience = FOR_DATA},
    WORDS_PART_COLUMNS_AT(TREND_PARTS),
};

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
    Row *row = section_row(section);

    row_set(row, TREND_NAME,
            value_text(run_path(&builder->slow->runs, trend->key, builder->arena)));
    row_set(row, TREND_JUDGED, value_count((int64_t)trend->judged));
    row_set(row, TREND_SLOW, value_count((int64_t)trend->slow));
    row_set(row, TREND_USUAL, value_duration(trend->usual));
    row_set(row, TREND_BARS, value_text(quarters_text(builder, trend)));
    row_set(row, TREND_LONGEST, value_duration(trend->longest));
    for (int q = 0; q < SLOW_QUARTERS; q++)
        row_set(row, (size_t)(TREND_Q1 + q), value_duration(trend->quarters[q]));
    row_set(row, TREND_DRIFT, trend->drift > 0 ? value_number(trend->drift) : value_none());
    for (int part = 0; part < WORDS_PARTS; part++)
        row_set(row, (size_t)(TREND_PARTS + part),
                value_text(run_key_text(&builder->slow->runs, trend->key, part)));
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

static const Column unknown_columns[] = {
    {.key = "execution_id", .heading = "execution", .align_right = true},
    {.key = "package", .heading = "package"},
    {.key = "start", .heading = "started"},
    {.key = "repaired", .heading = "repaired"},
};

static void add_unknown(const Builder *builder)
{
    const SlowFigures *f = &builder->slow->figures;
    Section *section =
        report_section(builder->report, FOR_DATA, "unknown", "Ended unexpectedly", LAYOUT_TABLE,
                       unknown_columns, ARRAY_LEN(unknown_columns), NULL);

    for (size_t i = 0; i < f->unknown_count; i++) {
        const Run *run = f->unknown[i];
        Row *row = section_row(section);
        row_set(row, 0, value_id(run->id));
        row_set(row, 1, value_text(run_path(&builder->slow->runs, run->key, builder->arena)));
        row_set(row, 2, value_instant(run->start));
        row_set(row, 3, value_instant(run->end));
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

enum { SCREEN_ID, SCREEN_PATH, SCREEN_TIMES, SCREEN_WHAT, SCREEN_TASK };

static const Column screen_columns[] = {
    [SCREEN_ID] = {.key = "id",
                   .heading = "execution",
                   .use = COLUMN_HEADING,
                   .tone = TONE_STRONG,
                   .max_lines = 1},
    [SCREEN_PATH] = {.key = "path", .heading = "package", .use = COLUMN_HEADING},
    [SCREEN_TIMES] = {.key = "times",
                      .heading = "times",
                      .use = COLUMN_HEADING,
                      .align_right = true},
    [SCREEN_WHAT] = {.key = "what", .heading = "what", .use = COLUMN_PLAIN, .max_lines = 2},
    [SCREEN_TASK] = {.key = "task", .heading = "task", .tone = TONE_ALERT, .max_lines = 2},
};

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
        Row *row = section_row(section);
        row_set(row, SCREEN_ID, value_id(slow->run->id));
        row_set(row, SCREEN_PATH,
                value_text(run_path(&builder->slow->runs, slow->run->key, builder->arena)));
        row_set(row, SCREEN_TIMES,
                value_text(arena_printf(builder->arena, "%.1fx",
                                        times(slow->length, slow->baseline.median))));
        row_set(row, SCREEN_WHAT, value_text(what_text(builder, slow)));
        row_set(row, SCREEN_TASK, value_text(worst_task(builder, order[i])));
    }
    section_set_rest(section, "slow execution", "slow executions", f->count);
}

static void trends_on_screen(const Builder *builder)
{
    static const Column columns[] = {
        {.key = "package", .heading = "gets slower", .cut_left = true, .tone = TONE_STRONG},
        {.key = "judged", .heading = "runs", .align_right = true},
        {.key = "usual", .heading = "usually", .align_right = true},
        {.key = "trend", .heading = "by quarter, %", .align_right = true}};
    const SlowFigures *f = &builder->slow->figures;
    Section *section = report_section(builder->report, FOR_SCREEN, "trends", NULL, LAYOUT_TABLE,
                                      columns, ARRAY_LEN(columns), NULL);
    size_t count = 0;

    for (size_t i = 0; i < f->trend_count; i++) {
        if (f->trends[i].drift < NOTABLE_DRIFT || !is_on_screen(builder, count++))
            continue;
        Row *row = section_row(section);
        row_set(row, 0,
                value_text(run_path(&builder->slow->runs, f->trends[i].key, builder->arena)));
        row_set(row, 1, value_count((int64_t)f->trends[i].judged));
        row_set(row, 2, value_text(words_length(f->trends[i].usual, builder->arena)));
        row_set(row, 3, value_text(quarters_text(builder, &f->trends[i])));
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
