/* The catalog without its proofs recognizes what the whole one does. */
#include "test.h"

#include "ssisminer/signature/signature.h"

static const Signature *best_of(const SigSet *set, SigScratch *scratch, const SigExample *example)
{
    const SigText text = {str_of(example->text), example->code, example->source_name,
                          example->subcomponent};
    SigMatch match;
    size_t count = 0;
    Err err = {0};

    assert_int_equal(sig_match(set, scratch, &text, &match, 1, &count, &err), RC_OK);
    return count > 0 ? match.signature : NULL;
}

static void compare(const Signature *whole, const Signature *lean)
{
    assert_string_equal(whole->id, lean->id);
    assert_string_equal(whole->title, lean->title);
    assert_string_equal(whole->cause, lean->cause);
    assert_int_equal(whole->action_count, lean->action_count);
    assert_int_equal(whole->link_count, lean->link_count);
    assert_int_equal(whole->code_count, lean->code_count);
    assert_int_equal(whole->line, lean->line);
    assert_int_equal(lean->example_count + lean->near_miss_count, 0);
}

static void test_lean__knows_the_same(void **state)
{
    AUTO(sigset_free_at) SigSet *whole = NULL;
    AUTO(sigset_free_at) SigSet *lean = NULL;
    Err err = {0};

    (void)state;
    assert_int_equal(sigset_load(NULL, 0, &whole, &err), RC_OK);
    assert_int_equal(sigset_load_lean(NULL, 0, &lean, &err), RC_OK);
    assert_int_equal(sigset_count(whole), sigset_count(lean));
    AUTO(sig_scratch_free_at) SigScratch *whole_scratch = sig_scratch_new(whole);
    AUTO(sig_scratch_free_at) SigScratch *lean_scratch = sig_scratch_new(lean);
    for (size_t i = 0; i < sigset_count(whole); i++) {
        const Signature *entry = sigset_at(whole, i);
        compare(entry, sigset_at(lean, i));
        for (size_t k = 0; k < entry->example_count; k++) {
            const Signature *a = best_of(whole, whole_scratch, &entry->examples[k]);
            const Signature *b = best_of(lean, lean_scratch, &entry->examples[k]);
            assert_non_null(a);
            assert_non_null(b);
            assert_string_equal(a->id, b->id);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lean__knows_the_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
