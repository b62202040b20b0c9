/* The size of a batch follows the time it takes. */
#include "runner.h"

enum { CALM_AFTER = 10 }; // statements that a smaller batch has to do well before it grows

Pace pace_of(int64_t first, int64_t most, int64_t target_ms)
{
    return (Pace){.rows = first < most ? first : most,
                  .most = most > 0 ? most : 1,
                  .target_ms = target_ms > 0 ? target_ms : 1};
}

static void set_rows(Pace *pace, int64_t rows)
{
    pace->rows = rows < 1 ? 1 : rows > pace->most ? pace->most : rows;
}

/* Shrinks at once to what would have been in time; grows by an eighth, from full batches only:
 * a batch that was not full says nothing. */
void pace_took(Pace *pace, int64_t affected, int64_t ms)
{
    pace->troubles = 0;
    if (ms > pace->target_ms && affected > 0)
        set_rows(pace, affected * pace->target_ms / ms);
    else if (pace->calm > 0)
        pace->calm--;
    else if (affected >= pace->rows && ms < pace->target_ms / 2)
        set_rows(pace, pace->rows + pace->rows / 8 + 1);
}

bool pace_trouble(Pace *pace, int patience)
{
    set_rows(pace, pace->rows / 2);
    pace->calm = CALM_AFTER;
    return ++pace->troubles <= patience;
}
