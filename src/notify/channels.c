/* `notify:` of the configuration: a list of channels, each a mapping of keys. */
#include "ssisminer/notify/notify.h"

#include "ssisminer/base/nearest.h"
#include "ssisminer/base/str.h"
#include "ssisminer/conf/yaml.h"

#include <string.h>

enum { CHANNELS_MOST = 100, RECIPIENTS_MOST = 100, ADDRESS_MOST = 254, PORT_MOST = 65535 };

typedef struct Reader {
    const char *path;
    Arena *arena;
    NotifyChannel *channel;
    const char *server; // "smtp.example.com:587"
    const YamlNode *at; // its place
} Reader;

static Rc fail_at(const Reader *reader, const YamlNode *node, const char *why, Err *err)
{
    return FAIL(err, RC_USAGE, "%s:%d:%d: %s", reader->path, node->line, node->column, why);
}

static Rc fail_value(const Reader *reader, const YamlNode *node, const char *key, const char *why,
                     Err *err)
{
    return FAIL(err, RC_USAGE, "%s:%d:%d: notify: %s: %s", reader->path, node->line, node->column,
                key, why);
}

/* ---- one value ------------------------------------------------------------------------------- */

static Rc text_of(const Reader *reader, const char *key, const YamlNode *node,
                  const char **ret_text, Err *err)
{
    if (node->kind != YAML_SCALAR || node->text[0] == '\0')
        return fail_value(reader, node, key, "wants a text", err);
    *ret_text = node->text;
    return RC_OK;
}

/* The number of a word of "a|b|c". */
static Rc word_of(const Reader *reader, const char *key, const YamlNode *node, const char *words,
                  int *ret_number, Err *err)
{
    Str rest = str_of(words), word;
    const char *text = NULL;

    TRY(text_of(reader, key, node, &text, err));
    for (int number = 0; str_split(&rest, '|', &word); number++)
        if (str_equal(word, str_of(text))) {
            *ret_number = number;
            return RC_OK;
        }
    (void)FAIL(err, RC_USAGE, "%s:%d:%d: notify: %s: '%s' is none of %s", reader->path, node->line,
               node->column, key, text, words);
    return err->rc;
}

static Rc ms_of(const Reader *reader, const char *key, const YamlNode *node, int64_t least_ms,
                int64_t most_ms, int64_t *ret_ms, Err *err)
{
    const char *text = NULL;
    int64_t ticks;

    TRY(text_of(reader, key, node, &text, err));
    if (time_parse_duration(text, BARE_IS_REFUSED, &ticks, err) != RC_OK)
        return err_note(err, "%s:%d:%d: notify: %s", reader->path, node->line, node->column, key);
    if (ticks / TICKS_PER_MS < least_ms || ticks / TICKS_PER_MS > most_ms)
        return FAIL(err, RC_USAGE, "%s:%d:%d: notify: %s: '%s' is not from %lld ms to %lld s",
                    reader->path, node->line, node->column, key, text, (long long)least_ms,
                    (long long)most_ms / 1000);
    *ret_ms = ticks / TICKS_PER_MS;
    return RC_OK;
}

/* What stands in a mail's head and in a command to its server: ASCII, one @, nothing that could end
 * either. */
static bool is_address(const char *text)
{
    static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               ".!#$%&'*+/=?^_`{|}~-";
    const char *at = strchr(text, '@');

    return at && at > text && at[1] != '\0' && strlen(text) <= ADDRESS_MOST &&
           strspn(text, fine) == (size_t)(at - text) && strspn(at + 1, fine) == strlen(at + 1);
}

static Rc address_of(const Reader *reader, const char *key, const YamlNode *node,
                     const char **ret_text, Err *err)
{
    const char *text = NULL;

    TRY(text_of(reader, key, node, &text, err));
    if (!is_address(text)) {
        (void)FAIL(err, RC_USAGE, "%s:%d:%d: notify: %s: '%s' is no mail address", reader->path,
                   node->line, node->column, key, text);
        return err_hint(err, "name@domain alone, as in dba@example.com");
    }
    *ret_text = text;
    return RC_OK;
}

/* ---- the keys -------------------------------------------------------------------------------- */

static Rc read_name(Reader *reader, const char *key, const YamlNode *node, Err *err)
{
    const char *text = NULL;

    TRY(text_of(reader, key, node, &text, err));
    bool is_word = text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789_.-")] == '\0';
    if (!is_word || text[0] == '.' || str_same_fold(text, "all"))
        return fail_value(reader, node, key,
                          "wants one word of letters, digits, _ . and -, not 'all'", err);
    reader->channel->name = text;
    return RC_OK;
}

static Rc read_type(Reader *reader, const char *key, const YamlNode *node, Err *err)
{
    int number = 0;

    TRY(word_of(reader, key, node, "teams|slack|json|mail", &number, err));
    reader->channel->type = (NotifyType)number;
    return RC_OK;
}

static Rc read_when(Reader *reader, const char *key, const YamlNode *node, Err *err)
{
    int number;

    TRY(word_of(reader, key, node, opt_spec(OPT_NOTIFY_WHEN)->choices, &number, err));
    reader->channel->when = node->text;
    return RC_OK;
}

static Rc read_file(Reader *reader, const char *key, const YamlNode *node, Err *err)
{
    return text_of(reader, key, node, &reader->channel->secret_file, err);
}

static Rc read_variable(Reader *reader, const char *key, const YamlNode *node, Err *err)
{
    return text_of(reader, key, node, &reader->channel->secret_env, err);
}

static Rc read_ca_file(Reader *reader, const char *key, const YamlNode *node, Err *err)
{
    return text_of(reader, key, node, &reader->channel->ca_file, err);
}

static Rc read_timeout(Reader *reader, const char *key, const YamlNode *node, Err *err)
{
    return ms_of(reader, key, node, 1000, 600000, &reader->channel->timeout_ms, err);
}

static Rc read_retry_wait(Reader *reader, const char *key, const YamlNode *node, Err *err)
{
    return ms_of(reader, key, node, 1, 60000, &reader->channel->retry_wait_ms, err);
}

static Rc read_retry(Reader *reader, const char *key, const YamlNode *node, Err *err)
{
    enum { MOST = 10 };
    const char *text = NULL;
    int64_t count;

    TRY(text_of(reader, key, node, &text, err));
    if (!str_to_i64(str_of(text), &count) || count < 0 || count > MOST)
        return fail_value(reader, node, key, "wants a number from 0 to 10", err);
    reader->channel->retries = count;
    return RC_OK;
}

static Rc read_server(Reader *reader, const char *key, const YamlNode *node, Err *err)
{
    reader->at = node;
    return text_of(reader, key, node, &reader->server, err);
}

static Rc read_tls(Reader *reader, const char *key, const YamlNode *node, Err *err)
{
    int number = 0;

    TRY(word_of(reader, key, node, "starttls|tls|none", &number, err));
    reader->channel->tls = (MailTls)number;
    return RC_OK;
}

static Rc read_from(Reader *reader, const char *key, const YamlNode *node, Err *err)
{
    return address_of(reader, key, node, &reader->channel->from, err);
}

static Rc read_to(Reader *reader, const char *key, const YamlNode *node, Err *err)
{
    NotifyChannel *channel = reader->channel;
    bool is_list = node->kind == YAML_SEQUENCE;
    size_t count = is_list ? node->count : 1;

    if (count == 0 || count > RECIPIENTS_MOST)
        return fail_value(reader, node, key, "wants 1 to 100 addresses", err);
    channel->to = arena_alloc_array(reader->arena, count, sizeof(*channel->to));
    for (size_t i = 0; i < count; i++)
        TRY(address_of(reader, key, is_list ? node->items[i] : node, &channel->to[i], err));
    channel->to_count = count;
    return RC_OK;
}

static Rc read_user(Reader *reader, const char *key, const YamlNode *node, Err *err)
{
    return text_of(reader, key, node, &reader->channel->user, err);
}

enum { FOR_HOOKS = 1, FOR_MAIL = 2, FOR_EACH = 3 };

static const struct {
    const char *key;
    int of;
    Rc (*read)(Reader *reader, const char *key, const YamlNode *node, Err *err);
} keys[] = {
    {"name", FOR_EACH, read_name},
    {"type", FOR_EACH, read_type},
    {"when", FOR_EACH, read_when},
    {"ca_file", FOR_EACH, read_ca_file},
    {"timeout", FOR_EACH, read_timeout},
    {"retry", FOR_EACH, read_retry},
    {"retry_wait", FOR_EACH, read_retry_wait},
    {"url_file", FOR_HOOKS, read_file},
    {"url_env", FOR_HOOKS, read_variable},
    {"server", FOR_MAIL, read_server},
    {"tls", FOR_MAIL, read_tls},
    {"from", FOR_MAIL, read_from},
    {"to", FOR_MAIL, read_to},
    {"user", FOR_MAIL, read_user},
    {"password_file", FOR_MAIL, read_file},
    {"password_env", FOR_MAIL, read_variable},
};

/* A configuration is shown, mailed and kept with the code: a secret does not belong in it. */
static Rc fail_key(const Reader *reader, const YamlNode *key, Err *err)
{
    Nearest nearest = {.word = key->text};

    (void)FAIL(err, RC_USAGE, "%s:%d:%d: notify: unknown key '%s'", reader->path, key->line,
               key->column, key->text);
    if (strcmp(key->text, "url") == 0)
        return err_hint(err, "a webhook's URL is a secret: put it into a file that others cannot "
                             "read, and name that with url_file (or url_env)");
    if (strcmp(key->text, "password") == 0)
        return err_hint(err, "a password does not belong in this file: use password_file, or "
                             "password_env");
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        nearest_offer(&nearest, keys[i].key);
    if (nearest_answer(&nearest))
        return err_hint(err, "did you mean %s?", nearest_answer(&nearest));
    return err_hint(err, "ssisminer.yaml(5) and docs/notify.md have the keys of a channel");
}

static Rc read_key(Reader *reader, const YamlPair *pair, Err *err)
{
    int of = reader->channel->type == NOTIFY_MAIL ? FOR_MAIL : FOR_HOOKS;

    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (strcmp(keys[i].key, pair->key->text) != 0)
            continue;
        if ((keys[i].of & of) == 0)
            return FAIL(err, RC_USAGE, "%s:%d:%d: notify: %s means nothing to a channel of type %s",
                        reader->path, pair->key->line, pair->key->column, keys[i].key,
                        notify_type_name(reader->channel->type));
        return keys[i].read(reader, keys[i].key, pair->value, err);
    }
    return fail_key(reader, pair->key, err);
}

/* ---- one channel ----------------------------------------------------------------------------- */

static Rc fail_server(const Reader *reader, Err *err)
{
    (void)fail_value(reader, reader->at, "server", "wants host or host:port", err);
    return err_hint(err, "as in smtp.example.com:587; an address of IPv6 stands in brackets");
}

/* "host", "host:port", "[::1]:25": the port is that of the kind of TLS unless it is given. */
static Rc split_server(Reader *reader, Err *err)
{
    static const int ports[] = {
        [MAIL_TLS_START] = 587, [MAIL_TLS_WRAPPED] = 465, [MAIL_TLS_NONE] = 25};
    NotifyChannel *channel = reader->channel;
    const char *server = reader->server;
    const char *end = server[0] == '[' ? strchr(server, ']') : strchr(server, ':');
    const char *colon = server[0] == '[' && end ? end + 1 : end;
    int64_t port = ports[channel->tls];

    if (server[0] == '[' && !end)
        return fail_server(reader, err);
    if (colon && *colon &&
        (*colon != ':' || !str_to_i64(str_of(colon + 1), &port) || port < 1 || port > PORT_MOST))
        return fail_server(reader, err);
    size_t len = colon ? (size_t)(colon - server) : strlen(server);
    channel->host = arena_copy(reader->arena, server, len);
    channel->port = (int)port;
    bool is_host =
        len > 0 &&
        strspn(channel->host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              ".-_:[]") == len;
    return is_host ? RC_OK : fail_server(reader, err);
}

static Rc fail_missing(const Reader *reader, const YamlNode *item, const char *key, Err *err)
{
    return FAIL(err, RC_USAGE, "%s:%d:%d: notify: channel '%s' lacks '%s'", reader->path,
                item->line, item->column, reader->channel->name, key);
}

static Rc check_mail(Reader *reader, const YamlNode *item, Err *err)
{
    const NotifyChannel *channel = reader->channel;

    if (!reader->server)
        return fail_missing(reader, item, "server", err);
    if (!channel->from)
        return fail_missing(reader, item, "from", err);
    if (!channel->to)
        return fail_missing(reader, item, "to", err);
    if (!channel->user && (channel->secret_file || channel->secret_env))
        return fail_missing(reader, item, "user", err);
    return split_server(reader, err);
}

/* Before the rest: what is missing and what means nothing hang on it. */
static Rc read_first(Reader *reader, const YamlNode *item, const char *key, Err *err)
{
    for (size_t i = 0; i < item->count; i++)
        if (strcmp(item->pairs[i].key->text, key) == 0)
            return read_key(reader, &item->pairs[i], err);
    return FAIL(err, RC_USAGE, "%s:%d:%d: notify: a channel has a %s", reader->path, item->line,
                item->column, key);
}

static Rc read_channel(Reader *reader, const YamlNode *item, Err *err)
{
    enum { TIMEOUT_MS = 60000, RETRIES = 3, RETRY_WAIT_MS = 2000 };
    NotifyChannel *channel = reader->channel;

    if (item->kind != YAML_MAPPING)
        return fail_at(reader, item,
                       "notify: a channel has keys, as in '- {name: ops, type: teams}'", err);
    *channel =
        (NotifyChannel){.when = "any",
                        .timeout_ms = TIMEOUT_MS,
                        .retries = RETRIES,
                        .retry_wait_ms = RETRY_WAIT_MS,
                        .origin = arena_printf(reader->arena, "%s:%d", reader->path, item->line)};
    TRY(read_first(reader, item, "name", err));
    TRY(read_first(reader, item, "type", err));
    for (size_t i = 0; i < item->count; i++)
        TRY(read_key(reader, &item->pairs[i], err));
    if (channel->secret_file && channel->secret_env)
        return fail_at(reader, item,
                       "notify: a secret comes from a file or from a variable: name one", err);
    return channel->type == NOTIFY_MAIL ? check_mail(reader, item, err) : RC_OK;
}

static Rc check_names(const Reader *reader, const NotifyChannel *channels, size_t count,
                      const YamlNode *item, Err *err)
{
    for (size_t i = 0; i + 1 < count; i++)
        if (str_same_fold(channels[i].name, channels[count - 1].name))
            return FAIL(err, RC_USAGE, "%s:%d:%d: notify: two channels have the name '%s'",
                        reader->path, item->line, item->column, channels[i].name);
    return RC_OK;
}

Rc notify_channels(const Conf *conf, Arena *arena, NotifyChannel **ret_channels, size_t *ret_count,
                   Err *err)
{
    Reader reader = {.arena = arena};
    const YamlNode *list = conf_notify(conf, &reader.path);
    NotifyChannel *channels = NULL;

    *ret_count = 0;
    if (!list || list->kind == YAML_NULL)
        return RC_OK;
    if (list->kind != YAML_SEQUENCE) {
        (void)fail_at(&reader, list, "'notify' is a list of channels", err);
        return err_hint(err, "write '- name: ops', and below it its keys, indented");
    }
    if (list->count > CHANNELS_MOST)
        return fail_at(&reader, list, "'notify' has more than 100 channels", err);
    channels = arena_alloc_array(arena, list->count, sizeof(*channels));
    for (size_t i = 0; i < list->count; i++) {
        reader = (Reader){.path = reader.path, .arena = arena, .channel = &channels[i]};
        TRY(read_channel(&reader, list->items[i], err));
        TRY(check_names(&reader, channels, i + 1, list->items[i], err));
    }
    *ret_channels = channels;
    *ret_count = list->count;
    return RC_OK;
}

Rc notify_find(const NotifyChannel *channels, size_t count, const char *name,
               const NotifyChannel **ret_channel, Err *err)
{
    Nearest nearest = {.word = name};

    for (size_t i = 0; i < count; i++) {
        if (str_same_fold(channels[i].name, name)) {
            *ret_channel = &channels[i];
            return RC_OK;
        }
        nearest_offer(&nearest, channels[i].name);
    }
    (void)FAIL(err, RC_USAGE, "no channel is called '%s'", name);
    if (count == 0)
        return err_hint(err, "the configuration has none: write them under 'notify:', as "
                             "docs/notify.md shows");
    if (nearest_answer(&nearest))
        return err_hint(err, "did you mean %s?", nearest_answer(&nearest));
    return err_hint(err, "'ssisminer notify' lists the channels there are");
}
