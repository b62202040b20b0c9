/* Who a Microsoft Entra token says its bearer is, as Azure looks at it: signature (RS256, by a test
 * key), audience, time. */
#ifndef LOOPBACK_ENTRA_H
#define LOOPBACK_ENTRA_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/str.h"

#include <stdbool.h>

typedef struct Entra Entra;

/* key_file: the public key, PEM. */
Rc entra_load(const char *key_file, const char *audience, Entra **ret_entra, Err *err) MUST_CHECK;
void entra_free(Entra *entra); // accepts NULL

/* The user (upn, else appid@tid), in the arena; NULL when the token does not count, with Azure's
 * words for it. */
const char *entra_user(const Entra *entra, Str token, Arena *arena, const char **ret_words);

#endif
