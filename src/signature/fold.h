/*
 * Folding: one spelling for the many ways a server, a log or JSON writes the same sentence.
 *
 * Two layers. A unit is one character as it stands in the message, escapes and all; unit by unit
 * the text becomes lower case, every quote ', every white space one blank. Over the units,
 * fold_text also spells "isn't" and "cannot" out. The scanner (engine.c) walks units only, so a
 * literal it looks for must not touch " not": pattern.c cuts its triggers there.
 */
#ifndef SSISMINER_SIGNATURE_FOLD_INTERNAL_H
#define SSISMINER_SIGNATURE_FOLD_INTERNAL_H

#include "ssisminer/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FOLD_BLANK ' '
#define FOLD_QUOTE '\''

enum { FOLD_UNIT_MAX = 4 };

/* The folded byte of a unit that is this one byte, or 0 where fold_special must look. */
char fold_byte(unsigned char byte);

/* The unit that begins at raw.at[at], a byte for which fold_byte gives 0. Returns how many bytes
 * of the message it takes, at least 1; what it folds to, 0 to FOLD_UNIT_MAX bytes, is ret_out. */
size_t fold_special(Str raw, size_t at, char ret_out[FOLD_UNIT_MAX], size_t *ret_len);

/* The same for any byte. */
size_t fold_unit(Str raw, size_t at, char ret_out[FOLD_UNIT_MAX], size_t *ret_len);

typedef struct Folded {
    char *text;     // NUL-terminated
    uint32_t *from; // from[i]: where the unit of text[i] began; from[len]: the end
    size_t len;
    size_t capacity;
    Str raw; // at most FOLD_RAW_MAX bytes of the message
} Folded;

#define FOLD_RAW_MAX ((size_t)UINT32_MAX / 4)

void fold_text(Folded *folded, Str raw);
void fold_done(Folded *folded);

/* Up to `max` folded bytes from raw.at[at] on, unit by unit; ret_text holds max + FOLD_UNIT_MAX. */
size_t fold_ahead(Str raw, size_t at, char *ret_text, size_t max);

/* How many quotes stood where the folded text has one. */
size_t fold_quote_run(const Folded *folded, size_t at);

/* Letter, digit or part of a letter outside ASCII. */
static inline bool fold_is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80;
}

static inline bool fold_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

#endif
