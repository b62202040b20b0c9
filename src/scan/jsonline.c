#include "jsonline.h"

#include "ssisminer/base/utf.h"

#include <stdbool.h>
#include <string.h>

/* Controls, and marks that turn the direction of writing. */
static bool steers(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x061C || point == 0x200E ||
           point == 0x200F || (point >= 0x2028 && point <= 0x202E) ||
           (point >= 0x2066 && point <= 0x2069);
}

static void put_point(Buf *line, uint32_t point, const char *bytes, size_t len)
{
    static const char shorts[] = "\bb\ff\nn\rr\tt";
    const char *found = point < 0x20 && point != 0 ? strchr(shorts, (int)point) : NULL;

    if (point == '"' || point == '\\')
        buf_printf(line, "\\%c", (char)point);
    else if (found)
        buf_printf(line, "\\%c", found[1]);
    else if (steers(point))
        buf_printf(line, "\\u%04x", (unsigned)point);
    else if (point == 0xFFFD)
        buf_puts(line, "\xEF\xBF\xBD"); // also for bytes that are no UTF-8
    else
        buf_put(line, bytes, len);
}

void jsonline_text(Buf *line, Str text)
{
    buf_putc(line, '"');
    for (size_t at = 0; at < text.len;) {
        size_t used = 1;
        uint32_t point = utf_next(text.at + at, text.len - at, &used);
        put_point(line, point, text.at + at, used);
        at += used;
    }
    buf_putc(line, '"');
}

void jsonline_text_or_null(Buf *line, const char *text)
{
    if (text)
        jsonline_text(line, str_of(text));
    else
        buf_puts(line, "null");
}
