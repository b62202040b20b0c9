#include "ssisminer/base/stop.h"

#include "ssisminer/base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
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

static void on_signal(int signal_number)
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

/* SA_RESETHAND makes a second signal of the same kind end the program. */
static void install(int signal_number)
{
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_handler = on_signal;
    action.sa_flags = (int)SA_RESETHAND;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(signal_number, &action, NULL);
}

void stop_install(void)
{
    make_pipe();
    install(SIGINT);
    install(SIGTERM);
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

void stop_request(int signal_number)
{
    make_pipe();
    on_signal(signal_number);
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
    const char *name = wanted_signal == SIGTERM ? "SIGTERM" : "SIGINT";

    return FAIL(err, RC_STOPPED, "stopped by %s", name);
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
