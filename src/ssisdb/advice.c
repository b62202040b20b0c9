#include "ssisminer/ssisdb/advice.h"

#include "ssisminer/base/buf.h"

enum { NAME_MAX_BYTES = 2048 }; // 128 characters, all of them doubled

const char *advice_identifier(const char *name, Arena *arena)
{
    AUTO(buf_done) Buf out = BUF(NAME_MAX_BYTES);

    buf_putc(&out, '[');
    for (; *name; name++) {
        buf_putc(&out, *name);
        if (*name == ']')
            buf_putc(&out, ']');
    }
    buf_putc(&out, ']');
    return arena_text(arena, buf_text(&out));
}
