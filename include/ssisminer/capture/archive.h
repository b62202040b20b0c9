/*
 * What a cleanup is about to delete, kept in a file as a capture has it, so that `--from` reads it
 * as evidence that the server has no more.
 *
 * Before operations go, all that the commands read of them is in the file and on the disk:
 * operations are put in transactions of their own, and told back one by one. What was not told back
 * must stay on the server. Putting may be repeated, also when some of the operation's rows have
 * gone meanwhile: what the file has is never taken from it but by archive_trim.
 *
 * A constant number of statements for each archive_open and each archive_put, sql/capture, that
 * read by the rule and the keys of the deletes. Values that are sensitive are not asked for.
 *
 * Ownership: an Archive borrows db and wish.
 * Errors:    those of tds and of store/capture.h; RC_USAGE, with what to do, for a file that cannot
 * be written, is none, is of another catalog or has another operation of the same id.
 */
#ifndef SSISMINER_CAPTURE_ARCHIVE_H
#define SSISMINER_CAPTURE_ARCHIVE_H

#include "ssisminer/ssisdb/ssisdb.h"
#include "ssisminer/store/capture.h"

typedef struct ArchiveWish {
    const char *path;
    const char
        *template_path;  // an empty file of capture_flavor, made by ssisminer-sandbox; not to look
    const char *program; // who writes it: "ssisminer 1.0"
    bool has_all_operations;       // else failed (4) and unexpectedly ended (6) ones
    int64_t keep_ticks;            // how long what was over stays in it; 0: for ever
    Instant cutoff, failed_cutoff; // of the cleanup's rule; not to look
} ArchiveWish;

typedef struct ArchiveLook { // the file as it is
    bool is_there;
    CaptureHead head;
    ArchiveHeld held; // stale: operations that archive_trim would take
} ArchiveLook;

/* What a run would be refused for, as far as it can be known without writing. */
Rc archive_look(const Ssisdb *db, const ArchiveWish *wish, Arena *arena, ArchiveLook *ret_look,
                Err *err) MUST_CHECK;

typedef struct Archive Archive;

typedef struct ArchiveTold { // of this run
    int64_t operations, executions, messages;
    int64_t trimmed; // operations
    int64_t bytes;   // of the file
    int64_t statements;
} ArchiveTold;

/* db has to read the tables (reads_tables): views hide what others started. That takes SELECT on
 * schema internal. */
Rc archive_open(const Ssisdb *db, const ArchiveWish *wish, Archive **ret_archive,
                Err *err) MUST_CHECK;
/* Operations, in the order of their ids. Which of them are in the file now comes in ret_put, of the
 * same index: one whose rows others hold locks on is not, nor one that the rule does not doom any
 * more. */
Rc archive_put(Archive *archive, const int64_t *ids, size_t count, bool *ret_put,
               Err *err) MUST_CHECK;
/* What was over before keep_ticks ago goes from the file; never what this run put. */
Rc archive_trim(Archive *archive, Err *err) MUST_CHECK;
ArchiveTold archive_told(const Archive *archive);
void archive_close(Archive *archive); // accepts NULL
void archive_close_at(Archive **archive);

#endif
