/* Messages: what in them is the user's. */
#include "inside.h"

#include "letters.h"

#include "ssisminer/base/utf.h"

#include <string.h>

enum { QUOTE_BYTES_MAX = 8000, PROSE_WORDS = 4, DEPTH_MAX = 4, HEAD_BYTES_MAX = 300 };

typedef struct Reading {
    Anonymiser *anonymiser;
    Str text; // whole: the pieces below are offsets in it
    const AnonymisePiece *product;
    size_t product_count;
    AnonymiseReach reach;
    Buf *out;
} Reading;

static void read_prose(Reading *reading, size_t from, size_t end, int depth);

/* ---- what is put ----------------------------------------------------------------------------- */

static bool is_of_product(Reading *reading, size_t from, size_t end)
{
    for (size_t i = 0; i < reading->product_count && reading->product[i].start <= from; i++)
        if (reading->product[i].end >= end)
            return true;
    return false;
}

static void put_as_is(Reading *reading, size_t from, size_t end)
{
    buf_put(reading->out, reading->text.at + from, end - from);
}

static void put_name(Reading *reading, size_t from, size_t end)
{
    if (is_of_product(reading, from, end))
        put_as_is(reading, from, end);
    else
        anonymise_name(reading->anonymiser, (Str){reading->text.at + from, end - from},
                       reading->out);
}

/* Where the next word of the product begins. */
static size_t next_of_product(Reading *reading, size_t from, size_t end)
{
    for (size_t at = from, next; at < end; at = next) {
        next = word_end(reading->text, at);
        if (next > at && is_of_product(reading, at, next))
            return at;
        next = next > at ? next : at + 1;
    }
    return end;
}

/* A place may hold words of both: "https://master01:8391/ClusterManagement/". */
static void put_place(Reading *reading, size_t from, size_t end)
{
    for (size_t at = from; at < end;) {
        size_t kept = next_of_product(reading, at, end);
        size_t behind = kept < end ? word_end(reading->text, kept) : end;
        if (kept > at)
            put_name(reading, at, kept);
        put_as_is(reading, kept, behind);
        at = behind;
    }
}

/* ---- what is quoted -------------------------------------------------------------------------- */

static const struct {
    const char *open, *close;
    bool is_letter_like; // an apostrophe is one too
} quotes[] = {
    {"'", "'", true},
    {"\"", "\"", false},
    {"`", "`", true},
    {"\\\"", "\\\"", false},
    {"&quot;", "&quot;", false},
    {"\xE2\x80\x9C", "\xE2\x80\x9D", false},
    {"\xE2\x80\x9E", "\xE2\x80\x9C", false},
    {"\xE2\x80\x9E", "\xE2\x80\x9D", false},
    {"\xE2\x80\x98", "\xE2\x80\x99", true},
    {"\xE2\x80\x9A", "\xE2\x80\x98", true},
    {"\xC2\xAB", "\xC2\xBB", false},
    {"\xC2\xBB", "\xC2\xAB", false},
    {"\xE3\x80\x8C", "\xE3\x80\x8D", false},
    {"\xE3\x80\x8E", "\xE3\x80\x8F", false},
    {"\xE3\x80\x8A", "\xE3\x80\x8B", false},
    {"\xEF\xBC\x82", "\xEF\xBC\x82", false},
};

static bool is_letter(char c)
{
    return (str_fold(c) >= 'a' && str_fold(c) <= 'z') || (unsigned char)c >= 0x80;
}

/* Where the words in quotes end, if such begin at `from`, behind the quote; SIZE_MAX if none do. */
static size_t quote_end(Str text, size_t from, size_t end, size_t which)
{
    const char *close = quotes[which].close;
    size_t len = strlen(close), most = from + QUOTE_BYTES_MAX < end ? from + QUOTE_BYTES_MAX : end;

    for (size_t at = from; at + len <= most; at++) {
        if (text.at[at] != close[0] || memcmp(text.at + at, close, len) != 0)
            continue;
        bool is_doubled =
            quotes[which].is_letter_like && str_begins_at(text, at + len, close) && len == 1;
        if (is_doubled) {
            at += len;
            continue;
        }
        if (!quotes[which].is_letter_like || at + len >= end ||
            (unsigned char)text.at[at + len] >= 0x80 || !is_letter(text.at[at + len]))
            return at;
    }
    return SIZE_MAX;
}

static bool begins_any(Str text, size_t at, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text.len - at >= strlen(list[i]) &&
            str_equal_fold((Str){text.at + at, strlen(list[i])}, str_of(list[i])))
            return true;
    return false;
}

/* Types, procedures and states of the products. */
static bool is_known_word(Str words)
{
    static const char *const begins[] = {
        "Microsoft.",   "System.",  "DTS_",      "DT_",
        "VS_",          "catalog.", "[catalog]", "internal.",
        "[internal]",   "sys.",     "sp_",       "xp_",
        "dbo.sp_ssis_", "System::", "PK_Ssis",   "INFORMATION_SCHEMA."};
    static const char *const wholes[] = {
        "int",      "bigint",    "smallint",      "tinyint",
        "bit",      "decimal",   "numeric",       "money",
        "float",    "real",      "date",          "time",
        "datetime", "datetime2", "smalldatetime", "datetimeoffset",
        "char",     "varchar",   "nchar",         "nvarchar",
        "text",     "ntext",     "binary",        "varbinary",
        "image",    "xml",       "sql_variant",   "uniqueidentifier",
        "String",   "Int32",     "Int64",         "Boolean",
        "DateTime", "Double",    "Object",        "Basic",
        "Verbose",  "None",      "Performance",   "true",
        "false",    "NULL",      "DBNull"};

    if (begins_any(words, 0, begins, ARRAY_LEN(begins)))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(wholes); i++)
        if (str_equal_fold(words, str_of(wholes[i])))
            return true;
    return false;
}

static bool is_sql(Str words)
{
    static const char *const verbs[] = {"select ",  "insert ", "update ", "delete ",   "exec ",
                                        "execute ", "merge ",  "with ",   "truncate ", "create ",
                                        "alter ",   "drop ",   "declare "};
    Str rest = str_trim(words);

    return begins_any(rest, 0, verbs, ARRAY_LEN(verbs));
}

static bool is_prose(Str words)
{
    size_t blanks = 0, signs = 0;
    bool has_pairs = memchr(words.at, ';', words.len) != NULL;

    for (size_t at = 0; at < words.len; at++) {
        blanks += words.at[at] == ' ';
        signs += (words.at[at] == '=' && has_pairs) || words.at[at] == '\n';
    }
    bool is_sentence = blanks > 0 && strchr(".!:", words.at[words.len - 1]);
    return blanks + 1 >= PROSE_WORDS || signs > 0 || is_sentence;
}

/* "Description: ", "Source: ", "message\": ": what a provider says, and who it is. */
static bool is_announced(Str text, size_t quote)
{
    static const char *const heads[] = {"Description: ",
                                        "Source: ",
                                        "Beschreibung: ",
                                        "Quelle: ",
                                        "Descripci\xC3\xB3n: ",
                                        "Origen: ",
                                        "Descri\xC3\xA7\xC3\xA3o: ",
                                        "Origem: ",
                                        "\"message\": ",
                                        "\"message\":"};

    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        size_t len = strlen(heads[i]);
        if (quote >= len && str_equal_fold((Str){text.at + quote - len, len}, str_of(heads[i])))
            return true;
    }
    return false;
}

/* "\"errorCode\":" of JSON. */
static bool is_key(Str text, size_t end, size_t which)
{
    size_t behind = end + strlen(quotes[which].close);

    return (which == 1 || which == 3) && str_begins_at(text, behind, ":");
}

static void read_sql(Reading *reading, size_t from, size_t end);

static void read_quoted(Reading *reading, size_t quote, size_t from, size_t end, size_t which,
                        int depth)
{
    Str words = {reading->text.at + from, end - from};

    if (words.len == 0 || is_known_word(words) || is_key(reading->text, end, which))
        put_as_is(reading, from, end);
    else if (is_sql(words))
        read_sql(reading, from, end);
    else if (is_prose(words) || is_announced(reading->text, quote))
        read_prose(reading, from, end, depth + 1);
    else
        put_name(reading, from, end);
}

/* Where to go on; `at` when no quote begins there. */
static size_t try_quote(Reading *reading, size_t at, size_t end, int depth)
{
    Str text = reading->text;
    unsigned char first = (unsigned char)text.at[at];

    if (first < 0x80 && !strchr("'\"`\\&", first))
        return at;
    for (size_t i = 0; i < ARRAY_LEN(quotes); i++) {
        size_t len = strlen(quotes[i].open);
        if (end - at < len || !str_begins_at(text, at, quotes[i].open) ||
            (quotes[i].is_letter_like && at > 0 && (unsigned char)text.at[at - 1] < 0x80 &&
             is_letter(text.at[at - 1])))
            continue;
        size_t close = quote_end(text, at + len, end, i);
        if (close == SIZE_MAX)
            continue;
        put_as_is(reading, at, at + len);
        read_quoted(reading, at, at + len, close, i, depth);
        put_as_is(reading, close, close + strlen(quotes[i].close));
        return close + strlen(quotes[i].close);
    }
    return at;
}

/* ---- SQL ------------------------------------------------------------------------------------- */

static bool is_keyword(Str word)
{
    static const char *const keywords[] = {
        "select",    "from",      "where",     "insert",   "into",    "update",   "set",
        "delete",    "exec",      "execute",   "merge",    "using",   "when",     "matched",
        "then",      "not",       "and",       "or",       "in",      "is",       "null",
        "as",        "on",        "join",      "inner",    "left",    "right",    "outer",
        "full",      "cross",     "apply",     "group",    "by",      "order",    "having",
        "top",       "distinct",  "union",     "all",      "case",    "else",     "end",
        "values",    "with",      "nolock",    "create",   "alter",   "drop",     "table",
        "view",      "procedure", "proc",      "function", "index",   "truncate", "declare",
        "begin",     "return",    "if",        "exists",   "like",    "between",  "over",
        "partition", "desc",      "asc",       "cast",     "convert", "isnull",   "coalesce",
        "count",     "sum",       "min",       "max",      "avg",     "getdate",  "dbo",
        "sys",       "catalog",   "internal",  "int",      "bigint",  "bit",      "nvarchar",
        "varchar",   "datetime",  "datetime2", "date",     "decimal"};

    for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
        if (str_equal_fold(word, str_of(keywords[i])))
            return true;
    return false;
}

/* All names and values of a statement; a number alone is one. */
static void read_sql(Reading *reading, size_t from, size_t end)
{
    Str text = {reading->text.at, end};

    for (size_t at = from, next; at < end; at = next) {
        next = word_end(text, at);
        if (next == at)
            put_as_is(reading, at, ++next);
        else if (is_keyword((Str){text.at + at, next - at}))
            put_as_is(reading, at, next);
        else
            put_name(reading, at, next);
    }
}

/* ---- keys and values ------------------------------------------------------------------------- */

/* Of secrets first, then of names. */
static const char *const keys[] = {
    "password",
    "pwd",
    "accountkey",
    "account key",
    "sharedaccesskey",
    "sharedaccesssignature",
    "clientsecret",
    "client secret",
    "secretkey",
    "accesskey",
    "sig",
    "access token",
    "accesstoken",
    "passphrase",
    // names
    "data source",
    "server",
    "addr",
    "address",
    "network address",
    "initial catalog",
    "database",
    "user id",
    "uid",
    "user",
    "username",
    "workstation id",
    "wsid",
    "application name",
    "app",
    "failover partner",
    "failover_partner",
    "attachdbfilename",
    "host",
    "hostname",
    "dsn",
    "service name",
    "sid",
    "accountname",
    "initial file name",
    "client id",
    "tenant",
    "location",
    "extended properties",
};

enum { SECRET_KEYS = 14 };
_Static_assert(ARRAY_LEN(keys) <= 64, "a bit each");

void find_key_starts(uint64_t ret_starts[UINT8_MAX + 1])
{
    memset(ret_starts, 0, (UINT8_MAX + 1) * sizeof(*ret_starts));
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        unsigned char first = (unsigned char)keys[i][0];
        ret_starts[first] |= UINT64_C(1) << i;
        ret_starts[first - 'a' + 'A'] |= UINT64_C(1) << i;
    }
}

/* Behind "Key = "; `at` when it is another word. */
static size_t behind_key(Str text, size_t at, const char *key)
{
    size_t len = strlen(key), end = at + len;

    if (end >= text.len || !str_equal_fold((Str){text.at + at, len}, (Str){key, len}))
        return at;
    while (end < text.len && text.at[end] == ' ')
        end++;
    bool is_value = end < text.len && text.at[end] == '=' && !str_begins_at(text, end, "==");
    return is_value ? end + 1 + str_begins_at(text, end + 1, " ") : at;
}

/* "Key = value": where the value begins, and which key it is; `at` if none stands here. */
static size_t value_begin(const Reading *reading, Str text, size_t at, size_t *ret_which)
{
    uint64_t left = reading->anonymiser->key_starts[(unsigned char)text.at[at]];

    for (size_t which = 0; left; which++, left >>= 1) {
        size_t from = left & 1 ? behind_key(text, at, keys[which]) : at;
        if (from > at) {
            *ret_which = which;
            return from;
        }
    }
    return at;
}

static size_t value_end(Str text, size_t from)
{
    size_t end = from;

    if (end < text.len && strchr("'\"", text.at[end])) {
        const char *close = memchr(text.at + end + 1, text.at[end], text.len - end - 1);
        return close ? (size_t)(close - text.at) + 1 : text.len;
    }
    while (end < text.len && !strchr(";\"'\r\n&<>)", text.at[end]) &&
           !str_begins_at(text, end, "\\\"") && !str_begins_at(text, end, ", "))
        end++;
    return end;
}

static size_t try_key(Reading *reading, size_t at, size_t end)
{
    Str text = {reading->text.at, end};
    size_t which = 0, from = value_begin(reading, text, at, &which);

    if (from == at)
        return at;
    if (which < SECRET_KEYS) {
        put_as_is(reading, at, from);
        return value_end(text, from);
    }
    size_t close = value_end(text, from);
    put_as_is(reading, at, from);
    put_name(reading, from, close);
    return close;
}

/* ---- other signs of a value ------------------------------------------------------------------ */

/* "The duplicate key value is (42, ACME)." */
static size_t try_data(Reading *reading, size_t at, size_t end)
{
    static const char *const heads[] = {"value is ",
                                        ("valeur de cl\xC3\xA9 dupliqu\xC3\xA9"
                                         "e est "),
                                        "key value ",
                                        "Schl\xC3\xBCsselwert ist ",
                                        "value: ",
                                        "Wert: ",
                                        "Truncated value: "};
    Str text = reading->text;

    if (text.at[at] != '(')
        return at;
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        size_t len = strlen(heads[i]);
        const char *close = memchr(text.at + at, ')', end - at);
        if (!close || at < len || !str_equal_fold((Str){text.at + at - len, len}, str_of(heads[i])))
            continue;
        size_t to = (size_t)(close - text.at);
        put_as_is(reading, at, at + 1);
        put_name(reading, at + 1, to);
        return to;
    }
    return at;
}

/* "[stg].[Orders]": names of SQL. What stands in brackets alone is as often the product's. */
static size_t try_brackets(Reading *reading, size_t at, size_t end)
{
    Str text = reading->text;
    size_t to = at, parts = 0;

    while (to < end && text.at[to] == '[') {
        const char *close = memchr(text.at + to, ']', end - to);
        if (!close || (size_t)(close - text.at) - to > 130)
            break;
        to = (size_t)(close - text.at) + 1;
        parts++;
        if (!str_begins_at(text, to, ".["))
            break;
        to++;
    }
    if (parts < 2)
        return at;
    Str names = {text.at + at, to - at};
    if (is_known_word(names))
        put_as_is(reading, at, to);
    else if (str_begins_at(names, 0, "[dbo]."))
        put_as_is(reading, at, at + 6), put_name(reading, at + 6, to);
    else
        put_name(reading, at, to);
    return to;
}

/* "Procedure usp_Load, Line 12", "dbo.Orders": the name behind. */
static size_t try_object(Reading *reading, size_t at, size_t end)
{
    static const char *const heads[] = {"Procedure ", "dbo.", "Prozedur ",
                                        ("Proc\xC3\xA9"
                                         "dure "),
                                        "Procedimiento "};
    Str text = {reading->text.at, end};

    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        size_t from = at + strlen(heads[i]), to = from;
        if (from >= end || !str_begins_at(text, at, heads[i]))
            continue;
        while (to < end && (unsigned char)text.at[to] > ' ' && !strchr("\"'`,;()<>:", text.at[to]))
            to++;
        while (to > from && text.at[to - 1] == '.')
            to--;
        Str name = {text.at + from, to - from};
        bool is_name = i == 1 || memchr(name.at, '_', name.len) || memchr(name.at, '.', name.len);
        if (name.len == 0 || !is_name || is_known_word(name))
            return at;
        put_as_is(reading, at, from);
        put_name(reading, from, to);
        return to;
    }
    return at;
}

/* ---- a text ---------------------------------------------------------------------------------- */

/* "Load Orders:Error: …": who says it stands before. */
static size_t head_end(const Anonymiser *anonymiser, Str text)
{
    static const char *const kinds[] = {":Error:",
                                        ":Warning:",
                                        ":Information:",
                                        ":Start,",
                                        ":Finished,",
                                        ":Validation has started.",
                                        ":Validation is complete.",
                                        ":Query Cancel",
                                        ":Progress:",
                                        ":Task failed",
                                        ":Fehler:",
                                        ":Warnung:"};
    size_t speaker = phrases_at(&anonymiser->speakers, text, 0);
    size_t most = text.len < HEAD_BYTES_MAX ? text.len : HEAD_BYTES_MAX;

    for (size_t at = 1; at < most && text.at[at] != '\n'; at++)
        if (text.at[at] == ':' && begins_any(text, at, kinds, ARRAY_LEN(kinds)))
            return at;
    return speaker > 0 && str_begins_at(text, speaker, ":") ? speaker : 0;
}

/* Where the name, place or address ends that begins at `at`; `at` when there is none. */
static size_t found_end(const Reading *reading, Str text, size_t at, size_t name)
{
    size_t place = look_place(text, at, reading->reach == ANONYMISE_ALL);
    size_t longest = name > place ? name : place;

    if (longest > at)
        return longest;
    size_t look = look_guid(text, at);
    look = look > at ? look : look_ipv6(text, at);
    return look > at ? look : look_ipv4(text, at);
}

/* One that is a quote or a bracket, or stands before something; `at` when it is none. */
static size_t try_all(Reading *reading, size_t at, size_t end, int depth)
{
    size_t next = try_key(reading, at, end);

    if (next > at || reading->reach == ANONYMISE_SURE)
        return next;
    next = depth < DEPTH_MAX ? try_quote(reading, at, end, depth) : at;
    if (next == at)
        next = try_data(reading, at, end);
    if (next == at)
        next = try_brackets(reading, at, end);
    return next > at ? next : try_object(reading, at, end);
}

/* One word, or what begins with it. */
static size_t read_word(Reading *reading, size_t at, size_t end)
{
    Str text = {reading->text.at, end};
    FirstWord word = first_word(text, at);
    size_t kept = phrases_behind(&reading->anonymiser->kept, text, at, word);
    size_t name = phrases_behind(&reading->anonymiser->names, text, at, word);
    size_t found = found_end(reading, text, at, name);

    if (found > at && found > kept) {
        if (found == name)
            put_name(reading, at, found);
        else
            put_place(reading, at, found);
        return found;
    }
    size_t next = kept > at ? kept : word.end > at ? word.end : at + 1;
    put_as_is(reading, at, next);
    return next;
}

static void read_prose(Reading *reading, size_t from, size_t end, int depth)
{
    Str text = {reading->text.at, end};

    for (size_t at = from, next; at < end; at = next) {
        bool is_begin = is_word_begin(text, at);
        next = is_begin || strchr("'\"`(&[", text.at[at]) ? try_all(reading, at, end, depth) : at;
        if (next > at)
            continue;
        if (is_begin || strchr("\\/", text.at[at])) {
            next = read_word(reading, at, end);
            continue;
        }
        next = word_end(text, at);
        next = next > at ? next : at + 1;
        put_as_is(reading, at, next);
    }
}

void anonymise_text(Anonymiser *anonymiser, Str text, const AnonymisePiece *product, size_t count,
                    AnonymiseReach reach, Buf *out)
{
    Reading reading = {.anonymiser = anonymiser,
                       .text = text,
                       .product = product,
                       .product_count = count,
                       .reach = reach,
                       .out = out};
    size_t head = head_end(anonymiser, text);

    if (head > 0)
        put_name(&reading, 0, head);
    read_prose(&reading, head, text.len, 0);
}
