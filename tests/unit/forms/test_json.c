/* JSON as logs: messages, executions, activities, exports of Log Analytics. */
#include "collect.h"

#include "ssisminer/ssisdb/ssisdb.h"

static void test_json__message(void **state)
{
    (void)state;
    collect(LOG_JSONL, "{\"text\": \"Ab\\u00e4\", \"code\": -1071636471}\n\n{\"text\": \"x\", "
                       "\"code\": \"0xC0202009\"}\n");
    assert_int_equal(collected_count, 2);
    assert_string_equal(text_at(0, 0), "Ab\xC3\xA4");
    assert_int_equal(collected[0].messages[0].code, -1071636471);
    assert_int_equal(collected[1].messages[0].code, 0xC0202009);
    assert_int_equal(collected[1].line, 3);
    assert_int_equal(collected[1].number, 2);
}

static void test_json__execution(void **state)
{
    (void)state;
    collect(LOG_JSONL,
            "{\"execution_id\": 7, \"status\": \"ended unexpectedly\", \"messages\": [{\"text\": "
            "\"a\", \"code\": 1, "
            "\"type\": 120, \"source_type\": 40, \"package\": \"P.dtsx\", \"source_name\": \"S\", "
            "\"subcomponent\": \"C [1]\"}, {\"text\": \"b\", \"type\": \"OnWarning\"}, \"bare\", "
            "{\"text\": null}]}\n");
    assert_int_equal(collected_count, 1);
    assert_int_equal(collected[0].status, STATUS_ENDED_UNEXPECTEDLY);
    assert_int_equal(collected[0].operation_id, 7);
    assert_int_equal(collected[0].message_count, 4);
    const DiagMessage *first = &collected[0].messages[0];
    assert_int_equal(first->type, MESSAGE_ERROR);
    assert_int_equal(first->source_type, 40);
    assert_string_equal(first->package, "P.dtsx");
    assert_string_equal(first->source_name, "S");
    assert_string_equal(first->subcomponent, "C [1]");
    assert_int_equal(collected[0].messages[1].type, MESSAGE_WARNING);
    assert_string_equal(text_at(0, 2), "bare");
    assert_string_equal(text_at(0, 3), "");
}

static void test_json__troubles_have_a_place_and_stop_nothing(void **state)
{
    static const struct {
        const char *line, *trouble;
    } cases[] = {
        {"{\"text\": \"abc", "f:2:11: the JSON breaks off"},
        {"{\"text\": abc}", "f:2:10: this is no JSON"},
        {"{\"text\": \"a\"} x", "f:2:15: something follows the end of the JSON"},
        {"{\"messages\": [1]}", "f:2: messages[0] is neither an object nor a text"},
        {"{\"some\": \"thing\"}",
         "f:2: the record has neither 'text' nor 'messages', nor is it an activity's output"},
        {"17", "f:2: the record is neither a message nor an execution"},
        {"}", "f:2:1: this is no JSON"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        collect(LOG_JSONL, arena_printf(&collect_arena, "{\"text\":\"1\"}\n%s\n{\"text\":\"3\"}\n",
                                        cases[i].line));
        assert_int_equal(collected_count, 3);
        assert_string_equal(collected[1].trouble, cases[i].trouble);
        assert_int_equal(collected[1].message_count, 0);
        assert_string_equal(text_at(2, 0), "3");
        assert_int_equal(collected[2].number, 3);
    }
}

static void test_json__escapes_that_would_end_a_text(void **state)
{
    (void)state;
    collect(LOG_JSONL, "{\"text\": \"a\\ud800b\\udc00c\\u0000d\\ud83d\\ude00e\\\\ud800\"}");
    assert_string_equal(text_at(0, 0), "a\xEF\xBF\xBD"
                                       "b\xEF\xBF\xBD"
                                       "c\xEF\xBF\xBD"
                                       "d\xF0\x9F\x98\x80"
                                       "e\\ud800");
}

static void test_json__deep_nesting_is_refused(void **state)
{
    char *deep = malloc(6001);
    (void)state;

    memset(deep, '[', 6000);
    deep[6000] = '\0';
    collect(LOG_JSONL, deep);
    assert_int_equal(collected_count, 1);
    assert_non_null(collected[0].trouble);
    free(deep);
    collect(LOG_JSONL, "[[[[[[[[[[{\"text\":\"x\"}]]]]]]]]]]");
    assert_contains(collected[0].trouble, "nested too deeply");
}

static void test_json__activity(void **state)
{
    (void)state;
    collect(LOG_AUTO,
            "{\n \"activityName\": \"Run\",\n \"status\": \"Failed\",\n"
            " \"error\": {\"errorCode\": \"2906\", \"message\": \"Package execution failed.\"},\n"
            " \"output\": {\"OperationErrorMessages\": \"Load:Error: first\\nline "
            "two\\nLoad:Warning: w\\nOther:Error: last\\n\"}\n}\n");
    assert_int_equal(collected_count, 1);
    assert_int_equal(collected[0].message_count, 4);
    assert_int_equal(collected[0].status, STATUS_FAILED);
    assert_string_equal(text_at(0, 0), "Package execution failed.");
    assert_string_equal(collected[0].messages[0].source_name, "Run");
    assert_string_equal(text_at(0, 1), "Load:Error: first\nline two");
    assert_string_equal(collected[0].messages[1].source_name, "Load");
    assert_int_equal(collected[0].messages[2].type, MESSAGE_WARNING);
    assert_string_equal(text_at(0, 3), "Other:Error: last");
}

static void test_json__activity_runs(void **state)
{
    (void)state;
    collect(LOG_AUTO, "{\"value\": [{\"activityName\": \"A\", \"output\": {}},\n"
                      "{\"activityName\": \"B\", \"output\": {\"errors\": [{\"Code\": 1, "
                      "\"Message\": \"bad\"}]}, \"error\": {\"message\": \"bad\"}}]}");
    assert_int_equal(collected_count, 2);
    assert_int_equal(collected[0].message_count, 0);
    assert_int_equal(collected[1].message_count, 1); // told twice, kept once
    assert_string_equal(text_at(1, 0), "bad");
}

static void test_json__log_analytics_rows_become_operations(void **state)
{
    (void)state;
    collect(LOG_AUTO, "{\"TimeGenerated\":\"2024-05-01T10:00:02Z\",\"OperationId\":7,"
                      "\"MessageType\":120,\"Message\":\"second\"}\n"
                      "{\"TimeGenerated\":\"2024-05-01T10:00:00Z\",\"OperationId\":8,"
                      "\"MessageType\":70,\"Message\":\"other\"}\n"
                      "{\"time\":\"x\",\"properties\":{\"MessageTime\":\"2024-05-01T10:00:01Z\","
                      "\"OperationId\":\"7\",\"MESSAGE_TYPE\":\"110\",\"Message\":\"first\"}}\n");
    assert_int_equal(collected_count, 2);
    assert_int_equal(collected[0].operation_id, 7);
    assert_int_equal(collected[0].message_count, 2);
    assert_string_equal(text_at(0, 0), "first");
    assert_int_equal(collected[0].messages[0].type, MESSAGE_WARNING);
    assert_string_equal(text_at(0, 1), "second");
    assert_int_equal(collected[1].operation_id, 8);
}

static void test_json__a_record_a_line_when_asked_for(void **state)
{
    (void)state;
    collect(LOG_JSONL,
            "{\"operation_id\":7,\"message_type\":120,\"message\":\"a\",\"message_code\":5}\n"
            "{\"operation_id\":7,\"message_type\":110,\"message\":\"b\"}\n");
    assert_int_equal(collected_count, 2);
    assert_string_equal(text_at(0, 0), "a");
    assert_int_equal(collected[0].messages[0].type, MESSAGE_ERROR);
    assert_int_equal(collected[0].messages[0].code, 5);
}

static void test_json__tables(void **state)
{
    (void)state;
    collect(LOG_LOG_ANALYTICS, "{\"tables\": [{\"columns\": [{\"name\": \"operationId_d\"}, "
                               "{\"name\": \"message_s\"}, {\"name\": \"x\"}],\n"
                               "\"rows\": [[5, \"a\", 1], [5, \"b\", null], [6]]}]}");
    assert_int_equal(collected_count, 2);
    assert_contains(collected[0].trouble, "another number of values");
    assert_int_equal(collected[1].message_count, 2);
    assert_string_equal(text_at(1, 1), "b");
}

static void test_json__seen_from_the_content(void **state)
{
    static const struct {
        const char *text;
        size_t records;
        bool is_json;
    } cases[] = {
        {"{\"text\": \"a\"}\n{\"text\": \"b\"}", 2, true},
        {"{\"text\": \"trunc\n{\"text\": \"b\"}\n", 2, true},
        {"[\n {\"text\": \"a\"},\n {\"text\": \"b\"}\n]\n", 2, true},
        {"{\n \"text\": \"a\"\n}\n", 1, true},
        {"[2024-05-01 10:00:00] {\"text\": 1}\n", 1, false},
        {"{not json}\n", 1, false},
        {"", 0, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        collect(LOG_AUTO, cases[i].text);
        if (collected_count != cases[i].records)
            fail_msg("%zu records of: %s", collected_count, cases[i].text);
        if (collected_count > 0 && !collected[0].trouble)
            assert_int_equal(text_at(0, 0)[0] == 'a', cases[i].is_json);
    }
}

/* ConvertTo-Json of PowerShell: the output is a text that holds JSON. */
static void test_json__field_F4_output_is_a_text(void **state)
{
    (void)state;
    collect(LOG_AUTO,
            "{\"ActivityName\": \"Run\", \"Status\": \"Failed\", \"Output\": \"{\\r\\n "
            "\\\"OperationErrorMessages\\\": \\\"5/1/2024 10:00:02 AM +00:00 : DFT:Error: Login "
            "timeout expired\\\\n5/1/2024 10:00:03 AM +00:00 : DFT:Error: x\\\"}\"}");
    assert_int_equal(collected_count, 1);
    assert_int_equal(collected[0].message_count, 2);
    assert_string_equal(text_at(0, 0), "DFT:Error: Login timeout expired");
    assert_string_equal(collected[0].messages[0].source_name, "DFT");
    assert_true(collected[0].messages[0].ticks != 0);
}

static Rc put_record(void *context, const LogRecord *record, Err *err)
{
    (void)err;
    buf_printf(context, "%d %lld %s\n", record->status, (long long)record->operation_id,
               record->trouble ? record->trouble : "");
    for (size_t i = 0; i < record->message_count; i++) {
        const DiagMessage *message = &record->messages[i];
        buf_printf(context, "  %lld %d %lld %s %.*s\n", (long long)message->code, message->type,
                   (long long)message->ticks, message->source_name ? message->source_name : "-",
                   STR_FMT(message->text));
    }
    return RC_OK;
}

static const char *said_by(const char *text, bool is_streamed)
{
    AUTO(buf_done) Buf into = BUF(1 << 20);
    Scan scan = {
        .request = {.is_streamed = is_streamed, .on_record = put_record, .context = &into}};
    FILE *stream = fmemopen(arena_text(&collect_arena, text), strlen(text), "r");
    Err err = {0};

    assert_int_equal(scan_stream(&scan, stream, "f", &err), RC_OK);
    (void)fclose(stream);
    return arena_text(&collect_arena, buf_text(&into));
}

/* A value that is too large to be held says the same, element by element. */
static void test_json__streamed_as_whole(void **state)
{
    static const char *const values[] = {
        "[ {\"text\": \"a, [b] {c} \\\" \\u00e4\"} , \"plain\", {\"text\": \"d\"} ]",
        "{\"value\": [{\"activityName\": \"x\", \"status\": \"Failed\", \"error\": {\"message\": "
        "\"m\"}},\n{\"activityName\": \"y\", \"error\": {\"message\": \"n\"}}], "
        "\"continuationToken\": "
        "\"z\"}",
        "{\"records\":\n[{\"properties\": {\"operationId\": \"7\", \"message\": \"a\", "
        "\"messageType\": "
        "\"120\"}}]}",
        "{\"tables\":\n[{\"name\": \"t\", \"columns\": [{\"name\": \"OperationId\"}, {\"name\": "
        "\"Message\"}], \"rows\": [[1, \"a\"], [2, \"b\"], [1, \"c\"]]}]}",
        "{\"Tables\":\n[{\"Columns\": [{\"ColumnName\": \"OperationId\"}, {\"ColumnName\": "
        "\"Message\"}], \"Rows\": [[1, \"a\"]]}, {\"Columns\": [{\"ColumnName\": \"x\"}], "
        "\"Rows\": "
        "[[1]]}]}",
        "[{\"FrameType\": \"TableHeader\", \"TableKind\": \"PrimaryResult\", \"Columns\": "
        "[{\"ColumnName\": \"OperationId\"}, {\"ColumnName\": \"Message\"}]}, {\"FrameType\": "
        "\"TableFragment\", \"Rows\": [[1, \"a\"]]}]",
        "{\"OperationErrorMessages\":\n\"A:Error: x\", \"errors\": [{\"Message\": \"y\"}]}",
        "{\"messages\":\n[{\"text\": \"a\"}, {\"text\": \"b\"}], \"status\": 4}",
        "[]",
        "[[{\"text\": \"a\"}, {\"text\": \"b\"}], [\"c\"]]",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        assert_string_equal(said_by(values[i], true), said_by(values[i], false));
    assert_contains(said_by("[{\"text\": \"a\"}, {\"te", true), "the JSON breaks off");
    assert_contains(said_by("[{\"text\": \"a\"}, {\"te\"}]", true), "this is no JSON");
}

/* A scan whose runs may be told in parts. */
static void collect_parts(const Buf *log)
{
    Scan scan = {.request = {.on_record = collect_one}};
    Err err = {0};
    FILE *stream = fmemopen(log->text, log->len, "rb");

    collected_count = 0;
    assert_non_null(stream);
    assert_int_equal(scan_stream(&scan, stream, "f", &err), RC_OK);
    (void)fclose(stream);
}

/* More messages than are held. */
static void test_json__more_messages_than_are_held(void **state)
{
    AUTO(buf_done) Buf log = BUF(1 << 24);
    size_t messages = 0;
    (void)state;

    buf_puts(&log, "{\"execution_id\": 7, \"messages\": [");
    for (int i = 0; i < 20000; i++)
        buf_printf(&log, "%s{\"text\": \"Widget %d fell off.\", \"type\": 120}", i ? "," : "", i);
    buf_puts(&log, "], \"status\": 4}");
    collect_parts(&log);
    assert_true(collected_count > 1);
    for (size_t i = 0; i < collected_count; i++) {
        messages += collected[i].message_count;
        assert_int_equal(collected[i].run, 1);
        assert_int_equal(collected[i].goes_on, i + 1 < collected_count);
    }
    assert_int_equal(messages, 20000);
    assert_int_equal(collected[collected_count - 1].status, 4);
    assert_int_equal(collected[collected_count - 1].operation_id, 7);
}

/* The rest of a text longer than an entry may be is left out, at the end of a character. */
static void test_json__a_text_longer_than_an_entry(void **state)
{
    AUTO(buf_done) Buf log = BUF(1 << 24);
    (void)state;

    buf_puts(&log, "[{\"text\": \"");
    for (int i = 0; i < 200000; i++)
        buf_puts(&log, "\\u00e4\\\\ gr\xC3\xB6\xC3\x9F");
    buf_puts(&log, " end\"}, {\"text\": \"next\"}]");
    collect_bytes(LOG_AUTO, log.text, log.len);
    assert_int_equal(collected_count, 3);
    assert_true(collected[0].messages[0].text.len < LOG_ENTRY_MAX + 100);
    assert_string_equal(collected[1].trouble,
                        "f:1: a text is longer than 1 MiB: the rest of it is left out");
    assert_string_equal(text_at(2, 0), "next");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json__message),
        cmocka_unit_test(test_json__execution),
        cmocka_unit_test(test_json__troubles_have_a_place_and_stop_nothing),
        cmocka_unit_test(test_json__escapes_that_would_end_a_text),
        cmocka_unit_test(test_json__deep_nesting_is_refused),
        cmocka_unit_test(test_json__activity),
        cmocka_unit_test(test_json__activity_runs),
        cmocka_unit_test(test_json__log_analytics_rows_become_operations),
        cmocka_unit_test(test_json__a_record_a_line_when_asked_for),
        cmocka_unit_test(test_json__tables),
        cmocka_unit_test(test_json__seen_from_the_content),
        cmocka_unit_test(test_json__streamed_as_whole),
        cmocka_unit_test(test_json__more_messages_than_are_held),
        cmocka_unit_test(test_json__a_text_longer_than_an_entry),
        cmocka_unit_test(test_json__field_F4_output_is_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, collect_done);
}
