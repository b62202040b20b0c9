/*
 * Messages as people paste them (tests/corpus/field-messages.tsv): section, the id wanted (several
 * with '|', '-' for none), message_code, text. They are samples of kinds; the share that is named
 * rightly may only grow.
 */
#include "test.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/file.h"
#include "ssisminer/diagnose/diagnose.h"

#include <stdio.h>
#include <string.h>

enum { RIGHT_AT_LEAST = 139, FILE_MAX = 1024 * 1024 };

static const char path[] = "tests/corpus/field-messages.tsv";

typedef struct Sample {
    Str want, text;
    int64_t code;
} Sample;

/* "\n" and the like, written out. */
static Str unescape(Str raw, Arena *arena)
{
    char *text = arena_alloc(arena, raw.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.at[i];
        if (c == '\\' && i + 1 < raw.len) {
            c = raw.at[++i];
            c = c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
        }
        text[len++] = c;
    }
    return (Str){text, len};
}

static Sample read_sample(Str line, Arena *arena)
{
    Sample sample = {0};
    Str section, code;

    assert_true(str_split(&line, '\t', &section));
    assert_true(str_split(&line, '\t', &sample.want));
    assert_true(str_split(&line, '\t', &code));
    sample.text = unescape(line, arena);
    assert_true(code.len == 0 || str_to_i64(code, &sample.code));
    return sample;
}

static bool is_wanted(Str want, const Signature *signature)
{
    Str one;

    if (!signature)
        return str_equal(want, str_of("-"));
    while (str_split(&want, '|', &one))
        if (str_equal(one, str_of(signature->id)) ||
            (signature->family && str_equal(one, str_of(signature->family->id))))
            return true;
    return false;
}

static void test_field__messages(void **state)
{
    AUTO(sigset_free_at) SigSet *set = NULL;
    AUTO(arena_done) Arena arena = {0};
    Err err = {0};
    Str file, line;
    size_t right = 0, all = 0;

    (void)state;
    assert_int_equal(sigset_load_lean(NULL, 0, &set, &err), RC_OK);
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(set);
    assert_int_equal(file_read(path, FILE_MAX, &arena, &file, &err), RC_OK);
    assert_true(str_split(&file, '\n', &line)); // the heads of the columns
    while (str_split(&file, '\n', &line)) {
        if (line.len == 0)
            continue;
        Sample sample = read_sample(line, &arena);
        const DiagMessage message = {.text = sample.text, .code = sample.code};
        Diagnosis diagnosis;
        assert_int_equal(diagnose(set, scratch, &message, 1, 0, &arena, &diagnosis, &err), RC_OK);
        bool is_right = is_wanted(sample.want, diagnosis.signature);
        if (!is_right)
            print_message("want %.*s, got %s: %.*s\n", STR_FMT(sample.want),
                          diagnosis.signature ? diagnosis.signature->id : "nothing",
                          STR_FMT(sample.text));
        if (is_right && diagnosis.match && sig_confidence(diagnosis.match) == SIG_FRAME)
            assert_int_equal(diagnosis.signature->role, SIG_WRAPPER); // a cause is no mere echo
        right += is_right;
        all++;
    }
    print_message("%zu of %zu are named rightly\n", right, all);
    assert_true(right >= RIGHT_AT_LEAST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_field__messages),
    };
    return cmocka_run_group_tests_name("diagnose/field", tests, NULL, NULL);
}
