/*
 * The pattern language of the catalog: literal text with typed gaps
 * (config/signatures/README.md).
 *
 * A pattern is cut at its lazy gaps ({x:any}, "...") into pieces. A piece, literals and gaps of a
 * known extent in turn, either fits at a place or does not; its places are counted left to right
 * without overlap. A match is the chain of pieces, in order and near enough to each other, that is
 * complete first; of those the one whose every gap is the shortest, seen from its end.
 *
 * Cost: linear in the text, for any pattern and any text.
 */
#ifndef SSISMINER_SIGNATURE_PATTERN_INTERNAL_H
#define SSISMINER_SIGNATURE_PATTERN_INTERNAL_H

#include "fold.h"
#include "ssisminer/base/arena.h"
#include "ssisminer/base/err.h"
#include "ssisminer/signature/signature.h"

enum { PATTERN_ITEMS_MAX = 48, PATTERN_PIECES_MAX = 12, PATTERN_TRIGGER_MAX = 24 };

typedef enum GapKind { GAP_NUMBER, GAP_WORD, GAP_QUOTED, GAP_GUID, GAP_PATH, GAP_ANY } GapKind;

typedef struct PatternItem {
    Str literal; // folded; empty for a gap
    bool is_gap;
    GapKind gap;
    const char *name; // NULL for "..."
    size_t max_bytes; // of GAP_ANY
} PatternItem;

typedef struct Pattern {
    PatternItem *items;
    size_t item_count;
    size_t specificity; // bytes of literal text
    Str trigger;        // see pattern_trigger; empty before that
} Pattern;

typedef struct PatternCapture {
    const char *name;
    size_t start, end; // in the folded text
} PatternCapture;

typedef struct PatternMatch {
    size_t start, end;
    PatternCapture captures[SIG_CAPTURES_MAX];
    size_t capture_count;
} PatternMatch;

/* RC_USAGE says what is wrong with the source, not where the source stood. */
Rc pattern_compile(const char *source, Arena *arena, Pattern **ret_pattern, Err *err) MUST_CHECK;

/* Folded text that any match must hold, the rarest there is: found when it is first asked for,
 * which one thread does at a time, since few that load a catalog match with all of it. */
Str pattern_trigger(Pattern *pattern);

bool pattern_find(const Pattern *pattern, const Folded *folded, PatternMatch *ret_match);

#endif
