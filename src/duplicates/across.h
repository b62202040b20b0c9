/* Private to duplicates: several catalogs beside each other. */
#ifndef DUPLICATES_ACROSS_INTERNAL_H
#define DUPLICATES_ACROSS_INTERNAL_H

#include "links.h"
#include "store.h"

#include "ssisminer/duplicates/across.h"

/* What lowers the confidence, or is to be known. */
typedef enum AcrossReason {
    ACROSS_SECRET = 1 << 0,
    ACROSS_UNREAD = 1 << 1,
    ACROSS_OTHER_PARAMETERS = 1 << 2, // and were to be ignored
    ACROSS_RUN_ID = 1 << 3,
    ACROSS_NEVER_REPEATS = 1 << 4,
    ACROSS_OTHER_ENVIRONMENT = 1 << 5,
    ACROSS_NEVER_STARTED = 1 << 6,
    ACROSS_FAILED_FIRST = 1 << 7
} AcrossReason;

typedef struct AcrossPlace { // of a run: where it came from
    uint32_t catalog;
    const char *environment_folder, *environment;
    bool passes, is_allowed, is_in_window;
} AcrossPlace;

typedef struct AcrossClock {
    const char *target;
    int64_t skew, unsure; // ahead of this machine's; and by how much that may be wrong
    bool was_cut;         // it had more starts than were taken
} AcrossClock;

struct Across {
    const DuplicatesQuestion *question;
    DuplicatesStore *store; // the runs that stand near one of another catalog, by key and start
    AcrossPlace *places;    // of each run
    AcrossClock *clocks;    // of each catalog
    size_t clock_count;
    Buf *ids; // of each catalog
    int64_t now;
    AcrossGroup *groups;
    size_t group_count, group_capacity;
    const char **warnings;
    size_t warning_count;
};

#endif
