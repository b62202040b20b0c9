/* One flat JSON object a line. */
#include "ssisminer/capture/lines.h"

#include "ssisminer/base/json.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A row has a text of TDS_TEXT_MAX and 16 MB besides; an escape is six bytes of one. */
enum { LINE_MAX_BYTES = 256 * 1024 * 1024, SAME_MAX_BYTES = 64 * 1024, STREAM_BYTES = 256 * 1024 };

void lines_init(Lines *lines, FILE *stream)
{
    *lines = (Lines){.stream = stream, .line = BUF(LINE_MAX_BYTES), .same = BUF(SAME_MAX_BYTES)};
    (void)setvbuf(stream, NULL, _IOFBF, STREAM_BYTES);
}

void lines_done(Lines *lines)
{
    buf_done(&lines->line);
    buf_done(&lines->same);
}

/* ---- values ---------------------------------------------------------------------------------- */

static void put_time(Buf *out, Instant time)
{
    char text[TIME_TEXT_MAX];
    int offset = time.offset_minutes, minutes = abs(offset);

    time_iso_utc((Instant){.ticks = instant_local_ticks(time), .is_set = true}, 7, text);
    text[strlen(text) - 1] = '\0'; // Z
    buf_printf(out, "\"%s%c%02d:%02d\"", text, offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

/* The fewest digits that are read as the same number. */
static void put_float(Buf *out, double value)
{
    char text[40];

    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    buf_puts(out, text);
}

static void put_number(Buf *out, int64_t value)
{
    char digits[24], *at = digits + sizeof(digits);
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do
        *--at = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        *--at = '-';
    buf_put(out, at, (size_t)(digits + sizeof(digits) - at));
}

/* ---- a line ---------------------------------------------------------------------------------- */

/* Names of tables and columns are ours: no character of them wants an escape. */
static void put_name(Buf *out, const char *column)
{
    buf_put(out, ",\"", 2);
    buf_puts(out, column);
    buf_put(out, "\":", 2);
}

void lines_set_same(Lines *lines, const char *server, const char *database, Instant captured_at)
{
    buf_reset(&lines->same);
    put_name(&lines->same, "server");
    json_put_text(&lines->same, str_of(server));
    put_name(&lines->same, "database");
    json_put_text(&lines->same, str_of(database));
    put_name(&lines->same, "captured_at");
    put_time(&lines->same, captured_at);
}

void lines_begin(Lines *lines, const char *table)
{
    buf_reset(&lines->line);
    buf_puts(&lines->line, "{\"table\":\"");
    buf_puts(&lines->line, table);
    buf_putc(&lines->line, '"');
    buf_put(&lines->line, buf_text(&lines->same), lines->same.len);
}

void lines_null(Lines *lines, const char *column)
{
    put_name(&lines->line, column);
    buf_put(&lines->line, "null", 4);
}

void lines_i64(Lines *lines, const char *column, int64_t value)
{
    put_name(&lines->line, column);
    put_number(&lines->line, value);
}

void lines_f64(Lines *lines, const char *column, double value)
{
    if (!isfinite(value)) {
        lines_null(lines, column);
        return;
    }
    put_name(&lines->line, column);
    put_float(&lines->line, value);
}

void lines_bit(Lines *lines, const char *column, bool value)
{
    put_name(&lines->line, column);
    buf_puts(&lines->line, value ? "true" : "false");
}

void lines_text(Lines *lines, const char *column, Str text)
{
    if (!text.at) {
        lines_null(lines, column);
        return;
    }
    put_name(&lines->line, column);
    json_put_text(&lines->line, text);
}

void lines_time(Lines *lines, const char *column, Instant time)
{
    if (!time.is_set) {
        lines_null(lines, column);
        return;
    }
    put_name(&lines->line, column);
    put_time(&lines->line, time);
}

static Rc fail(Err *err)
{
    return FAIL(err, RC_USAGE, "cannot write the stream: %s", strerror(errno));
}

Rc lines_end(Lines *lines, Err *err)
{
    buf_put(&lines->line, "}\n", 2);
    TRY(buf_check(&lines->line, "a line", err));
    lines->count++;
    return fwrite(buf_text(&lines->line), 1, lines->line.len, lines->stream) == lines->line.len
               ? RC_OK
               : fail(err);
}

/* Of a file that nobody sees yet. */
Rc lines_restart(Lines *lines, Err *err)
{
    if (lines->count == 0)
        return RC_OK;
    lines->count = 0;
    if (fflush(lines->stream) != 0 || fseek(lines->stream, 0, SEEK_SET) != 0 ||
        ftruncate(fileno(lines->stream), 0) != 0)
        return fail(err);
    return RC_OK;
}

/* A terminal, a pipe and /dev/null have no disk to be on. */
Rc lines_flush(Lines *lines, Err *err)
{
    if (fflush(lines->stream) != 0)
        return fail(err);
    if (fsync(fileno(lines->stream)) != 0 && errno != EINVAL && errno != EROFS && errno != ENOTSUP)
        return fail(err);
    return RC_OK;
}
