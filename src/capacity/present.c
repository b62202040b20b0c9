/* The answer as a report. */
#include "present.h"

#include "charts.h"

#include "ssisminer/base/sat.h"
#include "ssisminer/base/zone.h"
#include "ssisminer/report/words.h"
#include "ssisminer/ssisdb/ends.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINE_BYTES = 2048,
    PACKAGES_SHOWN = 10,
    IDLE_SHOWN = 10,
    LONGEST_SHOWN = 10,
    LONGEST_FOR_DATA = 1000,
    PLOT_WIDTH = 24
};

/* ---- head ------------------------------------------------------------------------------------ */

static const char *const nodes_names[] = {
    [NODES_UNKNOWN] = "unknown",
    [NODES_GIVEN] = "as given",
    [NODES_WORKERS] = "workers online now",
    [NODES_MACHINES] = "machines seen in the window",
};

/* "8 = 2 nodes (as given) x 4 at once" */
static const char *given_text(const Builder *builder)
{
    const Capacity *c = builder->capacity;

    return arena_printf(builder->arena, "%d = %d node%s (%s) x %d at once", c->slots_given,
                        c->nodes, words_plural(c->nodes), nodes_names[c->nodes_from], c->per_node);
}

static bool is_measured(const Capacity *c)
{
    return c->has_queue && c->rules.slots != c->slots_given;
}

static const char *slots_line(const Builder *builder)
{
    const Capacity *c = builder->capacity;

    if (!c->has_queue)
        return "no queue: this server starts packages at once";
    if (is_measured(c) && c->slots_given > 0)
        return arena_printf(builder->arena, "%d, measured; given: %s", c->rules.slots,
                            given_text(builder));
    if (is_measured(c))
        return arena_printf(builder->arena, "%d, measured: so many ran while packages waited",
                            c->rules.slots);
    if (c->rules.slots > 0)
        return given_text(builder);
    if (c->nodes > 0)
        return arena_printf(builder->arena,
                            "unknown: %d node%s (%s), --parallel-per-node not given", c->nodes,
                            words_plural(c->nodes), nodes_names[c->nodes_from]);
    return "unknown: neither --nodes nor --parallel-per-node given";
}

static const char *waits_line(const Builder *builder)
{
    const Waits *waits = &builder->capacity->figures.waits;

    if (waits->known == 0)
        return "unknown: no execution has logged when it began";
    return arena_printf(builder->arena, "median %s, p95 %s, longest %s",
                        words_length(waits->median, builder->arena),
                        words_length(waits->p95, builder->arena),
                        words_length(waits->longest, builder->arena));
}

static double share(int64_t part, int64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

static const char *peak_line(const Builder *builder)
{
    const CapacityFigures *f = &builder->capacity->figures;
    int64_t window = builder->capacity->rules.until - builder->capacity->rules.since;
    char at[TIME_TEXT_MAX];

    report_time_text((Instant){.ticks = f->peak_at, .is_set = true}, at);
    return f->peak == 0 ? "nothing ran"
                        : arena_printf(builder->arena, "%d at most (%s), %.1f on average", f->peak,
                                       at, (double)f->running / (double)window);
}

static const char *saturated_line(const Builder *builder)
{
    const Capacity *c = builder->capacity;

    if (c->rules.slots == 0)
        return NULL;
    return arena_printf(builder->arena, "%s, %.1f %% of the time",
                        words_length(c->figures.saturated, builder->arena),
                        share(c->figures.saturated, c->rules.until - c->rules.since));
}

static void add_concurrency(const Builder *builder)
{
    const Capacity *c = builder->capacity;
    const CapacityFigures *f = &c->figures;
    int64_t window = c->rules.until - c->rules.since;

    report_fact(builder->report, FOR_PEOPLE, "peak_line", "at once",
                value_text(peak_line(builder)));
    report_fact(builder->report, FOR_DATA, "peak", "most at once", value_count(f->peak));
    report_fact(builder->report, FOR_DATA, "peak_at", "when", value_instant(f->peak_at));
    report_fact(builder->report, FOR_DATA, "average", "average at once",
                value_number((double)f->running / (double)window));
    if (c->rules.slots == 0)
        return;
    report_fact(builder->report, FOR_PEOPLE, "saturated_line", "all slots taken",
                value_text(saturated_line(builder)));
    report_fact(builder->report, FOR_DATA, "saturated_seconds", "all slots taken",
                value_duration(f->saturated));
}

static void add_waits(const Builder *builder)
{
    const CapacityFigures *f = &builder->capacity->figures;
    Report *report = builder->report;

    report_fact(report, FOR_PEOPLE, "wait_line", "wait", value_text(waits_line(builder)));
    if (f->client_delay >= 0)
        report_fact(report, FOR_PEOPLE, "client_line", "before it",
                    value_text(arena_printf(builder->arena,
                                            "median %s from creation to start: the caller's own",
                                            words_length(f->client_delay, builder->arena))));
    report_fact(report, FOR_DATA, "known_waits", "executions whose wait is known",
                value_count((int64_t)f->waits.known));
    report_fact(report, FOR_DATA, "wait_p50_seconds", "median wait",
                value_duration(f->waits.median));
    report_fact(report, FOR_DATA, "wait_p95_seconds", "p95 wait", value_duration(f->waits.p95));
    report_fact(report, FOR_DATA, "wait_max_seconds", "longest wait",
                value_duration(f->waits.longest));
    report_fact(report, FOR_DATA, "target_wait_seconds", "target",
                value_duration(builder->capacity->rules.target_wait));
}

void capacity_screen_facts(const Builder *builder)
{
    const Capacity *c = builder->capacity;

    report_fact(builder->report, FOR_SCREEN, "slots_line", "slots",
                value_text(slots_line(builder)));
    report_fact(builder->report, FOR_SCREEN, "peak_line", "at once",
                value_text(peak_line(builder)));
    if (c->figures.saturated > 0 && !capacity_is_short(c, builder->view->question)) // told by hour
        report_fact(builder->report, FOR_SCREEN, "saturated_line", "all taken",
                    value_text(saturated_line(builder)));
    if (c->has_queue)
        report_fact(builder->report, FOR_SCREEN, "wait_line", "wait",
                    value_text(waits_line(builder)));
}

static void add_facts(const Builder *builder)
{
    const Capacity *c = builder->capacity;
    const CapacityQuestion *q = builder->view->question;
    const Ssisdb *db = builder->view->db;
    Report *report = builder->report;

    report_head(report,
                &(ReportHead){
                    .title = ssisdb_title(db, builder->arena),
                    .server = db->server_name,
                    .database = db->database_name,
                    .sees_all = db->sees_all,
                    .now = builder->view->now,
                    .window = words_window(q->since, q->until, builder->view->now, builder->arena),
                    .since = q->since,
                    .until = q->until,
                });
    report_fact(report, FOR_ALL, "executions", "executions",
                value_count((int64_t)c->figures.started));
    report_fact(report, FOR_DATA, "has_queue", "has a queue", value_flag(c->has_queue));
    report_fact(report, FOR_PEOPLE, "slots_line", "slots", value_text(slots_line(builder)));
    report_fact(report, FOR_DATA, "nodes", "nodes",
                c->nodes ? value_count(c->nodes) : value_none());
    report_fact(report, FOR_DATA, "nodes_from", "nodes known from",
                value_text(nodes_names[c->nodes_from]));
    report_fact(report, FOR_DATA, "parallel_per_node", "packages at once per node",
                c->per_node ? value_count(c->per_node) : value_none());
    report_fact(report, FOR_DATA, "slots", "slots",
                c->rules.slots ? value_count(c->rules.slots) : value_none());
    report_fact(report, FOR_DATA, "slots_given", "slots by nodes and packages at once per node",
                c->slots_given ? value_count(c->slots_given) : value_none());
    report_fact(report, FOR_DATA, "slots_measured", "what ran while packages waited long",
                c->slots_measured ? value_count(c->slots_measured) : value_none());
    report_fact(report, FOR_DATA, "slots_needed", "slots needed",
                c->slots_needed ? value_count(c->slots_needed) : value_none());
    add_concurrency(builder);
    if (c->has_queue)
        add_waits(builder);
    report_fact(report, FOR_DATA, "client_delay_p50_seconds", "median from creation to start",
                value_duration(c->figures.client_delay));
}

static void warn(const Builder *builder)
{
    const Capacity *c = builder->capacity;
    const Ssisdb *db = builder->view->db;
    size_t unknown = c->figures.started - c->figures.waits.known;
    const char *doubt = ends_warning(builder->capacity->runs.doubted_count, builder->arena);

    if (!db->sees_all)
        report_warning(builder->report,
                       "incomplete: login '%s' is not in role %s, so executions that others "
                       "started are missing here, and slots look free that are not",
                       words_or_unknown(db->login_name), ssisdb_reading_role(db));
    if (c->has_queue && unknown > 0 && c->figures.waits.known > 0)
        report_warning(builder->report,
                       "%zu execution%s logged no sign of work (logging level None, or not begun): "
                       "waits of the others only",
                       unknown, words_plural((int64_t)unknown));
    if (c->silent > 0)
        report_warning(builder->report,
                       "%zu execution%s began more than a day before they ended or still run, and "
                       "may be dead: counted as no longer running ('ssisminer doctor' lists them)",
                       c->silent, words_plural((int64_t)c->silent));
    if (doubt)
        report_warning(builder->report, "%s", doubt);
    for (size_t i = 0; i < builder->capacity->missing.count; i++)
        report_warning(builder->report, "incomplete: %s could not be read: %s",
                       builder->capacity->missing.list[i].what,
                       builder->capacity->missing.list[i].why);
}

/* ---- the day --------------------------------------------------------------------------------- */

/* clang-format off */
#define DAY_COLUMNS(COLUMN) \
    COLUMN("hour", "UTC", value_text(arena_printf(builder->arena, "%02" PRId64, hour))) \
    COLUMN("started", "started", value_count((int64_t)of->started), .align_right = true) \
    COLUMN("peak", "at once", value_count(of->peak), .align_right = true) \
    COLUMN("bar", "average ### and most ---", \
           value_text(bar_of(builder, of, capacity_times_in_window(&c->figures, hour))), .is_drawn = true) \
    COLUMN("p95", "p95 wait", value_text(words_length(of->waits.p95, builder->arena)), .align_right = true) \
    COLUMN("saturated", "full for", value_text(of->saturated ? words_length(of->saturated, builder->arena) : ""), \
           .align_right = true)
/* clang-format on */

static const Column day_columns[] = {DAY_COLUMNS(COLUMN_ENTRY)};

/* "####----|": the average, then up to the most, on a scale that ends at the slots or at the
 * highest peak; '|' marks the slots. */
static const char *bar_of(const Builder *builder, const CapacityHour *hour, int64_t hours)
{
    const Capacity *c = builder->capacity;
    int64_t top = c->rules.slots > c->figures.peak ? c->rules.slots : c->figures.peak;
    double average = (double)hour->running / ((double)hours * (double)(TICKS_PER_DAY / 24));
    char bar[PLOT_WIDTH + 2];
    int64_t most, filled, mark;

    if (top == 0)
        return "";
    most = ((int64_t)hour->peak * PLOT_WIDTH + top - 1) / top;
    filled = sat_of(average * PLOT_WIDTH / (double)top + 0.5);
    mark = (int64_t)c->rules.slots * PLOT_WIDTH / top;
    memset(bar, ' ', sizeof(bar));
    memset(bar, '-', (size_t)most);
    memset(bar, '#', (size_t)(filled < most ? filled : most));
    if (c->rules.slots > 0)
        bar[mark] = '|';
    bar[PLOT_WIDTH + 1] = '\0';
    size_t len = strlen(bar);
    while (len > 0 && bar[len - 1] == ' ')
        bar[--len] = '\0';
    return arena_text(builder->arena, bar);
}

static void add_day_row(const Builder *builder, Section *section, int64_t hour)
{
    const Capacity *c = builder->capacity;
    const CapacityHour *of = &c->figures.day[hour];

    row_set_all(section_row(section), ROW_VALUES(DAY_COLUMNS));
}

/* The last two columns are of a queue, the last one of its slots. */
static size_t day_left_out(const Capacity *c)
{
    return !c->has_queue ? 2 : c->rules.slots == 0 ? 1 : 0;
}

static void add_day(const Builder *builder)
{
    const Capacity *c = builder->capacity;
    bool is_long = c->rules.until - c->rules.since > TICKS_PER_DAY + TICKS_PER_DAY / 24;
    size_t columns = ARRAY_LEN(day_columns) - day_left_out(c);

    if (c->figures.started == 0)
        return;
    Section *section = report_section(
        builder->report, FOR_PEOPLE, "day",
        is_long ? "The hours of the day, over the whole window" : "The day", LAYOUT_TABLE,
        words_zone_columns(day_columns, columns, builder->arena), columns, NULL);
    capacity_draw_day(c, section);
    for (int64_t hour = 0; hour < 24; hour++)
        add_day_row(builder, section, hour);
}

/* ---- hours of the window, for programs ------------------------------------------------------- */

/* clang-format off */
#define HOUR_COLUMNS(COLUMN) \
    COLUMN("hour", "hour", value_instant(hour->from)) \
    COLUMN("started", "started", value_count((int64_t)hour->started)) \
    COLUMN("known_waits", "waits known", value_count((int64_t)hour->waits.known)) \
    COLUMN("wait_p50_seconds", "median wait", wait_value(builder, hour->waits.median)) \
    COLUMN("wait_p95_seconds", "p95 wait", wait_value(builder, hour->waits.p95)) \
    COLUMN("wait_max_seconds", "longest wait", wait_value(builder, hour->waits.longest)) \
    COLUMN("peak", "at once", value_count(hour->peak)) \
    COLUMN("average", "average", value_number((double)hour->running / (double)(TICKS_PER_DAY / 24))) \
    COLUMN("saturated_seconds", "all slots taken", c->rules.slots ? value_duration(hour->saturated) : value_none())
/* clang-format on */

static const Column hour_columns[] = {HOUR_COLUMNS(COLUMN_ENTRY)};

static Value wait_value(const Builder *builder, int64_t wait)
{
    return builder->capacity->has_queue ? value_duration(wait) : value_none();
}

static void add_hours(const Builder *builder)
{
    const Capacity *c = builder->capacity;
    Section *section = report_section(builder->report, FOR_DATA, "hours", "Hours", LAYOUT_TABLE,
                                      hour_columns, ARRAY_LEN(hour_columns), NULL);

    if (!c->has_queue) // then there are no waits to list
        section_set_primary(section);
    for (size_t i = 0; i < c->figures.hour_count; i++) {
        const CapacityHour *hour = &c->figures.hours[i];
        if (hour->started == 0 && hour->running == 0)
            continue;
        row_set_all(section_row(section), ROW_VALUES(HOUR_COLUMNS));
    }
}

/* ---- when every slot was taken --------------------------------------------------------------- */

/* clang-format off */
#define SPAN_COLUMNS(COLUMN) \
    COLUMN("when", "when", value_text(words_span(from, to, builder->arena)), .audience = FOR_PEOPLE) \
    COLUMN("from", "from", value_time(from), .audience = FOR_DATA) \
    COLUMN("to", "to", value_time(to), .audience = FOR_DATA) \
    COLUMN("length", "for", value_text(words_length(span->to - span->from, builder->arena)), \
           .align_right = true, .audience = FOR_PEOPLE) \
    COLUMN("length_seconds", "for", value_duration(span->to - span->from), .audience = FOR_DATA) \
    COLUMN("waiting", "most that waited", value_count(span->waiting), .align_right = true)
/* clang-format on */

static const Column span_columns[] = {SPAN_COLUMNS(COLUMN_ENTRY)};

static int longest_span_first(const void *a, const void *b)
{
    const CapacitySpan *x = *(const CapacitySpan *const *)a, *y = *(const CapacitySpan *const *)b;

    if (x->to - x->from != y->to - y->from)
        return x->to - x->from > y->to - y->from ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

static const CapacitySpan *const *sorted_spans(const Builder *builder)
{
    const CapacityFigures *f = &builder->capacity->figures;
    const CapacitySpan **list = arena_alloc_array(builder->arena, f->span_count + 1, sizeof(*list));

    for (size_t i = 0; i < f->span_count; i++)
        list[i] = &f->spans[i];
    qsort(list, f->span_count, sizeof(*list), longest_span_first);
    return list;
}

static void add_spans(const Builder *builder, Audience audience)
{
    enum { SHOWN = 5 };
    const CapacityFigures *f = &builder->capacity->figures;
    size_t shown = audience == FOR_PEOPLE && f->span_count > SHOWN ? SHOWN : f->span_count;
    const CapacitySpan *const *spans = sorted_spans(builder);
    Section *section = report_section(
        builder->report, audience, "saturated",
        shown < f->span_count
            ? arena_printf(builder->arena, "All slots taken (the longest %zu of %zu times)", shown,
                           f->span_count)
            : "All slots taken",
        LAYOUT_TABLE, span_columns, ARRAY_LEN(span_columns), NULL);

    for (size_t i = 0; i < shown; i++) {
        const CapacitySpan *span = spans[i];
        Instant from = {.ticks = span->from, .is_set = true},
                to = {.ticks = span->to, .is_set = true};
        row_set_all(section_row(section), ROW_VALUES(SPAN_COLUMNS));
    }
}

/* ---- what would help ------------------------------------------------------------------------- */

#define PROSE_COLUMNS(COLUMN) COLUMN("text", "text", value_text(text), .use = COLUMN_PLAIN)

static const Column prose_columns[] = {PROSE_COLUMNS(COLUMN_ENTRY)};

static const char *nodes_text(const Builder *builder, int slots)
{
    const Capacity *c = builder->capacity;

    if (c->per_node == 0)
        return "";
    int nodes = sat_int(((int64_t)slots + c->per_node - 1) / c->per_node);
    return arena_printf(builder->arena, " (%d node%s x %d)", nodes, words_plural(nodes),
                        c->per_node);
}

/* What was measured speaks against what was given. */
static const char *measured_text(const Builder *builder)
{
    const Capacity *c = builder->capacity;
    int given = c->slots_given, slots = c->rules.slots;

    if (!is_measured(c) || given == 0)
        return NULL;
    if (slots < given)
        return arena_printf(builder->arena,
                            "Packages waited while slots were free: for half of the time that some "
                            "waited long, no more than %d ran. The number given, %d, is too high, "
                            "or part of the runtime was down.",
                            slots, given);
    return arena_printf(builder->arena,
                        "%d ran at once where %d slots are given: that number is too low.", slots,
                        given);
}

static const char *needed_text(const Builder *builder)
{
    const Capacity *c = builder->capacity;
    const char *target = words_length(c->rules.target_wait, builder->arena);
    int needed = c->slots_needed;

    if (c->rules.slots == 0)
        return arena_printf(builder->arena,
                            "%d slot%s%s would have kept the p95 wait of every hour within %s. How "
                            "many there are is not in the catalog, and nothing waited long "
                            "enough to tell: give --nodes and --parallel-per-node.",
                            needed, words_plural(needed), nodes_text(builder, needed), target);
    if (needed > c->rules.slots)
        return arena_printf(
            builder->arena,
            "Too few: %d slots%s would have kept the p95 wait of every hour within %s; there are "
            "%d. More nodes, more packages at once per node where its memory and cores allow, or "
            "starts spread over the hour: all three help.",
            needed, nodes_text(builder, needed), target, c->rules.slots);
    return arena_printf(builder->arena,
                        "Enough: %d of the %d slots%s would have kept the p95 wait of every hour "
                        "within %s.",
                        needed, c->rules.slots, nodes_text(builder, needed), target);
}

static void add_paragraph(Section *section, const char *text)
{
    row_set_all(section_row(section), ROW_VALUES(PROSE_COLUMNS));
}

/* The point, before what it is made of. */
void capacity_add_advice(const Builder *builder, Audience audience)
{
    const Capacity *c = builder->capacity;

    if (!c->has_queue || c->slots_needed == 0)
        return;
    Section *section = report_section(builder->report, audience, "advice",
                                      audience == FOR_PEOPLE ? "Are the slots enough?" : NULL,
                                      LAYOUT_PROSE, prose_columns, ARRAY_LEN(prose_columns), NULL);
    const char *needed = needed_text(builder), *measured = measured_text(builder);
    if (measured && audience == FOR_SCREEN) { // one paragraph, which stands whole or not at all
        add_paragraph(section, arena_printf(builder->arena, "%s %s", measured, needed));
        return;
    }
    add_paragraph(section, needed);
    if (measured)
        add_paragraph(section, measured);
}

/* clang-format off */
#define REPLAY_COLUMNS(COLUMN) \
    COLUMN("slots", "slots", value_count(replay->slots), .align_right = true) \
    COLUMN("nodes", "nodes", nodes_of(c, replay), .align_right = true) \
    COLUMN("wait_p95_seconds", "p95 wait", value_duration(replay->p95), .align_right = true) \
    COLUMN("worst_hour_p95_seconds", "p95 of worst hour", value_duration(replay->worst_p95), .align_right = true) \
    COLUMN("wait_max_seconds", "longest wait", value_duration(replay->longest), .align_right = true)
/* clang-format on */

static const Column replay_columns[] = {REPLAY_COLUMNS(COLUMN_ENTRY)};

static Value nodes_of(const Capacity *c, const CapacityReplay *replay)
{
    bool is_whole = c->per_node > 0 && replay->slots % c->per_node == 0;

    return is_whole ? value_count(replay->slots / c->per_node) : value_none();
}

static void add_replays(const Builder *builder)
{
    const Capacity *c = builder->capacity;
    Section *section =
        report_section(builder->report, FOR_ALL, "replay",
                       "The same starts and lengths of work, first come first served, on so many "
                       "slots",
                       LAYOUT_TABLE, replay_columns, ARRAY_LEN(replay_columns), NULL);

    capacity_draw_replays(c, section);
    for (size_t i = 0; i < c->replay_count; i++) {
        const CapacityReplay *replay = &c->replays[i];
        row_set_all(section_row(section), ROW_VALUES(REPLAY_COLUMNS));
    }
}

/* ---- packages -------------------------------------------------------------------------------- */

/* clang-format off */
#define PACKAGE_COLUMNS(COLUMN) \
    COLUMN("package", "package", value_text(run_path(&c->runs, package->key, builder->arena)), .may_wrap = true) \
    COLUMN("started", "started", value_count((int64_t)package->started), .align_right = true) \
    COLUMN("known_waits", "known", \
           value_count((int64_t)package->waits.known), .align_right = true, .audience = FOR_DATA) \
    COLUMN("wait_p50_seconds", "median wait", wait_value(builder, package->waits.median), .align_right = true) \
    COLUMN("wait_p95_seconds", "p95 wait", wait_value(builder, package->waits.p95), .align_right = true) \
    COLUMN("wait_max_seconds", "longest", wait_value(builder, package->waits.longest), .align_right = true) \
    WORDS_PART_COLUMNS(COLUMN, parts)
/* clang-format on */

static const Column package_columns[] = {PACKAGE_COLUMNS(COLUMN_ENTRY)};

static void add_packages(const Builder *builder, Audience audience)
{
    const Capacity *c = builder->capacity;
    bool is_short = audience == FOR_PEOPLE && c->package_count > PACKAGES_SHOWN;
    size_t shown = is_short ? PACKAGES_SHOWN : c->package_count;
    Section *section = report_section(
        builder->report, audience, "packages",
        words_list_title("Packages, by p95 wait", shown, c->package_count, builder->arena),
        LAYOUT_TABLE, package_columns, ARRAY_LEN(package_columns), NULL);

    for (size_t i = 0; i < shown; i++) {
        const CapacityPackage *package = &c->packages[i];
        const char *parts[WORDS_PARTS];
        for (int part = 0; part < WORDS_PARTS; part++)
            parts[part] = run_key_text(&c->runs, package->key, part);
        row_set_all(section_row(section), ROW_VALUES(PACKAGE_COLUMNS));
    }
}

/* ---- executions ------------------------------------------------------------------------------ */

/* clang-format off */
#define RUN_COLUMNS(COLUMN, status_audience) \
    COLUMN("execution_id", "execution", value_id(run->id), .align_right = true) \
    COLUMN("status", "status", value_text(arena_text(builder->arena, status_name(run->status))), \
           .audience = status_audience) \
    COLUMN("package", "package", value_text(run_path(runs, run->key, builder->arena)), .may_wrap = true) \
    COLUMN("caller", "caller", value_text(runs_text(runs, run->caller)), .audience = FOR_DATA) \
    COLUMN("machine", "machine", value_text(runs_text(runs, run->machine)), .audience = FOR_DATA) \
    COLUMN("when", "from (UTC)", value_text(words_when(idle_from, builder->arena)), .audience = FOR_PEOPLE) \
    COLUMN("created", "created", value_instant(run->created), .audience = FOR_DATA) \
    COLUMN("start", "started", value_instant(run->start), .audience = FOR_DATA) \
    COLUMN("first_work", "began work", value_instant(run->work), .audience = FOR_DATA) \
    COLUMN("end", "end", value_instant(run->end), .audience = FOR_DATA) \
    COLUMN("client_delay_seconds", "client", client_delay(run), .audience = FOR_DATA) \
    COLUMN("wait_seconds", "wait", value_duration(wait), .align_right = true)
#define LONGEST_COLUMNS(COLUMN) RUN_COLUMNS(COLUMN, FOR_DATA)
#define IDLE_COLUMNS(COLUMN) RUN_COLUMNS(COLUMN, FOR_ALL)
/* clang-format on */

static const Column longest_columns[] = {LONGEST_COLUMNS(COLUMN_ENTRY)};
static const Column idle_columns[] = {IDLE_COLUMNS(COLUMN_ENTRY)};

static Value client_delay(const Run *run)
{
    return run->created && run->start ? value_duration(run->start - run->created) : value_none();
}

/* Of both lists: they differ in who sees the status. */
static void add_run(const Builder *builder, Section *section, const Run *run, int64_t wait)
{
    const Runs *runs = &builder->capacity->runs;
    Instant idle_from = {.ticks = run->start ? run->start : run->created, .is_set = true};

    row_set_all(section_row(section), ROW_VALUES(LONGEST_COLUMNS));
}

static void add_idle(const Builder *builder, Audience audience)
{
    const Capacity *c = builder->capacity;
    bool is_short = audience == FOR_PEOPLE && c->idle_kept > IDLE_SHOWN;
    size_t shown = is_short ? IDLE_SHOWN : c->idle_kept;
    Section *section = report_section(
        builder->report, audience, "not_begun",
        words_list_title("Not begun", shown, c->idle_count, builder->arena), LAYOUT_TABLE,
        words_zone_columns(idle_columns, ARRAY_LEN(idle_columns), builder->arena),
        ARRAY_LEN(idle_columns), NULL);

    for (size_t i = 0; i < shown; i++) {
        const Run *run = &c->idle[i];
        add_run(builder, section, run, c->rules.now - (run->start ? run->start : run->created));
    }
}

static void add_longest(const Builder *builder, Audience audience)
{
    const Capacity *c = builder->capacity;
    size_t limit = builder->view->limit     ? builder->view->limit
                   : audience == FOR_PEOPLE ? LONGEST_SHOWN
                                            : LONGEST_FOR_DATA;
    size_t shown = limit < c->longest_kept ? limit : c->longest_kept;
    Section *section = report_section(
        builder->report, audience, "longest",
        shown < c->longest_count
            ? arena_printf(builder->arena, "Longest waits (%zu of %zu)", shown, c->longest_count)
            : "Longest waits",
        LAYOUT_TABLE,
        words_zone_columns(longest_columns, ARRAY_LEN(longest_columns), builder->arena),
        ARRAY_LEN(longest_columns), NULL);

    if (audience == FOR_DATA && c->has_queue)
        section_set_primary(section);
    for (size_t i = 0; i < shown; i++)
        add_run(builder, section, &c->longest[i], run_wait(&c->longest[i]));
}

/* ---- workers --------------------------------------------------------------------------------- */

/* clang-format off */
#define WORKER_COLUMNS(COLUMN) \
    COLUMN("worker", "worker", value_text(worker->name ? worker->name : worker->id), .may_wrap = true) \
    COLUMN("machine", "machine", value_text(worker->machine)) \
    COLUMN("state", "state", value_text(capacity_worker_state(builder, worker))) \
    COLUMN("last_online", "last online", value_time(worker->last_online))
/* clang-format on */

static const Column worker_columns[] = {WORKER_COLUMNS(COLUMN_ENTRY)};

const char *capacity_worker_state(const Builder *builder, const Worker *worker)
{
    if (!worker->is_enabled)
        return "disabled";
    return worker_is_online(worker, builder->view->db->server_now) ? "online" : "offline";
}

static void add_workers(const Builder *builder)
{
    const Workers *workers = &builder->capacity->workers;
    Section *section =
        report_section(builder->report, FOR_ALL, "workers", "Workers", LAYOUT_TABLE, worker_columns,
                       ARRAY_LEN(worker_columns),
                       !builder->capacity->has_queue ? NULL
                       : workers->is_known           ? "None."
                                           : "Not known: only members of ssis_admin may see them.");

    for (size_t i = 0; i < workers->count; i++) {
        const Worker *worker = &workers->list[i];
        row_set_all(section_row(section), ROW_VALUES(WORKER_COLUMNS));
    }
}

Report *capacity_report(const Capacity *capacity, const CapacityView *view, Arena *arena)
{
    Builder builder = {capacity, view, arena,
                       report_new(arena, "capacity", "Waiting for a free worker")};

    add_facts(&builder);
    warn(&builder);
    capacity_charts(capacity, builder.report);
    capacity_add_advice(&builder, FOR_PEOPLE);
    add_day(&builder);
    add_hours(&builder);
    add_replays(&builder);
    add_spans(&builder, FOR_PEOPLE);
    add_spans(&builder, FOR_DATA);
    if (capacity->has_queue) {
        add_packages(&builder, FOR_PEOPLE);
        add_longest(&builder, FOR_PEOPLE);
    }
    add_packages(&builder, FOR_DATA);
    add_longest(&builder, FOR_DATA);
    add_idle(&builder, FOR_PEOPLE);
    add_idle(&builder, FOR_DATA);
    add_workers(&builder);
    capacity_screen(&builder);
    return builder.report;
}
