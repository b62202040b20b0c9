/* The table of commands, made of commands.def. */
#include "ssisminer/cmd/commands.h"

static const Command *const commands[] = {
#define COMMAND(name, NAME) &cmd_##name,
#include "ssisminer/conf/commands.def"
#undef COMMAND
};

const Command *const *commands_all(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(commands);
    return commands;
}
