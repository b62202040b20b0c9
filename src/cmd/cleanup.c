/* `cleanup`: the plan, the proof, the purge as T-SQL, and the run. */
#include "sandbox.h"
#include "verdict.h"
#include "wish.h"

#include "connect.h"
#include "filter.h"
#include "output.h"
#include "page.h"
#include "ssisminer/base/file.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/term.h"
#include "ssisminer/capture/capture.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- the wish -------------------------------------------------------------------------------- */

static int64_t ms_of(const Conf *conf, OptId id)
{
    return conf_is_set(conf, id) || conf_text(conf, id) ? conf_ticks(conf, id) / TICKS_PER_MS : 0;
}

static CleanupMethod method_of(const Conf *conf)
{
    switch (conf_choice_method(conf)) {
    case CHOICE_METHOD_AUTO:
        break;
    case CHOICE_METHOD_BATCHED:
        return CLEANUP_BATCHED;
    case CHOICE_METHOD_PROCEDURE:
        return CLEANUP_PROCEDURE;
    }
    return CLEANUP_AUTO;
}

static void read_filter(const Conf *conf, ExecutionFilter *filter)
{
    filter->folders = conf_list(conf, OPT_FOLDER, &filter->folder_count);
    filter->projects = conf_list(conf, OPT_PROJECT, &filter->project_count);
    filter->packages = conf_list(conf, OPT_PACKAGE, &filter->package_count);
}

static void read_keep(const Conf *conf, OptId id, Arena *arena, int64_t *ret_ticks,
                      const char **ret_origin)
{
    if (!conf_is_set(conf, id))
        return;
    *ret_ticks = conf_ticks(conf, id);
    *ret_origin = arena_printf(arena, "--%s %s, %s", opt_spec(id)->flag, conf_text(conf, id),
                               conf_origin(conf, id));
}

void wish_read(const Conf *conf, Arena *arena, CleanupWish *wish)
{
    *wish = (CleanupWish){
        .method = method_of(conf),
        .is_exact = conf_flag(conf, OPT_EXACT),
        .project_versions = conf_flag(conf, OPT_PROJECT_VERSIONS),
        .rebuild_heaps = conf_flag(conf, OPT_REBUILD_HEAPS),
        .batch_rows = conf_count(conf, OPT_BATCH_ROWS),
        .batch_time_ms = ms_of(conf, OPT_BATCH_TIME),
        .sleep_ms = ms_of(conf, OPT_SLEEP),
        .lock_timeout_ms = ms_of(conf, OPT_LOCK_TIMEOUT),
        .max_load_percent = conf_count(conf, OPT_MAX_LOAD),
        .time_limit_ms = conf_is_set(conf, OPT_TIME_LIMIT) ? ms_of(conf, OPT_TIME_LIMIT) : 0,
        .stop_file = conf_text(conf, OPT_STOP_FILE),
        .may_keep_under_a_day = conf_flag(conf, OPT_KEEP_UNDER_A_DAY),
    };
    read_filter(conf, &wish->filter);
    read_keep(conf, OPT_KEEP, arena, &wish->keep_ticks, &wish->keep_origin);
    read_keep(conf, OPT_KEEP_FAILED, arena, &wish->keep_failed_ticks, &wish->keep_failed_origin);
}

/* ---- progress -------------------------------------------------------------------------------- */

typedef struct Progress {
    bool is_bar; // on a terminal: one line, written over
    bool is_drawn;
    int64_t interval_ms; // of plain lines; 0: none
    int64_t said_ms, drawn_ms;
} Progress;

enum { LINE_BYTES = 300, REDRAW_MS = 200, LINE_COLUMNS = 80, NAME_COLUMNS = 11 };

/* In rows, which go steadily; operations go in jumps, after their children. Without a right to see
 * sizes, and before anything was measured, nobody knows how many rows there are: then no share. */
static void write_line(const CleanupPlan *plan, const CleanupRun *run, const char *doing,
                       char *ret_line, size_t size)
{
    char share[32] = "", left[TIME_TEXT_MAX + 32] = "", ticks[TIME_TEXT_MAX];
    int64_t expected = cleanup_expected_rows(plan, run);
    double rate = run->elapsed_ms > 0 ? (double)run->rows * 1000 / (double)run->elapsed_ms : 0;
    double part = expected > 0 ? (double)run->rows / (double)expected : 0;

    if (expected > 0)
        (void)snprintf(share, sizeof(share), "%2.0f %%  ", part < 0.99 ? part * 100 : 99.0);
    if (expected > run->rows && rate > 0) {
        time_duration_text((int64_t)((double)(expected - run->rows) / rate) * TICKS_PER_SECOND,
                           ticks);
        (void)snprintf(left, sizeof(left), ", about %s left", ticks);
    }
    (void)snprintf(ret_line, size, "%s%" PRId64 " rows, %.0f rows/s%s%s%s", share, run->rows, rate,
                   left, doing ? "; " : "", doing ? doing : "");
    ret_line[term_fit(ret_line, strlen(ret_line), LINE_COLUMNS - NAME_COLUMNS)] = '\0';
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

/* ---- doing it -------------------------------------------------------------------------------- */

/* Another outcome than "work remains": whoever reads it should look at the server. */
static Rc refuse_nothing(const CleanupRun *run, Err *err)
{
    const char *reason = run->wait_count > 0 ? run->waits[0].reason : NULL;

    (void)FAIL(err, RC_NOTHING, "nothing at all was deleted (%s%s%s)", cleanup_end_text(run->end),
               reason ? "; " : "", reason ? reason : "");
    if (run->end == CLEANUP_FULL)
        return err_hint(err, "back the log up, or give it room: log_reuse_wait_desc in "
                             "sys.databases says what holds it; on Azure raise the size limit");
    return err_hint(err, run->end == CLEANUP_BLOCKED
                             ? "see who holds locks on schema internal: sys.dm_tran_locks and "
                               "sys.dm_exec_sessions, in this database"
                             : "give it more time (--time-limit), or a quieter hour");
}

static Rc outcome_of(const CleanupPlan *plan, const CleanupRun *run, Err *err)
{
    int64_t left = plan->doomed - run->operations;

    if (run->end == CLEANUP_SIGNAL)
        return stop_sleep_ms(0, err);
    if (run->end == CLEANUP_DONE)
        return RC_OK;
    if (plan->doomed > 0 && run->rows == 0 && run->keys_dropped == 0 &&
        (run->end == CLEANUP_TIME_LIMIT || run->end == CLEANUP_BLOCKED || run->end == CLEANUP_FULL))
        return refuse_nothing(run, err);
    if (plan->method == CLEANUP_PROCEDURE)
        return FAIL(err, RC_PARTIAL, "stopped early (%s)", cleanup_end_text(run->end));
    return FAIL(err, RC_PARTIAL, "stopped early (%s): %" PRId64 " operations remain",
                cleanup_end_text(run->end), left);
}

/* What goes, or went, is worth telling; that nothing does is not. */
static void add_findings(const CleanupPlan *plan, const CleanupRun *run, Report *report)
{
    bool has_any = run ? run->rows > 0 || run->keys_dropped > 0 : plan->doomed > 0;

    if (has_any)
        verdict_add(report, SIG_INFO);
    if (run && run->end != CLEANUP_DONE)
        verdict_add(report, run->end == CLEANUP_FAILED ? SIG_ERROR : SIG_WARNING);
}

/* `run` NULL: the plan alone. */
static Rc write_report(const CleanupPlan *plan, const CleanupRun *run, Output *output, Arena *arena,
                       Err *err)
{
    Report *report = cleanup_report(plan, run, arena);

    report_fact(report, FOR_DATA, "generated_at", "generated at", value_time(time_now()));
    filter_tell_clock(plan->db, report, arena);
    add_findings(plan, run, report);
    return output_write(output, report, err);
}

/* What was done is said also when it ended in an error: that one comes out last. */
static Rc execute(Conf *conf, const CleanupPlan *plan, Ledger *ledger, Output *output, Arena *arena,
                  Err *err)
{
    Progress progress = {.is_bar = term_is(stderr),
                         .interval_ms = ms_of(conf, OPT_PROGRESS_INTERVAL),
                         .said_ms = time_monotonic_ms()};
    const CleanupWatch watch = {on_progress, &progress, ledger};
    CleanupRun run;
    Err why = {0};

    Rc rc = cleanup_execute(plan, &watch, arena, &run, &why);
    progress_end(&progress);
    if (rc != RC_OK && run.statements == 0) {
        *err = why;
        return rc;
    }
    TRY(write_report(plan, &run, output, arena, err));
    if (rc == RC_OK)
        return outcome_of(plan, &run, err);
    *err = why;
    return rc;
}

/* ---- the archive ----------------------------------------------------------------------------- */

#define TARGET_MARK "{target}"

/* Of several targets each has a file of its own. */
static Rc archive_path(const char *path, Arena *arena, const char **ret_path, Err *err)
{
    const char *mark = strstr(path, TARGET_MARK), *name = log_name();

    *ret_path = path;
    if (!mark)
        return RC_OK;
    if (!*name) {
        (void)FAIL(err, RC_USAGE, "--archive %s: there is no " TARGET_MARK " without --target",
                   path);
        return err_hint(err, "name the file itself");
    }
    char *own = arena_text(arena, name);
    for (char *at = own; *at; at++)
        *at = *at == '/' ? '_' : *at;
    *ret_path = arena_printf(arena, "%.*s%s%s", (int)(mark - path), path, own,
                             mark + sizeof(TARGET_MARK) - 1);
    return RC_OK;
}

static Rc refuse_without_archive(const Conf *conf, Err *err)
{
    static const OptId others[] = {OPT_ARCHIVE_WHAT, OPT_ARCHIVE_KEEP};

    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (conf_is_given(conf, others[i]))
            return FAIL(err, RC_USAGE, "--%s means nothing without --archive",
                        opt_spec(others[i])->flag);
    return RC_OK;
}

static Rc read_archive(const Conf *conf, Arena *arena, CleanupWish *wish, Err *err)
{
    const char *given = conf_text(conf, OPT_ARCHIVE);
    ArchiveWish *archive = arena_alloc(arena, sizeof(*archive));

    archive->program = "ssisminer " SSISMINER_VERSION;
    archive->has_all_operations = conf_choice_archive_what(conf) == CHOICE_ARCHIVE_WHAT_ALL;
    read_keep(conf, OPT_ARCHIVE_KEEP, arena, &archive->keep_ticks, &wish->archive_keep_origin);
    if (!given)
        return refuse_without_archive(conf, err);
    TRY(archive_path(given, arena, &archive->path, err));
    wish->archive = archive;
    return RC_OK;
}

static void remove_folder(char **folder)
{
    if (*folder)
        file_remove_tree(*folder);
}

/* The engine knows how the archive's tables look. The views would hide what others started from a
 * login that may well delete it. */
static Rc make_ready(const Conf *conf, Ssisdb *db, const CleanupWish *wish, const char *folder,
                     Arena *arena, ArchiveWish *archive, Err *err)
{
    const char *path = arena_printf(arena, "%s/template.db", folder);
    const SandboxFile file = {path, capture_flavor(db), db->database_name, db->server_now};

    TRY(sandbox_make_file(conf, &file, arena, err));
    *archive = *wish->archive;
    archive->template_path = path;
    db->reads_tables = true;
    return RC_OK;
}

static Rc execute_archived(Conf *conf, Ssisdb *db, CleanupWish *wish, const CleanupPlan *plan,
                           Ledger *ledger, Output *output, Arena *arena, Err *err)
{
    AUTO(remove_folder) char *folder = NULL;
    ArchiveWish archive;

    if (!wish->archive)
        return execute(conf, plan, ledger, output, arena, err);
    TRY(file_temp_dir("ssisminer-", arena, &folder, err));
    TRY(make_ready(conf, db, wish, folder, arena, &archive, err));
    wish->archive = &archive;
    return execute(conf, plan, ledger, output, arena, err);
}

/* ---- before the first delete ----------------------------------------------------------------- */

enum { ANSWER_MAX_BYTES = 200 };

static Rc refuse_unconfirmed(const char *wanted, Err *err)
{
    (void)FAIL(err, RC_USAGE, "not confirmed: nothing was deleted");
    return err_hint(err, "type %s when it is asked for, or add --yes", wanted);
}

/* The number of operations; where the login may not count them, the name of the database. */
static const char *word_of(const CleanupPlan *plan, Arena *arena)
{
    if (plan->is_counted)
        return arena_printf(arena, "%" PRId64, plan->doomed);
    return plan->db->database_name ? plan->db->database_name : "yes";
}

static void put_question(const CleanupPlan *plan, const char *word, Arena *arena, Buf *out)
{
    AUTO(buf_done) Buf text = BUF(LINE_BYTES * 10);
    const char *filter = cleanup_filter_text(plan, arena);
    char keep[TIME_TEXT_MAX], cutoff[TIME_TEXT_MAX];

    time_duration_text(plan->keep_ticks, keep);
    report_time_text(plan->cutoff, cutoff);
    if (plan->is_counted)
        buf_printf(&text, "About to delete %" PRId64 " of %" PRId64 " operations", plan->doomed,
                   plan->operations);
    else
        buf_puts(&text,
                 "About to let the shipped procedure delete an unknown number of operations");
    if (plan->is_counted && plan->doomed_rows >= 0)
        buf_printf(&text, " with %s%" PRId64 " rows", plan->is_exact ? "" : "about ",
                   plan->doomed_rows);
    buf_printf(&text, " from %s: what ended before %s goes (keeps %s: %s)",
               ssisdb_title(plan->db, arena), cutoff, keep, plan->keep_origin);
    if (filter)
        buf_printf(&text, "; only %s", filter);
    if (plan->wish->archive)
        buf_printf(&text, "; %s in '%s' first",
                   plan->wish->archive->has_all_operations ? "all of it is archived"
                                                           : "what failed is archived",
                   plan->wish->archive->path);
    term_put_safe(out, buf_text(&text), text.len, true);
    buf_printf(out, ".\nType %s to go on, anything else to leave it: ", word);
}

static Rc ask(const CleanupPlan *plan, Arena *arena, Err *err)
{
    AUTO(buf_done) Buf question = BUF(LINE_BYTES * 20);
    const char *word = word_of(plan, arena);
    char answer[ANSWER_MAX_BYTES];

    if (plan->is_counted && plan->doomed == 0)
        return RC_OK;
    if (!term_is(stderr)) {
        (void)FAIL(err, RC_USAGE,
                   "standard error is no terminal, so that nobody sees the question");
        return err_hint(err, "nothing was deleted; leave standard error where it is, or add --yes");
    }
    put_question(plan, word, arena, &question);
    (void)fputs(buf_text(&question), stderr);
    (void)fflush(stderr);
    TRY(term_read_line(STDIN_FILENO, answer, sizeof(answer), err));
    Str typed = str_trim(str_of(answer));
    return str_equal(typed, str_of(word)) ? RC_OK : refuse_unconfirmed(word, err);
}

/* Whose clock is days ahead takes young operations for old ones. */
static Rc check_clock(const CleanupPlan *plan, Err *err)
{
    int64_t ahead = plan->db->clock_skew_ticks;
    char text[TIME_TEXT_MAX];

    if (ahead < TICKS_PER_DAY)
        return RC_OK;
    time_duration_text(ahead, text);
    (void)FAIL(
        err, RC_USAGE,
        "the server's clock is %s ahead of this machine's, and what is old is reckoned by it",
        text);
    return err_hint(err, "nothing was deleted; set right the one that is wrong, or add --yes");
}

/* At a terminal a person says yes; where there is none, a keep that shrank a lot must be meant. */
static Rc confirm(const Conf *conf, const CleanupPlan *plan, Arena *arena, Err *err)
{
    const LedgerWanted wanted = {.server = plan->db->server_name,
                                 .database = plan->db->database_name,
                                 .filter = cleanup_filter_text(plan, arena)};
    LedgerRecord last;

    if (conf_flag(conf, OPT_YES) || plan->method == CLEANUP_NONE)
        return RC_OK;
    TRY(check_clock(plan, err));
    if (term_is(stdin))
        return ask(plan, arena, err);
    TRY(ledger_last(conf_text(conf, OPT_LEDGER), &wanted, arena, &last, err));
    return cleanup_check_keep(plan, &last, err);
}

static Rc refuse_rights(const CleanupPlan *plan, Err *err)
{
    (void)FAIL(err, RC_RIGHTS, "login '%s' may not clean up: %s",
               plan->db->login_name ? plan->db->login_name : "?", plan->method_reason);
    return err_hint(err, "a database owner can grant it: %s", plan->grants[0]);
}

/* ---- the rule, shown ------------------------------------------------------------------------- */

static bool shows_rule(const Conf *conf)
{
    return conf_flag(conf, OPT_PROOF) || conf_count(conf, OPT_EXPLAIN_OPERATION) > 0;
}

static Rc check_shown(const Conf *conf, Err *err)
{
    const char *shown = conf_flag(conf, OPT_PROOF) ? "--proof" : "--explain-operation";

    if (!shows_rule(conf))
        return RC_OK;
    if (conf_flag(conf, OPT_EXECUTE))
        return FAIL(err, RC_USAGE, "%s shows what would go, --execute deletes it: give one of them",
                    shown);
    if (conf_flag(conf, OPT_PROOF) && conf_count(conf, OPT_EXPLAIN_OPERATION) > 0)
        return FAIL(err, RC_USAGE,
                    "--proof and --explain-operation are two answers: give one of them");
    return RC_OK;
}

static Rc show_rule(const Conf *conf, const Ssisdb *db, const CleanupWish *wish, Output *output,
                    Arena *arena, Err *err)
{
    AUTO(buf_done) Buf page = BUF(PAGE_MAX_BYTES);
    CleanupPlan *plan = NULL;
    Report *report = NULL;
    int64_t id = conf_count(conf, OPT_EXPLAIN_OPERATION); // 0: unset

    TRY(cleanup_rule(db, wish, arena, &plan, err));
    if (id > 0) {
        TRY(cleanup_explain(plan, id, arena, &report, err));
        return output_write(output, report, err);
    }
    TRY(cleanup_put_proof(plan, &page, err));
    return page_print(&page, conf_text(conf, OPT_OUTPUT), err);
}

/* ---- the purge as T-SQL ---------------------------------------------------------------------- */

/* What T-SQL within the server cannot do, and what contradicts printing. */
static Rc check_carried(const Conf *conf, Err *err)
{
    static const OptId refused[] = {OPT_EXECUTE,       OPT_PROOF,     OPT_EXPLAIN_OPERATION,
                                    OPT_EXACT,         OPT_STOP_FILE, OPT_LEDGER,
                                    OPT_REBUILD_HEAPS, OPT_FROM,      OPT_ARCHIVE_WHAT,
                                    OPT_ARCHIVE_KEEP};
    const char *archive = conf_text(conf, OPT_ARCHIVE);

    if (archive) {
        (void)FAIL(err, RC_USAGE, "a script cannot carry --archive (%s)",
                   conf_origin(conf, OPT_ARCHIVE));
        return err_hint(
            err, "T-SQL writes no file: let a job run 'ssisminer cleanup --archive', or print "
                 "the script without it, as with --config /dev/null");
    }
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        if (!conf_is_given(conf, refused[i]))
            continue;
        (void)FAIL(err, RC_USAGE, "a script cannot carry --%s", opt_spec(refused[i])->flag);
        return err_hint(err, refused[i] == OPT_EXECUTE
                                 ? "--script prints what a job is to run, and runs nothing"
                                 : "leave it out, or let a job run 'ssisminer cleanup'");
    }
    if (conf_choice_method(conf) != CHOICE_METHOD_PROCEDURE)
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "a script cannot carry --method procedure");
    return err_hint(err, "a job that calls the shipped procedure needs no script: EXECUTE "
                         "internal.cleanup_server_retention_window_exclusive;");
}

/* A server that a file or the environment names is not asked: the script is for any. */
static bool is_for_server(const Conf *conf)
{
    return conf_is_given(conf, OPT_SERVER) || conf_is_given(conf, OPT_DSN) ||
           conf_is_given(conf, OPT_SANDBOX);
}

static Rc print_script(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(connect_close) Connection connection = {0};
    AUTO(buf_done) Buf page = BUF(PAGE_MAX_BYTES);
    const CleanupScript script = {.kind = conf_choice_script(conf) == CHOICE_SCRIPT_PROCEDURE
                                              ? CLEANUP_SCRIPT_PROCEDURE
                                              : CLEANUP_SCRIPT_JOB,
                                  .progress_ms = ms_of(conf, OPT_PROGRESS_INTERVAL),
                                  .is_meant = conf_flag(conf, OPT_YES)};
    const char *output = conf_text(conf, OPT_OUTPUT);
    CleanupWish wish;
    Ssisdb *db = NULL;

    TRY(check_carried(conf, err));
    wish_read(conf, &arena, &wish);
    if (is_for_server(conf)) {
        TRY(connect_open(conf, "cleanup", &connection, err));
        TRY(ssisdb_probe(connection.tds, &arena, &db, err));
    }
    TRY(conf_refuse_unread(conf, "cleanup --script", err));
    TRY(cleanup_put_script(db, &wish, &script, &page, err));
    return page_print(&page, output, err);
}

/* The answer would take the place of the ledger, or of the archive, and one of them that says stop
 * stops every run. */
static Rc check_files(const Conf *conf, Err *err)
{
    static const OptId files[] = {OPT_LEDGER, OPT_ARCHIVE, OPT_OUTPUT, OPT_STOP_FILE, OPT_FROM};

    for (size_t i = 0; i < 2; i++)
        for (size_t k = i + 1; k < ARRAY_LEN(files); k++) {
            const char *one = conf_text(conf, files[i]), *other = conf_text(conf, files[k]);
            if (one && other && file_is_same(one, other))
                return FAIL(err, RC_USAGE, "--%s and --%s are one file, '%s': name two",
                            opt_spec(files[i])->flag, opt_spec(files[k])->flag, one);
        }
    return RC_OK;
}

/* ---- the command ----------------------------------------------------------------------------- */

static Rc cleanup_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(output_close) Output output = {0};
    AUTO(connect_close) Connection connection = {0};
    AUTO(ledger_close_at) Ledger *ledger = NULL;
    CleanupWish wish;
    Ssisdb *db = NULL;
    CleanupPlan *plan = NULL;

    if (conf_text(conf, OPT_SCRIPT))
        return print_script(conf, err);
    TRY(check_shown(conf, err));
    wish_read(conf, &arena, &wish);
    TRY(read_archive(conf, &arena, &wish, err));
    if (!conf_flag(conf, OPT_PROOF))
        TRY(output_open(conf, &output, err));
    TRY(check_files(conf, err));
    if (conf_flag(conf, OPT_EXECUTE))
        TRY(ledger_open(conf_text(conf, OPT_LEDGER), &ledger, err));
    TRY(connect_open(conf, "cleanup", &connection, err));
    TRY(ssisdb_probe(connection.tds, &arena, &db, err));
    if (shows_rule(conf))
        return show_rule(conf, db, &wish, &output, &arena, err);
    CONNECT_READ(&connection, cleanup_plan(db, &wish, &arena, &plan, err), err);
    if (conf_flag(conf, OPT_EXECUTE)) {
        TRY(confirm(conf, plan, &arena, err));
        return execute_archived(conf, db, &wish, plan, ledger, &output, &arena, err);
    }
    output.style.is_screen = !conf_flag(conf, OPT_ALL);
    TRY(write_report(plan, NULL, &output, &arena, err));
    return plan->method == CLEANUP_NONE ? refuse_rights(plan, err) : RC_OK;
}

const Command cmd_cleanup = {
    .name = "cleanup",
    .args = "",
    .summary = "Plan or do the purge of operations past their retention",
    .details =
        "Shows what is past its retention: operations by status, rows by table, oldest and newest, "
        "what stays and why. Nothing is deleted, and nothing is written, without --execute. Text "
        "is the first screen, with every number, cutoff and warning of the plan and the tables "
        "that lose most; --all names all tables, and the statements that help.\n"
        "\n"
        "With --execute it deletes, oldest first, in small statements of their own that adapt to "
        "the server: children before parents, never a live operation, never one younger than the "
        "cutoff. It can be stopped at any time; the next run goes on. A login that may only call "
        "the shipped procedure calls that.\n"
        "\n"
        "At a terminal --execute asks for the number of operations to be typed, unless --yes is "
        "given. Without one, keeping less than half of what the last run by the same filter kept "
        "(by --ledger; without a record, of RETENTION_WINDOW) is taken for a slip and refused, "
        "unless --yes is given.\n"
        "\n"
        "--explain-operation says which clause of the rule keeps or dooms one operation; --proof "
        "prints read-only statements that return exactly what is about to go.\n"
        "\n"
        "--script prints the same purge as one batch of T-SQL for an elastic job, SQL Agent or "
        "Data Factory, where this program cannot run; --script procedure one that is installed and "
        "called. Nothing is run. It needs no server; with -S it is for that one.\n"
        "\n"
        "The exit status is 6 when work remains (--time-limit, --stop-file), 75 when another "
        "cleanup is running, 5 when the login may not clean up.\n"
        "\n"
        "    ssisminer cleanup --exact\n"
        "    ssisminer cleanup --keep 30d --proof -o proof.sql\n"
        "    ssisminer cleanup --execute --keep 30d --keep-failed 180d --time-limit 2h\n"
        "    ssisminer cleanup --script --keep 30d --time-limit 2h -o purge.sql\n"
        "    ssisminer cleanup --execute --ledger /var/lib/ssisminer/ledger.ndjson",
    .takes = BY_CLEANUP,
    .cannot_be_undone = true,
    .first = {OPT_SERVER, OPT_EXECUTE, OPT_KEEP, OPT_KEEP_FAILED, OPT_FOLDER, OPT_PACKAGE,
              OPT_METHOD, OPT_TIME_LIMIT},
    .run = cleanup_run,
};
