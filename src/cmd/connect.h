/*
 * From the user's options to an open connection: to the server named, or with --sandbox to a
 * private one that lives as long as the connection does.
 *
 * Ownership: connect_close ends the connection, and the sandbox with it.
 * Errors:    RC_USAGE when neither server nor --sandbox was given; RC_CONNECT as tds_open.
 * Secrets:   the sandbox's password is random and travels in its environment only.
 */
#ifndef SSISMINER_SRC_CMD_CONNECT_H
#define SSISMINER_SRC_CMD_CONNECT_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/err.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/tds/tds.h"
#include "ssisminer/token/token.h"

#include <sys/types.h>

typedef struct Connection { // {0} is a closed one
    Tds *tds;
    Arena arena;         // texts of the target
    TokenSource *tokens; // NULL: none is needed
    bool tells_token;    // where it comes from was said
    pid_t sandbox;       // 0: none
    int sandbox_line;    // it ends when this is closed
    int rereads_left;    // of --retry
} Connection;

/* `command` is what a DBA reads in the application's name: "ssisminer/1.0 report". */
Rc connect_open(Conf *conf, const char *command, Connection *ret_connection, Err *err) MUST_CHECK;
/* A read that leaves nothing behind when it fails. It begins anew, as often as --retry says, when
 * the connection is lost in the middle of an answer that is too large for tds to repeat. */
#define CONNECT_READ(connection, call, err)                                                        \
    do {                                                                                           \
        Rc read_rc_ = (call);                                                                      \
        while (read_rc_ != RC_OK && connect_may_reread((connection), (err)))                       \
            read_rc_ = (call);                                                                     \
        if (read_rc_ != RC_OK)                                                                     \
            return read_rc_;                                                                       \
    } while (0)
bool connect_may_reread(Connection *connection, Err *err); // true: said, and err is clean again

void connect_close(Connection *connection); // accepts a closed or half-open one

#endif
