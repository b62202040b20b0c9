/* Which executions and which window a command asks about, and whether there can be such ones. */
#include "filter.h"

#include "from.h"

#include "ssisminer/base/sat.h"
#include "ssisminer/base/zone.h"
#include "ssisminer/report/report.h"
#include "ssisminer/report/words.h"
#include "ssisminer/ssisdb/advice.h"

#include <inttypes.h>
#include <stdlib.h>

void filter_read(const Conf *conf, ExecutionFilter *ret_filter)
{
    ExecutionFilter filter = {0};

    filter.folders = conf_list(conf, OPT_FOLDER, &filter.folder_count);
    filter.projects = conf_list(conf, OPT_PROJECT, &filter.project_count);
    filter.packages = conf_list(conf, OPT_PACKAGE, &filter.package_count);
    filter.callers = conf_list(conf, OPT_CALLER, &filter.caller_count);
    filter.ids = conf_ids(conf, OPT_EXECUTION, &filter.id_count);
    *ret_filter = filter;
}

static Rc refuse_window(const Conf *conf, Err *err)
{
    (void)FAIL(err, RC_USAGE, "the window is empty: --until '%s' is not after --since '%s'",
               conf_text(conf, OPT_UNTIL), conf_text(conf, OPT_SINCE));
    return conf_is_set(conf, OPT_SINCE) ? RC_USAGE : err_hint(err, "give --since too");
}

Rc filter_window(const Conf *conf, const ExecutionFilter *filter, Instant *ret_since,
                 Instant *ret_until, Err *err)
{
    Instant since = {0}, until = {0};
    bool is_named = filter->id_count > 0 || conf_text(conf, OPT_RUN);

    if (filter->id_count > 0 && conf_text(conf, OPT_RUN))
        return FAIL(err, RC_USAGE, "give either --execution or --run, not both");
    if (!is_named || conf_is_set(conf, OPT_SINCE))
        since = conf_time(conf, OPT_SINCE);
    if (conf_is_set(conf, OPT_UNTIL))
        until = conf_time(conf, OPT_UNTIL);
    bool is_now = !until.is_set && since.ticks == conf_time(conf, OPT_UNTIL).ticks;
    if (since.is_set && (is_now || (until.is_set && until.ticks <= since.ticks)))
        return refuse_window(conf, err);
    *ret_since = since;
    *ret_until = until;
    return RC_OK;
}

Rc filter_begun(const Ssisdb *db, Instant since, Err *err)
{
    enum { NOTABLE_SECONDS = 60 };
    int64_t behind = sat_sub(0, db->clock_skew_ticks);
    char from[TIME_TEXT_MAX], now[TIME_TEXT_MAX], length[TIME_TEXT_MAX];

    if (!since.is_set || !db->server_now.is_set || since.ticks <= db->server_now.ticks)
        return RC_OK;
    report_time_text(since, from);
    report_time_text(db->server_now, now);
    (void)FAIL(err, RC_USAGE,
               "the window begins in the future: at %s, while the server's clock says %s", from,
               now);
    if (behind <= NOTABLE_SECONDS * TICKS_PER_SECOND)
        return err_hint(err, "give a --since that has been");
    time_duration_text(behind, length);
    return err_hint(err,
                    "the server's clock is %s behind this machine's, by which --since is reckoned: "
                    "give --since as a date and time of the server's",
                    length);
}

/* "operations 1201 to 1203, 1310 and 4 more ranges" */
static void put_locked(const Tds *tds, Buf *out)
{
    enum { SHOWN = 5 };
    const TdsSpan *spans = NULL;
    size_t count = tds_skipped(tds, &spans);

    for (size_t i = 0; i < count && i < SHOWN; i++) {
        buf_printf(out, "%s%" PRId64, i == 0 ? "operations " : ", ", spans[i].first);
        if (spans[i].last > spans[i].first)
            buf_printf(out, " to %" PRId64, spans[i].last);
    }
    if (count > SHOWN)
        buf_printf(out, " and %zu more ranges", count - SHOWN);
}

static bool is_locked(const Ssisdb *db)
{
    const TdsSpan *spans = NULL;

    return tds_skipped(db->tds, &spans) > 0;
}

static void warn_locked(const Ssisdb *db, Report *report)
{
    AUTO(buf_done) Buf text = BUF(1024);

    if (!is_locked(db))
        return;
    put_locked(db->tds, &text);
    report_warning(report, "incomplete: %s stayed locked and could not be read: %s",
                   buf_text(&text), tds_blocker(db->tds));
}

static Rc check_locked(const Ssisdb *db, const char *answer, Err *err)
{
    AUTO(buf_done) Buf text = BUF(1024);

    if (!is_locked(db))
        return RC_OK;
    put_locked(db->tds, &text);
    (void)FAIL(err, RC_QUERY, "%s incomplete: %s stayed locked", answer, buf_text(&text));
    return err_hint(err, "%s; run it again when that is over", tds_blocker(db->tds));
}

/* ---- what the server has --------------------------------------------------------------------- */

static Rc find_run(const char *run, const Ssisdb *db, ExecutionFilter *filter, Arena *arena,
                   FilterFound *found, Err *err)
{
    TRY(known_run(db, run, arena, &found->as, err));
    found->run = run;
    filter->ids = found->as.ids;
    filter->id_count = found->as.count;
    return RC_OK;
}

Rc filter_resolve(const Conf *conf, const Ssisdb *db, Instant since, ExecutionFilter *filter,
                  Arena *arena, FilterFound *ret_found, Err *err)
{
    const char *run = conf_text(conf, OPT_RUN);

    TRY(filter_begun(db, since, err));
    if (run)
        TRY(find_run(run, db, filter, arena, ret_found, err));
    TRY(known_ids(db, filter, arena, &ret_found->notes, err));
    return known_names(db, filter, arena, &ret_found->notes, err);
}

Rc filter_look_back(const Ssisdb *db, Instant since, Instant until, const ExecutionFilter *filter,
                    FilterFound *found, Err *err)
{
    if (filter->id_count > 0)
        return RC_OK;
    TRY(known_last(db, filter, &found->last, err));
    if (found->last.ticks >= since.ticks && (!until.is_set || found->last.ticks < until.ticks))
        found->last = (Instant){0};
    return RC_OK;
}

/* ---- what the reader is told ----------------------------------------------------------------- */

/* "Europe/Berlin, now UTC+01:00" */
static void tell_zone(Report *report, Arena *arena)
{
    int offset = zone_offset_minutes(time_now().ticks), size = abs(offset);

    report_fact(report, FOR_DATA, "time_zone", "zone in which times were read",
                value_text(zone_name()));
    if (!zone_is_utc())
        report_fact(report, FOR_PEOPLE, "zone_line", "times",
                    value_text(arena_printf(arena, "%s, now UTC%c%02d:%02d", zone_name(),
                                            offset < 0 ? '-' : '+', size / 60, size % 60)));
}

static FilterFile read_from; // path NULL: it is a server

void filter_read_from(const FilterFile *file)
{
    read_from = *file;
}

Instant filter_covered_until(void)
{
    return read_from.is_archive ? read_from.newest : (Instant){0};
}

bool filter_lacks_successes(void)
{
    return read_from.is_archive && !read_from.has_all_operations;
}

/* "archive.db, failed operations of 2025-01-03 06:00Z to 2026-10-28 23:10Z, as of …" */
static const char *archive_line(const char *time, Arena *arena)
{
    const char *what = read_from.has_all_operations ? "operations" : "failed operations";

    if (!read_from.oldest.is_set)
        return arena_printf(arena, "%s, with nothing in it, as of %s", read_from.path, time);
    return arena_printf(arena, "%s, %s of %s, as of %s", read_from.path, what,
                        words_span(read_from.oldest, read_from.newest, arena), time);
}

/* Whoever reads that something runs now is to know when that was. */
static void tell_file(Report *report, Arena *arena)
{
    const char *what = read_from.is_archive ? "archive" : "capture";
    char time[TIME_TEXT_MAX];

    if (!read_from.path)
        return;
    report_time_text(read_from.captured, time);
    report_fact(report, FOR_PEOPLE, what, what,
                value_text(read_from.is_archive
                               ? archive_line(time, arena)
                               : arena_printf(arena, "%s, as of %s", read_from.path, time)));
    from_tell(report);
    if (!read_from.is_anonymised)
        return;
    report_fact(report, FOR_DATA, "anonymised", "anonymised", value_flag(true));
    report_fact(report, FOR_PEOPLE, "names", "names",
                value_text("anonymised: names, logins, hosts, paths and values are pseudonyms"));
}

void filter_tell_clock(const Ssisdb *db, Report *report, Arena *arena)
{
    const int64_t slight = 2 * TICKS_PER_SECOND, notable = 60 * TICKS_PER_SECOND;
    int64_t skew = db->clock_skew_ticks, size = sat_abs(skew);
    char length[TIME_TEXT_MAX];

    tell_file(report, arena);
    tell_zone(report, arena);
    report_fact(report, FOR_DATA, "clock_skew_seconds", "server's clock ahead of the client's",
                value_number((double)skew / (double)TICKS_PER_SECOND));
    if (size < slight)
        return;
    time_duration_text(size, length);
    const char *text = arena_printf(arena, "the server's is %s %s this machine's", length,
                                    skew > 0 ? "ahead of" : "behind");
    report_fact(report, FOR_PEOPLE, "clock", "clock", value_text(text));
    if (size >= notable)
        report_warning(report,
                       "the server's clock is %s %s this machine's, by which a duration ago and a "
                       "time of day are reckoned",
                       length, skew > 0 ? "ahead of" : "behind");
}

static void tell_run(const FilterFound *found, Report *report, Arena *arena)
{
    if (found->run && !str_same(found->as.found_in, "execution_id")) // else it was named
        report_fact(report, FOR_PEOPLE, "run_line", "run",
                    value_text(arena_printf(arena, "%s: %zu execution%s, by %s", found->run,
                                            found->as.count, found->as.count == 1 ? "" : "s",
                                            found->as.found_in)));
    report_fact(report, FOR_DATA, "run", "run asked for", value_text(found->run));
    report_fact(report, FOR_DATA, "run_found_in", "where it is written",
                value_text(found->as.found_in));
}

static void tell_last(const FilterFound *found, Report *report, Arena *arena)
{
    enum { DAY_BYTES = 10 };
    char time[TIME_TEXT_MAX];

    report_time_text(found->last, time);
    if (found->last.is_set)
        report_fact(
            report, FOR_PEOPLE, "last_line", "last one",
            value_text(arena_printf(arena, "%s: --since %.*s shows it", time, DAY_BYTES, time)));
    report_fact(report, FOR_DATA, "last_execution", "last execution, where the window has none",
                value_time(found->last));
}

void filter_tell(const FilterFound *found, const Ssisdb *db, Report *report, Arena *arena)
{
    tell_run(found, report, arena);
    tell_last(found, report, arena);
    filter_tell_clock(db, report, arena);
    for (size_t i = 0; i < found->notes.count; i++)
        report_warning(report, "%s", found->notes.at[i]);
    warn_locked(db, report);
}

static Rc check_rights(const Ssisdb *db, const char *answer, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    const char *role = ssisdb_reading_role(db), *login = db->login_name ? db->login_name : "?";

    if (db->sees_all)
        return RC_OK;
    (void)FAIL(err, RC_RIGHTS, "%s incomplete: login '%s' is not in role %s", answer, login, role);
    return err_hint(err, "a database owner can grant it: %s", advice_reading_role(db, &arena));
}

Rc filter_complete(const Ssisdb *db, const char *answer, Err *err)
{
    TRY(check_locked(db, answer, err));
    return check_rights(db, answer, err);
}
