/* Texts and package keys by number, so that a million executions stay small. */
#include "ssisminer/ssisdb/package_names.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_FIRST = 256 };

void names_done(Names *names)
{
    free(names->text_slots.at);
    free(names->key_slots.at);
    arena_done(&names->arena);
}

/* ---- slots ----------------------------------------------------------------------------------- */

typedef uint64_t HashOf(const Names *names, uint32_t number);

static void slots_put(Slots *slots, uint64_t hash, uint32_t number)
{
    size_t at = (size_t)hash & (slots->size - 1);

    while (slots->at[at] != 0)
        at = (at + 1) & (slots->size - 1);
    slots->at[at] = number;
}

/* At most half full, so that a search is short and ends. */
static void slots_make_room(Slots *slots, const Names *names, HashOf *hash_of)
{
    Slots old = *slots;

    if (old.size > 2 * old.used)
        return;
    slots->size = old.size ? 2 * old.size : SLOTS_FIRST;
    slots->at = mem_alloc(slots->size * sizeof(*slots->at));
    for (size_t i = 0; i < old.size; i++)
        if (old.at[i] != 0)
            slots_put(slots, hash_of(names, old.at[i]), old.at[i]);
    free(old.at);
}

/* ---- texts ----------------------------------------------------------------------------------- */

static uint64_t hash_folded(Str text)
{
    uint64_t hash = STR_HASH_SEED;

    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)str_fold(text.at[i])) * UINT64_C(1099511628211);
    return hash ^ hash >> 32;
}

static uint64_t hash_of_text(const Names *names, uint32_t number)
{
    return names->hashes[number];
}

static uint32_t add_text(Names *names, Str text, uint64_t hash)
{
    size_t have = names->count ? names->count + 1 : 0, need = names->count + 2; // place 0 is unused

    names->texts = arena_grow(&names->arena, names->texts, have, need, &names->capacity,
                              sizeof(*names->texts));
    names->hashes = arena_grow(&names->arena, names->hashes, have, need, &names->hash_capacity,
                               sizeof(*names->hashes));
    uint32_t number = (uint32_t)++names->count;
    names->texts[number] = arena_copy(&names->arena, text.at, text.len);
    names->hashes[number] = hash;
    return number;
}

uint32_t names_text(Names *names, Str text)
{
    Slots *slots = &names->text_slots;
    uint64_t hash = hash_folded(text);

    if (!text.at)
        return 0;
    slots_make_room(slots, names, hash_of_text);
    for (size_t at = (size_t)hash & (slots->size - 1);; at = (at + 1) & (slots->size - 1)) {
        uint32_t number = slots->at[at];
        if (number != 0 && names->hashes[number] == hash &&
            str_equal_fold(str_of(names->texts[number]), text))
            return number;
        if (number != 0)
            continue;
        slots->used++;
        return slots->at[at] = add_text(names, text, hash);
    }
}

/* ---- keys ------------------------------------------------------------------------------------ */

static uint64_t hash_key(const NameKey *key)
{
    uint64_t hash = str_hash(STR_HASH_SEED, key->texts, sizeof(key->texts));

    return hash ^ hash >> 32;
}

static uint64_t hash_of_key(const Names *names, uint32_t number)
{
    return hash_key(&names->keys[number]);
}

uint32_t names_key(Names *names, const NameKey *key)
{
    Slots *slots = &names->key_slots;

    slots_make_room(slots, names, hash_of_key);
    for (size_t at = (size_t)hash_key(key) & (slots->size - 1);;
         at = (at + 1) & (slots->size - 1)) {
        uint32_t number = slots->at[at];
        if (number != 0 && memcmp(&names->keys[number], key, sizeof(*key)) == 0)
            return number;
        if (number != 0)
            continue;
        names->keys =
            arena_grow(&names->arena, names->keys, names->key_count ? names->key_count + 1 : 0,
                       names->key_count + 2, &names->key_capacity, sizeof(*names->keys));
        names->keys[++names->key_count] = *key;
        slots->used++;
        return slots->at[at] = (uint32_t)names->key_count;
    }
}
