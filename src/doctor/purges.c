/* How the purges went that ship with the catalog. */
#include "facts.h"

#include "ssisminer/base/sat.h"

enum { PURGES_MAX = 500 }; // rows of the statement

typedef struct Purge {
    int type, status;
    bool has_name;
    Instant created, end;
} Purge;

typedef struct History { // newest first
    Purge list[PURGES_MAX];
    size_t count;
    bool are_named; // those of operations have a name here
} History;

static Rc read_history(const Facts *facts, History *history, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false;

    TRY(tds_query(facts->db->tds, SQL_DOCTOR_PURGES, NULL, 0, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        if (history->count == PURGES_MAX)
            continue;
        Purge purge = {
            .type = sat_int(tds_i64(rows, SQL_DOCTOR_PURGES__OPERATION_TYPE)),
            .status = sat_int(tds_i64(rows, SQL_DOCTOR_PURGES__STATUS)),
            .has_name = tds_i64(rows, SQL_DOCTOR_PURGES__HAS_NAME) != 0,
            .created = tds_time(rows, SQL_DOCTOR_PURGES__CREATED_TIME),
            .end = tds_time(rows, SQL_DOCTOR_PURGES__END_TIME),
        };
        history->are_named =
            history->are_named || (purge.type == OPERATION_PURGE && purge.has_name);
        history->list[history->count++] = purge;
    }
}

/* Both write type 2; the one of project versions gives no name, where the other gives one. */
static PurgeKind kind_of(const History *history, const Purge *purge)
{
    if (purge->type != OPERATION_PURGE)
        return PURGE_OF_VERSIONS;
    return history->are_named && !purge->has_name ? PURGE_OF_VERSIONS : PURGE_OF_OPERATIONS;
}

static void add(Purges *purges, const Purge *purge)
{
    bool is_open = !purge->end.is_set && !status_is_terminal(purge->status);

    if (purge->status == STATUS_SUCCEEDED && !purges->newest_success.is_set)
        purges->newest_success = purge->created;
    if (!is_open && !purges->newest_ended.is_set) {
        purges->newest_ended = purge->created;
        purges->ended_status = purge->status;
    }
    if (!is_open || purges->newest_success.is_set)
        return;
    if (purges->open_count++ == 0)
        purges->last_open = purge->created;
    purges->first_open = purge->created;
}

/* The one at work has neither company nor a successor, and has not been at it for a day. */
static bool is_killed(const Purges *purges, Instant now)
{
    if (purges->open_count == 0)
        return false;
    return purges->open_count > 1 || now.ticks - purges->last_open.ticks > TICKS_PER_DAY ||
           (purges->newest_ended.is_set && purges->newest_ended.ticks > purges->last_open.ticks);
}

Rc purges_read(Facts *facts, Err *err)
{
    History *history = arena_alloc(facts->arena, sizeof(*history));

    TRY(read_history(facts, history, err));
    for (size_t i = 0; i < history->count; i++)
        add(&facts->purges[kind_of(history, &history->list[i])], &history->list[i]);
    for (int kind = 0; kind < PURGE_KINDS; kind++)
        facts->purges[kind].is_killed = is_killed(&facts->purges[kind], facts->db->server_now);
    return RC_OK;
}
