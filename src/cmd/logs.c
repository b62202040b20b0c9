/* How the logs on a command line are to be read: form, encoding, window. */
#include "logs.h"

static LogForm form_of(const Conf *conf)
{
    switch (conf_choice_as(conf)) {
    case CHOICE_AS_AUTO:
        break;
    case CHOICE_AS_LINES:
        return LOG_LINES;
    case CHOICE_AS_JSONL:
        return LOG_JSONL;
    case CHOICE_AS_ADF:
        return LOG_ADF;
    case CHOICE_AS_LOG_ANALYTICS:
        return LOG_LOG_ANALYTICS;
    }
    return LOG_AUTO;
}

LogRequest logs_request(const Conf *conf)
{
    LogRequest how = {.as = form_of(conf), .encoding = conf_text(conf, OPT_ENCODING)};

    if (conf_is_set(conf, OPT_SINCE))
        how.since = conf_time(conf, OPT_SINCE);
    if (conf_is_set(conf, OPT_UNTIL))
        how.until = conf_time(conf, OPT_UNTIL);
    return how;
}
