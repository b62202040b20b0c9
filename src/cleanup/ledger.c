/* The ledger: what each run took away, a line per table, appended. */
#include "internal.h"

#include "ssisminer/base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { LEDGER_MAX_BYTES = 64 * 1024 };

static void put_text(Buf *out, const char *key, const char *text)
{
    buf_printf(out, ",\"%s\":", key);
    if (!text) {
        buf_puts(out, "null");
        return;
    }
    buf_putc(out, '"');
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\')
            buf_printf(out, "\\%c", *c);
        else if ((unsigned char)*c < 0x20)
            buf_printf(out, "\\u%04x", (unsigned)*c);
        else
            buf_putc(out, *c);
    }
    buf_putc(out, '"');
}

static void put_time(Buf *out, const char *key, Instant at)
{
    char text[TIME_TEXT_MAX];

    time_iso_utc(at, 3, text);
    put_text(out, key, at.is_set ? text : NULL);
}

static void put_count(Buf *out, const char *key, int64_t count)
{
    buf_printf(out, ",\"%s\":%" PRId64, key, count);
}

/* What all lines of a run have in common, so that each can be read alone. */
static void put_head(Buf *out, const char *kind, const CleanupPlan *plan, const CleanupRun *run)
{
    buf_printf(out, "{\"ledger\":\"%s\"", kind);
    put_time(out, "started", run->started);
    put_text(out, "server", plan->db->server_name);
    put_text(out, "database", plan->db->database_name);
    put_text(out, "method", cleanup_method_name(plan->method));
    put_time(out, "cutoff", plan->cutoff);
}

static void put_table(Buf *out, const CleanupPlan *plan, const CleanupRun *run,
                      const CleanupTable *table)
{
    put_head(out, "table", plan, run);
    put_text(out, "table", table->name);
    put_count(out, "rows", table->deleted_rows);
    put_count(out, "statements", table->statements);
    put_count(out, "total_ms", table->total_ms);
    put_count(out, "longest_ms", table->longest_ms);
    buf_puts(out, "}\n");
}

static void put_run(Buf *out, const CleanupPlan *plan, const CleanupRun *run)
{
    put_head(out, "run", plan, run);
    put_time(out, "ended", run->ended);
    put_count(out, "elapsed_ms", run->elapsed_ms);
    put_text(out, "end", cleanup_end_text(run->end));
    put_count(out, "operations", run->operations);
    put_count(out, "rows", run->rows);
    put_count(out, "statements", run->statements);
    put_count(out, "longest_ms", run->longest_ms);
    put_count(out, "keys_dropped", run->keys_dropped);
    put_count(out, "sessions", run->sessions);
    buf_puts(out, "}\n");
}

static Rc fail(const char *path, Err *err)
{
    return FAIL(err, RC_USAGE, "cannot append to the ledger '%s': %s", path, strerror(errno));
}

static int open_to_append(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

Rc cleanup_ledger_check(const char *path, Err *err)
{
    int fd = open_to_append(path);

    if (fd < 0)
        return fail(path, err);
    (void)close(fd);
    return RC_OK;
}

/* All lines in one write, so that those of two programs do not mix. */
static Rc append(const char *path, const Buf *lines, Err *err)
{
    int fd = open_to_append(path);

    if (fd < 0)
        return fail(path, err);
    ssize_t written = write(fd, buf_text(lines), lines->len);
    bool is_whole = written >= 0 && (size_t)written == lines->len;
    Rc rc = is_whole ? RC_OK : fail(path, err);
    if (close(fd) != 0 && rc == RC_OK)
        rc = fail(path, err);
    return rc;
}

Rc cleanup_ledger(const char *path, const CleanupPlan *plan, const CleanupRun *run, Err *err)
{
    AUTO(buf_done) Buf lines = BUF(LEDGER_MAX_BYTES);

    for (size_t i = 0; i < plan->table_count; i++)
        if (plan->tables[i].statements > 0)
            put_table(&lines, plan, run, &plan->tables[i]);
    put_run(&lines, plan, run);
    TRY(buf_check(&lines, "the ledger", err));
    return append(path, &lines, err);
}
