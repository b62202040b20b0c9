/* `history`: the causes of failures over months. */
#include "ssisminer/failures/history.h"

#include "signatures.h"
#include "verdict.h"

#include "connect.h"
#include "filter.h"
#include "output.h"
#include "ssisminer/base/zone.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"

enum { MONTHS = 12 }; // unless --since says otherwise

/* The beginning of the month eleven months before this one: with this one, twelve. */
static Instant year_before(Instant now)
{
    int year, month, day;

    time_civil_from_days(zone_day_start(now.ticks) / TICKS_PER_DAY, &year, &month, &day);
    int count = year * 12 + month - MONTHS;
    return zone_fit(time_days_from_civil(count / 12, count % 12 + 1, 1) * TICKS_PER_DAY).first;
}

static Rc read_question(const Conf *conf, HistoryQuestion *question, Err *err)
{
    filter_read(conf, &question->filter);
    TRY(filter_window(conf, &question->filter, &question->since, &question->until, err));
    if (!conf_is_set(conf, OPT_SINCE))
        question->since = year_before(question->until.is_set ? question->until : time_now());
    return RC_OK;
}

/* What is not deleted yet is not in an archive: its months would look as if nothing had failed. */
static void end_where_archive_does(const Conf *conf, HistoryQuestion *question)
{
    Instant last = filter_covered_until();

    if (!last.is_set || (question->until.is_set && question->until.ticks <= last.ticks))
        return;
    question->until = time_add(last, 1);
    if (!conf_is_set(conf, OPT_SINCE))
        question->since = year_before(last);
}

static void add_findings(const History *history, Report *report)
{
    for (size_t i = 0; i < history->cause_count; i++)
        verdict_add(report, history->causes[i].severity);
}

static Rc history_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(sigset_free_at) SigSet *signatures = NULL;
    AUTO(output_close) Output output = {0};
    AUTO(connect_close) Connection connection = {0};
    AUTO(history_free_at) History *history = NULL;
    HistoryQuestion question = {0};
    FilterFound found = {0};
    Ssisdb *db = NULL;

    TRY(read_question(conf, &question, err));
    TRY(signatures_load_lean(conf, &signatures, err));
    TRY(output_open(conf, &output, err));
    TRY(connect_open(conf, "history", &connection, err));
    end_where_archive_does(conf, &question);
    TRY(ssisdb_probe(connection.tds, &arena, &db, err));
    TRY(filter_resolve(conf, db, question.since, &question.filter, &arena, &found, err));
    CONNECT_READ(&connection, history_read(db, signatures, &question, &history, err), err);

    const HistoryView view = {db, &question, time_now()};
    if (history->cause_count == 0)
        TRY(filter_look_back(db, question.since, question.until, &question.filter, &found, err));
    output.style.is_screen = !conf_flag(conf, OPT_ALL);
    Report *report = history_report(history, &view, &arena);
    filter_tell(&found, db, report, &arena);
    add_findings(history, report);
    TRY(output_write(&output, report, err));
    return verdict_of(conf, db, &history->missing, report, "the history is", err);
}

const Command cmd_history = {
    .name = "history",
    .args = "",
    .summary = "Show the causes of failures by month, and whether it gets worse",
    .details =
        "Counts what failed or ended unexpectedly by month and root cause, the causes that "
        "'report' names, over the last twelve months unless --since says otherwise. Months are "
        "those of --time-zone; one before the first failure is left out.\n"
        "\n"
        "A catalog forgets by its retention: 'cleanup --archive' keeps what failed in a file, "
        "which --from reads as it reads a capture, for as many years as it goes back. The answer "
        "ends with the last failure that the archive holds.\n"
        "\n"
        "Text is the first screen: the newest months, how much failed in each, how many causes and "
        "how many of them no month before had, then the most frequent causes with how often each "
        "failed lately (the last three whole months) and in as many months before. --all adds each "
        "month's causes with their packages; all other formats are whole, and csv has a row for "
        "each cause in each month.\n"
        "\n"
        "--fail-on means a cause of that level somewhere in the window.\n"
        "\n"
        "    ssisminer history --from archive.db --since 3y\n"
        "    ssisminer history -S prod --folder Sales --format csv -o history.csv",
    .takes = BY_HISTORY,
    .first = {OPT_SERVER, OPT_FROM, OPT_SINCE, OPT_FOLDER, OPT_PACKAGE, OPT_FORMAT, OPT_OUTPUT,
              OPT_ALL},
    .run = history_run,
};
