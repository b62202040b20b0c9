/* What the user asked for, joined from all four places by strength. */
#include "internal.h"

#include "ssisminer/base/mem.h"

#include <assert.h>
#include <stdlib.h>

static void conf_free_at(Conf **conf)
{
    conf_free(*conf);
}

static Rc assign_defaults(Conf *conf, Err *err)
{
    for (OptId id = 0; id < opt_count(); id++) {
        const OptSpec *spec = opt_spec(id);
        conf->values[id].origin = "default";
        if (spec->dflt)
            TRY(conf_assign(conf, id, spec->dflt, FROM_DEFAULT, spec->flag, "default", err));
    }
    return RC_OK;
}

static Rc assign_command_line(Conf *conf, const CommandLine *line, Err *err)
{
    for (size_t i = 0; i < line->count; i++) {
        const Assignment *given = &line->items[i];
        const char *value = given->value ? given->value : given->is_negated ? "no" : "yes";
        TRY(conf_assign(conf, given->id, value, FROM_COMMAND_LINE, given->spelled, "command line",
                        err));
    }
    return RC_OK;
}

static const char *last_of(const CommandLine *line, OptId id)
{
    const char *value = NULL;

    for (size_t i = 0; i < line->count; i++)
        if (line->items[i].id == id)
            value = line->items[i].value ? line->items[i].value : "yes";
    return value;
}

/* Help must work whatever the files and the environment say. */
static bool wants_settings(const Conf *conf, const CommandLine *line)
{
    return opt_has_settings() && conf->command &&
           opt_is_taken(opt_spec(OPT_CONFIG), conf->command) && !last_of(line, OPT_HELP) &&
           !last_of(line, OPT_USAGE) && !last_of(line, OPT_VERSION);
}

static Rc read_settings(Conf *conf, const CommandLine *line, Err *err)
{
    char name[OPT_ENV_MAX];
    const char *path = last_of(line, OPT_CONFIG);

    opt_env(OPT_CONFIG, name);
    if (!path && getenv(name) && *getenv(name))
        path = getenv(name);
    TRY(settings_read(conf, path, err));
    return env_read(conf, err);
}

void conf_warn(Conf *conf, const char *text)
{
    conf->warnings = arena_grow(&conf->arena, conf->warnings, conf->warning_count,
                                conf->warning_count + 1, &conf->warning_capacity, sizeof(char *));
    conf->warnings[conf->warning_count++] = text;
}

/* ---- times, once their zone is known --------------------------------------------------------- */

/* What happens to clocks is told; a window is rather an hour too long than one too short. */
static void warn_of_clocks(Conf *conf, OptId id, const When *when)
{
    const ConfValue *value = &conf->values[id];
    Instant at = id == OPT_UNTIL ? when->last : when->first;
    char text[TIME_TEXT_MAX];

    time_local(at, text);
    if (when->fit == WHEN_TWICE)
        conf_warn(conf,
                  arena_printf(&conf->arena,
                               "--%s '%s' comes twice in %s, where clocks go back: taken as %s",
                               opt_spec(id)->flag, value->text, zone_name(), text));
    if (when->fit == WHEN_MISSING)
        conf_warn(conf, arena_printf(&conf->arena,
                                     "--%s '%s' is left out in %s, where clocks go forward: taken "
                                     "as %s",
                                     opt_spec(id)->flag, value->text, zone_name(), text));
}

/* In the small hours "--since 'yesterday 18:00' --until 06:00" means the 06:00 to come. */
static Rc resolve_time(Conf *conf, OptId id, Err *err)
{
    ConfValue *value = &conf->values[id];
    const ConfValue *since = &conf->values[OPT_SINCE];
    int64_t clock;

    TRY(when_parse(value->text, conf->now, &value->when, err));
    if (id != OPT_UNTIL || !since->text || value->when.last.ticks >= since->when.first.ticks ||
        !time_read_clock(str_of(value->text), &clock))
        return RC_OK;
    return when_parse(value->text, time_add(since->when.first, 24 * 3600 * TICKS_PER_SECOND),
                      &value->when, err);
}

static Rc resolve_times(Conf *conf, Err *err)
{
    const ConfValue *zone = &conf->values[OPT_TIME_ZONE];

    if (!opt_has_settings())
        return RC_OK; // another program's table, whose times are UTC
    conf->was_read[OPT_TIME_ZONE] =
        conf->command && opt_is_taken(opt_spec(OPT_TIME_ZONE), conf->command);
    if (zone_use(zone->text, err) != RC_OK)
        return err_note(err, "--%s", opt_spec(OPT_TIME_ZONE)->flag);
    for (OptId id = 0; id < OPT_COUNT; id++) {
        ConfValue *value = &conf->values[id];
        if (opt_spec(id)->type != OPT_TYPE_TIME || !value->text)
            continue;
        if (resolve_time(conf, id, err) != RC_OK)
            return err_note(err, "--%s", opt_spec(id)->flag);
        warn_of_clocks(conf, id, &value->when);
    }
    return RC_OK;
}

Rc conf_load(int argc, char **argv, const Command *const *commands, size_t command_count,
             Conf **ret_conf, Err *err)
{
    AUTO(conf_free_at) Conf *conf = mem_alloc(sizeof(*conf));
    CommandLine line = {0};

    conf->now = time_now();
    conf->commands = commands;
    conf->command_count = command_count;
    conf->was_read = arena_alloc_array(&conf->arena, OPT_COUNT, sizeof(bool));
    TRY(assign_defaults(conf, err));
    TRY(argv_read(conf, argc, argv, commands, command_count, &line, err));
    if (wants_settings(conf, &line))
        TRY(read_settings(conf, &line, err));
    TRY(assign_command_line(conf, &line, err));
    TRY(resolve_times(conf, err));
    *ret_conf = conf;
    conf = NULL;
    return RC_OK;
}

Rc conf_set_now(Conf *conf, Instant now, Err *err)
{
    conf->now = now;
    conf->warning_count = 0;
    return resolve_times(conf, err);
}

void conf_free(Conf *conf)
{
    if (!conf)
        return;
    arena_done(&conf->arena);
    free(conf);
}

const Command *conf_command(const Conf *conf)
{
    return conf->command;
}

const char *const *conf_args(const Conf *conf, size_t *ret_count)
{
    *ret_count = conf->arg_count;
    return conf->args;
}

const char *const *conf_warnings(const Conf *conf, size_t *ret_count)
{
    *ret_count = conf->warning_count;
    return conf->warnings;
}

const ConfOwn *conf_own(const Conf *conf, size_t *ret_count)
{
    *ret_count = conf->own_count;
    return conf->own;
}

const YamlNode *conf_notify(const Conf *conf, const char **ret_path)
{
    *ret_path = conf->path;
    return conf->notify;
}

/* ---- values; asking for the wrong type is a bug ---------------------------------------------- */

static const ConfValue *read_value(const Conf *conf, OptId id, OptType type)
{
    assert(opt_spec(id)->type == type);
    (void)type;
    conf->was_read[id] = true;
    return &conf->values[id];
}

bool conf_is_set(const Conf *conf, OptId id)
{
    return conf->values[id].strength > FROM_DEFAULT;
}

const char *conf_text(const Conf *conf, OptId id)
{
    return read_value(conf, id, opt_spec(id)->type)->text;
}

bool conf_flag(const Conf *conf, OptId id)
{
    return read_value(conf, id, OPT_TYPE_FLAG)->flag;
}

int64_t conf_count(const Conf *conf, OptId id)
{
    return read_value(conf, id, OPT_TYPE_COUNT)->number;
}

int64_t conf_ticks(const Conf *conf, OptId id)
{
    OptType type = opt_spec(id)->type;

    assert(type == OPT_TYPE_DURATION || type == OPT_TYPE_SPAN || type == OPT_TYPE_SECONDS);
    return read_value(conf, id, type)->number;
}

Instant conf_time(const Conf *conf, OptId id)
{
    const When *when = &read_value(conf, id, OPT_TYPE_TIME)->when;

    return id == OPT_UNTIL ? when->last : when->first;
}

const char *const *conf_list(const Conf *conf, OptId id, size_t *ret_count)
{
    const ConfValue *value = read_value(conf, id, opt_spec(id)->type);

    assert(opt_is_list(opt_spec(id)));
    *ret_count = value->count;
    return value->items;
}

const int64_t *conf_ids(const Conf *conf, OptId id, size_t *ret_count)
{
    const ConfValue *value = read_value(conf, id, OPT_TYPE_IDS);

    *ret_count = value->count;
    return value->ids;
}

int conf_choice(const Conf *conf, OptId id)
{
    const ConfValue *value = read_value(conf, id, OPT_TYPE_CHOICE);

    return value->text ? (int)value->number : -1;
}

bool conf_has_choice(const Conf *conf, OptId id, int choice)
{
    assert(opt_spec(id)->choices);
    return read_value(conf, id, OPT_TYPE_LIST)->choices >> choice & 1;
}

bool conf_was_read(const Conf *conf, OptId id)
{
    return conf->was_read[id];
}

bool conf_is_given(const Conf *conf, OptId id)
{
    return conf->values[id].strength == FROM_COMMAND_LINE;
}

bool conf_is_stronger(const Conf *conf, OptId id, OptId other)
{
    return conf->values[id].strength > conf->values[other].strength;
}

int conf_beside_environment(const Conf *conf, OptId id)
{
    Strength strength = conf->values[id].strength;

    return (strength > FROM_ENVIRONMENT) - (strength < FROM_ENVIRONMENT);
}

Rc conf_refuse_unread(const Conf *conf, const char *mode, Err *err)
{
    for (OptId id = 0; id < opt_count(); id++)
        if (conf_is_given(conf, id) && !conf->was_read[id] && opt_spec(id)->group != GROUP_GENERAL)
            return FAIL(err, RC_USAGE, "--%s means nothing to '%s'", opt_spec(id)->flag, mode);
    return RC_OK;
}

const char *conf_origin(const Conf *conf, OptId id)
{
    return conf->values[id].origin;
}
