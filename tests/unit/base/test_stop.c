/* The wish to stop: seen everywhere, ends a sleep, and a second signal kills. */
#include "test.h"

#include "ssisminer/base/stop.h"
#include "ssisminer/base/time.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static int tear_down(void **state)
{
    (void)state;
    stop_reset();
    return 0;
}

static bool is_readable(int fd)
{
    struct pollfd probe = {.fd = fd, .events = POLLIN};

    return poll(&probe, 1, 0) == 1;
}

static void test_stop__a_wish_shows_everywhere_until_reset(void **state)
{
    Err err = {0};
    (void)state;

    assert_false(stop_wanted());
    assert_false(is_readable(stop_fd()));
    assert_int_equal(stop_signal(), 0);
    stop_request(SIGTERM);
    stop_request(SIGINT); // the first one counts
    assert_true(stop_wanted());
    assert_true(is_readable(stop_fd()));
    assert_int_equal(stop_signal(), SIGTERM);
    assert_fails(stop_sleep_ms(10000, &err), RC_STOPPED, &err, "stopped by SIGTERM");
    stop_reset();
    assert_false(stop_wanted());
    assert_false(is_readable(stop_fd()));
    assert_int_equal(stop_sleep_ms(0, &err), RC_OK);
}

static void test_stop__sleep_lasts(void **state)
{
    Err err = {0};
    int64_t start = time_monotonic_ms();
    (void)state;

    assert_int_equal(stop_sleep_ms(60, &err), RC_OK);
    assert_true(time_monotonic_ms() - start >= 60);
    assert_int_equal(stop_sleep_ms(-5, &err), RC_OK);
}

static void test_stop__a_signal_ends_the_sleep(void **state)
{
    Err err = {0};
    int64_t start = time_monotonic_ms();
    pid_t parent = getpid();
    int status;
    (void)state;

    stop_install();
    pid_t child = fork();
    if (child == 0) {
        (void)usleep(50000);
        (void)kill(parent, SIGINT);
        _exit(0);
    }
    assert_fails(stop_sleep_ms(20000, &err), RC_STOPPED, &err, "stopped by SIGINT");
    assert_true(time_monotonic_ms() - start < 10000);
    (void)waitpid(child, &status, 0);
}

static void test_stop__the_second_signal_of_a_kind_kills(void **state)
{
    int status;
    (void)state;

    pid_t child = fork();
    if (child == 0) {
        stop_install();
        (void)raise(SIGTERM);
        (void)raise(SIGINT);
        if (stop_signal() != SIGTERM)
            _exit(1);
        (void)raise(SIGTERM);
        _exit(2); // not reached
    }
    (void)waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_stop__a_wish_shows_everywhere_until_reset, tear_down),
        cmocka_unit_test_teardown(test_stop__sleep_lasts, tear_down),
        cmocka_unit_test_teardown(test_stop__a_signal_ends_the_sleep, tear_down),
        cmocka_unit_test_teardown(test_stop__the_second_signal_of_a_kind_kills, tear_down),
    };

    return cmocka_run_group_tests_name("base/stop", tests, NULL, NULL);
}
