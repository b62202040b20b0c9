/*
 * Logs that are files, cut into records; a record is what one failure may be in: a run where the
 * form tells what belongs to one, else an entry of the log, a message, an activity.
 *
 * What a file is, is seen from its content; docs/forms.md lists the forms. One file may hold
 * several of them. `as` settles what cannot be seen:
 *
 *   lines          text, of any of the text forms
 *   jsonl          one JSON value a line: a message {"text", "code"}, or an execution
 *                  {"messages": [{"text", "code", "type", "source_type", "package",
 *                  "source_name", "subcomponent"}], "status"}
 *   adf            output or error of an activity, a list of activity runs, or one of them a line
 *   log-analytics  CSV or JSON with the columns of catalog.event_messages in any case and with or
 *                  without underscores; the rows of one operation are one record
 *
 * Reports of this program in json or ndjson are read too: the messages that they show.
 *
 * Ownership: a record and all it points to live until the callback returns.
 * Errors:    what cannot be read of a file becomes a record with `trouble` and does not stop the
 *            rest.
 * Limits:    constants below. Memory does not grow with a text log; of runs that are open at the
 *            same time LOG_RUNS_BYTES are kept, and the one that was silent longest is told first.
 * Threads:   one file each, at the same time.
 */
#ifndef SSISMINER_FORMS_FORMS_H
#define SSISMINER_FORMS_FORMS_H

#include "ssisminer/base/err.h"
#include "ssisminer/base/time.h"
#include "ssisminer/diagnose/diagnose.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    LOG_ENTRY_MAX = 1024 * 1024,      // bytes of one entry of a text log; the rest is cut off
    LOG_JSON_MAX = 256 * 1024 * 1024, // bytes of one JSON value
    LOG_RUN_BYTES = 512 * 1024,       // kept of one run before a part of it is told
    LOG_RUNS_BYTES = 2 * 1024 * 1024  // of all that are open
};

typedef enum LogForm { LOG_AUTO, LOG_LINES, LOG_JSONL, LOG_ADF, LOG_LOG_ANALYTICS } LogForm;

typedef struct LogRecord {
    size_t number; // from 1, in the order of the file
    const char *file;
    size_t line; // it begins there; from 1
    const DiagMessage *messages;
    size_t message_count;
    int status;           // operations.status, 0 when unknown
    int64_t operation_id; // 0 when unknown
    bool is_said_to_fail; // by its form: a level, a head
    bool is_quiet;        // nothing about it says error: news only if a signature knows it
    size_t run;           // its number in the file, from 1; 0 where parts are not told
    bool goes_on;         // a part: more of this run comes in a later record
    const char *trouble;  // why it could not be read, with its place; then the rest is empty
} LogRecord;

typedef Rc LogOnRecord(void *context, const LogRecord *record, Err *err);

typedef struct LogRequest {
    LogForm as;
    Instant since, until; // messages of other times are left out; those without a time are not
    const char *encoding; // as iconv names it; NULL: seen from the bytes
    size_t number_before; // records of files before this one
    bool is_plain;        // tests: without the short cuts through what cannot matter
    bool is_streamed;     // tests: no value of JSON is held as a whole
    LogOnRecord *on_record;
    void *context;
} LogRequest;

typedef struct LogTally { // of one file
    const char *form;     // what it was taken for; lives for ever
    size_t record_count;  // a run counts once, with its last part
    size_t trouble_count;
} LogTally;

/* ret_tally holds what was read, also after an error. */
Rc log_read(const LogRequest *request, FILE *stream, const char *name, LogTally *ret_tally,
            Err *err) MUST_CHECK;

#endif
