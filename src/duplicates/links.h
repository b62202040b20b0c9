/* Private to duplicates: links between the runs of one key, and the groups that they make. */
#ifndef DUPLICATES_LINKS_H
#define DUPLICATES_LINKS_H

#include "ssisminer/duplicates/analysis.h"

typedef struct LinkNode { // of a union-find forest: what is known of a group stands at its root
    uint32_t parent;
    unsigned reasons;
    bool is_linked, is_off_schedule;
    int64_t cadence;
} LinkNode;

typedef struct Links { // {0} has no link; room is made by the first one
    LinkNode *nodes;
    size_t count;
} Links;

void links_done(Links *links);
/* Of `count` things, a and b. */
void links_add(Links *links, size_t count, size_t a, size_t b);
LinkNode *links_root(Links *links, size_t at); // NULL while there is no link at all
/* The first of those it is linked with. */
size_t links_first(const Links *links, size_t at);
bool links_join(const Links *links, size_t a, size_t b);

typedef struct Groups {
    const DuplicateRun *runs; // all of them
    size_t count;
    const DuplicateRules *rules;
    Arena *arena;
    DuplicateGroup *list;
    size_t group_count, group_capacity;
} Groups;

typedef struct KeyTimes { // creations of all runs of one key, sorted
    const int64_t *created;
    size_t count;
} KeyTimes;

/* `things` are the runs that the links are between, by creation. */
void groups_add_linked(Groups *groups, Links *links, DuplicateVerdict verdict,
                       const DuplicateRun *const *things, const KeyTimes *times);
void groups_add_scale_out(Groups *groups);
void groups_sort(Groups *groups);
void group_measure(const Groups *groups, DuplicateGroup *group); // gap, pause, overlap, wasted

/* children.c: packages that ran as a child while another execution ran them. */
void groups_add_children(Groups *groups, DuplicateChild *children, size_t child_count);

/* origin.c: who triggered the extra start, from what is known of the group. */
void group_find_origin(const Groups *groups, DuplicateGroup *group, const KeyTimes *times);

static inline const DuplicateContext *context_of(const DuplicateRules *rules,
                                                 const DuplicateRun *run)
{
    return &rules->contexts[run->context];
}

#endif
