/* The words of a value turned into what its option wants, in its range. */
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

/* The choice as the table writes it, so that nobody else has to fold case, and its number. */
static Rc parse_choice(const OptSpec *spec, const char *text, Arena *arena, const char **ret_text,
                       int64_t *ret_number, Err *err)
{
    Str rest = str_of(spec->choices), piece;

    for (int64_t number = 0; str_split(&rest, '|', &piece); number++) {
        if (str_equal_fold(piece, str_of(text))) {
            *ret_text = arena_copy(arena, piece.at, piece.len);
            *ret_number = number;
            return RC_OK;
        }
    }
    return fail_choice(spec, text, err);
}

/* ---- ranges ---------------------------------------------------------------------------------- */

static Rc parse_number(const OptSpec *spec, const char *text, int64_t *ret_number, Err *err)
{
    if (spec->type == OPT_TYPE_COUNT)
        return parse_count(text, ret_number, err);
    return time_parse_duration(
        text, spec->type == OPT_TYPE_SECONDS ? BARE_IS_SECONDS : BARE_IS_REFUSED, ret_number, err);
}

/* 1y6mo without its y would be 16mo, and keep less: what decides a delete has one unit. */
static Rc check_one_unit(const char *text, Err *err)
{
    size_t digits = strspn(text, "0123456789");

    if (text[digits + strspn(text + digits, "abcdefghijklmnopqrstuvwxyz")] == '\0')
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "'%s' has more than one unit", text);
    return err_hint(err, "write one number with one unit, as in 36h, 30d or 18mo");
}

/* "1..100": the two ends as texts. */
static void cut_range(const OptSpec *spec, Arena *arena, const char **ret_least,
                      const char **ret_most)
{
    const char *dots = strstr(spec->range, "..");

    *ret_least = arena_copy(arena, spec->range, (size_t)(dots - spec->range));
    *ret_most = dots + 2;
}

static Rc parse_ranged(const OptSpec *spec, const char *text, Arena *arena, int64_t *ret_number,
                       Err *err)
{
    const char *least_text, *most_text;
    int64_t number, least, most;

    cut_range(spec, arena, &least_text, &most_text);
    TRY(parse_number(spec, least_text, &least, err));
    most = INT64_MAX;
    if (*most_text)
        TRY(parse_number(spec, most_text, &most, err));
    TRY(parse_number(spec, text, &number, err));
    if (spec->type == OPT_TYPE_SPAN)
        TRY(check_one_unit(text, err));
    if (number < least && !*most_text)
        return FAIL(err, RC_USAGE, "'%s' is less than %s", text, least_text);
    if (number < least || number > most)
        return FAIL(err, RC_USAGE, "'%s' is outside %s to %s", text, least_text, most_text);
    *ret_number = number;
    return RC_OK;
}

/* ---- lists: commas separate, "\\," is a comma in a name -------------------------------------- */

/* The text up to the next comma that separates. */
static bool take_piece(const char **rest, Str *ret_piece)
{
    const char *at = *rest;

    if (!at)
        return false;
    while (*at && *at != ',')
        at += at[0] == '\\' && at[1] == ',' ? 2 : 1;
    *ret_piece = (Str){*rest, (size_t)(at - *rest)};
    *rest = *at ? at + 1 : NULL;
    return true;
}

static const char *unescape(Str piece, Arena *arena)
{
    char *text = arena_copy(arena, piece.at, piece.len), *to = text;

    for (const char *from = text; *from; from++)
        if (from[0] != '\\' || from[1] != ',')
            *to++ = *from;
    *to = '\0';
    return text;
}

static Rc parse_glob(const char *text, Arena *arena, const char **ret_glob, Err *err)
{
    Str name = str_trim(str_of(text + (text[0] == '!')));

    if (name.len == 0)
        return FAIL(err, RC_USAGE, "'%s' names nothing to leave out", text);
    if (name.at[0] == '!')
        return FAIL(err, RC_USAGE, "'%s' has one '!' too many", text);
    if (text[0] == '!' && strspn(name.at, "*") >= name.len)
        return FAIL(err, RC_USAGE, "'%s' leaves out everything", text);
    *ret_glob = arena_printf(arena, "%s%.*s", text[0] == '!' ? "!" : "", STR_FMT(name));
    return RC_OK;
}

/* "A,!A" can match nothing. */
static Rc check_opposite(const ConfValue *value, const char *glob, Err *err)
{
    const char *name = glob + (glob[0] == '!');

    for (size_t i = 0; i < value->count; i++) {
        const char *other = value->items[i];
        if ((other[0] == '!') != (glob[0] == '!') && str_same_fold(other + (other[0] == '!'), name))
            return FAIL(err, RC_USAGE, "'%s' is both wanted and left out", name);
    }
    return RC_OK;
}

static Rc parse_id(const char *text, int64_t *ret_id, Err *err)
{
    if (str_to_i64(str_of(text), ret_id) && *ret_id > 0)
        return RC_OK;
    return FAIL(err, RC_USAGE, "'%s' is not an id: a whole number above 0", text);
}

static Rc parse_item(const OptSpec *spec, Str piece, ConfValue *value, Arena *arena, Err *err)
{
    const char *text = unescape(str_trim(piece), arena);
    size_t len = strlen(text);
    int64_t number = 0;

    if (len == 0)
        return FAIL(err, RC_USAGE, "an item is empty");
    if (text[len - 1] == '\\') {
        (void)FAIL(err, RC_USAGE, "'%s' ends in a backslash", text);
        return err_hint(err, "a comma in a name is written \\, inside quotes");
    }
    if (spec->choices)
        TRY(parse_choice(spec, text, arena, &text, &number, err));
    else if (spec->type == OPT_TYPE_GLOBS) {
        TRY(parse_glob(text, arena, &text, err));
        TRY(check_opposite(value, text, err));
    } else if (spec->type == OPT_TYPE_IDS)
        TRY(parse_id(text, &number, err));
    if (spec->choices)
        value->choices |= UINT32_C(1) << number;
    size_t capacity = value->capacity;
    if (spec->type == OPT_TYPE_IDS) {
        value->ids = arena_grow(arena, value->ids, value->count, value->count + 1, &capacity,
                                sizeof(int64_t));
        value->ids[value->count] = number;
    }
    value->items = arena_grow(arena, value->items, value->count, value->count + 1, &value->capacity,
                              sizeof(char *));
    value->items[value->count++] = text;
    return RC_OK;
}

/* In "!A,B" nobody can tell whether B is wanted, or unwanted like A. */
static Rc refuse_mixed(const char *text, Str excluded, Str other, Err *err)
{
    (void)FAIL(err, RC_USAGE, "'%s': is %.*s to be left out too?", text, STR_FMT(other));
    return err_hint(err,
                    "write '%.*s,!%.*s' to leave out both, or '%.*s,%.*s' to see %.*s alone; a "
                    "comma in a name is written \\,",
                    STR_FMT(excluded), STR_FMT(other), STR_FMT(other), STR_FMT(excluded),
                    STR_FMT(other));
}

static Rc parse_list(const OptSpec *spec, const char *text, ConfValue *value, Arena *arena,
                     Err *err)
{
    const char *rest = text;
    Str piece, excluded = {0};

    while (take_piece(&rest, &piece)) {
        Str name = str_trim(piece);
        bool excludes = name.len > 0 && name.at[0] == '!';
        TRY(parse_item(spec, piece, value, arena, err));
        if (spec->type == OPT_TYPE_GLOBS && excluded.len > 0 && !excludes)
            return refuse_mixed(text, excluded, name, err);
        if (excludes)
            excluded = name;
    }
    return RC_OK;
}

/* ---- all types ------------------------------------------------------------------------------- */

static Rc parse(Conf *conf, const OptSpec *spec, const char *text, ConfValue *value, Err *err)
{
    if (*text == '\0' && spec->type != OPT_TYPE_SECRET)
        return FAIL(err, RC_USAGE, "the value is empty");
    switch (spec->type) {
    case OPT_TYPE_FLAG:
        return parse_flag(text, &value->flag, err);
    case OPT_TYPE_COUNT:
    case OPT_TYPE_DURATION:
    case OPT_TYPE_SPAN:
    case OPT_TYPE_SECONDS:
        return parse_ranged(spec, text, &conf->arena, &value->number, err);
    case OPT_TYPE_TIME:
        return when_parse(text, conf->now, &value->when, err);
    case OPT_TYPE_CHOICE:
        return parse_choice(spec, text, &conf->arena, &value->text, &value->number, err);
    case OPT_TYPE_LIST:
    case OPT_TYPE_GLOBS:
    case OPT_TYPE_IDS:
        return parse_list(spec, text, value, &conf->arena, err);
    case OPT_TYPE_TEXT:
    case OPT_TYPE_SECRET:
    case OPT_TYPE_PATH:
        return RC_OK;
    }
    return RC_OK;
}

Rc conf_read_value(Conf *conf, OptId id, const char *text, Strength strength, const char *label,
                   const char *origin, ConfValue *value, Err *err)
{
    const OptSpec *spec = opt_spec(id);
    bool goes_on = opt_is_list(spec) && value->strength == strength; // one more of the same source

    if (!goes_on)
        *value = (ConfValue){0};
    value->strength = strength;
    value->origin = arena_text(&conf->arena, origin);
    value->text = arena_text(&conf->arena, text);
    if (parse(conf, spec, value->text, value, err) != RC_OK)
        return err_note(err, "%s", label);
    return RC_OK;
}

Rc conf_assign(Conf *conf, OptId id, const char *text, Strength strength, const char *label,
               const char *origin, Err *err)
{
    ConfValue value = conf->values[id];

    TRY(conf_read_value(conf, id, text, strength, label, origin, &value, err));
    if (strength >= conf->values[id].strength)
        conf->values[id] = value;
    return RC_OK;
}
