/* The catalogue as the user's options make it: the shipped one and every --signatures. */
#ifndef SSISMINER_CMD_SIGNATURES_H
#define SSISMINER_CMD_SIGNATURES_H

#include "ssisminer/conf/conf.h"
#include "ssisminer/signature/signature.h"

Rc signatures_load(const Conf *conf, SigSet **ret_set, Err *err) MUST_CHECK;
/* Without the proofs of the shipped entries: enough to match with, and sooner there. */
Rc signatures_load_lean(const Conf *conf, SigSet **ret_set, Err *err) MUST_CHECK;

#endif
