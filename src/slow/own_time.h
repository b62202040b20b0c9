/*
 * Private to slow: how long each executable of one execution ran itself.
 *
 * The server times a container from its first task to its last, so that parents include their
 * children. The own time of an executable is that in which nothing below it ran. What is below
 * what is in the execution path: "\Package\Loop[3]\Task" is the third round of Loop.
 */
#ifndef SLOW_OWN_TIME_H
#define SLOW_OWN_TIME_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/str.h"

#include <stdint.h>

typedef struct Timed { // one run of an executable
    Str package, name;
    Str path;   // as the server has it
    Str parent; // path of what it is in, without its round; empty for the package
    int64_t start, end;
    int64_t own;
} Timed;

/* Fills `parent` and `own`; the order of the list changes. */
void own_time(Timed *list, size_t count);

/* A path without rounds: "\Package\Loop\Task". */
Str own_time_path(Str path, Arena *arena);

#endif
