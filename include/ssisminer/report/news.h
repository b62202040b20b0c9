/*
 * What an answer has beside the last one to the same question: what is new, goes on, and is gone.
 *
 * A room says what its findings are, and by their keys which of them are the same in two runs; who
 * keeps the last run compares them (src/cmd/news.h); here is how an answer tells of it.
 *
 * Ownership: everything is borrowed, or lives in the arena given.
 */
#ifndef SSISMINER_REPORT_NEWS_H
#define SSISMINER_REPORT_NEWS_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/buf.h"
#include "ssisminer/base/time.h"
#include "ssisminer/report/report.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct Finding { // of an answer; several may be the same one
    const char *key;     // NULL: this cannot be new
    const char *title;   // "cause in package"
    bool is_unseen;      // nobody could look this time: it is neither new nor gone
} Finding;

typedef struct FindingNews {
    const char *key;
    bool is_new;
    Instant since; // first seen without a gap
} FindingNews;

typedef struct ReportNews {
    const FindingNews *list; // each finding once, by key
    size_t count, new_count;
    const char *const *gone; // titles
    size_t gone_count;
    Instant last_run; // unset: this is the first, and nothing is new
    bool only_new;    // the rest was left out
} ReportNews;

/* All of these take NULL: nothing is known of a last run. */
const FindingNews *news_of(const ReportNews *news, const char *key); // NULL: none
bool news_is_new(const ReportNews *news, const char *key);
size_t news_count(const ReportNews *news);                      // findings that are new
const char *news_mark(const ReportNews *news, const char *key); // "new, ", or ""
/* ", 2 new": of findings, or what a room makes of them. */
void news_put_count(const ReportNews *news, size_t new_count, Buf *line);
/* The head of an answer of which nothing is left; NULL: it is not for want of news. */
const char *news_calm(const ReportNews *news);

/* Two columns of a list (report.h), for programs: of the finding with that key. */
/* clang-format off */
#define NEWS_COLUMNS(COLUMN, news, finding) \
    COLUMN("new", "new since the last run", news_value(news, finding), .audience = FOR_DATA) \
    COLUMN("seen_since", "seen by each run since", news_since(news, finding), .audience = FOR_DATA)
/* clang-format on */
Value news_value(const ReportNews *news, const char *key);
Value news_since(const ReportNews *news, const char *key);

/* When the last run was, how many are new (under this key), a section of what is gone; and
 * report_add_new. */
void news_tell(const ReportNews *news, Report *report, const char *count_key, int64_t new_count);
/* A line of what is gone, behind report_screen. */
void news_tell_screen(const ReportNews *news, Report *report, Arena *arena);

/* The critical before the others, of both what is new. */
unsigned news_rank(bool is_critical, bool is_new);
/* The indices of `ranks`, the higher ranks first, else in their order. */
const size_t *news_order(const unsigned *ranks, size_t count, Arena *arena);

#endif
