/* Packages run as a child in one execution while another execution ran them. */
#include "links.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>

typedef struct Spell { // a time in which a package ran, on its own or as a child
    const DuplicateRun *run;
    int64_t start, end;
    bool is_child;
} Spell;

typedef struct Family {        // the runs that children are about
    const DuplicateRun **runs; // by address, which is by key and creation
    size_t count;
    Links links;
} Family;

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

static int by_id(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static int by_child_key(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* ---- whom they are about --------------------------------------------------------------------- */

/* Parents, and the runs of packages that ran as a child: one pass over all runs. */
static Family family_of(const DuplicateRun *runs, size_t count, const DuplicateChild *children,
                        size_t child_count)
{
    Family family = {0};
    size_t capacity = 0;
    int64_t *ids = mem_alloc((child_count + 1) * sizeof(*ids));
    uint32_t *keys = mem_alloc((child_count + 1) * sizeof(*keys));

    for (size_t i = 0; i < child_count; i++) {
        ids[i] = children[i].execution_id;
        keys[i] = children[i].key; // sorted, as the children are
    }
    qsort(ids, child_count, sizeof(*ids), by_id);
    for (size_t i = 0; i < count; i++) {
        if (!bsearch(&runs[i].id, ids, child_count, sizeof(*ids), by_id) &&
            !bsearch(&runs[i].key, keys, child_count, sizeof(*keys), by_child_key))
            continue;
        if (family.count == capacity) {
            capacity = capacity ? 2 * capacity : 64;
            family.runs = mem_resize(family.runs, capacity * sizeof(const DuplicateRun *));
        }
        family.runs[family.count++] = &runs[i];
    }
    free(ids);
    free(keys);
    return family;
}

typedef struct Parent {
    int64_t id;
    size_t place;
} Parent;

static int by_parent(const void *a, const void *b)
{
    const Parent *x = a, *y = b;

    return (x->id > y->id) - (x->id < y->id);
}

static Parent *parents_of(const Family *family)
{
    Parent *parents = mem_alloc((family->count + 1) * sizeof(*parents));

    for (size_t i = 0; i < family->count; i++)
        parents[i] = (Parent){family->runs[i]->id, i};
    qsort(parents, family->count, sizeof(*parents), by_parent);
    return parents;
}

static size_t place_of(const Family *family, const DuplicateRun *run)
{
    size_t low = 0, high = family->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (family->runs[middle] < run)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The first run of the family whose key is not below. */
static size_t find_key(const Family *family, uint32_t key)
{
    size_t low = 0, high = family->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (family->runs[middle]->key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- one package ----------------------------------------------------------------------------- */

/* Two runs of one parent package are judged as what they are: runs of that package. */
static bool is_child_overlap(const Spell *a, const Spell *b)
{
    return (a->is_child || b->is_child) && a->run != b->run && a->run->key != b->run->key;
}

static void link_spells(Family *family, Spell *spells, size_t count)
{
    size_t active = 0;

    qsort(spells, count, sizeof(*spells), by_spell);
    for (size_t i = 0; i < count; i++) {
        Spell spell = spells[i]; // those still running stand at the front, in place of the ended
        size_t kept = 0;
        for (size_t k = 0; k < active; k++) {
            if (spells[k].end <= spell.start)
                continue;
            if (is_child_overlap(&spells[k], &spell))
                links_add(&family->links, family->count, place_of(family, spells[k].run),
                          place_of(family, spell.run));
            spells[kept++] = spells[k];
        }
        active = kept;
        spells[active++] = spell;
    }
}

/* A child is over, at the latest, when its execution is. */
static int64_t end_of_child(const DuplicateChild *child, const DuplicateRun *parent, int64_t now)
{
    int64_t start, end;

    if (child->end != 0)
        return child->end;
    return duplicates_ran(parent, now, &start, &end) ? end : child->start;
}

static size_t child_spells(const Family *family, const Parent *parents,
                           const DuplicateChild *children, size_t count, int64_t now,
                           Spell *ret_spells)
{
    size_t spells = 0;

    for (size_t i = 0; i < count; i++) {
        Parent wanted = {.id = children[i].execution_id};
        const Parent *found = bsearch(&wanted, parents, family->count, sizeof(*parents), by_parent);
        if (!found)
            continue;
        const DuplicateRun *run = family->runs[found->place];
        int64_t end = end_of_child(&children[i], run, now);
        if (end > children[i].start)
            ret_spells[spells++] = (Spell){run, children[i].start, end, true};
    }
    return spells;
}

static void link_child_key(Family *family, const Parent *parents, const DuplicateChild *children,
                           size_t child_count, int64_t now)
{
    size_t first = find_key(family, children[0].key), end = find_key(family, children[0].key + 1);
    Spell *spells = mem_alloc((child_count + end - first + 1) * sizeof(*spells));
    size_t count = child_spells(family, parents, children, child_count, now, spells);

    for (size_t i = first; i < end && count > 0; i++)
        if (duplicates_ran(family->runs[i], now, &spells[count].start, &spells[count].end)) {
            spells[count].run = family->runs[i];
            spells[count++].is_child = false;
        }
    link_spells(family, spells, count);
    free(spells);
}

void groups_add_children(Groups *groups, DuplicateChild *children, size_t child_count)
{
    if (child_count == 0)
        return;
    qsort(children, child_count, sizeof(*children), by_key_and_start);
    Family family = family_of(groups->runs, groups->count, children, child_count);
    Parent *parents = parents_of(&family);
    for (size_t first = 0, end; first < child_count; first = end) {
        for (end = first; end < child_count && children[end].key == children[first].key;)
            end++;
        link_child_key(&family, parents, children + first, end - first, groups->rules->now);
    }
    groups_add_linked(groups, &family.links, DUPLICATE_CHILD_OVERLAP, family.runs, NULL);
    links_done(&family.links);
    free(parents);
    free(family.runs);
}
