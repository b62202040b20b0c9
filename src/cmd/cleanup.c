#include "ssisminer/cleanup/cleanup.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/term.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/cmd/connect.h"
#include "ssisminer/cmd/output.h"
#include "ssisminer/conf/conf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- the wish ------------------------------------------------------------------------------- */

static int64_t ms_of(const Conf *conf, OptId id)
{
    return conf_is_set(conf, id) || conf_text(conf, id) ? conf_ticks(conf, id) / TICKS_PER_MS : 0;
}

static CleanupMethod method_of(const Conf *conf)
{
    const char *method = conf_text(conf, OPT_METHOD);

    if (str_same(method, "batched"))
        return CLEANUP_BATCHED;
    return str_same(method, "procedure") ? CLEANUP_PROCEDURE : CLEANUP_AUTO;
}

static void read_filter(const Conf *conf, ExecutionFilter *filter)
{
    filter->folders = conf_list(conf, OPT_FOLDER, &filter->folder_count);
    filter->projects = conf_list(conf, OPT_PROJECT, &filter->project_count);
    filter->packages = conf_list(conf, OPT_PACKAGE, &filter->package_count);
}

/* A retention of no time at all is more likely a slip than a wish. */
static Rc read_keep(const Conf *conf, OptId id, int64_t *ret_ticks, Err *err)
{
    if (!conf_is_set(conf, id))
        return RC_OK;
    *ret_ticks = conf_ticks(conf, id);
    if (*ret_ticks <= 0)
        return FAIL(err, RC_USAGE, "--%s must be longer than no time at all", opt_spec(id)->flag);
    return RC_OK;
}

static Rc read_wish(const Conf *conf, CleanupWish *wish, Err *err)
{
    *wish = (CleanupWish){
        .method = method_of(conf),
        .is_exact = conf_flag(conf, OPT_EXACT),
        .project_versions = conf_flag(conf, OPT_PROJECT_VERSIONS),
        .batch_rows = conf_count(conf, OPT_BATCH_ROWS),
        .batch_time_ms = ms_of(conf, OPT_BATCH_TIME),
        .sleep_ms = ms_of(conf, OPT_SLEEP),
        .lock_timeout_ms = ms_of(conf, OPT_LOCK_TIMEOUT),
        .max_load_percent = conf_count(conf, OPT_MAX_LOG_WRITE),
        .time_limit_ms = conf_is_set(conf, OPT_TIME_LIMIT) ? ms_of(conf, OPT_TIME_LIMIT) : 0,
        .stop_file = conf_text(conf, OPT_STOP_FILE),
    };
    read_filter(conf, &wish->filter);
    TRY(read_keep(conf, OPT_KEEP, &wish->keep_ticks, err));
    TRY(read_keep(conf, OPT_KEEP_FAILED, &wish->keep_failed_ticks, err));
    if (wish->batch_rows < 1)
        return FAIL(err, RC_USAGE, "--batch-rows must be at least 1");
    return RC_OK;
}

/* ---- progress ------------------------------------------------------------------------------- */

typedef struct Progress {
    bool is_bar; // on a terminal: one line, written over
    bool is_drawn;
    int64_t interval_ms; // of plain lines; 0: none
    int64_t said_ms, drawn_ms;
} Progress;

enum { LINE_BYTES = 300, REDRAW_MS = 200 };

static void write_line(const CleanupPlan *plan, const CleanupRun *run, const char *doing,
                       char *ret_line, size_t size)
{
    char left[TIME_TEXT_MAX] = "?";
    double share = plan->doomed > 0 ? (double)run->operations / (double)plan->doomed : 0;
    int64_t per_second = run->elapsed_ms > 0 ? run->rows * 1000 / run->elapsed_ms : 0;

    if (share > 0)
        time_duration_text((int64_t)((double)run->elapsed_ms * (1 - share) / share) * TICKS_PER_MS,
                           left);
    (void)snprintf(ret_line, size,
                   "%3.0f %%  %" PRId64 " of %" PRId64 " operations, %" PRId64 " rows, %" PRId64
                   " rows/s, about %s left%s%s",
                   share * 100, run->operations, plan->doomed, run->rows, per_second, left,
                   doing ? "; " : "", doing ? doing : "");
}

static void draw(Progress *progress, const char *line)
{
    int columns = term_columns(stderr);

    (void)fprintf(stderr, "\r%-*.*s", columns - 1, columns - 1, line);
    (void)fflush(stderr);
    progress->is_drawn = true;
}

static void on_progress(void *context, const CleanupPlan *plan, const CleanupRun *run,
                        const char *doing)
{
    Progress *progress = context;
    int64_t now_ms = time_monotonic_ms();
    char line[LINE_BYTES];

    bool is_due = progress->is_bar ? now_ms - progress->drawn_ms >= REDRAW_MS
                                   : progress->interval_ms > 0 &&
                                         now_ms - progress->said_ms >= progress->interval_ms;
    if (!is_due || log_level() < LOG_NORMAL)
        return;
    write_line(plan, run, doing, line, sizeof(line));
    progress->said_ms = progress->drawn_ms = now_ms;
    if (progress->is_bar)
        draw(progress, line);
    else
        log_note("%s", line);
}

static void progress_end(Progress *progress)
{
    if (progress->is_drawn)
        draw(progress, "");
    if (progress->is_drawn)
        (void)fputc('\r', stderr);
}

/* ---- the command ---------------------------------------------------------------------------- */

static Rc judge(const CleanupPlan *plan, const CleanupRun *run, Err *err)
{
    int64_t left = plan->doomed - run->operations;

    if (run->end == CLEANUP_SIGNAL)
        return stop_sleep_ms(0, err);
    if (run->end == CLEANUP_DONE)
        return RC_OK;
    if (plan->method == CLEANUP_PROCEDURE)
        return FAIL(err, RC_PARTIAL, "stopped early (%s)", cleanup_end_text(run->end));
    return FAIL(err, RC_PARTIAL, "stopped early (%s): %" PRId64 " operations remain",
                cleanup_end_text(run->end), left);
}

/* What was done is said and written down also when it ended in an error: that one comes out last.
 */
static Rc execute(Conf *conf, CleanupPlan *plan, Output *output, Arena *arena, Err *err)
{
    Progress progress = {.is_bar = term_is(stderr),
                         .interval_ms = ms_of(conf, OPT_PROGRESS_INTERVAL),
                         .said_ms = time_monotonic_ms()};
    CleanupRun run;
    Err why = {0};

    Rc rc = cleanup_execute(plan, on_progress, &progress, arena, &run, &why);
    progress_end(&progress);
    if (rc != RC_OK && run.statements == 0) {
        *err = why;
        return rc;
    }
    TRY(output_write(output, cleanup_report(plan, &run, arena), err));
    if (conf_text(conf, OPT_LEDGER))
        TRY(cleanup_ledger(conf_text(conf, OPT_LEDGER), plan, &run, err));
    if (rc == RC_OK)
        return judge(plan, &run, err);
    *err = why;
    return rc;
}

static Rc refuse_rights(const CleanupPlan *plan, Err *err)
{
    (void)FAIL(err, RC_RIGHTS, "login '%s' may not clean up: %s",
               plan->db->login_name ? plan->db->login_name : "?", plan->method_reason);
    return err_hint(err, "a database owner can grant it: %s", plan->grants[0]);
}

static Rc cleanup_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(output_close) Output output = {0};
    AUTO(connect_close) Connection connection = {0};
    CleanupWish wish;
    Ssisdb *db = NULL;
    CleanupPlan *plan = NULL;

    TRY(read_wish(conf, &wish, err));
    TRY(output_open(conf, &output, err));
    if (conf_flag(conf, OPT_EXECUTE) && conf_text(conf, OPT_LEDGER))
        TRY(cleanup_ledger_check(conf_text(conf, OPT_LEDGER), err));
    TRY(connect_open(conf, "cleanup", &connection, err));
    TRY(ssisdb_probe(connection.tds, &arena, &db, err));
    TRY(cleanup_plan(db, &wish, &arena, &plan, err));
    if (conf_flag(conf, OPT_EXECUTE))
        return execute(conf, plan, &output, &arena, err);
    TRY(output_write(&output, cleanup_report(plan, NULL, &arena), err));
    return plan->method == CLEANUP_NONE ? refuse_rights(plan, err) : RC_OK;
}

const Command cmd_cleanup = {
    .name = "cleanup",
    .args = "",
    .summary = "Plan or do the purge of operations past their retention",
    .details = "Shows what is past its retention: operations by status, rows by table, oldest and "
               "newest, what stays and why. Nothing is deleted, and nothing is written, without "
               "--execute.\n\n"
               "With --execute it deletes, oldest first, in small statements of their own that "
               "adapt to the server: children before parents, never a live operation, never one "
               "younger than the cutoff. It can be stopped at any time; the next run goes on. A "
               "login that may only call the shipped procedure calls that.\n\n"
               "The exit status is 6 when work remains (--time-limit, --stop-file), 75 when "
               "another cleanup is running, 5 when the login may not clean up.\n\n"
               "    ssisminer cleanup --exact\n"
               "    ssisminer cleanup --execute --keep 30d --keep-failed 180d --time-limit 2h\n"
               "    ssisminer cleanup --execute --ledger /var/lib/ssisminer/ledger.ndjson",
    .groups = GROUP_CONNECTION | GROUP_OUTPUT | GROUP_CLEANUP,
    .run = cleanup_run,
};
