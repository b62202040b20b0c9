/* JSON texts straight into a buffer, safe for a terminal: what would steer one is escaped. */
#ifndef SSISMINER_SCAN_JSONLINE_H
#define SSISMINER_SCAN_JSONLINE_H

#include "ssisminer/base/buf.h"
#include "ssisminer/base/str.h"

void jsonline_text(Buf *line, Str text);
void jsonline_text_or_null(Buf *line, const char *text);

#endif
