#include "signatures.h"

Rc signatures_load(const Conf *conf, SigSet **ret_set, Err *err)
{
    size_t count;
    const char *const *paths = conf_list(conf, OPT_SIGNATURES, &count);

    return sigset_load(paths, count, ret_set, err);
}
