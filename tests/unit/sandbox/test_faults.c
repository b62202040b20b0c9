/* Faults on request: when each strikes, and which are refused. */
#include "test.h"

#include "../../../src/sandbox/wire/faults.h"

#include "ssisminer/base/stop.h"

static void free_faults(Faults **faults)
{
    faults_free(*faults);
}

static const Fault *statement(Faults *faults, const char *text)
{
    return faults_due(faults, &(FaultEvent){.place = FAULT_AT_STATEMENT, .text = str_of(text)});
}

static const Fault *at(Faults *faults, FaultPlace place)
{
    return faults_due(faults, &(FaultEvent){.place = place});
}

static const Fault *row(Faults *faults, int64_t number)
{
    return faults_due(faults, &(FaultEvent){.place = FAULT_AT_ROW, .row = number});
}

static const Fault *ids(Faults *faults, int64_t first, int64_t last)
{
    return faults_due(faults,
                      &(FaultEvent){.place = FAULT_AT_STATEMENT, .first = first, .last = last});
}

static void test_faults__strike_once_at_their_number(void **state)
{
    AUTO(free_faults) Faults *faults = NULL;
    Err err = {0};

    (void)state;
    assert_int_equal(faults_parse("drop@statement=2", &faults, &err), RC_OK);
    assert_null(statement(faults, "a"));
    assert_null(at(faults, FAULT_AT_LOGIN));
    assert_int_equal(statement(faults, "b")->kind, FAULT_DROP);
    for (int i = 0; i < 10; i++)
        assert_null(statement(faults, "c"));
}

static void test_faults__repeat_with_every(void **state)
{
    AUTO(free_faults) Faults *faults = NULL;
    Err err = {0};
    int struck = 0;

    (void)state;
    assert_int_equal(faults_parse("error=1205@statement=3/every", &faults, &err), RC_OK);
    for (int i = 0; i < 9; i++)
        struck += statement(faults, "x") != NULL;
    assert_int_equal(struck, 3);
}

static void test_faults__look_at_the_text(void **state)
{
    AUTO(free_faults) Faults *faults = NULL;
    Err err = {0};

    (void)state;
    assert_int_equal(
        faults_parse("error=1222@text=DELETE TOP#2, stall@text=wait:250", &faults, &err), RC_OK);
    assert_null(statement(faults, "delete from t"));
    assert_null(statement(faults, "delete top (5) from t"));
    assert_null(statement(faults, "select 1"));
    const Fault *error = statement(faults, "DELETE TOP (6) from t");
    assert_non_null(error);
    assert_int_equal(error->number, 1222);
    const Fault *stall = statement(faults, "WAITFOR");
    assert_int_equal(stall->kind, FAULT_STALL);
    assert_int_equal(stall->ms, 250);
}

static void test_faults__rows_count_in_each_answer(void **state)
{
    AUTO(free_faults) Faults *faults = NULL;
    Err err = {0};

    (void)state;
    assert_int_equal(faults_parse("garbage@row=5", &faults, &err), RC_OK);
    assert_null(row(faults, 4));
    assert_int_equal(row(faults, 5)->kind, FAULT_GARBAGE);
    assert_null(row(faults, 5)); // once
}

/* What strikes at each event: login, two statements with a row each, and their ends. */
static int strikes_of_one_client(Faults *faults, bool ends_at_strike)
{
    static const FaultPlace places[] = {FAULT_AT_LOGIN, FAULT_AT_STATEMENT, FAULT_AT_ROW,
                                        FAULT_AT_END,   FAULT_AT_STATEMENT, FAULT_AT_ROW,
                                        FAULT_AT_END};
    int struck = 0;

    assert_null(at(faults, FAULT_AT_CONNECT));
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        const Fault *fault = places[i] == FAULT_AT_ROW ? row(faults, 1) : at(faults, places[i]);
        if (fault)
            struck = (int)i + 1;
        if (fault && ends_at_strike)
            break;
    }
    return struck;
}

static void test_faults__walk_over_every_point(void **state)
{
    AUTO(free_faults) Faults *faults = NULL;
    Err err = {0};

    (void)state;
    assert_int_equal(faults_parse("reset@walk", &faults, &err), RC_OK);
    for (int point = 1; point <= 7; point++) {
        assert_int_equal(strikes_of_one_client(faults, true), point);
        assert_int_equal(strikes_of_one_client(faults, true), 0); // comes back
    }
    assert_int_equal(strikes_of_one_client(faults, true), 0); // no eighth point
}

static void test_faults__understand_values(void **state)
{
    AUTO(free_faults) Faults *faults = NULL;
    Err err = {0};

    (void)state;
    assert_int_equal(
        faults_parse("slow=5000,route=other.example,1433,stall@login,error=40613@login=2", &faults,
                     &err),
        RC_OK);
    for (int i = 0; i < 3; i++) // whoever comes has a slow line
        assert_int_equal(at(faults, FAULT_AT_CONNECT)->rate, 5000);
    const Fault *route = at(faults, FAULT_AT_LOGIN);
    assert_int_equal(route->kind, FAULT_ROUTE);
    assert_string_equal(route->host, "other.example");
    assert_int_equal(route->port, 1433);
}

static void test_faults__ids_are_those_of_a_range(void **state)
{
    Faults *faults = NULL;
    Err err = {0};

    (void)state;
    assert_int_equal(faults_parse("error=1222@ids=40-41,error=1205@ids=90-90:60000", &faults, &err),
                     RC_OK);
    assert_null(ids(faults, 1, 39));
    assert_null(ids(faults, 42, 89));
    for (int i = 0; i < 2; i++) { // as long as it is locked
        assert_int_equal(ids(faults, 1, 40)->number, 1222);
        assert_int_equal(ids(faults, 41, 41)->number, 1222);
        assert_int_equal(ids(faults, 90, INT64_MAX)->number, 1205);
    }
    assert_null(statement(faults, "select 1"));
    faults_free(faults);

    assert_int_equal(faults_parse("error=1222@ids=40-41:1", &faults, &err), RC_OK);
    assert_non_null(ids(faults, 40, 40));
    assert_int_equal(stop_sleep_ms(5, &err), RC_OK);
    assert_null(ids(faults, 40, 40));
    faults_free(faults);
}

static void test_faults__refuse_what_they_do_not_know(void **state)
{
    static const char *const specs[] = {
        "explode",
        "drop",
        "drop@moon",
        "drop@statement=0",
        "drop@statement=x",
        "error@login",
        "error=x@login",
        "slow=0",
        "slow=10@row",
        "lose@row=1",
        "route=host",
        "route=host,99999",
        "drop=1@login",
        "hang@login",
        "stall@text",
        "drop@statement=1/often",
        "flood=all@statement",
        "flood=rows@login",
        "reset@text",
        "close=1@end",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(specs); i++) {
        Faults *faults = NULL;
        Err err = {0};
        assert_int_equal(faults_parse(specs[i], &faults, &err), RC_USAGE);
        assert_contains(err.text, "unknown fault");
        assert_contains(err.hint, "help serve");
        assert_null(faults);
    }
}

static void test_faults__know_the_severities(void **state)
{
    (void)state;
    assert_int_equal(faults_error(1205).severity, 13);
    assert_int_equal(faults_error(40501).severity, 20);
    assert_int_equal(faults_error(77777).severity, 16);
    assert_int_equal(faults_error(77777).number, 77777);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults__strike_once_at_their_number),
        cmocka_unit_test(test_faults__repeat_with_every),
        cmocka_unit_test(test_faults__look_at_the_text),
        cmocka_unit_test(test_faults__rows_count_in_each_answer),
        cmocka_unit_test(test_faults__walk_over_every_point),
        cmocka_unit_test(test_faults__understand_values),
        cmocka_unit_test(test_faults__ids_are_those_of_a_range),
        cmocka_unit_test(test_faults__refuse_what_they_do_not_know),
        cmocka_unit_test(test_faults__know_the_severities),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
