/* What a command is: conf needs to know it too, so it is declared there. */
#ifndef SSISMINER_CMD_COMMAND_H
#define SSISMINER_CMD_COMMAND_H

#include "ssisminer/conf/command.h"

#endif
