/* One operation with all its rows but the log of its execution. */
#include "write.h"

#include <stdio.h>

static const Person *person(const Writer *writer, int index)
{
    return index < 0 ? NULL : &writer->plan->world->people[index];
}

static void write_operation(Writer *writer, const Run *run)
{
    const World *world = writer->plan->world;
    const Person *caller = person(writer, run->caller), *stopper = person(writer, run->stopped_by);
    bool has_process = run->package >= 0 && world->flavor != FLAVOR_AZURE && run->work;
    bool is_scaled_out = run->package >= 0 && run->in_heaps;
    char guid[GUID_TEXT];

    guid_text(&writer->guids, guid);
    rows_put(writer->rows, ROW_OPERATIONS, "idtLLsdttbsLbsssssL", run->id, run->type, run->created,
             run->project < 0 ? (int64_t)-1 : (int64_t)20,
             run->project < 0 ? (int64_t)-1 : (int64_t)run->project + 1,
             run->project < 0 ? run->object_name : world->projects[run->project].name, run->status,
             run->start, run->end, caller, caller->name,
             has_process ? 2000 + run->id % 30000 : (int64_t)-1, stopper,
             stopper ? stopper->name : NULL, run->type == 2 ? NULL : guid,
             run->type == 2 ? NULL : world->server_name,
             run->work && run->type == 200 ? world->machines[run->worker] : NULL,
             is_scaled_out && run->work ? world->worker_ids[run->worker] : NULL,
             is_scaled_out ? (int64_t)(run->work ? run->attempts : 0) : (int64_t)-1);
}

static void write_permissions(Writer *writer, const Run *run)
{
    static const int types[] = {1, 2, 4}; // read, modify, manage permissions
    const Person *caller = person(writer, run->caller);

    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        rows_put(writer->rows, ROW_PERMISSIONS, "ibidddb", ++writer->permission, caller, run->id,
                 types[i], 0, 0, caller);
}

/* ---- executions ------------------------------------------------------------------------------ */

/* What is planted differs in nothing but what its plant says. */
static bool is_32bit(const Run *run)
{
    return run->id % 23 == 0 && !run->is_planted;
}

static void write_execution(Writer *writer, const Run *run, const Package *package)
{
    const World *world = writer->plan->world;
    const Person *caller = person(writer, run->caller);
    const Project *project = &world->projects[package->project];
    int environment = package->environment;
    int64_t reference =
        environment < 0 ? -1
                        : (int64_t)package->project * world->environment_count + environment + 1;
    const char *type = environment < 0 ? NULL : environment == 0 ? "R" : "A";
    const char *folder = environment > 0 ? world->folders[world->folder_count - 1] : NULL;
    const char *name = environment < 0 ? NULL : world->environments[environment];
    char job[GUID_TEXT];

    guid_text(&writer->guids, job);
    rows_put(writer->rows, ROW_EXECUTIONS, "isssLsssibsds", run->id, package->folder,
             package->project_name, package->name, reference, type, folder, name,
             project->first_version, caller, caller->name, is_32bit(run),
             run->in_heaps && run->start ? job : NULL);
    if (run->in_heaps && run->start &&
        (!run->end || run->end > writer->plan->now - 3600 * TICKS_PER_SECOND)) {
        char task[GUID_TEXT], input[64];
        int64_t done = run->end ? run->end : run->work ? run->work : run->start;
        guid_text(&writer->guids, task);
        snprintf(input, sizeof input, "{\"execution_id\":%lld}", (long long)run->id);
        rows_put(writer->rows, ROW_JOBS, "sdnsddtt", job, 0, caller->name, 0, 0, run->start, done);
        rows_put(writer->rows, ROW_TASKS, "ssdsddddddttttnsnn", task, job, 0, input, 3,
                 run->work ? run->attempts : 0,
                 !run->work         ? 1
                 : !run->end        ? 3
                 : run->status == 7 ? 5
                                    : 4,
                 1, 0, 0, run->start, run->start, run->work, done,
                 run->work ? world->worker_ids[run->worker] : NULL);
    }
}

static void write_text_parameter(Writer *writer, const Run *run, int object_type, const char *name,
                                 const char *value)
{
    rows_put(writer->rows, ROW_PARAMETERS, "iidsssnsdddd", ++writer->parameter, run->id,
             object_type, "String", name, value, "nvarchar", 0, object_type == 30, 1,
             object_type != 50);
}

static void write_number_parameter(Writer *writer, const Run *run, const char *name, int value)
{
    rows_put(writer->rows, ROW_PARAMETERS, "iidssdnsdddd", ++writer->parameter, run->id, 50,
             "Int32", name, value, "int", 0, 0, 1, 0);
}

static void write_typed_parameter(Writer *writer, const Run *run, int object_type, const char *type,
                                  const char *name, const char *base, const SbValue *value)
{
    rows_put(writer->rows, ROW_PARAMETERS, "iidssvnsdddd", ++writer->parameter, run->id,
             object_type, type, name, value, base, 0, 0, 1, object_type != 50);
}

static void write_switch(Writer *writer, const Run *run, const char *name, bool is_on)
{
    SbValue value = {.i64 = is_on, .held = {.id = SB_BIT}};

    write_typed_parameter(writer, run, 50, "Boolean", name, "bit", &value);
}

/* The same day in all runs of a package: no run differs from another by it. */
static void write_first_day(Writer *writer, const Run *run)
{
    int64_t from = writer->plan->from;
    SbValue value = {.time = {.ticks = from - from % TICKS_PER_DAY, .is_set = true},
                     .held = {.id = SB_DATETIME, .scale = 3}};

    write_typed_parameter(writer, run, 30, "DateTime", "FirstDay", "datetime", &value);
}

static void write_system_parameters(Writer *writer, const Run *run)
{
    write_number_parameter(writer, run, "LOGGING_LEVEL", run->level);
    if (writer->plan->world->flavor != FLAVOR_SQL2012)
        write_text_parameter(writer, run, 50, "CUSTOMIZED_LOGGING_LEVEL", "");
    write_switch(writer, run, "DUMP_ON_ERROR", false);
    write_switch(writer, run, "DUMP_ON_EVENT", false);
    write_text_parameter(writer, run, 50, "DUMP_EVENT_CODE", "0");
    write_text_parameter(writer, run, 50, "CALLER_INFO", NULL);
    write_switch(writer, run, "SYNCHRONIZED", run->caller == CALLER_ADF);
}

static void write_set_parameters(Writer *writer, const Run *run, const Package *package)
{
    if (package->project % 2)
        write_text_parameter(writer, run, 20, "TargetServer", "dwh.corp.local");
    if (package->project % 4 == 1)
        write_first_day(writer, run);
    if (run->region)
        write_text_parameter(writer, run, 30, package->region_parameter, run->region);
    if (package->has_secret)
        rows_put(writer->rows, ROW_PARAMETERS, "iidssnxsdddd", ++writer->parameter, run->id, 30,
                 "String", "PartnerToken", "\x01sealed", "nvarchar", 1, 0, 1, 1);
}

static void write_os_info(Writer *writer, const Run *run)
{
    rows_put(writer->rows, ROW_OS_INFO, "iiiiiid", ++writer->info, run->id, (int64_t)33553972,
             8000000 + run->id * 7919 % 20000000, (int64_t)38534708,
             9000000 + run->id * 6151 % 20000000, 8);
}

static void write_extras(Writer *writer, const Run *run) // what only some executions have
{
    char guid[GUID_TEXT];

    if (run->id % 61 == 0 && !run->is_planted) {
        rows_put(writer->rows, ROW_OVERRIDES, "iissnd", run->id, run->id,
                 "\\Package.Connections[DWH].Properties[ServerName]", "dwh2.corp.local", 0);
        rows_put(writer->rows, ROW_OVERRIDES, "iisnxd", run->id + 10000000, run->id,
                 "\\Package.Connections[DWH].Properties[Password]", "\x01sealed", 1);
    }
    if (run->id % 149 == 0) {
        guid_text(&writer->guids, guid);
        rows_put(writer->rows, ROW_DATA_TAPS, "iisssds", run->id, run->id,
                 "\\Package\\Load staging", "Paths[OLE DB Source.OLE DB Source Output]", guid, 100,
                 "tap.csv");
    }
}

/* ---- other operations ------------------------------------------------------------------------ */

static void write_validation(Writer *writer, const Run *run)
{
    const World *world = writer->plan->world;
    const Project *project = &world->projects[run->project];

    rows_put(writer->rows, ROW_VALIDATIONS, "issssidn", run->id, "D", "F",
             world->folders[project->folder], project->name, project->first_version, 0);
    rows_put(writer->rows, ROW_EXTENDED_INFO, "iisdLdtt", ++writer->info, run->id, project->name,
             20, (int64_t)-1, run->status, run->start, run->end);
}

static void write_noncatalog(Writer *writer, const Run *run)
{
    const World *world = writer->plan->world;
    const Person *caller = person(writer, run->caller);

    rows_put(writer->rows, ROW_NONCATALOG, "isssbsdssd", run->id,
             "\\\\contosopkgs.file.core.windows.net\\packages\\Weekly Extract.dtsx", "FileSystem",
             NULL, caller, caller->name, 0, NULL, world->worker_ids[0], 1);
    rows_put(writer->rows, ROW_NONCATALOG_PARAMETERS, "iidssnd", run->id, run->id, 30, "Week",
             "2026-01", 0);
    rows_put(writer->rows, ROW_NONCATALOG_OVERRIDES, "iissnd", run->id, run->id,
             "\\Package.Variables[User::Folder]", "weekly", 0);
}

void write_run(Writer *writer, Run *run)
{
    if (run->is_bare) {
        write_bare_run(writer, run);
        return;
    }
    write_operation(writer, run);
    if (run->package >= 0) {
        const Package *package = &writer->plan->world->packages[run->package];
        write_execution(writer, run, package);
        write_set_parameters(writer, run, package);
    }
    write_permissions(writer, run);
    if (run->package >= 0) {
        write_system_parameters(writer, run);
        write_os_info(writer, run);
        write_extras(writer, run);
    } else if (run->is_noncatalog) {
        write_noncatalog(writer, run);
    } else if (run->type == 300 || run->type == 301) {
        write_validation(writer, run);
    }
    write_journal(writer, run);
}
