/* The configuration file: keys, lists, units, and what is refused with its line. */
#include "test.h"

#include "load.h"

#define CONF AUTO(load_free) Conf *conf

static const char *with_file(const char *text)
{
    return arena_printf(&load_arena, "report --config %s", load_put("c.yaml", text));
}

static void refused(const char *text, const char *place_and_reason, const char *hint)
{
    load_refused(with_file(text),
                 arena_printf(&load_arena, "%s/c.yaml:%s", load_home, place_and_reason), hint);
}

static void test_settings__every_type(void **state)
{
    size_t count;
    (void)state;
    CONF = load(with_file("connection:\n"
                          "  server: db,1433\n"
                          "  trust_server_certificate: yes\n"
                          "  read_only: false\n"
                          "  encrypt: strict\n"
                          "  login_timeout: 1min\n"
                          "  retry: 3\n"
                          "filter:\n"
                          "  since: 2026-11-01\n"
                          "  folder:\n    - A\n    - \"!B\"\n"
                          "  status: [failed, canceled]\n"));

    assert_string_equal(conf_text(conf, OPT_SERVER), "db,1433");
    assert_true(conf_flag(conf, OPT_TRUST));
    assert_false(conf_flag(conf, OPT_READ_ONLY));
    assert_true(conf_is_set(conf, OPT_READ_ONLY));
    assert_string_equal(conf_text(conf, OPT_ENCRYPT), "strict");
    assert_int_equal(conf_ticks(conf, OPT_LOGIN_TIMEOUT), 60 * TICKS_PER_SECOND);
    assert_int_equal(conf_count(conf, OPT_RETRY), 3);
    assert_int_equal(conf_time(conf, OPT_SINCE).ticks,
                     time_days_from_civil(2026, 11, 1) * TICKS_PER_DAY);
    assert_string_equal(conf_list(conf, OPT_FOLDER, &count)[1], "!B");
    assert_int_equal(count, 2);
    assert_string_equal(conf_list(conf, OPT_STATUS, &count)[1], "canceled");
    assert_string_equal(conf_origin(conf, OPT_ENCRYPT),
                        arena_printf(&load_arena, "%s/c.yaml:5", load_home));
}

/* What was written with a name of before goes on, from every source; the nearer one wins. */
static void test_settings__names_of_before(void **state)
{
    static const char file[] = "report:\n  include_cancelled: yes\n";
    (void)state;

    {
        CONF = load(with_file(file));
        assert_true(conf_flag(conf, OPT_INCLUDE_CANCELED));
    }
    {
        CONF = load("cleanup --max-log-write 50");
        assert_int_equal(conf_count(conf, OPT_MAX_LOAD), 50);
    }
    {
        CONF = load(arena_printf(&load_arena, "%s --no-include-cancelled", with_file(file)));
        assert_false(conf_flag(conf, OPT_INCLUDE_CANCELED));
    }
    (void)setenv("SSISMINER_MAX_LOG_WRITE", "40", 1);
    {
        CONF = load("cleanup");
        assert_int_equal(conf_count(conf, OPT_MAX_LOAD), 40);
        assert_contains(conf_origin(conf, OPT_MAX_LOAD), "SSISMINER_MAX_LOG_WRITE");
    }
    (void)setenv("SSISMINER_MAX_LOAD", "30", 1);
    {
        CONF = load("cleanup");
        assert_int_equal(conf_count(conf, OPT_MAX_LOAD), 30);
    }
    (void)unsetenv("SSISMINER_MAX_LOAD");
    (void)unsetenv("SSISMINER_MAX_LOG_WRITE");
}

static void test_settings__nothing_in_it(void **state)
{
    static const char *const texts[] = {"", "# remark\n", "connection:\n", "connection: {}\n",
                                        "---\n"};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        CONF = load(with_file(texts[i]));
        for (OptId id = 0; id < OPT_COUNT; id++)
            assert_true(id == OPT_CONFIG || !conf_is_set(conf, id));
    }
}

static void test_settings__errors_with_their_place(void **state)
{
    (void)state;
    refused("conection:\n  server: x\n", "1:1: unknown key 'conection'",
            "did you mean connection?");
    refused("connection:\n  servr: x\n", "2:3: unknown key 'connection.servr'",
            "did you mean connection.server?");
    refused("server: x\n", "1:1: unknown key 'server'", "did you mean connection.server?");
    refused("output:\n  details: yes\n", "2:3: unknown key 'output.details'",
            "did you mean report.details?");
    refused("zzz: 1\n", "1:1: unknown key 'zzz'",
            "'ssisminer help --config-yaml' prints every key");
    refused(
        "connection:\n  password: hunter2\n", "2:3: unknown key 'connection.password'",
        "a password does not belong in this file; use connection.password_file or SQLCMDPASSWORD");
    refused("sandbox: yes\n", "1:1: unknown key 'sandbox'",
            "--sandbox can be given on the command line only");
    refused("connection: db\n",
            "1:13: 'connection' is a section; its keys stand below it, indented", "");
    refused("connection:\n  server: [a, b]\n", "2:11: connection.server: wants a single value", "");
    refused("filter:\n  folder: {a: b}\n", "2:11: filter.folder: wants a single value", "");
    refused("connection:\n  encrypt: maybe\n",
            "2:12: connection.encrypt: 'maybe' is none of off, require, strict", "");
    refused("connection:\n  retry: -1\n", "2:10: connection.retry: '-1' is not a whole number",
            "write digits only, as in 100");
    refused("output:\n  quiet: maybe\n", "2:10: output.quiet: 'maybe' is neither yes nor no", "");
    refused("- a\n", "1:1: wants keys, as in 'connection:'", "");
    refused("a: 1\n  b: 2\n", "2:4: mapping values are not allowed in this context", "");
}

/* A value that is not there was meant to be something. */
static void test_settings__field_P8_an_empty_value_is_refused(void **state)
{
    static const char hint[] = "give it a value, or put a # before the key to leave the default; a "
                               "text that begins with !, &, *, # or @ needs quotes";
    (void)state;

    refused("cleanup:\n  keep:\n", "2:8: cleanup.keep: the value is empty", hint);
    refused("cleanup:\n  keep: ~\n", "2:9: cleanup.keep: the value is empty", hint);
    refused("cleanup:\n  keep: null\n", "2:9: cleanup.keep: the value is empty", hint);
    refused("cleanup:\n  keep: ''\n", "2:9: cleanup.keep: the value is empty", hint);
    refused("cleanup:\n  keep: # 30d\n", "2:8: cleanup.keep: the value is empty", hint);
    refused("connection:\n  server: \"\"\n", "2:11: connection.server: the value is empty", hint);
    refused("filter:\n  folder: [a, '']\n", "2:15: filter.folder: the value is empty", hint);
    refused("filter:\n  folder: []\n", "2:11: filter.folder: the value is empty", hint);
    refused("filter:\n  folder:\n    -\n    - a\n", "3:6: filter.folder: the value is empty", hint);
    refused("report:\n  folder:\n", "2:10: report.folder: the value is empty", hint);
    refused("signatures: ~\n", "1:13: signatures: the value is empty", hint);
}

static void test_settings__field_C2_a_text_without_quotes_is_refused(void **state)
{
    (void)state;
    refused("filter: {package: !Load*}\n", "1:25: did not find expected whitespace or line break",
            "a text that begins with !, &, *, %, @ or ` needs quotes: '!Load*'");
    refused("cleanup:\n  package: !Load*\n", "2:12: a tag (!Load*) is not supported",
            "put it in quotes: '!Load*'");
    refused("filter:\n  package: [x, !Load*]\n",
            "2:22: did not find expected whitespace or line break",
            "a text that begins with !, &, *, %, @ or ` needs quotes: '!Load*'");
}

static void test_settings__a_remark_behind_a_filter_is_refused(void **state)
{
    (void)state;
    refused("filter:\n  package: Load # 2\n",
            "2:12: filter.package: the # after 'Load' begins a remark",
            "put the name in quotes if the # is part of it, or the remark on a line of its own");
    CONF = load(with_file(
        "filter:\n  package: 'Load # 2' # the second\ncleanup:\n  keep: 30d # a month\n"));
    size_t count;
    assert_string_equal(conf_list(conf, OPT_PACKAGE, &count)[0], "Load # 2");
}

/* Under filter: it is for whatever command runs; under a command's own key for that one. */
static void test_settings__a_filter_is_heeded_or_refused(void **state)
{
    const char *path = load_put("c.yaml", "filter:\n  caller: adf\n  folder: [F]\n");
    size_t count;
    (void)state;

    AUTO(load_free) Conf *report = load(arena_printf(&load_arena, "report --config %s", path));
    assert_true(conf_is_set(report, OPT_CALLER));
    load_refused(
        arena_printf(&load_arena, "cleanup --config %s", path),
        arena_printf(&load_arena, "%s:2:3: filter.caller: 'cleanup' does not take caller", path),
        "put it under the key of the command that it is for, as in 'report: {caller: ...}'");
    load_refused(
        arena_printf(&load_arena, "scan --config %s", path),
        arena_printf(&load_arena, "%s:2:3: filter.caller: 'scan' does not take caller", path),
        "put it under the key of the command that it is for, as in 'report: {caller: ...}'");
    AUTO(load_free) Conf *all = load(arena_printf(&load_arena, "config --config %s", path));
    (void)conf_list(all, OPT_FOLDER, &count);
    assert_int_equal(count, 1);
}

static void test_settings__a_filter_under_the_commands_own_key(void **state)
{
    const char *path = load_put("c.yaml", "report:\n  folder: [own, '!o']\n  caller: adf\n"
                                          "filter:\n  folder: shared\n"
                                          "cleanup:\n  package: [p, q]\n  keep: 30d\n"
                                          "scan:\n  limit: 3\n");
    size_t count;
    (void)state;

    AUTO(load_free) Conf *report = load(arena_printf(&load_arena, "report --config %s", path));
    assert_string_equal(conf_list(report, OPT_FOLDER, &count)[0], "own"); // stronger than filter:
    assert_int_equal(count, 2);
    assert_string_equal(conf_origin(report, OPT_FOLDER), arena_printf(&load_arena, "%s:2", path));
    assert_string_equal(conf_list(report, OPT_CALLER, &count)[0], "adf");
    assert_false(conf_is_set(report, OPT_PACKAGE));
    assert_false(conf_is_set(report, OPT_LIMIT));

    AUTO(load_free) Conf *cleanup = load(arena_printf(&load_arena, "cleanup --config %s", path));
    assert_string_equal(conf_list(cleanup, OPT_FOLDER, &count)[0], "shared");
    assert_string_equal(conf_list(cleanup, OPT_PACKAGE, &count)[1], "q");

    AUTO(load_free)
    Conf *given = load(arena_printf(&load_arena, "cleanup --package r --config %s", path));
    assert_string_equal(conf_list(given, OPT_PACKAGE, &count)[0], "r");
    assert_int_equal(count, 1);

    AUTO(load_free) Conf *all = load(arena_printf(&load_arena, "config --config %s", path));
    const ConfOwn *own = conf_own(all, &count);
    assert_int_equal(count, 4);
    assert_string_equal(own[0].command->name, "report");
    assert_int_equal(own[0].id, OPT_FOLDER);
    assert_int_equal(own[0].count, 2);
    assert_string_equal(own[3].command->name, "scan");

    refused("cleanup:\n  caller: x\n", "2:3: cleanup.caller: 'cleanup' does not take caller",
            "put it under the key of the command that it is for, as in 'report: {caller: ...}'");
    refused("scan:\n  limit: many\n", "2:10: scan.limit: 'many' is not a whole number",
            "write digits only, as in 100");
    refused("config:\n  folder: x\n", "1:1: unknown key 'config'",
            "--config can be given on the command line only");
}

static void test_settings__no_such_file(void **state)
{
    (void)state;
    load_refused("report --config /nowhere/c.yaml",
                 "configuration file: cannot read '/nowhere/c.yaml': No such file or directory",
                 "");
    (void)setenv("SSISMINER_CONFIG", "/nowhere/d.yaml", 1);
    load_refused("report",
                 "configuration file: cannot read '/nowhere/d.yaml': No such file or directory",
                 "");
}

static void test_settings__field_P1_a_name_that_nearly_is_the_files(void **state)
{
    const char *path = load_put(".config/ssisminer/ssisminer.yml", "cleanup: {keep: 90d}\n");
    (void)state;

    load_refused("cleanup",
                 arena_printf(&load_arena, "'%s' is not read: its name must end in .yaml", path),
                 "");
    (void)load_put(".config/ssisminer/ssisminer.yaml", "cleanup: {keep: 30d}\n");
    CONF = load("cleanup");
    assert_int_equal(conf_ticks(conf, OPT_KEEP), 30 * TICKS_PER_DAY);
}

/* A dot would be a second way to write a key, and the same key could stand there twice. */
static void test_settings__a_key_has_no_dot(void **state)
{
    (void)state;
    refused("cleanup:\n  keep: 90d\ncleanup.keep: 30d\n", "3:1: a key has no dot: 'cleanup.keep'",
            "write 'cleanup:', and below it, indented, 'keep:'");
    refused("report.folder: x\n", "1:1: a key has no dot: 'report.folder'",
            "write 'report:', and below it, indented, 'folder:'");
}

static void test_settings__where_it_is_looked_for(void **state)
{
    const char *usual =
        load_put(".config/ssisminer/ssisminer.yaml", "connection: {server: home}\n");
    const char *xdg = load_put("xdg/ssisminer/ssisminer.yaml", "connection: {server: xdg}\n");
    const char *named = load_put("named.yaml", "connection: {server: named}\n");
    const char *asked = load_put("asked.yaml", "connection: {server: asked}\n");
    (void)state;

    AUTO(load_free) Conf *first = load("report");
    assert_string_equal(conf_text(first, OPT_SERVER), "home");
    assert_string_equal(conf_origin(first, OPT_SERVER), arena_printf(&load_arena, "%s:1", usual));
    (void)setenv("XDG_CONFIG_HOME", arena_printf(&load_arena, "%s/xdg", load_home), 1);
    AUTO(load_free) Conf *second = load("report");
    assert_string_equal(conf_origin(second, OPT_SERVER), arena_printf(&load_arena, "%s:1", xdg));
    (void)setenv("SSISMINER_CONFIG", named, 1);
    AUTO(load_free) Conf *third = load("report");
    assert_string_equal(conf_text(third, OPT_SERVER), "named");
    assert_string_equal(conf_origin(third, OPT_CONFIG), "environment SSISMINER_CONFIG");
    AUTO(load_free) Conf *fourth = load(arena_printf(&load_arena, "report --config %s", asked));
    assert_string_equal(conf_text(fourth, OPT_SERVER), "asked");
    assert_string_equal(conf_origin(fourth, OPT_CONFIG), "command line");
}

/* The printed file, with every key switched on, loads and changes nothing. */
static void test_settings__the_printed_file_is_the_defaults(void **state)
{
    AUTO(buf_done) Buf yaml = BUF(1 << 20);
    AUTO(buf_done) Buf live = BUF(1 << 20);
    (void)state;

    conf_put_yaml(&yaml);
    AUTO(load_free) Conf *off = load(with_file(buf_text(&yaml)));
    for (OptId id = 0; id < OPT_COUNT; id++)
        assert_true(id == OPT_CONFIG || !conf_is_set(off, id));

    Str rest = {buf_text(&yaml), yaml.len}, line;
    size_t keys = 0;
    while (str_split(&rest, '\n', &line)) {
        Str trimmed = str_trim(line);
        bool is_key = trimmed.len > 1 && trimmed.at[0] == '#' && trimmed.at[1] != ' ';
        bool is_empty = is_key && trimmed.at[trimmed.len - 1] == ':'; // nothing is its default
        keys += is_key;
        buf_put(&live, line.at, (size_t)(trimmed.at - line.at));
        bool is_on = is_key && !is_empty;
        buf_printf(&live, "%.*s\n", (int)trimmed.len - is_on, trimmed.at + is_on);
    }
    size_t known = 0;
    for (OptId id = 0; id < OPT_COUNT; id++)
        known += opt_spec(id)->key != NULL;
    assert_int_equal(keys, known);

    AUTO(load_free) Conf *on = load(with_file(buf_text(&live)));
    AUTO(load_free) Conf *dflt = load("report");
    for (OptId id = 0; id < OPT_COUNT; id++) {
        if (id == OPT_CONFIG)
            continue;
        if (opt_spec(id)->key && opt_spec(id)->dflt)
            assert_string_not_equal(conf_origin(on, id), "default");
        if (opt_spec(id)->type == OPT_TYPE_FLAG)
            assert_int_equal(conf_flag(on, id), conf_flag(dflt, id));
        else if (conf_text(dflt, id))
            assert_string_equal(conf_text(on, id), conf_text(dflt, id));
        else
            assert_null(conf_text(on, id));
    }
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(test_settings__##name, load_set_up, load_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(field_P8_an_empty_value_is_refused),
        TEST(field_C2_a_text_without_quotes_is_refused),
        TEST(field_P1_a_name_that_nearly_is_the_files),
        TEST(a_key_has_no_dot),
        TEST(a_remark_behind_a_filter_is_refused),
        TEST(a_filter_is_heeded_or_refused),
        TEST(a_filter_under_the_commands_own_key),
        TEST(every_type),
        TEST(names_of_before),
        TEST(nothing_in_it),
        TEST(errors_with_their_place),
        TEST(no_such_file),
        TEST(where_it_is_looked_for),
        TEST(the_printed_file_is_the_defaults),
    };

    return cmocka_run_group_tests_name("conf/settings", tests, NULL, NULL);
}
