/* What a command found, and what --fail-on makes of it. */
#include "verdict.h"

#include "filter.h"

static Severity severity_of(SigSeverity severity)
{
    switch (severity) {
    case SIG_CRITICAL:
        return SEVERITY_CRITICAL;
    case SIG_ERROR:
        return SEVERITY_ERROR;
    case SIG_WARNING:
        return SEVERITY_WARNING;
    case SIG_INFO:
        break;
    }
    return SEVERITY_INFO;
}

void verdict_add(Report *report, SigSeverity severity)
{
    report_add_finding(report, severity_of(severity));
}

Rc verdict_rc(const Conf *conf, const Report *report)
{
    bool is_reached = report_reaches(conf_text(conf, OPT_FAIL_ON), report_gravest(report),
                                     report_has_new(report));

    return is_reached ? RC_FINDINGS : RC_OK;
}

Rc verdict_of(const Conf *conf, const Ssisdb *db, const Missing *missing, const Report *report,
              const char *answer, Err *err)
{
    TRY(missing_check(missing, answer, err));
    TRY(filter_complete(db, answer, err));
    return verdict_rc(conf, report);
}
