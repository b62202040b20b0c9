/* Between the files that make the report: what is planned, its first screen, what a run did. */
#ifndef SSISMINER_SRC_CLEANUP_PRESENT_H
#define SSISMINER_SRC_CLEANUP_PRESENT_H

#include "ssisminer/base/sat.h"
#include "ssisminer/cleanup/cleanup.h"

typedef struct Builder {
    const CleanupPlan *plan;
    const CleanupRun *run; // NULL: only planned
    Arena *arena;
    Report *report;
} Builder;

static inline Value kb_or_none(int64_t kb)
{
    return kb < 0 ? value_none() : value_bytes(sat_mul(kb, 1024));
}

const char *cleanup_server_line(const Builder *builder);
void cleanup_screen_facts(Builder *builder); // every number and date of the plan

void cleanup_screen(Builder *builder); // of the plan

const char *present_archive_line(const Builder *builder);
void present_archive_plan(Builder *builder); // nothing where none is wanted
void present_archive_run(Builder *builder);

void present_run_headline(Builder *builder);
void present_run_facts(Builder *builder);
void present_run_warnings(Builder *builder);
void present_run_tables(Builder *builder);
void present_run_waits(Builder *builder);
void present_run_heaps(Builder *builder);

#endif
