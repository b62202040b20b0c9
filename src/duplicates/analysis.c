/* Links between executions, and the groups that they make. */
#include "ssisminer/duplicates/analysis.h"

#include "links.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"
#include "ssisminer/base/time.h"
#include "ssisminer/ssisdb/ssisdb.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Unread parameters match all others of their key, as long as that is no flood. */
enum { UNREAD_JOIN = 256 };

#define REPEAT_FACTOR 6 // a package without a cadence: "not long ago" is so many times `within`
#define REPEAT_MAX    TICKS_PER_DAY

const char *duplicates_verdict_name(DuplicateVerdict verdict)
{
    static const char *const names[DUPLICATE_VERDICTS] = {
        [DUPLICATE_DOUBLE_TRIGGER] = "double-trigger", [DUPLICATE_OVERLAP] = "overlap",
        [DUPLICATE_CHILD_OVERLAP] = "child-overlap",   [DUPLICATE_REPEAT] = "repeat-after-success",
        [DUPLICATE_SCALE_OUT] = "scale-out-retry",     [DUPLICATE_RETRY] = "retry-after-failure",
    };

    return names[verdict];
}

const char *duplicates_confidence_name(DuplicateConfidence confidence)
{
    static const char *const names[] = {
        [DUPLICATE_LOW] = "low", [DUPLICATE_MEDIUM] = "medium", [DUPLICATE_HIGH] = "high"};

    return names[confidence];
}

/* ---- one execution ------------------------------------------------------------------------------
 */

static bool has_failed(const DuplicateRun *run)
{
    return run->status == STATUS_FAILED || run->status == STATUS_CANCELED ||
           run->status == STATUS_ENDED_UNEXPECTEDLY;
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

    if (run->start == 0 || end <= run->start)
        return false;
    *ret_start = run->start;
    *ret_end = end;
    return true;
}

/* ---- cadence ------------------------------------------------------------------------------------
 */

enum { CADENCE_ROW = 4, CADENCE_SHARE = 60 /* percent */ };
#define CADENCE_SPAN (30 * 60 * TICKS_PER_SECOND)

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static bool is_near(int64_t gap, int64_t median)
{
    return llabs(gap - median) <= median / 4;
}

/* Most gaps are alike, and a row of them is long enough to be a schedule: a burst is not. */
static bool is_regular(const int64_t *created, size_t count, int64_t median, int64_t within)
{
    int64_t least = sat_mul(3, within), row_span = 0;
    size_t near = 0, row = 0;
    bool is_long = false;

    if (least < CADENCE_SPAN)
        least = CADENCE_SPAN;
    for (size_t i = 1; i < count; i++) {
        int64_t gap = created[i] - created[i - 1];
        bool fits = is_near(gap, median);
        near += fits;
        row = fits ? row + 1 : 0;
        row_span = fits ? row_span + gap : 0;
        is_long = is_long || (row >= CADENCE_ROW && row_span >= least);
    }
    return is_long && near * 100 >= (count - 1) * CADENCE_SHARE;
}

int64_t duplicates_cadence(const int64_t *created, size_t count, int64_t within)
{
    if (count <= CADENCE_ROW)
        return 0;
    int64_t *gaps = mem_alloc((count - 1) * sizeof(*gaps));
    for (size_t i = 1; i < count; i++)
        gaps[i - 1] = created[i] - created[i - 1];
    qsort(gaps, count - 1, sizeof(*gaps), by_value);
    int64_t median = gaps[(count - 1) / 2];
    free(gaps);
    return is_regular(created, count, median, within) ? median : 0;
}

static int64_t cadence_of(const DuplicateRun *const *list, size_t count, int64_t within)
{
    int64_t *created = mem_alloc((count + 1) * sizeof(*created));

    for (size_t i = 0; i < count; i++)
        created[i] = list[i]->created;
    int64_t cadence = duplicates_cadence(created, count, within);
    free(created);
    return cadence;
}

/* In its turn: the package's own pace explains why it came. */
static bool is_scheduled(int64_t gap, int64_t cadence)
{
    return cadence > 0 && sat_mul(2, gap) >= cadence;
}

static bool is_not_long_ago(int64_t pause, int64_t cadence, int64_t within)
{
    int64_t horizon = cadence > 0 ? REPEAT_MAX : sat_mul(REPEAT_FACTOR, within);

    return pause <= horizon;
}

/* ---- the runs of one key ------------------------------------------------------------------------
 */

static int by_key_and_creation(const void *a, const void *b)
{
    const DuplicateRun *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->created != y->created)
        return x->created < y->created ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static int by_start(const void *a, const void *b)
{
    const DuplicateRun *const *x = a, *const *y = b;

    if ((*x)->start != (*y)->start)
        return (*x)->start < (*y)->start ? -1 : 1;
    return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

static size_t end_of_key(const DuplicateRun *runs, size_t count, size_t first)
{
    size_t end = first;

    while (end < count && runs[end].key == runs[first].key)
        end++;
    return end;
}

/* Those of a list that ran, by their start. */
static size_t take_ran(const DuplicateRun *const *list, size_t count, int64_t now,
                       const DuplicateRun **ret_ran)
{
    size_t ran = 0;
    int64_t start, end;

    for (size_t i = 0; i < count; i++)
        if (duplicates_ran(list[i], now, &start, &end))
            ret_ran[ran++] = list[i];
    qsort(ret_ran, ran, sizeof(*ret_ran), by_start);
    return ran;
}

/* ---- links --------------------------------------------------------------------------------------
 */

typedef struct Linker {
    const DuplicateRun *runs;
    const DuplicateRules *rules;
    Links *links;
    Links *retries;
} Linker;

static size_t index_of(const Linker *linker, const DuplicateRun *run)
{
    return (size_t)(run - linker->runs);
}

/* The nearest that had not failed says enough: what it is too near to, is near to it as well. */
static void link_triggers(Linker *linker, const DuplicateRun *const *list, size_t at,
                          int64_t cadence)
{
    const DuplicateRun *run = list[at];

    for (size_t i = at; i-- > 0 && run->created - list[i]->created <= linker->rules->within;) {
        if (duplicates_had_failed(list[i], run->created))
            continue;
        if (!is_scheduled(run->created - list[i]->created, cadence))
            links_add(linker->links, index_of(linker, list[i]), index_of(linker, run),
                      DUPLICATE_DOUBLE_TRIGGER, cadence);
        return;
    }
}

static void link_previous(Linker *linker, const DuplicateRun *before, const DuplicateRun *run,
                          int64_t cadence)
{
    int64_t gap = run->created - before->created;

    if (is_scheduled(gap, cadence) ||
        !is_not_long_ago(run->created - before->end, cadence, linker->rules->within))
        return;
    if (duplicates_had_failed(before, run->created))
        links_add(linker->retries, index_of(linker, before), index_of(linker, run), DUPLICATE_RETRY,
                  cadence);
    else if (had_succeeded(before, run->created) && gap > linker->rules->within)
        links_add(linker->links, index_of(linker, before), index_of(linker, run), DUPLICATE_REPEAT,
                  cadence);
}

/* Whoever overlaps one that started earlier, overlaps the one of those that ends last. */
static void link_overlaps(Linker *linker, const DuplicateRun *const *list, size_t count,
                          int64_t cadence)
{
    const DuplicateRun **ran = mem_alloc((count + 1) * sizeof(*ran));
    size_t ran_count = take_ran(list, count, linker->rules->now, ran), last = 0;
    int64_t start = 0, end = 0, last_end = 0;

    for (size_t i = 0; i < ran_count; i++) {
        (void)duplicates_ran(ran[i], linker->rules->now, &start, &end);
        if (i > 0 && start < last_end) {
            links_add(linker->links, index_of(linker, ran[last]), index_of(linker, ran[i]),
                      DUPLICATE_OVERLAP, cadence);
            if (!is_scheduled(llabs(ran[i]->created - ran[last]->created), cadence))
                links_set_off_schedule(linker->links, index_of(linker, ran[i]));
        }
        if (end > last_end) {
            last = i;
            last_end = end;
        }
    }
    free(ran);
}

/* Runs of one key with the same parameters, by creation. */
static void link_list(Linker *linker, const DuplicateRun *const *list, size_t count,
                      int64_t key_cadence)
{
    int64_t cadence = cadence_of(list, count, linker->rules->within);

    if (count < 2)
        return;
    if (cadence == 0)
        cadence = key_cadence;
    for (size_t i = 1; i < count; i++) {
        link_triggers(linker, list, i, cadence);
        link_previous(linker, list[i - 1], list[i], cadence);
    }
    link_overlaps(linker, list, count, cadence);
}

static int by_parameters(const void *a, const void *b)
{
    const DuplicateRun *const *x = a, *const *y = b;

    if ((*x)->parameters != (*y)->parameters)
        return (*x)->parameters < (*y)->parameters ? -1 : 1;
    return by_key_and_creation(*x, *y);
}

static int by_creation(const void *a, const void *b)
{
    return by_key_and_creation(*(const DuplicateRun *const *)a, *(const DuplicateRun *const *)b);
}

/* One list for each set of parameters; those without known ones stand in every list. */
static void link_by_parameters(Linker *linker, const DuplicateRun **suspects, size_t count,
                               int64_t cadence)
{
    size_t unread = 0;
    const DuplicateRun **list = mem_alloc((count + 1) * sizeof(*list));

    qsort(suspects, count, sizeof(*suspects), by_parameters);
    while (unread < count && suspects[unread]->parameters == PARAMETERS_UNREAD)
        unread++;
    if (unread == count || unread > UNREAD_JOIN)
        link_list(linker, suspects, unread, cadence);
    size_t joining = unread > UNREAD_JOIN ? 0 : unread;
    for (size_t first = unread, end; first < count; first = end) {
        for (end = first; end < count && suspects[end]->parameters == suspects[first]->parameters;)
            end++;
        memcpy(list, suspects + first, (end - first) * sizeof(*list));
        memcpy(list + (end - first), suspects, joining * sizeof(*list));
        qsort(list, end - first + joining, sizeof(*list), by_creation);
        link_list(linker, list, end - first + joining, cadence);
    }
    free(list);
}

static void link_key(Linker *linker, size_t first, size_t end)
{
    const DuplicateRun **list = mem_alloc((end - first) * sizeof(*list));
    size_t suspects = 0;

    for (size_t i = first; i < end; i++)
        list[i - first] = &linker->runs[i];
    int64_t cadence = cadence_of(list, end - first, linker->rules->within);
    for (size_t i = first; i < end; i++)
        if (linker->runs[i].is_suspect)
            list[suspects++] = &linker->runs[i];
    if (linker->rules->ignore_parameters)
        link_list(linker, list, suspects, cadence);
    else
        link_by_parameters(linker, list, suspects, cadence);
    free(list);
}

/* ---- suspects -----------------------------------------------------------------------------------
 */

static int64_t last_sign(const DuplicateRun *run)
{
    return run->end > run->created ? run->end : run->created;
}

/* What comes in its turn is near to nobody. */
static bool is_near_to(const DuplicateRun *runs, size_t at, int64_t since, int64_t cadence,
                       int64_t within)
{
    return !is_scheduled(runs[at].created - runs[at - 1].created, cadence) &&
           is_not_long_ago(runs[at].created - since, cadence, within);
}

/* Near one another, whatever their parameters. */
static void suspect_by_gap(DuplicateRun *runs, size_t count, int64_t cadence,
                           const DuplicateRules *rules)
{
    int64_t last = 0;

    for (size_t i = 0; i < count; i++) {
        int64_t sign = last_sign(&runs[i]);
        if (i > 0 && is_near_to(runs, i, last, cadence, rules->within))
            runs[i].is_suspect = true;
        if (i + 1 < count && is_near_to(runs, i + 1, sign, cadence, rules->within))
            runs[i].is_suspect = true;
        last = sign > last ? sign : last;
    }
}

/* A run overlaps somebody when one that started before it still runs, or the next one starts
 * before its end. */
static void suspect_by_overlap(DuplicateRun *runs, size_t count, int64_t now)
{
    DuplicateRun **ran = mem_alloc((count + 1) * sizeof(*ran));
    size_t ran_count = 0;
    int64_t start = 0, end = 0, last_end = 0;

    for (size_t i = 0; i < count; i++)
        if (duplicates_ran(&runs[i], now, &start, &end))
            ran[ran_count++] = &runs[i];
    qsort(ran, ran_count, sizeof(*ran), by_start);
    for (size_t i = 0; i < ran_count; i++) {
        (void)duplicates_ran(ran[i], now, &start, &end);
        if (start < last_end || (i + 1 < ran_count && ran[i + 1]->start < end))
            ran[i]->is_suspect = true;
        last_end = end > last_end ? end : last_end;
    }
    free(ran);
}

static void suspect_key(DuplicateRun *runs, size_t count, const DuplicateRules *rules)
{
    int64_t *created = mem_alloc(count * sizeof(*created));

    for (size_t i = 0; i < count; i++)
        created[i] = runs[i].created;
    int64_t cadence = duplicates_cadence(created, count, rules->within);
    free(created);
    suspect_by_gap(runs, count, cadence, rules);
    suspect_by_overlap(runs, count, rules->now);
}

size_t duplicates_suspect(DuplicateRun *runs, size_t count, const DuplicateRules *rules)
{
    size_t suspects = 0;

    qsort(runs, count, sizeof(*runs), by_key_and_creation);
    for (size_t i = 0; i < count; i++)
        runs[i].is_suspect = false;
    for (size_t first = 0, end; first < count; first = end) {
        end = end_of_key(runs, count, first);
        suspect_key(runs + first, end - first, rules);
    }
    for (size_t i = 0; i < count; i++)
        suspects += runs[i].is_suspect;
    return suspects;
}

/* ---- packages run as a child --------------------------------------------------------------------
 */

typedef struct Spell { // a time in which a package ran, on its own or as a child
    size_t run;
    int64_t start, end;
    bool is_child;
} Spell;

typedef struct IdIndex {
    int64_t id;
    size_t run;
} IdIndex;

static int by_id(const void *a, const void *b)
{
    const IdIndex *x = a, *y = b;

    return (x->id > y->id) - (x->id < y->id);
}

static int by_key_and_start(const void *a, const void *b)
{
    const DuplicateChild *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->execution_id > y->execution_id) - (x->execution_id < y->execution_id);
}

static int by_spell(const void *a, const void *b)
{
    const Spell *x = a, *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->run > y->run) - (x->run < y->run);
}

/* Two runs of one parent package are judged as what they are: runs of that package. */
static bool is_child_overlap(const DuplicateRun *runs, const Spell *a, const Spell *b)
{
    return (a->is_child || b->is_child) && a->run != b->run && runs[a->run].key != runs[b->run].key;
}

static void link_spells(Spell *spells, size_t count, const DuplicateRun *runs, Links *links)
{
    size_t active = 0;

    qsort(spells, count, sizeof(*spells), by_spell);
    for (size_t i = 0; i < count; i++) {
        Spell spell = spells[i]; // those still running stand at the front, in place of the ended
        size_t kept = 0;
        for (size_t k = 0; k < active; k++) {
            if (spells[k].end <= spell.start)
                continue;
            if (is_child_overlap(runs, &spells[k], &spell))
                links_add(links, spells[k].run, spell.run, DUPLICATE_CHILD_OVERLAP, 0);
            spells[kept++] = spells[k];
        }
        active = kept;
        spells[active++] = spell;
    }
}

/* The first run whose key is not below. */
static size_t find_key(const DuplicateRun *runs, size_t count, uint32_t key)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (runs[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static IdIndex *index_ids(const DuplicateRun *runs, size_t count)
{
    IdIndex *index = mem_alloc((count + 1) * sizeof(*index));

    for (size_t i = 0; i < count; i++)
        index[i] = (IdIndex){runs[i].id, i};
    qsort(index, count, sizeof(*index), by_id);
    return index;
}

static size_t child_spells(const DuplicateChild *children, size_t count, const IdIndex *ids,
                           size_t id_count, int64_t now, Spell *ret_spells)
{
    size_t spells = 0;

    for (size_t i = 0; i < count; i++) {
        IdIndex wanted = {children[i].execution_id, 0};
        const IdIndex *found = bsearch(&wanted, ids, id_count, sizeof(*ids), by_id);
        int64_t end = children[i].end ? children[i].end : now;
        if (found && end > children[i].start)
            ret_spells[spells++] = (Spell){found->run, children[i].start, end, true};
    }
    return spells;
}

static void link_child_key(const DuplicateChild *children, size_t child_count,
                           const DuplicateRun *runs, size_t count, const IdIndex *ids, int64_t now,
                           Links *links)
{
    size_t first = find_key(runs, count, children[0].key);
    size_t end = find_key(runs, count, children[0].key + 1), spells;
    Spell *spell = mem_alloc((child_count + end - first) * sizeof(*spell));

    spells = child_spells(children, child_count, ids, count, now, spell);
    for (size_t i = first; i < end && spells > 0; i++)
        if (duplicates_ran(&runs[i], now, &spell[spells].start, &spell[spells].end))
            spell[spells++].run = i;
    link_spells(spell, spells, runs, links);
    free(spell);
}

static void link_children(const DuplicateRun *runs, size_t count, DuplicateChild *children,
                          size_t child_count, int64_t now, Links *links)
{
    if (child_count == 0)
        return;
    IdIndex *ids = index_ids(runs, count);
    qsort(children, child_count, sizeof(*children), by_key_and_start);
    for (size_t first = 0, end; first < child_count; first = end) {
        for (end = first; end < child_count && children[end].key == children[first].key;)
            end++;
        link_child_key(children + first, end - first, runs, count, ids, now, links);
    }
    free(ids);
}

/* ---- everything together ------------------------------------------------------------------------
 */

const DuplicateGroup *duplicates_group(const DuplicateRun *runs, size_t count,
                                       DuplicateChild *children, size_t child_count,
                                       const DuplicateRules *rules, Arena *arena, size_t *ret_count)
{
    AUTO(links_done) Links links = links_of(count);
    AUTO(links_done) Links retries = links_of(count);
    AUTO(links_done) Links family = links_of(count);
    Linker linker = {runs, rules, &links, &retries};
    Groups groups = {.runs = runs, .count = count, .rules = rules, .arena = arena};

    for (size_t first = 0, end; first < count; first = end) {
        end = end_of_key(runs, count, first);
        if (end - first > 1)
            link_key(&linker, first, end);
    }
    link_children(runs, count, children, child_count, rules->now, &family);
    groups_add_linked(&groups, &links);
    groups_add_linked(&groups, &retries);
    groups_add_linked(&groups, &family);
    groups_add_scale_out(&groups);
    groups_sort(&groups);
    *ret_count = groups.group_count;
    return groups.list;
}
