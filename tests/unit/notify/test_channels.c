/* `notify:` in the configuration: what is taken, what is refused and where, and secrets. */
#include "test.h"

#include "../conf/load.h"

#include "ssisminer/notify/notify.h"

#include <unistd.h>

#define CONF AUTO(load_free) Conf *conf

static Conf *with_file(const char *text)
{
    return load(arena_printf(&load_arena, "report --config %s", load_put("c.yaml", text)));
}

static Rc read_all(const Conf *conf, NotifyChannel **channels, size_t *count, Err *err)
{
    return notify_channels(conf, &load_arena, channels, count, err);
}

static void test_channels__every_key(void **state)
{
    NotifyChannel *channels = NULL;
    size_t count = 0;
    Err err = {0};

    (void)state;
    CONF = with_file(
        "notify:\n"
        "  - {name: Ops-1, type: teams, url_file: /etc/u, when: critical, ca_file: ca.pem,\n"
        "     timeout: 5s, retry: 0, retry_wait: 1ms}\n"
        "  - {type: slack, name: chat, url_env: HOOK}\n"
        "  - name: dba\n    type: mail\n    server: \"[::1]:26\"\n    tls: none\n"
        "    from: a+b@example.com\n    to:\n      - c@example.com\n"
        "      - d@example.com\n    user: me\n    password_file: /etc/p\n"
        "  - {name: m, type: mail, server: smtp.example.com, from: a@b, to: c@d}\n"
        "  - {name: w, type: mail, server: s, tls: tls, from: a@b, to: c@d}\n");
    assert_int_equal(read_all(conf, &channels, &count, &err), RC_OK);
    assert_int_equal(count, 5);
    assert_string_equal(channels[0].name, "Ops-1");
    assert_int_equal(channels[0].type, NOTIFY_TEAMS);
    assert_string_equal(channels[0].when, "critical");
    assert_string_equal(channels[0].secret_file, "/etc/u");
    assert_string_equal(channels[0].ca_file, "ca.pem");
    assert_int_equal(channels[0].timeout_ms, 5000);
    assert_int_equal(channels[0].retries, 0);
    assert_int_equal(channels[0].retry_wait_ms, 1);
    assert_string_equal(channels[1].when, "any");
    assert_string_equal(channels[1].secret_env, "HOOK");
    assert_int_equal(channels[1].timeout_ms, 60000);
    assert_int_equal(channels[1].retries, 3);
    assert_string_equal(channels[2].host, "[::1]");
    assert_int_equal(channels[2].port, 26);
    assert_int_equal(channels[2].to_count, 2);
    assert_string_equal(channels[2].to[1], "d@example.com");
    assert_string_equal(channels[3].host, "smtp.example.com");
    assert_int_equal(channels[3].port, 587);
    assert_int_equal(channels[3].tls, MAIL_TLS_START);
    assert_int_equal(channels[4].port, 465);
}

static void test_channels__none(void **state)
{
    static const char *const texts[] = {"", "notify:\n", "notify: []\n", "output: {quiet: yes}\n"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        NotifyChannel *channels = NULL;
        size_t count = 7;
        Err err = {0};
        CONF = with_file(texts[i]);
        assert_int_equal(read_all(conf, &channels, &count, &err), RC_OK);
        assert_int_equal(count, 0);
    }
}

static void test_channels__slips_are_told_with_their_place(void **state)
{
    static const struct {
        const char *text, *error, *hint;
    } cases[] = {
        {"notify: ops\n", "1:9: 'notify' is a list of channels", "- name: ops"},
        {"notify:\n  - ops\n", "2:5: notify: a channel has keys", ""},
        {"notify:\n  - {type: teams}\n", "2:5: notify: a channel has a name", ""},
        {"notify:\n  - {name: ops}\n", "2:5: notify: a channel has a type", ""},
        {"notify:\n  - {name: a b, type: json}\n", "notify: name: wants one word", ""},
        {"notify:\n  - {name: all, type: json}\n", "notify: name: wants one word", ""},
        {"notify:\n  - {name: ../x, type: json}\n", "notify: name: wants one word", ""},
        {"notify:\n  - {name: a, type: pager}\n",
         "2:21: notify: type: 'pager' is none of teams|slack|json|mail", ""},
        {"notify:\n  - {name: a, type: json, when: sometimes}\n",
         "'sometimes' is none of any|new|warning|error|critical|always", ""},
        {"notify:\n  - {name: a, type: json, url: https://x/secret}\n",
         "2:27: notify: unknown key 'url'", "a webhook's URL is a secret"},
        {"notify:\n  - {name: a, type: mail, password: x}\n", "unknown key 'password'",
         "use password_file"},
        {"notify:\n  - {name: a, type: json, url_fil: x}\n", "unknown key 'url_fil'",
         "did you mean url_file?"},
        {"notify:\n  - {name: a, type: json, to: a@b}\n",
         "to means nothing to a channel of type json", ""},
        {"notify:\n  - {name: a, type: mail, url_file: x}\n",
         "url_file means nothing to a channel of type mail", ""},
        {"notify:\n  - {name: a, type: json, url_file: x, url_env: Y}\n", "name one", ""},
        {"notify:\n  - {name: a, type: json, url_file: }\n", "url_file: wants a text", ""},
        {"notify:\n  - {name: a, type: json, timeout: 5}\n", "notify: timeout: ", ""},
        {"notify:\n  - {name: a, type: json, timeout: 1h}\n", "is not from 1000 ms to 600 s", ""},
        {"notify:\n  - {name: a, type: json, retry: 11}\n", "wants a number from 0 to 10", ""},
        {"notify:\n  - {name: a, type: mail, from: a@b, to: c@d}\n", "channel 'a' lacks 'server'",
         ""},
        {"notify:\n  - {name: a, type: mail, server: s, to: c@d}\n", "channel 'a' lacks 'from'",
         ""},
        {"notify:\n  - {name: a, type: mail, server: s, from: a@b}\n", "channel 'a' lacks 'to'",
         ""},
        {"notify:\n  - {name: a, type: mail, server: s, from: a@b, to: []}\n",
         "wants 1 to 100 addresses", ""},
        {"notify:\n  - {name: a, type: mail, server: s, from: A <a@b>, to: c@d}\n",
         "'A <a@b>' is no mail address", "name@domain alone"},
        {"notify:\n  - {name: a, type: mail, server: s, from: a@b, to: \"c@d\\r\\nBcc: e@f\"}\n",
         "is no mail address", ""},
        {"notify:\n  - {name: a, type: mail, server: s, from: a@b, to: \"c@d@e\"}\n",
         "is no mail address", ""},
        {"notify:\n  - {name: a, type: mail, server: \"s:x\", from: a@b, to: c@d}\n",
         "server: wants host or host:port", ""},
        {"notify:\n  - {name: a, type: mail, server: \"s:70000\", from: a@b, to: c@d}\n",
         "server: wants host or host:port", ""},
        {"notify:\n  - {name: a, type: mail, server: \"s/../x\", from: a@b, to: c@d}\n",
         "server: wants host or host:port", ""},
        {"notify:\n  - {name: a, type: mail, server: s, from: a@b, to: c@d, password_file: p}\n",
         "channel 'a' lacks 'user'", ""},
        {"notify:\n  - {name: a, type: json, url_file: x}\n  - {name: A, type: json, url_file: "
         "y}\n",
         "3:5: notify: two channels have the name 'a'", ""},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        NotifyChannel *channels = NULL;
        size_t count = 0;
        Err err = {0};
        CONF = with_file(cases[i].text);
        if (read_all(conf, &channels, &count, &err) != RC_USAGE)
            fail_msg("taken: %s", cases[i].text);
        assert_contains(err.text, cases[i].error);
        assert_contains(err.hint, cases[i].hint);
        assert_lacks(err.text, "https://x/secret");
        assert_lacks(err.hint, "https://x/secret");
        assert_int_equal(count, 0);
    }
}

static void test_channels__a_name_is_found_in_either_case(void **state)
{
    const NotifyChannel channels[] = {{.name = "ops"}, {.name = "Night"}};
    const NotifyChannel *found = NULL;
    Err err = {0}, none = {0}, far = {0};

    (void)state;
    assert_int_equal(notify_find(channels, 2, "NIGHT", &found, &err), RC_OK);
    assert_string_equal(found->name, "Night");
    assert_fails(notify_find(channels, 2, "opps", &found, &err), RC_USAGE, &err,
                 "no channel is called 'opps'");
    assert_string_equal(err.hint, "did you mean ops?");
    assert_int_equal(notify_find(channels, 2, "somebody", &found, &far), RC_USAGE);
    assert_contains(far.hint, "lists the channels");
    assert_int_equal(notify_find(NULL, 0, "ops", &found, &none), RC_USAGE);
    assert_contains(none.hint, "the configuration has none");
}

/* ---- secrets --------------------------------------------------------------------------------- */

static NotifyChannel hook(const char *file, const char *variable)
{
    return (NotifyChannel){.name = "ops",
                           .origin = "c.yaml:2",
                           .type = NOTIFY_JSON,
                           .secret_file = file,
                           .secret_env = variable};
}

static void opens(Conf *conf, const NotifyChannel *channel, const char *secret)
{
    AUTO(notify_close) NotifySender sender = {0};
    Err err = {0};

    if (notify_open(conf, channel, &sender, &err) != RC_OK)
        fail_msg("%s", err.text);
    assert_string_equal(sender.secret.text, secret);
}

static void fails(Conf *conf, const NotifyChannel *channel, const char *why)
{
    AUTO(notify_close) NotifySender sender = {0};
    Err err = {0};

    assert_int_equal(notify_open(conf, channel, &sender, &err), RC_USAGE);
    assert_contains(err.text, "channel 'ops': ");
    assert_contains(err.text, why);
    assert_lacks(err.text, "s3cret");
    assert_lacks(err.hint, "s3cret");
}

static void test_channels__a_secret_comes_from_a_file(void **state)
{
    static const char *const texts[] = {
        "https://h/s3cret\n", "\xEF\xBB\xBFhttps://h/s3cret\r\nmore", "  https://h/s3cret  "};

    (void)state;
    CONF = with_file("");
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const NotifyChannel channel = hook(load_put("url", texts[i]), NULL);
        opens(conf, &channel, "https://h/s3cret");
    }
}

static void test_channels__a_secret_is_taken_out_of_the_environment(void **state)
{
    const NotifyChannel channel = hook(NULL, "MY_HOOK");

    (void)state;
    CONF = with_file("");
    (void)setenv("MY_HOOK", "https://h/s3cret", 1);
    const char *value = getenv("MY_HOOK");
    opens(conf, &channel, "https://h/s3cret");
    assert_null(getenv("MY_HOOK"));
    assert_int_equal(value[0], '\0');
    fails(conf, &channel, "variable MY_HOOK is not set");
}

static void test_channels__a_secret_comes_from_systemd(void **state)
{
    const NotifyChannel channel = hook(NULL, NULL);

    (void)state;
    CONF = with_file("");
    fails(conf, &channel, "it names no place of its url");
    (void)load_put("credentials/ssisminer-notify-ops", "https://h/s3cret");
    (void)setenv("CREDENTIALS_DIRECTORY", arena_printf(&load_arena, "%s/credentials", load_home),
                 1);
    opens(conf, &channel, "https://h/s3cret");
    (void)unsetenv("CREDENTIALS_DIRECTORY");
}

static void test_channels__what_cannot_be_used_is_told_at_once(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "is empty"},
        {"\nhttps://h/s3cret", "is empty"},
        {"s3cret", "it is none; one begins with https://"},
        {"http://example.com/s3cret", "without TLS only this machine"},
        {"http://169.254.1.1/s3cret", "without TLS only this machine"},
        {"ftp://h/s3cret", "it must begin with https://"},
        {"https://user:pw@h/s3cret", "it is none; one begins with https://"},
        {"https://h h/s3cret", "it is none; one begins with https://"},
    };
    char *longer = arena_alloc(&load_arena, 9001);

    (void)state;
    CONF = with_file("");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const NotifyChannel channel = hook(load_put("url", cases[i].text), NULL);
        fails(conf, &channel, cases[i].why);
    }
    (void)memset(longer, 'x', 9000);
    const NotifyChannel too_long = hook(load_put("url", longer), NULL);
    fails(conf, &too_long, "is longer than 8192 bytes");
    const NotifyChannel missing = hook("/no/such/file", NULL);
    fails(conf, &missing, "cannot read '/no/such/file': No such file");
    NotifyChannel no_store = hook(load_put("url", "https://h/s3cret"), NULL);
    no_store.ca_file = "/no/such/ca.pem";
    fails(conf, &no_store, "cannot read '/no/such/ca.pem'");
    const NotifyChannel plain = {.name = "ops",
                                 .type = NOTIFY_MAIL,
                                 .host = "smtp.example.com",
                                 .port = 25,
                                 .tls = MAIL_TLS_NONE};
    fails(conf, &plain, "without TLS only this machine may get it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_channels__every_key),
        cmocka_unit_test(test_channels__none),
        cmocka_unit_test(test_channels__slips_are_told_with_their_place),
        cmocka_unit_test(test_channels__a_name_is_found_in_either_case),
        cmocka_unit_test(test_channels__a_secret_comes_from_a_file),
        cmocka_unit_test(test_channels__a_secret_is_taken_out_of_the_environment),
        cmocka_unit_test(test_channels__a_secret_comes_from_systemd),
        cmocka_unit_test(test_channels__what_cannot_be_used_is_told_at_once),
    };

    return cmocka_run_group_tests_name("notify/channels", tests, load_set_up, load_tear_down);
}
