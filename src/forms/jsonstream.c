/*
 * One JSON value that is too large to be held. The elements of the lists that hold records — the
 * whole value, "value", "records", the rows of "tables", the "messages" of an execution — are taken
 * one by one; what is left of it, with those lists empty, is read like a small value. Of a text
 * that is longer than an entry of a log may be, the rest is left out, and that is told.
 */
#include "json.h"

#include "chars.h"

enum { DEPTH_SEEN = 5, KEY_MAX = 15, REST_MAX = 2 * 1024 * 1024 };

typedef enum ListKind { LIST_NONE, LIST_RECORDS, LIST_ROWS, LIST_MESSAGES } ListKind;

typedef struct Stream {
    Json *json;
    Buf rest, element;
    size_t depth, list_depth; // of brackets; of the list whose elements are taken
    ListKind list;
    bool is_quoted, is_escaped, has_element;
    size_t quoted_len, since_escape;        // of the string at hand, in bytes
    bool is_dropping;                       // the rest of it
    size_t cut_line;                        // where a text was cut that was not told yet; 0: none
    Run *run;                               // whose messages were taken
    char keys[DEPTH_SEEN + 1][KEY_MAX + 1]; // the one whose value is read, by depth
    char text[KEY_MAX + 1];                 // of the last string
    size_t text_len;
    size_t columns_at; // of the table at hand, in rest
    cJSON *columns;
    size_t line, element_line;
} Stream;

static void stream_done(Stream *stream)
{
    buf_done(&stream->rest);
    buf_done(&stream->element);
    cJSON_Delete(stream->columns);
}

/* ---- which lists ----------------------------------------------------------------------------- */

static bool has_key(const Stream *stream, size_t depth, const char *key)
{
    return str_same_fold(stream->keys[depth], key);
}

static ListKind list_opened(const Stream *stream)
{
    if (stream->depth == 1 && has_key(stream, 1, "messages"))
        return LIST_MESSAGES;
    bool is_of_tables = stream->depth == 3 && has_key(stream, 1, "tables");

    if (stream->depth == 0 ||
        (stream->depth == 1 && (has_key(stream, 1, "value") || has_key(stream, 1, "records"))))
        return LIST_RECORDS;
    return is_of_tables && has_key(stream, 3, "rows") && stream->columns ? LIST_ROWS : LIST_NONE;
}

static bool is_in_columns(const Stream *stream)
{
    return stream->depth == 3 && has_key(stream, 1, "tables") && has_key(stream, 3, "columns");
}

static void open_bracket(Stream *stream, char c)
{
    if (stream->list == LIST_NONE && c == '[') {
        stream->list = list_opened(stream);
        stream->list_depth = stream->depth + 1;
        if (is_in_columns(stream))
            stream->columns_at = stream->rest.len - 1; // its bracket is there
    }
    stream->depth++;
    if (stream->depth <= DEPTH_SEEN)
        stream->keys[stream->depth][0] = '\0';
    if (c == '{' && stream->depth == 3) { // a table begins
        cJSON_Delete(stream->columns);
        stream->columns = NULL;
    }
}

/* The list of columns is whole in `rest`, but for the bracket that comes now. */
static void close_columns(Stream *stream)
{
    AUTO(buf_done) Buf text = BUF(1024 * 1024);

    if (!is_in_columns(stream) || stream->list != LIST_NONE || stream->columns)
        return;
    buf_put(&text, stream->rest.text + stream->columns_at, stream->rest.len - stream->columns_at);
    buf_putc(&text, ']');
    stream->columns = cJSON_ParseWithLength(buf_text(&text), text.len);
}

/* ---- elements -------------------------------------------------------------------------------- */

static Rc tell_cut(Stream *stream, Err *err)
{
    size_t line = stream->cut_line;

    stream->cut_line = 0;
    return line == 0
               ? RC_OK
               : reader_tell_trouble(stream->json->reader, line, 0,
                                     "a text is longer than 1 MiB: the rest of it is left out",
                                     err);
}

static Rc take_message(Stream *stream, Str said, Err *err)
{
    Json *json = stream->json;

    if (!stream->run)
        TRY(runs_find(json->runs, (Str){"", 0}, stream->element_line, &stream->run, err));
    return json_add_message(json, stream->run, (char *)(uintptr_t)said.at, said.len, err);
}

static Rc take_element(Stream *stream, Err *err)
{
    Str said = str_trim((Str){buf_text(&stream->element), stream->element.len});

    stream->has_element = false;
    if (said.len == 0)
        return RC_OK;
    if (stream->element.over)
        return reader_tell_trouble(stream->json->reader, stream->element_line, 0,
                                   "the record is longer than 256 MiB", err);
    stream->json->line = stream->element_line;
    if (stream->list == LIST_MESSAGES)
        TRY(take_message(stream, said, err));
    else
        TRY(json_take_text(stream->json, (char *)(uintptr_t)said.at, said.len,
                           stream->list == LIST_ROWS ? stream->columns : NULL, err));
    TRY(tell_cut(stream, err));
    arena_reset(&stream->json->reader->arena);
    return RC_OK;
}

static void begin_element(Stream *stream)
{
    if (stream->element.size > 1024 * 1024)
        buf_done(&stream->element);
    if (stream->element.cap == 0)
        stream->element = BUF(LOG_JSON_MAX);
    buf_reset(&stream->element);
    stream->has_element = true;
    stream->element_line = stream->line;
}

/* A character outside of strings that may end an element, or the list. */
static Rc end_elements(Stream *stream, char c, bool *ret_is_used, Err *err)
{
    bool is_at_list = stream->list != LIST_NONE && stream->depth == stream->list_depth;

    *ret_is_used = is_at_list && c == ',';
    if (!is_at_list || (c != ',' && c != ']'))
        return RC_OK;
    if (stream->has_element)
        TRY(take_element(stream, err));
    if (c == ']')
        stream->list = LIST_NONE;
    return RC_OK;
}

/* ---- characters ------------------------------------------------------------------------------ */

static void put(Stream *stream, char c)
{
    bool is_inside = stream->list != LIST_NONE && stream->depth >= stream->list_depth;

    if (is_inside && !stream->has_element && !is_one_of(c, " \t\r\n"))
        begin_element(stream);
    if (!is_inside)
        buf_putc(&stream->rest, c);
    else if (stream->has_element)
        buf_putc(&stream->element, c);
}

/* A string may end here as well: no escape is half said, and no character. */
static bool may_cut(const Stream *stream, char c)
{
    enum { ESCAPE_LEN = 6 };

    return stream->quoted_len > LOG_ENTRY_MAX && !stream->is_escaped &&
           stream->since_escape > ESCAPE_LEN && ((unsigned char)c & 0xC0) != 0x80;
}

static void read_quoted(Stream *stream, char c)
{
    if (!stream->is_dropping && may_cut(stream, c)) {
        stream->is_dropping = true;
        stream->cut_line = stream->line;
    }
    stream->quoted_len++;
    stream->since_escape = c == '\\' && !stream->is_escaped ? 0 : stream->since_escape + 1;
    if (stream->is_escaped)
        stream->is_escaped = false;
    else if (c == '\\')
        stream->is_escaped = true;
    else if (c == '"')
        stream->is_quoted = false;
    if (stream->is_quoted && stream->text_len < KEY_MAX)
        stream->text[stream->text_len++] = c;
    if (!stream->is_dropping || !stream->is_quoted)
        put(stream, c);
}

static void name_key(Stream *stream)
{
    if (stream->depth > DEPTH_SEEN || stream->list != LIST_NONE)
        return;
    memcpy(stream->keys[stream->depth], stream->text, stream->text_len);
    stream->keys[stream->depth][stream->text_len] = '\0';
}

static Rc read_plain(Stream *stream, char c, Err *err)
{
    bool is_used = false;

    TRY(end_elements(stream, c, &is_used, err));
    if (is_used)
        return RC_OK;
    if (c == ']' || c == '}') {
        if (stream->depth == 4 && c == ']') {
            stream->depth--;
            close_columns(stream);
            stream->depth++;
        }
        if (stream->depth == stream->list_depth || stream->list == LIST_NONE) {
            stream->depth -= stream->depth > 0;
            put(stream, c);
        } else {
            put(stream, c);
            stream->depth -= stream->depth > 0;
        }
        return RC_OK;
    }
    if (c == '"') {
        stream->is_quoted = true;
        stream->is_dropping = false;
        stream->quoted_len = stream->since_escape = 0;
        stream->text_len = 0;
    }
    if (c == ':')
        name_key(stream);
    if (c == '[' || c == '{') {
        put(stream, c);
        open_bracket(stream, c);
        return RC_OK;
    }
    put(stream, c);
    return RC_OK;
}

static Rc read_piece(Stream *stream, Str piece, Err *err)
{
    for (size_t i = 0; i < piece.len; i++) {
        char c = piece.at[i];
        stream->line += c == '\n';
        if (stream->is_quoted)
            read_quoted(stream, c);
        else
            TRY(read_plain(stream, c, err));
    }
    return RC_OK;
}

static Rc finish(Stream *stream, Err *err)
{
    Reader *reader = stream->json->reader;
    Str rest = str_trim((Str){buf_text(&stream->rest), stream->rest.len});

    if (stream->depth > 0 || stream->is_quoted)
        return reader_tell_trouble(reader, stream->line, 0, "the JSON breaks off", err);
    if (rest.len < 4) // the list that was taken
        return RC_OK;
    stream->json->line = 1;
    TRY(tell_cut(stream, err));
    if (stream->run)
        return json_end_run(stream->json, stream->run, (char *)(uintptr_t)rest.at, rest.len, err);
    return json_take_text(stream->json, (char *)(uintptr_t)rest.at, rest.len, NULL, err);
}

Rc json_stream(Json *json, Err *err)
{
    Source *source = &json->reader->source;
    AUTO(stream_done) Stream stream = {.json = json, .rest = BUF(REST_MAX), .line = 1};
    Str piece;

    for (;;) {
        TRY(source_peek(source, 1, &piece, err));
        if (piece.len == 0)
            break;
        TRY(read_piece(&stream, piece, err));
        source_take(source, piece.len, 0);
    }
    if (stream.rest.over)
        return reader_tell_trouble(json->reader, 1, 0,
                                   "more than 2 MiB of the JSON are in no list of records", err);
    return finish(&stream, err);
}
