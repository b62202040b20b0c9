/* Connection strings of each driver, quoted, capped, and what a driver cannot take. */
#include "test.h"

#include "../../../src/tds/connstr.h"

#include <stdio.h>

static const TdsServer server = {.host = "sql.example.net", .port = 1433};

enum { OLD = 10317, NEW = 10505 };

static void assert_connstr(const TdsTarget *target, const TdsServer *of, int version,
                           const char *expected)
{
    Buf text = {0};
    Err err = {0};

    assert_int_equal(tds_connstr(target, of, "Some Driver", version, &text, &err), RC_OK);
    assert_string_equal(buf_text(&text), expected);
    tds_wipe(&text);
}

static void test_connstr__freetds(void **state)
{
    TdsTarget target = {.database = "SSISDB",
                        .user = "miner",
                        .password = "s3cret",
                        .application = "ssisminer/1.0 report"};

    (void)state;
    assert_connstr(&target, &server, OLD,
                   "Driver={Some Driver};Servername=sql.example.net;Database=SSISDB;UID=miner;"
                   "PWD=s3cret;APP=ssisminer/1.0 report;");
    target.read_only_intent = true;
    target.integrated = true;
    assert_connstr(&target, &server, OLD,
                   "Driver={Some Driver};Servername=sql.example.net;Database=SSISDB;"
                   "Trusted_Connection=yes;APP=ssisminer/1.0 report;ApplicationIntent=ReadOnly;");
}

typedef struct Quoting {
    const char *password;
    int version;
    const char *expected;
} Quoting;

static void test_connstr__freetds_quotes_only_what_it_must(void **state)
{
    static const Quoting cases[] = {
        {"", OLD, "PWD=;"},
        {"a b=c'd\"", OLD, "PWD=a b=c'd\";"},
        {" x ", OLD, "PWD= x ;"},
        {"a}b", OLD, "PWD=a}b;"},
        {"a{b}", OLD, "PWD=a{b};"},
        {"a;b", OLD, "PWD={a;b};"},
        {"{a", OLD, "PWD={{a};"},
        {"a;b}c", OLD, "PWD={a;b}c};"},
        {"a;b}c", NEW, "PWD={a;b}}c};"},
        {"a;b}", NEW, "PWD={a;b}}};"},
        {"a};b", NEW, "PWD={a}};b};"},
        {"p\xC3\xA4ss", OLD, "PWD=p\xC3\xA4ss;"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        TdsTarget target = {.user = "u", .password = cases[i].password};
        char expected[200];
        (void)snprintf(expected, sizeof(expected),
                       "Driver={Some Driver};Servername=sql.example.net;UID=u;%s",
                       cases[i].expected);
        assert_connstr(&target, &server, cases[i].version, expected);
    }
}

static void test_connstr__old_freetds_cannot_take_every_password(void **state)
{
    static const char *const bad[] = {"a};b", "a;b}"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        TdsTarget target = {.user = "u", .password = bad[i]};
        Buf text = {0};
        Err err = {0};
        assert_fails(tds_connstr(&target, &server, "FreeTDS", OLD, &text, &err), RC_USAGE, &err,
                     "FreeTDS before 1.4 cannot take a password with '};' in it");
        assert_lacks(err.text, bad[i]);
        assert_contains(err.hint, "change it");
        tds_wipe(&text);
    }
}

static void test_connstr__microsoft(void **state)
{
    TdsTarget target = {.driver = "ODBC Driver 18 for SQL Server",
                        .database = "SSISDB",
                        .user = "miner",
                        .password = "a}b;c",
                        .application = "ssisminer"};
    TdsServer instance = {.host = "sql01", .instance = "PROD"};
    TdsServer ip6 = {.host = "::1", .port = 1433};

    (void)state;
    assert_connstr(&target, &server, 0,
                   "Driver={Some Driver};Server={tcp:sql.example.net,1433};Database={SSISDB};"
                   "UID={miner};PWD={a}}b;c};APP={ssisminer};Encrypt=yes;"
                   "TrustServerCertificate=no;");
    target.encrypt = TDS_ENCRYPT_OFF;
    target.integrated = true;
    assert_connstr(&target, &instance, 0,
                   "Driver={Some Driver};Server={sql01\\PROD};Database={SSISDB};"
                   "Trusted_Connection=yes;APP={ssisminer};Encrypt=no;TrustServerCertificate=no;");
    target.encrypt = TDS_ENCRYPT_STRICT;
    target.trust_certificate = true;
    target.authentication = "ActiveDirectoryMsi";
    target.user = NULL;
    target.read_only_intent = true;
    assert_connstr(&target, &ip6, 0,
                   "Driver={Some Driver};Server={::1,1433};Database={SSISDB};"
                   "Authentication={ActiveDirectoryMsi};APP={ssisminer};Encrypt=strict;"
                   "TrustServerCertificate=yes;ApplicationIntent=ReadOnly;");
}

static void test_connstr__data_source(void **state)
{
    TdsTarget target = {.dsn = "prod", .user = "u", .password = "p"};

    (void)state;
    assert_connstr(&target, &server, 0, "DSN={prod};UID={u};PWD={p};");
}

static void test_connstr__has_a_cap(void **state)
{
    static char long_name[TDS_CONNSTR_MAX + 1];
    TdsTarget target = {.user = long_name, .password = "p"};
    Buf text = {0};
    Err err = {0};

    (void)state;
    memset(long_name, 'u', sizeof(long_name) - 1);
    assert_int_not_equal(tds_connstr(&target, &server, "FreeTDS", OLD, &text, &err), RC_OK);
    assert_lacks(err.text, "uuuu");
    tds_wipe(&text);
}

static void test_connstr__dialects(void **state)
{
    (void)state;
    assert_int_equal(tds_dialect_of(&(TdsTarget){.driver = NULL}), TDS_DIALECT_FREETDS);
    assert_int_equal(tds_dialect_of(&(TdsTarget){.driver = "freetds"}), TDS_DIALECT_FREETDS);
    assert_int_equal(tds_dialect_of(&(TdsTarget){.driver = "/opt/x/libtdsodbc.so"}),
                     TDS_DIALECT_FREETDS);
    assert_int_equal(tds_dialect_of(&(TdsTarget){.driver = "ODBC Driver 18 for SQL Server"}),
                     TDS_DIALECT_MICROSOFT);
    assert_int_equal(tds_dialect_of(&(TdsTarget){.dsn = "FreeTDS"}), TDS_DIALECT_DSN);
}

typedef struct Refusal {
    TdsTarget target;
    int version;
    const char *text, *hint;
} Refusal;

static void test_connstr__refuses_what_the_driver_cannot(void **state)
{
    static const Refusal cases[] = {
        {{.server = "x"}, OLD, "no user name given", "SQLCMDUSER"},
        {{.authentication = "ActiveDirectoryMsi"},
         OLD,
         "FreeTDS has no Microsoft Entra login ('ActiveDirectoryMsi')",
         "ODBC Driver 18"},
        {{.user = "u", .encrypt = TDS_ENCRYPT_STRICT},
         OLD,
         "strict encryption needs FreeTDS 1.5 or later, this is 1.3.17",
         "leave out --relay never"},
        {{.user = "u", .driver = "ODBC Driver 18", .ca_file = "/x"},
         0,
         "driver 'ODBC Driver 18' takes no CA file",
         "update-ca-certificates"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Err err = {0};
        assert_fails(tds_check_target(&cases[i].target, cases[i].version, &err), RC_USAGE, &err,
                     cases[i].text);
        assert_contains(err.hint, cases[i].hint);
    }
}

static void test_connstr__accepts_what_the_driver_can(void **state)
{
    static const TdsTarget fine[] = {
        {.user = "u", .encrypt = TDS_ENCRYPT_STRICT},
        {.integrated = true},
        {.dsn = "x"},
        {.driver = "ODBC Driver 18", .authentication = "ActiveDirectoryMsi"},
        {.driver = "ODBC Driver 18", .user = "u", .ca_file = "/x", .trust_certificate = true},
        {.driver = "ODBC Driver 18", .user = "u", .ca_file = "/x", .encrypt = TDS_ENCRYPT_OFF},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(fine); i++) {
        Err err = {0};
        assert_int_equal(tds_check_target(&fine[i], NEW, &err), RC_OK);
    }
}

static void test_connstr__default_driver_needs_no_odbcinst(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    size_t count = 0;
    TdsTarget any = {.user = "u"}, named = {.driver = "/x/libtdsodbc.so"};

    (void)state;
    const char *const *names = tds_driver_names(&any, &arena, &count);
    assert_true(count >= 2); // tdsodbc is installed where the tests run
    assert_string_equal(names[0], "FreeTDS");
    assert_contains(names[1], "libtdsodbc.so");
    names = tds_driver_names(&named, &arena, &count);
    assert_int_equal(count, 1);
    assert_string_equal(names[0], "/x/libtdsodbc.so");
}

static void test_connstr__names_that_no_login_can_carry(void **state)
{
    static char long_name[130], wide[2 * 65 * 4 + 1];
    const struct {
        TdsTarget target;
        const char *words, *hint;
    } cases[] = {
        {{.user = long_name}, "the user name is longer than 128 characters", "meant"},
        {{.user = wide}, "the user name is longer than 128 characters", "meant"}, // pairs of units
        {{.user = "u", .password = long_name}, "the password is longer than 128", "meant"},
        {{.user = "u", .database = long_name}, "the database's name is longer", "meant"},
        {{.user = "u", .application = long_name}, "the application's name is longer", "meant"},
        {{.user = "u\n"}, "the user name has a control character", "line break"},
        {{.user = "u", .database = "SSIS\tDB"}, "the database's name has a control", "line break"},
        {{.user = "CORP\\etl"}, "'CORP\\etl' is a Windows account", "-E"},
        {{.user = "CORP\\etl", .driver = "ODBC Driver 18 for SQL Server"},
         "Windows account",
         "kinit"},
    };
    (void)state;

    memset(long_name, 'n', sizeof(long_name) - 1);
    for (size_t i = 0; i < 65; i++)
        memcpy(wide + 4 * i, "\xF0\x9F\x98\x80", 4);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Err err = {0};
        assert_int_equal(tds_check_target(&cases[i].target, OLD, &err), RC_USAGE);
        assert_contains(err.text, cases[i].words);
        assert_contains(err.hint, cases[i].hint);
        assert_lacks(err.text, "nnnn"); // a password least of all
    }
    long_name[128] = '\0'; // just fits
    wide[4 * 64] = '\0';
    const TdsTarget fits = {.user = wide, .password = long_name, .database = long_name};
    Err err = {0};
    assert_int_equal(tds_check_target(&fits, OLD, &err), RC_OK);
    const TdsTarget windows = {.user = "CORP\\etl", .integrated = true};
    assert_int_equal(tds_check_target(&windows, OLD, &err), RC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connstr__freetds),
        cmocka_unit_test(test_connstr__freetds_quotes_only_what_it_must),
        cmocka_unit_test(test_connstr__old_freetds_cannot_take_every_password),
        cmocka_unit_test(test_connstr__microsoft),
        cmocka_unit_test(test_connstr__data_source),
        cmocka_unit_test(test_connstr__has_a_cap),
        cmocka_unit_test(test_connstr__dialects),
        cmocka_unit_test(test_connstr__refuses_what_the_driver_cannot),
        cmocka_unit_test(test_connstr__accepts_what_the_driver_can),
        cmocka_unit_test(test_connstr__default_driver_needs_no_odbcinst),
        cmocka_unit_test(test_connstr__names_that_no_login_can_carry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
