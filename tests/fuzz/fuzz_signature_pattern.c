/* A pattern, NUL, a message: whatever compiles finds what the plain slow matcher finds. */
#include "../../src/signature/pattern.h"
#include "../unit/signature/slow_match.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same_captures(const PatternMatch *fast, const SlowFound *slow)
{
    if (fast->start != slow->start || fast->end != slow->end || fast->capture_count != slow->count)
        return false;
    for (size_t i = 0; i < slow->count; i++)
        if (fast->captures[i].start != slow->captures[i].start ||
            fast->captures[i].end != slow->captures[i].end)
            return false;
    return true;
}

static void compare(const Pattern *pattern, const char *source, Str raw, Arena *arena)
{
    AUTO(fold_done) Folded folded = {0};
    SlowText slow_text = slow_fold(raw, arena);
    PatternMatch fast;
    SlowFound slow;

    fold_text(&folded, raw);
    if (folded.len != slow_text.len || memcmp(folded.text, slow_text.text, folded.len) != 0)
        abort();
    bool found = pattern_find(pattern, &folded, &fast);
    if (found != slow_find(&slow_text, slow_compile(source, arena), &slow, arena))
        abort();
    if (found && !same_captures(&fast, &slow))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MESSAGE_MAX = 4096, PATTERN_MAX = 512 };
    AUTO(arena_done) Arena arena = {0};
    const char *text = (const char *)data;
    const char *cut = size > 0 ? memchr(text, '\0', size) : NULL;
    Pattern *pattern = NULL;
    Err err = {0};

    if (!cut || cut - text > PATTERN_MAX || size > MESSAGE_MAX)
        return 0;
    const char *source = arena_copy(&arena, text, (size_t)(cut - text));
    if (pattern_compile(source, &arena, &pattern, &err) == RC_OK)
        compare(pattern, source, (Str){cut + 1, size - (size_t)(cut + 1 - text)}, &arena);
    else if (err.rc != RC_USAGE || err.text[0] == '\0')
        abort();
    if (pattern && pattern_trigger(pattern).len < 3) // else no scanner would find it
        abort();
    return 0;
}
