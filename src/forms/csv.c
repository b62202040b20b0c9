/* CSV (RFC 4180, also with ';' or tabs) whose first line names the columns of event messages. */
#include "internal.h"

#include "chars.h"
#include "stamp.h"

#include <string.h>

enum { COLUMNS_MAX = 256 };
/* Of one record, which may be a file behind a quote that nobody closed. */
enum { CSV_RECORD_MAX = 2 * 1024 * 1024 };

typedef struct Csv {
    Reader *reader;
    char mark;  // between fields
    char *line; // what is being read, and where
    size_t len, at;
    Buf record; // fields one after the other, the mark behind each
    size_t starts[COLUMNS_MAX + 1];
    size_t count;
    size_t first_line;  // of the record
    size_t text_column; // COLUMNS_MAX: none
    bool is_bare;       // rows without a header, which begin as such rows do
    Buf raw, pending;   // of bare rows: the one at hand, the first line of the next
    size_t pending_line;
    bool has_pending;
} Csv;

static void csv_done(Csv *csv)
{
    buf_done(&csv->record);
    buf_done(&csv->raw);
    buf_done(&csv->pending);
}

/* ---- is it one? ------------------------------------------------------------------------------ */

static Str first_line(Str text)
{
    Str line = text;

    (void)str_split(&text, '\n', &line);
    return str_trim(line);
}

static char mark_of(Str header)
{
    static const char marks[] = ",;\t";
    char best = ',';
    size_t most = 0;

    for (const char *mark = marks; *mark; mark++) {
        size_t count = 0;
        for (size_t i = 0; i < header.len; i++)
            count += header.at[i] == *mark;
        if (count > most) {
            most = count;
            best = *mark;
        }
    }
    return best;
}

static Str unquoted(Str name)
{
    name = str_trim(name);
    if (name.len >= 2 && name.at[0] == '"' && name.at[name.len - 1] == '"')
        return (Str){name.at + 1, name.len - 2};
    return name;
}

/* Behind "sep=;" and "#TYPE …", which say nothing of the columns. */
static Str header_of(Str head)
{
    Str line = {0};

    for (size_t i = 0; i < 2; i++) {
        Str rest = head;
        if (!str_split(&rest, '\n', &line) || !rest.at ||
            !(STARTS_FOLD(line, "sep=") || STARTS(line, "#TYPE ")))
            break;
        head = rest;
    }
    return first_line(head);
}

/* The viewer of event logs names five columns and writes six values; the words are those of its
 * language, and the source is what is known. */
static bool is_event_viewer(Str head)
{
    enum { NAMED = 5 };
    Str rest = header_of(head), name;
    char mark = mark_of(rest);
    size_t count = 0;

    while (str_split(&rest, mark, &name))
        count++;
    return count == NAMED && memmem(head.at, head.len, "SQLISPackage", 12) &&
           is_letter(char_at(header_of(head), 0));
}

bool csv_is_export(Str head)
{
    Str line = header_of(head), name;
    char mark = mark_of(line);
    bool has[FIELD_COUNT + 1] = {false};

    if (line.len > 16 * 1024)
        return false;
    while (str_split(&line, mark, &name))
        has[field_named(unquoted(name))] = true;
    return fields_make_messages(has) || is_event_viewer(head);
}

/* ---- rows without a header ------------------------------------------------------------------- */

/* The columns of catalog.operation_messages and catalog.event_messages, in their order. */
static const Field bare_fields[] = {
    FIELD_COUNT, FIELD_OPERATION,    FIELD_TIME,         FIELD_TYPE,           FIELD_SOURCE_TYPE,
    FIELD_TEXT,  FIELD_COUNT,        FIELD_PACKAGE,      FIELD_EVENT,          FIELD_SOURCE_NAME,
    FIELD_COUNT, FIELD_SUBCOMPONENT, FIELD_PACKAGE_PATH, FIELD_EXECUTION_PATH, FIELD_COUNT,
    FIELD_CODE,  FIELD_COUNT,
};
enum { BARE_LEAST = 6, BARE_OPERATION_COLUMNS = 7 };

static bool is_whole_number(Str text)
{
    int64_t number;

    return str_to_i64(unquoted(text), &number);
}

/* int or NULL, int, a time, a type of message, a type of source. */
static bool is_bare_row(Str line, char mark)
{
    Str fields[BARE_LEAST], rest = line;

    for (size_t i = 0; i < BARE_LEAST; i++)
        if (!str_split(&rest, mark, &fields[i]))
            return false;
    Str id = unquoted(fields[0]);
    int64_t type = value_message_type(unquoted(fields[3]));
    int64_t source = value_message_type(unquoted(fields[4]));
    return (id.len == 0 || str_equal(id, str_of("NULL")) || is_whole_number(id)) &&
           is_whole_number(fields[1]) && stamp_ticks(unquoted(fields[2])) != 0 &&
           is_whole_number(fields[3]) && (type == -1 || (type >= 10 && type <= 400)) &&
           is_whole_number(fields[4]) && source >= 10 && source <= 60;
}

static char bare_mark(Str line)
{
    static const char marks[] = "\t,;";

    for (const char *mark = marks; *mark; mark++)
        if (is_bare_row(line, *mark))
            return *mark;
    return '\0';
}

bool csv_is_bare(Str head)
{
    return bare_mark(first_line(head)) != '\0';
}

/* ---- records --------------------------------------------------------------------------------- */

static bool is_bare_row(Str line, char mark);

static Rc next_pending(Csv *csv, Err *err)
{
    char *line;
    size_t len;

    TRY(source_line(&csv->reader->source, &line, &len, &csv->has_pending, err));
    buf_reset(&csv->pending);
    if (csv->has_pending)
        buf_put(&csv->pending, line, len);
    csv->pending_line = csv->reader->source.line;
    return RC_OK;
}

/* A row and the lines of its message, up to the line that begins as rows do. */
static Rc next_bare(Csv *csv, bool *ret_has, Err *err)
{
    buf_reset(&csv->raw);
    if (!csv->has_pending)
        TRY(next_pending(csv, err));
    *ret_has = csv->has_pending;
    csv->first_line = csv->pending_line;
    while (csv->has_pending) {
        buf_put(&csv->raw, csv->pending.text, csv->pending.len);
        TRY(next_pending(csv, err));
        Str line = {buf_text(&csv->pending), csv->pending.len};
        if (!csv->has_pending || is_bare_row(line, csv->mark))
            break;
        buf_putc(&csv->raw, '\n');
    }
    csv->line = csv->raw.text;
    csv->len = csv->raw.len;
    return RC_OK;
}

static Rc next_line(Csv *csv, bool *ret_has, Err *err)
{
    csv->at = 0;
    *ret_has = false;
    if (csv->is_bare)
        return RC_OK; // a bare row has all its lines
    return source_line(&csv->reader->source, &csv->line, &csv->len, ret_has, err);
}

static void end_field(Csv *csv)
{
    buf_putc(&csv->record, csv->mark);
    if (csv->count < COLUMNS_MAX)
        csv->starts[++csv->count] = csv->record.len;
}

/* After the opening quote; a quoted field may go over several lines. */
static Rc read_quoted(Csv *csv, bool *ret_is_whole, Err *err)
{
    bool has_line = true;

    for (;;) {
        for (; csv->at < csv->len; csv->at++) {
            char c = csv->line[csv->at];
            if (c != '"') {
                buf_putc(&csv->record, c);
            } else if (csv->at + 1 < csv->len && csv->line[csv->at + 1] == '"') {
                buf_putc(&csv->record, '"');
                csv->at++;
            } else {
                csv->at++;
                *ret_is_whole = true;
                return RC_OK;
            }
        }
        TRY(next_line(csv, &has_line, err));
        if (!has_line)
            break;
        buf_putc(&csv->record, '\n');
    }
    *ret_is_whole = false;
    return RC_OK;
}

static Rc read_field(Csv *csv, bool *ret_is_whole, Err *err)
{
    *ret_is_whole = true;
    if (csv->at < csv->len && csv->line[csv->at] == '"') {
        csv->at++;
        TRY(read_quoted(csv, ret_is_whole, err));
    }
    while (csv->at < csv->len && csv->line[csv->at] != csv->mark)
        buf_putc(&csv->record, csv->line[csv->at++]);
    end_field(csv);
    return RC_OK;
}

static Rc read_record(Csv *csv, bool *ret_has, bool *ret_is_whole, Err *err)
{
    csv->at = 0;
    if (csv->is_bare) {
        TRY(next_bare(csv, ret_has, err));
    } else {
        TRY(next_line(csv, ret_has, err));
        csv->first_line = csv->reader->source.line;
    }
    buf_reset(&csv->record);
    csv->count = 0;
    csv->starts[0] = 0;
    *ret_is_whole = true;
    while (*ret_has) {
        TRY(read_field(csv, ret_is_whole, err));
        if (!*ret_is_whole || csv->at >= csv->len)
            break;
        csv->at++; // the mark
    }
    return RC_OK;
}

static Str field_at(const Csv *csv, size_t index)
{
    return (Str){buf_text(&csv->record) + csv->starts[index],
                 csv->starts[index + 1] - csv->starts[index] - 1};
}

/* ---- the file -------------------------------------------------------------------------------- */

static Rc read_header(Csv *csv, Field *fields, size_t *ret_count, bool *ret_is_good, Err *err)
{
    bool has_record, is_whole, has_text = false;

    do
        TRY(read_record(csv, &has_record, &is_whole, err));
    while (has_record && csv->count > 0 &&
           (STARTS_FOLD(field_at(csv, 0), "sep=") || STARTS(field_at(csv, 0), "#TYPE ")));
    *ret_count = csv->count;
    csv->text_column = COLUMNS_MAX;
    for (size_t i = 0; i < csv->count; i++) {
        fields[i] = field_named(field_at(csv, i));
        if (fields[i] == FIELD_TEXT && csv->text_column == COLUMNS_MAX)
            csv->text_column = i;
        has_text = has_text || fields[i] == FIELD_TEXT;
    }
    *ret_is_good = has_record && is_whole && has_text;
    if (*ret_is_good)
        return RC_OK;
    return reader_tell_trouble(csv->reader, 1, 0, "the first line names no column 'message'", err);
}

/* Without quotes a message's own commas make values too many: they are the message's. */
static void join_surplus(Csv *csv, size_t columns)
{
    size_t surplus = csv->count - columns, from = csv->text_column + 1;

    memmove(&csv->starts[from], &csv->starts[from + surplus],
            (csv->count + 1 - from - surplus) * sizeof(*csv->starts));
    csv->count = columns;
}

/* Log File Viewer writes <c/> for a comma and <nl/> for a line break. */
static Str undone(Csv *csv, Str value)
{
    char *text = arena_copy(&csv->reader->arena, value.at, value.len), *into = text;

    if (!memmem(value.at, value.len, "<c/>", 4) && !memmem(value.at, value.len, "<nl/>", 5))
        return value;
    for (size_t at = 0; at < value.len;) {
        Str rest = str_from(value, at);
        bool is_comma = STARTS(rest, "<c/>"), is_break = STARTS(rest, "<nl/>");
        *into++ = is_comma ? ',' : is_break ? '\n' : value.at[at];
        at += is_comma ? 4 : is_break ? 5 : 1;
    }
    return (Str){text, (size_t)(into - text)};
}

static Rc keep_row(Csv *csv, Rows *rows, const Field *fields, Err *err)
{
    Str values[FIELD_COUNT] = {{0}};

    for (size_t i = 0; i < csv->count; i++)
        if (fields[i] != FIELD_COUNT && !values[fields[i]].at)
            values[fields[i]] = undone(csv, field_at(csv, i));
    return rows_add(rows, csv->first_line, values, err);
}

static bool is_empty_line(const Csv *csv)
{
    return csv->count == 1 && csv->starts[1] == 1;
}

/* What is wrong with the record, or NULL. */
static const char *fault_of(const Csv *csv, bool is_whole, size_t columns)
{
    if (!is_whole)
        return "the record is cut off: its last quote is never closed";
    if (csv->record.over || csv->raw.over)
        return "the record is longer than 2 MiB";
    return csv->count >= columns && csv->count < COLUMNS_MAX
               ? NULL
               : "the record has another number of fields than the first line";
}

static Rc read_rows(Csv *csv, Rows *rows, const Field *fields, size_t columns, Err *err)
{
    bool has_record = true, is_whole = true;

    for (;;) {
        TRY(read_record(csv, &has_record, &is_whole, err));
        if (!has_record)
            return RC_OK;
        if (is_empty_line(csv))
            continue;
        const char *fault = fault_of(csv, is_whole, columns);
        if (fault) {
            TRY(reader_tell_trouble(csv->reader, csv->first_line, 0, fault, err));
        } else {
            if (csv->count > columns)
                join_surplus(csv, columns);
            TRY(keep_row(csv, rows, fields, err));
        }
        arena_reset(&csv->reader->arena);
    }
}

/* How many columns rows without a header have: most messages hold no mark. */
static size_t bare_columns(Str head, char mark)
{
    size_t least = COLUMNS_MAX, count = 0;
    Str line;

    while (str_split(&head, '\n', &line)) {
        if (is_bare_row(line, mark)) {
            least = count > 0 && count < least ? count : least;
            count = 1;
        }
        for (size_t i = 0; i < line.len; i++)
            count += line.at[i] == mark;
    }
    least = count > 0 && count < least ? count : least;
    return least < BARE_LEAST ? BARE_LEAST : least;
}

static void take_bare(Csv *csv, Str head, Field *fields, size_t *ret_columns)
{
    csv->is_bare = true;
    csv->mark = bare_mark(first_line(head));
    csv->text_column = 5;
    *ret_columns = bare_columns(head, csv->mark);
    for (size_t i = 0; i < COLUMNS_MAX; i++)
        fields[i] = i < ARRAY_LEN(bare_fields) ? bare_fields[i] : FIELD_COUNT;
}

/* Five names and six values: the time, the source and the message are where they always are. */
static void take_event_viewer(Csv *csv, Field *fields, size_t *ret_columns)
{
    enum { LEVEL = 0, TIME = 1, SOURCE = 2, NAMED = 5 };

    for (size_t i = 0; i <= NAMED; i++)
        fields[i] = FIELD_COUNT;
    fields[LEVEL] = FIELD_LEVEL;
    fields[TIME] = FIELD_TIME;
    fields[SOURCE] = FIELD_PROVIDER;
    fields[NAMED] = FIELD_TEXT;
    csv->text_column = NAMED;
    *ret_columns = NAMED + 1;
}

static Rc read_columns(Csv *csv, Field *fields, size_t *ret_columns, bool *ret_is_good, Err *err)
{
    Str head;

    *ret_is_good = true;
    TRY(source_peek(&csv->reader->source, 16 * 1024, &head, err));
    if (csv_is_bare(head)) {
        take_bare(csv, head, fields, ret_columns);
        return RC_OK;
    }
    csv->mark = mark_of(header_of(head));
    if (!is_event_viewer(head))
        return read_header(csv, fields, ret_columns, ret_is_good, err);
    bool has_record, is_whole;
    TRY(read_record(csv, &has_record, &is_whole, err)); // the header
    take_event_viewer(csv, fields, ret_columns);
    return RC_OK;
}

Rc csv_read(Reader *reader, Err *err)
{
    AUTO(csv_done)
    Csv csv = {.reader = reader,
               .record = BUF(CSV_RECORD_MAX),
               .raw = BUF(CSV_RECORD_MAX),
               .pending = BUF(CSV_RECORD_MAX)};
    AUTO(rows_free_at) Rows *rows = rows_new(reader);
    Field fields[COLUMNS_MAX];
    size_t columns = 0;
    bool is_good = false;

    TRY(read_columns(&csv, fields, &columns, &is_good, err));
    if (!is_good)
        return RC_OK;
    TRY(read_rows(&csv, rows, fields, columns, err));
    return rows_tell(rows, err);
}
