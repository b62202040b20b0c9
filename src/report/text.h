/* Text in columns of a terminal: what the whole answer and its first screen are made of. */
#ifndef SSISMINER_REPORT_TEXT_H
#define SSISMINER_REPORT_TEXT_H

#include "model.h"

enum { TEXT_COLUMNS_MAX = 64 }; // of a table

typedef struct Page {
    FILE *out;
    size_t columns;
    bool color;
    size_t blanks; // asked for since the last visible character: a line does not end in them
} Page;

/* After max_lines (0: no limit) the rest of a text becomes "...". */
void text_put_line(Page *page, const char *text, Tone tone, int max_lines);
void text_put_warning(Page *page, const char *text, int max_lines);
/* Those for people, and those of the audience `too`. */
void text_put_facts(Page *page, const Fact *first, Audience too);
void text_put_section(Page *page, const Section *section);

/* A section in pieces: what stands above its rows, and a row. `widths` has TEXT_COLUMNS_MAX places
 * that are 0, is measured over the first `rows`, and goes from the one to the other. */
void text_put_heading(Page *page, const Section *section, size_t rows, size_t *widths);
void text_put_row(Page *page, const Row *row, const size_t *widths);

/* screen.c */
void text_put_screen(Page *page, const Report *report);

#endif
