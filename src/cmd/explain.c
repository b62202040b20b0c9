/* `explain X` and `explain --execution N`: what a number, a message or an execution means. */
#include "changed.h"
#include "entry.h"
#include "pasted.h"
#include "signatures.h"

#include "connect.h"
#include "filter.h"
#include "output.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/str.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/diagnose/diagnose.h"
#include "ssisminer/explain/explain.h"
#include "ssisminer/failures/failures.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    MESSAGE_MAX_BYTES = 1024 * 1024,
    FOUND_MAX = 12,
    NEAREST_MAX = 3,
    MENTIONS_MAX = 8,
    TITLE_MAX = 60
};

/* ---- what was asked -------------------------------------------------------------------------- */

static Rc read_stdin(Buf *text, Err *err)
{
    char piece[4096];
    size_t got;

    while ((got = fread(piece, 1, sizeof(piece), stdin)) > 0)
        buf_put(text, piece, got);
    return buf_check(text, "the message on standard input", err);
}

static Rc read_subject(const Conf *conf, Arena *arena, Str *ret_subject, Err *err)
{
    AUTO(buf_done) Buf text = BUF(MESSAGE_MAX_BYTES);
    size_t count;
    const char *const *args = conf_args(conf, &count);

    bool is_piped = count == 1 && str_same(args[0], "-");
    if (is_piped)
        TRY(read_stdin(&text, err));
    for (size_t i = 0; i < count && !is_piped; i++)
        buf_printf(&text, "%s%s", i ? " " : "", args[i]);
    TRY(buf_check(&text, "what is to be explained", err));
    *ret_subject = str_trim((Str){arena_copy(arena, buf_text(&text), text.len), text.len});
    if (ret_subject->len > 0)
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "nothing to explain");
    return err_hint(err,
                    "give an error number, an HRESULT, a name, an exit code, a signature id or a "
                    "message in quotes, or --execution with an id");
}

typedef struct Teller {
    const SigSet *set;
    Str subject;
    Arena *arena;
    Report *report;
} Teller;

static const char *title_of(Str subject, Arena *arena)
{
    AUTO(buf_done) Buf title = BUF(256);
    size_t len = subject.len <= TITLE_MAX ? subject.len : str_utf8_floor(subject.at, TITLE_MAX);

    for (size_t i = 0; i < len; i++)
        buf_putc(&title, (unsigned char)subject.at[i] < ' ' ? ' ' : subject.at[i]);
    return arena_printf(arena, "%s%s", buf_text(&title), len < subject.len ? "..." : "");
}

/* ---- numbers and names ----------------------------------------------------------------------- */

/* clang-format off */
#define READING_COLUMNS(COLUMN) \
    COLUMN("kind", "as", value_text(reading->kind)) \
    COLUMN("name", "name", value_text(reading->name), .tone = TONE_STRONG) \
    COLUMN("meaning", "meaning", value_text(reading->text), .may_wrap = true)
/* clang-format on */

static const Column reading_columns[] = {READING_COLUMNS(COLUMN_ENTRY)};

static void tell_forms(const Teller *teller, int64_t number)
{
    bool is_wide = number < -65535 || number > 65535;

    if (!is_wide)
        return;
    report_fact(teller->report, FOR_ALL, "hex", "hexadecimal",
                value_text(arena_printf(teller->arena, "0x%08" PRIX32, (uint32_t)number)));
    report_fact(teller->report, FOR_ALL, "signed", "signed", value_id((int32_t)number));
    report_fact(teller->report, FOR_ALL, "unsigned", "unsigned", value_id((uint32_t)number));
}

static void tell_readings(const Teller *teller, const Explanation *known)
{
    Section *section = report_section(teller->report, FOR_ALL, "readings", NULL, LAYOUT_TABLE,
                                      reading_columns, ARRAY_LEN(reading_columns), NULL);

    for (size_t i = 0; i < known->reading_count; i++) {
        const Reading *reading = &known->readings[i];
        row_set_all(section_row(section), ROW_VALUES(READING_COLUMNS));
    }
}

static void tell_entries(const Teller *teller, const Signature *const *entries, size_t count,
                         const char *title)
{
    EntrySection section = entry_section(teller->report, FOR_ALL, "signatures",
                                         count > 0 ? title : NULL, ENTRY_REMEDY, teller->arena);

    for (size_t i = 0; i < count; i++)
        entry_add(&section, entries[i]);
}

static void tell_known(const Teller *teller, const Explanation *known)
{
    if (known->is_number)
        tell_forms(teller, known->number);
    tell_readings(teller, known);
    tell_entries(teller, known->entries, known->entry_count, "In the catalog");
}

/* ---- messages -------------------------------------------------------------------------------- */

/* clang-format off */
#define MATCH_COLUMNS(COLUMN) \
    COLUMN("id", "id", value_text(entries[i]->id), .tone = TONE_STRONG) \
    COLUMN("role", "role", value_text(sig_role_name(entries[i]->role))) \
    COLUMN("confidence", "basis", value_text(sig_confidence_name(sig_confidence(match)))) \
    COLUMN("confidence_reason", "why", value_text(sig_confidence_reason(match)), .audience = FOR_DATA) \
    COLUMN("title", "title", value_text(entries[i]->title), .audience = FOR_DATA) \
    COLUMN("captures", "captured", captures_of(match, teller->arena), .may_wrap = true)
/* clang-format on */

static const Column match_columns[] = {MATCH_COLUMNS(COLUMN_ENTRY)};

static Value captures_of(const SigMatch *match, Arena *arena)
{
    const char **texts = arena_alloc_array(arena, match->capture_count + 1, sizeof(*texts));

    for (size_t i = 0; i < match->capture_count; i++)
        texts[i] = arena_printf(arena, "%s=%.*s", match->captures[i].name,
                                STR_FMT(match->captures[i].value));
    return value_texts(texts, match->capture_count);
}

static void tell_matches(const Teller *teller, const Pasted *pasted)
{
    Section *section = report_section(teller->report, FOR_ALL, "matches", "Recognized",
                                      LAYOUT_TABLE, match_columns, ARRAY_LEN(match_columns), NULL);
    const Signature *entries[PASTED_MAX];

    for (size_t i = 0; i < pasted->match_count; i++) {
        const SigMatch *match = &pasted->matches[i];
        entries[i] = match->signature;
        row_set_all(section_row(section), ROW_VALUES(MATCH_COLUMNS));
    }
    bool is_block = memchr(teller->subject.at, '\n', teller->subject.len) != NULL;
    size_t told = is_block && pasted->root_count > 0 ? pasted->root_count : pasted->match_count;
    tell_entries(teller, entries, told, "What to do");
}

static void tell_found(const Teller *teller, const Signature *const *found, size_t count)
{
    if (count <= 2) {
        tell_entries(teller, found, count, "In the catalog");
        return;
    }
    Section *table =
        entry_table(teller->report, "signatures", "Entries that hold these words", NULL);
    for (size_t i = 0; i < count; i++)
        entry_table_add(table, found[i]);
}

/* ---- what nothing knows ---------------------------------------------------------------------- */

static void tell_nearest(const Teller *teller, Str text)
{
    const Signature *near[NEAREST_MAX];
    size_t count = sig_nearest(teller->set, text, near, NEAREST_MAX);

    if (count == 0)
        return;
    Section *table = entry_table(teller->report, "nearest", "Nearest in the catalog", NULL);
    for (size_t i = 0; i < count; i++)
        entry_table_add(table, near[i]);
}

static void tell_unknown(const Teller *teller, Str text)
{
    Fingerprint fingerprint = fingerprint_of(text, teller->arena);

    report_fact(teller->report, FOR_ALL, "fingerprint", "fingerprint",
                value_text(arena_text(teller->arena, fingerprint.id)));
    report_fact(teller->report, FOR_ALL, "mask", "read as", value_text(fingerprint.mask));
}

enum { INNER_ID, INNER_TEXT };

/* clang-format off */
#define INNER_COLUMNS(COLUMN) \
    COLUMN("fingerprint", "fingerprint", \
           value_text(arena_text(teller->arena, fingerprint_of(text, teller->arena).id)), .tone = TONE_STRONG) \
    COLUMN("text", "text", value_text(pasted->unknown[i]), .may_wrap = true)
/* clang-format on */

/* Root errors of a block that nothing knows; around them something may be known. */
static void tell_inner(const Teller *teller, const Pasted *pasted)
{
    static const Column columns[] = {INNER_COLUMNS(COLUMN_ENTRY)};
    Section *section =
        report_section(teller->report, FOR_ALL, "unknown", "Errors that nothing knows",
                       LAYOUT_TABLE, columns, ARRAY_LEN(columns), NULL);

    for (size_t i = 0; i < pasted->unknown_count; i++) {
        Str text = str_of(pasted->unknown[i]);
        row_set_all(section_row(section), ROW_VALUES(INNER_COLUMNS));
    }
}

enum { SAID_WHAT, SAID_KIND, SAID_NAME, SAID_TEXT };

/* clang-format off */
#define MENTION_COLUMNS(COLUMN) \
    COLUMN("what", "in it", value_text(mentions[i].what), .tone = TONE_STRONG) \
    COLUMN("kind", "as", value_text(known->readings[k].kind)) \
    COLUMN("name", "name", value_text(known->readings[k].name)) \
    COLUMN("meaning", "meaning", value_text(known->readings[k].text), .may_wrap = true)
/* clang-format on */

/* Numbers and names in a text that is no message of the catalog; returns how many are known. */
static size_t tell_mentions(const Teller *teller)
{
    static const Column columns[] = {MENTION_COLUMNS(COLUMN_ENTRY)};
    Mention mentions[MENTIONS_MAX];
    size_t hits = 0;
    size_t count =
        explain_mentions(teller->set, teller->subject, teller->arena, mentions, MENTIONS_MAX);
    Section *section = count > 0 ? report_section(teller->report, FOR_ALL, "mentions", NULL,
                                                  LAYOUT_TABLE, columns, ARRAY_LEN(columns), NULL)
                                 : NULL;

    for (size_t i = 0; i < count; i++) {
        const Explanation *known = &mentions[i].known;
        hits += explanation_is_hit(known);
        for (size_t k = 0; k < known->reading_count; k++)
            row_set_all(section_row(section), ROW_VALUES(MENTION_COLUMNS));
    }
    for (size_t i = 0; i < count; i++)
        tell_entries(teller, mentions[i].known.entries, mentions[i].known.entry_count,
                     mentions[i].what);
    return hits;
}

/* A text without a match: words to search by, or numbers within it. */
static bool tell_unmatched(const Teller *teller)
{
    const Signature *found[FOUND_MAX];
    size_t count = sig_search(teller->set, teller->subject.at, found, FOUND_MAX);

    if (count > 0) {
        tell_found(teller, found, count);
        return true;
    }
    tell_unknown(teller, teller->subject);
    return tell_mentions(teller) > 0;
}

static Rc tell_message(const Teller *teller, bool *ret_is_hit, Err *err)
{
    Pasted pasted;

    TRY(pasted_read(teller->set, teller->subject, teller->arena, &pasted, err));
    if (pasted.match_count == 0) {
        *ret_is_hit = tell_unmatched(teller);
        if (!*ret_is_hit)
            tell_nearest(teller, teller->subject);
        return RC_OK;
    }
    *ret_is_hit = pasted.root_count > 0 || pasted.unknown_count == 0;
    if (pasted.unknown_count > 0)
        tell_inner(teller, &pasted);
    if (!*ret_is_hit)
        tell_nearest(teller, str_of(pasted.unknown[0]));
    tell_matches(teller, &pasted);
    return RC_OK;
}

/* "0xC0202009 DTS_E_OLEDBERROR" */
static void tell_nearest_code(const Teller *teller, const char *nearest)
{
    Explanation known = explain(teller->set, nearest, teller->arena);
    const Reading *first = known.reading_count > 0 ? &known.readings[0] : NULL;
    const char *name = first                   ? (first->name ? first->name : first->text)
                       : known.entry_count > 0 ? known.entries[0]->title
                                               : NULL;

    report_fact(teller->report, FOR_ALL, "nearest", "nearest",
                value_text(!name || str_same(name, nearest)
                               ? nearest
                               : arena_printf(teller->arena, "%s %s", nearest, name)));
}

/* The answer is out; scripts want to know that it is none. */
static Rc refuse_unknown(const Explanation *known, Err *err)
{
    (void)FAIL(err, RC_USAGE, "nothing in the catalog knows this");
    if (known->nearest)
        return err_hint(err, "did you mean %s?", known->nearest);
    return err_hint(err, "'ssisminer catalog suggest' prints an entry for it to fill in");
}

static Rc explain_subject(const Conf *conf, const SigSet *set, Output *output, Arena *arena,
                          Err *err)
{
    Teller teller = {.set = set, .arena = arena};

    (void)conf_flag(conf, OPT_SANDBOX); // a server is not needed, and none is started
    (void)conf_flag(conf, OPT_ALL);     // it is
    TRY(conf_refuse_unread(conf, "explain X", err));
    TRY(read_subject(conf, arena, &teller.subject, err));
    Explanation known = explain(set, teller.subject.at, arena);
    bool is_hit = explanation_is_hit(&known);
    teller.report = report_new(arena, "explain", title_of(teller.subject, arena));
    report_fact(teller.report, FOR_DATA, "subject", "subject", value_text(teller.subject.at));
    if (known.nearest)
        tell_nearest_code(&teller, known.nearest);
    if (is_hit || known.is_vague)
        tell_known(&teller, &known);
    else
        TRY(tell_message(&teller, &is_hit, err));
    TRY(output_write(output, teller.report, err));
    return is_hit ? RC_OK : refuse_unknown(&known, err);
}

/* ---- an execution of the server -------------------------------------------------------------- */

/* Why there is nothing to show: it did not fail, or nobody may see it. */
static Rc refuse_unseen(const Ssisdb *db, const Failures *failures, Err *err)
{
    for (size_t i = 0; i < failures->total_count && failures->count == 0; i++) {
        (void)FAIL(err, RC_USAGE, "the execution did not fail: it is %s",
                   status_name(failures->totals[i].status));
        return err_hint(err, "'ssisminer slow' tells why one takes long");
    }
    if (failures->count > 0)
        return RC_OK;
    (void)FAIL(err, db->sees_all ? RC_USAGE : RC_RIGHTS,
               "the server shows no such execution that failed");
    return db->sees_all
               ? err_hint(err, "the retention purge may have removed it")
               : err_hint(err, "login '%s' is not in role %s and sees its own executions only",
                          db->login_name ? db->login_name : "?", ssisdb_reading_role(db));
}

static Rc explain_executions(Conf *conf, const SigSet *set, Output *output, Arena *arena, Err *err)
{
    AUTO(connect_close) Connection connection = {0};
    AUTO(failures_free_at) Failures *failures = NULL;
    AUTO(changes_free_at) Changes *changes = NULL;
    FailuresQuestion question = {.since = {.is_set = true},
                                 .with_failed = true,
                                 .with_unexpected = true,
                                 .with_canceled = true};
    FilterFound found = {0};
    Ssisdb *db = NULL;

    question.filter.ids = conf_ids(conf, OPT_EXECUTION, &question.filter.id_count);
    if (question.filter.id_count > 0 && conf_text(conf, OPT_RUN))
        return FAIL(err, RC_USAGE, "give either --execution or --run, not both");
    TRY(connect_open(conf, "explain", &connection, err));
    TRY(ssisdb_probe(connection.tds, arena, &db, err));
    TRY(filter_resolve(conf, db, (Instant){0}, &question.filter, arena, &found, err));
    CONNECT_READ(&connection, failures_read(db, set, &question, &failures, err), err);
    TRY(refuse_unseen(db, failures, err));

    TRY(changes_beside(db, failures, &changes, err));

    FailuresView view = {.db = db,
                         .question = &question,
                         .now = time_now(),
                         .changes = changes,
                         .is_part = output->is_part};
    Report *report = failures_report(failures, &view, arena);
    filter_tell(&found, db, report, arena);
    output->style.is_screen = !conf_flag(conf, OPT_ALL);
    return output_write(output, report, err);
}

/* ---- the command ----------------------------------------------------------------------------- */

static Rc explain_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(sigset_free_at) SigSet *set = NULL;
    AUTO(output_close) Output output = {0};
    size_t ids, count;

    (void)conf_ids(conf, OPT_EXECUTION, &ids);
    const char *const *args = conf_args(conf, &count);
    bool is_asked_of_server = ids > 0 || conf_text(conf, OPT_RUN);
    if (is_asked_of_server && count > 0)
        return FAIL(err, RC_USAGE, "explain either '%s' or an execution, not both", args[0]);
    TRY(signatures_load_lean(conf, &set, err));
    TRY(output_open(conf, &output, err));
    if (is_asked_of_server)
        return explain_executions(conf, set, &output, &arena, err);
    return explain_subject(conf, set, &output, &arena, err);
}

const Command cmd_explain = {
    .name = "explain",
    .args = "X",
    .summary = "Say what an error number, code, status, name or message means",
    .details =
        "X is a SQL error number, an HRESULT or NTSTATUS (hexadecimal or decimal), a symbolic name "
        "(DTS_E_OLEDBERROR, E_FAIL), an exit code, a status, an operation or message type, the id "
        "of a signature, or a message in quotes; '-' reads a message from standard input. Words "
        "before a number say of what it is: 'status 6', 'exit code 4', 'message type 120'.\n"
        "\n"
        "With --execution, the execution is read from the server and its root cause shown, with "
        "what to do and whether to run it again, as report --execution does; --all gives the whole "
        "answer.\n"
        "\n"
        "    ssisminer explain 10928\n"
        "    ssisminer explain 0xC0202009\n"
        "    ssisminer explain \"SSIS Executor exit code: -1073741819\"\n"
        "    ssisminer explain --execution 48213 -S etl01",
    .takes = BY_EXPLAIN,
    .first = {OPT_EXECUTION, OPT_SERVER, OPT_SIGNATURES, OPT_FORMAT, OPT_OUTPUT},
    .run = explain_run,
};
