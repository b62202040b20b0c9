#include "fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct Known {
    int32_t number;
    int severity;
    bool ends_batch;
} Known;

static const Known known[] = {
    {102, 15, true},   {105, 15, true},    {111, 15, true},    {113, 15, true},   {319, 15, true},
    {128, 15, true},   {137, 15, true},    {147, 15, true},    {156, 15, true},   {174, 15, true},
    {189, 15, true},   {191, 15, true},    {195, 15, true},    {201, 16, false},  {206, 16, true},
    {207, 16, true},   {208, 16, true},    {209, 16, true},    {213, 16, true},   {220, 16, false},
    {229, 14, true},   {241, 16, true},    {242, 16, false},   {245, 16, true},   {257, 16, true},
    {266, 16, false},  {295, 16, true},    {402, 16, true},    {512, 16, false},  {515, 16, false},
    {517, 16, false},  {535, 16, false},   {544, 16, false},   {547, 16, false},  {2601, 14, false},
    {2627, 14, false}, {2628, 16, false},  {2812, 16, false},  {3902, 16, false}, {3903, 16, false},
    {8114, 16, true},  {8115, 16, false},  {8134, 16, false},  {8144, 16, false}, {8145, 16, false},
    {8152, 16, false}, {8169, 16, true},   {1205, 13, true},   {1222, 16, false}, {2714, 16, true},
    {3701, 11, false}, {15151, 16, false}, {15247, 16, false}, {1934, 16, true},  {911, 16, true},
    {262, 14, true},   {297, 16, true},    {300, 14, true},    {3930, 16, true},  {1060, 15, false},
};

static const struct {
    int32_t number;
    const char *text;
} messages[] = {
    {27101, "The value specified for the input parameter '%ls' is not valid. Provide a valid value "
            "for this "
            "parameter."},
    {27103, "Cannot find the execution instance '%I64d' because it does not exist or you do not "
            "have sufficient "
            "permissions."},
    {27121, "The execution instance '%I64d' is not in the created state."},
    {27123, "The operation cannot be started by an account that uses SQL Server Authentication. "
            "Start the operation "
            "with an account that uses Windows Authentication."},
    {27124, "Integration Services server cannot stop the operation. The specified operation with "
            "ID '%I64d' is not "
            "valid or is not running."},
    {27125, "Integration Services server cannot stop the operation. The operation with ID '%I64d' "
            "is not in a consistent state and cannot be stopped."},
    {27126, "Integration Services server cannot stop the operation. The operation with ID '%I64d' "
            "is already in the "
            "stopping state."},
    {27139, "Integration Services server cannot be configured because there are active operations. "
            "Wait until there "
            "are no active operations, and then try to configure the server again."},
    {27140, "The operation cannot be started because the user is not a member of the database "
            "role, '%ls', or the "
            "server role, '%ls'."},
    {27143, "Cannot access the operation with ID, %I64d. Verify that the user has appropriate "
            "permissions."},
    {27146, "Cannot access the package or the package does not exist. Verify that the package "
            "exists and that the "
            "user has permissions to it."},
    {27160, "The database, '%ls', must be in single-user mode."},
    {27163, "The value for the Integration Services server property, '%ls', is not valid."},
    {27176, "The parameter '%ls' does not exist or you do not have sufficient permissions."},
    {27178, "Unable to execute the project named '%ls'. You do not have sufficient permissions."},
    {27184,
     "In order to execute this package, you need to specify values for the required parameters."},
    {27195, "The operation failed because the execution timed out."},
    {27219, "Caller does not have permissions to execute the stored procedure."},
};

static const Known *find(int32_t number)
{
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (known[i].number == number)
            return &known[i];
    return NULL;
}

int fault_severity(int32_t number)
{
    const Known *row = find(number);
    return row ? row->severity : 16;
}

bool fault_ends_batch(int32_t number)
{
    const Known *row = find(number);
    return row && row->ends_batch;
}

const char *fault_message(int32_t number)
{
    for (size_t i = 0; i < ARRAY_LEN(messages); i++)
        if (messages[i].number == number)
            return messages[i].text;
    return NULL;
}

bool fault_set(Fault *fault, int32_t number, int line, const char *format, ...)
{
    if (fault->number)
        return false;
    fault->number = number;
    fault->state = 1;
    fault->severity = fault_severity(number);
    fault->line = line;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(fault->text, sizeof fault->text, format, args);
    va_end(args);
    return false;
}

bool fault_refuse(Fault *fault, int line, const char *near_text, size_t near_len,
                  const char *reason)
{
    if (fault->number)
        return false;
    int shown = near_len > 128 ? 128 : (int)near_len;
    fault_set(fault, 102, line, "Incorrect syntax near '%.*s'.", shown, near_text ? near_text : "");
    if (reason)
        (void)snprintf(fault->reason, sizeof fault->reason, "%s", reason);
    return false;
}
