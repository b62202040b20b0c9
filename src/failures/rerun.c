/* May what failed run again? */
#include "rerun.h"

#include "ssisminer/base/buf.h"
#include "ssisminer/base/str.h"

#include <stdlib.h>
#include <string.h>

/* ---- what had finished ----------------------------------------------------------------------- */

void rerun_note(Gathered *gathered, Str package, Str path, Instant end, Arena *arena)
{
    if (path.len == 0 || gathered->finished_count == FAILURES_FINISHED_MAX)
        return;
    gathered->finished = arena_grow(arena, gathered->finished, gathered->finished_count,
                                    gathered->finished_count + 1, &gathered->finished_capacity,
                                    sizeof(*gathered->finished));
    gathered->finished[gathered->finished_count++] =
        (Finished){.package = arena_copy(arena, package.at ? package.at : "", package.len),
                   .path = arena_copy(arena, path.at, path.len),
                   .end = end};
}

static int by_path(const void *a, const void *b)
{
    const Finished *x = a, *y = b;
    int order = strcmp(x->package, y->package);

    return order != 0 ? order : strcmp(x->path, y->path);
}

static int by_end(const void *a, const void *b)
{
    const Finished *x = a, *y = b;

    if (x->end.ticks != y->end.ticks)
        return x->end.ticks < y->end.ticks ? -1 : 1;
    return strcmp(x->path, y->path);
}

/* Of a list by path: what it holds comes behind it. A package by itself is a container, too. */
static bool is_container(const Finished *list, size_t count, size_t at)
{
    size_t len = strlen(list[at].path);

    if (strcmp(list[at].path, "\\Package") == 0)
        return true;
    for (size_t next = at + 1; next < count; next++) {
        if (strcmp(list[next].package, list[at].package) != 0 ||
            strncmp(list[next].path, list[at].path, len) != 0)
            return false;
        if (list[next].path[len] == '\\')
            return true;
    }
    return false;
}

static const char *last_part(const char *path)
{
    const char *last = strrchr(path, '\\');

    return last ? last + 1 : path;
}

/* The tasks, in the order in which they ended. */
void rerun_set_finished(Failure *failure, const Gathered *gathered, Arena *arena)
{
    size_t count = gathered->finished_count, kept = 0;

    if (count == 0)
        return;
    Finished *list = arena_alloc_array(arena, count, sizeof(*list));
    memcpy(list, gathered->finished, count * sizeof(*list));
    qsort(list, count, sizeof(*list), by_path);
    for (size_t i = 0; i < count; i++)
        if (!is_container(list, count, i))
            list[kept++] = list[i]; // never beyond i: what comes behind is not looked at any more
    qsort(list, kept, sizeof(*list), by_end);
    const char **names = arena_alloc_array(arena, kept + 1, sizeof(*names));
    for (size_t i = 0; i < kept; i++)
        names[i] = last_part(list[i].path);
    failure->finished = names;
    failure->finished_count = kept;
}

/* ---- the verdict ----------------------------------------------------------------------------- */

static const struct {
    const char *retry; // FailureCause
    const char *name, *words;
    const char *before; // the reason, where nothing was done yet
    const char *dirty;  // all of that where something was, or may be
} advice[] = {
    {"safe", "yes", "yes", ", because ", "no, look first, because "},
    {"after-backoff", "after-pause", "yes, after a pause", ", because ",
     "no, wait and look first, because "},
    {"after-fix", "after-fix", "no, fix it first, because it would fail again", "; ",
     "no, fix it and look first, because "},
    {"never", "no", "no, because it would do harm (see the cause)", "; ",
     "no, because it would do harm (see the cause); "},
    {"unknown", "look", NULL, NULL, NULL}, // the cause's own advice
};

/* "read the message" of "unknown: read the message" */
static const char *own_advice(const FailureCause *cause)
{
    static const char unknown[] = "unknown: ";

    return str_starts(cause->retry_advice, unknown) ? cause->retry_advice + sizeof(unknown) - 1
                                                    : cause->retry_advice;
}

/* "Load staging, Merge and 4 more" */
static const char *list_tasks(const Failure *failure, Arena *arena)
{
    enum { SHOWN = 3 };
    AUTO(buf_done) Buf text = BUF(2048);
    size_t shown = failure->finished_count < SHOWN ? failure->finished_count : SHOWN;

    for (size_t i = 0; i < shown; i++)
        buf_printf(&text, "%s%s", i == 0 ? "" : ", ", failure->finished[i]);
    if (failure->finished_count > shown)
        buf_printf(&text, " and %zu more", failure->finished_count - shown);
    return arena_text(arena, buf_text(&text));
}

/* Nothing is known of what was done, or of how far it got. */
static bool is_blind(const Failure *failure)
{
    return failure->execution.logging_level == 0 && failure->finished_count == 0;
}

static const char *reason_of(const Failure *failure, Arena *arena)
{
    if (is_blind(failure))
        return "what it had done is not known: its logging level is None";
    if (failure->finished_count == 0)
        return "no task had finished before it failed";
    return arena_printf(arena, "%s had finished and would run again", list_tasks(failure, arena));
}

static const char *words_of(const Failure *failure, size_t at, bool is_dirty, Arena *arena)
{
    const char *reason = failure->rerun_reason ? failure->rerun_reason : "";

    if (!advice[at].words)
        return arena_printf(arena, "no, not yet: %s%s%s", own_advice(failure->cause),
                            *reason ? "; " : "", reason);
    if (is_dirty)
        return arena_printf(arena, "%s%s", advice[at].dirty, reason);
    return arena_printf(arena, "%s%s%s", advice[at].words, *reason ? advice[at].before : "",
                        reason);
}

static void judge(Failure *failure, Arena *arena)
{
    size_t at = 0;

    while (at + 1 < ARRAY_LEN(advice) && strcmp(advice[at].retry, failure->cause->retry) != 0)
        at++;
    bool is_open = at + 1 < ARRAY_LEN(advice) && strcmp(advice[at].name, "no") != 0;
    bool is_dirty = failure->is_execution && (is_blind(failure) || failure->finished_count > 0);
    if (failure->is_execution)
        failure->rerun_reason = reason_of(failure, arena);
    failure->rerun = is_open && is_dirty ? "look" : advice[at].name;
    failure->rerun_words = words_of(failure, at, is_dirty, arena);
}

void rerun_decide(Failure *list, size_t count, Arena *arena)
{
    for (size_t i = 0; i < count; i++)
        judge(&list[i], arena);
}
