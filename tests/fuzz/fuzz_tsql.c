/*
 * Any text is a batch: the engine survives it, every error has a number and a line of the batch,
 * the session still works afterwards, and what the front end lets through SQLite takes too.
 */
#include "ssisminer/engine/engine.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATIENCE_MS = 400 };

static Engine *engine;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Session *running; // under the mutex
static int64_t running_since;

typedef struct Heard {
    int lines;
    int64_t rows, answer;
} Heard;

static void must(bool holds, const char *what, const char *text)
{
    if (holds)
        return;
    fprintf(stderr, "%s: %s\n", what, text);
    abort();
}

static bool on_columns(void *context, const SbColumn *columns, size_t count)
{
    (void)context;
    for (size_t i = 0; i < count; i++)
        must(columns[i].name != NULL, "a column without a name", "");
    return true;
}

static bool on_row(void *context, const SbValue *values, size_t count)
{
    Heard *heard = context;
    heard->answer = count ? values[0].i64 : 0;
    return ++heard->rows < 10000;
}

static bool on_done(void *context, bool is_select, bool has_count, int64_t count)
{
    (void)context;
    (void)is_select;
    must(!has_count || count >= 0, "a negative count", "");
    return true;
}

static bool on_error(void *context, int32_t number, int state, int severity, const char *text,
                     const char *procedure, int line)
{
    const Heard *heard = context;
    (void)state;
    must(number > 0 && severity >= 11 && severity <= 25, "an error without number or class", text);
    must(*procedure || (line >= 0 && line <= heard->lines), "an error outside of the batch", text);
    return true;
}

static bool on_info(void *context, int32_t number, int state, int severity, const char *text,
                    int line, bool is_now)
{
    static const char *const limits[] = {"too many",       "too large",     "too big",
                                         "stack overflow", "maximum depth", "at most"};
    bool is_limit = false;
    (void)context;
    (void)is_now;
    (void)number;
    (void)state;
    (void)severity;
    (void)line;
    for (size_t i = 0; i < ARRAY_LEN(limits); i++)
        is_limit = is_limit || strstr(text, limits[i]) != NULL;
    must(strncmp(text, "sandbox: hole", 13) != 0 || is_limit,
         "SQLite refused what the front end made", text);
    return true;
}

static bool on_database(void *context, const char *name)
{
    (void)context;
    (void)name;
    return true;
}

static bool on_transaction(void *context, int kind, uint64_t id)
{
    (void)context;
    (void)kind;
    (void)id;
    return true;
}

/* An endless loop is no failure: it is canceled. */
static void *watch(void *unused)
{
    const struct timespec nap = {.tv_nsec = 50000000};
    for (;;) {
        (void)nanosleep(&nap, NULL);
        pthread_mutex_lock(&mutex);
        if (running && time_monotonic_ms() - running_since > PATIENCE_MS)
            session_cancel(running);
        pthread_mutex_unlock(&mutex);
    }
    return unused;
}

static void close_engine(void)
{
    engine_close(engine);
}

static void open_engine(void)
{
    const EngineOptions options = {.flavor = FLAVOR_AZURE};
    pthread_t thread;
    Err err = {0};
    must(engine_open(&options, &engine, &err) == RC_OK, "cannot open", err.text);
    must(pthread_create(&thread, NULL, watch, NULL) == 0, "no thread", "");
    must(pthread_detach(thread) == 0, "no thread", "");
    (void)atexit(close_engine);
}

static void set_running(Session *session)
{
    pthread_mutex_lock(&mutex);
    running = session;
    running_since = time_monotonic_ms();
    pthread_mutex_unlock(&mutex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Heard heard = {.lines = 1};
    const SbSink sink = {&heard,   on_columns, on_row,      on_done,
                         on_error, on_info,    on_database, on_transaction};
    if (!engine)
        open_engine();
    for (size_t i = 0; i < size; i++)
        heard.lines += data[i] == '\n';
    char *text = malloc(size + 1);
    must(text != NULL, "no memory", "");
    memcpy(text, data, size);

    Session *session = session_open(engine, "sa", "fuzz");
    must(session != NULL, "no session", "");
    set_running(session);
    (void)session_run(session, (Str){text, size}, NULL, 0, &sink);
    set_running(NULL);
    session_close(session);

    session = session_open(engine, "nobody", "fuzz");
    must(session != NULL, "no session afterwards", "");
    heard.answer = 0;
    (void)session_run(session, str_of("SELECT 41 + 1"), NULL, 0, &sink);
    must(heard.answer == 42, "the engine no longer works", "");
    session_close(session);
    free(text);
    return 0;
}
