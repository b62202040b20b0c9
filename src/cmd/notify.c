/* `notify [CHANNEL...]`: lists the channels, and tries them. */
#include "notice.h"

#include "output.h"
#include "ssisminer/base/str.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/conf/conf.h"

#include <string.h>

/* ---- the list -------------------------------------------------------------------------------- */

static const char *goes_to(const NotifyChannel *channel, Arena *arena)
{
    const char *line = "";

    if (channel->type != NOTIFY_MAIL)
        return "a webhook";
    for (size_t i = 0; i < channel->to_count; i++)
        line = arena_printf(arena, "%s%s%s", line, i ? ", " : "", channel->to[i]);
    return arena_printf(arena, "%s by %s:%d", line, channel->host, channel->port);
}

/* Where, never what. */
static const char *secret_from(const NotifyChannel *channel, Arena *arena)
{
    if (channel->type == NOTIFY_MAIL && !channel->user)
        return "no login";
    if (channel->secret_file)
        return channel->secret_file;
    if (channel->secret_env)
        return arena_printf(arena, "variable %s", channel->secret_env);
    return arena_printf(arena, "systemd's ssisminer-notify-%s", channel->name);
}

/* clang-format off */
#define CHANNEL_COLUMNS(COLUMN) \
    COLUMN("channel", "channel", value_text(channels[i].name), .tone = TONE_STRONG, .is_whole = true) \
    COLUMN("type", "type", value_text(notify_type_name(channels[i].type))) \
    COLUMN("when", "when", value_text(channels[i].when)) \
    COLUMN("secret_from", "secret from", value_text(secret_from(&channels[i], arena))) \
    COLUMN("to", "tells", value_text(goes_to(&channels[i], arena)), .may_wrap = true) \
    COLUMN("origin", "from", value_text(channels[i].origin), .audience = FOR_DATA)
/* clang-format on */

static const Column columns[] = {CHANNEL_COLUMNS(COLUMN_ENTRY)};

static Report *list_channels(const NotifyChannel *channels, size_t count, Arena *arena)
{
    Report *report = report_new(arena, "notify", "Channels");
    Section *section =
        report_section(report, FOR_ALL, "channels", NULL, LAYOUT_TABLE, columns, ARRAY_LEN(columns),
                       "The configuration has none: write them under 'notify:'.");

    for (size_t i = 0; i < count; i++)
        row_set_all(section_row(section), ROW_VALUES(CHANNEL_COLUMNS));
    return report;
}

/* ---- the test -------------------------------------------------------------------------------- */

/* clang-format off */
#define OUTCOME_COLUMNS(COLUMN) \
    COLUMN("channel", "channel", value_text(sender->channel->name), .tone = TONE_STRONG, .is_whole = true) \
    COLUMN("was_told", "told", value_flag(rc == RC_OK)) \
    COLUMN("remark", "", *remark ? value_text(remark) : value_none(), .may_wrap = true)
/* clang-format on */

static const Column outcome_columns[] = {OUTCOME_COLUMNS(COLUMN_ENTRY)};

static Rc try_one(const NotifySender *sender, Section *section, Arena *arena, bool *ret_was_told,
                  Err *err)
{
    const char *remark = "";
    NotifyEvent event = {.command = "notify",
                         .error = "",
                         .hint = "",
                         .more = "",
                         .host = notice_host(arena),
                         .time = time_now(),
                         .test = sender->channel->name};
    Err own = {0};
    Rc rc = notify_send(sender, &event, arena, &remark, &own);

    if (rc == RC_STOPPED) {
        *err = own;
        return rc;
    }
    *ret_was_told = rc == RC_OK;
    if (rc != RC_OK)
        remark = arena_printf(arena, "%s%s%s", own.text, *own.hint ? "; " : "", own.hint);
    row_set_all(section_row(section), ROW_VALUES(OUTCOME_COLUMNS));
    return RC_OK;
}

static Rc try_all(const Notice *notice, Output *output, Arena *arena, Err *err)
{
    Report *report = report_new(arena, "notify", "Test of channels");
    Section *section = report_section(report, FOR_ALL, "tests", NULL, LAYOUT_TABLE, outcome_columns,
                                      ARRAY_LEN(outcome_columns), NULL);
    size_t failed = 0;

    for (size_t i = 0; i < notice->count; i++) {
        bool was_told = false;
        TRY(try_one(&notice->senders[i], section, arena, &was_told, err));
        failed += !was_told;
    }
    TRY(output_write(output, report, err));
    if (failed == 0)
        return RC_OK;
    return FAIL(err, RC_CONNECT, "%zu of %zu channel%s %s not told", failed, notice->count,
                notice->count == 1 ? "" : "s", failed == 1 ? "was" : "were");
}

/* ---- the command ----------------------------------------------------------------------------- */

static Rc notify_run(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(output_close) Output output = {0};
    AUTO(notice_done) Notice notice = {0};
    NotifyChannel *channels = NULL;
    size_t count = 0, name_count = 0;
    const char *const *names = conf_args(conf, &name_count);

    TRY(notify_channels(conf, &arena, &channels, &count, err));
    if (name_count > 0)
        TRY(notice_open_named(&notice, conf, names, name_count, err));
    TRY(output_open(conf, &output, err));
    if (name_count == 0)
        return output_write(&output, list_channels(channels, count, &arena), err);
    return try_all(&notice, &output, &arena, err);
}

const Command cmd_notify = {
    .name = "notify",
    .args = "[CHANNEL...]",
    .summary = "Show the channels that can be told, or send them a test",
    .details =
        "Channels stand under 'notify:' in the configuration: webhooks of Microsoft Teams "
        "(workflows), of Slack, or of anything that takes JSON, and mail. Without a name they are "
        "listed, with the place of each one's secret and never the secret. With names, or all, a "
        "test message goes to each of them at once, whatever their 'when' says; the exit status is "
        "3 when one of them was not told.\n\n"
        "--notify CHANNEL on a command tells that channel what came of it: the first screen of the "
        "answer, once for all targets. A channel's 'when', or --notify-when, says what is worth "
        "it: any finding (as shipped), new (of --state), warning, error, critical as with "
        "--fail-on, or always. A run that failed is always told, one that was stopped by a signal "
        "never. That somebody could not be told is a warning, and never changes the exit "
        "status.\n\n"
        "    ssisminer notify\n"
        "    ssisminer notify ops\n"
        "    ssisminer report --state auto --notify ops --notify-when new",
    .takes = BY_NOTIFY,
    .first = {OPT_CONFIG, OPT_FORMAT, OPT_OUTPUT},
    .run = notify_run,
};
