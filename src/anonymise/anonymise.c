/* An Anonymiser: what it knows from the start, and the names that it learns. */
#include "inside.h"

#include "ssisminer/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 200 * 1000 };

static const char *const kept[] = {
#define KEPT(phrase) phrase,
#include "kept.def"
#undef KEPT
};

static void learn_words_of_products(Anonymiser *anonymiser)
{
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        phrases_add(&anonymiser->kept, words_core(str_of(kept[i])));
    for (const char *const *line = anonymise_ordinary; *line; line++)
        for (Str rest = str_of(*line), word; str_split(&rest, ' ', &word);)
            phrases_add(&anonymiser->ordinary, word);
}

Rc anonymise_new(const unsigned char key[ANONYMISE_KEY_BYTES], Anonymiser **ret_anonymiser,
                 Err *err)
{
    AUTO(anonymise_close_at) Anonymiser *anonymiser = mem_alloc(sizeof(*anonymiser));
    unsigned char mac[CIPHER_MAC_BYTES];

    anonymiser->folded = anonymiser->fresh = BUF(WORD_BYTES_MAX);
    TRY(cipher_new(key, &anonymiser->cipher, err));
    cipher_mac(anonymiser->cipher, str_of("which key this is"), mac);
    for (size_t i = 0; i < (ANONYMISE_ID_BYTES - 1) / 2; i++)
        (void)snprintf(anonymiser->id + 2 * i, 3, "%02x", mac[i]);
    anonymiser->made = known_words_new();
    find_key_starts(anonymiser->key_starts);
    learn_words_of_products(anonymiser);
    *ret_anonymiser = anonymiser;
    anonymiser = NULL;
    return RC_OK;
}

void anonymise_close(Anonymiser *anonymiser)
{
    if (!anonymiser)
        return;
    cipher_free(anonymiser->cipher);
    phrases_done(&anonymiser->names);
    phrases_done(&anonymiser->speakers);
    phrases_done(&anonymiser->kept);
    phrases_done(&anonymiser->ordinary);
    buf_done(&anonymiser->folded);
    buf_done(&anonymiser->fresh);
    free(anonymiser->made);
    free(anonymiser);
}

void anonymise_close_at(Anonymiser **anonymiser)
{
    anonymise_close(*anonymiser);
}

const char *anonymise_key_id(const Anonymiser *anonymiser)
{
    return anonymiser->id;
}

/* Of ordinary words and numbers alone: a text that says them need not mean it. */
static bool is_ordinary(const Anonymiser *anonymiser, Str name)
{
    for (size_t at = 0, end; at<name.len; at = end> at ? end : at + 1) {
        end = word_end(name, at);
        Str word = {name.at + at, end - at};
        if (end > at + 1 && strspn(word.at, "0123456789") < word.len &&
            phrases_at(&anonymiser->ordinary, word, 0) < word.len &&
            phrases_at(&anonymiser->kept, word, 0) < word.len)
            return false;
    }
    return true;
}

/* "Load Orders.dtsx" is "Load Orders" in what its tasks say. */
static Str without_ending(Str name)
{
    for (size_t at = name.len; at-- > 1;)
        if (name.at[at] == '.')
            return look_ending(name, at) == name.len ? (Str){name.at, at} : name;
    return name;
}

void anonymise_learn(Anonymiser *anonymiser, Str name)
{
    Str core = words_core(without_ending(name));

    if (core.len == 0 || core.len > ANONYMISE_NAME_MAX || anonymiser->names.count >= NAMES_MAX ||
        phrases_at(&anonymiser->names, core, 0) == core.len ||
        phrases_at(&anonymiser->kept, core, 0) == core.len)
        return;
    phrases_add(is_ordinary(anonymiser, core) ? &anonymiser->speakers : &anonymiser->names, core);
}
