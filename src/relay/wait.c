/* Waits for a socket, a deadline or the wish to stop, whichever comes first. */
#include "internal.h"

#include "ssisminer/base/time.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

static int left_ms(const Wait *wait)
{
    if (wait->end_ms == INT64_MAX)
        return -1;
    int64_t left = wait->end_ms - time_monotonic_ms();
    return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

Waited wait_for(const Wait *wait, int fd, short events)
{
    struct pollfd fds[] = {{.fd = wait->wake_fd, .events = POLLIN}, {.fd = fd, .events = events}};

    for (;;) {
        int ready = poll(fds, 2, left_ms(wait));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return WAITED_TIME;
        return fds[0].revents ? WAITED_WOKEN : WAITED_READY;
    }
}
