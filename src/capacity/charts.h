/* Private to capacity: what a page draws of it. */
#ifndef CAPACITY_CHARTS_H
#define CAPACITY_CHARTS_H

#include "ssisminer/capacity/capacity.h"

void capacity_charts(const Capacity *capacity, Report *report); // of the window
void capacity_draw_day(const Capacity *capacity, Section *day); // of its hours of the day
void capacity_draw_replays(const Capacity *capacity, Section *replays);

/* How often this hour of the day lies in the window; at least once. */
int64_t capacity_times_in_window(const CapacityFigures *figures, int64_t hour);

#endif
