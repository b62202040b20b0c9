/* An execution of which nothing is known but what the schema demands: NULL in every column that
 * allows it, in every table of the log. Readers must survive it. */
#include "write.h"

static void write_bare_log(Writer *writer, const Run *run)
{
    Rows *rows = writer->rows;
    int64_t message = ++writer->message;
    char guid[GUID_TEXT];

    rows_put(rows, ROW_MESSAGES, "iitd", message, run->id, run->created, 120);
    rows_put(rows, ROW_EVENTS, "iinnnnnnndn", message, run->id, 0);
    rows_put(rows, ROW_CONTEXTS, "iii", ++writer->context, run->id, message);
    guid_text(&writer->guids, guid);
    rows_put(rows, ROW_HEAP_MESSAGES, "sitd", guid, run->id, run->created, 120);
    rows_put(rows, ROW_HEAP_EVENTS, "sinnnnnnndn", guid, run->id, 0);
    rows_put(rows, ROW_HEAP_CONTEXTS, "nsi", guid, run->id);
}

void write_bare_run(Writer *writer, const Run *run)
{
    const Person *caller = &writer->plan->world->people[run->caller];
    const Package *package = &writer->plan->world->packages[run->package];
    Rows *rows = writer->rows;

    rows_put(rows, ROW_OPERATIONS, "idtnnndttbsnnnnnnnn", run->id, run->type,
             run->status == 4 ? run->created : (int64_t)0, run->status, run->start, run->end,
             caller, caller->name);
    rows_put(rows, ROW_EXECUTIONS, "isssnnnnnbsdn", run->id, package->folder, package->project_name,
             package->name, caller, caller->name, 0);
    rows_put(rows, ROW_PERMISSIONS, "ibidddb", ++writer->permission, caller, run->id, 1, 0, 0,
             caller);
    rows_put(rows, ROW_OS_INFO, "iiinnid", ++writer->info, run->id, (int64_t)4193784,
             (int64_t)2871032, 2);
    rows_put(rows, ROW_EXTENDED_INFO, "iisnndtn", ++writer->info, run->id, package->name,
             run->status, run->created);
    rows_put(rows, ROW_STATISTICS, "iii", ++writer->statistic, run->id, package->executable);
    rows_put(rows, ROW_PHASES, "iisnnsnsdnni", ++writer->phase, run->id, package->name,
             "Data Flow Task", "Validate", 1, (int64_t)1);
    rows_put(rows, ROW_DATA_STATISTICS, "iis", ++writer->data, run->id, package->name);
    rows_put(rows, ROW_DATA_TAPS, "ii", run->id, run->id);
    rows_put(rows, ROW_PARAMETERS, "iidssnnndddd", ++writer->parameter, run->id, 30, "String",
             "Region", 0, 0, 0, 0);
    rows_put(rows, ROW_OVERRIDES, "iisnnd", run->id, run->id, "\\Package.Properties[Description]",
             0);
    write_bare_log(writer, run);
}
