/* Completion scripts: each shell offers what options.def and the commands have. */
#include "test.h"

#include "capture.h"
#include "load.h"

static const Command shell_words = {.name = "words",
                                    .args = "one|two",
                                    .summary = "It's a 'quoted' one",
                                    .details = "",
                                    .takes = BY_VERSION};
static const Command *const commands[] = {&load_report, &load_scan, &load_help, &shell_words};

static const char *script_for(const char *shell)
{
    Buf page = BUF(1 << 20);
    Err err = {0};

    if (conf_put_completion(&page, shell, commands, ARRAY_LEN(commands), &err) != RC_OK)
        fail_msg("%s", err.text);
    const char *script = arena_text(&load_arena, buf_text(&page));
    buf_done(&page);
    return script;
}

/* What bash offers at the end of these words. */
static char *offered(const char *words)
{
    const char *file = load_put("completion.bash", script_for("bash"));
    const char *line =
        arena_printf(&load_arena,
                     "source %s; COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "
                     "_ssisminer; printf '%%s\\n' \"${COMPREPLY[*]}\"",
                     file, words);
    const char *const argv[] = {"bash", "-uec", line, NULL};
    char *text;

    if (capture_program(argv, &text) != 0)
        fail_msg("%s", text);
    return text;
}

static void assert_offered(const char *words, const char *expected)
{
    char *text = offered(words);

    assert_string_equal(text, arena_printf(&load_arena, "%s\n", expected));
    free(text);
}

static void test_completion__bash(void **state)
{
    (void)state;
    assert_offered("ssisminer rep", "report");
    assert_offered("ssisminer report --format j", "json");
    assert_offered("ssisminer report --format = c", "csv");
    assert_offered("ssisminer report --format =", "text json ndjson csv html markdown prometheus");
    assert_offered("ssisminer -N st", "strict");
    assert_offered("ssisminer report --det", "--details");
    assert_offered("ssisminer scan --det", "");
    assert_offered("ssisminer report --since ''", "");
    assert_offered("ssisminer words o", "one");
    assert_offered("ssisminer help sc", "scan");
}

static void test_completion__files(void **state)
{
    (void)state;
    const char *path = load_put("some-config.yaml", "");
    assert_offered(arena_printf(&load_arena, "ssisminer --config %s/some", load_home), path);
}

static void test_completion__every_option_in_every_shell(void **state)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};
    unsigned takes = 0; // of the commands here; other options belong to other commands
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        takes |= commands[i]->takes;
    for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
        const char *script = script_for(shells[i]);
        for (OptId id = 0; id < OPT_COUNT; id++) {
            if (!(opt_spec(id)->takers & takes))
                continue;
            const char *dashes = strcmp(shells[i], "fish") == 0 ? "-l " : "--";
            assert_contains(script, arena_printf(&load_arena, "%s%s", dashes, opt_spec(id)->flag));
        }
    }
}

static void test_completion__quotes(void **state)
{
    (void)state;
    assert_contains(script_for("fish"), "-a words -d 'It'\\''s a '\\''quoted'\\'' one'\n");
    assert_contains(script_for("zsh"), "'words:It'\\''s a '\\''quoted'\\'' one'\n");
    assert_contains(script_for("zsh"),
                    "'--server=[Server\\: \\[tcp\\:\\]host\\[,port\\] or host\\instance]:<host>:'");
}

static void test_completion__unknown_shell(void **state)
{
    AUTO(buf_done) Buf page = BUF(100);
    Err err = {0};
    (void)state;

    assert_fails(conf_put_completion(&page, "csh", commands, 4, &err), RC_USAGE, &err,
                 "no completion for the shell 'csh'");
    assert_string_equal(err.hint, "there is one for bash, zsh and fish");
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(test_completion__##name, load_set_up, load_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(bash),   TEST(files),         TEST(every_option_in_every_shell),
        TEST(quotes), TEST(unknown_shell),
    };

    return cmocka_run_group_tests_name("conf/completion", tests, NULL, NULL);
}
