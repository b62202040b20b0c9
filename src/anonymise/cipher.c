/* The permutation of the words of one shape, over OpenSSL's HMAC. */
#include "cipher.h"

#include "ssisminer/base/mem.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 8, DIGITS_OF_A_MAC = CIPHER_MAC_BYTES / 2 };

struct Cipher {
    EVP_MAC *kind;
    EVP_MAC_CTX *context; // knows the key
};

Rc cipher_new(const unsigned char key[CIPHER_KEY_BYTES], Cipher **ret_cipher, Err *err)
{
    static char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
    Cipher *cipher = mem_alloc(sizeof(*cipher));

    cipher->kind = EVP_MAC_fetch(NULL, "HMAC", NULL);
    cipher->context = cipher->kind ? EVP_MAC_CTX_new(cipher->kind) : NULL;
    if (!cipher->context || !EVP_MAC_init(cipher->context, key, CIPHER_KEY_BYTES, params)) {
        cipher_free(cipher);
        (void)FAIL(err, RC_USAGE, "OpenSSL has no HMAC-SHA256 here");
        return err_hint(err, "nothing is made anonymous without it: see how OpenSSL is set up");
    }
    *ret_cipher = cipher;
    return RC_OK;
}

void cipher_free(Cipher *cipher)
{
    if (!cipher)
        return;
    EVP_MAC_CTX_free(cipher->context);
    EVP_MAC_free(cipher->kind);
    free(cipher);
}

static void update(Cipher *cipher, const void *bytes, size_t len)
{
    if (!EVP_MAC_update(cipher->context, bytes, len))
        abort(); // it could be begun: what is left to fail is memory
}

static void finish(Cipher *cipher, unsigned char ret_mac[CIPHER_MAC_BYTES])
{
    size_t len = 0;

    if (!EVP_MAC_final(cipher->context, ret_mac, &len, CIPHER_MAC_BYTES) ||
        !EVP_MAC_init(cipher->context, NULL, 0, NULL))
        abort();
}

void cipher_mac(Cipher *cipher, Str text, unsigned char ret_mac[CIPHER_MAC_BYTES])
{
    update(cipher, text.at, text.len);
    finish(cipher, ret_mac);
}

/* to[] += what the round makes of from[], digit by digit. */
static void add_round(Cipher *cipher, unsigned char round, Str shape, const uint32_t *from,
                      size_t from_count, uint32_t *to, const uint32_t *radices, size_t count)
{
    for (size_t done = 0; done < count; done += DIGITS_OF_A_MAC) {
        unsigned char mac[CIPHER_MAC_BYTES];
        unsigned char head[] = {round, (unsigned char)done, (unsigned char)from_count};

        update(cipher, head, sizeof(head));
        update(cipher, from, from_count * sizeof(*from));
        update(cipher, shape.at, shape.len);
        finish(cipher, mac);
        for (size_t i = done; i < count && i < done + DIGITS_OF_A_MAC; i++) {
            const unsigned char *at = mac + (i - done) * 2;
            to[i] = (to[i] + ((uint32_t)at[0] << 8 | at[1])) % radices[i];
        }
    }
}

void cipher_apply(Cipher *cipher, Str shape, uint32_t *digits, const uint32_t *radices,
                  size_t count)
{
    size_t half = count / 2;

    if (count == 1)
        add_round(cipher, ROUNDS, shape, NULL, 0, digits, radices, 1);
    for (unsigned char round = 0; round < ROUNDS && count > 1; round++) {
        if (round % 2 == 0)
            add_round(cipher, round, shape, digits, half, digits + half, radices + half,
                      count - half);
        else
            add_round(cipher, round, shape, digits + half, count - half, digits, radices, half);
    }
}
