/* The messages of a failure, and of what follows from it. */
#include "journal.h"

#include <stdio.h>

/* ---- a chain --------------------------------------------------------------------------------- */

static const struct KindRow {
    int type, source;
    const char *event, *label; // label: put between the source's name and the text
} kinds[] = {
    [FLOW] = {120, 60, "OnError", "Error: "},
    [FLOW_WARNING] = {110, 60, "OnWarning", "Warning: "},
    [FLOW_NOTE] = {70, 60, "OnInformation", "Information: "},
    [TASK] = {120, 40, "OnError", "Error: "},
    [TASK_WARNING] = {110, 40, "OnWarning", "Warning: "},
    [PACKAGE] = {120, 30, "OnError", "Error: "},
    [EXECUTOR] = {120, 20, NULL, NULL},
    [EXECUTOR_WARNING] = {110, 20, NULL, NULL},
    [API] = {120, 10, NULL, NULL},
};

static void keep_decisive(Journal *journal, const Entry *entry)
{
    enum { KEPT = 4096 };
    const char *text = journal->writer->text.text + entry->text_at;
    size_t len = entry->text_len < KEPT ? entry->text_len : KEPT;

    journal->run->decisive =
        arena_copy(journal->writer->plan->arena, text, str_utf8_floor(text, len));
    journal->run->decisive_len = entry->text_len;
    if (entry->event && entry->package)
        journal->run->task_path = journal_path(entry);
}

static void put_chain_message(Journal *journal, unsigned kind, uint32_t code, const char *template)
{
    const struct KindRow *row = &kinds[kind & ~(unsigned)DECISIVE];
    int task = row->source >= 40 ? journal->failed_task : PACKAGE_LEVEL;
    Entry *entry = journal_add(journal, row->type, row->source, row->event, journal->package, task);
    size_t index = journal->count - 1;

    entry->code = code;
    entry->is_api = row->source == 10;
    if (row->source == 60)
        entry->subcomponent = maker_value(&journal->maker, str_of("component"));
    if (row->label)
        buf_printf(&journal->writer->text, "%s:%s",
                   journal->package ? journal_source_name(journal->package, task)
                                    : "Data Flow Task",
                   row->label);
    maker_put(&journal->maker, template, &journal->writer->text);
    entry = &journal->entries[index];
    journal_end_text(journal, entry);
    if (kind & DECISIVE)
        keep_decisive(journal, entry);
}

/* The code that the messages around the failure repeat: that of the failure itself. */
static void set_hresult(Journal *journal, const Chain *chain)
{
    uint32_t code = 0x80131500; // any managed exception
    char text[16];

    for (size_t i = 0; i < ARRAY_LEN(chain->messages) && chain->messages[i].text; i++)
        if (chain->messages[i].code & UINT32_C(0x80000000) &&
            (chain->messages[i].kind & (unsigned)DECISIVE))
            code = chain->messages[i].code;
    snprintf(text, sizeof text, "0x%08X", (unsigned)code);
    maker_set(&journal->maker, "hresult", text);
}

static void put_tail(Journal *journal, ChainEnd end)
{
    if (end == END_SOURCE)
        put_chain_message(journal, FLOW, 0xC0047038,
                          "SSIS Error Code DTS_E_PRIMEOUTPUTFAILED.  The PrimeOutput method on "
                          "{component} returned error code {hresult}.  The component returned a "
                          "failure code when the pipeline engine called PrimeOutput(). The meaning "
                          "of the failure code is defined by the component, but the error is fatal "
                          "and the pipeline stopped executing.  There may be error messages posted "
                          "before this with more information about the failure.");
    if (end == END_TARGET)
        put_chain_message(journal, FLOW, 0xC0047022,
                          "SSIS Error Code DTS_E_PROCESSINPUTFAILED.  The ProcessInput method on "
                          "component \"{|OLE DB Destination|Lookup|Insert rows}\" ({id:10-400}) "
                          "failed with error code {hresult} while processing input \"OLE DB "
                          "Destination Input\" ({id2:10-400}). The identified component returned "
                          "an error from the ProcessInput method. The error is specific to the "
                          "component, but the error is fatal and will cause the Data Flow task to "
                          "stop running.  There may be error messages posted before this with more "
                          "information about the failure.");
    if (end == END_PREPARE)
        put_chain_message(
            journal, FLOW, 0xC004701A,
            "{component} failed the pre-execute phase and returned error code {hresult}.");
    if (end == END_VALIDATE) {
        put_chain_message(journal, FLOW, 0xC0047017,
                          "{component} failed validation and returned error code 0xC020801C.");
        put_chain_message(journal, FLOW, 0xC004700C, "One or more component failed validation.");
        put_chain_message(journal, TASK, 0xC0024107, "There were errors during task validation.");
    }
}

static int chain_errors(const Journal *journal)
{
    int errors = 0;

    for (size_t i = 0; i < journal->count; i++)
        errors += journal->entries[i].type == 120;
    return errors;
}

static void put_consequences(Journal *journal, ChainEnd end)
{
    char text[400];

    if (end == END_DEATH)
        return;
    if (end != END_PACKAGE && journal->failed_task != PACKAGE_LEVEL) {
        journal_note(journal, 130, "OnTaskFailed", journal->package, journal->failed_task,
                     "Task failed.");
        if (journal_logs_everything(journal))
            journal_clock_note(journal, 40, "OnPostExecute", journal->package, journal->failed_task,
                               journal->run->end, "Finished");
    }
    snprintf(text, sizeof text,
             "Warning: SSIS Warning Code DTS_W_MAXIMUMERRORCOUNTREACHED.  The Execution method "
             "succeeded, but the number of errors raised (%d) reached the maximum allowed (1); "
             "resulting in failure. This occurs when the number of errors reaches the number "
             "specified in MaximumErrorCount. Change the MaximumErrorCount or fix the errors.",
             chain_errors(journal));
    journal_note(journal, 110, "OnWarning", journal->package, PACKAGE_LEVEL, text);
    journal->entries[journal->count - 1].code = 0x80019002;
}

static const char *kept_captures(Journal *journal)
{
    AUTO(buf_done) Buf text = BUF(4096);
    Str names = str_of(journal->run->chain->captures), name;

    while (names.at && str_split(&names, ' ', &name))
        buf_printf(&text, "%.*s\n%s\n", STR_FMT(name), maker_value(&journal->maker, name));
    return arena_text(journal->writer->plan->arena, buf_text(&text));
}

void journal_put_chain(Journal *journal)
{
    const Chain *chain = journal->run->chain;

    journal->chain_at = journal->count;
    for (size_t i = 0; i < ARRAY_LEN(chain->messages) && chain->messages[i].text; i++)
        put_chain_message(journal, chain->messages[i].kind, chain->messages[i].code,
                          chain->messages[i].text);
    if (chain->captures)
        journal->run->captures = kept_captures(journal);
    if (chain->class_ == CHAIN_SILENT || !journal->package)
        return;
    set_hresult(journal, chain);
    put_tail(journal, chain->end);
    put_consequences(journal, chain->end);
}
