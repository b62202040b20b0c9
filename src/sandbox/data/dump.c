/*
 * Schema and data as T-SQL for a real server.
 *
 * The schema is the very text the engine ran; tables and columns are read from it, so that the
 * order of the INSERTs (parents first) and the column types are those of the schema.
 */
#include "generate.h"

#include "ssisminer/base/arena.h"
#include "ssisminer/base/buf.h"
#include "ssisminer/base/utf.h"
#include "ssisminer/engine/stored.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <string.h>

enum {
    COLUMNS_MAX = 32,
    ROWS_PER_INSERT = 500,
    BYTES_PER_INSERT = 200 * 1024,
    ROW_BYTES_MAX = 64 * 1024 * 1024
};

typedef enum ColumnKind {
    COLUMN_NUMBER,
    COLUMN_TEXT,
    COLUMN_TIME,
    COLUMN_GUID,
    COLUMN_BINARY,
    COLUMN_VARIANT
} ColumnKind;

typedef struct DumpColumn {
    Str name;
    ColumnKind kind;
} DumpColumn;

typedef struct DumpTable {
    Str name;
    DumpColumn columns[COLUMNS_MAX];
    size_t column_count;
    bool has_identity;
} DumpTable;

/* ---- reading the schema ---------------------------------------------------------------------- */

static Str next_word(Str *rest)
{
    Str word;

    *rest = str_trim(*rest);
    if (!str_split(rest, ' ', &word))
        return (Str){"", 0};
    return word;
}

static ColumnKind kind_of(Str type)
{
    static const struct TypeKind {
        const char *prefix;
        ColumnKind kind;
    } kinds[] = {{"nvarchar", COLUMN_TEXT},       {"char", COLUMN_TEXT},
                 {"datetimeoffset", COLUMN_TIME}, {"uniqueidentifier", COLUMN_GUID},
                 {"varbinary", COLUMN_BINARY},    {"sql_variant", COLUMN_VARIANT}};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_begins(type, kinds[i].prefix))
            return kinds[i].kind;
    return COLUMN_NUMBER;
}

static bool read_column(DumpTable *table, Str line)
{
    Str name = next_word(&line), type = next_word(&line), third = next_word(&line);

    if (str_begins(name, "CONSTRAINT") || str_begins(name, ")") || name.len == 0 ||
        table->column_count == COLUMNS_MAX)
        return false;
    table->columns[table->column_count++] = (DumpColumn){name, kind_of(type)};
    table->has_identity |= str_begins(third, "IDENTITY");
    return true;
}

/* One column a line after "CREATE TABLE name (", as the schema files are written. */
static bool read_table(const char *batch, DumpTable *table)
{
    static const char create[] = "CREATE TABLE ";
    const char *at = strstr(batch, create);
    Str rest, line;

    *table = (DumpTable){0};
    if (!at || (at != batch && at[-1] != '\n'))
        return false;
    rest = str_of(at + sizeof create - 1);
    if (!str_split(&rest, '\n', &line))
        return false;
    table->name = next_word(&line);
    while (str_split(&rest, '\n', &line) && read_column(table, line))
        ;
    return table->column_count > 0;
}

/* ---- literals -------------------------------------------------------------------------------- */

static bool is_surrogate(const unsigned char *at, size_t left) // one half alone, as three bytes
{
    return left >= 3 && at[0] == 0xED && at[1] >= 0xA0 && (at[2] & 0xC0) == 0x80;
}

/* Would end the batch for sqlcmd and its like. */
static bool starts_go_line(Str text)
{
    while (text.len > 0 && (text.at[0] == ' ' || text.at[0] == '\t'))
        text = (Str){text.at + 1, text.len - 1};
    return text.len >= 2 && str_equal_fold((Str){text.at, 2}, str_of("go"));
}

static size_t count_controls(const char *text, size_t len)
{
    size_t count = 0;

    for (size_t i = 0; i < len; i++)
        count += (unsigned char)text[i] < 0x20 || (unsigned char)text[i] == 0x7f;
    return count;
}

/* Bytes of the control character or lone surrogate at `at`, 0 for what may stand in a literal.
 * Text with many lines keeps its line breaks: hundreds of + in one expression are refused. */
static size_t special_at(const char *at, size_t left, bool keep_lines, unsigned *ret_code)
{
    const unsigned char *bytes = (const unsigned char *)at;

    if (is_surrogate(bytes, left)) {
        *ret_code = 0xD000u | (bytes[1] & 0x3Fu) << 6 | (bytes[2] & 0x3Fu);
        return 3;
    }
    if (bytes[0] >= 0x20 && bytes[0] != 0x7f)
        return 0;
    if (keep_lines &&
        (bytes[0] == '\t' || (bytes[0] == '\n' && !starts_go_line((Str){at + 1, left - 1}))))
        return 0;
    *ret_code = bytes[0];
    return 1;
}

static void put_text(Buf *out, Str text)
{
    size_t controls = count_controls(text.at, text.len);

    if (text.len > 3000 && controls > 0)
        buf_puts(out, "CAST(N'' AS nvarchar(max)) + "); // or the sum would be cut at 4000
    buf_puts(out, "N'");
    for (size_t i = 0, bytes; i < text.len; i += bytes) {
        unsigned code;
        bytes = special_at(text.at + i, text.len - i, controls > 100, &code);
        if (bytes > 0) {
            buf_printf(out, "' + NCHAR(%u) + N'", code);
            continue;
        }
        if (text.at[i] == '\'')
            buf_putc(out, '\'');
        if (utf_next(text.at + i, text.len - i, &bytes) == 0xFFFD)
            buf_puts(out, "\xef\xbf\xbd");
        else
            buf_put(out, text.at + i, bytes);
    }
    buf_putc(out, '\'');
}

static void put_time(Buf *out, int64_t stored)
{
    buf_putc(out, '\'');
    stored_put_time(time_unpack(stored), (SbType){.id = SB_DATETIMEOFFSET, .scale = 7}, true, out);
    buf_putc(out, '\'');
}

static void put_binary(Buf *out, Str bytes)
{
    buf_puts(out, "0x");
    for (size_t i = 0; i < bytes.len; i++)
        buf_printf(out, "%02X", (unsigned char)bytes.at[i]);
}

static void put_variant(Buf *out, const Stored *stored)
{
    SbValue value = stored_value(stored, (SbType){.id = SB_SQL_VARIANT});

    buf_puts(out, "CAST(");
    if (stored->kind == SQLITE_TEXT)
        put_text(out, stored->bytes);
    else
        stored_put_variant(&value, out);
    buf_puts(out, " AS sql_variant)");
}

/* A column that is NULL in all rows of one INSERT would be of type int, which some types refuse;
 * so the first row says what it is. */
static void put_null(Buf *out, ColumnKind kind, bool is_first_row)
{
    static const char *const types[] = {[COLUMN_NUMBER] = NULL,
                                        [COLUMN_TEXT] = NULL,
                                        [COLUMN_TIME] = "datetimeoffset(7)",
                                        [COLUMN_GUID] = "uniqueidentifier",
                                        [COLUMN_BINARY] = "varbinary(max)",
                                        [COLUMN_VARIANT] = "sql_variant"};

    if (is_first_row && types[kind])
        buf_printf(out, "CAST(NULL AS %s)", types[kind]);
    else
        buf_puts(out, "NULL");
}

static void put_value(Buf *out, ColumnKind kind, const Stored *stored)
{
    switch (kind) {
    case COLUMN_NUMBER:
        buf_printf(out, "%" PRId64, stored->i64);
        break;
    case COLUMN_TIME:
        put_time(out, stored->i64);
        break;
    case COLUMN_GUID:
        buf_printf(out, "'%.*s'", STR_FMT(stored->bytes));
        break;
    case COLUMN_BINARY:
        put_binary(out, stored->bytes);
        break;
    case COLUMN_VARIANT:
        put_variant(out, stored);
        break;
    case COLUMN_TEXT:
        put_text(out, stored->bytes);
        break;
    }
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void put_names(Buf *out, const DumpTable *table, const char *quote)
{
    for (size_t i = 0; i < table->column_count; i++)
        buf_printf(out, "%s%s%.*s%s", i ? ", " : "", quote, STR_FMT(table->columns[i].name), quote);
}

static void put_row(Buf *out, const DumpTable *table, sqlite3_stmt *row, bool is_first_row)
{
    for (size_t i = 0; i < table->column_count; i++) {
        Stored stored = stored_from(sqlite3_column_value(row, (int)i));
        buf_puts(out, i ? ", " : "(");
        if (stored.kind == SQLITE_NULL)
            put_null(out, table->columns[i].kind, is_first_row);
        else
            put_value(out, table->columns[i].kind, &stored);
    }
    buf_putc(out, ')');
}

static void set_identity_insert(FILE *out, const DumpTable *table, const char *state)
{
    if (table->has_identity)
        fprintf(out, "SET IDENTITY_INSERT %.*s %s;\nGO\n", STR_FMT(table->name), state);
}

static void begin_insert(FILE *out, const DumpTable *table)
{
    AUTO(buf_done) Buf names = BUF(4096);

    put_names(&names, table, "");
    fprintf(out, "INSERT INTO %.*s (%s) VALUES\n", STR_FMT(table->name), buf_text(&names));
}

static Rc put_rows(sqlite3_stmt *select, const DumpTable *table, FILE *out, Err *err)
{
    AUTO(buf_done) Buf row = BUF(ROW_BYTES_MAX);
    size_t rows = 0, bytes = 0;

    while (sqlite3_step(select) == SQLITE_ROW) {
        bool is_full = rows == ROWS_PER_INSERT || bytes >= BYTES_PER_INSERT;
        if (is_full)
            fputs(";\nGO\n", out);
        else if (rows == 0)
            set_identity_insert(out, table, "ON");
        if (is_full || rows == 0) {
            begin_insert(out, table);
            rows = bytes = 0;
        } else {
            fputs(",\n", out);
        }
        buf_reset(&row);
        put_row(&row, table, select, rows == 0);
        TRY(buf_check(&row, "a row of the dump", err));
        fwrite(row.text, 1, row.len, out);
        rows++;
        bytes += row.len;
    }
    if (rows > 0) {
        fputs(";\nGO\n", out);
        set_identity_insert(out, table, "OFF");
    }
    return RC_OK;
}

static Rc dump_table(sqlite3 *store, const DumpTable *table, FILE *out, Err *err)
{
    AUTO(buf_done) Buf sql = BUF(4096);
    sqlite3_stmt *select;
    Rc rc;

    buf_puts(&sql, "SELECT ");
    put_names(&sql, table, "\"");
    buf_printf(&sql, " FROM \"%.*s\" ORDER BY rowid", STR_FMT(table->name));
    if (sqlite3_prepare_v2(store, buf_text(&sql), -1, &select, NULL) != SQLITE_OK)
        return FAIL(err, RC_QUERY, "dump of '%.*s': %s", STR_FMT(table->name),
                    sqlite3_errmsg(store));
    rc = put_rows(select, table, out, err);
    sqlite3_finalize(select);
    return rc;
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* A password instead of the database master key, so that any scratch database takes them. Servers
 * that speak T-SQL without having keys get the rest all the same. */
static Rc dump_keys(sqlite3 *store, const char *kind, const char *table, const char *rest,
                    FILE *out, Err *err)
{
    AUTO(buf_done) Buf sql = BUF(400);
    sqlite3_stmt *select;

    buf_printf(&sql, "SELECT name FROM \"sandbox.%s\" ORDER BY rowid", table);
    if (sqlite3_prepare_v2(store, buf_text(&sql), -1, &select, NULL) != SQLITE_OK)
        return FAIL(err, RC_QUERY, "dump of the keys: %s", sqlite3_errmsg(store));
    while (sqlite3_step(select) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(select, 0);
        fprintf(out,
                "BEGIN TRY\n"
                "    IF NOT EXISTS (SELECT name FROM sys.%s WHERE name = N'%s')\n"
                "        EXEC (N'CREATE %s [%s]%s');\n"
                "END TRY\n"
                "BEGIN CATCH\n"
                "    PRINT N'%s is left out: ' + ERROR_MESSAGE();\n"
                "END CATCH;\nGO\n",
                table, name, kind, name, rest, name);
    }
    sqlite3_finalize(select);
    return RC_OK;
}

/* ---- what an earlier run left ---------------------------------------------------------------- */

/* Name after "CREATE <kind> " at the start of a line; empty if the batch makes no such thing. */
static Str created(const char *batch, const char *kind)
{
    AUTO(buf_done) Buf head = BUF(64);
    Str rest = str_of(batch), line;

    buf_printf(&head, "CREATE %s ", kind);
    while (str_split(&rest, '\n', &line)) {
        if (line.len > head.len && memcmp(line.at, buf_text(&head), head.len) == 0) {
            Str name = {line.at + head.len, line.len - head.len};
            name.len = strcspn(name.at, " (;\r\n");
            return name;
        }
    }
    return (Str){0};
}

static void put_drop(const char *batch, FILE *out)
{
    static const struct {
        const char *kind, *before, *behind; // its name, in the test whether there is one
    } kinds[] = {
        {"TABLE", "OBJECT_ID(N'", "') IS NOT NULL"},
        {"VIEW", "OBJECT_ID(N'", "') IS NOT NULL"},
        {"PROCEDURE", "OBJECT_ID(N'", "') IS NOT NULL"},
        {"SCHEMA", "SCHEMA_ID(N'", "') IS NOT NULL"},
        {"ROLE", "EXISTS (SELECT name FROM sys.database_principals WHERE name = N'", "')"},
    };

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        Str name = created(batch, kinds[i].kind);
        if (name.len > 0)
            fprintf(out, "IF %s%.*s%s DROP %s %.*s;\nGO\n", kinds[i].before, STR_FMT(name),
                    kinds[i].behind, kinds[i].kind, STR_FMT(name));
    }
}

Rc dump_tsql(Engine *engine, bool drop_first, FILE *out, Err *err)
{
    sqlite3 *store = engine_store(engine);
    size_t count;
    char *const *batches = engine_schema(engine, &count);
    DumpTable table;

    for (size_t i = count; drop_first && i > 0; i--) // what refers goes before what is referred to
        put_drop(batches[i - 1], out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s%sGO\n", batches[i], str_ends(batches[i], "\n") ? "" : "\n");
    for (size_t i = 0; i < count; i++)
        if (read_table(batches[i], &table))
            TRY(dump_table(store, &table, out, err));
    TRY(dump_keys(store, "CERTIFICATE", "certificates",
                  " ENCRYPTION BY PASSWORD = N''Sandbox-2012-Only'' WITH SUBJECT = N''sandbox''",
                  out, err));
    TRY(dump_keys(store, "SYMMETRIC KEY", "symmetric_keys",
                  " WITH ALGORITHM = AES_256 ENCRYPTION BY PASSWORD = N''Sandbox-2012-Only''", out,
                  err));
    if (fflush(out) != 0 || ferror(out))
        return FAIL(err, RC_USAGE, "the dump could not be written");
    return RC_OK;
}
