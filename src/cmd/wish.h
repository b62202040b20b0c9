/* What the user's options ask `cleanup` for. */
#ifndef SSISMINER_CMD_WISH_H
#define SSISMINER_CMD_WISH_H

#include "ssisminer/cleanup/cleanup.h"
#include "ssisminer/conf/conf.h"

/* Borrows from the settings; the origins are made in the arena. */
void wish_read(const Conf *conf, Arena *arena, CleanupWish *wish);

#endif
