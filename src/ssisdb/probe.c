/* What this server is: three statements at the start of every command. */
#include "ssisminer/ssisdb/ssisdb.h"

#include "ssisminer/base/sat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names such as "internal.jobs" and "internal.jobs.jobid", sorted, ASCII case folded. */
struct SsisdbObjects {
    const char **names;
    size_t count;
};

static const char *copy(Arena *arena, Str text)
{
    return text.at ? arena_copy(arena, text.at, text.len) : NULL;
}

/* ---- the server ------------------------------------------------------------------------------ */

/* The server looked at its clock somewhere between the question and its answer. */
static void read_clock(Ssisdb *db, const TdsRows *rows, int64_t asked)
{
    int64_t took = sat_sub(time_now().ticks, asked);

    db->server_now = tds_time(rows, SQL_SSISDB_SERVER__SERVER_NOW);
    if (!db->server_now.is_set)
        return;
    db->clock_unsure_ticks = sat_abs(took) / 2;
    db->clock_skew_ticks = sat_sub(db->server_now.ticks, sat_add(asked, took / 2));
}

static void read_server(Ssisdb *db, const TdsRows *rows, Arena *arena)
{
    db->server_name = copy(arena, tds_text(rows, SQL_SSISDB_SERVER__SERVER_NAME));
    db->database_name = copy(arena, tds_text(rows, SQL_SSISDB_SERVER__DATABASE_NAME));
    db->product_version = copy(arena, tds_text(rows, SQL_SSISDB_SERVER__PRODUCT_VERSION));
    db->engine_edition = sat_int(tds_i64(rows, SQL_SSISDB_SERVER__ENGINE_EDITION));
    db->user_name = copy(arena, tds_text(rows, SQL_SSISDB_SERVER__USER_NAME));
    db->login_name = copy(arena, tds_text(rows, SQL_SSISDB_SERVER__LOGIN_NAME));
    db->is_sysadmin = tds_i64(rows, SQL_SSISDB_SERVER__IS_SYSADMIN) == 1;
    db->is_db_owner = tds_i64(rows, SQL_SSISDB_SERVER__IS_DB_OWNER) == 1;
    db->is_ssis_admin = tds_i64(rows, SQL_SSISDB_SERVER__IS_SSIS_ADMIN) == 1;
    db->is_logreader = tds_i64(rows, SQL_SSISDB_SERVER__IS_LOGREADER) == 1;
    db->is_read_only =
        str_equal_fold(tds_text(rows, SQL_SSISDB_SERVER__UPDATEABILITY), str_of("READ_ONLY"));
    db->has_logreader_role = !tds_is_null(rows, SQL_SSISDB_SERVER__IS_LOGREADER);
    db->sees_all = db->is_sysadmin || db->is_ssis_admin || db->is_logreader;
    db->reads_tables = db->sees_all && tds_i64(rows, SQL_SSISDB_SERVER__MAY_READ_TABLES) == 1;
}

static Rc probe_server(Ssisdb *db, Arena *arena, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false;
    int64_t asked = time_now().ticks;

    TRY(tds_query(db->tds, SQL_SSISDB_SERVER, NULL, 0, &rows, err));
    TRY(tds_next(rows, &has_row, err));
    if (!has_row)
        return FAIL(err, RC_QUERY, "the server does not say what it is");
    read_clock(db, rows, asked);
    read_server(db, rows, arena);
    return tds_next(rows, &has_row, err);
}

/* ---- what exists ----------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return str_compare_fold(*(const char *const *)a, *(const char *const *)b);
}

typedef struct Names {
    const char **at;
    size_t count, capacity;
} Names;

static void add_name(Names *names, Arena *arena, const char *name)
{
    names->at = arena_grow(arena, names->at, names->count, names->count + 1, &names->capacity,
                           sizeof(*names->at));
    names->at[names->count++] = name;
}

/* One row a column, the object itself once (rows of one object may come apart: then twice, which
 * a search does not mind). */
static void add_row(Names *names, Arena *arena, const TdsRows *rows)
{
    Str schema = tds_text(rows, SQL_SSISDB_OBJECTS__SCHEMA_NAME);
    Str object = tds_text(rows, SQL_SSISDB_OBJECTS__OBJECT_NAME);
    Str column = tds_text(rows, SQL_SSISDB_OBJECTS__COLUMN_NAME);
    char name[300];
    int len = snprintf(name, sizeof(name), "%.*s.%.*s", STR_FMT(schema), STR_FMT(object));

    if (len < 0 || (size_t)len >= sizeof(name))
        return; // no catalog object has such a name
    const char *last = names->count ? names->at[names->count - 1] : "";
    if (strncmp(last, name, (size_t)len) != 0 || (last[len] != '\0' && last[len] != '.'))
        add_name(names, arena, arena_copy(arena, name, (size_t)len));
    if (column.at)
        add_name(names, arena, arena_printf(arena, "%s.%.*s", name, STR_FMT(column)));
}

static Rc probe_objects(Ssisdb *db, Arena *arena, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    Names names = {0};
    bool has_row = false;

    TRY(tds_query(db->tds, SQL_SSISDB_OBJECTS, NULL, 0, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            break;
        add_row(&names, arena, rows);
    }
    if (names.count > 0)
        qsort(names.at, names.count, sizeof(*names.at), by_name);
    db->objects = arena_alloc(arena, sizeof(*db->objects));
    *db->objects = (struct SsisdbObjects){names.at, names.count};
    return RC_OK;
}

bool ssisdb_has(const Ssisdb *db, const char *object)
{
    const struct SsisdbObjects *objects = db->objects;

    return objects && objects->count > 0 &&
           bsearch(&object, objects->names, objects->count, sizeof(*objects->names), by_name);
}

/* Not an object, but a right to all of them: tables instead of views (see reads_tables). */
static bool has(void *context, const char *object)
{
    const Ssisdb *db = context;

    return strcmp(object, "internal.select") == 0 ? db->reads_tables : ssisdb_has(db, object);
}

static Rc refuse(const Ssisdb *db, Err *err)
{
    (void)FAIL(err, RC_USAGE, "database '%s' is not an SSISDB: it has no view catalog.executions",
               db->database_name ? db->database_name : "?");
    return err_hint(err, "name the SSIS catalog's database with --database (-d); it is called "
                         "SSISDB unless it was renamed");
}

/* ---- settings -------------------------------------------------------------------------------- */

static Rc read_properties(Ssisdb *db, Arena *arena, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    SsisdbProperty *list = NULL;
    size_t count = 0, capacity = 0;
    bool has_row = false;

    TRY(tds_query(db->tds, SQL_SSISDB_PROPERTIES, NULL, 0, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            break;
        list = arena_grow(arena, list, count, count + 1, &capacity, sizeof(*list));
        list[count].name = copy(arena, tds_text(rows, SQL_SSISDB_PROPERTIES__PROPERTY_NAME));
        list[count].value = copy(arena, tds_text(rows, SQL_SSISDB_PROPERTIES__PROPERTY_VALUE));
        count++;
    }
    db->properties = list;
    db->property_count = count;
    return RC_OK;
}

/* Some catalogs keep their settings from ordinary logins: then they are unknown, no more. */
static Rc probe_properties(Ssisdb *db, Arena *arena, Err *err)
{
    Err refused;

    if (!ssisdb_has(db, "catalog.catalog_properties"))
        return RC_OK;
    Rc rc = read_properties(db, arena, &refused);
    if (rc == RC_OK || rc == RC_RIGHTS)
        return RC_OK;
    *err = refused;
    return rc;
}

const char *ssisdb_property(const Ssisdb *db, const char *name)
{
    for (size_t i = 0; i < db->property_count; i++)
        if (str_same_fold(db->properties[i].name, name))
            return db->properties[i].value;
    return NULL;
}

static int64_t number_property(const Ssisdb *db, const char *name, int64_t unknown)
{
    int64_t value = unknown;

    (void)str_to_i64(str_trim(str_of(ssisdb_property(db, name))), &value);
    return value;
}

static void resolve_properties(Ssisdb *db)
{
    const char *cleanup = ssisdb_property(db, "OPERATION_CLEANUP_ENABLED");

    db->schema_version = ssisdb_property(db, "SCHEMA_VERSION");
    db->schema_build = ssisdb_property(db, "SCHEMA_BUILD");
    db->retention_days = number_property(db, "RETENTION_WINDOW", 0);
    db->cleanup_enabled = cleanup && (str_same_fold(cleanup, "TRUE") || str_same(cleanup, "1"));
    db->logging_level = number_property(db, "SERVER_LOGGING_LEVEL", -1);
    db->encryption_level = number_property(db, "SERVER_OPERATION_ENCRYPTION_LEVEL", 0);
}

/* ---- all of it ------------------------------------------------------------------------------- */

Rc ssisdb_probe(Tds *tds, Arena *arena, Ssisdb **ret_db, Err *err)
{
    Ssisdb *db = arena_alloc(arena, sizeof(*db));

    db->tds = tds;
    if (probe_server(db, arena, err) != RC_OK)
        return err_note(err, "asking the server what it is");
    if (probe_objects(db, arena, err) != RC_OK)
        return err_note(err, "reading which objects the database has");
    if (!ssisdb_has(db, "catalog.executions"))
        return refuse(db, err);
    tds_set_has(tds, has, db);
    if (probe_properties(db, arena, err) != RC_OK)
        return err_note(err, "reading the catalog's properties");
    resolve_properties(db);
    *ret_db = db;
    return RC_OK;
}

/* The last: of Babelfish, whatever SQL Server has no number for, as a view or function that it
 * lacks. */
static bool tells_of_a_lack(int32_t number)
{
    enum {
        NO_FUNCTION = 195,
        NO_COLUMN = 207,
        NO_OBJECT = 208,
        NO_SUCH_CALL = 4121,
        NO_NUMBER = 33557097
    };

    return number == NO_FUNCTION || number == NO_COLUMN || number == NO_OBJECT ||
           number == NO_SUCH_CALL || number == NO_NUMBER;
}

bool ssisdb_is_unseen(Rc rc, const Err *err)
{
    return rc == RC_RIGHTS || (rc == RC_QUERY && tells_of_a_lack(err->number));
}

const char *ssisdb_reading_role(const Ssisdb *db)
{
    return db->has_logreader_role ? "ssis_logreader" : "ssis_admin";
}

typedef struct Release {
    const char *prefix; // of the product version
    const char *name;
} Release;

const char *ssisdb_flavor(const Ssisdb *db)
{
    static const Release releases[] = {
        {"11.", "SQL Server 2012"}, {"12.", "SQL Server 2014"}, {"13.", "SQL Server 2016"},
        {"14.", "SQL Server 2017"}, {"15.", "SQL Server 2019"}, {"16.", "SQL Server 2022"},
        {"17.", "SQL Server 2025"},
    };

    if (db->engine_edition == ENGINE_AZURE_SQL_DATABASE)
        return "Azure SQL Database";
    if (db->engine_edition == ENGINE_MANAGED_INSTANCE)
        return "Azure SQL Managed Instance";
    for (size_t i = 0; i < ARRAY_LEN(releases); i++)
        if (db->product_version && str_starts(db->product_version, releases[i].prefix))
            return releases[i].name;
    return "SQL Server";
}

static const char *or_unknown(const char *text)
{
    return text ? text : "?";
}

const char *ssisdb_title(const Ssisdb *db, Arena *arena)
{
    return arena_printf(arena, "%s/%s, %s %s", or_unknown(db->server_name),
                        or_unknown(db->database_name), ssisdb_flavor(db),
                        or_unknown(db->product_version));
}
