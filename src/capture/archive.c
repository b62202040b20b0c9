/* What a cleanup is about to delete, into a file. */
#include "ssisminer/capture/archive.h"

#include "reading.h"

#include "ssisminer/base/file.h"
#include "ssisminer/base/log.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/str.h"
#include "ssisminer/tds/transient.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    REREADS = 5,
    ROUNDS = 4, // each without what the one before met locks on
    RULE_ARGS = 4
};

typedef struct ArchivedPart {
    Part part;
    bool is_kept;
} ArchivedPart;

static const ArchivedPart archived[] = {
#define ARCHIVED(statement, what, table, kind, key, needs, is_kept)                                \
    {{SQL_CAPTURE_##statement, what, table, put_##kind, key, needs, ENDS, NULL}, is_kept},
#include "archived.def"
#undef ARCHIVED
};

/* The tables of the log that the file may have rows in. */
static const struct {
    const char *table, *key;
} trimmed[] = {
#define LOG_TABLE(id, table, key, ...) {"internal." #table, #key},
#include "ssisminer/ssisdb/log_tables.def"
#undef LOG_TABLE
};

/* What is being put: operations in the order of their ids. */
typedef struct Batch {
    const int64_t *ids;
    size_t count;
    bool *is_put, *was_known;
    bool *is_locked; // others hold locks on its rows: not now
} Batch;

struct Archive {
    const Ssisdb *db;
    const ArchiveWish *wish;
    CaptureFile *file;
    ArchiveTold told;
    int64_t run;
    Batch batch;
    const ArchivedPart *part; // that is being read
    int key;                  // its column with the operation's id
    int64_t executions;       // of this round, that the file did not have
};

/* ---- the file as it is ----------------------------------------------------------------------- */

static Rc refuse_unwritable(const char *path, const char *what, Err *err)
{
    (void)FAIL(err, RC_USAGE, "cannot write the archive '%s': %s: %s", path, what, strerror(errno));
    return err_hint(err,
                    "the file and its folder must be there and writable by this user: nothing is "
                    "deleted without its archive");
}

static Rc check_folder(const char *path, Arena *arena, Err *err)
{
    const char *slash = strrchr(path, '/');
    const char *folder = !slash          ? "."
                         : slash == path ? "/"
                                         : arena_copy(arena, path, (size_t)(slash - path));

    return access(folder, W_OK | X_OK) == 0 ? RC_OK : refuse_unwritable(path, "its folder", err);
}

static Rc check_kind(const Ssisdb *db, const ArchiveWish *wish, const CaptureHead *head, Err *err)
{
    const CaptureHead own = {
        .server = db->server_name, .database = db->database_name, .is_archive = true};

    TRY(capture_check_owner(db, head, &own, wish->path, err));
    if (str_same(head->flavor, capture_flavor(db)))
        return RC_OK;
    (void)FAIL(err, RC_USAGE, "the archive '%s' is of another kind of server: %s, not %s",
               wish->path, head->flavor, capture_flavor(db));
    return err_hint(err,
                    "was the server upgraded? Name another file: nothing in this one was changed");
}

static Instant stale_before(const ArchiveWish *wish, const Ssisdb *db)
{
    return wish->keep_ticks > 0 ? time_add(db->server_now, -wish->keep_ticks) : (Instant){0};
}

Rc archive_look(const Ssisdb *db, const ArchiveWish *wish, Arena *arena, ArchiveLook *ret_look,
                Err *err)
{
    struct stat is;

    *ret_look = (ArchiveLook){0};
    TRY(check_folder(wish->path, arena, err));
    if (stat(wish->path, &is) != 0)
        return errno == ENOENT ? RC_OK : refuse_unwritable(wish->path, "it", err);
    if (S_ISREG(is.st_mode) && is.st_size == 0)
        return RC_OK; // a run that was killed before it had anything
    if (access(wish->path, W_OK) != 0)
        return refuse_unwritable(wish->path, "it", err);
    TRY(archive_read(wish->path, stale_before(wish, db), arena, &ret_look->head, &ret_look->held,
                     err));
    TRY(check_kind(db, wish, &ret_look->head, err));
    ret_look->is_there = true;
    return RC_OK;
}

/* ---- a run ----------------------------------------------------------------------------------- */

/* Whoever reads it may see all of it: it was read from the tables, whatever the login saw of the
 * views. */
static Rc permit(Archive *archive, Err *err)
{
    const Ssisdb *db = archive->db;

    return db->is_sysadmin || db->is_ssis_admin || db->is_logreader
               ? RC_OK
               : capture_file_answer(archive->file, "IS_MEMBER(ssis_admin)", 1, err);
}

static Rc begin(Archive *archive, Arena *arena, Err *err)
{
    const Ssisdb *db = archive->db;
    const ArchiveWish *wish = archive->wish;
    CaptureHead before;

    TRY(capture_file_head(archive->file, arena, &before, err));
    if (before.run > 0)
        TRY(check_kind(db, wish, &before, err));
    TRY(capture_file_shape(archive->file, err));
    archive->run = before.run + 1;
    const CaptureHead head = {.run = archive->run,
                              .server = db->server_name,
                              .database = db->database_name,
                              .program = wish->program,
                              .flavor = capture_flavor(db),
                              .now = db->server_now,
                              .has_all_messages = true};
    Capturing to = {.db = db, .file = archive->file, .arena = arena, .is_archive = true};
    TRY(capture_file_begin(archive->file, &head, err));
    TRY(parts_read_whole(&to, err));
    TRY(permit(archive, err));
    return capture_file_mark(
        archive->file, wish->has_all_operations && (before.run == 0 || before.has_all_operations),
        err);
}

/* The names and what the server is are there before the first operation. */
static Rc open_new(Archive *archive, Err *err)
{
    AUTO(arena_done) Arena arena = {0};

    TRY(capture_file_open_archive(archive->wish->path, archive->wish->template_path, &archive->file,
                                  err));
    TRY(begin(archive, &arena, err));
    return capture_file_sync(archive->file, err);
}

/* The same read may succeed on another connection. */
static bool may_read_again(const Archive *archive, int *rereads, Err *err)
{
    if (err->rc != RC_QUERY || !tds_may_reread(archive->db->tds) || *rereads == REREADS)
        return false;
    ++*rereads;
    log_note("%s; archiving again", err->text);
    *err = (Err){0};
    return true;
}

Rc archive_open(const Ssisdb *db, const ArchiveWish *wish, Archive **ret_archive, Err *err)
{
    AUTO(archive_close_at) Archive *archive = mem_alloc(sizeof(*archive));
    size_t statements = tds_statement_count(db->tds);
    int rereads = 0;
    Err why = {0};

    *archive = (Archive){.db = db, .wish = wish};
    while (open_new(archive, &why) != RC_OK) {
        capture_file_close(archive->file);
        archive->file = NULL;
        if (!may_read_again(archive, &rereads, &why)) {
            *err = why;
            return err->rc;
        }
    }
    archive->told.statements += (int64_t)(tds_statement_count(db->tds) - statements);
    *ret_archive = archive;
    archive = NULL;
    return RC_OK;
}

void archive_close(Archive *archive)
{
    if (!archive)
        return;
    capture_file_close(archive->file);
    free(archive);
}

void archive_close_at(Archive **archive)
{
    archive_close(*archive);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Its place in the batch; count: none of it. */
static size_t place_of(const Batch *batch, int64_t id)
{
    const int64_t *at =
        batch->count > 0 ? bsearch(&id, batch->ids, batch->count, sizeof(id), by_id) : NULL;

    return at ? (size_t)(at - batch->ids) : batch->count;
}

static Rc takes_operation(Archive *archive, const TdsRows *rows, size_t at, Err *err)
{
    Instant created = tds_time(rows, SQL_CAPTURE_ARCHIVED_OPERATIONS__CREATED_TIME);

    TRY(capture_file_knows(archive->file, archive->batch.ids[at], created,
                           &archive->batch.was_known[at], err));
    archive->batch.is_put[at] = true;
    return capture_file_archived(archive->file, archive->batch.ids[at], err);
}

/* A message that came since it was put the first time is new to the file; the others are there. */
static Rc takes_message(Archive *archive, const TdsRows *rows, bool *ret_takes, Err *err)
{
    Str guid = tds_text(rows, SQL_CAPTURE_ARCHIVED_MESSAGES__EVENT_MESSAGE_GUID);
    bool has = false;

    if (!tds_is_null(rows, SQL_CAPTURE_ARCHIVED_MESSAGES__EVENT_MESSAGE_ID) || !guid.at)
        return RC_OK;
    TRY(capture_file_has_message(archive->file, guid, &has, err));
    *ret_takes = !has;
    return RC_OK;
}

/* Of an operation that is in the file already, whole, since it came there in one transaction, only
 * what has a key of its own comes again. */
static Rc takes(void *context, const TdsRows *rows, bool *ret_takes, Err *err)
{
    Archive *archive = context;
    const Part *part = &archive->part->part;

    *ret_takes = archive->key < 0;
    if (*ret_takes)
        return RC_OK;
    size_t at = place_of(&archive->batch, tds_i64(rows, archive->key));
    if (at == archive->batch.count || archive->batch.is_locked[at])
        return RC_OK;
    if (part->put == put_OPERATIONS)
        TRY(takes_operation(archive, rows, at, err));
    bool was_known = archive->batch.was_known[at];
    *ret_takes = archive->batch.is_put[at] && (archive->part->is_kept || !was_known);
    archive->executions += *ret_takes && !was_known && part->id == SQL_CAPTURE_ARCHIVED_EXECUTIONS;
    if (*ret_takes && was_known && part->put == put_MESSAGES)
        return takes_message(archive, rows, ret_takes, err);
    return RC_OK;
}

static int key_column(const Part *part)
{
    const SqlAsset *asset = sql_asset(part->id);

    for (size_t i = 0; part->key && i < asset->column_count; i++)
        if (strcmp(asset->columns[i].name, part->key) == 0)
            return (int)i;
    return -1;
}

/* ---- operations ------------------------------------------------------------------------------ */

static bool has_any(const Batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->is_put[i])
            return true;
    return false;
}

/* Whoever was there before is not told again. */
static int64_t new_operations(const Batch *batch)
{
    int64_t count = 0;

    for (size_t i = 0; i < batch->count; i++)
        count += batch->is_put[i] && !batch->was_known[i];
    return count;
}

static Rc read_parts(Archive *archive, Capturing *to, ArchiveTold *told, Err *err)
{
    CapturedPart *read = to->captured.parts;

    for (size_t i = 0; i < ARRAY_LEN(archived); i++) {
        archive->part = &archived[i];
        archive->key = key_column(&archived[i].part);
        TRY(part_read(to, &archived[i].part, err));
        if (archived[i].part.put == put_OPERATIONS && !has_any(&archive->batch))
            return RC_OK;
        told->messages += archived[i].part.put == put_MESSAGES ? read[i].rows : 0;
    }
    told->operations += new_operations(&archive->batch);
    told->executions += archive->executions;
    return RC_OK;
}

/* What the reads went around lacks rows: then none of it is put. True when there is more of it than
 * the round before knew of. */
static bool met_locks(Archive *archive, size_t skipped_before)
{
    const TdsSpan *spans = NULL;
    size_t count = tds_skipped(archive->db->tds, &spans);
    Batch *batch = &archive->batch;
    bool has_more = false;

    for (size_t i = skipped_before; i < count; i++)
        for (size_t k = 0; k < batch->count; k++)
            if (!batch->is_locked[k] && batch->ids[k] >= spans[i].first &&
                batch->ids[k] <= spans[i].last)
                has_more = batch->is_locked[k] = true;
    tds_skipped_back_to(archive->db->tds, skipped_before);
    return has_more;
}

static void forget(Batch *batch)
{
    memset(batch->is_put, 0, batch->count * sizeof(bool));
    memset(batch->was_known, 0, batch->count * sizeof(bool));
}

/* In one transaction, which is not ended. */
static Rc put_round(Archive *archive, ArchiveTold *told, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    const ArchiveWish *wish = archive->wish;
    const Batch *batch = &archive->batch;
    const TdsArg rule_args[RULE_ARGS] = {
        {.name = "cutoff", .time = wish->cutoff},
        {.name = "failed_cutoff", .time = wish->failed_cutoff},
        {.name = "with_created", .i64 = true},
        {.name = "all_operations", .i64 = wish->has_all_operations}};
    Capturing to = {.db = archive->db,
                    .file = archive->file,
                    .arena = &arena,
                    .first_id = batch->ids[0],
                    .last_id = batch->ids[batch->count - 1],
                    .is_archive = true,
                    .takes = takes,
                    .takes_context = archive,
                    .rule_args = rule_args,
                    .rule_arg_count = ARRAY_LEN(rule_args)};

    *told = archive->told;
    archive->executions = 0;
    forget(&archive->batch);
    to.captured.head.run = archive->run;
    to.captured.parts = arena_alloc_array(&arena, ARRAY_LEN(archived), sizeof(*to.captured.parts));
    TRY(capture_file_again(archive->file, err));
    return read_parts(archive, &to, told, err);
}

static Rc put_rounds(Archive *archive, Err *err)
{
    size_t skipped = tds_skipped(archive->db->tds, &(const TdsSpan *){0});
    ArchiveTold told;

    for (int round = 0; round < ROUNDS; round++) {
        TRY(put_round(archive, &told, err));
        if (!met_locks(archive, skipped)) {
            TRY(capture_file_sync(archive->file, err));
            archive->told = told;
            return RC_OK;
        }
        capture_file_abandon(archive->file);
    }
    forget(&archive->batch);
    return RC_OK;
}

static Rc put_some(Archive *archive, const int64_t *ids, size_t count, bool *ret_put, Err *err);

/* What is too much at once is put in two halves. */
static Rc put_halves(Archive *archive, const int64_t *ids, size_t count, bool *ret_put, Err *err)
{
    size_t half = count / 2;

    TRY(put_some(archive, ids, half, ret_put, err));
    return put_some(archive, ids + half, count - half, ret_put + half, err);
}

static Rc put_some(Archive *archive, const int64_t *ids, size_t count, bool *ret_put, Err *err)
{
    AUTO(mem_free_at) bool *flags = mem_alloc(2 * count * sizeof(bool));
    int rereads = 0;
    Err why = {0};

    memset(flags, 0, 2 * count * sizeof(bool));
    archive->batch = (Batch){.ids = ids,
                             .count = count,
                             .is_put = ret_put,
                             .was_known = flags,
                             .is_locked = flags + count};
    while (put_rounds(archive, &why) != RC_OK) {
        capture_file_abandon(archive->file);
        forget(&archive->batch);
        if (may_read_again(archive, &rereads, &why))
            continue;
        if (why.rc == RC_QUERY && count > 1 && tds_remedy(why.number) == TDS_SMALLER)
            return put_halves(archive, ids, count, ret_put, err);
        *err = why;
        return err->rc;
    }
    return RC_OK;
}

Rc archive_put(Archive *archive, const int64_t *ids, size_t count, bool *ret_put, Err *err)
{
    size_t statements = tds_statement_count(archive->db->tds);

    if (count == 0)
        return RC_OK;
    Rc rc = put_some(archive, ids, count, ret_put, err);
    archive->told.statements += (int64_t)(tds_statement_count(archive->db->tds) - statements);
    return rc;
}

/* ---- its end --------------------------------------------------------------------------------- */

static Rc trim(Archive *archive, int64_t *ret_trimmed, Err *err)
{
    CaptureFile *file = archive->file;

    TRY(capture_file_again(file, err));
    TRY(capture_file_stale(file, stale_before(archive->wish, archive->db), ret_trimmed, err));
    for (size_t i = 0; *ret_trimmed > 0 && i < ARRAY_LEN(trimmed); i++)
        if (capture_file_has_table(file, trimmed[i].table))
            TRY(capture_file_clear(file, trimmed[i].table, trimmed[i].key, err));
    if (*ret_trimmed > 0)
        TRY(capture_file_clear_idle_executables(file, err));
    return capture_file_sync(file, err);
}

Rc archive_trim(Archive *archive, Err *err)
{
    int64_t stale = 0;

    if (archive->wish->keep_ticks > 0) {
        Rc rc = trim(archive, &stale, err);
        capture_file_abandon(archive->file);
        TRY(rc);
    }
    archive->told.trimmed += stale;
    return RC_OK;
}

ArchiveTold archive_told(const Archive *archive)
{
    ArchiveTold told = archive->told;
    struct stat is;

    told.bytes = stat(archive->wish->path, &is) == 0 ? (int64_t)is.st_size : 0;
    return told;
}
