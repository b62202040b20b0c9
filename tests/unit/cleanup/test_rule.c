/*
 * The rule of what may be deleted, run by the sandbox over every mixture of status and times,
 * against a judgment made here without it; in every statement that is made of it. Then mutants:
 * the rule with one thing wrong must be noticed in each of those statements.
 */
#include "../engine/collect.h"

#include "../../../src/tds/statement.h"

#include "ssisminer/asset/rule.h"
#include "ssisminer/base/arena.h"
#include "ssisminer/ssisdb/log_tables.h"

#include <inttypes.h>
#include <sqlite3.h>

/* ---- every mixture --------------------------------------------------------------------------- */

static const int statuses[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 42};

/* Days before the end of it all; the cutoffs lie on two of them. 0 is no time. */
typedef enum Time { UNKNOWN, ANCIENT, ON_FAILED_CUTOFF, BETWEEN, ON_CUTOFF, YOUNG, TIMES } Time;

static const struct {
    int days;
    int16_t offset_minutes; // the instant counts, not the wall clock
} times[TIMES] = {[ANCIENT] = {1, -480},
                  [ON_FAILED_CUTOFF] = {100, 840},
                  [BETWEEN] = {170, 0},
                  [ON_CUTOFF] = {200, -720},
                  [YOUNG] = {201, 345}};

/* Behind the mixtures 1, 2, 4, … old ones of each status, so that a sum tells which statuses are in
 * it. */
enum {
    STATUSES = ARRAY_LEN(statuses),
    MIXTURES = STATUSES * TIMES * TIMES * TIMES,
    OPERATIONS = MIXTURES + STATUSES * (STATUSES + 1) / 2
};

typedef struct Mixture {
    int status;
    Time end, start, created;
} Mixture;

static Mixture mixture_of(int64_t id) // ids begin with 1
{
    int64_t n = id - 1;
    int status = 0;

    while (n >= MIXTURES && n - MIXTURES >= (status + 1) * (status + 2) / 2)
        status++;
    if (n >= MIXTURES)
        return (Mixture){.end = ANCIENT, .status = statuses[status]};
    return (Mixture){.created = (Time)(n % TIMES),
                     .start = (Time)(n / TIMES % TIMES),
                     .end = (Time)(n / TIMES / TIMES % TIMES),
                     .status = statuses[n / TIMES / TIMES / TIMES]};
}

static Instant instant_of(Time time)
{
    return (Instant){.ticks = TICKS_UNIX_EPOCH + (20000 + times[time].days) * TICKS_PER_DAY,
                     .offset_minutes = times[time].offset_minutes,
                     .is_set = time != UNKNOWN};
}

/* The judgment: by the order of the days, since their names are in that order. */
static bool is_doomed(int64_t id, bool with_created)
{
    static const bool is_final[] = {[3] = true, [4] = true, [6] = true, [7] = true, [9] = true};
    const Mixture m = mixture_of(id);
    Time last = m.end != UNKNOWN ? m.end : m.start != UNKNOWN ? m.start : m.created;
    bool is_failure = m.status == 4 || m.status == 6;
    bool may_go = m.status == 1 ? with_created : m.status < 10 && is_final[m.status];

    return may_go && last != UNKNOWN && last <= (is_failure ? ON_FAILED_CUTOFF : ON_CUTOFF) &&
           m.start != YOUNG && m.created != YOUNG;
}

/* ---- the database ---------------------------------------------------------------------------- */

typedef struct Place {
    Engine *engine;
    Session *session;
} Place;

static Place whole;  // each operation has a row in every table of the log
static Place parent; // the operations alone, with nothing in the way of their delete
static Arena arena;

static void store_run(Engine *engine, const char *statement)
{
    char *why = NULL;

    if (sqlite3_exec(engine_store(engine), statement, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", statement, why);
}

static const char *stored(Time time)
{
    return time == UNKNOWN ? "NULL" : arena_printf(&arena, "%" PRId64, time_pack(instant_of(time)));
}

static void add_operations(Engine *engine)
{
    for (int64_t id = 1; id <= OPERATIONS; id++) {
        const Mixture m = mixture_of(id);
        store_run(engine,
                  arena_printf(&arena,
                               "INSERT INTO \"internal.operations\" (operation_id, operation_type, "
                               "status, caller_sid,"
                               " caller_name, end_time, start_time, created_time)"
                               " VALUES (%" PRId64 ", 200, %d, x'01', 'x', %s, %s, %s)",
                               id, m.status, stored(m.end), stored(m.start), stored(m.created)));
    }
}

/* A row an operation: the id in every number that must be there, so that keys are unique. */
static void add_children(Engine *engine, const LogTable *table)
{
    const char *columns = table->key, *values = "operation_id";
    sqlite3_stmt *about = NULL;

    (void)sqlite3_prepare_v2(
        engine_store(engine),
        arena_printf(&arena, "PRAGMA table_info(\"internal.%s\")", table->name), -1, &about, NULL);
    while (sqlite3_step(about) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(about, 1);
        const char *type = (const char *)sqlite3_column_text(about, 2);
        bool is_needed = sqlite3_column_int(about, 3) && !sqlite3_column_text(about, 4);
        if (strcmp(name, table->key) == 0 || !is_needed || sqlite3_column_int(about, 5))
            continue;
        bool is_text = type && strstr(type, "TEXT");
        columns = arena_printf(&arena, "%s, \"%s\"", columns, name);
        values = arena_printf(&arena, "%s, %s", values, is_text ? "'x'" : "operation_id");
    }
    (void)sqlite3_finalize(about);
    store_run(engine,
              arena_printf(
                  &arena, "INSERT INTO \"internal.%s\" (%s) SELECT %s FROM \"internal.operations\"",
                  table->name, columns, values));
}

static void open_place(Place *place, bool with_children)
{
    const EngineOptions options = {.flavor = FLAVOR_AZURE};
    Err err = {0};

    if (engine_open(&options, &place->engine, &err) != RC_OK)
        fail_msg("%s", err.text);
    store_run(place->engine, "PRAGMA foreign_keys = OFF");
    store_run(place->engine, "BEGIN");
    add_operations(place->engine);
    for (LogTableId id = 0; with_children && id < LOG_TABLE_OPERATIONS; id++)
        add_children(place->engine, log_table(id));
    store_run(place->engine, "COMMIT");
    place->session = session_open(place->engine, "sa", "test");
    assert_non_null(place->session);
}

static int open_all(void **state)
{
    (void)state;
    open_place(&whole, true);
    open_place(&parent, false);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    session_close(whole.session);
    session_close(parent.session);
    engine_close(whole.engine);
    engine_close(parent.engine);
    arena_done(&arena);
    return 0;
}

/* ---- statements ------------------------------------------------------------------------------ */

typedef struct Mutant {
    const char *from, *to; // in the text of the rule; NULL: the rule as it is
} Mutant;

static const Mutant healthy = {0};

static const char *replace(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);

    return at ? arena_printf(&arena, "%.*s%s%s", (int)(at - text), text, to,
                             replace(at + strlen(from), from, to))
              : text;
}

/* As a person would run it, or wrongly changed. */
static const char *script_of(SqlId id, bool with_created, const Mutant *mutant)
{
    AUTO(buf_done) Buf out = BUF(1 << 20);
    const SqlAsset *asset = sql_asset(id);
    const TdsArg all[] = {
        {.name = "rows", .i64 = 1000000},
        {.name = "first_id", .i64 = 1},
        {.name = "last_id", .i64 = OPERATIONS},
        {.name = "after_id", .i64 = 0},
        {.name = "row_limit", .i64 = OPERATIONS},
        {.name = "operation_id", .i64 = 0},
        {.name = "cutoff", .time = instant_of(ON_CUTOFF)},
        {.name = "failed_cutoff", .time = instant_of(ON_FAILED_CUTOFF)},
        {.name = "with_created", .i64 = with_created},
        {.name = "only_created", .i64 = 0},
        {.name = "with_names", .i64 = 0},
        {.name = "only_created", .i64 = 0},
        {.name = "lock_timeout", .i64 = 1000},
    };

    tds_statement_script(asset, all, ARRAY_LEN(all), NULL, NULL, &out);
    const char *text = arena_copy(&arena, buf_text(&out), out.len);
    if (!mutant->from)
        return text;
    const char *changed = replace(text, mutant->from, mutant->to);
    if (strcmp(changed, text) == 0)
        fail_msg("'%s' is not in the rule: the mutant is out of date", mutant->from);
    return changed;
}

static const char *say(const Place *place, const char *batch)
{
    static Collect collect;
    const char *said = collect_run(place->session, &collect, batch);
    const char *kept = arena_text(&arena, said);

    buf_done(&collect.text);
    return kept;
}

/* ---- what they say --------------------------------------------------------------------------- */

/* The number in a field of a line, counted from 0. */
static int64_t field(Str line, int index)
{
    Str piece = {0};
    int64_t value = -1;

    for (int i = 0; i <= index; i++)
        (void)str_split(&line, '|', &piece);
    (void)str_to_i64(piece, &value);
    return value;
}

/* Exactly the ids that are (or, `wanted` false, that are not) doomed. */
static bool lists(const char *said, bool wanted, bool with_created)
{
    bool *is_there = arena_alloc_array(&arena, OPERATIONS + 1, sizeof(*is_there));
    Str rest = str_of(said), line;

    while (str_split(&rest, '\n', &line)) {
        int64_t id = field(line, 0);
        if (line.len > 0 && (id < 1 || id > OPERATIONS))
            return false;
        if (line.len > 0)
            is_there[id] = true;
    }
    for (int64_t id = 1; id <= OPERATIONS; id++)
        if (is_there[id] != (is_doomed(id, with_created) == wanted))
            return false;
    return true;
}

static bool deletes_right(LogTableId table, bool with_created, const Mutant *mutant)
{
    static const SqlId ids[] = {
#define LOG_TABLE(id, ...) SQL_CLEANUP_DELETE_##id,
#include "ssisminer/ssisdb/log_tables.def"
#undef LOG_TABLE
    };
    const LogTable *about = log_table(table);
    const char *script = script_of(ids[table], with_created, mutant);

    const char *said = say(table == LOG_TABLE_OPERATIONS ? &parent : &whole,
                           arena_printf(&arena,
                                        "BEGIN TRANSACTION; %s SELECT %s FROM internal.%s; "
                                        "ROLLBACK TRANSACTION",
                                        script, about->key, about->name));
    return lists(said, false, with_created);
}

static bool judges_right(SqlId id, const Mutant *mutant)
{
    const char *said = say(&whole, script_of(id, true, mutant));
    Str rest = str_of(said), line;
    int64_t count = 0;

    while (str_split(&rest, '\n', &line)) {
        count++;
        if (field(line, SQL_CLEANUP_OPERATIONS__IS_DOOMED) !=
            is_doomed(field(line, SQL_CLEANUP_OPERATIONS__OPERATION_ID), true))
            return false;
    }
    return count == OPERATIONS;
}

static bool explains_right(SqlId id, const Mutant *mutant)
{
    const char *script =
        replace(script_of(id, true, mutant), "WHERE o.operation_id = @operation_id;",
                "WHERE o.operation_id > @operation_id ORDER BY o.operation_id;");
    Str rest = str_of(say(&whole, script)), line;
    int64_t at = 0;

    while (str_split(&rest, '\n', &line)) {
        bool all = true;
        for (int i = 0; i < SQL_RULE_DOOMED_CLAUSES; i++)
            all = all && field(line, SQL_CLEANUP_ONE_OPERATION__IS_FINAL + i) == 1;
        if (all != is_doomed(++at, true))
            return false;
    }
    return at == OPERATIONS;
}

static bool counts_right(SqlId id, const Mutant *mutant)
{
    Str rest = str_of(say(&whole, script_of(id, true, mutant))), line;
    int64_t doomed = 0;
    size_t tables = 0;

    for (int64_t op = 1; op <= OPERATIONS; op++)
        doomed += is_doomed(op, true);
    while (str_split(&rest, '\n', &line)) {
        if (field(line, 1) != doomed)
            return false;
        tables++;
    }
    return tables == LOG_TABLE_COUNT;
}

static bool proves_right(const Mutant *mutant)
{
    return lists(say(&whole, script_of(SQL_CLEANUP_PROOF, true, mutant)), true, true);
}

/* ---- the tests ------------------------------------------------------------------------------- */

static void test_rule__deletes_exactly_the_doomed_from_every_table(void **state)
{
    (void)state;
    for (LogTableId table = 0; table < LOG_TABLE_COUNT; table++) {
        if (!deletes_right(table, true, &healthy) || !deletes_right(table, false, &healthy))
            fail_msg("the delete from %s", log_table(table)->name);
    }
}

static void test_rule__every_answer_follows_it(void **state)
{
    (void)state;
    assert_true(judges_right(SQL_CLEANUP_OPERATIONS, &healthy));
    assert_true(judges_right(SQL_CLEANUP_OPERATIONS_VIEW, &healthy));
    assert_true(explains_right(SQL_CLEANUP_ONE_OPERATION, &healthy));
    assert_true(counts_right(SQL_CLEANUP_EXACT, &healthy));
    assert_true(counts_right(SQL_CLEANUP_PROOF_ROWS, &healthy));
    assert_true(proves_right(&healthy));
}

#define STATUS "(o.status IN (3, 4, 6, 7, 9) OR (o.status = 1 AND @with_created = 1))"
#define LAST   "COALESCE(o.end_time, o.start_time, o.created_time)"
#define LIMIT  "CASE WHEN o.status IN (4, 6) THEN @failed_cutoff ELSE @cutoff END"
#define START  "COALESCE(o.start_time, @cutoff) <= @cutoff"
#define MADE   "COALESCE(o.created_time, @cutoff) <= @cutoff"

static const Mutant mutants[] = {
    /* a live, an unknown or no state */
    {"(3, 4, 6, 7, 9)", "(2, 3, 4, 6, 7, 9)"},
    {"(3, 4, 6, 7, 9)", "(3, 4, 5, 6, 7, 9)"},
    {"(3, 4, 6, 7, 9)", "(3, 4, 6, 7, 8, 9)"},
    {"(3, 4, 6, 7, 9)", "(3, 4, 6, 7, 9, 42)"},
    {"(3, 4, 6, 7, 9)", "(4, 6, 7, 9)"},
    {"(3, 4, 6, 7, 9)", "(3, 6, 7, 9)"},
    {"(3, 4, 6, 7, 9)", "(3, 4, 7, 9)"},
    {"(3, 4, 6, 7, 9)", "(3, 4, 6, 9)"},
    {"(3, 4, 6, 7, 9)", "(3, 4, 6, 7)"},
    {"o.status IN (3, 4, 6, 7, 9)", "o.status >= 3"},
    {"o.status IN (3, 4, 6, 7, 9)", "o.status NOT IN (2, 5, 8)"},
    {STATUS, "1 = 1"},
    {"o.status = 1 AND", "o.status IN (1, 2) AND"},
    {"o.status = 1 AND", "o.status = 2 AND"},
    {"(o.status = 1 AND @with_created = 1)", "1 = 0"},
    /* the end */
    {LAST, "COALESCE(o.end_time, o.created_time)"},
    {LAST, "COALESCE(o.end_time, o.start_time)"},
    {LAST, "COALESCE(o.start_time, o.end_time, o.created_time)"},
    {LAST, "COALESCE(o.created_time, o.start_time, o.end_time)"},
    {LAST, "o.end_time"},
    {LAST, "COALESCE(o.end_time, o.start_time, o.created_time, @failed_cutoff)"},
    {LAST "\n", LAST " >= DATEADD(day, -150, @cutoff) AND " LAST "\n"},
    /* the limits */
    {"<= " LIMIT, "< " LIMIT},
    {LIMIT, "@cutoff"},
    {LIMIT, "@failed_cutoff"},
    {"o.status IN (4, 6) THEN", "o.status = 4 THEN"},
    {"o.status IN (4, 6) THEN", "o.status = 6 THEN"},
    {"o.status IN (4, 6) THEN", "o.status IN (4, 6, 7) THEN"},
    {"THEN @failed_cutoff ELSE @cutoff", "THEN @cutoff ELSE @failed_cutoff"},
    {LIMIT, "DATEADD(day, 1, @cutoff)"},
    /* the guards */
    {START, "1 = 1"},
    {MADE, "1 = 1"},
    {START, "COALESCE(o.start_time, @cutoff) < @cutoff"},
    {MADE, "COALESCE(o.created_time, @cutoff) < @cutoff"},
    {START, "o.start_time <= @cutoff"},
    {MADE, "o.created_time <= @cutoff"},
    {START, "COALESCE(o.start_time, @cutoff) <= @failed_cutoff"},
    {MADE, "COALESCE(o.created_time, @cutoff) <= @failed_cutoff"},
};

_Static_assert(ARRAY_LEN(mutants) >= 30, "thirty mutants at the least");

static bool survives(const Mutant *mutant)
{
    return deletes_right(LOG_TABLE_OPERATIONS, true, mutant) ||
           deletes_right(LOG_TABLE_EVENT_MESSAGES, true, mutant) ||
           judges_right(SQL_CLEANUP_OPERATIONS, mutant) ||
           explains_right(SQL_CLEANUP_ONE_OPERATION, mutant) ||
           counts_right(SQL_CLEANUP_EXACT, mutant) ||
           counts_right(SQL_CLEANUP_PROOF_ROWS, mutant) || proves_right(mutant);
}

static void test_rule__mutants_are_noticed_in_every_statement(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(mutants); i++)
        if (survives(&mutants[i]))
            fail_msg("nobody notices '%s' for '%s'", mutants[i].to, mutants[i].from);
}

/* Where rows of never started operations are to stay until the operation goes. */
static void test_rule__mutants_of_with_created_are_noticed(void **state)
{
    static const Mutant always = {"@with_created = 1))", "1 = 1))"},
                        wrong = {"@with_created = 1))", "@with_created = 0))"};
    (void)state;
    assert_false(deletes_right(LOG_TABLE_EXECUTIONS, false, &always));
    assert_false(deletes_right(LOG_TABLE_EXECUTIONS, false, &wrong));
    assert_false(deletes_right(LOG_TABLE_EXECUTIONS, true, &wrong));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rule__deletes_exactly_the_doomed_from_every_table),
        cmocka_unit_test(test_rule__every_answer_follows_it),
        cmocka_unit_test(test_rule__mutants_are_noticed_in_every_statement),
        cmocka_unit_test(test_rule__mutants_of_with_created_are_noticed),
    };

    return cmocka_run_group_tests_name("rule", tests, open_all, close_all);
}
