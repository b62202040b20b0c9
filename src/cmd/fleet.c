#include "fleet.h"

#include "ssisminer/base/arena.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/time.h"
#include "ssisminer/cmd/output.h"
#include "ssisminer/report/combine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWER_MOST = 1 << 30, JOBS_READING = 16, ENDING_MS = 15000 };

/* What a target's process leaves: its code, its error, and its answer if it gave one. */
typedef struct Ending {
    int64_t rc;
    char text[sizeof(((Err *)NULL)->text)];
} Ending;

typedef struct Member {
    const char *name;
    size_t target; // in the configuration
    pid_t pid;     // 0: not begun, or waited for
    int answer_fd, words_fd;
    Buf answer, words;
    int64_t begun_ms, taken_ms;
    bool is_begun, is_ended;
    int status; // of waitpid
} Member;

typedef struct Fleet {
    Conf *conf;
    Arena arena;
    Member *members;
    size_t count;
    size_t begun, running, most;
    int told_signal; // passed on
} Fleet;

static void fleet_done(Fleet *fleet)
{
    for (size_t i = 0; i < fleet->count; i++) {
        Member *member = &fleet->members[i];
        if (member->pid > 0) {
            (void)kill(member->pid, SIGKILL);
            (void)waitpid(member->pid, NULL, 0);
        }
        if (member->answer_fd >= 0)
            (void)close(member->answer_fd);
        if (member->words_fd >= 0)
            (void)close(member->words_fd);
        buf_done(&member->answer);
        buf_done(&member->words);
    }
    arena_done(&fleet->arena);
}

// ---- what was asked --------------------------------------------------------------------------

Rc fleet_is_wanted(const Conf *conf, bool *ret_is_wanted, Err *err)
{
    size_t count = 0;

    if (opt_is_taken(opt_spec(OPT_TARGET), conf_command(conf))) {
        (void)conf_list(conf, OPT_TARGET, &count);
        (void)conf_count(conf, OPT_JOBS);
        if (count == 0 && conf_is_given(conf, OPT_JOBS))
            return FAIL(err, RC_USAGE, "--jobs means nothing without --target");
    }
    *ret_is_wanted = count > 0;
    return RC_OK;
}

/* What names a server of its own. */
static Rc refuse_beside_target(const Conf *conf, Err *err)
{
    static const OptId own[] = {OPT_SERVER, OPT_DSN, OPT_SANDBOX};

    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (conf_is_given(conf, own[i]))
            return FAIL(err, RC_USAGE, "--target and --%s exclude each other: give one of them",
                        opt_spec(own[i])->flag);
    return RC_OK;
}

/* A delete is watched one at a time, unless somebody wants it otherwise. */
static size_t jobs_of(const Conf *conf)
{
    bool deletes = conf_command(conf)->cannot_be_undone && conf_flag(conf, OPT_EXECUTE);

    if (conf_is_set(conf, OPT_JOBS))
        return (size_t)conf_count(conf, OPT_JOBS);
    return deletes ? 1 : JOBS_READING;
}

static Rc pick(Fleet *fleet, Err *err)
{
    const size_t *picked = NULL;

    TRY(refuse_beside_target(fleet->conf, err));
    TRY(conf_pick_targets(fleet->conf, &fleet->arena, &picked, &fleet->count, err));
    fleet->members = arena_alloc_array(&fleet->arena, fleet->count, sizeof(*fleet->members));
    for (size_t i = 0; i < fleet->count; i++)
        fleet->members[i] = (Member){.name = conf_target_name(fleet->conf, picked[i]),
                                     .target = picked[i],
                                     .answer_fd = -1,
                                     .words_fd = -1,
                                     .answer = BUF(ANSWER_MOST),
                                     .words = BUF(64 * 1024)};
    fleet->most = jobs_of(fleet->conf);
    return RC_OK;
}

// ---- the process of one ----------------------------------------------------------------------

static void write_all(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len > 0) {
        ssize_t wrote = write(fd, at, len);
        if (wrote < 0 && errno != EINTR)
            return;
        at += wrote > 0 ? wrote : 0;
        len -= wrote > 0 ? (size_t)wrote : 0;
    }
}

/* Nobody sits before it: there is nothing to type, and what it prints is nobody's answer. */
static void take_standard_descriptors(int words_fd)
{
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

    (void)dup2(nothing, STDIN_FILENO);
    (void)dup2(nothing, STDOUT_FILENO);
    (void)dup2(words_fd, STDERR_FILENO);
    (void)setsid(); // no terminal to ask for a password either
}

static noreturn void be_member(Conf *conf, const Member *member, int answer_fd, int words_fd)
{
    Buf kept = BUF(ANSWER_MOST);
    Ending ending = {0};
    Err err = {0};

    stop_forked();
    take_standard_descriptors(words_fd);
    log_set_name(member->name);
    output_keep(&kept);
    ending.rc = conf_use_target(conf, member->target, &err);
    if (ending.rc == RC_OK)
        ending.rc = conf_command(conf)->run(conf, &err);
    if (err.text[0] != '\0')
        log_error(&err);
    (void)memcpy(ending.text, err.text, sizeof(ending.text));
    write_all(answer_fd, &ending, sizeof(ending));
    write_all(answer_fd, buf_text(&kept), kept.len);
    _exit(0);
}

static Rc fail_system(const char *what, Err *err)
{
    return FAIL(err, RC_QUERY, "%s: %s", what, strerror(errno));
}

static Rc begin(Fleet *fleet, Member *member, Err *err)
{
    int answer[2], words[2];

    if (pipe2(answer, O_CLOEXEC) != 0)
        return fail_system("cannot begin with a target", err);
    member->answer_fd = answer[0];
    if (pipe2(words, O_CLOEXEC) != 0) {
        (void)close(answer[1]);
        return fail_system("cannot begin with a target", err);
    }
    member->words_fd = words[0];
    (void)fflush(NULL);
    member->pid = fork();
    if (member->pid == 0)
        be_member(fleet->conf, member, answer[1], words[1]);
    (void)close(answer[1]);
    (void)close(words[1]);
    if (member->pid < 0) {
        member->pid = 0;
        return fail_system("cannot begin with a target", err);
    }
    member->begun_ms = time_monotonic_ms();
    member->is_begun = true;
    fleet->begun++;
    fleet->running++;
    return RC_OK;
}

static Rc begin_some(Fleet *fleet, Err *err)
{
    while (fleet->begun < fleet->count && fleet->running < fleet->most && !stop_wanted())
        TRY(begin(fleet, &fleet->members[fleet->begun], err));
    return RC_OK;
}

// ---- all of them -----------------------------------------------------------------------------

/* Whole lines, so that those of several do not mix. */
static void pass_words(Member *member, bool is_end)
{
    const char *text = buf_text(&member->words);
    const char *last = memrchr(text, '\n', member->words.len);
    size_t len = is_end || member->words.over ? member->words.len
                 : last                       ? (size_t)(last + 1 - text)
                                              : 0;

    if (len == 0)
        return;
    (void)fwrite(text, 1, len, stderr);
    size_t rest = member->words.len - len;
    (void)memmove(member->words.text, member->words.text + len, rest);
    member->words.len = rest;
    member->words.over = false;
}

/* False at its end. */
static bool take(int *fd, Buf *to)
{
    char bytes[16384];
    ssize_t got = read(*fd, bytes, sizeof(bytes));

    if (got > 0)
        buf_put(to, bytes, (size_t)got);
    if (got > 0 || (got < 0 && errno == EINTR))
        return true;
    (void)close(*fd);
    *fd = -1;
    return false;
}

static void end_member(Fleet *fleet, Member *member)
{
    while (waitpid(member->pid, &member->status, 0) < 0 && errno == EINTR)
        continue;
    member->pid = 0;
    member->is_ended = true;
    member->taken_ms = time_monotonic_ms() - member->begun_ms;
    fleet->running--;
}

static void serve(Fleet *fleet, Member *member, const struct pollfd *answer,
                  const struct pollfd *words)
{
    if (answer->revents)
        (void)take(&member->answer_fd, &member->answer);
    if (words->revents)
        pass_words(member, !take(&member->words_fd, &member->words));
    if (member->answer_fd < 0 && member->words_fd < 0)
        end_member(fleet, member);
}

/* They are in sessions of their own: a signal to us is none to them. */
static void pass_stop_on(Fleet *fleet)
{
    if (!stop_wanted() || fleet->told_signal)
        return;
    fleet->told_signal = stop_signal();
    for (size_t i = 0; i < fleet->count; i++)
        if (fleet->members[i].pid > 0)
            (void)kill(fleet->members[i].pid, fleet->told_signal);
}

static void wait_for_some(Fleet *fleet)
{
    enum { LOOK_MS = 1000 };
    struct pollfd *fds = mem_alloc((2 * fleet->count + 1) * sizeof(*fds));

    for (size_t i = 0; i < fleet->count; i++) {
        fds[2 * i] = (struct pollfd){.fd = fleet->members[i].answer_fd, .events = POLLIN};
        fds[2 * i + 1] = (struct pollfd){.fd = fleet->members[i].words_fd, .events = POLLIN};
    }
    fds[2 * fleet->count] =
        (struct pollfd){.fd = fleet->told_signal ? -1 : stop_fd(), .events = POLLIN};
    int ready = poll(fds, 2 * fleet->count + 1, LOOK_MS);
    for (size_t i = 0; ready > 0 && i < fleet->count; i++)
        if (fleet->members[i].pid > 0)
            serve(fleet, &fleet->members[i], &fds[2 * i], &fds[2 * i + 1]);
    free(fds);
}

static Rc run_all(Fleet *fleet, Err *err)
{
    int64_t stopped_ms = 0;

    TRY(begin_some(fleet, err));
    while (fleet->running > 0) {
        wait_for_some(fleet);
        pass_stop_on(fleet);
        if (fleet->told_signal && stopped_ms == 0)
            stopped_ms = time_monotonic_ms();
        if (stopped_ms && time_monotonic_ms() - stopped_ms > ENDING_MS)
            break; // fleet_done ends them
        TRY(begin_some(fleet, err));
    }
    return stop_wanted() ? stop_sleep_ms(0, err) : RC_OK;
}

// ---- the answer ------------------------------------------------------------------------------

static const struct {
    Rc rc;
    const char *result;
} results[] = {
    // the strongest first
    {RC_USAGE, "refused"},        {RC_CONNECT, "not connected"},
    {RC_QUERY, "failed"},         {RC_RIGHTS, "rights too low"},
    {RC_NOTHING, "nothing done"}, {RC_PARTIAL, "stopped early"},
    {RC_LOCKED, "locked"},        {RC_STOPPED, "stopped"},
    {RC_FINDINGS, "findings"},    {RC_OK, "done"},
};

static size_t rank_of(int64_t rc)
{
    for (size_t i = 0; i < ARRAY_LEN(results); i++)
        if ((int64_t)results[i].rc == rc)
            return i;
    return 2; // failed
}

static void read_answer(const Member *member, ReportPart *part, Arena *arena)
{
    Err err = {0};
    Ending ending;
    Report *report = NULL;
    size_t len = member->answer.len;

    if (len < sizeof(ending) || member->answer.over) {
        part->error =
            arena_printf(arena, "its process ended without an answer (status %d)", member->status);
        part->exit_code = RC_QUERY;
        return;
    }
    (void)memcpy(&ending, member->answer.text, sizeof(ending));
    part->exit_code = ending.rc;
    if (ending.text[0] != '\0')
        part->error = arena_text(arena, ending.text);
    Str bytes = {member->answer.text + sizeof(ending), len - sizeof(ending)};
    if (bytes.len > 0 && report_get(bytes, arena, &report, &err) == RC_OK)
        part->report = report;
    if (!part->report && ending.rc == RC_OK) {
        part->exit_code = RC_USAGE;
        part->error = "what this prints is no answer that can stand beside others: use -S";
    }
}

static void read_part(const Member *member, ReportPart *part, Arena *arena)
{
    *part = (ReportPart){.target = member->name, .taken_ticks = member->taken_ms * TICKS_PER_MS};
    if (member->is_ended)
        read_answer(member, part, arena);
    else
        part->exit_code = RC_STOPPED;
    part->result = results[rank_of(part->exit_code)].result;
}

/* "of 20 targets 1 not connected, 1 failed" */
static Rc verdict_of(const ReportPart *parts, size_t count, Err *err)
{
    AUTO(buf_done) Buf words = BUF(sizeof(err->text) - 1);
    size_t strongest = ARRAY_LEN(results) - 1;

    for (size_t rank = 0; rank < ARRAY_LEN(results); rank++) {
        size_t met = 0;
        for (size_t i = 0; i < count; i++)
            met += rank_of(parts[i].exit_code) == rank;
        if (met > 0 && rank < strongest)
            strongest = rank;
        if (met > 0 && results[rank].rc != RC_OK && results[rank].rc != RC_FINDINGS)
            buf_printf(&words, "%s%zu %s", words.len ? ", " : "", met, results[rank].result);
    }
    if (words.len == 0)
        return results[strongest].rc;
    return FAIL(err, results[strongest].rc, "of %zu target%s %s", count, count == 1 ? "" : "s",
                buf_text(&words));
}

static Rc answer(Fleet *fleet, Output *output, Err *err)
{
    ReportPart *parts = arena_alloc_array(&fleet->arena, fleet->count, sizeof(*parts));

    for (size_t i = 0; i < fleet->count; i++)
        read_part(&fleet->members[i], &parts[i], &fleet->arena);
    const Report *report =
        report_combine(conf_command(fleet->conf)->name, parts, fleet->count, &fleet->arena);
    TRY(output_write(output, report, err));
    return verdict_of(parts, fleet->count, err);
}

Rc fleet_run(Conf *conf, Err *err)
{
    AUTO(fleet_done) Fleet fleet = {.conf = conf};
    AUTO(output_close) Output output = {0};
    Err stopped = {0};

    TRY(pick(&fleet, err));
    TRY(output_open(conf, &output, err));
    Rc rc = run_all(&fleet, &stopped);
    if (rc != RC_OK && rc != RC_STOPPED) {
        *err = stopped;
        return rc;
    }
    Rc all = answer(&fleet, &output, err); // of those that ended, when it was stopped
    if (rc == RC_STOPPED)
        *err = stopped;
    return rc == RC_STOPPED ? rc : all;
}
