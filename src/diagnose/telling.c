/* What of a message tells most. */
#include "ssisminer/diagnose/diagnose.h"

#include <string.h>

/* Of a name of .NET: "System.Data.SqlClient.SqlException", "Loader.<Main>d__3.MoveNext". */
static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("_.`+<>$", c));
}

static size_t name_at(Str text, size_t at)
{
    size_t end = at;

    while (end < text.len && is_name(text.at[end]))
        end++;
    return end - at;
}

/* "System.IO.IOException: …" or "SqlException (0x80131904): …". */
static bool is_exception(Str text)
{
    static const char ending[] = "Exception";
    size_t len = name_at(text, 0), size = sizeof(ending) - 1;

    return len >= size && memcmp(text.at + len - size, ending, size) == 0 &&
           (str_begins_at(text, len, ":") || str_begins_at(text, len, " ("));
}

/* .NET writes the exceptions from the outermost to the innermost, "---> " before each inner one. */
static Str innermost(Str text)
{
    static const char arrow[] = "---> ";
    Str found = text;

    for (size_t i = 0; i + sizeof(arrow) < text.len; i++) {
        Str rest = {text.at + i + sizeof(arrow) - 1, text.len - i - sizeof(arrow) + 1};
        if (str_begins_at(text, i, arrow) && is_exception(rest))
            found = rest;
    }
    return found;
}

/* "at Loader.Run(String path)", which no sentence is: a name with a dot, and its parameters. */
static bool is_frame(Str text, size_t at)
{
    static const char word[] = "at ";
    size_t name = at + sizeof(word) - 1, len;

    if (!str_begins_at(text, at, word))
        return false;
    len = name_at(text, name);
    return len > 0 && memchr(text.at + name, '.', len) && str_begins_at(text, name + len, "(");
}

static Str without_stack(Str text)
{
    for (size_t i = 1; i < text.len; i++)
        if (strchr(" \t\r\n", text.at[i - 1]) && is_frame(text, i)) {
            Str before = str_trim((Str){text.at, i});
            return before.len > 0 ? before : text;
        }
    return text;
}

Str diagnosis_telling(Str text)
{
    return without_stack(innermost(text));
}
