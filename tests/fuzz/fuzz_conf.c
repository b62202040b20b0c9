/*
 * Any command line and environment: refused with a message that holds no secret, or settings of
 * which each has an origin, numbers within the range of their row, choices among its words; and
 * the same settings the second time.
 *
 * Input: words of the command line and VARIABLE=value, each to a NUL. Words that name a file of
 * settings are left out, since files are another target's.
 */
#include "fuzz.h"

#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"

enum { WORDS_MOST = 24, VARIABLES_MOST = 8 };

static const char secret[] = "s3cret-of-mine";

typedef struct Given {
    char *words[WORDS_MOST + 2];
    int count;
    char *variables[VARIABLES_MOST]; // "NAME=value"
    size_t variable_count;
    bool has_secret; // behind -P or --password
    bool has_open;   // the same where anybody would write a name
} Given;

static bool is_variable(const char *word)
{
    return (str_starts(word, "SSISMINER_") || str_starts(word, "SQLCMD")) && strchr(word, '=') &&
           !str_starts(word, "SSISMINER_CONFIG") && !str_starts(word, "SSISMINER_NOW");
}

static void take_words(Input *input, Arena *arena, Given *given)
{
    given->words[given->count++] = arena_text(arena, "ssisminer");
    while (input->left > 0 && given->count < WORDS_MOST) {
        char *word = take_text(input, arena);
        const char *before = given->words[given->count - 1];
        if (str_starts(word, "--conf"))
            continue;
        if (is_variable(word) && given->variable_count < VARIABLES_MOST) {
            given->has_open = given->has_open || strstr(word, secret);
            given->variables[given->variable_count++] = word;
            continue;
        }
        bool is_behind = str_same(before, "-P") || str_same(before, "--password");
        given->has_secret = given->has_secret || (str_same(word, secret) && is_behind);
        given->has_open = given->has_open || (strstr(word, secret) && !is_behind);
        given->words[given->count++] = word;
    }
}

static void set_variables(const Given *given, Arena *arena)
{
    (void)clearenv();
    (void)setenv("SSISMINER_CONFIG", "/dev/null", 1);
    (void)setenv("SSISMINER_NOW", "2026-03-02T06:00:00Z", 1);
    for (size_t i = 0; i < given->variable_count; i++) {
        char *name = arena_text(arena, given->variables[i]), *value = strchr(name, '=');
        *value++ = '\0';
        (void)setenv(name, value, 1);
    }
}

static Conf *load(const Given *given, Arena *arena, Err *err)
{
    Conf *conf = NULL;
    char *argv[WORDS_MOST + 2] = {NULL};
    size_t count;
    const Command *const *commands = commands_all(&count);

    set_variables(given, arena);
    for (int i = 0; i < given->count; i++)
        argv[i] = arena_text(arena, given->words[i]);
    Rc rc = conf_load(given->count, argv, commands, count, &conf, err);
    must(rc == RC_OK || (rc == RC_USAGE && err->text[0] && !conf));
    for (int i = 0; rc == RC_OK && i < given->count; i++)
        must(!given->has_secret || i == 0 || !str_same(argv[i], secret) ||
             !str_same(given->words[i - 1], "-P")); // wiped
    return conf;
}

static void check_count(const Conf *conf, OptId id)
{
    Str rest = str_of(opt_spec(id)->range), least;
    int64_t bound, count = conf_count(conf, id);

    must(count >= 0);
    if (!opt_spec(id)->range || !str_split(&rest, '.', &least))
        return;
    must(!str_to_i64(least, &bound) || count >= bound);
    if (rest.len > 1)
        must(!str_to_i64((Str){rest.at + 1, rest.len - 1}, &bound) || count <= bound);
}

static void check_value(const Conf *conf, OptId id)
{
    const OptSpec *spec = opt_spec(id);

    must(conf_origin(conf, id) && conf_origin(conf, id)[0]);
    if (!conf_text(conf, id))
        return;
    if (spec->type == OPT_TYPE_COUNT)
        check_count(conf, id);
    else if (spec->type == OPT_TYPE_DURATION || spec->type == OPT_TYPE_SPAN ||
             spec->type == OPT_TYPE_SECONDS)
        must(conf_ticks(conf, id) >= 0);
    else if (spec->type == OPT_TYPE_TIME)
        must(conf_time(conf, id).ticks >= 0 && conf_time(conf, id).ticks <= TICKS_MAX);
    else if (spec->type == OPT_TYPE_CHOICE)
        must(conf_choice(conf, id) >= 0 && strstr(spec->choices, conf_text(conf, id)));
}

static void check_same(const Conf *conf, const Conf *again)
{
    must(conf_command(conf) == conf_command(again));
    for (int id = 0; id < OPT_COUNT; id++)
        if (!opt_is_list(opt_spec((OptId)id)) && opt_spec((OptId)id)->type != OPT_TYPE_FLAG)
            must(str_same(conf_text(conf, (OptId)id), conf_text(again, (OptId)id)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    Input input = {data, size};
    Given given = {.count = 0};
    Err err = {0}, same = {0};

    if (size > 2000)
        return 0;
    take_words(&input, &arena, &given);
    Conf *conf = load(&given, &arena, &err), *again = load(&given, &arena, &same);
    must((conf == NULL) == (again == NULL) && str_same(err.text, same.text));
    must(!given.has_secret || given.has_open ||
         (!strstr(err.text, secret) && !strstr(err.hint, secret)));
    for (int id = 0; conf && id < OPT_COUNT; id++)
        check_value(conf, (OptId)id);
    if (conf)
        check_same(conf, again);
    conf_free(conf);
    conf_free(again);
    return 0;
}
