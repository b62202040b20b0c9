/* `catalog coverage`: how much of a corpus the catalog knows. */
#include "coverage.h"

#include "ssisminer/diagnose/diagnose.h"
#include "ssisminer/scan/scan.h"

typedef enum Known {
    KNOWN_NAMED,
    KNOWN_FAMILY,
    KNOWN_WRAPPER,
    KNOWN_NOT,
    KNOWN_UNSEEN,
    KNOWN_UNREAD,
    KNOWN_KINDS
} Known;

static const struct {
    const char *name, *text;
} kinds[KNOWN_KINDS] = {
    [KNOWN_NAMED] = {"named", "a cause with advice of its own"},
    [KNOWN_FAMILY] = {"family", "recognized, with the advice of its family"},
    [KNOWN_WRAPPER] = {"wrapper only", "only what stands around the error is known"},
    [KNOWN_NOT] = {"unknown", "an error that nothing in the catalog knows"},
    [KNOWN_UNSEEN] = {"unseen", "not taken for a failure"},
    [KNOWN_UNREAD] = {"unread", "could not be read"},
};

typedef struct Coverage {
    const SigSet *set;
    SigScratch *scratch;
    int64_t counts[KNOWN_KINDS];
} Coverage;

static Known kind_of(const Diagnosis *diagnosis)
{
    if (!diagnosis->match)
        return diagnosis->decisive == SIZE_MAX ? KNOWN_UNSEEN : KNOWN_NOT;
    switch (sig_confidence(diagnosis->match)) {
    case SIG_SURE:
    case SIG_LIKELY:
        return KNOWN_NAMED;
    case SIG_FAMILY:
        return KNOWN_FAMILY;
    case SIG_FRAME:
        break;
    }
    return KNOWN_WRAPPER;
}

/* A record of which nothing says error is one only if a signature knows it. */
static Rc count_record(void *context, const LogRecord *record, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    Coverage *coverage = context;
    Diagnosis diagnosis;

    if (record->trouble) {
        coverage->counts[KNOWN_UNREAD]++;
        return RC_OK;
    }
    TRY(diagnose(coverage->set, coverage->scratch, record->messages, record->message_count,
                 record->status, &arena, &diagnosis, err));
    Known kind = kind_of(&diagnosis);
    coverage->counts[record->is_quiet && kind == KNOWN_NOT ? KNOWN_UNSEEN : kind]++;
    return RC_OK;
}

/* clang-format off */
#define COVERAGE_COLUMNS(COLUMN) \
    COLUMN("kind", "kind", value_text(kinds[i].name), .tone = TONE_STRONG) \
    COLUMN("records", "records", value_count(coverage->counts[i])) \
    COLUMN("share", "share", value_text(arena_printf(arena, "%.1f %%", share))) \
    COLUMN("meaning", "meaning", value_text(kinds[i].text), .may_wrap = true)
/* clang-format on */

static const Column columns[] = {COVERAGE_COLUMNS(COLUMN_ENTRY)};

static void add_kinds(Report *report, const Coverage *coverage, int64_t all, Arena *arena)
{
    Section *section = report_section(report, FOR_ALL, "coverage", NULL, LAYOUT_TABLE, columns,
                                      ARRAY_LEN(columns), NULL);

    for (size_t i = 0; i < KNOWN_KINDS; i++) {
        double share = all > 0 ? 100.0 * (double)coverage->counts[i] / (double)all : 0.0;
        row_set_all(section_row(section), ROW_VALUES(COVERAGE_COLUMNS));
    }
}

Rc coverage_report(const SigSet *set, const LogRequest *how, const char *const *paths,
                   size_t path_count, Arena *arena, Report **ret_report, Err *err)
{
    AUTO(sig_scratch_free_at) SigScratch *scratch = sig_scratch_new(set);
    Coverage coverage = {.set = set, .scratch = scratch};
    Scan scan = {.request = *how};
    int64_t all = 0;

    scan.request.on_record = count_record;
    scan.request.context = &coverage;
    for (size_t i = 0; i < path_count; i++)
        TRY(scan_path(&scan, paths[i], err));
    for (size_t i = 0; i < KNOWN_KINDS; i++)
        all += coverage.counts[i];
    Report *report = report_new(arena, "catalog", "Coverage of the catalog");
    report_fact(report, FOR_ALL, "file_count", "files", value_count((int64_t)scan.file_count));
    report_fact(report, FOR_ALL, "record_count", "records", value_count(all));
    add_kinds(report, &coverage, all, arena);
    *ret_report = report;
    return RC_OK;
}
