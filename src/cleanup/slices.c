/* How many rows went when, in a place that does not grow. */
#include "ssisminer/cleanup/cleanup.h"

#include "ssisminer/base/sat.h"

/* Two neighbours each become one. */
static void widen(CleanupSlices *slices)
{
    slices->width_ms = sat_mul(slices->width_ms, 2);
    for (size_t i = 0; i < CLEANUP_SLICES; i++)
        slices->rows[i] =
            2 * i + 1 < CLEANUP_SLICES ? sat_add(slices->rows[2 * i], slices->rows[2 * i + 1]) : 0;
}

void cleanup_slices_add(CleanupSlices *slices, int64_t elapsed_ms, int64_t rows)
{
    int64_t at = elapsed_ms > 0 ? elapsed_ms : 0;

    if (slices->width_ms == 0)
        slices->width_ms = CLEANUP_SLICE_MS;
    while (at / slices->width_ms >= CLEANUP_SLICES)
        widen(slices);
    int64_t *slice = &slices->rows[at / slices->width_ms];
    *slice = sat_add(*slice, rows);
}
