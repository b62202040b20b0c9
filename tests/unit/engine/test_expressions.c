/* Values: literals, arithmetic, comparisons, conversions, functions — and what T-SQL refuses. */
#include "collect.h"

static void test_expressions__literals_and_arithmetic(void **state)
{
    static const Case cases[] = {
        {"SELECT 1", "1"},
        {"SELECT 1 + 2 * 3, (1 + 2) * 3, -5, - -5, +3", "7|9|-5|5|3"},
        {"SELECT 7 / 2, -7 / 2", "3|-3"},
        {"SELECT 7 / 2.0", "error 102"},
        {"SELECT 2.5 * 2", "error 102"},
        {"SELECT 7 % 3", "error 102"},
        {"SELECT ~5", "error 102"},
        {"SELECT 5 & 3", "error 102"},
        {"SELECT 5 ^ 3", "error 102"},
        {"SELECT 1e0 / 4, 3e0 * 2", "0.25|6"},
        {"SELECT 0x4142, 0x", "4142|"},
        {"SELECT 'a' + 'b' + N'c', 'it''s', N'日本'", "abc|it's|日本"},
        {"SELECT 'a' + NULL, NULL + 1", "NULL|NULL"},
        {"SELECT 1 + '2'", "3"},
        {"SELECT 3000000000, 2147483647 + 0", "3000000000|2147483647"},
        {"SELECT 2147483647 + 1", "error 8115"},
        {"SELECT CAST(9223372036854775807 AS bigint) + 1", "error 8115"},
        {"SELECT 1 / 0", "error 8134"},
        {"SELECT 1e0 / 0", "error 8134"},
        {"SELECT 'x' + 1", "error 245"},
        {"SELECT CAST(1 AS bit) + CAST(1 AS bit)", "error 402"},
        {"SELECT 'a' || 'b'", "error 102"},
        {"SELECT 'a' - 'b'", "error 402"},
        {"SELECT -'a'", "error 403"},
        {"SELECT GETDATE() - 7", "error 102"},
        {"SELECT 'unclosed", "error 105"},
        {"SELECT 1 /* open", "error 113"},
        {"SELECT /* a /* nested */ comment */ 1 -- and a line", "1"},
    };
    (void)state;
    CHECK(cases);
}

static void test_expressions__comparisons(void **state)
{
    static const Case cases[] = {
        {"SELECT CASE WHEN 'ABC' = 'abc' THEN 1 ELSE 0 END", "1"},
        {"SELECT CASE WHEN N'GRÖSSE' = N'größe' THEN 1 ELSE 0 END, CASE WHEN N'ÄÖ' = N'äö' THEN 1 "
         "ELSE 0 END",
         "0|1"},
        {"SELECT CASE WHEN 'a' = 'a   ' THEN 1 ELSE 0 END, CASE WHEN ' a' = 'a' THEN 1 ELSE 0 END",
         "1|0"},
        {"SELECT CASE WHEN 'b' > 'A' THEN 1 ELSE 0 END", "1"},
        {"SELECT CASE WHEN NULL = NULL THEN 1 ELSE 0 END, CASE WHEN NOT (NULL = 1) THEN 1 ELSE 0 "
         "END",
         "0|0"},
        {"SELECT CASE WHEN 2 = '2' THEN 1 ELSE 0 END", "1"},
        {"SELECT CASE WHEN 2 = '2x' THEN 1 ELSE 0 END", "error 245"},
        {"SELECT CASE WHEN 1 IN (2, 1.0, '3') THEN 1 ELSE 0 END, CASE WHEN 1 NOT IN (2, NULL) THEN "
         "1 ELSE 0 END",
         "1|0"},
        {"SELECT CASE WHEN 'B' IN ('a', 'b ') THEN 1 ELSE 0 END", "1"},
        {"SELECT CASE WHEN 2 BETWEEN 1 AND 2 THEN 1 END, CASE WHEN 3 NOT BETWEEN 1 AND 2 THEN 1 "
         "END",
         "1|1"},
        {"SELECT CASE WHEN 1 = 1 AND (2 = 3 OR NOT 2 = 3) THEN 1 ELSE 0 END", "1"},
        {"SELECT CASE WHEN 1 !> 2 AND 2 !< 2 AND 1 != 2 AND 1 <> 2 THEN 1 ELSE 0 END", "1"},
        {"SELECT 1 = 1", "error 102"},
        {"SELECT 1 WHERE 1", "error 4145"},
        {"SELECT 1 WHERE NOT 1", "error 4145"},
        {"SELECT CASE WHEN 1 THEN 2 END", "error 4145"},
        {"SELECT 1 WHERE 1 = ANY (SELECT 1)", "error 156"},
        {"SELECT CASE WHEN NULL IS NULL AND 1 IS NOT NULL THEN 1 END", "1"},
    };
    (void)state;
    CHECK(cases);
}

static void test_expressions__like(void **state)
{
    static const Case cases[] = {
        {"SELECT CASE WHEN 'Hello' LIKE 'h%O' THEN 1 ELSE 0 END", "1"},
        {"SELECT CASE WHEN 'cat' LIKE '[a-c]_t' THEN 1 ELSE 0 END, CASE WHEN 'cat' LIKE '[^a-c]%' "
         "THEN 1 ELSE 0 END",
         "1|0"},
        {"SELECT CASE WHEN '5_' LIKE '5[_]' THEN 1 ELSE 0 END, CASE WHEN '5x' LIKE '5[_]' THEN 1 "
         "ELSE 0 END",
         "1|0"},
        {"SELECT CASE WHEN 'abc' NOT LIKE '%d%' THEN 1 ELSE 0 END, CASE WHEN NULL LIKE '%' THEN 1 "
         "ELSE 0 END",
         "1|0"},
        {"SELECT CASE WHEN 'a' LIKE 'a ' THEN 1 ELSE 0 END, CASE WHEN 'a ' LIKE 'a' THEN 1 ELSE 0 "
         "END",
         "0|1"},
        {"SELECT CASE WHEN N'日本語' LIKE N'_本_' THEN 1 ELSE 0 END", "1"},
        {"SELECT CASE WHEN 'a]b' LIKE 'a[]]b' THEN 1 ELSE 0 END, CASE WHEN 'a-b' LIKE 'a[x-]b' "
         "THEN 1 ELSE 0 END",
         "1|1"},
        {"SELECT CASE WHEN 'x' LIKE '[' THEN 1 ELSE 0 END", "0"},
        {"SELECT CASE WHEN 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaab' LIKE '%a%a%a%a%a%a%c' THEN 1 ELSE 0 "
         "END",
         "0"},
        {"SELECT 1 WHERE 'a' LIKE 'b' ESCAPE 'x'", "error 156"},
    };
    (void)state;
    CHECK(cases);
}

static void test_expressions__instants_compare_whatever_their_offset(void **state)
{
    static const Case cases[] = {
        {"SELECT CASE WHEN CAST('2026-01-01T10:00:00+01:00' AS datetimeoffset) < "
         "'2026-01-01T09:30:00+00:00' THEN 1 ELSE 0 END",
         "1"},
        {"SELECT CASE WHEN CAST('2026-01-01T10:00:00+01:00' AS datetimeoffset) = "
         "'2026-01-01T09:00:00Z' THEN 1 ELSE 0 END, "
         "CASE WHEN CAST('2026-01-01T10:00:00+01:00' AS datetimeoffset) <> '2026-01-01T09:00:00Z' "
         "THEN 1 ELSE 0 END",
         "1|0"},
        {"DECLARE @a datetimeoffset = '2026-01-01 10:00 +02:00', @b datetimeoffset = '2026-01-01 "
         "08:00 +00:00'; "
         "SELECT CASE WHEN @a >= @b THEN 1 ELSE 0 END, CASE WHEN @a <= @b THEN 1 ELSE 0 END, CASE "
         "WHEN @a > @b THEN 1 ELSE 0 "
         "END, CASE WHEN @a < @b THEN 1 ELSE 0 END, CASE WHEN @a IN (@b) THEN 1 ELSE 0 END, CASE "
         "WHEN @a BETWEEN @b AND @b "
         "THEN 1 ELSE 0 END",
         "1|1|0|0|1|1"},
        {"DECLARE @t TABLE (i int, t datetimeoffset(7)); INSERT INTO @t VALUES (1, "
         "'2026-01-01T12:00:00+03:00'), (2, "
         "'2026-01-01T08:00:00-02:00'), (3, '2026-01-01T09:00:00Z'); SELECT i FROM @t WHERE t = "
         "'2026-01-01T09:00:00Z' ORDER BY "
         "i; SELECT i FROM @t ORDER BY t, i; SELECT COUNT(DISTINCT t) FROM @t; SELECT COUNT(*) n "
         "FROM @t GROUP BY t ORDER BY n; "
         "SELECT i FROM @t WHERE '2026-01-01T09:30:00Z' > t ORDER BY i; SELECT MAX(t) FROM @t",
         "1\n3\n1\n3\n2\n2\n1\n2\n1\n3\n2026-01-01 08:00:00 -02:00"},
        {"SELECT DISTINCT t FROM (SELECT SYSDATETIMEOFFSET() AS t) AS x", "error 102"},
        {"SELECT CASE WHEN CAST('2026-01-01' AS datetime2) = CAST('2026-01-01T00:00:00Z' AS "
         "datetimeoffset) THEN 1 ELSE 0 END",
         "1"},
        {"SELECT 1 WHERE SYSDATETIMEOFFSET() > 'not a date'", "error 241"},
        {"SELECT 1 WHERE SYSDATETIMEOFFSET() > 5", "error 206"},
    };
    (void)state;
    CHECK(cases);
}

static void test_expressions__conversions(void **state)
{
    static const Case cases[] = {
        {"SELECT CAST(' 12 ' AS int), CAST('' AS int), CAST(2.9 AS int), CAST(-2.9 AS int), "
         "CAST(2.5e0 AS int)",
         "12|0|2|-2|2"},
        {"SELECT CAST('x' AS int)", "error 245"},
        {"SELECT CAST('99999999999' AS int)", "error 248"},
        {"SELECT CAST('x' AS bigint)", "error 8114"},
        {"SELECT CAST(300 AS tinyint)", "error 220"},
        {"SELECT CAST(70000 AS smallint)", "error 220"},
        {"SELECT CAST(3000000000 AS int)", "error 8115"},
        {"SELECT TRY_CAST('x' AS int), TRY_CONVERT(int, '7'), TRY_CAST('2026-13-01' AS date)",
         "NULL|7|NULL"},
        {"SELECT CAST('5' AS bit), CAST(5 AS bit), CAST(0 AS bit)", "1|1|0"},
        {"SELECT CAST(1 AS nvarchar(10)) + 'x', CAST(N'abcdef' AS nvarchar(3)), "
         "CONVERT(nvarchar(2), 'xyz')",
         "1x|abc|xy"},
        {"SELECT CAST(1.5 AS nvarchar(10)), CAST(0.1e0 AS nvarchar(20)), CAST(1e20 AS "
         "nvarchar(20))",
         "1.5|0.1|1e+020"},
        {"SELECT CONVERT(nvarchar(30), 3.14e30, 0), CONVERT(nvarchar(30), 0.1e0, 3)",
         "3.14e+030|0.10000000000000001"},
        {"SELECT CONVERT(nvarchar(30), 3.14e0, 2)", "error 102"},
        {"SELECT CAST(12345 AS nvarchar(3))", "error 8115"},
        {"SELECT CAST(123456 AS varchar(3))", "*"},
        {"SELECT CAST('abc' AS char(5)) + '|'", "abc  |"},
        {"SELECT CAST(1.255 AS decimal(5,2)), CAST('3.14159' AS decimal(3,2)), CAST(7 AS "
         "decimal(5,1))",
         "1.26|3.14|7.0"},
        {"SELECT CAST(1000 AS decimal(3,0))", "error 8115"},
        {"SELECT CONVERT(varchar(20), 0x0A1B, 1), CONVERT(varchar(20), 0x0A1B, 2)", "0x0A1B|0A1B"},
        {"SELECT CONVERT(varbinary(10), N'AB')", "error 102"},
        {"SELECT CAST(0x41004200 AS nvarchar(10))", "error 102"},
        {"SELECT CAST(258 AS varbinary(4))", "error 102"},
        {"SELECT CAST(0x0102 AS int)", "error 102"},
        {"SELECT CAST('6F9619FF-8B86-d011-b42d-00c04fc964ff' AS uniqueidentifier)",
         "6F9619FF-8B86-D011-B42D-00C04FC964FF"},
        {"SELECT CAST('zz' AS uniqueidentifier)", "error 8169"},
        {"SELECT CAST(5 AS uniqueidentifier)", "error 529"},
        {"SELECT CAST(5 AS datetimeoffset)", "error 529"},
        {"SELECT CAST('2026-02-29' AS date)", "error 241"},
        {"SELECT CAST('20260228' AS date), CAST('2026-02-28T10:11:12.345' AS datetime2), "
         "CAST('2026-02-28 10:11' AS datetime)",
         "2026-02-28|2026-02-28 10:11:12|2026-02-28 10:11:00"},
        {"SELECT CAST('2026-02-28T10:11:12.3456789' AS datetime)", "error 241"},
        {"SELECT CONVERT(nvarchar(40), CAST('2026-02-28T10:11:12.5+02:00' AS datetimeoffset)), "
         "CONVERT(nvarchar(40), CAST('2026-02-28T10:11:12.5+02:00' AS datetimeoffset), 127), "
         "CONVERT(nvarchar(40), CAST('2026-02-28T10:11:12' AS datetime2(3)), 126)",
         "2026-02-28 10:11:12.5000000 +02:00|2026-02-28T08:11:12.5000000Z|2026-02-28T10:11:12.000"},
        {"SELECT CONVERT(nvarchar(8), CAST('2026-02-28' AS date), 112)", "error 102"},
        {"SELECT CONVERT(nvarchar(40), CAST('2026-02-28' AS datetime), 999)", "error 102"},
        {"SELECT CAST(SERVERPROPERTY('EngineEdition') AS int) + 1, SERVERPROPERTY('EngineEdition')",
         "6|5"},
        {"SELECT UPPER(SERVERPROPERTY('Edition'))", "error 257"},
        {"DECLARE @n nvarchar(3) = N'abcdef', @b varbinary(2) = 0x010203; SELECT @n, @b",
         "abc|0102"},
        {"SELECT CAST('a' AS unknowntype)", "error 2715"},
        {"SELECT N'a' + 0x41", "error 402"},
    };
    (void)state;
    CHECK(cases);
}

static void test_expressions__nulls(void **state)
{
    static const Case cases[] = {
        {"SELECT ISNULL(NULL, 5), ISNULL(CAST(NULL AS nvarchar(2)), N'abcdef'), COALESCE(NULL, "
         "NULL, 3)",
         "5|ab|3"},
        {"SELECT COALESCE(NULL, N'abcdef')", "abcdef"},
        {"SELECT NULLIF(1, 1)", "error 102"},
        {"SELECT IIF(1 = 2, 'a', 'b')", "error 102"},
        {"SELECT COALESCE(NULL, NULL)", "error 4127"},
        {"SELECT CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' ELSE 'c' END, CASE WHEN 1 = 2 THEN 1 END",
         "b|NULL"},
        {"SELECT CASE WHEN 1 = 1 THEN NULL ELSE NULL END", "error 8133"},
        {"SELECT CASE WHEN 1 = 1 THEN 1 ELSE 'x' END", "1"},
        {"SELECT CASE WHEN 1 = 2 THEN 1 ELSE 'x' END", "error 245"},
        {"SELECT ISNULL(1)", "error 174"},
    };
    (void)state;
    CHECK(cases);
}

static void test_expressions__text_functions(void **state)
{
    static const Case cases[] = {
        {"SELECT DATALENGTH(N'ab '), DATALENGTH('ab '), DATALENGTH(5), DATALENGTH(NULL)",
         "6|3|4|NULL"},
        {"SELECT DATALENGTH(NCHAR(128512))", "4"},
        {"SELECT SUBSTRING('hello', 2, 3), SUBSTRING('hello', 0, 3), SUBSTRING('hi', 9, 1)",
         "ell|he|"},
        {"SELECT LEFT('hello', 2)", "error 102"},
        {"SELECT SUBSTRING('hello', 1, -1)", "error 537"},
        {"SELECT UPPER(N'aé')", "AÉ"},
        {"SELECT NCHAR(26085)", "日"},
        {"SELECT REPLICATE('ab', 3)", "error 102"},
        {"SELECT QUOTENAME('a]b')", "[a]]b]"},
        {"SELECT HASHBYTES('SHA1', N'a'), HASHBYTES('MD2', N'a')",
         "0A04B971B03DA607CE6C455184037B660CA89F78|NULL"},
        {"SELECT NOSUCH('a')", "error 102"},
        {"SELECT FORMAT(1, 'N')", "error 102"},
        {"SELECT CHECKSUM('a')", "error 102"},
        {"SELECT UPPER()", "error 174"},
        {"SELECT UPPER(DISTINCT 'a')", "error 102"},
        {"SELECT dbo.f(1)", "error 102"},
    };
    (void)state;
    CHECK(cases);
}

static void test_expressions__dates(void **state)
{
    static const Case cases[] = {
        {"SELECT DATEADD(day, -1, CAST('2026-03-01' AS date))", "2026-02-28"},
        {"SELECT DATEADD(month, 1, GETDATE())", "error 102"},
        {"SELECT DATEDIFF(week, GETDATE(), GETDATE())", "error 102"},
        {"SELECT DATEADD(hour, 2, CAST('2026-01-01T23:30:00+05:30' AS datetimeoffset))",
         "2026-01-02 01:30:00 +05:30"},
        {"SELECT DATEADD(hour, 1, CAST('2026-01-01' AS date))", "error 9810"},
        {"SELECT DATEADD(fortnight, 1, GETDATE())", "error 102"},
        {"SELECT DATEADD('day', 1, GETDATE())", "error 1023"},
        {"SELECT DATEADD(day, 3000000, GETDATE())", "error 517"},
        {"SELECT DATEDIFF(hh, '2026-01-01T10:59:00', '2026-01-01T11:01:00'), "
         "DATEDIFF(second, '2026-01-01', '2026-01-02')",
         "1|86400"},
        {"SELECT DATEDIFF(day, CAST('2026-01-01T23:00:00-05:00' AS datetimeoffset), "
         "CAST('2026-01-02T01:00:00+00:00' AS "
         "datetimeoffset))",
         "0"},
        {"SELECT DATEDIFF(millisecond, '2020-01-01', '2026-01-01')", "error 535"},
        {"SELECT CASE WHEN SYSDATETIMEOFFSET() >= GETUTCDATE() THEN 1 ELSE 0 END", "1"},
        {"SELECT 1 WHERE SYSDATETIMEOFFSET() < '9999-12-31' AND SYSDATETIMEOFFSET() > '0001-01-01'",
         "1"},
    };
    (void)state;
    CHECK(cases);
}

static void test_expressions__types_of_results(void **state)
{
    static const Case cases[] = {
        {"SELECT 1 AS i, 3000000000 AS big, 1.50 AS d, 1e0 AS f, 'ab' AS v, N'ab' AS n, NULL AS x",
         "i:int! big:decimal(10,0)! d:decimal(3,2)! f:float! v:nvarchar(2)! n:nvarchar(2)! x:int\n"
         "1|3000000000|1.50|1|ab|ab|NULL"},
        {"SELECT COUNT(*) AS n, COUNT_BIG(*) AS b WHERE 1 = 2", "n:int! b:bigint!\n0|0"},
        {"SELECT TOP 0 SYSDATETIMEOFFSET() AS t", "t:datetimeoffset(7)!"}, // the clock goes on
        {"SELECT TOP 0 NEWID() AS g, CAST(1 AS smallint) AS s, CAST(0 AS bit) AS b, 0x01 AS x, "
         "N'a' + 'bc' AS c, GETDATE() AS d, "
         "SERVERPROPERTY('Edition') AS v",
         "g:uniqueidentifier! s:smallint! b:bit! x:varbinary(1)! c:nvarchar(3)! d:datetime! "
         "v:sql_variant"},
        {"SELECT TOP 0 CASE WHEN 1 = 1 THEN 1 ELSE 2.5 END AS a, ISNULL(CAST(NULL AS smallint), "
         "70) AS b, COALESCE(N'a', N'bcd') "
         "AS c, CAST('a' AS nvarchar(max)) AS m, 1 + CAST(1 AS bigint) AS big",
         "a:decimal(11,1)! b:smallint! c:nvarchar(3)! m:nvarchar(-1)! big:bigint!"},
    };
    Collect collect = {.with_types = true};
    (void)state;
    Session *session = session_open(engine_of(FLAVOR_AZURE), "sa", "test");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(collect_run(session, &collect, cases[i].batch), cases[i].said);
    buf_done(&collect.text);
    session_close(session);
}

static void test_expressions__flavors_know_what_their_server_knows(void **state)
{
    static const Case old[] = {
        {"SELECT GETDATE() AT TIME ZONE 'UTC'", "error 102"},
        {"SELECT SERVERPROPERTY('EngineEdition'), IS_SRVROLEMEMBER('sysadmin')", "3|1"},
    };
    static const Case azure[] = {
        {"SELECT SERVERPROPERTY('EngineEdition'), IS_SRVROLEMEMBER('sysadmin'), "
         "DATABASEPROPERTYEX(DB_NAME(), 'Edition')",
         "5|NULL|Standard"},
    };
    (void)state;
    check(FLAVOR_SQL2012, "sa", old, ARRAY_LEN(old));
    CHECK(azure);
}

static void test_expressions__decimals_are_exact(void **state)
{
    static const Case cases[] = {
        {"SELECT 9007199254740993 + 0.0, CAST(9007199254740993 AS decimal(16,0)), "
         "CAST(N'9007199254740993' AS "
         "decimal(17,0)) - 1, -9007199254740993",
         "9007199254740993.0|9007199254740993|9007199254740992|-9007199254740993"},
        {"SELECT 99999999999999999999999999999999999999, "
         "CAST('-99999999999999999999999999999999999999' AS "
         "decimal(38,0))",
         "99999999999999999999999999999999999999|-99999999999999999999999999999999999999"},
        {"SELECT 99999999999999999999999999999999999999 + 1", "error 8115"},
        {"SELECT 0.1 + 0.2, 0.3 - 12345678901234567890.123456789, 1.5 - 1.5",
         "0.3|-12345678901234567889.823456789|0.0"},
        {"SELECT CAST(2.345 AS decimal(5,2)), CAST(-2.345 AS decimal(5,2)), CAST(2.344 AS "
         "decimal(5,2)), "
         "CAST(1e0 AS decimal(5,2))",
         "2.35|-2.35|2.34|1.00"},
        {"SELECT CAST(9223372036854775807.0 AS bigint), CAST(-2.9 AS int), CAST(0.1 AS bit), "
         "CAST(1.10 AS "
         "float)",
         "9223372036854775807|-2|1|1.1"},
        {"SELECT CAST(9223372036854775808.0 AS bigint)", "error 8115"},
        {"SELECT CAST('1e2' AS decimal(5,0))", "error 8114"},
        {"SELECT CASE WHEN 1.50 = 1.5 AND 1.5 < 1.51 AND -1.5 > -1.51 AND 10.0 > 9.99 AND 0.01 > "
         "-100.0 "
         "AND 5 = 5.00 THEN 1 ELSE 0 END",
         "1"},
        {"SELECT x FROM (VALUES (1.5), (-20.25), (0.0), (100.0), (-0.001), (99.999)) AS t (x) "
         "ORDER BY x",
         "-20.250\n-0.001\n0.000\n1.500\n99.999\n100.000"},
        {"SELECT SUM(x), MIN(x), MAX(x), COUNT(DISTINCT x) FROM (VALUES "
         "(9007199254740993.01), (0.99), (1), (1.00), (NULL)) AS t (x)",
         "9007199254740996.00|0.99|9007199254740993.01|3"},
        {"DECLARE @d decimal(10,3) = 2.5; SET @d = @d + 5; SELECT @d, DATALENGTH(@d), "
         "DATALENGTH(CAST(1 AS "
         "decimal(38,0)))",
         "7.500|9|17"},
        {"DECLARE @t TABLE (d decimal(9,2)); INSERT INTO @t VALUES (1.005), (12345.67); SELECT d "
         "FROM @t WHERE d "
         "> 1.0 ORDER BY d DESC",
         "12345.67\n1.01"},
        {"DECLARE @t TABLE (d decimal(5,2)); INSERT INTO @t VALUES (1000)", "error 8115"},
    };
    (void)state;
    CHECK(cases);
}

static void test_expressions__a_variant_keeps_its_type(void **state)
{
    static const Case cases[] = {
        {"DECLARE @v sql_variant = CAST('2026-03-01T10:11:12' AS datetime); SELECT @v, "
         "CONVERT(nvarchar(40), @v, "
         "126), DATALENGTH(@v), CAST(@v AS datetime2(0))",
         "2026-03-01 10:11:12|2026-03-01T10:11:12|8|2026-03-01 10:11:12"},
        {"DECLARE @v sql_variant = CAST('2026-03-01T10:11:12.5+02:00' AS datetimeoffset); SELECT "
         "CONVERT(nvarchar(40), @v), CAST(@v AS date)",
         "2026-03-01 10:11:12.5000000 +02:00|2026-03-01"},
        {"DECLARE @v sql_variant = CAST('2026-03-01' AS date); SELECT CAST(@v AS nvarchar(40)), "
         "DATALENGTH(@v)",
         "2026-03-01|3"},
        {"DECLARE @t TABLE (v sql_variant); INSERT INTO @t VALUES (CAST(CAST(1 AS bit) AS "
         "sql_variant)), "
         "(CAST(CAST(200 AS tinyint) AS sql_variant)), (CAST(CAST(9007199254740993 AS bigint) AS "
         "sql_variant)), "
         "(CAST(CAST(12.50 AS decimal(9,2)) AS sql_variant)), (CAST(CAST(0.5 AS real) AS "
         "sql_variant)), "
         "(CAST(0x0102 AS sql_variant)), (CAST('ab' AS sql_variant)), (CAST(N'ab' AS "
         "sql_variant)); "
         "SELECT DATALENGTH(v) FROM @t; SELECT CONVERT(nvarchar(40), v) FROM @t WHERE v = "
         "CAST(12.5 AS "
         "sql_variant) OR v = CAST(CAST(1 AS bigint) AS sql_variant)",
         "1\n1\n8\n5\n4\n2\n2\n4\n1\n12.50"},
        {"DECLARE @v sql_variant = CAST('00112233-4455-6677-8899-aabbccddeeff' AS "
         "uniqueidentifier); SELECT "
         "DATALENGTH(@v), CAST(@v AS nvarchar(36))",
         "16|00112233-4455-6677-8899-AABBCCDDEEFF"},
        {"SELECT CASE WHEN CAST(CAST(5 AS bigint) AS sql_variant) = CAST(5 AS sql_variant) THEN 1 "
         "ELSE 0 END, "
         "CASE WHEN CAST(N'ab' AS sql_variant) = CAST('AB ' AS sql_variant) THEN 1 ELSE 0 END, "
         "CASE WHEN CAST(N'5' AS sql_variant) = CAST(5 AS sql_variant) THEN 1 ELSE 0 END",
         "1|1|0"},
        {"SELECT v FROM (VALUES (CAST(3 AS sql_variant)), (CAST(CAST(20 AS bigint) AS "
         "sql_variant)), "
         "(CAST(2.5 AS sql_variant))) AS t (v) ORDER BY v",
         "2.5\n3\n20"},
        {"DECLARE @v sql_variant = CAST('2026-03-01' AS datetime); SELECT CAST(@v AS int)",
         "error 529"},
    };
    (void)state;
    CHECK(cases);
}

static void test_expressions__fixed_binary_is_padded(void **state)
{
    static const Case cases[] = {
        {"SELECT CAST(0x0102 AS binary(4)), CAST(0x010203 AS binary(2))", "01020000|0102"},
        {"DECLARE @t TABLE (b binary(3)); INSERT INTO @t VALUES (0x01); SELECT b, DATALENGTH(b) "
         "FROM @t",
         "010000|3"},
        {"SELECT CAST('12.5' AS money), CAST(N'x' AS text), CAST('2026-03-01' AS smalldatetime)",
         "12.5000|x|2026-03-01 00:00:00"},
    };
    (void)state;
    CHECK(cases);
}

static void test_expressions__real_is_four_bytes(void **state)
{
    static const Case cases[] = {
        {"SELECT DATALENGTH(CAST(0.1 AS real)), DATALENGTH(CAST(0.1 AS float)), DATALENGTH(CAST(1 "
         "AS float(24)))",
         "4|8|4"},
        {"SELECT CASE WHEN CAST(0.1 AS real) = CAST(0.1 AS float) THEN 1 ELSE 0 END, "
         "CAST(CAST(16777217 AS real) "
         "AS int)",
         "0|16777216"},
        {"DECLARE @t TABLE (r real); INSERT INTO @t VALUES (0.1e0); SELECT CASE WHEN r = 0.1e0 "
         "THEN 1 ELSE 0 END, "
         "CONVERT(nvarchar(40), r, 3) FROM @t",
         "0|0.100000001"},
        {"SELECT CAST(1e39 AS real)", "error 8115"},
    };
    (void)state;
    CHECK(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expressions__decimals_are_exact),
        cmocka_unit_test(test_expressions__a_variant_keeps_its_type),
        cmocka_unit_test(test_expressions__real_is_four_bytes),
        cmocka_unit_test(test_expressions__fixed_binary_is_padded),
        cmocka_unit_test(test_expressions__literals_and_arithmetic),
        cmocka_unit_test(test_expressions__comparisons),
        cmocka_unit_test(test_expressions__like),
        cmocka_unit_test(test_expressions__instants_compare_whatever_their_offset),
        cmocka_unit_test(test_expressions__conversions),
        cmocka_unit_test(test_expressions__nulls),
        cmocka_unit_test(test_expressions__text_functions),
        cmocka_unit_test(test_expressions__dates),
        cmocka_unit_test(test_expressions__types_of_results),
        cmocka_unit_test(test_expressions__flavors_know_what_their_server_knows),
    };
    return cmocka_run_group_tests(tests, NULL, close_engines);
}
