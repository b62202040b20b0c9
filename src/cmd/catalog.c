/* `catalog list | show | search | check | coverage | suggest`: the signatures themselves. */
#include "coverage.h"
#include "entry.h"
#include "logs.h"
#include "signatures.h"
#include "suggest.h"

#include "output.h"
#include "page.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/nearest.h"
#include "ssisminer/base/str.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/diagnose/diagnose.h"
#include "ssisminer/scan/scan.h"

#include <stdio.h>
#include <string.h>

enum { FOUND_MAX = 200, PROBLEMS_MAX_BYTES = 1024 * 1024, MESSAGE_MAX_BYTES = 1024 * 1024 };

typedef struct Catalog {
    const Conf *conf;
    const char *const *args; // after the verb
    size_t arg_count;
    SigSet *set;
    Arena *arena;
    Output *output;
} Catalog;

static const char *join_args(const Catalog *catalog)
{
    AUTO(buf_done) Buf text = BUF(MESSAGE_MAX_BYTES);

    for (size_t i = 0; i < catalog->arg_count; i++)
        buf_printf(&text, "%s%s", i ? " " : "", catalog->args[i]);
    return arena_text(catalog->arena, buf_text(&text));
}

/* ---- list ------------------------------------------------------------------------------------ */

typedef struct Source {
    const char *name, *title;
} Source;

static const Source sources[] = {
    {"ssis-activity-faq", "Package executions in the SSIS integration runtime"},
    {"shir-troubleshoot", "The self-hosted integration runtime"},
    {"azure-sql", "Azure SQL"},
    {"sql-server", "SQL Server"},
    {"ssis-engine", "The SSIS engine and its catalog"},
    {"windows", "The package's process and Windows"},
    {"integration-runtime", "The integration runtime and Data Factory"},
    {"drivers", "Drivers and services of others"},
    {"user", "Your own"},
};

static bool has_source(const SigSet *set, const char *name)
{
    for (size_t i = 0; i < sigset_written_count(set); i++)
        if (str_same(sigset_at(set, i)->source, name))
            return true;
    return false;
}

/* Pages to read: a chapter a source. */
static void list_chapters(const Catalog *catalog, Report *report)
{
    for (size_t s = 0; s < ARRAY_LEN(sources); s++) {
        if (!has_source(catalog->set, sources[s].name))
            continue;
        EntrySection chapter = entry_section(report, FOR_PEOPLE, sources[s].name, sources[s].title,
                                             ENTRY_WHOLE, catalog->arena);
        for (size_t i = 0; i < sigset_written_count(catalog->set); i++)
            if (str_same(sigset_at(catalog->set, i)->source, sources[s].name))
                entry_add(&chapter, sigset_at(catalog->set, i));
    }
}

static void list_cards(const Catalog *catalog, Report *report)
{
    EntrySection section =
        entry_section(report, FOR_DATA, "signatures", NULL, ENTRY_WHOLE, catalog->arena);

    for (size_t i = 0; i < sigset_written_count(catalog->set); i++)
        entry_add(&section, sigset_at(catalog->set, i));
}

static void list_lines(const Catalog *catalog, Report *report)
{
    Section *table = entry_table(report, "signatures", NULL, NULL);

    for (size_t i = 0; i < sigset_written_count(catalog->set); i++)
        entry_table_add(table, sigset_at(catalog->set, i));
}

static Rc run_list(Catalog *catalog, Err *err)
{
    Report *report = report_new(catalog->arena, "catalog", "Catalog of known failures");

    if (catalog->arg_count > 0)
        return FAIL(err, RC_USAGE, "'catalog list' takes no argument, not '%s'", catalog->args[0]);
    report_fact(report, FOR_ALL, "signature_count", "signatures",
                value_count((int64_t)sigset_written_count(catalog->set)));
    switch (catalog->output->format) {
    case CHOICE_FORMAT_MARKDOWN:
    case CHOICE_FORMAT_HTML:
        list_chapters(catalog, report);
        break;
    case CHOICE_FORMAT_UNSET:
    case CHOICE_FORMAT_TEXT:
        list_lines(catalog, report);
        break;
    case CHOICE_FORMAT_JSON:
    case CHOICE_FORMAT_NDJSON:
    case CHOICE_FORMAT_CSV:
    case CHOICE_FORMAT_PROMETHEUS:
        list_cards(catalog, report);
        break;
    }
    return output_write(catalog->output, report, err);
}

/* ---- show ------------------------------------------------------------------------------------ */

static Rc fail_unknown_id(const SigSet *set, const char *id, Err *err)
{
    Nearest nearest = {.word = id};

    for (size_t i = 0; i < sigset_written_count(set); i++)
        nearest_offer(&nearest, sigset_at(set, i)->id);
    (void)FAIL(err, RC_USAGE, "no signature is called '%s'", id);
    if (nearest_answer(&nearest))
        return err_hint(err, "did you mean %s?", nearest_answer(&nearest));
    return err_hint(err, "'ssisminer catalog search %s' looks in titles, causes and examples too",
                    id);
}

static Rc run_show(Catalog *catalog, Err *err)
{
    Report *report = report_new(catalog->arena, "catalog", "Known failures");
    EntrySection section =
        entry_section(report, FOR_ALL, "signatures", NULL, ENTRY_WHOLE, catalog->arena);

    if (catalog->arg_count == 0)
        return FAIL(err, RC_USAGE, "'catalog show' needs the id of a signature");
    for (size_t i = 0; i < catalog->arg_count; i++) {
        const Signature *signature = sigset_find(catalog->set, catalog->args[i]);
        if (!signature)
            return fail_unknown_id(catalog->set, catalog->args[i], err);
        entry_add(&section, signature);
    }
    return output_write(catalog->output, report, err);
}

/* ---- search ---------------------------------------------------------------------------------- */

static Rc run_search(Catalog *catalog, Err *err)
{
    const Signature *found[FOUND_MAX];
    const char *words = join_args(catalog);
    Report *report = report_new(catalog->arena, "catalog",
                                arena_printf(catalog->arena, "Known failures: %s", words));
    Section *table = entry_table(report, "signatures", NULL, "No entry holds all of these words.");

    if (catalog->arg_count == 0)
        return FAIL(err, RC_USAGE, "'catalog search' needs a word to look for");
    size_t count = sig_search(catalog->set, words, found, FOUND_MAX);
    report_fact(report, FOR_DATA, "words", "words", value_text(words));
    for (size_t i = 0; i < count; i++)
        entry_table_add(table, found[i]);
    return output_write(catalog->output, report, err);
}

/* ---- check ----------------------------------------------------------------------------------- */

/* clang-format off */
#define PROBLEM_COLUMNS(COLUMN) \
    COLUMN("problem", "problem", value_text(arena_copy(arena, line.at, line.len)), .use = COLUMN_HEADING)
/* clang-format on */

static const Column problem_columns[] = {PROBLEM_COLUMNS(COLUMN_ENTRY)};

static void list_problems(Report *report, const Buf *problems, Arena *arena)
{
    Section *section =
        report_section(report, FOR_ALL, "problems", NULL, LAYOUT_LIST, problem_columns,
                       ARRAY_LEN(problem_columns), "Every example matches, and no near miss does.");
    Str rest = {buf_text(problems), problems->len}, line;

    while (str_split(&rest, '\n', &line))
        if (line.len > 0)
            row_set_all(section_row(section), ROW_VALUES(PROBLEM_COLUMNS));
}

static void count_proofs(Report *report, const SigSet *set)
{
    size_t examples = 0, near_misses = 0;

    for (size_t i = 0; i < sigset_written_count(set); i++) {
        examples += sigset_at(set, i)->example_count;
        near_misses += sigset_at(set, i)->near_miss_count;
    }
    report_fact(report, FOR_ALL, "signature_count", "signatures",
                value_count((int64_t)sigset_written_count(set)));
    report_fact(report, FOR_ALL, "example_count", "examples", value_count((int64_t)examples));
    report_fact(report, FOR_ALL, "near_miss_count", "near misses",
                value_count((int64_t)near_misses));
}

static Rc run_check(Catalog *catalog, Err *err)
{
    AUTO(buf_done) Buf problems = BUF(PROBLEMS_MAX_BYTES);
    Report *report = report_new(catalog->arena, "catalog", "Check of the catalog");
    Err failure = {0};

    Rc rc = sigset_check(catalog->set, &problems, &failure);
    count_proofs(report, catalog->set);
    list_problems(report, &problems, catalog->arena);
    if (rc == RC_OK || problems.len > 0)
        TRY(output_write(catalog->output, report, err));
    if (rc != RC_OK)
        *err = failure;
    return rc;
}

/* ---- suggest --------------------------------------------------------------------------------- */

static Rc read_stdin(const Catalog *catalog, Str *ret_text, Err *err)
{
    AUTO(buf_done) Buf text = BUF(MESSAGE_MAX_BYTES);
    char piece[4096];
    size_t got;

    while ((got = fread(piece, 1, sizeof(piece), stdin)) > 0)
        buf_put(&text, piece, got);
    TRY(buf_check(&text, "the message on standard input", err));
    *ret_text = str_trim((Str){arena_copy(catalog->arena, buf_text(&text), text.len), text.len});
    return RC_OK;
}

static bool is_fingerprint(const char *text)
{
    return str_starts(text, "u-") && strlen(text) == 18 &&
           strspn(text + 2, "0123456789abcdef") == 16;
}

/* The first message of a scan that has the wanted fingerprint. */
typedef struct Wanted {
    const char *id;
    Arena *arena;
    Str text;
    int64_t code;
} Wanted;

static Rc look_for(void *context, const LogRecord *record, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    Wanted *wanted = context;

    (void)err;
    for (size_t i = 0; i < record->message_count && !wanted->text.at; i++) {
        Str text = record->messages[i].text;
        if (!str_same(fingerprint_of(text, &arena).id, wanted->id))
            continue;
        wanted->text = (Str){arena_copy(wanted->arena, text.at, text.len), text.len};
        wanted->code = record->messages[i].code;
    }
    return RC_OK;
}

static Rc find_message(const Catalog *catalog, const LogRequest *how, SigText *ret_text, Err *err)
{
    Wanted wanted = {.id = catalog->args[0], .arena = catalog->arena};
    Scan scan = {.request = *how};

    scan.request.on_record = look_for;
    scan.request.context = &wanted;
    for (size_t i = 1; i < catalog->arg_count && !wanted.text.at; i++)
        TRY(scan_path(&scan, catalog->args[i], err));
    if (wanted.text.at) {
        *ret_text = (SigText){.text = str_trim(wanted.text), .code = wanted.code};
        return RC_OK;
    }
    (void)FAIL(err, RC_USAGE, "no message has the fingerprint '%s'", wanted.id);
    return err_hint(err,
                    "name a log, or a report that lists it: 'ssisminer mine --format json -o "
                    "mine.json', then 'ssisminer catalog suggest %s mine.json'",
                    wanted.id);
}

static Rc read_message(const Catalog *catalog, const LogRequest *how, SigText *ret_text, Err *err)
{
    *ret_text = (SigText){0};
    if (catalog->arg_count > 0 && is_fingerprint(catalog->args[0]))
        return find_message(catalog, how, ret_text, err);
    if (catalog->arg_count == 1 && str_same(catalog->args[0], "-"))
        return read_stdin(catalog, &ret_text->text, err);
    ret_text->text = str_trim(str_of(join_args(catalog)));
    return RC_OK;
}

static Rc warn_if_known(const Catalog *catalog, const SigText *text, Err *err)
{
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(catalog->set);
    SigMatch match;
    size_t count = 0;

    TRY(sig_match(catalog->set, scratch, text, &match, 1, &count, err));
    if (count > 0)
        log_warning("'%s' matches this message already: a new entry needs 'before: [%s]'",
                    match.signature->id, match.signature->id);
    return RC_OK;
}

static Rc run_suggest(Catalog *catalog, Err *err)
{
    AUTO(buf_done) Buf yaml = BUF(PAGE_MAX_BYTES);
    const char *output = conf_text(catalog->conf, OPT_OUTPUT);
    const LogRequest how = logs_request(catalog->conf);
    SigText text;

    TRY(conf_refuse_unread(catalog->conf, "catalog suggest", err));
    if (suggest_are_files(catalog->args, catalog->arg_count)) {
        TRY(suggest_files(catalog->set, &how, catalog->args, catalog->arg_count, &yaml, err));
        return page_print(&yaml, output, err);
    }
    TRY(read_message(catalog, &how, &text, err));
    if (text.text.len == 0) {
        (void)FAIL(err, RC_USAGE, "'catalog suggest' needs a message");
        return err_hint(err, "give it in quotes, or write - and pass it on standard input");
    }
    TRY(warn_if_known(catalog, &text, err));
    sig_suggest(fingerprint_of(text.text, catalog->arena).id, &text, &yaml);
    return page_print(&yaml, output, err);
}

/* ---- coverage -------------------------------------------------------------------------------- */

static Rc run_coverage(Catalog *catalog, Err *err)
{
    const LogRequest how = logs_request(catalog->conf);
    Report *report = NULL;

    if (catalog->arg_count == 0) {
        (void)FAIL(err, RC_USAGE, "'catalog coverage' needs files");
        return err_hint(err, "name logs or folders, or - for standard input");
    }
    TRY(coverage_report(catalog->set, &how, catalog->args, catalog->arg_count, catalog->arena,
                        &report, err));
    return output_write(catalog->output, report, err);
}

/* ---- verbs ----------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    Rc (*run)(Catalog *catalog, Err *err);
    bool is_page;    // prints text of its own, in no format
    bool reads_logs; // and takes what says how
} verbs[] = {
    {"list", run_list, false, false},     {"show", run_show, false, false},
    {"search", run_search, false, false}, {"check", run_check, false, false},
    {"suggest", run_suggest, true, true}, {"coverage", run_coverage, false, true},
};

static Rc fail_unknown_verb(const char *name, Err *err)
{
    Nearest nearest = {.word = name};

    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        nearest_offer(&nearest, verbs[i].name);
    (void)FAIL(err, RC_USAGE, "catalog cannot '%s'", name);
    if (nearest_answer(&nearest))
        return err_hint(err, "did you mean %s?", nearest_answer(&nearest));
    return err_hint(err, "it knows list, show, search, check, coverage and suggest");
}

/* Files named after `check` are checked with the rest. */
static Rc load(const Catalog *catalog, const char *verb, SigSet **ret_set, Err *err)
{
    size_t count;
    const char *const *paths = conf_list(catalog->conf, OPT_SIGNATURES, &count);

    if (!str_same(verb, "check") || catalog->arg_count == 0)
        return signatures_load(catalog->conf, ret_set, err);
    const char **all = arena_alloc_array(catalog->arena, count + catalog->arg_count, sizeof(*all));
    for (size_t i = 0; i < count; i++)
        all[i] = paths[i];
    for (size_t i = 0; i < catalog->arg_count; i++)
        all[count + i] = catalog->args[i];
    return sigset_load(all, count + catalog->arg_count, ret_set, err);
}

static Rc catalog_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(sigset_free_at) SigSet *set = NULL;
    AUTO(output_close) Output output = {0};
    size_t count;
    const char *const *args = conf_args(conf, &count);
    const char *verb = count > 0 ? args[0] : "list";
    Catalog catalog = {conf, args + (count > 0), count > 0 ? count - 1 : 0, NULL, &arena, &output};

    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        if (!str_same(verbs[i].name, verb))
            continue;
        TRY(load(&catalog, verb, &set, err));
        if (!verbs[i].is_page)
            TRY(output_open(conf, &output, err));
        if (!verbs[i].reads_logs)
            TRY(conf_refuse_unread(conf, arena_printf(&arena, "catalog %s", verb), err));
        catalog.set = set;
        return verbs[i].run(&catalog, err);
    }
    return fail_unknown_verb(verb, err);
}

const Command cmd_catalog = {
    .name = "catalog",
    .args = "list|show|search|check|coverage|suggest",
    .summary = "List, show, search, check and extend the known failures",
    .details =
        "list shows every signature; in Markdown and HTML it is a reference page with causes and "
        "actions. show ID prints entries whole. search WORDS finds entries by the beginnings of "
        "words in their titles, causes, codes' names and examples. check proves that every example "
        "matches, no near miss does, and no two causes meet without a declared order; it takes "
        "further files. coverage FILE... tells of how many records of logs the cause is named, "
        "only the family or a wrapper known, or nothing. suggest MESSAGE prints an entry for a "
        "message that nothing knows, ready to have cause and actions filled in; '-' reads the "
        "message from standard input. suggest FILE... prints one for each kind of error in logs "
        "that nothing knows, the most frequent first; a fingerprint (u-...) with files finds its "
        "message there: in a log, or in the JSON of mine, scan or report. --since, --until, --as "
        "and --encoding are those of scan: coverage and suggest read that window of the logs.\n"
        "\n"
        "With --signatures, entries of your own are added, or override a shipped one of the same "
        "id.\n"
        "\n"
        "    ssisminer catalog search disk full\n"
        "    ssisminer catalog list --format markdown -o signatures.md\n"
        "    ssisminer catalog suggest \"Widget 17 is not aligned\" >> ours.yaml\n"
        "    ssisminer catalog suggest --since 7d nightly.log -o ours.yaml\n"
        "    ssisminer catalog check ours.yaml",
    .takes = BY_CATALOG,
    .first = {OPT_SIGNATURES, OPT_SINCE, OPT_FORMAT, OPT_OUTPUT},
    .run = catalog_run,
};
