/* The report of this room, in six files: its head, the causes, the lists of what failed,
 * what changed, the first screen, and what a page draws. */
#ifndef SSISMINER_FAILURES_PRESENT_H
#define SSISMINER_FAILURES_PRESENT_H

#include "ssisminer/base/buf.h"
#include "ssisminer/failures/failures.h"
#include "ssisminer/report/words.h"

enum { PRESENT_LINE_MAX = 16 * 1024, PRESENT_MINUTE = 11 }; // bytes of "03-01 03:26"

/* Of a cause, by view->news: a finding is a cause in a package. */
typedef struct CauseNews {
    size_t new_packages, packages; // operations counted by their name
    Instant since;                 // the earliest first sight that has gone on since
} CauseNews;

const CauseNews *failures_cause_news(const Failures *failures, const ReportNews *news, Arena *arena,
                                     size_t *ret_new);

typedef struct Builder {
    const Failures *failures;
    const FailuresView *view;
    Arena *arena;
    Report *report;
    const FailureCause **ranked; // the causes as people see them: the critical and new ones first
    const CauseNews *news;       // of each cause
    size_t new_count;            // causes that are new in a package
} Builder;

void present_causes(Builder *builder);
void present_remedies(Builder *builder); // cause and actions, once per cause, for people
void present_executions(Builder *builder);
void present_operations(Builder *builder);
void present_packages(Builder *builder); // what changed, for programs
void present_screen(Builder *builder);   // the first screen
void present_charts(Builder *builder);

/* What present_screen shares with the lists. */
size_t present_cause_count(const Builder *builder); // that are listed: the limit
const char *present_cause_title(const FailureCause *cause, Arena *arena);
const char *present_cause_summary(const FailureCause *cause, Arena *arena);
const char *present_times(const Builder *builder, const FailureCause *cause);
void present_fill_remedies(const Builder *builder, Section *section, size_t count);
Section *present_remedy_section(const Builder *builder, Audience audience);
const char *present_path(const Failure *failure, Arena *arena);
const char *present_run(const Builder *builder, const Failure *failure);
const char *present_title(const Failure *failure, Arena *arena);  // of the cause
const char *present_values(const Failure *failure, Arena *arena); // captured; NULL for none
const char *present_excerpt(const Failure *failure, Arena *arena);
const char *present_place(const Failure *failure, Arena *arena);
const char *present_status(const Builder *builder);
/* What changed: NULL where nobody looked, or it is told at a newer failure of the package. */
const char *present_since(const Builder *builder, const Failure *failure);
const char *present_changed(const Builder *builder, const Failure *failure);
const char *present_unchanged(const Builder *builder, const Failure *failure);
bool present_is_new(const Builder *builder, const FailureCause *cause);
const char *present_cause_changed(const Builder *builder, const FailureCause *cause);
Instant present_cause_since(const Builder *builder, const FailureCause *cause);
int64_t present_total(const Failures *failures, int status);

const char *present_taken(Buf *buf, Arena *arena); // its text, NULL if empty; frees the buffer
const char *present_kind(CauseKind kind);
Severity present_severity(const FailureCause *cause);
const char *present_remedy_name(const FailureCause *cause); // which all that is unknown share

#endif
