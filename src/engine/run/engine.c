/* Opening: the store, the schema in its flavor, the logins. And the sessions on it. */
#include "../front/parse.h"
#include "exec.h"
#include "lock.h"

#include "ssisminer/base/file.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/engine/decimal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the clock ------------------------------------------------------------------------------- */

Instant engine_now(const Engine *engine)
{
    if (!engine->clock_start.is_set)
        return time_now();
    if (engine->is_capture)
        return engine->clock_start;
    Instant now = engine->clock_start;
    now.ticks += (time_monotonic_ms() - engine->clock_base_ms) * TICKS_PER_MS;
    return now;
}

const char *engine_server_name(const Engine *engine)
{
    return engine_is_azure_database(engine) ? "sandbox-azure" : "SANDBOX";
}

char *const *engine_schema(const Engine *engine, size_t *ret_count)
{
    *ret_count = engine->schema.count;
    return engine->schema.list;
}

/* ---- open and close -------------------------------------------------------------------------- */

/* Who sent a capture is not to be trusted: nothing that its file says is run. */
static int open_file(const Engine *engine, int flags, sqlite3 **ret_db)
{
    static const char ours[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; "
                               "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; "
                               "PRAGMA cache_size=-65536; PRAGMA recursive_triggers=OFF";
    static const char theirs[] = "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; "
                                 "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; "
                                 "PRAGMA cache_size=-16384";
    bool is_read = engine->is_capture && engine->is_reopened;
    flags |= is_read ? SQLITE_OPEN_READONLY | SQLITE_OPEN_NOFOLLOW : SQLITE_OPEN_READWRITE;
    int rc = sqlite3_open_v2(engine->path, ret_db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_busy_timeout(*ret_db, 60000);
    (void)sqlite3_db_config(*ret_db, SQLITE_DBCONFIG_DEFENSIVE, is_read, NULL);
    return sqlite3_exec(*ret_db, is_read ? theirs : ours, NULL, NULL, NULL);
}

static Rc open_store(Engine *engine, Err *err)
{
    int rc = open_file(engine, engine->is_reopened ? 0 : SQLITE_OPEN_CREATE, &engine->store);
    if (rc == SQLITE_OK)
        rc = functions_register(engine->store, NULL);
    if (rc != SQLITE_OK)
        return FAIL(err, RC_QUERY, "cannot open the sandbox's database '%s': %s", engine->path,
                    engine->store ? sqlite3_errmsg(engine->store) : "out of memory");
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
        (void)catalog_add(catalog, NAME_LOGIN, str_of(names[i]), (Str){0});
    catalog_map_user(catalog, catalog_id(catalog, NAME_USER, str_of("dbo")),
                     catalog_id(catalog, NAME_LOGIN, str_of("sa")));
}

Rc engine_open(const EngineOptions *options, Engine **ret_engine, Err *err)
{
    Engine *engine = mem_alloc(sizeof *engine);
    engine->flavor = options->flavor;
    engine->reads_wait = options->reads_wait;
    engine->kind = options->kind;
    engine->is_capture = options->is_capture;
    engine->database = mem_text(options->database_name ? options->database_name : "SSISDB");
    engine->clock_start = options->now;
    engine->clock_base_ms = time_monotonic_ms();
    engine->next_session = 51;
    init_locks(engine);
    catalog_init(&engine->catalog);
    make_logins(&engine->catalog);
    if (!options->is_bare)
        schema_read(engine);
    engine->is_reopened = options->path && file_exists(options->path);
    Rc rc = choose_path(engine, options, err);
    if (rc == RC_OK)
        rc = open_store(engine, err);
    if (rc == RC_OK)
        rc = schema_make(engine, err);
    engine->is_reopened &= engine->is_capture; // else statements mean what they say now
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

/* ---- sessions -------------------------------------------------------------------------------- */

static bool connect_session(Session *session)
{
    Engine *engine = session->engine;
    int rc = open_file(engine, 0, &session->db);
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
    int login_id = catalog_id(&engine->catalog, NAME_LOGIN, str_of(login));
    int user = catalog_user_of(&engine->catalog, login_id);
    if (!user)
        return NULL;
    Session *session = mem_alloc(sizeof *session);
    session->engine = engine;
    session->login = mem_text(login);
    session->application = mem_text(application ? application : "");
    session->host = mem_text("");
    session->principal = user;
    session->login_id = login_id;
    session->is_new = true;
    session->is_sysadmin = str_same_fold(login, "sa") && !engine_is_azure_database(engine);
    session->set.lock_timeout_ms = -1;
    session->set.text_size = TEXT_SIZE_MAX;
    session->set.row_limit = -1;
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

void session_set_host(Session *session, const char *host)
{
    pthread_mutex_lock(&session->engine->mutex); // others see it
    free(session->host);
    session->host = mem_text(host);
    pthread_mutex_unlock(&session->engine->mutex);
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
    free(session->host);
    free(session);
}

int session_id(const Session *session)
{
    return session->id;
}

void session_cancel(Session *session)
{
    atomic_store(&session->canceled, true);
    sqlite3_interrupt(session->db);
    lock_wake(session->engine);
}

int64_t session_number(const Session *session, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int64_t number = 0;
    if (sqlite3_prepare_v2(session->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        number = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return number;
}

const Object *session_temp(const Session *session, Str name)
{
    for (size_t i = session->temp_count; i-- > 0;)
        if (str_equal_fold(str_of(session->temps[i]->name), name))
            return session->temps[i];
    return NULL;
}

/* ---- running --------------------------------------------------------------------------------- */

/* A decimal comes and goes as text, and is kept otherwise. */
static SbValue inner_value(const SbParam *param, SbType from, char bytes[DECIMAL_BYTES])
{
    SbValue value = param->value;
    Decimal number = {0};

    if (value_is_decimal(&value, from)) {
        (void)decimal_parse(value.bytes, &number);
        value.bytes = (Str){bytes, decimal_encode(number, bytes)};
    }
    return value;
}

static SbType type_within(const SbParam *param)
{
    return param->type.id == SB_SQL_VARIANT ? param->value.held : param->type;
}

static void give_param(const Variable *variable, SbParam *param, Buf *text)
{
    size_t start = text->len;

    param->type = variable->type;
    param->value = variable->value;
    if (value_is_decimal(&variable->value, variable->type))
        value_put_decimal(&variable->value, variable->type, text);
    else if (!variable->value.is_null && variable->value.bytes.at)
        buf_put(text, variable->value.bytes.at, variable->value.bytes.len);
    else
        return;
    param->value.bytes = (Str){(const char *)(uintptr_t)start, text->len - start};
}

/* Output values stay valid until the session runs again. places: the variable of each. */
static void give_params(Run *run, SbParam *params, size_t count, const size_t *places)
{
    Buf *text = &run->session->out_text;

    buf_reset(text);
    for (size_t i = 0; i < count; i++)
        if (params[i].is_output)
            give_param(&run->frame.variables[places[i]], &params[i], text);
    for (size_t i = 0; i < count; i++) // the buffer has stopped moving: offsets become places
        if (params[i].is_output && !params[i].value.is_null &&
            (params[i].value.bytes.at || params[i].value.bytes.len ||
             params[i].type.id == SB_NVARCHAR))
            params[i].value.bytes.at = buf_text(text) + (uintptr_t)params[i].value.bytes.at;
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

static void begin_request(Session *session, Str text, const SbSink *sink)
{
    session->sink = sink;
    session->stopped = false;
    session->fault = (Fault){0};
    session->frame = NULL;
    session->try_depth = session->caught_depth = 0;
    atomic_store(&session->canceled, false);
    mark_running(session, true, text);
}

static bool end_request(Session *session)
{
    end_doomed(session);
    mark_running(session, false, str_of(""));
    session->sink = NULL;
    return !session->stopped;
}

/* ---- statements that declare their parameters ------------------------------------------------ */

static bool find_place(const SbParam *param, size_t index, const ParamDef *defs, size_t count,
                       size_t *ret_place, Fault *fault)
{
    size_t at = index;

    if (param->name[0])
        for (at = 0; at < count && !str_equal_fold(defs[at].name, str_of(param->name)); at++)
            continue;
    *ret_place = at;
    return at < count || fault_set(fault, 1, 8144,
                                   "Procedure or function has too many arguments specified, or one "
                                   "that is not declared: '%s'.",
                                   param->name);
}

/* Gives each declared parameter its value, in its type. */
static bool bind_params(Run *run, Str statement, const ParamDef *defs, size_t def_count,
                        const SbParam *params, size_t count, size_t *places)
{
    Session *session = run->session;
    bool *has_value = arena_alloc(&run->arena, def_count + 1);

    for (size_t i = 0; i < def_count; i++)
        (void)run_declare(run, defs[i].name, defs[i].type);
    for (size_t i = 0; i < count; i++) {
        char bytes[DECIMAL_BYTES];
        SbType from = type_within(&params[i]);
        SbValue given = inner_value(&params[i], from, bytes), value;
        if (!find_place(&params[i], i, defs, def_count, &places[i], &session->fault) ||
            !value_convert(&given, from, defs[places[i]].type, 0, 0, &session->scratch2, &value,
                           &session->fault))
            return false;
        variable_set(&run->frame.variables[places[i]], &value, defs[places[i]].type);
        has_value[places[i]] = true;
    }
    for (size_t i = 0; i < def_count && !session->fmt_only; i++)
        if (!has_value[i])
            return fault_set(&session->fault, 1, MSG(8178),
                             (int)(statement.len > 60 ? 60 : statement.len), statement.at,
                             STR_FMT(defs[i].name));
    return true;
}

/* Parameters that nobody declared are what they come as. */
static const ParamDef *define(Run *run, const SbParam *params, size_t count)
{
    ParamDef *defs = arena_alloc_array(&run->arena, count + 1, sizeof *defs);

    for (size_t i = 0; i < count; i++)
        defs[i] =
            (ParamDef){.name = str_of(params[i].name), .type = params[i].type, .is_output = true};
    return defs;
}

bool session_run(Session *session, Str batch, SbParam *params, size_t count, const SbSink *sink)
{
    return session_execute(session, batch, (Str){0}, params, count, sink);
}

bool session_execute(Session *session, Str statement, Str declarations, SbParam *params,
                     size_t count, const SbSink *sink)
{
    Run outer, inner, *run = &outer;
    Stmt whole = {.line = 1};
    const ParamDef *defs = NULL;
    size_t def_count = count;
    bool ok = true;

    begin_request(session, statement, sink);
    (void)run_begin(&outer, session, NULL);
    if (declarations.at) { // a level of its own: what it makes of temporary tables goes with it
        run = &inner;
        (void)run_begin(run, session, &outer);
        ok = parse_declaration(declarations, &run->arena, &defs, &def_count, &session->fault);
    } else {
        defs = define(run, params, count);
    }
    size_t *places = arena_alloc_array(&run->arena, count + 1, sizeof *places);
    ok = ok && bind_params(run, statement, defs, def_count, params, count, places);
    (void)(ok ? run_text(run, statement) : run_fail(run, &whole));
    for (size_t i = 0; i < count; i++)
        params[i].is_output = params[i].is_output && ok && defs[places[i]].is_output;
    give_params(run, params, count, places);
    if (run == &inner)
        run_end(&inner);
    run_end(&outer);
    return end_request(session);
}

bool session_describe(Session *session, Str statement, Str declarations, const SbSink *sink)
{
    bool was_fmt_only = session->fmt_only;

    session->fmt_only = true;
    bool goes_on = session_execute(session, statement, declarations, NULL, 0, sink);
    session->fmt_only = was_fmt_only;
    return goes_on;
}
