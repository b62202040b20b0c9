/* The catalog as the options make it: the shipped one and every --signatures. */
#include "signatures.h"

/* Loaded before a fork, for whoever asks for the same: the shipped signatures and these paths. */
static struct {
    SigSet *set;
    const char *const *paths;
    size_t count;
} ready;

static bool is_ready_for(const char *const *paths, size_t count)
{
    if (!ready.set || count != ready.count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!str_same(paths[i], ready.paths[i]))
            return false;
    return true;
}

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

    if (!is_ready_for(paths, count))
        return sigset_load_lean(paths, count, ret_set, err);
    *ret_set = ready.set;
    ready.set = NULL;
    return RC_OK;
}

void signatures_make_ready(const Conf *conf)
{
    AUTO(sig_scratch_free_at) SigScratch *scratch = NULL;
    Err err = {0}; // who cannot use them says so

    signatures_forget();
    ready.paths = conf_list(conf, OPT_SIGNATURES, &ready.count);
    if (sigset_load_lean(ready.paths, ready.count, &ready.set, &err) == RC_OK)
        scratch = sig_scratch_new(ready.set); // so that its automata are there too
}

void signatures_forget(void)
{
    sigset_free(ready.set);
    ready.set = NULL;
}
