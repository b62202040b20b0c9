/* Time kept for a driver, and its socket broken. */
#include "test.h"

#include "../../../src/tds/socket.h"
#include "../../../src/tds/watch.h"

#include "ssisminer/base/time.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a connection to ourselves --------------------------------------------------------------- */

typedef struct Pair {
    int near, far;
} Pair;

static Pair pair_open(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    Pair pair;

    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    pair.near = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(pair.near, (struct sockaddr *)&at, sizeof(at)), 0);
    pair.far = accept(listener, NULL, NULL);
    (void)close(listener);
    return pair;
}

static void pair_close(Pair *pair)
{
    (void)close(pair->near);
    (void)close(pair->far);
}

/* The near end alone: the far one is open in this process, too. */
static TdsSockets near_of(const Pair *pair)
{
    TdsSockets all, near = {.count = 0};

    tds_sockets_find(NULL, 0, &all);
    for (size_t i = 0; i < all.count; i++)
        if (all.at[i].fd == pair->near)
            near.at[near.count++] = all.at[i];
    assert_int_equal(near.count, 1);
    return near;
}

static void wait_readable(int fd)
{
    struct pollfd look = {.fd = fd, .events = POLLIN};

    assert_int_equal(poll(&look, 1, 1000), 1);
}

/* ---- sockets --------------------------------------------------------------------------------- */

static void test_socket__finds_what_was_not_there_before(void **state)
{
    TdsSockets before, after;

    (void)state;
    tds_sockets_find(NULL, 0, &before);
    Pair pair = pair_open();
    int local = socket(AF_UNIX, SOCK_STREAM, 0);
    tds_sockets_find(&before, 0, &after);
    assert_int_equal(after.count, 2); // both ends, and not the local one
    assert_true(after.at[0].fd == pair.near || after.at[1].fd == pair.near);
    (void)close(local);
    pair_close(&pair);
    tds_sockets_find(&before, 0, &after);
    assert_int_equal(after.count, 0);
}

static void test_socket__tells_the_living_from_the_dead(void **state)
{
    Pair pair = pair_open();
    TdsSockets near = near_of(&pair), none = {.count = 0};
    char byte;

    (void)state;
    assert_false(tds_sockets_are_dead(&none));
    assert_false(tds_sockets_are_dead(&near));
    assert_int_equal(write(pair.far, "x", 1), 1);
    (void)shutdown(pair.far, SHUT_WR);
    wait_readable(pair.near);
    assert_true(tds_sockets_are_dead(&near));
    assert_false(tds_sockets_are_left(&near)); // there is something to read yet
    assert_int_equal(read(pair.near, &byte, 1), 1);
    assert_true(tds_sockets_are_left(&near));
    assert_in_range(tds_sockets_taken(&near), 1, 2); // Linux counts the end, too
    (void)close(pair.near);
    assert_true(tds_sockets_are_dead(&near));
    pair.near = socket(AF_INET, SOCK_STREAM, 0); // the same number, another socket
    assert_true(tds_sockets_are_dead(&near));
    pair_close(&pair);
}

/* The limit is taken away for a moment: no descriptor is left, whatever is open. */
static void test_socket__says_when_no_descriptor_is_left(void **state)
{
    struct rlimit usual, none;
    Err err = {0};

    (void)state;
    assert_int_equal(tds_check_descriptors(4, &err), RC_OK);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    none = usual;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    Rc rc = tds_check_descriptors(4, &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    assert_int_equal(rc, RC_CONNECT);
    assert_string_equal(err.text, "a connection needs 4 file descriptors, and 0 are left: Too many "
                                  "open files");
    assert_contains(err.hint, "ulimit -n 1024");
}

static void test_socket__breaks_even_what_has_ended(void **state)
{
    (void)state;
    for (int has_ended = 0; has_ended < 2; has_ended++) {
        Pair pair = pair_open();
        TdsSockets near = near_of(&pair);
        struct pollfd look = {.fd = pair.near, .events = POLLIN};

        if (has_ended)
            (void)shutdown(pair.far, SHUT_WR);
        tds_sockets_break(&near);
        assert_int_equal(poll(&look, 1, 1000), 1);
        assert_true(look.revents & POLLERR); // a driver overlooks anything less
        pair_close(&pair);
    }
}

/* ---- the watch ------------------------------------------------------------------------------- */

static SQLRETURN no_cancel(SQLHSTMT stmt)
{
    (void)stmt;
    return SQL_SUCCESS;
}

static const TdsDriver driver = {.cancel = no_cancel};

/* As long as the driver would: until the connection is broken. Tells how long that took. */
static int64_t wait_for_break(int fd)
{
    struct pollfd look = {.fd = fd, .events = 0};
    int64_t start_ms = time_monotonic_ms();

    assert_int_equal(poll(&look, 1, 100000), 1);
    return time_monotonic_ms() - start_ms;
}

static void assert_broken(long limit_ms, uint64_t bytes, size_t sent, int64_t least_ms,
                          int64_t most_ms, TdsBroke why)
{
    TdsWatch *watch = tds_watch_new(&driver);
    static char taken[4096];

    tds_watch_connect(watch, 5000, 0);
    Pair pair = pair_open();
    tds_watch_connected(watch);
    tds_watch_arm(watch, (SQLHSTMT)&pair, limit_ms, bytes);
    tds_watch_enter(watch);
    (void)usleep(300 * 1000); // the clock, which looks ten times as often, has seen the call
    for (size_t left = sent; left > 0; left -= sizeof(taken)) {
        assert_int_equal(write(pair.far, taken, sizeof(taken)), sizeof(taken));
        assert_int_equal(recv(pair.near, taken, sizeof(taken), MSG_WAITALL), sizeof(taken));
    }
    int64_t took_ms = wait_for_break(pair.near);
    tds_watch_leave(watch);
    assert_true(took_ms >= least_ms && took_ms <= most_ms);
    assert_int_equal(tds_watch_broke(watch), why);
    assert_true(tds_watch_is_dead(watch));
    tds_watch_free(watch);
    pair_close(&pair);
}

static void test_watch__field_R7_breaks_what_takes_too_long(void **state)
{
    (void)state;
    assert_broken(300, 1 << 20, 0, 3500, 60000, TDS_BROKE_TIME);
}

static void test_watch__breaks_what_takes_in_too_much(void **state)
{
    (void)state;
    assert_broken(600000, 8192, 4 * 4096, 0, 60000, TDS_BROKE_BYTES);
}

/* A driver that is busy with itself where a login has no socket any more, as the process that it
 * ends. */
static void test_watch__ends_a_login_that_spins(void **state)
{
    char words[512] = "";
    int channel[2], status = 0;

    (void)state;
    assert_int_equal(pipe(channel), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)dup2(channel[1], STDERR_FILENO);
        tds_watch_connect(tds_watch_new(&driver), 60000, 0);
        for (volatile unsigned i = 0; time_monotonic_ms() >= 0; i++)
            ;
    }
    (void)close(channel[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(read(channel[0], words, sizeof(words) - 1) > 0);
    (void)close(channel[0]);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), RC_CONNECT);
    assert_contains(words, "the driver does not come back from what the server said to the login");
}

static void test_watch__no_child_gets_the_socket(void **state)
{
    TdsWatch *watch = tds_watch_new(&driver);

    (void)state;
    tds_watch_connect(watch, 5000, 0);
    Pair pair = pair_open();
    assert_int_equal(fcntl(pair.near, F_GETFD), 0);
    tds_watch_connected(watch);
    assert_int_equal(fcntl(pair.near, F_GETFD), FD_CLOEXEC);
    pair_close(&pair);
    tds_watch_free(watch);
}

/* What is between two calls is our own time; each call has the limit for itself. */
static void test_watch__each_call_has_its_time(void **state)
{
    TdsWatch *watch = tds_watch_new(&driver);

    (void)state;
    tds_watch_connect(watch, 5000, 0);
    Pair pair = pair_open();
    tds_watch_connected(watch);
    tds_watch_arm(watch, (SQLHSTMT)&pair, -TDS_WATCH_GRACE_MS + 2000, 1 << 20); // 2 s in all
    for (int i = 0; i < 6; i++) {
        tds_watch_enter(watch);
        (void)usleep(400 * 1000);
        tds_watch_leave(watch);
        (void)usleep(20 * 1000);
    }
    assert_int_equal(tds_watch_broke(watch), TDS_BROKE_NOT);
    assert_false(tds_watch_is_dead(watch));
    tds_watch_free(watch);
    pair_close(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_socket__finds_what_was_not_there_before),
        cmocka_unit_test(test_socket__tells_the_living_from_the_dead),
        cmocka_unit_test(test_socket__says_when_no_descriptor_is_left),
        cmocka_unit_test(test_socket__breaks_even_what_has_ended),
        cmocka_unit_test(test_watch__field_R7_breaks_what_takes_too_long),
        cmocka_unit_test(test_watch__breaks_what_takes_in_too_much),
        cmocka_unit_test(test_watch__ends_a_login_that_spins),
        cmocka_unit_test(test_watch__no_child_gets_the_socket),
        cmocka_unit_test(test_watch__each_call_has_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
