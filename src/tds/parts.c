/* A read that met a lock, in smaller pieces. */
#include "parts.h"

#include "ssisminer/base/log.h"
#include "ssisminer/base/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A lock is found by cutting what is locked in CUT until one operation is left, or until PATIENCE
 * waits were in vain: then what is left is taken as it is. */
enum { CUT = 4, PATIENCE = 48 };

typedef struct Spans {
    TdsSpan *at; // in the arena
    size_t count, capacity;
} Spans;

struct TdsParts {
    Tds *tds;
    const SqlAsset *asset;
    TdsArg *args; // ours, texts included
    size_t arg_count;
    Arena arena;
    Spans round; // to be read now
    size_t at;
    Spans locked; // of this round
    bool has_read;
    int patience;
    int attempt; // of waiting for what cannot be cut any more
};

/* ---- spans ----------------------------------------------------------------------------------- */

static void add(TdsParts *parts, Spans *spans, TdsSpan span)
{
    spans->at = arena_grow(&parts->arena, spans->at, spans->count, spans->count + 1,
                           &spans->capacity, sizeof(*spans->at));
    spans->at[spans->count++] = span;
}

/* Into so many pieces as equal as can be, the highest first. */
static void cut(TdsParts *parts, Spans *into, TdsSpan span, size_t pieces)
{
    uint64_t left = (uint64_t)(span.last - span.first) + 1;
    int64_t last = span.last;

    for (; pieces > 0 && left > 0; pieces--) {
        uint64_t size = (left + pieces - 1) / pieces;
        add(parts, into, (TdsSpan){last - (int64_t)size + 1, last});
        last -= (int64_t)size;
        left -= size;
    }
}

/* What of the spans is not in `hole`. */
static Spans without(TdsParts *parts, const Spans *spans, TdsSpan hole)
{
    Spans left = {0};

    for (size_t i = 0; i < spans->count; i++) {
        TdsSpan span = spans->at[i];
        if (hole.last < span.first || hole.first > span.last) {
            add(parts, &left, span);
            continue;
        }
        if (span.last > hole.last)
            add(parts, &left, (TdsSpan){hole.last + 1, span.last});
        if (span.first < hole.first)
            add(parts, &left, (TdsSpan){span.first, hole.first - 1});
    }
    return left;
}

static bool can_cut(const Spans *spans)
{
    for (size_t i = 0; i < spans->count; i++)
        if (spans->at[i].last > spans->at[i].first)
            return true;
    return false;
}

/* ---- beginning ------------------------------------------------------------------------------- */

static TdsArg *arg_named(TdsParts *parts, const char *name)
{
    for (size_t i = 0; i < parts->arg_count; i++)
        if (strcmp(parts->args[i].name, name) == 0)
            return &parts->args[i];
    return NULL;
}

static void copy_args(TdsParts *parts, const TdsArg *args, size_t count)
{
    parts->args = arena_alloc_array(&parts->arena, count, sizeof(*args));
    parts->arg_count = count;
    memcpy(parts->args, args, count * sizeof(*args));
    for (size_t i = 0; i < count; i++)
        if (args[i].text)
            parts->args[i].text = arena_copy(&parts->arena, args[i].text, strlen(args[i].text));
}

/* A range without an end ends with what is there. */
static Rc read_newest(Tds *tds, int64_t *ret_newest, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = false;

    TRY(tds_query_part(tds, sql_asset(SQL_TDS_NEWEST), NULL, 0, &rows, err));
    TRY(tds_next(rows, &has_row, err));
    *ret_newest = has_row ? tds_i64(rows, SQL_TDS_NEWEST__NEWEST) : 0;
    return RC_OK;
}

static Rc find_whole(TdsParts *parts, TdsSpan *ret_whole, Err *err)
{
    int64_t newest = 0;

    *ret_whole = (TdsSpan){arg_named(parts, parts->asset->part_first)->i64,
                           arg_named(parts, parts->asset->part_last)->i64};
    TRY(read_newest(parts->tds, &newest, err));
    if (ret_whole->first < 1)
        ret_whole->first = 1;
    if (ret_whole->last > newest)
        ret_whole->last = newest;
    return RC_OK;
}

/* What an earlier statement had to leave out is left out of this one, too: an answer is of the same
 * operations throughout, and nobody waits for them twice. */
static void begin(TdsParts *parts, TdsSpan whole)
{
    const Tds *tds = parts->tds;
    size_t pieces =
        tds->skipped_count > 0 && tds->part_count == TDS_PARTS_FIRST ? 1 : tds->part_count;
    Spans readable = {0};

    if (whole.last >= whole.first)
        add(parts, &readable, whole);
    for (size_t i = 0; i < tds->skipped_count; i++)
        readable = without(parts, &readable, tds->skipped[i]);
    for (size_t i = 0; i < readable.count; i++)
        cut(parts, &parts->round, readable.at[i], pieces);
    if (readable.count == 0) // an empty answer is one all the same
        add(parts, &parts->round, (TdsSpan){1, 0});
}

bool tds_parts_may(const SqlAsset *asset)
{
    return asset->part_first != NULL;
}

void tds_parts_free(TdsParts *parts)
{
    if (!parts)
        return;
    arena_done(&parts->arena);
    free(parts);
}

/* ---- going on -------------------------------------------------------------------------------- */

static Rc open_part(TdsParts *parts, TdsSpan span, TdsRows **ret_rows, Err *err)
{
    arg_named(parts, parts->asset->part_first)->i64 = span.first;
    arg_named(parts, parts->asset->part_last)->i64 = span.last;
    return tds_query_part(parts->tds, parts->asset, parts->args, parts->arg_count, ret_rows, err);
}

/* To the first part of the round that can be read; NULL: none is left. */
static Rc open_next(TdsParts *parts, TdsRows **ret_rows, Err *err)
{
    Err why = {0};

    while (parts->at < parts->round.count) {
        TdsSpan span = parts->round.at[parts->at++];
        if (parts->patience <= 0) {
            add(parts, &parts->locked, span);
            continue;
        }
        if (open_part(parts, span, ret_rows, &why) == RC_OK) {
            parts->has_read = true;
            return RC_OK;
        }
        if (why.rc == RC_STOPPED || parts->tds->fault.number != TDS_LOCK_TIME_OUT) {
            *err = why;
            return err->rc;
        }
        parts->patience--;
        add(parts, &parts->locked, span);
        *err = why; // of the lock, for who gives up
    }
    *ret_rows = NULL;
    return RC_OK;
}

/* What stays locked is left out of the answer; who asked says so. */
static void skip(TdsParts *parts)
{
    for (size_t i = 0; i < parts->locked.count; i++)
        tds_note_skipped(parts->tds, parts->locked.at[i]);
    parts->locked.count = 0;
    parts->tds->starts_in_parts = true;
}

/* What to read in the next round: pieces of what was locked, or, when no cut helps any more, the
 * same again after a while. */
static Rc begin_round(TdsParts *parts, Err *err)
{
    Spans again = parts->locked;
    bool is_cut = parts->patience > 0 && can_cut(&again);

    if (!is_cut && parts->attempt >= parts->tds->target.retry_attempts) {
        skip(parts);
        return RC_OK;
    }
    if (!is_cut) {
        TRY(tds_wait_for_lock(parts->tds, parts->attempt++, err));
        parts->patience = (int)again.count;
    }
    parts->round = parts->locked = (Spans){0};
    parts->at = 0;
    for (size_t i = 0; i < again.count; i++)
        cut(parts, &parts->round, again.at[i], is_cut ? CUT : 1);
    return RC_OK;
}

static Rc advance(TdsParts *parts, TdsRows **ret_rows, Err *err)
{
    Err lock = {0};

    for (;;) {
        if (open_next(parts, ret_rows, &lock) != RC_OK) {
            *err = lock;
            return err->rc;
        }
        if (*ret_rows || parts->locked.count == 0)
            return RC_OK;
        if (!parts->has_read) { // a lock on everything
            *err = lock;
            return err->rc;
        }
        TRY(begin_round(parts, err));
    }
}

Rc tds_parts_start(Tds *tds, const SqlAsset *asset, const TdsArg *args, size_t arg_count,
                   TdsRows **ret_rows, Err *err)
{
    TdsParts *parts = mem_alloc(sizeof(*parts));
    TdsSpan whole;
    TdsRows *rows = NULL;

    *parts = (TdsParts){.tds = tds, .asset = asset, .patience = PATIENCE};
    copy_args(parts, args, arg_count);
    if (find_whole(parts, &whole, err) == RC_OK) {
        begin(parts, whole);
        (void)advance(parts, &rows, err);
    }
    if (!rows) {
        tds_parts_free(parts);
        return err->rc;
    }
    rows->parts = parts;
    *ret_rows = rows;
    return RC_OK;
}

Rc tds_parts_next(TdsRows *rows, bool *ret_is_open, Err *err)
{
    TdsRows *next = NULL;

    tds_rows_end(rows);
    TRY(advance(rows->parts, &next, err));
    *ret_is_open = next != NULL;
    if (next)
        tds_rows_become(rows, next);
    return RC_OK;
}
