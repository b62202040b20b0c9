/* What a message says, line by line, before a format lays it out. */
#include "message.h"

#include "ssisminer/base/str.h"
#include "ssisminer/base/term.h"
#include "ssisminer/report/words.h"

#include <string.h>

enum { LINES_MOST = 512, ERROR_MAX = 600, TEXT_MAX = 4096 };

const char *notify_type_name(NotifyType type)
{
    static const char *const names[] = {"teams", "slack", "json", "mail"};

    return names[type];
}

/* ---- how grave ------------------------------------------------------------------------------- */

Severity notify_level(const NotifyEvent *event)
{
    Severity found = event->digest ? event->digest->gravest : SEVERITY_NONE;
    bool is_early = event->exit_code == RC_PARTIAL || event->exit_code == RC_LOCKED;
    Severity ended = event->has_failed ? SEVERITY_ERROR
                     : is_early        ? SEVERITY_WARNING
                                       : SEVERITY_NONE;

    return found > ended ? found : ended;
}

bool notify_is_due(const char *when, const NotifyEvent *event)
{
    bool has_new = event->digest && event->digest->has_new;

    return event->test || event->has_failed || strcmp(when, "always") == 0 ||
           report_reaches(when, notify_level(event), has_new);
}

const char *message_level_word(Severity level)
{
    return level == SEVERITY_CRITICAL  ? "critical"
           : level == SEVERITY_ERROR   ? "error"
           : level == SEVERITY_WARNING ? "warning"
                                       : "";
}

/* ---- lines ----------------------------------------------------------------------------------- */

static void add(Message *message, LineKind kind, const char *label, const char *text)
{
    if (message->count < LINES_MOST && (*label || *text))
        message->lines[message->count++] = (Line){.kind = kind, .label = label, .text = text};
}

static const char *safe(const char *text, Arena *arena)
{
    Buf buf = BUF(TEXT_MAX);

    term_put_safe(&buf, text, strlen(text), true);
    if (buf.len > ERROR_MAX)
        buf.len = str_utf8_floor(buf_text(&buf), ERROR_MAX);
    const char *kept = arena_printf(arena, "%.*s%s", (int)buf.len, buf_text(&buf),
                                    buf.len >= ERROR_MAX ? "..." : "");
    buf_done(&buf);
    return kept;
}

static const char *title_of(const NotifyEvent *event, Arena *arena)
{
    if (event->test)
        return arena_printf(arena, "This is a test of channel '%s'", event->test);
    if (event->digest)
        return event->digest->headline;
    return arena_printf(arena, "ssisminer %s %s (exit status %d)", event->command,
                        event->has_failed ? "failed" : "ended early", event->exit_code);
}

static const char *targets_of(const NotifyEvent *event, Arena *arena)
{
    enum { SHOWN = 10 };
    Buf line = BUF(TEXT_MAX);

    for (size_t i = 0; i < event->target_count && i < SHOWN; i++)
        buf_printf(&line, "%s%s", i ? ", " : "", event->targets[i]);
    if (event->target_count > SHOWN)
        buf_printf(&line, " and %zu more", event->target_count - SHOWN);
    return words_taken(&line, arena);
}

static void add_head(Message *message, Arena *arena)
{
    const NotifyEvent *event = message->event;

    add(message, LINE_TITLE, message_level_word(message->level), title_of(event, arena));
    if (event->test)
        add(message, LINE_WHERE, "", "Nothing happened: somebody tried whether it can be told.");
    if (event->digest)
        add(message, LINE_WHERE, "", event->digest->where);
    if (event->target_count > 0)
        add(message, LINE_WHERE, event->target_count == 1 ? "target" : "targets",
            targets_of(event, arena));
    if (*event->error)
        add(message, LINE_ERROR, event->has_failed ? "error" : "note", safe(event->error, arena));
    if (*event->hint)
        add(message, LINE_ERROR, "hint", safe(event->hint, arena));
}

static void add_facts(Message *message, Arena *arena)
{
    const Digest *digest = message->event->digest;

    for (size_t i = 0; i < digest->fact_count; i++)
        add(message, LINE_FACT, digest->facts[i].label, digest->facts[i].text);
    for (size_t i = 0; i < digest->warning_count; i++)
        add(message, LINE_WARNING, "warning", digest->warnings[i]);
    if (digest->warnings_left > 0)
        add(message, LINE_WARNING, "warning",
            arena_printf(arena, "%zu more", digest->warnings_left));
}

static void add_row(Message *message, const DigestRow *row)
{
    bool is_bare = !*row->title && row->line_count > 0 && !*row->lines[0].label;
    size_t at = message->count, below = row->is_short || is_bare ? 1 : 0;

    add(message, LINE_ROW, row->title, below && row->line_count > 0 ? row->lines[0].text : "");
    if (message->count > at)
        message->lines[at].is_alert = row->is_alert;
    for (size_t i = below; i < row->line_count; i++)
        add(message, LINE_DETAIL, row->lines[i].label, row->lines[i].text);
}

static void add_section(Message *message, const DigestSection *section, Arena *arena)
{
    size_t shown = section->row_count < message->rows ? section->row_count : message->rows;
    size_t left = section->left + (section->row_count - shown);

    message->is_cut = message->is_cut || shown < section->row_count;
    add(message, LINE_SECTION, "", section->title);
    for (size_t i = 0; i < shown; i++)
        add_row(message, &section->rows[i]);
    if (left > 0)
        add(message, LINE_LEFT, "", arena_printf(arena, "%zu more %s", left, section->left_are));
}

static void add_foot(Message *message, Arena *arena)
{
    const NotifyEvent *event = message->event;
    const char *next = event->digest ? event->digest->next : "";
    char time[TIME_TEXT_MAX];

    if (message->is_cut)
        add(message, LINE_LEFT, "", "This message was cut to what its channel takes");
    if (*event->more)
        add(message, LINE_MORE, event->digest ? "all of it" : "again",
            arena_printf(arena, "%s%s%s", event->more, *next ? ". " : "", next));
    report_time_text(event->time, time);
    add(message, LINE_FOOT, "",
        arena_printf(arena, "ssisminer " SSISMINER_VERSION " on %s, %s", safe(event->host, arena),
                     time));
}

static void lay(Message *message, Arena *arena)
{
    const Digest *digest = message->event->digest;

    message->level = notify_level(message->event);
    message->lines = arena_alloc_array(arena, LINES_MOST, sizeof(*message->lines));
    message->is_cut = message->is_bare;
    add_head(message, arena);
    if (digest && !message->is_bare)
        add_facts(message, arena);
    for (size_t i = 0; digest && !message->is_bare && i < digest->section_count; i++)
        add_section(message, &digest->sections[i], arena);
    add_foot(message, arena);
}

void message_put(const NotifyEvent *event, const Format *format, Arena *arena, Buf *out)
{
    static const struct {
        size_t rows;
        bool is_bare;
    } steps[] = {{DIGEST_TARGETS_MAX, false},
                 {DIGEST_ROWS_MAX, false},
                 {4, false},
                 {2, false},
                 {1, false},
                 {0, false},
                 {0, true}};

    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        Message message = {.event = event, .rows = steps[i].rows, .is_bare = steps[i].is_bare};
        buf_reset(out);
        lay(&message, arena);
        format->put(&message, out);
        if (!out->over && out->len <= format->most_bytes)
            return;
    }
}

const char *message_subject(const NotifyEvent *event, Arena *arena)
{
    const char *word = message_level_word(notify_level(event));
    const char *where = event->digest ? event->digest->where : "";
    int server = (int)strcspn(where, ",");

    return arena_printf(arena, "[ssisminer] %s%s%s%s%.*s", word, *word ? ": " : "",
                        title_of(event, arena), *where ? "; " : "", server, where);
}

void message_put_entities(Buf *out, const char *text, const char *special)
{
    static const char *const entities[] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;"};

    for (; *text; text++) {
        if (strchr(special, *text))
            buf_puts(out, entities[(unsigned char)*text]);
        else
            buf_putc(out, *text);
    }
}
