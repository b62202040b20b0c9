/*
 * Any message: its mask is bounded and whole UTF-8 if the message is, its id belongs to its mask;
 * the same message with other blanks around it or with other digits in its free numbers has the
 * same one; and as an unknown error it is counted as itself.
 */
#include "fuzz.h"

#include "ssisminer/diagnose/diagnose.h"
#include "ssisminer/diagnose/unknowns.h"

#include <stdio.h>

/* Digits that stand alone, between blanks: a number, whatever it is. */
static void change_numbers(char *text)
{
    for (char *at = text; *at;) {
        size_t digits = strspn(at, "0123456789");
        bool is_alone = digits > 0 && (at == text || at[-1] == ' ') && at[digits] == ' ';
        for (size_t i = 0; i < digits && is_alone; i++)
            at[i] = (char)(at[i] == '9' ? '1' : at[i] + 1);
        at += digits ? digits : 1;
    }
}

/* Numbers behind these are not free. */
static bool has_codes(const char *text)
{
    static const char *const words[] = {"code", "errno", "sqlstate", "msg", "hresult"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcasestr(text, words[i]))
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(unknowns_free_at) Unknowns *unknowns = unknowns_new(2);
    const Unknown *top[2];

    if (size > 20000)
        return 0;
    Str text = {(const char *)data, size};
    Fingerprint one = fingerprint_of(text, &arena);
    must(strlen(one.id) == 18 && str_starts(one.id, "u-") && strlen(one.mask) <= 1024);
    const char *padded = arena_printf(&arena, "  %.*s\r\n", STR_FMT(text));
    if (strlen(padded) == size + 4)
        must(str_same(fingerprint_of(str_of(padded), &arena).id, one.id));
    if (!memchr(data, '\0', size) && size < 1000 && !has_codes(arena_copy(&arena, text.at, size))) {
        char *other = arena_copy(&arena, text.at, text.len);
        change_numbers(other);
        must(str_same(fingerprint_of(str_of(other), &arena).id, one.id));
    }
    unknowns_add(unknowns, text, (Instant){0}, "here");
    must(unknowns_top(unknowns, top, 2) == 1);
    must(top[0]->count == 1 && str_same(top[0]->id, one.id));
    must(strlen(top[0]->mask) <= UNKNOWN_MASK_MAX &&
         strlen(top[0]->example) <= UNKNOWN_EXAMPLE_MAX);
    return 0;
}
