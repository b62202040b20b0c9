/* scan FILE... */
#include "entry.h"
#include "signatures.h"
#include "verdict.h"

#include "ssisminer/base/log.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/str.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/cmd/output.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/scan/findings.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { CAUSES_MAX = 5000, SHOWN_DEFAULT = 20 };

static ScanForm form_of(const Conf *conf)
{
    switch (conf_choice_as(conf)) {
    case CHOICE_AS_AUTO:
        break;
    case CHOICE_AS_LINES:
        return SCAN_LINES;
    case CHOICE_AS_JSONL:
        return SCAN_JSONL;
    case CHOICE_AS_ADF:
        return SCAN_ADF;
    case CHOICE_AS_LOG_ANALYTICS:
        return SCAN_LOG_ANALYTICS;
    }
    return SCAN_AUTO;
}

/* ---- reading ------------------------------------------------------------------------------------
 */

/* A missing file is told before anything is read. */
static Rc check_paths(const char *const *paths, size_t count, Err *err)
{
    for (size_t i = 0; i < count; i++)
        if (!str_same(paths[i], "-") && access(paths[i], R_OK) != 0)
            return FAIL(err, RC_USAGE, "cannot read '%s': %s", paths[i], strerror(errno));
    return RC_OK;
}

static Rc read_paths(const Conf *conf, Scan *scan, Err *err)
{
    size_t count;
    const char *const *paths = conf_args(conf, &count);

    if (count == 0 && isatty(STDIN_FILENO)) {
        (void)FAIL(err, RC_USAGE, "no file to scan");
        return err_hint(err, "name files or folders, or pipe a log in");
    }
    TRY(check_paths(paths, count, err));
    for (size_t i = 0; i < count; i++)
        TRY(scan_path(scan, paths[i], err));
    return count > 0 ? RC_OK : scan_path(scan, "-", err);
}

/* ---- the answer ---------------------------------------------------------------------------------
 */

static void add_remedies(const Findings *findings, Report *report, Arena *arena)
{
    const Signature **causes = arena_alloc_array(arena, CAUSES_MAX, sizeof(*causes));
    size_t count = findings_causes(findings, causes, CAUSES_MAX);
    EntrySection section =
        entry_section(report, FOR_PEOPLE, "remedies", "What to do", ENTRY_REMEDY, arena);

    for (size_t i = 0; i < count; i++)
        entry_add(&section, causes[i]);
}

static size_t limit_of(const Conf *conf)
{
    if (!conf_is_set(conf, OPT_LIMIT))
        return SHOWN_DEFAULT;
    return (size_t)conf_count(conf, OPT_LIMIT);
}

/* With --fail-on: a severity at or above what it names, or (any) whatever is not in order. */
static Rc judge(const Conf *conf, const Findings *findings, Arena *arena)
{
    const Signature **causes = arena_alloc_array(arena, CAUSES_MAX, sizeof(*causes));
    size_t count = findings_causes(findings, causes, CAUSES_MAX);

    for (size_t i = 0; i < count; i++)
        if (verdict_is_finding(conf, causes[i]->severity))
            return RC_FINDINGS;
    bool has_unknown = findings_unknown_count(findings) > 0 && verdict_is_finding(conf, SIG_ERROR);
    bool has_trouble = findings_trouble_count(findings) > 0 && verdict_is_finding(conf, SIG_INFO);
    return has_unknown || has_trouble ? RC_FINDINGS : RC_OK;
}

/* What the report says in its warnings goes to standard error here. */
static Rc tell_trouble(void *context, const ScanRecord *record, Err *err)
{
    enum { SHOWN = 20 };
    size_t before = findings_trouble_count(context);

    TRY(findings_take(context, record, err));
    if (record->trouble && before < SHOWN)
        log_warning("%s", record->trouble);
    else if (record->trouble && before == SHOWN)
        log_warning("more records could not be read; the answer names each");
    return RC_OK;
}

static Rc scan_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(sigset_free_at) SigSet *set = NULL;
    AUTO(output_close) Output output = {0};
    AUTO(findings_free_at) Findings *findings = NULL;

    TRY(signatures_load_lean(conf, &set, err));
    TRY(output_open(conf, &output, err));
    bool is_stream = output.format == CHOICE_FORMAT_NDJSON;
    findings = findings_new(set, is_stream ? output.file.stream : NULL);
    Scan scan = {.form = form_of(conf),
                 .on_record = is_stream ? tell_trouble : findings_take,
                 .context = findings};
    TRY(read_paths(conf, &scan, err));
    if (is_stream) {
        TRY(file_out_commit(&output.file, err));
        return judge(conf, findings, &arena);
    }
    Report *report = findings_report(findings, &scan, limit_of(conf), &arena);
    add_remedies(findings, report, &arena);
    TRY(output_write(&output, report, err));
    return judge(conf, findings, &arena);
}

const Command cmd_scan = {
    .name = "scan",
    .args = "[FILE...|-]",
    .summary = "Diagnose logs that are files, without a server",
    .details =
        "Reads text logs (entries of several lines are told apart by their times), JSON lines, "
        "activity output of Data Factory and exports of Log Analytics, in UTF-8 or UTF-16; folders "
        "with all that is below them; standard input without a file. The form is seen from the "
        "content unless --as names it.\n\n"
        "A record of JSON lines is a message {\"text\": ..., \"code\": ...} or an execution "
        "{\"messages\": [...]}. With --format ndjson each record gives one line, at once: record, "
        "root_cause, root_index, matches, fingerprint. A record that cannot be read is named with "
        "its place and does not stop the rest.\n\n"
        "    ssisminer scan /var/log/ssis\n"
        "    ssisminer scan --as adf activity.json\n"
        "    dtexec /f Load.dtsx | ssisminer scan --fail-on error",
    .takes = BY_SCAN,
    .first = {OPT_AS, OPT_LIMIT, OPT_SIGNATURES, OPT_FORMAT, OPT_OUTPUT, OPT_FAIL_ON},
    .run = scan_run,
};
