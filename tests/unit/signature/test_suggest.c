/* A suggested entry knows its own message once it is filled in, whatever the message. */
#include "test.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/term.h"
#include "ssisminer/base/utf.h"
#include "ssisminer/signature/signature.h"

#define LITERAL(literal) .text = {(literal), sizeof(literal) - 1}

static void fill(Buf *yaml, const char *what, const char *with)
{
    AUTO(buf_done) Buf filled = BUF(64 * 1024);
    const char *at = strstr(yaml->text, what);

    assert_non_null(at);
    buf_put(&filled, yaml->text, (size_t)(at - yaml->text));
    buf_puts(&filled, with);
    buf_puts(&filled, at + strlen(what));
    buf_reset(yaml);
    buf_put(yaml, filled.text, filled.len);
}

static void suggest(const SigText *text, Buf *yaml)
{
    buf_reset(yaml);
    sig_suggest("u-1", text, yaml);
}

static void test_suggest__passes_the_check(void **state)
{
    static const SigText texts[] = {
        {LITERAL("Plain words in a row")},
        {LITERAL("Widget 'Foo Bar' of C:\\in\\a.csv has 12 knobs "
                 "{1B2C3D4E-0000-4111-8222-ABCDEF012345}"),
         .code = -1073548540},
        {LITERAL("'x' 12 34 56 'y' is {odd} and \"so\" on\nsecond line"),
         .source_name = "Load \"A\"", .subcomponent = "B\\c"},
        {LITERAL("17: not found")},
        {LITERAL("\x01\x02 bell \x07 \xC3\xA4\xC3\xB6 \xF0\x9F\x98\x80 done")},
        {LITERAL("a 1 b 2 c 3 d 4 e 5 f 6 g 7 h 8 i 9 j 10 k 11 words")},
        {LITERAL("It isn't there, can't be, won't come")},
        {LITERAL("wait... what? }{ tr\"\"icky")},
        {LITERAL(
            "red \x1B[31m and \xC2\x9B, \xE2\x80\xAEleft\xE2\x80\xA9, a mark \xEF\xBB\xBF, \x7F")},
        {LITERAL("C:\\new\\table.csv\\n broken &quot;here&quot;")},
    };
    AUTO(buf_done) Buf yaml = BUF(64 * 1024);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        AUTO(sigset_free_at) SigSet *set = NULL;
        AUTO(buf_done) Buf problems = BUF(64 * 1024);
        Err err = {0};
        suggest(&texts[i], &yaml);
        for (size_t at = 0, used; at < yaml.len; at += used) { // no terminal obeys it
            uint32_t point = utf_next(yaml.text + at, yaml.len - at, &used);
            assert_true(point == '\n' || !term_obeys(point));
        }
        assert_int_equal(sigset_load_text("s", (Str){yaml.text, yaml.len}, &set, &err),
                         RC_USAGE); // to be filled in
        assert_contains(err.text, "the text is empty");
        fill(&yaml, "cause: \"\"", "cause: Because.");
        fill(&yaml, "    - \"\"", "    - Do something.");
        if (sigset_load_text("s", (Str){yaml.text, yaml.len}, &set, &err) != RC_OK)
            fail_msg("%s in\n%s", err.text, yaml.text);
        if (sigset_check(set, &problems, &err) != RC_OK)
            fail_msg("%s in\n%s", buf_text(&problems), yaml.text);
    }
}

static void test_suggest__gaps(void **state)
{
    AUTO(buf_done) Buf yaml = BUF(64 * 1024);

    (void)state;
    suggest(
        &(SigText){.text = str_of(
                       "Widget 'Foo Bar' lost 12 of 0x1F knobs in C:\\in\\a.csv. Call \"me\".")},
        &yaml);
    assert_contains(yaml.text, "text: \"Widget {quoted1:quoted} lost {number2:number} of "
                               "{number3:number} knobs in {path4:path}.\"");
    assert_contains(yaml.text, "examples:\n    - { text: \"Widget 'Foo Bar' lost 12 of 0x1F knobs");
    suggest(&(SigText){.text = str_of("Attempt 0 failed, 0xBAD was given")}, &yaml);
    assert_contains(yaml.text,
                    "text: \"Attempt {number1:number} failed, {number2:number} was given\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suggest__passes_the_check),
        cmocka_unit_test(test_suggest__gaps),
    };
    return cmocka_run_group_tests_name("signature/suggest", tests, NULL, NULL);
}
