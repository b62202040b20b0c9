/* Whether a text reports a failure, now. */
#include "ssisminer/diagnose/tells.h"

#include "voice.h"
#include "words.h"
#include "written.h"

#include "ssisminer/base/err.h"

#include <stdbool.h>
#include <string.h>

/* ---- what takes it back ------------------------------------------------------------------------
 */

/* "%" is any word of trouble; one that such a phrase covers is none. */
/* clang-format off */
static const char *const harmless[] = {
    // counts, and what did not happen
    "on error : %", "on fail* : %", "on ? error*", "on ? failure*", "% = 0", "% : 0", "fail* ? : none",
    "none ? %", "none ? ? %", "or fail*", "or error message*", "or an error message*", "success* , fail*",
    "succeed* , fail*", "fail* , success*", "fail* , succeed*", "cannot be used with",
    "cannot be used together", "cannot be combined", "region %", "endregion %", "denied error*", "zero = %",
    "zero : %", "zero means %", "0 %", "0 ? fail*", "0 ? ? fail*", "0 of # fail*", "0 of # ? fail*",
    "0 ? error*", "zero %", "0 ? ? rejected", "0 ? rejected", "no error*", "no fail*", "no exception*",
    "no timeout*", "no deadlock*", "no conflict*", "no invalid*", "no mismatch*", "no ? error*", "no ? fail*",
    "no more %", "no further %", "no such error*", "without %", "without any %", "without an %", "without a %",
    "without ? error*", "never %", "nothing %", "not fail*", "not an error*", "not been %", "not exceed*",
    "not expired", "not corrupt*", "not lost", "not be lost", "not broken", "not truncat*", "didn't fail*",
    "doesn't fail*", "no longer %", "error* free", "free of error*", "error* 0", "error* : 0", "error* = 0",
    "error* s : 0", "error* s = 0", "error* s 0", "error* is 0", "error* ? : 0", "error* ? = 0", "error* ? 0",
    "error* ? is 0", "fail* 0", "fail* : 0", "fail* = 0", "fail* ? : 0", "fail* ? = 0", "fail* ? 0",
    "rejected : 0", "rejected = 0", "conflict* : 0", "exception* : 0", "timeout* : 0", "truncat* : 0",
    "lost : 0", "lost = 0", "% : none", "% = none", "% : null", "% = null", "% code : null", "error* ? : null",
    "error* : ,", "throttling error*", "success and fail*", "success or fail*", "fail* or success",
    "fail* and success", "error* and event*", "fail* ? : null", "error* section", "# = error*", "# = fail*",
    "fail* check*", "error* check*", "fail* job alert*", "error* code value", "error* column value",
    "error* code ,", "error* code , error* column , error* description", "% : false", "% = false",
    "terminated normally", "terminated successfully", "msg # , level 0", "msg 0",
    // settings
    "max* error*", "maximum ? error*", "max* ? error*", "fail* package on fail*", "fail* parent on fail*",
    "fail* component", "fail* package", "timeout #", "timeout* : #", "timeout* = #", "timeout is #",
    "timeout of #", "timeout is set", "timeout set", "timeout value", "timeout setting*", "timeout in",
    "timeout s", "timeout s = #", "timeout seconds", "timeout property", "timeout to", "timeout ms",
    "timeout sec", "time out = #", "time out : #",
    // names
    "failover*", "fail over", "errorlog*", "error* log", "error* logs", "error* log*", "error* output*",
    "error* column*", "error* file*", "error* table*", "error* row", "error* rows", "error* row disposition",
    "error* disposition", "error* handling", "error* handler*", "error* threshold*", "error* tolerance",
    "error* policy", "error* path", "error* flow*", "error* report*", "error* notification*",
    "error* redirect*", "error* count *", "error* level", "error* list", "truncation row disposition",
    "exception* handl*",
    // what is to be done about it
    "on %", "on any %", "on an %", "in case of %", "in case of a %", "in case of an %", "upon %", "raise* on %",
    "may %", "might %", "would %", "can fail*", "should fail*", "could fail*", "may be %", "might be %",
    "can be %", "will be rejected", "if %", "to avoid %", "avoid* %", "prevent* %", "to prevent %", "ignor* %",
    "ignor* all %", "handl* %", "suppress* %", "skip* %", "check* for %", "look* for %", "monitor* for %",
    "test* for %", "watch* for %", "scan* for %", "list of %", "see ? %", "see the %", "truncat* table",
    "truncat* staging", "truncat* target", "truncat* destination",
};

/* A clause that begins so is a condition. */
static const char *const conditions[] = {
    "if", "when", "whenever", "unless", "should", "in case", "once a",
};
/* Within one, too. */
static const char *const within[] = {
    "until", "before the", "before a", "before any", "so that", "that can't", "who can't", "who cannot",
    "they can't", "they cannot", "will", "would cause", "would result", "would give", "should", "you can't",
    "i can't", "we can't", "i couldn't", "we couldn't", "it can't", "people can't",
};
/* A clause that begins so speaks of failures in general, of what is to come, or asks. */
static const char *const openings[] = {
    "how", "why", "what does", "what is", "what are", "what to", "which", "is there", "are there", "does",
    "do you", "do i", "can i", "can you", "could this", "could it", "could you", "has anyone", "have you",
    "anyone", "is it possible", "would it", "any idea*", "e g", "optionally", "view the", "view a", "view all",
    "specify", "click", "select the", "select a", "type the", "enter the", "many", "operators", "under some",
    "in accordance", "for errors", "for transient", "during the execution", "although", "because of the way",
    "interoperable", "after you", "before you", "without this", "required", "requires", "perfect for",
    "only one", "connection attributes", "note", "notice", "for more information", "for example", "in this",
    "the following table", "the following list", "following table", "understanding", "troubleshooting",
    "handling", "handle*", "monitor", "monitors", "monitoring", "checking for", "checks for", "fixing",
    "solving", "debugging", "choosing", "useful", "make sure", "ensure", "try to", "try the", "use the",
    "use a", "use an", "set the", "set appropriate", "setting the", "setting ? to", "setting ? ? to",
    "please post", "please provide", "please share", "please see", "check if", "check that", "check whether",
    "check the", "verify", "consider", "avoid*", "add", "adds", "added a", "added an", "added the",
    "added support", "improve", "improves", "improved", "implement*", "support", "supports", "allow", "allows",
    "fix", "fixes", "fixed", "resolved a", "resolved an", "resolved the", "resolves", "corrected", "corrects",
    "addressed", "addresses", "removed", "removes", "bug", "feat", "docs", "changelog", "to view", "to see",
    "to fix", "to resolve", "to solve", "to enable", "to turn", "to troubleshoot", "to find", "to avoid",
    "to prevent", "to handle", "to ignore", "to get", "to check", "to do", "to make", "to use", "to create",
    "to add", "to test", "to understand", "to know", "to reproduce", "to work", "to help", "to verify",
    "to debug", "to catch", "to capture", "to log", "to show", "to stop", "to change", "to configure", "to set",
    "to ensure", "to determine", "to correct", "to identify", "to clear", "to recover", "to be", "to have",
    "what about", "do not", "don't", "never", "thanks", "thank you", "my guess", "i would", "i'd", "i think",
    "i guess", "i believe", "it would", "after that change", "after this change", "alert when", "alert if",
    "alert on", "raise the", "raise an", "raises", "returns", "gets", "notify", "stop when", "stop if",
    "stop at", "exit with", "exits with", "retry when", "retry if", "retry on", "known issue", "every failed",
    "every ? that", "each failed", "most", "usually", "occasionally", "sometimes", "typically", "often",
    "generally", "in general", "common", "ways to", "reasons", "# common", "# ways", "# reasons", "indicates",
    "specifies", "represents", "determines", "a task that", "a package that", "packages that", "tasks that",
    "rows that", "an error output", "describes", "shows", "learn", "see", "expect*", "verifies", "asserts",
    "tests that", "given", "then the", "ok #", "pass", "passed", "skipped", "this error occurs",
    "this error is", "this warning", "this message", "this article", "this option", "this happens", "this pr",
    "this setting", "this property", "the options to", "find out", "discuss", "summary", "overview",
    // of other languages
    "wenn", "falls", "um diesen", "um den", "um einen", "um zu", "behebung", "si le", "si la", "si l'*",
    "si el", "si un*", "si se", "si no", "se o", "se a", "se il", "se la", "cuando", "lorsque", "quando",
    "quand", "pour éviter", "pour résoudre", "pour corriger", "para evitar", "para resolver", "para corregir",
    "para solucionar", "per evitare", "если", "когда", "чтобы", "Если", "Когда",
    "Чтобы", "évite*", "Évite*", "vermeide*", "如果*", "若要*", "修复*", "修正*", "修復*",
    "要解决*", "了解*",
};
/* Of several scripts, within. */
static const char *const foreign_talk[] = {
    "した場合", "する場合", "場合は", "するには", "경우", "하려면", "时，请",
    "修复了", "修復了", "修正了", "сведения об ошибк",
    "информация об ошибк", "інформацію про помилк", "informacje o błęd",
};
/* Whatever else the clause says: it is spoken of. */
static const char *const told[] = {
    "you may", "you might", "you could", "you will", "you would", "you'll", "you should", "you get", "you got",
    "you see", "you receive", "you encounter", "you run into", "if you", "do you", "have you", "previously got",
    "rarely", "occasionally", "sometimes", "usually", "typically", "mostly", "misleading", "went away",
    "error shows", "links here", "that reads", "that says", "where most", "goes away", "thanks", "for me",
    "can fail", "may fail", "could fail", "might fail", "will fail", "will also fail", "will probably",
    "will still fail", "would fail", "should fail", "to fail", "can happen", "can always", "can never",
    "are encountering", "is a standard", "is a general", "is a common", "is raised by", "is thrown by",
    "are raised by", "are caused by", "are shown", "is shown", "was shown", "stands for", "tells whether",
    "causes the", "causes its", "is marked as", "are marked as", "be marked as", "then marked", "it follows",
    "look at", "how to", "such as", "error like", "errors like", "point to", "points to", "come from the",
    "comes from the", "had failed yesterday", "must not", "fails if", "fails when", "fails whenever",
    "fails unless", "fail if", "fail when", "fail unless", "even if", "even though", "even when", "well as",
    "is likely", "is expected to", "are expected to", "known issue", "best practice", "for this error",
    "this kind of", "these errors", "such errors", "errors can", "errors may", "error can", "error may",
    "failures can", "failures may", "in the handling of", "your workplan", "where the", "where a",
    "is missing from the documentation", "now reports", "now shows", "now throws", "are now", "is now",
    "will get", "will result", "it raises", "it throws", "logging when", "is deleted when", "kept when",
    "with the message", "error messages from", "in our ci", "fail the", "fails its", "property determines",
    "property of the", "to log", "to catch", "to capture", "to ignore", "would be helpful", "get rid",
    "is there any", "is used", "are used", "was run again", "were run again", "feature request", "has not yet",
    "let us", "let's", "we should", "we could", "we can", "we will", "i could", "i will", "at this point",
    "error* that", "error* occurs", "errors occur", "that occur*", "an error if", "error* if", "failure* if",
    "the failure persists", "returns an error", "returns any error*", "returns error*", "return an error",
    "stops after", "treats", "causes an", "causes errors", "causes validation", "cause errors", "cause an",
    "it is an error", "is considered", "are considered", "is less", "are retried", "must call", "can be",
    "may be", "might be", "does not affect", "you can", "you elect", "you have to", "you specify",
    "you configure", "you select", "you create", "you must call", "after you", "before you", "by using",
    "by calling", "by setting", "the following reason*", "is designed", "trying to do this",
    "under some circumstances", "without this", "used together", "combined with", "used with", "can occur",
    "can exist", "can lead", "can cause", "can result", "may cause", "may produce", "may leave", "will throw",
    "will raise", "will return", "will stop", "will terminate", "will ignore", "will attempt", "essential for",
    "perfect for", "length of time", "list of", "name of the", "status of the", "result of the", "details if",
    "used to", "used for", "which accounts", "identify which", "as they", "as it", "that can", "that may",
    "that might", "that could", "that failed to", "only one", "the longer", "the more", "error condition*",
    "error information", "error records", "error message if", "error message when", "error message based",
    "stop with an error", "with an error if", "an error is raised", "exception in case", "an exception if",
    "had failed", "had an error", "had errors", "had been failing", "specifies the", "specifies whether",
    "specifies how", "determines the", "determines how", "identifies the", "controls the", "controls how",
    "defines the", "indicates the number", "indicates whether", "können sie", "sie können",
    "können auftreten", "kann auftreten", "verursacht", "verursachen", "vous pouvez", "vous voyez",
    "vous recevez", "peut entraîner", "peuvent entraîner", "puede provocar", "puede producir*", "pode causar",
    "pode ocorrer", "você pode", "può verificarsi", "possono verificarsi", "fix the", "fix this", "fixed the",
    "fixes the", "fixing the", "fix it", "solve the", "solves the", "solved the", "solve this",
    "resolve the error", "resolve this", "resolves the", "the same error", "same message", "different error",
    "undocumented", "not documented", "might occur", "may occur", "could occur", "the docs", "the doc",
    "this doc", "the documentation", "test message", "sample message", "is a test", "dummy", "as a test",
    "protected from", "wrapped in", "for example", "in accordance", "to ensure", "interoperable", "allowed to",
    "applies to", "as error*", "fails to validate", "fails to comply", "fails over", "failed over",
};
static const char *const general[] = {
    "% : the number of", "% : number of", "% : how many", "% : how often", "% : the count of", "means that",
    "means", "is returned when", "is returned if", "is raised when", "is raised if", "is thrown when",
    "occurs when", "occurs if", "refers to", "describes", "explains", "for example", "troubleshoot*",
    "for more information", "see also", "is used to", "is used when", "specifies", "indicates whether",
    "controls whether", "determines whether", "defines", "is thrown if", "fixed a", "fixed an issue",
    "documentation", "this article", "you can", "you may see", "you ll see", "you'll see", "you will see",
    "i can", "i have", "we have", "for any error*", "for each error*", "following example", "even when",
    "even if", "these expected", "default timeout", "will be redirected", "will be written", "are redirected",
    "is redirected", "are written to", "is written to", "is logged to", "are logged to", "will be logged",
    "is enabled", "are enabled", "is configured", "are ignored", "is ignored", "are handled", "if the", "if an",
    "if no", "if any", "package fails", "packages fail", "task fails", "tasks fail", "job fails", "jobs fail",
    "activity fails", "container fails", "step fails", "steps fail", "it fails", "run fails", "execution fails",
};

/* Words for what went wrong: that it did is said by the word behind them, or the one before. */
static const char *const nouns[] = {
    "error", "failure", "exception", "timeout", "deadlock", "crash", "conflict", "truncation", "overflow",
    "mismatch",
};
static const char *const plurals[] = {
    "errors", "failures", "exceptions", "timeouts", "deadlocks", "crashes", "conflicts", "mismatches",
    "error messages", "failed executions", "failed jobs", "failed rows", "failed packages", "failed logins",
    "failed runs", "failed steps", "failed tasks", "failed or", "failed sql", "failed state", "failed status",
    "failed login", "failed job", "failed execution", "failed records", "failed row",
};
static const char *const happened[] = {
    "occur*", "was", "were", "has", "have", "had", "encountered", "raised", "thrown", "reported", "returned",
    "found", "detected", ":", "=", "-", "#", "while", "during", "in", "at", "on", "opening", "loading",
    "reading", "writing", "executing", "running", "connecting", "creating", "converting", "calling",
    "processing", "inserting", "updating", "deleting", "deploying", "retrieving", "starting", "when", "because",
    "since", "is", "code :", "code #", "code =", "code", "message :", "message is", "number", "with", "due",
    "from", "s", "trying", "attempting", "setting", "importing", "exporting", "copying", "parsing", "accessing",
    "querying", "saving", "sending", "fetching", "initializing",
};
static const char *const bringers[] = {
    "#", "with", "an", "a", "the", "to", "of", "reported", "returned", "encountered", "got", "getting", "get",
    "raised", "threw", "thrown", "caught", "gave", "unknown", "internal", "unexpected", "unhandled", "fatal",
    "severe", "syntax", "runtime", "network", "user", "system", "provider", "serious", "following", "this",
    "due", "since", "were", "was", "found", "connection", "conversion", "cast", "access", "disk", "o",
    "execution", "that", "critical", "sql", "server", "database", "validation", "compilation", "read", "write",
    "overflow", "=", ":",
};

/* A statement or a line of a program, unless it is the subject of what failed. */
static const char *const code[] = {
    "select", "exec", "execute catalog", "set", "declare", "insert into", "insert", "create table",
    "create procedure", "create view", "alter table", "update", "delete from", "print", "raiserror", "return",
    "throw", "define", "public", "private", "const", "static", "var", "let", "using", "import", "try", "catch",
    "then", "case", "and", "or", "with", "order by",
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
    "after", "retry", "retries", "retried", "attempt*", "again", "reconnect*", "recovered", "restored",
    "resolved", "cleared", "previously", "earlier", "despite",
};
/* Whatever else the clause says. */
static const char *const certain[] = {
    "failed because", "failed with", "job failed", "package failed", "step failed", "msg #", "has occurred",
    "have occurred", "failed to", "error occurred", "exception occurred", "exception was thrown", "has failed",
    "have failed", "fails with", "fails because", "fails to", "fail with", "fails at", "fails on",
};
/* Said of one who is there: no manner of speaking before it takes that back. */
static const char *const lacks[] = {
    "does not have authorization", "does not have permission to perform", "does not have the required",
    "doesn't have the required", "is not authorized to perform",
};
static const char *const reversals[] = {
    "but", "however", "not", "unsuccessful*", "before", "until", "cannot", "can't", "unable", "could",
    "couldn't", "denied", "refused",
};
/* clang-format on */

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
        if (STANDS_AT(clause, at, code_fails) > 0 && !is_in_literal(line, clause->words[at]))
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

static bool is_spoken_of(const Line *line, const Clause *clause)
{
    if (CLAUSE_HAS(clause, certain))
        return false;
    if (is_told_by_people(line, clause))
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
    return is_name || is_mention(clause, at) || is_announced(clause, at) ? 0 : len;
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
    bool opens = !line->is_framed && (opens_talk(clause) || is_told_by_people(line, clause));
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
        return !line->is_framed || written_is_manual(line->text);
    return written_is_program(line->text) || written_is_markup(line->text) || line->is_comment;
}

static bool tells_in_another_language(const Line *line)
{
    if (!text_has_foreign_trouble(line->text))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(foreign_talk); i++)
        if (!line->is_framed && text_holds(line->text, foreign_talk[i]))
            return false;
    return line->is_framed || !(line->is_spoken || line->is_begun);
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
    return tells != TELLS_OTHERWISE && is_written(line) ? TELLS_OTHERWISE : tells;
}

/* Texts of manuals: messages with their gaps, examples. */
static bool is_manual(Str text)
{
    static const char *const gaps[] = {
        "%.*ls",
        "%ls",
        "%.*s",
        "informational message only",
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

    if (is_manual(rest) || says_success(rest))
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
