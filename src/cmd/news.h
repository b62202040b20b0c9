/* --state: what the last run of the same question had, and what this one leaves for the next. */
#ifndef SSISMINER_SRC_CMD_NEWS_H
#define SSISMINER_SRC_CMD_NEWS_H

#include "ssisminer/conf/conf.h"
#include "ssisminer/failures/failures.h"
#include "ssisminer/store/state.h"

typedef struct News { // {0}: there is no state
    State *state;
    bool is_needed; // the verdict or the answer hangs on it: what goes wrong is an error
    bool only_new;  // --new
    StateScope scope;
    Instant now;
    StateFinding *findings; // of the whole answer
    size_t count;
    FailuresNews shown; // of what is left of it
} News;

/* Before the work. A file that cannot be used is an error; no place for `auto` is a warning. */
Rc news_open(const Conf *conf, Arena *arena, News *ret_news, Err *err) MUST_CHECK;
/* Compares; with --new only what is new is left of the failures. */
Rc news_compare(News *news, const Ssisdb *db, const FailuresQuestion *question, Failures *failures,
                Arena *arena, Err *err) MUST_CHECK;
/* After the answer went out: whoever did not see it is told again. */
Rc news_save(News *news, bool is_whole, Err *err) MUST_CHECK;
void news_close(News *news);

#endif
