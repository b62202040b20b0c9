/* The first screen of a report as texts, for messages. */
#include "ssisminer/report/digest.h"

#include "model.h"

#include "ssisminer/base/json.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/term.h"

#include <stdlib.h>
#include <string.h>

enum { JSON_MAX = 64 * 1024, LINE_MAX_BYTES = 64 * 1024 };

/* ---- texts ----------------------------------------------------------------------------------- */

/* Frees the buffer. */
static const char *kept(Buf *buf, Arena *arena)
{
    static const char dots[] = "...";
    size_t len = buf->len;
    const char *tail = "";

    if (len > DIGEST_TEXT_MAX) {
        len = str_utf8_floor(buf_text(buf), DIGEST_TEXT_MAX - (sizeof(dots) - 1));
        tail = dots;
    }
    const char *text = arena_printf(arena, "%.*s%s", (int)len, buf_text(buf), tail);
    buf_done(buf);
    return text;
}

static const char *line_of(const char *text, Arena *arena)
{
    Buf buf = BUF(LINE_MAX_BYTES);

    if (text)
        term_put_safe(&buf, text, strlen(text), true);
    return kept(&buf, arena);
}

static const char *text_of(const Value *value, Arena *arena)
{
    Buf buf = BUF(LINE_MAX_BYTES);

    value_put_for_people(&buf, value);
    return kept(&buf, arena);
}

/* ---- as JSON --------------------------------------------------------------------------------- */

static void put_member(Buf *out, const char *key, const Value *value, Arena *arena)
{
    AUTO(buf_done) Buf number = BUF(64);

    if (value->type == VALUE_NONE)
        return;
    buf_printf(out, "%s\"%s\":", out->len > 1 ? "," : "", key);
    if (value->type == VALUE_FLAG)
        buf_puts(out, value->as.flag ? "true" : "false");
    else if (value->type != VALUE_TIME && value_put_number(&number, value))
        buf_put(out, buf_text(&number), number.len);
    else if (value->type == VALUE_TIME) {
        char text[TIME_TEXT_MAX];
        time_iso_utc(value->as.time, 7, text);
        json_put_text(out, str_of(text));
    } else
        json_put_text(out, str_of(text_of(value, arena)));
}

/* Frees the buffer. */
static const char *object(Buf *out, Arena *arena)
{
    buf_putc(out, '}');
    const char *text = out->over ? "{}" : arena_text(arena, buf_text(out));
    buf_done(out);
    return text;
}

static const char *facts_json(const Report *report, Arena *arena)
{
    Buf out = BUF(JSON_MAX);

    buf_putc(&out, '{');
    for (const Fact *fact = report->first_fact; fact; fact = fact->next)
        if (is_for_data(fact->audience))
            put_member(&out, fact->key, &fact->value, arena);
    return object(&out, arena);
}

static const char *row_json(const Row *row, bool is_alert, Arena *arena)
{
    const Section *section = row->section;
    Buf out = BUF(JSON_MAX);

    buf_printf(&out, "{\"is_alert\":%s", is_alert ? "true" : "false");
    for (size_t i = 0; i < section->column_count; i++)
        put_member(&out, section->columns[i].key, &row->values[i], arena);
    return object(&out, arena);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static bool is_said(const Column *column, const Value *value)
{
    bool is_for_us = is_for_people(column->audience) || column->audience == FOR_SCREEN;

    return is_for_us && value->type != VALUE_NONE && !column->is_drawn;
}

static void add_line(DigestRow *to, const char *label, const char *text)
{
    if (to->line_count < DIGEST_LINES_MAX && *text)
        to->lines[to->line_count++] = (DigestLine){label, text};
}

/* The id of a cause stands at the right end there, and in brackets here. */
static void put_heading(Buf *title, const Column *column, const char *text)
{
    if (*text == '\0')
        return;
    buf_puts(title, title->len ? "  " : "");
    buf_printf(title, column->align_right && title->len ? "(%s)" : "%s", text);
}

static void read_card(const Row *row, DigestRow *to, Arena *arena)
{
    const Section *section = row->section;
    Buf title = BUF(LINE_MAX_BYTES);

    for (size_t i = 0; i < section->column_count; i++) {
        const Column *column = &section->columns[i];
        if (!is_said(column, &row->values[i]))
            continue;
        const char *text = text_of(&row->values[i], arena);
        if (column->use == COLUMN_HEADING) {
            put_heading(&title, column, text);
            to->is_alert = to->is_alert || column->tone == TONE_ALERT;
        } else if (column->use == COLUMN_BULLETS)
            add_line(to, "", *text ? arena_printf(arena, "- %s", text) : "");
        else
            add_line(to, column->use == COLUMN_BODY ? line_of(column->heading, arena) : "", text);
    }
    to->title = kept(&title, arena);
}

/* The strong column, else the first, is what a row is about. */
static size_t main_column(const Section *section)
{
    for (size_t i = 0; i < section->column_count; i++)
        if (section->columns[i].tone == TONE_STRONG)
            return i;
    return 0;
}

/* "ended (UTC) 11-30 18:42, rerun fix, package Sales/Archive Customers" */
static void read_table_row(const Row *row, DigestRow *to, Arena *arena)
{
    const Section *section = row->section;
    size_t first = main_column(section);
    Buf line = BUF(LINE_MAX_BYTES);

    for (size_t i = 0; i < section->column_count; i++) {
        const Column *column = &section->columns[i];
        if (i == first || !is_said(column, &row->values[i]))
            continue;
        const char *heading = column->heading ? column->heading : "";
        buf_printf(&line, "%s%s%s", line.len ? ", " : "", heading, *heading ? " " : "");
        value_put_for_people(&line, &row->values[i]);
    }
    to->is_short = true;
    to->title = text_of(&row->values[first], arena);
    add_line(to, "", kept(&line, arena));
}

static void read_row(const Row *row, DigestRow *to, Arena *arena)
{
    if (row->section->layout == LAYOUT_TABLE)
        read_table_row(row, to, arena);
    else
        read_card(row, to, arena);
    to->is_alert = to->is_alert || row->severity >= SEVERITY_ERROR;
    to->json = row_json(row, to->is_alert, arena);
}

/* ---- sections -------------------------------------------------------------------------------- */

static bool is_list_of_targets(const Section *section)
{
    return strcmp(section->key, section->audience == FOR_SCREEN ? "says" : "targets") == 0;
}

static bool is_told(const Report *report, const Section *section)
{
    if (!section->first)
        return false;
    if (report->headline)
        return section->audience == FOR_SCREEN && !section->is_behind;
    return is_for_people(section->audience) && is_list_of_targets(section);
}

/* How many the rows that are shown stand for. */
static size_t count_shown(const Section *section, size_t rows)
{
    size_t count = 0;

    for (const Row *row = section->first; row && rows > 0; row = row->next, rows--)
        count += row->stands_for ? row->stands_for : 1;
    return count;
}

static size_t count_left(const Section *section, size_t rows)
{
    size_t total = section->total ? section->total : count_shown(section, SIZE_MAX);
    size_t shown = count_shown(section, rows);

    return total > shown ? total - shown : 0;
}

/* A table without a title is named by what its rows are about: "Newest". */
static const char *title_of(const Section *section, Arena *arena)
{
    if (section->title || section->layout != LAYOUT_TABLE)
        return line_of(section->title, arena);
    char *title = arena_text(arena, line_of(section->columns[main_column(section)].heading, arena));
    if (*title >= 'a' && *title <= 'z')
        *title = (char)(*title - 'a' + 'A');
    return title;
}

static void read_section(const Section *section, DigestSection *to, Arena *arena)
{
    size_t most = is_list_of_targets(section) ? DIGEST_TARGETS_MAX : DIGEST_ROWS_MAX;

    *to = (DigestSection){.key = arena_text(arena, section->key),
                          .title = title_of(section, arena),
                          .rows = arena_alloc_array(arena, most, sizeof(DigestRow))};
    for (const Row *row = section->first; row && to->row_count < most; row = row->next)
        read_row(row, &to->rows[to->row_count++], arena);
    to->left = count_left(section, to->row_count);
    to->left_are = to->left == 1 && section->rest_one ? section->rest_one
                   : section->rest_many               ? section->rest_many
                                                      : "rows";
}

static void read_sections(const Report *report, Digest *digest, Arena *arena)
{
    size_t count = 0;

    for (const Section *at = report->first; at; at = at->next)
        count += is_told(report, at);
    digest->sections = arena_alloc_array(arena, count, sizeof(*digest->sections));
    for (const Section *at = report->first; at; at = at->next)
        if (is_told(report, at))
            read_section(at, &digest->sections[digest->section_count++], arena);
}

/* ---- the head -------------------------------------------------------------------------------- */

/* On the screen two lines stand for those that came before it. */
static const Fact *first_fact(const Report *report)
{
    return report->headline && report->before_screen ? report->before_screen->next
                                                     : report->first_fact;
}

static void read_facts(const Report *report, Digest *digest, Arena *arena)
{
    for (const Fact *fact = first_fact(report); fact && digest->fact_count < DIGEST_FACTS_MAX;
         fact = fact->next) {
        bool is_said_here =
            is_for_people(fact->audience) || (report->headline && fact->audience == FOR_SCREEN);
        const char *text = is_said_here ? text_of(&fact->value, arena) : "";
        if (*text)
            digest->facts[digest->fact_count++] = (DigestLine){line_of(fact->heading, arena), text};
    }
}

static void read_warnings(const Report *report, Digest *digest, Arena *arena)
{
    for (const Warning *at = report->first_warning; at; at = at->next) {
        if (digest->warning_count < DIGEST_WARNINGS_MAX)
            digest->warnings[digest->warning_count++] = line_of(at->text, arena);
        else
            digest->warnings_left++;
    }
}

Digest *report_digest(const Report *report, Arena *arena)
{
    Digest *digest = arena_alloc(arena, sizeof(*digest));

    *digest =
        (Digest){.command = arena_text(arena, report->command),
                 .headline = line_of(report->headline ? report->headline : report->title, arena),
                 .where = line_of(report->where, arena),
                 .next = line_of(report->next_step, arena),
                 .gravest = report->gravest,
                 .has_new = report->has_new,
                 .json = facts_json(report, arena)};
    read_facts(report, digest, arena);
    read_warnings(report, digest, arena);
    read_sections(report, digest, arena);
    return digest;
}
