/* Packed files, read by libarchive, which is loaded when the first one comes. */
#include "archive.h"

#include "chars.h"

#include "ssisminer/base/mem.h"
#include "ssisminer/base/utf.h"
#include "ssisminer/os/os.h"

#include <archive.h>
#include <archive_entry.h>
#include <pthread.h>
#include <stdlib.h>

/* ---- the library ----------------------------------------------------------------------------- */

static const char soname[] = "libarchive.so.13";

static struct {
    struct archive *(*open_new)(void);
    int (*free)(struct archive *);
    int (*gzip)(struct archive *);
    int (*zstd)(struct archive *);
    int (*xz)(struct archive *);
    int (*bzip2)(struct archive *);
    int (*zip)(struct archive *);
    int (*tar)(struct archive *);
    int (*raw)(struct archive *);
    int (*open)(struct archive *, void *, archive_open_callback *, archive_read_callback *,
                archive_close_callback *);
    int (*next)(struct archive *, struct archive_entry **);
    la_ssize_t (*data)(struct archive *, void *, size_t);
    const char *(*error)(struct archive *);
    const char *(*name)(struct archive_entry *);
    int (*is_encrypted)(struct archive_entry *);
    __LA_MODE_T (*type)(struct archive_entry *);
} library;

/* Filters and formats one by one: "all" of them would start other programs. */
static const struct {
    const char *symbol;
    void *at;
} functions[] = {
    {"archive_read_new", &library.open_new},
    {"archive_read_free", &library.free},
    {"archive_read_support_filter_gzip", &library.gzip},
    {"archive_read_support_filter_zstd", &library.zstd},
    {"archive_read_support_filter_xz", &library.xz},
    {"archive_read_support_filter_bzip2", &library.bzip2},
    {"archive_read_support_format_zip", &library.zip},
    {"archive_read_support_format_tar", &library.tar},
    {"archive_read_support_format_raw", &library.raw},
    {"archive_read_open", &library.open},
    {"archive_read_next_header", &library.next},
    {"archive_read_data", &library.data},
    {"archive_error_string", &library.error},
    {"archive_entry_pathname", &library.name},
    {"archive_entry_is_encrypted", &library.is_encrypted},
    {"archive_entry_filetype", &library.type},
};

static pthread_once_t is_tried = PTHREAD_ONCE_INIT;
static bool is_loaded;

static void load(void)
{
    void *handle = os_library(soname);

    is_loaded = handle != NULL;
    for (size_t i = 0; i < ARRAY_LEN(functions) && is_loaded; i++)
        is_loaded = os_function(handle, functions[i].symbol, functions[i].at);
}

/* ---- what a file is -------------------------------------------------------------------------- */

typedef struct Magic {
    const char *bytes;
    size_t len, at;
    const char *refusal; // NULL: it can be unpacked
} Magic;

#define MAGIC(text) (text), sizeof(text) - 1

static const Magic magics[] = {
    {MAGIC("\x1F\x8B"), 0, NULL},
    {MAGIC("PK\3\4"), 0, NULL},
    {MAGIC("\x28\xB5\x2F\xFD"), 0, NULL},
    {MAGIC("\xFD"
           "7zXZ"),
     0, NULL},
    {MAGIC("BZh"), 0, NULL},
    {MAGIC("ustar"), 257, NULL},
    {MAGIC("7z\xBC\xAF\x27\x1C"), 0, "this is packed by 7-Zip: unpack it first"},
    {MAGIC("%PDF"), 0, "this is a PDF: save the report as CSV"},
    {MAGIC("ElfFile"), 0,
     "this is an event log as Windows keeps it: save it as XML or CSV in the event viewer"},
    {MAGIC("Obj\1"), 0, "this is Avro, of Event Hubs' capture: convert it to JSON"},
};

static const Magic *magic_of(const unsigned char *head, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(magics); i++)
        if (len >= magics[i].at + magics[i].len &&
            memcmp(head + magics[i].at, magics[i].bytes, magics[i].len) == 0)
            return &magics[i];
    return NULL;
}

bool archive_is_packed(const unsigned char *head, size_t len)
{
    const Magic *magic = magic_of(head, len);

    return magic && !magic->refusal;
}

const char *archive_refusal(const unsigned char *head, size_t len)
{
    const Magic *magic = magic_of(head, len);

    return magic ? magic->refusal : NULL;
}

/* ---- one archive ----------------------------------------------------------------------------- */

typedef struct Packed {
    struct archive *archive;
    Source *source; // of the packed bytes
    unsigned char bytes[64 * 1024];
    uint64_t in, out;
    bool is_bomb;
    bool is_broken; // in the entry at hand
    Err err;        // of the source
    Rc rc;
} Packed;

static void packed_done(Packed **packed)
{
    if (*packed && (*packed)->archive)
        (void)library.free((*packed)->archive);
    free(*packed);
}

static la_ssize_t give_packed(struct archive *archive, void *context, const void **ret_bytes)
{
    Packed *packed = context;
    size_t got = 0;

    (void)archive;
    packed->rc =
        source_raw(packed->source, packed->bytes, sizeof(packed->bytes), &got, &packed->err);
    *ret_bytes = packed->bytes;
    packed->in += got;
    return packed->rc == RC_OK ? (la_ssize_t)got : -1;
}

static bool is_too_much(const Packed *packed)
{
    uint64_t mb = 1024 * 1024;

    return packed->out > PACKED_OUT_MAX_MB * mb ||
           packed->out > PACKED_FREE_MB * mb + PACKED_RATIO_MAX * packed->in;
}

/* The bytes of the entry at hand, as a source reads them. */
static Rc give_unpacked(void *context, void *into, size_t len, size_t *ret_got, Err *err)
{
    Packed *packed = context;
    bool is_over = packed->is_bomb || packed->is_broken;
    la_ssize_t got = is_over ? 0 : library.data(packed->archive, into, len);

    *ret_got = 0;
    if (packed->rc != RC_OK) {
        *err = packed->err;
        return packed->rc;
    }
    packed->is_broken = packed->is_broken || got < 0;
    if (got <= 0)
        return RC_OK; // what came before it is read
    packed->out += (uint64_t)got;
    packed->is_bomb = is_too_much(packed);
    *ret_got = (size_t)got;
    return RC_OK;
}

static const char *label_of(const Reader *reader, struct archive_entry *entry, Arena *arena)
{
    const char *name = library.name(entry);

    if (!name || str_same(name, "data")) // of what is no archive, but packed
        return reader->name;
    AUTO(buf_done) Buf label = BUF(8192);
    buf_printf(&label, "%s!", reader->name);
    utf_put_valid(&label, name, strlen(name));
    return arena_text(arena, buf_text(&label));
}

static Rc tell_why_not(Reader *reader, const Packed *packed, Err *err)
{
    const char *why = library.error(packed->archive);

    if (packed->is_bomb)
        return reader_tell_trouble(
            reader, 1, 0, "the archive unpacks to far more than it holds: the rest is left out",
            err);
    return reader_tell_trouble(reader, 1, 0,
                               arena_printf(&reader->arena,
                                            "the archive is damaged or encrypted: %s",
                                            why ? why : "unknown reason"),
                               err);
}

static Rc read_entry(Reader *reader, Packed *packed, struct archive_entry *entry, ArchiveRead *read,
                     Err *err)
{
    AUTO(arena_done) Arena arena = {0};
    AUTO(reader_done)
    Reader inner = {.request = reader->request,
                    .name = label_of(reader, entry, &arena),
                    .tally = reader->tally,
                    .depth = reader->depth + 1};

    if (library.type(entry) != AE_IFREG && library.type(entry) != 0)
        return RC_OK;
    if (library.is_encrypted(entry))
        return reader_tell_trouble(&inner, 1, 0, "the entry is encrypted: unpack it first", err);
    packed->is_broken = false;
    source_start_from(&inner.source, give_unpacked, packed, LOG_JSON_MAX);
    TRY(read(&inner, err));
    return packed->is_broken || packed->is_bomb ? tell_why_not(&inner, packed, err) : RC_OK;
}

static bool open_archive(Packed *packed)
{
    struct archive *archive = packed->archive = library.open_new();

    return archive && library.gzip(archive) == ARCHIVE_OK && library.zstd(archive) == ARCHIVE_OK &&
           library.xz(archive) == ARCHIVE_OK && library.bzip2(archive) == ARCHIVE_OK &&
           library.zip(archive) == ARCHIVE_OK && library.tar(archive) == ARCHIVE_OK &&
           library.raw(archive) == ARCHIVE_OK &&
           library.open(archive, packed, NULL, give_packed, NULL) == ARCHIVE_OK;
}

/* Office's files are zips, too. */
static bool is_office(struct archive_entry *entry)
{
    return str_same(library.name(entry), "[Content_Types].xml");
}

static Rc read_all(Reader *reader, Packed *packed, ArchiveRead *read, Err *err)
{
    struct archive_entry *entry;
    int got = ARCHIVE_OK;

    for (size_t i = 0; i < PACKED_ENTRIES_MAX; i++) {
        got = library.next(packed->archive, &entry);
        if (packed->rc != RC_OK) {
            *err = packed->err;
            return packed->rc;
        }
        if (got == ARCHIVE_EOF)
            return RC_OK;
        if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
            return tell_why_not(reader, packed, err);
        if (is_office(entry))
            return reader_tell_trouble(
                reader, 1, 0, "this is a document of Office or a package: save it as CSV", err);
        TRY(read_entry(reader, packed, entry, read, err));
        if (packed->is_bomb)
            return RC_OK;
    }
    return reader_tell_trouble(reader, 1, 0, "more than 10,000 entries: the rest is left out", err);
}

Rc archive_read_entries(Reader *reader, ArchiveRead *read, Err *err)
{
    if (reader->depth >= PACKED_DEPTH_MAX)
        return reader_tell_trouble(reader, 1, 0,
                                   "archives in archives in archives: unpack it first", err);
    (void)pthread_once(&is_tried, load);
    if (!is_loaded)
        return reader_tell_trouble(reader, 1, 0,
                                   "this is packed: install libarchive13, or unpack it first", err);
    AUTO(packed_done) Packed *packed = mem_alloc(sizeof(*packed));
    packed->source = &reader->source;
    return open_archive(packed) ? read_all(reader, packed, read, err)
                                : tell_why_not(reader, packed, err);
}
