/* Each dress a code wears, and what looks like one and is none. */
#include "test.h"

#include "ssisminer/signature/signature.h"

static const char yaml[] =
    "- {id: sql, title: T, source: user, class: data, role: cause, severity: error, retry: safe, "
    "cause: C, actions: [A],\n"
    "   examples: [x], match: {any: [{code: [208, 1205, 40501]}]}}\n"
    "- {id: timeout, title: T, source: user, class: data, role: cause, severity: error, retry: "
    "safe, cause: C,\n"
    "   actions: [A], examples: [x], match: {any: [{code: -2}]}}\n"
    "- {id: hresult, title: T, source: user, class: data, role: cause, severity: error, retry: "
    "safe, cause: C,\n"
    "   actions: [A], examples: [x], match: {any: [{code: [0xC0202009, 0x80004005]}]}}\n"
    "- {id: exit, title: T, source: user, class: data, role: cause, severity: error, retry: safe, "
    "cause: C,\n"
    "   actions: [A], examples: [x], match: {any: [{code: -1073741819}]}}\n";

static int load(void **state)
{
    SigSet *set = NULL;
    Err err = {0};

    if (sigset_load_text("codes", str_of(yaml), &set, &err) != RC_OK)
        fail_msg("%s", err.text);
    *state = set;
    return 0;
}

static int unload(void **state)
{
    sigset_free(*state);
    return 0;
}

static const char *matched(const SigSet *set, const char *text, int64_t code, size_t *ret_at)
{
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(set);
    const SigText message = {.text = str_of(text), .code = code};
    SigMatch match[4];
    size_t count = 0;
    Err err = {0};

    assert_int_equal(sig_match(set, scratch, &message, match, ARRAY_LEN(match), &count, &err),
                     RC_OK);
    *ret_at = count > 0 ? match[0].at : 0;
    return count == 0 ? "" : count > 1 ? "several" : match[0].signature->id;
}

static void assert_all(const SigSet *set, const char *const *texts, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        if (strcmp(matched(set, texts[i], 0, &at), id) != 0)
            fail_msg("<%s> matches '%s', not '%s'", texts[i], matched(set, texts[i], 0, &at), id);
    }
}

static void test_codes__sql_dresses(void **state)
{
    static const char *const texts[] = {
        "Msg 208, Level 16, State 1, Line 4",
        "Error: 208, Severity: 16, State: 1.",
        "error 1205",
        "Error 1205: the transaction was a victim",
        "SQL error 40501 came back",
        "SQL Server error 208 at the source",
        "SqlException (0x80131904): busy. Error Number:40501,State:1,Class:20",
        "Error number: 40501",
        "Number: 40501",
        "It failed (code 40501).",
        "(Error 208)",
        "Meldg. 208, Ebene 16, Status 1",
        "Komunikat 208, poziom 16, stan 1, wiersz 4",
        "İleti 208, Düzey 16, Durum 1, Satır 4",
        "(Microsoft SQL Server, hata: 208)",
        "Zpráva 208, úroveň 16",
        "Üzenet 208, szint 16",
        "Meddelande 208, nivå 16",
        "Native Error: 208",
        "Native Error Code: 208.",
        "NativeError=208",
        "SqlErrorNumber=40501,Class=20,ErrorCode=-2146232060,State=1",
        "{\"errorCode\": \"40501\"}",
        "{\"error\":{\"code\":40501}}",
        "{\\\"errorCode\\\":\\\"40501\\\"}",
        "{&quot;code&quot;:&quot;40501&quot;}",
        "<Number>40501</Number>",
        "Executed as user X. Invalid name. [SQLSTATE 42S02] (Error 208).  The step failed.",
        "Executed as user X. Invalid name. [SQLSTATE 42S02] (208).",
        "HelpLink.EvtID : 1205",
        "SQL Error [208] [S0002]: invalid",
        "Error#208",
        "error no. 208",
        "The error returned was 208: 'x'",
        "error - 1205 - deadlock",
        "Error-1205",
        "message_code = 1205",
        "Error:\r\n     40501",
        "Error:\\r\\n40501",
        "Error\xC2\xA0"
        "40501",
        "Meldung 208, Ebene 16, Status 1",
        "Fehler: 40501",
        "Fehler Nr. 208",
        "Erreur\xC2\xA0: 208",
        "Code d'erreur : 208",
        "Mens. 208, Nivel 16",
        "N\xC3\xBAmero de error: 208",
        "Errore 1205",
        "Erro: 1205",
        "\xD0\x9E\xD1\x88\xD0\xB8\xD0\xB1\xD0\xBA\xD0\xB0: 40501",
        "\xE3\x82\xA8\xE3\x83\xA9\xE3\x83\xBC\xEF\xBC\x9A"
        "40501",
        "\xE3\x82\xA8\xE3\x83\xA9\xE3\x83\xBC\xE7\x95\xAA\xE5\x8F\xB7: 40501",
        "\xE6\xB6\x88\xE6\x81\xAF 208\xEF\xBC\x8C\xE7\xBA\xA7\xE5\x88\xAB 16",
        "\xEC\x98\xA4\xEB\xA5\x98: 1205",
        "Msg 208, Level 16, State 1, Server ora-1, Line 4",
        "SQL error 208 on ora-1",
        "{\"errorCode\": \"208: no such object\", \"failureType\": \"UserError\"}",
        "OnError,HOST,DOM\\svc,Load,{1B2C3D4E-0000-4111-8222-ABCDEF012345},,2024-05-01 "
        "10:00:00,,Error 1205, done",
    };

    assert_all(*state, texts, ARRAY_LEN(texts), "sql");
}

static void test_codes__not_a_code(void **state)
{
    static const char *const texts[] = {
        "40501 rows were written",
        "\"OLE DB Destination\" wrote 40501 rows.",
        "The row count is 40501",
        "error: 40501 rows were rejected",
        "Errors: 1205",
        "exit code: 208",
        "zip code 40501",
        "zip-code 40501",
        "line number 208",
        "Line Number: 208",
        "order number 40501",
        "id 208",
        "Error 10.0.208.1",
        "Error 208.5",
        "error 12:05, 1,205 and 1205%",
        "error 12050, error 11205",
        "msg208",
        "Msg x208",
        "component \"Read error\" (208)",
        "thread \"SCR Lees fout\" (208)",
        "An error. 208 is the number of pages.",
        "status 40501",
        "State 1205",
        "error in table 208",
        "error 1205_a",
        "error_208x",
        "0x208",
        "C:\\jobs\\error\\208.log",
        "error -208",
        "2024-05-01 12:08:40501",
        "error [08001], error 0208",
        "SemanticException [Error 1205]: Table not found",
        "HTTP error 208: Already Reported",
        "The remote server returned an error: (208) Already Reported",
        "{\"errorCode\": \"1205\", \"failureType\": \"UserError\"}",
    };

    assert_all(*state, texts, ARRAY_LEN(texts), "");
}

static void test_codes__wide(void **state)
{
    static const char *const hresults[] = {
        "Code: 0xC0202009",
        "code 0xc0202009 source",
        "Error 0xC0202009: Data Flow Task",
        "(0x00C0202009)",
        "the result -1071636471 came",
        "HRESULT: -1071636471",
        "HRESULT: 3223330825",
        "error code: C0202009",
        "error '80004005'",
        "Hresult: 0x80004005",
        "[0x80004005]",
        "failed \xE2\x88\x92"
        "1071636471", // a real minus sign
    };
    static const char *const none[] = {
        "C0202009",
        "order C0202009",
        "3223330825 rows",
        "item 3223330825",
        "{C0202009-0000-4111-8222-ABCDEF012345}",
        "0xC02020091",
        "x0xC0202009",
        "1-1071636471",
        "HRESULT: 1071636471",
    };
    static const char *const exits[] = {"SSIS Executor exit code: -1073741819.",
                                        "exit code 3221225477", "exit code: 0xC0000005",
                                        "ExitCode=-1073741819"};

    assert_all(*state, hresults, ARRAY_LEN(hresults), "hresult");
    assert_all(*state, none, ARRAY_LEN(none), "");
    assert_all(*state, exits, ARRAY_LEN(exits), "exit");
}

static void test_codes__negative_small(void **state)
{
    static const char *const texts[] = {"Error Number:-2,State:0,Class:11", "error -2",
                                        "Number: -2"};
    static const char *const none[] = {"Error Number:2", "error - 2", "lines 1 -2"};

    assert_all(*state, texts, ARRAY_LEN(texts), "timeout");
    assert_all(*state, none, ARRAY_LEN(none), "");
}

static void test_codes__message_code(void **state)
{
    size_t at = 0;

    assert_string_equal(matched(*state, "irgendwas", -1071636471, &at), "hresult");
    assert_true(at == SIZE_MAX);
    assert_string_equal(matched(*state, "irgendwas", 3223330825, &at), "hresult");
    assert_string_equal(matched(*state, "", 208, &at), "sql");
    assert_string_equal(matched(*state, "", INT64_C(0x1C0202009), &at), "");
    assert_string_equal(matched(*state, "x: Msg 208", 208, &at), "sql");
    assert_int_equal(at, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes__sql_dresses),  cmocka_unit_test(test_codes__not_a_code),
        cmocka_unit_test(test_codes__wide),         cmocka_unit_test(test_codes__negative_small),
        cmocka_unit_test(test_codes__message_code),
    };
    return cmocka_run_group_tests_name("signature/codes", tests, load, unload);
}
