/* Private to duplicates: who triggered a start, in words. */
#ifndef DUPLICATES_PRESENT_ORIGIN_H
#define DUPLICATES_PRESENT_ORIGIN_H

#include "ssisminer/duplicates/duplicates.h"

typedef struct OriginWords {
    const char *title;
    const char *setting; // what to change there; NULL: nothing is known
} OriginWords;

const OriginWords *origin_words(DuplicateOrigin origin);
/* What it rests on: "one caller, 41 s apart, the first one had not ended". */
const char *origin_evidence(const Duplicates *duplicates, const DuplicateGroup *group,
                            Arena *arena);

#endif
