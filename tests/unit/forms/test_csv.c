/* Tables as logs: columns in any dress, quotes, grids, and what stops nothing. */
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

#define TAIL ",NULL,Load.dtsx,OnError,DFT,{A},NULL,\\Package,\\Package\\DFT,8012\r\n"

static void test_csv__field_F6_rows_without_a_header(void **state)
{
    (void)state;
    collect(LOG_AUTO, "1,77,2026-05-01 02:00:01.1234567 +02:00,110,60,DFT:Warning: a" TAIL
                      "2,77,2026-05-01 02:00:02.1234567 +02:00,120,60,DFT:Error: b, c" TAIL
                      "NULL,78,2026-05-01 02:00:03.1234567 +02:00,120,60,X:Error: d" TAIL);
    assert_int_equal(collected_count, 2);
    assert_int_equal(collected[0].operation_id, 77);
    assert_string_equal(text_at(0, 1), "DFT:Error: b, c");
    assert_string_equal(collected[0].messages[1].source_name, "DFT");
    assert_int_equal(collected[0].messages[1].line, 2);
    assert_int_equal(collected[1].operation_id, 78);
}

/* Tabs, and a message over two lines. */
static void test_csv__a_grid_is_copied(void **state)
{
    (void)state;
    collect(LOG_AUTO, "1\t77\t2026-05-01 02:00:01 +02:00\t120\t60\tfirst\r\nsecond\tNULL\r\n"
                      "2\t78\t2026-05-01 02:00:01 +02:00\t120\t60\tother\tNULL\r\n");
    assert_int_equal(collected_count, 2);
    assert_string_equal(text_at(0, 0), "first\nsecond");
    assert_string_equal(text_at(1, 0), "other");
    assert_int_equal(collected[1].line, 3);
}

static void test_csv__operation_1_is_parted_by_its_correlation(void **state)
{
    (void)state;
    collect(LOG_AUTO, "OperationId,CorrelationId,MessageType,Message\n1,a,120,x\n1,b,120,y\n"
                      "1,a,120,z\n7,a,120,p\n7,b,120,q\n");
    assert_int_equal(collected_count, 3);
    assert_string_equal(text_at(0, 1), "z");
    assert_string_equal(text_at(2, 1), "q");
}

static void test_csv__steps_of_a_job_up_to_its_outcome(void **state)
{
    static const char header[] = "job_id,step_id,run_status,run_date,run_time,message\n";
    (void)state;

    collect(LOG_AUTO, arena_printf(&collect_arena,
                                   "%sJ,1,0,20240501,30507,Executed as user: D\\u. It is broken. "
                                   "[SQLSTATE 42000] (Error 208).  The step failed.\n"
                                   "J,0,0,20240501,30507,The job failed.\nJ,1,1,20240502,1,ok\n"
                                   "J,0,1,20240502,1,ok\n",
                                   header));
    assert_int_equal(collected_count, 2);
    assert_string_equal(text_at(0, 0), "It is broken.");
    assert_int_equal(collected[0].messages[0].code, 208);
    assert_int_equal(collected[0].messages[1].type, MESSAGE_TASK_FAILED);
    assert_int_equal(collected[1].message_count, 0);
    collect(LOG_AUTO, arena_printf(&collect_arena,
                                   "%sJ,0,0,20240502,1,The job failed.\nJ,1,0,20240502,1,second\n"
                                   "J,0,0,20240501,1,The job failed.\nJ,1,0,20240501,1,first\n",
                                   header)); // newest first
    assert_int_equal(collected_count, 2);
    assert_int_equal(collected[0].message_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv__quotes_and_line_breaks),
        cmocka_unit_test(test_csv__columns_in_any_dress),
        cmocka_unit_test(test_csv__rows_of_an_operation_by_time),
        cmocka_unit_test(test_csv__rows_without_operation_stand_alone),
        cmocka_unit_test(test_csv__troubles),
        cmocka_unit_test(test_csv__field_F6_rows_without_a_header),
        cmocka_unit_test(test_csv__a_grid_is_copied),
        cmocka_unit_test(test_csv__operation_1_is_parted_by_its_correlation),
        cmocka_unit_test(test_csv__steps_of_a_job_up_to_its_outcome),
    };
    return cmocka_run_group_tests(tests, NULL, collect_done);
}
