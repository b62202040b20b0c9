/* `report` against a scripted server: executions, causes, totals, and every question bound. */
#include "test.h"

#include "catalog_script.h"

#include "ssisminer/failures/failures.h"

#include <stdio.h>
#include <stdlib.h>

/* The shipped catalog judges: its ids are a promise (config/signatures/README.md). */
#define REQUEST_LIMIT "Error: The request limit for the database is 60 and has been reached."
#define DISK_FULL     "Data Flow Task:Error: There is not enough space on the disk."
#define UNHEARD_OF    "Flux capacitor 17 lost phase 'alpha'."

#define AT(minute, second) "2026-03-02 05:" minute ":" second ".0000000 +00:00"

static SigSet *signatures;
static Arena arena;
static Ssisdb *db;
static Tds *tds;

static const FailuresQuestion usual = {
    .since = {.ticks = TICKS_UNIX_EPOCH, .is_set = true},
    .with_failed = true,
    .with_unexpected = true,
};

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
    return 0;
}

static int setup(void **state)
{
    (void)state;
    script_reset();
    script_probe();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* ---- what the server answers ----------------------------------------------------------------- */

static void script_totals(void)
{
    script_begin(SQL_FAILURES_TOTALS);
    SCRIPT_ROW("Sales", "Nightly", "Load.dtsx", "etl", "4", "2");
    SCRIPT_ROW("Sales", "Nightly", "Load.dtsx", "etl", "7", "40");
    SCRIPT_ROW("HR", "Pay", "Run.dtsx", "etl", "7", "2");
    SCRIPT_ROW("HR", "Pay", "Run.dtsx", "etl", "6", "1");
    script_end();
}

static void script_execution(const char *id, const char *package, const char *status,
                             const char *end)
{
    SCRIPT_ROW(id, "Sales", "Nightly", package, "Env", "Prod", "7", "etl", "etl", NULL, status,
               AT("01", "00"), AT("02", "00"), end, "SQL1", "W1", "12", "0", "guid", "1");
}

static void script_message(const char *operation, const char *id, const char *time,
                           const char *type, const char *source, const char *text)
{
    SCRIPT_ROW(operation, id, time, type, "60", NULL, "Load.dtsx", "OnError", source, "OLE DB [2]",
               "\\Package\\Load", "\\Load", text);
}

static void script_no_operations(void)
{
    script_begin(SQL_FAILURES_OPERATIONS);
    script_end();
}

static void script_no_levels(void)
{
    script_begin(SQL_FAILURES_LOGGING_LEVELS);
    script_end();
}

/* Three executions, two of them of one cause; one unknown; a deployment; a create_execution that
 * came to nothing; one that logged nothing since it was told so. */
static void script_usual_night(void)
{
    script_totals();
    script_begin(SQL_FAILURES_EXECUTIONS);
    script_execution("11", "Load.dtsx", "4", AT("10", "00"));
    script_execution("12", "Load.dtsx", "4", AT("20", "00"));
    script_execution("13", "Other.dtsx", "6", AT("30", "00"));
    script_execution("14", "Quiet.dtsx", "4", AT("05", "00"));
    script_end();
    script_begin(SQL_FAILURES_OPERATIONS);
    SCRIPT_ROW("21", "101", "20", "Nightly", "4", "deployer", AT("40", "00"), AT("40", "00"),
               AT("41", "00"));
    SCRIPT_ROW("22", "200", "20", "Nightly", "4", "adf", AT("42", "00"), NULL, NULL);
    script_end();
    script_begin(SQL_FAILURES_LOGGING_LEVELS);
    SCRIPT_ROW("14", "0");
    SCRIPT_ROW("11", " 1 ");
    SCRIPT_ROW("12", "x");
    SCRIPT_ROW("99", "3"); // of nobody
    script_end();
    script_begin(SQL_FAILURES_FINISHED);
    // a container and its tasks, another package's, and a loop; by the time of their ends
    SCRIPT_ROW("11", "Load.dtsx", "\\Package\\Prepare", AT("09", "50"));
    SCRIPT_ROW("11", "Load.dtsx", "\\Package\\Prepare\\Truncate staging", AT("09", "49"));
    SCRIPT_ROW("11", "Load.dtsx", "\\Package\\Prepare 2", AT("09", "48"));
    SCRIPT_ROW("11", "Child.dtsx", "\\Package", AT("09", "47"));
    SCRIPT_ROW("11", "Child.dtsx", "\\Package\\Send mail", AT("09", "46"));
    SCRIPT_ROW("11", "Child.dtsx", "\\Package\\Last", AT("09", "51"));
    SCRIPT_ROW("11", "Child.dtsx", NULL, AT("09", "51"));
    SCRIPT_ROW("77", "Load.dtsx", "\\Package\\Load", AT("09", "51")); // failed meanwhile
    script_end();
    script_begin(SQL_FAILURES_MESSAGES);
    script_message("12", NULL, AT("19", "59"), "120", "Load Orders", REQUEST_LIMIT);
    script_message("11", NULL, AT("09", "59"), "120", "Load Orders", "Load Orders failed.");
    script_message("11", NULL, AT("09", "58"), "120", "Load Orders", REQUEST_LIMIT);
    script_message("11", NULL, AT("09", "57"), "110", "Load Orders", "Truncation may occur");
    script_message("21", "5", AT("40", "30"), "120", NULL, UNHEARD_OF);
    script_message("77", "6", AT("40", "30"), "120", NULL, DISK_FULL); // failed meanwhile
    script_end();
}

static Failures *ask(const FailuresQuestion *question)
{
    Failures *failures = NULL;
    Err err = {0};

    tds = script_open();
    if (ssisdb_probe(tds, &arena, &db, &err) != RC_OK ||
        failures_read(db, signatures, question, &failures, &err) != RC_OK)
        fail_msg("%s", err.text);
    return failures;
}

static void end(Failures *failures)
{
    failures_free(failures);
    script_close(tds);
}

static const Failure *failure_of(const Failures *failures, int64_t id)
{
    for (size_t i = 0; i < failures->count; i++)
        if (failures->list[i].id == id)
            return &failures->list[i];
    fail_msg("no failure %lld", (long long)id);
    return NULL;
}

/* ---- reading --------------------------------------------------------------------------------- */

static void test_failures__newest_first_with_all_about_them(void **state)
{
    static const int64_t order[] = {22, 21, 13, 12, 11, 14};

    (void)state;
    script_usual_night();
    Failures *failures = ask(&usual);
    assert_int_equal(failures->count, ARRAY_LEN(order));
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        assert_int_equal(failures->list[i].id, order[i]);
    assert_int_equal(failures->execution_count, 4);
    assert_int_equal(failures->operation_count, 2);

    const Failure *eleven = failure_of(failures, 11);
    assert_true(eleven->is_execution);
    assert_int_equal(eleven->execution.logging_level, 1);
    assert_int_equal(eleven->message_count, 3);
    assert_string_equal(eleven->messages[0].text.at,
                        "Truncation may occur"); // by time, not by arrival
    assert_string_equal(eleven->messages[1].text.at, REQUEST_LIMIT);
    assert_string_equal(eleven->messages[1].source_name, "Load Orders");
    assert_string_equal(eleven->messages[1].subcomponent, "OLE DB [2]");
    assert_string_equal(eleven->messages[1].package_path, "\\Package\\Load");
    assert_string_equal(eleven->messages[1].execution_path, "\\Load");
    assert_int_equal(eleven->error_count, 2);
    assert_int_equal(eleven->warning_count, 1);
    assert_int_equal(eleven->dropped_count, 0);
    assert_int_equal(eleven->decisive, 1);
    assert_int_equal(failure_of(failures, 12)->execution.logging_level, -1);
    assert_int_equal(failure_of(failures, 14)->execution.logging_level, 0);
    assert_false(failure_of(failures, 22)->is_execution);
    end(failures);
}

static void test_failures__totals_by_status(void **state)
{
    (void)state;
    script_usual_night();
    Failures *failures = ask(&usual);
    assert_int_equal(failures->total_count, 3);
    assert_int_equal(failures->totals[0].status, STATUS_FAILED);
    assert_int_equal(failures->totals[0].executions, 2);
    assert_int_equal(failures->totals[1].status, STATUS_ENDED_UNEXPECTEDLY);
    assert_int_equal(failures->totals[2].status, STATUS_SUCCEEDED);
    assert_int_equal(failures->totals[2].executions, 42); // two rows of it
    end(failures);
}

static void test_failures__root_causes(void **state)
{
    (void)state;
    script_usual_night();
    Failures *failures = ask(&usual);
    const FailureCause *first = &failures->causes[0];

    assert_int_equal(failures->cause_count, 5);
    assert_string_equal(first->id, "request-limit");
    assert_int_equal(first->kind, CAUSE_KNOWN);
    assert_int_equal(first->executions, 2);
    assert_int_equal(first->package_count, 1);
    assert_string_equal(first->packages[0], "Sales/Nightly/Load.dtsx");
    assert_int_equal(first->first_seen.ticks, failure_of(failures, 11)->time.ticks);
    assert_int_equal(first->last_seen.ticks, failure_of(failures, 12)->time.ticks);
    assert_string_equal(first->retry, "after-backoff");
    assert_ptr_equal(failure_of(failures, 11)->cause, first);
    assert_ptr_equal(failure_of(failures, 12)->cause, first);

    assert_string_equal(failure_of(failures, 13)->cause->id, "ssisdb-ended-unexpectedly");
    assert_string_equal(failure_of(failures, 14)->cause->id, "logging-level-none");
    assert_string_equal(failure_of(failures, 22)->cause->id, "execution-not-created");
    const FailureCause *unknown = failure_of(failures, 21)->cause;
    assert_int_equal(unknown->kind, CAUSE_UNKNOWN);
    assert_true(str_starts(unknown->id, "u-"));
    assert_int_equal(unknown->operations, 1);
    assert_int_equal(unknown->package_count, 0);
    end(failures);
}

static void test_failures__bind_the_question(void **state)
{
    static const int64_t ids[] = {7};
    static const char window[] = "NVARCHAR(40) 1970-01-01T00:00:00.0000000+00:00|"
                                 "NVARCHAR(40) 2026-03-02T06:00:00.0000000+00:00|NVARCHAR(40) "
                                 "2026-03-02T06:10:00.0000000+00:00|BIGINT 7|BIGINT 7";
    static const char failed[] = "NVARCHAR(40) 1970-01-01T00:00:00.0000000+00:00|"
                                 "NVARCHAR(40) 2026-03-02T06:00:00.0000000+00:00|NVARCHAR(40) "
                                 "2026-03-02T06:10:00.0000000+00:00|BIGINT 7|BIGINT 7|"
                                 "BIGINT 1|BIGINT 0|BIGINT 1";
    char messages[400];
    FailuresQuestion question = {
        .since = usual.since,
        .until = {.ticks = INT64_C(639080280000000000), .is_set = true}, // 2026-03-02T06:00Z
        .with_failed = true,
        .with_canceled = true,
        .all_messages = true,
        .filter = {.ids = ids, .id_count = 1},
    };

    (void)state;
    (void)snprintf(messages, sizeof(messages), "%s|BIGINT 1", failed);
    script_begin_with(SQL_FAILURES_TOTALS, window);
    script_end();
    script_begin_with(SQL_FAILURES_EXECUTIONS, failed);
    script_execution("7", "Load.dtsx", "3", AT("10", "00"));
    script_end();
    script_begin_with(SQL_FAILURES_OPERATIONS, failed);
    script_end();
    script_begin_with(SQL_FAILURES_LOGGING_LEVELS, failed);
    script_end();
    script_begin_with(SQL_FAILURES_FINISHED, failed);
    script_end();
    script_begin_with(SQL_FAILURES_MESSAGES, messages);
    script_message("7", "1", AT("03", "00"), "70", "Load", "hello");
    script_end();
    Failures *failures = ask(&question);
    assert_int_equal(failures->list[0].message_count, 1);
    assert_string_equal(failures->list[0].cause->id, "canceled");
    end(failures);
}

static void test_failures__nothing_failed(void **state)
{
    (void)state;
    script_totals();
    script_begin(SQL_FAILURES_EXECUTIONS);
    script_end();
    script_no_operations();
    Failures *failures = ask(&usual); // and no question about messages
    assert_int_equal(failures->count, 0);
    assert_int_equal(failures->cause_count, 0);
    end(failures);
}

static void test_failures__filters_leave_out_operations_without_a_folder(void **state)
{
    static const char *const packages[] = {"other"};
    FailuresQuestion question = usual;

    (void)state;
    question.filter = (ExecutionFilter){.packages = packages, .package_count = 1};
    script_usual_night();
    Failures *failures = ask(&question);
    assert_int_equal(failures->count, 1);
    assert_int_equal(failures->list[0].id, 13);
    assert_int_equal(failures->total_count, 0);
    end(failures);
}

static void test_failures__ids_with_gaps_are_not_counted(void **state)
{
    static const int64_t ids[] = {11, 13};
    FailuresQuestion question = usual;

    (void)state;
    question.filter = (ExecutionFilter){.ids = ids, .id_count = 2};
    script_begin(SQL_FAILURES_EXECUTIONS);
    script_execution("11", "Load.dtsx", "4", AT("10", "00"));
    script_execution("12", "Load.dtsx", "4", AT("11", "00"));
    script_end();
    script_no_operations();
    script_no_levels();
    script_begin(SQL_FAILURES_FINISHED);
    script_end();
    script_begin(SQL_FAILURES_MESSAGES);
    script_end();
    Failures *failures = ask(&question);
    assert_int_equal(failures->count, 1);
    assert_int_equal(failures->total_count, 0);
    assert_string_equal(failures->list[0].cause->id, "no-error-message");
    end(failures);
}

static void test_failures__everything_null(void **state)
{
    (void)state;
    script_begin(SQL_FAILURES_TOTALS);
    SCRIPT_ROW(NULL, NULL, NULL, NULL, "4", "1");
    script_end();
    script_begin(SQL_FAILURES_EXECUTIONS);
    SCRIPT_ROW("1", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "4", NULL, NULL, NULL,
               NULL, NULL, NULL, NULL, NULL, NULL);
    script_end();
    script_begin(SQL_FAILURES_OPERATIONS);
    SCRIPT_ROW("2", "101", NULL, NULL, "4", NULL, NULL, NULL, NULL);
    script_end();
    script_begin(SQL_FAILURES_LOGGING_LEVELS);
    SCRIPT_ROW("1", NULL);
    script_end();
    script_begin(SQL_FAILURES_FINISHED);
    script_end();
    script_begin(SQL_FAILURES_MESSAGES);
    SCRIPT_ROW("1", NULL, NULL, "120", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    SCRIPT_ROW("2", NULL, NULL, "110", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    script_end();
    Failures *failures = ask(&usual);
    FailuresView view = {.db = db, .question = &usual, .now = time_now()};
    static const char *const formats[] = {"text", "json",     "ndjson",    "csv",
                                          "html", "markdown", "prometheus"};

    assert_int_equal(failures->count, 2);
    assert_null(failure_of(failures, 1)->messages[0].text.at);
    assert_string_equal(failure_of(failures, 1)->cause->id, "no-error-message");
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        char *text = NULL;
        size_t size = 0;
        Err err = {0};
        FILE *out = open_memstream(&text, &size);
        ReportStyle style = {.columns = 80};
        Report *report = failures_report(failures, &view, &arena);
        assert_int_equal(report_writer(formats[i])->write(report, &style, out, &err), RC_OK);
        (void)fclose(out);
        assert_true(size > 0);
        assert_lacks(text, "(null)");
        free(text);
    }
    end(failures);
}

/* ---- limits ---------------------------------------------------------------------------------- */

/* Messages come in any order; the earliest stay, in order. */
static void script_flood(int count)
{
    script_begin(SQL_FAILURES_FINISHED);
    script_end();
    script_begin(SQL_FAILURES_MESSAGES);
    for (int i = 0; i < count; i++) {
        int turn = i * 7919 % count; // a permutation: 7919 is prime to count
        char time[64], text[64];
        (void)snprintf(time, sizeof(time), "2026-03-02 05:%02d:%02d.0000000 +00:00", turn / 60,
                       turn % 60);
        (void)snprintf(text, sizeof(text), "error %d", turn);
        script_message("11", NULL, time, "120", "Load", text);
        script_message("11", NULL, time, "110", "Load", text);
    }
    script_end();
}

static void script_one_failure(void)
{
    script_begin(SQL_FAILURES_TOTALS);
    script_end();
    script_begin(SQL_FAILURES_EXECUTIONS);
    script_execution("11", "Load.dtsx", "4", AT("10", "00"));
    script_end();
    script_no_operations();
    script_no_levels();
}

static void test_failures__keep_the_earliest_messages(void **state)
{
    enum { FLOOD = 2000 };

    (void)state;
    script_one_failure();
    script_flood(FLOOD);
    Failures *failures = ask(&usual);
    const Failure *failure = &failures->list[0];

    assert_int_equal(failure->message_count, 2 * FAILURES_KEEP);
    assert_int_equal(failure->error_count, FLOOD);
    assert_int_equal(failure->warning_count, FLOOD);
    assert_int_equal(failure->dropped_count, 2 * (FLOOD - FAILURES_KEEP));
    for (int i = 0; i < 2 * FAILURES_KEEP; i++) {
        char text[64];
        (void)snprintf(text, sizeof(text), "error %d", i / 2);
        assert_string_equal(failure->messages[i].text.at, text);
    }
    end(failures);
}

static void test_failures__keep_everything_for_details(void **state)
{
    enum { FLOOD = 2000 };
    FailuresQuestion question = usual;

    (void)state;
    question.all_messages = true;
    script_one_failure();
    script_flood(FLOOD);
    Failures *failures = ask(&question);
    assert_int_equal(failures->list[0].message_count, 2 * FLOOD);
    assert_int_equal(failures->list[0].dropped_count, 0);
    end(failures);
}

static void test_failures__cut_long_texts_at_a_character(void **state)
{
    enum { LONG = 100 * 1024 };
    char *text = malloc(LONG + 1);
    FailuresQuestion questions[2] = {usual, usual};

    (void)state;
    for (size_t i = 0; i + 1 < LONG; i += 2)
        memcpy(text + i, "\xC3\xB6", 2);
    text[0] = 'x'; // so that the limit falls inside a character
    text[1] = 'y';
    memmove(text + 1, text + 2, LONG - 2);
    text[LONG - 1] = '\0';
    questions[1].all_messages = true;
    for (size_t i = 0; i < 2; i++) {
        script_reset();
        script_probe();
        script_one_failure();
        script_begin(SQL_FAILURES_FINISHED);
        script_end();
        script_begin(SQL_FAILURES_MESSAGES);
        script_message("11", "1", AT("03", "00"), "120", "Load", text);
        script_end();
        Failures *failures = ask(&questions[i]);
        const FailureMessage *message = &failures->list[0].messages[0];
        assert_int_equal(message->is_cut, i == 0);
        assert_int_equal(message->text.len, i == 0 ? (size_t)FAILURES_TEXT_MAX - 1 : strlen(text));
        assert_int_equal(strlen(message->text.at), message->text.len);
        end(failures);
    }
    free(text);
}

/* What was said when a task asked whether it was to stop stands with the errors, and is no cause.
 */
static void test_failures__query_cancels_are_read(void **state)
{
    (void)state;
    script_one_failure();
    script_begin(SQL_FAILURES_FINISHED);
    script_end();
    script_begin(SQL_FAILURES_MESSAGES);
    script_message("11", "1", AT("03", "00"), "100", "Load", DISK_FULL);
    script_end();
    Failures *failures = ask(&usual);
    assert_int_equal(failures->list[0].message_count, 1);
    assert_int_equal(failures->list[0].messages[0].type, 100);
    assert_null(failures->list[0].diagnosis.signature);
    end(failures);
}

static void test_failures__statements_do_not_grow_with_failures(void **state)
{
    size_t counts[2];
    static const int sizes[] = {10, 3000};

    (void)state;
    for (size_t n = 0; n < 2; n++) {
        script_reset();
        script_probe();
        script_totals();
        script_begin(SQL_FAILURES_EXECUTIONS);
        for (int i = 1; i <= sizes[n]; i++) {
            char id[16];
            (void)snprintf(id, sizeof(id), "%d", i);
            script_execution(id, "Load.dtsx", "4", AT("10", "00"));
        }
        script_end();
        script_no_operations();
        script_no_levels();
        script_begin(SQL_FAILURES_FINISHED);
        script_end();
        script_begin(SQL_FAILURES_MESSAGES);
        for (int i = 1; i <= sizes[n]; i++) {
            char id[16];
            (void)snprintf(id, sizeof(id), "%d", i);
            script_message(id, NULL, AT("09", "00"), "120", "Load", DISK_FULL);
        }
        script_end();
        Failures *failures = ask(&usual);
        assert_int_equal(failures->count, sizes[n]);
        assert_int_equal(failures->cause_count, 1);
        assert_string_equal(failures->causes[0].id, "disk-full");
        assert_int_equal(failures->causes[0].executions, sizes[n]);
        counts[n] = tds_statement_count(tds);
        end(failures);
    }
    assert_int_equal(counts[0], counts[1]);
    assert_int_equal(counts[0], 3 + 6);
}

/* ---- running again --------------------------------------------------------------------------- */

static void test_failures__say_whether_they_may_run_again(void **state)
{
    (void)state;
    script_usual_night();
    Failures *failures = ask(&usual);
    const Failure *load = failure_of(failures, 11), *untouched = failure_of(failures, 12);
    const Failure *ended = failure_of(failures, 13), *quiet = failure_of(failures, 14);

    // tasks alone, the first that ended first
    assert_int_equal(load->finished_count, 4);
    assert_string_equal(load->finished[0], "Send mail");
    assert_string_equal(load->finished[1], "Prepare 2");
    assert_string_equal(load->finished[2], "Truncate staging");
    assert_string_equal(load->finished[3], "Last");
    assert_string_equal(load->rerun, "look");
    assert_string_equal(load->rerun_words,
                        "no, wait and look first, because Send mail, Prepare 2, Truncate "
                        "staging and 1 more had finished and would run again");
    assert_string_equal(
        load->rerun_reason,
        "Send mail, Prepare 2, Truncate staging and 1 more had finished and would run again");
    assert_string_equal(untouched->rerun, "after-pause");
    assert_string_equal(untouched->rerun_words,
                        "yes, after a pause, because no task had finished before it failed");
    assert_string_equal(untouched->rerun_reason, "no task had finished before it failed");
    assert_string_equal(ended->rerun, "after-pause"); // unexpectedly
    // its logging level is None
    assert_string_equal(quiet->rerun, "look");
    assert_string_equal(quiet->rerun_reason,
                        "what it had done is not known: its logging level is None");
    const Failure *deployment = failure_of(failures, 21); // has no tasks
    assert_string_equal(deployment->rerun, "look");
    assert_string_equal(deployment->rerun_words, "no, not yet: read the message");
    assert_null(deployment->rerun_reason);
    end(failures);
}

/* ---- errors ---------------------------------------------------------------------------------- */

static void test_failures__say_what_was_being_read(void **state)
{
    Failures *failures = NULL;
    Err err = {0};

    (void)state;
    script_totals();
    script_refuse(SQL_FAILURES_EXECUTIONS, 8134, "Divide by zero error encountered.");
    tds = script_open();
    assert_int_equal(ssisdb_probe(tds, &arena, &db, &err), RC_OK);
    assert_int_equal(failures_read(db, signatures, &usual, &failures, &err), RC_QUERY);
    assert_contains(err.text, "reading failed executions: ");
    assert_contains(err.text, "Divide by zero");
    assert_null(failures);
    script_close(tds);
}

/* Fails at every call of it in turn; the calls of opening and probing come first and pass. */
static void test_failures__torture(void **state)
{
    size_t failed = 0;

    (void)state;
    for (size_t call = 0;; call++) {
        Failures *failures = NULL;
        Err err = {0};
        script_reset();
        script_probe();
        script_usual_night();
        tds = script_open();
        assert_int_equal(ssisdb_probe(tds, &arena, &db, &err), RC_OK);
        fake_driver_fail_at(call);
        Rc rc = failures_read(db, signatures, &usual, &failures, &err);
        bool did_fail = fake_driver_did_fail();
        assert_true(did_fail ? rc != RC_OK && !failures : rc == RC_OK && failures);
        failures_free(failures);
        tds_close(tds);
        fake_driver_assert_no_leak();
        failed += did_fail;
        if (failed > 0 && !did_fail)
            break;
    }
    assert_true(failed > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_failures__newest_first_with_all_about_them, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_failures__totals_by_status, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failures__root_causes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failures__bind_the_question, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failures__nothing_failed, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_failures__filters_leave_out_operations_without_a_folder, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failures__ids_with_gaps_are_not_counted, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_failures__everything_null, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failures__keep_the_earliest_messages, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failures__keep_everything_for_details, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_failures__cut_long_texts_at_a_character, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_failures__query_cancels_are_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failures__statements_do_not_grow_with_failures, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_failures__say_whether_they_may_run_again, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_failures__say_what_was_being_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failures__torture, setup, teardown),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
