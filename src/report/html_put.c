/* What is put into a page: texts that stay texts, values, and links that lead somewhere. */
#include "html.h"

#include "ssisminer/base/sat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void html_puts(const Html *html, const char *markup)
{
    (void)fputs(markup, html->out);
}

void html_open(const Html *html, const char *element, const char *classes)
{
    if (*classes)
        (void)fprintf(html->out, "<%s class=\"%s\">", element, classes);
    else
        (void)fprintf(html->out, "<%s>", element);
}

static const char *entity_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static void put_escaped(FILE *out, const char *text)
{
    for (; *text; text++) {
        const char *entity = entity_of(*text);
        if (entity)
            (void)fputs(entity, out);
        else
            (void)fputc(*text, out);
    }
}

void html_put_text(const Html *html, const char *text)
{
    AUTO(buf_done) Buf safe = BUF(REPORT_TEXT_MAX);
    Value value = value_text(text);

    value_put_for_people(&safe, &value);
    put_escaped(html->out, buf_text(&safe));
}

/* The instant for programs that read the page, in the zone of all data. */
static void put_time(const Html *html, const Value *value)
{
    char iso[TIME_TEXT_MAX], text[TIME_TEXT_MAX];

    time_iso_utc(value->as.time, 0, iso);
    report_time_text(value->as.time, text);
    (void)fprintf(html->out, "<time datetime=\"%s\">%s</time>", iso, text);
}

void html_put_value(const Html *html, const Value *value)
{
    AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);

    if (value->type == VALUE_TIME) {
        put_time(html, value);
        return;
    }
    value_put_for_people(&text, value);
    put_escaped(html->out, buf_text(&text));
}

bool html_is_empty(const Value *value)
{
    return value->type == VALUE_NONE || (value->type == VALUE_TEXTS && value->as.texts.count == 0);
}

const char *html_tone(Tone tone)
{
    static const char *const classes[] = {
        [TONE_PLAIN] = "",
        [TONE_STRONG] = "strong",
        [TONE_ALERT] = "alert",
        [TONE_DIM] = "dim",
    };

    return classes[tone];
}

const char *html_severity(Severity severity)
{
    static const char *const names[] = {
        [SEVERITY_NONE] = "",       [SEVERITY_FINE] = "fine",
        [SEVERITY_INFO] = "info",   [SEVERITY_WARNING] = "warning",
        [SEVERITY_ERROR] = "error", [SEVERITY_CRITICAL] = "critical",
    };

    return names[severity];
}

void html_put_badge(const Html *html, Severity severity)
{
    (void)fprintf(html->out, "<span class=\"badge %s\">%s</span>", html_severity(severity),
                  html_severity(severity));
}

double html_figure(double figure)
{
    return isfinite(figure) && figure > 0 ? figure : 0;
}

void html_put_figure(const Html *html, ValueType unit, double figure)
{
    Value value = {.type = unit};

    if (unit == VALUE_NUMBER || unit == VALUE_PERCENT)
        value.as.number = figure;
    else
        value.as.count = sat_of(figure);
    html_put_value(html, &value);
}

/* ---- anchors --------------------------------------------------------------------------------- */

static const char *scoped(Arena *arena, const char *scope, const char *name)
{
    return scope ? arena_printf(arena, "%s:%s", scope, name) : name;
}

/* No blank may stand in an id; what a terminal obeys stands nowhere. */
static const char *as_id(Arena *arena, const char *name)
{
    AUTO(buf_done) Buf safe = BUF(REPORT_TEXT_MAX);
    Value value = value_text(name);

    value_put_for_people(&safe, &value);
    char *id = arena_text(arena, buf_text(&safe));
    for (char *at = id; *at; at++)
        if (*at == ' ')
            *at = '_';
    return id;
}

static int by_name(const void *a, const void *b)
{
    const HtmlAnchor *x = a, *y = b;
    int order = strcmp(x->name, y->name);

    return order ? order : (x->order > y->order) - (x->order < y->order);
}

static void collect(Html *html, const Section *section, Arena *arena)
{
    for (const Row *row = section->first; row; row = row->next) {
        if (row->anchor) {
            size_t order = html->anchor_count;
            *ARENA_PUSH(arena, html->anchors, html->anchor_count) =
                (HtmlAnchor){as_id(arena, scoped(arena, row->scope, row->anchor)), row, order};
        }
        for (const Section *nested = row->first; nested; nested = nested->next)
            if (html_is_shown(nested))
                collect(html, nested, arena);
    }
}

void html_find_anchors(Html *html, Arena *arena)
{
    size_t kept = 0;

    for (const Section *section = html->report->first; section; section = section->next)
        if (html_is_shown(section))
            collect(html, section, arena);
    if (html->anchor_count > 0)
        qsort(html->anchors, html->anchor_count, sizeof(*html->anchors), by_name);
    for (size_t i = 0; i < html->anchor_count; i++)
        if (kept == 0 || strcmp(html->anchors[kept - 1].name, html->anchors[i].name) != 0)
            html->anchors[kept++] = html->anchors[i];
    html->anchor_count = kept;
}

static const HtmlAnchor *find(const Html *html, const char *scope, const char *name)
{
    AUTO(arena_done) Arena arena = {0};
    HtmlAnchor wanted = {.name = as_id(&arena, scoped(&arena, scope, name))};
    size_t low = 0, high = html->anchor_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(html->anchors[middle].name, wanted.name);
        if (order == 0)
            return &html->anchors[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *html_target(const Html *html, const char *scope, const char *link)
{
    const HtmlAnchor *anchor = link ? find(html, scope, link) : NULL;

    return anchor ? anchor->name : NULL;
}

void html_put_id(const Html *html, const Row *row)
{
    const HtmlAnchor *anchor = row->anchor ? find(html, row->scope, row->anchor) : NULL;

    if (!anchor || anchor->row != row)
        return;
    html_puts(html, " id=\"");
    put_escaped(html->out, anchor->name);
    html_puts(html, "\"");
}

/* ---- links ----------------------------------------------------------------------------------- */

static bool is_address(const char *text)
{
    return (str_starts(text, "https://") || str_starts(text, "http://")) &&
           !strpbrk(text, " \"'<>");
}

/* An id in an address: all but letters, digits and a few marks as %XX. */
static void put_fragment(FILE *out, const char *id)
{
    for (; *id; id++) {
        unsigned char c = (unsigned char)*id;
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (is_plain || strchr("-_.:", *id))
            (void)fputc(*id, out);
        else
            (void)fprintf(out, "%%%02X", (unsigned)c);
    }
}

void html_put_link_to(const Html *html, const char *target)
{
    html_puts(html, "<a href=\"#");
    put_fragment(html->out, target);
    html_puts(html, "\">");
}

static void put_address(const Html *html, const char *text)
{
    if (!is_address(text)) {
        html_put_text(html, text);
        return;
    }
    html_puts(html, "<a href=\"");
    put_escaped(html->out, text);
    html_puts(html, "\" rel=\"noreferrer\">");
    html_put_text(html, text);
    html_puts(html, "</a>");
}

/* A text links only where it is an address of ours: what a server says leads nowhere. */
void html_put_item(const Html *html, const Row *row, size_t column, const char *text)
{
    AUTO(arena_done) Arena arena = {0};
    const Column *of = &row->section->columns[column];
    const char *link = of->leads_to ? arena_printf(&arena, "%s-%s", of->leads_to, text) : NULL;
    const char *target = html_target(html, row->scope, link);

    if (of->is_link) {
        put_address(html, text);
        return;
    }
    if (target)
        html_put_link_to(html, target);
    html_put_text(html, text);
    html_puts(html, target ? "</a>" : "");
}

void html_put_cell(const Html *html, const Row *row, size_t column)
{
    const Value *value = &row->values[column];
    const Column *of = &row->section->columns[column];
    const char *target = row->links ? html_target(html, row->scope, row->links[column]) : NULL;

    if (value->type == VALUE_TEXTS && (of->leads_to || of->is_link)) {
        for (size_t i = 0; i < value->as.texts.count; i++) {
            html_puts(html, i ? ", " : "");
            html_put_item(html, row, column, value->as.texts.at[i]);
        }
        return;
    }
    if (value->type == VALUE_TEXT && (of->leads_to || of->is_link)) {
        html_put_item(html, row, column, value->as.text);
        return;
    }
    if (target)
        html_put_link_to(html, target);
    html_put_value(html, value);
    html_puts(html, target ? "</a>" : "");
}
