/* The words that an entry may use where it must choose, and what each means. */
#include "names.h"

#include "ssisminer/signature/signature.h"

/* Indexed by the enumerations' values. */
static const char *const classes[] = {"capacity", "transient", "connectivity", "auth",  "config",
                                      "driver",   "data",      "resource",     "defect"};
static const char *const roles[] = {"cause", "wrapper", "symptom", "analysis"};
static const char *const severities[] = {"critical", "error", "warning", "info"};
static const char *const retries[] = {"safe", "after-backoff", "after-fix", "never"};
static const char *const advice[] = {"safe to rerun", "rerun after a pause", "rerun after the fix",
                                     "do not rerun"};
static const char *const sources[] = {"ssis-activity-faq",   "shir-troubleshoot", "azure-sql",
                                      "sql-server",          "ssis-engine",       "windows",
                                      "integration-runtime", "drivers",           "user"};

const NameList sig_classes = {classes, ARRAY_LEN(classes)};
const NameList sig_roles = {roles, ARRAY_LEN(roles)};
const NameList sig_severities = {severities, ARRAY_LEN(severities)};
const NameList sig_retries = {retries, ARRAY_LEN(retries)};
const NameList sig_sources = {sources, ARRAY_LEN(sources)};

const char *sig_class_name(SigClass value)
{
    return classes[value];
}

const char *sig_role_name(SigRole value)
{
    return roles[value];
}

const char *sig_severity_name(SigSeverity value)
{
    return severities[value];
}

const char *sig_retry_name(SigRetry value)
{
    return retries[value];
}

const char *sig_retry_advice(SigRetry value)
{
    return advice[value];
}
