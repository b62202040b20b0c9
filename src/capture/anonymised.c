/* Each value by what its column holds; a message so that the same signatures match. */
#include "anonymised.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/signature/signature.h"

#include <stdlib.h>
#include <string.h>

enum { BUFFERS = 16, TEXT_MAX = 64 * 1024 * 1024, MATCHES = 16, SPANS = 256, VALUE_LEAST = 4 };
enum { KNOWN_VALUES = 1 << 12, KNOWN_BYTES = 120 };

/* Tasks, packages and paths come with each row again. */
typedef struct KnownValue {
    uint8_t holds, len, made_len; // len 0: none
    char value[KNOWN_BYTES], made[KNOWN_BYTES];
} KnownValue;

typedef struct Verdict { // what the catalog says of a message
    const Signature *signatures[MATCHES];
    size_t count;
} Verdict;

struct Anonymised {
    Anonymiser *anonymiser;
    SigSet *set;
    SigScratch *scratch;
    Buf buffers[BUFFERS]; // in turn
    size_t turn;
    Buf source, component; // of the message, under their pseudonyms
    Arena message;         // what is read of it
    KnownValue *known;     // KNOWN_VALUES of them, by hash: learnt, and made anonymous before
};

Rc anonymised_new(Anonymiser *anonymiser, Anonymised **ret_anonymised, Err *err)
{
    SigSet *set = NULL;

    TRY(sigset_load_lean(NULL, 0, &set, err));
    Anonymised *anonymised = mem_alloc(sizeof(*anonymised));
    *anonymised = (Anonymised){.anonymiser = anonymiser,
                               .set = set,
                               .scratch = sig_scratch_new(set),
                               .source = BUF(TEXT_MAX),
                               .component = BUF(TEXT_MAX),
                               .known = mem_alloc(KNOWN_VALUES * sizeof(KnownValue))};
    for (size_t i = 0; i < BUFFERS; i++)
        anonymised->buffers[i] = BUF(TEXT_MAX);
    *ret_anonymised = anonymised;
    return RC_OK;
}

void anonymised_free_at(Anonymised **anonymised)
{
    Anonymised *old = *anonymised;

    if (!old)
        return;
    for (size_t i = 0; i < BUFFERS; i++)
        buf_done(&old->buffers[i]);
    buf_done(&old->source);
    buf_done(&old->component);
    arena_done(&old->message);
    free(old->known);
    sig_scratch_free_at(&old->scratch);
    sigset_free(old->set);
    free(old);
}

static Buf *next_buffer(Anonymised *anonymised)
{
    Buf *buffer = &anonymised->buffers[anonymised->turn++ % BUFFERS];

    buf_reset(buffer);
    return buffer;
}

static Str text_of(const Buf *buffer)
{
    return (Str){buf_text(buffer), buffer->len};
}

/* ---- messages -------------------------------------------------------------------------------- */

static Rc verdict_of(Anonymised *anonymised, const SigText *text, Verdict *ret_verdict, Err *err)
{
    SigMatch matches[MATCHES];

    TRY(sig_match(anonymised->set, anonymised->scratch, text, matches, MATCHES, &ret_verdict->count,
                  err));
    for (size_t i = 0; i < ret_verdict->count; i++)
        ret_verdict->signatures[i] = matches[i].signature;
    return RC_OK;
}

static bool is_same(const Verdict *a, const Verdict *b)
{
    return a->count == b->count &&
           memcmp(a->signatures, b->signatures, a->count * sizeof(const Signature *)) == 0;
}

static const char *pseudonym(Anonymised *anonymised, const char *name, Buf *buffer)
{
    buf_reset(buffer);
    if (!name)
        return NULL;
    anonymise_name(anonymised->anonymiser, str_of(name), buffer);
    return buf_text(buffer);
}

/* First all that looks like the user's, then less, until the same signatures match. */
static Rc put_message(Anonymised *anonymised, const SigText *said, Buf *out, Err *err)
{
    static const AnonymiseReach reaches[] = {ANONYMISE_ALL, ANONYMISE_SURE};
    SigSpan spans[SPANS];
    AnonymisePiece pieces[SPANS];
    Verdict before, after;

    TRY(verdict_of(anonymised, said, &before, err));
    size_t count = before.count > 0 ? sig_said(anonymised->scratch, spans, SPANS) : 0;
    for (size_t i = 0; i < count; i++)
        pieces[i] = (AnonymisePiece){spans[i].start, spans[i].end};
    SigText made = {.code = said->code,
                    .source_name = pseudonym(anonymised, said->source_name, &anonymised->source),
                    .subcomponent =
                        pseudonym(anonymised, said->subcomponent, &anonymised->component)};
    for (size_t i = 0; i < ARRAY_LEN(reaches); i++) {
        buf_reset(out);
        anonymise_text(anonymised->anonymiser, said->text, pieces, count, reaches[i], out);
        made.text = text_of(out);
        if (before.count == 0)
            return RC_OK;
        TRY(verdict_of(anonymised, &made, &after, err));
        if (is_same(&before, &after))
            return RC_OK;
    }
    return RC_OK;
}

static Rc read_message(Anonymised *anonymised, const TdsRows *rows, Str text, Buf *out, Err *err)
{
    Arena *arena = &anonymised->message;

    arena_reset(arena);
    const SigText said = {
        .text = text,
        .code = tds_i64(rows, SQL_CAPTURE_MESSAGES__MESSAGE_CODE),
        .source_name = tds_text_copy(rows, SQL_CAPTURE_MESSAGES__MESSAGE_SOURCE_NAME, arena),
        .subcomponent = tds_text_copy(rows, SQL_CAPTURE_MESSAGES__SUBCOMPONENT_NAME, arena)};

    return put_message(anonymised, &said, out, err);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void learn_parts(Anonymiser *anonymiser, Str path, char cut)
{
    Str part;

    while (str_split(&path, cut, &part))
        anonymise_learn(anonymiser, part);
}

/* "CONTOSO\anna" and "anna@contoso.com" are anna too. */
static void learn_login(Anonymiser *anonymiser, Str login)
{
    const char *cut = login.len ? memchr(login.at, '\\', login.len) : NULL;
    const char *sign = login.len ? memchr(login.at, '@', login.len) : NULL;

    anonymise_learn(anonymiser, login);
    if (cut)
        learn_parts(anonymiser, login, '\\');
    if (sign)
        anonymise_learn(anonymiser, (Str){login.at, (size_t)(sign - login.at)});
}

static void learn_value(Anonymiser *anonymiser, Str value)
{
    if (value.len >= VALUE_LEAST)
        anonymise_learn(anonymiser, value);
}

/* LOGGING_LEVEL and its like: what the catalog itself gives a run. */
static bool is_of_catalog(const SqlAsset *asset, const TdsRows *rows)
{
    enum { SYSTEM_PARAMETER = 50 };
    bool is_parameter = asset == sql_asset(SQL_CAPTURE_PARAMETERS);

    return is_parameter && tds_i64(rows, SQL_CAPTURE_PARAMETERS__OBJECT_TYPE) == SYSTEM_PARAMETER &&
           !str_equal_fold(tds_text(rows, SQL_CAPTURE_PARAMETERS__PARAMETER_NAME),
                           str_of("CALLER_INFO"));
}

static Rc put_value(Anonymised *anonymised, const SqlAsset *asset, const TdsRows *rows,
                    size_t column, Str value, Buf *out, Err *err)
{
    Anonymiser *anonymiser = anonymised->anonymiser;

    switch (asset->columns[column].holds) {
    case SQL_HOLDS_TEXT:
        return read_message(anonymised, rows, value, out, err);
    case SQL_HOLDS_PROPERTY:
        anonymise_property(anonymiser, value, out);
        return RC_OK;
    case SQL_HOLDS_VALUE:
        learn_value(anonymiser, value);
        anonymise_value(anonymiser, value, out);
        return RC_OK;
    case SQL_HOLDS_LOGIN:
        learn_login(anonymiser, value);
        break;
    case SQL_HOLDS_PATH:
        learn_parts(anonymiser, value, '\\');
        break;
    case SQL_HOLDS_NAME:
    case SQL_HOLDS_HOST:
        anonymise_learn(anonymiser, value);
        break;
    case SQL_HOLDS_OBJECT:
    case SQL_HOLDS_PLAIN:
        break;
    }
    anonymise_name(anonymiser, value, out);
    return RC_OK;
}

static KnownValue *known_value(Anonymised *anonymised, SqlHolds holds, Str value)
{
    uint64_t hash = str_hash(STR_HASH_SEED + holds, value.at, value.len);

    return &anonymised->known[hash % KNOWN_VALUES];
}

static bool is_known(const KnownValue *known, SqlHolds holds, Str value)
{
    return known->len == value.len && value.len > 0 && known->holds == holds &&
           memcmp(known->value, value.at, value.len) == 0;
}

static void remember(KnownValue *known, SqlHolds holds, Str value, const Buf *made)
{
    if (value.len > KNOWN_BYTES || made->len > KNOWN_BYTES)
        return;
    known->holds = (uint8_t)holds;
    known->len = (uint8_t)value.len;
    known->made_len = (uint8_t)made->len;
    memcpy(known->value, value.at, value.len);
    memcpy(known->made, buf_text(made), made->len);
}

/* What a value becomes depends on nothing but itself and what it is; a message is no value. */
static Rc put_once(Anonymised *anonymised, const SqlAsset *asset, const TdsRows *rows,
                   size_t column, Str value, Buf *out, Err *err)
{
    SqlHolds holds = asset->columns[column].holds;
    KnownValue *known = known_value(anonymised, holds, value);

    if (holds == SQL_HOLDS_TEXT)
        return put_value(anonymised, asset, rows, column, value, out, err);
    if (is_known(known, holds, value)) {
        buf_put(out, known->made, known->made_len);
        return RC_OK;
    }
    TRY(put_value(anonymised, asset, rows, column, value, out, err));
    remember(known, holds, value, out);
    return RC_OK;
}

Rc anonymised_value(Anonymised *anonymised, const SqlAsset *asset, const TdsRows *rows,
                    size_t column, Str *ret_value, Err *err)
{
    Str value = tds_text(rows, (int)column);
    const SqlColumn *of = &asset->columns[column];
    bool is_plain = of->holds == SQL_HOLDS_PLAIN && of->type != SQL_TYPE_UNIQUEIDENTIFIER;

    *ret_value = value;
    if (!anonymised || !value.at || is_plain ||
        (of->holds == SQL_HOLDS_VALUE && is_of_catalog(asset, rows)))
        return RC_OK;
    Buf *out = next_buffer(anonymised);
    TRY(put_once(anonymised, asset, rows, column, value, out, err));
    TRY(buf_check(out, "a text", err));
    *ret_value = text_of(out);
    return RC_OK;
}

const char *anonymised_name(Anonymised *anonymised, const char *name, Arena *arena)
{
    if (!anonymised)
        return name;
    learn_login(anonymised->anonymiser, str_of(name));
    Buf *out = next_buffer(anonymised);
    anonymise_name(anonymised->anonymiser, str_of(name), out);
    return arena_text(arena, buf_text(out));
}

const char *anonymised_text(Anonymised *anonymised, const char *text, Arena *arena)
{
    if (!anonymised)
        return text;
    Buf *out = next_buffer(anonymised);
    anonymise_text(anonymised->anonymiser, str_of(text), NULL, 0, ANONYMISE_ALL, out);
    return arena_text(arena, buf_text(out));
}

/* ---- what functions say ---------------------------------------------------------------------- */

/* Their first argument is a name: of the database, in brackets or without, or of a file. */
Str anonymised_question(Anonymised *anonymised, Str question)
{
    static const char *const heads[] = {"DATABASEPROPERTYEX(", "FILEPROPERTY(",
                                        "HAS_PERMS_BY_NAME(["};

    for (size_t i = 0; anonymised && i < ARRAY_LEN(heads); i++) {
        size_t from = strlen(heads[i]), to = question.len;
        if (!str_begins(question, heads[i]))
            continue;
        while (to > from && question.at[to - 1] != ',') // the last comma: names may hold others
            to--;
        const char *close = memchr(question.at, ']', question.len);
        if (i == 2 && close)
            to = (size_t)(close - question.at);
        Buf *out = next_buffer(anonymised);
        buf_put(out, question.at, from);
        anonymise_name(anonymised->anonymiser, (Str){question.at + from, to - from}, out);
        buf_put(out, question.at + to, question.len - to);
        return text_of(out);
    }
    return question;
}

Str anonymised_answer(Anonymised *anonymised, Str question, Str answer)
{
    static const char *const names[] = {"SERVERPROPERTY(ServerName)", "SUSER_SNAME()",
                                        "USER_NAME()"};

    for (size_t i = 0; anonymised && answer.at && i < ARRAY_LEN(names); i++) {
        if (!str_equal(question, str_of(names[i])))
            continue;
        learn_login(anonymised->anonymiser, answer);
        Buf *out = next_buffer(anonymised);
        anonymise_name(anonymised->anonymiser, answer, out);
        return text_of(out);
    }
    return answer;
}
