/* FreeTDS's configuration, made anew for each connection, in memory or in a private directory. */
#include "freetds.h"

#include "ssisminer/base/file.h"
#include "ssisminer/base/guard.h"
#include "ssisminer/base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* FreeTDS reads lines of at most 254 characters, ends a value at '#' or ';', knows no quotes
 * and folds runs of white space. */
static bool is_conf_value(const char *text)
{
    size_t len = strlen(text);

    if (len == 0 || len > 200 || text[0] == ' ' || text[len - 1] == ' ' || strstr(text, "  "))
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F || strchr("#;", text[i]))
            return false;
    return true;
}

Rc tds_check_ca_file(const char *path, Err *err)
{
    if (access(path, R_OK) != 0)
        return FAIL(err, RC_USAGE, "cannot read the CA file '%s': %s", path, strerror(errno));
    return RC_OK;
}

static const char *encryption_word(TdsEncrypt encrypt)
{
    switch (encrypt) {
    case TDS_ENCRYPT_OFF:
        return "off";
    case TDS_ENCRYPT_STRICT:
        return "strict";
    case TDS_ENCRYPT_REQUIRE:
        return "require";
    }
    return "require";
}

static void put_tls(const TdsTarget *target, Buf *conf)
{
    buf_printf(conf, "encryption = %s\n", encryption_word(target->encrypt));
    if (target->encrypt == TDS_ENCRYPT_OFF)
        return;
    buf_printf(conf, "check certificate hostname = %s\n", target->trust_certificate ? "no" : "yes");
    if (!target->trust_certificate)
        buf_printf(conf, "ca file = %s\n", target->ca_file ? target->ca_file : "system");
}

static Rc check_conf_ca_file(const char *path, Err *err)
{
    if (!is_conf_value(path)) {
        (void)err_set(err, RC_USAGE, "CA file '%s': FreeTDS cannot take such a path", path);
        return err_hint(err, "use a path of at most 200 characters without '#', ';', double or "
                             "outer blanks and control characters");
    }
    return tds_check_ca_file(path, err);
}

Rc tds_freetds_conf(const TdsTarget *target, const TdsServer *server, Buf *ret_conf, Err *err)
{
    if (target->ca_file && !target->trust_certificate && target->encrypt != TDS_ENCRYPT_OFF)
        TRY(check_conf_ca_file(target->ca_file, err));

    buf_printf(ret_conf, "[%s]\nhost = %s\n", server->section[0] ? server->section : server->host,
               server->host);
    if (server->port != 0)
        buf_printf(ret_conf, "port = %d\n", server->port);
    else
        buf_printf(ret_conf, "instance = %s\n", server->instance);
    // With the version `auto` FreeTDS ignores the login timeout; strict brings its own, 8.0.
    if (target->encrypt != TDS_ENCRYPT_STRICT)
        buf_puts(ret_conf, "tds version = 7.4\n");
    put_tls(target, ret_conf);
    buf_printf(ret_conf, "connect timeout = %d\n",
               target->login_timeout_s > 0 ? target->login_timeout_s : 1);
    // Larger packets cost less a row; under TLS servers grant no more than 16383 bytes.
    buf_printf(ret_conf, "client charset = UTF-8\ninitial block size = %d\n",
               target->encrypt == TDS_ENCRYPT_OFF ? 32767 : 16384);
    // FreeTDS keeps a value whole: what is cut here all the same is rather not sent.
    buf_printf(ret_conf, "text size = %d\n", TDS_TEXT_SIZE);
    return RC_OK;
}

/* ---- the file -------------------------------------------------------------------------------- */

static pthread_mutex_t environment_lock = PTHREAD_MUTEX_INITIALIZER;

static Rc write_all(int fd, const char *text, Err *err)
{
    for (size_t left = strlen(text); left > 0;) {
        ssize_t wrote = write(fd, text, left);
        if (wrote < 0 && errno != EINTR)
            return FAIL(err, RC_CONNECT, "cannot write the driver's configuration: %s",
                        strerror(errno));
        if (wrote > 0) {
            text += wrote;
            left -= (size_t)wrote;
        }
    }
    return RC_OK;
}

/* The file in memory: one for all connections of a process, so that the environment is written
 * once, before there are threads that may read it (a resolver and OpenSSL do). */
static struct {
    pid_t pid; // a child has one of its own
    int fd;
    char path[32];
} kept = {.fd = -1};

static bool set_environment(const char *path)
{
    if (setenv("FREETDSCONF", path, 1) != 0)
        return false;
    // FreeTDS lets these override its configuration, the host's name included.
    (void)unsetenv("TDSVER");
    (void)unsetenv("TDSHOST");
    (void)unsetenv("TDSPORT");
    return true;
}

static bool has_kept(void)
{
    return kept.fd >= 0 && kept.pid == getpid();
}

/* True when a file in memory could be made and be opened by its name. */
static bool keep_in_memory(void)
{
    if (has_kept())
        return true;
    kept.fd = memfd_create("freetds.conf", MFD_CLOEXEC);
    if (kept.fd < 0)
        return false;
    kept.pid = getpid();
    (void)snprintf(kept.path, sizeof(kept.path), "/proc/self/fd/%d", kept.fd);
    if (access(kept.path, R_OK) == 0 && set_environment(kept.path))
        return true;
    (void)close(kept.fd);
    kept.fd = -1;
    return false;
}

void tds_conf_prepare(void)
{
    (void)pthread_mutex_lock(&environment_lock);
    (void)keep_in_memory();
    (void)pthread_mutex_unlock(&environment_lock);
}

static bool open_in_memory(TdsConfFile *file)
{
    if (!keep_in_memory() || ftruncate(kept.fd, 0) != 0 || lseek(kept.fd, 0, SEEK_SET) != 0)
        return false;
    file->fd = kept.fd;
    (void)snprintf(file->path, sizeof(file->path), "%s", kept.path);
    return true;
}

static Rc open_in_directory(TdsConfFile *file, Err *err)
{
    TRY(file_temp_dir("ssisminer", &file->arena, &file->directory, err));
    int len = snprintf(file->path, sizeof(file->path), "%s/freetds.conf", file->directory);
    if (len < 0 || (size_t)len >= sizeof(file->path))
        return FAIL(err, RC_CONNECT, "the temporary directory '%s' has too long a name",
                    file->directory);
    guard_add(file->path); // before it is there, which does no harm
    file->fd = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file->fd < 0)
        return FAIL(err, RC_CONNECT, "cannot create '%s': %s", file->path, strerror(errno));
    return RC_OK;
}

static Rc fill(TdsConfFile *file, const char *conf, Err *err)
{
    if (!open_in_memory(file)) {
        TRY(open_in_directory(file, err));
        if (!set_environment(file->path))
            return FAIL(err, RC_CONNECT, "cannot set FREETDSCONF: %s", strerror(errno));
    }
    return write_all(file->fd, conf, err);
}

Rc tds_conf_file_open(const char *conf, TdsConfFile *ret_file, Err *err)
{
    TdsConfFile file = {.fd = -1};

    (void)pthread_mutex_lock(&environment_lock);
    if (fill(&file, conf, err) != RC_OK) {
        tds_conf_file_close(&file);
        return err->rc;
    }
    *ret_file = file;
    return RC_OK;
}

void tds_conf_file_close(TdsConfFile *file)
{
    if (file->fd >= 0 && !file->directory) {
        int failed = ftruncate(file->fd, 0); // it may have named a secret
        (void)failed;
    } else if (file->fd >= 0) {
        (void)close(file->fd);
    }
    if (file->directory) {
        guard_drop(file->path);
        file_remove_tree(file->directory);
        (void)unsetenv("FREETDSCONF");
    }
    arena_done(&file->arena);
    *file = (TdsConfFile){.fd = -1};
    (void)pthread_mutex_unlock(&environment_lock);
}
