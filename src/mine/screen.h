/* The first screen of mine (report_screen). */
#ifndef SSISMINER_MINE_SCREEN_H
#define SSISMINER_MINE_SCREEN_H

#include "ssisminer/mine/mine.h"

typedef struct Maker { // of the report
    const Mine *mine;
    const MineView *view;
    Arena *arena;
    Report *report;
} Maker;

void mine_screen(const Maker *maker);

#endif
