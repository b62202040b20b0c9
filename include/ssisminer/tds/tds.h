/*
 * The only door to a server.
 *
 * Connects over ODBC (FreeTDS unless told otherwise), runs the named statements of
 * asset/sql.h with bound values, and streams their rows. No function takes SQL text.
 *
 * Ownership: a Tds is closed by tds_close; rows are valid until the next call on them.
 *            Text that a getter returns lives until the next tds_next or tds_rows_close.
 * Errors:    RC_USAGE (what was asked of the driver or the server text makes no sense),
 *            RC_CONNECT, RC_QUERY, RC_RIGHTS (permission refused), RC_STOPPED. err keeps the
 *            server's own words and number (-2 for a query time-out, whose outcome is unknown;
 *            0 for a lost connection); passwords are in none of them.
 * Retry:     transient errors (list in tds/transient.h) and lost connections before the first row
 *            is given out are retried on a fresh connection. Rows are read ahead up to 8 MB, so
 *            that an answer smaller than that comes whole or not at all; of a larger one the caller
 *            gets the error. Deadlocks and lock time-outs (1205, 1222) are retried by tds_query
 *            only: who writes adapts. A server that was never reached is not tried again.
 * Locks:     a query waits at most 10 s for a lock (half the query time-out if that is less),
 * unless its head says otherwise; then who holds it is told. A statement whose head has `parts` is
 * read on in smaller pieces, half a second for each lock; what stays locked after the target's
 * attempts is left out and told by tds_skipped. Others are retried. Time:      what has to be over
 * within the query time-out is each piece of progress: a statement until its first row, each row
 * with all its values, a statement without rows to its end; within the login time-out a login. So a
 * query may stream for hours, while a server that sends a byte a second, messages or empty results
 * without an end, or nothing, is left within 5 s after the time-out, and within 5 s after a stop
 * wish (base/stop.h). A row may have TDS_TEXT_MAX characters a value and 16 MB besides, an answer
 * before its rows 16 MB: more ends the connection, as an RC_QUERY. Threads:   one Tds per thread; a
 * stop wish cancels the running statement.
 */
#ifndef SSISMINER_TDS_TDS_H
#define SSISMINER_TDS_TDS_H

#include "ssisminer/asset/sql.h"
#include "ssisminer/base/arena.h"
#include "ssisminer/base/buf.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/time.h"
#include "ssisminer/relay/relay.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum TdsEncrypt { TDS_ENCRYPT_REQUIRE, TDS_ENCRYPT_STRICT, TDS_ENCRYPT_OFF } TdsEncrypt;

/* Where and how to connect. Texts are borrowed for the life of the Tds. */
typedef struct TdsTarget {
    const char *server;   // [tcp:]host[,port] or [tcp:]host\instance; default port 1433
    const char *database; // SSISDB unless told otherwise
    const char *user;     // NULL with integrated login
    const char *password;
    bool integrated;     // -E: Kerberos
    const char *service; // the SPN for it; NULL: as the driver makes it
    const char
        *authentication; // -G: passed to Microsoft's driver ("ActiveDirectoryMsi", …), else NULL
    RelayFetch
        *fetch_token;   // an Entra login by FreeTDS and the relay: asked at each login; else NULL
    void *fetch_self;   // its first argument
    const char *driver; // odbcinst name or path of a library; NULL for FreeTDS
    const char *dsn;    // ODBC data source instead of server, or NULL
    TdsEncrypt encrypt;
    bool without_relay; // FreeTDS makes TLS itself, and who asks is told so
    bool trust_certificate;
    const char *ca_file; // NULL for the system's trust store
    bool read_only_intent;
    int login_timeout_s;
    int query_timeout_s;     // for each piece of progress, not a total
    int retry_attempts;      // extra attempts after the first; 0 for none
    long retry_wait_ms;      // first wait; doubles with jitter up to 60 s
    const char *application; // "ssisminer/1.0 report"
} TdsTarget;

typedef struct Tds Tds;
typedef struct TdsRows TdsRows;

/* Whether FreeTDS connects, and no driver or data source of the user's choice. */
bool tds_uses_freetds(const TdsTarget *target);
/* The host of a server's text, into the arena. */
Rc tds_host(const char *server, Arena *arena, const char **ret_host, Err *err) MUST_CHECK;

/* What tds_open would refuse without connecting: RC_USAGE. */
Rc tds_check(const TdsTarget *target, Err *err) MUST_CHECK;
Rc tds_open(const TdsTarget *target, Tds **ret_tds, Err *err) MUST_CHECK;
void tds_close(Tds *tds); // accepts NULL
void tds_close_at(Tds **tds);

/* Says which objects exist, for `-- needs:` lines ("catalog.executions.executed_count").
 * Until it is set every needed object counts as present. */
typedef bool TdsHas(void *context, const char *object);
void tds_set_has(Tds *tds, TdsHas *has, void *context);

/* Another time-out from now on: for a call that does all of a night's work. */
void tds_set_query_timeout(Tds *tds, int seconds);

/* Called after each connection but the first, before the statement that needed it is repeated:
 * what belongs to a session (an application lock, SET options) is made again here. May call
 * tds_exec and tds_query, which then do not retry. An error is the statement's error. */
typedef Rc TdsSessionStart(void *context, Tds *tds, Err *err);
void tds_set_session_start(Tds *tds, TdsSessionStart *start, void *context);

/* One value to bind; is_null binds a NULL of the parameter's type. Matched by name
 * against the head of the statement: a missing or extra one is a bug (assert). */
typedef struct TdsArg {
    const char *name;
    bool is_null;
    int64_t i64;      // bit int bigint
    double f64;       // float
    const char *text; // nvarchar, decimal, uniqueidentifier
    Instant time;     // datetimeoffset; is_set false binds NULL
} TdsArg;

Rc tds_query(Tds *tds, SqlId id, const TdsArg *args, size_t arg_count, TdsRows **ret_rows,
             Err *err) MUST_CHECK;
/* For statements without a result; ret_affected may be NULL, else the sum of what the
 * statements of the batch touched. */
Rc tds_exec(Tds *tds, SqlId id, const TdsArg *args, size_t arg_count, int64_t *ret_affected,
            Err *err) MUST_CHECK;

/* The statement as a person can run it, its values declared before it; what it needs and the server
 * lacks is left out. For printing only. */
void tds_put_script(const Tds *tds, SqlId id, const TdsArg *args, size_t arg_count, Buf *out);

Rc tds_next(TdsRows *rows, bool *ret_has_row, Err *err) MUST_CHECK;
/* Runs the statement and calls on_row for each of its rows. */
typedef void TdsRowFn(void *context, const TdsRows *rows);
Rc tds_each(Tds *tds, SqlId id, const TdsArg *args, size_t arg_count, TdsRowFn *on_row,
            void *context, Err *err) MUST_CHECK;
void tds_rows_close(TdsRows *rows); // accepts NULL; cancels what was not read
void tds_rows_close_at(TdsRows **rows);

/* Columns by their generated index, in any order. Text may be of any length (cap: TDS_TEXT_MAX
 * bytes, longer text is cut at a character and ends in U+2026) and is turned into UTF-8 when it
 * is asked for. NULL: is_null, 0, Instant with is_set false, Str with at NULL. tds_text is for
 * nvarchar, decimal, uniqueidentifier and (bytes as they are) varbinary. */
enum { TDS_TEXT_MAX = 16 * 1024 * 1024 };
bool tds_is_null(const TdsRows *rows, int column);
int64_t tds_i64(const TdsRows *rows, int column);
double tds_f64(const TdsRows *rows, int column);
Str tds_text(const TdsRows *rows, int column);
const char *tds_text_copy(const TdsRows *rows, int column, Arena *arena); // NULL for NULL
/* Of a text, the bytes as they came: enough to know one again without reading it. */
Str tds_raw(const TdsRows *rows, int column);
Instant tds_time(const TdsRows *rows, int column);

/* Statements sent so far, retries included: tests hold commands to a constant number. */
size_t tds_statement_count(const Tds *tds);
/* Of tds_exec: replies that were lost, so that the statement was sent again though it may have been
 * done. What such statements are said to have touched is then too low. */
size_t tds_lost_count(const Tds *tds);
int tds_query_timeout(const Tds *tds); // seconds
/* The last error was a lost connection, so that the same read may well succeed on another, which
 * the next statement makes; or a lock in the midst of an answer, which is read in parts then. */
bool tds_may_reread(const Tds *tds);
void tds_begin_again(Tds *tds); // forgets what was skipped
/* Forgets what was skipped since there were so many spans of it: of a question
 * beside the answer. */
void tds_skipped_back_to(Tds *tds, size_t count);
/* Operations that reads went around, since others held locks on them to the end: the answer lacks
 * them. The spans are valid until the next call; ids without an operation may be among them. */
typedef struct TdsSpan {
    int64_t first, last;
} TdsSpan;
size_t tds_skipped(const Tds *tds, const TdsSpan **ret_spans);
const char *tds_blocker(const Tds *tds);  // who held a lock, as a clause; empty when none was met
size_t tds_session_count(const Tds *tds); // connections made so far
/* Driver name and version, TDS version, encryption in force, as one line for `doctor` and -v. */
const char *tds_describe(const Tds *tds);
/* Whether this machine can have a relay (relay/relay.h). */
bool tds_can_relay(void);
/* Whether a gateway's redirect after TLS is followed: by the relay, by FreeTDS 1.3.18 and later, by
 * other drivers. */
bool tds_follows_redirect(const Tds *tds);
/* 10318 for 1.3.18; 0 for another driver. */
int tds_freetds_version(const Tds *tds);
enum { FREETDS_FOLLOWS_REDIRECT = 10318 }; // the first that does so after TLS came up
/* True when the whole connection is known to be encrypted and its certificate to be checked: by the
 * relay, or as Microsoft's driver was told. */
bool tds_is_verified(const Tds *tds);

#endif
