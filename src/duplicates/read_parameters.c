/* The parameters and overrides of the suspects, as numbered sets. */
#include "store.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/parcel.h"
#include "ssisminer/base/sat.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { LOGGING_LEVEL_TYPE = 50, VALUE_MAX_BYTES = 16000 };

typedef enum Role { // of a parameter, for telling work apart
    ROLE_WORK,
    ROLE_WINDOW,  // the time that is worked on: tells work apart, and hardly ever repeats
    ROLE_SYSTEM,  // of the server, not of the package
    ROLE_IGNORED, // by --ignore-parameter
    ROLE_RUN_ID,  // identifies the start
    ROLE_UNIQUE   // its value never repeats
} Role;

typedef struct Given { // one parameter of one execution
    DuplicateRun *run;
    uint64_t hash; // of the value
    DuplicateParameter parameter;
    Role role;
    bool is_runtime; // set for this execution
} Given;

typedef struct Reader {
    DuplicatesStore *store;
    const DuplicatesQuestion *question;
    Asked asked;
    Given *given;
    size_t count, capacity;
} Reader;

static void reader_done(Reader *reader)
{
    asked_done(&reader->asked);
    free(reader->given);
}

/* ---- reading --------------------------------------------------------------------------------- */

static const char *known_text(Names *names, Str text)
{
    uint32_t number = names_text(names, text); // may move the texts

    return number ? names->texts[number] : "?";
}

static Role role_of(const Reader *reader, const DuplicateParameter *parameter)
{
    const DuplicatesQuestion *question = reader->question;

    if (parameter->object_type == LOGGING_LEVEL_TYPE)
        return ROLE_SYSTEM;
    for (size_t i = 0; i < question->ignored_count; i++)
        if (parameter->name && str_glob(question->ignored[i], parameter->name))
            return ROLE_IGNORED;
    return ROLE_WORK;
}

static void take_system(DuplicatesStore *store, DuplicateRun *run,
                        const DuplicateParameter *parameter)
{
    if (!str_same_fold(parameter->name, "CALLER_INFO") || str_is_blank(parameter->value))
        return;
    DuplicateContext context = store->contexts.list[run->context];
    context.caller_info = names_text(&store->names, str_of(parameter->value));
    run->context = contexts_number(&store->contexts, &context);
}

static void add_given(Reader *reader, Given *given)
{
    given->hash = value_hash(STR_HASH_SEED, &given->parameter);
    given->role = role_of(reader, &given->parameter);
    if (given->role == ROLE_SYSTEM)
        take_system(reader->store, given->run, &given->parameter);
    if (reader->count == reader->capacity) {
        reader->capacity = reader->capacity ? 2 * reader->capacity : 256;
        reader->given = mem_resize(reader->given, reader->capacity * sizeof(*reader->given));
    }
    reader->given[reader->count++] = *given;
}

static void take_parameter(Reader *reader, const TdsRows *rows)
{
    DuplicatesStore *store = reader->store;
    Str value = tds_text(rows, SQL_SSISDB_GIVEN__PARAMETER_VALUE);
    Given given = {.run =
                       asked_find(&reader->asked, tds_i64(rows, SQL_SSISDB_GIVEN__EXECUTION_ID))};
    DuplicateParameter *p = &given.parameter;

    if (!given.run)
        return;
    p->object_type = sat_int(tds_i64(rows, SQL_SSISDB_GIVEN__OBJECT_TYPE));
    p->name = known_text(&store->names, tds_text(rows, SQL_SSISDB_GIVEN__PARAMETER_NAME));
    p->type = known_text(&store->names, tds_text(rows, SQL_SSISDB_GIVEN__PARAMETER_DATA_TYPE));
    /* A sensitive value that nobody set is the project's own, for every execution. */
    given.is_runtime = tds_i64(rows, SQL_SSISDB_GIVEN__RUNTIME_OVERRIDE) != 0;
    p->is_secret = given.is_runtime && tds_i64(rows, SQL_SSISDB_GIVEN__SENSITIVE) != 0;
    value.len = value.len < VALUE_MAX_BYTES ? value.len : VALUE_MAX_BYTES;
    p->value = value.at ? arena_copy(&store->arena, value.at, value.len) : NULL;
    add_given(reader, &given);
}

_Static_assert((int)SQL_SSISDB_GIVEN__PARAMETER_VALUE ==
                   (int)SQL_DUPLICATES_NONCATALOG_PARAMETERS__PARAMETER_VALUE,
               "both statements are read alike");

static Rc read_each(Reader *reader, const Ssisdb *db, SqlId id, const TdsArg *args, size_t count,
                    Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = true;

    TRY(tds_query(db->tds, id, args, count, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        take_parameter(reader, rows);
    }
}

/* Microsoft names these tables and not their columns: they are read only where they are as
 * expected, and where the login may see schema internal. */
static bool has_noncatalog(const Ssisdb *db)
{
    static const char *const needed[] = {
        "internal.executions_noncatalog.execution_id",
        "internal.execution_parameter_values_noncatalog.execution_id",
        "internal.execution_parameter_values_noncatalog.object_type",
        "internal.execution_parameter_values_noncatalog.parameter_name",
        "internal.execution_parameter_values_noncatalog.parameter_value",
        "internal.execution_parameter_values_noncatalog.sensitive",
        "internal.execution_property_override_values_noncatalog.execution_id",
        "internal.execution_property_override_values_noncatalog.property_path",
        "internal.execution_property_override_values_noncatalog.property_value",
        "internal.execution_property_override_values_noncatalog.sensitive",
    };

    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        if (!ssisdb_has(db, needed[i]))
            return false;
    return true;
}

static Rc read_noncatalog(Reader *reader, const Ssisdb *db, Err *err)
{
    const Asked *asked = &reader->asked;
    Err own = {0};

    if (!has_noncatalog(db))
        return RC_OK;
    const TdsArg args[] = {{.name = "first_id", .i64 = asked->runs[0]->id},
                           {.name = "last_id", .i64 = asked->runs[asked->count - 1]->id}};
    Rc rc =
        read_each(reader, db, SQL_DUPLICATES_NONCATALOG_PARAMETERS, args, ARRAY_LEN(args), &own);
    if (rc == RC_OK || ssisdb_is_unseen(rc, &own))
        return RC_OK;
    *err = own;
    return rc;
}

static Rc read_rows(Reader *reader, const Ssisdb *db, Err *err)
{
    const TdsArg args[] = {{.name = "ids", .text = buf_text(&reader->asked.ids)},
                           {.name = "id_count", .i64 = (int64_t)reader->asked.count}};

    TRY(read_each(reader, db, SQL_SSISDB_GIVEN, args, ARRAY_LEN(args), err));
    return read_noncatalog(reader, db, err);
}

/* ---- parameters that do not tell work apart -------------------------------------------------- */

static int by_parameter(const void *a, const void *b)
{
    const Given *x = a, *y = b;

    if (x->run->key != y->run->key)
        return x->run->key < y->run->key ? -1 : 1;
    if (x->parameter.object_type != y->parameter.object_type)
        return x->parameter.object_type < y->parameter.object_type ? -1 : 1;
    int names = str_compare_fold(x->parameter.name, y->parameter.name);
    if (names != 0)
        return names;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

static bool is_same_parameter(const Given *a, const Given *b)
{
    return a->run->key == b->run->key && a->parameter.object_type == b->parameter.object_type &&
           str_same_fold(a->parameter.name, b->parameter.name);
}

static bool is_guid(const char *value)
{
    enum { GUID_DIGITS = 32 };
    size_t digits = 0;

    for (const char *c = value; c && *c; c++) {
        if (isxdigit((unsigned char)*c))
            digits++;
        else if (!strchr("-{}", *c))
            return false;
    }
    return digits == GUID_DIGITS;
}

/* PipelineRunId, ADF_ActivityRunID, CorrelationId … */
static bool is_name_of_run_id(const char *name)
{
    static const char *const globs[] = {"*run*id",       "*runid].*",     "*run*guid",
                                        "*correlation*", "*execution*id", "*activity*id",
                                        "*request*id",   "*trigger*id",   "*invocation*id"};

    for (size_t i = 0; name && i < ARRAY_LEN(globs); i++)
        if (str_glob(globs[i], name))
            return true;
    return false;
}

/* A time to the second that lies within a minute of the creation. */
static bool is_time_of_start(const Given *given)
{
    Err err = {0};
    Instant at = {0};
    const char *value = given->parameter.value;

    if (!value || strlen(value) < sizeof("2026-01-31T12:30:01") - 1 || !strchr(value, ':') ||
        time_parse(value, time_instant(given->run->created, 0), &at, &err) != RC_OK)
        return false;
    return llabs(at.ticks - given->run->created) < 60 * TICKS_PER_SECOND &&
           at.ticks % (60 * TICKS_PER_SECOND) != 0;
}

static bool is_run_id(const Given *given)
{
    return is_guid(given->parameter.value) || is_name_of_run_id(given->parameter.name) ||
           is_time_of_start(given);
}

/* A date, of type DateTime or as 2026-04-15… or 20260415. */
static bool is_date(const DuplicateParameter *parameter)
{
    const char *value = parameter->value;

    if (parameter->type && str_same_fold(parameter->type, "DateTime"))
        return true;
    if (!value || (strncmp(value, "19", 2) != 0 && strncmp(value, "20", 2) != 0))
        return false;
    size_t digits = strspn(value, "0123456789");
    return digits == 8 || (digits == 4 && value[4] == '-' && isdigit((unsigned char)value[5]));
}

enum { UNIQUE_ENOUGH = 6, MOSTLY = 80 /* percent */ };

/* Of one parameter of a package, sorted by value: the role of one that (nearly) never repeats. */
static Role role_among(const Given *given, size_t count)
{
    size_t values = 0, ids = 0, dates = 0;

    for (size_t i = 0; i < count; i++) {
        values += i == 0 || given[i].hash != given[i - 1].hash;
        ids += is_run_id(&given[i]);
        dates += is_date(&given[i].parameter);
    }
    if (count < 2 || given[0].parameter.is_secret || values * 100 < count * MOSTLY)
        return ROLE_WORK;
    if (ids == count)
        return ROLE_RUN_ID;
    if (count < UNIQUE_ENOUGH)
        return ROLE_WORK;
    return values == count ? ROLE_UNIQUE : dates == count ? ROLE_WINDOW : ROLE_WORK;
}

static bool has_other_work(const Given *given, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (given[i].role <= ROLE_WINDOW && given[i].is_runtime)
            return true;
    return false;
}

/* A value that never repeats says nothing beside others that do; alone it is the work itself. */
static void give_back(Given *given, size_t count)
{
    if (has_other_work(given, count))
        return;
    for (size_t i = 0; i < count; i++)
        if (given[i].role == ROLE_UNIQUE)
            given[i].role = ROLE_WORK;
}

static void find_roles_of_key(Given *given, size_t count)
{
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && is_same_parameter(&given[first], &given[end]);)
            end++;
        Role role = role_among(given + first, end - first);
        for (size_t i = first; i < end && role != ROLE_WORK; i++)
            if (given[i].role == ROLE_WORK)
                given[i].role = role;
    }
    give_back(given, count);
}

static void find_roles(Reader *reader)
{
    if (reader->count == 0)
        return;
    qsort(reader->given, reader->count, sizeof(*reader->given), by_parameter);
    for (size_t first = 0, end; first < reader->count; first = end) {
        for (end = first + 1;
             end < reader->count && reader->given[end].run->key == reader->given[first].run->key;)
            end++;
        find_roles_of_key(reader->given + first, end - first);
    }
}

/* ---- sets ------------------------------------------------------------------------------------ */

static int by_run(const void *a, const void *b)
{
    const Given *x = a, *y = b;

    if (x->run != y->run) // of several catalogs two may have one id
        return x->run < y->run ? -1 : 1;
    if (x->role != y->role)
        return x->role < y->role ? -1 : 1;
    if (x->parameter.object_type != y->parameter.object_type)
        return x->parameter.object_type < y->parameter.object_type ? -1 : 1;
    return str_compare_fold(x->parameter.name, y->parameter.name);
}

static uint64_t hash_name(uint64_t hash, const DuplicateParameter *parameter)
{
    hash = str_hash(hash, &parameter->object_type, sizeof(parameter->object_type));
    for (const char *c = parameter->name; c && *c; c++) {
        char folded = str_fold(*c);
        hash = str_hash(hash, &folded, 1);
    }
    return hash;
}

typedef struct Owner { // an execution and what it was given
    DuplicateRun *run;
    const Given *given;
    size_t count; // of those that tell work apart
    uint64_t hash;
} Owner;

static int by_hash(const void *a, const void *b)
{
    const Owner *x = a, *y = b;

    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->run->id > y->run->id) - (x->run->id < y->run->id);
}

static void take_run_id(DuplicatesStore *store, DuplicateRun *run,
                        const DuplicateParameter *parameter)
{
    DuplicateContext context = store->contexts.list[run->context];

    context.run_id = names_text(&store->names, str_of(parameter->value));
    run->context = contexts_number(&store->contexts, &context);
}

/* What one execution was given: those that tell work apart come first. */
static Owner owner_of(DuplicatesStore *store, const Given *given, size_t count)
{
    Owner owner = {.run = given[0].run, .given = given, .hash = STR_HASH_SEED};

    for (size_t i = 0; i < count; i++) {
        const DuplicateParameter *parameter = &given[i].parameter;
        if (given[i].role == ROLE_RUN_ID && parameter->value)
            take_run_id(store, owner.run, parameter);
        owner.run->has_unique_value |= given[i].role == ROLE_UNIQUE;
        owner.run->has_window |= given[i].role == ROLE_WINDOW;
        if (given[i].role > ROLE_WINDOW)
            continue;
        uint64_t parts[] = {hash_name(STR_HASH_SEED, parameter), given[i].hash};
        owner.hash = str_hash(owner.hash, parts, sizeof(parts));
        owner.count++;
        owner.run->has_secret |= parameter->is_secret;
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
    Owner *owners = mem_alloc((reader->asked.count + 1) * sizeof(*owners));
    size_t count = 0;

    if (reader->count > 0)
        qsort(reader->given, reader->count, sizeof(*reader->given), by_run);
    for (size_t first = 0, end; first < reader->count; first = end) {
        for (end = first;
             end < reader->count && reader->given[end].run == reader->given[first].run;)
            end++;
        owners[count++] = owner_of(reader->store, reader->given + first, end - first);
    }
    number_sets(reader->store, owners, count);
    free(owners);
}

/* ---- who started it -------------------------------------------------------------------------- */

static void find_starters(Reader *reader)
{
    DuplicatesStore *store = reader->store;

    for (size_t i = 0; i < reader->asked.count; i++) {
        DuplicateRun *run = reader->asked.runs[i];
        DuplicateContext context = store->contexts.list[run->context];
        context.starter = (uint8_t)starter_of(store_text(store, context.caller),
                                              store_text(store, context.caller_info));
        run->context = contexts_number(&store->contexts, &context);
    }
}

Rc store_read_parameters(DuplicatesStore *store, const Ssisdb *db,
                         const DuplicatesQuestion *question, Err *err)
{
    AUTO(reader_done) Reader reader = {.store = store, .question = question};

    TRY(asked_choose(store, true, &reader.asked, err));
    if (reader.asked.count == 0)
        return RC_OK;
    Rc rc = read_rows(&reader, db, err);
    if (rc == RC_OK) { // else they stay unread, all of them
        find_roles(&reader);
        make_sets(&reader);
    }
    find_starters(&reader);
    return rc;
}

/* ---- from one process to another ------------------------------------------------------------- */

static void put_given(const Given *given, Buf *out)
{
    const DuplicateParameter *p = &given->parameter;

    parcel_put_i64(out, given->run->id);
    parcel_put_i64(out, p->object_type);
    parcel_put_text(out, p->name);
    parcel_put_text(out, p->type);
    parcel_put_text(out, p->value);
    parcel_put_i64(out, p->is_secret);
    parcel_put_i64(out, given->is_runtime);
}

Rc store_put_parameters(DuplicatesStore *store, const Ssisdb *db,
                        const DuplicatesQuestion *question, Buf *out, Err *err)
{
    AUTO(reader_done) Reader reader = {.store = store, .question = question};

    TRY(asked_choose(store, false, &reader.asked, err));
    TRY(read_rows(&reader, db, err));
    parcel_put_i64(out, (int64_t)reader.count);
    for (size_t i = 0; i < reader.count; i++)
        put_given(&reader.given[i], out);
    return buf_check(out, "the parameters", err);
}

static void take_given(Reader *reader, Parcel *parcel, size_t part, FindRun *find, void *context)
{
    Given given = {.run = find(context, part, parcel_take_i64(parcel))};
    DuplicateParameter *p = &given.parameter;
    Names *names = &reader->store->names;

    p->object_type = parcel_take_choice(parcel, INT32_MAX);
    p->name = known_text(names, str_of(parcel_take_text(parcel)));
    p->type = known_text(names, str_of(parcel_take_text(parcel)));
    p->value = parcel_take_text(parcel);
    p->is_secret = parcel_take_choice(parcel, 1);
    given.is_runtime = parcel_take_choice(parcel, 1);
    if (given.run && !parcel->is_broken)
        add_given(reader, &given);
}

static Rc take_part(Reader *reader, Str bytes, size_t part, FindRun *find, void *context, Err *err)
{
    Parcel parcel = {.left = bytes, .arena = &reader->store->arena};

    if (bytes.len == 0)
        return RC_OK;
    for (size_t left = parcel_take_count(&parcel); left > 0 && !parcel.is_broken; left--)
        take_given(reader, &parcel, part, find, context);
    return parcel_is_whole(&parcel) ? RC_OK
                                    : FAIL(err, RC_QUERY, "parameters did not arrive whole");
}

Rc store_take_parameters(DuplicatesStore *store, const DuplicatesQuestion *question,
                         const Str *parts, size_t count, FindRun *find, void *context, Err *err)
{
    AUTO(reader_done) Reader reader = {.store = store, .question = question};

    TRY(asked_choose(store, false, &reader.asked, err));
    for (size_t i = 0; i < count; i++)
        TRY(take_part(&reader, parts[i], i, find, context, err));
    find_roles(&reader);
    make_sets(&reader);
    find_starters(&reader);
    return RC_OK;
}

const ParameterSet *store_set(const DuplicatesStore *store, const DuplicateRun *run)
{
    return run->parameters > PARAMETERS_NONE ? &store->sets[run->parameters - PARAMETERS_NONE - 1]
                                             : NULL;
}
