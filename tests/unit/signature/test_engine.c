/* Matching: conditions, order, captures, codes, hostile text. */
#include "test.h"

#include "capture.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/time.h"
#include "ssisminer/signature/signature.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENTRY(id, role, more)                                                                      \
    "- id: " id "\n  title: T\n  source: user\n  class: data\n  role: " role                       \
    "\n  severity: error\n"                                                                        \
    "  retry: safe\n  cause: C\n  actions: [A]\n  command: slow\n  examples: [x]\n" more "\n"

static SigSet *load(const char *yaml)
{
    SigSet *set = NULL;
    Err err = {0};

    if (sigset_load_text("t", str_of(yaml), &set, &err) != RC_OK)
        fail_msg("%s", err.text);
    return set;
}

/* The ids that match, best first, separated by blanks. */
static void match(const SigSet *set, const SigText *text, char *ret_ids, size_t size)
{
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(set);
    SigMatch matches[8];
    size_t count = 0, used = 0;
    Err err = {0};

    if (sig_match(set, scratch, text, matches, ARRAY_LEN(matches), &count, &err) != RC_OK)
        fail_msg("%s", err.text);
    ret_ids[0] = '\0';
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(ret_ids + used, size - used, "%s%s", i ? " " : "",
                                 matches[i].signature->id);
}

#define assert_matches(set, expected, ...)                                                         \
    do {                                                                                           \
        char ids_[512];                                                                            \
        match((set), &(SigText){__VA_ARGS__}, ids_, sizeof(ids_));                                 \
        assert_string_equal(ids_, (expected));                                                     \
    } while (0)

#define TEXT(literal) .text = {(literal), sizeof(literal) - 1}

static void test_engine__conditions(void **state)
{
    AUTO(sigset_free_at)
    SigSet *set = load(
        ENTRY("both", "cause", "  match: {any: [{text: returned status, code: 0xC02020C5}]}") ENTRY(
            "with", "cause", "  match: {any: [{code: 10054, with: ['TCP Provider', 'error: 0']}]}")
            ENTRY("with-any", "cause",
                  "  match: {any: [{text: OutOfMemoryException, with_any: [DIAHost, gateway]}]}")
                ENTRY("unless", "cause",
                      "  match: {any: [{text: 'exit code: -1', not: [staging, 2906]}]}")
                    ENTRY("task", "cause",
                          "  match: {any: [{code: 99, source_name: '*mail*', subcomponent: "
                          "'!OLE*'}]}") ENTRY("all", "cause",
                                              "  match: {any: [{text: alpha beta}, {text: gamma "
                                              "ray}], all: [{code: 77}, {text: delta}]}"));

    (void)state;
    assert_matches(set, "both", TEXT("returned status 4"), .code = -1071636283);
    assert_matches(set, "", TEXT("returned status 4"));
    assert_matches(set, "", TEXT("x"), .code = -1071636283);
    assert_matches(set, "with", TEXT("TCP Provider, error: 0 - reset, error 10054"));
    assert_matches(set, "", TEXT("TCP Provider, error 10054"));
    assert_matches(set, "with-any", TEXT("System.OutOfMemoryException in the gateway"));
    assert_matches(set, "", TEXT("System.OutOfMemoryException in the package"));
    assert_matches(set, "unless", TEXT("exit code: -1."));
    assert_matches(set, "", TEXT("Staging failed: exit code: -1."));
    assert_matches(set, "task", TEXT("error 99"), .source_name = "Send Mail", .subcomponent = "x");
    assert_matches(set, "", TEXT("error 99"), .source_name = "Send Mail", .subcomponent = "OLE DB");
    assert_matches(set, "", TEXT("error 99"), .source_name = "Load");
    assert_matches(set, "", TEXT("error 99"));
    assert_matches(set, "all", TEXT("gamma ray, delta, error 77"));
    assert_matches(set, "", TEXT("gamma ray, error 77"));
    assert_matches(set, "", TEXT("delta, error 77"));
}

static void test_engine__order(void **state)
{
    AUTO(sigset_free_at)
    SigSet *set = load(
        ENTRY("wrapper", "wrapper",
              "  match: {any: [{text: an error has occurred and the long text goes on and on}]}")
            ENTRY("symptom", "symptom", "  match: {any: [{text: error has occurred and the long}]}")
                ENTRY("short", "cause", "  match: {any: [{text: the long}]}")
                    ENTRY("longer", "cause", "  match: {any: [{text: the long text}]}")
                        ENTRY("code", "cause", "  match: {any: [{code: 208}]}")
                            ENTRY("declared", "wrapper",
                                  "  before: [middle]\n  match: {any: [{text: 'wins: '}]}")
                                ENTRY("middle", "cause",
                                      "  before: [code]\n  match: {any: [{text: never here}]}"));

    (void)state;
    assert_matches(set, "longer short symptom wrapper",
                   TEXT("an error has occurred and the long text goes on and on"));
    assert_matches(set, "code longer short", TEXT("the long text"),
                   .code = 208); // a code is specific
    assert_matches(set, "declared code longer short", TEXT("wins: the long text"),
                   .code = 208); // through `middle`
}

static void test_engine__at_and_captures(void **state)
{
    AUTO(sigset_free_at)
    SigSet *set =
        load(ENTRY("one", "cause",
                   "  match: {any: [{text: 'limit for the {kind:word} is {limit:number}'}, {text: "
                   "'the'}], all: [{text: 'in db {db:quoted}'}]}"));
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(set);
    const char *raw = "Error:\nThe  LIMIT for the\r\ndatabase is 1,200 in db &quot;My DB&quot;.";
    SigMatch found;
    size_t count = 0;
    Err err = {0};

    (void)state;
    assert_int_equal(
        sig_match(set, scratch, &(SigText){.text = str_of(raw)}, &found, 1, &count, &err), RC_OK);
    assert_int_equal(count, 1);
    assert_int_equal(found.at, 12);
    assert_int_equal(found.capture_count, 3);
    assert_string_equal(found.captures[0].name, "kind");
    assert_true(str_equal(found.captures[0].value, str_of("database")));
    assert_true(str_equal(found.captures[1].value, str_of("1,200")));
    assert_true(str_equal(found.captures[2].value, str_of("My DB")));
    assert_true(found.captures[2].value.at > raw && found.captures[2].value.at < raw + strlen(raw));
}

static void test_engine__max(void **state)
{
    AUTO(sigset_free_at)
    SigSet *set = load(ENTRY("one", "cause", "  match: {any: [{text: alpha}]}")
                           ENTRY("two", "cause", "  match: {any: [{text: alpha beta}]}"));
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(set);
    SigMatch found[2] = {{0}};
    size_t count = 0;
    Err err = {0};

    (void)state;
    assert_int_equal(
        sig_match(set, scratch, &(SigText){TEXT("alpha beta")}, found, 1, &count, &err), RC_OK);
    assert_int_equal(count, 1);
    assert_string_equal(found[0].signature->id, "two");
    assert_null(found[1].signature);
    assert_int_equal(
        sig_match(set, scratch, &(SigText){TEXT("alpha beta")}, found, 0, &count, &err), RC_OK);
    assert_int_equal(count, 0);
}

/* The pieces of the text that made it known: without what stood in the gaps, in order. */
static void test_engine__says_what_it_was_known_by(void **state)
{
    static const char text[] = "In Load: the LIMIT for\nOrders is 12, ask the gateway";
    AUTO(sigset_free_at)
    SigSet *set = load(ENTRY("one", "cause",
                             "  match: {any: [{text: 'limit for {table:word} is {n:number}', with: "
                             "ask, with_any: [agent, gateway]}]}"));
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(set);
    static const char *const pieces[] = {"LIMIT for\n", " is ", "ask", "gateway"};
    SigSpan spans[8];
    SigMatch found;
    size_t count = 0;
    Err err = {0};

    (void)state;
    assert_int_equal(sig_match(set, scratch, &(SigText){TEXT(text)}, &found, 1, &count, &err),
                     RC_OK);
    assert_int_equal(count, 1);
    assert_int_equal(sig_said(scratch, spans, ARRAY_LEN(spans)), ARRAY_LEN(pieces));
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        assert_int_equal(spans[i].end - spans[i].start, strlen(pieces[i]));
        assert_memory_equal(text + spans[i].start, pieces[i], strlen(pieces[i]));
    }
    assert_int_equal(sig_said(scratch, spans, 2), 2);
}

/* A named part that was not in the message is not told, and the others keep their names. */
static void test_engine__regex_part_not_there(void **state)
{
    AUTO(sigset_free_at)
    SigSet *set = load(ENTRY(
        "named", "cause",
        "  match: {any: [{regex: 'lost (?:(?<n>\\d+) of )?(?<all>\\d+) nodes', with: nodes}]}"));
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(set);
    SigMatch found;
    size_t count = 0;
    Err err = {0};

    (void)state;
    assert_int_equal(
        sig_match(set, scratch, &(SigText){TEXT("We lost 5 nodes")}, &found, 1, &count, &err),
        RC_OK);
    assert_int_equal(count, 1);
    assert_int_equal(found.capture_count, 1);
    assert_string_equal(found.captures[0].name, "all");
    assert_true(str_equal(found.captures[0].value, str_of("5")));
}

static void test_engine__regex(void **state)
{
    AUTO(sigset_free_at)
    SigSet *set = load(
        ENTRY("named", "cause",
              "  match: {any: [{regex: 'lost (?<n>\\d+) of (?<all>\\d+) nodes', with: nodes}]}")
            ENTRY("evil", "cause", "  match: {any: [{regex: '(a+)+$', with: zebra}]}"));
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(set);
    SigMatch found;
    size_t count = 0;
    Err err = {0};

    (void)state;
    assert_int_equal(
        sig_match(set, scratch, &(SigText){TEXT("We LOST 3 of 5 nodes")}, &found, 1, &count, &err),
        RC_OK);
    assert_int_equal(count, 1);
    assert_int_equal(found.at, 3);
    assert_int_equal(found.capture_count, 2);
    assert_true(str_equal(found.captures[1].value, str_of("5")) ||
                str_equal(found.captures[0].value, str_of("5")));
    int64_t started = time_monotonic_ms();
    const SigText hard = {TEXT("zebra aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")};
    Capture errors = capture_begin(STDERR_FILENO);
    for (int i = 0; i < 3; i++) { // no match, and one warning
        count = 7;
        Rc rc = sig_match(set, scratch, &hard, &found, 1, &count, &err);
        assert_int_equal(rc, RC_OK);
        assert_int_equal(count, 0);
    }
    char *said = capture_end(&errors);
    assert_contains(said, "signature 'evil': its expression gave up on a message of ");
    assert_contains(said, "match limit exceeded");
    assert_contains(said, "'text' with gaps");
    assert_null(strstr(strstr(said, "gave up") + 1, "gave up"));
    free(said);
    assert_true(time_monotonic_ms() - started < 60000);
}

static void test_engine__hostile_text(void **state)
{
    static const char *const bricks[] = {"The request limit for the ",
                                         "'",
                                         "error ",
                                         "Error: 4050",
                                         "\\",
                                         "&amp;",
                                         "0x",
                                         "Staging task ",
                                         " ",
                                         "\xE2\x80\xA6",
                                         "a",
                                         "Description: \"",
                                         "C:\\n",
                                         "...",
                                         "n't ",
                                         "-1",
                                         "(",
                                         "\n",
                                         "The connection 'x",
                                         "failed to acquire because "};
    AUTO(sigset_free_at) SigSet *set = NULL;
    Err err = {0};
    enum { SIZE = ROUNDS(1024, 128) * 1024 };

    (void)state;
    assert_int_equal(sigset_load(NULL, 0, &set, &err), RC_OK);
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(set);
    AUTO(buf_done) Buf text = BUF(SIZE + 64);
    for (size_t i = 0; i < ARRAY_LEN(bricks); i++) {
        SigMatch found[4];
        size_t count = 0;
        buf_reset(&text);
        while (text.len < SIZE)
            buf_puts(&text, bricks[i]);
        int64_t started = time_monotonic_ms();
        assert_int_equal(sig_match(set, scratch, &(SigText){.text = {text.text, text.len}}, found,
                                   4, &count, &err),
                         RC_OK);
        if (time_monotonic_ms() - started > 3000)
            fail_msg("a large message of <%s> took %lld ms", bricks[i],
                     (long long)(time_monotonic_ms() - started));
    }
}

/* A needle in each place of a long message, where the scan is cut in two as well. */
static void test_engine__finds_it_anywhere(void **state)
{
    AUTO(sigset_free_at)
    SigSet *set =
        load(ENTRY("needle", "cause", "  match: {any: [{text: deadlock victim chosen}]}"));
    char text[200];

    (void)state;
    for (size_t at = 0; at + 22 < sizeof(text); at++) {
        for (size_t i = 0; i < sizeof(text); i++)
            text[i] = i % 5 == 0 ? ' ' : 'd';
        memcpy(text + at, "deadlock  VICTIM chosen", 22);
        text[at + 22] = 'n';
        assert_matches(set, "needle", .text = {text, sizeof(text)});
    }
}

static void test_engine__escapes_at_the_cut(void **state)
{
    AUTO(sigset_free_at)
    SigSet *set = load(ENTRY("needle", "cause", "  match: {any: [{text: \"x 'some name' y\"}]}"));
    char text[256];

    (void)state;
    for (int before = 0; before < 120; before++) {
        (void)snprintf(text, sizeof(text), "%*s x \\n &quot;some\\r\\n name&quot;\xC2\xA0 y %*s",
                       before, "", 120 - before, "");
        assert_matches(set, "needle", .text = str_of(text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_engine__conditions),
        cmocka_unit_test(test_engine__order),
        cmocka_unit_test(test_engine__at_and_captures),
        cmocka_unit_test(test_engine__max),
        cmocka_unit_test(test_engine__says_what_it_was_known_by),
        cmocka_unit_test(test_engine__regex_part_not_there),
        cmocka_unit_test(test_engine__regex),
        cmocka_unit_test(test_engine__hostile_text),
        cmocka_unit_test(test_engine__finds_it_anywhere),
        cmocka_unit_test(test_engine__escapes_at_the_cut),
    };
    return cmocka_run_group_tests_name("signature/engine", tests, NULL, NULL);
}
