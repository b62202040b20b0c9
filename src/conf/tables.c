/* README's table of options and config/ssisminer.yaml, made of options.def. */
#include "page.h"

#include <string.h>

/* ---- Markdown, for README.md ----------------------------------------------------------------- */

/* A bar would end the cell. */
static void put_cell(Buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|' || *text == '<')
            buf_putc(out, '\\');
        buf_putc(out, *text);
    }
}

static void put_code(Buf *out, const char *text)
{
    if (text && *text)
        buf_printf(out, "`%s`", text);
}

static void put_row(Buf *out, OptId id)
{
    AUTO(buf_done) Buf text = BUF(4096);
    const OptSpec *spec = opt_spec(id);
    char variable[OPT_ENV_MAX];

    buf_puts(out, "| `");
    page_put_names(out, spec);
    buf_puts(out, "` | ");
    page_put_meaning(&text, spec);
    put_cell(out, buf_text(&text));
    buf_puts(out, " | ");
    page_put_takers(out, spec);
    buf_puts(out, " | ");
    put_code(out, spec->key);
    buf_puts(out, " | ");
    opt_env(id, variable);
    put_code(out, variable);
    buf_puts(out, " |\n");
}

void conf_put_option_table(Buf *out)
{
    for (OptGroup group = 0; group < GROUP_COUNT; group++) {
        buf_printf(out,
                   "%s**%s**\n\n| option | meaning | commands | configuration | environment |\n"
                   "|---|---|---|---|---|\n",
                   out->len ? "\n" : "", opt_group_title(group));
        for (OptId id = 0; id < OPT_COUNT; id++)
            if (opt_spec(id)->group == group)
                put_row(out, id);
    }
}

/* ---- YAML, config/ssisminer.yaml ------------------------------------------------------------- */

/* What YAML would read as something else, or as the end of the text. */
static bool needs_quotes(const char *text)
{
    return *text == '\0' || strpbrk(text, ":#{}[],&*!|>'\"%@`") != NULL || *text == '-';
}

static void put_default(Buf *out, const OptSpec *spec)
{
    const char *text = spec->dflt;

    if (spec->type == OPT_TYPE_FLAG)
        buf_puts(out, text ? text : " no");
    else if (text)
        buf_printf(out, needs_quotes(text) ? " \"%s\"" : " %s", text);
    buf_putc(out, '\n');
}

static void put_key(Buf *out, const OptSpec *spec, size_t indent)
{
    AUTO(buf_done) Buf meaning = BUF(4096);
    const char *margin = indent ? "  # " : "# ";
    const char *dot = strchr(spec->key, '.');

    page_put_meaning(&meaning, spec);
    buf_puts(out, margin);
    page_put_wrapped(out, buf_text(&meaning), indent + 2, indent + 2, PAGE_COLUMNS, margin);
    buf_putc(out, '\n');
    buf_pad(out, ' ', indent);
    buf_printf(out, "#%s:", dot ? dot + 1 : spec->key);
    put_default(out, spec);
}

static bool is_in_section(const OptSpec *spec, Str section)
{
    return spec->key && strlen(spec->key) > section.len &&
           strncmp(spec->key, section.at, section.len) == 0 && spec->key[section.len] == '.';
}

static Str section_of(const OptSpec *spec)
{
    size_t len = spec->key ? strcspn(spec->key, ".") : 0;

    return spec->key && spec->key[len] == '.' ? (Str){spec->key, len} : (Str){"", 0};
}

/* Sections come where their first option stands in options.def. */
static bool is_first_of_section(OptId id)
{
    Str section = section_of(opt_spec(id));

    for (OptId earlier = 0; earlier < id; earlier++)
        if (is_in_section(opt_spec(earlier), section))
            return false;
    return section.len > 0;
}

static void put_section(Buf *out, Str section)
{
    buf_putc(out, '\n');
    if (str_equal(section, str_of("filter")))
        buf_puts(out,
                 "# For every command that runs on this file. Under a command's own key, as in\n"
                 "# 'report: {caller: adf}', a filter is for that command alone, and stronger.\n");
    buf_printf(out, "%.*s:\n", STR_FMT(section));
    for (OptId id = 0; id < OPT_COUNT; id++)
        if (is_in_section(opt_spec(id), section))
            put_key(out, opt_spec(id), 2);
}

void conf_put_yaml(Buf *out)
{
    buf_puts(out,
             "# Configuration of ssisminer; made by 'ssisminer help --config-yaml'. Every key\n"
             "# stands here at its default, switched off: take the '#' away to set one.\n"
             "# Read from --config, else $SSISMINER_CONFIG, else the first there is of\n"
             "# ~/.config/ssisminer/ssisminer.yaml and /etc/ssisminer/ssisminer.yaml.\n"
             "# The environment and the command line are stronger. No password in here:\n"
             "# use password_file, SQLCMDPASSWORD or systemd's LoadCredential.\n");
    for (OptId id = 0; id < OPT_COUNT; id++) {
        const OptSpec *spec = opt_spec(id);
        if (is_first_of_section(id))
            put_section(out, section_of(spec));
    }
    for (OptId id = 0; id < OPT_COUNT; id++) {
        if (opt_spec(id)->key && section_of(opt_spec(id)).len == 0) {
            buf_putc(out, '\n');
            put_key(out, opt_spec(id), 0);
        }
    }
}
