/*
 * Sums that stay in range: what a server, a file or an option says may be any number, and a
 * wrong sum at the end of the range is better than an undefined one. Each gives INT64_MAX or
 * INT64_MIN where the true result lies beyond it.
 */
#ifndef SSISMINER_BASE_SAT_H
#define SSISMINER_BASE_SAT_H

#include <stdint.h>

static inline int64_t sat_add(int64_t a, int64_t b)
{
    int64_t sum;

    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    return a < 0 ? INT64_MIN : INT64_MAX;
}

static inline int64_t sat_sub(int64_t a, int64_t b)
{
    int64_t difference;

    if (!__builtin_sub_overflow(a, b, &difference))
        return difference;
    return a < 0 ? INT64_MIN : INT64_MAX;
}

static inline int64_t sat_mul(int64_t a, int64_t b)
{
    int64_t product;

    if (!__builtin_mul_overflow(a, b, &product))
        return product;
    return (a < 0) == (b < 0) ? INT64_MAX : INT64_MIN;
}

static inline int64_t sat_abs(int64_t a)
{
    return a < 0 ? sat_sub(0, a) : a;
}

/* A double cut to a whole number; NaN gives 0. */
static inline int64_t sat_of(double number)
{
    if (!(number > -9223372036854775808.0)) // NaN is not either
        return number != number ? 0 : INT64_MIN;
    return number >= 9223372036854775808.0 ? INT64_MAX : (int64_t)number;
}

/* For what we keep as an int: states, kinds, small settings. */
static inline int sat_int(int64_t value)
{
    return value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : (int)value;
}

#endif
