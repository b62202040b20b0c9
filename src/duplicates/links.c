/* Groups: what links join, measured and judged. */
#include "links.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"
#include "ssisminer/base/time.h"
#include "ssisminer/ssisdb/ssisdb.h"

#include <stdlib.h>

/* ---- a forest of links --------------------------------------------------------------------------
 */

Links links_of(size_t count)
{
    Links links = {mem_alloc((count + 1) * sizeof(LinkNode)), count};

    for (size_t i = 0; i < count; i++)
        links.nodes[i] = (LinkNode){.parent = (uint32_t)i, .verdict = LINKS_NONE};
    return links;
}

void links_done(Links *links)
{
    free(links->nodes);
}

size_t links_root(Links *links, size_t run)
{
    LinkNode *nodes = links->nodes;

    while (nodes[run].parent != run) {
        nodes[run].parent = nodes[nodes[run].parent].parent;
        run = nodes[run].parent;
    }
    return run;
}

void links_add(Links *links, size_t a, size_t b, DuplicateVerdict verdict, int64_t cadence)
{
    size_t to = links_root(links, a), from = links_root(links, b);

    if (to > from) { // the earlier one is the root: groups come out in the order of the runs
        size_t swap = to;
        to = from;
        from = swap;
    }
    LinkNode *root = &links->nodes[to], *other = &links->nodes[from];
    other->parent = (uint32_t)to;
    if (other->verdict < root->verdict)
        root->verdict = other->verdict;
    if (verdict < root->verdict)
        root->verdict = (uint8_t)verdict;
    root->is_off_schedule = root->is_off_schedule || other->is_off_schedule;
    if (cadence > root->cadence)
        root->cadence = cadence;
}

void links_set_off_schedule(Links *links, size_t run)
{
    links->nodes[links_root(links, run)].is_off_schedule = true;
}

/* ---- measures -----------------------------------------------------------------------------------
 */

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
        if (duplicates_ran(&groups->runs[group->members[i]], groups->rules->now, &start, &end)) {
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

static int64_t wasted_time(const Groups *groups, const DuplicateGroup *group)
{
    int64_t start, end, sum = 0;
    bool is_first = true;

    if (group->verdict == DUPLICATE_CHILD_OVERLAP)
        return group->overlap;
    if (group->verdict == DUPLICATE_SCALE_OUT || group->verdict == DUPLICATE_RETRY)
        return 0;
    for (size_t i = 0; i < group->count; i++) {
        if (!duplicates_ran(&groups->runs[group->members[i]], groups->rules->now, &start, &end))
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
        int64_t gap =
            groups->runs[group->members[i]].created - groups->runs[group->members[i - 1]].created;
        if (shortest < 0 || gap < shortest)
            shortest = gap;
    }
    return shortest;
}

/* ---- confidence ---------------------------------------------------------------------------------
 */

static unsigned reasons_of_run(const DuplicateRun *run, const DuplicateRun *first, int64_t now)
{
    unsigned reasons = 0;

    if (run->caller != first->caller)
        reasons |= BECAUSE_OTHER_CALLER;
    if (run->environment != first->environment)
        reasons |= BECAUSE_OTHER_ENVIRONMENT;
    if (run->status == STATUS_CREATED)
        reasons |= BECAUSE_NEVER_STARTED;
    if (run->has_secret)
        reasons |= BECAUSE_SECRET;
    if (run->parameters == PARAMETERS_UNREAD)
        reasons |= BECAUSE_UNREAD;
    if (run->parameters != PARAMETERS_UNREAD && first->parameters != PARAMETERS_UNREAD &&
        run->parameters != first->parameters)
        reasons |= BECAUSE_OTHER_PARAMETERS;
    if (status_is_live(run->status) && run->start != 0 && now - run->start > TICKS_PER_DAY)
        reasons |= BECAUSE_MAYBE_DEAD;
    return reasons;
}

/* Parameters are no question where different packages or one execution alone are concerned. */
static unsigned reasons_that_matter(DuplicateVerdict verdict)
{
    switch (verdict) {
    case DUPLICATE_SCALE_OUT:
        return 0;
    case DUPLICATE_CHILD_OVERLAP:
        return BECAUSE_MAYBE_DEAD | BECAUSE_OTHER_ENVIRONMENT;
    case DUPLICATE_RETRY:
        return BECAUSE_SECRET | BECAUSE_UNREAD | BECAUSE_OTHER_PARAMETERS;
    case DUPLICATE_DOUBLE_TRIGGER:
    case DUPLICATE_OVERLAP:
    case DUPLICATE_REPEAT:
    case DUPLICATE_VERDICTS:
        break;
    }
    return ~0U;
}

static DuplicateConfidence confidence_of(DuplicateVerdict verdict, unsigned reasons)
{
    int level = verdict == DUPLICATE_REPEAT ? DUPLICATE_MEDIUM : DUPLICATE_HIGH;

    for (unsigned rest = reasons; rest != 0; rest &= rest - 1)
        level--;
    if (reasons & BECAUSE_SECRET)
        level--;
    return level > DUPLICATE_LOW ? (DuplicateConfidence)level : DUPLICATE_LOW;
}

static void judge(const Groups *groups, DuplicateGroup *group, bool is_off_schedule)
{
    const DuplicateRun *first = &groups->runs[group->members[0]];

    for (size_t i = 0; i < group->count; i++)
        group->reasons |=
            reasons_of_run(&groups->runs[group->members[i]], first, groups->rules->now);
    if (group->verdict == DUPLICATE_OVERLAP && !is_off_schedule)
        group->reasons |= BECAUSE_OWN_SCHEDULE;
    group->reasons &= reasons_that_matter(group->verdict);
    group->confidence = confidence_of(group->verdict, group->reasons);
    group->gap = shortest_gap(groups, group);
    group->overlap = shared_time(groups, group);
    group->wasted = wasted_time(groups, group);
}

/* ---- collecting ---------------------------------------------------------------------------------
 */

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
    *group = (DuplicateGroup){.members = copy, .count = count};
    return group;
}

typedef struct Member {
    uint32_t root, run;
} Member;

static int by_root(const void *a, const void *b)
{
    const Member *x = a, *y = b;

    if (x->root != y->root)
        return x->root < y->root ? -1 : 1;
    return (x->run > y->run) - (x->run < y->run);
}

/* The runs that have a link, sorted by their group. */
static size_t take_members(Links *links, Member **ret_members)
{
    size_t count = 0, filled = 0;

    for (size_t i = 0; i < links->count; i++)
        count += links->nodes[links_root(links, i)].verdict != LINKS_NONE;
    Member *members = mem_alloc((count + 1) * sizeof(*members));
    for (size_t i = 0; i < links->count; i++) {
        size_t root = links_root(links, i);
        if (links->nodes[root].verdict != LINKS_NONE)
            members[filled++] = (Member){(uint32_t)root, (uint32_t)i};
    }
    qsort(members, count, sizeof(*members), by_root);
    *ret_members = members;
    return count;
}

void groups_add_linked(Groups *groups, Links *links)
{
    Member *members = NULL;
    size_t count = take_members(links, &members);
    uint32_t *list = mem_alloc((count + 1) * sizeof(*list));

    for (size_t first = 0, end; first < count; first = end) {
        const LinkNode *root = &links->nodes[members[first].root];
        for (end = first; end < count && members[end].root == members[first].root; end++)
            list[end - first] = members[end].run;
        if (!is_in_window(groups, list, end - first))
            continue;
        DuplicateGroup *group = new_group(groups, list, end - first);
        group->verdict = (DuplicateVerdict)root->verdict;
        group->cadence = root->cadence;
        judge(groups, group, root->is_off_schedule);
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
