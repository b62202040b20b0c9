/*
 * A message to an incoming webhook of Slack: blocks, and a text for the notification of a phone and
 * for services that know no blocks.
 *
 * What a server says stands in rich_text blocks alone, which parse nothing: no mrkdwn, no
 * <!channel>. Only that one text is mrkdwn; in it &, < and > are entities, as Slack asks for.
 *
 * Slack takes 50 blocks, 3000 characters of a text object, and refuses (msg_blocks_too_long) some
 * thirteen thousand characters of blocks in all, which its documents do not say.
 */
#include "message.h"

#include "ssisminer/base/json.h"

enum { PREVIEW_MAX = 1000 };

/* Title, place, and what the rows are about. */
static void put_preview(const Message *message, Buf *out)
{
    AUTO(buf_done) Buf text = BUF(PREVIEW_MAX * 2);

    for (size_t i = 0; i < message->count && text.len < PREVIEW_MAX / 2; i++) {
        const Line *line = &message->lines[i];
        if (line->kind != LINE_TITLE && line->kind != LINE_WHERE && line->kind != LINE_ROW &&
            line->kind != LINE_ERROR)
            continue;
        buf_puts(&text, text.len ? "\n" : "");
        message_put_entities(&text, line->label, "&<>");
        buf_puts(&text, *line->label && *line->text ? ": " : "");
        message_put_entities(&text, line->text, "&<>");
    }
    json_put_text(out, (Str){buf_text(&text), text.len});
}

static void put_run(Buf *out, const char *before, const char *text, bool is_bold)
{
    AUTO(buf_done) Buf whole = BUF(8192);

    buf_printf(&whole, "%s%s", before, text);
    if (out->text[out->len - 1] == '}')
        buf_putc(out, ',');
    buf_puts(out, "{\"type\":\"text\",\"text\":");
    json_put_text(out, (Str){buf_text(&whole), whole.len});
    buf_printf(out, "%s}", is_bold ? ",\"style\":{\"bold\":true}" : "");
}

static void put_line(Buf *out, const Line *line, bool is_first)
{
    bool is_strong = line->kind == LINE_TITLE || line->kind == LINE_SECTION;
    const char *before = is_first ? "" : "\n";
    const char *indent = line->kind == LINE_DETAIL ? "    " : "";

    if (*before || *indent)
        put_run(out, before, indent, false);
    if (*line->label)
        put_run(out, "", line->label, true);
    if (*line->text)
        put_run(out, *line->label ? "  " : "", line->text, is_strong);
}

/* Each section is a block of its own, and so are head and foot. */
static bool begins_block(const Message *message, size_t at)
{
    LineKind kind = message->lines[at].kind;
    LineKind before = at ? message->lines[at - 1].kind : kind;

    return at == 0 || kind == LINE_SECTION || kind == LINE_MORE ||
           (kind == LINE_ROW && before < LINE_SECTION) ||
           (kind == LINE_FOOT && before != LINE_MORE);
}

static void put(const Message *message, Buf *out)
{
    buf_puts(out, "{\"text\":");
    put_preview(message, out);
    buf_puts(out, ",\"unfurl_links\":false,\"blocks\":[");
    for (size_t i = 0; i < message->count; i++) {
        bool begins = begins_block(message, i);
        if (begins)
            buf_printf(out,
                       "%s{\"type\":\"rich_text\",\"elements\":[{\"type\":"
                       "\"rich_text_section\",\"elements\":[",
                       i ? "]}]}," : "");
        put_line(out, &message->lines[i], begins);
    }
    buf_puts(out, "]}]}]}");
}

const Format format_slack = {.most_bytes = 12 * 1024, .put = put};
