/* What lies outside of this room, so that tests can play it. */
#ifndef SSISMINER_SRC_NOTIFY_INTERNAL_H
#define SSISMINER_SRC_NOTIFY_INTERNAL_H

#include "ssisminer/notify/notify.h"

typedef struct NotifyOutside {
    Rc (*post)(const HttpRequest *request, HttpReply *ret_reply, Err *err);
    Rc (*mail)(const HttpMail *mail, HttpReply *ret_reply, Err *err);
    Rc (*sleep_ms)(long ms, Err *err);
    int64_t (*now_ms)(void);
} NotifyOutside;

extern NotifyOutside notify_outside;

#endif
