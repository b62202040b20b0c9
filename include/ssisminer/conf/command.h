/* A command is data plus one function; main finds it in the table of cmd/commands.h. */
#ifndef SSISMINER_CONF_COMMAND_H
#define SSISMINER_CONF_COMMAND_H

#include "ssisminer/base/err.h"
#include "ssisminer/conf/option.h"

#include <stdbool.h>

enum { FIRST_MAX = 9 };

typedef struct Conf Conf;

typedef struct Command {
    const char *name;
    const char *args;           // "[FILE…|-]" in help, "" if it takes none
    const char *summary;        // one line, for the list of commands
    const char *details;        // for `help NAME` and the man page: paragraphs, parted by an empty
                                // line; a paragraph that starts with blanks is printed as it is
    unsigned takes;             // BY_ bits: the options that name one of them in options.def
    bool cannot_be_undone;      // what is written wrongly is refused, never only warned of
    OptId first[FIRST_MAX + 1]; // what -h shows, in this order; ends with 0
    Rc (*run)(Conf *conf, Err *err);
    const struct CommandAcross *across; // what several servers tell together; NULL: nothing
} Command;

#endif
