/* What a program quotes, and what a manual sets off. */
#include "chars.h"
#include "written.h"

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

/* "OperationalError", not "FireError". */
static bool is_exception_name(Str name)
{
    static const char *const calls[] = {
        "FireError",   "LogError",   "WriteError",   "RaiseError",    "ShowError",
        "PrintError",  "AddError",   "SetError",     "OnError",       "TraceError",
        "ReportError", "ThrowError", "LogException", "WriteException"};

    for (size_t i = 0; i < ARRAY_LEN(calls); i++)
        if (str_ends_in(name, calls[i]))
            return false;
    return str_ends_in(name, "Error") || str_ends_in(name, "Exception");
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
    return str_ends_in(line, "),") && !text_holds(line, "datetime") && !text_holds(line, "UUID(");
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
