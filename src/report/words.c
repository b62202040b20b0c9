/* Small wordings that every answer needs: plurals, lengths, spans of time. */
#include "ssisminer/report/words.h"

#include "ssisminer/base/sat.h"
#include "ssisminer/base/zone.h"

#include "ssisminer/report/report.h"

#include <string.h>

enum { UP_TO_DAY = 10, UP_TO_MINUTE = 16, UP_TO_SECOND = 19 }; // bytes of a time's text

const char *words_plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

const char *words_or_unknown(const char *text)
{
    return text ? text : "?";
}

Severity words_severity(const char *name)
{
    static const char *const names[] = {
        [SEVERITY_FINE] = "fine",         [SEVERITY_INFO] = "info",
        [SEVERITY_WARNING] = "warning",   [SEVERITY_ERROR] = "error",
        [SEVERITY_CRITICAL] = "critical",
    };

    for (size_t i = SEVERITY_FINE; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i], name) == 0)
            return (Severity)i;
    return SEVERITY_NONE;
}

const char *words_taken(Buf *buf, Arena *arena)
{
    const char *text = arena_text(arena, buf_text(buf));

    buf_done(buf);
    return text;
}

const char *words_length(int64_t ticks, Arena *arena)
{
    char text[TIME_TEXT_MAX];

    if (ticks < 0)
        return "-";
    time_duration_text(ticks, text);
    return arena_text(arena, text);
}

const char *words_span(Instant first, Instant last, Arena *arena)
{
    char from[TIME_TEXT_MAX], to[TIME_TEXT_MAX];

    if (!first.is_set || !last.is_set)
        return "";
    report_time_text(first, from);
    report_time_text(last, to);
    const char *begin = arena_printf(arena, "%.*s%s", UP_TO_MINUTE, from, from + UP_TO_SECOND);
    if (strncmp(from, to, UP_TO_MINUTE) == 0)
        return begin;
    bool is_same_day = strncmp(from, to, UP_TO_DAY) == 0;
    const char *end = is_same_day ? to + UP_TO_DAY + 1 : to;
    return arena_printf(arena, "%s to %.*s%s", begin, (int)(to + UP_TO_MINUTE - end), end,
                        to + UP_TO_SECOND);
}

const char *words_when(Instant at, Arena *arena)
{
    enum { AFTER_YEAR = 5, DAY_BYTES = 5, AFTER_T = 11, TIME_BYTES = 8 };
    char iso[TIME_TEXT_MAX];

    if (!at.is_set)
        return "";
    time_local(zone_put(at), iso);
    return arena_printf(arena, "%.*s %.*s", DAY_BYTES, iso + AFTER_YEAR, TIME_BYTES, iso + AFTER_T);
}

const Column *words_zone_columns(const Column *columns, size_t count, Arena *arena)
{
    if (zone_is_utc())
        return columns;
    Column *copy = arena_alloc_array(arena, count, sizeof(*copy));
    memcpy(copy, columns, count * sizeof(*copy));
    for (size_t i = 0; i < count; i++) {
        const char *at = copy[i].heading ? strstr(copy[i].heading, "UTC") : NULL;
        if (!at)
            continue;
        size_t len = (size_t)(at - copy[i].heading);
        copy[i].heading =
            len > 2 ? arena_copy(arena, copy[i].heading, len - 2) : "local"; // "from (UTC)"
    }
    return copy;
}

const char *words_window(Instant since, Instant until, Instant now, Arena *arena)
{
    Instant end = until.is_set ? until : now;

    if (since.ticks <= 0)
        return "all there is";
    return arena_printf(arena, "%s (%s)", words_span(since, end, arena),
                        words_length(sat_sub(end.ticks, since.ticks), arena));
}

const char *words_where(const char *server, const char *database, const char *window, Arena *arena)
{
    return arena_printf(arena, "%s/%s, %s", words_or_unknown(server), words_or_unknown(database),
                        window);
}

const char *words_list_title(const char *what, size_t shown, size_t count, Arena *arena)
{
    return shown < count ? arena_printf(arena, "%s (the first %zu of %zu)", what, shown, count)
                         : arena_printf(arena, "%s (%zu)", what, count);
}
