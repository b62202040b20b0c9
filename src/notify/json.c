/* A message as plain JSON, for programs: keys are stable within a schema_version. */
#include "message.h"

#include "ssisminer/base/json.h"

enum { SCHEMA_VERSION = 1 };

static void put_key(Buf *out, const char *key)
{
    buf_printf(out, "%s\"%s\":", out->text[out->len - 1] == '{' ? "" : ",", key);
}

static void put_text(Buf *out, const char *key, const char *text)
{
    put_key(out, key);
    if (text && *text)
        json_put_text(out, str_of(text));
    else
        buf_puts(out, "null");
}

static void put_list(Buf *out, const char *key, const char *const *list, size_t count)
{
    put_key(out, key);
    buf_putc(out, '[');
    for (size_t i = 0; i < count; i++) {
        buf_puts(out, i ? "," : "");
        json_put_text(out, str_of(list[i]));
    }
    buf_putc(out, ']');
}

static const char *level_word(Severity level)
{
    const char *word = message_level_word(level);

    return *word ? word : level == SEVERITY_INFO ? "info" : "none";
}

static void put_section(Buf *out, const Message *message, const DigestSection *section)
{
    size_t shown = section->row_count < message->rows ? section->row_count : message->rows;

    buf_putc(out, '{');
    put_text(out, "key", section->key);
    put_text(out, "title", section->title);
    put_key(out, "rows");
    buf_putc(out, '[');
    for (size_t i = 0; i < shown; i++)
        buf_printf(out, "%s%s", i ? "," : "", section->rows[i].json);
    buf_printf(out, "],\"left\":%zu}", section->left + section->row_count - shown);
}

static void put_answer(Buf *out, const Message *message)
{
    const Digest *digest = message->event->digest;

    put_text(out, "headline", digest->headline);
    put_text(out, "where", digest->where);
    put_list(out, "warnings", digest->warnings, message->is_bare ? 0 : digest->warning_count);
    put_key(out, "facts");
    buf_puts(out, message->is_bare ? "{}" : digest->json);
    put_key(out, "sections");
    buf_putc(out, '[');
    for (size_t i = 0; i < digest->section_count && !message->is_bare; i++) {
        buf_puts(out, i ? "," : "");
        put_section(out, message, &digest->sections[i]);
    }
    buf_putc(out, ']');
}

static void put(const Message *message, Buf *out)
{
    const NotifyEvent *event = message->event;
    char time[TIME_TEXT_MAX];

    time_iso_utc(event->time, 0, time);
    buf_printf(out, "{\"schema_version\":%d", SCHEMA_VERSION);
    put_text(out, "program", "ssisminer");
    put_text(out, "version", SSISMINER_VERSION);
    put_text(out, "host", event->host);
    put_text(out, "sent_at", time);
    put_text(out, "command", event->command);
    put_list(out, "targets", event->targets, event->target_count);
    put_text(out, "level", level_word(message->level));
    buf_printf(out,
               ",\"has_new\":%s,\"has_failed\":%s,\"is_test\":%s,\"exit_code\":%d,\"is_cut\":%s",
               event->digest && event->digest->has_new ? "true" : "false",
               event->has_failed ? "true" : "false", event->test ? "true" : "false",
               event->exit_code, message->is_cut ? "true" : "false");
    put_text(out, "error", event->error);
    put_text(out, "hint", event->hint);
    if (event->digest)
        put_answer(out, message);
    put_text(out, "more", event->more);
    buf_putc(out, '}');
}

const Format format_json = {.most_bytes = 128 * 1024, .put = put};
