/* Who triggered a start, in words. */
#include "present_origin.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/report/words.h"

#include <string.h>

enum { LINE_BYTES = 2048, INFO_BYTES = 80 };

static const OriginWords words[DUPLICATE_ORIGINS] = {
    [ORIGIN_UNKNOWN] = {"not to be told", NULL},
    [ORIGIN_SENT_AGAIN] =
        {"the start was sent again",
         "Data Factory: a Stored Procedure, Script or Lookup activity sends its T-SQL again after "
         "a lost connection: use the Execute SSIS Package activity, or the script of --guard-sql. "
         "Its retry count stands on the activity's General tab."},
    [ORIGIN_ACTIVITY_RETRY] = {"a retry of the caller",
                               "Data Factory: Retry and Retry interval on the activity's General "
                               "tab. SQL Agent: Retry attempts on the step's Advanced page."},
    [ORIGIN_TWO_TRIGGERS] =
        {"two triggers",
         "Data Factory: Manage, Triggers, those of this pipeline, and pipelines that call it. SQL "
         "Agent: the job's Schedules page. Leave one; set the pipeline's Concurrency to 1."},
    [ORIGIN_TWO_SCHEDULERS] = {"SQL Agent beside Data Factory",
                               "Disable the schedule of one: the job in SQL Agent, or the trigger "
                               "in Data Factory."},
    [ORIGIN_TWO_CALLERS] = {"two callers",
                            "Ask the owner of each login which job or pipeline starts it, and "
                            "leave one."},
    [ORIGIN_PERSON] = {"a person", "Ask the person. Whoever starts packages by hand can use the "
                                   "script of --guard-sql too."},
    [ORIGIN_CATCH_UP] =
        {"a trigger that catches up",
         "Data Factory: a tumbling window trigger starts every window that was missed; its Max "
         "concurrency and start time limit that. SQL Agent does not catch up."},
    [ORIGIN_LOOP] = {"a loop", "Data Factory: the ForEach or Until activity around it."},
    [ORIGIN_OWN_SCHEDULE] =
        {"its own schedule",
         "A longer interval, or a pipeline Concurrency of 1. A job of SQL Agent waits by itself "
         "when its step is synchronous."},
    [ORIGIN_PARENT] = {"a parent package", "The Execute Package Task of the parent, or the other "
                                           "start of the package."},
    [ORIGIN_WORKER] = {"Scale Out, after a worker was lost",
                       "start_execution's @retry_count, and the worker's health."},
};

const OriginWords *origin_words(DuplicateOrigin origin)
{
    return &words[origin];
}

static const DuplicateContext *context_at(const Duplicates *d, const DuplicateGroup *group,
                                          size_t at)
{
    return &d->contexts[d->runs[group->members[at]].context];
}

typedef struct Line {
    Buf buf;
    bool has_part;
} Line;

static void put_part(Line *line, const char *text)
{
    buf_printf(&line->buf, "%s%s", line->has_part ? ", " : "", text);
    line->has_part = true;
}

static void put_callers(Line *line, const DuplicateGroup *group)
{
    if (group->count > 1)
        put_part(line, group->reasons & BECAUSE_OTHER_CALLER ? "different callers" : "one caller");
}

/* What the starter wrote down, where any did. */
static void put_caller_infos(Line *line, const Duplicates *d, const DuplicateGroup *group,
                             Arena *arena)
{
    uint32_t last = 0;

    for (size_t i = 0; i < group->count; i++) {
        uint32_t info = context_at(d, group, i)->caller_info;
        if (info == 0 || info == last)
            continue;
        last = info;
        put_part(line,
                 arena_printf(arena, "CALLER_INFO '%.*s'", INFO_BYTES, duplicates_text(d, info)));
        if (i > 1)
            return;
    }
}

static void put_times(Line *line, const DuplicateGroup *group, Arena *arena)
{
    if (group->gap >= 0)
        put_part(line, arena_printf(arena, "%s apart", words_length(group->gap, arena)));
    if (group->verdict == DUPLICATE_RETRY && group->pause >= 0)
        put_part(line,
                 arena_printf(arena, "%s after the failure", words_length(group->pause, arena)));
    else if (group->verdict == DUPLICATE_DOUBLE_TRIGGER)
        put_part(line,
                 group->pause >= 0 ? "the first one was over" : "the first one had not ended");
    if (group->recurrences > 0)
        put_part(line, arena_printf(arena, "likewise on %d other day%s", group->recurrences,
                                    words_plural(group->recurrences)));
    else if (group->hours > 0)
        put_part(line, arena_printf(arena, "likewise in %d other hour%s", group->hours,
                                    words_plural(group->hours)));
}

static void put_run_ids(Line *line, const Duplicates *d, const DuplicateGroup *group)
{
    if (group->count < 2 || context_at(d, group, 0)->run_id == 0)
        return;
    put_part(line, group->reasons & BECAUSE_RUN_ID ? "each has a pipeline run or start of its own"
                                                   : "one pipeline run or start");
}

const char *origin_evidence(const Duplicates *duplicates, const DuplicateGroup *group, Arena *arena)
{
    Line line = {.buf = BUF(LINE_BYTES)};

    if (group->verdict == DUPLICATE_SCALE_OUT)
        put_part(&line, "executed_count is above 1");
    else if (group->verdict == DUPLICATE_CHILD_OVERLAP)
        put_part(&line, "it ran as a child of another execution");
    else
        put_callers(&line, group);
    put_times(&line, group, arena);
    put_run_ids(&line, duplicates, group);
    put_caller_infos(&line, duplicates, group, arena);
    return words_taken(&line.buf, arena);
}
