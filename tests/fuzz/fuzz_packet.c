/*
 * What either end of a connection reads before there is a session. The first byte chooses: a
 * PRELOGIN, a LOGIN7, the answer to one.
 *
 * Answers that are checked: what was read and is written again reads the same; texts of a login are
 * whole; the tokens of an answer are its bytes, one after the other, without a gap.
 */
#include "fuzz.h"

#include "ssisminer/packet/login.h"
#include "ssisminer/packet/packet.h"
#include "ssisminer/packet/prelogin.h"
#include "ssisminer/packet/text.h"
#include "ssisminer/packet/token.h"

static const uint8_t *bytes(const Buf *buf)
{
    return (const uint8_t *)buf_text(buf);
}

static bool same_bytes(const uint8_t *a, const uint8_t *b, size_t len)
{
    return !a || !b ? a == b : memcmp(a, b, len) == 0;
}

static void fuzz_prelogin(const uint8_t *data, size_t size)
{
    AUTO(buf_done) Buf again = BUF(4096);
    Prelogin one, two;

    if (!prelogin_decode(data, size, &one))
        return;
    must(one.encryption <= ENCRYPTION_REQUIRED && one.fed_auth <= 1);
    prelogin_put(&again, &one);
    must(prelogin_decode(bytes(&again), again.len, &two));
    must(one.encryption == two.encryption && one.fed_auth == two.fed_auth);
    must(one.has_fed_auth == two.has_fed_auth && one.has_encryption == two.has_encryption);
    must(one.is_other_instance == two.is_other_instance && one.wants_mars == two.wants_mars);
    must(memcmp(one.version, two.version, sizeof(one.version)) == 0);
    must(same_bytes(one.nonce, two.nonce, PRELOGIN_NONCE));
    must(same_bytes(one.trace, two.trace, PRELOGIN_TRACE));
}

static void same_text(const char *a, const char *b)
{
    must(a && b && strcmp(a, b) == 0 && text_units(str_of(a)) <= LOGIN_TEXT_UNITS);
}

static void same_login(const Login *a, const Login *b)
{
    same_text(a->host, b->host);
    same_text(a->user, b->user);
    same_text(a->password, b->password);
    same_text(a->application, b->application);
    same_text(a->server, b->server);
    same_text(a->library, b->library);
    same_text(a->language, b->language);
    same_text(a->database, b->database);
    must(a->tds_version == b->tds_version && a->packet_size == b->packet_size);
    must(a->options1 == b->options1 && a->options2 == b->options2);
    must(a->type_flags == b->type_flags && a->wants_utf8 == b->wants_utf8);
    must(a->sspi_len == b->sspi_len && memcmp(a->sspi, b->sspi, a->sspi_len) == 0);
    must(a->has_fed_auth == b->has_fed_auth && a->fed_auth.echo == b->fed_auth.echo);
}

/* A token that was read is UTF-16, and one that is written UTF-8. */
static void fuzz_login(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(buf_done) Buf again = BUF(8 * 1024 * 1024);
    Login one, two;

    if (size > UINT16_MAX || !login_decode(data, size, &arena, &one))
        return;
    Login out = one;
    Str token = {0};
    if (one.fed_auth.token) {
        token = text_from_utf16le(&arena, one.fed_auth.token, one.fed_auth.token_len / 2);
        out.fed_auth.token = (const uint8_t *)token.at;
        out.fed_auth.token_len = token.len;
    }
    if (one.has_fed_auth && one.fed_auth.library != FED_AUTH_SECURITY_TOKEN)
        return;
    login_put(&again, &out);
    must(login_decode(bytes(&again), again.len, &arena, &two));
    same_login(&one, &two);
    must(one.fed_auth.token_len == two.fed_auth.token_len);
    must(same_bytes(one.fed_auth.token, two.fed_auth.token, one.fed_auth.token_len));
    must(same_bytes(one.fed_auth.nonce, two.fed_auth.nonce, PRELOGIN_NONCE));
}

static void fuzz_answer(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    Reader reader = reader_of(data, size), feature;
    const uint8_t *at = data;
    TokenView view;
    MessageToken message;
    Route route;

    while (token_next(&reader, &view)) {
        must(view.bytes == at && view.len > 0 && view.body.left < view.len);
        at += view.len;
        if (view.token == TOKEN_ERROR && token_read_message(&view, &arena, &message))
            must(text_units(str_of(message.server)) <= UINT8_MAX);
        if (token_read_route(&view, &arena, &route))
            must(text_units(str_of(route.server)) * 2 < view.len);
        if (view.token == TOKEN_FEATUREEXTACK &&
            token_find_feature(&view, FEATURE_FED_AUTH, &feature))
            must(feature.left < view.len);
    }
    must(reader.is_bad || at == data + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const targets[])(const uint8_t *, size_t) = {fuzz_prelogin, fuzz_login,
                                                               fuzz_answer};

    if (size == 0)
        return 0;
    uint8_t *copy = malloc(size > 1 ? size - 1 : 1); // of its own size: ASan sees who reads on
    if (!copy)
        return 0;
    memcpy(copy, data + 1, size - 1);
    targets[data[0] % ARRAY_LEN(targets)](copy, size - 1);
    free(copy);
    return 0;
}
