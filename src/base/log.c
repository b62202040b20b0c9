/* Warnings, notes and progress on stderr, with tokens taken out. */
#include "ssisminer/base/log.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/redact.h"
#include "ssisminer/base/term.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 8192 };

static LogLevel level = LOG_NORMAL;
static const char *name;

void log_set_level(LogLevel wanted)
{
    level = wanted;
}

void log_set_name(const char *wanted)
{
    name = wanted;
}

const char *log_name(void)
{
    return name ? name : "";
}

LogLevel log_level(void)
{
    return level;
}

/* One line in one write, so that lines of several processes do not mix. */
static void say(const char *label, const char *text)
{
    AUTO(buf_done) Buf line = BUF(LINE_MAX_BYTES);

    buf_puts(&line, label);
    if (name)
        buf_printf(&line, "%s: ", name);
    term_put_safe(&line, text, strlen(text), true);
    if (line.len > 0)
        redact_tokens(line.text); // whoever wrote it: no token is ever shown
    (void)fprintf(stderr, "%s\n", buf_text(&line));
}

static void PRINTF_LIKE(2, 0) say_args(const char *label, const char *format, va_list args)
{
    char text[LINE_MAX_BYTES / 2];

    (void)vsnprintf(text, sizeof(text), format, args);
    say(label, text);
}

void log_warning(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say_args("ssisminer: warning: ", format, args);
    va_end(args);
}

void log_note(const char *format, ...)
{
    va_list args;

    if (level < LOG_NORMAL)
        return;
    va_start(args, format);
    say_args("ssisminer: ", format, args);
    va_end(args);
}

void log_detail(const char *format, ...)
{
    va_list args;

    if (level < LOG_VERBOSE)
        return;
    va_start(args, format);
    say_args("ssisminer: ", format, args);
    va_end(args);
}

void log_error(const Err *err)
{
    say("ssisminer: error: ", err->text);
    if (err->hint[0] != '\0')
        say("hint: ", err->hint);
}
