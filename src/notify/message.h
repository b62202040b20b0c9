/* What a message says, line by line; each format lays the same lines out in its own way. */
#ifndef SSISMINER_SRC_NOTIFY_MESSAGE_H
#define SSISMINER_SRC_NOTIFY_MESSAGE_H

#include "ssisminer/base/buf.h"
#include "ssisminer/notify/notify.h"

typedef enum LineKind {
    LINE_TITLE,   // label: how grave, or ""
    LINE_WHERE,   // server, window
    LINE_ERROR,   // label "error", "note" or "hint"
    LINE_FACT,    // label and text
    LINE_WARNING, // label "warning"
    LINE_SECTION, // heading of rows
    LINE_ROW,     // label: what it is about; text: the rest, or ""
    LINE_DETAIL,  // below a row
    LINE_LEFT,    // how much is not told
    LINE_MORE,    // how to see all of it
    LINE_FOOT     // who says so
} LineKind;

typedef struct Line {
    LineKind kind;
    bool is_alert;
    const char *label, *text; // "" for none; one line, safe to look at
} Line;

typedef struct Message {
    const NotifyEvent *event;
    Severity level;
    Line *lines;
    size_t count;
    size_t rows;  // at most so many of each section
    bool is_bare; // without facts, warnings and rows
    bool is_cut;  // something is left out for want of room
} Message;

typedef struct Format {
    size_t most_bytes;
    void (*put)(const Message *message, Buf *out);
} Format;

extern const Format format_teams, format_slack, format_json, format_text, format_html;

/* As much of it as fits. The text is the buffer's. */
void message_put(const NotifyEvent *event, const Format *format, Arena *arena, Buf *out);

const char *message_level_word(Severity level); // "critical"; "" below a warning
/* Title and place, for a subject or a preview. */
const char *message_subject(const NotifyEvent *event, Arena *arena);

/* Those of its characters that are among `special` ("&<>\"'" in all) as entities. */
void message_put_entities(Buf *out, const char *text, const char *special);

/* A mail: head, text and html, as RFC 5322 and MIME have it, lines ending in CR LF. `id` is what
 * stands before the @ of its Message-ID. */
void letter_put(const NotifyChannel *channel, const NotifyEvent *event, const char *id,
                Arena *arena, Buf *out);

#endif
