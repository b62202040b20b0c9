/* What is the same trouble in two runs. */
#include "present.h"

#include "internal.h"

#include <inttypes.h>

const char *running_live_key(const RunningOperation *o, Arena *arena)
{
    return arena_printf(arena, "%" PRId64 "\n%s", o->id, running_state_name(o->state));
}

const char *running_noisy_key(const RunningNoisy *noisy, Arena *arena)
{
    return arena_printf(arena, "%s\n%s", noisy->errors.cause_id ? noisy->errors.cause_id : "",
                        show_path(noisy->folder, noisy->project, noisy->package, NULL, arena));
}

static Finding finding_of_live(const RunningOperation *o, Arena *arena)
{
    const char *path = show_path(o->folder, o->project, o->package, o->object_name, arena);

    if (!show_is_alarming(o))
        return (Finding){0};
    return (Finding){.key = running_live_key(o, arena),
                     .title = arena_printf(arena, "%" PRId64 " %s: %s", o->id,
                                           running_state_name(o->state), path)};
}

static Finding finding_of_noisy(const RunningNoisy *noisy, Arena *arena)
{
    const char *path = show_path(noisy->folder, noisy->project, noisy->package, NULL, arena);

    return (Finding){.key = running_noisy_key(noisy, arena),
                     .title = arena_printf(arena, "%s in %s, which succeeded",
                                           show_why(&noisy->errors, arena), path)};
}

const Finding *running_findings(const Running *running, Arena *arena, size_t *ret_count)
{
    size_t count = 0;
    Finding *list = arena_alloc_array(arena, running->count + running->noisy_count, sizeof(*list));

    for (size_t i = 0; i < running->count; i++)
        list[count++] = finding_of_live(&running->list[i], arena);
    for (size_t i = 0; i < running->noisy_count; i++)
        list[count++] = finding_of_noisy(&running->noisy[i], arena);
    *ret_count = count;
    return list;
}

static void keep_live(Running *running, const bool *wanted)
{
    Arena *arena = &running->store->arena;
    RunningOperation *kept = arena_alloc_array(arena, running->count, sizeof(*kept));
    size_t count = 0;

    for (size_t state = 0; state < RUNNING_STATES; state++)
        running->of_state[state] = 0;
    for (size_t i = 0; i < running->count; i++) {
        if (!wanted[i])
            continue;
        running->of_state[running->list[i].state]++;
        kept[count++] = running->list[i];
    }
    running->list = kept;
    running->count = count;
}

static void keep_noisy(Running *running, const bool *wanted)
{
    Arena *arena = &running->store->arena;
    RunningNoisy *kept = arena_alloc_array(arena, running->noisy_count, sizeof(*kept));
    size_t count = 0;

    for (size_t i = 0; i < running->noisy_count; i++)
        if (wanted[i])
            kept[count++] = running->noisy[i];
    running->noisy = kept;
    running->noisy_count = count;
}

void running_keep(Running *running, const bool *wanted)
{
    size_t live = running->count;

    keep_live(running, wanted);
    keep_noisy(running, wanted + live);
}
