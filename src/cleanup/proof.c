/* The rule as statements that a person can run before the first delete. */
#include "like.h"
#include "selection.h"

#include "ssisminer/base/term.h"

#include <string.h>

enum { STATEMENT_MAX_BYTES = 256 * 1024, TITLE_MAX_BYTES = 4096 };

/* ---- the statements -------------------------------------------------------------------------- */

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
    like_put_filtered(out, buf_text(&text), &plan->wish->filter);
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
    TRY(like_check(&plan->wish->filter, err));
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
