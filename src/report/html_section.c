/* Sections, and rows as cards. */
#include "html.h"

#include <string.h>

bool html_is_shown(const Section *section)
{
    return html_is_for_page(section->audience) &&
           (section->first || section->empty || section->charts.first);
}

bool html_has_column(const Column *column)
{
    return html_is_for_page(column->audience) && !column->is_drawn;
}

/* ---- cards ----------------------------------------------------------------------------------- */

static bool is_shown(const Row *row, size_t i, ColumnUse use)
{
    const Column *column = &row->section->columns[i];

    return column->use == use && html_has_column(column) && !html_is_empty(&row->values[i]);
}

/* By the badge. */
static bool is_said(const Row *row, size_t i)
{
    const Value *value = &row->values[i];

    return value->type == VALUE_TEXT && strcmp(value->as.text, html_severity(row->severity)) == 0;
}

/* One below the title of their section, or of the page where it has none. */
static void put_headings(const Html *html, const Row *row)
{
    const char *element = row->section->title ? "h3" : "h2";

    html_open(html, element, "");
    if (row->severity != SEVERITY_NONE)
        html_put_badge(html, row->severity);
    for (size_t i = 0; i < row->section->column_count; i++) {
        const Column *column = &row->section->columns[i];
        if (!is_shown(row, i, COLUMN_HEADING) || is_said(row, i))
            continue;
        html_open(html, "span", column->align_right ? "right" : html_tone(column->tone));
        html_put_cell(html, row, i);
        html_puts(html, "</span> ");
    }
    (void)fprintf(html->out, "</%s>\n", element);
}

static bool has_several_lists(const Row *row)
{
    size_t count = 0;

    for (size_t i = 0; i < row->section->column_count; i++)
        count += is_shown(row, i, COLUMN_BULLETS);
    return count > 1;
}

/* One of several lists says what it lists. */
static void put_bullets(const Html *html, const Row *row, size_t column)
{
    const Value *value = &row->values[column];

    if (has_several_lists(row)) {
        html_puts(html, "<p class=\"dim\">");
        html_put_text(html, row->section->columns[column].heading);
        html_puts(html, "</p>\n");
    }
    html_puts(html, "<ul>\n");
    for (size_t i = 0; i < value->as.texts.count; i++) {
        html_puts(html, "<li>");
        html_put_item(html, row, column, value->as.texts.at[i]);
        html_puts(html, "</li>\n");
    }
    html_puts(html, "</ul>\n");
}

static void put_body(const Html *html, const Row *row)
{
    bool has_list = false;

    for (size_t i = 0; i < row->section->column_count; i++) {
        const Column *column = &row->section->columns[i];
        if (!is_shown(row, i, COLUMN_BODY))
            continue;
        html_puts(html, has_list ? "" : "<dl>\n");
        has_list = true;
        html_puts(html, "<dt>");
        html_put_text(html, column->heading);
        html_puts(html, "</dt>");
        html_open(html, "dd", html_tone(column->tone));
        html_put_cell(html, row, i);
        html_puts(html, "</dd>\n");
    }
    html_puts(html, has_list ? "</dl>\n" : "");
}

static void put_plain(const Html *html, const Row *row)
{
    for (size_t i = 0; i < row->section->column_count; i++) {
        if (!is_shown(row, i, COLUMN_PLAIN))
            continue;
        html_open(html, "p", html_tone(row->section->columns[i].tone));
        html_put_cell(html, row, i);
        html_puts(html, "</p>\n");
    }
}

static void put_card(Html *html, const Row *row)
{
    (void)fprintf(html->out, "<article class=\"card%s%s\"", row->severity ? " " : "",
                  html_severity(row->severity));
    html_put_id(html, row);
    html_puts(html, ">\n");
    put_headings(html, row);
    put_plain(html, row);
    put_body(html, row);
    for (size_t i = 0; i < row->section->column_count; i++)
        if (is_shown(row, i, COLUMN_BULLETS))
            put_bullets(html, row, i);
    for (const Section *nested = row->first; nested; nested = nested->next)
        if (html_is_shown(nested))
            html_put_nested(html, nested);
    html_puts(html, "</article>\n");
}

static void put_prose(const Html *html, const Section *section)
{
    for (const Row *row = section->first; row; row = row->next)
        put_plain(html, row);
}

/* ---- sections -------------------------------------------------------------------------------- */

static void put_rows(Html *html, const Section *section)
{
    html_put_charts(html, &section->charts);
    if (!section->first && section->empty) {
        html_puts(html, "<p class=\"empty\">");
        html_put_text(html, section->empty);
        html_puts(html, "</p>\n");
    }
    if (!section->first)
        return;
    if (section->layout == LAYOUT_TABLE || section->layout == LAYOUT_LIST)
        html_put_table(html, section);
    else if (section->layout == LAYOUT_PROSE)
        put_prose(html, section);
    else
        for (const Row *row = section->first; row; row = row->next)
            put_card(html, row);
    if (section->left_out > 0) {
        char more[LEFT_OUT_MAX];
        section_left_out_text(section, more);
        (void)fprintf(html->out, "<p class=\"empty\">%s</p>\n", more);
    }
}

/* Can be folded away, with a script or without. */
void html_put_section(Html *html, const Section *section)
{
    if (!section->title) {
        html_puts(html, "<div class=\"section\">\n");
        put_rows(html, section);
        html_puts(html, "</div>\n");
        return;
    }
    (void)fprintf(html->out,
                  "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<details open>\n"
                  "<summary><h2 id=\"%s-title\">",
                  section->key, section->key, section->key);
    html_put_text(html, section->title);
    html_puts(html, "</h2></summary>\n");
    put_rows(html, section);
    html_puts(html, "</details>\n</section>\n");
}

/* Nested sections are the long ones: folded where they can be opened by a name. */
void html_put_nested(Html *html, const Section *section)
{
    if (!section->title) {
        put_rows(html, section);
        return;
    }
    html_puts(html, "<details class=\"nested\">\n<summary>");
    html_put_text(html, section->title);
    html_puts(html, "</summary>\n");
    put_rows(html, section);
    html_puts(html, "</details>\n");
}
