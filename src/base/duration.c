/* Durations as people write them, "90d" or "1h30min": read, and refused with the form that is
 * right. */
#include "ssisminer/base/time.h"

#include <stdio.h>

typedef struct Unit {
    const char *name;
    int64_t ticks;
} Unit;

/* From long to short, as a duration is written: 1d12h. A month and a year have no fixed length;
 * here they are 30 and 365 days. */
/* clang-format off */
static const Unit units[] = {
    {"y", 365 * TICKS_PER_DAY},
    {"mo", 30 * TICKS_PER_DAY},
    {"w", 7 * TICKS_PER_DAY},
    {"d", TICKS_PER_DAY},
    {"h", 3600 * TICKS_PER_SECOND},
    {"min", 60 * TICKS_PER_SECOND},
    {"s", TICKS_PER_SECOND},
    {"ms", TICKS_PER_MS},
};
/* clang-format on */

typedef enum Fault {
    FAULT_NONE,
    FAULT_FORM,
    FAULT_NO_UNIT,
    FAULT_MINUTE_OR_MONTH, // "m"
    FAULT_TOO_LONG
} Fault;

typedef struct Reader {
    const char *at;
    BareNumber bare;
    Str number;  // of the part being read
    size_t unit; // index of the part's unit
    size_t next; // units from here on may follow
    int64_t total;
} Reader;

static size_t digits_at(const char *text)
{
    size_t len = 0;

    while (text[len] >= '0' && text[len] <= '9')
        len++;
    return len;
}

static size_t letters_at(const char *text)
{
    size_t len = 0;

    while (text[len] >= 'a' && text[len] <= 'z')
        len++;
    return len;
}

static Fault read_unit(Reader *reader)
{
    Str name = {reader->at, letters_at(reader->at)};
    bool is_whole_text = *reader->at == '\0' && reader->next == 0;

    reader->at += name.len;
    if (is_whole_text && reader->bare == BARE_IS_SECONDS)
        name = str_of("s");
    if (name.len == 0)
        return *reader->at == '\0' ? FAULT_NO_UNIT : FAULT_FORM;
    if (str_equal(name, str_of("m")))
        return FAULT_MINUTE_OR_MONTH;
    for (reader->unit = reader->next; reader->unit < ARRAY_LEN(units); reader->unit++)
        if (str_equal(name, str_of(units[reader->unit].name)))
            return FAULT_NONE;
    return FAULT_FORM;
}

static Fault read_part(Reader *reader)
{
    int64_t value;

    reader->number = (Str){reader->at, digits_at(reader->at)};
    if (reader->number.len == 0)
        return FAULT_FORM;
    reader->at += reader->number.len;
    Fault fault = read_unit(reader);
    if (fault != FAULT_NONE)
        return fault;
    reader->next = reader->unit + 1;
    bool fits = str_to_i64(reader->number, &value) &&
                !__builtin_mul_overflow(value, units[reader->unit].ticks, &value) &&
                !__builtin_add_overflow(reader->total, value, &reader->total);
    return fits ? FAULT_NONE : FAULT_TOO_LONG;
}

static Fault read_parts(Reader *reader, const char *text, BareNumber bare)
{
    Fault fault;

    *reader = (Reader){.at = text, .bare = bare};
    do {
        fault = read_part(reader);
    } while (fault == FAULT_NONE && *reader->at != '\0');
    return fault;
}

/* "30 D" as "30d", to see what was meant; false when it does not fit. */
static bool put_tidy(const char *text, char *ret_tidy, size_t size)
{
    size_t len = 0;

    for (; *text && len + 1 < size; text++)
        if (*text != ' ')
            ret_tidy[len++] = *text >= 'A' && *text <= 'Z' ? (char)(*text + ('a' - 'A')) : *text;
    ret_tidy[len] = '\0';
    return *text == '\0';
}

static Rc fail_form(const char *text, const char *meant, Err *err)
{
    (void)FAIL(err, RC_USAGE, "'%s' is not a duration", text);
    if (meant)
        return err_hint(err, "units are in lower case and without blanks: write %s", meant);
    return err_hint(err, "write a number with its unit, as in 500ms, 90s, 15min, 24h, 7d, 2w, "
                         "6mo (of 30 days), 1y (of 365 days) or 1h30min");
}

static Rc fail(Fault fault, const Reader *reader, const char *text, const char *meant, Err *err)
{
    int len = (int)reader->number.len;
    const char *n = reader->number.at;

    switch (fault) {
    case FAULT_NO_UNIT:
        (void)FAIL(err, RC_USAGE, "'%s' has no unit", text);
        return err_hint(err,
                        "write %.*sd for days, %.*sh for hours, %.*smin for minutes or %.*ss for "
                        "seconds",
                        len, n, len, n, len, n, len, n);
    case FAULT_MINUTE_OR_MONTH:
        (void)FAIL(err, RC_USAGE, "'%s': m may be minutes or months", text);
        return err_hint(err, "write %.*smin for minutes or %.*smo for months", len, n, len, n);
    case FAULT_TOO_LONG:
        return FAIL(err, RC_USAGE, "'%s' is too long a time", text);
    case FAULT_FORM:
    case FAULT_NONE:
        break;
    }
    return fail_form(text, meant, err);
}

Rc time_parse_duration(const char *text, BareNumber bare, int64_t *ret_ticks, Err *err)
{
    char tidy[64];
    Reader reader;
    Fault fault = read_parts(&reader, text, bare);

    if (fault == FAULT_NONE) {
        *ret_ticks = reader.total;
        return RC_OK;
    }
    if (fault != FAULT_FORM || !put_tidy(text, tidy, sizeof(tidy)))
        return fail(fault, &reader, text, NULL, err);
    fault = read_parts(&reader, tidy, bare);
    return fail(fault, &reader, text, fault == FAULT_NONE ? tidy : NULL, err);
}
