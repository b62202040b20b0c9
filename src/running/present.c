/* The answer as a report. */
#include "present.h"

#include "ssisminer/base/sat.h"
#include "ssisminer/base/zone.h"
#include "ssisminer/report/chart.h"
#include "ssisminer/ssisdb/ends.h"

#include <inttypes.h>
#include <string.h>

enum { EXCERPT_BYTES = 400, NOISY_SHOWN = 20 };

/* ---- wordings -------------------------------------------------------------------------------- */

static const char *or_unknown(const char *text)
{
    return text && *text ? text : "?";
}

const char *show_path(const char *folder, const char *project, const char *package,
                      const char *otherwise, Arena *arena)
{
    if (!package)
        return otherwise ? otherwise : "?";
    return arena_printf(arena, "%s/%s/%s", or_unknown(folder), or_unknown(project), package);
}

static const char *path_of(const Builder *builder, const RunningOperation *o)
{
    const char *other =
        arena_printf(builder->arena, "%s%s%s", operation_type_name(o->type),
                     o->object_name ? " " : "", o->object_name ? o->object_name : "");

    return show_path(o->folder, o->project, o->package, other, builder->arena);
}

/* One line of a message. */
const char *show_excerpt(const char *text, Arena *arena)
{
    Str telling = diagnosis_telling(str_of(text));
    Buf line = BUF(EXCERPT_BYTES + 4);

    for (size_t i = 0; i < telling.len && line.len < EXCERPT_BYTES; i++) {
        if (!strchr(" \t\r\n", telling.at[i]))
            buf_putc(&line, telling.at[i]);
        else if (line.len > 0 && line.text[line.len - 1] != ' ')
            buf_putc(&line, ' ');
    }
    if (line.len == 0)
        return NULL;
    line.len = str_utf8_floor(line.text, line.len);
    line.text[line.len] = '\0';
    return words_taken(&line, arena);
}

const char *show_usual(const RunningOperation *o, Arena *arena)
{
    if (o->usual.count == 0)
        return NULL;
    return arena_printf(arena, "usually %s, p95 %s (%zu runs)",
                        words_length(o->usual.median, arena), words_length(o->usual.p95, arena),
                        o->usual.count);
}

/* "running for 9 d 1 h, usually 10 min 02 s, p95 12 min 00 s (20 runs)" */
const char *show_age(const Builder *builder, const RunningOperation *o)
{
    const char *usual = show_usual(o, builder->arena);
    const char *position = o->queue_position
                               ? arena_printf(builder->arena, ", number %zu of %zu in the queue",
                                              o->queue_position, builder->running->pending)
                               : "";

    if (o->status == STATUS_CREATED)
        return arena_printf(builder->arena, "created %s ago, never started",
                            words_length(o->age, builder->arena));
    return arena_printf(builder->arena, "%s for %s%s%s%s", status_name(o->status),
                        words_length(o->age, builder->arena), position, usual ? ", " : "",
                        usual ? usual : "");
}

/* "\Load\Orders, for 3 min 20 s" of the one that began last, and how many more there are. */
const char *show_task(const Builder *builder, const RunningOperation *o)
{
    const RunningTask *task = o->task_count ? &o->tasks[0] : NULL;

    for (size_t i = 1; i < o->task_count; i++)
        if (o->tasks[i].since.is_set && o->tasks[i].since.ticks > task->since.ticks)
            task = &o->tasks[i];
    if (!task)
        return o->last_path ? arena_printf(builder->arena, "last heard of: %s", o->last_path)
                            : NULL;
    const char *more =
        o->task_count > 1 ? arena_printf(builder->arena, ", and %zu more", o->task_count - 1) : "";
    int64_t length = sat_sub(builder->view->db->server_now.ticks, task->since.ticks);
    return arena_printf(builder->arena, "%s, for %s%s%s%s", task->path,
                        words_length(length > 0 ? length : 0, builder->arena), more,
                        o->component ? ": " : "", o->component ? o->component : "");
}

/* "8 d 23 h ago (02-21 05:44:10): Load staging:Start" */
const char *show_sign(const Builder *builder, const RunningOperation *o)
{
    const char *said = show_excerpt(o->last_message, builder->arena);

    if (o->status == STATUS_CREATED)
        return NULL;
    if (o->silence < 0)
        return "unknown: logging level None, so that its silence says nothing";
    if (!o->last_sign.is_set)
        return o->status == STATUS_PENDING ? NULL : "none since its start";
    return arena_printf(builder->arena, "%s ago (%s%s)%s%s",
                        words_length(o->silence, builder->arena),
                        words_when(o->last_sign, builder->arena), zone_is_utc() ? " UTC" : "",
                        said ? ": " : "", said ? said : "");
}

/* "3: SQL deadlock (sql-deadlock)", or in the words of an unknown one. */
const char *show_errors(const RunningErrors *errors, Arena *arena)
{
    const char *text = show_excerpt(errors->text, arena);

    if (errors->count == 0)
        return NULL;
    if (errors->signature)
        return arena_printf(arena, "%" PRId64 ": %s (%s)", errors->count, errors->signature->title,
                            errors->signature->id);
    return arena_printf(arena, "%" PRId64 "%s%s", errors->count, text ? ": " : "",
                        text ? text : "");
}

static bool is_stoppable(const RunningOperation *o)
{
    return o->type == OPERATION_CREATE_EXECUTION || o->type == OPERATION_VALIDATE_PROJECT ||
           o->type == OPERATION_VALIDATE_PACKAGE;
}

/* stop_operation is refused for what is pending (27124) or stopping already (27126), and for what
 * is neither an execution nor a validation (docs/facts.md#stopping). */
const char *show_remedy(const Builder *builder, const RunningOperation *o)
{
    if (o->state == RUNNING_NOT_STARTED)
        return "its caller died between create_execution and start_execution, or means to start it "
               "yet; retention removes it";
    if (o->state != RUNNING_HANGS)
        return NULL;
    if (o->status == STATUS_PENDING)
        return "no worker takes it: start the integration runtime, or Scale Out's workers; it "
               "cannot be stopped (27124)";
    if (o->status == STATUS_STOPPING || !is_stoppable(o))
        return "it cannot be stopped (again): 'ssisminer doctor' says how such an operation ends";
    return arena_printf(
        builder->arena,
        "see in its task what it waits for; to end it, as a member of ssis_admin, on "
        "your own server with a Windows login: EXECUTE catalog.stop_operation "
        "@operation_id = %" PRId64 ";",
        o->id);
}

/* ---- head ------------------------------------------------------------------------------------ */

static void put(Buf *line, size_t count, const char *what)
{
    if (count > 0)
        buf_printf(line, "%s%zu %s", line->len > 0 ? ", " : "", count, what);
}

/* "1 hangs, 2 run longer than usual, 1 runs, 3 wait for a worker" */
const char *show_counts(const Builder *builder)
{
    const size_t *of = builder->running->of_state;
    Buf line = BUF(1024);

    put(&line, of[RUNNING_HANGS], of[RUNNING_HANGS] == 1 ? "hangs" : "hang");
    put(&line, of[RUNNING_LATE],
        of[RUNNING_LATE] == 1 ? "runs longer than usual" : "run longer than usual");
    put(&line, of[RUNNING_SILENT], of[RUNNING_SILENT] == 1 ? "is silent" : "are silent");
    put(&line, of[RUNNING_STOPPING], of[RUNNING_STOPPING] == 1 ? "is stopping" : "are stopping");
    put(&line, of[RUNNING_QUEUED],
        of[RUNNING_QUEUED] == 1 ? "waits for a worker" : "wait for a worker");
    put(&line, of[RUNNING_FINE], of[RUNNING_FINE] == 1 ? "runs well" : "run well");
    put(&line, of[RUNNING_NOT_STARTED], "never started");
    if (line.len == 0)
        buf_puts(&line, builder->view->db->sees_all ? "nothing is running"
                                                    : "nothing that this login may see");
    return words_taken(&line, builder->arena);
}

static void add_people_facts(const Builder *builder)
{
    const Running *r = builder->running;
    const RunningQuestion *q = builder->view->question;
    Report *report = builder->report;

    report_fact(report, FOR_PEOPLE, "now_line", "now", value_text(show_counts(builder)));
    if (r->workers.is_known && r->workers.count > 0)
        report_fact(report, FOR_PEOPLE, "workers_line", "workers",
                    value_text(arena_printf(builder->arena, "%zu of %zu online", r->workers_online,
                                            r->workers.count)));
    report_fact(
        report, FOR_PEOPLE, "rule_line", "hangs",
        value_text(arena_printf(
            builder->arena,
            "no sign of life for %s, and longer than usual (p95 of %zu successes or more, "
            "and %" PRId64 " %% above their median) or no usual known",
            words_length(q->silent_for, builder->arena), q->least_runs, q->slower_percent)));
}

static void add_data_facts(const Builder *builder)
{
    static const struct {
        const char *key, *heading;
        RunningState state;
    } counts[] = {{"hanging", "that hang", RUNNING_HANGS},
                  {"late", "longer than usual", RUNNING_LATE},
                  {"silent", "silent, no longer than usual", RUNNING_SILENT},
                  {"stopping", "that are stopping", RUNNING_STOPPING},
                  {"queued", "that wait for a worker", RUNNING_QUEUED},
                  {"running_well", "that run well", RUNNING_FINE},
                  {"not_started", "created and never started", RUNNING_NOT_STARTED}};
    const Running *r = builder->running;
    Report *report = builder->report;

    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        report_fact(report, FOR_DATA, counts[i].key, counts[i].heading,
                    value_count((int64_t)r->of_state[counts[i].state]));
    report_fact(report, FOR_DATA, "server_running", "running on the server, whatever the filter",
                value_count((int64_t)r->running));
    report_fact(report, FOR_DATA, "server_pending", "pending on the server, whatever the filter",
                value_count((int64_t)r->pending));
    report_fact(report, FOR_DATA, "succeeded_with_errors", "succeeded with errors",
                value_count((int64_t)r->noisy_count));
    report_fact(report, FOR_DATA, "workers", "workers",
                r->workers.is_known ? value_count((int64_t)r->workers.count) : value_none());
    report_fact(report, FOR_DATA, "workers_online", "workers online",
                r->workers.is_known ? value_count((int64_t)r->workers_online) : value_none());
}

static void add_facts(const Builder *builder)
{
    const RunningQuestion *q = builder->view->question;
    const Ssisdb *db = builder->view->db;

    report_head(builder->report,
                &(ReportHead){
                    .title = ssisdb_title(db, builder->arena),
                    .server = db->server_name,
                    .database = db->database_name,
                    .sees_all = db->sees_all,
                    .now = builder->view->now,
                    .window = arena_printf(
                        builder->arena, "now; succeeded with errors %s; usual of %s",
                        words_window(q->since, q->until, builder->view->now, builder->arena),
                        words_length(q->look_back, builder->arena)),
                    .since = q->since,
                    .until = q->until,
                });
    add_people_facts(builder);
    add_data_facts(builder);
}

static void warn(const Builder *builder)
{
    const Ssisdb *db = builder->view->db;
    const Running *r = builder->running;

    if (!db->sees_all)
        report_warning(
            builder->report,
            "incomplete: login '%s' is not in role %s, so executions that others started are "
            "missing here",
            words_or_unknown(db->login_name), ssisdb_reading_role(db));
    for (size_t i = 0; i < r->missing.count; i++)
        report_warning(builder->report, "not read: %s: %s", r->missing.list[i].what,
                       r->missing.list[i].why);
    if (r->has_more_noisy)
        report_warning(
            builder->report,
            "more than %d executions succeeded with errors: take a shorter window to see all",
            RUNNING_NOISY_MAX);
    if (r->workers.is_known && r->workers.count > 0 && r->workers_online == 0)
        report_warning(builder->report,
                       "none of the %zu workers is online: nothing pending will run",
                       r->workers.count);
}

/* ---- what is live ---------------------------------------------------------------------------- */

/* clang-format off */
#define LIVE_COLUMNS(COLUMN) \
    COLUMN("execution_id", "execution", value_id(o->id), .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("path", "package", value_text(path_of(builder, o)), .use = COLUMN_HEADING, .audience = FOR_PEOPLE) \
    COLUMN("when", "since", value_time(began_of(o)), .use = COLUMN_HEADING, .align_right = true, .audience = FOR_PAGE) \
    COLUMN("alert", "state", \
           is_alarming ? state : value_none(), \
           .use = COLUMN_HEADING, .audience = FOR_PEOPLE, .align_right = true, .tone = TONE_ALERT) \
    COLUMN("calm", "state", is_alarming ? value_none() : state, \
           .use = COLUMN_HEADING, .audience = FOR_PEOPLE, .align_right = true) \
    COLUMN("age_line", "age", value_text(show_age(builder, o)), .use = COLUMN_PLAIN, .audience = FOR_PEOPLE) \
    COLUMN("task_line", "task", value_text(show_task(builder, o)), .audience = FOR_PEOPLE) \
    COLUMN("sign_line", "last sign", value_text(show_sign(builder, o)), .audience = FOR_PEOPLE, .max_lines = 3) \
    COLUMN("error_line", "errors", value_text(show_errors(&o->errors, arena)), .audience = FOR_PEOPLE, .max_lines = 3) \
    COLUMN("who_line", "started by", value_text(who_line(o, arena)), .audience = FOR_PEOPLE) \
    COLUMN("do", "do", value_text(show_remedy(builder, o)), .audience = FOR_PEOPLE) \
    COLUMN("state", "state", value_text(running_state_name(o->state)), .audience = FOR_DATA) \
    COLUMN("status", "status", value_text(arena_text(arena, status_name(o->status))), .audience = FOR_DATA) \
    COLUMN("operation_type", "type", \
           value_text(arena_text(arena, operation_type_name(o->type))), .audience = FOR_DATA) \
    COLUMN("folder", "folder", value_text(o->folder), .audience = FOR_DATA) \
    COLUMN("project", "project", value_text(o->project), .audience = FOR_DATA) \
    COLUMN("package", "package", value_text(o->package), .audience = FOR_DATA) \
    COLUMN("environment_folder", "environment folder", value_text(o->environment_folder), .audience = FOR_DATA) \
    COLUMN("environment", "environment", value_text(o->environment), .audience = FOR_DATA) \
    COLUMN("object_name", "object", value_text(o->object_name), .audience = FOR_DATA) \
    COLUMN("caller", "caller", value_text(o->caller), .audience = FOR_DATA) \
    COLUMN("machine", "machine", value_text(o->machine), .audience = FOR_DATA) \
    COLUMN("created", "created", value_time(o->created), .audience = FOR_DATA) \
    COLUMN("start", "started", value_time(o->start), .audience = FOR_DATA) \
    COLUMN("first_sign", "first sign of life", value_time(o->first_sign), .audience = FOR_DATA) \
    COLUMN("last_sign", "last sign of life", value_time(o->last_sign), .audience = FOR_DATA) \
    COLUMN("age_seconds", "age", value_duration(o->age), .audience = FOR_DATA) \
    COLUMN("silent_seconds", "silent for", value_duration(o->silence), .audience = FOR_DATA) \
    COLUMN("usual_median_seconds", "usually", value_duration(has_usual ? o->usual.median : -1), .audience = FOR_DATA) \
    COLUMN("usual_p95_seconds", "p95", value_duration(has_usual ? o->usual.p95 : -1), .audience = FOR_DATA) \
    COLUMN("usual_runs", "of runs", value_count((int64_t)o->usual.count), .audience = FOR_DATA) \
    COLUMN("tasks", "tasks", value_texts(task_paths(o, arena), o->task_count), .audience = FOR_DATA) \
    COLUMN("component", "component", value_text(o->component), .audience = FOR_DATA) \
    COLUMN("last_path", "path of the last message", value_text(o->last_path), .audience = FOR_DATA) \
    COLUMN("last_message", "last message", value_text(o->last_message), .audience = FOR_DATA) \
    COLUMN("errors", "errors", value_count(o->errors.count), .audience = FOR_DATA) \
    COLUMN("warnings", "warnings", value_count(o->warnings), .audience = FOR_DATA) \
    COLUMN("cause_id", "cause", value_text(o->errors.cause_id), .audience = FOR_DATA) \
    COLUMN("error", "error", value_text(o->errors.text), .audience = FOR_DATA) \
    COLUMN("queue_position", "place in the queue", \
           o->queue_position ? value_count((int64_t)o->queue_position) : value_none(), .audience = FOR_DATA) \
    COLUMN("logging_level", "logging level", \
           o->logging_level >= 0 ? value_id(o->logging_level) : value_none(), .audience = FOR_DATA) \
    NEWS_COLUMNS(COLUMN, builder->view->news, running_live_key(o, arena))
/* clang-format on */

static const Column live_columns[] = {LIVE_COLUMNS(COLUMN_ENTRY)};

bool show_is_alarming(const RunningOperation *o)
{
    return o->state <= RUNNING_SILENT;
}

/* "hangs", or "new, hangs" */
const char *show_state(const Builder *builder, const RunningOperation *o)
{
    const ReportNews *news = builder->view->news;

    return arena_printf(builder->arena, "%s%s",
                        news_mark(news, running_live_key(o, builder->arena)),
                        running_state_name(o->state));
}

/* "etl_job on WORKER-3" */
static const char *who_line(const RunningOperation *o, Arena *arena)
{
    const char *machine = o->machine && *o->machine ? o->machine : NULL;

    return arena_printf(arena, "%s%s%s", words_or_unknown(o->caller), machine ? " on " : "",
                        machine ? machine : "");
}

static const char *const *task_paths(const RunningOperation *o, Arena *arena)
{
    const char **paths = arena_alloc_array(arena, o->task_count, sizeof(*paths));

    for (size_t i = 0; i < o->task_count; i++)
        paths[i] = o->tasks[i].path;
    return paths;
}

static Severity severity_of(RunningState state)
{
    if (state == RUNNING_HANGS)
        return SEVERITY_ERROR;
    return state == RUNNING_LATE || state == RUNNING_SILENT ? SEVERITY_WARNING : SEVERITY_FINE;
}

static size_t shown_of(const Builder *builder, size_t count, size_t otherwise)
{
    size_t limit = builder->view->limit ? builder->view->limit : otherwise;

    return limit && limit < count ? limit : count;
}

static Instant began_of(const RunningOperation *o)
{
    return o->start.is_set ? o->start : o->created;
}

/* How long each has been there: what is usual of it, and what is beyond. */
static void draw_ages(const Builder *builder, size_t shown, Section *section)
{
    enum { DRAWN = 20, USUAL = 0, BEYOND, UNKNOWN };
    static const ChartSeries series[] = {{"as long as usual", HUE_FINE},
                                         {"beyond the p95 of its successes", HUE_ALERT},
                                         {"no usual known", HUE_1}};
    size_t count = shown < DRAWN ? shown : DRAWN;

    if (count < 2)
        return;
    Chart *chart = section_chart(section, &(ChartSpec){
                                              .kind = CHART_RANK,
                                              .unit = VALUE_DURATION,
                                              .title = "How long they have been there",
                                              .points = "execution",
                                              .series = series,
                                              .series_count = ARRAY_LEN(series),
                                          });
    for (size_t i = 0; i < count; i++) {
        const RunningOperation *o = &builder->running->list[i];
        size_t point = chart_point_of(chart, "%" PRId64 " %s, %s", o->id,
                                      running_state_name(o->state), path_of(builder, o));
        int64_t usual = o->usual.count == 0 ? 0 : o->usual.p95 < o->age ? o->usual.p95 : o->age;
        if (o->usual.count == 0)
            chart_add(chart, point, UNKNOWN, (double)o->age);
        chart_add(chart, point, USUAL, (double)usual);
        if (o->usual.count > 0)
            chart_add(chart, point, BEYOND, (double)(o->age - usual));
        chart_link(chart, point, "run", arena_printf(builder->arena, "%" PRId64, o->id));
    }
}

static void add_live_row(const Builder *builder, Section *section, const RunningOperation *o)
{
    Arena *arena = builder->arena;
    bool is_alarming = show_is_alarming(o), has_usual = o->usual.count > 0;
    Value state = value_text(show_state(builder, o));
    Row *row = section_row(section);

    row_set_all(row, ROW_VALUES(LIVE_COLUMNS));
    row_set_anchor(row, "run", arena_printf(arena, "%" PRId64, o->id));
    row_set_severity(row, severity_of(o->state));
}

static void add_live(const Builder *builder)
{
    const Running *r = builder->running;
    size_t shown = shown_of(builder, r->count, 0);
    Section *section = report_section(
        builder->report, FOR_ALL, "live", words_list_title("Live", shown, r->count, builder->arena),
        LAYOUT_CARDS, live_columns, ARRAY_LEN(live_columns),
        news_calm(builder->view->news) ? "Nothing that is new."
        : builder->view->db->sees_all  ? "Nothing is running, pending or stopping."
                                       : "Nothing that this login may see.");

    section_set_primary(section);
    draw_ages(builder, shown, section);
    for (size_t i = 0; i < shown; i++)
        add_live_row(builder, section, &r->list[i]);
}

/* ---- succeeded with errors ------------------------------------------------------------------- */

/* clang-format off */
#define NOISY_COLUMNS(COLUMN) \
    COLUMN("execution_id", "execution", value_id(noisy->id), .align_right = true, .tone = TONE_STRONG) \
    COLUMN("ended", "ended (UTC)", value_text(words_when(noisy->end, builder->arena)), .audience = FOR_PEOPLE) \
    COLUMN("errors", "errors", value_count(errors->count), .align_right = true) \
    COLUMN("path", "package", \
           value_text(show_path(noisy->folder, noisy->project, noisy->package, NULL, builder->arena)), \
           .audience = FOR_PEOPLE, .cut_left = true) \
    COLUMN("why", "why", value_text(why), .audience = FOR_PEOPLE, .may_wrap = true) \
    COLUMN("folder", "folder", value_text(noisy->folder), .audience = FOR_DATA) \
    COLUMN("project", "project", value_text(noisy->project), .audience = FOR_DATA) \
    COLUMN("package", "package", value_text(noisy->package), .audience = FOR_DATA) \
    COLUMN("caller", "caller", value_text(noisy->caller), .audience = FOR_DATA) \
    COLUMN("status", "status", \
           value_text(arena_text(builder->arena, status_name(noisy->status))), .audience = FOR_DATA) \
    COLUMN("start", "started", value_time(noisy->start), .audience = FOR_DATA) \
    COLUMN("end", "ended", value_time(noisy->end), .audience = FOR_DATA) \
    COLUMN("first_error", "first error", value_time(errors->first), .audience = FOR_DATA) \
    COLUMN("last_error", "last error", value_time(errors->last), .audience = FOR_DATA) \
    COLUMN("cause_id", "cause", value_text(errors->cause_id), .audience = FOR_DATA) \
    COLUMN("cause_title", "title", \
           value_text(errors->signature ? errors->signature->title : NULL), .audience = FOR_DATA) \
    COLUMN("error", "error", value_text(errors->text), .audience = FOR_DATA) \
    COLUMN("at", "at", value_text(errors->at), .audience = FOR_DATA) \
    NEWS_COLUMNS(COLUMN, builder->view->news, key)
/* clang-format on */

static const Column noisy_columns[] = {NOISY_COLUMNS(COLUMN_ENTRY)};

const char *show_why(const RunningErrors *errors, Arena *arena)
{
    const char *text = show_excerpt(errors->text, arena);

    return errors->signature ? errors->signature->title : text ? text : "an error without a text";
}

static void add_noisy_row(const Builder *builder, Section *section, const RunningNoisy *noisy)
{
    const RunningErrors *errors = &noisy->errors;
    const char *key = running_noisy_key(noisy, builder->arena);
    const char *mark = news_mark(builder->view->news, key);
    const char *why = arena_printf(builder->arena, "%s%s", mark, show_why(errors, builder->arena));
    Row *row = section_row(section);

    row_set_anchor(row, "run", arena_printf(builder->arena, "%" PRId64, noisy->id));
    row_set_severity(row, SEVERITY_WARNING);
    row_set_all(row, ROW_VALUES(NOISY_COLUMNS));
}

static void add_noisy(const Builder *builder, Audience audience)
{
    const Running *r = builder->running;
    size_t shown = shown_of(builder, r->noisy_count, audience == FOR_PEOPLE ? NOISY_SHOWN : 0);
    Section *section = report_section(
        builder->report, audience, "succeeded_with_errors",
        words_list_title("Succeeded with errors", shown, r->noisy_count, builder->arena),
        LAYOUT_TABLE, words_zone_columns(noisy_columns, ARRAY_LEN(noisy_columns), builder->arena),
        ARRAY_LEN(noisy_columns), NULL);

    for (size_t i = 0; i < shown; i++)
        add_noisy_row(builder, section, &r->noisy[i]);
}

Report *running_report(const Running *running, const RunningView *view, Arena *arena)
{
    Builder builder = {running, view, arena, report_new(arena, "running", "Running now")};

    add_facts(&builder);
    show_screen(&builder);
    warn(&builder);
    add_live(&builder);
    add_noisy(&builder, FOR_PEOPLE);
    add_noisy(&builder, FOR_DATA);
    news_tell(view->news, builder.report, "new_findings", (int64_t)news_count(view->news));
    return builder.report;
}
