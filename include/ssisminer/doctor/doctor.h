/*
 * Whether the catalog is in good health: the question behind `doctor`.
 *
 * A check is a row of a table. Each ends in one of three ways: there is a finding (with its
 * evidence), all is well, or it could not be checked (with the reason), which is never taken for
 * well. What the checks need is read first, in a constant number of statements.
 *
 * Ownership: a Doctor owns everything reachable from it; checks live for ever.
 * Sources:   docs/facts.md.
 */
#ifndef SSISMINER_DOCTOR_DOCTOR_H
#define SSISMINER_DOCTOR_DOCTOR_H

#include "ssisminer/ledger/ledger.h"
#include "ssisminer/report/news.h"
#include "ssisminer/report/report.h"
#include "ssisminer/report/words.h"
#include "ssisminer/ssisdb/ssisdb.h"

#include <stdbool.h>

typedef enum DoctorPriority { // gravest first
    DOCTOR_CRITICAL,          // the catalog stops, or will within days
    DOCTOR_ERROR,             // something does not work
    DOCTOR_WARNING,           // something will not work some day, or costs
    DOCTOR_INFO
} DoctorPriority;

const char *doctor_priority_name(DoctorPriority priority); // "critical"

typedef struct DoctorCheck {
    const char *id; // "retention-window"
    const char *title;
    DoctorPriority priority; // of its finding, unless the evidence makes it graver
    const char *why;
    const char *actions[4]; // up to a NULL; what fits the evidence and the server follows
    const char *link;
} DoctorCheck;

/* Every check there is, in the order of the table. */
const DoctorCheck *doctor_check(size_t index); // NULL past the last
const DoctorCheck *doctor_find_check(const char *id);

typedef enum DoctorOutcome {
    DOCTOR_FINE,
    DOCTOR_FOUND,
    DOCTOR_NOT_CHECKED,
    DOCTOR_SKIPPED
} DoctorOutcome;

typedef struct DoctorResult {
    const DoctorCheck *check;
    DoctorOutcome outcome;
    DoctorPriority priority;
    const char *const *evidence; // of a finding
    size_t evidence_count;
    const char *const *actions;
    size_t action_count;
    const char *reason; // why it was not checked
} DoctorResult;

typedef struct DoctorTable { // of the log
    const char *name;
    int64_t rows, bytes;
} DoctorTable;

typedef struct Doctor {
    const DoctorResult *results; // in the order of the table
    size_t count;
    const DoctorTable *tables; // largest first; none where the login may not see them
    size_t table_count;
    int64_t operations; // in the log, -1 if unknown
    Instant oldest;     // end of the first of them
    const char *connection;
    Arena arena;
} Doctor;

typedef struct DoctorQuestion {
    const char *const *skip; // ids of checks
    size_t skip_count;
    const LedgerRecord *record; // of the last cleanup, or NULL: the server alone is judged by
} DoctorQuestion;

Rc doctor_examine(const Ssisdb *db, const DoctorQuestion *question, Doctor **ret_doctor,
                  Err *err) MUST_CHECK;

/* The gravest finding; false when there is none. */
bool doctor_worst(const Doctor *doctor, DoctorPriority *ret_priority);

/* One of each result; the same is the same check. What was not checked, or skipped, is unseen. */
const Finding *doctor_findings(const Doctor *doctor, Arena *arena);
/* Leaves out the findings whose `wanted` (of the same index) is false. */
void doctor_keep(Doctor *doctor, const bool *wanted);

typedef struct DoctorView {
    const Ssisdb *db;
    Instant now;
    const ReportNews *news;     // NULL: no state
    const char *record_path;    // of the ledger; NULL: none was named
    const LedgerRecord *record; // what it says of this database's last cleanup
    Remedies remedies;          // for people
    size_t limit;               // findings of the first screen; 0: as many as there is room for
} DoctorView;

Report *doctor_report(const Doctor *doctor, const DoctorView *view, Arena *arena);

void doctor_free(Doctor *doctor); // accepts NULL
void doctor_free_at(Doctor **doctor);

#endif
