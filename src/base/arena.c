/* Arenas: memory that is handed out piece by piece and given back at once. */
#include "ssisminer/base/arena.h"

#include "ssisminer/base/mem.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 * 1024 };

struct ArenaBlock {
    ArenaBlock *older;
    size_t size;
    size_t used;
    size_t dirty; // bytes that are no longer zero, as mem_alloc gave them
    alignas(max_align_t) unsigned char bytes[];
};

static ArenaBlock *add_block(Arena *arena, size_t bytes)
{
    size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
    ArenaBlock *block = mem_alloc(sizeof(*block) + size);

    block->older = arena->newest;
    block->size = size;
    block->used = 0;
    arena->newest = block;
    return block;
}

void *arena_alloc(Arena *arena, size_t bytes)
{
    size_t align = alignof(max_align_t);
    if (bytes > SIZE_MAX / 2)
        mem_fail();
    size_t rounded = (bytes + align - 1) / align * align;
    ArenaBlock *block = arena->newest;

    if (!block || block->size - block->used < rounded)
        block = add_block(arena, rounded);
    unsigned char *place = block->bytes + block->used;
    if (block->used < block->dirty)
        (void)memset(place, 0,
                     bytes < block->dirty - block->used ? bytes : block->dirty - block->used);
    block->used += rounded;
    block->dirty = block->used > block->dirty ? block->used : block->dirty;
    arena->used += rounded;
    return place;
}

void *arena_alloc_array(Arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        mem_fail();
    return arena_alloc(arena, count * size);
}

char *arena_copy(Arena *arena, const char *text, size_t len)
{
    char *copy = arena_alloc(arena, len + 1);

    if (len > 0)
        memcpy(copy, text, len);
    return copy;
}

char *arena_text(Arena *arena, const char *text)
{
    return text ? arena_copy(arena, text, strlen(text)) : NULL;
}

char *arena_printf(Arena *arena, const char *format, ...)
{
    char small[256];
    va_list args;

    va_start(args, format);
    int len = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    if (len < 0)
        mem_fail();
    if ((size_t)len < sizeof(small))
        return arena_copy(arena, small, (size_t)len);

    char *text = arena_alloc(arena, (size_t)len + 1);
    va_start(args, format);
    (void)vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    return text;
}

void *arena_grow(Arena *arena, void *array, size_t count, size_t need, size_t *capacity,
                 size_t size)
{
    if (need <= *capacity)
        return array;
    size_t wanted = *capacity ? *capacity * 2 : 16;
    while (wanted < need)
        wanted *= 2;
    void *moved = arena_alloc_array(arena, wanted, size);
    if (count > 0)
        memcpy(moved, array, count * size);
    *capacity = wanted;
    return moved;
}

void *arena_more(Arena *arena, void *array, size_t count, size_t size)
{
    if (count & (count - 1))
        return array;
    void *moved = arena_alloc_array(arena, count ? count * 2 : 1, size);
    if (count > 0)
        memcpy(moved, array, count * size);
    return moved;
}

size_t arena_used(const Arena *arena)
{
    return arena->used;
}

void arena_reset(Arena *arena)
{
    ArenaBlock *kept = arena->newest;

    if (!kept)
        return;
    for (ArenaBlock *block = kept->older; block;) {
        ArenaBlock *older = block->older;
        free(block);
        block = older;
    }
    kept->older = NULL;
    kept->used = 0;
    arena->used = 0;
}

void arena_done(Arena *arena)
{
    arena_reset(arena);
    free(arena->newest);
    arena->newest = NULL;
}
