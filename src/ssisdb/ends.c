/* Ends that cannot be, and what an operation with one counts as. */
#include "ssisminer/ssisdb/ends.h"

/* No time zone is so near to UTC; a long answer may take as long. */
#define READING_TICKS (INT64_C(600) * TICKS_PER_SECOND)

Instant ends_latest(const Ssisdb *db)
{
    return time_add(db->server_now, READING_TICKS);
}

bool ends_cannot_be(int64_t created, int64_t start, int64_t end, int64_t latest)
{
    if (end == 0)
        return false;
    return end < created || end < start || (latest != 0 && end > latest);
}

bool ends_clear(Instant created, Instant start, Instant *end, Instant latest)
{
    if (!end->is_set ||
        !ends_cannot_be(created.is_set ? created.ticks : 0, start.is_set ? start.ticks : 0,
                        end->ticks, latest.is_set ? latest.ticks : 0))
        return false;
    *end = (Instant){0};
    return true;
}

const char *ends_warning(size_t count, Arena *arena)
{
    if (count == 0)
        return NULL;
    return arena_printf(arena,
                        "%zu end%s cannot be (before the start, or later than the server's now) "
                        "and %s not believed: the catalog stamps some with the local clock as "
                        "UTC",
                        count, count == 1 ? "" : "s", count == 1 ? "is" : "are");
}
