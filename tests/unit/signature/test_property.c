/* The engine says what a plain slow matcher says, on a hundred thousand generated messages. */
#include "test.h"

#include "sample.h"
#include "slow_match.h"
#include "ssisminer/asset/file.h"
#include "ssisminer/base/file.h"
#include "ssisminer/signature/signature.h"

enum { MESSAGES = ROUNDS(100000, 15000), MATCHES_MAX = 64 };

static uint64_t random_state = 88172645463325252u;

static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 33) % limit;
}

static void put_piece(Buf *message)
{
    const char *piece = sample_pieces[random_below((uint32_t)ARRAY_LEN(sample_pieces))];

    buf_puts(message, piece);
    if (random_below(3) == 0)
        buf_putc(message, ' ');
}

/* Half of them follow a pattern, piece by piece; the rest are anything. */
static void make_message(Buf *message)
{
    static const char *const sentences[] = {
        "The connection \"x y\" is not found",
        "Msg 40501, Level 20",
        "The request limit for the session is 30 and has been reached",
        "failed to acquire a because b. failed to acquire c because d.",
        "Staging task x ErrorCode: 2906 exit code: -1.",
        "SSIS Executor exit code: -1073741819.",
        "Error Number:18456,State:1",
        "error a error b code 5 busy",
        "failed to acquire the connection. Login failed for user 'NT AUTHORITY\\ANONYMOUS LOGON'."};
    size_t pieces = 1 + random_below(9);

    if (random_below(3) == 0)
        buf_puts(message, sentences[random_below((uint32_t)ARRAY_LEN(sentences))]);
    for (size_t i = 0; i < pieces; i++)
        put_piece(message);
    for (size_t i = random_below(3); i > 0 && random_below(2) == 0; i--)
        message->text[random_below((uint32_t)message->len)] = (char)random_below(256);
}

static void fail_on(const SlowMessage *m, const SlowMatch *slow, size_t slow_count,
                    const SigMatch *fast, size_t fast_count)
{
    print_message("message: <<<%.*s>>> code %u source '%s'\n", STR_FMT(m->raw), m->code,
                  m->source_name ? m->source_name : "");
    print_message("folded:  <<<%s>>>\n", m->folded.text);
    for (size_t i = 0; i < slow_count; i++)
        print_message("slow: %s at %zd, %zu captures, %zu\n", slow[i].id, (ssize_t)slow[i].at,
                      slow[i].count, slow[i].specificity);
    for (size_t i = 0; i < fast_count; i++)
        print_message("fast: %s at %zd, %zu captures\n", fast[i].signature->id, (ssize_t)fast[i].at,
                      fast[i].capture_count);
    fail_msg("the engine and the slow matcher disagree");
}

static bool captures_agree(const SlowMessage *m, const SlowMatch *slow, const SigMatch *fast)
{
    if (strstr(slow->id, "regex"))
        return true;
    if (slow->count != fast->capture_count)
        return false;
    for (size_t i = 0; i < slow->count; i++) {
        Str value = {m->raw.at + slow->captures[i].start,
                     slow->captures[i].end - slow->captures[i].start};
        if (strcmp(slow->captures[i].name, fast->captures[i].name) != 0 ||
            !str_equal(value, fast->captures[i].value))
            return false;
    }
    return true;
}

static size_t compare(const SigSet *set, SigScratch *scratch, const YamlNode *root, SlowMessage *m)
{
    SigMatch fast[MATCHES_MAX];
    SlowMatch slow[MATCHES_MAX];
    size_t fast_count = 0;
    Err err = {0};
    const SigText text = {m->raw, (int64_t)m->code, m->source_name, m->subcomponent};

    assert_int_equal(sig_match(set, scratch, &text, fast, MATCHES_MAX, &fast_count, &err), RC_OK);
    size_t slow_count = slow_match(root, m, slow, MATCHES_MAX);
    bool same = slow_count == fast_count;
    for (size_t i = 0; same && i < slow_count; i++)
        same = strcmp(slow[i].id, fast[i].signature->id) == 0 && slow[i].at == fast[i].at &&
               captures_agree(m, &slow[i], &fast[i]);
    if (!same)
        fail_on(m, slow, slow_count, fast, fast_count);
    return fast_count;
}

static void test_property__engine_equals_slow_matcher(void **state)
{
    static const uint32_t codes[] = {0, 0, 0, 0, 40501, 0xC0202009, 18456, 0xC002F304, 0xFFFFFFFE};
    static const char *const names[] = {NULL, "Send mail", "Load", "SQL Server"};
    AUTO(arena_done) Arena kept = {0};
    AUTO(arena_done) Arena arena = {0};
    AUTO(buf_done) Buf message = BUF(64 * 1024);
    AUTO(sigset_free_at) SigSet *set = NULL;
    Err err = {0};
    YamlNode *root = NULL;
    size_t matched = 0;

    (void)state;
    AUTO(buf_done) Buf yaml = BUF(64 * 1024);
    sample_catalog(&yaml);
    assert_int_equal(sigset_load_text("sample", (Str){yaml.text, yaml.len}, &set, &err), RC_OK);
    assert_int_equal(yaml_parse("sample", (Str){yaml.text, yaml.len}, &kept, &root, &err), RC_OK);
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(set);
    for (size_t i = 0; i < MESSAGES; i++) {
        arena_reset(&arena);
        buf_reset(&message);
        make_message(&message);
        SlowMessage m = {.raw = {buf_text(&message), message.len}, .arena = &arena};
        m.code = codes[random_below((uint32_t)ARRAY_LEN(codes))];
        m.source_name = names[random_below((uint32_t)ARRAY_LEN(names))];
        m.subcomponent = names[random_below((uint32_t)ARRAY_LEN(names))];
        matched += compare(set, scratch, root, &m) > 0;
    }
    assert_true(matched > MESSAGES / 10); // the generator does reach the signatures
}

/* The shipped entries of one file against the shipped examples of all. */
static void test_property__shipped_examples(void **state)
{
    AUTO(arena_done) Arena kept = {0};
    AUTO(arena_done) Arena arena = {0};
    AUTO(sigset_free_at) SigSet *all = NULL;
    size_t file_count = 0, compared = 0;
    const AssetFile *trees = asset_trees(&file_count);
    Err err = {0};

    (void)state;
    AUTO(buf_done) Buf yaml = BUF(8 * 1024 * 1024);
    for (size_t i = 0; i < file_count; i++) {
        Str text = {0};
        assert_int_equal(file_read(trees[i].path, 8 << 20, &kept, &text, &err), RC_OK);
        buf_printf(&yaml, "%.*s\n", STR_FMT(text));
    }
    YamlNode *root = NULL;
    Str written = {buf_text(&yaml), yaml.len}; // the slow matcher knows no rows of config/codes
    if (sigset_load_text("all", written, &all, &err) != RC_OK)
        fail_msg("%s", err.text);
    assert_int_equal(yaml_parse("all", (Str){buf_text(&yaml), yaml.len}, &kept, &root, &err),
                     RC_OK);
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(all);
    for (size_t i = 0; i < sigset_count(all); i += 3) {
        const Signature *signature = sigset_at(all, i);
        for (size_t j = 0; j < signature->example_count; j++) {
            const SigExample *example = &signature->examples[j];
            arena_reset(&arena);
            SlowMessage m = {.raw = str_of(example->text),
                             .code = (uint32_t)example->code,
                             .source_name = example->source_name,
                             .subcomponent = example->subcomponent,
                             .arena = &arena};
            compare(all, scratch, root, &m);
            compared++;
        }
    }
    assert_true(compared > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_property__engine_equals_slow_matcher),
        cmocka_unit_test(test_property__shipped_examples),
    };
    return cmocka_run_group_tests_name("signature/property", tests, NULL, NULL);
}
