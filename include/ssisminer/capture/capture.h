/*
 * The log as a file: what the other commands read of a catalog, in a SQLite file that
 * ssisminer-sandbox serves as it stands (store/capture.h), so that they read it there again
 * (--from).
 *
 * A constant number of statements, sql/capture, whatever the log holds; rows go from the server
 * into the file as they come. A second run reads what began or ended since the first, with an hour
 * to spare, and what was live; what the server has purged meanwhile stays in the file. Values that
 * are sensitive are not asked for.
 *
 * Ownership: what is captured lives in the arena given.
 * Errors:    those of tds and of store/capture.h; RC_USAGE for a file of another catalog;
 * RC_NOTHING when operations stayed locked. After any of them the file is as it was before.
 */
#ifndef SSISMINER_CAPTURE_CAPTURE_H
#define SSISMINER_CAPTURE_CAPTURE_H

#include "ssisminer/anonymise/anonymise.h"
#include "ssisminer/report/report.h"
#include "ssisminer/ssisdb/ssisdb.h"
#include "ssisminer/store/capture.h"

typedef struct CaptureQuestion {
    const char *path;          // NULL: standard output, of a stream (capture/stream.h)
    const char *template_path; // an empty file of capture_flavor, made by ssisminer-sandbox
    const char *program;       // who wrote it: "ssisminer 1.0"
    Instant since;             // unset: from the first operation on
    bool wants_all_messages;
    Anonymiser *anonymiser; // NULL: names and values go into the file as they are
    const char *key_id;     // of a stream of what was anonymised before; NULL: it was not
} CaptureQuestion;

typedef struct CapturedPart {
    const char *what;  // "executions"
    const char *lines; // its table in a stream
    int64_t rows;
    const char *left_out; // why there are none; NULL: it was read
} CapturedPart;

typedef struct Captured {
    CaptureHead head; // of this run: what the file holds now
    bool is_first;
    Instant read_since; // of what was read this time; unset: from the first operation on
    CapturedPart *parts;
    size_t part_count;
    int64_t lost; // live in the file, and gone from the server
} Captured;

/* Which schema of the sandbox is this server's: "azure", "sql2019", "sql2012". */
const char *capture_flavor(const Ssisdb *db);

Rc capture_run(const Ssisdb *db, const CaptureQuestion *question, Arena *arena,
               Captured *ret_captured, Err *err) MUST_CHECK;

Report *capture_report(const Ssisdb *db, const CaptureQuestion *question, const Captured *captured,
                       Arena *arena);

#endif
