/* One file: to the reader that fits. */
#include "archive.h"
#include "text.h"

#include "chars.h"

#include "ssisminer/base/stop.h"

#include <string.h>

enum { HEAD_BYTES = 64 * 1024, JSON_LINE_REACH = 256 * 1024 };

/* ---- records --------------------------------------------------------------------------------- */

bool reader_leaves_out(const Reader *reader, int64_t ticks)
{
    const LogRequest *request = reader->request;

    return ticks != 0 && ((request->since.is_set && ticks < request->since.ticks) ||
                          (request->until.is_set && ticks >= request->until.ticks));
}

static bool is_all_left_out(const Reader *reader, const LogRecord *record)
{
    for (size_t i = 0; i < record->message_count; i++)
        if (!reader_leaves_out(reader, record->messages[i].ticks))
            return false;
    return record->message_count > 0;
}

Rc reader_tell(Reader *reader, LogRecord *record, Err *err)
{
    const LogRequest *request = reader->request;

    if (stop_wanted())
        return FAIL(err, RC_STOPPED, "stopped at %s:%zu", reader->name, record->line);
    if (is_all_left_out(reader, record))
        return RC_OK;
    record->file = reader->name;
    reader->tally->record_count += !record->goes_on;
    record->number = request->number_before + reader->tally->record_count;
    return request->on_record(request->context, record, err);
}

Rc reader_tell_trouble(Reader *reader, size_t line, size_t column, const char *why, Err *err)
{
    const char *trouble =
        column > 0 ? arena_printf(&reader->arena, "%s:%zu:%zu: %s", reader->name, line, column, why)
                   : arena_printf(&reader->arena, "%s:%zu: %s", reader->name, line, why);
    LogRecord record = {.line = line, .trouble = trouble};

    reader->tally->trouble_count++;
    return reader_tell(reader, &record, err);
}

/* ---- one file -------------------------------------------------------------------------------- */

/* A first line that has no end within reach is the whole file. */
static Rc read_json(Reader *reader, JsonKind kind, Err *err)
{
    Str head;

    TRY(source_peek(&reader->source, JSON_LINE_REACH, &head, err));
    if (kind == JSON_LINES && !reader->source.is_at_end && !memchr(head.at, '\n', head.len))
        kind = JSON_WHOLE;
    reader->tally->form = kind == JSON_WHOLE ? "JSON" : "JSON lines";
    return kind == JSON_WHOLE ? json_read_whole(reader, err) : json_read_lines(reader, err);
}

static Rc read_csv(Reader *reader, Err *err)
{
    reader->tally->form = "CSV";
    return csv_read(reader, err);
}

static Rc read_text(Reader *reader, Err *err)
{
    reader->tally->form = "text";
    return text_read(reader, err);
}

/* A text has no NUL in it. */
static bool is_binary(Str head)
{
    enum { LOOK = 8 * 1024 };

    return head.len > 0 && memchr(head.at, '\0', head.len < LOOK ? head.len : LOOK);
}

static Rc read_as_seen(Reader *reader, Str head, bool is_all, Err *err)
{
    JsonKind kind = json_kind(head, is_all);

    if (is_binary(head))
        return reader_tell_trouble(reader, 1, 0, "this is no text: the file is left out", err);
    if (kind != JSON_NONE && !STARTS(head, "{\"log\":\""))
        return read_json(reader, kind, err);
    if (xml_is_log(head)) {
        reader->tally->form = "XML";
        return xml_read(reader, err);
    }
    bool is_csv = csv_is_bare(head) || (csv_is_export(head) && !textlog_is_header(head));
    return is_csv ? read_csv(reader, err) : read_text(reader, err);
}

static Rc read_as(Reader *reader, Err *err)
{
    Str head;

    TRY(source_peek(&reader->source, HEAD_BYTES, &head, err));
    bool is_all = reader->source.is_at_end;
    JsonKind kind = json_kind(head, is_all);
    switch (reader->request->as) {
    case LOG_AUTO:
        return read_as_seen(reader, head, is_all, err);
    case LOG_LINES:
        return read_text(reader, err);
    case LOG_JSONL:
        return read_json(reader, JSON_LINES, err);
    case LOG_ADF:
        return read_json(reader, kind, err);
    case LOG_LOG_ANALYTICS:
        return kind == JSON_NONE ? read_csv(reader, err) : read_json(reader, kind, err);
    }
    return RC_OK;
}

void reader_done(Reader *reader)
{
    source_done(&reader->source);
    arena_done(&reader->arena);
}

/* By its first bytes: packed, what cannot be read, or a log. */
static Rc read_any(Reader *reader, Err *err)
{
    const unsigned char *head;
    const char *refusal;
    size_t len;

    TRY(source_look(&reader->source, &head, &len, err));
    if (archive_is_packed(head, len))
        return archive_read_entries(reader, read_any, err);
    if ((refusal = archive_refusal(head, len)))
        return reader_tell_trouble(reader, 1, 0, refusal, err);
    if (reader->request->encoding)
        TRY(source_set_encoding(&reader->source, reader->request->encoding, err));
    return read_as(reader, err);
}

Rc log_read(const LogRequest *request, FILE *stream, const char *name, LogTally *ret_tally,
            Err *err)
{
    AUTO(reader_done)
    Reader reader = {.request = request, .name = name, .tally = ret_tally};

    *ret_tally = (LogTally){.form = "nothing"};
    source_start(&reader.source, stream, LOG_JSON_MAX);
    return read_any(&reader, err);
}
