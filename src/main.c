#include "ssisminer/base/file.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/str.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/cmd/page.h"
#include "ssisminer/conf/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { EXIT_SIGTERM = 143 };

static void conf_free_at(Conf **conf)
{
    conf_free(*conf);
}

/* A closed standard descriptor would be given to the next file or socket, and output would
 * go there. The stand-in refuses what the descriptor is for, so the loss is reported. */
static void occupy_standard_descriptors(void)
{
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static void set_log_level(const Conf *conf)
{
    if (conf_flag(conf, OPT_VERBOSE))
        log_set_level(LOG_VERBOSE);
    else if (conf_flag(conf, OPT_QUIET))
        log_set_level(LOG_QUIET);
}

static void warn_of_shown_password(const Conf *conf)
{
    if (str_same(conf_origin(conf, OPT_PASSWORD), "command line"))
        log_warning("other users can see a password on a command line, and shells keep it; "
                    "rather use SQLCMDPASSWORD, --password-file or the prompt");
}

static Rc show_help(const Conf *conf, Err *err)
{
    AUTO(buf_done) Buf page = BUF(PAGE_MAX_BYTES);
    size_t count;
    const Command *const *commands = commands_all(&count);

    conf_put_help(&page, conf_command(conf), commands, count);
    return page_print(&page, NULL, err);
}

static Rc fail_no_command(Err *err)
{
    AUTO(buf_done) Buf page = BUF(PAGE_MAX_BYTES);
    size_t count;
    const Command *const *commands = commands_all(&count);

    conf_put_help(&page, NULL, commands, count);
    (void)fputs(buf_text(&page), stderr);
    (void)fputc('\n', stderr);
    return FAIL(err, RC_USAGE, "no command given");
}

static Rc run(int argc, char **argv, Err *err)
{
    AUTO(conf_free_at) Conf *conf = NULL;
    size_t count;
    const Command *const *commands = commands_all(&count);

    TRY(conf_load(argc, argv, commands, count, &conf, err));
    set_log_level(conf);
    warn_of_shown_password(conf);
    if (conf_flag(conf, OPT_HELP))
        return show_help(conf, err);
    if (conf_flag(conf, OPT_VERSION))
        return cmd_version.run(conf, err);
    if (!conf_command(conf))
        return fail_no_command(err);
    return conf_command(conf)->run(conf, err);
}

/* As if SIGPIPE had never been ignored: the shell knows what that means, and nobody reads. */
static void end_by_broken_pipe(void)
{
    (void)signal(SIGPIPE, SIG_DFL);
    (void)raise(SIGPIPE);
}

int main(int argc, char **argv)
{
    Err err = {0};

    occupy_standard_descriptors();
    (void)signal(SIGPIPE, SIG_IGN);
    stop_install();
    Rc rc = run(argc, argv, &err);
    if (rc == RC_OK)
        return EXIT_SUCCESS;
    if (file_stdout_is_broken())
        end_by_broken_pipe();
    if (err.text[0] != '\0') // findings are no error
        log_error(&err);
    return rc == RC_STOPPED && stop_signal() == SIGTERM ? EXIT_SIGTERM : (int)rc;
}
