/* What a package usually takes, from its successful runs. */
#include "internal.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>

typedef struct Usual {
    char *key;
    int64_t *lengths; // a ring once it is full
    size_t count, capacity, next;
} Usual;

struct Usuals { // few: what is live
    Usual *list;
    size_t count, capacity, last_hit;
};

Usuals *usuals_new(void)
{
    return mem_alloc(sizeof(Usuals));
}

void usuals_free(Usuals *usuals)
{
    if (!usuals)
        return;
    for (size_t i = 0; i < usuals->count; i++) {
        free(usuals->list[i].key);
        free(usuals->list[i].lengths);
    }
    free(usuals->list);
    free(usuals);
}

static Usual *find(Usuals *usuals, const char *key)
{
    if (usuals->last_hit < usuals->count && str_same_fold(usuals->list[usuals->last_hit].key, key))
        return &usuals->list[usuals->last_hit];
    for (size_t i = 0; i < usuals->count; i++)
        if (str_same_fold(usuals->list[i].key, key)) {
            usuals->last_hit = i;
            return &usuals->list[i];
        }
    return NULL;
}

static Usual *add_key(Usuals *usuals, const char *key)
{
    if (usuals->count == usuals->capacity) {
        usuals->capacity = usuals->capacity ? 2 * usuals->capacity : 16;
        usuals->list = mem_resize(usuals->list, usuals->capacity * sizeof(*usuals->list));
    }
    usuals->list[usuals->count] = (Usual){.key = mem_text(key)};
    usuals->last_hit = usuals->count;
    return &usuals->list[usuals->count++];
}

void usuals_add(Usuals *usuals, const char *key, int64_t length)
{
    Usual *usual = find(usuals, key);

    if (!usual)
        usual = add_key(usuals, key);
    if (usual->count == RUNNING_USUAL_RUNS) {
        usual->lengths[usual->next] = length;
        usual->next = (usual->next + 1) % RUNNING_USUAL_RUNS;
        return;
    }
    if (usual->count == usual->capacity) {
        usual->capacity = usual->capacity ? 2 * usual->capacity : 32;
        usual->lengths = mem_resize(usual->lengths, usual->capacity * sizeof(*usual->lengths));
    }
    usual->lengths[usual->count++] = length;
}

static int by_length(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

RunningUsual usuals_of(Usuals *usuals, const char *key, size_t least)
{
    Usual *usual = find(usuals, key);
    size_t n = usual ? usual->count : 0;

    if (n == 0 || n < least)
        return (RunningUsual){0};
    qsort(usual->lengths, n, sizeof(*usual->lengths), by_length);
    usual->next = 0;
    return (RunningUsual){
        .median = usual->lengths[(n - 1) / 2],
        .p95 = usual->lengths[(n * 95 + 99) / 100 - 1], // the nearest rank
        .count = n,
    };
}
