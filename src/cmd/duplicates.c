/* `duplicates`: which executions were started once too often, and by whom. */
#include "duplicates.h"
#include "across.h"
#include "news.h"
#include "verdict.h"

#include "connect.h"
#include "filter.h"
#include "output.h"
#include "page.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/sat.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/duplicates/across.h"

#include <stdlib.h>

/* ---- the question ---------------------------------------------------------------------------- */

static Rc read_allowed(const Conf *conf, Arena *arena, DuplicatesQuestion *question, Err *err)
{
    const char *const *texts = conf_list(conf, OPT_ALLOW, &question->allowed_count);
    DuplicatesAllowed *list = arena_alloc_array(arena, question->allowed_count + 1, sizeof(*list));

    for (size_t i = 0; i < question->allowed_count; i++)
        if (duplicates_read_allowed(texts[i], time_now(), arena, &list[i], err) != RC_OK)
            return err_note(err, "--allow");
    question->allowed = list;
    return RC_OK;
}

static DuplicateConfidence read_confidence(const Conf *conf)
{
    switch (conf_choice_min_confidence(conf)) {
    case CHOICE_MIN_CONFIDENCE_LOW:
        return DUPLICATE_LOW;
    case CHOICE_MIN_CONFIDENCE_MEDIUM:
        return DUPLICATE_MEDIUM;
    case CHOICE_MIN_CONFIDENCE_HIGH:
        break;
    }
    return DUPLICATE_HIGH;
}

Rc duplicates_rules_read(const Conf *conf, Arena *arena, DuplicatesQuestion *question, Err *err)
{
    TRY(read_allowed(conf, arena, question, err));
    question->within = conf_ticks(conf, OPT_WITHIN);
    question->look_back = conf_ticks(conf, OPT_LOOK_BACK);
    question->ignore_parameters = conf_flag(conf, OPT_IGNORE_PARAMETERS);
    question->ignored = conf_list(conf, OPT_IGNORE_PARAMETER, &question->ignored_count);
    question->least = read_confidence(conf);
    return RC_OK;
}

static Rc read_question(const Conf *conf, Arena *arena, DuplicatesQuestion *question, Err *err)
{
    filter_read(conf, &question->filter);
    TRY(duplicates_rules_read(conf, arena, question, err));
    question->include_retries = conf_flag(conf, OPT_INCLUDE_RETRIES);
    TRY(filter_window(conf, &question->filter, &question->since, &question->until, err));
    question->since.is_set = true; // unset means from the first one on
    return RC_OK;
}

/* ---- the hint in report ---------------------------------------------------------------------- */

/* From the creation of the first failure to the end of the last one. */
static size_t window_of(const Failures *failures, DuplicatesQuestion *question)
{
    size_t count = 0;

    question->since = question->until = (Instant){0};
    for (size_t i = 0; i < failures->count; i++) {
        const Failure *failure = &failures->list[i];
        const Execution *e = &failure->execution;
        if (!failure->is_execution)
            continue;
        Instant created = e->created.is_set ? e->created : failure->time;
        if (count == 0 || created.ticks < question->since.ticks)
            question->since = created;
        if (count == 0 || failure->time.ticks > question->until.ticks)
            question->until = failure->time;
        count++;
    }
    question->until = time_add(question->until, sat_add(question->within, 1));
    return count;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

static const int64_t *sorted_ids(const Failures *failures, size_t count, Arena *arena)
{
    int64_t *ids = arena_alloc_array(arena, count, sizeof(*ids));
    size_t n = 0;

    for (size_t i = 0; i < failures->count && n < count; i++)
        if (failures->list[i].is_execution)
            ids[n++] = failures->list[i].id;
    qsort(ids, count, sizeof(*ids), by_id);
    return ids;
}

static void count_among(const Duplicates *duplicates, const int64_t *ids, size_t count,
                        FailuresDuplicates *among)
{
    for (size_t g = 0; g < duplicates->count; g++) {
        const DuplicateGroup *group = &duplicates->list[g].group;
        size_t failed = 0;
        for (size_t i = 0; i < group->count; i++)
            failed += bsearch(&duplicates->runs[group->members[i]].id, ids, count, sizeof(*ids),
                              by_id) != NULL;
        among->failures += failed;
        among->groups += failed > 0;
    }
}

Rc duplicates_among(const Ssisdb *db, const DuplicatesQuestion *rules, const Failures *failures,
                    FailuresDuplicates *ret_among, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(duplicates_free_at) Duplicates *duplicates = NULL;
    DuplicatesQuestion question = *rules;
    FailuresDuplicates among = {.is_known = true};
    size_t count = window_of(failures, &question);

    question.include_retries = false;
    question.least = rules->least > DUPLICATE_MEDIUM ? rules->least : DUPLICATE_MEDIUM;
    if (count > 0) {
        TRY(duplicates_read(db, &question, &duplicates, err));
        TRY(missing_check(&duplicates->missing, "the answer is", err));
        count_among(duplicates, sorted_ids(failures, count, &arena), count, &among);
    }
    *ret_among = among;
    return RC_OK;
}

/* ---- the verdict ----------------------------------------------------------------------------- */

/* What is sure and did double work is an error, what may well be meant is none of concern; nothing
 * here is critical. */
static SigSeverity severity_of(const DuplicateGroup *group)
{
    if (group->verdict <= DUPLICATE_CHILD_OVERLAP && group->confidence == DUPLICATE_HIGH)
        return SIG_ERROR;
    return group->confidence == DUPLICATE_LOW ? SIG_INFO : SIG_WARNING;
}

static void add_findings(const Duplicates *duplicates, Report *report)
{
    for (size_t i = 0; i < duplicates->count; i++)
        verdict_add(report, severity_of(&duplicates->list[i].group));
}

/* ---- the command ----------------------------------------------------------------------------- */

static Rc print_guard(const Conf *conf, Err *err)
{
    AUTO(buf_done) Buf page = BUF(PAGE_MAX_BYTES);
    const char *path = conf_text(conf, OPT_GUARD_SQL), *output = conf_text(conf, OPT_OUTPUT);

    if (duplicates_put_guard(&page, path, conf_ticks(conf, OPT_WITHIN), err) != RC_OK)
        return err_note(err, "--guard-sql");
    TRY(conf_refuse_unread(conf, "duplicates --guard-sql", err));
    return page_print(&page, output, err);
}

static Rc compare(const Conf *conf, const Ssisdb *db, Duplicates *duplicates, News *news,
                  Arena *arena, Err *err)
{
    TRY(news_compare(news, conf, db, NULL, duplicates_findings(duplicates, arena),
                     duplicates->count, arena, err));
    if (news->wanted)
        duplicates_keep(duplicates, news->wanted);
    return RC_OK;
}

static Rc duplicates_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(output_close) Output output = {0};
    AUTO(connect_close) Connection connection = {0};
    AUTO(duplicates_free_at) Duplicates *duplicates = NULL;
    AUTO(news_close) News news = {0};
    DuplicatesQuestion question = {0};
    FilterFound found = {0};
    Ssisdb *db = NULL;

    if (conf_text(conf, OPT_GUARD_SQL))
        return print_guard(conf, err);
    TRY(read_question(conf, &arena, &question, err));
    TRY(news_open(conf, &arena, &news, err));
    TRY(output_open(conf, &output, err));
    TRY(connect_open(conf, "duplicates", &connection, err));
    TRY(ssisdb_probe(connection.tds, &arena, &db, err));
    TRY(filter_resolve(conf, db, question.since, &question.filter, &arena, &found, err));
    CONNECT_READ(&connection, duplicates_read(db, &question, &duplicates, err), err);

    TRY(compare(conf, db, duplicates, &news, &arena, err));
    DuplicatesView view = {db,         &question,         (size_t)conf_count(conf, OPT_LIMIT),
                           time_now(), news_shown(&news), output_remedies(conf)};
    output.style.is_screen = !conf_flag(conf, OPT_ALL);
    Report *report = duplicates_report(duplicates, &view, &arena);
    filter_tell(&found, db, report, &arena);
    add_findings(duplicates, report);
    if (output_beside())
        across_put_starts(duplicates, &question, db, output_beside());
    TRY(output_write(&output, report, err));
    TRY(news_save(&news, news_is_whole(db, duplicates->missing.count), err));
    return verdict_of(conf, db, &duplicates->missing, report, "the answer is", err);
}

/* ---- several catalogs beside each other ------------------------------------------------------ */

typedef struct Beside { // what lives from one round to the end
    Arena arena;
    DuplicatesQuestion question;
    AcrossCatalog *catalogs;
    Across *across;
} Beside;

static void end_beside(void *state)
{
    Beside *beside = state;

    if (!beside)
        return;
    across_free(beside->across);
    arena_done(&beside->arena);
    free(beside);
}

static Rc open_beside(Conf *conf, Beside *beside, AcrossMember *members, size_t count, Err *err)
{
    TRY(duplicates_rules_read(conf, &beside->arena, &beside->question, err));
    beside->catalogs = arena_alloc_array(&beside->arena, count, sizeof(*beside->catalogs));
    for (size_t i = 0; i < count; i++)
        beside->catalogs[i] =
            (AcrossCatalog){.target = members[i].target, .starts = members[i].offered};
    TRY(across_open(beside->catalogs, count, &beside->question, &beside->across, err));
    for (size_t i = 0; i < count; i++)
        members[i].question = across_ids(beside->across, i);
    return RC_OK;
}

static Rc ask_beside(Conf *conf, AcrossMember *members, size_t count, void **ret_state, Err *err)
{
    Beside *beside = mem_alloc(sizeof(*beside));
    Rc rc = open_beside(conf, beside, members, count, err);

    if (rc == RC_OK)
        *ret_state = beside;
    else
        end_beside(beside);
    return rc;
}

static Rc answer_beside(Conf *conf, Str question, Buf *out, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(connect_close) Connection connection = {0};
    DuplicatesQuestion rules = {0};
    Ssisdb *db = NULL;

    TRY(duplicates_rules_read(conf, &arena, &rules, err));
    TRY(connect_open(conf, "duplicates", &connection, err));
    TRY(ssisdb_probe(connection.tds, &arena, &db, err));
    return across_put_parameters(db, &rules, question, out, err);
}

/* The first, which is of no target, says how many there are. */
static void add_findings_beside(const Across *across, const char *targets, Report *report)
{
    size_t count;
    const AcrossGroup *groups = across_groups(across, &count);

    for (size_t i = 0; i < count && targets; i++)
        if (str_same(groups[i].targets, targets))
            verdict_add(report, severity_of(&groups[i].group));
}

static Rc conclude_beside(Conf *conf, void *state, const AcrossMember *members, size_t count,
                          Arena *arena, const ReportPart **ret_parts, size_t *ret_count, Err *err)
{
    Beside *beside = state;
    size_t answers;

    for (size_t i = 0; i < count; i++) {
        beside->catalogs[i].parameters = members[i].answer;
        beside->catalogs[i].error = members[i].error;
    }
    TRY(across_group(beside->across, beside->catalogs, err));
    const AcrossAnswer *list = across_report(beside->across, (size_t)conf_count(conf, OPT_LIMIT),
                                             output_remedies(conf), arena, &answers);
    ReportPart *parts = arena_alloc_array(arena, answers, sizeof(*parts));
    for (size_t i = 0; i < answers; i++) {
        add_findings_beside(beside->across, list[i].targets, list[i].report);
        parts[i] = (ReportPart){.target = list[i].targets,
                                .report = list[i].report,
                                .is_joint = true,
                                .exit_code = verdict_rc(conf, list[i].report)};
    }
    *ret_parts = parts;
    *ret_count = answers;
    return RC_OK;
}

static const CommandAcross several = {ask_beside, answer_beside, conclude_beside, end_beside};

const Command cmd_duplicates = {
    .name = "duplicates",
    .args = "",
    .summary = "Find packages that were triggered more than once",
    .details =
        "Compares the executions that were created in the window (the last 24 hours unless --since "
        "says otherwise) with others of the same work: package, project version, environment, "
        "runtime (32 or 64 bit), parameters and property overrides. Values compare as the server "
        "compares them; an identifier of the start, such as a pipeline's run id, does not count, "
        "nor does what --ignore-parameter names.\n"
        "\n"
        "Two of them make a double trigger when the second came within --within of the first and "
        "the first had not failed; an overlap when both ran at the same time; a repeat when the "
        "first had succeeded not long ago. A run ends with its last sign of life, whatever its "
        "status says, and begins with its first: what waits in a queue does not run. Retries after "
        "a failure are counted, and listed with --include-retries. A schedule is no duplicate: the "
        "package's own cadence and calendar, taken from --look-back, explain it; loops, and starts "
        "that make up for missed ones, are named as such.\n"
        "\n"
        "Each group has a confidence with its reasons, says who triggered it and on what evidence, "
        "and which setting to change there. Intended repeats are named under duplicates.allow in "
        "the configuration, or by --allow.\n"
        "\n"
        "Text is the first screen: the gravest, what to do about each verdict once; --all gives "
        "the whole answer with timelines, totals and origins. All other formats are whole.\n"
        "\n"
        "With --target the catalogs are compared with each other too: the same folder, project, "
        "package and parameters started in two of them within --within is 'two-catalogs'. The "
        "offset of each server's clock is measured and allowed for.\n"
        "\n"
        "With --state, what the last run did not have is marked new, and what is gone is named; "
        "--new shows the new alone, --fail-on new means that there is some. docs/state.md says "
        "what counts as the same.\n"
        "\n"
        "--guard-sql needs no server: it prints a start script for those who start packages by "
        "T-SQL, which looks for an execution before it starts one: a finished one within --within, "
        "or a live one that gave a sign of life within a day.\n"
        "\n"
        "    ssisminer duplicates --since 7d --min-confidence medium\n"
        "    ssisminer duplicates --guard-sql 'Sales/ETL/Load Orders.dtsx' -o start.sql",
    .takes = BY_DUPLICATES,
    .first = {OPT_SERVER, OPT_SINCE, OPT_WITHIN, OPT_MIN_CONFIDENCE, OPT_ALLOW, OPT_GUARD_SQL,
              OPT_PACKAGE, OPT_OUTPUT},
    .run = duplicates_run,
    .across = &several,
};
