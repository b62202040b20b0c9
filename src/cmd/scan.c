/* `scan FILE...`: what failed, from logs that are files. */
#include "entry.h"
#include "logs.h"
#include "news.h"
#include "signatures.h"
#include "verdict.h"

#include "output.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/str.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/scan/findings.h"

#include <stdlib.h>
#include <unistd.h>

enum { CAUSES_MAX = 5000, SHOWN_DEFAULT = 20, WHERE_MAX = 1024 * 1024 };

/* ---- reading --------------------------------------------------------------------------------- */

/* A missing file is told before anything is read. */
static Rc list_paths(const Conf *conf, ScanFiles *files, Arena *arena, Err *err)
{
    size_t count;
    const char *const *paths = conf_args(conf, &count);

    if (count == 0 && isatty(STDIN_FILENO)) {
        (void)FAIL(err, RC_USAGE, "no file to scan");
        return err_hint(err, "name files or folders, or pipe a log in");
    }
    for (size_t i = 0; i < count; i++)
        TRY(scan_list(files, paths[i], arena, err));
    return count > 0 ? RC_OK : scan_list(files, "-", arena, err);
}

/* ---- the answer ------------------------------------------------------------------------------ */

static Section *add_remedies(const Findings *findings, Audience audience, Report *report,
                             Arena *arena)
{
    const Signature **causes = arena_alloc_array(arena, CAUSES_MAX, sizeof(*causes));
    size_t count = findings_causes(findings, causes, CAUSES_MAX);
    EntrySection section =
        entry_section(report, audience, "remedies", "What to do", ENTRY_REMEDY, arena);

    for (size_t i = 0; i < count; i++)
        entry_add(&section, causes[i]);
    return section.section;
}

static void say_what_to_do(const Conf *conf, const Findings *findings, Report *report, Arena *arena)
{
    RemediesChoice wanted = conf_choice_remedies(conf);

    if (wanted != CHOICE_REMEDIES_NONE)
        (void)add_remedies(findings, FOR_PEOPLE, report, arena);
    if (wanted == CHOICE_REMEDIES_ALL)
        section_set_behind(add_remedies(findings, FOR_SCREEN, report, arena));
}

static size_t limit_of(const Conf *conf)
{
    if (!conf_is_set(conf, OPT_LIMIT))
        return SHOWN_DEFAULT;
    return (size_t)conf_count(conf, OPT_LIMIT);
}

/* That a record could not be read is a finding of the lowest kind. */
static void add_findings(const Findings *findings, Report *report, Arena *arena)
{
    const Signature **causes = arena_alloc_array(arena, CAUSES_MAX, sizeof(*causes));
    size_t count = findings_causes(findings, causes, CAUSES_MAX);

    for (size_t i = 0; i < count; i++)
        verdict_add(report, causes[i]->severity);
    if (findings_unknown_count(findings) > 0)
        verdict_add(report, SIG_ERROR);
    if (findings_trouble_count(findings) > 0)
        verdict_add(report, SIG_INFO);
}

/* What the report says in its warnings goes to standard error here. */
static void tell_troubles(const Findings *findings)
{
    enum { SHOWN = 20 };
    size_t count = findings_trouble_count(findings);

    for (size_t i = 0; i < count && i < SHOWN; i++)
        log_warning("%s", findings_trouble(findings, i));
    if (count > SHOWN)
        log_warning("more records could not be read; the answer names each");
}

/* For people only what is shown is kept; which that is, is not known yet with --new. */
static size_t record_max(const Conf *conf, const Output *output)
{
    size_t limit = limit_of(conf);
    bool is_for_data = output->format == CHOICE_FORMAT_JSON || output->format == CHOICE_FORMAT_CSV;

    bool may_be_any = is_for_data || conf_flag(conf, OPT_NEW);

    return may_be_any || limit > FINDINGS_RECORDS ? FINDINGS_RECORDS : limit;
}

/* ---- what is new ----------------------------------------------------------------------------- */

/* Lines are told one by one, before anybody knows what all of them come to. */
static Rc check_stream(const Conf *conf, bool is_stream, Err *err)
{
    if (!is_stream || !conf_text(conf, OPT_STATE))
        return RC_OK;
    (void)FAIL(err, RC_USAGE,
               "--state needs the whole answer, and --format ndjson tells each record at once");
    return err_hint(err, "--format json has what is new, too");
}

/* What is scanned: the paths that were given, from the root on. */
static void put_where(const Conf *conf, Buf *out)
{
    size_t count;
    const char *const *paths = conf_args(conf, &count);

    for (size_t i = 0; i < count; i++) {
        AUTO(mem_free_at) char *path = realpath(paths[i], NULL);
        buf_printf(out, "path=%s\n", path ? path : paths[i]);
    }
}

static Rc compare(const Conf *conf, Findings *findings, News *news, Arena *arena, Err *err)
{
    AUTO(buf_done) Buf where = BUF(WHERE_MAX);
    size_t count;
    const Finding *list = findings_list(findings, arena, &count);

    put_where(conf, &where);
    TRY(buf_check(&where, "the paths", err));
    TRY(news_compare(news, conf, NULL, buf_text(&where), list, count, arena, err));
    if (news->wanted)
        findings_keep(findings, news->wanted);
    return RC_OK;
}

/* ---- the command ----------------------------------------------------------------------------- */

static Rc answer(const Conf *conf, Findings *findings, const Scan *counts, News *news,
                 Output *output, Arena *arena, Err *err)
{
    bool is_stream = output->format == CHOICE_FORMAT_NDJSON;

    TRY(compare(conf, findings, news, arena, err));
    FindingsView view = {limit_of(conf), conf_is_set(conf, OPT_LIMIT) ? limit_of(conf) : 0,
                         conf_choice_remedies(conf) != CHOICE_REMEDIES_NONE, news_shown(news)};
    output->style.is_screen = !conf_flag(conf, OPT_ALL);
    Report *report = findings_report(findings, counts, &view, arena);
    say_what_to_do(conf, findings, report, arena);
    add_findings(findings, report, arena);
    TRY(is_stream ? output_commit(output, report, err) : output_write(output, report, err));
    TRY(news_save(news, findings_are_whole(findings), err));
    return verdict_rc(conf, report);
}

static Rc scan_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(sigset_free_at) SigSet *set = NULL;
    AUTO(output_close) Output output = {0};
    AUTO(findings_free_at) Findings *findings = NULL;
    AUTO(news_close) News news = {0};
    ScanFiles files = {0};
    Scan counts = {0};

    TRY(list_paths(conf, &files, &arena, err));
    TRY(signatures_load_lean(conf, &set, err));
    TRY(news_open(conf, &arena, &news, err));
    TRY(output_open(conf, &output, err));
    bool is_stream = output.format == CHOICE_FORMAT_NDJSON;
    TRY(check_stream(conf, is_stream, err));
    findings = findings_new(set, is_stream ? output.file.stream : NULL, record_max(conf, &output));
    const LogRequest how = logs_request(conf);
    Rc rc = findings_read(findings, &how, &files, &counts, err);
    if (is_stream)
        tell_troubles(findings);
    TRY(rc);
    return answer(conf, findings, &counts, &news, &output, &arena, err);
}

const Command cmd_scan = {
    .name = "scan",
    .args = "[FILE...|-]",
    .summary = "Diagnose logs that are files, without a server",
    .details =
        "Reads what runs of packages leave outside of the catalog: output of dtexec, messages of "
        "job steps, logs of the text and XML providers, tables and grids of the catalog, "
        "sysssislog and sysjobhistory, event logs, Visual Studio and wizards, error logs of SQL "
        "Server, output and diagnostics of Data Factory, answers of Log Analytics, and any other "
        "text log; also as a CI or a container wraps it, packed, and in any encoding. What a file "
        "is, is seen from its content unless --as names it; docs/forms.md lists the forms. One run "
        "is one failure, with its chain. Folders are read with all that is below them; standard "
        "input without a file.\n\n"
        "--since and --until leave out messages of other times; a time without a zone is read in "
        "--time-zone, and what has no time stays. Without them all is read.\n\n"
        "Text is the first screen: the critical and the most frequent causes with what to do "
        "first, "
        "what nothing knows, and where it stands; of a single failure all of that. --all gives the "
        "whole answer. All other formats are whole.\n\n"
        "A record of JSON lines is a message {\"text\": ..., \"code\": ...} or an execution "
        "{\"messages\": [...]}. With --format ndjson each record gives one line, at once: record, "
        "root_cause, root_index, matches, fingerprint. A record that cannot be read is named with "
        "its place and does not stop the rest.\n\n"
        "With --state, what the last run did not have is marked new, and what is gone is named; "
        "--new shows the new alone, --fail-on new means that there is some. docs/state.md says "
        "what counts as the same.\n\n"
        "    ssisminer scan /var/log/ssis\n"
        "    ssisminer scan --as adf activity.json\n"
        "    dtexec /f Load.dtsx | ssisminer scan --fail-on error",
    .takes = BY_SCAN,
    .first = {OPT_SINCE, OPT_AS, OPT_ENCODING, OPT_LIMIT, OPT_SIGNATURES, OPT_FORMAT, OPT_OUTPUT,
              OPT_FAIL_ON},
    .run = scan_run,
};
