/* Arithmetic with SQL Server's errors, and the percentile. */
#include "call.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool null_in(sqlite3_context *context, int count, sqlite3_value **values)
{
    if (!call_has_null(count, values))
        return false;
    sqlite3_result_null(context);
    return true;
}

static void overflow(sqlite3_context *context, SbTypeId id)
{
    fault_set(call_fault(context), 8115, 0,
              "Arithmetic overflow error converting expression to data type %s.",
              type_name(type_of(id)));
    call_fail(context);
}

/* ms_int(value, type): a value that SQLite made a REAL did not fit 64 bits. */
static void do_int(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    static const struct {
        int64_t low, high;
    } ranges[] = {[SB_BIT] = {0, 1},
                  [SB_TINYINT] = {0, 255},
                  [SB_SMALLINT] = {-32768, 32767},
                  [SB_INT] = {INT32_MIN, INT32_MAX},
                  [SB_BIGINT] = {INT64_MIN, INT64_MAX}};
    SbTypeId id = (SbTypeId)sqlite3_value_int(values[1]);
    if (sqlite3_value_type(values[0]) == SQLITE_NULL)
        return;
    sqlite3_int64 value = sqlite3_value_int64(values[0]);
    if (sqlite3_value_type(values[0]) != SQLITE_INTEGER || value < ranges[id].low ||
        value > ranges[id].high)
        overflow(context, id);
    else
        sqlite3_result_int64(context, value);
}

static bool is_zero(sqlite3_context *context, sqlite3_value *value)
{
    if (sqlite3_value_double(value) < 0 || sqlite3_value_double(value) > 0)
        return false;
    fault_set(call_fault(context), 8134, 0, "Divide by zero error encountered.");
    call_fail(context);
    return true;
}

static bool both_integers(sqlite3_value **values)
{
    return sqlite3_value_type(values[0]) == SQLITE_INTEGER &&
           sqlite3_value_type(values[1]) == SQLITE_INTEGER;
}

static void do_div(sqlite3_context *context, int count, sqlite3_value **values)
{
    if (null_in(context, count, values) || is_zero(context, values[1]))
        return;
    if (!both_integers(values)) {
        sqlite3_result_double(context,
                              sqlite3_value_double(values[0]) / sqlite3_value_double(values[1]));
        return;
    }
    sqlite3_int64 a = sqlite3_value_int64(values[0]), b = sqlite3_value_int64(values[1]);
    if (a == INT64_MIN && b == -1)
        overflow(context, SB_BIGINT);
    else
        sqlite3_result_int64(context, a / b);
}

static void do_mod(sqlite3_context *context, int count, sqlite3_value **values)
{
    if (null_in(context, count, values) || is_zero(context, values[1]))
        return;
    if (!both_integers(values)) {
        sqlite3_result_double(
            context, fmod(sqlite3_value_double(values[0]), sqlite3_value_double(values[1])));
        return;
    }
    sqlite3_int64 b = sqlite3_value_int64(values[1]);
    sqlite3_result_int64(context, b == -1 ? 0 : sqlite3_value_int64(values[0]) % b);
}

static void do_xor(sqlite3_context *context, int count, sqlite3_value **values)
{
    if (!null_in(context, count, values))
        sqlite3_result_int64(context,
                             sqlite3_value_int64(values[0]) ^ sqlite3_value_int64(values[1]));
}

/* Number of rows of TOP, OFFSET and FETCH. */
static void do_top(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    if (sqlite3_value_type(values[0]) == SQLITE_NULL || sqlite3_value_int64(values[0]) < 0) {
        fault_set(call_fault(context), 1060, 0,
                  "The number of rows provided for a TOP or FETCH clauses row count "
                  "parameter must be an integer.");
        call_fail(context);
        return;
    }
    sqlite3_result_int64(context, sqlite3_value_int64(values[0]));
}

/* The type of the number comes last. */
static void give(sqlite3_context *context, int type, double value)
{
    if (!type_is_integer((SbTypeId)type)) {
        sqlite3_result_double(context, value);
        return;
    }
    bool fits = type == SB_BIGINT ? fabs(value) < 9.2e18 : value >= INT32_MIN && value <= INT32_MAX;
    if (fits)
        sqlite3_result_int64(context, (sqlite3_int64)value);
    else
        overflow(context, (SbTypeId)type);
}

static void do_abs(sqlite3_context *context, int count, sqlite3_value **values)
{
    if (null_in(context, count, values))
        return;
    if (sqlite3_value_type(values[0]) != SQLITE_INTEGER) {
        sqlite3_result_double(context, fabs(sqlite3_value_double(values[0])));
        return;
    }
    sqlite3_int64 value = sqlite3_value_int64(values[0]);
    if (value == INT64_MIN || (sqlite3_value_int(values[1]) == SB_INT && value == INT32_MIN))
        overflow(context, (SbTypeId)sqlite3_value_int(values[1]));
    else
        sqlite3_result_int64(context, value < 0 ? -value : value);
}

static void do_ceiling(sqlite3_context *context, int count, sqlite3_value **values)
{
    if (null_in(context, count, values))
        return;
    if (sqlite3_value_type(values[0]) == SQLITE_INTEGER)
        sqlite3_result_value(context, values[0]);
    else
        give(context, sqlite3_value_int(values[1]), ceil(sqlite3_value_double(values[0])));
}

static void do_floor(sqlite3_context *context, int count, sqlite3_value **values)
{
    if (null_in(context, count, values))
        return;
    if (sqlite3_value_type(values[0]) == SQLITE_INTEGER)
        sqlite3_result_value(context, values[0]);
    else
        give(context, sqlite3_value_int(values[1]), floor(sqlite3_value_double(values[0])));
}

/* ms_round(value, digits[, cut], type): half away from zero. */
static void do_round(sqlite3_context *context, int count, sqlite3_value **values)
{
    if (null_in(context, count, values))
        return;
    int digits = sqlite3_value_int(values[1]);
    bool cut = count > 3 && sqlite3_value_int(values[2]) != 0;
    double value = sqlite3_value_double(values[0]), factor = pow(10, digits);
    double scaled = fabs(value) * factor;
    double rounded = cut ? floor(scaled + 1e-9) : floor(scaled + 0.5 + (scaled < 1e6 ? 1e-9 : 0));
    give(context, sqlite3_value_int(values[count - 1]), (value < 0 ? -rounded : rounded) / factor);
}

static void do_sign(sqlite3_context *context, int count, sqlite3_value **values)
{
    if (null_in(context, count, values))
        return;
    double value = sqlite3_value_double(values[0]);
    give(context, sqlite3_value_int(values[1]), value > 0 ? 1 : value < 0 ? -1 : 0);
}

static void do_power(sqlite3_context *context, int count, sqlite3_value **values)
{
    if (!null_in(context, count, values))
        give(context, sqlite3_value_int(values[2]),
             pow(sqlite3_value_double(values[0]), sqlite3_value_double(values[1])));
}

static void invalid_point(sqlite3_context *context)
{
    fault_set(call_fault(context), 3623, 0, "An invalid floating point operation occurred.");
    call_fail(context);
}

static void do_sqrt(sqlite3_context *context, int count, sqlite3_value **values)
{
    if (null_in(context, count, values))
        return;
    if (sqlite3_value_double(values[0]) < 0)
        invalid_point(context);
    else
        sqlite3_result_double(context, sqrt(sqlite3_value_double(values[0])));
}

static void do_exp(sqlite3_context *context, int count, sqlite3_value **values)
{
    if (!null_in(context, count, values))
        sqlite3_result_double(context, exp(sqlite3_value_double(values[0])));
}

static void do_log(sqlite3_context *context, int count, sqlite3_value **values)
{
    if (null_in(context, count, values))
        return;
    if (sqlite3_value_double(values[0]) <= 0)
        invalid_point(context);
    else
        sqlite3_result_double(context, log(sqlite3_value_double(values[0])));
}

/* ms_notnull(value, column text): an INTEGER PRIMARY KEY would take NULL for "the next number". */
static void do_notnull(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    if (sqlite3_value_type(values[0]) != SQLITE_NULL) {
        sqlite3_result_value(context, values[0]);
        return;
    }
    fault_set(call_fault(context), 515, 0,
              "Cannot insert the value NULL into column %s; column does not allow nulls. "
              "INSERT fails.",
              (const char *)sqlite3_value_text(values[1]));
    call_fail(context);
}

const SqlFunction math_functions[] = {
    {"ms_int", 2, true, do_int},         {"ms_div", 2, true, do_div},
    {"ms_mod", 2, true, do_mod},         {"ms_xor", 2, true, do_xor},
    {"ms_top", 1, true, do_top},         {"ms_abs", 2, true, do_abs},
    {"ms_ceiling", 2, true, do_ceiling}, {"ms_floor", 2, true, do_floor},
    {"ms_round", -1, true, do_round},    {"ms_sign", 2, true, do_sign},
    {"ms_power", 3, true, do_power},     {"ms_sqrt", 1, true, do_sqrt},
    {"ms_exp", 1, true, do_exp},         {"ms_log", 1, true, do_log},
    {"ms_notnull", 2, true, do_notnull}, {NULL, 0, false, NULL},
};

/* ---- PERCENTILE_CONT --------------------------------------------------------------------- */

typedef struct Sample {
    double *values;
    size_t count, capacity;
    double fraction;
    bool is_sorted;
} Sample;

static Sample *sample_of(sqlite3_context *context)
{
    return sqlite3_aggregate_context(context, sizeof(Sample));
}

static void percentile_step(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    Sample *sample = sample_of(context);
    if (!sample || sqlite3_value_type(values[0]) == SQLITE_NULL)
        return;
    if (sample->count == sample->capacity) {
        size_t capacity = sample->capacity ? sample->capacity * 2 : 16;
        double *grown = realloc(sample->values, capacity * sizeof *grown);
        if (!grown) {
            sqlite3_result_error_nomem(context);
            return;
        }
        sample->values = grown;
        sample->capacity = capacity;
    }
    sample->fraction = sqlite3_value_double(values[1]);
    sample->values[sample->count++] = sqlite3_value_double(values[0]);
    sample->is_sorted = false;
}

static int compare_doubles(const void *a, const void *b)
{
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

static void percentile_value(sqlite3_context *context)
{
    Sample *sample = sample_of(context);
    if (!sample || !sample->count)
        return;
    if (!sample->is_sorted)
        qsort(sample->values, sample->count, sizeof *sample->values, compare_doubles);
    sample->is_sorted = true;
    double at = sample->fraction * (double)(sample->count - 1);
    if (!(at >= 0 && at <= (double)(sample->count - 1))) {
        fault_set(call_fault(context), 10750, 0, "The percentile value must be between 0 and 1.");
        call_fail(context);
        return;
    }
    size_t low = (size_t)at, high = low + 1 < sample->count ? low + 1 : low;
    double part = at - (double)low;
    sqlite3_result_double(context, sample->values[low] +
                                       (sample->values[high] - sample->values[low]) * part);
}

static void percentile_final(sqlite3_context *context)
{
    percentile_value(context);
    Sample *sample = sample_of(context);
    if (sample)
        free(sample->values);
}

/* Rows never leave the frame: it is the whole partition. SQLite wants the function all the same. */
static void percentile_inverse(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    Sample *sample = sample_of(context);
    for (size_t i = 0; sample && i < sample->count; i++)
        if (!(sample->values[i] < sqlite3_value_double(values[0])) &&
            !(sample->values[i] > sqlite3_value_double(values[0]))) {
            sample->values[i] = sample->values[--sample->count];
            sample->is_sorted = false;
            return;
        }
}

int math_register_aggregates(sqlite3 *db, Session *session)
{
    return sqlite3_create_window_function(db, "ms_percentile", 2, SQLITE_UTF8, session,
                                          percentile_step, percentile_final, percentile_value,
                                          percentile_inverse, NULL);
}
