/* Named targets and groups, and the settings of each. */
#include "test.h"

#include "load.h"

static const char file[] =
    "connection: {user: everybody}\n"
    "defaults:\n"
    "  authentication: ActiveDirectoryManagedIdentity\n"
    "  login_timeout: 9s\n"
    "targets:\n"
    "  - {name: prod, server: p.example, login_timeout: 5s, capacity: {nodes: 4}}\n"
    "  - {name: Test.1, server: t.example, filter: {folder: [Sales, HR]}}\n"
    "  - name: test-2\n"
    "    connection: {server: u.example, database: OTHER}\n"
    "    cleanup: {keep: 30d}\n";

static Conf *load_file(const char *text, const char *options)
{
    const char *path = arena_printf(&load_arena, "%s/targets.yaml", load_home);
    FILE *out = fopen(path, "w");

    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
    return load(
        arena_printf(&load_arena, "report --config %s%s%s", path, *options ? " " : "", options));
}

static void assert_picks(const char *words, const char *expected)
{
    AUTO(buf_done) Buf names = BUF(200);
    const size_t *picked = NULL;
    size_t count = 0;
    Err err = {0};
    Conf *conf = load_file(file, arena_printf(&load_arena, "--target=%s", words));

    if (conf_pick_targets(conf, &load_arena, &picked, &count, &err) != RC_OK)
        fail_msg("%s: %s", words, err.text);
    for (size_t i = 0; i < count; i++)
        buf_printf(&names, "%s%s", i ? " " : "", conf_target_name(conf, picked[i]));
    assert_string_equal(buf_text(&names), expected);
    conf_free(conf);
}

static void test_targets__are_picked_by_name_and_pattern(void **state)
{
    (void)state;
    assert_picks("prod", "prod");
    assert_picks("TEST.1", "Test.1");
    assert_picks("all", "prod Test.1 test-2");
    assert_picks("test*", "Test.1 test-2");
    assert_picks("test-2,prod", "prod test-2");
    assert_picks("!prod", "Test.1 test-2");
    assert_picks("all,!*2", "prod Test.1");
}

static void test_targets__what_none_has_is_refused(void **state)
{
    static const struct {
        const char *file, *words, *text, *hint;
    } cases[] = {
        {file, "prdo", "no target is called 'prdo'", "did you mean prod?"},
        {file, "prod,x*", "no target is called 'x*'", "has 3, the first of them 'prod'"},
        {file, "!dev", "no target is called 'dev'", ""},
        {file, "!prod,!t*", "--target leaves out every target", ""},
        {"connection: {user: x}\n", "prod", "--target: the configuration has no targets",
         "targets: [{name: prod"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const size_t *picked = NULL;
        size_t count = 0;
        Err err = {0};
        Conf *conf =
            load_file(cases[i].file, arena_printf(&load_arena, "--target=%s", cases[i].words));
        assert_fails(conf_pick_targets(conf, &load_arena, &picked, &count, &err), RC_USAGE, &err,
                     cases[i].text);
        assert_contains(err.hint, cases[i].hint);
        conf_free(conf);
    }
}

static void test_targets__one_is_nearer_than_what_is_for_all(void **state)
{
    Err err = {0};

    (void)state;
    (void)setenv("SQLCMDSERVER", "environment.example", 1);
    Conf *conf = load_file(file, "--target=all -l 3");
    assert_string_equal(conf_text(conf, OPT_SERVER), "environment.example");
    assert_int_equal(conf_use_target(conf, 0, &err), RC_OK);
    assert_string_equal(conf_text(conf, OPT_SERVER), "p.example");
    assert_string_equal(conf_text(conf, OPT_USER), "everybody");
    assert_string_equal(conf_text(conf, OPT_AUTHENTICATION), "ActiveDirectoryManagedIdentity");
    assert_int_equal(conf_ticks(conf, OPT_LOGIN_TIMEOUT), 3 * TICKS_PER_SECOND); // typed
    assert_int_equal(conf_count(conf, OPT_NODES), 4);
    assert_contains(conf_origin(conf, OPT_SERVER), "targets.yaml:6");
    conf_free(conf);

    conf = load_file(file, "--target=all");
    assert_int_equal(conf_use_target(conf, 0, &err), RC_OK);
    assert_int_equal(conf_ticks(conf, OPT_LOGIN_TIMEOUT), 5 * TICKS_PER_SECOND);
    conf_free(conf);

    conf = load_file(file, "--target=all");
    size_t count;
    assert_int_equal(conf_use_target(conf, 1, &err), RC_OK);
    assert_int_equal(conf_ticks(conf, OPT_LOGIN_TIMEOUT), 9 * TICKS_PER_SECOND);
    assert_string_equal(conf_list(conf, OPT_FOLDER, &count)[1], "HR");
    assert_int_equal(count, 2);
    conf_free(conf);

    conf = load_file(file, "--target=all");
    assert_int_equal(conf_use_target(conf, 2, &err), RC_OK);
    assert_string_equal(conf_text(conf, OPT_SERVER), "u.example");
    assert_string_equal(conf_text(conf, OPT_DATABASE), "OTHER");
    conf_free(conf);
}

/* Of two settings that exclude each other the nearer one counts. */
static void test_targets__a_targets_own_is_stronger_than_what_all_have(void **state)
{
    Err err = {0};

    (void)state;
    Conf *conf = load_file("connection: {user: u}\n"
                           "defaults: {dsn: Default}\n"
                           "targets: [{name: a, server: x}, {name: b, dsn: Own, server: y}]\n",
                           "--target=all");
    assert_int_equal(conf_use_target(conf, 0, &err), RC_OK);
    assert_true(conf_is_stronger(conf, OPT_SERVER, OPT_DSN));
    assert_true(conf_is_stronger(conf, OPT_DSN, OPT_USER));
    assert_int_equal(conf_beside_environment(conf, OPT_DSN), 1);
    assert_int_equal(conf_beside_environment(conf, OPT_USER), -1);
    assert_int_equal(conf_use_target(conf, 1, &err), RC_OK);
    assert_false(conf_is_stronger(conf, OPT_SERVER, OPT_DSN));
    assert_false(conf_is_stronger(conf, OPT_DSN, OPT_SERVER));
    conf_free(conf);
}

static Rc load_bad(const char *text, Err *err)
{
    const char *path = arena_printf(&load_arena, "%s/bad.yaml", load_home);
    char *argv[] = {arena_text(&load_arena, "ssisminer"), arena_text(&load_arena, "report"),
                    arena_text(&load_arena, "--config"), arena_text(&load_arena, path)};
    FILE *out = fopen(path, "w");
    Conf *conf = NULL;

    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
    Rc rc = conf_load(ARRAY_LEN(argv), argv, load_commands, ARRAY_LEN(load_commands), &conf, err);
    if (rc == RC_OK)
        conf_free(conf);
    return rc;
}

/* A mistake in any of them is found whichever command reads the file. */
static void test_targets__a_file_that_cannot_be_meant_is_refused(void **state)
{
    static const char *const cases[][2] = {
        {"targets: x\n", "bad.yaml:1:10: 'targets' is a list of servers"},
        {"targets: []\n", "'targets' is a list of servers"},
        {"targets: [x]\n", "a target has keys"},
        {"targets: [{server: x}]\n", "a target has a name"},
        {"targets: [{name: all, server: x}]\n", "a target has a name: one word, not 'all'"},
        {"targets: [{name: a b, server: x}]\n", "a target has a name"},
        {"targets: [{name: '*', server: x}]\n", "a target has a name"},
        {"targets: [{name: a}]\n", "target 'a' names no server"},
        {"targets: [{name: a, server: x}, {name: A, server: y}]\n",
         "two targets have the name 'A'"},
        {"targets: [{name: a, server: x, sever: y}]\n", "unknown key 'sever'"},
        {"targets: [{name: a, server: x, login_timeout: 1y}]\n", "outside 1s to 24h"},
        {"targets: [{name: a, server: x, password: y}]\n", "unknown key 'password'"},
        {"targets: [{name: a, server: x, targets: []}]\n", "unknown key 'targets'"},
        {"defaults: [a]\ntargets: [{name: a, server: x}]\n", "'defaults' has keys"},
        {"defaults: {sever: a}\n", "unknown key 'sever'"},
        {"defaults: {name: a}\ntargets: [{name: a, server: x}]\n",
         "bad.yaml:1:18: 'defaults' has no name: each target has its own"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Err err = {0};
        if (load_bad(cases[i][0], &err) != RC_USAGE)
            fail_msg("not refused: %s", cases[i][0]);
        assert_contains(err.text, cases[i][1]);
    }
    Err err = {0};
    assert_int_equal(load_bad("defaults: {server: x}\ntargets: [{name: a}]\n", &err), RC_OK);
    // a filter that this command does not take is for others
    assert_int_equal(load_bad("targets: [{name: a, server: x, cleanup: {keep: 3d}}]\n", &err),
                     RC_OK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, load_set_up, load_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_targets__are_picked_by_name_and_pattern),
        TEST(test_targets__what_none_has_is_refused),
        TEST(test_targets__one_is_nearer_than_what_is_for_all),
        TEST(test_targets__a_targets_own_is_stronger_than_what_all_have),
        TEST(test_targets__a_file_that_cannot_be_meant_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
