/* From an unknown message to the entry that would know it. */
#include "catalog.h"

#include "ssisminer/base/json.h"

#include <string.h>

enum { PATTERN_MAX = 200, EXAMPLE_MAX = 2000, TITLE_MAX = 80 };

/* ---- who says it ----------------------------------------------------------------------------- */

Str sig_without_task(Str text)
{
    static const char *const kinds[] = {":Error: ", ":Warning: ", ":Information: "};
    enum { NAME_MAX = 300 };
    size_t most = text.len < NAME_MAX ? text.len : NAME_MAX;

    for (size_t at = 1; at < most && text.at[at] != '\n'; at++)
        for (size_t i = 0; i < ARRAY_LEN(kinds) && text.at[at] == ':'; i++) {
            Str kind = str_of(kinds[i]);
            if (text.len - at < kind.len || memcmp(text.at + at, kind.at, kind.len) != 0)
                continue;
            Str body = str_trim((Str){text.at + at + kind.len, text.len - at - kind.len});
            return body.len > 0 ? body : text;
        }
    return text;
}

/* ---- the pattern ----------------------------------------------------------------------------- */

/* What varies from one message to the next, as it stands in the text. */
typedef struct Varying {
    const char *kind;                    // of gap
    size_t (*read)(Str text, size_t at); // where it ends, `at` if it is not there
} Varying;

static char char_at(Str text, size_t at)
{
    return at < text.len ? text.at[at] : '\0';
}

static bool is_hex(char c)
{
    c = str_fold(c);
    return fold_is_digit(c) || (c >= 'a' && c <= 'f');
}

static size_t read_guid(Str text, size_t at)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    bool braced = char_at(text, at) == '{';
    size_t end = at + braced;

    for (const char *c = shape; *c != '\0'; c++, end++)
        if (*c == 'x' ? !is_hex(char_at(text, end)) : char_at(text, end) != '-')
            return at;
    return end + (braced && char_at(text, end) == '}');
}

static size_t read_quoted(Str text, size_t at)
{
    char quote = char_at(text, at);

    if (quote != '"' && quote != '\'')
        return at;
    const char *close = memchr(text.at + at + 1, quote, text.len - at - 1);
    size_t end = close ? (size_t)(close - text.at) : at;
    bool is_name = end > at + 1 && !fold_is_word(char_at(text, end + 1));
    return is_name ? end + 1 : at;
}

static size_t read_path(Str text, size_t at)
{
    size_t end = at;
    bool drive = char_at(text, at + 1) == ':' && char_at(text, at + 2) == '\\';
    bool share = char_at(text, at) == '\\' && char_at(text, at + 1) == '\\';

    if (!drive && !share)
        return at;
    while (end < text.len && !strchr(" \t\r\n\"'<>|*", text.at[end]))
        end++;
    while (end > at && strchr(".,;:)!?", text.at[end - 1]))
        end--;
    return end;
}

static size_t read_number(Str text, size_t at)
{
    size_t end = at + (char_at(text, at) == '-');

    if (!fold_is_digit(char_at(text, end)))
        return at;
    if (char_at(text, end) == '0' && str_fold(char_at(text, end + 1)) == 'x' &&
        is_hex(char_at(text, end + 2)))
        for (end += 2; is_hex(char_at(text, end));)
            end++;
    while (fold_is_digit(char_at(text, end)) ||
           ((char_at(text, end) == '.' || char_at(text, end) == ',') &&
            fold_is_digit(char_at(text, end + 1))))
        end++;
    return fold_is_word(char_at(text, end)) ? at : end;
}

static const Varying varying[] = {
    {"guid", read_guid}, {"quoted", read_quoted}, {"path", read_path}, {"number", read_number}};

typedef struct Sketch {
    Str text;
    size_t at;
    Buf *pattern;
    size_t gaps;
    bool after_gap;
} Sketch;

static bool at_word_start(const Sketch *sketch)
{
    return sketch->at == 0 || !fold_is_word(sketch->text.at[sketch->at - 1]);
}

/* Takes a varying piece; false when there is none here. */
static bool sketch_gap(Sketch *sketch)
{
    for (size_t i = 0; i < ARRAY_LEN(varying) && at_word_start(sketch); i++) {
        size_t end = varying[i].read(sketch->text, sketch->at);
        if (end == sketch->at)
            continue;
        sketch->at = end;
        if (sketch->pattern->len > 0) { // a pattern begins with text
            buf_printf(sketch->pattern, "{%s%zu:%s}", varying[i].kind, ++sketch->gaps,
                       varying[i].kind);
            sketch->after_gap = true;
        }
        return true;
    }
    return false;
}

static void sketch_char(Sketch *sketch)
{
    char c = sketch->text.at[sketch->at++];

    if (sketch->pattern->len == 0 && !fold_is_word(c))
        return;
    if (c == '{' || c == '}')
        buf_putc(sketch->pattern, c);
    buf_putc(sketch->pattern, (unsigned char)c < ' ' ? ' ' : c);
    sketch->after_gap = false;
}

/* A sentence is enough. */
static bool sketch_is_done(const Sketch *sketch)
{
    enum { SENTENCE_MIN = 40 };
    char before = sketch->at > 0 ? sketch->text.at[sketch->at - 1] : '\0';
    char here = char_at(sketch->text, sketch->at);

    if (sketch->at >= sketch->text.len || sketch->gaps == SIG_CAPTURES_MAX)
        return true;
    if (sketch->pattern->len >= PATTERN_MAX)
        return !fold_is_word(here) || !fold_is_word(before);
    return sketch->pattern->len >= SENTENCE_MIN && before == '.' && here == ' ';
}

static bool pattern_holds(const char *pattern, Str text)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(fold_done) Folded folded = {0};
    Pattern *compiled = NULL;
    PatternMatch match;
    Err err = {0};

    fold_text(&folded, text);
    return pattern_compile(pattern, &arena, &compiled, &err) == RC_OK &&
           pattern_find(compiled, &folded, &match);
}

static void sketch_pattern(Str text, Buf *ret_pattern)
{
    Sketch sketch = {.text = text, .pattern = ret_pattern};

    while (!sketch_is_done(&sketch)) {
        Sketch before = sketch;
        size_t len = ret_pattern->len;
        if (!sketch_gap(&sketch))
            sketch_char(&sketch);
        else if (before.after_gap) { // two gaps without text between: the sentence ends here
            ret_pattern->text[ret_pattern->len = len] = '\0';
            break;
        }
    }
}

/* The longest plain words, where a sketch of the whole does not hold. */
static void plain_words(Str text, Buf *ret_pattern)
{
    Str best = {0};

    for (size_t at = 0; at < text.len;) {
        size_t end = at;
        while (end < text.len && (fold_is_word(text.at[end]) || text.at[end] == ' ') &&
               end - at < PATTERN_MAX)
            end++;
        if (end - at > best.len)
            best = (Str){text.at + at, end - at};
        at = end + 1;
    }
    best = str_trim(best);
    buf_put(ret_pattern, best.at, best.len);
}

/* ---- YAML ------------------------------------------------------------------------------------ */

/* JSON's strings are YAML's, too. */
static void put_quoted(Buf *yaml, Str text)
{
    json_put_text(yaml, text);
}

static Str first_line(Str text)
{
    Str line = {0};

    text = str_trim(text);
    if (!str_split(&text, '\n', &line))
        return text;
    line = str_trim(line);
    return line.len <= TITLE_MAX ? line : (Str){line.at, str_utf8_floor(line.at, TITLE_MAX)};
}

static void put_example(Buf *yaml, const SigText *text)
{
    size_t len =
        text->text.len <= EXAMPLE_MAX ? text->text.len : str_utf8_floor(text->text.at, EXAMPLE_MAX);

    buf_puts(yaml, "  examples:\n    - { text: ");
    put_quoted(yaml, (Str){text->text.at, len});
    if (text->code != 0)
        buf_printf(yaml, ", code: %lld", (long long)text->code);
    if (!str_is_blank(text->source_name)) {
        buf_puts(yaml, ", source_name: ");
        put_quoted(yaml, str_of(text->source_name));
    }
    if (!str_is_blank(text->subcomponent)) {
        buf_puts(yaml, ", subcomponent: ");
        put_quoted(yaml, str_of(text->subcomponent));
    }
    buf_puts(yaml, " }\n");
}

void sig_suggest(const char *id, const SigText *text, Buf *ret_yaml)
{
    AUTO(buf_done) Buf pattern = BUF(4096);
    size_t len =
        text->text.len <= EXAMPLE_MAX ? text->text.len : str_utf8_floor(text->text.at, EXAMPLE_MAX);
    const SigText shown = {{text->text.at, len}, text->code, text->source_name, text->subcomponent};

    sketch_pattern(sig_without_task(shown.text), &pattern);
    if (!pattern_holds(buf_text(&pattern), shown.text)) {
        buf_reset(&pattern);
        plain_words(sig_without_task(shown.text), &pattern);
    }
    buf_printf(ret_yaml, "- id: %s\n  title: ", id);
    put_quoted(ret_yaml, first_line(sig_without_task(shown.text)));
    buf_puts(ret_yaml,
             "\n"
             "  source: user\n"
             "  class: defect            # capacity transient connectivity auth config driver data "
             "resource defect\n"
             "  role: cause              # wrapper when it only carries another error\n"
             "  severity: error\n"
             "  retry: after-fix         # safe after-backoff after-fix never\n"
             "  match:\n"
             "    any:\n"
             "      - text: ");
    put_quoted(ret_yaml, (Str){buf_text(&pattern), pattern.len});
    buf_puts(ret_yaml, "\n  cause: \"\"                # why it happens, in a sentence or two\n"
                       "  actions:\n    - \"\"                   # what to do, one step each\n");
    put_example(ret_yaml, &shown);
}
