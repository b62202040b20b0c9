/*
 * One report model, many writers.
 *
 * A command fills a Report: facts, then sections. A section is a list of rows of typed
 * values under named columns; a row may hold sections of its own. Writers are rows of a
 * table: text json ndjson csv html markdown prometheus.
 *
 *   json        {"schema_version":1,"command":…,facts…,"<section key>":[{column key: value…}…]}
 *   ndjson      one object a row of the top sections, with "section": "<key>"
 *   csv         the rows of the primary section, RFC 4180, safe to open in a spreadsheet
 *   text        layouts: TABLE (aligned), CARDS (a heading line, then indented details), PROSE
 *
 * Ownership: everything lives in the report's arena; texts given are borrowed.
 * Limits:    text from a server is made terminal-safe (text), escaped (html, markdown, csv).
 */
#ifndef SSISMINER_REPORT_REPORT_H
#define SSISMINER_REPORT_REPORT_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/time.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef enum ValueType {
    VALUE_NONE, // null in JSON, empty elsewhere
    VALUE_TEXT,
    VALUE_COUNT,    // integer
    VALUE_NUMBER,   // double
    VALUE_FLAG,
    VALUE_TIME,     // ISO 8601 UTC in data formats, local to the row in text
    VALUE_DURATION, // ticks; seconds in data formats (key gets no suffix: name it *_seconds)
    VALUE_PERCENT,
    VALUE_BYTES,
    VALUE_TEXTS // list of texts
} ValueType;

typedef struct Value {
    ValueType type;
    union {
        const char *text;
        int64_t count; // COUNT, DURATION (ticks), BYTES
        double number;
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
Value value_count(int64_t count);
Value value_number(double number);
Value value_flag(bool flag);
Value value_time(Instant at); // unset gives NONE
Value value_duration(int64_t ticks);
Value value_percent(double percent);
Value value_bytes(int64_t bytes);
Value value_texts(const char *const *texts, size_t count);

typedef enum Layout {
    LAYOUT_TABLE, // one line a row
    LAYOUT_CARDS, // one block a row: columns marked heading on the first line, the rest indented
    LAYOUT_PROSE  // paragraphs: each row's texts, wrapped
} Layout;

typedef enum ColumnUse {
    COLUMN_BODY,    // an ordinary column or card line "heading: value"
    COLUMN_HEADING, // on the first line of a card, joined by two blanks
    COLUMN_PLAIN,   // card line without its heading
    COLUMN_BULLETS, // list of texts as bullet points
    COLUMN_DATA     // in data formats only, not in text
} ColumnUse;

typedef struct Column {
    const char *key;     // JSON, CSV: snake_case
    const char *heading; // text, html, markdown
    ColumnUse use;
    bool align_right;
    bool may_wrap; // text: takes the width that is left, wraps or is cut there
} Column;

typedef struct Section Section;
typedef struct Row Row;
typedef struct Report Report;

Report *report_new(Arena *arena, const char *command, const char *title);
/* A fact of the head: shown in the header in text, top-level key in JSON. */
void report_fact(Report *report, const char *key, const char *heading, Value value);
/* A sentence that must not be missed (rights too low, capped): "warnings" in JSON. */
void report_warning(Report *report, const char *format, ...) PRINTF_LIKE(2, 3);

/* Columns are borrowed. Shown in the order of creation; `empty` is printed when it has no rows. */
Section *report_section(Report *report, const char *key, const char *title, Layout layout,
                        const Column *columns, size_t column_count, const char *empty);
void section_set_primary(Section *section); // what csv writes
Row *section_row(Section *section);         // values start as NONE
void row_set(Row *row, size_t column, Value value);
/* A section inside a row: nested array in JSON, indented in text. */
Section *row_section(Row *row, const char *key, const char *title, Layout layout,
                     const Column *columns, size_t column_count);

typedef struct ReportStyle {
    int columns; // text: terminal width
    bool colour;
} ReportStyle;

typedef struct ReportWriter {
    const char *name;      // value of --format
    const char *extension; // "json": picked by -o FILE.json
    Rc (*write)(const Report *report, const ReportStyle *style, FILE *out, Err *err);
} ReportWriter;

const ReportWriter *report_writer(const char *name); // NULL if unknown
const ReportWriter *report_writer_for_file(const char *path);

#endif
