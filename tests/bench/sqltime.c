/*
 * Sends one batch again and again and says how long it took: the writer beside a purge, and the
 * purge that it is compared with.
 *
 *   sqltime FILE [STOPFILE]   once; with STOPFILE, until that exists
 *
 * The server comes from SSISMINER_TEST_SERVER, _USER, _PASSWORD, _DATABASE. Prints
 * "runs=N rows=N total_ms=N longest_ms=N".
 */
#include "../../src/tds/driver.h"
#include "ssisminer/base/file.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/stop.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX_BYTES = 1024 * 1024, PAUSE_MS = 2 };

typedef struct Tally {
    int64_t runs, rows, total_ms, longest_ms;
} Tally;

static Rc open_server(Tds **ret_tds, Err *err)
{
    const char *tls = getenv("SSISMINER_TEST_TLS");
    const TdsTarget target = {
        .server = getenv("SSISMINER_TEST_SERVER"),
        .user = getenv("SSISMINER_TEST_USER"),
        .password = getenv("SSISMINER_TEST_PASSWORD"),
        .database = getenv("SSISMINER_TEST_DATABASE"),
        .encrypt = str_same(tls, "off") ? TDS_ENCRYPT_OFF : TDS_ENCRYPT_REQUIRE,
        .trust_certificate = true,
        .login_timeout_s = 30,
        .query_timeout_s = 3600,
        .application = "ssisminer bench",
    };

    return tds_open(&target, ret_tds, err);
}

static Rc run_once(Tds *tds, const SqlAsset *asset, Tally *tally, Err *err)
{
    int64_t affected = 0, start_ms = time_monotonic_ms();

    TRY(tds_exec_asset(tds, asset, NULL, 0, &affected, err));
    int64_t ms = time_monotonic_ms() - start_ms;
    tally->runs++;
    tally->rows += affected;
    tally->total_ms += ms;
    tally->longest_ms = ms > tally->longest_ms ? ms : tally->longest_ms;
    return RC_OK;
}

static Rc run(const char *path, const char *stop_file, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(tds_close_at) Tds *tds = NULL;
    Str text;
    Tally tally = {0};

    TRY(file_read(path, FILE_MAX_BYTES, &arena, &text, err));
    const SqlLine line = {.text = arena_copy(&arena, text.at, text.len)};
    const SqlAsset asset = {.name = path, .lines = &line, .line_count = 1};
    TRY(open_server(&tds, err));
    do {
        TRY(run_once(tds, &asset, &tally, err));
        if (stop_file)
            TRY(stop_sleep_ms(PAUSE_MS, err));
    } while (stop_file && !file_exists(stop_file));
    (void)printf("runs=%" PRId64 " rows=%" PRId64 " total_ms=%" PRId64 " longest_ms=%" PRId64 "\n",
                 tally.runs, tally.rows, tally.total_ms, tally.longest_ms);
    return RC_OK;
}

int main(int argc, char **argv)
{
    Err err = {0};

    if (argc < 2)
        return EXIT_FAILURE;
    if (run(argv[1], argc > 2 ? argv[2] : NULL, &err) == RC_OK)
        return EXIT_SUCCESS;
    log_error(&err);
    return (int)err.rc;
}
