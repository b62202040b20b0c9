/* What monitoring gets: names, labels, bounds. That the names are met by what commands answer is
 * for tests/integration/monitoring.bats. */
#include "test.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/str.h"
#include "ssisminer/report/combine.h"
#include "ssisminer/report/report.h"

#include <stdio.h>
#include <stdlib.h>

static const Column cause_columns[] = {
    {.key = "id", .heading = "id"},
    {.key = "severity", .heading = "severity"},
    {.key = "executions", .heading = "executions", .audience = FOR_DATA},
    {.key = "last_seen", .heading = "last", .audience = FOR_DATA},
    {.key = "no_metric", .heading = "no metric", .audience = FOR_DATA},
};

static void add_cause(Section *section, const char *id, int64_t executions)
{
    Row *row = section_row(section);

    row_set(row, 0, value_text(id));
    row_set(row, 1, value_text("error"));
    row_set(row, 2, value_count(executions));
    row_set(row, 4, value_count(7));
}

/* An answer of `report` with so many causes. */
static Report *sample(Arena *arena, const char *server, int causes)
{
    Report *report = report_new(arena, "report", "A sample");

    report_fact(report, FOR_DATA, "server", "server", value_text(server));
    report_fact(report, FOR_DATA, "database", "database", value_text("SSISDB"));
    report_fact(report, FOR_DATA, "flavor", "flavor", value_text("SQL Server"));
    report_fact(report, FOR_PEOPLE, "sees_all", "for people", value_flag(false));
    report_fact(report, FOR_ALL, "failed_executions", "failed", value_count(12345));
    report_fact(report, FOR_ALL, "no_metric", "no metric", value_count(7));
    report_warning(report, "login '%s' sees too little", "nobody");
    Section *section = report_section(report, FOR_ALL, "causes", "Causes", LAYOUT_TABLE,
                                      cause_columns, ARRAY_LEN(cause_columns), NULL);
    for (int i = 0; i < causes; i++)
        add_cause(section, arena_printf(arena, "c\"%d\\", i), i);
    return report;
}

static Rc write_to(const Report *report, char **ret_text, Err *err)
{
    size_t size = 0;
    FILE *out = open_memstream(ret_text, &size);
    ReportStyle style = {.columns = 80};
    Rc rc = report_writer("prometheus")->write(report, &style, out, err);

    assert_int_equal(fclose(out), 0);
    return rc;
}

static char *written(const Report *report)
{
    char *text = NULL;
    Err err = {0};

    assert_int_equal(write_to(report, &text, &err), RC_OK);
    return text;
}

#define SQL1 "server=\"SQL1\",database=\"SSISDB\""

static void test_prometheus__one_server(void **state)
{
    AUTO(arena_done) Arena arena = {0};

    (void)state;
    char *text = written(sample(&arena, "SQL1", 2));
    assert_string_equal(
        text,
        "# HELP ssisminer_report_info What kind of server this is about.\n"
        "# TYPE ssisminer_report_info gauge\n"
        "ssisminer_report_info{" SQL1 ",flavor=\"SQL Server\"} 1\n"
        "# HELP ssisminer_report_failed_executions Executions that failed in the window and that "
        "--status asks for.\n"
        "# TYPE ssisminer_report_failed_executions gauge\n"
        "ssisminer_report_failed_executions{" SQL1 "} 12345\n"
        "# HELP ssisminer_report_cause_executions Executions of the window that failed of this "
        "cause; id is one that explain knows, or an unknown error's.\n"
        "# TYPE ssisminer_report_cause_executions gauge\n"
        "ssisminer_report_cause_executions{" SQL1 ",id=\"c\\\"0\\\\\",severity=\"error\"} 0\n"
        "ssisminer_report_cause_executions{" SQL1 ",id=\"c\\\"1\\\\\",severity=\"error\"} 1\n"
        "# HELP ssisminer_report_answer_warnings Warnings that the answer gives.\n"
        "# TYPE ssisminer_report_answer_warnings gauge\n"
        "ssisminer_report_answer_warnings{" SQL1 "} 1\n"
        "# HELP ssisminer_report_series_left_out Series that this file leaves out: of a metric it "
        "has a thousand at most.\n"
        "# TYPE ssisminer_report_series_left_out gauge\n"
        "ssisminer_report_series_left_out{" SQL1 "} 0\n");
    free(text);
}

/* A control that is shown as its escape: two names of one spelling. The first one counts. */
static void test_prometheus__a_series_is_there_once(void **state)
{
    static const char *const names[] = {"a/b", "\x1B", "a/b", "\\x1B", "c"};
    AUTO(arena_done) Arena arena = {0};
    Report *report = report_new(&arena, "report", "x");
    Section *section = report_section(report, FOR_ALL, "causes", "s", LAYOUT_TABLE, cause_columns,
                                      ARRAY_LEN(cause_columns), NULL);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        add_cause(section, names[i], (int64_t)i);
    char *text = written(report);
    assert_contains(text, "gauge\n"
                          "ssisminer_report_cause_executions{id=\"a/b\",severity=\"error\"} 0\n"
                          "ssisminer_report_cause_executions{id=\"\\\\x1B\",severity=\"error\"} 1\n"
                          "ssisminer_report_cause_executions{id=\"c\",severity=\"error\"} 4\n#");
    free(text);
}

static size_t count_of(const char *text, const char *what)
{
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, what)); at++)
        count++;
    return count;
}

static void test_prometheus__a_metric_is_bounded(void **state)
{
    AUTO(arena_done) Arena arena = {0};

    (void)state;
    char *text = written(sample(&arena, "SQL1", 1007));
    assert_int_equal(count_of(text, "\nssisminer_report_cause_executions{"), 1000);
    assert_contains(text, "_report_series_left_out{" SQL1 "} 7\n");
    free(text);
}

/* The same names as one server's, told apart by their labels; a target's bound is its own. */
static void test_prometheus__several_targets(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    Report *joint = report_new(&arena, "report", "Joint");
    Section *causes = report_section(joint, FOR_ALL, "causes", "Causes", LAYOUT_TABLE,
                                     cause_columns, ARRAY_LEN(cause_columns), NULL);
    ReportPart parts[] = {
        {.target = "prod", .report = sample(&arena, "SQL1", 1003), .result = "done"},
        {.target = "test", .result = "not connected", .error = "no such host", .exit_code = 3},
        {.target = "dev", .report = sample(&arena, "SQL2", 1), .result = "done"},
        {.target = "prod, dev", .report = joint, .is_joint = true},
    };

    (void)state;
    add_cause(causes, "both", 5);
    char *text = written(report_combine("report", parts, ARRAY_LEN(parts), &arena));
    assert_contains(text, "_report_info{" SQL1 ",target=\"prod\",flavor=\"SQL Server\"} 1\n");
    assert_contains(text, "_report_info{target=\"test\"} 1\n");
    assert_contains(text, "gauge\n"
                          "ssisminer_report_failed_executions{" SQL1 ",target=\"prod\"} 12345\n"
                          "ssisminer_report_failed_executions{server=\"SQL2\",database=\"SSISDB\","
                          "target=\"dev\"} 12345\n#");
    assert_contains(text, "_report_target_exit_code{target=\"test\",result=\"not connected\"} 3\n");
    assert_contains(text, "_executions{target=\"prod, dev\",id=\"both\",severity=\"error\"} 5\n");
    assert_int_equal(count_of(text, "\nssisminer_report_cause_executions{"), 1000 + 1 + 1);
    assert_contains(text, "_series_left_out{" SQL1 ",target=\"prod\"} 3\n");
    assert_contains(text, "target=\"dev\"} 0\n");
    assert_contains(text, "_answer_warnings{" SQL1 ",target=\"prod\"} 1\n");
    assert_contains(text, "_answer_warnings{target=\"test\"} 0\n");
    free(text);
}

static void test_prometheus__what_has_no_metrics_says_so(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    char *text = NULL;
    Err err = {0};

    (void)state;
    assert_int_equal(write_to(report_new(&arena, "catalog", "x"), &text, &err), RC_USAGE);
    assert_string_equal(err.text, "'catalog' has no metrics: choose another --format");
    assert_int_equal(strlen(text), 0);
    free(text);
}

static void test_prometheus__crosses_from_process_to_process(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(buf_done) Buf bytes = BUF(1 << 20);
    const Report *report = sample(&arena, "SQL1", 3);
    Report *there = NULL;
    Err err = {0};

    (void)state;
    report_put(report, &bytes);
    assert_int_equal(report_get((Str){bytes.text, bytes.len}, &arena, &there, &err), RC_OK);
    char *before = written(report), *after = written(there);
    assert_string_equal(after, before);
    free(before);
    free(after);
}

static void test_prometheus__a_full_disk_is_told(void **state)
{
    AUTO(arena_done) Arena arena = {0};
    ReportStyle style = {.columns = 80};
    FILE *full = fopen("/dev/full", "w");
    Err err = {0};

    (void)state;
    assert_non_null(full);
    (void)setvbuf(full, NULL, _IONBF, 0);
    assert_int_equal(
        report_writer("prometheus")->write(sample(&arena, "SQL1", 1), &style, full, &err),
        RC_USAGE);
    assert_contains(err.text, "cannot write the report: No space left");
    (void)fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prometheus__one_server),
        cmocka_unit_test(test_prometheus__a_series_is_there_once),
        cmocka_unit_test(test_prometheus__a_metric_is_bounded),
        cmocka_unit_test(test_prometheus__several_targets),
        cmocka_unit_test(test_prometheus__what_has_no_metrics_says_so),
        cmocka_unit_test(test_prometheus__crosses_from_process_to_process),
        cmocka_unit_test(test_prometheus__a_full_disk_is_told),
    };
    return cmocka_run_group_tests_name("report/prometheus", tests, NULL, NULL);
}
