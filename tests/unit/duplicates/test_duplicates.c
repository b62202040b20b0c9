/* `duplicates` against a scripted server: what it asks, and what it makes of the rows. */
#include "test.h"

#include "catalog_script.h"

#include "ssisminer/duplicates/duplicates.h"

#include <stdio.h>
#include <stdlib.h>

#define AT(minute) "2026-03-02 05:" minute ":00.0000000 +00:00"

static Arena arena;
static const DuplicatesQuestion usual = {
    .since = {.ticks = TICKS_UNIX_EPOCH, .is_set = true},
    .within = 10 * 60 * TICKS_PER_SECOND,
    .look_back = TICKS_PER_DAY,
};

static int setup(void **state)
{
    (void)state;
    script_reset();
    script_probe();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* ---- what the server answers ----------------------------------------------------------------- */

static void script_run(const char *id, const char *package, const char *created, const char *end)
{
    const char *names = arena_printf(&arena,
                                     "Sales\x1fNightly\x1f%s\x1f"
                                     "Env\x1fProd\x1f"
                                     "etl\x1f"
                                     "1\x1f"
                                     "0",
                                     package);

    SCRIPT_ROW(id, names, "7", created, created, end, "1");
}

/* The rest of the executions, of which there are none, and the suspects' signs of life. */
static void script_signs(void)
{
    script_begin(SQL_DUPLICATES_NONCATALOG);
    script_end();
    script_begin(SQL_DUPLICATES_SIGNS);
    SCRIPT_ROW("11", "etl", "W1", NULL, NULL, NULL, NULL);
    script_end();
}

static void script_pair(void)
{
    script_begin(SQL_DUPLICATES_TRIGGERS);
    script_run("11", "Load.dtsx", AT("00"), AT("08"));
    script_run("12", "LOAD.dtsx", AT("01"), AT("09")); // a name is the same in either case
    script_run("13", "Other.dtsx", AT("02"), AT("03"));
    script_end();
    script_signs();
}

static void script_parameter(const char *id, const char *name, const char *type, const char *value)
{
    SCRIPT_ROW(id, "30", name, type, "0", "1", value);
}

static void script_readable(const char *id)
{
    SCRIPT_ROW(id, "50", "LOGGING_LEVEL", "Int32", "0", "0", "1");
}

static void script_no_children(void)
{
    script_begin(SQL_DUPLICATES_CHILDREN);
    script_end();
}

static Duplicates *read_with(Tds *tds, const DuplicatesQuestion *question)
{
    Duplicates *found = NULL;
    Ssisdb *db = NULL;
    Err err = {0};

    if (ssisdb_probe(tds, &arena, &db, &err) != RC_OK ||
        duplicates_read(db, question, &found, &err) != RC_OK)
        fail_msg("%s", err.text);
    return found;
}

/* One group of 11 and 12 with this confidence, or none below low. */
static void assert_pair(int confidence)
{
    Tds *tds = script_open();
    Duplicates *found = read_with(tds, &usual);

    assert_int_equal(found->count, confidence >= 0 ? 1 : 0);
    if (confidence >= 0) {
        assert_int_equal(found->list[0].group.verdict, DUPLICATE_DOUBLE_TRIGGER);
        assert_int_equal(found->list[0].group.confidence, confidence);
        assert_int_equal(found->runs[found->list[0].group.members[1]].id, 12);
        assert_int_equal(found->wasted, 8 * 60 * TICKS_PER_SECOND);
        assert_int_equal(found->package_count, 1);
        assert_string_equal(found->callers[0].name, "etl");
    }
    duplicates_free(found);
    script_close(tds);
}

/* ---- reading --------------------------------------------------------------------------------- */

static void test_duplicates__asks_for_the_suspects_alone(void **state)
{
    (void)state;
    script_pair();
    script_begin_with(SQL_SSISDB_GIVEN,
                      "NVARCHAR(MAX) 00000000000000000110000000000000000012|BIGINT 2");
    script_readable("11");
    script_readable("12");
    script_end();
    script_no_children();
    assert_pair(DUPLICATE_HIGH);
}

static void test_duplicates__many_parameters_are_the_same_set(void **state)
{
    char name[16];

    (void)state;
    script_pair();
    script_begin(SQL_SSISDB_GIVEN);
    for (int i = 0; i < 100; i++) { // in whatever order they come
        (void)snprintf(name, sizeof(name), "P%d", i);
        script_parameter("11", name, "String", "x");
        (void)snprintf(name, sizeof(name), "P%d", 99 - i);
        script_parameter("12", name, "String", "x");
    }
    script_end();
    script_no_children();
    assert_pair(DUPLICATE_HIGH);
}

static void test_duplicates__types_and_values_count(void **state)
{
    static const char *const others[][2] = {{"String", "1"}, {"Int32", "2"}, {"Int32", NULL}};

    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        (void)setup(state);
        script_pair();
        script_begin(SQL_SSISDB_GIVEN);
        script_parameter("11", "Region", "Int32", "1");
        script_parameter("12", "Region", others[i][0], others[i][1]);
        script_end();
        script_no_children();
        assert_pair(-1);
    }
}

static void test_duplicates__unreadable_parameters_lower_confidence(void **state)
{
    (void)state;
    script_pair();
    script_begin(SQL_SSISDB_GIVEN);
    script_parameter("11", "Region", "Int32", "1");
    script_end();
    script_no_children();
    assert_pair(DUPLICATE_MEDIUM);
}

static void test_duplicates__child_beside_its_own_run(void **state)
{
    (void)state;
    script_begin(SQL_DUPLICATES_TRIGGERS);
    script_run("11", "Master.dtsx", AT("00"), AT("50"));
    script_run("12", "Load.dtsx", AT("20"), AT("30"));
    script_end();
    script_begin(SQL_DUPLICATES_NONCATALOG);
    script_end();
    script_begin(SQL_DUPLICATES_CHILDREN);
    SCRIPT_ROW("11", "load.dtsx", AT("10"), AT("25"));
    SCRIPT_ROW("99", "load.dtsx", AT("10"), AT("25")); // of an execution that is not there
    script_end();
    Tds *tds = script_open();
    Duplicates *found = read_with(tds, &usual);
    assert_int_equal(found->count, 1);
    assert_int_equal(found->list[0].group.verdict, DUPLICATE_CHILD_OVERLAP);
    duplicates_free(found);
    script_close(tds);
}

/* Whatever call fails, either nobody is told anything, or he is told what is missing. */
static void test_duplicates__every_call_may_fail(void **state)
{
    for (size_t call = 0;; call++) {
        Duplicates *found = NULL;
        Ssisdb *db = NULL;
        Err err = {0};
        (void)setup(state);
        script_pair();
        script_begin(SQL_SSISDB_GIVEN);
        script_readable("11");
        script_readable("12");
        script_end();
        script_no_children();
        Tds *tds = script_open();
        assert_int_equal(ssisdb_probe(tds, &arena, &db, &err), RC_OK);
        fake_driver_fail_at(call);
        Rc rc = duplicates_read(db, &usual, &found, &err);
        bool did_fail = fake_driver_did_fail();
        assert_int_equal(rc, err.rc);
        if (did_fail && rc == RC_OK)
            assert_true(found->missing.count > 0);
        if (rc != RC_OK)
            assert_null(found);
        duplicates_free(found);
        tds_close(tds);
        fake_driver_assert_no_leak();
        if (!did_fail)
            return;
    }
}

static void test_duplicates__nothing_at_all(void **state)
{
    (void)state;
    script_begin(SQL_DUPLICATES_TRIGGERS);
    script_end();
    script_begin(SQL_DUPLICATES_NONCATALOG);
    script_end();
    script_no_children();
    assert_pair(-1);
}

/* ---- intended repeats ------------------------------------------------------------------------ */

static DuplicatesAllowed allowed(const char *text)
{
    DuplicatesAllowed entry = {0};
    Err err = {0};

    if (duplicates_read_allowed(text, (Instant){.ticks = TICKS_UNIX_EPOCH, .is_set = true}, &arena,
                                &entry, &err) != RC_OK)
        fail_msg("%s", err.text);
    return entry;
}

static void test_duplicates__allowed_entries(void **state)
{
    Err err = {0};
    char until[TIME_TEXT_MAX];

    (void)state;
    DuplicatesAllowed entry = allowed("Sales/*/Load Web.dtsx until=2026-03-31 caller=CORP\\the "
                                      "agent reason=caller=me, on purpose");
    assert_string_equal(entry.package, "Sales/*/Load Web.dtsx");
    assert_string_equal(entry.caller, "CORP\\the agent");
    assert_string_equal(entry.reason, "caller=me, on purpose");
    time_iso_utc(entry.until, 0, until);
    assert_string_equal(until, "2026-03-31T23:59:59Z");
    entry = allowed("*/Load.dtsx");
    assert_null(entry.caller);
    assert_false(entry.until.is_set);
    assert_int_equal(duplicates_read_allowed(" caller=x", entry.until, &arena, &entry, &err),
                     RC_USAGE);
    assert_int_equal(duplicates_read_allowed("a/b/c until=soon", entry.until, &arena, &entry, &err),
                     RC_USAGE);
}

/* ---- the guard ------------------------------------------------------------------------------- */

static void test_duplicates__guard_quotes_its_values(void **state)
{
    AUTO(buf_done) Buf out = BUF(1 << 20);
    Err err = {0};

    (void)state;
    assert_int_equal(
        duplicates_put_guard(&out, "Sal'es/Night]ly/Load.DTSX", TICKS_PER_SECOND * 90, &err),
        RC_OK);
    assert_contains(buf_text(&out), "@folder_name nvarchar(128) = N'Sal''es';");
    assert_contains(buf_text(&out), "@project_name nvarchar(128) = N'Night]ly';");
    assert_contains(buf_text(&out), "@package_name nvarchar(260) = N'Load.DTSX';");
    assert_contains(buf_text(&out), "@within_seconds int = 90;");
    assert_int_equal(duplicates_put_guard(&out, "Sales/Load", 0, &err), RC_USAGE);
    assert_int_equal(duplicates_put_guard(&out, "a/b/c/d", 0, &err), RC_USAGE);
    assert_int_equal(duplicates_put_guard(&out, "a//c", 0, &err), RC_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(test_duplicates__##name, setup, teardown)
        CASE(asks_for_the_suspects_alone),
        CASE(many_parameters_are_the_same_set),
        CASE(types_and_values_count),
        CASE(unreadable_parameters_lower_confidence),
        CASE(child_beside_its_own_run),
        CASE(every_call_may_fail),
        CASE(nothing_at_all),
        CASE(allowed_entries),
        CASE(guard_quotes_its_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
