#include "news.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/mem.h"

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
                   "--new and --fail-on new need --state, which says what the last "
                   "run had");
        return err_hint(err, "--state auto, or --state FILE");
    }
    if (path && strcmp(path, "auto") == 0) {
        TRY(state_auto_path(arena, &path, err));
        if (!path && news.is_needed) {
            (void)FAIL(err, RC_USAGE,
                       "no place for --state auto: neither XDG_STATE_HOME nor HOME "
                       "is set");
            return err_hint(err, "name a file: --state FILE");
        }
        if (!path)
            log_warning("no place for --state auto, neither XDG_STATE_HOME nor HOME is set: it "
                        "goes on without");
    }
    if (path)
        TRY(state_open(path, &news.state, err));
    *ret_news = news;
    return RC_OK;
}

/* ---- the question -------------------------------------------------------------------------------
 */

static void put_list(Buf *out, const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s=%s\n", name, list[i]);
}

/* Runs with other filters see other parts, and are not compared with each other. */
static Rc put_question(const FailuresQuestion *question, Buf *out, Err *err)
{
    const ExecutionFilter *filter = &question->filter;

    put_list(out, "folder", filter->folders, filter->folder_count);
    put_list(out, "project", filter->projects, filter->project_count);
    put_list(out, "package", filter->packages, filter->package_count);
    put_list(out, "caller", filter->callers, filter->caller_count);
    for (size_t i = 0; i < filter->id_count; i++)
        buf_printf(out, "execution=%" PRId64 "\n", filter->ids[i]);
    buf_printf(out, "status=%d%d%d", question->with_failed, question->with_unexpected,
               question->with_canceled);
    return buf_check(out, "the filters", err);
}

/* ---- the findings -------------------------------------------------------------------------------
 */

static const char *place_of(const Failure *failure, Arena *arena)
{
    const Execution *e = &failure->execution;
    const Operation *o = &failure->operation;

    if (!failure->is_execution)
        return arena_printf(arena, "%s %s", operation_type_name(o->type),
                            o->object_name ? o->object_name : "");
    return arena_printf(arena, "%s/%s/%s", e->folder ? e->folder : "", e->project ? e->project : "",
                        e->package ? e->package : "");
}

static const char *key_of(const Failure *failure, Arena *arena)
{
    return arena_printf(arena, "%s\n%s", failure->cause->id, place_of(failure, arena));
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const StateFinding *)a)->key, ((const StateFinding *)b)->key);
}

static void collect(News *news, const Failures *failures, Arena *arena)
{
    StateFinding *list = arena_alloc_array(arena, failures->count, sizeof(*list));
    size_t kept = 0;

    for (size_t i = 0; i < failures->count; i++) {
        const Failure *failure = &failures->list[i];
        list[i].key = key_of(failure, arena);
        list[i].title =
            arena_printf(arena, "%s in %s", failure->cause->title, place_of(failure, arena));
    }
    if (failures->count > 0)
        qsort(list, failures->count, sizeof(*list), by_key);
    for (size_t i = 0; i < failures->count; i++)
        if (kept == 0 || by_key(&list[kept - 1], &list[i]) != 0)
            list[kept++] = list[i];
    news->findings = list;
    news->count = kept;
}

static const StateFinding *finding_of(const News *news, const Failure *failure, Arena *arena)
{
    const StateFinding like = {.key = key_of(failure, arena)};

    return bsearch(&like, news->findings, news->count, sizeof(like), by_key);
}

static void keep_new(const News *news, Failures *failures, Arena *arena)
{
    bool *wanted = arena_alloc_array(arena, failures->count, sizeof(*wanted));

    for (size_t i = 0; i < failures->count; i++)
        wanted[i] = finding_of(news, &failures->list[i], arena)->is_new;
    failures_keep(failures, wanted);
}

/* A finding begins with the id of its cause. */
static bool is_of(const StateFinding *finding, const FailureCause *cause)
{
    size_t len = strlen(cause->id);

    return strncmp(finding->key, cause->id, len) == 0 && finding->key[len] == '\n';
}

static const CauseNews *news_of_causes(const News *news, const Failures *failures, Arena *arena,
                                       size_t *ret_new)
{
    CauseNews *causes = arena_alloc_array(arena, failures->cause_count, sizeof(*causes));

    *ret_new = 0;
    for (size_t i = 0; i < failures->cause_count; i++) {
        for (size_t k = 0; k < news->count; k++) {
            const StateFinding *finding = &news->findings[k];
            if (!is_of(finding, &failures->causes[i]))
                continue;
            causes[i].packages++;
            causes[i].new_packages += finding->is_new;
            if (!causes[i].since.is_set || finding->since.ticks < causes[i].since.ticks)
                causes[i].since = finding->since;
        }
        *ret_new += causes[i].new_packages > 0;
    }
    return causes;
}

static const char *const *titles_of(const StateBefore *before, Arena *arena)
{
    const char **titles = arena_alloc_array(arena, before->gone_count, sizeof(*titles));

    for (size_t i = 0; i < before->gone_count; i++)
        titles[i] = before->gone[i].title;
    return titles;
}

Rc news_compare(News *news, const Ssisdb *db, const FailuresQuestion *question, Failures *failures,
                Arena *arena, Err *err)
{
    AUTO(buf_done) Buf text = BUF(QUESTION_MAX);
    StateBefore before = {0};
    Err own = {0};

    if (!news->state)
        return RC_OK;
    TRY(put_question(question, &text, err));
    news->scope = (StateScope){.server = db->server_name,
                               .database = db->database_name,
                               .command = "report",
                               .question = arena_text(arena, buf_text(&text))};
    collect(news, failures, arena);
    Rc rc = state_compare(news->state, &news->scope, news->now, news->findings, news->count, arena,
                          &before, &own);
    TRY(settle(news, rc, &own, err));
    if (!news->state)
        return RC_OK;
    if (news->only_new)
        keep_new(news, failures, arena);
    news->shown = (FailuresNews){.gone = titles_of(&before, arena),
                                 .gone_count = before.gone_count,
                                 .last_run = before.last_run,
                                 .only_new = news->only_new};
    news->shown.causes = news_of_causes(news, failures, arena, &news->shown.new_count);
    return RC_OK;
}

Rc news_save(News *news, bool is_whole, Err *err)
{
    Err own = {0};

    if (!news->state)
        return RC_OK;
    Rc rc = state_save(news->state, &news->scope, news->now, news->findings, news->count, is_whole,
                       &own);
    return settle(news, rc, &own, err);
}
