/*
 * Codes as facts: numbers, names and pieces of text, a row each (config/codes).
 *
 * Compiled into the program by src/codes/table.awk. What a row means beyond its own words is said
 * by its family, an entry of the signature catalog that this room does not know.
 *
 * Ownership: everything is constant. Threads: any.
 */
#ifndef SSISMINER_CODES_TABLE_H
#define SSISMINER_CODES_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum CodeKind {
    CODE_CAUSE,   // says itself what is wrong
    CODE_WRAPPER, // says that something below failed
    CODE_DETAIL   // progress, advice, an addition to another message
} CodeKind;

typedef enum CodeLevel { CODE_ERROR, CODE_WARNING, CODE_INFO } CodeLevel;

typedef struct CodeRow {
    const char *id;       // "dts-e-cannotcreateaccessor", "sql-701", stable for ever
    uint32_t code;        // 0 with has_code false
    const char *name;     // DTS_E_CANNOTCREATEACCESSOR, or NULL
    const char *fragment; // a piece of its text, or NULL
    const char *second;   // another that must be there too, or NULL
    CodeKind kind;
    CodeLevel level;
    const char *class_, *retry; // as in the catalog; "-" takes the family's
    const char *family;         // id of a signature, or NULL
    const char *cause, *remedy; // its own, or NULL
    bool by_number, by_text;    // what announces it in a message
    bool has_code;
    const char *file;
    int line;
} CodeRow;

/* A text in another language than English, by which a signature is known too. */
typedef struct CodeText {
    const char *signature; // id of a signature or of a row
    const char *language;  // "de", "pt-BR"
    const char *fragment, *second;
    bool is_confirmed; // seen in a log, or in the program's own resources
    const char *file;
    int line;
} CodeText;

const CodeText *code_texts(size_t *ret_count);

const CodeRow *code_rows(size_t *ret_count);

/* The next row after `from` (NULL: the first) with this code; NULL if there is no other. */
const CodeRow *code_row_next(uint32_t code, const CodeRow *from);

/* By its name, in any case; NULL if unknown. */
const CodeRow *code_row_named(const char *name);

#endif
