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
    for (OptId id = 0; id < OPT_COUNT; id++) {
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
    return conf->command && (conf->command->groups & ~GROUPS_WITHOUT_SETTINGS) &&
           !last_of(line, OPT_HELP) && !last_of(line, OPT_VERSION);
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

Rc conf_load(int argc, char **argv, const Command *const *commands, size_t command_count,
             Conf **ret_conf, Err *err)
{
    AUTO(conf_free_at) Conf *conf = mem_alloc(sizeof(*conf));
    CommandLine line = {0};

    conf->now = time_now();
    TRY(assign_defaults(conf, err));
    TRY(argv_read(conf, argc, argv, commands, command_count, &line, err));
    if (wants_settings(conf, &line))
        TRY(read_settings(conf, &line, err));
    TRY(assign_command_line(conf, &line, err));
    *ret_conf = conf;
    conf = NULL;
    return RC_OK;
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

// ---- values; asking for the wrong type is a bug ------------------------------------------------

static const ConfValue *value_of(const Conf *conf, OptId id, OptType type)
{
    assert(opt_spec(id)->type == type);
    (void)type;
    return &conf->values[id];
}

bool conf_is_set(const Conf *conf, OptId id)
{
    return conf->values[id].strength > FROM_DEFAULT;
}

const char *conf_text(const Conf *conf, OptId id)
{
    return conf->values[id].text;
}

bool conf_flag(const Conf *conf, OptId id)
{
    return value_of(conf, id, OPT_TYPE_FLAG)->flag;
}

int64_t conf_count(const Conf *conf, OptId id)
{
    return value_of(conf, id, OPT_TYPE_COUNT)->number;
}

int64_t conf_ticks(const Conf *conf, OptId id)
{
    assert(opt_spec(id)->type == OPT_TYPE_DURATION || opt_spec(id)->type == OPT_TYPE_SECONDS);
    return conf->values[id].number;
}

Instant conf_time(const Conf *conf, OptId id)
{
    return value_of(conf, id, OPT_TYPE_TIME)->time;
}

const char *const *conf_list(const Conf *conf, OptId id, size_t *ret_count)
{
    const ConfValue *value = value_of(conf, id, OPT_TYPE_LIST);

    *ret_count = value->count;
    return value->items;
}

const char *conf_origin(const Conf *conf, OptId id)
{
    return conf->values[id].origin;
}
