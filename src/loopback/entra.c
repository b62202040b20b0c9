/* Who a Microsoft Entra token says its bearer is, as Azure looks at it. */
#include "entra.h"

#include "ssisminer/base/mem.h"

#include <cjson/cJSON.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct Entra {
    EVP_PKEY *key;
    char *audience;
};

AUTO_FREE(free_json, cJSON, cJSON_Delete)
AUTO_FREE(free_context, EVP_MD_CTX, EVP_MD_CTX_free)

Rc entra_load(const char *key_file, const char *audience, Entra **ret_entra, Err *err)
{
    BIO *file = BIO_new_file(key_file, "r");
    EVP_PKEY *key = file ? PEM_read_bio_PUBKEY(file, NULL, NULL, NULL) : NULL;

    BIO_free(file);
    if (!key)
        return FAIL(err, RC_USAGE, "'%s' holds no public key in PEM form", key_file);
    Entra *entra = mem_alloc(sizeof(*entra));
    entra->key = key;
    entra->audience = mem_text(audience);
    *ret_entra = entra;
    return RC_OK;
}

void entra_free(Entra *entra)
{
    if (!entra)
        return;
    EVP_PKEY_free(entra->key);
    free(entra->audience);
    free(entra);
}

/* base64url without padding; at NULL when it is none. */
static Str decode(Str text, Arena *arena)
{
    size_t padded = (text.len + 3) / 4 * 4;
    unsigned char *in = arena_alloc(arena, padded + 1), *out = arena_alloc(arena, padded);

    for (size_t i = 0; i < padded; i++) {
        char c = i < text.len ? text.at[i] : '=';
        in[i] = (unsigned char)(c == '-' ? '+' : c == '_' ? '/' : c);
    }
    int len = EVP_DecodeBlock(out, in, (int)padded);
    if (len < 0 || padded - text.len > 2)
        return (Str){0};
    return (Str){(const char *)out, (size_t)len - (padded - text.len)};
}

static bool is_signed(const Entra *entra, Str what, Str signature)
{
    AUTO(free_context) EVP_MD_CTX *context = EVP_MD_CTX_new();

    return context && signature.at &&
           EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, entra->key) == 1 &&
           EVP_DigestVerify(context, (const unsigned char *)signature.at, signature.len,
                            (const unsigned char *)what.at, what.len) == 1;
}

static const char *text_of(const cJSON *claims, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(claims, name));

    return text ? text : "";
}

static bool is_for(const char *audience, const char *said)
{
    size_t len = strlen(audience);

    if (len > 0 && audience[len - 1] == '/') // both forms are in use
        len--;
    return strncmp(audience, said, len) == 0 && (said[len] == '\0' || str_same(said + len, "/"));
}

static const char *judge(const Entra *entra, const cJSON *claims)
{
    double now = (double)time(NULL);
    const cJSON *exp = cJSON_GetObjectItemCaseSensitive(claims, "exp");
    const cJSON *nbf = cJSON_GetObjectItemCaseSensitive(claims, "nbf");

    if (!is_for(entra->audience, text_of(claims, "aud")))
        return "Incorrect or invalid token.";
    if (!cJSON_IsNumber(exp) || exp->valuedouble <= now ||
        (cJSON_IsNumber(nbf) && nbf->valuedouble > now))
        return "Token is expired.";
    return NULL;
}

const char *entra_user(const Entra *entra, Str token, Arena *arena, const char **ret_words)
{
    Str rest = token, head, body;

    *ret_words = "Incorrect or invalid token.";
    if (!str_split(&rest, '.', &head) || !str_split(&rest, '.', &body) || rest.len == 0)
        return NULL;
    Str what = {token.at, head.len + 1 + body.len};
    Str claims_text = decode(body, arena);
    if (!claims_text.at || !is_signed(entra, what, decode(rest, arena)))
        return NULL;
    AUTO(free_json) cJSON *claims = cJSON_ParseWithLength(claims_text.at, claims_text.len);
    *ret_words = claims ? judge(entra, claims) : *ret_words;
    if (*ret_words)
        return NULL;
    const char *upn = text_of(claims, "upn");
    return upn[0] != '\0'
               ? arena_text(arena, upn)
               : arena_printf(arena, "%s@%s", text_of(claims, "appid"), text_of(claims, "tid"));
}
