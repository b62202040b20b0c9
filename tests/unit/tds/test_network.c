/* A look at the network: unknown, refused, silent, closed, not TDS. */
#include "test.h"

#include "listener.h"

#include "../../../src/tds/network.h"

#include "ssisminer/base/time.h"

#include <string.h>

static TdsNetwork look_at(Listener *listener, long budget_ms)
{
    TdsServer server = {.host = "127.0.0.1", .port = listener->port};
    TdsNetwork network;

    tds_network_look(&server, budget_ms, &network);
    return network;
}

static void test_network__unknown_host(void **state)
{
    TdsServer server = {.host = "no-such-host.invalid", .port = 1433};
    TdsNetwork network;

    (void)state;
    tds_network_look(&server, 1000, &network);
    assert_int_equal(network.reach, TDS_REACH_NO_HOST);
    assert_true(strlen(network.words) > 0);
}

static void test_network__refused(void **state)
{
    Listener listener = listener_start(NULL, 0);

    (void)state;
    listener_stop(&listener); // its port stays in the struct, and nobody listens there
    assert_int_equal(look_at(&listener, 1000).reach, TDS_REACH_REFUSED);
}

static void test_network__silent(void **state)
{
    Listener listener = listener_start(NULL, LISTENER_SILENT);
    int64_t start_ms = time_monotonic_ms();

    (void)state;
    assert_int_equal(look_at(&listener, 300).reach, TDS_REACH_SILENT);
    int64_t took_ms = time_monotonic_ms() - start_ms;
    assert_true(took_ms >= 250 && took_ms < 60000);
    listener_stop(&listener);
}

static void test_network__closed(void **state)
{
    Listener listener = listener_start("", 0);

    (void)state;
    assert_int_equal(look_at(&listener, 1000).reach, TDS_REACH_CLOSED);
    listener_stop(&listener);
}

static void test_network__not_tds(void **state)
{
    static const char *const answers[] = {"HTTP/1.1 400 Bad Request\r\n\r\n", "x",
                                          "\x04\x01\x01\x01\x01\x01\x01\x01\x01"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        Listener listener = listener_start(answers[i], strlen(answers[i]));
        assert_int_equal(look_at(&listener, 1000).reach, TDS_REACH_NOT_TDS);
        listener_stop(&listener);
    }
}

static void test_network__offers(void **state)
{
    (void)state;
    for (int offer = 0; offer <= 3; offer++) {
        char answer[32];
        size_t len = listener_prelogin(offer, answer);
        Listener listener = listener_start(answer, len);
        TdsNetwork network = look_at(&listener, 1000);
        assert_int_equal(network.reach, TDS_REACH_ANSWERS);
        assert_int_equal(network.offer, offer);
        listener_stop(&listener);
    }
}

static void test_network__an_answer_that_points_outside_itself(void **state)
{
    static const char answer[] = "\x04\x01\x00\x0E\x00\x00\x00\x00\x01\xFF\xFF\x00\x01\xFF";
    Listener listener = listener_start(answer, sizeof(answer) - 1);

    (void)state;
    assert_int_equal(look_at(&listener, 1000).reach, TDS_REACH_NOT_TDS);
    listener_stop(&listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_network__unknown_host),
        cmocka_unit_test(test_network__refused),
        cmocka_unit_test(test_network__silent),
        cmocka_unit_test(test_network__closed),
        cmocka_unit_test(test_network__not_tds),
        cmocka_unit_test(test_network__offers),
        cmocka_unit_test(test_network__an_answer_that_points_outside_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
