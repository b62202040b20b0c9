/* A message sent, and tried again as the service allows. */
#include "internal.h"
#include "message.h"

#include "ssisminer/base/log.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/term.h"
#include "ssisminer/base/time.h"
#include "ssisminer/http/http.h"
#include "ssisminer/os/os.h"

#include <stdio.h>
#include <string.h>

enum {
    ATTEMPT_MS = 20000, // of the channel's time, at most
    CONNECT_MS = 10000,
    LEAST_MS = 100, // with less left it is not begun
    BODY_MAX = 256 * 1024,
    WORDS_MAX = 200
};

NotifyOutside notify_outside = {http_send, http_mail, stop_sleep_ms, time_monotonic_ms};

/* One message on its way. */
typedef struct Course {
    const NotifySender *sender;
    const NotifyEvent *event;
    Arena *arena;
    const char *body;
    size_t body_len;
    int64_t end_ms;
    bool may_miss_some; // of a mail's recipients
    bool may_pass;      // what went wrong last
    long asked_wait_s;  // -1: for none
    const char *who;    // "channel 'ops'": what is waited for
    const char *remark;
} Course;

static long attempt_ms(const Course *course)
{
    int64_t left_ms = course->end_ms - notify_outside.now_ms();

    return left_ms > ATTEMPT_MS ? ATTEMPT_MS : (long)left_ms;
}

/* ---- a webhook ------------------------------------------------------------------------------- */

static bool is_passing(int status)
{
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

/* What it says of its refusal is its own, and may be a page: a line of it. */
static const char *said_of(const HttpReply *reply, Arena *arena)
{
    AUTO(buf_done) Buf line = BUF(4096);
    Str body = str_trim(secret_str(&reply->body));

    term_put_safe(&line, body.at,
                  body.len > WORDS_MAX ? str_utf8_floor(body.at, WORDS_MAX) : body.len, true);
    return line.len > 0 ? arena_printf(arena, ": %s", buf_text(&line)) : "";
}

static const char *status_hint(int status)
{
    switch (status) {
    case 400:
        return "see that the URL is that of a webhook of the channel's type";
    case 401:
    case 403:
    case 404:
    case 410:
        return "the webhook is gone or not allowed: make a new one, and put its URL into its place";
    case 413:
        return "the message is too large for it";
    default:
        return NULL;
    }
}

static Rc fail_status(Course *course, const HttpReply *reply, Err *err)
{
    const char *hint = status_hint(reply->status);

    course->may_pass = is_passing(reply->status);
    course->asked_wait_s = reply->retry_after_s;
    if (reply->status >= 300 && reply->status < 400)
        return FAIL(err, RC_CONNECT,
                    "the webhook answered with a redirect (%d), which is not followed",
                    reply->status);
    (void)FAIL(err, RC_CONNECT, "the webhook refused the message (%d%s)", reply->status,
               said_of(reply, course->arena));
    return hint ? err_hint(err, "%s", hint) : err->rc;
}

static Rc post(Course *course, Err *err)
{
    const NotifyChannel *channel = course->sender->channel;
    AUTO(http_reply_done) HttpReply reply = {0};
    HttpRequest request = {.url = course->sender->secret.text,
                           .headers = {"Content-Type: application/json; charset=utf-8", "Expect:"},
                           .form = course->body,
                           .is_webhook = true,
                           .ca_file = channel->ca_file,
                           .who = course->who,
                           .connect_ms = CONNECT_MS,
                           .total_ms = attempt_ms(course)};

    Rc rc = notify_outside.post(&request, &reply, err);
    course->may_pass =
        reply.trouble == HTTP_ABSENT || reply.trouble == HTTP_SLOW || reply.trouble == HTTP_BROKEN;
    TRY(rc);
    return reply.status >= 200 && reply.status < 300 ? RC_OK : fail_status(course, &reply, err);
}

/* ---- a mail ---------------------------------------------------------------------------------- */

static Rc fail_refusal(Course *course, const HttpReply *reply, Err *err)
{
    AUTO(buf_done) Buf words = BUF(4096);

    course->may_pass = reply->status < 500;
    term_put_safe(&words, reply->refusal, strlen(reply->refusal), true);
    (void)FAIL(err, RC_CONNECT, "'%s:%d' refused the mail (%s)", course->sender->channel->host,
               course->sender->channel->port,
               words.len ? buf_text(&words) : arena_printf(course->arena, "%d", reply->status));
    if (reply->status == 535 || reply->status == 530)
        return err_hint(err, "see the channel's user and password");
    return err->rc;
}

/* One recipient who is gone must not keep the others from knowing. */
static bool may_be_of_one(const Course *course, const HttpReply *reply)
{
    return course->sender->channel->to_count > 1 && !course->may_miss_some &&
           reply->status >= 550 && reply->status <= 559;
}

static Rc mail(Course *course, Err *err)
{
    const NotifyChannel *channel = course->sender->channel;
    HttpReply reply = {0};
    HttpMail letter = {.host = channel->host,
                       .port = channel->port,
                       .tls = channel->tls,
                       .user = channel->user,
                       .password = channel->user ? course->sender->secret.text : NULL,
                       .from = channel->from,
                       .to = channel->to,
                       .to_count = channel->to_count,
                       .may_miss_some = course->may_miss_some,
                       .message = {course->body, course->body_len},
                       .ca_file = channel->ca_file,
                       .who = course->who,
                       .connect_ms = CONNECT_MS,
                       .total_ms = attempt_ms(course)};

    Rc rc = notify_outside.mail(&letter, &reply, err);
    course->may_pass =
        reply.trouble == HTTP_ABSENT || reply.trouble == HTTP_SLOW || reply.trouble == HTTP_BROKEN;
    TRY(rc);
    if (reply.status < 400)
        return RC_OK;
    (void)fail_refusal(course, &reply, err);
    if (!may_be_of_one(course, &reply))
        return err->rc;
    course->may_miss_some = true;
    course->remark = arena_printf(course->arena, "not to all of them: %s", err->text);
    Rc second = mail(course, err);
    if (second != RC_OK)
        course->remark = "";
    return second;
}

/* ---- again ----------------------------------------------------------------------------------- */

static Rc attempt(Course *course, Err *err)
{
    course->asked_wait_s = -1;
    return course->sender->channel->type == NOTIFY_MAIL ? mail(course, err) : post(course, err);
}

/* How long until the next attempt: what was asked for, else the channel's wait,
 * doubled each time. */
static int64_t wait_ms(const Course *course, int64_t again)
{
    int64_t own = course->sender->channel->retry_wait_ms << (again < 10 ? again : 10);

    return course->asked_wait_s >= 0 ? course->asked_wait_s * 1000 : own;
}

static Rc send_all(Course *course, Err *err)
{
    const NotifyChannel *channel = course->sender->channel;

    for (int64_t again = 0;; again++) {
        Err why = {0};
        Rc rc = attempt(course, &why);
        if (rc == RC_OK)
            return RC_OK;
        int64_t wait = wait_ms(course, again);
        bool has_time = notify_outside.now_ms() + wait + LEAST_MS < course->end_ms;
        *err = why;
        if (rc == RC_STOPPED || !course->may_pass || again >= channel->retries)
            return rc;
        if (!has_time && course->asked_wait_s >= 0)
            return err_note(err, "it asks to wait for %ld s, and has not that long",
                            course->asked_wait_s);
        if (!has_time)
            return rc;
        log_detail("channel '%s': %s; again in %lld ms", channel->name, why.text, (long long)wait);
        TRY(notify_outside.sleep_ms((long)wait, err));
    }
}

static void make_id(char *ret_id, size_t size)
{
    unsigned char random[12] = {0};
    size_t len = 0;

    if (!os_random(random, sizeof(random)))
        (void)memcpy(random, &(int64_t){time_monotonic_ms()}, sizeof(int64_t));
    len = (size_t)snprintf(ret_id, size, "%llx.", (unsigned long long)time_now().ticks);
    for (size_t i = 0; i < sizeof(random) && len + 3 < size; i++)
        len += (size_t)snprintf(ret_id + len, size - len, "%02x", random[i]);
}

static void put_body(const NotifySender *sender, const NotifyEvent *event, Arena *arena, Buf *out)
{
    static const Format *const formats[] = {[NOTIFY_TEAMS] = &format_teams,
                                            [NOTIFY_SLACK] = &format_slack,
                                            [NOTIFY_JSON] = &format_json};
    char id[64];

    if (sender->channel->type != NOTIFY_MAIL) {
        message_put(event, formats[sender->channel->type], arena, out);
        return;
    }
    make_id(id, sizeof(id));
    letter_put(sender->channel, event, id, arena, out);
}

Rc notify_send(const NotifySender *sender, const NotifyEvent *event, Arena *arena,
               const char **ret_remark, Err *err)
{
    AUTO(buf_done) Buf body = BUF(BODY_MAX);

    put_body(sender, event, arena, &body);
    TRY(buf_check(&body, "the message", err));
    Course course = {.sender = sender,
                     .event = event,
                     .arena = arena,
                     .body = buf_text(&body),
                     .body_len = body.len,
                     .end_ms = notify_outside.now_ms() + sender->channel->timeout_ms,
                     .who = arena_printf(arena, "channel '%s'", sender->channel->name),
                     .remark = ""};
    TRY(send_all(&course, err));
    *ret_remark = course.remark;
    return RC_OK;
}
