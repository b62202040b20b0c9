/* What goes to the archive, and what it holds. */
#include "present.h"

#include "ssisminer/report/words.h"

#include <inttypes.h>

static const char *what_of(const ArchiveWish *wish)
{
    return wish->has_all_operations ? "all" : "failed";
}

static int64_t to_archive(const CleanupPlan *plan)
{
    return plan->wish->archive->has_all_operations ? plan->doomed : plan->doomed_failures;
}

/* "archive.db: 18 failed operations before they go; it holds 240 since 2024-03-01, and 12 are
 * trimmed" */
const char *present_archive_line(const Builder *builder)
{
    const CleanupPlan *plan = builder->plan;
    const ArchiveWish *wish = plan->wish->archive;
    const ArchiveHeld *held = &plan->archive.held;
    int64_t count = to_archive(plan);
    char since[TIME_TEXT_MAX];
    Buf line = BUF(2048);

    buf_printf(&line, "%s: %" PRId64 " %soperation%s before %s go%s", wish->path, count,
               wish->has_all_operations ? "" : "failed ", words_plural(count),
               count == 1 ? "it" : "they", count == 1 ? "es" : "");
    if (!plan->archive.is_there)
        buf_puts(&line, "; a new file");
    else
        buf_printf(&line, "; it holds %" PRId64, held->operations);
    if (held->oldest.is_set) {
        report_time_text(held->oldest, since);
        buf_printf(&line, " since %s", since);
    }
    if (held->stale > 0)
        buf_printf(&line, ", of which %" PRId64 " %s trimmed", held->stale,
                   held->stale == 1 ? "is" : "are");
    return words_taken(&line, builder->arena);
}

void present_archive_plan(Builder *builder)
{
    const CleanupPlan *plan = builder->plan;
    const ArchiveWish *wish = plan->wish->archive;
    const ArchiveHeld *held = &plan->archive.held;
    Report *report = builder->report;

    if (!wish)
        return;
    if (!builder->run)
        report_fact(report, FOR_PEOPLE, "archive_line", "archive",
                    value_text(present_archive_line(builder)));
    report_fact(report, FOR_DATA, "archive", "archive", value_text(wish->path));
    report_fact(report, FOR_DATA, "archive_of", "what is archived", value_text(what_of(wish)));
    report_fact(report, FOR_DATA, "archive_keep_seconds", "kept in the archive",
                wish->keep_ticks > 0 ? value_duration(wish->keep_ticks) : value_none());
    report_fact(report, FOR_DATA, "archive_is_new", "the archive is a new file",
                value_flag(!plan->archive.is_there));
    report_fact(report, FOR_DATA, "held_operations", "operations in the archive before",
                value_count(held->operations));
    report_fact(report, FOR_DATA, "held_from", "the first that it holds", value_time(held->oldest));
    report_fact(report, FOR_DATA, "held_to", "the last that it holds", value_time(held->newest));
    report_fact(report, FOR_DATA, "stale_operations", "operations too old for the archive",
                value_count(held->stale));
    if (plan->is_counted)
        report_fact(report, FOR_DATA, "to_archive_operations", "operations to archive",
                    value_count(to_archive(plan)));
}

void present_archive_run(Builder *builder)
{
    const CleanupRun *run = builder->run;
    Report *report = builder->report;

    if (!builder->plan->wish->archive)
        return;
    report_fact(report, FOR_PEOPLE, "archive_file", "archive",
                value_text(builder->plan->wish->archive->path));
    report_fact(report, FOR_ALL, "archived_executions", "executions archived",
                value_count(run->archived.executions));
    report_fact(report, FOR_DATA, "archived_operations", "operations archived",
                value_count(run->archived.operations));
    report_fact(report, FOR_ALL, "archived_messages", "messages archived",
                value_count(run->archived.messages));
    report_fact(report, run->archived.trimmed > 0 ? FOR_ALL : FOR_DATA, "trimmed_operations",
                "trimmed from the archive", value_count(run->archived.trimmed));
    report_fact(report, FOR_ALL, "archive_bytes", "size of the archive",
                value_bytes(run->archived.bytes));
    report_fact(report, FOR_DATA, "archive_statements", "statements for the archive",
                value_count(run->archived.statements));
    report_fact(report, FOR_DATA, "unarchived_operations", "operations left, not archived",
                value_count(run->unarchived));
}
