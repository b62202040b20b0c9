/* Messages of job steps. */
#ifndef SSISMINER_FORMS_AGENT_INTERNAL_H
#define SSISMINER_FORMS_AGENT_INTERNAL_H

#include "text.h"

/* All that a step's message says, into the run; its last sentence gives the run's status. The line
 * breaks of dtexec, which the Agent makes blanks of, are put back. Also what ends in the middle. */
Rc agent_say(Reader *reader, Runs *runs, Run *run, Str message, size_t line, Err *err) MUST_CHECK;
/* Is it one: "Executed as user: …"? */
bool agent_is_message(Str text);

#endif
