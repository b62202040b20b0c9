/*
 * Preloaded before libodbc: counts what a program sends and says how long each statement took, from
 * the call that sends it until its handle is given back. A program that is not built for it can be
 * measured like one that is.
 *
 *   LD_PRELOAD=build/bench/statements.so BENCH_STATEMENTS=FILE ssisminer …
 *
 * FILE gets a line for each statement: seconds, a tab, and the tables and views it reads.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sql.h>
#include <sqlext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NAMES_MAX = 400 };

static struct {
    SQLHSTMT stmt;
    double start;
    char names[NAMES_MAX];
} open_one;

static double now(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static int is_name(SQLWCHAR c)
{
    return c < 128 &&
           (strchr("._[]", (char)c) ? c != 0
                                    : (c >= '0' && c <= '9') || c == '@' ||
                                          (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
}

/* catalog.…, internal.… and sys.…, each time they stand there. */
static void take_names(const SQLWCHAR *text, SQLINTEGER length)
{
    size_t len = 0;

    for (SQLINTEGER i = 0, end; i < length && text[i]; i = end + 1) {
        char word[NAMES_MAX / 4] = "";
        size_t n = 0;
        for (end = i; end < length && is_name(text[end]); end++)
            if (n + 1 < sizeof(word))
                word[n++] = (char)text[end];
        word[n] = '\0';
        if (strncmp(word, "catalog.", 8) != 0 && strncmp(word, "internal.", 9) != 0 &&
            strncmp(word, "sys.", 4) != 0)
            continue;
        if (len + n + 2 > sizeof(open_one.names))
            return;
        len += (size_t)snprintf(open_one.names + len, sizeof(open_one.names) - len, " %s", word);
    }
}

static void close_one(void)
{
    const char *path = getenv("BENCH_STATEMENTS");
    FILE *file = path && open_one.stmt ? fopen(path, "a") : NULL;

    if (file) {
        fprintf(file, "%.4f\t%s\n", now() - open_one.start, open_one.names);
        fclose(file);
    }
    memset(&open_one, 0, sizeof(open_one));
}

SQLRETURN SQLExecDirectW(SQLHSTMT stmt, SQLWCHAR *text, SQLINTEGER length)
{
    SQLRETURN (*next)(SQLHSTMT, SQLWCHAR *, SQLINTEGER);

    *(void **)&next = dlsym(RTLD_NEXT, "SQLExecDirectW");
    close_one();
    open_one.stmt = stmt;
    take_names(text, length);
    open_one.start = now();
    return next(stmt, text, length);
}

SQLRETURN SQLFreeHandle(SQLSMALLINT type, SQLHANDLE handle)
{
    SQLRETURN (*next)(SQLSMALLINT, SQLHANDLE);

    *(void **)&next = dlsym(RTLD_NEXT, "SQLFreeHandle");
    SQLRETURN rc = next(type, handle);
    if (type == SQL_HANDLE_STMT && handle == open_one.stmt)
        close_one();
    return rc;
}
