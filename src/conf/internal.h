/* Shared inside the room: values with their strength, looking options up. */
#ifndef SSISMINER_CONF_INTERNAL_H
#define SSISMINER_CONF_INTERNAL_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/nearest.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/when.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/conf/yaml.h"

/* Where a value came from; the stronger one wins, whatever the order of reading. */
typedef enum Strength {
    FROM_DEFAULT,
    FROM_FILE,
    FROM_FILE_FOR_COMMAND, // under the command's own key
    FROM_ENVIRONMENT,
    FROM_DEFAULTS_OF_TARGETS,
    FROM_TARGET, // of the one that --target names: nearer than what is for all
    FROM_COMMAND_LINE
} Strength;

typedef struct ConfValue {
    Strength strength;
    const char *origin;
    const char *text; // as written; NULL if unset; for a LIST the last item
    bool flag;
    int64_t number;     // COUNT, ticks of DURATION, index of CHOICE
    When when;          // TIME
    const char **items; // LIST, GLOBS, IDS
    size_t count, capacity;
    uint32_t choices; // LIST of words: a bit for each that is in it
    int64_t *ids;     // IDS, as many as items
} ConfValue;

/* One of `targets:`, or what `defaults:` says for all of them. */
typedef struct ConfTarget {
    const char *name;
    const YamlNode *settings; // a mapping
} ConfTarget;

struct Conf {
    Arena arena;
    Instant now; // what relative times count from
    const Command *command;
    const char **args;
    size_t arg_count, arg_capacity;
    ConfValue values[OPT_COUNT];
    const Command *const *commands; // every one there is
    size_t command_count;
    const char **warnings;
    size_t warning_count, warning_capacity;
    ConfOwn *own; // filters under the keys of other commands
    size_t own_count, own_capacity;
    const char *path;       // of the file that targets stand in
    const YamlNode *notify; // NULL: there is none
    const YamlNode *target_defaults;
    ConfTarget *targets;
    size_t target_count;
    const char *kept_path, *kept_password; // of a pipe, which gives it once
    bool *was_read; // by OptId: asking for a value is no change of the settings
};

/* Checks a value and reads it into *value, which for a list may hold items of the same source
 * already; `label` begins the error. */
Rc conf_read_value(Conf *conf, OptId id, const char *text, Strength strength, const char *label,
                   const char *origin, ConfValue *value, Err *err) MUST_CHECK;
/* The same, and keeps it unless a stronger one is there. */
Rc conf_assign(Conf *conf, OptId id, const char *text, Strength strength, const char *label,
               const char *origin, Err *err) MUST_CHECK;

/* What is no error and yet to be said. */
void conf_warn(Conf *conf, const char *text);

/* One option of the command line, waiting until weaker sources are read. */
typedef struct Assignment {
    OptId id;
    const char *value;   // NULL for a flag
    bool is_negated;     // --no-flag
    const char *spelled; // "--since", "-S"
} Assignment;

typedef struct CommandLine {
    Assignment *items;
    size_t count, capacity;
} CommandLine;

Rc argv_read(Conf *conf, int argc, char **argv, const Command *const *commands,
             size_t command_count, CommandLine *line, Err *err) MUST_CHECK;
Rc env_read(Conf *conf, Err *err) MUST_CHECK;
Rc settings_read(Conf *conf, const char *asked_path, Err *err) MUST_CHECK; // the YAML file
/* Of a target, or of what is for all of them: keys as in the file, and connection's without their
 * section. Into the settings, or only to see that they are right. */
Rc settings_read_target(Conf *conf, const YamlNode *mapping, bool is_kept, Err *err) MUST_CHECK;
/* `targets:` and `defaults:`, found to be right. */
Rc targets_read(Conf *conf, const char *path, const YamlNode *root, Err *err) MUST_CHECK;

/* Looking up; opt_count() when there is none. */
OptId opt_by_flag(Str flag);
OptId opt_by_letter(char letter);
OptId opt_by_key(const char *key);
const char *opt_group_title(OptGroup group); // NULL: no group
bool opt_has_settings(void);                 // a file and an environment
bool opt_takes_value(const OptSpec *spec);
bool opt_may_omit_value(const OptSpec *spec);

#endif
