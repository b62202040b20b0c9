/* One command on several servers (--target), each in a process of its own, told as one. */
#include "fleet.h"

#include "across.h"
#include "authentication.h"
#include "news.h"
#include "signatures.h"

#include "output.h"
#include "ssisminer/base/arena.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/str.h"
#include "ssisminer/base/time.h"
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
    int64_t answer_len; // what follows it is for other targets,
    int64_t beside_len; // and then what --state keeps, if that is the parent's to keep
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
    int status;   // of waitpid
    Str question; // that the command's `answer` is for; empty: it runs
    char last_error[sizeof(((Err *)NULL)->text)]; // that it told, without its name
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
    signatures_forget();
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

/* ---- what was asked -------------------------------------------------------------------------- */

/* What names a server of its own. */
static const OptId own_server[] = {OPT_SERVER, OPT_DSN, OPT_SANDBOX};

/* -S that was typed is nearer than a variable that names targets. */
static bool is_outdone(const Conf *conf)
{
    for (size_t i = 0; i < ARRAY_LEN(own_server); i++)
        if (conf_is_given(conf, own_server[i]) && !conf_is_given(conf, OPT_TARGET))
            return true;
    return false;
}

Rc fleet_is_wanted(const Conf *conf, bool *ret_is_wanted, Err *err)
{
    size_t count = 0;

    if (opt_is_taken(opt_spec(OPT_TARGET), conf_command(conf))) {
        (void)conf_list(conf, OPT_TARGET, &count);
        (void)conf_count(conf, OPT_JOBS);
        if (count == 0 && conf_is_given(conf, OPT_JOBS))
            return FAIL(err, RC_USAGE, "--jobs means nothing without --target");
    }
    *ret_is_wanted = count > 0 && !is_outdone(conf);
    return RC_OK;
}

static Rc refuse_beside_target(const Conf *conf, Err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(own_server); i++)
        if (conf_is_given(conf, own_server[i]))
            return FAIL(err, RC_USAGE, "--target and --%s exclude each other: give one of them",
                        opt_spec(own_server[i])->flag);
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

static Member member_of(const char *name, size_t target, Str question)
{
    return (Member){.name = name,
                    .target = target,
                    .answer_fd = -1,
                    .words_fd = -1,
                    .answer = BUF(ANSWER_MOST),
                    .words = BUF(64 * 1024),
                    .question = question};
}

/* Each catalog has an archive of its own. */
static Rc check_archive(const Fleet *fleet, Err *err)
{
    const Conf *conf = fleet->conf;

    if (fleet->count < 2 || !opt_is_taken(opt_spec(OPT_ARCHIVE), conf_command(conf)) ||
        !conf_is_given(conf, OPT_ARCHIVE) || strstr(conf_text(conf, OPT_ARCHIVE), "{target}"))
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "--archive names one file for %zu targets: '%s'", fleet->count,
               conf_text(conf, OPT_ARCHIVE));
    return err_hint(err, "each has an archive of its own: put {target} into the name, as in "
                         "'archive-{target}.db'");
}

static Rc pick(Fleet *fleet, Err *err)
{
    const size_t *picked = NULL;

    TRY(refuse_beside_target(fleet->conf, err));
    TRY(conf_pick_targets(fleet->conf, &fleet->arena, &picked, &fleet->count, err));
    fleet->members = arena_alloc_array(&fleet->arena, fleet->count, sizeof(*fleet->members));
    for (size_t i = 0; i < fleet->count; i++)
        fleet->members[i] =
            member_of(conf_target_name(fleet->conf, picked[i]), picked[i], (Str){0});
    fleet->most = jobs_of(fleet->conf);
    return check_archive(fleet, err);
}

/* ---- the process of one ---------------------------------------------------------------------- */

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

static Rc work(const Fleet *fleet, const Member *member, Buf *kept, Buf *beside, Err *err)
{
    Conf *conf = fleet->conf;
    const Command *command = conf_command(conf);

    TRY(conf_use_target(conf, member->target, err));
    if (member->question.len > 0)
        return command->across->answer(conf, member->question, kept, err);
    output_keep(kept, fleet->count > 1);
    if (command->across)
        output_keep_beside(beside);
    return command->run(conf, err);
}

/* Ends that the parent reads others' answers from. */
static void close_others(const Fleet *fleet)
{
    for (size_t i = 0; i < fleet->begun; i++) {
        if (fleet->members[i].answer_fd >= 0)
            (void)close(fleet->members[i].answer_fd);
        if (fleet->members[i].words_fd >= 0)
            (void)close(fleet->members[i].words_fd);
    }
}

static noreturn void be_member(const Fleet *fleet, const Member *member, int answer_fd,
                               int words_fd)
{
    Buf kept = BUF(ANSWER_MOST), beside = BUF(ANSWER_MOST), *news = news_deferred();
    Ending ending = {0};
    Err err = {0};

    stop_forked();
    close_others(fleet);
    take_standard_descriptors(words_fd);
    log_set_name(member->name);
    ending.rc = work(fleet, member, &kept, &beside, &err);
    ending.answer_len = (int64_t)kept.len;
    ending.beside_len = beside.over ? 0 : (int64_t)beside.len;
    if (err.text[0] != '\0')
        log_error(&err);
    (void)memcpy(ending.text, err.text, sizeof(ending.text));
    write_all(answer_fd, &ending, sizeof(ending));
    write_all(answer_fd, buf_text(&kept), kept.len);
    write_all(answer_fd, buf_text(&beside), (size_t)ending.beside_len);
    if (news)
        write_all(answer_fd, buf_text(news), news->len);
    _exit(0);
}

static Rc fail_system(const char *what, Err *err)
{
    return FAIL(err, RC_QUERY, "%s: %s", what, strerror(errno));
}

static void close_both(const int ends[2])
{
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static Rc begin(Fleet *fleet, Member *member, Err *err)
{
    int answer[2], words[2];

    if (pipe2(answer, O_CLOEXEC) != 0)
        return fail_system("cannot begin with a target", err);
    if (pipe2(words, O_CLOEXEC) != 0) {
        (void)fail_system("cannot begin with a target", err);
        close_both(answer);
        return err->rc;
    }
    (void)fflush(NULL);
    member->pid = fork();
    if (member->pid == 0) {
        (void)close(answer[0]);
        (void)close(words[0]);
        be_member(fleet, member, answer[1], words[1]);
    }
    if (member->pid < 0) {
        (void)fail_system("cannot begin with a target", err);
        member->pid = 0;
        close_both(answer);
        close_both(words);
        return err->rc;
    }
    member->answer_fd = answer[0];
    member->words_fd = words[0];
    (void)close(answer[1]);
    (void)close(words[1]);
    member->begun_ms = time_monotonic_ms();
    member->is_begun = true;
    fleet->begun++;
    fleet->running++;
    return RC_OK;
}

static Rc begin_some(Fleet *fleet, Err *err)
{
    while (fleet->begun < fleet->count && fleet->running < fleet->most && !stop_wanted()) {
        if (begin(fleet, &fleet->members[fleet->begun], err) == RC_OK)
            continue;
        if (fleet->running == 0)
            return err->rc;
        fleet->most = fleet->running; // that many the machine bears
    }
    return RC_OK;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static Str without(Str text, const char *head)
{
    size_t len = strlen(head);

    return text.len >= len && memcmp(text.at, head, len) == 0 ? (Str){text.at + len, text.len - len}
                                                              : text;
}

/* All that there is of one that was ended by base/stop.h: it leaves no answer. */
static void keep_error(Member *member, Str said)
{
    static const char label[] = "ssisminer: error: ";
    Str line;

    while (str_split(&said, '\n', &line)) {
        Str error = without(line, label);
        if (error.at == line.at)
            continue;
        error = without(without(error, member->name), ": ");
        (void)snprintf(member->last_error, sizeof(member->last_error), "%.*s", STR_FMT(error));
    }
}

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
    keep_error(member, (Str){text, len});
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

/* ---- the answer ------------------------------------------------------------------------------ */

/* clang-format off */
static const struct {
    Rc rc;
    const char *result;
} results[] = {
    // the strongest first
    {RC_USAGE, "refused"},
    {RC_CONNECT, "not connected"},
    {RC_QUERY, "failed"},
    {RC_RIGHTS, "rights too low"},
    {RC_NOTHING, "nothing done"},
    {RC_PARTIAL, "stopped early"},
    {RC_LOCKED, "locked"},
    {RC_STOPPED, "stopped"},
    {RC_FINDINGS, "findings"},
    {RC_OK, "done"},
};
/* clang-format on */

static size_t rank_of(int64_t rc)
{
    for (size_t i = 0; i < ARRAY_LEN(results); i++)
        if ((int64_t)results[i].rc == rc)
            return i;
    return 2; // failed
}

typedef struct Left { // what a target's process left
    Ending ending;
    Str answer, beside, news;
} Left;

/* The first `len` bytes. */
static bool cut(Str *rest, int64_t len, Str *ret_piece)
{
    if (len < 0 || (uint64_t)len > rest->len)
        return false;
    *ret_piece = (Str){rest->at, (size_t)len};
    *rest = (Str){rest->at + len, rest->len - (size_t)len};
    return true;
}

/* False when its process ended before it had written all. */
static bool split_answer(const Member *member, Left *left)
{
    Ending *ending = &left->ending;
    size_t len = member->answer.len;

    if (len < sizeof(*ending) || member->answer.over)
        return false;
    (void)memcpy(ending, member->answer.text, sizeof(*ending));
    left->news = (Str){member->answer.text + sizeof(*ending), len - sizeof(*ending)};
    return cut(&left->news, ending->answer_len, &left->answer) &&
           cut(&left->news, ending->beside_len, &left->beside);
}

/* The exit code that stands for an error of ours; else "failed". */
static int64_t code_without_answer(const Member *member)
{
    int64_t code = WIFEXITED(member->status) ? WEXITSTATUS(member->status) : RC_OK;
    bool is_ours = code != RC_OK && (int64_t)results[rank_of(code)].rc == code;

    return is_ours && *member->last_error ? code : RC_QUERY;
}

static const char *without_answer(const Member *member, Arena *arena)
{
    if (*member->last_error && WIFEXITED(member->status))
        return arena_text(arena, member->last_error);
    return arena_printf(arena, "its process ended without an answer (status %d)", member->status);
}

static void read_answer(const Member *member, ReportPart *part, Arena *arena)
{
    Err err = {0};
    Left left = {0};
    Report *report = NULL;

    if (!split_answer(member, &left)) {
        part->error = without_answer(member, arena);
        part->exit_code = code_without_answer(member);
        return;
    }
    part->exit_code = left.ending.rc;
    if (left.ending.text[0] != '\0')
        part->error = arena_text(arena, left.ending.text);
    if (left.answer.len > 0 && report_get(left.answer, arena, &report, &err) == RC_OK)
        part->report = report;
    if (news_deferred())
        buf_put(news_deferred(), left.news.at, left.news.len);
    if (!part->report && left.ending.rc == RC_OK) {
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
    size_t strongest = ARRAY_LEN(results) - 1, targets = 0;

    for (size_t i = 0; i < count; i++)
        targets += !parts[i].is_joint;
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
    return FAIL(err, results[strongest].rc, "of %zu target%s %s", targets, targets == 1 ? "" : "s",
                buf_text(&words));
}

/* As each of them would have one by itself. */
static bool wants_screen(const Conf *conf)
{
    const Command *command = conf_command(conf);
    bool has_details = opt_is_taken(opt_spec(OPT_DETAILS), command) && conf_flag(conf, OPT_DETAILS);

    return opt_is_taken(opt_spec(OPT_ALL), command) && !conf_flag(conf, OPT_ALL) && !has_details;
}

static Rc answer(const Fleet *fleet, Output *output, const ReportPart *joint, size_t joint_count,
                 Arena *arena, Err *err)
{
    size_t count = fleet->count + joint_count;
    ReportPart *parts = arena_alloc_array(arena, count, sizeof(*parts));

    for (size_t i = 0; i < fleet->count; i++)
        read_part(&fleet->members[i], &parts[i], arena);
    if (joint_count > 0)
        (void)memcpy(parts + fleet->count, joint, joint_count * sizeof(*joint));
    Report *report = report_combine(conf_command(fleet->conf)->name, parts, count, arena);
    output->limit = 0; // of each target, which has cut its own
    output->style.is_screen = wants_screen(fleet->conf);
    bool is_alone = count == 1 && parts[0].report && output->style.is_screen &&
                    output->format == CHOICE_FORMAT_TEXT;
    TRY(output_write(output, is_alone ? parts[0].report : report, err));
    if (count == 1 && parts[0].report)
        output_tell(parts[0].report);
    return verdict_of(parts, count, err);
}

/* ---- what they tell together ----------------------------------------------------------------- */

/* The second round: those that are asked something, in processes of their own as before. */
static Rc ask_members(const Fleet *first, AcrossMember *members, Fleet *second, Err *err)
{
    second->conf = first->conf;
    second->most = first->most;
    second->members = arena_alloc_array(&second->arena, first->count + 1, sizeof(*second->members));
    for (size_t i = 0; i < first->count; i++)
        if (members[i].question.len > 0)
            second->members[second->count++] =
                member_of(first->members[i].name, first->members[i].target, members[i].question);
    return run_all(second, err);
}

static void take_answer(const Member *member, AcrossMember *to, Arena *arena)
{
    Left left = {0};

    if (!split_answer(member, &left))
        to->error = without_answer(member, arena);
    else if (left.ending.rc != RC_OK)
        to->error = arena_text(arena, left.ending.text);
    to->answer = left.answer;
    if (to->error)
        to->answer = (Str){0};
}

static void take_answers(const Fleet *second, AcrossMember *members, size_t count, Arena *arena)
{
    size_t at = 0;

    for (size_t i = 0; i < count; i++)
        if (members[i].question.len > 0)
            take_answer(&second->members[at++], &members[i], arena);
}

static size_t take_offers(const Fleet *fleet, AcrossMember *members)
{
    size_t offered = 0;

    for (size_t i = 0; i < fleet->count; i++) {
        Left left = {0};
        members[i] = (AcrossMember){.target = fleet->members[i].name};
        if (fleet->members[i].is_ended && split_answer(&fleet->members[i], &left))
            members[i].offered = left.beside;
        offered += members[i].offered.len > 0;
    }
    return offered;
}

typedef struct Joint { // what the targets told together
    Fleet second;
    void *state;
    const CommandAcross *across;
    const ReportPart *parts;
    size_t count;
} Joint;

static void joint_done(Joint *joint)
{
    if (joint->across)
        joint->across->end(joint->state);
    fleet_done(&joint->second);
}

static Rc join(Fleet *fleet, Joint *joint, Err *err)
{
    const CommandAcross *across = conf_command(fleet->conf)->across;
    AcrossMember *members = arena_alloc_array(&fleet->arena, fleet->count, sizeof(*members));

    if (!across || take_offers(fleet, members) < 2)
        return RC_OK;
    joint->across = across;
    TRY(across->ask(fleet->conf, members, fleet->count, &joint->state, err));
    TRY(ask_members(fleet, members, &joint->second, err));
    take_answers(&joint->second, members, fleet->count, &fleet->arena);
    return across->conclude(fleet->conf, joint->state, members, fleet->count, &fleet->arena,
                            &joint->parts, &joint->count, err);
}

/* What each of them told stands, whatever became of the rest. */
static void tell_unjoined(Fleet *fleet, Joint *joint, const Err *err)
{
    ReportPart *part = arena_alloc(&fleet->arena, sizeof(*part));
    Report *report = report_new(&fleet->arena, conf_command(fleet->conf)->name, "Targets");

    report_warning(report, "the targets were not compared with each other: %s", err->text);
    *part = (ReportPart){.is_joint = true, .report = report, .exit_code = RC_QUERY};
    joint->parts = part;
    joint->count = 1;
}

Rc fleet_run(Conf *conf, Err *err)
{
    AUTO(fleet_done) Fleet fleet = {.conf = conf};
    AUTO(joint_done) Joint joint = {0};
    AUTO(output_close) Output output = {0};
    Err stopped = {0};

    TRY(pick(&fleet, err));
    TRY(output_open(conf, &output, err));
    conf_password_keep(conf);
    TRY(authentication_keep(conf, err));
    if (opt_is_taken(opt_spec(OPT_SIGNATURES), conf_command(conf)))
        signatures_make_ready(conf);
    Rc rc = run_all(&fleet, &stopped);
    if (rc != RC_OK && rc != RC_STOPPED) {
        *err = stopped;
        return rc;
    }
    if (rc == RC_OK)
        rc = join(&fleet, &joint, &stopped);
    if (rc != RC_OK && rc != RC_STOPPED)
        tell_unjoined(&fleet, &joint, &stopped);
    /* of those that ended, when it was stopped */
    Rc all = answer(&fleet, &output, joint.parts, joint.count, &fleet.arena, err);
    if (rc == RC_STOPPED)
        *err = stopped;
    return rc == RC_STOPPED ? rc : all;
}
