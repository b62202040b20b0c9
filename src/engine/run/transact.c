/*
 * Transactions. BEGIN TRAN only counts: SQLite's own begins with the first write, as BEGIN
 * IMMEDIATE, so that reads before it see the newest rows and a stale snapshot is never written to.
 */
#include "exec.h"
#include "lock.h"

#include <stdio.h>

static bool simple(Session *session, sqlite3_stmt *stmt)
{
    int rc = sqlite3_step(stmt);
    sqlite3_reset(stmt);
    if (rc == SQLITE_DONE)
        return true;
    return fault_set(&session->fault, 0, 50000, "sandbox: %s", sqlite3_errmsg(session->db));
}

static bool start_write(Session *session)
{
    if (session->has_write)
        return true;
    if (!lock_wait(session, true, &session->fault))
        return false;
    if (!simple(session, session->begin)) {
        unlock_writer(session);
        return false;
    }
    session->has_write = true;
    return true;
}

static void end_sqlite(Session *session, sqlite3_stmt *how)
{
    if (!session->has_write)
        return;
    if (!sqlite3_get_autocommit(session->db)) {
        sqlite3_step(how);
        sqlite3_reset(how);
    }
    session->has_write = false;
    unlock_writer(session);
}

/* Set by tests, in a table that stays writable. */
static bool is_read_only(const Session *session, const Object *target)
{
    return !str_same(target->schema, "sandbox") &&
           session_number(session, "SELECT is_read_only FROM \"sandbox.limits\"");
}

bool transact_begin_write(Session *session, const Object *target)
{
    if (session->is_doomed)
        return fault_set(&session->fault, 0, MSG(3930));
    if (target && target->is_temp && session->tran_count == 0)
        return true; // nobody else sees it: no lock
    if (target && !target->is_temp && is_read_only(session, target))
        return fault_set(&session->fault, 0, MSG(3906), session->engine->database);
    return start_write(session);
}

static bool tell(Session *session, int kind)
{
    if (session->sink && session->sink->transaction &&
        !session->sink->transaction(session->sink->context, kind, session->transaction))
        session->stopped = true;
    return !session->stopped;
}

void transact_rollback_all(Session *session)
{
    bool was_open = session->tran_count > 0;
    end_sqlite(session, session->rollback);
    session->tran_count = 0;
    session->is_doomed = false;
    applock_release_all(session, true);
    if (was_open)
        (void)tell(session, 10);
}

/* SQLite has undone a failed statement by itself; a canceled one may have cost the transaction. */
bool transact_end_write(Session *session, bool ok)
{
    if (session->has_write && sqlite3_get_autocommit(session->db))
        transact_rollback_all(session);
    else if (session->tran_count == 0)
        end_sqlite(session, ok ? session->commit : session->rollback);
    return ok;
}

bool transact_begin(Session *session, Str name)
{
    if (session->tran_count++ > 0)
        return true;
    (void)snprintf(session->tran_name, sizeof session->tran_name, "%.*s", STR_FMT(name));
    pthread_mutex_lock(&session->engine->mutex);
    session->transaction = ++session->engine->next_transaction;
    pthread_mutex_unlock(&session->engine->mutex);
    return tell(session, 8);
}

static bool transact_commit(Session *session)
{
    if (session->tran_count == 0)
        return fault_set(&session->fault, 0, MSG(3902));
    if (session->is_doomed)
        return fault_set(&session->fault, 0, MSG(3930));
    if (--session->tran_count > 0)
        return true;
    end_sqlite(session, session->commit);
    applock_release_all(session, true);
    (void)tell(session, 9);
    return true;
}

/* Only the outermost transaction has a name to roll back by; a wrong one rolls back nothing. */
static bool rollback(Session *session, Str name)
{
    if (session->tran_count == 0)
        return fault_set(&session->fault, 0, MSG(3903));
    if (name.len && !str_equal(name, str_of(session->tran_name)))
        return fault_set(&session->fault, 0, MSG(6401), STR_FMT(name));
    transact_rollback_all(session);
    return true;
}

static bool transact(Session *session, StmtKind kind, Str name)
{
    if (kind == STMT_BEGIN_TRAN)
        return transact_begin(session, name) || session->stopped;
    return kind == STMT_COMMIT ? transact_commit(session) : rollback(session, name);
}

/* Written out, or in a variable. */
static Str name_of(Run *run, const Stmt *stmt)
{
    const Variable *variable = frame_find(&run->frame, stmt->text);

    if (!stmt->text.len || stmt->text.at[0] != '@')
        return stmt->text;
    return variable && !variable->value.is_null ? variable->value.bytes : (Str){0};
}

Flow exec_transaction(Run *run, const Stmt *stmt)
{
    Session *session = run->session;
    bool ok = transact(session, stmt->kind, name_of(run, stmt));
    session->row_count = 0;
    return ok ? FLOW_NEXT : run_fail(run, stmt);
}

bool session_transaction(Session *session, int request, const char *name, const SbSink *sink)
{
    static const StmtKind kinds[] = {[5] = STMT_BEGIN_TRAN, [7] = STMT_COMMIT, [8] = STMT_ROLLBACK};

    session->sink = sink;
    session->stopped = false;
    session->fault = (Fault){0};
    (void)transact(session, kinds[request], str_of(name));
    const Fault *fault = &session->fault;
    if (fault->number && !sink->error(sink->context, fault->number, fault->state, fault->severity,
                                      fault->text, "", 1))
        session->stopped = true;
    session->sink = NULL;
    return !session->stopped;
}
