/*
 * A plain, slow matcher of the same catalog, written from config/signatures/README.md and not
 * from the engine: it tries everything everywhere, and finds codes with regular expressions.
 * Property tests and fuzz targets compare the engine's answers with its.
 *
 * Everything is static: a test includes it. Memory is the caller's arena.
 */
#ifndef TESTS_UNIT_SIGNATURE_SLOW_MATCH_H
#define TESTS_UNIT_SIGNATURE_SLOW_MATCH_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/utf.h"
#include "ssisminer/conf/yaml.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* ---- folding: a list of units, then rewriting ------------------------------------------------ */

typedef struct SlowText {
    char *text;
    size_t *from;
    size_t len;
    Str raw;
} SlowText;

typedef struct SlowSpelling {
    const char *raw, *out;
} SlowSpelling;

static const SlowSpelling slow_spellings[] = {
    {"&quot;", "'"},       {"&apos;", "'"},         {"&lt;", "<"},
    {"&gt;", ">"},         {"&nbsp;", " "},         {"&amp;quot;", "'"},
    {"&amp;apos;", "'"},   {"&amp;lt;", "<"},       {"&amp;gt;", ">"},
    {"&amp;nbsp;", " "},   {"&amp;amp;quot;", "'"}, {"&amp;amp;apos;", "'"},
    {"&amp;amp;lt;", "<"}, {"&amp;amp;gt;", ">"},   {"&amp;amp;nbsp;", " "},
    {"&amp;amp;", "&"},    {"&amp;", "&"},          {"&", "&"},
};

static size_t slow_put_point(char *out, uint32_t point)
{
    static const struct {
        uint32_t first, last;
        const char *out;
    } table[] = {
        {0, 0x20, " "},        {0x7F, 0x7F, " "},       {'"', '"', "'"},
        {'`', '`', "'"},       {0xA0, 0xA0, " "},       {0xAB, 0xAB, "'"},
        {0xBB, 0xBB, "'"},     {0xAD, 0xAD, ""},        {0xB4, 0xB4, "'"},
        {0x2000, 0x200A, " "}, {0x200B, 0x200D, ""},    {0x2010, 0x2015, "-"},
        {0x2018, 0x201F, "'"}, {0x2026, 0x2026, "..."}, {0x2028, 0x2029, " "},
        {0x202F, 0x202F, " "}, {0x2032, 0x2033, "'"},   {0x2039, 0x203A, "'"},
        {0x2060, 0x2060, ""},  {0x2212, 0x2212, "-"},   {0x3000, 0x3000, " "},
        {0x300C, 0x300F, "'"}, {0xFEFF, 0xFEFF, ""},
    };

    if (point >= 0xFF01 && point <= 0xFF5E)
        point -= 0xFEE0;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (point >= table[i].first && point <= table[i].last) {
            memcpy(out, table[i].out, strlen(table[i].out));
            return strlen(table[i].out);
        }
    if (point < 0x80) {
        out[0] = str_fold((char)point);
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xC0 | (point >> 6));
        out[1] = (char)(0x80 | (point & 63));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xE0 | (point >> 12));
        out[1] = (char)(0x80 | ((point >> 6) & 63));
        out[2] = (char)(0x80 | (point & 63));
        return 3;
    }
    out[0] = (char)(0xF0 | ((point >> 18) & 7));
    out[1] = (char)(0x80 | ((point >> 12) & 63));
    out[2] = (char)(0x80 | ((point >> 6) & 63));
    out[3] = (char)(0x80 | (point & 63));
    return 4;
}

static size_t slow_digits(Str raw, size_t at, int base, size_t max, uint32_t *value)
{
    static const char all[] = "0123456789abcdef";
    size_t n = 0;

    *value = 0;
    while (n < max && at + n < raw.len) {
        const char *digit = memchr(all, str_fold(raw.at[at + n]), (size_t)base);
        if (!digit)
            break;
        *value = *value * (uint32_t)base + (uint32_t)(digit - all);
        n++;
    }
    return n;
}

static bool slow_has(Str raw, size_t at, const char *what)
{
    return at <= raw.len && raw.len - at >= strlen(what) &&
           memcmp(raw.at + at, what, strlen(what)) == 0;
}

/* &#39; and &#x27;, behind up to two "amp;" */
static size_t slow_numeric(Str raw, size_t at, uint32_t *point)
{
    size_t start = at++;

    for (int i = 0; i < 2 && slow_has(raw, at, "amp;"); i++)
        at += 4;
    if (!slow_has(raw, at, "#"))
        return 0;
    bool hex = slow_has(raw, at, "#x") || slow_has(raw, at, "#X");
    at += hex ? 2 : 1;
    size_t n = slow_digits(raw, at, hex ? 16 : 10, 6, point);
    if (n == 0 || !slow_has(raw, at + n, ";") || *point > 0x10FFFF)
        return 0;
    return at + n + 1 - start;
}

static bool slow_is_gap_char(unsigned char c)
{
    return c <= ' ' || c == 0x7F || c == '"' || c == '\'' || c == '`';
}

static bool slow_word_char(char c)
{
    c = str_fold(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

static bool slow_ascii_letter(char c)
{
    return slow_word_char(c) && (unsigned char)c < 0x80 && !(c >= '0' && c <= '9');
}

/* A word that began as C:\x or \\server: its backslashes are no escapes. */
static bool slow_plain_path(Str raw, size_t at)
{
    size_t start = at;

    while (start > 0 && at - start < 128 && !slow_is_gap_char((unsigned char)raw.at[start - 1]))
        start--;
    for (size_t i = start + 1; i < at; i++) // one letter, a colon, a backslash
        if (slow_has(raw, i, ":\\") && slow_ascii_letter(raw.at[i - 1]) &&
            (i - 1 == start || !slow_word_char(raw.at[i - 2])))
            return !slow_has(raw, i, ":\\\\");
    return at - start > 2 && slow_has(raw, start, "\\\\") && !slow_has(raw, start, "\\\\\\");
}

static size_t slow_unit(Str raw, size_t at, char *out, size_t *out_len)
{
    unsigned char c = (unsigned char)raw.at[at];
    uint32_t point = 0;
    size_t taken = 0;

    *out_len = 1;
    if (c == '&') {
        taken = slow_numeric(raw, at, &point);
        if (taken > 0) {
            *out_len = slow_put_point(out, point);
            return taken;
        }
        for (size_t i = 0; i < sizeof(slow_spellings) / sizeof(slow_spellings[0]); i++)
            if (slow_has(raw, at, slow_spellings[i].raw)) {
                out[0] = slow_spellings[i].out[0];
                return strlen(slow_spellings[i].raw);
            }
    }
    if (c == '\\') {
        while (at + taken < raw.len && raw.at[at + taken] == '\\')
            taken++;
        if (slow_has(raw, at + taken, "\"") || slow_has(raw, at + taken, "'")) {
            out[0] = '\'';
            return taken + 1;
        }
        if (slow_has(raw, at + taken, "/")) {
            out[0] = '/';
            return taken + 1;
        }
        if (slow_has(raw, at + taken, "u") &&
            slow_digits(raw, at + taken + 1, 16, 4, &point) == 4) {
            *out_len = slow_put_point(out, point);
            return taken + 5;
        }
        bool letter = slow_has(raw, at + taken, "n") || slow_has(raw, at + taken, "r") ||
                      slow_has(raw, at + taken, "t");
        if (taken == 1 && letter && !slow_plain_path(raw, at)) {
            out[0] = ' ';
            return 2;
        }
        out[0] = '\\';
        return taken;
    }
    if (c == '_' && (slow_has(raw, at, "_x") || slow_has(raw, at, "_X")) &&
        slow_digits(raw, at + 2, 16, 4, &point) == 4 && slow_has(raw, at + 6, "_") &&
        point <= 0x20) {
        out[0] = ' ';
        return 7;
    }
    if (c >= 0x80) {
        size_t bytes = 1;
        point = utf_next(raw.at + at, raw.len - at, &bytes);
        if (bytes > 1) {
            *out_len = slow_put_point(out, point);
            return bytes;
        }
        out[0] = (char)c;
        return 1;
    }
    *out_len = slow_put_point(out, c);
    return 1;
}

static void slow_add(SlowText *t, char c, size_t from)
{
    if ((c == ' ' || c == '\'') && t->len > 0 && t->text[t->len - 1] == c)
        return;
    t->text[t->len] = c;
    t->from[t->len++] = from;
}

static bool slow_ends(const SlowText *t, const char *word, bool whole)
{
    size_t n = strlen(word);

    if (t->len < n || memcmp(t->text + t->len - n, word, n) != 0)
        return false;
    return !whole || t->len == n || !slow_word_char(t->text[t->len - n - 1]);
}

/* The text ends in a verb and n'. */
static bool slow_takes_not(const SlowText *t)
{
    static const char *const ends[] = {
        "isn'",  "wasn'",   "weren'",  "aren'",    "don'",   "doesn'", "didn'",   "hasn'", "haven'",
        "hadn'", "couldn'", "wouldn'", "shouldn'", "mustn'", "needn'", "mightn'", "can'",  "won'"};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (slow_ends(t, ends[i], true))
            return true;
    return false;
}

/* Replaces the last `drop` characters; the new ones stand where the place says. */
static void slow_rewrite(SlowText *t, size_t drop, const char *with, size_t place)
{
    t->len -= drop;
    for (; *with; with++)
        slow_add(t, *with, place);
}

static SlowText slow_fold(Str raw, Arena *arena)
{
    SlowText t = {.raw = raw};

    t.text = arena_alloc(arena, raw.len * 2 + 32);
    t.from = arena_alloc_array(arena, raw.len * 2 + 32, sizeof(size_t));
    for (size_t at = 0; at < raw.len;) {
        char out[8];
        size_t n = 0;
        bool closing_t =
            str_fold(raw.at[at]) == 't' && (at + 1 == raw.len || !slow_word_char(raw.at[at + 1]));
        bool negates = closing_t && slow_takes_not(&t);
        if (negates) {
            size_t place = t.from[t.len - 1];
            t.len--;
            if (slow_ends(&t, "won", true))
                slow_rewrite(&t, 2, "ill not", place);
            else if (slow_ends(&t, "can", true))
                slow_rewrite(&t, 0, " not", place);
            else
                slow_rewrite(&t, 1, " not", place);
            at++;
            continue;
        }
        if (closing_t && slow_ends(&t, "canno", true)) {
            slow_rewrite(&t, 2, " not", t.from[t.len - 2]);
            at++;
            continue;
        }
        size_t taken = slow_unit(raw, at, out, &n);
        for (size_t i = 0; i < n; i++)
            slow_add(&t, out[i], at);
        at += taken;
    }
    t.text[t.len] = '\0';
    t.from[t.len] = raw.len;
    return t;
}

/* ---- patterns -------------------------------------------------------------------------------- */

typedef struct SlowItem {
    char kind[8]; // "text", or a gap's kind; "..." is "skip"
    char name[40];
    const char *text;
    size_t len;
} SlowItem;

typedef struct SlowPattern {
    SlowItem items[64];
    size_t count;
    size_t specificity;
} SlowPattern;

typedef struct SlowCapture {
    const char *name;
    size_t start, end;
} SlowCapture;

typedef struct SlowFound {
    size_t start, end;
    SlowCapture captures[16];
    size_t count;
} SlowFound;

static void slow_add_text(SlowPattern *p, char *plain, size_t *len, Arena *arena)
{
    if (*len == 0)
        return;
    SlowText t = slow_fold((Str){arena_copy(arena, plain, *len), *len}, arena);
    *len = 0;
    if (t.len == 0)
        return;
    SlowItem *item = &p->items[p->count++];
    *item = (SlowItem){.kind = "text", .text = t.text, .len = t.len};
}

static SlowPattern *slow_compile(const char *source, Arena *arena)
{
    SlowPattern *p = arena_alloc(arena, sizeof(*p));
    char *plain = arena_alloc(arena, strlen(source) + 1);
    size_t len = 0;

    while (*source) {
        if (strncmp(source, "{{", 2) == 0 || strncmp(source, "}}", 2) == 0) {
            plain[len++] = *source;
            source += 2;
        } else if (strncmp(source, "...", 3) == 0) {
            slow_add_text(p, plain, &len, arena);
            p->items[p->count++] = (SlowItem){.kind = "skip"};
            source += 3;
        } else if (*source == '{') {
            slow_add_text(p, plain, &len, arena);
            SlowItem *item = &p->items[p->count++];
            *item = (SlowItem){.len = 0};
            (void)sscanf(source, "{%39[^:]:%7[^}]}", item->name, item->kind);
            source = strchr(source, '}') + 1;
        } else {
            plain[len++] = *source++;
        }
    }
    slow_add_text(p, plain, &len, arena);
    SlowItem *first = &p->items[0], *last = &p->items[p->count - 1];
    if (first->len > 1 && first->text[0] == ' ') {
        first->text++;
        first->len--;
    }
    if (last->len > 1 && last->text[last->len - 1] == ' ')
        last->len--;
    for (size_t i = 0; i < p->count; i++)
        p->specificity += p->items[i].len;
    return p;
}

/* Compiled once; kept to the end of the test program. */
static const SlowPattern *slow_compiled(const char *source)
{
    static struct {
        const char *source;
        const SlowPattern *pattern;
    } cache[4096];
    static Arena kept;
    size_t slot = (size_t)(str_hash(STR_HASH_SEED, source, strlen(source)) % 4096);

    while (cache[slot].source && strcmp(cache[slot].source, source) != 0)
        slot = (slot + 1) % 4096;
    if (!cache[slot].source) {
        cache[slot].source = arena_text(&kept, source);
        cache[slot].pattern = slow_compile(source, &kept);
    }
    return cache[slot].pattern;
}

static bool slow_in(const char *set, char c)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool slow_hexchar(char c)
{
    return slow_in("0123456789abcdef", c);
}

static bool slow_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool slow_text_here(const SlowText *t, const SlowItem *item, size_t at)
{
    if (at + item->len > t->len || memcmp(t->text + at, item->text, item->len) != 0)
        return false;
    size_t end = at + item->len;
    bool cuts_before = at > 0 && slow_digit(t->text[at - 1]) && slow_digit(t->text[at]);
    bool cuts_after = slow_digit(t->text[end - 1]) && slow_digit(t->text[end]);
    return !cuts_before && !cuts_after;
}

static size_t slow_quotes_at(const SlowText *t, size_t at)
{
    size_t quotes = 0;

    for (size_t i = t->from[at]; i < t->from[at + 1];) {
        char out[8];
        size_t n = 0;
        i += slow_unit(t->raw, i, out, &n);
        quotes += n == 1 && out[0] == '\'';
    }
    return quotes;
}

/* Ends of a gap that begins at `at`, in the order they are to be tried; SIZE_MAX ends the list. */
static size_t slow_gap_end(const SlowText *t, const SlowItem *item, size_t at, size_t try_number,
                           size_t *start, size_t *end)
{
    const char *s = t->text;
    size_t e = at;

    *start = at;
    if (strcmp(item->kind, "quoted") == 0) {
        if (s[at] != '\'')
            return SIZE_MAX;
        bool empty =
            (s[at + 1] == '\0' || slow_in(" .,;:)]}>!?", s[at + 1])) && slow_quotes_at(t, at) == 2;
        if (empty && try_number == 0) {
            *start = *end = at + 1;
            return at + 1;
        }
        size_t skip = try_number - (empty ? 1 : 0);
        for (e = at + 1; e < t->len && e - at - 1 < 512; e++)
            if (s[e] == '\'' && skip-- == 0) {
                *start = at + 1;
                *end = e;
                return e + 1;
            }
        return SIZE_MAX;
    }
    if (try_number > 0)
        return SIZE_MAX;
    if (strcmp(item->kind, "number") == 0) {
        if (s[e] == '-' || s[e] == '+')
            e++;
        size_t digits = e;
        if (s[e] == '0' && s[e + 1] == 'x' && slow_hexchar(s[e + 2])) {
            for (e += 2; slow_hexchar(s[e]); e++)
                ;
        } else {
            while (slow_digit(s[e]) || (e > digits && slow_in(".,", s[e]) && slow_digit(s[e + 1])))
                e++;
        }
        if (e == digits || e - at > 64)
            return SIZE_MAX;
    } else if (strcmp(item->kind, "word") == 0) {
        while (s[e] && !slow_in(" ',;()[]{}<>", s[e]))
            e++;
        while (e > at && slow_in(".:!?", s[e - 1]))
            e--;
        if (e == at || e - at > 256)
            return SIZE_MAX;
    } else if (strcmp(item->kind, "guid") == 0) {
        static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
        bool brace = s[e] == '{';
        e += brace;
        *start = e;
        for (const char *c = shape; *c; c++, e++)
            if (*c == 'x' ? !slow_hexchar(s[e]) : s[e] != '-')
                return SIZE_MAX;
        *end = e;
        return e + (brace && s[e] == '}');
    } else { // path
        SlowItem quoted = {.kind = "quoted"};
        size_t inner_start = 0, inner_end = 0;
        size_t q = slow_gap_end(t, &quoted, at, 0, &inner_start, &inner_end);
        if (q != SIZE_MAX) {
            e = q;
        } else {
            while (s[e] && !slow_in(" '<>|*", s[e]))
                e++;
            while (e > at && slow_in(".,;:)!?", s[e - 1]))
                e--;
            inner_start = at;
            inner_end = e;
        }
        bool looks = false;
        for (size_t i = inner_start; i < inner_end; i++)
            looks = looks || slow_in("\\/.", s[i]);
        if (!looks || inner_end - inner_start > 512)
            return SIZE_MAX;
        *start = inner_start;
        *end = inner_end;
        return e;
    }
    *end = e;
    return e;
}

static bool slow_is_lazy(const SlowItem *item)
{
    return strcmp(item->kind, "any") == 0 || strcmp(item->kind, "skip") == 0;
}

/* Items [first, last) exactly at `at`. */
static bool slow_piece_at(const SlowText *t, const SlowPattern *p, size_t first, size_t last,
                          size_t at, SlowFound *found)
{
    *found = (SlowFound){.start = at, .end = at};
    for (size_t i = first; i < last; i++) {
        const SlowItem *item = &p->items[i];
        size_t start = 0, end = 0, next = SIZE_MAX;
        if (strcmp(item->kind, "text") == 0) {
            if (!slow_text_here(t, item, found->end))
                return false;
            found->end += item->len;
            continue;
        }
        for (size_t n = 0;; n++) {
            next = slow_gap_end(t, item, found->end, n, &start, &end);
            if (next == SIZE_MAX)
                return false;
            if (i + 1 == last || slow_text_here(t, &p->items[i + 1], next))
                break;
            if (strcmp(item->kind, "quoted") != 0)
                return false;
        }
        found->captures[found->count++] = (SlowCapture){item->name, start, end};
        found->end = next;
    }
    return true;
}

typedef struct SlowPiece {
    size_t first, last;
    const SlowItem *gap; // before it
    SlowFound *places;
    size_t count;
} SlowPiece;

/* The chain that ends in place `index` of piece k: each gap as short as possible, from the end. */
static bool slow_chain(const SlowPiece *pieces, size_t k, size_t index, SlowFound *out)
{
    const SlowFound *here = &pieces[k].places[index];

    if (k == 0) {
        *out = *here;
        return true;
    }
    size_t max = strcmp(pieces[k].gap->kind, "skip") == 0 ? 4096 : 512;
    for (size_t i = pieces[k - 1].count; i-- > 0;) {
        const SlowFound *before = &pieces[k - 1].places[i];
        SlowFound chain;
        if (before->end > here->start || !slow_chain(pieces, k - 1, i, &chain))
            continue;
        if (here->start - before->end > max)
            return false;
        if (pieces[k].gap->name[0])
            chain.captures[chain.count++] =
                (SlowCapture){pieces[k].gap->name, before->end, here->start};
        for (size_t c = 0; c < here->count; c++)
            chain.captures[chain.count++] = here->captures[c];
        chain.end = here->end;
        *out = chain;
        return true;
    }
    return false;
}

static bool slow_find(const SlowText *t, const SlowPattern *p, SlowFound *found, Arena *arena)
{
    SlowPiece pieces[16] = {0};
    size_t n = 1;
    bool open_end = slow_is_lazy(&p->items[p->count - 1]);

    for (size_t i = 0; i < p->count; i++) // most patterns have nothing to do with most messages
        if (p->items[i].len > 0 && !memmem(t->text, t->len, p->items[i].text, p->items[i].len))
            return false;
    for (size_t i = 0; i < p->count; i++) {
        if (slow_is_lazy(&p->items[i])) {
            if (i + 1 == p->count)
                break;
            pieces[n] = (SlowPiece){.first = i + 1, .gap = &p->items[i]};
            pieces[n++].last = i + 1;
        } else {
            pieces[n - 1].last = i + 1;
        }
    }
    for (size_t k = 0; k < n; k++) {
        size_t capacity = 0;
        for (size_t at = 0; at < t->len;) {
            pieces[k].places = arena_grow(arena, pieces[k].places, pieces[k].count,
                                          pieces[k].count + 1, &capacity, sizeof(SlowFound));
            SlowFound *place = &pieces[k].places[pieces[k].count];
            if (slow_piece_at(t, p, pieces[k].first, pieces[k].last, at, place)) {
                pieces[k].count++;
                at = place->end;
            } else {
                at++;
            }
        }
    }
    for (size_t i = 0; i < pieces[n - 1].count; i++) {
        if (!slow_chain(pieces, n - 1, i, found))
            continue;
        if (open_end) {
            size_t end = found->end;
            const SlowItem *gap = &p->items[p->count - 1];
            size_t max = strcmp(gap->kind, "skip") == 0 ? 4096 : 512;
            while (end < t->len && end - found->end < max &&
                   !slow_in("\r\n", t->raw.at[t->from[end]]))
                end++;
            if (gap->name[0])
                found->captures[found->count++] = (SlowCapture){gap->name, found->end, end};
            found->end = end;
        }
        return true;
    }
    return false;
}

/* ---- codes ----------------------------------------------------------------------------------- */

/* Groups of the first match; false without one. Expressions are compiled once and kept. */
static bool slow_regex(const char *source, uint32_t options, Str text, Str *ret_groups,
                       size_t group_count)
{
    static struct {
        const char *source;
        pcre2_code *code;
    } cache[64];
    size_t i = 0;

    while (i < 64 && cache[i].source && strcmp(cache[i].source, source) != 0)
        i++;
    if (i == 64)
        abort();
    if (!cache[i].source) {
        int number = 0;
        PCRE2_SIZE at = 0;
        cache[i].source = strdup(source);
        cache[i].code =
            pcre2_compile((PCRE2_SPTR)source, PCRE2_ZERO_TERMINATED, options, &number, &at, NULL);
        if (!cache[i].code) {
            fprintf(stderr, "slow matcher: error %d at %zu of %s\n", number, at, source);
            abort();
        }
    }
    static pcre2_match_data *data;
    if (!data)
        data = pcre2_match_data_create(16, NULL);
    int rc = pcre2_match(cache[i].code, (PCRE2_SPTR)(text.at ? text.at : ""), text.len, 0, 0, data,
                         NULL);
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(data);
    for (size_t g = 0; rc > 0 && g < group_count; g++)
        ret_groups[g] = (int)g < rc && at[2 * g] != PCRE2_UNSET
                            ? (Str){text.at + at[2 * g], at[2 * g + 1] - at[2 * g]}
                            : (Str){0};
    return rc > 0;
}

/* Whole words, or ends of words outside ASCII, separated by '|'. */
static bool slow_one_of(Str word, const char *list)
{
    Str rest = str_of(list), item = {0};

    while (str_split(&rest, '|', &item)) {
        if (str_equal(word, item))
            return true;
        bool ends_it =
            word.len > item.len && memcmp(word.at + word.len - item.len, item.at, item.len) == 0;
        if (ends_it && ((unsigned char)item.at[0] >= 0x80 ||
                        (unsigned char)word.at[word.len - item.len - 1] >= 0x80))
            return true;
    }
    return false;
}

static const char slow_error_words[] =
    "msg|error|err|errorno|errornumber|error_number|errorcode|error_code|errorid|sqlerror|"
    "sqlerrornumber|sqlerrorcode|sqlcode|sqlexception|nativeerror|native_error|native|message_code|"
    "messagecode|message_id|evtid|fehler|fehlercode|fehlernummer|meldung|erreur|mens|mensaje|"
    "mensagem|messaggio|errore|erro|ошибка|Ошибка|сообщение|Сообщение|エラー|エラー番号|"
    "エラーコード|"
    "メッセージ|错误|错误号|错误代码|错误编号|錯誤碼|消息|錯誤|訊息|오류|메시지|"
    "meldg|komunikat|błąd|Błąd|błędu|hata|ileti|İleti|meddelande|felkod|bericht|fout|"
    "foutcode|zpráva|Zpráva|chyba|üzenet|Üzenet|hiba|hibakód|meddelelse|fejl|fejlkode|melding|feil|virhe";

/* The text before a number says that it is a code. */
static bool slow_dressed(Str before, bool wide)
{
    static const char word_and_separators[] =
        "^(.*?)([a-z0-9_\\x80-\\xff]{1,48})(\\.?) *(?:[:=#(\\['>-] *){0,4}$";
    static const char last_word[] = "([a-z0-9_\\x80-\\xff]{1,48})$";
    static const char sqlstate[] = "(?<![a-z0-9_\\x80-\\xff])sqlstate *(?:[:=#(\\['>-] "
                                   "*){0,4}[a-z0-9_\\x80-\\xff]{5}[\\])]? ?\\($";
    Str groups[4], previous = {0}, group[2] = {{0}};

    if (slow_regex(word_and_separators, PCRE2_DOTALL, before, groups, 4)) {
        Str word = groups[2], left = groups[1];
        bool joined =
            left.len > 0 && (left.at[left.len - 1] == ' ' || left.at[left.len - 1] == '-');
        if (joined && slow_regex(last_word, 0, (Str){left.at, left.len - 1}, group, 2))
            previous = group[1];
        if (groups[3].len > 0 && word.len > 4 && !slow_one_of(word, "meldg"))
            word = (Str){0};
        if (slow_regex("' \\($", 0, before, group, 1)) // a name, and its id
            word = (Str){0};
        if (slow_one_of(word, slow_error_words))
            return true;
        if (slow_one_of(word, "number|code"))
            return previous.len == 0 || slow_one_of(previous, slow_error_words) ||
                   slow_one_of(
                       previous,
                       "error|sql|native|server|message|msg|fehler|odbc|db|ssis|oledb|provider") ||
                   (wide && slow_one_of(previous, "exit|status|return|result|exception|reason"));
        if (slow_one_of(word, "no|nr|num|id"))
            return joined && left.at[left.len - 1] == ' ' &&
                   slow_one_of(previous, slow_error_words);
        if (slow_one_of(word, "hresult|scode|ntstatus|status|result|exitcode"))
            return wide;
    }
    return slow_regex(sqlstate, 0, before, group, 1);
}

static const char slow_counted[] = "row|rows|record|records|byte|bytes|kb|mb|gb|ms|sec|second|"
                                   "seconds|minute|minutes|hour|hours|times|"
                                   "warning|warnings|errors|file|files|item|items|messages|"
                                   "attempts|retries|columns|tables|packages|executions";

static bool slow_ends_code(Str after)
{
    static const char goes_on[] = "^(?:[a-z0-9_%]|[.:/][0-9]|,[0-9]{3}(?![0-9]))";
    static const char word_after[] = "^ ([a-z0-9\\x80-\\xff]+)";
    Str groups[2];

    if (slow_regex(goes_on, 0, after, groups, 1))
        return false;
    return !slow_regex(word_after, 0, after, groups, 2) || !slow_one_of(groups[1], slow_counted);
}

static bool slow_is_run(char c)
{
    return (c >= 'a' && c <= 'z') || slow_digit(c);
}

/* Is the code in the text? */
static bool slow_has_code(const SlowText *t, uint32_t code, size_t *ret_at)
{
    for (size_t at = 0, end = 0; at < t->len; at = end + (end == at)) {
        for (end = at; slow_is_run(t->text[end]); end++)
            ;
        if (end == at || end - at > 64)
            continue;
        Str run = {t->text + at, end - at};
        Str before = {t->text, at}, after = {t->text + end, t->len - end};
        Str groups[2];
        *ret_at = at;
        if (slow_regex("^0x0*([0-9a-f]{1,8})$", 0, run, groups, 2) && code >= 0x10000 &&
            strtoull(groups[1].at, NULL, 16) == code)
            return true;
        if (slow_regex("^[0-9a-f]{8}$", 0, run, groups, 1) && code >= 0x10000 &&
            t->text[end] != '-' && (at == 0 || t->text[at - 1] != '-') &&
            strtoull(run.at, NULL, 16) == code && slow_dressed(before, true))
            return true;
        if (!slow_regex("^(?!0[0-9])[0-9]{1,10}$", 0, run, groups, 1) || !slow_ends_code(after))
            continue;
        long long value = strtoll(run.at, NULL, 10);
        bool negative =
            at > 0 && t->text[at - 1] == '-' && (at == 1 || !slow_word_char(t->text[at - 2]));
        if (negative)
            before.len--;
        if (slow_regex("(?:_|[0-9]\\.)$", 0, before, groups, 1) || value > UINT32_MAX ||
            (negative && value > 2147483648LL))
            continue;
        if (slow_regex("(?:\\[error |http error:? |an error: ?\\()$", 0, before, groups, 1))
            continue;
        if (value < 0x10000 && slow_regex("failure ?type", 0, after, groups, 1) &&
            (slow_regex("^ (?:failure type|message )", 0, after, groups, 1) ||
             (after.at[0] == '\'' && slow_regex("'$", 0, before, groups, 1))))
            continue;
        uint32_t mine = (uint32_t)(negative ? -value : value);
        if (mine == code &&
            ((negative && run.len >= 9) || slow_dressed(before, negative || mine >= 0x10000)))
            return true;
    }
    return false;
}

/* ---- whose number it is ---------------------------------------------------------------------- */

/* Below 65536, and of an entry that stands for SQL Server: is the number at `at` another product's?
 */
static bool slow_of_others(const SlowText *t, size_t at)
{
    static const char voices[] =
        "\\[teradata|teradatasql|terajdbc|\\[oracle\\]|oracleexception|oracle\\.jdbc|cx_oracle|"
        "oracledb\\.|mysqlexception|mysqlconnector|mysql\\.data|\\[mysql\\]|mysql server|com\\.mysql|"
        "pymysql|mysqldb\\.|mariadb|\\[ibm\\]\\[|db2 sql error|db2exception|ibm\\.data\\.db2|"
        "microsoft db2|sqlcode|snowflake(?:db|sql|\\.data|\\.connector)|net\\.snowflake|\\[snowflake\\]|"
        "sql compilation error|npgsql|psqlexception|psqlodbc|psycopg|\\[postgresql|\\[informix|sap dbtech|"
        "\\[sap ag\\]|hanaexception|hdbodbc|\\[sap\\]\\[ase|\\[sybase\\]|aseexception|mongodb\\.driver|"
        "com\\.mongodb|\\[cloudera\\]|\\[simba\\]|org\\.apache\\.hive|\\[amazon\\]|\\[netezza|\\[vertica|"
        "\\[progress\\]|\\[openedge|\\[datadirect\\]|fbexception|\\[firebird\\]|sqliteexception|sqlite3\\.|"
        "\\[databricks|\\[clickhouse|bigquery\\.|ora-[0-9][0-9]";
    Str all = {t->text, t->len}, before = {t->text, at}, group[1];
    size_t end = at;

    while (slow_digit(t->text[end]))
        end++;
    Str after = {t->text + end, t->len - end};
    if (slow_regex("^, ?(?!sql)[a-zA-Z\\x80-\\xff]+:? ?[0-9]", 0, after, group, 1) ||
        slow_regex("(?:sql server|sqlerrornumber|\\[sqlstate)[^\\0]{0,27}$", PCRE2_DOTALL,
                   (Str){before.at + (at > 28 ? at - 28 : 0), at > 28 ? 28 : at}, group, 1))
        return false;
    if (slow_regex("^ \\([a-zA-Z0-9\\x80-\\xff]{5}\\):", 0, after, group, 1) ||
        (slow_regex("'code': $", 0, before, group, 1) &&
         slow_regex("microsoft\\.datatransfer", 0, all, group, 1)))
        return true;
    return slow_regex(voices, 0, all, group, 1) &&
           !slow_regex("linked server|openquery|openrowset", 0, all, group, 1);
}

/* ---- the catalog ----------------------------------------------------------------------------- */

typedef struct SlowMatch {
    const char *id;
    size_t at;
    SlowCapture captures[16]; // places in the message
    size_t count;
    size_t specificity;
    int rank;
    size_t index;
} SlowMatch;

typedef struct SlowMessage {
    Str raw;
    uint32_t code;
    const char *source_name, *subcomponent;
    SlowText folded;
    Arena *arena;
} SlowMessage;

static const char *slow_scalar(const YamlNode *node, const char *key)
{
    const YamlNode *value = yaml_get(node, key);

    return value ? value->text : NULL;
}

/* A value that may be one or a list, item by item. */
static const char *slow_item(const YamlNode *value, size_t i)
{
    if (!value)
        return NULL;
    if (value->kind == YAML_SCALAR)
        return i == 0 ? value->text : NULL;
    return i < value->count ? value->items[i]->text : NULL;
}

static bool slow_pattern_there(const SlowMessage *m, const char *source, SlowFound *found,
                               size_t *specificity)
{
    const SlowPattern *p = slow_compiled(source);

    *specificity = p->specificity;
    return slow_find(&m->folded, p, found, m->arena);
}

static void slow_take(const SlowMessage *m, const SlowFound *found, SlowMatch *match)
{
    match->at = m->folded.from[found->start];
    match->count = found->count;
    for (size_t i = 0; i < found->count; i++) {
        Str piece = {m->raw.at + m->folded.from[found->captures[i].start],
                     m->folded.from[found->captures[i].end] -
                         m->folded.from[found->captures[i].start]};
        piece = str_trim(piece);
        size_t start = (size_t)(piece.at - m->raw.at);
        match->captures[i] = (SlowCapture){found->captures[i].name, start, start + piece.len};
    }
}

static bool slow_is_of_server(const YamlNode *entry)
{
    return slow_one_of(str_of(slow_scalar(entry, "source")), "sql-server|azure-sql|codes");
}

/* "208", "0xC0202009" or "14500-14799", of which the lowest that is there counts. */
static bool slow_has_codes(const SlowMessage *m, const char *source, bool is_of_server,
                           size_t *ret_at, bool *ret_has)
{
    char *end = NULL;
    uint32_t first = (uint32_t)strtoll(source, &end, strncmp(source, "0x", 2) == 0 ? 16 : 10);
    uint32_t last = *end == '-' ? (uint32_t)strtoll(end + 1, NULL, 10) : first, lowest = UINT32_MAX;
    size_t at = 0;

    if (*end != '-') {
        bool in_text = slow_has_code(&m->folded, first, ret_at);
        bool is_others =
            in_text && is_of_server && first < 0x10000 && slow_of_others(&m->folded, *ret_at);
        *ret_has = !is_others && (in_text || first == m->code);
        return in_text && !is_others;
    }
    for (size_t i = 0; i < m->folded.len; i++) {
        uint32_t value = (uint32_t)strtoll(m->folded.text + i, NULL, 10);
        if (slow_is_run(m->folded.text[i]) && value >= first && value <= last && value < lowest &&
            slow_has_code(&m->folded, value, &at) &&
            !(is_of_server && value < 0x10000 && slow_of_others(&m->folded, at))) {
            lowest = value;
            *ret_at = at;
        }
    }
    bool is_others = is_of_server && m->code < 0x10000 && slow_has_code(&m->folded, m->code, &at) &&
                     slow_of_others(&m->folded, at);
    *ret_has = lowest != UINT32_MAX || (!is_others && m->code >= first && m->code <= last);
    return lowest != UINT32_MAX;
}

static bool slow_rule(const SlowMessage *m, const YamlNode *entry, const YamlNode *rule,
                      SlowMatch *match)
{
    SlowFound found;
    size_t specificity = 0;
    const char *source;

    *match = (SlowMatch){.at = SIZE_MAX};
    if ((source = slow_scalar(rule, "source_name")) &&
        !str_glob(source, m->source_name ? m->source_name : ""))
        return false;
    if ((source = slow_scalar(rule, "subcomponent")) &&
        !str_glob(source, m->subcomponent ? m->subcomponent : ""))
        return false;
    const YamlNode *codes = yaml_get(rule, "code");
    bool has_code = !codes;
    for (size_t i = 0; (source = slow_item(codes, i)) && !has_code; i++) {
        size_t at = 0;
        bool in_text = slow_has_codes(m, source, slow_is_of_server(entry), &at, &has_code);
        if (in_text)
            match->at = m->folded.from[at];
    }
    match->specificity = codes ? 100 : 0;
    if (!has_code)
        return false;
    if ((source = slow_scalar(rule, "text"))) {
        if (!slow_pattern_there(m, source, &found, &specificity))
            return false;
        slow_take(m, &found, match);
        match->specificity += specificity;
    }
    for (size_t i = 0; (source = slow_item(yaml_get(rule, "with"), i)); i++) {
        if (!slow_pattern_there(m, source, &found, &specificity))
            return false;
        match->specificity += specificity;
    }
    for (size_t i = 0; (source = slow_item(yaml_get(rule, "not"), i)); i++)
        if (slow_pattern_there(m, source, &found, &specificity))
            return false;
    bool any = !yaml_get(rule, "with_any");
    for (size_t i = 0; (source = slow_item(yaml_get(rule, "with_any"), i)); i++) {
        any = slow_pattern_there(m, source, &found, &specificity) || any;
        match->specificity += i == 0 ? specificity : 0;
    }
    if ((source = slow_scalar(rule, "regex"))) {
        Str group[1];
        any = any && slow_regex(source,
                                PCRE2_CASELESS | PCRE2_DOTALL | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF,
                                m->raw, group, 1);
        match->specificity += 50;
        if (any) { // named groups are not compared
            match->at = (size_t)(group[0].at - m->raw.at);
            match->count = 0;
        }
    }
    return any;
}

static bool slow_entry(const SlowMessage *m, const YamlNode *entry, SlowMatch *best)
{
    const YamlNode *match = yaml_get(entry, "match");
    const YamlNode *any = match ? yaml_get(match, "any") : NULL;
    const YamlNode *all = match ? yaml_get(match, "all") : NULL;
    SlowMatch one;
    bool found = false;

    if (!any && !all)
        return false;
    *best = (SlowMatch){.at = SIZE_MAX};
    for (size_t i = 0; any && i < any->count; i++)
        if (slow_rule(m, entry, any->items[i], &one) &&
            (!found || one.specificity > best->specificity)) {
            *best = one;
            found = true;
        }
    if (any && !found)
        return false;
    for (size_t i = 0; all && i < all->count; i++) {
        if (!slow_rule(m, entry, all->items[i], &one))
            return false;
        if (!any && i == 0) {
            *best = one;
            continue;
        }
        for (size_t c = 0; c < one.count && best->count < 8; c++)
            best->captures[best->count++] = one.captures[c];
        best->specificity += one.specificity;
    }
    return true;
}

static bool slow_names(const YamlNode *root, const char *a, const char *b, int depth)
{
    for (size_t i = 0; depth < 50 && i < root->count; i++) {
        if (strcmp(slow_scalar(root->items[i], "id"), a) != 0)
            continue;
        const char *next;
        for (size_t j = 0; (next = slow_item(yaml_get(root->items[i], "before"), j)); j++)
            if (strcmp(next, b) == 0 || slow_names(root, next, b, depth + 1))
                return true;
    }
    return false;
}

static int slow_rank(const char *role)
{
    return strcmp(role, "cause") == 0 ? 0 : strcmp(role, "wrapper") == 0 ? 2 : 1;
}

static bool slow_better(const SlowMatch *a, const SlowMatch *b)
{
    if (a->rank != b->rank)
        return a->rank < b->rank;
    if (a->specificity != b->specificity)
        return a->specificity > b->specificity;
    return a->index < b->index;
}

/* All matches, best first. */
static inline size_t slow_match(const YamlNode *root, SlowMessage *m, SlowMatch *matches,
                                size_t max)
{
    size_t count = 0;

    m->folded = slow_fold(m->raw, m->arena);
    for (size_t i = 0; i < root->count && count < max; i++) {
        SlowMatch *match = &matches[count];
        if (!slow_entry(m, root->items[i], match))
            continue;
        match->id = slow_scalar(root->items[i], "id");
        const char *yields = slow_scalar(root->items[i], "yields");
        match->rank = 2 * slow_rank(slow_scalar(root->items[i], "role")) +
                      (yields && strcmp(yields, "true") == 0);
        match->index = i;
        count++;
    }
    for (size_t place = 0; place < count; place++) {
        size_t best = place;
        for (size_t i = place; i < count; i++)
            best = slow_better(&matches[i], &matches[best]) ? i : best;
        for (bool again = true; again;) { // whatever is declared to come before it comes first
            size_t beater = SIZE_MAX;
            for (size_t i = place; i < count; i++)
                if (slow_names(root, matches[i].id, matches[best].id, 0) &&
                    (beater == SIZE_MAX || slow_better(&matches[i], &matches[beater])))
                    beater = i;
            again = beater != SIZE_MAX;
            best = again ? beater : best;
        }
        SlowMatch winner = matches[best];
        matches[best] = matches[place];
        matches[place] = winner;
    }
    return count;
}

#endif
