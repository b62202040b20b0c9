/* Live operations without a sign of life. */
#include "ssisminer/ssisdb/silent.h"

#include "ssisminer/base/sat.h"

/* Not all that began long ago are silent: so many more are read than are asked for. */
enum { READ_FOR_ONE = 10 };

static const char *copy(Arena *arena, const TdsRows *rows, int column)
{
    Str text = tds_text(rows, column);

    return text.at ? arena_copy(arena, text.at, text.len) : NULL;
}

static Instant later(Instant a, Instant b)
{
    return !a.is_set || (b.is_set && b.ticks > a.ticks) ? b : a;
}

static Instant last_sign(const TdsRows *rows)
{
    return later(tds_time(rows, SQL_SSISDB_SILENT__LAST_EXECUTABLE),
                 later(tds_time(rows, SQL_SSISDB_SILENT__LAST_MESSAGE),
                       tds_time(rows, SQL_SSISDB_SILENT__LAST_SCALEOUT_MESSAGE)));
}

static SilentOperation read_operation(const TdsRows *rows, Arena *arena)
{
    return (SilentOperation){
        .id = tds_i64(rows, SQL_SSISDB_SILENT__OPERATION_ID),
        .type = sat_int(tds_i64(rows, SQL_SSISDB_SILENT__OPERATION_TYPE)),
        .status = sat_int(tds_i64(rows, SQL_SSISDB_SILENT__STATUS)),
        .object_name = copy(arena, rows, SQL_SSISDB_SILENT__OBJECT_NAME),
        .caller = copy(arena, rows, SQL_SSISDB_SILENT__CALLER_NAME),
        .began = tds_time(rows, SQL_SSISDB_SILENT__BEGAN),
        .last_sign = last_sign(rows),
        .logs_nothing = str_equal(tds_text(rows, SQL_SSISDB_SILENT__LOGGING_LEVEL), str_of("0")),
    };
}

Rc silent_read(const Ssisdb *db, bool from_tables, size_t most, Arena *arena,
               SilentOperations *ret_silent, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    SilentOperation *list = arena_alloc_array(arena, most + 1, sizeof(*list));
    size_t count = 0;
    bool has_row = false, has_more = false;
    Instant before = time_add(db->server_now, -SILENT_HOURS * (TICKS_PER_DAY / 24));

    const TdsArg args[] = {{.name = "before", .time = before},
                           {.name = "row_limit", .i64 = READ_FOR_ONE * (int64_t)most}};
    TRY(tds_query(db->tds, from_tables ? SQL_SSISDB_SILENT : SQL_SSISDB_SILENT_VIEW, args,
                  ARRAY_LEN(args), &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            break;
        Instant sign = last_sign(rows);
        if (sign.is_set && sign.ticks > before.ticks)
            continue;
        has_more = count == most;
        if (!has_more)
            list[count++] = read_operation(rows, arena);
    }
    *ret_silent = (SilentOperations){list, count, has_more};
    return RC_OK;
}
