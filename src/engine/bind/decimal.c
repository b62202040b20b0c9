/* decimal(38, s) computed exactly, as the server does, and kept so that SQLite sorts it. */
#include "ssisminer/engine/decimal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- to and from ----------------------------------------------------------------------------- */

static DecimalDigits power_of_ten(int digits)
{
    DecimalDigits power = 1;

    while (digits-- > 0)
        power *= 10;
    return power;
}

static int count_digits(DecimalDigits digits)
{
    int count = 0;

    for (; digits; digits /= 10)
        count++;
    return count;
}

Decimal decimal_of_int(int64_t value)
{
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    return (Decimal){.digits = size, .is_negative = value < 0};
}

bool decimal_parse(Str text, Decimal *ret)
{
    Decimal value = {0};
    size_t at = text.len > 0 && (text.at[0] == '-' || text.at[0] == '+');
    bool has_point = false, has_digit = false;

    value.is_negative = at && text.at[0] == '-';
    for (; at < text.len; at++) {
        if (text.at[at] == '.' && !has_point) {
            has_point = true;
            continue;
        }
        if (text.at[at] < '0' || text.at[at] > '9')
            return false;
        has_digit = true;
        if (value.digits >= power_of_ten(DECIMAL_DIGITS - 1)) {
            if (!has_point)
                return false;
            continue; // digits that no decimal has room for
        }
        value.digits = value.digits * 10 + (unsigned)(text.at[at] - '0');
        value.scale += has_point;
    }
    *ret = value;
    return has_digit;
}

bool decimal_of_double(double value, int scale, Decimal *ret)
{
    char text[400];

    if (!(value > -1e38 && value < 1e38))
        return false;
    (void)snprintf(text, sizeof text, "%.*f", scale + 10,
                   value); // the type's scale rounds, not this
    return decimal_parse(str_of(text), ret);
}

void decimal_put(Decimal value, Buf *buf)
{
    char text[DECIMAL_DIGITS * 2 + 4];
    bool has_sign = value.is_negative && value.digits != 0;
    size_t at = sizeof text;

    for (int i = 0; value.digits || i <= value.scale; i++, value.digits /= 10) {
        if (i == value.scale && i > 0)
            text[--at] = '.';
        text[--at] = (char)('0' + (int)(value.digits % 10));
    }
    if (has_sign)
        buf_putc(buf, '-');
    buf_put(buf, text + at, sizeof text - at);
}

double decimal_double(Decimal value)
{
    AUTO(buf_done) Buf text = BUF(100);

    decimal_put(value, &text);
    return strtod(buf_text(&text), NULL);
}

bool decimal_fit(Decimal *value, SbType type)
{
    Decimal fitted = {value->digits, type.scale, value->is_negative};
    unsigned dropped = 0;

    for (int i = value->scale; i < type.scale; i++) {
        if (fitted.digits >= power_of_ten(DECIMAL_DIGITS - 1))
            return false;
        fitted.digits *= 10;
    }
    for (int i = value->scale; i > type.scale; i--) {
        dropped = (unsigned)(fitted.digits % 10);
        fitted.digits /= 10;
    }
    fitted.digits += dropped >= 5;
    if (fitted.digits >= power_of_ten(type.precision))
        return false;
    *value = fitted;
    return true;
}

Decimal decimal_whole(Decimal value)
{
    for (; value.scale > 0; value.scale--)
        value.digits /= 10;
    return value;
}

bool decimal_add(Decimal a, Decimal b, SbType type, Decimal *ret)
{
    SbType widest = {.id = SB_DECIMAL, .precision = DECIMAL_DIGITS, .scale = type.scale};

    if (!decimal_fit(&a, widest) || !decimal_fit(&b, widest))
        return false;
    *ret = a.digits < b.digits ? b : a; // whose sign the sum has
    if (a.is_negative == b.is_negative)
        ret->digits = a.digits + b.digits;
    else
        ret->digits = a.digits < b.digits ? b.digits - a.digits : a.digits - b.digits;
    return ret->digits < power_of_ten(type.precision);
}

/* ---- as a BLOB that sorts -------------------------------------------------------------------- */

/* One byte of sign and place of the first digit, then the digits without zeroes at the end; below
 * zero all of it turned over, with an end that sorts behind every digit. */
enum { ZERO = 0x80, POSITIVE = 0xC0, NEGATIVE = 0x40, NEGATIVE_END = 0xFF };

size_t decimal_encode(Decimal value, char ret_bytes[DECIMAL_BYTES])
{
    size_t len = 1;

    while (value.digits && value.digits % 10 == 0) {
        value.digits /= 10;
        value.scale--;
    }
    int count = count_digits(value.digits), whole = count - value.scale;
    ret_bytes[0] = (char)(!value.digits       ? ZERO
                          : value.is_negative ? NEGATIVE - whole
                                              : POSITIVE + whole);
    for (int i = count - 1; i >= 0; i--) {
        int digit = (int)(value.digits / power_of_ten(i) % 10);
        ret_bytes[len++] = (char)(value.is_negative ? NEGATIVE_END - 1 - digit : digit);
    }
    if (value.is_negative && value.digits)
        ret_bytes[len++] = (char)NEGATIVE_END;
    return len;
}

Decimal decimal_decode(Str bytes)
{
    Decimal value = {0};
    int first = bytes.len ? (unsigned char)bytes.at[0] : ZERO;

    if (first == ZERO)
        return value;
    value.is_negative = first < ZERO;
    size_t end = bytes.len - value.is_negative;
    for (size_t i = 1; i < end; i++) {
        int byte = (unsigned char)bytes.at[i];
        value.digits =
            value.digits * 10 + (unsigned)(value.is_negative ? NEGATIVE_END - 1 - byte : byte);
    }
    int whole = value.is_negative ? NEGATIVE - first : first - POSITIVE;
    value.scale = (int)end - 1 - whole;
    for (; value.scale < 0; value.scale++)
        value.digits *= 10;
    return value;
}
