/* The alphabets of the scripts that names are written in. */
#include "letters.h"

#include "ssisminer/base/err.h"
#include "ssisminer/base/utf.h"

#include <stddef.h>

typedef struct Alphabet {
    uint32_t first, last, step;
    uint32_t to_capital;
    bool is_word;
} Alphabet;

/* Small letters; each capital lies before its small letter (utf_fold). Characters of one alphabet
 * are of one length in UTF-8 and in UTF-16. By rising code. */
static const Alphabet alphabets[] = {
    {'0', '9', 1, 0, false},        {'a', 'z', 1, 32, false},       {0x00E0, 0x00F6, 1, 32, false},
    {0x00F8, 0x00FE, 1, 32, false}, {0x0101, 0x012F, 2, 1, false},  {0x0133, 0x0137, 2, 1, false},
    {0x013A, 0x0148, 2, 1, false},  {0x014B, 0x0177, 2, 1, false},  {0x017A, 0x017E, 2, 1, false},
    {0x01CE, 0x01DC, 2, 1, false},  {0x01DF, 0x01EF, 2, 1, false},  {0x01F9, 0x021F, 2, 1, false},
    {0x0223, 0x0233, 2, 1, false},  {0x03B1, 0x03C1, 1, 32, false}, {0x03C3, 0x03C9, 1, 32, false},
    {0x0430, 0x044F, 1, 32, false}, {0x0450, 0x045F, 1, 80, false}, {0x0461, 0x0481, 2, 1, false},
    {0x048B, 0x04BF, 2, 1, false},  {0x04C2, 0x04CE, 2, 1, false},  {0x04D1, 0x052F, 2, 1, false},
    {0x0561, 0x0586, 1, 0, false},  {0x05D0, 0x05EA, 1, 0, false},  {0x0621, 0x063A, 1, 0, false},
    {0x0641, 0x064A, 1, 0, false},  {0x0660, 0x0669, 1, 0, false},  {0x0671, 0x06D3, 1, 0, false},
    {0x06F0, 0x06F9, 1, 0, false},  {0x0904, 0x0939, 1, 0, false},  {0x0966, 0x096F, 1, 0, false},
    {0x0E01, 0x0E2E, 1, 0, true},   {0x10D0, 0x10FA, 1, 0, false},  {0x1E01, 0x1E95, 2, 1, false},
    {0x1EA1, 0x1EFF, 2, 1, false},  {0x3041, 0x3096, 1, 0, true},   {0x30A1, 0x30FA, 1, 0, true},
    {0x3400, 0x4DB5, 1, 0, true},   {0x4E00, 0x9FFC, 1, 0, true},   {0xAC00, 0xD7A3, 1, 0, true},
    {0xFF10, 0xFF19, 1, 0, false},  {0xFF41, 0xFF5A, 1, 32, false}, {0x1F300, 0x1F64F, 1, 0, true},
    {0x20000, 0x2A6D6, 1, 0, true},
};

enum { BLOCK = 64 }; // of an alphabet that is not listed

static const Alphabet *alphabet_of(uint32_t point)
{
    size_t low = 0, high = ARRAY_LEN(alphabets);

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (point > alphabets[middle].last)
            low = middle + 1;
        else if (point < alphabets[middle].first)
            high = middle;
        else
            return &alphabets[middle];
    }
    return NULL;
}

/* Ranges that hold no letters, or letters that lie in no order. */
static bool is_left_alone(uint32_t point)
{
    return point < 0x0530 || (point >= 0x1E00 && point < 0x2C00) ||
           (point >= 0x2E00 && point < 0x3100) || (point >= 0xD800 && point < 0xFB00) ||
           (point >= 0xFE00 && point < 0x10000) || point >= 0xE0000;
}

static bool is_free_block(uint32_t first)
{
    for (size_t i = 0; i < ARRAY_LEN(alphabets); i++)
        if (alphabets[i].first < first + BLOCK && alphabets[i].last >= first)
            return false;
    return true;
}

Letter letter_of(uint32_t small)
{
    const Alphabet *alphabet = alphabet_of(small);
    uint32_t first = small / BLOCK * BLOCK;

    if (alphabet && (small - alphabet->first) % alphabet->step == 0)
        return (Letter){.radix = (alphabet->last - alphabet->first) / alphabet->step + 1,
                        .digit = (small - alphabet->first) / alphabet->step,
                        .first = alphabet->first,
                        .step = alphabet->step,
                        .to_capital = alphabet->to_capital};
    if (alphabet || is_left_alone(small) || !is_free_block(first))
        return (Letter){0};
    return (Letter){.radix = BLOCK, .digit = small - first, .first = first, .step = 1};
}

uint32_t letter_at(const Letter *letter, uint32_t digit)
{
    return letter->first + digit * letter->step;
}

bool letter_is_of_word(uint32_t point)
{
    if (point < 0x80)
        return point == '_' || (point >= '0' && point <= '9') ||
               ((point | 0x20) >= 'a' && (point | 0x20) <= 'z');
    if (point >= 0x0300 && point < 0x0370) // marks upon letters
        return true;
    return letter_of(utf_fold(point)).radix > 0 ||
           (point >= 0x00C0 && point < 0x0530 && point != 0x00D7 && point != 0x00F7);
}

bool letter_is_word(uint32_t point)
{
    const Alphabet *alphabet = point < 0x0E00 ? NULL : alphabet_of(point);

    return alphabet && alphabet->is_word;
}
