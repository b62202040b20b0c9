#include "ssisminer/engine/decimal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- wide numbers: what 38 digits need between their first and last step ------------------- */

enum { LIMBS = 6 }; // 384 bits: 38 digits times 10^76

typedef struct Wide {
    uint64_t limb[LIMBS]; // the lowest first
} Wide;

static Wide wide_of(DecimalDigits digits)
{
    return (Wide){{(uint64_t)digits, (uint64_t)(digits >> 64)}};
}

static bool wide_is_small(const Wide *wide) // fits 128 bits
{
    return !(wide->limb[2] | wide->limb[3] | wide->limb[4] | wide->limb[5]);
}

static DecimalDigits wide_low(const Wide *wide)
{
    return (DecimalDigits)wide->limb[1] << 64 | wide->limb[0];
}

static void wide_times(Wide *wide, uint64_t factor)
{
    DecimalDigits carry = 0;

    for (size_t i = 0; i < LIMBS; i++) {
        carry += (DecimalDigits)wide->limb[i] * factor;
        wide->limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

static void wide_scale_up(Wide *wide, int digits)
{
    for (int i = 0; i < digits; i++)
        wide_times(wide, 10);
}

/* Gives the digit that fell off. */
static unsigned wide_drop_digit(Wide *wide)
{
    DecimalDigits rest = 0;

    for (size_t i = LIMBS; i-- > 0;) {
        rest = rest << 64 | wide->limb[i];
        wide->limb[i] = (uint64_t)(rest / 10);
        rest %= 10;
    }
    return (unsigned)rest;
}

static void wide_add(Wide *wide, const Wide *other)
{
    DecimalDigits carry = 0;

    for (size_t i = 0; i < LIMBS; i++) {
        carry += (DecimalDigits)wide->limb[i] + other->limb[i];
        wide->limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

static int wide_compare(const Wide *a, const Wide *b)
{
    for (size_t i = LIMBS; i-- > 0;)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

static void wide_subtract(Wide *wide, const Wide *smaller)
{
    uint64_t borrow = 0;

    for (size_t i = 0; i < LIMBS; i++) {
        DecimalDigits take = (DecimalDigits)smaller->limb[i] + borrow;
        borrow = wide->limb[i] < take;
        wide->limb[i] = (uint64_t)(wide->limb[i] - take);
    }
}

static void wide_shift_in(Wide *wide, uint64_t bit)
{
    for (size_t i = 0; i < LIMBS; i++) {
        uint64_t out = wide->limb[i] >> 63;
        wide->limb[i] = wide->limb[i] << 1 | bit;
        bit = out;
    }
}

static void wide_divide(const Wide *number, const Wide *by, Wide *ret_quotient, Wide *ret_rest)
{
    *ret_quotient = *ret_rest = (Wide){0};
    for (size_t bit = LIMBS * 64; bit-- > 0;) {
        wide_shift_in(ret_rest, number->limb[bit / 64] >> bit % 64 & 1);
        bool fits = wide_compare(ret_rest, by) >= 0;
        if (fits)
            wide_subtract(ret_rest, by);
        wide_shift_in(ret_quotient, fits);
    }
}

static Wide wide_product(DecimalDigits a, DecimalDigits b)
{
    Wide low = wide_of(a), high = wide_of(a);

    wide_times(&low, (uint64_t)b);
    wide_times(&high, (uint64_t)(b >> 64));
    memmove(&high.limb[1], &high.limb[0], (LIMBS - 1) * sizeof high.limb[0]);
    high.limb[0] = 0;
    wide_add(&low, &high);
    return low;
}

/* ---- to and from --------------------------------------------------------------------------- */

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
    size_t at = sizeof text;

    for (int i = 0; value.digits || i <= value.scale; i++, value.digits /= 10) {
        if (i == value.scale && i > 0)
            text[--at] = '.';
        text[--at] = (char)('0' + (int)(value.digits % 10));
    }
    if (value.is_negative && strspn(text + at, "0.") < sizeof text - at)
        buf_putc(buf, '-');
    buf_put(buf, text + at, sizeof text - at);
}

double decimal_double(Decimal value)
{
    AUTO(buf_done) Buf text = BUF(100);

    decimal_put(value, &text);
    return strtod(buf_text(&text), NULL);
}

/* ---- rounding ------------------------------------------------------------------------------ */

typedef enum Rounding { CUT, HALF_UP } Rounding;

/* Digits of a wide number at one scale become a decimal of the type. */
static bool settle(Wide wide, int scale, Rounding rounding, SbType type, Decimal *ret)
{
    unsigned dropped = 0;

    if (scale < type.scale)
        wide_scale_up(&wide, type.scale - scale);
    for (int i = scale; i > type.scale; i--)
        dropped = wide_drop_digit(&wide);
    if (rounding == HALF_UP && dropped >= 5) {
        Wide one = wide_of(1);
        wide_add(&wide, &one);
    }
    ret->digits = wide_low(&wide);
    ret->scale = type.scale;
    return wide_is_small(&wide) && ret->digits < power_of_ten(type.precision);
}

bool decimal_fit(Decimal *value, SbType type)
{
    Decimal fitted = *value;

    if (!settle(wide_of(value->digits), value->scale, HALF_UP, type, &fitted))
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

/* ---- arithmetic ---------------------------------------------------------------------------- */

static void align(Wide *a, int scale_a, Wide *b, int scale_b)
{
    wide_scale_up(a, scale_b > scale_a ? scale_b - scale_a : 0);
    wide_scale_up(b, scale_a > scale_b ? scale_a - scale_b : 0);
}

static Wide sum_of(const Decimal *a, const Decimal *b, bool *ret_is_negative)
{
    Wide x = wide_of(a->digits), y = wide_of(b->digits);

    align(&x, a->scale, &y, b->scale);
    if (a->is_negative == b->is_negative) {
        wide_add(&x, &y);
        *ret_is_negative = a->is_negative;
        return x;
    }
    bool swaps = wide_compare(&x, &y) < 0;
    Wide larger = swaps ? y : x;
    wide_subtract(&larger, swaps ? &x : &y);
    *ret_is_negative = swaps ? b->is_negative : a->is_negative;
    return larger;
}

static Wide quotient_of(const Decimal *a, const Decimal *b, int scale)
{
    Wide x = wide_of(a->digits), y = wide_of(b->digits), quotient, rest;
    int up = scale - a->scale + b->scale;

    wide_scale_up(up > 0 ? &x : &y, up > 0 ? up : -up);
    wide_divide(&x, &y, &quotient, &rest);
    return quotient;
}

static Wide rest_of(const Decimal *a, const Decimal *b)
{
    Wide x = wide_of(a->digits), y = wide_of(b->digits), quotient, rest;

    align(&x, a->scale, &y, b->scale);
    wide_divide(&x, &y, &quotient, &rest);
    return rest;
}

bool decimal_compute(int op, Decimal a, Decimal b, SbType type, Decimal *ret)
{
    int scale = a.scale > b.scale ? a.scale : b.scale;

    ret->is_negative = a.is_negative;
    if (op == '%')
        return settle(rest_of(&a, &b), scale, HALF_UP, type, ret);
    if (op == '-')
        b.is_negative = !b.is_negative;
    if (op == '+' || op == '-')
        return settle(sum_of(&a, &b, &ret->is_negative), scale, HALF_UP, type, ret);
    ret->is_negative = a.is_negative != b.is_negative;
    if (op == '*')
        return settle(wide_product(a.digits, b.digits), a.scale + b.scale, HALF_UP, type, ret);
    return settle(quotient_of(&a, &b, type.scale), type.scale, CUT, type, ret);
}

/* ---- as a BLOB that sorts ------------------------------------------------------------------ */

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
