/* `explain`: numbers, names, words, and what is near to them. */
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

/* X, the kind it is read as, the name there, an entry of the catalog; NULL: none of it. */
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

/* Is one of the readings or entries the row's own? */
static void expect_row(const CodeRow *row, const char *what)
{
    arena_reset(&arena);
    Explanation known = explain(set, what, &arena);
    bool is_there = false;

    if (!explanation_is_hit(&known))
        fail_msg("%s:%d: \"%s\" is not explained", row->file, row->line, what);
    for (size_t i = 0; i < known.entry_count; i++)
        for (size_t k = 0; k < known.entries[i]->code_count; k++)
            is_there |= row->has_code && known.entries[i]->codes[k] == row->code;
    for (size_t i = 0; i < known.reading_count; i++)
        is_there |= str_same_fold(known.readings[i].name, row->name);
    is_there |= has_entry(&known, row->id) || !row->by_number; // by its reading alone
    if (!is_there)
        fail_msg("%s:%d: \"%s\" is something else", row->file, row->line, what);
    assert_null(known.nearest);
}

/* Within a sentence it is found and read as it is alone. */
static void expect_mention(const CodeRow *row, const char *sentence)
{
    Mention mentions[8];

    arena_reset(&arena);
    size_t count = explain_mentions(set, str_of(sentence), &arena, mentions, 8);
    for (size_t i = 0; i < count; i++)
        if (explanation_is_hit(&mentions[i].known) &&
            (!row->has_code || mentions[i].known.number == (int32_t)row->code))
            return;
    fail_msg("%s:%d: nothing is found in \"%s\"", row->file, row->line, sentence);
}

typedef enum Notation { SMALL_HEX, LARGE_HEX, UNSIGNED } Notation;

static void write_number(char *into, size_t size, const char *before, Notation notation,
                         uint32_t code, const char *after)
{
    if (notation == SMALL_HEX)
        (void)snprintf(into, size, "%s%08" PRIx32 "%s", before, code, after);
    else if (notation == LARGE_HEX)
        (void)snprintf(into, size, "%s%08" PRIX32 "%s", before, code, after);
    else
        (void)snprintf(into, size, "%s%" PRIu32 "%s", before, code, after);
}

static const struct {
    const char *before;
    Notation notation;
    const char *after;
} alone[] =
    {{"0x", SMALL_HEX, ""},           {"0X", LARGE_HEX, ""},   {"0x", LARGE_HEX, "L"},
     {"(0x", LARGE_HEX, ")"},         {"0x", LARGE_HEX, "."},  {"HRESULT: 0x", LARGE_HEX, ""},
     {"exit code 0x", LARGE_HEX, ""}, {"code ", UNSIGNED, ""}, {"", UNSIGNED, ""}},
  within[] = {{"Exception from HRESULT: 0x", LARGE_HEX, ", what now?"},
              {"the call returned 0x", SMALL_HEX, ""},
              {"The process exited with code 0x", LARGE_HEX, "."},
              {"error code ", UNSIGNED, " was seen"}};

static void take_wide(const CodeRow *row)
{
    char text[120];

    for (size_t i = 0; i < ARRAY_LEN(alone); i++) {
        write_number(text, sizeof(text), alone[i].before, alone[i].notation, row->code,
                     alone[i].after);
        expect_row(row, text);
    }
    write_number(text, sizeof(text), "", LARGE_HEX, row->code, "");
    if (strpbrk(text, "ABCDEF")) // else it is a decimal number
        expect_row(row, text);
    for (size_t i = 0; i < ARRAY_LEN(within); i++) {
        write_number(text, sizeof(text), within[i].before, within[i].notation, row->code,
                     within[i].after);
        expect_mention(row, text);
    }
}

static void take_narrow(const CodeRow *row)
{
    char text[120];

    (void)snprintf(text, sizeof(text), "Msg %" PRId32, (int32_t)row->code);
    expect_row(row, text);
    (void)snprintf(text, sizeof(text), "Something broke. (SQL Error: %" PRId32 ")",
                   (int32_t)row->code);
    expect_mention(row, text);
}

/* Every row of config/codes, by its number in each notation and by its name. */
static void test_explain__every_code_of_the_tables(void **state)
{
    size_t count = 0, tried = 0;
    const CodeRow *rows = code_rows(&count);
    char text[160];

    (void)state;
    for (size_t i = 0; i < count; i++) {
        const CodeRow *row = &rows[i];
        if (row->has_code) {
            (void)snprintf(text, sizeof(text), "%" PRId32, (int32_t)row->code);
            expect_row(row, text);
            tried++;
        }
        if (row->has_code && row->code >= 0x10000) // 40 and 0x00000028 are not the same question
            take_wide(row);
        else if (row->has_code && row->by_number)
            take_narrow(row);
        if (!row->name)
            continue;
        expect_row(row, row->name);
        (void)snprintf(text, sizeof(text), "\"%s\".", row->name);
        expect_row(row, text);
    }
    assert_true(tried > 2900);
}

/* What is nearest to it, and that it is no hit. */
static void test_explain__names_the_nearest(void **state)
{
    static const struct {
        const char *what, *nearest;
    } near[] = {
        {"0xC020209", "0xC0202009"},
        {"0xC02020090", "0xC0202090"},
        {"-10716364711", "-1071636471"},
        {"HRESULT 0xC020200", "0xC0202001"},
        {"DTS_E_OLEDBEROR", "DTS_E_OLEDBERROR"},
        {"E_FALI", "E_FAIL"},
        {"request-limt", "request-limit"},
        {"0xC0202FFF", "0xC02020FF"},
        {"Widget 17 fell off", NULL},
        {"rows 208", NULL},
        {"2147467250", NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(near); i++) {
        Explanation known = explain(set, near[i].what, &arena);
        assert_false(explanation_is_hit(&known));
        if (!str_same(known.nearest, near[i].nearest))
            fail_msg("'%s' is nearest to %s", near[i].what,
                     known.nearest ? known.nearest : "nothing");
    }
    Explanation known = explain(set, "0xC0202009", &arena);
    assert_true(explanation_is_hit(&known));
    assert_null(known.nearest);
}

static void test_explain__numbers_within_a_text(void **state)
{
    static const struct {
        const char *text, *what;
    } cases_within[] = {
        {"The call failed with HRESULT 0x80131904.", "HRESULT 0x80131904"},
        {"It was the E_FAIL again", "E_FAIL"},
        {"Process exited with code 5", "exited with code 5"},
        {"The Exit Code was: 4", "Exit Code 4"},
        {"(Error -1073741819)", "Error -1073741819"},
        {"got (-1071636471) back", "-1071636471"},
        {"4 rows of 208 in 17 seconds, 5 left", NULL},
        {"a file of 123456789012 bytes", NULL},
        {"dts_orders_load ran", NULL},
    };
    Mention mentions[8];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases_within); i++) {
        size_t count = explain_mentions(set, str_of(cases_within[i].text), &arena, mentions, 8);
        assert_int_equal(count, cases_within[i].what ? 1 : 0);
        if (count > 0)
            assert_string_equal(mentions[0].what, cases_within[i].what);
    }
    assert_int_equal(
        explain_mentions(set, str_of("0x80004005, 0x80004005, E_FAIL"), &arena, mentions, 8), 2);
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
        cmocka_unit_test(test_explain__names_the_nearest),
        cmocka_unit_test(test_explain__numbers_within_a_text),
        cmocka_unit_test(test_explain__words_narrow),
        cmocka_unit_test(test_explain__what_it_does_not_know),
        cmocka_unit_test(test_explain__numbers),
    };
    return cmocka_run_group_tests(tests, load_set, done);
}
