/*
 * One row of options.def: what an option is called in each source, what may be given, and which
 * commands read it.
 */
#ifndef SSISMINER_CONF_OPTION_H
#define SSISMINER_CONF_OPTION_H

#include <stdbool.h>

typedef enum OptType {
    OPT_TYPE_FLAG, // present or not; YAML yes/no; --no-NAME takes it back
    OPT_TYPE_TEXT,
    OPT_TYPE_SECRET,
    OPT_TYPE_COUNT,    // whole number >= 0
    OPT_TYPE_DURATION, // "24h", never a bare number
    OPT_TYPE_SPAN,     // a duration of one unit: in "1y6mo" a lost letter makes 16mo
    OPT_TYPE_SECONDS,  // a duration too; a bare number is seconds, as for sqlcmd
    OPT_TYPE_TIME,     // instant or duration ago
    OPT_TYPE_CHOICE,   // one of `choices`
    OPT_TYPE_LIST,     // repeatable; commas separate, "\," is one in a name; YAML sequence too
    OPT_TYPE_GLOBS,    // a list of patterns of names; "!" in front excludes
    OPT_TYPE_IDS,      // a list of whole numbers above 0
    OPT_TYPE_PATH
} OptType;

/* Where help shows an option, in the order of a page: a command's own before what many share. */
typedef enum OptGroup {
    GROUP_REPORT,
    GROUP_RUNNING,
    GROUP_MINE,
    GROUP_DUPLICATES,
    GROUP_CLEANUP,
    GROUP_CAPACITY,
    GROUP_SLOW,
    GROUP_DOCTOR,
    GROUP_SCAN,
    GROUP_CAPTURE,
    GROUP_HELP,
    GROUP_FILTER,
    GROUP_OUTPUT,
    GROUP_CONNECTION,
    GROUP_GENERAL,
    GROUP_COUNT
} OptGroup;

/* Which commands take an option: a bit for each. */
enum {
#define COMMAND(name, NAME) COMMAND_##NAME,
#include "ssisminer/conf/commands.def"
#undef COMMAND
    COMMAND_COUNT
};

enum {
#define COMMAND(name, NAME) BY_##NAME = 1 << COMMAND_##NAME,
#include "ssisminer/conf/commands.def"
#undef COMMAND
    BY_ALL = (1 << COMMAND_COUNT) - 1,
    /* Help must work when the configuration is broken, so these read none. */
    BY_SETTINGS = BY_ALL & ~(BY_HELP | BY_VERSION | BY_COMPLETION),
    BY_WINDOW =
        BY_REPORT | BY_MINE | BY_DUPLICATES | BY_CAPACITY | BY_SLOW | BY_RUNNING | BY_HISTORY,
    BY_READING = BY_WINDOW | BY_DOCTOR | BY_EXPLAIN | BY_CLEANUP,
    BY_SERVER = BY_READING | BY_CAPTURE,
    BY_STATE = BY_REPORT | BY_MINE | BY_DUPLICATES | BY_SLOW | BY_RUNNING | BY_DOCTOR | BY_SCAN
};

typedef enum OptId {
#define OPT(id, ...) OPT_##id,
#include "ssisminer/conf/options.def"
#undef OPT
    OPT_COUNT
} OptId;

typedef struct OptSpec {
    const char *flag; // "since"
    char letter;      // 'S', or 0
    const char *key;  // YAML "connection.server", or NULL
    const char *env;  // "SQLCMDSERVER", NULL for SSISMINER_<FLAG>, "" for none
    OptType type;
    const char *dflt;    // as text, or NULL for unset
    const char *arg;     // "<host>" in help; "[<kind>]" may be left out: the first choice then
    const char *choices; // "text|json|ndjson|csv", for CHOICE and LIST
    const char *range;   // "1..100", "1s..24h", for COUNT, DURATION, SPAN and SECONDS
    OptGroup group;
    unsigned takers; // BY_ bits
    const char *help;
} OptSpec;

/* The options of one program: of ssisminer, unless another says which it has before it loads
 * them. A table of another program has no settings, no environment and OPT_COUNT rows at most. */
typedef struct OptTable {
    const char *program;
    const OptSpec *specs;
    int count;
    const char *const *titles; // of its groups
    int group_count;
} OptTable;

void opt_use(const OptTable *table);
const char *opt_program(void);
OptId opt_count(void); // one behind the last id

const OptSpec *opt_spec(OptId id);
/* The number of a word among the choices, as enumerated in gen/choices.h; -1 for none. */
int opt_choice(OptId id, const char *word);
bool opt_is_list(const OptSpec *spec); // LIST, GLOBS, IDS

enum { OPT_ENV_MAX = 64 };
/* The variable's name, into ret_name that holds OPT_ENV_MAX; "" if there is none. */
void opt_env(OptId id, char *ret_name);
void opt_env_before(OptId id, char *ret_name); // likewise, of the name it had (renamed.def)

#endif
