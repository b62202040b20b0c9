/* The command line: its command, its options, its arguments, and what is wrong with them. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

/* What is read, and what has been found so far. */
typedef struct Reader {
    Conf *conf;
    CommandLine *line;
    const Command *const *commands;
    size_t command_count;
    char **argv;
    int argc;
    int at;        // argument being looked at
    bool is_plain; // after "--"
} Reader;

/* ps shows argv to everybody. */
static void wipe(char *secret)
{
    explicit_bzero(secret, strlen(secret));
}

static void add(Reader *reader, Assignment found)
{
    CommandLine *line = reader->line;

    line->items = arena_grow(&reader->conf->arena, line->items, line->count, line->count + 1,
                             &line->capacity, sizeof(Assignment));
    line->items[line->count++] = found;
}

static void add_with_value(Reader *reader, OptId id, const char *spelled, char *value)
{
    const char *kept = arena_text(&reader->conf->arena, value);

    if (opt_spec(id)->type == OPT_TYPE_SECRET)
        wipe(value);
    add(reader, (Assignment){.id = id, .value = kept, .spelled = spelled});
}

static void add_without_value(Reader *reader, OptId id, const char *spelled, bool is_negated)
{
    const OptSpec *spec = opt_spec(id);
    const char *value = NULL;

    if (opt_may_omit_value(spec)) {
        size_t len = strcspn(spec->choices, "|");
        value = arena_copy(&reader->conf->arena, spec->choices, len);
    }
    add(reader,
        (Assignment){.id = id, .value = value, .is_negated = is_negated, .spelled = spelled});
}

/* A value that may be left out and is a word of its own: --script procedure. Not behind -G, nor the
 * long form of it, which sqlcmd has stand alone. */
static bool takes_word(const Reader *reader, OptId id)
{
    const char *next = reader->at + 1 < reader->argc ? reader->argv[reader->at + 1] : NULL;
    Str rest = str_of(opt_spec(id)->choices), one;

    while (next && !opt_spec(id)->letter && str_split(&rest, '|', &one))
        if (str_equal_fold(one, str_of(next)))
            return true;
    return false;
}

/* No option is a digit: -1073741819 is something to explain. */
static bool is_option(const char *text)
{
    bool is_number = text[0] == '-' && text[1] >= '0' && text[1] <= '9';

    return text[0] == '-' && text[1] != '\0' && !is_number;
}

/* The value follows as an argument of its own. An option there, known or not, means that the value
 * was forgotten; a value that looks like one can be attached with '='. */
static Rc take_next(Reader *reader, OptId id, const char *spelled, Err *err)
{
    char *next = reader->at + 1 < reader->argc ? reader->argv[reader->at + 1] : NULL;
    const char *arg = opt_spec(id)->arg;

    if (!next) {
        (void)FAIL(err, RC_USAGE, "%s needs a value", spelled);
        return err_hint(err, "write %s %s", spelled, arg);
    }
    if (opt_spec(id)->type != OPT_TYPE_SECRET && str_starts(next, "--")) {
        (void)FAIL(err, RC_USAGE, "%s needs a value, but %.*s follows", spelled,
                   (int)strcspn(next, "="), next);
        return err_hint(err, "write --%s=%s", opt_spec(id)->flag, arg);
    }
    if (opt_spec(id)->type != OPT_TYPE_SECRET && is_option(next) && next[1] != '-' &&
        opt_by_letter(next[1]) < opt_count()) {
        (void)FAIL(err, RC_USAGE, "%s needs a value, but -%c follows", spelled, next[1]);
        return err_hint(err, "write --%s=%s", opt_spec(id)->flag, arg);
    }
    reader->at++;
    add_with_value(reader, id, spelled, next);
    return RC_OK;
}

static Rc fail_unknown_option(const Reader *reader, const char *name, Err *err)
{
    Nearest nearest = {.word = name};

    for (OptId id = 0; id < opt_count(); id++)
        nearest_offer(&nearest, opt_spec(id)->flag);
    (void)FAIL(err, RC_USAGE, "unknown option '--%s'", name);
    if (nearest_answer(&nearest))
        return err_hint(err, "did you mean --%s?", nearest_answer(&nearest));
    if (reader->conf->command)
        return err_hint(err, "'%s help %s' lists its options", opt_program(),
                        reader->conf->command->name);
    return err_hint(err, "'%s help' lists the options", opt_program());
}

static Rc read_long(Reader *reader, char *text, Err *err)
{
    Arena *arena = &reader->conf->arena;
    size_t len = strcspn(text, "=");
    const char *name = arena_copy(arena, text, len);
    char *value = text[len] == '=' ? text + len + 1 : NULL;
    bool is_negated = false;
    OptId id = opt_by_flag(str_of(name));

    if (id == opt_count() && str_starts(name, "no-")) {
        id = opt_by_flag(str_of(name + 3));
        is_negated = true;
        if (id < opt_count() && opt_takes_value(opt_spec(id)))
            return FAIL(err, RC_USAGE,
                        "--%s cannot be taken back: --no- is for options without a value",
                        name + 3);
    }
    if (id == opt_count())
        return fail_unknown_option(reader, name, err);

    const char *spelled = arena_printf(arena, "--%s", name);
    if (!opt_takes_value(opt_spec(id)) && value)
        return FAIL(err, RC_USAGE, "%s takes no value", spelled);
    if (value)
        add_with_value(reader, id, spelled, value);
    else if (opt_takes_value(opt_spec(id)) &&
             (!opt_may_omit_value(opt_spec(id)) || takes_word(reader, id)))
        return take_next(reader, id, spelled, err);
    else
        add_without_value(reader, id, spelled, is_negated);
    return RC_OK;
}

/* "-keep": a dash was lost. Bundled letters never spell the name of an option. */
static Rc check_dashes(const char *letters, Err *err)
{
    Str name = {letters, strcspn(letters, "=")};

    if (name.len < 2 || opt_by_flag(name) == opt_count())
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "unknown option '-%.*s'", STR_FMT(name));
    return err_hint(err, "did you mean --%.*s?", STR_FMT(name));
}

/* One letter, then more letters or its value. */
static Rc read_letters(Reader *reader, char *letters, Err *err)
{
    TRY(check_dashes(letters, err));
    for (; *letters; letters++) {
        OptId id = opt_by_letter(*letters);
        if (id == opt_count()) {
            (void)FAIL(err, RC_USAGE, "unknown option '-%.*s'",
                       (int)(str_utf8_floor(letters, 1) ? 1 : strlen(letters)), letters);
            return err_hint(err, "'%s help' lists the options", opt_program());
        }
        const OptSpec *spec = opt_spec(id);
        const char *spelled = arena_printf(&reader->conf->arena, "-%c", *letters);
        char *value = letters[1] == '=' ? letters + 2 : letters + 1;
        if (opt_takes_value(spec) && letters[1] != '\0') {
            add_with_value(reader, id, spelled, value);
            return RC_OK;
        }
        if (opt_takes_value(spec) && !opt_may_omit_value(spec))
            return take_next(reader, id, spelled, err);
        add_without_value(reader, id, spelled, false);
    }
    return RC_OK;
}

static Rc read_command(Reader *reader, const char *name, Err *err)
{
    Nearest nearest = {.word = name};

    for (size_t i = 0; i < reader->command_count; i++) {
        if (strcmp(reader->commands[i]->name, name) == 0) {
            reader->conf->command = reader->commands[i];
            return RC_OK;
        }
        nearest_offer(&nearest, reader->commands[i]->name);
    }
    (void)FAIL(err, RC_USAGE, "unknown command '%s'", name);
    if (nearest_answer(&nearest))
        return err_hint(err, "did you mean %s?", nearest_answer(&nearest));
    return err_hint(err, "'%s help' lists the commands", opt_program());
}

/* The value of an option that may go without one, as other programs take it: after a blank. */
static Rc fail_plain(const Reader *reader, const char *text, Err *err)
{
    const CommandLine *line = reader->line;
    const char *before = reader->at > 0 ? reader->argv[reader->at - 1] : "";

    (void)FAIL(err, RC_USAGE, "'%s' takes no arguments, but '%s' was given",
               reader->conf->command->name, text);
    if (before[0] != '-' || strchr(before, '=') || line->count == 0 ||
        !opt_may_omit_value(opt_spec(line->items[line->count - 1].id)))
        return err->rc;
    return err_hint(err, "a value of %s follows an =: %s=%s", before, before, text);
}

static Rc read_plain(Reader *reader, const char *text, Err *err)
{
    Conf *conf = reader->conf;

    if (!conf->command)
        return read_command(reader, text, err);
    if (conf->command->args[0] == '\0')
        return fail_plain(reader, text, err);
    conf->args = arena_grow(&conf->arena, conf->args, conf->arg_count, conf->arg_count + 1,
                            &conf->arg_capacity, sizeof(char *));
    conf->args[conf->arg_count++] = arena_text(&conf->arena, text);
    return RC_OK;
}

static Rc read_one(Reader *reader, Err *err)
{
    char *text = reader->argv[reader->at];

    if (reader->is_plain || !is_option(text))
        return read_plain(reader, text, err);
    if (strcmp(text, "--") == 0) {
        reader->is_plain = true;
        return RC_OK;
    }
    return text[1] == '-' ? read_long(reader, text + 2, err) : read_letters(reader, text + 1, err);
}

static Rc fail_foreign(const Reader *reader, const Assignment *given, Err *err)
{
    AUTO(buf_done) Buf takers = BUF(sizeof(err->hint));
    const OptSpec *spec = opt_spec(given->id);

    for (size_t i = 0; i < reader->command_count; i++)
        if (opt_is_taken(spec, reader->commands[i]))
            buf_printf(&takers, "%s%s", takers.len ? ", " : "", reader->commands[i]->name);
    (void)FAIL(err, RC_USAGE, "'%s' does not take %s", reader->conf->command->name, given->spelled);
    if (takers.len)
        return err_hint(err, "%s is an option of %s", given->spelled, buf_text(&takers));
    return err->rc;
}

/* The command may come after its options, so this can be asked only at the end. */
static Rc check_taken(const Reader *reader, Err *err)
{
    if (!reader->conf->command)
        return RC_OK;
    for (size_t i = 0; i < reader->line->count; i++)
        if (!opt_is_taken(opt_spec(reader->line->items[i].id), reader->conf->command))
            return fail_foreign(reader, &reader->line->items[i], err);
    return RC_OK;
}

Rc argv_read(Conf *conf, int argc, char **argv, const Command *const *commands,
             size_t command_count, CommandLine *line, Err *err)
{
    Reader reader = {.conf = conf,
                     .line = line,
                     .commands = commands,
                     .command_count = command_count,
                     .argv = argv,
                     .argc = argc};

    for (reader.at = 1; reader.at < argc; reader.at++)
        TRY(read_one(&reader, err));
    return check_taken(&reader, err);
}
