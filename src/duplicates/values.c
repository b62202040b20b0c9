/*
 * Values as the server compares them in a sql_variant: within a family of types by value, across
 * families never; text without regard to case and trailing blanks (the catalog's collation).
 */
#include "store.h"

#include <string.h>

typedef enum Family { FAMILY_TEXT, FAMILY_NUMBER, FAMILY_FLOAT, FAMILY_TIME } Family;

static Family family_of(const char *type)
{
    static const struct {
        const char *type;
        Family family;
    } families[] = {
        {"Boolean", FAMILY_NUMBER}, {"Byte", FAMILY_NUMBER},   {"SByte", FAMILY_NUMBER},
        {"Int16", FAMILY_NUMBER},   {"Int32", FAMILY_NUMBER},  {"Int64", FAMILY_NUMBER},
        {"UInt32", FAMILY_NUMBER},  {"UInt64", FAMILY_NUMBER}, {"Decimal", FAMILY_NUMBER},
        {"Single", FAMILY_FLOAT},   {"Double", FAMILY_FLOAT},  {"DateTime", FAMILY_TIME},
    };

    for (size_t i = 0; i < ARRAY_LEN(families); i++)
        if (str_same_fold(families[i].type, type))
            return families[i].family;
    return FAMILY_TEXT;
}

static uint64_t hash_folded(uint64_t hash, Str text)
{
    uint64_t length = text.len;

    hash = str_hash(hash, &length, sizeof(length));
    for (size_t i = 0; i < text.len; i++) {
        char c = str_fold(text.at[i]);
        hash = str_hash(hash, &c, 1);
    }
    return hash;
}

static Str without_blanks(Str text)
{
    while (text.len > 0 && text.at[text.len - 1] == ' ')
        text.len--;
    return text;
}

/* Digits without zeros that say nothing: before the point those in front, behind it those at the
 * end. */
static void cut_zeros(Str *whole, Str *fraction)
{
    while (whole->len > 0 && whole->at[0] == '0') {
        whole->at++;
        whole->len--;
    }
    while (fraction->len > 0 && fraction->at[fraction->len - 1] == '0')
        fraction->len--;
}

static uint64_t hash_number(uint64_t hash, Str text)
{
    char is_negative = text.len > 0 && text.at[0] == '-';

    if (str_equal_fold(text, str_of("true")))
        text = str_of("1");
    if (str_equal_fold(text, str_of("false")))
        text = str_of("0");
    if (is_negative || (text.len > 0 && text.at[0] == '+'))
        text = (Str){text.at + 1, text.len - 1};
    const char *point = text.len > 0 ? memchr(text.at, '.', text.len) : NULL;
    Str whole = {text.at, point ? (size_t)(point - text.at) : text.len};
    Str fraction = point ? (Str){point + 1, text.len - whole.len - 1} : (Str){text.at, 0};
    cut_zeros(&whole, &fraction);
    if (whole.len == 0 && fraction.len == 0)
        is_negative = 0;
    hash = str_hash(hash, &is_negative, 1);
    return hash_folded(hash_folded(hash, whole), fraction);
}

uint64_t value_hash(uint64_t hash, const DuplicateParameter *parameter)
{
    Family family = family_of(parameter->type);
    char has_value = !parameter->is_secret && parameter->value != NULL;
    Str text = str_of(parameter->value);

    hash = str_hash(hash, &family, sizeof(family));
    hash = str_hash(hash, &has_value, 1);
    if (!has_value) // a secret counts as given, whatever its value
        return hash;
    return family == FAMILY_NUMBER ? hash_number(hash, str_trim(text))
                                   : hash_folded(hash, without_blanks(text));
}

bool value_is_same(const DuplicateParameter *a, const DuplicateParameter *b)
{
    return a->is_secret == b->is_secret &&
           value_hash(STR_HASH_SEED, a) == value_hash(STR_HASH_SEED, b);
}
