/* --from: a file that capture wrote stands for the server, and its time for now. */
#include "from.h"

#include "ssisminer/base/log.h"
#include "ssisminer/report/report.h"
#include "ssisminer/store/capture.h"

#include <stdio.h>
#include <string.h>

static Rc refuse_beside(const Conf *conf, Err *err)
{
    static const OptId others[] = {
        OPT_SANDBOX,  OPT_SERVER,        OPT_DSN,        OPT_TARGET,         OPT_DATABASE, OPT_USER,
        OPT_PASSWORD, OPT_PASSWORD_FILE, OPT_INTEGRATED, OPT_AUTHENTICATION, OPT_EXECUTE};

    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        if (!opt_is_taken(opt_spec(others[i]), conf_command(conf)) ||
            !conf_is_given(conf, others[i]))
            continue;
        (void)FAIL(err, RC_USAGE, "--%s means nothing beside --from: a file is read, and no server",
                   opt_spec(others[i])->flag);
        return others[i] == OPT_EXECUTE
                   ? err_hint(err, "nothing is ever deleted from a capture: without --execute the "
                                   "plan is shown")
                   : err->rc;
    }
    return RC_OK;
}

/* What these say is of failures alone, wherever they are read. */
static bool is_of_failures(const Command *command)
{
    static const char *const names[] = {"report", "history", "explain"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(command->name, names[i]) == 0)
            return true;
    return false;
}

/* ---- what was asked for and is not in it ----------------------------------------------------- */

static char gaps[3][256]; // told at once, and in the answer
static size_t gap_count;

static void add_gap(const char *text)
{
    (void)snprintf(gaps[gap_count++], sizeof(gaps[0]), "%s", text);
    log_warning("%s", text);
}

static void find_gaps(const Conf *conf, const CaptureHead *head)
{
    const Command *command = conf_command(conf);
    char since[TIME_TEXT_MAX], text[sizeof(gaps[0])];

    gap_count = 0;
    if (head->is_archive && !head->has_all_operations && !is_of_failures(command))
        add_gap("the archive holds what failed, and nothing that ended well: what is counted or "
                "measured here is of that alone");
    if (strcmp(command->name, "mine") == 0 && !head->has_all_messages)
        add_gap("the file holds the messages of what did not end well, and no others: "
                "'ssisminer capture --all-messages' adds them");
    if (!head->since.is_set || !opt_is_taken(opt_spec(OPT_SINCE), command) ||
        conf_time(conf, OPT_SINCE).ticks >= head->since.ticks)
        return;
    report_time_text(head->since, since);
    (void)snprintf(text, sizeof(text),
                   "the window begins before the file does: it holds what ran since %s, and what "
                   "was live then",
                   since);
    add_gap(text);
}

void from_tell(Report *report)
{
    for (size_t i = 0; i < gap_count; i++)
        report_warning(report, "%s", gaps[i]);
}

Rc from_prepare(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    CaptureHead head;

    if (!conf_command(conf) || !opt_is_taken(opt_spec(OPT_FROM), conf_command(conf)) ||
        !conf_text(conf, OPT_FROM))
        return RC_OK;
    TRY(refuse_beside(conf, err));
    TRY(capture_head_read(conf_text(conf, OPT_FROM), &arena, &head, err));
    time_stand(head.now);
    TRY(conf_set_now(conf, head.now, err));
    find_gaps(conf, &head);
    return RC_OK;
}
