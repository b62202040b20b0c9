/* What does not fit the terminal goes through the pager, as people know it of git and man. */
#ifndef SSISMINER_CMD_PAGER_H
#define SSISMINER_CMD_PAGER_H

#include "ssisminer/base/str.h"

#include <stdbool.h>

/* $PAGER, by the shell, or else `less -FRX`; it gets none of the variables that hold secrets. Waits
 * until the reader is done. False when there is no such program: then nothing was shown. */
bool pager_show(Str text);

#endif
