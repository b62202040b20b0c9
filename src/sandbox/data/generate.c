/* Fills a sandbox with a believable history, and knows the truth about it. */
#include "generate.h"

#include "write.h"

#include <string.h>

static const struct PlantName {
    const char *name;
    uint32_t plant;
} plant_names[] = {
    {"duplicates", PLANT_DUPLICATES},
    {"zombies", PLANT_ZOMBIES},
    {"waits", PLANT_WAITS},
    {"slow", PLANT_SLOW},
    {"operations", PLANT_OPERATIONS},
    {"retention", PLANT_RETENTION},
    {"purge-failed", PLANT_PURGE_FAILED},
    {"orphan-keys", PLANT_ORPHAN_KEYS},
    {"worker-offline", PLANT_WORKER_OFFLINE},
    {"versions", PLANT_VERSIONS},
    {"cleanup-disabled", PLANT_CLEANUP_DISABLED},
    {"verbose", PLANT_VERBOSE},
    {"bare", PLANT_BARE},
};

uint32_t generate_plant(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(plant_names); i++)
        if (strcmp(plant_names[i].name, name) == 0)
            return plant_names[i].plant;
    return 0;
}

static uint32_t wanted_plants(const GenerateOptions *options)
{
    uint32_t usual = ~(PLANT_CLEANUP_DISABLED | PLANT_VERBOSE) & UINT32_C(0x1FFF);

    return (usual | options->extra_plants) & ~options->omit_plants;
}

static int bulk_packages(int64_t executions)
{
    int64_t count = executions / 40;

    return (int)(count < 8 ? 8 : count > 160 ? 160 : count);
}

static Rc check(const GenerateOptions *options, Err *err)
{
    enum { DAYS_MAX = 3650, EXECUTIONS_MAX = 10000000 };

    if (options->days < 1 || options->days > DAYS_MAX)
        return FAIL(err, RC_USAGE, "a history of '%d' days cannot be made: 1 to %d", options->days,
                    DAYS_MAX);
    if (options->executions < 0 || options->executions > EXECUTIONS_MAX)
        return FAIL(err, RC_USAGE, "'%lld' executions cannot be made: 0 to %d",
                    (long long)options->executions, EXECUTIONS_MAX);
    if (!options->now.is_set)
        return FAIL(err, RC_USAGE, "the end of the history is not set");
    return RC_OK;
}

static Rc write_all(struct sqlite3 *store, Plan *plan, Err *err)
{
    enum { TEXT_MAX = 256 * 1024 * 1024 };
    AUTO(rows_drop_at) Rows *rows = NULL;
    AUTO(buf_done) Buf text = BUF(TEXT_MAX);
    Writer writer = {.plan = plan, .text = text, .guids = rng_of(plan->options->seed, 71, 0)};
    Rc rc;

    TRY(rows_begin(store, plan->world, &rows, err));
    writer.rows = rows;
    write_world(&writer);
    for (size_t i = 0; i < plan->run_count; i++)
        write_run(&writer, plan->runs[i]);
    rc = buf_check(&writer.text, "messages of one execution", err);
    text = writer.text;
    arena_done(&writer.scratch);
    TRY(rc);
    return rows_done(rows, err);
}

Rc generate(Engine *engine, const GenerateOptions *options, FILE *truth, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    World world;
    Plan plan = {.world = &world, .options = options, .arena = &arena, .now = options->now.ticks};

    TRY(check(options, err));
    plan.from = plan.now - options->days * TICKS_PER_DAY;
    plan.plants = wanted_plants(options);
    world_make(&world, engine_flavor(engine), options->seed, bulk_packages(options->executions),
               &arena);
    plan_make(&plan);
    TRY(write_all(engine_store(engine), &plan, err));
    if (truth)
        truth_write(&plan, truth);
    return RC_OK;
}
