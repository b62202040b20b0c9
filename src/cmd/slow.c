/* `slow`: which executions took longer than usual, and where the time went. */
#include "ssisminer/slow/slow.h"

#include "news.h"
#include "verdict.h"

#include "connect.h"
#include "filter.h"
#include "output.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"

static Rc read_question(const Conf *conf, SlowQuestion *question, Err *err)
{
    filter_read(conf, &question->filter);
    TRY(filter_window(conf, &question->filter, &question->since, &question->until, err));
    question->least_runs = (size_t)conf_count(conf, OPT_MIN_RUNS);
    question->look_back = conf_ticks(conf, OPT_BASELINE);
    question->slower_percent = conf_count(conf, OPT_SLOWER_BY);
    return RC_OK;
}

/* A slow execution is an error; nothing here is critical. */
static void add_findings(const Slow *slow, Report *report)
{
    if (slow->figures.count > 0)
        verdict_add(report, SIG_ERROR);
}

static Rc compare(const Conf *conf, const Ssisdb *db, Slow *slow, News *news, Arena *arena,
                  Err *err)
{
    TRY(news_compare(news, conf, db, NULL, slow_findings(slow, arena), slow->figures.count, arena,
                     err));
    if (news->wanted)
        slow_keep(slow, news->wanted);
    return RC_OK;
}

static Rc slow_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(output_close) Output output = {0};
    AUTO(connect_close) Connection connection = {0};
    AUTO(slow_free_at) Slow *slow = NULL;
    AUTO(news_close) News news = {0};
    SlowQuestion question = {0};
    FilterFound found = {0};
    Ssisdb *db = NULL;

    TRY(read_question(conf, &question, err));
    TRY(news_open(conf, &arena, &news, err));
    TRY(output_open(conf, &output, err));
    TRY(connect_open(conf, "slow", &connection, err));
    TRY(ssisdb_probe(connection.tds, &arena, &db, err));
    TRY(filter_resolve(conf, db, question.since, &question.filter, &arena, &found, err));
    CONNECT_READ(&connection, slow_read(db, &question, &slow, err), err);

    TRY(compare(conf, db, slow, &news, &arena, err));
    SlowView view = {db, &question, (size_t)conf_count(conf, OPT_LIMIT), time_now(),
                     news_shown(&news)};
    if (slow->figures.judged + slow->figures.unjudged == 0)
        TRY(filter_look_back(db, question.since, question.until, &question.filter, &found, err));
    output.style.is_screen = !conf_flag(conf, OPT_ALL);
    Report *report = slow_report(slow, &view, &arena);
    filter_tell(&found, db, report, &arena);
    add_findings(slow, report);
    TRY(output_write(&output, report, err));
    TRY(news_save(&news, news_is_whole(db, 0), err));
    TRY(filter_complete(db, "the answer is", err));
    return verdict_rc(conf, report);
}

const Command cmd_slow = {
    .name = "slow",
    .args = "",
    .summary = "Find executions that were slower than usual, and what in them was",
    .details =
        "Compares each execution that ran in the window (the last 24 hours unless --since says "
        "otherwise) with the last successful runs of the same package and environment, from "
        "--baseline before the window on. It is slow when it took --slower-by percent longer than "
        "their median, stood out from their usual scatter, and lost ten seconds or more. Waiting "
        "for a worker is no part of it: 'ssisminer capacity' looks at that.\n"
        "\n"
        "For the worst of them it shows the tasks whose own time grew (while none of what is in "
        "them ran), the phases of components, which the server records at logging level "
        "Performance and Verbose, and the rows that they sent, at Verbose alone.\n"
        "\n"
        "Text is the first screen: where most time was lost, with the task to blame, and packages "
        "that get slower; --all gives the whole answer. All other formats are whole.\n"
        "\n"
        "Executions that ended unexpectedly have the time of the repair for their end: they are "
        "listed apart and never compared. --fail-on any and error mean that something was slow.\n"
        "\n"
        "With --state, what the last run did not have is marked new, and what is gone is named; "
        "--new shows the new alone, --fail-on new means that there is some. docs/state.md says "
        "what counts as the same.\n"
        "\n"
        "    ssisminer slow --since 7d\n"
        "    ssisminer slow --since 24h --folder Sales --slower-by 100 --min-runs 20",
    .takes = BY_SLOW,
    .first = {OPT_SERVER, OPT_SINCE, OPT_BASELINE, OPT_MIN_RUNS, OPT_SLOWER_BY, OPT_PACKAGE,
              OPT_OUTPUT, OPT_FAIL_ON},
    .run = slow_run,
};
