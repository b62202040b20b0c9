/*
 * What is the same in two messages of one unknown failure.
 *
 * The mask keeps the words, and the codes among the numbers, and drops what varies from run to run
 * and the task that said it. Its hash, in lower case, is the fingerprint: stable across runs and
 * machines, so the rules below must not change lightly.
 */
#include "ssisminer/diagnose/diagnose.h"

#include "ssisminer/base/buf.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { MASK_MAX = 1024, READ_MAX = 16 * 1024 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_blank(char c)
{
    return (unsigned char)c <= ' '; // a NUL too: the mask is a C string
}

static char at_or_nul(Str text, size_t at)
{
    return at < text.len ? text.at[at] : '\0';
}

/* Each reader takes what begins at `at` and returns where it ends, `at` if it is not there. */

static size_t read_guid(Str text, size_t at)
{
    static const size_t groups[] = {8, 4, 4, 4, 12};
    size_t end = at + (at_or_nul(text, at) == '{');

    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        if (i > 0 && at_or_nul(text, end++) != '-')
            return at;
        for (size_t digit = 0; digit < groups[i]; digit++)
            if (!is_hex(at_or_nul(text, end++)))
                return at;
    }
    if (is_hex(at_or_nul(text, end)))
        return at;
    return end + (at_or_nul(text, at) == '{' && at_or_nul(text, end) == '}');
}

static size_t read_hex(Str text, size_t at)
{
    size_t end = at + 2;

    if (at_or_nul(text, at) != '0' || str_fold(at_or_nul(text, at + 1)) != 'x')
        return at;
    while (is_hex(at_or_nul(text, end)))
        end++;
    return end > at + 2 ? end : at;
}

static size_t digits_from(Str text, size_t at)
{
    while (is_digit(at_or_nul(text, at)))
        at++;
    return at;
}

/* 2024-05-01, 1/5/2024, 10:00:00, and both together, with fraction and offset. */
static size_t read_time(Str text, size_t at)
{
    size_t end = digits_from(text, at);
    char mark = at_or_nul(text, end);
    size_t groups = 1;

    if (end == at || end - at > 4 || (mark != '-' && mark != '/' && mark != ':'))
        return at;
    while (at_or_nul(text, end) == mark && digits_from(text, end + 1) > end + 1) {
        end = digits_from(text, end + 1);
        groups++;
    }
    if (groups < 3)
        return at;
    if (mark == ':' && at_or_nul(text, end) == '.')
        end = digits_from(text, end + 1);
    if (at_or_nul(text, end) == 'Z')
        return end + 1;
    char join = at_or_nul(text, end);
    size_t more = mark != ':' && (join == 'T' || join == ' ') ? read_time(text, end + 1) : end;
    return more > end + 1 ? more : end;
}

static size_t read_number(Str text, size_t at)
{
    bool is_signed = at_or_nul(text, at) == '-' || at_or_nul(text, at) == '+';
    size_t end = at + is_signed;

    if (!is_digit(at_or_nul(text, end)) ||
        (is_signed && at > 0 && (is_letter(text.at[at - 1]) || is_digit(text.at[at - 1]))))
        return at;
    while (is_digit(at_or_nul(text, end)) ||
           ((at_or_nul(text, end) == '.' || at_or_nul(text, end) == ',') &&
            is_digit(at_or_nul(text, end + 1))))
        end++;
    return end;
}

/* The other half of a pair of quotes, in UTF-8. */
static const struct {
    const char *open, *close;
} quotes[] = {{"\"", "\""},
              {"'", "'"},
              {"`", "`"},
              {"\xE2\x80\x9C", "\xE2\x80\x9D"},
              {"\xE2\x80\x98", "\xE2\x80\x99"},
              {"\xC2\xAB", "\xC2\xBB"},
              {"&quot;", "&quot;"},
              {"\\\"", "\\\""},
              {"\xE2\x80\x9E", "\xE2\x80\x9C"}};

/* A short name in quotes. A quote after a letter is an apostrophe; a long quotation is prose that
 * tells one failure from another. */
static size_t read_quoted(Str text, size_t at)
{
    enum { NAME_MAX = 200 };

    unsigned char first = (unsigned char)text.at[at];

    if (first < 0x80 && !strchr("\"'`&\\", (int)first))
        return at;
    if (at > 0 && (is_letter(text.at[at - 1]) || is_digit(text.at[at - 1])))
        return at;
    for (size_t i = 0; i < ARRAY_LEN(quotes); i++) {
        if (!str_begins_at(text, at, quotes[i].open))
            continue;
        size_t start = at + strlen(quotes[i].open);
        size_t words = 1;
        for (size_t end = start; end < text.len && end - start < NAME_MAX; end++) {
            if (str_begins_at(text, end, quotes[i].close))
                return words <= 4 ? end + strlen(quotes[i].close) : at;
            words += text.at[end] == ' ';
        }
        return at;
    }
    return at;
}

/* [dbo].[Orders] */
static size_t read_brackets(Str text, size_t at)
{
    size_t end = at, parts = 0;

    while (at_or_nul(text, end) == '[') {
        size_t close = end;
        while (close < text.len && text.at[close] != ']' && close - end < 130)
            close++;
        if (at_or_nul(text, close) != ']')
            break;
        parts++;
        end = close + 1;
        if (at_or_nul(text, end) != '.' || at_or_nul(text, end + 1) != '[')
            break;
        end++;
    }
    return parts >= 2 ? end : at;
}

/* ---- words ----------------------------------------------------------------------------------- */

static Str word_at(Str text, size_t at)
{
    size_t end = at;

    while (end < text.len && !is_blank(text.at[end]) && !strchr("\"'`,;()<>|{}[]=", text.at[end]) &&
           !(text.at[end] == '&' && str_begins_at(text, end, "&quot;")))
        end++;
    while (end > at && strchr(".:!?", text.at[end - 1]))
        end--;
    return (Str){text.at + at, end - at};
}

static bool ends_fold(Str word, const char *ending)
{
    size_t len = strlen(ending);

    return word.len > len && str_equal_fold((Str){word.at + word.len - len, len}, str_of(ending));
}

static bool ends_in_one_of(Str word, const char *const *endings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ends_fold(word, endings[i]))
            return true;
    return false;
}

static size_t count_of(Str word, char c)
{
    size_t count = 0;

    for (size_t i = 0; i < word.len; i++)
        count += word.at[i] == c;
    return count;
}

/* The name under which a word is masked, or NULL to keep it. */
static const char *mask_of(Str word)
{
    static const char *const files[] = {".dtsx", ".csv",   ".txt",      ".xls", ".xlsx",
                                        ".xml",  ".json",  ".dat",      ".zip", ".log",
                                        ".bak",  ".ispac", ".dtsconfig"};
    static const char *const hosts[] = {".net", ".com", ".org",      ".local",
                                        ".cn",  ".de",  ".internal", ".lan"};

    if (word.len < 3)
        return NULL;
    if (memmem(word.at, word.len, "://", 3))
        return "<url>";
    if (memchr(word.at, '@', word.len))
        return "<name>";
    if (count_of(word, '\\') > 0)
        return count_of(word, '\\') == 1 && word.at[0] != '\\' && word.at[1] != ':' ? "<name>"
                                                                                    : "<path>";
    if (word.at[0] == '/' && count_of(word, '/') >= 2)
        return "<path>";
    if (ends_in_one_of(word, files, ARRAY_LEN(files)))
        return "<path>";
    return count_of(word, '.') > 0 && ends_in_one_of(word, hosts, ARRAY_LEN(hosts)) ? "<host>"
                                                                                    : NULL;
}

/* A long run of hex digits with some of both kinds: a hash, a handle. */
static size_t read_hash(Str text, size_t at)
{
    size_t end = at, digits = 0;

    while (is_hex(at_or_nul(text, end)))
        digits += is_digit(text.at[end++]);
    if (end - at < 8 || digits == 0 || digits == end - at || is_letter(at_or_nul(text, end)))
        return at;
    return end;
}

/* ---- codes ----------------------------------------------------------------------------------- */

/* "0x80004005": an HRESULT or NTSTATUS that says failure. An address is no such number. */
static size_t read_failure_code(Str text, size_t at)
{
    enum { CODE_LEN = 10 };
    size_t end = read_hex(text, at);

    return end == at + CODE_LEN && strchr("89aAcC", text.at[at + 2]) ? end : at;
}

/* Where the word ends that stands before `at`, but for a colon, an equals sign and blanks. */
static size_t end_of_word_before(Str text, size_t at)
{
    while (at > 0 && strchr(" :=(", text.at[at - 1]))
        at--;
    return at;
}

/* "error code: 10061", "exit code is -1", "SQLSTATE 42000", "Msg 547": another number is another
 * failure. */
static bool is_announced(Str text, size_t at)
{
    static const char *const words[] = {"code", "codes", "errno", "sqlstate", "msg", "hresult"};
    size_t end = end_of_word_before(text, at);

    if (end == at)
        return false;
    if (end >= 3 && str_equal_fold((Str){text.at + end - 3, 3}, str_of(" is")))
        end = end_of_word_before(text, end - 3);
    size_t start = end;
    while (start > 0 && is_letter(text.at[start - 1]))
        start--;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_equal_fold((Str){text.at + start, end - start}, str_of(words[i])))
            return true;
    return false;
}

static size_t read_code(Str text, size_t at)
{
    char first = text.at[at];

    if (!is_digit(first) && first != '-' && first != '+')
        return at;
    size_t end = read_failure_code(text, at);
    if (end > at || !is_announced(text, at))
        return end;
    end = read_hex(text, at);
    return end > at ? end : read_number(text, at);
}

/* ---- the mask -------------------------------------------------------------------------------- */

typedef struct Masker {
    Str text;
    size_t at;
    Buf *mask;
} Masker;

typedef struct MaskRule {
    size_t (*read)(Str text, size_t at);
    const char *name;
    bool needs_start; // only where no word is under way
} MaskRule;

static const MaskRule rules[] = {
    {read_guid, "<guid>", true},    {read_hex, "<hex>", true},        {read_time, "<time>", true},
    {read_quoted, "<name>", false}, {read_brackets, "<name>", false}, {read_hash, "<hex>", true},
    {read_number, "<n>", false},
};

static bool apply_rule(Masker *masker, bool at_start)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        if (rules[i].needs_start && !at_start)
            continue;
        size_t end = rules[i].read(masker->text, masker->at);
        if (end == masker->at)
            continue;
        buf_puts(masker->mask, rules[i].name);
        masker->at = end;
        return true;
    }
    return false;
}

/* A word; a URL goes on over what ends other words. */
static Str word_or_url_at(Str text, size_t at)
{
    Str word = word_at(text, at);

    if (!memmem(word.at, word.len, "://", 3))
        return word;
    while (at + word.len < text.len && !is_blank(text.at[at + word.len]) &&
           !strchr("\"'`<>", text.at[at + word.len]))
        word.len++;
    while (strchr(".,:;!?)", word.at[word.len - 1]))
        word.len--;
    return word;
}

static bool mask_word(Masker *masker)
{
    Str word = word_or_url_at(masker->text, masker->at);
    const char *name = mask_of(word);

    if (!name)
        return false;
    buf_puts(masker->mask, name);
    masker->at += word.len;
    return true;
}

static void keep_char(Masker *masker)
{
    char c = masker->text.at[masker->at++];

    if (!is_blank(c))
        buf_putc(masker->mask, c);
    else if (masker->mask->len > 0 && masker->mask->text[masker->mask->len - 1] != ' ')
        buf_putc(masker->mask, ' ');
}

static bool keep_code(Masker *masker)
{
    size_t end = read_code(masker->text, masker->at);

    if (end == masker->at)
        return false;
    buf_put(masker->mask, masker->text.at + masker->at, end - masker->at);
    masker->at = end;
    return true;
}

/* Most characters: within a word, or a blank. No rule begins there. */
static bool is_ordinary(char c, bool at_start)
{
    char folded = str_fold(c);

    return is_blank(c) || (!at_start && folded >= 'a' && folded <= 'z');
}

static void make_mask(Masker *masker)
{
    while (masker->at < masker->text.len && !masker->mask->over) {
        char before = masker->at > 0 ? masker->text.at[masker->at - 1] : ' ';
        bool at_start = !is_letter(before) && !is_digit(before);
        if (is_ordinary(masker->text.at[masker->at], at_start)) {
            keep_char(masker);
            continue;
        }
        if (at_start && keep_code(masker))
            continue;
        if (at_start && read_guid(masker->text, masker->at) == masker->at && mask_word(masker))
            continue;
        if (!apply_rule(masker, at_start))
            keep_char(masker);
    }
    while (masker->mask->len > 0 && strchr(" .", masker->mask->text[masker->mask->len - 1]))
        masker->mask->text[--masker->mask->len] = '\0';
}

static uint64_t hash_of(const char *mask)
{
    uint64_t hash = STR_HASH_SEED;

    for (; *mask != '\0'; mask++) {
        char c = str_fold(*mask);
        hash = str_hash(hash, &c, 1);
    }
    return hash;
}

Fingerprint fingerprint_of(Str text, Arena *arena)
{
    AUTO(buf_done) Buf mask = BUF(MASK_MAX);
    Masker masker = {.text = sig_without_task(str_trim(text)), .mask = &mask};
    Fingerprint fingerprint = {0};

    if (masker.text.len > READ_MAX)
        masker.text.len = str_utf8_floor(masker.text.at, READ_MAX);
    make_mask(&masker);
    size_t len = str_utf8_floor(buf_text(&mask), mask.len);
    fingerprint.mask = arena_copy(arena, buf_text(&mask), len);
    (void)snprintf(fingerprint.id, sizeof(fingerprint.id), "u-%016llx",
                   (unsigned long long)hash_of(fingerprint.mask));
    return fingerprint;
}
