/* Private to duplicates: what a page draws of it. */
#ifndef DUPLICATES_CHARTS_H
#define DUPLICATES_CHARTS_H

#include "ssisminer/duplicates/duplicates.h"

void duplicates_charts(const Duplicates *duplicates, const DuplicatesView *view, Report *report);
/* Which of a group's executions waited and ran when: the first `most` of them. */
void duplicates_draw_members(const DuplicateRun *runs, const DuplicateGroup *group, int64_t now,
                             size_t most, Section *members);
void duplicates_draw_totals(const DuplicatesTotal *totals, size_t count, size_t most,
                            Section *section);

#endif
