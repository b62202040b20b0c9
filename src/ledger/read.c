#include "ssisminer/ledger/ledger.h"

#include "ssisminer/base/str.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static bool is_of(const cJSON *line, const char *key, const char *wanted)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(line, key));

    return text && wanted && str_same_fold(text, wanted);
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

Rc ledger_last(const char *path, const char *server, const char *database, Arena *arena,
               LedgerRecord *ret_record, Err *err)
{
    AUTO(stream_close_at) FILE *stream = path ? fopen(path, "re") : NULL;
    AUTO(text_free_at) char *text = NULL;
    LedgerRecord record = {0};
    size_t size = 0;
    ssize_t len;

    if (path && !stream && errno != ENOENT)
        return FAIL(err, RC_USAGE, "cannot read the ledger '%s': %s", path, strerror(errno));
    while (stream && (len = getline(&text, &size, stream)) > 0) {
        AUTO(json_free_at) cJSON *line = cJSON_ParseWithLength(text, (size_t)len);
        bool is_run = is_of(line, "ledger", "run");
        if (!is_run && !is_of(line, "ledger", "begin"))
            continue;
        if (is_of(line, "server", server) && is_of(line, "database", database))
            record = record_of(line, is_run, arena);
    }
    *ret_record = record;
    return RC_OK;
}
