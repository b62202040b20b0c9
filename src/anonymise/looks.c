/* What is told by its look: each reader takes what begins at `at` and returns where it ends, `at`
 * if it is not there. */
#include "inside.h"

#include <string.h>

static char char_at(Str text, size_t at)
{
    return at < text.len ? text.at[at] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    return is_digit(c) || (str_fold(c) >= 'a' && str_fold(c) <= 'z');
}

static bool is_any_of(Str word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal_fold(word, str_of(list[i])))
            return true;
    return false;
}

/* ---- digits ---------------------------------------------------------------------------------- */

size_t look_guid(Str text, size_t at)
{
    static const size_t groups[] = {8, 4, 4, 4, 12};
    size_t end = at;

    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        if (i > 0 && char_at(text, end++) != '-')
            return at;
        for (size_t digit = 0; digit < groups[i]; digit++)
            if (str_hex_digit(char_at(text, end++)) < 0)
                return at;
    }
    return is_alnum(char_at(text, end)) || char_at(text, end) == '-' ? at : end;
}

/* A number up to 255 as people write it. */
static size_t octet_end(Str text, size_t at)
{
    size_t end = at;
    int value = 0;

    while (is_digit(char_at(text, end)) && end - at < 4)
        value = value * 10 + (text.at[end++] - '0');
    bool has_zero = end - at > 1 && text.at[at] == '0';
    return end - at > 3 || value > 255 || has_zero ? at : end;
}

/* "Version=15.0.0.0", "version 11.0.5.12": no address. */
static bool is_version(Str text, size_t at)
{
    static const char word[] = "version";
    size_t len = sizeof(word) - 1, end = at;

    while (end > 0 && strchr(" =:('\"v", text.at[end - 1]))
        end--;
    return end >= len && str_equal_fold((Str){text.at + end - len, len}, str_of(word));
}

size_t look_quad(Str text, size_t at)
{
    size_t end = at;

    for (int i = 0; i < 4; i++) {
        if (i > 0 && char_at(text, end++) != '.')
            return at;
        size_t part = octet_end(text, end);
        if (part == end)
            return at;
        end = part;
    }
    bool goes_on = is_alnum(char_at(text, end)) || char_at(text, end) == '_' ||
                   (char_at(text, end) == '.' && is_alnum(char_at(text, end + 1)));
    bool is_inside = at > 0 && strchr("._-", text.at[at - 1]);
    return goes_on || is_inside ? at : end;
}

/* 127.0.0.1, 0.0.0.0 and masks say nothing of whose they are; 12.0.0.0 is a version. */
size_t look_ipv4(Str text, size_t at)
{
    size_t end = look_quad(text, at);
    bool is_common = str_begins_at(text, at, "127.") || str_begins_at(text, at, "255.") ||
                     str_begins_at(text, at, "0.0.0.0") ||
                     (end - at > 6 && memcmp(text.at + end - 6, ".0.0.0", 6) == 0);

    return end == at || is_common || is_version(text, at) ? at : end;
}

/* Eight groups, or fewer with "::" among them; six of two digits each are a MAC address. */
size_t look_ipv6(Str text, size_t at)
{
    size_t end = at, groups = 0, digits = 0, most = 0, least = SIZE_MAX, gaps = 0;

    if (at > 0 && strchr("._-/", text.at[at - 1]))
        return at;
    for (;; end++) {
        char c = char_at(text, end);
        if (str_hex_digit(c) >= 0) {
            digits++;
            continue;
        }
        if (digits > 0) {
            groups++;
            most = digits > most ? digits : most;
            least = digits < least ? digits : least;
        }
        digits = 0;
        if (c != ':')
            break;
        gaps += char_at(text, end + 1) == ':';
    }
    while (end > at && text.at[end - 1] == ':')
        end--;
    bool is_whole = (gaps == 0 && (groups == 8 || (groups == 6 && most == 2 && least == 2))) ||
                    (gaps == 1 && groups >= 2 && groups < 8);
    return !is_whole || most > 4 || is_alnum(char_at(text, end)) ? at : end;
}

static size_t digits_end(Str text, size_t at, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!is_digit(char_at(text, at + i)))
            return at;
    return at + count;
}

/* "10:00", "10:00:00.123", with "Z" or "+01:00". */
static size_t clock_end(Str text, size_t at)
{
    size_t end = digits_end(text, at, 2);

    if (end == at)
        return at;
    while (char_at(text, end) == ':' && digits_end(text, end + 1, 2) > end + 1)
        end += 3;
    if (char_at(text, end) == '.')
        for (end++; is_digit(char_at(text, end)); end++)
            ;
    size_t sign = end + (char_at(text, end) == ' ');
    if (char_at(text, end) == 'Z')
        return end + 1;
    if ((char_at(text, sign) == '+' || char_at(text, sign) == '-') &&
        digits_end(text, sign + 1, 2) > sign + 1)
        return clock_end(text, sign + 1);
    return end;
}

size_t look_time(Str text, size_t at)
{
    size_t end = digits_end(text, at, 4);

    if (end == at || char_at(text, end) != '-' || digits_end(text, end + 1, 2) == end + 1 ||
        char_at(text, end + 3) != '-' || digits_end(text, end + 4, 2) == end + 4)
        return at;
    end += 6;
    if ((char_at(text, end) == 'T' || char_at(text, end) == ' ') &&
        clock_end(text, end + 1) > end + 1)
        end = clock_end(text, end + 1);
    return is_alnum(char_at(text, end)) ? at : end;
}

/* ---- names with a meaning in their end ------------------------------------------------------- */

static const char *const endings[] = {
    "dtsx", "ispac", "dtproj",  "dtsconfig", "params", "conmgr", "database", "csv",  "txt",
    "tsv",  "dat",   "xls",     "xlsx",      "xlsm",   "xlsb",   "xml",      "xsd",  "xsl",
    "json", "jsonl", "parquet", "avro",      "orc",    "zip",    "gz",       "7z",   "rar",
    "tar",  "log",   "bak",     "trn",       "mdf",    "ndf",    "ldf",      "sql",  "ps1",
    "psm1", "bat",   "cmd",     "vbs",       "sh",     "config", "ini",      "pdf",  "doc",
    "docx", "ppt",   "pptx",    "accdb",     "mdb",    "dbf",    "rdl",      "pbix", "bim",
    "mdmp", "tmp",   "err",     "out",       "bcp",    "fmt",    "edi",      "htm",  "html",
    "aspx", "asmx",  "svc",     "cer",       "pfx",    "pem",    "key",      "pgp",  "gpg",
    "asc",  "raw",   "eml",     "msg",       "ctl",    "done",   "trg",      "ok",   "cfg",
    "yml",  "yaml",  "pkl",     "py"};
static const char *const programs[] = {"exe", "dll", "com", "sys", "msi"};
static const char *const domains[] = {
    "com",   "net", "org",  "edu",      "gov",      "int",   "mil",  "info",    "biz",
    "local", "lan", "corp", "internal", "intranet", "cloud", "test", "example", "de",
    "ch",    "fr",  "uk",   "nl",       "lu",       "es",    "pt",   "dk",      "se",
    "fi",    "pl",  "cz",   "hu",       "ie",       "eu",    "ca",   "br",      "mx",
    "au",    "nz",  "jp",   "cn",       "kr",       "ru"};

static size_t letters_end(Str text, size_t at)
{
    while (is_alnum(char_at(text, at)))
        at++;
    return at;
}

size_t look_ending(Str text, size_t at)
{
    size_t end = letters_end(text, at + 1);
    Str word = {text.at + at + 1, end - at - 1};

    if (char_at(text, at) != '.' || end == at + 1 || char_at(text, end) == '_' ||
        char_at(text, end) == '-' ||
        (char_at(text, end) == '.' && is_alnum(char_at(text, end + 1))))
        return at;
    return is_any_of(word, endings, ARRAY_LEN(endings)) ||
                   is_any_of(word, programs, ARRAY_LEN(programs)) ||
                   is_any_of(word, domains, ARRAY_LEN(domains))
               ? end
               : at;
}

/* ---- places ---------------------------------------------------------------------------------- */

/* "\n" as JSON writes it, and not the part of a path. */
static bool is_escape(Str text, size_t at)
{
    char next = char_at(text, at + 1), then = char_at(text, at + 2);

    return next == '"' || next == '\'' ||
           (next && strchr("nrt", next) && (then < 'a' || then > 'z') && !is_digit(then) &&
            then != '_');
}

/* What may stand around a path. Where it cannot be an escape, a backslash never ends it. */
static bool ends_token(Str text, size_t at, bool with_escapes)
{
    unsigned char c = (unsigned char)text.at[at];

    if (c >= 0x80)
        return str_begins_at(text, at, "\xC2\xA0") || str_begins_at(text, at, "\xC2\xBB") ||
               str_begins_at(text, at, "\xE2\x80") || str_begins_at(text, at, "\xE3\x80");
    return c <= ' ' || strchr("\"'`<>|,;()[]{}*?", c) ||
           (with_escapes && c == '\\' && is_escape(text, at));
}

static size_t token_end(Str text, size_t at, bool with_escapes)
{
    size_t end = at;
    bool has_parts = false; // of a path or URL: before that "=" stands behind a key

    while (end < text.len && !ends_token(text, end, with_escapes) &&
           (has_parts || text.at[end] != '=')) {
        has_parts |= text.at[end] == '/' || text.at[end] == '\\';
        end++;
    }
    while (end > at && strchr(".:!?", text.at[end - 1]))
        end--;
    return end;
}

static bool has(Str token, const char *what)
{
    for (size_t i = 0; i < token.len; i++)
        if (str_begins_at(token, i, what))
            return true;
    return false;
}

static bool ends_in(Str token, const char *const *list, size_t count, bool with_capitals)
{
    size_t dot = token.len;

    while (dot > 0 && token.at[dot - 1] != '.')
        dot--;
    if (dot < 2 || dot == token.len || !is_alnum(token.at[dot - 2]))
        return false;
    for (size_t i = dot; i < token.len && !with_capitals; i++)
        if (token.at[i] >= 'A' && token.at[i] <= 'Z')
            return false;
    return is_any_of((Str){token.at + dot, token.len - dot}, list, count);
}

/* "contoso.com:8080" without its port. */
static Str without_port(Str token)
{
    size_t len = token.len;

    while (len > 0 && is_digit(token.at[len - 1]))
        len--;
    return len > 0 && len < token.len && token.at[len - 1] == ':' ? (Str){token.at, len - 1}
                                                                  : token;
}

static bool is_mail(Str token)
{
    const char *sign = token.len ? memchr(token.at, '@', token.len) : NULL;

    if (!sign || sign == token.at || !is_alnum(sign[-1]))
        return false;
    Str rest = {sign + 1, token.len - (size_t)(sign + 1 - token.at)};
    return rest.len > 2 && is_alnum(rest.at[0]) && memchr(rest.at, '.', rest.len);
}

/* "CONTOSO\anna", "\Package\Load", "Files\in\a.csv" behind a blank of a path. */
static bool has_parts(Str token)
{
    const char *cut = token.len ? memchr(token.at, '\\', token.len) : NULL;

    if (!cut || cut + 1 == token.at + token.len)
        return false;
    unsigned char next = (unsigned char)cut[1];
    return is_alnum((char)next) || next >= 0x80 || strchr("_$#\\-", next);
}

static bool is_drive(Str token)
{
    return token.len > 2 && str_fold(token.at[0]) >= 'a' && str_fold(token.at[0]) <= 'z' &&
           token.at[1] == ':' && (token.at[2] == '\\' || token.at[2] == '/');
}

/* "/mnt/in/a.csv": two parts at least, so that "and/or" is none. */
static bool is_unix_path(Str token)
{
    const char *next =
        token.len > 3 && token.at[0] == '/' ? memchr(token.at + 1, '/', token.len - 1) : NULL;

    return next && next > token.at + 1 && next + 1 < token.at + token.len;
}

static bool begins_token(Str text, size_t at)
{
    char before = at > 0 ? text.at[at - 1] : ' ';

    return (unsigned char)before <= ' ' || strchr("\"'`<>|,;()[]{}=:", before) ||
           (unsigned char)before >= 0x80;
}

static bool is_place(Str token, bool with_files)
{
    return has(token, "://") || is_mail(token) || is_drive(token) || is_unix_path(token) ||
           has_parts(token) || ends_in(without_port(token), domains, ARRAY_LEN(domains), false) ||
           (with_files && ends_in(token, endings, ARRAY_LEN(endings), true));
}

size_t look_place(Str text, size_t at, bool with_files)
{
    if (!begins_token(text, at))
        return at;
    size_t end = token_end(text, at, true), whole = token_end(text, at, false);

    if (is_drive((Str){text.at + at, whole - at}) || str_begins_at(text, at, "\\\\"))
        end = whole;
    return end > at && is_place((Str){text.at + at, end - at}, with_files) ? end : at;
}
