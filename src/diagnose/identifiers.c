/* Names that hold a word of trouble, and those that are an answer. */
#include "chars.h"
#include "written.h"

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

/* "ErrorCode: 9002", "SqlErrorNumber=208", and not 0. */
static bool has_number(Str line, size_t start, size_t end)
{
    Str name = {line.at + start, end - start};
    size_t at = end + blanks_at(line, end);

    if ((!str_ends_in(name, "Code") && !str_ends_in(name, "Number")) ||
        !is_one_of(text_char(line, at), ":="))
        return false;
    at += 1 + blanks_at(line, at + 1);
    at += text_char(line, at) == '-';
    return str_begins(from(line, at), "0x") ||
           (text_is_digit(text_char(line, at)) && text_char(line, at) != '0');
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
    if (mark == '=' || mark == ':' || has_number(line, start, end))
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

    bool is_variable = start > 0 && line.at[start - 1] == '@';
    if (is_variable || is_path(token, within) || has_extension(line, end))
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
        text_char(line, at + len) != '_' &&
        !(text_is_digit(text_char(line, at + len)) &&
          text_is_letter(text_char(line, at + len + 1)))) // a longer form of the same word
        return false;
    return !is_answer(line, start, end, end == at + len);
}

static size_t symbol_at(Str line, size_t at)
{
    size_t len = 0, bars = 0;

    while (is_upper(text_char(line, at + len)) || text_is_digit(text_char(line, at + len)) ||
           text_char(line, at + len) == '_') {
        bars += line.at[at + len] == '_';
        len++;
    }
    return bars > 0 && !is_of_name(text_char(line, at + len)) ? len : 0;
}

/* Behind "code", in its languages, stands what a program reports. */
static bool is_behind_code(Str before)
{
    static const char *const words[] = {"ode",    "\xE3\x83\x89", "код", "codice",
                                        "código", "码",           "碼"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_ends_in(before, words[i]))
            return true;
    return false;
}

bool written_names_code(Str line)
{
    enum { SYMBOL = 12, SENTENCE = 40 };

    line = str_trim(line);
    for (size_t at = 1; at < line.len; at++) {
        size_t len = is_of_name(line.at[at - 1]) && (unsigned char)line.at[at - 1] < 0x80
                         ? 0
                         : symbol_at(line, at);
        char after = text_char(line, at + len);
        bool is_amid = is_one_of(line.at[at - 1], " '") || (unsigned char)line.at[at - 1] >= 0x80;
        if (len >= SYMBOL && is_amid && line.len - len >= SENTENCE && !is_one_of(after, ":(,=)") &&
            !is_behind_code((Str){line.at, back_over(line, at, " ")}))
            return true;
        at += len;
    }
    return false;
}
