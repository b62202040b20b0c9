/* csv: the primary section, RFC 4180, defused for spreadsheets. */
#include "model.h"

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

/* A cell that a spreadsheet would take for a formula. */
static bool is_formula(const Buf *text)
{
    return text->len > 0 && strchr("=+-@\t\r", buf_text(text)[0]);
}

static void put_cell(FILE *out, const Value *value)
{
    AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);
    bool is_text = value->type == VALUE_TEXT || value->type == VALUE_TEXTS;

    value_put_for_data(&text, value);
    bool is_defused = is_text && is_formula(&text);
    if (!is_defused && !strpbrk(buf_text(&text), ",\"\r\n")) {
        (void)fputs(buf_text(&text), out);
        return;
    }
    (void)fputs(is_defused ? "\"'" : "\"", out);
    for (size_t i = 0; i < text.len; i++) {
        if (text.text[i] == '"')
            (void)fputc('"', out);
        (void)fputc(text.text[i], out);
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
