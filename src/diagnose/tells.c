/* Whether a text reports a failure, now. */
#include "ssisminer/diagnose/tells.h"

#include "foreign.h"
#include "voice.h"
#include "words.h"
#include "written.h"

#include "ssisminer/base/err.h"

#include <stdbool.h>
#include <string.h>

#include "phrases.def"

/* A line, and what is known of those before it. */
typedef struct Line {
    Str text;
    bool is_framed; // it has what only a report has
    bool is_comment;
    bool is_code;   // a statement, which goes on in lines that are indented
    bool is_begun;  // its first clause asks, tells, or is a condition
    bool is_spoken; // a sentence of it speaks of failures; of a comment: one of its lines
} Line;

#define STANDS_AT(clause, at, patterns)                                                            \
    clause_match_any((clause), (at), (patterns), ARRAY_LEN(patterns))

/* Is there an odd number of apostrophes before it? */
static bool is_in_literal(Str line, Str word)
{
    bool is_open = false;

    for (const char *at = line.at; at < word.at; at++)
        is_open = is_open != (*at == '\'');
    return is_open;
}

/* The word of a statement is the subject of what failed: "INSERT fails", not a literal in it. */
static bool is_subject(Str line, const Clause *clause)
{
    for (size_t at = 1; at < clause->count; at++)
        if (STANDS_AT(clause, at, code_fails) > 0 && !is_in_literal(line, clause->words[at]) &&
            clause->words[at].at[-1] != '.') // tSQLt.Fail
            return true;
    return false;
}

static bool is_statement(Str line, const Clause *clause)
{
    if (clause->count == 0)
        return false;
    if (clause_match(clause, 0, "where") > 0)
        return true;
    return CLAUSE_OPENS(clause, code) && !is_subject(line, clause);
}

/* A statement goes on in lines that are indented, or begin with a comma or a parenthesis. */
static bool is_code_clause(Line *line, const Clause *clause)
{
    bool goes_on = line->is_code && strchr(" \t,()", line->text.at[0]) != NULL;

    line->is_code = (goes_on || is_statement(line->text, clause)) && !CLAUSE_HAS(clause, certain);
    return line->is_code;
}

/* A word of trouble that is a verb or a whole verdict: what stands before it matters. */
static bool is_verdict(const Clause *clause, size_t at)
{
    return clause_trouble(clause, at) > 0 && !STANDS_AT(clause, at, nouns) &&
           !STANDS_AT(clause, at, plurals);
}

static bool word_ends(Str word, const char *end)
{
    size_t len = strlen(end);

    return word.len > len && str_equal_fold((Str){word.at + word.len - len, len}, str_of(end));
}

/* "Prevents the", "Specify a": a verb and what it is about; not "Reading the file failed". */
static bool orders(const Clause *clause)
{
    static const char *const objects[] = {"the",  "a",     "an",      "all",   "any",  "your",
                                          "this", "these", "whether", "that",  "both", "one",
                                          "if",   "when",  "how",     "which", "what"};
    static const char *const others[] = {
        "in",      "on",      "at",      "for",     "from",  "with",    "while",    "after",
        "before",  "during",  "is",      "was",     "are",   "were",    "not",      "only",
        "all",     "both",    "of",      "by",      "as",    "to",      "under",    "there",
        "because", "since",   "either",  "neither", "maybe", "perhaps", "although", "so",
        "and",     "but",     "or",      "then",    "here",  "that",    "this",     "it",
        "found",   "got",     "lost",    "caught",  "hit",   "saw",     "ran",      "threw",
        "had",     "sent",    "despite", "inside",  "into",  "also",    "now",      "again",
        "when",    "where",   "if",      "i",       "we",    "has",     "have",     "had",
        "does",    "did",     "error*",  "like",    "over",  "without", "within",   "against",
        "between", "through", "until",   "per",     "via",   "than",
    };

    if (clause->count < 3 || STANDS_AT(clause, 1, objects) == 0 || STANDS_AT(clause, 0, others) > 0)
        return false;
    Str verb = clause->words[0];
    if (clause->words[1].at != verb.at + verb.len + 1 || verb.at[verb.len] != ' ')
        return false; // "<Message>The file could not be opened"
    return clause_trouble(clause, 0) == 0 && verb.at[0] >= 'A' && verb.at[0] <= 'Z' &&
           !word_ends(verb, "ing") && !word_ends(verb, "ed") && !word_ends(verb, "ss");
}

/* A verdict stands before it: "cannot be found, even if …". */
static bool is_said_before(const Clause *clause, size_t at)
{
    for (size_t before = 0; before < at; before++)
        if (is_verdict(clause, before) || STANDS_AT(clause, before, certain) > 0)
            return true;
    return false;
}

/* "Setting the type of the column failed": not "Setting the timeout to 0 …". */
static bool is_failed_step(const Clause *clause)
{
    return clause->count > 1 && word_ends(clause->words[0], "ing") &&
           (CLAUSE_HAS(clause, certain) ||
            str_equal_fold(clause->words[clause->count - 1], str_of("failed")));
}

/* "to the failed instance takes place": the rest of a sentence that was cut at the width of a page.
 */
static bool is_rest(const Clause *clause)
{
    static const char *const joints[] = {
        "to",      "of",   "and",     "but",   "or",    "that",   "which",  "than",    "from",
        "for",     "with", "by",      "as",    "into",  "is",     "are",    "was",     "were",
        "be",      "been", "has",     "have",  "it",    "its",    "this",   "these",   "those",
        "their",   "your", "you",     "if",    "when",  "while",  "where",  "because", "since",
        "so",      "then", "there",   "also",  "after", "before", "during", "until",   "about",
        "between", "such", "whether", "whose",
    };
    enum { FEWEST = 4 };

    return clause->count >= FEWEST && clause->words[0].at[0] >= 'a' &&
           clause->words[0].at[0] <= 'z' && STANDS_AT(clause, 0, joints) > 0 &&
           clause->words[1].at[0] != ':' && clause->words[1].at[0] != '=';
}

/* From here on the line speaks of failures. */
static bool opens_talk(const Clause *clause)
{
    if ((CLAUSE_OPENS(clause, openings) && !is_failed_step(clause)) || orders(clause))
        return true;
    size_t at = clause_find(clause, told, ARRAY_LEN(told));
    return at != SIZE_MAX && !is_said_before(clause, at) && !CLAUSE_HAS(clause, lacks);
}

/* Words of people, and no verdict before them. */
static bool is_told_by_people(const Line *line, const Clause *clause)
{
    return !CLAUSE_HAS(clause, certain) && clause_voice(line->text, clause) >= VOICE_TOLD;
}

/* 'Seeing "login failed" is expected': what is quoted is the subject of it. */
static bool is_waved_off(const Clause *clause)
{
    if (!CLAUSE_OPENS(clause, messages))
        return false;
    size_t at = clause_find(clause, waved, ARRAY_LEN(waved));
    if (at == SIZE_MAX || at == 0)
        return false;
    Str before = {clause->places[0], (size_t)(clause->places[at] - clause->places[0])};
    return memchr(before.at, '"', before.len) != NULL;
}

/* "The text of the error has been changed to" */
static bool is_reworded(const Clause *clause)
{
    return CLAUSE_HAS(clause, wordings) && CLAUSE_HAS(clause, reworded);
}

/* "Beim Schreiben können Fehler auftreten" */
static bool is_possible(const Clause *clause)
{
    return CLAUSE_HAS(clause, occurring) && CLAUSE_HAS(clause, possible);
}

static bool is_spoken_of(const Line *line, const Clause *clause)
{
    if (CLAUSE_HAS(clause, certain))
        return false;
    if (is_told_by_people(line, clause) || is_waved_off(clause) || is_reworded(clause) ||
        is_possible(clause))
        return true;
    size_t at = clause_find(clause, general, ARRAY_LEN(general));
    if (at != SIZE_MAX && !is_said_before(clause, at))
        return true;
    return CLAUSE_HAS(clause, successes) && CLAUSE_HAS(clause, again) &&
           !CLAUSE_HAS(clause, reversals);
}

/* Marks the words of a harmless phrase that begins at `at`. */
static void mark_harmless(const Clause *clause, size_t at, bool is_covered[WORDS_MAX])
{
    size_t len = clause_match_longest(clause, at, harmless, ARRAY_LEN(harmless));

    memset(is_covered + at, true, len * sizeof(*is_covered));
}

/* "Errors" that are only named, as "the list of errors": none of them happened. */
static bool is_mention(const Clause *clause, size_t at)
{
    enum { NEAR_START = 3 };
    size_t many = STANDS_AT(clause, at, plurals);
    size_t next = at + (many > 0 ? many : 1);
    bool is_brought = at > 0 && STANDS_AT(clause, at - 1, bringers) > 0;

    if ((many == 0 && STANDS_AT(clause, at, nouns) == 0) || next >= clause->count)
        return false;
    if (many == 0 && at < NEAR_START)
        return false;
    return !is_brought && STANDS_AT(clause, next, happened) == 0;
}

/* "… the following error:", and there it ends: what failed is said elsewhere. */
static bool is_announced(const Clause *clause, size_t at)
{
    static const char *const things[] = {"error message*", "error*", "exception*", "failure*"};
    static const char *const which[] = {"following", "this", "that", "these", "same", "below"};
    size_t len = STANDS_AT(clause, at, things);
    size_t end = at + len;

    end += end < clause->count && clause->words[end].at[0] == ':';
    return len > 0 && at > 0 && end == clause->count && STANDS_AT(clause, at - 1, which) > 0;
}

/* "the failed steps", "a failed login": which ones, not that they did. */
static bool is_which(const Clause *clause, size_t at)
{
    static const char *const failed[] = {"failed", "failing"};
    static const char *const articles[] = {
        "a",     "any",     "each", "every",  "of",     "for",     "these",
        "those", "all",     "most", "some",   "retry",  "retries", "retrying",
        "rerun", "restart", "fix",  "list",   "lists",  "show",    "shows",
        "view",  "see",     "find", "delete", "remove", "send",    "log"};
    static const char *const others[] = {
        "to",    "with",  "because",    "on",     "in",  "at",    "due",  "for",
        "while", "when",  "after",      "during", "and", "but",   "or",   "as",
        "by",    "since", "validation", "is",     "was", "again", ":",    "-",
        ",",     "=",     "from",       "the",    "a",   "an",    "this", "it"};

    return at > 0 && at + 1 < clause->count && STANDS_AT(clause, at, failed) > 0 &&
           STANDS_AT(clause, at - 1, articles) > 0 && STANDS_AT(clause, at + 1, others) == 0;
}

/* "Error 823, 824, 825": which ones are meant. */
static bool is_enumeration(const Clause *clause, size_t at)
{
    enum { COMMA = 2 };

    return at + 1 < clause->count && text_is_digit(clause->words[at + 1].at[0]) &&
           clause_match(clause, at + 1, "# , # , #") > 0 &&
           clause->words[at + COMMA].at[1] == ' ' &&
           (STANDS_AT(clause, at, nouns) > 0 || STANDS_AT(clause, at, plurals) > 0);
}

/* How many words of trouble stand there that are no name, and not only mentioned. */
static size_t trouble_at(const Line *line, const Clause *clause, size_t at)
{
    size_t len = clause_trouble(clause, at);
    Str word = clause->words[at];

    if (len == 0 || line->is_framed)
        return len;
    bool is_name =
        len == 1 &&
        written_is_name(line->text, (size_t)(clause->places[at] - line->text.at), word.len);
    return is_name || is_mention(clause, at) || is_announced(clause, at) || is_which(clause, at) ||
                   is_enumeration(clause, at)
               ? 0
               : len;
}

static bool has_any_trouble(const Clause *clause)
{
    for (size_t at = 0; at < clause->count; at++)
        if (clause_trouble(clause, at) > 0)
            return true;
    return false;
}

static bool has_trouble(const Line *line, const Clause *clause)
{
    for (size_t at = 0; at < clause->count; at++)
        if (trouble_at(line, clause, at) > 0)
            return true;
    return false;
}

/* Where a condition begins: what follows it up to a colon did not happen. */
static bool begins_condition(const Line *line, const Clause *clause, size_t at)
{
    Str before = {line->text.at, (size_t)(clause->places[at] - line->text.at)};
    bool is_aside =
        clause_match(clause, at, "if any") > 0 && text_holds(before, "("); // "page 7 (if any)"

    return !is_aside &&
           (STANDS_AT(clause, at, conditions) > 0 || STANDS_AT(clause, at, within) > 0);
}

/* A word of trouble that nothing takes back. */
static bool has_bare(const Line *line, const Clause *clause, const bool is_covered[WORDS_MAX])
{
    bool is_condition = false;

    for (size_t at = 0; at < clause->count; at++) {
        is_condition = !line->is_framed && clause->words[at].at[0] != ':' &&
                       (is_condition || begins_condition(line, clause, at));
        if (is_condition || is_covered[at] || trouble_at(line, clause, at) == 0)
            continue;
        size_t start = (size_t)(clause->places[at] - line->text.at);
        if ((line->is_framed ||
             (!written_is_quoted(line->text, start) && !written_is_set(line->text, start))))
            return true;
    }
    return false;
}

static bool has_covered(const Clause *clause, const bool is_covered[WORDS_MAX])
{
    for (size_t at = 0; at < clause->count; at++)
        if (is_covered[at] && clause_trouble(clause, at) > 0)
            return true;
    return false;
}

/* What the clause says, whoever says it. */
static Tells tells_of_words(const Line *line, const Clause *clause)
{
    bool is_covered[WORDS_MAX] = {false};

    for (size_t at = 0; at < clause->count; at++)
        mark_harmless(clause, at, is_covered);
    if (has_bare(line, clause, is_covered))
        return TELLS_FAILURE;
    return has_covered(clause, is_covered) || has_trouble(line, clause) ? TELLS_OTHERWISE
                                                                        : TELLS_NOTHING;
}

static Tells tells_of_clause(Line *line, const Clause *clause, bool is_first)
{
    if (!line->is_framed && is_code_clause(line, clause))
        return TELLS_OTHERWISE;
    bool opens = !line->is_framed && ((is_first && is_rest(clause)) || opens_talk(clause) ||
                                      is_told_by_people(line, clause));
    bool is_condition = CLAUSE_OPENS(clause, conditions);
    bool was_spoken = line->is_spoken || opens || is_condition;
    Tells said = has_any_trouble(clause) ? tells_of_words(line, clause) : TELLS_NOTHING;

    line->is_begun = line->is_begun || (is_first && (opens || is_condition));
    line->is_spoken =
        !line->is_framed && (line->is_spoken || opens || (is_condition && said != TELLS_NOTHING));
    if (said == TELLS_NOTHING)
        return opens && is_first ? TELLS_OTHERWISE : TELLS_NOTHING;
    return said == TELLS_FAILURE && !line->is_framed && (was_spoken || is_spoken_of(line, clause))
               ? TELLS_OTHERWISE
               : said;
}

/* Its form says that nobody reports anything. */
static bool is_written(const Line *line)
{
    if (line->is_framed || written_is_manual(line->text))
        return !line->is_framed || written_is_manual(line->text) || written_is_source(line->text);
    return written_is_program(line->text) || written_is_markup(line->text) || line->is_comment;
}

/* What a manual in another language says, and a sentence that names a code. */
static bool is_explained(const Line *line, Tells tells)
{
    if (line->is_framed)
        return tells == TELLS_FAILURE && foreign_is_mended(line->text);
    return tells == TELLS_FAILURE ? foreign_is_talk(line->text) : written_names_code(line->text);
}

static bool tells_in_another_language(const Line *line)
{
    return foreign_tells_trouble(line->text) &&
           (line->is_framed || !(line->is_spoken || line->is_begun));
}

static Tells tells_of_clauses(Line *line)
{
    Clause clause; // what clause_next makes of it
    Str rest = line->text;
    Tells most = TELLS_NOTHING;
    bool is_first = true;

    while (most != TELLS_FAILURE && clause_next(&rest, &clause)) {
        Tells tells = tells_of_clause(line, &clause, is_first);
        is_first = false;
        most = tells != TELLS_NOTHING ? tells : most;
        line->is_spoken = line->is_spoken && (rest.at[-1] != '?' || rest.len == 0);
    }
    return most;
}

/* The words come first: a comment that speaks of failures gives its meaning to the next. */
static Tells tells_of_line(Line *line)
{
    bool was_comment = line->is_comment;

    line->is_begun = false;
    line->is_comment = written_is_comment(line->text) && !written_is_report(line->text);
    line->is_spoken = line->is_spoken && was_comment && line->is_comment;
    if (line->is_spoken)
        return TELLS_OTHERWISE;
    line->is_framed = written_is_framed(line->text);
    Tells tells = tells_of_clauses(line);
    if (tells != TELLS_FAILURE && ((tells == TELLS_NOTHING && written_is_record(line->text)) ||
                                   tells_in_another_language(line)))
        tells = TELLS_FAILURE;
    return tells != TELLS_OTHERWISE && (is_written(line) || is_explained(line, tells))
               ? TELLS_OTHERWISE
               : tells;
}

/* Texts of manuals: messages with their gaps, examples. */
static bool is_manual(Str text)
{
    static const char *const gaps[] = {
        "%.*ls",
        "%ls",
        "%.*s",
        "informational message only",
        // what a server says while it starts, and goes on
        "Buffer pool extension is not supported",
        "Implied authentication will be disabled",
        "lock memory privilege was not granted",
        "Dedicated administrator connection support was not started because it is disabled",
        "Failed to verify the Authenticode signature",
        "Failed to verify Authenticode signature",
        "(Y/N)", // whether to mend it
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

    for (size_t i = 0; i < ARRAY_LEN(gaps); i++)
        if (text_holds(text, gaps[i]))
            return true;
    return false;
}

/* Behind a bullet: "ORA-12541", "SQL30081N", "0xC0202009". */
bool tells_listed(Str line, Str *ret_code)
{
    static const char *const bullets[] = {"* ", "- ", "+ ", "\xE2\x80\xA2 "};
    size_t at = 0, start, digits = 0;

    for (size_t i = 0; i < ARRAY_LEN(bullets) && at == 0; i++)
        at = str_begins(line, bullets[i]) ? strlen(bullets[i]) : 0;
    start = at;
    if (at == 0)
        return false;
    while (text_char(line, at) == '`' || text_char(line, at) == '*')
        start = ++at;
    while (text_is_digit(text_char(line, at)) || text_char(line, at) == '-' ||
           (text_is_letter(text_char(line, at)) && (unsigned char)line.at[at] < 0x80)) {
        digits += text_is_digit(line.at[at]);
        at++;
    }
    *ret_code = (Str){line.at + start, at - start};
    return digits > 2 && text_is_letter(line.at[start + (line.at[start] == '0')]);
}

static bool is_list_of_codes(Str text)
{
    Str line, first = {0}, name;
    size_t others = 0;

    while (str_split(&text, '\n', &line)) {
        if (str_trim(line).len == 0)
            continue;
        if (!tells_listed(str_trim(line), &name))
            return false;
        first = first.at ? first : name;
        others += !str_equal(first, name);
    }
    return others > 0;
}

/* "Status: Succeeded" of an activity or a job, whatever else its record has. */
static bool says_success(Str rest)
{
    static const char *const success[] = {"status : succeed*", "status : success*"};
    bool is_success = false;
    if (!text_holds(rest, "tatus") && !text_holds(rest, "TATUS"))
        return false;
    Clause clause; // what clause_next makes of it

    while (clause_next(&rest, &clause)) {
        if (CLAUSE_HAS(&clause, certain))
            return false;
        is_success |= CLAUSE_HAS(&clause, success);
    }
    return is_success;
}

bool tells_failure(Str text)
{
    Str start = {text.at, text.len < TELLS_REACH ? text.len : TELLS_REACH};

    return text_may_tell_trouble(start) && tells_of(start) == TELLS_FAILURE;
}

Tells tells_of(Str text)
{
    Str rest = {text.at, text.len < TELLS_REACH ? text.len : TELLS_REACH};
    Tells most = TELLS_NOTHING;
    Line line = {.is_framed = false};

    if (is_manual(rest) || says_success(rest) || is_list_of_codes(rest))
        return TELLS_OTHERWISE;
    while (most != TELLS_FAILURE && str_split(&rest, '\n', &line.text)) {
        if (line.text.len == 0)
            continue;
        Tells tells = tells_of_line(&line);
        if (tells == TELLS_FAILURE || (tells == TELLS_OTHERWISE && most == TELLS_NOTHING))
            most = tells;
    }
    return most;
}
