#include "rpc.h"

#include <string.h>

/* What a declaration may say of a type, one row a name. */
typedef struct TypeName {
    const char *name;
    SbTypeId id;
    int max_chars;
    int precision, scale; // without arguments
    enum { TAKES_NOTHING, TAKES_LENGTH, TAKES_PRECISION, TAKES_SCALE, TAKES_BITS } takes;
} TypeName;

static const TypeName type_names[] = {
    {"bit", SB_BIT, 0, 0, 0, TAKES_NOTHING},
    {"tinyint", SB_TINYINT, 0, 0, 0, TAKES_NOTHING},
    {"smallint", SB_SMALLINT, 0, 0, 0, TAKES_NOTHING},
    {"int", SB_INT, 0, 0, 0, TAKES_NOTHING},
    {"integer", SB_INT, 0, 0, 0, TAKES_NOTHING},
    {"bigint", SB_BIGINT, 0, 0, 0, TAKES_NOTHING},
    {"float", SB_FLOAT, 0, 0, 0, TAKES_BITS},
    {"real", SB_FLOAT, 0, 0, 0, TAKES_NOTHING},
    {"decimal", SB_DECIMAL, 0, 18, 0, TAKES_PRECISION},
    {"numeric", SB_DECIMAL, 0, 18, 0, TAKES_PRECISION},
    {"money", SB_DECIMAL, 0, 19, 4, TAKES_NOTHING},
    {"smallmoney", SB_DECIMAL, 0, 10, 4, TAKES_NOTHING},
    {"nvarchar", SB_NVARCHAR, 1, 0, 0, TAKES_LENGTH},
    {"nchar", SB_NVARCHAR, 1, 0, 0, TAKES_LENGTH},
    {"varchar", SB_NVARCHAR, 1, 0, 0, TAKES_LENGTH},
    {"char", SB_NVARCHAR, 1, 0, 0, TAKES_LENGTH},
    {"sysname", SB_NVARCHAR, 128, 0, 0, TAKES_NOTHING},
    {"ntext", SB_NVARCHAR, -1, 0, 0, TAKES_NOTHING},
    {"text", SB_NVARCHAR, -1, 0, 0, TAKES_NOTHING},
    {"date", SB_DATE, 0, 0, 0, TAKES_NOTHING},
    {"datetime", SB_DATETIME, 0, 0, 3, TAKES_NOTHING},
    {"smalldatetime", SB_DATETIME, 0, 0, 0, TAKES_NOTHING},
    {"datetime2", SB_DATETIME2, 0, 0, 7, TAKES_SCALE},
    {"datetimeoffset", SB_DATETIMEOFFSET, 0, 0, 7, TAKES_SCALE},
    {"uniqueidentifier", SB_UNIQUEIDENTIFIER, 0, 0, 0, TAKES_NOTHING},
    {"varbinary", SB_VARBINARY, 1, 0, 0, TAKES_LENGTH},
    {"binary", SB_VARBINARY, 1, 0, 0, TAKES_LENGTH},
    {"image", SB_VARBINARY, -1, 0, 0, TAKES_NOTHING},
    {"sql_variant", SB_SQL_VARIANT, 0, 0, 0, TAKES_NOTHING},
};

/* ---- words ------------------------------------------------------------------------------- */

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (str_fold(c) >= 'a' && str_fold(c) <= 'z') || c == '_' ||
           c == '@' || c == '$' || c == '#' || (unsigned char)c >= 0x80;
}

static void skip_blanks(Str *rest)
{
    *rest = str_trim(*rest);
}

/* A word, or one in brackets; empty when there is none. */
static Str take_word(Str *rest)
{
    skip_blanks(rest);
    const char *close =
        rest->len > 0 && rest->at[0] == '[' ? memchr(rest->at, ']', rest->len) : NULL;
    size_t from = close ? 1 : 0, len = 0;

    if (close)
        len = (size_t)(close - rest->at) - 1;
    else
        while (len < rest->len && is_word(rest->at[len]))
            len++;
    Str word = {rest->at + from, len};
    size_t used = len + 2 * from;
    *rest = (Str){rest->at + used, rest->len - used};
    return word;
}

static bool take_sign(Str *rest, char sign)
{
    skip_blanks(rest);
    if (rest->len == 0 || rest->at[0] != sign)
        return false;
    *rest = (Str){rest->at + 1, rest->len - 1};
    return true;
}

static bool take_keyword(Str *rest, const char *keyword)
{
    Str before = *rest;

    if (str_equal_fold(take_word(rest), str_of(keyword)))
        return true;
    *rest = before;
    return false;
}

/* ---- types ------------------------------------------------------------------------------- */

static const TypeName *find_type(Str name)
{
    for (size_t i = 0; i < ARRAY_LEN(type_names); i++)
        if (str_equal_fold(name, str_of(type_names[i].name)))
            return &type_names[i];
    return NULL;
}

static bool apply_length(SbType *type, int64_t length)
{
    if (length < 1 || length > 8000) // nvarchar ends at 4000, but varchar is stored as it too
        return false;
    type->max_chars = (int)length;
    return true;
}

/* What stood in the parentheses: one or two numbers. */
static bool apply_arguments(SbType *type, const TypeName *row, int64_t first, int64_t second)
{
    switch (row->takes) {
    case TAKES_NOTHING:
        return false;
    case TAKES_BITS:
        return first >= 1 && first <= 53;
    case TAKES_LENGTH:
        return second < 0 && apply_length(type, first);
    case TAKES_SCALE:
        type->scale = (int)first;
        return second < 0 && first >= 0 && first <= 7;
    case TAKES_PRECISION:
        type->precision = (int)first;
        type->scale = second < 0 ? 0 : (int)second;
        return first >= 1 && first <= 38 && second <= first;
    }
    return false;
}

static bool parse_arguments(Str *rest, const TypeName *row, SbType *type)
{
    int64_t first = -1, second = -1;

    if (!take_sign(rest, '('))
        return true;
    if (row->takes == TAKES_LENGTH && take_keyword(rest, "max")) {
        type->max_chars = -1;
        return take_sign(rest, ')');
    }
    if (!str_to_i64(take_word(rest), &first))
        return false;
    if (take_sign(rest, ',') && !str_to_i64(take_word(rest), &second))
        return false;
    return take_sign(rest, ')') && apply_arguments(type, row, first, second);
}

static bool parse_one(Str *rest, Arena *arena, Declaration *ret_declaration)
{
    Str name = take_word(rest);

    if (name.len < 2 || name.at[0] != '@')
        return false;
    (void)take_keyword(rest, "as");
    const TypeName *row = find_type(take_word(rest));
    if (!row)
        return false;

    Declaration declaration = {.name = arena_copy(arena, name.at, name.len),
                               .type = {.id = row->id,
                                        .max_chars = row->max_chars,
                                        .precision = row->precision,
                                        .scale = row->scale}};
    if (!parse_arguments(rest, row, &declaration.type))
        return false;
    declaration.is_output = take_keyword(rest, "output") || take_keyword(rest, "out");
    *ret_declaration = declaration;
    return true;
}

bool rpc_parse_declarations(Str text, Arena *arena, Declaration **ret_list, size_t *ret_count,
                            const char **ret_reason)
{
    Declaration *list = NULL;
    size_t count = 0, capacity = 0;
    Str rest = str_trim(text);

    while (rest.len > 0) {
        Str piece = rest;
        list = arena_grow(arena, list, count, count + 1, &capacity, sizeof(*list));
        if (count == RPC_PARAMS_MAX || !parse_one(&rest, arena, &list[count]) ||
            (!take_sign(&rest, ',') && rest.len > 0)) {
            *ret_reason =
                arena_printf(arena, "Incorrect syntax in the parameter declaration near '%.*s'.",
                             STR_FMT(((Str){piece.at, piece.len > 60 ? 60 : piece.len})));
            return false;
        }
        count++;
    }
    *ret_list = list;
    *ret_count = count;
    return true;
}
