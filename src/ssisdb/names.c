/* Enumerations of the catalog by name (docs/facts.md#enumerations). */
#include "ssisminer/ssisdb/ssisdb.h"

#include <stdio.h>

typedef struct Name {
    int value;
    const char *name;
} Name;

/* clang-format off */
static const Name statuses[] = {
    {STATUS_CREATED, "created"},
    {STATUS_RUNNING, "running"},
    {STATUS_CANCELED, "canceled"},
    {STATUS_FAILED, "failed"},
    {STATUS_PENDING, "pending"},
    {STATUS_ENDED_UNEXPECTEDLY, "ended unexpectedly"},
    {STATUS_SUCCEEDED, "succeeded"},
    {STATUS_STOPPING, "stopping"},
    {STATUS_COMPLETED, "completed"},
};
/* clang-format on */

static const Name operation_types[] = {
    {1, "startup"},
    {2, "retention_cleanup"},
    {3, "version_cleanup"},
    {101, "deploy_project"},
    {106, "restore_project"},
    {200, "create_execution"},
    {202, "stop_operation"},
    {300, "validate_project"},
    {301, "validate_package"},
    {1000, "configure_catalog"},
};

/* clang-format off */
static const Name message_types[] = {
    {-1, "unknown"},
    {10, "pre-validate"},
    {20, "post-validate"},
    {30, "pre-execute"},
    {40, "post-execute"},
    {50, "status change"},
    {60, "progress"},
    {70, "information"},
    {80, "variable changed"},
    {90, "diagnostic"},
    {100, "query cancel"},
    {110, "warning"},
    {120, "error"},
    {130, "task failed"},
    {140, "diagnostic ex"},
    {200, "custom"},
    {400, "non-diagnostic"},
};

static const Name message_sources[] = {
    {10, "catalog"},
    {20, "ISServerExec"},
    {30, "package"},
    {40, "task"},
    {50, "container"},
    {60, "data flow task"},
};

static const Name logging_levels[] = {
    {0, "None"},
    {1, "Basic"},
    {2, "Performance"},
    {3, "Verbose"},
    {4, "RuntimeLineage"},
    {100, "customized"},
};
/* clang-format on */

/* Values this build of ours does not know get a name of their own: newer servers may have more.
 * A small ring of buffers keeps several such names alive within one line of output. */
static const char *unknown_name(const char *what, int value)
{
    enum { RING = 8, BYTES = 40 };
    static _Thread_local char ring[RING][BYTES];
    static _Thread_local unsigned next;
    char *text = ring[next++ % RING];

    (void)snprintf(text, BYTES, "%s %d", what, value);
    return text;
}

static const char *find(const Name *names, size_t count, const char *what, int value)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].value == value)
            return names[i].name;
    return unknown_name(what, value);
}

const char *status_name(int status)
{
    return find(statuses, ARRAY_LEN(statuses), "status", status);
}

int8_t status_small(int64_t status)
{
    return status > 0 && status <= INT8_MAX ? (int8_t)status : 0;
}

bool status_is_live(int status)
{
    return status == STATUS_RUNNING || status == STATUS_PENDING || status == STATUS_STOPPING;
}

bool status_is_terminal(int status)
{
    return status == STATUS_CANCELED || status == STATUS_FAILED ||
           status == STATUS_ENDED_UNEXPECTEDLY || status == STATUS_SUCCEEDED ||
           status == STATUS_COMPLETED;
}

const char *operation_type_name(int type)
{
    return find(operation_types, ARRAY_LEN(operation_types), "operation type", type);
}

const char *message_type_name(int type)
{
    return find(message_types, ARRAY_LEN(message_types), "message type", type);
}

const char *message_source_name(int source_type)
{
    return find(message_sources, ARRAY_LEN(message_sources), "source type", source_type);
}

const char *logging_level_name(int level)
{
    if (level < 0)
        return "unknown";
    return find(logging_levels, ARRAY_LEN(logging_levels), "level", level);
}
