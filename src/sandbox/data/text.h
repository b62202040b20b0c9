/* Makes a message out of a template of chain.h. */
#ifndef SANDBOX_DATA_TEXT_H
#define SANDBOX_DATA_TEXT_H

#include "world.h"

#include "ssisminer/base/buf.h"

typedef struct Made { // one value made up for a chain
    char name[16];
    char value[200];
} Made;

enum { MADE_MAX = 16 };

typedef struct Maker {
    Rng rng;
    const Package *package;
    const Task *task;
    Made made[MADE_MAX];
    size_t made_count;
} Maker;

void maker_init(Maker *maker, uint64_t seed, uint64_t item, const Package *package,
                const Task *task);
void maker_put(Maker *maker, const char *text, Buf *out);
void maker_set(Maker *maker, const char *name, const char *value); // instead of making it up
const char *maker_value(Maker *maker, Str name);                   // made now if it was not yet

#endif
