/*
 * Faults on request: what goes wrong, where, and when.
 *
 * One fault is KIND[=VALUE]@PLACE[=N][:MS][/every]; several are separated by commas. Each counts
 * the events at its place over the life of the server, whichever connection they come from, and
 * strikes once, at the Nth (the first unless told); with /every at each Nth. hooks_fault_help has
 * the list that `ssisminer-sandbox help serve` prints. A fault that strikes says so on stderr.
 *
 * Threads: faults_due may be called from any.
 */
#ifndef SANDBOX_WIRE_FAULTS_H
#define SANDBOX_WIRE_FAULTS_H

#include "ssisminer/base/err.h"
#include "ssisminer/loopback/response.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum FaultKind {
    FAULT_DROP,    // closes the connection: FIN, inside TLS without a word (no close_notify)
    FAULT_CLOSE,   // closes it as TLS wants it: close_notify, then FIN
    FAULT_RESET,   // breaks it: RST
    FAULT_LOSE,    // does the work, then closes before the answer
    FAULT_ERROR,   // answers with an error instead
    FAULT_STALL,   // waits, but heeds an attention
    FAULT_HANG,    // reads and answers nothing any more
    FAULT_GARBAGE, // sends bytes that are no protocol
    FAULT_SLOW,    // a slow line, from the first byte or from there on
    FAULT_FLOOD,   // sends without an end, whatever the client says
    FAULT_ROUTE    // sends the client elsewhere
} FaultKind;

typedef enum FloodKind {
    FLOOD_MESSAGES,
    FLOOD_RESULTS,
    FLOOD_ROWS,
    FLOOD_VALUE,  // of a row that has a long one, else messages
    FLOOD_BETWEEN // messages behind the first row
} FloodKind;

typedef enum FaultPlace {
    FAULT_AT_CONNECT,
    FAULT_AT_LOGIN,
    FAULT_AT_STATEMENT, // "statement=N" and "text=WORDS" alike
    FAULT_AT_ROW,       // the Nth row of one answer
    FAULT_AT_END,       // all of an answer is sent but its end
    FAULT_AT_WALK,      // each of them in turn: the Nth client at its Nth point
    FAULT_AT_IDS        // a statement whose @first_id and @last_id meet a range
} FaultPlace;

typedef struct FaultEvent { // at one of the first five
    FaultPlace place;
    Str text;            // of a statement
    int64_t row;         // of an answer, from 1
    int64_t first, last; // ids that a statement asks for; 0: none
} FaultEvent;

typedef struct Fault {
    FaultKind kind;
    FaultPlace place;
    int64_t at;       // the Nth event; of FAULT_AT_IDS the first id
    int64_t last;     // FAULT_AT_IDS
    int64_t until_ms; // FAULT_AT_IDS with ms: by time_monotonic_ms; 0 before it struck
    const char *text; // only statements that contain this; NULL for all
    bool is_every;
    int32_t number;   // FAULT_ERROR
    long ms;          // FAULT_STALL; 0: until the client gives up. Of FAULT_AT_WALK: which rows;
                      // of FAULT_AT_IDS: from the first strike on, 0 for good
    long rate;        // FAULT_SLOW: bytes a second
    FloodKind flood;  // FAULT_FLOOD
    const char *host; // FAULT_ROUTE
    int port;         // FAULT_ROUTE
    const char *spec; // as it was given
    int64_t seen;
    bool has_struck, is_spared; // FAULT_AT_WALK: the client before, this one
} Fault;

typedef struct Faults Faults;

Rc faults_parse(const char *spec, Faults **ret_faults, Err *err) MUST_CHECK; // NULL: none
void faults_free(Faults *faults);

/* Counts one event and returns the fault that strikes now, NULL for none. */
const Fault *faults_due(Faults *faults, const FaultEvent *event);

/* Severity and text of an injected error. */
typedef struct FaultError {
    int32_t number;
    int severity, state;
    const char *text;
} FaultError;

FaultError faults_error(int32_t number);

/* flood.c: answers without an end, for clients that have to notice; they go on until the client is
 * gone, whatever it sends. Messages or empty results; or rows and parts of them, beginning with the
 * row that starts at row_at in the output. */
void flood_tokens(Link *link, FloodKind kind);
void flood_row(Response *response, FloodKind kind, size_t row_at);

#endif
