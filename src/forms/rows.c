/* Rows of a table: columns by their names, rows of one run together. */
#include "agent.h"
#include "chars.h"
#include "eventtext.h"
#include "stamp.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/ssisdb/ssisdb.h"

#include <stdlib.h>
#include <string.h>

/* ---- columns --------------------------------------------------------------------------------- */

static const struct {
    const char *name; // folded, without underscores
    Field field;
} names[] = {
    {"operationid", FIELD_OPERATION},
    {"executionid", FIELD_OPERATION},
    {"correlationid", FIELD_CORRELATION},
    {"messagetime", FIELD_TIME},
    {"timegenerated", FIELD_TIME},
    {"timecreated", FIELD_TIME},
    {"starttime", FIELD_TIME},
    {"date", FIELD_TIME},
    {"dateandtime", FIELD_TIME},
    {"messagetype", FIELD_TYPE},
    {"messagesourcetype", FIELD_SOURCE_TYPE},
    {"messagecode", FIELD_CODE},
    {"datacode", FIELD_CODE},
    {"packagename", FIELD_PACKAGE},
    {"messagesourcename", FIELD_SOURCE_NAME},
    {"source", FIELD_SOURCE_NAME},
    {"subcomponentname", FIELD_SUBCOMPONENT},
    {"packagepath", FIELD_PACKAGE_PATH},
    {"executionpath", FIELD_EXECUTION_PATH},
    {"message", FIELD_TEXT},
    {"event", FIELD_EVENT},
    {"providername", FIELD_PROVIDER},
    {"leveldisplayname", FIELD_LEVEL},
    {"entrytype", FIELD_LEVEL},
    {"level", FIELD_LEVEL},
    {"severity", FIELD_LEVEL},
    {"jobid", FIELD_JOB},
    {"jobname", FIELD_JOB},
    {"stepid", FIELD_STEP},
    {"runstatus", FIELD_RUN_STATUS},
    {"rundate", FIELD_RUN_DATE},
    {"runtime", FIELD_RUN_TIME},
    {"sqlmessageid", FIELD_SQL_CODE},
};

/* AzureDiagnostics adds the type of a column to its name ("message_s"), the portal the zone of a
 * time ("TimeGenerated [UTC]"). */
static Str without_suffix(Str name)
{
    const char *zone = memchr(name.at, '[', name.len);

    if (zone)
        name = str_trim((Str){name.at, (size_t)(zone - name.at)});
    if (name.len > 2 && name.at[name.len - 2] == '_' &&
        strchr("sdgtb", str_fold(name.at[name.len - 1])))
        name.len -= 2;
    return name;
}

static bool is_named(Str name, const char *folded)
{
    size_t at = 0;

    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] == '_' || name.at[i] == ' ')
            continue;
        if (folded[at] == '\0' || str_fold(name.at[i]) != folded[at])
            return false;
        at++;
    }
    return folded[at] == '\0';
}

Field field_named(Str name)
{
    name = without_suffix(str_trim(name));
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (is_named(name, names[i].name))
            return names[i].field;
    return FIELD_COUNT;
}

/* Message beside at least one column that tells what kind of table it is. */
bool fields_make_messages(const bool has[FIELD_COUNT])
{
    static const Field tellers[] = {
        FIELD_OPERATION,  FIELD_TYPE,     FIELD_SOURCE_TYPE, FIELD_EVENT, FIELD_STEP,
        FIELD_RUN_STATUS, FIELD_PROVIDER, FIELD_LEVEL,       FIELD_CODE,  FIELD_CORRELATION};
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(tellers); i++)
        count += has[tellers[i]];
    return has[FIELD_TEXT] && count > 0;
}

/* ---- rows ------------------------------------------------------------------------------------ */

typedef struct Job { // rows of one job's steps, up to the row of step 0, in either order
    struct Job *next;
    Str name;
    size_t run;
    bool is_newest_first;
} Job;

struct Rows {
    Reader *reader;
    Runs *runs;
    Arena arena; // of the row at hand
    Arena kept;
    Job *jobs;
};

Rows *rows_new(Reader *reader)
{
    Rows *rows = mem_alloc(sizeof(*rows));

    rows->reader = reader;
    rows->runs = runs_new(reader);
    return rows;
}

void rows_free_at(Rows **rows)
{
    if (!*rows)
        return;
    runs_free_at(&(*rows)->runs);
    arena_done(&(*rows)->arena);
    arena_done(&(*rows)->kept);
    free(*rows);
    *rows = NULL;
}

Rc rows_tell(Rows *rows, Err *err)
{
    return runs_close_all(rows->runs, err);
}

static const char *text_or_null(Rows *rows, Str text)
{
    bool is_null = str_equal(text, str_of("NULL"));

    return text.at && text.len > 0 && !is_null ? arena_copy(&rows->arena, text.at, text.len) : NULL;
}

static Str or_empty(Str text)
{
    return text.at ? text : str_of("");
}

/* run_date 20240501 and run_time 30507, which is 03:05:07. */
static int64_t agent_ticks(Rows *rows, const Str values[FIELD_COUNT])
{
    int64_t date = value_code(or_empty(values[FIELD_RUN_DATE]));
    int64_t time = value_code(or_empty(values[FIELD_RUN_TIME]));

    if (date < 19000101 || date > 99991231 || time < 0 || time > 235959)
        return 0;
    return stamp_ticks(str_of(arena_printf(
        &rows->arena, "%lld %02lld:%02lld:%02lld", (long long)date, (long long)(time / 10000),
        (long long)(time / 100 % 100), (long long)(time % 100))));
}

static int64_t ticks_of(Rows *rows, const Str values[FIELD_COUNT])
{
    return values[FIELD_RUN_DATE].at ? agent_ticks(rows, values)
                                     : stamp_ticks(str_trim(or_empty(values[FIELD_TIME])));
}

/* The level of an event log, where nothing better is known: "Error", "2". */
static int type_of_level(Str level)
{
    static const int types[] = {0, MESSAGE_ERROR, MESSAGE_ERROR, MESSAGE_WARNING,
                                MESSAGE_INFORMATION};
    int type = value_message_type(level);

    return type >= 0 && type < (int)ARRAY_LEN(types) ? types[type] : type;
}

static int type_of(const Str values[FIELD_COUNT])
{
    if (values[FIELD_TYPE].at)
        return value_message_type(values[FIELD_TYPE]);
    if (values[FIELD_EVENT].at)
        return event_type(str_trim(values[FIELD_EVENT]));
    return values[FIELD_LEVEL].at ? type_of_level(values[FIELD_LEVEL]) : 0;
}

static DiagMessage message_of(Rows *rows, size_t line, const Str values[FIELD_COUNT])
{
    DiagMessage message = {
        .text = str_trim(or_empty(values[FIELD_TEXT])),
        .code = value_code(or_empty(values[FIELD_CODE])),
        .type = type_of(values),
        .source_type = value_message_type(or_empty(values[FIELD_SOURCE_TYPE])),
        .ticks = ticks_of(rows, values),
        .line = line,
        .package = text_or_null(rows, values[FIELD_PACKAGE]),
        .source_name = text_or_null(rows, values[FIELD_SOURCE_NAME]),
        .subcomponent = text_or_null(rows, values[FIELD_SUBCOMPONENT]),
        .package_path = text_or_null(rows, values[FIELD_PACKAGE_PATH]),
        .execution_path = text_or_null(rows, values[FIELD_EXECUTION_PATH]),
    };

    if (message.code == 0)
        message.code = value_code(or_empty(values[FIELD_SQL_CODE]));
    return message;
}

/* ---- what runs the rows belong to ------------------------------------------------------------ */

/* Outside SSISDB every operation is number 1: then the correlation tells them apart. */
static Str key_of_operation(Rows *rows, const Str values[FIELD_COUNT])
{
    Str operation = str_trim(or_empty(values[FIELD_OPERATION]));
    Str correlation = str_trim(or_empty(values[FIELD_CORRELATION]));
    int64_t number = value_code(operation);

    if (operation.len == 0 || str_equal(operation, str_of("NULL")) ||
        (number == 0 && digits_from(operation, 0) == operation.len))
        return correlation;
    if (correlation.len == 0 || number > 1)
        return operation;
    return str_of(
        arena_printf(&rows->arena, "%.*s|%.*s", STR_FMT(operation), STR_FMT(correlation)));
}

static Rc say(Rows *rows, Str key, const DiagMessage *message, int64_t operation, Err *err)
{
    Run *run;

    TRY(runs_find(rows->runs, key, message->line, &run, err));
    run->operation_id = operation > 1 ? operation : run->operation_id;
    TRY(runs_add(rows->runs, run, message, err));
    return key.len == 0 ? runs_close(rows->runs, run, err) : RC_OK;
}

static Job *job_named(Rows *rows, Str name, bool is_outcome)
{
    Job *job = rows->jobs;

    while (job && !str_equal(job->name, name))
        job = job->next;
    if (job)
        return job;
    job = arena_alloc(&rows->kept, sizeof(*job));
    *job = (Job){rows->jobs, {arena_copy(&rows->kept, name.at, name.len), name.len}, 0, is_outcome};
    return rows->jobs = job;
}

/* Its steps and the row of step 0, which tells how the job ended. */
static Rc say_step(Rows *rows, size_t line, const Str values[FIELD_COUNT], Err *err)
{
    enum { RETRIED = 2, CANCELED = 3 };
    DiagMessage message = message_of(rows, line, values);
    int64_t status = value_code(or_empty(values[FIELD_RUN_STATUS]));
    Str step = str_trim(or_empty(values[FIELD_STEP]));
    bool is_outcome = step.len == 0 || value_code(step) == 0;
    bool has_failed = values[FIELD_RUN_STATUS].at ? status == 0 || status == RETRIED
                                                  : holds(message.text, " failed.");
    Job *job = job_named(rows, or_empty(values[FIELD_JOB]), is_outcome);
    Run *run;

    job->run += is_outcome && job->is_newest_first;
    Str key = str_of(arena_printf(&rows->arena, "%.*s|%zu", STR_FMT(job->name), job->run));
    TRY(runs_find(rows->runs, key, line, &run, err));
    job->run += is_outcome && !job->is_newest_first;
    message.type = status == RETRIED && values[FIELD_RUN_STATUS].at ? MESSAGE_WARNING
                   : is_outcome                                     ? MESSAGE_TASK_FAILED
                                                                    : MESSAGE_ERROR;
    if (!has_failed)
        return RC_OK;
    run->status = is_outcome ? STATUS_FAILED : run->status;
    if (is_outcome || !agent_is_message(message.text))
        return runs_add(rows->runs, run, &message, err);
    return agent_say(rows->reader, rows->runs, run, message.text, line, err);
}

/* The text of an event of the SSIS provider says more than its columns. */
static Rc say_event(Rows *rows, const DiagMessage *row, bool *ret_is_one, Err *err)
{
    DiagMessage message;
    Str source, key;

    *ret_is_one = event_text_read(row->text, &message, &source, &key);
    if (!*ret_is_one)
        return RC_OK;
    message.line = row->line;
    message.ticks = message.ticks != 0 ? message.ticks : row->ticks;
    message.source_name = text_or_null(rows, source);
    return say(rows, key, &message, 0, err);
}

Rc rows_add(Rows *rows, size_t line, const Str values[FIELD_COUNT], Err *err)
{
    bool is_event = false;

    arena_reset(&rows->arena);
    if (values[FIELD_STEP].at)
        return say_step(rows, line, values, err);
    DiagMessage message = message_of(rows, line, values);
    if (message.type != 0 && values[FIELD_EVENT].at && message.type < MESSAGE_WARNING)
        message.code = 0; // how the package ended
    TRY(say_event(rows, &message, &is_event, err));
    if (is_event)
        return RC_OK;
    int64_t operation = value_code(str_trim(or_empty(values[FIELD_OPERATION])));
    return say(rows, key_of_operation(rows, values), &message, operation, err);
}
