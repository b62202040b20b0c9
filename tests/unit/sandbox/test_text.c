/* Templates of planted messages, and the tables of chains themselves. */
#include "../../../src/sandbox/data/chain.h"
#include "../../../src/sandbox/data/text.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

static const char *expand(Buf *out, uint64_t item, const char *template)
{
    Maker maker;

    buf_reset(out);
    maker_init(&maker, 1, item, NULL, NULL);
    maker_put(&maker, template, out);
    return buf_text(out);
}

static void test_text__number_is_in_range_and_repeated(void **state)
{
    AUTO(buf_done) Buf out = BUF(1000);
    (void)state;

    for (uint64_t item = 0; item < 200; item++) {
        int first = 0, second = 0;
        assert_int_equal(
            sscanf(expand(&out, item, "a {limit:30-33} b {limit}"), "a %d b %d", &first, &second),
            2);
        assert_in_range(first, 30, 33);
        assert_int_equal(first, second);
    }
}

static void test_text__choice_takes_each(void **state)
{
    AUTO(buf_done) Buf out = BUF(1000);
    int seen[3] = {0};
    (void)state;

    for (uint64_t item = 0; item < 200; item++) {
        const char *text = expand(&out, item, "x{|one|{|two|three}|}y");
        seen[0] += strcmp(text, "xoney") == 0;
        seen[1] += strcmp(text, "xtwoy") == 0 || strcmp(text, "xthreey") == 0;
        seen[2] += strcmp(text, "xy") == 0;
    }
    assert_int_equal(seen[0] + seen[1] + seen[2], 200);
    assert_true(seen[0] > 20 && seen[1] > 20 && seen[2] > 20);
}

static void test_text__other_braces_stand_for_themselves(void **state)
{
    AUTO(buf_done) Buf out = BUF(1000);
    (void)state;

    assert_string_equal(expand(&out, 1, "{\"a\": { \"b\": 1 }} {4F} }{"),
                        "{\"a\": { \"b\": 1 }} {4F} }{");
    assert_int_equal(strlen(expand(&out, 1, "{{guid}}")), 38);
    assert_int_equal(buf_text(&out)[0], '{');
}

static void test_text__numbered_name_is_another_value(void **state)
{
    AUTO(buf_done) Buf out = BUF(1000);
    int differ = 0;
    (void)state;

    for (uint64_t item = 0; item < 50; item++) {
        char first[100], second[100];
        assert_int_equal(sscanf(expand(&out, item, "{guid} {guid2}"), "%99s %99s", first, second),
                         2);
        differ += strcmp(first, second) != 0;
    }
    assert_int_equal(differ, 50);
}

/* ---- the tables ------------------------------------------------------------------------------ */

static const ChainSet *const all_sets[] = {&chains_failures, &chains_operation[0],
                                           &chains_operation[1], &chains_operation[2],
                                           &chains_operation[3]};

static int decisive_count(const Chain *chain)
{
    int count = 0;

    for (size_t i = 0; i < ARRAY_LEN(chain->messages) && chain->messages[i].text; i++)
        count += (chain->messages[i].kind & (unsigned)DECISIVE) != 0;
    return count;
}

static void check_chain(const Chain *chain)
{
    bool silent = chain->class_ == CHAIN_SILENT;

    assert_int_equal(decisive_count(chain),
                     chain->class_ == CHAIN_CAUSE || chain->class_ == CHAIN_UNKNOWN ? 1 : 0);
    assert_true(silent == !chain->messages[0].text);
    if (chain->class_ == CHAIN_CAUSE)
        assert_non_null(chain->cause);
    if (chain->class_ == CHAIN_UNKNOWN || chain->class_ == CHAIN_WRAPPERS)
        assert_null(chain->cause);
    if (chain->cause)
        assert_int_equal(strspn(chain->cause, "abcdefghijklmnopqrstuvwxyz0123456789-"),
                         strlen(chain->cause));
}

static void test_text__each_chain_is_consistent(void **state)
{
    (void)state;

    for (size_t s = 0; s < ARRAY_LEN(all_sets); s++)
        for (size_t i = 0; i < all_sets[s]->count; i++)
            check_chain(&all_sets[s]->chains[i]);
}

static void check_captures(const Chain *chain, Maker *maker, const char *text)
{
    Str names = str_of(chain->captures), name;

    while (chain->captures && str_split(&names, ' ', &name))
        if (!strstr(text, maker_value(maker, name)))
            fail_msg("'%.*s' of %s is not in: %.300s", STR_FMT(name), chain->cause, text);
}

static void expand_chain(const Chain *chain, uint64_t item, Buf *out)
{
    Maker maker;

    maker_init(&maker, 5, item, NULL, NULL);
    for (size_t i = 0; i < ARRAY_LEN(chain->messages) && chain->messages[i].text; i++) {
        buf_reset(out);
        maker_put(&maker, chain->messages[i].text, out);
        assert_false(out->over);
        if (strstr(buf_text(out), "{|") || strstr(buf_text(out), "{guid") ||
            strstr(buf_text(out), "?}"))
            fail_msg("left in the text: %.300s", buf_text(out));
        for (size_t made = 0; made < maker.made_count; made++)
            if (maker.made[made].value[0] == '?')
                fail_msg("nothing makes {%s}: %.300s", maker.made[made].name, buf_text(out));
        if (chain->messages[i].kind & (unsigned)DECISIVE)
            check_captures(chain, &maker, buf_text(out));
    }
}

static void test_text__each_chain_expands_whole(void **state)
{
    AUTO(buf_done) Buf out = BUF(4 * 1024 * 1024);
    (void)state;

    for (size_t s = 0; s < ARRAY_LEN(all_sets); s++)
        for (size_t i = 0; i < all_sets[s]->count; i++)
            for (uint64_t item = 0; item < (all_sets[s]->chains[i].weight < 0 ? 1u : 25u); item++)
                expand_chain(&all_sets[s]->chains[i], item, &out);
}

/* What a log announces of the two pages of Microsoft's that the catalog began with (sources
 * ssis-activity-faq and shir-troubleshoot of config/signatures). */
static const char *const seeds[] = {"connection-timeout",
                                    "source-unreachable",
                                    "managed-provider-missing",
                                    "connection-not-found",
                                    "executor-access-violation",
                                    "disk-full",
                                    "package-file-inaccessible",
                                    "invalid-file-name",
                                    "cannot-open-file",
                                    "ssisdb-size-quota",
                                    "request-limit",
                                    "unexpected-operation-status",
                                    "no-active-worker",
                                    "custom-setup-container",
                                    "analysis-services-mfa",
                                    "managed-identity-anonymous-logon",
                                    "odata-tls",
                                    "staging-proxy-not-loaded",
                                    "shir-offline",
                                    "shir-oledb-provider-missing",
                                    "shir-assembly-mismatch",
                                    "shir-named-pipe-proxy",
                                    "connect-by-proxy-unsupported",
                                    "shir-vcruntime-missing",
                                    "staging-read-timeout",
                                    "shir-out-of-memory",
                                    "shir-ha-certificate-chain",
                                    "shir-assembly-missing",
                                    "shir-auth-key-missing",
                                    "shir-two-stores-bridge",
                                    "shir-credential-lost",
                                    "shir-certificate-private-key",
                                    "shir-credentials-syncing",
                                    "shir-jre-not-found",
                                    "shir-host-service-unreachable",
                                    "shir-service-account-rights",
                                    "shir-service-start-failed",
                                    "shir-localhost-lookup",
                                    "shir-certificate-ksp",
                                    "shir-cloud-unreachable",
                                    "shir-node-inactive",
                                    "shir-worker-manager-dns",
                                    "shir-sql-unreachable",
                                    "shir-connection-reset",
                                    "shir-tls-trust"};

static bool is_planted(const char *cause)
{
    for (size_t s = 0; s < ARRAY_LEN(all_sets); s++)
        for (size_t i = 0; i < all_sets[s]->count; i++)
            if (str_same(all_sets[s]->chains[i].cause, cause))
                return true;
    return false;
}

static void test_text__every_seed_is_planted(void **state)
{
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(seeds); i++)
        if (!is_planted(seeds[i]))
            fail_msg("no chain plants '%s'", seeds[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text__number_is_in_range_and_repeated),
        cmocka_unit_test(test_text__choice_takes_each),
        cmocka_unit_test(test_text__other_braces_stand_for_themselves),
        cmocka_unit_test(test_text__numbered_name_is_another_value),
        cmocka_unit_test(test_text__each_chain_is_consistent),
        cmocka_unit_test(test_text__each_chain_expands_whole),
        cmocka_unit_test(test_text__every_seed_is_planted),
    };

    return cmocka_run_group_tests_name("sandbox/text", tests, NULL, NULL);
}
