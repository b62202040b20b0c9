/* A private ssisminer-sandbox as a child process. */
#ifndef SSISMINER_CMD_SANDBOX_H
#define SSISMINER_CMD_SANDBOX_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/err.h"
#include "ssisminer/conf/conf.h"

#include <sys/types.h>

typedef struct Sandbox {
    pid_t pid;
    int line; // to its standard input and output; it ends when this is closed
    int port;
    const char *ca_file, *password; // in the arena
} Sandbox;

/* Starts it and waits until it is ready; RC_CONNECT with the reason otherwise. */
Rc sandbox_start(const Conf *conf, Arena *arena, Sandbox *ret_sandbox, Err *err) MUST_CHECK;
void sandbox_end(pid_t pid, int line);

#endif
