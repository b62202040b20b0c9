/*
 * --state: what the last run of the same question had, and what this one leaves for the next.
 *
 * A question is a command, a server and database, what the login may see, and the filters that are
 * in the table of news.c: runs that differ in one of them see other parts, and are not compared.
 * The window is none of them.
 */
#ifndef SSISMINER_SRC_CMD_NEWS_H
#define SSISMINER_SRC_CMD_NEWS_H

#include "ssisminer/base/str.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/report/news.h"
#include "ssisminer/ssisdb/ssisdb.h"
#include "ssisminer/store/state.h"

typedef struct News { // {0}: there is no state
    State *state;
    const char *path; // its file
    bool is_needed;   // the verdict or the answer hangs on it: what goes wrong is an error
    bool only_new;    // --new
    StateScope scope;
    Instant now;
    StateFinding *findings; // each once, by key
    size_t count;
    ReportNews shown;
    const bool *wanted; // with --new: which of the findings given are to be left; NULL: all
} News;

/* Before the work. A file that cannot be used is an error; no place for `auto` is a warning. */
Rc news_open(const Conf *conf, Arena *arena, News *ret_news, Err *err) MUST_CHECK;
/* `db` NULL: the answer is of no server, and `where` says of what (also otherwise NULL). */
Rc news_compare(News *news, const Conf *conf, const Ssisdb *db, const char *where,
                const Finding *given, size_t count, Arena *arena, Err *err) MUST_CHECK;
const ReportNews *news_shown(const News *news); // for the answer; NULL without a state
/* After the answer went out: whoever did not see it is told again. `is_whole`: what it has not is
 * gone, since it would have been seen. */
Rc news_save(News *news, bool is_whole, Err *err) MUST_CHECK;
/* From now on a run is not saved but put there as bytes, until what it found was told to everybody
 * who is to know (NULL: saved again). */
void news_defer(Buf *to);
Buf *news_deferred(void);
/* Saves what such bytes hold, of as many runs as there are. */
Rc news_save_deferred(Str bytes, Err *err) MUST_CHECK;
void news_close(News *news);

/* Nothing was left out by locks that others hold, or else. */
bool news_is_whole(const Ssisdb *db, size_t missing);

#endif
