/*
 * Planted failures: the messages of each, as templates.
 *
 * Written from the source documents and from how public logs look; the signature catalog
 * never sees this file and these texts never see the catalog, so that a test may compare
 * what was planted with what was recognized.
 *
 * In a text, {name} is a value made up once for the whole chain (text.c knows the names;
 * {limit:30-200} makes a number of that range, later {limit} repeats it) and {|one|two} is a
 * choice. Any other brace stands for itself.
 */
#ifndef SANDBOX_DATA_CHAIN_H
#define SANDBOX_DATA_CHAIN_H

#include <stddef.h>
#include <stdint.h>

typedef enum ChainKind { // who wrote a message, and how bad it is
    FLOW,                // a component of the data flow: error
    FLOW_WARNING,
    FLOW_NOTE,
    TASK, // a control flow task: error
    TASK_WARNING,
    PACKAGE,  // the package: error
    EXECUTOR, // ISServerExec: error
    EXECUTOR_WARNING,
    API,          // a catalog procedure: error
    DECISIVE = 16 // added to one kind: this message names the cause
} ChainKind;

typedef enum ChainEnd { // what follows the messages of the table
    END_SOURCE,         // the data flow's source fails: PrimeOutput, task failed, error count
    END_TARGET,         // the data flow's destination fails: ProcessInput …
    END_PREPARE,        // fails in pre-execute
    END_VALIDATE,       // fails in validation
    END_TASK,           // task failed, error count
    END_PACKAGE,        // the package did not even start: nothing but its own end
    END_DEATH           // the process is gone: nothing follows
} ChainEnd;

typedef struct ChainMessage {
    unsigned kind;
    uint32_t code; // message_code as an HRESULT; 0 none
    const char *text;
} ChainMessage;

typedef enum ChainClass {
    CHAIN_CAUSE,
    CHAIN_UNKNOWN,  // an error that nothing knows
    CHAIN_WRAPPERS, // only messages that follow from something unsaid
    CHAIN_SILENT    // no message at all
} ChainClass;

typedef struct Chain {
    const char *cause;    // signature id; NULL for what has none
    const char *captures; // names of values worth comparing, blank between them; NULL none
    ChainEnd end;
    int status; // 0: failed
    ChainMessage messages[7];
    ChainClass class_;
    int weight; // how much commoner than the rarest, 0; -1: once in a history
} Chain;

typedef struct ChainSet {
    const Chain *chains;
    size_t count;
} ChainSet;

extern const ChainSet chains_failures;     // of executions: chains/faq.def … odd.def
extern const ChainSet chains_operation[4]; // deploy, validate, create_execution, purge

#endif
