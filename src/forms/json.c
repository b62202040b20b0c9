/*
 * JSON to records. What a value is, its keys tell: an execution ("messages"), a message ("text"),
 * activity output of Data Factory ("OperationErrorMessages", "output", "error"), a table of Log
 * Analytics ("tables"), one of its rows ("Message" with "OperationId"), a list of any of them.
 */
#include "json.h"

#include "stamp.h"

#include "ssisminer/ssisdb/ssisdb.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void json_delete_at(cJSON **json)
{
    cJSON_Delete(*json);
}

/* ---- parsing --------------------------------------------------------------------------------- */

static bool is_hex_of(const char *at, const char *pattern)
{
    for (size_t i = 0; i < 4; i++) {
        char c = str_fold(at[i]);
        bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (!is_hex ||
            (pattern[i] != '?' && !strchr(pattern[i] == 'H'   ? "89ab"
                                          : pattern[i] == 'L' ? "cdef"
                                                              : (char[]){pattern[i], '\0'},
                                          c)))
            return false;
    }
    return true;
}

/* \uD83D without its other half, and \u0000, become \uFFFD: cJSON would refuse the one and end
 * the text at the other. */
static void mend_escapes(char *text, size_t len)
{
    for (size_t at = 0; at + 1 < len; at++) {
        if (text[at] != '\\')
            continue;
        at++;
        if (text[at] != 'u' || at + 5 > len)
            continue;
        char *digits = text + at + 1;
        bool is_pair = at + 11 <= len && is_hex_of(digits, "dH??") && digits[4] == '\\' &&
                       digits[5] == 'u' && is_hex_of(digits + 6, "dL??");
        if (is_pair)
            at += 10;
        else if (is_hex_of(digits, "dH??") || is_hex_of(digits, "dL??") ||
                 is_hex_of(digits, "0000"))
            memcpy(digits, "FFFD", 4);
    }
}

static size_t skip_blanks(const char *text, size_t len, size_t at)
{
    while (at < len && strchr(" \t\r\n", text[at]) && text[at] != '\0')
        at++;
    return at;
}

/* Where a parse went wrong, and why. */
enum { JSON_SMALL = 256 * 1024 }; // a file of so many bytes is held

typedef struct Fault {
    size_t at;
    const char *why;
} Fault;

static char last_of(const char *text, size_t len)
{
    Str whole = str_trim((Str){text, len});

    return whole.len > 0 ? whole.at[whole.len - 1] : ' ';
}

/* The next value of several, as people paste them one below the other; ret_next: what follows it.
 * NULL: what is wrong, and where, is in ret_fault. */
static cJSON *parse_next(char *text, size_t len, size_t *ret_next, Fault *ret_fault)
{
    const char *end = text;

    mend_escapes(text, len);
    cJSON *json = cJSON_ParseWithLengthOpts(text, len, &end, 0);
    size_t at = (size_t)(end - text), next = skip_blanks(text, len, at);
    if (json && next < len && text[next] == ',')
        next = skip_blanks(text, len, next + 1);
    *ret_next = next;
    if (json && (next >= len || text[next] == '{' || text[next] == '['))
        return json;
    bool is_cut = !json && (at >= len || !strchr("}]", last_of(text, len)));
    *ret_fault = (Fault){json ? next : at, json     ? "something follows the end of the JSON"
                                           : is_cut ? "the JSON breaks off"
                                                    : "this is no JSON"};
    cJSON_Delete(json);
    return NULL;
}

static cJSON *parse(char *text, size_t len, Fault *ret_fault)
{
    size_t next = 0;
    cJSON *json = parse_next(text, len, &next, ret_fault);

    if (json && next < len) {
        *ret_fault = (Fault){next, "something follows the end of the JSON"};
        cJSON_Delete(json);
        return NULL;
    }
    return json;
}

static Rc tell_fault(Reader *reader, size_t first_line, const char *text, const Fault *fault,
                     Err *err)
{
    size_t line = first_line, column = 1;

    for (size_t i = 0; i < fault->at; i++) {
        line += text[i] == '\n';
        column = text[i] == '\n' ? 1 : column + 1;
    }
    return reader_tell_trouble(reader, line, column, fault->why, err);
}

/* ---- values ---------------------------------------------------------------------------------- */

Str json_text_of(const cJSON *value, Arena *arena)
{
    if (cJSON_IsString(value))
        return str_of(value->valuestring);
    if (!cJSON_IsNumber(value))
        return (Str){0};
    double number = value->valuedouble;
    bool is_whole = number > -9e15 && number < 9e15 && number == (double)(int64_t)number;
    return str_of(is_whole ? arena_printf(arena, "%" PRId64, (int64_t)number)
                           : arena_printf(arena, "%.17g", number));
}

const cJSON *json_get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItem(object, key); // in any case
}

const cJSON *json_first_of(const cJSON *object, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const cJSON *value = json_get(object, keys[i]);
        if (value && !cJSON_IsNull(value))
            return value;
    }
    return NULL;
}

const char *json_name_of(const cJSON *value)
{
    return cJSON_IsString(value) && value->valuestring[0] != '\0' ? value->valuestring : NULL;
}

static int64_t number_of(const cJSON *value, Arena *arena)
{
    Str text = json_text_of(value, arena);

    return text.at ? value_code(text) : 0;
}

/* ---- a message and an execution -------------------------------------------------------------- */

int64_t json_ticks_of(const cJSON *value)
{
    Instant at;
    Err ignored = {0};

    if (!cJSON_IsString(value) || !strchr("0123456789", value->valuestring[0]) ||
        value->valuestring[0] == '\0')
        return 0;
    return time_parse(value->valuestring, (Instant){0}, &at, &ignored) == RC_OK
               ? at.ticks
               : stamp_ticks(str_of(value->valuestring));
}

/* Up to where a text that was cut off may hold a whole object: braces and a quote are closed. */
static cJSON *parse_cut(const char *text, size_t len, Arena *arena)
{
    enum { DEPTH_MAX = 32 };
    char closers[DEPTH_MAX], *whole = arena_alloc(arena, len + DEPTH_MAX + 2);
    size_t depth = 0, end = len;
    bool is_quoted = false;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (is_quoted && c == '\\')
            end = ++i >= len ? len - 1 : end; // half an escape goes
        else if (c == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && (c == '{' || c == '[') && depth < DEPTH_MAX)
            closers[depth++] = c == '{' ? '}' : ']';
        else if (!is_quoted && (c == '}' || c == ']') && depth > 0 && --depth == 0)
            return cJSON_ParseWithLength(text, i + 1);
    }
    memcpy(whole, text, end);
    if (is_quoted)
        whole[end++] = '"';
    while (depth > 0)
        whole[end++] = closers[--depth];
    return cJSON_ParseWithLength(whole, end);
}

const cJSON *json_object_in(Json *json, const cJSON *value)
{
    if (cJSON_IsObject(value))
        return value;
    if (!cJSON_IsString(value) || json->nested_count == NESTED_MAX)
        return NULL;
    const char *open = strchr(value->valuestring, '{');
    size_t len = open ? strlen(open) : 0;
    if (len < 3 || !memchr(open, '"', len))
        return NULL;
    cJSON *nested = parse_cut(open, len, &json->reader->arena);
    if (nested)
        json->nested[json->nested_count++] = nested;
    return cJSON_IsObject(nested) ? nested : NULL;
}

static bool read_message(const cJSON *value, Arena *arena, DiagMessage *message)
{
    if (cJSON_IsString(value)) {
        *message = (DiagMessage){.text = str_of(value->valuestring)};
        return true;
    }
    if (!cJSON_IsObject(value))
        return false;
    Str type = json_text_of(FIRST_OF(value, "type_code", "message_type", "type"), arena);
    Str source = json_text_of(FIRST_OF(value, "source_type", "message_source_type"), arena);
    Str text = json_text_of(FIRST_OF(value, "text", "message", "example", "log", "line"), arena);
    *message = (DiagMessage){
        .text = text.at ? text : str_of(""),
        .code = number_of(FIRST_OF(value, "code", "message_code"), arena),
        .type = type.at ? value_message_type(type) : 0,
        .source_type = source.at ? value_message_type(source) : 0,
        .ticks = json_ticks_of(FIRST_OF(value, "time", "message_time")),
        .package = json_name_of(FIRST_OF(value, "package", "package_name")),
        .source_name = json_name_of(FIRST_OF(value, "source_name", "message_source_name")),
        .subcomponent = json_name_of(FIRST_OF(value, "subcomponent", "subcomponent_name")),
        .package_path = json_name_of(json_get(value, "package_path")),
        .execution_path = json_name_of(json_get(value, "execution_path")),
    };
    return true;
}

int json_status_of(const cJSON *object, Arena *arena)
{
    Str text = json_text_of(FIRST_OF(object, "status_code", "status"), arena);

    return text.at ? value_status(text) : 0;
}

static Rc tell_record(Json *json, const cJSON *object, const DiagMessage *messages, size_t count,
                      Err *err)
{
    Arena *arena = &json->reader->arena;
    LogRecord record = {
        .line = json->line,
        .messages = messages,
        .message_count = count,
        .status = cJSON_IsObject(object) ? json_status_of(object, arena) : 0,
        .operation_id = cJSON_IsObject(object)
                            ? number_of(FIRST_OF(object, "operation_id", "execution_id"), arena)
                            : 0,
    };

    return reader_tell(json->reader, &record, err);
}

static Rc tell_trouble(Json *json, const char *why, Err *err)
{
    return reader_tell_trouble(json->reader, json->line, 0, why, err);
}

static Rc tell_message(Json *json, const cJSON *value, Err *err)
{
    DiagMessage message;

    if (!read_message(value, &json->reader->arena, &message))
        return tell_trouble(json, "the record is neither a message nor an execution", err);
    return tell_record(json, NULL, &message, 1, err);
}

static Rc tell_execution(Json *json, const cJSON *object, const cJSON *list, Err *err)
{
    Arena *arena = &json->reader->arena;
    size_t count = (size_t)cJSON_GetArraySize(list), at = 0;
    DiagMessage *messages = arena_alloc_array(arena, count + 1, sizeof(*messages));
    const cJSON *item;

    cJSON_ArrayForEach(item, list)
    {
        if (!read_message(item, arena, &messages[at]))
            return tell_trouble(
                json, arena_printf(arena, "messages[%zu] is neither an object nor a text", at),
                err);
        at++;
    }
    return tell_record(json, object, messages, count, err);
}

/* ---- Log Analytics --------------------------------------------------------------------------- */

/* What a record of diagnostics says outside of its properties holds for them. */
static Rc add_row(Json *json, const cJSON *object, const cJSON *outer, Err *err)
{
    Str values[FIELD_COUNT] = {{0}};
    const cJSON *item;

    for (const cJSON *from = object; from; from = from == object ? outer : NULL) {
        cJSON_ArrayForEach(item, from)
        {
            Field field = item->string ? field_named(str_of(item->string)) : FIELD_COUNT;
            if (field != FIELD_COUNT && !values[field].at &&
                (from == object || field == FIELD_CORRELATION))
                values[field] = json_text_of(item, &json->reader->arena);
        }
    }
    return rows_add(json->rows, json->line, values, err);
}

static bool is_row(const cJSON *object)
{
    bool has[FIELD_COUNT + 1] = {false};
    const cJSON *item;

    cJSON_ArrayForEach(item, object)
        has[item->string ? field_named(str_of(item->string)) : FIELD_COUNT] = true;
    return has[FIELD_TEXT] && (has[FIELD_OPERATION] || has[FIELD_TYPE] || has[FIELD_SOURCE_TYPE] ||
                               has[FIELD_EVENT] || has[FIELD_RUN_STATUS] || has[FIELD_PROVIDER]);
}

/* ---- tables: Log Analytics, Kusto ------------------------------------------------------------ */

static Rc take_object(Json *json, const cJSON *object, Err *err);

/* A row as an object of its columns; the values stay those of the row. */
static cJSON *object_of_row(const cJSON *names, const cJSON *row)
{
    cJSON *object = cJSON_CreateObject();
    const cJSON *name = names->child;

    for (const cJSON *item = row->child; item && name; item = item->next, name = name->next) {
        const char *text =
            json_name_of(cJSON_IsObject(name) ? FIRST_OF(name, "name", "ColumnName") : name);
        if (text)
            (void)cJSON_AddItemReferenceToObject(object, text, (cJSON *)(uintptr_t)item);
    }
    return object;
}

static Rc add_table_row(Json *json, const cJSON *columns, const cJSON *row, Err *err)
{
    if (!cJSON_IsArray(row) || cJSON_GetArraySize(row) != cJSON_GetArraySize(columns))
        return tell_trouble(
            json, "a row of the table has another number of values than the table has columns",
            err);
    AUTO(json_delete_at) cJSON *object = object_of_row(columns, row);
    return is_row(object) ? add_row(json, object, NULL, err) : take_object(json, object, err);
}

/* Do the columns tell of messages or activities? Kusto adds tables of its own. */
static bool is_ours(const cJSON *columns)
{
    static const char *const names[] = {"message", "error", "errormessage", "output", "message_s"};
    const cJSON *item;

    cJSON_ArrayForEach(item, columns)
    {
        const char *name =
            json_name_of(cJSON_IsObject(item) ? FIRST_OF(item, "name", "ColumnName") : item);
        for (size_t i = 0; name && i < ARRAY_LEN(names); i++)
            if (str_same_fold(name, names[i]))
                return true;
    }
    return false;
}

static Rc add_table_rows(Json *json, const cJSON *columns, const cJSON *rows, Err *err)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, rows) TRY(add_table_row(json, columns, item, err));
    return RC_OK;
}

static Rc add_table(Json *json, const cJSON *table, bool *ret_is_ours, Err *err)
{
    const cJSON *columns = json_get(table, "columns"), *rows = json_get(table, "rows");

    if (!cJSON_IsArray(columns) || !cJSON_IsArray(rows))
        return tell_trouble(json, "a table without columns or rows", err);
    if (!is_ours(columns))
        return RC_OK;
    *ret_is_ours = true;
    return add_table_rows(json, columns, rows, err);
}

/* A frame of a Kusto answer, version 2; the first table of the answer's own rows comes in pieces,
 * or as one. */
static Rc take_frame(Json *json, const cJSON *frame, Err *err)
{
    const char *type = json_name_of(json_get(frame, "FrameType"));
    const char *kind = json_name_of(json_get(frame, "TableKind"));
    bool is_primary = !kind || str_same_fold(kind, "PrimaryResult"), is_one;

    if (str_same_fold(type, "DataTable") && is_primary)
        return add_table(json, frame, &is_one, err);
    if (str_same_fold(type, "TableHeader")) {
        cJSON_Delete(json->columns);
        json->columns = is_primary ? cJSON_Duplicate(json_get(frame, "Columns"), true) : NULL;
    }
    if (str_same_fold(type, "TableFragment") && cJSON_IsArray(json->columns) &&
        is_ours(json->columns))
        return add_table_rows(json, json->columns, json_get(frame, "Rows"), err);
    if (str_same_fold(type, "DataSetCompletion") && cJSON_IsTrue(json_get(frame, "HasErrors")))
        return tell_trouble(json, "the query failed: the answer is not whole", err);
    return RC_OK;
}

/* ---- any value ------------------------------------------------------------------------------- */

static Rc take(Json *json, const cJSON *value, Err *err);

static Rc take_each(Json *json, const cJSON *list, Err *err)
{
    const cJSON *item;

    if (++json->depth > 8)
        return tell_trouble(json, "lists are nested too deeply", err);
    cJSON_ArrayForEach(item, list) TRY(take(json, item, err));
    json->depth--;
    return RC_OK;
}

static Rc take_tables(Json *json, const cJSON *tables, Err *err)
{
    const cJSON *table;
    bool is_any_ours = false;

    cJSON_ArrayForEach(table, tables) TRY(add_table(json, table, &is_any_ours, err));
    return is_any_ours || !tables->child
               ? RC_OK
               : tell_trouble(json, "no table has a column 'message' or 'error'", err);
}

/* A report of this program: its rows that hold a message, or an example of one. */
static Rc take_report(Json *json, const cJSON *report, Err *err)
{
    const cJSON *section, *row;

    cJSON_ArrayForEach(section, report)
    {
        if (!cJSON_IsArray(section))
            continue;
        cJSON_ArrayForEach(row, section) if (cJSON_IsString(FIRST_OF(row, "message", "example")))
            TRY(tell_message(json, row, err));
    }
    return RC_OK;
}

static bool is_report(const cJSON *object)
{
    return json_get(object, "schema_version") && cJSON_IsString(json_get(object, "command"));
}

/* One line of such a report: its head, or a row. */
static Rc take_report_line(Json *json, const cJSON *object, Err *err)
{
    if (is_report(object) || !cJSON_IsString(FIRST_OF(object, "message", "example")))
        return RC_OK;
    return tell_message(json, object, err);
}

/* What holds others: a list, tables, frames. */
static bool is_holder(const cJSON *object)
{
    return cJSON_IsArray(FIRST_OF(object, "tables", "value", "records")) ||
           json_get(object, "FrameType");
}

static Rc take_holder(Json *json, const cJSON *object, Err *err)
{
    if (cJSON_IsArray(json_get(object, "tables")))
        return take_tables(json, json_get(object, "tables"), err);
    if (json_get(object, "FrameType"))
        return take_frame(json, object, err);
    return take_each(json, FIRST_OF(object, "value", "records"), err);
}

/* A row, an activity, an event: told by their keys. */
static Rc take_record(Json *json, const cJSON *object, Err *err)
{
    const cJSON *properties = json_object_in(json, json_get(object, "properties"));

    if (event_is_one(object))
        return event_tell(json, object, err);
    if (json->reader->request->as != LOG_JSONL && is_row(object))
        return add_row(json, object, NULL, err);
    if (properties && is_row(properties))
        return add_row(json, properties, object, err);
    if (activity_is_one(json, object))
        return activity_tell(json, object, object, err);
    if (properties && activity_is_one(json, properties))
        return activity_tell(json, properties, object, err);
    if (FIRST_OF(object, "message", "code", "message_code", "log", "line"))
        return tell_message(json, object, err);
    return tell_trouble(
        json, "the record has neither 'text' nor 'messages', nor is it an activity's output", err);
}

static Rc take_object(Json *json, const cJSON *object, Err *err)
{
    const cJSON *list = json_get(object, "messages");

    if (cJSON_IsString(json_get(object, "section")))
        return take_report_line(json, object, err);
    if (is_report(object))
        return take_report(json, object, err);
    if (cJSON_IsArray(list))
        return tell_execution(json, object, list, err);
    if (is_holder(object))
        return take_holder(json, object, err);
    if (json_get(object, "text"))
        return tell_message(json, object, err);
    return take_record(json, object, err);
}

static Rc take(Json *json, const cJSON *value, Err *err)
{
    if (cJSON_IsArray(value))
        return take_each(json, value, err);
    if (cJSON_IsObject(value))
        return take_object(json, value, err);
    return tell_message(json, value, err);
}

/* ---- files ----------------------------------------------------------------------------------- */

static void forget_nested(Json *json)
{
    while (json->nested_count > 0)
        cJSON_Delete(json->nested[--json->nested_count]);
}

static Rc take_next(Json *json, char *text, size_t len, const cJSON *row_columns, size_t *ret_next,
                    Err *err)
{
    Fault fault = {0};
    AUTO(json_delete_at) cJSON *value = parse_next(text, len, ret_next, &fault);

    if (!value) {
        *ret_next = len;
        return tell_fault(json->reader, json->line, text, &fault, err);
    }
    json->depth = 0;
    Rc rc = row_columns
                ? is_ours(row_columns) ? add_table_row(json, row_columns, value, err) : RC_OK
                : take(json, value, err);
    forget_nested(json);
    return rc;
}

Rc json_take_text(Json *json, char *text, size_t len, const cJSON *row_columns, Err *err)
{
    size_t next = 0;

    for (size_t at = 0; at < len; at += next) {
        TRY(take_next(json, text + at, len - at, row_columns, &next, err));
        for (size_t i = 0; i < next; i++)
            json->line += text[at + i] == '\n';
    }
    return RC_OK;
}

Rc json_add_message(Json *json, Run *run, char *text, size_t len, Err *err)
{
    Fault fault = {0};
    AUTO(json_delete_at) cJSON *value = parse(text, len, &fault);
    DiagMessage message;

    if (!value)
        return tell_fault(json->reader, json->line, text, &fault, err);
    if (!read_message(value, &json->reader->arena, &message))
        return tell_trouble(json, "a message is neither an object nor a text", err);
    return runs_add(json->runs, run, &message, err);
}

Rc json_end_run(Json *json, Run *run, char *text, size_t len, Err *err)
{
    Fault fault = {0};
    AUTO(json_delete_at) cJSON *value = parse(text, len, &fault);

    if (!value)
        return tell_fault(json->reader, json->line, text, &fault, err);
    run->status = json_status_of(value, &json->reader->arena);
    run->operation_id =
        number_of(FIRST_OF(value, "operation_id", "execution_id"), &json->reader->arena);
    return runs_close(json->runs, run, err);
}

static void json_done(Json *json)
{
    cJSON_Delete(json->columns);
}

Rc json_read_lines(Reader *reader, Err *err)
{
    AUTO(rows_free_at) Rows *rows = rows_new(reader);
    AUTO(runs_free_at) Runs *runs = runs_new(reader);
    AUTO(json_done) Json json = {.reader = reader, .rows = rows, .runs = runs};
    bool has_line = true;
    char *text;
    size_t len;

    for (;;) {
        TRY(source_line(&reader->source, &text, &len, &has_line, err));
        if (!has_line)
            break;
        json.line = reader->source.line;
        if (reader->source.is_cut)
            TRY(tell_trouble(&json, "the record is longer than 256 MiB", err));
        else if (skip_blanks(text, len, 0) < len)
            TRY(json_take_text(&json, text, len, NULL, err));
        arena_reset(&reader->arena);
    }
    TRY(runs_close_all(runs, err));
    return rows_tell(rows, err);
}

/* Reports of this program are read as a whole. */
static bool is_small(const Source *source, Str head)
{
    return source->is_at_end ||
           memmem(head.at, head.len < 4096 ? head.len : 4096, "\"schema_version\"", 16);
}

static Rc read_whole(Json *json, Err *err)
{
    Reader *reader = json->reader;
    bool fits = true;
    char *text;
    size_t len;
    Str head;

    TRY(source_peek(&reader->source, JSON_SMALL, &head, err));
    if (!reader->request->is_streamed && is_small(&reader->source, head)) {
        TRY(source_rest(&reader->source, LOG_JSON_MAX, &text, &len, &fits, err));
        return fits ? json_take_text(json, text, len, NULL, err)
                    : tell_trouble(json, "the file is one JSON value of more than 256 MiB", err);
    }
    return json_stream(json, err);
}

Rc json_read_whole(Reader *reader, Err *err)
{
    AUTO(rows_free_at) Rows *rows = rows_new(reader);
    AUTO(runs_free_at) Runs *runs = runs_new(reader);
    AUTO(json_done) Json json = {.reader = reader, .rows = rows, .runs = runs, .line = 1};

    TRY(read_whole(&json, err));
    TRY(runs_close_all(runs, err));
    return rows_tell(rows, err);
}

/* ---- is it JSON? ----------------------------------------------------------------------------- */

static bool parses(Str line)
{
    AUTO(arena_done) Arena arena = {0};
    Fault ignored;
    AUTO(json_delete_at)
    cJSON *value = parse(arena_copy(&arena, line.at, line.len), line.len, &ignored);

    return value != NULL;
}

/* "[2024-05-01 …]" is a log. */
static bool begins_like_json(Str text)
{
    size_t at = skip_blanks(text.at, text.len, 0);
    char open = at < text.len ? text.at[at] : '\0';
    size_t next = at < text.len ? skip_blanks(text.at, text.len, at + 1) : at;
    char after = next < text.len ? text.at[next] : '\0';

    if (open == '{')
        return after == '"' || after == '}';
    return open == '[' && (after == '{' || after == '[' || after == '"' || after == ']');
}

/* One of the first lines is an object from its first column on: a value a line. */
static bool has_value_a_line(Str head, bool is_all)
{
    enum { LINES_MAX = 8, LINE_LEAST = 3 };
    Str rest = head, line;

    for (size_t i = 0; i < LINES_MAX && str_split(&rest, '\n', &line); i++) {
        bool is_whole = rest.at || is_all;
        if (is_whole && line.len >= LINE_LEAST && line.at[0] == '{' && parses(line))
            return true;
    }
    return false;
}

JsonKind json_kind(Str head, bool is_all)
{
    if (!begins_like_json(head))
        return JSON_NONE;
    if (head.at[skip_blanks(head.at, head.len, 0)] != '{')
        return JSON_WHOLE;
    if (!is_all && !memchr(head.at, '\n', head.len)) // a line longer than what is seen of it
        return JSON_LINES;
    return has_value_a_line(head, is_all) ? JSON_LINES : JSON_WHOLE;
}
