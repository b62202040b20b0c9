/* A growing text that knows its cap. */
#include "ssisminer/base/buf.h"

#include "ssisminer/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that may still be put, at most `len`; remembers when that is less. */
static size_t allow(Buf *buf, size_t len)
{
    size_t left = buf->cap - buf->len;

    if (len > left) {
        buf->over = true;
        len = left;
    }
    if (buf->len + len + 1 > buf->size) {
        size_t size = buf->size ? buf->size : 64;
        while (size < buf->len + len + 1)
            size *= 2;
        buf->text = mem_resize(buf->text, size);
        buf->size = size;
    }
    return len;
}

void buf_put(Buf *buf, const void *bytes, size_t len)
{
    len = allow(buf, len);
    if (len > 0)
        memcpy(buf->text + buf->len, bytes, len);
    buf_added(buf, len);
}

void buf_puts(Buf *buf, const char *text)
{
    buf_put(buf, text, strlen(text));
}

void buf_putc(Buf *buf, char c)
{
    buf_put(buf, &c, 1);
}

void buf_pad(Buf *buf, char c, size_t count)
{
    count = allow(buf, count);
    memset(buf->text + buf->len, c, count);
    buf_added(buf, count);
}

void buf_printf(Buf *buf, const char *format, ...)
{
    char small[256];
    va_list args;

    va_start(args, format);
    int len = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    if (len < 0)
        mem_fail();
    if ((size_t)len < sizeof(small)) {
        buf_put(buf, small, (size_t)len);
        return;
    }

    char *large = mem_alloc((size_t)len + 1);
    va_start(args, format);
    (void)vsnprintf(large, (size_t)len + 1, format, args);
    va_end(args);
    buf_put(buf, large, (size_t)len);
    free(large);
}

char *buf_room(Buf *buf, size_t len)
{
    if (len > buf->cap - buf->len) {
        buf->over = true;
        return NULL;
    }
    (void)allow(buf, len);
    return buf->text + buf->len;
}

void buf_added(Buf *buf, size_t len)
{
    buf->len += len;
    buf->text[buf->len] = '\0';
}

const char *buf_text(const Buf *buf)
{
    return buf->text ? buf->text : "";
}

char *buf_take(Buf *buf)
{
    char *text = buf->text ? buf->text : mem_text("");

    *buf = BUF(buf->cap);
    return text;
}

void buf_reset(Buf *buf)
{
    buf->len = 0;
    buf->over = false;
    if (buf->text)
        buf->text[0] = '\0';
}

Rc buf_check(const Buf *buf, const char *what, Err *err)
{
    if (buf->over)
        return FAIL(err, RC_QUERY, "%s is larger than %zu bytes", what, buf->cap);
    return RC_OK;
}

void buf_done(Buf *buf)
{
    free(buf->text);
    *buf = BUF(buf->cap);
}
