/* LOGIN7, read and written, with its features. */
#include "ssisminer/packet/login.h"

#include "ssisminer/packet/prelogin.h"
#include "ssisminer/packet/text.h"

#include <stddef.h>
#include <string.h>

enum { FIXED = 94, PASSWORD_KEY = 0xA5 }; // FIXED: up to and with the long SSPI length

enum { // places in it
    AT_TEXTS = 36,
    AT_EXTENSION = 56,
    AT_CLIENT_ID = 72,
    AT_SSPI = 78,
    AT_ATTACH = 82,
    AT_NEW_PASSWORD = 86,
    AT_SSPI_LONG = 90
};

/* The offset-and-length pairs of the texts, in their order on the wire. */
static const struct {
    uint8_t at;
    bool is_password;
    size_t member;
} texts[] = {
    {AT_TEXTS, false, offsetof(Login, host)}, {40, false, offsetof(Login, user)},
    {44, true, offsetof(Login, password)},    {48, false, offsetof(Login, application)},
    {52, false, offsetof(Login, server)},     {60, false, offsetof(Login, library)},
    {64, false, offsetof(Login, language)},   {68, false, offsetof(Login, database)},
};

/* ---- reading --------------------------------------------------------------------------------- */

/* Each byte of a password comes with its halves swapped after an XOR with A5. */
static const uint8_t *unveil(Arena *arena, const uint8_t *bytes, size_t len)
{
    uint8_t *clear = arena_alloc(arena, len + 1);

    for (size_t i = 0; i < len; i++) {
        uint8_t byte = bytes[i] ^ PASSWORD_KEY;
        clear[i] = (uint8_t)(byte << 4 | byte >> 4);
    }
    return clear;
}

static bool read_text(const uint8_t *bytes, size_t len, size_t row, Arena *arena, Login *login)
{
    Reader pair = reader_of(bytes + texts[row].at, 4);
    size_t offset = reader_u16(&pair), units = reader_u16(&pair);

    if (units > LOGIN_TEXT_UNITS || (units > 0 && offset + units * 2 > len))
        return false;
    const uint8_t *from = units > 0 ? bytes + offset : bytes;
    if (texts[row].is_password)
        from = unveil(arena, from, units * 2);
    *(const char **)((char *)login + texts[row].member) = text_from_utf16le(arena, from, units).at;
    return true;
}

static bool read_sspi(const uint8_t *bytes, size_t len, Login *login)
{
    enum { LONG = 0xFFFF };
    Reader pair = reader_of(bytes + AT_SSPI, 4);
    size_t offset = reader_u16(&pair), size = reader_u16(&pair);
    Reader longer = reader_of(bytes + AT_SSPI_LONG, 4);
    uint32_t long_size = reader_u32(&longer);

    if (size == LONG && long_size > 0)
        size = long_size;
    if (size > 0 && (offset > len || size > len - offset))
        return false;
    login->sspi = bytes + (size > 0 ? offset : 0);
    login->sspi_len = size;
    return true;
}

static bool read_fed_auth(Reader data, Login *login)
{
    FedAuth *fed_auth = &login->fed_auth;
    unsigned options = reader_u8(&data);

    login->has_fed_auth = true;
    fed_auth->library = (uint8_t)(options >> 1);
    fed_auth->echo = options & 1;
    if (fed_auth->library != FED_AUTH_SECURITY_TOKEN)
        return !data.is_bad;
    fed_auth->token_len = reader_u32(&data);
    fed_auth->token = reader_take(&data, fed_auth->token_len);
    fed_auth->nonce = data.left > 0 ? reader_take(&data, PRELOGIN_NONCE) : NULL;
    return !data.is_bad && data.left == 0 && fed_auth->token_len % 2 == 0;
}

static bool read_features(Reader list, Login *login)
{
    for (;;) {
        unsigned feature = reader_u8(&list);
        if (list.is_bad)
            return false;
        if (feature == FEATURE_END)
            return true;
        size_t size = reader_u32(&list);
        const uint8_t *data = reader_take(&list, size);
        if (!data)
            return false;
        if (feature == FEATURE_FED_AUTH && !read_fed_auth(reader_of(data, size), login))
            return false;
        login->wants_utf8 |= feature == FEATURE_UTF8;
    }
}

/* The pair points at the offset of the list, which is somewhere behind. */
static bool read_extension(const uint8_t *bytes, size_t len, Login *login)
{
    Reader pair = reader_of(bytes + AT_EXTENSION, 4);
    size_t offset = reader_u16(&pair), size = reader_u16(&pair);

    if (!(login->options3 & LOGIN_EXTENDED))
        return true;
    if (size < 4 || offset + 4 > len)
        return false;
    Reader place = reader_of(bytes + offset, 4);
    size_t from = reader_u32(&place);
    return from >= FIXED && from < len && read_features(reader_of(bytes + from, len - from), login);
}

bool login_decode(const uint8_t *bytes, size_t len, Arena *arena, Login *ret_login)
{
    Reader head = reader_of(bytes, len);
    Login login = {0};

    if (len < FIXED || reader_u32(&head) > len)
        return false;
    login.tds_version = reader_u32(&head);
    login.packet_size = reader_u32(&head);
    login.program_version = reader_u32(&head);
    login.process_id = reader_u32(&head);
    login.connection_id = reader_u32(&head);
    login.options1 = reader_u8(&head);
    login.options2 = reader_u8(&head);
    login.type_flags = reader_u8(&head);
    login.options3 = reader_u8(&head);
    login.time_zone = reader_u32(&head);
    login.locale = reader_u32(&head);
    memcpy(login.client_id, bytes + AT_CLIENT_ID, sizeof(login.client_id));
    for (size_t row = 0; row < ARRAY_LEN(texts); row++)
        if (!read_text(bytes, len, row, arena, &login))
            return false;
    if (!read_sspi(bytes, len, &login) || !read_extension(bytes, len, &login))
        return false;
    *ret_login = login;
    return true;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void veil(Buf *buf, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < buf->len; i++) {
        unsigned byte = (unsigned char)buf->text[i];
        buf->text[i] = (char)(((byte << 4 | byte >> 4) & 0xFF) ^ PASSWORD_KEY);
    }
}

static void put_text(Buf *buf, size_t start, size_t row, const Login *login)
{
    const char *text = *(const char *const *)((const char *)login + texts[row].member);
    size_t from = buf->len, units = 0;

    if (text)
        units = text_put_utf16le(buf, text_cut(str_of(text), LOGIN_TEXT_UNITS));
    if (texts[row].is_password)
        veil(buf, from, buf->len);
    put_u16_at(buf, start + texts[row].at, from - start);
    put_u16_at(buf, start + texts[row].at + 2, units);
}

static void put_fixed(Buf *buf, const Login *login)
{
    bool is_extended = login->has_fed_auth || login->wants_utf8;
    size_t start = buf->len;

    put_u32(buf, 0); // its length
    put_u32(buf, login->tds_version);
    put_u32(buf, login->packet_size);
    put_u32(buf, login->program_version);
    put_u32(buf, login->process_id);
    put_u32(buf, login->connection_id);
    put_u8(buf, login->options1);
    put_u8(buf, login->options2);
    put_u8(buf, login->type_flags);
    put_u8(buf, (login->options3 & (unsigned)~LOGIN_EXTENDED) | (is_extended ? LOGIN_EXTENDED : 0));
    put_u32(buf, login->time_zone);
    put_u32(buf, login->locale);
    buf_pad(buf, '\0', FIXED - AT_TEXTS);
    for (size_t i = 0; i < sizeof(login->client_id) && buf->len == start + FIXED; i++)
        buf->text[start + AT_CLIENT_ID + i] = (char)login->client_id[i];
}

static void put_fed_auth(Buf *buf, const FedAuth *fed_auth)
{
    put_u8(buf, FEATURE_FED_AUTH);
    size_t at = buf->len;
    put_u32(buf, 0);
    put_u8(buf, (unsigned)(fed_auth->library << 1 | fed_auth->echo));
    put_u32(buf, 0);
    size_t units = text_put_utf16le(buf, (Str){(const char *)fed_auth->token, fed_auth->token_len});
    put_u32_at(buf, at + 5, units * 2);
    if (fed_auth->nonce)
        buf_put(buf, fed_auth->nonce, PRELOGIN_NONCE);
    put_u32_at(buf, at, buf->len - at - 4);
}

static void put_features(Buf *buf, const Login *login)
{
    if (login->has_fed_auth)
        put_fed_auth(buf, &login->fed_auth);
    if (login->wants_utf8) {
        put_u8(buf, FEATURE_UTF8);
        put_u32(buf, 1);
        put_u8(buf, 1);
    }
    put_u8(buf, FEATURE_END);
}

static void put_sspi(Buf *buf, size_t start, const Login *login)
{
    enum { LONG = 0xFFFF };

    put_u16_at(buf, start + AT_SSPI, buf->len - start);
    put_u16_at(buf, start + AT_SSPI + 2, login->sspi_len < LONG ? login->sspi_len : LONG);
    if (login->sspi_len >= LONG)
        put_u32_at(buf, start + AT_SSPI_LONG, login->sspi_len);
    if (login->sspi_len > 0)
        buf_put(buf, login->sspi, login->sspi_len);
}

void login_put(Buf *buf, const Login *login)
{
    bool is_extended = login->has_fed_auth || login->wants_utf8;
    size_t start = buf->len, place;

    put_fixed(buf, login);
    for (size_t row = 0; row < ARRAY_LEN(texts); row++)
        put_text(buf, start, row, login);
    // What the pair of the extension points at: where the list of features is.
    place = buf->len;
    put_u16_at(buf, start + AT_EXTENSION, place - start);
    put_u16_at(buf, start + AT_EXTENSION + 2, is_extended ? 4 : 0);
    if (is_extended)
        put_u32(buf, 0);
    put_u16_at(buf, start + AT_ATTACH, buf->len - start);
    put_u16_at(buf, start + AT_NEW_PASSWORD, buf->len - start);
    put_sspi(buf, start, login);
    if (is_extended) {
        put_u32_at(buf, place, buf->len - start);
        put_features(buf, login);
    }
    put_u32_at(buf, start, buf->len - start);
}
