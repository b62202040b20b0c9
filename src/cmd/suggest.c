/* `catalog suggest` of whole logs: an entry for each error that nothing knows. */
#include "suggest.h"

#include "ssisminer/base/file.h"
#include "ssisminer/base/log.h"
#include "ssisminer/diagnose/diagnose.h"
#include "ssisminer/diagnose/unknowns.h"
#include "ssisminer/scan/scan.h"

#include <inttypes.h>

enum { KEPT = 1000, SHOWN = 100 }; // fingerprints

bool suggest_are_files(const char *const *args, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!file_exists(args[i]))
            return false;
    return count > 0;
}

typedef struct Search {
    const SigSet *set;
    SigScratch *scratch;
    Unknowns *unknowns;
} Search;

static void search_done(Search *search)
{
    sig_scratch_free_at(&search->scratch);
    unknowns_free_at(&search->unknowns);
}

static Rc take_record(void *context, const LogRecord *record, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    Search *search = context;
    Diagnosis diagnosis;

    if (record->trouble || record->is_quiet)
        return RC_OK;
    TRY(diagnose(search->set, search->scratch, record->messages, record->message_count,
                 record->status, &arena, &diagnosis, err));
    if (diagnosis.signature || diagnosis.decisive == SIZE_MAX)
        return RC_OK;
    unknowns_add(search->unknowns, record->messages[diagnosis.decisive].text, (Instant){0},
                 arena_printf(&arena, "%s:%zu", record->file, record->line));
    return RC_OK;
}

/* A comment must not end before its line does. */
static void put_place(const char *place, Buf *yaml)
{
    for (; *place; place++)
        buf_putc(yaml, (unsigned char)*place < ' ' ? '?' : *place);
}

static void put_entry(const Unknown *unknown, Buf *yaml)
{
    const SigText text = {.text = str_of(unknown->example)};

    buf_printf(yaml, "# seen %" PRId64 " time%s, first at ", unknown->count,
               unknown->count == 1 ? "" : "s");
    put_place(unknown->place, yaml);
    buf_putc(yaml, '\n');
    sig_suggest(unknown->id, &text, yaml);
    buf_putc(yaml, '\n');
}

Rc suggest_files(const SigSet *set, const LogRequest *how, const char *const *paths,
                 size_t path_count, Buf *ret_yaml, Err *err)
{
    AUTO(search_done)
    Search search = {.set = set, .scratch = sig_scratch_new(set), .unknowns = unknowns_new(KEPT)};
    Scan scan = {.request = *how};
    const Unknown *top[SHOWN];

    scan.request.on_record = take_record;
    scan.request.context = &search;
    for (size_t i = 0; i < path_count; i++)
        TRY(scan_path(&scan, paths[i], err));
    size_t count = unknowns_top(search.unknowns, top, SHOWN);
    if (count == 0) {
        (void)FAIL(err, RC_USAGE, "these files hold no error that nothing knows");
        return err_hint(err, "'ssisminer catalog coverage FILE...' tells what they hold");
    }
    if (unknowns_count(search.unknowns) > count)
        log_warning("%zu kinds of unknown errors; the %zu most frequent ones are here",
                    unknowns_count(search.unknowns), count);
    buf_puts(ret_yaml,
             "# Fill in cause and actions, correct class, role and retry, and take out what is no\n"
             "# failure; then: ssisminer catalog check THIS-FILE\n");
    for (size_t i = 0; i < count; i++)
        put_entry(top[i], ret_yaml);
    return RC_OK;
}
