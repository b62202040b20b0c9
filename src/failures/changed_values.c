/* The values that two executions were given, beside each other. */
#include "changed_values.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/redact.h"
#include "ssisminer/base/sat.h"

#include <stdlib.h>
#include <string.h>

enum { TYPE_SYSTEM = 50 }; // object_type of LOGGING_LEVEL: there, values may be read

void changed_values_done(ChangedValues *values)
{
    free(values->list);
    values->list = NULL;
}

/* ---- reading --------------------------------------------------------------------------------- */

static const char *excerpt(ChangedValues *values, Str text)
{
    if (!text.at)
        return NULL;
    size_t len =
        text.len <= CHANGES_VALUE_MAX ? text.len : str_utf8_floor(text.at, CHANGES_VALUE_MAX);
    char *copy = len < text.len ? arena_printf(values->arena, "%.*s...", (int)len, text.at)
                                : arena_copy(values->arena, text.at, len);
    redact_tokens(copy);
    return copy;
}

static void take(ChangedValues *values, const TdsRows *rows)
{
    Str name = tds_text(rows, SQL_SSISDB_GIVEN__PARAMETER_NAME);
    const char *copy = arena_copy(values->arena, name.at ? name.at : "", name.at ? name.len : 0);
    Str text = tds_text(rows, SQL_SSISDB_GIVEN__PARAMETER_VALUE);
    GivenValue given = {
        .id = tds_i64(rows, SQL_SSISDB_GIVEN__EXECUTION_ID),
        .object_type = sat_int(tds_i64(rows, SQL_SSISDB_GIVEN__OBJECT_TYPE)),
        .name = copy,
        .hash = text.at ? str_hash(STR_HASH_SEED, text.at, text.len) : 0,
        .is_given = tds_i64(rows, SQL_SSISDB_GIVEN__RUNTIME_OVERRIDE) != 0,
    };

    given.value = excerpt(values, text);
    /* A sensitive value that nobody set is the project's own, for every execution. */
    given.is_secret = given.is_given && tds_i64(rows, SQL_SSISDB_GIVEN__SENSITIVE) != 0;
    if (values->count == values->capacity) {
        values->capacity = values->capacity ? 2 * values->capacity : 256;
        values->list = mem_resize(values->list, values->capacity * sizeof(*values->list));
    }
    values->list[values->count++] = given;
}

static int by_name(const GivenValue *x, const GivenValue *y)
{
    if (x->object_type != y->object_type)
        return (x->object_type > y->object_type) - (x->object_type < y->object_type);
    return str_compare_fold(x->name, y->name);
}

static int by_execution(const void *a, const void *b)
{
    const GivenValue *x = a, *y = b;

    if (x->id != y->id)
        return (x->id > y->id) - (x->id < y->id);
    return by_name(x, y);
}

Rc changed_values_read(ChangedValues *values, const Ssisdb *db, const TdsArg *args,
                       size_t arg_count, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = true;

    TRY(tds_query(db->tds, SQL_SSISDB_GIVEN, args, arg_count, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            break;
        take(values, rows);
    }
    if (values->count > 0)
        qsort(values->list, values->count, sizeof(*values->list), by_execution);
    return RC_OK;
}

/* ---- comparing ------------------------------------------------------------------------------- */

typedef struct Span {
    const GivenValue *at, *end;
} Span;

static Span span_of(const ChangedValues *values, int64_t id)
{
    size_t low = 0, high = values->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (values->list[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    for (high = low; high < values->count && values->list[high].id == id;)
        high++;
    return values->count ? (Span){values->list + low, values->list + high} : (Span){NULL, NULL};
}

static bool is_readable(Span span)
{
    return span.at < span.end && span.end[-1].object_type == TYPE_SYSTEM;
}

static const GivenValue *find(Span span, const GivenValue *like)
{
    for (const GivenValue *at = span.at; at < span.end; at++)
        if (by_name(at, like) == 0)
            return at;
    return NULL;
}

static bool is_same(const GivenValue *a, const GivenValue *b)
{
    if (!a || !b)
        return a == b;
    return a->hash == b->hash && (a->value == NULL) == (b->value == NULL);
}

static ChangedValue changed_of(const GivenValue *before, const GivenValue *after)
{
    const GivenValue *any = after ? after : before;

    return (ChangedValue){
        .object_type = any->object_type,
        .name = any->name,
        .before = before ? before->value : NULL,
        .after = after ? after->value : NULL,
        .was_set = before != NULL,
        .is_set = after != NULL,
        .is_given = (before && before->is_given) || (after && after->is_given),
        .is_secret = (before && before->is_secret) || (after && after->is_secret),
    };
}

static int varying_last(const void *a, const void *b)
{
    const ChangedValue *x = a, *y = b;

    if (x->varies != y->varies)
        return x->varies - y->varies;
    if (x->object_type != y->object_type)
        return (x->object_type > y->object_type) - (x->object_type < y->object_type);
    return str_compare_fold(x->name, y->name);
}

typedef struct Comparison {
    Span before, after, earlier;
    ChangedValue *list;
    size_t count;
} Comparison;

static void compare_one(Comparison *c, const GivenValue *before, const GivenValue *after)
{
    const GivenValue *any = after ? after : before;

    if (any->object_type == TYPE_SYSTEM)
        return;
    ChangedValue changed = changed_of(before, after);
    if (is_same(before, after) && !changed.is_secret)
        return;
    changed.varies = is_readable(c->earlier) && !is_same(find(c->earlier, any), before);
    c->list[c->count++] = changed;
}

void changed_values_compare(const ChangedValues *values, PackageChange *change, int64_t earlier)
{
    Comparison c = {.before = span_of(values, change->success_id),
                    .after = span_of(values, change->newest->id),
                    .earlier = earlier ? span_of(values, earlier) : (Span){NULL, NULL}};

    change->knows_values = is_readable(c.before) && is_readable(c.after);
    if (change->success_id == 0 || !change->knows_values)
        return;
    size_t most = (size_t)(c.before.end - c.before.at) + (size_t)(c.after.end - c.after.at);
    c.list = arena_alloc_array(values->arena, most, sizeof(*c.list));
    for (const GivenValue *at = c.after.at; at < c.after.end; at++)
        compare_one(&c, find(c.before, at), at);
    for (const GivenValue *at = c.before.at; at < c.before.end; at++)
        if (!find(c.after, at))
            compare_one(&c, at, NULL);
    if (c.count > 0)
        qsort(c.list, c.count, sizeof(*c.list), varying_last);
    change->values = c.list;
    change->value_count = c.count;
}
