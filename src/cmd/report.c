/* `report`: what failed in the window, with its causes. */
#include "changed.h"
#include "duplicates.h"
#include "news.h"
#include "signatures.h"
#include "verdict.h"

#include "connect.h"
#include "filter.h"
#include "output.h"
#include "ssisminer/base/log.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/failures/failures.h"

/* ---- the question ---------------------------------------------------------------------------- */

/* Whoever asks for one by its name wants to know what became of it, also when it was canceled. */
static bool is_named(const Conf *conf)
{
    size_t count = 0;

    (void)conf_ids(conf, OPT_EXECUTION, &count);
    return count > 0 || conf_text(conf, OPT_RUN);
}

static void read_statuses(const Conf *conf, FailuresQuestion *question)
{
    bool is_open = !conf_is_set(conf, OPT_STATUS);

    question->with_failed = is_open || conf_has_choice(conf, OPT_STATUS, CHOICE_STATUS_FAILED);
    question->with_unexpected =
        is_open || conf_has_choice(conf, OPT_STATUS, CHOICE_STATUS_ENDED_UNEXPECTEDLY);
    question->with_canceled = conf_has_choice(conf, OPT_STATUS, CHOICE_STATUS_CANCELED) ||
                              conf_flag(conf, OPT_INCLUDE_CANCELED) || (is_open && is_named(conf));
}

static Rc read_question(const Conf *conf, FailuresQuestion *question, Err *err)
{
    question->all_messages = conf_flag(conf, OPT_DETAILS);
    filter_read(conf, &question->filter);
    read_statuses(conf, question);
    return filter_window(conf, &question->filter, &question->since, &question->until, err);
}

/* ---- the verdict ----------------------------------------------------------------------------- */

static void add_findings(const Failures *failures, Report *report)
{
    for (size_t i = 0; i < failures->cause_count; i++)
        verdict_add(report, failures->causes[i].severity);
}

/* ---- the hint -------------------------------------------------------------------------------- */

/* The report stands without it: what goes wrong here is a warning. */
static Rc read_duplicates(const Ssisdb *db, const DuplicatesQuestion *rules,
                          const Failures *failures, FailuresDuplicates *ret_among, Err *err)
{
    Err own = {0};
    const TdsSpan *spans = NULL;
    size_t locked = tds_skipped(db->tds, &spans);
    Rc rc = duplicates_among(db, rules, failures, ret_among, &own);

    if (rc == RC_STOPPED) {
        *err = own;
        return rc;
    }
    if (rc != RC_OK)
        log_warning("whether packages were triggered more than once is not known: %s", own.text);
    else if (tds_skipped(db->tds, &spans) > locked) {
        log_warning(
            "whether packages were triggered more than once is not known: others hold locks");
        ret_among->is_known = false;
    }
    tds_skipped_back_to(db->tds, locked);
    return RC_OK;
}

/* ---- the command ----------------------------------------------------------------------------- */

static Rc compare(const Conf *conf, const Ssisdb *db, Failures *failures, News *news, Arena *arena,
                  Err *err)
{
    TRY(news_compare(news, conf, db, NULL, failures_findings(failures, arena), failures->count,
                     arena, err));
    if (news->wanted)
        failures_keep(failures, news->wanted);
    return RC_OK;
}

static Rc show(const Conf *conf, const Failures *failures, FailuresView *view,
               const FilterFound *found, Output *output, Arena *arena, const Report **ret_report,
               Err *err)
{
    view->limit = (size_t)conf_count(conf, OPT_LIMIT);
    view->now = time_now();
    view->remedies = output_remedies(conf);
    view->is_part = output->is_part;
    output->style.is_screen = !conf_flag(conf, OPT_ALL) && !view->question->all_messages;
    Report *report = failures_report(failures, view, arena);
    filter_tell(found, view->db, report, arena);
    add_findings(failures, report);
    *ret_report = report;
    return output_write(output, report, err);
}

static Rc report_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(sigset_free_at) SigSet *signatures = NULL;
    AUTO(output_close) Output output = {0};
    AUTO(connect_close) Connection connection = {0};
    AUTO(failures_free_at) Failures *failures = NULL;
    AUTO(changes_free_at) Changes *changes = NULL;
    AUTO(news_close) News news = {0};
    FailuresQuestion question = {0};
    DuplicatesQuestion rules = {0};
    FailuresView view = {.question = &question};
    const Report *report = NULL;
    FilterFound found = {0};
    Ssisdb *db = NULL;

    TRY(read_question(conf, &question, err));
    TRY(duplicates_rules_read(conf, &arena, &rules, err));
    TRY(signatures_load_lean(conf, &signatures, err));
    TRY(news_open(conf, &arena, &news, err));
    TRY(output_open(conf, &output, err));
    TRY(connect_open(conf, "report", &connection, err));
    TRY(ssisdb_probe(connection.tds, &arena, &db, err));
    TRY(filter_resolve(conf, db, question.since, &question.filter, &arena, &found, err));
    CONNECT_READ(&connection, failures_read(db, signatures, &question, &failures, err), err);

    if (failures->total_count == 0 && failures->count == 0)
        TRY(filter_look_back(db, question.since, question.until, &question.filter, &found, err));
    TRY(compare(conf, db, failures, &news, &arena, err));
    TRY(read_duplicates(db, &rules, failures, &view.duplicates, err));
    TRY(changes_beside(db, failures, &changes, err));

    view.db = db;
    view.news = news_shown(&news);
    view.changes = changes;
    TRY(show(conf, failures, &view, &found, &output, &arena, &report, err));
    TRY(news_save(&news, news_is_whole(db, failures->missing.count), err));
    return verdict_of(conf, db, &failures->missing, report, "the report is", err);
}

const Command cmd_report = {
    .name = "report",
    .args = "",
    .summary = "Show what failed lately, why, and what to do",
    .details =
        "Reads the failed and unexpectedly ended executions of the window (the last 24 hours "
        "unless --since says otherwise), and failed operations of other kinds, and names the root "
        "cause of each. Executions belong to the window by the time they ended.\n"
        "\n"
        "Text is the first screen: what failed and of how many causes, the critical and the most "
        "frequent causes with what to do first and whether to run again, and the newest failures, "
        "one line each; of a single failure all of that. --all (or --details) gives the whole "
        "answer, --remedies all what to do about each cause. All other formats are whole.\n"
        "\n"
        "With --execution, that execution is shown whenever it ran, also when it was canceled; "
        "with --run, those of a pipeline's or activity's id, a job's name or an operation_guid, "
        "where the log has it (CALLER_INFO, parameters, overrides). Times without an offset are of "
        "--time-zone. With --details every message is shown. With --state, causes of a package "
        "that the last run did not have are marked new, and those that are gone are named; --new "
        "shows the new ones alone, and --fail-on new means that there is one. Filters are part of "
        "what is compared, the window is not: give each run the same. The exit status is 1 when "
        "--fail-on is given and something of that level failed, 5 when the login may not see every "
        "execution.\n"
        "\n"
        "    ssisminer report --since 7d --folder Sales\n"
        "    ssisminer report --format json --fail-on error -o failures.json\n"
        "    ssisminer report --execution 48213\n"
        "    ssisminer report --since 7d --all --limit 20\n"
        "    ssisminer report --run 6f9619ff-8b86-d011-b42d-00c04fc964ff\n"
        "    ssisminer report --since 'yesterday 18:00' --time-zone Europe/Berlin",
    .takes = BY_REPORT,
    .first = {OPT_SERVER, OPT_SINCE, OPT_FOLDER, OPT_PACKAGE, OPT_EXECUTION, OPT_DETAILS,
              OPT_FORMAT, OPT_OUTPUT, OPT_FAIL_ON},
    .run = report_run,
};
