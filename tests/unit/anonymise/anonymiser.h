/* An Anonymiser of a fixed key, and what it makes of a text. */
#ifndef TESTS_UNIT_ANONYMISE_ANONYMISER_H
#define TESTS_UNIT_ANONYMISE_ANONYMISER_H

#include "test.h"

#include "ssisminer/anonymise/anonymise.h"

static inline Anonymiser *anonymiser_of(unsigned char seed)
{
    unsigned char key[ANONYMISE_KEY_BYTES];
    Anonymiser *anonymiser = NULL;
    Err err = {0};

    for (size_t i = 0; i < sizeof(key); i++)
        key[i] = (unsigned char)(seed + i * 7);
    assert_int_equal(anonymise_new(key, &anonymiser, &err), RC_OK);
    return anonymiser;
}

/* Valid until the eighth call after it. */
static inline const char *name_of(Anonymiser *anonymiser, const char *name)
{
    static Buf made[8];
    static size_t turn;
    Buf *out = &made[turn++ % ARRAY_LEN(made)];

    buf_done(out);
    *out = BUF(1024 * 1024);
    anonymise_name(anonymiser, str_of(name), out);
    return buf_text(out);
}

static inline const char *text_of(Anonymiser *anonymiser, const char *text)
{
    static Buf out;

    buf_done(&out);
    out = BUF(1024 * 1024);
    anonymise_text(anonymiser, str_of(text), NULL, 0, ANONYMISE_ALL, &out);
    return buf_text(&out);
}

#endif
