/* Folders, projects, packages, environments, workers, properties. */
#include "write.h"

#include <stdio.h>

#define DAYS(n) ((int64_t)(n)*TICKS_PER_DAY)

static const Person *admin_of(const World *world)
{
    return &world->people[CALLER_ADMIN];
}

static bool planted(const Writer *writer, uint32_t plant)
{
    return (writer->plan->plants & plant) != 0;
}

static void write_properties(Writer *writer)
{
    bool old = writer->plan->world->flavor == FLAVOR_SQL2012;
    bool azure = writer->plan->world->flavor == FLAVOR_AZURE;
    const struct Property {
        const char *name, *value; // NULL: this build has no such property
    } properties[] = {
        {"SCHEMA_VERSION", old     ? "2"
                           : azure ? "8"
                                   : "7"},
        {"SCHEMA_BUILD", old     ? "11.0.5058.0"
                         : azure ? "14.0.3281.31"
                                 : "15.0.4153.1"},
        {"RETENTION_WINDOW", planted(writer, PLANT_RETENTION) ? "365" : "14"},
        {"OPERATION_CLEANUP_ENABLED", planted(writer, PLANT_CLEANUP_DISABLED) ? "FALSE" : "TRUE"},
        {"VERSION_CLEANUP_ENABLED", "TRUE"},
        {"MAX_PROJECT_VERSIONS", "10"},
        {"SERVER_LOGGING_LEVEL", planted(writer, PLANT_VERBOSE) ? "3" : "1"},
        {"SERVER_CUSTOMIZED_LOGGING_LEVEL", old ? NULL : ""},
        {"SERVER_OPERATION_ENCRYPTION_LEVEL", old ? "1" : "2"},
        {"ENCRYPTION_ALGORITHM", "AES_256"},
        {"VALIDATION_TIMEOUT", "300"},
        {"DEFAULT_EXECUTION_MODE", old     ? NULL
                                   : azure ? "1"
                                           : "0"},
        {"IS_SCALEOUT_ENABLED", old     ? NULL
                                : azure ? "True"
                                        : "False"},
    };

    for (size_t i = 0; i < ARRAY_LEN(properties); i++)
        if (properties[i].value)
            rows_put(writer->rows, ROW_PROPERTIES, "ss", properties[i].name, properties[i].value);
}

static void write_folders(Writer *writer)
{
    const World *world = writer->plan->world;
    const Person *admin = admin_of(world);

    for (int i = 0; i < world->folder_count; i++) {
        rows_put(writer->rows, ROW_FOLDERS, "dssbst", i + 1, world->folders[i],
                 i % 2 ? "Owned by the data team" : NULL, admin, admin->name,
                 writer->plan->from - DAYS(400 - i));
        rows_put(writer->rows, ROW_FOLDER_PERMISSIONS, "dbddddb", i + 1,
                 &world->people[CALLER_SCHEDULE], i + 1, 1, 0, 0, admin);
    }
    for (int i = 0; i < world->environment_count; i++) {
        rows_put(writer->rows, ROW_ENVIRONMENTS, "dsdsbst", i + 1, world->environments[i],
                 world->folder_count, i ? NULL : "Live systems", admin, admin->name,
                 writer->plan->from - DAYS(399));
        rows_put(writer->rows, ROW_ENVIRONMENT_PERMISSIONS, "dbddddb", i + 1,
                 &world->people[CALLER_SCHEDULE], i + 1, 1, 0, 0, admin);
        rows_put(writer->rows, ROW_VARIABLES, "ddsssdsns", 2 * i + 1, i + 1, "TargetServer", NULL,
                 "String", 0, "dwh.corp.local", "nvarchar");
        rows_put(writer->rows, ROW_VARIABLES, "ddsssdnxs", 2 * i + 2, i + 1, "TargetPassword",
                 "changed twice a year", "String", 1, "\x01\x9c sealed", "nvarchar");
    }
}

static void write_versions(Writer *writer, const Project *project, int id, int count)
{
    const Person *admin = admin_of(writer->plan->world);

    for (int v = 0; v < count; v++)
        rows_put(writer->rows, ROW_VERSIONS, "iddsststxs", project->first_version + v, id, 20,
                 v ? NULL : "first version", admin->name,
                 writer->plan->from - DAYS(2 * (count - v)), NULL, (int64_t)0, " sealed", "C");
}

static int version_count(const Writer *writer, int index)
{
    return index == 0 && planted(writer, PLANT_VERSIONS)
               ? 14
               : writer->plan->world->projects[index].versions;
}

static void write_projects(Writer *writer)
{
    const World *world = writer->plan->world;
    const Person *admin = admin_of(world);

    for (int i = 0; i < world->project_count; i++) {
        const Project *project = &world->projects[i];
        int versions = version_count(writer, i);
        rows_put(writer->rows, ROW_PROJECTS, "ddssLbsttist", i + 1, project->folder + 1,
                 project->name, i % 3 ? NULL : "Deployed from the main branch",
                 i == 5 ? (int64_t)-1 : (int64_t)1, admin, admin->name,
                 writer->plan->from - DAYS(2), writer->plan->from - DAYS(300),
                 project->first_version + versions - 1, i % 4 ? "N" : "S",
                 i % 4 ? (int64_t)0 : writer->plan->from - DAYS(1));
        rows_put(writer->rows, ROW_PROJECT_PERMISSIONS, "dbddddb", i + 1,
                 &world->people[CALLER_SCHEDULE], i + 1, 3, 0, 0, admin);
        write_versions(writer, project, i + 1, versions);
        for (int e = 0; e < world->environment_count; e++)
            rows_put(writer->rows, ROW_REFERENCES, "ddssssn", i * world->environment_count + e + 1,
                     i + 1, e ? "A" : "R", e ? world->folders[world->folder_count - 1] : NULL,
                     world->environments[e], "N");
    }
}

static int64_t version_of(const Writer *writer, const Package *package)
{
    return writer->plan->world->projects[package->project].first_version +
           version_count(writer, package->project) - 1;
}

static void write_executables(Writer *writer, const Package *package)
{
    rows_put(writer->rows, ROW_EXECUTABLES, "iiissssss", package->executable,
             (int64_t)package->project + 1, version_of(writer, package), package->name, "ISServer",
             NULL, package->stem, package->id, "\\Package");
    for (int t = 0; t < package->task_count; t++) {
        const Task *task = &package->tasks[t];
        rows_put(writer->rows, ROW_EXECUTABLES, "iiissssss", task->executable,
                 (int64_t)package->project + 1, version_of(writer, package), package->name,
                 "ISServer", NULL, task->name, task->id, task->path);
    }
}

static void write_object_parameter(Writer *writer, int64_t id, const Package *package,
                                   const char *name, bool sensitive)
{
    int64_t project = (int64_t)package->project + 1, version = version_of(writer, package);

    if (sensitive)
        rows_put(writer->rows, ROW_OBJECT_PARAMETERS, "iiidsssddsssnxsdssn", id, project, version,
                 30, package->name, name, "String", 0, 1, "asked for every quarter", NULL, NULL,
                 "\x02\x11 sealed", "V", 0, NULL, "N");
    else
        rows_put(writer->rows, ROW_OBJECT_PARAMETERS, "iiidsssddsssnnsdssn", id, project, version,
                 30, package->name, name, "String", 1, 0, NULL, "None", NULL, "V", 0, NULL, "N");
}

static void write_packages(Writer *writer)
{
    const World *world = writer->plan->world;
    int64_t parameter = 0;

    for (int i = 0; i < world->package_count; i++) {
        const Package *package = &world->packages[i];
        Rng rng = rng_of(world->seed, 61, (uint64_t)i);
        char guid[GUID_TEXT], version[GUID_TEXT];
        guid_text(&rng, guid);
        guid_text(&rng, version);
        rows_put(writer->rows, ROW_PACKAGES, "idsssddddssidsnn", version_of(writer, package), i + 1,
                 package->name, guid, i % 5 ? NULL : "Loads one subject", 8, 1, 0, 10 + i, NULL,
                 version, (int64_t)package->project + 1, 1, "N");
        write_executables(writer, package);
        if (package->region_parameter)
            write_object_parameter(writer, ++parameter, package, package->region_parameter, false);
        if (package->has_secret)
            write_object_parameter(writer, ++parameter, package, "PartnerToken", true);
    }
}

static void write_workers(Writer *writer)
{
    const World *world = writer->plan->world;
    int count = world->machine_count + (planted(writer, PLANT_WORKER_OFFLINE) ? 1 : 0);

    for (int i = 0; i < count; i++) {
        bool offline = i == world->machine_count;
        char guid[64];
        snprintf(guid, sizeof guid, "%s", world->worker_ids[i]);
        rows_put(writer->rows, ROW_WORKERS, "sdssssst", guid, 1,
                 offline ? "wn7-retired" : world->machines[i], NULL,
                 offline ? "wn7-retired" : world->machines[i], NULL,
                 "NT SERVICE\\SSISScaleOutWorker140",
                 writer->plan->now - (offline ? DAYS(5) : (10 + i) * TICKS_PER_SECOND));
    }
    rows_put(writer->rows, ROW_MASTER, "ss", "MASTER_ADDRESS", "https://ssis-master:8391/");
    rows_put(writer->rows, ROW_MASTER, "ss", "MASTER_SERVICE_PORT", "8391");
    rows_put(writer->rows, ROW_LOGGING_LEVELS, "dssddbst", 1, "Errors and rows", NULL, 1, 0x100,
             admin_of(world), admin_of(world)->name, writer->plan->from);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void write_key_pair(Writer *writer, const char *what, int64_t id)
{
    char name[64];

    snprintf(name, sizeof name, "MS_Enckey_%s_%lld", what, (long long)id);
    rows_put(writer->rows, ROW_SYMMETRIC_KEYS, "s", name);
    snprintf(name, sizeof name, "MS_Cert_%s_%lld", what, (long long)id);
    rows_put(writer->rows, ROW_CERTIFICATES, "s", name);
}

/* Of projects and environments; where executions are encrypted one by one, of each 40th, since a
 * real server takes long to make one; and of executions that are gone. */
static void write_keys(Writer *writer)
{
    const Plan *plan = writer->plan;
    const World *world = plan->world;
    bool per_execution = world->flavor == FLAVOR_SQL2012;

    for (int i = 1; i <= world->project_count; i++) {
        write_key_pair(writer, "Proj", i);
        if (!per_execution)
            write_key_pair(writer, "Proj_Param", i);
    }
    for (int i = 1; i <= world->environment_count; i++)
        write_key_pair(writer, "Env", i);
    for (size_t i = 0; i < plan->run_count && per_execution; i++)
        if (plan->runs[i]->package >= 0 && i % 40 == 0)
            write_key_pair(writer, "Exec", plan->runs[i]->id);
    for (int64_t id = 17001; id <= 17005 && planted(writer, PLANT_ORPHAN_KEYS); id++)
        write_key_pair(writer, "Exec", id);
}

void write_world(Writer *writer)
{
    write_keys(writer);
    write_properties(writer);
    write_folders(writer);
    write_projects(writer);
    write_packages(writer);
    write_workers(writer);
}
