/* The innermost words of a driver, found in linear time. */
#include "test.h"

#include "../../../src/diagnose/provider.h"
#include "ssisminer/base/buf.h"
#include "ssisminer/base/time.h"

typedef struct Case {
    const char *text, *words;
} Case;

static void test_provider__innermost_words(void **state)
{
    static const Case list[] = {
        {"Plain text.", ""},
        {"", ""},
        {"An OLE DB record is available.  Source: \"S\"  Hresult: 0x80004005  Description: \"Login "
         "timeout expired\".",
         "Login timeout expired"},
        {"Description: \"First.\". x Description: \"Second.\".", "Second."},
        {"Description: \"Login failed for user \"bob\".\".\nnext",
         "Login failed for user \"bob\"."},
        {"Description: \\\"Cannot open database.\\\".\\n", "Cannot open database."},
        {"description: &quot;Invalid object name 'x'.&quot;.", "Invalid object name 'x'."},
        {"Executing the query \"exec p\" failed with the following error: \"Could not find stored "
         "procedure 'p'.\". Possible failure "
         "reasons: Problems with the query.",
         "Could not find stored procedure 'p'."},
        {"[Microsoft][ODBC Driver 17 for SQL Server][SQL Server]Invalid object name 'x'.",
         "Invalid object name 'x'."},
        {"System.Exception: outer ---> System.Data.SqlClient.SqlException: middle ---> "
         "System.ComponentModel.Win32Exception: The network "
         "path was not found\r\n   --- End of inner exception",
         "System.ComponentModel.Win32Exception: The network path was not found"},
        {"An error occurred with the following error message: \"Could not find file "
         "'D:\\x.csv'.\".",
         "Could not find file 'D:\\x.csv'."},
        {"Description: \"Login of \"bob\" failed\"", "Login of \"bob\" failed"},
        {"Description: \"it never ends", "it never ends"},
        {"Description: nothing in quotes", ""},
        {"Description: ", ""},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(list); i++) {
        Str words = provider_text(str_of(list[i].text));
        if (!str_equal(words, str_of(list[i].words)))
            fail_msg("<%s>\nholds <%.*s>, not <%s>", list[i].text, STR_FMT(words), list[i].words);
    }
}

static void test_provider__is_linear(void **state)
{
    static const char *const bricks[] = {"Description: \"", "Description: ",     "\"", "---> ",
                                         "[SQL Server]",    "Description: \"x ", "\n"};
    AUTO(buf_done) Buf text = BUF(1024 * 1024);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bricks); i++) {
        buf_reset(&text);
        while (text.len + 32 < 400 * 1024)
            buf_puts(&text, bricks[i]);
        int64_t started = time_monotonic_ms();
        (void)provider_text((Str){text.text, text.len});
        if (time_monotonic_ms() - started > 2000)
            fail_msg("<%s> took %lld ms", bricks[i], (long long)(time_monotonic_ms() - started));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_provider__innermost_words),
        cmocka_unit_test(test_provider__is_linear),
    };
    return cmocka_run_group_tests_name("diagnose/provider", tests, NULL, NULL);
}
