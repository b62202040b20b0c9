/*
 * A message to a workflow of Microsoft Teams ("when a Teams webhook request is received"): an
 * Adaptive Card in the envelope that its templates read attachments from.
 *
 * Texts are runs of RichTextBlock (Adaptive Cards 1.2), which know no Markdown, as TextBlock and
 * FactSet do: so nothing that a server says is taken for any. Dates in {{…}} would be. Workflows
 * take cards up to 1.4; the connectors that are retired refuse runs (microsoft/AdaptiveCards#8804).
 *
 * Microsoft names about 28 KB as the limit of a message, counted after it was made into HTML;
 * others met refusals from 21 KB on.
 */
#include "message.h"

#include "ssisminer/base/json.h"

#include <string.h>

typedef struct Look {
    const char *spacing;
    bool is_separated;
    const char *size, *weight; // of the label; of the text where there is none
    bool is_subtle;
} Look;

static const Look looks[] = {
    [LINE_TITLE] = {"Default", false, "Large", "Bolder", false},
    [LINE_WHERE] = {"None", false, NULL, NULL, true},
    [LINE_ERROR] = {"Small", false, NULL, "Bolder", false},
    [LINE_FACT] = {"None", false, NULL, "Bolder", false},
    [LINE_WARNING] = {"Small", false, NULL, "Bolder", false},
    [LINE_SECTION] = {"Medium", true, NULL, "Bolder", false},
    [LINE_ROW] = {"Small", false, NULL, "Bolder", false},
    [LINE_DETAIL] = {"None", false, NULL, NULL, true},
    [LINE_LEFT] = {"Small", false, NULL, NULL, true},
    [LINE_MORE] = {"Medium", true, NULL, "Bolder", false},
    [LINE_FOOT] = {"Small", false, "Small", NULL, true},
};

static const char *color_of(const Message *message, const Line *line)
{
    if (line->kind == LINE_TITLE)
        return message->level >= SEVERITY_ERROR     ? "Attention"
               : message->level == SEVERITY_WARNING ? "Warning"
                                                    : NULL;
    if (line->kind == LINE_WARNING)
        return "Warning";
    bool is_error = line->kind == LINE_ERROR && strcmp(line->label, "error") == 0;
    return is_error || line->is_alert ? "Attention" : NULL;
}

/* No date function begins with blanks between its braces. */
static void put_text(Buf *out, const char *before, const char *text)
{
    AUTO(buf_done) Buf parted = BUF(8192);

    buf_puts(&parted, before);
    for (; *text; text++) {
        buf_putc(&parted, *text);
        if (text[0] == '{' && text[1] == '{')
            buf_putc(&parted, ' ');
    }
    json_put_text(out, (Str){buf_text(&parted), parted.len});
}

static void put_run(Buf *out, const char *before, const char *text, const Look *look, bool is_head,
                    const char *color)
{
    if (out->text[out->len - 1] == '}')
        buf_putc(out, ',');
    buf_puts(out, "{\"type\":\"TextRun\",\"text\":");
    put_text(out, before, text);
    if (is_head && look->size)
        buf_printf(out, ",\"size\":\"%s\"", look->size);
    if (is_head && look->weight)
        buf_printf(out, ",\"weight\":\"%s\"", look->weight);
    if (is_head && color)
        buf_printf(out, ",\"color\":\"%s\"", color);
    if (look->is_subtle)
        buf_puts(out, ",\"isSubtle\":true");
    buf_putc(out, '}');
}

static void put_block(const Message *message, const Line *line, Buf *out)
{
    const Look *look = &looks[line->kind];
    const char *color = color_of(message, line);
    bool is_title = line->kind == LINE_TITLE;

    buf_printf(out, "{\"type\":\"RichTextBlock\",\"spacing\":\"%s\",%s\"inlines\":[", look->spacing,
               look->is_separated ? "\"separator\":true," : "");
    if (*line->label)
        put_run(out, "", line->label, look, true, color);
    if (*line->text)
        put_run(out, *line->label ? "  " : "", line->text, look,
                is_title || (!*line->label && line->kind != LINE_ROW), is_title ? color : NULL);
    buf_puts(out, "]}");
}

static void put(const Message *message, Buf *out)
{
    buf_puts(out, "{\"type\":\"message\",\"attachments\":[{\"contentType\":"
                  "\"application/vnd.microsoft.card.adaptive\",\"contentUrl\":null,\"content\":{"
                  "\"$schema\":\"http://adaptivecards.io/schemas/adaptive-card.json\","
                  "\"type\":\"AdaptiveCard\",\"version\":\"1.2\",\"msteams\":{\"width\":\"Full\"},"
                  "\"body\":[");
    for (size_t i = 0; i < message->count; i++) {
        buf_puts(out, i ? "," : "");
        put_block(message, &message->lines[i], out);
    }
    buf_puts(out, "]}}]}");
}

const Format format_teams = {.most_bytes = 20 * 1024, .put = put};
