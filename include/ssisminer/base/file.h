/* Files: read whole with a cap, write so that nobody ever sees half a file. */
#ifndef SSISMINER_BASE_FILE_H
#define SSISMINER_BASE_FILE_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/str.h"

#include <stdbool.h>
#include <stdio.h>

/* Whole file, at most max_bytes; RC_USAGE with the system's reason otherwise. */
Rc file_read(const char *path, size_t max_bytes, Arena *arena, Str *ret_text, Err *err) MUST_CHECK;

/* Output to PATH through a temporary file beside it, renamed by file_out_commit;
 * "-" or NULL is stdout, a device or a pipe is written directly. It has the permissions of our own
 * file that it replaces, else what umask leaves; never a set-id bit. In a sticky folder that others
 * may write to (/tmp) a link and somebody else's file are refused. No signal leaves the temporary
 * file behind (base/guard.h). file_out_done without a
 * commit removes the temporary file; after a failed open there is nothing to be done. */
typedef struct FileOut {
    FILE *stream;
    char *path; // NULL for stdout
    char *temporary;
} FileOut;

Rc file_out_open(FileOut *out, const char *path, Err *err) MUST_CHECK;
void file_out_private(FileOut *out); // a file is for this user alone (0600), whatever it replaces
Rc file_out_commit(FileOut *out,
                   Err *err) MUST_CHECK; // flushes, reports write errors (a broken pipe too)
void file_out_done(FileOut *out);
bool file_has_bytes(const char *path); // a regular file that is not empty

/* The reader of stdout went away: a failed write is no error to speak of, ending
 * quietly is right. */
bool file_stdout_is_broken(void);

/* A new private directory (0700) under $TMPDIR; file_remove_tree deletes it again. */
Rc file_temp_dir(const char *prefix, Arena *arena, char **ret_path, Err *err) MUST_CHECK;
void file_remove_tree(const char *path);
bool file_exists(const char *path);
/* Two names of one file, be it there or not: the same text, or the same regular file by links or
 * another way to it. Of a file that is not there yet its folder is compared. */
bool file_is_same(const char *path, const char *other);

#endif
