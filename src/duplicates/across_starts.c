/* Starts of one catalog as bytes; of several, those that stand near one of another. */
#include "across.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/parcel.h"
#include "ssisminer/base/sat.h"

#include <stdlib.h>
#include <string.h>

/* As it crosses from one process to another. */
typedef struct Start {
    int64_t id, created, start, end; // of the server's clock
    uint32_t key, caller;            // numbers of its own
    int8_t status;
    bool is_dead, passes, is_allowed;
} Start;

/* ---- of one catalog -------------------------------------------------------------------------- */

static void put_keys(const DuplicatesStore *store, Buf *out)
{
    parcel_put_i64(out, (int64_t)store->names.key_count);
    for (size_t i = 1; i <= store->names.key_count; i++)
        for (int k = 0; k < KEY_TEXTS; k++)
            parcel_put_text(out, store_text(store, store->names.keys[i].texts[k]));
}

static void put_callers(const DuplicatesStore *store, Buf *out)
{
    parcel_put_i64(out, (int64_t)store->contexts.count);
    for (size_t i = 0; i < store->contexts.count; i++)
        parcel_put_text(out, store_text(store, store->contexts.list[i].caller));
}

static Start start_of(const DuplicatesStore *store, const DuplicatesQuestion *question,
                      const DuplicateRun *run, Instant now)
{
    return (Start){.id = run->id,
                   .created = run->created,
                   .start = run->start,
                   .end = run->end,
                   .key = run->key,
                   .caller = run->context,
                   .status = run->status,
                   .is_dead = run->is_dead,
                   .passes = store_passes(store, question, run),
                   .is_allowed = store_is_allowed(store, question, run, now)};
}

static int latest_first(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x < y) - (x > y);
}

/* The creation from which on there are no more than ACROSS_STARTS. */
static int64_t first_of_most(const DuplicatesStore *store, int64_t from)
{
    AUTO(mem_free_at) int64_t *created = mem_alloc((store->count + 1) * sizeof(*created));
    size_t count = 0;

    for (size_t i = 0; i < store->count; i++)
        if (store->runs[i].created >= from)
            created[count++] = store->runs[i].created;
    if (count <= ACROSS_STARTS)
        return from;
    qsort(created, count, sizeof(*created), latest_first);
    return created[ACROSS_STARTS - 1] + 1;
}

void across_put_starts(const Duplicates *duplicates, const DuplicatesQuestion *question,
                       const Ssisdb *db, Buf *out)
{
    const DuplicatesStore *store = duplicates->store;
    int64_t reach = sat_add(question->within, sat_abs(db->clock_skew_ticks));
    int64_t from = sat_sub(question->since.ticks, reach);
    int64_t first = first_of_most(store, from);
    size_t count = 0;

    for (size_t i = 0; i < store->count; i++)
        count += store->runs[i].created >= first;
    parcel_put_i64(out, db->clock_skew_ticks);
    parcel_put_i64(out, db->clock_unsure_ticks);
    parcel_put_i64(out, question->since.ticks);
    parcel_put_i64(out, first != from);
    put_keys(store, out);
    put_callers(store, out);
    parcel_put_i64(out, (int64_t)count);
    for (size_t i = 0; i < store->count; i++) {
        Start start = start_of(store, question, &store->runs[i], db->server_now);
        if (start.created >= first)
            buf_put(out, &start, sizeof(start));
    }
}

/* ---- of all of them -------------------------------------------------------------------------- */

typedef struct Key { // of a catalog
    uint32_t common; // the number of its folder, project and package among all
    const char *environment_folder, *environment;
} Key;

typedef struct Catalog {
    int64_t since;
    Key *keys;
    size_t key_count;
    uint32_t *callers; // context → number of the text among all
    size_t caller_count;
    Str starts; // Start each
    size_t start_count;
} Catalog;

typedef struct Near { // a start that may stand near another
    int64_t at;       // this machine's clock
    uint32_t key, catalog, start;
    bool is_near;
} Near;

typedef struct Reader {
    Across *across;
    Catalog *catalogs;
    size_t count;
    uint32_t *homes; // of a common key: the one catalog that has it, plus 1; or SEVERAL
    Near *near;
    size_t near_count;
} Reader;

#define SEVERAL UINT32_MAX

static void reader_done(Reader *reader)
{
    free(reader->catalogs);
    free(reader->homes);
    free(reader->near);
}

static Key read_key(Names *names, Parcel *parcel)
{
    NameKey common = {{0}};
    Key key = {0};

    for (int i = 0; i < KEY_TEXTS; i++) {
        const char *text = parcel_take_text(parcel);
        if (i <= KEY_PACKAGE)
            common.texts[i] = text ? names_text(names, str_of(text)) : 0;
        else if (i == KEY_ENVIRONMENT)
            key.environment = text;
        else
            key.environment_folder = text;
    }
    key.common = names_key(names, &common);
    return key;
}

static void read_keys(Catalog *catalog, DuplicatesStore *store, Parcel *parcel)
{
    catalog->key_count = parcel_take_count(parcel);
    catalog->keys =
        arena_alloc_array(&store->arena, catalog->key_count + 1, sizeof(*catalog->keys));
    for (size_t i = 1; i <= catalog->key_count; i++)
        catalog->keys[i] = read_key(&store->names, parcel);
}

static void read_callers(Catalog *catalog, DuplicatesStore *store, Parcel *parcel)
{
    catalog->caller_count = parcel_take_count(parcel);
    catalog->callers =
        arena_alloc_array(&store->arena, catalog->caller_count, sizeof(*catalog->callers));
    for (size_t i = 0; i < catalog->caller_count; i++) {
        const char *text = parcel_take_text(parcel);
        catalog->callers[i] = text ? names_text(&store->names, str_of(text)) : 0;
    }
}

static Start start_at(const Catalog *catalog, size_t at)
{
    Start start;

    (void)memcpy(&start, catalog->starts.at + at * sizeof(start), sizeof(start));
    return start;
}

static bool starts_are_good(const Catalog *catalog)
{
    for (size_t i = 0; i < catalog->start_count; i++) {
        Start start = start_at(catalog, i);
        if (start.key < 1 || start.key > catalog->key_count ||
            start.caller >= catalog->caller_count)
            return false;
    }
    return true;
}

static Rc read_catalog(Reader *reader, size_t at, const AcrossCatalog *from, Err *err)
{
    Across *across = reader->across;
    Catalog *catalog = &reader->catalogs[at];
    AcrossClock *clock = &across->clocks[at];
    Parcel parcel = {.left = from->starts, .arena = &across->store->arena};

    clock->target = from->target;
    if (from->starts.len == 0)
        return RC_OK;
    clock->skew = parcel_take_i64(&parcel);
    clock->unsure = parcel_take_i64(&parcel);
    catalog->since = parcel_take_i64(&parcel);
    clock->was_cut = parcel_take_choice(&parcel, 1);
    read_keys(catalog, across->store, &parcel);
    read_callers(catalog, across->store, &parcel);
    catalog->start_count = parcel_take_count(&parcel);
    catalog->starts = parcel.left;
    if (parcel.is_broken || parcel.left.len != catalog->start_count * sizeof(Start) ||
        !starts_are_good(catalog))
        return FAIL(err, RC_QUERY, "the starts of '%s' did not arrive whole", from->target);
    return RC_OK;
}

/* ---- near ones ------------------------------------------------------------------------------- */

/* Most packages are in one catalog only: those need no sorting. */
static void find_homes(Reader *reader)
{
    reader->homes =
        mem_alloc((reader->across->store->names.key_count + 1) * sizeof(*reader->homes));
    for (size_t c = 0; c < reader->count; c++)
        for (size_t i = 1; i <= reader->catalogs[c].key_count; i++) {
            uint32_t *home = &reader->homes[reader->catalogs[c].keys[i].common];
            *home = *home == 0 || *home == c + 1 ? (uint32_t)c + 1 : SEVERAL;
        }
}

static int by_key_and_time(const void *a, const void *b)
{
    const Near *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    if (x->catalog != y->catalog)
        return x->catalog < y->catalog ? -1 : 1;
    return (x->start > y->start) - (x->start < y->start);
}

static void take_near(Reader *reader)
{
    size_t most = 0;

    for (size_t c = 0; c < reader->count; c++)
        most += reader->catalogs[c].start_count;
    reader->near = mem_alloc((most + 1) * sizeof(*reader->near));
    for (size_t c = 0; c < reader->count; c++)
        for (size_t i = 0; i < reader->catalogs[c].start_count; i++) {
            Start start = start_at(&reader->catalogs[c], i);
            uint32_t key = reader->catalogs[c].keys[start.key].common;
            if (reader->homes[key] == SEVERAL)
                reader->near[reader->near_count++] =
                    (Near){.at = sat_sub(start.created, reader->across->clocks[c].skew),
                           .key = key,
                           .catalog = (uint32_t)c,
                           .start = (uint32_t)i};
        }
    qsort(reader->near, reader->near_count, sizeof(*reader->near), by_key_and_time);
}

static bool is_within(const Reader *reader, const Near *a, const Near *b)
{
    const AcrossClock *clocks = reader->across->clocks;
    int64_t reach = sat_add(reader->across->question->within,
                            sat_add(clocks[a->catalog].unsure, clocks[b->catalog].unsure));

    return a->key == b->key && sat_sub(b->at, a->at) <= reach;
}

/* Each start with the last one before it that is of another catalog. */
static void mark_with_before(Reader *reader)
{
    const Near *other = NULL; // the last one of another catalog than the one before

    for (size_t i = 1; i < reader->near_count; i++) {
        Near *now = &reader->near[i], *before = now - 1;
        if (now->catalog != before->catalog)
            other = before;
        if (other && is_within(reader, other, now))
            now->is_near = true;
    }
}

static void mark_with_after(Reader *reader)
{
    const Near *other = NULL;

    for (size_t i = reader->near_count; i-- > 1;) {
        Near *after = &reader->near[i], *now = after - 1;
        if (now->catalog != after->catalog)
            other = after;
        if (other && is_within(reader, now, other))
            now->is_near = true;
    }
}

/* ---- as runs --------------------------------------------------------------------------------- */

static void add_run(Reader *reader, const Near *near)
{
    Across *across = reader->across;
    DuplicatesStore *store = across->store;
    const Catalog *catalog = &reader->catalogs[near->catalog];
    Start start = start_at(catalog, near->start);
    const Key *key = &catalog->keys[start.key];
    DuplicateContext context = {.caller = catalog->callers[start.caller]};

    across->places[store->count] = (AcrossPlace){.catalog = near->catalog,
                                                 .environment_folder = key->environment_folder,
                                                 .environment = key->environment,
                                                 .passes = start.passes,
                                                 .is_allowed = start.is_allowed,
                                                 .is_in_window = start.created >= catalog->since};
    store->runs[store->count++] =
        (DuplicateRun){.id = start.id,
                       .created = start.created,
                       .start = start.start,
                       .end = start.end,
                       .key = near->key,
                       .context = contexts_number(&store->contexts, &context),
                       .status = start.status,
                       .is_dead = start.is_dead,
                       .is_suspect = true};
    Buf *ids = &across->ids[near->catalog];
    if (ids->len < DUPLICATES_SUSPECTS * sizeof(start.id))
        buf_put(ids, &start.id, sizeof(start.id));
}

static void keep_near(Reader *reader)
{
    Across *across = reader->across;
    size_t count = 0;

    for (size_t i = 0; i < reader->near_count; i++)
        count += reader->near[i].is_near;
    across->store->runs = mem_alloc((count + 1) * sizeof(*across->store->runs));
    across->places = arena_alloc_array(&across->store->arena, count + 1, sizeof(*across->places));
    for (size_t i = 0; i < reader->near_count; i++)
        if (reader->near[i].is_near)
            add_run(reader, &reader->near[i]);
}

static void warn_of_cuts(Across *across)
{
    Arena *arena = &across->store->arena;

    across->warnings = arena_alloc_array(arena, 2 * across->clock_count, sizeof(*across->warnings));
    for (size_t i = 0; i < across->clock_count; i++)
        if (across->clocks[i].was_cut)
            across->warnings[across->warning_count++] = arena_printf(
                arena,
                "%s: only the latest %d executions were compared with those of other targets",
                across->clocks[i].target, ACROSS_STARTS);
}

Rc across_open(const AcrossCatalog *catalogs, size_t count, const DuplicatesQuestion *question,
               Across **ret_across, Err *err)
{
    AUTO(across_free_at) Across *across = mem_alloc(sizeof(*across));
    AUTO(reader_done) Reader reader = {.across = across, .count = count};

    *across = (Across){.question = question,
                       .store = store_new(),
                       .clocks = mem_alloc((count + 1) * sizeof(*across->clocks)),
                       .clock_count = count,
                       .ids = mem_alloc((count + 1) * sizeof(*across->ids)),
                       .now = time_now().ticks};
    reader.catalogs = mem_alloc((count + 1) * sizeof(*reader.catalogs));
    for (size_t i = 0; i < count; i++) {
        across->ids[i] = BUF((size_t)DUPLICATES_SUSPECTS * sizeof(int64_t));
        TRY(read_catalog(&reader, i, &catalogs[i], err));
    }
    find_homes(&reader);
    take_near(&reader);
    mark_with_before(&reader);
    mark_with_after(&reader);
    keep_near(&reader);
    warn_of_cuts(across);
    *ret_across = across;
    across = NULL;
    return RC_OK;
}

void across_free(Across *across)
{
    if (!across)
        return;
    for (size_t i = 0; i < across->clock_count; i++)
        buf_done(&across->ids[i]);
    free(across->ids);
    free(across->clocks);
    store_free(across->store);
    free(across);
}

void across_free_at(Across **across)
{
    across_free(*across);
}

Str across_ids(const Across *across, size_t catalog)
{
    return (Str){buf_text(&across->ids[catalog]), across->ids[catalog].len};
}
