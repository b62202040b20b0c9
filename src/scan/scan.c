/* Paths to files, files to the reader that fits. */
#include "internal.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/stop.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_BYTES = 64 * 1024 };

/* ---- records -----------------------------------------------------------------------------------
 */

Rc reader_tell(Reader *reader, ScanRecord *record, Err *err)
{
    if (stop_wanted())
        return FAIL(err, RC_STOPPED, "stopped at %s:%zu", reader->name, record->line);
    record->file = reader->name;
    record->number = ++reader->scan->record_count;
    reader->file_record++;
    return reader->scan->on_record(reader->scan->context, record, err);
}

Rc reader_tell_trouble(Reader *reader, size_t line, size_t column, const char *why, Err *err)
{
    const char *trouble =
        column > 0 ? arena_printf(&reader->arena, "%s:%zu:%zu: %s", reader->name, line, column, why)
                   : arena_printf(&reader->arena, "%s:%zu: %s", reader->name, line, why);
    ScanRecord record = {.line = line, .trouble = trouble};

    reader->scan->trouble_count++;
    return reader_tell(reader, &record, err);
}

/* ---- one file ----------------------------------------------------------------------------------
 */

static Rc read_json(Reader *reader, JsonKind kind, Err *err)
{
    return kind == JSON_WHOLE ? json_read_whole(reader, err) : json_read_lines(reader, err);
}

/* A text has no NUL in it. */
static bool is_binary(Str head)
{
    enum { LOOK = 8 * 1024 };

    return head.len > 0 && memchr(head.at, '\0', head.len < LOOK ? head.len : LOOK);
}

static Rc read_as_seen(Reader *reader, Str head, bool is_all, Err *err)
{
    JsonKind kind = json_kind(head, is_all);

    if (is_binary(head))
        return reader_tell_trouble(reader, 1, 0, "this is no text: the file is left out", err);
    if (kind != JSON_NONE)
        return read_json(reader, kind, err);
    return csv_is_export(head) ? csv_read(reader, err) : lines_read(reader, err);
}

static Rc read_as(Reader *reader, Err *err)
{
    Str head;

    TRY(source_peek(&reader->source, HEAD_BYTES, &head, err));
    bool is_all = reader->source.is_at_end;
    switch (reader->scan->form) {
    case SCAN_AUTO:
        return read_as_seen(reader, head, is_all, err);
    case SCAN_LINES:
        return lines_read(reader, err);
    case SCAN_JSONL:
        return json_read_lines(reader, err);
    case SCAN_ADF:
        return read_json(reader, json_kind(head, is_all), err);
    case SCAN_LOG_ANALYTICS:
        return json_kind(head, is_all) == JSON_NONE
                   ? csv_read(reader, err)
                   : read_json(reader, json_kind(head, is_all), err);
    }
    return RC_OK;
}

static void reader_done(Reader *reader)
{
    source_done(&reader->source);
    arena_done(&reader->arena);
}

Rc scan_stream(Scan *scan, FILE *stream, const char *name, Err *err)
{
    AUTO(reader_done) Reader reader = {.scan = scan, .name = name};

    scan->file_count++;
    source_start(&reader.source, stream, SCAN_JSON_MAX);
    return read_as(&reader, err);
}

/* ---- paths -------------------------------------------------------------------------------------
 */

static void file_close_at(FILE **file)
{
    if (*file)
        (void)fclose(*file);
}

static Rc scan_file(Scan *scan, const char *path, Err *err)
{
    AUTO(file_close_at) FILE *stream = fopen(path, "rb");

    if (!stream)
        return FAIL(err, RC_USAGE, "cannot read '%s': %s", path, strerror(errno));
    return scan_stream(scan, stream, path, err);
}

static int is_visible(const struct dirent *item)
{
    return item->d_name[0] != '.';
}

typedef struct Listing {
    struct dirent **items;
    int count;
} Listing;

static void listing_done(Listing *listing)
{
    for (int i = 0; i < listing->count; i++)
        free(listing->items[i]);
    free(listing->items);
}

/* What lies in a folder may come and go: it is told as trouble, and the rest is read. */
static Rc tell_path_trouble(Scan *scan, const char *path, const char *why, Err *err)
{
    AUTO(reader_done) Reader reader = {.scan = scan, .name = path};

    return reader_tell_trouble(&reader, 1, 0, why, err);
}

static Rc scan_folder(Scan *scan, const char *path, int depth, Err *err);

static Rc scan_item(Scan *scan, const char *path, int depth, Err *err)
{
    struct stat info;

    if (lstat(path, &info) != 0 || access(path, R_OK) != 0)
        return tell_path_trouble(scan, path, strerror(errno), err);
    if (S_ISDIR(info.st_mode))
        return scan_folder(scan, path, depth + 1, err);
    if (S_ISLNK(info.st_mode) && (stat(path, &info) != 0 || !S_ISREG(info.st_mode)))
        return RC_OK; // a link to a folder may lead round in a circle
    return S_ISREG(info.st_mode) ? scan_file(scan, path, err) : RC_OK;
}

static Rc scan_folder(Scan *scan, const char *path, int depth, Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(listing_done) Listing listing = {0};

    if (depth > SCAN_DEPTH_MAX)
        return tell_path_trouble(scan, path, "folders are nested too deeply", err);
    listing.count = scandir(path, &listing.items, is_visible, alphasort);
    if (listing.count < 0)
        return tell_path_trouble(scan, path, strerror(errno), err);
    for (int i = 0; i < listing.count; i++)
        TRY(scan_item(scan, arena_printf(&arena, "%s/%s", path, listing.items[i]->d_name), depth,
                      err));
    return RC_OK;
}

Rc scan_path(Scan *scan, const char *path, Err *err)
{
    struct stat info;

    if (str_same(path, "-"))
        return scan_stream(scan, stdin, "standard input", err);
    if (stat(path, &info) != 0)
        return FAIL(err, RC_USAGE, "cannot read '%s': %s", path, strerror(errno));
    return S_ISDIR(info.st_mode) ? scan_folder(scan, path, 0, err) : scan_file(scan, path, err);
}
