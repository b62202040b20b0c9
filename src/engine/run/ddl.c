/* CREATE, ALTER, DROP: into the type catalog, and tables and indexes into SQLite too. */
#include "../front/parse.h"
#include "exec.h"
#include "lock.h"

#include <string.h>

typedef struct Maker {
    Run *run;
    Session *session;
    Arena *arena; // of what lasts: the catalog's, or the session's for temporary tables
    Fault *fault;
    Object object;
    const TableDef *def;
    int line;
} Maker;

static pthread_mutex_t ddl_mutex = PTHREAD_MUTEX_INITIALIZER; // one catalog change at a time

static Maker maker_of(Run *run, int line, ObjectKind kind, Arena *arena)
{
    return (Maker){.run = run,
                   .session = run->session,
                   .arena = arena,
                   .fault = &run->session->fault,
                   .line = line,
                   .object = {.kind = kind}};
}

static char *keep(Maker *maker, Str text)
{
    return arena_copy(maker->arena, text.at, text.len);
}

bool ddl_is_owner(const Run *run)
{
    return run->frame.is_definer ||
           catalog_is_member(CATALOG(run->session), run->session->principal, 16384) ||
           run->session->is_sysadmin;
}

static bool need_owner(Run *run, const Stmt *stmt, const char *what)
{
    return ddl_is_owner(run) ||
           run_fault(run, stmt, MSG(262), what, run->session->engine->database);
}

static bool refuse(Maker *maker, const char *reason)
{
    const char *name = maker->object.name;
    return fault_refuse(maker->fault, maker->line, name, strlen(name), reason);
}

/* ---- tables: from definition to object ------------------------------------------------------- */

static void make_column(Maker *maker, const ColumnDef *def, Column *column)
{
    *column = (Column){.name = keep(maker, def->name),
                       .type = def->type,
                       .is_nullable = def->is_nullable,
                       .is_identity = def->is_identity,
                       .seed = def->seed,
                       .increment = def->increment};
    if (def->default_value)
        column->default_text = keep(maker, def->default_text);
    if (def->is_identity && (!type_is_integer(def->type.id) || def->increment != 1))
        fault_refuse(maker->fault, def->line, def->name.at, def->name.len,
                     "IDENTITY is an integer counting by 1 here");
}

static bool make_columns(Maker *maker)
{
    const TableDef *def = maker->def;
    Object *object = &maker->object;
    object->columns =
        arena_alloc_array(maker->arena, def->column_count + 1, sizeof *object->columns);
    for (size_t i = 0; i < def->column_count && !maker->fault->number; i++) {
        if (object_column(object, def->columns[i].name) >= 0)
            fault_set(maker->fault, def->columns[i].line, MSG(2705), STR_FMT(def->columns[i].name),
                      object->name);
        make_column(maker, &def->columns[i], &object->columns[object->column_count++]);
    }
    return !maker->fault->number;
}

static size_t *column_indexes(Maker *maker, const Object *object, const Str *names, size_t count)
{
    size_t *list = arena_alloc_array(maker->arena, count + 1, sizeof *list);
    for (size_t i = 0; i < count; i++) {
        ptrdiff_t at = object_column(object, names[i]);
        if (at < 0) {
            fault_set(maker->fault, maker->line, MSG(1911), STR_FMT(names[i]));
            return list;
        }
        list[i] = (size_t)at;
    }
    return list;
}

static char *constraint_name(Maker *maker, const ConstraintDef *def, const char *prefix,
                             size_t number)
{
    if (def->name.len)
        return keep(maker, def->name);
    return arena_printf(maker->arena, "%s__%s__%08zX", prefix, maker->object.name, number + 1);
}

static void make_key(Maker *maker, const ConstraintDef *def, size_t number)
{
    Object *object = &maker->object;
    bool is_primary = def->kind == CONSTRAINT_PRIMARY;
    Index *index = &object->indexes[object->index_count++];
    *index = (Index){.name = constraint_name(maker, def, is_primary ? "PK" : "UQ", number),
                     .is_unique = true,
                     .kind = is_primary ? INDEX_PRIMARY : INDEX_UNIQUE_CONSTRAINT,
                     .column_count = def->column_count,
                     .id = is_primary ? 1 : (int)object->index_count + 1};
    index->columns = column_indexes(maker, object, def->columns, def->column_count);
    index->descending = arena_alloc_array(maker->arena, def->column_count + 1, sizeof(bool));
    for (size_t i = 0; is_primary && i < def->column_count && !maker->fault->number; i++) {
        Column *column = &object->columns[index->columns[i]];
        column->is_nullable = false;
    }
}

static void make_foreign(Maker *maker, const ConstraintDef *def, size_t number)
{
    Engine *engine = maker->session->engine;
    Object *object = &maker->object;
    Str name = name_last(&def->target), schema = name_schema(&def->target);
    bool is_self = str_equal_fold(name, str_of(object->name)) &&
                   str_equal_fold(schema, str_of(object->schema));
    const Object *target = is_self ? object : catalog_find(&engine->catalog, schema, name);
    if (!target || target->kind != OBJECT_TABLE) {
        fault_set(maker->fault, maker->line, MSG(1767), STR_FMT(def->name), STR_FMT(schema),
                  STR_FMT(name));
        return;
    }
    ForeignKey *key = &object->foreign_keys[object->foreign_key_count++];
    *key = (ForeignKey){.name = constraint_name(maker, def, "FK", number),
                        .id = catalog_new_id(&engine->catalog),
                        .column_count = def->column_count,
                        .target = target,
                        .on_delete_cascade = def->on_delete_cascade};
    key->columns = column_indexes(maker, object, def->columns, def->column_count);
    key->target_columns = column_indexes(maker, target, def->target_columns, def->column_count);
}

/* SQLite's INTEGER PRIMARY KEY: the identity column, else a whole-number key of one column. */
static void choose_rowid(Object *object)
{
    for (size_t i = 0; i < object->column_count; i++)
        if (object->columns[i].is_identity) {
            object->columns[i].is_rowid = true;
            return;
        }
    for (size_t i = 0; i < object->index_count; i++) {
        const Index *index = &object->indexes[i];
        if (index->kind == INDEX_PRIMARY && index->column_count == 1 &&
            type_is_integer(object->columns[index->columns[0]].type.id))
            object->columns[index->columns[0]].is_rowid = true;
    }
}

static bool make_constraints(Maker *maker)
{
    const TableDef *def = maker->def;
    Object *object = &maker->object;
    size_t room = def->constraint_count + 1;
    object->indexes = arena_alloc_array(maker->arena, room, sizeof *object->indexes);
    object->foreign_keys = arena_alloc_array(maker->arena, room, sizeof *object->foreign_keys);
    for (size_t i = 0; i < def->constraint_count && !maker->fault->number; i++) {
        if (def->constraints[i].kind == CONSTRAINT_FOREIGN)
            make_foreign(maker, &def->constraints[i], i);
        else
            make_key(maker, &def->constraints[i], i);
    }
    choose_rowid(object);
    return !maker->fault->number;
}

/* ---- tables: from object to SQLite ----------------------------------------------------------- */

static const char *storage(SbTypeId id)
{
    static const char *const names[] = {[SB_FLOAT] = "REAL",
                                        [SB_DECIMAL] = "BLOB",
                                        [SB_NVARCHAR] = "TEXT COLLATE TSQL",
                                        [SB_UNIQUEIDENTIFIER] = "TEXT",
                                        [SB_VARBINARY] = "BLOB",
                                        [SB_SQL_VARIANT] = ""};
    return names[id] ? names[id] : "INTEGER";
}

static void put_columns(Emitter *emitter, const Object *object, const size_t *columns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        emit(emitter, i ? ", $n" : "($n", object->columns[columns[i]].name);
    buf_putc(emitter->out, ')');
}

static void put_column(Emitter *emitter, const Column *column)
{
    emit(emitter, "$n $s", column->name, storage(column->type.id));
    if (column->is_rowid)
        buf_puts(emitter->out, column->is_identity ? " PRIMARY KEY AUTOINCREMENT" : " PRIMARY KEY");
    else if (!column->is_nullable)
        buf_puts(emitter->out, " NOT NULL");
}

static void put_foreign(Emitter *emitter, const Object *object, const ForeignKey *key)
{
    buf_puts(emitter->out, ", FOREIGN KEY ");
    put_columns(emitter, object, key->columns, key->column_count);
    emit(emitter, " REFERENCES $n ", key->target->store);
    put_columns(emitter, key->target, key->target_columns, key->column_count);
    buf_puts(emitter->out, key->on_delete_cascade ? " ON DELETE CASCADE" : "");
}

/* Whether the file has just this table or index: as SQLite keeps it, without "main.". */
static bool is_declared(Session *session, const char *sql)
{
    const char *name = strstr(sql, "main.");
    char *query = sqlite3_mprintf("SELECT 1 FROM sqlite_schema WHERE sql = '%.*q%q'",
                                  (int)(name - sql), sql, name + strlen("main."));
    bool is_found = session_number(session, query) == 1;
    sqlite3_free(query);
    session->engine->declared += is_found;
    return is_found;
}

static bool run_sql(Maker *maker, const char *sql)
{
    const Engine *engine = maker->session->engine;
    if (engine->is_reopened && !maker->object.is_temp) {
        bool is_kept = engine->is_capture || !str_same(maker->object.schema, "sys");
        return !is_kept || str_starts(sql, "INSERT") || is_declared(maker->session, sql) ||
               refuse(maker, "the file has another one, or none");
    }
    if (sqlite3_exec(maker->session->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return true;
    return refuse(maker, sqlite3_errmsg(maker->session->db));
}

static bool store_table(Maker *maker)
{
    const Object *object = &maker->object;
    AUTO(buf_done) Buf sql = BUF(1 << 20);
    Emitter emitter = {.out = &sql, .arena = &maker->run->arena};

    buf_puts(&sql, "CREATE TABLE ");
    emit_table(&emitter, object);
    for (size_t i = 0; i < object->column_count; i++) {
        buf_puts(&sql, i ? ", " : " (");
        put_column(&emitter, &object->columns[i]);
    }
    for (size_t i = 0; i < object->index_count; i++) {
        const Index *index = &object->indexes[i];
        if (index->column_count == 1 && object->columns[index->columns[0]].is_rowid)
            continue;
        buf_puts(&sql, ", UNIQUE ");
        put_columns(&emitter, object, index->columns, index->column_count);
    }
    for (size_t i = 0; i < object->foreign_key_count; i++)
        put_foreign(&emitter, object, &object->foreign_keys[i]);
    buf_putc(&sql, ')');
    return run_sql(maker, buf_text(&sql));
}

static bool set_seed(Maker *maker)
{
    const Object *object = &maker->object;
    for (size_t i = 0; i < object->column_count; i++) {
        const Column *column = &object->columns[i];
        if (!column->is_identity || column->seed <= 1)
            continue;
        char *sql = sqlite3_mprintf("INSERT INTO %s.sqlite_sequence (name, seq) VALUES (%Q, %lld)",
                                    object->is_temp ? "temp" : "main", object->store,
                                    (long long)column->seed - 1);
        bool ok = run_sql(maker, sql);
        sqlite3_free(sql);
        return ok;
    }
    return true;
}

static bool remember_temp(Maker *maker, Object *object)
{
    Session *session = maker->session;
    Frame *frame = &maker->run->frame;
    bool is_variable = object->name[0] == '@';
    if (!is_variable) {
        if (session->temp_count == TEMP_MAX)
            return refuse(maker, "too many temporary tables");
        session->temps[session->temp_count++] = object;
    }
    if (!is_variable && !frame->procedure[0] && !maker->run->outer)
        return true; // made by a batch: stays until the session ends
    *ARENA_PUSH(&maker->run->arena, frame->temps, frame->temp_count) = object;
    return true;
}

static bool make_temp(Maker *maker, Object **ret_object)
{
    Session *session = maker->session;
    maker->object.is_temp = true;
    maker->object.schema = "dbo";
    maker->object.id = -(int)(++session->temp_serial);
    // the same name at the same level: a statement prepared in a loop finds the table made anew
    maker->object.store =
        arena_printf(maker->arena, "%s.%d", maker->object.name, maker->run->nesting);
    for (size_t i = 0; i < session->temp_count; i++)
        if (str_same_fold(session->temps[i]->store, maker->object.store))
            return fault_set(maker->fault, maker->line, MSG(2714),
                             STR_FMT(str_of(maker->object.name)));
    if (!make_columns(maker) || !make_constraints(maker))
        return false;
    if (maker->object.foreign_key_count)
        return refuse(maker, "temporary tables have no foreign keys");
    if (!store_table(maker) || !set_seed(maker))
        return false;
    Object *object = arena_alloc(maker->arena, sizeof *object);
    *object = maker->object;
    *ret_object = object;
    return remember_temp(maker, object);
}

static bool need_schema(Maker *maker, const Name *name)
{
    Catalog *catalog = CATALOG(maker->session);
    Str schema = name_schema(name), last = name_last(name);
    int id = catalog_id(catalog, NAME_SCHEMA, schema);
    maker->object.schema = catalog_name(catalog, NAME_SCHEMA, id);
    maker->object.name = keep(maker, last);
    if (!id)
        return fault_set(maker->fault, maker->line, MSG(2760), STR_FMT(schema));
    maker->object.store =
        arena_printf(maker->arena, "%s.%s", maker->object.schema, maker->object.name);
    maker->object.created = engine_now(maker->session->engine);
    return !catalog_find(catalog, schema, last) ||
           fault_set(maker->fault, maker->line, MSG(2714), STR_FMT(last));
}

/* DDL on what everybody sees goes on by itself, outside of any transaction of the user. */
static bool begin_ddl(Maker *maker)
{
    Session *session = maker->session;
    if (session->tran_count)
        return fault_set(maker->fault, maker->line, MSG(226));
    return transact_begin_write(session, NULL);
}

static bool make_permanent(Maker *maker, const Name *name, Object **ret_object)
{
    Engine *engine = maker->session->engine;
    if (!begin_ddl(maker))
        return false;
    pthread_mutex_lock(&ddl_mutex);
    maker->arena = &engine->ddl_arena;
    bool ok = need_schema(maker, name) && make_columns(maker) && make_constraints(maker) &&
              store_table(maker) && set_seed(maker);
    if (ok) {
        Object *object = catalog_put(&engine->catalog, &maker->object);
        for (size_t i = 0; i < object->foreign_key_count; i++)
            if (object->foreign_keys[i].target == &maker->object)
                object->foreign_keys[i].target = object;
        *ret_object = object;
    }
    pthread_mutex_unlock(&ddl_mutex);
    return transact_end_write(maker->session, ok);
}

bool make_table(Run *run, const Name *name, const TableDef *def, Str variable, Object **ret_object)
{
    Session *session = run->session;
    Str last = name_last(name);
    Maker maker = maker_of(run, name->line, OBJECT_TABLE, &session->arena);
    maker.def = def;
    if (!variable.len && !(last.len && last.at[0] == '#'))
        return make_permanent(&maker, name, ret_object);
    maker.object.name = keep(&maker, last);
    return make_temp(&maker, ret_object);
}

/* ---- DROP ------------------------------------------------------------------------------------ */

static void forget_temp(Session *session, const Object *object)
{
    for (size_t i = 0; i < session->temp_count; i++)
        if (session->temps[i] == object)
            session->temps[i] = session->temps[--session->temp_count];
    for (Frame *frame = session->frame; frame; frame = frame->outer)
        for (size_t i = 0; i < frame->temp_count; i++)
            if (frame->temps[i] == object)
                frame->temps[i] = frame->temps[--frame->temp_count];
}

bool drop_table(Session *session, const Object *object)
{
    AUTO(buf_done) Buf sql = BUF(4096);
    Emitter emitter = {.out = &sql};
    buf_puts(&sql, "DROP TABLE IF EXISTS ");
    emit_table(&emitter, object);
    bool ok = sqlite3_exec(session->db, buf_text(&sql), NULL, NULL, NULL) == SQLITE_OK;
    if (object->is_temp)
        forget_temp(session, object);
    else if (ok)
        catalog_drop(CATALOG(session), object);
    return ok;
}

static bool missing(Run *run, const Stmt *stmt)
{
    return run_fault(run, stmt, MSG(3701), STR_FMT(stmt->text),
                     name_full(&stmt->name, &run->arena));
}

static bool is_referenced(Engine *engine, const Object *object, Arena *arena)
{
    size_t count;
    const Object **all = catalog_all(&engine->catalog, arena, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < all[i]->foreign_key_count; k++)
            if (all[i]->foreign_keys[k].target->id == object->id && all[i] != object)
                return true;
    return false;
}

static bool drop_permanent(Run *run, const Stmt *stmt, const Object *object)
{
    Session *session = run->session;
    Maker maker = maker_of(run, stmt->line, OBJECT_TABLE, NULL);
    if (object->kind != OBJECT_TABLE) {
        catalog_drop(CATALOG(session), object);
        return true;
    }
    if (is_referenced(session->engine, object, &run->arena))
        return run_fault(run, stmt, MSG(3726), object->schema, object->name);
    if (!begin_ddl(&maker))
        return false;
    return transact_end_write(session, drop_table(session, object));
}

static bool drop_object(Run *run, const Stmt *stmt, ObjectKind kind)
{
    Session *session = run->session;
    Str last = name_last(&stmt->name);
    if (last.at[0] == '#') {
        const Object *temp = session_temp(session, last);
        return temp ? drop_table(session, temp) : missing(run, stmt);
    }
    const Object *object = catalog_find(CATALOG(session), name_schema(&stmt->name), last);
    if (!object || object->kind != kind)
        return missing(run, stmt);
    return need_owner(run, stmt, "DROP") && drop_permanent(run, stmt, object);
}

static bool drop_any(Run *run, const Stmt *stmt)
{
    Catalog *catalog = CATALOG(run->session);
    if (str_equal_fold(stmt->text, str_of("TABLE")))
        return drop_object(run, stmt, OBJECT_TABLE);
    if (str_equal_fold(stmt->text, str_of("VIEW")))
        return drop_object(run, stmt, OBJECT_VIEW);
    if (str_equal_fold(stmt->text, str_of("PROCEDURE")))
        return drop_object(run, stmt, OBJECT_PROCEDURE);
    if (!need_owner(run, stmt, "DROP"))
        return false;
    bool is_schema = str_equal_fold(stmt->text, str_of("SCHEMA"));
    return catalog_forget(catalog, is_schema ? NAME_SCHEMA : NAME_PRINCIPAL, stmt->name.parts[0]) ||
           missing(run, stmt);
}

/* ---- indexes, views, procedures -------------------------------------------------------------- */

static bool store_index(Maker *maker, const Object *table, const Index *index)
{
    AUTO(buf_done) Buf sql = BUF(1 << 16);
    Emitter emitter = {.out = &sql, .arena = &maker->run->arena};
    const char *name = arena_printf(emitter.arena, "%s.%s", table->store, index->name);
    emit(&emitter, "CREATE $s $s.$n ON $n", index->is_unique ? "UNIQUE INDEX" : "INDEX",
         table->is_temp ? "temp" : "main", name, table->store);
    for (size_t i = 0; i < index->column_count; i++)
        emit(&emitter, "$s$n$s", i ? ", " : " (", table->columns[index->columns[i]].name,
             index->descending[i] ? " DESC" : "");
    buf_putc(&sql, ')');
    return run_sql(maker, buf_text(&sql));
}

static Index make_index(Maker *maker, const Stmt *stmt, const Object *table)
{
    int id = 1;
    for (size_t i = 0; i < table->index_count; i++)
        id = table->indexes[i].id > id ? table->indexes[i].id : id;
    Index index = {.name = keep(maker, stmt->text),
                   .is_unique = stmt->flag,
                   .columns = column_indexes(maker, table, stmt->columns, stmt->column_count),
                   .column_count = stmt->column_count,
                   .included = column_indexes(maker, table, stmt->included, stmt->included_count),
                   .included_count = stmt->included_count,
                   .id = id + 1};
    index.descending = arena_alloc_array(maker->arena, stmt->column_count + 1, sizeof(bool));
    memcpy(index.descending, stmt->descending, stmt->column_count * sizeof(bool));
    return index;
}

static bool add_index(Maker *maker, const Stmt *stmt, const Object *table)
{
    for (size_t i = 0; i < table->index_count; i++)
        if (str_equal_fold(str_of(table->indexes[i].name), stmt->text))
            return fault_set(maker->fault, stmt->line, MSG(1913), STR_FMT(stmt->text),
                             table->schema, table->name);
    Object changed = *table;
    changed.indexes =
        arena_alloc_array(maker->arena, table->index_count + 1, sizeof *changed.indexes);
    memcpy(changed.indexes, table->indexes, table->index_count * sizeof *changed.indexes);
    Index *index = &changed.indexes[changed.index_count++];
    *index = make_index(maker, stmt, table);
    if (maker->fault->number || !store_index(maker, table, index))
        return false;
    (void)catalog_put(CATALOG(maker->session), &changed);
    return true;
}

static bool create_index(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    Binder binder = run_binder(run);
    const Object *table = bind_object(&binder, &stmt->name, 1088);
    Maker maker = maker_of(run, stmt->line, OBJECT_TABLE, NULL);
    if (!table)
        return false;
    maker.object.name = table->name;
    maker.arena = &session->engine->ddl_arena;
    if (table->is_temp)
        return refuse(&maker, "temporary tables have no indexes here");
    if (table->kind != OBJECT_TABLE || !need_owner(run, stmt, "CREATE INDEX"))
        return run_fault(run, stmt, MSG(1088), table->schema, table->name);
    if (!begin_ddl(&maker))
        return false;
    pthread_mutex_lock(&ddl_mutex);
    bool ok = add_index(&maker, stmt, table);
    pthread_mutex_unlock(&ddl_mutex);
    return transact_end_write(session, ok);
}

static void view_columns(Maker *maker, const Stmt *stmt, const BoundQuery *query)
{
    Object *view = &maker->object;
    view->columns = arena_alloc_array(maker->arena, query->column_count + 1, sizeof *view->columns);
    for (size_t i = 0; i < query->column_count && !maker->fault->number; i++) {
        const OutColumn *column = &query->columns[i];
        Str name = column->name;
        if (!name.len)
            fault_set(maker->fault, stmt->line, MSG(4511), i + 1);
        view->columns[view->column_count++] = (Column){
            .name = keep(maker, name), .type = column->type, .is_nullable = column->is_nullable};
    }
}

/* A view, or a procedure (no query), as its text. */
static bool define(Maker *maker, const Stmt *stmt, const BoundQuery *query)
{
    pthread_mutex_lock(&ddl_mutex);
    bool ok = need_schema(maker, &stmt->name);
    if (ok) {
        maker->object.definition = keep(maker, stmt->text);
        if (query)
            view_columns(maker, stmt, query);
        // Azure's figures are a view over a table of the sandbox, and need the right to see state
        maker->object.is_state = str_same(maker->object.schema, "sys") &&
                                 str_same(maker->object.name, "dm_db_resource_stats");
        ok = !maker->fault->number;
    }
    if (ok)
        (void)catalog_put(CATALOG(maker->session), &maker->object);
    pthread_mutex_unlock(&ddl_mutex);
    return ok;
}

static bool create_view(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    Maker maker = maker_of(run, stmt->line, OBJECT_VIEW, &session->engine->ddl_arena);
    Binder binder = run_binder(run);
    binder.has_variables = false;
    binder.in_view = true;
    if (!need_owner(run, stmt, "CREATE VIEW"))
        return false;
    const BoundQuery *query = bind_query(&binder, stmt->query);
    bind_inner_order(&session->fault, stmt->query, stmt->line);
    return !session->fault.number && define(&maker, stmt, query);
}

static bool create_procedure(Run *run, const Stmt *stmt)
{
    Maker maker = maker_of(run, stmt->line, OBJECT_PROCEDURE, &run->session->engine->ddl_arena);
    return need_owner(run, stmt, "CREATE PROCEDURE") && define(&maker, stmt, NULL);
}

/* ---- ALTER TABLE REBUILD --------------------------------------------------------------------- */

/* What deletes emptied in a heap is given back. */
static bool alter_rebuild(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    Binder binder = run_binder(run);
    const Object *table = bind_object(&binder, &stmt->name, 4902);
    Maker maker = maker_of(run, stmt->line, OBJECT_TABLE, NULL);

    if (!table || !need_owner(run, stmt, "ALTER TABLE") || !begin_ddl(&maker))
        return false;
    const char *forget =
        arena_printf(&run->arena, "DELETE FROM \"sandbox.heaps\" WHERE name = '%s'", table->store);
    return transact_end_write(session, run_sql(&maker, forget));
}

/* ---- schemas --------------------------------------------------------------------------------- */

static bool create_schema(Run *run, const Stmt *stmt)
{
    if (!need_owner(run, stmt, "CREATE SCHEMA"))
        return false;
    return catalog_add(CATALOG(run->session), NAME_SCHEMA, stmt->text, (Str){0}) ||
           run_fault(run, stmt, MSG(2714), STR_FMT(stmt->text));
}

/* ---- keys: rows of tables that SQLite's transactions hold ------------------------------------ */

static bool is_certificate(const Stmt *stmt)
{
    return str_equal_fold(stmt->text, str_of("CERTIFICATE"));
}

/* One row of the keys' table, by the name that the statement gives; SQL for both tables. */
static bool change_key(Run *run, const Stmt *stmt, const char *format, int64_t *ret_changes)
{
    Session *session = run->session;
    if (!transact_begin_write(session, NULL))
        return false;
    char *name = arena_copy(&run->arena, stmt->name.parts[0].at, stmt->name.parts[0].len);
    AUTO(buf_done) Buf sql = BUF(4096);
    Emitter emitter = {.out = &sql};
    emit(&emitter, format,
         is_certificate(stmt) ? "sandbox.certificates" : "sandbox.symmetric_keys");
    char *whole = sqlite3_mprintf("%s%Q)", buf_text(&sql), name);
    bool ok = sqlite3_exec(session->db, whole, NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_free(whole);
    *ret_changes = sqlite3_changes64(session->db);
    if (!ok)
        run_fault(run, stmt, MSG(15025), STR_FMT(stmt->name.parts[0]));
    return transact_end_write(session, ok);
}

static bool has_key_right(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    return ddl_is_owner(run) ||
           catalog_may(CATALOG(session), session->principal,
                       is_certificate(stmt) ? "ALTER ANY CERTIFICATE" : "ALTER ANY SYMMETRIC KEY",
                       0, 0);
}

static bool create_key(Run *run, const Stmt *stmt)
{
    int64_t changes;
    if (!has_key_right(run, stmt))
        return run_fault(run, stmt, MSG(15247));
    return change_key(run, stmt, "INSERT INTO $n (name) VALUES (", &changes);
}

static bool drop_key(Run *run, const Stmt *stmt)
{
    int64_t changes = 0;
    if (has_key_right(run, stmt) &&
        !change_key(run, stmt, "DELETE FROM $n WHERE name = (", &changes))
        return false;
    return changes > 0 || run_fault(run, stmt, MSG(15151), "drop",
                                    is_certificate(stmt) ? "certificate" : "symmetric key",
                                    STR_FMT(stmt->name.parts[0]));
}

/* ---- the switch ------------------------------------------------------------------------------ */

static bool create_table(Run *run, const Stmt *stmt)
{
    Object *object = NULL;
    bool is_temp = name_last(&stmt->name).at[0] == '#';
    return (is_temp || need_owner(run, stmt, "CREATE TABLE")) &&
           make_table(run, &stmt->name, stmt->table, str_of(""), &object);
}

Flow exec_ddl(Run *run, const Stmt *stmt)
{
    static bool (*const makers[])(Run * run, const Stmt *stmt) = {
#define STMT(kind, run)
#define DDL(kind, make) [STMT_##kind] = (make),
#include "../front/stmt.def"
#undef STMT
    };

    if (!makers[stmt->kind](run, stmt))
        return run_fail(run, stmt);
    run->session->error_number = 0;
    return sink_done(run, false, false, 0) ? FLOW_NEXT : FLOW_STOP;
}
