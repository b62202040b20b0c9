/*
 *    Event Name: OnError
 *    Message: text, perhaps of several lines
 *    Operator: D\u
 *    Source Name: Load
 *    Source ID: {…}
 *    Execution ID: {…}
 *    Start Time: …
 *    End Time: …
 *    Data Code: -1071636471
 *
 * or, between "Log:" and "End Log" of dtexec /ConsoleLog, with "Name:" and other words in another
 * order.
 */
#include "eventtext.h"

#include "chars.h"
#include "stamp.h"
#include "text.h"

#include "ssisminer/ssisdb/ssisdb.h"

typedef enum Part {
    PART_EVENT,
    PART_MESSAGE,
    PART_SOURCE,
    PART_RUN,
    PART_TIME,
    PART_CODE,
    PART_OTHER,
    PARTS
} Part;

static const struct {
    const char *name;
    Part part;
} parts[] = {
    {"Event Name:", PART_EVENT},  {"Message:", PART_MESSAGE},    {"Source Name:", PART_SOURCE},
    {"Execution ID:", PART_RUN},  {"Execution GUID:", PART_RUN}, {"Start Time:", PART_TIME},
    {"Data Code:", PART_CODE},    {"Operator:", PART_OTHER},     {"Source ID:", PART_OTHER},
    {"Source GUID:", PART_OTHER}, {"End Time:", PART_OTHER},     {"Computer:", PART_OTHER},
    {"Name:", PART_EVENT},
};

static Part part_of(Str line, Str *ret_value)
{
    Str said = str_trim(line);

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        Str name = str_of(parts[i].name);
        if (said.len < name.len || !str_equal(str_to(said, name.len), name))
            continue;
        *ret_value = str_trim(str_from(said, name.len));
        return parts[i].part;
    }
    return PARTS;
}

static bool read_parts(Str text, Str values[PARTS])
{
    Part last = PARTS;
    Str line;

    memset(values, 0, PARTS * sizeof(*values));
    while (str_split(&text, '\n', &line)) {
        Str value;
        Part part = part_of(line, &value);
        if (part == PARTS && last == PART_MESSAGE) // the message goes on
            values[last].len = (size_t)(line.at + line.len - values[last].at);
        if (part == PARTS)
            continue;
        if (!values[part].at)
            values[part] = value;
        last = part;
    }
    return values[PART_EVENT].at && values[PART_MESSAGE].at;
}

int event_type(Str name)
{
    int type;

    if (STARTS_FOLD(name, "User:"))
        name = str_from(name, 5);
    type = value_message_type(name);
    return type >= MESSAGE_WARNING ? type : MESSAGE_INFORMATION;
}

static void fill(const Str values[PARTS], DiagMessage *message, Str *ret_source, Str *ret_run_key)
{
    int type = event_type(values[PART_EVENT]);

    *message = (DiagMessage){.text = str_trim(values[PART_MESSAGE]),
                             .type = type,
                             .ticks = values[PART_TIME].at ? stamp_ticks(values[PART_TIME]) : 0};
    if (values[PART_CODE].at && type != MESSAGE_INFORMATION)
        message->code = value_code(values[PART_CODE]);
    *ret_source = values[PART_SOURCE];
    *ret_run_key = values[PART_RUN];
}

bool event_text_read(Str text, DiagMessage *ret_message, Str *ret_source, Str *ret_run_key)
{
    Str values[PARTS];

    if (!read_parts(text, values))
        return false;
    fill(values, ret_message, ret_source, ret_run_key);
    return true;
}

bool event_strings_read(const Str *strings, size_t count, DiagMessage *ret_message, Str *ret_source,
                        Str *ret_run_key)
{
    enum { EVENT = 0, SOURCE = 2, RUN = 4, START = 5, CODE = 7, MESSAGE = 8 };
    Str values[PARTS] = {{0}};

    if (count <= MESSAGE)
        return false;
    values[PART_EVENT] = strings[EVENT];
    values[PART_SOURCE] = strings[SOURCE];
    values[PART_RUN] = strings[RUN];
    values[PART_TIME] = strings[START];
    values[PART_CODE] = strings[CODE];
    values[PART_MESSAGE] = strings[MESSAGE];
    fill(values, ret_message, ret_source, ret_run_key);
    return true;
}

Str event_of_package(Str package, int type, Arena *arena)
{
    return type == MESSAGE_ERROR
               ? str_of(arena_printf(arena, "Package \"%.*s\" failed.", STR_FMT(package)))
               : package;
}

/* ---- as text: /ConsoleLog, and what was copied from the viewer ------------------------------- */

static bool begins(Text *text, Str line)
{
    (void)text;
    return STARTS(str_trim(line), "Event Name: ") || str_equal(str_trim(line), str_of("Log:"));
}

static Belongs belongs(Text *text, Str line)
{
    Str entry = {buf_text(&text->entry.text), text->entry.text.len};
    bool is_block = STARTS(entry, "Log:");

    if (str_equal(str_trim(line), str_of("End Log")))
        return BELONGS_AS_LAST;
    if (begins(text, line))
        return BELONGS_NOT;
    if (is_block)
        return BELONGS;
    return STARTS(str_trim(line), "Data Code:") ? BELONGS_AS_LAST : BELONGS;
}

static Rc read_entry(Text *text, Str entry, Err *err)
{
    Str source = {0}, key = {0};
    DiagMessage message;
    Run *run = text->run;

    if (!event_text_read(entry, &message, &source, &key))
        return RC_OK;
    message.line = text->entry.line;
    message.source_name =
        source.len > 0 ? arena_copy(&text->reader->arena, source.at, source.len) : NULL;
    if (run) { // beside the blocks of the same run
        text->has_error = text->has_error || message.type >= MESSAGE_ERROR;
        return runs_add(text->runs, run, &message, err);
    }
    TRY(runs_find(text->runs, key, text->entry.line, &run, err));
    return runs_add(text->runs, run, &message, err);
}

const TextForm form_eventtext = {"SSIS event as text", begins, belongs, read_entry, NULL};
