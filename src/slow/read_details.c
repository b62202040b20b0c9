/* What the worst executions and their baselines did, in three statements. */
#include "read_details.h"

#include "own_time.h"
#include "sheet.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"

#include <inttypes.h>
#include <stdlib.h>

enum { ID_DIGITS = 19, IDS_MAX = SLOW_DETAILED * (1 + SLOW_COMPARED) };

typedef struct Sheets {
    Sheet tasks, phases, paths;
} Sheets;

static void sheets_done(Sheets *sheets)
{
    sheet_done(&sheets->tasks);
    sheet_done(&sheets->phases);
    sheet_done(&sheets->paths);
}

/* ---- whom to ask for ------------------------------------------------------------------------- */

static size_t compared_count(const SlowRun *slow)
{
    return slow->baseline.count < SLOW_COMPARED ? slow->baseline.count : SLOW_COMPARED;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static size_t collect_ids(const SlowRun *list, size_t count, int64_t *ids)
{
    size_t n = 0, kept = 0;

    for (size_t i = 0; i < count; i++) {
        ids[n++] = list[i].run->id;
        for (size_t b = 0; b < compared_count(&list[i]); b++)
            ids[n++] = list[i].baseline.runs[b]->id;
    }
    qsort(ids, n, sizeof(*ids), by_id);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || ids[kept - 1] != ids[i])
            ids[kept++] = ids[i];
    return kept;
}

static Rc put_ids(const SlowRun *list, size_t count, Buf *out, size_t *ret_count, Err *err)
{
    int64_t ids[IDS_MAX];

    *ret_count = collect_ids(list, count, ids);
    for (size_t i = 0; i < *ret_count; i++)
        buf_printf(out, "%0*" PRId64, ID_DIGITS, ids[i]);
    return buf_check(out, "the list of executions", err);
}

/* ---- tasks ----------------------------------------------------------------------------------- */

typedef struct Timing { // the executables of one execution, until the next one begins
    Sheet *sheet;
    Arena arena;
    Timed *list;
    size_t count, capacity;
    int64_t execution_id;
} Timing;

static void timing_done(Timing *timing)
{
    arena_done(&timing->arena);
    free(timing->list);
}

static void flush(Timing *timing)
{
    own_time(timing->list, timing->count);
    for (size_t i = 0; i < timing->count; i++) {
        const Timed *timed = &timing->list[i];
        Str names[3] = {timed->package, own_time_path(timed->path, &timing->arena), timed->name};
        sheet_add(timing->sheet, timing->execution_id, names, timed->own);
    }
    timing->count = 0;
    arena_reset(&timing->arena);
}

static Str kept(Timing *timing, Str text)
{
    return text.at ? (Str){arena_copy(&timing->arena, text.at, text.len), text.len} : text;
}

/* Without a path it stands for itself, and nothing is below it. */
static Str path_of(Timing *timing, const TdsRows *rows)
{
    Str path = tds_text(rows, SQL_SLOW_EXECUTABLES__EXECUTION_PATH);

    return kept(timing, path.at ? path : tds_text(rows, SQL_SLOW_EXECUTABLES__EXECUTABLE_NAME));
}

static void take_executable(Timing *timing, const TdsRows *rows)
{
    int64_t id = tds_i64(rows, SQL_SLOW_EXECUTABLES__EXECUTION_ID);
    Instant start = tds_time(rows, SQL_SLOW_EXECUTABLES__START_TIME);
    Instant end = tds_time(rows, SQL_SLOW_EXECUTABLES__END_TIME);

    if (id != timing->execution_id)
        flush(timing);
    timing->execution_id = id;
    if (!start.is_set || !end.is_set || end.ticks < start.ticks)
        return;
    if (timing->count == timing->capacity) {
        timing->capacity = timing->capacity ? 2 * timing->capacity : 64;
        timing->list = mem_resize(timing->list, timing->capacity * sizeof(*timing->list));
    }
    Timed timed = {.start = start.ticks, .end = end.ticks, .path = path_of(timing, rows)};
    timed.package = kept(timing, tds_text(rows, SQL_SLOW_EXECUTABLES__PACKAGE_NAME));
    timed.name = kept(timing, tds_text(rows, SQL_SLOW_EXECUTABLES__EXECUTABLE_NAME));
    if (timed.path.at)
        timing->list[timing->count++] = timed;
}

static Rc read_tasks(const Ssisdb *db, const TdsArg *args, size_t arg_count, Sheet *sheet, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    AUTO(timing_done) Timing timing = {.sheet = sheet};
    bool has_row = true;

    TRY(tds_query(db->tds, SQL_SLOW_EXECUTABLES, args, arg_count, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            break;
        take_executable(&timing, rows);
    }
    flush(&timing);
    return RC_OK;
}

/* ---- phases and paths ------------------------------------------------------------------------ */

/* Rows of an id, three names and a number. */
static Rc read_sheet(const Ssisdb *db, SqlId statement, const TdsArg *args, size_t arg_count,
                     int64_t unit, Sheet *sheet, Err *err)
{
    enum { ID, FIRST_NAME, VALUE = 4 };
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = true;

    TRY(tds_query(db->tds, statement, args, arg_count, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        Str names[3];
        for (int i = 0; i < 3; i++)
            names[i] = tds_text(rows, FIRST_NAME + i);
        sheet_add(sheet, tds_i64(rows, ID), names, sat_mul(tds_i64(rows, VALUE), unit));
    }
}

static Rc read_sheets(const Ssisdb *db, const SlowRun *list, size_t count, Sheets *sheets, Err *err)
{
    AUTO(buf_done) Buf ids = BUF((size_t)IDS_MAX * ID_DIGITS);
    size_t id_count;

    TRY(put_ids(list, count, &ids, &id_count, err));
    const TdsArg args[] = {{.name = "ids", .text = buf_text(&ids)},
                           {.name = "id_count", .i64 = (int64_t)id_count}};
    if (read_tasks(db, args, ARRAY_LEN(args), &sheets->tasks, err) != RC_OK)
        return err_note(err, "reading the run time of tasks");
    if (read_sheet(db, SQL_SLOW_PHASES, args, ARRAY_LEN(args), TICKS_PER_MS, &sheets->phases,
                   err) != RC_OK)
        return err_note(err, "reading the phases of components");
    if (read_sheet(db, SQL_SLOW_ROWS_SENT, args, ARRAY_LEN(args), 1, &sheets->paths, err) != RC_OK)
        return err_note(err, "reading the rows that components sent");
    return RC_OK;
}

Rc read_details(const Ssisdb *db, const SlowRun *list, size_t count, Arena *arena,
                SlowDetail *ret_details, Err *err)
{
    AUTO(sheets_done) Sheets sheets = {0};

    TRY(read_sheets(db, list, count, &sheets, err));
    sheet_close(&sheets.tasks);
    sheet_close(&sheets.phases);
    sheet_close(&sheets.paths);
    for (size_t i = 0; i < count; i++) {
        int64_t id = list[i].run->id;
        const Run *const *others = list[i].baseline.runs;
        size_t n = compared_count(&list[i]);
        ret_details[i] = (SlowDetail){
            .tasks = sheet_compare(&sheets.tasks, id, others, n, arena),
            .phases = sheet_compare(&sheets.phases, id, others, n, arena),
            .paths = sheet_compare(&sheets.paths, id, others, n, arena),
        };
    }
    return RC_OK;
}
