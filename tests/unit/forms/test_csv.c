#include "collect.h"

#include "ssisminer/ssisdb/ssisdb.h"

static void test_csv__quotes_and_line_breaks(void **state)
{
    (void)state;
    collect(LOG_AUTO, "operation_id,message_type,message\r\n1,120,\"a \"\"b\"\", "
                      "c\r\nd\"\r\n\r\n1,110,plain\r\n");
    assert_int_equal(collected_count, 1);
    assert_int_equal(collected[0].message_count, 2);
    assert_string_equal(text_at(0, 0), "a \"b\", c\nd");
    assert_int_equal(collected[0].messages[0].type, MESSAGE_ERROR);
    assert_int_equal(collected[0].line, 2);
}

static void test_csv__columns_in_any_dress(void **state)
{
    static const char *const headers[] = {
        "OPERATION_ID,MESSAGE", "OperationId,Message",         "operationId_d,message_s",
        "operation id,message", "\"OperationId\",\"Message\"", "OperationId;Message",
        "OperationId\tMessage",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
        char mark = strpbrk(headers[i], ",;\t")[0];
        collect(LOG_AUTO, arena_printf(&collect_arena, "%s\n9%ctext\n", headers[i], mark));
        assert_int_equal(collected_count, 1);
        assert_int_equal(collected[0].operation_id, 9);
        assert_string_equal(text_at(0, 0), "text");
    }
}

static void test_csv__rows_of_an_operation_by_time(void **state)
{
    (void)state;
    collect(LOG_AUTO,
            "TimeGenerated [UTC],OperationId,Message\n\"5/1/2024, 1:00:02.500 PM\",7,third\n"
            "\"5/1/2024, 11:00:00.000 AM\",7,first\n\"5/1/2024, 12:00:00.000 PM\",7,second\n");
    assert_int_equal(collected_count, 1);
    assert_string_equal(text_at(0, 0), "first");
    assert_string_equal(text_at(0, 1), "second");
    assert_string_equal(text_at(0, 2), "third");
}

static void test_csv__rows_without_operation_stand_alone(void **state)
{
    (void)state;
    collect(LOG_LOG_ANALYTICS, "OperationId,Message\n,a\n,b\n");
    assert_int_equal(collected_count, 2);
}

static void test_csv__troubles(void **state)
{
    (void)state;
    collect(LOG_AUTO, "OperationId,Message\n1,a\n2\n3,\"cut");
    assert_int_equal(collected_count, 3);
    assert_string_equal(collected[0].trouble,
                        "f:3: the record has another number of fields than the first line");
    assert_string_equal(collected[1].trouble,
                        "f:4: the record is cut off: its last quote is never closed");
    assert_string_equal(text_at(2, 0), "a");
    collect(LOG_LOG_ANALYTICS, "a,b\n1,2\n");
    assert_string_equal(collected[0].trouble, "f:1: the first line names no column 'message'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv__quotes_and_line_breaks),
        cmocka_unit_test(test_csv__columns_in_any_dress),
        cmocka_unit_test(test_csv__rows_of_an_operation_by_time),
        cmocka_unit_test(test_csv__rows_without_operation_stand_alone),
        cmocka_unit_test(test_csv__troubles),
    };
    return cmocka_run_group_tests(tests, NULL, collect_done);
}
