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
    TWO_WARNINGS_LINES = 3,
    ONE_WARNING_LINES = 4,
    WHERE_LINES = 2,
    FOOT_BYTES = 4096
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
    size_t foot_lines;         // that are kept for what is left, with a blank one
} Screen;

/* ---- pieces ---------------------------------------------------------------------------------- */

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

static int warning_lines(const Report *report)
{
    const Warning *first = report->first_warning;

    if (report->tells_warnings)
        return 0;
    if (!first || !first->next)
        return ONE_WARNING_LINES;
    return !first->next->next ? TWO_WARNINGS_LINES : WARNING_LINES;
}

static void put_warnings(Page *page, const Report *report)
{
    int lines = warning_lines(report);
    size_t count = 0, left = 0;

    for (const Warning *at = report->first_warning; at; at = at->next, count++) {
        if (count == 0)
            (void)fputc('\n', page->out);
        if (count < WARNINGS_SHOWN || report->tells_warnings)
            text_put_warning(page, at->text, lines);
        else
            left++;
    }
    if (left > 0) {
        char text[64];
        (void)snprintf(text, sizeof(text), "%zu more: --all", left);
        text_put_warning(page, text, 1);
    }
}

static void lay_head(Screen *screen)
{
    const Report *report = screen->report;
    const Fact *before = report->before_screen;

    (void)begin_piece(screen, &screen->head);
    text_put_line(&screen->page, report->headline, TONE_STRONG, WHERE_LINES);
    if (report->where)
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

/* The first `count` rows, as wide as they need to be. */
static void lay_rows(Screen *screen, Block *block, size_t count)
{
    size_t widths[TEXT_COLUMNS_MAX] = {0};
    const Row *row = block->section->first;

    (void)fputc('\n', begin_piece(screen, &block->heading));
    text_put_heading(&screen->page, block->section, count, widths);
    end_piece(screen, &block->heading);
    for (size_t i = 0; i < count; i++, row = row->next) {
        (void)begin_piece(screen, &block->rows[i]);
        text_put_row(&screen->page, row, widths);
        end_piece(screen, &block->rows[i]);
    }
}

static void drop_rows(Block *block)
{
    free(block->heading.text);
    block->heading = (Piece){0};
    for (size_t i = 0; i < block->row_count; i++) {
        free(block->rows[i].text);
        block->rows[i] = (Piece){0};
    }
}

static void lay_block(Screen *screen, Block *block, const Section *section)
{
    block->section = section;
    block->row_count = count_rows(section);
    block->rows = mem_alloc((block->row_count + 1) * sizeof(*block->rows));
    lay_rows(screen, block, block->row_count);
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

/* ---- what is left ---------------------------------------------------------------------------- */

static size_t count_left(const Block *block)
{
    const Row *row = block->section->first;
    size_t told = 0;

    for (size_t i = 0; i < block->shown; i++, row = row->next)
        told += row->stands_for > 0 ? row->stands_for : 1;
    return told < block->section->total ? block->section->total - told : 0;
}

/* "5 more causes, 38 more failures: --all" */
static void put_rest(const Screen *screen, Buf *line)
{
    for (size_t i = 0; i < screen->block_count; i++) {
        const Block *block = &screen->blocks[i];
        size_t left = block->section->rest_one ? count_left(block) : 0;
        if (left > 0)
            buf_printf(line, "%s%zu more %s", line->len ? ", " : "", left,
                       left == 1 ? block->section->rest_one : block->section->rest_many);
    }
    if (line->len > 0)
        buf_puts(line, ": --all");
}

static size_t lines_of_text(Screen *screen, const char *text)
{
    Piece piece = {0};

    (void)begin_piece(screen, &piece);
    text_put_line(&screen->page, text, TONE_PLAIN, 0);
    end_piece(screen, &piece);
    free(piece.text);
    return piece.lines;
}

/* Room for what is left when nothing is shown: of more rows it says less. */
static void keep_foot(Screen *screen)
{
    AUTO(buf_done) Buf line = BUF(FOOT_BYTES);

    put_rest(screen, &line);
    if (line.len == 0 && screen->report->next_step)
        buf_puts(&line, screen->report->next_step);
    screen->foot_lines = line.len > 0 ? 1 + lines_of_text(screen, buf_text(&line)) : 0;
}

/* What comes next stands behind what is left, where there is room. */
static void put_foot(Screen *screen, FILE *out)
{
    AUTO(buf_done) Buf line = BUF(FOOT_BYTES);
    AUTO(buf_done) Buf both = BUF(FOOT_BYTES);
    const char *next = screen->report->next_step;
    size_t room = screen->lines < REPORT_SCREEN_LINES ? REPORT_SCREEN_LINES - screen->lines : 0;
    Page page = screen->page;

    put_rest(screen, &line);
    if (next)
        buf_printf(&both, "%s%s%s", buf_text(&line), line.len > 0 ? ". " : "", next);
    bool has_room = line.len == 0 || lines_of_text(screen, buf_text(&both)) < room;
    const char *text = next && has_room ? buf_text(&both) : buf_text(&line);
    if (*text == '\0')
        return;
    page.out = out;
    (void)fputc('\n', out);
    text_put_line(&page, text, TONE_PLAIN, 0);
}

/* ---- which rows there is room for ------------------------------------------------------------ */

static size_t lines_of_next(const Block *block)
{
    size_t heading = block->shown == 0 ? block->heading.lines : 0;

    return heading + block->rows[block->shown].lines;
}

static bool fits(const Screen *screen, const Block *block)
{
    return block->shown < block->row_count &&
           screen->lines + lines_of_next(block) + screen->foot_lines <= REPORT_SCREEN_LINES;
}

static size_t taken_by(const Block *block)
{
    return block->section->is_favored ? block->lines / 2 : block->lines;
}

/* The one that has taken the fewest lines. */
static Block *find_next(Screen *screen)
{
    Block *found = NULL;

    for (size_t i = 0; i < screen->block_count; i++) {
        Block *block = &screen->blocks[i];
        if (fits(screen, block) && (!found || taken_by(block) < taken_by(found)))
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

static size_t lines_of_shown(const Block *block)
{
    size_t lines = block->heading.lines;

    for (size_t i = 0; i < block->shown; i++)
        lines += block->rows[i].lines;
    return lines;
}

/* What is not shown makes no column wider. A table that then takes more lines, since the terminal
 * has room for its columns and their heading, stays as it is. */
static void narrow(Screen *screen)
{
    for (size_t i = 0; i < screen->block_count; i++) {
        Block *block = &screen->blocks[i];
        size_t before = lines_of_shown(block);
        if (block->section->layout != LAYOUT_TABLE || block->shown == block->row_count)
            continue;
        drop_rows(block);
        lay_rows(screen, block, block->shown);
        if (lines_of_shown(block) <= before)
            continue;
        drop_rows(block);
        lay_rows(screen, block, block->row_count);
    }
}

/* ---- the page -------------------------------------------------------------------------------- */

static void put_piece(const Piece *piece, FILE *out)
{
    (void)fwrite(piece->text, 1, piece->bytes, out);
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
        drop_rows(&screen->blocks[i]);
        free(screen->blocks[i].rows);
    }
    free(screen->blocks);
}

void text_put_screen(Page *page, const Report *report)
{
    AUTO(screen_done) Screen screen = {.report = report, .page = *page};

    lay_head(&screen);
    lay_blocks(&screen);
    keep_foot(&screen);
    share_out(&screen);
    narrow(&screen);
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
