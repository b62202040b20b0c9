/* Private to duplicates: which ran when, on one scale. */
#ifndef DUPLICATES_TIMELINE_H
#define DUPLICATES_TIMELINE_H

#include "ssisminer/duplicates/analysis.h"

enum { TIMELINE_WIDTH = 20 };

typedef struct Timeline { // from the first creation to the last end
    int64_t from, to;
} Timeline;

Timeline timeline_of(const DuplicateRun *runs, const DuplicateGroup *group, int64_t now);
/* "  |--====>" : created, waiting, running, still open. */
void timeline_draw(const Timeline *timeline, const DuplicateRun *run, int64_t now,
                   char ret_line[TIMELINE_WIDTH + 1]);

#endif
