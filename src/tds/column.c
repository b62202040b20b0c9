/* A column of an open result: its form, its place in the row, its value. */
#include "rows.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/utf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- places ---------------------------------------------------------------------------------- */

SQLSMALLINT tds_column_c_type(const Column *column)
{
    static const SQLSMALLINT types[] = {
        [FORM_I64] = SQL_C_SBIGINT,    [FORM_F64] = SQL_C_DOUBLE,
        [FORM_OFFSET] = SQL_C_BINARY,  [FORM_STAMP] = SQL_C_TYPE_TIMESTAMP,
        [FORM_TIME_TEXT] = SQL_C_CHAR, [FORM_GUID] = SQL_C_GUID,
        [FORM_CHAR] = SQL_C_CHAR,      [FORM_WCHAR] = SQL_C_WCHAR,
        [FORM_BYTES] = SQL_C_BINARY,
    };
    return types[column->form];
}

bool tds_column_is_text(const Column *column)
{
    return column->form >= FORM_CHAR || column->form == FORM_TIME_TEXT;
}

size_t tds_column_terminator(const Column *column)
{
    return column->form == FORM_WCHAR ? sizeof(uint16_t) : column->form == FORM_BYTES ? 0 : 1;
}

void *tds_column_place(Column *column)
{
    return tds_column_is_text(column) ? (void *)column->place : (void *)&column->as;
}

SQLLEN tds_column_size(const Column *column)
{
    if (tds_column_is_text(column))
        return (SQLLEN)column->size;
    return column->form == FORM_OFFSET ? (SQLLEN)sizeof(TdsTimeOffset) : 0;
}

/* ---- values ---------------------------------------------------------------------------------- */

static Column *column_at(const TdsRows *rows, int column)
{
    assert(column >= 0 && (size_t)column < rows->count);
    return &rows->columns[column];
}

bool tds_is_null(const TdsRows *rows, int column)
{
    return column_at(rows, column)->indicator == SQL_NULL_DATA;
}

int64_t tds_i64(const TdsRows *rows, int column)
{
    const Column *at = column_at(rows, column);

    assert(at->form == FORM_I64 || at->form == FORM_ABSENT);
    return at->indicator == SQL_NULL_DATA ? 0 : at->as.i64;
}

double tds_f64(const TdsRows *rows, int column)
{
    const Column *at = column_at(rows, column);

    assert(at->form == FORM_F64 || at->form == FORM_ABSENT);
    return at->indicator == SQL_NULL_DATA ? 0 : at->as.f64;
}

Instant tds_time(const TdsRows *rows, int column)
{
    const Column *at = column_at(rows, column);

    assert(at->head->type == SQL_TYPE_DATETIMEOFFSET);
    if (at->indicator == SQL_NULL_DATA)
        return (Instant){.is_set = false};
    if (at->form == FORM_OFFSET)
        return tds_instant_of_offset(&at->as.offset);
    if (at->form == FORM_STAMP)
        return tds_instant_of_timestamp(&at->as.stamp);
    return tds_instant_of_text((Str){at->place, at->bytes});
}

static void reserve_text(Column *column, size_t need)
{
    if (need <= column->text_size)
        return;
    free(column->text);
    column->text = mem_alloc(need);
    column->text_size = need;
}

static void shorten(Column *column)
{
    static const char ellipsis[] = "\xE2\x80\xA6";
    size_t len = (size_t)TDS_TEXT_MAX - 3;

    if (column->text_len < len)
        len = column->text_len;
    column->text_len = str_utf8_floor(column->text, len);
    memcpy(column->text + column->text_len, ellipsis, 3);
    column->text_len += 3;
}

static void convert(Column *column)
{
    size_t units = column->bytes / sizeof(uint16_t);
    const void *place = column->place; // aligned: it came from malloc

    reserve_text(column, UTF_FROM_UTF16_MAX(units) + 4);
    column->text_len = utf_from_utf16(place, units, column->text);
    column->text_len = utf_show_nuls(column->text, column->text_len);
    if (column->is_cut || column->text_len > TDS_TEXT_MAX)
        shorten(column);
    if (column->head->type == SQL_TYPE_UNIQUEIDENTIFIER)
        for (size_t i = 0; i < column->text_len; i++)
            if (column->text[i] >= 'a' && column->text[i] <= 'f')
                column->text[i] = (char)(column->text[i] - 'a' + 'A');
}

static void make_text(Column *column)
{
    if (column->form == FORM_WCHAR) {
        convert(column);
        return;
    }
    reserve_text(column, TDS_GUID_LEN);
    tds_guid_text(&column->as.guid, column->text);
    column->text_len = TDS_GUID_LEN;
}

Str tds_text(const TdsRows *rows, int column)
{
    Column *at = column_at(rows, column);

    assert(at->form == FORM_ABSENT || at->form >= FORM_GUID);
    if (at->indicator == SQL_NULL_DATA)
        return (Str){NULL, 0};
    if (at->form == FORM_CHAR || at->form == FORM_BYTES)
        return (Str){at->place, at->bytes};
    if (at->text_row != rows->row) {
        make_text(at);
        at->text_row = rows->row;
    }
    return (Str){at->text, at->text_len};
}

const char *tds_text_copy(const TdsRows *rows, int column, Arena *arena)
{
    Str text = tds_text(rows, column);

    return text.at ? arena_copy(arena, text.at, text.len) : NULL;
}

Str tds_raw(const TdsRows *rows, int column)
{
    const Column *at = column_at(rows, column);

    assert(at->form == FORM_ABSENT || tds_column_is_text(at));
    if (at->indicator == SQL_NULL_DATA)
        return (Str){NULL, 0};
    return (Str){at->place, at->bytes};
}
