/* The pattern language compiled: literals, gaps, and what triggers them. */
#include "pattern.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/mem.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    GapKind kind;
} gap_names[] = {{"number", GAP_NUMBER}, {"word", GAP_WORD}, {"quoted", GAP_QUOTED},
                 {"guid", GAP_GUID},     {"path", GAP_PATH}, {"any", GAP_ANY}};

enum { ANY_MAX = 512, SKIP_MAX = 4096, NAME_MAX = 32 };

typedef struct Compiler {
    const char *rest; // of the source
    Arena *arena;
    PatternItem items[PATTERN_ITEMS_MAX];
    size_t count;
    size_t pieces;
    size_t captures;
    Buf *literal; // plain text read so far
} Compiler;

/* ---- reading the source ---------------------------------------------------------------------- */

static Rc add_item(Compiler *compiler, PatternItem item, Err *err)
{
    if (compiler->count == PATTERN_ITEMS_MAX)
        return FAIL(err, RC_USAGE, "the pattern has more than %d parts", PATTERN_ITEMS_MAX);
    compiler->items[compiler->count++] = item;
    return RC_OK;
}

static Str folded_copy(Arena *arena, Str plain)
{
    AUTO(fold_done) Folded folded = {0};

    fold_text(&folded, plain);
    return (Str){arena_copy(arena, folded.text, folded.len), folded.len};
}

/* The plain text so far becomes a literal. */
static Rc end_literal(Compiler *compiler, Err *err)
{
    Str plain = {buf_text(compiler->literal), compiler->literal->len};

    if (plain.len == 0)
        return RC_OK;
    PatternItem item = {.literal = folded_copy(compiler->arena, plain)};
    buf_reset(compiler->literal);
    if (item.literal.len == 0)
        return RC_OK;
    return add_item(compiler, item, err);
}

static Rc add_gap(Compiler *compiler, PatternItem item, Err *err)
{
    TRY(end_literal(compiler, err));
    if (compiler->count == 0)
        return FAIL(err, RC_USAGE, "a pattern begins with text, not with a gap");
    if (compiler->items[compiler->count - 1].is_gap)
        return FAIL(err, RC_USAGE, "two gaps need text between them");
    if (item.gap == GAP_ANY && ++compiler->pieces >= PATTERN_PIECES_MAX)
        return FAIL(err, RC_USAGE, "the pattern has more than %d gaps of any length",
                    PATTERN_PIECES_MAX - 1);
    if (item.name && ++compiler->captures > SIG_CAPTURES_MAX)
        return FAIL(err, RC_USAGE, "the pattern has more than %d named gaps", SIG_CAPTURES_MAX);
    return add_item(compiler, item, err);
}

static bool name_is_good(Str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!fold_is_word(name.at[i]) && name.at[i] != '_')
            return false;
    return name.len > 0 && name.len <= NAME_MAX;
}

static Rc name_is_new(const Compiler *compiler, Str name, Err *err)
{
    for (size_t i = 0; i < compiler->count; i++)
        if (compiler->items[i].name && str_equal(str_of(compiler->items[i].name), name))
            return FAIL(err, RC_USAGE, "two gaps are called '%.*s'", STR_FMT(name));
    return RC_OK;
}

/* "{name:kind}", after its opening brace. */
static Rc read_gap(Compiler *compiler, Err *err)
{
    const char *close = strchr(compiler->rest, '}');
    if (!close) {
        (void)FAIL(err, RC_USAGE, "the gap '{%.40s' has no closing brace", compiler->rest);
        return err_hint(err, "write a literal brace as '{{'");
    }
    Str whole = {compiler->rest, (size_t)(close - compiler->rest)};
    Str kind = whole, name = {0};

    compiler->rest = close + 1;
    if (!memchr(whole.at, ':', whole.len) || !str_split(&kind, ':', &name) || !name_is_good(name))
        return FAIL(err, RC_USAGE, "'{%.*s}' is not a gap of the form {name:kind}", STR_FMT(whole));
    TRY(name_is_new(compiler, name, err));
    for (size_t i = 0; i < ARRAY_LEN(gap_names); i++)
        if (str_equal(kind, str_of(gap_names[i].name)))
            return add_gap(compiler,
                           (PatternItem){.is_gap = true,
                                         .gap = gap_names[i].kind,
                                         .name = arena_copy(compiler->arena, name.at, name.len),
                                         .max_bytes = ANY_MAX},
                           err);
    return FAIL(err, RC_USAGE,
                "'%.*s' is not a kind of gap: number, word, quoted, guid, path or any",
                STR_FMT(kind));
}

static Rc read_source(Compiler *compiler, Err *err)
{
    const PatternItem skip = {.is_gap = true, .gap = GAP_ANY, .max_bytes = SKIP_MAX};

    while (*compiler->rest != '\0') {
        const char *at = compiler->rest;
        if ((at[0] == '{' || at[0] == '}') && at[1] == at[0]) {
            buf_putc(compiler->literal, at[0]);
            compiler->rest += 2;
        } else if (at[0] == '{') {
            compiler->rest++;
            TRY(read_gap(compiler, err));
        } else if (at[0] == '}') {
            return FAIL(err, RC_USAGE, "a '}' closes nothing; a literal one is '}}'");
        } else if (strncmp(at, "...", 3) == 0) {
            compiler->rest += 3;
            TRY(add_gap(compiler, skip, err));
        } else {
            size_t len = at[0] == '.' ? 1 : strcspn(at, "{}.");
            buf_put(compiler->literal, at, len);
            compiler->rest += len;
        }
    }
    TRY(end_literal(compiler, err));
    return buf_check(compiler->literal, "the pattern", err);
}

/* ---- finishing ------------------------------------------------------------------------------- */

static void cut_blank_ends(Compiler *compiler)
{
    PatternItem *first = &compiler->items[0];
    PatternItem *last = &compiler->items[compiler->count - 1];

    if (!first->is_gap && first->literal.len > 1 && first->literal.at[0] == FOLD_BLANK) {
        first->literal.at++;
        first->literal.len--;
    }
    if (!last->is_gap && last->literal.len > 1 &&
        last->literal.at[last->literal.len - 1] == FOLD_BLANK)
        last->literal.len--;
}

static int compare_words(const void *a, const void *b)
{
    const Str *word = a;
    const char *common = *(const char *const *)b;
    int order = strncmp(word->at, common, word->len);

    return order != 0 ? order : -(int)(unsigned char)common[word->len];
}

/* Words that stand in every other message of an SSIS log: poor triggers. */
static bool word_is_common(Str word)
{
    static const char *const common[] = {
        // sorted
        "a",        "an",          "and",        "are",       "at",         "be",        "by",
        "code",     "column",      "completed",  "component", "connection", "data",      "database",
        "db",       "destination", "error",      "error:",    "execute",    "execution", "failed",
        "file",     "finished",    "flow",       "for",       "from",       "has",       "have",
        "in",       "information", "input",      "is",        "it",         "manager",   "message",
        "name",     "number",      "of",         "ole",       "oledb",      "on",        "or",
        "output",   "package",     "phase",      "pipeline",  "process",    "query",     "result",
        "returned", "row",         "rows",       "server",    "set",        "source",    "sql",
        "ssis",     "started",     "statement",  "table",     "task",       "that",      "the",
        "this",     "to",          "validation", "value",     "variable",   "was",       "were",
        "will",     "with"};

    return bsearch(&word, common, ARRAY_LEN(common), sizeof(common[0]), compare_words) != NULL;
}

static bool is_word_not(Str word)
{
    return str_begins(word, "not") && (word.len == 3 || !fold_is_word(word.at[3]));
}

/* Begins with the end of "not" or "will". */
static bool is_tail(Str word)
{
    size_t len = 0;

    while (len < word.len && fold_is_word(word.at[len]))
        len++;
    return (len >= 1 && len <= 2 && memcmp(word.at, &"not"[3 - len], len) == 0) ||
           (len >= 1 && len <= 3 && memcmp(word.at, &"will"[4 - len], len) == 0);
}

/* Ends in the beginning of "not" or "will". */
static bool is_head(Str word)
{
    size_t len = 0;

    while (len < word.len && fold_is_word(word.at[word.len - len - 1]))
        len++;
    const char *run = word.at + word.len - len;
    return (len >= 1 && len <= 2 && memcmp(run, "no", len) == 0) ||
           (len >= 1 && len <= 4 && memcmp(run, "will", len) == 0);
}

static Str word_after(Str text, size_t *at)
{
    size_t start = *at;

    while (*at < text.len && text.at[*at] != FOLD_BLANK)
        ++*at;
    Str word = {text.at + start, *at - start};
    *at += *at < text.len;
    return word;
}

static size_t word_score(Str word)
{
    if (word_is_common(word))
        return 2;
    return 5 + 3 * (word.len < 12 ? word.len : 12);
}

enum { TRIGGER_LEAST = 3 }; // bytes

typedef struct Trigger {
    Str text;
    size_t score;
} Trigger;

static void trigger_offer(Trigger *best, Str text, size_t score)
{
    bool is_new = text.len >= TRIGGER_LEAST && score > best->score;

    if (is_new)
        *best = (Trigger){text, score};
}

typedef struct Word { // of a literal, judged once
    Str text;
    size_t score;
    bool is_unsafe;
} Word;

/* The message may write " not" as n't and "will not" as won't, and the scanner does not know: no
 * trigger may hold a word that could be part of them. */
static bool word_is_unsafe(Str literal, Str word)
{
    bool is_first = word.at == literal.at;
    bool is_last = word.at + word.len == literal.at + literal.len;
    Str after = {word.at + word.len, (size_t)(literal.at + literal.len - (word.at + word.len))};

    return is_word_not(word) || (is_first && is_tail(word)) || (is_last && is_head(word)) ||
           (str_begins(after, " not") && is_head(word));
}

static size_t take_words(Str literal, Word *words)
{
    size_t count = 0;

    for (size_t at = 0; at < literal.len;) {
        Str text = word_after(literal, &at);
        words[count++] = (Word){text, word_score(text), word_is_unsafe(literal, text)};
    }
    return count;
}

/* The best run of whole words that begins with the first, with the blank before it: the scanner
 * then leaves its first state at the beginning of words only, which keeps it quick. */
static void trigger_from(const Word *words, size_t count, bool has_blank, Trigger *best)
{
    enum { BLANK_SCORE = 8 };
    const char *start = words[0].text.at - has_blank;
    size_t score = has_blank ? BLANK_SCORE : 0;

    for (size_t i = 0; i < count && !words[i].is_unsafe; i++) {
        size_t len = (size_t)(words[i].text.at + words[i].text.len - start);
        if (len > PATTERN_TRIGGER_MAX) {
            if (score <= BLANK_SCORE)
                trigger_offer(best, (Str){start, PATTERN_TRIGGER_MAX}, words[i].score);
            return;
        }
        score += words[i].score;
        trigger_offer(best, (Str){start, len}, score);
    }
}

static size_t longest_literal(const Pattern *pattern)
{
    size_t longest = 0;

    for (size_t i = 0; i < pattern->item_count; i++)
        if (pattern->items[i].literal.len > longest)
            longest = pattern->items[i].literal.len;
    return longest;
}

static Str trigger_of(const Pattern *pattern)
{
    AUTO(mem_free_at)
    Word *words = mem_resize(NULL, (longest_literal(pattern) + 1) * sizeof(*words));
    Trigger best = {0};

    for (size_t i = 0; i < pattern->item_count; i++) {
        size_t count = take_words(pattern->items[i].literal, words);
        for (size_t k = 0; k < count; k++)
            trigger_from(words + k, count - k, k > 0, &best);
    }
    return best.text;
}

Str pattern_trigger(Pattern *pattern)
{
    if (pattern->trigger.len == 0)
        pattern->trigger = trigger_of(pattern);
    return pattern->trigger;
}

/* Whether there is any: what trigger_from would take. */
static bool literal_has_trigger(Str literal)
{
    const char *start = NULL;

    for (size_t at = 0; at < literal.len;) {
        bool has_blank = at > 0;
        Str word = word_after(literal, &at);
        if (word_is_unsafe(literal, word))
            start = NULL;
        else if (!start)
            start = word.at - has_blank;
        if (start && word.at + word.len - start >= TRIGGER_LEAST)
            return true;
    }
    return false;
}

static bool has_trigger(const Pattern *pattern)
{
    for (size_t i = 0; i < pattern->item_count; i++)
        if (literal_has_trigger(pattern->items[i].literal))
            return true;
    return false;
}

static Rc finish(Compiler *compiler, Pattern **ret_pattern, Err *err)
{
    if (compiler->count == 0)
        return FAIL(err, RC_USAGE, "the pattern is empty");
    cut_blank_ends(compiler);

    Pattern *pattern = arena_alloc(compiler->arena, sizeof(*pattern));
    pattern->item_count = compiler->count;
    pattern->items = arena_alloc_array(compiler->arena, compiler->count, sizeof(PatternItem));
    memcpy(pattern->items, compiler->items, compiler->count * sizeof(PatternItem));
    for (size_t i = 0; i < pattern->item_count; i++)
        pattern->specificity += pattern->items[i].literal.len;
    if (!has_trigger(pattern))
        return FAIL(err, RC_USAGE,
                    "the pattern needs three characters of text in a row, beside the word 'not'");
    *ret_pattern = pattern;
    return RC_OK;
}

Rc pattern_compile(const char *source, Arena *arena, Pattern **ret_pattern, Err *err)
{
    AUTO(buf_done) Buf literal = BUF(4096);
    Compiler compiler = {.rest = source, .arena = arena, .literal = &literal};

    TRY(read_source(&compiler, err));
    return finish(&compiler, ret_pattern, err);
}
