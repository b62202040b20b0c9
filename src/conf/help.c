/* Help, short and long, made of options.def and the commands. */
#include "page.h"

#include <string.h>

enum { LEFT_COLUMNS = 30, PARAGRAPH_MAX = 4096 };

static void put_option(Buf *out, const OptSpec *spec)
{
    AUTO(buf_done) Buf left = BUF(PARAGRAPH_MAX);
    AUTO(buf_done) Buf meaning = BUF(PARAGRAPH_MAX);

    buf_printf(&left, spec->letter ? "  -%c, " : "      ", spec->letter);
    page_put_usage(&left, spec);
    page_put_meaning(&meaning, spec);
    buf_puts(out, buf_text(&left));
    if (left.len + 2 > LEFT_COLUMNS) {
        buf_putc(out, '\n');
        buf_pad(out, ' ', LEFT_COLUMNS);
    } else {
        buf_pad(out, ' ', LEFT_COLUMNS - left.len);
    }
    page_put_wrapped(out, buf_text(&meaning), LEFT_COLUMNS, LEFT_COLUMNS, PAGE_COLUMNS, NULL);
    buf_putc(out, '\n');
}

/* The options of a group that the command takes; without a command all of the group. */
static void put_group(Buf *out, OptGroup group, const Command *command)
{
    bool is_first = true;

    for (OptId id = 0; id < opt_count(); id++) {
        const OptSpec *spec = opt_spec(id);
        if (spec->group != group || (command && !opt_is_taken(spec, command)))
            continue;
        if (is_first)
            buf_printf(out, "\n%s:\n", opt_group_title(group));
        is_first = false;
        put_option(out, spec);
    }
}

static void put_details(Buf *out, const char *details)
{
    Str rest = str_of(details), paragraph;
    bool is_verbatim;

    while (page_paragraph(&rest, &paragraph, &is_verbatim)) {
        char text[PARAGRAPH_MAX];
        size_t len = paragraph.len < sizeof(text) ? paragraph.len : sizeof(text) - 1;
        (void)memcpy(text, paragraph.at, len);
        text[len] = '\0';
        for (char *c = text; *c && !is_verbatim; c++)
            *c = *c == '\n' ? ' ' : *c;
        buf_putc(out, '\n');
        if (is_verbatim)
            buf_puts(out, text);
        else
            page_put_wrapped(out, text, 0, 0, PAGE_COLUMNS, NULL);
        buf_putc(out, '\n');
    }
}

static void put_command_help(Buf *out, const Command *command)
{
    buf_printf(out, "Usage: %s %s [options]%s%s\n\n", opt_program(), command->name,
               *command->args ? " " : "", command->args);
    page_put_wrapped(out, command->summary, 0, 0, PAGE_COLUMNS, NULL);
    buf_putc(out, '\n');
    put_details(out, command->details);
    for (OptGroup group = 0; opt_group_title(group); group++)
        put_group(out, group, command);
}

/* What the options of the command have in common is worth a screen: these few. */
static void put_command_screen(Buf *out, const Command *command)
{
    buf_printf(out, "Usage: %s %s [options]%s%s\n\n", opt_program(), command->name,
               *command->args ? " " : "", command->args);
    page_put_wrapped(out, command->summary, 0, 0, PAGE_COLUMNS, NULL);
    buf_puts(out, "\n\n");
    for (size_t i = 0; command->first[i]; i++)
        put_option(out, opt_spec(command->first[i]));
    buf_printf(out, "%s'ssisminer %s --help' shows everything.\n", command->first[0] ? "\n" : "",
               command->name);
}

static void put_commands(Buf *out, const Command *const *commands, size_t count)
{
    enum { NAME_COLUMNS = 15 };

    buf_puts(out, "\nCommands:\n");
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "  %-13s", commands[i]->name);
        page_put_wrapped(out, commands[i]->summary, NAME_COLUMNS, NAME_COLUMNS, PAGE_COLUMNS, NULL);
        buf_putc(out, '\n');
    }
}

static void put_values(Buf *out)
{
    buf_puts(out, "\nValues:\n");
    for (size_t i = 0; page_values(i); i++) {
        buf_puts(out, "  ");
        page_put_wrapped(out, page_values(i), 2, 2, PAGE_COLUMNS, NULL);
        buf_putc(out, '\n');
    }
}

static void put_exit_codes(Buf *out)
{
    size_t count;
    const PageExitCode *codes = page_exit_codes(&count);

    buf_puts(out, "\nExit codes:\n");
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "  %3d  %s\n", codes[i].code, codes[i].meaning);
}

void conf_put_help(Buf *out, const Command *command, const Command *const *commands,
                   size_t command_count)
{
    if (command) {
        put_command_help(out, command);
        return;
    }
    buf_puts(out, "Usage: ssisminer [options] COMMAND [options] [arguments]\n\n");
    page_put_wrapped(out, page_purpose(), 0, 0, PAGE_COLUMNS, NULL);
    buf_putc(out, '\n');
    put_commands(out, commands, command_count);
    put_group(out, GROUP_GENERAL, NULL);
    put_values(out);
    put_exit_codes(out);
    buf_puts(out, "\n'ssisminer help COMMAND' shows the options of a command.\n"
                  "'ssisminer --sandbox report' tries it on generated data, without a server.\n");
}

void conf_put_screen(Buf *out, const Command *command, const Command *const *commands,
                     size_t command_count)
{
    if (command) {
        put_command_screen(out, command);
        return;
    }
    buf_puts(out, "Usage: ssisminer [options] COMMAND [options] [arguments]\n");
    put_commands(out, commands, command_count);
    buf_puts(out,
             "\n'ssisminer COMMAND -h' shows a command on one screen, --help shows all of it.\n"
             "'ssisminer --help' has the exit codes; 'ssisminer --sandbox report' is a try.\n");
}
