/*
 * A message of a job step is one line:
 *
 *   Executed as user: D\u. Microsoft (R) …  Started:  10:00:00  Error: 2024-05-01 10:00:02.11
 *   Code: 0xC0202009     Source: Load      Description: text  End Error  DTExec: …  The step
 * failed.
 */
#include "agent.h"

#include "chars.h"
#include "stamp.h"

#include "ssisminer/ssisdb/ssisdb.h"

bool agent_is_message(Str text)
{
    return text.len > 40 && holds(str_to(text, 400), "Executed as user: ");
}

/* ---- the line breaks --------------------------------------------------------------------------
 */

/* What stands at the beginning of a line of dtexec, behind as many blanks in the message. */
static const struct {
    const char *text;
    size_t blanks;
    bool has_value; // a number must follow
    const char *indent;
} marks[] = {
    {"Error: ", 2, true, ""},
    {"Warning: ", 2, true, ""},
    {"Info: ", 2, true, ""},
    {"Progress: ", 2, true, ""},
    {"Code: 0x", 4, false, "   "},
    {"Source: ", 4, false, "   "},
    {"Description: ", 4, false, "   "},
    {"End Error", 2, false, ""},
    {"End Warning", 2, false, ""},
    {"End Info", 2, false, ""},
    {"End Progress", 2, false, ""},
    {"DTExec: The package", 2, false, ""},
    {"Started: ", 2, false, ""},
    {"Finished: ", 2, false, ""},
    {"Elapsed: ", 2, false, ""},

    {"Process Exit Code ", 2, false, ""},
    {"Could not load package \"", 2, false, ""},
};

static size_t blanks_at(Str text, size_t at)
{
    size_t count = 0;

    while (char_at(text, at + count) == ' ')
        count++;
    return count;
}

static bool is_mark(Str text, size_t blanks, size_t which)
{
    Str mark = str_of(marks[which].text);
    char next = char_at(text, mark.len);

    return blanks >= marks[which].blanks && text.len >= mark.len &&
           str_equal(str_to(text, mark.len), mark) && (!marks[which].has_value || is_digit(next));
}

/* Behind a tail there was a line break, too. */
static bool is_tail(size_t which)
{
    return strncmp(marks[which].text, "End ", 4) == 0;
}

static void restore(Str text, Buf *into)
{
    for (size_t at = 0; at < text.len;) {
        size_t blanks = blanks_at(text, at), which = 0;
        Str rest = str_from(text, at + blanks);
        while (blanks >= 2 && which < ARRAY_LEN(marks) && !is_mark(rest, blanks, which))
            which++;
        if (blanks < 2 || which == ARRAY_LEN(marks)) {
            size_t take = blanks > 0 ? blanks : 1;
            buf_put(into, text.at + at, take);
            at += take;
            continue;
        }
        buf_putc(into, '\n');
        buf_puts(into, marks[which].indent);
        buf_puts(into, marks[which].text);
        at += blanks + strlen(marks[which].text);
        if (is_tail(which)) {
            buf_putc(into, '\n');
            at += blanks_at(text, at);
        }
    }
}

/* ---- what it says -----------------------------------------------------------------------------
 */

static int step_status(Str message)
{
    if (holds(message, "The step failed.") || holds(message, "The job failed."))
        return STATUS_FAILED;
    return holds(message, "The step succeeded.") || holds(message, "The job succeeded.")
               ? STATUS_SUCCEEDED
               : 0;
}

/* Behind "Executed as user: D\u. ". */
static Str without_user(Str text)
{
    const char *start = memmem(text.at, text.len, "Executed as user: ", 18);
    Str rest = start ? str_from(text, (size_t)(start + 18 - text.at)) : text;
    const char *stop = start ? memmem(rest.at, rest.len, ". ", 2) : NULL;

    return stop ? str_from(rest, (size_t)(stop + 2 - rest.at)) : rest;
}

/* Off the end: what the Agent says of the step. */
static Str without_verdict(Str text)
{
    static const char *const ends[] = {"The step failed.", "The step succeeded.",
                                       "The package execution failed."};

    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        size_t len = strlen(ends[i]);
        text = str_trim(text);
        if (text.len > len && str_equal(str_from(text, text.len - len), str_of(ends[i])))
            text = str_to(text, text.len - len);
    }
    return str_trim(text);
}

/* "text [SQLSTATE 42000] (Error 208)": each is a message, "Message" instead of "Error" a note. */
static Rc say_states(Runs *runs, Run *run, Str text, size_t line, Err *err)
{
    const char *state;

    while ((state = memmem(text.at, text.len, "[SQLSTATE ", 10)) != NULL) {
        Str said = str_trim(str_to(text, (size_t)(state - text.at)));
        Str rest = str_from(text, (size_t)(state - text.at));
        const char *open = memchr(rest.at, '(', rest.len < 40 ? rest.len : 40);
        Str kind = open ? str_from(rest, (size_t)(open + 1 - rest.at)) : (Str){"", 0};
        size_t number = STARTS(kind, "Error ") ? 6 : STARTS(kind, "Message ") ? 8 : 0;
        DiagMessage message = {
            .text = said,
            .type = number == 8 ? MESSAGE_INFORMATION : MESSAGE_ERROR,
            .code = value_code(str_to(str_from(kind, number), digits_from(kind, number))),
            .line = line};
        if (said.len > 0)
            TRY(runs_add(runs, run, &message, err));
        const char *close = memchr(rest.at, number > 0 ? ')' : ']', rest.len);
        text = close ? str_from(rest, (size_t)(close + 1 - rest.at)) : (Str){rest.at + rest.len, 0};
        text = str_from(text, char_at(text, 0) == '.');
    }
    return RC_OK;
}

static int64_t number_behind(Str text, const char *what)
{
    const char *found = memmem(text.at, text.len, what, strlen(what));
    size_t at = found ? (size_t)(found - text.at) + strlen(what) : 0;

    while (found && char_at(text, at) == ' ')
        at++;
    return found ? value_code(str_to(str_from(text, at), digits_from(text, at))) : 0;
}

/* dtexec started the execution in the catalogue, which has its messages. */
static bool is_of_catalogue(Str text)
{
    return holds(text, "Package execution on IS Server");
}

static Str catalogue_words(Str text)
{
    const char *start = memmem(text.at, text.len, "Package execution on IS Server", 30);
    Str words = str_from(text, start ? (size_t)(start - text.at) : 0);
    const char *end = memmem(words.at, words.len, "To view the details", 19);

    return end ? str_trim(str_to(words, (size_t)(end - words.at))) : words;
}

static Rc say_whole(Runs *runs, Run *run, Str text, size_t line, Err *err)
{
    DiagMessage message = {.text = str_trim(text),
                           .line = line,
                           .type = run->status == STATUS_SUCCEEDED ? MESSAGE_INFORMATION
                                                                   : MESSAGE_ERROR};

    if (is_of_catalogue(text)) {
        message.text = catalogue_words(message.text);
        run->operation_id = number_behind(text, "Execution ID:");
        int64_t status = number_behind(text, "Execution Status:");
        run->status = status > 0 && status <= STATUS_COMPLETED ? (int)status : run->status;
    }
    return message.text.len > 0 ? runs_add(runs, run, &message, err) : RC_OK;
}

Rc agent_say(Reader *reader, Runs *runs, Run *run, Str message, size_t line, Err *err)
{
    AUTO(buf_done) Buf lines = BUF(LOG_ENTRY_MAX);
    Str said = without_verdict(without_user(message));
    size_t before = run_message_count(run);
    int status = step_status(message);

    run->status = status != 0 ? status : run->status;
    bool is_dtexec = !is_of_catalogue(said) &&
                     (holds(said, "Execute Package Utility") || holds(said, "DTExec: ") ||
                      (holds(said, " Code: 0x") && holds(said, " Source: ")));
    if (is_dtexec) {
        restore(said, &lines);
        TRY(text_read_inner(reader, runs, run, (Str){buf_text(&lines), lines.len}, line, true,
                            err));
    } else {
        TRY(say_states(runs, run, said, line, err));
    }
    if (run_message_count(run) == before && run->status != STATUS_SUCCEEDED)
        TRY(say_whole(runs, run, said, line, err));
    return RC_OK;
}

/* ---- as text ----------------------------------------------------------------------------------
 */

static bool begins(Text *text, Str line)
{
    return !text->is_fixed && agent_is_message(line);
}

static Belongs belongs(Text *text, Str line)
{
    return text_any_begins(text, line) || is_digit(char_at(line, 0)) ? BELONGS_NOT : BELONGS;
}

static Rc read_entry(Text *text, Str entry, Err *err)
{
    Run *run;

    TRY(text_end_run(text, err));
    TRY(runs_find(text->runs, (Str){0}, text->entry.line, &run, err));
    TRY(agent_say(text->reader, text->runs, run, entry, text->entry.line, err));
    return runs_close(text->runs, run, err);
}

const TextForm form_agent = {"message of a job step", begins, belongs, read_entry, NULL};

/* ---- Log File Viewer, copied: "Date<TAB><TAB>…" and more such lines, "Message", the text --------
 */

static Str behind_tabs(Str line)
{
    const char *tabs = memmem(line.at, line.len, "\t\t", 2);

    return tabs && tabs > line.at && is_letter(line.at[0])
               ? str_trim(str_from(line, (size_t)(tabs - line.at)))
               : (Str){0};
}

static bool viewer_begins(Text *text, Str line)
{
    Str value = behind_tabs(line);

    (void)text;
    return value.at && line.len < 100 && is_digit(char_at(value, 0)) && stamp_ticks(value) != 0;
}

static Belongs viewer_belongs(Text *text, Str line)
{
    return viewer_begins(text, line) ? BELONGS_NOT : BELONGS;
}

/* The text begins behind the last line that is a head, or that is one word. */
static Str viewer_message(Str entry)
{
    Str rest = entry, line, message = entry;

    while (str_split(&rest, '\n', &line)) {
        Str said = str_trim(line);
        bool is_head = memmem(line.at, line.len, "\t\t", 2) != NULL || said.len == 0;
        bool is_word = said.len > 0 && said.len < 30 && !memchr(said.at, ' ', said.len);
        if (!is_head && !is_word)
            return message;
        message = rest.at ? rest : (Str){"", 0};
    }
    return message;
}

static Rc viewer_read(Text *text, Str entry, Err *err)
{
    Run *run;

    TRY(text_end_run(text, err));
    TRY(runs_find(text->runs, (Str){0}, text->entry.line, &run, err));
    TRY(agent_say(text->reader, text->runs, run, str_trim(viewer_message(entry)), text->entry.line,
                  err));
    return runs_close(text->runs, run, err);
}

const TextForm form_viewer = {"Log File Viewer", viewer_begins, viewer_belongs, viewer_read, NULL};
