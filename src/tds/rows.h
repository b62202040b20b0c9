/* An open result: what shape.c attaches, rows.c fetches and column.c gives out. */
#ifndef SSISMINER_SRC_TDS_ROWS_H
#define SSISMINER_SRC_TDS_ROWS_H

#include "internal.h"
#include "value.h"

/* Most bytes that are kept of one value as it comes from the driver. */
#define TDS_LONG_BYTES_MAX (2 * (size_t)TDS_TEXT_MAX)

typedef enum Form { // how a column comes from the driver
    FORM_ABSENT,    // optional, and not in this result
    FORM_I64,
    FORM_F64,
    FORM_OFFSET,    // TdsTimeOffset
    FORM_STAMP,     // SQL_TIMESTAMP_STRUCT
    FORM_TIME_TEXT, // a time the server keeps as text
    FORM_GUID,
    FORM_CHAR, // ASCII
    FORM_WCHAR,
    FORM_BYTES
} Form;

typedef struct Column {
    const SqlColumn *head;
    SQLUSMALLINT number; // in the result, from 1
    Form form;
    SQLLEN indicator;
    union {
        SQLBIGINT i64;
        double f64;
        TdsTimeOffset offset;
        SQL_TIMESTAMP_STRUCT stamp;
        SQLGUID guid;
    } as;
    char *place; // of text and bytes
    size_t size;
    size_t bytes; // of this row's value in place
    bool is_cut;  // there is more of it than LONG_BYTES_MAX
    char *text;   // this row's value in UTF-8, made when it is asked for
    size_t text_size, text_len;
    uint64_t text_row;
} Column;

typedef struct HeldValue HeldValue;
typedef struct TdsParts TdsParts;

struct TdsRows {
    Tds *tds;
    const SqlAsset *asset;
    SQLHSTMT stmt;
    Arena arena;
    Column *columns; // in the order of the head
    size_t count;
    Column **bound_texts; // to be looked at after each fetch
    size_t bound_text_count;
    Column **late; // read by SQLGetData, in the order of the result
    size_t late_count;
    size_t long_count; // columns without a declared length
    uint64_t row;      // changes with each one that is fetched or given out
    bool has_pending;  // fetched, not yet given out
    bool is_at_end;
    Arena held_arena;
    HeldValue **held; // rows that were read ahead
    size_t held_count, held_capacity, held_at, held_bytes;
    TdsParts *parts; // that are to come, when it is read so, else NULL
};

/* column.c: where the driver puts a value, and how much room it has there. */
bool tds_column_is_text(const Column *column);
size_t tds_column_terminator(const Column *column);
SQLSMALLINT tds_column_c_type(const Column *column);
void *tds_column_place(Column *column);
SQLLEN tds_column_size(const Column *column);

/* Most bytes of rows that are read before the first is given out. */
enum { TDS_AHEAD_BYTES_MAX = 8 * 1024 * 1024 };

/* ahead.c: keeps the row that was fetched; false when it was the last that there is room for. */
bool tds_ahead_keep(TdsRows *rows);
/* Puts the next kept row where its columns are read; false when there is none left. */
bool tds_ahead_give(TdsRows *rows);

/* The most that one row of this shape, and what comes with it, may be on the wire. */
uint64_t tds_rows_bytes_max(const TdsRows *rows);

/* shape.c: finds the result and says where its columns are to go. */
Rc tds_rows_attach(TdsRows *rows, Err *err) MUST_CHECK;

/* Ends what is open; the object stays, empty, for what comes instead. */
void tds_rows_end(TdsRows *rows);
/* Takes what `next` holds, which is no more. */
void tds_rows_become(TdsRows *rows, TdsRows *next);

#endif
