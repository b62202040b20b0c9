/* --notify: who is told of what a command found, once it has ended. */
#include "notice.h"

#include "news.h"

#include "output.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/redact.h"
#include "ssisminer/base/str.h"
#include "ssisminer/report/combine.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_MOST = 1 << 30, MORE_MAX = 2048 };

void notice_done(Notice *notice)
{
    for (size_t i = 0; i < notice->count; i++)
        notify_close(&notice->senders[i]);
    output_watch(NULL);
    news_defer(NULL);
    buf_done(&notice->answer);
    buf_done(&notice->news);
    arena_done(&notice->arena);
}

/* ---- who ------------------------------------------------------------------------------------- */

static bool is_taken(const Conf *conf, OptId id)
{
    return opt_is_taken(opt_spec(id), conf_command(conf));
}

static const char *when_of(const Conf *conf, const NotifyChannel *channel)
{
    const char *given = conf_text(conf, OPT_NOTIFY_WHEN);

    return given ? given : channel->when;
}

/* What is new is known by a state alone. */
static Rc check_when(const Conf *conf, const NotifyChannel *channel, Err *err)
{
    if (strcmp(when_of(conf, channel), "new") != 0)
        return RC_OK;
    if (!is_taken(conf, OPT_STATE))
        (void)FAIL(err, RC_USAGE,
                   "channel '%s' wants to know what is new, and '%s' keeps no state that could say "
                   "so",
                   channel->name, conf_command(conf)->name);
    else if (!conf_text(conf, OPT_STATE))
        (void)FAIL(err, RC_USAGE, "channel '%s' wants to know what is new, which needs --state",
                   channel->name);
    else
        return RC_OK;
    return err_hint(err, "%s--notify-when says what is worth telling this time",
                    is_taken(conf, OPT_STATE) ? "--state auto, or --state FILE; or " : "");
}

static bool is_all(const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_same_fold(names[i], "all"))
            return true;
    return false;
}

/* Each once, in the order of the file for `all`. */
static Rc pick(const char *const *names, size_t name_count, const NotifyChannel *channels,
               size_t count, Arena *arena, const NotifyChannel ***ret_picked, size_t *ret_count,
               Err *err)
{
    const NotifyChannel **picked =
        arena_alloc_array(arena, count + name_count + 1, sizeof(*picked));
    size_t taken = 0;

    for (size_t i = 0; is_all(names, name_count) && i < count; i++)
        picked[taken++] = &channels[i];
    for (size_t i = 0; i < name_count; i++) {
        const NotifyChannel *channel = NULL;
        if (str_same_fold(names[i], "all") && count > 0)
            continue;
        TRY(notify_find(channels, count, names[i], &channel, err));
        bool is_there = false;
        for (size_t k = 0; k < taken; k++)
            is_there = is_there || picked[k] == channel;
        if (!is_there)
            picked[taken++] = channel;
    }
    *ret_picked = picked;
    *ret_count = taken;
    return RC_OK;
}

static Rc open_all(Notice *notice, Conf *conf, const NotifyChannel *const *picked, size_t count,
                   Err *err)
{
    notice->senders = arena_alloc_array(&notice->arena, count, sizeof(*notice->senders));
    for (size_t i = 0; i < count; i++) {
        TRY(notify_open(conf, picked[i], &notice->senders[notice->count], err));
        notice->count++;
    }
    return RC_OK;
}

Rc notice_open_named(Notice *notice, Conf *conf, const char *const *names, size_t count, Err *err)
{
    NotifyChannel *channels = NULL;
    const NotifyChannel **picked = NULL;
    size_t channel_count = 0, picked_count = 0;

    TRY(notify_channels(conf, &notice->arena, &channels, &channel_count, err));
    TRY(pick(names, count, channels, channel_count, &notice->arena, &picked, &picked_count, err));
    return open_all(notice, conf, picked, picked_count, err);
}

Rc notice_open(Notice *notice, Conf *conf, Err *err)
{
    size_t name_count = 0;
    bool can_tell = is_taken(conf, OPT_NOTIFY);
    const char *const *names = can_tell ? conf_list(conf, OPT_NOTIFY, &name_count) : NULL;
    const char *when = can_tell ? conf_text(conf, OPT_NOTIFY_WHEN) : NULL;

    TRY(notice_open_named(notice, conf, names, name_count, err));
    if (name_count == 0 && when && conf_is_given(conf, OPT_NOTIFY_WHEN))
        return FAIL(err, RC_USAGE, "--notify-when means nothing without --notify");
    for (size_t i = 0; i < notice->count; i++)
        TRY(check_when(conf, notice->senders[i].channel, err));
    if (notice->count == 0)
        return RC_OK;
    notice->answer = BUF(ANSWER_MOST);
    notice->news = BUF(ANSWER_MOST);
    output_watch(&notice->answer);
    news_defer(&notice->news);
    return RC_OK;
}

/* ---- how to see all of it -------------------------------------------------------------------- */

/* As a shell takes it. */
static void put_word(Buf *out, const char *word)
{
    bool is_plain = word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789_.,:/+@%-")] == '\0';

    if (is_plain) {
        buf_puts(out, word);
        return;
    }
    buf_putc(out, '\'');
    for (; *word; word++)
        buf_puts(out, *word == '\'' ? "'\\''" : (char[2]){*word, '\0'});
    buf_putc(out, '\'');
}

static void put_list(const Conf *conf, OptId id, Buf *out)
{
    AUTO(buf_done) Buf words = BUF(MORE_MAX);
    size_t count = 0;
    const char *const *list = is_taken(conf, id) ? conf_list(conf, id, &count) : NULL;

    for (size_t i = 0; i < count; i++)
        buf_printf(&words, "%s%s", i ? "," : "", list[i]);
    if (count == 0)
        return;
    buf_printf(out, " --%s ", opt_spec(id)->flag);
    put_word(out, buf_text(&words));
}

/* Whoever reads it in the morning is to see the same night. */
static void put_window(const Conf *conf, Buf *out)
{
    static const OptId ends[] = {OPT_SINCE, OPT_UNTIL};
    size_t ids = 0;

    put_list(conf, OPT_EXECUTION, out);
    if (is_taken(conf, OPT_EXECUTION))
        (void)conf_list(conf, OPT_EXECUTION, &ids);
    if (is_taken(conf, OPT_RUN) && conf_text(conf, OPT_RUN)) {
        buf_puts(out, " --run ");
        put_word(out, conf_text(conf, OPT_RUN));
        ids++;
    }
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        char text[TIME_TEXT_MAX];
        if (ids > 0 || !is_taken(conf, ends[i]) || !conf_time(conf, ends[i]).is_set)
            continue;
        time_iso_utc(conf_time(conf, ends[i]), 0, text);
        buf_printf(out, " --%s %s", opt_spec(ends[i])->flag, text);
    }
}

/* The files of scan. */
static void put_args(const Conf *conf, Buf *out)
{
    size_t count = 0;
    const char *const *args = conf_args(conf, &count);

    for (size_t i = 0; i < count; i++) {
        buf_putc(out, ' ');
        put_word(out, args[i]);
    }
}

/* A delete is not done again to see what it did. */
static const char *more_of(const Conf *conf, bool is_fleet, Arena *arena)
{
    static const OptId filters[] = {OPT_FOLDER, OPT_PROJECT, OPT_PACKAGE, OPT_CALLER};
    AUTO(buf_done) Buf line = BUF(MORE_MAX);

    bool has_deleted = conf_command(conf)->cannot_be_undone && conf_flag(conf, OPT_EXECUTE);
    if (has_deleted || !is_taken(conf, OPT_ALL))
        return "";
    buf_printf(&line, "ssisminer %s", conf_command(conf)->name);
    if (is_taken(conf, OPT_FROM) && conf_text(conf, OPT_FROM)) {
        buf_puts(&line, " --from ");
        put_word(&line, conf_text(conf, OPT_FROM));
    }
    if (is_fleet)
        put_list(conf, OPT_TARGET, &line);
    if (conf_command(conf)->takes & BY_WINDOW)
        put_window(conf, &line);
    for (size_t i = 0; i < ARRAY_LEN(filters); i++)
        put_list(conf, filters[i], &line);
    buf_puts(&line, " --all");
    put_args(conf, &line);
    return line.over ? "" : arena_text(arena, buf_text(&line));
}

/* ---- what ------------------------------------------------------------------------------------ */

static bool is_failure(Rc rc)
{
    return rc == RC_USAGE || rc == RC_CONNECT || rc == RC_QUERY || rc == RC_RIGHTS ||
           rc == RC_NOTHING;
}

static const char *const *targets_of(const Conf *conf, Arena *arena, size_t *ret_count)
{
    Err err = {0};
    const size_t *picked = NULL;
    const char **names = NULL;

    *ret_count = 0;
    if (conf_pick_targets(conf, arena, &picked, ret_count, &err) != RC_OK)
        return NULL;
    names = arena_alloc_array(arena, *ret_count, sizeof(*names));
    for (size_t i = 0; i < *ret_count; i++)
        names[i] = conf_target_name(conf, picked[i]);
    return names;
}

const char *notice_host(Arena *arena)
{
    char host[256] = "";

    if (gethostname(host, sizeof(host) - 1) != 0 || !*host)
        return "?";
    return arena_text(arena, host);
}

static const char *safe_text(const char *text, Arena *arena)
{
    char *copy = arena_text(arena, text);

    redact_tokens(copy);
    return copy;
}

static void describe(Notice *notice, const Conf *conf, bool is_fleet, Rc rc, const Err *err,
                     NotifyEvent *event)
{
    Arena *arena = &notice->arena;
    Report *report = NULL;
    Err own = {0};

    *event = (NotifyEvent){.command = conf_command(conf)->name,
                           .exit_code = (int)rc,
                           .has_failed = is_failure(rc),
                           .error = safe_text(err->text, arena),
                           .hint = safe_text(err->hint, arena),
                           .more = more_of(conf, is_fleet, arena),
                           .host = notice_host(arena),
                           .time = time_now()};
    if (is_fleet)
        event->targets = targets_of(conf, arena, &event->target_count);
    Str bytes = {buf_text(&notice->answer), notice->answer.len};
    if (bytes.len > 0 && !notice->answer.over && report_get(bytes, arena, &report, &own) == RC_OK)
        event->digest = report_digest(report, arena);
}

/* ---- telling --------------------------------------------------------------------------------- */

/* False when it did not get there. */
static bool tell(Notice *notice, const NotifySender *sender, const NotifyEvent *event)
{
    const char *name = sender->channel->name, *remark = "";
    Err err = {0};

    if (notify_send(sender, event, &notice->arena, &remark, &err) == RC_OK) {
        if (*remark)
            log_warning("channel '%s' was told, but %s", name, remark);
        else
            log_detail("channel '%s' was told", name);
        return true;
    }
    log_warning("channel '%s' was not told: %s%s%s", name, err.text, *err.hint ? "; " : "",
                err.hint);
    return false;
}

static Rc keep_news(const Notice *notice, bool was_told, Rc rc, Err *err)
{
    Err own = {0};
    Str bytes = {buf_text(&notice->news), notice->news.len};

    if (bytes.len == 0)
        return rc;
    if (!was_told) {
        log_warning(
            "the state of --state stays as it was: what is new is new for the next run, too");
        return rc;
    }
    if (news_save_deferred(bytes, &own) == RC_OK || is_failure(rc))
        return rc;
    *err = own;
    return own.rc;
}

Rc notice_send(Notice *notice, const Conf *conf, bool is_fleet, Rc rc, Err *err)
{
    NotifyEvent event;
    bool was_told = true;

    if (notice->count == 0 || rc == RC_STOPPED)
        return rc;
    describe(notice, conf, is_fleet, rc, err, &event);
    for (size_t i = 0; i < notice->count; i++)
        if (notify_is_due(when_of(conf, notice->senders[i].channel), &event))
            was_told = tell(notice, &notice->senders[i], &event) && was_told;
    return keep_news(notice, was_told, rc, err);
}
