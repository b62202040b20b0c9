/* What the driver itself said, out of the sentences that engines put around it. */
#ifndef SSISMINER_DIAGNOSE_PROVIDER_INTERNAL_H
#define SSISMINER_DIAGNOSE_PROVIDER_INTERNAL_H

#include "ssisminer/base/str.h"

/* The innermost error of a driver in the text, a piece of it; empty when it holds none. */
Str provider_text(Str text);

#endif
