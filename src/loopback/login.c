#include "login.h"

#include "text.h"

#include <stddef.h>

/* ---- PRELOGIN ---------------------------------------------------------------------------- */

typedef enum PreloginOption {
    OPTION_VERSION = 0,
    OPTION_ENCRYPTION = 1,
    OPTION_INSTANCE = 2,
    OPTION_THREAD = 3,
    OPTION_MARS = 4,
    OPTION_END = 0xFF
} PreloginOption;

static unsigned big_endian_u16(Reader *reader)
{
    unsigned swapped = reader_u16(reader);

    return (swapped & 0xFF) << 8 | swapped >> 8;
}

/* A list of {option, offset, length}, offsets from the start of the message, then the data. */
bool prelogin_decode(const uint8_t *bytes, size_t len, Encryption *ret_encryption)
{
    Reader list = reader_of(bytes, len);
    Encryption encryption = ENCRYPTION_NOT_SUPPORTED; // for a client that does not say

    for (;;) {
        unsigned option = reader_u8(&list);
        if (list.is_bad)
            return false;
        if (option == OPTION_END)
            break;
        unsigned offset = big_endian_u16(&list), size = big_endian_u16(&list);
        if (list.is_bad || offset + size > len)
            return false;
        if (option == OPTION_ENCRYPTION && size >= 1)
            encryption = bytes[offset] & 0x03;
    }
    *ret_encryption = encryption;
    return true;
}

static void put_big_endian_u16(Buf *buf, size_t value)
{
    put_u8(buf, (unsigned)(value >> 8 & 0xFF));
    put_u8(buf, (unsigned)(value & 0xFF));
}

void prelogin_put_answer(Buf *buf, Encryption encryption)
{
    const uint8_t version[6] = {16, 0, 0x03, 0xE8, 0, 0};
    const uint8_t encryption_byte = (uint8_t)encryption, nothing = 0;
    const struct {
        uint8_t option, len;
        const uint8_t *data;
    } answer[] = {{OPTION_VERSION, sizeof(version), version},
                  {OPTION_ENCRYPTION, 1, &encryption_byte},
                  {OPTION_INSTANCE, 1, &nothing},
                  {OPTION_THREAD, 0, &nothing},
                  {OPTION_MARS, 1, &nothing}};
    size_t offset = ARRAY_LEN(answer) * 5 + 1;

    for (size_t i = 0; i < ARRAY_LEN(answer); i++) {
        put_u8(buf, answer[i].option);
        put_big_endian_u16(buf, offset);
        put_big_endian_u16(buf, answer[i].len);
        offset += answer[i].len;
    }
    put_u8(buf, OPTION_END);
    for (size_t i = 0; i < ARRAY_LEN(answer); i++)
        buf_put(buf, answer[i].data, answer[i].len);
}

/* ---- LOGIN7 ------------------------------------------------------------------------------ */

enum {
    LOGIN_FIXED = 94, // up to and with the long SSPI length
    LOGIN_TEXT_UNITS_MAX = 128,
    INTEGRATED = 0x80,      // in OptionFlags2
    READ_ONLY_INTENT = 0x20 // in TypeFlags
};

/* The offset-and-length pairs of the texts, in their order on the wire. */
static const struct {
    uint8_t at;
    bool is_password;
    size_t member;
} texts[] = {
    {36, false, offsetof(Login, host)},     {40, false, offsetof(Login, user)},
    {44, true, offsetof(Login, password)},  {48, false, offsetof(Login, application)},
    {52, false, offsetof(Login, server)},   {60, false, offsetof(Login, library)},
    {68, false, offsetof(Login, database)},
};

/* Each byte of a password comes with its halves swapped after an XOR with A5. */
static const uint8_t *unveil(Arena *arena, const uint8_t *bytes, size_t len)
{
    uint8_t *clear = arena_alloc(arena, len + 1);

    for (size_t i = 0; i < len; i++) {
        uint8_t byte = bytes[i] ^ 0xA5;
        clear[i] = (uint8_t)(byte << 4 | byte >> 4);
    }
    return clear;
}

static bool read_text(const uint8_t *bytes, size_t len, size_t row, Arena *arena, Login *login)
{
    Reader pair = reader_of(bytes + texts[row].at, 4);
    size_t offset = reader_u16(&pair), units = reader_u16(&pair);

    if (units > LOGIN_TEXT_UNITS_MAX || offset + units * 2 > len)
        return false;
    const uint8_t *from = bytes + offset;
    if (texts[row].is_password)
        from = unveil(arena, from, units * 2);
    *(const char **)((char *)login + texts[row].member) = text_from_utf16le(arena, from, units).at;
    return true;
}

bool login_decode(const uint8_t *bytes, size_t len, Arena *arena, Login *ret_login)
{
    Reader head = reader_of(bytes, len);
    Login login = {0};

    if (len < LOGIN_FIXED || reader_u32(&head) > len)
        return false;
    login.tds_version = reader_u32(&head);
    login.packet_size = reader_u32(&head);
    login.is_integrated = bytes[25] & INTEGRATED;
    login.is_read_only_intent = bytes[26] & READ_ONLY_INTENT;
    for (size_t row = 0; row < ARRAY_LEN(texts); row++)
        if (!read_text(bytes, len, row, arena, &login))
            return false;
    *ret_login = login;
    return true;
}
