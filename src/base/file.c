#include "ssisminer/base/file.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_at(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static Rc fail_read(const char *path, Err *err)
{
    return FAIL(err, RC_USAGE, "cannot read '%s': %s", path, strerror(errno));
}

/* Reads what comes, so that pipes and /proc work too: size is only a first guess. */
static Rc read_all(int fd, const char *path, Buf *buf, Err *err)
{
    enum { CHUNK = 64 * 1024 };

    for (;;) {
        size_t want = buf->cap - buf->len < CHUNK ? buf->cap - buf->len : CHUNK;
        char *room = buf_room(buf, want);
        ssize_t got = read(fd, room, want);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_read(path, err);
        buf_added(buf, (size_t)got);
        if (got == 0 || buf->len == buf->cap)
            return RC_OK;
    }
}

Rc file_read(const char *path, size_t max_bytes, Arena *arena, Str *ret_text, Err *err)
{
    AUTO(close_at) int fd = open(path, O_RDONLY | O_CLOEXEC);
    AUTO(buf_done) Buf buf = BUF(max_bytes + 1); // one more shows that there is more

    if (fd < 0)
        return fail_read(path, err);
    TRY(read_all(fd, path, &buf, err));
    if (buf.len > max_bytes)
        return FAIL(err, RC_USAGE, "'%s' is larger than %zu bytes", path, max_bytes);
    *ret_text = (Str){arena_copy(arena, buf_text(&buf), buf.len), buf.len};
    return RC_OK;
}

static Rc fail_write(const char *path, Err *err)
{
    const char *reason = strerror(errno);

    if (!path)
        return FAIL(err, RC_USAGE, "cannot write to standard output: %s", reason);
    return FAIL(err, RC_USAGE, "cannot write '%s': %s", path, reason);
}

/* A temporary file has mode 0600; what takes its place shall look as open() had made it. */
static void set_usual_mode(int fd, const struct stat *old)
{
    mode_t mask = umask(0);

    (void)umask(mask);
    (void)fchmod(fd, old ? old->st_mode & 07777 : 0666 & ~mask);
}

static Rc open_temporary(FileOut *out, const struct stat *old, Err *err)
{
    size_t bytes = strlen(out->path) + sizeof(".XXXXXX");
    char *temporary = mem_alloc(bytes);

    (void)snprintf(temporary, bytes, "%s.XXXXXX", out->path);
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        free(temporary);
        return fail_write(out->path, err);
    }
    out->temporary = temporary;
    set_usual_mode(fd, old);
    out->stream = fdopen(fd, "w");
    if (!out->stream)
        mem_fail();
    return RC_OK;
}

/* A device or a pipe is written, never replaced. */
static Rc open_in_place(FileOut *out, Err *err)
{
    out->stream = fopen(out->path, "we");
    return out->stream ? RC_OK : fail_write(out->path, err);
}

Rc file_out_open(FileOut *out, const char *path, Err *err)
{
    struct stat old;

    *out = (FileOut){0};
    if (!path || strcmp(path, "-") == 0) {
        out->stream = stdout;
        return RC_OK;
    }
    char *real = realpath(path, NULL); // a symbolic link stays; its target is replaced
    out->path = real ? real : mem_text(path);
    bool is_there = stat(out->path, &old) == 0;
    Rc rc = is_there && !S_ISREG(old.st_mode) ? open_in_place(out, err)
                                              : open_temporary(out, is_there ? &old : NULL, err);
    if (rc != RC_OK)
        file_out_done(out);
    return rc;
}

/* The reason of an earlier write that failed is gone; a pipe without a reader still shows. */
static int lost_reason(FILE *stream)
{
    struct pollfd probe = {.fd = fileno(stream), .events = POLLOUT};
    bool is_closed = poll(&probe, 1, 0) == 1 && (probe.revents & POLLERR) != 0;

    return is_closed ? EPIPE : EIO;
}

Rc file_out_commit(FileOut *out, Err *err)
{
    errno = 0;
    bool is_bad = fflush(out->stream) != 0 || ferror(out->stream);

    if (is_bad && errno == 0)
        errno = lost_reason(out->stream);
    if (!out->path)
        return is_bad ? fail_write(NULL, err) : RC_OK;
    if (is_bad)
        return fail_write(out->path, err);

    FILE *stream = out->stream;
    out->stream = NULL;
    if (fclose(stream) != 0)
        return fail_write(out->path, err);
    if (out->temporary && rename(out->temporary, out->path) != 0)
        return fail_write(out->path, err);
    mem_free_at(&out->temporary);
    out->temporary = NULL;
    return RC_OK;
}

void file_out_done(FileOut *out)
{
    if (out->stream && out->path)
        (void)fclose(out->stream);
    if (out->temporary)
        (void)unlink(out->temporary);
    mem_free_at(&out->temporary);
    mem_free_at(&out->path);
    *out = (FileOut){0};
}

bool file_stdout_is_broken(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO};

    return poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

Rc file_temp_dir(const char *prefix, Arena *arena, char **ret_path, Err *err)
{
    const char *parent = getenv("TMPDIR");

    if (!parent || *parent == '\0')
        parent = "/tmp";
    char *path = arena_printf(arena, "%s/%s.XXXXXX", parent, prefix);
    if (!mkdtemp(path))
        return FAIL(err, RC_USAGE, "cannot make a private directory in '%s': %s", parent,
                    strerror(errno));
    *ret_path = path;
    return RC_OK;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    (void)remove(path);
    return 0;
}

void file_remove_tree(const char *path)
{
    enum { OPEN_FILES = 16 };

    (void)nftw(path, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}
