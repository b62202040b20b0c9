/* `config`: each setting, what it is, and who said so. */
#include "output.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/notify/notify.h"

/* What has neither a key nor a variable is no setting: --help and the like. */
static bool is_setting(OptId id)
{
    char variable[OPT_ENV_MAX];

    opt_env(id, variable);
    return opt_spec(id)->key || *variable;
}

/* As the user would write it; "***" for a secret, none for what is not set. */
static Value value_of(const Conf *conf, OptId id)
{
    const char *text = conf_text(conf, id);
    size_t count;

    if (opt_spec(id)->type == OPT_TYPE_FLAG)
        return value_flag(conf_flag(conf, id));
    if (!text)
        return value_none();
    if (opt_spec(id)->type == OPT_TYPE_SECRET)
        return value_text("***");
    if (!opt_is_list(opt_spec(id)))
        return value_text(text);
    const char *const *items = conf_list(conf, id, &count);
    return value_texts(items, count);
}

/* clang-format off */
#define SETTING_COLUMNS(COLUMN) \
    COLUMN("setting", "setting", value_text(setting), .tone = TONE_STRONG) \
    COLUMN("value", "value", value) \
    COLUMN("origin", "from", value_text(origin), .may_wrap = true)
/* clang-format on */

static const Column columns[] = {SETTING_COLUMNS(COLUMN_ENTRY)};

static void add_setting(Section *section, const char *setting, Value value, const char *origin)
{
    row_set_all(section_row(section), ROW_VALUES(SETTING_COLUMNS));
}

/* Filters that the file keeps for one command, under its key. */
static void add_own(const Conf *conf, Section *section, Arena *arena)
{
    size_t count;
    const ConfOwn *own = conf_own(conf, &count);

    for (size_t i = 0; i < count; i++) {
        const char *setting =
            arena_printf(arena, "%s: %s", own[i].command->name, opt_spec(own[i].id)->flag);
        Value value =
            own[i].count > 0 ? value_texts(own[i].items, own[i].count) : value_text(own[i].text);
        add_setting(section, setting, value, own[i].origin);
    }
}

/* The servers that --target can name. */
static void add_targets(const Conf *conf, Section *section, Arena *arena)
{
    size_t count = conf_target_count(conf);
    const char **names = arena_alloc_array(arena, count + 1, sizeof(*names));

    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        names[i] = conf_target_name(conf, i);
    add_setting(section, "targets", value_texts(names, count), conf_origin(conf, OPT_CONFIG));
}

/* Whom --notify can tell: their names, and no more. */
static Rc add_channels(const Conf *conf, Section *section, Arena *arena, Err *err)
{
    NotifyChannel *channels = NULL;
    size_t count = 0;

    TRY(notify_channels(conf, arena, &channels, &count, err));
    if (count == 0)
        return RC_OK;
    const char **names = arena_alloc_array(arena, count, sizeof(*names));
    for (size_t i = 0; i < count; i++)
        names[i] = channels[i].name;
    add_setting(section, "channels", value_texts(names, count), conf_origin(conf, OPT_CONFIG));
    return RC_OK;
}

static Rc make_report(const Conf *conf, Arena *arena, Report **ret_report, Err *err)
{
    Report *report = report_new(arena, "config", "Settings");
    Section *section = report_section(report, FOR_ALL, "settings", NULL, LAYOUT_TABLE, columns,
                                      ARRAY_LEN(columns), NULL);

    for (OptId id = 0; id < OPT_COUNT; id++)
        if (is_setting(id) || conf_is_given(conf, id))
            add_setting(section, opt_spec(id)->flag, value_of(conf, id), conf_origin(conf, id));
    add_own(conf, section, arena);
    add_targets(conf, section, arena);
    *ret_report = report;
    return add_channels(conf, section, arena, err);
}

static Rc config_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(output_close) Output output = {0};

    Report *report = NULL;

    TRY(output_open(conf, &output, err));
    TRY(make_report(conf, &arena, &report, err));
    return output_write(&output, report, err);
}

const Command cmd_config = {
    .name = "config",
    .args = "",
    .summary = "Show every setting, its value and where it came from",
    .details =
        "Takes the options of every command, so that what a command line would mean can be seen "
        "before it is run. A secret is shown as ***.\n\n"
        "From strong to weak: the command line, the environment, the configuration file, the "
        "default. A filter that the file keeps for one command is shown with that command's name. "
        "'ssisminer help --config-yaml' prints a file to start from.",
    .takes = (BY_ALL & ~BY_HELP),
    .first = {OPT_CONFIG, OPT_FORMAT, OPT_OUTPUT},
    .run = config_run,
};
