#include "internal.h"

#include "ssisminer/base/file.h"
#include "ssisminer/conf/yaml.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1024 * 1024 };

typedef struct Reader {
    Conf *conf;
    const char *path;
} Reader;

static Rc read_mapping(const Reader *reader, const YamlNode *mapping, const char *prefix, Err *err);

static bool is_null(const YamlNode *node)
{
    return node->kind == YAML_SCALAR && node->text[0] == '\0' && !node->is_quoted;
}

static Rc assign(const Reader *reader, OptId id, const YamlNode *node, Err *err)
{
    Arena *arena = &reader->conf->arena;
    const char *label = arena_printf(arena, "%s:%d:%d: %s", reader->path, node->line, node->column,
                                     opt_spec(id)->key);
    const char *origin = arena_printf(arena, "%s:%d", reader->path, node->line);

    if (node->kind != YAML_SCALAR)
        return FAIL(err, RC_USAGE, "%s: wants a single value", label);
    return conf_assign(reader->conf, id, node->text, FROM_FILE, label, origin, err);
}

static Rc assign_all(const Reader *reader, OptId id, const YamlNode *node, Err *err)
{
    if (node->kind != YAML_SEQUENCE || opt_spec(id)->type != OPT_TYPE_LIST)
        return assign(reader, id, node, err);
    for (size_t i = 0; i < node->count; i++)
        TRY(assign(reader, id, node->items[i], err));
    return RC_OK;
}

/* Some option's key begins with "section." */
static bool is_section(const char *key)
{
    size_t len = strlen(key);

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

static Rc read_pair(const Reader *reader, const YamlPair *pair, const char *prefix, Err *err)
{
    const char *full =
        arena_printf(&reader->conf->arena, "%s%s%s", prefix, *prefix ? "." : "", pair->key->text);
    const YamlNode *value = pair->value;
    OptId id = opt_by_key(full);

    if (id == OPT_COUNT && !is_section(full))
        return fail_unknown(reader, pair->key, full, err);
    if (is_null(value))
        return RC_OK; // "key:" alone leaves the default
    if (id < OPT_COUNT)
        return assign_all(reader, id, value, err);
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

/* Where the file is looked for when nobody named it; NULL when it is nowhere. */
static const char *usual_path(Arena *arena)
{
    const char *base = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    const char *path = NULL;

    if (base && *base)
        path = arena_printf(arena, "%s/ssisminer/ssisminer.yaml", base);
    else if (home && *home)
        path = arena_printf(arena, "%s/.config/ssisminer/ssisminer.yaml", home);
    if (path && file_exists(path))
        return path;
    path = "/etc/ssisminer/ssisminer.yaml";
    return file_exists(path) ? path : NULL;
}

Rc settings_read(Conf *conf, const char *asked_path, Err *err)
{
    Arena *arena = &conf->arena;
    Reader reader = {.conf = conf, .path = asked_path ? asked_path : usual_path(arena)};
    YamlNode *root;
    Str text;

    if (!reader.path)
        return RC_OK;
    if (!asked_path) { // for `ssisminer config`
        conf->values[OPT_CONFIG].text = reader.path;
        conf->values[OPT_CONFIG].origin = "usual place";
    }
    if (file_read(reader.path, MOST_BYTES, arena, &text, err) != RC_OK)
        return err_note(err, "configuration file");
    TRY(yaml_parse(reader.path, text, arena, &root, err));
    if (root->kind != YAML_MAPPING)
        return is_null(root) ? RC_OK
                             : FAIL(err, RC_USAGE, "%s:%d:%d: wants keys, as in 'connection:'",
                                    reader.path, root->line, root->column);
    return read_mapping(&reader, root, "", err);
}
