/* Procedures that clients call: sp_executesql, the prepared ones, and those of the catalog. */
#include "connection.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>
#include <string.h>

typedef struct Call {
    Connection *connection;
    const Rpc *rpc;
    const char *name; // of the procedure, for the record
    Response response;
    SbParam *bound; // what the statement sees
    size_t bound_count;
    SbParam *answer; // what goes back: one for each of rpc's
} Call;

static Arena *arena_of(const Call *call)
{
    return &call->connection->arena;
}

/* ---- what has been prepared ------------------------------------------------------------------ */

static Prepared *find_prepared(const Connection *connection, int64_t handle)
{
    for (size_t i = 0; handle > 0 && i < connection->prepared_count; i++)
        if (connection->prepared[i].handle == handle)
            return &connection->prepared[i];
    return NULL;
}

static Prepared *free_place(Connection *connection)
{
    for (size_t i = 0; i < connection->prepared_count; i++)
        if (connection->prepared[i].handle == 0)
            return &connection->prepared[i];
    connection->prepared =
        mem_resize(connection->prepared, (connection->prepared_count + 1) * sizeof(Prepared));
    return &connection->prepared[connection->prepared_count++];
}

static int32_t prepare(Connection *connection, Str declarations, Str statement)
{
    Prepared *place = free_place(connection);

    *place = (Prepared){.handle = ++connection->last_handle,
                        .declarations = mem_copy(declarations.at, declarations.len),
                        .statement = mem_copy(statement.at, statement.len)};
    return place->handle;
}

static void forget(Prepared *prepared)
{
    free(prepared->declarations);
    free(prepared->statement);
    *prepared = (Prepared){0};
}

void call_forget_all(Connection *connection)
{
    for (size_t i = 0; i < connection->prepared_count; i++)
        forget(&connection->prepared[i]);
    free(connection->prepared);
    connection->prepared = NULL;
    connection->prepared_count = 0;
}

/* ---- ends ------------------------------------------------------------------------------------ */

static void fail_as(Call *call, int32_t number, const char *text)
{
    (void)response_error(&call->response, number, 16, text);
    connection_end_procedure(call->connection, &call->response, number, NULL, 0);
}

#define fail(call, number, ...) fail_as((call), (number), arena_printf(arena_of(call), __VA_ARGS__))

static void succeed(Call *call, int32_t status)
{
    connection_end_procedure(call->connection, &call->response, status, call->answer,
                             call->rpc->param_count);
}

static void set_answer_int(Call *call, size_t index, int64_t value)
{
    call->answer[index].type = (SbType){.id = SB_INT};
    call->answer[index].value = (SbValue){.i64 = value};
    call->answer[index].is_output = true;
}

/* ---- parameters ------------------------------------------------------------------------------ */

/* Text of a parameter that has to be text; NULL counts as empty. */
static bool take_text(const Call *call, size_t index, Str *ret_text)
{
    if (index >= call->rpc->param_count || call->rpc->params[index].type.id != SB_NVARCHAR)
        return false;
    const SbValue *value = &call->rpc->params[index].value;
    *ret_text = value->is_null ? (Str){"", 0} : value->bytes;
    return true;
}

/* Of the handle that comes first; NULL, and the call has failed. */
static Prepared *need_prepared(Call *call)
{
    bool has_handle = call->rpc->param_count > 0 && call->rpc->params[0].type.id <= SB_BIGINT;
    int64_t handle = has_handle ? call->rpc->params[0].value.i64 : 0;
    Prepared *prepared = find_prepared(call->connection, handle);

    if (!prepared)
        fail(call, 8179, "Could not find prepared statement with handle %lld.", (long long)handle);
    return prepared;
}

/* Declarations and the statement, which stand behind a handle; false, and the call has failed. */
static bool need_statement(Call *call, Str *ret_declarations, Str *ret_statement)
{
    if (take_text(call, 1, ret_declarations) && take_text(call, 2, ret_statement))
        return true;
    fail(call, 214, "%s expects a handle, declarations and a statement.", call->name);
    return false;
}

static TrafficEntry entry_of(const Call *call, Str text)
{
    return (TrafficEntry){.session = session_id(call->connection->session),
                          .login = call->connection->user,
                          .kind = "rpc",
                          .procedure = call->name,
                          .text = text};
}

static bool run_entry(Call *call, TrafficEntry *entry)
{
    entry->params = call->bound;
    entry->param_count = call->bound_count;
    return connection_run(call->connection, &call->response, entry, call->bound, call->bound_count);
}

/* Runs a statement whose values stand from `first` on in the call. False: no end is wanted. */
static bool run_declared(Call *call, Str declarations, Str statement, size_t first)
{
    TrafficEntry entry = entry_of(call, statement);
    size_t count = call->rpc->param_count;

    entry.declarations = declarations;
    first = first < count ? first : count;
    call->bound_count = count - first;
    call->bound = arena_alloc_array(arena_of(call), call->bound_count + 1, sizeof(SbParam));
    for (size_t i = 0; i < call->bound_count; i++)
        call->bound[i] = call->rpc->params[first + i];
    if (!run_entry(call, &entry))
        return false;
    for (size_t i = 0; i < call->bound_count; i++) // under the name that the client used
        call->answer[first + i] = call->bound[i];
    return true;
}

/* ---- the procedures -------------------------------------------------------------------------- */

static void record(const Call *call, Str text)
{
    TrafficEntry entry = entry_of(call, text);

    traffic_write(call->connection->service->traffic, &entry);
}

static void call_executesql(Call *call)
{
    Str statement, declarations = {"", 0};

    if (!take_text(call, 0, &statement) ||
        (call->rpc->param_count > 1 && !take_text(call, 1, &declarations))) {
        fail(call, 214, "Procedure expects parameter '@statement' of type 'ntext/nchar/nvarchar'.");
        return;
    }
    if (run_declared(call, declarations, statement, 2))
        succeed(call, call->response.last_error);
}

/* Looks at the statement and tells of its columns, as the server does; there is no handle for one
 * that cannot run. */
static void call_prepare(Call *call)
{
    Str declarations, statement;

    if (!need_statement(call, &declarations, &statement))
        return;
    record(call, statement);
    SbSink sink = response_sink(&call->response);
    (void)session_describe(call->connection->session, statement, declarations, &sink);
    if (call->response.last_error) {
        fail(call, 8180, "Statement(s) could not be prepared.");
        return;
    }
    set_answer_int(call, 0, prepare(call->connection, declarations, statement));
    succeed(call, 0);
}

static void call_prepexec(Call *call)
{
    Str declarations, statement;

    if (!need_statement(call, &declarations, &statement))
        return;
    int32_t handle = prepare(call->connection, declarations, statement);
    if (!run_declared(call, declarations, statement, 3))
        return;
    set_answer_int(call, 0, handle);
    succeed(call, call->response.last_error);
}

static void call_execute(Call *call)
{
    const Prepared *prepared = need_prepared(call);

    if (prepared &&
        run_declared(call, str_of(prepared->declarations), str_of(prepared->statement), 1))
        succeed(call, call->response.last_error);
}

static void call_unprepare(Call *call)
{
    Prepared *prepared = need_prepared(call);

    if (!prepared)
        return;
    record(call, (Str){0});
    forget(prepared);
    succeed(call, 0);
}

static const char status_name[] = "@sandbox_return_status";

/* "EXEC @status = NAME @a = @a, @sandbox_2 OUTPUT": named parameters by name, others by place. */
static Str write_exec(Call *call)
{
    AUTO(buf_done) Buf text = BUF(1024 * 1024);

    buf_printf(&text, "EXEC %s = %s", status_name, call->rpc->name);
    for (size_t i = 0; i < call->rpc->param_count; i++) {
        const SbParam *param = &call->bound[i];
        bool has_name = call->rpc->params[i].name[0] != '\0';
        buf_puts(&text, i ? ", " : " ");
        if (has_name)
            buf_printf(&text, "%s = ", param->name);
        buf_puts(&text, param->name);
        if (param->is_output)
            buf_puts(&text, " OUTPUT");
    }
    return (Str){arena_copy(arena_of(call), buf_text(&text), text.len), text.len};
}

static void call_other(Call *call)
{
    size_t count = call->rpc->param_count;

    call->bound = arena_alloc_array(arena_of(call), count + 1, sizeof(SbParam));
    call->bound_count = count + 1;
    for (size_t i = 0; i < count; i++) {
        call->bound[i] = call->rpc->params[i];
        if (call->bound[i].name[0] == '\0')
            call->bound[i].name = arena_printf(arena_of(call), "@sandbox_%zu", i + 1);
    }
    call->bound[count] = (SbParam){
        .name = status_name, .type = {.id = SB_INT}, .value = {.is_null = true}, .is_output = true};
    TrafficEntry entry = entry_of(call, write_exec(call));
    if (!run_entry(call, &entry))
        return;
    for (size_t i = 0; i < count; i++) {
        call->answer[i].value = call->bound[i].value;
        call->answer[i].type = call->bound[i].type;
        call->answer[i].is_output = call->rpc->params[i].is_output;
    }
    succeed(call, (int32_t)call->bound[count].value.i64);
}

static const struct {
    uint16_t id;
    const char *name;
    void (*run)(Call *call);
} procedures[] = {
    {10, "sp_executesql", call_executesql}, {11, "sp_prepare", call_prepare},
    {12, "sp_execute", call_execute},       {13, "sp_prepexec", call_prepexec},
    {15, "sp_unprepare", call_unprepare},
};

void call_run(Connection *connection, const Rpc *rpc)
{
    Call call = {.connection = connection,
                 .rpc = rpc,
                 .name = rpc->name,
                 .response = connection_response(connection, true)};

    if (rpc->foreign) {
        fail(&call, 2715, "Column, parameter, or variable #%zu: Cannot find data type %s.",
             rpc->param_count + 1, rpc->foreign);
        return;
    }
    call.answer = arena_alloc_array(&connection->arena, rpc->param_count + 1, sizeof(SbParam));
    for (size_t i = 0; i < rpc->param_count; i++)
        call.answer[i].name = rpc->params[i].name;
    for (size_t i = 0; i < ARRAY_LEN(procedures); i++) {
        bool is_named = rpc->proc_id == 0 && str_same_fold(rpc->name, procedures[i].name);
        if (!is_named && rpc->proc_id != procedures[i].id)
            continue;
        call.name = procedures[i].name;
        procedures[i].run(&call);
        return;
    }
    if (rpc->proc_id != 0)
        fail(&call, 2812, "Could not find stored procedure number %u.", rpc->proc_id);
    else
        call_other(&call);
}
