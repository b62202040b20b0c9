/* A command that prints a token: split without a shell, bounded, ended. */
#include "script.h"

#include "ssisminer/base/stop.h"
#include "ssisminer/base/time.h"

#include <signal.h>
#include <unistd.h>

static Rc run(const char *command, long limit_ms, Secret *ret_printed, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    const char *const *argv;

    TRY(token_split_command(command, &arena, &argv, err));
    return token_run(argv, limit_ms, ret_printed, err);
}

static void test_command__words_are_split_without_a_shell(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    const char *const *argv;
    Err err = {0};

    (void)state;
    assert_int_equal(
        token_split_command("  a 'b c'\t\"d'e\" f'g h'i \"\" $X;|\\ ", &arena, &argv, &err), RC_OK);
    static const char *const wanted[] = {"a", "b c", "d'e", "fg hi", "", "$X;|\\"};
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        assert_string_equal(argv[i], wanted[i]);
    assert_null(argv[ARRAY_LEN(wanted)]);
    assert_int_equal(token_split_command(" \n", &arena, &argv, &err), RC_USAGE);
    assert_int_equal(token_split_command("'' x", &arena, &argv, &err), RC_USAGE);
    assert_int_equal(token_split_command("a 'b", &arena, &argv, &err), RC_USAGE);
    assert_contains(err.text, "a quote without its end");
}

static void test_command__what_it_prints_is_taken(void **state)
{
    AUTO(secret_done) Secret printed = {0};
    Err err = {0};

    (void)state;
    assert_int_equal(run("sh -c 'echo noise >&2; echo abc; cat'", 60000, &printed, &err), RC_OK);
    assert_string_equal(printed.text, "abc\n");
}

static void test_command__failures_are_told_in_its_words_without_tokens(void **state)
{
    static const struct {
        const char *command, *text;
        Rc rc;
    } cases[] = {
        {"/nowhere/get-token", "cannot run '/nowhere/get-token': No such file or directory",
         RC_USAGE},
        {"no-such-program-anywhere", "cannot run 'no-such-program-anywhere': No such file",
         RC_USAGE},
        {"sh -c 'echo; echo Please log in >&2; echo more >&2; exit 3'",
         "'sh' ended with 3: Please log in", RC_CONNECT},
        {"sh -c 'echo bad eyJ0eXAiOiJKV1QifQ.eyJhIjoxfQ.c2ln >&2; exit 1'",
         "'sh' ended with 1: bad (token)", RC_CONNECT},
        {"sh -c 'echo eyJ0eXAiOiJKV1QifQ.eyJhIjoxfQ.c2ln; exit 1'", "'sh' ended with 1",
         RC_CONNECT},
        {"sh -c 'kill -9 $$'", "'sh' was ended by signal 9", RC_CONNECT},
        {"head -c 100000 /dev/zero", "'head' printed more than 65535 bytes", RC_CONNECT},
        {"yes", "'yes' printed more than 65535 bytes", RC_CONNECT}, // and would for ever
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(secret_done) Secret printed = {0};
        Err err = {0};
        assert_int_equal(run(cases[i].command, 60000, &printed, &err), cases[i].rc);
        assert_contains(err.text, cases[i].text);
        assert_lacks(err.text, "eyJ");
        assert_null(printed.text);
    }
}

static void test_command__a_slow_one_is_ended_with_all_it_started(void **state)
{
    static const char *const commands[] = {"sleep 30", "sh -c 'sleep 30 & sleep 30'",
                                           "sh -c 'sleep 30 & echo abc'",
                                           "sh -c 'exec >&- 2>&-; sleep 30'"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        AUTO(secret_done) Secret printed = {0};
        Err err = {0};
        int64_t start_ms = time_monotonic_ms();
        assert_int_equal(run(commands[i], 300, &printed, &err), RC_CONNECT);
        assert_contains(err.text, "was not done after");
        assert_in_range(time_monotonic_ms() - start_ms, 0, 25000);
    }
}

static void *stop_soon(void *context)
{
    (void)context;
    (void)usleep(200000);
    stop_request(SIGTERM);
    return NULL;
}

static void test_command__a_stop_ends_it(void **state)
{
    AUTO(secret_done) Secret printed = {0};
    pthread_t stopper;
    Err err = {0};
    int64_t start_ms = time_monotonic_ms();

    (void)state;
    stop_install();
    assert_int_equal(pthread_create(&stopper, NULL, stop_soon, NULL), 0);
    assert_int_equal(run("sleep 30", 20000, &printed, &err), RC_STOPPED);
    assert_in_range(time_monotonic_ms() - start_ms, 0, 15000);
    (void)pthread_join(stopper, NULL);
    stop_reset();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command__words_are_split_without_a_shell),
        cmocka_unit_test(test_command__what_it_prints_is_taken),
        cmocka_unit_test(test_command__failures_are_told_in_its_words_without_tokens),
        cmocka_unit_test(test_command__a_slow_one_is_ended_with_all_it_started),
        cmocka_unit_test(test_command__a_stop_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
