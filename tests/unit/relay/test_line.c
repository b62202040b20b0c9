/* The plain side of the server: all of a message or none, and how the other end learns of the end.
 */
#include "../../../src/relay/internal.h"

#include "test.h"

#include "ssisminer/base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LONG_MS = 60000, SHORT_MS = 50, MUCH = 8 * 1024 * 1024 };

typedef struct Pair {
    Line line;
    int far;
    Wait wait;
} Pair;

/* Two ends of a TCP connection, of which one waits for nothing. */
static Pair pair_open(int64_t ms)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(at);
    int listener = socket(AF_INET, SOCK_STREAM, 0), near = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    assert_int_equal(connect(near, (struct sockaddr *)&at, sizeof(at)), 0);
    Pair pair = {.line = {.fd = near}, .far = accept(listener, NULL, NULL)};
    assert_true(pair.far >= 0);
    (void)close(listener);
    assert_int_equal(fcntl(near, F_SETFL, O_NONBLOCK), 0);
    pair.wait = (Wait){.wake_fd = eventfd(0, 0), .end_ms = time_monotonic_ms() + ms};
    return pair;
}

static void pair_close(Pair *pair)
{
    line_close(&pair->line, false);
    (void)close(pair->far);
    (void)close(pair->wait.wake_fd);
}

static void *drain(void *context)
{
    static char bytes[64 * 1024];
    size_t *total = context;
    int fd = (int)*total;

    *total = 0;
    for (ssize_t got; (got = recv(fd, bytes, sizeof(bytes), 0)) > 0;)
        *total += (size_t)got;
    return NULL;
}

/* More than every buffer on the way holds goes out as the other end takes it. */
static void test_line__sends_more_than_fits(void **state)
{
    Pair pair = pair_open(LONG_MS);
    size_t total = (size_t)pair.far;
    char *bytes = calloc(1, MUCH);
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, drain, &total), 0);
    assert_true(line_send(&pair.wait, &pair.line, bytes, MUCH));
    line_close(&pair.line, false);
    pthread_join(thread, NULL);
    assert_int_equal(total, MUCH);
    pair_close(&pair);
    free(bytes);
}

/* Who takes nothing is waited for until the time is over, or the relay is to end. */
static void test_line__gives_up_on_who_takes_nothing(void **state)
{
    char *bytes = calloc(1, MUCH);

    (void)state;
    for (int woken = 0; woken < 2; woken++) {
        Pair pair = pair_open(woken ? LONG_MS : SHORT_MS);
        if (woken)
            assert_int_equal(eventfd_write(pair.wait.wake_fd, 1), 0);
        assert_false(line_send(&pair.wait, &pair.line, bytes, MUCH));
        pair_close(&pair);
    }
    free(bytes);
}

/* A session that ended well ends with a FIN; one that was cut, with a RST, which no driver takes
 * for an answer's end. */
static void test_line__tells_the_other_end_how_it_ended(void **state)
{
    char byte;

    (void)state;
    for (int with_reset = 0; with_reset < 2; with_reset++) {
        Pair pair = pair_open(LONG_MS);
        line_close(&pair.line, with_reset);
        assert_int_equal(pair.line.fd, -1);
        errno = 0;
        assert_int_equal(recv(pair.far, &byte, 1, 0), with_reset ? -1 : 0);
        assert_int_equal(errno, with_reset ? ECONNRESET : 0);
        pair_close(&pair); // again: nothing is left to close
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line__sends_more_than_fits),
        cmocka_unit_test(test_line__gives_up_on_who_takes_nothing),
        cmocka_unit_test(test_line__tells_the_other_end_how_it_ended),
    };
    return cmocka_run_group_tests_name("relay/line", tests, NULL, NULL);
}
