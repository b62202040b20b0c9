/* What a fault does, and where the server lets it. */
#include "hooks.h"

#include "faults.h"
#include "replay.h"

#include "ssisminer/base/mem.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

typedef struct Orders { // of the command line
    Faults *faults;
    Replay *replay; // NULL: none
} Orders;

const Replay *replay_of(const Response *response)
{
    const Orders *orders = response->hooks->context;

    return orders->replay;
}

/* ---- strokes --------------------------------------------------------------------------------- */

/* What the client sends to a statement meanwhile is an attention: it counts as canceled. */
static bool stall(const Response *response, long ms)
{
    bool is_early = !response->session;
    struct pollfd peer = {.fd = response->link->fd,
                          .events = is_early ? POLLRDHUP : POLLIN | POLLRDHUP};

    if (poll(&peer, 1, ms ? (int)ms : -1) == 0)
        return true;
    if (is_early)
        response->link->is_broken = true;
    else
        atomic_store(response->is_canceled, true);
    return false;
}

static void hang(Link *link)
{
    char ignored[4096];

    while (recv(link->fd, ignored, sizeof(ignored), 0) > 0)
        ;
    link->is_broken = true;
}

/* In place of all that stands in the output from `at` on. */
static void send_garbage(Link *link, size_t at)
{
    link->out.len = at;
    for (unsigned i = 0; i < 64; i++)
        put_u8(&link->out, (i * 37 + 5) & 0x7F);
    link_send_part(link);
    link_break(link, LINK_END_FIN);
}

static void inject_error(Response *response, int32_t number)
{
    enum { DEADLOCK_VICTIM = 1205, ROLLBACK = 8 };
    FaultError error = faults_error(number);
    SbSink sink = response_sink(response);

    (void)sink.error(response, error.number, error.state, error.severity, error.text, "", 1);
    if (number == DEADLOCK_VICTIM && *response->is_in_transaction)
        (void)session_transaction(response->session, ROLLBACK, "", &sink);
}

static void end(Link *link, const Fault *fault)
{
    link_break(link, fault->kind == FAULT_RESET   ? LINK_END_RESET
                     : fault->kind == FAULT_CLOSE ? LINK_END_NOTIFY
                                                  : LINK_END_FIN);
}

/* True when the server goes on all the same. */
static bool strike(Response *response, const Fault *fault)
{
    Link *link = response->link;

    response->noted = fault;
    switch (fault->kind) {
    case FAULT_SLOW:
        link->bytes_per_second = fault->rate;
        return true;
    case FAULT_LOSE:
    case FAULT_ROUTE:
        return true;
    case FAULT_STALL:
        return stall(response, fault->ms);
    case FAULT_ERROR:
        inject_error(response, fault->number);
        return false;
    case FAULT_HANG:
        hang(link);
        return false;
    case FAULT_GARBAGE:
        send_garbage(link, link->out.len);
        return false;
    case FAULT_FLOOD:
        if (fault->flood >= FLOOD_ROWS) // which need the statement's own
            return true;
        flood_tokens(link, fault->flood);
        return false;
    default:
        end(link, fault);
        return false;
    }
}

/* ---- where they fall ------------------------------------------------------------------------- */

static const Fault *due(const Orders *orders, FaultPlace place)
{
    return faults_due(orders->faults, &(FaultEvent){.place = place});
}

static bool on_connect(void *context, Response *response)
{
    const Orders *orders = context;
    const Fault *fault = due(orders, FAULT_AT_CONNECT);

    replay_tune(orders->replay, response->link);
    return !fault || strike(response, fault);
}

static bool on_login(void *context, Response *response, WireRoute *ret_route)
{
    const Fault *fault = due(context, FAULT_AT_LOGIN);

    if (fault && fault->kind == FAULT_ROUTE)
        *ret_route = (WireRoute){fault->host, fault->port};
    return !fault || strike(response, fault);
}

/* What drivers send on their own after the login must not shift the numbers of --fault. */
static const Fault *due_for(const Orders *orders, FaultEvent event)
{
    static const char start[] = "set textsize ";
    Str head = str_trim(event.text);

    head.len = head.len < sizeof(start) - 1 ? head.len : sizeof(start) - 1;
    return str_equal_fold(head, str_of(start)) ? NULL : faults_due(orders->faults, &event);
}

/* A driver sends the values of `exec sp_executesql N'…', N'@first_id bigint, …', @P1, …` in the
 * order in which the text declares them; 0 for none. */
static int64_t id_of(const char *declared, const char *name, const SbParam *params, size_t count)
{
    const char *at = declared ? strstr(declared, name) : NULL;
    size_t index = 0;

    for (const char *p = declared; at && p < at; p++)
        index += *p == '@';
    return at && index < count ? params[index].value.i64 : 0;
}

static bool on_statement(void *context, Response *response, Str text, const SbParam *params,
                         size_t count)
{
    const char *declared =
        count > 0 ? strstr(arena_copy(response->arena, text.at, text.len), "', N'@") : NULL;
    FaultEvent event = {.place = FAULT_AT_STATEMENT,
                        .text = text,
                        .first = id_of(declared, "@first_id bigint", params, count),
                        .last = id_of(declared, "@last_id bigint", params, count)};
    const Fault *fault = due_for(context, event);

    return !fault || strike(response, fault);
}

static SbSink on_sink(void *context, Response *response, Str text)
{
    const Orders *orders = context;

    return replay_wants(orders->replay, text) ? replay_sink(response) : response_sink(response);
}

static bool on_row(void *context, Response *response, size_t row_at)
{
    const Orders *orders = context;
    const Fault *noted = response->noted;
    Buf *out = &response->link->out;

    if (noted && noted->kind == FAULT_FLOOD) {
        flood_row(response, noted->flood, row_at);
        return false;
    }
    const Fault *fault =
        faults_due(orders->faults, &(FaultEvent){.place = FAULT_AT_ROW, .row = response->rows});
    if (fault && fault->kind == FAULT_GARBAGE) {
        send_garbage(response->link, row_at);
    } else if (fault) {
        out->len = row_at + (out->len - row_at) / 2;
        link_send_part(response->link);
        end(response->link, fault);
    }
    return !fault;
}

/* What was sent of the answer is all that the client gets of it; a lost one sends nothing. */
static void on_end(void *context, Response *response, Str text)
{
    const Fault *noted = response->noted;
    bool is_lost = noted && noted->kind == FAULT_LOSE;
    const Fault *fault =
        is_lost ? noted : due_for(context, (FaultEvent){.place = FAULT_AT_END, .text = text});

    if (fault && !is_lost)
        link_send_part(response->link);
    if (fault)
        end(response->link, fault);
}

/* ---- the table ------------------------------------------------------------------------------- */

Rc hooks_make(const char *faults, const char *replay, WireHooks *ret_hooks, Err *err)
{
    WireHooks hooks = {.context = mem_alloc(sizeof(Orders)),
                       .connect = on_connect,
                       .login = on_login,
                       .statement = on_statement,
                       .sink = on_sink,
                       .row = on_row,
                       .end = on_end};
    Orders *orders = hooks.context;

    if (faults_parse(faults, &orders->faults, err) != RC_OK ||
        replay_parse(replay, &orders->replay, err) != RC_OK) {
        hooks_done(&hooks);
        return err->rc;
    }
    *ret_hooks = hooks;
    return RC_OK;
}

void hooks_done(WireHooks *hooks)
{
    Orders *orders = hooks->context;

    if (!orders)
        return;
    faults_free(orders->faults);
    replay_free(orders->replay);
    free(orders);
    hooks->context = NULL;
}
