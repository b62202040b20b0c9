#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void close_at(int *fd)
{
    (void)close(*fd);
}

Rc token_read_file(const char *what, const char *path, size_t most, Secret *ret_text, Err *err)
{
    AUTO(secret_done) Secret text = {0};
    char bytes[4096];
    ssize_t got = 0;

    int opened = open(path, O_RDONLY | O_CLOEXEC);
    if (opened < 0)
        return FAIL(err, RC_USAGE, "cannot read %s '%s': %s", what, path, strerror(errno));
    AUTO(close_at) int fd = opened;
    secret_init(&text, most);
    while (!text.over && (got = read(fd, bytes, sizeof(bytes))) != 0) {
        if (got < 0 && errno != EINTR)
            break;
        secret_put(&text, bytes, got < 0 ? 0 : (size_t)got);
    }
    explicit_bzero(bytes, sizeof(bytes));
    if (got < 0)
        return FAIL(err, RC_USAGE, "cannot read %s '%s': %s", what, path, strerror(errno));
    if (text.over)
        return FAIL(err, RC_USAGE, "%s '%s' is longer than %zu bytes", what, path, most);
    secret_take(ret_text, &text);
    return RC_OK;
}
