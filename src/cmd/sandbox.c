/* A private ssisminer-sandbox as a child process. */
#include "sandbox.h"
#include "environment.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/str.h"
#include "ssisminer/os/os.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    START_TIMEOUT_MS = 120 * 1000, // a large history takes a while to generate
    END_TIMEOUT_MS = 5 * 1000,
    LINE_MAX_BYTES = 8192,
    PASSWORD_BYTES = 18
};

static const char program[] = "ssisminer-sandbox";

/* ---- what to run ----------------------------------------------------------------------------- */

static const char *pointer_of(unsigned long value)
{
    return (const char *)(uintptr_t)value; // NOLINT: getauxval has it so
}

/* The path of its sibling beside the program at `own`; NULL when there is none. */
static const char *beside(const char *own, Arena *arena)
{
    const char *slash = own ? strrchr(own, '/') : NULL;

    if (!slash)
        return NULL;
    const char *path = arena_printf(arena, "%.*s/%s", (int)(slash - own), own, program);
    return access(path, X_OK) == 0 ? path : NULL;
}

static const char *own_path(char *room, size_t size)
{
    ssize_t len = readlink("/proc/self/exe", room, size - 1);

    if (len <= 0)
        return NULL;
    room[len] = '\0';
    return room;
}

/* The one installed beside this program, as /proc tells it, or the kernel when it started it, or
 * argv[0]; else whatever PATH has, where a program that was found by PATH has its sibling too. */
static const char *find_program(Arena *arena)
{
    char room[4096];
    const char *owns[] = {own_path(room, sizeof(room)), pointer_of(getauxval(AT_EXECFN)),
                          program_invocation_name};

    for (size_t i = 0; i < ARRAY_LEN(owns); i++) {
        const char *path = beside(owns[i], arena);
        if (path)
            return path;
    }
    return program;
}

static Rc make_password(Arena *arena, const char **ret_password, Err *err)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char random[PASSWORD_BYTES];
    char *password = arena_alloc(arena, 2 * PASSWORD_BYTES + 1);

    if (!os_random(random, sizeof(random)))
        return FAIL(err, RC_CONNECT, "no random numbers for the sandbox's password: %s",
                    strerror(errno));
    for (size_t i = 0; i < sizeof(random); i++) {
        password[2 * i] = digits[random[i] >> 4];
        password[2 * i + 1] = digits[random[i] & 15];
    }
    *ret_password = password;
    return RC_OK;
}

static char *number_text(const Conf *conf, OptId id, Arena *arena)
{
    return arena_printf(arena, "%lld", (long long)conf_count(conf, id));
}

static char *const *keep_arguments(char *const *list, size_t count, Arena *arena)
{
    char **arguments = arena_alloc_array(arena, count, sizeof(*arguments));

    memcpy(arguments, list, count * sizeof(*arguments));
    return arguments;
}

static char *const *file_arguments(const SandboxFile *file, Arena *arena)
{
    char now[TIME_TEXT_MAX];

    time_iso_utc(file->now, 7, now);
    char *const list[] = {
        arena_text(arena, program),
        arena_text(arena, "serve"),
        arena_text(arena, "--with-parent"),
        arena_text(arena, "--port"),
        arena_text(arena, "0"),
        arena_text(arena, "--capture"),
        arena_text(arena, "--store"),
        arena_text(arena, file->path),
        arena_text(arena, "--flavor"),
        arena_text(arena, file->flavor),
        arena_text(arena, "--database"),
        arena_text(arena, file->database),
        arena_text(arena, "--now"),
        arena_text(arena, now),
        NULL,
    };

    return keep_arguments(list, ARRAY_LEN(list), arena);
}

static char *const *make_arguments(const Conf *conf, Arena *arena)
{
    char *const list[] = {
        arena_text(arena, program),
        arena_text(arena, "serve"),
        arena_text(arena, "--with-parent"),
        arena_text(arena, "--port"),
        arena_text(arena, "0"),
        arena_text(arena, "--flavor"),
        arena_text(arena, conf_text(conf, OPT_SANDBOX_FLAVOR)),
        arena_text(arena, "--executions"),
        number_text(conf, OPT_SANDBOX_EXECUTIONS, arena),
        arena_text(arena, "--days"),
        number_text(conf, OPT_SANDBOX_DAYS, arena),
        arena_text(arena, "--seed"),
        number_text(conf, OPT_SANDBOX_SEED, arena),
        NULL,
    };

    return keep_arguments(list, ARRAY_LEN(list), arena);
}

/* ---- starting -------------------------------------------------------------------------------- */

/* In a process group of its own: Ctrl-C is for this program, which then ends the sandbox. */
static int spawn(const char *path, char *const *arguments, char **environment, int line,
                 pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;

    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, line, STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, line, STDOUT_FILENO);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    int failure = posix_spawnp(ret_pid, path, &actions, &attributes, arguments, environment);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return failure;
}

/* Its standard input and output are one line to this program: it reports on it, and ends when the
 * line does, however this program ends. */
static Rc start(char *const *arguments, const char *password, Arena *arena, pid_t *ret_pid,
                int *ret_line, Err *err)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return FAIL(err, RC_CONNECT, "cannot start the sandbox: %s", strerror(errno));
    char **environment =
        environment_without_secrets(arena_printf(arena, "SSISMINER_SANDBOX_PASSWORD=%s", password));
    int failure = spawn(find_program(arena), arguments, environment, ends[1], ret_pid);
    free(environment);
    (void)close(ends[1]);
    *ret_line = ends[0];
    if (failure == 0)
        return RC_OK;
    (void)close(ends[0]);
    (void)FAIL(err, RC_CONNECT, "cannot start '%s': %s", program, strerror(failure));
    return err_hint(err, "it belongs beside the program ssisminer, or on PATH");
}

/* ---- waiting for "ready port=N ca=FILE" ------------------------------------------------------ */

static Rc wait_for_bytes(int fd, Err *err)
{
    struct pollfd waits[] = {{.fd = fd, .events = POLLIN}, {.fd = stop_fd(), .events = POLLIN}};

    for (;;) {
        int ready = poll(waits, ARRAY_LEN(waits), START_TIMEOUT_MS);
        if (stop_wanted())
            return FAIL(err, RC_STOPPED, "stopped while the sandbox was starting");
        if (ready > 0)
            return RC_OK;
        if (ready == 0)
            return FAIL(err, RC_CONNECT, "the sandbox was not ready within %d s",
                        START_TIMEOUT_MS / 1000);
        if (errno != EINTR)
            return FAIL(err, RC_CONNECT, "waiting for the sandbox: %s", strerror(errno));
    }
}

static Rc read_line(int fd, Buf *line, Err *err)
{
    for (char c;;) {
        TRY(wait_for_bytes(fd, err));
        ssize_t got = read(fd, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || line->over)
            return FAIL(err, RC_CONNECT, "the sandbox ended before it was ready");
        if (c == '\n')
            return RC_OK;
        buf_putc(line, c);
    }
}

static Rc read_ready(int fd, Arena *arena, Sandbox *sandbox, Err *err)
{
    static const char ready[] = "ready port=", ca[] = " ca=",
                      error[] = "ssisminer-sandbox: error: ";
    AUTO(buf_done) Buf line = BUF(LINE_MAX_BYTES);
    int64_t port;

    TRY(read_line(fd, &line, err));
    const char *text = buf_text(&line), *ca_at = strstr(text, ca);
    if (str_starts(text, error))
        return FAIL(err, RC_CONNECT, "%s", text + strlen(error));
    if (!str_starts(text, ready) || !ca_at)
        return FAIL(err, RC_CONNECT, "the sandbox says '%s' instead of being ready", text);
    const char *port_at = text + sizeof(ready) - 1;
    if (!str_to_i64((Str){port_at, (size_t)(ca_at - port_at)}, &port) || port < 1 || port > 65535)
        return FAIL(err, RC_CONNECT, "the sandbox names no port: '%s'", text);
    sandbox->port = (int)port;
    sandbox->ca_file = arena_text(arena, ca_at + sizeof(ca) - 1);
    return RC_OK;
}

Rc sandbox_start(const Conf *conf, const SandboxFile *file, Arena *arena, Sandbox *ret_sandbox,
                 Err *err)
{
    Sandbox sandbox = {.line = -1};

    TRY(make_password(arena, &sandbox.password, err));
    log_detail("starting a sandbox");
    TRY(start(file ? file_arguments(file, arena) : make_arguments(conf, arena), sandbox.password,
              arena, &sandbox.pid, &sandbox.line, err));
    Rc rc = read_ready(sandbox.line, arena, &sandbox, err);
    if (rc != RC_OK) {
        sandbox_end(sandbox.pid, sandbox.line);
        return rc;
    }
    *ret_sandbox = sandbox;
    return RC_OK;
}

Rc sandbox_make_file(const Conf *conf, const SandboxFile *file, Arena *arena, Err *err)
{
    Sandbox sandbox;

    TRY(sandbox_start(conf, file, arena, &sandbox, err));
    sandbox_end(sandbox.pid, sandbox.line);
    return RC_OK;
}

/* ---- ending ---------------------------------------------------------------------------------- */

void sandbox_end(pid_t pid, int line)
{
    int64_t deadline = time_monotonic_ms() + END_TIMEOUT_MS;

    (void)close(line);
    (void)kill(pid, SIGTERM);
    while (waitpid(pid, NULL, WNOHANG) == 0) {
        if (time_monotonic_ms() > deadline)
            (void)kill(pid, SIGKILL);
        (void)poll(NULL, 0, 2);
    }
}
