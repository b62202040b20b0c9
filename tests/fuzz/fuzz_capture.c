/*
 * Somebody's capture: a file with any bytes and values changed is refused with a reason, or it is
 * served, and then every statement ends with rows or with an error that has a number; either way it
 * is not written to.
 */
#include "fuzz.h"

#include "ssisminer/base/file.h"
#include "ssisminer/base/utf.h"
#include "ssisminer/engine/engine.h"
#include "ssisminer/store/capture.h"

#include <sqlite3.h>
#include <stdio.h>

enum { FILE_MAX_BYTES = 8 << 20, CHANGES_MAX = 64 };

static Arena forever;
static const char *folder;
static Str whole; // an unharmed capture

static const char *path_of(const char *name)
{
    return arena_printf(&forever, "%s/%s", folder, name);
}

static void remove_folder(void)
{
    file_remove_tree(folder);
}

/* ---- a capture ------------------------------------------------------------------------------- */

static void put(CaptureFile *file, const char *table, const char *const *columns, size_t count,
                const char *const *values)
{
    CaptureTable *to = NULL;
    Err err = {0};

    must(capture_table_open(file, table, columns, count, count, &to, &err) == RC_OK);
    for (size_t i = 0; i < count; i++) {
        char *end = NULL;
        int64_t number = strtoll(values[i], &end, 10);
        if (*end == '\0')
            capture_table_i64(to, i, number);
        else
            capture_table_text(to, i, str_of(values[i]));
    }
    must(capture_table_put(to, &err) == RC_OK);
}

#define PUT(file, table, columns, values)                                                          \
    put(file, table, (const char *const[]){columns},                                               \
        sizeof((const char *const[]){columns}) / sizeof(char *), (const char *const[]){values})
#define LIST(...) __VA_ARGS__

static void fill(CaptureFile *file)
{
    PUT(file, "internal.operations",
        LIST("operation_id", "operation_type", "created_time", "status", "caller_name"),
        LIST("1", "200", "128000064", "4", "someone"));
    PUT(file, "internal.executions",
        LIST("execution_id", "folder_name", "project_name", "package_name", "executed_as_name"),
        LIST("1", "folder", "project", "a.dtsx", "someone"));
    PUT(file, "internal.operation_messages_scaleout",
        LIST("event_message_guid", "operation_id", "message_time", "message_type", "message"),
        LIST("00000001-0000-4000-8000-000000000001", "1", "128000064", "120", "went wrong"));
    PUT(file, "internal.event_messages_scaleout",
        LIST("event_message_guid", "operation_id", "package_name", "message_code"),
        LIST("00000001-0000-4000-8000-000000000001", "1", "a.dtsx", "-1071636471"));
    PUT(file, "internal.execution_parameter_values",
        LIST("execution_id", "object_type", "parameter_name", "parameter_value"),
        LIST("1", "30", "Region", "North pole"));
    PUT(file, "capture.answers", LIST("question", "answer"),
        LIST("SERVERPROPERTY(ServerName)", "a server"));
    PUT(file, "sys.schemas", LIST("name", "schema_id"), LIST("internal", "5"));
}

static void make(void)
{
    EngineOptions options = {.flavor = FLAVOR_AZURE, .is_capture = true};
    CaptureHead head = {.run = 1,
                        .server = "a server",
                        .program = "fuzz",
                        .database = "SSISDB",
                        .flavor = "azure",
                        .now = {.ticks = TICKS_UNIX_EPOCH, .is_set = true}};
    CaptureFile *file = NULL;
    Engine *engine = NULL;
    char *made = NULL;
    Err err = {0};

    must(file_temp_dir("ssisminer-fuzz-", &forever, &made, &err) == RC_OK);
    folder = made;
    (void)atexit(remove_folder);
    options.path = path_of("template");
    must(engine_open(&options, &engine, &err) == RC_OK);
    engine_close(engine);
    must(capture_file_open(path_of("whole"), options.path, &file, &err) == RC_OK);
    must(capture_file_shape(file, &err) == RC_OK);
    must(capture_file_begin(file, &head, &err) == RC_OK);
    fill(file);
    must(capture_file_commit(file, &err) == RC_OK);
    capture_file_close(file);
    must(file_read(path_of("whole"), FILE_MAX_BYTES, &forever, &whole, &err) == RC_OK);
}

/* ---- changed --------------------------------------------------------------------------------- */

static void write_file(const char *path, Str bytes)
{
    FILE *file = fopen(path, "w");

    must(file != NULL);
    must(fwrite(bytes.at, 1, bytes.len, file) == bytes.len && fclose(file) == 0);
}

static int collate(void *unused, int a_len, const void *a, int b_len, const void *b)
{
    (void)unused;
    return utf_compare((Str){a, (size_t)a_len}, (Str){b, (size_t)b_len});
}

/* A value of any kind into a cell, by SQLite itself. */
static void change_value(sqlite3 *db, Input *input)
{
    static const char *const cells[][2] = {
        {"internal.operations", "status"},
        {"internal.operations", "created_time"},
        {"internal.operations", "caller_name"},
        {"internal.executions", "package_name"},
        {"internal.executions", "use32bitruntime"},
        {"internal.operation_messages_scaleout", "message"},
        {"internal.operation_messages_scaleout", "event_message_guid"},
        {"internal.operation_messages_scaleout", "message_time"},
        {"internal.event_messages_scaleout", "message_code"},
        {"internal.execution_parameter_values", "parameter_value"},
        {"capture.answers", "answer"},
        {"sys.schemas", "schema_id"},
        {"sys.schemas", "name"}};
    const char *const *cell = cells[take_byte(input) % ARRAY_LEN(cells)];
    char *sql = sqlite3_mprintf("UPDATE \"%w\" SET \"%w\" = ?", cell[0], cell[1]);
    size_t len = take_byte(input);
    sqlite3_stmt *update = NULL;

    len = len < input->left ? len : input->left;
    must(sqlite3_prepare_v2(db, sql, -1, &update, NULL) == SQLITE_OK);
    switch (take_byte(input) % 4) {
    case 0:
        sqlite3_bind_int64(update, 1, take_i64(input));
        break;
    case 1:
        sqlite3_bind_double(update, 1, (double)take_i64(input) / 1000);
        break;
    case 2:
        len = len < input->left ? len : input->left;
        sqlite3_bind_text(update, 1, (const char *)input->at, (int)len, SQLITE_TRANSIENT);
        break;
    default:
        len = len < input->left ? len : input->left;
        sqlite3_bind_blob(update, 1, input->at, (int)len, SQLITE_TRANSIENT);
    }
    len = len < input->left ? len : input->left;
    input->at += len;
    input->left -= len;
    (void)sqlite3_step(update);
    sqlite3_finalize(update);
    sqlite3_free(sql);
}

static void change_values(const char *path, Input *input)
{
    sqlite3 *db = NULL;

    write_file(path, whole);
    must(sqlite3_open(path, &db) == SQLITE_OK);
    (void)sqlite3_create_collation_v2(db, "TSQL", SQLITE_UTF8, NULL, collate, NULL);
    for (int i = 0; i < CHANGES_MAX && input->left > 0; i++)
        change_value(db, input);
    sqlite3_close(db);
}

static void change_bytes(const char *path, Input *input)
{
    Arena arena = {0};
    char *bytes = arena_copy(&arena, whole.at, whole.len);
    size_t len = take_byte(input) == 1 ? (size_t)take_i64(input) % whole.len : whole.len;

    for (int i = 0; i < CHANGES_MAX && input->left > 0; i++) {
        size_t at = (size_t)take_byte(input) << 16 | (size_t)take_byte(input) << 8;
        at |= take_byte(input);
        bytes[at % whole.len] = (char)take_byte(input);
    }
    write_file(path, (Str){bytes, len});
    arena_done(&arena);
}

/* ---- served ---------------------------------------------------------------------------------- */

static bool on_row(void *context, const SbValue *values, size_t count)
{
    size_t *rows = context, sum = 0;

    for (size_t i = 0; i < count; i++) // every byte can be read
        for (size_t k = 0; k < values[i].bytes.len; k++)
            sum += (unsigned char)values[i].bytes.at[k];
    *rows += sum == 1 ? 2 : 1;
    return *rows < 10000;
}

static bool on_error(void *context, int32_t number, int state, int severity, const char *text,
                     const char *procedure, int line)
{
    (void)context, (void)state, (void)procedure, (void)line;
    must(number > 0 && severity >= 11 && text[0] != '\0');
    return true;
}

static void ask(Engine *engine)
{
    static const char *const questions[] = {
        "SELECT o.operation_id, o.status, o.created_time, o.caller_name FROM catalog.operations AS "
        "o WHERE "
        "o.created_time >= '2020-01-01'",
        "SELECT e.execution_id, e.package_name, e.use32bitruntime FROM catalog.executions AS e "
        "ORDER BY e.package_name",
        "SELECT m.message, m.message_time, m.message_code FROM catalog.event_messages AS m WHERE "
        "m.message_type = 120",
        "SELECT p.parameter_value, CONVERT(nvarchar(4000), p.parameter_value) AS t FROM "
        "internal.execution_parameter_values AS p",
        "SELECT SERVERPROPERTY('ServerName') AS s, IS_MEMBER('db_owner') AS m, DB_NAME() AS d",
        "SELECT s.name, s.schema_id FROM sys.schemas AS s",
        "UPDATE internal.operations SET status = 9",
        "CREATE TABLE dbo.more (a int)"};
    size_t rows = 0;
    const SbSink sink = {.context = &rows, .row = on_row, .error = on_error};
    Session *session = session_open(engine, "sa", "fuzz");

    for (size_t i = 0; session && i < ARRAY_LEN(questions); i++)
        (void)session_run(session, str_of(questions[i]), NULL, 0, &sink);
    session_close(session);
}

static void serve(const char *path)
{
    EngineOptions options = {.flavor = FLAVOR_AZURE,
                             .path = path,
                             .is_capture = true,
                             .now = {.ticks = TICKS_UNIX_EPOCH, .is_set = true}};
    Engine *engine = NULL;
    Err err = {0};

    if (engine_open(&options, &engine, &err) != RC_OK) {
        must(err.rc != RC_OK && err.text[0] != '\0');
        return;
    }
    ask(engine);
    engine_close(engine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena arena = {0};
    Input input = {data, size};
    Str before, after;
    CaptureHead head;
    Err err = {0};

    if (!folder)
        make();
    const char *path = arena_printf(&arena, "%s/changed", folder);
    if (take_byte(&input) % 2)
        change_values(path, &input);
    else
        change_bytes(path, &input);
    must(file_read(path, FILE_MAX_BYTES, &arena, &before, &err) == RC_OK);
    if (capture_head_read(path, &arena, &head, &err) != RC_OK)
        must(err.rc == RC_USAGE && err.text[0] != '\0');
    else
        must(head.run != 0 && head.server && head.database && head.flavor);
    serve(path);
    must(file_read(path, FILE_MAX_BYTES, &arena, &after, &err) == RC_OK);
    must(str_equal(before, after));
    arena_done(&arena);
    return 0;
}
