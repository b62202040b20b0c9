/* The ledger read back: what the last cleanup of this server and database did. */
#include "ssisminer/ledger/ledger.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/term.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { TEXT_MAX_BYTES = 8 * 1024 }; // as they are written

/* Longest keep that a line may name without its ticks overflowing; a century is no slip of ours. */
#define MOST_SECONDS (INT64_C(100) * 366 * 86400)

static void json_free_at(cJSON **json)
{
    cJSON_Delete(*json);
}

static void stream_close_at(FILE **stream)
{
    if (*stream)
        (void)fclose(*stream);
}

static void text_free_at(char **text)
{
    free(*text);
}

static const char *text_of(const cJSON *line, const char *key, Arena *arena)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(line, key));

    return text ? arena_text(arena, text) : NULL;
}

static int64_t count_of(const cJSON *line, const char *key, int64_t most)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(line, key);

    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0))
        return -1;
    return item->valuedouble < (double)most ? (int64_t)item->valuedouble : most;
}

static Instant time_of(const cJSON *line, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(line, key));
    Instant at = {0};
    Err ignored;

    if (text && time_parse(text, (Instant){.is_set = true}, &at, &ignored) != RC_OK)
        at.is_set = false;
    return at;
}

/* Lines from before keep was written down: how far the cutoff lay behind. */
static int64_t keep_of(const cJSON *line, const char *key, Instant started, Instant cutoff)
{
    int64_t seconds = count_of(line, key, MOST_SECONDS);

    if (seconds >= 0)
        return seconds * TICKS_PER_SECOND;
    return started.is_set && cutoff.is_set && started.ticks > cutoff.ticks
               ? started.ticks - cutoff.ticks
               : 0;
}

/* Written down as is safe to look at: so it is looked for. */
static bool is_of(const cJSON *line, const char *key, const char *wanted)
{
    AUTO(buf_done) Buf safe = BUF(TEXT_MAX_BYTES);
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(line, key));

    if (!text || !wanted)
        return !text && !wanted;
    term_put_safe(&safe, wanted, strlen(wanted), true);
    return str_same_fold(text, buf_text(&safe));
}

static bool is_wanted(const cJSON *line, const LedgerWanted *wanted)
{
    return wanted->server && is_of(line, "server", wanted->server) && wanted->database &&
           is_of(line, "database", wanted->database) && is_of(line, "filter", wanted->filter);
}

static LedgerRecord record_of(const cJSON *line, bool is_ended, Arena *arena)
{
    LedgerRecord record = {.is_found = true,
                           .is_ended = is_ended,
                           .started = time_of(line, "started"),
                           .ended = time_of(line, "ended"),
                           .cutoff = time_of(line, "cutoff"),
                           .method = text_of(line, "method", arena),
                           .end = text_of(line, "end", arena),
                           .keep_from = text_of(line, "keep_from", arena),
                           .filter = text_of(line, "filter", arena),
                           .doomed = count_of(line, "doomed_operations", INT64_MAX / 2),
                           .operations = count_of(line, "operations", INT64_MAX / 2),
                           .rows = count_of(line, "rows", INT64_MAX / 2)};

    record.keep_ticks = keep_of(line, "keep_seconds", record.started, record.cutoff);
    record.keep_failed_ticks =
        keep_of(line, "keep_failed_seconds", record.started, time_of(line, "failed_cutoff"));
    return record;
}

/* What can be read again: a pipe that the ledger goes to would keep its reader waiting for ever. */
static Rc open_record(const char *path, FILE **ret_stream, Err *err)
{
    struct stat is;

    *ret_stream = NULL;
    if (!path)
        return RC_OK;
    if (stat(path, &is) == 0) {
        if (!S_ISREG(is.st_mode) && !S_ISDIR(is.st_mode))
            return RC_OK;
        *ret_stream = S_ISDIR(is.st_mode) ? NULL : fopen(path, "re");
        errno = S_ISDIR(is.st_mode) ? EISDIR : errno;
    }
    if (*ret_stream || errno == ENOENT)
        return RC_OK;
    return FAIL(err, RC_USAGE, "cannot read the ledger '%s': %s", path, strerror(errno));
}

Rc ledger_last(const char *path, const LedgerWanted *wanted, Arena *arena, LedgerRecord *ret_record,
               Err *err)
{
    AUTO(stream_close_at) FILE *stream = NULL;
    AUTO(text_free_at) char *text = NULL;
    LedgerRecord record = {0};
    size_t size = 0;
    ssize_t len;

    TRY(open_record(path, &stream, err));
    while (stream && (len = getline(&text, &size, stream)) > 0) {
        AUTO(json_free_at) cJSON *line = cJSON_ParseWithLength(text, (size_t)len);
        bool is_run = is_of(line, "ledger", "run");
        if (!is_run && !is_of(line, "ledger", "begin"))
            continue;
        if (is_wanted(line, wanted))
            record = record_of(line, is_run, arena);
    }
    *ret_record = record;
    return RC_OK;
}
