/* What the driver itself said, out of the sentences that engines put around it. */
#include "provider.h"

#include "ssisminer/base/err.h"

#include <stdbool.h>
#include <string.h>

/* How engines frame the words of another program. Of all frames in a text the one that begins
 * last holds the innermost words: OLE DB records and inner exceptions are written outside in. */
typedef struct Frame {
    const char *opening;
    bool is_quoted; // the words stand in quotes, else they go to the end of the line
} Frame;

static const Frame frames[] = {
    {"Description:", true},                     // OLE DB record
    {"failed with the following error:", true}, // Execute SQL task
    {"following error message:", true},
    {"with error message:", true},
    {"[SQL Server]", false}, // ODBC: the last name in brackets
    {"--->", false},         // .NET inner exception
};

/* The last place before `end` where `what` begins. Its last character, no letter, is looked for. */
static size_t find_last(Str text, size_t end, Str what)
{
    size_t reach = end + what.len - 1 < text.len ? end + what.len - 1 : text.len;
    const char *last;

    while (reach >= what.len && (last = memrchr(text.at, what.at[what.len - 1], reach))) {
        size_t after = (size_t)(last - text.at) + 1;
        if (after >= what.len && str_equal_fold((Str){text.at + after - what.len, what.len}, what))
            return after - what.len;
        reach = after - 1;
    }
    return SIZE_MAX;
}

/* The ways a quote is written; the longest first. */
static size_t quote_len(Str text, size_t at)
{
    static const char *const quotes[] = {"&quot;",       "\\\"",         "\"\"", "\"",
                                         "\xE2\x80\x9C", "\xE2\x80\x9D", "'"};

    switch ((unsigned char)text.at[at]) {
    case '&':
    case '\\':
    case '"':
    case 0xE2:
    case '\'':
        break;
    default:
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(quotes); i++) {
        size_t len = strlen(quotes[i]);
        if (text.len - at >= len && memcmp(text.at + at, quotes[i], len) == 0)
            return len;
    }
    return 0;
}

static size_t skip_blanks(Str text, size_t at)
{
    while (at < text.len && strchr(" \t\r\n", text.at[at]))
        at++;
    return at;
}

/* A closing quote is followed by the end, a blank or the frame's own full stop; one inside the
 * words ("user "bob" failed") mostly is not. */
static bool closes(Str text, size_t after)
{
    if (after >= text.len || strchr("\r\n", text.at[after]))
        return true;
    return text.at[after] == '.' &&
           (after + 1 >= text.len || strchr(" \t\r\n\\&", text.at[after + 1]));
}

/* The quote that closes what a quote of the same kind, double or single, opened: the words quote
 * names in the other kind. */
static size_t find_close(Str text, size_t at, bool is_single)
{
    enum { WORDS_MAX = 64 * 1024 };
    size_t fallback = SIZE_MAX;
    size_t end = text.len - at < WORDS_MAX ? text.len : at + WORDS_MAX;

    for (; at < end; at++) {
        size_t len = quote_len(text, at);
        if (len == 0 || (text.at[at] == '\'') != is_single)
            continue;
        if (closes(text, at + len))
            return at;
        if (fallback == SIZE_MAX)
            fallback = at;
    }
    return fallback;
}

static Str quoted_words(Str text, size_t at)
{
    at = skip_blanks(text, at);
    size_t open = at < text.len ? quote_len(text, at) : 0;
    if (open == 0)
        return (Str){0};
    size_t close = find_close(text, at + open, text.at[at] == '\'');
    size_t end = close == SIZE_MAX ? text.len : close;
    return str_trim((Str){text.at + at + open, end - at - open});
}

static Str line_words(Str text, size_t at)
{
    Str rest = {text.at + at, text.len - at};
    Str line = {0};
    const char *next = memmem(rest.at, rest.len, "--->", 4); // an inner exception on the same line

    if (next)
        rest.len = (size_t)(next - rest.at);
    while (str_split(&rest, '\n', &line))
        if (str_trim(line).len > 0)
            return str_trim(line);
    return (Str){0};
}

/* The words of the last such frame that has any, and is later than `best`. */
static Str last_words(Str text, const Frame *frame, Str best)
{
    Str opening = str_of(frame->opening);
    size_t floor = best.at ? (size_t)(best.at - text.at) : 0;

    for (size_t at = find_last(text, text.len, opening);
         at != SIZE_MAX && at + opening.len >= floor; at = find_last(text, at, opening)) {
        size_t after = at + opening.len;
        Str words = frame->is_quoted ? quoted_words(text, after) : line_words(text, after);
        if (words.len > 0 && (!best.at || words.at > best.at))
            return words;
    }
    return best;
}

/* 'Quelle: "…" Hresult: 0x80004005 Beschreibung: "…"': what follows the last number of a record, in
 * any language. */
static Str record_words(Str text)
{
    enum { WORD_MAX = 40 };
    static const char number[] = ": 0x";
    size_t at = find_last(text, text.len, str_of(number));

    for (; at != SIZE_MAX && at >= 7;
         at = at > 0 ? find_last(text, at, str_of(number)) : SIZE_MAX) {
        size_t before = at - (text.at[at - 1] == ' ');
        if (before < 7 || !str_equal_fold((Str){text.at + before - 7, 7}, str_of("hresult")))
            continue;
        size_t from = at + sizeof(number) - 1;
        Str rest = {text.at + from, text.len - from < WORD_MAX ? text.len - from : WORD_MAX};
        const char *colon = rest.len > 0 ? memchr(rest.at, ':', rest.len) : NULL;
        return colon ? quoted_words(text, (size_t)(colon + 1 - text.at)) : (Str){0};
    }
    return (Str){0};
}

Str provider_text(Str text)
{
    Str best = {0}, record;

    for (size_t i = 0; i < ARRAY_LEN(frames); i++)
        best = last_words(text, &frames[i], best);
    record = record_words(text);
    return record.len > 0 && (!best.at || record.at > best.at) ? record : best;
}
