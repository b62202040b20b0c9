/*
 * The first screen of a text: what fits between two prompts. Everything is laid out before it is
 * printed, row by row, so that the lines are counted as they will be.
 */
#include "text.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>
#include <string.h>

enum {
    WARNINGS_SHOWN = 3,
    WARNING_LINES = 2, // each of several
    ONE_WARNING_LINES = 4,
    WHERE_LINES = 2,
    WIDE_ENOUGH = 80 // for what is left to be one line
};

typedef struct Piece { // of the page, laid out
    char *text;
    size_t bytes, lines;
} Piece;

typedef struct Block { // a section
    const Section *section;
    Piece heading, *rows;
    size_t row_count, shown, lines; // lines: of what is shown
} Block;

typedef struct Screen {
    const Report *report;
    Page page;
    Piece head;
    Block *blocks;
    size_t block_count, lines; // lines: that are taken
} Screen;

/* ---- pieces ------------------------------------------------------------------------------------
 */

static FILE *begin_piece(Screen *screen, Piece *piece)
{
    screen->page.out = open_memstream(&piece->text, &piece->bytes);
    screen->page.blanks = 0;
    if (!screen->page.out)
        mem_fail();
    return screen->page.out;
}

static void end_piece(Screen *screen, Piece *piece)
{
    if (fclose(screen->page.out) != 0)
        mem_fail();
    screen->page.out = NULL;
    for (size_t i = 0; i < piece->bytes; i++)
        piece->lines += piece->text[i] == '\n';
}

static void put_warnings(Page *page, const Report *report)
{
    const Warning *first = report->first_warning;
    int lines = first && !first->next ? ONE_WARNING_LINES : WARNING_LINES;
    size_t count = 0, left = 0;

    for (const Warning *at = report->first_warning; at; at = at->next, count++) {
        if (count == 0)
            (void)fputc('\n', page->out);
        if (count < WARNINGS_SHOWN)
            text_put_warning(page, at->text, lines);
        else
            left++;
    }
    if (left > 0)
        text_put_warning(page, left == 1 ? "one more: --all" : "and more: --all", 1);
}

static void lay_head(Screen *screen)
{
    const Report *report = screen->report;
    const Fact *before = report->before_screen;

    (void)begin_piece(screen, &screen->head);
    text_put_line(&screen->page, report->headline, TONE_STRONG, WHERE_LINES);
    text_put_line(&screen->page, report->where, TONE_PLAIN, WHERE_LINES);
    text_put_facts(&screen->page, before ? before->next : report->first_fact, FOR_SCREEN);
    put_warnings(&screen->page, report);
    end_piece(screen, &screen->head);
    screen->lines = screen->head.lines;
}

static size_t count_rows(const Section *section)
{
    size_t count = 0;

    for (const Row *row = section->first; row && count < REPORT_SCREEN_LINES; row = row->next)
        count++;
    return count;
}

static void lay_block(Screen *screen, Block *block, const Section *section)
{
    size_t widths[TEXT_COLUMNS_MAX] = {0};
    const Row *row = section->first;

    block->section = section;
    block->row_count = count_rows(section);
    block->rows = mem_alloc((block->row_count + 1) * sizeof(*block->rows));
    (void)fputc('\n', begin_piece(screen, &block->heading));
    text_put_heading(&screen->page, section, widths);
    end_piece(screen, &block->heading);
    for (size_t i = 0; i < block->row_count; i++, row = row->next) {
        (void)begin_piece(screen, &block->rows[i]);
        text_put_row(&screen->page, row, widths);
        end_piece(screen, &block->rows[i]);
    }
}

static void lay_blocks(Screen *screen)
{
    size_t count = 0;

    for (const Section *at = screen->report->first; at; at = at->next)
        count++;
    screen->blocks = mem_alloc((count + 1) * sizeof(*screen->blocks));
    for (const Section *at = screen->report->first; at; at = at->next)
        if (at->audience == FOR_SCREEN && at->first && !at->is_behind)
            lay_block(screen, &screen->blocks[screen->block_count++], at);
}

/* ---- which rows there is room for --------------------------------------------------------------
 */

static size_t lines_of_next(const Block *block)
{
    size_t heading = block->shown == 0 ? block->heading.lines : 0;

    return heading + block->rows[block->shown].lines;
}

/* A blank one, and what is left. */
static size_t foot_lines(const Screen *screen)
{
    return screen->page.columns >= WIDE_ENOUGH ? 2 : 3;
}

static bool fits(const Screen *screen, const Block *block)
{
    return block->shown < block->row_count &&
           screen->lines + lines_of_next(block) + foot_lines(screen) <= REPORT_SCREEN_LINES;
}

/* The one that has taken the fewest lines. */
static Block *find_next(Screen *screen)
{
    Block *found = NULL;

    for (size_t i = 0; i < screen->block_count; i++) {
        Block *block = &screen->blocks[i];
        if (fits(screen, block) && (!found || block->lines < found->lines))
            found = block;
    }
    return found;
}

static void share_out(Screen *screen)
{
    for (Block *block = find_next(screen); block; block = find_next(screen)) {
        size_t lines = lines_of_next(block);
        block->lines += lines;
        screen->lines += lines;
        block->shown++;
    }
}

/* ---- the page -----------------------------------------------------------------------------------
 */

static void put_piece(const Piece *piece, FILE *out)
{
    (void)fwrite(piece->text, 1, piece->bytes, out);
}

/* "5 more causes, 38 more failures: --all" */
static void put_rest(const Screen *screen, Buf *line)
{
    for (size_t i = 0; i < screen->block_count; i++) {
        const Block *block = &screen->blocks[i];
        size_t left = block->section->rest_one ? block->section->total - block->shown : 0;
        if (left > 0)
            buf_printf(line, "%s%zu more %s", line->len ? ", " : "", left,
                       left == 1 ? block->section->rest_one : block->section->rest_many);
    }
    if (line->len > 0)
        buf_puts(line, ": --all. ");
    if (screen->report->next_step)
        buf_puts(line, screen->report->next_step);
}

static void put_foot(Screen *screen, FILE *out)
{
    AUTO(buf_done) Buf line = BUF(4096);
    Page page = screen->page;

    put_rest(screen, &line);
    if (line.len == 0)
        return;
    page.out = out;
    (void)fputc('\n', out);
    text_put_line(&page, buf_text(&line), TONE_PLAIN, (int)foot_lines(screen) - 1);
}

static void put_behind(Screen *screen, FILE *out)
{
    Page page = screen->page;

    page.out = out;
    page.blanks = 0;
    for (const Section *at = screen->report->first; at; at = at->next) {
        if (at->audience != FOR_SCREEN || !at->is_behind || !at->first)
            continue;
        (void)fputc('\n', out);
        text_put_section(&page, at);
    }
}

static void screen_done(Screen *screen)
{
    free(screen->head.text);
    for (size_t i = 0; i < screen->block_count; i++) {
        free(screen->blocks[i].heading.text);
        for (size_t k = 0; k < screen->blocks[i].row_count; k++)
            free(screen->blocks[i].rows[k].text);
        free(screen->blocks[i].rows);
    }
    free(screen->blocks);
}

void text_put_screen(Page *page, const Report *report)
{
    AUTO(screen_done) Screen screen = {.report = report, .page = *page};

    lay_head(&screen);
    lay_blocks(&screen);
    share_out(&screen);
    put_piece(&screen.head, page->out);
    for (size_t i = 0; i < screen.block_count; i++) {
        const Block *block = &screen.blocks[i];
        if (block->shown > 0)
            put_piece(&block->heading, page->out);
        for (size_t k = 0; k < block->shown; k++)
            put_piece(&block->rows[k], page->out);
    }
    put_foot(&screen, page->out);
    put_behind(&screen, page->out);
}
