/*
 * What the user asked for, from the command line, the environment, the configuration file
 * and the defaults, in that order of strength, with the origin of each value.
 *
 * One row of options.def is the only place where an option is declared: enum, default,
 * argv, environment, YAML key, help, man page, completion and README table come from it.
 *
 * Ownership: Conf owns its values; texts are borrowed for its life.
 * Errors:    RC_USAGE, with "file:line:column" for YAML and "did you mean" for misspelt names.
 * Secrets:   a SECRET value is never printed, logged or shown by `config`; argv is wiped.
 */
#ifndef SSISMINER_CONF_CONF_H
#define SSISMINER_CONF_CONF_H

#include "ssisminer/base/buf.h"
#include "ssisminer/base/err.h"
#include "ssisminer/base/time.h"
#include "ssisminer/conf/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum OptType {
    OPT_TYPE_FLAG,     // present or not; YAML yes/no; --no-NAME takes it back
    OPT_TYPE_TEXT,
    OPT_TYPE_SECRET,
    OPT_TYPE_COUNT,    // whole number >= 0
    OPT_TYPE_DURATION, // "24h", never a bare number
    OPT_TYPE_SECONDS,  // a duration too; a bare number is seconds, as for sqlcmd
    OPT_TYPE_TIME,     // instant or duration ago
    OPT_TYPE_CHOICE,   // one of `choices`
    OPT_TYPE_LIST,     // repeatable; comma-separated in the environment; YAML sequence
    OPT_TYPE_PATH
} OptType;

/* Which commands take an option. Each command names the groups it has. */
typedef enum OptGroup {
    GROUP_GENERAL = 1 << 0,    // every command
    GROUP_CONNECTION = 1 << 1, // commands that read a server
    GROUP_FILTER = 1 << 2,
    GROUP_OUTPUT = 1 << 3,
    GROUP_REPORT = 1 << 4,
    GROUP_MINE = 1 << 5,
    GROUP_DUPLICATES = 1 << 6,
    GROUP_CLEANUP = 1 << 7,
    GROUP_CAPACITY = 1 << 8,
    GROUP_SLOW = 1 << 9,
    GROUP_DOCTOR = 1 << 10,
    GROUP_SCAN = 1 << 11,
    GROUP_EXPLAIN = 1 << 12,
    GROUP_CATALOG = 1 << 13,
    GROUP_HELP = 1 << 14
} OptGroup;

/* A command with none but these reads no configuration file and no environment: help must
 * work when they are broken. */
#define GROUPS_WITHOUT_SETTINGS ((unsigned)(GROUP_GENERAL | GROUP_HELP))

typedef enum OptId {
#define OPT(id, ...) OPT_##id,
#include "ssisminer/conf/options.def"
#undef OPT
    OPT_COUNT
} OptId;

typedef struct OptSpec {
    const char *flag;    // "since"
    char letter;         // 'S', or 0
    const char *key;     // YAML "connection.server", or NULL
    const char *env;     // "SQLCMDSERVER", NULL for SSISMINER_<FLAG>, "" for none
    OptType type;
    const char *dflt;    // as text, or NULL for unset
    const char *arg;     // "<host>" in help; "[<kind>]" may be left out: the first choice then
    const char *choices; // "text|json|ndjson|csv"
    unsigned groups;
    const char *help;
} OptSpec;

const OptSpec *opt_spec(OptId id);

enum { OPT_ENV_MAX = 64 };
/* The variable's name, into ret_name that holds OPT_ENV_MAX; "" if there is none. */
void opt_env(OptId id, char *ret_name);

/*
 * The command line: ssisminer [options] COMMAND [options] [args]. --name=value, --name value,
 * -Xvalue, -X value, bundled letters, --no-name for flags; "--" ends the options. An option
 * that the command does not take is an error.
 *
 * The file: --config, else $SSISMINER_CONFIG, else the first there is of
 * $XDG_CONFIG_HOME/ssisminer/ssisminer.yaml (~/.config without it) and
 * /etc/ssisminer/ssisminer.yaml. --help and --version read no file.
 */

/* Parses everything. argv is wiped where it held a secret. ret_command is NULL when no
 * command was named (then args are empty and help is wanted). */
Rc conf_load(int argc, char **argv, const Command *const *commands, size_t command_count,
             Conf **ret_conf, Err *err) MUST_CHECK;
void conf_free(Conf *conf);

const Command *conf_command(const Conf *conf);
const char *const *conf_args(const Conf *conf, size_t *ret_count); // after the command's name

bool conf_is_set(const Conf *conf, OptId id);      // by anything but the default
const char *conf_text(const Conf *conf, OptId id); // NULL if unset; SECRET too
bool conf_flag(const Conf *conf, OptId id);
int64_t conf_count(const Conf *conf, OptId id);
int64_t conf_ticks(const Conf *conf, OptId id);    // DURATION, SECONDS
Instant conf_time(const Conf *conf, OptId id);     // TIME, resolved against time_now() at load
const char *const *conf_list(const Conf *conf, OptId id, size_t *ret_count);
/* "default", "command line", "environment SQLCMDSERVER", "/etc/ssisminer/ssisminer.yaml:3" */
const char *conf_origin(const Conf *conf, OptId id);

/* Help, man page, completion, option tables: all from options.def and the command table. */
void conf_put_help(Buf *out, const Command *command, const Command *const *commands,
                   size_t command_count); // command NULL: the program's own page
void conf_put_man(Buf *out, const Command *const *commands, size_t command_count);
Rc conf_put_completion(Buf *out, const char *shell, const Command *const *commands,
                       size_t command_count, Err *err) MUST_CHECK;
void conf_put_option_table(Buf *out); // Markdown, for README.md; a lint check compares
void conf_put_yaml(Buf *out);         // config/ssisminer.yaml; a lint check compares

/* The password, from (in this order) --password, --password-file on the command line,
 * SQLCMDPASSWORD, a password file from elsewhere, $CREDENTIALS_DIRECTORY/ssisminer-password,
 * or a prompt on the terminal; RC_USAGE when there is none, RC_STOPPED when the prompt was
 * interrupted. Lives as long as the Conf. */
Rc conf_password(Conf *conf, const char **ret_password, Err *err) MUST_CHECK;

#endif
