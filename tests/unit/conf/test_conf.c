/* Settings from all places: who wins, what is refused, and how it is told. */
#include "test.h"

#include "load.h"

#define CONF AUTO(load_free) Conf *conf

static void test_conf__defaults(void **state)
{
    (void)state;
    CONF = load("report");

    assert_ptr_equal(conf_command(conf), &load_report);
    assert_string_equal(conf_text(conf, OPT_DATABASE), "SSISDB");
    assert_string_equal(conf_origin(conf, OPT_DATABASE), "default");
    assert_false(conf_is_set(conf, OPT_DATABASE));
    assert_null(conf_text(conf, OPT_SERVER));
    assert_false(conf_flag(conf, OPT_TRUST));
    assert_int_equal(conf_ticks(conf, OPT_RETRY_WAIT), 5 * TICKS_PER_SECOND);
    assert_int_equal(conf_count(conf, OPT_RETRY), 5);
    assert_true(conf_time(conf, OPT_UNTIL).ticks - conf_time(conf, OPT_SINCE).ticks ==
                TICKS_PER_DAY);
}

static int64_t hours_of(const char *now, const char *line)
{
    int64_t hours;

    setenv("SSISMINER_NOW", now, 1);
    {
        CONF = load(line);
        hours = (conf_time(conf, OPT_UNTIL).ticks - conf_time(conf, OPT_SINCE).ticks) /
                (3600 * TICKS_PER_SECOND);
    }
    unsetenv("SSISMINER_NOW");
    return hours;
}

/* The end of a night is named while it lasts, too. */
static void test_conf__a_clock_that_ends_a_window_is_the_first_after_its_begin(void **state)
{
    (void)state;
    assert_int_equal(hours_of("2026-03-02T03:00:00Z", "report --since yesterday\x01"
                                                      "18:00 --until 06:00"),
                     12);
    assert_int_equal(hours_of("2026-03-02T07:00:00Z", "report --since yesterday\x01"
                                                      "18:00 --until 06:00"),
                     12);
    assert_int_equal(hours_of("2026-03-02T20:00:00Z", "report --since 18:00 --until 06:00"), 12);
    assert_int_equal(hours_of("2026-03-02T20:00:00Z", "report --since 06:00 --until 18:00"), 12);
    assert_int_equal(hours_of("2026-03-02T20:00:00Z", "report --since 18:00 --until 18:00"),
                     0); // refused by commands
    assert_int_equal(hours_of("2026-03-02T20:00:00Z", "report --since 1h --until 06:00"), -13 + 24);
    assert_int_equal(hours_of("2026-03-02T20:00:00Z", "report --since 1h --until yesterday\x01"
                                                      "06:00"),
                     -37);
}

/* Each default is a value that its own option takes. */
static void test_conf__every_default_is_valid_and_every_row_sound(void **state)
{
    char name[OPT_ENV_MAX], other[OPT_ENV_MAX];
    (void)state;

    for (OptId id = 0; id < OPT_COUNT; id++) {
        const OptSpec *spec = opt_spec(id);
        opt_env(id, name);
        assert_true(strlen(spec->help) > 0 && spec->help[strlen(spec->help) - 1] != '.');
        assert_true((spec->type == OPT_TYPE_FLAG) == (spec->arg[0] == '\0'));
        assert_true(spec->type != OPT_TYPE_CHOICE || spec->choices);
        assert_true(spec->type != OPT_TYPE_SECRET || (!spec->key && !spec->dflt));
        assert_true(spec->takers != 0);
        for (OptId after = id + 1; after < OPT_COUNT; after++) {
            const OptSpec *later = opt_spec(after);
            opt_env(after, other);
            assert_string_not_equal(spec->flag, later->flag);
            assert_true(!spec->letter || spec->letter != later->letter);
            assert_true(!spec->key || !later->key || strcmp(spec->key, later->key) != 0);
            assert_true(!*name || strcmp(name, other) != 0);
        }
    }
    opt_env(OPT_TRUST, name);
    assert_string_equal(name, "SSISMINER_TRUST_SERVER_CERTIFICATE");
    opt_env(OPT_HELP, name);
    assert_string_equal(name, "");
}

static void test_conf__precedence_and_origins(void **state)
{
    const char *path =
        load_put(".config/ssisminer/ssisminer.yaml",
                 "connection:\n  server: from-file\n  database: file-db\n  user: file-user\n");
    (void)state;

    (void)setenv("SQLCMDSERVER", "from-environment", 1);
    (void)setenv("SQLCMDDBNAME", "environment-db", 1);
    CONF = load("report -S from-argv");
    assert_string_equal(conf_text(conf, OPT_SERVER), "from-argv");
    assert_string_equal(conf_origin(conf, OPT_SERVER), "command line");
    assert_string_equal(conf_text(conf, OPT_DATABASE), "environment-db");
    assert_string_equal(conf_origin(conf, OPT_DATABASE), "environment SQLCMDDBNAME");
    assert_string_equal(conf_text(conf, OPT_USER), "file-user");
    assert_string_equal(conf_origin(conf, OPT_USER), arena_printf(&load_arena, "%s:4", path));
    assert_true(conf_is_set(conf, OPT_SERVER) && conf_is_set(conf, OPT_DATABASE) &&
                conf_is_set(conf, OPT_USER));
    assert_string_equal(conf_text(conf, OPT_CONFIG), path);
    assert_string_equal(conf_origin(conf, OPT_CONFIG), "usual place");
}

static void test_conf__command_line_forms(void **state)
{
    (void)state;
    CONF = load("-Shost report -d=db --user me --encrypt=OFF -qvC --since 3d -l 90 "
                "--no-trust-server-certificate --read-only");

    assert_string_equal(conf_text(conf, OPT_SERVER), "host");
    assert_string_equal(conf_text(conf, OPT_DATABASE), "db");
    assert_string_equal(conf_text(conf, OPT_USER), "me");
    assert_string_equal(conf_text(conf, OPT_ENCRYPT), "off"); // as the table writes it
    assert_true(conf_flag(conf, OPT_QUIET) && conf_flag(conf, OPT_VERBOSE));
    assert_false(conf_flag(conf, OPT_TRUST));
    assert_true(conf_is_set(conf, OPT_TRUST)); // taken back, on the command line
    assert_true(conf_flag(conf, OPT_READ_ONLY));
    assert_int_equal(conf_ticks(conf, OPT_LOGIN_TIMEOUT), 90 * TICKS_PER_SECOND);
}

static void test_conf__flags_bundle_and_a_letter_ends_with_its_value(void **state)
{
    (void)state;
    CONF = load("report -qCSdb.example.net,1444");

    assert_true(conf_flag(conf, OPT_QUIET) && conf_flag(conf, OPT_TRUST));
    assert_string_equal(conf_text(conf, OPT_SERVER), "db.example.net,1444");
}

static void test_conf__the_last_one_counts_and_lists_gather(void **state)
{
    size_t count;
    (void)state;
    CONF = load("report --since 1d --since 2d --folder a,b --folder !c --status failed,Canceled "
                "--status ended-unexpectedly");

    assert_string_equal(conf_text(conf, OPT_SINCE), "2d");
    const char *const *folders = conf_list(conf, OPT_FOLDER, &count);
    assert_int_equal(count, 3);
    assert_string_equal(folders[0], "a");
    assert_string_equal(folders[1], "b");
    assert_string_equal(folders[2], "!c");
    const char *const *states = conf_list(conf, OPT_STATUS, &count);
    assert_int_equal(count, 3);
    assert_string_equal(states[1], "canceled");
}

static void test_conf__a_stronger_list_replaces_a_weaker_one(void **state)
{
    size_t count;
    const char *path =
        load_put("c.yaml", "filter:\n  folder: [f1, f2]\n  package: p1\n  project: [q]\n");
    (void)state;

    (void)setenv("SSISMINER_FOLDER", "e1, e2,e3", 1);
    CONF = load(arena_printf(&load_arena, "report --config %s --project a", path));
    const char *const *folders = conf_list(conf, OPT_FOLDER, &count);
    assert_int_equal(count, 3);
    assert_string_equal(folders[1], "e2");
    assert_string_equal(conf_list(conf, OPT_PACKAGE, &count)[0], "p1");
    assert_string_equal(conf_list(conf, OPT_PROJECT, &count)[0], "a");
    assert_int_equal(count, 1);
    (void)conf_list(conf, OPT_CALLER, &count);
    assert_int_equal(count, 0);
}

static void test_conf__optional_value(void **state)
{
    (void)state;
    CONF = load("report -G -S host");
    assert_string_equal(conf_text(conf, OPT_AUTHENTICATION), "auto");
    assert_string_equal(conf_text(conf, OPT_SERVER), "host");

    AUTO(load_free) Conf *attached = load("report -GactivedirectoryMSI");
    assert_string_equal(conf_text(attached, OPT_AUTHENTICATION), "ActiveDirectoryMSI");
    AUTO(load_free) Conf *longer = load("report --authentication=ActiveDirectoryMsi -q");
    assert_string_equal(conf_text(longer, OPT_AUTHENTICATION), "ActiveDirectoryMSI");
}

static void test_conf__a_value_that_may_be_left_out_may_be_a_word(void **state)
{
    AUTO(load_free) Conf *bare = load("cleanup --script --keep 30d");
    AUTO(load_free) Conf *word = load("cleanup --script Procedure --keep 30d");
    AUTO(load_free) Conf *last = load("cleanup --script");

    (void)state;
    assert_int_equal(conf_choice_script(bare), CHOICE_SCRIPT_JOB);
    assert_int_equal(conf_choice_script(word), CHOICE_SCRIPT_PROCEDURE);
    assert_int_equal(conf_choice_script(last), CHOICE_SCRIPT_JOB);
    load_refused("cleanup --script procedures",
                 "'cleanup' takes no arguments, but 'procedures' was given",
                 "a value of --script follows an =: --script=procedures");
}

static void test_conf__arguments(void **state)
{
    size_t count;
    (void)state;
    CONF = load("scan a.log - --format csv -- --format -x");

    const char *const *args = conf_args(conf, &count);
    assert_int_equal(count, 4);
    assert_string_equal(args[0], "a.log");
    assert_string_equal(args[1], "-");
    assert_string_equal(args[2], "--format");
    assert_string_equal(args[3], "-x");
    assert_string_equal(conf_text(conf, OPT_FORMAT), "csv");
}

/* No option is a digit: "ssisminer explain -1073741819" */
static void test_conf__a_negative_number_is_an_argument(void **state)
{
    size_t count;
    (void)state;
    CONF = load("scan -1073741819 -2 --quiet");

    const char *const *args = conf_args(conf, &count);
    assert_int_equal(count, 2);
    assert_string_equal(args[0], "-1073741819");
    assert_string_equal(args[1], "-2");
    assert_true(conf_flag(conf, OPT_QUIET));
}

static void test_conf__no_command(void **state)
{
    size_t count;
    (void)state;
    CONF = load("--help");

    assert_null(conf_command(conf));
    assert_true(conf_flag(conf, OPT_HELP));
    (void)conf_args(conf, &count);
    assert_int_equal(count, 0);
}

static void test_conf__usage_errors(void **state)
{
    (void)state;
    load_refused("reprot", "unknown command 'reprot'", "did you mean report?");
    load_refused("nothing-like-it", "unknown command 'nothing-like-it'",
                 "'ssisminer help' lists the commands");
    load_refused("report --sinse 3d", "unknown option '--sinse'", "did you mean --since?");
    load_refused("report --zzzzzz=secret", "unknown option '--zzzzzz'",
                 "'ssisminer help report' lists its options");
    load_refused("--zzzzzz", "unknown option '--zzzzzz'", "'ssisminer help' lists the options");
    load_refused("report -qZ", "unknown option '-Z'", "'ssisminer help' lists the options");
    load_refused("report --since", "--since needs a value", "write --since <time>");
    load_refused("report -S", "-S needs a value", "write -S <host>");
    load_refused(
        "cleanup --stop-file --foldr=X", "--stop-file needs a value, but --foldr follows",
        "write --stop-file=<file>"); // misspelled, the filter must not become a file's name
    load_refused("report --since --until=now", "--since needs a value, but --until follows",
                 "write --since=<time>");
    load_refused("report --quiet=yes", "--quiet takes no value", "");
    load_refused("report --no-since",
                 "--since cannot be taken back: --no- is for options without a value", "");
    load_refused("report extra", "'report' takes no arguments, but 'extra' was given", "");
    load_refused("report -q extra", "'report' takes no arguments, but 'extra' was given", "");
    load_refused("report --authentication SqlPassword",
                 "'report' takes no arguments, but 'SqlPassword' was given",
                 "a value of --authentication follows an =: --authentication=SqlPassword");
    load_refused("report -G SqlPassword",
                 "'report' takes no arguments, but 'SqlPassword' was given",
                 "a value of -G follows an =: -G=SqlPassword");
    load_refused("scan --execution 3", "'scan' does not take --execution",
                 "--execution is an option of report, config");
    load_refused("-S host scan", "'scan' does not take -S",
                 "-S is an option of report, cleanup, config");
}

static void test_conf__value_errors(void **state)
{
    (void)state;
    load_refused("report --format jsn",
                 "--format: 'jsn' is none of text, json, ndjson, csv, html, markdown, prometheus",
                 "did you mean json?");
    load_refused("report --encrypt perhaps", "--encrypt: 'perhaps' is none of off, require, strict",
                 "");
    load_refused("report --limit many", "--limit: 'many' is not a whole number",
                 "write digits only, as in 100");
    load_refused("report --limit=-1", "--limit: '-1' is not a whole number",
                 "write digits only, as in 100");
    load_refused("report -t soon", "-t: 'soon' is not a duration",
                 "write a number with its unit, as in 500ms, 90s, 15min, 24h, 7d, 2w, 6mo (of 30 "
                 "days), 1y (of 365 days) or 1h30min");
    load_refused("report --since 5", "--since: '5' has no unit",
                 "write 5d for days, 5h for hours, 5min for minutes or 5s for seconds");
    load_refused("report --since lately", "--since: 'lately' is not a time",
                 "write a duration ago (24h, 7d), a day and time of day (yesterday 18:00, last "
                 "friday 06:00, "
                 "monday), a time of day (18:00), a date (2026-11-22), a date and time with an "
                 "optional offset "
                 "(2026-11-22 03:04, 2026-11-22T03:04:05Z, 2026-11-22 03:04+01:00) or now; without "
                 "an offset "
                 "it is UTC, unless --time-zone says otherwise");
    load_refused("report --time-zone Mars", "--time-zone: there is no time zone 'Mars'",
                 "write UTC, local, or a name as it is spelled in /usr/share/zoneinfo: "
                 "Europe/Berlin, America/New_York");
    load_refused("report --server=", "--server: the value is empty", "");
    load_refused("report --status failed,odd",
                 "--status: 'odd' is none of failed, ended-unexpectedly, canceled", "");
    load_refused("report --status failed,", "--status: an item is empty", "");
}

static void test_conf__environment_errors_name_the_variable(void **state)
{
    (void)state;
    (void)setenv("SSISMINER_READ_ONLY", "perhaps", 1);
    load_refused("report", "SSISMINER_READ_ONLY: 'perhaps' is neither yes nor no", "");
    (void)setenv("SSISMINER_READ_ONLY", "ON", 1);
    CONF = load("report");
    assert_true(conf_flag(conf, OPT_READ_ONLY));
    assert_string_equal(conf_origin(conf, OPT_READ_ONLY), "environment SSISMINER_READ_ONLY");
}

/* What is set but empty was meant to be something. */
static void test_conf__field_P8_an_empty_variable_is_refused(void **state)
{
    static const char *const names[] = {"SSISMINER_KEEP", "SSISMINER_FOLDER", "SQLCMDSERVER",
                                        "SQLCMDPASSWORD", "SSISMINER_CONFIG", "SSISMINER_EXACT"};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        (void)setenv(names[i], "", 1);
        load_refused("cleanup", arena_printf(&load_arena, "%s is set but empty", names[i]),
                     "unset it or give it a value");
        (void)unsetenv(names[i]);
    }
    (void)setenv("SSISMINER_KEEP", "", 1); // nothing that report reads
    AUTO(load_free) Conf *report = load("report");
    assert_false(conf_is_set(report, OPT_KEEP));
}

/* A store of secrets that was filled by echo. */
static void test_conf__a_line_end_is_no_part_of_a_variable(void **state)
{
    (void)state;
    (void)setenv("SQLCMDPASSWORD", "s3cret \n", 1);
    (void)setenv("SQLCMDSERVER", "db.example\r\n", 1);
    AUTO(load_free) Conf *conf = load("report");
    assert_string_equal(conf_text(conf, OPT_PASSWORD), "s3cret ");
    assert_string_equal(conf_text(conf, OPT_SERVER), "db.example");
    (void)setenv("SQLCMDPASSWORD", "\n", 1);
    load_refused("report", "SQLCMDPASSWORD is set but empty", "unset it or give it a value");
}

/* What a command does not take is not read, but a filter that would not be heeded is refused. */
static void test_conf__a_filter_in_the_environment_is_heeded_or_refused(void **state)
{
    (void)state;
    (void)setenv("SSISMINER_KEEP", "nonsense", 1);
    AUTO(load_free) Conf *report = load("report");
    assert_null(conf_text(report, OPT_KEEP));
    (void)unsetenv("SSISMINER_KEEP");
    (void)setenv("SSISMINER_CALLER", "adf", 1);
    load_refused(
        "cleanup",
        "SSISMINER_CALLER: 'cleanup' does not take --caller, so that it would not be heeded",
        "unset it for this command");
    load_refused("scan",
                 "SSISMINER_CALLER: 'scan' does not take --caller, so that it would not be heeded",
                 "unset it for this command");
    AUTO(load_free) Conf *heeding = load("report");
    assert_true(conf_is_set(heeding, OPT_CALLER));
    AUTO(load_free) Conf *all = load("config");
    assert_true(conf_is_set(all, OPT_CALLER));
}

/* A misspelled variable is a setting that is not in force. */
static void test_conf__field_P1_unknown_variables_are_named(void **state)
{
    static const struct {
        const char *name, *hint;
    } cases[] = {
        {"SSISMINER_KEP", "did you mean SSISMINER_KEEP?"},
        {"SSISMINER_KEPE", "did you mean SSISMINER_KEEP?"},
        {"SSISMINER_keep", "did you mean SSISMINER_KEEP?"},
        {"ssisminer_keep", "did you mean SSISMINER_KEEP?"},
        {"Ssisminer_Keep_Failed", "did you mean SSISMINER_KEEP_FAILED?"},
        {"SISSMINER_KEEP", "did you mean SSISMINER_KEEP?"},
        {"SSISMINERKEEP", "did you mean SSISMINER_KEEP?"},
        {"SSISMINER__KEEP", "did you mean SSISMINER_KEEP?"},
        {"SSISMINER_KEEPFAILED", "did you mean SSISMINER_KEEP_FAILED?"},
        {"SSISMINER_SERVER", "did you mean SQLCMDSERVER?"},
        {"SSISMINER_PASSWORD", "did you mean SQLCMDPASSWORD?"},
        {"SSISMINER_EXECUTE", "--execute can be given on the command line only"},
        {"SSISMINER_NONSENSE_ALTOGETHER", NULL},
    };
    size_t count;
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *name = cases[i].name, *hint = cases[i].hint;
        (void)setenv(name, "30d", 1);
        load_refused("cleanup",
                     arena_printf(&load_arena,
                                  "the variable %s means nothing here, and 'cleanup' is not run on "
                                  "a guess",
                                  name),
                     hint ? hint : "'ssisminer help --man' names the variables");
        AUTO(load_free) Conf *report = load("report");
        const char *const *warnings = conf_warnings(report, &count);
        assert_int_equal(count, 1);
        assert_string_equal(warnings[0],
                            arena_printf(&load_arena, "the variable %s means nothing here%s%s",
                                         name, hint ? "; " : "", hint ? hint : ""));
        (void)unsetenv(name);
    }
}

static void test_conf__field_P1_known_variables_are_not_named(void **state)
{
    static const char *const names[] = {"SSISMINER_NOW",
                                        "SSISMINER_SANDBOX_PASSWORD",
                                        "SSISMINER_TEST_SERVER",
                                        "SISMINE_LOG",
                                        "SQLCMDINI",
                                        "KEEP"};
    size_t count;
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        (void)setenv(names[i], "2026-11-22", 1);
    AUTO(load_free) Conf *cleanup = load("cleanup");
    (void)conf_warnings(cleanup, &count);
    assert_int_equal(count, 0);
    for (size_t i = 1; i < ARRAY_LEN(names); i++)
        (void)unsetenv(names[i]);
}

/* The row has the range: the same from every source, and always told. */
static void test_conf__field_P3_ranges(void **state)
{
    static const struct {
        const char *line, *error;
    } cases[] = {
        {"cleanup --max-load 101", "--max-load: '101' is outside 1 to 100"},
        {"cleanup --max-load 0", "--max-load: '0' is outside 1 to 100"},
        {"cleanup --batch-rows 0", "--batch-rows: '0' is outside 1 to 1000000"},
        {"cleanup --keep 0s", "--keep: '0s' is outside 1s to 3650d"},
        {"cleanup --keep 11y", "--keep: '11y' is outside 1s to 3650d"},
        {"cleanup --keep-failed 3651d", "--keep-failed: '3651d' is outside 1s to 3650d"},
        {"config --nodes 0", "--nodes: '0' is outside 1 to 10000"},
        {"config --slower-by 0", "--slower-by: '0' is outside 1 to 10000"},
        {"report --retry 101", "--retry: '101' is outside 0 to 100"},
        {"report -t 0", "-t: '0' is outside 1s to 7d"},
        {"report -l 0s", "-l: '0s' is outside 1s to 24h"},
        {"report --sandbox-days 0", "--sandbox-days: '0' is outside 1 to 10000"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        load_refused(cases[i].line, cases[i].error, "");
    (void)setenv("SSISMINER_MAX_LOAD", "101", 1);
    load_refused("cleanup", "SSISMINER_MAX_LOAD: '101' is outside 1 to 100", "");
    (void)unsetenv("SSISMINER_MAX_LOAD");
}

/* A lost letter must not make another time of it. */
static void test_conf__field_C1_what_decides_a_delete_has_one_unit(void **state)
{
    (void)state;
    load_refused("cleanup --keep 1y6mo", "--keep: '1y6mo' has more than one unit",
                 "write one number with one unit, as in 36h, 30d or 18mo");
    load_refused("cleanup --keep-failed 1d12h", "--keep-failed: '1d12h' has more than one unit",
                 "write one number with one unit, as in 36h, 30d or 18mo");
    CONF = load("cleanup --keep 18mo --time-limit 1h30min");
    assert_int_equal(conf_ticks(conf, OPT_KEEP), 540 * TICKS_PER_DAY);
}

static void test_conf__a_letter_after_an_option_is_no_value(void **state)
{
    (void)state;
    load_refused("cleanup --folder -q", "--folder needs a value, but -q follows",
                 "write --folder=<glob>");
    load_refused("cleanup --keep -Shost", "--keep needs a value, but -S follows",
                 "write --keep=<time>");
    CONF = load("cleanup --folder=-q");
    size_t count;
    assert_string_equal(conf_list(conf, OPT_FOLDER, &count)[0], "-q");
}

static void test_conf__field_P3_lists(void **state)
{
    (void)state;
    load_refused("report --execution 0", "--execution: '0' is not an id: a whole number above 0",
                 "");
    load_refused("report --execution 7,-1",
                 "--execution: '-1' is not an id: a whole number above 0", "");
    load_refused("report --folder !", "--folder: '!' names nothing to leave out", "");
    load_refused("report --folder !!a", "--folder: '!!a' has one '!' too many", "");
    load_refused("report --folder a,,b", "--folder: an item is empty", "");
    load_refused("report --folder=", "--folder: the value is empty", "");
    load_refused("report --folder \x01", "--folder: an item is empty", "");
    load_refused("report --folder a\\", "--folder: 'a\\' ends in a backslash",
                 "a comma in a name is written \\, inside quotes");
}

/* One reading, whether flag, variable, YAML text or item: commas separate, "\\," is a comma. */
static void test_conf__field_P9_lists_are_read_alike_everywhere(void **state)
{
    const char *yaml = load_put("c.yaml", "filter:\n  folder: A, B\\,C ,!D\n");
    const char *item = load_put("d.yaml", "filter:\n  folder: ['A, B\\,C ,!D']\n");
    const char *const lines[] = {
        "report --folder A,\001B\\,C\001,!D",
        arena_printf(&load_arena, "report --config %s", yaml),
        arena_printf(&load_arena, "report --config %s", item),
        "report",
    };
    size_t count;
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        if (i == ARRAY_LEN(lines) - 1)
            (void)setenv("SSISMINER_FOLDER", "A, B\\,C ,!D", 1);
        CONF = load(lines[i]);
        const char *const *folders = conf_list(conf, OPT_FOLDER, &count);
        assert_int_equal(count, 3);
        assert_string_equal(folders[0], "A");
        assert_string_equal(folders[1], "B,C");
        assert_string_equal(folders[2], "!D");
    }
}

static void test_conf__field_P9_an_exclusion_goes_on_or_is_refused(void **state)
{
    static const char hint[] = "write '!A,!B' to leave out both, or 'B,!A' to see B alone; a comma "
                               "in a name is written \\,";
    size_t count;
    (void)state;

    load_refused("cleanup --package !A,B", "--package: '!A,B': is B to be left out too?", hint);
    (void)setenv("SSISMINER_PACKAGE", "!A,B", 1);
    load_refused("cleanup", "SSISMINER_PACKAGE: '!A,B': is B to be left out too?", hint);
    (void)unsetenv("SSISMINER_PACKAGE");
    CONF = load("cleanup --package !A,!B --package C --folder D,!E");
    (void)conf_list(conf, OPT_PACKAGE, &count);
    assert_int_equal(count, 3);
}

static void test_conf__choices_are_numbers(void **state)
{
    (void)state;
    CONF = load("cleanup --method BATCHED");
    assert_int_equal(conf_choice_method(conf), CHOICE_METHOD_BATCHED);
    assert_int_equal(conf_choice_encrypt(conf), CHOICE_ENCRYPT_REQUIRE); // the default
    assert_int_equal(conf_choice_format(conf), CHOICE_FORMAT_UNSET);
    assert_int_equal(conf_choice(conf, OPT_AUTHENTICATION), -1);
    AUTO(load_free) Conf *report = load("report --status canceled,failed");
    assert_true(conf_has_choice(report, OPT_STATUS, CHOICE_STATUS_FAILED));
    assert_false(conf_has_choice(report, OPT_STATUS, CHOICE_STATUS_ENDED_UNEXPECTEDLY));
    assert_true(conf_has_choice(report, OPT_STATUS, CHOICE_STATUS_CANCELED));
}

static void test_conf__remembers_what_was_asked_for(void **state)
{
    (void)state;
    CONF = load("report");
    assert_false(conf_was_read(conf, OPT_SINCE));
    (void)conf_is_set(conf, OPT_SINCE); // that it is there says nothing about what it is
    assert_false(conf_was_read(conf, OPT_SINCE));
    (void)conf_time(conf, OPT_SINCE);
    assert_true(conf_was_read(conf, OPT_SINCE));
}

static void test_conf__help_works_whatever_else_is_broken(void **state)
{
    const char *path = load_put("c.yaml", "nonsense: [\n");
    (void)state;

    (void)setenv("SSISMINER_CONFIG", path, 1);
    (void)setenv("SSISMINER_LIMIT", "many", 1);
    CONF = load("report --help");
    assert_true(conf_flag(conf, OPT_HELP));
    AUTO(load_free) Conf *help = load("help report");
    assert_ptr_equal(conf_command(help), &load_help);
    AUTO(load_free) Conf *version = load("report --version");
    assert_true(conf_flag(version, OPT_VERSION));
}

/* Whatever is on the command line, no secret stays in argv or gets into an error. */
static void test_conf__secrets_are_wiped_and_never_told(void **state)
{
    static const char *const lines[] = {
        "report -Phunter2",
        "report -P hunter2",
        "report --password hunter2",
        "report --password=hunter2",
        "report -P=hunter2",
        "report -CPhunter2 -q",
        "report -P hunter2 --limit x",
        "reprot -Phunter2",
        "report -P hunter2 --sinse",
        "report -P hunter2 --config /nowhere",
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        CONF = NULL;
        Err err = {0};
        Rc rc = load_try(lines[i], &conf, &err);
        assert_null(strstr(err.text, "hunter2"));
        assert_null(strstr(err.hint, "hunter2"));
        if (rc == RC_OK)
            assert_string_equal(conf_text(conf, OPT_PASSWORD), "hunter2");
        if (i == 7) // an unknown command ends before the password is seen
            continue;
        for (size_t k = 0; load_argv[k]; k++)
            assert_null(strstr(load_argv[k], "hunter2"));
    }
}

static void test_conf__a_secret_may_look_like_an_option(void **state)
{
    (void)state;
    CONF = load("report --password --since");
    assert_string_equal(conf_text(conf, OPT_PASSWORD), "--since");
    AUTO(load_free) Conf *empty = load("report --password=");
    assert_string_equal(conf_text(empty, OPT_PASSWORD), "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_conf__##name, load_set_up, load_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(defaults),
        TEST(a_clock_that_ends_a_window_is_the_first_after_its_begin),
        TEST(every_default_is_valid_and_every_row_sound),
        TEST(precedence_and_origins),
        TEST(command_line_forms),
        TEST(flags_bundle_and_a_letter_ends_with_its_value),
        TEST(the_last_one_counts_and_lists_gather),
        TEST(a_stronger_list_replaces_a_weaker_one),
        TEST(optional_value),
        TEST(arguments),
        TEST(a_negative_number_is_an_argument),
        TEST(no_command),
        TEST(a_value_that_may_be_left_out_may_be_a_word),
        TEST(usage_errors),
        TEST(value_errors),
        TEST(environment_errors_name_the_variable),
        TEST(field_P8_an_empty_variable_is_refused),
        TEST(a_line_end_is_no_part_of_a_variable),
        TEST(a_filter_in_the_environment_is_heeded_or_refused),
        TEST(field_P1_unknown_variables_are_named),
        TEST(field_P1_known_variables_are_not_named),
        TEST(field_P3_ranges),
        TEST(field_C1_what_decides_a_delete_has_one_unit),
        TEST(a_letter_after_an_option_is_no_value),
        TEST(field_P3_lists),
        TEST(field_P9_lists_are_read_alike_everywhere),
        TEST(field_P9_an_exclusion_goes_on_or_is_refused),
        TEST(choices_are_numbers),
        TEST(remembers_what_was_asked_for),
        TEST(help_works_whatever_else_is_broken),
        TEST(secrets_are_wiped_and_never_told),
        TEST(a_secret_may_look_like_an_option),
    };

    return cmocka_run_group_tests_name("conf/conf", tests, NULL, NULL);
}
