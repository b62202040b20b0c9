/* Arenas: zeroed and aligned, reset, grown, larger than a block. */
#include "test.h"

#include "ssisminer/base/arena.h"
#include "ssisminer/base/mem.h"

#include <stdalign.h>
#include <stdlib.h>

static void test_arena__zeroed_aligned_and_apart(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    unsigned char *before = NULL;
    (void)state;

    for (size_t bytes = 1; bytes < 300; bytes++) {
        unsigned char *place = arena_alloc(&arena, bytes);
        assert_int_equal((uintptr_t)place % alignof(max_align_t), 0);
        for (size_t i = 0; i < bytes; i++)
            assert_int_equal(place[i], 0);
        memset(place, 0xAA, bytes);
        assert_ptr_not_equal(place, before);
        before = place;
    }
}

static void test_arena__reset_keeps_little_and_gives_zeroed_memory_again(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    (void)state;

    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 100; i++)
            memset(arena_alloc(&arena, 10000), 0xAA, 10000);
        assert_true(arena_used(&arena) >= 1000000);
        arena_reset(&arena);
        assert_int_equal(arena_used(&arena), 0);
        assert_int_equal(*(unsigned char *)arena_alloc(&arena, 1), 0);
    }
    arena_reset(&(Arena){0}); // an empty one too
}

static void test_arena__more_than_a_block(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    (void)state;

    char *large = arena_alloc(&arena, 1000000);
    large[999999] = 'x';
    char *small = arena_text(&arena, "small");
    assert_string_equal(small, "small");
    assert_int_equal(large[999999], 'x');
}

static void test_arena__texts(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    (void)state;

    assert_null(arena_text(&arena, NULL));
    assert_string_equal(arena_copy(&arena, "abcdef", 3), "abc");
    assert_string_equal(arena_copy(&arena, NULL, 0), "");
    assert_string_equal(arena_printf(&arena, "%s-%d", "a", 7), "a-7");
    assert_int_equal(strlen(arena_printf(&arena, "%0999d", 7)), 999);
    assert_int_equal(strlen(arena_printf(&arena, "%0255d", 7)), 255);
    assert_int_equal(strlen(arena_printf(&arena, "%0256d", 7)), 256);
}

static void test_arena__grow(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    int *array = NULL;
    size_t capacity = 0;
    (void)state;

    for (size_t count = 0; count < 1000; count++) {
        array = arena_grow(&arena, array, count, count + 1, &capacity, sizeof(int));
        array[count] = (int)count;
    }
    assert_true(capacity >= 1000 && capacity < 4000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(array[i], i);
    array = arena_grow(&arena, array, 1000, 50000, &capacity, sizeof(int));
    assert_true(capacity >= 50000);
}

static void test_arena__mem(void **state)
{
    AUTO(mem_free_at) char *copy = mem_text("abc");
    (void)state;

    assert_string_equal(copy, "abc");
    assert_null(mem_text(NULL));
    int *zeroed = mem_alloc(4 * sizeof(int));
    assert_int_equal(zeroed[3], 0);
    zeroed = mem_resize(zeroed, 400 * sizeof(int));
    zeroed[399] = 1;
    free(zeroed);
    free(mem_alloc(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena__zeroed_aligned_and_apart),
        cmocka_unit_test(test_arena__reset_keeps_little_and_gives_zeroed_memory_again),
        cmocka_unit_test(test_arena__more_than_a_block),
        cmocka_unit_test(test_arena__texts),
        cmocka_unit_test(test_arena__grow),
        cmocka_unit_test(test_arena__mem),
    };

    return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
