/*
 * What an execution logged: messages with their contexts, statistics of its executables,
 * component phases and rows sent.
 *
 * A run's entries are collected in order first, then given times inside the segment of the task
 * they belong to, then written; in Azure to the heaps, where nothing has a row id.
 */
#include "text.h"
#include "write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PACKAGE_LEVEL = -1 };

typedef struct Entry {
    int64_t time;
    short type, source;
    uint32_t code;
    const char *event, *subcomponent;
    const Package *package; // whose; a child's inside its parent's run
    int task;               // index, PACKAGE_LEVEL
    size_t text_at, text_len;
    bool is_api; // written by a catalogue procedure: no event row
} Entry;

typedef struct Segment { // the time of one task
    int64_t from, to;
} Segment;

typedef struct Journal {
    Writer *writer;
    Run *run;
    const Package *package;
    Segment segments[TASKS_MAX];
    int reached;     // tasks that began
    int failed_task; // PACKAGE_LEVEL if none
    size_t chain_at; // index of the first entry of a failure; SIZE_MAX if none
    Maker maker;
    Entry *entries;
    size_t count, capacity;
} Journal;

/* ---- collecting
 * ----------------------------------------------------------------------------------- */

static Entry *add(Journal *journal, int type, int source, const char *event, const Package *package,
                  int task)
{
    journal->entries = arena_grow(&journal->writer->scratch, journal->entries, journal->count,
                                  journal->count + 1, &journal->capacity, sizeof *journal->entries);
    Entry *entry = &journal->entries[journal->count++];

    *entry = (Entry){.type = (short)type,
                     .source = (short)source,
                     .event = event,
                     .package = package,
                     .task = task,
                     .text_at = journal->writer->text.len};
    return entry;
}

static void end_text(Journal *journal, Entry *entry)
{
    entry->text_len = journal->writer->text.len - entry->text_at;
}

static const char *source_name(const Package *package, int task)
{
    return task == PACKAGE_LEVEL ? package->stem : package->tasks[task].name;
}

static int source_type(const Package *package, int task)
{
    return task == PACKAGE_LEVEL ? 30 : package->tasks[task].kind == TASK_FLOW ? 60 : 40;
}

static void note(Journal *journal, int type, const char *event, const Package *package, int task,
                 const char *text)
{
    Entry *entry = add(journal, type, source_type(package, task), event, package, task);

    if (task != PACKAGE_LEVEL && entry->source == 60 && type != 70)
        entry->source = 40; // the task itself, not its pipeline
    buf_printf(&journal->writer->text, "%s:%s", source_name(package, task), text);
    end_text(journal, entry);
}

static void clock_note(Journal *journal, int type, const char *event, const Package *package,
                       int task, int64_t time, const char *what)
{
    int64_t local = time + world_offset(journal->writer->plan->world, time) * 60 * TICKS_PER_SECOND;
    int64_t seconds = local / TICKS_PER_SECOND % 86400;
    char text[64];

    snprintf(text, sizeof text, "%s, %02d:%02d:%02d.", what, (int)(seconds / 3600),
             (int)(seconds / 60 % 60), (int)(seconds % 60));
    note(journal, type, event, package, task, text);
}

static bool logs_everything(const Journal *journal)
{
    return journal->run->level == 1 || journal->run->level == 3;
}

/* ---- a chain
 * -------------------------------------------------------------------------------------- */

static const struct KindRow {
    int type, source;
    const char *event, *label; // label: put between the source's name and the text
} kinds[] = {
    [FLOW] = {120, 60, "OnError", "Error: "},
    [FLOW_WARNING] = {110, 60, "OnWarning", "Warning: "},
    [FLOW_NOTE] = {70, 60, "OnInformation", "Information: "},
    [TASK] = {120, 40, "OnError", "Error: "},
    [TASK_WARNING] = {110, 40, "OnWarning", "Warning: "},
    [PACKAGE] = {120, 30, "OnError", "Error: "},
    [EXECUTOR] = {120, 20, NULL, NULL},
    [EXECUTOR_WARNING] = {110, 20, NULL, NULL},
    [API] = {120, 10, NULL, NULL},
};

static void keep_decisive(Journal *journal, const Entry *entry)
{
    enum { KEPT = 4096 };
    const char *text = journal->writer->text.text + entry->text_at;
    size_t len = entry->text_len < KEPT ? entry->text_len : KEPT;

    journal->run->decisive =
        arena_copy(journal->writer->plan->arena, text, str_utf8_floor(text, len));
    journal->run->decisive_len = entry->text_len;
}

static void put_chain_message(Journal *journal, unsigned kind, uint32_t code, const char *template)
{
    const struct KindRow *row = &kinds[kind & ~(unsigned)DECISIVE];
    int task = row->source >= 40 ? journal->failed_task : PACKAGE_LEVEL;
    Entry *entry = add(journal, row->type, row->source, row->event, journal->package, task);
    size_t index = journal->count - 1;

    entry->code = code;
    entry->is_api = row->source == 10;
    if (row->source == 60)
        entry->subcomponent = maker_value(&journal->maker, str_of("component"));
    if (row->label)
        buf_printf(&journal->writer->text, "%s:%s",
                   journal->package ? source_name(journal->package, task) : "Data Flow Task",
                   row->label);
    maker_put(&journal->maker, template, &journal->writer->text);
    entry = &journal->entries[index];
    end_text(journal, entry);
    if (kind & DECISIVE)
        keep_decisive(journal, entry);
}

/* The code that the messages around the failure repeat: that of the failure itself. */
static void set_hresult(Journal *journal, const Chain *chain)
{
    uint32_t code = 0x80131500; // any managed exception
    char text[16];

    for (size_t i = 0; i < ARRAY_LEN(chain->messages) && chain->messages[i].text; i++)
        if (chain->messages[i].code & UINT32_C(0x80000000) &&
            (chain->messages[i].kind & (unsigned)DECISIVE))
            code = chain->messages[i].code;
    snprintf(text, sizeof text, "0x%08X", (unsigned)code);
    maker_set(&journal->maker, "hresult", text);
}

static void put_tail(Journal *journal, ChainEnd end)
{
    if (end == END_SOURCE)
        put_chain_message(journal, FLOW, 0xC0047038,
                          "SSIS Error Code DTS_E_PRIMEOUTPUTFAILED.  The PrimeOutput method on "
                          "{component} returned error code {hresult}.  The component returned a "
                          "failure code when the pipeline engine called PrimeOutput(). The "
                          "meaning of the failure code is defined by the component, but the error "
                          "is fatal and the pipeline stopped executing.  "
                          "There may be error messages posted before this with more information "
                          "about the failure.");
    if (end == END_TARGET)
        put_chain_message(journal, FLOW, 0xC0047022,
                          "SSIS Error Code DTS_E_PROCESSINPUTFAILED.  The ProcessInput method on "
                          "component \"{|OLE DB Destination|Lookup|Insert rows}\" "
                          "({id:10-400}) failed with error code {hresult} while processing input "
                          "\"OLE DB Destination Input\" ({id2:10-400}). The "
                          "identified component returned an error from the ProcessInput method. "
                          "The error is specific to the component, but the error "
                          "is fatal and will cause the Data Flow task to stop running.  There may "
                          "be error messages posted before this with more "
                          "information about the failure.");
    if (end == END_PREPARE)
        put_chain_message(
            journal, FLOW, 0xC004701A,
            "{component} failed the pre-execute phase and returned error code {hresult}.");
    if (end == END_VALIDATE) {
        put_chain_message(journal, FLOW, 0xC0047017,
                          "{component} failed validation and returned error code 0xC020801C.");
        put_chain_message(journal, FLOW, 0xC004700C, "One or more component failed validation.");
        put_chain_message(journal, TASK, 0xC0024107, "There were errors during task validation.");
    }
}

static int chain_errors(const Journal *journal)
{
    int errors = 0;

    for (size_t i = 0; i < journal->count; i++)
        errors += journal->entries[i].type == 120;
    return errors;
}

static void put_consequences(Journal *journal, ChainEnd end)
{
    char text[400];

    if (end == END_DEATH)
        return;
    if (end != END_PACKAGE && journal->failed_task != PACKAGE_LEVEL) {
        note(journal, 130, "OnTaskFailed", journal->package, journal->failed_task, "Task failed.");
        if (logs_everything(journal))
            clock_note(journal, 40, "OnPostExecute", journal->package, journal->failed_task,
                       journal->run->end, "Finished");
    }
    snprintf(text, sizeof text,
             "Warning: SSIS Warning Code DTS_W_MAXIMUMERRORCOUNTREACHED.  The Execution method "
             "succeeded, but the number of errors raised (%d) reached the "
             "maximum allowed (1); resulting in failure. This occurs when the number of errors "
             "reaches the number specified in MaximumErrorCount. Change the "
             "MaximumErrorCount or fix the errors.",
             chain_errors(journal));
    note(journal, 110, "OnWarning", journal->package, PACKAGE_LEVEL, text);
    journal->entries[journal->count - 1].code = 0x80019002;
}

static const char *kept_captures(Journal *journal)
{
    AUTO(buf_done) Buf text = BUF(4096);
    Str names = str_of(journal->run->chain->captures), name;

    while (names.at && str_split(&names, ' ', &name))
        buf_printf(&text, "%.*s\n%s\n", STR_FMT(name), maker_value(&journal->maker, name));
    return arena_text(journal->writer->plan->arena, buf_text(&text));
}

static void put_chain(Journal *journal)
{
    const Chain *chain = journal->run->chain;

    journal->chain_at = journal->count;
    for (size_t i = 0; i < ARRAY_LEN(chain->messages) && chain->messages[i].text; i++)
        put_chain_message(journal, chain->messages[i].kind, chain->messages[i].code,
                          chain->messages[i].text);
    if (chain->captures)
        journal->run->captures = kept_captures(journal);
    if (chain->class_ == CHAIN_SILENT || !journal->package)
        return;
    set_hresult(journal, chain);
    put_tail(journal, chain->end);
    put_consequences(journal, chain->end);
    if (journal->failed_task != PACKAGE_LEVEL && chain->end != END_DEATH &&
        chain->end != END_PACKAGE)
        journal->run->task_path = journal->package->tasks[journal->failed_task].path;
}

/* ---- a plain run
 * ----------------------------------------------------------------------------------- */

static void put_rows_written(Journal *journal, const Package *package, int task)
{
    Entry *entry = add(journal, 70, 60, "OnInformation", package, task);
    unsigned long long rows =
        (unsigned long long)(journal->run->id * 7919 + task * 104729) % 250000;

    entry->code = 0x4004300B;
    entry->subcomponent = "SSIS.Pipeline";
    buf_printf(&journal->writer->text, "%s:Information: \"OLE DB Destination\" wrote %llu rows.",
               package->tasks[task].name, rows);
    end_text(journal, entry);
}

static void put_decoy_warning(Journal *journal, const Package *package,
                              int task) // warnings of runs that go well
{
    if ((journal->run->id + task) % 9 != 0 || package->tasks[task].kind != TASK_FLOW)
        return;
    note(journal, 110, "OnWarning", package, task,
         journal->run->id % 2
             ? "Warning: Truncation may occur due to inserting data from data flow column "
               "\"Remark\" with a length of 400 to database column \"Remark\" "
               "with a length of 200."
             : "Warning: The For Each File enumerator is empty. The For Each File enumerator did "
               "not find any files that matched the file pattern, or "
               "the specified directory was empty.");
    journal->entries[journal->count - 1].code = journal->run->id % 2 ? 0x802092A7 : 0x8001C004;
}

static void put_padding(Journal *journal, const Package *package, int task, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        Entry *entry = add(journal, 70, 60, "OnInformation", package, task);
        entry->code = 0x402090DF;
        buf_printf(&journal->writer->text,
                   "%s:Information: The final commit for the data insertion in \"OLE DB "
                   "Destination\" has ended; buffer %lld of %lld with 9500 rows was handed over to "
                   "the destination without a lock.",
                   source_name(package, task), (long long)i + 1, (long long)count);
        end_text(journal, entry);
    }
}

static void put_child(Journal *journal, int64_t time)
{
    const Package *child = &journal->writer->plan->world->packages[journal->run->child];

    clock_note(journal, 30, "OnPreExecute", child, PACKAGE_LEVEL, time, "Start");
    for (int t = 0; t < child->task_count; t++)
        clock_note(journal, 40, "OnPostExecute", child, t, time, "Finished");
    clock_note(journal, 40, "OnPostExecute", child, PACKAGE_LEVEL, time, "Finished");
}

static bool
is_last_and_open(const Journal *journal,
                 int task) // the task that a failure or the end of the history cut short
{
    return task == journal->reached - 1 &&
           (journal->run->chain || !journal->run->end || journal->run->status == 3);
}

static void put_task(Journal *journal, int task, int64_t padding)
{
    const Package *package = journal->package;
    bool all = logs_everything(journal);

    if (all)
        clock_note(journal, 30, "OnPreExecute", package, task, journal->segments[task].from,
                   "Start");
    if (package->tasks[task].kind == TASK_CHILD && journal->run->child >= 0)
        put_child(journal, journal->segments[task].from);
    put_decoy_warning(journal, package, task);
    put_padding(journal, package, task, padding);
    if (is_last_and_open(journal, task))
        return;
    if (all && package->tasks[task].kind == TASK_FLOW)
        put_rows_written(journal, package, task);
    if (all)
        clock_note(journal, 40, "OnPostExecute", package, task, journal->segments[task].to,
                   "Finished");
}

static int64_t padding_of(const Journal *journal)
{
    int64_t natural = 4 + 3 * journal->reached,
            wanted = journal->writer->plan->options->messages_per_execution;

    return wanted > natural && journal->reached > 0 ? wanted - natural : 0;
}

static void put_run(Journal *journal)
{
    const Package *package = journal->package;
    int64_t padding = padding_of(journal),
            each = journal->reached > 0 ? padding / journal->reached : 0;
    bool silent =
        journal->run->chain && journal->run->chain->class_ == CHAIN_SILENT && journal->run->id % 2;

    if (silent)
        return;
    if (logs_everything(journal)) {
        note(journal, 10, "OnPreValidate", package, PACKAGE_LEVEL, "Validation has started.");
        note(journal, 20, "OnPostValidate", package, PACKAGE_LEVEL, "Validation is complete.");
        clock_note(journal, 30, "OnPreExecute", package, PACKAGE_LEVEL, journal->run->work,
                   "Start");
    }
    for (int t = 0; t < journal->reached; t++)
        put_task(journal, t, t == 0 ? padding - each * (journal->reached - 1) : each);
    if (journal->run->status == 3)
        note(journal, 100, "OnQueryCancel", package, PACKAGE_LEVEL,
             "Information: The package was cancelled.");
    if (journal->run->chain)
        put_chain(journal);
    bool has_end =
        journal->run->end && !(journal->run->chain && journal->run->chain->end == END_DEATH);
    if (has_end && logs_everything(journal))
        clock_note(journal, 40, "OnPostExecute", package, PACKAGE_LEVEL, journal->run->end,
                   "Finished");
}

/* ---- times
 * ----------------------------------------------------------------------------------------- */

static int64_t last_time(const Journal *journal)
{
    const Run *run = journal->run;

    if (run->end)
        return run->end;
    return run->last_sign ? run->last_sign : run->start;
}

/* Shares of the run's time; the same for every run of a package, so that a baseline holds. */
static void make_segments(Journal *journal)
{
    const Package *package = journal->package;
    int64_t weights[TASKS_MAX] = {0}, sum = 0, from = journal->run->work;
    int64_t total = last_time(journal) - from;

    for (int t = 0; t < journal->reached; t++) {
        weights[t] = journal->run->slow_task < 0    ? 3 + package->tasks[t].executable % 6
                     : t == journal->run->slow_task ? 60
                                                    : 4;
        sum += weights[t];
    }
    for (int t = 0; t < journal->reached; t++) {
        int64_t length = total / (sum + 1) * weights[t];
        journal->segments[t] = (Segment){from, from + length};
        from += length;
    }
}

/* Spreads each run of entries of one task over its segment; what belongs to the package itself
 * comes before the first or after the last task. */
static void give_times(Journal *journal)
{
    const Run *run = journal->run;
    int64_t now = run->work ? run->work : run->start ? run->start : run->created;
    int64_t end = last_time(journal);

    for (size_t i = 0; i < journal->count;) {
        int task = journal->entries[i].task;
        size_t last = i;
        while (last + 1 < journal->count && journal->entries[last + 1].task == task)
            last++;
        int64_t from = task >= 0 && task < journal->reached && journal->segments[task].from > now
                           ? journal->segments[task].from
                           : now;
        int64_t to = task >= 0 && task < journal->reached && last + 1 < journal->count
                         ? journal->segments[task].to
                     : last + 1 < journal->count ? from + 12 * TICKS_PER_MS
                                                 : end;
        if (to < from)
            to = from;
        for (size_t n = i; n <= last; n++)
            journal->entries[n].time = from + (to - from) / (int64_t)(last - i + 1) *
                                                  (int64_t)(n - i + (last + 1 == journal->count));
        now = journal->entries[last].time + 1;
        if (now > end)
            now = end;
        i = last + 1;
    }
}

/* A failure's messages follow one another within milliseconds. */
static void draw_together(Journal *journal)
{
    int64_t end = last_time(journal);

    for (size_t i = journal->chain_at; i < journal->count; i++) {
        int64_t time = end - (int64_t)(journal->count - 1 - i) * 16 * TICKS_PER_MS;
        if (time > journal->entries[i].time)
            journal->entries[i].time = time;
    }
}

/* ---- writing
 * --------------------------------------------------------------------------------------- */

static void write_context(Journal *journal, const Entry *entry, int64_t message, const char *guid,
                          int depth, const char *name, const char *value)
{
    Rows *rows = journal->writer->rows;
    const char *path =
        entry->task == PACKAGE_LEVEL ? "\\Package" : entry->package->tasks[entry->task].path;
    const char *id =
        entry->task == PACKAGE_LEVEL ? entry->package->id : entry->package->tasks[entry->task].id;
    int type = entry->task == PACKAGE_LEVEL ? 60 : entry->source == 60 ? 20 : 10;

    if (guid)
        rows_put(rows, ROW_HEAP_CONTEXTS, "sidsdssss", guid, journal->run->id, depth, path, type,
                 source_name(entry->package, entry->task), id, name, value);
    else
        rows_put(rows, ROW_CONTEXTS, "iiidsdssss", ++journal->writer->context, journal->run->id,
                 message, depth, path, type, source_name(entry->package, entry->task), id, name,
                 value);
}

static void write_contexts(Journal *journal, const Entry *entry, int64_t message, const char *guid,
                           int64_t count)
{
    static const struct Property {
        const char *name, *value;
    } properties[] = {{"DelayValidation", "False"},
                      {"MaximumErrorCount", "1"},
                      {"ForceExecutionResult", "-1"},
                      {"ConnectionString", "Data Source=dwh;"},
                      {"SqlCommand", "SELECT * FROM ext.Orders"},
                      {"Sequence", NULL},
                      {"User::BatchId", "4711"},
                      {"LoggingMode", "0"}};

    for (int64_t i = 0; i < count; i++) {
        const struct Property *property = &properties[(size_t)i % ARRAY_LEN(properties)];
        write_context(journal, entry, message, guid, 1 + (int)(i % 3), property->name,
                      property->value);
    }
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
    const char *task_path =
        entry->task == PACKAGE_LEVEL ? "\\Package" : entry->package->tasks[entry->task].path;
    const char *id =
        entry->task == PACKAGE_LEVEL ? entry->package->id : entry->package->tasks[entry->task].id;
    int thread = 4000 + (int)(journal->run->id % 900);

    execution_path(journal, entry, path, sizeof path);
    if (guid)
        rows_put(journal->writer->rows, ROW_HEAP_EVENTS, "sisssssssdd", guid, journal->run->id,
                 entry->package->name, entry->event, source_name(entry->package, entry->task), id,
                 entry->subcomponent, task_path, path, thread, (int32_t)entry->code);
    else
        rows_put(journal->writer->rows, ROW_EVENTS, "iisssssssdd", message, journal->run->id,
                 entry->package->name, entry->event, source_name(entry->package, entry->task), id,
                 entry->subcomponent, task_path, path, thread, (int32_t)entry->code);
}

static void write_entry(Journal *journal, const Entry *entry, int64_t contexts)
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
    write_contexts(journal, entry, writer->message, in_heap ? guid : NULL, contexts);
}

static void write_entries(Journal *journal)
{
    int64_t wanted = journal->writer->plan->options->contexts_per_execution;
    int64_t left = (int64_t)journal->count;

    for (size_t i = 0; i < journal->count; i++, left--) {
        const Entry *entry = &journal->entries[i];
        int64_t contexts = wanted > 0 ? wanted / left : entry->type == 120 ? 5 : 0;
        if (wanted > 0)
            wanted -= contexts;
        write_entry(journal, entry, contexts);
    }
}

/* ---- statistics
 * ------------------------------------------------------------------------------------- */

static void write_statistic(Journal *journal, int64_t executable, const Package *package, int task,
                            int64_t from, int64_t to, int result)
{
    Entry entry = {.package = package, .task = task};
    char path[600];

    rows_put(journal->writer->rows, ROW_STATISTICS, "iiisttLdn", ++journal->writer->statistic,
             journal->run->id, executable, execution_path(journal, &entry, path, sizeof path), from,
             to, to ? (to - from) / TICKS_PER_MS : (int64_t)-1, result);
}

static void write_statistics(Journal *journal)
{
    const Run *run = journal->run;
    const Package *package = journal->package;
    int failed = run->status == 7 ? 0 : run->status == 3 ? 3 : 1;

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
        rows_put(writer->rows, ROW_PHASES, "iissssdtsi", ++writer->phase, journal->run->id,
                 journal->package->name, journal->package->tasks[task].name, phases[i].component,
                 phases[i].phase, 1, from, journal->package->tasks[task].path, sequence);
        rows_put(writer->rows, ROW_PHASES, "iissssdtsi", ++writer->phase, journal->run->id,
                 journal->package->name, journal->package->tasks[task].name, phases[i].component,
                 phases[i].phase, 0, from + step, journal->package->tasks[task].path, sequence);
    }
}

static void write_rows_sent(Journal *journal, int task)
{
    Writer *writer = journal->writer;

    for (int i = 0; i < 3; i++)
        rows_put(writer->rows, ROW_DATA_STATISTICS, "iissssssits", ++writer->data, journal->run->id,
                 journal->package->name, journal->package->tasks[task].name,
                 "Paths[OLE DB Source.OLE DB Source Output]", "OLE DB Source Output",
                 "OLE DB Source", "OLE DB Destination",
                 (int64_t)(i < 2 ? 9500 : journal->run->id % 9500),
                 journal->segments[task].from + i * TICKS_PER_SECOND,
                 journal->package->tasks[task].path);
}

static void write_flows(Journal *journal)
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

/* ---- entry
 * ------------------------------------------------------------------------------------------ */

static bool is_of_kind(TaskKind kind, unsigned wanted)
{
    return wanted == FLOW || wanted == FLOW_WARNING
               ? kind == TASK_FLOW
               : kind == TASK_SQL || kind == TASK_SCRIPT || kind == TASK_FILE;
}

/* Where the chain strikes: a task of the right kind, the first if there is none. */
static int failing_task(const Package *package, const Chain *chain)
{
    unsigned kind = chain->messages[0].kind & ~(unsigned)DECISIVE;

    for (int t = package->task_count - 1; t > 0; t--)
        if (is_of_kind(package->tasks[t].kind, kind))
            return t;
    return 0;
}

static void begin(Journal *journal)
{
    const Run *run = journal->run;
    const Package *package = journal->package;
    const Task *task = NULL;

    journal->reached = package && run->work ? package->task_count : 0;
    if (journal->reached && (run->chain || !run->end || run->status == 3)) {
        int last = run->chain && run->chain->class_ != CHAIN_SILENT
                       ? failing_task(package, run->chain)
                       : package->task_count / 2;
        bool is_early = run->chain && (run->chain->end == END_PACKAGE ||
                                       (run->chain->messages[0].kind & ~(unsigned)DECISIVE) == API);
        journal->reached = is_early ? 0 : last + 1;
        journal->failed_task = run->chain && !is_early ? last : PACKAGE_LEVEL;
        task = journal->failed_task >= 0 ? &package->tasks[journal->failed_task] : NULL;
    }
    maker_init(&journal->maker, journal->writer->plan->options->seed, run->serial, package, task);
}

void write_journal(Writer *writer, Run *run)
{
    Journal journal = {
        .writer = writer, .run = run, .failed_task = PACKAGE_LEVEL, .chain_at = SIZE_MAX};

    journal.package = run->package < 0 ? NULL : &writer->plan->world->packages[run->package];
    buf_reset(&writer->text);
    arena_reset(&writer->scratch);
    begin(&journal);
    if (journal.package && run->work && run->level > 0) {
        make_segments(&journal);
        put_run(&journal);
        write_statistics(&journal);
        write_flows(&journal);
    } else if (journal.package && run->work) {
        make_segments(&journal);
        write_statistics(&journal);
    } else if (run->chain) {
        put_chain(&journal);
    }
    give_times(&journal);
    draw_together(&journal);
    write_entries(&journal);
}
