/* Between the files that make the report: what is planned, its first screen, what a run did. */
#ifndef SSISMINER_SRC_CLEANUP_PRESENT_H
#define SSISMINER_SRC_CLEANUP_PRESENT_H

#include "ssisminer/base/sat.h"
#include "ssisminer/cleanup/cleanup.h"

typedef struct Maker {
    const CleanupPlan *plan;
    const CleanupRun *run; // NULL: only planned
    Arena *arena;
    Report *report;
} Maker;

static inline Value kb_or_none(int64_t kb)
{
    return kb < 0 ? value_none() : value_bytes(sat_mul(kb, 1024));
}

const char *cleanup_server_line(const Maker *maker);
void cleanup_screen_facts(Maker *maker); // every number and date of the plan

void cleanup_screen(Maker *maker); // of the plan

const char *present_archive_line(const Maker *maker);
void present_archive_plan(Maker *maker); // nothing where none is wanted
void present_archive_run(Maker *maker);

void present_run_headline(Maker *maker);
void present_run_facts(Maker *maker);
void present_run_warnings(Maker *maker);
void present_run_tables(Maker *maker);
void present_run_waits(Maker *maker);
void present_run_heaps(Maker *maker);

#endif
