/* Executions and children, as compact records. */
#include "store.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>

static int64_t ticks_of(const TdsRows *rows, int column)
{
    Instant at = tds_time(rows, column);

    return at.is_set ? at.ticks : 0;
}

static int64_t first_known(int64_t a, int64_t b, int64_t c)
{
    return a ? a : b ? b : c;
}

static uint32_t read_key(Names *names, const TdsRows *rows)
{
    NameKey key;

    for (int i = 0; i < KEY_TEXTS; i++)
        key.texts[i] = names_text(names, tds_text(rows, SQL_DUPLICATES_TRIGGERS__FOLDER_NAME + i));
    return names_key(names, &key);
}

/* A number of its own for each environment: 0 for none. */
static uint32_t environment_of(const NameKey *key)
{
    return key->texts[KEY_ENVIRONMENT] + key->texts[KEY_ENVIRONMENT_FOLDER] * UINT32_C(2654435761);
}

static void take_run(DuplicatesStore *store, const TdsRows *rows)
{
    Names *names = &store->names;
    DuplicateRun run = {.id = tds_i64(rows, SQL_DUPLICATES_TRIGGERS__EXECUTION_ID)};
    int64_t attempts;

    run.key = read_key(names, rows);
    run.environment = environment_of(&names->keys[run.key]);
    run.caller = names_text(names, tds_text(rows, SQL_DUPLICATES_TRIGGERS__CALLER_NAME));
    run.executed_as = names_text(names, tds_text(rows, SQL_DUPLICATES_TRIGGERS__EXECUTED_AS_NAME));
    run.machine = names_text(names, tds_text(rows, SQL_DUPLICATES_TRIGGERS__MACHINE_NAME));
    run.status = status_small(tds_i64(rows, SQL_DUPLICATES_TRIGGERS__STATUS));
    run.created = ticks_of(rows, SQL_DUPLICATES_TRIGGERS__CREATED_TIME);
    run.start = ticks_of(rows, SQL_DUPLICATES_TRIGGERS__START_TIME);
    run.end = ticks_of(rows, SQL_DUPLICATES_TRIGGERS__END_TIME);
    attempts = tds_i64(rows, SQL_DUPLICATES_TRIGGERS__EXECUTED_COUNT);
    run.executed_count = (int16_t)(attempts > INT16_MAX ? INT16_MAX : attempts < 0 ? 0 : attempts);
    run.created = first_known(run.created, run.start, run.end);
    if (store->count == store->capacity) {
        store->capacity = store->capacity ? store->capacity + store->capacity / 2 : 1024;
        store->runs = mem_resize(store->runs, store->capacity * sizeof(*store->runs));
    }
    store->runs[store->count++] = run;
}

Rc store_read_runs(DuplicatesStore *store, const Ssisdb *db, const DuplicatesQuestion *question,
                   Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    Instant since = question->since;
    bool has_row = true;

    since.ticks = since.ticks > question->look_back ? since.ticks - question->look_back : 0;
    const TdsArg args[] = {{.name = "since", .time = since},
                           {.name = "until", .time = question->until}};
    TRY(tds_query(db->tds, SQL_DUPLICATES_TRIGGERS, args, ARRAY_LEN(args), &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        take_run(store, rows);
    }
}

/* ---- children -----------------------------------------------------------------------------------
 */

static int by_id(const void *a, const void *b)
{
    const DuplicateRun *const *x = a, *const *y = b;

    return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

static const DuplicateRun **index_runs(const DuplicatesStore *store)
{
    const DuplicateRun **index = mem_alloc((store->count + 1) * sizeof(*index));

    for (size_t i = 0; i < store->count; i++)
        index[i] = &store->runs[i];
    qsort(index, store->count, sizeof(*index), by_id);
    return index;
}

static void add_child(DuplicatesStore *store, const DuplicateChild *child)
{
    store->children =
        arena_grow(&store->arena, store->children, store->child_count, store->child_count + 1,
                   &store->child_capacity, sizeof(*store->children));
    store->children[store->child_count++] = *child;
}

/* The same package of the same project, whatever the environment: what a child gets of that is
 * its parent's affair. */
static bool is_same_package(const NameKey *a, const NameKey *b)
{
    return a->texts[KEY_FOLDER] == b->texts[KEY_FOLDER] &&
           a->texts[KEY_PROJECT] == b->texts[KEY_PROJECT] &&
           a->texts[KEY_PACKAGE] == b->texts[KEY_PACKAGE];
}

/* A child is held against each key that it may be a run of, and at least against one of its own. */
static void take_child(DuplicatesStore *store, const DuplicateRun *const *index,
                       const TdsRows *rows)
{
    Names *names = &store->names;
    DuplicateRun wanted = {.id = tds_i64(rows, SQL_DUPLICATES_CHILDREN__EXECUTION_ID)};
    const DuplicateRun *at = &wanted;
    uint32_t package = names_text(names, tds_text(rows, SQL_DUPLICATES_CHILDREN__PACKAGE_NAME));
    DuplicateChild child = {.execution_id = wanted.id};

    child.start = ticks_of(rows, SQL_DUPLICATES_CHILDREN__START_TIME);
    child.end = ticks_of(rows, SQL_DUPLICATES_CHILDREN__END_TIME);
    const DuplicateRun *const *parent = bsearch(&at, index, store->count, sizeof(*index), by_id);
    if (!parent || child.start == 0)
        return;
    NameKey key = names->keys[(*parent)->key];
    key.texts[KEY_PACKAGE] = package;
    (void)names_key(names, &key);
    for (child.key = 1; child.key <= names->key_count; child.key++)
        if (is_same_package(&names->keys[child.key], &key))
            add_child(store, &child);
}

static Rc take_children(DuplicatesStore *store, const DuplicateRun *const *index, TdsRows *rows,
                        Err *err)
{
    bool has_row = true;

    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        take_child(store, index, rows);
    }
}

/* The ids between which an execution may have run something in the window. */
static void range_of(const DuplicatesStore *store, Instant since, int64_t *ret_first,
                     int64_t *ret_last)
{
    *ret_first = INT64_MAX;
    *ret_last = 0;
    for (size_t i = 0; i < store->count; i++) {
        const DuplicateRun *run = &store->runs[i];
        if (run->start == 0 || (run->end != 0 && run->end < since.ticks))
            continue;
        *ret_first = run->id < *ret_first ? run->id : *ret_first;
        *ret_last = run->id > *ret_last ? run->id : *ret_last;
    }
}

Rc store_read_children(DuplicatesStore *store, const Ssisdb *db, const DuplicatesQuestion *question,
                       Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    int64_t first_id, last_id;

    range_of(store, question->since, &first_id, &last_id);
    const TdsArg args[] = {{.name = "since", .time = question->since},
                           {.name = "until", .time = question->until},
                           {.name = "first_id", .i64 = first_id},
                           {.name = "last_id", .i64 = last_id}};
    TRY(tds_query(db->tds, SQL_DUPLICATES_CHILDREN, args, ARRAY_LEN(args), &rows, err));
    const DuplicateRun **index = index_runs(store);
    Rc rc = take_children(store, index, rows, err);
    free(index);
    return rc;
}
