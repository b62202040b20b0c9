/* Batches: variables, control flow, errors, procedures, DML, options. */
#include "collect.h"

static void test_statements__variables(void **state)
{
    static const Case cases[] = {
        {"DECLARE @a int, @b nvarchar(10) = N'x'; SET @a = 5; SELECT @a, @b; SET @a = @a + 2; "
         "SELECT @a",
         "5|x\n7"},
        {"DECLARE @a int = 1; SET @a += 2", "error 102"},
        {"DECLARE @a int = 1; SELECT @a = id FROM (VALUES (5), (6)) AS v(id) ORDER BY id; SELECT "
         "@a",
         "6"},
        {"DECLARE @a int = 1; SELECT @a = id FROM (VALUES (5)) AS v(id) WHERE id > 9; SELECT @a",
         "1"},
        {"DECLARE @s nvarchar(100) = N''; SELECT @s = @s + x FROM (VALUES (N'a'), (N'b')) AS v(x); "
         "SELECT @s",
         "error 102"},
        {"DECLARE @a int = 1, @a int = 2", "error 134"},
        {"SELECT @nosuch", "error 137"},
        {"SET @nosuch = 1", "error 137"},
        {"DECLARE @a int; SELECT @a = 1, 2", "error 141"},
        {"DECLARE @t TABLE (id int IDENTITY(5,1) PRIMARY KEY, n nvarchar(5) DEFAULT N'd'); INSERT "
         "INTO @t (n) VALUES (N'x'); INSERT INTO @t SELECT N'd'; SELECT id, n FROM @t ORDER BY id; "
         "SELECT x.n FROM "
         "@t AS x WHERE x.id = 5",
         "5|x\n6|d\nx"},
        {"SELECT * FROM @t", "error 1087"},
        {"DECLARE @v sql_variant = 5; SELECT @v; SET @v = N'x'; SELECT @v", "5\nx"},
        {"DECLARE @t TABLE (v sql_variant NULL); DECLARE @v sql_variant; INSERT INTO @t (v) VALUES "
         "(N'x'); SELECT @v = v FROM @t; SELECT @v",
         "x"},
        {"DECLARE @c CURSOR", "error 156"},
        {"DECLARE @d datetimeoffset = '2026-01-01T00:00:00+05:30'; SELECT @d",
         "2026-01-01 00:00:00 +05:30"},
        {"DECLARE @b bit = 7; SELECT @b", "1"},
    };
    (void)state;
    CHECK(cases);
}

static void test_statements__control_flow(void **state)
{
    static const Case cases[] = {
        {"IF 1 = 1 PRINT 'a' ELSE PRINT 'b'; IF NULL = 1 PRINT 'a'; ELSE PRINT 'b'",
         "info 0: a\ninfo 0: b"},
        {"IF EXISTS (SELECT 1 WHERE 1 = 2) SELECT 1 ELSE BEGIN SELECT 2; SELECT 3 END", "2\n3"},
        {"DECLARE @i int = 0; WHILE @i < 5 BEGIN SET @i = @i + 1; IF @i = 2 CONTINUE; IF @i = 4 "
         "BREAK; SELECT @i; END",
         "1\n3"},
        {"SELECT 1 RETURN SELECT 2", "1"},
        {"WHILE 1 = 1", "error 102"},
        {"BEGIN END", "error 156"},
        {"IF 1 SELECT 1", "error 4145"},
        {"GOTO x", "error 156"},
        {"FROB", "error 102"},
        {"SELECT 1 FROB BAZ QUX", "error 102"},
        {"PRINT N'é' + CAST(1 AS nvarchar(2))", "info 0: é1"},
        {"USE SSISDB; USE nosuch", "database SSISDB\nerror 911"},
        {";;SELECT 1;;", "1"},
        {"", ""},
    };
    (void)state;
    CHECK(cases);
}

static void test_statements__errors_and_try(void **state)
{
    static const Case cases[] = {
        {"SELECT 1 / 0; SELECT @@ERROR; SELECT @@ERROR", "error 8134\n8134\n0"},
        {"SELECT CAST('x' AS int); SELECT 2", "error 245"},
        {"BEGIN TRY SELECT 1 / 0; SELECT 'not reached' END TRY BEGIN CATCH SELECT @@ERROR, "
         "ERROR_MESSAGE() END CATCH; SELECT ERROR_MESSAGE()",
         "8134|Divide by zero error encountered.\nNULL"},
        {"BEGIN TRY SELECT * FROM nosuch END TRY BEGIN CATCH SELECT 'caught' END CATCH",
         "error 208"},
        {"BEGIN TRY EXEC sp_executesql N'SELECT * FROM nosuch' END TRY BEGIN CATCH SELECT @@ERROR "
         "END CATCH",
         "208"},
        {"BEGIN TRY RAISERROR(N'a %s %d %%', 16, 3, N'b', 7) END TRY BEGIN CATCH SELECT "
         "ERROR_MESSAGE() END CATCH",
         "a b 7 %"},
        {"RAISERROR(N'note', 10, 1); SELECT 1", "info 50000: note\n1"},
        {"RAISERROR(N'now', 0, 1) WITH NOWAIT; SELECT 1", "info 50000, now: now\n1"},
        {"RAISERROR(N'bad', 16, 1) WITH NOWAIT SELECT 1", "error 50000\n1"},
        {"RAISERROR(N'x', 16, 1) WITH LOG", "error 102"},
        {"RAISERROR(N'x', 16, 1) WITH NOWAIT, SETERROR", "error 102"},
        {"BEGIN TRY SELECT 1 / 0 END TRY BEGIN CATCH SELECT ERROR_NUMBER(), @@ERROR; SELECT "
         "ERROR_NUMBER() + 1 END CATCH; SELECT ERROR_NUMBER()",
         "8134|8134\n8135\nNULL"},
        {"SELECT ERROR_NUMBER(1)", "error 174"},
        {"SELECT ERROR_STATE()", "error 102"},
        {"RAISERROR(N'bad', 16, 1); SELECT 1", "error 50000\n1"},
        {"RAISERROR(27140, 16, 1, N'a', N'b')", "error 27140"},
        {"RAISERROR(12345, 16, 1)", "error 18054"},
        {"THROW 50001, N'x', 1", "error 102"},
        {"THROW", "error 10704"},
        {"BEGIN TRY RAISERROR(N'inner', 16, 2) END TRY BEGIN CATCH BEGIN TRY THROW END TRY BEGIN "
         "CATCH SELECT ERROR_MESSAGE() END CATCH; SELECT ERROR_MESSAGE() END CATCH",
         "inner\ninner"},
        {"BEGIN TRY BEGIN TRY SELECT 1 / 0 END TRY BEGIN CATCH THROW END CATCH END TRY BEGIN CATCH "
         "SELECT @@ERROR END CATCH",
         "8134"},
        {"BEGIN TRY SELECT 1 END TRY", "error 102"},
    };
    (void)state;
    CHECK(cases);
}

static void test_statements__messages_carry_line_and_text(void **state)
{
    static const Case cases[] = {
        {"SELECT 1\nSELECT nosuch\nFROM sys.objects",
         "1\nerror 207 line 2: Invalid column name 'nosuch'."},
        {"\n\nSELECT * FROM a.b", "error 208 line 3: Invalid object name 'a.b'."},
        {"SELECT 1\nFORM x y", "error 102 line 2: Incorrect syntax near 'x'."},
        {"SELECT id\nFROM WHERE", "error 156 line 2: Incorrect syntax near the keyword 'WHERE'."},
        {"EXEC nosuch.p", "error 2812 line 1: Could not find stored procedure 'nosuch.p'."},
    };
    Collect collect = {.with_texts = true};
    (void)state;
    Session *session = session_open(engine_of(FLAVOR_AZURE), "sa", "test");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(collect_run(session, &collect, cases[i].batch), cases[i].said);
    buf_done(&collect.text);
    session_close(session);
}

static void test_statements__dml(void **state)
{
    static const Case cases[] = {
        {"CREATE TABLE #t (id int IDENTITY PRIMARY KEY, a nvarchar(3) NOT NULL, b int NULL DEFAULT "
         "7, c datetimeoffset NULL)",
         ""},
        {"INSERT INTO #t (a) VALUES (N'x'); SELECT SCOPE_IDENTITY(), @@ROWCOUNT", "1|1"},
        {"INSERT #t (a, b) SELECT N'y', 1 UNION ALL SELECT N'z', NULL; SELECT @@ROWCOUNT", "2"},
        {"SELECT id, a, b FROM #t ORDER BY id", "1|x|7\n2|y|1\n3|z|NULL"},
        {"INSERT INTO #t (a) VALUES (N'four')", "error 8152"},
        {"INSERT INTO #t (a) VALUES (N'abc   '); DELETE FROM #t WHERE a = N'abc'; SELECT "
         "@@ROWCOUNT",
         "1"},
        {"INSERT INTO #t (a) VALUES (NULL)", "error 515"},
        {"INSERT INTO #t (b) VALUES (1)", "error 515"},
        {"INSERT INTO #t (id, a) VALUES (9, N'q')", "error 544"},
        {"SET IDENTITY_INSERT #t ON; INSERT INTO #t (id, a) VALUES (9, N'q'); SET IDENTITY_INSERT "
         "#t OFF; SELECT MAX(id) FROM #t",
         "9"},
        {"INSERT INTO #t VALUES (N'a', 1)", "error 213"},
        {"INSERT INTO #t (a, b) VALUES (N'a')", "error 109"},
        {"INSERT INTO #t (a) VALUES (N'a', 1)", "error 110"},
        {"INSERT INTO #t (a, nosuch) VALUES (N'a', 1)", "error 207"},
        {"INSERT INTO #t (a, a) VALUES (N'a', 1)", "error 264"},
        {"INSERT INTO #t (a, b) VALUES (N'a', 'x')", "error 245"},
        {"INSERT INTO #t (a, b) OUTPUT inserted.id VALUES (N'o', 3)", "error 102"},
        {"INSERT INTO #t EXEC sp_executesql N'SELECT 1'", "error 156"},
        {"UPDATE #t SET b = b + 1, a = UPPER(a) WHERE id <= 2; SELECT @@ROWCOUNT; SELECT a, b FROM "
         "#t WHERE id <= 2 ORDER BY id",
         "2\nX|8\nY|2"},
        {"UPDATE t SET b = 100 FROM #t AS t WHERE t.b > 5", "error 156"},
        {"UPDATE TOP (1) #t SET b = 0", "error 156"},
        {"UPDATE #t SET b += 5", "error 102"},
        {"UPDATE #t SET id = 1", "error 8102"},
        {"UPDATE #t SET nosuch = 1", "error 207"},
        {"UPDATE #t SET a = NULL", "error 515"},
        {"UPDATE #t SET b = DEFAULT WHERE id = 3", "error 156"},
        {"DELETE t FROM #t AS t JOIN (VALUES (1)) AS v(id) ON v.id = t.id", "error 102"},
        {"DELETE t FROM #t AS t WHERE t.id = 1; SELECT @@ROWCOUNT", "1"},
        {"DECLARE @n int = 1; DELETE TOP (@n) FROM #t; SELECT @@ROWCOUNT; SELECT COUNT(*) FROM #t",
         "1\n2"},
        {"DELETE #t WHERE id = 12345; SELECT @@ROWCOUNT", "0"},
        {"DELETE FROM sys.objects", "error 259"},
        {"DELETE TOP 5 FROM #t", "error 102"},
        {"MERGE #t USING #t ON 1 = 1", "error 156"},
        {"TRUNCATE TABLE #t", "error 156"},
        {"DELETE FROM #t", ""},
        {"DROP TABLE #t; SELECT * FROM #t", "error 208"},
        {"DROP TABLE #t", "error 3701"},
        {"DROP TABLE IF EXISTS #t", "error 156"},
        {"CREATE TABLE #d (id int PRIMARY KEY, CHECK (id > 0))", "error 156"},
        {"CREATE TABLE #d (id int PRIMARY KEY, g uniqueidentifier DEFAULT NEWID()); INSERT INTO #d "
         "(id) VALUES (1); INSERT INTO #d (id) VALUES (1)",
         "error 2627"},
        {"INSERT INTO #d (id) VALUES (NULL)", "error 515"},
        {"CREATE UNIQUE INDEX ix ON #d (g)", "error 102"},
        {"CREATE TABLE #x (a int AS 1)", "error 156"},
        {"CREATE TABLE #x (a int, a int)", "error 2705"},
        {"CREATE TABLE #x (a nvarchar(5000))", "error 2717"},
    };
    (void)state;
    CHECK(cases);
}

static void test_statements__procedures(void **state)
{
    static const Case cases[] = {
        {"CREATE SCHEMA t", ""},
        {"CREATE PROCEDURE t.add_up @a int, @b int = 10, @sum int OUTPUT AS SET NOCOUNT ON; SET "
         "@sum = @a + @b; RETURN @sum * 2",
         ""},
        {"DECLARE @s int, @r int; EXEC @r = t.add_up 1, 2, @s OUTPUT; SELECT @s, @r; EXEC t.add_up "
         "@sum = @s OUTPUT, @a = 5; SELECT @s",
         "3|6\n15"},
        {"EXEC t.add_up", "error 201"},
        {"DECLARE @s int; EXEC t.add_up 1, 2, @s OUTPUT, 4", "error 8144"},
        {"DECLARE @s int; EXEC t.add_up @nosuch = 1", "error 8145"},
        {"EXEC t.add_up @a = 1, 2", "error 119"},
        {"EXEC t.add_up 1 + 2", "error 102"},
        {"CREATE PROCEDURE t.fails AS SELECT 1 / 0; SELECT 'after'", ""},
        {"EXEC t.fails; SELECT 'next'", "error 8134\nafter\nnext"},
        {"BEGIN TRY EXEC t.fails END TRY BEGIN CATCH SELECT ERROR_MESSAGE() END CATCH",
         "Divide by zero error encountered."},
        {"CREATE PROCEDURE t.temp AS CREATE TABLE #in_proc (a int); INSERT INTO #in_proc VALUES "
         "(1); SELECT a FROM #in_proc",
         ""},
        {"EXEC t.temp; EXEC t.temp; SELECT OBJECT_ID('tempdb..#in_proc')", "1\n1\nNULL"},
        {"SET NOCOUNT ON; EXEC (N'SET TEXTSIZE 7; SET XACT_ABORT ON'); SELECT @@TEXTSIZE",
         "2147483647"},
        {"CREATE PROCEDURE t.deep AS EXEC t.deep", ""},
        {"EXEC t.deep", "error 217"},
        {"CREATE PROCEDURE t.open_tran AS BEGIN TRAN", ""},
        {"EXEC t.open_tran; SELECT @@TRANCOUNT; ROLLBACK", "error 266\n1"},
        {"EXEC sp_executesql N'SELECT @x + 1', N'@x int', @x = 4; EXEC sp_executesql N'SET @y = "
         "7', N'@y int OUTPUT', 3",
         "5"},
        {"DECLARE @y int; EXEC sp_executesql N'SET @y = @y2 * 2', N'@y int OUTPUT, @y2 int', @y "
         "OUTPUT, @y2 = 21; SELECT @y",
         "42"},
        {"EXEC sp_executesql N'SELECT @x', N'@x int'", "error 8178"},
        {"EXEC sp_executesql 'SELECT 1'", "error 214"},
        {"DECLARE @q nvarchar(50) = N'SELECT 3'; EXEC (@q); EXEC (N'SELECT ' + N'4')", "3\n4"},
        {"EXEC nosuch; SELECT 1", "error 2812\n1"},
        {"t.add_up 1, 2, 3", "error 102"},
        {"DROP PROCEDURE t.add_up; EXEC t.add_up", "error 2812"},
        {"CREATE OR ALTER PROCEDURE t.x AS SELECT 1", "error 156"},
        {"DROP PROCEDURE t.fails; DROP PROCEDURE t.temp; DROP PROCEDURE t.deep; DROP PROCEDURE "
         "t.open_tran",
         ""},
    };
    (void)state;
    CHECK(cases);
}

static void test_statements__options_and_globals(void **state)
{
    static const Case cases[] = {
        {"SET NOCOUNT ON; SET XACT_ABORT OFF; SET ANSI_NULLS, QUOTED_IDENTIFIER ON; SET TEXTSIZE "
         "2147483647; SET LANGUAGE us_english; "
         "SET DATEFIRST 7; SET DATEFORMAT mdy; SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET "
         "IMPLICIT_TRANSACTIONS OFF; SET "
         "CURSOR_CLOSE_ON_COMMIT OFF; SELECT @@TEXTSIZE",
         "2147483647"},
        {"SET LOCK_TIMEOUT 500; SET LOCK_TIMEOUT -1; SET DEADLOCK_PRIORITY LOW", ""},
        {"SET ROWCOUNT 1; SELECT name FROM (VALUES (1), (2)) AS v(name); SET ROWCOUNT 0", "1"},
        {"SET FMTONLY ON SELECT 1 AS a SET FMTONLY OFF", ""},
        {"DECLARE @ms int = 5; SET LOCK_TIMEOUT @ms", "error 102"}, // as SQL Server does
        {"DECLARE @n int = 5; SET TEXTSIZE @n", "error 102"},
        {"DECLARE @n int = 1; SET ROWCOUNT @n; SELECT v FROM (VALUES (1), (2)) AS t(v); SET "
         "ROWCOUNT 0",
         "1"},
        {"SET NOSUCH ON", "error 102"},
        {"SET NOCOUNT MAYBE", "error 102"},
        {"SET ANSI_NULLS OFF", "error 102"},
        {"SELECT @@TRANCOUNT, @@SERVERNAME, @@NOSUCH", "error 137"},
        {"SELECT DB_NAME(), DB_ID(), SUSER_SNAME(), USER_NAME()", "SSISDB|5|sa|dbo"},
        {"IF @@SPID > 50 SELECT 1", "1"},
        {"SELECT 1 UNION ALL SELECT 2; SELECT @@ROWCOUNT; IF 1 = 1 SELECT @@ROWCOUNT",
         "1\n2\n2\n0"},
        {"WAITFOR DELAY '00:00:00.010'; SELECT 1", "1"},
        {"WAITFOR DELAY 'soon'", "error 148"},
    };
    (void)state;
    CHECK(cases);
}

static void test_statements__counts(void **state)
{
    Collect collect = {.with_counts = true};
    (void)state;
    Session *session = session_open(engine_of(FLAVOR_AZURE), "sa", "test");
    assert_string_equal(collect_run(session, &collect, "SELECT 1 UNION ALL SELECT 2"),
                        "1\n2\nselected 2");
    assert_string_equal(
        collect_run(session, &collect,
                    "CREATE TABLE #n (a int); INSERT INTO #n VALUES (1), (2); DELETE FROM #n"),
        "changed -1\nchanged 2\nchanged 2");
    assert_string_equal(
        collect_run(session, &collect, "SET NOCOUNT ON; SELECT 1; INSERT INTO #n VALUES (1)"),
        "1\nselected -1\nchanged -1");
    assert_string_equal(collect_run(session, &collect, "DECLARE @a int; SET @a = 1; SELECT @a = 2"),
                        "");
    buf_done(&collect.text);
    session_close(session);
}

static void test_statements__parameters_go_in_and_out(void **state)
{
    SbParam params[] = {
        {.name = "@since",
         .type = {.id = SB_DATETIMEOFFSET, .scale = 7},
         .value.time = {.ticks = TICKS_UNIX_EPOCH, .offset_minutes = 60, .is_set = true}},
        {.name = "@name",
         .type = {.id = SB_NVARCHAR, .max_chars = -1},
         .value.bytes = {"O'Brien", 7}},
        {.name = "@empty", .type = {.id = SB_NVARCHAR, .max_chars = -1}, .value.bytes = {"", 0}},
        {.name = "@null", .type = {.id = SB_INT}, .value.is_null = true},
        {.name = "@out",
         .type = {.id = SB_NVARCHAR, .max_chars = 20},
         .value.is_null = true,
         .is_output = true},
        {.name = "@sum",
         .type = {.id = SB_DECIMAL, .precision = 9, .scale = 2},
         .value.bytes = {"1.50", 4},
         .is_output = true},
    };
    Collect collect = {.text = BUF(4096)};
    SbSink sink = collect_sink(&collect);
    (void)state;
    Session *session = session_open(engine_of(FLAVOR_AZURE), "sa", "test");
    assert_true(session_run(
        session,
        str_of("SELECT @since, @name, DATALENGTH(@empty), @null; SET @out = @name + N'!'; "
               "SET @sum = @sum + 1.5"),
        params, ARRAY_LEN(params), &sink));
    assert_string_equal(buf_text(&collect.text), "1970-01-01 01:00:00 +01:00|O'Brien|0|NULL");
    assert_int_equal(params[4].value.bytes.len, 8);
    assert_memory_equal(params[4].value.bytes.at, "O'Brien!", 8);
    assert_memory_equal(params[5].value.bytes.at, "3.00", 4);
    buf_done(&collect.text);
    session_close(session);
}

static void test_statements__the_sink_may_stop_a_stream(void **state)
{
    Collect collect = {.text = BUF(4096), .stop_after = 2};
    SbSink sink = collect_sink(&collect);
    (void)state;
    Session *session = session_open(engine_of(FLAVOR_AZURE), "sa", "test");
    assert_false(session_run(session,
                             str_of("SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3; SELECT 4"),
                             NULL, 0, &sink));
    assert_string_equal(buf_text(&collect.text), "1\n2");
    collect.stop_after = 0;
    assert_string_equal(collect_run(session, &collect, "SELECT 5"), "5");
    buf_done(&collect.text);
    session_close(session);
}

static void test_statements__loops_transactions_and_sizes(void **state)
{
    static const Case cases[] = {
        {"SELECT 1; BREAK", "error 135"},
        {"IF 1 = 1 BEGIN CONTINUE; END", "error 136"},
        {"WHILE 1 = 1 BEGIN IF 1 = 1 BREAK; END; SELECT 1", "1"},
        {"BEGIN TRANSACTION one; BEGIN TRANSACTION two; ROLLBACK TRANSACTION two", "error 6401"},
        {"SELECT @@TRANCOUNT; ROLLBACK TRANSACTION One",
         "2\nerror 6401"}, // nothing was rolled back
        {"DECLARE @name nvarchar(32) = N'one'; ROLLBACK TRANSACTION @name; SELECT @@TRANCOUNT",
         "0"},
        {"ROLLBACK TRANSACTION one", "error 3903"},
        {"RAISERROR(N'x', 10, 7)", "info 50000: x"},
        {"SET IMPLICIT_TRANSACTIONS ON; SELECT 1; SELECT @@TRANCOUNT; SELECT COUNT(*) FROM "
         "internal.folders; SELECT @@TRANCOUNT; ROLLBACK; DELETE FROM internal.folders; SELECT "
         "@@TRANCOUNT; ROLLBACK; SET IMPLICIT_TRANSACTIONS OFF; SELECT COUNT(*) FROM "
         "internal.folders; SELECT @@TRANCOUNT",
         "1\n0\n0\n1\n1\n0\n0"},
        {"SET TEXTSIZE 6; SELECT CAST(N'abcdef' AS nvarchar(max)), CAST('abcdefgh' AS "
         "varchar(max)), "
         "CAST(0x0102030405060708 AS varbinary(max)), N'abcdef', @@TEXTSIZE",
         "abc|abcdef|010203040506|abcdef|6"},
        {"SET TEXTSIZE -1; SELECT CAST(N'abcdef' AS nvarchar(max)), @@TEXTSIZE",
         "abcdef|2147483647"},
    };
    (void)state;
    CHECK(cases);
}

static const char *execute(Session *session, Collect *collect, const char *declarations,
                           const char *statement, SbParam *params, size_t count)
{
    SbSink sink = collect_sink(collect);

    collect->text.cap = 1 << 20;
    buf_reset(&collect->text);
    (void)session_execute(session, str_of(statement), str_of(declarations), params, count, &sink);
    return buf_text(&collect->text);
}

/* By name, else by place; in the type that is declared. */
static void test_statements__declared_parameters(void **state)
{
    static const SbType wide = {.id = SB_NVARCHAR, .max_chars = 10},
                        ansi = {.id = SB_NVARCHAR, .max_chars = 10, .precision = 1},
                        big = {.id = SB_BIGINT}, exact = {.id = SB_DECIMAL, .precision = 38};
    const SbParam all[] = {{"", big, {.i64 = 5}, false},
                           {"@B", wide, {.bytes = str_of("longer")}, false},
                           {"@c", exact, {.bytes = str_of("9007199254740993")}, true}};
    Session *session = session_open(engine_of(FLAVOR_AZURE), "sa", "test");
    Collect collect = {0};
    SbParam params[3];

    (void)state;
    memcpy(params, all, sizeof(params));
    assert_string_equal(execute(session, &collect,
                                "@a int, @b nvarchar(3), @c decimal(20, 1) OUTPUT",
                                "SELECT @a, @b, @c; SET @c = @c + 1", params, 3),
                        "5|lon|9007199254740993.0");
    assert_true(str_equal(params[2].value.bytes, str_of("9007199254740994.0")));
    assert_int_equal(params[2].type.precision, 20);
    assert_string_equal(execute(session, &collect, "@a int, @b int", "SELECT 1", params, 1),
                        "error 8178");
    assert_string_equal(execute(session, &collect, "@a int", "SELECT 1", params, 2), "error 8144");
    assert_string_equal(execute(session, &collect, "@a nosuch", "SELECT 1", params, 1),
                        "error 2715");
    params[0] = (SbParam){"", wide, {.bytes = str_of("no number")}, false};
    assert_string_equal(execute(session, &collect, "@a int", "SELECT @a", params, 1), "error 245");
    params[0] = (SbParam){"", ansi, {.bytes = str_of("ab")}, false};
    assert_string_equal(execute(session, &collect, "@a varchar(10), @b char(4) = NULL",
                                "SELECT DATALENGTH(@a)", params, 1),
                        "error 8178");
    assert_string_equal(execute(session, &collect, "@a varchar(10)",
                                "CREATE TABLE #t (i int); SELECT DATALENGTH(@a)", params, 1),
                        "2");
    assert_string_equal(collect_run(session, &collect, "SELECT i FROM #t"),
                        "error 208"); // went with it
    assert_string_equal(collect_run(session, &collect, "SELECT DATALENGTH(N'ab')"), "4");
    buf_done(&collect.text);
    session_close(session);
}

/* What is wrong with a statement, what its columns are; nothing is done. */
static void test_statements__described(void **state)
{
    static const struct {
        const char *declarations, *statement, *said;
    } cases[] = {
        {"@a int", "SELECT @a AS n, CAST(NULL AS varchar(5)) AS t", "n:int t:nvarchar(5)"},
        {"", "SELECT nothing FROM internal.operations", "error 207"},
        {"", "SELECT 1 +", "error 102"},
        {"@a nosuch", "SELECT 1", "error 2715"},
        {"@a int", "IF @a = 1 SELECT 1 AS one ELSE SELECT N'x' AS other",
         "one:int!\nother:nvarchar(1)!"},
        {"",
         "DELETE FROM internal.catalog_properties; BEGIN TRANSACTION; CREATE TABLE dbo.described "
         "(i int)",
         ""},
        {"", "WHILE 1 = 1 SELECT 1 AS one", "one:int!"},
    };
    Session *session = session_open(engine_of(FLAVOR_AZURE), "sa", "test");
    Collect collect = {.text = BUF(1 << 20), .with_types = true};
    SbSink sink = collect_sink(&collect);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        buf_reset(&collect.text);
        (void)session_describe(session, str_of(cases[i].statement), str_of(cases[i].declarations),
                               &sink);
        assert_string_equal(buf_text(&collect.text), cases[i].said);
    }
    collect.with_types = false;
    assert_string_equal(
        collect_run(session, &collect, "SELECT @@TRANCOUNT, OBJECT_ID(N'dbo.described')"),
        "0|NULL");
    buf_done(&collect.text);
    session_close(session);
}

static void test_statements__the_host_is_the_logins(void **state)
{
    Session *session = session_open(engine_of(FLAVOR_AZURE), "sa", "test");
    Collect collect = {0};

    (void)state;
    session_set_host(session, "PC-7");
    assert_string_equal(
        collect_run(
            session, &collect,
            "SELECT HOST_NAME(), host_name FROM sys.dm_exec_sessions WHERE session_id = @@SPID"),
        "PC-7|PC-7");
    buf_done(&collect.text);
    session_close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statements__loops_transactions_and_sizes),
        cmocka_unit_test(test_statements__declared_parameters),
        cmocka_unit_test(test_statements__described),
        cmocka_unit_test(test_statements__the_host_is_the_logins),
        cmocka_unit_test(test_statements__variables),
        cmocka_unit_test(test_statements__control_flow),
        cmocka_unit_test(test_statements__errors_and_try),
        cmocka_unit_test(test_statements__messages_carry_line_and_text),
        cmocka_unit_test(test_statements__dml),
        cmocka_unit_test(test_statements__procedures),
        cmocka_unit_test(test_statements__options_and_globals),
        cmocka_unit_test(test_statements__counts),
        cmocka_unit_test(test_statements__parameters_go_in_and_out),
        cmocka_unit_test(test_statements__the_sink_may_stop_a_stream),
    };
    return cmocka_run_group_tests(tests, NULL, close_engines);
}
