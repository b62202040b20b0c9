/* Any UTF-16 becomes valid UTF-8 that a plain decoder reads alike, and back again. */
#include "ssisminer/base/utf.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the units mean, one at a time. */
static uint32_t plain_next(const uint16_t *units, size_t count, size_t *ret_used)
{
    *ret_used = 1;
    if (units[0] < 0xD800 || units[0] > 0xDFFF)
        return units[0];
    if (units[0] > 0xDBFF || count < 2 || units[1] < 0xDC00 || units[1] > 0xDFFF)
        return 0xFFFD;
    *ret_used = 2;
    return 0x10000 + (((uint32_t)units[0] & 0x3FF) << 10 | (units[1] & 0x3FFu));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t count = size / 2, used, bytes;
    uint16_t *units = malloc(count * 2 + 1), *back;
    char *text = malloc(UTF_FROM_UTF16_MAX(count) + 1);

    memcpy(units, data, count * 2);
    size_t len = utf_from_utf16(units, count, text);
    if (len > UTF_FROM_UTF16_MAX(count))
        abort();
    size_t at = 0;
    for (size_t i = 0; i < count; i += used) {
        uint32_t point = plain_next(units + i, count - i, &used);
        if (at >= len || utf_next(text + at, len - at, &bytes) != point ||
            (point == 0xFFFD && bytes != 3))
            abort();
        at += bytes;
    }
    back = malloc(len * 2 + 1);
    if (at != len || utf_to_utf16(text, len, back) > count)
        abort();
    free(back);
    free(text);
    free(units);
    return 0;
}
