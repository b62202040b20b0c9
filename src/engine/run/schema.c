/* The schema files: batches of T-SQL for a flavour, run when the database is opened. */
#include "schema.h"
#include "exec.h"
#include "sysview.h"

#include "ssisminer/asset/file.h"

#include <stdio.h>
#include <string.h>

static const char *const flavor_names[] = {
    [FLAVOR_AZURE] = "azure", [FLAVOR_SQL2019] = "sql2019", [FLAVOR_SQL2012] = "sql2012"};

/* ---- files to batches --------------------------------------------------------------------- */

/* "… -- only: azure sql2019" at the end of a line: true when the line is not for this flavour. */
static bool is_for_others(Str line, Flavor flavor)
{
    static const char mark[] = "-- only:";
    for (size_t i = 0; i + sizeof mark - 1 <= line.len; i++) {
        if (memcmp(line.at + i, mark, sizeof mark - 1) != 0)
            continue;
        Str rest = {line.at + i + sizeof mark - 1, line.len - i - (sizeof mark - 1)}, word;
        while (str_split(&rest, ' ', &word))
            if (str_equal(str_trim(word), str_of(flavor_names[flavor])))
                return false;
        return true;
    }
    return false;
}

static bool is_mark_only(Str line)
{
    Str trimmed = str_trim(line);
    return trimmed.len > 8 && memcmp(trimmed.at, "-- only:", 8) == 0;
}

static Str without_mark(Str line)
{
    static const char mark[] = "-- only:";
    for (size_t i = 0; i + sizeof mark - 1 <= line.len; i++)
        if (memcmp(line.at + i, mark, sizeof mark - 1) == 0) {
            Str head = {line.at, i};
            while (head.len && head.at[head.len - 1] == ' ')
                head.len--;
            return head;
        }
    return line;
}

static bool is_go(Str line)
{
    return str_equal_fold(str_trim(line), str_of("GO"));
}

static void keep_batch(Engine *engine, const Buf *text, Batches *batches)
{
    if (str_is_blank(buf_text(text)))
        return;
    batches->list = arena_grow(&engine->arena, batches->list, batches->count, batches->count + 1,
                               &batches->capacity, sizeof *batches->list);
    batches->list[batches->count++] = arena_copy(&engine->arena, buf_text(text), text->len);
}

static void split_file(Engine *engine, Str text, Batches *batches)
{
    AUTO(buf_done) Buf batch = BUF(16 << 20);
    bool at_start = true, skip = false;
    Str line;
    while (str_split(&text, '\n', &line)) {
        if (is_go(line)) {
            if (!skip)
                keep_batch(engine, &batch, batches);
            buf_reset(&batch);
            at_start = true;
            skip = false;
            continue;
        }
        bool others = is_for_others(line, engine->flavor);
        if (at_start && is_mark_only(line)) {
            skip = others;
            continue;
        }
        at_start = at_start && str_trim(line).len == 0;
        if (others)
            continue;
        Str kept = without_mark(line);
        buf_put(&batch, kept.at, kept.len);
        buf_putc(&batch, '\n');
    }
    if (!skip)
        keep_batch(engine, &batch, batches);
}

/* Of every file whose path holds this. */
static void read_files(Engine *engine, const char *path, Batches *batches)
{
    size_t count = 0;
    const AssetFile *files = schema_asset_files(&count);
    for (size_t i = 0; i < count; i++)
        if (strstr(files[i].path, path))
            split_file(engine, (Str){files[i].text, files[i].len}, batches);
}

void schema_read(Engine *engine)
{
    read_files(engine, "sql/schema/", &engine->schema);
}

/* ---- batches run -------------------------------------------------------------------------- */

typedef struct Quiet { // a sink that keeps the first error
    char error[2400];
} Quiet;

static bool quiet_error(void *context, int32_t number, int state, int severity, const char *text,
                        const char *procedure, int line)
{
    Quiet *quiet = context;
    (void)state;
    (void)severity;
    (void)procedure;
    size_t len = strlen(quiet->error);
    if (len + 64 < sizeof quiet->error)
        (void)snprintf(quiet->error + len, sizeof quiet->error - len, "%serror %d, line %d: %s",
                       len ? "; " : "", number, line, text);
    return true;
}

static bool quiet_info(void *context, int32_t number, int state, int severity, const char *text,
                       int line)
{
    Quiet *quiet = context;
    (void)number;
    (void)state;
    (void)severity;
    (void)line;
    if (!quiet->error[0])
        (void)snprintf(quiet->error, sizeof quiet->error, "%s", text);
    return true;
}

static Rc run_batch(Session *session, const char *batch, Err *err)
{
    Quiet quiet = {0};
    const SbSink sink = {.context = &quiet, .error = quiet_error, .info = quiet_info};
    if (session->engine->is_reopened && str_starts(batch, "INSERT"))
        return RC_OK; // rows are there
    (void)session_run(session, str_of(batch), NULL, 0, &sink);
    if (!quiet.error[0])
        return RC_OK;
    int head = (int)strcspn(batch, "\n");
    return FAIL(err, RC_QUERY, "schema of the sandbox: %s, in the batch that begins '%.*s'",
                quiet.error, head, batch);
}

static Rc run_all(Session *session, const Batches *batches, Err *err)
{
    for (size_t i = 0; i < batches->count; i++)
        TRY(run_batch(session, batches->list[i], err));
    return RC_OK;
}

static Rc run_file(Session *session, const char *path, Err *err)
{
    Batches batches = {0};
    read_files(session->engine, path, &batches);
    return run_all(session, &batches, err);
}

/* The logins of the sandbox as users, and what each may do (see engine.h). */
static const struct {
    const char *batch;
    const char *needs_schema, *needs_object; // only where it exists
    const char *needs_role;
} users[] = {
    {"CREATE USER [admin] FOR LOGIN [admin]", NULL, NULL, NULL},
    {"CREATE USER [reader] FOR LOGIN [reader]", NULL, NULL, NULL},
    {"CREATE USER [nobody] FOR LOGIN [nobody]", NULL, NULL, NULL},
    {"CREATE USER [purger] FOR LOGIN [purger]", NULL, NULL, NULL},
    {"CREATE USER [deleter] FOR LOGIN [deleter]", NULL, NULL, NULL},
    {"ALTER ROLE ssis_admin ADD MEMBER [admin]", NULL, NULL, "ssis_admin"},
    {"ALTER ROLE ssis_logreader ADD MEMBER [reader]", NULL, NULL, "ssis_logreader"},
    {"GRANT SELECT, DELETE ON SCHEMA::internal TO [deleter]", "internal", NULL, NULL},
    {"GRANT EXECUTE ON internal.cleanup_server_retention_window TO [purger]", "internal",
     "cleanup_server_retention_window", NULL},
    {"GRANT EXECUTE ON internal.cleanup_server_retention_window_exclusive TO [purger]", "internal",
     "cleanup_server_retention_window_exclusive", NULL},
    {"GRANT EXECUTE ON internal.cleanup_completed_jobs_exclusive TO [purger]", "internal",
     "cleanup_completed_jobs_exclusive", NULL},
    {"GRANT EXECUTE ON internal.cleanup_expired_worker TO [purger]", "internal",
     "cleanup_expired_worker", NULL},
};

/* No statement makes dbo a member of a role (15405): the catalogue's own set-up did. */
static void make_dbo_admin(Catalog *catalog)
{
    int role = catalog_principal(catalog, str_of("ssis_admin"), NULL);

    if (role)
        catalog_member(catalog, role, catalog_principal(catalog, str_of("dbo"), NULL), false);
}

static Rc make_users(Session *session, Err *err)
{
    Catalog *catalog = &session->engine->catalog;
    make_dbo_admin(catalog);
    for (size_t i = 0; i < ARRAY_LEN(users); i++) {
        if (users[i].needs_schema && !catalog_schema(catalog, str_of(users[i].needs_schema)))
            continue;
        if (users[i].needs_object &&
            !catalog_find(catalog, str_of(users[i].needs_schema), str_of(users[i].needs_object)))
            continue;
        if (users[i].needs_role && !catalog_principal(catalog, str_of(users[i].needs_role), NULL))
            continue;
        TRY(run_batch(session, users[i].batch, err));
    }
    return RC_OK;
}

/* The shapes of the sys views come from their own CREATE TABLE; the table itself goes again. */
static Rc declare_system_views(Session *session, Err *err)
{
    Engine *engine = session->engine;
    Batches batches = {0};
    read_files(engine, "sql/engine/system_views.sql", &batches);
    TRY(run_all(session, &batches, err));
    for (size_t i = 0; i < batches.count; i++) {
        const char *start =
            strstr(batches.list[i], "CREATE TABLE sys.") + strlen("CREATE TABLE sys.");
        const Object *shape =
            catalog_find(&engine->catalog, str_of("sys"), (Str){start, strcspn(start, " ")});
        Object copy = *shape;
        if (!drop_table(session, shape) || !system_view_publish(engine, &copy))
            return FAIL(err, RC_QUERY, "the sandbox's view sys.%s cannot be made", copy.name);
    }
    return RC_OK;
}

static Rc make_all(Session *session, Err *err)
{
    TRY(declare_system_views(session, err));
    TRY(run_file(session, "sql/engine/own.sql", err));
    if (engine_is_azure_database(session->engine))
        TRY(run_file(session, "sql/engine/azure.sql", err));
    TRY(run_all(session, &session->engine->schema, err));
    return make_users(session, err);
}

Rc schema_make(Engine *engine, Err *err)
{
    Session *session = session_open(engine, "sa", "sandbox");
    if (!session)
        return FAIL(err, RC_QUERY, "no session on the sandbox's database: %s",
                    sqlite3_errmsg(engine->store));
    Rc rc = make_all(session, err);
    session_close(session);
    return rc;
}
