/* markdown: GitHub's kind, for tickets and pull requests. */
#include "model.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* GitHub takes seven hexadecimal digits for a commit; nine digits and a point begin a list. */
enum { COMMIT_LEAST = 7, COMMIT_WHOLE = 40, LIST_DIGITS = 10 };

/* ---- text ------------------------------------------------------------------------------------ */

/* Shows nothing, and parts what stands around it: for Markdown, and for what GitHub, GitLab and
 * Azure DevOps make of a page's texts afterwards, which a backslash does not stop. */
static const char parting[] = "<!-- -->";

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* So many digits as a commit is shortened to, and more; a decimal number is none, unless it is as
 * long as a whole one. */
static size_t commit_length(const char *at)
{
    size_t len = strspn(at, "0123456789abcdef");
    bool is_number = strspn(at, "0123456789") == len && len < COMMIT_WHOLE;

    return len >= COMMIT_LEAST && !is_number && !is_word(at[len]) ? len : 0;
}

/* A mention, or a reference to an issue, a merge request, a snippet, a milestone, a label. */
static bool is_mark(const char *at)
{
    switch (*at) {
    case '@':
        return at[1] != '\0' && at[1] != ' ';
    case '#':
    case '!':
    case '$':
    case '&':
        return isdigit((unsigned char)at[1]) != 0;
    case '%':
    case '~':
        return is_word(at[1]) || at[1] == '"';
    default:
        return false;
    }
}

/* How many bytes stand before a parting that belongs here; 0 for none. */
static size_t parted_after(const char *at)
{
    if (is_mark(at) || str_starts(at, "://"))
        return 1;
    if (strncasecmp(at, "www.", 4) == 0)
        return 3;
    return strncasecmp(at, "gh-", 3) == 0 && isdigit((unsigned char)at[3]) ? 2 : 0;
}

static void put_char(FILE *out, char c)
{
    if (strchr("\\`*_[]<>|#~&$", c))
        (void)fputc('\\', out);
    (void)fputc(c, out);
}

/* What would begin a list or a rule where it stands first. */
static const char *put_beginning(FILE *out, const char *text)
{
    text += strspn(text, " ");
    size_t digits = strspn(text, "0123456789");

    if (digits > 0 && digits < LIST_DIGITS && (text[digits] == '.' || text[digits] == ')')) {
        (void)fwrite(text, 1, digits, out);
        text += digits;
    } else if (*text == '\0' || !strchr("-+", *text)) {
        return text;
    }
    (void)fputc('\\', out);
    (void)fputc(*text, out);
    return text + 1;
}

/* In pieces that are too short to be one. */
static const char *put_commit(FILE *out, const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        (void)fputs(i > 0 && i % (COMMIT_LEAST - 1) == 0 ? parting : "", out);
        (void)fputc(at[i], out);
    }
    return at + len;
}

/* What would be markup is escaped, wherever it stands; what would become a link or a mention by
 * itself is parted. */
static void put_escaped(FILE *out, const char *text)
{
    const char *at = put_beginning(out, text);

    while (*at) {
        size_t commit = at == text || !is_word(at[-1]) ? commit_length(at) : 0;
        size_t parted = parted_after(at);
        if (commit > 0) {
            at = put_commit(out, at, commit);
            continue;
        }
        for (size_t i = 0; i < (parted ? parted : 1); i++)
            put_char(out, *at++);
        (void)fputs(parted ? parting : "", out);
    }
}

static void put_value(FILE *out, const Value *value)
{
    AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);
    bool is_text = value->type == VALUE_TEXT || value->type == VALUE_TEXTS;

    value_put_for_people(&text, value);
    if (is_text)
        put_escaped(out, buf_text(&text));
    else
        (void)fputs(buf_text(&text), out);
}

/* A text links only where it is an address of ours: what a server says leads nowhere. */
static void put_cell(FILE *out, const Column *column, const Value *value)
{
    AUTO(buf_done) Buf text = BUF(REPORT_TEXT_MAX);

    value_put_for_people(&text, value);
    const char *address = buf_text(&text);
    bool is_link = column->is_link && !strpbrk(address, " <>()") &&
                   (str_starts(address, "https://") || str_starts(address, "http://"));
    if (is_link)
        (void)fprintf(out, "<%s>", address);
    else
        put_value(out, value);
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

/* ---- cards ----------------------------------------------------------------------------------- */

static void put_headings(FILE *out, const Row *row, int level)
{
    const char *between = NULL;

    for (size_t i = 0; i < row->section->column_count; i++) {
        if (!is_shown(row, i, COLUMN_HEADING))
            continue;
        if (between)
            (void)fputs(between, out);
        else
            (void)fprintf(out, "%.*s ", level, "######");
        put_cell(out, &row->section->columns[i], &row->values[i]);
        between = " - ";
    }
    (void)fputs(between ? "\n\n" : "", out);
}

static void put_line(FILE *out, const Row *row, size_t i)
{
    const Column *column = &row->section->columns[i];

    (void)fputs("- ", out);
    if (column->use == COLUMN_BODY) {
        (void)fputs("**", out);
        put_plain(out, column->heading);
        (void)fputs("**: ", out);
    }
    put_cell(out, column, &row->values[i]);
    (void)fputc('\n', out);
}

static void put_bullets(FILE *out, const Column *column, const Value *value)
{
    for (size_t i = 0; i < value->as.texts.count; i++) {
        Value text = value_text(value->as.texts.at[i]);
        (void)fputs("- ", out);
        put_cell(out, column, &text);
        (void)fputc('\n', out);
    }
}

static void put_card(FILE *out, const Row *row, int level)
{
    put_headings(out, row, level);
    for (size_t i = 0; i < row->section->column_count; i++)
        if (is_shown(row, i, COLUMN_PLAIN) || is_shown(row, i, COLUMN_BODY))
            put_line(out, row, i);
        else if (is_shown(row, i, COLUMN_BULLETS))
            put_bullets(out, &row->section->columns[i], &row->values[i]);
    (void)fputc('\n', out);
    for (const Section *nested = row->first; nested; nested = nested->next)
        if (section_is_shown(nested))
            put_section(out, nested, level + 1);
}

/* ---- tables ---------------------------------------------------------------------------------- */

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
            (void)fputs(section->columns[i].align_right && section->layout == LAYOUT_TABLE
                            ? "| ---: "
                            : "| --- ",
                        out);
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
            put_cell(out, &section->columns[i], &row->values[i]);
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
    if (section->layout == LAYOUT_TABLE || section->layout == LAYOUT_LIST)
        put_table(out, section);
    else
        for (const Row *row = section->first; row; row = row->next)
            put_card(out, row, level + 1);
    if (section->left_out > 0) {
        char more[LEFT_OUT_MAX];
        section_left_out_text(section, more);
        (void)fprintf(out, "%s\n\n", more);
    }
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
