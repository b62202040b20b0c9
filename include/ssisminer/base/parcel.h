/*
 * What one process hands to another of the same build on the same machine, as bytes.
 *
 * A reader is asked once, at the end, whether it was whole: after the first thing that cannot be,
 * all that it gives is 0 and NULL.
 */
#ifndef SSISMINER_BASE_PARCEL_H
#define SSISMINER_BASE_PARCEL_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/buf.h"
#include "ssisminer/base/str.h"

#include <stdint.h>

void parcel_put_i64(Buf *out, int64_t number);
void parcel_put_text(Buf *out, const char *text); // may be NULL

typedef struct Parcel {
    Str left;
    Arena *arena; // of its texts
    bool is_broken;
} Parcel;

void parcel_take(Parcel *parcel, void *ret_bytes, size_t len);
int64_t parcel_take_i64(Parcel *parcel);
int parcel_take_choice(Parcel *parcel, int most); // from 0 to `most`
const char *parcel_take_text(Parcel *parcel);
size_t parcel_take_count(Parcel *parcel);   // of things that take a byte at least
bool parcel_is_whole(const Parcel *parcel); // nothing is left, nothing was missing

#endif
