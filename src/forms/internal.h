/* Between the files of this room. */
#ifndef SSISMINER_FORMS_INTERNAL_H
#define SSISMINER_FORMS_INTERNAL_H

#include "source.h"
#include "ssisminer/forms/forms.h"

/* One file being read. */
typedef struct Reader {
    const LogRequest *request;
    const char *name;
    Source source;
    Arena arena; // of the current record; reset after it
    LogTally *tally;
    int depth; // of archives in archives
} Reader;

void reader_done(Reader *reader);

/* Numbers the record and hands it over. */
Rc reader_tell(Reader *reader, LogRecord *record, Err *err) MUST_CHECK;
/* Is a message of this time, 0 when unknown, outside of the window that is asked for? */
bool reader_leaves_out(const Reader *reader, int64_t ticks);
/* A record that could not be read: "NAME:line:column: why" (column 0: none). */
Rc reader_tell_trouble(Reader *reader, size_t line, size_t column, const char *why,
                       Err *err) MUST_CHECK;

Rc text_read(Reader *reader, Err *err) MUST_CHECK;

/* Records of the XML log provider, events of Windows. */
bool xml_is_log(Str head);
Rc xml_read(Reader *reader, Err *err) MUST_CHECK;

/* JSON: one value a line, or one for the whole file. */
Rc json_read_lines(Reader *reader, Err *err) MUST_CHECK;
Rc json_read_whole(Reader *reader, Err *err) MUST_CHECK;
/* Does this piece of a file look like JSON with a value a line, or like one document? */
typedef enum JsonKind { JSON_NONE, JSON_LINES, JSON_WHOLE } JsonKind;
JsonKind json_kind(Str head, bool is_all);

Rc csv_read(Reader *reader, Err *err) MUST_CHECK;
bool csv_is_export(Str head); // its first line names columns
bool csv_is_bare(Str head);   // rows of the catalog without such a line

/* ---- rows of any table: of the catalog, sysssislog, sysjobhistory, an event log -------------- */

typedef enum Field {
    FIELD_OPERATION, // a number; or the id of an execution
    FIELD_CORRELATION,
    FIELD_TIME,
    FIELD_TYPE,
    FIELD_SOURCE_TYPE,
    FIELD_CODE,
    FIELD_PACKAGE,
    FIELD_SOURCE_NAME,
    FIELD_SUBCOMPONENT,
    FIELD_PACKAGE_PATH,
    FIELD_EXECUTION_PATH,
    FIELD_TEXT,
    FIELD_EVENT,    // OnError
    FIELD_PROVIDER, // of an event log: SQLISPackage150
    FIELD_LEVEL,
    FIELD_JOB,
    FIELD_STEP,
    FIELD_RUN_STATUS, // of a step: 0 failed, 1 ok, 2 retry, 3 cancelled
    FIELD_RUN_DATE,
    FIELD_RUN_TIME,
    FIELD_SQL_CODE,
    FIELD_COUNT
} Field;

/* The field that a column of this name is, FIELD_COUNT if none: "Message_Type", "messageType_d". */
Field field_named(Str name);
/* Do these columns make a table whose rows are messages? */
bool fields_make_messages(const bool has[FIELD_COUNT]);

typedef struct Rows Rows;
Rows *rows_new(Reader *reader);
void rows_free_at(Rows **rows);
/* Values as text, at NULL where there is none; copied. */
Rc rows_add(Rows *rows, size_t line, const Str values[FIELD_COUNT], Err *err) MUST_CHECK;
/* All that is still open. */
Rc rows_tell(Rows *rows, Err *err) MUST_CHECK;

/* ---- values as people and programs write them ------------------------------------------------ */

int value_message_type(Str text); // "120", "error", "OnError"; 0 if unknown
int value_status(Str text);       // "6", "failed", "Cancelled"; 0 if unknown
int64_t value_code(Str text);     // decimal or 0x…; 0 if neither

#endif
