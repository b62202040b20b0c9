/* What is the same failure in two runs. */
#include "present.h"

#include <string.h>

static const char *place_of(const Failure *failure, Arena *arena)
{
    const Execution *e = &failure->execution;
    const Operation *o = &failure->operation;

    if (!failure->is_execution)
        return arena_printf(arena, "%s %s", operation_type_name(o->type),
                            o->object_name ? o->object_name : "");
    return arena_printf(arena, "%s/%s/%s", e->folder ? e->folder : "", e->project ? e->project : "",
                        e->package ? e->package : "");
}

const Finding *failures_findings(const Failures *failures, Arena *arena)
{
    Finding *list = arena_alloc_array(arena, failures->count, sizeof(*list));

    for (size_t i = 0; i < failures->count; i++) {
        const Failure *failure = &failures->list[i];
        const char *place = place_of(failure, arena);
        list[i] = (Finding){
            .key = arena_printf(arena, "%s\n%s", failure->cause->id, place),
            .title = arena_printf(arena, "%s in %s", failure->cause->title, place),
        };
    }
    return list;
}

/* A finding begins with the id of its cause. */
static bool is_of(const FindingNews *finding, const FailureCause *cause)
{
    size_t len = strlen(cause->id);

    return strncmp(finding->key, cause->id, len) == 0 && finding->key[len] == '\n';
}

const CauseNews *failures_cause_news(const Failures *failures, const ReportNews *news, Arena *arena,
                                     size_t *ret_new)
{
    CauseNews *causes = arena_alloc_array(arena, failures->cause_count, sizeof(*causes));

    *ret_new = 0;
    for (size_t i = 0; news && i < failures->cause_count; i++) {
        for (size_t k = 0; k < news->count; k++) {
            const FindingNews *finding = &news->list[k];
            if (!is_of(finding, &failures->causes[i]))
                continue;
            causes[i].packages++;
            causes[i].new_packages += finding->is_new;
            if (!causes[i].since.is_set || finding->since.ticks < causes[i].since.ticks)
                causes[i].since = finding->since;
        }
        *ret_new += causes[i].new_packages > 0;
    }
    return causes;
}
