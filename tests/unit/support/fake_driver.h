/*
 * The other side of the tds door, scripted: a conversation is a list of steps, the calls of
 * tds walk through it, and any of them can be made to fail.
 *
 * It behaves as FreeTDS does where that matters (a bound value that does not fit is
 * SQL_SUCCESS, SQLGetData gives the rest), or as Microsoft's driver when so named.
 * One conversation at a time; a step that does not come as written fails the test.
 */
#ifndef SSISMINER_TESTS_FAKE_DRIVER_H
#define SSISMINER_TESTS_FAKE_DRIVER_H

#include "../../../src/tds/driver.h"

typedef struct FakeColumn {
    const char *name;
    SQLSMALLINT sql_type; // SQL_BIGINT, SQL_WVARCHAR, FAKE_OFFSET, SQL_GUID, …
    SQLULEN size;         // 0 for nvarchar(max)
} FakeColumn;

enum { FAKE_OFFSET = -155 };

typedef enum FakeKind {
    FAKE_KIND_OPEN,    // SQLDriverConnect
    FAKE_KIND_SQL,     // SQLExecDirect
    FAKE_KIND_COLUMNS, // a result with columns follows the statement
    FAKE_KIND_ROW,
    FAKE_KIND_END,   // of the rows
    FAKE_KIND_COUNT, // a result without columns
    FAKE_KIND_MORE,  // SQLMoreResults; only written when it fails
    FAKE_KIND_CLOSE  // SQLDisconnect
} FakeKind;

typedef struct FakeStep {
    FakeKind kind;
    const char *text;   // that must be in the connection string or statement
    const char *params; // "BIGINT 7|NVARCHAR(20) O'Brien|NVARCHAR(MAX) NULL", or NULL
    const FakeColumn *columns;
    size_t column_count;
    const char *const *values; // of a row: UTF-8, NULL for NULL; "\x01D83D0041" is UTF-16 in hex
    SQLLEN affected;
    bool blocks;       // until a cancel comes
    bool breaks;       // the connection is dead when it fails, whatever the words are
    const char *state; // fails with this SQLSTATE
    SQLINTEGER native;
    const char *words;
} FakeStep;

#define FAKE_OPEN(in)                                                                              \
    {                                                                                              \
        .kind = FAKE_KIND_OPEN, .text = (in)                                                       \
    }
#define FAKE_OPEN_FAILS(sqlstate, number, said)                                                    \
    {                                                                                              \
        .kind = FAKE_KIND_OPEN, .state = (sqlstate), .native = (number), .words = (said)           \
    }
#define FAKE_SQL(in)                                                                               \
    {                                                                                              \
        .kind = FAKE_KIND_SQL, .text = (in)                                                        \
    }
#define FAKE_SQL_WITH(in, bound)                                                                   \
    {                                                                                              \
        .kind = FAKE_KIND_SQL, .text = (in), .params = (bound)                                     \
    }
#define FAKE_SQL_FAILS(in, sqlstate, number, said)                                                 \
    {                                                                                              \
        .kind = FAKE_KIND_SQL, .text = (in), .state = (sqlstate), .native = (number),              \
        .words = (said)                                                                            \
    }
#define FAKE_SQL_BREAKS(in)                                                                        \
    {                                                                                              \
        .kind = FAKE_KIND_SQL, .text = (in), .state = "HY000", .words = "Unknown error",           \
        .breaks = true                                                                             \
    }
#define FAKE_ROW_BREAKS                                                                            \
    {                                                                                              \
        .kind = FAKE_KIND_ROW, .state = "HY000", .words = "Unknown error", .breaks = true          \
    }
#define FAKE_COLUMNS(list)                                                                         \
    {                                                                                              \
        .kind = FAKE_KIND_COLUMNS, .columns = (list), .column_count = ARRAY_LEN(list)              \
    }
#define FAKE_ROW(list)                                                                             \
    {                                                                                              \
        .kind = FAKE_KIND_ROW, .values = (list)                                                    \
    }
#define FAKE_ROW_FAILS(sqlstate, number, said)                                                     \
    {                                                                                              \
        .kind = FAKE_KIND_ROW, .state = (sqlstate), .native = (number), .words = (said)            \
    }
#define FAKE_MORE_FAILS(sqlstate, number, said)                                                    \
    {                                                                                              \
        .kind = FAKE_KIND_MORE, .state = (sqlstate), .native = (number), .words = (said)           \
    }
#define FAKE_COUNT(n)                                                                              \
    {                                                                                              \
        .kind = FAKE_KIND_COUNT, .affected = (n)                                                   \
    }
#define FAKE_END                                                                                   \
    {                                                                                              \
        .kind = FAKE_KIND_END                                                                      \
    }
#define FAKE_CLOSE                                                                                 \
    {                                                                                              \
        .kind = FAKE_KIND_CLOSE                                                                    \
    }

extern const TdsDriver fake_driver;

/* Begins a conversation; everything below goes back to its default. */
void fake_driver_script(const FakeStep *steps, size_t count);
/* The call of that number (from 0; closing, canceling and diagnosing do not count) fails. */
void fake_driver_fail_at(size_t call);
/* False when the conversation had fewer calls than that: the torture is over. */
bool fake_driver_did_fail(void);
/* All steps taken, and every handle given back. */
void fake_driver_assert_finished(void);
void fake_driver_assert_no_leak(void);

void fake_driver_set_name(const char *name);       // SQL_DRIVER_NAME; "libtdsodbc.so"
void fake_driver_set_version(int version);         // of FreeTDS; 10317
void fake_driver_set_no_total(bool no_total);      // SQLGetData hides the lengths
void fake_driver_set_tls_words(const char *words); // NULL: does not tell
size_t fake_driver_cancels(void);

/* Whether a step that blocks has been begun since the script was given. */
bool fake_driver_is_blocked(void);
long fake_driver_query_timeout(void);  // last one set
const char *fake_driver_connstr(void); // last one seen
const char *fake_driver_conf(void);    // what FREETDSCONF named while connecting

#endif
