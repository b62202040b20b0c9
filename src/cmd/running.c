/* `running`: what runs now, and whether it should worry anybody. */
#include "ssisminer/running/running.h"

#include "news.h"
#include "signatures.h"
#include "verdict.h"

#include "connect.h"
#include "filter.h"
#include "output.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"

static Rc read_question(const Conf *conf, RunningQuestion *question, Err *err)
{
    filter_read(conf, &question->filter);
    TRY(filter_window(conf, &question->filter, &question->since, &question->until, err));
    question->look_back = conf_ticks(conf, OPT_BASELINE);
    question->least_runs = (size_t)conf_count(conf, OPT_MIN_RUNS);
    question->slower_percent = conf_count(conf, OPT_SLOWER_BY);
    question->silent_for = conf_ticks(conf, OPT_SILENT_FOR);
    return RC_OK;
}

/* What hangs is an error; what is late or silent, and a success that said errors, a warning. */
static void add_findings(const Running *running, Report *report)
{
    const size_t *of = running->of_state;

    if (of[RUNNING_HANGS] > 0)
        verdict_add(report, SIG_ERROR);
    if (of[RUNNING_LATE] + of[RUNNING_SILENT] + running->noisy_count > 0)
        verdict_add(report, SIG_WARNING);
}

static Rc compare(const Conf *conf, const Ssisdb *db, Running *running, News *news, Arena *arena,
                  Err *err)
{
    size_t count;
    const Finding *findings = running_findings(running, arena, &count);

    TRY(news_compare(news, conf, db, NULL, findings, count, arena, err));
    if (news->wanted)
        running_keep(running, news->wanted);
    return RC_OK;
}

static Rc running_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(sigset_free_at) SigSet *signatures = NULL;
    AUTO(output_close) Output output = {0};
    AUTO(connect_close) Connection connection = {0};
    AUTO(running_free_at) Running *running = NULL;
    AUTO(news_close) News news = {0};
    RunningQuestion question = {0};
    FilterFound found = {0};
    Ssisdb *db = NULL;

    TRY(read_question(conf, &question, err));
    TRY(signatures_load_lean(conf, &signatures, err));
    TRY(news_open(conf, &arena, &news, err));
    TRY(output_open(conf, &output, err));
    TRY(connect_open(conf, "running", &connection, err));
    TRY(ssisdb_probe(connection.tds, &arena, &db, err));
    TRY(filter_resolve(conf, db, question.since, &question.filter, &arena, &found, err));
    CONNECT_READ(&connection, running_read(db, signatures, &question, &running, err), err);

    TRY(compare(conf, db, running, &news, &arena, err));
    RunningView view = {db, &question, (size_t)conf_count(conf, OPT_LIMIT), time_now(),
                        news_shown(&news)};
    output.style.is_screen = !conf_flag(conf, OPT_ALL);
    Report *report = running_report(running, &view, &arena);
    filter_tell(&found, db, report, &arena);
    add_findings(running, report);
    TRY(output_write(&output, report, err));
    TRY(news_save(&news, news_is_whole(db, running->missing.count), err));
    return verdict_of(conf, db, &running->missing, report, "the answer is", err);
}

const Command cmd_running = {
    .name = "running",
    .args = "",
    .summary = "Show what runs, waits or hangs, and what succeeded with errors",
    .details =
        "Of everything that is running, pending or stopping: where it is (the tasks that began and "
        "have not ended, the phase of a component at logging level Performance or Verbose), the "
        "errors so far with their cause, how long it has been running beside what its successes of "
        "--baseline took (median and p95, from --min-runs of them on), its last sign of life, its "
        "place in the queue, and who started it. What was created in the window and never started "
        "is listed too, and executions that ended in it and succeeded though they said errors: an "
        "event handler, ForceExecutionResult or MaximumErrorCount hides those.\n"
        "\n"
        "A running execution hangs when it gave no sign of life for --silent-for and has been "
        "running for longer than usual: more than the p95 of its successes, and --slower-by "
        "percent more than their median. With too few successes the silence alone decides. At "
        "logging level None silence says nothing. What is pending hangs after a day.\n"
        "\n"
        "Text is the first screen, what hangs on top; --all gives the whole answer. --fail-on "
        "error means that something hangs, warning that something is late or silent, or succeeded "
        "with errors.\n"
        "\n"
        "With --state, what the last run did not have is marked new, and what is gone is named; "
        "--new shows the new alone, --fail-on new means that there is some. docs/state.md says "
        "what counts as the same.\n"
        "\n"
        "    ssisminer running\n"
        "    ssisminer running --folder Sales --silent-for 20min --fail-on error\n"
        "    ssisminer running --execution 48213 --all",
    .takes = BY_RUNNING,
    .first = {OPT_SERVER, OPT_SINCE, OPT_SILENT_FOR, OPT_FOLDER, OPT_PACKAGE, OPT_FORMAT,
              OPT_OUTPUT, OPT_FAIL_ON},
    .run = running_run,
};
