/* What is the same slowness in two runs. */
#include "findings.h"

#include "ssisminer/base/sat.h"

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

const char *slow_finding_key(const Slow *slow, const SlowRun *run, Arena *arena)
{
    const Runs *runs = &slow->runs;
    uint32_t key = run->run->key;

    return arena_printf(arena, "%s\n%s/%s", run_path(runs, key, arena),
                        or_empty(run_key_text(runs, key, KEY_ENVIRONMENT_FOLDER)),
                        or_empty(run_key_text(runs, key, KEY_ENVIRONMENT)));
}

const Finding *slow_findings(const Slow *slow, Arena *arena)
{
    const SlowFigures *f = &slow->figures;
    Finding *list = arena_alloc_array(arena, f->count, sizeof(*list));

    for (size_t i = 0; i < f->count; i++)
        list[i] =
            (Finding){.key = slow_finding_key(slow, &f->list[i], arena),
                      .title = arena_printf(arena, "slow: %s",
                                            run_path(&slow->runs, f->list[i].run->key, arena))};
    return list;
}

static bool has_run(const SlowFigures *f, uint32_t key)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->list[i].run->key == key)
            return true;
    return false;
}

static void keep_trends(SlowFigures *f)
{
    size_t count = 0;

    for (size_t i = 0; i < f->trend_count; i++)
        if (has_run(f, f->trends[i].key))
            f->trends[count++] = f->trends[i];
    f->trend_count = count;
}

void slow_keep(Slow *slow, const bool *wanted)
{
    SlowFigures *f = &slow->figures;
    SlowRun *kept = arena_alloc_array(&slow->arena, f->count, sizeof(*kept));
    SlowDetail *details = arena_alloc_array(&slow->arena, slow->detail_count, sizeof(*details));
    size_t count = 0, detailed = 0;

    f->lost = 0;
    for (size_t i = 0; i < f->count; i++) {
        if (!wanted[i])
            continue;
        if (i < slow->detail_count)
            details[detailed++] = slow->details[i];
        kept[count++] = f->list[i];
        f->lost = sat_add(f->lost, f->list[i].length - f->list[i].baseline.median);
    }
    f->list = kept;
    f->count = count;
    slow->details = details;
    slow->detail_count = detailed;
    keep_trends(f);
}
