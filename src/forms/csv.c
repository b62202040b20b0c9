/* CSV (RFC 4180, also with ';' or tabs) whose first line names the columns of event messages. */
#include "internal.h"

#include <string.h>

enum { COLUMNS_MAX = 256 };

typedef struct Csv {
    Reader *reader;
    char mark;  // between fields
    char *line; // what is being read, and where
    size_t len, at;
    Buf record; // fields one after the other
    size_t starts[COLUMNS_MAX + 1];
    size_t count;
    size_t first_line; // of the record
} Csv;

static void csv_done(Csv *csv)
{
    buf_done(&csv->record);
}

/* ---- is it one? --------------------------------------------------------------------------------
 */

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

bool csv_is_export(Str head)
{
    Str line = first_line(head), name;
    char mark = mark_of(line);
    bool has_text = false;
    size_t known = 0;

    if (line.len > 16 * 1024)
        return false;
    while (str_split(&line, mark, &name)) {
        Field field = field_named(unquoted(name));
        has_text = has_text || field == FIELD_TEXT;
        known += field != FIELD_COUNT;
    }
    return has_text && known >= 2;
}

/* ---- records -----------------------------------------------------------------------------------
 */

static Rc next_line(Csv *csv, bool *ret_has, Err *err)
{
    csv->at = 0;
    return source_line(&csv->reader->source, &csv->line, &csv->len, ret_has, err);
}

static void end_field(Csv *csv)
{
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
    TRY(next_line(csv, ret_has, err));
    buf_reset(&csv->record);
    csv->count = 0;
    csv->starts[0] = 0;
    csv->first_line = csv->reader->source.line;
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
                 csv->starts[index + 1] - csv->starts[index]};
}

/* ---- the file ----------------------------------------------------------------------------------
 */

static Rc read_header(Csv *csv, Field *fields, size_t *ret_count, bool *ret_is_good, Err *err)
{
    bool has_record, is_whole, has_text = false;

    TRY(read_record(csv, &has_record, &is_whole, err));
    *ret_count = csv->count;
    for (size_t i = 0; i < csv->count; i++) {
        fields[i] = field_named(field_at(csv, i));
        has_text = has_text || fields[i] == FIELD_TEXT;
    }
    *ret_is_good = has_record && is_whole && has_text;
    if (*ret_is_good)
        return RC_OK;
    return reader_tell_trouble(csv->reader, 1, 0, "the first line names no column 'message'", err);
}

static bool keep_row(Csv *csv, Rows *rows, const Field *fields)
{
    Str values[FIELD_COUNT] = {{0}};

    for (size_t i = 0; i < csv->count; i++)
        if (fields[i] != FIELD_COUNT && !values[fields[i]].at)
            values[fields[i]] = field_at(csv, i);
    return rows_add(rows, csv->first_line, values);
}

static bool is_empty_line(const Csv *csv)
{
    return csv->count == 1 && csv->starts[1] == 0;
}

/* What is wrong with the record, or NULL. */
static const char *fault_of(const Csv *csv, bool is_whole, size_t columns)
{
    if (!is_whole)
        return "the record is cut off: its last quote is never closed";
    if (csv->record.over)
        return "the record is longer than 256 MiB";
    return csv->count == columns ? NULL
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
        if (fault)
            TRY(reader_tell_trouble(csv->reader, csv->first_line, 0, fault, err));
        else if (!keep_row(csv, rows, fields))
            return reader_tell_trouble(
                csv->reader, csv->first_line, 0,
                "the export is too large to be kept: this row and the rest are left out", err);
    }
}

Rc csv_read(Reader *reader, Err *err)
{
    AUTO(csv_done) Csv csv = {.reader = reader, .record = BUF(LOG_JSON_MAX)};
    AUTO(rows_free_at) Rows *rows = rows_new();
    Field fields[COLUMNS_MAX];
    size_t columns = 0;
    bool is_good = false;
    Str head;

    TRY(source_peek(&reader->source, 16 * 1024, &head, err));
    csv.mark = mark_of(first_line(head));
    TRY(read_header(&csv, fields, &columns, &is_good, err));
    if (!is_good)
        return RC_OK;
    TRY(read_rows(&csv, rows, fields, columns, err));
    arena_reset(&reader->arena);
    return rows_tell(rows, reader, err);
}
