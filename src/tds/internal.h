/* What the files of this room share: the connection itself. */
#ifndef SSISMINER_SRC_TDS_INTERNAL_H
#define SSISMINER_SRC_TDS_INTERNAL_H

#include "connstr.h"
#include "diag.h"
#include "server.h"
#include "watch.h"

#include "driver.h"
#include "ssisminer/base/arena.h"

struct Tds {
    const TdsDriver *driver;
    TdsTarget target;
    TdsServer server;
    TdsDialect dialect;
    Arena arena;
    const char *const *driver_names; // to try, in this order, from driver_at
    size_t driver_count, driver_at;

    SQLHENV env;
    SQLHDBC dbc;
    Relay *relay;  // of the connection; NULL without one
    bool is_open;  // false after a loss, too
    bool was_open; // once at least
    bool is_verified;
    bool binds_long;     // FreeTDS: a long column may be bound, SQLGetData then gives the rest
    int freetds_version; // 10317 for 1.3.17; 0 when unknown or another driver
    char description[1024];

    TdsWatch *watch;
    TdsRows *rows; // open ones: a connection carries one result at a time
    TdsHas *has;
    void *has_context;
    TdsSessionStart *session_start;
    void *session_start_context;
    bool is_starting_session;

    TdsFault fault;         // of the last failure
    char blocker[600];      // who held the lock at the last lock time-out of a read, or empty
    bool failed_to_connect; // that failure was one to connect
    bool is_explained;      // tds_explain has told why
    RelayEnd relay_end;     // how the relay failed, with why
    Err relay_err;
    bool relay_was_open; // a login that failed had got through, as far as the relay knows
    int64_t connect_ms;  // how long that attempt took
    size_t statement_count, session_count, lost_count;

    bool is_in_parts;     // waits less for a lock
    bool starts_in_parts; // the next read, since an earlier one met a lock that stayed
    bool is_cut_short;    // a lock was met in the midst of an answer
    size_t part_count;    // into so many
    TdsSpan *skipped;     // operations that stayed locked, in arena
    size_t skipped_count, skipped_capacity;
};

/* session.c: a connection, made when there is none. */
Rc tds_session_open(Tds *tds, Err *err) MUST_CHECK;
void tds_session_close(Tds *tds);
Rc tds_check_stop(Err *err) MUST_CHECK; // RC_STOPPED when a stop is wanted

/* session.c: whether connections go through the relay. */
bool tds_has_relay(const Tds *tds);

/* explain.c: turns the failure to connect in tds->fault into an error that says what to do;
 * looks at the network for it, within the login time-out, and corrects fault.is_lost by it. */
Rc tds_explain(Tds *tds, Err *err);

/* What a statement may send that is not a row: messages, counts, the shape of its result. Each
 * message costs FreeTDS and unixODBC time that grows with their number. */
enum { TDS_ANSWER_BYTES_MAX = 256 * 1024 };

enum { TDS_LOCK_TIME_OUT = 1222 };
enum {
    TDS_READ_LOCK_MS = 10 * 1000, // a read's wait for a lock
    TDS_PART_LOCK_MS = 500,       // that of a part of it: there are many, and the rest can go on
    TDS_PARTS_FIRST = 8,
    TDS_PARTS_MAX = 4096
};

/* tds.c, for parts.c: as tds_query_asset, but a lock time-out ends it at once. */
Rc tds_query_part(Tds *tds, const SqlAsset *asset, const TdsArg *args, size_t arg_count,
                  TdsRows **ret_rows, Err *err) MUST_CHECK;
Rc tds_wait_for_lock(Tds *tds, int attempt, Err *err) MUST_CHECK;
void tds_note_skipped(Tds *tds, TdsSpan span);

/* block.c: after a lock time-out, who holds locks, for the user: "session 57 (login 'etl', host
 * 'APP01', program 'SSIS'), whose last statement began 41 s ago", or that it cannot be seen. */
void tds_find_blocker(Tds *tds, char *ret_text, size_t size);

/* send.c: sends a statement. A failure is left in tds->fault. On success the call goes on (it has
 * entered the watch): the caller leaves it with the first row, or the end. */
Rc tds_statement_send(Tds *tds, const SqlAsset *asset, const TdsArg *args, size_t arg_count,
                      SQLHSTMT *ret_stmt, Err *err) MUST_CHECK;
/* Gives it back; cancels it when its answer was not read to the end. */
void tds_statement_end(Tds *tds, SQLHSTMT stmt, bool is_read);
Rc tds_statement_failed(Tds *tds, SQLHSTMT stmt, Err *err);

/* session.c: completes tds->fault by what is true of the connection, whatever the driver says. */
void tds_session_complete_fault(Tds *tds);

/* rows.c: sends it and reads its first row, so that a retry is still possible when that fails. */
Rc tds_rows_start(Tds *tds, const SqlAsset *asset, const TdsArg *args, size_t arg_count,
                  TdsRows **ret_rows, Err *err) MUST_CHECK;

#endif
