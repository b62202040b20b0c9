/* Tokens as Entra makes them, signed by a key of the test's own. */
#ifndef TESTS_UNIT_RELAY_JWT_H
#define TESTS_UNIT_RELAY_JWT_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/buf.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct Jwt {
    const char *audience, *upn; // NULL: Azure SQL's, sa
    long lives_s;               // 0: an hour
    bool is_forged;
    size_t filler; // bytes of a claim that makes it long
} Jwt;

static EVP_PKEY *jwt_key(void)
{
    static EVP_PKEY *key;

    if (!key)
        key = EVP_RSA_gen(2048);
    return key;
}

static const char *jwt_write_public_key(const char *dir, Arena *arena)
{
    const char *path = arena_printf(arena, "%s/entra.pem", dir);
    FILE *file = fopen(path, "w");

    if (!file || PEM_write_PUBKEY(file, jwt_key()) != 1 || fclose(file) != 0)
        abort();
    return path;
}

static const char *jwt_base64url(Arena *arena, const void *bytes, size_t len)
{
    char *text = arena_alloc(arena, len / 3 * 4 + 8);
    int size = EVP_EncodeBlock((unsigned char *)text, bytes, (int)len);

    for (int i = 0; i < size; i++)
        text[i] = (char)(text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i]);
    while (size > 0 && text[size - 1] == '=')
        text[--size] = '\0';
    return text;
}

static const char *jwt_make(Arena *arena, const Jwt *jwt)
{
    static const char header[] = "{\"typ\":\"JWT\",\"alg\":\"RS256\"}";
    AUTO(buf_done) Buf claims = BUF(100000);
    unsigned char signature[512];
    size_t signature_len = sizeof(signature);
    long now = (long)time(NULL);

    buf_printf(&claims, "{\"aud\":\"%s\",\"upn\":\"%s\",\"nbf\":%ld,\"exp\":%ld,\"xms\":\"",
               jwt->audience ? jwt->audience : "https://database.windows.net/",
               jwt->upn ? jwt->upn : "sa", now - 5, now + (jwt->lives_s ? jwt->lives_s : 3600));
    buf_pad(&claims, 'x', jwt->filler);
    buf_puts(&claims, "\"}");
    const char *what =
        arena_printf(arena, "%s.%s", jwt_base64url(arena, header, sizeof(header) - 1),
                     jwt_base64url(arena, claims.text, claims.len));
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, jwt_key()) != 1 ||
        EVP_DigestSign(context, signature, &signature_len, (const unsigned char *)what,
                       strlen(what)) != 1)
        abort();
    EVP_MD_CTX_free(context);
    if (jwt->is_forged)
        signature[10] ^= 1;
    return arena_printf(arena, "%s.%s", what, jwt_base64url(arena, signature, signature_len));
}

#endif
