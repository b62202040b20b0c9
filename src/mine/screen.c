/* What the counts come to, on one screen: the critical and the most frequent, what nothing knows,
 * and the packages with the most errors. */
#include "screen.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/report/words.h"

#include <inttypes.h>

enum { LINE_MAX_BYTES = 4096, MINUTE_BYTES = 11 /* of "03-01 03:26:17" */ };

static bool is_within(const Builder *builder, size_t shown)
{
    return shown < REPORT_SCREEN_LINES && (!builder->view->limit || shown < builder->view->limit);
}

/* ---- the two lines --------------------------------------------------------------------------- */

static void put_count(Buf *line, int64_t count, const char *what)
{
    if (count > 0)
        buf_printf(line, "%s%" PRId64 " %s%s", line->len > 0 ? ", " : "", count, what,
                   words_plural(count));
}

/* "78 errors, 23 failed tasks, 41 warnings of 1469 messages; 3 unknown" */
static const char *headline(const Builder *builder)
{
    const MineCount *total = &builder->mine->total;
    Buf line = BUF(LINE_MAX_BYTES);

    if (news_calm(builder->view->news) && news_count(builder->view->news) == 0)
        return news_calm(builder->view->news);
    if (total->messages == 0)
        return "No message";
    put_count(&line, total->errors, "error");
    put_count(&line, total->tasks_failed, "failed task");
    put_count(&line, total->warnings, "warning");
    buf_printf(&line, "%s of %" PRId64 " message%s", line.len > 0 ? "" : "No error or warning",
               total->messages, words_plural(total->messages));
    if (builder->mine->unknown_messages > 0)
        buf_printf(&line, "; %" PRId64 " unknown", builder->mine->unknown_messages);
    news_put_count(builder->view->news, news_count(builder->view->news), &line);
    return words_taken(&line, builder->arena);
}

static const char *where_line(const Builder *builder)
{
    const Ssisdb *db = builder->view->db;
    const MineQuestion *q = builder->view->question;

    return words_where(db->server_name, db->database_name,
                       words_window(q->since, q->until, builder->view->now, builder->arena),
                       builder->arena);
}

/* ---- what is known --------------------------------------------------------------------------- */

/* clang-format off */
#define KNOWN_COLUMNS(COLUMN) \
    COLUMN("times", "times", is_critical ? times : value_none(), .use = COLUMN_HEADING, .tone = TONE_ALERT) \
    COLUMN("times", "times", is_critical ? value_none() : times, .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("title", "title", value_text(signature->title), .use = COLUMN_HEADING, .max_lines = 1) \
    COLUMN("id", "id", value_text(signature->id), .use = COLUMN_HEADING, .align_right = true) \
    COLUMN("summary", "summary", value_text(summary_of(builder, seen)), .use = COLUMN_PLAIN, .max_lines = 1) \
    COLUMN("do", "do", has_remedy ? value_text(signature->actions[0]) : value_none(), .max_lines = 1)
/* clang-format on */

static const Column known_columns[] = {KNOWN_COLUMNS(COLUMN_ENTRY)};

/* "critical, 3 packages, since 03-01 03:26, rerun after the fix" */
static const char *summary_of(const Builder *builder, const MineSignature *seen)
{
    Arena *arena = builder->arena;
    Buf line = BUF(LINE_MAX_BYTES);

    if (seen->signature->severity == SIG_CRITICAL)
        buf_puts(&line, "critical");
    if (news_is_new(builder->view->news, seen->signature->id))
        buf_puts(&line, line.len > 0 ? ", new" : "new");
    put_count(&line, (int64_t)seen->packages, "package");
    if (seen->count.first_seen.is_set)
        buf_printf(&line, ", since %.*s", MINUTE_BYTES, words_when(seen->count.first_seen, arena));
    buf_printf(&line, ", %s", sig_retry_advice(seen->signature->retry));
    return words_taken(&line, arena);
}

static void add_known(const Builder *builder, Section *section, const MineSignature *seen)
{
    const Signature *signature = seen->signature;
    bool is_critical = signature->severity == SIG_CRITICAL;
    Value times = value_text(arena_printf(builder->arena, "%" PRId64 "x", seen->count.messages));
    bool has_remedy = builder->view->remedies && signature->action_count > 0;

    row_set_all(section_row(section), ROW_VALUES(KNOWN_COLUMNS));
}

/* The critical ones first, of both what is new. */
static const size_t *known_order(const Builder *builder)
{
    const Mine *mine = builder->mine;
    unsigned *ranks = arena_alloc_array(builder->arena, mine->signature_count, sizeof(*ranks));

    for (size_t i = 0; i < mine->signature_count; i++) {
        const Signature *signature = mine->signatures[i].signature;
        ranks[i] = news_rank(signature->severity == SIG_CRITICAL,
                             news_is_new(builder->view->news, signature->id));
    }
    return news_order(ranks, mine->signature_count, builder->arena);
}

/* Wrappers, which tell nothing by themselves, are left to the whole. */
static void list_known(const Builder *builder)
{
    const Mine *mine = builder->mine;
    Section *section = report_section(builder->report, FOR_SCREEN, "known", "Why", LAYOUT_LIST,
                                      known_columns, ARRAY_LEN(known_columns), NULL);
    const size_t *order = known_order(builder);
    size_t shown = 0;

    for (size_t i = 0; i < mine->signature_count && is_within(builder, shown); i++) {
        const MineSignature *seen = &mine->signatures[order[i]];
        if (seen->signature->role == SIG_WRAPPER)
            continue;
        add_known(builder, section, seen);
        shown++;
    }
    section_set_rest(section, "signature", "signatures", mine->signature_count);
}

/* ---- what is not ----------------------------------------------------------------------------- */

static const size_t *unknown_order(const Builder *builder, const Unknown *const *top, size_t count)
{
    unsigned *ranks = arena_alloc_array(builder->arena, count, sizeof(*ranks));

    for (size_t i = 0; i < count; i++)
        ranks[i] = news_is_new(builder->view->news, top[i]->id);
    return news_order(ranks, count, builder->arena);
}

/* clang-format off */
#define UNKNOWN_COLUMNS(COLUMN) \
    COLUMN("times", "times", value_text(arena_printf(builder->arena, "%" PRId64 "x", unknown->count)), \
           .use = COLUMN_HEADING, .tone = TONE_STRONG) \
    COLUMN("mask", "message", value_text(mask), .use = COLUMN_HEADING, .max_lines = 1) \
    COLUMN("id", "fingerprint", value_text(unknown->id), .use = COLUMN_HEADING, .align_right = true)
/* clang-format on */

static void list_unknown(const Builder *builder)
{
    static const Column columns[] = {UNKNOWN_COLUMNS(COLUMN_ENTRY)};
    const Unknown *top[MINE_UNKNOWN];
    size_t count = unknowns_top(builder->mine->unknowns, top, ARRAY_LEN(top));
    const size_t *order = unknown_order(builder, top, count);
    Section *section = report_section(builder->report, FOR_SCREEN, "unknown", "Unknown errors",
                                      LAYOUT_LIST, columns, ARRAY_LEN(columns), NULL);

    for (size_t i = 0; i < count && is_within(builder, i); i++) {
        const Unknown *unknown = top[order[i]];
        const char *mark = news_mark(builder->view->news, unknown->id);
        const char *mask = arena_printf(builder->arena, "%s%s", mark, unknown->mask);
        row_set_all(section_row(section), ROW_VALUES(UNKNOWN_COLUMNS));
    }
    section_set_rest(section, "unknown error", "unknown errors",
                     unknowns_count(builder->mine->unknowns));
}

/* ---- packages -------------------------------------------------------------------------------- */

static bool needs_a_look(const MineCount *count)
{
    return count->errors + count->tasks_failed + count->warnings > 0;
}

/* clang-format off */
#define PACKAGE_COLUMNS(COLUMN) \
    COLUMN("errors", "errors", value_count(package->count.errors), .align_right = true, .tone = TONE_STRONG) \
    COLUMN("failed", "failed tasks", value_count(package->count.tasks_failed), .align_right = true) \
    COLUMN("warnings", "warnings", value_count(package->count.warnings), .align_right = true) \
    COLUMN("path", "package", value_text(package->name[0] ? package->name : "(no package)"), .cut_left = true)
/* clang-format on */

static void list_packages(const Builder *builder)
{
    static const Column columns[] = {PACKAGE_COLUMNS(COLUMN_ENTRY)};
    const Mine *mine = builder->mine;
    Section *section = report_section(builder->report, FOR_SCREEN, "packages", NULL, LAYOUT_TABLE,
                                      columns, ARRAY_LEN(columns), NULL);

    size_t count = 0;

    for (size_t i = 0; i < mine->package_count; i++) {
        const MinePackage *package = &mine->packages[i];
        if (!needs_a_look(&package->count) || !is_within(builder, count++))
            continue;
        row_set_all(section_row(section), ROW_VALUES(PACKAGE_COLUMNS));
    }
    section_set_rest(section, "package", "packages", count);
}

void mine_screen(const Builder *builder)
{
    report_screen(builder->report, headline(builder), where_line(builder), NULL);
    news_tell_screen(builder->view->news, builder->report, builder->arena);
    list_known(builder);
    list_unknown(builder);
    if (!news_calm(builder->view->news)) // they are counted by all messages
        list_packages(builder);
}
