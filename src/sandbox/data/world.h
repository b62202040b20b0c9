/*
 * The company whose SSISDB this is: folders, projects, packages, environments, people, machines.
 *
 * Ownership: everything lives in the arena given to world_make.
 */
#ifndef SANDBOX_DATA_WORLD_H
#define SANDBOX_DATA_WORLD_H

#include "rng.h"

#include "ssisminer/base/arena.h"
#include "ssisminer/base/str.h"
#include "ssisminer/engine/engine.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum TaskKind { TASK_FLOW, TASK_SQL, TASK_SCRIPT, TASK_FILE, TASK_CHILD } TaskKind;

typedef struct Task {
    const char *name;
    TaskKind kind;
    const char *path, *id; // "\Package\Load orders", "{GUID}"
    int64_t executable;    // executable_id
} Task;

enum { TASKS_MAX = 6 };

typedef struct Package {
    int project;
    const char *folder, *project_name;
    const char *name, *stem; // with and without ".dtsx"
    const char *id;
    int environment; // index, -1 none
    int caller;
    int level; // LOGGING_LEVEL
    int64_t duration_ms;
    const char *region_parameter; // a package parameter that its runs set, or NULL
    bool has_secret;              // sets a sensitive parameter
    Task tasks[TASKS_MAX];
    int task_count;
    int64_t executable;
} Package;

typedef struct Project {
    int folder;
    const char *name;
    int versions;
    int64_t first_version; // object_version_lsn
} Project;

typedef struct Person {
    const char *name;
    unsigned char sid[28];
} Person;

typedef struct World {
    Flavor flavor;
    uint64_t seed;
    Arena *arena;
    const char *server_name;
    const char *const *machines; // of the servers or workers
    int machine_count;
    const char *worker_ids[4];
    Person people[8];
    int people_count;
    const char *const *folders;
    int folder_count;
    Project *projects;
    int project_count;
    Package *packages;
    int package_count, bulk_count; // the first bulk_count run by plain schedules
    const char *const *environments;
    int environment_count;
    int64_t next_executable;
} World;

enum { CALLER_SCHEDULE, CALLER_ADF, CALLER_ANNA, CALLER_BEN, CALLER_ADMIN };

void world_make(World *world, Flavor flavor, uint64_t seed, int bulk_count, Arena *arena);

/* A package of its own for a planted situation; returns its index. */
int world_add_package(World *world, int project, const char *stem, int task_count,
                      int64_t duration_ms);

/* The offset the server's clock had at that instant: 0 in Azure, Central European elsewhere. */
int world_offset(const World *world, int64_t ticks);

/* Start of the hour in which the clocks go back, in the year of `ticks`. */
int64_t world_autumn_change(int64_t ticks);
int64_t world_spring_change(int64_t ticks);

/* "XXXXXXXX-XXXX-4XXX-YXXX-XXXXXXXXXXXX", 36 characters and NUL. */
enum { GUID_TEXT = 37 };
void guid_text(Rng *rng, char *ret_text);

#endif
