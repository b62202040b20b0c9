/* What SQL Server would answer: one error with its number, state, class and line.
 * The first fault of a statement stays; later ones are its consequences. */
#ifndef ENGINE_FAULT_H
#define ENGINE_FAULT_H

#include "ssisminer/base/err.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct Fault {
    int32_t number; // 0: none
    int state, severity, line;
    bool is_compile; // found before the statement ran: no TRY of the same level sees it
    char text[2048];
    char reason[256]; // why the sandbox refuses what a server might take; sent as INFO before it
    char procedure[160];
} Fault;

/* The texts of faults.def. MSG(208) is a number and its text, as fault_set wants them. */
#define FAULT(number, severity, ends_batch, text) static const char says_##number[] = text;
#define MESSAGE(number, text)
#include "faults.def"
#undef FAULT
#undef MESSAGE
#define MSG(number) number, says_##number

/* Both return false. Severity comes from the table (16 where it has none). */
bool fault_set(Fault *fault, int line, int32_t number, const char *format, ...) PRINTF_LIKE(4, 5);
bool fault_refuse(Fault *fault, int line, const char *near_text, size_t near_len,
                  const char *reason); // 102 Incorrect syntax near

int fault_severity(int32_t number);
bool fault_ends_batch(int32_t number);     // else only its statement
const char *fault_message(int32_t number); // a text of sys.messages for RAISERROR, NULL if unknown

#endif
