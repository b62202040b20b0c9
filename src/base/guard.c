/* What must not outlive the program, for a signal handler to remove. */
#include "ssisminer/base/guard.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { GUARDED_MAX = 16, PATH_BYTES = 4096 };

/* A place is written while `owner` is 0 and taken by setting it, so that a handler never sees half
 * a name. A child that was forked has another process id and removes nothing. */
static struct {
    char path[PATH_BYTES];
    volatile pid_t owner;
} guarded[GUARDED_MAX];

void guard_block(sigset_t *ret_before)
{
    sigset_t all;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, ret_before);
}

void guard_release(const sigset_t *before)
{
    (void)pthread_sigmask(SIG_SETMASK, before, NULL);
}

void guard_add(const char *path)
{
    size_t len = strlen(path);

    for (size_t i = 0; i < GUARDED_MAX && len < PATH_BYTES; i++) {
        if (guarded[i].owner != 0)
            continue;
        memcpy(guarded[i].path, path, len + 1);
        guarded[i].owner = getpid();
        return;
    }
}

void guard_drop(const char *path)
{
    for (size_t i = 0; i < GUARDED_MAX; i++)
        if (guarded[i].owner == getpid() && strcmp(guarded[i].path, path) == 0)
            guarded[i].owner = 0;
}

/* The newest first: a file before the directory that it is in. */
void guard_remove_all(void)
{
    for (size_t i = GUARDED_MAX; i-- > 0;)
        if (guarded[i].owner == getpid() && unlink(guarded[i].path) != 0)
            (void)rmdir(guarded[i].path);
}
