/* Names and values: every word of them is replaced, but what the product calls so. */
#include "inside.h"

#include <string.h>

/* GUIDs and addresses are more than their words. */
static size_t put_look(Anonymiser *anonymiser, Str text, size_t at, Buf *out)
{
    size_t end = look_guid(text, at);

    if (end == at)
        end = look_ipv6(text, at);
    if (end > at) {
        Str piece = {text.at + at, end - at};
        bool is_none = piece.len > 0 && strspn(piece.at, "0-:") >= piece.len;
        if (is_none)
            buf_put(out, piece.at, piece.len);
        else
            put_hex(anonymiser, piece, out);
        return end;
    }
    end = look_quad(text, at);
    if (end > at && look_ipv4(text, at) > at)
        put_ipv4(anonymiser, (Str){text.at + at, end - at}, out);
    else
        buf_put(out, text.at + at, end - at);
    return end;
}

/* "0x80040E4D": no name, and what a product says. */
static bool is_code(Str text, size_t at)
{
    enum { CODE_BYTES = 10 };
    size_t end = word_end(text, at);

    if (!str_begins_at(text, at, "0x") || end - at > CODE_BYTES || !is_word_begin(text, at))
        return false;
    for (size_t i = at + 2; i < end; i++)
        if (str_hex_digit(text.at[i]) < 0)
            return false;
    return true;
}

/* What stays: a code, a phrase of the product, an ending behind something. */
static size_t kept_end(const Anonymiser *anonymiser, Str text, size_t at)
{
    if (text.at[at] == '.' && at > 0)
        return look_ending(text, at);
    if (is_code(text, at))
        return word_end(text, at);
    return is_word_begin(text, at) ? phrases_at(&anonymiser->kept, text, at) : at;
}

/* "host:1433": a port is no name. */
static bool is_port(Str text, size_t at, size_t end)
{
    enum { PORT_DIGITS = 5 };

    return at > 1 && text.at[at - 1] == ':' && end - at <= PORT_DIGITS &&
           strspn(text.at + at, "0123456789") >= end - at;
}

/* The drive of a path: "D:\". */
static bool is_drive(Str text, size_t at, size_t end)
{
    return end == at + 1 && end + 1 < text.len && text.at[end] == ':' &&
           (text.at[end + 1] == '\\' || text.at[end + 1] == '/');
}

void anonymise_name(Anonymiser *anonymiser, Str name, Buf *out)
{
    for (size_t at = 0, end; at < name.len; at = end) {
        end = kept_end(anonymiser, name, at);
        if (end > at) {
            buf_put(out, name.at + at, end - at);
            continue;
        }
        end = is_word_begin(name, at) ? put_look(anonymiser, name, at, out) : at;
        if (end > at)
            continue;
        end = word_end(name, at);
        if (end > at && !is_drive(name, at, end) && !is_port(name, at, end)) {
            put_word(anonymiser, (Str){name.at + at, end - at}, out);
            continue;
        }
        end = end > at ? end : at + 1;
        buf_put(out, name.at + at, end - at);
    }
}

/* ---- properties ------------------------------------------------------------------------------ */

/* "Connections[", "User::": what the product calls a thing stands before its name. */
static bool is_of_product(Str path, size_t end)
{
    return str_begins_at(path, end, "[") || str_begins_at(path, end, "::");
}

void anonymise_property(Anonymiser *anonymiser, Str path, Buf *out)
{
    static const char last[] = ".Properties[";

    for (size_t at = 0, end; at < path.len; at = end) {
        end = word_end(path, at);
        bool is_last = at >= sizeof(last) - 1 && str_begins_at(path, at - (sizeof(last) - 1), last);
        if (end == at)
            buf_putc(out, path.at[end++]);
        else if (is_of_product(path, end) || is_last)
            buf_put(out, path.at + at, end - at);
        else
            anonymise_name(anonymiser, (Str){path.at + at, end - at}, out);
    }
}

/* ---- values ---------------------------------------------------------------------------------- */

/* "-1.5e+003": the digits before the exponent are its value. */
static size_t number_end(Str value)
{
    size_t at = value.len > 0 && strchr("+-", value.at[0]) ? 1 : 0, digits = 0;

    for (; at < value.len && (value.at[at] == '.' || (value.at[at] >= '0' && value.at[at] <= '9'));
         at++)
        digits += value.at[at] != '.';
    return digits > 0 ? at : 0;
}

static bool is_exponent(Str rest)
{
    size_t at = 1;

    if (rest.len == 0)
        return true;
    if (str_fold(rest.at[0]) != 'e')
        return false;
    at += at < rest.len && strchr("+-", rest.at[at]);
    return at < rest.len && strspn(rest.at + at, "0123456789") >= rest.len - at;
}

void anonymise_value(Anonymiser *anonymiser, Str value, Buf *out)
{
    size_t number = number_end(value);

    if (str_equal_fold(value, str_of("true")) || str_equal_fold(value, str_of("false")) ||
        (value.len > 0 && look_time(value, 0) == value.len)) {
        buf_put(out, value.at, value.len);
        return;
    }
    if (number == 0 || !is_exponent((Str){value.at + number, value.len - number})) {
        anonymise_name(anonymiser, value, out);
        return;
    }
    for (size_t at = 0, end; at < number; at = end) {
        end = word_end((Str){value.at, number}, at);
        if (end > at)
            put_word(anonymiser, (Str){value.at + at, end - at}, out);
        else
            buf_putc(out, value.at[end++]);
    }
    buf_put(out, value.at + number, value.len - number);
}
