/*
 * Files that are packed: gzip, zip, zstd, tar, xz, bzip2. libarchive reads them; it is loaded when
 * the first such file comes, so that no other one pays for it.
 *
 * Limits: PACKED_* below; nothing is written to disk, names are labels.
 */
#ifndef SSISMINER_FORMS_ARCHIVE_INTERNAL_H
#define SSISMINER_FORMS_ARCHIVE_INTERNAL_H

#include "internal.h"

enum {
    PACKED_ENTRIES_MAX = 10000,
    PACKED_DEPTH_MAX = 2,    // archives in archives
    PACKED_RATIO_MAX = 250,  // bytes out for each byte in …
    PACKED_FREE_MB = 16,     // … beyond the first of them
    PACKED_OUT_MAX_MB = 8192 // of one file
};

/* What the first bytes of a file say: packed, or a reason why it cannot be read (lives for ever).
 */
bool archive_is_packed(const unsigned char *head, size_t len);
const char *archive_refusal(const unsigned char *head, size_t len);

/* Reads each entry by `read`, whose reader has the entry's name and source; a trouble for what
 * cannot be unpacked. */
typedef Rc ArchiveRead(Reader *reader, Err *err);
Rc archive_read_entries(Reader *reader, ArchiveRead *read, Err *err) MUST_CHECK;

#endif
