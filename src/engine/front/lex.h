/*
 * T-SQL text to tokens. The whole batch at once: the parser looks ahead freely.
 *
 * Ownership: tokens and their values live in the arena; `text` points into the batch.
 * Errors:    an unclosed string or comment is SQL Server's 105 or 113, with its line.
 */
#ifndef ENGINE_LEX_H
#define ENGINE_LEX_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/str.h"

#include "fault.h"

#include <stdbool.h>

typedef enum TokenKind {
    TOKEN_END,
    TOKEN_WORD,     // keyword or plain identifier
    TOKEN_QUOTED,   // [name] or "name"; never a keyword
    TOKEN_VARIABLE, // @name
    TOKEN_GLOBAL,   // @@name
    TOKEN_STRING,   // 'text'
    TOKEN_NSTRING,  // N'text'
    TOKEN_INTEGER,
    TOKEN_DECIMAL,
    TOKEN_FLOAT,
    TOKEN_BINARY, // 0x4142
    TOKEN_SIGN,   // punctuation and operators
} TokenKind;

/* Signs of one character are that character; these have two. */
enum {
    SIGN_NOT_EQUAL = 256, // <> and !=
    SIGN_LESS_EQUAL,      // <= and !>
    SIGN_GREATER_EQUAL,   // >= and !<
    SIGN_DOUBLE_COLON
};

typedef struct Token {
    TokenKind kind;
    int sign;
    int line;
    bool is_reserved; // a word that cannot name anything unless quoted
    Str text;         // as written
    Str value;        // without quotes and doubling; hex digits of a binary
} Token;

typedef struct Tokens {
    Token *list; // ends with a TOKEN_END
    size_t count;
} Tokens;

bool lex(Str batch, Arena *arena, Tokens *ret_tokens, Fault *fault);

#endif
