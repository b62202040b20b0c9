/* Rows as a table: on a narrow screen each row stands by itself, its cells below one another. */
#include "html.h"

#include <string.h>

/* A column or a line of a card that is text, not a name or a figure. */
static bool is_long(const Column *column, const Value *value)
{
    enum { NAME_MAX_BYTES = 32 };

    if (column->may_wrap || column->use == COLUMN_PLAIN || column->use == COLUMN_BULLETS)
        return true;
    return value->type == VALUE_TEXTS ||
           (value->type == VALUE_TEXT && strlen(value->as.text) > NAME_MAX_BYTES);
}

/* Of figures and short names alone a table is narrow enough for any screen. */
static bool is_narrow(const Section *section)
{
    enum { NARROW_COLUMNS = 6 };
    size_t count = 0;

    for (size_t i = 0; i < section->column_count; i++)
        if (html_has_column(&section->columns[i])) {
            count++;
            for (const Row *row = section->first; row; row = row->next)
                if (is_long(&section->columns[i], &row->values[i]) || row->first)
                    return false;
        }
    return count <= NARROW_COLUMNS;
}

/* In a card it means another place, not figures. */
static bool is_right(const Section *section, const Column *column)
{
    return column->align_right && section->layout == LAYOUT_TABLE;
}

static bool has_severity(const Section *section)
{
    for (const Row *row = section->first; row; row = row->next)
        if (row->severity != SEVERITY_NONE)
            return true;
    return false;
}

static bool is_column_empty(const Section *section, size_t i)
{
    for (const Row *row = section->first; row; row = row->next)
        if (!html_is_empty(&row->values[i]))
            return false;
    return true;
}

/* Columns that are shown, as a list of their places. A list says nothing of what no row has. */
typedef struct Shown {
    size_t at[64];
    size_t count;
    bool has_severity;
} Shown;

static Shown find_shown(const Section *section)
{
    Shown shown = {.has_severity = has_severity(section)};

    for (size_t i = 0; i < section->column_count && shown.count < ARRAY_LEN(shown.at); i++)
        if (html_has_column(&section->columns[i]) &&
            (section->layout == LAYOUT_TABLE || !is_column_empty(section, i)))
            shown.at[shown.count++] = i;
    return shown;
}

static void put_head(const Html *html, const Section *section, const Shown *shown)
{
    html_puts(html, "<thead><tr>");
    html_puts(html, shown->has_severity ? "<th scope=\"col\">severity</th>" : "");
    for (size_t i = 0; i < shown->count; i++) {
        const Column *column = &section->columns[shown->at[i]];
        html_puts(html, is_right(section, column) ? "<th scope=\"col\" class=\"right\">"
                                                  : "<th scope=\"col\">");
        html_put_text(html, column->heading);
        html_puts(html, "</th>");
    }
    html_puts(html, "</tr></thead>\n");
}

/* What a script sorts by, where the text would sort otherwise. */
static void put_sort_value(const Html *html, const Value *value)
{
    AUTO(buf_done) Buf number = BUF(64);

    if (value->type == VALUE_ID || value->type == VALUE_FLAG || !value_put_number(&number, value))
        return;
    (void)fprintf(html->out, " data-v=\"%s\"", buf_text(&number));
}

enum { CLASSES = 4 };

static void put_classes(const Html *html, const char *const classes[CLASSES])
{
    bool has_any = false;

    html_puts(html, "<td");
    for (size_t i = 0; i < CLASSES; i++) {
        if (!*classes[i])
            continue;
        html_puts(html, has_any ? " " : " class=\"");
        html_puts(html, classes[i]);
        has_any = true;
    }
    html_puts(html, has_any ? "\"" : "");
}

static void put_cell(const Html *html, const Row *row, size_t i)
{
    const Column *column = &row->section->columns[i];
    const Value *value = &row->values[i];

    put_classes(html,
                (const char *[]){is_right(row->section, column) ? "right" : "",
                                 is_long(column, value) ? "" : "keep", html_tone(column->tone),
                                 html_is_empty(value) ? "none" : ""});
    html_puts(html, " data-h=\"");
    html_put_text(html, column->heading);
    html_puts(html, "\"");
    put_sort_value(html, value);
    html_puts(html, ">");
    html_put_cell(html, row, i);
    html_puts(html, "</td>");
}

static void put_row(Html *html, const Row *row, const Shown *shown)
{
    html_puts(html, "<tr");
    if (row->severity != SEVERITY_NONE)
        (void)fprintf(html->out, " class=\"%s\"", html_severity(row->severity));
    html_put_id(html, row);
    html_puts(html, ">");
    if (shown->has_severity) {
        (void)fprintf(html->out, "<td class=\"keep\" data-h=\"severity\" data-v=\"%d\">",
                      (int)row->severity);
        if (row->severity != SEVERITY_NONE)
            html_put_badge(html, row->severity);
        html_puts(html, "</td>");
    }
    for (size_t i = 0; i < shown->count; i++)
        put_cell(html, row, shown->at[i]);
    html_puts(html, "</tr>\n");
    for (const Section *nested = row->first; nested; nested = nested->next) {
        if (!html_is_shown(nested))
            continue;
        (void)fprintf(html->out, "<tr class=\"more\"><td colspan=\"%zu\">",
                      shown->count + shown->has_severity);
        html_put_nested(html, nested);
        html_puts(html, "</td></tr>\n");
    }
}

void html_put_table(Html *html, const Section *section)
{
    Shown shown = find_shown(section);
    bool is_whole = is_narrow(section);

    (void)fprintf(html->out, "<table class=\"%s\"", is_whole ? "narrow" : "wide");
    html_puts(html, ">\n");
    if (section->title) {
        html_puts(html, "<caption>");
        html_put_text(html, section->title);
        html_puts(html, "</caption>\n");
    }
    put_head(html, section, &shown);
    html_puts(html, "<tbody>\n");
    for (const Row *row = section->first; row; row = row->next)
        put_row(html, row, &shown);
    html_puts(html, "</tbody></table>\n");
}
