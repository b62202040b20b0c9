/*
 * Several files at a time, one answer. Each file has findings of its own, which are moved into
 * the whole in the order of the files; lines of JSON wait in a file without a name until then.
 */
#include "kept.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/os/os.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS_MAX = 4 };

typedef struct Part { // of one file that is being read, or waits to be moved
    Findings *findings;
    FILE *spool;
    LogTally tally;
    Rc rc;
    Err err;
    bool is_done;
} Part;

typedef struct Crew {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const LogRequest *how;
    const ScanFiles *files;
    Part parts[THREADS_MAX + 1];
    size_t part_count;
    size_t next, moved; // files that were begun, and that are part of the whole
    bool is_over;       // no further file is begun
} Crew;

/* ---- one file -------------------------------------------------------------------------------- */

static void read_file(Crew *crew, size_t index)
{
    Part *part = &crew->parts[index % crew->part_count];
    LogRequest request = *crew->how;

    request.on_record = findings_take;
    request.context = part->findings;
    part->rc = scan_file(&request, &crew->files->at[index], &part->tally, &part->err);
}

static void *work(void *context)
{
    Crew *crew = context;

    (void)pthread_mutex_lock(&crew->lock);
    for (;;) {
        while (!crew->is_over && crew->next < crew->files->count &&
               crew->next >= crew->moved + crew->part_count)
            (void)pthread_cond_wait(&crew->changed, &crew->lock);
        if (crew->is_over || crew->next >= crew->files->count)
            break;
        size_t index = crew->next++;
        (void)pthread_mutex_unlock(&crew->lock);
        read_file(crew, index);
        (void)pthread_mutex_lock(&crew->lock);
        Part *part = &crew->parts[index % crew->part_count];
        part->is_done = true;
        crew->is_over = crew->is_over || part->rc != RC_OK;
        (void)pthread_cond_broadcast(&crew->changed);
    }
    (void)pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* {"record":17,… of the file becomes that of the whole. */
static Rc move_lines(Part *part, FILE *lines, size_t number_before, Err *err)
{
    static const char head[] = "{\"record\":";
    AUTO(mem_free_at) char *line = NULL;
    size_t size = 0;
    ssize_t len;

    rewind(part->spool);
    while ((len = getline(&line, &size, part->spool)) > 0) {
        char *rest = NULL;
        size_t number = strtoull(line + sizeof(head) - 1, &rest, 10) + number_before;
        if (fprintf(lines, "%s%zu", head, number) < 0 || fputs(rest, lines) == EOF)
            return FAIL(err, RC_USAGE, "cannot write the answer");
    }
    if (ferror(part->spool) || ftruncate(fileno(part->spool), 0) != 0)
        return FAIL(err, RC_USAGE, "cannot keep the answer of a file: %s", strerror(errno));
    rewind(part->spool);
    return RC_OK;
}

static void note_file(Findings *findings, const char *path, const LogTally *tally)
{
    if (findings->file_count == FINDINGS_FILES)
        return;
    findings->files =
        arena_grow(&findings->kept, findings->files, findings->file_count, findings->file_count + 1,
                   &findings->file_capacity, sizeof(FileNote));
    findings->files[findings->file_count++] = (FileNote){
        arena_text(&findings->kept, str_same(path, "-") ? "standard input" : path), *tally};
}

static Rc move_part(Findings *findings, const char *path, Part *part, Scan *counts, Err *err)
{
    size_t before = counts->record_count;

    counts->file_count++;
    counts->record_count += part->tally.record_count;
    counts->trouble_count += part->tally.trouble_count;
    note_file(findings, path, &part->tally);
    if (part->spool)
        TRY(move_lines(part, findings->lines, before, err));
    findings_move(findings, part->findings, before);
    if (part->rc != RC_OK)
        *err = part->err;
    return part->rc;
}

/* False when that file is never begun. */
static bool wait_for(Crew *crew, size_t index)
{
    Part *part = &crew->parts[index % crew->part_count];

    (void)pthread_mutex_lock(&crew->lock);
    while (!part->is_done && !(crew->is_over && crew->next <= index))
        (void)pthread_cond_wait(&crew->changed, &crew->lock);
    bool is_done = part->is_done;
    (void)pthread_mutex_unlock(&crew->lock);
    return is_done;
}

static void let_go_on(Crew *crew, size_t index, bool is_over)
{
    (void)pthread_mutex_lock(&crew->lock);
    crew->parts[index % crew->part_count].is_done = false;
    crew->moved++;
    crew->is_over = crew->is_over || is_over;
    (void)pthread_cond_broadcast(&crew->changed);
    (void)pthread_mutex_unlock(&crew->lock);
}

static Rc move_all(Crew *crew, Findings *findings, Scan *counts, Err *err)
{
    Rc rc = RC_OK;

    for (size_t i = 0; i < crew->files->count && rc == RC_OK && wait_for(crew, i); i++) {
        rc = move_part(findings, crew->files->at[i].path, &crew->parts[i % crew->part_count],
                       counts, err);
        let_go_on(crew, i, rc != RC_OK);
    }
    return rc;
}

static void crew_done(Crew *crew)
{
    for (size_t i = 0; i < crew->part_count; i++) {
        findings_free_at(&crew->parts[i].findings);
        if (crew->parts[i].spool)
            (void)fclose(crew->parts[i].spool);
    }
    (void)pthread_cond_destroy(&crew->changed);
    (void)pthread_mutex_destroy(&crew->lock);
}

static Rc make_parts(Crew *crew, const Findings *findings, size_t threads, Err *err)
{
    crew->part_count = threads + 1;
    for (size_t i = 0; i < crew->part_count; i++) {
        Part *part = &crew->parts[i];
        if (findings->lines && !(part->spool = tmpfile()))
            return FAIL(err, RC_USAGE, "cannot keep the answers of several files: %s",
                        strerror(errno));
        part->findings = findings_new(findings->set, part->spool, findings->record_max);
    }
    return RC_OK;
}

static Rc read_together(Findings *findings, const LogRequest *how, const ScanFiles *files,
                        size_t threads, Scan *counts, Err *err)
{
    AUTO(crew_done)
    Crew crew = {.lock = PTHREAD_MUTEX_INITIALIZER,
                 .changed = PTHREAD_COND_INITIALIZER,
                 .how = how,
                 .files = files};
    pthread_t ids[THREADS_MAX];
    size_t started = 0;

    TRY(make_parts(&crew, findings, threads, err));
    while (started < threads && pthread_create(&ids[started], NULL, work, &crew) == 0)
        started++;
    Rc rc = started > 0 ? move_all(&crew, findings, counts, err)
                        : FAIL(err, RC_QUERY, "cannot start a thread: %s", strerror(errno));
    for (size_t i = 0; i < started; i++)
        (void)pthread_join(ids[i], NULL);
    return rc;
}

/* Without other threads; lines are written at once. */
static Rc read_in_turn(Findings *findings, const LogRequest *how, const ScanFiles *files,
                       Scan *counts, Err *err)
{
    AUTO(findings_free_at)
    Findings *part = findings_new(findings->set, findings->lines, findings->record_max);
    Rc rc = RC_OK;

    for (size_t i = 0; i < files->count && rc == RC_OK; i++) {
        Part whole = {.findings = part};
        LogRequest request = *how;
        request.on_record = findings_take;
        request.context = part;
        request.number_before = findings->lines ? counts->record_count : 0;
        whole.rc = scan_file(&request, &files->at[i], &whole.tally, &whole.err);
        rc = move_part(findings, files->at[i].path, &whole, counts, err);
    }
    return rc;
}

Rc findings_read(Findings *findings, const LogRequest *how, const ScanFiles *files,
                 Scan *ret_counts, Err *err)
{
    size_t threads = os_processors();

    threads = threads < THREADS_MAX ? threads : THREADS_MAX;
    threads = threads < files->count ? threads : files->count;
    return threads > 1 ? read_together(findings, how, files, threads, ret_counts, err)
                       : read_in_turn(findings, how, files, ret_counts, err);
}
