/*
 * What programs put around each line of another one's output: a CI's or a container's time, the
 * name of a service, a piece of JSON, colours.
 */
#ifndef SSISMINER_FORMS_PEEL_INTERNAL_H
#define SSISMINER_FORMS_PEEL_INTERNAL_H

#include "ssisminer/base/buf.h"
#include "ssisminer/base/str.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum PeelKind {
    PEEL_NONE,
    PEEL_COLOURS, // ESC [ … m
    PEEL_STAMP,   // 2024-05-01T10:00:00.1234567Z text, also in brackets
    PEEL_CRI,     // the same, then "stdout F " or "stderr P ", P: the next line goes on
    PEEL_COMPOSE, // name-1  | text
    PEEL_DOCKER   // {"log":"text\n","stream":"stdout","time":"…Z"}
} PeelKind;

typedef struct Peel { // {0}
    PeelKind kind;
    Buf part;      // of a line that goes on
    bool has_part; // it does
    int64_t ticks; // of the line at hand, UTC; 0: none
} Peel;

/* How the lines of this beginning of a file are wrapped. A time alone counts only where `is_known`
 * knows what one of the lines holds behind it: else it is the log's own. */
PeelKind peel_kind(Str head, bool (*is_known)(Str line));
/* What is in the line; false when it goes on in the next. */
bool peel_line(Peel *peel, Str line, Str *ret_inner);
void peel_done(Peel *peel);

#endif
