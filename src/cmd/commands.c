#include "ssisminer/cmd/commands.h"

static const Command *const commands[] = {
#define COMMAND(name) &cmd_##name,
#include "ssisminer/cmd/commands.def"
#undef COMMAND
};

const Command *const *commands_all(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(commands);
    return commands;
}
