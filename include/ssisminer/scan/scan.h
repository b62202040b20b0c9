/*
 * Logs that are files: text, JSON lines, activity output of Data Factory, exports of Log
 * Analytics; each cut into records, a record being what one failure may be in.
 *
 *   lines          one record an entry of the log: a line and what follows it, up to the next line
 *                  that begins with a time (or, in a log without times, that is not indented)
 *   jsonl          one JSON value a line: a message {"text", "code"}, or an execution
 *                  {"messages": [{"text", "code", "type", "source_type", "package",
 *                  "source_name", "subcomponent"}], "status"}
 *   adf            output or error of an activity, a list of activity runs, or one of them a line
 *   log-analytics  CSV or JSON with the columns of catalog.event_messages in any case and with or
 *                  without underscores; the rows of one operation are one record
 *
 * Reports of this program in json or ndjson are read too: the messages that they show.
 *
 * UTF-8, UTF-16 with a byte order mark, and either kind of line end.
 *
 * Ownership: a record and all it points to live until the callback returns.
 * Errors:    what cannot be read of a file becomes a record with `trouble` and does not stop the
 *            rest; RC_USAGE for a path that is not there.
 * Limits:    constants below; memory does not grow with a text log, but with JSON and CSV that
 *            are one document or one operation.
 */
#ifndef SSISMINER_SCAN_SCAN_H
#define SSISMINER_SCAN_SCAN_H

#include "ssisminer/base/err.h"
#include "ssisminer/diagnose/diagnose.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    SCAN_ENTRY_MAX = 4 * 1024 * 1024,     // bytes of one entry of a text log; the rest is cut off
    SCAN_JSON_MAX = 256 * 1024 * 1024,    // bytes of one JSON value
    SCAN_ROWS_MAX_BYTES = 512 * 1024 * 1024, // kept of one export
    SCAN_DEPTH_MAX = 32                   // of folders
};

typedef enum ScanForm {
    SCAN_AUTO,
    SCAN_LINES,
    SCAN_JSONL,
    SCAN_ADF,
    SCAN_LOG_ANALYTICS
} ScanForm;

typedef struct ScanRecord {
    size_t number; // from 1, through all files
    const char *file;
    size_t line;   // it begins there; from 1
    const DiagMessage *messages;
    size_t message_count;
    int status;           // operations.status, 0 when unknown
    int64_t operation_id; // 0 when unknown
    bool is_said_to_fail; // by its form: a level, a head
    bool is_quiet;        // nothing about it says error: news only if a signature knows it
    const char *trouble;  // why it could not be read, with its place; then the rest is empty
} ScanRecord;

typedef Rc ScanOnRecord(void *context, const ScanRecord *record, Err *err);

typedef struct Scan { // set the first three, the rest is counted
    ScanForm form;
    ScanOnRecord *on_record;
    void *context;
    size_t record_count;
    size_t file_count;
    size_t trouble_count;
} Scan;

/* A file, a folder with all below it (hidden ones left out), or "-" for standard input. */
Rc scan_path(Scan *scan, const char *path, Err *err) MUST_CHECK;
Rc scan_stream(Scan *scan, FILE *stream, const char *name, Err *err) MUST_CHECK;

#endif
