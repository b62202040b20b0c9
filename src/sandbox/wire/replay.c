/* A prepared result at memory speed, so that a benchmark measures the client. */
#include "replay.h"

#include "ssisminer/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BLOCK_ROWS = 4000, ROWS_MAX = 1000000000, BLOCK_BYTES_MAX = 64 * 1024 * 1024 };

struct Replay {
    int64_t rows;
    Instant now; // the rows are of the hour before
};

Rc replay_parse(const char *rows, Replay **ret_replay, Err *err)
{
    int64_t count = 0;

    if (!rows) {
        *ret_replay = NULL;
        return RC_OK;
    }
    if (!str_to_i64(str_of(rows), &count) || count < 0 || count > ROWS_MAX)
        return FAIL(err, RC_USAGE, "replay '%s' is no number of rows between 0 and %d", rows,
                    ROWS_MAX);
    Replay *replay = mem_alloc(sizeof(*replay));
    replay->rows = count;
    replay->now = time_now();
    *ret_replay = replay;
    return RC_OK;
}

void replay_free(Replay *replay)
{
    free(replay);
}

/* What waits to be sent is sent by the kernel when the client acknowledges, on loopback on the
 * client's time. A replay is there to measure the client: its rows wait before the socket. */
void replay_tune(const Replay *replay, const Link *link)
{
    int send_bytes = 64 * 1024;

    if (replay)
        (void)setsockopt(link->fd, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof(send_bytes));
}

/* ---- which statements ------------------------------------------------------------------------ */

/* The words in either case, brackets and blanks seen through: "[catalog].[event_messages]". */
static bool has_words(Str text, const char *words)
{
    size_t wanted = strlen(words);

    for (size_t from = 0; from < text.len; from++) {
        size_t found = 0;
        for (size_t at = from; at < text.len && found < wanted; at++) {
            if (strchr("[] \t\r\n", text.at[at]))
                continue;
            if (str_fold(text.at[at]) != words[found])
                break;
            found++;
        }
        if (found == wanted)
            return true;
    }
    return false;
}

bool replay_wants(const Replay *replay, Str statement)
{
    /* Only reading counts: a probe may name it in a text, freebcp asks for the shape. */
    static const char *const reads[] = {"fromcatalog.event_messages", "joincatalog.event_messages",
                                        "fromssisdb.catalog.event_messages"};

    if (!replay || has_words(statement, "setfmtonlyon"))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(reads); i++)
        if (has_words(statement, reads[i]))
            return true;
    return false;
}

/* ---- made-up rows ---------------------------------------------------------------------------- */

/* Everyday text; one row in a hundred gets the last. */
static const char *const messages[] = {
    "Data Flow Task:Information: The final commit for the data insertion in \"OLE DB Destination\" "
    "has started. Rows so far %d, buffers 12, elapsed 00:00:14.203, memory 48 MB, machine WRK%02d.",
    "Load customers:Information: Validation phase is beginning for component %d in worker WRK%02d; "
    "the pipeline has 14 components, 3 execution trees and a buffer size of 10485760 bytes.",
    "Package:Warning: Truncation may occur due to inserting data from data flow column %d with a "
    "length of 255 to database column with a length of 50, in the destination table of WRK%02d.",
    "Execute SQL Task:Finished, 02:13:%d, Elapsed time: 00:00:00.515 on WRK%02d. The statement "
    "returned one row in its result set and the value was stored in the variable User::RowCount.",
};
static const char known_error[] =
    "Data Flow Task:Error: SSIS Error Code DTS_E_OLEDBERROR, row %d of WRK%02d. Description: "
    "\"Resource ID: 1. The request limit for the database is 60 and has been reached.\" Stopped.";

static Str make_message(Arena *arena, int64_t row)
{
    int number = (int)(row % 100000), worker = (int)(row % 16);
    char text[512];

/* The formats are the constants above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    if (row % 100 == 37)
        snprintf(text, sizeof(text), known_error, number, worker);
    else
        snprintf(text, sizeof(text), messages[row % (int64_t)ARRAY_LEN(messages)], number, worker);
#pragma GCC diagnostic pop
    return str_of(arena_text(arena, text));
}

typedef struct Row {
    int64_t number; // 0 to BLOCK_ROWS
    Instant now;
    Arena *arena;
} Row;

/* What some columns hold. */
typedef enum Meaning { OPERATION, TYPE, SOURCE_TYPE, MESSAGE, PACKAGE, EVENT, NOTHING } Meaning;

static const struct {
    const char *name;
    SbTypeId id;
    Meaning meaning;
} named[] = {
    {"operation_id", SB_BIGINT, OPERATION},   {"execution_id", SB_BIGINT, OPERATION},
    {"message_type", SB_SMALLINT, TYPE},      {"message_source_type", SB_SMALLINT, SOURCE_TYPE},
    {"message", SB_NVARCHAR, MESSAGE},        {"package_name", SB_NVARCHAR, PACKAGE},
    {"event_name", SB_NVARCHAR, EVENT},       {"message_code", SB_INT, NOTHING},
    {"extended_info_id", SB_BIGINT, NOTHING},
};

static void make_meant(const Row *row, Meaning meaning, SbValue *value)
{
    enum { CONTROL_FLOW = 40, INFORMATION = 70, ERROR = 120 };
    bool is_error = row->number % 100 == 37;

    value->is_null = meaning == NOTHING;
    if (meaning == OPERATION)
        value->i64 = 1 + row->number / 200;
    else if (meaning == TYPE)
        value->i64 = is_error ? ERROR : INFORMATION;
    else if (meaning == SOURCE_TYPE)
        value->i64 = CONTROL_FLOW;
    else if (meaning == MESSAGE)
        value->bytes = make_message(row->arena, row->number);
    else if (meaning == PACKAGE)
        value->bytes =
            str_of(arena_printf(row->arena, "Package%02d.dtsx", (int)(row->number / 200 % 40)));
    else if (meaning == EVENT)
        value->bytes = str_of(is_error ? "OnError" : "OnInformation");
}

/* Any other column gets some value of its type. */
static void make_any(const Row *row, const SbType *type, SbValue *value)
{
    value->i64 = type->id == SB_BIT       ? 0
                 : type->id == SB_TINYINT ? row->number % 200
                                          : row->number % 30000;
    value->f64 = (double)row->number;
    int64_t before = (BLOCK_ROWS - row->number) * 3600 * TICKS_PER_SECOND / BLOCK_ROWS;
    value->time = (Instant){.ticks = row->now.ticks - before, .is_set = true};
    value->is_null = type->id == SB_SQL_VARIANT;
    if (type->id == SB_NVARCHAR || type->id == SB_VARBINARY)
        value->bytes = str_of(type->max_chars < 0 || type->max_chars >= 4 ? "Task" : "");
    if (type->id == SB_UNIQUEIDENTIFIER)
        value->bytes = str_of(
            arena_printf(row->arena, "%08" PRIX64 "-0000-4000-8000-000000000000", row->number));
    if (type->id == SB_DECIMAL)
        value->bytes = str_of("1");
}

static void make_value(const Row *row, const char *column, const SbType *type, SbValue *value)
{
    *value = (SbValue){0};
    for (size_t i = 0; i < ARRAY_LEN(named); i++) {
        bool is_number = type->id <= SB_BIGINT && named[i].id <= SB_BIGINT;
        if (str_same_fold(named[i].name, column) && (is_number || type->id == named[i].id)) {
            make_meant(row, named[i].meaning, value);
            return;
        }
    }
    make_any(row, type, value);
}

/* ---- running --------------------------------------------------------------------------------- */

static bool put_row(const Response *response, Buf *block, const SbColumn *columns, size_t count,
                    const Row *row)
{
    put_u8(block, TOKEN_ROW);
    for (size_t i = 0; i < count; i++) {
        SbValue value;
        make_value(row, columns[i].name, &columns[i].type, &value);
        if (!response_put_value(response, block, &columns[i].type, &value))
            return false;
    }
    return !block->over;
}

/* Encodes rows once; ret_cut is where the last, partial block ends. */
static bool encode(const Response *response, Buf *block, const SbColumn *columns, size_t count,
                   size_t *ret_cut)
{
    const Replay *replay = replay_of(response);
    AUTO(arena_done) Arena arena = {0};
    Row row = {.arena = &arena, .now = replay->now};

    for (row.number = 0; row.number < BLOCK_ROWS; row.number++) {
        if (row.number == replay->rows % BLOCK_ROWS)
            *ret_cut = block->len;
        if (!put_row(response, block, columns, count, &row))
            return false;
        arena_reset(&arena);
    }
    return true;
}

static void blast(Response *response, const Buf *block, size_t cut)
{
    const Replay *replay = replay_of(response);
    int64_t rows = replay->rows, blocks = rows / BLOCK_ROWS;
    bool goes_on = true;

    for (int64_t i = 0; i < blocks && goes_on; i++)
        goes_on = response_put_rows(response, block->text, block->len, BLOCK_ROWS);
    if (goes_on)
        (void)response_put_rows(response, buf_text(block), cut, rows % BLOCK_ROWS);
    (void)response_sink(response).done(response, true, true, rows);
}

/* Lets the columns through, then answers instead of the engine, whose rows are not wanted. */
static bool take_columns(void *context, const SbColumn *columns, size_t count)
{
    Response *response = context;
    AUTO(buf_done) Buf block = BUF(BLOCK_BYTES_MAX);
    size_t cut = 0;

    if (!response_sink(response).columns(response, columns, count))
        return false;
    if (!encode(response, &block, columns, count, &cut))
        (void)response_error(response, 50000, 16, "The replay cannot make rows of this shape.");
    else
        blast(response, &block, cut);
    return false;
}

SbSink replay_sink(Response *response)
{
    SbSink sink = response_sink(response);

    sink.columns = take_columns;
    return sink;
}
