/*
 * What an execution logged, on its way from the plan to rows.
 *
 * A run's entries are collected in order first (journal.c; a failure's in journal_chain.c), then
 * given times inside the segment of the task they belong to, then written (journal_write.c); in
 * Azure to the heaps, where nothing has a row id.
 */
#ifndef SANDBOX_DATA_JOURNAL_H
#define SANDBOX_DATA_JOURNAL_H

#include "text.h"
#include "write.h"

enum { PACKAGE_LEVEL = -1 }; // of the package itself instead of one of its tasks

typedef struct Entry {
    int64_t time;
    short type, source;
    uint32_t code;
    const char *event, *subcomponent;
    const Package *package; // whose; a child's inside its parent's run
    int task;               // index, PACKAGE_LEVEL
    size_t text_at, text_len;
    bool is_api; // written by a catalog procedure: no event row
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
    size_t count;
} Journal;

Entry *journal_add(Journal *journal, int type, int source, const char *event,
                   const Package *package, int task);
void journal_end_text(Journal *journal, Entry *entry); // what was put into the writer's text since
const char *journal_path(const Entry *entry);          // "\Package\Load orders"
const char *journal_source_name(const Package *package, int task);
void journal_note(Journal *journal, int type, const char *event, const Package *package, int task,
                  const char *text);
void journal_clock_note(Journal *journal, int type, const char *event, const Package *package,
                        int task, int64_t time, const char *what);
bool journal_logs_everything(const Journal *journal);

void journal_put_chain(Journal *journal); // journal_chain.c

void journal_write_entries(Journal *journal); // journal_write.c
void journal_write_statistics(Journal *journal);
void journal_write_flows(Journal *journal);

#endif
