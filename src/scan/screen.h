/* The first screen of scan (report_screen), and what it shares with the whole answer. */
#ifndef SSISMINER_SCAN_SCREEN_H
#define SSISMINER_SCAN_SCREEN_H

#include "kept.h"

typedef struct FindingsScreen {
    const Findings *findings;
    const Scan *scan;
    Report *report;
    const FindingsView *view;
    Arena *arena;
} FindingsScreen;

void findings_screen(const FindingsScreen *screen);

const char *findings_excerpt(const Kept *kept, Arena *arena); // NULL: there is none
const char *findings_place(const Kept *kept, Arena *arena);   // "load.log:12  operation 77"

#endif
