/* The views of the system whose rows come of the engine itself. */
#include "lock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct Filler {
    Session *session;
    Engine *engine;
    Arena arena;
    const Object **objects;
    size_t object_count;
    sqlite3_stmt *insert;
    Fault *fault;
    bool sees_sessions;
} Filler;

static int64_t local_time(Instant at)
{
    return time_pack(instant_of_local(instant_local_ticks(at), 0));
}

/* A letter a column: i number · s text · t instant, shown as local time · without an argument n
 * NULL, a digit itself */
static void put(Filler *filler, const char *kinds, ...)
{
    va_list args;
    va_start(args, kinds);
    sqlite3_reset(filler->insert);
    for (int i = 0; kinds[i]; i++) {
        switch (kinds[i]) {
        case 'i':
            sqlite3_bind_int64(filler->insert, i + 1, va_arg(args, int64_t));
            break;
        case 's':
            sqlite3_bind_text(filler->insert, i + 1, va_arg(args, const char *), -1,
                              SQLITE_TRANSIENT);
            break;
        case 't':
            sqlite3_bind_int64(filler->insert, i + 1, local_time(va_arg(args, Instant)));
            break;
        case 'n':
            sqlite3_bind_null(filler->insert, i + 1);
            break;
        default:
            sqlite3_bind_int(filler->insert, i + 1, kinds[i] - '0');
        }
    }
    va_end(args);
    if (sqlite3_step(filler->insert) != SQLITE_DONE)
        fault_set(filler->fault, 0, 50000, "sandbox: %s", sqlite3_errmsg(filler->session->db));
}

#define I(number) ((int64_t)(number))

static int schema_of(Filler *filler, const Object *object)
{
    return catalog_id(&filler->engine->catalog, NAME_SCHEMA, str_of(object->schema));
}

static bool is_shown(Filler *filler, const Object *object)
{
    return object->kind != OBJECT_SYSTEM && session_may_see(filler->session, object);
}

static const char *type_code(const Object *object)
{
    return object->kind == OBJECT_TABLE ? "U " : object->kind == OBJECT_VIEW ? "V " : "P ";
}

/* ---- objects and columns --------------------------------------------------------------------- */

static void fill_schemas(Filler *filler)
{
    Catalog *catalog = &filler->engine->catalog;
    pthread_rwlock_rdlock(&catalog->lock);
    for (const NameRow *row = catalog->names; row < catalog->names + catalog->name_count; row++)
        if (row->kind == NAME_SCHEMA && !str_same(row->name, "sandbox"))
            put(filler, "si1", row->name, I(row->id));
    pthread_rwlock_unlock(&catalog->lock);
}

static void put_object(Filler *filler, const Object *object)
{
    static const char *const words[] = {[OBJECT_TABLE] = "USER_TABLE",
                                        [OBJECT_VIEW] = "VIEW",
                                        [OBJECT_PROCEDURE] = "SQL_STORED_PROCEDURE"};
    put(filler, "sini0sstt00", object->name, I(object->id), I(schema_of(filler, object)),
        type_code(object), words[object->kind], object->created, object->created);
}

static void fill_objects(Filler *filler, const Object *object)
{
    put_object(filler, object);
    for (size_t k = 0; k < object->foreign_key_count; k++)
        put(filler, "siniisstt00", object->foreign_keys[k].name, I(object->foreign_keys[k].id),
            I(schema_of(filler, object)), I(object->id), "F ", "FOREIGN_KEY_CONSTRAINT",
            object->created, object->created);
}

static void fill_tables(Filler *filler, const Object *object)
{
    if (object->kind == OBJECT_TABLE)
        put_object(filler, object);
}

static int length_of(SbType type)
{
    if (type.id == SB_VARBINARY || type.max_chars < 0)
        return type.max_chars;
    return type.id == SB_NVARCHAR ? type.max_chars * (type.precision ? 1 : 2) : type_bytes(type);
}

static void fill_columns(Filler *filler, const Object *object)
{
    for (size_t c = 0; c < object->column_count; c++) {
        const Column *column = &object->columns[c];
        SbType type = column->type;
        bool has_scale = type.id == SB_DECIMAL || type_is_time(type.id);
        int id;
        (void)type_facts(type, &id);
        put(filler, "isiiiiiisii0i", I(object->id), column->name, I(c + 1), I(id), I(id),
            I(length_of(type)), I(type_digits(type)), I(has_scale ? type.scale : 0),
            type.id == SB_NVARCHAR ? "SQL_Latin1_General_CP1_CI_AS" : NULL, I(column->is_nullable),
            I(column->is_identity), I(column->default_text != NULL));
    }
}

/* ---- indexes and keys ------------------------------------------------------------------------ */

static bool has_primary(const Object *object)
{
    for (size_t i = 0; i < object->index_count; i++)
        if (object->indexes[i].id == 1)
            return true;
    return false;
}

static void fill_indexes(Filler *filler, const Object *object)
{
    if (object->kind == OBJECT_TABLE && !has_primary(object))
        put(filler, "in00s0000000", I(object->id), "HEAP");
    for (size_t k = 0; k < object->index_count; k++) {
        const Index *index = &object->indexes[k];
        bool clustered = index->id == 1;
        put(filler, "isiisiii0000", I(object->id), index->name, I(index->id), I(clustered ? 1 : 2),
            clustered ? "CLUSTERED" : "NONCLUSTERED", I(index->is_unique),
            I(index->kind == INDEX_PRIMARY), I(index->kind == INDEX_UNIQUE_CONSTRAINT));
    }
}

static void fill_index_columns(Filler *filler, const Object *object)
{
    for (size_t k = 0; k < object->index_count; k++) {
        const Index *index = &object->indexes[k];
        for (size_t c = 0; c < index->column_count; c++)
            put(filler, "iiiiii0", I(object->id), I(index->id), I(c + 1), I(index->columns[c] + 1),
                I(c + 1), I(index->descending[c]));
        for (size_t c = 0; c < index->included_count; c++)
            put(filler, "iiii001", I(object->id), I(index->id), I(index->column_count + c + 1),
                I(index->included[c] + 1));
    }
}

static void fill_foreign_keys(Filler *filler, const Object *object)
{
    for (size_t k = 0; k < object->foreign_key_count; k++) {
        const ForeignKey *key = &object->foreign_keys[k];
        put(filler, "siiisi10is0s00", key->name, I(key->id), I(schema_of(filler, object)),
            I(object->id), "F ", I(key->target->id), I(key->on_delete_cascade),
            key->on_delete_cascade ? "CASCADE" : "NO_ACTION", "NO_ACTION");
    }
}

static void fill_foreign_key_columns(Filler *filler, const Object *object)
{
    for (size_t k = 0; k < object->foreign_key_count; k++) {
        const ForeignKey *key = &object->foreign_keys[k];
        for (size_t c = 0; c < key->column_count; c++)
            put(filler, "iiiiii", I(key->id), I(c + 1), I(object->id), I(key->columns[c] + 1),
                I(key->target->id), I(key->target_columns[c] + 1));
    }
}

/* ---- sizes ----------------------------------------------------------------------------------- */

/* Bytes that a row of such columns takes on a server, roughly: there are no pages here. */
static int64_t row_bytes(const Object *object, const Index *index)
{
    enum { VARIANT = 20, BINARY = 30, TEXT = 60, LONG_TEXT = 240 };
    int64_t bytes = 12;
    size_t count = index ? index->column_count : object->column_count;
    for (size_t i = 0; i < count; i++) {
        SbType type = object->columns[index ? index->columns[i] : i].type;
        bytes += type.id == SB_SQL_VARIANT ? VARIANT
                 : type.id == SB_VARBINARY ? BINARY
                 : type.id != SB_NVARCHAR  ? type_bytes(type)
                 : type.max_chars < 0      ? LONG_TEXT
                                           : TEXT;
    }
    return bytes;
}

/* Of a query about one table. */
static int64_t number_of(Filler *filler, const char *query, const Object *object, const char *end)
{
    return session_number(filler->session,
                          arena_printf(&filler->arena, "%s%s%s", query, object->store, end));
}

static void put_partition(Filler *filler, const Object *object, const Index *index, int64_t rows,
                          int64_t held)
{
    int index_id = index ? index->id : has_primary(object);
    int64_t id = INT64_C(72057594037927936) + (int64_t)object->id * 256 + index_id;
    int64_t pages = held ? held * row_bytes(object, index) / 8000 + 1 : 0;
    put(filler, "iii1iii0000iii", id, I(object->id), I(index_id), pages, pages, pages + 1, pages,
        pages + 1, rows);
}

/* A heap holds what was deleted from it too, as long as nobody gives its pages back. */
static void fill_partition_stats(Filler *filler, const Object *object)
{
    if (object->kind != OBJECT_TABLE)
        return;
    int64_t rows = number_of(filler, "SELECT COUNT(*) FROM main.\"", object, "\""), emptied = 0;
    if (!has_primary(object))
        emptied = number_of(filler, "SELECT emptied_rows FROM \"sandbox.heaps\" WHERE name = '",
                            object, "'");
    put_partition(filler, object, NULL, rows, rows + emptied);
    for (size_t k = 0; k < object->index_count; k++)
        if (object->indexes[k].id != 1)
            put_partition(filler, object, &object->indexes[k], rows, rows);
}

static void fill_database_files(Filler *filler)
{
    int64_t bytes = session_number(filler->session, "PRAGMA main.page_count") *
                    session_number(filler->session, "PRAGMA main.page_size");
    const char *name = filler->engine->database;
    char log_name[140];
    (void)snprintf(log_name, sizeof log_name, "%s_log", name);
    put(filler, "10sss0siii", "ROWS", name, "ssisdb.mdf", "ONLINE", bytes / 8192 + 128, I(-1),
        I(8192));
    put(filler, "21sss0siii", "LOG", log_name, "ssisdb.ldf", "ONLINE", I(1024), I(268435456),
        I(8192));
}

/* ---- the database, principals, rights -------------------------------------------------------- */

static void fill_databases(Filler *filler)
{
    const char *name = filler->engine->database;
    Instant created = filler->engine->clock_start.is_set ? filler->engine->clock_start
                                                         : engine_now(filler->engine);
    bool is_azure = engine_is_azure_database(filler->engine);
    int level = filler->engine->flavor == FLAVOR_SQL2012 ? 110 : 150;
    put(filler, "s11ti0s3s0s000ss", "master", created, I(level), "ONLINE", "SIMPLE", "NOTHING",
        "MULTI_USER", "SQL_Latin1_General_CP1_CI_AS");
    put(filler, "s51ti0sis0sii0ss", name, created, I(level), "ONLINE", I(is_azure ? 1 : 3),
        is_azure ? "FULL" : "SIMPLE", "NOTHING", I(is_azure), I(is_azure), "MULTI_USER",
        "SQL_Latin1_General_CP1_CI_AS");
}

static void fill_principals(Filler *filler)
{
    Catalog *catalog = &filler->engine->catalog;
    Instant created = engine_now(filler->engine);
    pthread_rwlock_rdlock(&catalog->lock);
    for (const NameRow *row = catalog->names; row < catalog->names + catalog->name_count; row++) {
        bool is_role = row->kind == NAME_ROLE;
        if (is_role || row->kind == NAME_USER)
            put(filler, "sissstt1ni", row->name, I(row->id), is_role ? "R" : "S",
                is_role ? "DATABASE_ROLE" : "SQL_USER", is_role ? NULL : "dbo", created, created,
                I(row->is_fixed));
    }
    pthread_rwlock_unlock(&catalog->lock);
}

/* ---- sessions -------------------------------------------------------------------------------- */

static bool sees_session(const Filler *filler, const Session *other)
{
    return other == filler->session || filler->sees_sessions;
}

static void fill_sessions(Filler *filler)
{
    Engine *engine = filler->engine;
    pthread_mutex_lock(&engine->mutex);
    for (const Session *other = engine->sessions; other; other = other->next)
        if (sees_session(filler, other))
            put(filler, "itsssss5i1t", I(other->id), other->login_time, other->host,
                other->application, other->login, other->login,
                other->is_running ? "running" : "sleeping", I(other->tran_count),
                other->request_start);
    pthread_mutex_unlock(&engine->mutex);
}

static void fill_requests(Filler *filler)
{
    Engine *engine = filler->engine;
    pthread_mutex_lock(&engine->mutex);
    for (const Session *other = engine->sessions; other; other = other->next) {
        if (!other->is_running || !sees_session(filler, other))
            continue;
        bool waits = other->waits_for != NULL;
        int64_t waited = waits ? time_monotonic_ms() - other->wait_start_ms : 0;
        put(filler, "i0tssisi5is000", I(other->id), other->request_start,
            waits ? "suspended" : "running", other->command, I(waits ? other->waits_for->id : 0),
            waits ? other->wait_type : NULL, waited, I(other->tran_count),
            waits ? "APPLICATION" : "");
    }
    pthread_mutex_unlock(&engine->mutex);
}

/* As SQL Server describes one: the principal, 32 characters of the name, a hash of it. */
static void put_application_lock(Filler *filler, const AppLock *lock)
{
    char text[200];

    (void)snprintf(text, sizeof(text), "0:[%.32s]:(%08x)", lock->resource,
                   (unsigned)str_hash(STR_HASH_SEED, lock->resource, strlen(lock->resource)));
    put(filler, "s5ssi0s", "APPLICATION", applock_mode_name(lock->mode), "GRANT",
        I(lock->owner->id), text);
}

static void fill_locks(Filler *filler)
{
    Engine *engine = filler->engine;
    pthread_mutex_lock(&engine->mutex);
    if (engine->writer && sees_session(filler, engine->writer))
        put(filler, "s5ssi0s", "OBJECT", "IX", "GRANT", I(engine->writer->id), "");
    for (const AppLock *lock = engine->locks; lock; lock = lock->next)
        if (sees_session(filler, lock->owner))
            put_application_lock(filler, lock);
    pthread_mutex_unlock(&engine->mutex);
}

static void fill_messages(Filler *filler)
{
    for (int32_t number = 27000; number < 27300; number++)
        if (fault_message(number))
            put(filler, "iii0s", I(number), I(1033), I(16), fault_message(number));
}

/* ---- the list -------------------------------------------------------------------------------- */

/* Their shapes are in sql/engine/system_views.sql. */
static const struct {
    const char *name;
    void (*fill)(Filler *filler);                          // at once, or
    void (*fill_of)(Filler *filler, const Object *object); // for each object that the session sees
    bool is_state; // of the database: it needs the right to see that
} views[] = {
    {"schemas", .fill = fill_schemas},
    {"objects", .fill_of = fill_objects},
    {"tables", .fill_of = fill_tables},
    {"columns", .fill_of = fill_columns},
    {"indexes", .fill_of = fill_indexes},
    {"index_columns", .fill_of = fill_index_columns},
    {"foreign_keys", .fill_of = fill_foreign_keys},
    {"foreign_key_columns", .fill_of = fill_foreign_key_columns},
    {"dm_db_partition_stats", .fill_of = fill_partition_stats, .is_state = true},
    {"database_files", .fill = fill_database_files},
    {"databases", .fill = fill_databases},
    {"database_principals", .fill = fill_principals},
    {"dm_exec_sessions", .fill = fill_sessions},
    {"dm_exec_requests", .fill = fill_requests},
    {"dm_tran_locks", .fill = fill_locks, .is_state = true},
    {"messages", .fill = fill_messages},
};

bool system_view_publish(Engine *engine, const Object *shape)
{
    Object object = *shape;
    for (size_t i = 0; i < ARRAY_LEN(views); i++)
        if (str_same(views[i].name, shape->name)) {
            object.system = (int)i + 1;
            object.is_state = views[i].is_state;
        }
    object.kind = OBJECT_SYSTEM;
    object.is_temp = true;
    object.id = -object.system - 1000;
    object.schema = "sys";
    object.store = arena_printf(&engine->ddl_arena, "sys.%s", shape->name);
    (void)catalog_put(&engine->catalog, &object);
    return object.system > 0;
}

/* ---- into the session's temporary tables ----------------------------------------------------- */

static const Object *object_of(const Filler *filler, size_t index)
{
    for (size_t i = 0; i < filler->object_count; i++)
        if (filler->objects[i]->system == (int)index + 1)
            return filler->objects[i];
    return NULL;
}

bool system_views_create(Session *session)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(buf_done) Buf sql = BUF(1 << 20);
    size_t count;
    const Object **objects = catalog_all(CATALOG(session), &arena, &count);
    for (size_t i = 0; i < count; i++) {
        if (objects[i]->kind != OBJECT_SYSTEM)
            continue;
        buf_printf(&sql, "CREATE TABLE temp.\"%s\" (", objects[i]->store);
        for (size_t c = 0; c < objects[i]->column_count; c++)
            buf_printf(&sql, "%s\"%s\" %s", c ? ", " : "", objects[i]->columns[c].name,
                       objects[i]->columns[c].type.id == SB_NVARCHAR ? "TEXT COLLATE TSQL"
                                                                     : "INTEGER");
        buf_puts(&sql, ");\n");
    }
    return sqlite3_exec(session->db, buf_text(&sql), NULL, NULL, NULL) == SQLITE_OK;
}

static void fill(Filler *filler, size_t index)
{
    for (size_t i = 0; i < filler->object_count && views[index].fill_of; i++)
        if (is_shown(filler, filler->objects[i]))
            views[index].fill_of(filler, filler->objects[i]);
    if (views[index].fill)
        views[index].fill(filler);
}

static void refill(Filler *filler, size_t index)
{
    const Object *object = object_of(filler, index);
    AUTO(buf_done) Buf sql = BUF(4096);
    buf_printf(&sql, "DELETE FROM temp.\"%s\"; ", object->store);
    if (filler->engine->is_capture)
        buf_printf(&sql, "INSERT INTO temp.\"%s\" SELECT * FROM main.\"%s\"", object->store,
                   object->store);
    sqlite3_exec(filler->session->db, buf_text(&sql), NULL, NULL, NULL);
    if (filler->engine->is_capture)
        return;
    buf_reset(&sql);
    buf_printf(&sql, "INSERT INTO temp.\"%s\" VALUES (", object->store);
    for (size_t i = 0; i < object->column_count; i++)
        buf_puts(&sql, i ? ", ?" : "?");
    buf_putc(&sql, ')');
    if (sqlite3_prepare_v2(filler->session->db, buf_text(&sql), -1, &filler->insert, NULL) ==
        SQLITE_OK)
        fill(filler, index);
    else
        fault_set(filler->fault, 0, 50000, "sandbox: %s", sqlite3_errmsg(filler->session->db));
    sqlite3_finalize(filler->insert);
}

bool system_views_refresh(Session *session, uint64_t mask, Fault *fault)
{
    Filler filler = {.session = session,
                     .engine = session->engine,
                     .fault = fault,
                     .sees_sessions = session_sees_sessions(session)};
    filler.objects = catalog_all(CATALOG(session), &filler.arena, &filler.object_count);
    bool own = sqlite3_get_autocommit(session->db) != 0;
    if (own)
        sqlite3_exec(session->db, "SAVEPOINT refresh", NULL, NULL, NULL);
    for (size_t i = 0; i < ARRAY_LEN(views); i++)
        if (mask & UINT64_C(1) << i)
            refill(&filler, i);
    if (own)
        sqlite3_exec(session->db, "RELEASE refresh", NULL, NULL, NULL);
    arena_done(&filler.arena);
    return fault->number == 0;
}
