/* What may be meant by a number or a name that nobody knows. */
#include "internal.h"

#include "ssisminer/base/nearest.h"
#include "ssisminer/codes/table.h"
#include "ssisminer/explain/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- numbers --------------------------------------------------------------------------------- */

enum { WRITTEN_MAX = 16, NARROW_MAX = 65535 };

typedef enum Writing { WRITTEN_HEX, WRITTEN_SIGNED, WRITTEN_UNSIGNED } Writing;

typedef struct Search {
    const char *text; // in capitals but for its 0x
    int64_t number;
    Writing writing;
    uint32_t best;
    unsigned slips; // 0: none yet
    int64_t gap;
} Search;

static void write_code(uint32_t code, Writing writing, char into[WRITTEN_MAX])
{
    if (writing == WRITTEN_HEX)
        (void)snprintf(into, WRITTEN_MAX, "0x%08" PRIX32, code);
    else if (writing == WRITTEN_SIGNED)
        (void)snprintf(into, WRITTEN_MAX, "%" PRId32, (int32_t)code);
    else
        (void)snprintf(into, WRITTEN_MAX, "%" PRIu32, code);
}

/* One slip of a digit is nearer than any; among the others, the number that is next to it. */
static void offer_code(Search *search, uint32_t code)
{
    enum { ONE_SLIP = 1, MORE = 2 };
    char written[WRITTEN_MAX];

    write_code(code, search->writing, written);
    unsigned slips = str_distance(search->text, written) <= ONE_SLIP ? ONE_SLIP : MORE;
    int64_t value = search->writing == WRITTEN_SIGNED ? (int32_t)code : (int64_t)code;
    int64_t gap = value > search->number ? value - search->number : search->number - value;
    if (search->slips != 0 &&
        (slips > search->slips || (slips == search->slips && gap >= search->gap)))
        return;
    search->best = code;
    search->slips = slips;
    search->gap = gap;
}

/* SQL errors are asked for by small numbers, all others by large ones. */
static void offer_like(Search *search, uint32_t code)
{
    bool is_narrow = code <= NARROW_MAX;

    if (is_narrow == (search->number >= 0 && search->number <= NARROW_MAX))
        offer_code(search, code);
}

static void offer_all(Search *search, const SigSet *set)
{
    size_t count = 0;
    const CodeRow *rows = code_rows(&count);
    uint32_t code;

    for (size_t i = 0; i < count; i++)
        if (rows[i].has_code && rows[i].by_number)
            offer_like(search, rows[i].code);
    for (size_t i = 0; i < sigset_written_count(set); i++)
        for (size_t k = 0; k < sigset_at(set, i)->code_count; k++)
            offer_like(search, sigset_at(set, i)->codes[k]);
    for (size_t i = 0; code_def_at(i, &code); i++)
        offer_like(search, code);
}

/* A slip away, or of the same facility, or a few numbers away. */
static bool is_near(const Search *search)
{
    enum { FEW = 50 };

    if (search->slips == 1)
        return true;
    return search->best <= NARROW_MAX ? search->gap <= FEW
                                      : search->best >> 16 == (uint32_t)search->number >> 16;
}

/* "0xc020209" as "0xC020209" */
static const char *in_capitals(Str text, Arena *arena)
{
    char *copy = arena_copy(arena, text.at, text.len);

    for (size_t i = 0; i < text.len; i++) {
        char c = str_fold(copy[i]);
        copy[i] = c >= 'a' && c <= 'f' ? (char)(c - 'a' + 'A') : c;
    }
    return copy;
}

static const char *nearest_number(const SigSet *set, Str text, int64_t number, bool is_hex,
                                  Arena *arena)
{
    Search search = {.text = in_capitals(text, arena),
                     .number = number,
                     .writing = is_hex       ? WRITTEN_HEX
                                : number < 0 ? WRITTEN_SIGNED
                                             : WRITTEN_UNSIGNED};
    char written[WRITTEN_MAX];

    offer_all(&search, set);
    if (search.slips == 0 || !is_near(&search))
        return NULL;
    write_code(search.best, search.writing, written);
    return arena_text(arena, written);
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Names and ids are one word. */
static const char *nearest_name(const SigSet *set, Str text, Arena *arena)
{
    enum { LEAST = 3, MOST = 80 };
    Nearest nearest = {.word = arena_copy(arena, text.at, text.len)};
    size_t count = 0;
    const CodeRow *rows = code_rows(&count);
    const char *name;
    uint32_t code;

    if (text.len < LEAST || text.len > MOST || memchr(text.at, ' ', text.len))
        return NULL;
    for (size_t i = 0; i < sigset_count(set); i++) {
        const Signature *entry = sigset_at(set, i);
        nearest_offer(&nearest, entry->id);
        for (size_t k = 0; k < entry->symbol_count; k++)
            nearest_offer(&nearest, entry->symbols[k].name);
    }
    for (size_t i = 0; i < count; i++)
        if (rows[i].name)
            nearest_offer(&nearest, rows[i].name);
    for (size_t i = 0; (name = code_def_at(i, &code)); i++)
        nearest_offer(&nearest, name);
    return nearest_answer(&nearest);
}

/* 0xC02020090 has a digit too many to be a number. */
static bool is_long_hex(Str text)
{
    enum { MOST = 12 };

    if (text.len < 4 || text.len > MOST || text.at[0] != '0' || str_fold(text.at[1]) != 'x')
        return false;
    for (size_t i = 2; i < text.len; i++)
        if (!strchr("0123456789abcdef", str_fold(text.at[i])))
            return false;
    return true;
}

const char *nearest_to(const SigSet *set, Str text, Arena *arena)
{
    int64_t number;
    bool is_hex;
    size_t at = text.len;

    while (at > 0 && !strchr(" \t:=", text.at[at - 1]))
        at--;
    Str last = {text.at + at, text.len - at};
    Str before = str_trim((Str){text.at, at});
    while (before.len > 0 && strchr(":= ", before.at[before.len - 1]))
        before.len--;
    bool is_number = explain_parse_number(last, &number, &is_hex);
    if (!is_number && is_long_hex(last)) {
        is_number = is_hex = true;
        number = INT64_MAX; // near nothing but by its digits
    }
    if (is_number)
        return before.len == 0 || is_word_of_number(before)
                   ? nearest_number(set, last, number, is_hex, arena)
                   : NULL;
    return nearest_name(set, text, arena);
}
