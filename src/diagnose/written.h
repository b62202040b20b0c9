/* By the characters of a line: was it written by a person, for a program or a reader, and not said
 * by a program that failed? */
#ifndef SSISMINER_DIAGNOSE_WRITTEN_H
#define SSISMINER_DIAGNOSE_WRITTEN_H

#include "ssisminer/base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* What only a report has: "Msg n, Level n", a driver's brackets, an exception's type and a colon.
 */
bool written_is_framed(Str line);
/* One that needs no word of trouble: its number says that it is an error. */
bool written_is_record(Str line);
/* "//Error: …": what was reported, and pasted into a comment. */
bool written_is_report(Str line);
/* Of SQL, C, a shell, a batch file, XML. */
bool written_is_comment(Str line);
/* A statement of a program, a query, a command, a pattern, or a text with gaps to fill. */
bool written_is_program(Str line);
/* The same beyond doubt, whatever it holds: a definition, a row of a table of messages. */
bool written_is_source(Str line);
/* A code's name amid a sentence: "… fails with the error DTS_E_X." */
bool written_names_code(Str line);
/* A heading, a link, a tag, the label of an advice. */
bool written_is_markup(Str line);
/* A row of a table, an item with its description, a title: whatever it cites. */
bool written_is_manual(Str line);
/* Are words before `at` set off as in a manual: **bold**, `code`? */
bool written_is_set(Str line, size_t at);
/* Does a program quote what stands at `at`? */
bool written_is_quoted(Str line, size_t at);
/* Is the word there a part of a path, of a file's name, of an identifier that is no answer? */
bool written_is_name(Str line, size_t at, size_t len);

#endif
