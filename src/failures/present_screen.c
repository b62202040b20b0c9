/* The first screen: what needs somebody now, why, what to do, and whether it may run again. */
#include "present.h"

#include "ssisminer/base/str.h"

#include <inttypes.h>
#include <string.h>

static const char *minute_of(Instant at, Arena *arena)
{
    return arena_printf(arena, "%.*s", PRESENT_MINUTE, words_when(at, arena));
}

/* ---- the two lines --------------------------------------------------------------------------- */

static void put_count(Buf *line, size_t count, const char *what)
{
    if (count > 0)
        buf_printf(line, "%s%zu %s%s", line->len > 0 ? ", " : "", count, what,
                   words_plural((int64_t)count));
}

static size_t count_critical(const Builder *builder)
{
    size_t count = 0;

    while (count < builder->failures->cause_count &&
           builder->ranked[count]->severity == SIG_CRITICAL)
        count++;
    return count;
}

static bool is_canceled(const Failure *failure)
{
    return (failure->is_execution ? failure->execution.status : failure->operation.status) ==
           STATUS_CANCELED;
}

static const char *verb_of(const Failures *failures)
{
    size_t canceled = 0;

    for (size_t i = 0; i < failures->count; i++)
        canceled += is_canceled(&failures->list[i]);
    if (canceled == 0)
        return "failed";
    if (canceled < failures->count)
        return "failed or were canceled";
    return canceled == 1 ? "was canceled" : "were canceled";
}

/* "6 executions, 6 operations failed: 11 causes, 3 critical; 28 succeeded" */
static const char *failed_line(const Builder *builder)
{
    const Failures *failures = builder->failures;
    int64_t succeeded =
        present_total(failures, STATUS_SUCCEEDED) + present_total(failures, STATUS_COMPLETED);
    size_t critical = count_critical(builder);
    Buf line = BUF(PRESENT_LINE_MAX);

    put_count(&line, failures->execution_count, "execution");
    put_count(&line, failures->operation_count, "operation");
    buf_printf(&line, " %s", verb_of(failures));
    if (failures->count > 1)
        buf_printf(&line, ": %zu cause%s", failures->cause_count,
                   words_plural((int64_t)failures->cause_count));
    if (critical > 0 && failures->count > 1)
        buf_printf(&line, ", %zu critical", critical);
    news_put_count(builder->view->news, builder->new_count, &line);
    if (succeeded > 0)
        buf_printf(&line, "; %" PRId64 " succeeded", succeeded);
    return present_taken(&line, builder->arena);
}

/* Of one that did not fail: what it did instead, and who tells more. */
static const char *instead(const Builder *builder)
{
    static const struct {
        int status;
        const char *words;
        bool is_live;
    } words[] = {
        {STATUS_SUCCEEDED, "it succeeded", false},
        {STATUS_COMPLETED, "it completed", false},
        {STATUS_RUNNING, "it is running", true},
        {STATUS_STOPPING, "it is stopping", true},
        {STATUS_PENDING, "it is pending", true},
        {STATUS_CREATED, "it was created and never started", true},
        {STATUS_CANCELED, "it was canceled", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (present_total(builder->failures, words[i].status) == 0)
            continue;
        if (!words[i].is_live)
            return arena_printf(builder->arena, ": %s", words[i].words);
        return arena_printf(builder->arena, ": %s, see ssisminer running --execution %" PRId64,
                            words[i].words, builder->view->question->filter.ids[0]);
    }
    return "";
}

/* "Nothing failed: 28 succeeded, 2 running" */
static const char *calm_line(const Builder *builder)
{
    size_t asked = builder->view->question->filter.id_count;

    if (!builder->view->db->sees_all)
        return "No failure that this login may see";
    if (news_calm(builder->view->news))
        return news_calm(builder->view->news);
    if (asked == 1)
        return arena_printf(builder->arena, "The execution asked for did not fail%s",
                            instead(builder));
    if (asked > 1)
        return "None of the executions asked for failed";
    return arena_printf(builder->arena, "Nothing failed: %s", present_status(builder));
}

static const char *where_line(const Builder *builder)
{
    const Ssisdb *db = builder->view->db;

    const FailuresQuestion *q = builder->view->question;

    return words_where(db->server_name, db->database_name,
                       q->since.is_set
                           ? words_window(q->since, q->until, builder->view->now, builder->arena)
                           : "any time",
                       builder->arena);
}

static const Failure *newest_execution(const Failures *failures)
{
    size_t i = 0;

    while (i < failures->count && !failures->list[i].is_execution)
        i++;
    return i < failures->count ? &failures->list[i] : NULL;
}

static const char *next_line(const Builder *builder)
{
    const Failure *newest = newest_execution(builder->failures);

    if (!newest)
        return NULL;
    if (builder->failures->count == 1)
        return arena_printf(builder->arena, "Each of its messages: --details --execution %" PRId64,
                            newest->id);
    return arena_printf(builder->arena, "One of them: --execution %" PRId64, newest->id);
}

/* ---- one failure: its card, and all of its remedy -------------------------------------------- */

/* clang-format off */
#define ONE_COLUMNS(COLUMN) \
    COLUMN("id", "id", has_head ? value_id(failure->id) : value_none(), \
           .use = COLUMN_HEADING, .tone = TONE_STRONG, .max_lines = 1) \
    COLUMN("path", "path", has_head ? value_text(present_path(failure, arena)) : value_none(), .use = COLUMN_HEADING) \
    COLUMN("time", "time", has_head ? value_time(failure->time) : value_none(), \
           .use = COLUMN_HEADING, .align_right = true) \
    COLUMN("run", "run", has_head ? value_text(present_run(builder, failure)) : value_none(), \
           .use = COLUMN_PLAIN, .max_lines = 2) \
    COLUMN("cause", "cause", value_text(present_title(failure, arena)), .tone = TONE_ALERT, .max_lines = 2) \
    COLUMN("values", "with", value_text(present_values(failure, arena)), .max_lines = 2) \
    COLUMN("message", "message", value_text(present_excerpt(failure, arena)), .max_lines = 3) \
    COLUMN("place", "at", value_text(present_place(failure, arena)), .max_lines = 2) \
    COLUMN("since", "since", value_text(present_since(builder, failure)), .max_lines = 2) \
    COLUMN("changed", "changed", value_text(present_changed(builder, failure)), .max_lines = 2) \
    COLUMN("rerun", "rerun", value_text(failure->rerun_words), .tone = TONE_STRONG, .max_lines = 3)
/* clang-format on */

static const Column one_columns[] = {ONE_COLUMNS(COLUMN_ENTRY)};

static bool is_single(const Builder *builder)
{
    return builder->failures->count == 1 && !builder->view->is_part;
}

/* Somebody asked for it by an id: then it is all that is told, and stands on top. */
static bool is_asked_for(const Builder *builder)
{
    return is_single(builder) && builder->view->question->filter.id_count == 1;
}

/* "23557  Sales/Orders/Sync Invoices.dtsx, 2026-11-30 11:52:47Z" */
static const char *asked_line(const Builder *builder)
{
    const Failure *failure = &builder->failures->list[0];
    char time[TIME_TEXT_MAX];

    report_time_text(failure->time, time);
    return arena_printf(builder->arena, "%" PRId64 "  %s, %s", failure->id,
                        present_path(failure, builder->arena), time);
}

/* "failed after 33 s, by etl, on wn1-ssisir01; sandbox-azure/SSISDB" */
static const char *asked_where(const Builder *builder)
{
    const Ssisdb *db = builder->view->db;

    return arena_printf(builder->arena, "%s; %s/%s",
                        present_run(builder, &builder->failures->list[0]),
                        words_or_unknown(db->server_name), words_or_unknown(db->database_name));
}

static void add_one(Builder *builder)
{
    const Failure *failure = &builder->failures->list[0];
    Section *section = report_section(builder->report, FOR_SCREEN, "one", NULL, LAYOUT_LIST,
                                      one_columns, ARRAY_LEN(one_columns), NULL);
    bool has_head = !is_asked_for(builder); // else it is the head of the screen
    Arena *arena = builder->arena;

    row_set_all(section_row(section), ROW_VALUES(ONE_COLUMNS));
}

enum { STEP_WHY, STEP_ACTION };

static const Column step_columns[] = {
    [STEP_WHY] = {.key = "why", .heading = "why", .use = COLUMN_PLAIN, .max_lines = 3},
    [STEP_ACTION] = {.key = "action", .heading = "action", .use = COLUMN_BULLETS},
};

/* A row for why, and one for each action, so that as many are shown as there is room for. */
static void add_steps(Builder *builder)
{
    const FailureCause *cause = builder->failures->list[0].cause;
    const char *title = arena_printf(builder->arena, "What to do%s%s", cause->signature ? ": " : "",
                                     cause->signature ? cause->id : "");
    Section *section = report_section(builder->report, FOR_SCREEN, "steps", title, LAYOUT_LIST,
                                      step_columns, ARRAY_LEN(step_columns), NULL);

    if (cause->text)
        row_set(section_row(section), STEP_WHY, value_text(cause->text));
    for (size_t i = 0; i < cause->action_count; i++)
        row_set(section_row(section), STEP_ACTION, value_texts(&cause->actions[i], 1));
    section_set_rest(section, "action", "actions", cause->action_count + (cause->text != NULL));
}

/* ---- several: why, and which ----------------------------------------------------------------- */

/* clang-format off */
#define WHY_COLUMNS(COLUMN) \
    COLUMN("times", "count", is_critical ? times : value_none(), .use = COLUMN_HEADING, .tone = TONE_ALERT) \
    COLUMN("times", "count", is_critical ? value_none() : times, .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("title", "cause", \
           value_text(present_cause_title(cause, builder->arena)), .use = COLUMN_HEADING, .max_lines = 1) \
    COLUMN("id", "id", value_text(cause->id), .use = COLUMN_HEADING, .align_right = true) \
    COLUMN("summary", "summary", value_text(short_summary(builder, cause)), .use = COLUMN_PLAIN, .max_lines = 1) \
    COLUMN("changed", "changed", \
           value_text(present_cause_changed(builder, cause)), .use = COLUMN_PLAIN, .max_lines = 1) \
    COLUMN("do", "do", \
           has_remedy && cause->action_count > 0 ? value_text(cause->actions[0]) : value_none(), .max_lines = 2)
/* clang-format on */

static const Column why_columns[] = {WHY_COLUMNS(COLUMN_ENTRY)};

/* "critical, 3 packages, since 03-01 03:26, rerun after the fix" */
static const char *short_summary(const Builder *builder, const FailureCause *cause)
{
    Arena *arena = builder->arena;
    Instant since = present_cause_since(builder, cause);
    Buf line = BUF(PRESENT_LINE_MAX);

    if (cause->severity == SIG_CRITICAL)
        buf_puts(&line, "critical");
    if (present_is_new(builder, cause))
        buf_printf(&line, "%snew", line.len > 0 ? ", " : "");
    put_count(&line, cause->package_count, "package");
    put_count(&line, (size_t)cause->operations, "operation");
    if (since.is_set)
        buf_printf(&line, ", since %s", minute_of(since, arena));
    buf_printf(&line, ", %s", cause->retry_advice);
    return present_taken(&line, arena);
}

static void add_causes(Builder *builder)
{
    Section *section = report_section(builder->report, FOR_SCREEN, "why", "Why", LAYOUT_LIST,
                                      why_columns, ARRAY_LEN(why_columns), NULL);
    bool has_remedy = builder->view->remedies != REMEDIES_NONE;

    for (size_t i = 0; i < present_cause_count(builder); i++) {
        const FailureCause *cause = builder->ranked[i];
        bool is_critical = cause->severity == SIG_CRITICAL;
        Value times = value_text(present_times(builder, cause));
        row_set_all(section_row(section), ROW_VALUES(WHY_COLUMNS));
    }
    section_set_rest(section, "cause", "causes", builder->failures->cause_count);
}

/* clang-format off */
#define WHICH_COLUMNS(COLUMN) \
    COLUMN("id", "newest", value_id(failure->id), .align_right = true, .tone = TONE_STRONG) \
    COLUMN("times", "times", \
           times > 1 ? value_text(arena_printf(arena, "%zux", times)) : value_none(), .align_right = true) \
    COLUMN("when", "ended (UTC)", value_text(minute_of(failure->time, arena)), .is_whole = true) \
    COLUMN("rerun", "rerun", value_text(short_rerun(failure)), .is_whole = true) \
    COLUMN("path", "package", value_text(short_path(failure, arena)), .cut_left = true) \
    COLUMN("cause", "cause", value_text(failure->cause->id), .tone = TONE_DIM, .is_whole = true)
/* clang-format on */

static const Column which_columns[] = {WHICH_COLUMNS(COLUMN_ENTRY)};

/* The table has little room, and every package ends in .dtsx. */
static const char *short_path(const Failure *failure, Arena *arena)
{
    static const char ending[] = ".dtsx";
    const char *path = present_path(failure, arena);
    size_t len = strlen(path), cut = sizeof(ending) - 1;

    if (failure->is_execution && len > cut && str_same_fold(path + len - cut, ending))
        return arena_copy(arena, path, len - cut);
    return path;
}

/* The last word of "after-fix" says it where there is little room. */
static const char *short_rerun(const Failure *failure)
{
    static const char after[] = "after-";
    const char *rerun = failure->rerun ? failure->rerun : "-";

    return str_starts(rerun, after) ? rerun + sizeof(after) - 1 : rerun;
}

static bool is_same_again(const Failure *a, const Failure *b)
{
    if (a->cause != b->cause || a->is_execution != b->is_execution)
        return false;
    return a->is_execution ? str_same_fold(a->execution.folder, b->execution.folder) &&
                                 str_same_fold(a->execution.project, b->execution.project) &&
                                 str_same_fold(a->execution.package, b->execution.package)
                           : a->operation.type == b->operation.type &&
                                 str_same_fold(a->operation.object_name, b->operation.object_name);
}

/* What repeats is one line: how often one of the list is told again behind it; 0 for one that is
 * told before. */
static size_t times_of(const Failures *failures, size_t at)
{
    size_t times = 0;

    for (size_t i = 0; i < at; i++)
        if (is_same_again(&failures->list[i], &failures->list[at]))
            return 0;
    for (size_t i = at; i < failures->count; i++)
        times += is_same_again(&failures->list[i], &failures->list[at]);
    return times;
}

static void add_newest_row(const Builder *builder, Section *section, const Failure *failure,
                           size_t times)
{
    Arena *arena = builder->arena;
    Row *row = section_row(section);

    row_set_times(row, times);
    row_set_all(row, ROW_VALUES(WHICH_COLUMNS));
}

static void add_newest(Builder *builder)
{
    const Failures *failures = builder->failures;
    const Column *columns =
        words_zone_columns(which_columns, ARRAY_LEN(which_columns), builder->arena);
    Section *section = report_section(builder->report, FOR_SCREEN, "which", NULL, LAYOUT_TABLE,
                                      columns, ARRAY_LEN(which_columns), NULL);
    size_t limit = builder->view->limit, shown = 0;

    for (size_t i = 0;
         i < failures->count && shown < REPORT_SCREEN_LINES && (!limit || shown < limit); i++) {
        size_t times = times_of(failures, i);
        if (times == 0)
            continue;
        add_newest_row(builder, section, &failures->list[i], times);
        shown++;
    }
    section_set_rest(section, "failure", "failures", failures->count);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void add_duplicates(Builder *builder)
{
    const FailuresDuplicates *found = &builder->view->duplicates;
    const char *text;

    if (found->groups == 0)
        return;
    if (is_asked_for(builder))
        text = arena_printf(builder->arena,
                            "triggered more than once: ssisminer duplicates --execution "
                            "%" PRId64,
                            builder->failures->list[0].id);
    else
        text = arena_printf(builder->arena,
                            "%zu of them %s triggered more than once: ssisminer duplicates",
                            found->failures, found->failures == 1 ? "was" : "were");
    report_fact(builder->report, FOR_SCREEN, "duplicates_line", "duplicates", value_text(text));
}

void present_screen(Builder *builder)
{
    size_t count = builder->failures->count;
    Remedies remedies = builder->view->remedies;

    if (is_asked_for(builder))
        report_screen(builder->report, asked_line(builder), asked_where(builder),
                      next_line(builder));
    else
        report_screen(builder->report, count > 0 ? failed_line(builder) : calm_line(builder),
                      where_line(builder), next_line(builder));
    add_duplicates(builder);
    news_tell_screen(builder->view->news, builder->report, builder->arena);
    if (is_single(builder)) {
        add_one(builder);
        if (remedies == REMEDIES_SHOWN)
            add_steps(builder);
    } else if (count > 0) {
        add_causes(builder);
        add_newest(builder);
    }
    if (remedies == REMEDIES_ALL && count > 0) {
        Section *behind = present_remedy_section(builder, FOR_SCREEN);
        present_fill_remedies(builder, behind, builder->failures->cause_count);
        section_set_behind(behind);
    }
}
