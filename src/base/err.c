/* The one message of a failure, and what it gains on its way up. */
#include "ssisminer/base/err.h"

#include "ssisminer/base/str.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* vsnprintf that never leaves half a UTF-8 character at the end. */
static void PRINTF_LIKE(3, 0) put(char *to, size_t size, const char *format, va_list args)
{
    int wanted = vsnprintf(to, size, format, args);

    if (wanted >= 0 && (size_t)wanted >= size)
        to[str_utf8_floor(to, strlen(to))] = '\0';
}

Rc err_set(Err *err, Rc rc, const char *format, ...)
{
    va_list args;

    assert(rc != RC_OK);
    err->rc = rc;
    err->number = 0;
    err->hint[0] = '\0';
    va_start(args, format);
    put(err->text, sizeof(err->text), format, args);
    va_end(args);
    return rc;
}

Rc err_note(Err *err, const char *format, ...)
{
    char whole[sizeof(err->text)];
    va_list args;

    assert(err->rc != RC_OK);
    va_start(args, format);
    put(whole, sizeof(whole), format, args);
    va_end(args);

    size_t used = strlen(whole);
    if (used + 2 < sizeof(whole)) {
        memcpy(whole + used, ": ", 3);
        used += 2;
        size_t left = sizeof(whole) - used;
        size_t tail = strnlen(err->text, left - 1);
        if (tail == left - 1)
            tail = str_utf8_floor(err->text, tail);
        memcpy(whole + used, err->text, tail);
        whole[used + tail] = '\0';
    }
    memcpy(err->text, whole, sizeof(whole));
    return err->rc;
}

Rc err_hint(Err *err, const char *format, ...)
{
    va_list args;

    assert(err->rc != RC_OK);
    if (err->hint[0] != '\0')
        return err->rc;
    va_start(args, format);
    put(err->hint, sizeof(err->hint), format, args);
    va_end(args);
    return err->rc;
}
