/*
 * What a command finds only when it has several servers beside each other (--target).
 *
 * Round one: run, in the process of each target, offers bytes beside its answer (output_beside).
 * Then, in the first process, ask says what else is to be known of whom; round two: answer, again
 * in a process of each target that is asked something; and conclude says what came of it.
 */
#ifndef SSISMINER_SRC_CMD_ACROSS_H
#define SSISMINER_SRC_CMD_ACROSS_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/buf.h"
#include "ssisminer/base/str.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/report/combine.h"

typedef struct AcrossMember { // of the fleet, in the order of the configuration
    const char *target;
    Str offered;       // empty: nothing
    Str question;      // empty: none
    Str answer;        // empty: none
    const char *error; // why there is no answer; NULL: there is, or none was asked for
} AcrossMember;

typedef struct CommandAcross {
    /* Fills in the questions. `ret_state` is passed on to conclude, and ended by end. */
    Rc (*ask)(Conf *conf, AcrossMember *members, size_t count, void **ret_state, Err *err);
    Rc (*answer)(Conf *conf, Str question, Buf *out, Err *err);
    /* Answers of several targets: each names them and has an exit code of its own; one without a
     * target holds what is said of all. */
    Rc (*conclude)(Conf *conf, void *state, const AcrossMember *members, size_t count, Arena *arena,
                   const ReportPart **ret_parts, size_t *ret_count, Err *err);
    void (*end)(void *state); // accepts NULL
} CommandAcross;

#endif
