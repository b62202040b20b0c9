/*
 * One execution's messages to one root cause.
 *
 * Order: causes before wrappers; the innermost provider error before the text
 * around it; earlier before later, known or not; a warning counts when its signature says so; an
 * unmatched error that is no wrapper, or that a wrapper quotes, beats a wrapper.
 *
 * Ownership: the answer lives in the arena; it borrows the messages and the catalog.
 */
#ifndef SSISMINER_DIAGNOSE_DIAGNOSE_H
#define SSISMINER_DIAGNOSE_DIAGNOSE_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/err.h"
#include "ssisminer/signature/signature.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct DiagMessage { // what diagnosing needs of a message, from a server or a file
    Str text;
    int64_t code;
    int type; // message_type
    int source_type;
    int64_t ticks;
    size_t line;  // of the file it stands in, from 1; 0 where there is none
    size_t order; // among those of one time
    const char *package, *source_name, *subcomponent, *package_path, *execution_path;
} DiagMessage;

typedef struct Fingerprint {
    char id[20];      // "u-" and 16 hex digits, stable across runs and machines
    const char *mask; // the text with numbers, GUIDs, quoted names, paths, dates masked
} Fingerprint;

typedef struct Diagnosis {
    const Signature *signature; // NULL: nothing known matched
    const SigMatch *match;      // captures of the decisive message; NULL with signature NULL
    size_t decisive;            // index of the decisive message; SIZE_MAX when there is none
    size_t echoes;              // other errors and task failures that follow from it
    Fingerprint fingerprint;    // of the decisive message when it is unknown, else empty
    const char *task_path;      // "\Package\Load\Orders", or NULL
    const char *provider_text;  // innermost provider error in the decisive message, or NULL
    int rank;                   // private: how much it says
} Diagnosis;

/* Messages in time order. Status is operations.status: 6 without a cause is
 * ssisdb-ended-unexpectedly, when the catalog has it. */
Rc diagnose(const SigSet *set, SigScratch *scratch, const DiagMessage *messages, size_t count,
            int status, Arena *arena, Diagnosis *ret_diagnosis, Err *err) MUST_CHECK;

/* Of two parts of one run: does the later one tell more about the root cause? */
bool diagnosis_beats(const Diagnosis *later, const Diagnosis *earlier);

/* What people are to read of a message first: of an exception of .NET the innermost one, and no
 * stack; of others all of it. A piece of the text. */
Str diagnosis_telling(Str text);

Fingerprint fingerprint_of(Str text, Arena *arena);

#endif
