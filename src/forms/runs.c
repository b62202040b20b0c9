/* Runs that are open while a file is read, and what was said in each, within a bound. */
#include "runs.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/ssisdb/ssisdb.h"

#include <stdlib.h>
#include <string.h>

typedef struct Said { // one message; its texts follow it in the same piece of memory
    struct Said *next;
    DiagMessage message;
    char texts[];
} Said;

typedef struct RunKept {
    Run run;
    Runs *owner;
    struct RunKept *older, *newer; // by the last message; the oldest first
    struct RunKept *next_of_slot;
    Said *first, **last;
    size_t count, told_count, bytes;
    size_t line;
    uint64_t order; // in which they began
    size_t key_len;
    char key[];
} RunKept;

enum { SLOTS = 1024 };

struct Runs {
    Reader *reader;
    RunKept *oldest, *newest;
    RunKept *slots[SLOTS];
    size_t bytes, count;
    uint64_t begun;
    Arena telling; // what is told of one run, in order
};

Runs *runs_new(Reader *reader)
{
    Runs *runs = mem_alloc(sizeof(*runs));

    runs->reader = reader;
    return runs;
}

static void drop_messages(RunKept *kept)
{
    for (Said *said = kept->first, *next; said; said = next) {
        next = said->next;
        free(said);
    }
    kept->owner->bytes -= kept->bytes;
    kept->bytes = 0;
    kept->count = 0;
    kept->first = NULL;
    kept->last = &kept->first;
}

/* ---- the order of silence, and the table of keys --------------------------------------------- */

static void unlink_run(RunKept *kept)
{
    Runs *runs = kept->owner;

    *(kept->older ? &kept->older->newer : &runs->oldest) = kept->newer;
    *(kept->newer ? &kept->newer->older : &runs->newest) = kept->older;
    kept->older = kept->newer = NULL;
}

static void link_as_newest(RunKept *kept)
{
    Runs *runs = kept->owner;

    kept->older = runs->newest;
    *(runs->newest ? &runs->newest->newer : &runs->oldest) = kept;
    runs->newest = kept;
}

static RunKept **slot_of(Runs *runs, Str key)
{
    return &runs->slots[str_hash(STR_HASH_SEED, key.at, key.len) % SLOTS];
}

static void forget(RunKept *kept)
{
    Runs *runs = kept->owner;

    unlink_run(kept);
    drop_messages(kept);
    if (kept->key_len > 0) {
        RunKept **place = slot_of(runs, (Str){kept->key, kept->key_len});
        while (*place != kept)
            place = &(*place)->next_of_slot;
        *place = kept->next_of_slot;
    }
    runs->count--;
    runs->bytes -= sizeof(*kept) + kept->key_len;
    free(kept);
}

void runs_free_at(Runs **runs)
{
    if (!*runs)
        return;
    while ((*runs)->oldest)
        forget((*runs)->oldest);
    arena_done(&(*runs)->telling);
    free(*runs);
    *runs = NULL;
}

/* ---- telling --------------------------------------------------------------------------------- */

static int by_time(const void *a, const void *b)
{
    const DiagMessage *x = a, *y = b;

    if (x->ticks != y->ticks)
        return x->ticks < y->ticks ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* Files have the newest row first, too. What has no time stays where it is, and then all does. */
static void put_in_order(DiagMessage *messages, size_t count)
{
    bool is_sorted = true;

    for (size_t i = 0; i < count; i++) {
        if (messages[i].ticks == 0)
            return;
        is_sorted = is_sorted && (i == 0 || messages[i - 1].ticks <= messages[i].ticks);
    }
    if (!is_sorted)
        qsort(messages, count, sizeof(*messages), by_time);
}

static Rc tell(RunKept *kept, bool goes_on, Err *err)
{
    Reader *reader = kept->owner->reader;
    Arena *arena = &kept->owner->telling;
    arena_reset(arena);
    DiagMessage *messages = arena_alloc_array(arena, kept->count + 1, sizeof(*messages));
    size_t at = 0;

    for (const Said *said = kept->first; said; said = said->next)
        messages[at++] = said->message;
    put_in_order(messages, at);
    kept->told_count += at;
    LogRecord record = {.line = kept->line,
                        .messages = messages,
                        .message_count = at,
                        .status = kept->run.status,
                        .operation_id = kept->run.operation_id,
                        .is_quiet = at == 0,
                        .run = (size_t)kept->order + 1,
                        .goes_on = goes_on};
    return reader_tell(reader, &record, err);
}

Rc runs_close(Runs *runs, Run *run, Err *err)
{
    (void)runs;
    Rc rc = tell(run->kept, false, err);
    forget(run->kept);
    return rc;
}

static int by_begin(const void *a, const void *b)
{
    const RunKept *x = *(RunKept *const *)a, *y = *(RunKept *const *)b;

    return x->order < y->order ? -1 : x->order > y->order;
}

Rc runs_close_all(Runs *runs, Err *err)
{
    AUTO(mem_free_at) RunKept **all = mem_alloc((runs->count + 1) * sizeof(RunKept *));
    size_t count = 0;

    for (RunKept *kept = runs->oldest; kept; kept = kept->newer)
        all[count++] = kept;
    qsort(all, count, sizeof(RunKept *), by_begin);
    for (size_t i = 0; i < count; i++)
        TRY(runs_close(runs, &all[i]->run, err));
    return RC_OK;
}

/* ---- opening --------------------------------------------------------------------------------- */

static Rc make_room(Runs *runs, const RunKept *but, Err *err)
{
    while (runs->bytes > LOG_RUNS_BYTES && runs->oldest && runs->oldest != but)
        TRY(runs_close(runs, &runs->oldest->run, err));
    return RC_OK;
}

static RunKept *open_run(Runs *runs, Str key, size_t line)
{
    RunKept *kept = mem_alloc(sizeof(*kept) + key.len + 1);

    kept->run.kept = kept;
    kept->owner = runs;
    kept->last = &kept->first;
    kept->line = line;
    kept->order = runs->begun++;
    kept->key_len = key.len;
    if (key.len > 0) {
        memcpy(kept->key, key.at, key.len);
        RunKept **slot = slot_of(runs, key);
        kept->next_of_slot = *slot;
        *slot = kept;
    }
    link_as_newest(kept);
    runs->count++;
    runs->bytes += sizeof(*kept) + key.len;
    return kept;
}

static RunKept *find(Runs *runs, Str key)
{
    RunKept *kept = key.len > 0 ? *slot_of(runs, key) : NULL;

    while (kept && !str_equal((Str){kept->key, kept->key_len}, key))
        kept = kept->next_of_slot;
    return kept;
}

Rc runs_find(Runs *runs, Str key, size_t line, Run **ret_run, Err *err)
{
    RunKept *kept = find(runs, key);

    if (!kept) {
        kept = open_run(runs, key, line);
        TRY(make_room(runs, kept, err));
    } else if (runs->newest != kept) {
        unlink_run(kept);
        link_as_newest(kept);
    }
    if (line < kept->line)
        kept->line = line;
    *ret_run = &kept->run;
    return RC_OK;
}

/* ---- what is said ---------------------------------------------------------------------------- */

static bool may_matter(const DiagMessage *message)
{
    return message->type <= 0 || message->type == MESSAGE_ERROR ||
           message->type == MESSAGE_TASK_FAILED || message->type == MESSAGE_WARNING;
}

static const char *put_text(char **into, const char *text)
{
    if (!text)
        return NULL;
    size_t len = strlen(text) + 1;
    char *copy = memcpy(*into, text, len);
    *into += len;
    return copy;
}

static size_t size_of(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static Said *copy_of(const DiagMessage *from, size_t *ret_bytes)
{
    size_t texts = from->text.len + 1 + size_of(from->package) + size_of(from->source_name) +
                   size_of(from->subcomponent) + size_of(from->package_path) +
                   size_of(from->execution_path);
    Said *said = mem_alloc(sizeof(*said) + texts);
    char *into = said->texts;

    said->message = *from;
    if (from->text.len > 0)
        memcpy(into, from->text.at, from->text.len);
    said->message.text = (Str){into, from->text.len};
    into += from->text.len + 1;
    said->message.package = put_text(&into, from->package);
    said->message.source_name = put_text(&into, from->source_name);
    said->message.subcomponent = put_text(&into, from->subcomponent);
    said->message.package_path = put_text(&into, from->package_path);
    said->message.execution_path = put_text(&into, from->execution_path);
    *ret_bytes = sizeof(*said) + texts;
    return said;
}

Rc runs_add(Runs *runs, Run *run, const DiagMessage *message, Err *err)
{
    RunKept *kept = run->kept;
    size_t bytes;

    if (!may_matter(message) || reader_leaves_out(runs->reader, message->ticks))
        return RC_OK;
    Said *said = copy_of(message, &bytes);
    said->message.order = kept->told_count + kept->count;
    *kept->last = said;
    kept->last = &said->next;
    kept->count++;
    kept->bytes += bytes;
    runs->bytes += bytes;
    if (kept->bytes > LOG_RUN_BYTES) {
        TRY(tell(kept, true, err));
        drop_messages(kept);
    }
    return make_room(runs, kept, err);
}

size_t run_message_count(const Run *run)
{
    return run->kept->told_count + run->kept->count;
}
