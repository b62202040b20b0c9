/*
 * SQL Server's types: precedence, what converts into what, and values that do.
 *
 * Text that is not Unicode has precision 1, fixed length has scale 1 (see parser.c).
 * Limits: instants from 1742 to 2198 (the stored form has no room for more).
 */
#ifndef ENGINE_TYPES_H
#define ENGINE_TYPES_H

#include "ssisminer/base/buf.h"
#include "ssisminer/engine/engine.h"

#include "../front/fault.h"

bool type_is_integer(SbTypeId id); // bit … bigint
bool type_is_number(SbTypeId id);  // these, decimal and float
bool type_is_time(SbTypeId id);
bool type_is_bare_variant(SbType type);        // kept in a sql_variant as it is (stored.h)
bool type_same_family(SbTypeId a, SbTypeId b); // stored alike
const char *type_name(SbType type);            // "nvarchar"

/* Its name, and its number in sys.columns. */
const char *type_facts(SbType type, int *ret_system);
int type_digits(SbType type); // its precision there
int type_bytes(SbType type);  // of a value at most; 0: as declared

SbType type_of(SbTypeId id);
SbType type_text(int max_chars, bool is_ansi);
SbType type_decimal(SbType number); // that holds every value of it
/* The type both convert to: the higher in precedence, wide enough for both. */
SbType type_unify(SbType a, SbType b);

/* One number, so that SQL functions can be told a type. */
int64_t type_pack(SbType type);
SbType type_unpack(int64_t packed);

typedef enum Conversion {
    CONVERT_FREE,
    CONVERT_EXPLICIT,
    CONVERT_NEVER,
    CONVERT_UNKNOWN
} Conversion;
Conversion type_conversion(SbType from, SbType to);

enum {                  // how value_convert treats what does not fit
    CONVERT_TRY = 1,    // NULL
    CONVERT_ASSIGN = 2, // text too long is an error, else it is cut
};

/* false with the server's error in fault; with CONVERT_TRY a NULL instead. The text of the result
 * may lie in scratch, which is reset first. */
bool value_convert(const SbValue *from, SbType from_type, SbType to, int style, int flags,
                   Buf *scratch, SbValue *ret_value, Fault *fault);

/* Also one that a sql_variant holds. Its text has all digits of its scale. */
bool value_is_decimal(const SbValue *value, SbType type);
void value_put_decimal(const SbValue *value, SbType type, Buf *buf);

/* UTF-16 units of UTF-8 text: what LEN counts. */
size_t nvarchar_units(Str text);
Str nvarchar_cut(Str text, size_t from_unit, size_t units);
Str nvarchar_rtrim(Str text); // blanks off the end

#endif
