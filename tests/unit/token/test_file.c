/* Tokens from files and pipes. */
#include "test.h"

#include "../../../src/token/internal.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/time.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe as bash's <(…) gives it: its path, and the end to write to. */
static int open_pipe(char ret_path[64])
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    (void)snprintf(ret_path, 64, "/dev/fd/%d", ends[0]);
    return ends[1];
}

static void *write_slowly(void *context)
{
    int fd = *(int *)context;

    for (const char *at = "abc.def\n"; *at; at++) {
        (void)usleep(10000);
        assert_int_equal(write(fd, at, 1), 1);
    }
    (void)close(fd);
    return NULL;
}

static void test_file__a_pipe_is_read_to_its_end(void **state)
{
    AUTO(secret_done) Secret text = {0};
    pthread_t writer;
    char path[64];
    int to = open_pipe(path);
    Err err = {0};

    (void)state;
    assert_int_equal(pthread_create(&writer, NULL, write_slowly, &to), 0);
    assert_int_equal(token_read_file("the file", path, 100, &text, &err), RC_OK);
    assert_string_equal(text.text, "abc.def\n");
    (void)pthread_join(writer, NULL);
}

/* A pipe gives its text once; a file does so again and again, and is left for later. */
static void test_file__what_gives_its_text_once(void **state)
{
    AUTO(secret_done) Secret text = {0};
    char path[64], name[] = "/tmp/ssisminer-test-XXXXXX";
    int to = open_pipe(path), file = mkstemp(name);
    bool is_once = true;
    Err err = {0};

    (void)state;
    assert_int_equal(token_read_once(name, &text, &is_once, &err), RC_OK);
    assert_false(is_once);
    assert_null(text.text);
    assert_int_equal(token_read_once("/nowhere", &text, &is_once, &err), RC_OK);
    assert_false(is_once);
    assert_int_equal(write(to, "a.b.c\n", 6), 6);
    (void)close(to);
    assert_int_equal(token_read_once(path, &text, &is_once, &err), RC_OK);
    assert_true(is_once);
    assert_string_equal(text.text, "a.b.c\n");
    (void)close(file);
    (void)unlink(name);
}

static void *stop_soon(void *context)
{
    (void)usleep(200000);
    (void)pthread_kill(*(pthread_t *)context, SIGTERM);
    return NULL;
}

/* Nobody writes: to a pipe that is open, and to one that is not. */
static void test_file__a_stop_ends_the_wait(void **state)
{
    char folder[] = "/tmp/ssisminer-test-XXXXXX", paths[2][64];
    int held = open_pipe(paths[0]);

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(paths[1], sizeof(paths[1]), "%s/fifo", folder);
    assert_int_equal(mkfifo(paths[1], 0600), 0);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        AUTO(secret_done) Secret text = {0};
        pthread_t self = pthread_self(), stopper;
        Err err = {0};
        int64_t start_ms = time_monotonic_ms();
        stop_install();
        assert_int_equal(pthread_create(&stopper, NULL, stop_soon, &self), 0);
        assert_int_equal(token_read_file("the file", paths[i], 100, &text, &err), RC_STOPPED);
        assert_in_range(time_monotonic_ms() - start_ms, 0, 60000);
        (void)pthread_join(stopper, NULL);
        stop_reset();
    }
    (void)close(held);
    (void)unlink(paths[1]);
    (void)rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file__a_pipe_is_read_to_its_end),
        cmocka_unit_test(test_file__what_gives_its_text_once),
        cmocka_unit_test(test_file__a_stop_ends_the_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
