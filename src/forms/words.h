/*
 * What frames say in the languages of the tools: dtexec, the Agent, Visual Studio in German,
 * Spanish, French, Italian, Portuguese, Japanese, Korean, Chinese (both) and Russian. Only what
 * stands around a message is here; a language that is not here is still known by structure where
 * there is one.
 */
#ifndef SSISMINER_FORMS_WORDS_INTERNAL_H
#define SSISMINER_FORMS_WORDS_INTERNAL_H

#include "ssisminer/base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* "Fehler: …", "Erreur : …", "错误：…" at the beginning: the length of the word without blanks,
 * ret_after: what follows the colon and its blanks. 0: no word and colon within reach. */
size_t words_before_colon(Str line, size_t *ret_after);

/* The MESSAGE_… that such a word heads; 0: it is none of them. */
int words_level(Str word);

/* "Ende Fehler", "Fin de l'erreur", "エラーの終了": the end of a block that `word` heads. */
bool words_end_block(Str line, Str word);

/* The same in a language that is not known: short, of that word, and nothing else. */
bool words_may_end_block(Str line, Str word);

/* The line names dtexec as its banner does. */
bool words_name_dtexec(Str line);

typedef enum WordsClock { CLOCK_NONE, CLOCK_STARTED, CLOCK_FINISHED, CLOCK_ELAPSED } WordsClock;

/* "Gestartet:  10:00:00" */
WordsClock words_clock(Str line);

/* "Ausgeführt als Benutzer: D\u. ": where what it ran begins, 0 if the text does not begin so. */
size_t words_behind_user(Str text);

/* STATUS_FAILED or STATUS_SUCCEEDED as the sentences at the end of a step say, else 0. */
int words_verdict(Str text);

/* Without those sentences. */
Str words_without_verdict(Str text);

#endif
