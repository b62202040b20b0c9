/*
 * The text log provider: event,computer,operator,source,sourceid,executionid,starttime,endtime,
 * datacode,databytes,message. Nothing is quoted: what lies before the two ids is counted from the
 * left, all behind databytes is the message, up to the next line that begins so.
 */
#include "text.h"

#include "chars.h"
#include "eventtext.h"
#include "stamp.h"

#include "ssisminer/ssisdb/ssisdb.h"

static const char *const events[] = {
    "OnError",
    "OnTaskFailed",
    "OnWarning",
    "OnInformation",
    "OnPreExecute",
    "OnPostExecute",
    "OnPreValidate",
    "OnPostValidate",
    "OnProgress",
    "OnQueryCancel",
    "OnVariableValueChanged",
    "OnExecStatusChanged",
    "PackageStart",
    "PackageEnd",
    "Diagnostic",
    "DiagnosticEx",
    "BufferSizeTuning",
    "PipelineExecutionPlan",
    "PipelineExecutionTrees",
    "PipelineInitialization",
    "PipelineComponentTime",
};

/* "OnError," or "User:OnError,": the event's name; at NULL if it is none that is known. */
static Str event_of(Str line)
{
    if (STARTS_FOLD(line, "User:"))
        line = str_from(line, 5);
    if (!is_one_of(str_fold(char_at(line, 0)), "opdb"))
        return (Str){0};
    const char *comma = memchr(line.at, ',', line.len < 64 ? line.len : 64);
    Str name = comma ? str_to(line, (size_t)(comma - line.at)) : (Str){0};
    for (size_t i = 0; comma && i < ARRAY_LEN(events); i++)
        if (str_equal_fold(name, str_of(events[i])))
            return name;
    return (Str){0};
}

typedef struct Anchor {
    size_t ids, times; // where ",{id},{id}," begins, and what follows it
    Str execution_id;
} Anchor;

static size_t brace_end(Str text, size_t at)
{
    enum { ID_MAX = 64 };
    const char *end =
        char_at(text, at) == '{'
            ? memchr(text.at + at, '}', text.len - at < ID_MAX ? text.len - at : ID_MAX)
            : NULL;

    return end ? (size_t)(end - text.at) + 1 : 0;
}

/* ",{…},{…}," */
static bool find_anchor(Str line, Anchor *ret_anchor)
{
    for (size_t at = 0; at + 1 < line.len;) {
        const char *found = memmem(line.at + at, line.len - at, ",{", 2);
        if (!found)
            return false;
        size_t start = (size_t)(found - line.at);
        size_t first = brace_end(line, start + 1);
        size_t second = first > 0 && char_at(line, first) == ',' ? brace_end(line, first + 1) : 0;
        if (second > 0 && char_at(line, second) == ',') {
            *ret_anchor = (Anchor){start, second + 1, {line.at + first + 1, second - first - 1}};
            return true;
        }
        at = start + 2;
    }
    return false;
}

bool textlog_is_header(Str line)
{
    return STARTS_FOLD(line, "#Fields:") || STARTS_FOLD(line, "Fields: event,");
}

static bool begins(Text *text, Str line)
{
    (void)text;
    return event_of(line).at != NULL || textlog_is_header(line);
}

static Belongs belongs(Text *text, Str line)
{
    if (begins(text, line) || textlog_is_header(str_of(buf_text(&text->entry.text))))
        return BELONGS_NOT;
    return BELONGS;
}

/* ---- one event ------------------------------------------------------------------------------- */

/* "…,-1071636471,0x,": where the number begins behind the times, which may hold commas. */
static bool find_code(Str text, size_t from, size_t *ret_at)
{
    for (size_t at = from; at < text.len && text.at[at] != '\n'; at++) {
        if (text.at[at] != ',')
            continue;
        size_t number = at + 1 + (char_at(text, at + 1) == '-');
        size_t after = number + digits_from(text, number);
        Str rest = str_from(text, after);
        if (after > number &&
            (STARTS(rest, ",0x") || STARTS(rest, ",(null)") || STARTS(rest, ",,"))) {
            *ret_at = at + 1;
            return true;
        }
    }
    return false;
}

static Str nth_field(Str text, size_t index)
{
    Str field = {0};

    for (size_t i = 0; i <= index; i++)
        if (!str_split(&text, ',', &field))
            return (Str){"", 0};
    return field;
}

/* All behind the tenth comma. */
static Str by_commas(Str text, size_t commas)
{
    const char *comma;

    for (size_t i = 0; i < commas; i++) {
        comma = memchr(text.at, ',', text.len);
        if (!comma)
            return (Str){text.at + text.len, 0};
        text = str_from(text, (size_t)(comma + 1 - text.at));
    }
    return text;
}

enum { COMMA_SOURCE = 3, COMMA_EXECUTION = 5, COMMA_START = 6, COMMA_CODE = 8, COMMA_MESSAGE = 10 };

typedef struct Event {
    Str source, execution, start, code, message;
} Event;

static Event event_by_commas(Str entry)
{
    return (Event){.source = nth_field(entry, COMMA_SOURCE),
                   .execution = nth_field(entry, COMMA_EXECUTION),
                   .start = nth_field(entry, COMMA_START),
                   .code = nth_field(entry, COMMA_CODE),
                   .message = by_commas(entry, COMMA_MESSAGE)};
}

static Event split_event(Str entry)
{
    Anchor anchor;
    size_t code;

    if (!find_anchor(entry, &anchor) || !find_code(entry, anchor.times, &code))
        return event_by_commas(entry);
    Str rest = str_from(entry, code), number = nth_field(rest, 0);
    /* operator,source: logins hold no comma */
    Str before = by_commas(str_to(entry, anchor.ids), 2);
    const char *comma = before.len > 0 ? memchr(before.at, ',', before.len) : NULL;
    return (Event){.source = comma ? str_from(before, (size_t)(comma + 1 - before.at)) : before,
                   .execution = anchor.execution_id,
                   .start = str_from(entry, anchor.times),
                   .code = number,
                   .message = by_commas(rest, 2)};
}

static Rc read_entry(Text *text, Str entry, Err *err)
{
    Arena *arena = &text->reader->arena;
    Str name = event_of(entry);
    Run *run = text->run;

    if (!name.at)
        return RC_OK; // the header
    Event event = split_event(entry);
    DiagMessage message = {.text = str_trim(event.message),
                           .type = event_type(name),
                           .ticks = stamp_ticks(event.start),
                           .line = text->entry.line,
                           .source_name = arena_copy(arena, event.source.at, event.source.len)};
    if (message.type != MESSAGE_INFORMATION)
        message.code = value_code(event.code);
    if (!text->is_fixed)
        TRY(runs_find(text->runs, event.execution, text->entry.line, &run, err));
    return runs_add(text->runs, run, &message, err);
}

const TextForm form_textlog = {"text log provider", begins, belongs, read_entry, NULL};
