/* The table of ODBC calls as unixODBC has them. */
#include "connstr.h"
#include "freetds.h"

#include "driver.h"
#include "ssisminer/base/mem.h"
#include "ssisminer/base/stop.h"
#include "ssisminer/base/time.h"
#include "ssisminer/base/utf.h"
#include "ssisminer/os/os.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- the version of a library that is not connected yet -------------------------------------- */

/* The driver's own entry points: the driver manager answers only for connected handles. */
typedef struct Library {
    SQLRETURN (*alloc_handle)(SQLSMALLINT, SQLHANDLE, SQLHANDLE *);
    SQLRETURN (*free_handle)(SQLSMALLINT, SQLHANDLE);
    SQLRETURN (*get_info)(SQLHDBC, SQLUSMALLINT, SQLPOINTER, SQLSMALLINT, SQLSMALLINT *);
} Library;

static int version_of(const Library *library)
{
    SQLHANDLE env = SQL_NULL_HANDLE, dbc = SQL_NULL_HANDLE;
    int major = 0, minor = 0, patch = 0;
    char text[64] = "";
    SQLSMALLINT len = 0;

    if (!SQL_SUCCEEDED(library->alloc_handle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env)))
        return 0;
    if (SQL_SUCCEEDED(library->alloc_handle(SQL_HANDLE_DBC, env, &dbc))) {
        (void)library->get_info(dbc, SQL_DRIVER_VER, text, (SQLSMALLINT)sizeof(text), &len);
        (void)library->free_handle(SQL_HANDLE_DBC, dbc);
    }
    (void)library->free_handle(SQL_HANDLE_ENV, env);
    if (sscanf(text, "%d.%d.%d", &major, &minor, &patch) != 3)
        return 0;
    return major * 10000 + minor * 100 + patch;
}

/* The library stays loaded: the driver manager is about to load it anyway. */
static int version_at(const char *path)
{
    Library library;
    void *handle = os_library(path);

    if (!handle || !os_function(handle, "SQLAllocHandle", &library.alloc_handle) ||
        !os_function(handle, "SQLFreeHandle", &library.free_handle) ||
        !os_function(handle, "SQLGetInfo", &library.get_info))
        return 0;
    return version_of(&library);
}

static int freetds_version(const char *path)
{
    AUTO(arena_done) Arena arena = {0};
    TdsTarget any = {.driver = NULL};
    size_t count = 0;

    if (path && path[0] == '/')
        return version_at(path);
    const char *const *names = tds_driver_names(&any, &arena, &count);
    for (size_t i = 1; i < count; i++) { // the first is the name odbcinst knows
        int version = version_at(names[i]);
        if (version > 0)
            return version;
    }
    return 0;
}

/* ---- why TLS fails --------------------------------------------------------------------------- */

/* In the child: connects as nobody. The handshake fails before anything is sent to log in. */
static void connect_as_nobody(const char *conf, const char *section, const char *driver_name)
{
    SQLHANDLE env = SQL_NULL_HANDLE, dbc = SQL_NULL_HANDLE;
    SQLWCHAR wide[512];
    char text[512];
    TdsConfFile file;
    Err err = {0};

    int len = snprintf(text, sizeof(text), "Driver={%s};Servername=%s;UID=nobody;PWD=;",
                       driver_name, section);
    if (len < 0 || (size_t)len >= sizeof(text) || tds_conf_file_open(conf, &file, &err) != RC_OK)
        return;
    size_t units = utf_to_utf16(text, (size_t)len, wide);
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &env)) ||
        !SQL_SUCCEEDED(
            SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, (SQLPOINTER)(intptr_t)SQL_OV_ODBC3, 0)) ||
        !SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, env, &dbc)))
        return;
    (void)SQLDriverConnectW(dbc, NULL, wide, (SQLSMALLINT)units, NULL, 0, NULL,
                            SQL_DRIVER_NOPROMPT);
}

/* Waits for the child, but no longer than that: false then. */
static bool reap(pid_t child, int timeout_s)
{
    const struct timespec moment = {.tv_nsec = 5 * 1000 * 1000};
    int64_t end_ms = time_monotonic_ms() + timeout_s * INT64_C(1000);

    while (time_monotonic_ms() < end_ms && !stop_wanted()) {
        if (waitpid(child, NULL, WNOHANG) != 0)
            return true;
        (void)nanosleep(&moment, NULL);
    }
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    return false;
}

/* The lines of FreeTDS's trace that name the reason, most telling first. */
static const char *const reasons[] = {"Certificate status: ", "Certificate hostname does not match",
                                      "loading CA file failed: ", "handshake failed: "};

static void find_reason(const char *trace, char *ret_words, size_t size)
{
    ret_words[0] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        const char *at = strstr(trace, reasons[i]);
        if (!at)
            continue;
        (void)snprintf(ret_words, size, "%.*s", (int)strcspn(at, "\r\n"), at);
        return;
    }
}

static bool read_trace(int fd, char *ret_words, size_t size)
{
    enum { TRACE_MAX = 4 * 1024 * 1024 };
    off_t len = lseek(fd, 0, SEEK_END);

    if (len <= 0 || len > TRACE_MAX)
        return false;
    char *trace = mem_alloc((size_t)len + 1);
    ssize_t got = pread(fd, trace, (size_t)len, 0);
    for (ssize_t i = 0; i < got; i++)
        if (trace[i] == '\0')
            trace[i] = ' ';
    if (got > 0)
        find_reason(trace, ret_words, size);
    free(trace);
    return got > 0;
}

/* A file in memory that the child can open by name; -1 without /proc to name it. */
static int open_trace(char *ret_path, size_t size)
{
    int fd = memfd_create("trace", 0);

    (void)snprintf(ret_path, size, "/proc/self/fd/%d", fd);
    if (fd >= 0 && access(ret_path, W_OK) == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

/* FreeTDS tells the reason only in its trace, and a trace once begun goes on to the end of
 * the process, passwords included: hence the child. */
static bool tls_words(const char *conf, const char *section, const char *driver_name, int timeout_s,
                      char *ret_words, size_t size)
{
    AUTO(buf_done) Buf traced = BUF(8192);
    char path[64];
    bool is_known = false;

    int trace = open_trace(path, sizeof(path));
    if (trace < 0)
        return false;
    buf_printf(&traced, "%sdump file = %s\n", conf, path);
    pid_t child = fork();
    if (child == 0) {
        connect_as_nobody(buf_text(&traced), section, driver_name);
        _exit(0);
    }
    if (child > 0) {
        bool has_ended = reap(child, timeout_s < 4 ? timeout_s : 4);
        is_known = read_trace(trace, ret_words, size) && (has_ended || ret_words[0] != '\0');
    }
    (void)close(trace);
    return is_known;
}

/* ---- the table ------------------------------------------------------------------------------- */

static const TdsDriver odbc = {
    .alloc_handle = SQLAllocHandle,
    .free_handle = SQLFreeHandle,
    .set_env_attr = SQLSetEnvAttr,
    .set_connect_attr = SQLSetConnectAttr,
    .get_connect_attr = SQLGetConnectAttr,
    .driver_connect = SQLDriverConnectW,
    .disconnect = SQLDisconnect,
    .get_info = SQLGetInfo,
    .set_stmt_attr = SQLSetStmtAttr,
    .bind_parameter = SQLBindParameter,
    .exec_direct = SQLExecDirectW,
    .num_result_cols = SQLNumResultCols,
    .describe_col = SQLDescribeColW,
    .bind_col = SQLBindCol,
    .fetch = SQLFetch,
    .get_data = SQLGetData,
    .row_count = SQLRowCount,
    .more_results = SQLMoreResults,
    .cancel = SQLCancel,
    .get_diag_rec = SQLGetDiagRecW,
    .freetds_version = freetds_version,
    .tls_words = tls_words,
    .relay_open = relay_open,
};

const TdsDriver *tds_driver_odbc(void)
{
    return &odbc;
}
