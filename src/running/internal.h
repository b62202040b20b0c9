/* Between the files of this room: what is read, and what it means. */
#ifndef SSISMINER_RUNNING_INTERNAL_H
#define SSISMINER_RUNNING_INTERNAL_H

#include "ssisminer/running/running.h"
#include "ssisminer/ssisdb/silent.h"

/* ---- how long a package usually takes -------------------------------------------------------- */

typedef struct Usuals Usuals;

Usuals *usuals_new(void);
void usuals_free(Usuals *usuals); // accepts NULL
/* A success; `key` names package and environment. Of one key the last that came are kept. */
void usuals_add(Usuals *usuals, const char *key, int64_t length);
/* Sorts them; a count of 0 where fewer than `least` came. */
RunningUsual usuals_of(Usuals *usuals, const char *key, size_t least);

/* ---- the errors of an operation -------------------------------------------------------------- */

typedef struct Heard { // of one operation
    int64_t id;
    Instant first, last;
    int64_t count;
    RunningNoisy noisy; // what the rows say of the execution
    DiagMessage kept[RUNNING_ERRORS_KEPT];
    size_t kept_count;
} Heard;

typedef struct Hearing {
    Heard **list; // by id
    size_t count, capacity, noisy_count;
    bool has_more;
    Arena arena;
} Hearing;

void hearing_done(Hearing *hearing);
/* NULL for one that is over RUNNING_NOISY_MAX. */
Heard *hearing_of(Hearing *hearing, int64_t id, bool is_noisy);
Heard *hearing_find(const Hearing *hearing, int64_t id); // NULL if it said none
void heard_add(Heard *heard, const Message *message, Arena *arena);
Rc heard_diagnose(const Heard *heard, const SigSet *set, SigScratch *scratch, int status,
                  Arena *arena, RunningErrors *ret_errors, Err *err) MUST_CHECK;

/* ---- the verdict ----------------------------------------------------------------------------- */

/* So long nobody waits for a worker, and so long a sign of life stays away from what is dead
 * (ssisdb/silent.h). */
#define SILENT_TICKS (SILENT_HOURS * (TICKS_PER_DAY / 24))

/* Fills in age, silence and state of one operation, by what was read of it. */
void running_classify(RunningOperation *operation, const RunningQuestion *question, Instant now);

struct RunningStore {
    Arena arena;
    Hearing hearing;
};

#endif
