/* `mine`: errors and warnings counted by hour, package and signature. */
#include "entry.h"
#include "news.h"
#include "signatures.h"
#include "verdict.h"

#include "connect.h"
#include "filter.h"
#include "output.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/term.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/mine/mine.h"
#include "ssisminer/report/words.h"

#include <inttypes.h>
#include <stdio.h>

enum { SHOWN_DEFAULT = 10 };

/* ---- the question ---------------------------------------------------------------------------- */

static unsigned read_types(const Conf *conf)
{
    static const unsigned types[] = {
        [CHOICE_TYPES_ALL] = MINE_ALL,
        [CHOICE_TYPES_ERROR] = MINE_ERRORS,
        [CHOICE_TYPES_WARNING] = MINE_WARNINGS,
        [CHOICE_TYPES_TASK_FAILED] = MINE_TASKS_FAILED,
        [CHOICE_TYPES_QUERY_CANCEL] = MINE_QUERY_CANCELS,
        [CHOICE_TYPES_INFORMATION] = MINE_INFORMATION,
        [CHOICE_TYPES_OTHER] = MINE_OTHERS,
    };
    unsigned bits = 0;

    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        bits |= conf_has_choice(conf, OPT_TYPES, (int)i) ? types[i] : 0;
    return conf_is_set(conf, OPT_TYPES) ? bits : MINE_ALL;
}

static Rc read_question(const Conf *conf, MineQuestion *question, Err *err)
{
    filter_read(conf, &question->filter);
    question->types = read_types(conf);
    TRY(filter_window(conf, &question->filter, &question->since, &question->until, err));
    question->since.is_set = true; // unset means from the first one on
    return RC_OK;
}

/* ---- progress -------------------------------------------------------------------------------- */

/* How much there is to come, nobody knows: the bar tells that something moves, and how fast. */
typedef struct Meter {
    bool is_bar; // on a terminal: one line, written over
    bool is_drawn;
    int64_t interval_ms; // of plain lines; 0: none
    int64_t start_ms, said_ms;
    unsigned turn;
} Meter;

enum { REDRAW_MS = 200, BAR_WIDTH = 12, LINE_BYTES = 160 };

static void draw(Meter *meter, const char *line)
{
    int columns = term_columns(stderr);

    (void)fprintf(stderr, "\r%-*.*s", columns - 1, columns - 1, line);
    (void)fflush(stderr);
    meter->is_drawn = true;
}

static void put_bar(char bar[BAR_WIDTH + 3], unsigned turn)
{
    unsigned period = 2 * (BAR_WIDTH - 3), at = turn % period;

    at = at < BAR_WIDTH - 3 ? at : period - at;
    (void)snprintf(bar, BAR_WIDTH + 3, "[%*s===%*s]", (int)at, "", (int)(BAR_WIDTH - 3 - at), "");
}

static void on_progress(void *context, int64_t messages)
{
    Meter *meter = context;
    int64_t now = time_monotonic_ms(), elapsed = now - meter->start_ms;
    int64_t wait = meter->is_bar ? REDRAW_MS : meter->interval_ms;
    char line[LINE_BYTES], bar[BAR_WIDTH + 3] = "";

    if (wait <= 0 || now - meter->said_ms < wait || log_level() < LOG_NORMAL)
        return;
    meter->said_ms = now;
    if (meter->is_bar)
        put_bar(bar, meter->turn++);
    (void)snprintf(line, sizeof(line), "%s%s%" PRId64 " messages, %" PRId64 "/s, %" PRId64 " s",
                   bar, meter->is_bar ? " " : "", messages,
                   elapsed > 0 ? messages * 1000 / elapsed : 0, elapsed / 1000);
    if (meter->is_bar)
        draw(meter, line);
    else
        log_note("%s", line);
}

static void meter_end(Meter *meter)
{
    if (meter->is_drawn) {
        draw(meter, "");
        (void)fputc('\r', stderr);
    }
}

/* ---- the answer ------------------------------------------------------------------------------ */

static const char *seen_text(const MineCount *count, Arena *arena)
{
    const char *span = words_span(count->first_seen, count->last_seen, arena);

    return *span ? arena_printf(arena, "seen %s", span) : NULL;
}

static EntrySection add_remedies(const Mine *mine, size_t limit, Audience audience, Report *report,
                                 Arena *arena)
{
    EntrySection section =
        entry_section(report, audience, "remedies", "What to do", ENTRY_REMEDY, arena);

    for (size_t i = 0; i < mine->signature_count && (limit == 0 || i < limit); i++)
        if (mine->signatures[i].signature->role != SIG_WRAPPER)
            entry_add_seen(&section, mine->signatures[i].signature,
                           seen_text(&mine->signatures[i].count, arena));
    return section;
}

/* Of what is shown, of all there is, or none. */
static void say_what_to_do(const Conf *conf, const Mine *mine, size_t limit, Report *report,
                           Arena *arena)
{
    switch (conf_choice_remedies(conf)) {
    case CHOICE_REMEDIES_SHOWN:
        (void)add_remedies(mine, limit, FOR_PEOPLE, report, arena);
        return;
    case CHOICE_REMEDIES_ALL:
        (void)add_remedies(mine, 0, FOR_PEOPLE, report, arena);
        section_set_behind(add_remedies(mine, 0, FOR_SCREEN, report, arena).section);
        return;
    case CHOICE_REMEDIES_NONE:
        return;
    }
}

/* The whole answer is whole, unless somebody says how much of it. */
static size_t read_limit(const Conf *conf)
{
    if (conf_is_set(conf, OPT_LIMIT))
        return (size_t)conf_count(conf, OPT_LIMIT);
    return conf_flag(conf, OPT_ALL) ? 0 : SHOWN_DEFAULT;
}

static void add_findings(const Mine *mine, Report *report)
{
    for (size_t i = 0; i < mine->signature_count; i++)
        verdict_add(report, mine->signatures[i].signature->severity);
    if (mine->unknown_messages > 0)
        verdict_add(report, SIG_ERROR);
}

static Rc read_messages(const Conf *conf, Connection *connection, const Ssisdb *db,
                        const SigSet *set, const MineQuestion *question, Mine **ret_mine, Err *err)
{
    int64_t now = time_monotonic_ms();
    Meter meter = {.is_bar = term_is(stderr),
                   .interval_ms = conf_ticks(conf, OPT_PROGRESS_INTERVAL) / TICKS_PER_MS,
                   .start_ms = now,
                   .said_ms = now};
    Rc rc = mine_read(db, set, question, on_progress, &meter, ret_mine, err);

    while (rc != RC_OK && connect_may_reread(connection, err))
        rc = mine_read(db, set, question, on_progress, &meter, ret_mine, err);
    meter_end(&meter);
    return rc;
}

static Rc compare(const Conf *conf, const Ssisdb *db, Mine *mine, News *news, Arena *arena,
                  Err *err)
{
    size_t count;
    const Finding *findings = mine_findings(mine, arena, &count);

    TRY(news_compare(news, conf, db, NULL, findings, count, arena, err));
    if (news->wanted)
        mine_keep(mine, news->wanted);
    return RC_OK;
}

/* Of more kinds of unknown errors than are kept the rare ones may be there all the same. */
static bool is_whole(const Ssisdb *db, const Mine *mine)
{
    return news_is_whole(db, mine->missing.count) && unknowns_is_exact(mine->unknowns);
}

static Rc show(const Conf *conf, const Mine *mine, MineView *view, const FilterFound *found,
               Output *output, Arena *arena, const Report **ret_report, Err *err)
{
    view->limit = read_limit(conf);
    view->now = time_now();
    view->remedies = conf_choice_remedies(conf) != CHOICE_REMEDIES_NONE;
    output->style.is_screen = !conf_flag(conf, OPT_ALL);
    Report *report = mine_report(mine, view, arena);
    say_what_to_do(conf, mine, view->limit, report, arena);
    filter_tell(found, view->db, report, arena);
    add_findings(mine, report);
    *ret_report = report;
    return output_write(output, report, err);
}

static Rc mine_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(sigset_free_at) SigSet *set = NULL;
    AUTO(output_close) Output output = {0};
    AUTO(connect_close) Connection connection = {0};
    AUTO(mine_free_at) Mine *mine = NULL;
    AUTO(news_close) News news = {0};
    MineQuestion question = {0};
    MineView view = {.question = &question};
    const Report *report = NULL;
    FilterFound found = {0};
    Ssisdb *db = NULL;

    TRY(read_question(conf, &question, err));
    TRY(signatures_load_lean(conf, &set, err));
    TRY(news_open(conf, &arena, &news, err));
    TRY(output_open(conf, &output, err));
    TRY(connect_open(conf, "mine", &connection, err));
    TRY(ssisdb_probe(connection.tds, &arena, &db, err));
    TRY(filter_resolve(conf, db, question.since, &question.filter, &arena, &found, err));
    TRY(read_messages(conf, &connection, db, set, &question, &mine, err));
    if (mine->total.messages == 0)
        TRY(filter_look_back(db, question.since, question.until, &question.filter, &found, err));
    TRY(compare(conf, db, mine, &news, &arena, err));
    view.db = db;
    view.news = news_shown(&news);
    TRY(show(conf, mine, &view, &found, &output, &arena, &report, err));
    TRY(news_save(&news, is_whole(db, mine), err));
    return verdict_of(conf, db, &mine->missing, report, "the counts are", err);
}

const Command cmd_mine = {
    .name = "mine",
    .args = "",
    .summary = "Count all messages of a window by known failure, package and hour",
    .details =
        "Streams every message of the window (the last 24 hours unless --since says otherwise), of "
        "all types or those of --types, and counts it for the signature that knows it best, for "
        "its package and for its hour. Errors that nothing knows are counted by fingerprint: what "
        "is left when numbers, names and paths are masked; 'ssisminer catalog suggest' turns one "
        "into an entry of your own.\n"
        "\n"
        "Text is the first screen: the critical and the most frequent of what is known, with what "
        "to do first; what nothing knows; the packages with the most errors. --all gives the whole "
        "answer. All other formats are whole.\n"
        "\n"
        "Where report looks at executions that failed, mine looks at everything: warnings that "
        "announce a failure, errors that a retry hid.\n"
        "\n"
        "With --state, what the last run did not have is marked new, and what is gone is named; "
        "--new shows the new alone, --fail-on new means that there is some. docs/state.md says "
        "what counts as the same.\n"
        "\n"
        "    ssisminer mine --since 7d --types error,warning\n"
        "    ssisminer mine --format prometheus -o ssis.prom",
    .takes = BY_MINE,
    .first = {OPT_SERVER, OPT_SINCE, OPT_TYPES, OPT_FOLDER, OPT_PACKAGE, OPT_LIMIT, OPT_SIGNATURES,
              OPT_FORMAT, OPT_OUTPUT},
    .run = mine_run,
};
