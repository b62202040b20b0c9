/* The rule as statements that a person can run before the first delete. */
#include "judge.h"

#include "ssisminer/base/term.h"

#include <string.h>

enum { STATEMENT_MAX_BYTES = 256 * 1024, TITLE_MAX_BYTES = 4096 };

/* What stands in the statements where the filter belongs; always true, as the id is the key. */
static const char place[] = "AND o.operation_id IS NOT NULL\n";

/* ---- a glob as LIKE ----------------------------------------------------------------------------
 */

static void put_quoted_char(Buf *out, char c)
{
    if (c == '\'')
        buf_puts(out, "''");
    else if (c == '%' || c == '_' || c == '[' || c == '$') // of $(x) sqlcmd makes a variable
        buf_printf(out, "[%c]", c);
    else
        buf_putc(out, c);
}

static void put_pattern(Buf *out, const char *glob)
{
    for (; *glob; glob++) {
        if (str_glob_is_escape(glob)) {
            put_quoted_char(out, glob[1]);
            glob += 2;
        } else if (*glob == '*')
            buf_putc(out, '%');
        else if (*glob == '?')
            buf_putc(out, '_');
        else
            put_quoted_char(out, *glob);
    }
}

/* A package is meant with and without its ending. */
static void put_like(Buf *out, const char *column, const char *glob)
{
    bool is_package = strcmp(column, "e.package_name") == 0;

    buf_printf(out, "%s%s LIKE N'", is_package ? "(" : "", column);
    put_pattern(out, glob);
    if (is_package) {
        buf_printf(out, "' OR %s LIKE N'", column);
        put_pattern(out, glob);
        buf_puts(out, ".dtsx')");
    } else {
        buf_putc(out, '\'');
    }
}

/* Any of those without !, none of those with. */
static void put_list(Buf *out, const char *margin, const char *column, const char *const *globs,
                     size_t count)
{
    const char *before = "AND (";

    for (size_t i = 0; i < count; i++) {
        if (globs[i][0] != '!')
            continue;
        buf_puts(out, "AND NOT ");
        put_like(out, column, globs[i] + 1);
        buf_printf(out, "\n%s", margin);
    }
    for (size_t i = 0; i < count; i++) {
        if (globs[i][0] == '!')
            continue;
        buf_puts(out, before);
        put_like(out, column, globs[i]);
        before = " OR ";
    }
    if (strcmp(before, "AND (") != 0)
        buf_printf(out, ")\n%s", margin);
}

static void put_filter(Buf *out, const char *margin, const ExecutionFilter *filter)
{
    buf_printf(out, "AND e.execution_id IS NOT NULL\n%s", margin);
    put_list(out, margin, "e.folder_name", filter->folders, filter->folder_count);
    put_list(out, margin, "e.project_name", filter->projects, filter->project_count);
    put_list(out, margin, "e.package_name", filter->packages, filter->package_count);
}

/* ---- the statements ----------------------------------------------------------------------------
 */

/* The statement with the filter in its place. */
static void put_filtered(Buf *out, const char *text, const CleanupPlan *plan)
{
    const char *at = strstr(text, place), *line = at;
    char margin[32] = "";

    while (line && line > text && line[-1] == ' ')
        line--;
    if (!at || (size_t)(at - line) >= sizeof(margin)) {
        buf_puts(out, text);
        return;
    }
    (void)memset(margin, ' ', (size_t)(at - line));
    buf_put(out, text, (size_t)(line - text));
    if (judge_has_filter(plan)) {
        AUTO(buf_done) Buf filter = BUF(STATEMENT_MAX_BYTES);
        put_filter(&filter, margin, &plan->wish->filter);
        buf_puts(out, margin);
        buf_put(out, buf_text(&filter), filter.len - strlen(margin)); // the last margin is unused
    }
    buf_puts(out, at + strlen(place));
}

/* What is in the loose tables for operations that are gone. */
static Rc put_orphans(Buf *out, const CleanupPlan *plan, Err *err)
{
    AUTO(buf_done) Buf text = BUF(STATEMENT_MAX_BYTES);
    const TdsArg args[] = {{.name = "last_id", .i64 = plan->orphans_up_to}};

    if (plan->orphans_up_to <= 0)
        return RC_OK;
    tds_put_script(plan->db->tds, SQL_CLEANUP_ORPHANS, args, ARRAY_LEN(args), &text);
    buf_puts(out, "\n-- How many rows whose operation is gone already:\n");
    buf_puts(out, buf_text(&text));
    buf_puts(out, "GO\n");
    return buf_check(&text, "the statement", err);
}

static Rc put_statement(Buf *out, const CleanupPlan *plan, SqlId id, Err *err)
{
    AUTO(buf_done) Buf text = BUF(STATEMENT_MAX_BYTES);
    const TdsArg args[] = {
        {.name = "cutoff", .time = plan->cutoff},
        {.name = "failed_cutoff", .time = plan->failed_cutoff},
        {.name = "with_created", .i64 = true},
    };

    tds_put_script(plan->db->tds, id, args, ARRAY_LEN(args), &text);
    TRY(buf_check(&text, "the statement", err));
    put_filtered(out, buf_text(&text), plan);
    buf_puts(out, "GO\n");
    return RC_OK;
}

static void put_line(Buf *out, const char *what, int64_t ticks, const char *origin)
{
    AUTO(buf_done) Buf safe = BUF(TITLE_MAX_BYTES);
    char text[TIME_TEXT_MAX];

    time_duration_text(ticks, text);
    term_put_safe(&safe, origin, strlen(origin), true);
    buf_printf(out, "-- %s %s (%s).\n", what, text, buf_text(&safe));
}

Rc cleanup_put_proof(const CleanupPlan *plan, Buf *out, Err *err)
{
    if (plan->method == CLEANUP_PROCEDURE) {
        (void)FAIL(err, RC_USAGE,
                   "the shipped procedure has a rule of its own, which --proof "
                   "cannot show");
        return err_hint(err, "--method batched shows, and does, what the rule in docs/cleanup.md "
                             "says");
    }
    buf_puts(
        out,
        "-- What 'ssisminer cleanup --execute' by the same options would delete. Reads only.\n");
    put_line(out, "Keeps", plan->keep_ticks, plan->keep_origin);
    if (plan->wish->keep_failed_ticks > 0)
        put_line(out, "Keeps failures", plan->keep_failed_ticks, plan->keep_failed_origin);
    buf_puts(out, "\n-- The operations:\n");
    TRY(put_statement(out, plan, SQL_CLEANUP_PROOF, err));
    buf_puts(out, "\n-- How many rows of each table:\n");
    TRY(put_statement(out, plan, SQL_CLEANUP_PROOF_ROWS, err));
    TRY(put_orphans(out, plan, err));
    return buf_check(out, "the proof", err);
}
