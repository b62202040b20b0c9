/* The plan into rows: what is deployed, the operations, and what each execution logged. */
#ifndef SANDBOX_DATA_WRITE_H
#define SANDBOX_DATA_WRITE_H

#include "plan.h"
#include "rows.h"

#include "ssisminer/base/buf.h"

typedef struct Writer {
    Plan *plan;
    Rows *rows;
    Buf text;        // the messages of the run being written
    Arena scratch;   // its entries
    int64_t message; // next ids of tables whose key is no other table's
    int64_t context, permission, parameter, statistic, phase, data, info;
    Rng guids;
} Writer;

void write_world(Writer *writer);                    // write_world.c
void write_run(Writer *writer, Run *run);            // write_run.c
void write_bare_run(Writer *writer, const Run *run); // write_bare.c
void write_journal(Writer *writer, Run *run);        // journal.c: messages, contexts, statistics

#endif
