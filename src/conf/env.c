/* The variables SSISMINER_… and sqlcmd's own, and those that mean nothing. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

extern char **environ;

static const char prefix[] = "SSISMINER_";
/* What is no option and yet read: a frozen clock, the sandbox's password, a token, what tests are
 * told. */
static const char *const other_names[] = {"SSISMINER_NOW", "SSISMINER_SANDBOX_PASSWORD",
                                          "SSISMINER_TOKEN"};
static const char test_prefix[] = "SSISMINER_TEST_";
/* Meant for many programs, whose libraries all take an empty one for none. */
static const char azure_prefix[] = "AZURE_";

/* ---- names that mean nothing ----------------------------------------------------------------- */

static OptId opt_by_env(const char *name)
{
    char known[OPT_ENV_MAX];

    for (OptId id = 0; id < OPT_COUNT; id++) {
        opt_env(id, known);
        if (*known && strcmp(known, name) == 0)
            return id;
        opt_env_before(id, known);
        if (*known && strcmp(known, name) == 0)
            return id;
    }
    return OPT_COUNT;
}

static bool is_known(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(other_names); i++)
        if (strcmp(name, other_names[i]) == 0)
            return true;
    return opt_by_env(name) < OPT_COUNT || str_starts(name, test_prefix);
}

/* "SSISMINER_SERVER" is what sqlcmd calls SQLCMDSERVER; "SSISMINER_EXECUTE" stays a flag. */
static const char *elsewhere(const char *upper, Arena *arena)
{
    char *flag = arena_text(arena, upper + strlen(prefix)), variable[OPT_ENV_MAX];

    for (char *c = flag; *c; c++)
        *c = *c == '_' ? '-' : *c >= 'A' && *c <= 'Z' ? (char)(*c + ('a' - 'A')) : *c;
    OptId id = opt_by_flag(str_of(flag));
    if (id == OPT_COUNT)
        return NULL;
    opt_env(id, variable);
    if (*variable)
        return arena_printf(arena, "did you mean %s?", variable);
    return arena_printf(arena, "--%s can be given on the command line only", flag);
}

/* What may have been meant by a name with our prefix: NULL when nothing is near. */
static const char *advice(const char *upper, Arena *arena)
{
    Nearest nearest = {.word = upper};
    char known[OPT_ENV_MAX];

    if (elsewhere(upper, arena))
        return elsewhere(upper, arena);
    for (OptId id = 0; id < OPT_COUNT; id++) {
        opt_env(id, known);
        if (str_starts(known, prefix))
            nearest_offer(&nearest, arena_text(arena, known));
    }
    const char *best = nearest_answer(&nearest);
    return best ? arena_printf(arena, "did you mean %s?", best) : NULL;
}

enum { SLIPS_MOST = 2 };

/* Whether it can be that near to our prefix: then one of three parts of it is whole. */
static bool is_near_prefix(const char *upper)
{
    static const char *const parts[SLIPS_MOST + 1] = {"SSIS", "MIN", "ER_"};

    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (strstr(upper, parts[i]))
            return true;
    return false;
}

/* The slip may be in the prefix: SISSMINER_KEEP, SSISMINERKEEP. */
static const char *advice_without_prefix(const char *upper, Arena *arena)
{
    char known[OPT_ENV_MAX];
    size_t len = strlen(upper);

    for (OptId id = 0; is_near_prefix(upper) && id < OPT_COUNT; id++) {
        opt_env(id, known);
        size_t known_len = strlen(known); // each slip changes it by one at most
        if (known_len > len + SLIPS_MOST || len > known_len + SLIPS_MOST)
            continue;
        if (str_starts(known, prefix) && str_distance(upper, known) <= SLIPS_MOST)
            return arena_printf(arena, "did you mean %s?", known);
    }
    return NULL;
}

static bool is_slip(const char *name, Arena *arena, const char **ret_advice)
{
    char *upper = arena_text(arena, name);

    if (is_known(name))
        return false;
    for (char *c = upper; *c; c++)
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - ('a' - 'A')) : *c;
    bool has_prefix = str_starts(upper, prefix);
    *ret_advice = has_prefix ? advice(upper, arena) : advice_without_prefix(upper, arena);
    return has_prefix || *ret_advice;
}

static void warn(Conf *conf, const char *name, const char *hint)
{
    conf_warn(conf, arena_printf(&conf->arena, "the variable %s means nothing here%s%s", name,
                                 hint ? "; " : "", hint ? hint : ""));
}

static Rc check_names(Conf *conf, Err *err)
{
    for (char **at = environ; *at; at++) {
        const char *name = arena_copy(&conf->arena, *at, strcspn(*at, "="));
        const char *hint = NULL;
        if (!is_slip(name, &conf->arena, &hint))
            continue;
        if (!conf->command->cannot_be_undone) {
            warn(conf, name, hint);
            continue;
        }
        (void)FAIL(err, RC_USAGE,
                   "the variable %s means nothing here, and '%s' is not run on a guess", name,
                   conf->command->name);
        return err_hint(err, "%s", hint ? hint : "'ssisminer help --man' names the variables");
    }
    return RC_OK;
}

/* ---- values ---------------------------------------------------------------------------------- */

static Rc refuse_filter(const Conf *conf, OptId id, const char *name, Err *err)
{
    (void)FAIL(err, RC_USAGE, "%s: '%s' does not take --%s, so that it would not be heeded", name,
               conf->command->name, opt_spec(id)->flag);
    return err_hint(err, "unset it for this command");
}

/* A store of secrets that was filled by echo gives a line's end with them, which no value has. */
static const char *without_line_end(const char *value, Arena *arena)
{
    size_t len = strlen(value);

    while (len > 0 && (value[len - 1] == '\n' || value[len - 1] == '\r'))
        len--;
    return arena_copy(arena, value, len);
}

static Rc read_variable(Conf *conf, OptId id, const char *name, const char *given, Err *err)
{
    const OptSpec *spec = opt_spec(id);
    const char *value = without_line_end(given, &conf->arena);

    if (!opt_is_taken(spec, conf->command))
        return spec->group == GROUP_FILTER && *value ? refuse_filter(conf, id, name, err) : RC_OK;
    if (*value == '\0' && str_starts(name, azure_prefix))
        return RC_OK;
    if (*value == '\0') {
        (void)FAIL(err, RC_USAGE, "%s is set but empty", name);
        return err_hint(err, "unset it or give it a value");
    }
    return conf_assign(conf, id, value, FROM_ENVIRONMENT, name,
                       arena_printf(&conf->arena, "environment %s", name), err);
}

/* A frozen clock that is none would silently be the real one. */
static Rc check_now(Err *err)
{
    const char *frozen = getenv("SSISMINER_NOW");
    Instant at;

    if (frozen && time_parse(frozen, (Instant){.is_set = true}, &at, err) != RC_OK)
        return err_note(err, "SSISMINER_NOW");
    return RC_OK;
}

Rc env_read(Conf *conf, Err *err)
{
    char name[OPT_ENV_MAX];

    TRY(check_names(conf, err));
    TRY(check_now(err));
    for (OptId id = 0; id < OPT_COUNT; id++) {
        opt_env(id, name);
        const char *value = *name ? getenv(name) : NULL;
        if (!value) {
            opt_env_before(id, name);
            value = *name ? getenv(name) : NULL;
        }
        if (value)
            TRY(read_variable(conf, id, name, value, err));
    }
    return RC_OK;
}
