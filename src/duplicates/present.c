/* The answer as a report. */
#include "ssisminer/duplicates/duplicates.h"

#include "charts.h"
#include "present_origin.h"
#include "screen.h"
#include "store.h"
#include "timeline.h"

#include "ssisminer/report/words.h"
#include "ssisminer/ssisdb/ends.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 2048, MEMBERS_SHOWN = 12, TOTALS_SHOWN = 10 };

typedef struct Builder {
    const Duplicates *duplicates;
    const DuplicatesView *view;
    Arena *arena;
    Report *report;
} Builder;

/* ---- what is said of a verdict --------------------------------------------------------------- */

typedef struct VerdictWords {
    const char *title, *remedy;
} VerdictWords;

static const VerdictWords words[DUPLICATE_VERDICTS] = {
    [DUPLICATE_DOUBLE_TRIGGER] =
        {"triggered twice",
         "Make the start safe to repeat: start the package with the Execute SSIS Package activity, "
         "or with the script that 'ssisminer duplicates --guard-sql FOLDER/PROJECT/PACKAGE' "
         "prints."},
    [DUPLICATE_OVERLAP] =
        {"ran beside itself",
         "Let a run wait for the one before it: a longer interval, a pipeline concurrency of 1, or "
         "the script of --guard-sql, which finds a live execution."},
    [DUPLICATE_CHILD_OVERLAP] =
        {"ran as a child and elsewhere at once",
         "Move one of the two: the package runs inside a parent package and beside it at the same "
         "time."},
    [DUPLICATE_REPEAT] = {"ran again after it had succeeded",
                          "Ask the caller whether the second run was meant; if so, name it under "
                          "duplicates.allow in the configuration."},
    [DUPLICATE_NEVER_STARTED] =
        {"created and never started, beside another",
         "No work was done twice: a start broke off between create_execution and start_execution, "
         "and was made again. Make it safe to repeat with the script of --guard-sql."},
    [DUPLICATE_SCALE_OUT] =
        {"run again by Scale Out",
         "Look at the worker that lost the first attempt; a package that may not run twice needs a "
         "retry count of 0."},
    [DUPLICATE_CATCH_UP] = {"caught up after an outage",
                            "Nothing to do when each start was to be made up for; else let the "
                            "trigger leave out what was missed."},
    [DUPLICATE_LOOP] = {"started in a loop",
                        "Nothing to do when a loop starts the package; give it a parameter for "
                        "what differs, so that each run is told apart."},
    [DUPLICATE_RETRY] =
        {"retried after it had failed",
         "Nothing to do when the retry was meant; 'ssisminer report' names the cause of the "
         "failure."},
};

static const struct {
    DuplicateReason bit;
    const char *text;
} reason_texts[] = {
    {BECAUSE_OTHER_CALLER, "started by different callers"},
    {BECAUSE_PERSON, "one person started it again after it was over"},
    {BECAUSE_SECRET, "a sensitive value was set, which nobody can compare"},
    {BECAUSE_UNREAD, "parameters could not be read"},
    {BECAUSE_OTHER_PARAMETERS, "parameters differ, and were ignored as asked"},
    {BECAUSE_RUN_ID, "they differ only in an identifier of the start"},
    {BECAUSE_NEVER_REPEATS, "they differ only in a value that never repeats"},
    {BECAUSE_OWN_SCHEDULE, "its own schedule started it again before it was over"},
    {BECAUSE_IRREGULAR, "its starts come irregularly, and often this close"},
    {BECAUSE_PARALLEL, "it often runs beside itself"},
    {BECAUSE_ALWAYS_SEVERAL, "it is always started several times at once"},
    {BECAUSE_DEAD, "one gave no sign of life any more, which ended it here"},
    {BECAUSE_LATER, "more than a day lies between them"},
    {BECAUSE_OTHER_ENVIRONMENT, "parent and package have different environments"},
};

static const char *grounds(const DuplicateGroup *group)
{
    switch (group->verdict) {
    case DUPLICATE_SCALE_OUT:
        return "the server counted the attempts";
    case DUPLICATE_CHILD_OVERLAP:
        return "same package of the same project, at the same time";
    case DUPLICATE_REPEAT:
        return "same caller, environment and parameters, but it may have been meant";
    case DUPLICATE_NEVER_STARTED:
        return "same caller, environment and parameters, but only one ran";
    case DUPLICATE_CATCH_UP:
        return "as many starts as were missed before";
    case DUPLICATE_LOOP:
        return "each came right after the end of the one before";
    case DUPLICATE_DOUBLE_TRIGGER:
    case DUPLICATE_OVERLAP:
    case DUPLICATE_RETRY:
    case DUPLICATE_VERDICTS:
        break;
    }
    return "same caller, environment and parameters";
}

static const char *const *reason_list(const Builder *builder, const DuplicateGroup *group,
                                      size_t *ret_count)
{
    const char **list =
        arena_alloc_array(builder->arena, ARRAY_LEN(reason_texts) + 1, sizeof(*list));
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(reason_texts); i++)
        if (group->reasons & reason_texts[i].bit)
            list[count++] = reason_texts[i].text;
    if (count == 0)
        list[count++] = grounds(group);
    *ret_count = count;
    return list;
}

static const char *confidence_line(const Builder *builder, const DuplicateGroup *group)
{
    Buf line = BUF(LINE_BYTES);
    size_t count;
    const char *const *reasons = reason_list(builder, group, &count);

    buf_printf(&line, "%s:", duplicates_confidence_name(group->confidence));
    for (size_t i = 0; i < count; i++)
        buf_printf(&line, "%s %s", i ? ";" : "", reasons[i]);
    return words_taken(&line, builder->arena);
}

/* ---- head ------------------------------------------------------------------------------------ */

static const char *window_text(const Builder *builder)
{
    const DuplicatesQuestion *q = builder->view->question;
    const char *window = words_window(q->since, q->until, builder->view->now, builder->arena);

    if (q->since.ticks <= 0)
        return window;
    return arena_printf(builder->arena, "%s, cadence from %s before", window,
                        words_length(q->look_back, builder->arena));
}

static void add_settings(const Builder *builder)
{
    const DuplicatesQuestion *q = builder->view->question;
    const Ssisdb *db = builder->view->db;
    Report *report = builder->report;

    report_head(report, &(ReportHead){
                            .title = ssisdb_title(db, builder->arena),
                            .server = db->server_name,
                            .database = db->database_name,
                            .sees_all = db->sees_all,
                            .now = builder->view->now,
                            .window = window_text(builder),
                            .since = q->since,
                            .until = q->until,
                        });
    report_fact(report, FOR_DATA, "within_seconds", "within", value_duration(q->within));
    report_fact(report, FOR_DATA, "look_back_seconds", "look-back", value_duration(q->look_back));
    report_fact(report, FOR_DATA, "ignore_parameters", "parameters ignored",
                value_flag(q->ignore_parameters));
}

static void add_counts(const Builder *builder)
{
    const Duplicates *d = builder->duplicates;
    Report *report = builder->report;

    report_fact(report, FOR_ALL, "executions", "executions", value_count((int64_t)d->in_window));
    report_fact(report, FOR_ALL, "groups", "groups", value_count((int64_t)d->count));
    report_fact(report, FOR_ALL, "wasted_seconds", "wasted", value_duration(d->wasted));
    report_fact(report, FOR_ALL, "retries", "retries after a failure",
                value_count((int64_t)d->counts[DUPLICATE_RETRY]));
    report_fact(report, FOR_DATA, "allowed", "intended", value_count((int64_t)d->allowed_count));
    report_fact(report, FOR_DATA, "below_min_confidence", "less sure than asked for",
                value_count((int64_t)d->unsure_count));
    report_fact(report, FOR_DATA, "groups_before", "groups before the window",
                value_count((int64_t)d->found_before));
}

static void warn(const Builder *builder)
{
    const Duplicates *d = builder->duplicates;
    const DuplicatesQuestion *q = builder->view->question;
    const Ssisdb *db = builder->view->db;
    const char *doubt = ends_warning(builder->duplicates->doubted_count, builder->arena);

    if (!db->sees_all)
        report_warning(builder->report,
                       "incomplete: login '%s' is not in role %s, so executions that others "
                       "started are missing here",
                       words_or_unknown(db->login_name), ssisdb_reading_role(db));
    if (d->unread_count > 0)
        report_warning(builder->report,
                       "the parameters of %zu suspected execution%s could not be read, or were too "
                       "many: they count as unknown",
                       d->unread_count, words_plural((int64_t)d->unread_count));
    for (size_t i = 0; i < q->allowed_count; i++)
        if (q->allowed[i].until.is_set && q->allowed[i].until.ticks < builder->view->now.ticks)
            report_warning(builder->report, "the allowed repeat of '%s' has expired",
                           q->allowed[i].package);
    if (doubt)
        report_warning(builder->report, "%s", doubt);
    for (size_t i = 0; i < d->missing.count; i++)
        report_warning(builder->report, "incomplete: %s could not be read: %s",
                       d->missing.list[i].what, d->missing.list[i].why);
}

/* ---- members --------------------------------------------------------------------------------- */

/* clang-format off */
#define MEMBER_COLUMNS(COLUMN) \
    COLUMN("execution_id", "execution", value_id(run->id), .align_right = true) \
    COLUMN("when", "created (UTC)", value_text(words_when(created, builder->arena)), .audience = FOR_PEOPLE) \
    COLUMN("status", "status", value_text(arena_text(builder->arena, status_name(run->status)))) \
    COLUMN("ran", "ran", value_text(ran ? words_length(end - start, builder->arena) : "-"), \
           .audience = FOR_PEOPLE, .align_right = true) \
    COLUMN("timeline", "timeline", \
           value_text(arena_text(builder->arena, line)), .audience = FOR_PEOPLE, .is_drawn = true) \
    COLUMN("package", "package", value_text(key.package), .audience = FOR_DATA) \
    COLUMN("caller", "caller", value_text(duplicates_text(d, context->caller)), .audience = FOR_DATA) \
    COLUMN("executed_as", "executed as", value_text(duplicates_text(d, context->executed_as)), .audience = FOR_DATA) \
    COLUMN("environment_folder", "environment folder", value_text(key.environment_folder), .audience = FOR_DATA) \
    COLUMN("environment", "environment", value_text(key.environment), .audience = FOR_DATA) \
    COLUMN("machine", "machine", value_text(duplicates_text(d, context->machine)), .audience = FOR_DATA) \
    COLUMN("created", "created", value_instant(run->created), .audience = FOR_DATA) \
    COLUMN("start", "start", value_instant(run->start), .audience = FOR_DATA) \
    COLUMN("end", "end", run->is_dead ? value_none() : value_instant(run->end), .audience = FOR_DATA) \
    COLUMN("duration_seconds", "duration", ran ? value_duration(end - start) : value_none(), .audience = FOR_DATA) \
    COLUMN("executed_count", "attempts", \
           run->executed_count > 0 ? value_id(run->executed_count) : value_none(), .audience = FOR_DATA) \
    COLUMN("last_sign_of_life", "last sign of life", \
           run->is_dead ? value_instant(run->end) : value_none(), .audience = FOR_DATA) \
    COLUMN("scheduled", "scheduled", \
           group->scheduled < 0 ? value_none() : value_flag((size_t)group->scheduled == i), .audience = FOR_DATA) \
    COLUMN("caller_info", "CALLER_INFO", value_text(duplicates_text(d, context->caller_info)), .audience = FOR_DATA)
/* clang-format on */

static const Column member_columns[] = {MEMBER_COLUMNS(COLUMN_ENTRY)};

static void add_member(const Builder *builder, Section *section, const DuplicateGroup *group,
                       size_t i, const Timeline *timeline)
{
    const Duplicates *d = builder->duplicates;
    const DuplicateRun *run = &d->runs[group->members[i]];
    DuplicateKey key = duplicates_key(d, run->key);
    const DuplicateContext *context = &d->contexts[run->context];
    Instant created = {.ticks = run->created, .is_set = true};
    int64_t now = builder->view->db->server_now.ticks, start, end;
    bool ran = duplicates_ran(run, now, &start, &end);
    char line[TIMELINE_WIDTH + 1];

    timeline_draw(timeline, run, now, line);
    row_set_all(section_row(section), ROW_VALUES(MEMBER_COLUMNS));
}

/* People see the first of many; programs see all. */
static void add_members(const Builder *builder, Row *row, const DuplicateGroup *group,
                        Audience audience)
{
    const DuplicateRun *runs = builder->duplicates->runs;
    Timeline timeline = timeline_of(runs, group, builder->view->db->server_now.ticks);
    size_t shown = audience == FOR_PEOPLE ? MEMBERS_SHOWN : group->count;
    Section *section = row_section(
        row, audience, "members", shown < group->count ? "the first of them" : NULL, LAYOUT_TABLE,
        words_zone_columns(member_columns, ARRAY_LEN(member_columns), builder->arena),
        ARRAY_LEN(member_columns));

    if (audience == FOR_PEOPLE)
        duplicates_draw_members(runs, group, builder->view->db->server_now.ticks, shown, section);
    for (size_t i = 0; i < group->count && i < shown; i++)
        add_member(builder, section, group, i, &timeline);
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* clang-format off */
#define GROUP_COLUMNS(COLUMN) \
    COLUMN("verdict", "verdict", \
           value_text(duplicates_verdict_name(group->verdict)), .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("path", "package", value_text(path_of(builder, &key)), .use = COLUMN_HEADING, .audience = FOR_PEOPLE) \
    COLUMN("when", "when", value_instant(first->created), \
           .use = COLUMN_HEADING, .align_right = true, .audience = FOR_PAGE) \
    COLUMN("what", "what", value_text(what_text(builder, group)), .use = COLUMN_PLAIN, .audience = FOR_PEOPLE) \
    COLUMN("sure", "confidence", value_text(confidence_line(builder, group)), .audience = FOR_PEOPLE) \
    COLUMN("who", "by", value_text(joined(builder, callers, caller_count)), .audience = FOR_PEOPLE) \
    COLUMN("triggered", "triggered by", \
           value_text(arena_printf(builder->arena, "%s: %s", origin->title, evidence)), .audience = FOR_PEOPLE) \
    COLUMN("confidence", "confidence", \
           value_text(duplicates_confidence_name(group->confidence)), .audience = FOR_DATA) \
    COLUMN("reasons", "reasons", value_texts(reasons, reason_count), .audience = FOR_DATA) \
    COLUMN("folder", "folder", value_text(key.folder), .audience = FOR_DATA) \
    COLUMN("project", "project", value_text(key.project), .audience = FOR_DATA) \
    COLUMN("package", "package", value_text(key.package), .audience = FOR_DATA) \
    COLUMN("environment_folder", "environment folder", value_text(key.environment_folder), .audience = FOR_DATA) \
    COLUMN("environment", "environment", value_text(key.environment), .audience = FOR_DATA) \
    COLUMN("execution_ids", "executions", value_texts(id_list(builder, group), group->count), .audience = FOR_DATA) \
    COLUMN("callers", "callers", value_texts(callers, caller_count), .audience = FOR_DATA) \
    COLUMN("first_created", "first created", value_instant(first->created), .audience = FOR_DATA) \
    COLUMN("last_created", "last created", value_instant(last->created), .audience = FOR_DATA) \
    COLUMN("gap_seconds", "gap", value_duration(group->gap), .audience = FOR_DATA) \
    COLUMN("overlap_seconds", "overlap", value_duration(group->overlap), .audience = FOR_DATA) \
    COLUMN("wasted_seconds", "wasted", value_duration(group->wasted), .audience = FOR_DATA) \
    COLUMN("cadence_seconds", "cadence", \
           group->cadence > 0 ? value_duration(group->cadence) : value_none(), .audience = FOR_DATA) \
    COLUMN("differing_parameters", "differ in", value_texts(finding->differing, finding->differing_count)) \
    COLUMN("triggered_by", "triggered by", value_text(duplicates_origin_name(group->origin)), .audience = FOR_DATA) \
    COLUMN("evidence", "evidence", value_text(evidence), .audience = FOR_DATA) \
    COLUMN("setting", "change", value_text(origin->setting), .audience = FOR_DATA) \
    COLUMN("remedy", "remedy", value_text(words[group->verdict].remedy), .audience = FOR_DATA) \
    NEWS_COLUMNS(COLUMN, builder->view->news, news_key(builder, group))
/* clang-format on */

static const Column group_columns[] = {GROUP_COLUMNS(COLUMN_ENTRY)};

/* Twice is of two. */
static void put_title(Buf *line, const DuplicateGroup *group)
{
    if (group->verdict == DUPLICATE_DOUBLE_TRIGGER && group->count > 2)
        buf_printf(line, "triggered %zu times", group->count);
    else
        buf_printf(line, "%s", words[group->verdict].title);
}

static const char *news_key(const Builder *builder, const DuplicateGroup *group)
{
    return builder->view->news ? duplicates_finding_key(builder->duplicates, group, builder->arena)
                               : NULL;
}

/* "new, triggered twice: 2 executions 41 s apart, at once for 5 min 0 s; usually every 1 d 0 h" */
static const char *what_text(const Builder *builder, const DuplicateGroup *group)
{
    Buf line = BUF(LINE_BYTES);
    const DuplicateRun *first = &builder->duplicates->runs[group->members[0]];

    buf_puts(&line, news_mark(builder->view->news, news_key(builder, group)));
    put_title(&line, group);
    if (group->verdict == DUPLICATE_SCALE_OUT)
        buf_printf(&line, ": %d attempts", first->executed_count);
    else
        buf_printf(&line, ": %zu executions%s%s apart", group->count,
                   group->count > 2 ? ", at least " : " ",
                   words_length(group->gap, builder->arena));
    if (group->overlap > 0)
        buf_printf(&line, ", at once for %s", words_length(group->overlap, builder->arena));
    if (group->wasted > 0)
        buf_printf(&line, ", %s wasted", words_length(group->wasted, builder->arena));
    if (group->cadence > 0)
        buf_printf(&line, "; usually every %s", words_length(group->cadence, builder->arena));
    if (group->scheduled >= 0)
        buf_printf(&line, "; %" PRId64 " came at its usual time",
                   builder->duplicates->runs[group->members[group->scheduled]].id);
    return words_taken(&line, builder->arena);
}

static const char *const *caller_list(const Builder *builder, const DuplicateGroup *group,
                                      size_t *ret_count)
{
    const Duplicates *d = builder->duplicates;
    const char **list = arena_alloc_array(builder->arena, group->count + 1, sizeof(*list));
    size_t count = 0;

    for (size_t i = 0; i < group->count; i++) {
        const char *caller =
            duplicates_text(d, d->contexts[d->runs[group->members[i]].context].caller);
        bool is_known = caller == NULL || count >= MEMBERS_SHOWN;
        for (size_t k = 0; k < count && !is_known; k++)
            is_known = str_same(list[k], caller);
        if (!is_known)
            list[count++] = caller;
    }
    *ret_count = count;
    return list;
}

static const char *joined(const Builder *builder, const char *const *list, size_t count)
{
    Buf line = BUF(LINE_BYTES);

    for (size_t i = 0; i < count; i++)
        buf_printf(&line, "%s%s", i ? ", " : "", list[i]);
    return count ? words_taken(&line, builder->arena) : NULL;
}

static const char *const *id_list(const Builder *builder, const DuplicateGroup *group)
{
    const char **list = arena_alloc_array(builder->arena, group->count + 1, sizeof(*list));

    for (size_t i = 0; i < group->count; i++)
        list[i] = arena_printf(builder->arena, "%" PRId64,
                               builder->duplicates->runs[group->members[i]].id);
    return list;
}

static const char *path_of(const Builder *builder, const DuplicateKey *key)
{
    return arena_printf(builder->arena, "%s/%s/%s", words_or_unknown(key->folder),
                        words_or_unknown(key->project), words_or_unknown(key->package));
}

/* In a page a group says how grave it is, and leads to what to do. */
static void set_place(Row *row, const DuplicateGroup *group)
{
    static const Severity severities[] = {
        [DUPLICATE_LOW] = SEVERITY_INFO,
        [DUPLICATE_MEDIUM] = SEVERITY_WARNING,
        [DUPLICATE_HIGH] = SEVERITY_ERROR,
    };

    row_set_severity(row, severities[group->confidence]);
    row_set_link(row, "verdict", "remedy", duplicates_verdict_name(group->verdict));
    row_set_link(row, "triggered", "remedy", origin_words(group->origin)->title);
}

static void add_group(const Builder *builder, Section *section, const DuplicateFinding *finding)
{
    const Duplicates *d = builder->duplicates;
    const DuplicateGroup *group = &finding->group;
    const DuplicateRun *first = &d->runs[group->members[0]];
    const DuplicateRun *last = &d->runs[group->members[group->count - 1]];
    DuplicateKey key = duplicates_key(d, duplicates_namesake(d, group)->key);
    const OriginWords *origin = origin_words(group->origin);
    const char *evidence = origin_evidence(d, group, builder->arena);
    size_t reason_count, caller_count;
    const char *const *reasons = reason_list(builder, group, &reason_count);
    const char *const *callers = caller_list(builder, group, &caller_count);
    Row *row = section_row(section);

    row_set_all(row, ROW_VALUES(GROUP_COLUMNS));
    set_place(row, group);
    add_members(builder, row, group, FOR_PEOPLE);
    add_members(builder, row, group, FOR_DATA);
}

static bool is_shown(const Builder *builder, size_t index)
{
    return builder->view->limit == 0 || index < builder->view->limit;
}

static const char *day_of(const Builder *builder, Instant at)
{
    char text[TIME_TEXT_MAX];

    report_time_text(at, text);
    return arena_printf(builder->arena, "%.10s", text);
}

/* None; and which window, or which filter, would find something. */
static const char *none_text(const Builder *builder)
{
    const Duplicates *d = builder->duplicates;
    const char *none = builder->view->db->sees_all ? "None in this window."
                                                   : "None that this login may see in this window.";

    if (news_calm(builder->view->news))
        return "None that is new.";
    if (d->count == 0 && d->found_before > 0)
        return arena_printf(builder->arena,
                            "%s Before it: %zu, the latest at %s; --since %s shows %s.", none,
                            d->found_before, words_when(d->found_at, builder->arena),
                            day_of(builder, d->found_at), d->found_before > 1 ? "it" : "that");
    if (d->count == 0 && d->matching == 0 && d->run_count > 0)
        return arena_printf(builder->arena,
                            "%s None of the %zu executions in it, and in the look-back before it, "
                            "passes the filter.",
                            none, d->run_count);
    if (d->count == 0 && d->in_window == 0 && d->last_before.is_set)
        return arena_printf(builder->arena,
                            "%s No execution was created in it; the last one before it at %s.",
                            none, words_when(d->last_before, builder->arena));
    return none;
}

static void add_groups(const Builder *builder)
{
    const Duplicates *d = builder->duplicates;
    const char *title =
        d->count == 0 ? "Duplicates"
        : is_shown(builder, d->count - 1)
            ? arena_printf(builder->arena, "Duplicates (%zu), gravest first", d->count)
            : arena_printf(builder->arena, "Duplicates (the gravest %zu of %zu)",
                           builder->view->limit, d->count);
    Section *section = report_section(builder->report, FOR_ALL, "duplicates", title, LAYOUT_CARDS,
                                      group_columns, ARRAY_LEN(group_columns), none_text(builder));

    section_set_primary(section);
    for (size_t i = 0; i < d->count && is_shown(builder, i); i++)
        add_group(builder, section, &d->list[i]);
}

/* ---- totals, and what to do ------------------------------------------------------------------ */

/* clang-format off */
#define TOTAL_COLUMNS(COLUMN) \
    COLUMN("name", "name", value_text(total->name), .may_wrap = true) \
    COLUMN("groups", "groups", value_count(total->groups), .align_right = true) \
    COLUMN("executions", "executions", value_count(total->executions), .align_right = true) \
    COLUMN("wasted_seconds", "wasted", value_duration(total->wasted), .align_right = true) \
    WORDS_PART_COLUMNS(COLUMN, parts) /* of packages */
/* clang-format on */

static const Column total_columns[] = {TOTAL_COLUMNS(COLUMN_ENTRY)};

static void add_totals(const Builder *builder, Audience audience, const char *key,
                       const char *title, const DuplicatesTotal *totals, size_t count)
{
    bool are_packages = str_same(key, "packages");
    Section *section = report_section(
        builder->report, audience, key, title, LAYOUT_TABLE, total_columns,
        are_packages ? ARRAY_LEN(total_columns) : ARRAY_LEN(total_columns) - WORDS_PARTS, NULL);

    if (audience == FOR_PEOPLE)
        duplicates_draw_totals(totals, count, TOTALS_SHOWN, section);
    for (size_t i = 0; i < count && (audience == FOR_DATA || i < TOTALS_SHOWN); i++) {
        const DuplicatesTotal *total = &totals[i];
        const DuplicateKey *key_of = &total->key;
        const char *const parts[WORDS_PARTS] = {key_of->folder, key_of->project, key_of->package,
                                                key_of->environment_folder, key_of->environment};
        row_set_all(section_row(section), ROW_VALUES(TOTAL_COLUMNS));
    }
}

/* clang-format off */
#define VERDICT_COLUMNS(COLUMN) \
    COLUMN("verdict", "verdict", value_text(duplicates_verdict_name((DuplicateVerdict)i))) \
    COLUMN("groups", "groups", value_count((int64_t)builder->duplicates->counts[i]), .align_right = true)
/* clang-format on */

static const Column verdict_columns[] = {VERDICT_COLUMNS(COLUMN_ENTRY)};

static void add_verdicts(const Builder *builder)
{
    Section *section =
        report_section(builder->report, FOR_DATA, "verdicts", "Verdicts", LAYOUT_TABLE,
                       verdict_columns, ARRAY_LEN(verdict_columns), NULL);

    for (int i = 0; i < DUPLICATE_VERDICTS; i++)
        row_set_all(section_row(section), ROW_VALUES(VERDICT_COLUMNS));
}

/* clang-format off */
#define REMEDY_COLUMNS(COLUMN) \
    COLUMN("verdict", "verdict", value_text(of), .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("remedy", "remedy", value_text(text), .use = COLUMN_PLAIN)
/* clang-format on */

static const Column remedy_columns[] = {REMEDY_COLUMNS(COLUMN_ENTRY)};

static void add_remedy(Section *section, const char *of, const char *text)
{
    Row *row = section_row(section);

    row_set_anchor(row, "remedy", of);
    row_set_all(row, ROW_VALUES(REMEDY_COLUMNS));
}

/* What each verdict asks for, and where the setting of each kind of trigger is. */
static Section *add_remedies(const Builder *builder, Audience audience)
{
    const Duplicates *d = builder->duplicates;
    bool has_all = builder->view->remedies == REMEDIES_ALL;
    Section *section = report_section(builder->report, audience, "remedies", "What to do",
                                      LAYOUT_LIST, remedy_columns, ARRAY_LEN(remedy_columns), NULL);
    bool has_verdict[DUPLICATE_VERDICTS] = {false}, has_origin[DUPLICATE_ORIGINS] = {false};

    for (size_t i = 0; i < d->count && (has_all || is_shown(builder, i)); i++) {
        has_verdict[d->list[i].group.verdict] = true;
        has_origin[d->list[i].group.origin] = true;
    }
    for (int i = 0; i < DUPLICATE_VERDICTS; i++)
        if (has_verdict[i])
            add_remedy(section, duplicates_verdict_name((DuplicateVerdict)i), words[i].remedy);
    for (int i = 0; i < DUPLICATE_ORIGINS; i++) {
        const OriginWords *origin = origin_words((DuplicateOrigin)i);
        if (has_origin[i] && origin->setting)
            add_remedy(section, origin->title, origin->setting);
    }
    return section;
}

/* ---- the first screen ------------------------------------------------------------------------ */

/* "Triggered more than once: 3 times, wasted 1 min 28 s; 309 executions" */
static const char *screen_line(const Builder *builder)
{
    const Duplicates *d = builder->duplicates;

    const ReportNews *news = builder->view->news;
    Buf line = BUF(LINE_BYTES);

    if (d->count == 0 && news_calm(news))
        return news_calm(news);
    if (d->count == 0)
        return arena_printf(builder->arena, "Duplicates: %s", none_text(builder));
    buf_printf(&line, "Triggered more than once: %zu time%s", d->count,
               words_plural((int64_t)d->count));
    news_put_count(news, news_count(news), &line);
    if (d->wasted > 0)
        buf_printf(&line, ", wasted %s", words_length(d->wasted, builder->arena));
    buf_printf(&line, "; %zu execution%s", d->in_window, words_plural((int64_t)d->in_window));
    return words_taken(&line, builder->arena);
}

static const char *screen_where(const Builder *builder)
{
    const Ssisdb *db = builder->view->db;
    const DuplicatesQuestion *q = builder->view->question;

    return words_where(db->server_name, db->database_name,
                       words_window(q->since, q->until, builder->view->now, builder->arena),
                       builder->arena);
}

/* What is new before the rest, of both the gravest first. */
static const size_t *screen_order(const Builder *builder)
{
    const Duplicates *d = builder->duplicates;
    unsigned *ranks = arena_alloc_array(builder->arena, d->count, sizeof(*ranks));

    for (size_t i = 0; builder->view->news && i < d->count; i++)
        ranks[i] = news_is_new(builder->view->news, news_key(builder, &d->list[i].group));
    return news_order(ranks, d->count, builder->arena);
}

/* "23110, 23112 by adf-contoso-prod" */
static const char *who_line(const Builder *builder, const DuplicateGroup *group)
{
    size_t callers, shown = group->count < MEMBERS_SHOWN ? group->count : MEMBERS_SHOWN;
    const char *const *list = caller_list(builder, group, &callers);
    const char *who = joined(builder, list, callers);

    return arena_printf(builder->arena, "%s%s%s%s", joined(builder, id_list(builder, group), shown),
                        shown < group->count ? " and more" : "", who ? " by " : "", who ? who : "");
}

static void add_screen_row(const Builder *builder, Section *section, const DuplicateGroup *group,
                           bool has_remedy)
{
    const Duplicates *d = builder->duplicates;
    DuplicateKey key = duplicates_key(d, duplicates_namesake(builder->duplicates, group)->key);
    const DuplicateRun *last = &d->runs[group->members[group->count - 1]];
    Row *row = section_row(section);

    row_set(row, SCREEN_VERDICT, value_text(duplicates_verdict_name(group->verdict)));
    row_set(row, SCREEN_PATH, value_text(path_of(builder, &key)));
    row_set(row, SCREEN_WHEN, value_instant(last->created));
    row_set(row, SCREEN_WHAT, value_text(what_text(builder, group)));
    row_set(row, SCREEN_WHO, value_text(who_line(builder, group)));
    if (has_remedy)
        row_set(row, SCREEN_DO, value_text(words[group->verdict].remedy));
}

static void add_screen(const Builder *builder)
{
    const Duplicates *d = builder->duplicates;
    const Column *columns =
        words_zone_columns(duplicates_screen_columns, SCREEN_COLUMNS, builder->arena);
    const size_t *order = screen_order(builder);
    bool is_told[DUPLICATE_VERDICTS] = {false};

    report_screen(builder->report, screen_line(builder), screen_where(builder), NULL);
    news_tell_screen(builder->view->news, builder->report, builder->arena);
    Section *section = report_section(builder->report, FOR_SCREEN, "groups", NULL, LAYOUT_LIST,
                                      columns, SCREEN_COLUMNS, NULL);
    for (size_t i = 0; i < d->count && i < REPORT_SCREEN_LINES && is_shown(builder, i); i++) {
        const DuplicateGroup *group = &d->list[order[i]].group;
        add_screen_row(builder, section, group,
                       builder->view->remedies != REMEDIES_NONE && !is_told[group->verdict]);
        is_told[group->verdict] = true; // the remedy of a verdict stands once
    }
    section_set_rest(section, "time", "times", d->count);
    if (builder->view->remedies == REMEDIES_ALL)
        section_set_behind(add_remedies(builder, FOR_SCREEN));
}

Report *duplicates_report(const Duplicates *duplicates, const DuplicatesView *view, Arena *arena)
{
    Builder builder = {duplicates, view, arena,
                       report_new(arena, "duplicates", "Packages triggered more than once")};
    static const Audience audiences[] = {FOR_PEOPLE, FOR_DATA};

    add_settings(&builder);
    add_counts(&builder);
    warn(&builder);
    duplicates_charts(duplicates, view, builder.report);
    add_groups(&builder);
    news_tell(view->news, builder.report, "new_groups", (int64_t)news_count(view->news));
    for (size_t i = 0; i < ARRAY_LEN(audiences); i++) {
        add_totals(&builder, audiences[i], "packages", "By package", duplicates->packages,
                   duplicates->package_count);
        add_totals(&builder, audiences[i], "callers", "By caller", duplicates->callers,
                   duplicates->caller_count);
    }
    add_verdicts(&builder);
    if (view->remedies != REMEDIES_NONE)
        (void)add_remedies(&builder, FOR_PEOPLE);
    add_screen(&builder);
    return builder.report;
}
