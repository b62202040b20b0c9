/* PRELOGIN, read and written. */
#include "ssisminer/packet/prelogin.h"

#include <string.h>

typedef enum Option {
    OPTION_VERSION = 0,
    OPTION_ENCRYPTION = 1,
    OPTION_INSTANCE = 2,
    OPTION_THREAD = 3,
    OPTION_MARS = 4,
    OPTION_TRACE = 5,
    OPTION_FED_AUTH = 6,
    OPTION_NONCE = 7,
    OPTION_END = 0xFF
} Option;

/* ---- reading --------------------------------------------------------------------------------- */

static bool take_option(unsigned option, const uint8_t *data, size_t size, Prelogin *prelogin)
{
    Reader reader = reader_of(data, size);

    switch (option) {
    case OPTION_VERSION:
        memcpy(prelogin->version, data, size < 6 ? size : 6);
        break;
    case OPTION_ENCRYPTION: // the upper bits tell of client certificates
        if (size == 0)
            break;
        prelogin->has_encryption = true;
        prelogin->encryption = data[0] & 0x03;
        break;
    case OPTION_INSTANCE:
        prelogin->is_other_instance = size == 1 && data[0] == 1;
        break;
    case OPTION_THREAD:
        prelogin->has_thread = size == 4;
        prelogin->thread = reader_u32(&reader);
        break;
    case OPTION_MARS:
        prelogin->wants_mars = reader_u8(&reader) == 1;
        break;
    case OPTION_TRACE:
        prelogin->trace = size == PRELOGIN_TRACE ? data : NULL;
        break;
    case OPTION_FED_AUTH:
        prelogin->has_fed_auth = true;
        prelogin->fed_auth = reader_u8(&reader);
        return size >= 1 && prelogin->fed_auth <= 1;
    case OPTION_NONCE:
        prelogin->nonce = data;
        return size == PRELOGIN_NONCE;
    default:
        break;
    }
    return true;
}

/* A list of {option, offset, length}, offsets from the start of the message, then the data. */
bool prelogin_decode(const uint8_t *bytes, size_t len, Prelogin *ret_prelogin)
{
    Reader list = reader_of(bytes, len);
    Prelogin prelogin = {.encryption = ENCRYPTION_NOT_SUPPORTED}; // of one that does not say

    for (;;) {
        unsigned option = reader_u8(&list);
        if (list.is_bad)
            return false;
        if (option == OPTION_END)
            break;
        size_t offset = reader_u16_be(&list), size = reader_u16_be(&list);
        if (list.is_bad || offset + size > len ||
            !take_option(option, bytes + offset, size, &prelogin))
            return false;
    }
    *ret_prelogin = prelogin;
    return true;
}

/* ---- writing --------------------------------------------------------------------------------- */

typedef struct Row {
    uint8_t option;
    const void *data;
    size_t len;
} Row;

static size_t rows_of(const Prelogin *prelogin, const uint8_t bytes[4], const uint8_t thread[4],
                      Row rows[8])
{
    const char *instance = prelogin->instance;
    size_t count = 0;

    rows[count++] = (Row){OPTION_VERSION, prelogin->version, sizeof(prelogin->version)};
    if (prelogin->has_encryption)
        rows[count++] = (Row){OPTION_ENCRYPTION, &bytes[0], 1};
    rows[count++] = instance ? (Row){OPTION_INSTANCE, instance, strlen(instance) + 1}
                             : (Row){OPTION_INSTANCE, &bytes[1], 1};
    rows[count++] = (Row){OPTION_THREAD, thread, prelogin->has_thread ? 4 : 0};
    rows[count++] = (Row){OPTION_MARS, &bytes[2], 1};
    if (prelogin->trace)
        rows[count++] = (Row){OPTION_TRACE, prelogin->trace, PRELOGIN_TRACE};
    if (prelogin->has_fed_auth)
        rows[count++] = (Row){OPTION_FED_AUTH, &bytes[3], 1};
    if (prelogin->nonce)
        rows[count++] = (Row){OPTION_NONCE, prelogin->nonce, PRELOGIN_NONCE};
    return count;
}

void prelogin_put(Buf *buf, const Prelogin *prelogin)
{
    const uint8_t bytes[4] = {(uint8_t)prelogin->encryption, prelogin->is_other_instance,
                              prelogin->wants_mars, prelogin->fed_auth};
    const uint8_t thread[4] = {(uint8_t)prelogin->thread, (uint8_t)(prelogin->thread >> 8),
                               (uint8_t)(prelogin->thread >> 16),
                               (uint8_t)(prelogin->thread >> 24)};
    Row rows[8];
    size_t count = rows_of(prelogin, bytes, thread, rows), offset = count * 5 + 1;

    for (size_t i = 0; i < count; i++) {
        put_u8(buf, rows[i].option);
        put_u16_be(buf, (unsigned)offset);
        put_u16_be(buf, (unsigned)rows[i].len);
        offset += rows[i].len;
    }
    put_u8(buf, OPTION_END);
    for (size_t i = 0; i < count; i++)
        if (rows[i].len > 0)
            buf_put(buf, rows[i].data, rows[i].len);
}
