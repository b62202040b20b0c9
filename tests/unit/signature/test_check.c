/* The catalog's proof finds what is wrong, and the shipped one has nothing wrong. */
#include "test.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/signature/signature.h"

#define ENTRY(id, role, more)                                                                      \
    "- id: " id "\n  title: T\n  source: user\n  class: data\n  role: " role                       \
    "\n  severity: error\n"                                                                        \
    "  retry: safe\n  cause: C\n  actions: [A]\n" more

static void assert_problems(const char *yaml, const char *expected)
{
    AUTO(sigset_free_at) SigSet *set = NULL;
    AUTO(buf_done) Buf problems = BUF(64 * 1024);
    Err err = {0};

    assert_int_equal(sigset_load_text("t.yaml", str_of(yaml), &set, &err), RC_OK);
    assert_int_equal(sigset_check(set, &problems, &err), expected[0] ? RC_USAGE : RC_OK);
    assert_string_equal(buf_text(&problems), expected);
    if (expected[0])
        assert_contains(err.text, "the catalog has ");
}

static void test_check__wrong_example(void **state)
{
    (void)state;
    assert_problems(
        ENTRY("a", "cause", "  match: {any: [{text: alpha}]}\n  examples: [alpha, beta]\n"),
        "t.yaml:11:21: signature 'a': the example does not match\n");
}

static void test_check__matched_near_miss(void **state)
{
    (void)state;
    assert_problems(ENTRY("a", "cause",
                          "  match: {any: [{text: alpha}]}\n  examples: [alpha]\n  near_misses:\n  "
                          "  - beta\n    - the alphabet\n"),
                    "t.yaml:14:7: signature 'a': the near miss matches\n");
}

static void test_check__causes_without_order(void **state)
{
    (void)state;
    assert_problems(
        ENTRY("a", "cause", "  match: {any: [{text: alpha}]}\n  examples: [alpha]\n")
            ENTRY("b", "cause", "  match: {any: [{text: alpha beta}]}\n  examples: [alpha beta]\n"),
        "t.yaml:22:14: signature 'b': the example is also matched by the cause 'a', and neither is "
        "'before' the other\n");
    assert_problems(
        ENTRY("a", "cause", "  match: {any: [{text: alpha}]}\n  examples: [alpha]\n") ENTRY(
            "b", "cause",
            "  before: [a]\n  match: {any: [{text: alpha beta}]}\n  examples: [alpha beta]\n"),
        "");
}

static void test_check__lost_example(void **state)
{
    (void)state;
    assert_problems(
        ENTRY("a", "wrapper", "  match: {any: [{text: alpha}]}\n  examples: [alpha beta]\n") ENTRY(
            "b", "wrapper", "  match: {any: [{text: alpha beta}]}\n  examples: [alpha beta]\n"),
        "t.yaml:11:14: signature 'a': the example is won by 'b'\n");
    assert_problems(
        ENTRY("a", "wrapper", "  match: {any: [{text: alpha}]}\n  examples: [alpha beta]\n") ENTRY(
            "b", "wrapper",
            "  before: [a]\n  match: {any: [{text: alpha beta}]}\n  examples: [alpha beta]\n"),
        "");
}

/* A wrapper's example may carry a cause: causes win over wrappers anyway. */
static void test_check__cause_in_wrapper(void **state)
{
    (void)state;
    assert_problems(
        ENTRY("a", "wrapper", "  match: {any: [{text: alpha}]}\n  examples: [alpha beta]\n")
            ENTRY("b", "cause", "  match: {any: [{text: beta}]}\n  examples: [beta]\n"),
        "");
}

static void test_check__shipped(void **state)
{
    AUTO(sigset_free_at) SigSet *set = NULL;
    AUTO(buf_done) Buf problems = BUF(1024 * 1024);
    Err err = {0};

    (void)state;
    assert_int_equal(sigset_load(NULL, 0, &set, &err), RC_OK);
    if (sigset_check(set, &problems, &err) != RC_OK)
        fail_msg("%s:\n%s", err.text, buf_text(&problems));
}

/* Whatever has a match: without examples and their neighbors nobody can judge it. */
static void test_check__shipped_has_examples(void **state)
{
    enum { EXAMPLES = 3, NEAR_MISSES = 2 };
    AUTO(sigset_free_at) SigSet *set = NULL;
    Err err = {0};

    (void)state;
    assert_int_equal(sigset_load(NULL, 0, &set, &err), RC_OK);
    for (size_t i = 0; i < sigset_written_count(set); i++) {
        const Signature *signature = sigset_at(set, i);
        bool has_match = signature->example_count > 0 || signature->near_miss_count > 0;
        if (has_match &&
            (signature->example_count < EXAMPLES || signature->near_miss_count < NEAR_MISSES))
            fail_msg("%s has %zu examples and %zu near misses", signature->id,
                     signature->example_count, signature->near_miss_count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check__wrong_example),
        cmocka_unit_test(test_check__matched_near_miss),
        cmocka_unit_test(test_check__causes_without_order),
        cmocka_unit_test(test_check__lost_example),
        cmocka_unit_test(test_check__cause_in_wrapper),
        cmocka_unit_test(test_check__shipped),
        cmocka_unit_test(test_check__shipped_has_examples),
    };
    return cmocka_run_group_tests_name("signature/check", tests, NULL, NULL);
}
