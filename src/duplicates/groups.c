/* Groups: what links join, measured and judged. */
#include "links.h"
#include "rhythm.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"
#include "ssisminer/base/time.h"
#include "ssisminer/ssisdb/ssisdb.h"

#include <stdlib.h>

static const DuplicateRun *member(const Groups *groups, const DuplicateGroup *group, size_t at)
{
    return &groups->runs[group->members[at]];
}

/* ---- measures -------------------------------------------------------------------------------- */

typedef struct Edge { // a run starts or ends
    int64_t at;
    int step;
} Edge;

static int by_time(const void *a, const void *b)
{
    const Edge *x = a, *y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->step - y->step;
}

static int64_t shared_time(const Groups *groups, const DuplicateGroup *group)
{
    Edge *edges = mem_alloc((2 * group->count + 1) * sizeof(*edges));
    size_t count = 0;
    int64_t start, end, sum = 0;
    int running = 0;

    for (size_t i = 0; i < group->count; i++)
        if (duplicates_ran(member(groups, group, i), groups->rules->now, &start, &end)) {
            edges[count++] = (Edge){start, 1};
            edges[count++] = (Edge){end, -1};
        }
    qsort(edges, count, sizeof(*edges), by_time);
    for (size_t i = 0; i < count; i++) {
        if (running > 1)
            sum += edges[i].at - edges[i - 1].at;
        running += edges[i].step;
    }
    free(edges);
    return sum;
}

static bool is_waste(DuplicateVerdict verdict)
{
    return verdict == DUPLICATE_DOUBLE_TRIGGER || verdict == DUPLICATE_OVERLAP ||
           verdict == DUPLICATE_REPEAT;
}

static int64_t wasted_time(const Groups *groups, const DuplicateGroup *group)
{
    int64_t start, end, sum = 0;
    bool is_first = true;

    if (group->verdict == DUPLICATE_CHILD_OVERLAP)
        return group->overlap;
    if (!is_waste(group->verdict) || group->reasons & BECAUSE_OWN_SCHEDULE)
        return 0;
    for (size_t i = 0; i < group->count; i++) {
        if (!duplicates_ran(member(groups, group, i), groups->rules->now, &start, &end))
            continue;
        sum = sat_add(sum, is_first ? 0 : end - start);
        is_first = false;
    }
    return sum;
}

static int64_t shortest_gap(const Groups *groups, const DuplicateGroup *group)
{
    int64_t shortest = -1;

    for (size_t i = 1; i < group->count; i++) {
        int64_t gap = member(groups, group, i)->created - member(groups, group, i - 1)->created;
        if (shortest < 0 || gap < shortest)
            shortest = gap;
    }
    return shortest;
}

static int64_t pause_of(const Groups *groups, const DuplicateGroup *group)
{
    const DuplicateRun *first = member(groups, group, 0);

    if (group->count < 2 || first->end == 0 || first->end > member(groups, group, 1)->created)
        return -1;
    return member(groups, group, 1)->created - first->end;
}

/* The one that the package's own times explain best, if no other is explained as well. */
static int scheduled_member(const Groups *groups, const DuplicateGroup *group,
                            const KeyTimes *times)
{
    enum { ENOUGH = 2, FINEST = 3 };
    int best = -1, most = ENOUGH - 1;
    int64_t tolerance = group->gap / FINEST;

    if (!is_waste(group->verdict) || tolerance <= 0)
        return -1;
    if (tolerance > 300 * TICKS_PER_SECOND)
        tolerance = 300 * TICKS_PER_SECOND;
    for (size_t i = 0; i < group->count; i++) {
        int support = rhythm_support(times->created, times->count,
                                     member(groups, group, i)->created, group->cadence, tolerance);
        if (support == most)
            best = -1;
        if (support > most) {
            best = (int)i;
            most = support;
        }
    }
    return best;
}

/* ---- confidence ------------------------------------------------------------------------------ */

static unsigned reasons_of_run(const Groups *groups, const DuplicateRun *run,
                               const DuplicateRun *first)
{
    const DuplicateContext *context = context_of(groups->rules, run);
    const DuplicateContext *other = context_of(groups->rules, first);
    unsigned reasons = 0;

    if (context->caller != other->caller)
        reasons |= BECAUSE_OTHER_CALLER;
    if (context->environment != other->environment)
        reasons |= BECAUSE_OTHER_ENVIRONMENT;
    if (run->has_secret)
        reasons |= BECAUSE_SECRET;
    if (run->parameters == PARAMETERS_UNREAD)
        reasons |= BECAUSE_UNREAD;
    if (run->parameters != PARAMETERS_UNREAD && first->parameters != PARAMETERS_UNREAD &&
        run->parameters != first->parameters)
        reasons |= BECAUSE_OTHER_PARAMETERS;
    if (context->run_id != other->run_id)
        reasons |= BECAUSE_RUN_ID;
    if (run->has_unique_value)
        reasons |= BECAUSE_NEVER_REPEATS;
    if (run->is_dead)
        reasons |= BECAUSE_DEAD;
    return reasons;
}

/* One person, who starts again what is over, may well mean it. */
static bool is_person_again(const Groups *groups, const DuplicateGroup *group)
{
    const DuplicateContext *first = context_of(groups->rules, member(groups, group, 0));

    if (first->starter != STARTER_PERSON)
        return false;
    for (size_t i = 1; i < group->count; i++) {
        const DuplicateRun *before = member(groups, group, i - 1), *run = member(groups, group, i);
        if (context_of(groups->rules, run)->caller != first->caller || before->end == 0 ||
            before->end > run->created)
            return false;
    }
    return true;
}

/* Parameters are no question where different packages or one execution alone are concerned. */
static unsigned reasons_that_matter(DuplicateVerdict verdict)
{
    switch (verdict) {
    case DUPLICATE_SCALE_OUT:
        return 0;
    case DUPLICATE_CHILD_OVERLAP:
        return BECAUSE_DEAD | BECAUSE_OTHER_ENVIRONMENT;
    case DUPLICATE_RETRY:
        return BECAUSE_SECRET | BECAUSE_UNREAD | BECAUSE_OTHER_PARAMETERS | BECAUSE_RUN_ID |
               BECAUSE_NEVER_REPEATS;
    case DUPLICATE_LOOP:
    case DUPLICATE_CATCH_UP:
        return BECAUSE_OTHER_CALLER | BECAUSE_SECRET | BECAUSE_UNREAD | BECAUSE_OTHER_PARAMETERS |
               BECAUSE_RUN_ID | BECAUSE_NEVER_REPEATS;
    case DUPLICATE_DOUBLE_TRIGGER:
    case DUPLICATE_OVERLAP:
    case DUPLICATE_REPEAT:
    case DUPLICATE_NEVER_STARTED:
    case DUPLICATE_VERDICTS:
        break;
    }
    return ~0U;
}

/* By how much each reason lowers the confidence. */
static const struct {
    unsigned reason;
    int levels;
} doubts[] = {
    {BECAUSE_OTHER_CALLER, 1},
    {BECAUSE_SECRET, 2},
    {BECAUSE_UNREAD, 1},
    {BECAUSE_OTHER_PARAMETERS, 1},
    {BECAUSE_OWN_SCHEDULE, 2},
    {BECAUSE_DEAD, 1},
    {BECAUSE_IRREGULAR, 1},
    {BECAUSE_PARALLEL, 2},
    {BECAUSE_ALWAYS_SEVERAL, 2},
    {BECAUSE_PERSON, 2},
    {BECAUSE_NEVER_REPEATS, 2},
    {BECAUSE_LATER, 1},
    {BECAUSE_OTHER_ENVIRONMENT, 1},
};

static int level_of(DuplicateVerdict verdict)
{
    switch (verdict) {
    case DUPLICATE_LOOP: // ordinary things, which are named for what they are
    case DUPLICATE_CATCH_UP:
        return DUPLICATE_LOW;
    case DUPLICATE_REPEAT:
    case DUPLICATE_NEVER_STARTED:
        return DUPLICATE_MEDIUM;
    case DUPLICATE_DOUBLE_TRIGGER:
    case DUPLICATE_OVERLAP:
    case DUPLICATE_CHILD_OVERLAP:
    case DUPLICATE_SCALE_OUT:
    case DUPLICATE_RETRY:
    case DUPLICATE_VERDICTS:
        break;
    }
    return DUPLICATE_HIGH;
}

static DuplicateConfidence confidence_of(const DuplicateGroup *group)
{
    int level = level_of(group->verdict);

    for (size_t i = 0; i < ARRAY_LEN(doubts); i++)
        if (group->reasons & doubts[i].reason)
            level -= doubts[i].levels;
    if (group->reasons & BECAUSE_IRREGULAR && group->overlap == 0)
        level--; // nothing speaks for it but how close they are, which is ordinary
    return level > DUPLICATE_LOW ? (DuplicateConfidence)level : DUPLICATE_LOW;
}

void group_measure(const Groups *groups, DuplicateGroup *group)
{
    group->gap = shortest_gap(groups, group);
    group->pause = pause_of(groups, group);
    group->overlap = shared_time(groups, group);
    group->wasted = wasted_time(groups, group);
}

static void judge(const Groups *groups, DuplicateGroup *group, bool is_off_schedule)
{
    for (size_t i = 0; i < group->count; i++)
        group->reasons |=
            reasons_of_run(groups, member(groups, group, i), member(groups, group, 0));
    if (group->verdict == DUPLICATE_OVERLAP && !is_off_schedule)
        group->reasons |= BECAUSE_OWN_SCHEDULE;
    if (is_person_again(groups, group))
        group->reasons |= BECAUSE_PERSON;
    group->reasons &= reasons_that_matter(group->verdict);
    group_measure(groups, group);
    group->confidence = confidence_of(group);
}

/* ---- collecting ------------------------------------------------------------------------------ */

static int by_creation_of(const void *a, const void *b, void *context)
{
    const DuplicateRun *runs = context;
    const DuplicateRun *x = &runs[*(const uint32_t *)a], *y = &runs[*(const uint32_t *)b];

    if (x->created != y->created)
        return x->created < y->created ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static bool is_in_window(const Groups *groups, const uint32_t *members, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (groups->runs[members[i]].created >= groups->rules->since)
            return true;
    return false;
}

static DuplicateGroup *new_group(Groups *groups, const uint32_t *members, size_t count)
{
    uint32_t *copy = arena_alloc_array(groups->arena, count, sizeof(*copy));

    for (size_t i = 0; i < count; i++)
        copy[i] = members[i];
    qsort_r(copy, count, sizeof(*copy), by_creation_of, (void *)(uintptr_t)groups->runs);
    groups->list =
        arena_grow(groups->arena, groups->list, groups->group_count, groups->group_count + 1,
                   &groups->group_capacity, sizeof(*groups->list));
    DuplicateGroup *group = &groups->list[groups->group_count++];
    *group = (DuplicateGroup){.members = copy, .count = count, .scheduled = -1};
    return group;
}

typedef struct Member {
    uint32_t root, thing;
} Member;

static int by_root(const void *a, const void *b)
{
    const Member *x = a, *y = b;

    if (x->root != y->root)
        return x->root < y->root ? -1 : 1;
    return (x->thing > y->thing) - (x->thing < y->thing);
}

/* The things that have a link, sorted by their group. */
static size_t take_members(Links *links, Member **ret_members)
{
    size_t count = 0, filled = 0;

    for (size_t i = 0; i < links->count; i++)
        count += links_root(links, i)->is_linked;
    Member *members = mem_alloc((count + 1) * sizeof(*members));
    for (size_t i = 0; i < links->count; i++)
        if (links_root(links, i)->is_linked)
            members[filled++] = (Member){(uint32_t)links_first(links, i), (uint32_t)i};
    qsort(members, count, sizeof(*members), by_root);
    *ret_members = members;
    return count;
}

static void add_linked(Groups *groups, const LinkNode *root, DuplicateVerdict verdict,
                       const uint32_t *list, size_t count, const KeyTimes *times)
{
    if (!is_in_window(groups, list, count))
        return;
    DuplicateGroup *group = new_group(groups, list, count);
    group->verdict = verdict;
    group->cadence = root->cadence;
    group->reasons = root->reasons;
    judge(groups, group, root->is_off_schedule);
    if (times)
        group->scheduled = scheduled_member(groups, group, times);
    group_find_origin(groups, group, times);
}

void groups_add_linked(Groups *groups, Links *links, DuplicateVerdict verdict,
                       const DuplicateRun *const *things, const KeyTimes *times)
{
    Member *members = NULL;

    if (!links->nodes)
        return;
    size_t count = take_members(links, &members);
    uint32_t *list = mem_alloc((count + 1) * sizeof(*list));
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first; end < count && members[end].root == members[first].root; end++)
            list[end - first] = (uint32_t)(things[members[end].thing] - groups->runs);
        add_linked(groups, &links->nodes[members[first].root], verdict, list, end - first, times);
    }
    free(list);
    free(members);
}

void groups_add_scale_out(Groups *groups)
{
    for (uint32_t i = 0; i < groups->count; i++) {
        if (groups->runs[i].executed_count <= 1 || !is_in_window(groups, &i, 1))
            continue;
        DuplicateGroup *group = new_group(groups, &i, 1);
        group->verdict = DUPLICATE_SCALE_OUT;
        judge(groups, group, true);
        group_find_origin(groups, group, NULL);
    }
}

/* Gravest, surest, latest first. */
static int by_weight(const void *a, const void *b, void *context)
{
    const DuplicateRun *runs = context;
    const DuplicateGroup *x = a, *y = b;
    int64_t x_last = runs[x->members[x->count - 1]].created;
    int64_t y_last = runs[y->members[y->count - 1]].created;

    if (x->verdict != y->verdict)
        return x->verdict < y->verdict ? -1 : 1;
    if (x->confidence != y->confidence)
        return x->confidence > y->confidence ? -1 : 1;
    if (x_last != y_last)
        return x_last > y_last ? -1 : 1;
    return by_creation_of(x->members, y->members, context);
}

void groups_sort(Groups *groups)
{
    if (groups->group_count > 0)
        qsort_r(groups->list, groups->group_count, sizeof(*groups->list), by_weight,
                (void *)(uintptr_t)groups->runs);
}
