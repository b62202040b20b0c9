#include "fault.h"

#include <stdarg.h>
#include <stdio.h>

typedef struct Known {
    int32_t number;
    int severity;
    bool ends_batch;
} Known;

static const Known known[] = {
#define FAULT(number, severity, ends_batch, text) {number, severity, ends_batch},
#define MESSAGE(number, text)
#include "faults.def"
#undef FAULT
#undef MESSAGE
};

static const struct {
    int32_t number;
    const char *text;
} messages[] = {
#define FAULT(number, severity, ends_batch, text)
#define MESSAGE(number, text) {number, text},
#include "faults.def"
#undef FAULT
#undef MESSAGE
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
