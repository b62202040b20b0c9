/* Whether what a filter leaves out is there at all: a name misspelt behind a '!' protects
 * nothing. */
#include "names.h"

#include "plan.h"

/* ---- what is left out ------------------------------------------------------------------------ */

typedef struct GlobList {
    const char *option;
    const char *const *globs;
    size_t count;
} GlobList;

/* A filter of one glob, in the same list as it came from. */
static ExecutionFilter filter_of(size_t list, const char *const *glob)
{
    ExecutionFilter filter = {0};

    if (list == 0)
        filter.folders = glob, filter.folder_count = 1;
    else if (list == 1)
        filter.projects = glob, filter.project_count = 1;
    else
        filter.packages = glob, filter.package_count = 1;
    return filter;
}

static void add(Exclusions *exclusions, const char *option, size_t list, const char *glob)
{
    const char **place = arena_alloc(exclusions->arena, sizeof(*place));

    *place = glob + 1;
    exclusions->list[exclusions->count++] = (Exclusion){.option = option,
                                                        .glob = *place,
                                                        .only = filter_of(list, place),
                                                        .nearest = {.word = *place}};
}

Exclusions exclusions_of(const ExecutionFilter *filter, Arena *arena)
{
    const GlobList lists[] = {{"folder", filter->folders, filter->folder_count},
                              {"project", filter->projects, filter->project_count},
                              {"package", filter->packages, filter->package_count}};
    Exclusions exclusions = {.arena = arena};
    size_t most = filter->folder_count + filter->project_count + filter->package_count;

    exclusions.list = arena_alloc_array(arena, most + 1, sizeof(*exclusions.list));
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        for (size_t k = 0; k < lists[i].count; k++)
            if (lists[i].globs[k][0] == '!')
                add(&exclusions, lists[i].option, i, lists[i].globs[k]);
    return exclusions;
}

/* ---- what there is --------------------------------------------------------------------------- */

static const char *name_for(const Exclusion *exclusion, const Execution *names)
{
    return exclusion->only.folder_count    ? names->folder
           : exclusion->only.project_count ? names->project
                                           : names->package;
}

/* The name lives as long as its row; the best so far is kept. */
static void offer(Nearest *nearest, const char *name, Arena *arena)
{
    const char *before = nearest->best;

    nearest_offer(nearest, name);
    if (nearest->best != before)
        nearest->best = arena_text(arena, name);
}

void exclusions_meet(Exclusions *exclusions, const Execution *names)
{
    for (size_t i = 0; i < exclusions->count; i++) {
        Exclusion *exclusion = &exclusions->list[i];
        const char *name = name_for(exclusion, names);
        if (exclusion->is_met || !name)
            continue;
        exclusion->is_met = execution_passes(&exclusion->only, names);
        offer(&exclusion->nearest, name, exclusions->arena);
    }
}

Rc exclusions_check(const Exclusions *exclusions, Err *err)
{
    for (size_t i = 0; i < exclusions->count; i++) {
        const Exclusion *exclusion = &exclusions->list[i];
        if (exclusion->is_met)
            continue;
        (void)FAIL(err, RC_USAGE,
                   "--%s '!%s' leaves out nothing: neither the log nor the catalog has such a "
                   "name",
                   exclusion->option, exclusion->glob);
        const char *meant = nearest_answer(&exclusion->nearest);
        return meant
                   ? err_hint(err, "did you mean !%s?", meant)
                   : err_hint(err, "nothing was deleted; leave it out if there is nothing to keep");
    }
    return RC_OK;
}

/* ---- asking the server ----------------------------------------------------------------------- */

static const char *copy_of(const TdsRows *rows, int column, Arena *arena)
{
    Str text = tds_text(rows, column);

    return text.at ? arena_copy(arena, text.at, text.len) : NULL;
}

Rc plan_names(CleanupPlan *plan, Arena *arena, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    AUTO(arena_done) Arena row = {0};
    Exclusions exclusions = exclusions_of(&plan->wish->filter, arena);
    bool has_row = false;

    if (exclusions.count == 0 || !plan->may_select)
        return RC_OK;
    TRY(tds_query(plan->db->tds, SQL_CLEANUP_NAMES, NULL, 0, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return exclusions_check(&exclusions, err);
        arena_reset(&row);
        const Execution names = {
            .folder = copy_of(rows, SQL_CLEANUP_NAMES__FOLDER_NAME, &row),
            .project = copy_of(rows, SQL_CLEANUP_NAMES__PROJECT_NAME, &row),
            .package = copy_of(rows, SQL_CLEANUP_NAMES__PACKAGE_NAME, &row),
        };
        exclusions_meet(&exclusions, &names);
    }
}
