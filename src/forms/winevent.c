/* Events of the Windows event log: as JSON in the ways of its converters, and as XML. */
#include "json.h"

#include "chars.h"
#include "eventtext.h"

#include "ssisminer/ssisdb/ssisdb.h"

enum { STRINGS_MAX = 20 };

/* {"Event": {"System": …, "EventData": …}}, the same without "Event", Winlogbeat's "winlog", or
 * {"win": {"system": …, "eventdata": …}} of Wazuh's agent. */
static const cJSON *event_of(const cJSON *object)
{
    const cJSON *event = FIRST_OF(object, "Event", "winlog", "win");

    return cJSON_IsObject(event) ? event : object;
}

bool event_is_one(const cJSON *object)
{
    const cJSON *event = event_of(object);

    return (cJSON_IsObject(json_get(event, "System")) && json_get(event, "EventData")) ||
           (json_get(event, "provider_name") && json_get(event, "event_id")) ||
           json_get(json_get(event, "system"), "providerName");
}

static const char *provider_of(const cJSON *event)
{
    const cJSON *provider = json_get(json_get(event, "System"), "Provider");
    const char *name = json_name_of(FIRST_OF(event, "provider_name"));

    if (!name)
        name = json_name_of(json_get(json_get(event, "system"), "providerName"));
    if (name)
        return name;
    if (json_get(provider, "#attributes"))
        provider = json_get(provider, "#attributes");
    return json_name_of(FIRST_OF(provider, "Name", "@Name"));
}

static Str string_of(const cJSON *item, Arena *arena)
{
    Str text = json_text_of(cJSON_IsObject(item) ? FIRST_OF(item, "#text", "Value") : item, arena);

    return text.at ? text : str_of("");
}

static size_t strings_of(const cJSON *event, Str strings[STRINGS_MAX], Arena *arena)
{
    const cJSON *data = FIRST_OF(event, "EventData", "event_data", "eventdata"), *item;
    size_t count = 0;

    if (json_get(data, "Data"))
        data = json_get(data, "Data");
    if (cJSON_IsObject(data) && json_get(data, "#text"))
        data = json_get(data, "#text");
    if (!cJSON_IsArray(data) && !cJSON_IsObject(data)) {
        strings[0] = string_of(data, arena);
        return 1;
    }
    cJSON_ArrayForEach(item, data) if (count < STRINGS_MAX) strings[count++] =
        string_of(item, arena);
    return count;
}

/* Windows' own levels: 1 critical, 2 error, 3 warning. */
static int level_of(const cJSON *event, Arena *arena)
{
    Str level = json_text_of(json_get(json_get(event, "System"), "Level"), arena);
    Str word = json_text_of(json_get(json_get(event, "system"), "severityValue"), arena);
    int64_t number = level.at ? value_code(level) : 0;
    bool is_refused = word.at && str_equal(word, str_of("AUDIT_FAILURE"));

    if (is_refused || (word.at && value_message_type(word) == MESSAGE_ERROR))
        return MESSAGE_ERROR;
    return number == 1 || number == 2 ? MESSAGE_ERROR
           : number == 3 || (word.at && value_message_type(word) == MESSAGE_WARNING)
               ? MESSAGE_WARNING
               : MESSAGE_INFORMATION;
}

static int64_t time_of(const cJSON *object, const cJSON *event)
{
    const cJSON *created = json_get(json_get(event, "System"), "TimeCreated");

    if (json_get(created, "#attributes"))
        created = json_get(created, "#attributes");
    created = cJSON_IsObject(created) ? FIRST_OF(created, "SystemTime", "@SystemTime") : created;
    if (!created)
        created = json_get(json_get(event, "system"), "systemTime");
    return json_ticks_of(created ? created : json_get(object, "@timestamp"));
}

Rc event_tell(Json *json, const cJSON *object, Err *err)
{
    Arena *arena = &json->reader->arena;
    const cJSON *event = event_of(object);
    Str strings[STRINGS_MAX], source = {0}, key = {0};
    size_t count = strings_of(event, strings, arena);
    const char *provider = provider_of(event);
    DiagMessage message;
    Run *run;

    if (!event_strings_read(strings, count, &message, &source, &key)) {
        const cJSON *inner = json_get(json_get(event, "system"), "message");
        Str said = json_text_of(inner ? inner : FIRST_OF(object, "message"), arena);
        if (!said.at || !event_text_read(said, &message, &source, &key))
            message = (DiagMessage){.text = said.at ? said : strings[0],
                                    .type = level_of(event, arena),
                                    .source_name = provider};
    }
    if (count == 1 && provider && str_starts(provider, "SQLISPackage"))
        message.text = event_of_package(strings[0], message.type, arena);
    int64_t ticks = time_of(object, event);
    message.ticks = ticks != 0 ? ticks : message.ticks;
    message.line = json->line;
    if (source.len > 0)
        message.source_name = arena_copy(arena, source.at, source.len);
    TRY(runs_find(json->runs, key, json->line, &run, err));
    TRY(runs_add(json->runs, run, &message, err));
    return key.len > 0 ? RC_OK : runs_close(json->runs, run, err);
}
