/*
 * Any message gives an entry that is YAML, that no terminal obeys, and that, with a cause and an
 * action filled in, knows the message it was made of.
 *
 * Input: message NUL source name NUL subcomponent.
 */
#include "fuzz.h"

#include "ssisminer/base/term.h"
#include "ssisminer/base/utf.h"
#include "ssisminer/signature/signature.h"

#include <stdio.h>

static void fill(Buf *yaml, const char *what, const char *with)
{
    AUTO(buf_done) Buf filled = BUF(256 * 1024);
    const char *at = strstr(yaml->text, what);

    must(at != NULL);
    buf_put(&filled, yaml->text, (size_t)(at - yaml->text));
    buf_puts(&filled, with);
    buf_puts(&filled, at + strlen(what));
    buf_reset(yaml);
    buf_put(yaml, filled.text, filled.len);
}

static void check_bytes(const Buf *yaml)
{
    for (size_t at = 0, used; at < yaml->len; at += used) {
        uint32_t point = utf_next(yaml->text + at, yaml->len - at, &used);
        must(point == '\n' || !term_obeys(point));
    }
}

/* Bytes that are no UTF-8 are shown as U+FFFD, which they are not. */
static bool is_valid(Str text)
{
    AUTO(buf_done) Buf valid = BUF(64 * 1024);

    utf_put_valid(&valid, text.at, text.len);
    return str_equal(text, (Str){buf_text(&valid), valid.len});
}

/* It has words to go by. */
static bool is_worded(Str text)
{
    size_t letters = 0;

    for (size_t i = 0; i < text.len; i++)
        letters = (text.at[i] | 32) >= 'a' && (text.at[i] | 32) <= 'z' ? letters + 1 : 0;
    return letters >= 3;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(buf_done) Buf yaml = BUF(256 * 1024);
    AUTO(sigset_free_at) SigSet *set = NULL;
    Input input = {data, size};
    Err err = {0};

    if (size > 4000)
        return 0;
    const char *message = take_text(&input, &arena);
    SigText text = {.text = str_trim(str_of(message))};
    text.source_name = take_text(&input, &arena);
    text.subcomponent = take_text(&input, &arena);
    if (text.text.len == 0)
        return 0;
    sig_suggest("u-1", &text, &yaml);
    must(!yaml.over);
    check_bytes(&yaml);
    fill(&yaml, "cause: \"\"", "cause: Because.");
    fill(&yaml, "    - \"\"", "    - Do something.");
    Rc rc = sigset_load_text("s", (Str){yaml.text, yaml.len}, &set, &err);
    must(rc == RC_OK || rc == RC_USAGE);
    if (rc != RC_OK) {
        must(!is_worded(text.text) || err.text[0]); // nothing in it that a pattern could begin with
        return 0;
    }
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(set);
    SigMatch match;
    size_t count = 0;
    const SigText asked = {.text = text.text, .code = text.code};
    must(sig_match(set, scratch, &asked, &match, 1, &count, &err) == RC_OK);
    must(count == 1 || !is_valid(text.text));
    return 0;
}
