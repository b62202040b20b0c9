/* The first screen of mine (report_screen). */
#ifndef SSISMINER_MINE_SCREEN_H
#define SSISMINER_MINE_SCREEN_H

#include "ssisminer/mine/mine.h"

void mine_screen(Report *report, const Mine *mine, const MineView *view, Arena *arena);

#endif
