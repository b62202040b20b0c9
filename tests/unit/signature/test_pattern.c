/* The pattern language: gaps, bounds, refusals. */
#include "test.h"

#include "../../../src/signature/pattern.h"

#include <stdio.h>

/* "name=value name=value", or "-" when the pattern is not in the text. */
static void find(const char *source, const char *raw, char *ret_text, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(fold_done) Folded folded = {0};
    Pattern *pattern = NULL;
    PatternMatch match;
    Err err = {0};
    size_t used = 0;

    if (pattern_compile(source, &arena, &pattern, &err) != RC_OK)
        fail_msg("'%s' does not compile: %s", source, err.text);
    fold_text(&folded, str_of(raw));
    if (!pattern_find(pattern, &folded, &match)) {
        (void)snprintf(ret_text, size, "-");
        return;
    }
    ret_text[0] = '\0';
    for (size_t i = 0; i < match.capture_count; i++) {
        uint32_t from = folded.from[match.captures[i].start],
                 to = folded.from[match.captures[i].end];
        used += (size_t)snprintf(ret_text + used, size - used, "%s%s=%.*s", i ? " " : "",
                                 match.captures[i].name, (int)(to - from), raw + from);
    }
}

#define assert_finds(source, raw, expected)                                                        \
    do {                                                                                           \
        char text_[1024];                                                                          \
        find((source), (raw), text_, sizeof(text_));                                               \
        assert_string_equal(text_, (expected));                                                    \
    } while (0)

static void test_pattern__literal(void **state)
{
    (void)state;
    assert_finds("There is no active worker", "x: THERE IS NO\n ACTIVE  WORKER agent", "");
    assert_finds("There is no active worker", "NoActiveWorker.dtsx", "-");
    assert_finds("The connection \"X\" isn't found", "the connection 'x' is not found.", "");
    assert_finds("HybridDelivery", "x.HybridDeliveryException", "");
    assert_finds("a {{literal}} brace", "A {literal} brace", "");
}

static void test_pattern__numbers_are_not_cut(void **state)
{
    (void)state;
    assert_finds("exit code: -1", "exit code: -1.", "");
    assert_finds("exit code: -1", "exit code: -1073741819", "-");
    assert_finds("10 rows", "210 rows", "-");
    assert_finds("10 rows", "x10 rows", "");
}

static void test_pattern__gaps(void **state)
{
    (void)state;
    assert_finds("is {n:number} and", "is -1,234.5 and", "n=-1,234.5");
    assert_finds("limit {n:number}", "limit 0xC0202009.", "n=0xC0202009");
    assert_finds("limit {n:number}", "limit none", "-");
    assert_finds("for the {kind:word} is", "for the elastic-pool is", "kind=elastic-pool");
    assert_finds("host {host:word}", "host a.b.net: down", "host=a.b.net");
    assert_finds("guid {g:guid} ended", "GUID {1B2C3D4E-0000-4111-8222-ABCDEF012345} ended",
                 "g=1B2C3D4E-0000-4111-8222-ABCDEF012345");
    assert_finds("file {p:path}", "file C:\\in\\new.csv, line 3", "p=C:\\in\\new.csv");
    assert_finds("file {p:path}", "file \"D:\\My Data\\x.csv\" is", "p=D:\\My Data\\x.csv");
    assert_finds("file {p:path}", "file one", "-");
    assert_finds("because {why:any}.", "because of this. And that.", "why=of this");
    assert_finds("reason: {why:any}", "reason: disk is full\nat X", "why=disk is full");
}

/* What is only skipped takes no name: eight may still have one. */
static void test_pattern__skips_beside_names(void **state)
{
    (void)state;
    assert_finds("rows {a:word} b {b:word} b {c:word} b {d:word} b {e:word} b {f:word} b {g:word} "
                 "b ... end {h:word}",
                 "rows 1 b 2 b 3 b 4 b 5 b 6 b 7 b something end 8",
                 "a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8");
}

static void test_pattern__quoted(void **state)
{
    (void)state;
    assert_finds("connection {c:quoted} is", "connection \"Sales DB\" is", "c=Sales DB");
    assert_finds("connection {c:quoted} is", "connection &quot;DW&quot; is", "c=DW");
    assert_finds("connection {c:quoted} is", "connection ''DW'' is", "c=DW");
    assert_finds("name {c:quoted} specified", "name \"\" specified", "c=");
    assert_finds("expression {c:quoted} on", "expression \"@[A] + \"x\" + @[B]\" on",
                 "c=@[A] + \"x\" + @[B]");
    assert_finds("connection {c:quoted} is", "connection A is", "-");
}

static void test_pattern__lazy_gaps_are_tight(void **state)
{
    (void)state;
    assert_finds("error {what:any} code 5", "error A error B code 5", "what=B");
    assert_finds("one ... two ... three", "one x two y three", "");
    assert_finds("one ... two ... three", "one three two", "-");
    assert_finds("a1 {x:any} b2 {y:any} c3", "a1 p b2 q a1 r b2 s c3", "x=r y=s");
}

static void test_pattern__gap_bounds(void **state)
{
    char text[8192];

    (void)state;
    memset(text, 'x', sizeof(text));
    memcpy(text, "begin", 5);
    (void)snprintf(text + 4000, sizeof(text) - 4000, "end.");
    assert_finds("begin ... end.", text, "-"); // "begin" wants a blank after it
    text[5] = ' ';
    text[3999] = ' ';
    assert_finds("begin ... end.", text, "");
    char again[1024];
    find("begin {x:any} end.", text, again, sizeof(again));
    assert_string_equal(again, "-"); // more than 512
    memset(text + 6, 'x', 5000);
    (void)snprintf(text + 4500, sizeof(text) - 4500, " end.");
    assert_finds("begin ... end.", text, "-");
}

typedef struct Refusal {
    const char *source, *message;
} Refusal;

static void test_pattern__refusals(void **state)
{
    static const Refusal list[] = {
        {"", "the pattern is empty"},
        {"{x:number} rows", "a pattern begins with text, not with a gap"},
        {"rows {x:number}{y:word}", "two gaps need text between them"},
        {"... rows", "a pattern begins with text, not with a gap"},
        {"rows {x:any}... were lost", "two gaps need text between them"},
        {"rows {x:number", "the gap '{x:number' has no closing brace"},
        {"rows x}", "a '}' closes nothing; a literal one is '}}'"},
        {"rows {x}", "'{x}' is not a gap of the form {name:kind}"},
        {"rows {a b:number}", "'{a b:number}' is not a gap of the form {name:kind}"},
        {"rows {x:nmber}", "'nmber' is not a kind of gap: number, word, quoted, guid, path or any"},
        {"rows {x:number} of {x:number}", "two gaps are called 'x'"},
        {"is not", "the pattern needs three characters of text in a row, beside the word 'not'"},
        {"rows {a:word} b {b:word} b {c:word} b {d:word} b {e:word} b {f:word} b {g:word} b "
         "{h:word} b {i:word}",
         "the pattern has more than 8 named gaps"},
        {"rows ... b ... b ... b ... b ... b ... b ... b ... b ... b ... b ... b ... b",
         "the pattern has more than 11 gaps of any length"},
        {"rows {a:word} b {b:word} b {c:word} b {d:word} b {e:word} b {f:word} b {g:word} b "
         "... b ... b ... b ... b ... b ... b ... b ... b ... b ... b ... b {h:word} b {i:word}",
         "the pattern has more than 8 named gaps"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(list); i++) {
        AUTO(arena_done) Arena arena = {0};
        Pattern *pattern = NULL;
        Err err = {0};
        assert_fails(pattern_compile(list[i].source, &arena, &pattern, &err), RC_USAGE, &err,
                     list[i].message);
    }
}

/* Triggers hold nothing that a message may spell in another way, and the rarest words there are. */
static void test_pattern__triggers(void **state)
{
    static const struct {
        const char *source, *trigger;
    } list[] = {
        {"Login failed for user {u:quoted}", "login"},
        {"It won't begin", " begin"},
        {"is not registered", " registered"},
        {"There is no active worker", " active worker"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(list); i++) {
        AUTO(arena_done) Arena arena = {0};
        Pattern *pattern = NULL;
        Err err = {0};
        assert_int_equal(pattern_compile(list[i].source, &arena, &pattern, &err), RC_OK);
        Str trigger = pattern_trigger(pattern);
        if (!memmem(trigger.at, trigger.len, list[i].trigger, strlen(list[i].trigger)))
            fail_msg("'%s' is triggered by <%.*s>", list[i].source, STR_FMT(trigger));
        assert_null(memmem(trigger.at, trigger.len, "not", 3));
        assert_null(memmem(trigger.at, trigger.len, "will", 4));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pattern__literal),
        cmocka_unit_test(test_pattern__numbers_are_not_cut),
        cmocka_unit_test(test_pattern__gaps),
        cmocka_unit_test(test_pattern__skips_beside_names),
        cmocka_unit_test(test_pattern__quoted),
        cmocka_unit_test(test_pattern__lazy_gaps_are_tight),
        cmocka_unit_test(test_pattern__gap_bounds),
        cmocka_unit_test(test_pattern__refusals),
        cmocka_unit_test(test_pattern__triggers),
    };
    return cmocka_run_group_tests_name("signature/pattern", tests, NULL, NULL);
}
