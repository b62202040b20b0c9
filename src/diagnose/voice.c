/*
 * The words that people tell with, chosen by how often they stand in 2,348 lines of failing
 * messages (next to never) and in 9,417 lines of what people write about failures (some hundred
 * times).
 */
#include "voice.h"

#include "ssisminer/base/err.h"

#include <string.h>

/* clang-format off */
/* One of these is enough. */
static const char *const people[] = {
    "i", "i'm", "i've", "i'd", "i'll", "my", "me", "myself", "our", "ours", "us", "we're", "we've", "we'll",
    "we'd", "let's", "you're", "you've", "you'll", "he", "she", "they", "they're", "someone", "somebody",
    "anyone", "anybody", "everyone", "everybody", "people", "folks", "thanks", "hopefully", "unfortunately",
    "luckily", "fortunately", "basically", "obviously", "blog*", "awesome", "haven't", "ich", "wir", "unser*",
    "nous", "notre", "nosotros", "nuestr*", "nosso", "nossa", "noi", "nostro",
};
/* Two of these are. */
static const char *const manners[] = {
    "we", "them", "their", "him", "his", "her", "what", "how", "why", "who", "whose", "whether", "like", "also",
    "just", "so", "even", "still", "now", "next", "then", "well", "much", "many", "most", "few", "several",
    "some", "couple", "lot", "lots", "bit", "every", "everything", "something", "anything", "thing", "things",
    "those", "these", "really", "actually", "probably", "maybe", "perhaps", "usually", "typically", "often",
    "sometimes", "always", "generally", "simply", "quickly", "easily", "clearly", "pretty", "very", "quite",
    "rather", "though", "although", "however", "instead", "otherwise", "therefore", "hence", "want", "wants",
    "wanted", "going", "look", "looks", "looked", "looking", "think", "thought", "know", "knew", "knows",
    "tell", "tells", "say", "says", "take", "takes", "took", "come", "comes", "came", "goes", "gets", "got",
    "getting", "makes", "doing", "did", "let", "lets", "seems", "seem", "seemed", "decide*", "notice*",
    "remember", "understand", "expect", "consider", "suppose", "imagine", "assume*", "recommend*", "suggest",
    "tried", "worked", "works", "helped", "helps", "useful", "helpful", "interesting", "important", "great",
    "nice", "easy", "easier", "hard", "better", "best", "simple", "simplest", "wrong", "weird", "strange",
    "annoying", "quick", "here", "below", "above", "around", "else", "once", "ago", "today", "yesterday",
    "tomorrow", "week", "weeks", "month", "months", "year", "years", "day", "days", "weekend", "morning", "way",
    "ways", "example", "scenario", "question*", "idea", "story", "post", "posts", "article*", "chapter",
    "section", "course", "means", "meant", "happens", "happen", "causes", "shows", "showed", "through", "down",
    "own", "real", "it's", "that's", "there's", "what's", "don't", "didn't", "won't", "wouldn't", "isn't",
    "wasn't", "aren't", "first", "second", "whenever", "might", "would", "should", "developer*", "dba", "dbas",
};
/* A person who says what the program said. */
static const char *const reports[] = {
    "get", "got", "getting", "gets", "receive*", "see", "seeing", "am getting", "always get", "keep getting",
    "always got", "have", "am receiving", "keep seeing", "now get", "still get",
};
/* clang-format on */

static bool stands_in_name(Str line, Str word)
{
    size_t start = (size_t)(word.at - line.at);
    char before = start > 0 ? line.at[start - 1] : ' ', after = text_char(line, start + word.len);

    return strchr("-_./\\@$#&[<:", before) || strchr("-_/\\@$#]>", after) ||
           text_is_digit(before) || text_is_digit(after);
}

/* Capitals within a sentence begin names: "Load My Data". */
static bool is_of_name(Str line, const Clause *clause, size_t at)
{
    Str word = clause->words[at];
    bool is_capital = word.at[0] >= 'A' && word.at[0] <= 'Z';
    bool is_i = str_fold(word.at[0]) == 'i' && (word.len == 1 || word.at[1] == '\'');

    if (stands_in_name(line, word))
        return true;
    return is_i ? !is_capital : is_capital && at > 0;
}

#define STANDS(clause, at, patterns)                                                               \
    clause_match_any((clause), (at), (patterns), ARRAY_LEN(patterns))

static bool reports_it(const Clause *clause, size_t at)
{
    return at + 1 < clause->count && STANDS(clause, at + 1, reports) > 0;
}

unsigned clause_voice(Str line, const Clause *clause)
{
    unsigned voice = 0;

    for (size_t at = 0; at < clause->count; at++) {
        bool is_person = STANDS(clause, at, people) > 0;
        if ((!is_person && STANDS(clause, at, manners) == 0) || is_of_name(line, clause, at))
            continue;
        voice += is_person ? (reports_it(clause, at) ? 0 : VOICE_TOLD) : 1;
    }
    return voice;
}
