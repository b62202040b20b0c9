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
#include "words.h"

#include "ssisminer/diagnose/tells.h"
#include "ssisminer/ssisdb/ssisdb.h"

bool agent_is_message(Str text)
{
    return text.len > 40 && words_behind_user(text) > 0;
}

/* ---- the line breaks ------------------------------------------------------------------------- */

/* The block at hand, in whatever language: "Error: <time>", three fields, "End Error". */
typedef struct Block {
    Str word;           // of its head; empty between blocks
    size_t fields_left; // that may come
    bool is_over;       // its end was just read: what follows begins a line
} Block;

static size_t blanks_at(Str text, size_t at)
{
    size_t count = 0;

    while (char_at(text, at + count) == ' ')
        count++;
    return count;
}

/* "Error: " of one word; its length with what follows the colon, 0 if the text does not begin so.
 */
static size_t word_and_colon(Str text)
{
    size_t after = 0, len = words_before_colon(text, &after);

    return len > 0 && !memchr(text.at, ' ', len) && !is_digit(text.at[0]) &&
                   (is_blank(text.at[after - 1]) || (unsigned char)text.at[after - 1] >= 0x80)
               ? after
               : 0;
}

static Str word_of(Str text)
{
    size_t after;

    return str_to(text, words_before_colon(text, &after));
}

static bool is_head(Str text)
{
    size_t word = word_and_colon(text);

    return word > 0 && digits_from(text, word) == 4 && char_at(text, word + 4) == '-' &&
           stamp_end(text, word) > word;
}

/* What stands before the next two blanks. */
static Str piece_of(Str text)
{
    enum { PIECE_MAX = 160 };
    Str head = str_to(text, PIECE_MAX);
    const char *end = head.len > 0 ? memmem(head.at, head.len, "  ", 2) : NULL;

    return end ? (Str){text.at, (size_t)(end - text.at)} : head;
}

/* "End Error": the word of the head behind one other, or as that language says it; its length, 0 if
 * it is not that. */
static size_t tail_len(Str text, const Block *block)
{
    enum { BEFORE_MAX = 16 };
    Str piece = piece_of(text);

    if (block->word.len == 0)
        return 0;
    if (words_end_block(piece, block->word))
        return piece.len;
    const char *blank = memchr(text.at, ' ', text.len < BEFORE_MAX ? text.len : BEFORE_MAX);
    size_t before = blank ? (size_t)(blank + 1 - text.at) : 0;
    return before >= 2 && text.at[before - 2] != ':' &&
                   str_equal_fold(str_from(piece, before), block->word)
               ? piece.len
               : 0;
}

/* "Started:  10:00:00" has two blanks itself. */
static Str clock_piece(Str text)
{
    size_t after = 0, len = words_before_colon(text, &after);

    return len > 0 ? str_to(text, after + piece_of(str_from(text, after)).len) : (Str){"", 0};
}

/* What stands at the beginning of a line of dtexec beside its blocks, behind two blanks in the
 * message. */
static bool is_mark(Str text)
{
    static const char *const marks[] = {"DTExec: The package", "Process Exit Code ",
                                        "Could not load package \""};

    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (str_equal(str_to(text, strlen(marks[i])), str_of(marks[i])))
            return true;
    return (STARTS(text, "DTExec") && holds(piece_of(text), "DTSER_")) ||
           words_clock(clock_piece(text)) != CLOCK_NONE;
}

/* Puts back the line break before what begins there; the bytes that are used, 0 if nothing does. */
static size_t put_break(Str rest, size_t blanks, Block *block, Buf *into)
{
    enum { FIELDS = 3, HEAD_BLANKS = 2, FIELD_BLANKS = 4 };
    size_t word = word_and_colon(rest), tail = tail_len(rest, block);

    if (blanks >= HEAD_BLANKS && is_head(rest)) {
        *block = (Block){.word = word_of(rest), .fields_left = FIELDS};
        buf_putc(into, '\n');
        buf_put(into, rest.at, word);
        return word;
    }
    if (blanks >= HEAD_BLANKS && tail > 0) {
        *block = (Block){.is_over = true};
        buf_putc(into, '\n');
        buf_put(into, rest.at, tail);
        return tail; // the blanks behind it may be another break
    }
    if (blanks >= FIELD_BLANKS && word > 0 && block->fields_left > 0) {
        block->fields_left--;
        buf_puts(into, "\n   ");
        buf_put(into, rest.at, word);
        return word;
    }
    if (blanks >= HEAD_BLANKS && is_mark(rest)) {
        buf_putc(into, '\n');
        buf_putc(into, rest.at[0]);
        return 1;
    }
    return 0;
}

static void restore(Str text, Buf *into)
{
    Block block = {0};

    for (size_t at = 0; at < text.len;) {
        bool is_over = block.is_over;
        block.is_over = false;
        size_t blanks = blanks_at(text, at);
        size_t used =
            blanks >= 2 ? put_break(str_from(text, at + blanks), blanks, &block, into) : 0;
        size_t take = used > 0 ? 0 : blanks > 0 ? blanks : 1;
        if (used == 0 && is_over)
            buf_putc(into, '\n');
        else
            buf_put(into, text.at + at, take);
        at += used > 0 ? blanks + used : take;
    }
}

/* ---- what it says ---------------------------------------------------------------------------- */

/* "Error 208)", "Fehler 208)": where the number begins, 0 if it is not there. */
static size_t number_in(Str kind)
{
    enum { WORD_MAX = 24 };
    size_t at = 0;

    while (at < WORD_MAX && at < kind.len && !is_digit(kind.at[at]) && kind.at[at] != ')')
        at++;
    size_t digits = at > 0 ? digits_from(kind, at) : 0;
    return digits > 0 && char_at(kind, at + digits) == ')' ? at : 0;
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
        size_t number = number_in(kind);
        bool is_note = STARTS(kind, "Message ") || STARTS(str_from(rest, 10), "01"); // a warning
        DiagMessage message = {
            .text = said,
            .type = is_note ? MESSAGE_INFORMATION : MESSAGE_ERROR,
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

/* dtexec started the execution in the catalog, which has its messages. */
static bool is_of_catalog(Str text)
{
    return holds(text, "Package execution on IS Server");
}

static Str catalog_words(Str text)
{
    const char *start = memmem(text.at, text.len, "Package execution on IS Server", 30);
    Str words = str_from(text, start ? (size_t)(start - text.at) : 0);
    const char *end = memmem(words.at, words.len, "To view the details", 19);

    return end ? str_trim(str_to(words, (size_t)(end - words.at))) : words;
}

/* One that was cut off before its verdict may have gone well. */
static bool is_well(const Run *run, Str text)
{
    return run->status == STATUS_SUCCEEDED || (run->status == 0 && tells_of(text) != TELLS_FAILURE);
}

static Rc say_whole(Runs *runs, Run *run, Str text, size_t line, Err *err)
{
    DiagMessage message = {.text = str_trim(text),
                           .line = line,
                           .type = is_well(run, text) ? MESSAGE_INFORMATION : MESSAGE_ERROR};

    if (is_of_catalog(text)) {
        message.text = catalog_words(message.text);
        run->operation_id = number_behind(text, "Execution ID:");
        int64_t status = number_behind(text, "Execution Status:");
        run->status = status > 0 && status <= STATUS_COMPLETED ? (int)status : run->status;
    }
    return message.text.len > 0 ? runs_add(runs, run, &message, err) : RC_OK;
}

/* "     Code: 0xC0202009" */
static bool has_code_field(Str text)
{
    enum { FIELD_BLANKS = 4 };
    const char *blanks;

    while ((blanks = memmem(text.at, text.len, "    ", FIELD_BLANKS)) != NULL) {
        text = str_from(text, (size_t)(blanks - text.at));
        text = str_from(text, blanks_at(text, 0));
        size_t word = word_and_colon(text);
        if (word > 0 && STARTS(str_from(text, word), "0x"))
            return true;
    }
    return false;
}

Rc agent_say(Reader *reader, Runs *runs, Run *run, Str message, size_t line, Err *err)
{
    AUTO(buf_done) Buf lines = BUF(LOG_ENTRY_MAX);
    Str said = words_without_verdict(str_from(message, words_behind_user(message)));
    size_t before = run_message_count(run);
    int status = words_verdict(message);

    run->status = status != 0 ? status : run->status;
    bool is_dtexec = !is_of_catalog(said) && (words_name_dtexec(said) || holds(said, "DTSER_") ||
                                              holds(said, "DTExec: ") || has_code_field(said));
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

/* ---- as text --------------------------------------------------------------------------------- */

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

/* ---- Log File Viewer, copied: "Date<TAB><TAB>…" and more such lines, "Message", the text ----- */

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
