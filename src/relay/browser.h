/* SQL Server's browser: on which port an instance listens ([MC-SQLR]). */
#ifndef SSISMINER_SRC_RELAY_BROWSER_H
#define SSISMINER_SRC_RELAY_BROWSER_H

#include "internal.h"

/* Asks the host's browser, up to three times. Sets place->port. */
Rc browser_find(const Wait *wait, Place *place, Tale *tale, Err *err) MUST_CHECK;

/* The port in a browser's answer, of whatever bytes; 0 when there is none. */
int browser_read(const uint8_t *bytes, size_t len, const char *instance);

#endif
