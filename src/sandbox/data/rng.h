/* Reproducible randomness: xoshiro256** seeded by splitmix64, so that one seed gives the same
 * history on every machine and a change in one place leaves the others as they were. */
#ifndef SANDBOX_DATA_RNG_H
#define SANDBOX_DATA_RNG_H

#include <stdint.h>

typedef struct Rng {
    uint64_t s[4];
} Rng;

static inline uint64_t rng_mix(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* A stream of its own for each purpose and item. */
static inline Rng rng_of(uint64_t seed, uint64_t purpose, uint64_t item)
{
    Rng rng;
    uint64_t state =
        seed ^ (purpose * UINT64_C(0xD1342543DE82EF95)) ^ (item * UINT64_C(0xA24BAED4963EE407));

    for (int i = 0; i < 4; i++)
        rng.s[i] = rng_mix(&state);
    return rng;
}

static inline uint64_t rng_next(Rng *rng)
{
    uint64_t *s = rng->s;
    uint64_t product = s[1] * 5;
    uint64_t result = ((product << 7) | (product >> 57)) * 9;
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 45) | (s[3] >> 19);
    return result;
}

/* 0 … below-1; the tiny bias of the remainder does not matter here. */
static inline uint64_t rng_below(Rng *rng, uint64_t below)
{
    return below == 0 ? 0 : rng_next(rng) % below;
}

static inline int64_t rng_between(Rng *rng, int64_t low, int64_t high)
{
    return low + (int64_t)rng_below(rng, (uint64_t)(high - low + 1));
}

#endif
