/* The errors of SQL Server: number, text, severity, and which ends a batch. */
#include "fault.h"

#include <stdarg.h>
#include <stdio.h>

typedef struct Known {
    int32_t number;
    int severity;
    bool ends_batch;
    const char *message; // of sys.messages; NULL: its place writes it
} Known;

static const Known known[] = {
#define FAULT(number, severity, ends_batch, text) {number, severity, ends_batch, NULL},
#define MESSAGE(number, text)                     {number, 16, false, text},
#include "faults.def"
#undef FAULT
#undef MESSAGE
};

static const Known *find(int32_t number)
{
    static const Known unknown = {.severity = 16};

    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (known[i].number == number)
            return &known[i];
    return &unknown;
}

int fault_severity(int32_t number)
{
    return find(number)->severity;
}

bool fault_ends_batch(int32_t number)
{
    return find(number)->ends_batch;
}

const char *fault_message(int32_t number)
{
    return find(number)->message;
}

bool fault_set(Fault *fault, int line, int32_t number, const char *format, ...)
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
    fault_set(fault, line, 102, "Incorrect syntax near '%.*s'.", shown, near_text ? near_text : "");
    if (reason)
        (void)snprintf(fault->reason, sizeof fault->reason, "%s", reason);
    return false;
}
