/* Between the files that write captures and archives. (Within the room.) */
#ifndef SSISMINER_STORE_CAPTURE_FILE_H
#define SSISMINER_STORE_CAPTURE_FILE_H

#include "sqlite.h"

#include "ssisminer/store/capture.h"

struct CaptureFile {
    StoreFile base;
    bool is_new;
    bool is_archive;
    char *program; // that wrote it last
    sqlite3_stmt *reread;
    sqlite3_stmt *known, *told; // an operation, a message of Scale Out: whether it is there
    sqlite3_stmt *archived;     // one by this run
    CaptureTable *tables;
};

/* Among the answers of functions, which none of the server's is called like: of an archive, whether
 * it has what ended well too. */
#define ARCHIVE_OF "ssisminer archive of all operations"

static inline Instant column_time(sqlite3_stmt *statement, int column)
{
    if (sqlite3_column_type(statement, column) == SQLITE_NULL)
        return (Instant){0};
    return time_unpack(sqlite3_column_int64(statement, column));
}

static inline void bind_time(sqlite3_stmt *statement, int place, Instant time)
{
    if (time.is_set)
        (void)sqlite3_bind_int64(statement, place, time_pack(time));
}

void capture_file_drop_tables(CaptureFile *file);

#endif
