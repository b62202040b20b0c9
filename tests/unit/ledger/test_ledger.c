/* The ledger: written line by line, read back, and damaged. */
#include "test.h"

#include "ssisminer/base/file.h"
#include "ssisminer/ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static Arena arena;
static char path[] = "/tmp/ledger.XXXXXX";

static int set_up(void **state)
{
    (void)state;
    (void)memcpy(path, "/tmp/ledger.XXXXXX", sizeof(path));
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(path);
    arena_done(&arena);
    return 0;
}

static const LedgerHead head = {.server = "S\"1\\\x1b[2J",
                                .database = "SSISDB",
                                .login = "cleaner",
                                .method = "batched",
                                .keep_ticks = 30 * TICKS_PER_DAY,
                                .keep_failed_ticks = 180 * TICKS_PER_DAY,
                                .keep_from = "--keep 30d, command line"};

static const char *content(void)
{
    Err err = {0};
    Str text;

    assert_int_equal(file_read(path, 1 << 20, &arena, &text, &err), RC_OK);
    return arena_copy(&arena, text.at, text.len);
}

static Ledger *opened(void)
{
    Ledger *ledger = NULL;
    Err err = {0};

    if (ledger_open(path, &ledger, &err) != RC_OK)
        fail_msg("%s", err.text);
    return ledger;
}

static void write_run(Ledger *ledger, const LedgerHead *of, const char *end)
{
    const LedgerTable tables[] = {{"executions", 8, 2, 30, 20}, {"operations", 8, 1, 4, 4}};
    const LedgerRun run = {.end = end, .operations = 8, .rows = 9007199254740993};
    Err err = {0};

    assert_int_equal(ledger_begin(ledger, of, 11, &err), RC_OK);
    assert_int_equal(ledger_tables(ledger, of, tables, ARRAY_LEN(tables), &err), RC_OK);
    if (end)
        assert_int_equal(ledger_end(ledger, of, &run, &err), RC_OK);
}

static size_t lines_of(const char *text)
{
    size_t lines = 0;

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static void test_ledger__grows_by_lines_that_can_be_read_alone(void **state)
{
    AUTO(ledger_close_at) Ledger *ledger = opened();
    (void)state;

    write_run(ledger, &head, "done");
    write_run(ledger, &head, "time limit");
    const char *all = content();
    assert_int_equal(lines_of(all), 8);
    assert_contains(all,
                    "{\"ledger\":\"begin\",\"started\":null,\"server\":\"S\\\"1\\\\\\\\x1B[2J\",");
    assert_contains(all, "\"keep_seconds\":2592000,\"keep_from\":\"--keep 30d, command line\"");
    assert_contains(all, "\"doomed_operations\":11}\n");
    assert_contains(all, "\"table\":\"executions\",\"rows\":8,\"statements\":2,");
    assert_contains(all, "\"end\":\"time limit\",\"operations\":8,\"rows\":9007199254740993,");
}

static LedgerRecord last_of(const char *database)
{
    LedgerRecord record = {0};
    Err err = {0};

    if (ledger_last(path, &(LedgerWanted){head.server, database, NULL}, &arena, &record, &err) !=
        RC_OK)
        fail_msg("%s", err.text);
    return record;
}

static void test_ledger__knows_what_the_last_run_kept(void **state)
{
    AUTO(ledger_close_at) Ledger *ledger = opened();
    const LedgerWanted host = {"host", "SSISDB", NULL};
    LedgerHead other = head, plain = head;
    (void)state;

    other.database = "Other";
    other.keep_ticks = TICKS_PER_DAY;
    plain.server = other.server = "host";
    assert_false(last_of("SSISDB").is_found);
    write_run(ledger, &plain, "done");
    write_run(ledger, &other, "done");
    LedgerRecord record = {0};
    Err err = {0};
    assert_int_equal(
        ledger_last(path, &(LedgerWanted){"HOST", "ssisdb", NULL}, &arena, &record, &err), RC_OK);
    assert_true(record.is_found);
    assert_true(record.is_ended);
    assert_int_equal(record.keep_ticks, 30 * TICKS_PER_DAY);
    assert_int_equal(record.keep_failed_ticks, 180 * TICKS_PER_DAY);
    assert_string_equal(record.end, "done");
    assert_int_equal(record.operations, 8);
    write_run(ledger, &plain, NULL); // killed
    assert_int_equal(ledger_last(path, &host, &arena, &record, &err), RC_OK);
    assert_false(record.is_ended);
    assert_int_equal(record.doomed, 11);
    assert_int_equal(record.operations, -1);
}

/* A run that took some operations says nothing of one that takes all, nor of other ones. */
static void test_ledger__tells_runs_with_a_filter_apart(void **state)
{
    static const char scratch[] = "folder Scratch\x1b, package !*";
    AUTO(ledger_close_at) Ledger *ledger = opened();
    LedgerHead filtered = head;
    LedgerRecord record = {0};
    Err err = {0};
    (void)state;

    filtered.filter = scratch;
    filtered.keep_ticks = 2 * TICKS_PER_DAY;
    write_run(ledger, &head, "done");
    write_run(ledger, &filtered, "done");
    assert_int_equal(last_of("SSISDB").keep_ticks, 30 * TICKS_PER_DAY);
    assert_int_equal(
        ledger_last(path, &(LedgerWanted){head.server, "SSISDB", scratch}, &arena, &record, &err),
        RC_OK);
    assert_int_equal(record.keep_ticks, 2 * TICKS_PER_DAY);
    assert_int_equal(ledger_last(path, &(LedgerWanted){head.server, "SSISDB", "folder Other"},
                                 &arena, &record, &err),
                     RC_OK);
    assert_false(record.is_found);
}

static void put(const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

static void test_ledger__takes_what_it_finds(void **state)
{
    (void)state;
    put("\n{\"ledger\":\n[1]\nnull\n{\"ledger\":7}\nno JSON at all\n"
        "{\"ledger\":\"run\",\"server\":\"S\",\"database\":\"SSISDB\",\"keep_seconds\":-5,"
        "\"started\":\"2026-03-02T06:00:00Z\",\"cutoff\":\"2026-01-31T06:00:00Z\","
        "\"operations\":1e300}\n{\"ledger\":\"run\",\"server\":\"S\",\"datab");
    LedgerRecord record = {0};
    Err err = {0};
    assert_int_equal(ledger_last(path, &(LedgerWanted){"S", "SSISDB", NULL}, &arena, &record, &err),
                     RC_OK);
    assert_true(record.is_found);
    assert_int_equal(record.keep_ticks,
                     30 * TICKS_PER_DAY); // from the cutoff, as old lines have it
    assert_int_equal(record.operations, INT64_MAX / 2);
    assert_int_equal(record.keep_failed_ticks, 0);
}

static void test_ledger__ends_a_line_that_was_cut_short(void **state)
{
    (void)state;
    put("{\"ledger\":\"table\",\"rows\":12");
    AUTO(ledger_close_at) Ledger *ledger = opened();
    write_run(ledger, &head, "done");
    const char *all = content();
    assert_contains(all, "\"rows\":12\n{\"ledger\":\"begin\"");
}

static void test_ledger__says_what_is_in_the_way(void **state)
{
    const LedgerWanted wanted = {"S", "D", NULL};
    Ledger *ledger = NULL;
    LedgerRecord record = {0};
    Err err = {0};
    (void)state;

    assert_int_equal(ledger_open("/nowhere/ledger", &ledger, &err), RC_USAGE);
    assert_contains(err.text, "cannot append to the ledger '/nowhere/ledger'");
    assert_int_equal(ledger_open("/", &ledger, &err), RC_USAGE);
    assert_int_equal(ledger_last("/nowhere/ledger", &wanted, &arena, &record, &err), RC_OK);
    assert_false(record.is_found);
    assert_int_equal(ledger_last("/", &wanted, &arena, &record, &err), RC_USAGE);
    assert_contains(err.text, "cannot read the ledger '/': Is a directory");
    assert_int_equal(ledger_last("/dev/zero", &wanted, &arena, &record, &err), RC_OK);
    assert_false(record.is_found);
    assert_int_equal(ledger_last(NULL, &wanted, &arena, &record, &err), RC_OK);
    assert_int_equal(ledger_open("/dev/full", &ledger, &err), RC_OK);
    assert_int_equal(ledger_begin(ledger, &head, 1, &err), RC_USAGE);
    ledger_close(ledger);
}

static void test_ledger__none_is_accepted_everywhere(void **state)
{
    Ledger *ledger = NULL;
    const LedgerRun run = {.end = "done"};
    Err err = {0};
    (void)state;

    assert_int_equal(ledger_open(NULL, &ledger, &err), RC_OK);
    assert_null(ledger);
    assert_int_equal(ledger_begin(ledger, &head, 1, &err), RC_OK);
    assert_int_equal(ledger_tables(ledger, &head, NULL, 0, &err), RC_OK);
    assert_int_equal(ledger_end(ledger, &head, &run, &err), RC_OK);
    ledger_close(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ledger__grows_by_lines_that_can_be_read_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_ledger__knows_what_the_last_run_kept, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_ledger__tells_runs_with_a_filter_apart, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_ledger__takes_what_it_finds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ledger__ends_a_line_that_was_cut_short, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_ledger__says_what_is_in_the_way, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ledger__none_is_accepted_everywhere, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
