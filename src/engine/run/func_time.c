/* Dates: parts, sums and differences as T-SQL counts them. */
#include "call.h"

#include <stdlib.h>
#include <string.h>

static Instant time_arg(sqlite3_value *value)
{
    return engine_decode_time(sqlite3_value_int64(value));
}

static void give_time(sqlite3_context *context, Instant at)
{
    if (!instant_fits(at)) {
        fault_set(call_fault(context), 0, 517,
                  "Adding a value to a date column caused an overflow.");
        call_fail(context);
        return;
    }
    sqlite3_result_int64(context, engine_encode_time(at));
}

static bool part_is(sqlite3_value *value, const char *part)
{
    return str_equal(call_text(value), str_of(part));
}

/* Ticks of the parts that have a fixed length; 0 for the others. */
static int64_t ticks_of_part(sqlite3_value *value)
{
    static const struct {
        const char *part;
        int64_t ticks;
    } parts[] = {{"week", 7 * TICKS_PER_DAY},
                 {"day", TICKS_PER_DAY},
                 {"dayofyear", TICKS_PER_DAY},
                 {"weekday", TICKS_PER_DAY},
                 {"hour", 3600 * TICKS_PER_SECOND},
                 {"minute", 60 * TICKS_PER_SECOND},
                 {"second", TICKS_PER_SECOND},
                 {"millisecond", TICKS_PER_MS},
                 {"microsecond", 10}};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (part_is(value, parts[i].part))
            return parts[i].ticks;
    return 0;
}

static int months_of_part(sqlite3_value *value)
{
    return part_is(value, "year")      ? 12
           : part_is(value, "quarter") ? 3
           : part_is(value, "month")   ? 1
                                       : 0;
}

static int days_in_month(int year, int month)
{
    int next_year = month == 12 ? year + 1 : year, next_month = month == 12 ? 1 : month + 1;
    return (int)(time_days_from_civil(next_year, next_month, 1) -
                 time_days_from_civil(year, month, 1));
}

static int64_t add_months(int64_t local, int64_t months, bool *ret_ok)
{
    int year, month, day;
    time_civil_from_days(local / TICKS_PER_DAY, &year, &month, &day);
    int64_t all = (int64_t)year * 12 + (month - 1) + months;
    *ret_ok = all >= 12 && all < 10000 * 12;
    if (!*ret_ok)
        return local;
    year = (int)(all / 12);
    month = (int)(all % 12) + 1;
    int last = days_in_month(year, month);
    return time_days_from_civil(year, month, day > last ? last : day) * TICKS_PER_DAY +
           local % TICKS_PER_DAY;
}

/* ms_dateadd(part, number, time, type) */
SQL_CALL(do_dateadd)
{
    if (call_null_in(context, count, values))
        return;
    Instant at = time_arg(values[2]);
    int64_t local = instant_local_ticks(at), number = sqlite3_value_int64(values[1]),
            ticks = ticks_of_part(values[0]);
    int months = months_of_part(values[0]);
    bool ok = true;
    if (months)
        local = add_months(local, number * months, &ok);
    else if (part_is(values[0], "nanosecond"))
        local += (number + (number < 0 ? -50 : 50)) / 100;
    else
        ok = !__builtin_mul_overflow(number, ticks, &ticks) &&
             !__builtin_add_overflow(local, ticks, &local);
    if (!ok || local < 0) {
        fault_set(call_fault(context), 0, MSG(517),
                  type_name(type_unpack(sqlite3_value_int64(values[3]))));
        call_fail(context);
        return;
    }
    give_time(context, instant_of_local(local, at.offset_minutes));
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Boundaries crossed, in UTC where there is an offset. Weeks begin on Sunday whatever DATEFIRST
 * says. */
static bool difference(sqlite3_value **values, int64_t *ret_count)
{
    int64_t a = time_arg(values[1]).ticks, b = time_arg(values[2]).ticks;
    int months = months_of_part(values[0]);
    if (months) {
        int ya, ma, yb, mb, day;
        time_civil_from_days(a / TICKS_PER_DAY, &ya, &ma, &day);
        time_civil_from_days(b / TICKS_PER_DAY, &yb, &mb, &day);
        int64_t from = (int64_t)ya * 12 + ma - 1, to = (int64_t)yb * 12 + mb - 1;
        *ret_count = floor_div(to, months) - floor_div(from, months);
        return true;
    }
    if (part_is(values[0], "nanosecond"))
        return !__builtin_mul_overflow(b - a, (int64_t)100, ret_count);
    int64_t ticks = ticks_of_part(values[0]);
    if (part_is(values[0], "week")) {
        int64_t day_a = a / TICKS_PER_DAY + 1,
                day_b = b / TICKS_PER_DAY + 1; // 0001-01-01 was a Monday
        *ret_count = floor_div(day_b, 7) - floor_div(day_a, 7);
        return true;
    }
    *ret_count = ticks ? floor_div(b, ticks) - floor_div(a, ticks) : 0;
    return true;
}

SQL_CALL(do_datediff)
{
    int64_t crossed = 0;
    if (call_null_in(context, count, values))
        return;
    if (difference(values, &crossed) && crossed >= INT32_MIN && crossed <= INT32_MAX) {
        sqlite3_result_int64(context, crossed);
        return;
    }
    fault_set(call_fault(context), 0, MSG(535));
    call_fail(context);
}

static Instant now_of(sqlite3_context *context)
{
    Session *session = call_session(context);
    return session ? session->now : time_now();
}

SQL_CALL(do_now_offset)
{
    give_time(context, now_of(context));
}

/* A datetime counts milliseconds. */
static void give_datetime(sqlite3_context *context, int64_t ticks)
{
    give_time(context, instant_of_local(ticks / TICKS_PER_MS * TICKS_PER_MS, 0));
}

SQL_CALL(do_now_utc_ms)
{
    give_datetime(context, now_of(context).ticks);
}

SQL_CALL(do_now_local_ms)
{
    give_datetime(context, instant_local_ticks(now_of(context)));
}

const SqlFunction time_functions[] = {
    {"ms_dateadd", 4, true, do_dateadd},           {"ms_datediff", 3, true, do_datediff},
    {"ms_now_offset", 0, true, do_now_offset},     {"ms_now_utc_ms", 0, true, do_now_utc_ms},
    {"ms_now_local_ms", 0, true, do_now_local_ms}, {NULL, 0, false, NULL},
};
