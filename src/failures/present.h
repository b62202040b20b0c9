/* The report of this room, in three files: its head, the causes, the lists of what failed. */
#ifndef SSISMINER_FAILURES_PRESENT_H
#define SSISMINER_FAILURES_PRESENT_H

#include "ssisminer/base/buf.h"
#include "ssisminer/failures/failures.h"
#include "ssisminer/report/words.h"

enum { PRESENT_LINE_MAX = 16 * 1024 };

typedef struct Maker {
    const Failures *failures;
    const FailuresView *view;
    Arena *arena;
    Report *report;
} Maker;

/* The columns of a section are rows COLUMN(ID, key, heading, further members of Column) of a list
 * LIST(COLUMN); these two make the enumeration and the table of it. */
#define PRESENT_ENUM(prefix, id) prefix##_##id
#define PRESENT_SPEC(prefix, id, key_, heading_, ...)                                              \
    [prefix##_##id] = {.key = (key_), .heading = (heading_), __VA_ARGS__}

void present_causes(Maker *maker);
void present_remedies(Maker *maker); // cause and actions, once per cause, for people
void present_executions(Maker *maker);
void present_operations(Maker *maker);

const char *present_taken(Buf *buf, Arena *arena); // its text, NULL if empty; frees the buffer
const char *present_kind(CauseKind kind);

#endif
