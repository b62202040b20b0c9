/* Private to slow: what a page draws of it. */
#ifndef SLOW_CHARTS_H
#define SLOW_CHARTS_H

#include "ssisminer/slow/slow.h"

/* The latest runs of one package and environment beside what is usual for it. */
void slow_draw_trend(const Slow *slow, const SlowTrend *trend, int64_t now, Section *section,
                     Arena *arena);

#endif
