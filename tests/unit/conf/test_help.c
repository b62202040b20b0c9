/* Help and man pages: every option is there, and no line is too long. */
#include "test.h"

#include "load.h"

#include "ssisminer/base/term.h"

static Buf page;

static int clear(void **state)
{
    (void)state;
    buf_done(&page);
    page = BUF(1 << 20);
    return 0;
}

static const char *help_of(const Command *command)
{
    buf_reset(&page);
    conf_put_help(&page, command, load_commands, ARRAY_LEN(load_commands));
    return buf_text(&page);
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        count++;
    return count;
}

static void test_help__fits_80_columns(void **state)
{
    (void)state;
    for (size_t i = 0; i <= ARRAY_LEN(load_commands); i++) {
        Str rest = str_of(help_of(i < ARRAY_LEN(load_commands) ? load_commands[i] : NULL)), line;
        while (str_split(&rest, '\n', &line)) {
            if (term_width(line.at, line.len) > 80)
                fail_msg("too wide: %.*s", STR_FMT(line));
            assert_true(line.len == 0 || line.at[line.len - 1] != ' ');
        }
    }
}

static void test_help__the_program(void **state)
{
    const char *text = help_of(NULL);
    (void)state;

    assert_contains(text, "Usage: ssisminer [options] COMMAND");
    assert_contains(text, "  report       Recent failures\n");
    assert_contains(text, "  scan         Diagnose files\n");
    assert_contains(text, "\nGeneral:\n      --help  ");
    assert_contains(text, "\nExit codes:\n    0  done\n");
    assert_lacks(text, "--since");
}

static void test_help__a_command_shows_each_of_its_options_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(load_commands); i++) {
        const Command *command = load_commands[i];
        const char *text = help_of(command);
        for (OptId id = 0; id < OPT_COUNT; id++) {
            bool takes = (opt_spec(id)->takers & command->takes) != 0;
            const char *start = arena_printf(&load_arena, ", --%s", opt_spec(id)->flag);
            if (!opt_spec(id)->letter)
                start = arena_printf(&load_arena, "\n      --%s", opt_spec(id)->flag);
            size_t seen = 0;
            for (const char *at = text; (at = strstr(at, start)) != NULL; at += strlen(start))
                seen += strchr(" \n[", at[strlen(start)]) != NULL;
            if (seen != takes)
                fail_msg("%s: --%s is there %zu times", command->name, opt_spec(id)->flag, seen);
        }
    }
}

static void test_help__groups_from_its_own_to_general(void **state)
{
    const char *text = help_of(&load_report);
    (void)state;

    const char *report = strstr(text, "\nReport:\n"), *filters = strstr(text, "\nFilters:\n");
    const char *output = strstr(text, "\nOutput:\n"), *connection = strstr(text, "\nConnection:\n");
    const char *general = strstr(text, "\nGeneral:\n");
    assert_true(report && report < filters && filters < output && output < connection &&
                connection < general);
    assert_int_equal(count_of(text, ":\n\n"), 0);
}

static void test_help__choices_defaults_and_places_of_values(void **state)
{
    const char *text = help_of(&load_report);
    (void)state;

    assert_contains(
        text, "  -N, --encrypt <how>         Encryption of the connection (one of off, require,\n"
              "                              strict; default require)\n");
    assert_contains(text, "  -G, --authentication[=<kind>]\n");
    assert_contains(text, "(default SSISDB)");
    assert_lacks(text, "(default )");
}

static void test_help__details_wrap_but_not_what_is_verbatim(void **state)
{
    (void)state;
    assert_contains(help_of(&load_scan),
                    "Usage: ssisminer scan [options] [FILE...]\n\nDiagnose files\n\n"
                    "First paragraph over two lines.\n\n    verbatim  line\n\nLast 'one'.\n");
}

static void test_help__man_page(void **state)
{
    (void)state;
    buf_reset(&page);
    conf_put_product_man(&page, load_commands, ARRAY_LEN(load_commands));
    const char *text = buf_text(&page);
    assert_contains(text, ".TH SSISMINER 1 ");
    assert_contains(text,
                    ".SS scan [FILE...]\nDiagnose files\n.PP\nFirst paragraph\nover two lines.\n"
                    ".PP\n.nf\n    verbatim  line\n.fi\n");
    assert_contains(text, ".B \\-S, \\-\\-server <host>\n");
    assert_contains(text, "host\\einstance"); // a backslash, as roff writes it
    assert_contains(text, "Configuration: connection.server. Environment: SQLCMDSERVER.");
    assert_contains(text, ".SH EXIT STATUS\n.TP\n.B 0\ndone\n");
    for (OptId id = 0; id < OPT_COUNT; id++) {
        AUTO(buf_done) Buf name = BUF(200);
        for (const char *c = opt_spec(id)->flag; *c; c++)
            buf_printf(&name, *c == '-' ? "\\%c" : "%c", *c);
        assert_contains(text, arena_printf(&load_arena, "\\-\\-%s", buf_text(&name)));
    }
}

static void test_help__option_table(void **state)
{
    size_t rows = 0;
    (void)state;

    buf_reset(&page);
    conf_put_option_table(&page);
    Str rest = {buf_text(&page), page.len}, line;
    while (str_split(&rest, '\n', &line)) {
        if (line.len == 0 || line.at[0] != '|')
            continue;
        size_t bars = 0;
        for (size_t i = 0; i < line.len; i++)
            bars += line.at[i] == '|' && line.at[i - (i > 0)] != '\\';
        assert_int_equal(bars, 6);
        rows += line.len > 4 && memcmp(line.at, "| `", 3) == 0;
    }
    assert_int_equal(rows, OPT_COUNT);
    assert_contains(buf_text(&page),
                    "| `-S, --server <host>` | Server: [tcp:]host[,port] or host\\instance | "
                    "all with a server | `connection.server` | `SQLCMDSERVER` |\n");
    assert_contains(buf_text(&page), "| `--since <time>` |");
    assert_contains(buf_text(&page), "| `-P, --password <secret>` |");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_help__##name, clear, clear)
    const struct CMUnitTest tests[] = {
        TEST(fits_80_columns),
        TEST(the_program),
        TEST(a_command_shows_each_of_its_options_once),
        TEST(groups_from_its_own_to_general),
        TEST(choices_defaults_and_places_of_values),
        TEST(details_wrap_but_not_what_is_verbatim),
        TEST(man_page),
        TEST(option_table),
    };

    int failed = cmocka_run_group_tests_name("conf/help", tests, load_set_up, load_tear_down);
    buf_done(&page);
    return failed;
}
