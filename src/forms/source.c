#include "source.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/utf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 64 * 1024 };

void source_start(Source *source, FILE *stream, size_t line_max)
{
    *source = (Source){.stream = stream, .line_max = line_max};
}

void source_done(Source *source)
{
    free(source->text);
    *source = (Source){0};
}

/* ---- decoding ----------------------------------------------------------------------------------
 */

static void make_room(Source *source, size_t more)
{
    size_t have = source->end - source->start;

    if (source->size - source->end >= more)
        return;
    if (have > 0)
        memmove(source->text, source->text + source->start, have);
    source->start = 0;
    source->end = have;
    if (source->size - have >= more)
        return;
    source->size = 2 * (have + more);
    source->text = mem_resize(source->text, source->size);
}

static void put(Source *source, const unsigned char *bytes, size_t len)
{
    if (len == 0)
        return;
    make_room(source, len);
    memcpy(source->text + source->end, bytes, len);
    source->end += len;
}

/* Units in this machine's order; a high surrogate at the end waits for its other half. */
static size_t take_units(Source *source, const unsigned char *bytes, size_t len, uint16_t *units)
{
    size_t count = len / 2;
    bool is_little = source->encoding == ENCODING_UTF16LE;

    for (size_t i = 0; i < count; i++)
        units[i] = (uint16_t)(bytes[2 * i + !is_little] | bytes[2 * i + is_little] << 8);
    if (count > 0 && units[count - 1] >= 0xD800 && units[count - 1] < 0xDC00)
        count--;
    return count;
}

static void put_utf16(Source *source, const unsigned char *bytes, size_t len, bool is_last)
{
    uint16_t units[CHUNK / 2 + 4];
    size_t count = take_units(source, bytes, len, units);

    if (is_last && count * 2 < len)
        count = len / 2; // a lone half stays a lone half
    if (count > 0) {     // half a character alone makes no room
        make_room(source, UTF_FROM_UTF16_MAX(count));
        source->end += utf_from_utf16(units, count, source->text + source->end);
    }
    source->held_count = is_last ? 0 : len - 2 * count;
    memmove(source->held, bytes + 2 * count, source->held_count);
}

/* Without a mark: every other byte of the beginning is NUL. */
static bool has_nul_at(const unsigned char *bytes, size_t len, size_t first)
{
    enum { LOOK = 32, LEAST = 4 };

    if (len < LEAST)
        return false;
    for (size_t i = 0; i + 1 < len && i < LOOK; i += 2)
        if (bytes[i + first] != 0 || bytes[i + 1 - first] == 0)
            return false;
    return true;
}

/* Bytes of the mark; sets the encoding. */
static size_t read_mark(Source *source, const unsigned char *bytes, size_t len)
{
    bool has_mark = len >= 2 && ((bytes[0] == 0xFF && bytes[1] == 0xFE) ||
                                 (bytes[0] == 0xFE && bytes[1] == 0xFF));

    source->encoding = ENCODING_UTF8;
    if ((has_mark && bytes[0] == 0xFF) || has_nul_at(bytes, len, 1))
        source->encoding = ENCODING_UTF16LE;
    else if (has_mark || has_nul_at(bytes, len, 0))
        source->encoding = ENCODING_UTF16BE;
    if (has_mark)
        return 2;
    return len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

static Rc fill(Source *source, Err *err)
{
    unsigned char bytes[sizeof(source->held) + CHUNK];

    if (stop_wanted()) // a line may have no end
        return FAIL(err, RC_STOPPED, "stopped while reading");
    memcpy(bytes, source->held, source->held_count);
    size_t got = fread(bytes + source->held_count, 1, CHUNK, source->stream);
    if (got == 0 && ferror(source->stream))
        return stop_wanted() ? FAIL(err, RC_STOPPED, "stopped while reading")
                             : FAIL(err, RC_USAGE, "cannot read on: %s", strerror(errno));
    size_t len = source->held_count + got, mark = 0;
    source->held_count = 0;
    source->is_at_end = got == 0;
    if (source->encoding == ENCODING_UNKNOWN)
        mark = read_mark(source, bytes, len);
    if (source->encoding == ENCODING_UTF8)
        put(source, bytes + mark, len - mark);
    else
        put_utf16(source, bytes + mark, len - mark, source->is_at_end);
    return RC_OK;
}

/* ---- giving out --------------------------------------------------------------------------------
 */

Rc source_peek(Source *source, size_t want, Str *ret_text, Err *err)
{
    while (!source->is_at_end && source->end - source->start < want)
        TRY(fill(source, err));
    *ret_text =
        (Str){source->text ? source->text + source->start : "", source->end - source->start};
    return RC_OK;
}

void source_take(Source *source, size_t bytes, size_t lines)
{
    source->start += bytes;
    source->line += lines;
}

static char *find_end(const Source *source, size_t from)
{
    size_t left = source->end - source->start - from;

    return left > 0 ? memchr(source->text + source->start + from, '\n', left) : NULL;
}

/* Past the line end of a line that was cut. */
static Rc skip_line(Source *source, Err *err)
{
    for (source->is_skipping = false;;) {
        char *end = find_end(source, 0);
        source->start = end ? (size_t)(end + 1 - source->text) : source->end;
        if (end || source->is_at_end)
            return RC_OK;
        TRY(fill(source, err));
    }
}

static void give(Source *source, size_t len, size_t used, char **ret_text, size_t *ret_len)
{
    char *text = source->text + source->start;

    if (len > 0 && text[len - 1] == '\r')
        len--;
    *ret_text = text;
    *ret_len = len;
    source->start += used;
    source->line++;
}

Rc source_line(Source *source, char **ret_text, size_t *ret_len, bool *ret_has, Err *err)
{
    size_t looked = 0;

    if (source->is_skipping)
        TRY(skip_line(source, err));
    *ret_has = true;
    source->is_cut = false;
    for (;;) {
        size_t have = source->end - source->start;
        char *end = find_end(source, looked);
        size_t len = end ? (size_t)(end - source->text) - source->start : have;
        looked = have;
        source->is_cut = len > source->line_max;
        if (source->is_cut) {
            len = str_utf8_floor(source->text + source->start, source->line_max);
            source->is_skipping = true;
            give(source, len, len, ret_text, ret_len);
            return RC_OK;
        }
        if (end || (source->is_at_end && have > 0)) {
            give(source, len, len + (end != NULL), ret_text, ret_len);
            return RC_OK;
        }
        if (source->is_at_end)
            break;
        TRY(fill(source, err));
    }
    *ret_has = false;
    return RC_OK;
}

Rc source_rest(Source *source, size_t max, char **ret_text, size_t *ret_len, bool *ret_fits,
               Err *err)
{
    static char nothing[1];

    while (!source->is_at_end && source->end - source->start <= max)
        TRY(fill(source, err));
    *ret_len = source->end - source->start;
    *ret_text = *ret_len > 0 ? source->text + source->start : nothing;
    *ret_fits = *ret_len <= max;
    source->line++;
    return RC_OK;
}
