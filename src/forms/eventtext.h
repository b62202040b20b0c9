/* The text of an event of the SSIS provider in the Windows event log. */
#ifndef SSISMINER_FORMS_EVENTTEXT_INTERNAL_H
#define SSISMINER_FORMS_EVENTTEXT_INTERNAL_H

#include "runs.h"

/* Reads " Event Name: OnError", " Message: …", " Operator: …" and so on, one a line; false if the
 * text is none of that. ret_run_key is the execution's id. What it points to is the text's. */
bool event_text_read(Str text, DiagMessage *ret_message, Str *ret_source, Str *ret_run_key);
/* The insert strings of such an event in their order. */
bool event_strings_read(const Str *strings, size_t count, DiagMessage *ret_message, Str *ret_source,
                        Str *ret_run_key);
/* Of an event that names the package only: what the viewer shows for it. */
Str event_of_package(Str package, int type, Arena *arena);
/* A type of message from the name of an event: what is no error, warning or failed task is
 * information. */
int event_type(Str name);

#endif
