#include "verdict.h"

bool verdict_is_finding(const Conf *conf, SigSeverity severity)
{
    switch (conf_choice_fail_on(conf)) {
    case CHOICE_FAIL_ON_UNSET:
        return false;
    case CHOICE_FAIL_ON_ANY:
        return true;
    case CHOICE_FAIL_ON_NEW: // who knows what is new says so himself
        return false;
    case CHOICE_FAIL_ON_WARNING:
        return severity <= SIG_WARNING;
    case CHOICE_FAIL_ON_ERROR:
        return severity <= SIG_ERROR;
    case CHOICE_FAIL_ON_CRITICAL:
        return severity <= SIG_CRITICAL;
    }
    return false;
}
