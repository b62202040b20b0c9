/* Between the files that make one report of several: the whole answer, and its first screen. */
#ifndef SSISMINER_REPORT_PARTS_H
#define SSISMINER_REPORT_PARTS_H

#include "model.h"

#include "ssisminer/report/combine.h"

typedef struct Parts {
    const ReportPart *at;
    size_t count;
    Arena *arena;
} Parts;

/* Of the report the section that is what `like` is of another; NULL for none. */
const Section *parts_find(const Report *report, const Section *like);
/* A section with the columns that any part's has, the target's name first, and no rows yet. */
Section *parts_unite(Report *report, const Parts *parts, const Section *like);
Row *parts_copy(const ReportPart *part, const Row *row, Section *to);

/* combine_chart.c: what the targets have of what the command is about, above their list. */
void parts_chart(const Parts *parts, const char *command, Section *section);
/* combine_screen.c: what each target says, errors first, then the rows of their first screens.
 * Nothing where a part has none, or one that must not be made shorter. */
void parts_screen(Report *report, const Parts *parts);

#endif
