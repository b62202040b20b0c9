/* What a program that this one starts gets to see of its variables. */
#ifndef SSISMINER_SRC_CMD_ENVIRONMENT_H
#define SSISMINER_SRC_CMD_ENVIRONMENT_H

/* This environment without what holds secrets by its name, and with `more` ("NAME=value") unless
 * that is NULL. The list is to be freed; its texts are the environment's and the caller's. */
char **environment_without_secrets(char *more);

#endif
