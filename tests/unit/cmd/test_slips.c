/*
 * field-C1, field-C2, field-P1, field-P8, field-P9: a slip never deletes more than was meant.
 *
 * Random configurations of `cleanup` in flags, variables and YAML; one slip in each; and the
 * program's own reading of both, judged over a set of operations: whatever the slipped one dooms,
 * the intended one dooms too, or it is refused first. SSISMINER_TEST_SEED picks other ones.
 *
 * What no program can see is left out: quotes lost in a shell, which cuts the command line before
 * anybody reads it.
 */
#include "test.h"

#include "../../../src/cleanup/names.h"
#include "../../../src/cleanup/plan.h"
#include "../../../src/cleanup/selection.h"
#include "../../../src/cmd/wish.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/file.h"
#include "ssisminer/base/str.h"
#include "ssisminer/cmd/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { SLIPS = 10000, OPERATIONS = 120, SETTINGS_MAX = 16, ITEMS_MAX = 3, WORDS_MAX = 64 };

static Arena arena; // of one try
static char *folder;
static uint64_t seed;

static uint64_t draw(uint64_t below)
{
    uint64_t z = seed += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (z ^ z >> 31) % below;
}

static bool chance(uint64_t percent)
{
    return draw(100) < percent;
}

#define PICK(list) ((list)[draw(ARRAY_LEN(list))])

/* ---- configurations -------------------------------------------------------------------------- */

typedef enum Source { FLAG, VARIABLE, YAML } Source;
typedef enum Form { ONE_TEXT, FLOW, BLOCK, REPEATED } Form; // of a list
typedef enum Level { IN_SECTION, AT_TOP, TOO_DEEP, ELSEWHERE } Level;

typedef struct Setting {
    OptId id;
    Source source;
    const char *name;    // "keep-failed", "SSISMINER_KEEP_FAILED", "keep_failed"
    const char *section; // of YAML
    const char *dashes;  // of a flag
    const char *instead; // of YAML: what stands where the value was, or NULL
    Form form;
    Level level;
    bool is_attached; // --name=value
    bool is_lost;     // the value of a flag or variable is not there
    size_t lost_item; // of a list in YAML: this one is empty; ITEMS_MAX for none
    const char *items[ITEMS_MAX];
    bool is_quoted[ITEMS_MAX];
    size_t count; // 0: a flag without a value
} Setting;

typedef struct Wishes {
    Setting list[SETTINGS_MAX];
    size_t count;
    size_t command_at; // among the flags
    const char *command;
} Wishes;

static const char *const names[] = {"Sales", "Finance", "Archive", "Load",    "Load #2",
                                    "A,B",   "A",       "R&D",     "Prod DW", "Prod",
                                    "yes",   "null",    "30",      "-Load"};
static const char *const globs[] = {
    "Sales", "Finance", "Archive", "Load*", "*Load*", "Load #2", "A\\,B", "A",  "R&D", "Prod DW",
    "Prod*", "yes",     "null",    "30",    "-Load",  "?inance", "*e*",   "@x", "[!]x"};

static bool needs_quotes(const char *text)
{
    static const char *const words[] = {"null", "~", "yes", "no"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_same(text, words[i]))
            return true;
    return strpbrk(text, ",#:[]{}'\"\\") != NULL || strchr("!&*?|>%@`-", text[0]) != NULL;
}

static const char *variable_of(OptId id)
{
    char *name = arena_alloc(&arena, OPT_ENV_MAX);

    opt_env(id, name);
    return name;
}

static Setting *add(Wishes *wishes, OptId id, Source source)
{
    Setting *setting = &wishes->list[wishes->count++];
    const char *key = opt_spec(id)->key;
    bool is_filter = opt_spec(id)->group == GROUP_FILTER;

    *setting = (Setting){.id = id,
                         .source = source,
                         .dashes = "--",
                         .is_attached = chance(40),
                         .lost_item = ITEMS_MAX};
    setting->name = source == FLAG       ? opt_spec(id)->flag
                    : source == VARIABLE ? variable_of(id)
                                         : strchr(key, '.') + 1;
    if (source == YAML)
        setting->section =
            is_filter && chance(50) ? "cleanup" : arena_copy(&arena, key, strcspn(key, "."));
    return setting;
}

static void add_item(Setting *setting, const char *text)
{
    setting->is_quoted[setting->count] = needs_quotes(text) || chance(40);
    setting->items[setting->count++] = text;
}

static Source any_source(void)
{
    return (Source)draw(3);
}

static void add_value(Wishes *wishes, OptId id, const char *text)
{
    add_item(add(wishes, id, any_source()), text);
}

/* From one day to ten years, in each of the units. */
static const char *any_span(int64_t least_days, int64_t *ret_days)
{
    static const struct {
        const char *unit;
        int64_t days;
    } units[] = {{"d", 1}, {"w", 7}, {"mo", 30}, {"y", 365}};
    size_t at = draw(ARRAY_LEN(units));
    int64_t least = (least_days + units[at].days - 1) / units[at].days;
    int64_t most = 3650 / units[at].days;

    if (least < 1 || least > most) {
        at = 0;
        least = least_days < 1 ? 1 : least_days;
        most = 3650;
    }
    int64_t span = most - least + 1 < 60 ? most - least + 1 : 60;
    int64_t number = least + (int64_t)draw((uint64_t)(chance(70) ? span : most - least + 1));
    *ret_days = number * units[at].days;
    return arena_printf(&arena, "%lld%s", (long long)number, units[at].unit);
}

static void add_keep(Wishes *wishes)
{
    int64_t days = 0;

    if (chance(85))
        add_value(wishes, OPT_KEEP, any_span(1, &days));
    if (days > 0 && chance(15)) // said twice: the stronger source counts
        add_item(
            add(wishes, OPT_KEEP, wishes->list[wishes->count - 1].source == FLAG ? YAML : FLAG),
            any_span(1, &days));
    if (chance(40))
        add_value(wishes, OPT_KEEP_FAILED, any_span(3650, &days));
}

static void add_filter(Wishes *wishes, OptId id)
{
    Setting *setting = add(wishes, id, any_source());
    size_t wanted = draw(3), count = 1 + draw(ITEMS_MAX);

    setting->form = setting->source == YAML                 ? (Form)draw(3)
                    : setting->source == FLAG && chance(40) ? REPEATED
                                                            : ONE_TEXT;
    for (size_t i = 0; i < count; i++) // what is left out comes last
        add_item(setting, i < wanted ? PICK(globs) : arena_printf(&arena, "!%s", PICK(globs)));
}

static Wishes any_wishes(void)
{
    static const OptId filters[] = {OPT_FOLDER, OPT_PROJECT, OPT_PACKAGE};
    static const struct {
        OptId id;
        const char *value;
    } others[] = {
        {OPT_BATCH_ROWS, "2000"}, {OPT_BATCH_TIME, "500ms"}, {OPT_SLEEP, "1min30s"},
        {OPT_METHOD, "batched"},  {OPT_TIME_LIMIT, "2h"},    {OPT_LOCK_TIMEOUT, "5s"},
        {OPT_METHOD, "auto"},     {OPT_MAX_LOAD, "80"},      {OPT_STOP_FILE, "/nowhere/stop"}};
    Wishes wishes = {.command = "cleanup"};

    add(&wishes, OPT_EXECUTE, FLAG);
    if (chance(60))
        add(&wishes, OPT_YES, FLAG);
    add_keep(&wishes);
    for (size_t i = 0; i < ARRAY_LEN(filters); i++)
        if (chance(45))
            add_filter(&wishes, filters[i]);
    for (int i = 0; i < 2; i++) {
        size_t at = draw(ARRAY_LEN(others));
        add_value(&wishes, others[at].id, others[at].value);
    }
    for (size_t i = wishes.count - 1; i > 0; i--) {
        size_t other = draw(i + 1);
        Setting kept = wishes.list[i];
        wishes.list[i] = wishes.list[other];
        wishes.list[other] = kept;
    }
    wishes.command_at = draw(wishes.count + 1);
    return wishes;
}

/* ---- writing them ---------------------------------------------------------------------------- */

static const char *joined(const Setting *setting)
{
    AUTO(buf_done) Buf text = BUF(4096);

    for (size_t i = 0; i < setting->count; i++)
        buf_printf(&text, "%s%s", i ? "," : "", setting->items[i]);
    return arena_text(&arena, buf_text(&text));
}

static void put_flag(const Setting *setting, const char *value, char **argv, int *argc)
{
    const char *name = arena_printf(&arena, "%s%s", setting->dashes, setting->name);
    bool is_attached = setting->is_attached || (value && value[0] == '-');

    if (setting->count == 0 || (setting->is_lost && !is_attached)) {
        argv[(*argc)++] = arena_text(&arena, name);
    } else if (is_attached) {
        argv[(*argc)++] = arena_printf(&arena, "%s=%s", name, setting->is_lost ? "" : value);
    } else {
        argv[(*argc)++] = arena_text(&arena, name);
        argv[(*argc)++] = arena_text(&arena, value);
    }
}

static int put_command_line(const Wishes *wishes, char **argv)
{
    int argc = 0;

    argv[argc++] = arena_text(&arena, "ssisminer");
    for (size_t i = 0; i <= wishes->count; i++) {
        const Setting *setting = &wishes->list[i];
        if (i == wishes->command_at)
            argv[argc++] = arena_text(&arena, wishes->command);
        if (i == wishes->count || setting->source != FLAG)
            continue;
        if (setting->form != REPEATED)
            put_flag(setting, joined(setting), argv, &argc);
        for (size_t k = 0; setting->form == REPEATED && k < setting->count; k++)
            put_flag(setting, setting->items[k], argv, &argc);
    }
    argv[argc] = NULL;
    return argc;
}

static void put_environment(const Wishes *wishes)
{
    (void)clearenv();
    (void)setenv("HOME", folder, 1);
    (void)setenv("SSISMINER_NOW", "2026-11-22T12:00:00Z", 1);
    for (size_t i = 0; i < wishes->count; i++)
        if (wishes->list[i].source == VARIABLE)
            (void)setenv(wishes->list[i].name,
                         wishes->list[i].is_lost ? "" : joined(&wishes->list[i]), 1);
}

static const char *scalar(const Setting *setting, size_t item, const char *text)
{
    if (item == setting->lost_item)
        return setting->instead;
    return setting->is_quoted[item] ? arena_printf(&arena, "'%s'", text) : text;
}

static void put_value(Buf *out, const Setting *setting, const char *indent)
{
    if (setting->instead && setting->lost_item == ITEMS_MAX) {
        buf_printf(out, " %s\n", setting->instead);
    } else if (setting->form == ONE_TEXT) {
        buf_printf(out, " %s\n", scalar(setting, 0, joined(setting)));
    } else if (setting->form == FLOW) {
        for (size_t i = 0; i < setting->count; i++)
            buf_printf(out, "%s%s", i ? ", " : " [", scalar(setting, i, setting->items[i]));
        buf_puts(out, "]\n");
    } else {
        buf_putc(out, '\n');
        for (size_t i = 0; i < setting->count; i++)
            buf_printf(out, "%s  - %s\n", indent, scalar(setting, i, setting->items[i]));
    }
}

static void put_key(Buf *out, const Setting *setting)
{
    switch (setting->level) {
    case IN_SECTION:
        buf_printf(out, "  %s:", setting->name);
        put_value(out, setting, "  ");
        return;
    case AT_TOP:
        buf_printf(out, "%s:", setting->name);
        put_value(out, setting, "");
        return;
    case TOO_DEEP:
        buf_printf(out, "  %s:\n    %s:", setting->section, setting->name);
        put_value(out, setting, "    ");
        return;
    case ELSEWHERE:
        buf_printf(out, "  %s:", setting->name);
        put_value(out, setting, "  ");
        return;
    }
}

static void put_sections(const Wishes *wishes, Buf *out)
{
    for (size_t i = 0; i < wishes->count; i++) {
        const Setting *first = &wishes->list[i];
        bool is_first = first->source == YAML && first->level != AT_TOP;
        for (size_t k = 0; k < i && is_first; k++)
            is_first = wishes->list[k].source != YAML || wishes->list[k].level == AT_TOP ||
                       !str_same(wishes->list[k].section, first->section);
        if (is_first)
            buf_printf(out, "%s:\n", first->section);
        for (size_t k = i; k < wishes->count && is_first; k++)
            if (wishes->list[k].source == YAML && wishes->list[k].level != AT_TOP &&
                str_same(wishes->list[k].section, first->section))
                put_key(out, &wishes->list[k]);
    }
    for (size_t i = 0; i < wishes->count; i++)
        if (wishes->list[i].source == YAML && wishes->list[i].level == AT_TOP)
            put_key(out, &wishes->list[i]);
}

static const char *yaml_of(const Wishes *wishes)
{
    AUTO(buf_done) Buf text = BUF(65536);

    put_sections(wishes, &text);
    return arena_text(&arena, buf_text(&text));
}

/* A new file each time: to cut one that exists waits for the disk. */
static void put_file(const char *text)
{
    const char *path = arena_printf(&arena, "%s/.config/ssisminer/ssisminer.yaml", folder);

    (void)remove(path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

/* ---- what they would do ---------------------------------------------------------------------- */

typedef struct LogEntry {
    int status;
    bool is_execution;
    int64_t age; // ticks since it ended
    const char *folder, *project, *package;
} LogEntry;

static LogEntry operations[OPERATIONS];
static bool looks_at_names = true; // false: a program of less care
static const Instant now = {.ticks = INT64_C(6390) * 100000 * 100000 * 100000, .is_set = true};

static void make_operations(void)
{
    for (size_t i = 0; i < OPERATIONS; i++) {
        int64_t days = (int64_t)(i * i) * 4000 / (OPERATIONS * OPERATIONS);
        operations[i] = (LogEntry){.status = 1 + (int)draw(9),
                                   .is_execution = chance(85),
                                   .age = days * TICKS_PER_DAY + (int64_t)draw(TICKS_PER_DAY),
                                   .folder = PICK(names),
                                   .project = PICK(names),
                                   .package = PICK(names)};
    }
}

typedef struct Outcome {
    bool is_refused; // nothing goes
    Err err;
    bool is_doomed[OPERATIONS];
    int64_t keep_ticks, keep_failed_ticks;
} Outcome;

/* sql/cleanup/doomed.rule, of an operation that took an hour. */
static bool is_doomed(const CleanupPlan *plan, const LogEntry *operation)
{
    int status = operation->status;
    int64_t end = now.ticks - operation->age, start = end - TICKS_PER_DAY / 24;
    bool is_failure = status == 4 || status == 6;
    bool is_final = status == 1 || status == 3 || is_failure || status == 7 || status == 9;
    Str none = {NULL, 0};

    if (!is_final || start > plan->cutoff.ticks ||
        end > (is_failure ? plan->failed_cutoff : plan->cutoff).ticks)
        return false;
    return operation->is_execution
               ? selection_passes(plan, str_of(operation->folder), str_of(operation->project),
                                  str_of(operation->package))
               : selection_passes(plan, none, none, none);
}

/* What the server would answer: the names of the log. */
static Rc check_names(const CleanupWish *wish, Err *err)
{
    Exclusions exclusions = exclusions_of(&wish->filter, &arena);

    for (size_t i = 0; i < OPERATIONS; i++) {
        const Execution known = {.folder = operations[i].folder,
                                 .project = operations[i].project,
                                 .package = operations[i].package};
        if (operations[i].is_execution)
            exclusions_meet(&exclusions, &known);
    }
    return exclusions_check(&exclusions, err);
}

/* As cleanup_run, from the settings to the first delete, without a terminal. */
static Rc judge_all(const Conf *conf, const Ssisdb *db, const LedgerRecord *last, Outcome *outcome,
                    Err *err)
{
    CleanupWish wish;
    CleanupPlan plan = {.db = db, .wish = &wish};

    if (conf_command(conf) != &cmd_cleanup || !conf_flag(conf, OPT_EXECUTE))
        return FAIL(err, RC_USAGE, "nothing is executed");
    wish_read(conf, &arena, &wish);
    TRY(plan_retention(&plan, &arena, err));
    if (looks_at_names)
        TRY(check_names(&wish, err));
    if (!conf_flag(conf, OPT_YES) && last)
        TRY(cleanup_check_keep(&plan, last, err));
    outcome->keep_ticks = plan.keep_ticks;
    outcome->keep_failed_ticks = plan.keep_failed_ticks;
    for (size_t i = 0; i < OPERATIONS; i++)
        outcome->is_doomed[i] = is_doomed(&plan, &operations[i]);
    return RC_OK;
}

static Outcome outcome_of(const Wishes *wishes, const Ssisdb *db, const LedgerRecord *last)
{
    char *argv[WORDS_MAX];
    int argc = put_command_line(wishes, argv);
    size_t count;
    const Command *const *commands = commands_all(&count);
    Outcome outcome = {0};
    Conf *conf = NULL;

    put_environment(wishes);
    put_file(yaml_of(wishes));
    Rc rc = conf_load(argc, argv, commands, count, &conf, &outcome.err);
    if (rc == RC_OK)
        rc = judge_all(conf, db, last, &outcome, &outcome.err);
    outcome.is_refused = rc != RC_OK;
    conf_free(conf);
    return outcome;
}

/* ---- slips ----------------------------------------------------------------------------------- */

typedef enum Slip {
    SLIP_UNIT,
    SLIP_TRANSPOSED,
    SLIP_QUOTES,
    SLIP_CASE,
    SLIP_DASH,
    SLIP_LEVEL,
    SLIP_VALUE,
    SLIP_KINDS
} Slip;

static const char *const slip_names[SLIP_KINDS] = {
    "unit lost",   "letters transposed",     "quotes lost",        "case changed",
    "a dash lost", "key at the wrong level", "value lost or empty"};

/* Two neighbors that differ change places; false when there are none. */
static bool transpose(const char **text)
{
    size_t len = strlen(*text);
    char *copy = arena_text(&arena, *text);

    for (size_t tries = 0; tries < 20 && len > 1; tries++) {
        size_t at = draw(len - 1);
        if (copy[at] == copy[at + 1])
            continue;
        char first = copy[at];
        copy[at] = copy[at + 1];
        copy[at + 1] = first;
        *text = copy;
        return true;
    }
    return false;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char other_case(char c)
{
    return is_letter(c) ? (char)(c ^ 0x20) : c;
}

/* One letter, or all. */
static bool change_case(const char **text)
{
    char *copy = arena_text(&arena, *text);
    size_t at = draw(strlen(copy) + 1);

    for (size_t i = 0; copy[i]; i++)
        if (i == at || at == strlen(copy))
            copy[i] = other_case(copy[i]);
    bool has_changed = !str_same(copy, *text);
    *text = copy;
    return has_changed;
}

static bool is_span(const Setting *setting)
{
    OptType type = opt_spec(setting->id)->type;

    return type == OPT_TYPE_SPAN || type == OPT_TYPE_DURATION;
}

static bool is_keyword(const Setting *setting)
{
    return is_span(setting) || opt_spec(setting->id)->type == OPT_TYPE_CHOICE;
}

static bool lose_unit(Setting *setting)
{
    if (!is_span(setting))
        return false;
    const char *text = setting->items[0];
    size_t len = strlen(text);
    while (len > 0 && (text[len - 1] < '0' || text[len - 1] > '9'))
        len--;
    setting->items[0] = arena_copy(&arena, text, len);
    return true;
}

/* The unit of a time; the word of a choice. */
static bool transpose_keyword(Setting *setting)
{
    if (!is_keyword(setting))
        return false;
    const char *text = setting->items[0];
    size_t digits = strspn(text, "0123456789");
    const char *word = text + digits;
    if (!transpose(&word))
        return false;
    setting->items[0] = arena_printf(&arena, "%.*s%s", (int)digits, text, word);
    return true;
}

/* Two letters in a name that is wanted or left out. */
static bool transpose_name(Setting *setting)
{
    if (opt_spec(setting->id)->type != OPT_TYPE_GLOBS)
        return false;
    size_t item = draw(setting->count);
    char *copy = arena_text(&arena, setting->items[item]);
    for (char *c = copy; *c; c++) {
        if (!is_letter(c[0]) || !is_letter(c[1]) || c[0] == c[1] || chance(50))
            continue;
        char first = c[0];
        c[0] = c[1];
        c[1] = first;
        setting->items[item] = copy;
        return true;
    }
    return false;
}

static bool lose_quotes(Setting *setting)
{
    if (setting->source != YAML || setting->count == 0)
        return false;
    size_t at = setting->form == ONE_TEXT ? 0 : draw(setting->count);
    bool was_quoted = setting->is_quoted[at];
    setting->is_quoted[at] = false;
    return was_quoted;
}

static bool lose_dash(Setting *setting)
{
    char *copy = arena_text(&arena, setting->name);
    char *dash = strpbrk(copy, "-_");

    if (dash && chance(40)) {
        memmove(dash, dash + 1, strlen(dash));
        setting->name = copy;
        return true;
    }
    setting->dashes = chance(80) ? "-" : "";
    return setting->source == FLAG;
}

static bool lose_level(Setting *setting)
{
    static const char *const others[] = {"filter", "cleanup", "connection", "output", "report"};

    if (setting->source != YAML)
        return false;
    setting->level = (Level)(AT_TOP + draw(3));
    if (setting->level != ELSEWHERE)
        return true;
    const char *section = PICK(others);
    // under the key of another command a filter is rightly for that one
    bool is_elsewhere =
        !str_same(section, setting->section) &&
        !(opt_spec(setting->id)->group == GROUP_FILTER && str_same(section, "report"));
    setting->section = section;
    return is_elsewhere;
}

static bool lose_value(Setting *setting)
{
    static const char *const nothings[] = {"", "''", "\"\"", "~", "null", "[]", "# later"};

    if (setting->count == 0)
        return false;
    setting->is_lost = true;
    setting->instead = PICK(nothings);
    if (setting->form != ONE_TEXT && setting->source == YAML && chance(60))
        setting->lost_item = draw(setting->count);
    return setting->form != FLOW || setting->instead[0] != '#'; // that would leave the list open
}

static bool slip_one(Wishes *wishes, Setting *setting, Slip kind)
{
    switch (kind) {
    case SLIP_UNIT:
        return lose_unit(setting);
    case SLIP_TRANSPOSED:
        if (chance(5))
            return transpose(&wishes->command);
        if (chance(25))
            return transpose_name(setting);
        if (chance(25))
            return transpose_keyword(setting);
        if (setting->source == YAML && chance(30))
            return transpose(&setting->section);
        return transpose(&setting->name);
    case SLIP_QUOTES:
        return lose_quotes(setting);
    case SLIP_CASE:
        if (setting->count > 0 && chance(40))
            return change_case(&setting->items[draw(setting->count)]);
        if (setting->source == YAML && chance(30))
            return change_case(&setting->section);
        return change_case(&setting->name);
    case SLIP_DASH:
        return lose_dash(setting);
    case SLIP_LEVEL:
        return lose_level(setting);
    case SLIP_VALUE:
        return lose_value(setting);
    case SLIP_KINDS:
        break;
    }
    return false;
}

static Slip slip(const Wishes *intended, Wishes *ret_slipped)
{
    for (;;) {
        Slip kind = (Slip)draw(SLIP_KINDS);
        *ret_slipped = *intended;
        if (slip_one(ret_slipped, &ret_slipped->list[draw(intended->count)], kind))
            return kind;
    }
}

/* ---- the tests ------------------------------------------------------------------------------- */

static void tell(const char *what, const Wishes *wishes)
{
    char *argv[WORDS_MAX];
    int argc = put_command_line(wishes, argv);

    print_error("%s:\n ", what);
    for (int i = 0; i < argc; i++)
        print_error(" %s", argv[i]);
    for (size_t i = 0; i < wishes->count; i++)
        if (wishes->list[i].source == VARIABLE)
            print_error("\n  %s='%s'", wishes->list[i].name,
                        wishes->list[i].is_lost ? "" : joined(&wishes->list[i]));
    print_error("\n%s", yaml_of(wishes));
}

typedef struct Tally {
    size_t applied[SLIP_KINDS], refused[SLIP_KINDS];
    size_t violations, dooming; // configurations that let something go
} Tally;

typedef void MendFn(Wishes *wishes); // what a program of less care would make of it

static bool dooms_more(const Outcome *slipped, const Outcome *intended)
{
    for (size_t i = 0; i < OPERATIONS && !slipped->is_refused; i++)
        if (slipped->is_doomed[i] && !intended->is_doomed[i])
            return true;
    return false;
}

static bool dooms_some(const Outcome *outcome)
{
    for (size_t i = 0; i < OPERATIONS; i++)
        if (outcome->is_doomed[i])
            return true;
    return false;
}

/* A configuration that is not refused. */
static Wishes sound_wishes(const Ssisdb *db, Outcome *ret_outcome)
{
    for (;;) {
        Wishes wishes = any_wishes();
        *ret_outcome = outcome_of(&wishes, db, NULL);
        if (!ret_outcome->is_refused)
            return wishes;
        arena_reset(&arena);
    }
}

static void try_one(MendFn *mend, bool is_told, Tally *tally)
{
    Ssisdb db = {.server_now = now,
                 .cleanup_enabled = true,
                 .retention_days = 1 + (int64_t)draw(chance(50) ? 3650 : 60)};
    Outcome intended, outcome;
    Wishes slipped, wishes = sound_wishes(&db, &intended);
    LedgerRecord last = {.is_found = true, // of the night before
                         .keep_ticks = intended.keep_ticks,
                         .keep_failed_ticks = intended.keep_failed_ticks};
    Slip kind = slip(&wishes, &slipped);

    if (mend)
        mend(&slipped);
    outcome = outcome_of(&slipped, &db, &last);
    tally->applied[kind]++;
    tally->refused[kind] += outcome.is_refused;
    tally->dooming += dooms_some(&intended);
    if (dooms_more(&outcome, &intended)) {
        tally->violations++;
        if (is_told && tally->violations <= 3) {
            print_error("\n---- %s dooms what was to be kept (RETENTION_WINDOW %lld)\n",
                        slip_names[kind], (long long)db.retention_days);
            tell("intended", &wishes);
            tell("slipped", &slipped);
        }
    }
    arena_reset(&arena);
}

static void try_many(size_t count, MendFn *mend, bool is_told, Tally *tally)
{
    const char *wanted = getenv("SSISMINER_TEST_SEED");

    *tally = (Tally){0};
    seed = wanted ? strtoull(wanted, NULL, 10) : 1;
    make_operations();
    for (size_t i = 0; i < count; i++)
        try_one(mend, is_told, tally);
}

static void test_slips__field_C1_C2_P1_P8_P9_no_slip_deletes_more_than_was_meant(void **state)
{
    Tally tally;
    (void)state;

    try_many(SLIPS, NULL, true, &tally);
    for (Slip kind = 0; kind < SLIP_KINDS; kind++) {
        print_message("  %-24s %5zu, refused %5zu\n", slip_names[kind], tally.applied[kind],
                      tally.refused[kind]);
        assert_true(tally.applied[kind] >= SLIPS / 40); // each is really tried
    }
    assert_true(tally.dooming > SLIPS / 3); // and there is something to lose
    assert_int_equal(tally.violations, 0);
}

/* As it was before: a YAML text that begins with '!' and has no quotes is a tag, and gone. */
static void drop_tags(Wishes *wishes)
{
    for (size_t i = 0; i < wishes->count; i++) {
        Setting *setting = &wishes->list[i];
        bool is_tag = setting->source == YAML && setting->count > 0 && !setting->is_quoted[0] &&
                      setting->items[0][0] == '!';
        if (is_tag)
            *setting = (Setting){.id = OPT_EXACT, .source = FLAG, .dashes = "--", .name = "exact"};
    }
}

/* As it was before: what is empty leaves the default. */
static void drop_empty(Wishes *wishes)
{
    for (size_t i = 0; i < wishes->count; i++)
        if (wishes->list[i].is_lost)
            wishes->list[i] =
                (Setting){.id = OPT_EXACT, .source = FLAG, .dashes = "--", .name = "exact"};
}

/* As it was before: misspelled variables are not looked at. */
static void drop_unknown_variables(Wishes *wishes)
{
    for (size_t i = 0; i < wishes->count; i++)
        if (wishes->list[i].source == VARIABLE &&
            !str_same(wishes->list[i].name, variable_of(wishes->list[i].id)))
            wishes->list[i] =
                (Setting){.id = OPT_EXACT, .source = FLAG, .dashes = "--", .name = "exact"};
}

static void test_slips__a_program_of_less_care_is_found_out(void **state)
{
    static MendFn *const less_careful[] = {drop_tags, drop_empty, drop_unknown_variables};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(less_careful); i++) {
        Tally tally;
        try_many(1500, less_careful[i], false, &tally);
        assert_true(tally.violations > 0);
    }
    Tally tally;
    looks_at_names = false;
    try_many(1500, NULL, false, &tally);
    looks_at_names = true;
    assert_true(tally.violations > 0);
}

static int start(void **state)
{
    static Arena kept;
    Err err = {0};
    (void)state;

    if (file_temp_dir("slips-test", &kept, &folder, &err) != RC_OK)
        return -1;
    (void)mkdir(arena_printf(&kept, "%s/.config", folder), 0700);
    return mkdir(arena_printf(&kept, "%s/.config/ssisminer", folder), 0700);
}

static int end(void **state)
{
    (void)state;
    file_remove_tree(folder);
    arena_done(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slips__field_C1_C2_P1_P8_P9_no_slip_deletes_more_than_was_meant),
        cmocka_unit_test(test_slips__a_program_of_less_care_is_found_out),
    };

    return cmocka_run_group_tests_name("cmd/slips", tests, start, end);
}
