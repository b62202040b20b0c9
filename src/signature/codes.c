/* Error codes in the dress that messages give them. */
#include "codes.h"

#include "ssisminer/base/mem.h"

#include <stdlib.h>
#include <string.h>

uint32_t code_of(int64_t value)
{
    if (value < INT32_MIN || value > (int64_t)UINT32_MAX)
        return CODE_NONE;
    return (uint32_t)value;
}

/* ---- the table ------------------------------------------------------------------------------- */

static size_t slot_of(const CodeTable *table, uint32_t code)
{
    size_t mask = table->slot_count - 1;
    size_t slot = (code * UINT32_C(2654435769)) >> 7 & mask;

    while (table->numbers[slot] != 0 && table->codes[table->numbers[slot] - 1] != code)
        slot = (slot + 1) & mask;
    return slot;
}

static void grow_slots(CodeTable *table)
{
    size_t want = table->slot_count ? table->slot_count * 2 : 256;

    free(table->numbers);
    table->numbers = mem_alloc(want * sizeof(*table->numbers));
    table->slot_count = want;
    for (size_t i = 0; i < table->count; i++)
        table->numbers[slot_of(table, table->codes[i])] = (uint32_t)i + 1;
}

size_t code_table_add(CodeTable *table, uint32_t code)
{
    if (table->count * 2 >= table->slot_count)
        grow_slots(table);
    size_t slot = slot_of(table, code);
    if (table->numbers[slot] != 0)
        return table->numbers[slot] - 1;
    if (table->count == table->capacity) {
        table->capacity = table->capacity ? table->capacity * 2 : 64;
        table->codes = mem_resize(table->codes, table->capacity * sizeof(*table->codes));
    }
    table->codes[table->count] = code;
    table->numbers[slot] = (uint32_t)++table->count;
    return table->count - 1;
}

bool code_table_find(const CodeTable *table, uint32_t code, size_t *ret_number)
{
    if (table->count == 0 || code == CODE_NONE)
        return false;
    size_t slot = slot_of(table, code);
    if (table->numbers[slot] == 0)
        return false;
    *ret_number = table->numbers[slot] - 1;
    return true;
}

typedef struct CodeName {
    const char *name;
    uint32_t number;
} CodeName;

enum { NAME_MAX_LEN = 128 };

static bool is_name_byte(char c)
{
    c = str_fold(c);
    return fold_is_digit(c) || (c >= 'a' && c <= 'z') || c == '_';
}

static CodeName *name_slot(const CodeTable *table, Str name)
{
    char folded[NAME_MAX_LEN];
    size_t len = name.len < sizeof(folded) ? name.len : sizeof(folded);

    for (size_t i = 0; i < len; i++)
        folded[i] = name.at[i] >= 'A' && name.at[i] <= 'Z' ? (char)(name.at[i] | 0x20) : name.at[i];
    size_t slot = str_hash(STR_HASH_SEED, folded, len) & (table->name_slot_count - 1);
    while (table->names[slot].name && !str_equal_fold(str_of(table->names[slot].name), name))
        slot = (slot + 1) & (table->name_slot_count - 1);
    return &table->names[slot];
}

static void grow_names(CodeTable *table)
{
    CodeName *old = table->names;
    size_t old_count = table->name_slot_count;

    table->name_slot_count = old_count ? old_count * 2 : 256;
    table->names = mem_alloc(table->name_slot_count * sizeof(*table->names));
    for (size_t i = 0; i < old_count; i++)
        if (old[i].name)
            *name_slot(table, str_of(old[i].name)) = old[i];
    free(old);
}

void code_table_name(CodeTable *table, const char *name, size_t number)
{
    if (table->name_count * 2 >= table->name_slot_count)
        grow_names(table);
    CodeName *slot = name_slot(table, str_of(name));
    table->name_count += !slot->name;
    *slot = (CodeName){name, (uint32_t)number};
}

/* The code whose name begins at text.at[at]. */
static bool find_name(const CodeTable *table, Str text, size_t at, size_t *ret_number)
{
    size_t end = at;

    while (end < text.len && end - at < NAME_MAX_LEN && is_name_byte(text.at[end]))
        end++;
    if (table->name_count == 0 || end == at)
        return false;
    const CodeName *slot = name_slot(table, (Str){text.at + at, end - at});
    *ret_number = slot->number;
    return slot->name != NULL;
}

/* Where the name begins of which "dts_" or "dtsbc_" ends at `at`. */
static size_t name_start(Str raw, size_t at)
{
    enum { PREFIX_MAX = 6 };
    size_t start = at;

    while (start > 0 && at - start < PREFIX_MAX && is_name_byte(raw.at[start - 1]))
        start--;
    return start;
}

void code_table_done(CodeTable *table)
{
    free(table->names);
    free(table->codes);
    free(table->numbers);
    *table = (CodeTable){0};
}

/* ---- dress ----------------------------------------------------------------------------------- */

typedef enum DressKind {
    DRESS_ERROR,  // says by itself that an error's number follows
    DRESS_NUMBER, // "number", "code": only of an error, or standing alone
    DRESS_SHORT,  // "no", "nr", "id": only of an error
    DRESS_WIDE    // exit codes and results: 32-bit codes only
} DressKind;

typedef struct Dress {
    const char *word; // folded; outside ASCII both cases, and the end of a longer word will do
    DressKind kind;
} Dress;

static const Dress dresses[] = {
    {"msg", DRESS_ERROR},
    {"error", DRESS_ERROR},
    {"err", DRESS_ERROR},
    {"errorno", DRESS_ERROR},
    {"errornumber", DRESS_ERROR},
    {"error_number", DRESS_ERROR},
    {"errorcode", DRESS_ERROR},
    {"error_code", DRESS_ERROR},
    {"errorid", DRESS_ERROR},
    {"sqlerror", DRESS_ERROR},
    {"sqlerrornumber", DRESS_ERROR},
    {"sqlerrorcode", DRESS_ERROR},
    {"sqlcode", DRESS_ERROR},
    {"sqlexception", DRESS_ERROR},
    {"nativeerror", DRESS_ERROR},
    {"native_error", DRESS_ERROR},
    {"native", DRESS_ERROR},
    {"message_code", DRESS_ERROR},
    {"messagecode", DRESS_ERROR},
    {"message_id", DRESS_ERROR},
    {"evtid", DRESS_ERROR},
    {"fehler", DRESS_ERROR},
    {"fehlercode", DRESS_ERROR},
    {"fehlernummer", DRESS_ERROR},
    {"meldung", DRESS_ERROR},
    {"erreur", DRESS_ERROR},
    {"mens", DRESS_ERROR},
    {"mensaje", DRESS_ERROR},
    {"mensagem", DRESS_ERROR},
    {"messaggio", DRESS_ERROR},
    {"errore", DRESS_ERROR},
    {"erro", DRESS_ERROR},
    {"ошибка", DRESS_ERROR},
    {"Ошибка", DRESS_ERROR},
    {"сообщение", DRESS_ERROR},
    {"Сообщение", DRESS_ERROR},
    {"エラー", DRESS_ERROR},
    {"エラー番号", DRESS_ERROR},
    {"エラーコード", DRESS_ERROR},
    {"メッセージ", DRESS_ERROR},
    {"错误", DRESS_ERROR},
    {"错误号", DRESS_ERROR},
    {"错误代码", DRESS_ERROR},
    {"错误编号", DRESS_ERROR},
    {"錯誤碼", DRESS_ERROR},
    {"消息", DRESS_ERROR},
    {"錯誤", DRESS_ERROR},
    {"訊息", DRESS_ERROR},
    {"오류", DRESS_ERROR},
    {"메시지", DRESS_ERROR},
    {"meldg", DRESS_ERROR},
    {"komunikat", DRESS_ERROR},
    {"błąd", DRESS_ERROR},
    {"Błąd", DRESS_ERROR},
    {"błędu", DRESS_ERROR},
    {"hata", DRESS_ERROR},
    {"ileti", DRESS_ERROR},
    {"İleti", DRESS_ERROR},
    {"meddelande", DRESS_ERROR},
    {"felkod", DRESS_ERROR},
    {"bericht", DRESS_ERROR},
    {"fout", DRESS_ERROR},
    {"foutcode", DRESS_ERROR},
    {"zpráva", DRESS_ERROR},
    {"Zpráva", DRESS_ERROR},
    {"chyba", DRESS_ERROR},
    {"üzenet", DRESS_ERROR},
    {"Üzenet", DRESS_ERROR},
    {"hiba", DRESS_ERROR},
    {"hibakód", DRESS_ERROR},
    {"meddelelse", DRESS_ERROR},
    {"fejl", DRESS_ERROR},
    {"fejlkode", DRESS_ERROR},
    {"melding", DRESS_ERROR},
    {"feil", DRESS_ERROR},
    {"virhe", DRESS_ERROR},
    {"number", DRESS_NUMBER},
    {"code", DRESS_NUMBER},
    {"no", DRESS_SHORT},
    {"nr", DRESS_SHORT},
    {"num", DRESS_SHORT},
    {"id", DRESS_SHORT},
    {"hresult", DRESS_WIDE},
    {"scode", DRESS_WIDE},
    {"ntstatus", DRESS_WIDE},
    {"status", DRESS_WIDE},
    {"result", DRESS_WIDE},
    {"exitcode", DRESS_WIDE},
};

/* Words that make "code" and "number" an error's … */
static const char *const error_words[] = {"error",   "sql",  "native", "server",
                                          "message", "msg",  "fehler", "odbc",
                                          "db",      "ssis", "oledb",  "provider"};
/* … and those that leave only the 32-bit ones. */
static const char *const wide_words[] = {"exit",   "status",    "return",
                                         "result", "exception", "reason"};

/* The scanner needs one trigger where several dresses share letters. */
static const char *const triggers[] = {
    "msg",         "err",        "sqlcode",   "sqlexception", "native",    "message_code",
    "messagecode", "message_id", "evtid",     "fehler",       "meldung",   "mens",
    "messaggio",   "ошибка",     "Ошибка",    "сообщение",    "Сообщение", "エラー",
    "メッセージ",  "错误",       "消息",      "錯誤",         "訊息",      "오류",
    "메시지",      "meldg",      "komunikat", "błąd",         "Błąd",      "błędu",
    "hata",        "ileti",      "İleti",     "meddel",       "felkod",    "bericht",
    "fout",        "zpráva",     "Zpráva",    "chyba",        "üzenet",    "Üzenet",
    "hiba",        "fejl",       "melding",   "feil",         "virhe",     "number",
    "code",        "hresult",    "ntstatus",  "status",       "result"};

const char *const *code_dress_words(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(triggers);
    return triggers;
}

/* ---- the quick look -------------------------------------------------------------------------- */

static bool is_alnum(char c)
{
    c = str_fold(c);
    return fold_is_digit(c) || (c >= 'a' && c <= 'z');
}

static bool known_decimal(const CodeTable *table, uint64_t value)
{
    size_t number = 0;

    return value <= UINT32_MAX && (code_table_find(table, (uint32_t)value, &number) ||
                                   code_table_find(table, (uint32_t)(0 - value), &number));
}

/* A longer run of letters and digits is no code: every look stays short. */
enum { LONGEST_RUN = 64 };

/* A run read both ways. */
static bool known_run(const CodeTable *table, Str run)
{
    uint64_t decimal = 0, hex = 0;
    size_t number = 0;
    bool is_decimal = run.len <= 20, is_hex = true;
    size_t i = run.len > 2 && run.at[0] == '0' && str_fold(run.at[1]) == 'x' ? 2 : 0;

    if (run.len > LONGEST_RUN)
        return false;
    is_decimal = is_decimal && i == 0;
    for (; i < run.len; i++) {
        int digit = str_hex_digit(run.at[i]);
        is_hex = is_hex && digit >= 0;
        is_decimal = is_decimal && digit >= 0 && digit <= 9;
        hex = hex >> 32 ? hex : hex << 4 | (uint64_t)(digit & 15);
        decimal = decimal >> 40 ? decimal : decimal * 10 + (uint64_t)(digit & 15);
    }
    if (is_decimal && known_decimal(table, decimal))
        return true;
    return is_hex && hex <= UINT32_MAX && code_table_find(table, (uint32_t)hex, &number);
}

static bool look_folded(const CodeTable *table, Str raw, size_t at)
{
    enum { LOOK_AHEAD = 64 };
    char ahead[LOOK_AHEAD + FOLD_UNIT_MAX];
    size_t len = fold_ahead(raw, at, ahead, LOOK_AHEAD);

    for (size_t i = 0; i < len;) {
        size_t end = i;
        while (end < len && is_alnum(ahead[end]))
            end++;
        if (end > i && known_run(table, (Str){ahead + i, end - i}))
            return true;
        i = end + (end == i);
    }
    return false;
}

static bool is_plain_separator(char c)
{
    return c != '\0' && strchr(" \t\r\n:=#(['\"->,.+)]", c) != NULL;
}

/* "error no. 208", "Fehler Nr. 208", "error returned was 208" */
static bool is_short_word(Str run)
{
    static const char *const words[] = {"no", "nr", "num", "id", "returned"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_equal_fold(run, str_of(words[i])))
            return true;
    return false;
}

static Str run_at(Str raw, size_t at)
{
    size_t end = at;

    while (end < raw.len && end - at <= LONGEST_RUN && is_alnum(raw.at[end]))
        end++;
    return (Str){raw.at + at, end - at};
}

/* Behind what is left of a dress word: "err" has been seen of "error_number". */
static size_t skip_word(Str raw, size_t at)
{
    size_t end = raw.len - at < LONGEST_RUN ? raw.len : at + LONGEST_RUN;

    while (at < end && is_alnum(raw.at[at]) && !fold_is_digit(raw.at[at]))
        at++;
    return at;
}

/* Most dress words of a log are just words: the next one tells, unfolded. The digits of a "0x"
 * follow at once. */
bool codes_near(const CodeTable *table, Str raw, size_t at, CodeHint hint)
{
    size_t number = 0;

    if (hint == HINT_NAME)
        return find_name(table, raw, name_start(raw, at), &number);
    if (hint == HINT_SIGN)
        return known_run(table, run_at(raw, at - CODE_SIGN_DIGITS));
    size_t start = hint == HINT_HEX ? at : skip_word(raw, at);

    for (at = start; hint != HINT_HEX && at < raw.len && is_plain_separator(raw.at[at]);)
        at++;
    Str run = run_at(raw, at);
    if (run.len == 0 || hint == HINT_SQLSTATE || is_short_word(run))
        return look_folded(table, raw, start);
    return known_run(table, run);
}

/* ---- the exact look -------------------------------------------------------------------------- */

/* What stands between a dress word and its number. */
static bool is_separator(char c)
{
    return c != '\0' && strchr(" :=#(['->", c) != NULL;
}

/* Back over at most four separators beside blanks. */
static size_t before_separators(const char *text, size_t at)
{
    size_t count = 0;

    while (at > 0 && is_separator(text[at - 1]) && (text[at - 1] == FOLD_BLANK || count < 4))
        count += text[--at] != FOLD_BLANK;
    return at;
}

/* The word that ends at `end`; letters, digits, '_'. */
static Str word_before(const char *text, size_t end)
{
    enum { WORD_MAX = 48 };
    size_t start = end;

    while (start > 0 && end - start < WORD_MAX &&
           (fold_is_word(text[start - 1]) || text[start - 1] == '_'))
        start--;
    return (Str){text + start, end - start};
}

static bool word_is(Str word, const char *what)
{
    size_t len = strlen(what);

    if (word.len < len || memcmp(word.at + word.len - len, what, len) != 0)
        return false;
    if ((unsigned char)what[0] < 0x80) // "Msg" right behind a full stop of Chinese
        return word.len == len || (unsigned char)word.at[word.len - len - 1] >= 0x80;
    return true;
}

static bool word_is_any(Str word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (word_is(word, list[i]))
            return true;
    return false;
}

static const Dress *dress_of(Str word)
{
    for (size_t i = 0; i < ARRAY_LEN(dresses); i++)
        if (word_is(word, dresses[i].word))
            return &dresses[i];
    return NULL;
}

/* "error code", "SQL error number": the word before "code" or "number" is an error's; "zip code"
 * and "line number" are not. Standing alone ("(code 1205)", "Number: 1205") they are. */
static bool number_word_fits(const char *text, Str word, bool wide)
{
    size_t start = (size_t)(word.at - text);

    if (start == 0 || (text[start - 1] != FOLD_BLANK && text[start - 1] != '-'))
        return true;
    Str before = word_before(text, start - 1);
    if (before.len == 0 || word_is_any(before, error_words, ARRAY_LEN(error_words)))
        return true;
    const Dress *dress = dress_of(before);
    return (dress && dress->kind == DRESS_ERROR) ||
           (wide && word_is_any(before, wide_words, ARRAY_LEN(wide_words)));
}

static bool short_word_fits(const char *text, Str word)
{
    size_t start = (size_t)(word.at - text);

    if (start == 0 || text[start - 1] != FOLD_BLANK)
        return false;
    const Dress *dress = dress_of(word_before(text, start - 1));
    return dress && dress->kind == DRESS_ERROR;
}

/* "[sqlstate 28000] (18456": the five characters stand before the parenthesis. */
static bool sqlstate_before(const char *text, size_t at)
{
    enum { SQLSTATE_LEN = 5 };

    if (at == 0 || text[at - 1] != '(')
        return false;
    size_t end = at - 1;
    end -= end > 0 && text[end - 1] == FOLD_BLANK;
    end -= end > 0 && (text[end - 1] == ']' || text[end - 1] == ')');
    Str state = word_before(text, end);
    if (state.len != SQLSTATE_LEN)
        return false;
    return word_is(word_before(text, before_separators(text, (size_t)(state.at - text))),
                   "sqlstate");
}

/* 'component "Read errors" (107)': a name, and its id. */
static bool is_id_of_name(const char *text, size_t at)
{
    return at > 2 && text[at - 1] == '(' && text[at - 2] == FOLD_BLANK && text[at - 3] == '\'';
}

/* The word before a number's separators; "no. 208" and "Meldg. 208" end in a full stop. */
static Str dress_word(const char *text, size_t at)
{
    enum { SHORTENED_MAX = 4 };
    size_t end = before_separators(text, at);
    bool stopped = end > 0 && text[end - 1] == '.';
    Str word = word_before(text, end - stopped);

    bool is_none =
        (stopped && word.len > SHORTENED_MAX && !word_is(word, "meldg")) || is_id_of_name(text, at);
    return is_none ? (Str){text, 0} : word;
}

/* "The error returned was 15404: '…'", as change data capture cites what failed within it. */
static bool returned_before(const char *text, size_t at)
{
    static const char front[] = "error returned was ";
    const size_t len = sizeof front - 1;

    return at >= len && memcmp(text + at - len, front, len) == 0;
}

static bool is_dressed(const char *text, size_t at, bool wide)
{
    Str word = dress_word(text, at);
    const Dress *dress = dress_of(word);

    if (!dress)
        return sqlstate_before(text, at) || returned_before(text, at);
    switch (dress->kind) {
    case DRESS_ERROR:
        return true;
    case DRESS_NUMBER:
        return number_word_fits(text, word, wide);
    case DRESS_SHORT:
        return short_word_fits(text, word);
    case DRESS_WIDE:
        return wide;
    }
    return false;
}

/* "error: 40501 rows", "error 12:30", "error 10.0": a number, but not a code. */
static bool ends_like_code(const char *text, size_t end)
{
    static const char *const counted[] = {
        "row",   "rows",     "record",   "records",  "byte",    "bytes",  "kb",       "mb",
        "gb",    "ms",       "sec",      "second",   "seconds", "minute", "minutes",  "hour",
        "hours", "times",    "warning",  "warnings", "errors",  "file",   "files",    "item",
        "items", "messages", "attempts", "retries",  "columns", "tables", "packages", "executions"};
    char next = text[end];

    if (is_alnum(next) || next == '_' || next == '%')
        return false;
    if ((next == '.' || next == ':' || next == '/') && fold_is_digit(text[end + 1]))
        return false;
    if (next == ',' && fold_is_digit(text[end + 1]) && fold_is_digit(text[end + 2]) &&
        fold_is_digit(text[end + 3]) && !fold_is_digit(text[end + 4]))
        return false; // 1,205
    if (next != FOLD_BLANK)
        return true;
    size_t word_end = end + 1;
    while (fold_is_word(text[word_end]))
        word_end++;
    return !word_is_any((Str){text + end + 1, word_end - end - 1}, counted, ARRAY_LEN(counted));
}

/* Data Factory numbers its own activities' errors: "errorCode": "2200", … "failureType". */
static bool is_of_activity(const char *text, size_t start, size_t end, int64_t value)
{
    bool is_quoted = start > 0 && text[start - 1] == '\'' && text[end] == '\'';
    bool goes_on =
        strncmp(text + end, " failure type", 13) == 0 || strncmp(text + end, " message ", 9) == 0;

    if (value >= CODE_WIDE_MIN || (!is_quoted && !goes_on))
        return false;
    return strstr(text + end, "failuretype") || strstr(text + end, "failure type");
}

/* Hive and Teradata say "[Error 10001]", a web or FTP server "HTTP error 404", "an
 * error: (530)". */
static bool is_of_others(const char *text, size_t start)
{
    static const char *const fronts[] = {"[error ", "http error ", "http error: ", "an error: (",
                                         "an error:("};

    for (size_t i = 0; i < ARRAY_LEN(fronts); i++) {
        size_t len = strlen(fronts[i]);
        if (start >= len && memcmp(text + start - len, fronts[i], len) == 0)
            return true;
    }
    return false;
}

typedef struct Run { // letters and digits of the folded text
    const char *text;
    size_t start, end;
} Run;

static uint32_t hex_of(const Run *run, size_t at)
{
    uint64_t value = 0;

    if (at == run->end || run->end - run->start > LONGEST_RUN)
        return CODE_NONE;
    for (; at < run->end; at++) {
        int digit = str_hex_digit(run->text[at]);
        if (digit < 0 || value >> 32)
            return CODE_NONE;
        value = value << 4 | (uint64_t)digit;
    }
    return value <= UINT32_MAX && value >= CODE_WIDE_MIN ? (uint32_t)value : CODE_NONE;
}

static uint32_t bare_hex_code(const Run *run)
{
    bool may_be = run->end - run->start == 8 && run->text[run->end] != '-' &&
                  (run->start == 0 || run->text[run->start - 1] != '-');

    return may_be && is_dressed(run->text, run->start, true) ? hex_of(run, run->start) : CODE_NONE;
}

static bool decimal_of(const Run *run, int64_t *ret_value)
{
    enum { DIGITS_MAX = 10 };

    bool is_state = run->text[run->start] == '0' && run->end - run->start > 1; // 08001, 01000

    return !is_state && run->end - run->start <= DIGITS_MAX &&
           str_to_i64((Str){run->text + run->start, run->end - run->start}, ret_value);
}

static uint32_t decimal_code(const Run *run)
{
    const char *text = run->text;
    int64_t value = 0;
    bool negative = run->start > 0 && text[run->start - 1] == '-' &&
                    (run->start == 1 || !fold_is_word(text[run->start - 2]));
    size_t at = run->start - negative;

    if (!decimal_of(run, &value) || !ends_like_code(text, run->end))
        return CODE_NONE;
    if (at > 0 &&
        (text[at - 1] == '_' || (text[at - 1] == '.' && at > 1 && fold_is_digit(text[at - 2]))))
        return CODE_NONE;
    uint32_t code = code_of(negative ? -value : value);
    bool wide = negative || code >= CODE_WIDE_MIN;
    if (is_of_activity(text, run->start, run->end, value) || is_of_others(text, run->start))
        return CODE_NONE;
    if (negative && run->end - run->start >= 9)
        return code;
    return is_dressed(text, at, wide) ? code : CODE_NONE;
}

static uint32_t code_at(const Run *run)
{
    const char *text = run->text;

    if (text[run->start] == '0' && text[run->start + 1] == 'x')
        return hex_of(run, run->start + 2);
    return fold_is_digit(text[run->start]) ? decimal_code(run) : CODE_NONE;
}

static bool begins_name(const Run *run)
{
    Str word = {run->text + run->start, run->end - run->start};

    return run->text[run->end] == '_' &&
           (str_equal(word, str_of("dts")) || str_equal(word, str_of("dtsbc")));
}

void codes_find(const CodeTable *table, const Folded *folded, CodeFound found, void *context)
{
    size_t number = 0;

    for (size_t at = 0; at < folded->len;) {
        Run run = {folded->text, at, at};
        while (is_alnum(folded->text[run.end]))
            run.end++;
        if (run.end == run.start) {
            at++;
            continue;
        }
        if (begins_name(&run) && // in the raw text: folding respells CANNOT
            find_name(table, folded->raw, folded->from[run.start], &number))
            found(context, number, run.start);
        if (code_table_find(table, code_at(&run), &number))
            found(context, number, run.start);
        if (code_table_find(table, bare_hex_code(&run), &number))
            found(context, number, run.start);
        at = run.end;
    }
}
