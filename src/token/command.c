/* A command of the user's that prints a token, run without a shell and for a limited time. */
#include "internal.h"

#include "ssisminer/base/log.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* ---- words of a command ---------------------------------------------------------------------- */

/* One word: bare pieces and quoted ones until the next blank. */
static Rc take_word(const char **rest, Arena *arena, const char **ret_word, Err *err)
{
    const char *at = *rest;
    char *word = arena_alloc(arena, strlen(at) + 1), *to = word;

    while (*at && !strchr(" \t\n", *at)) {
        if (*at != '\'' && *at != '"') {
            *to++ = *at++;
            continue;
        }
        const char *end = strchr(at + 1, *at);
        if (!end)
            return FAIL(err, RC_USAGE, "the token command has a quote without its end");
        to = (char *)memcpy(to, at + 1, (size_t)(end - at - 1)) + (end - at - 1);
        at = end + 1;
    }
    *rest = at;
    *ret_word = word;
    return RC_OK;
}

Rc token_split_command(const char *command, Arena *arena, const char *const **ret_argv, Err *err)
{
    const char **argv = NULL;
    size_t count = 0, capacity = 0;

    for (const char *rest = command + strspn(command, " \t\n"); *rest;
         rest += strspn(rest, " \t\n")) {
        argv = arena_grow(arena, argv, count, count + 2, &capacity, sizeof(*argv));
        TRY(take_word(&rest, arena, &argv[count], err));
        argv[++count] = NULL;
    }
    if (count == 0 || argv[0][0] == '\0')
        return FAIL(err, RC_USAGE, "the token command names no program");
    *ret_argv = argv;
    return RC_OK;
}

/* ---- running it ------------------------------------------------------------------------------ */

typedef struct Child {
    pid_t pid; // 0 once it is waited for
    int out, errors;
} Child;

/* The whole group: a program may have started others. */
static void child_done(Child *child)
{
    if (child->pid > 0) {
        (void)kill(-child->pid, SIGKILL);
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    if (child->out >= 0)
        (void)close(child->out);
    if (child->errors >= 0)
        (void)close(child->errors);
}

static Rc fail_start(const char *name, int error, Err *err)
{
    (void)err_set(err, RC_USAGE, "cannot run '%s': %s", name, strerror(error));
    if (error == ENOENT)
        return err_hint(err, "is it installed, and in PATH? No shell runs it: pipes and variables "
                             "belong into a script");
    return err->rc;
}

/* Its own group, no signals blocked or ignored, nothing to read, its output to us. */
static int spawn(const char *const *argv, int out, int errors, pid_t *ret_pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none, all;
    char *const *args;

    (void)memcpy(&args, &argv, sizeof(args)); // posix_spawnp does not change them
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    (void)posix_spawn_file_actions_adddup2(&files, errors, STDERR_FILENO);
    (void)posix_spawnattr_init(&how);
    (void)posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                             POSIX_SPAWN_SETSIGDEF);
    (void)posix_spawnattr_setpgroup(&how, 0);
    (void)posix_spawnattr_setsigmask(&how, &none);
    (void)posix_spawnattr_setsigdefault(&how, &all);
    int error = posix_spawnp(ret_pid, args[0], &files, &how, args, environ);
    (void)posix_spawnattr_destroy(&how);
    (void)posix_spawn_file_actions_destroy(&files);
    return error;
}

static Rc start(const char *const *argv, Child *child, Err *err)
{
    int out[2], errors[2];

    if (pipe2(out, O_CLOEXEC) != 0)
        return fail_start(argv[0], errno, err);
    child->out = out[0];
    if (pipe2(errors, O_CLOEXEC) != 0) {
        (void)close(out[1]);
        return fail_start(argv[0], errno, err);
    }
    child->errors = errors[0];
    int error = spawn(argv, out[1], errors[1], &child->pid);
    (void)close(out[1]);
    (void)close(errors[1]);
    if (error == 0)
        return RC_OK;
    child->pid = 0;
    return fail_start(argv[0], error, err);
}

/* What there is to read; of an output that is over its cap the rest goes. */
static void take(int *fd, Secret *to)
{
    char bytes[4096];
    ssize_t got = read(*fd, bytes, sizeof(bytes));

    if (got > 0 && !to->over)
        secret_put(to, bytes, (size_t)got);
    explicit_bzero(bytes, sizeof(bytes));
    if (got > 0 || (got < 0 && errno == EINTR))
        return;
    (void)close(*fd);
    *fd = -1;
}

static Rc fail_slow(const char *name, long limit_ms, Err *err)
{
    return FAIL(err, RC_CONNECT, "'%s' was not done after %ld s", name, (limit_ms + 999) / 1000);
}

/* Once; az itself needs some seconds. */
static void tell_wait(const char *name, long limit_ms, int64_t left_ms, bool *is_told)
{
    enum { QUIET_MS = 10000 };

    if (*is_told || limit_ms - left_ms < QUIET_MS)
        return;
    *is_told = true;
    log_note("waiting for '%s', which has %ld s in all", name, limit_ms / 1000);
}

/* Both outputs until their end: whoever holds one open keeps us, up to the limit. */
static Rc listen_to(const char *name, Child *child, long limit_ms, Secret *printed, Secret *words,
                    Err *err)
{
    int64_t end_ms = time_monotonic_ms() + limit_ms;
    bool is_told = false;

    while ((child->out >= 0 || child->errors >= 0) && !printed->over) {
        struct pollfd fds[] = {{.fd = child->out, .events = POLLIN},
                               {.fd = child->errors, .events = POLLIN},
                               {.fd = stop_fd(), .events = POLLIN}};
        int64_t left_ms = end_ms - time_monotonic_ms();
        if (stop_wanted())
            return stop_sleep_ms(0, err);
        if (left_ms <= 0)
            return fail_slow(name, limit_ms, err);
        tell_wait(name, limit_ms, left_ms, &is_told);
        if (poll(fds, ARRAY_LEN(fds), left_ms > 500 ? 500 : (int)left_ms) <= 0)
            continue;
        if (fds[0].revents)
            take(&child->out, printed);
        if (fds[1].revents)
            take(&child->errors, words);
    }
    return RC_OK;
}

/* It has closed its outputs: it ends soon, or hangs. */
static Rc wait_for(const char *name, Child *child, long limit_ms, int *ret_status, Err *err)
{
    enum { LOOK_MS = 10 };
    int64_t end_ms = time_monotonic_ms() + limit_ms;

    for (;;) {
        pid_t ended = waitpid(child->pid, ret_status, WNOHANG);
        if (ended == child->pid) {
            child->pid = 0;
            return RC_OK;
        }
        if (ended < 0 && errno != EINTR)
            return FAIL(err, RC_CONNECT, "'%s' cannot be waited for: %s", name, strerror(errno));
        if (time_monotonic_ms() >= end_ms)
            return fail_slow(name, limit_ms, err);
        TRY(stop_sleep_ms(LOOK_MS, err));
    }
}

static Rc fail_status(const char *name, int status, const Secret *words, Err *err)
{
    char line[TOKEN_WORDS_MAX];

    token_first_line(secret_str(words), line);
    if (WIFSIGNALED(status))
        return FAIL(err, RC_CONNECT, "'%s' was ended by signal %d", name, WTERMSIG(status));
    return FAIL(err, RC_CONNECT, "'%s' ended with %d%s%s", name, WEXITSTATUS(status),
                *line ? ": " : "", line);
}

Rc token_run(const char *const *argv, long limit_ms, Secret *ret_printed, Err *err)
{
    enum { WORDS_MOST = 64 * 1024, LAST_MS = 2000 };
    AUTO(child_done) Child child = {.out = -1, .errors = -1};
    AUTO(secret_done) Secret printed = {0};
    AUTO(secret_done) Secret words = {0};
    int status = 0;

    secret_init(&printed, TOKEN_MAX);
    secret_init(&words, WORDS_MOST);
    TRY(start(argv, &child, err));
    TRY(listen_to(argv[0], &child, limit_ms, &printed, &words, err));
    if (printed.over) // it may go on for ever, and is ended
        return FAIL(err, RC_CONNECT, "'%s' printed more than %d bytes: that is no token", argv[0],
                    TOKEN_MAX);
    TRY(wait_for(argv[0], &child, LAST_MS, &status, err));
    if (status != 0)
        return fail_status(argv[0], status, &words, err);
    secret_take(ret_printed, &printed);
    return RC_OK;
}
