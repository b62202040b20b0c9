/* `targets:` of the configuration: named servers, groups, and the settings of each. */
#include "internal.h"

#include <string.h>

/* Several servers: which there are, and whose settings are in force. */

enum { TARGETS_MOST = 1000 };

static Rc fail_at(const Conf *conf, const YamlNode *node, const char *why, Err *err)
{
    return FAIL(err, RC_USAGE, "%s:%d:%d: %s", conf->path, node->line, node->column, why);
}

static const YamlNode *value_of(const YamlNode *mapping, const char *key)
{
    for (size_t i = 0; mapping && i < mapping->count; i++)
        if (strcmp(mapping->pairs[i].key->text, key) == 0)
            return mapping->pairs[i].value;
    return NULL;
}

static bool has_server(const YamlNode *mapping)
{
    const YamlNode *section = value_of(mapping, "connection");

    return value_of(mapping, "server") || value_of(mapping, "dsn") ||
           (section && section->kind == YAML_MAPPING &&
            (value_of(section, "server") || value_of(section, "dsn")));
}

/* One word: it stands in file names, labels and patterns. */
static bool is_name(const char *text)
{
    return *text != '\0' && strcmp(text, "all") != 0 &&
           text[strspn(
               text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")] == '\0';
}

static Rc read_name(const Conf *conf, const YamlNode *item, const char **ret_name, Err *err)
{
    const YamlNode *name = value_of(item, "name");

    if (!name || name->kind != YAML_SCALAR || !is_name(name->text)) {
        (void)fail_at(conf, name ? name : item, "a target has a name: one word, not 'all'", err);
        return err_hint(err, "as in '- {name: prod, server: prod.database.windows.net}'; letters, "
                             "digits, dot, dash and underscore");
    }
    for (size_t i = 0; i < conf->target_count; i++)
        if (str_same_fold(conf->targets[i].name, name->text))
            return FAIL(err, RC_USAGE, "%s:%d:%d: two targets have the name '%s'", conf->path,
                        name->line, name->column, name->text);
    *ret_name = name->text;
    return RC_OK;
}

static Rc read_target(Conf *conf, const YamlNode *item, Err *err)
{
    const char *name = NULL;

    if (item->kind != YAML_MAPPING)
        return fail_at(conf, item, "a target has keys, as in '- {name: prod, server: ...}'", err);
    TRY(read_name(conf, item, &name, err));
    TRY(settings_read_target(conf, item, false, err));
    if (!has_server(item) && !has_server(conf->target_defaults))
        return FAIL(err, RC_USAGE, "%s:%d:%d: target '%s' names no server", conf->path, item->line,
                    item->column, name);
    conf->targets[conf->target_count++] = (ConfTarget){name, item};
    return RC_OK;
}

static Rc read_list(Conf *conf, const YamlNode *list, Err *err)
{
    if (list->kind != YAML_SEQUENCE || list->count == 0) {
        (void)fail_at(conf, list, "'targets' is a list of servers", err);
        return err_hint(err, "write '- name: prod', and below it its keys, indented");
    }
    if (list->count > TARGETS_MOST)
        return fail_at(conf, list, "there are more than 1000 targets", err);
    conf->targets = arena_alloc_array(&conf->arena, list->count, sizeof(*conf->targets));
    for (size_t i = 0; i < list->count; i++)
        TRY(read_target(conf, list->items[i], err));
    return RC_OK;
}

Rc targets_read(Conf *conf, const char *path, const YamlNode *root, Err *err)
{
    const YamlNode *list = value_of(root, "targets"), *defaults = value_of(root, "defaults");

    conf->path = path;
    if (defaults && defaults->kind != YAML_MAPPING && defaults->kind != YAML_NULL)
        return fail_at(conf, defaults, "'defaults' has keys, for all targets", err);
    if (defaults && defaults->kind == YAML_MAPPING && value_of(defaults, "name"))
        return fail_at(conf, value_of(defaults, "name"),
                       "'defaults' has no name: each target has its own", err);
    if (defaults && defaults->kind == YAML_MAPPING) {
        conf->target_defaults = defaults;
        TRY(settings_read_target(conf, defaults, false, err));
    }
    return list ? read_list(conf, list, err) : RC_OK;
}

/* ---- picking --------------------------------------------------------------------------------- */

size_t conf_target_count(const Conf *conf)
{
    return conf->target_count;
}

const char *conf_target_name(const Conf *conf, size_t target)
{
    return conf->targets[target].name;
}

static const char *pattern_of(const char *word)
{
    return str_same_fold(word, "all") ? "*" : word;
}

static Rc fail_unknown(const Conf *conf, const char *word, Err *err)
{
    Nearest nearest = {.word = word};

    for (size_t i = 0; i < conf->target_count; i++)
        nearest_offer(&nearest, conf->targets[i].name);
    (void)FAIL(err, RC_USAGE, "no target is called '%s'", word);
    if (nearest_answer(&nearest))
        return err_hint(err, "did you mean %s?", nearest_answer(&nearest));
    return err_hint(err, "'targets' in %s has %zu, the first of them '%s'", conf->path,
                    conf->target_count, conf->targets[0].name);
}

/* A pattern that none has, be it to take or to leave out, is a slip. */
static Rc check_patterns(const Conf *conf, const char *const *words, size_t count, Err *err)
{
    for (size_t i = 0; i < count; i++) {
        const char *pattern = pattern_of(words[i]) + (words[i][0] == '!');
        bool is_met = false;
        for (size_t k = 0; k < conf->target_count && !is_met; k++)
            is_met = str_glob(pattern, conf->targets[k].name);
        if (!is_met)
            return fail_unknown(conf, words[i] + (words[i][0] == '!'), err);
    }
    return RC_OK;
}

static bool is_picked(const char *name, const char *const *words, size_t count)
{
    bool is_wanted = false, has_wish = false;

    for (size_t i = 0; i < count; i++) {
        const char *pattern = pattern_of(words[i]);
        if (pattern[0] == '!') {
            if (str_glob(pattern + 1, name))
                return false;
            continue;
        }
        has_wish = true;
        is_wanted = is_wanted || str_glob(pattern, name);
    }
    return is_wanted || !has_wish;
}

Rc conf_pick_targets(const Conf *conf, Arena *arena, const size_t **ret_picked, size_t *ret_count,
                     Err *err)
{
    size_t word_count, count = 0;
    const char *const *words = conf_list(conf, OPT_TARGET, &word_count);
    size_t *picked = arena_alloc_array(arena, conf->target_count + 1, sizeof(*picked));

    if (conf->target_count == 0) {
        (void)FAIL(err, RC_USAGE, "--target: the configuration has no targets");
        return err_hint(err, "write them into %s, as in 'targets: [{name: prod, server: ...}]'",
                        conf->path ? conf->path : "~/.config/ssisminer/ssisminer.yaml");
    }
    TRY(check_patterns(conf, words, word_count, err));
    for (size_t i = 0; i < conf->target_count; i++)
        if (is_picked(conf->targets[i].name, words, word_count))
            picked[count++] = i;
    if (count == 0)
        return FAIL(err, RC_USAGE, "--target leaves out every target");
    *ret_picked = picked;
    *ret_count = count;
    return RC_OK;
}

Rc conf_use_target(Conf *conf, size_t target, Err *err)
{
    if (conf->target_defaults)
        TRY(settings_read_target(conf, conf->target_defaults, true, err));
    return settings_read_target(conf, conf->targets[target].settings, true, err);
}
