/* The columns of the first screen of duplicates, of one catalog and of several. */
#include "screen.h"

const Column duplicates_screen_columns[SCREEN_COLUMNS] = {
    [SCREEN_VERDICT] = {.key = "verdict",
                        .heading = "verdict",
                        .use = COLUMN_HEADING,
                        .tone = TONE_ALERT,
                        .max_lines = 1},
    [SCREEN_PATH] = {.key = "path", .heading = "package", .use = COLUMN_HEADING},
    [SCREEN_WHEN] = {.key = "when",
                     .heading = "created (UTC)",
                     .use = COLUMN_HEADING,
                     .align_right = true},
    [SCREEN_WHAT] = {.key = "what", .heading = "what", .use = COLUMN_PLAIN, .max_lines = 2},
    [SCREEN_WHO] = {.key = "who", .heading = "who", .use = COLUMN_PLAIN, .max_lines = 1},
    [SCREEN_DO] = {.key = "do", .heading = "do", .max_lines = 3},
};
