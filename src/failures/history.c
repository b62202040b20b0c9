/* Month by month: what failed of which cause, as counts. */
#include "ssisminer/failures/history.h"

#include "internal.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"
#include "ssisminer/base/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Cause { // while months are read
    HistoryCause so_far;
    HistoryCell *cells;
    size_t capacity;
} Cause;

typedef struct Reader {
    const Ssisdb *db;
    const SigSet *signatures;
    const HistoryQuestion *question;
    History *out;
    HistoryMonth *months;
    Cause *causes; // by id
    size_t count, capacity;
} Reader;

/* ---- months ---------------------------------------------------------------------------------- */

/* So many months on from the beginning of the one that the instant lies in. */
static Instant month_start(Instant at, int months)
{
    int year, month, day;

    time_civil_from_days(zone_day_start(at.ticks) / TICKS_PER_DAY, &year, &month, &day);
    int count = year * 12 + (month - 1) + months;
    int64_t wall = time_days_from_civil(count / 12, count % 12 + 1, 1) * TICKS_PER_DAY;
    return zone_fit(wall).first;
}

static void name_month(Instant start, HistoryMonth *month)
{
    int year, number, day;

    time_civil_from_days(zone_day_start(start.ticks) / TICKS_PER_DAY, &year, &number, &day);
    (void)snprintf(month->name, sizeof(month->name), "%04u-%02u", (unsigned)year % 10000,
                   (unsigned)number % 100);
}

/* ---- one month ------------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
    return strcmp(((const Cause *)a)->so_far.id, ((const Cause *)b)->so_far.id);
}

static Cause *cause_of(Reader *reader, const FailureCause *found, size_t known)
{
    const Cause key = {.so_far = {.id = found->id}};
    Cause *cause = known > 0 ? bsearch(&key, reader->causes, known, sizeof(key), by_id) : NULL;
    Arena *arena = &reader->out->arena;

    if (cause)
        return cause;
    reader->causes = arena_grow(arena, reader->causes, reader->count, reader->count + 1,
                                &reader->capacity, sizeof(*reader->causes));
    cause = &reader->causes[reader->count++];
    *cause = (Cause){.so_far = {.kind = found->kind,
                                .id = arena_text(arena, found->id),
                                .title = arena_text(arena, found->title),
                                .severity = found->severity}};
    return cause;
}

static const char *const *copy_texts(const char *const *texts, size_t count, Arena *arena)
{
    const char **copies = arena_alloc_array(arena, count, sizeof(*copies));

    for (size_t i = 0; i < count; i++)
        copies[i] = arena_text(arena, texts[i]);
    return copies;
}

static void add_cell(Reader *reader, Cause *cause, size_t month, const FailureCause *found)
{
    Arena *arena = &reader->out->arena;
    HistoryCause *all = &cause->so_far;

    cause->cells = arena_grow(arena, cause->cells, all->cell_count, all->cell_count + 1,
                              &cause->capacity, sizeof(*cause->cells));
    cause->cells[all->cell_count++] =
        (HistoryCell){.month = month,
                      .executions = found->executions,
                      .operations = found->operations,
                      .first_seen = found->first_seen,
                      .last_seen = found->last_seen,
                      .packages = copy_texts(found->packages, found->package_count, arena),
                      .package_count = found->package_count};
    all->executions += found->executions;
    all->operations += found->operations;
    if (!all->first_seen.is_set)
        all->first_seen = found->first_seen;
    all->last_seen = found->last_seen;
}

static void take(Reader *reader, size_t at, const Failures *failures)
{
    HistoryMonth *month = &reader->months[at];
    size_t known = reader->count;

    month->executions = (int64_t)failures->execution_count;
    month->operations = (int64_t)failures->operation_count;
    month->causes = failures->cause_count;
    for (size_t i = 0; i < failures->cause_count; i++)
        add_cell(reader, cause_of(reader, &failures->causes[i], known), at, &failures->causes[i]);
    month->new_causes = reader->count - known;
    if (reader->count > 0)
        qsort(reader->causes, reader->count, sizeof(*reader->causes), by_id);
    reader->out->executions += month->executions;
    reader->out->operations += month->operations;
}

/* What one month lacks the answer lacks; once is enough to say so. */
static void take_missing(History *out, const Failures *failures)
{
    for (size_t i = 0; i < failures->missing.count && out->missing.count == 0; i++)
        out->missing.list[out->missing.count++] =
            (MissingPart){arena_text(&out->arena, failures->missing.list[i].what),
                          arena_text(&out->arena, failures->missing.list[i].why)};
}

static Rc read_month(Reader *reader, size_t at, Instant since, Instant until, Err *err)
{
    AUTO(failures_free_at) Failures *failures = NULL;
    const FailuresQuestion question = {.since = since,
                                       .until = until,
                                       .with_failed = true,
                                       .with_unexpected = true,
                                       .filter = reader->question->filter};

    TRY(failures_read(reader->db, reader->signatures, &question, &failures, err));
    take(reader, at, failures);
    take_missing(reader->out, failures);
    return RC_OK;
}

/* ---- what they come to ----------------------------------------------------------------------- */

static int64_t failures_of(const HistoryCell *cell)
{
    return cell->executions + cell->operations;
}

static int most_first(const void *a, const void *b)
{
    const HistoryCause *x = a, *y = b;

    return causes_order(&(CauseRank){x->executions + x->operations, x->last_seen, x->id},
                        &(CauseRank){y->executions + y->operations, y->last_seen, y->id});
}

static int by_text(const void *a, const void *b)
{
    return str_compare_fold(*(const char *const *)a, *(const char *const *)b);
}

static void join_packages(HistoryCause *cause, Arena *arena)
{
    size_t count = 0, kept = 0;

    for (size_t i = 0; i < cause->cell_count; i++)
        count += cause->cells[i].package_count;
    const char **all = arena_alloc_array(arena, count, sizeof(*all));
    count = 0;
    for (size_t i = 0; i < cause->cell_count; i++)
        for (size_t k = 0; k < cause->cells[i].package_count; k++)
            all[count++] = cause->cells[i].packages[k];
    if (count > 0)
        qsort(all, count, sizeof(*all), by_text);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !str_same_fold(all[kept - 1], all[i]))
            all[kept++] = all[i];
    cause->packages = all;
    cause->package_count = kept;
}

/* The last months that are whole, and as many before: a month that has just begun says nothing. */
static void compare_months(Reader *reader, HistoryCause *causes)
{
    History *out = reader->out;
    size_t last = out->month_count, first = 0;

    while (last > 0 && !out->months[last - 1].is_whole)
        last--;
    while (first < last && !out->months[first].is_whole)
        first++;
    out->compared = (last - first) / 2 < HISTORY_COMPARED ? (last - first) / 2 : HISTORY_COMPARED;
    size_t between = last - out->compared, from = between - out->compared;
    for (size_t i = 0; i < reader->count && out->compared > 0; i++)
        for (size_t k = 0; k < causes[i].cell_count; k++) {
            const HistoryCell *cell = &causes[i].cells[k];
            int64_t *to = cell->month >= last || cell->month < from ? NULL
                          : cell->month >= between                  ? &causes[i].recent
                                                                    : &causes[i].earlier;
            if (to)
                *to += failures_of(cell);
        }
    for (size_t i = 0; i < reader->count; i++) {
        out->recent += causes[i].recent;
        out->earlier += causes[i].earlier;
    }
}

/* Of the months before the first failure nothing is known: the log may not go back so far. */
static void drop_first_months(Reader *reader, HistoryCause *causes)
{
    History *out = reader->out;
    size_t empty = 0;

    while (empty < out->month_count && reader->months[empty].causes == 0)
        empty++;
    out->months = reader->months + empty;
    out->month_count -= empty;
    for (size_t i = 0; i < reader->count; i++)
        for (size_t k = 0; k < causes[i].cell_count; k++)
            reader->causes[i].cells[k].month -= empty;
}

static void sum_up(Reader *reader)
{
    History *out = reader->out;
    HistoryCause *causes = arena_alloc_array(&out->arena, reader->count, sizeof(*causes));

    for (size_t i = 0; i < reader->count; i++) {
        causes[i] = reader->causes[i].so_far;
        causes[i].cells = reader->causes[i].cells;
    }
    drop_first_months(reader, causes);
    compare_months(reader, causes);
    for (size_t i = 0; i < reader->count; i++)
        join_packages(&causes[i], &out->arena);
    if (reader->count > 0)
        qsort(causes, reader->count, sizeof(*causes), most_first);
    out->causes = causes;
    out->cause_count = reader->count;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static size_t count_months(const HistoryQuestion *question, Instant last)
{
    size_t count = 1;

    while (count <= HISTORY_MONTHS && month_start(question->since, (int)count).ticks <= last.ticks)
        count++;
    return count;
}

static Rc read_months(Reader *reader, Err *err)
{
    const HistoryQuestion *q = reader->question;
    Instant last = q->until.is_set ? q->until : reader->db->server_now;
    size_t count = count_months(q, last);

    if (count > HISTORY_MONTHS)
        return FAIL(err, RC_USAGE, "the window has more than %d months: name a later --since",
                    HISTORY_MONTHS);
    reader->months = arena_alloc_array(&reader->out->arena, count, sizeof(*reader->months));
    reader->out->month_count = count;
    for (size_t i = 0; i < count; i++) {
        Instant begins = month_start(q->since, (int)i), ends = month_start(q->since, (int)i + 1);
        bool is_cut = ends.ticks > last.ticks;
        name_month(begins, &reader->months[i]);
        reader->months[i].is_whole = begins.ticks >= q->since.ticks && !is_cut;
        TRY(read_month(reader, i, i == 0 ? q->since : begins, is_cut ? q->until : ends, err));
    }
    return RC_OK;
}

Rc history_read(const Ssisdb *db, const SigSet *signatures, const HistoryQuestion *question,
                History **ret_history, Err *err)
{
    AUTO(history_free_at) History *history = mem_alloc(sizeof(*history));
    Reader reader = {.db = db, .signatures = signatures, .question = question, .out = history};

    TRY(read_months(&reader, err));
    sum_up(&reader);
    *ret_history = history;
    history = NULL;
    return RC_OK;
}

void history_free(History *history)
{
    if (!history)
        return;
    arena_done(&history->arena);
    free(history);
}

void history_free_at(History **history)
{
    history_free(*history);
}
