/* The inside of an Anonymiser. (Within the room.) */
#ifndef SSISMINER_ANONYMISE_INSIDE_INTERNAL_H
#define SSISMINER_ANONYMISE_INSIDE_INTERNAL_H

#include "cipher.h"
#include "phrases.h"
#include "ssisminer/anonymise/anonymise.h"

typedef struct KnownWord KnownWord; // a pseudonym that was made before

struct Anonymiser {
    Cipher *cipher;
    char id[ANONYMISE_ID_BYTES];
    Phrases names;     // learnt
    Phrases speakers;  // learnt, and looked for at the beginning of a text alone
    Phrases kept;      // of the product, in names too
    Phrases ordinary;  // words of the product's texts
    KnownWord *made;   // KNOWN_WORDS of them, by hash
    Buf folded, fresh; // of the word that is being made
    uint64_t
        key_starts[UINT8_MAX + 1]; // of text.c: which of its keys begin with a byte, a bit each
};

enum { WORD_BYTES_MAX = 1024 * 1024 };

/* words.c */
void put_word(Anonymiser *anonymiser, Str word, Buf *out);
void put_hex(Anonymiser *anonymiser, Str text, Buf *out);  // digits 0-f among other characters
void put_ipv4(Anonymiser *anonymiser, Str text, Buf *out); // four numbers up to 255
KnownWord *known_words_new(void);

extern const char *const anonymise_ordinary[]; // ordinary.c: lines of words in lower case; NULL

void find_key_starts(uint64_t ret_starts[UINT8_MAX + 1]); // text.c

/* looks.c: where what begins at `at` ends; `at` when it is not there. */
size_t look_guid(Str text, size_t at);
size_t look_quad(Str text, size_t at);   // four numbers up to 255
size_t look_ipv4(Str text, size_t at);   // those that tell of somebody
size_t look_ipv6(Str text, size_t at);   // a MAC address too
size_t look_time(Str text, size_t at);   // 2026-11-30, with a time of day and zone or without
size_t look_ending(Str text, size_t at); // ".dtsx", ".com": stays with what is named so
/* A path, URL, mail, file, host, login of a domain. */
size_t look_place(Str text, size_t at, bool with_files);

#endif
