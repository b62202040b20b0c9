/* Values as bytes, from one of our processes to another of the same build. */
#include "ssisminer/base/parcel.h"

#include <string.h>

void parcel_put_i64(Buf *out, int64_t number)
{
    buf_put(out, &number, sizeof(number));
}

void parcel_put_text(Buf *out, const char *text)
{
    parcel_put_i64(out, text ? (int64_t)strlen(text) : -1);
    if (text)
        buf_puts(out, text);
}

void parcel_take(Parcel *parcel, void *ret_bytes, size_t len)
{
    (void)memset(ret_bytes, 0, len);
    if (len > parcel->left.len)
        parcel->is_broken = true;
    if (parcel->is_broken)
        return;
    (void)memcpy(ret_bytes, parcel->left.at, len);
    parcel->left = (Str){parcel->left.at + len, parcel->left.len - len};
}

int64_t parcel_take_i64(Parcel *parcel)
{
    int64_t number;

    parcel_take(parcel, &number, sizeof(number));
    return number;
}

int parcel_take_choice(Parcel *parcel, int most)
{
    int64_t number = parcel_take_i64(parcel);

    if (number < 0 || number > most)
        parcel->is_broken = true;
    return parcel->is_broken ? 0 : (int)number;
}

const char *parcel_take_text(Parcel *parcel)
{
    int64_t len = parcel_take_i64(parcel);

    if (len < -1 || len > (int64_t)parcel->left.len)
        parcel->is_broken = true;
    if (parcel->is_broken || len < 0)
        return NULL;
    const char *text = arena_copy(parcel->arena, parcel->left.at, (size_t)len);
    parcel->left = (Str){parcel->left.at + len, parcel->left.len - (size_t)len};
    return text;
}

size_t parcel_take_count(Parcel *parcel)
{
    int64_t count = parcel_take_i64(parcel);

    if (count < 0 || count > (int64_t)parcel->left.len)
        parcel->is_broken = true;
    return parcel->is_broken ? 0 : (size_t)count;
}

bool parcel_is_whole(const Parcel *parcel)
{
    return !parcel->is_broken && parcel->left.len == 0;
}
