/*
 * What a short message tells of a report: its first screen as texts, for whoever lays them out.
 *
 * A report without a first screen gives its title, its facts for people and, of several targets,
 * the list of those.
 *
 * Ownership: everything lives in the arena given; nothing is borrowed from the report.
 * Limits:    texts are one line, safe to look at (base/term.h), and cut with "..." behind
 *            DIGEST_TEXT_MAX bytes; of rows, facts and warnings there are at most so many.
 */
#ifndef SSISMINER_REPORT_DIGEST_H
#define SSISMINER_REPORT_DIGEST_H

#include "ssisminer/report/report.h"

#include <stddef.h>

enum {
    DIGEST_TEXT_MAX = 300,
    DIGEST_ROWS_MAX = 6, // of a section; DIGEST_TARGETS_MAX of the list of targets
    DIGEST_TARGETS_MAX = 20,
    DIGEST_FACTS_MAX = 14,
    DIGEST_WARNINGS_MAX = 4,
    DIGEST_LINES_MAX = 8 // of a row
};

typedef struct DigestLine { // a fact, or a line of a row
    const char *label;      // "" for none
    const char *text;
} DigestLine;

typedef struct DigestRow {
    const char *title; // "2x  The disk of the runtime node is full"
    bool is_alert;
    bool is_short; // of a table: its one line stands behind the title
    DigestLine lines[DIGEST_LINES_MAX];
    size_t line_count;
    const char *json; // all of its columns by their keys, an object
} DigestRow;

typedef struct DigestSection {
    const char *key, *title; // title "": none
    DigestRow *rows;
    size_t row_count;
    size_t left;          // how many there are besides
    const char *left_are; // "causes"
} DigestSection;

typedef struct Digest {
    const char *command, *headline;
    const char *where; // "" for none
    const char *next;  // what tells more: "One of them: --execution 48213"; ""
    Severity gravest;
    bool has_new;
    DigestLine facts[DIGEST_FACTS_MAX];
    size_t fact_count;
    const char *warnings[DIGEST_WARNINGS_MAX];
    size_t warning_count, warnings_left;
    DigestSection *sections; // none is empty
    size_t section_count;
    const char *json; // the facts for programs, an object; without what is cut
} Digest;

Digest *report_digest(const Report *report, Arena *arena);

#endif
