/* JSON texts straight into a buffer, safe for a terminal. */
#include "jsonline.h"

#include "ssisminer/base/json.h"

#include <string.h>

void jsonline_text(Buf *line, Str text)
{
    json_put_text(line, text);
}

void jsonline_text_or_null(Buf *line, const char *text)
{
    if (text)
        jsonline_text(line, str_of(text));
    else
        buf_puts(line, "null");
}
