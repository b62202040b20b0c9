/* One spelling for the many ways in which servers, logs and JSON write a sentence. */
#include "fold.h"

#include "ssisminer/base/err.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/utf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- one unit -------------------------------------------------------------------------------- */

char fold_byte(unsigned char byte)
{
    if (byte <= ' ' || byte == 0x7F)
        return FOLD_BLANK;
    if (byte >= 'A' && byte <= 'Z')
        return (char)(byte + ('a' - 'A'));
    switch (byte) {
    case '"':
    case '\'':
    case '`':
        return FOLD_QUOTE;
    case '&':  // an entity
    case '\\': // an escape
    case '_':  // _x000D_
    case 0xC2: // no-break blank, guillemets, acute
    case 0xE2: // general punctuation
    case 0xE3: // ideographic blank, corner brackets
    case 0xEF: // byte order mark, full-width forms
        return 0;
    default:
        return (char)byte;
    }
}

/* Code points that fold to something else; first to last. */
typedef struct FoldRange {
    uint32_t first, last;
    const char *out;
} FoldRange;

static const FoldRange ranges[] = {
    {0xA0, 0xA0, " "},     {0xAB, 0xAB, "'"},       {0xAD, 0xAD, ""},      {0xB4, 0xB4, "'"},
    {0xBB, 0xBB, "'"},     {0x2000, 0x200A, " "},   {0x200B, 0x200D, ""},  {0x2010, 0x2015, "-"},
    {0x2018, 0x201F, "'"}, {0x2026, 0x2026, "..."}, {0x2028, 0x2029, " "}, {0x202F, 0x202F, " "},
    {0x2032, 0x2033, "'"}, {0x2039, 0x203A, "'"},   {0x2060, 0x2060, ""},  {0x2212, 0x2212, "-"},
    {0x3000, 0x3000, " "}, {0x300C, 0x300F, "'"},   {0xFEFF, 0xFEFF, ""},
};

static size_t put_text(const char *text, char *ret_out)
{
    size_t len = strlen(text);

    memcpy(ret_out, text, len);
    return len;
}

static size_t put_utf8(uint32_t point, char *ret_out)
{
    if (point < 0x800) {
        ret_out[0] = (char)(0xC0 | point >> 6);
        ret_out[1] = (char)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        ret_out[0] = (char)(0xE0 | point >> 12);
        ret_out[1] = (char)(0x80 | (point >> 6 & 0x3F));
        ret_out[2] = (char)(0x80 | (point & 0x3F));
        return 3;
    }
    ret_out[0] = (char)(0xF0 | (point >> 18 & 0x07));
    ret_out[1] = (char)(0x80 | (point >> 12 & 0x3F));
    ret_out[2] = (char)(0x80 | (point >> 6 & 0x3F));
    ret_out[3] = (char)(0x80 | (point & 0x3F));
    return 4;
}

static size_t fold_point(uint32_t point, char *ret_out)
{
    if (point >= 0xFF01 && point <= 0xFF5E) // full width
        point -= 0xFEE0;
    if (point < 0x80) {
        char plain = fold_byte((unsigned char)point);
        ret_out[0] = plain != 0 ? plain : (char)point;
        return 1;
    }
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return put_text(ranges[i].out, ret_out);
    return put_utf8(point, ret_out);
}

/* Digits at `at`, at most `max` of them; returns how many. */
static size_t read_number(Str raw, size_t at, int base, size_t max, uint32_t *ret_value)
{
    size_t count = 0;
    uint32_t value = 0;

    for (; count < max && at + count < raw.len; count++) {
        int digit = str_hex_digit(raw.at[at + count]);
        if (digit < 0 || digit >= base)
            break;
        value = value * (uint32_t)base + (uint32_t)digit;
    }
    *ret_value = value;
    return count;
}

/* "#39;" or "#x27;" */
static size_t numeric_entity(Str raw, size_t at, char *ret_out, size_t *ret_len)
{
    uint32_t point = 0;
    bool hex = str_begins_at(raw, at, "#x") || str_begins_at(raw, at, "#X");
    size_t digits_at = at + (hex ? 2 : 1);

    if (!str_begins_at(raw, at, "#"))
        return 0;
    size_t digits = read_number(raw, digits_at, hex ? 16 : 10, 6, &point);
    if (digits == 0 || !str_begins_at(raw, digits_at + digits, ";") || point > 0x10FFFF)
        return 0;
    *ret_len = fold_point(point, ret_out);
    return digits_at + digits + 1 - at;
}

static size_t fold_entity(Str raw, size_t at, char *ret_out, size_t *ret_len)
{
    static const struct {
        const char *name;
        char out;
    } entities[] = {{"quot;", FOLD_QUOTE},
                    {"apos;", FOLD_QUOTE},
                    {"lt;", '<'},
                    {"gt;", '>'},
                    {"nbsp;", FOLD_BLANK}};
    size_t name_at = at + 1;

    /* Text that was escaped twice, or thrice: &amp;quot; */
    for (int depth = 0; depth < 2 && str_begins_at(raw, name_at, "amp;"); depth++)
        name_at += 4;
    for (size_t i = 0; i < ARRAY_LEN(entities); i++)
        if (str_begins_at(raw, name_at, entities[i].name)) {
            ret_out[0] = entities[i].out;
            *ret_len = 1;
            return name_at + strlen(entities[i].name) - at;
        }
    size_t taken = numeric_entity(raw, name_at, ret_out, ret_len);
    if (taken > 0)
        return name_at + taken - at;
    ret_out[0] = '&';
    *ret_len = 1;
    return name_at - at;
}

static bool is_letter(char c)
{
    c = str_fold(c);
    return c >= 'a' && c <= 'z';
}

/* Whether the word that ends before `at` is a path written without escapes, where "\n" and "\t"
 * are the beginnings of names: C:\data\new.csv, \\server\temp. */
static bool in_plain_path(Str raw, size_t at)
{
    enum { LOOK_BACK = 128 };
    size_t start = at;

    while (start > 0 && at - start < LOOK_BACK &&
           fold_byte((unsigned char)raw.at[start - 1]) != FOLD_BLANK &&
           fold_byte((unsigned char)raw.at[start - 1]) != FOLD_QUOTE)
        start--;
    for (size_t i = start + 1; i < at; i++)
        if (raw.at[i] == ':' && raw.at[i + 1] == '\\' && is_letter(raw.at[i - 1]) &&
            (i - 1 == start || !fold_is_word(raw.at[i - 2])))
            return i + 2 >= raw.len || raw.at[i + 2] != '\\';
    return at - start > 2 && str_begins_at(raw, start, "\\\\") && raw.at[start + 2] != '\\';
}

/* A run of backslashes and what it escapes. A run folds to one backslash, so that a path reads
 * the same plain and in JSON. */
static size_t fold_backslash(Str raw, size_t at, char *ret_out, size_t *ret_len)
{
    size_t run = 0;
    uint32_t point = 0;

    *ret_len = 1;
    while (at + run < raw.len && raw.at[at + run] == '\\')
        run++;
    char next = at + run < raw.len ? raw.at[at + run] : '\0';
    if (next == '"' || next == '\'' || next == '/') {
        ret_out[0] = next == '/' ? '/' : FOLD_QUOTE;
        return run + 1;
    }
    if (next == 'u' && read_number(raw, at + run + 1, 16, 4, &point) == 4) {
        *ret_len = fold_point(point, ret_out);
        return run + 5;
    }
    if (run == 1 && (next == 'n' || next == 'r' || next == 't') && !in_plain_path(raw, at)) {
        ret_out[0] = FOLD_BLANK;
        return 2;
    }
    ret_out[0] = '\\';
    return run;
}

/* "_x000D_", as XML writers put what XML cannot hold. */
static size_t fold_underscore(Str raw, size_t at, char *ret_out, size_t *ret_len)
{
    uint32_t point = 0;

    *ret_len = 1;
    if ((str_begins_at(raw, at, "_x") || str_begins_at(raw, at, "_X")) &&
        read_number(raw, at + 2, 16, 4, &point) == 4 && str_begins_at(raw, at + 6, "_") &&
        point <= ' ') {
        ret_out[0] = FOLD_BLANK;
        return 7;
    }
    ret_out[0] = '_';
    return 1;
}

static size_t fold_utf8(Str raw, size_t at, char *ret_out, size_t *ret_len)
{
    size_t bytes = 1;
    uint32_t point = utf_next(raw.at + at, raw.len - at, &bytes);

    if (bytes == 1) { // not UTF-8: as it is
        ret_out[0] = raw.at[at];
        *ret_len = 1;
        return 1;
    }
    *ret_len = fold_point(point, ret_out);
    return bytes;
}

size_t fold_special(Str raw, size_t at, char ret_out[FOLD_UNIT_MAX], size_t *ret_len)
{
    switch (raw.at[at]) {
    case '&':
        return fold_entity(raw, at, ret_out, ret_len);
    case '\\':
        return fold_backslash(raw, at, ret_out, ret_len);
    case '_':
        return fold_underscore(raw, at, ret_out, ret_len);
    default:
        return fold_utf8(raw, at, ret_out, ret_len);
    }
}

size_t fold_unit(Str raw, size_t at, char ret_out[FOLD_UNIT_MAX], size_t *ret_len)
{
    ret_out[0] = fold_byte((unsigned char)raw.at[at]);
    *ret_len = 1;
    return ret_out[0] != 0 ? 1 : fold_special(raw, at, ret_out, ret_len);
}

/* ---- the whole text -------------------------------------------------------------------------- */

static void reserve(Folded *folded, size_t raw_len)
{
    /* "…" keeps its three bytes, "won't" grows from five to eight: twice is enough. */
    size_t need = raw_len * 2 + 16;

    if (need <= folded->capacity)
        return;
    folded->text = mem_resize(folded->text, need);
    folded->from = mem_resize(folded->from, need * sizeof(*folded->from));
    folded->capacity = need;
}

static void put(Folded *folded, char c, size_t from)
{
    size_t len = folded->len;

    if ((c == FOLD_BLANK || c == FOLD_QUOTE) && len > 0 && folded->text[len - 1] == c)
        return;
    folded->text[len] = c;
    folded->from[len] = (uint32_t)from;
    folded->len = len + 1;
}

/* The folded text ends in `word`, and that is a whole word so far. */
static bool ends_in_word(const Folded *folded, const char *word)
{
    size_t len = strlen(word);

    return folded->len >= len && memcmp(folded->text + folded->len - len, word, len) == 0 &&
           (folded->len == len || !fold_is_word(folded->text[folded->len - len - 1]));
}

static void put_not(Folded *folded, size_t from)
{
    for (const char *c = " not"; *c != '\0'; c++)
        put(folded, *c, from);
}

/* The verbs that take n't, as they stand before it. */
static bool ends_in_verb(const Folded *folded)
{
    static const char *const verbs[] = {"is",     "was",  "were", "are",   "do",    "does",
                                        "did",    "has",  "have", "had",   "could", "would",
                                        "should", "must", "need", "might", "ca",    "wo"};
    char word[16];

    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        (void)snprintf(word, sizeof(word), "%sn'", verbs[i]);
        if (ends_in_word(folded, word))
            return true;
    }
    return false;
}

/* "isn't", "can't", "won't": the text so far ends in such a verb and n', and its t follows. */
static void put_contraction(Folded *folded)
{
    size_t quote_from = folded->from[--folded->len];

    if (ends_in_word(folded, "won")) {
        folded->len -= 2;
        for (const char *c = "ill"; *c != '\0'; c++)
            put(folded, *c, quote_from);
    } else if (!ends_in_word(folded, "can")) {
        folded->len--;
    }
    put_not(folded, quote_from);
}

/* A t that ends its word; may close a negation. */
static void put_last_t(Folded *folded, size_t at)
{
    bool may_negate = folded->len > 0 && folded->text[folded->len - 1] == FOLD_QUOTE;

    if (may_negate && ends_in_verb(folded)) {
        put_contraction(folded);
        return;
    }
    if (ends_in_word(folded, "canno")) {
        folded->len -= 2;
        put_not(folded, folded->from[folded->len]);
        return;
    }
    put(folded, 't', at);
}

static size_t put_special(Folded *folded, Str raw, size_t at)
{
    char out[FOLD_UNIT_MAX];
    size_t len = 0;
    size_t taken = fold_special(raw, at, out, &len);

    for (size_t i = 0; i < len; i++)
        put(folded, out[i], at);
    return taken;
}

/* The folded byte where one byte is all there is to it, whatever stands around; else 0: what
 * fold_special reads, blanks and quotes, which may be one of a run, and the t of "isn't". */
/* clang-format off */
static const char plain[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, '!', 0, '#', '$', '%', 0, 0, '(', ')', '*', '+', ',', '-', '.', '/', '0', '1', '2',
    '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?', '@', 'a', 'b', 'c', 'd',
    'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 0, 'u', 'v', 'w',
    'x', 'y', 'z', '[', 0, ']', '^', 0, 0, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k',
    'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 0, 'u', 'v', 'w', 'x', 'y', 'z', '{', '|', '}', '~',
    0, '\x80', '\x81', '\x82', '\x83', '\x84', '\x85', '\x86', '\x87', '\x88', '\x89', '\x8A',
    '\x8B', '\x8C', '\x8D', '\x8E', '\x8F', '\x90', '\x91', '\x92', '\x93', '\x94', '\x95',
    '\x96', '\x97', '\x98', '\x99', '\x9A', '\x9B', '\x9C', '\x9D', '\x9E', '\x9F', '\xA0',
    '\xA1', '\xA2', '\xA3', '\xA4', '\xA5', '\xA6', '\xA7', '\xA8', '\xA9', '\xAA', '\xAB',
    '\xAC', '\xAD', '\xAE', '\xAF', '\xB0', '\xB1', '\xB2', '\xB3', '\xB4', '\xB5', '\xB6',
    '\xB7', '\xB8', '\xB9', '\xBA', '\xBB', '\xBC', '\xBD', '\xBE', '\xBF', '\xC0', '\xC1', 0,
    '\xC3', '\xC4', '\xC5', '\xC6', '\xC7', '\xC8', '\xC9', '\xCA', '\xCB', '\xCC', '\xCD',
    '\xCE', '\xCF', '\xD0', '\xD1', '\xD2', '\xD3', '\xD4', '\xD5', '\xD6', '\xD7', '\xD8',
    '\xD9', '\xDA', '\xDB', '\xDC', '\xDD', '\xDE', '\xDF', '\xE0', '\xE1', 0, 0, '\xE4', '\xE5',
    '\xE6', '\xE7', '\xE8', '\xE9', '\xEA', '\xEB', '\xEC', '\xED', '\xEE', 0, '\xF0', '\xF1',
    '\xF2', '\xF3', '\xF4', '\xF5', '\xF6', '\xF7', '\xF8', '\xF9', '\xFA', '\xFB', '\xFC',
    '\xFD', '\xFE', '\xFF',
};
/* clang-format on */

/* A blank after no blank, a t inside a word; else 0. */
static char nearly_plain(Str raw, size_t at, char before)
{
    char c = raw.at[at];

    if (c == ' ')
        return before != FOLD_BLANK ? FOLD_BLANK : 0;
    return (c == 't' || c == 'T') && at + 1 < raw.len && fold_is_word(raw.at[at + 1]) ? 't' : 0;
}

/* Most of a text is plain: a loop that the compiler can keep in registers. */
static size_t put_plain(Folded *folded, Str raw, size_t at)
{
    char *text = folded->text + folded->len;
    uint32_t *from = folded->from + folded->len;
    size_t count = 0, left = raw.len - at;

    for (; count < left; count++) {
        char c = plain[(unsigned char)raw.at[at + count]];
        if (c == 0 && count > 0)
            c = nearly_plain(raw, at + count, text[count - 1]);
        if (c == 0)
            break;
        text[count] = c;
        from[count] = (uint32_t)(at + count);
    }
    folded->len += count;
    return count;
}

void fold_text(Folded *folded, Str raw)
{
    if (raw.len > FOLD_RAW_MAX)
        raw.len = FOLD_RAW_MAX;
    reserve(folded, raw.len);
    folded->raw = raw;
    folded->len = 0;
    for (size_t at = 0; at < raw.len;) {
        at += put_plain(folded, raw, at);
        if (at == raw.len)
            break;
        char c = fold_byte((unsigned char)raw.at[at]);
        if (c == 0) {
            at += put_special(folded, raw, at);
            continue;
        }
        if (c == 't' && (at + 1 == raw.len || !fold_is_word(raw.at[at + 1])))
            put_last_t(folded, at);
        else
            put(folded, c, at);
        at++;
    }
    folded->text[folded->len] = '\0';
    folded->from[folded->len] = (uint32_t)raw.len;
}

size_t fold_ahead(Str raw, size_t at, char *ret_text, size_t max)
{
    size_t len = 0;

    while (at < raw.len && len < max) {
        char out[FOLD_UNIT_MAX];
        size_t out_len = 0;
        at += fold_unit(raw, at, out, &out_len);
        for (size_t i = 0; i < out_len; i++)
            if (out[i] != FOLD_BLANK || len == 0 || ret_text[len - 1] != FOLD_BLANK)
                ret_text[len++] = out[i];
    }
    return len;
}

size_t fold_quote_run(const Folded *folded, size_t at)
{
    size_t quotes = 0;
    Str raw = folded->raw;

    for (size_t i = folded->from[at]; i < folded->from[at + 1];) {
        char out[FOLD_UNIT_MAX];
        size_t len = 0;
        i += fold_unit(raw, i, out, &len);
        quotes += len == 1 && out[0] == FOLD_QUOTE;
    }
    return quotes;
}

void fold_done(Folded *folded)
{
    free(folded->text);
    free(folded->from);
    *folded = (Folded){0};
}
