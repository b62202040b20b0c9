/* The program once its settings are known: says what is to be said of them, and runs
 * the command. */
#ifndef SSISMINER_CMD_PROGRAM_H
#define SSISMINER_CMD_PROGRAM_H

#include "ssisminer/conf/conf.h"

/* Exit codes are those of the command; --help, --usage and --version are answered here. */
Rc program_run(Conf *conf, Err *err) MUST_CHECK;

#endif
