/*
 * Any text with any names learnt: a name keeps its length and its words their places, twice the
 * same; and what is taken for the product's as a whole stays to the byte.
 *
 * Input: names, each up to a NUL, an empty one, then the text.
 */
#include "fuzz.h"

#include "ssisminer/anonymise/anonymise.h"
#include "ssisminer/base/utf.h"

enum { NAMES = 20 };

static Anonymiser *made(void)
{
    static const unsigned char key[ANONYMISE_KEY_BYTES] = "fuzz";
    Anonymiser *anonymiser = NULL;
    Err err = {0};

    must(anonymise_new(key, &anonymiser, &err) == RC_OK);
    return anonymiser;
}

/* Characters, as long as the text is UTF-8. */
static size_t points_of(Str text)
{
    size_t count = 0, used;

    for (size_t at = 0; at < text.len; at += used, count++)
        (void)utf_next(text.at + at, text.len - at, &used);
    return count;
}

static void check_name(Anonymiser *anonymiser, Str name)
{
    AUTO(buf_done) Buf once = BUF(1 << 24), again = BUF(1 << 24);

    anonymise_name(anonymiser, name, &once);
    anonymise_name(anonymiser, name, &again);
    must(once.len == again.len && memcmp(buf_text(&once), buf_text(&again), once.len) == 0);
    must(points_of((Str){buf_text(&once), once.len}) == points_of(name));
}

static void check_text(Anonymiser *anonymiser, Str text)
{
    const AnonymisePiece whole = {0, text.len};
    AUTO(buf_done) Buf out = BUF(1 << 24), sure = BUF(1 << 24), kept = BUF(1 << 24);

    anonymise_text(anonymiser, text, NULL, 0, ANONYMISE_ALL, &out);
    anonymise_text(anonymiser, text, NULL, 0, ANONYMISE_SURE, &sure);
    anonymise_text(anonymiser, text, &whole, 1, ANONYMISE_ALL, &kept);
    must(!out.over && !sure.over);
    must(out.len <= text.len * 3 && sure.len <= text.len * 3);
    must(kept.len <= text.len); // secrets go all the same
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(anonymise_close_at) Anonymiser *anonymiser = made();
    Input input = {data, size};

    for (int i = 0; i < NAMES && input.left > 0; i++) {
        Str name = str_of(take_text(&input, &arena));
        if (name.len == 0)
            break;
        anonymise_learn(anonymiser, name);
        check_name(anonymiser, name);
    }
    check_text(anonymiser, (Str){(const char *)input.at, input.left});
    return 0;
}
