/* What the steps of a run have in common: statements sent, notes kept, progress told. */
#include "runner.h"

#include <string.h>

void runner_say(Runner *runner, const char *doing)
{
    runner->run->elapsed_ms = time_monotonic_ms() - runner->start_ms;
    if (runner->watch->progress)
        runner->watch->progress(runner->watch->context, runner->plan, runner->run, doing);
}

void runner_note(Runner *runner, size_t table, int64_t affected, int64_t ms)
{
    CleanupRun *run = runner->run;
    CleanupTableRun *row = &run->tables[table];

    row->statements++;
    row->rows += affected;
    row->total_ms += ms;
    row->longest_ms = ms > row->longest_ms ? ms : row->longest_ms;
    run->statements++;
    run->rows += affected;
    cleanup_slices_add(&run->slices, time_monotonic_ms() - runner->start_ms, affected);
    if (ms > run->longest_ms) {
        run->longest_ms = ms;
        run->longest_table = runner->plan->tables[table].name;
    }
    if (table + 1 == runner->plan->table_count)
        run->operations += affected;
}

void runner_end(Runner *runner, CleanupEnd end)
{
    runner->run->end = end;
    runner->is_stopping = true;
}

Rc runner_record(Runner *runner, Err *err)
{
    LedgerTable lines[CLEANUP_TABLES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < runner->plan->table_count; i++) {
        const CleanupTableRun *now = &runner->run->tables[i], *then = &runner->recorded[i];
        if (now->statements == then->statements && now->rows == then->rows)
            continue;
        lines[count++] = (LedgerTable){.name = runner->plan->tables[i].name,
                                       .rows = now->rows - then->rows,
                                       .statements = now->statements - then->statements,
                                       .total_ms = now->total_ms - then->total_ms,
                                       .longest_ms = now->longest_ms};
    }
    TRY(ledger_tables(runner->watch->ledger, &runner->head, lines, count, err));
    memcpy(runner->recorded, runner->run->tables, sizeof(runner->recorded));
    runner->recorded_ms = time_monotonic_ms();
    return RC_OK;
}

/* After each statement it would be a line each of 21 for an operation that stands alone. */
enum { RECORD_EVERY_MS = 5000 };

Rc runner_record_if_due(Runner *runner, Err *err)
{
    return time_monotonic_ms() - runner->recorded_ms < RECORD_EVERY_MS ? RC_OK
                                                                       : runner_record(runner, err);
}
