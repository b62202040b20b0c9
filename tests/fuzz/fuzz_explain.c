/*
 * Any text after `explain`: what is a number by a plain reading is that number, in signed 32 bits
 * where it is a code; all readings have their sentence; nothing known gives nothing.
 */
#include "fuzz.h"

#include "ssisminer/explain/explain.h"

#include <stdio.h>

static SigSet *catalog(void)
{
    static SigSet *set;
    Err err = {0};

    if (!set)
        must(sigset_load_lean(NULL, 0, &set, &err) == RC_OK);
    return set;
}

static void check_number(const char *text)
{
    int64_t number = 0, plain = 0;
    bool is_hex = false;
    char again[40];

    if (!explain_parse_number(str_of(text), &number, &is_hex))
        return;
    must(!is_hex || (number >= INT32_MIN && number <= UINT32_MAX));
    if (!is_hex && str_to_i64(str_of(text), &plain))
        must(plain == number);
    if (!is_hex || number < 0)
        return;
    (void)snprintf(again, sizeof(again), "0x%llX", (unsigned long long)number);
    must(explain_parse_number(str_of(again), &plain, &is_hex) && plain == number && is_hex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_done) Arena arena = {0};
    Input input = {data, size};

    if (size > 300)
        return 0;
    const char *what = take_text(&input, &arena);
    check_number(what);
    Explanation found = explain(catalog(), what, &arena);
    must(found.reading_count < 100 && found.entry_count < 1000);
    for (size_t i = 0; i < found.reading_count; i++)
        must(found.readings[i].kind && found.readings[i].text && found.readings[i].text[0]);
    for (size_t i = 0; i < found.entry_count; i++)
        must(found.entries[i] && found.entries[i]->id[0]);
    return 0;
}
