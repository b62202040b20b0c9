/*
 * Text logs: where an entry begins, how bad it says it is, which code it carries.
 *
 * An entry begins at a line that starts with a time, once such a line was seen; before that, at
 * any line that is not indented. Known heads (dtexec, SSIS's own text log, an event log as text)
 * begin one anywhere.
 */
#include "internal.h"

#include "ssisminer/diagnose/tells.h"
#include "ssisminer/ssisdb/ssisdb.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    char folded = str_fold(c);

    return folded >= 'a' && folded <= 'z';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static char char_at(Str text, size_t at)
{
    return at < text.len ? text.at[at] : '\0';
}

static bool starts_fold(Str text, const char *what)
{
    size_t len = strlen(what);

    return text.len >= len && str_equal_fold((Str){text.at, len}, (Str){what, len});
}

/* ---- times -------------------------------------------------------------------------------------
 */

static size_t digits_from(Str text, size_t at)
{
    size_t end = at;

    while (is_digit(char_at(text, end)))
        end++;
    return end - at;
}

/* hh:mm, perhaps with seconds; returns its length. */
static size_t clock_at(Str text, size_t at)
{
    size_t hours = digits_from(text, at);

    if (hours < 1 || hours > 2 || char_at(text, at + hours) != ':' ||
        digits_from(text, at + hours + 1) != 2)
        return 0;
    return hours + 3;
}

/* 2024-05-01, 5/1/2024, 01.05.2024, 20240501; returns its length. */
static size_t date_at(Str text, size_t at)
{
    size_t first = digits_from(text, at), end = at + first;
    char mark = char_at(text, end);

    if (first == 8 && (mark == ' ' || mark == 'T' || mark == '-'))
        return first;
    if ((first != 4 && first != 1 && first != 2) || (mark != '-' && mark != '/' && mark != '.'))
        return 0;
    size_t second = digits_from(text, end + 1);
    if (second == 0 && mark == '-') // 01-May-2024
        while (is_letter(char_at(text, end + 1 + second)))
            second++;
    end += 1 + second;
    size_t third = digits_from(text, end + 1);
    if (second == 0 || second > 9 || char_at(text, end) != mark || third == 0 || third > 4)
        return 0;
    return end + 1 + third - at;
}

/* "May  1 10:00:00" */
static size_t month_at(Str text, size_t at)
{
    static const char months[] = "jan feb mar apr may jun jul aug sep oct nov dec ";

    for (const char *month = months; *month; month += 4) {
        if (!starts_fold((Str){text.at + at, text.len - at},
                         (char[]){month[0], month[1], month[2], '\0'}))
            continue;
        size_t day = at + 3;
        while (is_blank(char_at(text, day)))
            day++;
        size_t len = digits_from(text, day);
        return len >= 1 && len <= 2 && day > at + 3 ? day + len - at : 0;
    }
    return 0;
}

/* Where a time that begins at `at` ends; `at` if there is none. */
static size_t time_at(Str text, size_t at)
{
    size_t day = date_at(text, at), end = at;

    if (day == 0)
        day = month_at(text, at);
    if (day > 0) {
        end = at + day;
        while (is_blank(char_at(text, end)) || char_at(text, end) == 'T' ||
               char_at(text, end) == ',')
            end++;
    }
    size_t clock = clock_at(text, end);
    bool has_seconds = clock > 0 && char_at(text, end + clock) == ':';
    if (clock == 0 || (day == 0 && !has_seconds))
        return at;
    end += clock;
    while (is_digit(char_at(text, end)) ||
           (char_at(text, end) != '\0' && strchr(":.,Zz+", char_at(text, end))))
        end++;
    return end;
}

/* ---- heads -------------------------------------------------------------------------------------
 */

typedef struct Head {
    const char *text;
    int type; // of the messages it begins; 0: it says nothing
} Head;

/* The longer before the shorter. */
static const Head heads[] = {
    {"OnError,", MESSAGE_ERROR},
    {"OnTaskFailed,", MESSAGE_TASK_FAILED},
    {"OnWarning,", MESSAGE_WARNING},
    {"OnInformation,", MESSAGE_INFORMATION},
    {"OnPreExecute,", MESSAGE_INFORMATION},
    {"OnPostExecute,", MESSAGE_INFORMATION},
    {"OnPreValidate,", MESSAGE_INFORMATION},
    {"OnPostValidate,", MESSAGE_INFORMATION},
    {"OnProgress,", MESSAGE_INFORMATION},
    {"OnQueryCancel,", MESSAGE_QUERY_CANCEL},
    {"OnVariableValueChanged,", MESSAGE_INFORMATION},
    {"PackageStart,", MESSAGE_INFORMATION},
    {"PackageEnd,", MESSAGE_INFORMATION},
    {"Diagnostic,", MESSAGE_INFORMATION},
    {"#Fields:", MESSAGE_INFORMATION},
    {"Error:", MESSAGE_ERROR},
    {"Fatal:", MESSAGE_ERROR},
    {"Warning:", MESSAGE_WARNING},
    {"Info:", MESSAGE_INFORMATION},
    {"Information:", MESSAGE_INFORMATION},
    {"Debug:", MESSAGE_INFORMATION},
    {"Progress:", MESSAGE_INFORMATION},
    {"DTExec:", MESSAGE_INFORMATION},
    {"Started:", MESSAGE_INFORMATION},
    {"Finished:", MESSAGE_INFORMATION},
    {"Elapsed:", MESSAGE_INFORMATION},
    {"Log Name:", 0},
};

/* SSIS writes "User:OnError,", too. */
static const Head *head_of(Str line)
{
    if (starts_fold(line, "User:"))
        line = (Str){line.at + 5, line.len - 5};
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        if (starts_fold(line, heads[i].text))
            return &heads[i];
    return NULL;
}

/* ---- levels ------------------------------------------------------------------------------------
 */

typedef struct Level {
    const char *word;
    int type;
} Level;

static const Level levels[] = {
    {"ERROR", MESSAGE_ERROR},        {"ERR", MESSAGE_ERROR},
    {"FATAL", MESSAGE_ERROR},        {"CRITICAL", MESSAGE_ERROR},
    {"SEVERE", MESSAGE_ERROR},       {"WARNING", MESSAGE_WARNING},
    {"WARN", MESSAGE_WARNING},       {"INFORMATION", MESSAGE_INFORMATION},
    {"INFO", MESSAGE_INFORMATION},   {"DEBUG", MESSAGE_INFORMATION},
    {"TRACE", MESSAGE_INFORMATION},  {"VERBOSE", MESSAGE_INFORMATION},
    {"NOTICE", MESSAGE_INFORMATION}, {"PROGRESS", MESSAGE_INFORMATION},
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

    if (before == '_' || after == '_' || before == '\'' || after == '\'')
        return false; // part of a name, or a value
    return is_capital(word) || (before == '[' && after == ']') || (before == '(' && after == ')') ||
           after == ':' || after == '|' || after == '\t' || before == '|';
}

static int level_of_word(Str text, Str word)
{
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (str_equal_fold(word, str_of(levels[i].word)))
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

/* "Level:         Error" in an event log as text. */
static int level_of_event(Str text)
{
    Str line;

    while (str_split(&text, '\n', &line))
        if (starts_fold(line, "Level:"))
            return value_message_type((Str){line.at + 6, line.len - 6});
    return 0;
}

static int type_of(Str text)
{
    const Head *head = head_of(text);

    if (head && head->type != 0)
        return head->type;
    return head ? level_of_event(text) : level_in(text);
}

/* ---- where an entry begins
 * ------------------------------------------------------------------------ */

static bool is_level_word(Str word)
{
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (str_equal_fold(word, str_of(levels[i].word)))
            return true;
    return false;
}

/* A time at the very start, or behind a bracket or a level. */
static bool starts_with_time(Str line)
{
    size_t at = 0;

    if (char_at(line, 0) != '\0' && strchr("[(<\"", char_at(line, 0)))
        at++;
    if (time_at(line, at) > at)
        return true;
    size_t word = at;
    while (is_letter(char_at(line, word)))
        word++;
    size_t gap = word;
    while (char_at(line, gap) != '\0' && strchr(" \t:|]),[(-", char_at(line, gap)))
        gap++;
    return gap > word && is_level_word((Str){line.at + at, word - at}) && time_at(line, gap) > gap;
}

/* Formats whose every entry has such a head: what has none hangs on. */
static bool has_sure_head(Str line)
{
    const Head *head = head_of(line);

    return head && (strchr(head->text, ',') || str_same(head->text, "Log Name:"));
}

/* ---- what it says, without when and how bad
 * ------------------------------------------------------ */

static size_t skip_marks(Str text, size_t at)
{
    while (char_at(text, at) != '\0' && strchr(" \t:|]),[(->", char_at(text, at)))
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
    size_t at = time_at(text, start);

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

/* ---- SSIS's own text log: event,computer,operator,source,…,datacode,databytes,message
 * ------------- */

enum { COMMA_SOURCE = 3, COMMA_CODE = 8, COMMA_MESSAGE = 10 };

static bool split_event(Str text, Str fields[COMMA_MESSAGE + 1])
{
    Str rest = text;

    for (size_t i = 0; i < COMMA_MESSAGE; i++) {
        const char *comma = memchr(rest.at, ',', rest.len);
        if (!comma)
            return false;
        fields[i] = (Str){rest.at, (size_t)(comma - rest.at)};
        rest = (Str){comma + 1, rest.len - fields[i].len - 1};
    }
    fields[COMMA_MESSAGE] = rest;
    return true;
}

static bool is_event(Str text)
{
    const Head *head = head_of(text);

    return head && strchr(head->text, ',');
}

static void read_event(Reader *reader, Str text, DiagMessage *message)
{
    Str fields[COMMA_MESSAGE + 1];
    int64_t code;

    if (!split_event(text, fields) || !str_to_i64(str_trim(fields[COMMA_CODE]), &code))
        return;
    message->code = code;
    message->text = str_trim(fields[COMMA_MESSAGE]);
    message->source_name =
        arena_copy(&reader->arena, fields[COMMA_SOURCE].at, fields[COMMA_SOURCE].len);
}

/* ---- entries -----------------------------------------------------------------------------------
 */

typedef struct Entry {
    Buf text;
    size_t line;
    bool is_open;
} Entry;

static void entry_done(Entry *entry)
{
    buf_done(&entry->text);
}

static Rc tell(Reader *reader, Entry *entry, Err *err)
{
    Str text = str_trim((Str){buf_text(&entry->text), entry->text.len});
    DiagMessage message = {.text = text};
    Rc rc = RC_OK;

    entry->is_open = false;
    if (text.len == 0)
        return RC_OK;
    int type = type_of(text);
    bool fails = type == MESSAGE_ERROR || type == MESSAGE_TASK_FAILED;
    message.type = type == MESSAGE_WARNING || type == MESSAGE_TASK_FAILED ? type : 0;
    message.text = without_front(text);
    if (is_event(text))
        read_event(reader, text, &message);
    ScanRecord record = {.line = entry->line,
                         .messages = &message,
                         .message_count = 1,
                         .is_said_to_fail = fails,
                         .is_quiet = !fails && (type != 0 || tells_of(text) != TELLS_FAILURE)};
    rc = reader_tell(reader, &record, err);
    if (rc == RC_OK && entry->text.over)
        rc = reader_tell_trouble(reader, entry->line, 0,
                                 "the entry is longer than 4 MiB: the rest of it is left out", err);
    arena_reset(&reader->arena);
    return rc;
}

static Rc begin(Reader *reader, Entry *entry, Str line, Err *err)
{
    if (entry->is_open)
        TRY(tell(reader, entry, err));
    buf_done(&entry->text);
    entry->text = BUF(SCAN_ENTRY_MAX);
    buf_put(&entry->text, line.at, line.len);
    entry->line = reader->source.line;
    entry->is_open = true;
    return RC_OK;
}

/* Stack frames and the like hang on what stands before them. */
static bool is_continuation(Str line)
{
    return line.len == 0 || is_blank(line.at[0]) || starts_fold(line, "End Error") ||
           starts_fold(line, "End Warning") || starts_fold(line, "End Info") ||
           starts_fold(line, "End Progress") || starts_fold(line, "--->") ||
           starts_fold(line, "--- ") || starts_fold(line, "Caused by") || starts_fold(line, "at ");
}

/* ret_is_sure: a line that begins so is how this log's entries begin. */
static bool is_start(Str line, bool is_timed, bool *ret_is_sure)
{
    *ret_is_sure = starts_with_time(line) || has_sure_head(line);
    if (*ret_is_sure || head_of(line))
        return true;
    return !is_timed && !is_continuation(line);
}

Rc lines_read(Reader *reader, Err *err)
{
    AUTO(entry_done) Entry entry = {0};
    bool is_timed = false, has_line = true;
    char *text;
    size_t len;

    reader->source.line_max = SCAN_ENTRY_MAX;
    for (;;) {
        bool is_sure;
        TRY(source_line(&reader->source, &text, &len, &has_line, err));
        if (!has_line)
            break;
        Str line = {text, len};
        if (is_start(line, is_timed, &is_sure) || !entry.is_open) {
            TRY(begin(reader, &entry, line, err));
        } else {
            buf_putc(&entry.text, '\n');
            buf_put(&entry.text, line.at, line.len);
        }
        is_timed = is_timed || is_sure;
        entry.text.over = entry.text.over || reader->source.is_cut;
    }
    return entry.is_open ? tell(reader, &entry, err) : RC_OK;
}
