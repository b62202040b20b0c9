/*
 * One report model, many writers.
 *
 * A command fills a Report: facts, warnings, then sections. A section is a list of rows of
 * typed values under named columns; a row may hold sections of its own. Facts, columns and
 * sections may be for people only (text, html, markdown) or for programs only (json, ndjson,
 * csv, prometheus). Writers are rows of a table.
 *
 *   text        at most `columns` wide; color only when the style says so. The first screen alone,
 *               in at most REPORT_SCREEN_LINES, when the style asks for it and the report has one
 *   json        {"schema_version":1,"command":…,facts…,"warnings":[…],"<section key>":[{…}…]};
 *               one row a line, written row by row
 *   ndjson      first {"section":"<command>",facts…,"warnings":[…]}, then one object a row of
 *               the top sections, with "section": "<key>"
 *   csv         the rows of the primary section, RFC 4180, with commas in every country and
 *               safe to open in a spreadsheet: wherever in a text a cell could begin (at its
 *               beginning, and after a semicolon, a tab or a line break, where a spreadsheet
 *               with another list separator begins one) and = + - @ or their full-width forms
 *               stand, after blanks and quotes as well, an apostrophe comes before them
 *   html        one page that needs nothing else and asks for nothing; sorts and filters with a
 *               script of its own, and reads well without. Draws the charts (chart.h); anchors
 *               lead from row to row
 *   markdown    GitHub's kind; what a site would make of plain text by itself (@name, #12, GH-12,
 *               addresses, commits) is parted by empty comments, which show nothing
 *   prometheus  text exposition format: the gauges of src/report/metrics.def, labeled with server,
 *               database and target; RC_USAGE for a command that has none there
 *
 * Ownership: everything lives in the report's arena; texts given are borrowed.
 * Errors:    none while filling; a writer reports what the stream says (RC_USAGE).
 * Limits:    text from a server is made terminal-safe in every format, and escaped besides
 *            (html, markdown, csv).
 */
#ifndef SSISMINER_REPORT_REPORT_H
#define SSISMINER_REPORT_REPORT_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/time.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { REPORT_SCHEMA_VERSION = 1 };

typedef enum ValueType {
    VALUE_NONE, // null in JSON, empty elsewhere
    VALUE_TEXT,
    VALUE_ID,     // integer that counts nothing: no thousands separators, no metric
    VALUE_COUNT,  // integer
    VALUE_NUMBER, // double
    VALUE_FLAG,
    VALUE_TIME,     // ISO 8601 UTC in data formats, in its own offset for people
    VALUE_DURATION, // ticks; seconds in data formats (the key gets no suffix: name it *_seconds)
    VALUE_PERCENT,
    VALUE_BYTES,
    VALUE_TEXTS // list of texts
} ValueType;

typedef struct Value {
    ValueType type;
    union {
        const char *text;
        int64_t count; // ID, COUNT, DURATION (ticks), BYTES
        double number; // NUMBER, PERCENT
        bool flag;
        Instant time;
        struct {
            const char *const *at;
            size_t count;
        } texts;
    } as;
} Value;

Value value_none(void);
Value value_text(const char *text); // NULL gives NONE
Value value_id(int64_t id);
Value value_count(int64_t count);
Value value_number(double number);
Value value_flag(bool flag);
Value value_time(Instant at);        // unset gives NONE
Value value_instant(int64_t ticks);  // UTC; 0 gives NONE
Value value_duration(int64_t ticks); // negative gives NONE
Value value_percent(double percent);
Value value_bytes(int64_t bytes);
Value value_texts(const char *const *texts, size_t count); // none gives an empty list

/* "2026-03-02 05:44:10Z", or "… 05:44:10+01:00" for another offset: what people read; "" when
 * unset. */
void report_time_text(Instant at, char ret_text[TIME_TEXT_MAX]);

typedef enum Audience {
    FOR_ALL,
    FOR_PEOPLE, // the whole answer: text, html, markdown
    FOR_DATA,
    FOR_SCREEN, // the first screen of text, and nothing else
    FOR_PAGE    // html, and nothing else
} Audience;

typedef enum Severity { // how grave a row is; html shows it
    SEVERITY_NONE,
    SEVERITY_FINE,
    SEVERITY_INFO,
    SEVERITY_WARNING,
    SEVERITY_ERROR,
    SEVERITY_CRITICAL
} Severity;

typedef enum Tone { TONE_PLAIN, TONE_STRONG, TONE_ALERT, TONE_DIM } Tone; // color, when there is

typedef enum Layout {
    LAYOUT_TABLE, // one line a row
    LAYOUT_CARDS, // one block a row: columns marked heading on the first line, the rest indented
    LAYOUT_LIST,  // cards with no line between them; a table in html and markdown. Its rows have
                  // no sections of their own
    LAYOUT_PROSE  // paragraphs: each row's texts, wrapped
} Layout;

typedef enum ColumnUse {
    COLUMN_BODY,    // an ordinary column or card line "heading  value"
    COLUMN_HEADING, // on the first line of a card, joined by two blanks
    COLUMN_PLAIN,   // card line without its heading
    COLUMN_BULLETS  // list of texts as bullet points
} ColumnUse;

typedef struct Column {
    const char *key;     // data formats: snake_case
    const char *heading; // text, html, markdown
    ColumnUse use;
    Audience audience;
    Tone tone;
    bool align_right; // in a card: at the right end of the first line
    bool may_wrap;    // in a table: takes the width that is left
    int max_lines;    // text: cut ("...") after so many lines; 0: as many as it takes
    bool cut_left;    // in a table: what is too long loses its beginning, not its end
    bool is_whole;    // in a table: never cut, so that it can be copied; others give way
    bool is_link;     // addresses of ours, not a server's: html and markdown link to them
    bool is_drawn;    // a drawing of characters, of which html has a chart instead
    const char
        *leads_to; // html: each text or number names the row with that anchor, as row_set_link
} Column;

typedef struct Section Section;
typedef struct Row Row;
typedef struct Report Report;

Report *report_new(Arena *arena, const char *command, const char *title);
/* A fact of the head: shown in the header for people, top-level key in JSON. */
void report_fact(Report *report, Audience audience, const char *key, const char *heading,
                 Value value);
/* The facts that every answer from a server begins with. */
typedef struct ReportHead {
    const char *title; // "host/SSISDB, Azure SQL Database 12.0.2000.8"
    const char *server, *database;
    bool sees_all; // the login may see every execution
    Instant now;
    const char *window; // what people read of since and until; NULL: the question has no window
    Instant since, until;
} ReportHead;
void report_head(Report *report, const ReportHead *head);
/*
 * How grave what is told is: by the gravest finding that was added. No writer shows it; whoever
 * judges the answer (--fail-on, a channel's `when`) goes by it.
 */
void report_add_finding(Report *report, Severity severity);
void report_add_new(Report *report); // one that the last run did not have (--state)
Severity report_gravest(const Report *report);
bool report_has_new(const Report *report);
/* What "any", "new", "warning", "error" and "critical" mean, wherever they are given; NULL and
 * other words: never. */
bool report_reaches(const char *level, Severity gravest, bool has_new);
/* A sentence that must not be missed (rights too low, capped): "warnings" in JSON. */
void report_warning(Report *report, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * The first screen: a line that says what is the matter, one that says where and when (`where`
 * NULL: none), the facts
 * FOR_SCREEN and those FOR_PEOPLE that come after this call, the warnings, and of each section
 * FOR_SCREEN as many rows as there is room for, shared out evenly. The last line tells how many are
 * left, and `next` (NULL: nothing). The first line leads an html page, too.
 */
enum { REPORT_SCREEN_LINES = 23 }; // a terminal of 24 has room for the prompt then
void report_screen(Report *report, const char *headline, const char *where, const char *next);
/* All warnings stand on it, each of them whole, however many lines that takes: for what would be
 * dangerous not to know. */
void report_screen_warnings(Report *report);

/* Columns are borrowed. Shown in the order of creation; `empty` is what people read when it has
 * no rows (NULL: they do not see the section at all). */
Section *report_section(Report *report, Audience audience, const char *key, const char *title,
                        Layout layout, const Column *columns, size_t column_count,
                        const char *empty);
void section_set_primary(Section *section); // what csv writes; else the first one for data
/* FOR_SCREEN: what the rows that are not shown are ("cause", "causes"), of `total`. */
void section_set_rest(Section *section, const char *one, const char *many, size_t total);
/* FOR_SCREEN: the row tells of so many of that total, not of one. */
void row_set_times(Row *row, size_t count);
/* FOR_SCREEN: stands whole behind the screen, since it was asked for. */
void section_set_behind(Section *section);
Row *section_row(Section *section); // values start as NONE
/* One value, by an enumerator of its table: where several functions fill its rows, or not every
 * column is known beforehand. Else row_set_all, with a list (below). */
void row_set(Row *row, size_t column, Value value);
void row_set_all(Row *row, const Value *values, size_t count); // of ROW_VALUES
/* html: the row is what `what` and `name` call it ("run", "24381"), once a report; and the cell of
 * the column with that key leads to the row that is called so, if there is one. */
void row_set_anchor(Row *row, const char *what, const char *name);
void row_set_link(Row *row, const char *key, const char *what, const char *name);
void row_set_severity(Row *row, Severity severity);
/*
 * The columns of a table are a list of one line each: key, heading, the value that a row has there,
 * and what else Column has, if anything. The table and the values of a row both come of it, and
 * nothing is matched by hand:
 *
 *   #define WORKER_COLUMNS(COLUMN) \
 *       COLUMN("worker", "worker", value_text(worker->name), .may_wrap = true) \
 *       COLUMN("last_online", "last online", value_time(worker->last_online))
 *
 *   static const Column worker_columns[] = {WORKER_COLUMNS(COLUMN_ENTRY)};
 *
 *   static void add_worker(Section *section, const Worker *worker)
 *   {
 *       row_set_all(section_row(section), ROW_VALUES(WORKER_COLUMNS));
 *   }
 *
 * A value is an expression over names that the function around ROW_VALUES declares; a long one is a
 * function. A section may have the first columns of the list only.
 */
/* clang-format off */
#define COLUMN_ENTRY(...) COLUMN_ENTRY_OF(__VA_ARGS__, )
#define COLUMN_ENTRY_OF(json, title, value, ...) {.key = json, .heading = title, __VA_ARGS__},
#define COLUMN_VALUE(...) COLUMN_VALUE_OF(__VA_ARGS__, )
#define COLUMN_VALUE_OF(json, title, value, ...) value,
#define COLUMN_ONE(...) 0,
#define ROW_VALUES(LIST) (const Value[]){LIST(COLUMN_VALUE)}, sizeof((const char[]){LIST(COLUMN_ONE)})
/* clang-format on */
/* A section inside a row: nested array in JSON, indented in text; not in csv or prometheus. */
Section *row_section(Row *row, Audience audience, const char *key, const char *title, Layout layout,
                     const Column *columns, size_t column_count);

/* Of each list that people read, but on the first screen, `limit` rows at most stay, and behind
 * them how many more there are. Only before it is written for people: programs would miss them. */
void report_cut(Report *report, size_t limit);

typedef struct ReportStyle {
    int columns; // text: terminal width
    bool color;
    bool is_screen; // text: the first screen, where the report has one
} ReportStyle;

typedef struct ReportWriter {
    const char *name;       // value of --format
    const char *extensions; // "html|htm": picked by -o FILE.html
    Rc (*write)(const Report *report, const ReportStyle *style, FILE *out, Err *err);
} ReportWriter;

const ReportWriter *report_writer(const char *name);          // NULL if unknown
const ReportWriter *report_writer_for_file(const char *path); // NULL if the ending says nothing

#endif
