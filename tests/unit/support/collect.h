/* Scans a text in memory and keeps what the reader made of it. */
#ifndef TESTS_UNIT_SUPPORT_COLLECT_H
#define TESTS_UNIT_SUPPORT_COLLECT_H

#include "test.h"

#include "ssisminer/base/arena.h"
#include "ssisminer/base/buf.h"
#include "ssisminer/base/time.h"
#include "ssisminer/scan/scan.h"

#include <stdio.h>
#include <stdlib.h>

static Arena collect_arena;
static LogRecord collected[200];
static size_t collected_count;

static inline Rc collect_one(void *context, const LogRecord *record, Err *err)
{
    Arena *arena = &collect_arena;
    (void)context, (void)err;

    assert_true(collected_count < 200);
    DiagMessage *messages = arena_alloc_array(arena, record->message_count + 1, sizeof(*messages));
    for (size_t i = 0; i < record->message_count; i++) {
        const DiagMessage *from = &record->messages[i];
        messages[i] = *from;
        messages[i].text = (Str){arena_copy(arena, from->text.at, from->text.len), from->text.len};
        messages[i].package = arena_text(arena, from->package);
        messages[i].source_name = arena_text(arena, from->source_name);
        messages[i].subcomponent = arena_text(arena, from->subcomponent);
    }
    LogRecord copy = *record;
    copy.messages = messages;
    copy.file = arena_text(arena, record->file);
    copy.trouble = arena_text(arena, record->trouble);
    collected[collected_count++] = copy;
    return RC_OK;
}

static inline void collect_bytes(LogForm form, const char *bytes, size_t len)
{
    Scan scan = {.request = {.as = form, .on_record = collect_one}};
    Err err = {0};
    FILE *stream = fmemopen(arena_copy(&collect_arena, bytes, len), len ? len : 1, "rb");

    collected_count = 0;
    assert_non_null(stream);
    if (len == 0)
        (void)fgetc(stream);
    assert_int_equal(scan_stream(&scan, stream, "f", &err), RC_OK);
    assert_int_equal(scan.record_count, collected_count);
    (void)fclose(stream);
}

static inline void collect(LogForm form, const char *text)
{
    collect_bytes(form, text, strlen(text));
}

static inline const char *text_at(size_t record, size_t message)
{
    assert_true(record < collected_count && message < collected[record].message_count);
    return collected[record].messages[message].text.at;
}

static inline int collect_done(void **state)
{
    (void)state;
    arena_done(&collect_arena);
    return 0;
}

#endif
