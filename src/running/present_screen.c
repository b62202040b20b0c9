/* The first screen: what hangs first, then what runs and waits, then what only looks like a
 * success. */
#include "present.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1024 };

/* clang-format off */
#define NOW_COLUMNS(COLUMN) \
    COLUMN("id", "execution", value_id(o->id), .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("path", "package", \
           value_text(show_path(o->folder, o->project, o->package, o->object_name, builder->arena)), \
           .use = COLUMN_HEADING, .max_lines = 1) \
    COLUMN("alert", "state", is_alarming ? state : value_none(), \
           .use = COLUMN_HEADING, .align_right = true, .tone = TONE_ALERT) \
    COLUMN("calm", "state", is_alarming ? value_none() : state, .use = COLUMN_HEADING, .align_right = true) \
    COLUMN("age", "age", value_text(show_age(builder, o)), .use = COLUMN_PLAIN, .max_lines = 1) \
    COLUMN("task", "task", value_text(show_task(builder, o)), .max_lines = 1) \
    COLUMN("sign", "last sign", value_text(is_alarming ? show_sign(builder, o) : NULL), .max_lines = 1) \
    COLUMN("errors", "errors", value_text(show_errors(&o->errors, builder->arena)), .max_lines = 1) \
    COLUMN("do", "do", value_text(is_alarming && r->count == 1 ? show_remedy(builder, o) : NULL), .max_lines = 3)
/* clang-format on */

static const Column now_columns[] = {NOW_COLUMNS(COLUMN_ENTRY)};

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
        bool is_alarming = show_is_alarming(o);
        Value state = value_text(show_state(builder, o));
        row_set_all(section_row(section), ROW_VALUES(NOW_COLUMNS));
    }
    section_set_rest(section, "operation", "operations", r->count);
}

/* clang-format off */
#define NOISY_COLUMNS(COLUMN) \
    COLUMN("id", "execution", value_id(noisy->id), .align_right = true, .tone = TONE_STRONG) \
    COLUMN("when", "ended (UTC)", value_text(words_when(noisy->end, builder->arena))) \
    COLUMN("errors", "errors", value_count(noisy->errors.count), .align_right = true) \
    COLUMN("path", "package", \
           value_text(show_path(noisy->folder, noisy->project, noisy->package, NULL, builder->arena)), \
           .cut_left = true) \
    COLUMN("why", "cause", value_text(why_text(builder, noisy)), .tone = TONE_DIM)
/* clang-format on */

static const Column noisy_columns[] = {NOISY_COLUMNS(COLUMN_ENTRY)};

/* "new, disk-full" */
static const char *why_text(const Builder *builder, const RunningNoisy *noisy)
{
    return arena_printf(builder->arena, "%s%s",
                        news_mark(builder->view->news, running_noisy_key(noisy, builder->arena)),
                        noisy->errors.signature ? noisy->errors.cause_id : "unknown");
}

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
        row_set_all(section_row(section), ROW_VALUES(NOISY_COLUMNS));
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
