/*
 * What the user asked for, from the command line, the environment, the configuration file
 * and the defaults, in that order of strength, with the origin of each value.
 *
 * One row of options.def is the only place where an option is declared: enum, default,
 * argv, environment, YAML key, help, man page, completion and README table come from it.
 *
 * Ownership: Conf owns its values; texts are borrowed for its life.
 * Errors:    RC_USAGE, with "file:line:column" for YAML and "did you mean" for misspelled names.
 * Secrets:   a SECRET value is never printed, logged or shown by `config`; argv is wiped.
 */
#ifndef SSISMINER_CONF_CONF_H
#define SSISMINER_CONF_CONF_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/buf.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/time.h"
#include "ssisminer/conf/command.h"
#include "ssisminer/conf/option.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The command line: ssisminer [options] COMMAND [options] [args]. --name=value, --name value,
 * -Xvalue, -X value, bundled letters, --no-name for flags; "--" ends the options. An option
 * that the command does not take is an error.
 *
 * The file: a filter under "filter:" is for every command that runs on the file, and one that
 * does not take it refuses the file; under a command's own key ("report: {caller: …}") it is for
 * that command alone, and stronger. An empty value, a tag or an unknown key is an error.
 *
 * The environment: a variable that the command takes must not be empty; a filter that it does not
 * take is an error; a name that nearly is an option's is a warning, or an error for a command
 * whose work cannot be undone.
 *
 * Which file: --config, else $SSISMINER_CONFIG, else the first there is of
 * $XDG_CONFIG_HOME/ssisminer/ssisminer.yaml (~/.config without it) and
 * /etc/ssisminer/ssisminer.yaml. --help and --version read no file.
 */

/* Parses everything. argv is wiped where it held a secret. ret_command is NULL when no
 * command was named (then args are empty and help is wanted). */
Rc conf_load(int argc, char **argv, const Command *const *commands, size_t command_count,
             Conf **ret_conf, Err *err) MUST_CHECK;
void conf_free(Conf *conf);
/* Times are reckoned from this instant, not from when the settings were read. Warnings that were
 * given until then are gone. */
Rc conf_set_now(Conf *conf, Instant now, Err *err) MUST_CHECK;

const Command *conf_command(const Conf *conf);
const char *const *conf_args(const Conf *conf, size_t *ret_count); // after the command's name

bool opt_is_taken(const OptSpec *spec, const Command *command);

/* What is no error and yet to be said: variables that mean nothing. */
const char *const *conf_warnings(const Conf *conf, size_t *ret_count);

/* A filter that the file keeps for a command other than the running one. */
typedef struct ConfOwn {
    const Command *command;
    OptId id;
    const char *text;         // of a list the last item
    const char *const *items; // of a list
    size_t count;
    const char *origin;
} ConfOwn;
const ConfOwn *conf_own(const Conf *conf, size_t *ret_count);

bool conf_is_given(const Conf *conf, OptId id); // on the command line
bool conf_is_set(const Conf *conf, OptId id);   // by anything but the default
/* By a source that is nearer: of two that exclude each other that one counts. */
bool conf_is_stronger(const Conf *conf, OptId id, OptId other);
int conf_beside_environment(const Conf *conf, OptId id); // 1 stronger than a variable, 0, or -1
const char *conf_text(const Conf *conf, OptId id);       // NULL if unset; SECRET too
bool conf_flag(const Conf *conf, OptId id);
int64_t conf_count(const Conf *conf, OptId id);
int64_t conf_ticks(const Conf *conf, OptId id); // DURATION, SPAN, SECONDS
/* TIME, resolved against time_now() at load, in the zone of --time-zone. Where clocks go back and a
 * time comes twice, a window takes both: since the earlier, until the later; a warning says so. */
Instant conf_time(const Conf *conf, OptId id);
const char *const *conf_list(const Conf *conf, OptId id, size_t *ret_count);
const int64_t *conf_ids(const Conf *conf, OptId id, size_t *ret_count); // IDS
/* CHOICE: the enumerator of gen/choices.h, -1 when it is unset; there is a function for each
 * option, conf_choice_method(conf), with its own type. */
int conf_choice(const Conf *conf, OptId id);
bool conf_has_choice(const Conf *conf, OptId id, int choice); // of a LIST of words
/* "default", "command line", "environment SQLCMDSERVER", "/etc/ssisminer/ssisminer.yaml:3" */
const char *conf_origin(const Conf *conf, OptId id);

/*
 * Several servers in one file:
 *
 *   defaults: {authentication: ActiveDirectoryManagedIdentity}    # for each of them
 *   targets:
 *     - {name: prod, server: prod.database.windows.net, capacity: {nodes: 2}}
 *     - {name: test, server: test.database.windows.net, filter: {folder: Sales}, cleanup: {keep:
 * 30d}}
 *
 * Keys are those of the file; connection's stand without their section. A target is stronger than
 * the environment and weaker than the command line. Names are one word, in letters of either case.
 */
/* Those that --target picks, as indexes in the order of the file; RC_USAGE for a pattern that none
 * has. */
Rc conf_pick_targets(const Conf *conf, Arena *arena, const size_t **ret_picked, size_t *ret_count,
                     Err *err) MUST_CHECK;
const char *conf_target_name(const Conf *conf, size_t target);
size_t conf_target_count(const Conf *conf);
/* From now on the settings are this target's. Once in a process. */
Rc conf_use_target(Conf *conf, size_t target, Err *err) MUST_CHECK;

/* What stands under `notify:`, for src/notify to read; NULL: nothing. ret_path: of that file. */
const struct YamlNode *conf_notify(const Conf *conf, const char **ret_path);

/* Whether a command has asked for the value: what is taken but never asked for is a lie. */
bool conf_was_read(const Conf *conf, OptId id);
/* For what a command does instead of its usual work: refuses what was given on the command line
 * and nobody has asked for. `mode` is how it was called: "catalog suggest". */
Rc conf_refuse_unread(const Conf *conf, const char *mode, Err *err) MUST_CHECK;

/* Help, man page, completion, option tables: all from options.def and the command table. */
void conf_put_help(Buf *out, const Command *command, const Command *const *commands,
                   size_t command_count); // command NULL: the program's own page
/* What -h shows: 24 lines of 80 columns at most. */
void conf_put_screen(Buf *out, const Command *command, const Command *const *commands,
                     size_t command_count);
/* Manual pages in roff: of the program whose table of options is in use (opt_use), and of the
 * product's configuration file. */
typedef struct ManPage {
    const char *program, *summary, *purpose; // summary: the words behind the name
    bool is_product; // has ssisminer's exit codes, values, environment, files
} ManPage;
void conf_put_man(Buf *out, const ManPage *page, const Command *const *commands,
                  size_t command_count);
void conf_put_man_text(Buf *out, const char *text); // as roff takes it
void conf_put_product_man(Buf *out, const Command *const *commands, size_t command_count);
void conf_put_yaml_man(Buf *out);
Rc conf_put_completion(Buf *out, const char *shell, const Command *const *commands,
                       size_t command_count, Err *err) MUST_CHECK;
void conf_put_option_table(Buf *out); // Markdown, for README.md; a lint check compares
void conf_put_yaml(Buf *out);         // config/ssisminer.yaml; a lint check compares

/* The password, from (in this order) --password, --password-file on the command line,
 * SQLCMDPASSWORD, a password file from elsewhere, $CREDENTIALS_DIRECTORY/ssisminer-password,
 * or a prompt on the terminal; RC_USAGE when there is none, RC_STOPPED when the prompt was
 * interrupted. Lives as long as the Conf. */
Rc conf_password(Conf *conf, const char **ret_password, Err *err) MUST_CHECK;
/* The same without the prompt: NULL when there is none. */
Rc conf_password_given(Conf *conf, const char **ret_password, Err *err) MUST_CHECK;
/* Before processes that each want it: one that comes through a pipe is read now, and kept. */
void conf_password_keep(Conf *conf);
/* Path of a credential that systemd gave, NULL when it gave none of that name. */
const char *conf_credential(Conf *conf, const char *name);

#include "gen/choices.h"

#endif
