/*
 * What failed in a window of time, and why: the question behind `report`.
 *
 * Reads failed (4), unexpectedly ended (6) and, on request, canceled (3) executions; failed
 * operations of other kinds (deploy, restore, validate, purge, configure, and a create_execution
 * that never became an execution); the errors, warnings, failed tasks and query cancels of those
 * alone; and gives each its root cause. At most six statements, however many failed.
 *
 * The window: an operation belongs to it when the last known of its end, start and creation is
 * >= since and < until. So a long run counts when it failed, not when it began.
 *
 * Ownership: a Failures owns everything reachable from it, but borrows the catalog.
 * Limits:    memory grows with what the failed operations said, never with the log: of one
 *            operation the earliest FAILURES_KEEP errors (with failed tasks and query cancels)
 *            and the earliest FAILURES_KEEP warnings are kept, each cut at FAILURES_TEXT_MAX
 *            bytes. With all_messages neither limit holds.
 */
#ifndef SSISMINER_FAILURES_FAILURES_H
#define SSISMINER_FAILURES_FAILURES_H

#include "ssisminer/diagnose/diagnose.h"
#include "ssisminer/report/news.h"
#include "ssisminer/report/report.h"
#include "ssisminer/report/words.h"
#include "ssisminer/signature/signature.h"
#include "ssisminer/ssisdb/missing.h"
#include "ssisminer/ssisdb/ssisdb.h"

enum { FAILURES_KEEP = 500, FAILURES_TEXT_MAX = 64 * 1024, FAILURES_FINISHED_MAX = 2000 };

typedef struct FailuresQuestion {
    Instant since, until; // unset: no start, no end
    bool with_failed, with_unexpected, with_canceled;
    bool all_messages;      // every message of the failed, of every type, whole
    ExecutionFilter filter; // operations have neither folder, project nor package: a filter on
                            // those leaves them out
} FailuresQuestion;

typedef struct StatusTotal { // executions of the window that pass the filter
    int status;
    int64_t executions;
} StatusTotal;

typedef struct FailureMessage { // texts are NULL where the server has none
    Instant time;
    int64_t id; // 0 for scale-out rows
    int type, source_type;
    int64_t code;
    const char *package, *event_name, *source_name, *subcomponent, *package_path, *execution_path;
    Str text; // ends in NUL; cut, and not marked as cut, at FAILURES_TEXT_MAX; at NULL: none
    bool is_cut;
} FailureMessage;

typedef enum CauseKind {
    CAUSE_KNOWN,   // a signature of the catalog
    CAUSE_UNKNOWN, // an error that no signature knows, by its fingerprint
    CAUSE_SILENT   // no message to judge by
} CauseKind;

typedef struct FailureCause {
    CauseKind kind;
    const char *id;    // signature id, fingerprint, or a name of its own for the silent ones
    const char *title; // one line
    const Signature *signature; // CAUSE_KNOWN
    const char *text;           // why
    const char *const *actions;
    size_t action_count;
    SigSeverity severity;
    const char *retry;              // "safe", "after-backoff", "after-fix", "never", "unknown"
    const char *retry_advice;       // "rerun after a pause"
    int64_t executions, operations; // that failed of it
    const char *const *packages;    // distinct "folder/project/package", sorted
    size_t package_count;
    Instant first_seen, last_seen;
} FailureCause;

typedef struct Failure {
    bool is_execution;
    Execution execution; // if is_execution
    Operation operation; // else
    int64_t id;
    int status;
    Instant time;                   // what put it into the window
    Instant doubted_end;            // an end that cannot be (ends.h): it counts as none
    const FailureMessage *messages; // by time, then id, then arrival
    size_t message_count;
    int64_t error_count, warning_count; // seen: kept or not (types 120 and 110)
    int64_t dropped_count;              // seen and not kept
    Diagnosis diagnosis;
    size_t decisive; // index in messages; SIZE_MAX if there is none
    const FailureCause *cause;
    /* Of an execution: the tasks that had finished well, in the order of their ends (names within
     * the package; at most FAILURES_FINISHED_MAX). Of everything: whether it may run again. */
    const char *const *finished;
    size_t finished_count;
    const char *rerun;        // "yes", "after-pause", "after-fix", "look", "no"
    const char *rerun_words;  // yes or no, and why: "no, look first, because Load staging had …"
    const char *rerun_reason; // "Load staging had finished and would run again"; NULL: no execution
} Failure;

typedef struct Failures {
    const StatusTotal *totals; // by status; none when the filter lists ids with gaps
    size_t total_count;
    const Failure *list; // newest first
    size_t count;
    size_t execution_count, operation_count; // of list
    size_t doubted_count;                    // of list, with a doubted_end
    const FailureCause *causes;              // most frequent first, then latest seen
    size_t cause_count;
    Missing missing;             // the answer is partial, and says so
    bool is_unread;              // some or all messages are among them
    struct FailuresStore *store; // private
} Failures;

Rc failures_read(const Ssisdb *db, const SigSet *signatures, const FailuresQuestion *question,
                 Failures **ret_failures, Err *err) MUST_CHECK;

/* Failed executions that are members of groups of duplicates, which another room finds. */
typedef struct FailuresDuplicates {
    bool is_known; // false: nobody looked, or could
    size_t failures, groups;
} FailuresDuplicates;

/* The answer as a report (its JSON: config/schema/report.schema.json). At most `limit` executions
 * and as many operations are listed, newest first (0: all); totals and causes always count all. */
/* A finding of each failure: the same is the same cause in the same package, or, of an operation,
 * in the same kind of it with the same object. */
const Finding *failures_findings(const Failures *failures, Arena *arena);

/* Keeps those failures whose `wanted` (of the same index) is true, and the causes that are left. */
void failures_keep(Failures *failures, const bool *wanted);

typedef struct FailuresView {
    const Ssisdb *db;
    const FailuresQuestion *question;
    size_t
        limit; // of each list, for people; of executions and operations, for programs too; 0: none
    Instant now;
    FailuresDuplicates duplicates;
    const ReportNews *news;        // NULL: no state
    const struct Changes *changes; // what changed before (changes.h); NULL: nobody looked
    Remedies remedies;             // of the causes that are shown to people, of all, of none
    bool is_part; // stands beside those of other targets: a list also of a single failure
} FailuresView;

Report *failures_report(const Failures *failures, const FailuresView *view, Arena *arena);

void failures_free(Failures *failures); // accepts NULL
void failures_free_at(Failures **failures);

#endif
