/*
 * Matching one message: the automaton names the rules that may hold, only those are tried.
 */
#include "catalog.h"
#include "whose.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>
#include <string.h>

typedef struct Hit { // an entry that matched, by its most specific rule, the first of those
    size_t entry;
    const Rule *rule;
    size_t specificity;
    bool by_number, by_text; // what speaks for it, over all its rules
    bool by_confirmed;       // a text that is no unconfirmed translation
    bool is_in_frame;        // all that speaks for it is an echo
    size_t number_at;        // in the text; SIZE_MAX: message_code, or no number
    SigMatch match;
} Hit;

struct SigScratch {
    const SigSet *set;
    const Engine *engine;
    uint64_t round; // of the message; marks of other rounds are void
    uint64_t *rule_round;
    uint64_t *hit_round; // by entry
    size_t *hit_index;
    uint64_t *code_round;
    size_t *code_at; // place in the folded text, SIZE_MAX for message_code

    uint32_t *candidates;
    size_t candidate_count;
    Hit *hits;
    size_t hit_count, hit_capacity;
    bool wants_codes;  // a code may be in the text
    bool wants_third;  // a letter outside ASCII is
    bool wants_second; // a word of failures is in the text
    bool is_folded;
    Folded folded;
    RegexScratch *regex;
    const SigText *text; // the message
    Str raw;
};

SigScratch *sig_scratch_new(const SigSet *set)
{
    SigScratch *scratch = mem_alloc(sizeof(*scratch));
    const Engine *engine = engine_of(set);

    scratch->set = set;
    scratch->engine = engine;
    scratch->rule_round = mem_alloc((engine->rule_count + 1) * sizeof(uint64_t));
    scratch->hit_round = mem_alloc((set->count + 1) * sizeof(uint64_t));
    scratch->hit_index = mem_alloc((set->count + 1) * sizeof(size_t));
    scratch->code_round = mem_alloc((set->codes.count + 1) * sizeof(uint64_t));
    scratch->code_at = mem_alloc((set->codes.count + 1) * sizeof(size_t));
    scratch->candidates = mem_alloc((engine->rule_count + 1) * sizeof(uint32_t));
    scratch->regex = regex_scratch_new();
    return scratch;
}

void sig_scratch_free_at(SigScratch **scratch)
{
    SigScratch *old = *scratch;

    if (!old)
        return;
    free(old->rule_round);
    free(old->hit_round);
    free(old->hit_index);
    free(old->code_round);
    free(old->code_at);
    free(old->candidates);
    free(old->hits);
    fold_done(&old->folded);
    regex_scratch_free(old->regex);
    free(old);
    *scratch = NULL;
}

/* ---- candidates ------------------------------------------------------------------------------ */

static void add_candidate(SigScratch *scratch, size_t rule)
{
    if (scratch->rule_round[rule] == scratch->round)
        return;
    scratch->rule_round[rule] = scratch->round;
    scratch->candidates[scratch->candidate_count++] = (uint32_t)rule;
}

static void seen_literal(void *context, uint32_t value, size_t end)
{
    SigScratch *scratch = context;
    const CodeTable *codes = &scratch->set->codes;

    if (value < scratch->engine->rule_count) {
        add_candidate(scratch, value);
        return;
    }
    size_t kind = value - scratch->engine->rule_count;
    if (kind == SEEN_FAILURE)
        scratch->wants_second = true;
    else if (kind == SEEN_FOREIGN)
        scratch->wants_third = true;
    else if (!scratch->wants_codes)
        scratch->wants_codes = codes_near(codes, scratch->raw, end, (CodeHint)kind);
}

static void seen_gram(void *context, uint32_t value)
{
    add_candidate(context, value);
}

static void seen_code(void *context, size_t number, size_t at)
{
    SigScratch *scratch = context;

    if (scratch->code_round[number] == scratch->round)
        return;
    scratch->code_round[number] = scratch->round;
    scratch->code_at[number] = at;
    for (size_t i = 0; i < scratch->engine->code_rule_counts[number]; i++)
        add_candidate(scratch, scratch->engine->code_rules[number][i]);
}

static void fold_once(SigScratch *scratch)
{
    if (!scratch->is_folded)
        fold_text(&scratch->folded, scratch->raw);
    scratch->is_folded = true;
}

static void begin(SigScratch *scratch, const SigText *text)
{
    scratch->round++;
    scratch->text = text;
    scratch->raw = text->text.len > FOLD_RAW_MAX ? (Str){text->text.at, FOLD_RAW_MAX} : text->text;
    scratch->candidate_count = scratch->hit_count = 0;
    scratch->wants_codes = scratch->wants_second = scratch->wants_third = scratch->is_folded =
        false;
}

static void find_candidates(SigScratch *scratch)
{
    const SigSet *set = scratch->set;
    size_t number = 0;

    automaton_scan(scratch->engine->first, scratch->raw, seen_literal, scratch);
    if (scratch->wants_second || scratch->wants_third || scratch->wants_codes)
        fold_once(scratch);
    Str folded = {scratch->folded.text, scratch->folded.len}; // as needed
    if (scratch->wants_second)
        grams_scan(scratch->engine->second, folded, seen_gram, scratch);
    if (scratch->wants_third)
        grams_scan(scratch->engine->third, folded, seen_gram, scratch);
    if (scratch->wants_codes)
        codes_find(&set->codes, &scratch->folded, seen_code, scratch);
    if (scratch->text->code != 0 &&
        code_table_find(&set->codes, code_of(scratch->text->code), &number))
        seen_code(scratch, number, SIZE_MAX);
    for (size_t i = 0; i < scratch->engine->always_count; i++)
        add_candidate(scratch, scratch->engine->always[i]);
}

/* ---- one rule -------------------------------------------------------------------------------- */

static Str raw_piece(const Folded *folded, size_t start, size_t end)
{
    size_t from = folded->from[start];

    return (Str){folded->raw.at + from, folded->from[end] - from};
}

static void take_match(const Folded *folded, const PatternMatch *found, SigMatch *match)
{
    match->at = folded->from[found->start];
    match->capture_count = found->capture_count;
    for (size_t i = 0; i < found->capture_count; i++)
        match->captures[i] = (SigCapture){
            found->captures[i].name,
            str_trim(raw_piece(folded, found->captures[i].start, found->captures[i].end))};
}

static bool any_is_there(const SigScratch *scratch, const PatternList *list)
{
    PatternMatch match;

    for (size_t i = 0; i < list->count; i++)
        if (pattern_find(list->items[i], &scratch->folded, &match))
            return true;
    return false;
}

static bool all_are_there(const SigScratch *scratch, const PatternList *list)
{
    PatternMatch match;

    for (size_t i = 0; i < list->count; i++)
        if (!pattern_find(list->items[i], &scratch->folded, &match))
            return false;
    return true;
}

static bool names_fit(const SigScratch *scratch, const Rule *rule)
{
    const SigText *text = scratch->text;

    return (!rule->source_name ||
            str_glob(rule->source_name, text->source_name ? text->source_name : "")) &&
           (!rule->subcomponent ||
            str_glob(rule->subcomponent, text->subcomponent ? text->subcomponent : ""));
}

/* What stands for SQL Server's numbers below 65536; a driver's entry, or a user's, says itself
 * whose they are. */
static bool is_of_server(const Rule *rule, const SigScratch *scratch)
{
    static const char *const sources[] = {"sql-server", "azure-sql", "codes"};
    const char *source = scratch->set->entries[rule->entry].public.source;

    for (size_t i = 0; i < ARRAY_LEN(sources); i++)
        if (str_same(source, sources[i]))
            return true;
    return false;
}

static bool is_of_others(const SigScratch *scratch, const Rule *rule, uint32_t number)
{
    return scratch->set->codes.codes[number] < CODE_WIDE_MIN &&
           scratch->code_at[number] != SIZE_MAX && is_of_server(rule, scratch) &&
           number_is_of_others(&scratch->folded, scratch->code_at[number]);
}

static bool code_fits(const SigScratch *scratch, const Rule *rule, SigMatch *match)
{
    for (size_t i = 0; i < rule->code_count; i++) {
        uint32_t number = rule->codes[i];
        if (scratch->code_round[number] != scratch->round || is_of_others(scratch, rule, number))
            continue;
        if (scratch->code_at[number] != SIZE_MAX)
            match->at = scratch->folded.from[scratch->code_at[number]];
        return true;
    }
    return rule->code_count == 0;
}

/* Cheap conditions first; a regex, which may fail, last. */
static Rc rule_holds(SigScratch *scratch, const Rule *rule, bool *ret_holds, SigMatch *ret_match,
                     Err *err)
{
    PatternMatch found;

    *ret_holds = false;
    *ret_match =
        (SigMatch){.signature = &scratch->set->entries[rule->entry].public, .at = SIZE_MAX};
    if (!names_fit(scratch, rule) || !code_fits(scratch, rule, ret_match))
        return RC_OK;
    fold_once(scratch);
    if (rule->text) {
        if (!pattern_find(rule->text, &scratch->folded, &found))
            return RC_OK;
        take_match(&scratch->folded, &found, ret_match);
    }
    if (!all_are_there(scratch, &rule->with) || any_is_there(scratch, &rule->unless) ||
        (rule->with_any.count > 0 && !any_is_there(scratch, &rule->with_any)))
        return RC_OK;
    if (!rule->regex) {
        *ret_holds = true;
        return RC_OK;
    }
    if (regex_find(rule->regex, scratch->regex, scratch->raw, ret_holds, ret_match, err) != RC_OK)
        return err_note(err, "signature '%s'", ret_match->signature->id);
    return RC_OK;
}

/* ---- one entry ------------------------------------------------------------------------------- */

static void add_captures(SigMatch *match, const SigMatch *more)
{
    for (size_t i = 0; i < more->capture_count && match->capture_count < SIG_CAPTURES_MAX; i++)
        match->captures[match->capture_count++] = more->captures[i];
}

/* The rules of `all`, but for the one that holds already. */
static Rc rest_holds(SigScratch *scratch, const Rule *rule, bool *ret_holds, size_t *specificity,
                     SigMatch *match, Err *err)
{
    const Entry *entry = &scratch->set->entries[rule->entry];

    *ret_holds = true;
    for (size_t i = entry->any_count; i < entry->any_count + entry->all_count && *ret_holds; i++) {
        SigMatch more;
        if (&entry->rules[i] == rule)
            continue;
        TRY(rule_holds(scratch, &entry->rules[i], ret_holds, &more, err));
        add_captures(match, &more);
        *specificity += entry->rules[i].specificity;
    }
    return RC_OK;
}

static void join_evidence(Hit *left, Hit *right)
{
    left->by_number = right->by_number = left->by_number || right->by_number;
    left->by_text = right->by_text = left->by_text || right->by_text;
    left->by_confirmed = right->by_confirmed = left->by_confirmed || right->by_confirmed;
    if (left->number_at == SIZE_MAX)
        left->number_at = right->number_at;
    right->number_at = left->number_at;
}

static void keep_hit(SigScratch *scratch, Hit *hit)
{
    if (scratch->hit_round[hit->entry] == scratch->round) {
        Hit *old = &scratch->hits[scratch->hit_index[hit->entry]];
        join_evidence(old, hit);
        if (hit->specificity > old->specificity ||
            (hit->specificity == old->specificity && hit->rule < old->rule))
            *old = *hit;
        return;
    }
    if (scratch->hit_count == scratch->hit_capacity) {
        scratch->hit_capacity = scratch->hit_capacity ? scratch->hit_capacity * 2 : 16;
        scratch->hits = mem_resize(scratch->hits, scratch->hit_capacity * sizeof(*scratch->hits));
    }
    scratch->hit_round[hit->entry] = scratch->round;
    scratch->hit_index[hit->entry] = scratch->hit_count;
    scratch->hits[scratch->hit_count++] = *hit;
}

static Rc try_rule(SigScratch *scratch, const Rule *rule, Err *err)
{
    Hit hit = {.entry = rule->entry,
               .rule = rule,
               .specificity = rule->specificity,
               .by_number = rule->code_count > 0,
               .by_text = rule->text || rule->regex || rule->with.count + rule->with_any.count > 0,
               .number_at = SIZE_MAX};
    bool holds = false;

    hit.by_confirmed = hit.by_text && !rule->is_unconfirmed;
    TRY(rule_holds(scratch, rule, &holds, &hit.match, err));
    if (rule->code_count > 0 && !rule->text)
        hit.number_at = hit.match.at;
    if (holds)
        TRY(rest_holds(scratch, rule, &holds, &hit.specificity, &hit.match, err));
    hit.match.words = rule->text ? rule->text->specificity : 0;
    if (holds)
        keep_hit(scratch, &hit);
    return RC_OK;
}

/* ---- what speaks for it ---------------------------------------------------------------------- */

/* Codes of Integration Services; an HRESULT of a provider is the provider's own word. */
static bool is_code_of_ssis(const SigScratch *scratch, const Hit *hit)
{
    for (size_t i = 0; i < hit->rule->code_count; i++) {
        uint32_t number = hit->rule->codes[i];
        uint32_t code = scratch->set->codes.codes[number];
        if (scratch->code_round[number] == scratch->round && code >= 0xC0010000 &&
            code <= 0xC0FFFFFF)
            return true;
    }
    return false;
}

/* "The PrimeOutput method on X returned error code 0xC02020C4": the number is an echo of another
 * message, which the sentence of a wrapper repeats. */
static bool is_in_frame(const SigScratch *scratch, const Hit *hit)
{
    if (hit->by_text || hit->number_at == SIZE_MAX || !is_code_of_ssis(scratch, hit))
        return false;
    for (size_t i = 0; i < scratch->hit_count; i++) {
        const Hit *other = &scratch->hits[i];
        if (other == hit || other->match.signature->role != SIG_WRAPPER)
            continue;
        if (other->match.at == SIZE_MAX || other->match.at < hit->number_at ||
            (other->by_number && other->number_at < hit->number_at))
            return true;
    }
    return false;
}

static SigBasis basis_of(const Hit *hit)
{
    if (hit->is_in_frame)
        return SIG_BY_FRAME;
    if (hit->by_number && hit->by_text)
        return SIG_BY_BOTH;
    return hit->by_number ? SIG_BY_NUMBER : SIG_BY_TEXT;
}

/* ---- who wins -------------------------------------------------------------------------------- */

static int role_rank(SigRole role)
{
    switch (role) {
    case SIG_CAUSE:
        return 0;
    case SIG_ANALYSIS:
    case SIG_SYMPTOM:
        return 1;
    case SIG_WRAPPER:
        return 2;
    }
    return 3;
}

/* What is written by hand before what a table says, and before that what yields to anything. */
static int kind_rank(const Signature *signature)
{
    return signature->yields ? 2 : signature->is_row ? 1 : 0;
}

/* A row that only an echo speaks for comes after the wrapper that repeats it. */
static int place_rank(const Hit *hit)
{
    enum { AFTER_WRAPPERS = 3 };

    return hit->is_in_frame && hit->match.signature->is_row ? AFTER_WRAPPERS
                                                            : role_rank(hit->match.signature->role);
}

static int compare_hits(const void *a, const void *b)
{
    const Hit *left = a, *right = b;
    int roles = place_rank(left) - place_rank(right);

    if (roles != 0)
        return roles;
    int kinds = kind_rank(left->match.signature) - kind_rank(right->match.signature);
    if (kinds != 0)
        return kinds;
    if (left->specificity != right->specificity)
        return left->specificity > right->specificity ? -1 : 1;
    return left->entry < right->entry ? -1 : 1;
}

bool entry_beats(const Entry *entry, size_t other)
{
    size_t low = 0, high = entry->beats_count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (entry->beats[middle] == other)
            return true;
        if (entry->beats[middle] < other)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* The first of hits[from …] that beats hits[which] by a declared order; `which` if none does. */
static size_t beater_of(const SigScratch *scratch, size_t from, size_t which)
{
    for (size_t i = from; i < scratch->hit_count; i++)
        if (entry_beats(&scratch->set->entries[scratch->hits[i].entry], scratch->hits[which].entry))
            return i;
    return which;
}

/* What belongs before the first of hits[from …], or that itself. It ends: `before`
 * has no circle. */
static size_t winner_from(const SigScratch *scratch, size_t from)
{
    size_t winner = from;

    for (size_t other = beater_of(scratch, from, winner); other != winner;
         other = beater_of(scratch, from, winner))
        winner = other;
    return winner;
}

/* Sorted; then each takes its place unless another is declared to come before it. Only the first
 * `want` places matter. */
static void rank(SigScratch *scratch, size_t want)
{
    if (scratch->hit_count < 2)
        return;
    for (size_t i = 0; i < scratch->hit_count; i++)
        scratch->hits[i].is_in_frame = is_in_frame(scratch, &scratch->hits[i]);
    qsort(scratch->hits, scratch->hit_count, sizeof(*scratch->hits), compare_hits);
    for (size_t place = 0; place < want && place + 1 < scratch->hit_count; place++) {
        size_t best = winner_from(scratch, place);
        if (best == place)
            continue;
        Hit hit = scratch->hits[best];
        memmove(&scratch->hits[place + 1], &scratch->hits[place], (best - place) * sizeof(hit));
        scratch->hits[place] = hit;
    }
}

Rc sig_match(const SigSet *set, SigScratch *scratch, const SigText *text, SigMatch *ret_matches,
             size_t max, size_t *ret_count, Err *err)
{
    (void)set;
    begin(scratch, text);
    find_candidates(scratch);
    for (size_t i = 0; i < scratch->candidate_count; i++)
        TRY(try_rule(scratch, scratch->engine->rules[scratch->candidates[i]], err));
    rank(scratch, max);

    size_t count = scratch->hit_count < max ? scratch->hit_count : max;
    for (size_t i = 0; i < count; i++) {
        ret_matches[i] = scratch->hits[i].match;
        ret_matches[i].basis = basis_of(&scratch->hits[i]);
        ret_matches[i].is_unconfirmed = scratch->hits[i].by_text && !scratch->hits[i].by_confirmed;
    }
    *ret_count = count;
    return RC_OK;
}

/* ---- what of the text they look for ---------------------------------------------------------- */

typedef struct Said {
    const SigScratch *scratch;
    SigSpan *spans;
    size_t count, max;
} Said;

static size_t find_literal(const Folded *folded, size_t from, size_t end, Str literal)
{
    for (size_t at = from; at + literal.len <= end; at++)
        if (memcmp(folded->text + at, literal.at, literal.len) == 0)
            return at;
    return SIZE_MAX;
}

/* The literals of a pattern, in order, within its match: what lies between them is a gap. */
static void add_pattern(Said *said, const Pattern *pattern)
{
    const Folded *folded = &said->scratch->folded;
    PatternMatch found;

    if (!pattern || !pattern_find(pattern, folded, &found))
        return;
    for (size_t i = 0, at = found.start; i < pattern->item_count && said->count < said->max; i++) {
        const PatternItem *item = &pattern->items[i];
        size_t place = item->is_gap ? SIZE_MAX : find_literal(folded, at, found.end, item->literal);
        if (place == SIZE_MAX)
            continue;
        at = place + item->literal.len;
        said->spans[said->count++] = (SigSpan){folded->from[place], folded->from[at]};
    }
}

static void add_list(Said *said, const PatternList *list)
{
    for (size_t i = 0; i < list->count; i++)
        add_pattern(said, list->items[i]);
}

static void add_rule(Said *said, const Rule *rule)
{
    add_pattern(said, rule->text);
    add_list(said, &rule->with);
    add_list(said, &rule->with_any);
}

static int compare_spans(const void *a, const void *b)
{
    const SigSpan *left = a, *right = b;

    return left->start < right->start ? -1 : left->start > right->start;
}

size_t sig_said(const SigScratch *scratch, SigSpan *ret_spans, size_t max)
{
    Said said = {.scratch = scratch, .spans = ret_spans, .max = max};

    for (size_t i = 0; i < scratch->hit_count; i++) {
        const Entry *entry = &scratch->set->entries[scratch->hits[i].entry];
        for (size_t rule = 0; rule < entry->any_count + entry->all_count; rule++)
            add_rule(&said, &entry->rules[rule]);
    }
    qsort(ret_spans, said.count, sizeof(*ret_spans), compare_spans);
    return said.count;
}
