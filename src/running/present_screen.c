/* The first screen: what hangs first, then what runs and waits, then what only looks like a
 * success. */
#include "present.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1024 };

/* clang-format off */
#define NOW_COLUMNS(COLUMN) \
    COLUMN(ID, "id", "execution", .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN(PATH, "path", "package", .use = COLUMN_HEADING, .max_lines = 1) \
    COLUMN(ALERT, "alert", "state", .use = COLUMN_HEADING, .align_right = true, .tone = TONE_ALERT) \
    COLUMN(CALM, "calm", "state", .use = COLUMN_HEADING, .align_right = true) \
    COLUMN(AGE, "age", "age", .use = COLUMN_PLAIN, .max_lines = 1) \
    COLUMN(TASK, "task", "task", .max_lines = 1) \
    COLUMN(SIGN, "sign", "last sign", .max_lines = 1) \
    COLUMN(ERRORS, "errors", "errors", .max_lines = 1) \
    COLUMN(DO, "do", "do", .max_lines = 3)
/* clang-format on */

#define COLUMN(id, ...) NOW_##id,
enum { NOW_COLUMNS(COLUMN) };
#undef COLUMN

#define COLUMN(id, json, title, ...) [NOW_##id] = {.key = json, .heading = title, __VA_ARGS__},
static const Column now_columns[] = {NOW_COLUMNS(COLUMN)};
#undef COLUMN

/* The graver state first, in each of them what is new. */
static const size_t *live_order(const Builder *builder)
{
    const Running *r = builder->running;
    unsigned *ranks = arena_alloc_array(builder->arena, r->count, sizeof(*ranks));

    for (size_t i = 0; i < r->count; i++)
        ranks[i] = 2 * (unsigned)(RUNNING_STATES - r->list[i].state) +
                   news_is_new(builder->view->news, running_live_key(&r->list[i], builder->arena));
    return news_order(ranks, r->count, builder->arena);
}

static const size_t *noisy_order(const Builder *builder)
{
    const Running *r = builder->running;
    unsigned *ranks = arena_alloc_array(builder->arena, r->noisy_count, sizeof(*ranks));

    for (size_t i = 0; i < r->noisy_count; i++)
        ranks[i] =
            news_is_new(builder->view->news, running_noisy_key(&r->noisy[i], builder->arena));
    return news_order(ranks, r->noisy_count, builder->arena);
}

/* What hangs has all that is known of it; the rest its age and task. */
static void add_now(const Builder *builder)
{
    const Running *r = builder->running;
    Section *section = report_section(builder->report, FOR_SCREEN, "now", "Now", LAYOUT_LIST,
                                      now_columns, ARRAY_LEN(now_columns), NULL);
    size_t limit = builder->view->limit;
    const size_t *order = live_order(builder);

    for (size_t i = 0; i < r->count && i < REPORT_SCREEN_LINES && (!limit || i < limit); i++) {
        const RunningOperation *o = &r->list[order[i]];
        Row *row = section_row(section);
        bool is_alarming = show_is_alarming(o);
        row_set(row, NOW_ID, value_id(o->id));
        row_set(row, NOW_PATH,
                value_text(
                    show_path(o->folder, o->project, o->package, o->object_name, builder->arena)));
        row_set(row, is_alarming ? NOW_ALERT : NOW_CALM, value_text(show_state(builder, o)));
        row_set(row, NOW_AGE, value_text(show_age(builder, o)));
        row_set(row, NOW_TASK, value_text(show_task(builder, o)));
        row_set(row, NOW_ERRORS, value_text(show_errors(&o->errors, builder->arena)));
        if (!is_alarming)
            continue;
        row_set(row, NOW_SIGN, value_text(show_sign(builder, o)));
        if (r->count == 1)
            row_set(row, NOW_DO, value_text(show_remedy(builder, o)));
    }
    section_set_rest(section, "operation", "operations", r->count);
}

static const Column noisy_columns[] = {
    {.key = "id", .heading = "execution", .align_right = true, .tone = TONE_STRONG},
    {.key = "when", .heading = "ended (UTC)"},
    {.key = "errors", .heading = "errors", .align_right = true},
    {.key = "path", .heading = "package", .cut_left = true},
    {.key = "why", .heading = "cause", .tone = TONE_DIM},
};

static void add_noisy(const Builder *builder)
{
    const Running *r = builder->running;
    Section *section =
        report_section(builder->report, FOR_SCREEN, "noisy", "Succeeded with errors", LAYOUT_TABLE,
                       words_zone_columns(noisy_columns, ARRAY_LEN(noisy_columns), builder->arena),
                       ARRAY_LEN(noisy_columns), NULL);
    size_t limit = builder->view->limit;
    const size_t *order = noisy_order(builder);

    for (size_t i = 0; i < r->noisy_count && i < REPORT_SCREEN_LINES && (!limit || i < limit);
         i++) {
        const RunningNoisy *noisy = &r->noisy[order[i]];
        Row *row = section_row(section);
        row_set(row, 0, value_id(noisy->id));
        row_set(row, 1, value_text(words_when(noisy->end, builder->arena)));
        row_set(row, 2, value_count(noisy->errors.count));
        row_set(row, 3,
                value_text(show_path(noisy->folder, noisy->project, noisy->package, NULL,
                                     builder->arena)));
        row_set(row, 4,
                value_text(arena_printf(
                    builder->arena, "%s%s",
                    news_mark(builder->view->news, running_noisy_key(noisy, builder->arena)),
                    noisy->errors.signature ? noisy->errors.cause_id : "unknown")));
    }
    section_set_rest(section, "success", "successes", r->noisy_count);
}

static const char *headline(const Builder *builder)
{
    const ReportNews *news = builder->view->news;
    const char *counts = show_counts(builder);
    size_t noisy = builder->running->noisy_count;
    Buf line = BUF(LINE_MAX_BYTES);

    if (news_calm(news) && news_count(news) == 0)
        return news_calm(news);
    if (noisy > 0)
        buf_printf(&line, "; %zu succeeded with errors", noisy);
    news_put_count(news, news_count(news), &line);
    const char *tail = words_taken(&line, builder->arena);
    if (builder->running->count > 0)
        return arena_printf(builder->arena, "Live: %s%s", counts, tail);
    return arena_printf(builder->arena, "%c%s%s", toupper((unsigned char)counts[0]), counts + 1,
                        tail);
}

void show_screen(const Builder *builder)
{
    const Running *r = builder->running;
    const Ssisdb *db = builder->view->db;
    const RunningQuestion *q = builder->view->question;
    const char *where = words_where(
        db->server_name, db->database_name,
        q->since.is_set ? words_window(q->since, q->until, builder->view->now, builder->arena)
                        : "any time",
        builder->arena);
    const char *next = NULL;

    if (r->count > 0)
        next = arena_printf(builder->arena, "One of them: --execution %" PRId64, r->list[0].id);
    report_screen(builder->report, headline(builder), where, r->count > 1 ? next : NULL);
    news_tell_screen(builder->view->news, builder->report, builder->arena);
    add_now(builder);
    add_noisy(builder);
}
