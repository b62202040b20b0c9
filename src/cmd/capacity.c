/* `capacity`: how many packages run at once, who waits, and how many slots would do. */
#include "ssisminer/capacity/capacity.h"

#include "verdict.h"

#include "connect.h"
#include "filter.h"
#include "output.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"

static Rc read_question(const Conf *conf, CapacityQuestion *question, Err *err)
{
    filter_read(conf, &question->filter);
    TRY(filter_window(conf, &question->filter, &question->since, &question->until, err));
    question->nodes = (int)conf_count(conf, OPT_NODES); // 0: unset
    question->per_node = (int)conf_count(conf, OPT_PARALLEL_PER_NODE);
    question->target_wait = conf_ticks(conf, OPT_TARGET_WAIT);
    question->most_listed = (size_t)conf_count(conf, OPT_LIMIT);
    return RC_OK;
}

/* A wait above the target is an error; nothing here is critical. */
static void add_findings(const Capacity *capacity, const CapacityQuestion *question, Report *report)
{
    if (capacity_is_short(capacity, question))
        verdict_add(report, SIG_ERROR);
}

static Rc capacity_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(output_close) Output output = {0};
    AUTO(connect_close) Connection connection = {0};
    AUTO(capacity_free_at) Capacity *capacity = NULL;
    CapacityQuestion question = {0};
    FilterFound found = {0};
    Ssisdb *db = NULL;

    TRY(read_question(conf, &question, err));
    TRY(output_open(conf, &output, err));
    TRY(connect_open(conf, "capacity", &connection, err));
    TRY(ssisdb_probe(connection.tds, &arena, &db, err));
    TRY(filter_resolve(conf, db, question.since, &question.filter, &arena, &found, err));
    CONNECT_READ(&connection, capacity_read(db, &question, &capacity, err), err);

    CapacityView view = {db, &question, (size_t)conf_count(conf, OPT_LIMIT), time_now()};
    if (capacity->figures.started == 0)
        TRY(filter_look_back(db, question.since, question.until, &question.filter, &found, err));
    output.style.is_screen = !conf_flag(conf, OPT_ALL);
    Report *report = capacity_report(capacity, &view, &arena);
    filter_tell(&found, db, report, &arena);
    add_findings(capacity, &question, report);
    TRY(output_write(&output, report, err));
    return verdict_of(conf, db, &capacity->missing, report, "the answer is", err);
}

const Command cmd_capacity = {
    .name = "capacity",
    .args = "",
    .summary = "Show how long packages wait for a worker, and what would help",
    .details =
        "An integration runtime or Scale Out runs so many packages at once as it has slots: nodes "
        "times the maximum of parallel executions per node. More of them queue up. A wait is the "
        "time from the start of an execution (status pending) to its first sign of work in the "
        "log; with logging level None there is no such sign, and the wait is unknown. Where the "
        "server has no queue, only what ran at once is shown.\n"
        "\n"
        "Neither number is in the catalog. Where packages waited long, so many slots there are "
        "as ran meanwhile: that is believed before --nodes and --parallel-per-node, and a number "
        "that is too high or too low is told. A package that an Execute Package Task runs takes no "
        "slot beside its parent's. The advice is found by replay: the same starts and lengths of "
        "work, on more slots, until the p95 wait of every hour is within --target-wait.\n"
        "\n"
        "Text is the first screen: whether somebody waited too long and what would help, the hours "
        "and packages that did, what has not begun, workers that are away. --all gives the whole "
        "answer, with each hour of the day. All other formats are whole.\n"
        "\n"
        "Filters choose which packages and executions are listed; what runs at once is always "
        "counted over all. --fail-on any and error mean a p95 wait of some hour above the target, "
        "or an execution that has been pending for longer.\n"
        "\n"
        "    ssisminer capacity --since 7d --nodes 2 --parallel-per-node 8\n"
        "    ssisminer capacity --since 24h --target-wait 1min --format json",
    .takes = BY_CAPACITY,
    .first = {OPT_SERVER, OPT_SINCE, OPT_NODES, OPT_PARALLEL_PER_NODE, OPT_TARGET_WAIT, OPT_FORMAT,
              OPT_OUTPUT, OPT_FAIL_ON},
    .run = capacity_run,
};
