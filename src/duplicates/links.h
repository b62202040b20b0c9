/* Private to duplicates: links between runs, and the groups that they make. */
#ifndef DUPLICATES_LINKS_H
#define DUPLICATES_LINKS_H

#include "ssisminer/duplicates/analysis.h"

enum { LINKS_NONE = 0xFF };

typedef struct LinkNode { // of a union-find forest: what is known of a group stands at its root
    uint32_t parent;
    uint8_t verdict; // gravest of its links; LINKS_NONE: no link
    bool is_off_schedule;
    int64_t cadence;
} LinkNode;

typedef struct Links {
    LinkNode *nodes;
    size_t count;
} Links;

Links links_of(size_t count);
void links_done(Links *links);
void links_add(Links *links, size_t a, size_t b, DuplicateVerdict verdict, int64_t cadence);
/* An overlap in this run's group that the package's own schedule does not explain. */
void links_set_off_schedule(Links *links, size_t run);
size_t links_root(Links *links, size_t run);

typedef struct Groups {
    const DuplicateRun *runs;
    size_t count;
    const DuplicateRules *rules;
    Arena *arena;
    DuplicateGroup *list;
    size_t group_count, group_capacity;
} Groups;

void groups_add_linked(Groups *groups, Links *links);
void groups_add_scale_out(Groups *groups);
void groups_sort(Groups *groups);

#endif
