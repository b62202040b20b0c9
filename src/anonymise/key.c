/* The key: 32 random bytes as a line of hexadecimal digits, in a file that is this user's alone. */
#include "ssisminer/anonymise/anonymise.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_BYTES = ANONYMISE_KEY_BYTES * 2 + 1 };

Rc anonymise_key_path(Arena *arena, const char **ret_path, Err *err)
{
    const char *state_home = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

    if (state_home && state_home[0] == '/')
        *ret_path = arena_printf(arena, "%s/ssisminer/anonymise.key", state_home);
    else if (home && home[0] == '/')
        *ret_path = arena_printf(arena, "%s/.local/state/ssisminer/anonymise.key", home);
    else {
        (void)FAIL(err, RC_USAGE, "no folder for the key: neither XDG_STATE_HOME nor HOME is set");
        return err_hint(err, "name a file for it: --anonymise-key FILE");
    }
    char *path = arena_text(arena, *ret_path);
    for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        if (mkdir(path, S_IRWXU) != 0 && errno != EEXIST)
            return FAIL(err, RC_USAGE, "cannot make the folder '%s' of the key: %s", path,
                        strerror(errno));
        *at = '/';
    }
    return RC_OK;
}

static void close_at(int *file)
{
    if (*file >= 0)
        (void)close(*file);
}

static void remove_at(char **path)
{
    if (*path)
        (void)unlink(*path);
}

/* A whole file beside it, then its name: who comes second finds the first one's key. */
static Rc make_key(const char *path, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(remove_at) char *temporary = NULL;
    AUTO(close_at) int file = -1;
    unsigned char key[ANONYMISE_KEY_BYTES];
    char line[LINE_BYTES + 1];

    if (RAND_bytes(key, sizeof(key)) != 1)
        return FAIL(err, RC_USAGE, "OpenSSL gives no random bytes for a key");
    for (size_t i = 0; i < sizeof(key); i++)
        (void)snprintf(line + 2 * i, 3, "%02x", key[i]);
    line[LINE_BYTES - 1] = '\n';
    char *beside = arena_printf(&arena, "%s.XXXXXX", path);
    file = mkostemp(beside, O_CLOEXEC); // 0600
    temporary = file >= 0 ? beside : NULL;
    bool is_made = file >= 0 && write(file, line, LINE_BYTES) == LINE_BYTES && fsync(file) == 0 &&
                   (link(beside, path) == 0 || errno == EEXIST);
    OPENSSL_cleanse(key, sizeof(key));
    OPENSSL_cleanse(line, sizeof(line));
    if (is_made)
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "cannot make the key '%s': %s", path, strerror(errno));
    return err_hint(err, "name another file for it: --anonymise-key FILE");
}

static Rc check_file(int file, const char *path, Err *err)
{
    struct stat status;

    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return FAIL(err, RC_USAGE, "the key '%s' is no file", path);
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) == 0)
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "others may read the key '%s'", path);
    return err_hint(err, "who has it can read the names again: chmod 600, or another file");
}

static Rc read_key(const char *path, unsigned char *ret_key, Err *err)
{
    AUTO(close_at) int file = open(path, O_RDONLY | O_CLOEXEC);
    char line[LINE_BYTES + 1] = "";
    bool is_key;

    if (file < 0) {
        (void)FAIL(err, RC_USAGE, "cannot read the key '%s': %s", path, strerror(errno));
        return err_hint(err, "--anonymise-key FILE names another one");
    }
    TRY(check_file(file, path, err));
    ssize_t len = read(file, line, sizeof(line));
    is_key = (len == LINE_BYTES && line[LINE_BYTES - 1] == '\n') || len == LINE_BYTES - 1;
    for (size_t i = 0; i < ANONYMISE_KEY_BYTES && is_key; i++) {
        int high = str_hex_digit(line[2 * i]), low = str_hex_digit(line[2 * i + 1]);
        is_key = high >= 0 && low >= 0;
        ret_key[i] = (unsigned char)(is_key ? high << 4 | low : 0);
    }
    OPENSSL_cleanse(line, sizeof(line));
    if (is_key)
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "'%s' is no key: %d hexadecimal digits are, in a line", path,
               LINE_BYTES - 1);
    return err_hint(err, "name a file that is not there yet, and a key is made in it");
}

Rc anonymise_open(const char *key_path, Anonymiser **ret_anonymiser, Err *err)
{
    unsigned char key[ANONYMISE_KEY_BYTES];

    if (access(key_path, F_OK) != 0 && errno == ENOENT)
        TRY(make_key(key_path, err));
    TRY(read_key(key_path, key, err));
    Rc rc = anonymise_new(key, ret_anonymiser, err);
    OPENSSL_cleanse(key, sizeof(key));
    return rc;
}
