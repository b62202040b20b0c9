/* The catalog as the user's options make it: the shipped one and every --signatures. */
#ifndef SSISMINER_CMD_SIGNATURES_H
#define SSISMINER_CMD_SIGNATURES_H

#include "ssisminer/conf/conf.h"
#include "ssisminer/signature/signature.h"

Rc signatures_load(const Conf *conf, SigSet **ret_set, Err *err) MUST_CHECK;
/* Without the proofs of the shipped entries: enough to match with, and sooner there. */
Rc signatures_load_lean(const Conf *conf, SigSet **ret_set, Err *err) MUST_CHECK;

/* Before forks: each process whose options name the same then has them at once (lean), and shares
 * their memory. The lists of `conf` are borrowed until signatures_forget. */
void signatures_make_ready(const Conf *conf);
void signatures_forget(void);

#endif
