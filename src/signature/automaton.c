/* Many literals in one pass: an Aho-Corasick automaton over classes of bytes. */
#include "automaton.h"

#include "fold.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define NO_STATE   UINT32_MAX
#define GO_SPECIAL UINT32_MAX // transition on a byte that fold_special reads

struct Automaton {
    uint8_t raw_class[256];    // of a byte of the message
    uint8_t folded_class[256]; // of a folded byte
    size_t class_count;        // the last class is that of bytes that fold_special reads
    size_t width;              // of a row: the classes, then the state's depth
    size_t state_count;
    uint32_t *next;      // rows; a state is the offset of its row
    uint32_t first_seen; // rows from this offset on end a literal
    uint32_t *values_at; // for each of those: where its values begin, plus one end
    uint32_t *values;
};

/* ---- building -------------------------------------------------------------------------------- */

typedef struct Trie {
    size_t class_count, width;
    uint32_t *child; // state × width; NO_STATE where there is none; becomes the automaton's rows
    char *last;      // folded byte that led here
    uint8_t *depth;  // bytes from the start
    uint32_t *fail;
    uint32_t *order; // breadth first
    uint32_t *own;   // head of the list of literals that end here, NO_STATE if none
    size_t count;
} Trie;

/* Bytes of messages, the frequent first: what a row is asked for most lies side by side. */
static const char frequent[] = {FOLD_BLANK, 'e', 't', 'a', 'o', 'n', 'i', 'r', 's',        'c', 'd',
                                'l',        'u', 'p', 'm', 'f', 'h', '.', 'g', FOLD_QUOTE, 'b', 'y',
                                'w',        ':', 'v', '0', '1', '2', 'x', 'k', '_',        '-', '3',
                                '4',        '5', '6', '7', '8', '9', 'q', 'j', 'z'};

static void number_classes(Automaton *automaton, const AutomatonLiteral *literals, size_t count)
{
    bool is_used[256] = {false};

    automaton->class_count = 1; // class 0: bytes of no literal
    for (size_t i = 0; i < count; i++)
        for (size_t at = 0; at < literals[i].text.len; at++)
            is_used[(unsigned char)literals[i].text.at[at]] = true;
    for (size_t i = 0; i < ARRAY_LEN(frequent) + 256; i++) {
        size_t byte =
            i < ARRAY_LEN(frequent) ? (unsigned char)frequent[i] : i - ARRAY_LEN(frequent);
        if (is_used[byte])
            automaton->folded_class[byte] = (uint8_t)automaton->class_count++;
        is_used[byte] = false;
    }
    uint8_t special = (uint8_t)automaton->class_count++;
    for (size_t byte = 0; byte < 256; byte++) {
        char folded = fold_byte((unsigned char)byte);
        automaton->raw_class[byte] =
            folded == 0 ? special : automaton->folded_class[(unsigned char)folded];
    }
}

static uint32_t *row_of(const Trie *trie, uint32_t state)
{
    return trie->child + (size_t)state * trie->width;
}

static uint32_t new_state(Trie *trie, char last, size_t depth)
{
    uint32_t state = (uint32_t)trie->count++;

    memset(row_of(trie, state), 0xFF, trie->width * sizeof(uint32_t));
    trie->last[state] = last;
    trie->depth[state] = (uint8_t)depth;
    trie->own[state] = NO_STATE;
    return state;
}

static uint32_t insert(Trie *trie, const Automaton *automaton, Str text)
{
    uint32_t state = 0;

    for (size_t at = 0; at < text.len; at++) {
        uint32_t *to = &row_of(trie, state)[automaton->folded_class[(unsigned char)text.at[at]]];
        if (*to == NO_STATE)
            *to = new_state(trie, text.at[at], at + 1);
        state = *to;
    }
    return state;
}

static void trie_init(Trie *trie, size_t class_count, const AutomatonLiteral *literals,
                      size_t count)
{
    size_t most = 1;

    for (size_t i = 0; i < count; i++)
        most += literals[i].text.len;
    *trie = (Trie){.class_count = class_count, .width = class_count + 1};
    trie->child = mem_resize(NULL, most * trie->width * sizeof(uint32_t));
    trie->last = mem_resize(NULL, most);
    trie->depth = mem_resize(NULL, most);
    trie->fail = mem_alloc(most * sizeof(uint32_t));
    trie->order = mem_alloc(most * sizeof(uint32_t));
    trie->own = mem_alloc(most * sizeof(uint32_t));
    (void)new_state(trie, '\0', 0);
}

static void trie_done(Trie *trie)
{
    free(trie->child);
    free(trie->last);
    free(trie->depth);
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

/* Every row as the pass reads it, still in its old place. */
static void finish_rows(const Trie *trie, const uint32_t *number)
{
    size_t last = trie->class_count - 1;

    for (size_t state = 0; state < trie->count; state++) {
        uint32_t *row = row_of(trie, (uint32_t)state);
        for (size_t class = 0; class < last; class ++)
            row[class] = number[row[class]] * (uint32_t)trie->width;
        row[last] = GO_SPECIAL;
        row[last + 1] = trie->depth[state];
    }
}

/* Each row to where its number says, in circles: a second table would double what is needed at
 * most. Uses `number` up. */
static void move_rows(const Trie *trie, uint32_t *number)
{
    enum { WIDTH_MAX = 260 };
    uint32_t row[WIDTH_MAX], other[WIDTH_MAX];
    size_t bytes = trie->width * sizeof(uint32_t);

    for (uint32_t state = 0; state < trie->count; state++) {
        uint32_t to = number[state];
        memcpy(row, row_of(trie, state), bytes);
        while (number[state] != state) { // its own row has not come yet
            uint32_t after = number[to];
            memcpy(other, row_of(trie, to), bytes);
            memcpy(row_of(trie, to), row, bytes);
            memcpy(row, other, bytes);
            number[to] = to;
            to = after;
        }
    }
}

static void take_rows(Automaton *automaton, Trie *trie, uint32_t *number)
{
    finish_rows(trie, number);
    move_rows(trie, number);
    automaton->width = trie->width;
    automaton->state_count = trie->count;
    automaton->next = mem_resize(trie->child, trie->count * trie->width * sizeof(uint32_t));
    trie->child = NULL;
}

static void copy_values(Automaton *automaton, const Trie *trie, const Ends *ends, size_t total,
                        const AutomatonLiteral *literals)
{
    size_t used = 0, at_state = 0;
    size_t seeing = trie->count - automaton->first_seen / automaton->width;

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

static void finish(Automaton *automaton, Trie *trie, const Ends *ends,
                   const AutomatonLiteral *literals)
{
    size_t total = count_ends(trie, ends);
    AUTO(mem_free_at) uint32_t *number = mem_alloc(trie->count * sizeof(*number));
    uint32_t silent = renumber(trie, ends, number);

    take_rows(automaton, trie, number);
    automaton->first_seen = silent * (uint32_t)automaton->width;
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
    return automaton->state_count * automaton->width * sizeof(uint32_t);
}

/* ---- the pass -------------------------------------------------------------------------------- */

typedef struct Pass {
    const Automaton *automaton;
    Str raw;
    AutomatonSeen seen;
    void *context;
} Pass;

static void tell(const Pass *pass, uint32_t state, size_t end)
{
    const Automaton *automaton = pass->automaton;
    size_t index = (state - automaton->first_seen) / automaton->width;

    for (uint32_t at = automaton->values_at[index]; at < automaton->values_at[index + 1]; at++)
        pass->seen(pass->context, automaton->values[at], end);
}

/* Where a pass stands: the next byte, and the state reached. */
typedef struct Chain {
    size_t at;
    uint32_t state;
} Chain;

static void feed(const Pass *pass, Chain *chain, char folded)
{
    const Automaton *automaton = pass->automaton;

    chain->state = automaton->next[chain->state + automaton->folded_class[(unsigned char)folded]];
    if (chain->state >= automaton->first_seen)
        tell(pass, chain->state, chain->at);
}

static void step_special(const Pass *pass, Chain *chain)
{
    char out[FOLD_UNIT_MAX];
    size_t len = 0;

    chain->at += fold_special(pass->raw, chain->at, out, &len);
    for (size_t i = 0; i < len; i++)
        feed(pass, chain, out[i]);
}

/* One unit. One comparison finds both what ends a literal and what needs a closer look. */
static void step(const Pass *pass, Chain *chain)
{
    const Automaton *automaton = pass->automaton;
    uint8_t class = automaton->raw_class[(unsigned char)pass->raw.at[chain->at]];
    uint32_t to = automaton->next[chain->state + class];

    if (to == GO_SPECIAL) {
        step_special(pass, chain);
        return;
    }
    chain->state = to;
    chain->at++;
    if (to >= automaton->first_seen)
        tell(pass, to, chain->at);
}

/* As far as ordinary bytes lead that end no literal. Plain locals: a Chain would live in memory. */
static void run_quietly(const Automaton *automaton, const unsigned char *text, Chain *chain,
                        size_t end)
{
    const uint8_t *class_of = automaton->raw_class;
    const uint32_t *next = automaton->next;
    const uint32_t first_seen = automaton->first_seen;
    uint32_t state = chain->state;
    size_t at = chain->at;

    for (; at < end; at++) {
        uint32_t to = next[state + class_of[text[at]]];
        if (to >= first_seen)
            break;
        state = to;
    }
    *chain = (Chain){at, state};
}

/* The same for two chains in step: each waits for memory at every byte, and they wait together. */
static void run_both_quietly(const Automaton *automaton, const unsigned char *text, Chain *first,
                             Chain *second, size_t count)
{
    const uint8_t *class_of = automaton->raw_class;
    const uint32_t *next = automaton->next;
    const uint32_t first_seen = automaton->first_seen;
    const unsigned char *first_text = text + first->at, *second_text = text + second->at;
    uint32_t first_state = first->state, second_state = second->state;
    size_t i = 0;

    for (; i < count; i++) {
        uint32_t first_to = next[first_state + class_of[first_text[i]]];
        uint32_t second_to = next[second_state + class_of[second_text[i]]];
        if (first_to >= first_seen || second_to >= first_seen)
            break;
        first_state = first_to;
        second_state = second_to;
    }
    *first = (Chain){first->at + i, first_state};
    *second = (Chain){second->at + i, second_state};
}

static void run_to(const Pass *pass, Chain *chain, size_t end)
{
    while (chain->at < end) {
        run_quietly(pass->automaton, (const unsigned char *)pass->raw.at, chain, end);
        if (chain->at < end)
            step(pass, chain);
    }
}

static void run_both(const Pass *pass, Chain *first, size_t first_end, Chain *second,
                     size_t second_end)
{
    while (first->at < first_end && second->at < second_end) {
        size_t first_left = first_end - first->at, second_left = second_end - second->at;
        size_t count = first_left < second_left ? first_left : second_left;
        run_both_quietly(pass->automaton, (const unsigned char *)pass->raw.at, first, second,
                         count);
        if (first->at == first_end || second->at == second_end)
            return;
        step(pass, first);
        step(pass, second);
    }
}

/* A blank near the middle, where no unit is cut in two; 0 if the text is short or has none. */
static size_t find_middle(Str raw)
{
    enum { SHORT = 48, REACH = 64 };
    size_t half = raw.len / 2;
    size_t reach = raw.len - half < REACH ? raw.len - half : REACH;
    const char *blank = raw.len < SHORT ? NULL : memchr(raw.at + half, ' ', reach);

    return blank ? (size_t)(blank - raw.at) : 0;
}

/* What began before the middle may end after it: on until the state holds nothing older, that
 * is, no more than what was fed since. The second chain sees all that begins later. */
static void finish_first(const Pass *pass, Chain *first)
{
    const Automaton *automaton = pass->automaton;
    size_t fed = 0;
    char last = '\0';

    while (first->at < pass->raw.len &&
           automaton->next[first->state + automaton->class_count] > fed) {
        char out[FOLD_UNIT_MAX];
        size_t len = 0;
        first->at += fold_unit(pass->raw, first->at, out, &len);
        for (size_t i = 0; i < len; i++) {
            feed(pass, first, out[i]);
            fed += out[i] != last || (last != FOLD_BLANK && last != FOLD_QUOTE);
            last = out[i];
        }
    }
}

void automaton_scan(const Automaton *automaton, Str raw, AutomatonSeen seen, void *context)
{
    const Pass pass = {automaton, raw, seen, context};
    size_t middle = find_middle(raw);
    Chain first = {0, 0}, second = {middle, 0};

    if (middle > 0) {
        run_both(&pass, &first, middle, &second, raw.len);
        run_to(&pass, &first, middle);
        finish_first(&pass, &first);
    }
    run_to(&pass, &second, raw.len);
}
