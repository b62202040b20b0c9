/* A mail as RFC 5322 and MIME have it: plain text and html, whichever its reader shows. */
#include "message.h"

#include "ssisminer/base/str.h"

#include <stdio.h>
#include <string.h>

enum { SUBJECT_MAX = 200, HEAD_COLUMNS = 76, BODY_MAX = 128 * 1024 };

/* No line of quoted-printable has "=_" in it. */
static const char boundary[] = "=_ssisminer_part";

/* ---- the head -------------------------------------------------------------------------------- */

static bool is_ascii(const char *text)
{
    while (*text && (unsigned char)*text < 0x80)
        text++;
    return *text == '\0';
}

/* At blanks, where a line would be too long. */
static void put_folded(Buf *out, const char *text, size_t at)
{
    Str rest = str_of(text), word;
    bool is_first = true;

    while (str_split(&rest, ' ', &word)) {
        if (!is_first && at + 1 + word.len > HEAD_COLUMNS && word.len > 0) {
            buf_puts(out, "\r\n ");
            at = 1;
        } else if (!is_first) {
            buf_putc(out, ' ');
            at++;
        }
        buf_put(out, word.at, word.len);
        at += word.len;
        is_first = false;
    }
}

static void put_base64(Buf *out, const char *bytes, size_t len)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < len; i += 3) {
        unsigned b[3] = {0};
        for (size_t k = 0; k < 3 && i + k < len; k++)
            b[k] = (unsigned char)bytes[i + k];
        buf_putc(out, letters[b[0] >> 2]);
        buf_putc(out, letters[(b[0] & 3) << 4 | b[1] >> 4]);
        buf_putc(out, i + 1 < len ? letters[(b[1] & 15) << 2 | b[2] >> 6] : '=');
        buf_putc(out, i + 2 < len ? letters[b[2] & 63] : '=');
    }
}

/* RFC 2047: words of at most 75 letters, none of which cuts a character. */
static void put_encoded(Buf *out, const char *text)
{
    enum { WORD_BYTES = 42 };
    size_t left = strlen(text);

    for (bool is_first = true; left > 0; is_first = false) {
        size_t len = left > WORD_BYTES ? str_utf8_floor(text, WORD_BYTES) : left;
        len = len ? len : left;
        buf_puts(out, is_first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        put_base64(out, text, len);
        buf_puts(out, "?=");
        text += len;
        left -= len;
    }
}

static void put_subject(Buf *out, const char *text, Arena *arena)
{
    size_t len = strlen(text);

    if (len > SUBJECT_MAX)
        text = arena_printf(arena, "%.*s...", (int)str_utf8_floor(text, SUBJECT_MAX - 3), text);
    buf_puts(out, "Subject: ");
    if (is_ascii(text))
        put_folded(out, text, strlen("Subject: "));
    else
        put_encoded(out, text);
    buf_puts(out, "\r\n");
}

static void put_date(Buf *out, Instant at)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t day = at.ticks / TICKS_PER_DAY, second = at.ticks % TICKS_PER_DAY / TICKS_PER_SECOND;
    int year, month, date;

    time_civil_from_days(day, &year, &month, &date);
    buf_printf(out, "Date: %s, %d %s %04d %02d:%02d:%02d +0000\r\n", days[day % 7], date,
               months[month - 1], year, (int)(second / 3600), (int)(second / 60 % 60),
               (int)(second % 60));
}

static void put_recipients(Buf *out, const NotifyChannel *channel)
{
    buf_puts(out, "To: ");
    for (size_t i = 0; i < channel->to_count; i++)
        buf_printf(out, "%s<%s>", i ? ",\r\n " : "", channel->to[i]);
    buf_puts(out, "\r\n");
}

static void put_head(const NotifyChannel *channel, const NotifyEvent *event, const char *id,
                     Arena *arena, Buf *out)
{
    Severity level = notify_level(event);

    buf_printf(out, "From: <%s>\r\n", channel->from);
    put_recipients(out, channel);
    put_subject(out, message_subject(event, arena), arena);
    put_date(out, event->time);
    buf_printf(out, "Message-ID: <%s@%s>\r\n", id, strchr(channel->from, '@') + 1);
    buf_puts(out, "Auto-Submitted: auto-generated\r\n"); // RFC 3834: no absence note, please
    if (level >= SEVERITY_CRITICAL)
        buf_puts(out, "Importance: high\r\n");
    buf_printf(
        out,
        "MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n",
        boundary);
}

/* ---- the parts ------------------------------------------------------------------------------- */

/* RFC 2045, 6.7: what is no printable ASCII, a "=", and a blank at a line's end are =XX. A dot at
 * the beginning of a line is one too, for servers that lose it. */
static void put_quoted(Buf *out, Str text)
{
    enum { MOST = 75 };
    size_t column = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        bool is_end = i + 1 == text.len || text.at[i + 1] == '\n';
        if (c == '\n') {
            buf_puts(out, "\r\n");
            column = 0;
            continue;
        }
        bool is_plain = (c > ' ' && c < 0x7F && c != '=' && !(c == '.' && column == 0)) ||
                        (c == ' ' && !is_end);
        if (column + (is_plain ? 1 : 3) > MOST) {
            buf_puts(out, "=\r\n");
            column = 0;
            is_plain = is_plain && c != '.';
        }
        buf_printf(out, is_plain ? "%c" : "=%02X", c);
        column += is_plain ? 1 : 3;
    }
}

static void put_part(const NotifyEvent *event, const Format *format, const char *type, Arena *arena,
                     Buf *out)
{
    AUTO(buf_done) Buf body = BUF(BODY_MAX);

    message_put(event, format, arena, &body);
    buf_printf(out,
               "--%s\r\nContent-Type: text/%s; charset=utf-8\r\n"
               "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
               boundary, type);
    put_quoted(out, (Str){buf_text(&body), body.len});
    buf_puts(out, "\r\n");
}

void letter_put(const NotifyChannel *channel, const NotifyEvent *event, const char *id,
                Arena *arena, Buf *out)
{
    put_head(channel, event, id, arena, out);
    put_part(event, &format_text, "plain", arena, out);
    put_part(event, &format_html, "html", arena, out);
    buf_printf(out, "--%s--\r\n", boundary);
}
