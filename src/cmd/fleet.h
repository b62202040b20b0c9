/* A command on several servers (--target): each in a process of its own, all answers as one. */
#ifndef SSISMINER_SRC_CMD_FLEET_H
#define SSISMINER_SRC_CMD_FLEET_H

#include "ssisminer/base/err.h"
#include "ssisminer/conf/conf.h"

#include <stdbool.h>

/* Whether --target, or its variable, was given. */
Rc fleet_is_wanted(const Conf *conf, bool *ret_is_wanted, Err *err) MUST_CHECK;

/*
 * Reading commands side by side, --jobs at a time; cleanup --execute one after the other unless
 * told. One that fails, or is slow, is a row with its error and keeps no other. The code is that of
 * a signal, else the first of 2, 3, 4, 5, 7, 6, 75, 1 that one of them had.
 */
Rc fleet_run(Conf *conf, Err *err) MUST_CHECK;

#endif
