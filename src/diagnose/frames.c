/* What only a report has, and what is a comment. */
#include "chars.h"
#include "written.h"

/* What people put before what they paste. */
static Str without_marks(Str line)
{
    size_t at = 0;

    while (at < line.len && is_one_of(line.at[at], " \t-/#>*`'\"|+"))
        at++;
    return from(line, at);
}

/* A comma, narrow, wide, or of enumerations; its length. */
static size_t comma_at(Str text, size_t at)
{
    Str rest = from(text, at);

    if (text_char(rest, 0) == ',')
        return 1;
    return str_begins(rest, "\xEF\xBC\x8C") || str_begins(rest, "\xE3\x80\x81") ? 3 : 0;
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
        at += i == 0 && text_char(text, at) == ' ' && text_char(text, at + 1) == '-'; // an HRESULT
        size_t digits = is_one_of(text_char(text, at), " -") ? digits_at(text, at + 1) : 0;
        if (at == word || digits == 0)
            return false;
        for (size_t k = 0; k < digits && k < 9; k++)
            numbers[i] = numbers[i] * 10 + (size_t)(text.at[at + 1 + k] - '0');
        at += 1 + digits;
        size_t comma = comma_at(text, at);
        if (i < 2 && comma == 0)
            return false;
        at += i < 2 ? comma + blanks_at(text, at + comma) : 0;
    }
    return numbers[1] > NOTE_LEVEL;
}

/* Behind the tags of a page: "<span class="error">Msg 208, Level 16, State 1". */
static Str without_tags(Str line)
{
    static const char *const tags[] = {"<span", "<p>",     "<p ",  "<pre",  "<code",
                                       "<font", "<div",    "<b>",  "<em>",  "<i>",
                                       "<br",   "<strong", "</br", "<samp", "&gt;"};

    while (STARTS_ANY(line, tags)) {
        const char *end = memchr(line.at, line.at[0] == '&' ? ';' : '>', line.len);
        if (!end)
            break;
        line = without_marks(from(line, (size_t)(end + 1 - line.at)));
    }
    return line;
}

/* At the beginning, behind tags, or behind what announces it: "it gives: Msg 208, Level 16". */
static bool has_sql_head(Str said)
{
    Str rest = said;

    if (is_sql_head(without_tags(said)))
        return true;
    for (;;) {
        const char *colon = rest.len > 2 ? memmem(rest.at, rest.len, ": ", 2) : NULL;
        if (!colon)
            return false;
        rest = from(rest, (size_t)(colon + 2 - rest.at));
        if (is_sql_head(rest))
            return true;
    }
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

/* "message": "Operation on target …": what JSON has under a key. */
static Str value_of(Str said)
{
    static const char between[] = "\": \"";
    size_t name = name_at(said, 0);

    return name > 0 && str_begins(from(said, name), between)
               ? from(said, name + sizeof(between) - 1)
               : said;
}

/* "error MSB4067: …", "error CS0246: …" */
static bool has_compiler_error(Str line)
{
    static const char word[] = "error ";
    Str rest = line;

    for (;;) {
        const char *found = rest.len > 0 ? memmem(rest.at, rest.len, word, sizeof(word) - 1) : NULL;
        if (!found)
            return false;
        rest = from(rest, (size_t)(found - rest.at) + sizeof(word) - 1);
        size_t letters = 0;
        while (is_upper(text_char(rest, letters)))
            letters++;
        size_t digits = digits_at(rest, letters);
        if (letters > 1 && digits > 2 && text_char(rest, letters + digits) == ':')
            return true;
    }
}

/* What an installer ends with; none of these numbers is a failure. */
static bool has_exit(Str line)
{
    static const char *const heads[] = {"MainEngineThread is returning ",
                                        "Installation success or error status: "};
    static const char *const fine[] = {"0", "3010", "1641"};

    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        const char *found =
            line.len > 0 ? memmem(line.at, line.len, heads[i], strlen(heads[i])) : NULL;
        Str number = found ? from(line, (size_t)(found - line.at) + strlen(heads[i])) : (Str){0};
        number.len = found ? digits_at(number, 0) : 0;
        bool is_fine = number.len == 0;
        for (size_t k = 0; k < ARRAY_LEN(fine); k++)
            is_fine = is_fine || str_equal(number, str_of(fine[k]));
        if (!is_fine)
            return true;
    }
    return false;
}

/* "At line:8 char:7": where PowerShell says it was. */
static bool has_position(Str line)
{
    static const char *const words[][2] = {
        {"At line:", " char:"}, {"In Zeile:", " Zeichen:"}, {"En línea: ", " Carácter: "}};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t len = strlen(words[i][0]);
        const char *found = line.len > 0 ? memmem(line.at, line.len, words[i][0], len) : NULL;
        size_t at = found ? (size_t)(found - line.at) + len : 0, digits = digits_at(line, at);
        if (found && digits > 0 && str_begins(from(line, at + digits), words[i][1]))
            return true;
    }
    return false;
}

static bool has_words(Str line)
{
    static const char *const words[] = {"Error: 0x",
                                        "Error 0x",
                                        "SSIS Error Code DTS_E",
                                        "INSERT fails.",
                                        "Executed as user:",
                                        "Ausgeführt als Benutzer",
                                        "Exécuté en tant qu'utilisateur",
                                        "Ejecutado como usuario",
                                        "Eseguito come utente",
                                        "Executado como usuário",
                                        "Выполняется от имени",
                                        "'Type=Microsoft.",
                                        "returned DTSER_FAILURE",
                                        "Exception has been thrown",
                                        "An OLE DB record is available",
                                        "The job failed.",
                                        "The step failed.",
                                        " fails (`",
                                        "Exception: ",
                                        "Exception Message: ",
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

/* "2026-06-28T07:15:00Z  ERROR  SqlException …": a time, and within what follows it a level. */
static bool has_stamped_level(Str line)
{
    static const char *const levels[] = {"ERROR", "FATAL", "SEVERE", "CRITICAL"};
    enum { REACH = 48 };
    size_t start = is_one_of(text_char(line, 0), "[(") ? 1 : 0;

    if (digits_at(line, start) != 4 || !is_one_of(text_char(line, start + 4), "-/") ||
        digits_at(line, start + 5) != 2)
        return false;
    for (size_t at = start + 10; at < start + REACH && at < line.len; at++)
        for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
            size_t end = at + strlen(levels[i]);
            if (str_begins(from(line, at), levels[i]) && is_one_of(line.at[at - 1], " [(|\t-") &&
                is_one_of(text_char(line, end), " ])|\t:") && text_char(line, end + 1) != '0')
                return true;
        }
    return false;
}

bool written_is_framed(Str line)
{
    Str said = without_marks(line);

    if (is_note(line) || is_cited(line, said) || is_numbered(line))
        return false;
    return has_sql_head(said) || has_driver(line) || has_exception(said) ||
           has_number(value_of(said)) || has_words(line) || has_compiler_error(line) ||
           has_stamped_level(line) || has_position(line);
}

bool written_is_report(Str line)
{
    return text_char(str_trim(line), 0) != '#' && str_begins(without_marks(line), "Error: ");
}

bool written_is_record(Str line)
{
    Str said = without_marks(line);

    return (has_sql_head(said) || has_driver(line) || has_number(said) || has_exit(line) ||
            has_stamped_level(line)) &&
           !is_note(line) && !is_cited(line, said) && !is_numbered(line);
}

bool written_is_comment(Str line)
{
    static const char *const marks[] = {"//", "# ", "/*", "REM ", "rem ",   "<!--", "* @",
                                        "*/", ";;", "' ", "#:",   "\"\"\"", "'''"};

    if (str_begins(line, " * ") && text_is_letter(text_char(line, 3))) // within one of C
        return true;
    line = str_trim(line);
    if (text_char(line, 0) == '\'' && text_is_letter(text_char(line, 1)) && // of Visual Basic
        !memchr(line.at + 1, '\'', line.len - 1))
        return true;
    if (str_begins(line, "--") && text_char(line, 2) != '-' && text_char(line, 2) != '>')
        return true;
    return STARTS_ANY(line, marks);
}
