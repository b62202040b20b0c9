/* A text that somebody pasted, read as a log is. */
#include "pasted.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/diagnose/diagnose.h"
#include "ssisminer/scan/scan.h"

#include <stdio.h>
#include <string.h>

typedef struct Reading {
    const SigSet *set;
    SigScratch *scratch;
    Arena *arena;
    Pasted *pasted;
} Reading;

static void reading_done(Reading *reading)
{
    sig_scratch_free_at(&reading->scratch);
}

static bool has_match(const Pasted *pasted, const Signature *signature)
{
    for (size_t i = 0; i < pasted->match_count; i++)
        if (pasted->matches[i].signature == signature)
            return true;
    return false;
}

static void keep_match(Reading *reading, const SigMatch *match)
{
    Pasted *pasted = reading->pasted;

    if (pasted->match_count == PASTED_MAX || has_match(pasted, match->signature))
        return;
    SigMatch *kept = &pasted->matches[pasted->match_count++];
    *kept = *match;
    for (size_t i = 0; i < kept->capture_count; i++) {
        Str value = match->captures[i].value;
        kept->captures[i].value = (Str){arena_copy(reading->arena, value.at, value.len), value.len};
    }
}

static void keep_unknown(Reading *reading, Str text)
{
    Pasted *pasted = reading->pasted;

    text = str_trim(text);
    if (pasted->unknown_count < PASTED_MAX && text.len > 0)
        pasted->unknown[pasted->unknown_count++] = arena_copy(reading->arena, text.at, text.len);
}

/* A root cause, or an error of its own words; what only may be one is none. */
static Rc take_record(void *context, const LogRecord *record, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    Reading *reading = context;
    Diagnosis diagnosis;

    if (record->trouble)
        return RC_OK;
    TRY(diagnose(reading->set, reading->scratch, record->messages, record->message_count,
                 record->status, &arena, &diagnosis, err));
    if (diagnosis.match)
        keep_match(reading, diagnosis.match);
    else if (diagnosis.decisive != SIZE_MAX && !record->is_quiet)
        keep_unknown(reading, diagnosis.provider_text ? str_of(diagnosis.provider_text)
                                                      : record->messages[diagnosis.decisive].text);
    return RC_OK;
}

static Rc read_records(Reading *reading, Str text, Err *err)
{
    Scan scan = {.request = {.on_record = take_record, .context = reading}};
    FILE *stream = fmemopen((void *)(uintptr_t)text.at, text.len, "rb");

    if (!stream)
        mem_fail();
    Rc rc = scan_stream(&scan, stream, "text", err);
    (void)fclose(stream);
    return rc;
}

Rc pasted_read(const SigSet *set, Str text, Arena *arena, Pasted *ret_pasted, Err *err)
{
    AUTO(reading_done)
    Reading reading = {
        .set = set, .scratch = sig_scratch_new(set), .arena = arena, .pasted = ret_pasted};
    const SigText whole = {.text = text};
    SigMatch matches[PASTED_MAX];
    size_t count = 0;

    *ret_pasted = (Pasted){.match_count = 0};
    TRY(read_records(&reading, text, err));
    ret_pasted->root_count = ret_pasted->match_count;
    TRY(sig_match(set, reading.scratch, &whole, matches, PASTED_MAX, &count, err));
    for (size_t i = 0; i < count; i++)
        keep_match(&reading, &matches[i]);
    return RC_OK;
}
