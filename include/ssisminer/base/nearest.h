/* "did you mean": offer every candidate, then ask for the best. */
#ifndef SSISMINER_BASE_NEAREST_H
#define SSISMINER_BASE_NEAREST_H

typedef struct Nearest { // {.word = "reprot"} is ready
    const char *word;    // borrowed, and so are the candidates
    const char *best;
    unsigned distance;
} Nearest;

void nearest_offer(Nearest *nearest, const char *candidate);
const char *nearest_answer(const Nearest *nearest); // NULL when nothing is near enough

#endif
