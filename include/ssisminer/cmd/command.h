/* A command is data plus one function; main finds it in the table of cmd/commands.h. */
#ifndef SSISMINER_CMD_COMMAND_H
#define SSISMINER_CMD_COMMAND_H

#include "ssisminer/base/err.h"

typedef struct Conf Conf;

typedef struct Command {
    const char *name;
    const char *args;    // "[FILE…|-]" in help, "" if none
    const char *summary; // one line
    const char *details; // paragraphs for `help NAME` and the man page
    unsigned groups;     // OptGroup bits
    Rc (*run)(Conf *conf, Err *err);
} Command;

#endif
