/* Private to doctor: the table of checks, and what one of them says. */
#ifndef DOCTOR_CHECKS_H
#define DOCTOR_CHECKS_H

#include "facts.h"

enum { EVIDENCE_MAX = 24, ACTIONS_MAX = 16 };

typedef struct Said { // by one check
    Arena *arena;
    const char **evidence;
    size_t count;
    const char **actions; // beside the check's own
    size_t action_count;
    DoctorPriority priority;
    const char *reason;
} Said;

typedef DoctorOutcome RunCheck(const Facts *facts, Said *said);

typedef struct CheckRow {
    DoctorCheck check;
    RunCheck *run;
} CheckRow;

extern const CheckRow check_rows[];
extern const size_t check_row_count;

#endif
