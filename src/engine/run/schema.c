/* The schema files: batches of T-SQL for a flavor, run when the database is opened. */
#include "exec.h"

#include "ssisminer/asset/file.h"

#include <stdio.h>
#include <string.h>

static const char *const flavor_names[] = {
    [FLAVOR_AZURE] = "azure", [FLAVOR_SQL2019] = "sql2019", [FLAVOR_SQL2012] = "sql2012"};

/* ---- files to batches ------------------------------------------------------------------------ */

/* "… -- only: azure sql2019" at the end of a line: it is for these alone. Takes the mark off; false
 * when the line is not for this flavor. */
static bool take_mark(Str *line, Flavor flavor)
{
    static const char mark[] = "-- only:";
    Str name = str_of(flavor_names[flavor]), word;
    const char *at = memmem(line->at, line->len, mark, sizeof mark - 1);
    if (!at)
        return true;
    Str rest = {at + sizeof mark - 1, line->len - (size_t)(at - line->at) - (sizeof mark - 1)};
    *line = nvarchar_rtrim((Str){line->at, (size_t)(at - line->at)});
    bool is_ours = false;
    while (str_split(&rest, ' ', &word))
        is_ours = is_ours || str_equal(str_trim(word), name);
    return is_ours;
}

static void keep_batch(Engine *engine, Buf *text, Batches *batches)
{
    if (!str_is_blank(buf_text(text)))
        *ARENA_PUSH(&engine->arena, batches->list, batches->count) =
            arena_copy(&engine->arena, buf_text(text), text->len);
    buf_reset(text);
}

/* A mark that stands alone before a batch is of all of it. */
static void split_file(Engine *engine, Str text, Batches *batches)
{
    AUTO(buf_done) Buf batch = BUF(16 << 20);
    bool at_start = true, skip = false;
    Str line;
    while (str_split(&text, '\n', &line)) {
        bool is_go = str_equal_fold(str_trim(line), str_of("GO")), had_text = line.len > 0;
        bool is_ours = take_mark(&line, engine->flavor);
        if (is_go) {
            keep_batch(engine, &batch, batches);
            at_start = true;
            skip = false;
        } else if (at_start && had_text && !line.len) {
            skip = !is_ours;
        } else if (is_ours && !skip) {
            at_start = at_start && str_trim(line).len == 0;
            buf_put(&batch, line.at, line.len);
            buf_putc(&batch, '\n');
        }
    }
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

/* ---- batches run ----------------------------------------------------------------------------- */

typedef struct Quiet { // a sink that keeps the errors, or why there was one
    char error[2400];
} Quiet;

static bool quiet_error(void *context, int32_t number, int state, int severity, const char *text,
                        const char *procedure, int line)
{
    Quiet *quiet = context;
    (void)state, (void)severity, (void)procedure;
    size_t len = strlen(quiet->error);
    if (len + 64 < sizeof quiet->error)
        (void)snprintf(quiet->error + len, sizeof quiet->error - len, "%serror %d, line %d: %s",
                       len ? "; " : "", number, line, text);
    return true;
}

static bool quiet_info(void *context, int32_t number, int state, int severity, const char *text,
                       int line, bool is_now)
{
    Quiet *quiet = context;
    (void)number, (void)state, (void)severity, (void)line, (void)is_now;
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
    if (session->engine->is_reopened)
        return FAIL(err, RC_USAGE, "'%s' was made of another kind of server, or by another version",
                    session->engine->path);
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

/* The catalog's own set-up makes dbo a member, which no statement does (15405). */
static void make_members(Catalog *catalog)
{
    static const struct {
        const char *role, *member;
    } members[] = {{"ssis_admin", "dbo"}, {"ssis_admin", "admin"}, {"ssis_logreader", "reader"}};

    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        int role = catalog_id(catalog, NAME_ROLE, str_of(members[i].role));
        if (role)
            catalog_member(catalog, role, catalog_id(catalog, NAME_USER, str_of(members[i].member)),
                           false);
    }
}

/* The shapes of the sys views come from their own CREATE TABLE; the table itself goes again, unless
 * it keeps what another server's view showed. */
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
        if ((!engine->is_capture && !drop_table(session, shape)) ||
            !system_view_publish(engine, &copy))
            return FAIL(err, RC_QUERY, "the sandbox's view sys.%s cannot be made", copy.name);
    }
    return RC_OK;
}

/* Nothing else is in the file: no view, no trigger; SQLite's own table of sequences is. */
static Rc check_declared(const Session *session, Err *err)
{
    const Engine *engine = session->engine;
    int64_t all = session_number(session, "SELECT COUNT(sql) FROM sqlite_schema");

    if (engine->is_capture && engine->is_reopened && all != engine->declared + 1)
        return FAIL(err, RC_USAGE, "'%s' holds more than a capture does", engine->path);
    return RC_OK;
}

static Rc make_all(Session *session, Err *err)
{
    TRY(declare_system_views(session, err));
    TRY(run_file(session, "sql/engine/own.sql", err));
    if (session->engine->is_capture)
        TRY(run_file(session, "sql/engine/capture.sql", err));
    if (engine_is_azure_database(session->engine))
        TRY(run_file(session, "sql/engine/azure.sql", err));
    TRY(run_all(session, &session->engine->schema, err));
    TRY(run_file(session, "sql/engine/users.sql", err));
    make_members(CATALOG(session));
    return check_declared(session, err);
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
