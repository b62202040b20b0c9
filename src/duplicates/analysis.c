/* Links between the executions of one package. */
#include "ssisminer/duplicates/analysis.h"

#include "links.h"
#include "rhythm.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"
#include "ssisminer/base/time.h"
#include "ssisminer/ssisdb/ssisdb.h"

#include <stdlib.h>
#include <string.h>

/* Unread parameters match all others of their key, as long as that is no flood. */
enum { UNREAD_JOIN = 256 };

const char *duplicates_verdict_name(DuplicateVerdict verdict)
{
    static const char *const names[DUPLICATE_VERDICTS] = {
        [DUPLICATE_DOUBLE_TRIGGER] = "double-trigger",
        [DUPLICATE_OVERLAP] = "overlap",
        [DUPLICATE_CHILD_OVERLAP] = "child-overlap",
        [DUPLICATE_REPEAT] = "repeat-after-success",
        [DUPLICATE_NEVER_STARTED] = "never-started",
        [DUPLICATE_SCALE_OUT] = "scale-out-retry",
        [DUPLICATE_CATCH_UP] = "catch-up",
        [DUPLICATE_LOOP] = "loop",
        [DUPLICATE_RETRY] = "retry-after-failure",
    };

    return names[verdict];
}

const char *duplicates_confidence_name(DuplicateConfidence confidence)
{
    static const char *const names[] = {
        [DUPLICATE_LOW] = "low", [DUPLICATE_MEDIUM] = "medium", [DUPLICATE_HIGH] = "high"};

    return names[confidence];
}

/* ---- one execution --------------------------------------------------------------------------- */

/* What died while it was live has failed too, whatever its status still says. */
static bool has_failed(const DuplicateRun *run)
{
    return run->status == STATUS_FAILED || run->status == STATUS_CANCELED ||
           run->status == STATUS_ENDED_UNEXPECTEDLY ||
           (run->is_dead && status_is_live(run->status));
}

bool duplicates_had_failed(const DuplicateRun *run, int64_t by)
{
    return has_failed(run) && run->end != 0 && run->end <= by;
}

static bool had_succeeded(const DuplicateRun *run, int64_t by)
{
    return status_is_terminal(run->status) && !has_failed(run) && run->end != 0 && run->end <= by;
}

bool duplicates_ran(const DuplicateRun *run, int64_t now, int64_t *ret_start, int64_t *ret_end)
{
    int64_t end = run->end ? run->end : status_is_live(run->status) ? now : 0;

    if (run->start == 0 || end <= run->start || run->status == STATUS_PENDING)
        return false; // what is pending waits in a queue
    *ret_start = run->start;
    *ret_end = end;
    return true;
}

/* Created, and not started while that could still be on its way. */
static bool was_never_started(const DuplicateRun *run, const DuplicateRules *rules)
{
    return run->status == STATUS_CREATED && rules->now - run->created > rules->within;
}

/* ---- lists: executions of the same work, by creation ----------------------------------------- */

typedef struct Linker {            // of one key
    const DuplicateRun **suspects; // by creation
    size_t suspect_count;
    KeyTimes times;
    DuplicateRhythm rhythm;
    const DuplicateRules *rules;
    Links links[DUPLICATE_VERDICTS];
} Linker;

typedef struct List {
    const DuplicateRun *const *at;
    size_t count;
    KeyTimes times; // of all starts of this work, as far as is known
    DuplicateRhythm rhythm;
    bool is_parallel; // its runs often stand beside each other
    bool is_window;   // of a time that is worked on once
    uint8_t *habits;  // why one came so soon after the one before: HABIT_…
} List;

enum { HABIT_NONE, HABIT_LOOP, HABIT_CATCH_UP };

static int by_start(const void *a, const void *b)
{
    const DuplicateRun *const *x = a, *const *y = b;

    if ((*x)->start != (*y)->start)
        return (*x)->start < (*y)->start ? -1 : 1;
    return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

static int by_creation(const void *a, const void *b)
{
    const DuplicateRun *const *x = a, *const *y = b;

    if ((*x)->created != (*y)->created)
        return (*x)->created < (*y)->created ? -1 : 1;
    return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

/* Suspects stand in one array of records, by creation: so do their addresses. */
static size_t place_of(const Linker *linker, const DuplicateRun *run)
{
    size_t low = 0, high = linker->suspect_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (linker->suspects[middle] < run)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int64_t gap_between(const DuplicateRun *a, const DuplicateRun *b)
{
    return llabs(b->created - a->created);
}

/* The root of a link says what is known of the group. */
static LinkNode *link_runs(Linker *linker, DuplicateVerdict verdict, const List *list,
                           const DuplicateRun *a, const DuplicateRun *b)
{
    Links *links = &linker->links[verdict];
    unsigned reasons = 0;

    links_add(links, linker->suspect_count, place_of(linker, a), place_of(linker, b));
    LinkNode *root = links_root(links, place_of(linker, a));
    if (list->rhythm.is_irregular && verdict != DUPLICATE_OVERLAP)
        reasons |= BECAUSE_IRREGULAR;
    if (list->rhythm.is_several)
        reasons |= BECAUSE_ALWAYS_SEVERAL;
    if (list->is_parallel && (verdict == DUPLICATE_OVERLAP || list->rhythm.is_irregular))
        reasons |= BECAUSE_PARALLEL;
    root->reasons |= reasons;
    if (list->rhythm.cadence > root->cadence)
        root->cadence = list->rhythm.cadence;
    return root;
}

/* ---- habits: loops, and what is caught up on ------------------------------------------------- */

enum { LOOP_ROW = 4, LOOP_SPREAD = 3 };
#define LOOP_PAUSE  (120 * TICKS_PER_SECOND)
#define LOOP_JITTER (10 * TICKS_PER_SECOND)

/* The pause between two executions of a loop; -1 if they are none. */
static int64_t loop_pause(const List *list, size_t at)
{
    const DuplicateRun *before = list->at[at - 1], *run = list->at[at];
    int64_t pause = run->created - before->end;

    if (before->end == 0 || before->is_dead || pause < 0 || pause > LOOP_PAUSE)
        return -1;
    return rhythm_is_in_turn(&list->rhythm, gap_between(before, run)) ? -1 : pause;
}

/* The end of the row of even pauses that begins at `first`. */
static size_t loop_end(const List *list, size_t first, bool *ret_has_success)
{
    int64_t least = INT64_MAX, most = 0;
    size_t end = first + 1;

    *ret_has_success = false;
    for (; end < list->count; end++) {
        int64_t pause = loop_pause(list, end);
        if (pause < 0)
            break;
        least = pause < least ? pause : least;
        most = pause > most ? pause : most;
        if (most > LOOP_SPREAD * least + LOOP_JITTER)
            break;
        *ret_has_success |= had_succeeded(list->at[end - 1], list->at[end]->created);
    }
    return end;
}

static void mark_loops(List *list)
{
    bool has_success;

    for (size_t first = 0, end; first + 1 < list->count; first = end) {
        end = loop_end(list, first, &has_success);
        if (end - first >= LOOP_ROW && has_success)
            memset(list->habits + first + 1, HABIT_LOOP, end - first - 1);
    }
}

/* Pauses of this length are ordinary: weekends, nights. */
static bool is_usual_pause(const KeyTimes *times, int64_t pause)
{
    enum { USUAL = 3 };
    int alike = 0;

    for (size_t i = 1; i < times->count && alike < USUAL; i++)
        alike += sat_mul(4, llabs(times->created[i] - times->created[i - 1] - pause)) <= pause;
    return alike >= USUAL;
}

static void mark_between(List *list, int64_t after, int64_t until)
{
    for (size_t i = 1; i < list->count; i++)
        if (list->at[i]->created > after && list->at[i]->created <= until &&
            list->habits[i] == HABIT_NONE)
            list->habits[i] = HABIT_CATCH_UP;
}

/* After starts were missed, as many may follow close on each other. */
static void mark_catch_up(List *list, size_t first)
{
    const int64_t *created = list->times.created;
    int64_t cadence = list->rhythm.cadence, pause = created[first] - created[first - 1];
    int64_t missed = (pause + cadence / 4) / cadence - 1;
    size_t end = first + 1;

    while (end < list->times.count &&
           !rhythm_is_in_turn(&list->rhythm, created[end] - created[end - 1]))
        end++;
    if (missed < 1 || end == first + 1 || (int64_t)(end - first - 1) > missed ||
        is_usual_pause(&list->times, pause))
        return;
    mark_between(list, created[first], created[end - 1]);
}

static void mark_habits(List *list)
{
    const KeyTimes *times = &list->times;

    mark_loops(list);
    for (size_t i = 1; i < times->count && list->rhythm.cadence > 0; i++)
        if (times->created[i] - times->created[i - 1] >= list->rhythm.cadence / 4 * 7)
            mark_catch_up(list, i);
}

static void link_habits(Linker *linker, const List *list)
{
    for (size_t i = 1; i < list->count; i++)
        if (list->habits[i] != HABIT_NONE)
            link_runs(linker, list->habits[i] == HABIT_LOOP ? DUPLICATE_LOOP : DUPLICATE_CATCH_UP,
                      list, list->at[i - 1], list->at[i]);
}

/* The package's own pace explains why b came after a. */
static bool is_in_turn(const List *list, const DuplicateRun *a, const DuplicateRun *b)
{
    return rhythm_is_in_turn(&list->rhythm, gap_between(a, b)) ||
           rhythm_begins_anew(&list->rhythm, list->times.created, list->times.count, a->created,
                              b->created);
}

/* ---- triggers, repeats, retries -------------------------------------------------------------- */

/* No chain over hours: a group of triggers ends `within` after its first one. */
static bool is_too_late(const Linker *linker, const DuplicateRun *before, const DuplicateRun *run)
{
    size_t first = links_first(&linker->links[DUPLICATE_DOUBLE_TRIGGER], place_of(linker, before));

    return run->created - linker->suspects[first]->created > linker->rules->within;
}

/* The nearest that had not failed says enough: what it is too near to, is near to it as well. */
static void link_triggers(Linker *linker, const List *list, size_t at)
{
    const DuplicateRun *run = list->at[at];

    for (size_t i = at; i-- > 0 && gap_between(list->at[i], run) <= list->rhythm.soon;) {
        const DuplicateRun *before = list->at[i];
        if (duplicates_had_failed(before, run->created))
            continue;
        if (is_in_turn(list, before, run) || list->habits[at] != HABIT_NONE)
            return;
        if (was_never_started(before, linker->rules)) {
            link_runs(linker, DUPLICATE_NEVER_STARTED, list, before, run);
            continue;
        }
        if (was_never_started(run, linker->rules))
            link_runs(linker, DUPLICATE_NEVER_STARTED, list, before, run);
        else if (!is_too_late(linker, before, run))
            link_runs(linker, DUPLICATE_DOUBLE_TRIGGER, list, before, run);
        return;
    }
}

/* Much sooner than it ordinarily comes, and not at a time of its own. */
static bool is_unusual(const Linker *linker, const List *list, const DuplicateRun *run, int64_t gap)
{
    int64_t ordinary = list->rhythm.ordinary ? list->rhythm.ordinary : linker->rhythm.ordinary;

    if (list->rhythm.is_irregular)
        return false;
    if (list->is_window)
        return true;
    if (list->rhythm.cadence == 0 && ordinary != 0 && sat_mul(4, gap) > ordinary)
        return false;
    return !duplicates_is_due(linker->times.created, linker->times.count, run->created);
}

/* How long after an end a further start still belongs to it. */
static int64_t horizon_of(const Linker *linker, const List *list)
{
    int64_t horizon = rhythm_horizon(&list->rhythm, linker->rules->within);

    return list->is_window && horizon < TICKS_PER_DAY ? TICKS_PER_DAY : horizon;
}

static void link_previous(Linker *linker, const List *list, size_t at)
{
    const DuplicateRun *run = list->at[at], *before = NULL;

    for (size_t i = at; i-- > 0 && !before;)
        if (!was_never_started(list->at[i], linker->rules))
            before = list->at[i];
    if (!before || was_never_started(run, linker->rules))
        return;
    int64_t gap = gap_between(before, run), pause = run->created - before->end;
    if (is_in_turn(list, before, run) || pause > horizon_of(linker, list))
        return;
    if (duplicates_had_failed(before, run->created))
        link_runs(linker, DUPLICATE_RETRY, list, before, run);
    else if (had_succeeded(before, run->created) && gap > linker->rules->within &&
             list->habits[at] == HABIT_NONE && is_unusual(linker, list, run, gap))
        link_runs(linker, DUPLICATE_REPEAT, list, before, run)->reasons |=
            pause > TICKS_PER_DAY ? BECAUSE_LATER : 0;
}

/* ---- overlaps -------------------------------------------------------------------------------- */

/* Those of a list that ran, by their start. */
static size_t take_ran(const List *list, int64_t now, const DuplicateRun **ret_ran)
{
    size_t ran = 0;
    int64_t start, end;

    for (size_t i = 0; i < list->count; i++)
        if (duplicates_ran(list->at[i], now, &start, &end))
            ret_ran[ran++] = list->at[i];
    qsort(ret_ran, ran, sizeof(*ret_ran), by_start);
    return ran;
}

/* What says why they ran at once already. */
static bool is_explained(const Linker *linker, const DuplicateRun *a, const DuplicateRun *b)
{
    static const DuplicateVerdict before[] = {DUPLICATE_DOUBLE_TRIGGER, DUPLICATE_CATCH_UP};

    for (size_t i = 0; i < ARRAY_LEN(before); i++)
        if (links_join(&linker->links[before[i]], place_of(linker, a), place_of(linker, b)))
            return true;
    return false;
}

static bool is_own_schedule(const Linker *linker, const List *list, const DuplicateRun *a,
                            const DuplicateRun *b)
{
    const KeyTimes *times = &linker->times;

    return is_in_turn(list, a, b) || (duplicates_is_due(times->created, times->count, a->created) &&
                                      duplicates_is_due(times->created, times->count, b->created));
}

static void link_overlap(Linker *linker, const List *list, const DuplicateRun *a,
                         const DuplicateRun *b)
{
    if (is_explained(linker, a, b))
        return;
    LinkNode *root = link_runs(linker, DUPLICATE_OVERLAP, list, a, b);
    if (!is_own_schedule(linker, list, a, b))
        root->is_off_schedule = true;
}

/* Whoever overlaps one that started earlier, overlaps the one of those that ends last. Returns how
 * many do. */
static size_t each_overlap(Linker *linker, const List *list, const DuplicateRun *const *ran,
                           size_t count, bool is_linking)
{
    int64_t start = 0, end = 0, last_end = 0;
    size_t last = 0, overlaps = 0;

    for (size_t i = 0; i < count; i++) {
        (void)duplicates_ran(ran[i], linker->rules->now, &start, &end);
        if (i > 0 && start < last_end) {
            overlaps++;
            if (is_linking)
                link_overlap(linker, list, ran[last], ran[i]);
        }
        if (end > last_end) {
            last = i;
            last_end = end;
        }
    }
    return overlaps;
}

/* ---- a list ---------------------------------------------------------------------------------- */

/* Percent of starts that overlap, from which on that is an ordinary thing: of events a few are. */
enum { PARALLEL_ENOUGH = 12, PARALLEL_SHARE = 20, PARALLEL_EVENTS = 2 };

static void link_list(Linker *linker, List *list)
{
    const DuplicateRun **ran = mem_alloc((list->count + 1) * sizeof(*ran));
    size_t ran_count = take_ran(list, linker->rules->now, ran);

    size_t share = list->rhythm.is_irregular ? PARALLEL_EVENTS : PARALLEL_SHARE;

    list->habits = mem_alloc(list->count + 1);
    list->is_parallel =
        list->times.count >= PARALLEL_ENOUGH &&
        each_overlap(linker, list, ran, ran_count, false) * 100 > list->times.count * share;
    mark_habits(list);
    link_habits(linker, list);
    for (size_t i = 1; i < list->count; i++) {
        link_triggers(linker, list, i);
        link_previous(linker, list, i);
    }
    if (!list->is_parallel || !list->rhythm.is_irregular) // both: events, each a run of its own
        (void)each_overlap(linker, list, ran, ran_count, true);
    free(list->habits);
    free(ran);
}

/* What is ordinary for the package is so for its only kind of work; each of several has its own. */
static void link_work(Linker *linker, const DuplicateRun *const *at, size_t count, bool is_only)
{
    List list = {.at = at, .count = count, .times = linker->times, .rhythm = linker->rhythm};
    int64_t *created;

    if (count < 2)
        return;
    if (is_only) {
        link_list(linker, &list);
        return;
    }
    created = mem_alloc(count * sizeof(*created));
    for (size_t i = 0; i < count; i++)
        created[i] = at[i]->created;
    list.times = (KeyTimes){created, count};
    list.rhythm = duplicates_rhythm(created, count, count, linker->rules->within);
    list.is_window = at[0]->has_window && !linker->rules->ignore_parameters;
    if (list.rhythm.cadence == 0 && !list.is_window)
        list.rhythm.cadence = linker->rhythm.cadence;
    link_list(linker, &list);
    free(created);
}

/* ---- the kinds of work of a key -------------------------------------------------------------- */

static int compare_versions(const DuplicateContext *a, const DuplicateContext *b)
{
    if (a->project_lsn != b->project_lsn)
        return a->project_lsn < b->project_lsn ? -1 : 1;
    return a->is_32bit - b->is_32bit;
}

static int by_work(const void *a, const void *b, void *context)
{
    const DuplicateRules *rules = context;
    const DuplicateRun *x = *(const DuplicateRun *const *)a, *y = *(const DuplicateRun *const *)b;
    int versions = compare_versions(context_of(rules, x), context_of(rules, y));

    if (versions != 0)
        return versions;
    if (!rules->ignore_parameters && x->parameters != y->parameters)
        return x->parameters < y->parameters ? -1 : 1;
    return by_creation(a, b);
}

static bool is_same_version(const Linker *linker, const DuplicateRun *a, const DuplicateRun *b)
{
    return compare_versions(context_of(linker->rules, a), context_of(linker->rules, b)) == 0;
}

/* Of one version: a list for each set of parameters; those without known ones stand
 * in every list. */
static void link_version(Linker *linker, const DuplicateRun **at, size_t count, bool is_only)
{
    bool is_blind = linker->rules->ignore_parameters;
    size_t unread = 0;

    while (unread < count && at[unread]->parameters == PARAMETERS_UNREAD)
        unread++;
    if (is_blind || unread == count || at[unread]->parameters == at[count - 1]->parameters) {
        qsort(at, count, sizeof(*at), by_creation);
        link_work(linker, at, count, is_only);
        return;
    }
    if (unread > UNREAD_JOIN)
        link_work(linker, at, unread, false);
    size_t joining = unread > UNREAD_JOIN ? 0 : unread;
    const DuplicateRun **list = mem_alloc((count + 1) * sizeof(*list));
    for (size_t first = unread, end; first < count; first = end) {
        for (end = first; end < count && at[end]->parameters == at[first]->parameters;)
            end++;
        memcpy(list, at + first, (end - first) * sizeof(*list));
        memcpy(list + (end - first), at, joining * sizeof(*list));
        qsort(list, end - first + joining, sizeof(*list), by_creation);
        link_work(linker, list, end - first + joining, false);
    }
    free(list);
}

static void link_suspects(Linker *linker)
{
    size_t count = linker->suspect_count;
    const DuplicateRun **at = mem_alloc((count + 1) * sizeof(*at));

    memcpy(at, linker->suspects, count * sizeof(*at));
    qsort_r(at, count, sizeof(*at), by_work, (void *)(uintptr_t)linker->rules);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first; end < count && is_same_version(linker, at[end], at[first]);)
            end++;
        link_version(linker, at + first, end - first, end - first == count);
    }
    free(at);
}

static void group_key(Groups *groups, size_t first, size_t end, int64_t *created)
{
    const DuplicateRun **suspects = mem_alloc((end - first + 1) * sizeof(*suspects));
    Linker linker = {.suspects = suspects, .times = {created, end - first}, .rules = groups->rules};

    for (size_t i = first; i < end; i++) {
        created[i - first] = groups->runs[i].created;
        if (groups->runs[i].is_suspect)
            suspects[linker.suspect_count++] = &groups->runs[i];
    }
    if (linker.suspect_count > 1) {
        linker.rhythm = duplicates_rhythm(created, end - first, end - first, groups->rules->within);
        link_suspects(&linker);
    }
    for (int verdict = 0; verdict < DUPLICATE_VERDICTS; verdict++) {
        groups_add_linked(groups, &linker.links[verdict], (DuplicateVerdict)verdict, suspects,
                          &linker.times);
        links_done(&linker.links[verdict]);
    }
    free(suspects);
}

/* ---- everything together --------------------------------------------------------------------- */

static size_t end_of_key(const DuplicateRun *runs, size_t count, size_t first)
{
    size_t end = first;

    while (end < count && runs[end].key == runs[first].key)
        end++;
    return end;
}

const DuplicateGroup *duplicates_group(const DuplicateRun *runs, size_t count,
                                       DuplicateChild *children, size_t child_count,
                                       const DuplicateRules *rules, Arena *arena, size_t *ret_count)
{
    Groups groups = {.runs = runs, .count = count, .rules = rules, .arena = arena};
    size_t most = 0;

    for (size_t first = 0, end; first < count; first = end) {
        end = end_of_key(runs, count, first);
        most = end - first > most ? end - first : most;
    }
    int64_t *created = mem_alloc((most + 1) * sizeof(*created));
    for (size_t first = 0, end; first < count; first = end) {
        end = end_of_key(runs, count, first);
        if (end - first > 1)
            group_key(&groups, first, end, created);
    }
    free(created);
    groups_add_children(&groups, children, child_count);
    groups_add_scale_out(&groups);
    groups_sort(&groups);
    *ret_count = groups.group_count;
    return groups.list;
}
