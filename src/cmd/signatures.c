#include "signatures.h"

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
