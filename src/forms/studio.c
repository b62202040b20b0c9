/*
 * What Visual Studio and the tools around it print, and people copy.
 *
 *   SSIS package "C:\a.dtsx" starting.                                     the output window
 *   Error: 0xC0202009 at Load, OLE DB Source [2]: text
 *   Task failed: Load
 *   SSIS package "C:\a.dtsx" finished: Failure.
 *
 *   [OLE DB Source [2]] Error: text                                        the tab Progress
 *
 *   Load Orders:Error: text                                                the catalog's messages
 *
 *   Error 0xc02020a1: Data Flow Task 1: text                               the wizard's report
 *    (SQL Server Import and Export Wizard)
 *
 *   TITLE: Package Validation Error                                        a dialog
 *   Error at Load [Source [2]]: text
 */
#include "text.h"

#include "chars.h"
#include "words.h"

#include "ssisminer/ssisdb/ssisdb.h"

typedef enum Kind {
    KIND_NONE,
    KIND_STARTING,
    KIND_FINISHED,
    KIND_CODED,   // Error: 0x… at source: text
    KIND_AT,      // Error at source: text
    KIND_TASK,    // Task failed: source
    KIND_BRACKET, // [source] Error: text
    KIND_WIZARD,  // Error 0x…: source: text
    KIND_NAMED,   // source:Error: text
    KIND_DIALOG,
    KIND_FRAME // what says nothing
} Kind;

/* "1>" of a build, the bullet of a report. */
static Str without_build(Str line)
{
    static const char bullet[] = "\xE2\x80\xA2";
    size_t digits = digits_from(line, 0);

    if (STARTS(line, bullet))
        return str_trim(str_from(line, sizeof(bullet) - 1));
    return digits > 0 && char_at(line, digits) == '>' ? str_from(line, digits + 1) : line;
}

/* "Error", "Warning", "Information" at the beginning; its length. */
static size_t level_word(Str line, int *ret_type)
{
    static const struct {
        const char *word;
        size_t len;
        int type;
    } words[] = {{"Error", 5, MESSAGE_ERROR},
                 {"Warning", 7, MESSAGE_WARNING},
                 {"Information", 11, MESSAGE_INFORMATION}};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (line.len < words[i].len || memcmp(line.at, words[i].word, words[i].len) != 0)
            continue;
        *ret_type = words[i].type;
        return words[i].len;
    }
    return 0;
}

static size_t hex_len(Str text)
{
    size_t len = 2;

    while (is_digit(char_at(text, len)) || is_letter(char_at(text, len)))
        len++;
    return len;
}

/* Where "[source]" ends, brackets within it counted; 0 if the line does not begin so. */
static size_t bracket_end(Str line)
{
    enum { SOURCE_MAX = 200 };
    size_t depth = 0;

    if (char_at(line, 0) != '[')
        return 0;
    for (size_t at = 0; at < line.len && at < SOURCE_MAX; at++) {
        depth += line.at[at] == '[';
        depth -= line.at[at] == ']';
        if (depth == 0)
            return at + 1;
    }
    return 0;
}

static Kind kind_of_level(Str line)
{
    int type;
    size_t word = level_word(line, &type);
    Str rest = str_from(line, word);

    if (word == 0)
        return KIND_NONE;
    if (STARTS(rest, " 0x") && memchr(rest.at, ':', rest.len < 16 ? rest.len : 16))
        return KIND_WIZARD;
    return STARTS(rest, " at ") && memchr(rest.at, ':', rest.len) ? KIND_AT : KIND_NONE;
}

/* "Fehler: 0xC0202009 bei Laden, Quelle [2]: text" in the languages of words.h; what follows the
 * colon, 0 if it is not that. */
static size_t coded_at(Str line, int *ret_type)
{
    enum { CODE_LEN = 10 };
    size_t after = 0, len = words_before_colon(line, &after);
    Str rest = str_from(line, after);

    *ret_type = len > 0 ? words_level(str_to(line, len)) : 0;
    if (*ret_type == 0 || !STARTS(rest, "0x"))
        return 0;
    size_t code = hex_len(rest);
    bool is_whole = code == CODE_LEN && char_at(rest, CODE_LEN) == ' ';
    return is_whole || (code < CODE_LEN && STARTS(str_from(rest, code), " at ")) ? after : 0;
}

static Kind kind_of_foreign(Str line)
{
    int type;

    return !is_blank(char_at(line, 0)) && coded_at(line, &type) > 0 ? KIND_CODED : KIND_NONE;
}

static Kind kind_of_bracket(Str line)
{
    size_t end = bracket_end(line);
    int type;

    if (end == 0 || char_at(line, end) != ' ')
        return KIND_NONE;
    size_t word = level_word(str_from(line, end + 1), &type);
    return word > 0 && char_at(line, end + 1 + word) == ':' ? KIND_BRACKET : KIND_NONE;
}

static bool is_rule(Str line)
{
    enum { LEAST = 20 };

    for (size_t i = 0; i < line.len; i++)
        if (line.at[i] != '-')
            return false;
    return line.len >= LEAST;
}

/* "- Copying to [dbo].[Orders] (Error)" of the wizard's report. */
static bool is_action(Str line)
{
    static const char *const results[] = {"(Error)", "(Success)", "(Stopped)", "(Warning)"};

    line = str_trim(line);
    for (size_t i = 0; i < ARRAY_LEN(results); i++)
        if (STARTS(line, "- ") && holds(line, results[i]))
            return true;
    return false;
}

/* "Error: " behind a name; its length, 0 if it is none. */
static size_t named_level(Str rest, int *ret_type)
{
    static const struct {
        const char *word;
        int type;
    } words[] = {{"Error:", MESSAGE_ERROR},
                 {"Warning:", MESSAGE_WARNING},
                 {"Information:", MESSAGE_INFORMATION}};
    static const char wide_blank[] = "\xC2\xA0"; // of a page

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t len = strlen(words[i].word);
        Str said = str_from(rest, len);
        if (rest.len < len || memcmp(rest.at, words[i].word, len) != 0)
            continue;
        *ret_type = words[i].type;
        return char_at(said, 0) == ' ' ? len + 1 : STARTS(said, wide_blank) ? len + 2 : 0;
    }
    return 0;
}

/* "Load Orders:Error: text", as the catalog writes messages: the length of the name. */
static size_t name_end(Str line)
{
    enum { NAME_MAX_BYTES = 120 };
    const char *colon = memchr(line.at, ':', line.len < NAME_MAX_BYTES ? line.len : NAME_MAX_BYTES);
    size_t end = colon ? (size_t)(colon - line.at) : 0;
    int type;

    if (end < 2 || is_blank(line.at[0]) || is_digit(line.at[end - 1]))
        return 0;
    return named_level(str_from(line, end + 1), &type) > 0 ? end : 0;
}

static Kind kind_of_name(Str line)
{
    return name_end(line) > 0 ? KIND_NAMED : KIND_NONE;
}

static Kind kind_of_other(Str line)
{
    Kind kind = kind_of_foreign(line);

    return kind != KIND_NONE ? kind : kind_of_name(line);
}

/* "Error: Source failed validation and returned error code 0x…": the name was left out. */
static bool is_nameless(Str line)
{
    return STARTS(line, "Error: ") && holds(line, " and returned error code 0x");
}

static Kind kind_of_any(Str line)
{
    switch (char_at(line, 0)) {
    case 'E':
    case 'W':
    case 'I': {
        Kind kind = is_nameless(line) ? KIND_NAMED : kind_of_level(line);
        return kind != KIND_NONE ? kind : kind_of_other(line);
    }
    case '[':
        return kind_of_bracket(line);
    case 'S':
        if (!STARTS(line, "SSIS package "))
            return kind_of_name(line);
        return holds(line, " finished: ")  ? KIND_FINISHED // whatever quotes there are
               : holds(line, " starting.") ? KIND_STARTING
                                           : KIND_NONE;
    case 'T':
        if (STARTS(line, "The program '[") && holds(line, "has exited with code"))
            return KIND_FRAME;
        return STARTS(line, "Task failed: ") ? KIND_TASK
               : STARTS(line, "TITLE: ")     ? KIND_DIALOG
                                             : kind_of_name(line);
    case '-':
        return is_rule(line) || is_action(line) ? KIND_FRAME : KIND_NONE;
    case 'A':
        return STARTS(line, "ADDITIONAL INFORMATION:") ? KIND_FRAME : kind_of_other(line);
    case 'B':
        return STARTS(line, "BUTTONS:") ? KIND_FRAME : kind_of_name(line);
    default:
        return kind_of_other(line);
    }
}

static Kind kind_of(Str line)
{
    return kind_of_any(without_build(line));
}

/* "[OLE DB Source [2]]", "[SSIS.Pipeline]"; other programs write "[main] Error:", too. */
static bool is_of_ssis(Str line)
{
    Str source = str_to(line, bracket_end(line));

    return memchr(source.at + 1, '[', source.len - 1) || STARTS(source, "[SSIS.") ||
           holds(source, " Task]");
}

static bool begins(Text *text, Str line)
{
    Kind kind = kind_of(line);

    bool is_among_ours = text->run || (text->entry.is_open && text->entry.form == &form_studio);

    if (kind == KIND_BRACKET && !is_among_ours && !is_of_ssis(without_build(line)))
        return false;
    return kind != KIND_NONE;
}

/* "(SQL Server Import and Export Wizard)", "(Microsoft.DataTransformationServices…)": it closes the
 * message before. */
static bool is_origin(Str line)
{
    line = str_trim(line);
    return line.len > 2 && line.at[0] == '(' && line.at[line.len - 1] == ')';
}

static Kind kind_of_entry(const Text *text)
{
    Str rest = {buf_text(&text->entry.text), text->entry.text.len}, line = {"", 0};

    (void)str_split(&rest, '\n', &line);
    return kind_of(line);
}

static Belongs belongs(Text *text, Str line)
{
    Kind kind = kind_of_entry(text);

    if (kind == KIND_DIALOG)
        return STARTS(line, "BUTTONS:")  ? BELONGS_AS_LAST
               : STARTS(line, "TITLE: ") ? BELONGS_NOT
                                         : BELONGS;
    if (kind == KIND_FRAME || kind == KIND_STARTING || kind == KIND_FINISHED ||
        text_any_begins(text, line))
        return BELONGS_NOT;
    return is_origin(line) ? BELONGS_AS_LAST : BELONGS;
}

/* ---- messages -------------------------------------------------------------------------------- */

/* "source: text": the colon that a blank or a line end follows, outside of brackets. */
static size_t source_end(Str text)
{
    size_t depth = 0;

    for (size_t at = 0; at < text.len; at++) {
        char c = text.at[at], next = char_at(text, at + 1);
        depth += c == '[';
        depth -= c == ']' && depth > 0;
        if (c == ':' && depth == 0 && (next == ' ' || next == '\r' || next == '\n'))
            return at;
    }
    return 0;
}

/* Off the end: the line that names the program. */
static Str without_origin(Str text)
{
    const char *last = text.len > 0 ? memrchr(text.at, '\n', text.len) : NULL;

    return last && is_origin(str_from(text, (size_t)(last - text.at)))
               ? str_trim(str_to(text, (size_t)(last - text.at)))
               : str_trim(text);
}

static void set_source(Text *text, DiagMessage *message, Str rest)
{
    size_t end = source_end(rest);

    if (end > 0)
        message->source_name = arena_copy(&text->reader->arena, rest.at, end);
    message->text = without_origin(str_from(rest, end > 0 ? end + 1 : 0));
}

/* Behind "at", "bei", "en": short words before where it happened. */
static Str without_at(Str rest)
{
    static const char *const words[] = {"at ", "bei ", "en ", "à ", "in ", "em ", "в ", "在 "};

    rest = str_trim(rest);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_equal(str_to(rest, strlen(words[i])), str_of(words[i])))
            return str_from(rest, strlen(words[i]));
    return rest;
}

static DiagMessage read_coded(Text *text, Str entry)
{
    DiagMessage message = {0};
    Str rest = str_from(entry, coded_at(entry, &message.type));
    size_t code = hex_len(rest);

    message.code = value_code(str_to(rest, code));
    set_source(text, &message, without_at(str_from(rest, code)));
    return message;
}

static DiagMessage read_message(Text *text, Str entry, Kind kind)
{
    DiagMessage message = {.type = MESSAGE_ERROR};
    size_t bracket = kind == KIND_BRACKET ? bracket_end(entry) + 1 : 0;
    Str rest = str_from(entry, bracket);
    size_t word = level_word(rest, &message.type);

    rest = str_from(rest, word);
    if (kind == KIND_BRACKET) {
        message.source_name = arena_copy(&text->reader->arena, entry.at + 1, bracket - 3);
        message.text = without_origin(str_from(rest, 1));
        return message;
    }
    if (kind == KIND_AT) {
        set_source(text, &message, str_from(rest, sizeof(" at ") - 1));
        return message;
    }
    rest = str_trim(str_from(rest, 1));
    size_t code = hex_len(rest);
    message.code = value_code(str_to(rest, code));
    set_source(text, &message, str_trim(str_from(rest, code + 1)));
    return message;
}

/* The message is what echoes the others: the task failed. */
static DiagMessage task_failed(Text *text, Str entry)
{
    Str task = str_trim(str_from(entry, sizeof("Task failed: ") - 1));

    return (DiagMessage){.text = str_trim(entry),
                         .type = MESSAGE_TASK_FAILED,
                         .source_name = arena_copy(&text->reader->arena, task.at, task.len)};
}

/* What follows "ADDITIONAL INFORMATION:", or the first rule. */
static Rc read_dialog(Text *text, Str entry, Err *err)
{
    Str rest = entry, line, body = {0}, more = {0};
    size_t at = text->entry.line, body_line = at;

    while (str_split(&rest, '\n', &line)) {
        at++;
        bool is_more = STARTS(line, "ADDITIONAL INFORMATION:");
        if (!rest.at || STARTS(line, "BUTTONS:") || (!is_more && (body.at || !is_rule(line))))
            continue;
        *(is_more ? &more : &body) = rest;
        body_line = at;
    }
    Str said = more.at ? more : body;
    if (!said.at)
        return RC_OK;
    TRY(text_begin_run(text, err));
    size_t before = run_message_count(text->run);
    TRY(text_read_inner(text->reader, text->runs, text->run, said, body_line, false, err));
    DiagMessage message = {.text = str_trim(said), .type = MESSAGE_ERROR};
    if (run_message_count(text->run) == before)
        TRY(text_say(text, &message, false, err));
    text->stage = RUN_OVER;
    return RC_OK;
}

static DiagMessage read_named(Text *text, Str entry)
{
    DiagMessage message = {.type = MESSAGE_ERROR};
    size_t end = name_end(entry);
    Str rest = str_from(entry, end > 0 ? end + 1 : 0);

    message.text = str_trim(str_from(rest, named_level(rest, &message.type)));
    if (end > 0)
        message.source_name = arena_copy(&text->reader->arena, entry.at, end);
    return message;
}

/* What the pipeline says of an error before it. */
static bool is_echo(Str text)
{
    static const char *const echoes[] = {"failed validation",
                                         "errors during task validation",
                                         "returned error code",
                                         "failed with error code",
                                         "DTS_E_PROCESSINPUTFAILED",
                                         "DTS_E_PRIMEOUTPUTFAILED",
                                         "DTS_E_THREADFAILED",
                                         "DTS_E_THREADCANCELLED",
                                         "DTS_E_INDUCEDTRANSFORMFAILUREONERROR"};

    for (size_t i = 0; i < ARRAY_LEN(echoes); i++)
        if (holds(text, echoes[i]))
            return true;
    return false;
}

/* Two empty lines or more. */
static bool ends_apart(Str entry)
{
    size_t ends = 0;

    while (entry.len > 0 && is_one_of(entry.at[entry.len - 1], " \t\r\n"))
        ends += entry.at[--entry.len] == '\n';
    return ends > 1;
}

/* Runs without a beginning and an end, as people copy them one below the other: an error begins
 * another one behind a gap, behind the warning that its run has as many as it may, and where a
 * second query fails. Lines of the catalog are of one run only where one echoes the other, which
 * stands before it where the newest is shown first. */
static Rc change_run(Text *text, const DiagMessage *message, Str entry, bool is_named, Err *err)
{
    bool is_error = message->type == MESSAGE_ERROR;
    bool is_own = is_error && is_named && !is_echo(message->text);
    bool is_query = is_error && STARTS(message->text, "Executing the query ");

    if (text->run && !text->is_fixed && !text->has_bounds && is_error &&
        (text->is_run_done || (is_query && text->has_query) || (is_own && text->has_own)))
        TRY(text_end_run(text, err));
    TRY(text_need_run(text, err));
    text->has_own = text->has_own || is_own || (is_error && !is_named);
    text->has_query = text->has_query || is_query;
    text->is_run_done = text->is_run_done || ends_apart(entry) ||
                        holds(message->text, "DTS_W_MAXIMUMERRORCOUNTREACHED");
    return RC_OK;
}

static Rc read_entry(Text *text, Str entry, Err *err)
{
    entry = without_build(entry);
    Kind kind = kind_of(entry);
    DiagMessage message;

    switch (kind) {
    case KIND_STARTING:
        TRY(text_begin_run(text, err));
        text->has_bounds = true;
        return RC_OK;
    case KIND_FINISHED:
        TRY(text_need_run(text, err));
        text->run->status = holds(entry, "finished: Success") ? STATUS_SUCCEEDED
                            : holds(entry, "finished: Canc")  ? STATUS_CANCELED
                                                              : STATUS_FAILED;
        message = (DiagMessage){.text = str_trim(entry), .type = MESSAGE_ERROR};
        if (text->run->status == STATUS_FAILED && !text->has_error)
            TRY(text_say(text, &message, false, err));
        text->stage = RUN_OVER;
        return RC_OK;
    case KIND_DIALOG:
        return read_dialog(text, entry, err);
    case KIND_NONE:
    case KIND_FRAME:
        return RC_OK;
    case KIND_TASK:
        message = task_failed(text, entry);
        break;
    case KIND_CODED:
        message = read_coded(text, entry);
        break;
    case KIND_AT:
    case KIND_BRACKET:
    case KIND_WIZARD:
        message = read_message(text, entry, kind);
        break;
    case KIND_NAMED:
        message = read_named(text, entry);
        break;
    }
    TRY(change_run(text, &message, entry, kind == KIND_NAMED, err));
    return text_say(text, &message, message.type == MESSAGE_INFORMATION, err);
}

const TextForm form_studio = {"Visual Studio and wizards", begins, belongs, read_entry, NULL};
