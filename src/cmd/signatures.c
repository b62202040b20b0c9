#include "signatures.h"

#include "ssisminer/base/str.h"

Rc signatures_load(const Conf *conf, SigSet **ret_set, Err *err)
{
    size_t count;
    const char *const *paths = conf_list(conf, OPT_SIGNATURES, &count);

    return sigset_load(paths, count, ret_set, err);
}

Rc signatures_load_lean(const Conf *conf, SigSet **ret_set, Err *err)
{
    size_t count;
    const char *const *paths = conf_list(conf, OPT_SIGNATURES, &count);

    return sigset_load_lean(paths, count, ret_set, err);
}

bool signatures_fail_on(const Conf *conf, SigSeverity *ret_least)
{
    const char *level = conf_text(conf, OPT_FAIL_ON);

    *ret_least = str_same(level, "critical")  ? SIG_CRITICAL
                 : str_same(level, "error")   ? SIG_ERROR
                 : str_same(level, "warning") ? SIG_WARNING
                                              : SIG_INFO;
    return level != NULL;
}
