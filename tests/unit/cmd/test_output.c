/* Formats and files of an answer: chosen, refused, whole or not at all. */
#include "test.h"

#include "../../../src/cmd/output.h"
#include "../conf/load.h"

static const char *format_of(Conf *conf)
{
    AUTO(output_close) Output output = {0};
    Err err = {0};

    assert_int_equal(output_open(conf, &output, &err), RC_OK);
    conf_free(conf);
    return output.writer->name;
}

static const char *path(const char *name)
{
    return arena_printf(&load_arena, "%s/%s", load_home, name);
}

static void test_output__format_is_asked_for_or_seen_in_the_name(void **state)
{
    (void)state;
    assert_string_equal(format_of(load("report --since 1h")), "text");
    assert_string_equal(format_of(load("report --format csv")), "csv");
    assert_string_equal(format_of(load(arena_printf(&load_arena, "report -o %s", path("a.json")))),
                        "json");
    assert_string_equal(
        format_of(load(arena_printf(&load_arena, "report -o %s --format html", path("a.json")))),
        "html");
    assert_string_equal(format_of(load(arena_printf(&load_arena, "report -o %s", path("plain")))),
                        "text");
    assert_string_equal(format_of(load("report -o - --format ndjson")), "ndjson");
}

static void test_output__every_format_has_its_writer(void **state)
{
    Str rest = str_of(opt_spec(OPT_FORMAT)->choices), word;
    (void)state;

    for (int number = 0; str_split(&rest, '|', &word); number++) {
        AUTO(output_close) Output output = {0};
        Err err = {0};
        Conf *conf = load(arena_printf(&load_arena, "report --format %.*s", STR_FMT(word)));
        assert_int_equal(output_open(conf, &output, &err), RC_OK);
        assert_true(str_equal(str_of(output.writer->name), word));
        assert_int_equal(output.format, number);
        conf_free(conf);
    }
}

static void test_output__field_P3_an_ending_that_no_format_has(void **state)
{
    static const char *const endings[] = {"report.pdf", "a.b/report.xlsx", "x.json.gz"};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        Output output = {0};
        Err err = {0};
        Conf *conf = load(arena_printf(&load_arena, "report -o %s", endings[i]));
        assert_int_equal(output_open(conf, &output, &err), RC_USAGE);
        assert_string_equal(
            err.text,
            arena_printf(&load_arena, "--output: no format has the ending of '%s'", endings[i]));
        conf_free(conf);
    }
}

static void test_output__color(void **state)
{
    AUTO(output_close) Output output = {0};
    Err err = {0};
    Conf *always = load("report --color always"),
         *automatic = load(arena_printf(&load_arena, "report -o %s", path("x.txt")));

    (void)state;
    assert_int_equal(output_open(always, &output, &err), RC_OK);
    assert_true(output.style.color);
    output_close(&output);
    assert_int_equal(output_open(automatic, &output, &err), RC_OK);
    assert_false(output.style.color); // a file is no terminal
    conf_free(always);
    conf_free(automatic);
}

static void test_output__appears_whole_or_not_at_all(void **state)
{
    Output output = {0};
    Err err = {0};
    Conf *conf = load(arena_printf(&load_arena, "report -o %s", path("r.json")));
    Report *report = report_new(&load_arena, "x", "x");

    (void)state;
    assert_int_equal(output_open(conf, &output, &err), RC_OK);
    assert_false(file_exists(path("r.json")));
    output_close(&output); // given up
    assert_false(file_exists(path("r.json")));
    assert_int_equal(output_open(conf, &output, &err), RC_OK);
    assert_int_equal(output_write(&output, report, &err), RC_OK);
    output_close(&output);
    assert_true(file_exists(path("r.json")));
    conf_free(conf);
}

static void test_output__a_path_that_cannot_be_written(void **state)
{
    Output output = {0};
    Err err = {0};
    Conf *conf = load("report -o /nonexistent/r.json");

    (void)state;
    assert_int_equal(output_open(conf, &output, &err), RC_USAGE);
    assert_contains(err.text, "/nonexistent/r.json");
    conf_free(conf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_output__format_is_asked_for_or_seen_in_the_name,
                                        load_set_up, load_tear_down),
        cmocka_unit_test_setup_teardown(test_output__every_format_has_its_writer, load_set_up,
                                        load_tear_down),
        cmocka_unit_test_setup_teardown(test_output__field_P3_an_ending_that_no_format_has,
                                        load_set_up, load_tear_down),
        cmocka_unit_test_setup_teardown(test_output__color, load_set_up, load_tear_down),
        cmocka_unit_test_setup_teardown(test_output__appears_whole_or_not_at_all, load_set_up,
                                        load_tear_down),
        cmocka_unit_test_setup_teardown(test_output__a_path_that_cannot_be_written, load_set_up,
                                        load_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
