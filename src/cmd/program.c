/* Runs the command that was asked for, once its settings are known. */
#include "ssisminer/cmd/program.h"

#include "fleet.h"
#include "from.h"
#include "notice.h"

#include "page.h"
#include "ssisminer/base/log.h"
#include "ssisminer/cmd/commands.h"

#include <stdio.h>

static void set_log_level(const Conf *conf)
{
    bool is_quiet = conf_flag(conf, OPT_QUIET);

    if (conf_flag(conf, OPT_VERBOSE))
        log_set_level(LOG_VERBOSE);
    else if (is_quiet)
        log_set_level(LOG_QUIET);
}

static void say_warnings(const Conf *conf)
{
    size_t count;
    const char *const *warnings = conf_warnings(conf, &count);

    for (size_t i = 0; i < count; i++)
        log_warning("%s", warnings[i]);
    if (conf_is_given(conf, OPT_PASSWORD))
        log_warning("other users can see a password on a command line, and shells keep it; "
                    "rather use SQLCMDPASSWORD, --password-file or the prompt");
}

typedef void PutPage(Buf *out, const Command *command, const Command *const *commands,
                     size_t command_count);

static Rc show(const Conf *conf, PutPage *put, Err *err)
{
    AUTO(buf_done) Buf page = BUF(PAGE_MAX_BYTES);
    size_t count;
    const Command *const *commands = commands_all(&count);

    put(&page, conf_command(conf), commands, count);
    return page_print(&page, NULL, err);
}

static Rc fail_no_command(Err *err)
{
    AUTO(buf_done) Buf page = BUF(PAGE_MAX_BYTES);
    size_t count;
    const Command *const *commands = commands_all(&count);

    conf_put_screen(&page, NULL, commands, count);
    (void)fputs(buf_text(&page), stderr);
    (void)fputc('\n', stderr);
    return FAIL(err, RC_USAGE, "no command given");
}

/* What is new is known by a state alone, and who takes one looks himself. */
static Rc check_new(const Conf *conf, Err *err)
{
    const Command *command = conf_command(conf);

    if (!opt_is_taken(opt_spec(OPT_FAIL_ON), command) ||
        opt_is_taken(opt_spec(OPT_STATE), command) ||
        conf_choice_fail_on(conf) != CHOICE_FAIL_ON_NEW)
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "--fail-on new: '%s' keeps no state that could say what is new",
               command->name);
    return err_hint(err, "here: warning, error or critical; 'report' and others do, with --state");
}

static Rc run_and_tell(Conf *conf, Err *err)
{
    AUTO(notice_done) Notice notice = {0};
    bool is_fleet = false;

    TRY(check_new(conf, err));
    TRY(from_prepare(conf, err));
    TRY(fleet_is_wanted(conf, &is_fleet, err));
    TRY(notice_open(&notice, conf, err));
    Rc rc = is_fleet ? fleet_run(conf, err) : conf_command(conf)->run(conf, err);
    return notice_send(&notice, conf, is_fleet, rc, err);
}

Rc program_run(Conf *conf, Err *err)
{

    set_log_level(conf);
    say_warnings(conf);
    if (conf_flag(conf, OPT_HELP))
        return show(conf, conf_put_help, err);
    if (conf_flag(conf, OPT_USAGE))
        return show(conf, conf_put_screen, err);
    if (conf_flag(conf, OPT_VERSION))
        return cmd_version.run(conf, err);
    if (!conf_command(conf))
        return fail_no_command(err);
    return run_and_tell(conf, err);
}
