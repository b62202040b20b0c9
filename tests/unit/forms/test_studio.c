/* Visual Studio's output and its dialogs. */
#include "collect.h"

#include "ssisminer/ssisdb/ssisdb.h"

static void test_studio__output_of_runs(void **state)
{
    (void)state;
    collect(
        LOG_AUTO,
        "1>SSIS package \"C:\\a.dtsx\" starting.\n"
        "Information: 0x4004300A at DFT, SSIS.Pipeline: fine\n"
        "Error: 0xC0202009 at DFT, OLE DB Source [2]: first\nsecond line\n"
        "Warning: 0x80019002 at a: careful\nTask failed: DFT\n"
        "SSIS package \"C:\\a.dtsx\" finished: Failure.\n"
        "The program '[8012] DtsDebugHost.exe: DTS' has exited with code 0 (0x0).\n"
        "SSIS package \"C:\\b.dtsx\" starting.\nSSIS package \"C:\\b.dtsx\" finished: Success.\n");
    assert_int_equal(collected_count, 2);
    assert_int_equal(collected[0].message_count, 3);
    assert_string_equal(text_at(0, 0), "first\nsecond line");
    assert_int_equal(collected[0].messages[0].code, 0xC0202009);
    assert_string_equal(collected[0].messages[0].source_name, "DFT, OLE DB Source [2]");
    assert_int_equal(collected[0].messages[1].type, MESSAGE_WARNING);
    assert_int_equal(collected[0].messages[2].type, MESSAGE_TASK_FAILED);
    assert_int_equal(collected[0].status, STATUS_FAILED);
    assert_int_equal(collected[1].status, STATUS_SUCCEEDED);
    assert_int_equal(collected[1].message_count, 0);
}

/* Brackets alone make no run of a log. */
static void test_studio__brackets_of_others(void **state)
{
    (void)state;
    collect(LOG_AUTO, "[main] Error: a fell\n[main] Error: b fell\n");
    assert_int_equal(collected_count, 2);
    collect(LOG_AUTO, "[OLE DB Source [2]] Error: a fell\n[Orders] Error: b fell\n");
    assert_int_equal(collected_count, 1);
    assert_int_equal(collected[0].message_count, 2);
    assert_string_equal(collected[0].messages[0].source_name, "OLE DB Source [2]");
}

static void test_studio__a_dialog_among_other_text(void **state)
{
    (void)state;
    collect(LOG_AUTO, "TITLE: Package Validation Error\n------------------------------\n\n"
                      "Package Validation Error\n\n------------------------------\n"
                      "ADDITIONAL INFORMATION:\n\nError at DFT [Source [2]]: a fell\nand more\n\n"
                      " (Microsoft.DataTransformationServices.VsIntegration)\n\n"
                      "------------------------------\nBUTTONS:\n\nOK\n"
                      "------------------------------\nThe mail failed\n");
    assert_int_equal(collected_count, 3); // its last button is an entry that says nothing
    assert_int_equal(collected[0].message_count, 1);
    assert_true(collected[1].is_quiet);
    assert_contains(text_at(0, 0), "a fell\nand more");
    assert_int_equal(collected[0].messages[0].line, 9);
    assert_string_equal(text_at(2, 0), "The mail failed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_studio__output_of_runs),
        cmocka_unit_test(test_studio__brackets_of_others),
        cmocka_unit_test(test_studio__a_dialog_among_other_text),
    };
    return cmocka_run_group_tests(tests, NULL, collect_done);
}
