/* `help`: the pages that options.def and the commands make. */
#include "page.h"
#include "ssisminer/base/nearest.h"
#include "ssisminer/base/str.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"

static Rc find_command(const char *name, const Command **ret_command, Err *err)
{
    size_t count;
    const Command *const *commands = commands_all(&count);
    Nearest nearest = {.word = name};

    for (size_t i = 0; i < count; i++) {
        if (str_same(commands[i]->name, name)) {
            *ret_command = commands[i];
            return RC_OK;
        }
        nearest_offer(&nearest, commands[i]->name);
    }
    (void)FAIL(err, RC_USAGE, "no help for '%s': there is no such command", name);
    if (nearest_answer(&nearest))
        return err_hint(err, "did you mean %s?", nearest_answer(&nearest));
    return err_hint(err, "'ssisminer help' lists the commands");
}

static Rc put_asked_page(const Conf *conf, Buf *page, Err *err)
{
    size_t arg_count, command_count;
    const char *const *args = conf_args(conf, &arg_count);
    const Command *const *commands = commands_all(&command_count);
    const Command *command = NULL;

    int pages = conf_flag(conf, OPT_MAN) + conf_flag(conf, OPT_MAN_CONFIG) +
                conf_flag(conf, OPT_OPTION_TABLE) + conf_flag(conf, OPT_CONFIG_YAML) +
                (arg_count > 0);

    if (arg_count > 1)
        return FAIL(err, RC_USAGE, "help takes the name of one command");
    if (pages > 1)
        return FAIL(err, RC_USAGE,
                    "help prints one page: give a command, or --man, --man-config, "
                    "--option-table or --config-yaml");
    if (arg_count == 1)
        TRY(find_command(args[0], &command, err));
    if (conf_flag(conf, OPT_MAN))
        conf_put_product_man(page, commands, command_count);
    else if (conf_flag(conf, OPT_OPTION_TABLE))
        conf_put_option_table(page);
    else if (conf_flag(conf, OPT_MAN_CONFIG))
        conf_put_yaml_man(page);
    else if (conf_flag(conf, OPT_CONFIG_YAML))
        conf_put_yaml(page);
    else
        conf_put_help(page, command, commands, command_count);
    return RC_OK;
}

static Rc help_run(Conf *conf, Err *err)
{
    AUTO(buf_done) Buf page = BUF(PAGE_MAX_BYTES);

    TRY(put_asked_page(conf, &page, err));
    return page_print(&page, NULL, err);
}

const Command cmd_help = {
    .name = "help",
    .args = "[COMMAND]",
    .summary = "Show help on the program or a command",
    .details = "",
    .takes = BY_HELP,
    .first = {OPT_MAN, OPT_MAN_CONFIG, OPT_OPTION_TABLE, OPT_CONFIG_YAML},
    .run = help_run,
};
