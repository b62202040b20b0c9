/* Whether a text tells of a failure. */
#include "test.h"

#include "ssisminer/diagnose/tells.h"
#include "ssisminer/signature/signature.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Case {
    const char *text;
    Tells tells;
} Case;

static void check(const Case *cases, size_t count)
{
    static const char *const names[] = {"nothing", "a failure", "otherwise"};

    for (size_t i = 0; i < count; i++) {
        Tells tells = tells_of(str_of(cases[i].text));
        assert_int_equal(tells_failure(str_of(cases[i].text)), tells == TELLS_FAILURE);
        if (tells != cases[i].tells)
            fail_msg("'%s' tells %s", cases[i].text, names[tells]);
    }
}

static void test_tells__what_fails(void **state)
{
    static const Case cases[] = {
        {"The reference \"Task, Version=14.0.0.0\" could not be resolved", TELLS_FAILURE},
        {"The package failed.", TELLS_FAILURE},
        {"Get-Rows : Invalid object name 'x'. At line:8 char:7 + $t = \"$($s.Name)\"",
         TELLS_FAILURE},
        {"Get-Rows : Unbekannter Fehler. In Zeile:8 Zeichen:7 + $t = \"$($s.Name)\"",
         TELLS_FAILURE},
        {"Msg -2146893019, Level 16, State 1", TELLS_FAILURE},
        {"Login failed for user 'etl'.", TELLS_FAILURE},
        {"Timeout expired. The timeout period elapsed prior to completion.", TELLS_FAILURE},
        {"ErrorCode=UserErrorFailedFileOperation", TELLS_FAILURE},
        {"CustomSetupScriptFailure", TELLS_FAILURE},
        {"3 rows failed", TELLS_FAILURE},
        {"Get-Item : Cannot find path 'C:\\in' because it does not exist.", TELLS_FAILURE},
        {"10 errors", TELLS_FAILURE},
        {"========== Build: 0 成功，10 失败，0 已跳过 ==========", TELLS_FAILURE},
        {"12291 Package \"LoadSales\" failed.", TELLS_FAILURE},
        {"Failed with errors 5, 6, 7", TELLS_FAILURE},
        {"Invalid entry 'sendt'. Valid entries are sent, unsent and failed.", TELLS_FAILURE},
        {"Timeout /t 30 reached: the job was ended", TELLS_FAILURE},
        {"Msg 2714, Level 16, State 6: There is already an object named 'T'.", TELLS_FAILURE},
        {"ORA-12541: TNS:no listener", TELLS_FAILURE},
        {"Es ist ein Fehler aufgetreten", TELLS_FAILURE},
        {"ファイルを開けません。エラー", TELLS_FAILURE},
        {"The task couldn't open the file", TELLS_FAILURE},
        // well begun, ill ended
        {"A connection was successfully established with the server, but then an error occurred "
         "during the login process.",
         TELLS_FAILURE},
        {"0 errors in validation. Execution failed.", TELLS_FAILURE},
        {"The \"Lookup\" failed because error code 0xC020901E occurred, and the error row "
         "disposition on \"Output\" specifies failure on error.",
         TELLS_FAILURE},
        {"Retrying: Login failed for user 'etl'", TELLS_FAILURE},
        {"(provider: TCP Provider, error: 0 - No such host is known.)", TELLS_FAILURE},
        // statements that failed, and what was pasted as a comment
        {"CREATE TABLE permission denied in database 'DW'.", TELLS_FAILURE},
        {"UPDATE failed because the following SET options have incorrect settings", TELLS_FAILURE},
        {"The INSERT statement conflicted with the FOREIGN KEY constraint", TELLS_FAILURE},
        {"--Msg 8115, Level 16, State 2: Arithmetic overflow error", TELLS_FAILURE},
        {"--SSIS Error Code DTS_E_OLEDBERROR. An OLE DB error has occurred.", TELLS_FAILURE},
        {"\"status\": \"Succeeded\"\nThe package failed", TELLS_FAILURE},
        {"If you see this, ask support.\nThe service is unavailable", TELLS_FAILURE},
    };

    (void)state;
    check(cases, ARRAY_LEN(cases));
}

static void test_tells__what_does_not(void **state)
{
    static const Case cases[] = {
        // counts
        {"0 errors, 2 warnings", TELLS_OTHERWISE},
        {"Package finished with 0 error(s)", TELLS_OTHERWISE},
        {"Errors: 0", TELLS_OTHERWISE},
        {"Failed rows: 0", TELLS_OTHERWISE},
        {"failed=0, skipped=0", TELLS_OTHERWISE},
        {"0 of 5 tasks failed", TELLS_OTHERWISE},
        {"No errors were found", TELLS_OTHERWISE},
        {"Validation completed without errors", TELLS_OTHERWISE},
        {"The operation did not fail", TELLS_OTHERWISE},
        {"========== Build: 1 成功，0 失败，0 已跳过 ==========", TELLS_NOTHING},
        {"Registra: Sin errores", TELLS_OTHERWISE},
        // which ones, and which values there are
        {"retry policy on SqlException 1205, 40613, 40501", TELLS_NOTHING},
        {"Valid entries are sent, unsent, retrying, and failed.", TELLS_OTHERWISE},
        {"12291 DTS_MSG_PACKAGEFAILURE Package \"\" failed.", TELLS_OTHERWISE},
        {"35279, --The replica rejected joining of the database", TELLS_OTHERWISE},
        // over
        {"The command completed successfully after error 40613 on retry 2", TELLS_OTHERWISE},
        {"Connection recovered from error 40197 after 3 attempts", TELLS_OTHERWISE},
        // settings and names
        {"MaximumErrorCount = 1", TELLS_OTHERWISE},
        {"FailPackageOnFailure: True", TELLS_OTHERWISE},
        {"CommandTimeout=30", TELLS_OTHERWISE},
        {"Error row disposition: RD_RedirectRow", TELLS_OTHERWISE},
        {"SELECT ErrorCode, ErrorColumn FROM dbo.Log", TELLS_OTHERWISE},
        {"Failover group is in sync", TELLS_OTHERWISE},
        {"Writing the error log to D:\\logs", TELLS_OTHERWISE},
        // what is to be done, or may come
        {"If an error occurs, the row is redirected.", TELLS_OTHERWISE},
        {"On failure notify the operator", TELLS_OTHERWISE},
        {"Checking for errors in the staging table", TELLS_OTHERWISE},
        {"The next run may fail", TELLS_OTHERWISE},
        {"Error 18456 means that the login was refused", TELLS_OTHERWISE},
        // comments, to the end of their line
        {"-- on error go to the end. It failed before", TELLS_OTHERWISE},
        {"// throws an exception", TELLS_OTHERWISE},
        {"/* Login failed */", TELLS_OTHERWISE},
        // statements and programs
        {"exec catalog.set_execution_parameter_value @id, 50, 'DUMP_ON_ERROR', 1", TELLS_OTHERWISE},
        {"CREATE TABLE dbo.ErrorDetail (\n    ErrorCode int,\n    Failures int)", TELLS_OTHERWISE},
        {"#define DTS_E_OLEDBERROR ((HRESULT)0xC0202009L)", TELLS_OTHERWISE},
        {"set @code = '0xC020801C'", TELLS_OTHERWISE},
        {"return DTSValidationStatus.VS_NEEDSNEWMETADATA;", TELLS_OTHERWISE},
        {"Position := Find(Text, 'SqlErrorNumber=');", TELLS_OTHERWISE},
        {"| where Status == \"Failed\"", TELLS_OTHERWISE},
        // records without a failure
        {"\"errors\": [], \"errorCode\": \"\", \"failureType\": \"\"", TELLS_OTHERWISE},
        {"\"throttlingErrors\": 6\n\"status\": \"Succeeded\"", TELLS_OTHERWISE},
        // manuals
        {"| 6530 | 16 | No | Cannot perform alter on '%.*ls'. |", TELLS_OTHERWISE},
        {"- Fixed an issue that the tool fails to load an assembly", TELLS_OTHERWISE},
        {"For any error of the setup, you'll see the code CustomSetupScriptFailure",
         TELLS_OTHERWISE},
        // no word of trouble
        {"Validating: 50% complete", TELLS_NOTHING},
        {"", TELLS_NOTHING},
        {"  \n ", TELLS_NOTHING},
    };

    (void)state;
    check(cases, ARRAY_LEN(cases));
}

/* What a signature knows as a failure never sounds like something else. */
static void test_tells__no_example_is_taken_back(void **state)
{
    AUTO(sigset_free_at) SigSet *set = NULL;
    Err err = {0};
    size_t looked = 0, taken_back = 0;

    (void)state;
    if (sigset_load(NULL, 0, &set, &err) != RC_OK)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < sigset_count(set); i++) {
        const Signature *signature = sigset_at(set, i);
        for (size_t k = 0; signature->role == SIG_CAUSE && k < signature->example_count; k++) {
            looked++;
            Str text = str_of(signature->examples[k].text);
            assert_int_equal(tells_failure(text), tells_of(text) == TELLS_FAILURE);
            if (tells_of(text) != TELLS_OTHERWISE)
                continue;
            print_message("%s: %s\n", signature->id, signature->examples[k].text);
            taken_back++;
        }
    }
    assert_int_equal(taken_back, 0);
    assert_true(looked > 500);
}

/* "\\n" is a line break. */
static size_t unescape(char *text)
{
    char *into = text;

    for (const char *from = text; *from && *from != '\n'; from++, into++) {
        bool is_break = from[0] == '\\' && from[1] == 'n';
        *into = is_break ? '\n' : *from;
        from += is_break;
    }
    *into = '\0';
    return (size_t)(into - text);
}

static bool is_taken_for_failure(const SigSet *set, SigScratch *scratch, Str text)
{
    Tells tells = tells_of(text);
    Err err = {0};
    SigMatch match;
    size_t count = 0;

    if (tells != TELLS_NOTHING)
        return tells == TELLS_FAILURE;
    if (sig_match(set, scratch, &(SigText){.text = text}, &match, 1, &count, &err) != RC_OK)
        fail_msg("%s", err.text);
    return count > 0 && match.signature->severity == SIG_ERROR;
}

/* tests/corpus/kinds.tsv: a verdict, a kind, a text. */
static void test_tells__kinds_of_texts(void **state)
{
    static const char path[] = "tests/corpus/kinds.tsv";
    AUTO(sigset_free_at) SigSet *set = NULL;
    Err err = {0};
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t size = 0, harmless = 0, failures = 0;

    (void)state;
    assert_non_null(file);
    if (sigset_load(NULL, 0, &set, &err) != RC_OK)
        fail_msg("%s", err.text);
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(set);
    while (getline(&line, &size, file) > 0) {
        bool is_failure = strncmp(line, "failure\t", 8) == 0;
        char *kind = strchr(line, '\t'), *text = kind ? strchr(kind + 1, '\t') : NULL;
        assert_non_null(text);
        size_t len = unescape(++text);
        *(is_failure ? &failures : &harmless) += 1;
        if (is_taken_for_failure(set, scratch, (Str){text, len}) != is_failure)
            fail_msg("%s is taken for %s", line, is_failure ? "harmless" : "a failure");
    }
    free(line);
    (void)fclose(file);
    assert_true(harmless >= 450 && failures >= 280);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tells__kinds_of_texts),
        cmocka_unit_test(test_tells__what_fails),
        cmocka_unit_test(test_tells__what_does_not),
        cmocka_unit_test(test_tells__no_example_is_taken_back),
    };

    return cmocka_run_group_tests_name("diagnose/tells", tests, NULL, NULL);
}
