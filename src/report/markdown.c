/* markdown: GitHub's kind, for tickets and pull requests. */
#include "model.h"

#include <string.h>

/* What would be markup is escaped, wherever it stands. */
static void put_escaped(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("\\`*_[]<>|#~&", *text))
            (void)fputc('\\', out);
        (void)fputc(*text, out);
    }
}

static void put_text(FILE *out, const char *text)
{
    bool is_link =
        (str_starts(text, "https://") || str_starts(text, "http://")) && !strpbrk(text, " <>()");

    if (is_link)
        (void)fprintf(out, "<%s>", text);
    else
        put_escaped(out, text);
}

static void put_value(FILE *out, const Value *value)
{
    AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);

    value_put_for_people(&text, value);
    put_text(out, buf_text(&text));
}

static void put_plain(FILE *out, const char *text)
{
    Value value = value_text(text);

    put_value(out, &value);
}

static bool is_shown(const Row *row, size_t i, ColumnUse use)
{
    const Column *column = &row->section->columns[i];
    const Value *value = &row->values[i];

    return column->use == use && is_for_people(column->audience) && value->type != VALUE_NONE &&
           (value->type != VALUE_TEXTS || value->as.texts.count > 0);
}

static void put_section(FILE *out, const Section *section, int level);

static void put_title(FILE *out, const char *title, int level)
{
    (void)fprintf(out, "%.*s ", level, "######");
    put_plain(out, title);
    (void)fputs("\n\n", out);
}

/* ---- cards ---------------------------------------------------------------------------------- */

/* A card is a heading with a list below it; of a LAYOUT_LIST an item with a list inside. */
typedef struct Card {
    FILE *out;
    const char *first, *indent; // before the headings; before each line
    bool is_item;
} Card;

static void put_headings(const Card *card, const Row *row)
{
    const char *between = card->first;

    for (size_t i = 0; i < row->section->column_count; i++) {
        if (!is_shown(row, i, COLUMN_HEADING))
            continue;
        (void)fputs(between, card->out);
        put_value(card->out, &row->values[i]);
        between = " - ";
    }
    if (between != card->first)
        (void)fputs(card->is_item ? "\n" : "\n\n", card->out);
}

static void put_line(const Card *card, const Row *row, size_t i)
{
    const Column *column = &row->section->columns[i];

    (void)fprintf(card->out, "%s- ", card->indent);
    if (column->use == COLUMN_BODY) {
        (void)fputs("**", card->out);
        put_plain(card->out, column->heading);
        (void)fputs("**: ", card->out);
    }
    put_value(card->out, &row->values[i]);
    (void)fputc('\n', card->out);
}

static void put_bullets(const Card *card, const Value *value)
{
    for (size_t i = 0; i < value->as.texts.count; i++) {
        (void)fprintf(card->out, "%s- ", card->indent);
        put_plain(card->out, value->as.texts.at[i]);
        (void)fputc('\n', card->out);
    }
}

static void put_card(const Card *card, const Row *row, int level)
{
    put_headings(card, row);
    for (size_t i = 0; i < row->section->column_count; i++)
        if (is_shown(row, i, COLUMN_PLAIN) || is_shown(row, i, COLUMN_BODY))
            put_line(card, row, i);
        else if (is_shown(row, i, COLUMN_BULLETS))
            put_bullets(card, &row->values[i]);
    if (!card->is_item || !row->next)
        (void)fputc('\n', card->out);
    for (const Section *nested = row->first; nested; nested = nested->next)
        if (section_is_shown(nested))
            put_section(card->out, nested, level + 1);
}

static void put_cards(FILE *out, const Section *section, int level)
{
    char heading[16];
    Card card = {out, "- ", "  ", true};

    (void)snprintf(heading, sizeof(heading), "%.*s ", level, "######");
    if (section->layout != LAYOUT_LIST)
        card = (Card){out, heading, "", false};
    for (const Row *row = section->first; row; row = row->next)
        put_card(&card, row, level);
}

/* ---- tables --------------------------------------------------------------------------------- */

static void put_table_head(FILE *out, const Section *section)
{
    for (size_t i = 0; i < section->column_count; i++) {
        if (!is_for_people(section->columns[i].audience))
            continue;
        (void)fputs("| ", out);
        put_plain(out, section->columns[i].heading);
        (void)fputc(' ', out);
    }
    (void)fputs("|\n", out);
    for (size_t i = 0; i < section->column_count; i++)
        if (is_for_people(section->columns[i].audience))
            (void)fputs(section->columns[i].align_right ? "| ---: " : "| --- ", out);
    (void)fputs("|\n", out);
}

static void put_table(FILE *out, const Section *section)
{
    put_table_head(out, section);
    for (const Row *row = section->first; row; row = row->next) {
        for (size_t i = 0; i < section->column_count; i++) {
            if (!is_for_people(section->columns[i].audience))
                continue;
            (void)fputs("| ", out);
            put_value(out, &row->values[i]);
            (void)fputc(' ', out);
        }
        (void)fputs("|\n", out);
    }
    (void)fputc('\n', out);
}

static void put_section(FILE *out, const Section *section, int level)
{
    if (section->title)
        put_title(out, section->title, level);
    if (!section->first) {
        put_plain(out, section->empty);
        (void)fputs("\n\n", out);
        return;
    }
    if (section->layout == LAYOUT_TABLE) {
        put_table(out, section);
        return;
    }
    put_cards(out, section, level + 1);
}

static void put_facts(FILE *out, const Report *report)
{
    for (const Fact *fact = report->first_fact; fact; fact = fact->next) {
        if (!is_for_people(fact->audience) || fact->value.type == VALUE_NONE)
            continue;
        (void)fputs("- **", out);
        put_plain(out, fact->heading);
        (void)fputs("**: ", out);
        put_value(out, &fact->value);
        (void)fputc('\n', out);
    }
    (void)fputc('\n', out);
}

static Rc write_markdown(const Report *report, const ReportStyle *style, FILE *out, Err *err)
{
    (void)style;
    put_title(out, report->title, 1);
    put_facts(out, report);
    for (const Warning *warning = report->first_warning; warning; warning = warning->next) {
        (void)fputs("> **Warning**: ", out);
        put_plain(out, warning->text);
        (void)fputs("\n\n", out);
    }
    for (const Section *section = report->first; section; section = section->next)
        if (section_is_shown(section))
            put_section(out, section, 2);
    return report_check(out, err);
}

const ReportWriter report_markdown_writer = {"markdown", "md|markdown", write_markdown};
