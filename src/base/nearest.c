/* "Did you mean": the nearest of the words that were offered. */
#include "ssisminer/base/nearest.h"

#include "ssisminer/base/str.h"

#include <string.h>

void nearest_offer(Nearest *nearest, const char *candidate)
{
    enum { SHORTEST_PREFIX = 3 };
    unsigned distance = str_distance(nearest->word, candidate);

    if (strlen(nearest->word) >= SHORTEST_PREFIX && str_starts(candidate, nearest->word))
        distance = 1; // cut short
    if (!nearest->best || distance < nearest->distance) {
        nearest->best = candidate;
        nearest->distance = distance;
    }
}

/* One slip in three letters still counts as meant. */
const char *nearest_answer(const Nearest *nearest)
{
    size_t len = strlen(nearest->word);
    unsigned allowed = len <= 3 ? 1 : len <= 6 ? 2 : 3;

    return nearest->best && nearest->distance <= allowed ? nearest->best : NULL;
}
