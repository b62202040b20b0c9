/* `doctor`: whether the catalog is in good health. */
#include "ssisminer/doctor/doctor.h"

#include "news.h"
#include "verdict.h"

#include "connect.h"
#include "filter.h"
#include "output.h"
#include "ssisminer/base/log.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"

static Rc read_question(const Conf *conf, DoctorQuestion *question, Err *err)
{
    question->skip = conf_list(conf, OPT_SKIP, &question->skip_count);
    for (size_t i = 0; i < question->skip_count; i++)
        if (!doctor_find_check(question->skip[i])) {
            (void)FAIL(err, RC_USAGE, "--skip: there is no check '%s'", question->skip[i]);
            return err_hint(err, "'ssisminer doctor' names the checks it makes");
        }
    return RC_OK;
}

static SigSeverity severity_of(DoctorPriority priority)
{
    switch (priority) {
    case DOCTOR_CRITICAL:
        return SIG_CRITICAL;
    case DOCTOR_ERROR:
        return SIG_ERROR;
    case DOCTOR_WARNING:
        return SIG_WARNING;
    case DOCTOR_INFO:
        break;
    }
    return SIG_INFO;
}

static void add_findings(const Doctor *doctor, Report *report)
{
    DoctorPriority worst;

    if (doctor_worst(doctor, &worst))
        verdict_add(report, severity_of(worst));
}

/* That there is none is no error, and yet a path may be misspelled. */
static Rc read_record(const Conf *conf, const Ssisdb *db, Arena *arena, LedgerRecord *ret_record,
                      Err *err)
{
    const char *path = conf_text(conf, OPT_RUN_RECORD);
    const LedgerWanted wanted = {.server = db->server_name, .database = db->database_name};

    TRY(ledger_last(path, &wanted, arena, ret_record, err));
    if (path && !ret_record->is_found)
        log_note("'%s' has no cleanup of all operations of this database: what is to be kept is "
                 "the catalog's RETENTION_WINDOW",
                 path);
    return RC_OK;
}

static Rc compare(const Conf *conf, const Ssisdb *db, Doctor *doctor, News *news, Arena *arena,
                  Err *err)
{
    TRY(news_compare(news, conf, db, NULL, doctor_findings(doctor, arena), doctor->count, arena,
                     err));
    if (news->wanted)
        doctor_keep(doctor, news->wanted);
    return RC_OK;
}

static Rc doctor_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(output_close) Output output = {0};
    AUTO(connect_close) Connection connection = {0};
    AUTO(doctor_free_at) Doctor *doctor = NULL;
    AUTO(news_close) News news = {0};
    DoctorQuestion question = {0};
    LedgerRecord record = {0};
    Ssisdb *db = NULL;

    TRY(read_question(conf, &question, err));
    TRY(news_open(conf, &arena, &news, err));
    TRY(output_open(conf, &output, err));
    TRY(connect_open(conf, "doctor", &connection, err));
    TRY(ssisdb_probe(connection.tds, &arena, &db, err));
    TRY(read_record(conf, db, &arena, &record, err));
    question.record = &record;
    CONNECT_READ(&connection, doctor_examine(db, &question, &doctor, err), err);

    TRY(compare(conf, db, doctor, &news, &arena, err));
    DoctorView view = {db,
                       time_now(),
                       news_shown(&news),
                       conf_text(conf, OPT_RUN_RECORD),
                       &record,
                       output_remedies(conf),
                       output.limit};
    output.style.is_screen = !conf_flag(conf, OPT_ALL);
    Report *report = doctor_report(doctor, &view, &arena);
    filter_tell_clock(db, report, &arena);
    add_findings(doctor, report);
    TRY(output_write(&output, report, err));
    TRY(news_save(&news, news_is_whole(db, 0), err));
    TRY(filter_complete(db, "the examination is", err));
    return verdict_rc(conf, report);
}

const Command cmd_doctor = {
    .name = "doctor",
    .args = "",
    .summary = "Examine the catalog: purge, space, rights, indexes, zombies",
    .details =
        "Looks at what makes a catalog fail some day: whether purges run and keep up, how full "
        "the database is and how fast it grows, what is logged, foreign keys without an index, "
        "keys and messages that nobody cleans up, operations that only seem to run, workers that "
        "are gone; and at this connection itself.\n\n"
        "Text is the first screen: the gravest findings with their evidence and what to do first; "
        "--all gives the whole answer. All other formats are whole.\n\n"
        "Each finding has its evidence, why it matters and what to do. What this login may not "
        "see, or this edition does not keep, is listed as not checked, with the reason: it is "
        "never taken for well. --skip leaves out a check by its id.\n\n"
        "Whether purges work is judged by the server first: where nothing is past its retention, "
        "they do, whoever does it. --run-record names the ledger of 'cleanup --ledger', so that "
        "the retention of its last run counts instead of RETENTION_WINDOW.\n\n"
        "With --state, what the last run did not have is marked new, and what is gone is named; "
        "--new shows the new alone, --fail-on new means that there is some. docs/state.md says "
        "what counts as the same.\n\n"
        "    ssisminer doctor\n"
        "    ssisminer doctor --fail-on error --skip worker-offline --format json\n"
        "    ssisminer doctor --run-record /var/lib/ssisminer/ledger.ndjson",
    .takes = BY_DOCTOR,
    .first = {OPT_SERVER, OPT_DATABASE, OPT_USER, OPT_SKIP, OPT_FORMAT, OPT_OUTPUT, OPT_FAIL_ON},
    .run = doctor_run,
};
