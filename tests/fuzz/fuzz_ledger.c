/*
 * Any texts and counts in the ledger: every line is JSON that parses, alone in its line, with no
 * byte that a terminal obeys, and the last run is read back as it was; and any bytes before them
 * in the file change nothing of that.
 *
 * Input: bytes of the file to a NUL, then server, database, keep_from, end, each to a NUL, then
 * three counts of eight bytes.
 */
#include "fuzz.h"

#include "ssisminer/base/file.h"
#include "ssisminer/base/term.h"
#include "ssisminer/base/utf.h"
#include "ssisminer/ledger/ledger.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *safe_of(const char *text, Arena *arena)
{
    AUTO(buf_done) Buf safe = BUF(64 * 1024);

    term_put_safe(&safe, text, strlen(text), true);
    return arena_text(arena, buf_text(&safe));
}

static void check_lines(const char *path, size_t skip, Arena *arena)
{
    Str all = {0}, line;
    Err err = {0};
    size_t lines = 0;

    must(file_read(path, 1 << 20, arena, &all, &err) == RC_OK);
    all = (Str){all.at + skip, all.len - skip};
    if (skip > 0 && all.len > 0 && all.at[0] == '\n')
        all = (Str){all.at + 1, all.len - 1};
    while (str_split(&all, '\n', &line) && line.len > 0) {
        cJSON *json = cJSON_ParseWithLength(line.at, line.len);
        must(json && cJSON_IsObject(json));
        cJSON_Delete(json);
        for (size_t at = 0, used; at < line.len; at += used)
            must(!term_obeys(utf_next(line.at + at, line.len - at, &used)));
        lines++;
    }
    must(lines == 3);
}

static int64_t positive(int64_t count)
{
    return count < 0 ? -(count + 1) : count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(ledger_close_at) Ledger *ledger = NULL;
    Input input = {data, size};
    char path[64];
    Err err = {0};
    LedgerRecord record = {0};

    if (size > 4000)
        return 0;
    const char *before = take_text(&input, &arena);
    LedgerHead head = {.started = time_instant(TICKS_UNIX_EPOCH, 0),
                       .cutoff = time_instant(TICKS_UNIX_EPOCH - TICKS_PER_DAY, 0),
                       .keep_ticks = TICKS_PER_DAY,
                       .method = "batched"};
    head.server = safe_of(take_text(&input, &arena), &arena);
    head.database = safe_of(take_text(&input, &arena), &arena);
    head.keep_from = take_text(&input, &arena);
    LedgerRun run = {.ended = time_instant(TICKS_UNIX_EPOCH, 0), .end = take_text(&input, &arena)};
    int64_t doomed = positive(take_i64(&input));
    run.operations = positive(take_i64(&input));
    run.rows = positive(take_i64(&input));
    LedgerTable table = {.name = head.keep_from, .rows = run.rows};

    int fd = memfd_create("ledger", 0);
    must(fd >= 0 && write(fd, before, strlen(before)) == (ssize_t)strlen(before));
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    must(ledger_open(path, &ledger, &err) == RC_OK);
    must(ledger_begin(ledger, &head, doomed, &err) == RC_OK);
    must(ledger_tables(ledger, &head, &table, 1, &err) == RC_OK);
    must(ledger_end(ledger, &head, &run, &err) == RC_OK);
    check_lines(path, strlen(before), &arena);
    must(ledger_last(path, &(LedgerWanted){head.server, head.database, head.filter}, &arena,
                     &record, &err) == RC_OK);
    must(record.is_found && record.is_ended && record.keep_ticks == TICKS_PER_DAY);
    must(str_same(record.end, safe_of(run.end, &arena)));
    must(str_same(record.keep_from, safe_of(head.keep_from, &arena)));
    if (run.rows < INT64_C(1) << 53)
        must(record.rows == run.rows);
    (void)close(fd);
    return 0;
}
