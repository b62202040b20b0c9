/* What of a message is read first. */
#include "test.h"

#include "ssisminer/diagnose/diagnose.h"

#include <stdio.h>

static const struct {
    const char *text, *telling;
} cases[] = {
    {"", ""},
    {"The disk is full.", "The disk is full."},
    {"System.Reflection.TargetInvocationException: Exception has been thrown by the target of an "
     "invocation. ---> System.IO.FileNotFoundException: Could not find 'D:\\in\\a.csv'.\r\n   at "
     "System.IO.__Error.WinIOError(Int32 errorCode, String path)\r\n   at Loader.Main()\r\n   --- "
     "End "
     "of inner exception stack trace ---\r\n   at System.RuntimeMethodHandle.InvokeMethod(Object "
     "o)",
     "System.IO.FileNotFoundException: Could not find 'D:\\in\\a.csv'."},
    {"AggregateException: One or more errors ---> HttpRequestException: sent ---> "
     "System.Net.Sockets.SocketException (10061): No connection could be made",
     "System.Net.Sockets.SocketException (10061): No connection could be made"},
    {"Exception has been thrown by the target of an invocation. at "
     "System.RuntimeMethodHandle.InvokeMethod(Object target, Object[] arguments)",
     "Exception has been thrown by the target of an invocation."},
    /* An arrow or an "at" of somebody's own is no exception and no frame. */
    {"Step 1 ---> Step 2: failed", "Step 1 ---> Step 2: failed"},
    {"mapped A.Exception ---> B", "mapped A.Exception ---> B"},
    {"Failed at row 3 (of 9)", "Failed at row 3 (of 9)"},
    {"Cannot open file at D:\\a.b(1)", "Cannot open file at D:\\a.b(1)"},
    {"look at db.orders, it is gone", "look at db.orders, it is gone"},
    /* A stack alone is better than nothing. */
    {" at Loader.Main()", " at Loader.Main()"},
    {"x ---> IOException:", "IOException:"},
    {"---> ", "---> "},
};

static void test_telling__is_the_innermost_exception_without_its_stack(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Str telling = diagnosis_telling(str_of(cases[i].text));
        if (!str_equal(telling, str_of(cases[i].telling)))
            fail_msg("'%s' gives '%.*s'", cases[i].text, STR_FMT(telling));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_telling__is_the_innermost_exception_without_its_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
