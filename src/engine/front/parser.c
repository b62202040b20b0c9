/* The parser's state and the small steps that every parse_*.c takes. */
#include "parser.h"

#include <stdio.h>

enum { DEPTH_MAX = 150 };

bool p_failed(const Parser *parser)
{
    return parser->fault->number != 0;
}

const Token *p_peek_at(const Parser *parser, size_t ahead)
{
    size_t last = parser->tokens.count - 1;
    size_t at = p_failed(parser) || parser->at + ahead > last ? last : parser->at + ahead;
    return &parser->tokens.list[at];
}

const Token *p_peek(const Parser *parser)
{
    return p_peek_at(parser, 0);
}

const Token *p_next(Parser *parser)
{
    const Token *token = p_peek(parser);
    if (token->kind != TOKEN_END)
        parser->at++;
    return token;
}

void p_refuse_at(Parser *parser, const Token *token, const char *reason)
{
    if (p_failed(parser))
        return;
    Str near = token->text;
    int line = token->line;
    if (token->kind == TOKEN_END && parser->at > 0) { // the end of the batch: name its last token
        near = parser->tokens.list[parser->tokens.count - 2].text;
        line = parser->tokens.list[parser->tokens.count - 2].line;
    }
    if (token->is_reserved) {
        fault_set(parser->fault, line, MSG(156), STR_FMT(near));
        if (reason)
            (void)snprintf(parser->fault->reason, sizeof parser->fault->reason, "%s", reason);
        return;
    }
    fault_refuse(parser->fault, line, near.at, near.len, reason);
}

void p_refuse(Parser *parser, const char *reason)
{
    p_refuse_at(parser, p_peek(parser), reason);
}

void p_refuse_if(Parser *parser, const char *what, const char *reason)
{
    if (p_is(parser, what))
        p_refuse(parser, reason);
}

/* ---- words and signs ------------------------------------------------------------------------- */

static bool token_is(const Token *token, Str what)
{
    return token->kind == TOKEN_WORD ? str_equal_fold(token->text, what)
                                     : token->kind == TOKEN_SIGN && str_equal(token->text, what);
}

/* Most do not: a look at the first letter spares the rest. */
static bool may_be(const Token *token, const char *what)
{
    return (token->kind == TOKEN_WORD || token->kind == TOKEN_SIGN) &&
           str_fold(token->text.at[0]) == str_fold(*what);
}

static size_t match(const Parser *parser, size_t ahead, const char *what)
{
    if (!may_be(p_peek_at(parser, ahead), what))
        return 0;
    Str rest = str_of(what), one;
    size_t count = 0;
    for (; str_split(&rest, ' ', &one); count++)
        if (!token_is(p_peek_at(parser, ahead + count), one))
            return 0;
    return count;
}

bool p_is(const Parser *parser, const char *what)
{
    return match(parser, 0, what) > 0;
}

bool p_is_at(const Parser *parser, size_t ahead, const char *what)
{
    return match(parser, ahead, what) > 0;
}

bool p_is_any(const Parser *parser, const char *words)
{
    const Token *token = p_peek(parser);
    for (const char *at = words; *at; at += *at == ' ') {
        const char *word = at;
        while (*at && *at != ' ')
            at++;
        if (may_be(token, word) && token_is(token, (Str){word, (size_t)(at - word)}))
            return true;
    }
    return false;
}

bool p_take(Parser *parser, const char *what)
{
    size_t count = match(parser, 0, what);
    for (size_t i = 0; i < count; i++)
        p_next(parser);
    return count > 0;
}

bool p_take_any(Parser *parser, const char *words)
{
    bool is_one = p_is_any(parser, words);
    if (is_one)
        p_next(parser);
    return is_one;
}

void p_need(Parser *parser, const char *what)
{
    Str rest = str_of(what), one;
    while (str_split(&rest, ' ', &one)) {
        if (!token_is(p_peek(parser), one))
            p_refuse(parser, NULL);
        p_next(parser);
    }
}

bool p_take_either(Parser *parser, const char *yes, const char *no)
{
    bool is_yes = p_take(parser, yes);
    if (!is_yes)
        (void)p_take(parser, no);
    return is_yes;
}

bool p_need_either(Parser *parser, const char *yes, const char *no)
{
    bool is_yes = p_take(parser, yes);
    if (!is_yes)
        p_need(parser, no);
    return is_yes;
}

bool p_is_kind(const Parser *parser, TokenKind kind)
{
    return p_peek(parser)->kind == kind;
}

bool p_is_end(const Parser *parser)
{
    return p_is_kind(parser, TOKEN_END);
}

bool p_is_string(const Parser *parser)
{
    return p_is_kind(parser, TOKEN_STRING) || p_is_kind(parser, TOKEN_NSTRING);
}

bool p_is_identifier(const Parser *parser)
{
    const Token *token = p_peek(parser);
    return token->kind == TOKEN_QUOTED || (token->kind == TOKEN_WORD && !token->is_reserved);
}

Str p_need_identifier(Parser *parser)
{
    if (p_is_identifier(parser) && p_peek(parser)->value.len <= 128 &&
        p_peek(parser)->value.len > 0)
        return p_next(parser)->value;
    p_refuse(parser, NULL);
    return str_of("");
}

Name p_name_of(const Parser *parser, Str part)
{
    return (Name){.parts = {part}, .count = 1, .line = p_peek(parser)->line};
}

Name p_need_name(Parser *parser)
{
    Name name = {.line = p_peek(parser)->line};

    name.parts[name.count++] = p_need_identifier(parser);
    while (p_take(parser, ".")) {
        if (name.count == (int)ARRAY_LEN(name.parts)) {
            p_refuse(parser, "names have at most three parts here");
            return name;
        }
        if (name.count == 1 && p_is(parser, ".")) // database..object
            name.parts[name.count++] = str_of("dbo");
        else
            name.parts[name.count++] = p_need_identifier(parser);
    }
    return name;
}

Str p_need_variable(Parser *parser)
{
    if (p_peek(parser)->kind == TOKEN_VARIABLE)
        return p_next(parser)->text;
    p_refuse(parser, NULL);
    return str_of("");
}

int64_t p_need_integer(Parser *parser)
{
    bool minus = p_take(parser, "-");
    int64_t value = 0;
    if (p_peek(parser)->kind == TOKEN_INTEGER && str_to_i64(p_peek(parser)->text, &value)) {
        p_next(parser);
        return minus ? -value : value;
    }
    p_refuse(parser, NULL);
    return 0;
}

Str *p_need_columns(Parser *parser, size_t *ret_count, bool **ret_descending)
{
    Str *list = NULL;
    size_t directions = 0;

    *ret_count = 0;
    p_need(parser, "(");
    do {
        *PUSH(parser, list, *ret_count) = p_need_identifier(parser);
        if (ret_descending)
            *PUSH(parser, *ret_descending, directions) = p_take_either(parser, "DESC", "ASC");
    } while (p_take(parser, ","));
    p_need(parser, ")");
    return list;
}

bool p_enter(Parser *parser)
{
    if (++parser->depth <= DEPTH_MAX)
        return true;
    p_fault(parser, MSG(191));
    return false;
}

void p_leave(Parser *parser)
{
    parser->depth--;
}

Str p_text_from(const Parser *parser, size_t first_token)
{
    const char *start = parser->tokens.list[first_token].text.at;
    size_t last = parser->at > first_token ? parser->at - 1 : first_token;
    Str end = parser->tokens.list[last].text;
    return (Str){start, (size_t)(end.at + end.len - start)};
}

/* ---- types ----------------------------------------------------------------------------------- */

typedef enum TypeArgs { ARGS_NONE, ARGS_LENGTH, ARGS_SCALE, ARGS_PRECISION } TypeArgs;

/* How T-SQL spells the types. Ansi text keeps precision = 1, fixed length keeps scale = 1
 * (DATALENGTH, padding and the wire need them). */
static const struct {
    const char *name;
    TypeArgs args;
    int limit; // largest length or scale
    SbType type;
} types[] = {
    {"bit", ARGS_NONE, 0, {.id = SB_BIT}},
    {"tinyint", ARGS_NONE, 0, {.id = SB_TINYINT}},
    {"smallint", ARGS_NONE, 0, {.id = SB_SMALLINT}},
    {"int", ARGS_NONE, 0, {.id = SB_INT}},
    {"integer", ARGS_NONE, 0, {.id = SB_INT}},
    {"bigint", ARGS_NONE, 0, {.id = SB_BIGINT}},
    {"float", ARGS_LENGTH, 53, {.id = SB_FLOAT}},
    {"real", ARGS_NONE, 0, {.id = SB_FLOAT, .precision = REAL_PRECISION}},
    {"decimal", ARGS_PRECISION, 38, {.id = SB_DECIMAL, .precision = 18}},
    {"numeric", ARGS_PRECISION, 38, {.id = SB_DECIMAL, .precision = 18}},
    {"nvarchar", ARGS_LENGTH, 4000, {.id = SB_NVARCHAR, .max_chars = 1}},
    {"nchar", ARGS_LENGTH, 4000, {.id = SB_NVARCHAR, .max_chars = 1, .scale = 1}},
    {"varchar", ARGS_LENGTH, 8000, {.id = SB_NVARCHAR, .max_chars = 1, .precision = 1}},
    {"char", ARGS_LENGTH, 8000, {.id = SB_NVARCHAR, .max_chars = 1, .precision = 1, .scale = 1}},
    {"sysname", ARGS_NONE, 0, {.id = SB_NVARCHAR, .max_chars = 128}},
    {"ntext", ARGS_NONE, 0, {.id = SB_NVARCHAR, .max_chars = -1}},
    {"date", ARGS_NONE, 0, {.id = SB_DATE}},
    {"datetime", ARGS_NONE, 0, {.id = SB_DATETIME, .scale = 3}},
    {"datetime2", ARGS_SCALE, 7, {.id = SB_DATETIME2, .scale = 7}},
    {"datetimeoffset", ARGS_SCALE, 7, {.id = SB_DATETIMEOFFSET, .scale = 7}},
    {"uniqueidentifier", ARGS_NONE, 0, {.id = SB_UNIQUEIDENTIFIER}},
    {"varbinary", ARGS_LENGTH, 8000, {.id = SB_VARBINARY, .max_chars = 1}},
    {"binary", ARGS_LENGTH, 8000, {.id = SB_VARBINARY, .max_chars = 1, .scale = 1}},
    {"sql_variant", ARGS_NONE, 0, {.id = SB_SQL_VARIANT}},
    /* Parameters come as these; they are kept as what they equal. */
    {"money", ARGS_NONE, 0, {.id = SB_DECIMAL, .precision = 19, .scale = 4}},
    {"smallmoney", ARGS_NONE, 0, {.id = SB_DECIMAL, .precision = 10, .scale = 4}},
    {"smalldatetime", ARGS_NONE, 0, {.id = SB_DATETIME, .scale = 3}},
    {"text", ARGS_NONE, 0, {.id = SB_NVARCHAR, .max_chars = -1, .precision = 1}},
    {"image", ARGS_NONE, 0, {.id = SB_VARBINARY, .max_chars = -1}},
};

static void need_length(Parser *parser, SbType *type, int limit)
{
    if (p_take(parser, "max")) {
        type->max_chars = -1;
        if (type->scale || type->id == SB_FLOAT)
            p_refuse(parser, NULL);
        return;
    }
    const Token *token = p_peek(parser);
    int64_t length = p_need_integer(parser);
    if (length < 1 || length > limit)
        fault_set(parser->fault, token->line, MSG(2717), (long long)length, limit);
    if (type->id == SB_FLOAT)
        type->precision = length <= REAL_PRECISION ? REAL_PRECISION : 0;
    else
        type->max_chars = (int)length;
}

static void need_type_args(Parser *parser, SbType *type, TypeArgs args, int limit)
{
    if (args == ARGS_LENGTH) {
        need_length(parser, type, limit);
        return;
    }
    int64_t first = p_need_integer(parser), scale = first;
    if (args == ARGS_PRECISION) {
        type->precision = (int)first;
        scale = p_take(parser, ",") ? p_need_integer(parser) : 0;
        if (first < 1 || first > limit)
            p_refuse(parser, "a precision is from 1 to 38");
        limit = (int)first;
    }
    if (scale > limit)
        p_refuse(parser, "a scale is at most the precision, of a time 7");
    type->scale = (int)scale;
}

SbType p_need_type(Parser *parser)
{
    const Token *token = p_peek(parser);

    (void)p_take(parser, "sys .");
    Str word = p_peek(parser)->value;
    if (!p_is_kind(parser, TOKEN_WORD) && !p_is_kind(parser, TOKEN_QUOTED)) {
        p_refuse(parser, NULL);
        return (SbType){.id = SB_INT};
    }
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (!str_equal_fold(word, str_of(types[i].name)))
            continue;
        SbType type = types[i].type;
        p_next(parser);
        if (types[i].args != ARGS_NONE && p_take(parser, "(")) {
            need_type_args(parser, &type, types[i].args, types[i].limit);
            p_need(parser, ")");
        }
        return type;
    }
    fault_set(parser->fault, token->line, MSG(2715), STR_FMT(word));
    return (SbType){.id = SB_INT};
}
