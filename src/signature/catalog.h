/* The inside of a SigSet: what was loaded, and what the engine made of it. */
#ifndef SSISMINER_SIGNATURE_CATALOG_INTERNAL_H
#define SSISMINER_SIGNATURE_CATALOG_INTERNAL_H

#include "automaton.h"
#include "codes.h"
#include "grams.h"
#include "pattern.h"
#include "regex.h"
#include "ssisminer/signature/signature.h"

#include <pthread.h>

typedef struct PatternList {
    Pattern **items;
    size_t count;
} PatternList;

/* One alternative of `match`: everything it says must hold. */
typedef struct Rule {
    size_t entry;
    bool is_all;     // from `all`, not from `any`
    Pattern *text;   // NULL if it has none
    uint32_t *codes; // numbers in the set's code table
    size_t code_count;
    Regex *regex; // NULL if it has none
    PatternList with, with_any, unless;
    const char *source_name, *subcomponent; // globs or NULL
    size_t specificity;
    const char *fragment, *second; // of config/codes, compiled when the engine is built; or NULL
    bool wants_failure;            // the text counts beside a word of failures only
    bool is_unconfirmed;           // the text is a translation that nobody has seen in a log
} Rule;

typedef struct Entry {
    Signature public;
    int column;
    Rule *rules; // those of `any`, then those of `all`
    size_t any_count, all_count;
    size_t room; // for more rules behind them
    int64_t *statuses;
    size_t status_count;
    const struct YamlNode *before; // as written
    uint32_t *beats;               // entries, sorted, through others too
    size_t beats_count;
    int layer; // 0 shipped, 1 … the user's paths in turn
} Entry;

/* Made when the first scratch wants it: half the commands look things up and match nothing.
 *
 * Most messages tell of no failure, and most patterns hold a word that only failures hold. The
 * automaton looks for these words, the dress of codes and the few patterns that hold none; only
 * where it saw such a word all the others are looked for (second), and where it saw a letter
 * outside ASCII those that hold some (third). */
typedef struct Engine {
    Arena arena;
    uint32_t **code_rules; // by code number: the rules that name it
    size_t *code_rule_counts;
    Rule **rules; // by rule number
    size_t rule_count;
    uint32_t *always; // rules that nothing announces: a regex without `with`
    size_t always_count;
    Automaton *first;
    Grams *second, *third;
} Engine;

typedef struct LazyEngine {
    pthread_mutex_t lock;
    Engine *made; // NULL until then
} LazyEngine;

struct SigSet {
    Arena arena;
    Entry *entries;
    size_t count, capacity;
    size_t written;     // those before the rows of config/codes
    uint32_t *id_slots; // hash of id → entry + 1
    size_t id_slot_count;

    CodeTable codes;
    LazyEngine *lazy;
    bool is_lean; // shipped entries came without their examples
};

/* load.c: entries of one text, into the set; then what joins them. */
Rc catalog_read(SigSet *set, const char *name, Str yaml, int layer, Err *err) MUST_CHECK;
Rc catalog_link(SigSet *set, Err *err) MUST_CHECK;
size_t catalog_index(const SigSet *set, const char *id); // SIZE_MAX if unknown

size_t catalog_append(SigSet *set, const Entry *entry); // its id is new; where it is

/* rows.c: the rows of config/codes, after everything that is written; then what they inherit. */
void catalog_add_rows(SigSet *set);
Rc catalog_inherit(SigSet *set, Err *err) MUST_CHECK;

/* Compiles the text of a rule that config/codes gave; one that does not compile is a bug. */
void row_compile(Rule *rule, Arena *arena);

/* build.c: numbers the rules, finds their triggers; the tables of these. */
void engine_init(SigSet *set);
const Engine *engine_of(const SigSet *set);
void engine_done(SigSet *set);

/* Values of the automaton's literals beyond the rules' numbers are a CodeHint, or this. */
enum { SEEN_FAILURE = HINT_SIGN + 1, SEEN_FOREIGN };

/* search.c */
bool entry_beats(const Entry *entry, size_t other);

#endif
