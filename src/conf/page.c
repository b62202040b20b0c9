/* What help and man pages share: wrapped text, units, exit codes, who takes an option. */
#include "page.h"

#include "ssisminer/base/term.h"

#include <string.h>

static const PageExitCode exit_codes[] = {
    {0, "done"},
    {1, "findings at or above --fail-on"},
    {2, "command line, configuration or catalog invalid; output not writable"},
    {3, "cannot connect: network, TLS or login"},
    {4, "server or query error"},
    {5, "rights too low for a complete answer"},
    {6, "stopped early, work remains"},
    {7, "nothing at all could be done: the server is busy, locked or read-only"},
    {75, "another cleanup holds the lock"},
    {130, "stopped by SIGINT"},
    {143, "stopped by SIGTERM"},
};

const PageExitCode *page_exit_codes(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(exit_codes);
    return exit_codes;
}

const char *page_purpose(void)
{
    return "Reads the log of an SSIS catalog (SSISDB): which executions failed, why, and what to "
           "do; which packages were triggered more than once; and cleans the log without hurting "
           "the server.";
}

const char *page_values(size_t index)
{
    static const char *const sentences[] = {
        "Durations carry a unit: ms, s, min, h, d, w, mo (30 days), y (365 days), as in 90s, 30d "
        "or 1h30min. A bare number and m are refused; only -l and -t take seconds, as in sqlcmd. "
        "--keep and --keep-failed have one unit.",
        "Lists are written alike in every source: commas separate, \\, is a comma in a name. In a "
        "glob * and ? are wild, ! in front excludes, [*] is a star; what follows '!A,' must begin "
        "with ! too.",
        "In the configuration, filter: is for every command that runs on the file; under a "
        "command's own key (report: {caller: adf}) a filter is for that command alone. Empty "
        "values are errors, there and in the environment.",
    };

    return index < ARRAY_LEN(sentences) ? sentences[index] : NULL;
}

void page_put_wrapped(Buf *out, const char *text, size_t at, size_t indent, size_t columns,
                      const char *margin)
{
    Str rest = str_of(text), word;
    bool is_first = true;

    while (str_split(&rest, ' ', &word)) {
        size_t width = term_width(word.at, word.len);
        if (!is_first && at + 1 + width > columns) {
            buf_putc(out, '\n');
            buf_puts(out, margin ? margin : "");
            buf_pad(out, ' ', indent - (margin ? strlen(margin) : 0));
            at = indent;
        } else if (!is_first) {
            buf_putc(out, ' ');
            at++;
        }
        buf_put(out, word.at, word.len);
        at += width;
        is_first = false;
    }
}

static void put_choices(Buf *out, const char *choices)
{
    Str rest = str_of(choices), piece;
    const char *before = "one of ";

    while (str_split(&rest, '|', &piece)) {
        buf_printf(out, "%s%.*s", before, STR_FMT(piece));
        before = ", ";
    }
}

/* "1..100" as "1 to 100" */
static void put_range(Buf *out, const char *range)
{
    const char *dots = strstr(range, "..");

    if (dots[2] == '\0')
        buf_printf(out, "at least %.*s", (int)(dots - range), range);
    else
        buf_printf(out, "%.*s to %s", (int)(dots - range), range, dots + 2);
}

void page_put_meaning(Buf *out, const OptSpec *spec)
{
    bool has_values = spec->choices || spec->range;

    buf_puts(out, spec->help);
    if (!has_values && !spec->dflt)
        return;
    buf_puts(out, " (");
    if (spec->choices)
        put_choices(out, spec->choices);
    if (spec->range)
        put_range(out, spec->range);
    if (spec->dflt)
        buf_printf(out, "%sdefault %s", has_values ? "; " : "", spec->dflt);
    buf_putc(out, ')');
}

void page_put_takers(Buf *out, const OptSpec *spec)
{
    static const char *const names[] = {
#define COMMAND(name, NAME) #name,
#include "ssisminer/conf/commands.def"
#undef COMMAND
    };
    bool is_first = true;

    if (spec->takers == BY_ALL || spec->takers == BY_SETTINGS || spec->takers == BY_SERVER ||
        spec->takers == BY_READING) {
        buf_puts(out, spec->takers == BY_SERVER    ? "all with a server"
                      : spec->takers == BY_READING ? "all with a server but capture"
                                                   : "all");
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (!(spec->takers >> i & 1))
            continue;
        buf_printf(out, "%s%s", is_first ? "" : ", ", names[i]);
        is_first = false;
    }
}

void page_put_usage(Buf *out, const OptSpec *spec)
{
    buf_printf(out, "--%s", spec->flag);
    if (opt_may_omit_value(spec))
        buf_printf(out, "[=%s", spec->arg + 1);
    else if (opt_takes_value(spec))
        buf_printf(out, " %s", spec->arg);
}

void page_put_names(Buf *out, const OptSpec *spec)
{
    if (spec->letter)
        buf_printf(out, "-%c, ", spec->letter);
    page_put_usage(out, spec);
}

bool page_paragraph(Str *rest, Str *ret_paragraph, bool *ret_is_verbatim)
{
    while (rest->len > 0 && rest->at[0] == '\n') {
        rest->at++;
        rest->len--;
    }
    if (rest->len == 0)
        return false;
    const char *end = memmem(rest->at, rest->len, "\n\n", 2);
    size_t len = end ? (size_t)(end - rest->at) : rest->len;
    *ret_paragraph = (Str){rest->at, len};
    *ret_is_verbatim = rest->at[0] == ' ';
    rest->at += len;
    rest->len -= len;
    return true;
}
