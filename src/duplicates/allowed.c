/* Repeats that are intended. */
#include "ssisminer/duplicates/duplicates.h"

#include <string.h>

static Rc refuse(const char *text, const char *what, Err *err)
{
    (void)FAIL(err, RC_USAGE, "allowed repeat '%s': %s", text, what);
    return err_hint(err, "write: folder/project/package [caller=NAME] [until=2027-01-31] "
                         "[reason=why, to the end]");
}

/* The next word: up to a blank. */
static char *take_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t");
    char *end = word + strcspn(word, " \t");

    *rest = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

static Rc take_setting(const char *text, char *word, char **rest, Instant now,
                       DuplicatesAllowed *allowed, Err *err)
{
    if (str_starts(word, "caller="))
        allowed->caller = word + strlen("caller=");
    else if (str_starts(word, "until="))
        return time_parse(word + strlen("until="), now, &allowed->until, err);
    else if (str_starts(word, "reason=")) {
        word[strlen(word)] = **rest ? ' ' : '\0'; // blanks and all, to the end
        allowed->reason = word + strlen("reason=");
        *rest += strlen(*rest);
    } else
        return refuse(text, "only caller=, until= and reason= may follow the package", err);
    return RC_OK;
}

Rc duplicates_read_allowed(const char *text, Instant now, Arena *arena,
                           DuplicatesAllowed *ret_allowed, Err *err)
{
    char *copy = arena_text(arena, text), *rest = copy;
    DuplicatesAllowed allowed = {.package = take_word(&rest)};

    if (allowed.package[0] == '\0')
        return refuse(text, "it names no package", err);
    for (rest += strspn(rest, " \t"); *rest; rest += strspn(rest, " \t")) {
        char *word = take_word(&rest);
        if (take_setting(text, word, &rest, now, &allowed, err) != RC_OK)
            return err_note(err, "duplicates.allow");
    }
    if (allowed.until.is_set && allowed.until.ticks % TICKS_PER_DAY == 0)
        allowed.until.ticks += TICKS_PER_DAY - 1; // a date is meant with its whole day
    *ret_allowed = allowed;
    return RC_OK;
}
