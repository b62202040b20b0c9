/* The company whose SSISDB this is: folders, projects, packages, people, machines. */
#include "world.h"

#include "ssisminer/base/time.h"

#include <string.h>

static const char *const folder_names[] = {"Finance",   "Sales", "Logistics", "HR",
                                           "Warehouse", "CRM",   "Plant",     "Shared"};
static const char *const environment_names[] = {"Production", "Production EU", "Test"};

static const struct ProjectName {
    int folder;
    const char *name;
} project_names[] = {
    {0, "General Ledger"}, {0, "Receivables"},  {1, "Orders"},       {1, "Price Lists"},
    {2, "Shipments"},      {2, "Carriers"},     {3, "Payroll"},      {4, "Data Warehouse"},
    {4, "Data Marts"},     {5, "Customer 360"}, {6, "Machine Data"}, {7, "Master Data"},
};

static const char *const verbs[] = {"Load",  "Import",  "Export",  "Refresh",
                                    "Stage", "Publish", "Archive", "Sync"};
static const char *const nouns[] = {"Orders",   "Customers", "Invoices",  "Stock",    "Payments",
                                    "Products", "Prices",    "Accounts",  "Carriers", "Returns",
                                    "Budgets",  "Leads",     "Contracts", "Sensors",  "Employees",
                                    "Currency", "Tickets",   "Suppliers", "Bookings", "Shipments"};

static const struct TaskName {
    const char *name;
    TaskKind kind;
} task_names[] = {
    {"Truncate staging", TASK_SQL},   {"Load staging", TASK_FLOW},
    {"Check files", TASK_SCRIPT},     {"Merge into target", TASK_SQL},
    {"Data Flow Task", TASK_FLOW},    {"Move file", TASK_FILE},
    {"Load dimension", TASK_FLOW},    {"Write audit row", TASK_SQL},
    {"Build file name", TASK_SCRIPT}, {"Load facts", TASK_FLOW},
};

static const char *const azure_machines[] = {"wn0-ssisir01", "wn1-ssisir01"};
static const char *const local_machines[] = {"SQLETL01", "SQLETL02"};

void guid_text(Rng *rng, char *ret_text)
{
    static const char hex[] = "0123456789ABCDEF";
    uint64_t words[2] = {rng_next(rng), rng_next(rng)};
    char *out = ret_text;

    for (int i = 0; i < 32; i++) {
        unsigned digit = (unsigned)(words[i / 16] >> (4 * (i % 16))) & 15u;
        if (i == 12)
            digit = 4;
        if (i == 16)
            digit = 8 | (digit & 3);
        if (i == 8 || i == 12 || i == 16 || i == 20)
            *out++ = '-';
        *out++ = hex[digit];
    }
    *out = '\0';
}

static const char *braced_guid(World *world, uint64_t item)
{
    Rng rng = rng_of(world->seed, 11, item);
    char text[GUID_TEXT];

    guid_text(&rng, text);
    return arena_printf(world->arena, "{%s}", text);
}

/* ---- clock ----------------------------------------------------------------------------------- */

static int64_t last_sunday_at_one(int year, int month) // 01:00 UTC, when Europe changes its clocks
{
    int64_t days = time_days_from_civil(year, month, 31);

    days -= (days + 1) % 7; // day 0 was a Monday
    return days * TICKS_PER_DAY + 3600 * TICKS_PER_SECOND;
}

static int year_of(int64_t ticks)
{
    int year, month, day;

    time_civil_from_days(ticks / TICKS_PER_DAY, &year, &month, &day);
    return year;
}

int64_t world_spring_change(int64_t ticks)
{
    return last_sunday_at_one(year_of(ticks), 3);
}

int64_t world_autumn_change(int64_t ticks)
{
    return last_sunday_at_one(year_of(ticks), 10);
}

int world_offset(const World *world, int64_t ticks)
{
    if (world->flavor == FLAVOR_AZURE)
        return 0;
    return ticks >= world_spring_change(ticks) && ticks < world_autumn_change(ticks) ? 120 : 60;
}

/* ---- people, projects, packages -------------------------------------------------------------- */

static void add_person(World *world, const char *name)
{
    Person *person = &world->people[world->people_count++];
    Rng rng = rng_of(7, 1, str_hash(STR_HASH_SEED, name, strlen(name)));

    person->name = name;
    memcpy(person->sid, "\x01\x05\x00\x00\x00\x00\x00\x05\x15\x00\x00\x00", 12);
    for (size_t i = 12; i < sizeof person->sid; i++)
        person->sid[i] = (unsigned char)rng_next(&rng);
}

static void add_people(World *world)
{
    bool azure = world->flavor == FLAVOR_AZURE;

    add_person(world, azure ? "etl_schedule" : "CORP\\svc_sqlagent");
    add_person(world, azure ? "adf-contoso-prod" : "CORP\\svc_etl");
    add_person(world, azure ? "anna.keller@contoso.com" : "CORP\\anna.keller");
    add_person(world, azure ? "ben.osei@contoso.com" : "CORP\\ben.osei");
    add_person(world, azure ? "ssisadmin" : "CORP\\dba_team");
}

static void add_tasks(World *world, Package *package, int count, Rng *rng)
{
    size_t first = (size_t)rng_below(rng, ARRAY_LEN(task_names));

    for (int i = 0; i < count && i < TASKS_MAX; i++) {
        const struct TaskName *name = &task_names[(first + (size_t)i) % ARRAY_LEN(task_names)];
        package->tasks[i] = (Task){
            .name = name->name,
            .kind = name->kind,
            .path = arena_printf(world->arena, "\\Package\\%s", name->name),
            .id = braced_guid(world, rng_next(rng)),
            .executable = world->next_executable++,
        };
    }
    package->task_count = count;
}

static Package *new_package(World *world, int project, const char *stem, int task_count)
{
    int index = world->package_count++;
    Package *package = &world->packages[index];
    Rng rng = rng_of(world->seed, 12, (uint64_t)index);
    const Project *owner = &world->projects[project];

    *package = (Package){
        .project = project,
        .folder = world->folders[owner->folder],
        .project_name = owner->name,
        .stem = stem,
        .name = arena_printf(world->arena, "%s.dtsx", stem),
        .id = braced_guid(world, rng_next(&rng)),
        .environment =
            rng_below(&rng, 3) == 0 ? -1 : (int)rng_below(&rng, (uint64_t)world->environment_count),
        .level = 1,
        .executable = world->next_executable++,
    };
    add_tasks(world, package, task_count, &rng);
    return package;
}

int world_add_package(World *world, int project, const char *stem, int task_count,
                      int64_t duration_ms)
{
    Package *package = new_package(world, project, stem, task_count);

    package->duration_ms = duration_ms;
    package->caller = world->flavor == FLAVOR_AZURE ? CALLER_ADF : CALLER_SCHEDULE;
    return world->package_count - 1;
}

static void add_bulk_package(World *world, int index)
{
    Rng rng = rng_of(world->seed, 13, (uint64_t)index);
    int project = (int)rng_below(&rng, (uint64_t)world->project_count);
    const char *verb = verbs[(size_t)index % ARRAY_LEN(verbs)];
    const char *noun =
        nouns[((size_t)index / ARRAY_LEN(verbs) + 3 * ((size_t)index % ARRAY_LEN(verbs))) %
              ARRAY_LEN(nouns)];
    int round = index / (int)(ARRAY_LEN(verbs) * ARRAY_LEN(nouns));
    const char *stem = round == 0 ? arena_printf(world->arena, "%s %s", verb, noun)
                                  : arena_printf(world->arena, "%s %s %d", verb, noun, round + 1);
    Package *package = new_package(world, project, stem, 2 + (int)rng_below(&rng, 3));

    package->duration_ms = rng_between(&rng, 15, 90) * 1000 * (rng_below(&rng, 4) == 0 ? 12 : 1);
    package->caller = (int)rng_below(&rng, 2);
    /* Most log at Basic; a few at each of the others, so that every shape of log exists. */
    static const int levels[] = {1, 1, 1, 1, 1, 1, 2, 1, 1, 3, 1, 1, 1, 0, 1, 1};
    package->level = levels[(size_t)index % ARRAY_LEN(levels)];
}

static void add_projects(World *world)
{
    int64_t version = 1;

    world->projects = arena_alloc_array(world->arena, ARRAY_LEN(project_names), sizeof(Project));
    for (size_t i = 0; i < ARRAY_LEN(project_names); i++) {
        Rng rng = rng_of(world->seed, 14, i);
        Project *project = &world->projects[world->project_count++];
        *project = (Project){.folder = project_names[i].folder,
                             .name = project_names[i].name,
                             .versions = 1 + (int)rng_below(&rng, 6),
                             .first_version = version};
        version += 40; // room for more versions of a project that a plant gives them to
    }
}

void world_make(World *world, Flavor flavor, uint64_t seed, int bulk_count, Arena *arena)
{
    enum { PLANTED_MAX = 64 };
    bool azure = flavor == FLAVOR_AZURE;

    *world = (World){
        .flavor = flavor,
        .seed = seed,
        .arena = arena,
        .server_name = azure ? "contoso-etl" : "SQLETL01",
        .machines = azure ? azure_machines : local_machines,
        .machine_count = 2,
        .folders = folder_names,
        .folder_count = (int)ARRAY_LEN(folder_names),
        .environments = environment_names,
        .environment_count = (int)ARRAY_LEN(environment_names),
        .next_executable = 1,
    };
    for (uint64_t i = 0; i < ARRAY_LEN(world->worker_ids); i++) {
        Rng rng = rng_of(seed, 15, i);
        char text[GUID_TEXT];
        guid_text(&rng, text);
        world->worker_ids[i] = arena_text(arena, text);
    }
    add_people(world);
    add_projects(world);
    world->packages = arena_alloc_array(arena, (size_t)(bulk_count + PLANTED_MAX), sizeof(Package));
    for (int i = 0; i < bulk_count; i++)
        add_bulk_package(world, i);
    world->bulk_count = bulk_count;
}
