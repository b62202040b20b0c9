/* The list on the first screen, of one catalog's duplicates and of those of several. */
#ifndef SSISMINER_DUPLICATES_SCREEN_H
#define SSISMINER_DUPLICATES_SCREEN_H

#include "ssisminer/report/report.h"

enum {
    SCREEN_VERDICT,
    SCREEN_PATH,
    SCREEN_WHEN,
    SCREEN_WHAT,
    SCREEN_WHO,
    SCREEN_DO,
    SCREEN_COLUMNS
};

extern const Column duplicates_screen_columns[SCREEN_COLUMNS];

#endif
