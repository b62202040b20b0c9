/* Arithmetic with SQL Server's errors. */
#include "call.h"

static void overflow(sqlite3_context *context, const char *type)
{
    call_refuse(context, MSG(8115), "expression", type);
}

/* ms_int(value, type): a value that SQLite made a REAL did not fit 64 bits. */
SQL_CALL(do_int)
{
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
        overflow(context, type_name(type_of(id)));
    else
        sqlite3_result_int64(context, value);
}

SQL_CALL(do_div)
{
    if (call_has_null(count, values))
        return;
    double real_a = sqlite3_value_double(values[0]), real_b = sqlite3_value_double(values[1]);
    sqlite3_int64 a = sqlite3_value_int64(values[0]), b = sqlite3_value_int64(values[1]);
    bool is_whole = sqlite3_value_type(values[0]) == SQLITE_INTEGER &&
                    sqlite3_value_type(values[1]) == SQLITE_INTEGER;
    if (!(real_b < 0 || real_b > 0)) {
        call_refuse(context, MSG(8134));
    } else if (!is_whole) {
        sqlite3_result_double(context, real_a / real_b);
    } else if (a == INT64_MIN && b == -1) {
        overflow(context, "bigint");
    } else {
        sqlite3_result_int64(context, a / b);
    }
}

/* ms_decimal(a, operator, b, type): exact. */
SQL_CALL(do_decimal)
{
    Decimal result = {0};

    if (call_has_null(count, values))
        return;
    Decimal a = call_number(values[0]), b = call_number(values[2]);
    b.is_negative ^= sqlite3_value_int(values[1]) == '-';
    if (decimal_add(a, b, type_unpack(sqlite3_value_int64(values[3])), &result))
        call_return_number(context, result);
    else
        overflow(context, "numeric");
}

typedef struct Total {
    char sum[DECIMAL_BYTES]; // encoded: SQLite's memory is not aligned for a Decimal
    size_t sum_len;
    bool has_row, is_over; // 38 digits
} Total;

SQL_CALL(sum_step)
{
    Total *total = sqlite3_aggregate_context(context, sizeof *total);
    SbType widest = {.id = SB_DECIMAL, .precision = DECIMAL_DIGITS};

    if (!total || sqlite3_value_type(values[0]) == SQLITE_NULL)
        return;
    Decimal sum = decimal_decode((Str){total->sum, total->sum_len});
    Decimal value = call_number(values[0]);
    widest.scale = value.scale > sum.scale ? value.scale : sum.scale;
    total->is_over |= !decimal_add(sum, value, widest, &sum);
    total->sum_len = decimal_encode(sum, total->sum);
    total->has_row = true;
}

static void sum_final(sqlite3_context *context)
{
    const Total *total = sqlite3_aggregate_context(context, sizeof *total);

    if (!total || !total->has_row)
        return;
    if (total->is_over)
        overflow(context, "numeric");
    else
        sqlite3_result_blob(context, total->sum, (int)total->sum_len, SQLITE_TRANSIENT);
}

int math_register_sum(sqlite3 *db, Session *session)
{
    return sqlite3_create_function(db, "ms_decimal_sum", 1, SQLITE_UTF8, session, NULL, sum_step,
                                   sum_final);
}

/* Number of rows of TOP, OFFSET and FETCH. */
SQL_CALL(do_top)
{
    if (sqlite3_value_type(values[0]) == SQLITE_NULL || sqlite3_value_int64(values[0]) < 0)
        call_refuse(context, MSG(1060));
    else
        sqlite3_result_int64(context, sqlite3_value_int64(values[0]));
}

/* ms_notnull(value, column text): an INTEGER PRIMARY KEY would take NULL for "the next number". */
SQL_CALL(do_notnull)
{
    if (sqlite3_value_type(values[0]) != SQLITE_NULL) {
        sqlite3_result_value(context, values[0]);
        return;
    }
    fault_set(call_fault(context), 0, 515,
              "Cannot insert the value NULL into column %s; column does not allow nulls. "
              "INSERT fails.",
              (const char *)sqlite3_value_text(values[1]));
    call_fail(context);
}

const SqlFunction math_functions[] = {
    {"ms_int", 2, true, do_int},         {"ms_div", 2, true, do_div},
    {"ms_top", 1, true, do_top},         {"ms_notnull", 2, true, do_notnull},
    {"ms_decimal", 4, true, do_decimal}, {NULL, 0, false, NULL},
};
