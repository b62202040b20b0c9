/* Statements of programs, queries, commands, patterns, texts with gaps. */
#include "chars.h"
#include "written.h"

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
    "\" & ", " & \"", "; //", ", // ", ",  // ", ".match(", ".test(",
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

/* "Data Source=sql01;Initial Catalog=DW;", "initialization=30; handshake=97;" */
static bool has_pairs(Str line)
{
    size_t pairs = 0;

    for (size_t at = 1; at + 1 < line.len; at++)
        pairs += line.at[at] == '=' && is_of_name(line.at[at - 1]) && is_of_name(line.at[at + 1]);
    return pairs > 1;
}

static bool ends_as_program(Str line)
{
    char last = line.len > 0 ? line.at[line.len - 1] : ' ';
    char before = line.len > 1 ? line.at[line.len - 2] : ' ';

    if (last == '{' || last == '\\')
        return before == ' ' || before == ')';
    if (last == ';')
        return is_one_of(before, ")\"'}]`") || memchr(line.at, '(', line.len) ||
               (memchr(line.at, '=', line.len) && !has_pairs(line));
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

    if ((name == 1 && !text_is_digit(text_char(rest, 1))) || str_begins(rest, "{GUID}"))
        return false; // what a person put for the real one
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

/* RESULT="FAIL": a word that a script sets. */
static bool is_shell_value(Str line)
{
    size_t name = name_at(line, 0), value;

    if (name < 2 || text_char(line, name) != '=' || !is_one_of(text_char(line, name + 1), "\"'"))
        return false;
    for (size_t i = 0; i < name; i++)
        if (!is_upper(line.at[i]) && line.at[i] != '_')
            return false;
    value = name_at(line, name + 2);
    return value > 0 && name + 3 + value == line.len;
}

/* One of a list of what quotes and numbers hold, its end. 0: neither begins there. */
static size_t literal_end(Str line, size_t at)
{
    char quote = text_char(line, at);
    size_t digits = digits_at(line, at);

    if (digits > 0)
        return at + digits;
    if (!is_one_of(quote, "\"'"))
        return 0;
    const char *end = at + 1 < line.len ? memchr(line.at + at + 1, quote, line.len - at - 1) : NULL;
    return end ? (size_t)(end + 1 - line.at) : 0;
}

/* ("28000", "Login failed", "login"), of a table in a program; 12154, 00000, "TNS:…" */
static bool is_tuple(Str line)
{
    size_t at = is_one_of(text_char(line, 0), "([{") ? 1 : 0, count = 0, end, quotes = 0;
    bool is_open = at > 0;

    while ((end = literal_end(line, at)) > 0) {
        quotes += !text_is_digit(line.at[at]);
        count++;
        at = end + blanks_at(line, end);
        if (text_char(line, at) != ',')
            break;
        at += 1 + blanks_at(line, at + 1);
    }
    Str rest = str_trim(from(line, at));
    bool closes = rest.len > 1 && is_one_of(rest.at[0], ")]}") && is_one_of(rest.at[1], ",;");
    bool is_row = rest.len == 0 && count == 3 && quotes == 1 && text_is_digit(line.at[0]);
    return count > 1 && quotes > 0 && (closes || is_row || (is_open && rest.len == 0 && count > 2));
}

/* 12291 DTS_MSG_PACKAGEFAILURE Package "" failed: a row of a table of messages, which has two
 * numbers, or a text with gaps. */
static bool is_row_of_codes(Str line)
{
    size_t at = 0, numbers = 0, name = 0;

    while ((name = name_at(line, at + (text_char(line, at) == '-'))) > 0) {
        size_t start = at + (text_char(line, at) == '-');
        if (!text_is_digit(text_char(line, start)))
            break;
        numbers++;
        at = start + name + blanks_at(line, start + name);
    }
    Str symbol = {line.at + at, name};
    if (numbers == 0 || name == 0 || !memchr(symbol.at, '_', name))
        return false;
    for (size_t i = 0; i < name; i++)
        if (!is_upper(symbol.at[i]) && !text_is_digit(symbol.at[i]) && symbol.at[i] != '_')
            return false;
    Str said = from(line, at + name);
    return is_one_of(text_char(said, 0), " \t") && (numbers > 1 || text_holds(said, " \"\" "));
}

/* "3041": "Backup failed (3041)", of a dictionary: its text repeats the key. */
static bool is_keyed_text(Str line)
{
    enum { FEWEST = 3 };
    size_t digits = text_char(line, 0) == '"' ? digits_at(line, 1) : 0, at = digits + 1;
    char again[32];

    if (digits < FEWEST || digits + 4 > sizeof(again) || !str_begins(from(line, at), "\":"))
        return false;
    at += 2 + blanks_at(line, at + 2);
    again[0] = '(';
    memcpy(again + 1, line.at + 1, digits);
    memcpy(again + 1 + digits, ")", 2);
    return text_char(line, at) == '"' && text_holds(from(line, at), again);
}

/* "timeout /t 15 /nobreak >nul": a pause of a batch file, and nothing else. */
static bool is_pause(Str line)
{
    static const char *const words[] = {"/t", "/nobreak", ">", ">nul", "nul"};
    Str rest = line, word;
    bool has_time = false;

    if (!str_split(&rest, ' ', &word) ||
        !(str_equal_fold(word, str_of("timeout")) || str_equal_fold(word, str_of("timeout.exe"))))
        return false;
    while (str_split(&rest, ' ', &word)) {
        bool is_known = word.len == 0 || (has_time && digits_at(word, 0) == word.len);
        for (size_t i = 0; i < ARRAY_LEN(words) && !is_known; i++)
            is_known = str_equal_fold(word, str_of(words[i]));
        if (!is_known)
            return false;
        has_time = has_time || str_equal_fold(word, str_of("/t"));
    }
    return has_time;
}

/* 4060: 'Cannot open database', of a dictionary: keys of JSON have quotes. */
static bool is_numbered_text(Str line)
{
    size_t digits = digits_at(line, 0), at = digits + blanks_at(line, digits);
    bool has_arrow = str_begins(from(line, at), "=>");

    if (digits < 2 || (text_char(line, at) != ':' && !has_arrow))
        return false;
    at += has_arrow ? 2 : 1;
    at += blanks_at(line, at);
    return is_one_of(text_char(line, at), "\"'");
}

/* "ORA-12154  # TNS:could not resolve": a word of a list, and what is said of it. */
static bool is_noted_item(Str line)
{
    size_t word = 0;

    while (word < line.len && !is_one_of(line.at[word], " \t"))
        word++;
    Str rest = from(line, word + blanks_at(line, word));
    if (word > 1 && digits_at(line, 0) == word - 1 && line.at[word - 1] == ',' &&
        str_begins(rest, "--")) // of a list in a statement
        return true;
    return word > 0 && !is_one_of(line.at[0], "#/-") &&
           (str_begins(rest, "# ") || str_begins(rest, "// "));
}

/* What no report begins with, whatever the text in it. */
static const char *const sure_openers[] = {
    "#define ",     "case ",       "if (",     "if(",         "} else",       "else if",
    "elif ",        "elseif",      "} catch",  "catch (",     "throw new ",   "raise ",
    "return ",      "const ",      "public ",  "private ",    "protected ",   "static ",
    "assert",       "expect(",     "print(",   "echo ",       "grep ",        "findstr ",
    "RAISERROR(",   "RAISERROR (", "IF (",     "IF @",        "WHEN ",        "Console.",
    "logger.",      "log.",        "console.", "Write-Host ", "Write-Error ", "insert into ",
    "INSERT INTO ", "INSERT ",     "VALUES (", "values (",    "SELECT ",      "EXEC ",
};

bool written_is_source(Str line)
{
    Str code = str_trim(line);

    for (size_t i = 0; i < ARRAY_LEN(sure_openers); i++)
        if (str_begins(code, sure_openers[i]))
            return !is_sentence(code, sure_openers[i]);
    return is_tuple(code) || is_numbered_text(code) || is_noted_item(code) ||
           is_row_of_codes(code) || is_keyed_text(code);
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
           is_legend(code) || is_string_item(code) || is_shell_value(code) || is_tuple(code) ||
           is_numbered_text(code) || is_noted_item(code) || is_row_of_codes(code) ||
           is_keyed_text(code) || is_pause(code);
}
