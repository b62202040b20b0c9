/*
 * JSON to records. What a value is, its keys tell: an execution ("messages"), a message ("text"),
 * activity output of Data Factory ("OperationErrorMessages", "output", "error"), a table of Log
 * Analytics ("tables"), one of its rows ("Message" with "OperationId"), a list of any of them.
 */
#include "internal.h"

#include "ssisminer/ssisdb/ssisdb.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct Json {
    Reader *reader;
    Rows *rows;  // of Log Analytics, told at the end
    size_t line; // where the value at hand begins
    int depth;
} Json;

static void json_delete_at(cJSON **json)
{
    cJSON_Delete(*json);
}

/* ---- parsing -----------------------------------------------------------------------------------
 */

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
typedef struct Fault {
    size_t at;
    const char *why;
} Fault;

static char last_of(const char *text, size_t len)
{
    Str whole = str_trim((Str){text, len});

    return whole.len > 0 ? whole.at[whole.len - 1] : ' ';
}

/* NULL: what is wrong, and where, is in ret_fault. */
static cJSON *parse(char *text, size_t len, Fault *ret_fault)
{
    const char *end = text;

    mend_escapes(text, len);
    cJSON *json = cJSON_ParseWithLengthOpts(text, len, &end, 0);
    size_t at = (size_t)(end - text), next = skip_blanks(text, len, at);
    if (json && next >= len)
        return json;
    bool is_cut = !json && (at >= len || !strchr("}]", last_of(text, len)));
    *ret_fault = (Fault){json ? next : at, json     ? "something follows the end of the JSON"
                                           : is_cut ? "the JSON breaks off"
                                                    : "this is no JSON"};
    cJSON_Delete(json);
    return NULL;
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

/* ---- values ------------------------------------------------------------------------------------
 */

static Str text_of(const cJSON *value, Arena *arena)
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

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItem(object, key); // in any case
}

static const cJSON *first_of(const cJSON *object, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const cJSON *value = get(object, keys[i]);
        if (value && !cJSON_IsNull(value))
            return value;
    }
    return NULL;
}

#define FIRST_OF(object, ...)                                                                      \
    first_of((object), (const char *const[]){__VA_ARGS__},                                         \
             sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static const char *name_of(const cJSON *value)
{
    return cJSON_IsString(value) && value->valuestring[0] != '\0' ? value->valuestring : NULL;
}

static int64_t number_of(const cJSON *value, Arena *arena)
{
    Str text = text_of(value, arena);

    return text.at ? value_code(text) : 0;
}

/* ---- a message and an execution ----------------------------------------------------------------
 */

static int64_t ticks_of(const cJSON *value, Arena *arena)
{
    Instant at;
    Err ignored = {0};

    (void)arena;
    if (!cJSON_IsString(value) || !strchr("0123456789", value->valuestring[0]) ||
        value->valuestring[0] == '\0' ||
        time_parse(value->valuestring, (Instant){0}, &at, &ignored) != RC_OK)
        return 0;
    return at.ticks;
}

static bool read_message(const cJSON *value, Arena *arena, DiagMessage *message)
{
    if (cJSON_IsString(value)) {
        *message = (DiagMessage){.text = str_of(value->valuestring)};
        return true;
    }
    if (!cJSON_IsObject(value))
        return false;
    Str type = text_of(FIRST_OF(value, "type_code", "message_type", "type"), arena);
    Str source = text_of(FIRST_OF(value, "source_type", "message_source_type"), arena);
    Str text = text_of(FIRST_OF(value, "text", "message", "example"), arena);
    *message = (DiagMessage){
        .text = text.at ? text : str_of(""),
        .code = number_of(FIRST_OF(value, "code", "message_code"), arena),
        .type = type.at ? value_message_type(type) : 0,
        .source_type = source.at ? value_message_type(source) : 0,
        .ticks = ticks_of(FIRST_OF(value, "time", "message_time"), arena),
        .package = name_of(FIRST_OF(value, "package", "package_name")),
        .source_name = name_of(FIRST_OF(value, "source_name", "message_source_name")),
        .subcomponent = name_of(FIRST_OF(value, "subcomponent", "subcomponent_name")),
        .package_path = name_of(get(value, "package_path")),
        .execution_path = name_of(get(value, "execution_path")),
    };
    return true;
}

static int status_of(const cJSON *object, Arena *arena)
{
    Str text = text_of(FIRST_OF(object, "status_code", "status"), arena);

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
        .status = cJSON_IsObject(object) ? status_of(object, arena) : 0,
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

/* ---- Data Factory ------------------------------------------------------------------------------
 */

enum { PARTS_MAX = 1000 };

typedef struct Parts {
    DiagMessage at[PARTS_MAX];
    size_t count;
    Arena *arena;
    const char *source_name; // of the activity
} Parts;

static void add_part(Parts *parts, Str text, int type, const char *source_name)
{
    text = str_trim(text);
    for (size_t i = 0; i < parts->count; i++)
        if (str_equal(parts->at[i].text, text))
            return; // the error repeats what the output says
    if (text.len > 0 && parts->count < PARTS_MAX)
        parts->at[parts->count++] =
            (DiagMessage){.text = text,
                          .type = type,
                          .source_name = source_name ? source_name : parts->source_name};
}

/* "Load Orders:Error: …": the length of "Load Orders", 0 if the line does not begin so. */
static size_t task_before(Str line, int *ret_type)
{
    enum { NAME_MAX_BYTES = 200 };
    static const struct {
        const char *mark;
        int type;
    } marks[] = {
        {":Error:", 0}, {":Warning:", MESSAGE_WARNING}, {":Information:", MESSAGE_INFORMATION}};

    const char *colon = memchr(line.at, ':', line.len < NAME_MAX_BYTES ? line.len : NAME_MAX_BYTES);
    if (!colon)
        return 0;
    Str rest = {colon, line.len - (size_t)(colon - line.at)};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        size_t len = strlen(marks[i].mark);
        if (rest.len < len || !str_equal_fold((Str){rest.at, len}, str_of(marks[i].mark)))
            continue;
        *ret_type = marks[i].type;
        return (size_t)(colon - line.at);
    }
    return 0;
}

static void end_part(Parts *parts, Str text, size_t name_len, int type)
{
    const char *name = name_len > 0 ? arena_copy(parts->arena, text.at, name_len) : NULL;

    add_part(parts, text, type, name);
}

/* The messages of several tasks in one text: each begins a line with its task. */
static void split_parts(Parts *parts, Str text)
{
    Str rest = text, line, part = {text.at, 0};
    size_t name_len = 0;
    int type = 0;

    while (str_split(&rest, '\n', &line)) {
        int next_type = 0;
        size_t next_name = task_before(line, &next_type);
        if (next_name > 0 && line.at > part.at) {
            end_part(parts, part, name_len, type);
            part.at = line.at;
        }
        if (next_name > 0) {
            name_len = next_name;
            type = next_type;
        }
        part.len = (size_t)(line.at + line.len - part.at);
    }
    end_part(parts, part, name_len, type);
}

static void add_errors(Parts *parts, const cJSON *list)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, list)
    {
        Str text = text_of(cJSON_IsObject(item) ? FIRST_OF(item, "Message", "ErrorMessage") : item,
                           parts->arena);
        if (text.at)
            split_parts(parts, text);
    }
}

static void add_error(Parts *parts, const cJSON *error)
{
    Str text = text_of(cJSON_IsObject(error) ? get(error, "message") : error, parts->arena);

    if (text.at)
        split_parts(parts, text);
    if (cJSON_IsObject(error))
        add_errors(parts, get(error, "details"));
}

static void add_output(Parts *parts, const cJSON *output)
{
    Str text = text_of(get(output, "OperationErrorMessages"), parts->arena);

    if (text.at)
        split_parts(parts, text);
    add_errors(parts, get(output, "errors"));
    if (get(output, "error"))
        add_error(parts, get(output, "error"));
    Str message = text_of(FIRST_OF(output, "errorMessage"), parts->arena);
    if (message.at)
        split_parts(parts, message);
}

static Rc tell_activity(Json *json, const cJSON *object, Err *err)
{
    Arena *arena = &json->reader->arena;
    Parts *parts = arena_alloc(arena, sizeof(*parts));
    const cJSON *output = get(object, "output");

    parts->arena = arena;
    parts->source_name = name_of(FIRST_OF(object, "activityName"));
    add_output(parts, object);
    if (cJSON_IsObject(output))
        add_output(parts, output);
    return tell_record(json, object, parts->at, parts->count, err);
}

static bool is_activity(const cJSON *object)
{
    return FIRST_OF(object, "OperationErrorMessages", "errorMessage") ||
           cJSON_IsObject(get(object, "output")) || get(object, "error") ||
           cJSON_IsArray(get(object, "errors"));
}

/* ---- Log Analytics -----------------------------------------------------------------------------
 */

static Rc add_row(Json *json, const cJSON *object, Err *err)
{
    Str values[FIELD_COUNT] = {{0}};
    const cJSON *item;

    cJSON_ArrayForEach(item, object)
    {
        Field field = item->string ? field_named(str_of(item->string)) : FIELD_COUNT;
        if (field != FIELD_COUNT && !values[field].at)
            values[field] = text_of(item, &json->reader->arena);
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

static Field field_of_column(const cJSON *column)
{
    const char *name =
        name_of(cJSON_IsObject(column) ? FIRST_OF(column, "name", "ColumnName") : column);

    return name ? field_named(str_of(name)) : FIELD_COUNT;
}

static Rc add_table_row(Json *json, const Field *fields, size_t count, const cJSON *row, Err *err)
{
    Str values[FIELD_COUNT] = {{0}};
    const cJSON *item;
    size_t at = 0;

    if (!cJSON_IsArray(row) || (size_t)cJSON_GetArraySize(row) != count)
        return tell_trouble(
            json, "a row of the table has another number of values than the table has columns",
            err);
    cJSON_ArrayForEach(item, row)
    {
        if (fields[at] != FIELD_COUNT && !values[fields[at]].at)
            values[fields[at]] = text_of(item, &json->reader->arena);
        at++;
    }
    return rows_add(json->rows, json->line, values, err);
}

static Rc add_table(Json *json, const cJSON *table, Err *err)
{
    const cJSON *columns = get(table, "columns"), *rows = get(table, "rows"), *item;
    size_t count = (size_t)cJSON_GetArraySize(columns), at = 0;
    Field *fields = arena_alloc_array(&json->reader->arena, count + 1, sizeof(*fields));

    if (!cJSON_IsArray(columns) || !cJSON_IsArray(rows))
        return tell_trouble(json, "a table without columns or rows", err);
    cJSON_ArrayForEach(item, columns) fields[at++] = field_of_column(item);
    cJSON_ArrayForEach(item, rows) TRY(add_table_row(json, fields, count, item, err));
    return RC_OK;
}

/* ---- any value ---------------------------------------------------------------------------------
 */

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

    cJSON_ArrayForEach(table, tables) TRY(add_table(json, table, err));
    return RC_OK;
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
    return get(object, "schema_version") && cJSON_IsString(get(object, "command"));
}

/* One line of such a report: its head, or a row. */
static Rc take_report_line(Json *json, const cJSON *object, Err *err)
{
    if (is_report(object) || !cJSON_IsString(FIRST_OF(object, "message", "example")))
        return RC_OK;
    return tell_message(json, object, err);
}

static Rc take_object(Json *json, const cJSON *object, Err *err)
{
    const cJSON *list = get(object, "messages"), *properties = get(object, "properties");

    if (cJSON_IsString(get(object, "section")))
        return take_report_line(json, object, err);
    if (is_report(object))
        return take_report(json, object, err);
    if (cJSON_IsArray(list))
        return tell_execution(json, object, list, err);
    if (cJSON_IsArray(get(object, "tables")))
        return take_tables(json, get(object, "tables"), err);
    if (cJSON_IsArray(get(object, "value")))
        return take_each(json, get(object, "value"), err);
    if (cJSON_IsArray(get(object, "records")))
        return take_each(json, get(object, "records"), err);
    if (get(object, "text"))
        return tell_message(json, object, err);
    if (json->reader->request->as != LOG_JSONL && is_row(object))
        return add_row(json, object, err);
    if (cJSON_IsObject(properties) && is_row(properties))
        return add_row(json, properties, err);
    if (is_activity(object))
        return tell_activity(json, object, err);
    if (cJSON_IsObject(properties) && is_activity(properties))
        return tell_activity(json, properties, err);
    if (FIRST_OF(object, "message", "code", "message_code"))
        return tell_message(json, object, err);
    return tell_trouble(
        json, "the record has neither 'text' nor 'messages', nor is it an activity's output", err);
}

static Rc take(Json *json, const cJSON *value, Err *err)
{
    if (cJSON_IsArray(value))
        return take_each(json, value, err);
    if (cJSON_IsObject(value))
        return take_object(json, value, err);
    return tell_message(json, value, err);
}

/* ---- files -------------------------------------------------------------------------------------
 */

static Rc take_text(Json *json, char *text, size_t len, Err *err)
{
    Fault fault = {0};
    AUTO(json_delete_at) cJSON *value = parse(text, len, &fault);

    if (!value)
        return tell_fault(json->reader, json->line, text, &fault, err);
    json->depth = 0;
    return take(json, value, err);
}

Rc json_read_lines(Reader *reader, Err *err)
{
    AUTO(rows_free_at) Rows *rows = rows_new(reader);
    Json json = {.reader = reader, .rows = rows};
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
            TRY(take_text(&json, text, len, err));
        arena_reset(&reader->arena);
    }
    return rows_tell(rows, err);
}

Rc json_read_whole(Reader *reader, Err *err)
{
    AUTO(rows_free_at) Rows *rows = rows_new(reader);
    Json json = {.reader = reader, .rows = rows, .line = 1};
    bool fits = true;
    char *text;
    size_t len;

    TRY(source_rest(&reader->source, LOG_JSON_MAX, &text, &len, &fits, err));
    if (!fits)
        return tell_trouble(&json, "the file is one JSON value of more than 256 MiB", err);
    TRY(take_text(&json, text, len, err));
    return rows_tell(rows, err);
}

/* ---- is it JSON? -------------------------------------------------------------------------------
 */

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
