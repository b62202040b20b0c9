/* The heap for what fits neither an arena nor a Buf; without memory the program ends. */
#include "ssisminer/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <string.h>

noreturn void mem_fail(void)
{
    (void)fputs("ssisminer: out of memory\n", stderr);
    abort();
}

void *mem_alloc(size_t bytes)
{
    void *place = calloc(1, bytes ? bytes : 1);

    if (!place)
        mem_fail();
    return place;
}

void *mem_resize(void *place, size_t bytes)
{
    void *moved = realloc(place, bytes ? bytes : 1);

    if (!moved)
        mem_fail();
    return moved;
}

char *mem_text(const char *text)
{
    return text ? mem_copy(text, strlen(text)) : NULL;
}

char *mem_copy(const void *bytes, size_t len)
{
    char *copy = mem_alloc(len + 1);

    if (len > 0)
        memcpy(copy, bytes, len);
    return copy;
}

void mem_give_back(void)
{
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

void mem_free_at(void *place_of_pointer)
{
    void *place;

    memcpy(&place, place_of_pointer, sizeof(place));
    free(place);
}
