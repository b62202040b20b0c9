/* Options cannot lie: each command asks for every option that it takes, and for no other. The
 * commands run here, one after the other, on a sandbox of this process. */
#include "test.h"

#include "../../../src/sandbox/data/generate.h"
#include "ssisminer/base/file.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/cmd/commands.h"
#include "ssisminer/cmd/program.h"
#include "ssisminer/loopback/wire.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { WORDS_MAX = 40 };

static Arena arena;
static char *folder;
static Engine *engine;
static Wire *wire;
static pthread_t thread;

/* ---- a server -------------------------------------------------------------------------------- */

static void *serve(void *context)
{
    Err err = {0};

    if (wire_serve(wire, &err) != RC_OK)
        abort();
    return context;
}

static void put_file(const char *name, const char *text)
{
    FILE *file = fopen(arena_printf(&arena, "%s/%s", folder, name), "w");

    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

static int start(void **state)
{
    Err err = {0};
    GenerateOptions data = {.seed = 1, .days = 3, .executions = 200, .now = time_now()};
    EngineOptions kind = {.flavor = FLAVOR_AZURE, .database_name = "SSISDB"};
    (void)state;

    stop_reset();
    stop_install();
    if (file_temp_dir("takes-test", &arena, &folder, &err) != RC_OK ||
        engine_open(&kind, &engine, &err) != RC_OK)
        fail_msg("%s", err.text);
    WireOptions options = {
        .password = "Secret.1", .database = "SSISDB", .tls = WIRE_TLS_ON, .dir = folder};
    if (wire_listen(&options, engine, &wire, &err) != RC_OK ||
        generate(engine, &data, NULL, &err) != RC_OK)
        fail_msg("%s", err.text);
    (void)pthread_create(&thread, NULL, serve, NULL);
    put_file("some.log", "2026-11-22 03:04:05 error: The connection is broken\n");
    put_file("none.yaml", "[]\n");
    put_file("password", "Secret.1\n");
    (void)setenv("HOME", folder, 1);
    (void)unsetenv("XDG_CONFIG_HOME");
    return 0;
}

static int end(void **state)
{
    (void)state;
    stop_request(SIGTERM);
    (void)pthread_join(thread, NULL);
    wire_free(wire);
    engine_close(engine);
    file_remove_tree(folder);
    arena_done(&arena);
    return 0;
}

/* ---- command lines --------------------------------------------------------------------------- */

/* Each way in which a command works: SERVER stands for an address with login and certificate. */
static const struct {
    const char *command, *line;
} ways[] = {
    {"report", "SERVER --since 3d"},
    {"report", "--sandbox"}, // it is not there, and everything has been asked for by then
    {"running", "SERVER --since 3d"},
    {"running", "--sandbox"},
    {"mine", "SERVER --since 3d"},
    {"mine", "--sandbox"},
    {"duplicates", "SERVER --since 3d"},
    {"duplicates", "--sandbox"},
    {"duplicates", "--guard-sql a/b/c"},
    {"capacity", "SERVER --since 3d"},
    {"capacity", "--sandbox"},
    {"slow", "SERVER --since 3d"},
    {"slow", "--sandbox"},
    {"history", "SERVER --since 3d"},
    {"history", "--sandbox"},
    {"doctor", "SERVER"},
    {"doctor", "--sandbox"},
    {"scan", "FOLDER/some.log"},
    {"explain", "10928"},
    {"explain", "SERVER --execution 1"},
    {"explain", "--sandbox --execution 1"},
    {"catalog", "list"},
    {"catalog", "suggest FOLDER/some.log"},
    {"catalog", "coverage FOLDER/some.log"},
    {"cleanup", "SERVER --keep 2d"},
    {"cleanup", "SERVER --keep 2d --proof"},
    {"cleanup", "SERVER --keep 2d --explain-operation 1"},
    {"cleanup", "SERVER --keep 2d --execute --yes"},
    {"cleanup", "--script --keep 2d"},
    {"cleanup", "SERVER --script procedure --keep 2d --yes"},
    {"cleanup", "--sandbox"},
    {"notify", ""},
    {"capture", "SERVER --since 3d -o FOLDER/capture.db"},
    {"capture", "--sandbox -o FOLDER/other.db"},
    {"config", ""},
    {"help", ""},
    {"version", ""},
    {"completion", "bash"},
};

static const char *expand(const char *line)
{
    if (str_starts(line, "SERVER"))
        line =
            arena_printf(&arena, "-S 127.0.0.1,%d -U sa --password-file %s/password --ca-file %s%s",
                         wire_port(wire), folder, wire_ca_file(wire), line + strlen("SERVER"));
    const char *at = strstr(line, "FOLDER");
    return at ? arena_printf(&arena, "%.*s%s%s", (int)(at - line), line, folder,
                             at + strlen("FOLDER"))
              : line;
}

/* A value that the option takes and that does no harm. */
static const char *sample(OptId id)
{
    const OptSpec *spec = opt_spec(id);

    switch (spec->type) {
    case OPT_TYPE_FLAG:
        return NULL;
    case OPT_TYPE_CHOICE:
        return arena_copy(&arena, spec->choices, strcspn(spec->choices, "|"));
    case OPT_TYPE_COUNT:
    case OPT_TYPE_DURATION:
    case OPT_TYPE_SPAN:
    case OPT_TYPE_SECONDS:
        return spec->dflt ? spec->dflt : spec->type == OPT_TYPE_COUNT ? "7" : "2d";
    case OPT_TYPE_TIME:
        return spec->dflt;
    case OPT_TYPE_GLOBS:
        return "*";
    case OPT_TYPE_IDS:
        return "1";
    case OPT_TYPE_PATH:
        return id == OPT_CONFIG ? "/dev/null" : arena_printf(&arena, "%s/new", folder);
    case OPT_TYPE_LIST:
        if (id == OPT_SIGNATURES)
            return arena_printf(&arena, "%s/none.yaml", folder);
        return id == OPT_SKIP  ? "worker-offline"
               : spec->choices ? arena_copy(&arena, spec->choices, strcspn(spec->choices, "|"))
                               : "a/b/c";
    case OPT_TYPE_TEXT:
    case OPT_TYPE_SECRET:
        break;
    }
    return id == OPT_GUARD_SQL ? "a/b/c" : "x";
}

/* Runs it with its output thrown away, and notes what was asked for. Errors are no matter. */
static void run(const char *command, const char *line, OptId extra, bool *was_read)
{
    char *argv[WORDS_MAX];
    Str rest = str_of(line), word;
    int argc = 0, out = dup(STDOUT_FILENO), nowhere = open("/dev/null", O_WRONLY);
    int said = dup(STDERR_FILENO);
    size_t count;
    const Command *const *commands = commands_all(&count);
    Conf *conf = NULL;
    Err err = {0};

    argv[argc++] = arena_text(&arena, "ssisminer");
    argv[argc++] = arena_text(&arena, command);
    while (*line && str_split(&rest, ' ', &word))
        argv[argc++] = arena_copy(&arena, word.at, word.len);
    if (extra < OPT_COUNT)
        argv[argc++] = arena_printf(&arena, "--%s%s%s", opt_spec(extra)->flag,
                                    sample(extra) ? "=" : "", sample(extra) ? sample(extra) : "");
    argv[argc] = NULL;
    if (conf_load(argc, argv, commands, count, &conf, &err) != RC_OK)
        fail_msg("%s %s: %s", command, line, err.text);
    (void)fflush(stdout);
    (void)dup2(nowhere, STDOUT_FILENO);
    (void)dup2(nowhere, STDERR_FILENO);
    (void)!program_run(conf, &err);
    (void)fflush(stdout);
    (void)dup2(out, STDOUT_FILENO);
    (void)dup2(said, STDERR_FILENO);
    (void)close(out), (void)close(said), (void)close(nowhere);
    for (OptId id = 0; id < OPT_COUNT; id++)
        was_read[id] |= conf_was_read(conf, id);
    conf_free(conf);
}

static void run_every_way(const char *command, OptId extra, bool *was_read)
{
    for (size_t i = 0; i < ARRAY_LEN(ways); i++)
        if (str_same(ways[i].command, command))
            run(command, expand(ways[i].line), extra, was_read);
}

/* ---- the tests ------------------------------------------------------------------------------- */

/* Some are asked for only when they are given: --time-limit. Those get a run with them. */
static void check_command(const Command *command)
{
    bool was_read[OPT_COUNT] = {false};

    run_every_way(command->name, OPT_COUNT, was_read);
    for (OptId id = 0; id < OPT_COUNT; id++) {
        const OptSpec *spec = opt_spec(id);
        bool is_taken = opt_is_taken(spec, command);
        if (is_taken && !was_read[id])
            run_every_way(command->name, id, was_read);
        if (is_taken && !was_read[id])
            fail_msg("'%s' takes --%s and never asks for it", command->name, spec->flag);
        if (!is_taken && was_read[id] && spec->group != GROUP_GENERAL)
            fail_msg("'%s' asks for --%s and does not take it", command->name, spec->flag);
    }
}

static void test_takes__what_is_taken_is_asked_for_and_nothing_else(void **state)
{
    size_t count;
    const Command *const *commands = commands_all(&count);
    (void)state;

    (void)setenv("PATH", folder, 1); // no sandbox is to be started
    for (size_t i = 0; i < count; i++)
        check_command(commands[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_takes__what_is_taken_is_asked_for_and_nothing_else),
    };

    return cmocka_run_group_tests_name("cmd/takes", tests, start, end);
}
