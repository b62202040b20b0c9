/* The password: where it may come from, and that it is shown nowhere. */
#include "test.h"

#include "capture.h"
#include "load.h"

#include "ssisminer/base/stop.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static const char *password_of(const char *line)
{
    AUTO(load_free) Conf *conf = load(line);
    const char *password = NULL;
    Err err = {0};

    if (conf_password(conf, &password, &err) != RC_OK)
        fail_msg("%s", err.text);
    return arena_text(&load_arena, password);
}

static void test_password__order(void **state)
{
    const char *file = load_put("secret", "of-file\nsecond line\n");
    const char *with_file = arena_printf(&load_arena, "report --password-file %s", file);
    (void)state;

    assert_string_equal(password_of("report -P of-argv"), "of-argv");
    (void)load_put("credentials/ssisminer-password", "of-systemd\r\n");
    (void)setenv("CREDENTIALS_DIRECTORY", arena_printf(&load_arena, "%s/credentials", load_home),
                 1);
    assert_string_equal(password_of("report"), "of-systemd");
    assert_string_equal(password_of(with_file), "of-file");
    (void)setenv("SSISMINER_PASSWORD_FILE", file, 1);
    assert_string_equal(password_of("report"), "of-file");
    (void)setenv("SQLCMDPASSWORD", "of-environment", 1);
    assert_string_equal(password_of("report"), "of-environment");
    assert_string_equal(password_of(with_file), "of-file"); // the command line is stronger
    assert_string_equal(password_of(arena_printf(&load_arena, "%s -P of-argv", with_file)),
                        "of-argv");
}

/* As an editor of Windows writes it. */
static void test_password__a_file_with_a_mark(void **state)
{
    const char *file = load_put("marked", "\xEF\xBB\xBFs3cr\xC3\xA9t\r\n");
    static const char wide[] = "\xFF\xFEs\0\xE9\0\r\0\n";
    (void)state;

    assert_string_equal(password_of(arena_printf(&load_arena, "report --password-file %s", file)),
                        "s3cr\xC3\xA9t");
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(wide, 1, sizeof(wide), out), sizeof(wide));
    (void)fclose(out);
    assert_string_equal(password_of(arena_printf(&load_arena, "report --password-file %s", file)),
                        "s\xC3\xA9");
}

static void assert_password_refused(const char *line, Rc rc, const char *text)
{
    AUTO(load_free) Conf *conf = load(line);
    const char *password = NULL;
    Err err = {0};

    assert_fails(conf_password(conf, &password, &err), rc, &err, text);
    assert_null(password);
}

static void test_password__bad_files(void **state)
{
    const char *empty = load_put("empty", "\nsecond\n");
    (void)state;

    assert_password_refused("report --password-file /nowhere/x", RC_USAGE,
                            "password file: cannot read '/nowhere/x': No such file or directory");
    assert_password_refused(
        arena_printf(&load_arena, "report --password-file %s", empty), RC_USAGE,
        arena_printf(&load_arena, "password file: the first line of '%s' is empty", empty));
}

/* A child without a terminal asks. */
static void test_password__no_terminal(void **state)
{
    int status;
    (void)state;

    pid_t child = fork();
    if (child == 0) {
        AUTO(load_free) Conf *conf = NULL;
        const char *password = NULL;
        Err err = {0};
        (void)setsid();
        bool is_right = load_try("report -U me", &conf, &err) == RC_OK &&
                        conf_password(conf, &password, &err) == RC_USAGE &&
                        strcmp(err.text, "no password, and no terminal to ask for one") == 0 &&
                        strstr(err.hint, "--password-file");
        _exit(is_right ? 0 : 1);
    }
    (void)waitpid(child, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* What the child did with the prompt comes back through its exit status. */
static int ask_in_child(int slave, int signal_number)
{
    AUTO(load_free) Conf *conf = NULL;
    const char *password = NULL;
    struct termios after;
    Err err = {0};

    (void)setsid();
    (void)ioctl(slave, TIOCSCTTY, 0);
    stop_install();
    if (load_try("report -U me -S db", &conf, &err) != RC_OK)
        return 1;
    Rc rc = conf_password(conf, &password, &err);
    (void)tcgetattr(slave, &after);
    if (!(after.c_lflag & ECHO))
        return 2; // the terminal must be as it was, whatever happened
    if (signal_number)
        return rc == RC_STOPPED ? 0 : 3;
    return rc == RC_OK && strcmp(password, "hunter 2") == 0 ? 0 : 4;
}

static char *talk(const char *typed, int signal_number, int *ret_status)
{
    int master, slave;
    char seen[1000] = "";
    size_t len = 0;

    if (openpty(&master, &slave, NULL, NULL, NULL) != 0) {
        print_message("no pseudo-terminals here (is /dev/pts mounted?)\n");
        skip();
    }
    pid_t child = fork();
    if (child == 0) {
        (void)close(master);
        _exit(ask_in_child(slave, signal_number));
    }
    (void)close(slave);
    while (len < sizeof(seen) - 1) {
        ssize_t got = read(master, seen + len, sizeof(seen) - 1 - len);
        if (got <= 0)
            break; // the child has ended
        len += (size_t)got;
        seen[len] = '\0';
        if (typed && strstr(seen, ": ")) {
            if (signal_number)
                (void)kill(child, signal_number);
            else
                assert_int_equal(write(master, typed, strlen(typed)), (ssize_t)strlen(typed));
            typed = NULL;
        }
    }
    (void)waitpid(child, ret_status, 0);
    (void)close(master);
    return arena_text(&load_arena, seen);
}

static void test_password__prompt_without_echo(void **state)
{
    int status;
    char *seen = talk("hunter 2\n", 0, &status);
    (void)state;

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_string_equal(seen, "Password for me at db: \r\n");
}

static void test_password__prompt_interrupted(void **state)
{
    int status;
    char *seen = talk("", SIGTERM, &status);
    (void)state;

    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_contains(seen, "Password for me at db: ");
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(test_password__##name, load_set_up, load_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(order),       TEST(a_file_with_a_mark),  TEST(bad_files),
        TEST(no_terminal), TEST(prompt_without_echo), TEST(prompt_interrupted),
    };

    return cmocka_run_group_tests_name("conf/password", tests, NULL, NULL);
}
