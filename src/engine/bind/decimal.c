#include "ssisminer/engine/decimal.h"

#include <openssl/bn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* ---- arithmetic: 38 digits times 10^76 between the first and the last step ------------------ */

static void free_big(BIGNUM **big)
{
    BN_free(*big);
}

static void free_context(BN_CTX **context)
{
    BN_CTX_free(*context);
}

static void scale_up(BIGNUM *big, int digits)
{
    for (int i = 0; i < digits; i++)
        BN_mul_word(big, 10);
}

static BIGNUM *big_of(const Decimal *value, int scale)
{
    BIGNUM *big = BN_lebin2bn((const unsigned char *)&value->digits, sizeof value->digits, NULL);

    BN_set_negative(big, value->is_negative);
    scale_up(big, scale - value->scale);
    return big;
}

/* At the scale of the type; what is dropped may round the last digit. */
static bool settle(BIGNUM *big, int scale, bool rounds, SbType type, Decimal *ret)
{
    BN_ULONG dropped = 0;

    *ret = (Decimal){.scale = type.scale, .is_negative = BN_is_negative(big)};
    BN_set_negative(big, 0);
    scale_up(big, type.scale - scale);
    for (int i = scale; i > type.scale; i--)
        dropped = BN_div_word(big, 10);
    BN_add_word(big, rounds && dropped >= 5);
    return BN_bn2lebinpad(big, (unsigned char *)&ret->digits, sizeof ret->digits) >= 0 &&
           ret->digits < power_of_ten(type.precision);
}

bool decimal_compute(int op, Decimal a, Decimal b, SbType type, Decimal *ret)
{
    bool is_product = op == '*', is_quotient = op == '/';
    int both = a.scale > b.scale ? a.scale : b.scale; // digits behind the point of a and of b
    int up = type.scale - a.scale + b.scale;
    int scale_a = is_product ? a.scale : is_quotient ? a.scale + (up > 0 ? up : 0) : both;
    int scale_b = is_product ? b.scale : is_quotient ? b.scale - (up < 0 ? up : 0) : both;
    AUTO(free_big) BIGNUM *x = big_of(&a, scale_a);
    AUTO(free_big) BIGNUM *y = big_of(&b, scale_b);
    AUTO(free_context) BN_CTX *context = BN_CTX_new();

    if (op == '+')
        BN_add(x, x, y);
    else if (op == '-')
        BN_sub(x, x, y);
    else if (is_product)
        BN_mul(x, x, y, context);
    else
        BN_div(is_quotient ? x : NULL, is_quotient ? NULL : x, x, y, context);
    return settle(x,
                  is_product    ? a.scale + b.scale
                  : is_quotient ? type.scale
                                : both,
                  !is_quotient, type, ret);
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
