/* A text as a JSON string that no terminal obeys. */
#include "ssisminer/base/json.h"

#include "ssisminer/base/term.h"
#include "ssisminer/base/utf.h"

#include <string.h>

/* The letter of a control's short escape, '\0' for none. */
static char short_of(uint32_t point)
{
    static const char shorts[] = "\bb\ff\nn\rr\tt";
    const char *found = point < 0x20 && point != 0 ? strchr(shorts, (int)point) : NULL;

    return found ? found[1] : '\0';
}

/* A byte order mark, and what no Unicode text has: YAML, which has JSON's strings, does not print
 * them. */
static bool is_no_text(uint32_t point)
{
    return point == 0xFEFF || point == 0xFFFE || point == 0xFFFF;
}

/* How many characters from here on stand for themselves: most of what anybody writes. */
static size_t plain_run(const char *at, size_t len)
{
    size_t run = 0;

    while (run < len && at[run] >= ' ' && at[run] <= '~' && at[run] != '"' && at[run] != '\\')
        run++;
    return run;
}

void json_put_text(Buf *out, Str text)
{
    buf_putc(out, '"');
    for (size_t at = 0, used; at < text.len; at += used) {
        used = plain_run(text.at + at, text.len - at);
        if (used > 0) {
            buf_put(out, text.at + at, used);
            continue;
        }
        uint32_t point = utf_next(text.at + at, text.len - at, &used);
        if (point == '"' || point == '\\')
            buf_printf(out, "\\%c", (int)point);
        else if (short_of(point))
            buf_printf(out, "\\%c", short_of(point));
        else if (term_obeys(point) || is_no_text(point))
            buf_printf(out, "\\u%04x", (unsigned)point);
        else
            utf_put_valid(out, text.at + at, used);
    }
    buf_putc(out, '"');
}
