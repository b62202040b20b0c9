/*
 * A text that must not be found anywhere afterwards: a password, a token.
 *
 * It lies in pages of its own that no core dump holds, that a child process does not get, and that
 * are overwritten before they go. It never moves, so that no copy of it is left behind.
 *
 * Ownership: secret_done wipes and frees; secret_take moves. {0} is an empty one of no room.
 * Errors:    over the cap sets `over` and keeps nothing; ask once, at the end. Out of memory ends
 *            the program.
 */
#ifndef SSISMINER_BASE_SECRET_H
#define SSISMINER_BASE_SECRET_H

#include "ssisminer/base/err.h"
#include "ssisminer/base/str.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct Secret {
    char *text; // ends in NUL; NULL while it has no room
    size_t len;
    size_t cap; // most bytes it may hold, without the NUL
    bool over;
} Secret;

void secret_init(Secret *secret, size_t cap);
void secret_put(Secret *secret, const void *bytes, size_t len);
void secret_puts(Secret *secret, const char *text);
void secret_set(Secret *secret, Str text); // instead of what it holds
Str secret_str(const Secret *secret);
void secret_take(Secret *to, Secret *from); // wipes what was there; `from` is {0} then
void secret_wipe(Secret *secret);           // empty again, keeps its room
void secret_done(Secret *secret);

/* From now on the whole process leaves no core dump, and no other process of the same user may read
 * its memory: for copies that a library makes of a secret. */
void secret_guard_process(void);

#endif
