/*
 * The signature catalog: known failures as data, and the engine that recognizes them.
 *
 * Catalog files are YAML (config/signatures/README.md). `before:` names the ids that an entry
 * beats when both match the same message; ties fall to role, then to specificity.
 *
 * Ownership: a SigSet owns its entries; everything reachable from it is borrowed.
 * Limits:    linear in the text; where a user's regex reaches PCRE2's limits it
 *            does not match, which one warning says.
 * Threads:   a SigSet is immutable after load; one SigScratch per thread.
 */
#ifndef SSISMINER_SIGNATURE_SIGNATURE_H
#define SSISMINER_SIGNATURE_SIGNATURE_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/buf.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum SigRole { SIG_CAUSE, SIG_WRAPPER, SIG_SYMPTOM, SIG_ANALYSIS } SigRole;
typedef enum SigSeverity { SIG_CRITICAL, SIG_ERROR, SIG_WARNING, SIG_INFO } SigSeverity;
typedef enum SigRetry {
    SIG_RETRY_SAFE,
    SIG_RETRY_AFTER_BACKOFF,
    SIG_RETRY_AFTER_FIX,
    SIG_RETRY_NEVER
} SigRetry;
typedef enum SigClass {
    SIG_CAPACITY,
    SIG_TRANSIENT,
    SIG_CONNECTIVITY,
    SIG_AUTH,
    SIG_CONFIG,
    SIG_DRIVER,
    SIG_DATA,
    SIG_RESOURCE,
    SIG_DEFECT
} SigClass;

typedef struct SigExample {
    const char *text;         // "" when only the code speaks
    int64_t code;             // message_code, 0 if none
    const char *source_name;  // NULL if none
    const char *subcomponent; // NULL if none
    int line, column;
} SigExample;

typedef struct SigSymbol { // a code's name: DTS_E_OLEDBERROR
    const char *name;
    uint32_t code;
} SigSymbol;

typedef struct Signature {
    const char *id, *title, *source;
    SigClass class_;
    SigRole role;
    SigSeverity severity;
    SigRetry retry;
    bool yields;         // any other cause that matches the same message beats it
    bool survived;       // a package runs on after it: a later cause is the one that ended it
    bool warning_counts; // a warning that matches may be the root cause
    const char *cause;
    const char *const *actions;
    size_t action_count;
    const char *const *links;
    size_t link_count;
    const SigExample *examples;
    size_t example_count;
    const SigExample *near_misses;
    size_t near_miss_count;
    const char *const *words; // further words to search by
    size_t word_count;
    const SigSymbol *symbols;
    size_t symbol_count;
    const uint32_t *codes; // every code its rules name, as 32 bits
    size_t code_count;
    bool is_row;                    // of config/codes, not written by hand
    const struct Signature *family; // of a row: whose advice it gives; NULL if its own
    const char *command;            // for analysis entries: the command that finds it, else NULL
    const char *file;               // where it was defined
    int line;
} Signature;

const char *sig_class_name(SigClass value);
const char *sig_role_name(SigRole value);
const char *sig_severity_name(SigSeverity value);
const char *sig_retry_name(SigRetry value);
const char *sig_retry_advice(SigRetry value); // "safe to rerun", "rerun after a pause", …

typedef struct SigSet SigSet;
typedef struct SigScratch SigScratch;

/* The shipped catalog, then each file or directory of `paths`, which add or override by id.
 * RC_USAGE with file:line:column for anything a catalog must not hold. */
Rc sigset_load(const char *const *paths, size_t path_count, SigSet **ret_set, Err *err) MUST_CHECK;
/* The same in half the time, without the examples and near misses of the shipped entries: for
 * matching, not for sigset_check, and sig_search finds less. */
Rc sigset_load_lean(const char *const *paths, size_t path_count, SigSet **ret_set,
                    Err *err) MUST_CHECK;

/* One catalog text alone, without the shipped one (tests, `catalog suggest`). */
Rc sigset_load_text(const char *name, Str yaml, SigSet **ret_set, Err *err) MUST_CHECK;
void sigset_free(SigSet *set);
void sigset_free_at(SigSet **set);
size_t sigset_count(const SigSet *set); // the rows of config/codes included, which come last
size_t sigset_written_count(const SigSet *set); // without them
const Signature *sigset_at(const SigSet *set, size_t index);
const Signature *sigset_find(const SigSet *set, const char *id); // NULL if unknown

/* The entry that stands for an execution which ended in this status and says nothing else. */
const Signature *sigset_for_status(const SigSet *set, int status); // NULL if there is none

SigScratch *sig_scratch_new(const SigSet *set);
void sig_scratch_free_at(SigScratch **scratch);

/* What is matched: text, and what is known beside it. */
typedef struct SigText {
    Str text;
    int64_t code;            // message_code or 0
    const char *source_name; // task or component, or NULL
    const char *subcomponent;
} SigText;

typedef struct SigCapture {
    const char *name;
    Str value; // a piece of the text
} SigCapture;

/* What in the message speaks for a match. */
typedef enum SigBasis {
    SIG_BY_BOTH,   // a number and a text, each of this entry
    SIG_BY_TEXT,   // a text alone
    SIG_BY_NUMBER, // a number alone
    SIG_BY_FRAME   // a number that stands in the sentence of a wrapper: an echo
} SigBasis;

enum { SIG_CAPTURES_MAX = 8 };
typedef struct SigMatch {
    const Signature *signature;
    SigBasis basis;
    bool is_unconfirmed; // its text is a translation that was seen in documents only, or nowhere
    size_t at;           // offset of the match in the text; SIZE_MAX when only message_code matched
    SigCapture captures[SIG_CAPTURES_MAX];
    size_t capture_count;
    size_t words; // how many characters of its text the message holds; 0 when a number or regex
                  // says it
} SigMatch;

/* How far a verdict can be trusted: number and text, one of them, the family's advice only, the
 * frame only. The reason is a sentence for people, without a full stop. */
typedef enum SigConfidence { SIG_SURE, SIG_LIKELY, SIG_FAMILY, SIG_FRAME } SigConfidence;
SigConfidence sig_confidence(const SigMatch *match);
const char *sig_confidence_name(SigConfidence value);
const char *sig_confidence_reason(const SigMatch *match);

/* All signatures that match, best first (declared order, then role, then specificity), at
 * most `max`; ret_count may be 0. Errors: RC_USAGE when PCRE2 fails, which no text makes it do. */
Rc sig_match(const SigSet *set, SigScratch *scratch, const SigText *text, SigMatch *ret_matches,
             size_t max, size_t *ret_count, Err *err) MUST_CHECK;

/* Which pieces of the text of the last sig_match the entries that matched look for, by their
 * beginning: without the gaps of their patterns, and what a regex or a number says. */
typedef struct SigSpan {
    size_t start, end;
} SigSpan;
size_t sig_said(const SigScratch *scratch, SigSpan *ret_spans, size_t max);

/* Does `a` beat `b` by a declared order, through others too? */
bool sig_beats(const SigSet *set, const Signature *a, const Signature *b);

/* Entries whose id, title, cause, actions, codes' names, words or examples hold every one of the
 * words (folded; a word may be the beginning of one), best first; returns how many, at most max. */
size_t sig_search(const SigSet *set, const char *words, const Signature **ret_found, size_t max);

/* Entries with the most telling words of a text that nothing knows, the nearest first; none where
 * fewer than two words and a third of them are there. */
size_t sig_nearest(const SigSet *set, Str text, const Signature **ret_found, size_t max);

/* Entries that this number announces: SQL error, HRESULT or exit code, signed or not. */
size_t sig_explain_code(const SigSet *set, int64_t code, const Signature **ret_found, size_t max);

/* A code by its symbolic name, in any case; false if no entry names it. */
bool sig_find_symbol(const SigSet *set, const char *name, uint32_t *ret_code);

/* The symbolic name some entry gives the code, or NULL. */
const char *sig_symbol_of(const SigSet *set, int64_t code);

/* Runs the catalog's own proof (config/signatures/README.md): every example, near miss and
 * order. Problems, one a line "file:line:column: …", go to `ret_problems`; RC_USAGE when there is
 * one. */
Rc sigset_check(const SigSet *set, Buf *ret_problems, Err *err) MUST_CHECK;

/* The message itself, of "Write audit row:Error: …", where the server puts the task's name and the
 * kind before it; any other text whole. */
Str sig_without_task(Str text);

/* A YAML entry for an unknown message, ready to be filled in: its variable parts are gaps, the
 * message itself its first example. `id` is what it shall be called. */
void sig_suggest(const char *id, const SigText *text, Buf *ret_yaml);

#endif
