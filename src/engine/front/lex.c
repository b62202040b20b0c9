/* T-SQL text to tokens. */
#include "lex.h"

#include <stdlib.h>

typedef struct Lexer {
    const char *at, *end;
    int line;
    Arena *arena;
    Tokens *tokens;
    Fault *fault;
} Lexer;

/* Words that T-SQL reserves: sorted, for bsearch. */
static const char *const reserved[] = {
#define RESERVED(word) #word,
#include "reserved.def"
#undef RESERVED
};

static int compare_word(const void *key, const void *row)
{
    const Str *word = key;
    const char *other = *(const char *const *)row;
    for (size_t i = 0; i < word->len; i++) {
        int a = str_fold(word->at[i]), b = str_fold(other[i]);
        if (a != b || !b)
            return a < b ? -1 : 1;
    }
    return other[word->len] ? -1 : 0;
}

static bool is_reserved(Str word)
{
    return bsearch(&word, reserved, ARRAY_LEN(reserved), sizeof reserved[0], compare_word) != NULL;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '#' || (c & 0x80);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static char peek(const Lexer *lexer, size_t ahead)
{
    return (size_t)(lexer->end - lexer->at) > ahead ? lexer->at[ahead] : '\0';
}

static bool skip_comment(Lexer *lexer)
{
    int depth = 0, line = lexer->line;
    do {
        if (lexer->end - lexer->at < 2)
            return fault_set(lexer->fault, line, MSG(113));
        if (peek(lexer, 0) == '/' && peek(lexer, 1) == '*') {
            depth++;
            lexer->at += 2;
        } else if (peek(lexer, 0) == '*' && peek(lexer, 1) == '/') {
            depth--;
            lexer->at += 2;
        } else {
            lexer->line += *lexer->at++ == '\n';
        }
    } while (depth > 0);
    return true;
}

static bool skip_blanks(Lexer *lexer)
{
    while (lexer->at < lexer->end) {
        char c = *lexer->at;
        if (c == '\n') {
            lexer->line++;
            lexer->at++;
        } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v') {
            lexer->at++;
        } else if ((unsigned char)c == 0xC2 && (unsigned char)peek(lexer, 1) == 0xA0) {
            lexer->at += 2;
        } else if (c == '-' && peek(lexer, 1) == '-') {
            while (lexer->at < lexer->end && *lexer->at != '\n')
                lexer->at++;
        } else if (c == '/' && peek(lexer, 1) == '*') {
            if (!skip_comment(lexer))
                return false;
        } else {
            return true;
        }
    }
    return true;
}

static Token *add(Lexer *lexer, TokenKind kind, size_t len)
{
    Tokens *tokens = lexer->tokens;
    Token *token = ARENA_PUSH(lexer->arena, tokens->list, tokens->count);
    *token = (Token){
        .kind = kind, .line = lexer->line, .text = {lexer->at, len}, .value = {lexer->at, len}};
    lexer->at += len;
    return token;
}

/* The closing quote after start, or NULL; a doubled one stands for itself. */
static const char *closing(const char *start, const char *end, char close)
{
    for (const char *at = start; at < end; at++) {
        if (*at != close)
            continue;
        if (at + 1 == end || at[1] != close)
            return at;
        at++;
    }
    return NULL;
}

static Str undoubled(Arena *arena, const char *start, const char *end, char close)
{
    char *value = arena_alloc(arena, (size_t)(end - start) + 1);
    size_t len = 0;
    for (const char *at = start; at < end; at++) {
        at += *at == close;
        value[len++] = *at;
    }
    return (Str){value, len};
}

/* From the opening quote at lexer->at + lead to its partner. */
static bool quoted(Lexer *lexer, TokenKind kind, size_t lead, char close)
{
    const char *start = lexer->at + lead + 1;
    const char *end = closing(start, lexer->end, close);

    if (!end) {
        size_t len = (size_t)(lexer->end - start);
        return fault_set(lexer->fault, lexer->line, MSG(105), (int)(len > 100 ? 100 : len), start);
    }
    Token *token = add(lexer, kind, (size_t)(end + 1 - lexer->at));
    token->value = undoubled(lexer->arena, start, end, close);
    for (const char *at = start; at < end; at++)
        lexer->line += *at == '\n';
    return true;
}

static void word(Lexer *lexer)
{
    size_t len = 1;
    while (is_letter(peek(lexer, len)) || is_digit(peek(lexer, len)) || peek(lexer, len) == '@' ||
           peek(lexer, len) == '$')
        len++;
    TokenKind kind = TOKEN_WORD;
    if (*lexer->at == '@')
        kind = peek(lexer, 1) == '@' ? TOKEN_GLOBAL : TOKEN_VARIABLE;
    Token *token = add(lexer, kind, len);
    token->is_reserved = kind == TOKEN_WORD && is_reserved(token->text);
}

static void number(Lexer *lexer)
{
    size_t len = 0;
    TokenKind kind = TOKEN_INTEGER;

    if (peek(lexer, 0) == '0' && (peek(lexer, 1) == 'x' || peek(lexer, 1) == 'X')) {
        len = 2;
        while (is_hex(peek(lexer, len)))
            len++;
        Token *token = add(lexer, TOKEN_BINARY, len);
        token->value = (Str){token->text.at + 2, len - 2};
        return;
    }
    while (is_digit(peek(lexer, len)))
        len++;
    if (peek(lexer, len) == '.') {
        kind = TOKEN_DECIMAL;
        for (len++; is_digit(peek(lexer, len));)
            len++;
    }
    if (peek(lexer, len) == 'e' || peek(lexer, len) == 'E') {
        kind = TOKEN_FLOAT;
        len++;
        if (peek(lexer, len) == '+' || peek(lexer, len) == '-')
            len++;
        while (is_digit(peek(lexer, len)))
            len++;
    }
    add(lexer, kind, len);
}

static void sign(Lexer *lexer)
{
    static const struct {
        char text[3];
        int sign;
    } pairs[] = {
        {"<>", SIGN_NOT_EQUAL},    {"!=", SIGN_NOT_EQUAL},     {"<=", SIGN_LESS_EQUAL},
        {"!>", SIGN_LESS_EQUAL},   {">=", SIGN_GREATER_EQUAL}, {"!<", SIGN_GREATER_EQUAL},
        {"::", SIGN_DOUBLE_COLON},
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        if (peek(lexer, 0) == pairs[i].text[0] && peek(lexer, 1) == pairs[i].text[1]) {
            add(lexer, TOKEN_SIGN, 2)->sign = pairs[i].sign;
            return;
        }
    char c = peek(lexer, 0);
    add(lexer, TOKEN_SIGN, 1)->sign = (unsigned char)c;
}

static bool next(Lexer *lexer)
{
    char c = *lexer->at;
    if (c == '\'')
        return quoted(lexer, TOKEN_STRING, 0, '\'');
    if ((c == 'N' || c == 'n') && peek(lexer, 1) == '\'')
        return quoted(lexer, TOKEN_NSTRING, 1, '\'');
    if (c == '[')
        return quoted(lexer, TOKEN_QUOTED, 0, ']');
    if (c == '"')
        return quoted(lexer, TOKEN_QUOTED, 0, '"');
    if (is_digit(c) || (c == '.' && is_digit(peek(lexer, 1))))
        number(lexer);
    else if (is_letter(c) || c == '@')
        word(lexer);
    else
        sign(lexer);
    return true;
}

bool lex(Str batch, Arena *arena, Tokens *ret_tokens, Fault *fault)
{
    Tokens tokens = {0};
    Lexer lexer = {.at = batch.at,
                   .end = batch.at + batch.len,
                   .line = 1,
                   .arena = arena,
                   .tokens = &tokens,
                   .fault = fault};

    for (;;) {
        if (!skip_blanks(&lexer))
            return false;
        if (lexer.at == lexer.end)
            break;
        if (!next(&lexer))
            return false;
    }
    add(&lexer, TOKEN_END, 0);
    *ret_tokens = tokens;
    return true;
}
