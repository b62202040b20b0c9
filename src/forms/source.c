/* A stream of bytes as lines of UTF-8, whatever encoding they came in. */
#include "source.h"

#include "pages.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/utf.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 64 * 1024 };

static Rc read_file(void *context, void *into, size_t len, size_t *ret_got, Err *err)
{
    FILE *stream = context;

    *ret_got = fread(into, 1, len, stream);
    if (*ret_got == 0 && ferror(stream))
        return stop_wanted() ? FAIL(err, RC_STOPPED, "stopped while reading")
                             : FAIL(err, RC_USAGE, "cannot read on: %s", strerror(errno));
    return RC_OK;
}

void source_start(Source *source, FILE *stream, size_t line_max)
{
    source_start_from(source, read_file, stream, line_max);
}

void source_start_from(Source *source, SourceRead *read, void *context, size_t line_max)
{
    *source = (Source){.read = read, .context = context, .line_max = line_max};
}

Rc source_look(Source *source, const unsigned char **ret_bytes, size_t *ret_len, Err *err)
{
    size_t got = 1;

    while (got > 0 && source->head_len < SOURCE_HEAD) {
        TRY(source->read(source->context, source->head + source->head_len,
                         SOURCE_HEAD - source->head_len, &got, err));
        source->head_len += got;
    }
    *ret_bytes = source->head;
    *ret_len = source->head_len;
    return RC_OK;
}

Rc source_raw(void *context, void *into, size_t len, size_t *ret_got, Err *err)
{
    Source *source = context;
    size_t left = source->head_len - source->head_at;

    if (left == 0)
        return source->read(source->context, into, len, ret_got, err);
    *ret_got = left < len ? left : len;
    memcpy(into, source->head + source->head_at, *ret_got);
    source->head_at += *ret_got;
    return RC_OK;
}

void source_done(Source *source)
{
    if (source->converter)
        (void)iconv_close(source->converter);
    free(source->text);
    *source = (Source){0};
}

/* ---- decoding -------------------------------------------------------------------------------- */

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
    source->size = have + more + (have + more) / 2;
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

/* Units of the beginning that are ASCII as a text holds it; none if one is what no text holds. */
static size_t ascii_units(const unsigned char *bytes, size_t len, size_t low)
{
    enum { LOOK = 4096 };
    size_t count = 0;

    for (size_t i = 0; i + 1 < len && i < LOOK; i += 2) {
        unsigned char c = bytes[i + low];
        if (bytes[i + 1 - low] != 0)
            continue;
        if (c < ' ' && c != '\t' && c != '\r' && c != '\n')
            return 0;
        count += c < 0x7F;
    }
    return count;
}

/* Without a mark: blanks, digits and line ends have a NUL beside them, on one side, in any
 * language. */
static bool has_units(const unsigned char *bytes, size_t len, size_t low)
{
    enum { LEAST = 2, OF = 32, TIMES = 4, LOOK = 4096 };
    size_t units = (len < LOOK ? len : LOOK) / 2, count = ascii_units(bytes, len, low);

    return count >= LEAST && count >= units / OF &&
           count > TIMES * ascii_units(bytes, len, 1 - low);
}

/* Bytes of the mark; sets the encoding. */
static size_t read_mark(Source *source, const unsigned char *bytes, size_t len)
{
    bool has_mark = len >= 2 && ((bytes[0] == 0xFF && bytes[1] == 0xFE) ||
                                 (bytes[0] == 0xFE && bytes[1] == 0xFF));

    source->encoding = ENCODING_UTF8;
    if ((has_mark && bytes[0] == 0xFF) || (!has_mark && has_units(bytes, len, 0)))
        source->encoding = ENCODING_UTF16LE;
    else if (has_mark || has_units(bytes, len, 1))
        source->encoding = ENCODING_UTF16BE;
    if (has_mark)
        return 2;
    return len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/* ---- UTF-8, and what is none ----------------------------------------------------------------- */

/* The first byte that is not ASCII; len if there is none. */
static size_t ascii_len(const unsigned char *bytes, size_t len)
{
    enum { STEP = 32 };
    size_t at = 0;
    uint64_t words[STEP / 8];

    for (; len - at >= STEP; at += STEP) {
        memcpy(words, bytes + at, STEP);
        if ((words[0] | words[1] | words[2] | words[3]) & UINT64_C(0x8080808080808080))
            break;
    }
    while (at < len && bytes[at] < 0x80)
        at++;
    return at;
}

/* Length of the character at `bytes`, 0 if it is none; more than `len` if it is cut off. */
static size_t utf8_len(const unsigned char *bytes, size_t len)
{
    unsigned char first = bytes[0];
    size_t want = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;

    if (first >= 0x80 && (first < 0xC2 || first > 0xF4))
        return 0;
    for (size_t i = 1; i < want && i < len; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    return want;
}

/* Where the first byte is that is no UTF-8; len, or where a cut character begins, if there is none.
 */
static size_t utf8_end(Source *source, const unsigned char *bytes, size_t len, bool *ret_is_good)
{
    size_t at = 0;

    *ret_is_good = true;
    while ((at += ascii_len(bytes + at, len - at)) < len) {
        size_t character = utf8_len(bytes + at, len - at);
        *ret_is_good = character > 0;
        if (character == 0 || character > len - at)
            break;
        source->wide_count++;
        at += character;
    }
    return at;
}

static Rc open_converter(Source *source, const char *name, Err *err)
{
    iconv_t to = iconv_open("UTF-8", name);

    if (to == (iconv_t)-1) {
        (void)FAIL(err, RC_USAGE, "unknown encoding '%s'", name);
        return err_hint(err, "'iconv -l' lists those that this system knows");
    }
    source->converter = to;
    source->encoding = ENCODING_OTHER;
    return RC_OK;
}

Rc source_set_encoding(Source *source, const char *name, Err *err)
{
    return open_converter(source, name, err);
}

static void hold(Source *source, const unsigned char *bytes, size_t len)
{
    source->held_count = len < sizeof(source->held) ? len : sizeof(source->held);
    memmove(source->held, bytes, source->held_count);
}

static const unsigned char replacement[] = "\xEF\xBF\xBD";

static void put_converted(Source *source, unsigned char *bytes, size_t len, bool is_last)
{
    char *in = (char *)bytes;
    size_t left = len;

    while (left > 0) {
        make_room(source, 4 * left + 4);
        char *out = source->text + source->end;
        size_t room = source->size - source->end;
        size_t rc = iconv(source->converter, &in, &left, &out, &room);
        source->end = (size_t)(out - source->text);
        if (rc != (size_t)-1 || errno == E2BIG)
            continue;
        if (errno == EINVAL && !is_last && left < sizeof(source->held)) {
            hold(source, (unsigned char *)in, left);
            return;
        }
        put(source, replacement, 3);
        in++;
        left--;
    }
}

/* A file of UTF-8 with a few bytes that are none stays one. */
static void put_mended(Source *source, const unsigned char *bytes, size_t len, bool is_last)
{
    for (size_t at = 0; at < len;) {
        size_t plain = ascii_len(bytes + at, len - at);
        put(source, bytes + at, plain);
        at += plain;
        size_t character = at < len ? utf8_len(bytes + at, len - at) : 0;
        if (at < len && character > len - at && !is_last) {
            hold(source, bytes + at, len - at);
            return;
        }
        if (at < len && (character == 0 || character > len - at)) {
            put(source, replacement, 3);
            at++;
        } else {
            put(source, bytes + at, character);
            at += character;
        }
    }
}

/* Two letters of another page may look like one of UTF-8, but most do not. */
static bool is_mostly_utf8(const Source *source, const unsigned char *bytes, size_t len)
{
    size_t good = source->wide_count, bad = 0;

    for (size_t at = 0; (at += ascii_len(bytes + at, len - at)) < len;) {
        size_t character = utf8_len(bytes + at, len - at);
        bool is_bad = character == 0 || character > len - at;
        good += !is_bad;
        bad += is_bad;
        at += is_bad ? 1 : character;
    }
    return good >= bad;
}

static Rc put_utf8(Source *source, unsigned char *bytes, size_t len, bool is_last, Err *err)
{
    bool is_good;
    size_t end = utf8_end(source, bytes, len, &is_good);

    if (end < len && (!is_good || is_last) && !is_mostly_utf8(source, bytes + end, len - end)) {
        TRY(open_converter(source, page_of((char *)bytes, len), err));
        put_converted(source, bytes, len, is_last);
        return RC_OK;
    }
    put(source, bytes, end);
    if (end < len && is_good && !is_last)
        hold(source, bytes + end, len - end);
    else if (end < len)
        put_mended(source, bytes + end, len - end, is_last);
    return RC_OK;
}

static Rc read_bytes(Source *source, unsigned char *bytes, size_t *ret_got, Err *err)
{
    if (stop_wanted()) // a line may have no end
        return FAIL(err, RC_STOPPED, "stopped while reading");
    TRY(source_raw(source, bytes, CHUNK, ret_got, err));
    source->is_at_end = *ret_got == 0;
    return RC_OK;
}

static Rc fill(Source *source, Err *err)
{
    unsigned char bytes[sizeof(source->held) + CHUNK];
    size_t len, mark = 0;

    memcpy(bytes, source->held, source->held_count);
    TRY(read_bytes(source, bytes + source->held_count, &len, err));
    len += source->held_count;
    source->held_count = 0;
    if (source->encoding == ENCODING_UNKNOWN)
        mark = read_mark(source, bytes, len);
    if (source->encoding == ENCODING_UTF8)
        return put_utf8(source, bytes + mark, len - mark, source->is_at_end, err);
    if (source->encoding == ENCODING_OTHER)
        put_converted(source, bytes, len, source->is_at_end);
    else
        put_utf16(source, bytes + mark, len - mark, source->is_at_end);
    return RC_OK;
}

/* ---- giving out ------------------------------------------------------------------------------ */

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

/* Files that were put together have marks within them. */
static size_t mark_len(const char *text, size_t len)
{
    enum { MARK = 3 };

    return len >= MARK && memcmp(text, "\xEF\xBB\xBF", MARK) == 0 ? MARK : 0;
}

static void give(Source *source, size_t len, size_t used, char **ret_text, size_t *ret_len)
{
    char *text = source->text + source->start;
    size_t mark = mark_len(text, len);

    text += mark;
    len -= mark;
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
