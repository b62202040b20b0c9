/*
 * A growing text buffer that knows its own limit.
 *
 * Ownership: buf_done frees; buf_take moves the text out (free it with free()).
 * Errors:    going over the cap sets `over`, keeps what fitted and drops the rest;
 *            check once, at the end, with buf_check. Out of memory ends the program.
 * Limits:    the text always ends in NUL; it may hold NULs.
 */
#ifndef SSISMINER_BASE_BUF_H
#define SSISMINER_BASE_BUF_H

#include "ssisminer/base/err.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct Buf { // BUF(cap) makes one
    char *text;      // NULL while nothing was put; buf_text never gives NULL
    size_t len;
    size_t size;
    size_t cap; // most bytes it may hold, without the NUL
    bool over;
} Buf;

#define BUF(cap_bytes) ((Buf){.cap = (cap_bytes)})

void buf_put(Buf *buf, const void *bytes, size_t len);
void buf_puts(Buf *buf, const char *text);
void buf_putc(Buf *buf, char c);
void buf_printf(Buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_pad(Buf *buf, char c, size_t count);

/* Room for `len` more bytes to be written by the caller, who then calls
 * buf_added(); NULL when that would pass the cap. */
char *buf_room(Buf *buf, size_t len);
void buf_added(Buf *buf, size_t len);

const char *buf_text(const Buf *buf);
char *buf_take(Buf *buf);
void buf_reset(Buf *buf); // empty again, keeps its memory
Rc buf_check(const Buf *buf, const char *what, Err *err) MUST_CHECK;
void buf_done(Buf *buf);

#endif
