/* SQL Server's browser: on which port an instance listens ([MC-SQLR]). */
#include "browser.h"

#include "ssisminer/base/str.h"
#include "ssisminer/base/time.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ASK = 0x04, ANSWER = 0x05, ANSWER_MAX = 1024, TRIES = 3, TRY_MS = 1000 };

/* "ServerName;X;InstanceName;Y;IsClustered;No;Version;15.0;tcp;1433;;": names and values. */
int browser_read(const uint8_t *bytes, size_t len, const char *instance)
{
    bool is_other = false;
    int64_t port = 0;

    if (len < 3 || bytes[0] != ANSWER)
        return 0;
    size_t said = (size_t)bytes[1] | (size_t)bytes[2] << 8;
    Str rest = {(const char *)bytes + 3, said < len - 3 ? said : len - 3}, name, value;
    while (str_split(&rest, ';', &name) && name.len > 0 && str_split(&rest, ';', &value)) {
        if (str_equal_fold(name, str_of("InstanceName")))
            is_other = !str_equal_fold(value, str_of(instance));
        if (str_equal_fold(name, str_of("tcp")) && !is_other && port == 0 &&
            (!str_to_i64(value, &port) || port < 1 || port > UINT16_MAX))
            return 0;
    }
    return (int)port;
}

static int ask_once(const Wait *wait, int fd, const Place *place, bool *ret_is_over)
{
    uint8_t packet[1 + RELAY_INSTANCE_MAX + 1] = {ASK}, answer[ANSWER_MAX];
    size_t len = strlen(place->instance);
    Wait once = {.wake_fd = wait->wake_fd, .end_ms = time_monotonic_ms() + TRY_MS};

    memcpy(packet + 1, place->instance, len);
    if (send(fd, packet, len + 2, 0) < 0)
        return 0;
    if (once.end_ms > wait->end_ms)
        once.end_ms = wait->end_ms;
    Waited waited = wait_for(&once, fd, POLLIN);
    *ret_is_over = waited == WAITED_WOKEN || time_monotonic_ms() >= wait->end_ms;
    ssize_t got = waited == WAITED_READY ? recv(fd, answer, sizeof(answer), 0) : -1;
    return got > 0 ? browser_read(answer, (size_t)got, place->instance) : 0;
}

Rc browser_find(const Wait *wait, Place *place, Tale *tale, Err *err)
{
    struct addrinfo want = {.ai_socktype = SOCK_DGRAM, .ai_family = AF_UNSPEC}, *list = NULL;
    bool is_over = false;

    atomic_store(tale->is_looking_up, true);
    int error = getaddrinfo(place->host, "1434", &want, &list);
    atomic_store(tale->is_looking_up, false);
    if (error != 0)
        return trouble_with(TROUBLE_NO_HOST, tale, gai_strerror(error), err);
    for (int tries = 0; tries < TRIES && place->port == 0 && !is_over; tries++) {
        for (struct addrinfo *to = list; to && place->port == 0 && !is_over; to = to->ai_next) {
            int fd = socket(to->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
            if (fd >= 0 && connect(fd, to->ai_addr, to->ai_addrlen) == 0)
                place->port = ask_once(wait, fd, place, &is_over);
            if (fd >= 0)
                (void)close(fd);
        }
    }
    freeaddrinfo(list);
    if (place->port == 0)
        return trouble_with(TROUBLE_NO_BROWSER, tale, "no answer from its browser", err);
    return RC_OK;
}
