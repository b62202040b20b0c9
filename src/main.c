/* The program's main: descriptors and memory made safe, settings loaded, the one error printed. */
#include "ssisminer/base/file.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/cmd/program.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/os/os.h"

#include <stdlib.h>

enum { EXIT_SIGNAL = 128 }; // and the number of the signal, as shells have it

static void conf_free_at(Conf **conf)
{
    conf_free(*conf);
}

static Rc run(int argc, char **argv, Err *err)
{
    AUTO(conf_free_at) Conf *conf = NULL;
    size_t count;
    const Command *const *commands = commands_all(&count);

    TRY(conf_load(argc, argv, commands, count, &conf, err));
    return program_run(conf, err);
}

int main(int argc, char **argv)
{
    Err err = {0};

    os_keep_private(); // passwords are in this memory: in the settings, and in the drivers' copies
    os_start();
    stop_install();
    Rc rc = run(argc, argv, &err);
    if (rc == RC_OK)
        return EXIT_SUCCESS;
    if (file_stdout_is_broken())
        os_end_by_broken_pipe();
    if (rc == RC_PARTIAL)
        log_note("%s", err.text); // no failure: -q keeps cron from mailing it every night
    else if (err.text[0] != '\0') // findings are no error
        log_error(&err);
    return rc == RC_STOPPED && stop_wanted() ? EXIT_SIGNAL + stop_signal() : (int)rc;
}
