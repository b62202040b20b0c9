/* Between the two files that make the report: the whole answer, and its first screen. */
#ifndef SSISMINER_CAPACITY_PRESENT_H
#define SSISMINER_CAPACITY_PRESENT_H

#include "ssisminer/capacity/capacity.h"

typedef struct Builder { // of the report
    const Capacity *capacity;
    const CapacityView *view;
    Arena *arena;
    Report *report;
} Builder;

void capacity_screen(const Builder *builder);

/* What capacity_screen shares with the whole answer. */
void capacity_screen_facts(const Builder *builder); // slots, what ran at once, waits
void capacity_add_advice(const Builder *builder, Audience audience);
const char *capacity_worker_state(const Builder *builder, const Worker *worker);

#endif
