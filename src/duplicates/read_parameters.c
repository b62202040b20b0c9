/* The parameters of the suspects, as numbered sets. */
#include "store.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { ID_DIGITS = 19, LOGGING_LEVEL_TYPE = 50 };

typedef struct Given { // one parameter of one execution
    int64_t execution_id;
    DuplicateParameter parameter;
} Given;

typedef struct Reader {
    DuplicatesStore *store;
    DuplicateRun **asked; // by id
    size_t asked_count;
    Given *given;
    size_t count, capacity;
} Reader;

static void reader_done(Reader *reader)
{
    free(reader->asked);
    free(reader->given);
}

/* ---- whom to ask for ----------------------------------------------------------------------------
 */

static int latest_first(const void *a, const void *b)
{
    const DuplicateRun *const *x = a, *const *y = b;

    if ((*x)->created != (*y)->created)
        return (*x)->created > (*y)->created ? -1 : 1;
    return ((*x)->id < (*y)->id) - ((*x)->id > (*y)->id);
}

static int by_run_id(const void *a, const void *b)
{
    const DuplicateRun *const *x = a, *const *y = b;

    return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

static void choose(Reader *reader)
{
    DuplicatesStore *store = reader->store;
    size_t count = 0;

    reader->asked = mem_alloc((store->count + 1) * sizeof(*reader->asked));
    for (size_t i = 0; i < store->count; i++)
        if (store->runs[i].is_suspect)
            reader->asked[count++] = &store->runs[i];
    qsort(reader->asked, count, sizeof(*reader->asked), latest_first);
    reader->asked_count = count < DUPLICATES_SUSPECTS ? count : DUPLICATES_SUSPECTS;
    qsort(reader->asked, reader->asked_count, sizeof(*reader->asked), by_run_id);
}

/* ---- reading ------------------------------------------------------------------------------------
 */

static const char *text_of(const TdsRows *rows, int column, Arena *arena)
{
    Str text = tds_text(rows, column);

    return text.at ? arena_copy(arena, text.at, text.len) : NULL;
}

static const char *known_text(Names *names, Str text)
{
    uint32_t number = names_text(names, text); // may move the texts

    return number ? names->texts[number] : NULL;
}

static void take_parameter(Reader *reader, const TdsRows *rows)
{
    Names *names = &reader->store->names;
    Given given = {.execution_id = tds_i64(rows, SQL_DUPLICATES_PARAMETERS__EXECUTION_ID)};
    DuplicateParameter *p = &given.parameter;

    p->object_type = sat_int(tds_i64(rows, SQL_DUPLICATES_PARAMETERS__OBJECT_TYPE));
    p->name = known_text(names, tds_text(rows, SQL_DUPLICATES_PARAMETERS__PARAMETER_NAME));
    p->type = known_text(names, tds_text(rows, SQL_DUPLICATES_PARAMETERS__PARAMETER_DATA_TYPE));
    /* A sensitive value that nobody set is the project's own, for every execution. */
    p->is_secret = tds_i64(rows, SQL_DUPLICATES_PARAMETERS__SENSITIVE) != 0;
    p->is_secret = tds_i64(rows, SQL_DUPLICATES_PARAMETERS__RUNTIME_OVERRIDE) && p->is_secret;
    p->value = text_of(rows, SQL_DUPLICATES_PARAMETERS__PARAMETER_VALUE, &reader->store->arena);
    if (reader->count == reader->capacity) {
        reader->capacity = reader->capacity ? 2 * reader->capacity : 256;
        reader->given = mem_resize(reader->given, reader->capacity * sizeof(*reader->given));
    }
    reader->given[reader->count++] = given;
}

static Rc read_rows(Reader *reader, const Ssisdb *db, const char *ids, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    const TdsArg args[] = {{.name = "ids", .text = ids},
                           {.name = "id_count", .i64 = (int64_t)reader->asked_count}};
    bool has_row = true;

    TRY(tds_query(db->tds, SQL_DUPLICATES_PARAMETERS, args, ARRAY_LEN(args), &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        take_parameter(reader, rows);
    }
}

/* ---- sets ---------------------------------------------------------------------------------------
 */

static int compare_given(const void *a, const void *b)
{
    const Given *x = a, *y = b;

    if (x->execution_id != y->execution_id)
        return x->execution_id < y->execution_id ? -1 : 1;
    if (x->parameter.object_type != y->parameter.object_type)
        return x->parameter.object_type < y->parameter.object_type ? -1 : 1;
    return str_compare_fold(x->parameter.name, y->parameter.name);
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    uint64_t length = text ? strlen(text) + 1 : 0;

    hash = str_hash(hash, &length, sizeof(length));
    return text ? str_hash(hash, text, (size_t)length) : hash;
}

/* A secret counts as given, whatever its value. */
static uint64_t hash_parameter(uint64_t hash, const DuplicateParameter *parameter)
{
    hash = str_hash(hash, &parameter->object_type, sizeof(parameter->object_type));
    hash = hash_text(hash, parameter->name);
    hash = hash_text(hash, parameter->type);
    return hash_text(hash, parameter->is_secret ? "" : parameter->value);
}

typedef struct Owner { // an execution and what it was given
    DuplicateRun *run;
    const Given *given;
    size_t count;
    uint64_t hash;
} Owner;

static int by_hash(const void *a, const void *b)
{
    const Owner *x = a, *y = b;

    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->run->id > y->run->id) - (x->run->id < y->run->id);
}

static DuplicateRun *find_asked(const Reader *reader, int64_t id)
{
    DuplicateRun wanted = {.id = id};
    DuplicateRun *at = &wanted;
    DuplicateRun **found =
        bsearch(&at, reader->asked, reader->asked_count, sizeof(*reader->asked), by_run_id);

    return found ? *found : NULL;
}

/* What one execution was given: the rows of one id, of which the logging level, the last one in
 * order, only tells that they could be read. */
static Owner owner_of(const Reader *reader, size_t first, size_t end)
{
    Owner owner = {.run = find_asked(reader, reader->given[first].execution_id),
                   .given = &reader->given[first],
                   .hash = STR_HASH_SEED};

    for (size_t i = first; i < end; i++) {
        const DuplicateParameter *parameter = &reader->given[i].parameter;
        if (parameter->object_type == LOGGING_LEVEL_TYPE)
            break;
        owner.hash = hash_parameter(owner.hash, parameter);
        owner.count++;
        if (owner.run && parameter->is_secret)
            owner.run->has_secret = true;
    }
    return owner;
}

static void add_set(DuplicatesStore *store, const Owner *owner)
{
    DuplicateParameter *list = arena_alloc_array(&store->arena, owner->count, sizeof(*list));

    for (size_t i = 0; i < owner->count; i++)
        list[i] = owner->given[i].parameter;
    store->sets = arena_grow(&store->arena, store->sets, store->set_count, store->set_count + 1,
                             &store->set_capacity, sizeof(*store->sets));
    store->sets[store->set_count++] = (ParameterSet){list, owner->count, owner->hash};
}

static void number_sets(DuplicatesStore *store, Owner *owners, size_t count)
{
    qsort(owners, count, sizeof(*owners), by_hash);
    for (size_t i = 0; i < count; i++) {
        owners[i].run->parameters = PARAMETERS_NONE;
        if (owners[i].count == 0)
            continue;
        if (store->set_count == 0 || store->sets[store->set_count - 1].hash != owners[i].hash)
            add_set(store, &owners[i]);
        owners[i].run->parameters = (uint32_t)store->set_count + PARAMETERS_NONE;
    }
}

static void make_sets(Reader *reader)
{
    Owner *owners = mem_alloc((reader->asked_count + 1) * sizeof(*owners));
    size_t count = 0;

    if (reader->count > 0)
        qsort(reader->given, reader->count, sizeof(*reader->given), compare_given);
    for (size_t first = 0, end; first < reader->count; first = end) {
        for (end = first; end < reader->count &&
                          reader->given[end].execution_id == reader->given[first].execution_id;)
            end++;
        Owner owner = owner_of(reader, first, end);
        if (owner.run && count < reader->asked_count)
            owners[count++] = owner;
    }
    number_sets(reader->store, owners, count);
    free(owners);
}

Rc store_read_parameters(DuplicatesStore *store, const Ssisdb *db, Err *err)
{
    AUTO(reader_done) Reader reader = {.store = store};
    AUTO(buf_done) Buf ids = BUF((size_t)DUPLICATES_SUSPECTS * ID_DIGITS);

    choose(&reader);
    if (reader.asked_count == 0)
        return RC_OK;
    for (size_t i = 0; i < reader.asked_count; i++)
        buf_printf(&ids, "%0*" PRId64, ID_DIGITS, reader.asked[i]->id);
    TRY(buf_check(&ids, "the list of executions", err));
    TRY(read_rows(&reader, db, buf_text(&ids), err));
    make_sets(&reader);
    return RC_OK;
}

const ParameterSet *store_set(const DuplicatesStore *store, const DuplicateRun *run)
{
    return run->parameters > PARAMETERS_NONE ? &store->sets[run->parameters - PARAMETERS_NONE - 1]
                                             : NULL;
}
