/* cmocka with what it needs before it, and the arrays' length. */
#ifndef TESTS_UNIT_SUPPORT_TEST_H
#define TESTS_UNIT_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ssisminer/base/err.h"

#include <string.h>
#include <sys/stat.h>

/* How often something is tried, in a build as shipped and in one with sanitizers, which takes
 * thrice the time. */
#ifdef __SANITIZE_ADDRESS__
#define ROUNDS(plain, sanitized) (sanitized)
#else
#define ROUNDS(plain, sanitized) (plain)
#endif

/* The text is part of the other; shows both when not. */
#define assert_contains(whole, part)                                                               \
    do {                                                                                           \
        if (!strstr((whole), (part)))                                                              \
            fail_msg("'%s' is not in:\n%s", (part), (whole));                                      \
    } while (0)

#define assert_lacks(whole, part)                                                                  \
    do {                                                                                           \
        if (strstr((whole), (part)))                                                               \
            fail_msg("'%s' is in:\n%s", (part), (whole));                                          \
    } while (0)

#define assert_fails(call, code, err, message)                                                     \
    do {                                                                                           \
        assert_int_equal((call), (code));                                                          \
        assert_int_equal((err)->rc, (code));                                                       \
        assert_string_equal((err)->text, (message));                                               \
    } while (0)

/* -1 for one that cannot be looked at. */
static inline int64_t file_size_of(const char *path)
{
    struct stat info;

    return path && stat(path, &info) == 0 ? (int64_t)info.st_size : -1;
}

#endif
