/* SELECT: rows, joins, groups, windows, set operations, CTEs — and what T-SQL refuses. */
#include "collect.h"

#include <sqlite3.h>

static const char tables[] =
    "CREATE TABLE #p (id int NOT NULL PRIMARY KEY, name nvarchar(20) NULL, grp int NULL, at "
    "datetimeoffset(7) NULL);"
    "CREATE TABLE #c (pid int NOT NULL, v int NULL, note nvarchar(20) NULL);"
    "INSERT INTO #p VALUES (1, N'Ann', 10, '2026-01-01T10:00:00+01:00'), (2, N'bob', 10, "
    "'2026-01-01T09:30:00Z'),"
    "  (3, N'ANN ', 20, NULL), (4, NULL, 20, '2026-01-02T00:00:00Z');"
    "INSERT INTO #c VALUES (1, 5, N'x'), (1, 7, N'y'), (2, NULL, N'z'), (9, 1, NULL);";

static void check_with_tables(const Case *cases, size_t count)
{
    Session *session = session_open(engine_of(FLAVOR_AZURE), "sa", "test");
    Collect collect = {0};
    assert_string_equal(collect_run(session, &collect, tables), "");
    buf_done(&collect.text);
    check_cases(session, cases, count);
    session_close(session);
}

#define CHECK_TABLES(cases) check_with_tables((cases), ARRAY_LEN(cases))

static void test_queries__where_and_order(void **state)
{
    static const Case cases[] = {
        {"SELECT id FROM #p WHERE name = 'ANN' ORDER BY id", "1\n3"},
        {"SELECT p.id, p.name AS who FROM #p AS p WHERE p.grp = 10 ORDER BY who DESC",
         "2|bob\n1|Ann"},
        {"SELECT id n FROM #p ORDER BY 1 DESC", "4\n3\n2\n1"},
        {"SELECT id FROM #p ORDER BY name, id", "4\n1\n3\n2"},
        {"SELECT id FROM #p WHERE at >= '2026-01-01T09:30:00Z' ORDER BY at DESC", "4\n2"},
        {"SELECT * FROM #c WHERE v IS NULL", "2|NULL|z"},
        {"SELECT #c.* FROM #c WHERE v = 5", "1|5|x"},
        {"SELECT TOP 2 id FROM #p ORDER BY id", "1\n2"},
        {"DECLARE @n int = 1; SELECT TOP (@n + 1) id FROM #p ORDER BY id", "1\n2"},
        {"SELECT TOP (0) id FROM #p", ""},
        {"SELECT TOP (-1) id FROM #p", "error 1060"},
        {"SELECT TOP 10 PERCENT id FROM #p", "error 156"},
        {"SELECT id FROM #p ORDER BY id OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY", "error 102"},
        {"SELECT id FROM #p LIMIT 1", "error 102"},
        {"SELECT id FROM #p WHERE id = 1 OPTION (RECOMPILE, MAXDOP 1)", "1"},
        {"SELECT id FROM #p WITH (NOLOCK)", "error 156"},
        {"SELECT id FROM #p OPTION (NOSUCH)", "error 102"},
        {"SELECT DISTINCT grp FROM #p ORDER BY grp", "10\n20"},
        {"SELECT DISTINCT name FROM #p WHERE name IS NOT NULL ORDER BY name DESC", "bob\nAnn"},
        {"SELECT DISTINCT grp FROM #p ORDER BY id", "error 145"},
        {"SELECT id AS [a b], 'lit' = 5, x = 6 FROM #p WHERE id = 1", "error 102"},
        {"SELECT id AS [a b], x = 6 FROM #p WHERE id = 1", "1|6"},
        {"SELECT `id` FROM #p", "error 102"},
        {"SELECT id FROM #p ORDER BY 9", "error 108"},
        {"SELECT nosuch FROM #p", "error 207"},
        {"SELECT x.id FROM #p AS p", "error 4104"},
        {"SELECT p.nosuch FROM #p AS p", "error 207"},
        {"SELECT #p.id FROM #p AS p", "error 4104"},
        {"SELECT id FROM #nosuch", "error 208"},
        {"SELECT id FROM other.dbo.t", "error 208"},
        {"SELECT *", "error 263"},
        {"SELECT q.* FROM #p AS p", "error 107"},
        {"SELECT id FROM #p FOR XML PATH", "error 156"},
        {"SELECT id INTO #x FROM #p", "error 156"},
        {"SELECT id,, name FROM #p", "error 102"},
        {"SELECT id FORM #p", "error 102"},
        {"SELECT COUNT(* FROM #p", "error 156"},
        {"SELECT id FROM #p WHERE", "error 102"},
    };
    (void)state;
    CHECK_TABLES(cases);
}

static void test_queries__joins(void **state)
{
    static const Case cases[] = {
        {"SELECT p.id, c.v FROM #p AS p JOIN #c AS c ON c.pid = p.id ORDER BY p.id, c.v",
         "1|5\n1|7\n2|NULL"},
        {"SELECT p.id, c.v FROM #p p LEFT OUTER JOIN #c c ON c.pid = p.id ORDER BY 1, 2",
         "1|5\n1|7\n2|NULL\n3|NULL\n4|NULL"},
        {"SELECT p.id, c.pid FROM #p p RIGHT JOIN #c c ON c.pid = p.id", "error 156"},
        {"SELECT p.id, c.pid FROM #p p FULL JOIN #c c ON c.pid = p.id", "error 156"},
        {"SELECT COUNT(*) FROM #p CROSS JOIN #c", "16"},
        {"SELECT COUNT(*) FROM #p, #c WHERE id = pid", "error 102"},
        {"SELECT p.id, q.id FROM #p p JOIN #p q ON q.grp = p.grp AND q.id > p.id ORDER BY 1",
         "1|2\n3|4"},
        {"SELECT COUNT(*) FROM #p p LEFT JOIN (#c c JOIN #c d ON d.pid = c.pid) ON c.pid = p.id",
         "error 102"},
        {"SELECT p.id FROM #p p JOIN #p p ON p.id = p.id", "error 1011"},
        {"SELECT id FROM #p p JOIN #p q ON q.id = p.id", "error 209"},
        {"SELECT p.id FROM #p p JOIN #c c", "error 102"},
        {"SELECT d.n FROM (SELECT COUNT(*) AS n FROM #p) AS d", "4"},
        {"SELECT d.n FROM (SELECT COUNT(*) AS n FROM #p)", "error 102"},
        {"SELECT n FROM (SELECT COUNT(*) FROM #p) AS d", "error 8155"},
        {"SELECT n, m FROM (SELECT 1, 2) AS d(n, m)", "1|2"},
        {"SELECT n FROM (SELECT 1, 2) AS d(n)", "error 8158"},
        {"SELECT a FROM (SELECT 1 AS a, 2 AS a) AS d", "error 8156"},
        {"SELECT a FROM (SELECT id AS a FROM #p ORDER BY id) AS d", "error 1033"},
        {"SELECT v.a, v.b FROM (VALUES (1, N'x'), (2, NULL)) AS v(a, b) ORDER BY v.a",
         "1|x\n2|NULL"},
        {"SELECT v.a FROM (VALUES (1, 2), (3)) AS v(a, b)", "error 10709"},
        {"SELECT p.id FROM #p p CROSS APPLY (SELECT c.v FROM #c c WHERE c.pid = p.id) AS l",
         "error 156"},
    };
    (void)state;
    CHECK_TABLES(cases);
}

static void test_queries__subqueries(void **state)
{
    static const Case cases[] = {
        {"SELECT id FROM #p p WHERE EXISTS (SELECT 1 FROM #c c WHERE c.pid = p.id) ORDER BY id",
         "1\n2"},
        {"SELECT id FROM #p WHERE id NOT IN (SELECT pid FROM #c) ORDER BY id", "3\n4"},
        {"SELECT id FROM #p WHERE id IN (SELECT v FROM #c) ORDER BY id", "1"},
        {"SELECT id FROM #p WHERE id NOT IN (SELECT v FROM #c)", ""},
        {"SELECT (SELECT MAX(v) FROM #c WHERE pid = p.id) AS m FROM #p p ORDER BY p.id",
         "7\nNULL\nNULL\nNULL"},
        {"SELECT (SELECT id, name FROM #p)", "error 116"},
        {"SELECT id FROM #p WHERE at IN (SELECT at FROM #p WHERE id = 1)", "1"},
        {"SELECT id FROM #p WHERE name IN (SELECT note FROM #c UNION ALL SELECT N'ann') ORDER BY "
         "id",
         "1\n3"},
    };
    (void)state;
    CHECK_TABLES(cases);
}

static void test_queries__groups(void **state)
{
    static const Case cases[] = {
        {"SELECT grp, COUNT(*), MIN(name), MAX(at) FROM #p GROUP BY grp ORDER BY grp",
         "10|2|Ann|2026-01-01 09:30:00 +00:00\n20|2|ANN |2026-01-02 00:00:00 +00:00"},
        {"SELECT name, COUNT(*) FROM #p GROUP BY name ORDER BY 2 DESC, 1", "Ann|2\nNULL|1\nbob|1"},
        {"SELECT SUM(v), COUNT(v), COUNT(*), COUNT(DISTINCT pid) FROM #c", "13|3|4|3"},
        {"SELECT AVG(v) FROM #c", "error 102"},
        {"SELECT SUM(v) FROM #c WHERE 1 = 2", "NULL"},
        {"SELECT COUNT(*) FROM #p WHERE 1 = 2 GROUP BY grp", ""},
        {"SELECT grp FROM #p GROUP BY grp HAVING COUNT(*) > 1 AND MIN(id) > 1", "20"},
        {"SELECT COUNT(*) FROM #p HAVING COUNT(*) > 100", ""},
        {"SELECT grp + 1, MAX(id) FROM #p GROUP BY grp + 1 ORDER BY grp + 1", "11|2\n21|4"},
        {"SELECT grp, name FROM #p GROUP BY grp", "error 8120"},
        {"SELECT name, COUNT(*) FROM #p", "error 8120"},
        {"SELECT grp FROM #p GROUP BY grp ORDER BY id", "error 8120"},
        {"SELECT id FROM #p WHERE COUNT(*) > 1", "error 147"},
        {"SELECT COUNT(MAX(id)) FROM #p", "error 130"},
        {"SELECT grp FROM #p GROUP BY 1", "error 164"},
        {"SELECT SUM(name) FROM #p", "error 8117"},
        {"SELECT SUM(CAST(2147483647 AS int)) FROM #p", "error 8115"},
        {"SELECT SUM(CAST(2147483647 AS bigint)) FROM #p", "8589934588"},
        {"SELECT COUNT(DISTINCT name) FROM #p", "2"},
        {"SELECT grp, (SELECT TOP 1 v FROM #c WHERE pid = grp) FROM #p GROUP BY grp ORDER BY 1",
         "10|NULL\n20|NULL"},
        {"SELECT grp, (SELECT TOP 1 v FROM #c WHERE pid = #p.id) FROM #p GROUP BY grp",
         "error 8120"},
    };
    (void)state;
    CHECK_TABLES(cases);
}

static void test_queries__windows(void **state)
{
    static const Case cases[] = {
        {"SELECT id, ROW_NUMBER() OVER (PARTITION BY grp ORDER BY id DESC) FROM #p ORDER BY id",
         "1|2\n2|1\n3|2\n4|1"},
        {"SELECT id, RANK() OVER (ORDER BY grp) FROM #p", "error 102"},
        {"SELECT id, SUM(id) OVER (ORDER BY id) FROM #p", "error 102"},
        {"SELECT ROW_NUMBER() OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) FROM #p", "error 102"},
        {"SELECT id FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY at DESC) AS n FROM #p WHERE at IS "
         "NOT NULL) AS x WHERE n = 1",
         "4"},
        {"SELECT grp, COUNT(*), ROW_NUMBER() OVER (ORDER BY COUNT(*), grp) FROM #p GROUP BY grp "
         "ORDER BY grp",
         "10|2|1\n20|2|2"},
        {"SELECT ROW_NUMBER() OVER (PARTITION BY grp) FROM #p", "error 4112"},
        {"SELECT ROW_NUMBER() FROM #p", "error 10753"},
        {"SELECT id FROM #p WHERE ROW_NUMBER() OVER (ORDER BY id) = 1", "error 4108"},
        {"SELECT ROW_NUMBER() OVER (ORDER BY 1) FROM #p", "error 5308"},
        {"SELECT UPPER(name) OVER () FROM #p", "error 102"},
    };
    (void)state;
    CHECK_TABLES(cases);
}

static void test_queries__set_operations_and_ctes(void **state)
{
    static const Case cases[] = {
        {"SELECT id FROM #p WHERE id < 3 UNION SELECT pid FROM #c", "error 156"},
        {"SELECT 1 UNION ALL SELECT 1", "1\n1"},
        {"SELECT id FROM #p EXCEPT SELECT pid FROM #c", "error 156"},
        {"SELECT id FROM #p INTERSECT SELECT pid FROM #c", "error 156"},
        {"SELECT COUNT(*) FROM (SELECT DISTINCT x FROM (VALUES (N'a'), (N'A  ')) AS v (x)) AS u",
         "1"},
        {"SELECT 1, 2 UNION ALL SELECT 1", "error 205"},
        {"SELECT 1 AS a UNION ALL SELECT CAST(2 AS bigint) ORDER BY a DESC", "2\n1"},
        {"SELECT 1 UNION ALL SELECT 'x'", "1\nerror 245"},
        {"SELECT NULL AS a UNION ALL SELECT N'x' ORDER BY a", "NULL\nx"},
        {"SELECT TOP 1 id FROM #p UNION ALL SELECT 7", "1\n7"},
        {"SELECT 1 AS a UNION ALL SELECT 2 ORDER BY b", "error 104"},
        {"WITH x AS (SELECT id FROM #p WHERE grp = 20), y AS (SELECT id + 1 AS k FROM x) SELECT "
         "x.id, y.k FROM x JOIN y ON y.k = x.id "
         "+ 1 ORDER BY 1",
         "3|4\n4|5"},
        {"WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 4) SELECT SUM(i) FROM n",
         "error 208"},
        {"WITH x AS (SELECT 1 AS a) DELETE FROM #c WHERE pid IN (SELECT a + 8 FROM x)",
         "error 156"},
        {"WITH x AS (SELECT 1)", "error 102"},
        {"SELECT 1 AS b WITH x AS (SELECT 2 AS a) SELECT a FROM x", "error 319"},
        {"SELECT grp AS g FROM #p GROUP BY g", "error 207"},
        {"SELECT grp AS g FROM #p WHERE g = 1", "error 207"},
        {"SELECT 1; WITH x AS (SELECT 2 AS a) SELECT a FROM x", "1\n2"},
        {"SELECT TOP 1 a FROM (SELECT 2 AS a UNION ALL SELECT 1) AS u ORDER BY a", "1"},
    };
    (void)state;
    CHECK_TABLES(cases);
}

/* A condition on a UNION ALL is handed to its halves where an index finds what it asks for. */
static void test_queries__conditions_on_a_union_all(void **state)
{
#define PARTS                                                                                      \
    "FROM (SELECT pid, v, note FROM #c UNION ALL SELECT id, grp, name FROM #p UNION ALL SELECT "   \
    "CAST(NULL AS int), id, name FROM #p) AS u"
    static const Case cases[] = {
        {"SELECT p.id, (SELECT COUNT(*) " PARTS " WHERE u.pid = p.id) FROM #p AS p ORDER BY p.id",
         "1|3\n2|2\n3|1\n4|1"},
        {"SELECT p.id, (SELECT MAX(u.note) " PARTS " WHERE p.id = u.pid AND u.v >= 7) FROM #p AS p "
         "ORDER BY p.id",
         "1|y\n2|bob\n3|ANN \n4|NULL"},
        {"SELECT p.id, (SELECT COUNT(*) " PARTS
         " WHERE u.pid = p.id OR u.pid IS NULL) FROM #p AS p "
         "ORDER BY p.id",
         "1|7\n2|6\n3|5\n4|5"},
        {"SELECT p.id, (SELECT COUNT(*) " PARTS " LEFT JOIN #c AS c ON c.pid = u.pid WHERE u.pid = "
         "p.id AND c.pid = u.pid) FROM #p AS p ORDER BY p.id",
         "1|6\n2|2\n3|0\n4|0"},
        {"SELECT p.id, (SELECT COUNT(*) FROM #c AS c LEFT JOIN (SELECT id FROM #p UNION ALL SELECT "
         "id + 1 FROM #p) AS u ON u.id = c.pid WHERE u.id = p.id) FROM #p AS p ORDER BY p.id",
         "1|2\n2|2\n3|0\n4|0"},
        {"SELECT p.id, (SELECT COUNT(*) FROM (SELECT TOP (2) id FROM #p UNION ALL SELECT MAX(id) "
         "FROM #p UNION ALL SELECT id FROM #p GROUP BY id HAVING id > 2) AS u WHERE u.id = p.id) "
         "FROM #p AS p ORDER BY p.id",
         "1|1\n2|1\n3|1\n4|2"},
        {"SELECT p.id, (SELECT COUNT(*) FROM (SELECT w.id FROM (SELECT id FROM #p UNION ALL SELECT "
         "pid FROM #c) AS w WHERE w.id < 3 UNION ALL SELECT id FROM #p WHERE id IN (SELECT pid "
         "FROM "
         "#c)) AS u WHERE u.id = p.id) FROM #p AS p ORDER BY p.id",
         "1|4\n2|3\n3|0\n4|0"},
    };
#undef PARTS
    (void)state;
    CHECK_TABLES(cases);
}

static sqlite3 *latest; // the connection that was opened last

static int remember(sqlite3 *db, const char **ret_text, const sqlite3_api_routines *routines)
{
    (void)ret_text, (void)routines;
    latest = db;
    return SQLITE_OK;
}

static int pages_read(void)
{
    int hits = 0, misses = 0, most = 0;

    sqlite3_db_status(latest, SQLITE_DBSTATUS_CACHE_HIT, &hits, &most, 1);
    sqlite3_db_status(latest, SQLITE_DBSTATUS_CACHE_MISS, &misses, &most, 1);
    return hits + misses;
}

/* What one row needs of a UNION ALL of large tables is found by their indexes, and nothing else
 * read. */
static void test_queries__a_union_all_is_not_made_first(void **state)
{
#define LONG "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    static const char made[] =
        "CREATE TABLE dbo.union_a (id int NOT NULL PRIMARY KEY, op int NOT NULL, text "
        "nvarchar(100) NULL);"
        "CREATE INDEX a_op ON dbo.union_a (op);"
        "CREATE TABLE dbo.union_b (id int NOT NULL PRIMARY KEY, op int NOT NULL, text "
        "nvarchar(100) NULL);"
        "CREATE INDEX b_op ON dbo.union_b (op);"
        "DECLARE @n int = 1;"
        "WHILE @n <= 4000 BEGIN INSERT INTO dbo.union_a VALUES (@n, @n - @n / 1000 * 1000, N'" LONG
        "'); "
        "INSERT INTO dbo.union_b VALUES (@n, @n - @n / 1000 * 1000, N'" LONG
        "'); SET @n = @n + 1; END;";
    static const char asked[] = "SELECT o.id, (SELECT MAX(u.id) FROM (SELECT id, op, text FROM "
                                "dbo.union_a UNION ALL SELECT id, op, "
                                "text FROM dbo.union_b) AS u WHERE u.op = o.op AND u.id > 5) FROM "
                                "dbo.union_a AS o WHERE o.id = 7";
    Collect collect = {0};
    (void)state;
    sqlite3_auto_extension((void (*)(void))(uintptr_t)remember);
    Session *session = session_open(engine_of(FLAVOR_AZURE), "sa", "test");
    assert_string_equal(collect_run(session, &collect, made), "");
    pages_read();
    assert_string_equal(collect_run(session, &collect, asked), "7|3007");
    assert_in_range(pages_read(), 1, 100); // 230 when the whole is read
    sqlite3_cancel_auto_extension((void (*)(void))(uintptr_t)remember);
    buf_done(&collect.text);
    session_close(session);
}

static void test_queries__many_columns(void **state)
{
    Session *session = session_open(engine_of(FLAVOR_AZURE), "sa", "test");
    Collect collect = {0};
    Buf text = BUF(1 << 16), expected = BUF(1 << 16);
    (void)state;
    for (int i = 0; i < 300; i++) {
        buf_printf(&text, "%s%d.%02d AS c%d, N'x%d'", i ? ", " : "SELECT ", i, i % 100, i, i);
        buf_printf(&expected, "%s%d.%02d|x%d", i ? "|" : "", i, i % 100, i);
    }
    assert_string_equal(collect_run(session, &collect, buf_text(&text)), buf_text(&expected));
    buf_done(&text);
    buf_done(&expected);
    buf_done(&collect.text);
    session_close(session);
}

static void test_queries__nesting_has_an_end(void **state)
{
    Session *session = session_open(engine_of(FLAVOR_AZURE), "sa", "test");
    Collect collect = {0};
    Buf text = BUF(1 << 20);
    (void)state;
    buf_puts(&text, "SELECT ");
    for (int i = 0; i < 5000; i++)
        buf_putc(&text, '(');
    assert_string_equal(collect_run(session, &collect, buf_text(&text)), "error 191");
    buf_reset(&text);
    buf_puts(&text, "SELECT 1");
    for (int i = 0; i < 5000; i++)
        buf_puts(&text, " + 1");
    assert_string_equal(collect_run(session, &collect, buf_text(&text)), "error 191");
    buf_reset(&text);
    buf_puts(&text, "SELECT CASE WHEN 1 = 1");
    for (int i = 0; i < 5000; i++)
        buf_puts(&text, " OR 1 = 2");
    buf_puts(&text, " THEN 5 END");
    assert_string_equal(collect_run(session, &collect, buf_text(&text)), "5");
    buf_done(&text);
    buf_done(&collect.text);
    session_close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queries__where_and_order),
        cmocka_unit_test(test_queries__joins),
        cmocka_unit_test(test_queries__subqueries),
        cmocka_unit_test(test_queries__groups),
        cmocka_unit_test(test_queries__windows),
        cmocka_unit_test(test_queries__set_operations_and_ctes),
        cmocka_unit_test(test_queries__conditions_on_a_union_all),
        cmocka_unit_test(test_queries__a_union_all_is_not_made_first),
        cmocka_unit_test(test_queries__many_columns),
        cmocka_unit_test(test_queries__nesting_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, close_engines);
}
