/*
 * Text logs: lines to entries, entries to messages, messages to runs. A form of text is a TextForm,
 * a file each; the first one in the table of text.c that knows a line as the beginning of an entry
 * of its own takes it.
 */
#ifndef SSISMINER_FORMS_TEXT_INTERNAL_H
#define SSISMINER_FORMS_TEXT_INTERNAL_H

#include "peel.h"
#include "runs.h"

enum { SKIP_BYTES = 4096 }; // a skip sees at least so much, or all there is

typedef struct TextForm TextForm;

typedef struct Entry {
    Buf text;
    size_t line; // it begins there
    const TextForm *form;
    bool is_open;
    int64_t ticks; // UTC, of what wraps its first line; 0: none
} Entry;

/* A run that is over waits for what wraps it: an exit code. */
typedef enum RunStage { RUN_OPEN, RUN_TRAILER, RUN_OVER } RunStage;

typedef struct Text { // one file, or one field that holds such a text
    Reader *reader;
    Runs *runs;
    Run *run;             // the one at hand; NULL between runs
    bool is_fixed;        // all that is said belongs to `run`, which another one closes
    RunStage stage;       // of `run`
    bool has_error;       // said in `run`
    bool has_bounds;      // `run` tells where it begins, and so where it ends
    bool has_own;         // one of `run` echoes no other
    bool has_query;       // one of `run` failed
    bool is_run_done;     // `run` has no bounds, and the next error is of another one
    bool is_said_to_fail; // of the next message: by a level or a head
    bool has_failed;      // lines: something did in the step or command at hand
    bool has_prompt;      // lines: commands stand behind "PS>"
    size_t line;          // of the line at hand
    Entry entry;
    Peel peel;
    size_t peel_line;      // where a line of several parts began; 0: none
    bool is_timed;         // lines: the entries of this log begin with a time
    const TextForm *known; // the form of most of the text, for the answer
    void *state;           // of the form that has columns to remember
} Text;

typedef enum Belongs { BELONGS_NOT, BELONGS, BELONGS_AS_LAST } Belongs;

struct TextForm {
    const char *name; // as docs/forms.md calls it
    bool (*begins)(Text *text, Str line);
    Belongs (*belongs)(Text *text, Str line); // to the entry that is open
    Rc (*read)(Text *text, Str entry, Err *err);
    /* Blocks at the beginning of `ahead` that cannot matter: their bytes; ret_lines: how many
     * lines that is. NULL: there are none that are known so quickly. */
    size_t (*skip)(const Text *text, Str ahead, size_t *ret_lines);
};

/* ---- for the forms --------------------------------------------------------------------------- */

/* A message of the entry at hand: into the run, or a record of its own without one. */
Rc text_say(Text *text, DiagMessage *message, bool is_quiet, Err *err) MUST_CHECK;
/* A run begins here; the one before it is closed. */
Rc text_begin_run(Text *text, Err *err) MUST_CHECK;
Rc text_end_run(Text *text, Err *err) MUST_CHECK;
/* The open run, or a new one. */
Rc text_need_run(Text *text, Err *err) MUST_CHECK;

/* A text inside another: all it says belongs to `run`; its lines count from `line`, or, `in_one`,
 * it stands in that one. */
Rc text_read_inner(Reader *reader, Runs *runs, Run *run, Str inner, size_t line, bool in_one,
                   Err *err) MUST_CHECK;

/* Does another form than `lines` know the line as a beginning? */
bool text_any_begins(Text *text, Str line);

/* "#Fields: event,…": not the first line of a CSV. */
bool textlog_is_header(Str line);

/* "Msg 208, Level 16, State 1": its text is still to come. */
bool sqlmsg_is_head(Str line);

extern const TextForm form_dtexec, form_textlog, form_errorlog, form_sqlmsg, form_agentlog,
    form_agent, form_viewer, form_studio, form_eventtext, form_lines;

#endif
