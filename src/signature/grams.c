/* Many literals in a folded text, by the rarest four bytes of each. */
#include "grams.h"

#include "ssisminer/base/err.h"
#include "ssisminer/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { GRAM = 4, MAP_BITS = 16 };

typedef struct Item {
    uint32_t gram;
    uint32_t next; // of the same slot, plus one; 0 ends the list
    uint32_t value;
    uint32_t offset; // of the gram in the text
    Str text;
} Item;

struct Grams {
    uint64_t map[(1 << MAP_BITS) / 64];
    unsigned slot_bits;
    uint32_t *slots; // first item of each, plus one
    Item *items;
    size_t count; // of those with a gram
    Item *shorts; // too short for one
    size_t short_count;
};

static uint32_t gram_at(const char *text)
{
    uint32_t gram;

    memcpy(&gram, text, sizeof(gram));
    return gram;
}

static uint32_t hash_of(uint32_t gram)
{
    return gram * UINT32_C(0x9E3779B1);
}

/* ---- building -------------------------------------------------------------------------------- */

/* Where the rarest gram of the text begins; how often each is there is counted by hash. */
static uint32_t rarest_in(Str text, const uint16_t *counts)
{
    uint32_t best = 0;

    for (uint32_t at = 1; at + GRAM <= text.len; at++)
        if (counts[hash_of(gram_at(text.at + at)) >> (32 - MAP_BITS)] <
            counts[hash_of(gram_at(text.at + best)) >> (32 - MAP_BITS)])
            best = at;
    return best;
}

static void count_grams(const GramLiteral *literals, size_t count, uint16_t *counts)
{
    for (size_t i = 0; i < count; i++)
        for (size_t at = 0; at + GRAM <= literals[i].text.len; at++)
            counts[hash_of(gram_at(literals[i].text.at + at)) >> (32 - MAP_BITS)]++;
}

static void add_item(Grams *grams, const GramLiteral *literal, const uint16_t *counts)
{
    Item item = {.value = literal->value, .text = literal->text};

    if (literal->text.len < GRAM) {
        grams->shorts[grams->short_count++] = item;
        return;
    }
    item.offset = rarest_in(literal->text, counts);
    item.gram = gram_at(literal->text.at + item.offset);
    uint32_t hash = hash_of(item.gram), bit = hash >> (32 - MAP_BITS);
    uint32_t *slot = &grams->slots[hash >> (32 - grams->slot_bits)];
    grams->map[bit / 64] |= UINT64_C(1) << (bit % 64);
    item.next = *slot;
    grams->items[grams->count++] = item;
    *slot = (uint32_t)grams->count;
}

Grams *grams_build(const GramLiteral *literals, size_t count)
{
    AUTO(mem_free_at) uint16_t *counts = mem_alloc((1 << MAP_BITS) * sizeof(*counts));
    Grams *grams = mem_alloc(sizeof(*grams));

    for (grams->slot_bits = 4; (size_t)1 << grams->slot_bits < 2 * count; grams->slot_bits++)
        ;
    grams->slots = mem_alloc(((size_t)1 << grams->slot_bits) * sizeof(*grams->slots));
    grams->items = mem_alloc((count + 1) * sizeof(*grams->items));
    grams->shorts = mem_alloc((count + 1) * sizeof(*grams->shorts));
    count_grams(literals, count, counts);
    for (size_t i = 0; i < count; i++)
        add_item(grams, &literals[i], counts);
    grams->shorts = mem_resize(grams->shorts, (grams->short_count + 1) * sizeof(*grams->shorts));
    return grams;
}

void grams_free(Grams *grams)
{
    if (!grams)
        return;
    free(grams->slots);
    free(grams->items);
    free(grams->shorts);
    free(grams);
}

size_t grams_bytes(const Grams *grams)
{
    return sizeof(*grams) + ((size_t)1 << grams->slot_bits) * sizeof(*grams->slots) +
           (grams->count + grams->short_count) * sizeof(Item);
}

/* ---- the pass -------------------------------------------------------------------------------- */

static bool stands_at(const Item *item, Str folded, size_t gram)
{
    return gram >= item->offset && folded.len - (gram - item->offset) >= item->text.len &&
           memcmp(folded.at + gram - item->offset, item->text.at, item->text.len) == 0;
}

static void look_at(const Grams *grams, Str folded, size_t at, GramsSeen seen, void *context)
{
    uint32_t gram = gram_at(folded.at + at);

    for (uint32_t i = grams->slots[hash_of(gram) >> (32 - grams->slot_bits)]; i > 0;
         i = grams->items[i - 1].next) {
        const Item *item = &grams->items[i - 1];
        if (item->gram == gram && stands_at(item, folded, at))
            seen(context, item->value);
    }
}

void grams_scan(const Grams *grams, Str folded, GramsSeen seen, void *context)
{
    for (size_t at = 0; at + GRAM <= folded.len; at++) {
        uint32_t bit = hash_of(gram_at(folded.at + at)) >> (32 - MAP_BITS);
        if (grams->map[bit / 64] >> (bit % 64) & 1)
            look_at(grams, folded, at, seen, context);
    }
    for (size_t i = 0; i < grams->short_count; i++)
        if (memmem(folded.at, folded.len, grams->shorts[i].text.at, grams->shorts[i].text.len))
            seen(context, grams->shorts[i].value);
}
