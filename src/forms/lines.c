/*
 * Text logs: where an entry begins, how bad it says it is, which code it carries.
 *
 * An entry begins at a line that starts with a time, once such a line was seen; before that, at
 * any line that is not indented. Known heads (dtexec, SSIS's own text log, an event log as text)
 * begin one anywhere.
 */
#include "text.h"

#include "chars.h"
#include "follows.h"
#include "stamp.h"

#include "ssisminer/diagnose/tells.h"
#include "ssisminer/ssisdb/ssisdb.h"

#include <string.h>

/* ---- heads ----------------------------------------------------------------------------------- */

typedef struct Head {
    Str text;
    int type; // of the messages it begins; 0: it says nothing
} Head;

#define HEAD(text)                                                                                 \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

static const Head heads[] = {
    {HEAD("##[error]"), MESSAGE_ERROR},
    {HEAD("##vso[task.logissue type=error"), MESSAGE_ERROR},
    {HEAD("##vso["), MESSAGE_INFORMATION},
    {HEAD("##[warning]"), MESSAGE_WARNING},
    {HEAD("##["), MESSAGE_INFORMATION},
    {HEAD("Error:"), MESSAGE_ERROR},
    {HEAD("Fatal:"), MESSAGE_ERROR},
    {HEAD("Warning:"), MESSAGE_WARNING},
    {HEAD("Info:"), MESSAGE_INFORMATION},
    {HEAD("Information:"), MESSAGE_INFORMATION},
    {HEAD("Debug:"), MESSAGE_INFORMATION},
    {HEAD("Progress:"), MESSAGE_INFORMATION},
    {HEAD("DTExec:"), MESSAGE_INFORMATION},
    {HEAD("Started:"), MESSAGE_INFORMATION},
    {HEAD("Finished:"), MESSAGE_INFORMATION},
    {HEAD("Elapsed:"), MESSAGE_INFORMATION},
    {HEAD("Log Name:"), 0},
    {HEAD("Event Type:"), 0},
};

static const Head *head_of(Str line)
{
    char first = str_fold(char_at(line, 0));
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        if (str_fold(heads[i].text.at[0]) == first && line.len >= heads[i].text.len &&
            str_equal_fold(str_to(line, heads[i].text.len), heads[i].text))
            return &heads[i];
    return NULL;
}

/* ---- levels ---------------------------------------------------------------------------------- */

typedef struct Level {
    Str word;
    int type;
} Level;

static const Level levels[] = {
    {HEAD("ERROR"), MESSAGE_ERROR},        {HEAD("ERR"), MESSAGE_ERROR},
    {HEAD("FATAL"), MESSAGE_ERROR},        {HEAD("CRITICAL"), MESSAGE_ERROR},
    {HEAD("SEVERE"), MESSAGE_ERROR},       {HEAD("WARNING"), MESSAGE_WARNING},
    {HEAD("WARN"), MESSAGE_WARNING},       {HEAD("INFORMATION"), MESSAGE_INFORMATION},
    {HEAD("INFO"), MESSAGE_INFORMATION},   {HEAD("DEBUG"), MESSAGE_INFORMATION},
    {HEAD("TRACE"), MESSAGE_INFORMATION},  {HEAD("VERBOSE"), MESSAGE_INFORMATION},
    {HEAD("NOTICE"), MESSAGE_INFORMATION}, {HEAD("PROGRESS"), MESSAGE_INFORMATION},
};

static bool is_capital(Str word)
{
    for (size_t i = 0; i < word.len; i++)
        if (word.at[i] < 'A' || word.at[i] > 'Z')
            return false;
    return true;
}

/* A level is set off: written in capitals, in brackets, or before a mark. */
static bool is_set_off(Str text, Str word)
{
    size_t start = (size_t)(word.at - text.at);
    char before = start > 0 ? text.at[start - 1] : '\0', after = char_at(text, start + word.len);

    if (before == '_' || after == '_' || before == '\'' || after == '\'' ||
        (after == '.' && is_letter(char_at(text, start + word.len + 1))))
        return false; // part of a name, or a value, or an object: ERR.put(
    return is_capital(word) || (before == '[' && after == ']') || (before == '(' && after == ')') ||
           after == ':' || after == '|' || after == '\t' || before == '|';
}

static int level_of_word(Str text, Str word)
{
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (word.len == levels[i].word.len && str_equal_fold(word, levels[i].word))
            return is_set_off(text, word) ? levels[i].type : 0;
    return 0;
}

/* The first level within the beginning of the entry. */
static int level_in(Str text)
{
    enum { REACH = 160 };
    size_t end = text.len < REACH ? text.len : REACH;

    for (size_t at = 0; at < end;) {
        size_t start = at;
        while (at < end && is_letter(text.at[at]))
            at++;
        int type = at > start ? level_of_word(text, (Str){text.at + start, at - start}) : 0;
        if (type != 0)
            return type;
        at += at == start;
    }
    return 0;
}

/* "Level:         Error", "Event Type: Error" in an event log as text. The Agent warns of jobs that
 * failed. */
static int level_of_event(Str text)
{
    Str line;

    while (str_split(&text, '\n', &line)) {
        size_t name = STARTS_FOLD(line, "Level:") ? 6 : STARTS_FOLD(line, "Event Type:") ? 11 : 0;
        if (name == 0)
            continue;
        int type = value_message_type(str_trim(str_from(line, name)));
        return name == 11 && type == MESSAGE_WARNING ? 0 : type;
    }
    return 0;
}

/* "WARNING: [14:59:23][Copy-DbaSsisCatalog] …", "WARNING: [Get-OlaHRestoreFile][13:16:54] …":
 * commands of dbatools warn of what failed, and go on. */
static bool is_command_warning(Str text)
{
    static const char front[] = "WARNING: [";
    Str rest = str_from(text, sizeof(front) - 1);
    const char *close = STARTS(text, front) ? memmem(rest.at, rest.len, "] ", 2) : NULL;

    rest.len = close ? (size_t)(close - rest.at) : 0;
    return rest.len > 0 && memmem(rest.at, rest.len, "][", 2) && memchr(rest.at, '-', rest.len) &&
           memchr(rest.at, ':', rest.len);
}

/* "ERROR - 2026-01-11 21:26:40 --> Severity: Notice --> …": PHP's own level. */
static bool is_php_notice(Str text)
{
    static const char *const notices[] = {
        "--> Severity: Notice", "--> Severity: Warning", "--> Severity: 8192",
        "PHP Notice:",          "PHP Deprecated:",       "PHP Warning:"};

    for (size_t i = 0; i < ARRAY_LEN(notices); i++)
        if (holds(text, notices[i]))
            return true;
    return false;
}

static int type_of(Str text)
{
    const Head *head = head_of(text);

    if (head && is_command_warning(text))
        return 0;

    if (head && head->type != 0)
        return head->type;
    if (!head && is_php_notice(str_to(text, text.len < 160 ? text.len : 160)))
        return MESSAGE_INFORMATION;
    return head ? level_of_event(text) : level_in(text);
}

/* ---- where an entry begins ------------------------------------------------------------------- */

static bool is_level_word(Str word)
{
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (word.len == levels[i].word.len && str_equal_fold(word, levels[i].word))
            return true;
    return false;
}

/* A time at the very start, or behind a bracket or a level. */
static bool starts_with_time(Str line)
{
    size_t at = 0;

    if (is_one_of(char_at(line, 0), "[(<\""))
        at++;
    if (stamp_end(line, at) > at)
        return true;
    size_t word = at;
    while (is_letter(char_at(line, word)))
        word++;
    size_t gap = word;
    while (is_one_of(char_at(line, gap), " \t:|]),[(-"))
        gap++;
    return gap > word && word > at && stamp_end(line, gap) > gap &&
           is_level_word((Str){line.at + at, word - at});
}

/* Formats whose every entry has such a head: what has none hangs on. */
static bool has_sure_head(Str line)
{
    const Head *head = head_of(line);

    return head && (memchr(head->text.at, ',', head->text.len) || head->type == 0);
}

/* ---- what it says, without when and how bad -------------------------------------------------- */

static size_t skip_marks(Str text, size_t at)
{
    while (is_one_of(char_at(text, at), " \t:|]),[(->"))
        at++;
    return at;
}

/* "[12]", "[worker 3]": the thread or the part of the program that speaks. */
static size_t skip_groups(Str text, size_t at)
{
    enum { GROUP_MAX = 60 };

    for (at = skip_marks(text, at); at > 0 && text.at[at - 1] == '[';) {
        size_t end = at;
        while (end < text.len && end - at < GROUP_MAX && text.at[end] != ']' &&
               text.at[end] != '\n')
            end++;
        if (char_at(text, end) != ']' || level_of_word(text, (Str){text.at + at, end - at}) != 0)
            break;
        at = skip_marks(text, end);
    }
    return at;
}

/* The same message is to have the same fingerprint whichever log it stands in. "ERROR 40501: …"
 * keeps its word: the number means something behind it only. */
static Str without_front(Str text)
{
    size_t start = strchr("[(<\"", char_at(text, 0)) ? 1 : 0;
    size_t at = stamp_end(text, start);

    if (at == start)
        return text;
    at = skip_groups(text, at);
    size_t word = at;
    while (is_letter(char_at(text, word)))
        word++;
    size_t after = skip_groups(text, word);
    bool has_level = level_of_word(text, (Str){text.at + at, word - at}) != 0;
    if (has_level && !is_digit(char_at(text, after)) && text.at[after - 1] != '-' &&
        text.at[after - 1] != '(')
        at = after;
    return at < text.len ? (Str){text.at + at, text.len - at} : text;
}

/* ---- entries --------------------------------------------------------------------------------- */

/* What a wrapper says of the program that it started, and the Agent of its step. */
static bool is_exit(Str text)
{
    return STARTS_FOLD(text, "The package execution failed.") ||
           STARTS_FOLD(text, "The step failed.") || holds(text, "exit code") ||
           holds(text, "exited with code") || holds(text, "##[error]");
}

/* An entry beside the output of a run is part of it, but not once the run is over, or when it has a
 * time of its own. */
static Rc leave_run(Text *text, Str entry, Err *err)
{
    bool is_of_run = text->stage == RUN_OPEN ? !starts_with_time(entry) : is_exit(entry);

    return text->run && !text->is_fixed && !is_of_run ? text_end_run(text, err) : RC_OK;
}

static int64_t ticks_of(Str text)
{
    size_t start = is_one_of(char_at(text, 0), "[(<\"") ? 1 : 0;

    return is_digit(char_at(text, start)) ? stamp_ticks(str_from(text, start)) : 0;
}

/* A level stands at the beginning, or behind the time; within a line that was written by somebody
 * it is a word like others: "except x as error:". */
static bool is_no_level(Str said)
{
    size_t at = stamp_end(said, is_one_of(char_at(said, 0), "[(<\""));

    at = skip_groups(said, at);
    size_t word = at;
    while (is_letter(char_at(said, word)))
        word++;
    return level_of_word(said, (Str){said.at + at, word - at}) == 0 && !head_of(said) &&
           tells_of(said) == TELLS_OTHERWISE;
}

/* "*** ERROR ****": that something failed, which was said before. */
static bool is_mark_alone(Str said)
{
    size_t at = 0;

    while (at < said.len && !is_letter(said.at[at]))
        at++;
    Str word = str_from(said, at);
    if (at == 0 || (unsigned char)said.at[0] >= 0x80 || !STARTS(word, "ERROR"))
        return false;
    for (size_t i = 5; i < word.len; i++)
        if (is_letter(word.at[i]) || is_digit(word.at[i]) || (unsigned char)word.at[i] >= 0x80)
            return false;
    return true;
}

/* A step of a CI, or the next command at the prompt, begins. */
static void note_step(Text *text, Str said)
{
    bool is_prompt = STARTS(said, "PS>") || (STARTS(said, "PS ") && memchr(said.at, '>', said.len));

    text->has_prompt = text->has_prompt || is_prompt;
    text->has_failed = text->has_failed && !is_prompt && !STARTS(said, "##[section]");
}

/* How the step's program ended, and what the commands within one command warn of behind the first:
 * both come of what failed before. */
static bool is_of_step(const Text *text, Str said)
{
    return text->has_failed && ((STARTS(said, "##[error]") && holds(said, "exited with code")) ||
                                (text->has_prompt && is_command_warning(said)));
}

static Rc read_entry(Text *text, Str entry, Err *err)
{
    Str said = str_trim(entry);
    DiagMessage message = {.text = said, .ticks = ticks_of(said)};

    TRY(leave_run(text, said, err));
    int type = type_of(said);
    if (type == MESSAGE_ERROR && is_no_level(said))
        type = 0;
    message.type = type == MESSAGE_WARNING || type == MESSAGE_TASK_FAILED ? type : 0;
    message.text = without_front(said);
    bool fails =
        (type == MESSAGE_ERROR || type == MESSAGE_TASK_FAILED) && !is_mark_alone(message.text);
    bool is_quiet = is_of_step(text, said) || (!fails && (type != 0 || !tells_failure(said)));
    note_step(text, said);
    text->has_failed = text->has_failed || !is_quiet;
    text->is_said_to_fail = fails && !is_quiet;
    return text_say(text, &message, is_quiet, err);
}

/* Stack frames and the like hang on what stands before them. */
static bool is_continuation(Str line)
{
    return line.len == 0 || is_blank(line.at[0]) || STARTS_FOLD(line, "End Error") ||
           STARTS_FOLD(line, "End Warning") || STARTS_FOLD(line, "End Info") ||
           STARTS_FOLD(line, "End Progress") || STARTS_FOLD(line, "--->") ||
           STARTS_FOLD(line, "--- ") || STARTS_FOLD(line, "Caused by") || STARTS_FOLD(line, "at ");
}

/* A line that begins so is how this log's entries begin. */
static bool is_sure_start(Str line)
{
    return starts_with_time(line) || has_sure_head(line);
}

static bool begins(Text *text, Str line)
{
    text->is_timed = text->is_timed || is_sure_start(line);
    return true;
}

/* Of what somebody wrote down one line gives its meaning to the next. */
static bool goes_on_as_comment(const Text *text, Str line)
{
    Str entry = {buf_text(&text->entry.text), text->entry.text.len};
    char mark = char_at(line, 0);

    return is_one_of(mark, "-/#") &&
           (mark == '#' ? is_blank(char_at(line, 1)) : char_at(line, 1) == mark) &&
           char_at(entry, 0) == mark && char_at(entry, 1) == char_at(line, 1);
}

/* "* ORA-12541: …", "* ORA-12170: …": what may happen, a code an item. */
static bool goes_on_as_list(Str entry, Str line)
{
    const char *end = entry.len > 0 ? memrchr(entry.at, '\n', entry.len) : NULL;
    Str last = end ? str_from(entry, (size_t)(end + 1 - entry.at)) : entry, before, code;

    return tells_listed(line, &code) && tells_listed(last, &before) && !str_equal(code, before);
}

/* "Event Type: Error" and what comes with it, up to the next one. */
static bool is_event(Str text)
{
    const Head *head = head_of(text);

    return head && head->type == 0;
}

/* Two errors with one time, to the thousandth of a second: what failed, and what came of it. */
static bool is_of_moment(Str entry, Str line)
{
    enum { PARTS = 3 }; // ".123"
    size_t start = is_one_of(char_at(line, 0), "[(<\"") ? 1 : 0, end = stamp_end(line, start);
    size_t digits = end;

    while (digits > start && is_digit(line.at[digits - 1]))
        digits--;
    return end > start && end - digits >= PARTS && digits > start &&
           is_one_of(line.at[digits - 1], ".,") &&
           str_equal(str_to(entry, end), str_to(line, end)) && level_in(entry) == MESSAGE_ERROR &&
           level_in(line) == MESSAGE_ERROR;
}

/* "[14:35:20] Error Code: …": of the same moment, a field of what was said. */
static bool is_field_of_moment(Str entry, Str line)
{
    size_t start = is_one_of(char_at(line, 0), "[(<\"") ? 1 : 0, end = stamp_end(line, start);

    return end > start && str_equal(str_to(entry, end), str_to(line, end)) &&
           follows_as_field(str_from(line, skip_groups(line, end)));
}

static Belongs belongs(Text *text, Str line)
{
    Str entry = {buf_text(&text->entry.text), text->entry.text.len};

    if (goes_on_as_comment(text, line) || goes_on_as_list(entry, line))
        return BELONGS;
    if (is_event(entry) && !is_event(line) && !text_any_begins(text, line))
        return BELONGS;
    if (starts_with_time(line))
        return is_field_of_moment(entry, line) || is_of_moment(entry, line) ? BELONGS : BELONGS_NOT;
    if (line.len > 0 && follows_not(entry))
        return BELONGS_NOT;
    if (line.len > 0 && !is_blank(line.at[0]) && !text->is_timed && follows(entry, line))
        return BELONGS;
    if (text_any_begins(text, line) || is_sure_start(line) || head_of(line))
        return BELONGS_NOT;
    return text->is_timed || is_continuation(line) ? BELONGS : BELONGS_NOT;
}

const TextForm form_lines = {"lines", begins, belongs, read_entry, NULL};
