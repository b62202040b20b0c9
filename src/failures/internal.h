/* Between the files of this room: what is read, then what it means. */
#ifndef SSISMINER_FAILURES_INTERNAL_H
#define SSISMINER_FAILURES_INTERNAL_H

#include "ssisminer/failures/failures.h"

/* One kept message in one piece of memory, texts behind it. */
typedef struct Kept {
    FailureMessage message;
    uint64_t arrival; // order of the rows: decides when time and id do not
    char texts[];
} Kept;

/* The earliest messages of one kind; a heap with the latest on top once it is full. */
typedef struct KeptList {
    Kept **at;
    size_t count, capacity;
    size_t limit; // SIZE_MAX: none
    bool is_heap;
} KeptList;

/* False when there was no room for it and another or itself was dropped. */
bool kept_add(KeptList *list, const Message *message, size_t text_max, uint64_t arrival);
void kept_done(KeptList *list);
int kept_compare(const Kept *a, const Kept *b);

typedef struct Finished { // a task or container that had ended well
    const char *package, *path;
    Instant end;
} Finished;

typedef struct Gathered { // while rows arrive; same index as the failure
    KeptList errors, warnings, others;
    Finished *finished;
    size_t finished_count, finished_capacity;
} Gathered;

struct FailuresStore {
    Arena arena;
    Gathered *gathered;
    size_t count;
};

/* Diagnoses every failure and groups them into causes. */
Rc causes_find(Failures *failures, Failure *list, const SigSet *signatures, Arena *arena,
               Err *err) MUST_CHECK;

typedef struct CauseRank { // what causes are ordered by
    int64_t count;
    Instant last_seen;
    const char *id;
} CauseRank;
/* The most frequent first, then the latest; as qsort wants it. */
int causes_order(const CauseRank *a, const CauseRank *b);

#endif
