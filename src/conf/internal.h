/* Shared inside the room: values with their strength, looking options up. */
#ifndef SSISMINER_CONF_INTERNAL_H
#define SSISMINER_CONF_INTERNAL_H

#include "ssisminer/base/arena.h"
#include "ssisminer/base/nearest.h"
#include "ssisminer/base/str.h"
#include "ssisminer/conf/conf.h"

/* Where a value came from; the stronger one wins, whatever the order of reading. */
typedef enum Strength { FROM_DEFAULT, FROM_FILE, FROM_ENVIRONMENT, FROM_COMMAND_LINE } Strength;

typedef struct ConfValue {
    Strength strength;
    const char *origin;
    const char *text; // as written; NULL if unset; for a LIST the last item
    bool flag;
    int64_t number; // COUNT, or ticks of DURATION
    Instant time;
    const char **items; // LIST
    size_t count, capacity;
} ConfValue;

struct Conf {
    Arena arena;
    Instant now; // what relative times count from
    const Command *command;
    const char **args;
    size_t arg_count, arg_capacity;
    ConfValue values[OPT_COUNT];
};

/* Checks a value and keeps it unless a stronger one is there; `label` begins the error. */
Rc conf_assign(Conf *conf, OptId id, const char *text, Strength strength, const char *label,
               const char *origin, Err *err) MUST_CHECK;

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

/* Looking up; OPT_COUNT when there is none. */
OptId opt_by_flag(Str flag);
OptId opt_by_letter(char letter);
OptId opt_by_key(const char *key);
const char *opt_group_title(unsigned group);
bool opt_takes_value(const OptSpec *spec);
bool opt_may_omit_value(const OptSpec *spec);

#endif
