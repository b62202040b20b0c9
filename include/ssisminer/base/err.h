/*
 * Errors: a result code, and one message that gains context on its way up.
 *
 * A function that can fail returns Rc and takes `Err *err` last. The code says
 * what kind of failure it is and is also the program's exit code; the message
 * is complete enough to print, and is printed once, in main.
 *
 * Ownership: an Err is a plain value, nothing to free. It is untouched on success.
 * Limits:    message and hint are cut, at a character boundary, when too long.
 */
#ifndef SSISMINER_BASE_ERR_H
#define SSISMINER_BASE_ERR_H

#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK                   __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt_at, args_at) __attribute__((format(printf, fmt_at, args_at)))
#define ARRAY_LEN(array)             (sizeof(array) / sizeof((array)[0]))

/* Undo by scope: AUTO(arena_done) Arena arena = {0}; calls arena_done(&arena) at
 * every way out. The destructor takes a pointer to the variable. */
#define AUTO(destructor) __attribute__((cleanup(destructor)))
/* Defines the destructor of what lies behind a pointer, whose own takes NULL. */
#define AUTO_FREE(name, type, free_one)                                                            \
    static void name(type **place)                                                                 \
    {                                                                                              \
        free_one(*place);                                                                          \
    }

/* The values are the exit codes of the README, but for RC_OK's silent siblings. */
typedef enum Rc {
    RC_OK = 0,
    RC_FINDINGS = 1, // a result at or above --fail-on
    RC_USAGE = 2,    // command line, configuration or catalog invalid; output cannot be written
    RC_CONNECT = 3,  // network, TLS or login
    RC_QUERY = 4,    // the server refused or broke a statement, or this program failed
    RC_RIGHTS = 5,   // the login may not see or do enough for a complete answer
    RC_PARTIAL = 6,  // stopped early, work remains: a notice, no error
    RC_NOTHING = 7,  // nothing at all could be done: busy, locked or read-only
    RC_LOCKED = 75,  // another cleanup holds the lock
    RC_STOPPED = 130 // SIGINT (143 for SIGTERM, 129 for SIGHUP are made in main)
} Rc;

typedef struct Err {
    Rc rc;
    int32_t number;  // the server's own error number, 0 if none
    char text[2048]; // lower case, quoted values, no full stop
    char hint[1024]; // what to do next, or empty
} Err;

/* Sets code and message and returns the code. */
Rc err_set(Err *err, Rc rc, const char *format, ...) PRINTF_LIKE(3, 4);

/* Puts "context: " before the message and returns the code already there. */
Rc err_note(Err *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Says what to do next. The first hint wins: it is nearest to the cause. */
Rc err_hint(Err *err, const char *format, ...) PRINTF_LIKE(2, 3);

#define FAIL(err, rc, ...) err_set((err), (rc), __VA_ARGS__)

#define TRY(call)                                                                                  \
    do {                                                                                           \
        Rc try_rc_ = (call);                                                                       \
        if (try_rc_ != RC_OK)                                                                      \
            return try_rc_;                                                                        \
    } while (0)

#endif
