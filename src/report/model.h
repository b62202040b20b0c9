/* What a report is made of, for the writers of this room. */
#ifndef SSISMINER_REPORT_MODEL_H
#define SSISMINER_REPORT_MODEL_H

#include "ssisminer/base/buf.h"
#include "ssisminer/report/chart.h"
#include "ssisminer/report/report.h"

/* A cell, a row or a page of one: far above anything a server sends. */
enum { REPORT_TEXT_MAX = 256 * 1024 * 1024 };

typedef struct Fact {
    const char *key, *heading;
    Audience audience;
    Value value;
    struct Fact *next;
} Fact;

typedef struct Warning {
    const char *text;
    struct Warning *next;
} Warning;

typedef struct ChartSpan {
    size_t series;
    int64_t from, to;
} ChartSpan;

typedef struct ChartPoint {
    const char *label, *link; // link: an anchor, NULL for none
    double *figures;          // by series
    ChartSpan *spans;
    size_t span_count;
} ChartPoint;

typedef struct ChartLimit {
    const char *name;
    double figure;
} ChartLimit;

struct Chart {
    Arena *arena;
    ChartSpec spec;
    const char *scope; // as of Row
    ChartPoint *points;
    size_t point_count;
    ChartLimit *limits;
    size_t limit_count;
    Chart *next;
};

typedef struct ChartList {
    Chart *first, *last;
} ChartList;

struct Row {
    Section *section;
    Value *values;
    const char *anchor; // "run-24381"; NULL: nothing leads here
    const char **links; // by column, an anchor or NULL; NULL: none
    const char *scope;  // the target that anchors and links are of, where there are several
    Severity severity;
    Section *first, *last; // nested
    size_t stands_for;     // of the section's total; 0: itself
    Row *next;
};

struct Section {
    Arena *arena;
    const char *key, *title, *empty;
    Layout layout;
    Audience audience;
    const Column *columns;
    size_t column_count;
    bool is_primary, is_behind, is_favored;
    const char *rest_one, *rest_many; // FOR_SCREEN: NULL for none
    size_t total;
    size_t left_out; // rows that report_cut took away
    ChartList charts;
    Row *first, *last;
    Section *next;
};

struct Report {
    Arena *arena;
    const char *command, *title;
    const char *headline, *where, *next_step; // of the first screen; headline NULL: it has none
    Fact *before_screen;                      // the last fact that the two lines stand for
    bool tells_warnings;                      // each of them whole, also where the screen ends
    Fact *first_fact, *last_fact;
    Warning *first_warning, *last_warning;
    Severity gravest; // of the findings
    bool has_new;
    ChartList charts;
    Section *first, *last;
};

static inline bool is_for_people(Audience audience)
{
    return audience == FOR_ALL || audience == FOR_PEOPLE;
}

static inline bool is_for_data(Audience audience)
{
    return audience == FOR_ALL || audience == FOR_DATA;
}

/* "12 more", of what report_cut took away; at most that long. */
enum { LEFT_OUT_MAX = 32 };
void section_left_out_text(const Section *section, char ret_text[LEFT_OUT_MAX]);

/* Whether people see the section: it has rows, or says what it means that it has none. */
bool section_is_shown(const Section *section);

/* Appends a value as people read it: one line, terminal-safe, lists joined by ", ". */
void value_put_for_people(Buf *buf, const Value *value);
/* Appends it as programs read it: terminal-safe, line breaks kept, lists joined by "; ". */
void value_put_for_data(Buf *buf, const Value *value);
/* A number in digits, exact: no exponent for integers, seconds with up to seven decimals. False,
 * and nothing appended, when it is none. A time counts as its Unix seconds, a flag as 0 or 1. */
bool value_put_number(Buf *buf, const Value *value);

/* RC_USAGE with the system's reason when the stream has failed. */
Rc report_check(FILE *out, Err *err) MUST_CHECK;

extern const ReportWriter report_text_writer, report_json_writer, report_ndjson_writer,
    report_csv_writer, report_html_writer, report_markdown_writer, report_prometheus_writer;

#endif
