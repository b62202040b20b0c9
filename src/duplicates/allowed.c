/* Repeats that are intended. */
#include "ssisminer/duplicates/duplicates.h"

#include <string.h>

typedef struct Setting { // of an entry: its value goes on to the next one
    const char *mark;
    char *value;
} Setting;

enum { SETTING_CALLER, SETTING_UNTIL, SETTING_REASON, SETTINGS };

/* Names may hold blanks, so that only a mark ends them; a reason may hold marks. */
static void cut(char *text, Setting settings[SETTINGS])
{
    char *reason = strstr(text, settings[SETTING_REASON].mark);

    if (reason) {
        *reason = '\0';
        settings[SETTING_REASON].value = reason + strlen(settings[SETTING_REASON].mark);
    }
    for (int i = 0; i < SETTING_REASON; i++) {
        char *at = strstr(text, settings[i].mark);
        settings[i].value = at ? at + strlen(settings[i].mark) : NULL;
    }
    for (int i = 0; i < SETTING_REASON; i++)
        if (settings[i].value)
            settings[i].value[-(ptrdiff_t)strlen(settings[i].mark)] = '\0';
}

static const char *trimmed(const char *text, Arena *arena)
{
    Str piece = str_trim(str_of(text));

    return text ? arena_copy(arena, piece.at, piece.len) : NULL;
}

/* Whether it can match folder/project/package at all; a star stands for slashes too. */
static bool is_path(const char *glob)
{
    size_t len = strlen(glob), slashes = 0;

    for (const char *c = glob; *c; c++)
        slashes += *c == '/';
    if (len == 0 || glob[0] == '/' || glob[len - 1] == '/' || strstr(glob, "//"))
        return false;
    return slashes == 2 || (slashes < 2 && strchr(glob, '*'));
}

/* A mark that is there twice: who knows which was meant. */
static bool has_mark(const char *value)
{
    return value && (strstr(value, " caller=") || strstr(value, " until="));
}

/* "caller=" with nothing after it. */
static bool is_blank(const char *value)
{
    return value && value[0] == '\0';
}

Rc duplicates_read_allowed(const char *text, Instant now, Arena *arena,
                           DuplicatesAllowed *ret_allowed, Err *err)
{
    Setting settings[SETTINGS] = {{" caller=", NULL}, {" until=", NULL}, {" reason=", NULL}};
    char *copy = arena_text(arena, text);
    DuplicatesAllowed allowed = {0};

    cut(copy, settings);
    allowed.package = trimmed(copy, arena);
    allowed.caller = trimmed(settings[SETTING_CALLER].value, arena);
    allowed.reason = trimmed(settings[SETTING_REASON].value, arena);
    if (!is_path(allowed.package)) {
        (void)FAIL(err, RC_USAGE, "'%s' is not the path of a package", text);
        return err_hint(err, "write: folder/project/package [caller=NAME] [until=2027-01-31] "
                             "[reason=why]");
    }
    if (has_mark(settings[SETTING_CALLER].value) || has_mark(settings[SETTING_UNTIL].value))
        return FAIL(err, RC_USAGE, "'%s' says caller= or until= twice", text);
    if (is_blank(allowed.caller) || is_blank(allowed.reason))
        return FAIL(err, RC_USAGE, "'%s' ends where a %s is expected", text,
                    is_blank(allowed.caller) ? "caller" : "reason");
    if (settings[SETTING_UNTIL].value && time_parse(trimmed(settings[SETTING_UNTIL].value, arena),
                                                    now, &allowed.until, err) != RC_OK)
        return err_note(err, "'%s'", text);
    if (allowed.until.is_set && allowed.until.ticks % TICKS_PER_DAY == 0)
        allowed.until =
            time_add(allowed.until, TICKS_PER_DAY - 1); // a date is meant with its whole day
    *ret_allowed = allowed;
    return RC_OK;
}
