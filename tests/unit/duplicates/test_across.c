/* Several catalogs beside each other, from what a scripted server says to the report. */
#include "test.h"

#include "catalog_script.h"

#include "ssisminer/duplicates/across.h"

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

/* What a catalog puts that has Load.dtsx at this time, Own.dtsx beside it. */
static Str offered(const char *id, const char *created, const char *end, const char *own)
{
    Duplicates *found = NULL;
    Ssisdb *db = NULL;
    Buf bytes = BUF(1 << 20);
    Err err = {0};

    (void)setup(NULL);
    script_begin(SQL_DUPLICATES_TRIGGERS);
    script_run(id, "Load.dtsx", created, end);
    script_run("13", own, created, end);
    script_end();
    script_begin(SQL_DUPLICATES_NONCATALOG);
    script_end();
    script_begin(SQL_DUPLICATES_CHILDREN);
    script_end();
    Tds *tds = script_open();
    if (ssisdb_probe(tds, &arena, &db, &err) != RC_OK ||
        duplicates_read(db, &usual, &found, &err) != RC_OK)
        fail_msg("%s", err.text);
    db->clock_skew_ticks = 0; // the script's clock stands still
    db->clock_unsure_ticks = 0;
    across_put_starts(found, &usual, db, &bytes);
    duplicates_free(found);
    script_close(tds);
    Str copy = {arena_copy(&arena, buf_text(&bytes), bytes.len), bytes.len};
    buf_done(&bytes);
    return copy;
}

/* What it says of the parameters of its execution. */
static Str parameters(const char *id, Str ids, const char *value)
{
    Ssisdb *db = NULL;
    Buf bytes = BUF(1 << 20);
    Err err = {0};

    (void)setup(NULL);
    script_begin(SQL_SSISDB_GIVEN);
    SCRIPT_ROW(id, "30", "Region", "String", "0", "1", value);
    script_end();
    Tds *tds = script_open();
    if (ssisdb_probe(tds, &arena, &db, &err) != RC_OK ||
        across_put_parameters(db, &usual, ids, &bytes, &err) != RC_OK)
        fail_msg("%s", err.text);
    script_close(tds);
    Str copy = {arena_copy(&arena, buf_text(&bytes), bytes.len), bytes.len};
    buf_done(&bytes);
    return copy;
}

static Across *opened(AcrossCatalog *catalogs, size_t count)
{
    Across *across = NULL;
    Err err = {0};

    if (across_open(catalogs, count, &usual, &across, &err) != RC_OK)
        fail_msg("%s", err.text);
    return across;
}

static const AcrossGroup *judged(Across *across, const AcrossCatalog *catalogs, size_t count)
{
    Err err = {0};
    size_t found;

    assert_int_equal(across_group(across, catalogs, &err), RC_OK);
    const AcrossGroup *groups = across_groups(across, &found);
    assert_int_equal(found, count);
    return groups;
}

static void test_across__asks_for_those_near_each_other(void **state)
{
    AcrossCatalog both[] = {
        {.target = "one", .starts = offered("11", AT("00"), AT("08"), "A.dtsx")},
        {.target = "two", .starts = offered("21", AT("09"), AT("12"), "B.dtsx")}};
    AUTO(across_free_at) Across *across = opened(both, 2);
    (void)state;

    assert_int_equal(across_ids(across, 0).len, sizeof(int64_t));
    assert_int_equal(*(const int64_t *)(const void *)across_ids(across, 1).at, 21);
    both[0].parameters = parameters("11", across_ids(across, 0), "North");
    both[1].parameters = parameters("21", across_ids(across, 1), "NORTH ");
    const AcrossGroup *group = judged(across, both, 1);
    assert_string_equal(group->targets, "one, two");
    assert_int_equal(group->group.confidence, DUPLICATE_HIGH);
    assert_int_equal(group->group.gap, 9 * 60 * TICKS_PER_SECOND);
    assert_int_equal(group->group.wasted, 3 * 60 * TICKS_PER_SECOND);
    assert_int_equal(group->times, 1);
}

static void test_across__other_values_are_other_work(void **state)
{
    AcrossCatalog both[] = {
        {.target = "one", .starts = offered("11", AT("00"), AT("08"), "A.dtsx")},
        {.target = "two", .starts = offered("11", AT("09"), AT("12"), "B.dtsx")}};
    AUTO(across_free_at) Across *across = opened(both, 2);
    (void)state;

    both[0].parameters = parameters("11", across_ids(across, 0), "North");
    both[1].parameters = parameters("11", across_ids(across, 1), "South");
    (void)judged(across, both, 0);
}

static void test_across__too_far_apart_is_asked_nothing(void **state)
{
    AcrossCatalog both[] = {
        {.target = "one", .starts = offered("11", AT("00"), AT("08"), "A.dtsx")},
        {.target = "two", .starts = offered("21", AT("11"), AT("12"), "B.dtsx")}};
    AUTO(across_free_at) Across *across = opened(both, 2);
    (void)state;

    assert_int_equal(across_ids(across, 0).len + across_ids(across, 1).len, 0);
    (void)judged(across, both, 0);
}

/* Three at once are one group; one that gave nothing is no matter. */
static void test_across__several_and_none(void **state)
{
    AcrossCatalog all[] = {{.target = "one", .starts = offered("11", AT("04"), AT("08"), "A.dtsx")},
                           {.target = "mute"},
                           {.target = "two", .starts = offered("11", AT("02"), AT("03"), "B.dtsx")},
                           {.target = "three",
                            .starts = offered("11", AT("00"), AT("01"), "A.dtsx"),
                            .error = "no rights"}};
    AUTO(across_free_at) Across *across = opened(all, 4);
    size_t count;
    (void)state;

    const AcrossGroup *groups = judged(across, all, 2); // A.dtsx too
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(groups[i].group.confidence, DUPLICATE_MEDIUM); // nothing was read
    bool is_first = groups[0].group.count == 3;
    assert_string_equal(groups[is_first ? 0 : 1].targets, "one, two, three");
    assert_string_equal(groups[is_first ? 1 : 0].targets, "one, three");
    (void)across_report(across, 0, REMEDIES_SHOWN, &arena, &count);
    assert_int_equal(count, 3); // of all, and of two sets of targets
}

/* The names of the targets are one text more, also where the texts have no room for one. */
static void test_across__any_number_of_names(void **state)
{
    enum { MOST = 20 };
    AcrossCatalog all[MOST];
    (void)state;

    for (size_t i = 0; i < MOST; i++)
        all[i] = (AcrossCatalog){
            .target = arena_printf(&arena, "t%zu", i),
            .starts = offered("11", AT("04"), AT("08"), arena_printf(&arena, "%zu.dtsx", i))};
    for (size_t count = 2; count <= MOST; count++) {
        AUTO(across_free_at) Across *across = opened(all, count);
        const AcrossGroup *group = judged(across, all, 1);
        assert_non_null(group->targets);
        assert_true(str_starts(group->targets, "t0, t1"));
        assert_int_equal(group->group.count, count);
    }
}

/* Bytes that are not whole are refused, wherever they end. */
static void test_across__cut_bytes(void **state)
{
    AcrossCatalog both[] = {
        {.target = "one", .starts = offered("11", AT("00"), AT("08"), "A.dtsx")},
        {.target = "two", .starts = offered("21", AT("09"), AT("12"), "B.dtsx")}};
    AUTO(across_free_at) Across *across = opened(both, 2);
    Str whole = both[1].starts, ids = across_ids(across, 1);
    (void)state;

    for (size_t len = 1; len < whole.len; len++) {
        AUTO(across_free_at) Across *cut = NULL;
        Err err = {0};
        both[1].starts.len = len;
        assert_int_equal(across_open(both, 2, &usual, &cut, &err), RC_QUERY);
    }
    both[1].starts = whole;
    both[1].parameters = parameters("21", ids, "North");
    for (size_t len = 1, all = both[1].parameters.len; len < all; len++) {
        AUTO(across_free_at) Across *cut = opened(both, 2);
        Err err = {0};
        both[1].parameters.len = len;
        AcrossCatalog with[] = {both[0], both[1]};
        with[0].parameters = (Str){0};
        assert_int_equal(across_group(cut, with, &err), RC_QUERY);
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_across__asks_for_those_near_each_other),
        CASE(test_across__other_values_are_other_work),
        CASE(test_across__too_far_apart_is_asked_nothing),
        CASE(test_across__several_and_none),
        CASE(test_across__any_number_of_names),
        CASE(test_across__cut_bytes),
    };
    return cmocka_run_group_tests_name("duplicates/across", tests, NULL, NULL);
}
