/* Private to mine: what a page draws of it. */
#ifndef MINE_CHARTS_H
#define MINE_CHARTS_H

#include "ssisminer/mine/mine.h"

void mine_charts(const Mine *mine, Report *report);

#endif
