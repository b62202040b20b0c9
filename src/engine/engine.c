/* Opening: the store, the schema in its flavour, the logins. And the sessions on it. */
#include "exec.h"
#include "lock.h"
#include "sysview.h"

#include "ssisminer/asset/file.h"
#include "ssisminer/base/file.h"
#include "ssisminer/base/mem.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const flavor_names[] = {
    [FLAVOR_AZURE] = "azure", [FLAVOR_SQL2019] = "sql2019", [FLAVOR_SQL2012] = "sql2012"};

/* ---- the clock ------------------------------------------------------------------------------- */

Instant engine_now(const Engine *engine)
{
    if (!engine->clock_start.is_set)
        return time_now();
    Instant now = engine->clock_start;
    now.ticks += (time_monotonic_ms() - engine->clock_base_ms) * TICKS_PER_MS;
    return now;
}

const char *engine_server_name(const Engine *engine)
{
    return engine_is_azure_database(engine) ? "sandbox-azure" : "SANDBOX";
}

/* ---- the schema files --------------------------------------------------------------------------
 */

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

static void keep_batch(Engine *engine, const Buf *text, size_t *capacity)
{
    if (str_is_blank(buf_text(text)))
        return;
    engine->batches = arena_grow(&engine->arena, engine->batches, engine->batch_count,
                                 engine->batch_count + 1, capacity, sizeof *engine->batches);
    engine->batches[engine->batch_count++] = arena_copy(&engine->arena, buf_text(text), text->len);
}

static void split_file(Engine *engine, Str text, size_t *capacity)
{
    AUTO(buf_done) Buf batch = BUF(16 << 20);
    bool at_start = true, skip = false;
    Str line;
    while (str_split(&text, '\n', &line)) {
        if (is_go(line)) {
            if (!skip)
                keep_batch(engine, &batch, capacity);
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
        keep_batch(engine, &batch, capacity);
}

static void read_schema(Engine *engine)
{
    size_t count = 0, capacity = 0;
    const AssetFile *files = schema_asset_files(&count);
    for (size_t i = 0; i < count; i++)
        if (strstr(files[i].path, "/schema/"))
            split_file(engine, (Str){files[i].text, files[i].len}, &capacity);
}

size_t engine_schema_batches(const Engine *engine)
{
    return engine->batch_count;
}

const char *engine_schema_batch(const Engine *engine, size_t index)
{
    return engine->batches[index];
}

/* ---- running batches at the start
 * ---------------------------------------------------------------- */

typedef struct Quiet { // a sink that keeps the first error
    char error[2400];
} Quiet;

static bool quiet_columns(void *context, const SbColumn *columns, size_t count)
{
    (void)context;
    (void)columns;
    (void)count;
    return true;
}

static bool quiet_row(void *context, const SbValue *values, size_t count)
{
    (void)context;
    (void)values;
    (void)count;
    return true;
}

static bool quiet_done(void *context, bool is_select, bool has_count, int64_t count)
{
    (void)context;
    (void)is_select;
    (void)has_count;
    (void)count;
    return true;
}

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

static bool quiet_database(void *context, const char *name)
{
    (void)context;
    (void)name;
    return true;
}

static bool quiet_transaction(void *context, int kind, uint64_t id)
{
    (void)context;
    (void)kind;
    (void)id;
    return true;
}

static Rc run_batch(Session *session, const char *batch, Err *err)
{
    Quiet quiet = {0};
    const SbSink sink = {&quiet,      quiet_columns, quiet_row,      quiet_done,
                         quiet_error, quiet_info,    quiet_database, quiet_transaction};
    if (session->engine->is_reopened && str_starts(batch, "INSERT"))
        return RC_OK; // rows are there
    (void)session_run(session, str_of(batch), NULL, 0, &sink);
    if (!quiet.error[0])
        return RC_OK;
    int head = (int)strcspn(batch, "\n");
    return FAIL(err, RC_QUERY, "schema of the sandbox: %s, in the batch that begins '%.*s'",
                quiet.error, head, batch);
}

static Rc run_all(Session *session, Err *err)
{
    const Engine *engine = session->engine;
    for (size_t i = 0; i < engine->batch_count; i++)
        TRY(run_batch(session, engine->batches[i], err));
    return RC_OK;
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

/* Keys, the load and the limits of the server are rows that tests may set: tables of the schema
 * sandbox. */
static const char *const own_batches[] = {
    "CREATE SCHEMA sandbox",
    "CREATE TABLE sandbox.symmetric_keys (name nvarchar(128) NOT NULL PRIMARY KEY, key_id int "
    "IDENTITY(256,1) NOT NULL)",
    "CREATE TABLE sandbox.certificates (name nvarchar(128) NOT NULL PRIMARY KEY, key_id int "
    "IDENTITY(256,1) NOT NULL)",
    "CREATE TABLE sandbox.resource_stats (age_seconds int NOT NULL PRIMARY KEY, avg_cpu_percent "
    "decimal(5,2) NOT NULL DEFAULT 5, "
    "avg_data_io_percent decimal(5,2) NOT NULL DEFAULT 5, avg_log_write_percent decimal(5,2) NOT "
    "NULL DEFAULT 5, "
    "avg_memory_usage_percent decimal(5,2) NOT NULL DEFAULT 40, max_worker_percent decimal(5,2) "
    "NOT NULL DEFAULT 2, "
    "max_session_percent decimal(5,2) NOT NULL DEFAULT 1)",
    "INSERT INTO sandbox.resource_stats (age_seconds) VALUES (15), (30), (45), (60)",
    "CREATE TABLE sandbox.limits (max_size_bytes bigint NOT NULL, is_small_tier bit NOT NULL, "
    "is_read_only bit NOT NULL DEFAULT 0)",
    "INSERT INTO sandbox.limits (max_size_bytes, is_small_tier) VALUES (268435456000, 0)",
    "CREATE TABLE sandbox.heaps (name nvarchar(300) NOT NULL PRIMARY KEY, emptied_rows bigint NOT "
    "NULL)",
    "CREATE VIEW sys.symmetric_keys AS SELECT name, 1 AS principal_id, key_id AS symmetric_key_id, "
    "256 AS key_length, "
    "CAST(N'A3' AS char(2)) AS key_algorithm, CAST(N'AES_256' AS nvarchar(60)) AS algorithm_desc "
    "FROM sandbox.symmetric_keys "
    "WHERE IS_MEMBER('db_owner') = 1 OR HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'ALTER ANY "
    "SYMMETRIC KEY') = 1 "
    "OR HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DEFINITION') = 1",
    "CREATE VIEW sys.certificates AS SELECT name, key_id AS certificate_id, 1 AS principal_id, "
    "CAST(N'MK' AS char(2)) AS pvt_key_encryption_type, name AS subject FROM sandbox.certificates "
    "WHERE IS_MEMBER('db_owner') = 1 OR HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'ALTER ANY "
    "CERTIFICATE') = 1 "
    "OR HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DEFINITION') = 1",
};

static const char *const azure_batches[] = {
    "CREATE VIEW sys.dm_db_resource_stats AS SELECT DATEADD(second, -age_seconds, GETUTCDATE()) AS "
    "end_time, avg_cpu_percent, "
    "avg_data_io_percent, avg_log_write_percent, avg_memory_usage_percent, CAST(0 AS decimal(5,2)) "
    "AS xtp_storage_percent, "
    "max_worker_percent, max_session_percent, 20 AS dtu_limit, CAST(NULL AS decimal(5,2)) AS "
    "cpu_limit, "
    "avg_cpu_percent AS avg_instance_cpu_percent, avg_memory_usage_percent AS "
    "avg_instance_memory_percent "
    "FROM sandbox.resource_stats",
    "CREATE VIEW sys.database_service_objectives AS SELECT 5 AS database_id, CAST(N'Standard' AS "
    "nvarchar(128)) AS edition, "
    "CAST(N'S1' AS nvarchar(128)) AS service_objective, CAST(NULL AS nvarchar(128)) AS "
    "elastic_pool_name",
};

static Rc run_list(Session *session, const char *const *list, size_t count, Err *err)
{
    for (size_t i = 0; i < count; i++)
        TRY(run_batch(session, list[i], err));
    return RC_OK;
}

/* The shapes of the sys views come from their own CREATE TABLE; the table itself goes again. */
static Rc declare_system_views(Session *session, Err *err)
{
    Engine *engine = session->engine;
    for (size_t i = 0; i < system_view_count(); i++) {
        TRY(run_batch(session, system_view_ddl(i), err));
        const char *start = strchr(system_view_ddl(i), '.') + 1;
        const Object *shape =
            catalog_find(&engine->catalog, str_of("sys"), (Str){start, strcspn(start, " ")});
        Object copy = *shape;
        if (!drop_table(session, shape))
            return FAIL(err, RC_QUERY, "the sandbox's view sys.%s cannot be made", copy.name);
        system_view_publish(engine, i, &copy);
    }
    return RC_OK;
}

static Rc prepare_database(Engine *engine, Err *err)
{
    Session *session = session_open(engine, "sa", "sandbox");
    if (!session)
        return FAIL(err, RC_QUERY, "no session on the sandbox's database: %s",
                    sqlite3_errmsg(engine->store));
    Rc rc = declare_system_views(session, err);
    if (rc == RC_OK)
        rc = run_list(session, own_batches, ARRAY_LEN(own_batches), err);
    if (rc == RC_OK && engine_is_azure_database(engine))
        rc = run_list(session, azure_batches, ARRAY_LEN(azure_batches), err);
    if (rc == RC_OK)
        rc = run_all(session, err);
    if (rc == RC_OK)
        rc = make_users(session, err);
    session_close(session);
    return rc;
}

/* ---- open and close
 * --------------------------------------------------------------------------------- */

static int configure(sqlite3 *db)
{
    sqlite3_busy_timeout(db, 60000);
    return sqlite3_exec(db,
                        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON; "
                        "PRAGMA temp_store=MEMORY;"
                        " PRAGMA cache_size=-65536; PRAGMA recursive_triggers=OFF",
                        NULL, NULL, NULL);
}

static Rc open_store(Engine *engine, Err *err)
{
    int rc =
        sqlite3_open_v2(engine->path, &engine->store,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = configure(engine->store);
    if (rc == SQLITE_OK)
        rc = functions_register(engine->store, NULL);
    if (rc != SQLITE_OK)
        return FAIL(err, RC_QUERY, "cannot open the sandbox's database '%s': %s", engine->path,
                    engine->store ? sqlite3_errmsg(engine->store) : "out of memory");
    return RC_OK;
}

/* A file of an earlier run is taken when it holds the same schema: its number says so. */
static Rc check_schema(Engine *engine, bool existed, Err *err)
{
    AUTO(buf_done) Buf sql = BUF(64);
    uint64_t hash = STR_HASH_SEED + (uint64_t)engine->flavor;
    for (size_t i = 0; i < engine->batch_count; i++)
        hash = str_hash(hash, engine->batches[i], strlen(engine->batches[i]));
    int32_t version = (int32_t)(hash & INT32_MAX) | 1, found = 0;
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(engine->store, "PRAGMA user_version", -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        found = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    if (existed && found != version) {
        (void)err_set(err, RC_USAGE, "'%s' holds no sandbox of this flavour and version",
                      engine->path);
        return err_hint(err, "name a new file, or none for a private one");
    }
    engine->is_reopened = existed;
    buf_printf(&sql, "PRAGMA user_version = %d", version);
    (void)sqlite3_exec(engine->store, buf_text(&sql), NULL, NULL, NULL);
    return RC_OK;
}

static Rc choose_path(Engine *engine, const EngineOptions *options, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    char *directory = NULL;
    if (options->path) {
        engine->path = mem_text(options->path);
        return RC_OK;
    }
    TRY(file_temp_dir("ssisminer-sandbox-", &arena, &directory, err));
    engine->directory = mem_text(directory);
    engine->path = mem_text(arena_printf(&arena, "%s/ssisdb.sqlite", directory));
    return RC_OK;
}

static void init_locks(Engine *engine)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&engine->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&engine->mutex, NULL);
}

static void make_logins(Catalog *catalog)
{
    static const char *const names[] = {"sa", "admin", "reader", "nobody", "purger", "deleter"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        (void)catalog_add_login(catalog, str_of(names[i]), (Str){0});
    catalog_map_user(catalog, catalog_principal(catalog, str_of("dbo"), NULL),
                     catalog_login(catalog, str_of("sa")));
}

Rc engine_open(const EngineOptions *options, Engine **ret_engine, Err *err)
{
    Engine *engine = mem_alloc(sizeof *engine);
    engine->flavor = options->flavor;
    engine->reads_wait = options->reads_wait;
    engine->kind = options->kind;
    engine->database = mem_text(options->database_name ? options->database_name : "SSISDB");
    engine->clock_start = options->now;
    engine->clock_base_ms = time_monotonic_ms();
    engine->next_session = 51;
    init_locks(engine);
    catalog_init(&engine->catalog);
    make_logins(&engine->catalog);
    if (!options->is_bare)
        read_schema(engine);
    bool existed = options->path && file_exists(options->path);
    Rc rc = choose_path(engine, options, err);
    if (rc == RC_OK)
        rc = open_store(engine, err);
    if (rc == RC_OK)
        rc = check_schema(engine, existed, err);
    if (rc == RC_OK)
        rc = prepare_database(engine, err);
    engine->is_reopened = false; // from now on statements mean what they say
    if (rc != RC_OK) {
        engine_close(engine);
        return rc;
    }
    *ret_engine = engine;
    return RC_OK;
}

void engine_close(Engine *engine)
{
    if (!engine)
        return;
    while (engine->sessions)
        session_close(engine->sessions);
    sqlite3_close(engine->store);
    if (engine->directory)
        file_remove_tree(engine->directory);
    catalog_done(&engine->catalog);
    arena_done(&engine->arena);
    arena_done(&engine->ddl_arena);
    pthread_cond_destroy(&engine->changed);
    pthread_mutex_destroy(&engine->mutex);
    free(engine->directory);
    free(engine->path);
    free(engine->database);
    free(engine);
}

Flavor engine_flavor(const Engine *engine)
{
    return engine->flavor;
}

struct sqlite3 *engine_store(Engine *engine)
{
    return engine->store;
}

/* ---- sessions
 * ------------------------------------------------------------------------------------------ */

static bool connect_session(Session *session)
{
    Engine *engine = session->engine;
    int rc = sqlite3_open_v2(engine->path, &session->db,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = configure(session->db);
    if (rc == SQLITE_OK)
        rc = functions_register(session->db, session);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(session->db, "BEGIN IMMEDIATE", -1, &session->begin, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(session->db, "COMMIT", -1, &session->commit, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(session->db, "ROLLBACK", -1, &session->rollback, NULL);
    return rc == SQLITE_OK && system_views_create(session);
}

static void enlist(Session *session)
{
    Engine *engine = session->engine;
    pthread_mutex_lock(&engine->mutex);
    session->id = engine->next_session++;
    session->next = engine->sessions;
    engine->sessions = session;
    pthread_mutex_unlock(&engine->mutex);
}

Session *session_open(Engine *engine, const char *login, const char *application)
{
    int login_id = catalog_login(&engine->catalog, str_of(login));
    int user = catalog_user_of(&engine->catalog, login_id);
    if (!user)
        return NULL;
    Session *session = mem_alloc(sizeof *session);
    session->engine = engine;
    session->login = mem_text(login);
    session->application = mem_text(application ? application : "");
    session->principal = user;
    session->login_id = login_id;
    session->is_new = true;
    session->is_sysadmin = str_same_fold(login, "sa") && !engine_is_azure_database(engine);
    session->lock_timeout_ms = -1;
    session->text_size = 2147483647;
    session->row_limit = -1;
    session->scratch = BUF(1 << 30);
    session->scratch2 = BUF(1 << 30);
    session->out_text = BUF(1 << 30);
    session->now = session->login_time = session->request_start = engine_now(engine);
    (void)snprintf(session->command, sizeof session->command, "AWAITING COMMAND");
    enlist(session);
    if (connect_session(session))
        return session;
    session_close(session);
    return NULL;
}

void session_start(Session *session)
{
    session->is_new = false;
}

void session_close(Session *session)
{
    if (!session)
        return;
    Engine *engine = session->engine;
    session->sink = NULL; // nobody listens any more
    if (session->tran_count || session->has_write)
        transact_rollback_all(session);
    applock_release_all(session, false);
    pthread_mutex_lock(&engine->mutex);
    Session **place = &engine->sessions;
    while (*place && *place != session)
        place = &(*place)->next;
    if (*place)
        *place = session->next;
    pthread_mutex_unlock(&engine->mutex);
    sqlite3_finalize(session->begin);
    sqlite3_finalize(session->commit);
    sqlite3_finalize(session->rollback);
    sqlite3_close(session->db);
    buf_done(&session->scratch);
    buf_done(&session->scratch2);
    buf_done(&session->out_text);
    arena_done(&session->arena);
    free(session->identity_insert);
    free(session->login);
    free(session->application);
    free(session);
}

int session_id(const Session *session)
{
    return session->id;
}

void session_cancel(Session *session)
{
    atomic_store(&session->cancelled, true);
    sqlite3_interrupt(session->db);
    lock_wake(session->engine);
}

/* ---- rights
 * --------------------------------------------------------------------------------------------- */

static bool is_as_owner(const Session *session)
{
    return session->frame && session->frame->as_owner;
}

int session_principal(const Session *session)
{
    return is_as_owner(session) ? 1 : session->principal;
}

bool session_has_role(Session *session, Str role, bool *ret_exists)
{
    Catalog *catalog = &session->engine->catalog;
    PrincipalKind kind = PRINCIPAL_USER;
    int id = catalog_principal(catalog, role, &kind);
    *ret_exists = id != 0 && kind == PRINCIPAL_ROLE;
    if (!*ret_exists)
        return false;
    if (id > 0 && session->is_sysadmin && str_equal_fold(role, str_of("db_owner")))
        return true;
    return catalog_is_member(catalog, session_principal(session), id < 0 ? 0 : id);
}

bool session_may(Session *session, const char *permission, const Object *object)
{
    Catalog *catalog = &session->engine->catalog;
    if (object->is_temp || object->kind == OBJECT_SYSTEM || session->is_sysadmin)
        return true;
    bool is_metadata = str_same(object->schema, "sys") && str_same(permission, "SELECT");
    return is_metadata || catalog_may(catalog, session_principal(session), permission,
                                      catalog_schema(catalog, str_of(object->schema)), object->id);
}

bool session_may_see(Session *session, const Object *object)
{
    Catalog *catalog = &session->engine->catalog;
    if (str_same(object->schema, "sys") || str_same(object->schema, "sandbox"))
        return object->is_temp;
    return session->is_sysadmin ||
           catalog_may_see(catalog, session_principal(session),
                           catalog_schema(catalog, str_of(object->schema)), object->id);
}

bool engine_is_azure_database(const Engine *engine)
{
    return engine->flavor == FLAVOR_AZURE && engine->kind != ENGINE_MANAGED;
}

bool engine_knows_performance_state(const Engine *engine)
{
    return engine->flavor == FLAVOR_AZURE || engine->kind == ENGINE_SQL2022;
}

const char *engine_state_right(const Engine *engine)
{
    return engine_knows_performance_state(engine) ? "VIEW DATABASE PERFORMANCE STATE"
                                                  : "VIEW DATABASE STATE";
}

const char *engine_login_password(Engine *engine, const char *login)
{
    return catalog_login_password(&engine->catalog, catalog_login(&engine->catalog, str_of(login)));
}

bool session_may_server(const Session *session, const char *permission)
{
    return session->is_sysadmin || is_as_owner(session) ||
           catalog_may_server(&session->engine->catalog, session->login_id, permission);
}

/* The small tiers of Azure SQL Database, and pools, show their state to members of a role alone. */
static bool is_small_tier(const Session *session)
{
    sqlite3_stmt *stmt = NULL;
    bool is_small = false;

    if (engine_is_azure_database(session->engine) &&
        sqlite3_prepare_v2(session->db, "SELECT is_small_tier FROM \"sandbox.limits\"", -1, &stmt,
                           NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        is_small = sqlite3_column_int(stmt, 0) != 0;
    sqlite3_finalize(stmt);
    return is_small;
}

bool session_may_state(const Session *session)
{
    static const char *const rights[] = {"VIEW DATABASE STATE", "VIEW DATABASE PERFORMANCE STATE"};
    Catalog *catalog = &session->engine->catalog;
    size_t count = engine_knows_performance_state(session->engine) ? 2 : 1;

    if (session_may_server(session,
                           count == 2 ? "VIEW SERVER PERFORMANCE STATE" : "VIEW SERVER STATE"))
        return true;
    if (is_small_tier(session) && session_principal(session) != 1)
        return false;
    for (size_t i = 0; i < count; i++)
        if (catalog_may(catalog, session_principal(session), rights[i], 0, 0))
            return true;
    return false;
}

/* An instance asks for a right of the server, and shows a session without it itself alone. */
bool session_sees_sessions(const Session *session)
{
    if (engine_is_azure_database(session->engine))
        return session_may_state(session);
    return session_may_server(session, engine_knows_performance_state(session->engine)
                                           ? "VIEW SERVER PERFORMANCE STATE"
                                           : "VIEW SERVER STATE");
}

const Object *session_temp(const Session *session, Str name)
{
    for (size_t i = session->temp_count; i-- > 0;)
        if (str_equal_fold(str_of(session->temps[i]->name), name))
            return session->temps[i];
    return NULL;
}

/* ---- running
 * -------------------------------------------------------------------------------------------- */

static void take_params(Run *run, const SbParam *params, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        Variable *variable = run_declare(run, str_of(params[i].name), params[i].type);
        SbValue value = params[i].value;
        if (params[i].type.id == SB_DECIMAL && !value.is_null && value.bytes.at) {
            char text[80];
            (void)snprintf(text, sizeof text, "%.*s",
                           value.bytes.len < sizeof text ? (int)value.bytes.len : 79,
                           value.bytes.at);
            value.f64 = strtod(text, NULL);
        }
        SbType from = params[i].type.id == SB_SQL_VARIANT ? type_of(value.held) : params[i].type;
        variable_set(variable, &value, from);
    }
}

/* Output values stay valid until the session runs again. */
static void give_params(Run *run, SbParam *params, size_t count)
{
    Session *session = run->session;
    buf_reset(&session->out_text);
    for (size_t i = 0; i < count; i++)
        if (params[i].is_output) {
            const Variable *variable = &run->frame.variables[i];
            params[i].value = variable->value;
            if (variable->type.id == SB_DECIMAL && !variable->value.is_null) {
                size_t start = session->out_text.len;
                value_decimal_text(variable->value.f64, variable->type.scale, &session->out_text);
                params[i].value.bytes =
                    (Str){(const char *)(uintptr_t)start, session->out_text.len - start};
            } else if (!variable->value.is_null && variable->value.bytes.at) {
                size_t start = session->out_text.len;
                buf_put(&session->out_text, variable->value.bytes.at, variable->value.bytes.len);
                params[i].value.bytes =
                    (Str){(const char *)(uintptr_t)start, variable->value.bytes.len};
            }
        }
    for (size_t i = 0; i < count; i++) // the buffer has stopped moving: offsets become places
        if (params[i].is_output && !params[i].value.is_null &&
            (params[i].value.bytes.at || params[i].value.bytes.len ||
             params[i].type.id == SB_NVARCHAR))
            params[i].value.bytes.at =
                buf_text(&session->out_text) + (uintptr_t)params[i].value.bytes.at;
}

static void mark_running(Session *session, bool is_running, Str batch)
{
    Str head = str_trim(batch);
    size_t len = 0;
    pthread_mutex_lock(&session->engine->mutex);
    session->is_running = is_running;
    if (is_running) {
        session->request_start = engine_now(session->engine);
        while (len < head.len && len < 16 && head.at[len] > ' ')
            len++;
        for (size_t i = 0; i < len; i++)
            session->command[i] =
                (char)(head.at[i] >= 'a' && head.at[i] <= 'z' ? head.at[i] - 32 : head.at[i]);
        session->command[len] = '\0';
    }
    pthread_mutex_unlock(&session->engine->mutex);
}

/* A transaction that can only be rolled back does not outlive its batch. */
static void end_doomed(Session *session)
{
    if (session->tran_count == 0)
        (void)transact_end_write(session, true);
    if (!session->is_doomed)
        return;
    transact_rollback_all(session);
    if (!session->stopped &&
        !session->sink->error(session->sink->context, 3998, 1, 16,
                              "Uncommittable transaction is detected at the end of the batch. The "
                              "transaction is rolled back.",
                              "", 1))
        session->stopped = true;
}

bool session_run(Session *session, Str batch, SbParam *params, size_t param_count,
                 const SbSink *sink)
{
    Run run;
    session->sink = sink;
    session->stopped = false;
    session->fault = (Fault){0};
    session->frame = NULL;
    session->try_depth = session->caught_depth = 0;
    atomic_store(&session->cancelled, false);
    mark_running(session, true, batch);
    (void)run_begin(&run, session, NULL);
    take_params(&run, params, param_count);
    (void)run_text(&run, batch);
    give_params(&run, params, param_count);
    run_end(&run);
    end_doomed(session);
    mark_running(session, false, str_of(""));
    session->sink = NULL;
    return !session->stopped;
}
