/*
 * Any bytes as a log, of every form: a record each, in order, whose texts lie where they should;
 * what is no record is told with its place; JSON lines give one record a line; and the short cuts
 * through what cannot matter change nothing.
 */
#include "ssisminer/scan/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Seen {
    size_t count, troubles;
} Seen;

static void check_text(const char *text)
{
    if (text && strlen(text) > LOG_JSON_MAX)
        abort();
}

static Rc on_record(void *context, const LogRecord *record, Err *err)
{
    Seen *seen = context;
    unsigned sum = 0;
    (void)err;

    if (record->line == 0 || !record->file || (record->goes_on && record->run == 0))
        abort();
    if (!record->goes_on && record->number != ++seen->count)
        abort();
    if (record->trouble) {
        seen->troubles++;
        if ((strncmp(record->trouble, "f:", 2) != 0 && strncmp(record->trouble, "f!", 2) != 0) ||
            record->message_count != 0)
            abort();
    }
    for (size_t i = 0; i < record->message_count; i++) {
        const DiagMessage *message = &record->messages[i];
        for (size_t at = 0; at < message->text.len; at++)
            sum += (unsigned char)message->text.at[at];
        check_text(message->package);
        check_text(message->source_name);
        check_text(message->subcomponent);
    }
    return sum == UINT32_MAX ? RC_QUERY : RC_OK; // so that the reads are not left out
}

/* Lines that are not blank, as the reader counts them in UTF-8. */
static size_t count_lines(const char *data, size_t size)
{
    size_t count = 0;
    bool has_more = false;

    for (size_t i = 0; i <= size; i++) {
        if (i < size && data[i] != '\n') {
            has_more = has_more || !strchr(" \t\r", data[i]) || data[i] == '\0';
            continue;
        }
        count += has_more;
        has_more = false;
    }
    return count;
}

/* With a mark the reader takes the encoding from it, and with NULs for UTF-16 without one, or for
 * no text at all: then bytes are not what it counts. */
static bool is_plain_utf8(const uint8_t *data, size_t size)
{
    bool has_mark = size >= 2 && (data[0] == 0xFF || data[0] == 0xFE || data[0] == 0xEF);

    return !has_mark && !memchr(data, '\0', size);
}

static void scan_as(LogForm form, const uint8_t *data, size_t size)
{
    Seen seen = {0};
    Scan scan = {.request = {.as = form, .on_record = on_record, .context = &seen}};
    Err err = {0};
    char *copy = malloc(size + 1);

    if (!copy)
        return;
    memcpy(copy, data, size);
    FILE *stream = fmemopen(copy, size, "rb");
    if (!stream || scan_stream(&scan, stream, "f", &err) != RC_OK)
        abort();
    if (scan.record_count != seen.count || scan.trouble_count != seen.troubles)
        abort();
    if (form == LOG_JSONL && is_plain_utf8(data, size) && seen.troubles == seen.count &&
        seen.count != count_lines(copy, size) && !memchr(copy, '[', size) &&
        !memchr(copy, '{', size))
        abort(); // nothing in it is JSON: one trouble a line
    (void)fclose(stream);
    free(copy);
}

/* What a log says, in one number. */
static Rc add_record(void *context, const LogRecord *record, Err *err)
{
    uint64_t *sum = context;
    (void)err;

    *sum = str_hash(*sum, &record->line, sizeof(record->line));
    *sum = str_hash(*sum, &record->status, sizeof(record->status));
    for (size_t i = 0; i < record->message_count; i++) {
        const DiagMessage *message = &record->messages[i];
        *sum = str_hash(*sum, message->text.at, message->text.len);
        *sum = str_hash(*sum, &message->code, sizeof(message->code));
        *sum = str_hash(*sum, &message->line, sizeof(message->line));
    }
    return RC_OK;
}

static uint64_t sum_of(const uint8_t *data, size_t size, bool is_plain)
{
    uint64_t sum = STR_HASH_SEED;
    Scan scan = {.request = {.is_plain = is_plain, .on_record = add_record, .context = &sum}};
    Err err = {0};
    FILE *stream = fmemopen((void *)(uintptr_t)data, size, "rb");

    if (!stream || scan_stream(&scan, stream, "f", &err) != RC_OK)
        abort();
    (void)fclose(stream);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 1 << 20)
        return 0;
    for (LogForm form = LOG_AUTO; form <= LOG_LOG_ANALYTICS; form++)
        scan_as(form, data, size);
    if (sum_of(data, size, false) != sum_of(data, size, true))
        abort(); // the short cuts change nothing
    return 0;
}
