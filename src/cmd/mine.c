/* mine */
#include "entry.h"
#include "signatures.h"

#include "ssisminer/base/log.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/term.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/cmd/connect.h"
#include "ssisminer/cmd/filter.h"
#include "ssisminer/cmd/output.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/mine/mine.h"

#include <inttypes.h>
#include <stdio.h>

enum { SHOWN_DEFAULT = 10 };

/* ---- the question -------------------------------------------------------------------------------
 */

static unsigned read_types(const Conf *conf)
{
    static const struct {
        const char *name;
        unsigned bits;
    } types[] = {
        {"error", MINE_ERRORS},
        {"warning", MINE_WARNINGS},
        {"task-failed", MINE_TASKS_FAILED},
        {"query-cancel", MINE_QUERY_CANCELS},
        {"information", MINE_INFORMATION},
        {"other", MINE_OTHERS},
        {"all", MINE_ALL},
    };
    unsigned bits = 0;
    size_t count;
    const char *const *names = conf_list(conf, OPT_TYPES, &count);

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < ARRAY_LEN(types); k++)
            bits |= str_same(names[i], types[k].name) ? types[k].bits : 0;
    return bits ? bits : MINE_ALL;
}

static Rc read_question(const Conf *conf, Arena *arena, MineQuestion *question, Err *err)
{
    TRY(filter_refuse_status(conf, "mine counts messages, which have no status", err));
    TRY(filter_read(conf, arena, &question->filter, err));
    question->types = read_types(conf);
    TRY(filter_window(conf, &question->filter, &question->since, &question->until, err));
    question->since.is_set = true; // unset means from the first one on
    return RC_OK;
}

/* ---- progress -----------------------------------------------------------------------------------
 */

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

/* ---- the answer
 * ----------------------------------------------------------------------------------- */

static void add_remedies(const Mine *mine, size_t limit, Report *report, Arena *arena)
{
    EntrySection section =
        entry_section(report, FOR_PEOPLE, "remedies", "What to do", ENTRY_REMEDY, arena);

    for (size_t i = 0; i < mine->signature_count && (limit == 0 || i < limit); i++)
        if (mine->signatures[i].signature->role != SIG_WRAPPER)
            entry_add(&section, mine->signatures[i].signature);
}

static bool is_finding(const Conf *conf, const Mine *mine)
{
    SigSeverity least;

    if (!signatures_fail_on(conf, &least))
        return false;
    for (size_t i = 0; i < mine->signature_count; i++)
        if (mine->signatures[i].signature->severity <= least)
            return true;
    return least >= SIG_ERROR && mine->unknown_messages > 0;
}

static Rc judge(const Conf *conf, const Ssisdb *db, const Mine *mine, Err *err)
{
    TRY(filter_rights(db, "the counts are", err));
    return is_finding(conf, mine) ? RC_FINDINGS : RC_OK;
}

static Rc mine_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(sigset_free_at) SigSet *set = NULL;
    AUTO(output_close) Output output = {0};
    AUTO(connect_close) Connection connection = {0};
    AUTO(mine_free_at) Mine *mine = NULL;
    MineQuestion question = {0};
    Ssisdb *db = NULL;

    TRY(read_question(conf, &arena, &question, err));
    TRY(signatures_load_lean(conf, &set, err));
    TRY(output_open(conf, &output, err));
    TRY(connect_open(conf, "mine", &connection, err));
    TRY(ssisdb_probe(connection.tds, &arena, &db, err));
    TRY(filter_begun(db, question.since, err));

    int64_t now = time_monotonic_ms();
    Meter meter = {.is_bar = term_is(stderr),
                   .interval_ms = conf_ticks(conf, OPT_PROGRESS_INTERVAL) / TICKS_PER_MS,
                   .start_ms = now,
                   .said_ms = now};
    Rc rc = mine_read(db, set, &question, on_progress, &meter, &mine, err);
    meter_end(&meter);
    TRY(rc);

    bool has_limit = conf_text(conf, OPT_LIMIT) != NULL;
    size_t limit = has_limit ? (size_t)conf_count(conf, OPT_LIMIT) : SHOWN_DEFAULT;
    MineView view = {db, &question, limit, time_now()};
    Report *report = mine_report(mine, &view, &arena);
    add_remedies(mine, limit, report, &arena);
    TRY(output_write(&output, report, err));
    return judge(conf, db, mine, err);
}

const Command cmd_mine = {
    .name = "mine",
    .args = "",
    .summary = "Count all messages of a window by known failure, package and hour",
    .details =
        "Streams every message of the window (the last 24 hours unless --since says otherwise), of "
        "all types or those of --types, and counts it for the signature that knows it best, for "
        "its "
        "package and for its hour. Errors that nothing knows are counted by fingerprint: what is "
        "left when numbers, names and paths are masked; 'ssisminer catalog suggest' turns one into "
        "an entry of your own.\n\n"
        "Where report looks at executions that failed, mine looks at everything: warnings that "
        "announce a failure, errors that a retry hid.\n\n"
        "    ssisminer mine --since 7d --types error,warning\n"
        "    ssisminer mine --format prometheus -o ssis.prom",
    .groups = GROUP_CONNECTION | GROUP_FILTER | GROUP_OUTPUT | GROUP_MINE,
    .run = mine_run,
};
