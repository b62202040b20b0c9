/* The history before it is written: what is planted, the schedules, the failures. */
#include "plan.h"

#include <stdlib.h>

/* ---- adding ---------------------------------------------------------------------------------- */

static Run *new_run(Plan *plan)
{
    Run *run = arena_alloc(plan->arena, sizeof *run);

    *run = (Run){.serial = plan->run_count,
                 .package = -1,
                 .project = -1,
                 .stopped_by = -1,
                 .child = -1,
                 .slow_task = -1,
                 .attempts = 1,
                 .status = 7};
    *ARENA_PUSH(plan->arena, plan->runs, plan->run_count) = run;
    return run;
}

/* Time from start_execution to the first sign of work. */
static int64_t pick_up(const Plan *plan, Rng *rng)
{
    return plan->world->flavor == FLAVOR_AZURE ? rng_between(rng, 1500, 14000) * TICKS_PER_MS
                                               : rng_between(rng, 300, 1900) * TICKS_PER_MS;
}

Run *plan_add(Plan *plan, int package, int64_t created, int64_t duration_ms)
{
    Run *run = new_run(plan);
    Rng rng = rng_of(plan->options->seed, 31, run->serial);
    const World *world = plan->world;

    run->type = 200;
    run->package = package;
    run->project = world->packages[package].project;
    run->caller = world->packages[package].caller;
    run->level = world->packages[package].level;
    run->created = created - created % 10 + (int64_t)rng_below(&rng, 10); // ticks of their own
    run->start = run->created + rng_between(&rng, 80, 900) * TICKS_PER_MS;
    run->work = run->start + pick_up(plan, &rng);
    run->end = run->work + duration_ms * TICKS_PER_MS;
    run->worker = (int)rng_below(&rng, (uint64_t)world->machine_count);
    run->in_heaps = world->flavor == FLAVOR_AZURE ||
                    (world->flavor == FLAVOR_SQL2019 && rng_below(&rng, 50) == 0);
    plan->executions++;
    return run;
}

Run *plan_add_operation(Plan *plan, int type, int project, int64_t created, int64_t duration_ms)
{
    Run *run = new_run(plan);

    run->type = type;
    run->project = project;
    run->caller = CALLER_ADMIN;
    run->created = created;
    run->start = created + 20 * TICKS_PER_MS;
    run->work = run->start;
    run->end = run->start + duration_ms * TICKS_PER_MS;
    run->is_planted = true;
    run->object_name = project >= 0 ? plan->world->projects[project].name : NULL;
    return run;
}

void run_leave(Run *run, int status, int64_t last_sign)
{
    run->status = status;
    run->end = 0;
    run->last_sign = last_sign;
    run->is_planted = true;
    if (status == 1)
        run->start = run->work = 0;
    if (status == 5)
        run->work = 0;
}

Group *plan_group(Plan *plan, const char *verdict, const char *confidence, const char *reason)
{
    Group *group = ARENA_PUSH(plan->arena, plan->groups, plan->group_count);

    *group = (Group){.verdict = verdict,
                     .confidence = confidence,
                     .reason = reason,
                     .is_duplicate = confidence != NULL};
    return group;
}

void group_add(Group *group, Run *run)
{
    if (group->member_count < GROUP_MAX)
        group->members[group->member_count++] = run;
    run->is_planted = true;
}

/* ---- plain schedules ------------------------------------------------------------------------- */

static int64_t shorter(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* A run that is not over yet at the end of the history is still running, or waits to run. */
static void settle(const Plan *plan, Run *run)
{
    if (run->created > plan->now - 2 * TICKS_PER_SECOND) {
        run->created = plan->now - 2 * TICKS_PER_SECOND;
        run->start = plan->now - TICKS_PER_SECOND;
        run->work = plan->now;
    }
    if (run->work >= plan->now - TICKS_PER_SECOND)
        run_leave(run, 5, run->start);
    else if (run->end >= plan->now)
        run_leave(run, 2, plan->now - TICKS_PER_SECOND);
}

/* `count` runs of one package at an even pace, so that its own cadence explains each. */
static void schedule(Plan *plan, int package, int64_t count)
{
    Rng rng = rng_of(plan->options->seed, 32, (uint64_t)package);
    Package *of = &plan->world->packages[package];
    int64_t interval = (plan->now - plan->from) / count;
    int64_t phase = (int64_t)rng_below(&rng, (uint64_t)interval);
    int64_t longest_ms = interval / TICKS_PER_MS / 2 - 20000;

    of->duration_ms = shorter(of->duration_ms, longest_ms > 2000 ? longest_ms : 2000);
    for (int64_t i = 0; i < count; i++) {
        int64_t jitter =
            (int64_t)rng_below(&rng, (uint64_t)shorter(4 * TICKS_PER_SECOND, interval / 20) + 1);
        int64_t duration = of->duration_ms * rng_between(&rng, 90, 112) / 100;
        Run *run = plan_add(plan, package, plan->from + phase + i * interval + jitter, duration);
        settle(plan, run);
    }
}

static int64_t midnight_of(int64_t ticks)
{
    return ticks - ticks % TICKS_PER_DAY;
}

/* Once a night at a fixed local time. */
static int64_t schedule_nightly(Plan *plan, int package)
{
    Rng rng = rng_of(plan->options->seed, 33, (uint64_t)package);
    int64_t at = rng_between(&rng, 60, 300) * 60 * TICKS_PER_SECOND;
    int64_t count = 0;

    plan->world->packages[package].duration_ms = rng_between(&rng, 4, 40) * 60000;
    for (int64_t day = midnight_of(plan->from); day < plan->now; day += TICKS_PER_DAY) {
        int64_t created = day + at - world_offset(plan->world, day + at) * 60 * TICKS_PER_SECOND +
                          rng_between(&rng, 0, 3000) * TICKS_PER_MS;
        int64_t duration =
            plan->world->packages[package].duration_ms * rng_between(&rng, 90, 112) / 100;
        if (created < plan->from || created + (duration + 60000) * TICKS_PER_MS >= plan->now)
            continue;
        plan_add(plan, package, created, duration);
        count++;
    }
    return count;
}

static void schedule_all(Plan *plan, int64_t count)
{
    int bulk = plan->world->bulk_count;
    int nightly = count >= 40 * plan->options->days ? bulk / 4 : 0;
    int64_t done = 0;

    for (int i = 0; i < nightly; i++)
        done += schedule_nightly(plan, i);
    int64_t left = count - done;
    for (int i = nightly; i < bulk && left > 0; i++) {
        /* Shares fall: the first packages run often, the last seldom. */
        int64_t share =
            i == bulk - 1 ? left : (left + bulk - i - 1) / (bulk - i) * (i % 3 == 0 ? 5 : 3) / 4;
        share = share < 1 ? 1 : share > left ? left : share;
        schedule(plan, i, share);
        left -= share;
    }
}

/* ---- the rest of the log --------------------------------------------------------------------- */

static void add_purges(Plan *plan)
{
    for (int64_t day = midnight_of(plan->from) + TICKS_PER_DAY; day < plan->now;
         day += TICKS_PER_DAY) {
        Run *run = plan_add_operation(plan, 2, -1, day, 900);
        run->object_name = "Retention window clean-up";
    }
}

static void add_deployments(Plan *plan)
{
    Rng rng = rng_of(plan->options->seed, 34, 0);

    for (int64_t i = 0; i < 3 + plan->options->days / 2; i++) {
        int64_t created =
            plan->from +
            (int64_t)rng_below(&rng, (uint64_t)(plan->now - plan->from - TICKS_PER_DAY / 12));
        int project = (int)rng_below(&rng, (uint64_t)plan->world->project_count);
        int type = rng_below(&rng, 3) == 0 ? 300 : 101;
        plan_add_operation(plan, type, project, created, rng_between(&rng, 900, 9000));
    }
}

/* Packages that the SSIS activity ran from a file share: operations without an executions row. */
static void add_noncatalog(Plan *plan)
{
    for (int i = 0; i < 4 && plan->world->flavor == FLAVOR_AZURE; i++) {
        int64_t created =
            plan->from + (plan->now - plan->from) / 5 * (i + 1) + 77 * TICKS_PER_SECOND;
        Run *run = plan_add_operation(plan, 200, -1, created, 240000);
        run->caller = CALLER_ADF;
        run->is_noncatalog = true;
        run->object_name = "Weekly Extract.dtsx";
    }
}

static int compare_created(const void *a, const void *b)
{
    const Run *left = *(Run *const *)a, *right = *(Run *const *)b;

    if (left->created != right->created)
        return left->created < right->created ? -1 : 1;
    return left->serial < right->serial ? -1 : left->serial > right->serial;
}

/* Identities rise with time; they jump by a thousand where the server was restarted. */
static void number_runs(Plan *plan)
{
    Rng rng = rng_of(plan->options->seed, 35, 0);
    int64_t id = 20000 + (int64_t)rng_below(&rng, 500);

    qsort(plan->runs, plan->run_count, sizeof *plan->runs, compare_created);
    for (size_t i = 0; i < plan->run_count; i++) {
        if (rng_below(&rng, 700) == 0)
            id = (id / 1000 + 1) * 1000;
        plan->runs[i]->id = ++id;
    }
}

void plan_make(Plan *plan)
{
    plan_plants(plan);
    if (plan->options->executions > plan->executions)
        schedule_all(plan, plan->options->executions - plan->executions);
    add_purges(plan);
    add_deployments(plan);
    add_noncatalog(plan);
    plan_failures(plan);
    number_runs(plan);
}
