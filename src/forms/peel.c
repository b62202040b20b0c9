/* What a CI or a container puts around each line of another program's output, taken off. */
#include "peel.h"

#include "chars.h"
#include "stamp.h"

#include "ssisminer/base/utf.h"

enum { LINE_BYTES_MAX = 1024 * 1024 };

void peel_done(Peel *peel)
{
    buf_done(&peel->part);
}

/* ---- wraps ----------------------------------------------------------------------------------- */

/* "2024-05-01T10:00:00.123Z ", also in brackets; its length, 0 if there is none. */
static size_t stamp_len(Str line, size_t *ret_time)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd";
    size_t at = char_at(line, 0) == '[';

    *ret_time = at;
    for (size_t i = 0; i < sizeof(shape) - 1; i++, at++)
        if (shape[i] == 'd' ? !is_digit(char_at(line, at)) : char_at(line, at) != shape[i])
            return 0;
    if (char_at(line, at) == '.')
        at += 1 + digits_from(line, at + 1);
    if (char_at(line, at) != 'Z')
        return 0;
    at++;
    if (line.at[0] == '[') {
        if (char_at(line, at) != ']')
            return 0;
        at++;
    }
    return char_at(line, at) == ' ' ? at + 1 : at == line.len ? at : 0;
}

/* "stdout F ": its length, 0 if there is none. */
static size_t cri_len(Str text)
{
    bool is_stream = STARTS(text, "stdout ") || STARTS(text, "stderr ");

    return is_stream && is_one_of(char_at(text, 7), "FP") && char_at(text, 8) == ' ' ? 9 : 0;
}

/* "name-1  | ": its length, 0 if there is none. */
static size_t compose_len(Str line)
{
    enum { NAME_MAX_BYTES = 64 };
    size_t at = 0;

    while (at < NAME_MAX_BYTES && (is_letter(char_at(line, at)) || is_digit(char_at(line, at)) ||
                                   is_one_of(char_at(line, at), "_-.")))
        at++;
    size_t name = at;
    while (char_at(line, at) == ' ')
        at++;
    if (name == 0 || at == name || char_at(line, at) != '|')
        return 0;
    return at + 1 + (char_at(line, at + 1) == ' ');
}

static PeelKind kind_of(Str line)
{
    size_t time, stamp = stamp_len(line, &time);

    if (stamp > 0)
        return cri_len(str_from(line, stamp)) > 0 ? PEEL_CRI : PEEL_STAMP;
    if (STARTS(line, "{\"log\":\""))
        return PEEL_DOCKER;
    return compose_len(line) > 0 ? PEEL_COMPOSE : PEEL_NONE;
}

/* ---- which of them --------------------------------------------------------------------------- */

static bool any_is_known(Str head, PeelKind kind, bool (*is_known)(Str line))
{
    Str line;

    while (str_split(&head, '\n', &line)) {
        size_t time, len = kind == PEEL_STAMP ? stamp_len(line, &time) : compose_len(line);
        Str inner = str_from(line, len);
        bool is_wrap = kind == PEEL_STAMP && len > 0 && str_trim(inner).len == 0;
        if (is_wrap || STARTS(inner, "##[") || is_known(inner)) // no program tells of nothing
            return true;
    }
    return false;
}

PeelKind peel_kind(Str head, bool (*is_known)(Str line))
{
    enum { LOOK = 60, MOST_PERCENT = 90 };
    size_t counts[PEEL_DOCKER + 1] = {0}, all = 0;
    Str rest = head, line;

    while (all < LOOK && str_split(&rest, '\n', &line)) {
        if (str_trim(line).len == 0)
            continue;
        all++;
        counts[kind_of(line)]++;
    }
    counts[PEEL_STAMP] += counts[PEEL_CRI] * (counts[PEEL_STAMP] > counts[PEEL_CRI]);
    for (PeelKind kind = PEEL_STAMP; kind <= PEEL_DOCKER; kind++) {
        if (counts[kind] * 100 < all * MOST_PERCENT || all == 0)
            continue;
        bool is_sure = kind == PEEL_CRI || kind == PEEL_DOCKER;
        if (is_sure || any_is_known(head, kind, is_known))
            return kind;
    }
    return memmem(head.at, head.len, "\x1B[", 2) ? PEEL_COLOURS : PEEL_NONE;
}

/* ---- one line -------------------------------------------------------------------------------- */

static unsigned hex_value(char c)
{
    return is_digit(c) ? (unsigned)(c - '0') : (unsigned)(str_fold(c) - 'a' + 10);
}

/* The text of a JSON string up to its closing quote. */
static void put_unescaped(Buf *into, Str text)
{
    static const char letters[] = "nrtbf", meanings[] = "\n\r\t\b\f";

    for (size_t at = 0; at < text.len && text.at[at] != '"'; at++) {
        if (text.at[at] != '\\') {
            buf_putc(into, text.at[at]);
            continue;
        }
        char c = char_at(text, ++at);
        const char *letter = c != '\0' ? strchr(letters, c) : NULL;
        if (c == 'u' && at + 4 < text.len) {
            unsigned point = 0;
            for (size_t i = 1; i <= 4; i++)
                point = point << 4 | (hex_value(text.at[at + i]) & 0xF);
            utf_put_point(into, point);
            at += 4;
        } else if (c != '\0') {
            buf_putc(into, letter ? meanings[letter - letters] : c);
        }
    }
}

static int64_t docker_ticks(Str line)
{
    const char *time = memmem(line.at, line.len, "\"time\":\"", 8);

    return time ? stamp_ticks(str_from(line, (size_t)(time + 8 - line.at))) : 0;
}

/* In place; a terminal's colours say nothing. */
static Str without_colours(Str line)
{
    if (line.len == 0 || !memchr(line.at, '\x1B', line.len))
        return line;
    char *text = (char *)(uintptr_t)line.at;
    size_t len = 0;
    for (size_t at = 0; at < line.len; at++) {
        if (text[at] != '\x1B' || char_at(line, at + 1) != '[') {
            text[len++] = text[at];
            continue;
        }
        for (at += 2; at < line.len && !is_letter(text[at]);)
            at++;
    }
    return (Str){text, len};
}

static bool finish(Peel *peel, Str piece, bool goes_on, Str *ret_inner)
{
    if (!goes_on && peel->part.len == 0) {
        *ret_inner = without_colours(piece);
        return true;
    }
    buf_put(&peel->part, piece.at, piece.len);
    *ret_inner = without_colours((Str){buf_text(&peel->part), peel->part.len});
    return !goes_on;
}

static bool peel_docker(Peel *peel, Str line, Str *ret_inner)
{
    static const char head[] = "{\"log\":\"";

    put_unescaped(&peel->part, str_from(line, sizeof(head) - 1));
    peel->ticks = docker_ticks(line);
    Str inner = {buf_text(&peel->part), peel->part.len};
    bool is_whole = inner.len > 0 && inner.at[inner.len - 1] == '\n';
    while (inner.len > 0 && is_one_of(inner.at[inner.len - 1], "\r\n"))
        inner.len--;
    *ret_inner = without_colours(inner);
    return is_whole;
}

static bool peel_stamp(Peel *peel, Str line, bool is_cri, Str *ret_inner)
{
    size_t time, len = stamp_len(line, &time);
    Str inner = str_from(line, len);
    size_t cri = is_cri ? cri_len(inner) : 0;
    bool goes_on = cri > 0 && inner.at[7] == 'P';

    if (len > 0)
        peel->ticks = stamp_ticks(str_from(line, time));
    return finish(peel, str_from(inner, cri), goes_on, ret_inner);
}

bool peel_line(Peel *peel, Str line, Str *ret_inner)
{
    peel->ticks = 0;
    if (peel->part.cap == 0)
        peel->part = BUF(LINE_BYTES_MAX);
    if (!peel->has_part)
        buf_reset(&peel->part); // what was given out whole
    bool is_whole = true;
    switch (peel->kind) {
    case PEEL_NONE:
        *ret_inner = line;
        return true;
    case PEEL_COLOURS:
        *ret_inner = without_colours(line);
        return true;
    case PEEL_STAMP:
    case PEEL_CRI:
        is_whole = peel_stamp(peel, line, peel->kind == PEEL_CRI, ret_inner);
        break;
    case PEEL_COMPOSE:
        is_whole = peel_stamp(peel, str_from(line, compose_len(line)), false, ret_inner);
        break;
    case PEEL_DOCKER:
        is_whole = STARTS(line, "{\"log\":\"") ? peel_docker(peel, line, ret_inner)
                                               : finish(peel, line, false, ret_inner);
        break;
    }
    peel->has_part = !is_whole;
    return is_whole;
}
