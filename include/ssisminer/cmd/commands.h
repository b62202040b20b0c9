/* The table of commands, made from commands.def. */
#ifndef SSISMINER_CMD_COMMANDS_H
#define SSISMINER_CMD_COMMANDS_H

#include "ssisminer/cmd/command.h"

#include <stddef.h>

#define COMMAND(name) extern const Command cmd_##name;
#include "ssisminer/cmd/commands.def"
#undef COMMAND

const Command *const *commands_all(size_t *ret_count);

#endif
