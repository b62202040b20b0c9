/* Whether a text reports a failure, now. */
#include "ssisminer/diagnose/tells.h"

#include "ssisminer/base/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

/* ---- words -------------------------------------------------------------------------------------
 */

enum { WORDS_MAX = 96 };

/* A clause's words, folded by comparison. CamelCase is words, too: MaximumErrorCount. Marks are
 * words of their own. */
typedef struct Clause {
    Str words[WORDS_MAX];
    size_t count;
    char first;      // of its text
    bool is_comment; // or within one
    bool is_code;    // or goes on with some
    bool is_in_line; // its end was not that of a line
} Clause;

static bool is_letter(char c)
{
    char folded = str_fold(c);

    return (folded >= 'a' && folded <= 'z') || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static char char_at(Str text, size_t at)
{
    return at < text.len ? text.at[at] : ' ';
}

/* Apostrophes belong to their word: couldn't. A version is one word: the last 0 of 14.0.0.0 counts
 * nothing. */
static size_t word_end(Str text, size_t at)
{
    size_t end = at + 1;

    if (is_digit(text.at[at])) {
        while (end < text.len && (is_digit(text.at[end]) || is_letter(text.at[end]) ||
                                  (text.at[end] == '.' && is_digit(char_at(text, end + 1)))))
            end++;
        return end;
    }
    while (end < text.len && (is_letter(text.at[end]) || text.at[end] == '\'')) {
        if (is_upper(text.at[end]) && !is_upper(text.at[end - 1]))
            break;
        end++;
    }
    return end;
}

/* What stands between what belongs together and what does not: "error: 0 - No such host". */
static bool is_mark_at(Str text, size_t at)
{
    char c = text.at[at];

    return c == '=' || c == ':' || c == ',' || (c == '-' && char_at(text, at + 1) == ' ');
}

/* "", '', [] and {} of JSON and settings: no value, and not the beginning of a quoted one. */
static bool is_empty_value(Str text, size_t at)
{
    static const char *const pairs[] = {"\"\"", "''", "[]", "{}"};
    char before = at > 0 ? text.at[at - 1] : ' ', after = char_at(text, at + 2);

    if (before != ' ' && before != ':' && before != '=')
        return false;
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        if (char_at(text, at) == pairs[i][0] && char_at(text, at + 1) == pairs[i][1])
            return strchr(" ,;\r\n\t}])", after) != NULL;
    return false;
}

/* A full stop, a semicolon or a line break; not the dot of 1.5 or of a file's name. */
static bool ends_clause(Str text, size_t at)
{
    char c = text.at[at], next = char_at(text, at + 1);

    return c == '\n' || c == ';' || c == '!' || c == '?' ||
           (c == '.' && (next == ' ' || next == '\t' || next == '\r' || next == '\n'));
}

static bool starts_fold(Str text, const char *what)
{
    size_t len = strlen(what);

    return text.len >= len && str_equal_fold((Str){text.at, len}, (Str){what, len});
}

/* Of SQL, C, a shell, a batch file, XML. */
static bool is_comment(Str text)
{
    static const char *const marks[] = {"//", "# ", "/*", "REM ", "<!--"};

    text = str_trim(text);
    if (starts_fold(text, "--") && char_at(text, 2) != '-' && char_at(text, 2) != '>')
        return true;
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (starts_fold(text, marks[i]))
            return true;
    return false;
}

/* The next clause; false when there is none. */
static bool next_clause(Str *rest, Clause *ret_clause)
{
    size_t at = 0;

    if (rest->len == 0)
        return false;
    ret_clause->count = 0;
    ret_clause->first = rest->at[0];
    ret_clause->is_comment =
        is_comment(*rest) || (ret_clause->is_in_line && ret_clause->is_comment);
    while (at < rest->len && !ends_clause(*rest, at)) {
        char c = rest->at[at];
        bool is_mark = is_mark_at(*rest, at);
        size_t end = is_letter(c) || is_digit(c) ? word_end(*rest, at) : at + 1;
        if (is_empty_value(*rest, at) && ret_clause->count < WORDS_MAX) {
            ret_clause->words[ret_clause->count++] = str_of("null");
            at += 2;
            continue;
        }
        if ((end > at + 1 || is_letter(c) || is_digit(c) || is_mark) &&
            ret_clause->count < WORDS_MAX)
            ret_clause->words[ret_clause->count++] = (Str){rest->at + at, end - at};
        at = end;
    }
    ret_clause->is_in_line = at < rest->len && rest->at[at] != '\n';
    at += at < rest->len;
    *rest = (Str){rest->at + at, rest->len - at};
    return true;
}

/* ---- patterns ----------------------------------------------------------------------------------
 */

static size_t trouble_at(const Clause *clause, size_t at);

/* "error*" is any word that begins so; "#" a number, "?" any word. */
static bool is_like(Str word, Str pattern)
{
    size_t len = pattern.len;

    if (len == 1 && pattern.at[0] == '?')
        return true;
    if (len == 1 && pattern.at[0] == '#')
        return is_digit(word.at[0]);
    if (len > 1 && pattern.at[len - 1] == '*')
        return word.len >= len - 1 &&
               str_equal_fold((Str){word.at, len - 1}, (Str){pattern.at, len - 1});
    return str_equal_fold(word, pattern);
}

static bool is_small_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

/* Most phrases are told by their first two letters. */
static bool may_begin(Str word, const char *pattern)
{
    char first = pattern[0];

    if (first == '%' || first == '?' || first == '#')
        return true;
    return str_fold(word.at[0]) == first &&
           (!is_small_letter(pattern[1]) || (word.len > 1 && str_fold(word.at[1]) == pattern[1]));
}

/* The words of the pattern stand at `at`, one behind the other; returns how many, 0 when not. */
static size_t match_at(const Clause *clause, size_t at, const char *pattern)
{
    Str rest, piece;
    size_t count = 0;

    if (!may_begin(clause->words[at], pattern))
        return 0;
    rest = str_of(pattern);
    while (str_split(&rest, ' ', &piece)) {
        size_t here = at + count, len = 1;
        if (here >= clause->count)
            return 0;
        if (piece.len == 1 && piece.at[0] == '%')
            len = trouble_at(clause, here);
        else if (!is_like(clause->words[here], piece))
            return 0;
        if (len == 0)
            return 0;
        count += len;
    }
    return count;
}

static bool has_any(const Clause *clause, const char *const *patterns, size_t count, size_t reach)
{
    size_t last = reach < clause->count ? reach : clause->count;

    for (size_t at = 0; at < last; at++)
        for (size_t i = 0; i < count; i++)
            if (match_at(clause, at, patterns[i]) > 0)
                return true;
    return false;
}

/* ---- trouble -----------------------------------------------------------------------------------
 */

/* clang-format off */
static const char *const troubles[] = {
    "error*", "fail*", "exception*", "fatal*", "abort*", "crash*", "corrupt*", "cannot", "can't", "can not",
    "could not", "couldn't", "unable", "is not able", "denied", "refused", "rejected", "disallowed", "forbidden",
    "unauthorized", "prohibited", "not found", "not enough", "not exist*", "doesn't exist", "don't exist",
    "no such", "is missing", "are missing", "not allowed", "not authorized", "not permitted", "not supported",
    "unsupported", "not valid", "not recognized", "not registered", "not available", "not enabled", "invalid*",
    "illegal", "incorrect", "timeout*", "time out*", "timed out", "expired", "exceed*", "insufficient",
    "out of memory", "too many", "too large",
    "lost", "broken", "forcibly closed", "stopped responding", "unreachable", "unavailable", "inaccessible",
    "terminated", "killed", "violat*", "conflict*", "deadlock*", "unexpected*", "unresolved", "unrecognized",
    "msg #", "ora #", "aadsts #", "overflow*", "truncat*", "mismatch*", "misconfigured*",
    "already exists", "already in use",
    // of other languages
    "fehler*", "fehlgeschlagen", "erreur*", "impossible", "impossibile", "errore", "erro", "falha", "falhou",
};
/* clang-format on */

/* Scripts without blanks between their words. */
static const char *const foreign_troubles[] = {
    "ошибк",
    "сбой",
    "не удалось",
    "не удается",
    "エラー",
    "失敗",
    "できませんでした",
    "错误",
    "失败",
    "无法",
    "錯誤",
    "無法",
    "오류",
    "실패",
    "échec",
    "échou",
    "falló",
    "no se pudo",
    "no se puede",
    "non riuscit",
    "não foi possível",
    "konnte nicht",
    "kann nicht",
};

/* Of each first letter the words of trouble, since most words of a log begin none. */
typedef struct ByLetter {
    const char *at[26][ARRAY_LEN(troubles) + 1];
} ByLetter;

static ByLetter by_letter;
static pthread_once_t is_sorted = PTHREAD_ONCE_INIT;

static void sort_by_letter(void)
{
    size_t counts[26] = {0};

    for (size_t i = 0; i < ARRAY_LEN(troubles); i++) {
        size_t letter = (size_t)(troubles[i][0] - 'a');
        by_letter.at[letter][counts[letter]++] = troubles[i];
    }
}

static size_t trouble_at(const Clause *clause, size_t at)
{
    char first = str_fold(clause->words[at].at[0]);

    if (first < 'a' || first > 'z')
        return 0;
    for (const char *const *trouble = by_letter.at[first - 'a']; *trouble; trouble++) {
        size_t len = match_at(clause, at, *trouble);
        if (len > 0)
            return len;
    }
    return 0;
}

/* ---- what takes it back ------------------------------------------------------------------------
 */

/* "%" is any word of trouble; one that such a phrase covers is none. */
/* clang-format off */
static const char *const harmless[] = {
    // counts, and what did not happen
    "0 %", "0 ? fail*", "0 ? ? fail*", "0 of # fail*", "0 of # ? fail*", "0 ? error*", "zero %", "0 ? ? rejected",
    "0 ? rejected", "no error*", "no fail*", "no exception*", "no timeout*", "no deadlock*", "no conflict*",
    "no invalid*", "no mismatch*",
    "no ? error*", "no ? fail*", "no more %", "no further %", "no such error*", "without %", "without any %",
    "without an %", "without a %", "without ? error*", "never %", "nothing %", "not fail*", "not an error*",
    "not been %", "not exceed*", "not expired", "not corrupt*", "not lost", "not be lost", "not broken",
    "not truncat*", "didn't fail*", "doesn't fail*", "no longer %", "error* free", "free of error*", "error* 0",
    "error* : 0", "error* = 0", "error* s : 0", "error* s = 0", "error* s 0", "error* is 0", "error* ? : 0",
    "error* ? = 0", "error* ? 0", "error* ? is 0", "fail* 0", "fail* : 0", "fail* = 0", "fail* ? : 0",
    "fail* ? = 0", "fail* ? 0", "rejected : 0", "rejected = 0", "conflict* : 0", "exception* : 0", "timeout* : 0",
    "truncat* : 0", "lost : 0", "lost = 0", "% : none", "% = none", "% : null", "% = null", "% code : null",
    "error* ? : null", "error* : ,", "throttling error*", "fail* ? : null", "error* section", "# = error*",
    "# = fail*", "fail* check*", "error* check*", "fail* job alert*", "error* code value", "error* column value",
    "error* code ,", "error* code , error* column , error* description", "% : false",
    "% = false", "terminated normally", "terminated successfully", "msg # , level 0", "msg 0",
    // settings
    "max* error*", "maximum ? error*", "max* ? error*", "fail* package on fail*", "fail* parent on fail*",
    "fail* component",
    "fail* package", "timeout #", "timeout* : #", "timeout* = #", "timeout is #", "timeout of #", "timeout is set",
    "timeout set", "timeout value", "timeout setting*", "timeout in", "timeout s", "timeout s = #",
    "timeout seconds", "timeout property", "timeout to", "timeout ms", "timeout sec", "time out = #",
    "time out : #",
    // names
    "failover*", "fail over", "errorlog*", "error* log", "error* logs", "error* log*", "error* output*",
    "error* column*", "error* file*", "error* table*", "error* row", "error* rows", "error* row disposition",
    "error* disposition", "error* handling", "error* handler*", "error* threshold*", "error* tolerance",
    "error* policy", "error* path", "error* flow*", "error* report*", "error* notification*", "error* redirect*",
    "error* count *", "error* level", "error* list", "truncation row disposition", "exception* handl*",
    // what is to be done about it
    "on %", "on any %", "on an %", "in case of %", "in case of a %", "in case of an %", "upon %", "raise* on %",
    "may %", "might %", "would %", "can fail*", "should fail*", "could fail*", "may be %", "might be %",
    "can be %", "will be rejected", "if %", "to avoid %", "avoid* %", "prevent* %", "to prevent %", "ignor* %",
    "ignor* all %", "handl* %", "suppress* %", "skip* %", "check* for %", "look* for %", "monitor* for %",
    "test* for %", "watch* for %", "scan* for %", "list of %", "see ? %", "see the %", "truncat* table",
    "truncat* staging", "truncat* target", "truncat* destination",
};

/* The clause speaks of failures in general, or of what is to come. */
static const char *const openings[] = {
    "if", "when", "whenever", "unless", "should", "in case", "how to", "how do", "to avoid", "to prevent", "e g",
    "note that", "select",
};
static const char *const general[] = {
    "means that", "is returned when", "is returned if", "is raised when", "is raised if", "is thrown when",
    "occurs when", "occurs if", "refers to", "describes", "explains", "for example", "troubleshoot*",
    "for more information", "see also", "is used to", "is used when", "specifies", "indicates whether",
    "controls whether", "determines whether", "defines", "is thrown if", "fixed a", "fixed an issue",
    "documentation", "this article", "you can", "you may see", "you ll see", "you'll see", "you will see",
    "i can", "i have", "we have", "for any error*", "for each error*", "following example", "even when",
    "even if", "these expected", "default timeout", "will be redirected", "will be written", "are redirected",
    "is redirected", "are written to", "is written to", "is logged to", "are logged to", "will be logged",
    "is enabled", "are enabled", "is configured", "are ignored", "is ignored", "are handled",
};

/* A statement or a line of a program, unless it is the subject of what failed. */
static const char *const code[] = {
    "select", "exec", "execute catalog", "set", "declare", "insert into", "insert", "create table",
    "create procedure", "create view", "alter table", "update",
    "delete from", "print", "raiserror", "return", "throw", "define", "public", "private", "const", "static",
    "var", "let", "using",
    "import", "try", "catch", "then", "case", "and", "or", "with", "order by",
};
static const char *const code_fails[] = {
    "permission", "denied", "fail*", "cannot", "could not", "conflict*", "not allowed", "error :", "was", "is",
    "are", "has", "have", "did", "does",
};

/* It went well in the end: a word of each. */
static const char *const successes[] = {
    "succeed*", "successful*", "recovered", "restored", "resolved", "completed", "passed", "established",
    "reconnected", "ok", "cleared",
};
static const char *const again[] = {
    "after", "retry", "retries", "retried", "attempt*", "again", "reconnect*", "recovered", "restored", "resolved",
    "cleared", "previously", "earlier", "despite",
};
/* Whatever else the clause says. */
static const char *const certain[] = {
    "failed because", "failed with", "job failed", "package failed", "step failed", "msg #",
    "has occurred", "have occurred", "failed to", "error occurred", "exception occurred", "exception was thrown",
    "has failed", "have failed",
};
static const char *const reversals[] = {
    "but", "however", "not", "unsuccessful*", "before", "until", "cannot", "can't", "unable", "could", "couldn't",
};
/* clang-format on */

#define HAS_ANY(clause, patterns) has_any((clause), (patterns), ARRAY_LEN(patterns), WORDS_MAX)

static bool is_code(const Clause *clause)
{
    if (clause->count == 0)
        return false;
    for (size_t i = 1; i < clause->count; i++) // name := value
        if (clause->words[i].at[0] == '=' && clause->words[i].at == clause->words[i - 1].at + 1 &&
            clause->words[i - 1].at[0] == ':')
            return true;
    if (match_at(clause, 0, "where") > 0)
        return true;
    return has_any(clause, code, ARRAY_LEN(code), 1) && !HAS_ANY(clause, code_fails);
}

/* A statement goes on in lines that are indented, or begin with a comma or a parenthesis. */
static bool is_written(Clause *clause)
{
    bool goes_on = clause->is_code && strchr(" \t,()", clause->first) != NULL;

    clause->is_code = !HAS_ANY(clause, certain) && (is_code(clause) || goes_on);
    return clause->is_code || (clause->is_comment && !HAS_ANY(clause, certain));
}

static bool is_spoken_of(const Clause *clause)
{
    if (has_any(clause, openings, ARRAY_LEN(openings), 1))
        return true;
    if (HAS_ANY(clause, certain))
        return false;
    if (HAS_ANY(clause, general))
        return true;
    return HAS_ANY(clause, successes) && HAS_ANY(clause, again) && !HAS_ANY(clause, reversals);
}

/* Marks the words of a harmless phrase that begins at `at`. */
static void mark_harmless(const Clause *clause, size_t at, bool is_covered[WORDS_MAX])
{
    for (size_t i = 0; i < ARRAY_LEN(harmless); i++) {
        size_t len = match_at(clause, at, harmless[i]);
        memset(is_covered + at, true, len * sizeof(*is_covered));
    }
}

static bool has_trouble(const Clause *clause)
{
    for (size_t at = 0; at < clause->count; at++)
        if (trouble_at(clause, at) > 0)
            return true;
    return false;
}

static Tells tells_of_clause(Clause *clause)
{
    bool is_covered[WORDS_MAX] = {false}, has_bare = false;

    if (is_written(clause))
        return TELLS_OTHERWISE;
    if (!has_trouble(clause))
        return TELLS_NOTHING;
    for (size_t at = 0; at < clause->count; at++)
        mark_harmless(clause, at, is_covered);
    for (size_t at = 0; at < clause->count && !has_bare; at++)
        has_bare = !is_covered[at] && trouble_at(clause, at) > 0;
    return has_bare && !is_spoken_of(clause) ? TELLS_FAILURE : TELLS_OTHERWISE;
}

static bool is_ascii(Str text)
{
    unsigned char all = 0;

    for (size_t i = 0; i < text.len; i++)
        all |= (unsigned char)text.at[i];
    return all < 0x80;
}

static bool holds_any(Str text, const char *const *pieces, size_t count)
{
    bool is_plain = is_ascii(text);

    for (size_t i = 0; i < count; i++)
        if ((!is_plain || is_ascii(str_of(pieces[i]))) &&
            memmem(text.at, text.len, pieces[i], strlen(pieces[i])))
            return true;
    return false;
}

/* Texts of manuals: messages with their gaps, examples. */
static bool is_manual(Str text)
{
    static const char *const gaps[] = {
        "%.*ls",
        "%ls",
        "%.*s",
        "Im folgenden Beispiel",
        "L\'exemple suivant",
        "En el ejemplo siguiente",
        "Nell\'esempio seguente",
        "O exemplo a seguir",
        "В следующем примере",
        "次の例",
        "다음 예",
        "以下示例",
        "下列範例",
    };

    return holds_any(text, gaps, ARRAY_LEN(gaps));
}

/* "Status: Succeeded" of an activity or a job, whatever else its record has. */
static bool says_success(Str rest)
{
    static const char *const success[] = {"status : succeed*", "status : success*"};
    bool is_success = false;
    Clause clause = {.count = 0};

    while (next_clause(&rest, &clause)) {
        if (HAS_ANY(&clause, certain))
            return false;
        is_success |= HAS_ANY(&clause, success);
    }
    return is_success;
}

/* Pairs of letters that words of trouble begin with, the foreign ones that are ASCII too. */
static bool is_pair[26][26];

static void note_pair(const char *word)
{
    if (is_small_letter(word[0]) && is_small_letter(word[1]))
        is_pair[word[0] - 'a'][word[1] - 'a'] = true;
}

static void note_pairs(void)
{
    for (size_t i = 0; i < ARRAY_LEN(troubles); i++)
        note_pair(troubles[i]);
    for (size_t i = 0; i < ARRAY_LEN(foreign_troubles); i++)
        note_pair(foreign_troubles[i]);
}

/* Does a word begin as one of them does, or is a letter outside of ASCII there? */
static bool may_fail(Str text)
{
    static pthread_once_t is_noted = PTHREAD_ONCE_INIT;

    (void)pthread_once(&is_noted, note_pairs);
    for (size_t i = 0; i + 1 < text.len; i++) {
        char c = str_fold(text.at[i]), next = str_fold(text.at[i + 1]);
        if ((unsigned char)c >= 0x80)
            return true;
        bool is_start = i == 0 || !is_letter(text.at[i - 1]) || is_upper(text.at[i]);
        if (is_start && is_small_letter(c) && is_small_letter(next) && is_pair[c - 'a'][next - 'a'])
            return true;
    }
    return text.len > 0 && (unsigned char)text.at[text.len - 1] >= 0x80;
}

bool tells_failure(Str text)
{
    Str start = {text.at, text.len < TELLS_REACH ? text.len : TELLS_REACH};

    return may_fail(start) && tells_of(start) == TELLS_FAILURE;
}

Tells tells_of(Str text)
{
    Str rest = {text.at, text.len < TELLS_REACH ? text.len : TELLS_REACH};
    Tells most = TELLS_NOTHING;
    Clause clause = {.count = 0};

    (void)pthread_once(&is_sorted, sort_by_letter);
    if (is_manual(rest) || says_success(rest))
        return TELLS_OTHERWISE;
    if (holds_any(rest, foreign_troubles, ARRAY_LEN(foreign_troubles)))
        most = TELLS_FAILURE;
    while (most != TELLS_FAILURE && next_clause(&rest, &clause)) {
        Tells tells = tells_of_clause(&clause);
        if (tells == TELLS_FAILURE || (tells == TELLS_OTHERWISE && most == TELLS_NOTHING))
            most = tells;
    }
    return most;
}
