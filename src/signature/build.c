/* From entries to something that matches: numbers for the rules, triggers for the automaton. */
#include "catalog.h"

#include "ssisminer/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct LiteralList {
    AutomatonLiteral *items;
    size_t count, capacity;
} LiteralList;

typedef struct GramList {
    GramLiteral *items;
    size_t count, capacity;
} GramList;

typedef struct Builder {
    const SigSet *set;
    Engine *engine;
    LiteralList first;
    GramList second, third;
    size_t always_capacity;
} Builder;

static void number_rules(Builder *builder)
{
    const SigSet *set = builder->set;
    Engine *engine = builder->engine;
    size_t capacity = 0;

    for (size_t i = 0; i < set->count; i++)
        for (size_t j = 0; j < set->entries[i].any_count + set->entries[i].all_count; j++) {
            Rule *rule = &set->entries[i].rules[j];
            engine->rules = arena_grow(&engine->arena, engine->rules, engine->rule_count,
                                       engine->rule_count + 1, &capacity, sizeof(*engine->rules));
            rule->entry = i;
            if (rule->fragment)
                row_compile(rule, &engine->arena);
            engine->rules[engine->rule_count++] = rule;
        }
}

static void add_literal(Builder *builder, Str text, size_t value)
{
    LiteralList *list = &builder->first;

    list->items = arena_grow(&builder->engine->arena, list->items, list->count, list->count + 1,
                             &list->capacity, sizeof(*list->items));
    list->items[list->count++] = (AutomatonLiteral){text, (uint32_t)value};
}

static void add_gram(Builder *builder, GramList *list, Str text, size_t value)
{
    list->items = arena_grow(&builder->engine->arena, list->items, list->count, list->count + 1,
                             &list->capacity, sizeof(*list->items));
    list->items[list->count++] = (GramLiteral){text, (uint32_t)value};
}

static void add_always(Builder *builder, size_t rule)
{
    Engine *engine = builder->engine;

    engine->always =
        arena_grow(&engine->arena, engine->always, engine->always_count, engine->always_count + 1,
                   &builder->always_capacity, sizeof(*engine->always));
    engine->always[engine->always_count++] = (uint32_t)rule;
}

/* ---- words of failures ----------------------------------------------------------------------- */

/* Folded. A message that reads well seldom holds one of them; nearly every pattern does. */
static const char *const failure_words[] = {
    "fail",        "error",        "cannot",     " not",        "invalid",     "unable",
    "denied",      "exceed",       "missing",    "exception",   "expired",     "refused",
    "timed out",   "timeout",      "deadlock",   "could",       "must",        "insuffic",
    "incorrect",   "conflict",     "violat",     "truncated",   "truncation",  "overflow",
    "corrupt",     "aborted",      "terminat",   "forbidden",   "forcibly",    "duplicate",
    "already",     "mismatch",     "wrong",      "locked",      "unknown",     "inconsist",
    "too ",        "disabled",     "impossible", "require",     "unauthori",   "unsupport",
    "empty",       "only ",        "illegal",    "ambiguous",   "should",      "incompatib",
    "longer than", "larger than",  "excessive",  "suspect",     "specif",      "differ",
    "there is no", "there are no", "no ",        " null",       "never",       "unresolved",
    "damaged",     "unrecogni",    "malformed",  "improper",    "expects",     "expected",
    "undefined",   "reached",      "offline",    "busy",        "unavailable", "out of",
    "conversion",  "negative",     "allowed",    "has changed", "aadsts",      "ora-",
    "dts_e_",      "problem",      "cancel",     "shutting",    "shut down",   "restricted",
    "ended ",      "kill",         "overlap",    "unhandled",   "unregister",  "reject",
    "disconnect",  "stopped",      "broken ",    "lost ",       "leaving",     "limit",
    "unrecover",   "null ",        "nulls ",     "cycle",       "depth",       "fehler",
    "erreur",      "errore",       "erro ",      "nicht",       "no es ",      "no se ",
    "non ",        "impossibile",  "sqlcode",    "sqlstate",    "sql0",        "sql1",
    "sql3",        "][",           "teradata",   "unreachable", " is full",    "gone away",
    "by peer",     "not a ",       "not enough", "fatal"};

/* First bytes of letters outside ASCII: texts in other languages hold no word of the list. */
static bool is_foreign(unsigned char byte)
{
    return byte == 0xC3 || byte == 0xD0 || byte == 0xD1 || byte >= 0xE3;
}

static bool is_foreign_text(Str literal)
{
    for (size_t i = 0; i < literal.len; i++)
        if (is_foreign((unsigned char)literal.at[i]))
            return true;
    return false;
}

static bool holds(Str literal, const char *word)
{
    return literal.len > 0 && memmem(literal.at, literal.len, word, strlen(word)) != NULL;
}

/* Where this pattern is, there is a word of failures. */
static bool is_behind_gate(const Pattern *pattern)
{
    for (size_t i = 0; i < pattern->item_count; i++)
        for (size_t k = 0; k < ARRAY_LEN(failure_words); k++)
            if (holds(pattern->items[i].literal, failure_words[k]))
                return true;
    return false;
}

/* Its text, or what must be there beside it. A row's text alone says nothing of a failure where
 * no such word stands beside it. */
static bool rule_is_behind_gate(const Rule *rule)
{
    if (rule->wants_failure || (rule->text && is_behind_gate(rule->text)))
        return true;
    for (size_t i = 0; i < rule->with.count; i++)
        if (is_behind_gate(rule->with.items[i]))
            return true;
    for (size_t i = 0; i < rule->with_any.count; i++)
        if (!is_behind_gate(rule->with_any.items[i]))
            return false;
    return rule->with_any.count > 0;
}

static bool is_foreign_pattern(const Pattern *pattern)
{
    for (size_t i = 0; i < pattern->item_count; i++)
        if (is_foreign_text(pattern->items[i].literal))
            return true;
    return false;
}

static void add_trigger(Builder *builder, Pattern *pattern, size_t number)
{
    enum { TRIGGER_MAX = 14 }; // of hundreds; what is longer tells little more, and fills the cache
    const Rule *rule = builder->engine->rules[number];
    Str trigger = pattern_trigger(pattern);

    if (is_foreign_pattern(pattern))
        add_gram(builder, &builder->third, trigger, number);
    else if (rule_is_behind_gate(rule))
        add_gram(builder, &builder->second, trigger, number);
    else
        add_literal(builder,
                    (Str){trigger.at, trigger.len < TRIGGER_MAX ? trigger.len : TRIGGER_MAX},
                    number);
}

/* Folding writes n't as " not" and can't as cannot; the scanner sees them as they are. */
static void add_gate(Builder *builder)
{
    static const char quoted_t[] = {'n', FOLD_QUOTE, 't', '\0'};
    size_t value = builder->engine->rule_count + SEEN_FAILURE;

    for (size_t i = 0; i < ARRAY_LEN(failure_words); i++)
        add_literal(builder, str_of(failure_words[i]), value);
    add_literal(builder, str_of(quoted_t), value);
    add_literal(builder, str_of("can not"), value);
    for (int byte = 0x80; byte <= 0xFF; byte++)
        if (is_foreign((unsigned char)byte))
            add_literal(builder, (Str){arena_printf(&builder->engine->arena, "%c", byte), 1},
                        builder->engine->rule_count + SEEN_FOREIGN);
}

static Pattern *longest_trigger(const PatternList *list)
{
    Pattern *best = list->items[0];

    for (size_t i = 1; i < list->count; i++)
        if (pattern_trigger(list->items[i]).len > pattern_trigger(best).len)
            best = list->items[i];
    return best;
}

/* Of the text and what must stand beside it, what is rarer: the longer trigger. */
static Pattern *announcing_pattern(const Rule *rule)
{
    if (rule->with.count == 0)
        return rule->text;
    Pattern *beside = longest_trigger(&rule->with);
    return pattern_trigger(beside).len > pattern_trigger(rule->text).len ? beside : rule->text;
}

/* What announces a rule: its text, else its codes, else a text that must stand beside. */
static void announce(Builder *builder, size_t number)
{
    const Rule *rule = builder->engine->rules[number];

    if (rule->text) {
        add_trigger(builder, announcing_pattern(rule), number);
    } else if (rule->code_count > 0) {
        for (size_t i = 0; i < rule->code_count; i++)
            builder->engine->code_rule_counts[rule->codes[i]]++;
    } else if (rule->with.count > 0) {
        add_trigger(builder, longest_trigger(&rule->with), number);
    } else if (rule->with_any.count > 0) {
        for (size_t i = 0; i < rule->with_any.count; i++)
            add_trigger(builder, rule->with_any.items[i], number);
    } else {
        add_always(builder, number);
    }
}

/* An entry with `any` is announced by one of those; one without, by the first of `all`. */
static void announce_all(Builder *builder)
{
    const SigSet *set = builder->set;
    size_t number = 0;

    for (size_t i = 0; i < set->count; i++) {
        const Entry *entry = &set->entries[i];
        size_t announcing = entry->any_count > 0 ? entry->any_count : entry->all_count > 0;
        for (size_t j = 0; j < announcing; j++)
            announce(builder, number + j);
        number += entry->any_count + entry->all_count;
    }
}

/* Code → rules that only the code announces. The counts were made by announce. */
static void list_code_rules(Builder *builder)
{
    const SigSet *set = builder->set;
    Engine *engine = builder->engine;

    for (size_t i = 0; i < set->codes.count; i++) {
        engine->code_rules[i] =
            arena_alloc_array(&engine->arena, engine->code_rule_counts[i], sizeof(uint32_t));
        engine->code_rule_counts[i] = 0;
    }
    for (size_t number = 0; number < engine->rule_count; number++) {
        const Rule *rule = engine->rules[number];
        const Entry *entry = &set->entries[rule->entry];
        bool announces = !rule->is_all || (entry->any_count == 0 && rule == &entry->rules[0]);
        if (rule->text || !announces)
            continue;
        for (size_t i = 0; i < rule->code_count; i++) {
            uint32_t code = rule->codes[i];
            engine->code_rules[code][engine->code_rule_counts[code]++] = (uint32_t)number;
        }
    }
}

static size_t prefix_of(const char *digits)
{
    size_t prefix = 0;

    for (size_t i = 0; i < CODE_SIGN_DIGITS; i++)
        prefix = prefix * 10 + (size_t)(digits[i] - '0');
    return prefix;
}

/* -1073741819 speaks for itself: its first digits do, which thousands of codes share. */
static void add_sign_literals(Builder *builder)
{
    enum { PREFIXES = 1000 };
    const SigSet *set = builder->set;
    Arena *arena = &builder->engine->arena;
    bool seen[PREFIXES] = {false};

    for (size_t i = 0; i < set->codes.count; i++) {
        int32_t value = (int32_t)set->codes.codes[i];
        if (value > -100000000)
            continue;
        const char *text = arena_printf(arena, "-%.3s", arena_printf(arena, "%d", value) + 1);
        size_t prefix = prefix_of(text + 1);
        if (!seen[prefix])
            add_literal(builder, str_of(text), builder->engine->rule_count + HINT_SIGN);
        seen[prefix] = true;
    }
}

static void add_code_literals(Builder *builder)
{
    size_t count = 0, first = builder->engine->rule_count;
    const char *const *words = code_dress_words(&count);

    if (builder->set->codes.count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        add_literal(builder, str_of(words[i]), first + HINT_DRESS);
    add_literal(builder, str_of("0x"), first + HINT_HEX);
    add_literal(builder, str_of("sqlstate"), first + HINT_SQLSTATE);
    if (builder->set->codes.name_count > 0) {
        add_literal(builder, str_of("dts_"), first + HINT_NAME);
        add_literal(builder, str_of("dtsbc_"), first + HINT_NAME);
    }
    add_sign_literals(builder);
}

static Engine *build(const SigSet *set)
{
    Engine *engine = mem_alloc(sizeof(*engine));
    Builder builder = {.set = set, .engine = engine};

    number_rules(&builder);
    for (size_t i = 0; i < engine->rule_count; i++)
        regex_prepare(engine->rules[i]->regex);
    engine->code_rules =
        arena_alloc_array(&engine->arena, set->codes.count, sizeof(*engine->code_rules));
    engine->code_rule_counts = arena_alloc_array(&engine->arena, set->codes.count, sizeof(size_t));
    announce_all(&builder);
    list_code_rules(&builder);
    add_code_literals(&builder);
    if (builder.second.count + builder.third.count > 0)
        add_gate(&builder);
    engine->first = automaton_build(builder.first.items, builder.first.count);
    engine->second = grams_build(builder.second.items, builder.second.count);
    engine->third = grams_build(builder.third.items, builder.third.count);
    return engine;
}

void engine_init(SigSet *set)
{
    set->lazy = mem_alloc(sizeof(*set->lazy));
    (void)pthread_mutex_init(&set->lazy->lock, NULL);
}

const Engine *engine_of(const SigSet *set)
{
    LazyEngine *lazy = set->lazy;

    (void)pthread_mutex_lock(&lazy->lock);
    if (!lazy->made)
        lazy->made = build(set);
    (void)pthread_mutex_unlock(&lazy->lock);
    return lazy->made;
}

void engine_done(SigSet *set)
{
    Engine *engine = set->lazy ? set->lazy->made : NULL;

    if (engine) {
        automaton_free(engine->first);
        grams_free(engine->second);
        grams_free(engine->third);
        arena_done(&engine->arena);
        free(engine);
    }
    if (set->lazy)
        (void)pthread_mutex_destroy(&set->lazy->lock);
    free(set->lazy);
}
