/*
 * Errors of SQL Server in two pieces: a head with three numbers, then the text.
 *
 *   Msg 208, Level 16, State 1, Server SRV, Line 12          sqlcmd, SSMS, in the client's language
 *   Error: 208, Severity: 16, State: 1.                      its error log, without the front
 *   2024-05-01 10:00:00.11 spid51      Error: 208, Severity: 16, State: 1.
 *   2024-05-01 10:00:00.11 spid51      Invalid object name 'x'.
 */
#include "text.h"

#include "chars.h"
#include "stamp.h"

#include "ssisminer/base/err.h"
#include "ssisminer/diagnose/tells.h"
#include "ssisminer/ssisdb/ssisdb.h"

typedef struct SqlHead {
    int64_t number, level;
    size_t end;
} SqlHead;

/* A comma or colon, narrow or wide, at `at`; its length. */
static size_t mark_at(Str text, size_t at, char narrow, const char *wide, const char *other)
{
    if ((unsigned char)char_at(text, at) < 0x80)
        return char_at(text, at) == narrow ? 1 : 0;
    Str rest = str_to(str_from(text, at), 3);
    return str_equal(rest, str_of(wide)) || str_equal(rest, str_of(other)) ? 3 : 0;
}

static size_t comma_at(Str text, size_t at)
{
    return mark_at(text, at, ',', "\xEF\xBC\x8C", "\xE3\x80\x81"); // and the one of enumerations
}

static size_t colon_at(Str text, size_t at)
{
    return mark_at(text, at, ':', "\xEF\xBC\x9A", "\xEF\xB9\x95");
}

static size_t blanks_at(Str text, size_t at)
{
    size_t count = 0;

    while (char_at(text, at + count) == ' ')
        count++;
    return count;
}

/* "Msg 208" or "Error: 208"; its end, 0 if it is not there. */
static size_t word_and_number(Str text, size_t at, int64_t *ret_number)
{
    enum { WORD_MAX = 48, LONGEST = 11 };
    size_t word = at, colon = 0;

    while ((colon = colon_at(text, at)) == 0 && comma_at(text, at) == 0 &&
           (is_letter(char_at(text, at)) || (unsigned char)char_at(text, at) >= 0x80 ||
            char_at(text, at) == '.'))
        at++;
    if (at == word || at - word > WORD_MAX)
        return 0;
    size_t gap = blanks_at(text, at);
    if (colon == 0 && gap == 1) // French sets a blank before it
        colon = colon_at(text, at + 1);
    at += colon > 0 && gap == 1 ? 1 + colon : colon;
    gap = blanks_at(text, at);
    if (gap > 1 || (gap == 0 && colon < 3))
        return 0;
    size_t number = at + gap;
    bool is_negative = char_at(text, number) == '-'; // an HRESULT
    size_t len = digits_from(text, number + is_negative) + is_negative;
    if (len == is_negative || len > LONGEST ||
        !str_to_i64(str_to(str_from(text, number), len), ret_number))
        return 0;
    return number + len;
}

/* Behind "Server: " of the old query tools, in any language. */
static size_t skip_server(Str text)
{
    enum { LONGEST = 24 };
    size_t at = 0;

    while (at < LONGEST &&
           (is_letter(char_at(text, at)) || (unsigned char)char_at(text, at) >= 0x80))
        at++;
    return at > 0 && char_at(text, at) == ':' && is_letter(char_at(text, at + 2)) ? at + 2 : 0;
}

static bool read_head(Str text, SqlHead *ret_head)
{
    int64_t numbers[3];
    size_t at = skip_server(text);

    for (size_t i = 0; i < 3; i++) {
        at = word_and_number(text, at, &numbers[i]);
        size_t comma = at > 0 ? comma_at(text, at) : 0;
        size_t gap = blanks_at(text, at + comma);
        if (at == 0 || (i < 2 && (comma == 0 || gap > 1 || (comma == 1 && gap == 0))))
            return false;
        at += i < 2 ? comma + gap : 0;
    }
    *ret_head = (SqlHead){numbers[0], numbers[1], at};
    return numbers[1] >= 0 && numbers[1] <= 25;
}

bool sqlmsg_is_head(Str line)
{
    SqlHead head;

    return read_head(line, &head);
}

/* ---- Msg ------------------------------------------------------------------------------------- */

/* 'OLE DB provider "X" for linked server "Y" returned message "…".': why, before the Msg. */
static bool is_of_provider(Str line)
{
    return STARTS(line, "OLE DB provider ") && holds(line, "returned message");
}

static bool msg_begins(Text *text, Str line)
{
    SqlHead head;

    (void)text;
    return is_of_provider(line) || read_head(line, &head);
}

/* Only the provider has spoken: the server's own message is still to come. */
static bool awaits_head(Str entry)
{
    Str line;

    while (str_split(&entry, '\n', &line))
        if (!is_of_provider(line))
            return false;
    return true;
}

static bool ends_msg(Str line)
{
    Str said = str_trim(line);

    return STARTS_FOLD(said, "Completion time:") || (said.at[0] == '(' && digits_from(said, 1) > 0);
}

enum {
    COUNT_OF_TRANSACTIONS = 266, // said by each procedure on the way out
    BACKUP_FAILED = 3041,        // what the error log says behind the error itself
    RAISED = 50000,              // by a procedure, in its own words
    DISCARD = 0,                 // "a severe error occurred", behind the error itself
    UPGRADE_FAILED = 912,        // of scripts at the start, behind what stopped one
    SHUTS_DOWN = 3449
};

/* What comes of an error before it, or more rows of the same bulk load. */
static bool is_follower(int64_t number, int64_t first)
{
    enum { DBCC_FIRST = 8901, DBCC_LAST = 8999 }; // what one check finds
    static const struct {
        int64_t number, after; // 0: of any
    } followers[] = {
        {3013, 0},    // BACKUP, RESTORE is terminating abnormally
        {3621, 0},    // the statement has been terminated
        {1750, 0},    // could not create the constraint
        {5069, 0},    // ALTER DATABASE statement failed
        {4863, 4863}, // bulk load: a row, too many rows, what the provider says of it
        {4864, 4864},
        {4864, 4863},
        {4863, 4864},
        {4865, 4863},
        {4865, 4864},
        {4866, 4863},
        {7399, 4863},
        {7399, 4864},
        {7399, 4865},
        {7399, 4866},
        {7399, 4832},
        {7330, 4863},
        {7330, 4864},
        {7330, 4865},
        {7330, 4866},
        {7330, 4832},
        {7330, 7399},
        {7303, 7399},
        {7301, 7399},
        {7320, 7399},
        {7314, 7399},
        {7343, 7399},
        {7350, 7399},
        {8180, 0},
        {266, 0},    // the count of transactions is another one than at the beginning
        {3903, 266}, // and so there is none to roll back
        {DISCARD, 0},
        {UPGRADE_FAILED, 0},
        {3417, UPGRADE_FAILED}, // and master cannot be
                                // recovered
        {SHUTS_DOWN, 9001},
        {3314, 9001},
        {9001, 9001}, // every session that finds the log gone
        {9001, 17053},
        {17182, 17190}, // no certificate, no network library,
        {17826, 17190}, // no server
        {17120, 17190},
        {17182, 17182},
        {17826, 17182},
        {17120, 17182},
        {17120, 17826},
        {9002, 17053}, // no space on the disk, and so none
                       // in the log
        {5149, 17053},
        {1105, 17053},
        {37392, 37371}, // a ledger's hash, and its
                        // verification
    };

    if (number >= DBCC_FIRST && number <= DBCC_LAST && first >= DBCC_FIRST && first <= DBCC_LAST)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(followers); i++)
        if (followers[i].number == number &&
            (followers[i].after == 0 || followers[i].after == first))
            return true;
    return false;
}

/* ", Procedure dbo.load, Line " up to the line; empty where no procedure is named. */
static Str procedure_of(Str place)
{
    const char *comma = place.len > 0 ? memrchr(place.at, ',', place.len) : NULL;

    return comma ? str_to(place, (size_t)(comma - place.at)) : (Str){0};
}

/* A procedure tells in its own words of the error that it met. */
static bool tells_again(const SqlHead *head, Str place, const SqlHead *before, Str of_first)
{
    return head->number == RAISED && before->number != RAISED && procedure_of(place).len > 0 &&
           str_equal(procedure_of(place), procedure_of(of_first));
}

/* Of the statement at hand: the same line of the same batch. */
static bool continues_msg(Text *text, Str line)
{
    Str entry = {buf_text(&text->entry.text), text->entry.text.len}, first = {0};
    SqlHead head, before;

    if (!read_head(line, &head) || !str_split(&entry, '\n', &first) || !read_head(first, &before))
        return false;
    Str place = str_trim(str_from(line, head.end)),
        of_first = str_trim(str_from(first, before.end));
    if (tells_again(&head, place, &before, of_first))
        return true;
    if (!is_follower(head.number, before.number))
        return false;
    bool has_place = place.len > 0 || (STARTS(line, "Error") && STARTS(first, "Error"));
    return COUNT_OF_TRANSACTIONS == head.number || DISCARD == head.number ||
           (has_place && str_equal(place, of_first));
}

/* What pages put between head and text, and between one message and the next. */
static bool is_blank_line(Str line)
{
    return str_trim(line).len == 0;
}

/* The last line is empty, and the one before it is no head, whose text is still to come. */
static bool has_text_and_gap(const Entry *entry)
{
    Str text = {buf_text(&entry->text), entry->text.len};

    if (text.len == 0 || text.at[text.len - 1] != '\n')
        return false;
    Str said = str_trim(text);
    const char *last = said.len > 0 ? memrchr(said.at, '\n', said.len) : NULL;
    SqlHead head;

    if (said.len > 0 && said.at[said.len - 1] == ':') // what it announces is still to come
        return false;
    return last && !read_head(str_from(said, (size_t)(last + 1 - said.at)), &head);
}

static bool is_cut_off(int64_t number)
{
    static const int64_t numbers[] = {COUNT_OF_TRANSACTIONS, RAISED, DISCARD, UPGRADE_FAILED,
                                      SHUTS_DOWN};

    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (numbers[i] == number)
            return true;
    return false;
}

/* Without what each procedure adds on the way out, and what only comes of it. */
static Str own_text(Str text)
{
    Str rest = text, line;
    SqlHead head;

    while (str_split(&rest, '\n', &line))
        if (line.len > 0 && !is_blank(line.at[0]) && read_head(line, &head) &&
            is_cut_off(head.number))
            return str_trim(str_to(text, (size_t)(line.at - text.at)));
    return str_trim(text);
}

static Belongs msg_belongs(Text *text, Str line)
{
    Str entry = {buf_text(&text->entry.text), text->entry.text.len};

    if (awaits_head(entry))
        return is_of_provider(line) || sqlmsg_is_head(line) ? BELONGS : BELONGS_NOT;
    if (continues_msg(text, line))
        return BELONGS;
    if (is_blank_line(line))
        return BELONGS;
    return has_text_and_gap(&text->entry) || ends_msg(line) || text_any_begins(text, line)
               ? BELONGS_NOT
               : BELONGS;
}

enum { LEVEL_ERROR = 11 };

/* Up to the head's third number: what follows names server and line. */
static DiagMessage message_of(const SqlHead *head, Str head_line, Str said)
{
    return (DiagMessage){.text = said.len > 0 ? said : str_to(head_line, head->end),
                         .code = head->number,
                         .type = head->level >= LEVEL_ERROR ? MESSAGE_ERROR : MESSAGE_INFORMATION};
}

static Rc msg_read(Text *text, Str entry, Err *err)
{
    Str rest = entry, line = {0};
    SqlHead head = {.level = LEVEL_ERROR};
    bool has_provider = is_of_provider(entry), has_head = false;

    while (!has_head && str_split(&rest, '\n', &line))
        has_head = read_head(line, &head);
    Str said = rest.at ? own_text(rest) : (Str){0};
    if (has_provider) // up to where the server's own text ends
        said =
            str_trim(str_to(entry, said.at ? (size_t)(said.at + said.len - entry.at) : entry.len));
    DiagMessage message = message_of(&head, line, said);
    return text_say(text, &message, message.type == MESSAGE_INFORMATION, err);
}

const TextForm form_sqlmsg = {"Msg of SQL Server", msg_begins, msg_belongs, msg_read, NULL};

/* ---- the error log --------------------------------------------------------------------------- */

enum { SECOND_TO = 19, SOURCE_AT = 23, TEXT_AT = 35 };

static bool errorlog_begins(Text *text, Str line)
{
    static const char shape[] = "dddd-dd-dd dd:dd:dd.dd ";

    (void)text;
    if (line.len < TEXT_AT || !is_digit(line.at[0]))
        return false;
    for (size_t i = 0; i < SOURCE_AT; i++)
        if (shape[i] == 'd' ? !is_digit(line.at[i]) : line.at[i] != shape[i])
            return false;
    Str source = str_from(line, SOURCE_AT);
    return line.at[TEXT_AT - 1] == ' ' &&
           ((STARTS_FOLD(source, "spid") && is_digit(char_at(source, 4))) ||
            STARTS(source, "Logon ") || STARTS(source, "Server ") || STARTS(source, "Backup "));
}

static Str last_line(Str entry)
{
    const char *last = entry.len > 0 ? memrchr(entry.at, '\n', entry.len) : NULL;

    return last ? str_from(entry, (size_t)(last + 1 - entry.at)) : entry;
}

/* "BACKUP failed to complete" right behind the error that says why, in the same second. */
static bool is_backup_of(Str entry, Str line)
{
    SqlHead head, first;

    return read_head(str_from(line, TEXT_AT), &head) && head.number == BACKUP_FAILED &&
           read_head(str_from(entry, TEXT_AT), &first) && first.number != BACKUP_FAILED &&
           str_equal(str_to(entry, SECOND_TO), str_to(line, SECOND_TO));
}

/* The head's text, without what comes of it. */
static Str own_lines(Text *text, Str rest)
{
    Str after = rest, line;

    (void)str_split(&after, '\n', &line);
    while (str_split(&after, '\n', &line))
        if (errorlog_begins(text, line))
            return str_to(rest, (size_t)(line.at - rest.at));
    return rest;
}

static Belongs errorlog_belongs(Text *text, Str line)
{
    Str entry = {buf_text(&text->entry.text), text->entry.text.len};
    SqlHead head;

    if (!errorlog_begins(text, line))
        return char_at(line, 0) == '\t' || line.len == 0 || !text_any_begins(text, line)
                   ? BELONGS
                   : BELONGS_NOT;
    Str last = last_line(str_trim(entry));
    bool is_text = errorlog_begins(text, last) && read_head(str_from(last, TEXT_AT), &head) &&
                   str_equal(str_to(last, TEXT_AT), str_to(line, TEXT_AT));
    return is_text || is_backup_of(entry, line) ? BELONGS : BELONGS_NOT;
}

static Rc errorlog_read(Text *text, Str entry, Err *err)
{
    Str rest = entry, line = {0};
    SqlHead head;
    DiagMessage message;

    (void)str_split(&rest, '\n', &line);
    rest = rest.at ? str_trim(rest) : rest;
    Str said = str_trim(str_from(line, TEXT_AT));
    bool has_head = read_head(said, &head);
    if (has_head) {
        rest = rest.at ? own_lines(text, rest) : rest;
        bool is_second = rest.at && errorlog_begins(text, rest);
        message = message_of(
            &head, said, rest.at ? str_trim(str_from(rest, is_second ? TEXT_AT : 0)) : (Str){0});
    } else {
        message = (DiagMessage){.text = str_trim(str_from(entry, TEXT_AT))};
    }
    message.ticks = stamp_ticks(entry);
    return text_say(text, &message,
                    has_head ? message.type == MESSAGE_INFORMATION : !tells_failure(message.text),
                    err);
}

const TextForm form_errorlog = {"SQL Server error log", errorlog_begins, errorlog_belongs,
                                errorlog_read, NULL};

/* ---- SQLAGENT.OUT: 2024-05-01 10:00:00 - ! [298] text ---------------------------------------- */

/* Where the mark stands; 0 if the line is none of it. */
static size_t agent_mark(Str line)
{
    size_t end = is_digit(char_at(line, 0)) ? stamp_end(line, 0) : 0;

    while (is_blank(char_at(line, end)) && end > 0)
        end++;
    Str rest = str_from(line, end);
    return end > 0 && STARTS(rest, "- ") && is_one_of(char_at(rest, 2), "!+?") &&
                   STARTS(str_from(rest, 3), " [")
               ? end + 2
               : 0;
}

static bool agent_begins(Text *text, Str line)
{
    (void)text;
    return agent_mark(line) > 0;
}

static Belongs agent_belongs(Text *text, Str line)
{
    return text_any_begins(text, line) || is_digit(char_at(line, 0)) ? BELONGS_NOT : BELONGS;
}

static Rc agent_read(Text *text, Str entry, Err *err)
{
    size_t mark = agent_mark(entry);
    char kind = entry.at[mark];
    const char *close = memchr(entry.at + mark, ']', entry.len - mark);
    Str said = close ? str_from(entry, (size_t)(close + 1 - entry.at)) : str_from(entry, mark + 2);
    DiagMessage message = {.text = str_trim(said),
                           .ticks = stamp_ticks(entry),
                           .type = kind == '!'   ? MESSAGE_ERROR
                                   : kind == '+' ? MESSAGE_WARNING
                                                 : MESSAGE_INFORMATION};

    return text_say(text, &message, kind != '!', err);
}

const TextForm form_agentlog = {"SQL Server Agent log", agent_begins, agent_belongs, agent_read,
                                NULL};
