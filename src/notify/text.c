/* A message as plain text, in lines of at most 76 columns: the one half of a mail. */
#include "message.h"

#include "ssisminer/base/str.h"
#include "ssisminer/base/term.h"

#include <string.h>

enum { COLUMNS = 76 };

/* Words; what is longer than a line, such as a path, stays whole. */
static void put_wrapped(Buf *out, const char *text, size_t at, size_t indent)
{
    Str rest = str_of(text), word;
    size_t blanks = 0;

    while (str_split(&rest, ' ', &word)) {
        size_t width = term_width(word.at, word.len);
        if (width > 0 && blanks > 0 && at + blanks + width > COLUMNS) {
            buf_putc(out, '\n');
            buf_pad(out, ' ', indent);
            at = indent;
        } else if (width > 0) {
            buf_pad(out, ' ', blanks);
            at += blanks;
        }
        blanks = width > 0 ? 1 : blanks + 1; // of a run of them none ends a line
        buf_put(out, word.at, word.len);
        at += width;
    }
}

static size_t indent_of(LineKind kind)
{
    return kind == LINE_FACT || kind == LINE_ROW || kind == LINE_LEFT ? 2
           : kind == LINE_DETAIL                                      ? 4
                                                                      : 0;
}

static bool has_blank_before(const Message *message, size_t at)
{
    LineKind kind = message->lines[at].kind, before = at ? message->lines[at - 1].kind : kind;

    if (at == 0 || (kind == LINE_WARNING && before == LINE_WARNING))
        return false;
    return kind == LINE_SECTION || kind == LINE_MORE || kind == LINE_WARNING ||
           (kind == LINE_ERROR && before != LINE_ERROR) ||
           (kind == LINE_ROW && before < LINE_SECTION);
}

static void put_line(Buf *out, const Line *line)
{
    size_t indent = indent_of(line->kind), at = indent;

    buf_pad(out, ' ', indent);
    if (*line->label && *line->text) {
        const char *between = line->kind == LINE_ROW ? "  " : ": ";
        buf_printf(out, "%s%s", line->label, between);
        at += term_width(line->label, strlen(line->label)) + 2;
    }
    put_wrapped(out, *line->text ? line->text : line->label, at, indent + 2);
    buf_putc(out, '\n');
}

static void put(const Message *message, Buf *out)
{
    for (size_t i = 0; i < message->count; i++) {
        if (has_blank_before(message, i))
            buf_putc(out, '\n');
        if (message->lines[i].kind == LINE_FOOT)
            buf_puts(out, "\n-- \n"); // what mail programs take for a signature
        put_line(out, &message->lines[i]);
    }
}

const Format format_text = {.most_bytes = 60 * 1024, .put = put};
