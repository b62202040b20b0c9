/* A forest of links. */
#include "links.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>

void links_done(Links *links)
{
    free(links->nodes);
}

static void links_open(Links *links, size_t count)
{
    if (links->nodes)
        return;
    links->nodes = mem_alloc((count + 1) * sizeof(LinkNode));
    links->count = count;
    for (size_t i = 0; i < count; i++)
        links->nodes[i].parent = (uint32_t)i;
}

static size_t root_of(const Links *links, size_t at)
{
    LinkNode *nodes = links->nodes;

    while (nodes[at].parent != at) {
        nodes[at].parent = nodes[nodes[at].parent].parent;
        at = nodes[at].parent;
    }
    return at;
}

LinkNode *links_root(Links *links, size_t at)
{
    return links->nodes ? &links->nodes[root_of(links, at)] : NULL;
}

/* The earlier one is the root, always: groups come out in the order of the runs. */
size_t links_first(const Links *links, size_t at)
{
    return links->nodes ? root_of(links, at) : at;
}

bool links_join(const Links *links, size_t a, size_t b)
{
    return links->nodes && root_of(links, a) == root_of(links, b);
}

void links_add(Links *links, size_t count, size_t a, size_t b)
{
    links_open(links, count);
    size_t to = root_of(links, a), from = root_of(links, b);

    if (to > from) {
        size_t swap = to;
        to = from;
        from = swap;
    }
    LinkNode *root = &links->nodes[to], *other = &links->nodes[from];
    other->parent = (uint32_t)to;
    root->is_linked = true;
    root->reasons |= other->reasons;
    root->is_off_schedule = root->is_off_schedule || other->is_off_schedule;
    if (other->cadence > root->cadence)
        root->cadence = other->cadence;
}
