/* Whether words that somebody answered hold a secret that was sent to them. */
#include "internal.h"

#include <string.h>

/* Words that repeat what was sent: as it is, or in one of the writings that a service, a proxy or a
 * log has for it. A part of it counts too, since words are cut. */
enum { PART = 8 };

static int hex_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c) : NULL;

    return at ? (int)(at - digits) : -1;
}

static void unescape(Secret *words)
{
    size_t to = 0;

    for (size_t i = 0; i < words->len; i++, to++) {
        int high = words->text[i] == '%' ? hex_of(words->text[i + 1]) : -1;
        int low = high >= 0 ? hex_of(words->text[i + 2]) : -1;
        words->text[to] = words->text[i];
        if (low < 0)
            continue;
        words->text[to] = (char)(high << 4 | low);
        i += 2;
    }
    words->text[to] = '\0';
    words->len = to;
}

/* base64's letters for both of its alphabets, in 6 bits. */
static char letter_of(unsigned six)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    return letters[six & 63];
}

/* Those letters of base64 text that these bytes alone decide, wherever in it they begin. */
static size_t encode(const char *bytes, size_t len, unsigned shift, char *ret_text)
{
    size_t count = 0;

    for (size_t bit = shift; bit + 6 <= 8 * len; bit += 6) {
        unsigned high = (unsigned char)bytes[bit / 8];
        unsigned low = bit / 8 + 1 < len ? (unsigned char)bytes[bit / 8 + 1] : 0;
        ret_text[count++] = letter_of((high << 8 | low) >> (10 - bit % 8));
    }
    ret_text[count] = '\0';
    return count;
}

static bool is_in_base64(const char *words, const char *part, size_t len)
{
    static const unsigned shifts[] = {0, 2, 4};
    char text[2 * PART];
    bool is_in = false;

    for (size_t i = 0; i < ARRAY_LEN(shifts); i++)
        is_in |= encode(part, len, shifts[i], text) >= 4 && strstr(words, text);
    explicit_bzero(text, sizeof(text));
    return is_in;
}

static bool is_in_hex(const char *words, const char *part, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * PART + 1];

    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[(unsigned char)part[i] >> 4];
        text[2 * i + 1] = digits[(unsigned char)part[i] & 15];
    }
    text[2 * len] = '\0';
    bool is_in = strcasestr(words, text);
    explicit_bzero(text, sizeof(text));
    return is_in;
}

static bool is_in_plain(const char *words, const char *part, size_t len)
{
    char text[PART + 1];

    (void)memcpy(text, part, len);
    text[len] = '\0';
    bool is_in = strcasestr(words, text);
    explicit_bzero(text, sizeof(text));
    return is_in;
}

static bool has_part(const Secret *plain, const Secret *base64, const char *secret)
{
    size_t len = strlen(secret), part = len < PART ? len : PART;

    for (size_t i = 0; part > 0 && i + part <= len; i++)
        if (is_in_plain(plain->text, secret + i, part) ||
            is_in_hex(plain->text, secret + i, part) ||
            is_in_base64(base64->text, secret + i, part))
            return true;
    return false;
}

/* Of the second alphabet, those of the first. */
static void use_one_alphabet(Secret *words)
{
    for (size_t i = 0; i < words->len; i++)
        words->text[i] = words->text[i] == '-' ? '+' : words->text[i] == '_' ? '/' : words->text[i];
}

bool token_is_echoed(const char *words, const char *const *hidden)
{
    enum { TWICE = 3 }; // as it is, unescaped, and unescaped again
    AUTO(secret_done) Secret plain = {0};
    AUTO(secret_done) Secret base64 = {0};
    bool is_in = false;

    secret_init(&plain, strlen(words));
    secret_init(&base64, strlen(words));
    secret_puts(&plain, words);
    for (size_t turn = 0; turn < TWICE; turn++) {
        secret_set(&base64, secret_str(&plain));
        use_one_alphabet(&base64);
        for (const char *const *at = hidden; *at; at++)
            is_in |= has_part(&plain, &base64, *at);
        unescape(&plain);
    }
    return is_in;
}
