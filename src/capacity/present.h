/* Between the two files that make the report: the whole answer, and its first screen. */
#ifndef SSISMINER_CAPACITY_PRESENT_H
#define SSISMINER_CAPACITY_PRESENT_H

#include "ssisminer/capacity/capacity.h"

typedef struct Maker { // of the report
    const Capacity *capacity;
    const CapacityView *view;
    Arena *arena;
    Report *report;
} Maker;

void capacity_screen(const Maker *maker);

/* What capacity_screen shares with the whole answer. */
void capacity_screen_facts(const Maker *maker); // slots, what ran at once, waits
void capacity_add_advice(const Maker *maker, Audience audience);
const char *capacity_worker_state(const Maker *maker, const Worker *worker);

#endif
