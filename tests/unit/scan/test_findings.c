/* Findings of logs, one by one and as a report. */
#include "collect.h"

#include "ssisminer/scan/findings.h"

#include <cjson/cJSON.h>

static SigSet *set;

static int load_set(void **state)
{
    Err err = {0};
    (void)state;

    return sigset_load(NULL, 0, &set, &err) == RC_OK ? 0 : -1;
}

static int done(void **state)
{
    sigset_free(set);
    return collect_done(state);
}

/* What a scan of this text writes as JSON lines. */
static const char *lines_of(LogForm form, const char *text)
{
    char *out = NULL;
    size_t size = 0;
    FILE *lines = open_memstream(&out, &size);
    AUTO(findings_free_at) Findings *findings = findings_new(set, lines, 100);
    Scan scan = {.request = {.as = form, .on_record = findings_take, .context = findings}};
    FILE *in = fmemopen(arena_text(&collect_arena, text), strlen(text), "r");
    Err err = {0};

    assert_int_equal(scan_stream(&scan, in, "f", &err), RC_OK);
    (void)fclose(in);
    (void)fclose(lines);
    const char *copy = arena_text(&collect_arena, out);
    free(out);
    return copy;
}

static void test_findings__line_of_an_execution(void **state)
{
    (void)state;
    assert_string_equal(
        lines_of(
            LOG_JSONL,
            "{\"messages\": [{\"text\": \"SSIS Error Code DTS_E_OLEDBERROR.\", \"code\": "
            "-1071636471},"
            "{\"text\": \"The request limit for the database is 60 and has been reached.\"}]}\n"),
        "{\"record\":1,\"root_cause\":\"request-limit\",\"root_index\":1,\"family\":null,"
        "\"confidence\":\"likely\",\"confidence_reason\":\"the text alone says so\",\"matches\":["
        "{\"index\":0,\"id\":\"dts-oledb-error\",\"role\":\"wrapper\",\"captures\":{}},"
        "{\"index\":1,\"id\":\"request-limit\",\"role\":\"cause\",\"captures\":{\"kind\":"
        "\"request\",\"limit\":\"60\"}}],"
        "\"fingerprint\":null}\n");
}

/* Every line is one JSON object whatever the message holds, and steers no terminal. */
static void test_findings__lines_are_safe(void **state)
{
    const char *text = lines_of(
        LOG_JSONL, "{\"text\": \"Cannot open file \\\"a\\u001b]0;x\\u0007\\u202e\\\\b\\\".\"}\n");
    cJSON *json = cJSON_Parse(text);

    (void)state;
    assert_non_null(json);
    assert_int_equal(cJSON_GetObjectItem(json, "record")->valueint, 1);
    for (const char *c = text; *c; c++)
        assert_true((unsigned char)*c >= ' ' || *c == '\n');
    assert_lacks(text, "\xE2\x80\xAE");
    cJSON_Delete(json);
}

static void test_findings__unknown_has_a_fingerprint(void **state)
{
    const char *first = lines_of(LOG_JSONL, "{\"text\": \"Widget 17 fell off\"}\n");
    const char *second = lines_of(LOG_JSONL, "{\"text\": \"Widget 4711 fell off\"}\n");

    (void)state;
    assert_contains(first,
                    "\"root_cause\":null,\"root_index\":0,\"matches\":[],\"fingerprint\":\"u-");
    assert_string_equal(first, second);
}

static void test_findings__nothing_said_gives_no_cause(void **state)
{
    (void)state;
    assert_contains(lines_of(LOG_JSONL, "{\"messages\": []}\n"),
                    "\"root_cause\":null,\"root_index\":null,\"matches\":[],\"fingerprint\":null}");
    assert_contains(lines_of(LOG_JSONL, "{\"messages\": [], \"status\": 6}\n"),
                    "\"root_cause\":\"ssisdb-ended-unexpectedly\"");
    assert_contains(lines_of(LOG_LINES, "2024-05-01 10:00:00 INFO started\n"),
                    "\"fingerprint\":null}");
}

/* What sounds like talk, or stands in a comment, is a failure where its known text
 * is nearly all. */
static void test_findings__known_text_is_no_talk(void **state)
{
    (void)state;
    assert_contains(lines_of(LOG_LINES, "Divide by zero error encountered.\n"), "sql-8134");
    assert_contains(lines_of(LOG_JSONL,
                             "{\"text\": \"-- Cannot insert the value NULL into column 'a', "
                             "table 'b'; column does not allow nulls.\"}\n"),
                    "sql-null-not-allowed");
    assert_null(
        strstr(lines_of(LOG_LINES, "Check that there is no divide by zero error in what the "
                                   "procedure computes for each month.\n"),
               "sql-8134"));
    assert_null(
        strstr(lines_of(LOG_LINES, "The transaction log for database '<name>' is full due to "
                                   "'<reason>'\n"),
               "sql-log-full"));
}

static void test_findings__trouble_is_a_record_too(void **state)
{
    (void)state;
    assert_string_equal(lines_of(LOG_JSONL, "{\"text\": 1x}\n"),
                        "{\"record\":1,\"root_cause\":null,\"root_index\":null,\"matches\":[],"
                        "\"fingerprint\":null,\"error\":\"f:1:11: this is no JSON\"}\n");
}

static void test_findings__report_counts_causes(void **state)
{
    static const char log[] = "2024-05-01 10:00:00 ERROR There is not enough space on the disk\n"
                              "2024-05-01 10:00:01 ERROR Widget 1 fell off\n"
                              "2024-05-01 10:00:02 ERROR There is not enough space on the disk\n"
                              "2024-05-01 10:00:03 ERROR Widget 2 fell off\n";
    AUTO(findings_free_at) Findings *findings = findings_new(set, NULL, 100);
    Scan scan = {.request = {.as = LOG_LINES, .on_record = findings_take, .context = findings}};
    FILE *in = fmemopen(arena_text(&collect_arena, log), strlen(log), "r");
    const Signature *causes[4];
    char *out = NULL;
    size_t size = 0;
    Err err = {0};

    (void)state;
    assert_int_equal(scan_stream(&scan, in, "f", &err), RC_OK);
    (void)fclose(in);
    assert_int_equal(findings_causes(findings, causes, 4), 1);
    assert_string_equal(causes[0]->id, "disk-full");
    assert_int_equal(findings_unknown_count(findings), 2);
    FILE *stream = open_memstream(&out, &size);
    const ReportStyle style = {.columns = 80};
    assert_int_equal(
        report_writer("text")->write(
            findings_report(findings, &scan, &(FindingsView){.limit = 1}, &collect_arena), &style,
            stream, &err),
        RC_OK);
    (void)fclose(stream);
    assert_contains(out, "2x  The disk of the runtime node is full");
    assert_contains(out, "first f:1, last f:3");
    assert_contains(out, "2x  Widget <n> fell off");
    assert_contains(out, "Failures (the first 1 of 4)");
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_findings__line_of_an_execution),
        cmocka_unit_test(test_findings__lines_are_safe),
        cmocka_unit_test(test_findings__unknown_has_a_fingerprint),
        cmocka_unit_test(test_findings__nothing_said_gives_no_cause),
        cmocka_unit_test(test_findings__known_text_is_no_talk),
        cmocka_unit_test(test_findings__trouble_is_a_record_too),
        cmocka_unit_test(test_findings__report_counts_causes),
    };
    return cmocka_run_group_tests(tests, load_set, done);
}
