/* A command is data plus one function; main finds it in the table of cmd/commands.h. */
#ifndef SSISMINER_CONF_COMMAND_H
#define SSISMINER_CONF_COMMAND_H

#include "ssisminer/base/err.h"

typedef struct Conf Conf;

typedef struct Command {
    const char *name;
    const char *args;    // "[FILE…|-]" in help, "" if it takes none
    const char *summary; // one line, for the list of commands
    const char *details; // for `help NAME` and the man page: paragraphs, parted by an empty
                         // line; a paragraph that starts with blanks is printed as it is
    unsigned groups;     // OptGroup bits; GROUP_GENERAL is always included
    Rc (*run)(Conf *conf, Err *err);
} Command;

#endif
