/* The password, from wherever it may stand but the command line. */
#include "internal.h"

#include "ssisminer/base/file.h"
#include "ssisminer/base/term.h"
#include "ssisminer/base/utf.h"
#include "ssisminer/os/os.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_BYTES = 4096 };

static const char standard_input[] = "/dev/stdin";

/* The first line, without its end. */
static Rc read_password_file(Conf *conf, const char *given, const char **ret_password, Err *err)
{
    const char *path = str_same(given, "-") ? standard_input : given;
    Str text;

    if (conf->kept_path && str_same(conf->kept_path, path)) {
        *ret_password = conf->kept_password;
        return RC_OK;
    }
    if (file_read(path, MOST_BYTES, &conf->arena, &text, err) != RC_OK)
        return err_note(err, "password file");
    char *plain = arena_alloc(&conf->arena, UTF_FROM_FILE_MAX(text.len) + 1);
    plain[utf_from_file(text.at, text.len, plain)] = '\0';
    size_t len = strcspn(plain, "\r\n");
    if (len == 0)
        return FAIL(err, RC_USAGE, "password file: the first line of '%s' is empty", path);
    plain[len] = '\0';
    *ret_password = plain;
    return RC_OK;
}

/* systemd's, where it gave one. One that cannot be looked at is named too: reading it says why. */
static const char *credential_path(Arena *arena, const char *name)
{
    const char *directory = getenv("CREDENTIALS_DIRECTORY");

    if (!directory || *directory == '\0')
        return NULL;
    const char *path = arena_printf(arena, "%s/%s", directory, name);
    return access(path, F_OK) == 0 || errno != ENOENT ? path : NULL;
}

/* ---- the prompt ------------------------------------------------------------------------------ */

static void silent_close_at(OsSilent **silent)
{
    os_silent_close(*silent);
}

static Rc fail_no_password(Err *err)
{
    (void)FAIL(err, RC_USAGE, "no password, and no terminal to ask for one");
    return err_hint(err, "set SQLCMDPASSWORD, use --password-file or systemd's LoadCredential "
                         "(ssisminer-password), or log in with -E");
}

static void put_prompt(const Conf *conf, int fd)
{
    AUTO(buf_done) Buf prompt = BUF(512);
    const char *user = conf_text(conf, OPT_USER);
    const char *server = conf_text(conf, OPT_SERVER);

    buf_puts(&prompt, "Password");
    if (user) {
        buf_puts(&prompt, " for ");
        term_put_safe(&prompt, user, strlen(user), true);
    }
    if (server) {
        buf_puts(&prompt, " at ");
        term_put_safe(&prompt, server, strlen(server), true);
    }
    buf_puts(&prompt, ": ");
    ssize_t written = write(fd, buf_text(&prompt), prompt.len);
    (void)written;
}

static Rc ask(Conf *conf, const char **ret_password, Err *err)
{
    AUTO(silent_close_at) OsSilent *silent = os_silent_open();
    char line[MOST_BYTES];

    if (!silent)
        return fail_no_password(err);
    put_prompt(conf, os_silent_out(silent));
    Rc rc = term_read_line(os_silent_in(silent), line, sizeof(line), err);
    if (rc == RC_OK)
        *ret_password = arena_text(&conf->arena, line);
    explicit_bzero(line, sizeof(line));
    return rc;
}

Rc conf_password_given(Conf *conf, const char **ret_password, Err *err)
{
    const ConfValue *given = &conf->values[OPT_PASSWORD];
    const ConfValue *file = &conf->values[OPT_PASSWORD_FILE];

    conf->was_read[OPT_PASSWORD] = conf->was_read[OPT_PASSWORD_FILE] = true;

    // the stronger source wins; at equal strength the password itself
    if (given->text && given->strength >= file->strength) {
        *ret_password = given->text;
        return RC_OK;
    }
    if (file->text)
        return read_password_file(conf, file->text, ret_password, err);
    const char *credential = credential_path(&conf->arena, "ssisminer-password");
    if (credential)
        return read_password_file(conf, credential, ret_password, err);
    *ret_password = NULL;
    return RC_OK;
}

void conf_password_keep(Conf *conf)
{
    const ConfValue *given = &conf->values[OPT_PASSWORD], *file = &conf->values[OPT_PASSWORD_FILE];
    const char *path = file->text, *password = NULL;
    struct stat info;
    Err err = {0}; // who needs it reads it again, and says why that fails

    if (!path || (given->text && given->strength >= file->strength))
        return;
    path = str_same(path, "-") ? standard_input : path;
    // A file that is standard input is not that of the processes that are begun.
    bool is_read_again =
        stat(path, &info) != 0 || (S_ISREG(info.st_mode) && !str_same(path, standard_input));
    if (is_read_again || read_password_file(conf, path, &password, &err) != RC_OK)
        return;
    conf->kept_path = path;
    conf->kept_password = password;
}

Rc conf_password(Conf *conf, const char **ret_password, Err *err)
{
    TRY(conf_password_given(conf, ret_password, err));
    return *ret_password ? RC_OK : ask(conf, ret_password, err);
}

const char *conf_credential(Conf *conf, const char *name)
{
    return credential_path(&conf->arena, name);
}
