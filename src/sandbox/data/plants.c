/*
 * Planted situations for the questions that no message announces: duplicates and their
 * look-alikes, zombies, a full runtime, slow runs. Each has packages of its own, so that a plant
 * is explained by itself and by nothing else.
 */
#include "plan.h"

#include <stdlib.h>

#define SECONDS(n) ((int64_t)(n)*TICKS_PER_SECOND)
#define MINUTES(n) SECONDS((n)*INT64_C(60))
#define HOURS(n)   MINUTES((n)*INT64_C(60))

enum {
    ORDERS = 2,
    SHIPMENTS = 4,
    PAYROLL = 6,
    WAREHOUSE = 7,
    MARTS = 8,
    MACHINES = 10,
    MASTER_DATA = 11
}; // projects

static int64_t span(const Plan *plan)
{
    return plan->now - plan->from;
}

/* An instant in the history, `permille` of the way from its start to now. */
static int64_t at(const Plan *plan, int permille)
{
    return plan->from + span(plan) / 1000 * permille;
}

static void fail_run(Plan *plan, Run *run, const char *cause)
{
    run->chain = chains_failures.chains;
    while (!str_same(run->chain->cause, cause))
        run->chain++;
    run->status = 4;
    run->is_planted = true;
    plan->failures++;
}

/* ---- duplicates ------------------------------------------------------------------------------ */

static const struct Pair { // two runs of one package
    int project;
    const char *stem; // NULL: of the package of the row before
    int tasks, usual_ms, permille, gap_seconds, first_ms, second_ms;
    const char *verdict, *confidence, *reason;
    const char *cause; // that one of them fails by; NULL: none
    int failing;
    bool is_by_hand, has_secret;
} pairs[] = {
    {ORDERS, "Load Web Orders", 3, 480000, 120, 41, 480000, 300000, "double-trigger", "high",
     .reason = "same caller, package and parameters within minutes"},
    {ORDERS, NULL, 3, 480000, 390, 95, 487000, 300000, "double-trigger", "high",
     .reason = "same caller, package and parameters within minutes"},
    {ORDERS, NULL, 3, 480000, 660, 188, 494000, 300000, "double-trigger", "high",
     .reason = "same caller, package and parameters within minutes", .cause = "sql-duplicate-key",
     .failing = 1},
    {MARTS, "Publish Daily Figures", 2, 20000, 455, 240, 20000, 21000, "double-trigger", "high",
     .reason = "second trigger after the first had succeeded, within minutes"},
    {PAYROLL, "Import Time Sheets", 3, 420000, 700, 180, 420000, 200000, "double-trigger", "medium",
     .reason = "another caller started it beside the schedule", .is_by_hand = true},
    {ORDERS, "Pull Partner Orders", 2, 600000, 340, 120, 600000, 400000, "double-trigger", "low",
     .reason = "a sensitive parameter was set: its values are unknown", .has_secret = true},
    {WAREHOUSE, "Rebuild History", 4, 10800000, 150, 4200, 10800000, 3600000, "overlap", "high",
     .reason = "ran at the same time"},
    {WAREHOUSE, NULL, 4, 10800000, 640, 1500, 3600000, 1800000, "overlap", "high",
     .reason = "ran at the same time"},
    {MARTS, "Send Sales Mail", 2, 90000, 820, 1860, 90000, 88000, "repeat-after-success", "medium",
     .reason = "run again after it had succeeded"},
    {ORDERS, "Load Returns", 3, 300000, 260, 360, 60000, 290000, "retry-after-failure", "high",
     .reason = "the first had failed", .cause = "sql-deadlock"},
    {ORDERS, NULL, 3, 300000, 760, 360, 60000, 290000, "retry-after-failure", "high",
     .reason = "the first had failed", .cause = "sql-deadlock"},
};
enum { PAIRS_FIRST = 4 }; // those before what was never started

static void plant_pairs(Plan *plan, size_t from, size_t end)
{
    int package = 0;

    for (const struct Pair *row = pairs + from; row < pairs + end; row++) {
        if (row->stem)
            package =
                world_add_package(plan->world, row->project, row->stem, row->tasks, row->usual_ms);
        Group *group = plan_group(plan, row->verdict, row->confidence, row->reason);
        int64_t created = at(plan, row->permille);
        group_add(group, plan_add(plan, package, created, row->first_ms));
        group_add(group,
                  plan_add(plan, package, created + SECONDS(row->gap_seconds), row->second_ms));
        if (row->cause)
            fail_run(plan, group->members[row->failing], row->cause);
        if (row->is_by_hand)
            group->members[0]->caller = CALLER_ANNA;
        plan->world->packages[package].has_secret |= row->has_secret;
    }
}

static void never_started(Plan *plan) // create_execution twice, start_execution once
{
    int package = world_add_package(plan->world, SHIPMENTS, "Export Shipping Labels", 2, 240000);
    Group *group =
        plan_group(plan, "never-started", "medium", "the first was created and never started");
    Run *first = plan_add(plan, package, at(plan, 610), 0);

    run_leave(first, 1, 0);
    group_add(group, first);
    group_add(group, plan_add(plan, package, first->created + SECONDS(33), 240000));
}

static void scale_out_retry(Plan *plan)
{
    int package = world_add_package(plan->world, MACHINES, "Load Sensor Blocks", 2, 900000);
    Group *group;

    if (plan->world->flavor == FLAVOR_SQL2012)
        return;
    group = plan_group(plan, "scale-out-retry", "high", "executed_count is above 1");
    group_add(group, plan_add(plan, package, at(plan, 530), 900000));
    group->members[0]->attempts = 3;
    group->members[0]->in_heaps = true;
}

static void child_overlap(Plan *plan)
{
    int child = world_add_package(plan->world, WAREHOUSE, "Load Dim Product", 2, 1200000);
    int parent = world_add_package(plan->world, WAREHOUSE, "Master Nightly", 3, 5400000);
    Package *master = &plan->world->packages[parent];
    Group *group =
        plan_group(plan, "child-overlap", "high", "ran as a child package at the same time");
    Run *run = plan_add(plan, parent, at(plan, 400), 5400000);

    master->tasks[1].kind = TASK_CHILD;
    master->tasks[1].name = "Execute Load Dim Product";
    master->tasks[1].path = "\\Package\\Execute Load Dim Product";
    run->child = child;
    group_add(group, run);
    group_add(group, plan_add(plan, child, run->work + MINUTES(40), 1200000));
}

/* ---- what only looks like a duplicate -------------------------------------------------------- */

static void five_minute_schedule(Plan *plan)
{
    int package = world_add_package(plan->world, MACHINES, "Poll Machine Queue", 2, 40000);
    Group *group = plan_group(plan, "schedule", NULL, "its own cadence: every five minutes");
    int64_t first = at(plan, 880);

    if (first > plan->now - HOURS(4))
        first = plan->now - HOURS(4);

    for (int i = 0; i < 36; i++)
        group_add(group, plan_add(plan, package, first + MINUTES(5) * i, 40000 + 500 * (i % 7)));
}

static void different_parameters(Plan *plan)
{
    static const char *const regions[] = {"North", "South", "West"};
    int package = world_add_package(plan->world, ORDERS, "Load Regional Orders", 3, 420000);
    Group *group =
        plan_group(plan, "different-parameters", NULL, "each works on a region of its own");

    plan->world->packages[package].region_parameter = "Region";
    for (int i = 0; i < 3; i++) {
        Run *run = plan_add(plan, package, at(plan, 570) + SECONDS(20) * i, 420000);
        run->region = regions[i];
        group_add(group, run);
    }
}

static void month_end_burst(Plan *plan)
{
    int package = world_add_package(plan->world, 0, "Close Company", 3, 700000);
    Group *group =
        plan_group(plan, "different-parameters", NULL, "month end: one run for each company");
    int64_t first = at(plan, 775);
    int year, month, day;

    time_civil_from_days(plan->now / TICKS_PER_DAY, &year, &month, &day);
    int64_t month_start = time_days_from_civil(year, month, 1) * TICKS_PER_DAY + HOURS(1);
    if (month_start > plan->from && month_start + HOURS(2) < plan->now)
        first = month_start;
    plan->world->packages[package].region_parameter = "Company";
    for (int i = 0; i < 12; i++) {
        Run *run = plan_add(plan, package, first + SECONDS(7) * i, 700000);
        run->region = arena_printf(plan->arena, "%d", 1000 + 100 * i);
        group_add(group, run);
    }
}

static void clock_change(Plan *plan) // half-hourly through the hour that the wall clock shows twice
{
    int64_t change = world_autumn_change(plan->now);
    int package;
    Group *group;

    if (change + HOURS(2) > plan->now)
        change = world_spring_change(plan->now);
    if (change - HOURS(2) < plan->from || change + HOURS(2) > plan->now)
        return;
    package = world_add_package(plan->world, MACHINES, "Collect Meter Readings", 2, 300000);
    group = plan_group(plan, "clock-change", NULL,
                       "an hour apart although the wall clock says the same");
    for (int i = -3; i <= 3; i++)
        group_add(group, plan_add(plan, package, change + MINUTES(30) * i + SECONDS(5), 300000));
}

/* ---- zombies, waits, slow runs --------------------------------------------------------------- */

static void plant_zombies(Plan *plan)
{
    static const struct Zombie {
        const char *stem;
        int status, permille;
    } zombies[] = {{"Archive Old Orders", 2, 100},
                   {"Copy Ledger", 5, 420},
                   {"Index Documents", 8, 660},
                   {"Send Reminders", 2, 790}};

    for (size_t i = 0; i < ARRAY_LEN(zombies); i++) {
        int package = world_add_package(plan->world, (int)i, zombies[i].stem, 3, 600000);
        Run *run = plan_add(plan, package, at(plan, zombies[i].permille), 600000);
        run_leave(run, zombies[i].status, run->work + MINUTES(4));
        if (zombies[i].status == 5)
            run->last_sign = run->start;
        if (zombies[i].status == 8)
            run->stopped_by = CALLER_BEN;
    }
}

static int compare_ticks(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return left < right ? -1 : left > right;
}

/* More runs than slots: each waits until a slot is free, first come first served. */
static void saturate(Plan *plan, int package, int64_t from, int count)
{
    int64_t free_at[NODES * PARALLEL_PER_NODE] = {0};
    Saturation *saturation = &plan->saturations[plan->saturation_count++];
    Rng rng = rng_of(plan->options->seed, 51, (uint64_t)from);

    *saturation = (Saturation){.from = from};
    for (int i = 0; i < count; i++) {
        // Within half of each other: what waits long is not to be slow as well.
        int64_t duration = rng_between(&rng, 10, 14) * 60000;
        Run *run = plan_add(plan, package, from + SECONDS(20) * i, duration);
        qsort(free_at, ARRAY_LEN(free_at), sizeof free_at[0], compare_ticks);
        if (run->work < free_at[0])
            run->work = free_at[0] + SECONDS(3);
        run->end = run->work + duration * TICKS_PER_MS;
        free_at[0] = run->end;
        saturation->to = run->work > saturation->to ? run->work : saturation->to;
        run->region = arena_printf(plan->arena, "Branch %02d", i + 1);
        run->is_planted = true;
        saturation->members[saturation->member_count++] = run;
    }
}

static void plant_waits(Plan *plan)
{
    int package;

    if (plan->world->flavor != FLAVOR_AZURE)
        return;
    package = world_add_package(plan->world, ORDERS, "Load Branch", 2, 900000);
    plan->world->packages[package].region_parameter = "Branch";
    saturate(plan, package, at(plan, 310), 24);
    saturate(plan, package, at(plan, 905), 20);
}

static void plant_slow(Plan *plan)
{
    int package = world_add_package(plan->world, MARTS, "Build Sales Cube", 4, 600000);
    Rng rng = rng_of(plan->options->seed, 52, 0);

    plan->world->packages[package].level = 3; // somebody looks into it

    for (int i = 0; i < 22; i++) {
        int64_t duration = 600000 * rng_between(&rng, 97, 103) / 100;
        Run *run =
            plan_add(plan, package, at(plan, 40 + 42 * i), i == 12 || i == 20 ? 2700000 : duration);
        run->slow_task = i == 12 || i == 20 ? 2 : -1;
        run->is_planted = true;
    }
}

static void plant_bare(Plan *plan) // one failed, one whose very times are unknown
{
    int package = world_add_package(plan->world, MASTER_DATA, "Unpack", 1, 5000);

    for (int i = 0; i < 2; i++) {
        Run *run = plan_add(plan, package, plan->now - HOURS(5 + i), 5000);
        run->is_bare = run->is_planted = true;
        if (i == 0)
            run->status = 4;
        else
            run->start = run->work = run->end = 0;
    }
}

static void plant_duplicates(Plan *plan)
{
    plant_pairs(plan, 0, PAIRS_FIRST);
    never_started(plan);
    plant_pairs(plan, PAIRS_FIRST, ARRAY_LEN(pairs));
    scale_out_retry(plan);
    child_overlap(plan);
    five_minute_schedule(plan);
    different_parameters(plan);
    month_end_burst(plan);
    clock_change(plan);
}

void plan_plants(Plan *plan)
{
    static const struct Plant {
        uint32_t bit;
        int64_t cost; // executions, at most
        void (*plant)(Plan *plan);
    } plants[] = {
        {PLANT_ZOMBIES, 4, plant_zombies}, {PLANT_DUPLICATES, 90, plant_duplicates},
        {PLANT_BARE, 2, plant_bare},       {PLANT_SLOW, 22, plant_slow},
        {PLANT_WAITS, 44, plant_waits},
    };

    for (size_t i = 0; i < ARRAY_LEN(plants); i++) {
        if (plan->executions + plants[i].cost > plan->options->executions / 2)
            plan->plants &= ~plants[i].bit;
        if (plan->plants & plants[i].bit)
            plants[i].plant(plan);
    }
}
