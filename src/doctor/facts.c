/* What the checks of doctor look at, read in a constant number of statements. */
#include "facts.h"

#include "ssisminer/ssisdb/advice.h"

#include "ssisminer/base/sat.h"

#include <stdlib.h>
#include <string.h>

static const char *copy(Arena *arena, const TdsRows *rows, int column)
{
    Str text = tds_text(rows, column);

    return text.at ? arena_copy(arena, text.at, text.len) : NULL;
}

int64_t facts_setting(const Facts *facts, const char *name, int64_t otherwise)
{
    const char *text = ssisdb_property(facts->db, name);
    int64_t value;

    return text && str_to_i64(str_of(text), &value) ? value : otherwise;
}

/* ---- one statement, row by row --------------------------------------------------------------- */

typedef void TakeRow(Facts *facts, const TdsRows *rows);

static Rc read_rows(Facts *facts, SqlId statement, const TdsArg *args, size_t arg_count,
                    TakeRow *take, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = true;

    TRY(tds_query(facts->db->tds, statement, args, arg_count, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        take(facts, rows);
    }
}

/* A part that the server has not, or does not show, is not known; any other error is one. */
static Rc settle(const Facts *facts, Rc rc, const Err *refused, const char **why_not, Err *err)
{
    if (ssisdb_is_unseen(rc, refused)) {
        *why_not = arena_printf(facts->arena, "the server does not show it: %s", refused->text);
        return RC_OK;
    }
    if (rc != RC_OK)
        *err = *refused;
    return rc;
}

static Rc read_part(Facts *facts, SqlId statement, const TdsArg *args, size_t arg_count,
                    TakeRow *take, const char **why_not, Err *err)
{
    Err refused = {0};
    Rc rc;

    if (*why_not)
        return RC_OK;
    rc = read_rows(facts, statement, args, arg_count, take, &refused);
    return settle(facts, rc, &refused, why_not, err);
}

/* ---- parts ----------------------------------------------------------------------------------- */

static void take_extent(Facts *facts, const TdsRows *rows)
{
    facts->extent = (Extent){
        .operations = tds_i64(rows, SQL_DOCTOR_EXTENT__OPERATIONS),
        .oldest = tds_time(rows, SQL_DOCTOR_EXTENT__OLDEST),
    };
}

static void take_doomed(Facts *facts, const TdsRows *rows)
{
    facts->doomed.others = tds_i64(rows, SQL_DOCTOR_DOOMED__OTHERS);
    facts->doomed.failures = tds_i64(rows, SQL_DOCTOR_DOOMED__FAILURES);
    facts->doomed.oldest = tds_time(rows, SQL_DOCTOR_DOOMED__OLDEST);
    facts->doomed.is_judged = true;
}

static void take_space(Facts *facts, const TdsRows *rows)
{
    int64_t database_max = tds_i64(rows, SQL_DOCTOR_SPACE__MAX_BYTES);

    facts->space = (Space){
        .max = database_max > 0 ? database_max : tds_i64(rows, SQL_DOCTOR_SPACE__FILE_MAX_BYTES),
        .used = tds_i64(rows, SQL_DOCTOR_SPACE__USED_BYTES),
    };
    if (tds_is_null(rows, SQL_DOCTOR_SPACE__USED_BYTES))
        facts->no_space = "the server does not show how much of its files is used";
}

static void take_table(Facts *facts, const TdsRows *rows)
{
    enum { TABLES_MAX = 200 };

    if (facts->table_count == TABLES_MAX)
        return;
    if (!facts->tables)
        facts->tables = arena_alloc_array(facts->arena, TABLES_MAX, sizeof(*facts->tables));
    facts->tables[facts->table_count++] = (DoctorTable){
        .name = copy(facts->arena, rows, SQL_SSISDB_SIZES__TABLE_NAME),
        .rows = tds_i64(rows, SQL_SSISDB_SIZES__ROW_COUNT),
        .bytes = sat_mul(tds_i64(rows, SQL_SSISDB_SIZES__USED_KB), 1024),
    };
}

static void take_keys(Facts *facts, const TdsRows *rows)
{
    facts->keys = (Keys){
        .count = tds_i64(rows, SQL_DOCTOR_KEYS__KEY_COUNT),
        .orphans = tds_i64(rows, SQL_DOCTOR_KEYS__ORPHANS),
        .first_orphan = tds_i64(rows, SQL_DOCTOR_KEYS__FIRST_ORPHAN),
        .last_orphan = tds_i64(rows, SQL_DOCTOR_KEYS__LAST_ORPHAN),
    };
}

static void take_version(Facts *facts, const TdsRows *rows)
{
    enum { VERSIONS_MAX = 20 };

    if (facts->version_count == VERSIONS_MAX)
        return;
    if (!facts->versions)
        facts->versions = arena_alloc_array(facts->arena, VERSIONS_MAX, sizeof(*facts->versions));
    facts->versions[facts->version_count++] = (Versioned){
        .project = copy(facts->arena, rows, SQL_DOCTOR_VERSIONS__PROJECT_NAME),
        .versions = tds_i64(rows, SQL_DOCTOR_VERSIONS__VERSIONS),
    };
}

static void take_leftovers(Facts *facts, const TdsRows *rows)
{
    facts->leftovers = (Leftovers){
        .first_operation = tds_i64(rows, SQL_DOCTOR_LEFTOVERS__FIRST_OPERATION),
        .messages = tds_i64(rows, SQL_DOCTOR_LEFTOVERS__MESSAGES),
        .jobs = tds_i64(rows, SQL_DOCTOR_LEFTOVERS__JOBS),
    };
}

static void take_peak(Facts *facts, const TdsRows *rows)
{
    facts->peak = (Peak){
        .cpu = tds_f64(rows, SQL_DOCTOR_PEAK__CPU),
        .data_io = tds_f64(rows, SQL_DOCTOR_PEAK__DATA_IO),
        .log_write = tds_f64(rows, SQL_DOCTOR_PEAK__LOG_WRITE),
        .workers = tds_f64(rows, SQL_DOCTOR_PEAK__WORKERS),
        .sessions = tds_f64(rows, SQL_DOCTOR_PEAK__SESSIONS),
    };
    if (tds_is_null(rows, SQL_DOCTOR_PEAK__CPU))
        facts->no_peak = "the server keeps no figures of the last hour";
}

/* ---- what is known from the start not to be known -------------------------------------------- */

static const char *needs_role(const Facts *facts)
{
    const Ssisdb *db = facts->db;

    return db->sees_all
               ? NULL
               : arena_printf(facts->arena,
                              "login '%s' sees only its own operations: it is not in role %s",
                              db->login_name ? db->login_name : "?", ssisdb_reading_role(db));
}

static const char *needs_admin(const Facts *facts, const char *what)
{
    if (facts->db->is_sysadmin || facts->db->is_ssis_admin)
        return NULL;
    return arena_printf(facts->arena, "only members of ssis_admin see %s", what);
}

static const char *needs(const Facts *facts, bool has, const char *right)
{
    return has ? NULL : arena_printf(facts->arena, "the login lacks %s", right);
}

static const char *needs_grant(const Facts *facts, bool has, const char *grant)
{
    return has ? NULL : arena_printf(facts->arena, "the login lacks a right: %s", grant);
}

static const char *either(const char *a, const char *b)
{
    return a ? a : b;
}

static void see_what_is_missing(Facts *facts)
{
    const Ssisdb *db = facts->db;
    const Rights *rights = &facts->rights;
    bool is_azure = db->engine_edition == ENGINE_AZURE_SQL_DATABASE;
    bool has_scale_out = ssisdb_has(db, "catalog.worker_agents");
    const char *no_scale_out = has_scale_out ? NULL : "this build has no Scale Out";
    const char *definition = needs_grant(facts, rights->may_view_definition,
                                         advice_grant(db, "VIEW DEFINITION", facts->arena));

    facts->no_purges = needs_role(facts);
    facts->no_silent = facts->no_doomed = rights->may_select ? NULL : needs_role(facts);
    facts->no_foreign_keys = definition;
    facts->no_keys = either(needs_role(facts), definition);
    facts->no_tables = needs_grant(facts, rights->may_view_state, rights->state_grant);
    facts->no_versions = needs_admin(facts, "the versions of projects");
    facts->no_workers = either(no_scale_out, needs_admin(facts, "the workers"));
    // Who may not read the tables does not see that they are there.
    facts->no_leftovers = either(
        no_scale_out,
        needs(facts, rights->may_select && ssisdb_has(db, "internal.operation_messages_scaleout"),
              "the right to read schema internal"));
    facts->no_peak =
        either(is_azure ? NULL : "only Azure SQL Database keeps these figures", facts->no_tables);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static int largest_first(const void *a, const void *b)
{
    const DoctorTable *x = a, *y = b;

    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return str_compare_fold(x->name, y->name);
}

/* What may go and has not, with the grace that a purge of every night needs. The rule is the one of
 * the last cleanup on record, if that took all operations, else the catalog's. */
static void state_rule(Facts *facts, int64_t *ret_keep, int64_t *ret_keep_failed)
{
    const LedgerRecord *record = facts->record;
    int64_t days = facts->db->retention_days;

    if (record->is_found && !record->filter && record->keep_ticks > 0) {
        facts->doomed.is_of_record = true;
        *ret_keep = record->keep_ticks;
        *ret_keep_failed = record->keep_failed_ticks > record->keep_ticks
                               ? record->keep_failed_ticks
                               : record->keep_ticks;
        return;
    }
    *ret_keep = *ret_keep_failed =
        days > 0 && days <= RETENTION_MOST_DAYS ? days * TICKS_PER_DAY : 0;
}

static Instant graced(const Facts *facts, int64_t keep)
{
    Instant at = facts->db->server_now;

    at.ticks = sat_sub(at.ticks, sat_add(keep, GRACE_DAYS * TICKS_PER_DAY));
    return at;
}

static Rc read_doomed(Facts *facts, Err *err)
{
    int64_t keep = 0, keep_failed = 0;

    state_rule(facts, &keep, &keep_failed);
    facts->doomed.keep_ticks = keep;
    const TdsArg args[] = {{.name = "cutoff", .time = graced(facts, keep)},
                           {.name = "failed_cutoff", .time = graced(facts, keep_failed)},
                           {.name = "with_created", .i64 = 1}};
    if (keep <= 0)
        return RC_OK;
    return read_part(facts, facts->rights.may_select ? SQL_DOCTOR_DOOMED : SQL_DOCTOR_DOOMED_VIEW,
                     args, ARRAY_LEN(args), take_doomed, &facts->no_doomed, err);
}

static Rc read_purges(Facts *facts, Err *err)
{
    Err refused = {0};

    if (facts->no_purges)
        return RC_OK;
    Rc rc = purges_read(facts, &refused);
    return settle(facts, rc, &refused, &facts->no_purges, err);
}

static Rc read_silent(Facts *facts, Err *err)
{
    Err refused = {0};

    if (facts->no_silent)
        return RC_OK;
    Rc rc = silent_read(facts->db, facts->rights.may_select, SILENT_MAX, facts->arena,
                        &facts->silent, &refused);
    return settle(facts, rc, &refused, &facts->no_silent, err);
}

static Rc read_foreign_keys(Facts *facts, Err *err)
{
    Err refused = {0};

    if (facts->no_foreign_keys)
        return RC_OK;
    Rc rc = foreign_keys_read(facts->db, facts->arena, &facts->foreign_keys, &refused);
    return settle(facts, rc, &refused, &facts->no_foreign_keys, err);
}

static Rc read_log(Facts *facts, Err *err)
{
    const TdsArg most[] = {
        {.name = "most", .i64 = facts_setting(facts, "MAX_PROJECT_VERSIONS", 10)}};

    TRY(read_part(facts, SQL_DOCTOR_EXTENT, NULL, 0, take_extent, &facts->no_purges, err));
    TRY(read_purges(facts, err));
    TRY(read_doomed(facts, err));
    TRY(read_silent(facts, err));
    TRY(read_part(facts, SQL_DOCTOR_KEYS, NULL, 0, take_keys, &facts->no_keys, err));
    TRY(read_part(facts, SQL_DOCTOR_VERSIONS, most, ARRAY_LEN(most), take_version,
                  &facts->no_versions, err));
    return read_part(facts, SQL_DOCTOR_LEFTOVERS, NULL, 0, take_leftovers, &facts->no_leftovers,
                     err);
}

static Rc read_workers(Facts *facts, Err *err)
{
    if (facts->no_workers)
        return RC_OK;
    TRY(workers_read(facts->db, facts->arena, &facts->workers, err));
    if (!facts->workers.is_known)
        facts->no_workers = "the server does not show the workers";
    return RC_OK;
}

static Rc read_server(Facts *facts, Err *err)
{
    TRY(read_part(facts, SQL_DOCTOR_SPACE, NULL, 0, take_space, &facts->no_space, err));
    TRY(read_part(facts, SQL_SSISDB_SIZES, NULL, 0, take_table, &facts->no_tables, err));
    TRY(read_foreign_keys(facts, err));
    TRY(read_part(facts, SQL_DOCTOR_PEAK, NULL, 0, take_peak, &facts->no_peak, err));
    TRY(read_workers(facts, err));
    if (facts->table_count > 0)
        qsort(facts->tables, facts->table_count, sizeof(*facts->tables), largest_first);
    else if (!facts->no_tables) // without VIEW DEFINITION the names are missing, and the rows with
                                // them
        facts->no_tables = "the server shows no table of schema internal";
    return RC_OK;
}

Rc facts_read(const Ssisdb *db, const LedgerRecord *record, Arena *arena, Facts *ret_facts,
              Err *err)
{
    static const LedgerRecord none = {0};

    *ret_facts = (Facts){.db = db, .arena = arena, .record = record ? record : &none};
    TRY(rights_read(db, arena, &ret_facts->rights, err));
    see_what_is_missing(ret_facts);
    TRY(read_log(ret_facts, err));
    return read_server(ret_facts, err);
}
