/* One request against a listener that answers, redirects, stays mute or is not there. */
#include "test.h"

#include "ssisminer/base/stop.h"
#include "ssisminer/base/time.h"
#include "ssisminer/http/http.h"
#include "ssisminer/http/mail.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Takes one connection, keeps what it asks, says one thing and hangs up. */
typedef struct Service {
    int fd, port;
    const char *answer; // NULL: says nothing, until the caller goes
    size_t len;
    bool is_asked, speaks_first;
    char asked[8192];
    pthread_t thread;
} Service;

static size_t body_len(const char *head)
{
    const char *at = strcasestr(head, "content-length:");

    return at ? (size_t)strtoul(at + 15, NULL, 10) : 0;
}

static void read_request(Service *service, int fd)
{
    size_t len = 0;

    for (;;) {
        const char *end = strstr(service->asked, "\r\n\r\n");
        if (end && len >= (size_t)(end + 4 - service->asked) + body_len(service->asked))
            return;
        ssize_t got = read(fd, service->asked + len, sizeof(service->asked) - 1 - len);
        if (got <= 0)
            return;
        len += (size_t)got;
    }
}

static void *serve(void *context)
{
    Service *service = context;
    char more;

    int fd = accept(service->fd, NULL, NULL);
    if (fd < 0)
        return NULL;
    service->is_asked = true;
    if (!service->speaks_first)
        read_request(service, fd);
    if (!service->answer)
        (void)!read(fd, &more, 1);
    else
        (void)!send(fd, service->answer, service->len, MSG_NOSIGNAL);
    (void)shutdown(fd, SHUT_WR);
    (void)!read(fd, &more, 1);
    (void)close(fd);
    return NULL;
}

static void start(Service *service, const char *answer, size_t len)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);

    *service = (Service){.fd = socket(AF_INET, SOCK_STREAM, 0), .answer = answer, .len = len};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(service->fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(service->fd, 4), 0);
    assert_int_equal(getsockname(service->fd, (struct sockaddr *)&address, &size), 0);
    service->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&service->thread, NULL, serve, service), 0);
}

static void end(Service *service)
{
    (void)shutdown(service->fd, SHUT_RDWR);
    (void)pthread_join(service->thread, NULL);
    (void)close(service->fd);
}

static char url[128];

static HttpRequest request_of(const Service *service)
{
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/token?resource=secret-query",
                   service->port);
    return (HttpRequest){.url = url, .is_metadata = true, .connect_ms = 60000, .total_ms = 60000};
}

/* One request to a service that says `answer`. */
static Rc ask(const char *answer, size_t len, HttpReply *ret_reply, Err *err)
{
    Service service;

    start(&service, answer, len);
    HttpRequest request = request_of(&service);
    Rc rc = http_send(&request, ret_reply, err);
    end(&service);
    return rc;
}

#define ANSWER(text) text, sizeof(text) - 1

static void test_http__a_form_goes_out_and_an_answer_comes_back(void **state)
{
    AUTO(http_reply_done) HttpReply reply = {0};
    Service service;
    Err err = {0};

    (void)state;
    start(&service,
          ANSWER("HTTP/1.1 401 Unauthorized\r\nwww-authenticate:  Basic realm=/a b.key \r\n"
                 "Retry-After: 7\r\nContent-Length: 5\r\n\r\nhello"));
    HttpRequest request = request_of(&service);
    request.headers[0] = "Metadata: true";
    request.headers[1] = "X-IDENTITY-HEADER: one";
    request.form = "a=b&c=d";
    assert_int_equal(http_send(&request, &reply, &err), RC_OK);
    end(&service);
    assert_int_equal(reply.status, 401);
    assert_string_equal(reply.body.text, "hello");
    assert_string_equal(reply.challenge, "Basic realm=/a b.key");
    assert_int_equal(reply.retry_after_s, 7);
    assert_contains(service.asked, "POST /token?resource=secret-query HTTP/1.1\r\n");
    assert_contains(service.asked, "\r\nMetadata: true\r\n");
    assert_contains(service.asked, "\r\nX-IDENTITY-HEADER: one\r\n");
    assert_contains(service.asked, "Content-Type: application/x-www-form-urlencoded\r\n");
    assert_contains(service.asked, "\r\n\r\na=b&c=d");
    assert_contains(service.asked, "User-Agent: ssisminer/");
}

static void test_http__without_a_form_it_is_a_get(void **state)
{
    AUTO(http_reply_done) HttpReply reply = {0};
    Service service;
    Err err = {0};

    (void)state;
    start(&service, ANSWER("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    HttpRequest request = request_of(&service);
    assert_int_equal(http_send(&request, &reply, &err), RC_OK);
    end(&service);
    assert_contains(service.asked, "GET /token?resource=secret-query HTTP/1.1\r\n");
    assert_int_equal(reply.retry_after_s, -1);
    assert_int_equal(reply.body.len, 0);
}

static void test_http__a_redirect_is_an_answer(void **state)
{
    AUTO(http_reply_done) HttpReply reply = {0};
    Service trap;
    char answer[256];
    Err err = {0};

    (void)state;
    start(&trap, ANSWER("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    int len = snprintf(answer, sizeof(answer),
                       "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\n"
                       "Content-Length: 0\r\n\r\n",
                       trap.port);
    assert_int_equal(ask(answer, (size_t)len, &reply, &err), RC_OK);
    end(&trap);
    assert_int_equal(reply.status, 302);
    assert_false(trap.is_asked);
}

static void test_http__more_than_64_KiB_are_refused_with_and_without_a_length(void **state)
{
    static char answer[200000];
    static const char *const heads[] = {"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
                                        "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nA: "};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        AUTO(http_reply_done) HttpReply reply = {0};
        Err err = {0};
        (void)memset(answer, 'x', sizeof(answer));
        (void)memcpy(answer, heads[i], strlen(heads[i]));
        for (size_t at = strlen(heads[i]) + 1000; i == 2 && at + 6 < sizeof(answer); at += 1000)
            (void)memcpy(answer + at, "\r\nA: x", 6);
        assert_int_equal(ask(answer, sizeof(answer), &reply, &err), RC_CONNECT);
        assert_int_equal(reply.trouble, HTTP_TOO_LARGE);
        assert_contains(err.text, "answered more than 64 KiB");
        assert_null(reply.body.text);
    }
}

static void test_http__what_is_no_http_is_told(void **state)
{
    static const struct {
        const char *answer;
        HttpTrouble trouble;
    } cases[] = {
        {"", HTTP_BROKEN},
        {"\x12\x01 garbage that is no HTTP at all\r\n\r\n", HTTP_BROKEN},
        {"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\ncut", HTTP_BROKEN},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(http_reply_done) HttpReply reply = {0};
        Err err = {0};
        assert_int_equal(ask(cases[i].answer, strlen(cases[i].answer), &reply, &err), RC_CONNECT);
        assert_int_equal(reply.trouble, cases[i].trouble);
        assert_contains(err.text, "'http://127.0.0.1:");
        assert_lacks(err.text, "secret-query");
    }
}

static void test_http__a_mute_service_is_left_in_time(void **state)
{
    AUTO(http_reply_done) HttpReply reply = {0};
    Service service;
    Err err = {0};
    int64_t start_ms = time_monotonic_ms();

    (void)state;
    start(&service, NULL, 0);
    HttpRequest request = request_of(&service);
    request.total_ms = 300;
    assert_int_equal(http_send(&request, &reply, &err), RC_CONNECT);
    assert_int_equal(reply.trouble, HTTP_SLOW);
    assert_in_range(time_monotonic_ms() - start_ms, 250, 30000);
    end(&service);
}

static void test_http__nobody_there_is_told_apart(void **state)
{
    AUTO(http_reply_done) HttpReply reply = {0};
    Service service;
    Err err = {0};

    (void)state;
    start(&service, NULL, 0);
    HttpRequest request = request_of(&service);
    end(&service);
    assert_int_equal(http_send(&request, &reply, &err), RC_CONNECT);
    assert_int_equal(reply.trouble, HTTP_ABSENT);
}

static void *stop_soon(void *context)
{
    (void)context;
    (void)usleep(200000);
    stop_request(SIGTERM);
    return NULL;
}

static void test_http__a_stop_ends_the_wait(void **state)
{
    AUTO(http_reply_done) HttpReply reply = {0};
    Service service;
    pthread_t stopper;
    Err err = {0};
    int64_t start_ms = time_monotonic_ms();

    (void)state;
    stop_install();
    start(&service, NULL, 0);
    HttpRequest request = request_of(&service);
    request.total_ms = 300000;
    assert_int_equal(pthread_create(&stopper, NULL, stop_soon, NULL), 0);
    assert_int_equal(http_send(&request, &reply, &err), RC_STOPPED);
    assert_in_range(time_monotonic_ms() - start_ms, 0, 60000);
    (void)pthread_join(stopper, NULL);
    end(&service);
    stop_reset();
}

static void test_http__only_metadata_of_this_machine_goes_without_tls(void **state)
{
    static const struct {
        const char *url;
        bool is_metadata;
        const char *why;
    } cases[] = {
        {"http://127.0.0.1:1/x", false, "only this machine"},
        {"http://example.com/x", true, "only this machine"},
        {"http://127.0.0.1.example.com/x", true, "only this machine"},
        {"http://169.253.1.1/x", true, "only this machine"},
        {"http://[::2]/x", true, "only this machine"},
        {"http://127.0.0.1@example.com/x", true, "it is no URL"},
        {"https://user:pw@example.com/x", false, "it is no URL"},
        {"ftp://127.0.0.1/x", true, "must begin with https://"},
        {"file:///etc/passwd", true, "must begin with https://"},
        {"", true, "it is no URL"},
        {"http://", true, "it is no URL"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(http_reply_done) HttpReply reply = {0};
        Err err = {0};
        HttpRequest request = {.url = cases[i].url,
                               .is_metadata = cases[i].is_metadata,
                               .connect_ms = 500,
                               .total_ms = 500};
        assert_int_equal(http_send(&request, &reply, &err), RC_USAGE);
        assert_contains(err.text, cases[i].why);
    }
    static const char *const fine[] = {"http://127.9.9.9:1/x", "http://localhost:1/x",
                                       "http://[::1]:1/x", "http://2130706433:1/x"};
    for (size_t i = 0; i < ARRAY_LEN(fine); i++) {
        AUTO(http_reply_done) HttpReply reply = {0};
        Err err = {0};
        HttpRequest request = {
            .url = fine[i], .is_metadata = true, .connect_ms = 500, .total_ms = 500};
        assert_int_equal(http_send(&request, &reply, &err), RC_CONNECT);
        assert_int_equal(reply.trouble, HTTP_ABSENT);
    }
}

static void test_http__metadata_passes_no_proxy(void **state)
{
    static const char *const variables[] = {"http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"};
    AUTO(http_reply_done) HttpReply reply = {0};
    char proxy[64];
    Service trap;
    Err err = {0};

    (void)state;
    start(&trap, ANSWER("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    (void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", trap.port);
    for (size_t i = 0; i < ARRAY_LEN(variables); i++)
        assert_int_equal(setenv(variables[i], proxy, 1), 0);
    assert_int_equal(ask(ANSWER("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), &reply, &err),
                     RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(variables); i++)
        assert_int_equal(unsetenv(variables[i]), 0);
    end(&trap);
    assert_false(trap.is_asked);
    assert_string_equal(reply.body.text, "hi");
}

/* Where a proxy is set, a name out there is asked for through it. */
static void test_http__the_users_proxy_is_for_the_rest(void **state)
{
    AUTO(http_reply_done) HttpReply reply = {0};
    char proxy[64];
    Service service;
    Err err = {0};

    (void)state;
    start(&service, ANSWER("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
    (void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", service.port);
    assert_int_equal(setenv("https_proxy", proxy, 1), 0);
    HttpRequest request = {
        .url = "https://login.example/t/oauth2", .connect_ms = 2000, .total_ms = 2000};
    assert_int_equal(http_send(&request, &reply, &err), RC_CONNECT);
    assert_int_equal(unsetenv("https_proxy"), 0);
    end(&service);
    assert_contains(service.asked, "CONNECT login.example:443 HTTP/1.1\r\n");
    assert_contains(err.text, "403");
    assert_contains(err.hint, "what no_proxy names is asked without it");
}

/* Of an address that is none libcurl would show all, with the password that is in it. */
static void test_http__a_proxys_password_is_not_shown(void **state)
{
    static const struct {
        const char *proxy, *words;
    } cases[] = {
        {"http://user:s3cret-word@[bad", "proxy"},
        {"user:s3cret-word@localhost:bad", "proxy"},
        {"socks9://user:s3cret-word@localhost", ""},
        {"http://user:s3cret-word@127.0.0.1:1", "127.0.0.1 port 1"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(http_reply_done) HttpReply reply = {0};
        Err err = {0};
        assert_int_equal(setenv("https_proxy", cases[i].proxy, 1), 0);
        HttpRequest request = {
            .url = "https://login.example/t/oauth2", .connect_ms = 2000, .total_ms = 2000};
        assert_int_equal(http_send(&request, &reply, &err), RC_CONNECT);
        assert_int_equal(unsetenv("https_proxy"), 0);
        assert_lacks(err.text, "s3cret");
        assert_contains(err.text, cases[i].words);
        assert_contains(err.hint, "https_proxy");
    }
}

static void test_http__values_are_escaped(void **state)
{
    AUTO(secret_done) Secret out = {0};

    (void)state;
    secret_init(&out, 200);
    http_put_escaped(&out, "aZ09-._~ https://x/?a=b&c+\xC3\xA9%\n");
    assert_string_equal(out.text, "aZ09-._~%20https%3A%2F%2Fx%2F%3Fa%3Db%26c%2B%C3%A9%25%0A");
}

/* ---- webhooks and mail ----------------------------------------------------------------------- */

static void test_http__a_webhooks_path_is_a_secret(void **state)
{
    AUTO(http_reply_done) HttpReply reply = {0};
    Service service;
    Err err = {0};

    (void)state;
    start(&service, ANSWER(""));
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/s3cret?sig=s3cret", service.port);
    HttpRequest request = {
        .url = url, .is_webhook = true, .form = "{}", .connect_ms = 2000, .total_ms = 2000};
    assert_int_equal(http_send(&request, &reply, &err), RC_CONNECT);
    end(&service);
    assert_contains(service.asked, "POST /s3cret?sig=s3cret HTTP/1.1\r\n");
    assert_contains(err.text, "'http://127.0.0.1:");
    assert_lacks(err.text, "s3cret");
    assert_lacks(err.hint, "s3cret");
}

static void test_http__a_webhook_on_this_machine_passes_no_proxy(void **state)
{
    AUTO(http_reply_done) HttpReply reply = {0};
    Service service, trap;
    char proxy[64];
    Err err = {0};

    (void)state;
    start(&trap, ANSWER("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    start(&service, ANSWER("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"));
    (void)snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", trap.port);
    (void)snprintf(url, sizeof(url), "http://localhost:%d/x", service.port);
    assert_int_equal(setenv("http_proxy", proxy, 1), 0);
    HttpRequest request = {.url = url,
                           .is_webhook = true,
                           .headers = {"Content-Type: application/json"},
                           .form = "{\"a\":1}",
                           .connect_ms = 2000,
                           .total_ms = 2000};
    assert_int_equal(http_send(&request, &reply, &err), RC_OK);
    assert_int_equal(unsetenv("http_proxy"), 0);
    end(&service);
    end(&trap);
    assert_int_equal(reply.status, 202);
    assert_false(trap.is_asked);
    assert_contains(service.asked, "\r\nContent-Type: application/json\r\n");
    assert_contains(service.asked, "\r\n\r\n{\"a\":1}");
}

static void test_http__a_webhook_elsewhere_takes_tls(void **state)
{
    static const char *const refused[] = {"http://example.com/x", "http://169.254.169.254/x",
                                          "http://127.0.0.1.example.com/", "smtp://127.0.0.1/",
                                          "x"};
    static const char *const fine[] = {"https://example.com/x", "http://127.0.0.1/x",
                                       "http://localhost:99/x", "http://[::1]/x"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        Err err = {0};
        assert_int_equal(http_check(&(HttpRequest){.url = refused[i], .is_webhook = true}, &err),
                         RC_USAGE);
        assert_contains(err.text, "its URL may not be used: ");
    }
    for (size_t i = 0; i < ARRAY_LEN(fine); i++) {
        Err err = {0};
        assert_int_equal(http_check(&(HttpRequest){.url = fine[i], .is_webhook = true}, &err),
                         RC_OK);
    }
}

static HttpMail letter_to(int port)
{
    static const char *to[] = {"b@example.com"};

    return (HttpMail){.host = "127.0.0.1",
                      .port = port,
                      .tls = MAIL_TLS_NONE,
                      .from = "a@example.com",
                      .to = to,
                      .to_count = 1,
                      .message = {"Subject: x\r\n\r\n.dot\r\n", 20},
                      .connect_ms = 2000,
                      .total_ms = 2000};
}

static void test_http__a_mail_servers_refusal_is_an_answer(void **state)
{
    HttpReply reply = {0};
    Service service;
    Err err = {0};

    (void)state;
    start(&service, ANSWER("421 4.7.0 too busy\r\n"));
    service.speaks_first = true;
    HttpMail mail = letter_to(service.port);
    assert_int_equal(http_mail(&mail, &reply, &err), RC_OK);
    end(&service);
    assert_int_equal(reply.status, 421);
    assert_string_equal(reply.refusal, "421 4.7.0 too busy");
}

static void test_http__mail_elsewhere_takes_tls(void **state)
{
    HttpReply reply = {0};
    HttpMail mail = letter_to(25);
    Err err = {0}, absent = {0};

    (void)state;
    mail.host = "smtp.example.com";
    assert_int_equal(http_mail(&mail, &reply, &err), RC_USAGE);
    assert_contains(err.text, "'smtp.example.com:25' cannot be given mail: without TLS");
    mail.host = "127.0.0.1";
    mail.port = 1;
    assert_int_equal(http_mail(&mail, &reply, &absent), RC_CONNECT);
    assert_int_equal(reply.trouble, HTTP_ABSENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_http__a_form_goes_out_and_an_answer_comes_back),
        cmocka_unit_test(test_http__without_a_form_it_is_a_get),
        cmocka_unit_test(test_http__a_redirect_is_an_answer),
        cmocka_unit_test(test_http__more_than_64_KiB_are_refused_with_and_without_a_length),
        cmocka_unit_test(test_http__what_is_no_http_is_told),
        cmocka_unit_test(test_http__a_mute_service_is_left_in_time),
        cmocka_unit_test(test_http__nobody_there_is_told_apart),
        cmocka_unit_test(test_http__a_stop_ends_the_wait),
        cmocka_unit_test(test_http__only_metadata_of_this_machine_goes_without_tls),
        cmocka_unit_test(test_http__metadata_passes_no_proxy),
        cmocka_unit_test(test_http__the_users_proxy_is_for_the_rest),
        cmocka_unit_test(test_http__a_proxys_password_is_not_shown),
        cmocka_unit_test(test_http__values_are_escaped),
        cmocka_unit_test(test_http__a_webhooks_path_is_a_secret),
        cmocka_unit_test(test_http__a_webhook_on_this_machine_passes_no_proxy),
        cmocka_unit_test(test_http__a_webhook_elsewhere_takes_tls),
        cmocka_unit_test(test_http__a_mail_servers_refusal_is_an_answer),
        cmocka_unit_test(test_http__mail_elsewhere_takes_tls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
