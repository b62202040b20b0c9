/*
 * Private to slow: values of named parts by execution, to hold one execution against others.
 *
 * Fill it, close it once, then ask. A part is three texts, any of which may be missing.
 */
#ifndef SLOW_SHEET_H
#define SLOW_SHEET_H

#include "ssisminer/slow/slow.h"

typedef struct SheetRow {
    int64_t execution_id;
    uint32_t part;
    int64_t value;
} SheetRow;

typedef struct Sheet { // {0} is empty
    Names names;       // of parts, as keys of three texts
    SheetRow *rows;
    size_t count, capacity;
} Sheet;

void sheet_done(Sheet *sheet);
void sheet_add(Sheet *sheet, int64_t execution_id, const Str names[3], int64_t value);
void sheet_close(Sheet *sheet); // sorts, and sums up what stands for the same

/* The parts of one execution beside the median of the others (those that have any part at all).
 * Texts are copied into the arena. */
SlowParts sheet_compare(const Sheet *sheet, int64_t execution_id, const Run *const *others,
                        size_t other_count, Arena *arena);

#endif
