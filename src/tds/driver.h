/*
 * The seam under the door: every call tds makes to the ODBC driver manager, as a table, so
 * that a test can script the other side. Only src/tds and its tests include this.
 *
 * Threads: `cancel` comes from another thread than the rest.
 */
#ifndef SSISMINER_SRC_TDS_DRIVER_H
#define SSISMINER_SRC_TDS_DRIVER_H

#include "ssisminer/tds/tds.h"

#include <sql.h>
#include <sqlext.h>

typedef struct TdsDriver {
    SQLRETURN (*alloc_handle)(SQLSMALLINT type, SQLHANDLE parent, SQLHANDLE *ret_handle);
    SQLRETURN (*free_handle)(SQLSMALLINT type, SQLHANDLE handle);
    SQLRETURN (*set_env_attr)(SQLHENV env, SQLINTEGER attribute, SQLPOINTER value, SQLINTEGER len);
    SQLRETURN(*set_connect_attr)
    (SQLHDBC dbc, SQLINTEGER attribute, SQLPOINTER value, SQLINTEGER len);
    SQLRETURN(*get_connect_attr)
    (SQLHDBC dbc, SQLINTEGER attribute, SQLPOINTER value, SQLINTEGER size, SQLINTEGER *ret_len);
    SQLRETURN(*driver_connect)
    (SQLHDBC dbc, SQLHWND window, SQLWCHAR *text, SQLSMALLINT len, SQLWCHAR *out,
     SQLSMALLINT out_size, SQLSMALLINT *ret_out_len, SQLUSMALLINT completion);
    SQLRETURN (*disconnect)(SQLHDBC dbc);
    SQLRETURN(*get_info)
    (SQLHDBC dbc, SQLUSMALLINT what, SQLPOINTER value, SQLSMALLINT size, SQLSMALLINT *ret_len);
    SQLRETURN(*set_stmt_attr)
    (SQLHSTMT stmt, SQLINTEGER attribute, SQLPOINTER value, SQLINTEGER len);
    SQLRETURN(*bind_parameter)
    (SQLHSTMT stmt, SQLUSMALLINT number, SQLSMALLINT direction, SQLSMALLINT c_type,
     SQLSMALLINT sql_type, SQLULEN column_size, SQLSMALLINT digits, SQLPOINTER value, SQLLEN size,
     SQLLEN *indicator);
    SQLRETURN (*exec_direct)(SQLHSTMT stmt, SQLWCHAR *text, SQLINTEGER len);
    SQLRETURN (*num_result_cols)(SQLHSTMT stmt, SQLSMALLINT *ret_count);
    SQLRETURN(*describe_col)
    (SQLHSTMT stmt, SQLUSMALLINT number, SQLWCHAR *name, SQLSMALLINT size, SQLSMALLINT *ret_len,
     SQLSMALLINT *ret_type, SQLULEN *ret_size, SQLSMALLINT *ret_digits, SQLSMALLINT *ret_nullable);
    SQLRETURN(*bind_col)
    (SQLHSTMT stmt, SQLUSMALLINT number, SQLSMALLINT c_type, SQLPOINTER value, SQLLEN size,
     SQLLEN *indicator);
    SQLRETURN (*fetch)(SQLHSTMT stmt);
    SQLRETURN(*get_data)
    (SQLHSTMT stmt, SQLUSMALLINT number, SQLSMALLINT c_type, SQLPOINTER value, SQLLEN size,
     SQLLEN *indicator);
    SQLRETURN (*row_count)(SQLHSTMT stmt, SQLLEN *ret_count);
    SQLRETURN (*more_results)(SQLHSTMT stmt);
    SQLRETURN (*cancel)(SQLHSTMT stmt);
    SQLRETURN(*get_diag_rec)
    (SQLSMALLINT type, SQLHANDLE handle, SQLSMALLINT record, SQLWCHAR *ret_state,
     SQLINTEGER *ret_number, SQLWCHAR *text, SQLSMALLINT size, SQLSMALLINT *ret_len);

    /* Not ODBC. The version of FreeTDS as 10317 for 1.3.17, of this library or (NULL) of the one
     * in the usual places; 0 when it cannot be found. */
    int (*freetds_version)(const char *library);
    /* Why the TLS handshake fails, in FreeTDS's own words, empty when it does not; false when that
     * cannot be known. Connects once more with the given freetds.conf and the section of it, as
     * nobody, in a child process. */
    bool (*tls_words)(const char *conf, const char *section, const char *driver_name, int timeout_s,
                      char *ret_words, size_t size);
    /* How FreeTDS gets its TLS (relay/relay.h); NULL: it makes it itself. */
    Rc (*relay_open)(const RelayOptions *options, Relay **ret_relay, Err *err);
} TdsDriver;

const TdsDriver *tds_driver_odbc(void);

/* tds_open, tds_query and tds_exec with the seams open. */
Rc tds_open_with(const TdsDriver *driver, const TdsTarget *target, Tds **ret_tds,
                 Err *err) MUST_CHECK;
Rc tds_query_asset(Tds *tds, const SqlAsset *asset, const TdsArg *args, size_t arg_count,
                   TdsRows **ret_rows, Err *err) MUST_CHECK;
Rc tds_exec_asset(Tds *tds, const SqlAsset *asset, const TdsArg *args, size_t arg_count,
                  int64_t *ret_affected, Err *err) MUST_CHECK;

#endif
