/* Azure Arc's file, which proves that the asker may read it. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whoever answers on the agent's port could name any file and be sent what is in it. So: this one
 * directory, this ending, no links, no more than a key. */
enum { KEY_MOST = 4096 };

static Rc fail(const char *why, Err *err)
{
    return FAIL(err, RC_CONNECT, "the challenge of Azure Arc's agent is not to be trusted: %s",
                why);
}

/* "Basic realm=/var/opt/azcmagent/tokens/123.key": what follows the directory. */
static Rc name_of(const char *directory, const char *challenge, const char **ret_name, Err *err)
{
    static const char scheme[] = "Basic realm=";
    const char *path = challenge + strlen(scheme);
    size_t len = strlen(directory);

    if (!str_starts(challenge, scheme) || strchr(path, '='))
        return fail("it names no file", err);
    if (!str_starts(path, directory) || path[len] != '/' || strchr(path + len + 1, '/'))
        return fail("it names a file in another directory", err);
    if (!str_ends(path, ".key") || path[len + 1] == '.')
        return fail("it names no key", err);
    *ret_name = path + len + 1;
    return RC_OK;
}

static void close_at(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static Rc open_key(const char *directory, const char *name, int *ret_fd, Err *err)
{
    AUTO(close_at) int folder = open(directory, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    int fd = folder < 0 ? -1 : openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        (void)err_set(err, RC_CONNECT, "cannot read the key of Azure Arc's agent: %s",
                      strerror(errno));
        return err_hint(err, "run as a member of the group himds (usermod -aG himds USER)");
    }
    *ret_fd = fd;
    return RC_OK;
}

static Rc read_key(int fd, Secret *key, Err *err)
{
    struct stat about;
    char bytes[KEY_MOST + 1];

    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
        return fail("it names no regular file", err);
    ssize_t got = read(fd, bytes, sizeof(bytes));
    if (got > 0 && got <= KEY_MOST)
        secret_set(key, str_trim((Str){bytes, (size_t)got}));
    explicit_bzero(bytes, sizeof(bytes));
    if (got > KEY_MOST)
        return fail("the file is longer than 4096 bytes", err);
    if (!token_is_plain(secret_str(key)))
        return fail("what is in the file is no key", err);
    return RC_OK;
}

Rc token_arc_key(const char *directory, const char *challenge, Secret *ret_key, Err *err)
{
    AUTO(close_at) int fd = -1;
    AUTO(secret_done) Secret key = {0};
    const char *name = NULL;

    TRY(name_of(directory, challenge, &name, err));
    TRY(open_key(directory, name, &fd, err));
    secret_init(&key, KEY_MOST);
    TRY(read_key(fd, &key, err));
    secret_take(ret_key, &key);
    return RC_OK;
}
