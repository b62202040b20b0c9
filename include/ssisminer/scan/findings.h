/*
 * What the records of a scan mean: each one's root cause, and all of them together.
 *
 * Ownership: a Findings borrows the catalog.
 * Limits:    FINDINGS_UNKNOWN fingerprints, FINDINGS_RECORDS records and FINDINGS_TROUBLES
 *            troubles are kept for the report, and FINDINGS_FILES files named; the rest is counted.
 */
#ifndef SSISMINER_SCAN_FINDINGS_H
#define SSISMINER_SCAN_FINDINGS_H

#include "ssisminer/report/news.h"
#include "ssisminer/report/report.h"
#include "ssisminer/scan/scan.h"
#include "ssisminer/signature/signature.h"

enum {
    FINDINGS_UNKNOWN = 1000,
    FINDINGS_RECORDS = 10000,
    FINDINGS_TROUBLES = 100,
    FINDINGS_FILES = 1000
};

typedef struct Findings Findings;

/* Keeps the first record_max failures for a report. With `lines`, every record is written there at
 * once as one line of JSON:
 *   {"record": n, "root_cause": id|null, "root_index": i|null,
 *    "matches": [{"index": i, "id": …, "role": …, "captures": {…}}], "fingerprint": id|null}
 * and one that could not be read has "error" besides; nothing is kept for a report then. */
Findings *findings_new(const SigSet *set, FILE *lines, size_t record_max);
void findings_free_at(Findings **findings);

/* A LogOnRecord; context is the Findings. */
Rc findings_take(void *context, const LogRecord *record, Err *err) MUST_CHECK;

/* As if what `part` took had come now, after that many records; it is then as it was made. Lines
 * of JSON are its own matter. */
void findings_move(Findings *findings, Findings *part, size_t number_before);

/* Signatures that are root causes, the most frequent first; returns how many, at most max. */
size_t findings_causes(const Findings *findings, const Signature **ret_causes, size_t max);
size_t findings_unknown_count(const Findings *findings); // records whose error nothing knows
size_t findings_trouble_count(const Findings *findings);
bool findings_are_whole(const Findings *findings); // all could be read, and no rare one left out

/* The place and reason of a record that could not be read; NULL beyond FINDINGS_TROUBLES. */
const char *findings_trouble(const Findings *findings, size_t index);

/* Reads the files, with a thread a core, into `findings` in their order; what comes out is the same
 * whatever runs when. `how` needs no callback. ret_counts is added to, also after an error. */
Rc findings_read(Findings *findings, const LogRequest *how, const ScanFiles *files,
                 Scan *ret_counts, Err *err) MUST_CHECK;

/* The causes, the most frequent first, then the unknown errors, likewise: the same is the same
 * signature, or fingerprint, wherever it stands. */
const Finding *findings_list(const Findings *findings, Arena *arena, size_t *ret_count);
/* Leaves those out whose `wanted` (of the same index) is false, and their records. */
void findings_keep(Findings *findings, const bool *wanted);

typedef struct FindingsView {
    size_t limit;           // records that are listed for people; 0: none
    size_t rows;            // most of a list of the first screen; 0: as many as there is room for
    bool has_remedies;      // the first screen says what to do
    const ReportNews *news; // NULL: no state
} FindingsView;

Report *findings_report(const Findings *findings, const Scan *scan, const FindingsView *view,
                        Arena *arena);

#endif
