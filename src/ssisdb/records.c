/* Rows to records. Columns are read in ascending order, which is the drivers' cheapest way. */
#include "ssisminer/ssisdb/ssisdb.h"

#include "ssisminer/base/sat.h"

#include <string.h>

void execution_read(const TdsRows *rows, Arena *arena, Execution *ret_execution)
{
    Execution e = {.logging_level = -1};

    e.id = tds_i64(rows, SQL_FAILURES_EXECUTIONS__EXECUTION_ID);
    e.folder = tds_text_copy(rows, SQL_FAILURES_EXECUTIONS__FOLDER_NAME, arena);
    e.project = tds_text_copy(rows, SQL_FAILURES_EXECUTIONS__PROJECT_NAME, arena);
    e.package = tds_text_copy(rows, SQL_FAILURES_EXECUTIONS__PACKAGE_NAME, arena);
    e.environment_folder =
        tds_text_copy(rows, SQL_FAILURES_EXECUTIONS__ENVIRONMENT_FOLDER_NAME, arena);
    e.environment = tds_text_copy(rows, SQL_FAILURES_EXECUTIONS__ENVIRONMENT_NAME, arena);
    e.reference_id = tds_i64(rows, SQL_FAILURES_EXECUTIONS__REFERENCE_ID);
    e.caller = tds_text_copy(rows, SQL_FAILURES_EXECUTIONS__CALLER_NAME, arena);
    e.executed_as = tds_text_copy(rows, SQL_FAILURES_EXECUTIONS__EXECUTED_AS_NAME, arena);
    e.stopped_by = tds_text_copy(rows, SQL_FAILURES_EXECUTIONS__STOPPED_BY_NAME, arena);
    e.status = sat_int(tds_i64(rows, SQL_FAILURES_EXECUTIONS__STATUS));
    e.created = tds_time(rows, SQL_FAILURES_EXECUTIONS__CREATED_TIME);
    e.start = tds_time(rows, SQL_FAILURES_EXECUTIONS__START_TIME);
    e.end = tds_time(rows, SQL_FAILURES_EXECUTIONS__END_TIME);
    e.server_name = tds_text_copy(rows, SQL_FAILURES_EXECUTIONS__SERVER_NAME, arena);
    e.machine_name = tds_text_copy(rows, SQL_FAILURES_EXECUTIONS__MACHINE_NAME, arena);
    e.process_id = tds_i64(rows, SQL_FAILURES_EXECUTIONS__PROCESS_ID);
    e.use_32bit = tds_i64(rows, SQL_FAILURES_EXECUTIONS__USE32BITRUNTIME) != 0;
    e.worker_agent_id = tds_text_copy(rows, SQL_FAILURES_EXECUTIONS__WORKER_AGENT_ID, arena);
    e.executed_count = tds_i64(rows, SQL_FAILURES_EXECUTIONS__EXECUTED_COUNT);
    *ret_execution = e;
}

static Instant last_known(Instant created, Instant start, Instant end)
{
    return end.is_set ? end : start.is_set ? start : created;
}

Instant execution_time(const Execution *execution)
{
    return last_known(execution->created, execution->start, execution->end);
}

int64_t execution_duration(const Execution *execution, Instant now)
{
    if (!execution->start.is_set)
        return -1;
    if (execution->end.is_set)
        return sat_sub(execution->end.ticks, execution->start.ticks);
    return status_is_live(execution->status) ? sat_sub(now.ticks, execution->start.ticks) : -1;
}

void operation_read(const TdsRows *rows, Arena *arena, Operation *ret_operation)
{
    Operation o = {0};

    o.id = tds_i64(rows, SQL_FAILURES_OPERATIONS__OPERATION_ID);
    o.type = sat_int(tds_i64(rows, SQL_FAILURES_OPERATIONS__OPERATION_TYPE));
    o.object_type = sat_int(tds_i64(rows, SQL_FAILURES_OPERATIONS__OBJECT_TYPE));
    o.object_name = tds_text_copy(rows, SQL_FAILURES_OPERATIONS__OBJECT_NAME, arena);
    o.status = sat_int(tds_i64(rows, SQL_FAILURES_OPERATIONS__STATUS));
    o.caller = tds_text_copy(rows, SQL_FAILURES_OPERATIONS__CALLER_NAME, arena);
    o.created = tds_time(rows, SQL_FAILURES_OPERATIONS__CREATED_TIME);
    o.start = tds_time(rows, SQL_FAILURES_OPERATIONS__START_TIME);
    o.end = tds_time(rows, SQL_FAILURES_OPERATIONS__END_TIME);
    *ret_operation = o;
}

Instant operation_time(const Operation *operation)
{
    return last_known(operation->created, operation->start, operation->end);
}

void message_read(const TdsRows *rows, Message *ret_message)
{
    Message m = {0};

    m.operation_id = tds_i64(rows, SQL_FAILURES_MESSAGES__OPERATION_ID);
    m.id = tds_i64(rows, SQL_FAILURES_MESSAGES__EVENT_MESSAGE_ID);
    m.time = tds_time(rows, SQL_FAILURES_MESSAGES__MESSAGE_TIME);
    m.type = sat_int(tds_i64(rows, SQL_FAILURES_MESSAGES__MESSAGE_TYPE));
    m.source_type = sat_int(tds_i64(rows, SQL_FAILURES_MESSAGES__MESSAGE_SOURCE_TYPE));
    m.code = tds_i64(rows, SQL_FAILURES_MESSAGES__MESSAGE_CODE);
    m.package = tds_text(rows, SQL_FAILURES_MESSAGES__PACKAGE_NAME);
    m.event_name = tds_text(rows, SQL_FAILURES_MESSAGES__EVENT_NAME);
    m.source_name = tds_text(rows, SQL_FAILURES_MESSAGES__MESSAGE_SOURCE_NAME);
    m.subcomponent = tds_text(rows, SQL_FAILURES_MESSAGES__SUBCOMPONENT_NAME);
    m.package_path = tds_text(rows, SQL_FAILURES_MESSAGES__PACKAGE_PATH);
    m.execution_path = tds_text(rows, SQL_FAILURES_MESSAGES__EXECUTION_PATH);
    m.text = tds_text(rows, SQL_FAILURES_MESSAGES__MESSAGE);
    *ret_message = m;
}

/* ---- filters --------------------------------------------------------------------------------- */

static bool glob_meets(const char *pattern, const char *name, const char *other_name)
{
    return str_glob(pattern, name) || (other_name && str_glob(pattern, other_name));
}

static bool list_passes(const char *const *patterns, size_t count, const char *name,
                        const char *other_name)
{
    bool is_choosy = false, is_chosen = false;

    for (size_t i = 0; i < count; i++) {
        if (patterns[i][0] == '!') {
            if (glob_meets(patterns[i] + 1, name, other_name))
                return false;
            continue;
        }
        is_choosy = true;
        is_chosen = is_chosen || glob_meets(patterns[i], name, other_name);
    }
    return !is_choosy || is_chosen;
}

enum { PACKAGE_BYTES = 4 * 260 + 1 }; // of nvarchar(260), as UTF-8

static bool package_passes(const ExecutionFilter *filter, const char *package)
{
    static const char suffix[] = ".dtsx";
    char bare[PACKAGE_BYTES];
    size_t len = strlen(package), cut = sizeof(suffix) - 1;

    if (len < cut || len - cut >= sizeof(bare) || !str_same_fold(package + len - cut, suffix))
        return list_passes(filter->packages, filter->package_count, package, NULL);
    memcpy(bare, package, len - cut);
    bare[len - cut] = '\0';
    return list_passes(filter->packages, filter->package_count, package, bare);
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static bool id_passes(const ExecutionFilter *filter, int64_t id)
{
    for (size_t i = 0; i < filter->id_count; i++)
        if (filter->ids[i] == id)
            return true;
    return filter->id_count == 0;
}

bool execution_passes(const ExecutionFilter *filter, const Execution *execution)
{
    return id_passes(filter, execution->id) &&
           list_passes(filter->folders, filter->folder_count, or_empty(execution->folder), NULL) &&
           list_passes(filter->projects, filter->project_count, or_empty(execution->project),
                       NULL) &&
           list_passes(filter->callers, filter->caller_count, or_empty(execution->caller), NULL) &&
           package_passes(filter, or_empty(execution->package));
}

bool execution_filter_is_open(const ExecutionFilter *filter)
{
    return filter->id_count == 0 && filter->folder_count == 0 && filter->project_count == 0 &&
           filter->package_count == 0 && filter->caller_count == 0;
}

void execution_filter_range(const ExecutionFilter *filter, int64_t *ret_first, int64_t *ret_last)
{
    int64_t first = INT64_MIN, last = INT64_MAX;

    if (filter->id_count > 0) {
        first = INT64_MAX;
        last = INT64_MIN;
    }
    for (size_t i = 0; i < filter->id_count; i++) {
        first = filter->ids[i] < first ? filter->ids[i] : first;
        last = filter->ids[i] > last ? filter->ids[i] : last;
    }
    *ret_first = first;
    *ret_last = last;
}
