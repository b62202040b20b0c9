/* The calls that one operating system answers otherwise than another. */
#include "test.h"

#include "ssisminer/os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static void put_file(const char *folder, const char *name)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static void drop_file(const char *folder, const char *name)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    assert_int_equal(unlink(path), 0);
}

static void test_names_come_in_the_order_of_their_bytes(void **state)
{
    static const char *const put[] = {"b", "a", "Z", ".hidden", "\xC3\xA4", "10", "9"};
    static const char *const wanted[] = {"10", "9", "Z", "a", "b", "\xC3\xA4"};
    char folder[] = "/tmp/ssisminer-os.XXXXXX", **names = NULL;

    (void)state;
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < ARRAY_LEN(put); i++)
        put_file(folder, put[i]);
    int count = os_list(folder, &names);
    assert_int_equal(count, ARRAY_LEN(wanted));
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        assert_string_equal(names[i], wanted[i]);
    os_names_free(names, count);
    for (size_t i = 0; i < ARRAY_LEN(put); i++)
        drop_file(folder, put[i]);
    assert_int_equal(os_list(folder, &names), 0);
    os_names_free(names, 0);
    assert_int_equal(rmdir(folder), 0);
    names = NULL;
    errno = 0;
    assert_int_equal(os_list(folder, &names), -1);
    assert_int_equal(errno, ENOENT);
    assert_null(names);
}

static void test_pages_are_zeros_and_no_child_gets_them(void **state)
{
    enum { BYTES = 5000 };
    char *pages = os_pages_new(BYTES);
    int status = 0;

    (void)state;
    assert_non_null(pages);
    for (size_t i = 0; i < BYTES; i++)
        assert_int_equal(pages[i], 0);
    (void)memset(pages, 'x', BYTES);
    pid_t child = fork();
    if (child == 0)
        _exit(pages[0] == 0 && pages[BYTES - 1] == 0 ? 0 : 1);
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(pages[BYTES - 1], 'x');
    os_pages_free(pages, BYTES);
}

static void test_random_bytes_are_others_each_time(void **state)
{
    unsigned char one[32] = {0}, other[32] = {0};

    (void)state;
    assert_true(os_random(one, sizeof(one)) && os_random(other, sizeof(other)));
    assert_memory_not_equal(one, other, sizeof(one));
}

static void test_a_pipe_is_no_terminal(void **state)
{
    int ends[2], columns = -1, rows = -1;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_false(os_is_terminal(ends[0]));
    assert_false(os_is_terminal(-1));
    assert_false(os_terminal_size(ends[1], &columns, &rows));
    assert_int_equal(columns, -1);
    assert_int_equal(rows, -1);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* A session of its own has no terminal. */
static void test_nothing_is_asked_without_a_terminal(void **state)
{
    int status = 0;

    (void)state;
    pid_t child = fork();
    if (child == 0) {
        (void)setsid();
        _exit(os_silent_open() ? 1 : 0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    os_silent_close(NULL);
}

static bool is_echoed(int fd)
{
    struct termios how;

    return tcgetattr(fd, &how) == 0 && (how.c_lflag & ECHO) != 0;
}

/* In a child, whose terminal this becomes: 0, or which step was wrong. */
static int ask_silently(int master, const char *name)
{
    struct winsize size = {.ws_col = 97, .ws_row = 31};
    int columns = 0, rows = 0;

    (void)setsid(); // then the first terminal that is opened is its own
    int slave = open(name, O_RDWR);
    if (slave < 0 || ioctl(slave, TIOCSWINSZ, &size) != 0 || !is_echoed(slave))
        return 1;
    OsSilent *silent = os_silent_open();
    if (!silent || is_echoed(slave))
        return 2;
    char line[16] = "";
    if (write(master, "secret\n", 7) != 7 || read(os_silent_in(silent), line, sizeof(line)) != 7 ||
        memcmp(line, "secret\n", 7) != 0)
        return 3;
    os_silent_close(silent);
    if (!is_echoed(slave))
        return 4;
    if (!os_is_terminal(slave) || !os_terminal_size(slave, &columns, &rows) || columns != 97 ||
        rows != 31)
        return 5;
    return 0;
}

static void test_what_is_typed_is_not_shown(void **state)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY), status = 0;
    char name[64], shown[64] = "";

    (void)state;
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    assert_int_equal(ptsname_r(master, name, sizeof(name)), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(ask_silently(master, name));
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    // all that is on the screen is the end of the line
    assert_true(read(master, shown, sizeof(shown) - 1) > 0);
    assert_string_equal(shown, "\r\n");
    (void)close(master);
}

static void test_a_closed_descriptor_refuses_what_it_is_for(void **state)
{
    int status = 0;

    (void)state;
    pid_t child = fork();
    if (child == 0) {
        char byte = 0;
        (void)close(STDIN_FILENO);
        (void)close(STDOUT_FILENO);
        os_start();
        bool refuses = read(STDIN_FILENO, &byte, 1) < 0 && write(STDOUT_FILENO, &byte, 1) < 0;
        _exit(refuses && open("/dev/null", O_RDONLY) > STDERR_FILENO ? 0 : 1);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void test_a_broken_pipe_is_an_error_until_it_is_told(void **state)
{
    int status = 0;

    (void)state;
    pid_t child = fork();
    if (child == 0) {
        int ends[2];
        os_start();
        if (pipe(ends) != 0 || close(ends[0]) != 0 || write(ends[1], "x", 1) != -1 ||
            errno != EPIPE)
            _exit(1);
        os_end_by_broken_pipe();
        _exit(2);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGPIPE);
}

static void test_a_library_that_is_not_there(void **state)
{
    size_t (*length)(const char *) = NULL;
    void *library = os_library("libc.so.6");

    (void)state;
    assert_null(os_library("libssisminer-none.so.9"));
    assert_non_null(library);
    assert_true(os_function(library, "strlen", (void *)&length));
    assert_int_equal(length("four"), 4);
    assert_false(os_function(library, "ssisminer_none", (void *)&length));
    assert_null(length);
}

static void test_a_file_is_one_by_whatever_name(void **state)
{
    char folder[] = "/tmp/ssisminer-os.XXXXXX", one[64], other[64];
    OsFile a, b, kept = {1, 2, true};

    (void)state;
    assert_non_null(mkdtemp(folder));
    put_file(folder, "one");
    (void)snprintf(one, sizeof(one), "%s/one", folder);
    (void)snprintf(other, sizeof(other), "%s/other", folder);
    assert_int_equal(link(one, other), 0);
    assert_true(os_file(one, &a) && os_file(other, &b));
    assert_true(a.is_regular && a.volume == b.volume && a.number == b.number);
    assert_int_equal(unlink(other), 0);
    put_file(folder, "other");
    assert_true(os_file(other, &b));
    assert_true(a.number != b.number);
    assert_true(os_file(folder, &b));
    assert_false(b.is_regular);
    drop_file(folder, "one");
    drop_file(folder, "other");
    assert_false(os_file(one, &kept));
    assert_true(kept.volume == 1 && kept.number == 2 && kept.is_regular);
    assert_int_equal(rmdir(folder), 0);
}

static void test_clocks_are_ahead_by_the_zone(void **state)
{
    static const int64_t winter = 1767225600, summer = 1782864000; // 2026-01-01, 2026-07-01

    (void)state;
    assert_int_equal(setenv("TZ", "ABC-3:30", 1), 0);
    tzset();
    assert_int_equal(os_zone_minutes(winter), 210);
    assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
    tzset();
    assert_int_equal(os_zone_minutes(winter), 60);
    assert_int_equal(os_zone_minutes(summer), 120);
    assert_int_equal(os_zone_minutes(INT64_MAX), 0); // no year that there is
    assert_int_equal(unsetenv("TZ"), 0);
    tzset();
}

static void test_a_host_that_nobody_knows_has_no_full_name(void **state)
{
    char name[8] = "kept";

    (void)state;
    assert_false(os_full_name("", name, sizeof(name)));
    assert_false(os_full_name("no host at all", name, sizeof(name)));
    assert_string_equal(name, "kept");
}

static void test_there_is_a_processor(void **state)
{
    (void)state;
    assert_int_equal(os_processors(), (size_t)sysconf(_SC_NPROCESSORS_ONLN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_come_in_the_order_of_their_bytes),
        cmocka_unit_test(test_pages_are_zeros_and_no_child_gets_them),
        cmocka_unit_test(test_random_bytes_are_others_each_time),
        cmocka_unit_test(test_a_pipe_is_no_terminal),
        cmocka_unit_test(test_nothing_is_asked_without_a_terminal),
        cmocka_unit_test(test_what_is_typed_is_not_shown),
        cmocka_unit_test(test_a_closed_descriptor_refuses_what_it_is_for),
        cmocka_unit_test(test_a_broken_pipe_is_an_error_until_it_is_told),
        cmocka_unit_test(test_a_library_that_is_not_there),
        cmocka_unit_test(test_a_file_is_one_by_whatever_name),
        cmocka_unit_test(test_clocks_are_ahead_by_the_zone),
        cmocka_unit_test(test_a_host_that_nobody_knows_has_no_full_name),
        cmocka_unit_test(test_there_is_a_processor),
    };

    int failed = cmocka_run_group_tests_name("os", tests, NULL, NULL);

    return failed;
}
