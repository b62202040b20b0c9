/* From entries to something that matches: numbers for the rules, triggers for the automaton. */
#include "catalogue.h"

#include "ssisminer/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Builder {
    SigSet *set;
    AutomatonLiteral *literals;
    size_t count, capacity;
    size_t always_capacity;
} Builder;

static void number_rules(SigSet *set)
{
    size_t capacity = 0;

    for (size_t i = 0; i < set->count; i++)
        for (size_t j = 0; j < set->entries[i].any_count + set->entries[i].all_count; j++) {
            set->rules = arena_grow(&set->arena, set->rules, set->rule_count, set->rule_count + 1,
                                    &capacity, sizeof(*set->rules));
            set->entries[i].rules[j].entry = i;
            set->rules[set->rule_count++] = &set->entries[i].rules[j];
        }
}

static void add_literal(Builder *builder, Str text, size_t value)
{
    builder->literals =
        arena_grow(&builder->set->arena, builder->literals, builder->count, builder->count + 1,
                   &builder->capacity, sizeof(*builder->literals));
    builder->literals[builder->count++] = (AutomatonLiteral){text, (uint32_t)value};
}

static void add_always(Builder *builder, size_t rule)
{
    SigSet *set = builder->set;

    set->always = arena_grow(&set->arena, set->always, set->always_count, set->always_count + 1,
                             &builder->always_capacity, sizeof(*set->always));
    set->always[set->always_count++] = (uint32_t)rule;
}

static const Pattern *longest_trigger(const PatternList *list)
{
    const Pattern *best = list->items[0];

    for (size_t i = 1; i < list->count; i++)
        if (list->items[i]->trigger.len > best->trigger.len)
            best = list->items[i];
    return best;
}

/* What announces a rule: its text, else its codes, else a text that must stand beside. */
static void announce(Builder *builder, size_t number)
{
    const Rule *rule = builder->set->rules[number];

    if (rule->text) {
        add_literal(builder, rule->text->trigger, number);
    } else if (rule->code_count > 0) {
        for (size_t i = 0; i < rule->code_count; i++)
            builder->set->code_rule_counts[rule->codes[i]]++;
    } else if (rule->with.count > 0) {
        add_literal(builder, longest_trigger(&rule->with)->trigger, number);
    } else if (rule->with_any.count > 0) {
        for (size_t i = 0; i < rule->with_any.count; i++)
            add_literal(builder, rule->with_any.items[i]->trigger, number);
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
static void list_code_rules(SigSet *set)
{
    for (size_t i = 0; i < set->codes.count; i++) {
        set->code_rules[i] =
            arena_alloc_array(&set->arena, set->code_rule_counts[i], sizeof(uint32_t));
        set->code_rule_counts[i] = 0;
    }
    for (size_t number = 0; number < set->rule_count; number++) {
        const Rule *rule = set->rules[number];
        const Entry *entry = &set->entries[rule->entry];
        bool announces = !rule->is_all || (entry->any_count == 0 && rule == &entry->rules[0]);
        if (rule->text || !announces)
            continue;
        for (size_t i = 0; i < rule->code_count; i++)
            set->code_rules[rule->codes[i]][set->code_rule_counts[rule->codes[i]]++] =
                (uint32_t)number;
    }
}

static void add_code_literals(Builder *builder)
{
    SigSet *set = builder->set;
    size_t count = 0;
    const char *const *words = code_dress_words(&count);

    if (set->codes.count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        add_literal(builder, str_of(words[i]), set->rule_count + HINT_DRESS);
    add_literal(builder, str_of("0x"), set->rule_count + HINT_HEX);
    add_literal(builder, str_of("sqlstate"), set->rule_count + HINT_SQLSTATE);
    for (size_t i = 0; i < set->codes.count; i++) { // -1073741819 speaks for itself
        int32_t value = (int32_t)set->codes.codes[i];
        if (value <= -100000000)
            add_literal(builder, str_of(arena_printf(&set->arena, "%d", value)),
                        set->rule_count + SEEN_CODE);
    }
}

void engine_build(SigSet *set)
{
    Builder builder = {.set = set};

    number_rules(set);
    set->code_rules = arena_alloc_array(&set->arena, set->codes.count, sizeof(*set->code_rules));
    set->code_rule_counts = arena_alloc_array(&set->arena, set->codes.count, sizeof(size_t));
    announce_all(&builder);
    list_code_rules(set);
    add_code_literals(&builder);
    set->literals = builder.literals;
    set->literal_count = builder.count;
    set->lazy = mem_alloc(sizeof(*set->lazy));
    (void)pthread_mutex_init(&set->lazy->lock, NULL);
}

const Automaton *engine_automaton(const SigSet *set)
{
    LazyAutomaton *lazy = set->lazy;

    (void)pthread_mutex_lock(&lazy->lock);
    if (!lazy->made)
        lazy->made = automaton_build(set->literals, set->literal_count);
    (void)pthread_mutex_unlock(&lazy->lock);
    return lazy->made;
}

void engine_done(SigSet *set)
{
    if (!set->lazy)
        return;
    automaton_free(set->lazy->made);
    (void)pthread_mutex_destroy(&set->lazy->lock);
    free(set->lazy);
}
