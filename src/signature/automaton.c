#include "automaton.h"

#include "fold.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define NO_STATE UINT32_MAX
#define SPECIAL 0xFF // class of bytes that fold_special reads

struct Automaton {
    uint8_t raw_class[256];    // of a byte of the message, or SPECIAL
    uint8_t folded_class[256]; // of a folded byte
    size_t class_count;
    size_t state_count;
    uint32_t *next;        // rows of class_count entries; a state is the offset of its row
    uint32_t first_seen;   // rows from this offset on end a literal
    uint32_t *values_at;   // for each of those: where its values begin, plus one end
    uint32_t *values;
};

/* ---- building ------------------------------------------------------------------------------ */

typedef struct Trie {
    size_t class_count;
    uint32_t *child; // state × class; NO_STATE where there is none
    char *last;      // folded byte that led here
    uint32_t *fail;
    uint32_t *order; // breadth first
    uint32_t *own;   // head of the list of literals that end here, NO_STATE if none
    size_t count;
} Trie;

static void number_classes(Automaton *automaton, const AutomatonLiteral *literals, size_t count)
{
    automaton->class_count = 1; // class 0: bytes of no literal
    for (size_t i = 0; i < count; i++)
        for (size_t at = 0; at < literals[i].text.len; at++) {
            uint8_t *class = &automaton->folded_class[(unsigned char)literals[i].text.at[at]];
            if (*class == 0)
                *class = (uint8_t)automaton->class_count++;
        }
    for (size_t byte = 0; byte < 256; byte++) {
        char folded = fold_byte((unsigned char)byte);
        automaton->raw_class[byte] =
            folded == 0 ? SPECIAL : automaton->folded_class[(unsigned char)folded];
    }
}

static uint32_t *row_of(const Trie *trie, uint32_t state)
{
    return trie->child + (size_t)state * trie->class_count;
}

static uint32_t new_state(Trie *trie, char last)
{
    uint32_t state = (uint32_t)trie->count++;

    memset(row_of(trie, state), 0xFF, trie->class_count * sizeof(uint32_t));
    trie->last[state] = last;
    trie->own[state] = NO_STATE;
    return state;
}

static uint32_t insert(Trie *trie, const Automaton *automaton, Str text)
{
    uint32_t state = 0;

    for (size_t at = 0; at < text.len; at++) {
        uint32_t *to = &row_of(trie, state)[automaton->folded_class[(unsigned char)text.at[at]]];
        if (*to == NO_STATE)
            *to = new_state(trie, text.at[at]);
        state = *to;
    }
    return state;
}

static void trie_init(Trie *trie, size_t class_count, const AutomatonLiteral *literals, size_t count)
{
    size_t most = 1;

    for (size_t i = 0; i < count; i++)
        most += literals[i].text.len;
    *trie = (Trie){.class_count = class_count};
    trie->child = mem_resize(NULL, most * class_count * sizeof(uint32_t));
    trie->last = mem_resize(NULL, most);
    trie->fail = mem_alloc(most * sizeof(uint32_t));
    trie->order = mem_alloc(most * sizeof(uint32_t));
    trie->own = mem_alloc(most * sizeof(uint32_t));
    (void)new_state(trie, '\0');
}

static void trie_done(Trie *trie)
{
    free(trie->child);
    free(trie->last);
    free(trie->fail);
    free(trie->order);
    free(trie->own);
}

/* Fills in every missing transition, breadth first: a state's failure row is complete before it.
 * Blank after blank and quote after quote stay where they are, as folding collapses them. */
static void complete(Trie *trie)
{
    size_t done = 0, found = 1;

    trie->order[0] = 0;
    while (done < found) {
        uint32_t state = trie->order[done++];
        uint32_t *row = row_of(trie, state);
        const uint32_t *fail_row = row_of(trie, trie->fail[state]);
        for (size_t class = 0; class < trie->class_count; class ++) {
            uint32_t otherwise = state == 0 ? 0 : fail_row[class];
            if (row[class] == NO_STATE) {
                row[class] = otherwise;
                continue;
            }
            trie->fail[row[class]] = otherwise;
            trie->order[found++] = row[class];
        }
    }
}

static void loop_on(Trie *trie, char folded, uint8_t class)
{
    for (size_t state = 1; state < trie->count; state++)
        if (trie->last[state] == folded)
            row_of(trie, (uint32_t)state)[class] = (uint32_t)state;
}

/* Literals that end in each state, its own and those of its failure states. */
typedef struct Ends {
    uint32_t *next_same; // literal → next literal that ends in the same state
    uint32_t *count;     // by state, all of them
} Ends;

static size_t count_ends(const Trie *trie, const Ends *ends)
{
    size_t total = 0;

    for (size_t i = 0; i < trie->count; i++) {
        uint32_t state = trie->order[i];
        ends->count[state] = state == 0 ? 0 : ends->count[trie->fail[state]];
        for (uint32_t at = trie->own[state]; at != NO_STATE; at = ends->next_same[at])
            ends->count[state]++;
        total += ends->count[state];
    }
    return total;
}

/* States that end nothing first, so that one comparison tells them; both halves breadth first,
 * which keeps the rows that every text visits together. */
static uint32_t renumber(const Trie *trie, const Ends *ends, uint32_t *ret_number)
{
    uint32_t number = 0, silent = 0;

    for (int want_ends = 0; want_ends <= 1; want_ends++) {
        for (size_t i = 0; i < trie->count; i++)
            if ((ends->count[trie->order[i]] > 0) == (want_ends == 1))
                ret_number[trie->order[i]] = number++;
        if (want_ends == 0)
            silent = number;
    }
    return silent;
}

static void copy_rows(Automaton *automaton, const Trie *trie, const uint32_t *number)
{
    size_t classes = trie->class_count;

    automaton->state_count = trie->count;
    automaton->next = mem_resize(NULL, trie->count * classes * sizeof(uint32_t));
    for (size_t state = 0; state < trie->count; state++) {
        const uint32_t *from = row_of(trie, (uint32_t)state);
        uint32_t *to = automaton->next + number[state] * classes;
        for (size_t class = 0; class < classes; class ++)
            to[class] = number[from[class]] * (uint32_t)classes;
    }
}

static void copy_values(Automaton *automaton, const Trie *trie, const Ends *ends, size_t total,
                        const AutomatonLiteral *literals)
{
    size_t used = 0, at_state = 0;
    size_t seeing = trie->count - automaton->first_seen / automaton->class_count;

    automaton->values = mem_alloc((total + 1) * sizeof(uint32_t));
    automaton->values_at = mem_alloc((seeing + 1) * sizeof(uint32_t));
    for (size_t i = 0; i < trie->count; i++) {
        if (ends->count[trie->order[i]] == 0)
            continue;
        automaton->values_at[at_state++] = (uint32_t)used;
        for (uint32_t state = trie->order[i]; state != 0; state = trie->fail[state])
            for (uint32_t at = trie->own[state]; at != NO_STATE; at = ends->next_same[at])
                automaton->values[used++] = literals[at].value;
    }
    automaton->values_at[at_state] = (uint32_t)used;
}

static void finish(Automaton *automaton, const Trie *trie, const Ends *ends,
                   const AutomatonLiteral *literals)
{
    size_t total = count_ends(trie, ends);
    AUTO(mem_free_at) uint32_t *number = mem_alloc(trie->count * sizeof(*number));
    uint32_t silent = renumber(trie, ends, number);

    automaton->first_seen = silent * (uint32_t)automaton->class_count;
    copy_rows(automaton, trie, number);
    copy_values(automaton, trie, ends, total, literals);
}

Automaton *automaton_build(const AutomatonLiteral *literals, size_t count)
{
    Automaton *automaton = mem_alloc(sizeof(*automaton));
    Trie trie;

    number_classes(automaton, literals, count);
    trie_init(&trie, automaton->class_count, literals, count);
    AUTO(mem_free_at) uint32_t *next_same = mem_alloc((count + 1) * sizeof(*next_same));
    for (size_t i = 0; i < count; i++) {
        uint32_t state = insert(&trie, automaton, literals[i].text);
        next_same[i] = trie.own[state];
        trie.own[state] = (uint32_t)i;
    }
    complete(&trie);
    loop_on(&trie, FOLD_BLANK, automaton->folded_class[FOLD_BLANK]);
    loop_on(&trie, FOLD_QUOTE, automaton->folded_class[FOLD_QUOTE]);
    AUTO(mem_free_at) uint32_t *ends_count = mem_alloc(trie.count * sizeof(*ends_count));
    finish(automaton, &trie, &(Ends){next_same, ends_count}, literals);
    trie_done(&trie);
    return automaton;
}

void automaton_free(Automaton *automaton)
{
    if (!automaton)
        return;
    free(automaton->next);
    free(automaton->values_at);
    free(automaton->values);
    free(automaton);
}

size_t automaton_bytes(const Automaton *automaton)
{
    return automaton->state_count * automaton->class_count * sizeof(uint32_t);
}

/* ---- the pass ------------------------------------------------------------------------------ */

typedef struct Pass {
    const Automaton *automaton;
    Str raw;
    AutomatonSeen seen;
    void *context;
} Pass;

static void tell(const Pass *pass, uint32_t state, size_t end)
{
    const Automaton *automaton = pass->automaton;
    size_t index = (state - automaton->first_seen) / automaton->class_count;

    for (uint32_t at = automaton->values_at[index]; at < automaton->values_at[index + 1]; at++)
        pass->seen(pass->context, automaton->values[at], end);
}

static uint32_t pass_special(const Pass *pass, uint32_t state, size_t *at)
{
    const Automaton *automaton = pass->automaton;
    char out[FOLD_UNIT_MAX];
    size_t len = 0;

    *at += fold_special(pass->raw, *at, out, &len);
    for (size_t i = 0; i < len; i++) {
        state = automaton->next[state + automaton->folded_class[(unsigned char)out[i]]];
        if (state >= automaton->first_seen)
            tell(pass, state, *at);
    }
    return state;
}

void automaton_scan(const Automaton *automaton, Str raw, AutomatonSeen seen, void *context)
{
    const Pass pass = {automaton, raw, seen, context};
    const unsigned char *text = (const unsigned char *)raw.at;
    const uint32_t *next = automaton->next;
    const uint32_t first_seen = automaton->first_seen;
    uint32_t state = 0;

    for (size_t at = 0; at < raw.len;) {
        uint8_t class = automaton->raw_class[text[at]];
        if (class == SPECIAL) {
            state = pass_special(&pass, state, &at);
            continue;
        }
        state = next[state + class];
        at++;
        if (state >= first_seen)
            tell(&pass, state, at);
    }
}
