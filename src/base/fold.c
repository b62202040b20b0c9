/* Case as SQL Server's Latin, Greek and Cyrillic collations fold it, one character for one. */
#include "ssisminer/base/utf.h"

#include "ssisminer/base/err.h"

/* From first to last: `step` 1 adds `distance` to each, step 2 takes pairs, of which the one at an
 * even distance from `first` is the capital. */
typedef struct CaseRange {
    uint32_t first, last;
    int32_t distance;
    uint32_t step;
} CaseRange;

/* Without Turkish: there I and i are no pair, and U+0130 and U+0131 have none elsewhere. */
static const CaseRange ranges[] = {
    {0x0041, 0x005A, 32, 1}, {0x00C0, 0x00D6, 32, 1},    {0x00D8, 0x00DE, 32, 1},
    {0x0100, 0x012F, 1, 2},  {0x0132, 0x0137, 1, 2},     {0x0139, 0x0148, 1, 2},
    {0x014A, 0x0177, 1, 2},  {0x0178, 0x0178, -121, 1},  {0x0179, 0x017E, 1, 2},
    {0x01CD, 0x01DC, 1, 2},  {0x01DE, 0x01EF, 1, 2},     {0x01F8, 0x021F, 1, 2},
    {0x0222, 0x0233, 1, 2},  {0x0386, 0x0386, 38, 1},    {0x0388, 0x038A, 37, 1},
    {0x038C, 0x038C, 64, 1}, {0x038E, 0x038F, 63, 1},    {0x0391, 0x03A1, 32, 1},
    {0x03A3, 0x03AB, 32, 1}, {0x03C2, 0x03C2, 1, 1},     {0x0400, 0x040F, 80, 1},
    {0x0410, 0x042F, 32, 1}, {0x0460, 0x0481, 1, 2},     {0x048A, 0x04BF, 1, 2},
    {0x04C0, 0x04C0, 15, 1}, {0x04C1, 0x04CE, 1, 2},     {0x04D0, 0x052F, 1, 2},
    {0x1E00, 0x1E95, 1, 2},  {0x1E9E, 0x1E9E, -7615, 1}, {0x1EA0, 0x1EFF, 1, 2},
    {0xFF21, 0xFF3A, 32, 1},
};

static const CaseRange *range_of(uint32_t point)
{
    size_t low = 0, high = ARRAY_LEN(ranges);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (point > ranges[middle].last)
            low = middle + 1;
        else if (point < ranges[middle].first)
            high = middle;
        else
            return &ranges[middle];
    }
    return NULL;
}

static uint32_t fold_far(uint32_t point)
{
    const CaseRange *range = range_of(point);

    if (!range || (point - range->first) % range->step != 0)
        return point;
    return (uint32_t)((int64_t)point + range->distance);
}

uint32_t utf_fold(uint32_t point)
{
    if (point < 0x80)
        return point >= 'A' && point <= 'Z' ? point + 32 : point;
    return fold_far(point);
}

static int compare_tail(Str longer_text, int sign)
{
    for (size_t i = 0; i < longer_text.len; i++)
        if (longer_text.at[i] != ' ')
            return (unsigned char)longer_text.at[i] < ' ' ? -sign : sign;
    return 0;
}

int utf_compare(Str a, Str b)
{
    size_t i = 0, j = 0;
    while (i < a.len && j < b.len) {
        unsigned char ca = (unsigned char)a.at[i], cb = (unsigned char)b.at[j];
        uint32_t fa, fb;
        size_t na = 1, nb = 1;
        if ((ca | cb) < 0x80) {
            fa = utf_fold(ca);
            fb = utf_fold(cb);
        } else {
            fa = utf_fold(utf_next(a.at + i, a.len - i, &na));
            fb = utf_fold(utf_next(b.at + j, b.len - j, &nb));
        }
        if (fa != fb)
            return fa < fb ? -1 : 1;
        i += na;
        j += nb;
    }
    if (i < a.len)
        return compare_tail((Str){a.at + i, a.len - i}, 1);
    return compare_tail((Str){b.at + j, b.len - j}, -1);
}
