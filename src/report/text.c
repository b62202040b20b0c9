/*
 * The text format: for a person at a terminal, 80 columns, perhaps at night. Everything is laid
 * out in columns of the terminal, after the text was made safe for it.
 */
#include "text.h"

#include "ssisminer/base/term.h"

#include <string.h>

enum {
    NARROWEST = 40, // a terminal below this gets long lines
    INDENT = 2,     // of a section's content, and of each level of nesting
    LABEL_MAX = 16, // widest label column of a card
    CELL_LEAST = 8, // a table's column is not squeezed below this
    COLUMN_GAP = 2,
    ALIGNED_MAX = 100 // a wide terminal makes no chasm between what belongs together
};

static const char *const tone_codes[] = {
    [TONE_PLAIN] = "",
    [TONE_STRONG] = "\x1b[1m",
    [TONE_ALERT] = "\x1b[31m",
    [TONE_DIM] = "\x1b[2m",
};

/* ---- pieces of a line ------------------------------------------------------------------------ */

static void put(Page *page, Tone tone, Str text)
{
    bool is_toned = page->color && tone != TONE_PLAIN;

    if (text.len == 0)
        return;
    (void)fprintf(page->out, "%*s", (int)page->blanks, "");
    page->blanks = 0;
    if (is_toned)
        (void)fputs(tone_codes[tone], page->out);
    (void)fwrite(text.at, 1, text.len, page->out);
    if (is_toned)
        (void)fputs("\x1b[0m", page->out);
}

static void put_blanks(Page *page, size_t count)
{
    page->blanks += count;
}

static void end_line(Page *page)
{
    page->blanks = 0;
    (void)fputc('\n', page->out);
}

static Str str_of_buf(const Buf *buf)
{
    return (Str){buf_text(buf), buf->len};
}

static size_t width_of(Str text)
{
    return term_width(text.at, text.len);
}

static Str skip_blanks(Str text)
{
    while (text.len > 0 && text.at[0] == ' ') {
        text.at++;
        text.len--;
    }
    return text;
}

/* Bytes of the link that text begins with: it is never broken, so that it can be followed. */
static size_t link_at(Str text)
{
    size_t len = 0;

    if (text.len < 8 || (memcmp(text.at, "https://", 8) != 0 && memcmp(text.at, "http://", 7) != 0))
        return 0;
    while (len < text.len && text.at[len] != ' ')
        len++;
    return len;
}

/* Takes the piece of *rest that fits `width`, broken at a blank where there is one in its last
 * two thirds. */
static Str take_line(Str *rest, size_t width)
{
    size_t fits = term_fit(rest->at, rest->len, width);
    size_t cut = fits;

    if (fits == 0) // cannot be, since no line is narrower than a character
        fits = cut = rest->len;
    if (link_at(*rest) > fits)
        fits = cut = link_at(*rest);
    if (fits < rest->len && rest->at[fits] != ' ') {
        while (cut > fits / 3 && rest->at[cut - 1] != ' ')
            cut--;
        if (cut <= fits / 3)
            cut = fits;
    }
    Str line = {rest->at, cut};
    *rest = skip_blanks((Str){rest->at + cut, rest->len - cut});
    while (line.len > 0 && line.at[line.len - 1] == ' ')
        line.len--;
    return line;
}

/* Prints what fits, with "..." if that is not all; returns the columns used. */
static size_t put_cut(Page *page, Str text, Tone tone, size_t width)
{
    size_t whole = width_of(text);

    if (whole <= width) {
        put(page, tone, text);
        return whole;
    }
    Str piece = {text.at, term_fit(text.at, text.len, width > 3 ? width - 3 : 0)};
    put(page, tone, piece);
    put(page, tone, str_of("..."));
    return width_of(piece) + 3;
}

static size_t next_character(Str text)
{
    size_t bytes = 1;

    while (bytes < text.len && ((unsigned char)text.at[bytes] & 0xC0) == 0x80)
        bytes++;
    return bytes;
}

/* Text begins with a mark of the character before it. */
static bool is_mark(Str text)
{
    return width_of((Str){text.at, next_character(text)}) == 0;
}

/* Where a part of a path begins that is not much shorter than what fits: "/Load Orders". */
static size_t find_part(Str text, size_t from)
{
    size_t most = from + (text.len - from) / 3;

    for (size_t at = from; at < most; at++)
        if (text.at[at] == '/')
            return at;
    return from;
}

/* Prints what fits of its end, behind "..." if that is not all. */
static size_t put_cut_left(Page *page, Str text, Tone tone, size_t width)
{
    size_t skipped = 0, whole = width_of(text);

    if (whole <= width || width <= 3)
        return put_cut(page, text, tone, width);
    while (skipped < text.len && width_of((Str){text.at + skipped, text.len - skipped}) + 3 > width)
        skipped += next_character((Str){text.at + skipped, text.len - skipped});
    while (skipped < text.len && is_mark((Str){text.at + skipped, text.len - skipped}))
        skipped += next_character((Str){text.at + skipped, text.len - skipped});
    skipped = find_part(text, skipped);
    Str rest = {text.at + skipped, text.len - skipped};
    put(page, tone, str_of("..."));
    put(page, tone, rest);
    return 3 + width_of(rest);
}

/* Prints text in lines of `width`, the first one where the cursor stands, the others after
 * `indent` blanks. After max_lines (0: no limit) the rest becomes "...". */
static void put_wrapped(Page *page, Str text, Tone tone, size_t indent, size_t width, int max_lines)
{
    Str rest = skip_blanks(text);

    for (int line = 1; rest.len > 0 || line == 1; line++) {
        bool is_last = line == max_lines;
        if (line > 1)
            put_blanks(page, indent);
        if (is_last && width_of(rest) > width) {
            put(page, tone, (Str){rest.at, term_fit(rest.at, rest.len, width > 3 ? width - 3 : 0)});
            put(page, tone, str_of("..."));
            end_line(page);
            return;
        }
        put(page, tone, take_line(&rest, width));
        end_line(page);
    }
}

static size_t left_of(Page *page, size_t indent)
{
    return page->columns > indent + CELL_LEAST ? page->columns - indent : CELL_LEAST;
}

static bool is_empty(const Value *value)
{
    return value->type == VALUE_NONE ||
           (value->type == VALUE_TEXTS && value->as.texts.count == 0) ||
           (value->type == VALUE_TEXT && value->as.text[0] == '\0');
}

/* ---- head ------------------------------------------------------------------------------------ */

static void put_label(Page *page, size_t indent, const char *label, size_t width)
{
    Str text = str_of(label ? label : "");
    size_t used = width_of(text);

    put_blanks(page, indent);
    put(page, TONE_DIM, text);
    put_blanks(page, (used < width ? width - used : 0) + COLUMN_GAP);
}

static size_t widest_fact(const Fact *first, Audience too)
{
    size_t widest = 0;

    for (const Fact *fact = first; fact; fact = fact->next) {
        size_t width = width_of(str_of(fact->heading));
        if ((is_for_people(fact->audience) || fact->audience == too) && width > widest)
            widest = width;
    }
    return widest;
}

void text_put_facts(Page *page, const Fact *first, Audience too)
{
    size_t label = widest_fact(first, too), indent = INDENT + label + COLUMN_GAP;

    for (const Fact *fact = first; fact; fact = fact->next) {
        AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);
        if ((!is_for_people(fact->audience) && fact->audience != too) || is_empty(&fact->value))
            continue;
        value_put_for_people(&text, &fact->value);
        put_label(page, INDENT, fact->heading, label);
        put_wrapped(page, str_of_buf(&text), TONE_PLAIN, indent, left_of(page, indent), 0);
    }
}

void text_put_line(Page *page, const char *text, Tone tone, int max_lines)
{
    AUTO(buf_done) Buf safe = BUF(REPORT_TEXT_MAX);

    term_put_safe(&safe, text, strlen(text), true);
    put_wrapped(page, str_of_buf(&safe), tone, INDENT, left_of(page, INDENT), max_lines);
}

void text_put_warning(Page *page, const char *text, int max_lines)
{
    static const char mark[] = "WARNING  ";
    size_t indent = sizeof(mark) - 1;
    AUTO(buf_done) Buf safe = BUF(REPORT_TEXT_MAX);

    term_put_safe(&safe, text, strlen(text), true);
    put(page, TONE_ALERT, str_of(mark));
    put_wrapped(page, str_of_buf(&safe), TONE_ALERT, indent, left_of(page, indent), max_lines);
}

static void put_head(Page *page, const Report *report)
{
    put(page, TONE_STRONG, str_of(report->title));
    end_line(page);
    text_put_facts(page, report->first_fact, FOR_PEOPLE);
    if (report->first_warning)
        end_line(page);
    for (const Warning *warning = report->first_warning; warning; warning = warning->next)
        text_put_warning(page, warning->text, 0);
}

/* ---- cards ----------------------------------------------------------------------------------- */

static void put_section(Page *page, const Section *section, size_t indent);

static bool is_shown(const Row *row, size_t column, ColumnUse use)
{
    const Column *spec = &row->section->columns[column];

    return spec->use == use && is_for_people(spec->audience) && !is_empty(&row->values[column]);
}

/* The headings of one side of the first line, joined by two blanks. */
static void join_headings(Buf *buf, const Row *row, bool at_right)
{
    for (size_t i = 0; i < row->section->column_count; i++) {
        if (!is_shown(row, i, COLUMN_HEADING) || row->section->columns[i].align_right != at_right)
            continue;
        if (buf->len > 0)
            buf_puts(buf, "  ");
        value_put_for_people(buf, &row->values[i]);
    }
}

static Tone heading_tone(const Row *row)
{
    for (size_t i = 0; i < row->section->column_count; i++)
        if (is_shown(row, i, COLUMN_HEADING) && row->section->columns[i].tone != TONE_PLAIN)
            return row->section->columns[i].tone;
    return TONE_PLAIN;
}

/* A heading with max_lines 1 gives way to what stands at the right. */
static bool may_cut(const Row *row)
{
    for (size_t i = 0; i < row->section->column_count; i++)
        if (is_shown(row, i, COLUMN_HEADING) && row->section->columns[i].max_lines == 1)
            return true;
    return false;
}

static void put_first_line(Page *page, const Row *row, size_t indent)
{
    AUTO(buf_done) Buf left = BUF(REPORT_TEXT_MAX);
    AUTO(buf_done) Buf right = BUF(REPORT_TEXT_MAX);
    size_t width = left_of(page, indent);

    join_headings(&left, row, false);
    join_headings(&right, row, true);
    if (left.len + right.len == 0)
        return;
    size_t right_width = width_of(str_of_buf(&right));
    size_t taken = right.len > 0 ? right_width + COLUMN_GAP : 0;
    size_t room = width > taken ? width - taken : 0;
    size_t aligned = width < ALIGNED_MAX ? width : ALIGNED_MAX;
    put_blanks(page, indent);
    if (width_of(str_of_buf(&left)) <= room || (may_cut(row) && room >= width / 2)) {
        size_t used = put_cut(page, str_of_buf(&left), heading_tone(row), room);
        put_blanks(page, used + taken < aligned ? aligned - used - right_width : COLUMN_GAP);
    } else {
        put_wrapped(page, str_of_buf(&left), heading_tone(row), indent + INDENT, width - INDENT, 0);
        if (right.len == 0)
            return;
        put_blanks(page, indent + INDENT);
    }
    put(page, TONE_DIM, str_of_buf(&right));
    end_line(page);
}

static size_t widest_label(const Section *section)
{
    size_t widest = 0;

    for (size_t i = 0; i < section->column_count; i++) {
        const Column *column = &section->columns[i];
        size_t width = width_of(str_of(column->heading));
        if (column->use == COLUMN_BODY && is_for_people(column->audience) && width > widest)
            widest = width;
    }
    return widest < LABEL_MAX ? widest : LABEL_MAX;
}

static void put_card_text(Page *page, const Row *row, size_t column, size_t indent, size_t label)
{
    const Column *spec = &row->section->columns[column];
    AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);

    value_put_for_people(&text, &row->values[column]);
    if (spec->use == COLUMN_BODY) {
        put_label(page, indent, spec->heading, label);
        indent += label + COLUMN_GAP;
    } else {
        put_blanks(page, indent);
    }
    put_wrapped(page, str_of_buf(&text), spec->tone, indent, left_of(page, indent),
                spec->max_lines);
}

static void put_bullets(Page *page, const Value *value, size_t indent)
{
    for (size_t i = 0; i < value->as.texts.count; i++) {
        AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);
        const char *one = value->as.texts.at[i];
        term_put_safe(&text, one, strlen(one), true);
        put_blanks(page, indent);
        put(page, TONE_DIM, str_of("- "));
        put_wrapped(page, str_of_buf(&text), TONE_PLAIN, indent + 2, left_of(page, indent + 2), 0);
    }
}

static bool has_heading(const Row *row)
{
    for (size_t i = 0; i < row->section->column_count; i++)
        if (is_shown(row, i, COLUMN_HEADING))
            return true;
    return false;
}

/* What stands under no heading is not indented for one. */
static void put_card(Page *page, const Row *row, size_t indent, size_t below)
{
    const Section *section = row->section;
    size_t label = widest_label(section), inner = has_heading(row) ? below : indent;

    put_first_line(page, row, indent);
    for (size_t i = 0; i < section->column_count; i++) {
        if (is_shown(row, i, COLUMN_BODY) || is_shown(row, i, COLUMN_PLAIN))
            put_card_text(page, row, i, inner, label);
        else if (is_shown(row, i, COLUMN_BULLETS))
            put_bullets(page, &row->values[i], inner);
    }
    for (const Section *nested = row->first; nested; nested = nested->next)
        if (section_is_shown(nested))
            put_section(page, nested, inner);
}

static void put_cards(Page *page, const Section *section, size_t indent, size_t inner)
{
    for (const Row *row = section->first; row; row = row->next) {
        put_card(page, row, indent, inner);
        if (row->next && section->layout != LAYOUT_LIST)
            end_line(page);
    }
}

/* ---- tables ---------------------------------------------------------------------------------- */

static void put_cell_text(Buf *buf, const Row *row, size_t column)
{
    buf_reset(buf);
    value_put_for_people(buf, &row->values[column]);
}

/* Of a column that has something in it; the others are not shown. */
static size_t width_of_column(const Section *section, size_t column, size_t rows)
{
    AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);
    size_t widest = 0;

    if (!is_for_people(section->columns[column].audience))
        return 0;
    for (const Row *row = section->first; row && rows > 0; row = row->next, rows--) {
        put_cell_text(&text, row, column);
        size_t width = width_of(str_of_buf(&text));
        if (width > widest)
            widest = width;
    }
    size_t heading = width_of(str_of(section->columns[column].heading));
    return widest > 0 && heading > widest ? heading : widest;
}

static size_t total_of(const Section *section, const size_t *widths)
{
    size_t total = 0;

    for (size_t i = 0; i < section->column_count; i++)
        total += widths[i] ? widths[i] + COLUMN_GAP : 0;
    return total > 0 ? total - COLUMN_GAP : 0;
}

/* The column to take width from: the one that may wrap, else the widest of left-aligned ones. */
static size_t widest_column(const Section *section, const size_t *widths)
{
    size_t found = SIZE_MAX;

    for (size_t i = 0; i < section->column_count; i++) {
        const Column *column = &section->columns[i];
        if (widths[i] <= CELL_LEAST || column->align_right || column->is_whole)
            continue;
        if (column->may_wrap)
            return i;
        if (found == SIZE_MAX || widths[i] > widths[found])
            found = i;
    }
    return found;
}

/* False where it cannot be made as narrow as that. */
static bool squeeze(const Section *section, size_t *widths, size_t room)
{
    for (;;) {
        size_t total = total_of(section, widths), widest = widest_column(section, widths);
        if (total <= room)
            return true;
        if (widest == SIZE_MAX)
            return false;
        size_t step = section->columns[widest].may_wrap ? total - room : 1;
        size_t most = widths[widest] - CELL_LEAST;
        widths[widest] -= step < most ? step : most;
    }
}

static bool is_last_column(const Section *section, const size_t *widths, size_t column)
{
    for (size_t i = column + 1; i < section->column_count; i++)
        if (widths[i] > 0)
            return false;
    return true;
}

/* One cell in its width. The last column wraps when it may, with lines below it; every other
 * text that is too long is cut. */
static void put_cell(Page *page, const Section *section, const size_t *widths, size_t column,
                     size_t at, Str text, Tone tone)
{
    const Column *spec = &section->columns[column];
    bool is_last = is_last_column(section, widths, column);
    size_t width = width_of(text), room = widths[column];

    if (is_last && spec->may_wrap) {
        put_wrapped(page, text, tone, at, room, spec->max_lines);
        return;
    }
    if (spec->align_right && width < room)
        put_blanks(page, room - width);
    size_t used =
        spec->cut_left ? put_cut_left(page, text, tone, room) : put_cut(page, text, tone, room);
    if (is_last) {
        end_line(page);
        return;
    }
    if (!spec->align_right && used < room)
        put_blanks(page, room - used);
    put_blanks(page, COLUMN_GAP);
}

/* What stands out in a row does so by what it tells of. */
static Tone cell_tone(const Row *row, const Column *spec)
{
    return spec->tone == TONE_STRONG && row->severity >= SEVERITY_ERROR ? TONE_ALERT : spec->tone;
}

static void put_table_line(Page *page, const Section *section, const size_t *widths, size_t indent,
                           const Row *row)
{
    AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);
    size_t at = indent;

    put_blanks(page, indent);
    for (size_t i = 0; i < section->column_count; i++) {
        if (widths[i] == 0)
            continue;
        if (row)
            put_cell_text(&text, row, i);
        Str cell = row ? str_of_buf(&text) : str_of(section->columns[i].heading);
        put_cell(page, section, widths, i, at, cell,
                 row ? cell_tone(row, &section->columns[i]) : TONE_DIM);
        at += widths[i] + COLUMN_GAP;
    }
}

/* Of the first rows; all widths are 0 where the terminal is too narrow for a table. */
static void measure_table(Page *page, const Section *section, size_t indent, size_t rows,
                          size_t *widths)
{
    if (section->column_count > TEXT_COLUMNS_MAX)
        return;
    for (size_t i = 0; i < section->column_count; i++)
        widths[i] = width_of_column(section, i, rows);
    if (!squeeze(section, widths, left_of(page, indent)))
        (void)memset(widths, 0, section->column_count * sizeof(*widths));
}

static bool is_table(const Section *section, const size_t *widths)
{
    for (size_t i = 0; i < section->column_count && i < TEXT_COLUMNS_MAX; i++)
        if (widths[i] > 0)
            return true;
    return false;
}

/* Where a cursor that has `used` columns of `width` stands; goes on in lines after the indent. */
typedef struct Flow {
    size_t indent, width, used;
} Flow;

static void break_flow(Page *page, Flow *flow)
{
    end_line(page);
    put_blanks(page, flow->indent + INDENT);
    flow->used = INDENT;
}

static void put_flowing(Page *page, Flow *flow, Str text, Tone tone)
{
    Str rest = text;

    while (rest.len > 0) {
        if (flow->used + CELL_LEAST > flow->width && width_of(rest) + flow->used > flow->width)
            break_flow(page, flow);
        Str line = take_line(&rest, flow->width - flow->used);
        put(page, tone, line);
        flow->used += width_of(line);
    }
}

/* Where it is too narrow for a table: "heading value" one after the other, each of them whole. */
static void put_flow(Page *page, const Row *row, size_t indent)
{
    AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);
    Flow flow = {.indent = indent, .width = left_of(page, indent)};

    put_blanks(page, indent);
    for (size_t i = 0; i < row->section->column_count; i++) {
        const Column *column = &row->section->columns[i];
        if (!is_shown(row, i, column->use))
            continue;
        put_cell_text(&text, row, i);
        Str cell = str_of_buf(&text), heading = str_of(column->heading);
        size_t needed = COLUMN_GAP + width_of(heading) + 1 + width_of(cell);
        if (flow.used > 0 && flow.used + needed > flow.width) {
            break_flow(page, &flow);
        } else if (flow.used > 0) {
            put_blanks(page, COLUMN_GAP);
            flow.used += COLUMN_GAP;
        }
        put(page, TONE_DIM, heading);
        put_blanks(page, 1);
        flow.used += width_of(heading) + 1;
        if (column->is_whole && flow.used + width_of(cell) > flow.width)
            break_flow(page, &flow);
        put_flowing(page, &flow, cell, column->tone);
    }
    end_line(page);
}

static void put_table_row(Page *page, const Row *row, const size_t *widths, size_t indent)
{
    if (is_table(row->section, widths))
        put_table_line(page, row->section, widths, indent, row);
    else
        put_flow(page, row, indent);
}

static void put_table_heading(Page *page, const Section *section, const size_t *widths,
                              size_t indent)
{
    bool has_heading = false;

    for (size_t i = 0; is_table(section, widths) && i < section->column_count; i++)
        has_heading = has_heading || (widths[i] > 0 && *section->columns[i].heading);
    if (has_heading)
        put_table_line(page, section, widths, indent, NULL);
}

static void put_table(Page *page, const Section *section, size_t indent)
{
    size_t widths[TEXT_COLUMNS_MAX] = {0};

    measure_table(page, section, indent, SIZE_MAX, widths);
    put_table_heading(page, section, widths, indent);
    for (const Row *row = section->first; row; row = row->next) {
        put_table_row(page, row, widths, indent);
        for (const Section *nested = row->first; nested; nested = nested->next)
            if (section_is_shown(nested))
                put_section(page, nested, indent + INDENT);
    }
}

/* ---- sections -------------------------------------------------------------------------------- */

static size_t indent_of(const Section *section)
{
    return section->layout == LAYOUT_PROSE ? 0 : INDENT;
}

static void put_title(Page *page, const Section *section, size_t indent)
{
    if (!section->title)
        return;
    put_blanks(page, indent);
    put(page, TONE_STRONG, str_of(section->title));
    end_line(page);
}

static void put_section(Page *page, const Section *section, size_t indent)
{
    size_t at = indent + indent_of(section);

    put_title(page, section, indent);
    if (!section->first) {
        put_blanks(page, indent + INDENT);
        put_wrapped(page, str_of(section->empty), TONE_PLAIN, indent + INDENT,
                    left_of(page, indent + INDENT), 0);
        return;
    }
    if (section->layout == LAYOUT_TABLE)
        put_table(page, section, at);
    else
        put_cards(page, section, at, at + indent_of(section));
    if (section->left_out > 0) {
        char more[LEFT_OUT_MAX];
        section_left_out_text(section, more);
        put_blanks(page, at);
        put(page, TONE_DIM, str_of(more));
        end_line(page);
    }
}

void text_put_section(Page *page, const Section *section)
{
    put_section(page, section, 0);
}

void text_put_heading(Page *page, const Section *section, size_t rows, size_t *widths)
{
    put_title(page, section, 0);
    if (section->layout != LAYOUT_TABLE)
        return;
    measure_table(page, section, INDENT, rows, widths);
    put_table_heading(page, section, widths, INDENT);
}

void text_put_row(Page *page, const Row *row, const size_t *widths)
{
    const Section *section = row->section;
    size_t at = indent_of(section);

    if (section->layout == LAYOUT_TABLE)
        put_table_row(page, row, widths, at);
    else
        put_card(page, row, at, 2 * at);
}

static Rc write_text(const Report *report, const ReportStyle *style, FILE *out, Err *err)
{
    Page page = {
        .out = out,
        .columns = style->columns > NARROWEST ? (size_t)style->columns : NARROWEST,
        .color = style->color,
    };

    if (style->is_screen && report->headline) {
        text_put_screen(&page, report);
        return report_check(out, err);
    }
    put_head(&page, report);
    for (const Section *section = report->first; section; section = section->next) {
        if (!section_is_shown(section))
            continue;
        end_line(&page);
        put_section(&page, section, 0);
    }
    return report_check(out, err);
}

const ReportWriter report_text_writer = {"text", "txt|log", write_text};
