/* A journal as rows: messages with their contexts, statistics, component phases, rows sent. */
#include "journal.h"

#include <stdio.h>

/* ---- writing --------------------------------------------------------------------------------- */

static void write_context(Journal *journal, const Entry *entry, int64_t message, const char *guid,
                          int depth, const char *name, const char *value)
{
    Rows *rows = journal->writer->rows;
    const char *path = journal_path(entry);
    const char *id =
        entry->task == PACKAGE_LEVEL ? entry->package->id : entry->package->tasks[entry->task].id;
    int type = entry->task == PACKAGE_LEVEL ? 60 : entry->source == 60 ? 20 : 10;

    if (guid)
        rows_put(rows, ROW_HEAP_CONTEXTS, "nsidsdssss", guid, journal->run->id, depth, path, type,
                 journal_source_name(entry->package, entry->task), id, name, value);
    else
        rows_put(rows, ROW_CONTEXTS, "iiidsdssss", ++journal->writer->context, journal->run->id,
                 message, depth, path, type, journal_source_name(entry->package, entry->task), id,
                 name, value);
}

static void write_contexts(Journal *journal, const Entry *entry, int64_t message, const char *guid)
{
    static const struct Property {
        const char *name, *value;
    } properties[] = {{"DelayValidation", "False"},
                      {"MaximumErrorCount", "1"},
                      {"ForceExecutionResult", "-1"},
                      {"ConnectionString", "Data Source=dwh;"},
                      {"SqlCommand", "SELECT * FROM ext.Orders"}};

    for (size_t i = 0; i < ARRAY_LEN(properties); i++)
        write_context(journal, entry, message, guid, 1 + (int)(i % 3), properties[i].name,
                      properties[i].value);
}

static const char *execution_path(Journal *journal, const Entry *entry, char *ret_text, size_t size)
{
    const char *outer = journal->package->stem;

    if (entry->package != journal->package) // a child package
        snprintf(ret_text, size, "\\%s\\%s\\%s%s%s", outer, journal->package->tasks[1].name,
                 entry->package->stem, entry->task == PACKAGE_LEVEL ? "" : "\\",
                 entry->task == PACKAGE_LEVEL ? "" : entry->package->tasks[entry->task].name);
    else
        snprintf(ret_text, size, "\\%s%s%s", outer, entry->task == PACKAGE_LEVEL ? "" : "\\",
                 entry->task == PACKAGE_LEVEL ? "" : entry->package->tasks[entry->task].name);
    return ret_text;
}

static void write_event(Journal *journal, const Entry *entry, int64_t message, const char *guid)
{
    char path[600];
    const char *task_path = journal_path(entry);
    const char *id =
        entry->task == PACKAGE_LEVEL ? entry->package->id : entry->package->tasks[entry->task].id;
    int thread = 4000 + (int)(journal->run->id % 900);

    execution_path(journal, entry, path, sizeof path);
    if (guid)
        rows_put(journal->writer->rows, ROW_HEAP_EVENTS, "sisssssssdd", guid, journal->run->id,
                 entry->package->name, entry->event,
                 journal_source_name(entry->package, entry->task), id, entry->subcomponent,
                 task_path, path, thread, (int32_t)entry->code);
    else
        rows_put(journal->writer->rows, ROW_EVENTS, "iisssssssdd", message, journal->run->id,
                 entry->package->name, entry->event,
                 journal_source_name(entry->package, entry->task), id, entry->subcomponent,
                 task_path, path, thread, (int32_t)entry->code);
}

static void write_entry(Journal *journal, const Entry *entry)
{
    Writer *writer = journal->writer;
    Str text = {writer->text.text + entry->text_at, entry->text_len};
    bool has_event = !entry->is_api && entry->package && entry->event;
    bool in_heap = journal->run->in_heaps && !entry->is_api;
    char guid[GUID_TEXT];

    if (in_heap) {
        guid_text(&writer->guids, guid);
        rows_put(writer->rows, ROW_HEAP_MESSAGES, "sitddSn", guid, journal->run->id, entry->time,
                 entry->type, entry->source, text);
    } else {
        writer->message++;
        rows_put(writer->rows, ROW_MESSAGES, "iitddSn", writer->message, journal->run->id,
                 entry->time, entry->type, entry->source, text);
    }
    if (!has_event)
        return;
    write_event(journal, entry, writer->message, in_heap ? guid : NULL);
    if (entry->type == 120) // an error
        write_contexts(journal, entry, writer->message, in_heap ? guid : NULL);
}

void journal_write_entries(Journal *journal)
{
    for (size_t i = 0; i < journal->count; i++)
        write_entry(journal, &journal->entries[i]);
}

/* ---- statistics ------------------------------------------------------------------------------ */

static void write_statistic(Journal *journal, int64_t executable, const Package *package, int task,
                            int64_t from, int64_t to, int result)
{
    Entry entry = {.package = package, .task = task};
    char path[600];

    rows_put(journal->writer->rows, ROW_STATISTICS, "iiisttLdn", ++journal->writer->statistic,
             journal->run->id, executable, execution_path(journal, &entry, path, sizeof path), from,
             to, to ? (to - from) / TICKS_PER_MS : (int64_t)-1, result);
}

void journal_write_statistics(Journal *journal)
{
    const Run *run = journal->run;
    const Package *package = journal->package;
    int failed = run->status == 7 || run->status == 9 ? 0 : run->status == 3 ? 3 : 1;

    for (int t = 0; t < journal->reached; t++) {
        bool last = t == journal->reached - 1;
        if (last && (!run->end || run->status == 6))
            continue; // still running, or nobody was left to write its end
        write_statistic(journal, package->tasks[t].executable, package, t,
                        journal->segments[t].from, journal->segments[t].to, last ? failed : 0);
        if (package->tasks[t].kind == TASK_CHILD && run->child >= 0) {
            const Package *child = &journal->writer->plan->world->packages[run->child];
            write_statistic(journal, child->executable, child, PACKAGE_LEVEL,
                            journal->segments[t].from, journal->segments[t].to, 0);
        }
    }
    if (run->end && run->status != 6)
        write_statistic(journal, package->executable, package, PACKAGE_LEVEL, run->work, run->end,
                        failed);
}

static void write_phases(Journal *journal, int task)
{
    static const struct Phase {
        const char *component, *phase;
    } phases[] = {{"OLE DB Source", "Validate"},         {"OLE DB Source", "Pre-Execute"},
                  {"OLE DB Source", "PrimeOutput"},      {"OLE DB Destination", "Validate"},
                  {"OLE DB Destination", "Pre-Execute"}, {"OLE DB Destination", "ProcessInput"},
                  {"OLE DB Destination", "Post-Execute"}};
    const Segment *segment = &journal->segments[task];
    Writer *writer = journal->writer;
    int64_t step = (segment->to - segment->from) / (int64_t)(ARRAY_LEN(phases) + 1);

    for (size_t i = 0; i < ARRAY_LEN(phases); i++) {
        int64_t from = segment->from + step * (int64_t)i, sequence = (int64_t)i + 1 + 100 * task;
        for (int is_end = 0; is_end < 2; is_end++)
            rows_put(writer->rows, ROW_PHASES, "iisnnsssdtsi", ++writer->phase, journal->run->id,
                     journal->package->name, journal->package->tasks[task].name,
                     phases[i].component, phases[i].phase, !is_end, from + is_end * step,
                     journal->package->tasks[task].path, sequence);
    }
}

static void write_rows_sent(Journal *journal, int task)
{
    Writer *writer = journal->writer;

    for (int i = 0; i < 3; i++)
        rows_put(writer->rows, ROW_DATA_STATISTICS, "iisnnsssssits", ++writer->data,
                 journal->run->id, journal->package->name, journal->package->tasks[task].name,
                 "Paths[OLE DB Source.OLE DB Source Output]", "OLE DB Source Output",
                 "OLE DB Source", "OLE DB Destination",
                 (int64_t)(i < 2 ? 9500 : journal->run->id % 9500),
                 journal->segments[task].from + i * TICKS_PER_SECOND,
                 journal->package->tasks[task].path);
}

void journal_write_flows(Journal *journal)
{
    for (int t = 0; t < journal->reached && (journal->run->level == 2 || journal->run->level == 3);
         t++) {
        if (journal->package->tasks[t].kind != TASK_FLOW)
            continue;
        write_phases(journal, t);
        if (journal->run->level == 3)
            write_rows_sent(journal, t);
    }
}
