/* Whether somebody waits, and what would help, on one screen: the hours and packages that waited
 * too long, what has not begun, and who of the workers is away. */
#include "present.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/str.h"
#include "ssisminer/report/words.h"

#include <inttypes.h>
#include <stdlib.h>

enum { HOUR_BYTES = 11 }; // of "03-01 03:00:00"

static bool is_within(const Builder *builder, size_t shown)
{
    return shown < REPORT_SCREEN_LINES && (!builder->view->limit || shown < builder->view->limit);
}

/* ---- the two lines --------------------------------------------------------------------------- */

static int64_t worst_p95(const Builder *builder)
{
    const CapacityFigures *f = &builder->capacity->figures;
    int64_t worst = -1;

    for (size_t i = 0; i < f->hour_count; i++)
        worst = f->hours[i].waits.p95 > worst ? f->hours[i].waits.p95 : worst;
    return worst;
}

/* "Too few slots: 8 where 17 were needed; p95 wait 17 min 17 s in the worst hour" */
static const char *waiting_line(const Builder *builder)
{
    const Capacity *c = builder->capacity;
    Arena *arena = builder->arena;
    const char *worst = words_length(worst_p95(builder), arena);

    if (c->pending > c->rules.target_wait && worst_p95(builder) <= c->rules.target_wait)
        return arena_printf(arena, "An execution has been pending for %s",
                            words_length(c->pending, arena));
    if (c->rules.slots > 0 && c->slots_needed > c->rules.slots)
        return arena_printf(arena,
                            "Too few slots: %d where %d were needed; p95 wait %s in the worst hour",
                            c->rules.slots, c->slots_needed, worst);
    return arena_printf(arena, "Packages waited too long: p95 %s in the worst hour", worst);
}

static const char *headline(const Builder *builder)
{
    const Capacity *c = builder->capacity;
    size_t started = c->figures.started;

    if (capacity_is_short(c, builder->view->question))
        return waiting_line(builder);
    if (started == 0)
        return "Nothing was started";
    if (!c->has_queue)
        return arena_printf(builder->arena,
                            "No queue to wait in: %zu execution%s, %d at once at most", started,
                            words_plural((int64_t)started), c->figures.peak);
    return arena_printf(builder->arena, "Nobody waited too long: %zu execution%s, longest wait %s",
                        started, words_plural((int64_t)started),
                        words_length(c->figures.waits.longest, builder->arena));
}

static const char *where_line(const Builder *builder)
{
    const Ssisdb *db = builder->view->db;
    const CapacityQuestion *q = builder->view->question;

    return words_where(db->server_name, db->database_name,
                       words_window(q->since, q->until, builder->view->now, builder->arena),
                       builder->arena);
}

/* ---- hours and packages that waited too long ------------------------------------------------- */

static int longest_wait_first(const void *a, const void *b)
{
    const CapacityHour *x = *(const CapacityHour *const *)a, *y = *(const CapacityHour *const *)b;

    if (x->waits.p95 != y->waits.p95)
        return x->waits.p95 > y->waits.p95 ? -1 : 1;
    return (x->from < y->from) - (x->from > y->from);
}

static Section *table(const Builder *builder, const char *key, const Column *columns, size_t count)
{
    return report_section(builder->report, FOR_SCREEN, key, NULL, LAYOUT_TABLE,
                          words_zone_columns(columns, count, builder->arena), count, NULL);
}

/* clang-format off */
#define HOUR_COLUMNS(COLUMN) \
    COLUMN("hour", "hour (UTC)", \
           value_text(arena_printf(builder->arena, "%.*s", HOUR_BYTES, words_when(from, builder->arena))), \
           .tone = TONE_STRONG, .is_whole = true) \
    COLUMN("started", "started", value_count((int64_t)hour->started), .align_right = true) \
    COLUMN("peak", "at once", value_count(hour->peak), .align_right = true) \
    COLUMN("p95", "p95 wait", \
           value_text(words_length(hour->waits.p95, builder->arena)), .align_right = true, .tone = TONE_ALERT) \
    COLUMN("saturated", "all taken", \
           hour->saturated > 0 ? value_text(words_length(hour->saturated, builder->arena)) : value_none(), \
           .align_right = true)
/* clang-format on */

static void add_hour(const Builder *builder, Section *section, const CapacityHour *hour)
{
    Instant from = {.ticks = hour->from, .is_set = true};

    row_set_all(section_row(section), ROW_VALUES(HOUR_COLUMNS));
}

static void list_hours(const Builder *builder)
{
    static const Column columns[] = {HOUR_COLUMNS(COLUMN_ENTRY)};
    const CapacityFigures *f = &builder->capacity->figures;
    AUTO(mem_free_at) const CapacityHour **list = mem_alloc((f->hour_count + 1) * sizeof(*list));
    Section *section = table(builder, "hours", columns, ARRAY_LEN(columns));
    size_t count = 0;

    for (size_t i = 0; i < f->hour_count; i++)
        if (f->hours[i].waits.p95 > builder->capacity->rules.target_wait)
            list[count++] = &f->hours[i];
    qsort(list, count, sizeof(*list), longest_wait_first);
    for (size_t i = 0; i < count && is_within(builder, i); i++)
        add_hour(builder, section, list[i]);
    section_set_rest(section, "hour", "hours", count);
}

/* clang-format off */
#define PACKAGE_COLUMNS(COLUMN) \
    COLUMN("package", "package", \
           value_text(run_path(&c->runs, package->key, builder->arena)), .cut_left = true, .tone = TONE_STRONG) \
    COLUMN("started", "started", value_count((int64_t)package->started), .align_right = true) \
    COLUMN("p95", "p95 wait", value_text(words_length(package->waits.p95, builder->arena)), .align_right = true) \
    COLUMN("longest", "longest", value_text(words_length(package->waits.longest, builder->arena)), .align_right = true)
/* clang-format on */

static void list_packages(const Builder *builder)
{
    static const Column columns[] = {PACKAGE_COLUMNS(COLUMN_ENTRY)};
    const Capacity *c = builder->capacity;
    Section *section = table(builder, "packages", columns, ARRAY_LEN(columns));
    size_t count = 0;

    for (size_t i = 0; i < c->package_count; i++) {
        const CapacityPackage *package = &c->packages[i];
        if (package->waits.p95 <= c->rules.target_wait)
            continue;
        if (!is_within(builder, count++))
            continue;
        row_set_all(section_row(section), ROW_VALUES(PACKAGE_COLUMNS));
    }
    section_set_rest(section, "package", "packages", count);
}

/* ---- what has not begun, and who is away ----------------------------------------------------- */

/* clang-format off */
#define IDLE_COLUMNS(COLUMN) \
    COLUMN("id", "not begun", value_id(run->id), .align_right = true, .tone = TONE_STRONG) \
    COLUMN("status", "status", value_text(arena_text(builder->arena, status_name(run->status)))) \
    COLUMN("package", "package", value_text(run_path(&c->runs, run->key, builder->arena)), .cut_left = true) \
    COLUMN("wait", "for", \
           value_text(words_length(c->rules.now - from, builder->arena)), .align_right = true, .tone = TONE_ALERT)
/* clang-format on */

static void list_idle(const Builder *builder)
{
    static const Column columns[] = {IDLE_COLUMNS(COLUMN_ENTRY)};
    const Capacity *c = builder->capacity;
    Section *section = table(builder, "not_begun", columns, ARRAY_LEN(columns));

    for (size_t i = 0; i < c->idle_kept && is_within(builder, i); i++) {
        const Run *run = &c->idle[i];
        int64_t from = run->start ? run->start : run->created;
        row_set_all(section_row(section), ROW_VALUES(IDLE_COLUMNS));
    }
    section_set_rest(section, "not begun", "not begun", c->idle_count);
}

/* clang-format off */
#define WORKER_COLUMNS(COLUMN) \
    COLUMN("worker", "worker", value_text(worker->name ? worker->name : worker->id), .tone = TONE_STRONG) \
    COLUMN("state", "state", value_text(state), .tone = TONE_ALERT) \
    COLUMN("last_online", "last online", value_time(worker->last_online), .is_whole = true)
/* clang-format on */

static void list_workers(const Builder *builder)
{
    static const Column columns[] = {WORKER_COLUMNS(COLUMN_ENTRY)};
    const Workers *workers = &builder->capacity->workers;
    Section *section = table(builder, "workers", columns, ARRAY_LEN(columns));
    size_t count = 0;

    for (size_t i = 0; i < workers->count; i++) {
        const Worker *worker = &workers->list[i];
        const char *state = capacity_worker_state(builder, worker);
        if (str_same(state, "online") || !is_within(builder, count++))
            continue;
        row_set_all(section_row(section), ROW_VALUES(WORKER_COLUMNS));
    }
    section_set_rest(section, "worker", "workers", count);
}

void capacity_screen(const Builder *builder)
{
    report_screen(builder->report, headline(builder), where_line(builder),
                  builder->capacity->figures.started > 0
                      ? "Each hour of the day, and other numbers of slots: --all"
                      : NULL);
    if (builder->capacity->figures.started > 0)
        capacity_screen_facts(builder);
    capacity_add_advice(builder, FOR_SCREEN);
    list_hours(builder);
    list_packages(builder);
    list_idle(builder);
    list_workers(builder);
}
