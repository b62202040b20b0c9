/* Which executions the statements about suspects ask for. */
#include "store.h"

#include "ssisminer/base/mem.h"

#include <inttypes.h>
#include <stdlib.h>

enum { WITNESSES = 8 };

static int latest_first(const void *a, const void *b)
{
    const DuplicateRun *const *x = a, *const *y = b;

    if ((*x)->created != (*y)->created)
        return (*x)->created > (*y)->created ? -1 : 1;
    return ((*x)->id < (*y)->id) - ((*x)->id > (*y)->id);
}

static int by_id(const void *a, const void *b)
{
    const DuplicateRun *const *x = a, *const *y = b;

    return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

static size_t count_suspects(const DuplicatesStore *store)
{
    size_t count = 0;

    for (size_t i = 0; i < store->count; i++)
        count += store->runs[i].is_suspect;
    return count;
}

static size_t take_suspects(DuplicatesStore *store, DuplicateRun **ret_runs)
{
    size_t count = 0;

    for (size_t i = 0; i < store->count; i++)
        if (store->runs[i].is_suspect)
            ret_runs[count++] = &store->runs[i];
    qsort(ret_runs, count, sizeof(*ret_runs), latest_first);
    return count < DUPLICATES_SUSPECTS ? count : DUPLICATES_SUSPECTS;
}

/* The latest of a key that are no suspects, if one of its runs is one. */
static size_t take_witnesses(DuplicateRun *runs, size_t count, DuplicateRun **ret_runs)
{
    size_t taken = 0;
    bool has_suspect = false;

    for (size_t i = 0; i < count && !has_suspect; i++)
        has_suspect = runs[i].is_suspect;
    for (size_t i = count; has_suspect && i-- > 0 && taken < WITNESSES;)
        if (!runs[i].is_suspect)
            ret_runs[taken++] = &runs[i];
    return taken;
}

static void add_witnesses(DuplicatesStore *store, Asked *asked)
{
    DuplicateRun *runs = store->runs;

    for (size_t first = 0, end; first < store->count; first = end) {
        for (end = first; end < store->count && runs[end].key == runs[first].key;)
            end++;
        if (asked->count + WITNESSES > DUPLICATES_SUSPECTS)
            return;
        asked->count += take_witnesses(runs + first, end - first, asked->runs + asked->count);
    }
}

Rc asked_choose(DuplicatesStore *store, bool witnesses, Asked *ret_asked, Err *err)
{
    size_t most = count_suspects(store) + DUPLICATES_SUSPECTS;
    Asked asked = {.runs = mem_alloc(most * sizeof(*asked.runs)),
                   .ids = BUF((size_t)DUPLICATES_SUSPECTS * ASKED_DIGITS)};

    asked.count = take_suspects(store, asked.runs);
    if (witnesses)
        add_witnesses(store, &asked);
    qsort(asked.runs, asked.count, sizeof(*asked.runs), by_id);
    for (size_t i = 0; i < asked.count; i++)
        buf_printf(&asked.ids, "%0*" PRId64, ASKED_DIGITS, asked.runs[i]->id);
    *ret_asked = asked;
    return buf_check(&ret_asked->ids, "the list of executions", err);
}

DuplicateRun *asked_find(const Asked *asked, int64_t id)
{
    DuplicateRun wanted = {.id = id};
    DuplicateRun *at = &wanted;
    DuplicateRun **found = bsearch(&at, asked->runs, asked->count, sizeof(*asked->runs), by_id);

    return found ? *found : NULL;
}

void asked_done(Asked *asked)
{
    free(asked->runs);
    buf_done(&asked->ids);
}
