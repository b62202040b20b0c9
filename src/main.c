/* The program's main: descriptors and memory made safe, settings loaded, the one error printed. */
#include "ssisminer/base/file.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/cmd/program.h"
#include "ssisminer/conf/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { EXIT_SIGNAL = 128 }; // and the number of the signal, as shells have it

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

/* Passwords are in this memory: in the settings, and in copies that the drivers make. No core file
 * and no other process of this user gets to see it; a program that this one starts is as it was. */
static void keep_memory_private(void)
{
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static Rc run(int argc, char **argv, Err *err)
{
    AUTO(conf_free_at) Conf *conf = NULL;
    size_t count;
    const Command *const *commands = commands_all(&count);

    TRY(conf_load(argc, argv, commands, count, &conf, err));
    return program_run(conf, err);
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

    keep_memory_private();
    occupy_standard_descriptors();
    (void)signal(SIGPIPE, SIG_IGN);
    stop_install();
    Rc rc = run(argc, argv, &err);
    if (rc == RC_OK)
        return EXIT_SUCCESS;
    if (file_stdout_is_broken())
        end_by_broken_pipe();
    if (rc == RC_PARTIAL)
        log_note("%s", err.text); // no failure: -q keeps cron from mailing it every night
    else if (err.text[0] != '\0') // findings are no error
        log_error(&err);
    return rc == RC_STOPPED && stop_wanted() ? EXIT_SIGNAL + stop_signal() : (int)rc;
}
