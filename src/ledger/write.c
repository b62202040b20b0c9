/* The ledger written: what a cleanup is about to take away, and what it took. */
#include "ssisminer/ledger/ledger.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/term.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct Ledger {
    char *path;
    int fd;
};

enum { LINES_MAX_BYTES = 256 * 1024, TEXT_MAX_BYTES = 8 * 1024, NUMBER_TEXT_MAX = 24 };

/* ---- the file -------------------------------------------------------------------------------- */

static Rc fail(const Ledger *ledger, Err *err)
{
    return FAIL(err, RC_USAGE, "cannot append to the ledger '%s': %s", ledger->path,
                strerror(errno));
}

/* A run that was cut short in the middle of a line must not spoil the next one. */
static Rc end_last_line(const Ledger *ledger, Err *err)
{
    struct stat is;
    char last = '\n';

    if (fstat(ledger->fd, &is) != 0)
        return fail(ledger, err);
    if (!S_ISREG(is.st_mode) || is.st_size == 0)
        return RC_OK;
    int reading = open(ledger->path, O_RDONLY | O_CLOEXEC);
    if (reading < 0)
        return errno == EACCES ? RC_OK : fail(ledger, err); // may be for appending only
    ssize_t got = pread(reading, &last, 1, is.st_size - 1);
    (void)close(reading);
    if (got == 1 && last != '\n' && write(ledger->fd, "\n", 1) != 1)
        return fail(ledger, err);
    return RC_OK;
}

Rc ledger_open(const char *path, Ledger **ret_ledger, Err *err)
{
    if (!path) {
        *ret_ledger = NULL;
        return RC_OK;
    }
    AUTO(ledger_close_at) Ledger *ledger = mem_alloc(sizeof(*ledger));
    ledger->path = mem_text(path);
    ledger->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (ledger->fd < 0)
        return fail(ledger, err);
    TRY(end_last_line(ledger, err));
    *ret_ledger = ledger;
    ledger = NULL;
    return RC_OK;
}

void ledger_close(Ledger *ledger)
{
    if (!ledger)
        return;
    if (ledger->fd >= 0)
        (void)close(ledger->fd);
    free(ledger->path);
    free(ledger);
}

void ledger_close_at(Ledger **ledger)
{
    ledger_close(*ledger);
}

/* On the disk, or an error; a pipe or a device has no disk. */
static Rc append(const Ledger *ledger, const Buf *lines, Err *err)
{
    TRY(buf_check(lines, "the ledger's lines", err));
    ssize_t written = write(ledger->fd, buf_text(lines), lines->len);
    if (written >= 0 && (size_t)written != lines->len)
        errno = ENOSPC;
    if (written < 0 || (size_t)written != lines->len)
        return fail(ledger, err);
    if (fdatasync(ledger->fd) != 0 && errno != EINVAL && errno != EROFS && errno != ENOTSUP)
        return fail(ledger, err);
    return RC_OK;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static void json_free_at(cJSON **json)
{
    cJSON_Delete(*json);
}

/* What comes from a server must not make a terminal obey when somebody looks at the file. */
static void put_text(cJSON *line, const char *key, const char *text)
{
    AUTO(buf_done) Buf safe = BUF(TEXT_MAX_BYTES);

    if (!text) {
        (void)cJSON_AddNullToObject(line, key);
        return;
    }
    term_put_safe(&safe, text, strlen(text), true);
    (void)cJSON_AddStringToObject(line, key, buf_text(&safe));
}

/* A double would round what is larger than 2^53. */
static void put_count(cJSON *line, const char *key, int64_t count)
{
    char text[NUMBER_TEXT_MAX];

    (void)snprintf(text, sizeof(text), "%" PRId64, count);
    (void)cJSON_AddRawToObject(line, key, text);
}

static void put_time(cJSON *line, const char *key, Instant at)
{
    char text[TIME_TEXT_MAX];

    time_iso_utc(at, 3, text);
    put_text(line, key, at.is_set ? text : NULL);
}

static cJSON *new_line(const char *kind, const LedgerHead *head)
{
    cJSON *line = cJSON_CreateObject();

    put_text(line, "ledger", kind);
    put_time(line, "started", head->started);
    put_text(line, "server", head->server);
    put_text(line, "database", head->database);
    put_text(line, "login", head->login);
    put_text(line, "method", head->method);
    put_time(line, "cutoff", head->cutoff);
    put_time(line, "failed_cutoff", head->failed_cutoff);
    put_count(line, "keep_seconds", head->keep_ticks / TICKS_PER_SECOND);
    put_text(line, "keep_from", head->keep_from);
    put_count(line, "keep_failed_seconds", head->keep_failed_ticks / TICKS_PER_SECOND);
    put_text(line, "keep_failed_from", head->keep_failed_from);
    put_text(line, "filter", head->filter);
    return line;
}

static void put_line(const cJSON *line, Buf *out)
{
    char *text = cJSON_PrintUnformatted(line);

    buf_puts(out, text ? text : "");
    buf_putc(out, '\n');
    cJSON_free(text);
}

Rc ledger_begin(Ledger *ledger, const LedgerHead *head, int64_t doomed, Err *err)
{
    AUTO(buf_done) Buf lines = BUF(LINES_MAX_BYTES);

    if (!ledger)
        return RC_OK;
    AUTO(json_free_at) cJSON *line = new_line("begin", head);
    put_text(line, "program", "ssisminer " SSISMINER_VERSION);
    put_count(line, "process", getpid());
    put_count(line, "doomed_operations", doomed);
    put_line(line, &lines);
    return append(ledger, &lines, err);
}

Rc ledger_tables(Ledger *ledger, const LedgerHead *head, const LedgerTable *tables, size_t count,
                 Err *err)
{
    AUTO(buf_done) Buf lines = BUF(LINES_MAX_BYTES);

    if (!ledger || count == 0)
        return RC_OK;
    for (size_t i = 0; i < count; i++) {
        AUTO(json_free_at) cJSON *line = new_line("table", head);
        put_text(line, "table", tables[i].name);
        put_count(line, "rows", tables[i].rows);
        put_count(line, "statements", tables[i].statements);
        put_count(line, "total_ms", tables[i].total_ms);
        put_count(line, "longest_ms", tables[i].longest_ms);
        put_line(line, &lines);
    }
    return append(ledger, &lines, err);
}

static void put_archive(cJSON *line, const LedgerRun *run)
{
    put_text(line, "archive", run->archive);
    put_count(line, "archived_operations", run->archived_operations);
    put_count(line, "archived_executions", run->archived_executions);
    put_count(line, "archived_messages", run->archived_messages);
    put_count(line, "trimmed_operations", run->trimmed_operations);
    put_count(line, "archive_bytes", run->archive_bytes);
}

Rc ledger_end(Ledger *ledger, const LedgerHead *head, const LedgerRun *run, Err *err)
{
    AUTO(buf_done) Buf lines = BUF(LINES_MAX_BYTES);

    if (!ledger)
        return RC_OK;
    AUTO(json_free_at) cJSON *line = new_line("run", head);
    put_time(line, "ended", run->ended);
    put_count(line, "elapsed_ms", run->elapsed_ms);
    put_text(line, "end", run->end);
    put_count(line, "operations", run->operations);
    put_count(line, "rows", run->rows);
    put_count(line, "cascaded_rows", run->cascaded_rows);
    put_count(line, "uncertain_statements", run->uncertain);
    put_count(line, "statements", run->statements);
    put_count(line, "longest_ms", run->longest_ms);
    put_count(line, "keys_dropped", run->keys_dropped);
    put_count(line, "sessions", run->sessions);
    if (run->archive)
        put_archive(line, run);
    put_line(line, &lines);
    return append(ledger, &lines, err);
}
