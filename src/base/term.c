#include "ssisminer/base/term.h"

#include "ssisminer/base/stop.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/utf.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { DEFAULT_COLUMNS = 80, DEFAULT_ROWS = 24, MOST = 10000 };

/* What the environment says; 0: nothing that could be. */
static int asked_for(const char *variable)
{
    const char *text = getenv(variable);
    int64_t count;

    return text && str_to_i64(str_of(text), &count) && count > 0 && count <= MOST ? (int)count : 0;
}

static struct winsize size_of(FILE *stream)
{
    struct winsize size = {0};

    if (!term_is(stream) || ioctl(fileno(stream), TIOCGWINSZ, &size) != 0)
        return (struct winsize){0};
    return size;
}

int term_columns(FILE *stream)
{
    int asked = asked_for("COLUMNS"), columns = size_of(stream).ws_col;

    return asked ? asked : columns ? columns : DEFAULT_COLUMNS;
}

int term_rows(FILE *stream)
{
    int asked = asked_for("LINES"), rows = size_of(stream).ws_row;

    return asked ? asked : rows ? rows : DEFAULT_ROWS;
}

bool term_is(FILE *stream)
{
    return isatty(fileno(stream)) == 1;
}

typedef struct Range {
    uint32_t first, last;
} Range;

/* Marks that take no column of their own: the combining blocks that occur in practice,
 * zero-width and joining characters, variation selectors, tags. */
static const Range zero_width[] = {
    {0x0300, 0x036F},   {0x0483, 0x0489},   {0x0591, 0x05BD}, {0x05BF, 0x05BF}, {0x05C1, 0x05C2},
    {0x05C4, 0x05C5},   {0x0610, 0x061A},   {0x064B, 0x065F}, {0x0670, 0x0670}, {0x06D6, 0x06DC},
    {0x06DF, 0x06E4},   {0x0900, 0x0902},   {0x093C, 0x093C}, {0x0941, 0x0948}, {0x094D, 0x094D},
    {0x0E31, 0x0E31},   {0x0E34, 0x0E3A},   {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
    {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x2069}, {0x20D0, 0x20F0}, {0x302A, 0x302D},
    {0x3099, 0x309A},   {0xFE00, 0xFE0F},   {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0x1F3FB, 0x1F3FF},
    {0xE0001, 0xE007F}, {0xE0100, 0xE01EF},
};

/* East Asian wide and full-width, and the emoji that terminals draw two columns wide. */
static const Range double_width[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},
    {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x26A1, 0x26A1},   {0x2705, 0x2705},
    {0x274C, 0x274C},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2E80, 0x303E},
    {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0xA4CF},   {0xA960, 0xA97C},
    {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF},
    {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD},
};

static bool is_in(uint32_t point, const Range *ranges, size_t count)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (point > ranges[middle].last)
            low = middle + 1;
        else if (point < ranges[middle].first)
            high = middle;
        else
            return true;
    }
    return false;
}

static size_t width_of(uint32_t point)
{
    if (point < 0x300)
        return 1;
    if (is_in(point, zero_width, ARRAY_LEN(zero_width)))
        return 0;
    return is_in(point, double_width, ARRAY_LEN(double_width)) ? 2 : 1;
}

size_t term_width(const char *text, size_t len)
{
    size_t width = 0;

    for (size_t at = 0, used; at < len; at += used)
        width += width_of(utf_next(text + at, len - at, &used));
    return width;
}

size_t term_fit(const char *text, size_t len, size_t columns)
{
    size_t at = 0, width = 0;

    for (size_t used; at < len; at += used) {
        width += width_of(utf_next(text + at, len - at, &used));
        if (width > columns)
            break;
    }
    return at;
}

bool term_obeys(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x061C || point == 0x200E ||
           point == 0x200F || (point >= 0x2028 && point <= 0x202E) ||
           (point >= 0x2066 && point <= 0x2069);
}

static void put_visible(Buf *buf, uint32_t point)
{
    if (point < 0x80)
        buf_printf(buf, "\\x%02X", (unsigned)point);
    else
        buf_printf(buf, "\\u%04X", (unsigned)point);
}

void term_put_safe(Buf *buf, const char *text, size_t len, bool one_line)
{
    for (size_t at = 0, used; at < len; at += used) {
        uint32_t point = utf_next(text + at, len - at, &used);
        bool is_crlf = point == '\r' && at + 1 < len && text[at + 1] == '\n';

        if (is_crlf)
            continue; // the line feed follows
        if (point == '\n' || point == '\t')
            buf_putc(buf, one_line ? ' ' : (char)point);
        else if (point == '\r' && one_line)
            buf_putc(buf, ' ');
        else if (term_obeys(point))
            put_visible(buf, point);
        else
            utf_put_valid(buf, text + at, used);
    }
}

/* ---- asking ---------------------------------------------------------------------------------- */

Rc term_read_line(int fd, char *line, size_t size, Err *err)
{
    size_t len = 0;

    for (;;) {
        struct pollfd waiting[] = {{.fd = fd, .events = POLLIN},
                                   {.fd = stop_fd(), .events = POLLIN}};
        (void)poll(waiting, ARRAY_LEN(waiting), -1);
        TRY(stop_sleep_ms(0, err));
        if (!(waiting[0].revents & (POLLIN | POLLHUP | POLLERR)))
            continue;
        ssize_t got = read(fd, line + len, size - 1 - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        len += (size_t)got;
        if (memchr(line, '\n', len) || len == size - 1)
            break;
    }
    line[len] = '\0';
    line[strcspn(line, "\r\n")] = '\0';
    return RC_OK;
}
