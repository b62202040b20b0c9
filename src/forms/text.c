/* Text logs: lines to entries, entries to messages, messages to runs. */
#include "text.h"

#include "chars.h"

#include "ssisminer/ssisdb/ssisdb.h"

#include <string.h>

/* Who is asked, in this order; the last one takes anything. */
static const TextForm *const forms[] = {
    &form_dtexec, &form_textlog, &form_errorlog, &form_sqlmsg,    &form_agentlog,
    &form_viewer, &form_agent,   &form_studio,   &form_eventtext, &form_lines,
};

static void text_done(Text *text)
{
    buf_done(&text->entry.text);
    peel_done(&text->peel);
}

/* ---- runs ------------------------------------------------------------------------------------ */

Rc text_end_run(Text *text, Err *err)
{
    Run *run = text->run;

    if (text->is_fixed || !run)
        return RC_OK;
    text->run = NULL;
    text->stage = RUN_OPEN;
    text->has_error = text->has_bounds = text->has_query = text->has_own = false;
    text->is_run_done = false;
    return runs_close(text->runs, run, err);
}

Rc text_begin_run(Text *text, Err *err)
{
    if (text->is_fixed)
        return RC_OK;
    TRY(text_end_run(text, err));
    return runs_find(text->runs, (Str){0}, text->entry.line, &text->run, err);
}

Rc text_need_run(Text *text, Err *err)
{
    if (text->run && (text->is_fixed || text->stage == RUN_OPEN))
        return RC_OK;
    return text_begin_run(text, err);
}

static Rc tell_alone(Text *text, const DiagMessage *message, bool is_quiet, Err *err)
{
    LogRecord record = {.line = text->entry.line,
                        .messages = message,
                        .message_count = 1,
                        .is_said_to_fail = text->is_said_to_fail,
                        .is_quiet = is_quiet};
    Rc rc = reader_tell(text->reader, &record, err);

    if (rc == RC_OK && text->entry.text.over)
        rc = reader_tell_trouble(text->reader, text->entry.line, 0,
                                 "the entry is longer than 1 MiB: the rest of it is left out", err);
    return rc;
}

Rc text_say(Text *text, DiagMessage *message, bool is_quiet, Err *err)
{
    message->line = text->entry.line;
    if (text->entry.ticks != 0)
        message->ticks = text->entry.ticks; // with a zone
    text->has_error = text->has_error || (!is_quiet && message->type != MESSAGE_WARNING);
    if (!text->run)
        return tell_alone(text, message, is_quiet, err);
    return is_quiet ? RC_OK : runs_add(text->runs, text->run, message, err);
}

/* ---- entries --------------------------------------------------------------------------------- */

static Rc close_entry(Text *text, Err *err)
{
    Entry *entry = &text->entry;
    Str said = {buf_text(&entry->text), entry->text.len};

    entry->is_open = false;
    if (str_trim(said).len == 0)
        return RC_OK;
    TRY(entry->form->read(text, said, err));
    if (!text->is_fixed) // else of what is outside
        arena_reset(&text->reader->arena);
    return RC_OK;
}

static void open_entry(Text *text, Str line)
{
    Entry *entry = &text->entry;
    size_t at = 0;

    while (!forms[at]->begins(text, line))
        at++;
    entry->form = forms[at];
    if (!text->known || text->known == &form_lines)
        text->known = entry->form;
    if (entry->text.size > 64 * 1024 || entry->text.cap == 0) {
        buf_done(&entry->text);
        entry->text = BUF(LOG_ENTRY_MAX);
    }
    buf_reset(&entry->text);
    buf_put(&entry->text, line.at, line.len);
    entry->line = text->line;
    entry->ticks = text->peel.ticks;
    text->is_said_to_fail = false;
    entry->is_open = true;
}

static Rc take_line(Text *text, Str line, bool is_cut, Err *err)
{
    Entry *entry = &text->entry;
    Belongs belongs = entry->is_open ? entry->form->belongs(text, line) : BELONGS_NOT;

    if (belongs == BELONGS_NOT) {
        if (entry->is_open)
            TRY(close_entry(text, err));
        open_entry(text, line);
    } else {
        buf_putc(&entry->text, '\n');
        buf_put(&entry->text, line.at, line.len);
    }
    entry->text.over = entry->text.over || is_cut;
    return belongs == BELONGS_AS_LAST ? close_entry(text, err) : RC_OK;
}

/* What the form at hand knows not to matter is passed over before it is cut into lines. */
static Rc skip(Text *text, Err *err)
{
    Source *source = &text->reader->source;
    const TextForm *form = text->entry.form;
    size_t used = 1, lines = 0;
    Str ahead;

    if (text->reader->request->is_plain || text->entry.is_open || !form ||
        text->peel.kind != PEEL_NONE || !form->skip || source->is_skipping)
        return RC_OK;
    while (used > 0) {
        TRY(source_peek(source, SKIP_BYTES, &ahead, err));
        used = form->skip(text, ahead, &lines);
        source_take(source, used, lines);
    }
    return RC_OK;
}

static Rc finish(Text *text, Err *err)
{
    if (text->entry.is_open)
        TRY(close_entry(text, err));
    return text_end_run(text, err);
}

bool text_any_begins(Text *text, Str line)
{
    for (size_t i = 0; forms[i] != &form_lines; i++)
        if (forms[i]->begins(text, line))
            return true;
    return false;
}

/* ---- files, and fields ----------------------------------------------------------------------- */

/* Azure DevOps marks what came from standard error, whatever it is. */
static Str without_mark(Text *text, Str line)
{
    static const char *const marks[] = {"##[error]", "##[warning]"};

    for (size_t i = 0; i < ARRAY_LEN(marks) && text->peel.kind != PEEL_NONE; i++) {
        Str mark = str_of(marks[i]);
        Str rest = str_from(line, mark.len);
        if (line.len > mark.len && str_equal(str_to(line, mark.len), mark) &&
            (is_blank(char_at(rest, 0)) || text_any_begins(text, rest)))
            return rest;
    }
    return line;
}

static bool is_known(Str line)
{
    Text nothing = {0};

    return text_any_begins(&nothing, line);
}

static Rc read_lines(Text *text, Err *err)
{
    Source *source = &text->reader->source;
    bool has_line = true;
    Str head;
    char *at;
    size_t len;

    source->line_max = LOG_ENTRY_MAX;
    TRY(source_peek(source, SKIP_BYTES, &head, err));
    text->peel.kind = peel_kind(head, is_known);
    for (;;) {
        TRY(skip(text, err));
        TRY(source_line(source, &at, &len, &has_line, err));
        if (!has_line)
            return finish(text, err);
        Str inner;
        bool is_whole = peel_line(&text->peel, (Str){at, len}, &inner);
        text->line = text->peel_line > 0 ? text->peel_line : source->line;
        text->peel_line = is_whole ? 0 : text->line;
        if (is_whole)
            TRY(take_line(text, without_mark(text, inner), source->is_cut, err));
    }
}

Rc text_read(Reader *reader, Err *err)
{
    AUTO(runs_free_at) Runs *runs = runs_new(reader);
    AUTO(text_done) Text text = {.reader = reader, .runs = runs};

    TRY(read_lines(&text, err));
    TRY(runs_close_all(runs, err));
    if (text.known)
        reader->tally->form = text.known->name;
    return RC_OK;
}

Rc text_read_inner(Reader *reader, Runs *runs, Run *run, Str inner, size_t line, bool in_one,
                   Err *err)
{
    AUTO(text_done)
    Text text = {.reader = reader, .runs = runs, .run = run, .is_fixed = true, .line = line};
    Str rest = inner, piece;

    while (str_split(&rest, '\n', &piece)) {
        if (piece.len > 0 && piece.at[piece.len - 1] == '\r')
            piece.len--;
        TRY(take_line(&text, piece, false, err));
        text.line += !in_one;
    }
    return finish(&text, err);
}
