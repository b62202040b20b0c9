/* The report of this room, in two files: the whole answer and the first screen. */
#ifndef SSISMINER_RUNNING_PRESENT_H
#define SSISMINER_RUNNING_PRESENT_H

#include "ssisminer/base/buf.h"
#include "ssisminer/report/words.h"
#include "ssisminer/running/running.h"

typedef struct Builder {
    const Running *running;
    const RunningView *view;
    Arena *arena;
    Report *report;
} Builder;

void show_screen(const Builder *builder);

/* What the screen shares with the whole answer; NULL: there is nothing to say. */
const char *show_path(const char *folder, const char *project, const char *package,
                      const char *otherwise, Arena *arena);
const char *show_excerpt(const char *text, Arena *arena);
const char *show_usual(const RunningOperation *o, Arena *arena);
const char *show_age(const Builder *builder, const RunningOperation *o);
const char *show_task(const Builder *builder, const RunningOperation *o);
const char *show_sign(const Builder *builder, const RunningOperation *o);
const char *show_errors(const RunningErrors *errors, Arena *arena);
const char *show_remedy(const Builder *builder, const RunningOperation *o);
const char *show_why(const RunningErrors *errors, Arena *arena);
const char *show_state(const Builder *builder, const RunningOperation *o);
const char *show_counts(const Builder *builder);
bool show_is_alarming(const RunningOperation *o);

/* The keys of running_findings. */
const char *running_live_key(const RunningOperation *o, Arena *arena);
const char *running_noisy_key(const RunningNoisy *noisy, Arena *arena);

#endif
