/* Rows of an export of event messages: columns by their names, rows of one operation together. */
#include "internal.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/ssisdb/ssisdb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- columns -----------------------------------------------------------------------------------
 */

static const struct {
    const char *name; // folded, without underscores
    Field field;
} names[] = {
    {"operationid", FIELD_OPERATION},
    {"executionid", FIELD_OPERATION},
    {"messagetime", FIELD_TIME},
    {"timegenerated", FIELD_TIME},
    {"messagetype", FIELD_TYPE},
    {"messagesourcetype", FIELD_SOURCE_TYPE},
    {"messagecode", FIELD_CODE},
    {"packagename", FIELD_PACKAGE},
    {"messagesourcename", FIELD_SOURCE_NAME},
    {"subcomponentname", FIELD_SUBCOMPONENT},
    {"packagepath", FIELD_PACKAGE_PATH},
    {"executionpath", FIELD_EXECUTION_PATH},
    {"message", FIELD_TEXT},
};

/* AzureDiagnostics adds the type of a column to its name ("message_s"), the portal the zone of a
 * time ("TimeGenerated [UTC]"). */
static Str without_suffix(Str name)
{
    const char *zone = memchr(name.at, '[', name.len);

    if (zone)
        name = str_trim((Str){name.at, (size_t)(zone - name.at)});
    if (name.len > 2 && name.at[name.len - 2] == '_' &&
        strchr("sdgtb", str_fold(name.at[name.len - 1])))
        name.len -= 2;
    return name;
}

static bool is_named(Str name, const char *folded)
{
    size_t at = 0;

    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] == '_' || name.at[i] == ' ')
            continue;
        if (folded[at] == '\0' || str_fold(name.at[i]) != folded[at])
            return false;
        at++;
    }
    return folded[at] == '\0';
}

Field field_named(Str name)
{
    name = without_suffix(str_trim(name));
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (is_named(name, names[i].name))
            return names[i].field;
    return FIELD_COUNT;
}

/* ---- rows --------------------------------------------------------------------------------------
 */

typedef struct Kept {
    int64_t operation; // 0: none, a record of its own
    size_t order;      // of its operation: that of its first row
    size_t line, at;
    DiagMessage message;
} Kept;

struct Rows {
    Arena arena;
    Kept *at;
    size_t count, capacity;
};

Rows *rows_new(void)
{
    return mem_alloc(sizeof(Rows));
}

void rows_free_at(Rows **rows)
{
    if (!*rows)
        return;
    arena_done(&(*rows)->arena);
    free(*rows);
    *rows = NULL;
}

static const char *text_or_null(Rows *rows, Str text)
{
    return text.at && text.len > 0 ? arena_copy(&rows->arena, text.at, text.len) : NULL;
}

/* "5/1/2024, 10:00:02.123 AM", as the portal writes it; 0 if it is not that. */
static int64_t ticks_of_portal(const char *text)
{
    int month, day, year, hour, minute;
    double second;
    char half = '\0';

    if (sscanf(text, "%d/%d/%d, %d:%d:%lf %c", &month, &day, &year, &hour, &minute, &second,
               &half) < 6 ||
        month < 1 || month > 12 || day < 1 || day > 31 || year < 1 || year > 9999 || hour < 0 ||
        hour > 23 || minute < 0 || minute > 59 || !(second >= 0 && second < 60))
        return 0;
    if (half != '\0')
        hour = hour % 12 + (half == 'P' || half == 'p' ? 12 : 0);
    return time_days_from_civil(year, month, day) * TICKS_PER_DAY +
           (hour * 60 + minute) * 60 * TICKS_PER_SECOND +
           (int64_t)(second * (double)TICKS_PER_SECOND);
}

static int64_t ticks_of(Str text, Arena *arena)
{
    Instant at;
    Err ignored = {0};

    if (!text.at || text.len == 0 || !strchr("0123456789", text.at[0]))
        return 0;
    const char *copy = arena_copy(arena, text.at, text.len);
    bool is_iso = time_parse(copy, (Instant){0}, &at, &ignored) == RC_OK;
    return is_iso ? at.ticks : ticks_of_portal(copy);
}

static Str or_empty(Str text)
{
    return text.at ? text : str_of("");
}

bool rows_add(Rows *rows, size_t line, const Str values[FIELD_COUNT])
{
    Str text = or_empty(values[FIELD_TEXT]);

    if (arena_used(&rows->arena) > LOG_ROWS_MAX_BYTES)
        return false;
    rows->at = arena_grow(&rows->arena, rows->at, rows->count, rows->count + 1, &rows->capacity,
                          sizeof(*rows->at));
    rows->at[rows->count] = (Kept){
        .operation = value_code(or_empty(values[FIELD_OPERATION])),
        .line = line,
        .at = rows->count,
        .message =
            {
                .text = {arena_copy(&rows->arena, text.at, text.len), text.len},
                .code = value_code(or_empty(values[FIELD_CODE])),
                .type = value_message_type(or_empty(values[FIELD_TYPE])),
                .source_type = value_message_type(or_empty(values[FIELD_SOURCE_TYPE])),
                .ticks = ticks_of(values[FIELD_TIME], &rows->arena),
                .package = text_or_null(rows, values[FIELD_PACKAGE]),
                .source_name = text_or_null(rows, values[FIELD_SOURCE_NAME]),
                .subcomponent = text_or_null(rows, values[FIELD_SUBCOMPONENT]),
                .package_path = text_or_null(rows, values[FIELD_PACKAGE_PATH]),
                .execution_path = text_or_null(rows, values[FIELD_EXECUTION_PATH]),
            },
    };
    rows->count++;
    return true;
}

/* ---- operations --------------------------------------------------------------------------------
 */

static int by_operation(const void *a, const void *b)
{
    const Kept *x = a, *y = b;

    if (x->operation != y->operation)
        return x->operation < y->operation ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

static int by_order(const void *a, const void *b)
{
    const Kept *x = a, *y = b;

    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    if (x->message.ticks != y->message.ticks)
        return x->message.ticks < y->message.ticks ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

/* Operations in the order of their first rows; within one, by time. */
static void put_in_order(Rows *rows)
{
    qsort(rows->at, rows->count, sizeof(*rows->at), by_operation);
    for (size_t i = 0; i < rows->count; i++) {
        bool is_same = i > 0 && rows->at[i].operation != 0 &&
                       rows->at[i].operation == rows->at[i - 1].operation;
        rows->at[i].order = is_same ? rows->at[i - 1].order : rows->at[i].at;
    }
    qsort(rows->at, rows->count, sizeof(*rows->at), by_order);
}

static Rc tell_operation(Reader *reader, const Kept *rows, size_t count, Err *err)
{
    DiagMessage *messages = arena_alloc_array(&reader->arena, count, sizeof(*messages));
    size_t line = rows[0].line;

    for (size_t i = 0; i < count; i++) {
        messages[i] = rows[i].message;
        line = rows[i].line < line ? rows[i].line : line;
    }
    LogRecord record = {.line = line,
                        .messages = messages,
                        .message_count = count,
                        .operation_id = rows[0].operation};
    Rc rc = reader_tell(reader, &record, err);
    arena_reset(&reader->arena);
    return rc;
}

Rc rows_tell(Rows *rows, Reader *reader, Err *err)
{
    if (rows->count == 0)
        return RC_OK;
    put_in_order(rows);
    for (size_t at = 0; at < rows->count;) {
        size_t count = 1;
        while (at + count < rows->count && rows->at[at + count].order == rows->at[at].order)
            count++;
        TRY(tell_operation(reader, &rows->at[at], count, err));
        at += count;
    }
    return RC_OK;
}
