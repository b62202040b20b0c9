/* The checks, from the connection upwards. To add one: write its function, add its row. */
#include "checks.h"

#include "ssisminer/ssisdb/advice.h"

#include "ssisminer/base/sat.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DAYS(n) sat_mul((n), TICKS_PER_DAY)

static void say(Said *said, const char *format, ...) PRINTF_LIKE(2, 3);
static void act(Said *said, const char *format, ...) PRINTF_LIKE(2, 3);

enum { LINE_BYTES = 1024 };

static void say(Said *said, const char *format, ...)
{
    char line[LINE_BYTES];
    va_list args;

    if (said->count == EVIDENCE_MAX)
        return;
    va_start(args, format);
    (void)vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (!said->evidence)
        said->evidence = arena_alloc_array(said->arena, EVIDENCE_MAX, sizeof(*said->evidence));
    said->evidence[said->count++] = arena_text(said->arena, line);
}

/* What to do on this server about this evidence, beside the check's own actions. */
static void act(Said *said, const char *format, ...)
{
    char line[LINE_BYTES];
    va_list args;

    if (said->action_count == ACTIONS_MAX)
        return;
    va_start(args, format);
    (void)vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (!said->actions)
        said->actions = arena_alloc_array(said->arena, ACTIONS_MAX, sizeof(*said->actions));
    said->actions[said->action_count++] = arena_text(said->arena, line);
}

static DoctorOutcome unknown(Said *said, const char *reason)
{
    said->reason = reason;
    return DOCTOR_NOT_CHECKED;
}

static DoctorOutcome found_if(bool is_found)
{
    return is_found ? DOCTOR_FOUND : DOCTOR_FINE;
}

static const char *length(Said *said, int64_t ticks)
{
    char text[TIME_TEXT_MAX];

    time_duration_text(ticks, text);
    return arena_text(said->arena, text);
}

static const char *moment(Said *said, Instant at)
{
    char text[TIME_TEXT_MAX];

    report_time_text(at, text);
    return at.is_set ? arena_text(said->arena, text) : "at an unknown time";
}

static double mib(int64_t bytes)
{
    return (double)bytes / (1024 * 1024);
}

static int64_t age(const Facts *facts, Instant at)
{
    return at.is_set ? facts->db->server_now.ticks - at.ticks : 0;
}

/* ---- the connection -------------------------------------------------------------------------- */

static DoctorOutcome check_tls(const Facts *facts, Said *said)
{
    const char *description = tds_describe(facts->db->tds);

    if (tds_is_verified(facts->db->tds))
        return DOCTOR_FINE;
    if (strstr(description, "encryption off"))
        said->priority = DOCTOR_ERROR;
    say(said, "%s", description);
    return DOCTOR_FOUND;
}

static DoctorOutcome check_redirect(const Facts *facts, Said *said)
{
    int version = tds_freetds_version(facts->db->tds);

    if (facts->db->engine_edition != ENGINE_AZURE_SQL_DATABASE ||
        tds_follows_redirect(facts->db->tds))
        return DOCTOR_FINE;
    say(said, "FreeTDS %d.%d.%d", version / 10000, version / 100 % 100, version % 100);
    return DOCTOR_FOUND;
}

static DoctorOutcome check_clock(const Facts *facts, Said *said)
{
    enum { NOTABLE_SECONDS = 60 };
    int64_t skew = facts->db->clock_skew_ticks, size = sat_abs(skew);

    if (!facts->db->server_now.is_set)
        return unknown(said, "the server did not tell its time");
    if (size <= NOTABLE_SECONDS * TICKS_PER_SECOND)
        return DOCTOR_FINE;
    say(said, "the server's clock is %s %s this machine's", length(said, size),
        skew < 0 ? "behind" : "ahead of");
    return DOCTOR_FOUND;
}

static DoctorOutcome check_login(const Facts *facts, Said *said)
{
    const Ssisdb *db = facts->db;

    if (db->sees_all)
        return DOCTOR_FINE;
    say(said, "login '%s' is in none of sysadmin, ssis_admin%s",
        db->login_name ? db->login_name : "?", db->has_logreader_role ? ", ssis_logreader" : "");
    say(said, "a database owner can grant it: %s", advice_reading_role(db, said->arena));
    return DOCTOR_FOUND;
}

/* Microsoft's product lifecycle pages: end of extended support. */
static DoctorOutcome check_support(const Facts *facts, Said *said)
{
    static const struct {
        int major;
        const char *name, *end;
    } versions[] = {{11, "2012", "2022-07-12"}, {12, "2014", "2024-07-09"},
                    {13, "2016", "2026-07-14"}, {14, "2017", "2027-10-12"},
                    {15, "2019", "2030-01-08"}, {16, "2022", "2033-01-11"}};
    const Ssisdb *db = facts->db;
    Str version = str_of(db->product_version ? db->product_version : ""), rest = version, major;
    int64_t number;
    Instant end;
    Err err;

    if (db->engine_edition == ENGINE_AZURE_SQL_DATABASE ||
        db->engine_edition == ENGINE_MANAGED_INSTANCE)
        return DOCTOR_FINE;
    if (!str_split(&rest, '.', &major) || !str_to_i64(major, &number))
        return unknown(said, "the server did not tell its version");
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        if (versions[i].major != number ||
            time_parse(versions[i].end, db->server_now, &end, &err) != RC_OK ||
            db->server_now.ticks <= end.ticks)
            continue;
        say(said, "SQL Server %s (%s): support ended on %s", versions[i].name, db->product_version,
            versions[i].end);
        return DOCTOR_FOUND;
    }
    return DOCTOR_FINE;
}

/* ---- the purge ------------------------------------------------------------------------------- */

static DoctorOutcome check_cleanup_disabled(const Facts *facts, Said *said)
{
    if (!ssisdb_property(facts->db, "OPERATION_CLEANUP_ENABLED"))
        return unknown(said, "the setting OPERATION_CLEANUP_ENABLED cannot be read");
    if (facts->db->cleanup_enabled)
        return DOCTOR_FINE;
    say(said, "OPERATION_CLEANUP_ENABLED is FALSE: the shipped purge does nothing");
    return DOCTOR_FOUND;
}

static DoctorOutcome check_retention(const Facts *facts, Said *said)
{
    enum { LONG_DAYS = 365 };
    int64_t days = facts_setting(facts, "RETENTION_WINDOW", INT64_MIN);

    if (days == INT64_MIN)
        return unknown(said, "the setting RETENTION_WINDOW cannot be read");
    if (days <= 0)
        said->priority = DOCTOR_ERROR;
    if (days <= 0)
        say(said, "RETENTION_WINDOW is %" PRId64 ": nothing is ever deleted", days);
    else if (days >= LONG_DAYS)
        say(said, "RETENTION_WINDOW is %" PRId64 " days", days);
    return found_if(days <= 0 || days >= LONG_DAYS);
}

static bool is_azure(const Facts *facts)
{
    return facts->db->engine_edition == ENGINE_AZURE_SQL_DATABASE;
}

enum { QUIET_DAYS = 3 };

static bool is_recent(const Facts *facts, Instant at)
{
    return at.is_set && age(facts, at) <= DAYS(QUIET_DAYS);
}

/* Nothing is there that the stated rule dooms, and something that it will soon, or failures, which
 * may be kept for longer: so somebody purges, whatever left a trace of it. */
static bool looks_purged(const Facts *facts)
{
    const Doomed *doomed = &facts->doomed;

    if (facts->no_doomed || !doomed->is_judged || doomed->others > 0)
        return false;
    return doomed->failures > 0 ||
           age(facts, facts->extent.oldest) >= sat_sub(doomed->keep_ticks, DAYS(GRACE_DAYS));
}

static void say_what_purged(const Facts *facts, Said *said)
{
    const LedgerRecord *record = facts->record;
    Instant success = facts->purges[PURGE_OF_OPERATIONS].newest_success;

    if (success.is_set)
        say(said, "the last purge that succeeded began %s", moment(said, success));
    else
        say(said, "no purge that succeeded is in the log");
    if (record->is_found)
        say(said, "the last cleanup on record began %s and %s", moment(said, record->started),
            record->is_ended ? "ended" : "was killed");
    if (facts->extent.oldest.is_set)
        say(said, "the log goes back to %s (%s)", moment(said, facts->extent.oldest),
            length(said, age(facts, facts->extent.oldest)));
}

static DoctorOutcome check_purge_missing(const Facts *facts, Said *said)
{
    const Doomed *doomed = &facts->doomed;

    if (facts->no_purges)
        return unknown(said, facts->no_purges);
    if (facts->extent.operations == 0 || age(facts, facts->extent.oldest) <= DAYS(QUIET_DAYS) ||
        is_recent(facts, facts->purges[PURGE_OF_OPERATIONS].newest_success) ||
        is_recent(facts, facts->record->ended) || looks_purged(facts))
        return DOCTOR_FINE;
    if (!facts->no_doomed && doomed->is_judged && doomed->others == 0) {
        said->priority = DOCTOR_WARNING;
        say(said, "nothing is past its retention yet");
    }
    say_what_purged(facts, said);
    return DOCTOR_FOUND;
}

static void act_on_purge(const Facts *facts, bool is_killed, Said *said)
{
    if (is_azure(facts))
        act(said, "Here that is an elastic job (jobs.job_executions in the job database) or a Data "
                  "Factory pipeline (its runs, under Monitor).");
    else
        act(said, "Here that is the job 'SSIS Server Maintenance Job' of the SQL Server Agent.");
    if (is_killed)
        act(said,
            "One that is killed rolls back its batch, and meets it again: see whether the job has "
            "a time limit, and whether the transaction log has room.");
    act(said,
        "'ssisminer cleanup --execute' deletes in small batches that do not block and are not "
        "lost.");
}

static void say_purge(const Purges *purges, const char *what, Said *said)
{
    bool has_failed =
        purges->ended_status == STATUS_FAILED || purges->ended_status == STATUS_ENDED_UNEXPECTEDLY;

    if (purges->is_killed)
        say(said, "%zu purge%s of %s began and never ended, the last at %s", purges->open_count,
            purges->open_count == 1 ? "" : "s", what, moment(said, purges->last_open));
    if (has_failed)
        say(said, "the newest purge of %s that ended began %s and %s", what,
            moment(said, purges->newest_ended),
            purges->ended_status == STATUS_FAILED ? "failed" : "ended unexpectedly");
    if ((has_failed || purges->is_killed) && purges->newest_success.is_set)
        say(said, "the last of %s that succeeded began %s", what,
            moment(said, purges->newest_success));
}

static DoctorOutcome check_purge_failed(const Facts *facts, Said *said)
{
    static const char *const kinds[PURGE_KINDS] = {
        [PURGE_OF_OPERATIONS] = "operations", [PURGE_OF_VERSIONS] = "project versions"};
    bool is_killed = false, versions_failed = false;

    if (facts->no_purges)
        return unknown(said, facts->no_purges);
    for (int kind = 0; kind < PURGE_KINDS; kind++) {
        size_t before = said->count;
        say_purge(&facts->purges[kind], kinds[kind], said);
        is_killed = is_killed || facts->purges[kind].is_killed;
        versions_failed = kind == PURGE_OF_VERSIONS && said->count > before;
    }
    if (said->count == 0)
        return DOCTOR_FINE;
    if (!versions_failed && looks_purged(facts)) {
        said->priority = DOCTOR_WARNING;
        say(said, "and yet nothing is left that is past its retention: something else purges");
    }
    act_on_purge(facts, is_killed, said);
    return DOCTOR_FOUND;
}

static DoctorOutcome check_purge_behind(const Facts *facts, Said *said)
{
    const Doomed *doomed = &facts->doomed;
    int64_t late = doomed->others + (doomed->is_of_record ? doomed->failures : 0);

    if (facts->no_doomed)
        return unknown(said, facts->no_doomed);
    if (!doomed->is_judged || late == 0)
        return DOCTOR_FINE;
    say(said, "%" PRId64 " operation%s that may go %s still there, the oldest of %s, %s ago", late,
        late == 1 ? "" : "s", late == 1 ? "is" : "are", moment(said, doomed->oldest),
        length(said, age(facts, doomed->oldest)));
    say(said, "%s %s",
        doomed->is_of_record ? "the last cleanup on record kept" : "RETENTION_WINDOW is",
        length(said, doomed->keep_ticks));
    return DOCTOR_FOUND;
}

static DoctorOutcome check_agent_job(const Facts *facts, Said *said)
{
    if (facts->db->engine_edition == ENGINE_AZURE_SQL_DATABASE)
        return unknown(said, "Azure SQL Database has no SQL Server Agent: a purge runs only when "
                             "something outside starts it, such as 'ssisminer cleanup' on a timer");
    return unknown(said, "the job 'SSIS Server Maintenance Job' is kept in msdb, which ssisminer "
                         "does not read: see that it is there, enabled and scheduled (on a Managed "
                         "Instance it comes disabled)");
}

/* ---- space ----------------------------------------------------------------------------------- */

static DoctorOutcome check_quota(const Facts *facts, Said *said)
{
    enum { WARNING_PERCENT = 80, ERROR_PERCENT = 90, CRITICAL_PERCENT = 97 };
    const Space *space = &facts->space;

    if (facts->no_space)
        return unknown(said, facts->no_space);
    if (space->max <= 0)
        return DOCTOR_FINE; // no limit but the disk's
    double percent = 100 * (double)space->used / (double)space->max;
    said->priority = percent >= CRITICAL_PERCENT ? DOCTOR_CRITICAL
                     : percent >= ERROR_PERCENT  ? DOCTOR_ERROR
                                                 : DOCTOR_WARNING;
    if (percent < WARNING_PERCENT)
        return DOCTOR_FINE;
    say(said, "%.0f of %.0f MiB are used: %.0f %%", mib(space->used), mib(space->max), percent);
    return DOCTOR_FOUND;
}

/* Tables that grow with every execution, and that a purge empties. */
static bool is_log(const char *table)
{
    static const char *const starts[] = {"operation", "event_message",
                                         "execution", "executable_statistics",
                                         "extended_", "validations"};

    for (size_t i = 0; i < ARRAY_LEN(starts); i++)
        if (strncmp(table, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

static int64_t log_bytes(const Facts *facts)
{
    int64_t sum = 0;

    for (size_t i = 0; i < facts->table_count; i++)
        if (facts->tables[i].name && is_log(facts->tables[i].name))
            sum = sat_add(sum, facts->tables[i].bytes);
    return sum;
}

/* The log holds `covered` ticks and grows until it holds the retention window. */
static DoctorOutcome check_growth(const Facts *facts, Said *said)
{
    enum { CRITICAL_DAYS = 7, ERROR_DAYS = 30 };
    int64_t covered = age(facts, facts->extent.oldest), retention = facts->db->retention_days;

    if (facts->no_space || facts->no_tables || facts->no_purges)
        return unknown(said, facts->no_space    ? facts->no_space
                             : facts->no_tables ? facts->no_tables
                                                : facts->no_purges);
    if (facts->space.max <= 0 || covered < DAYS(1))
        return DOCTOR_FINE;
    double days = (double)covered / (double)TICKS_PER_DAY;
    double daily = (double)log_bytes(facts) / days;
    double left = (double)sat_sub(facts->space.max, facts->space.used);
    double until_full = daily > 0 ? left / daily : 1e9;
    if (until_full >= 3650 || (retention > 0 && days + until_full >= (double)retention))
        return DOCTOR_FINE;
    said->priority = until_full < CRITICAL_DAYS ? DOCTOR_CRITICAL
                     : until_full < ERROR_DAYS  ? DOCTOR_ERROR
                                                : DOCTOR_WARNING;
    say(said,
        "%.1f MiB of log in %.1f days: %.1f MiB a day; %.0f MiB are left: full in %" PRId64 " days",
        mib(log_bytes(facts)), days, daily / (1024 * 1024), left / (1024 * 1024),
        sat_of(until_full));
    if (retention > 0)
        say(said, "the log stops growing when it holds RETENTION_WINDOW, %" PRId64 " days",
            retention);
    return DOCTOR_FOUND;
}

static DoctorOutcome check_indexes(const Facts *facts, Said *said)
{
    if (facts->no_foreign_keys)
        return unknown(said, facts->no_foreign_keys);
    for (size_t i = 0; i < facts->foreign_keys.count; i++) {
        const ForeignKey *key = &facts->foreign_keys.list[i];
        if (key->index)
            say(said, "%s: %s", key->name, key->index);
    }
    return found_if(said->count > 0);
}

/* A batched cleanup stops before its first delete, the shipped purge deletes or fails. */
static DoctorOutcome check_foreign(const Facts *facts, Said *said)
{
    if (facts->no_foreign_keys)
        return unknown(said, facts->no_foreign_keys);
    for (size_t i = 0; i < facts->foreign_keys.count; i++) {
        const ForeignKey *key = &facts->foreign_keys.list[i];
        if (key->is_foreign)
            say(said, "table %s.%s refers to internal.%s by %s%s", key->schema, key->table,
                key->parent, key->name, key->cascades ? ", ON DELETE CASCADE" : "");
    }
    return found_if(said->count > 0);
}

static DoctorOutcome check_busy(const Facts *facts, Said *said)
{
    enum { BUSY_PERCENT = 90 };
    const Peak *peak = &facts->peak;
    const struct {
        const char *name;
        double percent;
    } figures[] = {{"CPU", peak->cpu},
                   {"data IO", peak->data_io},
                   {"log write", peak->log_write},
                   {"workers", peak->workers},
                   {"sessions", peak->sessions}};

    if (facts->no_peak)
        return unknown(said, facts->no_peak);
    for (size_t i = 0; i < ARRAY_LEN(figures); i++)
        if (figures[i].percent >= BUSY_PERCENT)
            say(said, "%s reached %.0f %% of the limit in the last hour", figures[i].name,
                figures[i].percent);
    return found_if(said->count > 0);
}

/* ---- what is logged -------------------------------------------------------------------------- */

static DoctorOutcome check_level(const Facts *facts, Said *said, int64_t wrong)
{
    if (facts->db->logging_level < 0)
        return unknown(said, "the setting SERVER_LOGGING_LEVEL cannot be read");
    if (facts->db->logging_level != wrong)
        return DOCTOR_FINE;
    say(said, "SERVER_LOGGING_LEVEL is %" PRId64 " (%s)", wrong, logging_level_name((int)wrong));
    return DOCTOR_FOUND;
}

static DoctorOutcome check_verbose(const Facts *facts, Said *said)
{
    enum { VERBOSE = 3 };

    return check_level(facts, said, VERBOSE);
}

static DoctorOutcome check_no_logging(const Facts *facts, Said *said)
{
    return check_level(facts, said, 0);
}

/* "20247 General Ledger (running): last sign 2026-02-21 …" */
static void say_silent(const SilentOperation *silent, Said *said)
{
    const char *sign =
        silent->last_sign.is_set
            ? arena_printf(said->arena, "last sign %s", moment(said, silent->last_sign))
            : arena_printf(said->arena, "no sign since its start %s", moment(said, silent->began));

    say(said, "%" PRId64 " %s (%s): %s%s", silent->id,
        silent->object_name ? silent->object_name : "?", status_name(silent->status), sign,
        silent->logs_nothing ? "; it logs nothing (level None), so that its silence says little"
                             : "");
}

static bool says_yes(const char *setting)
{
    return setting && (str_same_fold(setting, "true") || str_same(setting, "1"));
}

/* Where executions run in an integration runtime or on Scale Out's workers, the server knows none
 * of their processes. A build says whether Scale Out is on; one that does not, and does not show
 * its workers to this login, may have it: what is said then is safe in both cases. */
static bool runs_elsewhere(const Facts *facts)
{
    if (is_azure(facts) || facts->db->engine_edition == ENGINE_MANAGED_INSTANCE)
        return true;
    const char *scale_out = ssisdb_property(facts->db, "IS_SCALEOUT_ENABLED");

    if (says_yes(scale_out) || facts_setting(facts, "DEFAULT_EXECUTION_MODE", 0) == 1)
        return true;
    if (scale_out)
        return false;
    return facts->workers.count > 0 ||
           (facts->no_workers && ssisdb_has(facts->db, "catalog.worker_agents"));
}

enum { ZOMBIES_SHOWN = 5 };

static bool is_stoppable(const SilentOperation *silent)
{
    return silent->type == OPERATION_CREATE_EXECUTION ||
           silent->type == OPERATION_VALIDATE_PROJECT || silent->type == OPERATION_VALIDATE_PACKAGE;
}

/* One remedy a status: stop_operation is refused for what is pending (27124) or stopping already
 * (27126), and catalog.startup would end every healthy execution (docs/facts.md#stopping). */
static void act_elsewhere(const Facts *facts, Said *said)
{
    const SilentOperations *silent = &facts->silent;
    size_t running = 0, pending = 0, stopping = 0, others = 0;

    for (size_t i = 0; i < silent->count; i++) {
        const SilentOperation *at = &silent->list[i];
        pending += at->status == STATUS_PENDING;
        stopping += at->status == STATUS_STOPPING;
        others += at->status == STATUS_RUNNING && !is_stoppable(at);
        if (at->status == STATUS_RUNNING && is_stoppable(at) && running++ < ZOMBIES_SHOWN)
            act(said,
                "Running: as a member of ssis_admin, on your own server with a Windows login: "
                "EXECUTE "
                "catalog.stop_operation @operation_id = %" PRId64 "; its state is stopping then.",
                at->id);
    }
    if (running > ZOMBIES_SHOWN)
        act(said, "Likewise for %zu more that seem to be running.", running - ZOMBIES_SHOWN);
    if (pending > 0)
        act(said, "Pending: it waits for a worker and cannot be stopped (27124). Start the "
                  "integration runtime, or Scale Out's master and workers: it runs then.");
    if (stopping > 0)
        act(said,
            "Stopping: it cannot be stopped again (27126). Restart the integration runtime, or "
            "Scale Out's master: it ends what no worker holds any more.");
    if (others > 0)
        act(said, "What is neither an execution nor a validation (a deployment, a purge) cannot be "
                  "stopped (27124), and does no harm but to the counts.");
    act(said, "Leave catalog.startup alone here: the server knows no process of a worker, and it "
              "would end every execution that is running well.");
}

static void act_on_zombies(const Facts *facts, Said *said)
{
    if (runs_elsewhere(facts)) {
        act_elsewhere(facts, said);
        return;
    }
    act(said, "As a member of ssis_admin, with a Windows login: EXECUTE catalog.startup; it sets "
              "what has no process on this server to 'ended unexpectedly', whether running, "
              "pending or stopping. In an availability group run it where the packages ran.");
}

static DoctorOutcome check_zombies(const Facts *facts, Said *said)
{
    const SilentOperations *silent = &facts->silent;

    if (facts->no_silent)
        return unknown(said, facts->no_silent);
    if (silent->count == 0)
        return DOCTOR_FINE;
    say(said, "%zu%s operation%s in a live state without a sign of life for %d h", silent->count,
        silent->has_more ? " and more" : "", silent->count == 1 ? "" : "s", SILENT_HOURS);
    for (size_t i = 0; i < silent->count && i < ZOMBIES_SHOWN; i++)
        say_silent(&silent->list[i], said);
    act_on_zombies(facts, said);
    return DOCTOR_FOUND;
}

/* ---- keys and versions ----------------------------------------------------------------------- */

static DoctorOutcome check_keys_per_execution(const Facts *facts, Said *said)
{
    if (facts->db->encryption_level == 0)
        return unknown(said,
                       "the setting SERVER_OPERATION_ENCRYPTION_LEVEL is not there, or cannot be "
                       "read");
    if (facts->db->encryption_level != 1)
        return DOCTOR_FINE;
    say(said, "SERVER_OPERATION_ENCRYPTION_LEVEL is 1: a key and a certificate for each execution");
    if (!facts->no_keys)
        say(said, "%" PRId64 " such keys are there", facts->keys.count);
    return DOCTOR_FOUND;
}

static DoctorOutcome check_orphan_keys(const Facts *facts, Said *said)
{
    const Keys *keys = &facts->keys;

    if (facts->no_keys)
        return unknown(said, facts->no_keys);
    if (keys->orphans == 0)
        return DOCTOR_FINE;
    say(said,
        "%" PRId64 " of %" PRId64 " keys belong to executions that are gone: %" PRId64
        " to %" PRId64,
        keys->orphans, keys->count, keys->first_orphan, keys->last_orphan);
    return DOCTOR_FOUND;
}

static DoctorOutcome check_versions(const Facts *facts, Said *said)
{
    int64_t most = facts_setting(facts, "MAX_PROJECT_VERSIONS", 0);

    if (facts->no_versions)
        return unknown(said, facts->no_versions);
    if (most <= 0)
        return unknown(said, "the setting MAX_PROJECT_VERSIONS cannot be read");
    for (size_t i = 0; i < facts->version_count; i++)
        say(said, "project '%s' has %" PRId64 " versions, MAX_PROJECT_VERSIONS is %" PRId64,
            facts->versions[i].project ? facts->versions[i].project : "?",
            facts->versions[i].versions, most);
    return found_if(facts->version_count > 0);
}

static DoctorOutcome check_version_cleanup(const Facts *facts, Said *said)
{
    const char *setting = ssisdb_property(facts->db, "VERSION_CLEANUP_ENABLED");

    if (!setting)
        return unknown(said, "the setting VERSION_CLEANUP_ENABLED cannot be read");
    if (str_same_fold(setting, "true"))
        return DOCTOR_FINE;
    say(said, "VERSION_CLEANUP_ENABLED is %s", setting);
    return DOCTOR_FOUND;
}

/* ---- Scale Out ------------------------------------------------------------------------------- */

static const char *name_of(const Worker *worker)
{
    return worker->name ? worker->name : worker->id ? worker->id : "?";
}

static DoctorOutcome check_workers(const Facts *facts, Said *said)
{
    if (facts->no_workers)
        return unknown(said, facts->no_workers);
    for (size_t i = 0; i < facts->workers.count; i++) {
        const Worker *worker = &facts->workers.list[i];
        if (worker->is_enabled && !worker_is_online(worker, facts->db->server_now))
            say(said, "worker '%s' was last online %s", name_of(worker),
                worker->last_online.is_set ? moment(said, worker->last_online)
                                           : "at no known time");
    }
    return found_if(said->count > 0);
}

static DoctorOutcome check_no_worker(const Facts *facts, Said *said)
{
    size_t online = 0;

    if (facts->no_workers)
        return unknown(said, facts->no_workers);
    for (size_t i = 0; i < facts->workers.count; i++)
        online += worker_is_online(&facts->workers.list[i], facts->db->server_now);
    if (facts->workers.count == 0 || online > 0)
        return DOCTOR_FINE;
    say(said, "none of %zu workers is enabled and online", facts->workers.count);
    return DOCTOR_FOUND;
}

static DoctorOutcome check_leftovers(const Facts *facts, Said *said)
{
    enum { MANY_JOBS = 10000 };
    const Leftovers *left = &facts->leftovers;

    if (facts->no_leftovers)
        return unknown(said, facts->no_leftovers);
    if (left->messages > 0)
        say(said,
            "%" PRId64 " messages in internal.operation_messages_scaleout are older than the "
            "oldest operation, %" PRId64,
            left->messages, left->first_operation);
    if (left->jobs > MANY_JOBS)
        say(said, "%" PRId64 " rows in internal.jobs: nobody archives finished jobs", left->jobs);
    return found_if(said->count > 0);
}

/* ---- the table ------------------------------------------------------------------------------- */

#define DOCS        "https://learn.microsoft.com/"
#define CATALOG_DOC DOCS "sql/integration-services/catalog/ssis-catalog"
#define CLEANUP_DOC DOCS "azure/data-factory/how-to-clean-up-ssisdb-logs-with-elastic-jobs"

const CheckRow check_rows[] = {
    {{"tls-not-verified",
      "The server's certificate is not verified",
      DOCTOR_WARNING,
      "Whoever stands between could read the password and the data, and answer in the server's "
      "place.",
      {"Leave out -C and '-N off'; name the issuing authority with --ca-file if the system does "
       "not trust it."},
      DOCS "sql/relational-databases/security/networking/connect-with-strict-encryption"},
     check_tls},
    {{"freetds-redirect",
      "This FreeTDS cannot follow Azure's connection policy Redirect",
      DOCTOR_WARNING,
      "It works while the server's policy is Proxy. With Redirect, which clients inside Azure get "
      "by default, the login times out after the TLS handshake.",
      {"Leave out --relay never: the relay follows, with any FreeTDS.",
       "Or set the connection policy of the server to Proxy."},
      DOCS "azure/azure-sql/database/connectivity-architecture"},
     check_redirect},
    {{"login-sees-part",
      "This login sees only a part of the catalog",
      DOCTOR_ERROR,
      "The views of the catalog leave out, without an error, what a login may not see. What "
      "follows is no all-clear.",
      {"Add the login to ssis_logreader (SQL Server 2016 and later) or ssis_admin."},
      DOCS "sql/integration-services/security/integration-services-roles-ssis-service"},
     check_login},
    {{"clock-offset",
      "The clocks of server and client differ",
      DOCTOR_WARNING,
      "Windows such as '--since 24h' and ages are reckoned from one clock and compared with times "
      "of the other.",
      {"Synchronize the clock of this machine."},
      DOCS "windows-server/networking/windows-time-service/windows-time-service-top"},
     check_clock},
    {{"engine-out-of-support",
      "This version of SQL Server is out of support",
      DOCTOR_WARNING,
      "There are no fixes any more, for its security neither; the shipped purge is at its slowest "
      "in the oldest versions.",
      {"Plan the move to a newer version, or to an Azure-SSIS integration runtime."},
      DOCS "lifecycle/products/?terms=sql%20server"},
     check_support},
    {{"cleanup-disabled",
      "Cleaning up operations is switched off",
      DOCTOR_ERROR,
      "The log grows with every execution until the database is full.",
      {"As a member of ssis_admin, on your own server with a Windows login: EXECUTE "
       "catalog.configure_catalog N'OPERATION_CLEANUP_ENABLED', "
       "N'TRUE';",
       "Delete what has piled up first, with 'ssisminer cleanup --keep 30d': the first run of the "
       "shipped purge would be a long one."},
      CATALOG_DOC},
     check_cleanup_disabled},
    {{"retention-window",
      "The log is kept for a year or for ever",
      DOCTOR_WARNING,
      "365 days is what a catalog comes with. At a few hundred messages an execution it makes "
      "the log far larger than anybody reads, and every purge slow.",
      {"Walk the retention window down: 'ssisminer cleanup --keep 30d' deletes in small steps, "
       "whatever the setting.",
       "Then, as a member of ssis_admin, on your own server with a Windows login: EXECUTE "
       "catalog.configure_catalog N'RETENTION_WINDOW', "
       "N'30';"},
      CATALOG_DOC},
     check_retention},
    {{"purge-missing",
      "Nothing shows that a purge runs",
      DOCTOR_ERROR,
      "A catalog without a purge grows until it is full; Azure SQL Database starts none by "
      "itself.",
      {"Schedule 'ssisminer cleanup --execute' (README: cron, systemd, Kubernetes).",
       "Where there is an Agent, see that 'SSIS Server Maintenance Job' is enabled."},
      CLEANUP_DOC},
     check_purge_missing},
    {{"purge-failed",
      "The newest purge failed",
      DOCTOR_ERROR,
      "The shipped purge rolls back its whole batch when it fails or is killed, and meets the same "
      "work the next night, and a day more.",
      {"Look for the reason in the history of what started it: the shipped procedures write no "
       "message."},
      CLEANUP_DOC},
     check_purge_failed},
    {{"purge-behind",
      "The log reaches further back than it is to be kept",
      DOCTOR_ERROR,
      "What should have been deleted is still there: purges do not run, fail, or do not keep up.",
      {"'ssisminer cleanup' shows what would go; with --execute it goes."},
      CLEANUP_DOC},
     check_purge_behind},
    {{"agent-job",
      "The maintenance job of the Agent",
      DOCTOR_ERROR,
      "On SQL Server and Managed Instance it is this job that starts the shipped purge.",
      {"See to it in msdb."},
      DOCS "azure/data-factory/how-to-use-sql-managed-instance-with-ir"},
     check_agent_job},
    {{"size-quota",
      "The database is nearly full",
      DOCTOR_WARNING,
      "At the limit the server refuses every write (error 40544): no package can start.",
      {"'ssisminer cleanup' shows what would go; deleting frees pages inside the file, which are "
       "used again.",
       "Raise the maximum size of the database."},
      DOCS "azure/azure-sql/database/file-space-manage"},
     check_quota},
    {{"size-growth",
      "The database will be full before the retention window is",
      DOCTOR_WARNING,
      "At the rate of the log there is not enough room for what the retention window keeps.",
      {"Keep less: a shorter RETENTION_WINDOW, or 'ssisminer cleanup --keep'.",
       "Log less: Basic instead of Verbose.", "Raise the maximum size of the database."},
      DOCS "azure/azure-sql/database/file-space-manage"},
     check_growth},
    {{"server-busy",
      "The database reached its limits",
      DOCTOR_WARNING,
      "At the limit statements wait, or fail with 'The request limit … has been reached' (10928), "
      "and packages with them.",
      {"A larger tier; Microsoft advises S3 and above for busy runtimes.",
       "'ssisminer capacity' shows the hours in which too much starts at once."},
      DOCS "azure/azure-sql/database/resource-limits-logical-server"},
     check_busy},
    {{"missing-index",
      "Foreign keys into the log have no index",
      DOCTOR_WARNING,
      "Each row that a purge deletes makes the server read the whole child table, once for each "
      "such key.",
      {"Create the indexes, off-peak, if you may change the database.",
       "'ssisminer cleanup' deletes children first and suffers less from it than the shipped "
       "purge."},
      CLEANUP_DOC},
     check_indexes},
    {{"foreign-reference",
      "A table that is none of the catalog's refers to the log",
      DOCTOR_WARNING,
      "'ssisminer cleanup' knows nothing of its rows and stops before its first delete; the "
      "shipped purge deletes them along, or fails at them where the key does not cascade.",
      {"Drop the foreign key, and let a job of its own delete the rows of that table.",
       "Where its rows may go with the log, 'ssisminer cleanup --execute --method procedure' calls "
       "the shipped purge."},
      CLEANUP_DOC},
     check_foreign},
    {{"verbose-logging",
      "Every execution logs at level Verbose",
      DOCTOR_WARNING,
      "Verbose writes every event and a row for each buffer that a data flow sends: it slows "
      "packages down and fills the log.",
      {"As a member of ssis_admin, on your own server with a Windows login: EXECUTE "
       "catalog.configure_catalog N'SERVER_LOGGING_LEVEL', "
       "N'1';",
       "Raise the level of a single execution while you look into it."},
      DOCS "sql/integration-services/performance/integration-services-ssis-logging"},
     check_verbose},
    {{"no-logging",
      "Executions log nothing",
      DOCTOR_WARNING,
      "At level None not even errors are kept: no failure can be explained afterwards.",
      {"As a member of ssis_admin, on your own server with a Windows login: EXECUTE "
       "catalog.configure_catalog N'SERVER_LOGGING_LEVEL', "
       "N'1';"},
      DOCS "sql/integration-services/performance/integration-services-ssis-logging"},
     check_no_logging},
    {{"zombies",
      "Operations that seem to run are dead",
      DOCTOR_ERROR,
      "A worker or server that died leaves its operations in a live state. No purge ever deletes "
      "them, encryption settings cannot change, and monitoring is led astray.",
      {"See on the machine, or in the runtime, that nothing of it runs any more."},
      DOCS
      "sql/integration-services/system-stored-procedures/catalog-stop-operation-ssisdb-database"},
     check_zombies},
    {{"keys-per-execution",
      "Each execution has a key of its own",
      DOCTOR_WARNING,
      "Making and dropping a key and a certificate for each execution slows down starts and "
      "purges; PER_PROJECT (2) needs one pair for each project.",
      {"Change SERVER_OPERATION_ENCRYPTION_LEVEL to 2. It needs an empty log and single-user mode: "
       "see the link."},
      DOCS "previous-versions/sql/sql-server-2012/dn753670(v=sql.110)"},
     check_keys_per_execution},
    {{"orphan-keys",
      "Keys of executions that are gone",
      DOCTOR_WARNING,
      "A purge that failed half-way, or rows deleted by hand, leave keys and certificates behind; "
      "thousands of them slow down the opening of any key.",
      {"'ssisminer cleanup --execute' drops those that belong to no execution any more."},
      DOCS "previous-versions/sql/sql-server-2012/dn753670(v=sql.110)"},
     check_orphan_keys},
    {{"project-versions",
      "Projects keep more versions than they should",
      DOCTOR_WARNING,
      "Each version is the whole project file inside the database.",
      {"'ssisminer cleanup --execute --project-versions' purges them by the shipped procedure."},
      CATALOG_DOC},
     check_versions},
    {{"version-cleanup-disabled",
      "Cleaning up project versions is switched off",
      DOCTOR_INFO,
      "Each deployment adds a version, and none is ever deleted.",
      {"As a member of ssis_admin, on your own server with a Windows login: EXECUTE "
       "catalog.configure_catalog N'VERSION_CLEANUP_ENABLED', "
       "N'TRUE';"},
      CATALOG_DOC},
     check_version_cleanup},
    {{"worker-offline",
      "Workers are registered that are not there",
      DOCTOR_WARNING,
      "A worker that is enabled and silent for ten minutes is gone, or cut off from the database.",
      {"Where it was removed for good, internal.cleanup_expired_worker deletes its row ('ssisminer "
       "cleanup --method procedure' calls it).",
       "Else look at the node: service, network, certificate."},
      CLEANUP_DOC},
     check_workers},
    {{"no-worker-online",
      "No worker is online",
      DOCTOR_WARNING,
      "Executions wait in status pending until one is; fine while the runtime is stopped on "
      "purpose.",
      {"Start the integration runtime, or the worker service."},
      DOCS "azure/data-factory/ssis-integration-runtime-management-troubleshoot"},
     check_no_worker},
    {{"scale-out-leftovers",
      "Scale Out's tables hold what nobody cleans up",
      DOCTOR_WARNING,
      "They have no foreign key to the operations, so that a purge may leave their rows behind.",
      {"'ssisminer cleanup --execute' deletes the messages; "
       "internal.cleanup_completed_jobs_exclusive archives the jobs."},
      CLEANUP_DOC},
     check_leftovers},
};

const size_t check_row_count = ARRAY_LEN(check_rows);
