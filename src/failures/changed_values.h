/* The values that executions were given, beside each other. */
#ifndef SSISMINER_FAILURES_CHANGED_VALUES_H
#define SSISMINER_FAILURES_CHANGED_VALUES_H

#include "ssisminer/failures/changes.h"

typedef struct GivenValue {
    int64_t id; // of the execution
    int object_type;
    const char *name;
    uint64_t hash;     // of all of it
    const char *value; // its beginning; NULL: none
    bool is_given, is_secret;
} GivenValue;

typedef struct ChangedValues {
    Arena *arena; // texts and answers
    GivenValue *list;
    size_t count, capacity;
} ChangedValues;

/* One statement; sorts them. */
Rc changed_values_read(ChangedValues *values, const Ssisdb *db, const TdsArg *args,
                       size_t arg_count, Err *err) MUST_CHECK;
/* Of the newest failure and the last success; `earlier`: the success before it, 0 if
 * there is none. */
void changed_values_compare(const ChangedValues *values, PackageChange *change, int64_t earlier);
void changed_values_done(ChangedValues *values);

#endif
