/* A token from a file or a pipe, read whole once. */
#include "internal.h"

#include "ssisminer/base/stop.h"
#include "ssisminer/base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_at(int *fd)
{
    (void)close(*fd);
}

/* Until there is something to read, or the end: it may be a pipe whose other end takes its time. */
static Rc await(int fd, const char *what, const char *path, int64_t end_ms, Err *err)
{
    for (;;) {
        struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = stop_fd(), .events = POLLIN}};
        int64_t left_ms = end_ms - time_monotonic_ms();
        if (stop_wanted())
            return stop_sleep_ms(0, err);
        if (left_ms <= 0)
            return FAIL(err, RC_CONNECT, "nothing came from %s '%s'", what, path);
        if (poll(fds, ARRAY_LEN(fds), (int)left_ms) > 0 && fds[0].revents)
            return RC_OK;
    }
}

Rc token_read_once(const char *path, Secret *ret_text, bool *ret_is_once, Err *err)
{
    struct stat about;

    // Standard input, be it a file, is not that of the processes that are begun.
    *ret_is_once = stat(path, &about) == 0 && !S_ISDIR(about.st_mode) &&
                   (!S_ISREG(about.st_mode) || str_same(path, "/dev/stdin"));
    return *ret_is_once ? token_read_file("the token file", path, TOKEN_MAX, ret_text, err) : RC_OK;
}

Rc token_read_file(const char *what, const char *path, size_t most, Secret *ret_text, Err *err)
{
    enum { LONGEST_MS = 60000 };
    AUTO(secret_done) Secret text = {0};
    int64_t end_ms = time_monotonic_ms() + LONGEST_MS;
    char bytes[4096];
    ssize_t got = 0;

    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); // await() waits for a pipe's writer
    if (opened < 0)
        return FAIL(err, RC_USAGE, "cannot read %s '%s': %s", what, path, strerror(errno));
    AUTO(close_at) int fd = opened;
    secret_init(&text, most);
    do {
        TRY(await(fd, what, path, end_ms, err));
        got = read(fd, bytes, sizeof(bytes));
        secret_put(&text, bytes, got < 0 ? 0 : (size_t)got);
        explicit_bzero(bytes, sizeof(bytes));
    } while (!text.over && (got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN))));
    if (got < 0)
        return FAIL(err, RC_USAGE, "cannot read %s '%s': %s", what, path, strerror(errno));
    if (text.over)
        return FAIL(err, RC_USAGE, "%s '%s' is longer than %zu bytes", what, path, most);
    secret_take(ret_text, &text);
    return RC_OK;
}
