/* --state: the answer beside the last one to the same question, and kept for the next. */
#include "news.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/parcel.h"
#include "ssisminer/base/str.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { QUESTION_MAX = 1024 * 1024 };

void news_close(News *news)
{
    state_close(news->state);
    news->state = NULL;
}

/* What the answer stands without is a warning, and the run goes on. */
static Rc settle(News *news, Rc rc, const Err *own, Err *err)
{
    if (rc == RC_OK)
        return RC_OK;
    if (news->is_needed) {
        *err = *own;
        return rc;
    }
    log_warning("what is new is not known: %s", own->text);
    news_close(news);
    return RC_OK;
}

Rc news_open(const Conf *conf, Arena *arena, News *ret_news, Err *err)
{
    const char *path = conf_text(conf, OPT_STATE);
    News news = {.only_new = conf_flag(conf, OPT_NEW), .now = time_now()};

    news.is_needed = news.only_new || conf_choice_fail_on(conf) == CHOICE_FAIL_ON_NEW;
    if (!path && news.is_needed) {
        (void)FAIL(err, RC_USAGE,
                   "--new and --fail-on new need --state, which says what the last run had");
        return err_hint(err, "--state auto, or --state FILE");
    }
    if (path && strcmp(path, "auto") == 0) {
        TRY(state_auto_path(arena, &path, err));
        if (!path && news.is_needed) {
            (void)FAIL(err, RC_USAGE,
                       "no place for --state auto: neither XDG_STATE_HOME nor HOME is set");
            return err_hint(err, "name a file: --state FILE");
        }
        if (!path)
            log_warning("no place for --state auto, neither XDG_STATE_HOME nor HOME is set: it "
                        "goes on without");
    }
    news.path = path;
    if (path)
        TRY(state_open(path, &news.state, err));
    *ret_news = news;
    return RC_OK;
}

/* ---- the question ---------------------------------------------------------------------------- */

/* What makes two runs of a command see, or judge, other parts. */
static const struct {
    OptId id;
    unsigned commands;
} asked[] = {
    {OPT_FROM, BY_READING}, // a capture is not the server
    {OPT_FOLDER, BY_WINDOW},
    {OPT_PROJECT, BY_WINDOW},
    {OPT_PACKAGE, BY_WINDOW},
    {OPT_CALLER, BY_WINDOW},
    {OPT_EXECUTION, BY_WINDOW},
    {OPT_RUN, BY_WINDOW},
    {OPT_STATUS, BY_REPORT},
    {OPT_INCLUDE_CANCELED, BY_REPORT},
    {OPT_TYPES, BY_MINE},
    {OPT_WITHIN, BY_DUPLICATES},
    {OPT_IGNORE_PARAMETERS, BY_DUPLICATES},
    {OPT_IGNORE_PARAMETER, BY_DUPLICATES},
    {OPT_MIN_CONFIDENCE, BY_DUPLICATES},
    {OPT_INCLUDE_RETRIES, BY_DUPLICATES},
    {OPT_SILENT_FOR, BY_RUNNING},
    {OPT_SLOWER_BY, BY_RUNNING | BY_SLOW},
    {OPT_MIN_RUNS, BY_RUNNING | BY_SLOW},
};

static void put_list(Buf *out, const Conf *conf, OptId id)
{
    size_t count;
    const char *const *list = conf_list(conf, id, &count);

    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s=%s\n", opt_spec(id)->flag, list[i]);
}

static void put_ids(Buf *out, const Conf *conf, OptId id)
{
    size_t count;
    const int64_t *ids = conf_ids(conf, id, &count);

    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s=%" PRId64 "\n", opt_spec(id)->flag, ids[i]);
}

static void put_option(Buf *out, const Conf *conf, OptId id)
{
    const OptSpec *spec = opt_spec(id);

    if (spec->type == OPT_TYPE_FLAG)
        buf_printf(out, "%s=%d\n", spec->flag, conf_flag(conf, id));
    else if (spec->type == OPT_TYPE_IDS)
        put_ids(out, conf, id);
    else if (opt_is_list(spec))
        put_list(out, conf, id);
    else if (conf_text(conf, id))
        buf_printf(out, "%s=%s\n", spec->flag, conf_text(conf, id));
}

static Rc put_question(const Conf *conf, const Ssisdb *db, const char *where, Buf *out, Err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(asked); i++)
        if (asked[i].commands & conf_command(conf)->takes)
            put_option(out, conf, asked[i].id);
    if (db && !db->sees_all)
        buf_printf(out, "login=%s\n", db->login_name ? db->login_name : "");
    if (where)
        buf_puts(out, where);
    return buf_check(out, "the filters", err);
}

/* ---- the findings ---------------------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
    return strcmp(((const StateFinding *)a)->key, ((const StateFinding *)b)->key);
}

/* Each once; one that was seen stands for those that were not. */
static void collect(News *news, const Finding *given, size_t count, Arena *arena)
{
    StateFinding *list = arena_alloc_array(arena, count, sizeof(*list));
    size_t all = 0, kept = 0;

    for (size_t i = 0; i < count; i++)
        if (given[i].key)
            list[all++] = (StateFinding){
                .key = given[i].key, .title = given[i].title, .is_unseen = given[i].is_unseen};
    if (all > 0)
        qsort(list, all, sizeof(*list), by_key);
    for (size_t i = 0; i < all; i++)
        if (kept == 0 || by_key(&list[kept - 1], &list[i]) != 0)
            list[kept++] = list[i];
        else
            list[kept - 1].is_unseen = list[kept - 1].is_unseen && list[i].is_unseen;
    news->findings = list;
    news->count = kept;
}

static const char *const *titles_of(const StateBefore *before, Arena *arena)
{
    const char **titles = arena_alloc_array(arena, before->gone_count, sizeof(*titles));

    for (size_t i = 0; i < before->gone_count; i++)
        titles[i] = before->gone[i].title;
    return titles;
}

static void show(News *news, const StateBefore *before, Arena *arena)
{
    FindingNews *list = arena_alloc_array(arena, news->count, sizeof(*list));
    size_t new_count = 0;

    for (size_t i = 0; i < news->count; i++) {
        const StateFinding *finding = &news->findings[i];
        list[i] = (FindingNews){finding->key, finding->is_new, finding->since};
        new_count += finding->is_new;
    }
    news->shown = (ReportNews){.list = list,
                               .count = news->count,
                               .new_count = new_count,
                               .gone = titles_of(before, arena),
                               .gone_count = before->gone_count,
                               .last_run = before->last_run,
                               .only_new = news->only_new};
}

static const bool *wanted_of(const News *news, const Finding *given, size_t count, Arena *arena)
{
    bool *wanted = arena_alloc_array(arena, count, sizeof(*wanted));

    for (size_t i = 0; i < count; i++)
        wanted[i] = news_is_new(&news->shown, given[i].key);
    return wanted;
}

Rc news_compare(News *news, const Conf *conf, const Ssisdb *db, const char *where,
                const Finding *given, size_t count, Arena *arena, Err *err)
{
    AUTO(buf_done) Buf text = BUF(QUESTION_MAX);
    StateBefore before = {0};
    Err own = {0};

    if (!news->state)
        return RC_OK;
    TRY(put_question(conf, db, where, &text, err));
    news->scope = (StateScope){.server = db ? db->server_name : NULL,
                               .database = db ? db->database_name : NULL,
                               .command = conf_command(conf)->name,
                               .question = arena_text(arena, buf_text(&text))};
    collect(news, given, count, arena);
    Rc rc = state_compare(news->state, &news->scope, news->now, news->findings, news->count, arena,
                          &before, &own);
    TRY(settle(news, rc, &own, err));
    if (!news->state)
        return RC_OK;
    show(news, &before, arena);
    news->wanted = news->only_new ? wanted_of(news, given, count, arena) : NULL;
    return RC_OK;
}

const ReportNews *news_shown(const News *news)
{
    return news->state ? &news->shown : NULL;
}

bool news_is_whole(const Ssisdb *db, size_t missing)
{
    const TdsSpan *spans = NULL;

    return missing == 0 && tds_skipped(db->tds, &spans) == 0;
}

static Rc save(News *news, bool is_whole, Err *err)
{
    Err own = {0};
    Rc rc = state_save(news->state, &news->scope, news->now, news->findings, news->count, is_whole,
                       &own);
    return settle(news, rc, &own, err);
}

/* ---- later ----------------------------------------------------------------------------------- */

static Buf *deferred;

void news_defer(Buf *to)
{
    deferred = to;
}

Buf *news_deferred(void)
{
    return deferred;
}

static void put_run(const News *news, bool is_whole, Buf *out)
{
    parcel_put_text(out, news->path);
    parcel_put_i64(out, news->is_needed);
    parcel_put_text(out, news->scope.server);
    parcel_put_text(out, news->scope.database);
    parcel_put_text(out, news->scope.command);
    parcel_put_text(out, news->scope.question);
    parcel_put_i64(out, news->now.ticks);
    parcel_put_i64(out, is_whole);
    parcel_put_i64(out, (int64_t)news->count);
    for (size_t i = 0; i < news->count; i++) {
        parcel_put_text(out, news->findings[i].key);
        parcel_put_text(out, news->findings[i].title);
        parcel_put_i64(out, news->findings[i].is_unseen);
    }
}

static bool take_run(Parcel *parcel, News *news)
{
    news->path = parcel_take_text(parcel);
    news->is_needed = parcel_take_choice(parcel, 1);
    news->scope.server = parcel_take_text(parcel);
    news->scope.database = parcel_take_text(parcel);
    news->scope.command = parcel_take_text(parcel);
    news->scope.question = parcel_take_text(parcel);
    news->now = time_instant(parcel_take_i64(parcel), 0);
    bool is_whole = parcel_take_choice(parcel, 1);
    news->count = parcel_take_count(parcel);
    news->findings = arena_alloc_array(parcel->arena, news->count, sizeof(*news->findings));
    for (size_t i = 0; i < news->count; i++) {
        news->findings[i].key = parcel_take_text(parcel);
        news->findings[i].title = parcel_take_text(parcel);
        news->findings[i].is_unseen = parcel_take_choice(parcel, 1);
    }
    return is_whole;
}

static Rc resolve_one(Parcel *parcel, Err *err)
{
    AUTO(news_close) News news = {0};
    Err own = {0};

    bool is_whole = take_run(parcel, &news);
    if (parcel->is_broken)
        return FAIL(err, RC_QUERY, "what a target found is not whole");
    Rc rc = state_open(news.path, &news.state, &own);
    TRY(settle(&news, rc, &own, err));
    return news.state ? save(&news, is_whole, err) : RC_OK;
}

Rc news_save_deferred(Str bytes, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    Parcel parcel = {.left = bytes, .arena = &arena};

    while (parcel.left.len > 0)
        TRY(resolve_one(&parcel, err));
    return RC_OK;
}

Rc news_save(News *news, bool is_whole, Err *err)
{
    if (!news->state)
        return RC_OK;
    if (!deferred)
        return save(news, is_whole, err);
    put_run(news, is_whole, deferred);
    return RC_OK;
}
