/* A word becomes another one of its shape, and an address another address. */
#include "inside.h"

#include "letters.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/utf.h"

#include <string.h>

enum { KNOWN_WORDS = 1 << 15, KNOWN_BYTES = 46, WALKS_MAX = 1000, RADIX_MAX = 65536 };

struct KnownWord {
    uint8_t len; // 0: none
    char folded[KNOWN_BYTES], made[KNOWN_BYTES];
};

KnownWord *known_words_new(void)
{
    return mem_alloc(KNOWN_WORDS * sizeof(KnownWord));
}

/* Signatures ask whether a task's or component's name holds one of the first three, `duplicates` by
 * the others what kind of login it is that starts something: they stay within a word.
 * (tests/unit/anonymise holds both against it.) */
static const char *const inner[] = {
    "file",     "mail", "odata", "svc",   "service", "sqlserveragent", "sql",     "agent",
    "admin",    "etl",  "job",   "batch", "sched",   "ssis",           "adf",     "datafactory",
    "factory",  "app",  "team",  "robot", "proxy",   "runner",         "synapse", "system",
    "orchestr", "dba",  "task",  "prod",  "deploy",  "automat",        "pipeline"};

static size_t inner_at(Str folded, size_t at)
{
    for (size_t i = 0; i < ARRAY_LEN(inner); i++)
        if (str_begins_at(folded, at, inner[i]))
            return strlen(inner[i]);
    return 0;
}

/* ---- one piece of a word --------------------------------------------------------------------- */

typedef struct Piece { // at most CIPHER_DIGITS_MAX characters, folded
    uint32_t points[CIPHER_DIGITS_MAX];
    Letter letters[CIPHER_DIGITS_MAX]; // radix 0: it stays
    size_t count;
} Piece;

static void read_piece(Str folded, size_t *at, Piece *piece)
{
    size_t kept_until = 0, used;

    for (piece->count = 0; *at < folded.len && piece->count < CIPHER_DIGITS_MAX; *at += used) {
        uint32_t point = utf_next(folded.at + *at, folded.len - *at, &used);
        size_t len = inner_at(folded, *at);
        if (len > 0 && *at + len > kept_until)
            kept_until = *at + len;
        piece->points[piece->count] = point;
        piece->letters[piece->count++] = *at < kept_until ? (Letter){0} : letter_of(point);
    }
}

/* What is the same before and after: which alphabets, and the characters that stay. */
static Str shape_of(const Piece *piece, uint32_t *room)
{
    for (size_t i = 0; i < piece->count; i++)
        room[i] = piece->letters[i].radix > 0 ? piece->letters[i].first
                                              : piece->points[i] + UINT32_C(0x80000000);
    return (Str){(const char *)room, piece->count * sizeof(*room)};
}

static void cipher_piece(Cipher *cipher, Piece *piece)
{
    uint32_t shape[CIPHER_DIGITS_MAX], digits[CIPHER_DIGITS_MAX], radices[CIPHER_DIGITS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < piece->count; i++)
        if (piece->letters[i].radix > 0) {
            digits[count] = piece->letters[i].digit;
            radices[count++] = piece->letters[i].radix;
        }
    if (count == 0)
        return;
    cipher_apply(cipher, shape_of(piece, shape), digits, radices, count);
    count = 0;
    for (size_t i = 0; i < piece->count; i++)
        if (piece->letters[i].radix > 0) {
            piece->letters[i].digit = digits[count++];
            piece->points[i] = letter_at(&piece->letters[i], piece->letters[i].digit);
        }
}

static void put_piece(const Piece *piece, Buf *out)
{
    for (size_t i = 0; i < piece->count; i++)
        utf_put_point(out, piece->points[i]);
}

static size_t inner_count(Str folded)
{
    size_t count = 0;

    for (size_t at = 0; at < folded.len; at++)
        count += inner_at(folded, at) > 0;
    return count;
}

/* Not a word that means something of its own: then once more, which keeps it a permutation of the
 * words that do not. */
static bool is_taken(const Anonymiser *anonymiser, Str made, size_t inners)
{
    return phrases_at(&anonymiser->kept, made, 0) == made.len || inner_count(made) != inners;
}

static void cipher_word(Anonymiser *anonymiser, Str folded, Buf *out)
{
    size_t begin = out->len, inners = inner_count(folded);
    Piece piece;

    for (size_t at = 0; at < folded.len;) {
        read_piece(folded, &at, &piece);
        cipher_piece(anonymiser->cipher, &piece);
        put_piece(&piece, out);
    }
    for (int walks = 0; folded.len <= CIPHER_DIGITS_MAX && walks < WALKS_MAX; walks++) {
        if (!is_taken(anonymiser, (Str){out->text + begin, out->len - begin}, inners))
            return;
        out->len = begin;
        cipher_piece(anonymiser->cipher, &piece);
        put_piece(&piece, out);
    }
}

/* ---- as it stood ----------------------------------------------------------------------------- */

static void put_in_case(Str word, Str made, Buf *out)
{
    size_t own, used;

    for (size_t at = 0, from = 0; at < word.len && from < made.len; at += own, from += used) {
        uint32_t point = utf_next(word.at + at, word.len - at, &own);
        uint32_t small = utf_next(made.at + from, made.len - from, &used);
        Letter letter = letter_of(small);
        bool is_capital = utf_fold(point) != point && letter.radix > 0;
        utf_put_point(out, is_capital ? small - letter.to_capital : small);
    }
}

static void fold_word(Str word, Buf *folded)
{
    for (size_t at = 0, used; at < word.len; at += used)
        utf_put_point(folded, utf_fold(utf_next(word.at + at, word.len - at, &used)));
}

void put_word(Anonymiser *anonymiser, Str word, Buf *out)
{
    Buf *folded = &anonymiser->folded, *made = &anonymiser->fresh;

    buf_reset(folded);
    buf_reset(made);
    fold_word(word, folded);
    Str key = {buf_text(folded), folded->len};
    KnownWord *known = &anonymiser->made[str_hash(STR_HASH_SEED, key.at, key.len) % KNOWN_WORDS];
    if (known->len == key.len && memcmp(known->folded, key.at, key.len) == 0) {
        put_in_case(word, (Str){known->made, known->len}, out);
        return;
    }
    cipher_word(anonymiser, key, made);
    put_in_case(word, (Str){buf_text(made), made->len}, out);
    if (made->len != key.len || key.len >= KNOWN_BYTES)
        return;
    known->len = (uint8_t)key.len;
    memcpy(known->folded, key.at, key.len);
    memcpy(known->made, buf_text(made), made->len);
}

/* ---- what is made of digits ------------------------------------------------------------------ */

/* A GUID, an IPv6 address: in the case that it has. */
void put_hex(Anonymiser *anonymiser, Str text, Buf *out)
{
    static const char capitals[] = "0123456789ABCDEF", smalls[] = "0123456789abcdef";
    uint32_t digits[CIPHER_DIGITS_MAX], radices[CIPHER_DIGITS_MAX];
    char shape[CIPHER_DIGITS_MAX];
    size_t count = 0, shape_len = 0;
    bool is_small = false;

    for (size_t i = 0; i < text.len && i < CIPHER_DIGITS_MAX; i++) {
        int digit = str_hex_digit(text.at[i]);
        is_small |= text.at[i] >= 'a' && text.at[i] <= 'f';
        shape[shape_len++] = digit < 0 ? text.at[i] : 'x';
        if (digit < 0)
            continue;
        digits[count] = (uint32_t)digit;
        radices[count++] = 16;
    }
    if (count > 0)
        cipher_apply(anonymiser->cipher, (Str){shape, shape_len}, digits, radices, count);
    for (size_t i = 0, done = 0; i < shape_len; i++)
        buf_putc(out, shape[i] == 'x' ? (is_small ? smalls : capitals)[digits[done++]] : shape[i]);
}

/* Each number as many digits as it had: 0-9, 10-99, 100-255. */
void put_ipv4(Anonymiser *anonymiser, Str text, Buf *out)
{
    static const uint32_t least[] = {0, 0, 10, 100}, most[] = {0, 9, 99, 255};
    uint32_t digits[4] = {0}, radices[4], lens[4] = {0};
    char shape[] = "4....";
    size_t part = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '.') {
            part++;
            continue;
        }
        digits[part] = digits[part] * 10 + (uint32_t)(text.at[i] - '0');
        lens[part]++;
    }
    for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
        digits[i] -= least[lens[i]];
        radices[i] = most[lens[i]] - least[lens[i]] + 1;
        shape[i + 1] = (char)('0' + lens[i]);
    }
    cipher_apply(anonymiser->cipher, str_of(shape), digits, radices, ARRAY_LEN(digits));
    for (size_t i = 0; i < ARRAY_LEN(digits); i++)
        buf_printf(out, "%s%u", i > 0 ? "." : "", digits[i] + least[lens[i]]);
}
