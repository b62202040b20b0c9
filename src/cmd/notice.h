/*
 * --notify: who is told of what a command found, once it has ended.
 *
 * What comes of telling changes neither what was done nor the exit code: that somebody was not told
 * is a warning. But then what --state has for the next run is not kept (news.h): what is new stays
 * new until it was told.
 */
#ifndef SSISMINER_SRC_CMD_NOTICE_H
#define SSISMINER_SRC_CMD_NOTICE_H

#include "ssisminer/conf/conf.h"
#include "ssisminer/notify/notify.h"

typedef struct Notice { // {0} tells nobody
    Arena arena;
    NotifySender *senders;
    size_t count;
    Buf answer; // the report that was written last, as bytes (report/combine.h)
    Buf news;   // as news_defer has it
} Notice;

/* Before anything is done: `notify:` of the file is right whoever is to be told, each of the
 * channels is there, its secret and its address too, and who wants to know what is new can. The
 * notice must not move until notice_done. */
Rc notice_open(Notice *notice, Conf *conf, Err *err) MUST_CHECK;

/* The same of channels that are named, whatever they want to know. */
Rc notice_open_named(Notice *notice, Conf *conf, const char *const *names, size_t count,
                     Err *err) MUST_CHECK;

/* `rc` and `err` are how the command ended; returned as they came, unless what --state needs cannot
 * be kept. Nobody is told of a run that somebody stopped. */
Rc notice_send(Notice *notice, const Conf *conf, bool is_fleet, Rc rc, Err *err) MUST_CHECK;
void notice_done(Notice *notice);

/* The name of this machine, "?" where it has none. */
const char *notice_host(Arena *arena);

#endif
