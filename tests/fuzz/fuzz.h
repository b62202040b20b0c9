/* What fuzz targets share: pieces of the input, and the check of an answer. */
#ifndef SSISMINER_TESTS_FUZZ_H
#define SSISMINER_TESTS_FUZZ_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/str.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* libFuzzer and ASan show where. */
static inline void must(bool holds)
{
    if (!holds)
        abort();
}

typedef struct Input {
    const uint8_t *at;
    size_t left;
} Input;

static inline uint8_t take_byte(Input *input) // 0 behind the end
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->at++;
}

static inline int64_t take_i64(Input *input)
{
    uint64_t value = 0;

    for (int i = 0; i < 8; i++)
        value = value << 8 | take_byte(input);
    return (int64_t)value;
}

/* Up to a NUL or the end, without it. */
static inline char *take_text(Input *input, Arena *arena)
{
    size_t len = strnlen((const char *)input->at, input->left);
    char *text = arena_copy(arena, (const char *)input->at, len);

    input->at += len;
    input->left -= len;
    (void)take_byte(input);
    return text;
}

#endif
