/* The configuration for FreeTDS: verified by default, private, gone afterwards. */
#include "test.h"

#include "../../../src/tds/freetds.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const TdsServer server = {.host = "sql.example.net", .port = 1433};

static void assert_conf(const TdsTarget *target, const TdsServer *of, const char *expected)
{
    Buf conf = BUF(4096);
    Err err = {0};

    assert_int_equal(tds_freetds_conf(target, of, &conf, &err), RC_OK);
    assert_string_equal(buf_text(&conf), expected);
    buf_done(&conf);
}

static void test_freetds__verified_by_default(void **state)
{
    TdsTarget target = {.login_timeout_s = 15};

    (void)state;
    assert_conf(&target, &server,
                "[sql.example.net]\nhost = sql.example.net\nport = 1433\ntds version = 7.4\n"
                "encryption = require\ncheck certificate hostname = yes\nca file = system\n"
                "connect timeout = 15\nclient charset = UTF-8\ninitial block size = 16384\n"
                "text size = 33554448\n");
}

static void test_freetds__own_ca_trust_and_off(void **state)
{
    TdsTarget with_ca = {.login_timeout_s = 15, .ca_file = "/etc/hostname"};
    TdsTarget trusting = {.login_timeout_s = 15, .ca_file = "/no/such", .trust_certificate = true};
    TdsTarget plain = {.login_timeout_s = 0, .encrypt = TDS_ENCRYPT_OFF};

    (void)state;
    assert_conf(&with_ca, &server,
                "[sql.example.net]\nhost = sql.example.net\nport = 1433\ntds version = 7.4\n"
                "encryption = require\ncheck certificate hostname = yes\nca file = /etc/hostname\n"
                "connect timeout = 15\nclient charset = UTF-8\ninitial block size = 16384\n"
                "text size = 33554448\n");
    assert_conf(&trusting, &server,
                "[sql.example.net]\nhost = sql.example.net\nport = 1433\ntds version = 7.4\n"
                "encryption = require\ncheck certificate hostname = no\n"
                "connect timeout = 15\nclient charset = UTF-8\ninitial block size = 16384\n"
                "text size = 33554448\n");
    assert_conf(&plain, &server,
                "[sql.example.net]\nhost = sql.example.net\nport = 1433\ntds version = 7.4\n"
                "encryption = off\n"
                "connect timeout = 1\nclient charset = UTF-8\ninitial block size = 32767\n"
                "text size = 33554448\n");
}

static void test_freetds__instance_and_strict(void **state)
{
    TdsServer instance = {.host = "sql01", .instance = "PROD"};
    TdsTarget strict = {.login_timeout_s = 5, .encrypt = TDS_ENCRYPT_STRICT};

    (void)state;
    assert_conf(&strict, &instance,
                "[sql01]\nhost = sql01\ninstance = PROD\n"
                "encryption = strict\ncheck certificate hostname = yes\nca file = system\n"
                "connect timeout = 5\nclient charset = UTF-8\ninitial block size = 16384\n"
                "text size = 33554448\n");
}

static void test_freetds__refuses_paths_that_would_be_cut(void **state)
{
    static const char *const bad[] = {
        "", "/a#b", "/a;b", "/a\nencryption = off", " /a", "/a ", "/a  b", "/a\tb", "/a\x7F"};
    char longest[300];

    (void)state;
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    for (size_t i = 0; i <= ARRAY_LEN(bad); i++) {
        TdsTarget target = {.ca_file = i < ARRAY_LEN(bad) ? bad[i] : longest};
        Buf conf = BUF(4096);
        Err err = {0};
        assert_int_equal(tds_freetds_conf(&target, &server, &conf, &err), RC_USAGE);
        assert_contains(err.text, "FreeTDS cannot take such a path");
        assert_contains(err.hint, "without '#'");
        buf_done(&conf);
    }
}

static void test_freetds__refuses_a_ca_file_that_is_not_there(void **state)
{
    TdsTarget target = {.ca_file = "/no/such/ca.pem"};
    Buf conf = BUF(4096);
    Err err = {0};

    (void)state;
    assert_fails(tds_freetds_conf(&target, &server, &conf, &err), RC_USAGE, &err,
                 "cannot read the CA file '/no/such/ca.pem': No such file or directory");
    buf_done(&conf);
}

static void assert_file(const char *path, const char *expected)
{
    char text[64] = "";
    struct stat info;

    FILE *read = fopen(path, "r");
    assert_non_null(read);
    assert_int_equal(fread(text, 1, sizeof(text) - 1, read), strlen(expected));
    assert_string_equal(text, expected);
    assert_int_equal(fstat(fileno(read), &info), 0);
    (void)fclose(read);
    assert_int_equal(info.st_uid, getuid());
}

static void test_freetds__file_is_private_and_emptied(void **state)
{
    TdsConfFile file;
    char path[512];
    Err err = {0};

    (void)state;
    (void)setenv("TDSHOST", "elsewhere.example", 1);
    assert_int_equal(tds_conf_file_open("[longer]\nhost = y\n", &file, &err), RC_OK);
    (void)snprintf(path, sizeof(path), "%s", file.path);
    assert_string_equal(getenv("FREETDSCONF"), path);
    assert_null(getenv("TDSHOST")); // would send the login to another host
    assert_file(path, "[longer]\nhost = y\n");
    tds_conf_file_close(&file);
    assert_file(path, "");
    assert_int_equal(tds_conf_file_open("[x]\nhost = y\n", &file, &err), RC_OK);
    assert_string_equal(file.path, path);
    assert_file(path, "[x]\nhost = y\n");
    tds_conf_file_close(&file);
}

/* What a connection does beside threads that look up names: nothing moves under them. */
static void test_freetds__environment_is_written_once(void **state)
{
    TdsConfFile file;
    Err err = {0};

    (void)state;
    tds_conf_prepare();
    const char *value = getenv("FREETDSCONF");
    char **whole = environ;
    assert_non_null(value);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(tds_conf_file_open("[x]\n", &file, &err), RC_OK);
        assert_ptr_equal(getenv("FREETDSCONF"), value);
        tds_conf_file_close(&file);
        assert_ptr_equal(getenv("FREETDSCONF"), value);
    }
    assert_ptr_equal(environ, whole);
}

/* A child of a process that has connected: what it writes is not its parent's. */
static void test_freetds__a_child_has_a_file_of_its_own(void **state)
{
    TdsConfFile file, childs;
    Err err = {0};
    int status = -1;

    (void)state;
    assert_int_equal(tds_conf_file_open("[parent]\n", &file, &err), RC_OK);
    tds_conf_file_close(&file);
    pid_t child = fork();
    if (child == 0)
        _exit(tds_conf_file_open("[child]\n", &childs, &err) != RC_OK || childs.fd < 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_file(getenv("FREETDSCONF"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_freetds__verified_by_default),
        cmocka_unit_test(test_freetds__own_ca_trust_and_off),
        cmocka_unit_test(test_freetds__instance_and_strict),
        cmocka_unit_test(test_freetds__refuses_paths_that_would_be_cut),
        cmocka_unit_test(test_freetds__refuses_a_ca_file_that_is_not_there),
        cmocka_unit_test(test_freetds__file_is_private_and_emptied),
        cmocka_unit_test(test_freetds__environment_is_written_once),
        cmocka_unit_test(test_freetds__a_child_has_a_file_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
