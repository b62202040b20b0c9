/*
 * Bytes of the protocol: a reader that cannot run over the end, and little-endian writers.
 *
 * Errors: reading past the end marks the reader bad and gives zeroes from then on; callers
 *         check is_bad once, after a group of reads.
 */
#ifndef SSISMINER_PACKET_BYTES_H
#define SSISMINER_PACKET_BYTES_H

#include "ssisminer/base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Reader {
    const uint8_t *at;
    size_t left;
    bool is_bad;
} Reader;

Reader reader_of(const void *bytes, size_t len);
const uint8_t *reader_take(Reader *reader, size_t len); // NULL (and bad) when there is less
uint8_t reader_u8(Reader *reader);
uint16_t reader_u16(Reader *reader);
uint32_t reader_u32(Reader *reader);
uint64_t reader_u64(Reader *reader);
uint64_t reader_uint(Reader *reader, size_t bytes); // 1 to 8, zero-extended
uint16_t reader_u16_be(Reader *reader);             // the few that are big-endian

void put_u8(Buf *buf, unsigned value);
void put_u16(Buf *buf, unsigned value);
void put_u32(Buf *buf, uint32_t value);
void put_u64(Buf *buf, uint64_t value);
void put_uint(Buf *buf, uint64_t value, size_t bytes); // the low bytes
void put_u16_be(Buf *buf, unsigned value);
void put_u16_at(Buf *buf, size_t at, size_t value); // fills in a length left open before
void put_u32_at(Buf *buf, size_t at, size_t value);

#endif
