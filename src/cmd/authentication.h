/* What -U, -E, -G and the places of tokens come to: a SQL login, a Kerberos ticket, a token that is
 * fetched here, or a keyword of Microsoft's driver. */
#ifndef SSISMINER_SRC_CMD_AUTHENTICATION_H
#define SSISMINER_SRC_CMD_AUTHENTICATION_H

#include "ssisminer/base/arena.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/tds/tds.h"
#include "ssisminer/token/token.h"

#include <stdbool.h>

typedef struct Authentication {
    bool has_token;     // the rest is for this case
    TokenOptions token; // texts live as long as conf and arena
} Authentication;

/* Sets what the target says of the login, password included; may ask for it on the terminal.
 * RC_USAGE for what contradicts itself, and for what no program without a browser can do. */
Rc authentication_choose(Conf *conf, Arena *arena, TdsTarget *target, Authentication *ret_chosen,
                         Err *err) MUST_CHECK;

/* Before processes are begun that want the same token: what a pipe gives (--token-file <(…)) is
 * read now, and kept for all of them. */
Rc authentication_keep(const Conf *conf, Err *err) MUST_CHECK;

#endif
