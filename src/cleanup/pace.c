/* The size of a batch follows the time it takes, and the rows that are found. */
#include "runner.h"

enum {
    CALM_AFTER = 10, // statements that a smaller batch has to do well before it grows
    ROWS_EACH = 8,   // of an operation in a table, as long as nothing is known
    FILL_PERCENT =
        87 // of a batch: one that is full has to be sent again to see that no more is left
};

Pace pace_of(int64_t first, int64_t most, int64_t target_ms)
{
    return (Pace){.rows = first < most ? first : most,
                  .most = most > 0 ? most : 1,
                  .target_ms = target_ms > 0 ? target_ms : 1,
                  .rows_each = ROWS_EACH};
}

static void set_rows(Pace *pace, int64_t rows)
{
    pace->rows = rows < 1 ? 1 : rows > pace->most ? pace->most : rows;
}

/* By an eighth; at first twice as much, while that takes no more than a quarter of the time. A
 * batch that was not half full says nothing. */
static void grow(Pace *pace, int64_t affected, int64_t ms)
{
    if (affected < 1 || affected < pace->rows / 2)
        return;
    int64_t whole_ms = ms * pace->rows / affected;
    if (whole_ms < pace->target_ms / 8 && !pace->is_wary)
        set_rows(pace, pace->rows * 2);
    else if (whole_ms < pace->target_ms / 2)
        set_rows(pace, pace->rows + pace->rows / 8 + 1);
}

/* Shrinks at once to what would have been in time. */
void pace_took(Pace *pace, int64_t affected, int64_t ms)
{
    pace->troubles = 0;
    if (ms > pace->target_ms && affected > 0)
        set_rows(pace, affected * pace->target_ms / ms);
    else if (pace->calm > 0)
        pace->calm--;
    else
        grow(pace, affected, ms);
}

bool pace_trouble(Pace *pace, int patience)
{
    set_rows(pace, pace->rows / 2);
    pace->calm = CALM_AFTER;
    pace->is_wary = true;
    return ++pace->troubles <= patience;
}

/* ---- operations ------------------------------------------------------------------------------ */

int64_t pace_operations(const Pace *pace)
{
    double rows = (double)(pace->rows * FILL_PERCENT / 100);

    if (rows < pace->rows_each)
        return 1;
    return pace->rows_each * CLEANUP_CHUNK < rows ? CLEANUP_CHUNK + 1
                                                  : (int64_t)(rows / pace->rows_each);
}

void pace_knows(Pace *pace, int64_t rows, int64_t operations)
{
    if (rows >= 0 && operations > 0)
        pace->rows_each = (double)rows / (double)operations;
}

/* More is believed at once; fewer by and by, since the next ones may have theirs. */
void pace_found(Pace *pace, int64_t rows, int64_t operations)
{
    double each = (double)rows / (double)operations;

    pace->rows_each = each > pace->rows_each ? each : (pace->rows_each + 3 * each) / 4;
}
