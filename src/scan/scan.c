/* Paths to files. */
#include "ssisminer/scan/scan.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/os/os.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the list -------------------------------------------------------------------------------- */

static void add_file(ScanFiles *files, const char *path, const char *why, Arena *arena)
{
    files->at = arena_grow(arena, files->at, files->count, files->count + 1, &files->capacity,
                           sizeof(*files->at));
    files->at[files->count++] = (ScanFile){arena_text(arena, path), arena_text(arena, why)};
}

typedef struct Listing {
    char **names;
    int count;
} Listing;

static void listing_done(Listing *listing)
{
    os_names_free(listing->names, listing->count);
}

static void list_folder(ScanFiles *files, const char *path, int depth, Arena *arena);

/* What lies in a folder may come and go: it is told as trouble, and the rest is read. */
static void list_item(ScanFiles *files, const char *path, int depth, Arena *arena)
{
    struct stat info;

    if (lstat(path, &info) != 0 || access(path, R_OK) != 0) {
        add_file(files, path, strerror(errno), arena);
        return;
    }
    if (S_ISDIR(info.st_mode)) {
        list_folder(files, path, depth + 1, arena);
        return;
    }
    if (S_ISLNK(info.st_mode) && stat(path, &info) != 0)
        return;
    if (S_ISREG(info.st_mode)) // a link to a folder may lead round in a circle
        add_file(files, path, NULL, arena);
}

static void list_folder(ScanFiles *files, const char *path, int depth, Arena *arena)
{
    AUTO(listing_done) Listing listing = {0};

    if (depth > SCAN_DEPTH_MAX) {
        add_file(files, path, "folders are nested too deeply", arena);
        return;
    }
    listing.count = os_list(path, &listing.names);
    if (listing.count < 0) {
        add_file(files, path, strerror(errno), arena);
        return;
    }
    for (int i = 0; i < listing.count; i++)
        list_item(files, arena_printf(arena, "%s/%s", path, listing.names[i]), depth, arena);
}

Rc scan_list(ScanFiles *files, const char *path, Arena *arena, Err *err)
{
    struct stat info;

    if (str_same(path, "-")) {
        add_file(files, path, NULL, arena);
        return RC_OK;
    }
    if (stat(path, &info) != 0 || access(path, R_OK) != 0)
        return FAIL(err, RC_USAGE, "cannot read '%s': %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode))
        list_folder(files, path, 0, arena);
    else
        add_file(files, path, NULL, arena);
    return RC_OK;
}

/* ---- reading them ---------------------------------------------------------------------------- */

static void file_close_at(FILE **file)
{
    if (*file)
        (void)fclose(*file);
}

static Rc tell_why(const LogRequest *request, const ScanFile *file, LogTally *ret_tally, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    LogRecord record = {.number = request->number_before + 1,
                        .file = file->path,
                        .line = 1,
                        .trouble = arena_printf(&arena, "%s:1: %s", file->path, file->why)};

    *ret_tally = (LogTally){.form = "nothing", .record_count = 1, .trouble_count = 1};
    return request->on_record(request->context, &record, err);
}

Rc scan_file(const LogRequest *request, const ScanFile *file, LogTally *ret_tally, Err *err)
{
    if (file->why)
        return tell_why(request, file, ret_tally, err);
    if (str_same(file->path, "-"))
        return log_read(request, stdin, "standard input", ret_tally, err);
    AUTO(file_close_at) FILE *stream = fopen(file->path, "rb");
    if (!stream)
        return FAIL(err, RC_USAGE, "cannot read '%s': %s", file->path, strerror(errno));
    return log_read(request, stream, file->path, ret_tally, err);
}

static void count(Scan *scan, const LogTally *tally)
{
    scan->file_count++;
    scan->record_count += tally->record_count;
    scan->trouble_count += tally->trouble_count;
}

Rc scan_stream(Scan *scan, FILE *stream, const char *name, Err *err)
{
    LogTally tally;

    scan->request.number_before = scan->record_count;
    Rc rc = log_read(&scan->request, stream, name, &tally, err);
    count(scan, &tally);
    return rc;
}

Rc scan_path(Scan *scan, const char *path, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    ScanFiles files = {0};

    TRY(scan_list(&files, path, &arena, err));
    for (size_t i = 0; i < files.count; i++) {
        LogTally tally = {0};
        scan->request.number_before = scan->record_count;
        TRY(scan_file(&scan->request, &files.at[i], &tally, err));
        count(scan, &tally);
    }
    return RC_OK;
}
