/* What a short message gets of a report: its first screen as texts, bounded and safe to look at. */
#include "test.h"

#include "ssisminer/report/combine.h"
#include "ssisminer/report/digest.h"

#include "ssisminer/base/buf.h"

#include <stdlib.h>

static Arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_reset(&arena);
    return 0;
}

static const Column card_columns[] = {
    {.key = "times", .heading = "count", .use = COLUMN_HEADING, .tone = TONE_ALERT},
    {.key = "title", .heading = "cause", .use = COLUMN_HEADING},
    {.key = "id", .heading = "id", .use = COLUMN_HEADING, .align_right = true},
    {.key = "hidden", .heading = "hidden", .audience = FOR_DATA},
    {.key = "do", .heading = "do"},
    {.key = "steps", .heading = "steps", .use = COLUMN_BULLETS},
};
static const Column table_columns[] = {
    {.key = "when", .heading = "ended"},
    {.key = "id", .heading = "newest", .tone = TONE_STRONG},
    {.key = "drawn", .heading = "drawn", .is_drawn = true},
};

static const char *const steps[] = {"one"};

static Report *sample(size_t rows)
{
    Report *report = report_new(&arena, "report", "Title");

    report_fact(report, FOR_PEOPLE, "server_line", "server", value_text("told by the second line"));
    report_fact(report, FOR_DATA, "failed", "failed", value_count(1234));
    report_fact(report, FOR_DATA, "nothing", "nothing", value_none());
    report_screen(report, "2 failed", "srv/SSISDB", "One of them: --execution 7");
    report_fact(report, FOR_SCREEN, "gone", "gone", value_text("1"));
    report_fact(report, FOR_PEOPLE, "people", "people", value_count(5));
    Section *cards = report_section(report, FOR_SCREEN, "why", "Why", LAYOUT_LIST, card_columns,
                                    ARRAY_LEN(card_columns), NULL);
    Section *table = report_section(report, FOR_SCREEN, "which", NULL, LAYOUT_TABLE, table_columns,
                                    ARRAY_LEN(table_columns), NULL);
    (void)report_section(report, FOR_SCREEN, "none", "None", LAYOUT_LIST, card_columns,
                         ARRAY_LEN(card_columns), NULL);
    (void)section_row(report_section(report, FOR_PEOPLE, "people", "People", LAYOUT_LIST,
                                     card_columns, ARRAY_LEN(card_columns), NULL));
    for (size_t i = 0; i < rows; i++) {
        Row *row = section_row(cards);
        row_set(row, 0, value_text("2x"));
        row_set(row, 1, value_text("Disk\nfull"));
        row_set(row, 2, value_text("disk-full"));
        row_set(row, 3, value_text("a secret of programs"));
        row_set(row, 4, value_text("Free space"));
        row_set(row, 5, value_texts(steps, 1));
        row = section_row(table);
        row_set_times(row, 3);
        row_set(row, 0, value_text("05:44"));
        row_set(row, 1, value_id(1234));
        row_set(row, 2, value_text("####"));
    }
    section_set_rest(table, "failure", "failures", 3 * rows + 1);
    return report;
}

static void test_digest__is_the_first_screen(void **state)
{
    Report *report = sample(1);
    const Digest *digest = report_digest(report, &arena);

    (void)state;
    assert_string_equal(digest->headline, "2 failed");
    assert_string_equal(digest->where, "srv/SSISDB");
    assert_string_equal(digest->next, "One of them: --execution 7");
    assert_string_equal(digest->json, "{\"failed\":1234}");
    assert_int_equal(digest->fact_count, 2); // not what the second line stands for
    assert_string_equal(digest->facts[0].label, "gone");
    assert_string_equal(digest->facts[1].text, "5");
    assert_int_equal(digest->section_count, 2);
    const DigestRow *card = &digest->sections[0].rows[0], *row = &digest->sections[1].rows[0];
    assert_string_equal(card->title, "2x  Disk full  (disk-full)");
    assert_true(card->is_alert);
    assert_int_equal(card->line_count, 2);
    assert_string_equal(card->lines[0].label, "do");
    assert_string_equal(card->lines[1].text, "- one");
    assert_string_equal(digest->sections[1].title, "Newest");
    assert_string_equal(row->title, "1234");
    assert_true(row->is_short);
    assert_string_equal(row->lines[0].text, "ended 05:44");
    assert_int_equal(digest->sections[1].left, 1);
    assert_string_equal(digest->sections[1].left_are, "failure");
    assert_string_equal(row->json,
                        "{\"is_alert\":false,\"when\":\"05:44\",\"id\":1234,\"drawn\":\"####\"}");
}

static void test_digest__without_a_screen_it_is_the_facts(void **state)
{
    Report *report = report_new(&arena, "cleanup", "Cleanup plan");

    (void)state;
    report_fact(report, FOR_PEOPLE, "server_line", "server", value_text("srv"));
    report_fact(report, FOR_DATA, "executed", "executed", value_flag(false));
    report_fact(report, FOR_SCREEN, "screen", "screen", value_text("not here"));
    (void)section_row(report_section(report, FOR_ALL, "tables", "Tables", LAYOUT_TABLE,
                                     table_columns, ARRAY_LEN(table_columns), NULL));
    const Digest *digest = report_digest(report, &arena);
    assert_string_equal(digest->headline, "Cleanup plan");
    assert_string_equal(digest->where, "");
    assert_int_equal(digest->fact_count, 1);
    assert_int_equal(digest->section_count, 0);
    assert_string_equal(digest->json, "{\"executed\":false}");
}

static void test_digest__is_bounded(void **state)
{
    AUTO(buf_done) Buf text = BUF(4000);
    Report *report = sample(50);

    (void)state;
    for (int i = 0; i < 400; i++)
        buf_puts(&text, "\xC3\xA4\x1b");
    report_screen(report, buf_text(&text), NULL, NULL);
    for (int i = 0; i < 9; i++)
        report_warning(report, "warning %d", i);
    const Digest *digest = report_digest(report, &arena);
    assert_in_range(strlen(digest->headline), DIGEST_TEXT_MAX - 4, DIGEST_TEXT_MAX);
    assert_string_equal(digest->headline + strlen(digest->headline) - 3, "...");
    assert_null(strchr(digest->headline, '\x1b'));
    assert_int_equal(digest->warning_count, DIGEST_WARNINGS_MAX);
    assert_int_equal(digest->warnings_left, 9 - DIGEST_WARNINGS_MAX);
    assert_int_equal(digest->sections[0].row_count, DIGEST_ROWS_MAX);
    assert_int_equal(digest->sections[0].left, 50 - DIGEST_ROWS_MAX);
    assert_int_equal(digest->sections[1].left, 3 * 50 + 1 - 3 * DIGEST_ROWS_MAX);
}

/* How grave it is goes with the report, and of several targets the gravest counts. */
static void test_digest__findings_of_several_targets(void **state)
{
    Report *calm = sample(1), *grave = sample(1), *crossed = NULL;
    AUTO(buf_done) Buf bytes = BUF(1024 * 1024);
    Err err = {0};

    (void)state;
    report_add_finding(grave, SEVERITY_ERROR);
    report_add_finding(grave, SEVERITY_INFO);
    report_add_new(grave);
    report_put(grave, &bytes);
    assert_int_equal(report_get((Str){buf_text(&bytes), bytes.len}, &arena, &crossed, &err), RC_OK);
    assert_int_equal(report_gravest(crossed), SEVERITY_ERROR);
    assert_true(report_has_new(crossed));
    const ReportPart parts[] = {{.target = "a", .report = calm, .result = "done"},
                                {.target = "b", .report = crossed, .result = "done"}};
    const Report *both = report_combine("report", parts, 2, &arena);
    const Digest *digest = report_digest(both, &arena);
    assert_int_equal(digest->gravest, SEVERITY_ERROR);
    assert_true(digest->has_new);
    assert_string_equal(digest->sections[0].key, "says");
    assert_int_equal(digest->sections[0].row_count, 2);
}

static void test_digest__levels(void **state)
{
    static const struct {
        const char *level;
        Severity gravest;
        bool has_new, is_reached;
    } cases[] = {
        {"any", SEVERITY_NONE, true, false},         {"any", SEVERITY_FINE, false, false},
        {"any", SEVERITY_INFO, false, true},         {"warning", SEVERITY_INFO, false, false},
        {"warning", SEVERITY_ERROR, false, true},    {"error", SEVERITY_WARNING, false, false},
        {"error", SEVERITY_ERROR, false, true},      {"critical", SEVERITY_ERROR, false, false},
        {"critical", SEVERITY_CRITICAL, true, true}, {"new", SEVERITY_CRITICAL, false, false},
        {"new", SEVERITY_NONE, true, true},          {NULL, SEVERITY_CRITICAL, true, false},
        {"always", SEVERITY_CRITICAL, true, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(report_reaches(cases[i].level, cases[i].gravest, cases[i].has_new),
                         cases[i].is_reached);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_digest__is_the_first_screen, teardown),
        cmocka_unit_test_teardown(test_digest__without_a_screen_it_is_the_facts, teardown),
        cmocka_unit_test_teardown(test_digest__is_bounded, teardown),
        cmocka_unit_test_teardown(test_digest__findings_of_several_targets, teardown),
        cmocka_unit_test_teardown(test_digest__levels, teardown),
    };
    int failed = cmocka_run_group_tests_name("report/digest", tests, NULL, NULL);

    arena_done(&arena);
    return failed;
}
