/*
 * What the program says beside its answer: warnings, notes, progress. All on stderr,
 * never data, and never a token (base/redact.h). Only cmd/, main and long-running questions
 * (through a progress row) use it, signature, for an expression that gives up, and what waits for
 * a service (http, token, tds).
 */
#ifndef SSISMINER_BASE_LOG_H
#define SSISMINER_BASE_LOG_H

#include "ssisminer/base/err.h"

#include <stdbool.h>

typedef enum LogLevel { LOG_QUIET, LOG_NORMAL, LOG_VERBOSE } LogLevel;

void log_set_level(LogLevel level);
LogLevel log_level(void);
void log_set_name(const char *name); // before each line: which of several servers it is about
const char *log_name(void);          // "" for none
void log_warning(const char *format, ...)
    PRINTF_LIKE(1, 2); // "ssisminer: warning: …", also when quiet
void log_note(const char *format, ...) PRINTF_LIKE(1, 2);   // not when quiet
void log_detail(const char *format, ...) PRINTF_LIKE(1, 2); // only when verbose
void log_error(const Err *err); // "ssisminer: error: …" and "hint: …"; terminal-safe

#endif
