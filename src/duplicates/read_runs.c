/* Executions, as compact records, and what is known of the suspects' lives. */
#include "store.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/ssisdb/ends.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define RARE_REACH (400 * TICKS_PER_DAY) // a year, and the month around its day
enum { RARE_MOST = 5000 };               // packages

static int64_t ticks_of(const TdsRows *rows, int column)
{
    Instant at = tds_time(rows, column);

    return at.is_set ? at.ticks : 0;
}

static int64_t first_known(int64_t a, int64_t b, int64_t c)
{
    return a ? a : b ? b : c;
}

static int16_t small_count(int64_t count)
{
    return (int16_t)(count > INT16_MAX ? INT16_MAX : count < 0 ? 0 : count);
}

static void add_run(DuplicatesStore *store, DuplicateRun *run)
{
    if (ends_cannot_be(run->created, run->start, run->end, store->latest)) {
        run->end = 0;
        store->doubted_count++;
    }
    run->created = first_known(run->created, run->start, run->end);
    if (store->count == store->capacity) {
        store->capacity = store->capacity ? store->capacity + store->capacity / 2 : 1024;
        store->runs = mem_resize(store->runs, store->capacity * sizeof(*store->runs));
    }
    store->runs[store->count++] = *run;
}

/* ---- names that were seen before ------------------------------------------------------------- */

static uint64_t hash_bytes(const char *bytes, size_t len)
{
    uint64_t hash = len, word;

    for (; len >= sizeof(word); bytes += sizeof(word), len -= sizeof(word)) {
        memcpy(&word, bytes, sizeof(word));
        hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    for (; len > 0; bytes++, len--)
        hash = (hash ^ (unsigned char)*bytes) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 32;
}

/* The place of a row's names, by the bytes as they came: a million rows have a few thousand of
 * them, and to know one again is much cheaper than to read it. */
static Seen *seen_place(SeenNames *seen, Str raw)
{
    return &seen->places[(size_t)hash_bytes(raw.at, raw.len) & (SEEN_PLACES - 1)];
}

static bool seen_has(const Seen *at, Str raw)
{
    return at->bytes && at->len == raw.len &&
           (raw.len == 0 || memcmp(at->bytes, raw.at, raw.len) == 0);
}

static void seen_keep(Seen *at, Str raw, const DuplicateRun *run)
{
    at->bytes = mem_resize(at->bytes, raw.len + 1);
    if (raw.len > 0)
        memcpy(at->bytes, raw.at, raw.len);
    at->len = raw.len;
    at->key = run->key;
    at->context = run->context;
}

/* ---- executions of the catalog: two statements with the same columns ------------------------- */

_Static_assert((int)SQL_DUPLICATES_TRIGGERS__EXECUTED_COUNT ==
                   (int)SQL_DUPLICATES_RARE__EXECUTED_COUNT,
               "both statements are read alike");

/* Up to the next unit separator, and what is left behind it; an empty part is none. */
static Str next_part(Str *left)
{
    enum { UNIT_SEPARATOR = 31 };
    const char *end = left->len > 0 ? memchr(left->at, UNIT_SEPARATOR, left->len) : NULL;
    Str part = {left->at, end ? (size_t)(end - left->at) : left->len};

    *left = end ? (Str){end + 1, left->len - part.len - 1} : (Str){0};
    return part.len > 0 ? part : (Str){0};
}

static uint32_t read_key(Names *names, Str *left)
{
    NameKey key;

    for (int i = 0; i < KEY_TEXTS; i++)
        key.texts[i] = names_text(names, next_part(left));
    return names_key(names, &key);
}

/* A number of its own for each environment: 0 for none. */
static uint32_t environment_of(const NameKey *key)
{
    return key->texts[KEY_ENVIRONMENT] + key->texts[KEY_ENVIRONMENT_FOLDER] * UINT32_C(2654435761);
}

static void read_names(DuplicatesStore *store, const TdsRows *rows, DuplicateRun *run)
{
    Str left = tds_text(rows, SQL_DUPLICATES_TRIGGERS__NAMES);
    DuplicateContext context = {0};

    run->key = read_key(&store->names, &left);
    context.environment = environment_of(&store->names.keys[run->key]);
    context.caller = names_text(&store->names, next_part(&left));
    (void)str_to_i64(next_part(&left), &context.project_lsn); // none stays 0
    context.is_32bit = str_equal(next_part(&left), str_of("1"));
    run->context = contexts_number(&store->contexts, &context);
}

static void take_run(DuplicatesStore *store, const TdsRows *rows)
{
    DuplicateRun run = {.id = tds_i64(rows, SQL_DUPLICATES_TRIGGERS__EXECUTION_ID)};
    Str raw = tds_raw(rows, SQL_DUPLICATES_TRIGGERS__NAMES);
    Seen *seen = seen_place(&store->seen, raw);

    if (seen_has(seen, raw)) {
        run.key = seen->key;
        run.context = seen->context;
    } else {
        read_names(store, rows, &run);
        seen_keep(seen, raw, &run);
    }
    run.status = status_small(tds_i64(rows, SQL_DUPLICATES_TRIGGERS__STATUS));
    run.created = ticks_of(rows, SQL_DUPLICATES_TRIGGERS__CREATED_TIME);
    run.start = ticks_of(rows, SQL_DUPLICATES_TRIGGERS__START_TIME);
    run.end = ticks_of(rows, SQL_DUPLICATES_TRIGGERS__END_TIME);
    run.executed_count = small_count(tds_i64(rows, SQL_DUPLICATES_TRIGGERS__EXECUTED_COUNT));
    add_run(store, &run);
}

typedef void TakeRow(DuplicatesStore *store, const TdsRows *rows);

static Rc read_each(DuplicatesStore *store, const Ssisdb *db, SqlId id, const TdsArg *args,
                    size_t arg_count, TakeRow *take, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    bool has_row = true;

    TRY(tds_query(db->tds, id, args, arg_count, &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        take(store, rows);
    }
}

static Rc read_part(DuplicatesStore *store, const Ssisdb *db, SqlId id, const TdsArg *args,
                    size_t arg_count, TakeRow *take, const char *what, Err *err)
{
    Err own = {0};
    Rc rc = read_each(store, db, id, args, arg_count, take, &own);

    return missing_record(&store->missing, db, what, rc, &own, &store->arena, err);
}

/* ---- packages that are not in the catalog ---------------------------------------------------- */

static void take_noncatalog(DuplicatesStore *store, const TdsRows *rows)
{
    NameKey key = {{0}};
    DuplicateContext context = {0};
    DuplicateRun run = {.id = tds_i64(rows, SQL_DUPLICATES_NONCATALOG__OPERATION_ID)};

    key.texts[KEY_PACKAGE] =
        names_text(&store->names, tds_text(rows, SQL_DUPLICATES_NONCATALOG__OBJECT_NAME));
    context.caller =
        names_text(&store->names, tds_text(rows, SQL_DUPLICATES_NONCATALOG__CALLER_NAME));
    run.key = names_key(&store->names, &key);
    run.context = contexts_number(&store->contexts, &context);
    run.status = status_small(tds_i64(rows, SQL_DUPLICATES_NONCATALOG__STATUS));
    run.created = ticks_of(rows, SQL_DUPLICATES_NONCATALOG__CREATED_TIME);
    run.start = ticks_of(rows, SQL_DUPLICATES_NONCATALOG__START_TIME);
    run.end = ticks_of(rows, SQL_DUPLICATES_NONCATALOG__END_TIME);
    add_run(store, &run);
}

/* The integration runtime alone runs them. */
static bool may_have_noncatalog(const Ssisdb *db)
{
    return db->engine_edition == ENGINE_AZURE_SQL_DATABASE ||
           db->engine_edition == ENGINE_MANAGED_INSTANCE;
}

/* ---- packages that seldom run ---------------------------------------------------------------- */

enum { SPARSE_LEAST = 2, SPARSE_MOST = 12 };

/* Packages that have run a few times so far and were started twice at no great distance: only then
 * does it matter what their calendar is. One execution of each; the runs are sorted. */
static size_t choose_rare(const DuplicatesStore *store, const DuplicateRules *rules, Buf *ids)
{
    size_t count = 0;

    for (size_t first = 0, end; first < store->count && count < RARE_MOST; first = end) {
        for (end = first + 1; end < store->count && store->runs[end].key == store->runs[first].key;)
            end++;
        const DuplicateRun *last = &store->runs[end - 1];
        if (last->created < rules->since || end - first < SPARSE_LEAST || end - first > SPARSE_MOST)
            continue;
        buf_printf(ids, "%0*" PRId64, ASKED_DIGITS, last->id);
        count++;
    }
    return count;
}

static Rc read_rare(DuplicatesStore *store, const Ssisdb *db, Instant before,
                    const DuplicateRules *rules, Err *err)
{
    AUTO(buf_done) Buf ids = BUF((size_t)RARE_MOST * ASKED_DIGITS);
    Instant since = time_instant(rules->now - RARE_REACH, 0);

    if (before.ticks <= since.ticks || rules->now <= RARE_REACH)
        return RC_OK;
    size_t count = choose_rare(store, rules, &ids);
    if (count == 0)
        return RC_OK;
    TRY(buf_check(&ids, "the list of packages that seldom run", err));
    const TdsArg args[] = {{.name = "since", .time = since},
                           {.name = "until", .time = before},
                           {.name = "ids", .text = buf_text(&ids)},
                           {.name = "id_count", .i64 = (int64_t)count}};
    return read_part(store, db, SQL_DUPLICATES_RARE, args, ARRAY_LEN(args), take_run,
                     "earlier runs of packages that seldom run", err);
}

void seen_done(SeenNames *seen)
{
    for (size_t i = 0; i < SEEN_PLACES; i++)
        free(seen->places[i].bytes);
}

Rc store_read_runs(DuplicatesStore *store, const Ssisdb *db, const DuplicatesQuestion *question,
                   const DuplicateRules *rules, Err *err)
{
    Instant since = question->since;

    since.ticks = since.ticks > question->look_back ? since.ticks - question->look_back : 0;
    const TdsArg args[] = {{.name = "since", .time = since},
                           {.name = "until", .time = question->until},
                           {.name = "first_id", .i64 = 0},
                           {.name = "last_id", .i64 = INT64_MAX}};
    TRY(read_each(store, db, SQL_DUPLICATES_TRIGGERS, args, ARRAY_LEN(args), take_run, err));
    if (may_have_noncatalog(db))
        TRY(read_part(store, db, SQL_DUPLICATES_NONCATALOG, args, ARRAY_LEN(args), take_noncatalog,
                      "runs of packages outside the catalog", err));
    if (store->count > 0)
        store->count = duplicates_suspect(store->runs, store->count, rules);
    size_t before = store->count;
    TRY(read_rare(store, db, since, rules, err));
    if (store->count > before)
        store->count = duplicates_suspect(store->runs, store->count, rules);
    return RC_OK;
}

/* ---- signs of life --------------------------------------------------------------------------- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

static int64_t later(int64_t a, int64_t b)
{
    return b > a ? b : a;
}

static void take_sign(DuplicatesStore *store, const Asked *asked, const TdsRows *rows)
{
    DuplicateSign sign = {
        .execution_id = tds_i64(rows, SQL_DUPLICATES_SIGNS__EXECUTION_ID),
        .first = earlier(ticks_of(rows, SQL_DUPLICATES_SIGNS__FIRST_EXECUTABLE),
                         ticks_of(rows, SQL_DUPLICATES_SIGNS__FIRST_MESSAGE)),
        .last = later(ticks_of(rows, SQL_DUPLICATES_SIGNS__LAST_EXECUTABLE),
                      ticks_of(rows, SQL_DUPLICATES_SIGNS__LAST_MESSAGE)),
    };
    DuplicateRun *run = asked_find(asked, sign.execution_id);

    if (!run)
        return;
    DuplicateContext context = store->contexts.list[run->context];
    context.executed_as =
        names_text(&store->names, tds_text(rows, SQL_DUPLICATES_SIGNS__EXECUTED_AS_NAME));
    context.machine = names_text(&store->names, tds_text(rows, SQL_DUPLICATES_SIGNS__MACHINE_NAME));
    run->context = contexts_number(&store->contexts, &context);
    store->signs = arena_grow(&store->arena, store->signs, store->sign_count, store->sign_count + 1,
                              &store->sign_capacity, sizeof(*store->signs));
    store->signs[store->sign_count++] = sign;
}

static int by_execution(const void *a, const void *b)
{
    const DuplicateSign *x = a, *y = b;

    return (x->execution_id > y->execution_id) - (x->execution_id < y->execution_id);
}

static Rc read_signs(DuplicatesStore *store, const Ssisdb *db, const Asked *asked, Err *err)
{
    AUTO(tds_rows_close_at) TdsRows *rows = NULL;
    const TdsArg args[] = {{.name = "ids", .text = buf_text(&asked->ids)},
                           {.name = "id_count", .i64 = (int64_t)asked->count}};
    bool has_row = true;

    TRY(tds_query(db->tds, SQL_DUPLICATES_SIGNS, args, ARRAY_LEN(args), &rows, err));
    for (;;) {
        TRY(tds_next(rows, &has_row, err));
        if (!has_row)
            return RC_OK;
        take_sign(store, asked, rows);
    }
}

Rc store_read_signs(DuplicatesStore *store, const Ssisdb *db, Err *err)
{
    AUTO(asked_done) Asked asked = {0};

    TRY(asked_choose(store, false, &asked, err));
    if (asked.count == 0)
        return RC_OK;
    TRY(read_signs(store, db, &asked, err));
    if (store->sign_count > 0)
        qsort(store->signs, store->sign_count, sizeof(*store->signs), by_execution);
    return RC_OK;
}
