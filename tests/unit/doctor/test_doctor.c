/* Each check of doctor on what it finds, on what it calls fine, on what it cannot read. */
#include "test.h"

#include "catalog_script.h"

#include "ssisminer/doctor/doctor.h"

#define AT(day) "2026-03-" day " 05:00:00.0000000 +00:00"

static Arena arena;
static Ssisdb *db;
static Tds *tds;

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

static void script_rights(void)
{
    script_begin(SQL_SSISDB_RIGHTS);
    SCRIPT_ROW("1", "1", "1", "1", "1", "1", "1", "1", "1", NULL, NULL, NULL, "S3");
    script_end();
}

static void script_doomed(const char *others, const char *failures, const char *oldest)
{
    script_begin(SQL_DOCTOR_DOOMED);
    SCRIPT_ROW(others, failures, oldest);
    script_end();
}

/* How far back the log goes, and the purges of operations: the newest, and one that succeeded. */
static void script_purges(const char *oldest, const char *newest, const char *success,
                          const char *status)
{
    script_begin(SQL_DOCTOR_EXTENT);
    SCRIPT_ROW("100", oldest);
    script_end();
    script_begin(SQL_DOCTOR_PURGES);
    SCRIPT_ROW("2", status, "1", newest, newest);
    if (success && strcmp(status, "7") != 0)
        SCRIPT_ROW("2", "7", "1", success, success);
    script_end();
}

static void script_silent(const char *last_message)
{
    script_begin(SQL_SSISDB_SILENT);
    SCRIPT_ROW("7", "200", "2", "Load.dtsx", "etl", "1", "2026-02-20 05:00:00.0000000 +00:00", NULL,
               last_message, NULL);
    script_end();
}

static void script_keys(void)
{
    script_begin(SQL_DOCTOR_KEYS);
    SCRIPT_ROW("0", NULL, NULL, NULL); // sums of nothing
    script_end();
}

static void script_versions(void)
{
    script_begin(SQL_DOCTOR_VERSIONS);
    script_end();
}

static void script_space(const char *max, const char *file_max, const char *used)
{
    script_begin(SQL_DOCTOR_SPACE);
    SCRIPT_ROW(max, file_max, used, used);
    script_end();
}

static void script_rest(const char *log_kb)
{
    script_begin(SQL_SSISDB_SIZES);
    SCRIPT_ROW("projects", "3", "900000000", "0"); // no log
    SCRIPT_ROW("operation_messages", "1000", log_kb, "0");
    script_end();
    script_begin(SQL_SSISDB_FOREIGN_KEYS);
    SCRIPT_ROW("internal", "event_messages", "operations", "FK_A", "operation_id", "0", "1");
    SCRIPT_ROW("internal", "event_message_context", "event_messages", "FK_B", "event_message_id",
               "1", "0");
    SCRIPT_ROW("internal", "projects", "folders", "FK_C", "folder_id", "0", "0"); // no log
    script_end();
    script_begin(SQL_DOCTOR_PEAK);
    SCRIPT_ROW("12", "91.6", "3", "4", "5");
    script_end();
}

/* A week of log, all well but for the index and the data IO. */
static void script_healthy(void)
{
    script_rights();
    script_purges("2026-02-23 05:00:00.0000000 +00:00", AT("02"), AT("02"), "7");
    script_doomed(NULL, NULL, NULL); // sums of nothing
    script_silent(AT("02"));
    script_keys();
    script_versions();
    script_space("107374182400", NULL, "10737418240");
    script_rest("1000");
}

static Doctor *examine(const DoctorQuestion *question)
{
    static const DoctorQuestion all = {0};
    Doctor *doctor = NULL;
    Err err = {0};

    tds = script_open();
    if (ssisdb_probe(tds, &arena, &db, &err) != RC_OK ||
        doctor_examine(db, question ? question : &all, &doctor, &err) != RC_OK)
        fail_msg("%s", err.text);
    return doctor;
}

static const DoctorResult *result(const Doctor *doctor, const char *id)
{
    for (size_t i = 0; i < doctor->count; i++)
        if (strcmp(doctor->results[i].check->id, id) == 0)
            return &doctor->results[i];
    fail_msg("no check '%s'", id);
    return NULL;
}

static void assert_outcome(const Doctor *doctor, const char *id, DoctorOutcome outcome)
{
    const DoctorResult *found = result(doctor, id);

    if (found->outcome != outcome)
        fail_msg("%s: outcome %d, not %d", id, (int)found->outcome, (int)outcome);
    assert_true((found->evidence_count > 0) == (outcome == DOCTOR_FOUND));
    assert_true((found->reason != NULL) == (outcome == DOCTOR_NOT_CHECKED));
}

static void end(Doctor *doctor)
{
    doctor_free(doctor);
    script_close(tds);
}

/* ---- cases ----------------------------------------------------------------------------------- */

static void test_doctor__every_check_says_all_there_is_to_say(void **state)
{
    (void)state;
    for (size_t i = 0; doctor_check(i); i++) {
        const DoctorCheck *check = doctor_check(i);
        assert_ptr_equal(doctor_find_check(check->id), check);
        assert_non_null(check->why);
        assert_non_null(check->actions[0]);
        assert_true(strncmp(check->link, "https://", 8) == 0);
        assert_true(strlen(check->title) < 76);
    }
    assert_null(doctor_find_check("nonsense"));
}

static void test_doctor__healthy(void **state)
{
    (void)state;
    script_healthy();
    Doctor *doctor = examine(NULL);
    DoctorPriority worst;

    assert_outcome(doctor, "zombies", DOCTOR_FINE); // it wrote a message an hour ago
    assert_outcome(doctor, "purge-missing", DOCTOR_FINE);
    assert_outcome(doctor, "purge-failed", DOCTOR_FINE);
    assert_outcome(doctor, "size-quota", DOCTOR_FINE);
    assert_outcome(doctor, "orphan-keys", DOCTOR_FINE);
    assert_outcome(doctor, "missing-index", DOCTOR_FOUND);
    assert_int_equal(result(doctor, "missing-index")->evidence_count, 1);
    assert_string_equal(result(doctor, "missing-index")->evidence[0],
                        "FK_B: CREATE INDEX [IX_event_message_context_event_message_id] ON "
                        "[internal].[event_message_context] ([event_message_id]);");
    assert_outcome(doctor, "server-busy", DOCTOR_FOUND);
    assert_contains(result(doctor, "server-busy")->evidence[0], "data IO reached 92 %");
    assert_outcome(doctor, "worker-offline", DOCTOR_NOT_CHECKED);
    assert_true(doctor_worst(doctor, &worst));
    assert_int_equal(worst, DOCTOR_WARNING);
    assert_string_equal(doctor->tables[0].name, "projects");
    end(doctor);
}

static void test_doctor__ill(void **state)
{
    (void)state;
    script_rights();
    script_purges("2025-10-01 05:00:00.0000000 +00:00", AT("01"), NULL, "4");
    script_doomed("12", "3", "2025-10-01 05:00:00.0000000 +00:00");
    script_silent(NULL);
    script_keys();
    script_versions();
    script_space("107374182400", NULL, "106000000000");
    script_rest("90000000");
    Doctor *doctor = examine(NULL);
    DoctorPriority worst;

    assert_outcome(doctor, "purge-missing", DOCTOR_FOUND);
    assert_outcome(doctor, "purge-failed", DOCTOR_FOUND);
    assert_outcome(doctor, "purge-behind", DOCTOR_FOUND);
    assert_outcome(doctor, "zombies", DOCTOR_FOUND);
    assert_contains(result(doctor, "zombies")->evidence[1],
                    "7 Load.dtsx (running): no sign since its start 2026-02-20");
    assert_outcome(doctor, "size-quota", DOCTOR_FOUND);
    assert_int_equal(result(doctor, "size-quota")->priority, DOCTOR_CRITICAL);
    assert_true(doctor_worst(doctor, &worst));
    assert_int_equal(worst, DOCTOR_CRITICAL);
    end(doctor);
}

/* ---- purges ---------------------------------------------------------------------------------- */

#define NIGHT(day) "2026-02-" day " 01:00:00.0000000 +00:00"

static void script_log(const char *oldest)
{
    script_rights();
    script_begin(SQL_DOCTOR_EXTENT);
    SCRIPT_ROW("100", oldest);
    script_end();
    script_begin(SQL_DOCTOR_PURGES);
}

static void script_rest_of_log(void)
{
    script_silent(AT("02"));
    script_keys();
    script_versions();
    script_space("107374182400", NULL, "10737418240");
    script_rest("1000");
}

static void script_after_purges(const char *others, const char *failures, const char *oldest)
{
    script_end();
    script_doomed(others, failures, oldest);
    script_rest_of_log();
}

static void test_doctor__field_D1_purges_that_never_ended(void **state)
{
    static const char *const nights[] = {AT("02"),    NIGHT("28"), NIGHT("27"),
                                         NIGHT("26"), NIGHT("25"), NIGHT("24")};

    (void)state;
    script_log(NIGHT("23"));
    for (size_t i = 0; i < ARRAY_LEN(nights); i++)
        SCRIPT_ROW("2", "1", "1", nights[i], NULL);
    script_after_purges(NULL, NULL, NULL);
    Doctor *doctor = examine(NULL);
    assert_outcome(doctor, "purge-failed", DOCTOR_FOUND);
    assert_contains(result(doctor, "purge-failed")->evidence[0],
                    "6 purges of operations began and never ended, the last at 2026-03-02 05:00");
    assert_contains(result(doctor, "purge-failed")->actions[1], "elastic job");
    end(doctor);
}

/* The only open one, an hour old: it is at work. Two days old: it is not. */
static void test_doctor__field_D1_a_purge_at_work_is_none_of_them(void **state)
{
    for (int turn = 0; turn < 2; turn++) {
        if (turn > 0)
            (void)setup(state);
        script_log(NIGHT("23"));
        SCRIPT_ROW("2", "1", "1", turn == 0 ? AT("02") : NIGHT("28"), NULL);
        SCRIPT_ROW("2", "7", "1", NIGHT("27"), NIGHT("27"));
        SCRIPT_ROW("2", "1", "1", NIGHT("26"), NULL); // before one that succeeded: long over
        script_after_purges(NULL, NULL, NULL);
        Doctor *doctor = examine(NULL);
        assert_outcome(doctor, "purge-failed", turn == 0 ? DOCTOR_FINE : DOCTOR_FOUND);
        end(doctor);
    }
}

static void test_doctor__field_D2_one_purge_hides_no_other(void **state)
{
    (void)state;
    script_log(NIGHT("23"));
    SCRIPT_ROW("2", "7", "0", AT("02"), AT("02")); // of versions: no name
    SCRIPT_ROW("2", "4", "1", AT("01"), AT("01"));
    SCRIPT_ROW("2", "7", "0", NIGHT("28"), NIGHT("28"));
    SCRIPT_ROW("2", "7", "1", NIGHT("27"), NIGHT("27"));
    SCRIPT_ROW("3", "6", "0", NIGHT("26"), NIGHT("26")); // as documented: older than a success
    script_after_purges(NULL, NULL, NULL);
    Doctor *doctor = examine(NULL);
    assert_outcome(doctor, "purge-failed", DOCTOR_FOUND);
    assert_contains(result(doctor, "purge-failed")->evidence[0],
                    "the newest purge of operations that ended began 2026-03-01 05:00:00Z and "
                    "failed");
    assert_int_equal(result(doctor, "purge-failed")->evidence_count, 2);
    end(doctor);

    (void)setup(state);
    script_log(NIGHT("23"));
    SCRIPT_ROW("2", "6", "1", AT("01"), AT("01"));
    SCRIPT_ROW("2", "7", "1", NIGHT("27"), NIGHT("27"));
    script_after_purges(NULL, NULL, NULL);
    doctor = examine(NULL);
    assert_outcome(doctor, "purge-failed", DOCTOR_FOUND);
    assert_contains(result(doctor, "purge-failed")->evidence[0],
                    "the newest purge of operations that ended began 2026-03-01 05:00:00Z and "
                    "ended unexpectedly");
    end(doctor);

    (void)setup(state);
    script_log(NIGHT("23"));
    SCRIPT_ROW("2", "7", "1", AT("02"), AT("02"));
    SCRIPT_ROW("2", "4", "0", AT("01"), AT("01"));
    script_after_purges(NULL, NULL, NULL);
    doctor = examine(NULL);
    assert_contains(result(doctor, "purge-failed")->evidence[0],
                    "the newest purge of project versions that ended began 2026-03-01");
    assert_outcome(doctor, "purge-missing", DOCTOR_FINE);
    end(doctor);

    /* A build that names neither tells nothing apart: then they are purges of operations. */
    (void)setup(state);
    script_log(NIGHT("23"));
    SCRIPT_ROW("2", "4", "0", AT("02"), AT("02"));
    script_after_purges(NULL, NULL, NULL);
    doctor = examine(NULL);
    assert_contains(result(doctor, "purge-failed")->evidence[0], "purge of operations that ended");
    end(doctor);
}

/* However many are running, every state has its remedy. */
static void test_doctor__field_D3_no_state_without_its_remedy(void **state)
{
    (void)state;
    script_log(NIGHT("23"));
    script_end();
    script_doomed(NULL, NULL, NULL);
    script_begin(SQL_SSISDB_SILENT);
    for (int i = 0; i < 40; i++)
        SCRIPT_ROW(arena_printf(&arena, "%d", 100 + i), i == 37 ? "101" : "200",
                   i == 38   ? "5"
                   : i == 39 ? "8"
                             : "2",
                   "Load.dtsx", "etl", "1", NIGHT("20"), NULL, NULL, NULL);
    script_end();
    script_keys();
    script_versions();
    script_space("107374182400", NULL, "10737418240");
    script_rest("1000");
    Doctor *doctor = examine(NULL);
    const DoctorResult *zombies = result(doctor, "zombies");
    assert_int_equal(zombies->action_count, 11);
    assert_contains(zombies->actions[1], "EXECUTE catalog.stop_operation @operation_id = 100;");
    assert_contains(zombies->actions[6], "Likewise for 32 more");
    assert_contains(zombies->actions[7], "Pending: ");
    assert_contains(zombies->actions[8], "Stopping: ");
    assert_contains(zombies->actions[9], "neither an execution nor a validation");
    assert_contains(zombies->actions[10], "Leave catalog.startup alone");
    end(doctor);
}

/* RETENTION_WINDOW is 90 days; no shipped purge has left a trace. */
static void test_doctor__field_C4_the_server_is_judged_first(void **state)
{
    static const struct {
        const char *oldest, *others, *failures;
        DoctorOutcome missing, behind;
        int priority;
    } cases[] = {
        // as long as the window: somebody purges
        {"2025-12-02 06:00:00.0000000 +00:00", NULL, NULL, DOCTOR_FINE, DOCTOR_FINE, 0},
        // nothing but failures beyond it: --keep-failed
        {"2025-10-02 06:00:00.0000000 +00:00", NULL, "7", DOCTOR_FINE, DOCTOR_FINE, 0},
        // too young to tell: no error
        {"2026-02-02 06:00:00.0000000 +00:00", NULL, NULL, DOCTOR_FOUND, DOCTOR_FINE,
         DOCTOR_WARNING},
        {"2026-02-28 06:00:00.0000000 +00:00", NULL, NULL, DOCTOR_FINE, DOCTOR_FINE, 0},
        {"2025-10-02 06:00:00.0000000 +00:00", "1", "7", DOCTOR_FOUND, DOCTOR_FOUND, DOCTOR_ERROR},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (i > 0)
            (void)setup(state);
        script_log(cases[i].oldest);
        script_after_purges(cases[i].others, cases[i].failures, cases[i].oldest);
        Doctor *doctor = examine(NULL);
        assert_outcome(doctor, "purge-missing", cases[i].missing);
        assert_outcome(doctor, "purge-behind", cases[i].behind);
        if (cases[i].missing == DOCTOR_FOUND)
            assert_int_equal(result(doctor, "purge-missing")->priority, cases[i].priority);
        end(doctor);
    }
}

static void test_doctor__field_C4_a_record_states_the_rule(void **state)
{
    LedgerRecord record = {
        .is_found = true,
        .is_ended = true,
        .ended = {.is_set = true},
        .keep_ticks = 30 * TICKS_PER_DAY,
        .keep_failed_ticks = 60 * TICKS_PER_DAY,
    };
    const DoctorQuestion question = {.record = &record};
    Err err;

    (void)state;
    assert_int_equal(time_parse("2026-03-02T02:00:00Z", record.ended, &record.ended, &err), RC_OK);
    record.started = record.ended;
    script_log(NIGHT("01"));
    script_end();
    script_begin_with(SQL_DOCTOR_DOOMED,
                      "NVARCHAR(40) 2026-01-29T06:00:00.0000000+00:00|NVARCHAR(40) "
                      "2025-12-30T06:00:00.0000000+00:00|BIGINT 1");
    SCRIPT_ROW(NULL, "2", NIGHT("01"));
    script_end();
    script_rest_of_log();
    Doctor *doctor = examine(&question);
    assert_outcome(doctor, "purge-missing", DOCTOR_FINE);
    assert_outcome(doctor, "purge-behind", DOCTOR_FOUND); // failures that should have gone, too
    assert_contains(result(doctor, "purge-behind")->evidence[1], "the last cleanup on record kept");
    end(doctor);
}

/* 10 GiB in 7 days, 5 GiB left, 90 days wanted: full in three and a half days. */
static void test_doctor__growth(void **state)
{
    (void)state;
    script_rights();
    script_purges("2026-02-23 06:00:00.0000000 +00:00", AT("02"), AT("02"), "7");
    script_doomed(NULL, NULL, NULL);
    script_silent(AT("02"));
    script_keys();
    script_versions();
    script_space(NULL, "21474836480", "16106127360"); // of the files
    script_rest("10485760");
    Doctor *doctor = examine(NULL);

    assert_outcome(doctor, "size-quota", DOCTOR_FINE);
    assert_outcome(doctor, "size-growth", DOCTOR_FOUND);
    assert_int_equal(result(doctor, "size-growth")->priority, DOCTOR_CRITICAL);
    assert_contains(
        result(doctor, "size-growth")->evidence[0],
        "10240.0 MiB of log in 7.0 days: 1462.9 MiB a day; 5120 MiB are left: full in 3 "
        "days");
    end(doctor);
}

static const DoctorResult *growth_with_room_up_to(const char *max, Doctor **ret_doctor)
{
    (void)setup(NULL);
    script_rights();
    script_purges("2026-02-23 06:00:00.0000000 +00:00", AT("02"), AT("02"), "7");
    script_doomed(NULL, NULL, NULL);
    script_silent(AT("02"));
    script_keys();
    script_versions();
    script_space(NULL, max, "16106127360");
    script_rest("10485760");
    *ret_doctor = examine(NULL);
    return result(*ret_doctor, "size-growth");
}

/* The log holds 7 days of 90, at 1462.9 MiB a day: 83 more of them, and it grows no more. */
static void test_doctor__growth_stops_at_retention(void **state)
{
    Doctor *doctor;

    (void)state;
    const DoctorResult *just_not = growth_with_room_up_to("143403253760", &doctor);
    assert_int_equal(just_not->outcome, DOCTOR_FOUND);
    assert_int_equal(just_not->priority, DOCTOR_WARNING);
    assert_contains(just_not->evidence[0], "full in 82 days");
    assert_contains(just_not->evidence[1],
                    "the log stops growing when it holds RETENTION_WINDOW, 90 days");
    end(doctor);
    assert_int_equal(growth_with_room_up_to("143508111360", &doctor)->outcome, DOCTOR_FINE);
    end(doctor);
}

static void test_doctor__no_limit_is_never_reached(void **state)
{
    Doctor *doctor;

    (void)state;
    assert_int_equal(growth_with_room_up_to(NULL, &doctor)->outcome, DOCTOR_FINE);
    assert_outcome(doctor, "size-quota", DOCTOR_FINE);
    end(doctor);
}

static void test_doctor__what_the_server_refuses_is_not_checked(void **state)
{
    (void)state;
    script_rights();
    script_refuse(SQL_DOCTOR_EXTENT, 229, "The SELECT permission was denied on operations.");
    script_refuse(SQL_DOCTOR_DOOMED, 229, "The SELECT permission was denied on operations.");
    script_silent(AT("02"));
    script_keys();
    script_versions();
    script_space("107374182400", NULL, "10737418240");
    script_rest("1000");
    Doctor *doctor = examine(NULL);

    assert_outcome(doctor, "purge-missing", DOCTOR_NOT_CHECKED);
    assert_contains(result(doctor, "purge-behind")->reason, "was denied on operations");
    assert_outcome(doctor, "size-growth", DOCTOR_NOT_CHECKED);
    assert_outcome(doctor, "zombies", DOCTOR_FINE);
    assert_int_equal(doctor->operations, -1);
    end(doctor);
}

/* Rows that do not come and figures that are NULL, without any error. */
static void test_doctor__what_the_server_keeps_to_itself_is_not_checked(void **state)
{
    (void)state;
    script_rights();
    script_purges("2026-02-23 05:00:00.0000000 +00:00", AT("02"), AT("02"), "7");
    script_doomed(NULL, NULL, NULL); // sums of nothing
    script_silent(AT("02"));
    script_keys();
    script_versions();
    script_space("107374182400", NULL, NULL);
    script_begin(SQL_SSISDB_SIZES);
    script_end();
    script_begin(SQL_SSISDB_FOREIGN_KEYS);
    script_end();
    script_begin(SQL_DOCTOR_PEAK);
    SCRIPT_ROW(NULL, NULL, NULL, NULL, NULL);
    script_end();
    Doctor *doctor = examine(NULL);

    assert_outcome(doctor, "size-quota", DOCTOR_NOT_CHECKED);
    assert_outcome(doctor, "size-growth", DOCTOR_NOT_CHECKED);
    assert_outcome(doctor, "server-busy", DOCTOR_NOT_CHECKED);
    assert_outcome(doctor, "purge-missing", DOCTOR_FINE);
    end(doctor);
}

static void test_doctor__any_other_error_is_one(void **state)
{
    static const DoctorQuestion all = {0};
    Doctor *doctor = NULL;
    Err err = {0};

    (void)state;
    script_rights();
    script_refuse(SQL_DOCTOR_EXTENT, 8134, "Divide by zero error encountered.");
    tds = script_open();
    assert_int_equal(ssisdb_probe(tds, &arena, &db, &err), RC_OK);
    assert_int_equal(doctor_examine(db, &all, &doctor, &err), RC_QUERY);
    assert_contains(err.text, "reading the state of the catalog: ");
    assert_null(doctor);
    script_close(tds);
}

static void test_doctor__skipped(void **state)
{
    static const char *const skip[] = {"missing-index", "server-busy"};
    const DoctorQuestion question = {skip, ARRAY_LEN(skip), NULL};

    (void)state;
    script_healthy();
    Doctor *doctor = examine(&question);
    assert_int_equal(result(doctor, "missing-index")->outcome, DOCTOR_SKIPPED);
    assert_int_equal(result(doctor, "server-busy")->outcome, DOCTOR_SKIPPED);
    end(doctor);
}

/* Fails at every call of it in turn; the calls of opening and probing come first and pass. */
static void test_doctor__torture(void **state)
{
    static const DoctorQuestion all = {0};
    size_t failed = 0;

    (void)state;
    for (size_t call = 0;; call++) {
        Doctor *doctor = NULL;
        Err err = {0};
        script_reset();
        script_probe();
        script_healthy();
        tds = script_open();
        assert_int_equal(ssisdb_probe(tds, &arena, &db, &err), RC_OK);
        fake_driver_fail_at(call);
        Rc rc = doctor_examine(db, &all, &doctor, &err);
        bool did_fail = fake_driver_did_fail();
        assert_true(did_fail ? rc != RC_OK && !doctor : rc == RC_OK && doctor);
        doctor_free(doctor);
        tds_close(tds);
        fake_driver_assert_no_leak();
        failed += did_fail;
        if (failed > 0 && !did_fail)
            break;
    }
    assert_true(failed > 50);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(doctor__every_check_says_all_there_is_to_say),
        CASE(doctor__healthy),
        CASE(doctor__ill),
        CASE(doctor__field_D1_purges_that_never_ended),
        CASE(doctor__field_D1_a_purge_at_work_is_none_of_them),
        CASE(doctor__field_D2_one_purge_hides_no_other),
        CASE(doctor__field_D3_no_state_without_its_remedy),
        CASE(doctor__field_C4_the_server_is_judged_first),
        CASE(doctor__field_C4_a_record_states_the_rule),
        CASE(doctor__growth),
        CASE(doctor__growth_stops_at_retention),
        CASE(doctor__no_limit_is_never_reached),
        CASE(doctor__what_the_server_refuses_is_not_checked),
        CASE(doctor__what_the_server_keeps_to_itself_is_not_checked),
        CASE(doctor__any_other_error_is_one),
        CASE(doctor__skipped),
        CASE(doctor__torture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
