/* Between what reads a catalog into a file: captures, and archives of what a cleanup deletes. */
#ifndef SSISMINER_SRC_CAPTURE_READING_H
#define SSISMINER_SRC_CAPTURE_READING_H

#include "anonymised.h"

#include "ssisminer/capture/capture.h"
#include "ssisminer/capture/lines.h"

typedef struct Part Part;

/* Whether a row goes into the file. */
typedef Rc TakesRow(void *context, const TdsRows *rows, bool *ret_takes, Err *err);

typedef struct Capturing {
    const Ssisdb *db;
    const CaptureQuestion *question;
    CaptureFile *file; // NULL: lines
    Lines *lines;
    Arena *arena;
    Captured captured;
    bool all_messages;
    int64_t first_id, last_id; // of the operations that are read
    CaptureTable *left_out, *answers;
    Anonymised *anonymised; // NULL: names stay as they are
    /* An archive: nothing that the file has is cleared, and the operations are chosen one by one.
     */
    bool is_archive;
    TakesRow *takes; // NULL: all
    void *takes_context;
    const TdsArg *rule_args; // beside the ids: which operations those are
    size_t rule_arg_count;
} Capturing;

/* Puts the rows of one statement into the file. */
typedef Rc PutRows(Capturing *to, const Part *part, TdsRows *rows, int64_t *ret_rows, Err *err);

struct Part {
    SqlId id;
    const char *what, *table;
    PutRows *put;
    const char *key;
    const char *needs;
    enum { ENDS, LEFT_OUT } without;
    const char *lines; // its table in a stream; NULL: in none
};

PutRows put_LOG, put_WHOLE, put_MERGED, put_OPERATIONS, put_MESSAGES, put_PHASES, put_ORPHANS,
    put_ANSWERS;

PutRows part_put_lines; // of any part (stream.c)

bool part_is_there(const Capturing *to, const Part *part);
/* Its rows, in captured; what the login may not see is left out, of an archive only where it is of
 * no operation. */
Rc part_read(Capturing *to, const Part *part, Err *err) MUST_CHECK;
/* All parts, and that no operation was passed over. */
Rc parts_read_all(Capturing *to, Err *err) MUST_CHECK;
/* All that is of no operation: names, settings, what the server is. */
Rc parts_read_whole(Capturing *to, Err *err) MUST_CHECK;
/* RC_USAGE for the file of another catalog, and for one of the other kind; `own` is what a run of
 * this process would write. */
Rc capture_check_owner(const Ssisdb *db, const CaptureHead *head, const CaptureHead *own,
                       const char *path, Err *err) MUST_CHECK;

#endif
