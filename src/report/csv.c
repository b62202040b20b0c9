/* csv: the primary section, RFC 4180, defused for spreadsheets. */
#include "model.h"

#include "ssisminer/base/utf.h"

#include <string.h>

static const Section *primary_of(const Report *report)
{
    const Section *found = NULL;

    for (const Section *section = report->first; section; section = section->next) {
        if (section->is_primary)
            return section;
        if (!found && is_for_data(section->audience))
            found = section;
    }
    return found;
}

/* ---- formulas -------------------------------------------------------------------------------- */

/* What a spreadsheet takes for the beginning of a formula, and the same in full width. */
static bool begins_formula(uint32_t point)
{
    return point == '=' || point == '+' || point == '-' || point == '@' || point == 0xFF1D ||
           point == 0xFF0B || point == 0xFF0D || point == 0xFF20;
}

/* Passed over when a cell is looked at: blanks of every kind, marks of no width, quotes. */
static bool is_passed_over(uint32_t point)
{
    return point == ' ' || point == '"' || point == '\'' || point == 0xA0 || point == 0x3000 ||
           (point >= 0x2000 && point <= 0x200B) || point == 0x2060 || point == 0xFEFF ||
           point == 0x2018 || point == 0x2019 || point == 0x201C || point == 0x201D;
}

/* Behind these, or at the beginning, a spreadsheet begins a cell: whatever its list separator is,
 * and whether or not it understands the quotes around. */
static bool ends_cell(uint32_t point)
{
    return point == ';' || point == '\t' || point == '\r' || point == '\n';
}

/* The text with an apostrophe at the beginning of each cell in it that would be a formula. */
static void put_defused(Buf *out, Str text)
{
    bool is_formula, is_beginning = true;

    for (size_t at = 0, used; at < text.len; at += used) {
        uint32_t point = utf_next(text.at + at, text.len - at, &used);
        if (is_beginning) {
            size_t next = at, skipped = used;
            uint32_t first = point;
            while (is_passed_over(first) && next + skipped < text.len) {
                next += skipped;
                first = utf_next(text.at + next, text.len - next, &skipped);
            }
            is_formula = begins_formula(first) || (at == 0 && (first == '\t' || first == '\r'));
            buf_puts(out, is_formula ? "'" : "");
        }
        buf_put(out, text.at + at, used);
        is_beginning = ends_cell(point);
    }
}

/* ---- cells ----------------------------------------------------------------------------------- */

static void put_cell(FILE *out, const Value *value)
{
    AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);
    AUTO(buf_done) Buf cell = BUF(REPORT_TEXT_MAX);
    bool is_text = value->type == VALUE_TEXT || value->type == VALUE_TEXTS;

    value_put_for_data(&text, value);
    if (is_text)
        put_defused(&cell, (Str){buf_text(&text), text.len});
    else
        buf_put(&cell, buf_text(&text), text.len);
    if (!strpbrk(buf_text(&cell), ",;\t\"\r\n") && cell.len == text.len) {
        (void)fputs(buf_text(&cell), out);
        return;
    }
    (void)fputc('"', out);
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.text[i] == '"')
            (void)fputc('"', out);
        (void)fputc(cell.text[i], out);
    }
    (void)fputc('"', out);
}

static void put_line(FILE *out, const Section *section, const Row *row)
{
    bool is_first = true;

    for (size_t i = 0; i < section->column_count; i++) {
        const Column *column = &section->columns[i];
        Value name = value_text(column->key);
        if (!is_for_data(column->audience))
            continue;
        if (!is_first)
            (void)fputc(',', out);
        put_cell(out, row ? &row->values[i] : &name);
        is_first = false;
    }
    (void)fputs("\r\n", out);
}

static Rc write_csv(const Report *report, const ReportStyle *style, FILE *out, Err *err)
{
    const Section *section = primary_of(report);

    (void)style;
    if (!section)
        return report_check(out, err);
    put_line(out, section, NULL);
    for (const Row *row = section->first; row; row = row->next)
        put_line(out, section, row);
    return report_check(out, err);
}

const ReportWriter report_csv_writer = {"csv", "csv", write_csv};
