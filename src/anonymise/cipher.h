/*
 * A keyed permutation of the numbers whose digits have given radices (format-preserving
 * encryption): a Feistel network over the two halves, whose round function is HMAC-SHA256.
 * (Within the room.)
 *
 * Cost: about 4 µs for a word; who has many of the same keeps them.
 */
#ifndef SSISMINER_ANONYMISE_CIPHER_INTERNAL_H
#define SSISMINER_ANONYMISE_CIPHER_INTERNAL_H

#include "ssisminer/base/err.h"
#include "ssisminer/base/str.h"

#include <stdint.h>

enum { CIPHER_DIGITS_MAX = 64, CIPHER_KEY_BYTES = 32, CIPHER_MAC_BYTES = 32 };

typedef struct Cipher Cipher;

Rc cipher_new(const unsigned char key[CIPHER_KEY_BYTES], Cipher **ret_cipher, Err *err) MUST_CHECK;
void cipher_free(Cipher *cipher); // accepts NULL

/* digits[i] < radices[i]; at most CIPHER_DIGITS_MAX. The shape chooses among the permutations. */
void cipher_apply(Cipher *cipher, Str shape, uint32_t *digits, const uint32_t *radices,
                  size_t count);
void cipher_mac(Cipher *cipher, Str text, unsigned char ret_mac[CIPHER_MAC_BYTES]);

#endif
