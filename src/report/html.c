/* html: one page that needs nothing else, no script, readable by day and by night and on paper. */
#include "model.h"

#include "ssisminer/base/term.h"

#include <string.h>

static const char page_top[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" "
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n";

static const char page_style[] =
    "<style>\n"
    ":root{color-scheme:light dark;--line:#8884;--dim:#777;--alert:#c62828;--card:#8881}\n"
    "@media(prefers-color-scheme:dark){:root{--dim:#999;--alert:#ff7b72}}\n"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}\n"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem;border-bottom:1px solid "
    "var(--line)}\n"
    "h3{font-size:1rem;margin:0 0 .3rem;display:flex;flex-wrap:wrap;gap:0 1rem}\n"
    "h3 .right{margin-left:auto;font-weight:normal;color:var(--dim)}\n"
    "dl{display:grid;grid-template-columns:minmax(4.8rem,max-content) 1fr;gap:.1rem "
    "1rem;margin:.3rem 0}\n"
    "dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}\n"
    "p{margin:.3rem 0;overflow-wrap:anywhere}ul{margin:.3rem 0;padding-left:1.3rem}\n"
    ".warning{border-left:4px solid var(--alert);padding:.5rem 1rem;background:var(--card)}\n"
    ".alert{color:var(--alert)}.strong{font-weight:600}.dim{color:var(--dim)}\n"
    "article{background:var(--card);border-radius:6px;padding:.7rem 1rem;margin:.7rem 0;"
    "break-inside:avoid}\n"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}\n"
    "th,td{text-align:left;vertical-align:top;padding:.25rem .8rem .25rem 0;"
    "border-bottom:1px solid var(--line)}\n"
    "th{color:var(--dim);font-weight:normal}td{overflow-wrap:anywhere}\n"
    "th.right,td.right{text-align:right;font-variant-numeric:tabular-nums}\n"
    "td.keep,th{white-space:nowrap}\n"
    "footer{margin-top:3rem;color:var(--dim);font-size:.85rem}\n"
    "</style>\n";

static void put_escaped(FILE *out, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&':
            (void)fputs("&amp;", out);
            break;
        case '<':
            (void)fputs("&lt;", out);
            break;
        case '>':
            (void)fputs("&gt;", out);
            break;
        case '"':
            (void)fputs("&quot;", out);
            break;
        default:
            (void)fputc(*text, out);
        }
}

static bool is_link(const char *text)
{
    return (str_starts(text, "https://") || str_starts(text, "http://")) &&
           !strpbrk(text, " \"'<>");
}

static void put_link(FILE *out, const char *text)
{
    if (!is_link(text)) {
        put_escaped(out, text);
        return;
    }
    (void)fputs("<a href=\"", out);
    put_escaped(out, text);
    (void)fputs("\" rel=\"noreferrer\">", out);
    put_escaped(out, text);
    (void)fputs("</a>", out);
}

static void put_value(FILE *out, const Value *value)
{
    AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);

    value_put_for_people(&text, value);
    put_escaped(out, buf_text(&text));
}

/* A text links only where it is an address of ours: what a server says leads nowhere. */
static void put_cell(FILE *out, const Column *column, const Value *value)
{
    AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);

    value_put_for_people(&text, value);
    if (column->is_link)
        put_link(out, buf_text(&text));
    else
        put_escaped(out, buf_text(&text));
}

static void put_plain(FILE *out, const char *text)
{
    Value value = value_text(text);

    put_value(out, &value);
}

static const char *tone_class(Tone tone)
{
    static const char *const classes[] = {
        [TONE_PLAIN] = "",
        [TONE_STRONG] = "strong",
        [TONE_ALERT] = "alert",
        [TONE_DIM] = "dim",
    };

    return classes[tone];
}

static bool is_empty(const Value *value)
{
    return value->type == VALUE_NONE || (value->type == VALUE_TEXTS && value->as.texts.count == 0);
}

/* ---- cards ---------------------------------------------------------------------------------- */

static void put_section(FILE *out, const Section *section, int level);

static bool is_shown(const Row *row, size_t i, ColumnUse use)
{
    const Column *column = &row->section->columns[i];

    return column->use == use && is_for_people(column->audience) && !is_empty(&row->values[i]);
}

static void put_headings(FILE *out, const Row *row)
{
    (void)fputs("<h3>", out);
    for (size_t i = 0; i < row->section->column_count; i++) {
        const Column *column = &row->section->columns[i];
        if (!is_shown(row, i, COLUMN_HEADING))
            continue;
        (void)fprintf(out, "<span class=\"%s\">",
                      column->align_right ? "right" : tone_class(column->tone));
        put_cell(out, column, &row->values[i]);
        (void)fputs("</span>", out);
    }
    (void)fputs("</h3>\n", out);
}

static void put_bullets(FILE *out, const Column *column, const Value *value)
{
    (void)fputs("<ul>\n", out);
    for (size_t i = 0; i < value->as.texts.count; i++) {
        Value text = value_text(value->as.texts.at[i]);
        (void)fputs("<li>", out);
        put_cell(out, column, &text);
        (void)fputs("</li>\n", out);
    }
    (void)fputs("</ul>\n", out);
}

static void put_body(FILE *out, const Row *row)
{
    bool has_list = false;

    for (size_t i = 0; i < row->section->column_count; i++) {
        const Column *column = &row->section->columns[i];
        if (!is_shown(row, i, COLUMN_BODY))
            continue;
        (void)fputs(has_list ? "" : "<dl>\n", out);
        has_list = true;
        (void)fputs("<dt>", out);
        put_plain(out, column->heading);
        (void)fprintf(out, "</dt><dd class=\"%s\">", tone_class(column->tone));
        put_cell(out, column, &row->values[i]);
        (void)fputs("</dd>\n", out);
    }
    (void)fputs(has_list ? "</dl>\n" : "", out);
}

static void put_card(FILE *out, const Row *row, int level)
{
    (void)fputs("<article>\n", out);
    put_headings(out, row);
    for (size_t i = 0; i < row->section->column_count; i++)
        if (is_shown(row, i, COLUMN_PLAIN)) {
            (void)fprintf(out, "<p class=\"%s\">", tone_class(row->section->columns[i].tone));
            put_cell(out, &row->section->columns[i], &row->values[i]);
            (void)fputs("</p>\n", out);
        }
    put_body(out, row);
    for (size_t i = 0; i < row->section->column_count; i++)
        if (is_shown(row, i, COLUMN_BULLETS))
            put_bullets(out, &row->section->columns[i], &row->values[i]);
    for (const Section *nested = row->first; nested; nested = nested->next)
        if (section_is_shown(nested))
            put_section(out, nested, level + 1);
    (void)fputs("</article>\n", out);
}

/* ---- tables --------------------------------------------------------------------------------- */

/* In a card it means another place, not figures. */
static bool is_right(const Section *section, const Column *column)
{
    return column->align_right && section->layout == LAYOUT_TABLE;
}

/* A name stays on its line; a line of a card may be long, and so may a heading that is a message.
 */
static bool is_long(const Column *column, const Value *value)
{
    enum { NAME_MAX_BYTES = 48 };
    bool is_text = value->type == VALUE_TEXT;

    return column->may_wrap || column->use == COLUMN_PLAIN ||
           (is_text && strlen(value->as.text) > NAME_MAX_BYTES);
}

static void put_table_head(FILE *out, const Section *section)
{
    (void)fputs("<div class=\"scroll\"><table>\n<thead><tr>", out);
    for (size_t i = 0; i < section->column_count; i++) {
        const Column *column = &section->columns[i];
        if (!is_for_people(column->audience))
            continue;
        (void)fputs(is_right(section, column) ? "<th class=\"right\">" : "<th>", out);
        put_plain(out, column->heading);
        (void)fputs("</th>", out);
    }
    (void)fputs("</tr></thead>\n<tbody>\n", out);
}

static void put_table_row(FILE *out, const Row *row, int level)
{
    (void)fputs("<tr>", out);
    for (size_t i = 0; i < row->section->column_count; i++) {
        const Column *column = &row->section->columns[i];
        if (!is_for_people(column->audience))
            continue;
        (void)fprintf(out, "<td class=\"%s%s %s\">", is_right(row->section, column) ? "right" : "",
                      is_long(column, &row->values[i]) ? "" : " keep", tone_class(column->tone));
        put_cell(out, column, &row->values[i]);
        (void)fputs("</td>", out);
    }
    (void)fputs("</tr>\n", out);
    for (const Section *nested = row->first; nested; nested = nested->next) {
        if (!section_is_shown(nested))
            continue;
        (void)fprintf(out, "<tr><td colspan=\"%zu\">", row->section->column_count);
        put_section(out, nested, level + 1);
        (void)fputs("</td></tr>\n", out);
    }
}

static void put_rows(FILE *out, const Section *section, int level)
{
    bool is_table = section->layout == LAYOUT_TABLE || section->layout == LAYOUT_LIST;

    if (is_table)
        put_table_head(out, section);
    for (const Row *row = section->first; row; row = row->next)
        if (is_table)
            put_table_row(out, row, level);
        else
            put_card(out, row, level);
    (void)fputs(is_table ? "</tbody></table></div>\n" : "", out);
}

/* Nested sections are folded away: they are the long ones. */
static void put_section(FILE *out, const Section *section, int level)
{
    (void)fputs(level == 0 ? "<section>\n" : "<details>\n", out);
    if (section->title) {
        (void)fputs(level == 0 ? "<h2>" : "<summary>", out);
        put_plain(out, section->title);
        (void)fputs(level == 0 ? "</h2>\n" : "</summary>\n", out);
    }
    if (section->first) {
        put_rows(out, section, level);
    } else {
        (void)fputs("<p>", out);
        put_plain(out, section->empty);
        (void)fputs("</p>\n", out);
    }
    (void)fputs(level == 0 ? "</section>\n" : "</details>\n", out);
}

/* ---- page ----------------------------------------------------------------------------------- */

static void put_facts(FILE *out, const Report *report)
{
    (void)fputs("<dl>\n", out);
    for (const Fact *fact = report->first_fact; fact; fact = fact->next) {
        if (!is_for_people(fact->audience) || is_empty(&fact->value))
            continue;
        (void)fputs("<dt>", out);
        put_plain(out, fact->heading);
        (void)fputs("</dt><dd>", out);
        put_value(out, &fact->value);
        (void)fputs("</dd>\n", out);
    }
    (void)fputs("</dl>\n", out);
}

static Rc write_html(const Report *report, const ReportStyle *style, FILE *out, Err *err)
{
    (void)style;
    (void)fputs(page_top, out);
    (void)fputs("<title>", out);
    put_plain(out, report->title);
    (void)fputs("</title>\n", out);
    (void)fputs(page_style, out);
    (void)fputs("</head>\n<body>\n<h1>", out);
    put_plain(out, report->title);
    (void)fputs("</h1>\n", out);
    put_facts(out, report);
    for (const Warning *warning = report->first_warning; warning; warning = warning->next) {
        (void)fputs("<p class=\"warning\">", out);
        put_plain(out, warning->text);
        (void)fputs("</p>\n", out);
    }
    for (const Section *section = report->first; section; section = section->next)
        if (section_is_shown(section))
            put_section(out, section, 0);
    (void)fprintf(out, "<footer>ssisminer %s, %s</footer>\n</body>\n</html>\n", SSISMINER_VERSION,
                  report->command);
    return report_check(out, err);
}

const ReportWriter report_html_writer = {"html", "html|htm", write_html};
