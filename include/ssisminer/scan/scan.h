/*
 * Paths to records: files, folders with all below them, standard input, each read by `forms`.
 *
 * Errors: what cannot be read of a file becomes a record with `trouble` and does not stop the
 *         rest; RC_USAGE for a path that is not there.
 * Limits: SCAN_DEPTH_MAX folders within each other.
 */
#ifndef SSISMINER_SCAN_SCAN_H
#define SSISMINER_SCAN_SCAN_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/err.h"
#include "ssisminer/forms/forms.h"

#include <stddef.h>
#include <stdio.h>

enum { SCAN_DEPTH_MAX = 32 };

/* ---- one record after the other -------------------------------------------------------------- */

typedef struct Scan { // set `request`, but for number_before; the rest is counted
    LogRequest request;
    size_t record_count;
    size_t file_count;
    size_t trouble_count;
} Scan;

/* A file, a folder with all below it (hidden ones left out), or "-" for standard input. */
Rc scan_path(Scan *scan, const char *path, Err *err) MUST_CHECK;
Rc scan_stream(Scan *scan, FILE *stream, const char *name, Err *err) MUST_CHECK;

/* ---- the files of some paths ----------------------------------------------------------------- */

typedef struct ScanFile {
    const char *path; // "-": standard input
    const char *why;  // not NULL: it cannot be read, and why
} ScanFile;

typedef struct ScanFiles { // {0}; lives in the arena
    ScanFile *at;
    size_t count, capacity;
} ScanFiles;

Rc scan_list(ScanFiles *files, const char *path, Arena *arena, Err *err) MUST_CHECK;
/* One of them, with `number_before` of the request. */
Rc scan_file(const LogRequest *request, const ScanFile *file, LogTally *ret_tally,
             Err *err) MUST_CHECK;

#endif
