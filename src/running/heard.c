/* The errors of an operation: how many, and of the first ones the root cause. */
#include "internal.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>
#include <string.h>

void hearing_done(Hearing *hearing)
{
    free(hearing->list);
    arena_done(&hearing->arena);
    *hearing = (Hearing){0};
}

/* Where an id stands, or would: ids mostly come in their order. */
static size_t place_of(const Hearing *hearing, int64_t id)
{
    size_t low = 0, high = hearing->count;

    if (high > 0 && hearing->list[high - 1]->id < id)
        return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (hearing->list[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

Heard *hearing_find(const Hearing *hearing, int64_t id)
{
    size_t at = place_of(hearing, id);

    return at < hearing->count && hearing->list[at]->id == id ? hearing->list[at] : NULL;
}

static Heard *insert(Hearing *hearing, size_t at, int64_t id)
{
    Heard *heard = arena_alloc(&hearing->arena, sizeof(*heard));

    if (hearing->count == hearing->capacity) {
        hearing->capacity = hearing->capacity ? 2 * hearing->capacity : 64;
        hearing->list = mem_resize(hearing->list, hearing->capacity * sizeof(Heard *));
    }
    memmove(&hearing->list[at + 1], &hearing->list[at], (hearing->count - at) * sizeof(Heard *));
    hearing->list[at] = heard;
    hearing->count++;
    heard->id = id;
    return heard;
}

Heard *hearing_of(Hearing *hearing, int64_t id, bool is_noisy)
{
    size_t at = place_of(hearing, id);

    if (at < hearing->count && hearing->list[at]->id == id)
        return hearing->list[at];
    if (is_noisy && hearing->noisy_count == RUNNING_NOISY_MAX) {
        hearing->has_more = true;
        return NULL;
    }
    hearing->noisy_count += is_noisy;
    return insert(hearing, at, id);
}

static const char *copy(Arena *arena, Str text)
{
    return text.at ? arena_copy(arena, text.at, text.len) : NULL;
}

static DiagMessage kept_of(const Message *message, size_t order, Arena *arena)
{
    enum { VECTOR = 16 }; // compiled expressions read the text's last bytes with what is behind
    size_t len = message->text.len < RUNNING_TEXT_MAX
                     ? message->text.len
                     : str_utf8_floor(message->text.at, RUNNING_TEXT_MAX);
    char *text = arena_alloc(arena, len + VECTOR);

    if (len > 0)
        memcpy(text, message->text.at, len);
    return (DiagMessage){
        .text = {text, len},
        .code = message->code,
        .type = message->type,
        .source_type = message->source_type,
        .ticks = message->time.ticks,
        .order = order,
        .package = copy(arena, message->package),
        .source_name = copy(arena, message->source_name),
        .subcomponent = copy(arena, message->subcomponent),
        .package_path = copy(arena, message->package_path),
        .execution_path = copy(arena, message->execution_path),
    };
}

/* The place for it among the earliest, which are in order of time; a full list loses its last. */
static void keep(Heard *heard, const Message *message, Arena *arena)
{
    size_t at = heard->kept_count;

    while (at > 0 && heard->kept[at - 1].ticks > message->time.ticks)
        at--;
    if (at == RUNNING_ERRORS_KEPT)
        return;
    if (heard->kept_count < RUNNING_ERRORS_KEPT)
        heard->kept_count++;
    memmove(&heard->kept[at + 1], &heard->kept[at],
            (heard->kept_count - 1 - at) * sizeof(heard->kept[0]));
    heard->kept[at] = kept_of(message, (size_t)heard->count, arena);
}

void heard_add(Heard *heard, const Message *message, Arena *arena)
{
    heard->count++;
    if (message->time.is_set) {
        if (!heard->first.is_set || message->time.ticks < heard->first.ticks)
            heard->first = message->time;
        if (!heard->last.is_set || message->time.ticks > heard->last.ticks)
            heard->last = message->time;
    }
    keep(heard, message, arena);
}

Rc heard_diagnose(const Heard *heard, const SigSet *set, SigScratch *scratch, int status,
                  Arena *arena, RunningErrors *ret_errors, Err *err)
{
    Diagnosis found = {0};
    RunningErrors errors = {.count = heard->count, .first = heard->first, .last = heard->last};

    TRY(diagnose(set, scratch, heard->kept, heard->kept_count, status, arena, &found, err));
    errors.signature = found.signature;
    errors.cause_id = found.signature ? found.signature->id : NULL;
    if (!found.signature && found.fingerprint.id[0])
        errors.cause_id = arena_text(arena, found.fingerprint.id);
    if (found.decisive < heard->kept_count) {
        const DiagMessage *message = &heard->kept[found.decisive];
        errors.text = found.provider_text ? found.provider_text : message->text.at;
        errors.at = message->execution_path ? message->execution_path : message->package_path;
    } else if (heard->kept_count > 0) {
        errors.text = heard->kept[0].text.at;
        errors.at = heard->kept[0].execution_path;
    }
    *ret_errors = errors;
    return RC_OK;
}
