#include "internal.h"

#include <string.h>

static Rc parse_flag(const char *text, bool *ret_flag, Err *err)
{
    static const char *const yes[] = {"yes", "true", "on", "1"};
    static const char *const no[] = {"no", "false", "off", "0"};

    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        bool is_yes = str_same_fold(text, yes[i]);
        if (is_yes || str_same_fold(text, no[i])) {
            *ret_flag = is_yes;
            return RC_OK;
        }
    }
    return FAIL(err, RC_USAGE, "'%s' is neither yes nor no", text);
}

static Rc parse_count(const char *text, int64_t *ret_number, Err *err)
{
    int64_t number;

    if (!str_to_i64(str_of(text), &number) || number < 0) {
        (void)FAIL(err, RC_USAGE, "'%s' is not a whole number", text);
        return err_hint(err, "write digits only, as in 100");
    }
    *ret_number = number;
    return RC_OK;
}

static Rc fail_choice(const OptSpec *spec, const char *text, Err *err)
{
    AUTO(buf_done) Buf all = BUF(sizeof(err->text));
    char one[64];
    Str rest = str_of(spec->choices), piece;
    Nearest nearest = {.word = text};
    char best[64] = "";

    while (str_split(&rest, '|', &piece)) {
        buf_printf(&all, "%s%.*s", all.len ? ", " : "", STR_FMT(piece));
        (void)memcpy(one, piece.at, piece.len);
        one[piece.len] = '\0';
        nearest_offer(&nearest, one);
        if (nearest.best == one) { // keep it: `one` is used again
            (void)memcpy(best, one, sizeof(best));
            nearest.best = best;
        }
    }
    (void)FAIL(err, RC_USAGE, "'%s' is none of %s", text, buf_text(&all));
    if (nearest_answer(&nearest))
        return err_hint(err, "did you mean %s?", nearest_answer(&nearest));
    return err->rc;
}

/* The choice as the table writes it, so that nobody else has to fold case. */
static Rc parse_choice(const OptSpec *spec, const char *text, Arena *arena, const char **ret_text,
                       Err *err)
{
    Str rest = str_of(spec->choices), piece;

    while (str_split(&rest, '|', &piece)) {
        if (str_equal_fold(piece, str_of(text))) {
            *ret_text = arena_copy(arena, piece.at, piece.len);
            return RC_OK;
        }
    }
    return fail_choice(spec, text, err);
}

static void add_item(ConfValue *value, const char *item, Arena *arena)
{
    value->items = arena_grow(arena, value->items, value->count, value->count + 1, &value->capacity,
                              sizeof(char *));
    value->items[value->count++] = item;
}

static Rc parse_item(const OptSpec *spec, Str item, ConfValue *value, Arena *arena, Err *err)
{
    Str trimmed = str_trim(item);
    const char *text = arena_copy(arena, trimmed.at, trimmed.len);

    if (trimmed.len == 0)
        return FAIL(err, RC_USAGE, "an item is empty");
    if (spec->choices)
        TRY(parse_choice(spec, text, arena, &text, err));
    add_item(value, text, arena);
    return RC_OK;
}

/* Names may hold commas, so only the environment, and lists of choices, are cut at them. */
static Rc parse_list(const OptSpec *spec, const char *text, bool is_cut, ConfValue *value,
                     Arena *arena, Err *err)
{
    Str rest = str_of(text), piece;

    if (!is_cut && !spec->choices)
        return parse_item(spec, rest, value, arena, err);
    while (str_split(&rest, ',', &piece))
        TRY(parse_item(spec, piece, value, arena, err));
    return RC_OK;
}

static Rc parse(Conf *conf, const OptSpec *spec, const char *text, ConfValue *value, Err *err)
{
    if (*text == '\0' && spec->type != OPT_TYPE_SECRET)
        return FAIL(err, RC_USAGE, "the value is empty");
    switch (spec->type) {
    case OPT_TYPE_FLAG:
        return parse_flag(text, &value->flag, err);
    case OPT_TYPE_COUNT:
        return parse_count(text, &value->number, err);
    case OPT_TYPE_DURATION:
        return time_parse_duration(text, BARE_IS_REFUSED, &value->number, err);
    case OPT_TYPE_SECONDS:
        return time_parse_duration(text, BARE_IS_SECONDS, &value->number, err);
    case OPT_TYPE_TIME:
        return time_parse(text, conf->now, &value->time, err);
    case OPT_TYPE_CHOICE:
        return parse_choice(spec, text, &conf->arena, &value->text, err);
    case OPT_TYPE_LIST:
        return parse_list(spec, text, value->strength == FROM_ENVIRONMENT, value, &conf->arena,
                          err);
    case OPT_TYPE_TEXT:
    case OPT_TYPE_SECRET:
    case OPT_TYPE_PATH:
        return RC_OK;
    }
    return RC_OK;
}

Rc conf_assign(Conf *conf, OptId id, const char *text, Strength strength, const char *label,
               const char *origin, Err *err)
{
    const OptSpec *spec = opt_spec(id);
    ConfValue *old = &conf->values[id];
    ConfValue value = {
        .strength = strength,
        .origin = arena_text(&conf->arena, origin),
        .text = arena_text(&conf->arena, text),
    };

    if (spec->type == OPT_TYPE_LIST && old->strength == strength) {
        value.items = old->items; // one more of the same source
        value.count = old->count;
        value.capacity = old->capacity;
    }
    if (parse(conf, spec, value.text, &value, err) != RC_OK)
        return err_note(err, "%s", label);
    if (strength >= old->strength)
        *old = value;
    return RC_OK;
}
