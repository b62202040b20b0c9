/* Whose number it is: SQL Server's, or that of a product which numbers its errors alike. */
#include "whose.h"

#include "ssisminer/base/err.h"

#include <string.h>

/* Drivers' brackets, exceptions and phrases of products that number their errors themselves. Names
 * alone are none: a package may be called after the database that it reads. Folded. */
static const char *const voices[] = {
    "[teradata",
    "teradatasql",
    "terajdbc",
    "[oracle]",
    "oracleexception",
    "oracle.jdbc",
    "cx_oracle",
    "oracledb.",
    "mysqlexception",
    "mysqlconnector",
    "mysql.data",
    "[mysql]",
    "mysql server",
    "com.mysql",
    "pymysql",
    "mysqldb.",
    "mariadb",
    "[ibm][",
    "db2 sql error",
    "db2exception",
    "ibm.data.db2",
    "com.ibm.db2",
    "microsoft db2",
    "sqlcode",
    "snowflakedb",
    "snowflakesql",
    "snowflake.data",
    "net.snowflake",
    "snowflake.connector",
    "[snowflake]",
    "sql compilation error",
    "npgsql",
    "psqlexception",
    "psqlodbc",
    "psycopg",
    "[postgresql",
    "[informix",
    "sap dbtech",
    "[sap ag]",
    "hanaexception",
    "hdbodbc",
    "[sap][ase",
    "[sybase]",
    "aseexception",
    "mongodb.driver",
    "com.mongodb",
    "[cloudera]",
    "[simba]",
    "org.apache.hive",
    "[amazon]",
    "[netezza",
    "[vertica",
    "[progress]",
    "[openedge",
    "[datadirect]",
    "fbexception",
    "[firebird]",
    "sqliteexception",
    "sqlite3.",
    "[databricks",
    "[clickhouse",
    "bigquery.",
};
/* Beside one of these a number is the server's that was asked, whoever was asked by it. */
static const char *const through_server[] = {"linked server", "openquery", "openrowset"};
static const char *const fronts[] = {"sql server", "sqlerrornumber", "[sqlstate"};

static bool holds_any(const char *text, const char *const *pieces, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strstr(text, pieces[i]))
            return true;
    return false;
}

/* "ora-01843" */
static bool has_oracle_number(const char *text)
{
    for (const char *at = strstr(text, "ora-"); at; at = strstr(at + 1, "ora-"))
        if (fold_is_digit(at[4]) && fold_is_digit(at[5]))
            return true;
    return false;
}

/* Behind "208": ", level 16", ", severity: 16", ",state:1" of any language; not ", sqlstate:
 * 42000", which any driver writes. */
static bool goes_on_as_ours(const char *end)
{
    size_t at = 1;

    if (end[0] != ',')
        return false;
    at += end[at] == FOLD_BLANK;
    size_t word = at;
    while (fold_is_word(end[at]) && !fold_is_digit(end[at]))
        at++;
    if (at == word || strncmp(end + word, "sql", 3) == 0)
        return false;
    at += end[at] == ':';
    at += end[at] == FOLD_BLANK;
    return fold_is_digit(end[at]);
}

static bool has_front(const char *text, size_t at)
{
    enum { REACH = 28 };
    char before[REACH + 1];
    size_t len = at < REACH ? at : REACH;

    memcpy(before, text + at - len, len);
    before[len] = '\0';
    return holds_any(before, fronts, ARRAY_LEN(fronts));
}

/* "error 1045 (28000): access denied" */
static bool goes_on_as_mysql(const char *end)
{
    enum { STATE = 5 };

    if (end[0] != FOLD_BLANK || end[1] != '(')
        return false;
    for (size_t i = 0; i < STATE; i++)
        if (!fold_is_word(end[2 + i]))
            return false;
    return end[2 + STATE] == ')' && end[3 + STATE] == ':';
}

/* "'code': 9003" of an answer of Data Factory's copy, which has codes of its own. */
static bool is_key_of_copy(const char *text, size_t at)
{
    static const char key[] = "'code': ";
    size_t len = sizeof(key) - 1;

    return at >= len && memcmp(text + at - len, key, len) == 0 &&
           strstr(text, "microsoft.datatransfer");
}

bool number_is_of_others(const Folded *folded, size_t at)
{
    const char *text = folded->text, *end = text + at;

    while (fold_is_digit(*end))
        end++;
    if (goes_on_as_ours(end) || has_front(text, at))
        return false;
    if (goes_on_as_mysql(end) || is_key_of_copy(text, at))
        return true;
    return (holds_any(text, voices, ARRAY_LEN(voices)) || has_oracle_number(text)) &&
           !holds_any(text, through_server, ARRAY_LEN(through_server));
}
