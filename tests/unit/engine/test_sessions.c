/* Several sessions at once: transactions, waits, time-outs, application locks, canceling. */
#include "collect.h"

#include "ssisminer/base/time.h"

#include <pthread.h>
#include <time.h>

typedef struct Actor { // a session with its own thread, which runs one batch
    Session *session;
    Collect collect;
    const char *batch;
    pthread_t thread;
} Actor;

static void *act(void *actor)
{
    Actor *self = actor;
    (void)collect_run(self->session, &self->collect, self->batch);
    return NULL;
}

static void actor_open(Actor *actor, const char *login)
{
    *actor = (Actor){.session = session_open(engine_of(FLAVOR_AZURE), login, "actor")};
    assert_non_null(actor->session);
}

static const char *actor_say(Actor *actor, const char *batch)
{
    return collect_run(actor->session, &actor->collect, batch);
}

static void actor_start(Actor *actor, const char *batch)
{
    actor->batch = batch;
    assert_int_equal(pthread_create(&actor->thread, NULL, act, actor), 0);
}

static const char *actor_end(Actor *actor)
{
    pthread_join(actor->thread, NULL);
    return buf_text(&actor->collect.text);
}

static void actor_close(Actor *actor)
{
    session_close(actor->session);
    buf_done(&actor->collect.text);
}

/* Until the watcher's query says what is expected; at most two minutes. */
static void wait_until(Actor *watcher, const char *query, const char *expected)
{
    int64_t until = time_monotonic_ms() + 120000;
    const struct timespec nap = {.tv_nsec = 2000000};
    while (strcmp(actor_say(watcher, query), expected) != 0) {
        if (time_monotonic_ms() > until)
            fail_msg("still '%s' instead of '%s'", buf_text(&watcher->collect.text), expected);
        (void)nanosleep(&nap, NULL);
    }
}

static const char setup[] = "IF OBJECT_ID('dbo.t') IS NULL EXEC (N'CREATE TABLE dbo.t (id int NOT "
                            "NULL PRIMARY KEY, v int NULL)');"
                            "DELETE FROM dbo.t; INSERT INTO dbo.t VALUES (1, 1), (2, 2), (3, 3)";

static void test_sessions__transactions_nest_and_roll_back(void **state)
{
    static const Case cases[] = {
        {"BEGIN TRAN; BEGIN TRAN; UPDATE dbo.t SET v = 9; SELECT @@TRANCOUNT; COMMIT; SELECT "
         "@@TRANCOUNT; ROLLBACK; SELECT "
         "@@TRANCOUNT; SELECT SUM(v) FROM dbo.t",
         "2\n1\n0\n6"},
        {"BEGIN TRAN x; UPDATE dbo.t SET v = 9 WHERE id = 1; COMMIT TRAN x; SELECT v FROM dbo.t "
         "WHERE id = 1",
         "9"},
        {"COMMIT", "error 3902"},
        {"SAVE TRAN x", "error 156"},
        {"BEGIN TRAN; DELETE FROM dbo.t WHERE id = 1; INSERT INTO dbo.t VALUES (2, 2); SELECT "
         "@@TRANCOUNT, COUNT(*) FROM dbo.t; ROLLBACK",
         "error 2627\n1|2"},
        {"SET XACT_ABORT ON; BEGIN TRAN; DELETE FROM dbo.t WHERE id = 1; INSERT INTO dbo.t VALUES "
         "(2, 2); SELECT 'not reached'",
         "error 2627"},
        {"SELECT @@TRANCOUNT, COUNT(*) FROM dbo.t; SET XACT_ABORT OFF", "0|3"},
        {"SET XACT_ABORT ON; BEGIN TRY BEGIN TRAN; INSERT INTO dbo.t VALUES (2, 2) END TRY BEGIN "
         "CATCH SELECT XACT_STATE(); BEGIN TRY COMMIT END TRY BEGIN CATCH SELECT @@ERROR END "
         "CATCH; ROLLBACK; SELECT XACT_STATE() END CATCH; SET XACT_ABORT OFF",
         "-1\n3930\n0"},
        {"SET XACT_ABORT ON; BEGIN TRY BEGIN TRAN; INSERT INTO dbo.t VALUES (2, 2) END TRY BEGIN "
         "CATCH SELECT XACT_STATE(); BEGIN TRY COMMIT END TRY BEGIN CATCH SELECT @@ERROR END "
         "CATCH; ROLLBACK; SELECT XACT_STATE() END CATCH; SET XACT_ABORT OFF",
         "-1\n3930\n0"},
        {"SELECT @@TRANCOUNT; SET XACT_ABORT OFF", "0"},
        {"BEGIN TRAN; CREATE TABLE #r (a int); INSERT INTO #r VALUES (1); ROLLBACK; SELECT 1", "1"},
        {"INSERT INTO dbo.t VALUES (7, 7), (1, 1); SELECT COUNT(*) FROM dbo.t", "error 2627\n3"},
    };
    Actor actor;
    (void)state;
    actor_open(&actor, "sa");
    assert_string_equal(actor_say(&actor, setup), "");
    check_cases(actor.session, cases, ARRAY_LEN(cases));
    actor_close(&actor);
}

static void test_sessions__the_wire_may_steer_transactions(void **state)
{
    Actor actor;
    (void)state;
    actor_open(&actor, "sa");
    actor.collect.with_counts = true;
    SbSink sink = collect_sink(&actor.collect);
    (void)actor_say(&actor, "SELECT 1");
    buf_reset(&actor.collect.text);
    assert_true(session_transaction(actor.session, 5, "", &sink));
    assert_true(session_transaction(actor.session, 8, "", &sink));
    assert_true(session_transaction(actor.session, 7, "", &sink));
    assert_string_equal(buf_text(&actor.collect.text), "transaction 8\ntransaction 10\nerror 3902");
    actor_close(&actor);
}

static void test_sessions__a_reader_never_waits_and_sees_what_is_committed(void **state)
{
    Actor writer, reader;
    (void)state;
    actor_open(&writer, "sa");
    actor_open(&reader, "sa");
    assert_string_equal(actor_say(&writer, setup), "");
    assert_string_equal(
        actor_say(&writer, "BEGIN TRAN; UPDATE dbo.t SET v = 100; SELECT SUM(v) FROM dbo.t"),
        "300");
    assert_string_equal(actor_say(&reader, "SELECT SUM(v) FROM dbo.t"), "6");
    assert_string_equal(actor_say(&reader, "BEGIN TRAN; SELECT SUM(v) FROM dbo.t"), "6");
    assert_string_equal(actor_say(&writer, "COMMIT"), "");
    assert_string_equal(actor_say(&reader, "SELECT SUM(v) FROM dbo.t; UPDATE dbo.t SET v = 0 WHERE "
                                           "id = 1; SELECT SUM(v) FROM dbo.t; "
                                           "COMMIT"),
                        "300\n200");
    actor_close(&writer);
    actor_close(&reader);
}

static void test_sessions__a_writer_waits_as_long_as_it_may(void **state)
{
    Actor first, second, watcher;
    (void)state;
    actor_open(&first, "sa");
    actor_open(&second, "sa");
    actor_open(&watcher, "sa");
    assert_string_equal(actor_say(&first, setup), "");
    assert_string_equal(actor_say(&first, "BEGIN TRAN; UPDATE dbo.t SET v = 5 WHERE id = 1"), "");
    int64_t start = time_monotonic_ms();
    assert_string_equal(
        actor_say(&second,
                  "SET LOCK_TIMEOUT 100; UPDATE dbo.t SET v = 6 WHERE id = 2; SELECT @@ERROR"),
        "error 1222\n1222");
    assert_true(time_monotonic_ms() - start >= 90);
    assert_string_equal(actor_say(&second, "SET LOCK_TIMEOUT 0; DELETE FROM dbo.t"), "error 1222");

    actor_start(&second, "SET LOCK_TIMEOUT -1; UPDATE dbo.t SET v = 6 WHERE id = 2; SELECT v FROM "
                         "dbo.t WHERE id = 1");
    wait_until(&watcher,
               "SELECT COUNT(*) FROM sys.dm_exec_requests WHERE blocking_session_id <> 0 AND "
               "wait_type = N'LCK_M_X' AND "
               "status = N'suspended'",
               "1");
    assert_string_equal(actor_say(&first, "COMMIT"), "");
    assert_string_equal(actor_end(&second), "5");
    assert_string_equal(
        actor_say(&watcher,
                  "SELECT COUNT(*) FROM sys.dm_exec_requests WHERE blocking_session_id <> 0"),
        "0");
    actor_close(&first);
    actor_close(&second);
    actor_close(&watcher);
}

static void test_sessions__closing_gives_everything_back(void **state)
{
    Actor first, second;
    (void)state;
    actor_open(&first, "sa");
    actor_open(&second, "sa");
    assert_string_equal(actor_say(&first, setup), "");
    assert_string_equal(actor_say(&first, "BEGIN TRAN; DELETE FROM dbo.t; DECLARE @rc int; EXEC "
                                          "@rc = sp_getapplock N'r', N'Exclusive', "
                                          "N'Session'; SELECT @rc"),
                        "0");
    actor_close(&first);
    assert_string_equal(
        actor_say(
            &second,
            "SET LOCK_TIMEOUT 0; DECLARE @rc int; EXEC @rc = sp_getapplock N'r', N'Exclusive', "
            "N'Session', 0; SELECT @rc; UPDATE dbo.t SET v = 1; SELECT COUNT(*) FROM dbo.t"),
        "0\n3");
    actor_close(&second);
}

static void test_sessions__application_locks(void **state)
{
    static const char take[] = "DECLARE @rc int; EXEC @rc = sp_getapplock @Resource = N'job', "
                               "@LockMode = N'Exclusive', @LockOwner = "
                               "N'Session', @LockTimeout = 0; SELECT @rc";
    Actor first, second, watcher;
    (void)state;
    actor_open(&first, "sa");
    actor_open(&second, "nobody");
    actor_open(&watcher, "sa");
    assert_string_equal(actor_say(&first, take), "0");
    assert_string_equal(actor_say(&second, take), "-1");
    assert_string_equal(actor_say(&first, "SELECT request_mode FROM sys.dm_tran_locks WHERE "
                                          "resource_type = N'APPLICATION'"),
                        "Exclusive");

    actor_start(&second, "DECLARE @rc int; EXEC @rc = sp_getapplock N'job', N'Exclusive', "
                         "N'Session', 20000; SELECT @rc");
    wait_until(&watcher, "SELECT COUNT(*) FROM sys.dm_exec_requests WHERE blocking_session_id <> 0",
               "1");
    assert_string_equal(actor_say(&first, "EXEC sp_releaseapplock N'job', N'Session'"), "");
    assert_string_equal(actor_end(&second), "1");
    assert_string_equal(actor_say(&first, "EXEC sp_releaseapplock N'job', N'Session'"),
                        "error 1223");
    assert_string_equal(actor_say(&second, "EXEC sp_releaseapplock N'job', N'Session'"), "");

    assert_string_equal(actor_say(&first, "EXEC sp_getapplock N's', N'Shared', N'Session'"), "");
    assert_string_equal(actor_say(&second,
                                  "DECLARE @a int, @b int; EXEC @a = sp_getapplock N's', "
                                  "N'Shared', N'Session', 0; EXEC @b = "
                                  "sp_getapplock N's', N'Exclusive', N'Session', 0; SELECT @a, @b"),
                        "0|-1");
    assert_string_equal(
        actor_say(
            &first,
            "DECLARE @rc int; EXEC @rc = sp_getapplock N'x', N'Nonsense', N'Session'; SELECT @rc"),
        "-999");
    assert_string_equal(actor_say(&first, "EXEC sp_getapplock N'x', N'Exclusive', N'Transaction'"),
                        "error 15246");
    assert_string_equal(actor_say(&first, "BEGIN TRAN; EXEC sp_getapplock N'x', N'Exclusive'"), "");
    assert_string_equal(
        actor_say(
            &second,
            "DECLARE @rc int; EXEC @rc = sp_getapplock N'x', N'Shared', N'Session', 0; SELECT @rc"),
        "-1");
    assert_string_equal(actor_say(&first, "COMMIT"), "");
    assert_string_equal(
        actor_say(
            &second,
            "DECLARE @rc int; EXEC @rc = sp_getapplock N'x', N'Shared', N'Session', 0; SELECT @rc"),
        "0");
    actor_close(&first);
    actor_close(&second);
    actor_close(&watcher);
}

static void test_sessions__a_circle_of_waits_has_a_victim(void **state)
{
    Actor first, second, watcher;
    (void)state;
    actor_open(&first, "sa");
    actor_open(&second, "sa");
    actor_open(&watcher, "sa");
    assert_string_equal(actor_say(&first, setup), "");
    assert_string_equal(actor_say(&first, "BEGIN TRAN; UPDATE dbo.t SET v = 1"), "");
    assert_string_equal(
        actor_say(&second, "EXEC sp_getapplock N'circle', N'Exclusive', N'Session'"), "");
    actor_start(&second, "UPDATE dbo.t SET v = 2; SELECT 'done'");
    wait_until(&watcher, "SELECT COUNT(*) FROM sys.dm_exec_requests WHERE blocking_session_id <> 0",
               "1");
    assert_string_equal(actor_say(&first, "DECLARE @rc int; EXEC @rc = sp_getapplock N'circle', "
                                          "N'Exclusive', N'Session'; SELECT @rc"),
                        "-3");
    assert_string_equal(actor_say(&first, "ROLLBACK"), "");
    assert_string_equal(actor_end(&second), "done");
    actor_close(&first);
    actor_close(&second);
    actor_close(&watcher);
}

static void test_sessions__a_cancel_ends_a_statement_not_the_session(void **state)
{
    static const char *const endless[] = {
        "SELECT COUNT_BIG(*) FROM sys.columns AS a CROSS JOIN sys.columns AS b CROSS JOIN "
        "sys.columns "
        "AS c CROSS JOIN sys.columns AS d; SELECT 'x'",
        "WHILE 1 = 1 SET NOCOUNT ON",
        "WAITFOR DELAY '00:10:00'",
        "BEGIN TRY WAITFOR DELAY '00:10:00' END TRY BEGIN CATCH SELECT 'x' END CATCH",
    };
    const struct timespec nap = {.tv_nsec = 30000000};
    Actor actor, watcher;
    (void)state;
    actor_open(&actor, "sa");
    actor_open(&watcher, "sa");
    for (size_t i = 0; i < ARRAY_LEN(endless); i++) {
        actor_start(&actor, endless[i]);
        wait_until(&watcher, "SELECT COUNT(*) FROM sys.dm_exec_requests WHERE session_id <> @@SPID",
                   "1");
        (void)nanosleep(&nap, NULL);
        session_cancel(actor.session);
        assert_string_equal(actor_end(&actor), "");
        assert_string_equal(actor_say(&actor, "SELECT 1"), "1");
    }
    assert_string_equal(actor_say(&watcher, "BEGIN TRAN; EXEC sp_getapplock N'held', N'Exclusive'"),
                        "");
    actor_start(&actor, "EXEC sp_getapplock N'held', N'Exclusive', N'Session'");
    wait_until(&watcher, "SELECT COUNT(*) FROM sys.dm_exec_requests WHERE session_id <> @@SPID",
               "1");
    (void)nanosleep(&nap, NULL);
    session_cancel(actor.session);
    assert_string_equal(actor_end(&actor), "");
    actor_close(&actor);
    actor_close(&watcher);
}

static void test_sessions__many_at_once(void **state)
{
    enum { ACTORS = 6 };
    static const char work[] =
        "SET NOCOUNT ON; DECLARE @i int = 0; WHILE @i < 60 BEGIN SET @i = @i + 1; BEGIN TRAN; "
        "UPDATE "
        "dbo.t SET v = v + 1 WHERE id = 1; "
        "UPDATE dbo.t SET v = v + 1 WHERE id = 2; COMMIT; IF (SELECT COUNT(DISTINCT v) FROM dbo.t "
        "WHERE id IN (1, 2)) > 1 SELECT 'torn'; "
        "CREATE TABLE #mine (a int); INSERT INTO #mine SELECT v FROM dbo.t; DROP TABLE #mine; "
        "IF NOT EXISTS (SELECT 1 FROM sys.tables WHERE name = N't') SELECT 'lost'; END";
    Actor actors[ACTORS];
    (void)state;
    actor_open(&actors[0], "sa");
    assert_string_equal(actor_say(&actors[0], setup), "");
    assert_string_equal(actor_say(&actors[0], "UPDATE dbo.t SET v = 0"), "");
    for (size_t i = 1; i < ACTORS; i++)
        actor_open(&actors[i], "sa");
    for (size_t i = 0; i < ACTORS; i++)
        actor_start(&actors[i], work);
    for (size_t i = 0; i < ACTORS; i++)
        assert_string_equal(actor_end(&actors[i]), "");
    assert_string_equal(actor_say(&actors[0], "SELECT v FROM dbo.t WHERE id <= 2"), "360\n360");
    for (size_t i = 0; i < ACTORS; i++)
        actor_close(&actors[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sessions__transactions_nest_and_roll_back),
        cmocka_unit_test(test_sessions__the_wire_may_steer_transactions),
        cmocka_unit_test(test_sessions__a_reader_never_waits_and_sees_what_is_committed),
        cmocka_unit_test(test_sessions__a_writer_waits_as_long_as_it_may),
        cmocka_unit_test(test_sessions__closing_gives_everything_back),
        cmocka_unit_test(test_sessions__application_locks),
        cmocka_unit_test(test_sessions__a_circle_of_waits_has_a_victim),
        cmocka_unit_test(test_sessions__a_cancel_ends_a_statement_not_the_session),
        cmocka_unit_test(test_sessions__many_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, close_engines);
}
