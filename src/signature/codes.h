/*
 * Error codes as messages dress them (config/signatures/README.md, "Codes").
 *
 * Two looks at the same thing: codes_near says, fast and too readily, whether a known code may
 * stand after a dress word of the raw text; codes_find reads the folded text and decides.
 */
#ifndef SSISMINER_SIGNATURE_CODES_INTERNAL_H
#define SSISMINER_SIGNATURE_CODES_INTERNAL_H

#include "fold.h"
#include "ssisminer/base/arena.h"

/* Codes are 32 bits; a negative one is its two's complement. */
#define CODE_NONE     UINT32_C(0)
#define CODE_WIDE_MIN UINT32_C(0x10000) // from here on it is an HRESULT or NTSTATUS

uint32_t code_of(int64_t value); // CODE_NONE for what does not fit

/* Every code of the catalog, numbered from 0. */
typedef struct CodeTable {
    uint32_t *codes;   // by number
    uint32_t *numbers; // hash slots: number + 1, or 0
    size_t count, capacity;
    size_t slot_count;      // power of two
    struct CodeName *names; // hash slots of symbolic names
    size_t name_count, name_slot_count;
} CodeTable;

size_t code_table_add(CodeTable *table, uint32_t code); // its number
bool code_table_find(const CodeTable *table, uint32_t code, size_t *ret_number);
/* Its symbolic name, which begins with "DTS"; borrowed. */
void code_table_name(CodeTable *table, const char *name, size_t number);
void code_table_done(CodeTable *table);

/* Folded words after which a code may stand, for the scanner. */
const char *const *code_dress_words(size_t *ret_count);

/* What the scanner has seen: a dress word, "sqlstate", "0x", "dts_", or the first digits of a
 * negative code of 32 bits (CODE_SIGN_DIGITS of them, behind the sign). */
typedef enum CodeHint { HINT_DRESS, HINT_SQLSTATE, HINT_HEX, HINT_NAME, HINT_SIGN } CodeHint;

enum { CODE_SIGN_DIGITS = 3 };

/* May a code of the table stand after the hint that ends before raw.at[at]? */
bool codes_near(const CodeTable *table, Str raw, size_t at, CodeHint hint);

/* Calls `found` for every code of the table in its dress; at is its place in the folded text. */
typedef void (*CodeFound)(void *context, size_t number, size_t at);
void codes_find(const CodeTable *table, const Folded *folded, CodeFound found, void *context);

#endif
