/* `completion`: a script for bash, zsh or fish. */
#include "page.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"

static Rc completion_run(Conf *conf, Err *err)
{
    AUTO(buf_done) Buf page = BUF(PAGE_MAX_BYTES);
    size_t arg_count, command_count;
    const char *const *args = conf_args(conf, &arg_count);
    const Command *const *commands = commands_all(&command_count);

    if (arg_count != 1) {
        (void)FAIL(err, RC_USAGE, "completion needs the name of one shell");
        return err_hint(err, "write 'ssisminer completion bash', zsh or fish");
    }
    TRY(conf_put_completion(&page, args[0], commands, command_count, err));
    return page_print(&page, NULL, err);
}

const Command cmd_completion = {
    .name = "completion",
    .args = "bash|zsh|fish",
    .summary = "Print the completion script for a shell",
    .details = "For the running shell:\n\n"
               "    bash:  source <(ssisminer completion bash)\n"
               "    zsh:   source <(ssisminer completion zsh)\n"
               "    fish:  ssisminer completion fish | source",
    .takes = BY_COMPLETION,
    .run = completion_run,
};
