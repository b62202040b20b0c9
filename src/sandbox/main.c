/*
 * ssisminer-sandbox: an SSISDB on this machine, for tests and for trying things out.
 */
#include "ssisminer/base/buf.h"
#include "ssisminer/base/file.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/time.h"
#include "ssisminer/engine/engine.h"
#include "ssisminer/loopback/wire.h"
#include "ssisminer/sandbox/generate.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char default_password[] = "Sandbox.1";
static const char default_database[] = "SSISDB";

typedef struct Settings {
    int64_t port, seed, days, executions, failures, messages;
    int64_t flavor, tls; // indexes of the choices
    const char *now, *truth, *tls_name, *cert, *key, *database, *store, *log, *replay, *ready_file,
        *output;
    bool is_empty, is_bare, with_parent, as_tsql, drop_first, reads_wait;
    Buf fault; // all --fault values, with commas
    Buf plant, without;
} Settings;

enum { FAULT_TEXT_MAX = 64 * 1024, PLANT_TEXT_MAX = 1024 };

static void settings_done(Settings *settings)
{
    buf_done(&settings->fault);
    buf_done(&settings->plant);
    buf_done(&settings->without);
}

/* ---- options ----------------------------------------------------------------------------- */

typedef enum CommandBit { IN_SERVE = 1, IN_DUMP = 2, IN_TRUTH = 4 } CommandBit;
enum { IN_DATA = IN_SERVE | IN_DUMP | IN_TRUTH };

typedef enum ValueKind { KIND_FLAG, KIND_TEXT, KIND_COUNT, KIND_CHOICE, KIND_LIST } ValueKind;

typedef struct Option {
    const char *name; // with its dashes
    const char *arg;  // for help; for a choice also the choices
    ValueKind kind;
    unsigned commands;
    size_t member;
    int64_t most; // of a count
    const char *help;
} Option;

#define MEMBER(name) offsetof(Settings, name)
static const Option options[] = {
    {"--port", "N", KIND_COUNT, IN_SERVE, MEMBER(port), 65535,
     "listen on this port of 127.0.0.1 (any free one)"},
    {"--flavor", "azure|sql2019|sql2012|sql2022|managed", KIND_CHOICE, IN_DATA, MEMBER(flavor), 0,
     "which SSISDB to be (azure)"},
    {"--seed", "N", KIND_COUNT, IN_DATA, MEMBER(seed), INT64_MAX, "another history (1)"},
    {"--days", "N", KIND_COUNT, IN_DATA, MEMBER(days), 10000, "length of the history (30)"},
    {"--executions", "N", KIND_COUNT, IN_DATA, MEMBER(executions), INT64_MAX,
     "executions in it (2000)"},
    {"--failures", "N", KIND_COUNT, IN_DATA, MEMBER(failures), INT64_MAX,
     "how many of them fail (a realistic share)"},
    {"--messages-per-execution", "N", KIND_COUNT, IN_DATA, MEMBER(messages), INT64_MAX,
     "(a realistic number)"},
    {"--plant", "NAME", KIND_LIST, IN_DATA, MEMBER(plant), 0,
     "what is planted on request: cleanup-disabled, verbose"},
    {"--without", "NAME", KIND_LIST, IN_DATA, MEMBER(without), 0,
     "what is left out: duplicates, zombies, waits, slow, operations, retention, purge-failed, "
     "orphan-keys, worker-offline, versions, bare"},
    {"--now", "TIME", KIND_TEXT, IN_DATA, MEMBER(now), 0,
     "end of the history and start of the clock"},
    {"--empty", NULL, KIND_FLAG, IN_SERVE | IN_DUMP, MEMBER(is_empty), 0, "the schema only"},
    {"--bare", NULL, KIND_FLAG, IN_SERVE, MEMBER(is_bare), 0,
     "a database with nothing in it, to load a dump into"},
    {"--truth", "FILE", KIND_TEXT, IN_SERVE | IN_DUMP, MEMBER(truth), 0,
     "write what was planted, as JSON"},
    {"--database", "NAME", KIND_TEXT, IN_DATA, MEMBER(database), 0,
     "name of the database (SSISDB)"},
    {"--store", "FILE", KIND_TEXT, IN_SERVE, MEMBER(store), 0,
     "keep the data in this SQLite file; one that exists is used as it is"},
    {"--tls", "off|on|require", KIND_CHOICE, IN_SERVE, MEMBER(tls), 0,
     "encryption (on: the client decides)"},
    {"--tls-name", "NAME", KIND_TEXT, IN_SERVE, MEMBER(tls_name), 0,
     "make the certificate for this name alone"},
    {"--cert", "FILE", KIND_TEXT, IN_SERVE, MEMBER(cert), 0,
     "certificate to use, PEM (one is made)"},
    {"--key", "FILE", KIND_TEXT, IN_SERVE, MEMBER(key), 0, "its private key, PEM"},
    {"--log", "FILE", KIND_TEXT, IN_SERVE, MEMBER(log), 0,
     "record what clients send, one JSON line a request"},
    {"--fault", "SPEC", KIND_LIST, IN_SERVE, MEMBER(fault), 0, "let something go wrong; see below"},
    {"--replay", "ROWS", KIND_TEXT, IN_SERVE, MEMBER(replay), 0,
     "answer SELECTs on catalog.event_messages with this many prepared rows"},
    {"--ready-file", "FILE", KIND_TEXT, IN_SERVE, MEMBER(ready_file), 0,
     "write the ready line here instead of to stdout"},
    {"--reads-wait", NULL, KIND_FLAG, IN_SERVE, MEMBER(reads_wait), 0,
     "reads wait for who writes, as without READ_COMMITTED_SNAPSHOT"},
    {"--with-parent", NULL, KIND_FLAG, IN_SERVE, MEMBER(with_parent), 0,
     "end when standard input does"},
    {"--tsql", NULL, KIND_FLAG, IN_DUMP, MEMBER(as_tsql), 0, "as T-SQL batches (the only form)"},
    {"--drop-first", NULL, KIND_FLAG, IN_DUMP, MEMBER(drop_first), 0,
     "begin by dropping what an earlier dump made"},
    {"-o", "FILE", KIND_TEXT, IN_DUMP | IN_TRUTH, MEMBER(output), 0,
     "write here instead of to stdout"},
};

static Rc usage(Err *err)
{
    return err_hint(err, "`ssisminer-sandbox help` shows the commands and their options");
}

static Rc set_choice(const Option *option, const char *value, int64_t *place, Err *err)
{
    Str rest = str_of(option->arg), piece;

    for (int64_t i = 0; str_split(&rest, '|', &piece); i++) {
        if (str_equal(piece, str_of(value))) {
            *place = i;
            return RC_OK;
        }
    }
    return FAIL(err, RC_USAGE, "%s '%s' is none of %s", option->name, value, option->arg);
}

static Rc set_count(const Option *option, const char *value, int64_t *place, Err *err)
{
    if (!str_to_i64(str_of(value), place) || *place < 0 || *place > option->most)
        return FAIL(err, RC_USAGE, "%s '%s' is no whole number that fits", option->name, value);
    return RC_OK;
}

static Rc set_value(Settings *settings, const Option *option, const char *value, Err *err)
{
    void *place = (char *)settings + option->member;

    switch (option->kind) {
    case KIND_FLAG:
        *(bool *)place = true;
        return RC_OK;
    case KIND_TEXT:
        *(const char **)place = value;
        return RC_OK;
    case KIND_COUNT:
        return set_count(option, value, place, err);
    case KIND_CHOICE:
        return set_choice(option, value, place, err);
    case KIND_LIST:
        if (((Buf *)place)->len > 0)
            buf_putc(place, ',');
        buf_puts(place, value);
        return RC_OK;
    }
    return RC_OK;
}

/* "--name value" or "--name=value". */
static const Option *find_option(const char *word, const char **ret_value)
{
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        size_t len = strlen(options[i].name);
        if (strncmp(word, options[i].name, len) != 0)
            continue;
        if (word[len] == '\0' || (word[len] == '=' && options[i].arg)) {
            *ret_value = word[len] ? word + len + 1 : NULL;
            return &options[i];
        }
    }
    return NULL;
}

static Rc parse_options(Settings *settings, unsigned command, char **words, Err *err)
{
    for (; *words; words++) {
        const char *value = NULL;
        const Option *option = find_option(*words, &value);
        if (!option || !(option->commands & command)) {
            (void)FAIL(err, RC_USAGE, "unknown option '%s'", *words);
            return usage(err);
        }
        if (option->arg && !value && !(value = *++words)) {
            (void)FAIL(err, RC_USAGE, "option '%s' needs a value", option->name);
            return usage(err);
        }
        TRY(set_value(settings, option, value, err));
    }
    if (!settings->cert != !settings->key)
        return FAIL(err, RC_USAGE, "--cert and --key go together");
    if (settings->days < 1)
        return FAIL(err, RC_USAGE, "--days must be at least 1");
    return RC_OK;
}

/* ---- the data ---------------------------------------------------------------------------- */

static void close_engine(Engine **engine)
{
    if (*engine)
        engine_close(*engine);
}

static Rc resolve_now(const Settings *settings, Instant *ret_now, Err *err)
{
    *ret_now = time_now();
    if (!settings->now)
        return RC_OK;
    if (time_parse(settings->now, *ret_now, ret_now, err) != RC_OK)
        return err_note(err, "--now");
    return RC_OK;
}

static Rc open_engine(const Settings *settings, Instant now, Engine **ret_engine, Err *err)
{
    static const struct {
        Flavor flavor;
        EngineKind kind;
    } servers[] = {{FLAVOR_AZURE, ENGINE_OF_FLAVOR},
                   {FLAVOR_SQL2019, ENGINE_OF_FLAVOR},
                   {FLAVOR_SQL2012, ENGINE_OF_FLAVOR},
                   {FLAVOR_SQL2019, ENGINE_SQL2022},
                   {FLAVOR_AZURE, ENGINE_MANAGED}};
    EngineOptions wanted = {.flavor = servers[settings->flavor].flavor,
                            .kind = servers[settings->flavor].kind,
                            .path = settings->store,
                            .database_name = settings->database,
                            .is_bare = settings->is_bare,
                            .reads_wait = settings->reads_wait};

    if (settings->now)
        wanted.now = now;
    return engine_open(&wanted, ret_engine, err);
}

static Rc read_plants(const Buf *names, uint32_t *ret_plants, Err *err)
{
    Str rest = str_of(buf_text(names)), piece;

    *ret_plants = 0;
    while (names->len > 0 && str_split(&rest, ',', &piece)) {
        char name[64];
        (void)snprintf(name, sizeof(name), "%.*s", STR_FMT(piece));
        uint32_t plant = generate_plant(name);
        if (plant == 0) {
            (void)FAIL(err, RC_USAGE, "'%s' cannot be planted", name);
            return usage(err);
        }
        *ret_plants |= plant;
    }
    return RC_OK;
}

static Rc fill(const Settings *settings, Engine *engine, Instant now, FILE *truth, Err *err)
{
    GenerateOptions wanted = {.seed = (uint64_t)settings->seed,
                              .days = (int)settings->days,
                              .executions = settings->executions,
                              .now = now,
                              .messages_per_execution = settings->messages,
                              .failures = settings->failures};

    TRY(read_plants(&settings->plant, &wanted.extra_plants, err));
    TRY(read_plants(&settings->without, &wanted.omit_plants, err));
    return generate(engine, &wanted, truth, err);
}

/* As fill, with the truth in a file if one was asked for. */
static Rc fill_with_truth(const Settings *settings, Engine *engine, Instant now, Err *err)
{
    AUTO(file_out_done) FileOut truth = {0};

    if (settings->is_empty || settings->is_bare)
        return RC_OK;
    if (!settings->truth)
        return fill(settings, engine, now, NULL, err);
    TRY(file_out_open(&truth, settings->truth, err));
    TRY(fill(settings, engine, now, truth.stream, err));
    return file_out_commit(&truth, err);
}

/* ---- serve ------------------------------------------------------------------------------- */

static void remove_tree(char **path)
{
    if (*path)
        file_remove_tree(*path);
}

static void free_wire(Wire **wire)
{
    wire_free(*wire);
}

static const char *password(void)
{
    const char *given = getenv("SSISMINER_SANDBOX_PASSWORD");

    return given && *given ? given : default_password;
}

/* Reads standard input to its end, which comes when the parent closes it or dies. */
static void *wait_for_parent(void *context)
{
    char ignored[256];

    while (read(STDIN_FILENO, ignored, sizeof(ignored)) > 0)
        ;
    stop_request(SIGTERM);
    return context;
}

static Rc watch_parent(Err *err)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, wait_for_parent, NULL) != 0)
        return FAIL(err, RC_QUERY, "cannot start a thread");
    pthread_detach(thread);
    return RC_OK;
}

/* One line that scripts wait for; how to log in goes to stderr, for people. */
static Rc say_ready(const Settings *settings, const Wire *wire, Err *err)
{
    AUTO(file_out_done) FileOut out = {0};
    const char *ca_file = wire_ca_file(wire);

    TRY(file_out_open(&out, settings->ready_file, err));
    fprintf(out.stream, "ready port=%d%s%s\n", wire_port(wire), ca_file ? " ca=" : "",
            ca_file ? ca_file : "");
    TRY(file_out_commit(&out, err));
    if (settings->with_parent) // who started it knows
        return RC_OK;
    fprintf(stderr,
            "ssisminer-sandbox: %s on 127.0.0.1,%d; logins sa admin reader purger deleter nobody; "
            "password %s\n",
            settings->database, wire_port(wire),
            strcmp(password(), default_password) == 0 ? default_password
                                                      : "from SSISMINER_SANDBOX_PASSWORD");
    return RC_OK;
}

static Rc run_serve(const Settings *settings, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(remove_tree) char *dir = NULL;
    AUTO(close_engine) Engine *engine = NULL;
    AUTO(free_wire) Wire *wire = NULL;
    bool has_data = settings->store && file_exists(settings->store);
    Instant now;

    stop_install();
    TRY(resolve_now(settings, &now, err));
    TRY(file_temp_dir("ssisminer-sandbox", &arena, &dir, err));
    TRY(open_engine(settings, now, &engine, err));

    WireOptions wanted = {.port = (int)settings->port,
                          .password = password(),
                          .database = settings->database,
                          .tls = (WireTls)settings->tls,
                          .tls_name = settings->tls_name,
                          .cert_file = settings->cert,
                          .key_file = settings->key,
                          .dir = dir,
                          .log_path = settings->log,
                          .fault = settings->fault.len ? buf_text(&settings->fault) : NULL,
                          .replay = settings->replay};
    TRY(wire_listen(&wanted, engine, &wire, err)); // before the long work: options may be wrong
    if (!has_data)
        TRY(fill_with_truth(settings, engine, now, err));
    if (settings->with_parent)
        TRY(watch_parent(err));
    TRY(say_ready(settings, wire, err));
    return wire_serve(wire, err);
}

/* ---- dump, truth, help, version ---------------------------------------------------------- */

static Rc run_dump(const Settings *settings, Err *err)
{
    AUTO(close_engine) Engine *engine = NULL;
    AUTO(file_out_done) FileOut out = {0};
    Instant now;

    TRY(resolve_now(settings, &now, err));
    TRY(open_engine(settings, now, &engine, err));
    TRY(fill_with_truth(settings, engine, now, err));
    TRY(file_out_open(&out, settings->output, err));
    TRY(dump_tsql(engine, settings->drop_first, out.stream, err));
    return file_out_commit(&out, err);
}

static Rc run_truth(const Settings *settings, Err *err)
{
    AUTO(close_engine) Engine *engine = NULL;
    AUTO(file_out_done) FileOut out = {0};
    Instant now;

    TRY(resolve_now(settings, &now, err));
    TRY(open_engine(settings, now, &engine, err));
    TRY(file_out_open(&out, settings->output, err));
    TRY(fill(settings, engine, now, out.stream, err));
    return file_out_commit(&out, err);
}

static Rc run_version(const Settings *settings, Err *err)
{
    (void)settings, (void)err;
    puts("ssisminer-sandbox " SSISMINER_VERSION);
    return RC_OK;
}

static Rc run_help(const Settings *settings, Err *err);

static const struct Command {
    const char *name;
    unsigned bit;
    Rc (*run)(const Settings *settings, Err *err);
    const char *help;
} commands[] = {
    {"serve", IN_SERVE, run_serve, "be a server until SIGTERM or SIGINT"},
    {"dump", IN_DUMP, run_dump, "print schema and data as T-SQL for a real server"},
    {"truth", IN_TRUTH, run_truth, "print what serve would plant, as JSON"},
    {"help", 0, run_help, "this text"},
    {"version", 0, run_version, "the version"},
};

static void print_options(unsigned bit)
{
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        char left[64];
        if (!(options[i].commands & bit))
            continue;
        snprintf(left, sizeof(left), "%s %s", options[i].name,
                 options[i].arg ? options[i].arg : "");
        printf("  %-34s %s\n", left, options[i].help);
    }
}

static Rc run_help(const Settings *settings, Err *err)
{
    (void)settings, (void)err;
    puts("usage: ssisminer-sandbox COMMAND [OPTION…]\n\n"
         "A small TDS server with an SSISDB in it. It listens on 127.0.0.1 only.\n");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        printf("  %-34s %s\n", commands[i].name, commands[i].help);
    puts("\nOptions of serve:");
    print_options(IN_SERVE);
    puts("\nOptions of dump:");
    print_options(IN_DUMP);
    puts("\nOptions of truth:");
    print_options(IN_TRUTH);
    printf("\nFaults (--fault, again and again or with commas):\n%s", wire_fault_help());
    puts("\nWhen it is ready, serve prints \"ready port=N ca=FILE\" (without ca= where TLS is "
         "off).\n"
         "SSISMINER_SANDBOX_PASSWORD sets the password of every login.\n"
         "Exit codes: 0 done, 2 wrong usage or a file that cannot be written, 4 anything else.");
    return RC_OK;
}

static Rc run_command(const char *name, char **words, Err *err)
{
    AUTO(settings_done)
    Settings settings = {.seed = 1,
                         .days = 30,
                         .executions = 2000,
                         .failures = -1,
                         .tls = WIRE_TLS_ON,
                         .database = default_database,
                         .fault = BUF(FAULT_TEXT_MAX),
                         .plant = BUF(PLANT_TEXT_MAX),
                         .without = BUF(PLANT_TEXT_MAX)};

    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (strcmp(name, commands[i].name) != 0)
            continue;
        if (commands[i].bit == 0)
            return commands[i].run(&settings, err);
        TRY(parse_options(&settings, commands[i].bit, words, err));
        return commands[i].run(&settings, err);
    }
    (void)FAIL(err, RC_USAGE, "unknown command '%s'", name);
    return usage(err);
}

/* Sorting large tables takes memory page by page; a client's heap would ask the kernel for each. */
enum { HEAP_STEP = 4 * 1024 * 1024 };

int main(int argc, char **argv)
{
    Err err = {0};
    bool wants_help = argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0;

    (void)mallopt(M_TOP_PAD, HEAP_STEP);
    Rc rc = run_command(wants_help ? "help" : argv[1], argv + (argc < 2 ? argc : 2), &err);
    if (rc == RC_OK)
        return argc < 2 ? RC_USAGE : 0;
    fprintf(stderr, "ssisminer-sandbox: error: %s\n", err.text);
    if (err.hint[0] != '\0')
        fprintf(stderr, "hint: %s\n", err.hint);
    return rc == RC_USAGE ? RC_USAGE : RC_QUERY;
}
