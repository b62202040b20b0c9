/* Unknown messages counted in bounded memory. */
#include "test.h"

#include "ssisminer/diagnose/diagnose.h"
#include "ssisminer/diagnose/unknowns.h"

#include <stdio.h>

static void add(Unknowns *unknowns, const char *text, int64_t ticks)
{
    unknowns_add(unknowns, str_of(text), (Instant){.ticks = ticks, .is_set = ticks > 0}, "here");
}

static void test_unknowns__counts_alike_together(void **state)
{
    AUTO(unknowns_free_at) Unknowns *unknowns = unknowns_new(10);
    const Unknown *top[10];

    (void)state;
    add(unknowns, "Widget 1 fell", 300);
    add(unknowns, "Gadget 1 fell", 100);
    add(unknowns, "Widget 2 fell", 200);
    assert_int_equal(unknowns_top(unknowns, top, 10), 2);
    assert_string_equal(top[0]->mask, "Widget <n> fell");
    assert_string_equal(top[0]->example, "Widget 1 fell");
    assert_string_equal(top[0]->place, "here");
    assert_int_equal(top[0]->count, 2);
    assert_int_equal(top[0]->overcount, 0);
    assert_int_equal(top[0]->first_seen.ticks, 200);
    assert_int_equal(top[0]->last_seen.ticks, 300);
    assert_true(unknowns_is_exact(unknowns));
    assert_int_equal(unknowns_top(unknowns, top, 1), 1);
}

/* Words without digits, so that no mask makes two alike. */
static void name_of(unsigned number, char *text)
{
    size_t at = 0;

    for (; number > 0 || at == 0; number /= 20)
        text[at++] = (char)('g' + number % 20);
    memcpy(text + at, " fell", 6);
}

/* What is frequent stays, among any number of others, in the same memory. */
static void test_unknowns__frequent_ones_stay(void **state)
{
    enum { LIMIT = 64, OTHERS = 20000 };
    AUTO(unknowns_free_at) Unknowns *unknowns = unknowns_new(LIMIT);
    const Unknown *top[LIMIT];
    char text[40];

    (void)state;
    for (unsigned i = 0; i < OTHERS; i++) {
        name_of(i, text);
        add(unknowns, text, 0);
        if (i % 10 == 0)
            add(unknowns, "The frequent one fell", (int64_t)i + 1);
        if (i % 20 == 0)
            add(unknowns, "The second one fell", 0);
    }
    assert_int_equal(unknowns_count(unknowns), LIMIT);
    assert_false(unknowns_is_exact(unknowns));
    assert_int_equal(unknowns_top(unknowns, top, LIMIT), LIMIT);
    assert_string_equal(top[0]->mask, "The frequent one fell");
    assert_int_equal(top[0]->count - top[0]->overcount <= OTHERS / 10, 1);
    assert_true(top[0]->count >= OTHERS / 10);
    assert_string_equal(top[1]->mask, "The second one fell");
    for (size_t i = 1; i < LIMIT; i++)
        assert_true(top[i - 1]->count >= top[i]->count);
}

static void test_unknowns__long_texts_are_cut_at_characters(void **state)
{
    AUTO(unknowns_free_at) Unknowns *unknowns = unknowns_new(2);
    const Unknown *top[2];
    char text[4003];

    (void)state;
    for (size_t i = 0; i + 2 < sizeof(text); i += 2)
        memcpy(text + i, "\xC3\xA4", 2);
    text[4002] = '\0';
    text[0] = text[1] = 'x';
    text[2] = ' ';
    text[3] = 'y';
    add(unknowns, text, 0);
    assert_int_equal(unknowns_top(unknowns, top, 2), 1);
    assert_true(strlen(top[0]->example) <= UNKNOWN_EXAMPLE_MAX);
    assert_int_equal(strlen(top[0]->example) % 2, 0);
    assert_true(strlen(top[0]->mask) <= UNKNOWN_MASK_MAX);
}

/* Whatever is taken out, the rest is counted, and found, as before. */
static void test_unknowns__some_are_kept(void **state)
{
    enum { COUNT = 200 };
    AUTO(unknowns_free_at) Unknowns *unknowns = unknowns_new(COUNT + 1);
    const Unknown *top[COUNT + 1];
    bool wanted[COUNT];
    char text[40], id[COUNT][20];
    int64_t kept = 0;

    (void)state;
    for (unsigned i = 0; i < COUNT; i++) {
        name_of(i, text);
        for (unsigned times = 0; times <= i % 7; times++)
            add(unknowns, text, 0);
    }
    assert_int_equal(unknowns_top(unknowns, top, COUNT), COUNT);
    for (unsigned i = 0; i < COUNT; i++) {
        wanted[i] = i % 3 == 0;
        kept += wanted[i] ? top[i]->count : 0;
        memcpy(id[i], top[i]->id, sizeof(id[i]));
    }
    assert_int_equal(unknowns_keep(unknowns, wanted), kept);
    for (unsigned i = 0; i < COUNT; i++)
        assert_int_equal(unknowns_has(unknowns, id[i]), wanted[i]);
    size_t count = unknowns_top(unknowns, top, COUNT + 1);
    assert_int_equal(count, (COUNT + 2) / 3);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(top[i]->id, id[3 * i]);
    assert_true(unknowns_is_exact(unknowns));
    add(unknowns, "another one fell", 0);
    assert_int_equal(unknowns_count(unknowns), count + 1);
}

/* Once some were taken out, it is still the rarest that makes room for a new one. */
static void test_unknowns__rare_ones_go_first_after_some_went(void **state)
{
    enum { LIMIT = 16, DROPPED = 4 };
    AUTO(unknowns_free_at) Unknowns *unknowns = unknowns_new(LIMIT);
    const Unknown *top[LIMIT];
    bool wanted[LIMIT];
    char text[40], id[LIMIT][20];

    (void)state;
    for (unsigned i = 0; i < LIMIT; i++) {
        name_of(i, text);
        for (unsigned times = 0; times <= 10 * i; times++)
            add(unknowns, text, 0);
    }
    assert_int_equal(unknowns_top(unknowns, top, LIMIT), LIMIT);
    for (size_t i = 0; i < LIMIT; i++) {
        wanted[i] = i < LIMIT - DROPPED; // the rarest went
        memcpy(id[i], top[i]->id, sizeof(id[i]));
    }
    (void)unknowns_keep(unknowns, wanted);
    for (unsigned i = 0; i < DROPPED + 3; i++) { // what is free, and three more
        name_of(1000 + i, text);
        add(unknowns, text, 0);
    }
    for (size_t i = 0; i < LIMIT - DROPPED; i++)
        assert_true(unknowns_has(unknowns, id[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknowns__counts_alike_together),
        cmocka_unit_test(test_unknowns__frequent_ones_stay),
        cmocka_unit_test(test_unknowns__long_texts_are_cut_at_characters),
        cmocka_unit_test(test_unknowns__some_are_kept),
        cmocka_unit_test(test_unknowns__rare_ones_go_first_after_some_went),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
