/* A message as html: the other half of a mail. No script, no request, one column that any width
 * takes; what a server says is text. */
#include "message.h"

#include "ssisminer/asset/page.h"

#define MARKUP "&<>\"'"

static const char *class_of(const Line *line)
{
    static const char *const names[] = {
        [LINE_TITLE] = "title", [LINE_WHERE] = "where",     [LINE_ERROR] = "error",
        [LINE_FACT] = "fact",   [LINE_WARNING] = "warning", [LINE_SECTION] = "section",
        [LINE_ROW] = "row",     [LINE_DETAIL] = "detail",   [LINE_LEFT] = "left",
        [LINE_MORE] = "more",   [LINE_FOOT] = "foot",
    };

    return names[line->kind];
}

static const char *element_of(LineKind kind)
{
    return kind == LINE_TITLE ? "h1" : kind == LINE_SECTION ? "h2" : "p";
}

static void put_line(Buf *out, const Line *line)
{
    const char *element = element_of(line->kind);

    buf_printf(out, "<%s class=\"%s%s\">", element, class_of(line), line->is_alert ? " alert" : "");
    if (*line->label) {
        buf_puts(out, "<b>");
        message_put_entities(out, line->label, MARKUP);
        buf_puts(out, *line->text ? "</b> " : "</b>");
    }
    message_put_entities(out, line->text, MARKUP);
    buf_printf(out, "</%s>\n", element);
}

static void put(const Message *message, Buf *out)
{
    const char *level = message_level_word(message->level);

    buf_puts(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width\">\n"
                  "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    message_put_entities(out, message->lines[0].text, MARKUP);
    buf_printf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<div class=\"card %s\">\n",
               asset_mail_style.text, *level ? level : "calm");
    for (size_t i = 0; i < message->count; i++)
        put_line(out, &message->lines[i]);
    buf_puts(out, "</div>\n</body>\n</html>\n");
}

const Format format_html = {.most_bytes = 90 * 1024, .put = put};
