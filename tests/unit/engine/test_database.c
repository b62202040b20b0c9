/* The SSISDB itself: schema, rights, sys views, keys, procedures of the catalog, reopening. */
#include "collect.h"

#include "ssisminer/base/file.h"

#include <unistd.h>

static const char fill[] =
    "DECLARE @i int = 0; WHILE @i < 3 BEGIN SET @i = @i + 1;"
    " INSERT INTO internal.operations (operation_type, created_time, status, start_time, end_time, "
    "caller_sid, caller_name)"
    " VALUES (200, DATEADD(day, -400, SYSDATETIMEOFFSET()), 7, DATEADD(day, -400, "
    "SYSDATETIMEOFFSET()),"
    "  DATEADD(day, -399, SYSDATETIMEOFFSET()), SUSER_SID('admin'), N'admin');"
    " INSERT INTO internal.executions (execution_id, folder_name, project_name, package_name, "
    "executed_as_sid, executed_as_name, use32bitruntime)"
    " VALUES (SCOPE_IDENTITY(), N'f', N'p', N'x.dtsx', 0x01, N'admin', 0);"
    " INSERT INTO internal.operation_messages (operation_id, message_time, message_type, message)"
    " SELECT MAX(operation_id), SYSDATETIMEOFFSET(), 120, N'bad' FROM internal.operations;"
    " END;"
    "INSERT INTO internal.operation_permissions (sid, object_id, permission_type, is_role, "
    "is_deny, grantor_sid)"
    " SELECT SUSER_SID('nobody'), MIN(operation_id), 1, 0, 0, 0x01 FROM internal.operations;"
    "DELETE FROM internal.catalog_properties;"
    "INSERT INTO internal.catalog_properties VALUES (N'OPERATION_CLEANUP_ENABLED', N'TRUE'), "
    "(N'RETENTION_WINDOW', N'365'),"
    " (N'SERVER_OPERATION_ENCRYPTION_LEVEL', N'1')";

static void test_database__rights_decide_what_is_seen(void **state)
{
    static const Case count[] = {{"SELECT COUNT(*) FROM catalog.operations", "3"}};
    static const Case nobody[] = {
        {"SELECT COUNT(*) FROM catalog.operations", "1"},
        {"SELECT COUNT(*) FROM catalog.event_messages", "1"},
        {"SELECT operation_id FROM internal.operations", "error 229"},
        {"DELETE FROM internal.operations", "error 229"},
        {"EXEC internal.cleanup_server_retention_window", "error 2812"},
        {"SELECT COUNT(*) FROM sys.tables", "0"},
        {"SELECT CASE WHEN COUNT(*) > 20 THEN 1 ELSE 0 END FROM sys.objects WHERE type = N'V'",
         "1"},
        {"SELECT OBJECT_ID('sys.symmetric_keys') / OBJECT_ID('sys.symmetric_keys'), "
         "OBJECT_ID('sys.nothing'), OBJECT_ID('symmetric_keys')",
         "1|NULL|NULL"},
        {"SELECT OBJECT_ID('internal.operations'), ISNULL(OBJECT_ID('catalog.operations'), 0) / "
         "OBJECT_ID('catalog.operations')",
         "NULL|1"},
        {"SELECT IS_MEMBER('ssis_admin'), IS_MEMBER('nosuchrole'), IS_MEMBER('public')",
         "0|NULL|1"},
        {"SELECT HAS_PERMS_BY_NAME('internal', 'SCHEMA', 'DELETE'), "
         "HAS_PERMS_BY_NAME('catalog.operations', 'OBJECT', 'SELECT'), "
         "HAS_PERMS_BY_NAME('internal.operations', 'OBJECT', 'SELECT')",
         "0|1|NULL"},
        {"CREATE TABLE dbo.t (a int)", "error 262"},
        {"GRANT SELECT ON internal.operations TO nobody", "error 15151"},
        {"SELECT * FROM sys.dm_db_partition_stats", "error 262\nerror 297"},
        {"SELECT name FROM sys.symmetric_keys", ""},
    };
    static const Case deleter[] = {
        {"SELECT COUNT(*) FROM internal.operations", "3"},
        {"SELECT HAS_PERMS_BY_NAME('internal', 'SCHEMA', 'DELETE'), "
         "HAS_PERMS_BY_NAME('internal.operations', 'OBJECT', 'UPDATE')",
         "1|0"},
        {"UPDATE internal.operations SET status = 1", "error 229"},
        {"DELETE TOP (10) FROM internal.operation_messages WHERE 1 = 2; SELECT @@ROWCOUNT", "0"},
    };
    static const Case purger[] = {
        {"SELECT HAS_PERMS_BY_NAME('internal.cleanup_server_retention_window_exclusive', 'OBJECT', "
         "'EXECUTE')",
         "1"},
        {"SELECT name FROM sys.objects WHERE name = N'operations' AND schema_id = "
         "SCHEMA_ID(N'internal')",
         ""},
        {"SELECT operation_id FROM internal.operations", "error 229"},
    };
    Collect collect = {0};
    (void)state;
    Session *session = session_open(engine_of(FLAVOR_AZURE), "sa", "test");
    assert_string_equal(collect_run(session, &collect, fill), "");
    buf_done(&collect.text);
    session_close(session);
    CHECK(count);
    check(FLAVOR_AZURE, "admin", count, 1);
    check(FLAVOR_AZURE, "reader", count, 1);
    check(FLAVOR_AZURE, "nobody", nobody, ARRAY_LEN(nobody));
    check(FLAVOR_AZURE, "deleter", deleter, ARRAY_LEN(deleter));
    check(FLAVOR_AZURE, "purger", purger, ARRAY_LEN(purger));
    assert_null(session_open(engine_of(FLAVOR_AZURE), "stranger", "test"));
}

/* ---- logins, users, rights ------------------------------------------------------------------- */

/* A server of its own for each of these: what is granted stays. */
static Engine *fresh_engine(Flavor flavor, EngineKind kind)
{
    const EngineOptions options = {.flavor = flavor, .kind = kind};
    Engine *engine = NULL;
    Err err = {0};

    if (engine_open(&options, &engine, &err) != RC_OK)
        fail_msg("%s", err.text);
    return engine;
}

static void check_as(Engine *engine, const char *login, const Case *cases, size_t count)
{
    Session *session = session_open(engine, login, "test");

    if (!session)
        fail_msg("%s cannot log in", login);
    session_start(session);
    check_cases(session, cases, count);
    session_close(session);
}

#define CHECK_AS(engine, login, cases) check_as((engine), (login), (cases), ARRAY_LEN(cases))

static void test_database__field_C6_logins_and_users_of_other_names(void **state)
{
    static const Case admin[] = {
        {"CREATE LOGIN lr WITH PASSWORD = N'Str0ng!', CHECK_POLICY = OFF", ""},
        {"CREATE LOGIN lr WITH PASSWORD = N'Str0ng!'", "error 15025"},
        {"CREATE USER nobodys FOR LOGIN nosuch", "error 15007"},
        {"CREATE USER nosuch", "error 15007"},
        {"CREATE USER logreader FOR LOGIN lr", ""},
        {"CREATE USER logreader WITHOUT LOGIN", "error 15023"},
        {"CREATE USER another FOR LOGIN lr", "error 15063"},
        {"CREATE USER [nightly-job] FROM EXTERNAL PROVIDER", "error 102"}, // Azure's alone
        {"CREATE ROLE ssis_admin", "error 15023"},
        {"ALTER ROLE ssis_logreader ADD MEMBER lr", "error 15151"},
        {"ALTER ROLE nosuch ADD MEMBER logreader", "error 15151"},
        {"ALTER ROLE ssis_logreader ADD MEMBER dbo", "error 15405"},
        {"GRANT SELECT ON SCHEMA::internal TO lr", "error 15151"},
        {"GRANT SELECT ON SCHEMA::nosuch TO logreader", "error 15151"},
        {"GRANT SELECT ON SCHEMA::internal TO dbo", "error 4624"},
        {"GRANT SELECT ON internal.cleanup_server_retention_window TO logreader", "error 4606"},
        {"GRANT EXECUTE ON catalog.operations TO logreader", "error 4606"},
        {"GRANT FLY TO logreader", "error 102"},
        {"GRANT VIEW SERVER STATE TO lr", "error 4621"},
        {"USE master; GRANT VIEW SERVER STATE TO logreader; GRANT VIEW SERVER STATE TO lr; "
         "USE SSISDB",
         "database master\nerror 15151\ndatabase SSISDB"},
        {"ALTER ROLE ssis_logreader ADD MEMBER logreader", ""},
    };
    static const Case user[] = {
        {"SELECT SUSER_SNAME(), USER_NAME(), IS_MEMBER('ssis_logreader')", "lr|logreader|1"},
        {"SELECT HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE'), HAS_PERMS_BY_NAME(DB_NAME(), "
         "'DATABASE', 'VIEW DATABASE STATE'), HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER "
         "PERFORMANCE STATE')",
         "1|1|NULL"},
        {"GRANT VIEW DEFINITION TO logreader", "error 4613"},
        {"CREATE USER x WITHOUT LOGIN", "error 15247"},
        {"CREATE LOGIN x WITH PASSWORD = N'x'", "error 15247"},
        {"ALTER ROLE ssis_admin ADD MEMBER logreader", "error 15151"},
    };
    Engine *engine = fresh_engine(FLAVOR_SQL2019, ENGINE_OF_FLAVOR);

    (void)state;
    assert_null(session_open(engine, "lr", "test"));
    CHECK_AS(engine, "sa", admin);
    CHECK_AS(engine, "lr", user);
    assert_string_equal(engine_login_password(engine, "lr"), "Str0ng!");
    assert_null(engine_login_password(engine, "sa"));
    engine_close(engine);
}

#define OPERATION(id, status, process)                                                             \
    "SET IDENTITY_INSERT internal.operations ON; INSERT INTO internal.operations (operation_id, "  \
    "operation_type, created_time, status, start_time, caller_sid, caller_name, process_id) "      \
    "VALUES (" id ", 200, SYSDATETIMEOFFSET(), " status                                            \
    ", SYSDATETIMEOFFSET(), 0x01, N'a', " process "); SET IDENTITY_INSERT internal.operations OFF"

/* What the server stops, and what catalog.startup takes for dead. */
/* The user of an identity logs in by the name that its token says, and with no password. */
static void test_database__a_user_of_entra(void **state)
{
    static const Case admin[] = {
        {"CREATE USER [nightly job] FROM EXTERNAL PROVIDER", ""},
        {"CREATE USER [nightly job] FROM EXTERNAL PROVIDER", "error 15023"},
        {"GRANT SELECT, DELETE ON SCHEMA::internal TO [nightly job]", ""},
    };
    static const Case user[] = {
        {"SELECT SUSER_SNAME(), USER_NAME(), HAS_PERMS_BY_NAME('internal', 'SCHEMA', 'DELETE'), "
         "HAS_PERMS_BY_NAME('internal', 'SCHEMA', 'INSERT')",
         "nightly job|nightly job|1|0"},
    };
    Engine *engine = fresh_engine(FLAVOR_AZURE, ENGINE_OF_FLAVOR);

    (void)state;
    assert_null(session_open(engine, "nightly job", "test"));
    CHECK_AS(engine, "sa", admin);
    CHECK_AS(engine, "nightly job", user);
    assert_string_equal(engine_login_password(engine, "nightly job"), "\xFF");
    engine_close(engine);
}

static void test_database__field_D3_stopping_by_status(void **state)
{
    static const Case admin[] = {
        {OPERATION("2", "2", "4711"), ""},
        {OPERATION("3", "2", "NULL"), ""},
        {OPERATION("5", "5", "NULL"), ""},
        {OPERATION("8", "8", "4711"), ""},
        {"EXEC catalog.stop_operation 3", "error 27125"},
        {"EXEC catalog.stop_operation 5", "error 27124"},
        {"EXEC catalog.stop_operation 8", "error 27126"},
        {"EXEC catalog.stop_operation 99", "error 27124"},
    };
    static const Case nobody[] = {{"EXEC catalog.stop_operation 2", "error 27143"},
                                  {"EXEC catalog.startup", "error 27219"}};
    static const Case again[] = {
        {"EXEC catalog.startup", ""},
        {"SELECT operation_id, status FROM internal.operations WHERE operation_id < 9",
         "2|2\n3|6\n5|6\n8|6"},
        {"EXEC catalog.stop_operation 2; SELECT status FROM internal.operations WHERE operation_id "
         "= 2",
         "8"},
    };
    Engine *engine = fresh_engine(FLAVOR_SQL2019, ENGINE_OF_FLAVOR);

    (void)state;
    CHECK_AS(engine, "sa", admin);
    CHECK_AS(engine, "nobody", nobody);
    CHECK_AS(engine, "sa", again);
    engine_close(engine);
}

#define SESSIONS "SELECT COUNT(*) FROM sys.dm_exec_sessions"

/* An instance shows a session itself alone unless it has a right of the server; Azure SQL Database
 * asks for one of the database, and on its small tiers for a role. */
static void test_database__field_C10_who_sees_other_sessions(void **state)
{
    static const Case nothing[] = {
        {SESSIONS, "1"},
        {"SELECT COUNT(*) FROM sys.dm_db_partition_stats", "error 262\nerror 297"}};
    static const Case one[] = {{SESSIONS, "1"}}, both[] = {{SESSIONS, "2"}};
    static const Case old[] = {{"GRANT VIEW DATABASE STATE TO deleter", ""},
                               {"GRANT VIEW DATABASE PERFORMANCE STATE TO deleter", "error 102"}};
    static const Case of_server[] = {
        {"USE master; GRANT VIEW SERVER STATE TO deleter", "database master"}};
    static const Case since_2022[] = {
        {"GRANT VIEW DATABASE PERFORMANCE STATE TO deleter", ""},
        {"USE master; GRANT VIEW SERVER PERFORMANCE STATE TO deleter", "database master"}};
    static const Case azure[] = {
        {"USE master", "error 40508"},
        {"GRANT VIEW SERVER STATE TO deleter", "error 40520"},
        {"ALTER SERVER ROLE [##MS_ServerStateReader##] ADD MEMBER deleter", "error 5001"},
        {"GRANT VIEW DATABASE STATE TO deleter", ""}};
    static const Case small[] = {{"UPDATE sandbox.limits SET is_small_tier = 1", ""}};
    static const struct {
        Flavor flavor;
        EngineKind kind;
        const Case *grants;
        size_t count;
        bool sees;
    } turns[] = {
        {FLAVOR_SQL2012, ENGINE_OF_FLAVOR, old, ARRAY_LEN(old), false},
        {FLAVOR_SQL2019, ENGINE_OF_FLAVOR, of_server, ARRAY_LEN(of_server), true},
        {FLAVOR_SQL2019, ENGINE_SQL2022, since_2022, ARRAY_LEN(since_2022), true},
        {FLAVOR_AZURE, ENGINE_MANAGED, of_server, ARRAY_LEN(of_server), true},
        {FLAVOR_AZURE, ENGINE_OF_FLAVOR, azure, ARRAY_LEN(azure), true},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(turns); i++) {
        Engine *engine = fresh_engine(turns[i].flavor, turns[i].kind);
        Session *other = session_open(engine, "sa", "other");
        CHECK_AS(engine, "deleter", nothing);
        check_as(engine, "sa", turns[i].grants, turns[i].count);
        check_as(engine, "deleter", turns[i].sees ? both : one, 1);
        if (turns[i].flavor == FLAVOR_AZURE && turns[i].kind == ENGINE_OF_FLAVOR) {
            CHECK_AS(engine, "sa", small);
            CHECK_AS(engine, "deleter", nothing);
        }
        session_close(other);
        engine_close(engine);
    }
}

static void test_database__the_purge_cascades(void **state)
{
    static const Case before[] = {
        {"SELECT COUNT(*) FROM internal.operation_messages", "3"},
        {"DELETE FROM internal.projects WHERE 1 = 1; CREATE SYMMETRIC KEY MS_Enckey_Exec_1 WITH "
         "ALGORITHM = AES_256 ENCRYPTION BY "
         "PASSWORD = 'x'; CREATE CERTIFICATE MS_Cert_Exec_1 ENCRYPTION BY PASSWORD = 'x' WITH "
         "SUBJECT = 'y'; "
         "SELECT name FROM sys.symmetric_keys UNION ALL SELECT name FROM sys.certificates ORDER BY "
         "name",
         "MS_Cert_Exec_1\nMS_Enckey_Exec_1"},
    };
    static const Case purge[] = {{"SET NOCOUNT ON; DECLARE @rc int; EXEC @rc = "
                                  "internal.cleanup_server_retention_window_exclusive; SELECT @rc",
                                  "0"}};
    static const Case after[] = {
        {"SELECT COUNT(*) FROM internal.operation_messages", "0"},
        {"SELECT operation_type, status FROM internal.operations", "2|7"},
        {"SELECT COUNT(*) FROM internal.executions", "0"},
    };
    (void)state;
    CHECK(before);
    check(FLAVOR_AZURE, "purger", purge, 1);
    CHECK(after);
}

static void test_database__keys_are_created_and_dropped(void **state)
{
    static const Case cases[] = {
        {"CREATE SYMMETRIC KEY k1 WITH ALGORITHM = AES_256 ENCRYPTION BY CERTIFICATE c1", ""},
        {"CREATE SYMMETRIC KEY k1 WITH ALGORITHM = AES_256 ENCRYPTION BY CERTIFICATE c1",
         "error 15025"},
        {"BEGIN TRAN; DROP SYMMETRIC KEY k1; SELECT COUNT(*) FROM sys.symmetric_keys WHERE name = "
         "N'K1'; ROLLBACK; SELECT COUNT(*) "
         "FROM sys.symmetric_keys WHERE name = N'k1'",
         "0\n1"},
        {"DROP SYMMETRIC KEY [k1]; DROP SYMMETRIC KEY k1", "error 15151"},
        {"DROP CERTIFICATE nosuch", "error 15151"},
    };
    static const Case nobody[] = {{"DROP SYMMETRIC KEY anything", "error 15151"}};
    (void)state;
    CHECK(cases);
    check(FLAVOR_AZURE, "nobody", nobody, 1);
}

static void test_database__sys_views_show_the_catalog(void **state)
{
    static const Case cases[] = {
        {"SELECT fk.name, o.name, fk.delete_referential_action_desc, c.name FROM sys.foreign_keys "
         "AS fk JOIN sys.foreign_key_columns AS k ON k.constraint_object_id = fk.object_id JOIN "
         "sys.columns AS c ON c.object_id = k.parent_object_id AND c.column_id = "
         "k.parent_column_id JOIN sys.objects AS o ON o.object_id = fk.referenced_object_id WHERE "
         "fk.parent_object_id = OBJECT_ID('internal.executions')",
         "FK_Executions_ExecutionId_Operations|operations|CASCADE|execution_id"},
        {"SELECT i.name, i.index_id, i.is_primary_key, COUNT(*) FROM sys.indexes AS i JOIN "
         "sys.index_columns AS k ON k.object_id = "
         "i.object_id AND k.index_id = i.index_id WHERE i.object_id = "
         "OBJECT_ID('internal.operations') GROUP BY i.name, i.index_id, "
         "i.is_primary_key ORDER BY i.index_id",
         "PK_Operations|1|1|1\nIX_Operations_object_id|2|0|1"},
        {"SELECT c.name, c.user_type_id, c.max_length, c.is_nullable FROM sys.columns AS c WHERE "
         "c.object_id = OBJECT_ID('internal.folders') ORDER BY c.column_id",
         "folder_id|127|8|0\nname|231|256|0\ndescription|231|2048|1\ncreated_by_sid|165|85|"
         "0\ncreated_by_name|231|256|0\ncreated_time|43|10|0"},
        {"SELECT type, type_desc FROM sys.objects WHERE object_id IN "
         "(OBJECT_ID('internal.operations'), "
         "OBJECT_ID('catalog.operations'), OBJECT_ID('catalog.start_execution')) ORDER "
         "BY type",
         "P |SQL_STORED_PROCEDURE\nU |USER_TABLE\nV |VIEW"},
        {"SELECT row_count FROM sys.dm_db_partition_stats WHERE object_id = "
         "OBJECT_ID('internal.operations') AND index_id = 1",
         "1"},
        {"SELECT name FROM sys.databases WHERE database_id = DB_ID()", "SSISDB"},
        {"SELECT COUNT(*) FROM sys.dm_db_resource_stats WHERE avg_log_write_percent > 50", "0"},
        {"UPDATE sandbox.resource_stats SET avg_log_write_percent = 91.5 WHERE age_seconds = 15; "
         "SELECT TOP 1 avg_log_write_percent "
         "FROM sys.dm_db_resource_stats ORDER BY end_time DESC",
         "91.50"},
        {"SELECT session_id FROM sys.dm_exec_requests WHERE session_id = @@SPID AND status = "
         "N'running' AND blocking_session_id <> 0",
         ""},
        {"SELECT program_name FROM sys.dm_exec_sessions WHERE session_id = @@SPID", "test"},
        {"SELECT COUNT(*) FROM sys.database_files WHERE size > 0", "2"},
        {"SELECT text FROM sys.messages WHERE message_id = 27195",
         "The operation failed because the execution timed out."},
        {"SELECT * FROM sys.nosuch", "error 208"},
    };
    static const Case on_premises[] = {{"SELECT * FROM sys.dm_db_resource_stats", "error 208"}};
    (void)state;
    CHECK(cases);
    check(FLAVOR_SQL2019, "sa", on_premises, 1);
}

static void test_database__ddl_and_grants(void **state)
{
    static const Case cases[] = {
        {"CREATE SCHEMA d", ""},
        {"CREATE TABLE d.parent (id int NOT NULL CONSTRAINT pk_parent PRIMARY KEY, n nvarchar(10) "
         "NULL)",
         ""},
        {"CREATE TABLE d.child (id int IDENTITY NOT NULL, pid int NOT NULL CONSTRAINT fk_child "
         "REFERENCES d.parent (id))",
         ""},
        {"INSERT INTO d.parent VALUES (1, N'a'); INSERT INTO d.child (pid) VALUES (1); INSERT INTO "
         "d.child (pid) VALUES (2)",
         "error 547"},
        {"DELETE FROM d.parent", "error 547"},
        {"DROP TABLE d.parent", "error 3726"},
        {"CREATE TABLE d.parent (a int)", "error 2714"},
        {"CREATE TABLE nosuch.t (a int)", "error 2760"},
        {"CREATE TABLE d.bad (a int REFERENCES d.nosuch (x))", "error 1767"},
        {"CREATE INDEX ix ON d.parent (n) INCLUDE (id); CREATE INDEX ix ON "
         "d.parent (n)",
         "error 1913"},
        {"CREATE INDEX ix2 ON d.parent (nosuch)", "error 1911"},
        {"CREATE VIEW d.v AS SELECT p.id, p.n, (SELECT COUNT(*) FROM d.child AS c WHERE c.pid = "
         "p.id) AS children FROM d.parent AS p",
         ""},
        {"SELECT * FROM d.v; SELECT v.children FROM d.v AS v WHERE v.n = N'A'", "1|a|1\n1"},
        {"CREATE TABLE d.seen (id int NOT NULL, kind int NOT NULL, at datetimeoffset(7) NOT NULL)",
         ""},
        {"CREATE VIEW d.s AS SELECT id, kind, at FROM d.seen", ""},
        {"INSERT INTO d.seen VALUES (1, 1, '2026-01-01T10:00:00Z'), (2, 1, "
         "'2026-01-01T13:00:00+02:00'); SELECT s.id FROM (SELECT v.id, v.at FROM d.s AS v) AS s "
         "ORDER BY s.at DESC; SELECT s.id, s.at FROM d.s AS s ORDER BY s.at DESC, s.kind",
         "2\n1\n2|2026-01-01 13:00:00 +02:00\n1|2026-01-01 10:00:00 +00:00"},
        {"CREATE VIEW d.w AS SELECT 1", "error 4511"},
        {"CREATE VIEW d.w AS SELECT id FROM d.parent ORDER BY id", "error 1033"},
        {"CREATE VIEW d.w AS SELECT nosuch FROM d.parent", "error 207"},
        {"SELECT 1; CREATE VIEW d.w AS SELECT 1 AS a", "error 111"},
        {"CREATE VIEW d.w AS SELECT 1 AS a; SELECT 2", "error 156"},
        {"PRINT N'x' CREATE SCHEMA e", "error 111"},
        {"ALTER TABLE d.parent ADD extra int NULL", "error 156"},
        {"BEGIN TRAN; CREATE TABLE d.t (a int); ROLLBACK", "error 226"},
        {"ROLLBACK", "error 3903"},
        {"GRANT SELECT ON d.v TO nobody", ""},
        {"DENY SELECT ON SCHEMA::d TO reader", "error 156"},
        {"GRANT SELECT ON d.nosuch TO nobody", "error 15151"},
        {"GRANT SELECT ON d.v TO stranger", "error 15151"},
        {"CREATE ROLE r; ALTER ROLE r ADD MEMBER nobody; GRANT INSERT ON d.parent TO r", ""},
        {"CREATE ROLE r", "error 15023"},
    };
    static const Case nobody[] = {
        {"SELECT children FROM d.v", "1"},
        {"SELECT id FROM d.parent", "error 229"},
        {"INSERT INTO d.parent (id) VALUES (7); SELECT @@ROWCOUNT", "1"},
        {"SELECT IS_MEMBER('r')", "1"},
    };
    static const Case reader[] = {{"SELECT children FROM d.v", "error 229"}};
    static const Case end[] = {
        {"ALTER ROLE r DROP MEMBER nobody; DROP VIEW d.v; DROP "
         "TABLE d.child; DROP TABLE d.parent; DROP SCHEMA d; DROP ROLE r",
         ""},
        {"DROP INDEX ix ON d.parent", "error 156"},
        {"SELECT * FROM d.v", "error 208"},
    };
    (void)state;
    CHECK(cases);
    check(FLAVOR_AZURE, "nobody", nobody, ARRAY_LEN(nobody));
    check(FLAVOR_AZURE, "reader", reader, ARRAY_LEN(reader));
    CHECK(end);
}

static void test_database__executions_start_and_stop(void **state)
{
    static const Case cases[] = {
        {"SET NOCOUNT ON; INSERT INTO internal.folders (name, created_by_sid, created_by_name, "
         "created_time) VALUES (N'F', 0x01, N'a', "
         "SYSDATETIMEOFFSET()); DECLARE @f bigint = SCOPE_IDENTITY(); INSERT INTO "
         "internal.projects (folder_id, name, deployed_by_sid, "
         "deployed_by_name, last_deployed_time, created_time, object_version_lsn, "
         "validation_status) VALUES (@f, N'P', 0x01, N'a', "
         "SYSDATETIMEOFFSET(), SYSDATETIMEOFFSET(), 1, 'N'); DECLARE @p bigint = SCOPE_IDENTITY(); "
         "INSERT INTO internal.object_versions (object_id, object_type, created_by, created_time, "
         "object_data, object_status) VALUES (@p, 20, N'a', SYSDATETIMEOFFSET(), 0x01, 'C'); "
         "INSERT INTO internal.packages (project_version_lsn, name, package_guid, "
         "package_format_version, version_major, version_minor, version_build, version_guid, "
         "project_id, entry_point, "
         "validation_status) VALUES (1, N'x.dtsx', NEWID(), 8, 1, 0, 0, NEWID(), @p, "
         "1, 'N')",
         ""},
        {"DECLARE @id bigint, @rc int; EXEC @rc = catalog.create_execution @folder_name = N'f', "
         "@project_name = N'p', @package_name = "
         "N'X.dtsx', @execution_id = @id OUTPUT; SELECT @rc; SELECT status, package_name FROM "
         "catalog.executions WHERE execution_id = "
         "@id; EXEC catalog.set_execution_parameter_value @id, 50, N'SYNCHRONIZED', 1; EXEC "
         "catalog.start_execution @id; SELECT "
         "status FROM catalog.operations WHERE operation_id = @id; SELECT parameter_value FROM "
         "catalog.execution_parameter_values "
         "WHERE execution_id = @id AND parameter_name = N'SYNCHRONIZED'; EXEC "
         "catalog.start_execution @id",
         "0\n1|X.dtsx\n5\n1\nerror 27121"},
        {"DECLARE @id bigint; EXEC catalog.create_execution N'f', N'p', N'nosuch.dtsx', "
         "@execution_id = @id OUTPUT; SELECT @id",
         "error 27146\nNULL"},
    };
    (void)state;
    CHECK(cases);
}

static void test_database__a_store_is_taken_up_again(void **state)
{
    char path[] = "/tmp/ssisminer-engine-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    unlink(path);
    const EngineOptions options = {.flavor = FLAVOR_SQL2012, .path = path},
                        other = {.flavor = FLAVOR_AZURE, .path = path};
    Engine *engine = NULL;
    Err err = {0};
    Collect collect = {0};
    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        assert_int_equal(engine_open(&options, &engine, &err), RC_OK);
        Session *session = session_open(engine, "sa", "test");
        assert_string_equal(
            collect_run(
                session, &collect,
                "INSERT INTO internal.folders (name, created_by_sid, created_by_name, "
                "created_time) VALUES "
                "(NEWID(), 0x01, N'a', SYSDATETIMEOFFSET()); SELECT COUNT(*), MAX(folder_id) FROM "
                "catalog.folders; SELECT COUNT(*) FROM sandbox.resource_stats"),
            turn ? "2|2\n4" : "1|1\n4");
        session_close(session);
        engine_close(engine);
    }
    assert_int_equal(engine_open(&other, &engine, &err), RC_USAGE);
    assert_non_null(strstr(err.text, "was made of another kind of server, or by another version"));
    unlink(path);
    buf_done(&collect.text);
}

static void test_database__the_schema_can_be_read_as_batches(void **state)
{
    (void)state;
    const Engine *azure = engine_of(FLAVOR_AZURE), *old = engine_of(FLAVOR_SQL2012);
    size_t scaleout[2] = {0, 0}, counts[2];
    char *const *batches = engine_schema(azure, &counts[0]);
    for (size_t i = 0; i < counts[0]; i++) {
        scaleout[0] += strstr(batches[i], "operation_messages_scaleout") != NULL;
        assert_null(strstr(batches[i], "-- only:"));
    }
    batches = engine_schema(old, &counts[1]);
    for (size_t i = 0; i < counts[1]; i++)
        scaleout[1] += strstr(batches[i], "operation_messages_scaleout") != NULL;
    assert_true(counts[0] > counts[1]);
    assert_true(scaleout[0] > 0);
    assert_int_equal(scaleout[1], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_database__rights_decide_what_is_seen),
        cmocka_unit_test(test_database__field_C6_logins_and_users_of_other_names),
        cmocka_unit_test(test_database__a_user_of_entra),
        cmocka_unit_test(test_database__field_D3_stopping_by_status),
        cmocka_unit_test(test_database__field_C10_who_sees_other_sessions),
        cmocka_unit_test(test_database__the_purge_cascades),
        cmocka_unit_test(test_database__keys_are_created_and_dropped),
        cmocka_unit_test(test_database__sys_views_show_the_catalog),
        cmocka_unit_test(test_database__ddl_and_grants),
        cmocka_unit_test(test_database__executions_start_and_stop),
        cmocka_unit_test(test_database__a_store_is_taken_up_again),
        cmocka_unit_test(test_database__the_schema_can_be_read_as_batches),
    };
    return cmocka_run_group_tests(tests, NULL, close_engines);
}
