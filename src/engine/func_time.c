/* Dates: parts, sums and differences as T-SQL counts them. */
#include "call.h"

#include <stdlib.h>
#include <string.h>

static bool null_in(sqlite3_context *context, int count, sqlite3_value **values)
{
    if (!call_has_null(count, values))
        return false;
    sqlite3_result_null(context);
    return true;
}

static Instant time_arg(sqlite3_value *value)
{
    return engine_decode_time(sqlite3_value_int64(value));
}

static void give_time(sqlite3_context *context, Instant at)
{
    if (!instant_fits(at)) {
        fault_set(call_fault(context), 517, 0,
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
static void do_dateadd(sqlite3_context *context, int count, sqlite3_value **values)
{
    if (null_in(context, count, values))
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
        fault_set(call_fault(context), 517, 0,
                  "Adding a value to a '%s' column caused an overflow.",
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

static void give_difference(sqlite3_context *context, int count, sqlite3_value **values,
                            bool is_big)
{
    int64_t difference_count = 0;
    if (null_in(context, count, values))
        return;
    bool ok = difference(values, &difference_count);
    if (ok && (is_big || (difference_count >= INT32_MIN && difference_count <= INT32_MAX))) {
        sqlite3_result_int64(context, difference_count);
        return;
    }
    fault_set(call_fault(context), 535, 0,
              "The %s function resulted in an overflow. The number of dateparts separating two "
              "date/time instances is too large. Try to use %s with a less precise datepart.",
              is_big ? "datediff_big" : "datediff", is_big ? "datediff_big" : "datediff");
    call_fail(context);
}

static void do_datediff(sqlite3_context *context, int count, sqlite3_value **values)
{
    give_difference(context, count, values, false);
}

static void do_datediff_big(sqlite3_context *context, int count, sqlite3_value **values)
{
    give_difference(context, count, values, true);
}

static int64_t iso_week(int64_t days)
{
    int year, month, day;
    int64_t thursday = days / 7 * 7 + 3; // of the same Monday-to-Sunday week
    time_civil_from_days(thursday, &year, &month, &day);
    return (thursday - time_days_from_civil(year, 1, 1)) / 7 + 1;
}

static int64_t part_of(Instant at, sqlite3_value *part)
{
    int year, month, day;
    int64_t local = instant_local_ticks(at), days = local / TICKS_PER_DAY,
            ticks = local % TICKS_PER_DAY;
    time_civil_from_days(days, &year, &month, &day);
    int64_t new_year = time_days_from_civil(year, 1, 1);
    const struct {
        const char *name;
        int64_t value;
    } parts[] = {
        {"year", year},
        {"quarter", (month + 2) / 3},
        {"month", month},
        {"dayofyear", days - new_year + 1},
        {"day", day},
        {"week", (days - new_year + (new_year + 1) % 7) / 7 + 1},
        {"iso_week", iso_week(days)},
        {"weekday", (days + 1) % 7 + 1}, // Sunday is 1
        {"hour", ticks / (3600 * TICKS_PER_SECOND)},
        {"minute", ticks / (60 * TICKS_PER_SECOND) % 60},
        {"second", ticks / TICKS_PER_SECOND % 60},
        {"millisecond", ticks % TICKS_PER_SECOND / TICKS_PER_MS},
        {"microsecond", ticks % TICKS_PER_SECOND / 10},
        {"nanosecond", ticks % TICKS_PER_SECOND * 100},
        {"tzoffset", at.offset_minutes},
    };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (part_is(part, parts[i].name))
            return parts[i].value;
    return 0;
}

static void do_datepart(sqlite3_context *context, int count, sqlite3_value **values)
{
    if (!null_in(context, count, values))
        sqlite3_result_int64(context, part_of(time_arg(values[1]), values[0]));
}

static void do_datename(sqlite3_context *context, int count, sqlite3_value **values)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};
    if (null_in(context, count, values))
        return;
    int64_t value = part_of(time_arg(values[1]), values[0]);
    if (part_is(values[0], "month")) {
        call_return_text(context, str_of(months[value - 1]));
    } else if (part_is(values[0], "weekday")) {
        call_return_text(context, str_of(days[value - 1]));
    } else {
        Buf text = BUF(32);
        buf_printf(&text, "%lld", (long long)value);
        call_return_text(context, (Str){buf_text(&text), text.len});
        buf_done(&text);
    }
}

static void give_civil(sqlite3_context *context, int count, sqlite3_value **values, int which)
{
    if (null_in(context, count, values))
        return;
    int parts[3];
    time_civil_from_days(instant_local_ticks(time_arg(values[0])) / TICKS_PER_DAY, &parts[0],
                         &parts[1], &parts[2]);
    sqlite3_result_int(context, parts[which]);
}

static void do_year(sqlite3_context *context, int count, sqlite3_value **values)
{
    give_civil(context, count, values, 0);
}

static void do_month(sqlite3_context *context, int count, sqlite3_value **values)
{
    give_civil(context, count, values, 1);
}

static void do_day(sqlite3_context *context, int count, sqlite3_value **values)
{
    give_civil(context, count, values, 2);
}

/* '+02:00' or a number of minutes. */
static bool zone_minutes(sqlite3_context *context, sqlite3_value *value, int *ret_minutes)
{
    Str text = call_text(value);
    int64_t number = 0;
    bool ok = str_to_i64(text, &number);
    if (!ok && text.len == 6 && text.at[3] == ':' && (text.at[0] == '+' || text.at[0] == '-')) {
        int64_t hours = 0, minutes = 0;
        ok = str_to_i64((Str){text.at + 1, 2}, &hours) &&
             str_to_i64((Str){text.at + 4, 2}, &minutes);
        number = (hours * 60 + minutes) * (text.at[0] == '-' ? -1 : 1);
    }
    *ret_minutes = (int)number;
    if (ok && number >= -14 * 60 && number <= 14 * 60)
        return true;
    fault_set(call_fault(context), 9812, 0,
              "The timezone provided to builtin function is invalid.");
    call_fail(context);
    return false;
}

static void do_switchoffset(sqlite3_context *context, int count, sqlite3_value **values)
{
    int minutes;
    if (null_in(context, count, values) || !zone_minutes(context, values[1], &minutes))
        return;
    Instant at = time_arg(values[0]);
    at.offset_minutes = (int16_t)minutes;
    give_time(context, at);
}

static void do_todatetimeoffset(sqlite3_context *context, int count, sqlite3_value **values)
{
    int minutes;
    if (null_in(context, count, values) || !zone_minutes(context, values[1], &minutes))
        return;
    give_time(context, instant_of_local(instant_local_ticks(time_arg(values[0])), minutes));
}

static Instant now_of(sqlite3_context *context)
{
    Session *session = call_session(context);
    return session ? session->now : time_now();
}

static void do_now_offset(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    (void)values;
    give_time(context, now_of(context));
}

static int64_t to_datetime(int64_t ticks)
{
    return ticks / TICKS_PER_MS * TICKS_PER_MS;
}

static void do_now_utc(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    (void)values;
    give_time(context, instant_of_local(now_of(context).ticks, 0));
}

static void do_now_local(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    (void)values;
    give_time(context, instant_of_local(instant_local_ticks(now_of(context)), 0));
}

static void do_now_utc_ms(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    (void)values;
    give_time(context, instant_of_local(to_datetime(now_of(context).ticks), 0));
}

static void do_now_local_ms(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    (void)values;
    give_time(context, instant_of_local(to_datetime(instant_local_ticks(now_of(context))), 0));
}

const SqlFunction time_functions[] = {
    {"ms_dateadd", 4, true, do_dateadd},
    {"ms_datediff", 3, true, do_datediff},
    {"ms_datediff_big", 3, true, do_datediff_big},
    {"ms_datepart", 2, true, do_datepart},
    {"ms_datename", 2, true, do_datename},
    {"ms_year", 1, true, do_year},
    {"ms_month", 1, true, do_month},
    {"ms_day", 1, true, do_day},
    {"ms_switchoffset", 2, true, do_switchoffset},
    {"ms_todatetimeoffset", 2, true, do_todatetimeoffset},
    {"ms_now_offset", 0, true, do_now_offset},
    {"ms_now_utc", 0, true, do_now_utc},
    {"ms_now_local", 0, true, do_now_local},
    {"ms_now_utc_ms", 0, true, do_now_utc_ms},
    {"ms_now_local_ms", 0, true, do_now_local_ms},
    {NULL, 0, false, NULL},
};
