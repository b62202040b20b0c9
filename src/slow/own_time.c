/* How long each executable of an execution ran itself, without its children. */
#include "own_time.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- paths ----------------------------------------------------------------------------------- */

/* "…\Loop[3]" is "…\Loop". */
static Str without_round(Str path)
{
    size_t at = path.len;

    if (at == 0 || path.at[at - 1] != ']')
        return path;
    for (at--; at > 0 && path.at[at - 1] >= '0' && path.at[at - 1] <= '9'; at--)
        ;
    if (at == 0 || path.at[at - 1] != '[' || at == path.len - 1)
        return path;
    return (Str){path.at, at - 1};
}

static Str parent_of(Str path)
{
    size_t at = path.len;

    while (at > 0 && path.at[at - 1] != '\\')
        at--;
    return without_round((Str){path.at, at > 0 ? at - 1 : 0});
}

Str own_time_path(Str path, Arena *arena)
{
    char *copy = arena_copy(arena, path.at, path.len);
    size_t len = 0;

    for (size_t i = 0; i < path.len;) {
        size_t next = i + 1;
        while (next < path.len && path.at[next] != '\\')
            next++;
        Str part = without_round((Str){path.at + i, next - i});
        memcpy(copy + len, part.at, part.len);
        len += part.len;
        i = next;
    }
    copy[len] = '\0';
    return (Str){copy, len};
}

/* ---- times ----------------------------------------------------------------------------------- */

static int compare_text(Str a, Str b)
{
    int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);

    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_parent(const void *a, const void *b)
{
    const Timed *x = a, *y = b;
    int order = compare_text(x->parent, y->parent);

    return order ? order : (x->start > y->start) - (x->start < y->start);
}

/* The first one below `path`. */
static size_t find_children(const Timed *list, size_t count, Str path)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_text(list[middle].parent, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int64_t covered(const Timed *list, size_t count, const Timed *parent)
{
    int64_t sum = 0, at = parent->start;

    for (size_t i = find_children(list, count, parent->path);
         i < count && compare_text(list[i].parent, parent->path) == 0; i++) {
        int64_t from = list[i].start > at ? list[i].start : at;
        int64_t to = list[i].end < parent->end ? list[i].end : parent->end;
        if (to <= from)
            continue;
        sum += to - from;
        at = to;
    }
    return sum;
}

void own_time(Timed *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        list[i].parent = parent_of(list[i].path);
    if (count > 0)
        qsort(list, count, sizeof(*list), by_parent);
    for (size_t i = 0; i < count; i++)
        list[i].own = list[i].end - list[i].start - covered(list, count, &list[i]);
}
