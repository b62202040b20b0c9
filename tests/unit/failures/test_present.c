/* The answer of `report` in each format. */
#include "test.h"

#include "catalog_script.h"

#include "ssisminer/base/file.h"
#include "ssisminer/failures/failures.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#define REQUEST_LIMIT                                                                              \
    "Load Orders:Error: The request limit for the database is 60\r\nand has been reached."

#define AT(minute, second) "2026-03-02 05:" minute ":" second ".0000000 +00:00"

static SigSet *signatures;
static Arena arena;

static int load(void **state)
{
    Err err = {0};

    (void)state;
    (void)setenv("SSISMINER_NOW", "2026-03-02T06:00:00Z", 1);
    if (sigset_load(NULL, 0, &signatures, &err) != RC_OK)
        fail_msg("%s", err.text);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    sigset_free(signatures);
    arena_done(&arena);
    return 0;
}

/* ---- one night, as the server tells it ------------------------------------------------------- */

static void script_lists(void)
{
    script_begin(SQL_FAILURES_TOTALS);
    SCRIPT_ROW("Sales", "Nightly", "Load.dtsx", "etl", "4", "2");
    SCRIPT_ROW("Sales", "Nightly", "Load.dtsx", "etl", "7", "1400");
    SCRIPT_ROW("Sales", "Nightly", "Load.dtsx", "etl", "2", "1");
    script_end();
    script_begin(SQL_FAILURES_EXECUTIONS);
    SCRIPT_ROW("11", "Sales", "Nightly", "Load.dtsx", "Env", "Prod", "7", "etl", "etl", NULL, "4",
               AT("01", "00"), AT("02", "00"), AT("10", "00"), "SQL1", "W1", "12", "0", "guid",
               "2");
    SCRIPT_ROW("12", "Sales", "Nightly", "Quiet.dtsx", NULL, NULL, NULL, "etl", "etl", "ops", "3",
               AT("01", "00"), AT("02", "00"), AT("20", "00"), "SQL1", "W1", "12", "0", "guid",
               "1");
    script_end();
    script_begin(SQL_FAILURES_OPERATIONS);
    SCRIPT_ROW("21", "101", "20", "Nightly", "4", "deployer", AT("40", "00"), AT("40", "00"),
               AT("41", "00"));
    script_end();
}

static void script_night(const char *ssis_admin)
{
    ScriptServer server = {
        "3", "15.0.4123.1", "2026-03-02 06:00:00.0000000 +00:00", "0", "0", ssis_admin, "0", "0"};

    script_reset();
    script_server(&server);
    script_begin(SQL_SSISDB_OBJECTS);
    SCRIPT_ROW("catalog", "executions", NULL);
    script_end();
    script_lists();
    script_begin(SQL_FAILURES_LOGGING_LEVELS);
    SCRIPT_ROW("11", "1");
    script_end();
    script_begin(SQL_FAILURES_FINISHED);
    SCRIPT_ROW("11", "Load.dtsx", "\\Package\\Truncate staging", AT("05", "00"));
    script_end();
    script_begin(SQL_FAILURES_MESSAGES);
    SCRIPT_ROW("11", NULL, AT("09", "58"), "120", "60", "-1071636471", "Child_Sales.dtsx",
               "OnError", "Load Orders", "Dest", "\\Package\\Load Orders",
               "\\Load\\Each File[3]\\Load Orders", REQUEST_LIMIT); // field-R1
    SCRIPT_ROW("11", NULL, AT("09", "59"), "120", "60", NULL, "Load.dtsx", "OnError", "Load Orders",
               NULL, "\\Package\\Load Orders", NULL, "Load Orders failed \x1B[2J\xE2\x80\xAE.");
    SCRIPT_ROW("21", "9", AT("40", "30"), "120", "10", NULL, NULL, NULL, NULL, NULL, NULL, NULL,
               "Flux capacitor 17 lost phase 'alpha'.");
    script_end();
}

static char *answer(const char *format, size_t limit, bool details, const char *ssis_admin)
{
    FailuresQuestion question = {
        .since = {.ticks = INT64_C(639079416000000000), .is_set = true}, // 2026-03-01T06:00Z
        .with_failed = true,
        .with_unexpected = true,
        .with_canceled = true,
        .all_messages = details,
    };
    Failures *failures = NULL;
    Ssisdb *db = NULL;
    ReportStyle style = {.columns = 80};
    char *text = NULL;
    size_t size = 0;
    Err err = {0};

    script_night(ssis_admin);
    Tds *tds = script_open();
    if (ssisdb_probe(tds, &arena, &db, &err) != RC_OK ||
        failures_read(db, signatures, &question, &failures, &err) != RC_OK)
        fail_msg("%s", err.text);
    FailuresView view = {.db = db, .question = &question, .limit = limit, .now = time_now()};
    FILE *out = open_memstream(&text, &size);
    const Report *report = failures_report(failures, &view, &arena);
    assert_int_equal(report_writer(format)->write(report, &style, out, &err), RC_OK);
    (void)fclose(out);
    failures_free(failures);
    script_close(tds);
    return text;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void test_present__text(void **state)
{
    char *text = answer("text", 0, false, "1"), *remedies = strstr(text, "What to do\n");

    (void)state;
    assert_non_null(remedies);
    assert_contains(
        remedies,
        "  A database hit its limit of sessions or workers                  request-limit\n");
    assert_contains(remedies, "    - Raise the service objective");
    assert_contains(remedies, "  Unknown errors\n");
    remedies[0] = '\0';
    assert_string_equal(
        text, "SSIS failures\n"
              "  server      SQL1/SSISDB, SQL Server 2019 15.0.4123.1\n"
              "  login       etl (ssis_admin) sees every execution\n"
              "  window      ended 2026-03-01 06:00Z to 2026-03-02 06:00Z (1 d 0 h)\n"
              "  executions  2 failed, 1 running, 1400 succeeded\n"
              "\n"
              "Root causes (3), most frequent first\n"
              "  1x  unknown: Flux capacitor <n> lost phase <name>           u-1f2e6526e8d92730\n"
              "    1 other operation, 2026-03-02 05:41Z, unknown: read the message\n"
              "  1x  Canceled                                                          canceled\n"
              "    1 package, 2026-03-02 05:20Z, ask who canceled it\n"
              "  1x  A database hit its limit of sessions or workers              request-limit\n"
              "    1 package, 2026-03-02 05:10Z, rerun after a pause\n"
              "\n"
              "Failed executions (2), newest first\n"
              "  12  Sales/Nightly/Quiet.dtsx                              2026-03-02 05:20:00Z\n"
              "    canceled after 18 min 00 s, stopped by ops, by etl, on W1\n"
              "    cause    Canceled\n"
              "    rerun    no, not yet: ask who canceled it; no task had finished before it\n"
              "             failed\n"
              "\n"
              "  11  Sales/Nightly/Load.dtsx                               2026-03-02 05:10:00Z\n"
              "    failed after 8 min 00 s, env Env/Prod, by etl, on W1, attempt 2\n"
              "    cause    A database hit its limit of sessions or workers (kind=request,\n"
              "             limit=60)\n"
              "    basis    likely: the text alone says so\n"
              "    message  The request limit for the database is 60 and has been reached.\n"
              "    at       Child_Sales.dtsx, \\Package\\Load Orders, Dest, Each File[3], 1\n"
              "             cause, 1 echo\n"
              "    rerun    no, wait and look first, because Truncate staging had finished and\n"
              "             would run again\n"
              "\n"
              "Other failed operations (1), newest first\n"
              "  21  deploy_project Nightly                                2026-03-02 05:41:00Z\n"
              "    failed, by deployer\n"
              "    cause    unknown error, u-1f2e6526e8d92730\n"
              "    message  Flux capacitor 17 lost phase 'alpha'.\n"
              "    at       outside any task, 1 cause, 0 echoes\n"
              "    rerun    no, not yet: read the message\n"
              "\n");
    free(text);
}

static void test_present__details_show_every_message(void **state)
{
    char *text = answer("text", 0, true, "1");

    (void)state;
    assert_contains(
        text, "    2 messages\n"
              "      2026-03-02 05:09:58Z  error  Load Orders\n"
              "        Load Orders:Error: The request limit for the database is 60 and has been\n"
              "        reached.\n"
              "      2026-03-02 05:09:59Z  error  Load Orders\n"
              "        Load Orders failed \\x1B[2J\\u202E.\n");
    free(text);
}

static void test_present__limit_says_what_it_hides(void **state)
{
    char *text = answer("text", 1, false, "1"), *json = answer("json", 1, false, "1");

    (void)state;
    assert_contains(text, "Failed executions (the newest 1 of 2)\n");
    assert_contains(text, "Root causes (the first 1 of 3), most frequent first\n");
    assert_lacks(text, "  11  Sales");
    assert_contains(json, "request-limit"); // programs have every cause
    assert_contains(json, "\"id\":\"u-1f2e6526e8d92730\"");
    assert_contains(json, "\"failed_executions\": 2,");
    free(text);
    free(json);
}

static void test_present__says_when_the_login_does_not_see_all(void **state)
{
    char *text = answer("text", 0, false, "0");

    (void)state;
    assert_contains(text, "  login       etl (no role) sees only some executions\n");
    assert_contains(
        text, "WARNING  incomplete: login 'etl' is not in role ssis_logreader, so executions\n");
    free(text);
}

static void test_present__csv_is_the_executions(void **state)
{
    char *text = answer("csv", 0, false, "1");

    (void)state;
    assert_true(str_starts(text, "execution_id,time,folder,project,package,"));
    assert_contains(text,
                    "\r\n11,2026-03-02T05:10:00.0000000Z,Sales,Nightly,Load.dtsx,Env,Prod,etl,");
    assert_contains(text, ",480,SQL1,W1,");
    assert_lacks(text, "deploy_project");
    free(text);
}

static void test_present__prometheus_counts_causes(void **state)
{
    char *text = answer("prometheus", 0, false, "1");

    (void)state;
    assert_contains(text, "\nssisminer_report_executions{server=");
    assert_contains(text, ",status=\"succeeded\"} 1400\n");
    assert_contains(text, ",id=\"request-limit\",severity=\"error\",retry=\"after-backoff\"} 1\n");
    assert_contains(text, "\nssisminer_report_failed_executions{server=");
    assert_contains(text, "\nssisminer_report_login_sees_all{server=");
    assert_lacks(text, "execution_id");
    free(text);
}

/* ---- the JSON schema ------------------------------------------------------------------------- */

static const cJSON *root_schema;

static const cJSON *resolved(const cJSON *schema)
{
    const cJSON *ref = cJSON_GetObjectItemCaseSensitive(schema, "$ref");

    if (!ref)
        return schema;
    assert_true(str_starts(ref->valuestring, "#/$defs/"));
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(root_schema, "$defs"), ref->valuestring + 8);
    assert_non_null(found);
    return found;
}

static bool is_of_type(const cJSON *value, const char *type)
{
    if (str_same(type, "integer"))
        return cJSON_IsNumber(value);
    return str_same(type, cJSON_IsNull(value)     ? "null"
                          : cJSON_IsString(value) ? "string"
                          : cJSON_IsBool(value)   ? "boolean"
                          : cJSON_IsNumber(value) ? "number"
                          : cJSON_IsArray(value)  ? "array"
                                                  : "object");
}

static bool has_type(const cJSON *schema, const cJSON *value)
{
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(schema, "type"), *one;

    if (!type || cJSON_IsString(type))
        return !type || is_of_type(value, type->valuestring);
    cJSON_ArrayForEach(one, type)
    {
        if (is_of_type(value, one->valuestring))
            return true;
    }
    return false;
}

static bool is_in_enum(const cJSON *schema, const cJSON *value)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(schema, "enum"), *one;

    if (!list)
        return true;
    cJSON_ArrayForEach(one, list)
    {
        if (cJSON_Compare(one, value, true))
            return true;
    }
    return false;
}

/* The part of JSON Schema that our file uses. */
static void check(const cJSON *schema, const cJSON *value, const char *path)
{
    const cJSON *constant, *properties, *items, *one;
    char inner[300];

    schema = resolved(schema);
    constant = cJSON_GetObjectItemCaseSensitive(schema, "const");
    properties = cJSON_GetObjectItemCaseSensitive(schema, "properties");
    items = cJSON_GetObjectItemCaseSensitive(schema, "items");
    if (!has_type(schema, value) || !is_in_enum(schema, value) ||
        (constant && !cJSON_Compare(constant, value, true)))
        fail_msg("%s does not conform", path);
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(schema, "required"))
    {
        if (!cJSON_HasObjectItem(value, one->valuestring))
            fail_msg("%s lacks %s", path, one->valuestring);
    }
    cJSON_ArrayForEach(one, value)
    {
        (void)snprintf(inner, sizeof(inner), "%.150s.%.100s", path,
                       one->string ? one->string : "[]");
        const cJSON *next =
            properties ? cJSON_GetObjectItemCaseSensitive(properties, one->string) : items;
        if (!next)
            fail_msg("%s is not in the schema", inner);
        check(next, one, inner);
    }
}

static cJSON *load_schema(void)
{
    Str text;
    Err err = {0};

    if (file_read("config/schema/report.schema.json", 1 << 20, &arena, &text, &err) != RC_OK)
        fail_msg("%s (run from the project's root)", err.text);
    cJSON *schema = cJSON_ParseWithLength(text.at, text.len);
    assert_non_null(schema);
    return schema;
}

static void test_present__json_conforms_to_its_schema(void **state)
{
    cJSON *schema = load_schema();

    (void)state;
    root_schema = schema;
    for (int details = 0; details <= 1; details++) {
        char *text = answer("json", 0, details == 1, "1");
        cJSON *json = cJSON_Parse(text);
        assert_non_null(json);
        check(schema, json, "report");
        const cJSON *executions = cJSON_GetObjectItemCaseSensitive(json, "executions");
        assert_int_equal(cJSON_GetArraySize(executions), 2);
        assert_int_equal(cJSON_HasObjectItem(cJSON_GetArrayItem(executions, 0), "messages"),
                         details);
        const cJSON *captures =
            cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(executions, 1), "captures");
        assert_int_equal(cJSON_GetArraySize(captures), 2);
        cJSON_Delete(json);
        free(text);
    }
    cJSON_Delete(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_present__text),
        cmocka_unit_test(test_present__details_show_every_message),
        cmocka_unit_test(test_present__limit_says_what_it_hides),
        cmocka_unit_test(test_present__says_when_the_login_does_not_see_all),
        cmocka_unit_test(test_present__csv_is_the_executions),
        cmocka_unit_test(test_present__prometheus_counts_causes),
        cmocka_unit_test(test_present__json_conforms_to_its_schema),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
