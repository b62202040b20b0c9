/* Counting in tables of fixed size. */
#ifndef SSISMINER_MINE_TALLY_H
#define SSISMINER_MINE_TALLY_H

#include "ssisminer/mine/mine.h"

/* One message, as far as counting goes. */
typedef struct Seen {
    int64_t ticks;
    bool is_error, is_task_failed, is_warning, is_known;
} Seen;

void count_add(MineCount *count, const Seen *seen);

/* ---- texts to places ------------------------------------------------------------------------- */

typedef struct Packages {
    Arena arena;
    MinePackage *at;
    uint32_t *table; // hash to place + 1
    size_t count;
    size_t last; // place of the row before: mostly it is the same again
} Packages;

void packages_init(Packages *packages);
void packages_done(Packages *packages);
/* The place of this name, MINE_PACKAGES when there is no room for it. The name is a path when
 * folder and project are not NULL; the last `package` bytes of it are the package. */
size_t packages_place(Packages *packages, Str name, const char *folder, const char *project,
                      size_t package);

typedef struct Hours {
    MineHour *at;
    uint32_t *table;
    size_t count;
    size_t last;
    int64_t last_hour;
} Hours;

void hours_init(Hours *hours);
void hours_done(Hours *hours);
size_t hours_place(Hours *hours, int64_t ticks); // MINE_HOURS when there is no room

/* ---- signatures ------------------------------------------------------------------------------ */

typedef struct Signatures {
    MineSignature *at;
    uint8_t **packages; // by signature: a bit a package; NULL until it was seen
    const Signature **keys;
    uint32_t *places;
    size_t count, table_size;
} Signatures;

void signatures_init(Signatures *signatures, const SigSet *set);
void signatures_done(Signatures *signatures);
void signatures_count(Signatures *signatures, const Signature *signature, const Seen *seen,
                      size_t package);

#endif
