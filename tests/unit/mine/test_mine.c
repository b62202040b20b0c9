/* `mine` against a scripted server: what it asks, counts and keeps. */
#include "test.h"

#include "catalog_script.h"

#include "ssisminer/mine/mine.h"
#include "ssisminer/report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(hour, minute) "2026-03-02 " hour ":" minute ":00.0000000 +00:00"

static SigSet *signatures;
static Arena arena;
static Tds *tds;
static Ssisdb *db;

static int load(void **state)
{
    Err err = {0};

    (void)state;
    return sigset_load(NULL, 0, &signatures, &err) == RC_OK ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    sigset_free(signatures);
    arena_done(&arena);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    script_reset();
    script_probe();
    return 0;
}

static Rc ask(const MineQuestion *question, Mine **ret_mine, Err *err)
{
    tds = script_open();
    TRY(ssisdb_probe(tds, &arena, &db, err));
    return mine_read(db, signatures, question, NULL, NULL, ret_mine, err);
}

static const MineQuestion all = {.since = {.ticks = TICKS_UNIX_EPOCH, .is_set = true},
                                 .types = MINE_ALL};

static void script_only_messages(void)
{
    script_begin(SQL_MINE_MESSAGES);
    SCRIPT_ROW("7", AT("05", "10"), "120", NULL, "Load.dtsx",
               "The request limit for the database is 60 and has been reached.");
    SCRIPT_ROW("7", AT("05", "50"), "110", NULL, "Load.dtsx",
               "There is not enough space on the disk");
    SCRIPT_ROW("8", AT("06", "10"), "120", "-1071636471", "Other.dtsx", "localised");
    SCRIPT_ROW("8", AT("03", "00"), "120", NULL, "Load.dtsx",
               "The request limit for the database is 90 and has been reached.");
    SCRIPT_ROW("9", AT("05", "20"), "120", NULL, NULL, "Widget 17 fell off");
    SCRIPT_ROW("9", AT("05", "21"), "120", NULL, "Load.dtsx", "Widget 18 fell off");
    SCRIPT_ROW("9", AT("05", "21"), "70", NULL, "Load.dtsx", "Widget 19 was mounted");
    SCRIPT_ROW("9", AT("05", "21"), "120", NULL, "Load.dtsx", NULL);
    script_end();
}

static void script_no_executions(void)
{
    script_begin(SQL_MINE_PACKAGES);
    script_end();
}

static void script_messages(void)
{
    script_no_executions();
    script_only_messages();
}

static void test_mine__counts_by_signature_package_and_hour(void **state)
{
    AUTO(mine_free_at) Mine *mine = NULL;
    const Unknown *top[4];
    Err err = {0};

    (void)state;
    script_messages();
    assert_int_equal(ask(&all, &mine, &err), RC_OK);
    assert_int_equal(mine->total.messages, 8);
    assert_int_equal(mine->total.errors, 6);
    assert_int_equal(mine->total.warnings, 1);
    assert_int_equal(mine->total.known, 4);
    assert_int_equal(mine->signature_count, 3);
    assert_string_equal(mine->signatures[0].signature->id, "request-limit");
    assert_int_equal(mine->signatures[0].count.messages, 2);
    assert_int_equal(mine->signatures[0].packages, 1);
    assert_int_equal(mine->signatures[0].count.last_seen.ticks -
                         mine->signatures[0].count.first_seen.ticks,
                     130 * 60 * TICKS_PER_SECOND);
    assert_string_equal(mine->signatures[2].signature->id, "dts-oledb-error"); // a wrapper, last
    assert_int_equal(mine->package_count, 3);
    assert_string_equal(mine->packages[0].name, "Load.dtsx");
    assert_int_equal(mine->packages[0].count.messages, 6);
    assert_int_equal(mine->hour_count, 3);
    assert_int_equal(mine->hours[1].count.messages, 6);
    assert_true(mine->hours[0].start.ticks < mine->hours[1].start.ticks);
    assert_int_equal(mine->unknown_messages, 2);
    assert_int_equal(unknowns_top(mine->unknowns, top, 4), 1);
    assert_string_equal(top[0]->example, "Widget 17 fell off");
    assert_string_equal(top[0]->place, "execution 9");
    mine_free(mine);
    mine = NULL;
    script_close(tds);
}

/* field-R8: an error and the failure of its task are two messages and one error. */
static void test_mine__field_R8(void **state)
{
    AUTO(mine_free_at) Mine *mine = NULL;
    Err err = {0};

    (void)state;
    script_no_executions();
    script_begin(SQL_MINE_MESSAGES);
    SCRIPT_ROW("7", AT("05", "10"), "120", NULL, "Load.dtsx", "Widget 17 fell off");
    SCRIPT_ROW("7", AT("05", "11"), "130", NULL, "Load.dtsx", "Load failed");
    SCRIPT_ROW("8", AT("05", "12"), "130", NULL, "Load.dtsx", "Load failed");
    SCRIPT_ROW("8", AT("05", "13"), "110", NULL, "Load.dtsx", "Widget 18 is loose");
    script_end();
    assert_int_equal(ask(&all, &mine, &err), RC_OK);
    assert_int_equal(mine->total.messages, 4);
    assert_int_equal(mine->total.errors, 1);
    assert_int_equal(mine->total.tasks_failed, 2);
    assert_int_equal(mine->total.warnings, 1);
    assert_int_equal(mine->packages[0].count.errors, 1);
    assert_int_equal(mine->packages[0].count.tasks_failed, 2);
    assert_int_equal(mine->hours[0].count.tasks_failed, 2);
    mine_free(mine);
    mine = NULL;
    script_close(tds);
}

/* Each kind of message is asked for alone, and two together. */
static void test_mine__binds_the_types_asked_for(void **state)
{
    static const unsigned kinds[] = {MINE_ERRORS,        MINE_WARNINGS,    MINE_TASKS_FAILED,
                                     MINE_QUERY_CANCELS, MINE_INFORMATION, MINE_OTHERS};

    for (size_t i = 0; i <= ARRAY_LEN(kinds); i++) {
        AUTO(mine_free_at) Mine *mine = NULL;
        MineQuestion question = all;
        char bound[400];
        Err err = {0};
        size_t at = (size_t)snprintf(bound, sizeof(bound),
                                     "NVARCHAR(40) 1970-01-01T00:00:00.0000000+00:00|"
                                     "NVARCHAR(40) 9999-12-31T23:59:59.9999999+00:00|"
                                     "BIGINT -9223372036854775808|BIGINT 9223372036854775807");

        question.types = i < ARRAY_LEN(kinds) ? kinds[i] : MINE_ERRORS | MINE_OTHERS;
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
            at += (size_t)snprintf(bound + at, sizeof(bound) - at, "|BIGINT %d",
                                   (question.types & kinds[k]) != 0);
        (void)begin(state);
        script_no_executions();
        script_begin_with(SQL_MINE_MESSAGES, bound);
        script_end();
        if (ask(&question, &mine, &err) != RC_OK)
            fail_msg("%s", err.text);
        assert_int_equal(mine->total.messages, 0);
        mine_free(mine);
        mine = NULL;
        script_close(tds);
    }
}

static void test_mine__filter_on_names_reads_the_executions_once(void **state)
{
    static const char *const packages[] = {"Load*"};
    AUTO(mine_free_at) Mine *mine = NULL;
    MineQuestion question = all;
    Err err = {0};

    (void)state;
    question.filter.packages = packages;
    question.filter.package_count = 1;
    script_begin(SQL_MINE_PACKAGES);
    SCRIPT_ROW("9", "F", "P", "Other.dtsx", "etl");
    SCRIPT_ROW("7", "F", "P", "Load.dtsx", "etl");
    script_end();
    script_only_messages();
    assert_int_equal(ask(&question, &mine, &err), RC_OK);
    assert_int_equal(mine->total.messages, 2); // of execution 7
    assert_string_equal(mine->packages[0].name, "F/P/Load.dtsx");
    assert_string_equal(mine->packages[0].folder, "F");
    assert_string_equal(mine->packages[0].project, "P");
    assert_string_equal(mine->packages[0].package, "Load.dtsx");
    mine_free(mine);
    mine = NULL;
    script_close(tds);
}

static void test_mine__filter_on_ids_takes_operations_too(void **state)
{
    static const int64_t ids[] = {9, 8};
    AUTO(mine_free_at) Mine *mine = NULL;
    MineQuestion question = all;
    Err err = {0};

    (void)state;
    question.filter.ids = ids;
    question.filter.id_count = 2;
    script_messages();
    assert_int_equal(ask(&question, &mine, &err), RC_OK);
    assert_int_equal(mine->total.messages, 6);
    mine_free(mine);
    mine = NULL;
    script_close(tds);
}

static void test_mine__refused_statement_says_what_it_was_for(void **state)
{
    Mine *mine = NULL;
    Err err = {0};

    (void)state;
    script_no_executions();
    script_refuse(SQL_MINE_MESSAGES, 229, "The SELECT permission was denied");
    assert_int_equal(ask(&all, &mine, &err), RC_RIGHTS);
    assert_contains(err.text, "reading the messages of the window: ");
    assert_null(mine);
    script_close(tds);
}

/* More packages and hours than there is room for are counted together, and said. */
static void test_mine__tables_are_bounded(void **state)
{
    enum { EXTRA = 5 };
    AUTO(mine_free_at) Mine *mine = NULL;
    Err err = {0};
    char *out = NULL;
    size_t size = 0;

    (void)state;
    script_no_executions();
    script_begin(SQL_MINE_MESSAGES);
    for (int i = 0; i < MINE_PACKAGES + EXTRA; i++)
        SCRIPT_ROW("9", AT("05", "21"), "120", NULL, arena_printf(&arena, "P%d.dtsx", i),
                   "There is not enough space on the disk");
    script_end();
    assert_int_equal(ask(&all, &mine, &err), RC_OK);
    assert_int_equal(mine->package_count, MINE_PACKAGES);
    assert_int_equal(mine->other_packages.messages, EXTRA);
    assert_int_equal(mine->signatures[0].packages, MINE_PACKAGES + 1);
    assert_int_equal(mine->total.messages, MINE_PACKAGES + EXTRA);

    MineView view = {.db = db,
                     .question = &all,
                     .limit = 3,
                     .now = {.ticks = TICKS_UNIX_EPOCH + TICKS_PER_DAY, .is_set = true}};
    FILE *stream = open_memstream(&out, &size);
    const ReportStyle style = {.columns = 80};
    assert_int_equal(
        report_writer("text")->write(mine_report(mine, &view, &arena), &style, stream, &err),
        RC_OK);
    (void)fclose(stream);
    assert_contains(out, "5 messages are of packages beyond the first 4096: not listed");
    assert_contains(out, "By package, most errors first (the first 3 of 4096)");
    free(out);
    mine_free(mine);
    mine = NULL;
    script_close(tds);
}

/* The first screen: what matters, within its lines; packages that have nothing are not there. */
static void test_mine__first_screen(void **state)
{
    enum { PACKAGES = 300 };
    AUTO(mine_free_at) Mine *mine = NULL;
    Err err = {0};
    char *out = NULL;
    size_t size = 0, lines = 0;

    (void)state;
    script_no_executions();
    script_begin(SQL_MINE_MESSAGES);
    for (int i = 0; i < PACKAGES; i++) {
        const char *package = arena_printf(&arena, "P%d.dtsx", i);
        SCRIPT_ROW("9", AT("05", "21"), i < 3 ? "70" : "120", NULL, package,
                   i % 2 ? "There is not enough space on the disk" : "Widget fell off");
        SCRIPT_ROW("9", AT("05", "22"), "120", NULL, "P7.dtsx",
                   arena_printf(&arena, "Part %c%c broke", 'a' + i % 26, 'a' + i / 26));
    }
    script_end();
    assert_int_equal(ask(&all, &mine, &err), RC_OK);
    MineView view = {.db = db,
                     .question = &all,
                     .now = {.ticks = TICKS_UNIX_EPOCH + TICKS_PER_DAY, .is_set = true},
                     .remedies = true};
    FILE *stream = open_memstream(&out, &size);
    const ReportStyle style = {.columns = 80, .is_screen = true};
    assert_int_equal(
        report_writer("text")->write(mine_report(mine, &view, &arena), &style, stream, &err),
        RC_OK);
    (void)fclose(stream);
    for (const char *at = out; (at = strchr(at, '\n')); at++)
        lines++;
    assert_in_range(lines, REPORT_SCREEN_LINES - 3, REPORT_SCREEN_LINES);
    assert_contains(out, "597 errors of 600 messages; ");
    assert_contains(out, "\nWhy\n  ");
    assert_contains(out, "    do  ");
    assert_contains(out, "\nUnknown errors\n  ");
    assert_contains(out, "P7.dtsx\n");
    assert_null(strstr(out, "P0.dtsx")); // said something, and no error
    assert_contains(out, " more packages: --all");
    free(out);
    script_close(tds);
}

/* What was counted before the server broke off is told, and how far it came: here behind what the
 * door reads ahead, within which the statement has no answer at all. */
static void test_mine__field_18_broken_off(void **state)
{
    enum { ROWS = 4000, LONG = 3000 }; // 12 MB
    AUTO(mine_free_at) Mine *mine = NULL;
    Err err = {0};

    (void)state;
    char *text = arena_alloc(&arena, LONG + 1);
    memset(text, 'x', LONG);
    script_no_executions();
    script_begin(SQL_MINE_MESSAGES);
    for (int i = 0; i < ROWS; i++)
        SCRIPT_ROW("7", AT("05", "10"), "110", NULL, "Load.dtsx", text);
    script_add((FakeStep)FAKE_ROW_FAILS("42000", 8645, "waiting for memory"));
    if (ask(&all, &mine, &err) != RC_OK)
        fail_msg("%s", err.text);
    assert_int_equal(mine->total.messages, ROWS);
    assert_int_equal(mine->missing.count, 1);
    assert_string_equal(mine->missing.list[0].what, "messages after the first 4000");
    assert_non_null(strstr(mine->missing.list[0].why, "8645"));
    assert_int_equal(missing_check(&mine->missing, "the counts are", &err), RC_QUERY);
    assert_non_null(strstr(err.text, "the counts are incomplete: messages after the first 4000"));
    script_close(tds);
}

/* Without a filter the names are missing; with one on names nobody knows which
 * messages to count. */
static void test_mine__field_18_names_unread(void **state)
{
    AUTO(mine_free_at) Mine *mine = NULL;
    Err err = {0};

    (void)state;
    script_refuse(SQL_MINE_PACKAGES, 8645, "waiting for memory");
    script_only_messages();
    assert_int_equal(ask(&all, &mine, &err), RC_OK);
    assert_int_equal(mine->total.messages, 8);
    assert_string_equal(mine->missing.list[0].what, "the executions of the window");
    script_close(tds);
}

static void test_mine__field_18_filter_unread(void **state)
{
    AUTO(mine_free_at) Mine *mine = NULL;
    static const char *const folders[] = {"Sales"};
    MineQuestion question = all;
    Err err = {0};

    (void)state;
    question.filter.folders = folders;
    question.filter.folder_count = 1;
    script_refuse(SQL_MINE_PACKAGES, 8645, "waiting for memory");
    assert_int_equal(ask(&question, &mine, &err), RC_QUERY);
    assert_null(mine);
    script_close(tds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_mine__counts_by_signature_package_and_hour, begin),
        cmocka_unit_test_setup(test_mine__field_R8, begin),
        cmocka_unit_test_setup(test_mine__binds_the_types_asked_for, begin),
        cmocka_unit_test_setup(test_mine__filter_on_names_reads_the_executions_once, begin),
        cmocka_unit_test_setup(test_mine__filter_on_ids_takes_operations_too, begin),
        cmocka_unit_test_setup(test_mine__refused_statement_says_what_it_was_for, begin),
        cmocka_unit_test_setup(test_mine__tables_are_bounded, begin),
        cmocka_unit_test_setup(test_mine__first_screen, begin),
        cmocka_unit_test_setup(test_mine__field_18_broken_off, begin),
        cmocka_unit_test_setup(test_mine__field_18_names_unread, begin),
        cmocka_unit_test_setup(test_mine__field_18_filter_unread, begin),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
