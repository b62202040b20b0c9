#include "test.h"

#include "ssisminer/codes/table.h"
#include "ssisminer/explain/explain.h"

#include <inttypes.h>
#include <stdio.h>

static SigSet *set;
static Arena arena;

static int load_set(void **state)
{
    Err err = {0};
    (void)state;

    return sigset_load(NULL, 0, &set, &err) == RC_OK ? 0 : -1;
}

static int done(void **state)
{
    (void)state;
    sigset_free(set);
    arena_done(&arena);
    return 0;
}

static const Reading *reading_of(const Explanation *known, const char *kind)
{
    for (size_t i = 0; i < known->reading_count; i++)
        if (str_same(known->readings[i].kind, kind))
            return &known->readings[i];
    return NULL;
}

static bool has_entry(const Explanation *known, const char *id)
{
    for (size_t i = 0; i < known->entry_count; i++)
        if (str_same(known->entries[i]->id, id))
            return true;
    return false;
}

/* X, the kind it is read as, the name there, an entry of the catalogue; NULL: none of it. */
static const struct {
    const char *what, *kind, *name, *entry;
} cases[] = {
    {"10928", "SQL error", "resource limit reached", "request-limit"},
    {"-2", "SQL error", NULL, "sql-query-timeout"},
    {"Msg 1205", "SQL error", NULL, "sql-deadlock"},
    {"error 4060", "SQL error", NULL, "sql-database-unavailable"},
    {"911", "SQL error", NULL, NULL},
    {"0xC0202009", "SSIS error", "DTS_E_OLEDBERROR", "dts-oledb-error"},
    {"0XC0202009", "SSIS error", "DTS_E_OLEDBERROR", "dts-oledb-error"},
    {"C0202009", "SSIS error", "DTS_E_OLEDBERROR", "dts-oledb-error"},
    {"-1071636471", "SSIS error", "DTS_E_OLEDBERROR", "dts-oledb-error"},
    {"3223330825", "SSIS error", "DTS_E_OLEDBERROR", "dts-oledb-error"},
    {"dts_e_oledberror", "SSIS error", "DTS_E_OLEDBERROR", "dts-oledb-error"},
    {"DTS_E_OLEDBEROR", "SSIS name", "DTS_E_OLEDBERROR", NULL},
    {"DTS_E_SOMETHINGELSEALTOGETHER", "SSIS name", NULL, NULL},
    {"12291", "SSIS event", "package failed", NULL},
    {"event id 12550", "SSIS event", "error", NULL},
    {"12300", "SSIS event", NULL, NULL},
    {"12287", "SQL error", NULL, NULL},
    {"12559", "SQL error", NULL, NULL},
    {"27123", "SQL error", NULL, NULL},
    {"DTS_W_MAXIMUMERRORCOUNTREACHED", NULL, NULL, "dts-max-error-count"},
    {"0x80004005", "HRESULT", "E_FAIL", NULL},
    {"E_FAIL", "HRESULT", "E_FAIL", NULL},
    {"HRESULT: 0x80070020", "HRESULT", "ERROR_SHARING_VIOLATION", NULL},
    {"0x80070005", NULL, NULL, NULL},
    {"0x8007052F", "HRESULT", NULL, NULL},
    {"0xC0209999", "SSIS error", NULL, NULL},
    {"-1073741819", "NTSTATUS", "STATUS_ACCESS_VIOLATION", "executor-access-violation"},
    {"exit code -1073741819", "NTSTATUS", "STATUS_ACCESS_VIOLATION", "executor-access-violation"},
    {"exit code: 4", "dtexec exit code", NULL, NULL},
    {"dtexec 3", "dtexec exit code", "DTSER_CANCELED", NULL},
    {"4", "operation status", "failed", NULL},
    {"4", "dtexec exit code", NULL, NULL},
    {"status 6", "operation status", "ended unexpectedly", "ssisdb-ended-unexpectedly"},
    {"Ended Unexpectedly", "operation status 6", "ended unexpectedly", "ssisdb-ended-unexpectedly"},
    {"operation type 101", "operation type", "deploy_project", NULL},
    {"deploy_project", "operation type 101", "deploy_project", NULL},
    {"message type 120", "message type", "error", NULL},
    {"task failed", "message type 130", "task failed", NULL},
    {"windows error 5", "Windows error", "ERROR_ACCESS_DENIED", NULL},
    {"disk-full", NULL, NULL, "disk-full"},
    {"capacity", NULL, NULL, "queue-wait"},
};

static void test_explain__what_it_may_mean(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Explanation known = explain(set, cases[i].what, &arena);
        const Reading *reading = cases[i].kind ? reading_of(&known, cases[i].kind) : NULL;
        if (known.reading_count + known.entry_count == 0)
            fail_msg("'%s' means nothing", cases[i].what);
        if (cases[i].kind && !reading)
            fail_msg("'%s' is no %s but a %s", cases[i].what, cases[i].kind,
                     known.reading_count ? known.readings[0].kind : "?");
        if (reading && cases[i].name)
            assert_string_equal(reading->name, cases[i].name);
        if (cases[i].entry && !has_entry(&known, cases[i].entry))
            fail_msg("'%s' does not lead to '%s'", cases[i].what, cases[i].entry);
    }
}

/* Every row of config/codes, by its number in each notation and by its name. */
static void test_explain__every_code_of_the_tables(void **state)
{
    size_t count = 0;
    const CodeRow *rows = code_rows(&count);
    char texts[3][32];

    (void)state;
    for (size_t i = 0; i < count; i++) {
        bool is_wide = rows[i].code >= 0x10000; // 40 and 0x00000028 are not the same question
        (void)snprintf(texts[0], sizeof(texts[0]), "%" PRId32, (int32_t)rows[i].code);
        (void)snprintf(texts[1], sizeof(texts[1]), "%" PRIu32, rows[i].code);
        (void)snprintf(texts[2], sizeof(texts[2]), "0x%08" PRIx32, rows[i].code);
        for (size_t k = 0; rows[i].has_code && k < (is_wide ? 3 : 1); k++) {
            arena_reset(&arena);
            Explanation known = explain(set, texts[k], &arena);
            if (known.reading_count == 0 || (known.entry_count == 0 && rows[i].by_number))
                fail_msg("%s:%d: \"%s\" is not explained", rows[i].file, rows[i].line, texts[k]);
        }
        if (!rows[i].name)
            continue;
        arena_reset(&arena);
        Explanation known = explain(set, rows[i].name, &arena);
        if (known.reading_count == 0)
            fail_msg("%s:%d: \"%s\" is not explained", rows[i].file, rows[i].line, rows[i].name);
    }
}

static void test_explain__words_narrow(void **state)
{
    Explanation status = explain(set, "status 4", &arena);
    Explanation message = explain(set, "Msg 4", &arena);

    (void)state;
    assert_int_equal(status.reading_count, 1);
    assert_null(reading_of(&message, "operation status"));
}

static void test_explain__what_it_does_not_know(void **state)
{
    static const char *const unknown[] = {
        "", "widget", "Widget 17 fell off", "0x", "0x123456789", "12-34", "rows 208"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
        Explanation known = explain(set, unknown[i], &arena);
        if (known.reading_count + known.entry_count > 0)
            fail_msg("'%s' means something", unknown[i]);
    }
}

static void test_explain__numbers(void **state)
{
    static const struct {
        const char *text;
        int64_t number;
    } good[] = {
        {"208", 208}, {"-1", -1}, {"0xff", 255}, {"80004005", 80004005}, {"8000400E", 0x8000400E}};
    static const char *const bad[] = {"", "-", "x", "0x", "+5", "1.5", "C020200", "0xfffffffff"};
    int64_t number;
    bool is_hex;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_true(explain_parse_number(str_of(good[i].text), &number, &is_hex));
        assert_int_equal(number, good[i].number);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(explain_parse_number(str_of(bad[i]), &number, &is_hex));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_explain__what_it_may_mean),
        cmocka_unit_test(test_explain__every_code_of_the_tables),
        cmocka_unit_test(test_explain__words_narrow),
        cmocka_unit_test(test_explain__what_it_does_not_know),
        cmocka_unit_test(test_explain__numbers),
    };
    return cmocka_run_group_tests(tests, load_set, done);
}
