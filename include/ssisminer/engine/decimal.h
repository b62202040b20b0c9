/*
 * decimal(38, s): exact, as the server computes it.
 *
 * SQLite has no such number. A column keeps a BLOB that sorts and compares as the number does,
 * whatever its scale (decimal_encode), so that =, <, ORDER BY, GROUP BY, MIN and indexes are
 * SQLite's.
 */
#ifndef SSISMINER_ENGINE_DECIMAL_H
#define SSISMINER_ENGINE_DECIMAL_H

#include "ssisminer/base/buf.h"
#include "ssisminer/engine/engine.h"

enum { DECIMAL_DIGITS = 38, DECIMAL_BYTES = DECIMAL_DIGITS + 2 };

__extension__ typedef unsigned __int128 DecimalDigits;

typedef struct Decimal { // -digits or digits, the point before the last `scale` of them
    DecimalDigits digits;
    int scale;
    bool is_negative;
} Decimal;

Decimal decimal_of_int(int64_t value);
bool decimal_of_double(double value, int scale, Decimal *ret); // false: no 38 digits hold it
bool decimal_parse(Str text, Decimal *ret);                    // [+-]digits[.digits], nothing else
void decimal_put(Decimal value, Buf *buf);                     // with all digits of its scale
double decimal_double(Decimal value);

/* To the scale of the type, half away from zero; false when its precision cannot hold it. */
bool decimal_fit(Decimal *value, SbType type);
/* At the scale of the type; false: it does not fit. */
bool decimal_add(Decimal a, Decimal b, SbType type, Decimal *ret);
Decimal decimal_whole(Decimal value); // without what stands behind the point

size_t decimal_encode(Decimal value, char ret_bytes[DECIMAL_BYTES]);
Decimal decimal_decode(Str bytes); // with the scale that the number needs

#endif
