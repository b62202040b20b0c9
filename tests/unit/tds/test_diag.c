/* What a driver says, read and put in order. */
#include "test.h"

#include <stdio.h>

#include "../../../src/tds/diag.h"

#include "ssisminer/base/utf.h"

/* ---- a driver that only has something to say ------------------------------------------------- */

typedef struct Record {
    const char *state;
    int native;
    const char *words;
} Record;

static const Record *records;
static size_t record_count;

static SQLRETURN get_diag_rec(SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT number,
                              SQLWCHAR *ret_state, SQLINTEGER *ret_native, SQLWCHAR *text,
                              SQLSMALLINT size, SQLSMALLINT *ret_len)
{
    uint16_t units[4000];

    (void)type;
    (void)handle;
    if (number < 1 || (size_t)number > record_count)
        return SQL_NO_DATA;
    const Record *record = &records[number - 1];
    size_t count = utf_to_utf16(record->words, strlen(record->words), units);
    size_t fits = count < (size_t)size ? count : (size_t)size - 1;
    memcpy(text, units, fits * sizeof(*units));
    text[fits] = 0;
    *ret_len = (SQLSMALLINT)count;
    *ret_native = record->native;
    for (size_t i = 0; i < 6; i++)
        ret_state[i] = (SQLWCHAR)record->state[i];
    return fits < count ? SQL_SUCCESS_WITH_INFO : SQL_SUCCESS;
}

static TdsFault fault_of(const Record *list, size_t count)
{
    TdsDriver driver = {.get_diag_rec = get_diag_rec};
    TdsFault fault;

    records = list;
    record_count = count;
    tds_fault_read(&driver, SQL_HANDLE_STMT, NULL, &fault);
    return fault;
}

#define FAULT_OF(list) fault_of((list), ARRAY_LEN(list))

/* ---- reading --------------------------------------------------------------------------------- */

static void test_diag__the_servers_words_win(void **state)
{
    // as FreeTDS 1.3.17 orders them
    static const Record said[] = {
        {"01000", 5701, "[FreeTDS][SQL Server]Changed database context to 'SSISDB'."},
        {"08001", 0, "[FreeTDS][SQL Server]Unable to connect to data source"},
        {"42000", 18456, "[FreeTDS][SQL Server]Login failed for user 'miner'."},
        {"08001", 20002, "[FreeTDS][SQL Server]Adaptive Server connection failed"},
    };
    TdsFault fault = FAULT_OF(said);

    (void)state;
    assert_string_equal(fault.words, "Login failed for user 'miner'");
    assert_string_equal(fault.state, "42000");
    assert_int_equal(fault.number, 18456);
    assert_int_equal(fault.transience, TDS_PERMANENT);
    assert_false(fault.is_lost || fault.is_timeout || fault.is_driver_missing);
}

static void test_diag__first_error_wins(void **state)
{
    static const Record said[] = {
        {"01000", 3621, "[FreeTDS][SQL Server]The statement has been terminated."},
        {"42S02", 208, "[FreeTDS][SQL Server]Invalid object name 'catalog.executions'."},
        {"42000", 8180, "[FreeTDS][SQL Server]Statement(s) could not be prepared."},
    };
    TdsFault fault = FAULT_OF(said);

    (void)state;
    assert_int_equal(fault.number, 208);
    assert_string_equal(fault.words, "Invalid object name 'catalog.executions'");
}

static void test_diag__the_reason_of_a_refused_login_wins(void **state)
{
    // both come for an unknown database, in this order from FreeTDS
    static const Record said[] = {
        {"42000", 18456, "[FreeTDS][SQL Server]Login failed for user 'sa'."},
        {"42000", 4060, "[FreeTDS][SQL Server]Cannot open database \"x\" requested by the login."},
    };

    (void)state;
    assert_int_equal(FAULT_OF(said).number, 4060);
}

static void test_diag__prefixes_of_both_drivers_go(void **state)
{
    static const Record microsoft[] = {
        {"28000", 18456,
         "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]Login failed for user '[x]'."}};
    static const Record open[] = {{"HY000", 50001, "[unfinished"}};

    (void)state;
    assert_string_equal(FAULT_OF(microsoft).words, "Login failed for user '[x]'");
    assert_string_equal(FAULT_OF(open).words, "[unfinished");
}

static void test_diag__losses(void **state)
{
    static const Record said[][2] = {
        {{"08S01", 20004, "[FreeTDS][SQL Server]Read from the server failed"},
         {"08001", 0, "[FreeTDS][SQL Server]x"}},
        {{"08S01", 20006, "[FreeTDS][SQL Server]Write to the server failed"}, {"HY000", 0, "y"}},
        {{"01000", 20017, "[FreeTDS][SQL Server]Unexpected EOF from the server"},
         {"HY000", 0, "y"}},
        {{"08S01", 104, "[Microsoft][ODBC Driver 18 for SQL Server]TCP Provider: Error code 0x68"},
         {"08S01", 104, "[Microsoft][ODBC Driver 18 for SQL Server]Communication link failure"}},
        {{"08S01", 10054, "[Microsoft][ODBC Driver 18 for SQL Server]reset"}, {"HY000", 0, "y"}},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(said); i++) {
        TdsFault fault = FAULT_OF(said[i]);
        assert_true(fault.is_lost);
        assert_int_equal(fault.number, 0);
        assert_int_equal(fault.transience, TDS_TRANSPORT);
    }
}

static void test_diag__numbers_that_mean_two_things(void **state)
{
    // Msg 233 of the server is about a NULL, 1222 comes under the SQLSTATE of a time-out
    static const Record null_refused[] = {{"23000", 233, "[FreeTDS][SQL Server]Cannot be null."}};
    static const Record lock[] = {{"HYT00", 1222, "[FreeTDS][SQL Server]Lock request time out."}};
    static const Record client[] = {{"HYT00", 0, "[FreeTDS][SQL Server]Timeout expired"}};

    (void)state;
    assert_int_equal(FAULT_OF(null_refused).transience, TDS_PERMANENT);
    assert_int_equal(FAULT_OF(null_refused).number, 233);
    assert_int_equal(FAULT_OF(lock).transience, TDS_CONTENDED);
    assert_false(FAULT_OF(lock).is_timeout);
    assert_int_equal(FAULT_OF(client).number, TDS_NUMBER_TIMEOUT);
    assert_int_equal(FAULT_OF(client).transience, TDS_PERMANENT); // its outcome is unknown
    assert_true(FAULT_OF(client).is_timeout);
}

static void test_diag__missing_driver(void **state)
{
    static const Record said[] = {
        {"01000", 0, "[unixODBC][Driver Manager]Can't open lib 'FreeTDS' : file not found"}};
    static const Record named[] = {
        {"IM002", 0, "[unixODBC][Driver Manager]Data source name not found"}};

    (void)state;
    assert_true(FAULT_OF(said).is_driver_missing);
    assert_true(FAULT_OF(named).is_driver_missing);
}

static void test_diag__nothing_said(void **state)
{
    (void)state;
    assert_string_equal(fault_of(NULL, 0).words, "the driver gave no reason");
}

static void test_diag__words_are_cut_at_a_character(void **state)
{
    static char words[3001];
    Record said[] = {{"42000", 50000, words}};

    (void)state;
    for (size_t i = 0; i + 3 <= sizeof(words) - 1; i += 3)
        memcpy(words + i, "\xE2\x82\xAC", 3);
    TdsFault fault = FAULT_OF(said);
    assert_true(strlen(fault.words) > 1000);
    assert_int_equal(strlen(fault.words) % 3, 0);
}

/* A text that just fits the room a driver is given, and one that it cuts. */
static void test_diag__words_at_the_edge_of_their_room(void **state)
{
    enum { ROOM = 480 };
    char words[ROOM + 2];
    const Record said[] = {{"42000", 50000, words}};

    (void)state;
    for (size_t len = ROOM - 2; len < sizeof(words); len++) {
        memset(words, 'x', len);
        words[len] = '\0';
        TdsFault fault = FAULT_OF(said);
        assert_int_equal(strlen(fault.words), len < ROOM ? len : ROOM - 1);
        assert_string_equal(fault.state, "42000");
    }
}

/* An error that has no number is no loss: what it was asked is not asked again. */
static void test_diag__an_error_without_a_number_is_final(void **state)
{
    static const Record said[] = {{"HY000", 0, "[FreeTDS][SQL Server]General error"}};

    (void)state;
    assert_int_equal(FAULT_OF(said).number, 0);
    assert_false(FAULT_OF(said).is_lost);
    assert_int_equal(FAULT_OF(said).transience, TDS_PERMANENT);
}

/* ---- errors ---------------------------------------------------------------------------------- */

static void test_diag__statement_errors(void **state)
{
    TdsFault missing = {.number = 208, .words = "Invalid object name 'x'"};
    TdsFault denied = {.number = 229, .words = "The SELECT permission was denied"};
    TdsFault view_state = {.number = 300, .words = "VIEW SERVER STATE permission was denied"};
    TdsFault timeout = {
        .number = TDS_NUMBER_TIMEOUT, .is_timeout = true, .words = "Timeout expired"};
    TdsFault lost = {.is_lost = true, .words = "Read from the server failed"};
    Err err = {0};

    (void)state;
    assert_fails(tds_fault_of_statement(&missing, 60, &err), RC_QUERY, &err,
                 "Invalid object name 'x' (error 208)");
    assert_int_equal(err.number, 208);
    assert_string_equal(err.hint, "");
    assert_fails(tds_fault_of_statement(&denied, 60, &err), RC_RIGHTS, &err,
                 "The SELECT permission was denied (error 229)");
    assert_contains(err.hint, "ssis_logreader");
    assert_int_equal(tds_fault_of_statement(&view_state, 60, &err), RC_RIGHTS);
    assert_contains(err.hint, "VIEW SERVER STATE");
    assert_fails(tds_fault_of_statement(&timeout, 60, &err), RC_QUERY, &err,
                 "the server sent nothing for 60 s");
    assert_int_equal(err.number, -2);
    assert_contains(err.hint, "-t");
    assert_fails(tds_fault_of_statement(&lost, 60, &err), RC_QUERY, &err,
                 "the connection was lost: Read from the server failed");
    assert_contains(err.hint, "run it again");
}

static void test_diag__login_errors(void **state)
{
    static const int numbers[] = {18456, 4060, 40615, 40532, 40914, 18452, 40613};
    Err err = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        TdsFault fault = {.number = numbers[i], .words = "no"};
        assert_int_equal(tds_fault_of_login(&fault, &err), RC_CONNECT);
        assert_int_equal(err.number, numbers[i]);
        assert_true(strlen(err.hint) > 10);
    }
    TdsFault other = {.number = 17999, .words = "Something"};
    assert_fails(tds_fault_of_login(&other, &err), RC_CONNECT, &err, "Something (error 17999)");
    assert_string_equal(err.hint, "");
}

static void test_diag__field_R5_every_login_error_has_a_hint(void **state)
{
    static const int numbers[] = {
        911,   916,   921,   922,   924,   927,   942,   952,   976,   978,   979,   982,   983,
        988,   4060,  4064,  4221,  10928, 10929, 10936, 15404, 15517, 17142, 17806, 17809, 17892,
        18401, 18451, 18452, 18456, 18461, 18470, 18486, 18487, 18488, 33134, 33155, 40197, 40501,
        40531, 40532, 40544, 40613, 40615, 40914, 42108, 42109, 47072, 47073, 49918, 49919, 49920};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        TdsFault fault = {.number = numbers[i], .words = "no"};
        Err err = {0};
        (void)tds_fault_of_login(&fault, &err);
        if (strlen(err.hint) < 20)
            fail_msg("%d has no hint", numbers[i]);
    }
}

static void test_diag__field_R5_the_words_of_18456_decide(void **state)
{
    static const char *const cases[][2] = {
        {"Login failed for user 'x'. Reason: Azure Active Directory only authentication is "
         "enabled. Please contact your system administrator",
         "use -G"},
        {"Login failed due to client TLS version being less than minimal TLS version allowed by "
         "the server",
         "-N strict"},
        {"Login failed for user '<token-identified principal>'", "FROM EXTERNAL PROVIDER"},
        {"Login failed for user ''", "FROM EXTERNAL PROVIDER"},
        {"Login failed for user '<token-identified principal>'. Token is expired.", "clock"},
        {"Login failed for user '<token-identified principal>'. The server is not currently "
         "configured to accept this token.",
         "another tenant or cloud"},
        {"Login failed for user '<token-identified principal>'. Incorrect or invalid token.",
         "--audience"},
        {"Login failed for user 'x'", "check user name and password"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        TdsFault fault = {.number = 18456};
        Err err = {0};
        (void)snprintf(fault.words, sizeof(fault.words), "%s", cases[i][0]);
        (void)tds_fault_of_login(&fault, &err);
        assert_contains(err.hint, cases[i][1]);
    }
}

/* The command that is told so may be cleanup itself. */
static void test_diag__every_passing_error_has_a_hint_and_none_names_cleanup(void **state)
{
    size_t count = 0;
    const TdsTransient *list = tds_transients(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        TdsFault fault = {.number = list[i].number, .words = "no"};
        Err err = {0};
        (void)tds_fault_of_statement(&fault, 60, &err);
        assert_null(strstr(err.hint, "cleanup"));
        bool needs_hint = list[i].transience == TDS_OVERSIZED || list[i].transience == TDS_FULL ||
                          list[i].transience == TDS_REOPENING || list[i].transience == TDS_GOVERNED;
        if (needs_hint && err.hint[0] == '\0')
            fail_msg("%d has no hint", (int)list[i].number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_diag__the_servers_words_win),
        cmocka_unit_test(test_diag__first_error_wins),
        cmocka_unit_test(test_diag__the_reason_of_a_refused_login_wins),
        cmocka_unit_test(test_diag__prefixes_of_both_drivers_go),
        cmocka_unit_test(test_diag__losses),
        cmocka_unit_test(test_diag__numbers_that_mean_two_things),
        cmocka_unit_test(test_diag__missing_driver),
        cmocka_unit_test(test_diag__nothing_said),
        cmocka_unit_test(test_diag__words_are_cut_at_a_character),
        cmocka_unit_test(test_diag__words_at_the_edge_of_their_room),
        cmocka_unit_test(test_diag__an_error_without_a_number_is_final),
        cmocka_unit_test(test_diag__statement_errors),
        cmocka_unit_test(test_diag__login_errors),
        cmocka_unit_test(test_diag__field_R5_every_login_error_has_a_hint),
        cmocka_unit_test(test_diag__field_R5_the_words_of_18456_decide),
        cmocka_unit_test(test_diag__every_passing_error_has_a_hint_and_none_names_cleanup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
