/* Who speaks: a program that failed, or somebody who tells of it? */
#ifndef SSISMINER_DIAGNOSE_VOICE_H
#define SSISMINER_DIAGNOSE_VOICE_H

#include "words.h"

/* How much the words of a clause are those of people: programs say neither "I" nor "unfortunately".
 * VOICE_TOLD and more is somebody's. */
enum { VOICE_TOLD = 2 };
unsigned clause_voice(Str line, const Clause *clause);

#endif
