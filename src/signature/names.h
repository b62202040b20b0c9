/* The words a catalog may use where it must choose. */
#ifndef SSISMINER_SIGNATURE_NAMES_INTERNAL_H
#define SSISMINER_SIGNATURE_NAMES_INTERNAL_H

#include "ssisminer/base/err.h"

#include <stddef.h>

typedef struct NameList {
    const char *const *names;
    size_t count;
} NameList;

extern const NameList sig_classes, sig_roles, sig_severities, sig_retries, sig_sources;

#endif
