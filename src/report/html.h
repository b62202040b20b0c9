/* The page that html writes, in four files: the page, its sections and cards, tables, charts; and
 * what all of them put into it. */
#ifndef SSISMINER_REPORT_HTML_H
#define SSISMINER_REPORT_HTML_H

#include "model.h"

typedef struct HtmlAnchor {
    const char *name; // with its scope
    const Row *row;   // the first that is called so
    size_t order;
} HtmlAnchor;

typedef struct Html {
    FILE *out;
    const Report *report;
    HtmlAnchor *anchors; // by name, each once
    size_t anchor_count;
    size_t chart_count; // so far: they are numbered
} Html;

static inline bool html_is_for_page(Audience audience)
{
    return is_for_people(audience) || audience == FOR_PAGE;
}

/* Whether anybody who reads the page sees the section: rows, a picture, or words on why none. */
bool html_is_shown(const Section *section);
bool html_has_column(const Column *column);

/* ---- what is put into a page, always as data (html_put.c) ------------------------------------ */

void html_find_anchors(Html *html, Arena *arena);
/* The anchor that a link of this scope leads to, as written in the page; NULL: there is none. */
const char *html_target(const Html *html, const char *scope, const char *link);
void html_put_link_to(const Html *html, const char *target); // <a …>, to be ended
/* " id=\"…\"" where the row is the one that its anchor names. */
void html_put_id(const Html *html, const Row *row);

void html_puts(const Html *html, const char *markup);                       // of ours
void html_open(const Html *html, const char *element, const char *classes); // classes: "" for none
void html_put_text(const Html *html, const char *text);
void html_put_value(const Html *html, const Value *value);
/* A cell with its link: to a row of the page, or where its column holds addresses of ours. */
void html_put_cell(const Html *html, const Row *row, size_t column);
/* A text of a list, likewise. */
void html_put_item(const Html *html, const Row *row, size_t column, const char *text);
bool html_is_empty(const Value *value);
const char *html_tone(Tone tone); // a class
const char *html_severity(Severity severity);

/* ---- its parts ------------------------------------------------------------------------------- */

void html_put_section(Html *html, const Section *section);
void html_put_nested(Html *html, const Section *section);
void html_put_table(Html *html, const Section *section);
void html_put_badge(const Html *html, Severity severity);
void html_put_charts(Html *html, const ChartList *charts);
/* Bars, lines or spans, with their axes; `id` names the elements that say what is seen. */
void html_put_plot(Html *html, const Chart *chart, size_t id);
const char *html_hue(ChartHue hue); // a class
double html_figure(double figure);  // 0 for what cannot be drawn
void html_put_figure(const Html *html, ValueType unit, double figure);

#endif
