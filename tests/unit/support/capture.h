/* What a piece of code, or another program, writes. */
#ifndef TESTS_UNIT_SUPPORT_CAPTURE_H
#define TESTS_UNIT_SUPPORT_CAPTURE_H

#include <stddef.h>
#include <stdio.h>

/* Sends a descriptor's output to a file until capture_end, which returns it; free() it. */
typedef struct Capture {
    int fd, kept;
    FILE *file;
} Capture;

Capture capture_begin(int fd);
char *capture_end(Capture *capture);

/* Runs a program to its end, its stdin empty, stdout and stderr together in ret_text
 * (free() it); returns its exit status, or 128 + signal. */
int capture_program(const char *const *argv, char **ret_text);

#endif
