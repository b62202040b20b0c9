/* A reader that cannot run over the end, and little-endian writers. */
#include "ssisminer/packet/bytes.h"

#include <assert.h>

Reader reader_of(const void *bytes, size_t len)
{
    return (Reader){.at = bytes, .left = len};
}

const uint8_t *reader_take(Reader *reader, size_t len)
{
    if (reader->is_bad || len > reader->left) {
        reader->is_bad = true;
        return NULL;
    }

    const uint8_t *taken = reader->at;
    if (len > 0)
        reader->at += len;
    reader->left -= len;
    return taken;
}

uint64_t reader_uint(Reader *reader, size_t bytes)
{
    const uint8_t *at = reader_take(reader, bytes);
    uint64_t value = 0;

    for (size_t i = 0; at && i < bytes; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

uint8_t reader_u8(Reader *reader)
{
    return (uint8_t)reader_uint(reader, 1);
}

uint16_t reader_u16(Reader *reader)
{
    return (uint16_t)reader_uint(reader, 2);
}

uint32_t reader_u32(Reader *reader)
{
    return (uint32_t)reader_uint(reader, 4);
}

uint64_t reader_u64(Reader *reader)
{
    return reader_uint(reader, 8);
}

uint16_t reader_u16_be(Reader *reader)
{
    unsigned high = reader_u8(reader);

    return (uint16_t)(high << 8 | reader_u8(reader));
}

void put_uint(Buf *buf, uint64_t value, size_t bytes)
{
    uint8_t out[8];

    assert(bytes <= sizeof(out));
    for (size_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)(value >> (8 * i));
    buf_put(buf, out, bytes);
}

void put_u8(Buf *buf, unsigned value)
{
    put_uint(buf, value, 1);
}

void put_u16(Buf *buf, unsigned value)
{
    put_uint(buf, value, 2);
}

void put_u32(Buf *buf, uint32_t value)
{
    put_uint(buf, value, 4);
}

void put_u64(Buf *buf, uint64_t value)
{
    put_uint(buf, value, 8);
}

void put_u16_be(Buf *buf, unsigned value)
{
    put_u8(buf, value >> 8 & 0xFF);
    put_u8(buf, value & 0xFF);
}

static void put_uint_at(Buf *buf, size_t at, size_t value, size_t bytes)
{
    if (at + bytes > buf->len) // the cap was hit; the caller's buf_check tells
        return;
    for (size_t i = 0; i < bytes; i++)
        buf->text[at + i] = (char)(value >> (8 * i) & 0xFF);
}

void put_u16_at(Buf *buf, size_t at, size_t value)
{
    put_uint_at(buf, at, value, 2);
}

void put_u32_at(Buf *buf, size_t at, size_t value)
{
    put_uint_at(buf, at, value, 4);
}
