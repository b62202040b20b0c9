/* A compiled pattern found in a folded text, with what its gaps took. */
#include "pattern.h"

#include <string.h>

enum { WORD_MAX = 256, QUOTED_MAX = 512, PATH_MAX_BYTES = 512, NUMBER_MAX = 64 };

/* ---- gaps whose extent the text decides ------------------------------------------------------ */

/* Each takes the gap that begins at `at`: returns where it ends, `at` if it does not fit there,
 * and sets what is captured. The folded text ends in NUL, which no gap takes. */
typedef size_t (*GapReader)(const Folded *folded, size_t at, PatternCapture *ret_capture);

static bool is_hex(char c)
{
    return fold_is_digit(c) || (c >= 'a' && c <= 'f');
}

static size_t read_hex(const char *text, size_t at)
{
    while (is_hex(text[at]))
        at++;
    return at;
}

static size_t read_number(const Folded *folded, size_t at, PatternCapture *ret_capture)
{
    const char *text = folded->text;
    size_t digits = at + (text[at] == '-' || text[at] == '+');
    size_t end = digits;

    if (text[digits] == '0' && text[digits + 1] == 'x' && is_hex(text[digits + 2]))
        end = read_hex(text, digits + 2);
    else
        while (fold_is_digit(text[end]) ||
               (end > digits && (text[end] == '.' || text[end] == ',') &&
                fold_is_digit(text[end + 1])))
            end++;
    if (end == digits || end - at > NUMBER_MAX)
        return at;
    *ret_capture = (PatternCapture){.start = at, .end = end};
    return end;
}

static size_t read_word(const Folded *folded, size_t at, PatternCapture *ret_capture)
{
    const char *text = folded->text;
    size_t end = at;

    while (text[end] != '\0' && !strchr(" ',;()[]{}<>", text[end]))
        end++;
    while (end > at && strchr(".:!?", text[end - 1]))
        end--;
    if (end - at > WORD_MAX)
        return at;
    *ret_capture = (PatternCapture){.start = at, .end = end};
    return end;
}

/* A pair of quotes with nothing between looks like one doubled quote: what follows decides. */
static bool is_empty_pair(const Folded *folded, size_t at)
{
    char next = folded->text[at + 1];

    return (next == '\0' || strchr(" .,;:)]}>!?", next)) && fold_quote_run(folded, at) == 2;
}

/* The place of the first quote in text[from …] that may close one opened at `at`. */
static size_t find_close(const Folded *folded, size_t at, size_t from)
{
    size_t end = at + 1 + QUOTED_MAX < folded->len ? at + 1 + QUOTED_MAX : folded->len;
    const char *close = from < end ? memchr(folded->text + from, FOLD_QUOTE, end - from) : NULL;

    return close ? (size_t)(close - folded->text) : SIZE_MAX;
}

static size_t read_quoted(const Folded *folded, size_t at, PatternCapture *ret_capture)
{
    if (folded->text[at] != FOLD_QUOTE)
        return at;
    if (is_empty_pair(folded, at)) {
        *ret_capture = (PatternCapture){.start = at + 1, .end = at + 1};
        return at + 1;
    }
    size_t close = find_close(folded, at, at + 1);
    if (close == SIZE_MAX)
        return at;
    *ret_capture = (PatternCapture){.start = at + 1, .end = close};
    return close + 1;
}

static size_t read_guid(const Folded *folded, size_t at, PatternCapture *ret_capture)
{
    static const size_t groups[] = {8, 4, 4, 4, 12};
    const char *text = folded->text;
    size_t start = at + (text[at] == '{');
    size_t end = start;

    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        if (i > 0 && text[end++] != '-')
            return at;
        for (size_t digit = 0; digit < groups[i]; digit++)
            if (!is_hex(text[end++]))
                return at;
    }
    *ret_capture = (PatternCapture){.start = start, .end = end};
    return end + (start > at && text[end] == '}');
}

static bool looks_like_path(const Folded *folded, const PatternCapture *capture)
{
    for (size_t i = capture->start; i < capture->end; i++)
        if (strchr("\\/.", folded->text[i]))
            return true;
    return false;
}

static size_t read_path(const Folded *folded, size_t at, PatternCapture *ret_capture)
{
    const char *text = folded->text;
    PatternCapture capture = {.start = at, .end = at};
    size_t end = read_quoted(folded, at, &capture);

    if (end == at) {
        while (text[end] != '\0' && !strchr(" '<>|*", text[end]))
            end++;
        while (end > at && strchr(".,;:)!?", text[end - 1]))
            end--;
        capture = (PatternCapture){.start = at, .end = end};
    }
    if (capture.end - capture.start > PATH_MAX_BYTES || !looks_like_path(folded, &capture))
        return at;
    *ret_capture = capture;
    return end;
}

static const GapReader readers[] = {
    [GAP_NUMBER] = read_number, [GAP_WORD] = read_word, [GAP_QUOTED] = read_quoted,
    [GAP_GUID] = read_guid,     [GAP_PATH] = read_path,
};

/* ---- pieces ---------------------------------------------------------------------------------- */

/* The items between two lazy gaps, and where they were found. */
typedef struct Piece {
    const PatternItem *items;
    size_t count;
    const PatternItem *gap; // the lazy gap before it, NULL for the first piece
    bool is_open;           // `place` is its next place not yet used
    PatternMatch place;
    bool has_chain, has_next_chain;
    PatternMatch chain;      // the latest chain up to this piece that has ended
    PatternMatch next_chain; // one that ends later than where we look
} Piece;

/* A literal does not cut a number in two. */
static bool edges_are_clean(const Folded *folded, size_t start, size_t end)
{
    const char *text = folded->text;

    if (start > 0 && fold_is_digit(text[start]) && fold_is_digit(text[start - 1]))
        return false;
    return !(fold_is_digit(text[end - 1]) && fold_is_digit(text[end]));
}

static bool literal_fits(const Folded *folded, Str literal, size_t at)
{
    return folded->len - at >= literal.len &&
           memcmp(folded->text + at, literal.at, literal.len) == 0 &&
           edges_are_clean(folded, at, at + literal.len);
}

/* A quoted name may hold quotes: it ends at the first one after which the pattern goes on. */
static size_t read_quoted_before(const Folded *folded, size_t at, Str next,
                                 PatternCapture *ret_capture)
{
    size_t end = read_quoted(folded, at, ret_capture);

    while (end > at && !literal_fits(folded, next, end)) {
        size_t close = find_close(folded, at, end);
        if (close == SIZE_MAX)
            return at;
        *ret_capture = (PatternCapture){.start = at + 1, .end = close};
        end = close + 1;
    }
    return end;
}

static size_t read_gap(const Piece *piece, size_t index, const Folded *folded, size_t at,
                       PatternCapture *ret_capture)
{
    GapKind gap = piece->items[index].gap;

    if (gap == GAP_QUOTED && index + 1 < piece->count)
        return read_quoted_before(folded, at, piece->items[index + 1].literal, ret_capture);
    return readers[gap](folded, at, ret_capture);
}

static bool piece_fits(const Piece *piece, const Folded *folded, size_t at, PatternMatch *ret_place)
{
    PatternMatch place = {.start = at, .end = at};

    for (size_t i = 0; i < piece->count; i++) {
        const PatternItem *item = &piece->items[i];
        PatternCapture capture = {0};
        if (!item->is_gap) {
            if (!literal_fits(folded, item->literal, place.end))
                return false;
            place.end += item->literal.len;
            continue;
        }
        size_t end = read_gap(piece, i, folded, place.end, &capture);
        if (end == place.end)
            return false;
        capture.name = item->name;
        place.captures[place.capture_count++] = capture;
        place.end = end;
    }
    *ret_place = place;
    return true;
}

/* The next place of the piece at or after `at`. */
static bool piece_next(Piece *piece, const Folded *folded, size_t at)
{
    Str first = piece->items[0].literal;

    piece->is_open = false;
    while (at < folded->len) {
        const char *found = memmem(folded->text + at, folded->len - at, first.at, first.len);
        if (!found)
            return false;
        at = (size_t)(found - folded->text);
        if (piece_fits(piece, folded, at, &piece->place))
            return piece->is_open = true;
        at++;
    }
    return false;
}

static size_t split(const Pattern *pattern, Piece *pieces)
{
    size_t count = 1;

    pieces[0] = (Piece){.items = pattern->items};
    for (size_t i = 0; i < pattern->item_count; i++) {
        const PatternItem *item = &pattern->items[i];
        if (!item->is_gap || item->gap != GAP_ANY) {
            pieces[count - 1].count++;
            continue;
        }
        pieces[count++] = (Piece){.gap = item, .items = item + 1};
    }
    return count;
}

/* ---- chains of pieces ------------------------------------------------------------------------ */

static void add_capture(PatternMatch *match, const PatternCapture *capture)
{
    match->captures[match->capture_count++] = *capture;
}

/* The chain up to the piece before, if it ends at or before `at`. */
static const PatternMatch *chain_before(Piece *piece, size_t at)
{
    if (piece->has_next_chain && piece->next_chain.end <= at) {
        piece->chain = piece->next_chain;
        piece->has_chain = true;
        piece->has_next_chain = false;
    }
    return piece->has_chain ? &piece->chain : NULL;
}

static bool extend(Piece *before, const Piece *piece, PatternMatch *ret_chain)
{
    const PatternMatch *chain = chain_before(before, piece->place.start);

    if (!chain || piece->place.start - chain->end > piece->gap->max_bytes)
        return false;
    PatternMatch longer = *chain;
    PatternCapture capture = {piece->gap->name, chain->end, piece->place.start};
    if (capture.name)
        add_capture(&longer, &capture);
    for (size_t i = 0; i < piece->place.capture_count; i++)
        add_capture(&longer, &piece->place.captures[i]);
    longer.end = piece->place.end;
    *ret_chain = longer;
    return true;
}

/* Of the open pieces the one whose place begins first. */
static size_t first_open(const Piece *pieces, size_t count)
{
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < count; i++)
        if (pieces[i].is_open &&
            (best == SIZE_MAX || pieces[i].place.start < pieces[best].place.start))
            best = i;
    return best;
}

/* Uses the place; true when it completes the pattern. */
static bool use_place(Piece *pieces, size_t at, size_t count, PatternMatch *ret_match)
{
    Piece *piece = &pieces[at];
    PatternMatch chain = piece->place;

    if (at > 0 && !extend(&pieces[at - 1], piece, &chain))
        return false;
    if (at + 1 == count) {
        *ret_match = chain;
        return true;
    }
    (void)chain_before(piece, piece->place.start); // places do not overlap: the older one has ended
    piece->next_chain = chain;
    piece->has_next_chain = true;
    return false;
}

static bool find_chain(Piece *pieces, size_t count, const Folded *folded, PatternMatch *ret_match)
{
    for (size_t i = 0; i < count; i++)
        if (!piece_next(&pieces[i], folded, 0))
            return false;
    for (size_t at = first_open(pieces, count); at != SIZE_MAX; at = first_open(pieces, count)) {
        if (use_place(pieces, at, count, ret_match))
            return true;
        if (!piece_next(&pieces[at], folded, pieces[at].place.end) && at + 1 == count)
            return false;
    }
    return false;
}

/* A gap at the very end takes the rest of the line. */
static void take_rest_of_line(const PatternItem *gap, const Folded *folded, PatternMatch *match)
{
    size_t end = match->end;

    while (end < folded->len && end - match->end < gap->max_bytes) {
        char raw = folded->raw.at[folded->from[end]];
        if (raw == '\n' || raw == '\r')
            break;
        end++;
    }
    PatternCapture capture = {gap->name, match->end, end};
    if (capture.name)
        add_capture(match, &capture);
    match->end = end;
}

bool pattern_find(const Pattern *pattern, const Folded *folded, PatternMatch *ret_match)
{
    Piece pieces[PATTERN_PIECES_MAX];
    size_t count = split(pattern, pieces);
    const PatternItem *last = &pattern->items[pattern->item_count - 1];
    bool is_open_ended = last->is_gap && last->gap == GAP_ANY;

    count -= is_open_ended;
    if (count == 1) {
        if (!piece_next(&pieces[0], folded, 0))
            return false;
        *ret_match = pieces[0].place;
    } else if (!find_chain(pieces, count, folded, ret_match)) {
        return false;
    }
    if (is_open_ended)
        take_rest_of_line(last, folded, ret_match);
    return true;
}
