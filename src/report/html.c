/*
 * html: one page that needs nothing else and asks for nothing, readable without its script, by day
 * and by night, on a telephone and on paper. Style and script are config/html; a policy lets these
 * two in, by their hashes, and nothing besides.
 */
#include "html.h"

#include "ssisminer/asset/page.h"

#include <string.h>

/* An icon of its own keeps a browser from asking a server for one. */
static const char icon[] =
    "<link rel=\"icon\" href=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' "
    "viewBox='0 0 8 8'%3E%3Cpath fill='%23c0392b' d='M4 0 8 8H0z'/%3E%3C/svg%3E\">\n";

static void put_policy(const Html *html)
{
    (void)fprintf(html->out,
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "style-src '%s'; script-src '%s'; img-src data:; base-uri 'none'; "
                  "form-action 'none'\">\n",
                  asset_page_style.hash, asset_page_script.hash);
}

static const Fact *fact_of(const Report *report, const char *key)
{
    const Fact *fact = report->first_fact;

    while (fact && strcmp(fact->key, key) != 0)
        fact = fact->next;
    return fact;
}

static void put_head(const Html *html)
{
    const Fact *server = fact_of(html->report, "server");

    html_puts(html, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    put_policy(html);
    html_puts(html, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                    "<meta name=\"color-scheme\" content=\"light dark\">\n"
                    "<meta name=\"referrer\" content=\"no-referrer\">\n"
                    "<meta name=\"robots\" content=\"noindex\">\n<title>");
    html_put_text(html, html->report->title);
    if (server && !html_is_empty(&server->value)) {
        html_puts(html, ", ");
        html_put_value(html, &server->value);
    }
    html_puts(html, "</title>\n");
    html_puts(html, icon);
    (void)fprintf(html->out, "<style>%s</style>\n</head>\n<body>\n", asset_page_style.text);
}

static void put_facts(const Html *html)
{
    const Fact *made = fact_of(html->report, "generated_at");

    html_puts(html, "<dl>\n");
    for (const Fact *fact = html->report->first_fact; fact; fact = fact->next) {
        if (!html_is_for_page(fact->audience) || html_is_empty(&fact->value))
            continue;
        html_puts(html, "<dt>");
        html_put_text(html, fact->heading);
        html_puts(html, "</dt><dd>");
        html_put_value(html, &fact->value);
        html_puts(html, "</dd>\n");
    }
    if (made) {
        html_puts(html, "<dt>made</dt><dd>");
        html_put_value(html, &made->value);
        html_puts(html, "</dd>\n");
    }
    html_puts(html, "</dl>\n");
}

static void put_header(const Html *html)
{
    html_puts(html, "<a class=\"skip\" href=\"#answer\">Skip to the answer</a>\n<header>\n<h1>");
    html_put_text(html, html->report->title);
    html_puts(html, "</h1>\n");
    if (html->report->headline) {
        html_puts(html, "<p class=\"lead\">");
        html_put_text(html, html->report->headline);
        html_puts(html, "</p>\n");
    }
    put_facts(html);
    html_puts(html, "</header>\n");
}

/* Where there are several sections: what there is, and the way to it. */
static void put_contents(const Html *html)
{
    size_t count = 0;

    for (const Section *section = html->report->first; section; section = section->next)
        count += html_is_shown(section) && section->title;
    if (count < 2)
        return;
    html_puts(html, "<nav aria-label=\"Contents\">\n<ul>\n");
    for (const Section *section = html->report->first; section; section = section->next) {
        if (!html_is_shown(section) || !section->title)
            continue;
        (void)fprintf(html->out, "<li><a href=\"#%s\">", section->key);
        html_put_text(html, section->title);
        html_puts(html, "</a></li>\n");
    }
    html_puts(html, "</ul>\n</nav>\n");
}

static void put_answer(Html *html)
{
    html_puts(html, "<main id=\"answer\" tabindex=\"-1\">\n");
    for (const Warning *at = html->report->first_warning; at; at = at->next) {
        html_puts(html, "<p class=\"note\"><strong>Warning</strong> ");
        html_put_text(html, at->text);
        html_puts(html, "</p>\n");
    }
    html_put_charts(html, &html->report->charts);
    for (const Section *section = html->report->first; section; section = section->next)
        if (html_is_shown(section))
            html_put_section(html, section);
    html_puts(html, "</main>\n");
}

static Rc write_html(const Report *report, const ReportStyle *style, FILE *out, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    Html html = {.out = out, .report = report};

    (void)style;
    html_find_anchors(&html, &arena);
    put_head(&html);
    put_header(&html);
    put_contents(&html);
    put_answer(&html);
    (void)fprintf(out, "<footer>ssisminer %s, %s</footer>\n<script>%s</script>\n</body>\n</html>\n",
                  SSISMINER_VERSION, report->command, asset_page_script.text);
    return report_check(out, err);
}

const ReportWriter report_html_writer = {"html", "html|htm", write_html};
