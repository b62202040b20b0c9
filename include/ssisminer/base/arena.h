/*
 * An arena: memory that is given back all at once.
 *
 * The program has two kinds: one for the run (configuration, signatures, what a
 * report keeps) and one per batch of rows, reset after each.
 *
 * Ownership: what an arena hands out lives until its next reset or done.
 * Errors:    none; out of memory ends the program. Callers bound what they keep
 *            (arena_used tells) and fail in the ordinary way when it grows too far.
 */
#ifndef SSISMINER_BASE_ARENA_H
#define SSISMINER_BASE_ARENA_H

#include "ssisminer/base/err.h"

#include <stddef.h>

typedef struct ArenaBlock ArenaBlock;

typedef struct Arena { // {0} is a ready, empty arena
    ArenaBlock *newest;
    size_t used; // bytes handed out since the last reset
} Arena;

void *arena_alloc(Arena *arena, size_t bytes); // zeroed, aligned for any type
void *arena_alloc_array(Arena *arena, size_t count, size_t size);
char *arena_copy(Arena *arena, const char *text, size_t len); // adds the final NUL
char *arena_text(Arena *arena, const char *text);             // NULL gives NULL
char *arena_printf(Arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* Grows an array to hold at least `need` elements by doubling; returns the array,
 * moved if it had to be. The old place stays until the arena is reset. */
void *arena_grow(Arena *arena, void *array, size_t count, size_t need, size_t *capacity,
                 size_t size);

/* One more place at the end of an array, zeroed, which grows at powers of two and so needs no
 * capacity: *ARENA_PUSH(arena, list, count) = element. */
#define ARENA_PUSH(arena, array, count)                                                            \
    ((array) = arena_more((arena), (array), (count), sizeof *(array)), &(array)[(count)++])
void *arena_more(Arena *arena, void *array, size_t count, size_t size);

size_t arena_used(const Arena *arena);
void arena_reset(Arena *arena); // keeps one block for reuse
void arena_done(Arena *arena);  // accepts an empty one

#endif
