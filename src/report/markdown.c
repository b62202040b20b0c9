/* markdown: GitHub's kind, for tickets and pull requests. */
#include "model.h"

#include <string.h>

/* What would be markup is escaped, wherever it stands. */
static void put_escaped(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("\\`*_[]<>|#~&", *text))
            (void)fputc('\\', out);
        (void)fputc(*text, out);
    }
}

static void put_text(FILE *out, const char *text)
{
    bool is_link =
        (str_starts(text, "https://") || str_starts(text, "http://")) && !strpbrk(text, " <>()");

    if (is_link)
        (void)fprintf(out, "<%s>", text);
    else
        put_escaped(out, text);
}

static void put_value(FILE *out, const Value *value)
{
    AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);

    value_put_for_people(&text, value);
    put_text(out, buf_text(&text));
}

static void put_plain(FILE *out, const char *text)
{
    Value value = value_text(text);

    put_value(out, &value);
}

static bool is_shown(const Row *row, size_t i, ColumnUse use)
{
    const Column *column = &row->section->columns[i];
    const Value *value = &row->values[i];

    return column->use == use && is_for_people(column->audience) && value->type != VALUE_NONE &&
           (value->type != VALUE_TEXTS || value->as.texts.count > 0);
}

static void put_section(FILE *out, const Section *section, int level);

static void put_title(FILE *out, const char *title, int level)
{
    (void)fprintf(out, "%.*s ", level, "######");
    put_plain(out, title);
    (void)fputs("\n\n", out);
}

/* ---- cards ---------------------------------------------------------------------------------- */

static void put_headings(FILE *out, const Row *row, int level)
{
    const char *between = NULL;

    for (size_t i = 0; i < row->section->column_count; i++) {
        if (!is_shown(row, i, COLUMN_HEADING))
            continue;
        if (between)
            (void)fputs(between, out);
        else
            (void)fprintf(out, "%.*s ", level, "######");
        put_value(out, &row->values[i]);
        between = " - ";
    }
    (void)fputs(between ? "\n\n" : "", out);
}

static void put_line(FILE *out, const Row *row, size_t i)
{
    const Column *column = &row->section->columns[i];

    (void)fputs("- ", out);
    if (column->use == COLUMN_BODY) {
        (void)fputs("**", out);
        put_plain(out, column->heading);
        (void)fputs("**: ", out);
    }
    put_value(out, &row->values[i]);
    (void)fputc('\n', out);
}

static void put_bullets(FILE *out, const Value *value)
{
    for (size_t i = 0; i < value->as.texts.count; i++) {
        (void)fputs("- ", out);
        put_plain(out, value->as.texts.at[i]);
        (void)fputc('\n', out);
    }
}

static void put_card(FILE *out, const Row *row, int level)
{
    put_headings(out, row, level);
    for (size_t i = 0; i < row->section->column_count; i++)
        if (is_shown(row, i, COLUMN_PLAIN) || is_shown(row, i, COLUMN_BODY))
            put_line(out, row, i);
        else if (is_shown(row, i, COLUMN_BULLETS))
            put_bullets(out, &row->values[i]);
    (void)fputc('\n', out);
    for (const Section *nested = row->first; nested; nested = nested->next)
        if (section_is_shown(nested))
            put_section(out, nested, level + 1);
}

/* ---- tables --------------------------------------------------------------------------------- */

static void put_table_head(FILE *out, const Section *section)
{
    for (size_t i = 0; i < section->column_count; i++) {
        if (!is_for_people(section->columns[i].audience))
            continue;
        (void)fputs("| ", out);
        put_plain(out, section->columns[i].heading);
        (void)fputc(' ', out);
    }
    (void)fputs("|\n", out);
    for (size_t i = 0; i < section->column_count; i++)
        if (is_for_people(section->columns[i].audience))
            (void)fputs(section->columns[i].align_right && section->layout == LAYOUT_TABLE
                            ? "| ---: "
                            : "| --- ",
                        out);
    (void)fputs("|\n", out);
}

static void put_table(FILE *out, const Section *section)
{
    put_table_head(out, section);
    for (const Row *row = section->first; row; row = row->next) {
        for (size_t i = 0; i < section->column_count; i++) {
            if (!is_for_people(section->columns[i].audience))
                continue;
            (void)fputs("| ", out);
            put_value(out, &row->values[i]);
            (void)fputc(' ', out);
        }
        (void)fputs("|\n", out);
    }
    (void)fputc('\n', out);
}

static void put_section(FILE *out, const Section *section, int level)
{
    if (section->title)
        put_title(out, section->title, level);
    if (!section->first) {
        put_plain(out, section->empty);
        (void)fputs("\n\n", out);
        return;
    }
    if (section->layout == LAYOUT_TABLE || section->layout == LAYOUT_LIST) {
        put_table(out, section);
        return;
    }
    for (const Row *row = section->first; row; row = row->next)
        put_card(out, row, level + 1);
}

static void put_facts(FILE *out, const Report *report)
{
    for (const Fact *fact = report->first_fact; fact; fact = fact->next) {
        if (!is_for_people(fact->audience) || fact->value.type == VALUE_NONE)
            continue;
        (void)fputs("- **", out);
        put_plain(out, fact->heading);
        (void)fputs("**: ", out);
        put_value(out, &fact->value);
        (void)fputc('\n', out);
    }
    (void)fputc('\n', out);
}

static Rc write_markdown(const Report *report, const ReportStyle *style, FILE *out, Err *err)
{
    (void)style;
    put_title(out, report->title, 1);
    put_facts(out, report);
    for (const Warning *warning = report->first_warning; warning; warning = warning->next) {
        (void)fputs("> **Warning**: ", out);
        put_plain(out, warning->text);
        (void)fputs("\n\n", out);
    }
    for (const Section *section = report->first; section; section = section->next)
        if (section_is_shown(section))
            put_section(out, section, 2);
    return report_check(out, err);
}

const ReportWriter report_markdown_writer = {"markdown", "md|markdown", write_markdown};
