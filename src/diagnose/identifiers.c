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
        text_char(line, at + len) != '_') // a longer form of the same word
        return false;
    return !is_answer(line, start, end, end == at + len);
}
