/* Who triggered the extra start. */
#include "links.h"
#include "rhythm.h"

#include "ssisminer/base/time.h"

const char *duplicates_origin_name(DuplicateOrigin origin)
{
    static const char *const names[DUPLICATE_ORIGINS] = {
        [ORIGIN_UNKNOWN] = "unknown",
        [ORIGIN_SENT_AGAIN] = "start-sent-again",
        [ORIGIN_ACTIVITY_RETRY] = "activity-retry",
        [ORIGIN_TWO_TRIGGERS] = "two-triggers",
        [ORIGIN_TWO_SCHEDULERS] = "agent-beside-data-factory",
        [ORIGIN_TWO_CALLERS] = "two-callers",
        [ORIGIN_PERSON] = "person",
        [ORIGIN_CATCH_UP] = "catch-up",
        [ORIGIN_LOOP] = "loop",
        [ORIGIN_OWN_SCHEDULE] = "own-schedule",
        [ORIGIN_PARENT] = "parent-package",
        [ORIGIN_WORKER] = "worker-lost",
    };

    return names[origin];
}

/* What the verdict alone says. */
static DuplicateOrigin origin_of_verdict(const DuplicateGroup *group)
{
    switch (group->verdict) {
    case DUPLICATE_CHILD_OVERLAP:
        return ORIGIN_PARENT;
    case DUPLICATE_SCALE_OUT:
        return ORIGIN_WORKER;
    case DUPLICATE_CATCH_UP:
        return ORIGIN_CATCH_UP;
    case DUPLICATE_LOOP:
        return ORIGIN_LOOP;
    case DUPLICATE_OVERLAP:
        return group->reasons & BECAUSE_OWN_SCHEDULE ? ORIGIN_OWN_SCHEDULE : ORIGIN_UNKNOWN;
    case DUPLICATE_DOUBLE_TRIGGER:
    case DUPLICATE_REPEAT:
    case DUPLICATE_NEVER_STARTED:
    case DUPLICATE_RETRY:
    case DUPLICATE_VERDICTS:
        break;
    }
    return ORIGIN_UNKNOWN;
}

typedef struct Starters { // of the members
    bool has[STARTER_PERSON + 1];
    bool are_one_caller;
} Starters;

static Starters starters_of(const Groups *groups, const DuplicateGroup *group)
{
    Starters starters = {.are_one_caller = true};
    uint32_t caller = context_of(groups->rules, &groups->runs[group->members[0]])->caller;

    for (size_t i = 0; i < group->count; i++) {
        const DuplicateContext *context =
            context_of(groups->rules, &groups->runs[group->members[i]]);
        starters.has[context->starter] = true;
        starters.are_one_caller = starters.are_one_caller && context->caller == caller;
    }
    return starters;
}

static DuplicateOrigin origin_of_starters(const Starters *starters)
{
    if (starters->has[STARTER_PERSON])
        return ORIGIN_PERSON;
    if (starters->has[STARTER_AGENT] && starters->has[STARTER_DATA_FACTORY])
        return ORIGIN_TWO_SCHEDULERS;
    return starters->are_one_caller ? ORIGIN_UNKNOWN : ORIGIN_TWO_CALLERS;
}

/* Periods before and after, at whose same time as many came. */
static int recurrences_of(const Groups *groups, const DuplicateGroup *group, const KeyTimes *times,
                          int64_t period, int reach)
{
    enum { FINEST = 4 };
    const int64_t least = 5 * TICKS_PER_SECOND, most = 120 * TICKS_PER_SECOND;
    int64_t first = groups->runs[group->members[0]].created;
    int64_t last = groups->runs[group->members[group->count - 1]].created;
    int64_t tolerance = (last - first) / FINEST;
    int count = 0;

    tolerance = tolerance < least ? least : tolerance > most ? most : tolerance;
    for (int i = -reach; i <= reach; i++) {
        int64_t by = i * period;
        count += i != 0 && rhythm_count(times->created, times->count, first + by - tolerance,
                                        last + by + tolerance) >= group->count;
    }
    return count;
}

/* What times tell of starts by one caller. */
static DuplicateOrigin origin_of_times(const DuplicateGroup *group)
{
    enum { OFTEN = 2, OFTEN_A_DAY = 4 };

    if (group->verdict == DUPLICATE_RETRY)
        return ORIGIN_ACTIVITY_RETRY;
    if (group->recurrences >= OFTEN || group->hours >= OFTEN_A_DAY ||
        group->reasons & BECAUSE_RUN_ID)
        return ORIGIN_TWO_TRIGGERS;
    if (group->verdict == DUPLICATE_DOUBLE_TRIGGER || group->verdict == DUPLICATE_NEVER_STARTED)
        return ORIGIN_SENT_AGAIN;
    return ORIGIN_UNKNOWN;
}

void group_find_origin(const Groups *groups, DuplicateGroup *group, const KeyTimes *times)
{
    enum { DAYS = 31, HOURS = 23 };
    Starters starters = starters_of(groups, group);

    group->origin = origin_of_verdict(group);
    if (group->origin != ORIGIN_UNKNOWN || !times)
        return;
    group->recurrences = recurrences_of(groups, group, times, TICKS_PER_DAY, DAYS);
    group->hours = recurrences_of(groups, group, times, TICKS_PER_DAY / 24, HOURS);
    group->origin = origin_of_starters(&starters);
    if (group->origin == ORIGIN_UNKNOWN)
        group->origin = origin_of_times(group);
}
