/* The purge as T-SQL: a statement of sql/ with its options as declarations, printed instead of
 * sent. */
#include "like.h"
#include "plan.h"

#include "ssisminer/base/term.h"
#include "ssisminer/ssisdb/log_tables.h"

#include <inttypes.h>
#include <string.h>

enum { SCRIPT_MAX_BYTES = 512 * 1024, TITLE_MAX_BYTES = 4096, NAME_BYTES = 200 };

typedef struct Printed {
    const Ssisdb *db; // NULL: for every server
    const CleanupWish *wish;
    const CleanupScript *script;
} Printed;

/* ---- the options ----------------------------------------------------------------------------- */

enum { UNSET = -1 };

static int64_t seconds_of(int64_t ticks)
{
    return ticks > 0 ? ticks / TICKS_PER_SECOND : UNSET;
}

typedef enum OptionId {
    KEEP_SECONDS,
    KEEP_FAILED_SECONDS,
    KEEP_UNDER_A_DAY,
    YES,
    BATCH_ROWS,
    BATCH_MS,
    SLEEP_MS,
    MAX_LOAD_PERCENT,
    TIME_LIMIT_SECONDS,
    PROGRESS_MS,
    PROJECT_VERSIONS,
    IS_FILTERED,
    OPTION_COUNT
} OptionId;

static const struct {
    const char *name, *type, *says;
} options[OPTION_COUNT] = {
    [KEEP_SECONDS] = {"keep_seconds", "int",
                      "keep what ended within so many seconds; NULL: by the catalog's "
                      "RETENTION_WINDOW"},
    [KEEP_FAILED_SECONDS] = {"keep_failed_seconds", "int",
                             "keep what failed for so many seconds; NULL: as the others"},
    [KEEP_UNDER_A_DAY] = {"keep_under_a_day", "bit", "1: @keep_seconds may be less than a day"},
    [YES] = {"yes", "bit", "1: keeping less than half of RETENTION_WINDOW is meant"},
    [BATCH_ROWS] = {"batch_rows", "int",
                    "most rows of one statement; above 4000 the server may lock whole tables"},
    [BATCH_MS] = {"batch_ms", "int",
                  "milliseconds that a statement should take; batches grow and shrink to meet it"},
    [SLEEP_MS] = {"sleep_ms", "int", "milliseconds of rest after each statement"},
    [MAX_LOAD_PERCENT] = {"max_load_percent", "int",
                          "wait while an Azure SQL database uses more of its log rate, data IO or "
                          "CPU"},
    [TIME_LIMIT_SECONDS] = {"time_limit_seconds", "int",
                            "stop after so many seconds, the next run goes on; 0: when all is "
                            "done"},
    [PROGRESS_MS] = {"progress_ms", "int", "milliseconds between messages of progress; 0: none"},
    [PROJECT_VERSIONS] = {"project_versions", "bit",
                          "1: call the shipped purge of project versions too"},
    [IS_FILTERED] = {"is_filtered", "bit",
                     "1: the conditions on internal.executions further down are a filter"},
};

static int64_t option_value(const Printed *printed, OptionId id)
{
    const CleanupWish *wish = printed->wish;
    const int64_t values[OPTION_COUNT] = {
        [KEEP_SECONDS] = seconds_of(wish->keep_ticks),
        [KEEP_FAILED_SECONDS] = seconds_of(wish->keep_failed_ticks),
        [KEEP_UNDER_A_DAY] = wish->may_keep_under_a_day,
        [YES] = printed->script->is_meant,
        [BATCH_ROWS] = wish->batch_rows,
        [BATCH_MS] = wish->batch_time_ms,
        [SLEEP_MS] = wish->sleep_ms,
        [MAX_LOAD_PERCENT] = wish->max_load_percent,
        [TIME_LIMIT_SECONDS] = (wish->time_limit_ms + 999) / 1000,
        [PROGRESS_MS] = printed->script->progress_ms,
        [PROJECT_VERSIONS] = wish->project_versions,
        [IS_FILTERED] = !execution_filter_is_open(&wish->filter),
    };

    return values[id];
}

/* "30 d 0 h; keep what …": a number of seconds says little to a reader. */
static void put_says(Buf *out, OptionId id, int64_t value)
{
    char text[TIME_TEXT_MAX];
    bool is_long = strstr(options[id].name, "_seconds") && value >= 120;

    time_duration_text(value * TICKS_PER_SECOND, text);
    buf_printf(out, " /* %s%s%s */\n", is_long ? text : "", is_long ? "; " : "", options[id].says);
}

static void put_options(Buf *out, const Printed *printed)
{
    bool is_procedure = printed->script->kind == CLEANUP_SCRIPT_PROCEDURE;
    char number[32];

    for (OptionId id = 0; id < OPTION_COUNT; id++) {
        int64_t value = option_value(printed, id);
        if (is_procedure && id == IS_FILTERED)
            continue; // no caller has a say in it
        (void)snprintf(number, sizeof(number), "%" PRId64, value);
        bool is_last = id + 2 == OPTION_COUNT;
        buf_printf(out, "%s@%s %s = %s%s", is_procedure ? "    " : "DECLARE ", options[id].name,
                   options[id].type, value == UNSET ? "NULL" : number,
                   !is_procedure ? ";"
                   : is_last     ? ""
                                 : ",");
        put_says(out, id, value);
    }
}

/* ---- the filter ------------------------------------------------------------------------------ */

/* As a literal of T-SQL; of $(x) sqlcmd would make a variable. */
static void put_said(Buf *out, const char *option, const char *glob)
{
    buf_printf(out, "(N'--%s !", option);
    for (const char *at = glob; *at; at++)
        if (*at == '\'')
            buf_puts(out, "''");
        else if (*at == '$')
            buf_puts(out, "$' + N'");
        else
            buf_putc(out, *at);
    buf_putc(out, '\'');
}

/* What is left out, by the row that stands for it. */
static void put_left_out(Buf *out, Str row, const char *option, int kind, const char *const *globs,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (globs[i][0] != '!')
            continue;
        buf_put(out, row.at, row.len);
        put_said(out, option, globs[i] + 1);
        buf_printf(out, ", %d, N'", kind);
        like_put_pattern(out, globs[i] + 1);
        buf_puts(out, "');\n");
    }
}

static const char left_out_row[] = "(N'', 0, N''); /* one for each */";

/* False: the line is another one. */
static bool take_left_out(Buf *out, const char *line, const ExecutionFilter *filter)
{
    const char *values = strstr(line, left_out_row);
    Str row = {line, values ? (size_t)(values - line) : 0};

    if (!values)
        return false;
    put_left_out(out, row, "folder", 1, filter->folders, filter->folder_count);
    put_left_out(out, row, "project", 2, filter->projects, filter->project_count);
    put_left_out(out, row, "package", 3, filter->packages, filter->package_count);
    return true;
}

/* ---- the text -------------------------------------------------------------------------------- */

/* Of "internal.jobs.id, internal.tasks": all that a line needs. */
static bool is_there(const Printed *printed, const char *needs)
{
    Str rest = str_of(needs ? needs : ""), one;

    while (printed->db && needs && str_split(&rest, ',', &one)) {
        char name[NAME_BYTES];
        one = str_trim(one);
        (void)snprintf(name, sizeof(name), "%.*s", STR_FMT(one));
        if (!ssisdb_has(printed->db, name))
            return false;
    }
    return true;
}

static bool starts_paragraph(const char *line)
{
    return str_starts(line, "/*") || str_starts(line, "WHILE ");
}

/* T-SQL takes no variable for a time-out of locks: the number stands where it is used. */
static void put_line(Buf *out, const Printed *printed, const char *line)
{
    static const char lock_timeout[] = "SET LOCK_TIMEOUT @lock_timeout_ms;";

    if (str_same(line, lock_timeout)) {
        buf_printf(out,
                   "SET LOCK_TIMEOUT %" PRId64 "; /* milliseconds that a statement waits for a "
                   "lock, before a smaller one is tried; T-SQL takes no variable here */\n",
                   printed->wish->lock_timeout_ms);
        return;
    }
    if (take_left_out(out, line, &printed->wish->filter))
        return;
    if (starts_paragraph(line))
        buf_putc(out, '\n');
    buf_printf(out, "%s\n", line);
}

static void put_body(Buf *out, const Printed *printed)
{
    AUTO(buf_done) Buf body = BUF(SCRIPT_MAX_BYTES);
    const SqlAsset *asset = sql_asset(SQL_CLEANUP_SCRIPT);

    if (printed->script->kind == CLEANUP_SCRIPT_PROCEDURE)
        buf_printf(&body, "DECLARE @is_filtered bit = %d;\n",
                   !execution_filter_is_open(&printed->wish->filter));
    for (size_t i = 0; i < asset->line_count; i++)
        if (is_there(printed, asset->lines[i].needs))
            put_line(&body, printed, asset->lines[i].text);
    like_put_filtered(out, buf_text(&body), &printed->wish->filter);
}

static void put_title(Buf *out, const Printed *printed)
{
    AUTO(buf_done) Buf safe = BUF(TITLE_MAX_BYTES);
    AUTO(arena_done) Arena arena = {0};
    const char *title = printed->db ? ssisdb_title(printed->db, &arena) : "every server";

    term_put_safe(&safe, title, strlen(title), true);
    buf_puts(out, "/* Deletes operations of the SSIS catalog that are past their retention, as "
                  "'ssisminer cleanup --execute' does\n   (docs/cleanup.md). Run it in the "
                  "catalog's database, SSISDB. It may be ended at any time: what it deleted is "
                  "deleted,\n   the next run goes on. It returns one row that says what came of "
                  "it, and raises an error where somebody has to look.\n   Printed for ");
    for (const char *at = buf_text(&safe); *at;
         at++) // no end of this comment, no variable of sqlcmd
        buf_putc(out, strchr("*/$", *at) ? ' ' : *at);
    buf_puts(out, ". */\n");
}

/* In a batch of its own, with the options that are kept with it. */
static void put_procedure_head(Buf *out)
{
    buf_puts(out, "SET QUOTED_IDENTIFIER ON;\nSET ANSI_NULLS ON;\nGO\n"
                  "IF OBJECT_ID(N'dbo.ssisminer_cleanup') IS NOT NULL\n"
                  "    DROP PROCEDURE dbo.ssisminer_cleanup;\nGO\n"
                  "CREATE PROCEDURE dbo.ssisminer_cleanup\n");
}

static Rc put_all(Buf *out, const Printed *printed, Err *err)
{
    bool is_procedure = printed->script->kind == CLEANUP_SCRIPT_PROCEDURE;

    put_title(out, printed);
    if (is_procedure)
        put_procedure_head(out);
    put_options(out, printed);
    if (is_procedure)
        buf_puts(out, "AS\n");
    put_body(out, printed);
    if (is_procedure)
        buf_puts(out, "GO\n");
    return buf_check(out, "the script", err);
}

/* ---- for one server -------------------------------------------------------------------------- */

static Rc check_server(const Printed *printed, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    const LedgerRecord none = {0};
    Err why = {0};
    CleanupWish wish = *printed->wish;
    CleanupPlan *plan = NULL;

    wish.method = CLEANUP_BATCHED;
    TRY(cleanup_rule(printed->db, &wish, &arena, &plan, err));
    TRY(plan_tables(plan, &arena, err));
    if (plan->unknown_child) {
        (void)FAIL(err, RC_QUERY, "table %s refers to the operation log and is unknown here",
                   plan->unknown_child);
        return err_hint(err, "the script would stop at it: drop its foreign key, if its rows may "
                             "stay behind");
    }
    if (printed->script->is_meant || cleanup_check_keep(plan, &none, &why) == RC_OK)
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "%s", why.text);
    return err_hint(err, "the script would refuse it; if it is meant, add --yes");
}

Rc cleanup_put_script(const Ssisdb *db, const CleanupWish *wish, const CleanupScript *script,
                      Buf *out, Err *err)
{
    const Printed printed = {db, wish, script};

    TRY(plan_check_wish(wish, err));
    TRY(like_check(&wish->filter, err));
    if (db)
        TRY(check_server(&printed, err));
    return put_all(out, &printed, err);
}
