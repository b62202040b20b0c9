/*
 * The console output of dtexec: blocks between a head with a time and a tail, and a trailer.
 *
 *   Error: 2024-05-01 10:00:02.11          ← in the language of the tool, as are the three fields
 *      Code: 0xC0202009
 *      Source: Load Orders
 *      Description: first line
 *   further lines
 *   End Error
 *   DTExec: The package execution returned DTSER_FAILURE (1).
 *   Started:  10:00:00
 *   Finished: 10:00:04
 *   Elapsed:  4.047 seconds
 */
#include "text.h"

#include "chars.h"
#include "flush.h"
#include "stamp.h"
#include "words.h"

#include "ssisminer/ssisdb/ssisdb.h"

/* ---- lines ----------------------------------------------------------------------------------- */

/* Pages and mails set a blank or two before a head; the fields within have three. */
static Str without_indent(Str line)
{
    enum { INDENT_MAX = 2 };
    size_t at = 0;

    while (at < INDENT_MAX && char_at(line, at) == ' ')
        at++;
    return at > 0 && is_one_of(char_at(line, at), "EW") ? str_from(line, at) : line;
}

/* Behind the time: nothing, or the code that has a line of its own elsewhere. */
static bool ends_head(Str rest)
{
    rest = str_trim(rest);
    return rest.len == 0 || (STARTS(rest, "Code: 0x") && rest.len <= sizeof("Code: 0x00000000"));
}

/* "Error: 2024-05-01 10:00:02.11" and no more than its code: the length of the word, else 0. */
static size_t head_word(Str line)
{
    enum { WORD_MAX = 48, HEAD_MAX = 96 };

    if (line.len < 8 || line.len > HEAD_MAX || line.at[0] <= ' ')
        if (line.len == 0 || (unsigned char)line.at[0] < 0x80)
            return 0;
    size_t at = 0, len = line.len <= HEAD_MAX ? words_before_colon(line, &at) : 0;
    if (len == 0 || len > WORD_MAX || is_digit(line.at[len - 1]) || memchr(line.at, ' ', len))
        return 0;
    size_t digits = digits_from(line, at);
    bool has_gap = is_blank(line.at[at - 1]) || (unsigned char)line.at[at - 1] >= 0x80;
    if (!has_gap || digits == 0 || char_at(line, at + digits) == ':')
        return 0;
    return ends_head(str_from(line, stamp_end(line, at))) ? len : 0;
}

typedef enum Mark {
    MARK_NONE,
    MARK_BANNER,
    MARK_RETURNED,
    MARK_STARTED,
    MARK_FINISHED,
    MARK_ELAPSED,
    MARK_UNLOADED
} Mark;

static Mark mark_of_clock(Str line)
{
    static const Mark marks[] = {[CLOCK_NONE] = MARK_NONE,
                                 [CLOCK_STARTED] = MARK_STARTED,
                                 [CLOCK_FINISHED] = MARK_FINISHED,
                                 [CLOCK_ELAPSED] = MARK_ELAPSED};

    return marks[words_clock(line)];
}

static Mark mark_of(Str line)
{
    enum { BANNER_MAX = 160 };

    switch (char_at(line, 0)) {
    case '\0':
    case ' ':
        return MARK_NONE;
    case 'D':
        if (STARTS(line, "DTExec") && holds(line, "DTSER_"))
            return MARK_RETURNED;
        break;
    case 'C':
        if (STARTS(line, "Could not load package \""))
            return MARK_UNLOADED;
        break;
    default:
        break;
    }
    return line.len < BANNER_MAX && words_name_dtexec(line) ? MARK_BANNER : mark_of_clock(line);
}

static bool begins(Text *text, Str line)
{
    (void)text;
    line = without_indent(line);
    return mark_of(line) != MARK_NONE || head_word(line) > 0;
}

static bool is_english(Str word)
{
    static const char *const english[] = {"Error",    "Warning", "Info",    "Information",
                                          "Progress", "Custom",  "Dataflow"};

    for (size_t i = 0; i < ARRAY_LEN(english); i++)
        if (str_equal_fold(word, str_of(english[i])))
            return true;
    return false;
}

/* "End Error"; of a word in another language: as that language says it, or that word behind another
 * one. Spanish shares its word with English. */
static bool is_tail(Str line, Str word)
{
    enum { BEFORE_MAX = 16 };

    line = str_trim(line);
    if (line.len <= word.len + 1 || line.at[0] == ' ')
        return false;
    if (STARTS_FOLD(line, "End ") && str_equal_fold(str_from(line, 4), word))
        return true;
    if (is_english(word))
        return STARTS(line, "Fin de") && str_equal_fold(str_from(line, line.len - word.len), word);
    return words_end_block(line, word) ||
           (line.len <= word.len + BEFORE_MAX && line.at[line.len - word.len - 1] == ' ' &&
            str_equal_fold(str_from(line, line.len - word.len), word));
}

static Str first_line(Str text)
{
    const char *end = memchr(text.at, '\n', text.len);

    return end ? (Str){text.at, (size_t)(end - text.at)} : text;
}

/* 15.0.2000.5 */
static bool has_version(Str line)
{
    for (size_t at = 0; at < line.len; at++) {
        size_t dots = 0, end = at;
        while (is_digit(char_at(line, end))) {
            end += digits_from(line, end);
            dots += char_at(line, end) == '.';
            end += char_at(line, end) == '.';
        }
        if (dots >= 2)
            return true;
        at = end > at ? end : at;
    }
    return false;
}

/* The lines of its version and whose it is, in any language. */
static bool goes_on_with_banner(Str entry, Str line)
{
    enum { MORE = 2 };
    size_t lines = 0;

    for (size_t i = 0; i < entry.len; i++)
        lines += entry.at[i] == '\n';
    return lines < MORE && (has_version(line) || holds(line, "Microsoft"));
}

static Belongs belongs(Text *text, Str line)
{
    Str entry = without_indent((Str){buf_text(&text->entry.text), text->entry.text.len});
    Str head = first_line(entry);
    size_t word = head_word(head);
    line = without_indent(line);
    Mark mark = mark_of(line);

    if (word == 0) { // a mark is one line, but for the banner and what cannot be loaded
        Mark own = mark == MARK_NONE && head_word(line) == 0 ? mark_of(head) : MARK_NONE;
        return own == MARK_UNLOADED || (own == MARK_BANNER && goes_on_with_banner(entry, line))
                   ? BELONGS
                   : BELONGS_NOT;
    }
    if (is_tail(line, str_to(head, word)))
        return BELONGS_AS_LAST;
    if (mark != MARK_NONE || head_word(line) > 0)
        return BELONGS_NOT;
    return head.len == entry.len && !is_blank(char_at(line, 0)) ? BELONGS_NOT : BELONGS;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

/* The word's own meaning, else the class of the code. */
static int type_of(Str word, int64_t code)
{
    int type = value_message_type(word);

    if (type == 0)
        type = words_level(word);
    if (type != 0)
        return type < MESSAGE_QUERY_CANCEL ? MESSAGE_INFORMATION : type;
    switch ((uint32_t)code >> 28) {
    case 0xC:
        return MESSAGE_ERROR;
    case 0x8:
        return MESSAGE_WARNING;
    default:
        return MESSAGE_INFORMATION;
    }
}

/* "   Code: 0xC0202009": what follows the colon of an indented line; at NULL if it is none. */
static Str field_of(Str line)
{
    size_t at = 0, after = 0;

    while (is_blank(char_at(line, at)))
        at++;
    size_t len = at > 0 && at < line.len ? words_before_colon(str_from(line, at), &after) : 0;
    if (len == 0 || memchr(line.at + at, ' ', len))
        return (Str){0};
    return str_trim(str_from(line, at + after));
}

static bool is_hex_code(Str value)
{
    return value.len > 2 && value.len <= 10 && value.at[0] == '0' && str_fold(value.at[1]) == 'x';
}

/* Off the end: the tail that the text was closed by. */
static Str without_tail(Str text, Str word)
{
    const char *end = text.len > 0 ? memrchr(text.at, '\n', text.len) : NULL;
    Str last = end ? str_from(text, (size_t)(end + 1 - text.at)) : (Str){0};

    bool is_end =
        end && (is_tail(last, word) || (!is_english(word) && words_may_end_block(last, word)));

    return is_end ? str_trim(str_to(text, (size_t)(end - text.at))) : str_trim(text);
}

static Rc read_block(Text *text, Str entry, size_t word_len, Err *err)
{
    Arena *arena = &text->reader->arena;
    Str word = str_to(entry, word_len), rest = entry, line;
    size_t stamp = 0;

    (void)words_before_colon(entry, &stamp);
    DiagMessage message = {.ticks = stamp_ticks(str_from(entry, stamp))};

    (void)str_split(&rest, '\n', &line);
    Str after = rest, value = field_of(str_from(line, stamp_end(line, stamp)));
    value = value.at || !str_split(&after, '\n', &line) ? value : field_of(line);
    if (value.at && is_hex_code(value)) {
        message.code = value_code(value);
        rest = after;
        value = str_split(&after, '\n', &line) ? field_of(line) : (Str){0};
    }
    if (value.at) {
        message.source_name = arena_copy(arena, value.at, value.len);
        rest = after;
    }
    value = str_split(&after, '\n', &line) ? field_of(line) : (Str){0};
    if (value.at && rest.at)
        rest = str_from(rest, (size_t)(value.at - rest.at));
    message.text = rest.at ? without_tail(rest, word) : (Str){"", 0};
    message.type = type_of(word, message.code);
    TRY(text_need_run(text, err));
    return text_say(text, &message, message.type == MESSAGE_INFORMATION, err);
}

/* ---- what is around them --------------------------------------------------------------------- */

static int status_of(Str line)
{
    static const struct {
        const char *name;
        int status;
    } results[] = {{"DTSER_SUCCESS", STATUS_SUCCEEDED},
                   {"DTSER_FAILURE", STATUS_FAILED},
                   {"DTSER_COMPLETION", STATUS_COMPLETED},
                   {"DTSER_CANCELED", STATUS_CANCELED}};

    for (size_t i = 0; i < ARRAY_LEN(results); i++)
        if (holds(line, results[i].name))
            return results[i].status;
    return 0;
}

/* With /Rep N a failed run says nothing but that. */
static Rc read_result(Text *text, Str line, Err *err)
{
    size_t said = 0;

    (void)words_before_colon(line, &said);
    DiagMessage message = {.text = str_from(line, said), .type = MESSAGE_ERROR};

    TRY(text_need_run(text, err));
    if (!text->is_fixed || text->run->status == 0)
        text->run->status = status_of(line);
    if (status_of(line) == STATUS_FAILED && !text->has_error)
        TRY(text_say(text, &message, false, err));
    text->stage = RUN_TRAILER;
    return RC_OK;
}

static Rc read_mark(Text *text, Str entry, Mark mark, Err *err)
{
    DiagMessage message = {.text = str_trim(entry), .type = MESSAGE_ERROR};

    switch (mark) {
    case MARK_BANNER:
        return text_begin_run(text, err);
    case MARK_RETURNED:
        return read_result(text, str_trim(entry), err);
    case MARK_STARTED:
        return text->run && text->stage == RUN_TRAILER ? RC_OK : text_need_run(text, err);
    case MARK_ELAPSED:
        if (text->run)
            text->stage = RUN_OVER;
        return RC_OK;
    case MARK_UNLOADED:
        TRY(text_need_run(text, err));
        return text_say(text, &message, false, err);
    case MARK_FINISHED:
    case MARK_NONE:
        break;
    }
    return RC_OK;
}

static Rc read_entry(Text *text, Str entry, Err *err)
{
    entry = without_indent(entry);
    Str head = first_line(entry);
    size_t word = head_word(head);

    return word > 0 ? read_block(text, entry, word, err)
                    : read_mark(text, entry, mark_of(head), err);
}

/* ---- what cannot matter ---------------------------------------------------------------------- */

static const struct {
    const char *head, *tail; // with what is around them
    size_t head_len, tail_len;
} quiet[] = {{"Progress: ", "End Progress\n", 10, 13}, {"Info: ", "End Info\n", 6, 9}};

/* "2024-05-01 10:00:02.11\n": 22 characters, as written by every version that was seen. */
static bool is_exact_time(const char *at)
{
    static const char shape[] = "dddd-dd-dd dd:dd:dd.dd\n";

    for (size_t i = 0; i < sizeof(shape) - 1; i++)
        if (shape[i] == 'd' ? !is_digit(at[i]) : at[i] != shape[i])
            return false;
    return true;
}

/* Whole blocks of progress and information, one after the other: head, indented lines, tail. What
 * is in any way other than that is left to the reader of lines. */
static size_t skip(const Text *text, Str ahead, size_t *ret_lines)
{
    enum { TIME_LEN = 23, LEAST = 64 };
    size_t used = 0, lines = 0, which = 0;

    *ret_lines = 0;
    if (!text->run || (text->stage != RUN_OPEN && !text->is_fixed))
        return 0;
    while (ahead.len - used > LEAST) {
        const char *at = ahead.at + used, *end = ahead.at + ahead.len;
        which = at[0] == 'P' ? 0 : 1;
        if (memcmp(at, quiet[which].head, quiet[which].head_len) != 0 ||
            !is_exact_time(at + quiet[which].head_len))
            break;
        at += quiet[which].head_len + TIME_LEN;
        if (*at != ' ')
            break;
        size_t inner = 1;
        at = flush_line(at, end, &inner);
        if (!at || (size_t)(end - at) < quiet[which].tail_len ||
            memcmp(at, quiet[which].tail, quiet[which].tail_len) != 0)
            break;
        used = (size_t)(at - ahead.at) + quiet[which].tail_len;
        lines += inner + 1;
    }
    *ret_lines = lines;
    return used;
}

const TextForm form_dtexec = {"dtexec", begins, belongs, read_entry, skip};
