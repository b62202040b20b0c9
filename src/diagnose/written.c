#include "written.h"

#include "words.h"

#include "ssisminer/base/err.h"

#include <string.h>

#define STARTS_ANY(line, pieces) str_begins_any((line), (pieces), ARRAY_LEN(pieces))

static Str from(Str text, size_t at)
{
    return at < text.len ? (Str){text.at + at, text.len - at} : (Str){text.at + text.len, 0};
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c);
}

static bool is_of_name(char c)
{
    return text_is_letter(c) || text_is_digit(c) || c == '_';
}

static size_t digits_at(Str text, size_t at)
{
    size_t count = 0;

    while (text_is_digit(text_char(text, at + count)))
        count++;
    return count;
}

static size_t blanks_at(Str text, size_t at)
{
    size_t count = 0;

    while (at + count < text.len && (text.at[at + count] == ' ' || text.at[at + count] == '\t'))
        count++;
    return count;
}

/* Letters, digits and what stands between the parts of a name. */
static size_t name_at(Str text, size_t at)
{
    size_t count = 0;

    while (is_of_name(text_char(text, at + count)))
        count++;
    return count;
}

/* ---- frames -----------------------------------------------------------------------------------
 */

/* What people put before what they paste. */
static Str without_marks(Str line)
{
    size_t at = 0;

    while (at < line.len && is_one_of(line.at[at], " \t-/#>*`'\"|+"))
        at++;
    return from(line, at);
}

/* "Msg 208, Level 16, State 1" in any language: word, number, comma, thrice. */
static bool is_sql_head(Str text)
{
    enum { NOTE_LEVEL = 10 };
    size_t at = 0, numbers[3] = {0};

    for (size_t i = 0; i < 3; i++) {
        size_t word = at;
        while (text_is_letter(text_char(text, at)) || text_char(text, at) == '.')
            at++;
        at += text_char(text, at) == ':';
        size_t digits = text_char(text, at) == ' ' ? digits_at(text, at + 1) : 0;
        if (at == word || digits == 0)
            return false;
        for (size_t k = 0; k < digits && k < 9; k++)
            numbers[i] = numbers[i] * 10 + (size_t)(text.at[at + 1 + k] - '0');
        at += 1 + digits;
        if (i < 2 && text_char(text, at) != ',')
            return false;
        at += i < 2 ? 2 : 0;
    }
    return numbers[1] > NOTE_LEVEL;
}

/* "[Microsoft][ODBC Driver 18 for SQL Server]", "[IBM][CLI Driver]" */
static bool has_driver(Str line)
{
    const char *between = line.len > 2 ? memmem(line.at + 1, line.len - 2, "][", 2) : NULL;

    return between && text_is_letter(between[2]) &&
           (text_is_letter(between[-1]) || between[-1] == ')');
}

/* "System.IO.IOException: …", "pyodbc.Error: …", "SqlException (0x80131904): …" */
static bool has_exception(Str line)
{
    static const char *const ends[] = {"Exception", "Error"};

    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        size_t len = strlen(ends[i]);
        const char *found = line.len > 0 ? memmem(line.at, line.len, ends[i], len) : NULL;
        size_t at = found ? (size_t)(found - line.at) : 0, after = at + len;
        if (!found || at == 0 || !text_is_letter(line.at[at - 1]) ||
            memchr(line.at, ' ', at) != NULL)
            continue;
        after += blanks_at(line, after);
        if (text_char(line, after) == ':' || str_begins(from(line, after), "(0x"))
            return true;
    }
    return false;
}

/* "ORA-12541: ", "AADSTS50173: ", "SQL1024N  " */
static bool has_number(Str line)
{
    static const char *const heads[] = {
        "ORA-",          "TNS-",         "AADSTS",      "SQLSTATE[",  "Operation on target ",
        "Error Code : ", "Error Code: ", "SQLSTATE = ", "SQLState = "};

    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        size_t len = strlen(heads[i]);
        if (str_begins(line, heads[i]) && (text_is_digit(text_char(line, len)) || len > 8))
            return true;
    }
    size_t digits = str_begins(line, "SQL") ? digits_at(line, 3) : 0;
    return digits >= 4 && is_one_of(text_char(line, 3 + digits), "NC") &&
           text_char(line, 4 + digits) == ' ';
}

static bool has_words(Str line)
{
    static const char *const words[] = {"Error: 0x",
                                        "Error 0x",
                                        "SSIS Error Code DTS_E",
                                        "INSERT fails.",
                                        "Executed as user:",
                                        "'Type=Microsoft.",
                                        "returned DTSER_FAILURE",
                                        "Exception has been thrown",
                                        "An OLE DB record is available",
                                        "The job failed.",
                                        "The step failed.",
                                        " fails (`",
                                        "Exception: ",
                                        ":Error:",
                                        "] Error: ",
                                        "failed with the following error",
                                        "DIAG ["};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        const char *found =
            line.len > 0 ? memmem(line.at, line.len, words[i], strlen(words[i])) : NULL;
        if (found && !written_is_quoted(line, (size_t)(found - line.at)))
            return true;
    }
    const char *code = line.len > 0 ? memmem(line.at, line.len, "ErrorCode=", 10) : NULL;
    return code && text_is_letter(text_char(line, (size_t)(code - line.at) + 10));
}

/* Of the class of warnings: 01000, SQL0347W. */
static bool is_note(Str line)
{
    static const char *const notes[] = {"[01",
                                        "SQLSTATE=01",
                                        "State: 01",
                                        "SQLState = 01",
                                        "Changed database context",
                                        "Changed language setting"};

    for (size_t i = 0; i < ARRAY_LEN(notes); i++)
        if (text_holds(line, notes[i]))
            return true;
    return false;
}

/* "`Msg 208, Level 16` must not be taken for": what is said stands behind the quote. */
static bool is_cited(Str line, Str said)
{
    size_t start = (size_t)(said.at - line.at);
    bool is_quoted = start > 0 && line.at[start - 1] == '`' && said.len > 0;
    const char *close = is_quoted ? memchr(said.at, '`', said.len) : NULL;

    return close &&
           text_is_letter(text_char(str_trim(from(line, (size_t)(close + 1 - line.at))), 0));
}

/* "%1" of a table of messages. */
static bool is_numbered(Str line)
{
    for (size_t at = 0; at + 1 < line.len; at++)
        if (line.at[at] == '%' && text_is_digit(line.at[at + 1]) &&
            (at == 0 || !text_is_digit(line.at[at - 1])) && !text_is_digit(text_char(line, at + 2)))
            return true;
    return false;
}

bool written_is_framed(Str line)
{
    Str said = without_marks(line);

    if (is_note(line) || is_cited(line, said) || is_numbered(line))
        return false;
    return is_sql_head(said) || has_driver(line) || has_exception(said) || has_number(said) ||
           has_words(line);
}

bool written_is_report(Str line)
{
    return text_char(str_trim(line), 0) != '#' && str_begins(without_marks(line), "Error: ");
}

/* ---- comments ---------------------------------------------------------------------------------
 */

bool written_is_comment(Str line)
{
    static const char *const marks[] = {"//", "# ", "/*", "REM ", "rem ",   "<!--", "* @",
                                        "*/", ";;", "' ", "#:",   "\"\"\"", "'''"};

    line = str_trim(line);
    if (text_char(line, 0) == '\'' && text_is_letter(text_char(line, 1)) && // of Visual Basic
        !memchr(line.at + 1, '\'', line.len - 1))
        return true;
    if (str_begins(line, "--") && text_char(line, 2) != '-' && text_char(line, 2) != '>')
        return true;
    return STARTS_ANY(line, marks);
}

/* ---- programs ---------------------------------------------------------------------------------
 */

/* clang-format off */
static const char *const openers[] = {
    "#define ", "#include ", "#pragma ", "#if", "#endif", "if (", "if(", "if [", "if \"", "if '", "if not ",
    "if $", "if !", "if [[", "elif ", "else if", "elseif", "} else", "} catch", "catch (", "catch(", "catch {",
    "try {", "switch (", "while (", "while [", "for (", "foreach (", "foreach(", "public ", "private ",
    "protected ", "internal ", "static ", "const ", "readonly ", "var ", "let ", "using ", "import ", "from ",
    "namespace ", "class ", "interface ", "enum ", "struct ", "function ", "func ", "def ", "sub ", "Sub ",
    "Private ", "Public ", "Dim ", "except ", "except:", "finally", "raise ", "throw ", "return ", "yield ",
    "assert ", "expect(", "async ", "await ", "export ", "lambda ", "it('", "it(\"", "test('", "test(\"",
    "describe(", ".catch(", ".then(", "case ", "IF %", "IF EXISTS", "IF NOT ", "IF @", "IF OBJECT_ID", "IF (",
    "IF ERROR", "BEGIN TRY", "BEGIN CATCH", "END TRY", "END CATCH", "WHEN ", "THEN ", "ELSE ", "CASE ",
    "WHERE ", "AND ", "OR ", "FROM ", "ORDER BY", "GROUP BY", "HAVING ", "VALUES", "UNION", "WITH (",
    "LEFT JOIN", "INNER JOIN", "RIGHT JOIN", "JOIN ", "OUTER APPLY", "CROSS APPLY", "DECLARE @", "PRINT '",
    "PRINT N'", "RAISERROR(", "RAISERROR (", "THROW 5", "ON ERROR", "On Error", "WAITFOR ", "GOTO ", "trap '",
    "echo ", "grep ", "findstr ", "sed ", "awk ", "tail ", "cat ", "curl ", "sudo ", "az ", "git ", "docker ",
    "kubectl ", "dtexec /", "dtutil /", "dtexec.exe /", "sqlcmd -", "Usage: ", "usage: ", "$(", "&& ", "|| ",
    "| where ", "| extend ", "| project ", "| summarize ", "| parse ", "@echo ", "set -", "<?", "<%", "=IIF(",
    "=IF(", "CREATE TABLE", "CREATE PROC ", "- CREATE ", "end --", "END --", "IF !", "RETURN -", "goto ",
    "{ name: ", "- name: ", "logs | ", "alert.", "assert(", "with ", "If ", "ElseIf ",
    "Loop ", "MsgBox ", "Write-Host", "Write-Error", "Write-Warning", "Write-Output", "rule \"",
};
/* After a keyword: then it is a sentence. */
static const char *const sentence_words[] = {
    "failed", "fails", "error", "is ", "was ", "are ", "were ", "of ", "has ", "have ", "to ", "permission",
    "denied", "could ", "cannot ",
};
static const char *const sentence_openers[] = {"If ", "with ", "from ", "case ", "Sub ", "Loop ", "class "};
static const char *const operators[] = {
    "=>", " == ", " != ", " === ", " !== ", "&&", "||", ":=", " -eq ", " -ne ", " -match ", " -like ", " =~ ",
    " <> ", "+=", "??", "$(", "${", "{{", "@{", ".Where(", ".Contains(", ".StartsWith(", "\" + ", " + \"",
    "\" & ", " & \"", "; // ", ".match(", ".test(",
};
/* clang-format on */

/* "if x.Errors(0).StartsWith(" and not "If the package fails": what follows is a name and a mark.
 */
static bool is_sentence(Str line, const char *opener)
{
    Str rest = str_trim(from(line, strlen(opener)));
    size_t name = name_at(rest, 0);

    if (strstr(opener, "--"))
        return false;
    if (STARTS_ANY(rest, sentence_words))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(sentence_openers); i++)
        if (str_same(opener, sentence_openers[i]))
            return name > 0 && !is_one_of(text_char(rest, name), ".([=\"'");
    return false;
}

static bool opens_program(Str line)
{
    for (size_t i = 0; i < ARRAY_LEN(openers); i++)
        if (str_begins(line, openers[i]))
            return !is_sentence(line, openers[i]);
    return false;
}

/* "$x = ", "@x = ", "[x] = ", "@Test(", "x.y = (", "const" and the like are above. */
static bool is_assignment(Str line)
{
    const char *close = text_char(line, 0) == '[' ? memchr(line.at, ']', line.len) : NULL;
    if (close && str_begins(from(line, (size_t)(close + 1 - line.at)), " = "))
        return true;
    bool has_sigil = is_one_of(text_char(line, 0), "$@");
    size_t at = has_sigil ? 1 : 0, name = 0;

    while (is_of_name(text_char(line, at + name)) || text_char(line, at + name) == '.')
        name++;
    if (name == 0)
        return false;
    at += name;
    char mark = text_char(line, at + blanks_at(line, at));
    if (has_sigil)
        return is_one_of(mark, "=(|[") || (mark == '.' && line.at[0] == '$');
    size_t value = at + blanks_at(line, at) + 1;
    value += blanks_at(line, value);
    if (mark != '=' || blanks_at(line, at) == 0)
        return false;
    size_t member = name_at(line, value);
    bool is_member = member > 0 && is_one_of(text_char(line, value + member), ".(");
    return (is_member && memchr(line.at, '.', at)) ||
           is_one_of(text_char(line, value), "\"'[({`$@");
}

/* "Get-Item -Path x | …", not "Get-Item : Cannot find path". */
static bool is_cmdlet(Str line)
{
    size_t verb = name_at(line, 0);
    size_t noun = text_char(line, verb) == '-' ? name_at(line, verb + 1) : 0;
    size_t after = verb + 1 + noun;

    if (verb < 2 || noun < 3 || line.at[0] < 'A' || line.at[0] > 'Z' ||
        text_char(line, verb + 1) < 'A' || text_char(line, verb + 1) > 'Z')
        return false;
    after += blanks_at(line, after);
    return is_one_of(text_char(line, after), "-$\"'{(@");
}

static bool ends_as_program(Str line)
{
    char last = line.len > 0 ? line.at[line.len - 1] : ' ';
    char before = line.len > 1 ? line.at[line.len - 2] : ' ';

    if (last == '{' || last == '\\')
        return before == ' ' || before == ')';
    if (last == ';')
        return is_one_of(before, ")\"'}]`") || memchr(line.at, '(', line.len) ||
               memchr(line.at, '=', line.len);
    return false;
}

/* Outside of quotes: texts quote the expressions of packages. */
static bool has_operator(Str line)
{
    char quote = '\0';

    for (size_t at = 0; at < line.len; at++) {
        char c = line.at[at];
        if (quote == '\0' && c == '"')
            quote = c;
        else if (c == quote)
            quote = '\0';
        if (quote == '\0' && !text_is_letter(c) && STARTS_ANY(from(line, at), operators))
            return at == 0 || (line.at[at - 1] != '-' && line.at[at - 1] != '=');
    }
    return false;
}

static bool is_pattern(Str line)
{
    static const char *const marks[] = {"(?i)", "(?:",  ".*)", "(.*",  ".*?",      "\\d+",
                                        "\\s*", "\\s+", "[^",  "\\w+", "Error: *", ".*$"};

    if (str_begins(line, "^"))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (text_holds(line, marks[i]))
            return true;
    return false;
}

static bool is_hex(Str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!text_is_digit(name.at[i]) &&
            (str_fold(name.at[i]) < 'a' || str_fold(name.at[i]) > 'f'))
            return false;
    return true;
}

/* "{server}", "{0}", "{Package:x}": not a GUID, not JSON. */
static bool is_brace_gap(Str rest)
{
    size_t name = name_at(rest, 1);
    char after = text_char(rest, 1 + name);

    if (name == 1 && !text_is_digit(text_char(rest, 1)))
        return false;
    return name > 0 && name < 30 &&
           (after == '}' ||
            (after == ':' && text_char(rest, 2 + name) != ' ' && memchr(rest.at, '}', rest.len))) &&
           (!is_hex((Str){rest.at + 1, name}) || name < 3) && text_char(rest, 1) != '"';
}

/* "%s", "%1", "%(name)s", "%ERRORLEVEL%" */
static bool is_percent_gap(Str text, size_t at)
{
    char next = text_char(text, at + 1), after = text_char(text, at + 2);
    char before = at > 0 ? text.at[at - 1] : ' ';

    if (text_is_letter(before) || text_is_digit(before))
        return false;
    if (next == '.' || next == '(')
        return text_holds(from(text, at), "s");
    if (is_one_of(next, "sdiuq") || text_is_digit(next))
        return !text_is_letter(after) || after == 's';
    return false;
}

/* "$failedCount", not "Sheet1$" and not 'quoted' as a shell tells of one that is not set. */
static bool is_dollar_gap(Str text, size_t at)
{
    char next = text_char(text, at + 1), before = at > 0 ? text.at[at - 1] : ' ';

    return (is_one_of(next, "{(") || text_is_letter(next)) && is_one_of(before, " \"({=");
}

/* "<Server Name>", of a form to be filled: its length, 0 when it is none. */
static size_t angle_gap(Str line, size_t at)
{
    enum { LONGEST = 32 };
    size_t len = 1;

    if (text_char(line, at + 1) < 'A' || text_char(line, at + 1) > 'Z')
        return 0;
    while (len < LONGEST && (text_is_letter(text_char(line, at + len)) ||
                             is_one_of(text_char(line, at + len), " _")))
        len++;
    return text_char(line, at + len) == '>' ? len + 1 : 0;
}

/* Two make a form, or one that is all of a value: "Message: <Text>". */
static size_t count_gap(Str line, size_t at)
{
    size_t len = angle_gap(line, at);
    bool is_value = at > 1 && line.at[at - 1] == ' ' && line.at[at - 2] == ':' &&
                    str_trim(from(line, at + len)).len == 0;

    return len == 0 ? 0 : is_value ? 2 : 1;
}

/* "Process ID nn": the number that a manual leaves out. */
static bool is_number_gap(Str line, size_t at)
{
    size_t len = name_at(line, at);

    if (len < 2 || len > 4 || (at > 0 && line.at[at - 1] != ' '))
        return false;
    for (size_t i = 0; i < len; i++)
        if (line.at[at + i] != 'n')
            return false;
    return is_one_of(text_char(line, at + len), " ),.:;");
}

static bool has_gap(Str line)
{
    size_t angles = 0;
    bool has_tags = text_holds(line, "</");

    for (size_t at = 0; at < line.len; at++) {
        char c = line.at[at], before = at > 0 ? line.at[at - 1] : ' ';
        if ((c == '{' && !is_one_of(before, "=/,") && is_brace_gap(from(line, at))) ||
            (c == '%' && is_percent_gap(line, at)) || (c == '$' && is_dollar_gap(line, at)))
            return true;
        size_t name = c == '<' && before == '\'' ? name_at(line, at + 1) : 0;
        angles += name > 0 && text_char(line, at + 1 + name) == '>';
        angles += c == '<' && !has_tags && before != '\'' ? count_gap(line, at) : 0;
        if (c == 'n' && is_number_gap(line, at))
            return true;
    }
    return angles > 1;
}

/* "--fail-on x   stop", "4    The utility was unable" */
static bool is_usage(Str line)
{
    size_t digits = digits_at(line, 0), gap = blanks_at(line, digits);
    char after = text_char(line, digits + gap);

    if (digits > 0 && digits < 3 && gap > 2)
        return after >= 'A' && after <= 'Z';
    if (text_char(line, 0) != '-' ||
        !text_is_letter(text_char(line, text_char(line, 1) == '-' ? 2 : 1)))
        return false;
    for (size_t at = 0; at + 1 < line.len && at < 40; at++)
        if (line.at[at] == ' ' && line.at[at + 1] == ' ')
            return true;
    return false;
}

/* "E = error, F = failed", "0: failed, 1: succeeded" */
static bool is_legend(Str line)
{
    size_t keys = 0;

    for (size_t at = 0; at + 3 < line.len; at++) {
        bool is_key = (at == 0 || is_one_of(line.at[at - 1], " (")) && is_of_name(line.at[at]);
        size_t mark = at + 1 + blanks_at(line, at + 1);
        keys += is_key && is_one_of(text_char(line, mark), "=:") &&
                text_char(line, mark + 1) == ' ' && text_is_letter(text_char(line, mark + 2));
    }
    return keys > 1;
}

/* A text, and a comma: one of a list. */
static bool is_string_item(Str line)
{
    char quote = text_char(line, 0);

    return is_one_of(quote, "\"'`") && line.len > 3 && line.at[line.len - 1] == ',' &&
           line.at[line.len - 2] == quote && !text_holds(line, "\":") && !text_holds(line, "':");
}

bool written_is_program(Str line)
{
    Str code = str_trim(line);

    while (code.len > 1 && is_one_of(code.at[0], "})") && is_one_of(code.at[1], " ;"))
        code = str_trim(from(code, 1));
    if (code.len == 0)
        return false;
    return opens_program(code) || is_assignment(code) || is_cmdlet(code) || ends_as_program(code) ||
           has_operator(code) || is_pattern(code) || has_gap(code) || is_usage(code) ||
           is_legend(code) || is_string_item(code);
}

/* ---- what a program quotes --------------------------------------------------------------------
 */

/* An apostrophe within a word is no quote. */
static bool is_quote(Str line, size_t at)
{
    char c = line.at[at], before = at > 0 ? line.at[at - 1] : ' ';

    if (at > 0 && before == '\\')
        return false;
    return c == '"' || c == '`' ||
           (c == '\'' && !(text_is_letter(before) && text_is_letter(text_char(line, at + 1)) &&
                           at > 1 && text_is_letter(line.at[at - 2])));
}

/* The quote that is open at `at`; SIZE_MAX when there is none. */
static size_t open_quote(Str line, size_t at)
{
    size_t open = SIZE_MAX;

    for (size_t i = 0; i < at; i++) {
        if (!is_quote(line, i))
            continue;
        if (open == SIZE_MAX)
            open = i;
        else if (line.at[i] == line.at[open])
            open = SIZE_MAX;
    }
    return open;
}

static size_t back_over(Str line, size_t at, const char *set)
{
    while (at > 0 && is_one_of(line.at[at - 1], set))
        at--;
    return at;
}

/* The parenthesis that is open at `at`; SIZE_MAX when there is none. */
static size_t open_bracket(Str line, size_t at)
{
    size_t depth = 0;

    while (at-- > 0) {
        char c = line.at[at];
        depth += is_one_of(c, ")]}");
        if (is_one_of(c, "([{")) {
            if (depth == 0)
                return at;
            depth--;
        }
    }
    return SIZE_MAX;
}

static bool ends_with(Str text, const char *piece)
{
    size_t len = strlen(piece);

    return text.len >= len && memcmp(text.at + text.len - len, piece, len) == 0;
}

/* "OperationalError", not "FireError". */
static bool is_exception_name(Str name)
{
    static const char *const calls[] = {
        "FireError",   "LogError",   "WriteError",   "RaiseError",    "ShowError",
        "PrintError",  "AddError",   "SetError",     "OnError",       "TraceError",
        "ReportError", "ThrowError", "LogException", "WriteException"};

    for (size_t i = 0; i < ARRAY_LEN(calls); i++)
        if (ends_with(name, calls[i]))
            return false;
    return ends_with(name, "Error") || ends_with(name, "Exception");
}

/* "name(": but of an exception as Python shows it, "pyodbc.Error('08001', …". */
static bool is_call(Str line, size_t bracket)
{
    size_t end = back_over(line, bracket, " "), start = end;

    while (start > 0 && is_of_name(line.at[start - 1]))
        start--;
    Str name = {line.at + start, end - start};
    return name.len > 0 && text_is_letter(name.at[0]) &&
           (!is_exception_name(name) || text_holds((Str){line.at, start}, "new ") ||
            text_holds((Str){line.at, start}, "raise "));
}

/* Before a quote: print "…", -Message "…". */
static bool is_quoting_word(Str line, size_t end)
{
    static const char *const words[] = {"print", "echo",       "raise", "throw",   "return",
                                        "like",  "then",       "else",  "assert",  "contains",
                                        "match", "matches",    "grep",  "pattern", "printf",
                                        "has",   "startswith", "when",  "case"};
    size_t start = end;

    while (start > 0 && is_of_name(line.at[start - 1]))
        start--;
    Str word = {line.at + start, end - start};
    if (start > 1 && line.at[start - 1] == '-' && line.at[start - 2] == ' ')
        return true;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_equal_fold(word, str_of(words[i])))
            return true;
    return false;
}

/* "('0xC0202009', 'text')," of a statement; the rows of an answer have times. */
static bool ends_in_comma(Str line)
{
    line = str_trim(line);
    return ends_with(line, "),") && !text_holds(line, "datetime") && !text_holds(line, "UUID(");
}

static bool is_item(Str line, size_t open)
{
    size_t bracket = open_bracket(line, open);

    if (bracket == SIZE_MAX)
        return false;
    return line.at[bracket] == '(' ? is_call(line, bracket) || (bracket == 0 && ends_in_comma(line))
                                   : line.at[bracket] == '[' || !memchr(line.at, ':', line.len);
}

bool written_is_set(Str line, size_t at)
{
    Str before = {line.at, at};

    for (size_t i = 1; i + 2 < before.len; i++)
        if (memcmp(before.at + i, "**", 2) == 0 && is_of_name(before.at[i - 1]) &&
            is_one_of(before.at[i + 2], " .,"))
            return true;
    return text_holds(before, "<xref") || text_holds(before, "`, ");
}

bool written_is_quoted(Str line, size_t at)
{
    size_t open = open_quote(line, at);

    if (open == SIZE_MAX)
        return false;
    size_t prefix = open; // N'…', f"…"
    while (prefix > 0 && open - prefix < 2 && is_one_of(line.at[prefix - 1], "NfrbuFR@$&"))
        prefix--;
    prefix = prefix > 0 && text_is_letter(line.at[prefix - 1]) ? open : prefix;
    size_t end = back_over(line, prefix, " \t");
    char before = end > 0 ? line.at[end - 1] : '\0';
    char last = line.len > 0 ? line.at[line.len - 1] : ' ';
    if (end == 0) // a list of texts, one a line
        return last == ',' && is_quote(line, line.len - 2);
    if (is_one_of(before, "+&?~|!<>"))
        return true;
    if (before == '=')
        return end < prefix || open_bracket(line, open) != SIZE_MAX ||
               is_one_of(line.at[end > 1 ? end - 2 : 0], "=!+");
    if (is_one_of(before, "([{,"))
        return is_item(line, open);
    if (before == ':')
        return prefix < open;
    return is_of_name(before) && is_quoting_word(line, end);
}

/* ---- markup -----------------------------------------------------------------------------------
 */

/* "| a | b |", "a|b|c" of a manual; results and logs have times. */
static bool is_table_row(Str line)
{
    size_t bars = 0;

    if (text_char(line, 0) == '{')
        return false;
    for (size_t at = 0; at < line.len; at++) {
        bars += line.at[at] == '|' && text_char(line, at + 1) != '|' &&
                (at == 0 || line.at[at - 1] != '|');
        size_t digits = at == 0 || !text_is_digit(line.at[at - 1]) ? digits_at(line, at) : 0;
        if (digits == 4 && is_one_of(text_char(line, at + 4), "-/") && digits_at(line, at + 5) == 2)
            return false;
        if (digits == 2 && text_char(line, at + 2) == ':' && digits_at(line, at + 3) == 2)
            return false;
    }
    return bars > (text_char(line, 0) == '|' ? 2 : 3) ||
           (bars > 2 && (text_char(line, 0) == '|' || line.at[line.len - 1] == '|'));
}

/* "-   Text", "4.  Text", "[a]   Text" as manuals are set. */
static bool is_set_off(Str line)
{
    size_t digits = digits_at(line, 0);
    size_t mark = digits > 0 && digits < 3 && text_char(line, digits) == '.' ? digits + 1
                  : is_one_of(text_char(line, 0), "-*>")                     ? 1
                  : text_char(line, 0) == '[' && text_char(line, 2) == ']'   ? 3
                                                                             : 0;

    return mark > 0 && blanks_at(line, mark) > 1 &&
           text_is_letter(text_char(line, mark + blanks_at(line, mark)));
}

/* Behind "- ", "* ", "1. ", "> ", "> - ". */
static Str without_bullet(Str line)
{
    for (;;) {
        size_t digits = digits_at(line, 0);
        if ((is_one_of(text_char(line, 0), "-*>+") && text_char(line, 1) == ' ') ||
            str_begins(line, "\xE2\x80\xA2")) // a bullet
            line = str_trim(from(line, str_begins(line, "\xE2\x80\xA2") ? 3 : 2));
        else if (digits > 0 && digits < 3 && text_char(line, digits) == '.' &&
                 text_char(line, digits + 1) == ' ')
            line = str_trim(from(line, digits + 2));
        else
            return line;
    }
}

static bool names_error(Str name)
{
    return text_holds(name, "Error") || text_holds(name, "Message") ||
           text_holds(name, "Exception") || text_holds(name, "Task") || text_holds(name, "error") ||
           text_holds(name, "Fail");
}

/* "- **x**: text", "* `x` - text", "- Name: Text": what is described. */
static bool is_described(Str item, bool has_bullet)
{
    static const char *const marks[] = {
        ":",   "-",   "\xE2\x80\x93", "\xE2\x80\x94", "=", "\xE2\x86\x92",
        "on ", "is ", "are ",         "means ",       "("};
    const char *mark = str_begins(item, "**") ? "**" : str_begins(item, "`") ? "`" : NULL;
    size_t len = mark ? strlen(mark) : 0, word = name_at(item, 0);
    const char *end =
        mark && item.len > len ? memmem(item.at + len, item.len - len, mark, len) : NULL;

    if (!end)
        return has_bullet && word > 2 && text_char(item, word) == ':' &&
               text_char(item, word + 1) == ' ' && text_char(item, word + 2) >= 'A' &&
               text_char(item, word + 2) <= 'Z' && !names_error((Str){item.at, word});
    Str name = {item.at + len, (size_t)(end - item.at) - len};
    Str rest = str_trim(from(item, name.len + 2 * len));
    return !(name.len < 24 && names_error(name) && !has_bullet) && STARTS_ANY(rest, marks) &&
           !(str_begins(name, "Error") || str_begins(name, "Message"));
}

/* A text in a list: - "text" */
static bool is_cited_item(Str item, bool has_bullet)
{
    char quote = text_char(item, 0);

    return has_bullet && is_one_of(quote, "\"'") && item.len > 2 && item.at[item.len - 1] == quote;
}

/* "**Execution Timeout**" and no more: a name. */
static bool is_emphasised(Str item)
{
    return str_begins(item, "**") && ends_with(item, "**") && item.len < 40 &&
           !memmem(item.at + 2, item.len - 4, "**", 2) && !memchr(item.at, ':', item.len) &&
           !text_holds(item, "failed") && !text_holds(item, "denied");
}

/* clang-format off */
static const char *const labels[] = {
    "Symptom", "Cause:", "Causes", "Problem:", "Solution", "Resolution", "Workaround", "Question", "Answer",
    "Q:", "A:", "Note", "Tip", "Important", "Example", "Given ", "Expected", "Description:\t", "Alert ",
    "Monitors ", "Remarks", "Background", "Exit codes", "Reference", "Next step", "Meeting", "Symbolic",
};
static const char *const titles[] = {
    "Scenario", "Feature:", "Title:", "title:", "post_title:", "Subject:", "subject:", "excerpt:", "permalink:",
    "url:", "slug:", "summary:", "\"name\":", "\"title\":", "\"displayName\":", "MessageId:", "PRB:", "BUG:",
    "HOWTO:", "INFO:", "FIX:", "Fix:", "fix(", "fix:", "feat", "docs:", "docs(",
    "chore", "refactor", "test:", "perf:", "build:", "ci:", "[BUG]", "[bug]", "[Bug]", "[Feature", "Bug fixes",
    "BREAKING", "Known issue", "Merge pull", "Bump ", "Revert ",
};
/* clang-format on */

static Str without_emphasis(Str item)
{
    while (item.len > 0 && is_one_of(item.at[0], "*_"))
        item = from(item, 1);
    return item;
}

/* "[https://x](https://x)" is made by editors, of what a program said. */
static bool is_made_link(Str line)
{
    return text_holds(line, "[http") && !text_holds(line, "](.") && !text_holds(line, "](/");
}

static bool has_link(Str line)
{
    static const char *const marks[] = {"](http", "](.",  "](/",     "](#",
                                        "[ ] ",   "[x] ", "]: http", "]: /"};

    if (is_made_link(line))
        return false;

    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (text_holds(line, marks[i]))
            return true;
    return false;
}

static bool is_link_alone(Str line)
{
    return str_begins(line, "http") && !memchr(line.at, ' ', line.len) && text_holds(line, "://");
}

static bool is_tag(Str line)
{
    static const char *const tags[] = {
        "<li",     "<td",       "<th",      "<tr",     "<h1",        "<h2",       "<h3",
        "<h4",     "<a ",       "<title",   "<option", "<meta",      "<add ",     "<prop",
        "<data ",  "<DTS:Prop", "<summary", "<param",  "<exception", "<returns",  "<remarks",
        "<string", "<value",    "<label",   "<button", "<input",     "<setting",  "<key",
        "<item",   "<code>",    "<link",    "<script", "<rule",      "<resource", "<trans",
        "<target", "<source",   "<!",       "<span",   "<dt",        "<dd",       "<strong>",
        "<em>",    "<b>",       "<img",     "<form",   "</span",     "<var",      "<const",
        "<entry",  "<field",
    };

    return STARTS_ANY(line, tags);
}

bool written_is_manual(Str line)
{
    Str said = str_trim(line), item = without_bullet(said);

    bool has_bullet = item.at != said.at;
    return is_table_row(said) || is_described(item, has_bullet) ||
           is_cited_item(item, has_bullet) || STARTS_ANY(without_emphasis(item), titles);
}

bool written_is_markup(Str line)
{
    Str said = str_trim(line), item = without_bullet(said);

    return str_begins(said, "![") || is_link_alone(said) || str_begins(said, "## ") ||
           str_begins(said, "###") || has_link(said) || is_tag(said) || is_set_off(said) ||
           is_emphasised(item) || STARTS_ANY(without_emphasis(item), labels);
}

/* ---- names ------------------------------------------------------------------------------------
 */

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* The run of what is no blank around a place. */
static Str token_around(Str line, size_t at, size_t *ret_at)
{
    static const char ends[] = " \t\r\n\"'<>|,;";
    size_t start = at, end = at;

    while (start > 0 && !is_one_of(line.at[start - 1], ends))
        start--;
    while (end < line.len && !is_one_of(line.at[end], ends))
        end++;
    *ret_at = at - start;
    return (Str){line.at + start, end - start};
}

static bool is_path(Str token, size_t at)
{
    Str before = {token.at, at};
    size_t slashes = 0;

    for (size_t i = 0; i < before.len; i++)
        slashes += is_one_of(before.at[i], "/\\");
    return text_holds(before, "://") || text_holds(before, ":\\") || str_begins(before, "\\\\") ||
           str_begins(before, "/") || slashes > 1;
}

/* "errors.txt" */
static bool has_extension(Str line, size_t end)
{
    static const char *const names[] = {".log",  ".txt", ".csv", ".dtsx", ".md",   ".json",
                                        ".xml",  ".sql", ".ps1", ".cs",   ".py",   ".html",
                                        ".xlsx", ".dat", ".zip", ".bak",  ".js",   ".yaml",
                                        ".yml",  ".out", ".cpp", ".java", ".ispac"};
    while (is_of_name(text_char(line, end)) || text_char(line, end) == '-')
        end++;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_begins(from(line, end), names[i]) &&
            !text_is_letter(text_char(line, end + strlen(names[i]))))
            return true;
    return false;
}

/* "CustomSetupScriptFailure": alone, or the value of a code, or what a colon follows. */
static bool is_answer(Str line, size_t start, size_t end, bool ends_in_word)
{
    Str said = str_trim(line);
    size_t before = back_over(line, start, " \t\"'`");
    char mark = before > 0 ? line.at[before - 1] : '\0';
    Str name = {line.at + start, end - start};
    bool is_alone = name.at == said.at && name.len == said.len;

    if (is_alone)
        return is_upper(name.at[0]) && !memchr(name.at, '_', name.len) && !str_begins(name, "On");
    if (mark == '=' || mark == ':')
        return true;
    char after = text_char(line, end), next = text_char(line, end + 1);
    if (start == 0 && is_upper(name.at[0]) && after == ':' && next == ' ')
        return true;
    return ends_in_word &&
           ((after == ':' && (next == ' ' || next == '\'')) || str_begins(from(line, end), " (0x"));
}

bool written_is_name(Str line, size_t at, size_t len)
{
    size_t start = at, end = at + len, within;
    Str token = token_around(line, at, &within);

    if (is_path(token, within) || has_extension(line, end))
        return true;
    while (start > 0 &&
           (is_of_name(line.at[start - 1]) ||
            (line.at[start - 1] == '.' && start > 1 && is_of_name(line.at[start - 2]))))
        start--;
    while (is_of_name(text_char(line, end)) ||
           (text_char(line, end) == '.' && is_of_name(text_char(line, end + 1)) &&
            !is_upper(text_char(line, end + 1))))
        end++;
    if (start == at && end == at + len)
        return false;
    if (end > at + len && start == at && !is_upper(text_char(line, at + len)) &&
        text_char(line, at + len) != '_') // a longer form of the same word
        return false;
    return !is_answer(line, start, end, end == at + len);
}

bool written_is_record(Str line)
{
    Str said = without_marks(line);

    return (is_sql_head(said) || has_driver(line) || has_number(said)) && !is_note(line) &&
           !is_cited(line, said) && !is_numbered(line);
}
