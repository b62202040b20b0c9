/* Completion scripts for bash, zsh and fish, made of options.def and the commands. */
#include "page.h"

#include <stdio.h>
#include <string.h>

typedef struct Table {
    const Command *const *commands;
    size_t count;
} Table;

static bool takes(const Command *command, const OptSpec *spec)
{
    return command ? opt_is_taken(spec, command) : spec->group == GROUP_GENERAL;
}

/* "a|b" as "a b". */
static void put_choices(Buf *out, const char *choices)
{
    for (; *choices; choices++)
        buf_putc(out, *choices == '|' ? ' ' : *choices);
}

/* Inside '...' of a shell; `escaped` characters get a backslash. */
static void put_quoted(Buf *out, const char *text, const char *escaped)
{
    for (; *text; text++) {
        if (*text == '\'')
            buf_puts(out, "'\\''");
        else if (strchr(escaped, *text))
            buf_printf(out, "\\%c", *text);
        else
            buf_putc(out, *text);
    }
}

static void put_command_names(Buf *out, const Table *table, const char *between)
{
    for (size_t i = 0; i < table->count; i++)
        buf_printf(out, "%s%s", i ? between : "", table->commands[i]->name);
}

static bool is_path(OptId id)
{
    return opt_spec(id)->type == OPT_TYPE_PATH || id == OPT_SIGNATURES;
}

typedef enum ArgumentKind {
    ARGUMENT_NONE,
    ARGUMENT_WORDS,
    ARGUMENT_COMMAND,
    ARGUMENT_FILES
} ArgumentKind;

/* Read off what help shows: "bash|zsh|fish" are the words themselves. */
static ArgumentKind argument_kind(const Command *command)
{
    if (*command->args == '\0')
        return ARGUMENT_NONE;
    if (strcmp(command->args, "[COMMAND]") == 0)
        return ARGUMENT_COMMAND;
    bool is_words = command->args[strspn(command->args, "abcdefghijklmnopqrstuvwxyz|-")] == '\0';
    return is_words ? ARGUMENT_WORDS : ARGUMENT_FILES;
}

static void put_argument_words(Buf *out, const Command *command, const Table *table)
{
    ArgumentKind kind = argument_kind(command);

    if (kind == ARGUMENT_COMMAND)
        put_command_names(out, table, " ");
    else if (kind == ARGUMENT_WORDS)
        put_choices(out, command->args);
}

/* ---- bash ------------------------------------------------------------------------------------ */

static void put_bash_pattern(Buf *out, const OptSpec *spec)
{
    buf_printf(out, "--%s", spec->flag);
    if (spec->letter)
        buf_printf(out, "|-%c", spec->letter);
}

static void put_bash_values(Buf *out)
{
    for (OptId id = 0; id < OPT_COUNT; id++) {
        const OptSpec *spec = opt_spec(id);
        if (!opt_takes_value(spec))
            continue;
        buf_puts(out, "        ");
        put_bash_pattern(out, spec);
        buf_puts(out, ") ");
        if (spec->choices) {
            buf_puts(out, "mapfile -t COMPREPLY < <(compgen -W '");
            put_choices(out, spec->choices);
            buf_puts(out, "' -- \"$cur\"); return ;;\n");
        } else if (is_path(id)) {
            buf_puts(out, "mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;\n");
        } else {
            buf_puts(out, "return ;;\n");
        }
    }
}

static void put_bash_words(Buf *out, const Command *command)
{
    for (OptId id = 0; id < OPT_COUNT; id++)
        if (takes(command, opt_spec(id)))
            buf_printf(out, " --%s", opt_spec(id)->flag);
    buf_puts(out, "' ;;\n");
}

static void put_bash(Buf *out, const Table *table)
{
    buf_puts(out, "# bash completion for ssisminer: source it, or install it as\n"
                  "# /usr/share/bash-completion/completions/ssisminer\n"
                  "_ssisminer() {\n"
                  "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                  "    local command='' words='' i\n"
                  "    COMPREPLY=()\n"
                  "    if [[ $cur == '=' ]]; then cur=\n"
                  "    elif [[ $prev == '=' ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
                  "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                  "        case ${COMP_WORDS[i]} in\n        ");
    put_command_names(out, table, "|");
    buf_puts(out, ") command=${COMP_WORDS[i]}; break ;;\n        esac\n    done\n"
                  "    case $prev in\n");
    put_bash_values(out);
    buf_puts(out, "    esac\n    case $command in\n        '') words='");
    put_command_names(out, table, " ");
    put_bash_words(out, NULL);
    for (size_t i = 0; i < table->count; i++) {
        buf_printf(out, "        %s) words='", table->commands[i]->name);
        put_argument_words(out, table->commands[i], table);
        put_bash_words(out, table->commands[i]);
    }
    buf_puts(out, "    esac\n"
                  "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
                  "}\n"
                  "complete -o bashdefault -o default -F _ssisminer ssisminer\n");
}

/* ---- zsh ------------------------------------------------------------------------------------- */

static void put_zsh_action(Buf *out, OptId id)
{
    const OptSpec *spec = opt_spec(id);

    if (!opt_takes_value(spec))
        return;
    buf_puts(out, ":");
    put_quoted(out, spec->arg, "[]:");
    buf_puts(out, ":");
    if (spec->choices) {
        buf_puts(out, "(");
        put_choices(out, spec->choices);
        buf_puts(out, ")");
    } else if (is_path(id)) {
        buf_puts(out, "_files");
    }
}

static void put_zsh_option(Buf *out, OptId id, const char *name)
{
    const OptSpec *spec = opt_spec(id);

    buf_printf(out, " \\\n            '%s%s[", opt_is_list(spec) ? "*" : "", name);
    put_quoted(out, spec->help, "[]:");
    buf_puts(out, "]");
    put_zsh_action(out, id);
    buf_puts(out, "'");
}

static void put_zsh_options(Buf *out, const Command *command)
{
    char name[OPT_ENV_MAX];

    for (OptId id = 0; id < OPT_COUNT; id++) {
        const OptSpec *spec = opt_spec(id);
        bool has_value = opt_takes_value(spec);
        if (!takes(command, spec))
            continue;
        (void)snprintf(name, sizeof(name), "--%s%s", spec->flag,
                       !has_value                 ? ""
                       : opt_may_omit_value(spec) ? "=-"
                                                  : "=");
        put_zsh_option(out, id, name);
        if (spec->letter) {
            (void)snprintf(name, sizeof(name), "-%c%s", spec->letter,
                           !has_value                 ? ""
                           : opt_may_omit_value(spec) ? "-"
                                                      : "+");
            put_zsh_option(out, id, name);
        }
    }
}

static void put_zsh_commands(Buf *out, const Table *table)
{
    buf_puts(out, "    subcommands=(\n");
    for (size_t i = 0; i < table->count; i++) {
        buf_printf(out, "        '%s:", table->commands[i]->name);
        put_quoted(out, table->commands[i]->summary, "");
        buf_puts(out, "'\n");
    }
    buf_puts(out, "    )\n");
}

static void put_zsh_argument(Buf *out, const Command *command)
{
    switch (argument_kind(command)) {
    case ARGUMENT_NONE:
        return;
    case ARGUMENT_WORDS:
        buf_puts(out, " '2:argument:(");
        put_choices(out, command->args);
        buf_puts(out, ")'");
        return;
    case ARGUMENT_COMMAND:
        buf_puts(out, " '2:command:{_describe command subcommands}'");
        return;
    case ARGUMENT_FILES:
        buf_puts(out, " '*:argument:_files'");
        return;
    }
}

static void put_zsh(Buf *out, const Table *table)
{
    buf_puts(out, "#compdef ssisminer\n"
                  "# zsh completion for ssisminer: install it as _ssisminer in $fpath\n"
                  "_ssisminer() {\n"
                  "    local -a subcommands\n"
                  "    local word command=\n");
    put_zsh_commands(out, table);
    buf_puts(out, "    for word in ${words[2,CURRENT-1]}; do\n"
                  "        case $word in\n        ");
    put_command_names(out, table, "|");
    buf_puts(out, ") command=$word; break ;;\n        esac\n    done\n"
                  "    case $command in\n"
                  "        '') _arguments -s '1:command:{_describe command subcommands}'");
    put_zsh_options(out, NULL);
    buf_puts(out, " ;;\n");
    for (size_t i = 0; i < table->count; i++) {
        const Command *command = table->commands[i];
        buf_printf(out, "        %s) _arguments -s '1: :'", command->name);
        put_zsh_argument(out, command);
        put_zsh_options(out, command);
        buf_puts(out, " ;;\n");
    }
    buf_puts(out, "    esac\n}\n"
                  "if [[ $funcstack[1] == _ssisminer ]]; then _ssisminer \"$@\"\n"
                  "else compdef _ssisminer ssisminer; fi\n");
}

/* ---- fish ------------------------------------------------------------------------------------ */

static void put_fish_condition(Buf *out, const OptSpec *spec, const Table *table)
{
    if (spec->group == GROUP_GENERAL)
        return;
    buf_puts(out, " -n '__fish_seen_subcommand_from");
    for (size_t i = 0; i < table->count; i++)
        if (takes(table->commands[i], spec))
            buf_printf(out, " %s", table->commands[i]->name);
    buf_puts(out, "'");
}

static void put_fish_option(Buf *out, OptId id, const Table *table)
{
    const OptSpec *spec = opt_spec(id);

    buf_puts(out, "complete -c ssisminer");
    put_fish_condition(out, spec, table);
    buf_printf(out, " -l %s", spec->flag);
    if (spec->letter)
        buf_printf(out, " -s %c", spec->letter);
    if (opt_takes_value(spec) && !opt_may_omit_value(spec))
        buf_puts(out, is_path(id) ? " -r -F" : " -x");
    if (spec->choices) {
        buf_puts(out, " -a '");
        put_choices(out, spec->choices);
        buf_puts(out, "'");
    }
    buf_puts(out, " -d '");
    put_quoted(out, spec->help, "");
    buf_puts(out, "'\n");
}

static void put_fish_argument(Buf *out, const Command *command, const Table *table)
{
    ArgumentKind kind = argument_kind(command);

    if (kind == ARGUMENT_NONE)
        return;
    buf_printf(out, "complete -c ssisminer -n '__fish_seen_subcommand_from %s'", command->name);
    if (kind == ARGUMENT_FILES) {
        buf_puts(out, " -F\n");
        return;
    }
    buf_puts(out, " -a '");
    put_argument_words(out, command, table);
    buf_puts(out, "'\n");
}

static void put_fish(Buf *out, const Table *table)
{
    buf_puts(out, "# fish completion for ssisminer: install it as\n"
                  "# ~/.config/fish/completions/ssisminer.fish\n"
                  "complete -c ssisminer -f\n");
    for (size_t i = 0; i < table->count; i++) {
        const Command *command = table->commands[i];
        buf_printf(out, "complete -c ssisminer -n __fish_use_subcommand -a %s -d '", command->name);
        put_quoted(out, command->summary, "");
        buf_puts(out, "'\n");
        put_fish_argument(out, command, table);
    }
    for (OptId id = 0; id < OPT_COUNT; id++)
        put_fish_option(out, id, table);
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*put)(Buf *out, const Table *table);
} shells[] = {
    {"bash", put_bash},
    {"zsh", put_zsh},
    {"fish", put_fish},
};

Rc conf_put_completion(Buf *out, const char *shell, const Command *const *commands,
                       size_t command_count, Err *err)
{
    Table table = {commands, command_count};

    for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
        if (strcmp(shells[i].name, shell) == 0) {
            shells[i].put(out, &table);
            return RC_OK;
        }
    }
    (void)FAIL(err, RC_USAGE, "no completion for the shell '%s'", shell);
    return err_hint(err, "there is one for bash, zsh and fish");
}
