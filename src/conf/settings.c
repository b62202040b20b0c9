/* The configuration file: its keys, and what it cannot have meant. */
#include "internal.h"

#include "ssisminer/base/file.h"
#include "ssisminer/conf/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1024 * 1024 };

typedef struct Reader {
    Conf *conf;
    const char *path;
    bool is_target;  // a server of several
    bool is_for_all; // what all of them have
    bool is_kept;    // else only seen to be right
} Reader;

static Rc read_mapping(const Reader *reader, const YamlNode *mapping, const char *prefix, Err *err);

static const char *place_of(const Reader *reader, const YamlNode *node, const char *key)
{
    return arena_printf(&reader->conf->arena, "%s:%d:%d: %s", reader->path, node->line,
                        node->column, key);
}

/* ---- one value ------------------------------------------------------------------------------- */

/* A key with its option, how strong it is, and where the value goes. */
typedef struct Target {
    OptId id;
    const char *key;        // as written: "cleanup.package"
    const Command *command; // whose own key it is; NULL for "filter.…" and all else
} Target;

static Rc fail_empty(const char *label, Err *err)
{
    (void)FAIL(err, RC_USAGE, "%s: the value is empty", label);
    return err_hint(err, "give it a value, or put a # before the key to leave the default; a text "
                         "that begins with !, &, *, # or @ needs quotes");
}

static Rc check_scalar(const Reader *reader, const Target *target, const YamlNode *node,
                       const char **ret_label, Err *err)
{
    *ret_label = place_of(reader, node, target->key);
    if (node->kind == YAML_NULL || (node->kind == YAML_SCALAR && node->text[0] == '\0'))
        return fail_empty(*ret_label, err);
    if (node->kind != YAML_SCALAR)
        return FAIL(err, RC_USAGE, "%s: wants a single value", *ret_label);
    if (node->has_remark && opt_spec(target->id)->type == OPT_TYPE_GLOBS) {
        (void)FAIL(err, RC_USAGE, "%s: the # after '%s' begins a remark", *ret_label, node->text);
        return err_hint(err, "put the name in quotes if the # is part of it, or the remark on a "
                             "line of its own");
    }
    return RC_OK;
}

static Strength target_strength(const Reader *reader)
{
    return reader->is_for_all ? FROM_DEFAULTS_OF_TARGETS : FROM_TARGET;
}

static Rc assign(const Reader *reader, const Target *target, const YamlNode *node,
                 ConfValue *ret_value, Err *err)
{
    Strength strength = reader->is_target ? target_strength(reader)
                        : target->command ? FROM_FILE_FOR_COMMAND
                                          : FROM_FILE;
    const char *label;

    TRY(check_scalar(reader, target, node, &label, err));
    return conf_read_value(reader->conf, target->id, node->text, strength, label,
                           arena_printf(&reader->conf->arena, "%s:%d", reader->path, node->line),
                           ret_value, err);
}

/* Keeps what is for another command, for `config` to show. */
static void keep_own(Conf *conf, const Target *target, const ConfValue *value)
{
    conf->own = arena_grow(&conf->arena, conf->own, conf->own_count, conf->own_count + 1,
                           &conf->own_capacity, sizeof(ConfOwn));
    conf->own[conf->own_count++] = (ConfOwn){.command = target->command,
                                             .id = target->id,
                                             .text = value->text,
                                             .items = value->items,
                                             .count = value->count,
                                             .origin = value->origin};
}

static Rc read_values(const Reader *reader, const Target *target, const YamlNode *node,
                      ConfValue *value, Err *err)
{
    if (node->kind != YAML_SEQUENCE || !opt_is_list(opt_spec(target->id)))
        return assign(reader, target, node, value, err);
    if (node->count == 0)
        return fail_empty(place_of(reader, node, target->key), err);
    for (size_t i = 0; i < node->count; i++)
        TRY(assign(reader, target, node->items[i], value, err));
    return RC_OK;
}

static Rc assign_all(const Reader *reader, const Target *target, const YamlNode *node, Err *err)
{
    Conf *conf = reader->conf;
    ConfValue value = {0};

    TRY(read_values(reader, target, node, &value, err));
    if (!reader->is_kept)
        return RC_OK;
    if (target->command && target->command != conf->command) {
        if (!reader->is_target)
            keep_own(conf, target, &value);
        return RC_OK;
    }
    if (value.strength >= conf->values[target->id].strength)
        conf->values[target->id] = value;
    return RC_OK;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static bool is_filter(const OptSpec *spec)
{
    return spec->group == GROUP_FILTER;
}

static const Command *command_named(const Conf *conf, Str name)
{
    for (size_t i = 0; i < conf->command_count; i++)
        if (str_equal(str_of(conf->commands[i]->name), name))
            return conf->commands[i];
    return NULL;
}

/* `config` takes what all take, and has none of its own. */
static bool has_filters(const Command *command)
{
    bool is_one = (command->takes & (command->takes - 1)) == 0;

    for (OptId id = 0; id < OPT_COUNT; id++)
        if (is_one && opt_spec(id)->key && is_filter(opt_spec(id)) &&
            opt_is_taken(opt_spec(id), command))
            return true;
    return false;
}

/* "cleanup.package" is the filter.package of cleanup. */
static bool find_own(const Conf *conf, const char *key, Target *ret_target)
{
    const char *dot = strchr(key, '.');
    char filter[64];

    if (!dot || snprintf(filter, sizeof(filter), "filter%s", dot) >= (int)sizeof(filter))
        return false;
    const Command *command = command_named(conf, (Str){key, (size_t)(dot - key)});
    OptId id = opt_by_key(filter);
    if (!command || !has_filters(command) || id == OPT_COUNT)
        return false;
    *ret_target = (Target){id, key, command};
    return true;
}

/* Some option's key begins with "section.", or it is a command that takes filters. */
static bool is_section(const Conf *conf, const char *key)
{
    size_t len = strlen(key);
    const Command *command = command_named(conf, str_of(key));

    if (command && has_filters(command))
        return true;

    for (OptId id = 0; id < OPT_COUNT; id++) {
        const char *known = opt_spec(id)->key;
        if (known && strncmp(known, key, len) == 0 && known[len] == '.')
            return true;
    }
    return false;
}

/* An option without a key in the file, such as a password. */
static OptId keyless(const char *name)
{
    OptId id = opt_by_flag(str_of(name));

    return id < OPT_COUNT && !opt_spec(id)->key ? id : OPT_COUNT;
}

static Rc fail_unknown(const Reader *reader, const YamlNode *key, const char *full, Err *err)
{
    Nearest nearest = {.word = full};
    char section[64];

    (void)FAIL(err, RC_USAGE, "%s:%d:%d: unknown key '%s'", reader->path, key->line, key->column,
               full);
    if (keyless(key->text) == OPT_PASSWORD)
        return err_hint(err, "a password does not belong in this file; use "
                             "connection.password_file or SQLCMDPASSWORD");
    if (keyless(key->text) < OPT_COUNT)
        return err_hint(err, "--%s can be given on the command line only", key->text);
    for (OptId id = 0; id < OPT_COUNT; id++) {
        const char *known = opt_spec(id)->key;
        if (!known)
            continue;
        nearest_offer(&nearest, known);
        if (strcmp(strrchr(known, '.') ? strrchr(known, '.') + 1 : known, key->text) == 0)
            return err_hint(err, "did you mean %s?", known); // the right key elsewhere
    }
    if (nearest_answer(&nearest))
        return err_hint(err, "did you mean %s?", nearest_answer(&nearest));
    for (OptId id = 0; id < OPT_COUNT; id++) {
        const char *known = opt_spec(id)->key;
        size_t len = known ? strcspn(known, ".") : 0;
        if (len == 0 || len >= sizeof(section) || known[len] == '\0')
            continue;
        (void)memcpy(section, known, len);
        section[len] = '\0';
        nearest.best = NULL;
        nearest_offer(&nearest, section);
        if (nearest_answer(&nearest))
            return err_hint(err, "did you mean %s?", section);
    }
    return err_hint(err, "'ssisminer help --config-yaml' prints every key");
}

/* The first command that would take it: where the filter can be put instead. */
static const Command *taker_of(const Conf *conf, OptId id)
{
    for (size_t i = 0; i < conf->command_count; i++)
        if (opt_is_taken(opt_spec(id), conf->commands[i]))
            return conf->commands[i];
    return NULL;
}

/* A filter that is silently not heeded would show, or delete, what its writer left out. */
static Rc check_heeded(const Reader *reader, const Target *target, const YamlNode *key, Err *err)
{
    const OptSpec *spec = opt_spec(target->id);
    const Command *by = target->command ? target->command : reader->conf->command;

    if (!is_filter(spec) || opt_is_taken(spec, by) || !reader->is_kept)
        return RC_OK; // a target that nobody asked for keeps nobody
    (void)FAIL(err, RC_USAGE, "%s: '%s' does not take %s", place_of(reader, key, target->key),
               by->name, spec->flag);
    const Command *taker = taker_of(reader->conf, target->id);
    return err_hint(err,
                    "put it under the key of the command that it is for, as in '%s: {%s: ...}'",
                    taker ? taker->name : "report", spec->key + strlen("filter."));
}

/* "cleanup.keep: 30d" beside "cleanup: {keep: 90d}" would be the same key twice. */
static Rc fail_dotted(const Reader *reader, const YamlNode *key, Err *err)
{
    int section = (int)strcspn(key->text, ".");

    (void)FAIL(err, RC_USAGE, "%s:%d:%d: a key has no dot: '%s'", reader->path, key->line,
               key->column, key->text);
    return err_hint(err, "write '%.*s:', and below it, indented, '%s:'", section, key->text,
                    key->text + section + 1);
}

static Rc read_option(const Reader *reader, const Target *target, const YamlPair *pair, Err *err)
{
    TRY(check_heeded(reader, target, pair->key, err));
    return assign_all(reader, target, pair->value, err);
}

/* What is about several servers, or about whom to tell, and no setting. */
static bool is_no_setting(const Reader *reader, const char *full)
{
    static const char *const keys[] = {"targets", "defaults", "notify"};

    for (size_t i = 0; i < ARRAY_LEN(keys) && !reader->is_target; i++)
        if (strcmp(full, keys[i]) == 0)
            return true;
    return reader->is_target && strcmp(full, "name") == 0;
}

static OptId option_of(const Reader *reader, const char *full)
{
    OptId id = opt_by_key(full);

    if (id < OPT_COUNT || !reader->is_target || strchr(full, '.'))
        return id;
    return opt_by_key(arena_printf(&reader->conf->arena, "connection.%s", full));
}

static Rc read_pair(const Reader *reader, const YamlPair *pair, const char *prefix, Err *err)
{
    const char *full =
        arena_printf(&reader->conf->arena, "%s%s%s", prefix, *prefix ? "." : "", pair->key->text);
    const YamlNode *value = pair->value;
    Target target = {.id = option_of(reader, full), .key = full};

    if (strchr(pair->key->text, '.'))
        return fail_dotted(reader, pair->key, err);
    if (is_no_setting(reader, full))
        return RC_OK; // targets_read, and who asks for conf_notify
    if (target.id < OPT_COUNT || find_own(reader->conf, full, &target))
        return read_option(reader, &target, pair, err);
    if (!is_section(reader->conf, full))
        return fail_unknown(reader, pair->key, full, err);
    if (value->kind == YAML_NULL)
        return RC_OK; // a section whose keys are all switched off
    if (value->kind != YAML_MAPPING)
        return FAIL(err, RC_USAGE, "%s:%d:%d: '%s' is a section; its keys stand below it, indented",
                    reader->path, value->line, value->column, full);
    return read_mapping(reader, value, full, err);
}

static Rc read_mapping(const Reader *reader, const YamlNode *mapping, const char *prefix, Err *err)
{
    for (size_t i = 0; i < mapping->count; i++)
        TRY(read_pair(reader, &mapping->pairs[i], prefix, err));
    return RC_OK;
}

static const char *folder_of_user(Arena *arena)
{
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");

    if (base && *base)
        return arena_printf(arena, "%s/ssisminer", base);
    return home && *home ? arena_printf(arena, "%s/.config/ssisminer", home) : NULL;
}

/* Where the file is looked for when nobody named it; NULL when it is nowhere. */
static Rc find_usual(Arena *arena, const char **ret_path, Err *err)
{
    const char *const folders[] = {folder_of_user(arena), "/etc/ssisminer"};

    *ret_path = NULL;
    for (size_t i = 0; i < ARRAY_LEN(folders) && !*ret_path; i++) {
        if (!folders[i])
            continue;
        const char *path = arena_printf(arena, "%s/ssisminer.yaml", folders[i]);
        const char *other = arena_printf(arena, "%s/ssisminer.yml", folders[i]);
        if (file_exists(path))
            *ret_path = path;
        else if (file_exists(other))
            return FAIL(err, RC_USAGE, "'%s' is not read: its name must end in .yaml", other);
    }
    return RC_OK;
}

Rc settings_read(Conf *conf, const char *asked_path, Err *err)
{
    Arena *arena = &conf->arena;
    Reader reader = {.conf = conf, .path = asked_path, .is_kept = true};
    YamlNode *root;
    Str text;

    conf->was_read[OPT_CONFIG] = true;
    if (!asked_path)
        TRY(find_usual(arena, &reader.path, err));
    if (!reader.path)
        return RC_OK;
    if (!asked_path) { // for `ssisminer config`
        conf->values[OPT_CONFIG].text = reader.path;
        conf->values[OPT_CONFIG].origin = "usual place";
    }
    if (file_read(reader.path, MOST_BYTES, arena, &text, err) != RC_OK)
        return err_note(err, "configuration file");
    TRY(yaml_parse(reader.path, text, arena, &root, err));
    if (root->kind == YAML_NULL)
        return RC_OK; // "---" alone
    if (root->kind != YAML_MAPPING)
        return FAIL(err, RC_USAGE, "%s:%d:%d: wants keys, as in 'connection:'", reader.path,
                    root->line, root->column);
    TRY(read_mapping(&reader, root, "", err));
    conf->notify = yaml_get(root, "notify");
    return targets_read(conf, reader.path, root, err);
}

Rc settings_read_target(Conf *conf, const YamlNode *mapping, bool is_kept, Err *err)
{
    Reader reader = {.conf = conf,
                     .path = conf->path,
                     .is_target = true,
                     .is_for_all = mapping == conf->target_defaults,
                     .is_kept = is_kept};

    return read_mapping(&reader, mapping, "", err);
}
