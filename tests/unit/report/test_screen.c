/* The first screen of text: its tables on narrow and wide terminals, what is hidden, what a process
 * of one target hands to the one of all, and the screen of several. */
#include "test.h"

#include "ssisminer/base/term.h"
#include "ssisminer/report/combine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static char *written(const Report *report, int columns, bool color)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ReportStyle style = {.columns = columns, .color = color, .is_screen = true};
    Err err = {0};

    assert_int_equal(report_writer("text")->write(report, &style, out, &err), RC_OK);
    assert_int_equal(fclose(out), 0);
    return text;
}

static size_t count_lines(const char *text, int columns)
{
    Str rest = str_of(text), line;
    size_t count = 0;

    while (rest.at && str_split(&rest, '\n', &line)) {
        if (line.len == 0 && !rest.at)
            break;
        count++;
        if (term_width(line.at, line.len) > (size_t)columns)
            fail_msg("wider than %d: %.*s", columns, STR_FMT(line));
    }
    return count;
}

static const Column table_columns[] = {
    {.key = "id", .heading = "newest", .align_right = true, .tone = TONE_STRONG},
    {.key = "note", .heading = "note"},
    {.key = "path", .heading = "package", .cut_left = true},
    {.key = "cause", .heading = "cause", .is_whole = true},
};

static const char long_id[] = "managed-identity-anonymous-logon";

static Report *table(size_t rows, const char *path)
{
    Report *report = report_new(&arena, "sample", "Sample");

    report_screen(report, "Headline", "where", NULL);
    Section *section = report_section(report, FOR_SCREEN, "which", NULL, LAYOUT_TABLE,
                                      table_columns, ARRAY_LEN(table_columns), NULL);
    for (size_t i = 0; i < rows; i++) {
        Row *row = section_row(section);
        row_set(row, 0, value_id(24381 - (int64_t)i));
        row_set(row, 2, value_text(path));
        row_set(row, 3, value_text(long_id));
    }
    section_set_rest(section, "failure", "failures", rows);
    return report;
}

static void test_screen__an_id_is_never_cut(void **state)
{
    static const int widths[] = {40, 48, 60, 80, 200};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(widths); i++) {
        char *text = written(table(60, "Warehouse/Data Marts/Build Sales Cube"), widths[i], false);
        assert_contains(text, long_id);
        assert_true(count_lines(text, widths[i]) <= REPORT_SCREEN_LINES);
        assert_null(strstr(text, "note")); // nobody has one
        free(text);
    }
}

/* Value by value, each of them whole. */
static void test_screen__what_is_too_narrow_for_a_table_is_told(void **state)
{
    (void)state;
    char *text = written(table(1, "Warehouse/Data Marts/Build Sales Cube"), 40, false);
    assert_string_equal(text, "Headline\n"
                              "where\n"
                              "\n"
                              "  newest 24381\n"
                              "    package Warehouse/Data Marts/Build\n"
                              "    Sales Cube\n"
                              "    cause\n"
                              "    managed-identity-anonymous-logon\n");
    free(text);
}

/* A path loses folders, not half of a name where that can be; no mark stands without its letter. */
static void test_screen__a_path_is_cut_at_a_folder(void **state)
{
    (void)state;
    char *text = written(table(1, "Finance/General Ledger/Load Prices"), 60, false);
    assert_contains(text, "  .../Load Prices   managed");
    free(text);
    text = written(table(1, "Finance/e\xCC\x81"
                            "e\xCC\x81"
                            "e\xCC\x81"
                            "e\xCC\x81"
                            "e\xCC\x81"
                            "e\xCC\x81"
                            "e\xCC\x81"
                            "e\xCC\x81"
                            "e\xCC\x81"
                            "e\xCC\x81"),
                   56, false);
    assert_contains(text, "...e\xCC\x81");
    assert_true(count_lines(text, 56) <= REPORT_SCREEN_LINES);
    free(text);
}

static void test_screen__a_wide_terminal_has_no_chasm(void **state)
{
    static const Column columns[] = {
        {.key = "title", .heading = "title", .use = COLUMN_HEADING},
        {.key = "id", .heading = "id", .use = COLUMN_HEADING, .align_right = true}};
    Report *report = report_new(&arena, "sample", "Sample");

    (void)state;
    report_screen(report, "Headline", NULL, NULL);
    Row *row = section_row(
        report_section(report, FOR_SCREEN, "why", "Why", LAYOUT_LIST, columns, 2, NULL));
    row_set(row, 0, value_text("Short"));
    row_set(row, 1, value_text("id"));
    char *text = written(report, 200, false);
    assert_true(count_lines(text, 102) == 4);
    free(text);
}

/* What is not shown makes no column wider, and all of it is counted. */
static void test_screen__counts_what_it_hides(void **state)
{
    static const Column columns[] = {{.key = "a", .heading = "name", .cut_left = true},
                                     {.key = "b", .heading = "b"}};
    Report *report = report_new(&arena, "sample", "Sample");

    (void)state;
    report_screen(report, "Headline", NULL, "Go on");
    Section *section =
        report_section(report, FOR_SCREEN, "rows", NULL, LAYOUT_TABLE, columns, 2, NULL);
    for (int i = 0; i < 60; i++) {
        Row *row = section_row(section);
        row_set(row, 0, value_text(i < 20 ? "short" : "a name that is a good deal longer"));
        row_set(row, 1, value_text("b"));
        row_set_times(row, 2);
    }
    section_set_rest(section, "row", "rows", 120);
    char *text = written(report, 80, false);
    assert_contains(text, "\n  short  b\n");
    assert_contains(text, "more rows: --all. Go on\n");
    size_t shown = 0;
    for (const char *at = strstr(text, "\n  short"); at; at = strstr(at + 1, "\n  short"))
        shown++;
    assert_contains(text, arena_printf(&arena, "\n\n%zu more rows: --all", 120 - 2 * shown));
    free(text);
}

static Report *warned(bool tells_all)
{
    Report *report = report_new(&arena, "sample", "Sample");

    report_screen(report, "Headline", "where", NULL);
    if (tells_all)
        report_screen_warnings(report);
    for (int i = 0; i < 6; i++)
        report_warning(report,
                       "warning %d: table dbo.audit refers to the log and is unknown here, so that "
                       "a run would stop before its first delete, which somebody has to know "
                       "before he says --execute; the last words are of %d",
                       i, i);
    return report;
}

static void test_screen__no_safety_warning_is_hidden(void **state)
{
    (void)state;
    char *text = written(warned(true), 80, false);
    for (int i = 0; i < 6; i++) {
        assert_contains(text, arena_printf(&arena, "WARNING  warning %d: ", i));
        assert_contains(text, arena_printf(&arena, "last words are of %d\n", i));
    }
    free(text);
    text = written(warned(false), 80, false);
    assert_contains(text, "WARNING  3 more: --all\n");
    free(text);
}

/* ---- several targets ------------------------------------------------------------------------- */

static Report *crossed(const Report *report)
{
    AUTO(buf_done) Buf bytes = BUF(1 << 20);
    Report *copy = NULL;
    Err err = {0};

    report_put(report, &bytes);
    assert_int_equal(report_get((Str){buf_text(&bytes), bytes.len}, &arena, &copy, &err), RC_OK);
    return copy;
}

static void test_screen__crosses_whole(void **state)
{
    Report *report = table(60, "Sales/Orders/Load");

    (void)state;
    report_fact(report, FOR_PEOPLE, "zone", "times", value_text("Europe/Berlin"));
    char *here = written(report, 80, false), *there = written(crossed(report), 80, false);
    assert_string_equal(here, there);
    assert_contains(there, "  times  Europe/Berlin\n");
    free(here);
    free(there);
    here = written(warned(true), 80, false);
    there = written(crossed(warned(true)), 80, false);
    assert_string_equal(here, there);
    free(here);
    free(there);
}

static void test_screen__of_several_targets_tells_errors_first(void **state)
{
    ReportPart parts[] = {
        {.target = "west", .report = crossed(table(3, "Sales/Orders/A")), .result = "done"},
        {.target = "gone", .result = "not connected", .error = "no such host", .exit_code = 3},
        {.target = "east", .report = crossed(table(9, "Sales/Orders/B")), .result = "done"},
    };

    (void)state;
    char *text = written(report_combine("sample", parts, ARRAY_LEN(parts), &arena), 80, true);
    assert_contains(text, "3 targets: 1 not connected, 2 answered");
    const char *gone = strstr(text, "\x1b[31mgone\x1b[0m  not connected: no such host\n");
    const char *west = strstr(text, "\x1b[1mwest\x1b[0m  Headline\n");
    assert_true(gone && west && gone < west);
    free(text);
    text = written(report_combine("sample", parts, ARRAY_LEN(parts), &arena), 80, false);
    assert_contains(text, "\n  west     24381  Sales/Orders/A  managed");
    const char *first = strstr(text, "\n  east     24381"),
               *second = strstr(text, "\n  west     24380");
    assert_true(first && second && first < second); // in turn
    assert_null(strstr(text, "more"));
    free(text);
}

static void test_screen__of_fifty_targets_fits(void **state)
{
    ReportPart parts[50];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        parts[i] = (ReportPart){.target = arena_printf(&arena, "target-%02zu", i),
                                .result = i % 7 == 6 ? "failed" : "done"};
        if (i % 7 == 6)
            parts[i].error =
                "a long error of a server that has a lot to say about itself, and says "
                "all of it";
        else
            parts[i].report = table(30, "Sales/Orders/Load");
    }
    Report *all = report_combine("sample", parts, ARRAY_LEN(parts), &arena);
    static const int widths[] = {40, 80, 200};
    for (size_t i = 0; i < ARRAY_LEN(widths); i++) {
        char *text = written(all, widths[i], false);
        assert_true(count_lines(text, widths[i]) <= REPORT_SCREEN_LINES);
        assert_contains(text, "50 targets: 7 failed, 43 answered");
        assert_contains(text, " more targets, ");
        free(text);
    }
}

/* However many there are, and whosever they are. */
static void test_screen__of_targets_hides_no_safety_warning(void **state)
{
    ReportPart parts[] = {
        {.target = "west", .report = warned(true), .result = "done"},
        {.target = "east", .report = table(1, "Sales/Orders/B"), .result = "done"},
    };

    (void)state;
    char *text = written(report_combine("sample", parts, ARRAY_LEN(parts), &arena), 240, false);
    assert_contains(text, "2 targets: 2 answered");
    assert_contains(text, "last words are of 5\n");
    assert_contains(text, "\n  east  Headline\n");
    free(text);
}

/* What targets tell together leads where it has a screen; else the answer is the whole one. */
static void test_screen__of_targets_has_what_they_tell_together(void **state)
{
    Report *said = report_new(&arena, "sample", "Sample");
    Report *whole = report_new(&arena, "sample", "Sample");
    static const Column columns[] = {{.key = "x", .heading = "x"}};
    ReportPart parts[] = {
        {.target = "east", .report = table(1, "Sales/Orders/B"), .result = "done"},
        {.report = said, .is_joint = true},
        {.target = "east, west", .report = table(1, "Sales/Orders/C"), .is_joint = true},
    };

    (void)state;
    report_screen(said, "1 in both", NULL, NULL);
    char *text = written(report_combine("sample", parts, ARRAY_LEN(parts), &arena), 80, false);
    assert_contains(text, "1 target: 1 answered; 1 in both");
    const char *joint = strstr(text, "Sales/Orders/C"), *own = strstr(text, "Sales/Orders/B");
    assert_true(joint && own && joint < own);
    free(text);
    row_set(section_row(report_section(whole, FOR_ALL, "x", "X", LAYOUT_TABLE, columns, 1, NULL)),
            0, value_text("x"));
    parts[2].report = whole;
    text = written(report_combine("sample", parts, ARRAY_LEN(parts), &arena), 80, false);
    assert_contains(text, "\nTargets\n");
    free(text);
}

static void test_screen__what_is_cut_is_counted_also_of_several_targets(void **state)
{
    ReportPart parts[2];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        Report *report = report_new(&arena, "sample", "Sample");
        static const Column columns[] = {{.key = "x", .heading = "x"}};
        Section *section =
            report_section(report, FOR_ALL, "x", "X", LAYOUT_TABLE, columns, 1, NULL);
        for (size_t k = 0; k < 5; k++)
            row_set(section_row(section), 0, value_text("x"));
        report_cut(report, 2);
        report_cut(report, 3); // no longer than it is
        char *text = written(report, 80, false);
        assert_contains(text, "\n  x\n  x\n  x\n  3 more\n");
        free(text);
        parts[i] =
            (ReportPart){.target = i ? "b" : "a", .report = crossed(report), .result = "done"};
    }
    char *text = written(report_combine("sample", parts, ARRAY_LEN(parts), &arena), 80, false);
    assert_contains(text, "\n  6 more\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_screen__an_id_is_never_cut, teardown),
        cmocka_unit_test_teardown(test_screen__what_is_too_narrow_for_a_table_is_told, teardown),
        cmocka_unit_test_teardown(test_screen__a_path_is_cut_at_a_folder, teardown),
        cmocka_unit_test_teardown(test_screen__a_wide_terminal_has_no_chasm, teardown),
        cmocka_unit_test_teardown(test_screen__counts_what_it_hides, teardown),
        cmocka_unit_test_teardown(test_screen__no_safety_warning_is_hidden, teardown),
        cmocka_unit_test_teardown(test_screen__crosses_whole, teardown),
        cmocka_unit_test_teardown(test_screen__of_several_targets_tells_errors_first, teardown),
        cmocka_unit_test_teardown(test_screen__of_fifty_targets_fits, teardown),
        cmocka_unit_test_teardown(test_screen__of_targets_hides_no_safety_warning, teardown),
        cmocka_unit_test_teardown(test_screen__of_targets_has_what_they_tell_together, teardown),
        cmocka_unit_test_teardown(test_screen__what_is_cut_is_counted_also_of_several_targets,
                                  teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
