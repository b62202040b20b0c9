/* Where the next line begins that is not indented, sixteen bytes at a time. */
#include "flush.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

const char *flush_line_plain(const char *at, const char *end, size_t *lines)
{
    for (; end - at > 1; at++) {
        if (*at != '\n')
            continue;
        ++*lines;
        if (at[1] != ' ')
            return at + 1;
    }
    return NULL;
}

#ifdef __SSE2__
/* Sixteen characters at a time: line ends, and those of them that no blank follows. */
const char *flush_line(const char *at, const char *end, size_t *lines)
{
    enum { STEP = 16 };
    const __m128i newline = _mm_set1_epi8('\n'), blank = _mm_set1_epi8(' ');

    for (; end - at > STEP; at += STEP) {
        __m128i here = _mm_loadu_si128((const __m128i *)(const void *)at);
        unsigned ends = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(here, newline));
        if (ends == 0)
            continue;
        __m128i next = _mm_loadu_si128((const __m128i *)(const void *)(at + 1));
        unsigned indents = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(next, blank));
        unsigned found = ends & ~indents;
        if (found == 0) {
            for (; ends != 0; ends &= ends - 1)
                ++*lines;
            continue;
        }
        unsigned place = (unsigned)__builtin_ctz(found);
        for (ends &= (2U << place) - 1; ends != 0; ends &= ends - 1)
            ++*lines;
        return at + place + 1;
    }
    return flush_line_plain(at, end, lines);
}
#else
const char *flush_line(const char *at, const char *end, size_t *lines)
{
    return flush_line_plain(at, end, lines);
}
#endif
