/* The table of commands, made from commands.def. */
#ifndef SSISMINER_CMD_COMMANDS_H
#define SSISMINER_CMD_COMMANDS_H

#include "ssisminer/conf/command.h"

#include <stddef.h>

#define COMMAND(name, NAME) extern const Command cmd_##name;
#include "ssisminer/conf/commands.def"
#undef COMMAND

const Command *const *commands_all(size_t *ret_count);

#endif
