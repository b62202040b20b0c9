/*
 * All messages of a window, counted: the question behind `mine`.
 *
 * A statement says which packages the executions of the window are; one streams the messages; each
 * is matched and counted as it passes, by signature, package and hour; what no signature knows is
 * counted by fingerprint. A message counts for the best signature that matches it, whatever its
 * type.
 *
 * Ownership: a Mine owns everything reachable from it, but borrows the catalog.
 * Limits:    memory does not grow with the log: MINE_PACKAGES packages, MINE_HOURS hours (further
 *            ones are counted together) and MINE_UNKNOWN fingerprints (diagnose/unknowns.h);
 *            16 bytes an execution of the window for its folder and project, MINE_EXECUTIONS at
 *            most: with a filter more are an error, without one they go by their package alone.
 */
#ifndef SSISMINER_MINE_MINE_H
#define SSISMINER_MINE_MINE_H

#include "ssisminer/diagnose/unknowns.h"
#include "ssisminer/report/news.h"
#include "ssisminer/report/report.h"
#include "ssisminer/signature/signature.h"
#include "ssisminer/ssisdb/missing.h"
#include "ssisminer/ssisdb/ssisdb.h"

enum {
    MINE_PACKAGES = 4096,
    MINE_HOURS = 20000, // more than two years
    MINE_UNKNOWN = 1000,
    MINE_EXECUTIONS = 4000000
};

typedef enum MineType { // message types that can be asked for, as bits
    MINE_ERRORS = 1 << 0,
    MINE_WARNINGS = 1 << 1,
    MINE_TASKS_FAILED = 1 << 2,
    MINE_QUERY_CANCELS = 1 << 3,
    MINE_INFORMATION = 1 << 4,
    MINE_OTHERS = 1 << 5,
    MINE_ALL = (1 << 6) - 1
} MineType;

typedef struct MineQuestion {
    Instant since;
    Instant until; // unset: no end
    unsigned types;
    ExecutionFilter filter;
} MineQuestion;

typedef struct MineCount {
    int64_t messages;
    int64_t errors, tasks_failed, warnings; // types 120, 130 (which says that 120 did it) and 110
    int64_t known;                          // matched by a signature
    Instant first_seen, last_seen;
} MineCount;

typedef struct MineSignature {
    const Signature *signature;
    MineCount count;
    size_t packages; // different ones; those beyond MINE_PACKAGES count as one
} MineSignature;

typedef struct MinePackage {
    const char
        *name; // "folder/project/package", or the package where no more is known; "" for none
    const char *folder, *project; // NULL where they are not known
    const char *package;          // that said it: a child is not the one that was started
    MineCount count;
} MinePackage;

typedef struct MineHour {
    Instant start; // UTC
    MineCount count;
} MineHour;

typedef struct Mine {
    MineCount total;
    int64_t text_bytes;
    const MineSignature *signatures; // that were seen, the most frequent first, wrappers last
    size_t signature_count;
    const MinePackage *packages; // likewise
    size_t package_count;
    const MineHour *hours; // in order, those with messages
    size_t hour_count;
    MineCount other_packages, other_hours; // beyond the limits
    const Unknowns *unknowns;              // errors that nothing knows
    int64_t unknown_messages;
    Missing missing;         // the answer is partial, and says so
    struct MineStore *store; // private
} Mine;

/* Called every few thousand messages. */
typedef void MineProgress(void *context, int64_t messages);

Rc mine_read(const Ssisdb *db, const SigSet *signatures, const MineQuestion *question,
             MineProgress *progress, void *context, Mine **ret_mine, Err *err) MUST_CHECK;

/* The signatures that were seen, then the unknown errors, the most frequent first: the same is the
 * same signature, or fingerprint, wherever it was seen. */
const Finding *mine_findings(const Mine *mine, Arena *arena, size_t *ret_count);
/* Leaves those out whose `wanted` (of the same index) is false; packages and hours count all. */
void mine_keep(Mine *mine, const bool *wanted);

typedef struct MineView {
    const Ssisdb *db;
    const MineQuestion *question;
    size_t limit; // of each list, for people; 0: none
    Instant now;
    bool remedies;          // the first screen says what to do
    const ReportNews *news; // NULL: no state
} MineView;

Report *mine_report(const Mine *mine, const MineView *view, Arena *arena);

void mine_free(Mine *mine); // accepts NULL
void mine_free_at(Mine **mine);

#endif
