/* The text log provider's file. */
#include "collect.h"

#include "ssisminer/ssisdb/ssisdb.h"

#define HEADER                                                                                     \
    "#Fields: "                                                                                    \
    "event,computer,operator,source,sourceid,executionid,starttime,endtime,datacode,databytes,"    \
    "message\n"
#define ROW(event, run, time, code, bytes, text)                                                   \
    event ",H,D\\u,Load, Orders,{1},{" run "}," time "," time "," code "," bytes "," text "\n"

static void test_textlog__field_F1_rows_of_one_execution_are_a_run(void **state)
{
    (void)state;
    collect(LOG_AUTO,
            HEADER ROW("User:PackageStart", "2", "5/1/2024 10:00:00 AM", "0", "0x", "Beginning.")
                ROW("OnError", "2", "5/1/2024 10:00:00 PM", "-1071636471", "0x",
                    "first line,\n\nsecond line")
                    ROW("OnError", "3", "5/1/2024 10:00:00 AM", "-1", "(null)", "other")
                        HEADER ROW("OnTaskFailed", "2", "5/1/2024 10:00:00 AM", "0", "0x", "(null)")
                            ROW("PackageEnd", "2", "5/1/2024 10:00:01 AM", "1", "0x", "End."));
    assert_int_equal(collected_count, 2);
    assert_int_equal(collected[0].message_count, 2); // what starts and ends is not kept
    const DiagMessage *failed = &collected[0].messages[0], *error = &collected[0].messages[1];
    assert_int_equal(failed->type, MESSAGE_TASK_FAILED); // by time
    assert_int_equal(error->code, -1071636471);
    assert_string_equal(error->source_name, "Load, Orders");
    assert_string_equal(text_at(0, 1), "first line,\n\nsecond line");
    assert_int_equal(error->line, 3);
    assert_string_equal(text_at(1, 0), "other");
}

/* A locale may write a comma between date and time. */
static void test_textlog__times_with_commas(void **state)
{
    (void)state;
    collect(LOG_AUTO, ROW("OnError", "2", "01.05.2024, 10:00:00", "-5", "0x", "a, b"));
    assert_int_equal(collected_count, 1);
    assert_string_equal(text_at(0, 0), "a, b");
    assert_int_equal(collected[0].messages[0].code, -5);
}

static void test_textlog__fields_may_be_empty(void **state)
{
    (void)state;
    collect(LOG_AUTO, "OnError,H,,,,,,,-5,,text, more\n");
    assert_int_equal(collected_count, 1);
    assert_string_equal(text_at(0, 0), "text, more");
    collect(LOG_AUTO, "OnError,H\n");
    assert_int_equal(collected_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_textlog__field_F1_rows_of_one_execution_are_a_run),
        cmocka_unit_test(test_textlog__times_with_commas),
        cmocka_unit_test(test_textlog__fields_may_be_empty),
    };
    return cmocka_run_group_tests(tests, NULL, collect_done);
}
