/* Entries found by word, code and symbol. */
#include "test.h"

#include "ssisminer/signature/signature.h"

static int load(void **state)
{
    SigSet *set = NULL;
    Err err = {0};

    if (sigset_load(NULL, 0, &set, &err) != RC_OK)
        fail_msg("%s", err.text);
    *state = set;
    return 0;
}

static int unload(void **state)
{
    sigset_free(*state);
    return 0;
}

static bool finds(const SigSet *set, const char *words, const char *id)
{
    const Signature *found[200];
    size_t count = sig_search(set, words, found, ARRAY_LEN(found));

    for (size_t i = 0; i < count; i++)
        if (strcmp(found[i]->id, id) == 0)
            return true;
    return false;
}

static void test_search__words(void **state)
{
    const Signature *found[3];

    assert_true(finds(*state, "deadlock", "sql-deadlock"));
    assert_true(finds(*state, "DISK space", "disk-full"));
    assert_true(finds(*state, "dead vict", "sql-deadlock")); // beginnings of words
    assert_false(finds(*state, "eadlock", "sql-deadlock"));
    assert_false(finds(*state, "deadlock unicorn", "sql-deadlock")); // every word
    assert_true(finds(*state, "duplicate executions", "duplicate-executions"));
    assert_int_equal(sig_search(*state, "", found, 3), 0);
    assert_true(sig_search(*state, "connection", found, 3) == 3);
    assert_true(sig_search(*state, "no-active-worker", found, 3) >= 1);
    assert_string_equal(found[0]->id, "no-active-worker"); // in the id: first
}

static void test_search__code(void **state)
{
    const Signature *found[8];

    assert_true(sig_explain_code(*state, 10928, found, 8) >= 1);
    assert_string_equal(found[0]->id, "request-limit");
    assert_true(sig_explain_code(*state, -1071636471, found, 8) >= 1);
    size_t count = sig_explain_code(*state, 0xC0202009, found, 8);
    assert_true(count >= 1 && strcmp(found[0]->id, "dts-oledb-error") == 0);
    assert_int_equal(sig_explain_code(*state, 0, found, 8), 0);
    assert_int_equal(sig_explain_code(*state, INT64_MAX, found, 8), 0);
    assert_int_equal(sig_explain_code(*state, 10928, found, 0), 0);
}

static void test_search__symbols(void **state)
{
    static const char yaml[] =
        "- {id: x, title: T, source: user, class: data, role: symptom, severity: error, retry: "
        "safe,\n"
        "   cause: C, actions: [A], symbols: {DTS_E_OLEDBERROR: 0xC0202009}}\n";
    AUTO(sigset_free_at) SigSet *set = NULL;
    const Signature *found[2];
    uint32_t code = 0;
    Err err = {0};

    (void)state;
    assert_int_equal(sigset_load_text("t", str_of(yaml), &set, &err), RC_OK);
    assert_true(sig_find_symbol(set, "dts_e_oledberror", &code));
    assert_int_equal(code, 0xC0202009);
    assert_false(sig_find_symbol(set, "DTS_E", &code));
    assert_string_equal(sig_symbol_of(set, -1071636471), "DTS_E_OLEDBERROR");
    assert_null(sig_symbol_of(set, 208));
    assert_int_equal(sig_explain_code(set, 0xC0202009, found, 2), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search__words),
        cmocka_unit_test(test_search__code),
        cmocka_unit_test(test_search__symbols),
    };
    return cmocka_run_group_tests_name("signature/search", tests, load, unload);
}
