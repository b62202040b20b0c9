/* Sending, over a script of what the other side says: what is tried again, when, and
 * for how long. */
#include "test.h"

#include "../../../src/notify/internal.h"

#include "ssisminer/base/str.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct Said {
    int status; // 0: trouble instead
    HttpTrouble trouble;
    long retry_after_s;
    long takes_ms;
    const char *words;
} Said;

static struct {
    const Said *said;
    size_t count, asked;
    int64_t now_ms;
    long waits[16], total_ms[16];
    bool missed_some[16];
    size_t wait_count;
    bool is_stopped; // at the first wait
    char url[64], content[64];
} script;

static Arena arena;

static const Said *next_said(long total_ms)
{
    const Said *said = &script.said[script.asked < script.count ? script.asked : script.count - 1];

    script.total_ms[script.asked < 16 ? script.asked : 15] = total_ms;
    script.asked++;
    script.now_ms += said->takes_ms;
    return said;
}

static Rc outcome(const Said *said, Err *err)
{
    return said->trouble == HTTP_FINE ? RC_OK : FAIL(err, RC_CONNECT, "trouble");
}

static Rc post(const HttpRequest *request, HttpReply *ret_reply, Err *err)
{
    const Said *said = next_said(request->total_ms);

    (void)snprintf(script.url, sizeof(script.url), "%s", request->url);
    (void)snprintf(script.content, sizeof(script.content), "%s", request->headers[0]);
    assert_true(request->is_webhook && !request->is_metadata && request->form);
    *ret_reply = (HttpReply){.trouble = said->trouble,
                             .status = said->status,
                             .retry_after_s = said->retry_after_s ? said->retry_after_s : -1};
    secret_init(&ret_reply->body, 256);
    secret_puts(&ret_reply->body, said->words ? said->words : "");
    return outcome(said, err);
}

static Rc mail(const HttpMail *letter, HttpReply *ret_reply, Err *err)
{
    size_t at = script.asked < 16 ? script.asked : 15;
    const Said *said = next_said(letter->total_ms);

    script.missed_some[at] = letter->may_miss_some;
    *ret_reply = (HttpReply){.trouble = said->trouble, .status = said->status};
    (void)snprintf(ret_reply->refusal, sizeof(ret_reply->refusal), "%s",
                   said->words ? said->words : "");
    return outcome(said, err);
}

static Rc sleep_ms(long ms, Err *err)
{
    if (script.is_stopped)
        return FAIL(err, RC_STOPPED, "stopped by SIGTERM");
    script.waits[script.wait_count++] = ms;
    script.now_ms += ms;
    return RC_OK;
}

static int64_t now_ms(void)
{
    return script.now_ms;
}

static int set_up(void **state)
{
    (void)state;
    notify_outside = (NotifyOutside){post, mail, sleep_ms, now_ms};
    (void)memset(&script, 0, sizeof(script));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_reset(&arena);
    return 0;
}

static const char *const both[] = {"a@example.com", "b@example.com"};

static NotifyChannel channel_of(NotifyType type)
{
    return (NotifyChannel){.name = "ops",
                           .type = type,
                           .when = "any",
                           .timeout_ms = 60000,
                           .retries = 3,
                           .retry_wait_ms = 2000,
                           .host = "localhost",
                           .port = 25,
                           .from = "s@example.com",
                           .to = (const char **)(uintptr_t)both,
                           .to_count = 2};
}

static const char *remark;

static Rc send_over(const NotifyChannel *channel, const Said *said, size_t count, Err *err)
{
    AUTO(notify_close) NotifySender sender = {.channel = channel};
    const NotifyEvent event = {
        .command = "report", .error = "", .hint = "", .more = "", .host = "h"};

    secret_init(&sender.secret, 64);
    secret_puts(&sender.secret, "https://h/s3cret");
    script.said = said;
    script.count = count;
    remark = "unset";
    return notify_send(&sender, &event, &arena, &remark, err);
}

#define SENDS(channel, err, ...)                                                                   \
    send_over((channel), (const Said[]){__VA_ARGS__},                                              \
              sizeof((const Said[]){__VA_ARGS__}) / sizeof(Said), (err))

static void test_send__once_is_enough(void **state)
{
    const NotifyChannel channel = channel_of(NOTIFY_SLACK);
    Err err = {0};

    (void)state;
    assert_int_equal(SENDS(&channel, &err, {.status = 202}), RC_OK);
    assert_int_equal(script.asked, 1);
    assert_int_equal(script.wait_count, 0);
    assert_string_equal(remark, "");
    assert_string_equal(script.url, "https://h/s3cret");
    assert_string_equal(script.content, "Content-Type: application/json; charset=utf-8");
}

static void test_send__what_may_pass_is_tried_again(void **state)
{
    const NotifyChannel channel = channel_of(NOTIFY_JSON);
    static const Said passing[] = {{.status = 408},          {.status = 425},
                                   {.status = 429},          {.status = 500},
                                   {.status = 503},          {.trouble = HTTP_ABSENT},
                                   {.trouble = HTTP_BROKEN}, {.trouble = HTTP_SLOW}};

    for (size_t i = 0; i < ARRAY_LEN(passing); i++) {
        Err err = {0};
        (void)set_up(state);
        assert_int_equal(SENDS(&channel, &err, passing[i], passing[i], {.status = 200}), RC_OK);
        assert_int_equal(script.asked, 3);
        assert_int_equal(script.waits[0], 2000);
        assert_int_equal(script.waits[1], 4000);
    }
}

static void test_send__what_will_not_pass_is_not(void **state)
{
    const NotifyChannel channel = channel_of(NOTIFY_TEAMS);
    static const struct {
        Said said;
        const char *text, *hint;
    } cases[] = {
        {{.status = 400, .words = "bad\x1b[31m\ncard"},
         "the webhook refused the message (400: bad\\x1B[31m card)",
         "a webhook of the channel's type"},
        {{.status = 404}, "refused the message (404)", "make a new one"},
        {{.status = 413}, "refused the message (413)", "too large"},
        {{.status = 302}, "a redirect (302), which is not followed", ""},
        {{.status = 418}, "refused the message (418)", ""},
        {{.trouble = HTTP_UNTRUSTED}, "trouble", ""},
        {{.trouble = HTTP_UNUSABLE}, "trouble", ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        Err err = {0};
        (void)set_up(state);
        assert_int_equal(SENDS(&channel, &err, cases[i].said, {.status = 200}), RC_CONNECT);
        assert_int_equal(script.asked, 1);
        assert_contains(err.text, cases[i].text);
        assert_contains(err.hint, cases[i].hint);
        assert_lacks(err.text, "s3cret");
    }
}

static void test_send__it_ends(void **state)
{
    NotifyChannel channel = channel_of(NOTIFY_JSON);
    Err err = {0};

    (void)state;
    assert_int_equal(SENDS(&channel, &err, {.status = 500}), RC_CONNECT);
    assert_int_equal(script.asked, 4);
    assert_contains(err.text, "(500)");
    (void)set_up(state);
    channel.retries = 0;
    assert_int_equal(SENDS(&channel, &err, {.status = 500}), RC_CONNECT);
    assert_int_equal(script.asked, 1);
}

/* A server that hangs has its time, and the next one what is left of it. */
static void test_send__time_is_bounded(void **state)
{
    NotifyChannel channel = channel_of(NOTIFY_JSON);
    Err err = {0};

    (void)state;
    assert_int_equal(SENDS(&channel, &err, {.trouble = HTTP_SLOW, .takes_ms = 20000}), RC_CONNECT);
    assert_int_equal(script.asked, 3);
    assert_int_equal(script.total_ms[0], 20000);
    assert_int_equal(script.total_ms[2], 60000 - 2 * 20000 - 2000 - 4000);
    assert_in_range(script.now_ms, 0, 66000);
    (void)set_up(state);
    channel.timeout_ms = 1000;
    assert_int_equal(SENDS(&channel, &err, {.trouble = HTTP_SLOW, .takes_ms = 1000}), RC_CONNECT);
    assert_int_equal(script.asked, 1);
    assert_int_equal(script.total_ms[0], 1000);
}

static void test_send__it_waits_as_long_as_it_is_asked_to(void **state)
{
    const NotifyChannel channel = channel_of(NOTIFY_SLACK);
    Err err = {0};

    (void)state;
    assert_int_equal(SENDS(&channel, &err, {.status = 429, .retry_after_s = 7}, {.status = 200}),
                     RC_OK);
    assert_int_equal(script.waits[0], 7000);
    (void)set_up(state);
    assert_int_equal(SENDS(&channel, &err, {.status = 429, .retry_after_s = 3600}, {.status = 200}),
                     RC_CONNECT);
    assert_int_equal(script.asked, 1);
    assert_int_equal(script.wait_count, 0);
    assert_contains(err.text, "it asks to wait for 3600 s, and has not that long");
}

static void test_send__a_stop_ends_it(void **state)
{
    const NotifyChannel channel = channel_of(NOTIFY_JSON);
    Err err = {0};

    (void)state;
    script.is_stopped = true;
    assert_int_equal(SENDS(&channel, &err, {.status = 500}, {.status = 200}), RC_STOPPED);
    assert_int_equal(script.asked, 1);
}

static void test_send__mail_is_tried_again_too(void **state)
{
    const NotifyChannel channel = channel_of(NOTIFY_MAIL);
    Err err = {0};

    (void)state;
    assert_int_equal(SENDS(&channel, &err, {.status = 451, .words = "451 4.3.0 later"},
                           {.trouble = HTTP_ABSENT}, {.status = 250}),
                     RC_OK);
    assert_int_equal(script.asked, 3);
    assert_false(script.missed_some[0] || script.missed_some[2]);
}

static void test_send__who_is_gone_keeps_nobody_from_knowing(void **state)
{
    NotifyChannel channel = channel_of(NOTIFY_MAIL);
    Err err = {0};

    (void)state;
    assert_int_equal(
        SENDS(&channel, &err, {.status = 550, .words = "550 5.1.1 gone"}, {.status = 250}), RC_OK);
    assert_true(!script.missed_some[0] && script.missed_some[1]);
    assert_contains(remark, "not to all of them: 'localhost:25' refused the mail (550 5.1.1 gone)");
    (void)set_up(state);
    assert_int_equal(SENDS(&channel, &err, {.status = 550}), RC_CONNECT);
    assert_int_equal(script.asked, 2);
    (void)set_up(state);
    channel.to_count = 1;
    assert_int_equal(SENDS(&channel, &err, {.status = 550}), RC_CONNECT);
    assert_int_equal(script.asked, 1);
    (void)set_up(state);
    assert_int_equal(SENDS(&channel, &err, {.status = 535, .words = "535 5.7.8 no"}), RC_CONNECT);
    assert_int_equal(script.asked, 1);
    assert_contains(err.hint, "user and password");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_send__once_is_enough, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_send__what_may_pass_is_tried_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_send__what_will_not_pass_is_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_send__it_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_send__time_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_send__it_waits_as_long_as_it_is_asked_to, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_send__a_stop_ends_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_send__mail_is_tried_again_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_send__who_is_gone_keeps_nobody_from_knowing, set_up,
                                        tear_down),
    };
    int failed = cmocka_run_group_tests_name("notify/send", tests, NULL, NULL);

    arena_done(&arena);
    return failed;
}
