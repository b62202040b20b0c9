/* Dates: parts, sums and differences as T-SQL counts them. */
#include "call.h"

static Instant time_arg(sqlite3_value *value)
{
    return time_unpack(sqlite3_value_int64(value));
}

static void give_time(sqlite3_context *context, Instant at)
{
    if (!instant_fits(at)) {
        call_refuse(context, 517, "Adding a value to a date column caused an overflow.");
        return;
    }
    sqlite3_result_int64(context, time_pack(at));
}

static int64_t ticks_of(sqlite3_value *part)
{
    static const struct {
        const char *part;
        int64_t ticks;
    } parts[] = {{"day", TICKS_PER_DAY},
                 {"hour", 3600 * TICKS_PER_SECOND},
                 {"minute", 60 * TICKS_PER_SECOND},
                 {"second", TICKS_PER_SECOND},
                 {"millisecond", TICKS_PER_MS}};
    size_t i = 0;
    while (!str_equal(call_text(part), str_of(parts[i].part)))
        i++;
    return parts[i].ticks;
}

/* ms_dateadd(part, number, time, type) */
SQL_CALL(do_dateadd)
{
    if (call_has_null(count, values))
        return;
    Instant at = time_arg(values[2]);
    int64_t local = instant_local_ticks(at), ticks;
    bool ok =
        !__builtin_mul_overflow(sqlite3_value_int64(values[1]), ticks_of(values[0]), &ticks) &&
        !__builtin_add_overflow(local, ticks, &local);
    if (!ok || local < 0) {
        call_refuse(context, MSG(517), type_name(type_unpack(sqlite3_value_int64(values[3]))));
        return;
    }
    give_time(context, instant_of_local(local, at.offset_minutes));
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Boundaries crossed, in UTC where there is an offset. */
SQL_CALL(do_datediff)
{
    if (call_has_null(count, values))
        return;
    int64_t ticks = ticks_of(values[0]);
    int64_t crossed =
        floor_div(time_arg(values[2]).ticks, ticks) - floor_div(time_arg(values[1]).ticks, ticks);
    if (crossed >= INT32_MIN && crossed <= INT32_MAX) {
        sqlite3_result_int64(context, crossed);
        return;
    }
    call_refuse(context, MSG(535));
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
