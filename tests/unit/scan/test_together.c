/* Several files read at a time give what one after the other gives. */
#include "collect.h"

#include "ssisminer/scan/findings.h"

static SigSet *set;

static int load_set(void **state)
{
    Err err = {0};
    (void)state;

    return sigset_load_lean(NULL, 0, &set, &err) == RC_OK ? 0 : -1;
}

static int done(void **state)
{
    sigset_free(set);
    return collect_done(state);
}

/* What the files come to, as lines of JSON or as a report, read together or each for itself. */
static const char *answer_of(const ScanFiles *files, bool is_together, bool as_lines)
{
    char *out = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&out, &size);
    AUTO(findings_free_at) Findings *findings = findings_new(set, as_lines ? stream : NULL, 1000);
    const LogRequest how = {0};
    const ReportStyle style = {.columns = 80};
    Scan counts = {0};
    Err err = {0};

    for (size_t i = 0; i < files->count; i += is_together ? files->count : 1) {
        ScanFiles some = {.at = files->at + i, .count = is_together ? files->count : 1};
        assert_int_equal(findings_read(findings, &how, &some, &counts, &err), RC_OK);
    }
    if (!as_lines)
        assert_int_equal(
            report_writer("json")->write(
                findings_report(findings, &counts, &(FindingsView){.limit = 100}, &collect_arena),
                &style, stream, &err),
            RC_OK);
    (void)fclose(stream);
    const char *copy = arena_text(&collect_arena, out);
    free(out);
    return copy;
}

static const char *without_time(const char *json)
{
    const char *time = strstr(json, "generated_at");

    return time ? strchr(time, '\n') : json;
}

static void test_together__as_one_after_the_other(void **state)
{
    ScanFiles files = {0};
    Err err = {0};
    (void)state;

    for (int i = 0; i < 5; i++) // several files of each kind, more than there are threads
        assert_int_equal(scan_list(&files, "tests/golden/scan-forms", &collect_arena, &err), RC_OK);
    assert_true(files.count > 200);
    const char *lines = answer_of(&files, true, true);
    assert_string_equal(lines, answer_of(&files, false, true));
    assert_contains(lines, "{\"record\":1,");
    assert_contains(lines, "{\"record\":300,");
    assert_string_equal(without_time(answer_of(&files, true, false)),
                        without_time(answer_of(&files, false, false)));
}

/* The first file that cannot be read ends it; what came before is part of the answer. */
static void test_together__a_file_that_goes(void **state)
{
    ScanFile list[] = {{"tests/golden/scan-forms/sqlcmd.txt", NULL},
                       {"/there/is/none", NULL},
                       {"tests/golden/scan-forms/sqlcmd.txt", NULL}};
    const ScanFiles files = {.at = list, .count = 3};
    AUTO(findings_free_at) Findings *findings = findings_new(set, NULL, 10);
    const LogRequest how = {0};
    Scan counts = {0};
    Err err = {0};
    (void)state;

    assert_fails(findings_read(findings, &how, &files, &counts, &err), RC_USAGE, &err,
                 "cannot read '/there/is/none': No such file or directory");
    assert_int_equal(counts.record_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_together__as_one_after_the_other),
        cmocka_unit_test(test_together__a_file_that_goes),
    };
    return cmocka_run_group_tests(tests, load_set, done);
}
