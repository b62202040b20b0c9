/* The first screen of mine (report_screen). */
#ifndef SSISMINER_MINE_SCREEN_H
#define SSISMINER_MINE_SCREEN_H

#include "ssisminer/mine/mine.h"

typedef struct Builder { // of the report
    const Mine *mine;
    const MineView *view;
    Arena *arena;
    Report *report;
} Builder;

void mine_screen(const Builder *builder);

#endif
