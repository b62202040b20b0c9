/* What is the same group in two runs. */
#include "store.h"

#include "ssisminer/base/sat.h"

const DuplicateRun *duplicates_namesake(const Duplicates *duplicates, const DuplicateGroup *group)
{
    return &duplicates->runs[group->members[group->count - 1]];
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

const char *duplicates_finding_key(const Duplicates *duplicates, const DuplicateGroup *group,
                                   Arena *arena)
{
    DuplicateKey key = duplicates_key(duplicates, duplicates_namesake(duplicates, group)->key);

    return arena_printf(arena, "%s\n%s/%s/%s\n%s/%s", duplicates_verdict_name(group->verdict),
                        or_empty(key.folder), or_empty(key.project), or_empty(key.package),
                        or_empty(key.environment_folder), or_empty(key.environment));
}

const Finding *duplicates_findings(const Duplicates *duplicates, Arena *arena)
{
    Finding *list = arena_alloc_array(arena, duplicates->count, sizeof(*list));

    for (size_t i = 0; i < duplicates->count; i++) {
        const DuplicateGroup *group = &duplicates->list[i].group;
        DuplicateKey key = duplicates_key(duplicates, duplicates_namesake(duplicates, group)->key);
        list[i] = (Finding){
            .key = duplicates_finding_key(duplicates, group, arena),
            .title =
                arena_printf(arena, "%s of %s/%s/%s", duplicates_verdict_name(group->verdict),
                             or_empty(key.folder), or_empty(key.project), or_empty(key.package)),
        };
    }
    return list;
}

void duplicates_keep(Duplicates *duplicates, const bool *wanted)
{
    Arena *arena = &duplicates->store->arena;
    DuplicateFinding *kept = arena_alloc_array(arena, duplicates->count, sizeof(*kept));
    size_t count = 0;

    duplicates->wasted = 0;
    for (size_t i = 0; i < duplicates->count; i++) {
        if (!wanted[i])
            continue;
        kept[count++] = duplicates->list[i];
        duplicates->wasted = sat_add(duplicates->wasted, duplicates->list[i].group.wasted);
    }
    duplicates->list = kept;
    duplicates->count = count;
    store_add_totals(duplicates, duplicates->store);
}
