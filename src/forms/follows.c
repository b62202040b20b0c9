/*
 * One failure is told in several lines: what announces it, the exception, the fields of a report,
 * what was loaded from where, what comes of it. None of these is a failure of its own.
 */
#include "follows.h"

#include "chars.h"
#include "text.h"

#include "ssisminer/base/err.h"

#define STARTS_ANY(line, heads) str_begins_any((line), (heads), ARRAY_LEN(heads))

static Str last_line(Str entry)
{
    const char *end = entry.len > 0 ? memrchr(entry.at, '\n', entry.len) : NULL;

    return end ? str_from(entry, (size_t)(end + 1 - entry.at)) : entry;
}

static Str first_line(Str entry)
{
    const char *end = entry.len > 0 ? memchr(entry.at, '\n', entry.len) : NULL;

    return end ? str_to(entry, (size_t)(end - entry.at)) : entry;
}

/* ---- fields ---------------------------------------------------------------------------------- */

bool follows_as_field(Str line)
{
    static const char *const fields[] = {
        "Exception:",
        "Exception Message:",
        "Exception Info:",
        "Exception code:",
        "Exception type:",
        "Message:",
        "StackTrace:",
        "Stack Trace:",
        "Stack trace:",
        "Stacktrace:",
        "Script stack trace:",
        "Source:",
        "Target:",
        "TargetSite:",
        "Type:",
        "Method:",
        "Details:",
        "Detail:",
        "Description:",
        "Inner exception",
        "Inner Exception",
        "InnerException",
        "Error Code:",
        "Error code:",
        "ErrorCode:",
        "Error Message:",
        "Error message:",
        "ErrorMessage:",
        "Error Number:",
        "Error Source:",
        "Error Type:",
        "Error:  at",
        "Failure type",
        "Error source\t", // fields of a run, as Fabric's page shows them
        "Details\t",
        "Activity ID\t",
        "Activity name\t",
        "Request URL:",
        "Response:",
        "HResult",
        "HRESULT",
        "Hresult:",
        "Server Name:",
        "Procedure:",
        "Line Number:",
        "Severity:",
        "State:",
        "Program Location:",
        "ClientConnectionId:",
        "Application ID:",
        "Application:",
        "Process ID:",
        "Framework Version:",
        "CoreCLR Version:",
        "Faulting ",
        "Fault offset:",
        "Report Id:",
        "File name:",
        "Fusion Log",
        "WRN: ",
        "LOG: ",
        "=== Pre-bind",
        "To enable assembly bind",
        "To turn this feature off",
        "Note: There is some performance penalty",
        "Additional information:",
        "ADDITIONAL INFORMATION:",
        "For help, click:",
        "Help Link:",
        "HelpLink:",
        "LinkId",
        "SQLSTATE:",
        "SQL State",
        "SQLState =",
        "Native Error",
        "NativeError",
        "[SQL:",
        "(Background on this error at",
        "During handling of the above exception",
        "The above exception was the direct cause",
        "+ CategoryInfo",
        "At line:",
        "At C:\\",
        "At D:\\",
        "Possible failure reasons:",
        "Could not load file or assembly",
        "Further information",
        "The following diagnostic information",
    };

    return STARTS_ANY(line, fields);
}

/* "LOCATION    CPIC on local host": a key in capitals, a column further on its value. */
static size_t key_len(Str line)
{
    size_t at = 0;

    while (
        (char_at(line, at) >= 'A' && char_at(line, at) <= 'Z') ||
        (char_at(line, at) == ' ' && char_at(line, at + 1) >= 'A' && char_at(line, at + 1) <= 'Z'))
        at++;
    return at > 1 && char_at(line, at) == ' ' && char_at(line, at + 1) == ' ' ? at : 0;
}

static bool is_level(Str key)
{
    static const char *const levels[] = {"ERROR", "WARN", "INFO", "DEBUG", "FATAL", "TRACE"};

    return STARTS_ANY(key, levels);
}

/* Of the last lines. */
static size_t count_columns(Str entry)
{
    enum { REACH = 400 };
    Str rest = entry.len > REACH ? str_from(entry, entry.len - REACH) : entry, line;
    size_t count = 0;

    while (str_split(&rest, '\n', &line))
        count += key_len(line) > 0;
    return count;
}

static bool is_next_column(Str entry, Str last, Str line)
{
    enum { TABLE = 3 };
    size_t key = key_len(line), before = key_len(last), count;
    bool is_capital = char_at(line, 0) >= 'A' && char_at(line, 0) <= 'Z' &&
                      char_at(line, 1) >= 'A' && char_at(line, 1) <= 'Z';

    if (!is_capital)
        return false;
    count = count_columns(entry);
    if (count >= TABLE)
        return true;
    if (key == 0 || before == 0)
        return key > 0 && last.at[last.len - 1] == '=';
    return !is_level(str_to(line, key)) || !is_level(str_to(last, before));
}

/* ---- sentences ------------------------------------------------------------------------------- */

/* "Updating database (Failed)" of a publish: what failed in it stands before and behind. */
static bool is_failed_step(Str line)
{
    static const char end[] = "(Failed)";
    size_t len = sizeof(end) - 1;

    line = str_trim(line);
    return line.len > len && memcmp(line.at + line.len - len, end, len) == 0;
}

/* What comes of the failure. */
static bool is_consequence(Str line)
{
    static const char *const heads[] = {
        "Can't continue",
        "Cannot continue",
        "Could not deploy package",
        "Could not import package",
        "Could not export package",
        "Script execution error",
        "Error SQL7",
        "Warning SQL7",
        "The statement has been terminated",
        "Command failed",
        "Execution halted",
        "Exiting",
        "Aborting",
        "Aborted",
        "Stopping",
        "Terminating",
        "Rolling back",
        "Build FAILED",
        "BUILD FAILED",
        "npm ERR!",
        "make: ***",
        "Process finished with exit code",
        "Process exited",
        "The step failed",
        "The job failed",
        "The package execution failed",
        "Job failed",
        "Step failed",
        "See the log",
        "See log",
        "exit code",
        "Exit code",
        "exit status",
        "BCP copy in failed",
        "The operation failed",
        "The transaction ended in the trigger",
        "The package failed",
        "Task failed",
        "Failed!  - ", // how many of the tests did
        "Échoué!  - ",
        "Fehler!  - ",
    };

    while (is_one_of(char_at(line, 0), "* "))
        line = str_from(line, 1);
    return STARTS_ANY(line, heads) || is_failed_step(line);
}

/* "Microsoft.Data.SqlClient.SqlException" and no more. */
static bool is_exception_alone(Str line)
{
    static const char end[] = "Exception";
    size_t len = sizeof(end) - 1;

    line = str_trim(line);
    return line.len > len && memcmp(line.at + line.len - len, end, len) == 0 &&
           !memchr(line.at, ' ', line.len) && memchr(line.at, '.', line.len);
}

static size_t word_len(Str line)
{
    size_t len = 0;

    while (len < line.len && !is_blank(line.at[len]))
        len++;
    return len;
}

/* The longest of the last lines: the width of the page. */
static size_t page_width(Str entry)
{
    enum { LINES = 4 };
    size_t most = 0, len = 0, count = 0;

    for (size_t at = entry.len; at-- > 0 && count < LINES;) {
        bool is_end = entry.at[at] == '\n';
        most = len > most ? len : most;
        len = is_end ? 0 : len + 1;
        count += is_end;
    }
    return len > most ? len : most;
}

/* Cut at the width of a page: the sentence goes on. Lists have a word in common. */
static bool is_wrapped(Str entry, Str last, Str line)
{
    enum { PAGE_MIN = 40 };
    char c = char_at(line, 0), end = last.len > 0 ? last.at[last.len - 1] : '.';
    bool goes_on = (c >= 'a' && c <= 'z') || is_digit(c) || is_one_of(c, "'\"(.\\/");
    bool is_like =
        word_len(last) == word_len(line) && memcmp(last.at, line.at, word_len(line)) == 0;

    return goes_on && !is_like && (is_letter(end) || is_one_of(end, ",-'")) &&
           page_width(entry) >= PAGE_MIN;
}

/* Its last line, "ValueError: …", is still to come. */
static bool is_in_traceback(Str entry)
{
    static const char start[] = "Traceback (most recent call last)";
    const char *found = memmem(entry.at, entry.len, start, sizeof(start) - 1);
    Str rest = found ? str_from(entry, (size_t)(found - entry.at)) : (Str){0}, line;

    while (found && str_split(&rest, '\n', &line)) {
        size_t word = word_len(line);
        if (word > 1 && line.at[word - 1] == ':' && is_letter(line.at[0]) && word > 6)
            return false;
    }
    return found != NULL;
}

static bool is_rule(Str line)
{
    enum { LEAST = 10 };

    for (size_t i = 0; i < line.len; i++)
        if (line.at[i] != '-' && line.at[i] != '=')
            return false;
    return line.len >= LEAST;
}

/* A question whether to mend it: "does not exist. Continue? (Y/N)". */
static bool asks(Str line)
{
    return memmem(line.at, line.len, "(Y/N)", 5) || STARTS(line, "[Y] Yes");
}

bool follows_not(Str entry)
{
    static const char *const ends[] = {"End Error", "End Warning", "End Info", "End Log"};
    Str said = str_trim(entry);

    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        size_t len = strlen(ends[i]);
        if (said.len > len && memcmp(said.at + said.len - len, ends[i], len) == 0)
            return true;
    }
    return false;
}

/* Titles between rules, or with a rule and a gap below: what they are the title of begins behind
 * them. */
static bool is_title(Str entry)
{
    Str rest = entry, line;
    size_t titles = 0, rules = 0;

    if (!is_rule(str_trim(last_line(str_trim(entry)))))
        return false;
    while (str_split(&rest, '\n', &line)) {
        bool is_empty = str_trim(line).len == 0;
        rules += !is_empty && is_rule(str_trim(line));
        titles += !is_empty && !is_rule(str_trim(line));
    }
    bool has_gap = entry.at[entry.len - 1] == '\n';
    return titles > 0 && rules >= titles && (rules > 1 || has_gap);
}

/* "Install-WindowsFeature : The request": its message is wrapped at the width of the console, up to
 * "At C:\\x.ps1:7 char:10". */
static bool is_in_cmdlet(Str entry)
{
    Str first = first_line(entry);
    size_t verb = word_len(first);
    size_t noun = char_at(first, verb) == '-' ? word_len(str_from(first, verb + 1)) : 0;

    return verb > 1 && noun > 1 && STARTS(str_from(first, verb + 1 + noun), " : ") &&
           !memmem(entry.at, entry.len, "\nAt ", 4);
}

/* Where it was, and the line of the script. */
static bool is_of_powershell(Str line)
{
    return STARTS(line, "+ ") ||
           (STARTS(line, "At ") && memmem(line.at, line.len, " char:", 6) != NULL);
}

/* "Information:" behind a rule: the next part of the same report. */
static bool is_part_title(Str last, Str line)
{
    return is_rule(last) && line.at[line.len - 1] == ':' && !memchr(line.at, ' ', line.len);
}

/* What one run of a tool says between its first sign of trouble and its last line. */
static bool is_in_report(Str entry, Str line)
{
    static const struct {
        const char *opens, *ends_in; // the entry's first line
        const char *until;           // a line that is not of it any more; NULL: none
    } reports[] = {
        {"> Task :", " FAILED", NULL},
        {"FAILURE: Build failed", "", NULL},
        {"", " deployment (Failed)", "Time elapsed"},
        {"", "Updating database (Failed)", "Time elapsed"},
        {"", " deployment plan (Failed)", "Time elapsed"},
    };
    Str first = str_trim(first_line(entry));

    for (size_t i = 0; i < ARRAY_LEN(reports); i++)
        if (str_begins(first, reports[i].opens) && str_ends_in(first, reports[i].ends_in))
            return !reports[i].until || !str_begins(line, reports[i].until);
    return STARTS(first, "[ERROR] Failed to execute goal") && STARTS(line, "[ERROR] ");
}

bool follows(Str entry, Str line)
{
    Str last = str_trim(last_line(entry));

    if (is_in_report(entry, line))
        return true;

    if (follows_as_field(line) || is_in_traceback(entry) || is_rule(str_trim(line)) ||
        is_title(entry))
        return true;
    if (last.len == 0)
        return false;
    return is_part_title(last, line) || is_exception_alone(line) || is_of_powershell(line) ||
           is_in_cmdlet(entry) || sqlmsg_is_head(last) || last.at[last.len - 1] == ':' ||
           is_wrapped(entry, last, line) || is_consequence(line) ||
           str_equal(str_trim(line), str_trim(first_line(entry))) ||
           is_next_column(entry, last, line) || asks(line) ||
           (STARTS(line, "##[error]") && STARTS(last, "##[error]"));
}
