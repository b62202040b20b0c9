/* A channel's secret, and whether its address may be used: before anything is done. */
#include "ssisminer/notify/notify.h"

#include "ssisminer/base/file.h"
#include "ssisminer/base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECRET_MOST = 8 * 1024 };

static const char *secret_name(const NotifyChannel *channel)
{
    return channel->type == NOTIFY_MAIL ? "password" : "url";
}

static void close_at(int *fd)
{
    (void)close(*fd);
}

static Rc fail_file(const char *path, Err *err)
{
    return FAIL(err, RC_USAGE, "cannot read '%s': %s", path, strerror(errno));
}

static Rc read_file(const char *path, Secret *text, Err *err)
{
    char bytes[1024];
    ssize_t got;

    int opened = open(path, O_RDONLY | O_CLOEXEC);
    if (opened < 0)
        return fail_file(path, err);
    AUTO(close_at) int fd = opened;
    while ((got = read(fd, bytes, sizeof(bytes))) > 0 || (got < 0 && errno == EINTR))
        secret_put(text, bytes, got < 0 ? 0 : (size_t)got);
    int failure = errno;
    explicit_bzero(bytes, sizeof(bytes));
    errno = failure;
    if (got < 0)
        return fail_file(path, err);
    if (text->over)
        return FAIL(err, RC_USAGE, "'%s' is longer than %d bytes", path, SECRET_MOST);
    return RC_OK;
}

/* No child is to get it, and /proc/PID/environ not to show it. */
static Rc take_variable(const char *name, Secret *text, Err *err)
{
    char *value = getenv(name);

    if (!value || *value == '\0')
        return FAIL(err, RC_USAGE, "variable %s is not set", name);
    secret_puts(text, value);
    explicit_bzero(value, strlen(value));
    (void)unsetenv(name);
    if (text->over)
        return FAIL(err, RC_USAGE, "variable %s is longer than %d bytes", name, SECRET_MOST);
    return RC_OK;
}

/* The first line; editors of Windows put a mark before it. */
static void keep_first_line(Secret *text)
{
    static const char mark[] = "\xEF\xBB\xBF";
    Str whole = secret_str(text);
    size_t skip = str_begins(whole, mark) ? sizeof(mark) - 1 : 0;
    Str line = str_trim((Str){whole.at + skip, strcspn(whole.at + skip, "\r\n")});

    (void)memmove(text->text, line.at, line.len);
    explicit_bzero(text->text + line.len, text->len - line.len);
    text->len = line.len;
}

static Rc fail_no_secret(const NotifyChannel *channel, Err *err)
{
    const char *what = secret_name(channel);

    (void)FAIL(err, RC_USAGE, "it names no place of its %s", what);
    return err_hint(err,
                    "%s: give it %s_file or %s_env, or load it with systemd as ssisminer-notify-%s",
                    channel->origin, what, what, channel->name);
}

static Rc read_secret(Conf *conf, const NotifyChannel *channel, Arena *arena, Secret *text,
                      Err *err)
{
    const char *path = channel->secret_file;

    if (channel->secret_env)
        TRY(take_variable(channel->secret_env, text, err));
    else {
        if (!path)
            path = conf_credential(conf, arena_printf(arena, "ssisminer-notify-%s", channel->name));
        if (!path)
            return fail_no_secret(channel, err);
        TRY(read_file(path, text, err));
    }
    keep_first_line(text);
    if (text->len == 0)
        return FAIL(err, RC_USAGE, "the first line of '%s' is empty",
                    path ? path : channel->secret_env);
    return RC_OK;
}

static Rc check_file(const NotifyChannel *channel, Err *err)
{
    if (channel->ca_file && access(channel->ca_file, R_OK) != 0)
        return fail_file(channel->ca_file, err);
    return RC_OK;
}

static Rc check_address(const NotifySender *sender, Err *err)
{
    const NotifyChannel *channel = sender->channel;

    if (channel->type == NOTIFY_MAIL)
        return http_mail_check(
            &(HttpMail){.host = channel->host, .port = channel->port, .tls = channel->tls}, err);
    return http_check(&(HttpRequest){.url = sender->secret.text, .is_webhook = true}, err);
}

static Rc open_it(Conf *conf, NotifySender *sender, Arena *arena, Err *err)
{
    const NotifyChannel *channel = sender->channel;

    secret_init(&sender->secret, SECRET_MOST);
    if (channel->type != NOTIFY_MAIL || channel->user)
        TRY(read_secret(conf, channel, arena, &sender->secret, err));
    TRY(check_file(channel, err));
    return check_address(sender, err);
}

Rc notify_open(Conf *conf, const NotifyChannel *channel, NotifySender *ret_sender, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(notify_close) NotifySender sender = {.channel = channel};

    if (open_it(conf, &sender, &arena, err) != RC_OK)
        return err_note(err, "channel '%s'", channel->name);
    *ret_sender = sender;
    sender = (NotifySender){0};
    return RC_OK;
}

void notify_close(NotifySender *sender)
{
    secret_done(&sender->secret);
}
