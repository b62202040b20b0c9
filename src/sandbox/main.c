/* ssisminer-sandbox: an SSISDB on this machine, for tests and for trying things out. */
#include "data/generate.h"
#include "ssisminer/base/buf.h"
#include "ssisminer/base/file.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/time.h"
#include "ssisminer/conf/conf.h"
#include "ssisminer/engine/engine.h"
#include "ssisminer/loopback/wire.h"
#include "wire/hooks.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char default_password[] = "Sandbox.1";

/* ---- options: ids as conf takes them, and their rows ----------------------------------------- */

enum {
    BY_SERVE = 1,
    BY_DUMP = 2,
    BY_TRUTH = 4,
    BY_DATA = BY_SERVE | BY_DUMP | BY_TRUTH,
    BY_MAN = 8
};

enum {
#define OPT(id, ...) THE_##id,
#include "options.def"
#undef OPT
    THE_COUNT
};

#define THE(option)     ((OptId)THE_##option)
#define HAS_RANGE(type) (OPT_TYPE_##type == OPT_TYPE_COUNT)
static const OptSpec specs[THE_COUNT] = {
#define OPT(id, flag, letter, type, dflt, arg, values, takers, help)                               \
    [THE_##id] = {flag,                                                                            \
                  letter,                                                                          \
                  NULL,                                                                            \
                  "",                                                                              \
                  OPT_TYPE_##type,                                                                 \
                  dflt,                                                                            \
                  arg,                                                                             \
                  HAS_RANGE(type) ? NULL : (values),                                               \
                  HAS_RANGE(type) ? (values) : NULL,                                               \
                  (OptGroup)0,                                                                     \
                  takers,                                                                          \
                  help},
#include "options.def"
#undef OPT
};

static const char *const groups[] = {"Options"};
static const OptTable table = {"ssisminer-sandbox", specs, THE_COUNT, groups, 1};

/* ---- the data -------------------------------------------------------------------------------- */

AUTO_FREE(close_engine, Engine, engine_close)
AUTO_FREE(free_wire, Wire, wire_free)
AUTO_FREE(free_conf, Conf, conf_free)

/* The end of the history, and of what is made with it. */
static Instant now_of(const Conf *conf)
{
    return conf_text(conf, THE(NOW)) ? conf_time(conf, THE(NOW)) : time_now();
}

static Rc open_engine(const Conf *conf, Instant now, Engine **ret_engine, Err *err)
{
    static const struct {
        Flavor flavor;
        EngineKind kind;
    } servers[] = {{FLAVOR_AZURE, ENGINE_OF_FLAVOR},
                   {FLAVOR_SQL2019, ENGINE_OF_FLAVOR},
                   {FLAVOR_SQL2012, ENGINE_OF_FLAVOR},
                   {FLAVOR_SQL2019, ENGINE_SQL2022},
                   {FLAVOR_AZURE, ENGINE_MANAGED}};
    int server = conf_choice(conf, THE(FLAVOR));
    EngineOptions wanted = {.flavor = servers[server].flavor,
                            .kind = servers[server].kind,
                            .path = conf_text(conf, THE(STORE)),
                            .database_name = conf_text(conf, THE(DATABASE)),
                            .is_bare = conf_flag(conf, THE(BARE)),
                            .reads_wait = conf_flag(conf, THE(READS_WAIT)),
                            .is_capture = conf_flag(conf, THE(CAPTURE))};

    if (conf_text(conf, THE(NOW)))
        wanted.now = now;
    return engine_open(&wanted, ret_engine, err);
}

static uint32_t plants(const Conf *conf, OptId option)
{
    uint32_t all = 0;
    size_t count;
    const char *const *names = conf_list(conf, option, &count);

    for (size_t i = 0; i < count; i++)
        all |= generate_plant(names[i]);
    return all;
}

static Rc fill(const Conf *conf, Engine *engine, Instant now, FILE *truth, Err *err)
{
    bool has_failures = conf_text(conf, THE(FAILURES)) != NULL;
    GenerateOptions wanted = {.seed = (uint64_t)conf_count(conf, THE(SEED)),
                              .days = (int)conf_count(conf, THE(DAYS)),
                              .executions = conf_count(conf, THE(EXECUTIONS)),
                              .now = now,
                              .messages_per_execution = conf_count(conf, THE(MESSAGES)),
                              .failures = has_failures ? conf_count(conf, THE(FAILURES)) : -1,
                              .extra_plants = plants(conf, THE(PLANT)),
                              .omit_plants = plants(conf, THE(WITHOUT))};

    return generate(engine, &wanted, truth, err);
}

/* As fill, with the truth in a file if one was asked for. */
static Rc fill_with_truth(const Conf *conf, Engine *engine, Instant now, Err *err)
{
    AUTO(file_out_done) FileOut truth = {0};
    const char *path = conf_text(conf, THE(TRUTH));

    if (conf_flag(conf, THE(EMPTY)) || conf_flag(conf, THE(BARE)) || conf_flag(conf, THE(CAPTURE)))
        return RC_OK;
    if (!path)
        return fill(conf, engine, now, NULL, err);
    TRY(file_out_open(&truth, path, err));
    TRY(fill(conf, engine, now, truth.stream, err));
    return file_out_commit(&truth, err);
}

/* ---- serve ----------------------------------------------------------------------------------- */

static void remove_tree(char **path)
{
    if (*path)
        file_remove_tree(*path);
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
static Rc say_ready(const Conf *conf, const Wire *wire, Err *err)
{
    AUTO(file_out_done) FileOut out = {0};
    const char *ca_file = wire_ca_file(wire);

    TRY(file_out_open(&out, conf_text(conf, THE(READY_FILE)), err));
    fprintf(out.stream, "ready port=%d%s%s\n", wire_port(wire), ca_file ? " ca=" : "",
            ca_file ? ca_file : "");
    TRY(file_out_commit(&out, err));
    if (conf_flag(conf, THE(WITH_PARENT))) // who started it knows
        return RC_OK;
    fprintf(stderr,
            "ssisminer-sandbox: %s on 127.0.0.1,%d; logins sa admin reader purger deleter nobody; "
            "password %s\n",
            conf_text(conf, THE(DATABASE)), wire_port(wire),
            strcmp(password(), default_password) == 0 ? default_password
                                                      : "from SSISMINER_SANDBOX_PASSWORD");
    return RC_OK;
}

/* --fault, again and again or with commas, as one text. */
static const char *faults(const Conf *conf, Arena *arena)
{
    AUTO(buf_done) Buf all = BUF(64 * 1024);
    size_t count;
    const char *const *list = conf_list(conf, THE(FAULT), &count);

    for (size_t i = 0; i < count; i++)
        buf_printf(&all, "%s%s", i ? "," : "", list[i]);
    return count ? arena_text(arena, buf_text(&all)) : NULL;
}

static bool has_parent; // who hears by stdout whether it is ready, or why not

static Rc run_serve(Conf *conf, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(remove_tree) char *dir = NULL;
    AUTO(close_engine) Engine *engine = NULL;
    AUTO(hooks_done) WireHooks hooks = {0};
    AUTO(free_wire) Wire *wire = NULL;
    const char *store = conf_text(conf, THE(STORE)), *cert = conf_text(conf, THE(CERT));
    bool has_data = store && file_exists(store);
    Instant now = now_of(conf);

    has_parent = conf_flag(conf, THE(WITH_PARENT));
    if (!cert != !conf_text(conf, THE(KEY)))
        return FAIL(err, RC_USAGE, "--cert and --key go together");
    if (conf_choice(conf, THE(ENTRA)) != WIRE_ENTRA_OFF && !conf_text(conf, THE(ENTRA_KEY)))
        return FAIL(err, RC_USAGE, "--entra needs --entra-key");
    stop_install();
    TRY(file_temp_dir("ssisminer-sandbox", &arena, &dir, err));
    TRY(hooks_make(faults(conf, &arena), conf_text(conf, THE(REPLAY)), &hooks, err));
    TRY(open_engine(conf, now, &engine, err));

    WireOptions wanted = {.port = (int)conf_count(conf, THE(PORT)),
                          .password = password(),
                          .database = conf_text(conf, THE(DATABASE)),
                          .tls = (WireTls)conf_choice(conf, THE(TLS)),
                          .strict = (WireStrict)conf_choice(conf, THE(STRICT)),
                          .tls_version = (WireTlsVersion)conf_choice(conf, THE(TLS_VERSION)),
                          .entra = (WireEntra)conf_choice(conf, THE(ENTRA)),
                          .entra_key = conf_text(conf, THE(ENTRA_KEY)),
                          .entra_audience = conf_text(conf, THE(ENTRA_AUDIENCE)),
                          .tls_name = conf_text(conf, THE(TLS_NAME)),
                          .cert_file = cert,
                          .key_file = conf_text(conf, THE(KEY)),
                          .dir = dir,
                          .log_path = conf_text(conf, THE(LOG)),
                          .hooks = &hooks};
    TRY(wire_listen(&wanted, engine, &wire, err)); // before the long work: options may be wrong
    if (!has_data)
        TRY(fill_with_truth(conf, engine, now, err));
    TRY(has_parent ? watch_parent(err) : RC_OK);
    TRY(say_ready(conf, wire, err));
    return wire_serve(wire, err);
}

/* ---- dump, truth, help, version -------------------------------------------------------------- */

/* What is made, to a file or to stdout. */
static Rc write_out(Conf *conf, bool is_dump, Err *err)
{
    AUTO(close_engine) Engine *engine = NULL;
    AUTO(file_out_done) FileOut out = {0};
    Instant now = now_of(conf);

    TRY(open_engine(conf, now, &engine, err));
    if (is_dump)
        TRY(fill_with_truth(conf, engine, now, err));
    TRY(file_out_open(&out, conf_text(conf, THE(OUTPUT)), err));
    if (is_dump)
        TRY(dump_tsql(engine, conf_flag(conf, THE(DROP_FIRST)), out.stream, err));
    else
        TRY(fill(conf, engine, now, out.stream, err));
    return file_out_commit(&out, err);
}

static Rc run_dump(Conf *conf, Err *err)
{
    return write_out(conf, true, err);
}

static Rc run_truth(Conf *conf, Err *err)
{
    return write_out(conf, false, err);
}

static Rc run_version(Conf *conf, Err *err)
{
    (void)conf, (void)err;
    puts("ssisminer-sandbox " SSISMINER_VERSION);
    return RC_OK;
}

static Rc run_help(Conf *conf, Err *err);

#define COMMAND(name_, args_, takes_, summary_)                                                    \
    static const Command name_ = {.name = #name_,                                                  \
                                  .args = (args_),                                                 \
                                  .summary = (summary_),                                           \
                                  .details = "",                                                   \
                                  .takes = (takes_),                                               \
                                  .run = run_##name_};
COMMAND(serve, "", BY_SERVE, "Be a server until SIGTERM or SIGINT")
COMMAND(dump, "", BY_DUMP, "Print schema and data as T-SQL for a real server")
COMMAND(truth, "", BY_TRUTH, "Print what serve would plant, as JSON")
COMMAND(help, "", BY_MAN, "This text")
COMMAND(version, "", 0, "The version")
static const Command *const commands[] = {&serve, &dump, &truth, &help, &version};

#define PURPOSE "A small TDS server with an SSISDB in it. It listens on 127.0.0.1 only."
#define ENDS                                                                                       \
    "When it is ready, serve prints \"ready port=N ca=FILE\" (without ca= where TLS is off).\n"    \
    "SSISMINER_SANDBOX_PASSWORD sets the password of every login.\n"                               \
    "Exit codes: 0 done, 2 wrong usage or a file that cannot be written, 4 anything else.\n"

static void put_man(Buf *page)
{
    const ManPage man = {.program = "ssisminer-sandbox",
                         .summary = "an SSIS catalog to try ssisminer on",
                         .purpose = PURPOSE};

    conf_put_man(page, &man, commands, ARRAY_LEN(commands));
    buf_puts(page, ".SH FAULTS\n.nf\n");
    conf_put_man_text(page, hooks_fault_help);
    buf_puts(page, ".fi\n.SH NOTES\n" ENDS ".SH SEE ALSO\n.BR ssisminer (1)\n");
}

static void put_pages(Buf *page)
{
    buf_puts(page, PURPOSE "\n");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        buf_putc(page, '\n');
        conf_put_help(page, commands[i], commands, ARRAY_LEN(commands));
    }
    buf_printf(page, "\nFaults (--fault, again and again or with commas):\n%s\n" ENDS,
               hooks_fault_help);
}

static Rc run_help(Conf *conf, Err *err)
{
    AUTO(buf_done) Buf page = BUF(64 * 1024);
    (void)err;

    if (conf_command(conf) && conf_flag(conf, THE(MAN)))
        put_man(&page);
    else
        put_pages(&page);
    (void)fputs(buf_text(&page), stdout);
    return RC_OK;
}

static Rc run(int argc, char **argv, Err *err)
{
    AUTO(free_conf) Conf *conf = NULL;

    opt_use(&table);
    TRY(conf_load(argc, argv, commands, ARRAY_LEN(commands), &conf, err));
    if (conf_flag(conf, THE(HELP)))
        return run_help(conf, err);
    if (conf_command(conf))
        return conf_command(conf)->run(conf, err);
    (void)run_help(conf, err);
    return FAIL(err, RC_USAGE, "no command given");
}

/* Sorting large tables takes memory page by page; a client's heap would ask the kernel for each. */
enum { HEAP_STEP = 4 * 1024 * 1024 };

int main(int argc, char **argv)
{
    Err err = {0};

    (void)mallopt(M_TOP_PAD, HEAP_STEP);
    Rc rc = run(argc, argv, &err);
    if (rc == RC_OK)
        return 0;
    fprintf(has_parent ? stdout : stderr, "ssisminer-sandbox: error: %s\n", err.text);
    if (err.hint[0] != '\0')
        fprintf(stderr, "hint: %s\n", err.hint);
    return rc == RC_USAGE ? RC_USAGE : RC_QUERY;
}
