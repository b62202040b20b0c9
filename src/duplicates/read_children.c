/* Packages that executions ran as children. */
#include "store.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>

typedef struct Found { // a child, whose key its parent will tell
    int64_t execution_id, start, end;
    uint32_t package, parent_key;
} Found;

typedef struct Reader {
    Found *list;
    size_t count, capacity;
} Reader;

static void reader_done(Reader *reader)
{
    free(reader->list);
}

static int64_t ticks_of(const TdsRows *rows, int column)
{
    Instant at = tds_time(rows, column);

    return at.is_set ? at.ticks : 0;
}

static void take_child(Reader *reader, Names *names, const TdsRows *rows)
{
    Found found = {
        .execution_id = tds_i64(rows, SQL_DUPLICATES_CHILDREN__EXECUTION_ID),
        .package = names_text(names, tds_text(rows, SQL_DUPLICATES_CHILDREN__PACKAGE_NAME)),
        .start = ticks_of(rows, SQL_DUPLICATES_CHILDREN__START_TIME),
        .end = ticks_of(rows, SQL_DUPLICATES_CHILDREN__END_TIME),
    };

    if (found.start == 0)
        return;
    if (reader->count == reader->capacity) {
        reader->capacity = reader->capacity ? 2 * reader->capacity : 64;
        reader->list = mem_resize(reader->list, reader->capacity * sizeof(*reader->list));
    }
    reader->list[reader->count++] = found;
}

static Rc read_rows(Reader *reader, DuplicatesStore *store, const Ssisdb *db, const TdsArg *args,
                    size_t arg_count, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = true;

    TRY(tds_query(db->tds, SQL_DUPLICATES_CHILDREN, args, arg_count, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        take_child(reader, &store->names, rows);
    }
}

/* ---- whose children -------------------------------------------------------------------------- */

static int by_execution(const void *a, const void *b)
{
    const Found *x = a, *y = b;

    return (x->execution_id > y->execution_id) - (x->execution_id < y->execution_id);
}

/* One pass over all runs, since children are few. */
static void find_parents(Reader *reader, const DuplicatesStore *store)
{
    if (reader->count == 0)
        return;
    qsort(reader->list, reader->count, sizeof(*reader->list), by_execution);
    for (size_t i = 0; i < store->count; i++) {
        Found wanted = {.execution_id = store->runs[i].id};
        Found *at =
            bsearch(&wanted, reader->list, reader->count, sizeof(*reader->list), by_execution);
        if (!at)
            continue;
        while (at > reader->list && at[-1].execution_id == wanted.execution_id)
            at--;
        for (; at < reader->list + reader->count && at->execution_id == wanted.execution_id; at++)
            at->parent_key = store->runs[i].key;
    }
}

/* The same package of the same project, whatever the environment: what a child gets of that is
 * its parent's affair. */
static bool is_same_package(const NameKey *a, const NameKey *b)
{
    return a->texts[KEY_FOLDER] == b->texts[KEY_FOLDER] &&
           a->texts[KEY_PROJECT] == b->texts[KEY_PROJECT] &&
           a->texts[KEY_PACKAGE] == b->texts[KEY_PACKAGE];
}

static void add_child(DuplicatesStore *store, const Found *found, uint32_t key)
{
    store->children =
        arena_grow(&store->arena, store->children, store->child_count, store->child_count + 1,
                   &store->child_capacity, sizeof(*store->children));
    store->children[store->child_count++] = (DuplicateChild){
        .execution_id = found->execution_id, .key = key, .start = found->start, .end = found->end};
}

/* A child is held against each key that it may be a run of, and at least against one of its own. */
static void add_children(DuplicatesStore *store, const Found *found)
{
    Names *names = &store->names;

    if (found->parent_key == 0)
        return;
    NameKey key = names->keys[found->parent_key];
    key.texts[KEY_PACKAGE] = found->package;
    (void)names_key(names, &key);
    for (uint32_t i = 1; i <= names->key_count; i++)
        if (is_same_package(&names->keys[i], &key))
            add_child(store, found, i);
}

/* ---- the statement --------------------------------------------------------------------------- */

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
    AUTO(reader_done) Reader reader = {0};
    int64_t first_id, last_id;

    range_of(store, question->since, &first_id, &last_id);
    const TdsArg args[] = {{.name = "since", .time = question->since},
                           {.name = "until", .time = question->until},
                           {.name = "first_id", .i64 = first_id},
                           {.name = "last_id", .i64 = last_id}};
    TRY(read_rows(&reader, store, db, args, ARRAY_LEN(args), err));
    find_parents(&reader, store);
    for (size_t i = 0; i < reader.count; i++)
        add_children(store, &reader.list[i]);
    return RC_OK;
}
