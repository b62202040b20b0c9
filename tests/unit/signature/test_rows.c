/* The rows of config/codes: each is recognized as itself, by whatever it is written as. */
#include "test.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/codes/table.h"
#include "ssisminer/signature/signature.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static SigSet *set;
static SigScratch *scratch;
enum { MATCHES_MAX = 64 };
static SigMatch matches[MATCHES_MAX];

static int load_set(void **state)
{
    Err err = {0};
    (void)state;

    if (sigset_load(NULL, 0, &set, &err) != RC_OK)
        return -1;
    scratch = sig_scratch_new(set);
    return 0;
}

static int done(void **state)
{
    (void)state;
    sig_scratch_free_at(&scratch);
    sigset_free(set);
    return 0;
}

static size_t match(const char *text, int64_t code)
{
    Err err = {0};
    size_t count = 0;
    const SigText what = {.text = str_of(text), .code = code};

    assert_int_equal(sig_match(set, scratch, &what, matches, MATCHES_MAX, &count, &err), RC_OK);
    return count;
}

static bool takes_code(const Signature *signature, uint32_t code)
{
    for (size_t i = 0; i < signature->code_count; i++)
        if (signature->codes[i] == code)
            return true;
    return false;
}

/* The row itself, or an entry written by hand: never another row. */
static bool is_right(const Signature *winner, const CodeRow *row)
{
    return str_same(winner->id, row->id) || !winner->is_row;
}

static void expect_row(const CodeRow *row, const char *text, int64_t code)
{
    size_t count = match(text, code);

    if (count == 0)
        fail_msg("%s:%d: '%s' is not seen in \"%s\" %" PRId64, row->file, row->line, row->id, text,
                 code);
    if (!is_right(matches[0].signature, row))
        fail_msg("%s:%d: '%s' loses \"%s\" to '%s'", row->file, row->line, row->id, text,
                 matches[0].signature->id);
}

/* Something that takes the number is among what matches. */
static void expect_number(const CodeRow *row, const char *text, int64_t code)
{
    expect_row(row, text, code);
    for (size_t i = 0; i < match(text, code); i++)
        if (takes_code(matches[i].signature, row->code))
            return;
    fail_msg("%s:%d: nothing takes the number in \"%s\"", row->file, row->line, text);
}

static void test_rows__every_number_in_every_notation(void **state)
{
    size_t count = 0;
    const CodeRow *rows = code_rows(&count);
    char text[256];

    (void)state;
    assert_true(count > 3000);
    for (size_t i = 0; i < count; i++) {
        const CodeRow *row = &rows[i];
        if (!row->by_number)
            continue;
        bool is_wide = row->code > 0xFFFF;
        expect_number(row, "Irgendwas geht nicht.", (int32_t)row->code);
        expect_number(row, "Irgendwas geht nicht.", (int64_t)row->code);
        (void)snprintf(text, sizeof(text), "Msg %d, Level 16, State 1: irgendwas",
                       (int32_t)row->code);
        expect_number(row, text, 0);
        if (!is_wide)
            continue;
        (void)snprintf(text, sizeof(text), "Error: 0x%08" PRIX32 " at Load: irgendwas", row->code);
        expect_number(row, text, 0);
        (void)snprintf(text, sizeof(text), "Code: 0x%08" PRIx32, row->code);
        expect_number(row, text, 0);
        (void)snprintf(text, sizeof(text), "error code %" PRIu32 ".", row->code);
        expect_number(row, text, 0);
        (void)snprintf(text, sizeof(text), "irgendwas %d", (int32_t)row->code);
        if ((int32_t)row->code <= -100000000)
            expect_number(row, text, 0);
        if (!row->name)
            continue;
        (void)snprintf(text, sizeof(text), "SSIS-Fehlercode \"%s\".", row->name);
        expect_number(row, text, 0);
    }
}

/* A message that the pattern takes: something stands in each of its gaps. */
static void fill_gaps(const char *pattern, Buf *ret_text)
{
    Str rest = str_of(pattern);

    while (rest.len > 0) {
        const char *open = memchr(rest.at, '{', rest.len);
        size_t plain = open ? (size_t)(open - rest.at) : rest.len;
        buf_put(ret_text, rest.at, plain);
        if (!open)
            return;
        const char *close = memchr(open, '}', rest.len - plain);
        assert_non_null(close);
        Str gap = {open, (size_t)(close - open)};
        buf_puts(ret_text, memmem(gap.at, gap.len, ":quoted", 7)   ? "'Orders'"
                           : memmem(gap.at, gap.len, ":number", 7) ? "17"
                                                                   : "Orders");
        rest = (Str){close + 1, (size_t)(rest.at + rest.len - close) - 1};
    }
}

/* A row's own text names it, or what is written by hand about it; never its neighbor. */
static void test_rows__every_text_against_its_neighbors(void **state)
{
    size_t count = 0, tried = 0;
    const CodeRow *rows = code_rows(&count);
    AUTO(buf_done) Buf text = {.cap = 4096};

    (void)state;
    for (size_t i = 0; i < count; i++) {
        const CodeRow *row = &rows[i];
        if (!row->by_text)
            continue;
        buf_reset(&text);
        buf_puts(&text, "Load:Error: ");
        fill_gaps(row->fragment, &text);
        buf_puts(&text, " \"Orders\" ");
        fill_gaps(row->second ? row->second : "", &text);
        expect_row(row, buf_text(&text), 0);
        tried++;
    }
    assert_true(tried > 2000);
}

/* Texts in other languages announce their signature, whatever else they hold. */
static void test_rows__every_text_of_other_languages(void **state)
{
    size_t count = 0;
    const CodeText *texts = code_texts(&count);
    char text[512];

    (void)state;
    assert_true(count > 600);
    for (size_t i = 0; i < count; i++) {
        bool is_there = false;
        (void)snprintf(text, sizeof(text), "\"X\" %s \"Orders\" %s.", texts[i].fragment,
                       texts[i].second ? texts[i].second : "");
        size_t found = match(text, 0);
        for (size_t k = 0; k < found; k++)
            is_there = is_there || str_same(matches[k].signature->id, texts[i].signature);
        if (!is_there)
            fail_msg("%s:%d: '%s' is not seen in \"%s\"", texts[i].file, texts[i].line,
                     texts[i].signature, text);
    }
}

static bool says_unconfirmed(const char *first, const char *second, const char *id)
{
    char text[512];

    (void)snprintf(text, sizeof(text), "%s\n%s", first, second);
    size_t found = match(text, 0);
    for (size_t i = 0; i < found; i++)
        if (str_same(matches[i].signature->id, id))
            return matches[i].is_unconfirmed;
    fail_msg("'%s' is not seen in \"%s\"", id, text);
    return false;
}

/* A translation that nobody has seen in a log is told as such, unless one that somebody has seen
 * stands beside it, in whatever order they come. */
static void test_rows__unconfirmed_unless_confirmed(void **state)
{
    static const char seen[] = "entrou em deadlock em", unseen[] = "als Deadlockopfer ausgewählt",
                      more[] = "Die Transaktion";

    (void)state;
    assert_true(says_unconfirmed(unseen, more, "sql-deadlock"));
    assert_false(says_unconfirmed(seen, "", "sql-deadlock"));
    for (int i = 0; i < 2; i++) {
        char both[256];
        (void)snprintf(both, sizeof(both), "%s %s", more, unseen);
        assert_false(says_unconfirmed(i ? both : seen, i ? seen : both, "sql-deadlock"));
    }
}

static void test_rows__ids_come_from_the_facts(void **state)
{
    static const struct {
        uint32_t code;
        const char *name, *id;
    } cases[] = {
        {0xC0204007, NULL, "dts-e-failedtosetoutputcolumntype"},
        {833, NULL, "sql-833"},
        {27100, NULL, "ssisdb-27100"},
        {2108, NULL, "adf-2108"},
        {0, "CustomSetupScriptTimeout", "ir-customsetupscripttimeout"},
        {0, "dts_e_nomoreids", "dts-e-nomoreids"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const CodeRow *row =
            cases[i].name ? code_row_named(cases[i].name) : code_row_next(cases[i].code, NULL);
        assert_non_null(row);
        assert_string_equal(row->id, cases[i].id);
    }
    assert_null(code_row_next(99999999, NULL));
    assert_null(code_row_named("DTS_E_NOSUCHTHING"));
}

static void test_rows__advice_of_the_family(void **state)
{
    const Signature *row = sigset_find(set, "dts-e-failedtosetoutputcolumntype");
    const Signature *family = sigset_find(set, "dts-dataflow-setup");

    (void)state;
    assert_true(row->is_row);
    assert_ptr_equal(row->family, family);
    assert_ptr_equal(row->cause, family->cause);
    assert_ptr_equal(row->actions, family->actions);
    assert_int_equal(row->class_, family->class_);
    assert_int_equal(row->retry, family->retry);

    row = sigset_find(set, "ir-customsetupscripttimeout"); // has a cause and a remedy of its own
    family = sigset_find(set, "custom-setup-script");
    assert_ptr_equal(row->family, family);
    assert_non_null(strstr(row->cause, "45 minutes"));
    assert_int_equal(row->action_count, family->action_count + 1);
    assert_ptr_equal(row->actions[1], family->actions[0]);
    for (size_t i = sigset_written_count(set); i < sigset_count(set); i++) {
        row = sigset_at(set, i);
        if (str_is_blank(row->cause) || row->action_count == 0)
            fail_msg("'%s' says nothing of its cause or what to do", row->id);
    }
}

static void test_rows__kinds_are_roles(void **state)
{
    (void)state;
    assert_int_equal(sigset_find(set, "dts-e-nomoreids")->role, SIG_CAUSE);
    assert_int_equal(sigset_find(set, "sql-1750")->role, SIG_WRAPPER);
    for (size_t i = sigset_written_count(set); i < sigset_count(set); i++) {
        const Signature *row = sigset_at(set, i);
        if (row->severity != SIG_ERROR)
            assert_int_not_equal(row->role, SIG_CAUSE); // a warning or note fails nothing
    }
}

static void test_rows__written_by_hand_wins(void **state)
{
    (void)state;
    assert_true(match("Msg 701, Level 17, State 123, Line 1", 0) >=
                1); // and its part of the server
    assert_string_equal(matches[0].signature->id, "sql-server-memory");
    assert_null(sigset_find(set, "sql-701"));
    assert_true(match("Msg 17189: Failed to create a new thread to handle a new login", 0) >= 1);
    assert_string_equal(matches[0].signature->id, "sql-server-memory"); // the row lent its text
    assert_int_equal(matches[0].basis, SIG_BY_BOTH);
}

static void test_rows__an_echo_in_a_wrapper(void **state)
{
    size_t count =
        match("SSIS Error Code DTS_E_PRIMEOUTPUTFAILED.  The PrimeOutput method on Source "
              "returned error code 0xC0204007.",
              0);

    (void)state;
    assert_true(count >= 2);
    assert_string_equal(matches[0].signature->id, "dts-prime-output-failed");
    assert_string_equal(matches[count - 1].signature->id, "dts-e-failedtosetoutputcolumntype");
    assert_int_equal(matches[count - 1].basis, SIG_BY_FRAME);
    assert_true(match("Error: 0xC0204007 at Load, Union All [5]: Failed to set the type of x.", 0) >
                0);
    assert_string_equal(matches[0].signature->id, "dts-e-failedtosetoutputcolumntype");
    assert_int_equal(matches[0].basis, SIG_BY_BOTH);
    assert_true(match("", (int32_t)0xC0204007) > 0);
    assert_int_equal(matches[0].basis, SIG_BY_NUMBER);
    assert_true(match("Load:Error: Failed to set the type of column.", 0) > 0);
    assert_int_equal(matches[0].basis, SIG_BY_TEXT);
}

static void test_rows__harmless_lines(void **state)
{
    static const char *const lines[] = {
        "Load Orders:Information: \"OLE DB Destination\" wrote 40501 rows.",
        "Package start: dts_e_nothing, dts_export.dtsx",
        "The value of -1073 was rounded; -21474 and -1071 too.",
        "Executing the query \"SELECT 1\" took 12 ms.",
        "Validation is completed, 2108 rows, code page 1252.",
        "Finished, 8:30:00 PM, Elapsed time: 00:00:12.208.",
        "Setting the size of the connection manager to 102.",
        "DTS_I_FINALCOMMIT is on.",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        if (match(lines[i], 0) > 0)
            fail_msg("\"%s\" is taken for '%s'", lines[i], matches[0].signature->id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows__every_number_in_every_notation),
        cmocka_unit_test(test_rows__every_text_against_its_neighbors),
        cmocka_unit_test(test_rows__every_text_of_other_languages),
        cmocka_unit_test(test_rows__unconfirmed_unless_confirmed),
        cmocka_unit_test(test_rows__ids_come_from_the_facts),
        cmocka_unit_test(test_rows__advice_of_the_family),
        cmocka_unit_test(test_rows__kinds_are_roles),
        cmocka_unit_test(test_rows__written_by_hand_wins),
        cmocka_unit_test(test_rows__an_echo_in_a_wrapper),
        cmocka_unit_test(test_rows__harmless_lines),
    };
    return cmocka_run_group_tests_name("signature/rows", tests, load_set, done);
}
