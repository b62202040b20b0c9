/*
 * Any text as an intended repeat: refused with a message, or taken apart into pieces that put
 * together say the same; and an entry that was put together from its pieces is read as these.
 *
 * Input: entry NUL package NUL caller NUL reason.
 */
#include "fuzz.h"

#include "ssisminer/duplicates/duplicates.h"

static const Instant now = {.ticks = TICKS_UNIX_EPOCH, .is_set = true};

static bool read_entry(const char *text, Arena *arena, DuplicatesAllowed *ret_allowed)
{
    Err err = {0};
    Rc rc = duplicates_read_allowed(text, now, arena, ret_allowed, &err);

    must(rc == RC_OK || (rc == RC_USAGE && err.text[0] != '\0'));
    return rc == RC_OK;
}

static bool is_trimmed(const char *text)
{
    return !text || (str_trim(str_of(text)).len == strlen(text) && *text);
}

static void check_read(const char *text, Arena *arena)
{
    DuplicatesAllowed allowed = {0}, again = {0};

    if (!read_entry(text, arena, &allowed))
        return;
    must(allowed.package && allowed.package[0] && is_trimmed(allowed.package));
    must(strstr(text, allowed.package) && is_trimmed(allowed.caller) && is_trimmed(allowed.reason));
    must(!allowed.caller || strstr(text, allowed.caller));
    must(!allowed.reason || strstr(text, allowed.reason));
    const char *same =
        arena_printf(arena, "%s%s%s%s%s", allowed.package, allowed.caller ? " caller=" : "",
                     allowed.caller ? allowed.caller : "", allowed.reason ? " reason=" : "",
                     allowed.reason ? allowed.reason : "");
    must(read_entry(same, arena, &again));
    must(str_same(again.package, allowed.package) && str_same(again.caller, allowed.caller));
    must(str_same(again.reason, allowed.reason));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    Input input = {data, size};

    if (size > 2000)
        return 0;
    check_read(take_text(&input, &arena), &arena);
    const char *package = take_text(&input, &arena), *caller = take_text(&input, &arena),
               *reason = take_text(&input, &arena);
    DuplicatesAllowed allowed = {0};
    bool is_plain = is_trimmed(package) && is_trimmed(caller) && is_trimmed(reason) &&
                    !strchr(package, '=') && !strchr(caller, '=') && *package && *caller && *reason;
    const char *whole =
        arena_printf(&arena, "%s caller=%s until=2027-01-31 reason=%s", package, caller, reason);
    if (!is_plain || !read_entry(whole, &arena, &allowed))
        return 0;
    must(str_same(allowed.package, package) && str_same(allowed.caller, caller));
    must(str_same(allowed.reason, reason) && allowed.until.is_set);
    return 0;
}
