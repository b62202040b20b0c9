/* Keeping the earliest messages of an operation, whatever order they come in. */
#include "internal.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>
#include <string.h>

int kept_compare(const Kept *a, const Kept *b)
{
    const FailureMessage *x = &a->message, *y = &b->message;

    if (x->time.ticks != y->time.ticks)
        return x->time.ticks < y->time.ticks ? -1 : 1;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return a->arrival < b->arrival ? -1 : a->arrival > b->arrival;
}

/* ---- one message in one piece ---------------------------------------------------------------- */

static const char *put_text(char **at, Str text)
{
    char *copy = *at;

    if (!text.at)
        return NULL;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    *at += text.len + 1;
    return copy;
}

static Kept *kept_new(const Message *from, size_t text_max, uint64_t arrival)
{
    bool is_cut = from->text.len > text_max;
    Str text = {from->text.at, is_cut ? str_utf8_floor(from->text.at, text_max) : from->text.len};
    const Str *texts[] = {&from->package,
                          &from->event_name,
                          &from->source_name,
                          &from->subcomponent,
                          &from->package_path,
                          &from->execution_path,
                          &text};
    enum { VECTOR = 16 }; // compiled expressions read the text's last bytes with what is behind
    size_t bytes = sizeof(Kept) + VECTOR;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        bytes += texts[i]->len + 1;
    Kept *kept = mem_alloc(bytes);
    char *at = kept->texts;
    kept->arrival = arrival;
    kept->message = (FailureMessage){
        .time = from->time,
        .id = from->id,
        .type = from->type,
        .source_type = from->source_type,
        .code = from->code,
        .is_cut = is_cut,
    };
    kept->message.package = put_text(&at, from->package);
    kept->message.event_name = put_text(&at, from->event_name);
    kept->message.source_name = put_text(&at, from->source_name);
    kept->message.subcomponent = put_text(&at, from->subcomponent);
    kept->message.package_path = put_text(&at, from->package_path);
    kept->message.execution_path = put_text(&at, from->execution_path);
    kept->message.text = (Str){put_text(&at, text), text.len};
    return kept;
}

/* ---- the heap -------------------------------------------------------------------------------- */

static void sift_down(KeptList *list, size_t from)
{
    for (;;) {
        size_t latest = from;
        for (size_t child = 2 * from + 1; child <= 2 * from + 2 && child < list->count; child++)
            if (kept_compare(list->at[child], list->at[latest]) > 0)
                latest = child;
        if (latest == from)
            return;
        Kept *moved = list->at[from];
        list->at[from] = list->at[latest];
        list->at[latest] = moved;
        from = latest;
    }
}

static void make_heap(KeptList *list)
{
    for (size_t i = list->count / 2; i-- > 0;)
        sift_down(list, i);
    list->is_heap = true;
}

static void append(KeptList *list, Kept *kept)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 8;
        list->at = mem_resize(list->at, list->capacity * sizeof(*list->at));
    }
    list->at[list->count++] = kept;
}

static bool is_later_than_all(const KeptList *list, const Message *message, uint64_t arrival)
{
    Kept probe = {.message = {.time = message->time, .id = message->id}, .arrival = arrival};

    return kept_compare(&probe, list->at[0]) >= 0;
}

bool kept_add(KeptList *list, const Message *message, size_t text_max, uint64_t arrival)
{
    if (list->count < list->limit) {
        append(list, kept_new(message, text_max, arrival));
        return true;
    }
    if (!list->is_heap)
        make_heap(list);
    if (is_later_than_all(list, message, arrival))
        return false;
    free(list->at[0]);
    list->at[0] = kept_new(message, text_max, arrival);
    sift_down(list, 0);
    return false;
}

void kept_done(KeptList *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->at[i]);
    free(list->at);
    *list = (KeptList){0};
}
