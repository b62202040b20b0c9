/*
 * Activities of Data Factory: what an Execute SSIS Package activity puts out, and lists of activity
 * runs. Output, error and properties may be objects or texts that hold them.
 */
#include "json.h"

#include "chars.h"
#include "stamp.h"

#include "ssisminer/ssisdb/ssisdb.h"

#include <string.h>

enum { PARTS_MAX = 1000 };

typedef struct Parts {
    DiagMessage at[PARTS_MAX];
    size_t count;
    Arena *arena;
    const char *source_name; // of the activity
} Parts;

/* The error repeats what the output says. */
static void add_part(Parts *parts, DiagMessage part)
{
    part.text = str_trim(part.text);
    for (size_t i = 0; i < parts->count; i++)
        if (str_equal(parts->at[i].text, part.text))
            return;
    if (!part.source_name)
        part.source_name = parts->source_name;
    if (part.text.len > 0 && !str_equal(part.text, str_of("null")) && parts->count < PARTS_MAX)
        parts->at[parts->count++] = part;
}

/* ---- the messages of several tasks in one text ----------------------------------------------- */

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
    Str rest = str_from(line, (size_t)(colon - line.at));
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        size_t len = strlen(marks[i].mark);
        if (!str_equal_fold(str_to(rest, len), str_of(marks[i].mark)))
            continue;
        *ret_type = marks[i].type;
        return (size_t)(colon - line.at);
    }
    return 0;
}

/* "5/1/2024 10:00:02 AM +00:00 : ", in any order of a date; its length, 0 if there is none. */
static size_t time_before(Str line, int64_t *ret_ticks)
{
    enum { REACH = 48 };
    size_t end = is_digit(char_at(line, 0)) ? stamp_end(line, 0) : 0;
    Str front = str_to(line, REACH);
    const char *colon = end > 0 ? memmem(front.at, front.len, " : ", 3) : NULL;
    const char *zone = colon ? memmem(front.at, (size_t)(colon - front.at), " +", 2) : NULL;

    if (colon && !zone)
        zone = memmem(front.at, (size_t)(colon - front.at), " -", 2);
    if (!zone)
        return 0;
    *ret_ticks = stamp_ticks(line);
    return (size_t)(colon - front.at) + 3;
}

/* Reads what a message begins with; false if the line goes on with the one before. */
static bool begins_part(Parts *parts, Str line, DiagMessage *ret_part)
{
    DiagMessage part = {.text = line};
    size_t time = time_before(line, &part.ticks);
    Str said = str_from(line, time);
    size_t name = task_before(said, &part.type);

    if (time == 0 && name == 0)
        return false;
    part.text = said;
    part.source_name = name > 0 ? arena_copy(parts->arena, said.at, name) : NULL;
    *ret_part = part;
    return true;
}

static void split_parts(Parts *parts, Str text)
{
    DiagMessage part = {.text = {text.at, 0}}, next;
    Str rest = text, line;

    while (str_split(&rest, '\n', &line)) {
        if (begins_part(parts, line, &next)) {
            add_part(parts, part);
            part = next;
        }
        part.text.len = (size_t)(line.at + line.len - part.text.at);
    }
    add_part(parts, part);
}

/* ---- output and error ------------------------------------------------------------------------ */

static void add_errors(Parts *parts, const cJSON *list)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, list)
    {
        Str text = json_text_of(
            cJSON_IsObject(item) ? FIRST_OF(item, "Message", "ErrorMessage") : item, parts->arena);
        if (text.at)
            split_parts(parts, text);
    }
}

static void add_output(Json *json, Parts *parts, const cJSON *output, int depth);

/* The output that the message of an error quotes says more than the frame around it; but what a
 * staging task says is known by that frame. */
static const cJSON *quoted_in(Json *json, const cJSON *message, int depth)
{
    enum { DEPTH_MAX = 4 };

    return cJSON_IsString(message) && depth < DEPTH_MAX &&
                   !strstr(message->valuestring, "Staging task")
               ? json_object_in(json, message)
               : NULL;
}

static void add_error(Json *json, Parts *parts, const cJSON *error, int depth)
{
    const cJSON *object = cJSON_IsObject(error) ? error : json_object_in(json, error);
    const cJSON *message = object ? FIRST_OF(object, "message", "errorMessage") : error;
    const cJSON *quoted = object ? quoted_in(json, message, depth) : NULL;
    Str text = json_text_of(message, parts->arena);

    if (quoted) {
        add_output(json, parts, quoted, depth + 1);
        add_part(parts, (DiagMessage){.text = str_to(text, strcspn(text.at, "{")),
                                      .type = MESSAGE_TASK_FAILED});
    } else if (text.at) {
        split_parts(parts, text);
    }
    if (object)
        add_errors(parts, json_get(object, "details"));
}

static void add_output(Json *json, Parts *parts, const cJSON *output, int depth)
{
    Str text = json_text_of(json_get(output, "OperationErrorMessages"), parts->arena);

    if (text.at)
        split_parts(parts, text);
    add_errors(parts, json_get(output, "errors"));
    if (json_get(output, "error"))
        add_error(json, parts, json_get(output, "error"), depth);
    Str message = json_text_of(FIRST_OF(output, "errorMessage"), parts->arena);
    if (message.at)
        split_parts(parts, message);
}

/* ---- one activity ---------------------------------------------------------------------------- */

static const cJSON *output_of(Json *json, const cJSON *object)
{
    return json_object_in(json, json_get(object, "output"));
}

/* The error of an activity by itself, as the portal shows it: what failed, and whose fault it is.
 */
static bool is_error(const cJSON *object)
{
    const char *type = json_name_of(json_get(object, "failureType"));

    return type && type[0] != '\0' && cJSON_IsString(json_get(object, "message"));
}

bool activity_is_one(Json *json, const cJSON *object)
{
    return is_error(object) || FIRST_OF(object, "OperationErrorMessages", "errorMessage") ||
           output_of(json, object) || json_get(object, "error") ||
           cJSON_IsArray(json_get(object, "errors"));
}

/* PowerShell writes no deeper than two levels unless it is told to. */
static bool is_cut_by_depth(const cJSON *object)
{
    static const char *const types[] = {"Newtonsoft.Json.", "System.Object[]",
                                        "System.Collections."};
    const char *output = json_name_of(FIRST_OF(object, "output", "error"));

    for (size_t i = 0; output && i < ARRAY_LEN(types); i++)
        if (str_starts(output, types[i]))
            return true;
    return false;
}

static int64_t operation_of(Json *json, const cJSON *object, const cJSON *output)
{
    const cJSON *id = FIRST_OF(object, "operation_id", "execution_id", "SsisDBOperationId");
    Str text = {0};

    if (!id && output)
        id = FIRST_OF(output, "SsisDBOperationId");
    text = json_text_of(id, &json->reader->arena);
    return text.at ? value_code(text) : 0;
}

static Rc say_parts(Json *json, Run *run, const Parts *parts, Err *err)
{
    for (size_t i = 0; i < parts->count; i++) {
        DiagMessage message = parts->at[i];
        message.line = json->line;
        TRY(runs_add(json->runs, run, &message, err));
    }
    return RC_OK;
}

Rc activity_tell(Json *json, const cJSON *object, const cJSON *outer, Err *err)
{
    Arena *arena = &json->reader->arena;
    Parts *parts = arena_alloc(arena, sizeof(*parts));
    const cJSON *output = output_of(json, object);
    const char *key = json_name_of(FIRST_OF(object, "activityRunId"));
    Run *run;

    key = key ? key : json_name_of(FIRST_OF(outer, "activityRunId"));
    parts->arena = arena;
    parts->source_name = json_name_of(FIRST_OF(object, "activityName"));
    add_output(json, parts, object, 0);
    if (output)
        add_output(json, parts, output, 0);
    if (is_error(object))
        add_error(json, parts, object, 0);
    int status = json_status_of(object, arena);
    status = status != 0 ? status : json_status_of(outer, arena);
    if (is_cut_by_depth(object))
        return reader_tell_trouble(
            json->reader, json->line, 0,
            "output and error are cut off: repeat ConvertTo-Json with -Depth 10", err);
    if (parts->count == 0 && status == STATUS_FAILED)
        add_part(parts, (DiagMessage){.text = str_of("The activity failed without a message.")});
    TRY(runs_find(json->runs, str_of(key), json->line, &run, err));
    run->status = status != 0 ? status : run->status;
    run->operation_id = operation_of(json, object, output);
    TRY(say_parts(json, run, parts, err));
    return key ? RC_OK : runs_close(json->runs, run, err);
}
