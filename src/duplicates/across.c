/* Groups of starts in several catalogs: the same parameters, near each other. */
#include "across.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"

#include <stdlib.h>
#include <string.h>

/* ---- their parameters ------------------------------------------------------------------------ */

Rc across_put_parameters(const Ssisdb *db, const DuplicatesQuestion *question, Str ids, Buf *out,
                         Err *err)
{
    DuplicatesStore *store = store_new();
    size_t count = ids.len / sizeof(int64_t);

    store->runs = mem_alloc((count + 1) * sizeof(*store->runs));
    for (; store->count < count; store->count++) {
        DuplicateRun *run = &store->runs[store->count];
        (void)memcpy(&run->id, ids.at + store->count * sizeof(run->id), sizeof(run->id));
        run->is_suspect = true;
    }
    Rc rc = store_put_parameters(store, db, question, out, err);
    store_free(store);
    return rc;
}

typedef struct Known { // runs of one catalog, by id
    DuplicateRun **at;
    size_t count;
} Known;

static int by_id(const void *a, const void *b)
{
    const DuplicateRun *const *x = a, *const *y = b;

    return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

static Known *index_runs(Across *across)
{
    DuplicatesStore *store = across->store;
    Known *known = arena_alloc_array(&store->arena, across->clock_count + 1, sizeof(*known));

    for (size_t i = 0; i < store->count; i++)
        known[across->places[i].catalog].count++;
    for (size_t c = 0; c < across->clock_count; c++) {
        known[c].at = arena_alloc_array(&store->arena, known[c].count + 1, sizeof(*known[c].at));
        known[c].count = 0;
    }
    for (size_t i = 0; i < store->count; i++) {
        Known *of = &known[across->places[i].catalog];
        of->at[of->count++] = &store->runs[i];
    }
    for (size_t c = 0; c < across->clock_count; c++)
        if (known[c].count > 0)
            qsort(known[c].at, known[c].count, sizeof(*known[c].at), by_id);
    return known;
}

static DuplicateRun *find_run(void *context, size_t catalog, int64_t id)
{
    const Known *known = (const Known *)context + catalog;
    DuplicateRun wanted = {.id = id}, *at = &wanted;
    DuplicateRun **found =
        known->count ? bsearch(&at, known->at, known->count, sizeof(*known->at), by_id) : NULL;

    return found ? *found : NULL;
}

static Rc take_parameters(Across *across, const AcrossCatalog *catalogs, Err *err)
{
    AUTO(mem_free_at) Str *parts = mem_alloc((across->clock_count + 1) * sizeof(*parts));

    for (size_t i = 0; i < across->clock_count; i++)
        parts[i] = catalogs[i].parameters;
    return store_take_parameters(across->store, across->question, parts, across->clock_count,
                                 find_run, index_runs(across), err);
}

static void warn_of_errors(Across *across, const AcrossCatalog *catalogs)
{
    for (size_t i = 0; i < across->clock_count; i++)
        if (catalogs[i].error)
            across->warnings[across->warning_count++] = arena_printf(
                &across->store->arena,
                "%s: the parameters of executions that may stand beside those of other targets "
                "could not be read: %s",
                catalogs[i].target, catalogs[i].error);
}

/* What tells parameters apart looks at the server's time: only now all go by one clock. */
static void set_clocks(Across *across)
{
    for (size_t i = 0; i < across->store->count; i++) {
        DuplicateRun *run = &across->store->runs[i];
        int64_t skew = across->clocks[across->places[i].catalog].skew;
        run->created = sat_sub(run->created, skew);
        run->start = run->start ? sat_sub(run->start, skew) : 0;
        run->end = run->end ? sat_sub(run->end, skew) : 0;
    }
}

/* ---- confidence ------------------------------------------------------------------------------ */

static bool has_other_environment(const AcrossPlace *a, const AcrossPlace *b)
{
    return !str_same_fold(a->environment, b->environment) ||
           !str_same_fold(a->environment_folder, b->environment_folder);
}

static unsigned reasons_of(const Across *across, size_t first, size_t at)
{
    const DuplicateRun *a = &across->store->runs[first], *b = &across->store->runs[at];
    const DuplicateContext *contexts = across->store->contexts.list;
    unsigned reasons = 0;

    if (b->has_secret)
        reasons |= ACROSS_SECRET;
    if (b->parameters == PARAMETERS_UNREAD)
        reasons |= ACROSS_UNREAD;
    if (a->parameters != b->parameters && a->parameters != PARAMETERS_UNREAD &&
        b->parameters != PARAMETERS_UNREAD)
        reasons |= ACROSS_OTHER_PARAMETERS;
    if (contexts[a->context].run_id != contexts[b->context].run_id)
        reasons |= ACROSS_RUN_ID;
    if (b->has_unique_value)
        reasons |= ACROSS_NEVER_REPEATS;
    if (has_other_environment(&across->places[first], &across->places[at]))
        reasons |= ACROSS_OTHER_ENVIRONMENT;
    if (b->status == STATUS_CREATED)
        reasons |= ACROSS_NEVER_STARTED;
    if (duplicates_had_failed(a, b->created))
        reasons |= ACROSS_FAILED_FIRST;
    return reasons;
}

static DuplicateConfidence confidence_of(unsigned reasons)
{
    static const struct {
        unsigned reason;
        int levels;
    } doubts[] = {{ACROSS_SECRET, 2},
                  {ACROSS_UNREAD, 1},
                  {ACROSS_OTHER_PARAMETERS, 1},
                  {ACROSS_NEVER_REPEATS, 2},
                  {ACROSS_OTHER_ENVIRONMENT, 1},
                  {ACROSS_NEVER_STARTED, 1},
                  {ACROSS_FAILED_FIRST, 2}};
    int level = DUPLICATE_HIGH;

    for (size_t i = 0; i < ARRAY_LEN(doubts); i++)
        level -= reasons & doubts[i].reason ? doubts[i].levels : 0;
    return level > DUPLICATE_LOW ? (DuplicateConfidence)level : DUPLICATE_LOW;
}

/* ---- groups ---------------------------------------------------------------------------------- */

typedef struct Grouper {
    Across *across;
    bool *is_taken; // by run
    uint32_t *list; // of the group at hand
    size_t count;
} Grouper;

static bool is_near(const Across *across, size_t first, size_t at)
{
    const DuplicateRun *a = &across->store->runs[first], *b = &across->store->runs[at];
    int64_t reach = across->question->within;

    reach = sat_add(reach, across->clocks[across->places[first].catalog].unsure);
    reach = sat_add(reach, across->clocks[across->places[at].catalog].unsure);
    return a->key == b->key && sat_sub(b->created, a->created) <= reach;
}

/* Parameters that are not known match all others. */
static bool is_same_work(const Across *across, size_t first, size_t at)
{
    const DuplicateRun *a = &across->store->runs[first], *b = &across->store->runs[at];

    return across->question->ignore_parameters || a->parameters == b->parameters ||
           a->parameters == PARAMETERS_UNREAD || b->parameters == PARAMETERS_UNREAD;
}

static bool has_member_of(const Grouper *grouper, uint32_t catalog)
{
    for (size_t i = 0; i < grouper->count; i++)
        if (grouper->across->places[grouper->list[i]].catalog == catalog)
            return true;
    return false;
}

/* One of each catalog: the next of the same work. A second start in the catalog of the first is
 * nearer to whatever comes behind it. */
static void gather(Grouper *grouper, size_t first)
{
    const Across *across = grouper->across;

    grouper->list[0] = (uint32_t)first;
    grouper->count = 1;
    for (size_t i = first + 1; i < across->store->count && is_near(across, first, i); i++) {
        if (grouper->is_taken[i] || !is_same_work(across, first, i))
            continue;
        if (across->places[i].catalog == across->places[first].catalog)
            return;
        if (!has_member_of(grouper, across->places[i].catalog))
            grouper->list[grouper->count++] = (uint32_t)i;
    }
}

/* Wanted when one of them is in its window and passes the filter, and not all are allowed. */
static bool is_wanted(const Grouper *grouper)
{
    bool is_in_window = false, passes = false, is_allowed = true;

    for (size_t i = 0; i < grouper->count; i++) {
        const AcrossPlace *place = &grouper->across->places[grouper->list[i]];
        is_in_window |= place->is_in_window;
        passes |= place->passes;
        is_allowed &= place->is_allowed;
    }
    return is_in_window && passes && !is_allowed;
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* In the order of the configuration, whoever came first. */
static const char *targets_of(const Grouper *grouper)
{
    const Across *across = grouper->across;
    AUTO(mem_free_at) uint32_t *catalogs = mem_alloc(grouper->count * sizeof(*catalogs));
    AUTO(buf_done) Buf names = BUF(64 * 1024);

    for (size_t i = 0; i < grouper->count; i++)
        catalogs[i] = across->places[grouper->list[i]].catalog;
    qsort(catalogs, grouper->count, sizeof(*catalogs), by_number);
    for (size_t i = 0; i < grouper->count; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", across->clocks[catalogs[i]].target);
    uint32_t number = names_text(&across->store->names, (Str){buf_text(&names), names.len});
    return across->store->names.texts[number]; // which the line above may have moved
}

static void add_group(Grouper *grouper)
{
    Across *across = grouper->across;
    DuplicatesStore *store = across->store;
    DuplicateRules rules = {.within = across->question->within, .now = across->now};
    Groups measured = {.runs = store->runs, .count = store->count, .rules = &rules};
    uint32_t *members = arena_alloc_array(&store->arena, grouper->count, sizeof(*members));
    AcrossGroup found = {.targets = targets_of(grouper)};

    (void)memcpy(members, grouper->list, grouper->count * sizeof(*members));
    for (size_t i = 0; i < grouper->count; i++)
        found.reasons |= reasons_of(across, members[0], members[i]);
    found.group = (DuplicateGroup){.verdict = DUPLICATE_DOUBLE_TRIGGER,
                                   .confidence = confidence_of(found.reasons),
                                   .members = members,
                                   .count = grouper->count,
                                   .scheduled = -1};
    group_measure(&measured, &found.group);
    if (found.group.confidence < across->question->least)
        return;
    across->groups =
        arena_grow(&store->arena, across->groups, across->group_count, across->group_count + 1,
                   &across->group_capacity, sizeof(*across->groups));
    across->groups[across->group_count++] = found;
}

static void find_groups(Across *across)
{
    AUTO(mem_free_at) bool *is_taken = mem_alloc(across->store->count + 1);
    AUTO(mem_free_at) uint32_t *list = mem_alloc((across->clock_count + 1) * sizeof(*list));
    Grouper grouper = {.across = across, .is_taken = is_taken, .list = list};

    for (size_t i = 0; i < across->store->count; i++) {
        if (is_taken[i])
            continue;
        gather(&grouper, i);
        for (size_t k = 0; k < grouper.count && grouper.count > 1; k++)
            is_taken[list[k]] = true;
        if (grouper.count > 1 && is_wanted(&grouper))
            add_group(&grouper);
    }
}

/* ---- how often, and their order -------------------------------------------------------------- */

static uint32_t key_of(const Across *across, const AcrossGroup *group)
{
    return across->store->runs[group->group.members[0]].key;
}

/* Groups of a key stand beside each other, and are of few sets of targets. */
static size_t count_alike(const Across *across, size_t first, size_t end, const char *targets)
{
    size_t alike = 0;

    for (size_t i = first; i < end; i++)
        alike += across->groups[i].targets == targets;
    return alike;
}

static void count_times(Across *across)
{
    AcrossGroup *groups = across->groups;

    for (size_t first = 0, end; first < across->group_count; first = end) {
        const char *targets = NULL;
        size_t alike = 0;
        for (end = first; end < across->group_count &&
                          key_of(across, &groups[end]) == key_of(across, &groups[first]);)
            end++;
        for (size_t i = first; i < end; i++) {
            if (groups[i].targets != targets)
                alike = count_alike(across, first, end, groups[i].targets);
            targets = groups[i].targets;
            groups[i].times = alike;
        }
    }
}

static int by_weight(const void *a, const void *b, void *context)
{
    const AcrossGroup *x = a, *y = b;
    const DuplicateRun *runs = context;
    int64_t x_at = runs[x->group.members[0]].created, y_at = runs[y->group.members[0]].created;

    if (x->group.confidence != y->group.confidence)
        return x->group.confidence > y->group.confidence ? -1 : 1;
    if (x_at != y_at)
        return x_at > y_at ? -1 : 1;
    return (x->group.members[0] > y->group.members[0]) -
           (x->group.members[0] < y->group.members[0]);
}

Rc across_group(Across *across, const AcrossCatalog *catalogs, Err *err)
{
    TRY(take_parameters(across, catalogs, err));
    warn_of_errors(across, catalogs);
    set_clocks(across);
    find_groups(across);
    count_times(across);
    if (across->group_count > 0)
        qsort_r(across->groups, across->group_count, sizeof(*across->groups), by_weight,
                across->store->runs);
    return RC_OK;
}

const AcrossGroup *across_groups(const Across *across, size_t *ret_count)
{
    *ret_count = across->group_count;
    return across->groups;
}
