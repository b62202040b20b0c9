/* Which executions ran when, as bars on one scale. */
#include "timeline.h"

#include "ssisminer/ssisdb/ssisdb.h"

#include <string.h>

static int64_t last_of(const DuplicateRun *run, int64_t now)
{
    int64_t start, end;

    return duplicates_ran(run, now, &start, &end) ? end : run->created;
}

Timeline timeline_of(const DuplicateRun *runs, const DuplicateGroup *group, int64_t now)
{
    Timeline timeline = {runs[group->members[0]].created, 0};

    for (size_t i = 0; i < group->count; i++) {
        int64_t last = last_of(&runs[group->members[i]], now);
        timeline.to = last > timeline.to ? last : timeline.to;
    }
    return timeline;
}

static size_t place_of(const Timeline *timeline, int64_t at)
{
    int64_t length = timeline->to - timeline->from, from = at - timeline->from;

    if (length <= 0 || from <= 0)
        return 0;
    if (from >= length)
        return TIMELINE_WIDTH - 1;
    return (size_t)((double)from / (double)length * (TIMELINE_WIDTH - 1));
}

void timeline_draw(const Timeline *timeline, const DuplicateRun *run, int64_t now,
                   char ret_line[TIMELINE_WIDTH + 1])
{
    size_t created = place_of(timeline, run->created), first, last;
    int64_t start, end;

    memset(ret_line, ' ', TIMELINE_WIDTH);
    ret_line[TIMELINE_WIDTH] = '\0';
    if (duplicates_ran(run, now, &start, &end)) {
        first = place_of(timeline, start);
        last = place_of(timeline, end);
        if (first > created)
            memset(ret_line + created, '-', first - created);
        memset(ret_line + first, '=', last - first + 1);
        if (status_is_live(run->status))
            ret_line[last] = '>';
    }
    ret_line[created] = '|';
    for (size_t length = TIMELINE_WIDTH; ret_line[length - 1] == ' ';)
        ret_line[--length] = '\0';
}
