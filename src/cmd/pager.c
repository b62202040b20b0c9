/* What does not fit the terminal, through the pager that git and man would take. */
#include "pager.h"

#include "environment.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_FOUND = 127, NOT_EXECUTABLE = 126 }; // as the shell says it

static int spawn(char *const *argv, int in, pid_t *ret_pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none, all;
    char **environment = environment_without_secrets(NULL);

    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    (void)posix_spawnattr_init(&how);
    (void)posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    (void)posix_spawnattr_setsigmask(&how, &none);
    (void)posix_spawnattr_setsigdefault(&how, &all);
    int error = posix_spawnp(ret_pid, argv[0], &files, &how, argv, environment);
    (void)posix_spawnattr_destroy(&how);
    (void)posix_spawn_file_actions_destroy(&files);
    free(environment);
    return error;
}

/* A reader who has seen enough closes the pipe. */
static void feed(int out, Str text)
{
    while (text.len > 0) {
        ssize_t written = write(out, text.at, text.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return;
        text.at += written;
        text.len -= (size_t)written;
    }
}

bool pager_show(Str text)
{
    static char less[] = "less", flags[] = "-FRX", sh[] = "sh", c[] = "-c";
    char *asked = getenv("PAGER");
    char *const by_shell[] = {sh, c, asked, NULL}, *const by_name[] = {less, flags, NULL};
    int pipes[2], status = 0;
    pid_t pid;

    if (asked && !*asked)
        return false;
    if (pipe2(pipes, O_CLOEXEC) != 0)
        return false;
    int error = spawn(asked ? by_shell : by_name, pipes[0], &pid);
    (void)close(pipes[0]);
    if (error == 0)
        feed(pipes[1], text);
    (void)close(pipes[1]);
    if (error != 0)
        return false;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return !WIFEXITED(status) ||
           (WEXITSTATUS(status) != NOT_FOUND && WEXITSTATUS(status) != NOT_EXECUTABLE);
}
