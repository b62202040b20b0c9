/* Files read whole under a cap, and written so that nobody sees half of one. */
#include "ssisminer/base/file.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/guard.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
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

/* Until there is something to read: the other end of a pipe may take its time, and a wish to stop
 * is not to wait for it. What cannot be waited for is read at once. */
static Rc await(int fd, Err *err)
{
    struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = stop_fd(), .events = POLLIN}};

    while (!stop_wanted())
        if (poll(fds, ARRAY_LEN(fds), -1) > 0 && fds[0].revents)
            return RC_OK;
    return stop_sleep_ms(0, err);
}

/* Reads what comes, so that pipes and /proc work too: size is only a first guess. */
static Rc read_all(int fd, const char *path, Buf *buf, Err *err)
{
    enum { CHUNK = 64 * 1024 };

    for (;;) {
        size_t want = buf->cap - buf->len < CHUNK ? buf->cap - buf->len : CHUNK;
        char *room = buf_room(buf, want);
        TRY(await(fd, err));
        ssize_t got = read(fd, room, want);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
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
    // NONBLOCK: a named pipe that nobody writes to yet is waited for in await()
    AUTO(close_at) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
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

/* ---- a file that appears whole --------------------------------------------------------------- */

/* A temporary file has mode 0600; what takes its place shall look as open() had made it, or as our
 * own file that was there: its permissions alone, and nothing of a stranger's. */
static void set_usual_mode(int fd, const struct stat *old)
{
    bool is_ours = old && old->st_uid == geteuid();
    mode_t mask = umask(0);

    (void)umask(mask);
    (void)fchmod(fd, is_ours ? old->st_mode & 0777 : 0666 & ~mask);
}

/* No signal comes between its being there and its being guarded. */
static int make_guarded(char *temporary)
{
    sigset_t before;

    guard_block(&before);
    int fd = mkostemp(temporary, O_CLOEXEC);
    int failure = errno;
    if (fd >= 0)
        guard_add(temporary);
    guard_release(&before);
    errno = failure;
    return fd;
}

static Rc open_temporary(FileOut *out, const struct stat *old, Err *err)
{
    size_t bytes = strlen(out->path) + sizeof(".XXXXXX");
    char *temporary = mem_alloc(bytes);

    (void)snprintf(temporary, bytes, "%s.XXXXXX", out->path);
    int fd = make_guarded(temporary);
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

/* A device or a pipe is written, never replaced, and never made. */
static Rc open_in_place(FileOut *out, Err *err)
{
    int fd = open(out->path, O_WRONLY | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return fail_write(out->path, err);
    out->stream = fdopen(fd, "w");
    if (!out->stream)
        mem_fail();
    return RC_OK;
}

/* ---- folders that others may write to -------------------------------------------------------- */

static bool is_shared(const char *directory)
{
    struct stat info;

    return stat(directory, &info) == 0 && (info.st_mode & S_ISVTX) &&
           (info.st_mode & (S_IWOTH | S_IWGRP));
}

/* The folder of `path`, which is cut to it for a moment. */
static bool is_in_shared(char *path)
{
    char *slash = strrchr(path, '/');

    if (!slash)
        return is_shared(".");
    char kept = slash[slash == path];
    slash[slash == path] = '\0';
    bool is = is_shared(path);
    slash[slash == path] = kept;
    return is;
}

static Rc refuse_shared(const char *path, const char *what, Err *err)
{
    (void)FAIL(err, RC_USAGE, "'%s' is %s in a folder that others may write to", path, what);
    return err_hint(err, "anybody may have put it there: remove it, or write elsewhere");
}

/* In such a folder anybody may have laid a link on the way, or a file where ours is to be: the
 * last name must be no link and nobody else's, and no link before it a stranger's. */
static Rc check_shared(const char *path, Err *err)
{
    AUTO(mem_free_at) char *part = mem_text(path);
    struct stat info;

    for (char *at = part + (*part == '/'); *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        bool is_bad = lstat(part, &info) == 0 && S_ISLNK(info.st_mode) &&
                      info.st_uid != geteuid() && is_in_shared(part);
        if (is_bad)
            return refuse_shared(part, "somebody else's link", err);
        *at = '/';
    }
    if (lstat(part, &info) != 0 || !is_in_shared(part))
        return RC_OK;
    if (S_ISLNK(info.st_mode))
        return refuse_shared(part, "a link", err);
    return info.st_uid == geteuid() ? RC_OK : refuse_shared(part, "somebody else's", err);
}

Rc file_out_open(FileOut *out, const char *path, Err *err)
{
    struct stat old;

    *out = (FileOut){0};
    if (!path || strcmp(path, "-") == 0) {
        out->stream = stdout;
        return RC_OK;
    }
    TRY(check_shared(path, err));
    char *real = realpath(path, NULL); // a symbolic link stays; its target is replaced
    out->path = real ? real : mem_text(path);
    bool is_there = stat(out->path, &old) == 0;
    Rc rc = is_there && !S_ISREG(old.st_mode) ? open_in_place(out, err)
                                              : open_temporary(out, is_there ? &old : NULL, err);
    if (rc == RC_OK && real && !str_same(real, path))
        rc = check_shared(real, err);
    if (rc != RC_OK)
        file_out_done(out);
    return rc;
}

void file_out_private(FileOut *out)
{
    if (out->temporary)
        (void)fchmod(fileno(out->stream), 0600);
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
    if (out->temporary)
        guard_drop(out->temporary);
    mem_free_at(&out->temporary);
    out->temporary = NULL;
    return RC_OK;
}

void file_out_done(FileOut *out)
{
    if (out->stream && out->path)
        (void)fclose(out->stream);
    if (out->temporary) {
        (void)unlink(out->temporary);
        guard_drop(out->temporary);
    }
    mem_free_at(&out->temporary);
    mem_free_at(&out->path);
    *out = (FileOut){0};
}

bool file_has_bytes(const char *path)
{
    struct stat info;

    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0;
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
    sigset_t before;
    guard_block(&before);
    bool is_made = mkdtemp(path) != NULL;
    int failure = errno;
    if (is_made)
        guard_add(path);
    guard_release(&before);
    if (!is_made)
        return FAIL(err, RC_USAGE, "cannot make a private directory in '%s': %s", parent,
                    strerror(failure));
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
    guard_drop(path);
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* The folder of a path, and the name in it. */
static bool find_folder(const char *path, OsFile *ret_folder, const char **ret_name)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX] = ".";

    *ret_name = slash ? slash + 1 : path;
    if (slash && (size_t)(slash - path) + 2 > sizeof(folder))
        return false;
    if (slash)
        (void)snprintf(folder, sizeof(folder), "%.*s/", (int)(slash - path), path);
    return os_file(folder, ret_folder);
}

static bool is_one(const OsFile *a, const OsFile *b)
{
    return a->volume == b->volume && a->number == b->number;
}

bool file_is_same(const char *path, const char *other)
{
    OsFile a, b;
    const char *a_name, *b_name;

    if (os_file(path, &a) && os_file(other, &b))
        return a.is_regular && is_one(&a, &b);
    return find_folder(path, &a, &a_name) && find_folder(other, &b, &b_name) && is_one(&a, &b) &&
           strcmp(a_name, b_name) == 0;
}
