/*
 * Texts and package keys by number, so that a record of an execution stays small: a log has a
 * million executions and a few hundred names.
 *
 * Ownership: a Names owns its texts; a number is good for as long as it lives.
 */
#ifndef SSISMINER_SSISDB_PACKAGE_NAMES_H
#define SSISMINER_SSISDB_PACKAGE_NAMES_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/str.h"

#include <stdint.h>

/* Both kinds of thing are rows of numbers: a text is one of its kind by its folded spelling, a
 * key by the numbers of its five texts. */
enum { KEY_FOLDER, KEY_PROJECT, KEY_PACKAGE, KEY_ENVIRONMENT_FOLDER, KEY_ENVIRONMENT, KEY_TEXTS };

typedef struct NameKey {
    uint32_t texts[KEY_TEXTS];
} NameKey;

typedef struct Slots { // open addressing; 0 is empty
    uint32_t *at;
    size_t size, used;
} Slots;

typedef struct Names { // {0} is ready
    Arena arena;
    const char **texts; // by number; 0 stands for none
    uint64_t *hashes;
    size_t count, capacity, hash_capacity;
    NameKey *keys; // by number, from 1
    size_t key_count, key_capacity;
    Slots text_slots, key_slots;
} Names;

void names_done(Names *names);
uint32_t names_text(Names *names, Str text); // 0 for a NULL one; case does not matter
uint32_t names_key(Names *names, const NameKey *key);

#endif
