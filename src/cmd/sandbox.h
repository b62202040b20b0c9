/* A private ssisminer-sandbox as a child process. */
#ifndef SSISMINER_CMD_SANDBOX_H
#define SSISMINER_CMD_SANDBOX_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/time.h"
#include "ssisminer/conf/conf.h"

#include <sys/types.h>

typedef struct Sandbox {
    pid_t pid;
    int line; // to its standard input and output; it ends when this is closed
    int port;
    const char *ca_file, *password; // in the arena
} Sandbox;

/* A capture that it serves instead of data of its own; where there is none it makes
 * an empty one. */
typedef struct SandboxFile {
    const char *path, *flavor, *database;
    Instant now;
} SandboxFile;

/* Starts it and waits until it is ready; RC_CONNECT with the reason otherwise. file NULL: generated
 * data, as the settings say. */
Rc sandbox_start(const Conf *conf, const SandboxFile *file, Arena *arena, Sandbox *ret_sandbox,
                 Err *err) MUST_CHECK;
/* An empty file, as the engine makes it. */
Rc sandbox_make_file(const Conf *conf, const SandboxFile *file, Arena *arena, Err *err) MUST_CHECK;
void sandbox_end(pid_t pid, int line);

#endif
