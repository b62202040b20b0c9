/* The wish to stop, from a signal to every loop that waits or reads. */
#include "ssisminer/base/stop.h"

#include "ssisminer/base/guard.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t wanted_signal;
static int pipe_fds[2] = {-1, -1}; // a signal writes one byte; nobody reads it before stop_reset
static bool is_installed;

/* Made by everyone who may need it, never by the handler: pipe2 is not async-signal-safe. */
static void make_pipe(void)
{
    if (pipe_fds[0] < 0 && pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) != 0)
        pipe_fds[0] = pipe_fds[1] = -1; // waits then end at their time limit only
}

/* By default action, with nothing left behind. */
static void on_fatal(int signal_number)
{
    guard_remove_all();
    (void)signal(signal_number, SIG_DFL);
    (void)raise(signal_number);
}

static void note(int signal_number)
{
    int kept = errno;

    if (wanted_signal == 0)
        wanted_signal = signal_number;
    if (pipe_fds[1] >= 0) {
        ssize_t written = write(pipe_fds[1], "", 1);
        (void)written; // full: it is readable already
    }
    errno = kept;
}

static void install(int signal_number, void (*handler)(int))
{
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_handler = handler;
    action.sa_flags = handler == on_fatal ? (int)SA_NODEFER : 0;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(signal_number, &action, NULL);
}

/* The second of its kind ends the program. */
static void on_signal(int signal_number)
{
    install(signal_number, on_fatal);
    note(signal_number);
}

static bool is_default(int signal_number)
{
    struct sigaction now;

    return sigaction(signal_number, NULL, &now) == 0 && !(now.sa_flags & SA_SIGINFO) &&
           now.sa_handler == SIG_DFL;
}

/* All that end a program but by SIGKILL. What somebody else handles is left to him. */
static void install_fatal(void)
{
    static const int signals[] = {SIGQUIT, SIGILL,  SIGTRAP, SIGABRT,   SIGBUS,  SIGFPE,
                                  SIGUSR1, SIGSEGV, SIGUSR2, SIGALRM,   SIGXCPU, SIGVTALRM,
                                  SIGPROF, SIGIO,   SIGPWR,  SIGSTKFLT, SIGSYS};

    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        if (is_default(signals[i]))
            install(signals[i], on_fatal);
    for (int i = SIGRTMIN; i <= SIGRTMAX; i++)
        if (is_default(i))
            install(i, on_fatal);
}

void stop_install(void)
{
    make_pipe();
    install(SIGINT, on_signal);
    install(SIGTERM, on_signal);
    if (is_installed || is_default(SIGHUP)) // nohup means what it says
        install(SIGHUP, on_signal);
    install_fatal();
    if (is_default(SIGXFSZ))
        (void)signal(SIGXFSZ, SIG_IGN); // then the write fails, and says why
    is_installed = true;
}

bool stop_wanted(void)
{
    return wanted_signal != 0;
}

int stop_signal(void)
{
    return (int)wanted_signal;
}

int stop_fd(void)
{
    make_pipe();
    return pipe_fds[0];
}

void stop_forked(void)
{
    if (pipe_fds[0] >= 0) {
        (void)close(pipe_fds[0]);
        (void)close(pipe_fds[1]);
    }
    pipe_fds[0] = pipe_fds[1] = -1;
    make_pipe();
}

void stop_request(int signal_number)
{
    make_pipe();
    note(signal_number);
}

void stop_reset(void)
{
    char waste[64];

    wanted_signal = 0;
    while (pipe_fds[0] >= 0 && read(pipe_fds[0], waste, sizeof(waste)) > 0)
        ;
    if (is_installed)
        stop_install();
}

static Rc fail_stopped(Err *err)
{
    const char *name = wanted_signal == SIGTERM  ? "SIGTERM"
                       : wanted_signal == SIGHUP ? "SIGHUP"
                                                 : "SIGINT";

    return FAIL(err, RC_STOPPED, "stopped by %s", name);
}

void stop_hard(Rc rc, const char *words)
{
    const char *signal_name = wanted_signal == SIGTERM ? "stopped by SIGTERM: "
                              : wanted_signal != 0     ? "stopped by SIGINT: "
                                                       : "";

    (void)dprintf(STDERR_FILENO, "ssisminer: error: %s%s%s%s\n", log_name(),
                  *log_name() ? ": " : "", signal_name, words);
    _exit(wanted_signal != 0 ? 128 + (int)wanted_signal : (int)rc);
}

Rc stop_sleep_ms(long ms, Err *err)
{
    struct pollfd waiting = {.fd = stop_fd(), .events = POLLIN};
    int64_t end_ms = time_monotonic_ms() + ms;

    for (;;) {
        if (stop_wanted())
            return fail_stopped(err);
        int64_t left_ms = end_ms - time_monotonic_ms();
        if (left_ms <= 0)
            return RC_OK;
        (void)poll(&waiting, 1, left_ms > INT_MAX ? INT_MAX : (int)left_ms);
    }
}
