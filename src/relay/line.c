/* The side of the server: bytes sent and read, inside TLS, under a deadline. */
#include "internal.h"

#include "ssisminer/base/time.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void socket_reset(int fd)
{
    const struct linger at_once = {.l_onoff = 1};

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    (void)close(fd);
}

void line_close(Line *line, bool with_reset)
{
    if (line->ssl && !with_reset)
        (void)SSL_shutdown(line->ssl); // one way: nobody waits for the answer
    SSL_free(line->ssl);
    if (line->fd >= 0 && with_reset)
        socket_reset(line->fd);
    else if (line->fd >= 0)
        (void)close(line->fd);
    *line = (Line){.fd = -1};
    ERR_clear_error();
}

/* What to wait for after a call that did not get through; 0 when it never will. */
static short wanted(Line *line, int rc)
{
    if (!line->ssl) {
        line->was_reset = errno == ECONNRESET || errno == EPIPE;
        return 0;
    }
    int error = SSL_get_error(line->ssl, rc);
    if (error == SSL_ERROR_WANT_READ)
        return POLLIN;
    if (error == SSL_ERROR_WANT_WRITE)
        return POLLOUT;
    line->was_reset = error == SSL_ERROR_SYSCALL && (errno == ECONNRESET || errno == EPIPE);
    return 0;
}

/* Without TLS what would wait is told by errno. */
static int one_write(Line *line, const void *bytes, size_t len, short *ret_want)
{
    int done;

    if (line->ssl) // else an alert is on its way, and why is still to be told
        ERR_clear_error();
    errno = 0;
    if (line->ssl)
        done = SSL_write(line->ssl, bytes, (int)len);
    else
        done = (int)send(line->fd, bytes, len, MSG_NOSIGNAL);
    if (done > 0)
        return done;
    *ret_want = !line->ssl && errno == EAGAIN ? POLLOUT : wanted(line, done);
    return 0;
}

static int one_read(Line *line, void *to, size_t len, short *ret_want)
{
    int done;

    ERR_clear_error();
    errno = 0;
    if (line->ssl)
        done = SSL_read(line->ssl, to, (int)len);
    else
        done = (int)recv(line->fd, to, len, 0);
    if (done > 0)
        return done;
    *ret_want = !line->ssl && errno == EAGAIN ? POLLIN : wanted(line, done);
    return 0;
}

bool line_send(const Wait *wait, Line *line, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len > 0) {
        short want = 0;
        int sent = one_write(line, at, len, &want);
        if (sent == 0 && (want == 0 || wait_for(wait, line->fd, want) != WAITED_READY))
            return false;
        at += sent;
        len -= (size_t)sent;
    }
    return true;
}

Got line_take(const Wait *wait, Line *line, void *to, size_t len)
{
    char *at = to;

    while (len > 0) {
        short want = 0;
        int got = one_read(line, at, len, &want);
        if (got == 0 && want == 0)
            return GOT_END;
        if (got == 0) {
            Waited waited = wait_for(wait, line->fd, want);
            if (waited != WAITED_READY)
                return waited == WAITED_TIME ? GOT_TIME : GOT_WOKEN;
        }
        at += got;
        len -= (size_t)got;
    }
    return GOT_ALL;
}

Got line_read(const Wait *wait, Line *line, Buf *ret_body, PacketHead *ret_head)
{
    PacketHead head = {0};

    buf_reset(ret_body);
    for (bool is_first = true; !(head.status & STATUS_END); is_first = false) {
        uint8_t bytes[PACKET_HEADER];
        Got got = line_take(wait, line, bytes, sizeof(bytes));
        if (got != GOT_ALL)
            return got;
        bool is_head = packet_head_read(bytes, &head) &&
                       (head.type == PACKET_ANSWER || head.type == PACKET_PRELOGIN);
        if (is_first)
            *ret_head = head;
        if (!is_head || head.type != ret_head->type) {
            ret_head->len = 0;
            return GOT_ALL;
        }
        char *to = buf_room(ret_body, head.len - PACKET_HEADER);
        if (!to)
            return GOT_ALL;
        got = line_take(wait, line, to, head.len - PACKET_HEADER);
        if (got != GOT_ALL)
            return got;
        buf_added(ret_body, head.len - PACKET_HEADER);
    }
    return GOT_ALL;
}
