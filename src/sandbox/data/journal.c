/* The messages of one run, in order and with their times. */
#include "journal.h"

#include <stdio.h>

/* ---- collecting ------------------------------------------------------------------------------ */

Entry *journal_add(Journal *journal, int type, int source, const char *event,
                   const Package *package, int task)
{
    Entry *entry = ARENA_PUSH(&journal->writer->scratch, journal->entries, journal->count);

    *entry = (Entry){.type = (short)type,
                     .source = (short)source,
                     .event = event,
                     .package = package,
                     .task = task,
                     .text_at = journal->writer->text.len};
    return entry;
}

void journal_end_text(Journal *journal, Entry *entry)
{
    entry->text_len = journal->writer->text.len - entry->text_at;
}

const char *journal_path(const Entry *entry)
{
    return entry->task == PACKAGE_LEVEL ? "\\Package" : entry->package->tasks[entry->task].path;
}

const char *journal_source_name(const Package *package, int task)
{
    return task == PACKAGE_LEVEL ? package->stem : package->tasks[task].name;
}

static int source_type(const Package *package, int task)
{
    return task == PACKAGE_LEVEL ? 30 : package->tasks[task].kind == TASK_FLOW ? 60 : 40;
}

void journal_note(Journal *journal, int type, const char *event, const Package *package, int task,
                  const char *text)
{
    Entry *entry = journal_add(journal, type, source_type(package, task), event, package, task);

    if (task != PACKAGE_LEVEL && entry->source == 60 && type != 70)
        entry->source = 40; // the task itself, not its pipeline
    buf_printf(&journal->writer->text, "%s:%s", journal_source_name(package, task), text);
    journal_end_text(journal, entry);
}

void journal_clock_note(Journal *journal, int type, const char *event, const Package *package,
                        int task, int64_t time, const char *what)
{
    int64_t local = time + world_offset(journal->writer->plan->world, time) * 60 * TICKS_PER_SECOND;
    int64_t seconds = local / TICKS_PER_SECOND % 86400;
    char text[64];

    snprintf(text, sizeof text, "%s, %02d:%02d:%02d.", what, (int)(seconds / 3600),
             (int)(seconds / 60 % 60), (int)(seconds % 60));
    journal_note(journal, type, event, package, task, text);
}

bool journal_logs_everything(const Journal *journal)
{
    return journal->run->level == 1 || journal->run->level == 3;
}

/* ---- a plain run ----------------------------------------------------------------------------- */

static void put_rows_written(Journal *journal, const Package *package, int task)
{
    Entry *entry = journal_add(journal, 70, 60, "OnInformation", package, task);
    unsigned long long rows =
        (unsigned long long)(journal->run->id * 7919 + task * 104729) % 250000;

    entry->code = 0x4004300B;
    entry->subcomponent = "SSIS.Pipeline";
    buf_printf(&journal->writer->text, "%s:Information: \"OLE DB Destination\" wrote %llu rows.",
               package->tasks[task].name, rows);
    journal_end_text(journal, entry);
}

static void put_decoy_warning(Journal *journal, const Package *package,
                              int task) // warnings of runs that go well
{
    if ((journal->run->id + task) % 9 != 0 || package->tasks[task].kind != TASK_FLOW)
        return;
    journal_note(
        journal, 110, "OnWarning", package, task,
        journal->run->id % 2
            ? "Warning: Truncation may occur due to inserting data from data flow column "
              "\"Remark\" with a length of 400 to database column \"Remark\" with a length of 200."
            : "Warning: The For Each File enumerator is empty. The For Each File enumerator did "
              "not find any files that matched the file pattern, or the specified directory was "
              "empty.");
    journal->entries[journal->count - 1].code = journal->run->id % 2 ? 0x802092A7 : 0x8001C004;
}

static void put_padding(Journal *journal, const Package *package, int task, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        Entry *entry = journal_add(journal, 70, 60, "OnInformation", package, task);
        entry->code = 0x402090DF;
        buf_printf(&journal->writer->text,
                   "%s:Information: The final commit for the data insertion in \"OLE DB "
                   "Destination\" has ended; buffer %lld of %lld with 9500 rows was handed over to "
                   "the destination without a lock.",
                   journal_source_name(package, task), (long long)i + 1, (long long)count);
        journal_end_text(journal, entry);
    }
}

static void put_child(Journal *journal, int64_t time)
{
    const Package *child = &journal->writer->plan->world->packages[journal->run->child];

    journal_clock_note(journal, 30, "OnPreExecute", child, PACKAGE_LEVEL, time, "Start");
    for (int t = 0; t < child->task_count; t++)
        journal_clock_note(journal, 40, "OnPostExecute", child, t, time, "Finished");
    journal_clock_note(journal, 40, "OnPostExecute", child, PACKAGE_LEVEL, time, "Finished");
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
    bool all = journal_logs_everything(journal);

    if (all)
        journal_clock_note(journal, 30, "OnPreExecute", package, task, journal->segments[task].from,
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
        journal_clock_note(journal, 40, "OnPostExecute", package, task, journal->segments[task].to,
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
    if (journal_logs_everything(journal)) {
        journal_note(journal, 10, "OnPreValidate", package, PACKAGE_LEVEL,
                     "Validation has started.");
        journal_note(journal, 20, "OnPostValidate", package, PACKAGE_LEVEL,
                     "Validation is complete.");
        journal_clock_note(journal, 30, "OnPreExecute", package, PACKAGE_LEVEL, journal->run->work,
                           "Start");
    }
    for (int t = 0; t < journal->reached; t++)
        put_task(journal, t, t == 0 ? padding - each * (journal->reached - 1) : each);
    if (journal->run->status == 3)
        journal_note(journal, 100, "OnQueryCancel", package, PACKAGE_LEVEL,
                     "Information: The package was cancelled.");
    if (journal->run->chain)
        journal_put_chain(journal);
    bool has_end =
        journal->run->end && !(journal->run->chain && journal->run->chain->end == END_DEATH);
    if (has_end && journal_logs_everything(journal))
        journal_clock_note(journal, 40, "OnPostExecute", package, PACKAGE_LEVEL, journal->run->end,
                           "Finished");
}

/* ---- times ----------------------------------------------------------------------------------- */

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

/* Where the entries first … last of one task belong: into its segment; what is of the package
 * itself just after what came before it, and at the very end up to the run's end. */
static Segment room_for(const Journal *journal, size_t first, size_t last, int64_t now)
{
    int task = journal->entries[first].task;
    bool is_final = last + 1 == journal->count;
    bool has_segment = task >= 0 && task < journal->reached;
    Segment room = {now, now + 12 * TICKS_PER_MS};

    if (has_segment)
        room.to = journal->segments[task].to;
    if (has_segment && journal->segments[task].from > now)
        room.from = journal->segments[task].from;
    if (is_final)
        room.to = last_time(journal);
    if (room.to < room.from)
        room.to = room.from;
    return room;
}

/* Spreads entries first … last evenly; the last of all stands at the run's end. */
static void spread(Journal *journal, size_t first, size_t last, Segment room)
{
    int64_t step = (room.to - room.from) / (int64_t)(last - first + 1);
    int64_t shift = last + 1 == journal->count ? 1 : 0;

    for (size_t i = first; i <= last; i++)
        journal->entries[i].time = room.from + step * ((int64_t)(i - first) + shift);
}

static void give_times(Journal *journal)
{
    const Run *run = journal->run;
    int64_t now = run->work ? run->work : run->start ? run->start : run->created;

    for (size_t first = 0, last; first < journal->count; first = last + 1) {
        for (last = first; last + 1 < journal->count; last++)
            if (journal->entries[last + 1].task != journal->entries[first].task)
                break;
        spread(journal, first, last, room_for(journal, first, last, now));
        now = journal->entries[last].time + 1;
        if (now > last_time(journal))
            now = last_time(journal);
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

/* ---- entry ----------------------------------------------------------------------------------- */

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
        journal_write_statistics(&journal);
        journal_write_flows(&journal);
    } else if (journal.package && run->work) {
        make_segments(&journal);
        journal_write_statistics(&journal);
    } else if (run->chain) {
        journal_put_chain(&journal);
    }
    give_times(&journal);
    draw_together(&journal);
    journal_write_entries(&journal);
}
