/*
 * XML, record by record, for a file may be unfinished, or several documents: <record> of the XML
 * log provider, <Event> of the Windows event log.
 */
#include "chars.h"
#include "eventtext.h"
#include "internal.h"
#include "runs.h"

#include "stamp.h"

#include "ssisminer/base/utf.h"
#include "ssisminer/ssisdb/ssisdb.h"

enum { STRINGS_MAX = 20 };

typedef struct Xml {
    Reader *reader;
    Runs *runs;
    Buf text;        // a piece of the file
    size_t done;     // of it
    size_t line;     // where what is not done begins
    size_t searched; // no record ends between done and that
} Xml;

static void xml_done(Xml *xml)
{
    buf_done(&xml->text);
}

bool xml_is_log(Str head)
{
    Str start = str_trim(str_to(head, 4096));

    return char_at(start, 0) == '<' && (holds(start, "<dtslog") || holds(start, "<record>") ||
                                        holds(start, "schemas.microsoft.com/win/2004/08/events"));
}

/* ---- elements -------------------------------------------------------------------------------- */

/* "&lt;" and the like at `at`; the length of it, 0 if it is none. */
static size_t entity(Str text, size_t at, Buf *into)
{
    static const struct {
        const char *name;
        char c;
    } names[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};
    Str rest = str_from(text, at);

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        Str name = str_of(names[i].name);
        if (!str_equal(str_to(rest, name.len), name))
            continue;
        buf_putc(into, names[i].c);
        return name.len;
    }
    bool is_hex = char_at(rest, 2) == 'x';
    size_t digits = 2 + is_hex;
    const char *end = memchr(rest.at, ';', rest.len < 12 ? rest.len : 12);
    if (char_at(rest, 1) != '#' || !end || (size_t)(end - rest.at) <= digits)
        return 0;
    Str number = {rest.at + digits, (size_t)(end - rest.at) - digits};
    unsigned long point = 0;
    for (size_t i = 0; i < number.len; i++) {
        char c = str_fold(number.at[i]);
        unsigned digit = is_digit(c) ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
        if (digit >= (is_hex ? 16U : 10U))
            return 0;
        point = point * (is_hex ? 16 : 10) + digit;
    }
    utf_put_point(into, (uint32_t)point);
    return (size_t)(end - rest.at) + 1;
}

static Str plain(Str text, Arena *arena)
{
    AUTO(buf_done) Buf into = BUF(LOG_ENTRY_MAX);

    for (size_t at = 0; at < text.len;) {
        if (STARTS(str_from(text, at), "<![CDATA[") || STARTS(str_from(text, at), "]]>")) {
            at += text.at[at] == '<' ? 9 : 3;
            continue;
        }
        size_t len = text.at[at] == '&' ? entity(text, at, &into) : 0;
        if (len == 0)
            buf_putc(&into, text.at[at]);
        at += len > 0 ? len : 1;
    }
    return str_trim((Str){arena_copy(arena, buf_text(&into), into.len), into.len});
}

/* The next element of this name from `at` on, its tag's attributes and its content; at is set
 * behind it. False if there is none. */
static bool element(Str text, const char *name, size_t *at, Str *ret_tag, Str *ret_content)
{
    size_t len = strlen(name);

    for (;;) {
        Str rest = str_from(text, *at);
        const char *open = rest.len > 0 ? memmem(rest.at, rest.len, name, len) : NULL;
        if (!open)
            return false;
        size_t start = (size_t)(open - text.at);
        *at = start + len;
        if (start == 0 || text.at[start - 1] != '<' || !is_one_of(char_at(text, *at), " />\t\r\n"))
            continue;
        const char *end = memchr(text.at + *at, '>', text.len - *at);
        if (!end)
            return false;
        *ret_tag = (Str){text.at + *at, (size_t)(end - (text.at + *at))};
        *at = (size_t)(end + 1 - text.at);
        *ret_content = (Str){text.at + *at, 0};
        if (end[-1] == '/')
            return true;
        const char *close = end + 1;
        while ((close = memmem(close, (size_t)(text.at + text.len - close), "</", 2))) {
            size_t place = (size_t)(close - text.at);
            if (str_equal(str_to(str_from(text, place + 2), len), (Str){name, len}) &&
                char_at(text, place + 2 + len) == '>')
                break;
            close += 2;
        }
        ret_content->len = close ? (size_t)(close - ret_content->at) : text.len - *at;
        *at += ret_content->len;
        return true;
    }
}

static Str content_of(Str text, const char *name, Arena *arena)
{
    size_t at = 0;
    Str tag, content;

    return element(text, name, &at, &tag, &content) ? plain(content, arena) : (Str){"", 0};
}

static Str attribute_of(Str text, const char *name, const char *attribute, Arena *arena)
{
    size_t at = 0;
    Str tag, content;

    if (!element(text, name, &at, &tag, &content))
        return (Str){"", 0};
    const char *found = memmem(tag.at, tag.len, attribute, strlen(attribute));
    Str rest =
        found ? str_from(tag, (size_t)(found - tag.at) + strlen(attribute) + 1) : (Str){"", 0};
    char quote = char_at(rest, 0);
    const char *end = is_one_of(quote, "'\"") ? memchr(rest.at + 1, quote, rest.len - 1) : NULL;
    return end ? plain((Str){rest.at + 1, (size_t)(end - rest.at) - 1}, arena) : (Str){"", 0};
}

/* ---- records --------------------------------------------------------------------------------- */

static Rc say(Xml *xml, Str key, const DiagMessage *message, Err *err)
{
    Run *run;

    TRY(runs_find(xml->runs, key, message->line, &run, err));
    TRY(runs_add(xml->runs, run, message, err));
    return key.len > 0 ? RC_OK : runs_close(xml->runs, run, err);
}

static Rc read_record(Xml *xml, Str record, size_t line, Err *err)
{
    Arena *arena = &xml->reader->arena;
    DiagMessage message = {
        .text = content_of(record, "message", arena),
        .type = event_type(content_of(record, "event", arena)),
        .ticks = stamp_ticks(content_of(record, "starttime", arena)),
        .source_name = content_of(record, "source", arena).at,
        .line = line,
    };

    if (message.type != MESSAGE_INFORMATION)
        message.code = value_code(content_of(record, "datacode", arena));
    return say(xml, content_of(record, "executionid", arena), &message, err);
}

static int type_of_level(Str level)
{
    int64_t number = value_code(level);

    return number == 1 || number == 2 ? MESSAGE_ERROR
           : number == 3              ? MESSAGE_WARNING
                                      : MESSAGE_INFORMATION;
}

/* An export of the whole application log holds other programs' troubles. */
static bool is_of_sql_server(Str provider)
{
    return STARTS_FOLD(provider, "SQL") || STARTS_FOLD(provider, "MSSQL") ||
           holds(provider, "Integration");
}

static Rc read_event(Xml *xml, Str event, size_t line, Err *err)
{
    Arena *arena = &xml->reader->arena;
    Str strings[STRINGS_MAX], tag, content, source = {0}, key = {0};
    Str provider = attribute_of(event, "Provider", "Name", arena);
    Str shown = content_of(event, "Message", arena);
    size_t count = 0, at = 0;
    DiagMessage message;

    while (count < STRINGS_MAX && element(event, "Data", &at, &tag, &content))
        strings[count++] = plain(content, arena);
    bool is_ssis = STARTS_FOLD(provider, "SQLISPackage");
    if (!is_ssis || (!event_strings_read(strings, count, &message, &source, &key) &&
                     !event_text_read(shown, &message, &source, &key)))
        message = (DiagMessage){.text = shown.len > 0 ? shown
                                        : count > 0   ? strings[0]
                                                      : (Str){"", 0},
                                .type = type_of_level(content_of(event, "Level", arena)),
                                .source_name = provider.at};
    if (is_ssis && count == 1 && shown.len == 0)
        message.text = event_of_package(strings[0], message.type, arena);
    int64_t ticks = stamp_ticks(attribute_of(event, "TimeCreated", "SystemTime", arena));
    message.ticks = ticks != 0 ? ticks : message.ticks;
    message.line = line;
    if (source.len > 0)
        message.source_name = arena_copy(arena, source.at, source.len);
    if (!is_of_sql_server(provider))
        message.type = MESSAGE_INFORMATION;
    return say(xml, key, &message, err);
}

/* ---- the file -------------------------------------------------------------------------------- */

static size_t count_lines(Str text)
{
    size_t lines = 0;

    for (const char *at = text.at; (at = memchr(at, '\n', (size_t)(text.at + text.len - at))); at++)
        lines++;
    return lines;
}

/* What the record that ends there begins with: the last such tag. */
static Str record_before(Str text, const char *tag, size_t len)
{
    const char *open = NULL, *at = text.at;

    while ((at = memmem(at, (size_t)(text.at + text.len - at), tag, len))) {
        open = is_letter(at[len]) ? open : at; // <Event>, not <EventID>
        at += len;
    }
    return open ? str_from(text, (size_t)(open - text.at)) : text;
}

/* The first whole record of the text; false when there is none yet. */
static bool next_record(Xml *xml, Str *ret_record, bool *ret_is_event, size_t *ret_end)
{
    Str text = {buf_text(&xml->text), xml->text.len};
    Str rest = str_from(text, xml->searched > xml->done ? xml->searched : xml->done);
    const char *record = memmem(rest.at, rest.len, "</record>", 9);
    const char *event =
        memmem(rest.at, record ? (size_t)(record - rest.at) : rest.len, "</Event>", 8);

    xml->searched = text.len > 16 ? text.len - 16 : 0;
    *ret_is_event = event != NULL;
    const char *end = event ? event : record;
    if (!end)
        return false;
    xml->searched = 0;
    *ret_end = (size_t)(end - text.at) + (event ? 8 : 9);
    Str whole = str_from(str_to(text, (size_t)(end - text.at)), xml->done);
    *ret_record = event ? record_before(whole, "<Event", 6) : record_before(whole, "<record", 7);
    return true;
}

static Rc read_whole_ones(Xml *xml, Err *err)
{
    bool is_event;
    Str record;
    size_t end;

    while (next_record(xml, &record, &is_event, &end)) {
        const char *from = xml->text.text + xml->done;
        size_t line = xml->line + count_lines((Str){from, (size_t)(record.at - from)});
        TRY(is_event ? read_event(xml, record, line, err) : read_record(xml, record, line, err));
        arena_reset(&xml->reader->arena);
        xml->line += count_lines((Str){from, end - xml->done});
        xml->done = end;
    }
    return RC_OK;
}

/* What is done makes room. */
static void drop_done(Xml *xml)
{
    if (xml->done == 0)
        return;
    memmove(xml->text.text, xml->text.text + xml->done, xml->text.len - xml->done);
    xml->text.len -= xml->done;
    xml->searched -= xml->done < xml->searched ? xml->done : xml->searched;
    xml->done = 0;
}

static Rc tell_rest(Xml *xml, const char *why, Err *err)
{
    Rc rc = reader_tell_trouble(xml->reader, xml->line, 0, why, err);

    xml->line += count_lines((Str){buf_text(&xml->text), xml->text.len});
    xml->done = xml->text.len;
    drop_done(xml);
    return rc;
}

static Rc read_piece(Xml *xml, bool *ret_has, Err *err)
{
    Str piece;

    TRY(source_peek(&xml->reader->source, 1, &piece, err));
    *ret_has = piece.len > 0;
    buf_put(&xml->text, piece.at, piece.len);
    source_take(&xml->reader->source, piece.len, 0);
    return RC_OK;
}

Rc xml_read(Reader *reader, Err *err)
{
    AUTO(runs_free_at) Runs *runs = runs_new(reader);
    AUTO(xml_done)
    Xml xml = {.reader = reader, .runs = runs, .text = BUF(4 * LOG_ENTRY_MAX), .line = 1};
    bool has_more = true;

    while (has_more) {
        TRY(read_piece(&xml, &has_more, err));
        TRY(read_whole_ones(&xml, err));
        drop_done(&xml);
        if (xml.text.len > LOG_ENTRY_MAX)
            TRY(tell_rest(&xml, "the record is longer than 1 MiB", err));
    }
    Str rest = {buf_text(&xml.text), xml.text.len};
    if (holds(rest, "<record>") || holds(rest, "<Event "))
        TRY(tell_rest(&xml, "the record breaks off", err));
    return runs_close_all(runs, err);
}
