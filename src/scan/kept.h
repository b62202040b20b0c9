/* What is kept of a scan, between the file that judges and the one that shows. */
#ifndef SSISMINER_SCAN_KEPT_INTERNAL_H
#define SSISMINER_SCAN_KEPT_INTERNAL_H

#include "ssisminer/base/buf.h"
#include "ssisminer/diagnose/diagnose.h"
#include "ssisminer/diagnose/unknowns.h"
#include "ssisminer/scan/findings.h"

typedef struct Cause {
    const Signature *signature;
    int64_t count;
    const char *first, *last; // places
    char *last_text;          // grown as needed
    size_t last_size;
} Cause;

typedef struct Kept { // a record with something to tell
    size_t number, line;
    int64_t operation_id;
    Instant time; // of the decisive message; unset where the log has none
    const char *file;
    const Signature *signature;      // NULL: unknown
    const char *confidence, *reason; // NULL: unknown
    const char *fingerprint;
    const char *excerpt, *task_path;
    const char *const *captures;
    size_t capture_count, echoes;
} Kept;

typedef struct FileNote {
    const char *name;
    LogTally tally;
} FileNote;

typedef struct Pending { // a run of which only parts were told so far
    struct Pending *next;
    size_t run;
    Arena arena;
    bool has_diagnosis;
    Diagnosis diagnosis; // of all parts
    DiagMessage message; // the decisive one
    size_t message_count, root_index;
    Buf matches; // as JSON, one after the other
} Pending;

struct Findings {
    const SigSet *set;
    SigScratch *scratch;
    FILE *lines;
    Buf line;
    Arena arena; // of the record at hand
    Arena kept;  // of what the report shows
    Cause *causes;
    size_t cause_count;
    Unknowns *unknowns;
    Kept *records;
    size_t record_count, record_capacity, record_max;
    Pending *pending;
    size_t known_count, unknown_count, trouble_count;
    const char *troubles[FINDINGS_TROUBLES];
    size_t told_troubles;
    const char *last_file; // copied once a file
    FileNote *files;       // the first FINDINGS_FILES
    size_t file_count, file_capacity;
};

/* The causes, the most frequent first; to be freed. */
Cause *findings_sorted(const Findings *findings);

#endif
