/* The rows of options.def, looked up by flag, key, variable and command. */
#include "internal.h"

#include <assert.h>
#include <string.h>

#define FLAG     OPT_TYPE_FLAG
#define TEXT     OPT_TYPE_TEXT
#define SECRET   OPT_TYPE_SECRET
#define COUNT    OPT_TYPE_COUNT
#define DURATION OPT_TYPE_DURATION
#define SPAN     OPT_TYPE_SPAN
#define SECONDS  OPT_TYPE_SECONDS
#define TIME     OPT_TYPE_TIME
#define CHOICE   OPT_TYPE_CHOICE
#define LIST     OPT_TYPE_LIST
#define GLOBS    OPT_TYPE_GLOBS
#define IDS      OPT_TYPE_IDS
#define PATH     OPT_TYPE_PATH

static const OptSpec specs[OPT_COUNT] = {
#define HAS_RANGE(type)                                                                            \
    ((type) == COUNT || (type) == DURATION || (type) == SPAN || (type) == SECONDS)
#define OPT(id, flag, letter, key, env, type, dflt, arg, values, group, takers, help)              \
    [OPT_##id] = {flag,                                                                            \
                  letter,                                                                          \
                  key,                                                                             \
                  env,                                                                             \
                  type,                                                                            \
                  dflt,                                                                            \
                  arg,                                                                             \
                  HAS_RANGE(type) ? NULL : (values),                                               \
                  HAS_RANGE(type) ? (values) : NULL,                                               \
                  group,                                                                           \
                  (unsigned)(takers),                                                              \
                  help},
#include "ssisminer/conf/options.def"
#undef OPT
};

/* clang-format off */
static const char *const titles[GROUP_COUNT] = {
    [GROUP_REPORT] = "Report",
    [GROUP_RUNNING] = "Running",
    [GROUP_MINE] = "Mine",
    [GROUP_DUPLICATES] = "Duplicates",
    [GROUP_CLEANUP] = "Cleanup",
    [GROUP_CAPACITY] = "Capacity",
    [GROUP_SLOW] = "Slow",
    [GROUP_DOCTOR] = "Doctor",
    [GROUP_SCAN] = "Scan",
    [GROUP_CAPTURE] = "Capture",
    [GROUP_HELP] = "Help",
    [GROUP_FILTER] = "Filters",
    [GROUP_OUTPUT] = "Output",
    [GROUP_CONNECTION] = "Connection",
    [GROUP_GENERAL] = "General",
};
/* clang-format on */

static const struct {
    OptId id;
    const char *flag, *key;
} renamed[] = {
#define RENAMED(id, flag, key) {OPT_##id, flag, key},
#include "ssisminer/conf/renamed.def"
#undef RENAMED
};

static const OptTable ours = {"ssisminer", specs, OPT_COUNT, titles, GROUP_COUNT};
static const OptTable *table = &ours;

void opt_use(const OptTable *other)
{
    assert(other->count <= OPT_COUNT);
    table = other;
}

const char *opt_program(void)
{
    return table->program;
}

OptId opt_count(void)
{
    return (OptId)table->count;
}

bool opt_has_settings(void)
{
    return table == &ours;
}

const OptSpec *opt_spec(OptId id)
{
    return &table->specs[id];
}

static void env_of_flag(const char *flag, char *ret_name)
{
    static const char prefix[] = "SSISMINER_";
    size_t at = sizeof(prefix) - 1;

    (void)memcpy(ret_name, prefix, sizeof(prefix));
    for (const char *c = flag; *c && at + 1 < OPT_ENV_MAX; c++)
        ret_name[at++] = *c == '-' ? '_' : (char)(*c - ('a' - 'A'));
    ret_name[at] = '\0';
}

void opt_env(OptId id, char *ret_name)
{
    const OptSpec *spec = opt_spec(id);

    if (spec->env)
        (void)memcpy(ret_name, spec->env, strlen(spec->env) + 1);
    else
        env_of_flag(spec->flag, ret_name);
}

void opt_env_before(OptId id, char *ret_name)
{
    *ret_name = '\0';
    for (size_t i = 0; i < ARRAY_LEN(renamed) && opt_has_settings(); i++)
        if (renamed[i].id == id)
            env_of_flag(renamed[i].flag, ret_name);
}

OptId opt_by_flag(Str flag)
{
    OptId id = 0;

    while (id < opt_count() && !str_equal(str_of(opt_spec(id)->flag), flag))
        id++;
    for (size_t i = 0; id == opt_count() && opt_has_settings() && i < ARRAY_LEN(renamed); i++)
        if (str_equal(str_of(renamed[i].flag), flag))
            return renamed[i].id;
    return id;
}

OptId opt_by_letter(char letter)
{
    OptId id = 0;

    while (id < opt_count() && opt_spec(id)->letter != letter)
        id++;
    return id;
}

OptId opt_by_key(const char *key)
{
    OptId id = 0;

    while (id < opt_count() && !(opt_spec(id)->key && strcmp(opt_spec(id)->key, key) == 0))
        id++;
    for (size_t i = 0; id == opt_count() && opt_has_settings() && i < ARRAY_LEN(renamed); i++)
        if (strcmp(renamed[i].key, key) == 0)
            return renamed[i].id;
    return id;
}

bool opt_takes_value(const OptSpec *spec)
{
    return spec->type != OPT_TYPE_FLAG;
}

bool opt_may_omit_value(const OptSpec *spec)
{
    return spec->arg[0] == '[';
}

int opt_choice(OptId id, const char *word)
{
    Str rest = str_of(opt_spec(id)->choices), piece;

    for (int number = 0; str_split(&rest, '|', &piece); number++)
        if (str_equal(piece, str_of(word)))
            return number;
    return -1;
}

bool opt_is_list(const OptSpec *spec)
{
    return spec->type == OPT_TYPE_LIST || spec->type == OPT_TYPE_GLOBS ||
           spec->type == OPT_TYPE_IDS;
}

bool opt_is_taken(const OptSpec *spec, const Command *command)
{
    return (spec->takers & command->takes) != 0;
}

const char *opt_group_title(OptGroup group)
{
    return (int)group < table->group_count ? table->titles[group] : NULL;
}
