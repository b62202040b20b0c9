/* Pages of text for stdout: help, version, completion. */
#ifndef SSISMINER_SRC_CMD_PAGE_H
#define SSISMINER_SRC_CMD_PAGE_H

#include "ssisminer/base/buf.h"

enum { PAGE_MAX_BYTES = 4 * 1024 * 1024 };

/* Writes the page to --output's path, or stdout with NULL. */
Rc page_print(const Buf *page, const char *path, Err *err) MUST_CHECK;

#endif
