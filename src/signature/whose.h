/*
 * Whose number is it? Many databases and services number their errors below 65536, as SQL Server
 * does: 1205 is a deadlock of one and a lock wait of MySQL.
 */
#ifndef SSISMINER_SIGNATURE_WHOSE_INTERNAL_H
#define SSISMINER_SIGNATURE_WHOSE_INTERNAL_H

#include "fold.h"

#include <stdbool.h>
#include <stddef.h>

/* Does the number that begins at text[at] belong to another product? What has SQL Server's own form
 * ("Msg n, Level n", "[SQLSTATE x] (Error n)", "SqlErrorNumber=n") never does; else a text that
 * speaks in the voice of another product gives it all its numbers. */
bool number_is_of_others(const Folded *folded, size_t at);

#endif
