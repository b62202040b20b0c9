/* The history before it is written: every operation with its times, its fate and its place in
 * the truth. Made in three steps: what is planted, the plain schedules, the failures among them. */
#ifndef SANDBOX_DATA_PLAN_H
#define SANDBOX_DATA_PLAN_H

#include "chain.h"
#include "world.h"

#include "generate.h"

typedef struct Run { // one row of operations
    int64_t id;
    uint64_t serial;                   // before sorting; seeds what is made up for it
    int64_t created, start, work, end; // ticks; 0: NULL. work: first sign of life
    int64_t last_sign;                 // of a run without end: time of its newest message
    int type, status;
    int package; // index, -1 for operations that are no executions
    int project; // of those, -1 none
    int caller;
    int stopped_by;     // caller index, -1 nobody
    const Chain *chain; // NULL: nothing goes wrong
    const char *region; // value of the package's parameter, NULL: not set
    int child;          // package that one task runs, -1
    int slow_task;      // index of the task that took longer, -1
    int level;          // LOGGING_LEVEL of this run
    int attempts;       // executed_count
    int worker;
    bool in_heaps;           // messages go to the scale-out tables
    bool is_planted;         // no failure may be put here
    bool is_bare;            // NULL wherever the schema allows it
    bool is_noncatalog;      // its package came from a file share (azure)
    const char *decisive;    // text of the decisive message, its first kilobytes; set when written
    size_t decisive_len;     // of the whole
    const char *captures;    // "name\nvalue\n…"; set when written
    const char *task_path;   // where it failed, or NULL; set when written
    const char *object_name; // operations that are no executions
} Run;

enum { GROUP_MAX = 48 };

typedef struct Group { // of the truth about duplicates
    const char *verdict, *confidence, *reason;
    Run *members[GROUP_MAX];
    int member_count;
    bool is_duplicate;
} Group;

typedef struct Saturation {
    int64_t from, to;
    Run *members[GROUP_MAX];
    int member_count;
} Saturation;

typedef struct Plan {
    World *world;
    const GenerateOptions *options;
    Arena *arena;
    uint32_t plants;
    int64_t now, from; // ticks
    Run **runs;
    size_t run_count;
    Group *groups;
    size_t group_count;
    Saturation saturations[4];
    size_t saturation_count;
    int64_t executions; // rows of executions so far
    int64_t failures;   // chains given out so far
} Plan;

enum { NODES = 2, PARALLEL_PER_NODE = 4 };

void plan_make(Plan *plan);

Run *plan_add(Plan *plan, int package, int64_t created, int64_t duration_ms); // succeeded so far
Run *plan_add_operation(Plan *plan, int type, int project, int64_t created, int64_t duration_ms);
Group *plan_group(Plan *plan, const char *verdict, const char *confidence, const char *reason);
void group_add(Group *group, Run *run);
void run_leave(Run *run, int status,
               int64_t last_sign); // no end: created, running, pending or stopping

void plan_plants(Plan *plan);   // plants.c
void plan_failures(Plan *plan); // failures.c

/* truth.c: what was planted, as one JSON object (format: src/sandbox/README.md). */
void truth_write(const Plan *plan, FILE *out);

#endif
